"""Small parts that several sections share: tables from rows of text, names of districts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.blocks import Align, Block, Cell, Columns, Heading, Table, TableColumn
from workbench.language import Words
from workbench.view import Edition, View

_NEAR = 180
"""Days from the edition's own day within which a date needs no year."""

Row = Sequence["str | Cell"]


def heading(text: str, *, level: int = 1, annex: bool = False) -> Heading:
    """Return a heading of level 1, 2 or 3; for places where a markdown cell cannot stand."""
    return Heading(text, 1 if level == 1 else 2 if level == 2 else 3, annex)


def part(title: str, blocks: Sequence[Block], *, level: int = 2) -> list[Block]:
    """Return the blocks under a heading, or nothing at all where there are none."""
    return [heading(title, level=level), *blocks] if blocks else []


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
    stack: bool = True,
) -> Table:
    """
    Return a table; `columns` are (label, alignment, relative width), a cell may be plain text.

    On a phone its rows become cards; tables of a few numbers stay tables (`stack` False).
    """
    return Table(
        title,
        tuple(TableColumn(*column) for column in columns),
        tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows),
        note,
        empty,
        stack=stack,
    )


def tells_districts(edition: Edition) -> bool:
    """Return whether these readers may know in which district something happened."""
    return edition.view.audience.place_precision != "area"


def placed(
    edition: Edition, columns: Sequence[tuple[str, Align, float]], rows: Iterable[Row], *, at: int
) -> tuple[list[tuple[str, Align, float]], list[Row]]:
    """Return columns and rows of a table as they are, or without the district, which stands `at`."""
    if tells_districts(edition):
        return list(columns), list(rows)
    kept = [column for number, column in enumerate(columns) if number != at]
    return kept, [tuple(cell for number, cell in enumerate(row) if number != at) for row in rows]


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


def near_day(value: object, edition: Edition) -> str:
    """Return a day without its year where it lies within half a year of the edition's own day."""
    if not isinstance(value, date) or pd.isna(value):
        return ""
    away = abs((pd.Timestamp(value) - pd.Timestamp(edition.view.on)).days)
    return edition.words.short_day(value) if away <= _NEAR else edition.words.day(value)


def data_until(row: Any, edition: Edition) -> Cell:
    """
    Return the last day that a source tells of; in accent where its incidents end longer ago than its limit.

    An old file that is delivered again is no new knowledge, whatever its age by the last delivery.
    """
    last, on = row.last_dated, pd.Timestamp(edition.view.on)
    known = isinstance(last, date) and not pd.isna(last)
    late = known and row.record == "incident" and (on - pd.Timestamp(last)).days > row.max_age_days
    return Cell(near_day(last, edition), "accent" if late else "plain")


def column(rows: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or missing texts where this audience may not read it."""
    return rows[name] if name in rows else pd.Series(pd.NA, index=rows.index, dtype="str")


def whole(value: object) -> int | None:
    """Return a cell as a whole number, None where it is missing."""
    return None if value is None or pd.isna(value) else int(str(value))  # type: ignore[call-overload]  # a cell is a scalar


def percent(words: Words, share: object) -> str:
    """Return a fraction of 1 in per cent, "n/a" where it is missing."""
    if pd.isna(share):  # type: ignore[call-overload]  # a cell is a scalar
        return words.say("n/a")
    return words.say("{share} %", share=words.number(100 * float(str(share))))


def capital(passage: str) -> str:
    """Return a passage with its first letter capital."""
    return passage[:1].upper() + passage[1:]
