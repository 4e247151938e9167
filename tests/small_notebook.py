"""Notebooks small enough to run many times: parameters, a view, a masthead, and cells of the test's own."""

from __future__ import annotations

from pathlib import Path

import nbformat

from workbench.briefing import PARAMETERS
from workbench.config import Office

OPENING = """\
from workbench.blocks import Cell, Heading, Table, TableColumn, Text
from workbench.document import sections
from workbench.view import open_view

edition = open_view(area=area, week=week, audience=audience, as_of=as_of, language=language)
view = edition.view
sections.masthead(edition, title="Small briefing: {area}", briefing="weekly_conflict")
"""

COUNTS = """\
counts = view.counted["district"].value_counts()
rows = tuple((Cell(code), Cell(str(counts.get(code, 0)))) for code in view.area.districts)
Table("Incidents", (TableColumn("District"), TableColumn("Incidents", "right")), rows)
"""


def parameters_cell(*names: str) -> str:
    """Return the source of a parameters cell that declares `names`."""
    return "\n".join(f'{name} = ""' for name in names)


def write(path: Path, *cells: str, parameters: str | None = None, opening: str = OPENING) -> Path:
    """
    Write a notebook of these cells after its parameters and its opening, and return its path.

    A cell whose source begins with `#md ` is a markdown cell.
    """
    code = nbformat.v4.new_code_cell
    first = code(parameters_cell(*PARAMETERS) if parameters is None else parameters)
    first.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(
        cells=[first, *([code(opening)] if opening else [])]
        + [
            nbformat.v4.new_markdown_cell(cell.removeprefix("#md "))
            if cell.startswith("#md ")
            else code(cell)
            for cell in cells
        ]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def put(office: Office, *cells: str, opening: str = OPENING) -> Path:
    """Put a small notebook in the place of the weekly briefing of `office`."""
    return write(office.path(office.briefing[0].notebook), *cells, opening=opening)
