"""Incidents a week as bars, against the range that was to be expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.config import WEEKDAYS, Week
from workbench.errors import ParameterError
from workbench.language import Words

_HEIGHT: dict[Width, int] = {"half": 112, "full": 150}
_RIGHT, _BOTTOM = 8, 20
_LINE = 14
_WEEKS = 26


@dataclass(frozen=True)
class _Plot:
    """The parts of the chart, laid out: `bars` on a scale 0..n by 0..top, texts in their words."""

    bars: pd.DataFrame
    ticks: list[int]
    top: float
    low: int | None
    high: int | None
    finding: list[str]
    alarming: bool
    left: float
    width: Width


def weekly_bars(
    weekly: pd.DataFrame,
    *,
    assessed: pd.DataFrame,
    words: Words,
    still_reported: int = 2,
    note: str = "",
    width: Width = "half",
) -> Figure:
    """
    Return the chart of incidents a week, the last week's finding written above its bar.

    `weekly` has `week` (first day) and `incidents`, one row a week, as `weekly_total` gives it; the
    last 26 are drawn, and a missing count leaves a gap. `assessed` is the one row of `assess` for them:
    its usual range is the grey band, its assessment the finding, in accent only if higher than
    usual. The last `still_reported` weeks are hollow: more reports of them are to be expected. `note`
    closes the note: the source. Raises ParameterError if there is no week, or not one row assessed.
    """
    rows = weekly[["week", "incidents"]].sort_values("week").tail(_WEEKS).reset_index(drop=True)
    if rows.empty or len(assessed) != 1:
        raise ParameterError(
            "The chart of weeks needs at least one week, and the one row that change.assess gives of a "
            "total. Pass counts.weekly_total(...) and change.assess of the same frame."
        )
    rows = rows.assign(hollow=rows.index >= len(rows) - still_reported)
    seen = assessed.iloc[0]
    finding = _finding(seen, words, so_far=still_reported > 0)
    plot = _laid_out(rows, seen, finding, words, width=width)
    return figure(
        _chart(plot, words),
        title=words.say("Incidents a week, with the expected range"),
        alt=_alt(rows, finding, words),
        note=_note(rows, seen, words, note),
        data=_table(rows, words),
        width=width,
    )


def ticks(top: float) -> list[int]:
    """Return whole steps from 0 to the last one not above `top`: at most five, of 1, 2 or 5 times ten."""
    step = next(s for n in range(10) for s in (10**n, 2 * 10**n, 5 * 10**n) if top / s <= 5)
    return list(range(0, int(top) + 1, step))


def _laid_out(rows: pd.DataFrame, seen: pd.Series, finding: str, words: Words, *, width: Width) -> _Plot:
    low, high = _whole(seen["usual_low"]), _whole(seen["usual_high"])
    # one incident must not fill the chart
    highest = max(int(rows["incidents"].fillna(0).max()), high or 0, 4)
    steps = ticks(highest * 1.02)
    left = max(house.text_width(words.number(step), house.SMALL) for step in steps) + 7
    room = house.WIDTHS[width] - left - _RIGHT
    return _Plot(
        bars=_bars(rows, room, words),
        ticks=steps,
        top=highest * 1.02,
        low=low,
        high=high,
        finding=_wrapped(finding, room),
        alarming=str(seen["assessment"]) == "higher_than_usual",
        left=left,
        width=width,
    )


def _bars(rows: pd.DataFrame, room: float, words: Words) -> pd.DataFrame:
    step = room / len(rows)
    names = [words.say("W{number}", number=str(_week(day).number)) for day in rows["week"]]
    widest = max(house.text_width(name, house.SMALL) for name in names)
    every = next(
        n for n in (1, 2, 4, 5, 10, 13, 26, 52, len(rows)) if n * step >= 1.5 * widest or n >= len(rows)
    )
    labelled = [(len(rows) - 1 - at) % every == 0 for at in range(len(rows))]
    return pd.DataFrame(
        {
            "from": rows.index + 0.12,
            "to": rows.index + 0.88,
            "middle": rows.index + 0.5,
            "incidents": rows["incidents"].astype("Float64").astype(object),
            "floor": 0,
            "hollow": rows["hollow"],
            "name": [name if on else "" for name, on in zip(names, labelled, strict=True)],
        }
    )


def _chart(plot: _Plot, words: Words) -> Any:
    import altair as alt

    lines = len(plot.finding)
    head = _LINE * lines + 8
    width, height = house.WIDTHS[plot.width] - plot.left - _RIGHT, _HEIGHT[plot.width]
    along = alt.Scale(domain=[0, len(plot.bars)], nice=False, zero=False)
    up = alt.Scale(domain=[0, plot.top], nice=False)
    x = alt.X("from:Q", scale=along, axis=None)
    y = alt.Y("incidents:Q", scale=up, axis=None)

    def rows(frame: pd.DataFrame) -> Any:
        records: Any = frame.to_dict("records")
        return alt.Chart(alt.InlineData(values=records))

    layers = []
    if plot.low is not None and plot.high is not None:
        # half a step to each side: a range of whole numbers from 0 to 0 is a range too
        band = pd.DataFrame({"low": [max(plot.low - 0.5, 0)], "high": [min(plot.high + 0.5, plot.top)]})
        layers.append(
            rows(band)
            .mark_rect(color=house.BAND)
            .encode(y=alt.Y("low:Q", scale=up, axis=None), y2="high:Q", x=alt.value(0), x2=alt.value(width))
        )
    scale = pd.DataFrame({"tick": plot.ticks, "name": [words.number(n) for n in plot.ticks]})
    tick = alt.Y("tick:Q", scale=up, axis=None)
    base = rows(scale).encode(y=tick)
    layers.append(
        base.mark_rule(color=house.HAIRLINE, strokeWidth=0.7).encode(x=alt.value(0), x2=alt.value(width))
    )
    layers.append(
        base.mark_text(align="right", baseline="middle", color=house.GREY).encode(
            x=alt.value(-5), text="name:N"
        )
    )
    for hollow in (False, True):
        shown = plot.bars[plot.bars["hollow"].eq(hollow) & plot.bars["incidents"].notna()]
        if shown.empty:
            continue
        accent = house.ACCENT if plot.alarming else house.INK
        mark: dict[str, Any] = {"color": house.INK}
        if hollow:
            mark = {"fill": house.WHITE, "stroke": house.INK, "strokeWidth": 1, "color": accent}
        layers.append(
            rows(shown[["from", "to", "floor", "incidents"]])
            .mark_rect(**mark)
            .encode(x=x, x2="to:Q", y=y, y2="floor:Q")
        )
    layers.append(
        base.transform_filter("datum.tick == 0")
        .mark_rule(color=house.INK, strokeWidth=0.8)
        .encode(x=alt.value(0), x2=alt.value(width))
    )
    named = plot.bars[plot.bars["name"].ne("")]
    layers.append(
        rows(named[["middle", "name"]])
        .mark_text(align="center", baseline="top", color=house.GREY)
        .encode(x=alt.X("middle:Q", scale=along, axis=None), y=alt.value(height + 5), text="name:N")
    )
    layers += _finding_layers(plot, height=height, width=width)
    return alt.layer(*layers).properties(
        width=width,
        height=height,
        padding={"left": plot.left, "right": _RIGHT, "top": head, "bottom": _BOTTOM},
        autosize="none",
    )


def _finding_layers(plot: _Plot, *, height: int, width: float) -> list[Any]:
    import altair as alt

    colour = house.ACCENT if plot.alarming else house.INK
    last = plot.bars.iloc[-1]
    value = 0.0 if pd.isna(last["incidents"]) else float(last["incidents"])
    reach = height * (1 - value / plot.top)
    said = alt.Chart(alt.InlineData(values=[{"finding": plot.finding}]))
    middle = width * (len(plot.bars) - 0.5) / len(plot.bars)
    layers = [
        said.mark_text(
            align="right", baseline="bottom", fontWeight="bold", color=colour, lineHeight=_LINE,
            dy=-_LINE * (len(plot.finding) - 1),
        ).encode(x=alt.value(width), y=alt.value(-4), text="finding:N")
    ]  # fmt: skip
    if reach > 6:  # a short bar is far from its words
        layers.append(
            said.mark_rule(color=house.BORDER, strokeWidth=0.6).encode(
                x=alt.value(middle), y=alt.value(-2), y2=alt.value(reach - 2)
            )
        )
    return layers


def _finding(seen: pd.Series, words: Words, *, so_far: bool) -> str:
    count, code = _whole(seen["now"]), str(seen["assessment"])
    low, high = _whole(seen["usual_low"]), _whole(seen["usual_high"])
    if code in {"no_report", "no_incident_known"} or count is None:
        return words.term("assessment", code)
    range_ = "" if low is None or high is None else words.span(low, high)
    if not range_:
        settled, unsettled = (
            words.say("{n}; too little history to compare", n=count),
            words.say("{n} so far; too little history to compare", n=count),
        )
    elif code == "higher_than_usual":
        settled, unsettled = (
            words.say("{n}, higher than usual ({range})", n=count, range=range_),
            words.say("{n} so far, higher than usual ({range})", n=count, range=range_),
        )
    elif code == "lower_than_usual":
        settled, unsettled = (
            words.say("{n}, lower than usual ({range})", n=count, range=range_),
            words.say("{n} so far, lower than usual ({range})", n=count, range=range_),
        )
    else:
        settled, unsettled = (
            words.say("{n}; usual: {range}", n=count, range=range_),
            words.say("{n} so far; usual: {range}", n=count, range=range_),
        )
    return unsettled if so_far else settled


def _wrapped(text: str, room: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and house.text_width(longer, house.SMALL, bold=True) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _alt(rows: pd.DataFrame, finding: str, words: Words) -> str:
    first, last = rows["week"].iloc[0].date(), rows["week"].iloc[-1].date()
    known = rows[rows["incidents"].notna()]
    sentences = [
        words.count(
            "Incidents a week over {n} week, from {first} to {last}.",
            "Incidents a week over {n} weeks, from {first} to {last}.",
            len(rows), first=words.day(first), last=words.day(last),
        ),
        words.say("The last week: {finding}.", finding=finding),
    ]  # fmt: skip
    if len(known) > 1:
        top = known.sort_values("incidents", ascending=False, kind="stable").iloc[0]
        sentences.append(
            words.say(
                "The highest count is {n}, in the week of {day}; the lowest is {least}.",
                n=int(top["incidents"]),
                day=words.day(top["week"].date()),
                least=int(known["incidents"].min()),
            )
        )
    return " ".join(sentences)


def _note(rows: pd.DataFrame, seen: pd.Series, words: Words, closing: str) -> str:
    sentences = []
    if rows["hollow"].any():
        sentences.append(words.say("Hollow: still being reported."))
    if _whole(seen["usual_low"]) is not None:
        sentences.append(
            words.count(
                "Grey: 90 % of weeks like the past {n}.",
                "Grey: 90 % of weeks like the past {n}.",
                int(seen["weeks"]),
            )
        )
    if rows["incidents"].isna().any():
        sentences.append(words.say("Gaps: no data."))
    return " ".join([*sentences, *([closing] if closing else [])])


def _table(rows: pd.DataFrame, words: Words) -> Table:
    cells = []
    for day, count, hollow in zip(rows["week"], rows["incidents"], rows["hollow"], strict=True):
        number = words.say("no data") if pd.isna(count) else words.number(int(count))
        state = words.say("still being reported") if hollow else words.say("settled")
        name = words.say("W{number}", number=str(_week(day).number))
        cells.append((Cell(name), Cell(words.day(day.date())), Cell(number), Cell(state)))
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


def _week(day: pd.Timestamp) -> Week:
    first: date = day.date()
    return Week(first, WEEKDAYS[first.weekday()])


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
