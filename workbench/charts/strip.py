"""A strip of weeks: one district's counts, low enough to stand beside its name."""

from __future__ import annotations

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import Sheet, widest
from workbench.charts._weeks import week_name, whole
from workbench.errors import ParameterError
from workbench.language import Words

_WEEKS = 26
_HEAD, _FOOT = 16.0, 17.0
_HEIGHT = 38.0


def strip(
    weekly: pd.DataFrame,
    *,
    words: Words,
    usual: tuple[int, int] | None = None,
    provisional: int = 2,
    note: str = "",
    width: Width = "half",
) -> Figure:
    """
    Return the last 26 weeks of one district as a low strip of bars, the last one's count above it.

    `weekly` has `week` and `incidents` of the one district; an unknown count leaves a gap. `usual` is the
    lowest and highest count that is usual, drawn as a band. The last `provisional` weeks are hollow.
    The highest week has its count too, where it does not touch the last one's. Raises ParameterError
    if there is no week, or more than one row a week.
    """
    rows = weekly[["week", "incidents"]].sort_values("week").tail(_WEEKS).reset_index(drop=True)
    if rows.empty or rows["week"].duplicated().any():
        raise ParameterError(
            "The strip of weeks needs at least one week, and one row a week. Pass the rows of one district."
        )
    return figure(
        _sheet(rows, words, width, usual=usual, provisional=provisional).spec(),
        title=words.say("Incidents a week"),
        alt=_alt(rows, usual, words),
        note=_note(rows, usual, words, note, provisional=provisional),
        data=_table(rows, words, provisional=provisional),
        width=width,
    )


def _sheet(
    rows: pd.DataFrame, words: Words, width: Width, *, usual: tuple[int, int] | None, provisional: int
) -> Sheet:
    full, bottom = float(house.WIDTHS[width]), _HEAD + _HEIGHT
    counts = [whole(one) for one in rows["incidents"]]
    known = [(n, at) for at, n in enumerate(counts) if n is not None]
    top = max([float(n) for n, _ in known] + [usual[1] + 0.5 if usual else 0.0, 4.0]) * 1.02
    numbers = [words.number(n) for n, _ in known[-1:]] + ["00"]
    right = full - widest(numbers, bold=True) / 2
    step = min(right / (len(rows) - 0.5), full / len(rows), 40.0)
    sheet = Sheet(full, bottom + _FOOT)

    def y(value: float) -> float:
        return bottom - _HEIGHT * value / top

    def x(place: int) -> float:
        return min(right + step / 2, full) - (len(rows) - place) * step

    if usual:
        sheet.rect((0, y(usual[1] + 0.5), full, y(max(usual[0] - 0.5, 0))), fill=house.BAND)
    settled = len(counts) - provisional
    for hollow in (False, True):
        for n, at in known:
            if (at >= settled) is hollow:
                fill, stroke = (house.WHITE, house.INK) if hollow else (house.INK, "")
                sheet.rect((x(at) + 0.12 * step, y(n), x(at) + 0.88 * step, bottom), fill=fill, stroke=stroke)
    sheet.line(0, bottom, full, bottom, thick=0.8)
    last = counts[-1]
    middle = x(len(counts) - 1) + step / 2
    said = "–" if last is None else words.number(last)
    half = house.text_width(said, house.SMALL, bold=True) / 2
    middle = min(max(middle, half), full - half)
    start = middle - half
    sheet.text(said, middle, y(last or 0) - 8, anchor="center", bold=True)
    n, at = max(known, default=(0, 0))
    half = house.text_width(words.number(n), house.SMALL) / 2
    peak = max(x(at) + step / 2, half)
    if n and peak + half + 4 <= start:
        sheet.text(words.number(n), peak, y(n) - 8, anchor="center", colour=house.GREY)
    names = [week_name(day, words) for day in rows["week"]]
    sheet.text(names[-1], full, sheet.height - 7, anchor="right", colour=house.GREY)
    if len(names) > 1 and x(0) + 2 * widest([names[0], names[-1]]) + 8 <= full:
        sheet.text(names[0], max(x(0), 0.0), sheet.height - 7, colour=house.GREY)
    return sheet


def _alt(rows: pd.DataFrame, usual: tuple[int, int] | None, words: Words) -> str:
    last = whole(rows["incidents"].iloc[-1])
    known = rows.dropna(subset=["incidents"])
    if last is None:
        sentences = [words.say("The last week: no data.")]
    elif usual:
        sentences = [words.say("The last week: {n}; usual: {range}.", n=last, range=words.span(*usual))]
    else:
        sentences = [words.say("The last week: {n}.", n=last)]
    if len(known) > 1:
        top = known.sort_values("incidents", ascending=False, kind="stable").iloc[0]
        sentences.append(
            words.count(
                "{total} incidents over {n} week.", "{total} incidents over {n} weeks.", len(known),
                total=int(known["incidents"].sum()),
            )
        )  # fmt: skip
        if int(top["incidents"]):
            sentences.append(
                words.say("The highest count is {n}, in the week of {day}.",
                          n=int(top["incidents"]), day=words.day(top["week"].date()))
            )  # fmt: skip
    return " ".join(sentences)


def _note(
    rows: pd.DataFrame, usual: tuple[int, int] | None, words: Words, closing: str, *, provisional: int
) -> str:
    sentences = []
    if provisional:
        sentences.append(words.say("Hollow: still being reported."))
    if usual:
        sentences.append(words.say("Grey: the usual range."))
    if rows["incidents"].isna().any():
        sentences.append(words.say("Gaps: no data."))
    return " ".join([*sentences, *([closing] if closing else [])])


def _table(rows: pd.DataFrame, words: Words, *, provisional: int) -> Table:
    cells = []
    for at, (day, count) in enumerate(zip(rows["week"], rows["incidents"], strict=True)):
        n = whole(count)
        hollow = at >= len(rows) - provisional
        cells.append(
            (
                Cell(week_name(day, words)),
                Cell(words.day(day.date())),
                Cell(words.say("no data") if n is None else words.number(n)),
                Cell(words.say("still being reported") if hollow else words.say("settled")),
            )
        )
    return Table(
        title=words.say("Incidents a week"),
        columns=(
            TableColumn(words.say("Week")),
            TableColumn(words.say("First day"), share=1.5),
            TableColumn(words.say("Incidents"), align="right"),
            TableColumn(words.say("State"), share=2.0),
        ),
        rows=tuple(cells),
    )
