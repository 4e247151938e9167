"""Change by district: the ratio of two weeks with its interval, on a scale of halves and doubles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import MOST_ROWS, ROW, Sheet, name_column, widest
from workbench.charts._weeks import whole
from workbench.errors import ParameterError
from workbench.language import Words

_HEAD = 22.0
_GAP = 12.0
_LEAST = 2
_MOST: dict[Width, int] = {"half": 2, "full": 4}
"""Doublings to each side of "same": at least, and at most; what lies beyond is an arrow."""

_NARROW = 260.0
"""A scale with less room than this has figures for words."""


def change_dots(
    change: pd.DataFrame,
    *,
    names: Mapping[str, str],
    words: Words,
    note: str = "",
    width: Width = "full",
) -> Figure:
    """
    Return the change of each district from last week to this one, a dot with its interval.

    `change` has `district`, `now`, `before`, `ratio`, `ratio_low`, `ratio_high` and `assessment`, one
    row a district; only those in `names` are drawn, highest `now` first. The scale is one of doublings.
    A ratio that does not exist (nothing last week) has no dot: its interval runs to the edge as an
    arrow, and two weeks without incidents have a dash. Districts called higher_than_usual are in accent
    and bold, those lower_than_usual bold; all others are hollow. Of more than 40 districts the first 40
    are drawn. Raises ParameterError if no district is left.
    """
    rows = _rows(change, names)
    return figure(
        _sheet(rows.head(MOST_ROWS), words, width).spec(),
        title=words.say("Change from last week, by district"),
        alt=_alt(rows, words),
        note=_note(rows, words, note),
        data=_table(rows, words),
        width=width,
    )


def _rows(change: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    rows = change[change["district"].isin(list(names))]
    if rows.empty:
        raise ParameterError(
            "The chart of changes needs at least one district in `names`. Pass change.week_on_week(...) with "
            "its districts, and their names."
        )
    order = {district: place for place, district in enumerate(names)}
    numbers = {name: rows[name].astype("Float64") for name in ("ratio", "ratio_low", "ratio_high")}
    return (
        rows.assign(label=rows["district"].map(dict(names)), place=rows["district"].map(order), **numbers)
        .sort_values(["now", "place"], ascending=[False, True], na_position="last")
        .reset_index(drop=True)
    )


def _sheet(rows: pd.DataFrame, words: Words, width: Width) -> Sheet:
    full = float(house.WIDTHS[width])
    names_wide, names = name_column(rows["label"].tolist(), most=0.34 * full)
    said = [_counts(row, words) for row in rows.itertuples()]
    counts_end = names_wide + _GAP + widest(said, bold=True)
    left, right = counts_end + _GAP + 6, full - 10
    reach = _reach(rows, _MOST[width])
    sheet = Sheet(full, _HEAD + ROW * len(rows) + 4)
    _axis(sheet, words, reach=reach, left=left, right=right)
    for at, row in enumerate(rows.itertuples()):
        middle = _HEAD + (at + 0.5) * ROW
        unusual = row.assessment in {"higher_than_usual", "lower_than_usual"}
        colour = house.ACCENT if row.assessment == "higher_than_usual" else house.INK
        sheet.text(names[at], 0, middle, colour=colour, bold=unusual)
        sheet.text(said[at], counts_end, middle, anchor="right", colour=colour, bold=unusual)
        _interval(sheet, row, (left, right, middle), reach=reach, unusual=unusual, colour=colour)
    return sheet


def _reach(rows: pd.DataFrame, most: int) -> int:
    """Return how many doublings the scale goes to each side: as far as the furthest ratio, within reason."""
    ratios = rows["ratio"].dropna()
    logs = [abs(math.log2(ratio)) for ratio in ratios if 0 < ratio < math.inf]
    return max(_LEAST, min(most, math.ceil(max(logs, default=0) + 0.2)))


def _axis(sheet: Sheet, words: Words, *, reach: int, left: float, right: float) -> None:
    labels = {
        -4: words.say("a sixteenth"), -3: words.say("an eighth"), -2: words.say("a quarter"),
        -1: words.say("half"), 0: words.say("same"), 1: words.say("twice"), 2: words.say("4 times"),
        3: words.say("8 times"), 4: words.say("16 times"),
    }  # fmt: skip
    if right - left < _NARROW:
        labels = {-2: "¼", -1: "½", 0: words.say("same"), 1: "2×", 2: "4×"} | dict.fromkeys(
            (-4, -3, 3, 4), ""
        )
    half: float = (right - left) / 2
    taken: list[tuple[float, float]] = []
    for power in sorted(range(-reach, reach + 1), key=lambda one: (abs(one), -one)):
        x = (left + right) / 2 + half * power / (reach + 0.3)
        sheet.line(x, _HEAD, x, sheet.height, thick=0.9 if power == 0 else 0.7,
                   colour=house.BORDER if power == 0 else house.HAIRLINE)  # fmt: skip
        wide = house.text_width(labels[power], house.SMALL) / 2 + 4
        fits = x + wide <= sheet.width + 4
        if fits and all(x + wide <= start or x - wide >= end for start, end in taken):
            taken.append((x - wide, x + wide))
            sheet.text(labels[power], x, 9, anchor="center", colour=house.GREY)


def _interval(
    sheet: Sheet, row: Any, place: tuple[float, float, float], *, reach: int, unusual: bool, colour: str
) -> None:
    left, right, y = place
    low, high, ratio = (
        None if pd.isna(one) else float(one) for one in (row.ratio_low, row.ratio_high, row.ratio)
    )
    middle = (left + right) / 2
    if low is None or (high is None and not low):
        return

    def at(value: float | None) -> float:
        if value is None or value == 0:
            return math.inf if value is None else -math.inf
        return middle + (right - left) / 2 * math.log2(value) / (reach + 0.3)

    start, end = at(low), at(high)
    thick = 1.6 if unusual else 1.1
    inner = (max(min(start, right - 12), left), min(max(end, left + 12), right))
    for edge, beyond in ((inner[0], start < left), (inner[1], end > right)):
        other = inner[1] if edge == inner[0] else inner[0]
        if beyond:
            sheet.arrow(other, y, edge, y, colour=colour, thick=thick)
    sheet.line(inner[0], y, inner[1], y, colour=colour, thick=thick)
    if ratio is not None and ratio > 0 and left < at(ratio) < right:
        sheet.dot(at(ratio), y, 3.6, fill=colour if unusual else house.WHITE, stroke=colour)


def _counts(row: Any, words: Words) -> str:
    before, now = ("–" if one is None else words.number(one) for one in (whole(row.before), whole(row.now)))
    return words.say("{before} → {now}", before=before, now=now)


def _listed(rows: pd.DataFrame, words: Words) -> str:
    return words.listed(
        [words.say("{district} ({change})", district=str(row.label), change=_counts(row, words))
         for row in rows.itertuples()]
    )  # fmt: skip


def _alt(rows: pd.DataFrame, words: Words) -> str:
    higher = rows[rows["assessment"].eq("higher_than_usual")]
    lower = rows[rows["assessment"].eq("lower_than_usual")]
    sentences = [
        words.count(
            "Change from last week in {n} district.", "Change from last week in {n} districts.", len(rows)
        )
    ]
    if higher.empty and lower.empty:
        sentences.append(words.say("No change is more than chance would bring."))
    if not higher.empty:
        sentences.append(
            words.count("{n} is higher than chance would bring: {districts}.",
                        "{n} are higher than chance would bring: {districts}.",
                        len(higher), districts=_listed(higher, words))
        )  # fmt: skip
    if not lower.empty:
        sentences.append(
            words.count("{n} is lower than chance would bring: {districts}.",
                        "{n} are lower than chance would bring: {districts}.",
                        len(lower), districts=_listed(lower, words))
        )  # fmt: skip
    moved = rows.assign(by=(rows["now"] - rows["before"]).abs()).dropna(subset=["by"])
    if higher.empty and lower.empty and len(moved) and moved["by"].max() > 0:
        most = moved.sort_values("by", ascending=False, kind="stable").head(1)
        sentences.append(words.say("The largest is in {districts}.", districts=_listed(most, words)))
    return " ".join(sentences)


def _note(rows: pd.DataFrame, words: Words, closing: str) -> str:
    sentences = [
        words.say("Last week → this week; dot: this week as a multiple of last week; line: 95 % interval.")
    ]
    if rows["assessment"].isin(["higher_than_usual", "lower_than_usual"]).any():
        sentences.append(words.say("Bold, filled: unusual."))
    if (rows["ratio"].isna() | rows["ratio"].eq(0)).any():
        sentences.append(words.say("No dot: none in one of the weeks."))
    left_out = len(rows) - MOST_ROWS
    if left_out > 0:
        sentences.append(
            words.count("{n} district with fewer incidents is in the table.",
                        "{n} districts with fewer incidents are in the table.", left_out)
        )  # fmt: skip
    return " ".join([*sentences, *([closing] if closing else [])])


def _table(rows: pd.DataFrame, words: Words) -> Table:
    cells = []
    rows_: Iterable[Any] = rows.itertuples()
    for row in rows_:
        low, high = (None if pd.isna(one) else float(one) for one in (row.ratio_low, row.ratio_high))
        if low is None:
            interval = "–"
        elif high is None:
            interval = words.say("{low} or more", low=words.number(low, places=1))
        else:
            interval = f"{words.number(low, places=1)}–{words.number(high, places=1)}"
        ratio = "–" if pd.isna(row.ratio) else words.number(float(row.ratio), places=1)
        counts = [words.say("no data") if one is None else words.number(one)
                  for one in (whole(row.before), whole(row.now))]  # fmt: skip
        said = words.term("assessment", str(row.assessment))
        cells.append((Cell(row.label), *map(Cell, counts), Cell(ratio), Cell(interval), Cell(said)))
    return Table(
        title=words.say("Change from last week, by district"),
        columns=(
            TableColumn(words.say("District"), share=2.0),
            TableColumn(words.say("Last week"), align="right"),
            TableColumn(words.say("This week"), align="right"),
            TableColumn(words.say("Ratio"), align="right"),
            TableColumn(words.say("95 % interval"), align="right", share=1.3),
            TableColumn(words.say("Assessment"), share=2.0),
        ),
        rows=tuple(cells),
    )
