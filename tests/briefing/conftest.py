"""A saved view, and a way to run cells on it as a briefing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import small_notebook
from workbench import sample, view
from workbench.blocks import MIME, Table, from_json
from workbench.briefing import run
from workbench.config import Office
from workbench.view import Request, store_of


@pytest.fixture(scope="module")
def given(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """Save a view, and give the parameters that name it and its folder."""
    folder = tmp_path_factory.mktemp("view") / "view"
    seen = view.make(
        sample_office,
        store_of(sample_office),
        Request("kestara", "2026-W46", "partners", sample.DELIVERIES[-1] + timedelta(hours=1)),
    )
    view.save(seen, folder)
    parameters = {
        "area": "kestara", "week": "2026-W46", "audience": "partners", "as_of": seen.as_of.isoformat(),
        "language": "en",
    }  # fmt: skip
    return parameters, folder


@pytest.fixture
def execute(given: tuple[dict[str, str], Path], tmp_path: Path) -> Callable[..., Any]:
    """Give a way to run cells as a briefing; the executed notebook comes back."""

    def executed(*cells: str, opening: str = "", time_limit: float | None = None) -> Any:
        parameters, saved = given
        notebook = small_notebook.write(tmp_path / "made.ipynb", *cells, opening=opening)
        return run(notebook, parameters, view=saved, folder=tmp_path / "run", time_limit=time_limit)

    return executed


def shown(executed: Any) -> Table:
    """Return the table that the last cell of a notebook shows."""
    [output] = executed.cells[-1].outputs
    block = from_json(output.data[MIME])
    assert isinstance(block, Table)
    return block
