"""Small parts that several sections share: tables from rows of text, names of districts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.blocks import Align, Block, Cell, Columns, Heading, Table, TableColumn
from workbench.language import Words
from workbench.view import View

Row = Sequence["str | Cell"]


def heading(text: str, *, level: int = 1, annex: bool = False) -> Heading:
    """Return a heading of level 1, 2 or 3; for places where a markdown cell cannot stand."""
    return Heading(text, 1 if level == 1 else 2 if level == 2 else 3, annex)


def side_by_side(left: Iterable[Block], right: Iterable[Block]) -> Columns:
    """Return two columns, read left first."""
    return Columns(tuple(left), tuple(right))


def table(
    columns: Sequence[tuple[str, Align, float]],
    rows: Iterable[Row],
    *,
    title: str = "",
    note: str = "",
    empty: str = "",
) -> Table:
    """Return a table; `columns` are (label, alignment, relative width), a cell may be plain text."""
    return Table(
        title,
        tuple(TableColumn(*column) for column in columns),
        tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows),
        note,
        empty,
        stack=True,
    )


def names(view: View) -> dict[str, str]:
    """Return the name of each district by p-code, in the order of the area's configuration."""
    known = dict(zip(view.districts["district"], view.districts["district_name"], strict=True))
    return {code: known.get(code, code) for code in view.area.districts}


def each(rows: pd.DataFrame) -> Iterator[Any]:
    """Return the rows one by one, their columns as attributes."""
    return iter(rows.itertuples())


def text(value: object) -> str:
    """Return a cell's text, "" where it is missing."""
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]  # a cell is always a scalar


def day(value: object, words: Words) -> str:
    """Return a day as the page writes it, "" where it is missing."""
    return words.day(value) if isinstance(value, date) and not pd.isna(value) else ""


def column(rows: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or missing texts where this audience may not read it."""
    return rows[name] if name in rows else pd.Series(pd.NA, index=rows.index, dtype="str")
