"""Incidents a week as bars, against the range that was to be expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import wrapped
from workbench.charts._weeks import spaced, ticks, week_name, whole
from workbench.errors import ParameterError
from workbench.language import Words

_HEIGHT: dict[Width, int] = {"half": 112, "full": 150}
_RIGHT, _BOTTOM = 8, 20
_LINE = 14
_WEEKS = 26
_ESTIMATES = ("expected", "low", "high")


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


def weekly_bars(  # noqa: PLR0913 (two frames and an estimate, the words, and how to draw them)
    weekly: pd.DataFrame,
    *,
    assessed: pd.DataFrame,
    words: Words,
    still_reported: int = 2,
    nowcast: pd.DataFrame | None = None,
    note: str = "",
    width: Width = "half",
) -> Figure:
    """
    Return the chart of incidents a week, the last week's finding written above its bar.

    `weekly` has `week` (first day) and `incidents`, one row a week, as `weekly_total` gives it; the
    last 26 are drawn, and a missing count leaves a gap. `assessed` is the one row of `assess` for them:
    its usual range is the grey band, its assessment the finding, in accent only if higher than
    usual. The last `still_reported` weeks are hollow: more reports of them are to be expected.
    `nowcast` (`delay.nowcast`) has `week`, `expected`, `low`, `high`: its weeks are hollow too, and a thin
    line with a tick shows the count to be expected once they are complete; without an estimate (<NA>) they
    are hollow only. `note` closes the note: the source. Raises ParameterError if there is no week, or not
    one row assessed.
    """
    rows = weekly[["week", "incidents"]].sort_values("week").tail(_WEEKS).reset_index(drop=True)
    if rows.empty or len(assessed) != 1:
        raise ParameterError(
            "The chart of weeks needs at least one week, and the one row that change.assess gives of a "
            "total. Pass counts.weekly_total(...) and change.assess of the same frame."
        )
    rows = rows.assign(hollow=rows.index >= len(rows) - still_reported)
    if nowcast is not None:
        rows = _estimated(rows, nowcast)
    seen = assessed.iloc[0]
    finding = _finding(seen, words, so_far=bool(rows["hollow"].iloc[-1]))
    if (expected := _expected(rows.iloc[-1], words)) and whole(seen["now"]) is not None:
        finding = words.say("{finding}; {expected} expected", finding=finding, expected=expected)
    plot = _laid_out(rows, seen, finding, words, width=width)
    return figure(
        _chart(plot, words),
        title=words.say("Incidents a week, with the expected range"),
        alt=_alt(rows, finding, words),
        note=_note(rows, seen, words, note),
        data=_table(rows, words),
        width=width,
    )


def _estimated(rows: pd.DataFrame, nowcast: pd.DataFrame) -> pd.DataFrame:
    """Return the weeks with their estimates; a row without a whole estimate has none."""
    known = nowcast[["week", *_ESTIMATES]].dropna().astype(dict.fromkeys(_ESTIMATES, "Float64"))
    joined = rows.merge(known.drop_duplicates("week"), on="week", how="left")
    return joined.assign(hollow=joined["hollow"] | joined["week"].isin(list(nowcast["week"])))


def _expected(row: pd.Series, words: Words) -> str:
    """Return a week's count when complete, with its interval, or "" without an estimate."""
    if "expected" not in row or pd.isna(row["expected"]):
        return ""
    middle, low, high = (round(float(row[name])) for name in _ESTIMATES)
    return words.say("{n} ({range})", n=middle, range=words.span(low, high))


def _laid_out(rows: pd.DataFrame, seen: pd.Series, finding: str, words: Words, *, width: Width) -> _Plot:
    low, high = whole(seen["usual_low"]), whole(seen["usual_high"])
    # one incident must not fill the chart
    estimates = rows["high"].fillna(0).max() if "high" in rows else 0
    highest = max(int(rows["incidents"].fillna(0).max()), high or 0, round(estimates), 4)
    steps = ticks(highest * 1.02)
    left = max(house.text_width(words.number(step), house.SMALL) for step in steps) + 7
    room = house.WIDTHS[width] - left - _RIGHT
    return _Plot(
        bars=_bars(rows, room, words),
        ticks=steps,
        top=highest * 1.02,
        low=low,
        high=high,
        finding=wrapped(finding, room, bold=True),
        alarming=str(seen["assessment"]) == "higher_than_usual",
        left=left,
        width=width,
    )


