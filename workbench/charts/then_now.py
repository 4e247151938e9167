"""Then and now: what was known of each week at the last issue, and what is known today."""

from __future__ import annotations

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import Sheet, widest
from workbench.charts._weeks import spaced, ticks, week_name, whole
from workbench.errors import ParameterError
from workbench.language import Words

_HEIGHT = {"half": 112.0, "full": 140.0}
_HEAD, _FOOT, _RIGHT = 22.0, 20.0, 8.0
_WEEKS = 26


def then_and_now(weeks: pd.DataFrame, *, words: Words, note: str = "", width: Width = "half") -> Figure:
    """
    Return the counts of each week as known at the last issue (open) and as known now (filled).

    `weeks` has `week` (first day), `incidents_then` and `incidents_now`; the last 26 are drawn. A week
    that the last issue did not know has its filled mark only, an unknown one none. Weeks that changed
    have both marks joined by a line. Raises ParameterError if there is no week.
    """
    rows = weeks[["week", "incidents_then", "incidents_now"]].sort_values("week").tail(_WEEKS)
    rows = rows.reset_index(drop=True).astype({"incidents_then": "Int64", "incidents_now": "Int64"})
    if rows.empty:
        raise ParameterError(
            "The chart of then and now needs at least one week. Pass a frame with week, incidents_then and "
            "incidents_now."
        )
    return figure(
        _sheet(rows, words, width).spec(),
        title=words.say("Incidents a week, as known then and now"),
        alt=_alt(rows, words),
        note=" ".join(
            [
                words.say("Open: as known at the last issue. Filled: as known now. Grey: no change."),
                *([note] if note else []),
            ]
        ),
        data=_table(rows, words),
        width=width,
    )


def _sheet(rows: pd.DataFrame, words: Words, width: Width) -> Sheet:
    high, full = _HEIGHT[width], float(house.WIDTHS[width])
    known = [whole(one) for name in ("incidents_then", "incidents_now") for one in rows[name]]
    top = max([one for one in known if one is not None] + [4]) * 1.02
    steps = ticks(top)
    left = widest([words.number(step) for step in steps]) + 7
    step = (full - left - _RIGHT) / len(rows)
    sheet = Sheet(full, _HEAD + high + _FOOT)

    def at(count: int) -> float:
        return _HEAD + high * (1 - count / top)

    for tick in steps:
        sheet.line(left, at(tick), full - _RIGHT, at(tick), colour=house.HAIRLINE, thick=0.7)
        sheet.text(words.number(tick), left - 5, at(tick), anchor="right", colour=house.GREY)
    pairs = [
        (whole(one), whole(other))
        for one, other in zip(rows["incidents_then"], rows["incidents_now"], strict=True)
    ]
    middles = [left + (place + 0.5) * step for place in range(len(rows))]
    radius = min(3.4, step * 0.36)
    for x, (then, now) in zip(middles, pairs, strict=True):
        if then is not None and now is not None and then != now:
            sheet.line(x, at(then), x, at(now), thick=1.4)
    for x, (then, now) in zip(middles, pairs, strict=True):
        if then is not None and (now is None or abs(at(then) - at(now)) > 0.5):
            sheet.dot(x, at(then), radius, fill=house.WHITE)
    for x, (then, now) in zip(middles, pairs, strict=True):
        if now is not None:
            colour = house.BORDER if then == now else house.INK
            sheet.dot(x, at(now), radius, fill=colour, stroke=colour)
    names = spaced([week_name(day, words) for day in rows["week"]], step)
    for x, name in zip(middles, names, strict=True):
        wide = house.text_width(name, house.SMALL) / 2
        sheet.text(name, min(x, full - wide), sheet.height - 9, anchor="center", colour=house.GREY)
    finding = _finding(rows, words)
    sheet.text(finding, full - _RIGHT, 8, anchor="right", bold=True)
    return sheet


def _sums(rows: pd.DataFrame) -> tuple[int, int]:
    """Return how many incidents were added, and how many taken away, over weeks known at both times."""
    moved = (rows["incidents_now"] - rows["incidents_then"]).dropna()
    return int(moved.clip(lower=0).sum()), int(-moved.clip(upper=0).sum())


def _finding(rows: pd.DataFrame, words: Words) -> str:
    added, taken = _sums(rows)
    if added and taken:
        return words.say("{added} more, {taken} fewer than at the last issue", added=added, taken=taken)
    if added:
        return words.say("{added} more than at the last issue", added=added)
    if taken:
        return words.say("{taken} fewer than at the last issue", taken=taken)
    if (rows["incidents_now"] - rows["incidents_then"]).dropna().empty:
        return ""
    return words.say("no change since the last issue")


def _alt(rows: pd.DataFrame, words: Words) -> str:
    added, taken = _sums(rows)
    first, last = (words.day(rows["week"].iloc[place].date()) for place in (0, -1))
    sentences = [
        words.count(
            "Incidents a week as known at the last issue and now, over {n} week, from {first} to {last}.",
            "Incidents a week as known at the last issue and now, over {n} weeks, from {first} to {last}.",
            len(rows), first=first, last=last,
        )
    ]  # fmt: skip
    if not (added or taken):
        sentences.append(words.say("No week changed."))
    if added:
        sentences.append(words.count("{n} incident was added.", "{n} incidents were added.", added))
    if taken:
        sentences.append(words.count("{n} incident was taken away.", "{n} incidents were taken away.", taken))
    moved = rows.assign(by=(rows["incidents_now"] - rows["incidents_then"]).abs()).dropna(subset=["by"])
    if added or taken:
        most = moved.sort_values("by", ascending=False, kind="stable").iloc[0]
        sentences.append(
            words.say(
                "The largest change is in the week of {day}: from {then} to {now}.",
                day=words.day(most["week"].date()), then=int(most["incidents_then"]),
                now=int(most["incidents_now"]),
            )
        )  # fmt: skip
    return " ".join(sentences)


def _table(rows: pd.DataFrame, words: Words) -> Table:
    cells = []
    for day, then, now in zip(rows["week"], rows["incidents_then"], rows["incidents_now"], strict=True):
        counts = [words.say("no data") if n is None else words.number(n) for n in (whole(then), whole(now))]
        cells.append(tuple(map(Cell, (week_name(day, words), words.day(day.date()), *counts))))
    return Table(
        title=words.say("Incidents a week, as known then and now"),
        columns=(
            TableColumn(words.say("Week")),
            TableColumn(words.say("First day"), share=1.5),
            TableColumn(words.say("At the last issue"), align="right", share=1.5),
            TableColumn(words.say("Now"), align="right"),
        ),
        rows=tuple(cells),
    )
