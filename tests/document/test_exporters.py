"""The two exporters, as nbconvert, its command line and JupyterLab use them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.document.example import example_blocks, example_document
from tests.document.notebooks import notebook, of_blocks, shown
from workbench.blocks import Heading
from workbench.document import render
from workbench.errors import ExportError

nbconvert_exporters = pytest.importorskip("nbconvert.exporters")
FORMATS = {
    "briefing-html": ("html", ".html", "text/html"),
    "briefing-pdf": ("pdf", ".pdf", "application/pdf"),
}


@pytest.fixture(autouse=True)
def _no_server(monkeypatch):
    """Let these tests be outside of a Jupyter server, whatever others of this process have loaded."""
    monkeypatch.delitem(sys.modules, "jupyter_server", raising=False)


@pytest.mark.parametrize("name", FORMATS)
def test_exporter_is_registered(name):
    """An exporter is found by name, and JupyterLab's menu has a label and a type for it."""
    exporter = nbconvert_exporters.get_exporter(name)
    _, extension, mime = FORMATS[name]
    assert exporter().file_extension == extension
    assert exporter.output_mimetype == mime
    assert exporter.export_from_notebook == f"Briefing ({name.split('-')[1].upper()})"


@pytest.mark.parametrize("name", FORMATS)
def test_export_is_the_draft_of_the_document(name):
    """The exporter returns what `render` gives without an issue."""
    kind, extension, _ = FORMATS[name]
    made, resources = nbconvert_exporters.get_exporter(name)().from_notebook_node(of_blocks(example_blocks()))
    rendered = render(example_document(), kind)
    assert made == (rendered if kind == "pdf" else rendered.decode("utf-8"))
    assert resources["output_extension"] == extension


@pytest.mark.parametrize("name", FORMATS)
def test_notebook_that_was_not_run_is_refused(name):
    """Exporting a notebook nobody ran says to run it."""
    unrun = notebook(nbformat.v4.new_code_cell("masthead()"))
    with pytest.raises(ExportError, match="Run all its cells"):
        nbconvert_exporters.get_exporter(name)().from_notebook_node(unrun)


@pytest.mark.parametrize("name", ["HTML", "PDF"])
def test_menu_offers_a_name_the_server_can_serve(name, monkeypatch):
    """In a Jupyter server the command line's name, whose hyphen it cannot serve, is not offered."""
    from workbench.document import exporters

    command, menu = (getattr(exporters, f"Briefing{name}{kind}Exporter") for kind in ("", "Menu"))
    assert command().enabled
    monkeypatch.setitem(sys.modules, "jupyter_server", sys)
    assert not command().enabled
    assert menu().enabled


def convert(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Run `jupyter nbconvert` on `n.ipynb` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", name, "n.ipynb"],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_command_line_writes_the_file(name, tmp_path):
    """`jupyter nbconvert --to briefing-...` writes the same bytes beside the notebook."""
    kind, extension, _ = FORMATS[name]
    nbformat.write(of_blocks(example_blocks()), tmp_path / "n.ipynb")
    done = convert(tmp_path, name)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"n{extension}").read_bytes() == render(example_document(), kind)


def test_command_line_says_what_is_wrong(tmp_path):
    """A notebook without a masthead fails on the command line with our sentence, and writes nothing."""
    nbformat.write(notebook(shown(Heading("A"))), tmp_path / "n.ipynb")
    done = convert(tmp_path, "briefing-html")
    assert done.returncode != 0
    assert "Let its first block be the masthead." in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["n.ipynb"]