def _bars(rows: pd.DataFrame, room: float, words: Words) -> pd.DataFrame:
    step = room / len(rows)
    names = [week_name(day, words) for day in rows["week"]]
    return pd.DataFrame(
        {
            "from": rows.index + 0.12,
            "to": rows.index + 0.88,
            "middle": rows.index + 0.5,
            "incidents": rows["incidents"].astype("Float64").astype(object),
            "floor": 0,
            "hollow": rows["hollow"],
            "name": spaced(names, step),
            **{name: rows[name].astype(object) for name in _ESTIMATES if name in rows},
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
    layers += _estimate_layers(plot, along, up)
    layers += _finding_layers(plot, height=height, width=width)
    return alt.layer(*layers).properties(
        width=width,
        height=height,
        padding={"left": plot.left, "right": _RIGHT, "top": head, "bottom": _BOTTOM},
        autosize="none",
    )


def _estimate_layers(plot: _Plot, along: Any, up: Any) -> list[Any]:
    """Return the lines from the lowest to the highest count to be expected, and the ticks between."""
    import altair as alt

    if "high" not in plot.bars or plot.bars["high"].isna().all():
        return []
    known = plot.bars[plot.bars["high"].notna()]
    records: Any = known[["from", "to", "middle", *_ESTIMATES]].astype(float).to_dict("records")
    base = alt.Chart(alt.InlineData(values=records))
    return [
        base.mark_rule(color=house.INK, strokeWidth=1).encode(
            x=alt.X("middle:Q", scale=along, axis=None), y=alt.Y("low:Q", scale=up, axis=None), y2="high:Q"
        ),
        base.mark_rule(color=house.INK, strokeWidth=2).encode(
            x=alt.X("from:Q", scale=along, axis=None), x2="to:Q", y=alt.Y("expected:Q", scale=up, axis=None)
        ),
    ]


def _finding_layers(plot: _Plot, *, height: int, width: float) -> list[Any]:
    import altair as alt

    colour = house.ACCENT if plot.alarming else house.INK
    last = plot.bars.iloc[-1]
    value = 0.0 if pd.isna(last["incidents"]) else float(last["incidents"])
    above = last.get("high")
    reach = height * (1 - max(value, 0.0 if above is None or pd.isna(above) else float(above)) / plot.top)
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
    count, code = whole(seen["now"]), str(seen["assessment"])
    low, high = whole(seen["usual_low"]), whole(seen["usual_high"])
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
    if "expected" in rows and rows["expected"].notna().any():
        sentences.append(words.say("Line, tick: expected when complete (90 %)."))
    if whole(seen["usual_low"]) is not None:
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
    estimated = "expected" in rows
    for _, row in rows.iterrows():
        day, count = row["week"], row["incidents"]
        number = words.say("no data") if pd.isna(count) else words.number(int(count))
        state = words.say("still being reported") if row["hollow"] else words.say("settled")
        texts = [week_name(day, words), words.day(day.date()), number]
        texts += [_expected(row, words) or "–"] if estimated else []
        cells.append(tuple(map(Cell, [*texts, state])))
    more = (TableColumn(words.say("Expected when complete"), align="right", share=1.8),) if estimated else ()
    return Table(
        title=words.say("Incidents a week"),
        columns=(
            TableColumn(words.say("Week")),
            TableColumn(words.say("First day"), share=1.5),
            TableColumn(words.say("Incidents"), align="right"),
            *more,
            TableColumn(words.say("State"), share=2.0),
        ),
        rows=tuple(cells),
    )
