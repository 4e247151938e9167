"""The shipped notebooks as an analyst runs them: with nbval, in an office's folder, for every reader."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.conftest import copy_of
from workbench.config import Office
from workbench.kernels import spec

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LONG = os.environ.get("WORKBENCH_LONG") == "1"
EARLIER_WEEK, EARLIER = "2026-W45", "2026-11-09T07:00:00Z"


def combinations(office: Office, notebook: str) -> list[dict[str, str]]:
    """
    Return parameters to run a notebook with: left empty, and for each audience that receives it.

    A notebook of the desk goes to nobody: for whoever reads least and most. With WORKBENCH_LONG=1 all
    audiences, whether they receive it or not, of two weeks, as known now and a week before.
    """
    slugs = {one.slug for one in office.briefing if Path(one.notebook).stem == notebook}
    readers = [one.slug for one in office.audience if slugs & set(one.briefings)]
    if LONG:
        everything = (["", *(one.slug for one in office.audience)], ["", EARLIER_WEEK], ["", EARLIER])
        return [
            {
                "audience": audience,
                "week": week,
                "as_of": as_of,
                "area": office.area[0].slug,
                "language": "en",
            }
            for audience, week, as_of in itertools.product(*everything)
        ]
    return [{}, *({"audience": one} for one in readers or ("leadership", "partners"))]


def given(notebook: Path, parameters: dict[str, str]) -> str:
    """Return the text of a notebook with its parameters written into the first cell, as an analyst does."""
    page = json.loads(notebook.read_text(encoding="utf-8"))
    cell = next(one for one in page["cells"] if "parameters" in one["metadata"].get("tags", ()))
    lines = [f"{name} = {value!r}\n" for name, value in parameters.items()]
    cell["source"] = [*cell["source"], "\n", *lines]
    page["metadata"]["kernelspec"] = {"name": spec.PROVISIONER, "display_name": "", "language": "python"}
    return json.dumps(page)


def test_every_notebook_runs_for_every_reader(sample_office: Office, tmp_path: Path) -> None:
    """
    Every cell of every notebook runs by hand, from an office's folder, for readers of all kinds.

    A page may stop in one way only: for readers who do not receive it, where it would be a page on nothing
    (human rights), or needs rows and they are given counts (or the reverse); that is said in plain words.
    """
    office = copy_of(sample_office, tmp_path / "office")
    kernel = tmp_path / "jupyter" / "kernels" / spec.PROVISIONER / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(spec.described()), encoding="utf-8")
    folder = office.path("notebooks")
    folder.mkdir(exist_ok=True)
    asked: dict[str, dict[str, str]] = {}
    for notebook in NOTEBOOKS:
        for number, parameters in enumerate(combinations(office, notebook.stem)):
            asked[f"{notebook.stem}_{number}"] = parameters
            text = given(notebook, parameters)
            (folder / f"{notebook.stem}_{number}.ipynb").write_text(text, encoding="utf-8")
    subprocess.run(
        [
            sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=300", "-q",
            "-p", "no:cacheprovider", "-p", "no:xdist", "--junitxml", str(tmp_path / "ran.xml"),
            "--rootdir", str(folder), *(f"{name}.ipynb" for name in asked),
        ],
        cwd=folder, capture_output=True, timeout=3000 if LONG else 600, check=False,
        env={**os.environ, "JUPYTER_PATH": str(tmp_path / "jupyter")},
    )  # fmt: skip
    cells: dict[str, list[str]] = {name: [] for name in asked}
    for case in ElementTree.parse(tmp_path / "ran.xml").iter("testcase"):  # noqa: S314 - pytest wrote it
        failed = case.find("failure")
        told = "" if failed is None else re.sub(r"\x1b\[[0-9;]*m|#x1B\[[0-9;]*m", "", failed.text or "")
        cells[str(case.get("classname")).removesuffix(".ipynb").rpartition(".")[2]].append(told)
    assert all(cells.values()), "every notebook must have run"
    stopped = {name: next(filter(None, outcomes), "") for name, outcomes in cells.items()}
    wrong = {
        name: told[-1000:]
        for name, told in stopped.items()
        if told and not expected(office, name, asked, told)
    }
    assert not wrong


def expected(office: Office, name: str, asked: dict[str, dict[str, str]], told: str) -> bool:
    """Say whether a notebook may have stopped so: for readers named who get other pages, in these words."""
    notebook, reader = name.rpartition("_")[0], asked[name].get("audience")
    if not reader:  # left open, a page is for readers who receive it
        return False
    products = {one.slug for one in office.briefing if Path(one.notebook).stem == notebook}
    received = products & set(office.audience_called(reader).briefings)
    counts = office.audience_called(reader).count_threshold > 1
    refused = "are given counts, and no rows" if counts else "are given rows, and no tables of counts"
    none = "may be read by this audience. Take"
    return not received and (refused in told or (notebook == "human_rights" and none in told))
