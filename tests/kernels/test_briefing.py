"""A briefing's kernel, warm and cold: the same outputs, walls that stand in the fork, and a way round."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import small_notebook
from tests.briefing.test_confine import NATIVE, TRY
from workbench import briefing, kernels, sample, view
from workbench.blocks import MIME, from_json
from workbench.briefing._confine import SAID
from workbench.briefing._native import has_landlock
from workbench.config import Office
from workbench.kernels import _owner
from workbench.view import Request, store_of

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def saved(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """Save a view of the public, and give the parameters that name it and its folder."""
    folder = tmp_path_factory.mktemp("view") / "view"
    asked = Request("kestara", "2026-W46", "public", sample.DELIVERIES[-1] + timedelta(hours=1))
    seen = view.make(sample_office, store_of(sample_office), asked)
    view.save(seen, folder)
    names = {"area": "kestara", "week": "2026-W46", "audience": "public", "language": "en"}
    return names | {"as_of": seen.as_of.isoformat()}, folder


@pytest.fixture
def run(saved: tuple[dict[str, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a way to run a notebook on it, warm or cold."""

    def ran(notebook: Path, *, cold: bool) -> Any:
        parameters, folder = saved
        monkeypatch.setenv("WORKBENCH_KERNELS", "cold" if cold else "")
        return briefing.run(notebook, parameters, view=folder, folder=tmp_path / f"run-{cold}")

    return ran


def outputs(executed: Any) -> list[Any]:
    """Return what the cells show."""
    return [cell.get("outputs", []) for cell in executed.cells]


def test_a_page_is_the_same_warm_and_cold(run: Run, sample_office: Office) -> None:
    """Every output of a shipped notebook is the same, byte for byte, from a fork and from a fresh process."""
    product = sample_office.briefing_called("public_summary")
    notebook = briefing.notebook_of(sample_office, product)
    warm, cold = run(notebook, cold=False), run(notebook, cold=True)
    assert outputs(warm) == outputs(cold)
    assert sum(map(len, outputs(warm))) > 5


@pytest.mark.skipif(not has_landlock(), reason="the wall below Python is Landlock, and it is not here")
def test_the_walls_stand_in_a_cold_kernel_too(run: Run, sample_office: Office, tmp_path: Path) -> None:
    """What tests/briefing proves of the warm kernel holds for the way round: readers, Python, a fork."""
    tried = (*NATIVE[:6], "open(office / 'workbench.toml').read()", "os.fork()", "import deltalake")
    notebook = small_notebook.write(
        tmp_path / "made.ipynb", TRY.format(office=str(sample_office.root), attempts=tried)
    )
    for cold in (False, True):
        [output] = run(notebook, cold=cold).cells[-1].outputs
        table: Any = from_json(output.data[MIME])
        told = {row[0].text: (row[1].text, row[2].text) for row in table.rows}
        assert set(told) == set(tried)
        assert [one for one, said in told.items() if said[0] == "done"] == []
        assert {told[one][1] for one in tried[-3:]} == {SAID}


def test_a_page_finds_nothing_of_its_owner(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of the owner's environment is in no object of the kernel, which is of no pool either."""
    monkeypatch.setenv("PLANTED", "planted-7711")
    notebook = small_notebook.write(
        tmp_path / "made.ipynb",
        "import gc, multiprocessing, os, sys",
        "print([one for one in gc.get_objects() if isinstance(one, dict) and 'PLANTED' in one],"
        " multiprocessing.parent_process(), os.path.basename(sys.argv[0]))",
        opening="",
    )
    executed = run(notebook, cold=False)
    assert executed.cells[-1].outputs[0].text.split() == ["[]", "None", "_kernel.py"]
    assert kernels.ready(kernels.environment())


def test_why_a_page_is_made_cold_is_said_once(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After the run, in which nothing is logged."""
    _owner._told.clear()
    notebook = small_notebook.write(tmp_path / "made.ipynb", "1 + 1", opening="")
    with caplog.at_level(logging.INFO, logger="workbench.kernels"):
        run(notebook, cold=True)
        kernels.tell_once("WORKBENCH_KERNELS says so")
    assert [one.message for one in caplog.records] == ["Kernels start cold: WORKBENCH_KERNELS says so."]
