"""Briefings: which parameters a notebook takes, what its kernel is given, and how it can fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import small_notebook
from tests.briefing.conftest import shown
from tests.small_notebook import parameters_cell
from workbench.briefing import PARAMETERS, notebook_of, parameters_of, run
from workbench.config import Office
from workbench.errors import ConfigurationError, ParameterError

CELLS = """\
import os
from pathlib import Path
from workbench.blocks import Cell, Table, TableColumn


facts = {f"variable {name}": value for name, value in os.environ.items()}
facts |= {"cwd": str(Path.cwd()), "files": str(sorted(os.listdir()))}
Table("Facts", (TableColumn("Name"), TableColumn("Value")),
      tuple((Cell(name), Cell(value)) for name, value in facts.items()))
"""


# --- Parameters ----------------------------------------------------------------------------------


def test_the_shipped_notebook_takes_every_parameter(sample_office: Office) -> None:
    """The weekly briefing declares exactly the five parameters, each "" for the office's own choice."""
    declared = parameters_of(notebook_of(sample_office, sample_office.briefing[0]))
    assert declared == dict.fromkeys(PARAMETERS, '""')
    assert list(declared) == list(PARAMETERS)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "lacks area, week, audience, as_of, language"),
        (parameters_cell("area", "week", "as_of", "language"), "lacks audience"),
        (parameters_cell(*PARAMETERS, "colour"), "declares colour"),
        (
            parameters_cell("area", "week", "as_of", "language", "reader"),
            "lacks audience and declares reader",
        ),
    ],
)
def test_parameters_are_exactly_the_five(source: str, said: str, tmp_path: Path) -> None:
    """A parameters cell that lacks one, or declares one nobody fills, is refused by name."""
    notebook = small_notebook.write(tmp_path / "made.ipynb", parameters=source)
    with pytest.raises(ParameterError, match=said) as refused:
        parameters_of(notebook)
    assert "area, week, audience, as_of, language" in str(refused.value)


def test_a_notebook_without_a_tagged_cell_has_no_parameters(tmp_path: Path) -> None:
    """Names in an ordinary cell are no parameters: papermill would not fill them."""
    notebook = small_notebook.write(tmp_path / "made.ipynb")
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["cells"][0]["metadata"] = {}
    notebook.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ParameterError, match="lacks area"):
        parameters_of(notebook)


@pytest.mark.parametrize("content", ["", "{}", "not JSON", '{"cells": 7, "nbformat": 4}', "\x00\x01"])
def test_a_file_that_is_no_notebook_is_refused(content: str, tmp_path: Path) -> None:
    """What JupyterLab did not write is a fault of the configuration, told without a traceback."""
    file = tmp_path / "made.ipynb"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"made\.ipynb is not a notebook"):
        parameters_of(file)


def test_a_missing_notebook_says_where_a_copy_is(own_office: Office) -> None:
    """The message names the file that is configured, and how to get a fresh one."""
    product = own_office.briefing[0]
    own_office.path(product.notebook).unlink()
    with pytest.raises(ConfigurationError, match="workbench init --notebooks"):
        notebook_of(own_office, product)


def test_a_run_is_given_all_parameters(given: tuple[dict[str, str], Path], tmp_path: Path) -> None:
    """One too few or too many is refused before a kernel starts: no run folder is made."""
    parameters, saved = given
    notebook = small_notebook.write(tmp_path / "made.ipynb")
    for wrong in ({"area": "kestara"}, parameters | {"colour": "red"}, {}):
        with pytest.raises(ParameterError, match="Give exactly these"):
            run(notebook, wrong, view=saved, folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


# --- What a kernel is given ----------------------------------------------------------------------

OWN = {
    "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TEMP", "TMP",
    "IPYTHONDIR", "PYTHONHASHSEED", "PYTHONNOUSERSITE",
    "PYDEVD_DISABLE_FILE_VALIDATION", "OMP_NUM_THREADS", "WORKBENCH_VIEW",
}  # fmt: skip
OF_THE_SYSTEM = {
    "PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "OS",
    "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS",
}  # fmt: skip
OF_JUPYTER = {
    "JPY_PARENT_PID", "JPY_SESSION_NAME", "JPY_INTERRUPT_EVENT", "IPY_INTERRUPT_EVENT", "MPLBACKEND",
    "PYDEVD_USE_FRAME_EVAL", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "PAGER", "GIT_PAGER", "TERM",
}  # fmt: skip


def test_a_kernel_gets_no_variable_of_its_caller(
    execute: Callable[..., Any], given: tuple[dict[str, str], Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Its environment is a list of names; a token of the caller is not in it, and its folder is empty."""
    for name in (
        "SECRET_TOKEN", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH", "PYTHONSTARTUP", "HTTPS_PROXY",
        "JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_TOKEN", "IPYTHONDIR", "PAPERMILL_OUTPUT_CELL_INDEX",
    ):  # fmt: skip
        monkeypatch.setenv(name, "planted-7711")
    here = Path.cwd()
    rows = {row[0].text: row[1].text for row in shown(execute(CELLS)).rows}
    variables = {name.removeprefix("variable ") for name in rows if name.startswith("variable ")}
    assert variables - OWN - OF_THE_SYSTEM - OF_JUPYTER - {"LC_CTYPE"} == set()
    assert variables >= OWN
    assert not [name for name, value in rows.items() if "planted-7711" in value]
    work = tmp_path / "run" / "work"
    assert Path(rows["cwd"]) == work.resolve()
    assert rows["files"] == "[]"
    assert rows["variable WORKBENCH_VIEW"] == str(given[1].resolve())
    assert Path(rows["variable HOME"]) == (tmp_path / "run" / "home").resolve()
    assert Path.cwd() == here


def test_a_kernel_reads_the_view_it_was_given(execute: Callable[..., Any]) -> None:
    """A notebook opens the saved view by its parameters and shows blocks; the file stays as it was."""
    executed = execute(small_notebook.COUNTS, opening=small_notebook.OPENING)
    table = shown(executed)
    assert [row[0].text for row in table.rows] == [f"KS010{n}" for n in range(1, 9)]
    assert any(row[1].text != "0" for row in table.rows)


def test_the_notebook_of_an_office_is_not_changed(execute: Callable[..., Any], tmp_path: Path) -> None:
    """A run writes its outputs into its own copy."""
    execute("1 + 1")
    assert '"outputs": []' in (tmp_path / "made.ipynb").read_text(encoding="utf-8")
