"""Weeks as they may be told to everybody: bars, and a ring where a count is withheld."""

from __future__ import annotations

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import Sheet, widest
from workbench.charts._weeks import spaced, ticks, week_name, whole
from workbench.errors import ParameterError
from workbench.language import Words

_HEAD, _FOOT, _HEIGHT = 16.0, 19.0, 96.0
_RING = 3.6


def released_weeks(
    weekly: pd.DataFrame, *, words: Words, threshold: int, note: str = "", width: Width = "half"
) -> Figure:
    """
    Return incidents a week as bars; a ring stands for a count that is withheld, a dash for no report.

    `weekly` has one row a week: `week`, `incidents` and `state` (shown, withheld or unknown), as in the
    table `count` of a view. A ring has no height: a withheld count can be smaller or larger than
    `threshold`. A week without incidents has a 0. Raises ParameterError without a week.
    """
    rows = weekly[["week", "incidents", "state"]].sort_values("week").reset_index(drop=True)
    if rows.empty or rows["week"].duplicated().any():
        raise ParameterError(
            "The chart of weeks needs at least one week, and one row a week. Pass the week totals of `count`."
        )
    return figure(
        _sheet(rows, words, width).spec(),
        title=words.say("Incidents a week"),
        alt=_alt(rows, words),
        note=_note(rows, words, threshold, note),
        data=_table(rows, words),
        width=width,
    )


def _sheet(rows: pd.DataFrame, words: Words, width: Width) -> Sheet:
    counts = [whole(one) for one in rows["incidents"]]
    highest = max([n for n in counts if n is not None] + [4])
    steps = ticks(highest * 1.02)
    left = widest([words.number(n) for n in steps]) + 8
    full, bottom = float(house.WIDTHS[width]), _HEAD + _HEIGHT
    step = (full - left) / len(rows)
    sheet = Sheet(full, bottom + _FOOT)

    def y(value: float) -> float:
        return bottom - _HEIGHT * value / (highest * 1.02)

    for tick in steps:
        sheet.line(left, y(tick), full, y(tick), colour=house.HAIRLINE, thick=0.7)
        sheet.text(words.number(tick), left - 5, y(tick), anchor="right", colour=house.GREY)
    for at, (n, state) in enumerate(zip(counts, rows["state"], strict=True)):
        start, middle = left + at * step, left + (at + 0.5) * step
        last = at == len(rows) - 1
        if n:
            sheet.rect((start + 0.14 * step, y(n), start + 0.86 * step, bottom), fill=house.INK)
        if n is not None and (last or n == 0):
            sheet.text(words.number(n), middle, y(n) - 8, anchor="center", bold=last)
        elif state == "withheld":
            sheet.dot(middle, bottom - 8, _RING, fill=house.WHITE)
        elif n is None:
            sheet.text("–", middle, bottom - 8, anchor="center", colour=house.GREY)
    sheet.line(left, bottom, full, bottom, thick=0.8)
    for at, name in enumerate(spaced([week_name(day, words) for day in rows["week"]], step)):
        half = house.text_width(name, house.SMALL) / 2
        sheet.text(
            name, min(left + (at + 0.5) * step, full - half), sheet.height - 8,
            anchor="center", colour=house.GREY,
        )  # fmt: skip
    return sheet


def _alt(rows: pd.DataFrame, words: Words) -> str:
    sentences = [
        words.count(
            "Incidents a week over {n} week, from {first} to {last}.",
            "Incidents a week over {n} weeks, from {first} to {last}.",
            len(rows),
            first=words.day(rows["week"].iloc[0].date()),
            last=words.day(rows["week"].iloc[-1].date()),
        ),
        words.say("The last week: {n}.", n=_said(rows.iloc[-1], words)),
    ]
    known = rows[rows["incidents"].notna()]
    if len(known) > 1:
        top = known.sort_values("incidents", ascending=False, kind="stable").iloc[0]
        sentences.append(
            words.say(
                "The highest count shown is {n}, in the week of {day}.",
                n=int(top["incidents"]),
                day=words.day(top["week"].date()),
            )
        )
    hidden = int(rows["state"].eq("withheld").sum())
    if hidden:
        sentences.append(words.count("{n} week is not shown.", "{n} weeks are not shown.", hidden))
    return " ".join(sentences)


def _note(rows: pd.DataFrame, words: Words, threshold: int, closing: str) -> str:
    sentences = []
    if rows["state"].eq("withheld").any():
        sentences.append(
            words.say("Ring: not shown (fewer than {n}, or withheld to protect such a number).", n=threshold)
        )
    if rows["state"].eq("unknown").any():
        sentences.append(words.say("Dash: no report."))
    return " ".join([*sentences, *([closing] if closing else [])])


def _said(row: pd.Series, words: Words) -> str:
    n = whole(row["incidents"])
    if n is not None:
        return words.number(n)
    return words.say("not shown") if row["state"] == "withheld" else words.say("no report")


def _table(rows: pd.DataFrame, words: Words) -> Table:
    return Table(
        title=words.say("Incidents a week"),
        columns=(
            TableColumn(words.say("Week")),
            TableColumn(words.say("First day"), share=1.5),
            TableColumn(words.say("Incidents"), align="right"),
        ),
        rows=tuple(
            (
                Cell(week_name(row["week"], words)),
                Cell(words.day(row["week"].date())),
                Cell(_said(row, words)),
            )
            for _, row in rows.iterrows()
        ),
    )
