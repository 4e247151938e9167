"""The outlook of a total: what the next week, and the next four, may bring, after what has been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._fan import Fan, fans_of, last_week
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import Sheet, widest
from workbench.charts._weeks import spaced, ticks, week_name, whole
from workbench.errors import ParameterError
from workbench.language import Words

_HEIGHT: dict[Width, float] = {"half": 118.0, "full": 140.0}
_HEAD, _FOOT = 40.0, 20.0
_WEEKS = 12
_TOGETHER = 4
_BETWEEN = 26.0
_WIDEST = 44.0


@dataclass(frozen=True)
class _Panel:
    """One panel: bars of the past, `hollow` of them still being reported, and the outlook after them."""

    heading: str
    counts: list[int | None]
    names: list[str]
    hollow: int
    fan: Fan
    next_name: str


def outlook_fan(  # noqa: PLR0913 (two frames, the words, and how to draw them)
    weekly: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    words: Words,
    scorecard: pd.DataFrame | None = None,
    provisional: int = 2,
    note: str = "",
    width: Width = "full",
) -> Figure:
    """
    Return the outlook of a total: next week after the last 12, and the next 4 weeks after past fours.

    `weekly` has `week` and `incidents`, one row a week; the last `provisional` are hollow. `forecast`
    (rows of one model of `outlook.outlook`) has `horizon` (weeks; the sum of so many) and `q05`, `q25`,
    `q50`, `q75`, `q95`: one row of horizon 1 and, for the second panel, one of 4. Light: 90 %; dark: 50 %;
    the line is the median. `scorecard` is the row of last week's outlook (`outlook.last_outlook(...).rows`):
    `low`, `high`, `actual`, `inside`; it is drawn as a bracket at the last bar, and told. Past fours with an
    unknown week are left out. Raises ParameterError without a week, without a whole row of horizon 1, or
    for rows of several models.
    """
    rows = weekly[["week", "incidents"]].sort_values("week").reset_index(drop=True)
    fans = fans_of(forecast)
    if rows.empty or 1 not in fans:
        raise ParameterError(
            "The outlook's chart needs at least one week, and a forecast of horizon 1 with its quantiles. "
            "Pass weekly_total(...) and the outlook of the same total."
        )
    panels = [_weeks_panel(rows, fans[1], words, provisional=provisional)]
    if _TOGETHER in fans:
        panels.append(_fours_panel(rows, fans[_TOGETHER], words, provisional=provisional))
    last = next(iter(last_week(scorecard)), None)
    return figure(
        _fan_sheet(panels, last, words, width).spec(),
        title=words.say("Outlook, with the weeks before"),
        alt=_fan_alt(rows, fans, last, words),
        note=_fan_note(panels, last, words, note),
        data=_fan_table(panels, words),
        width=width,
    )


def _weeks_panel(rows: pd.DataFrame, fan: Fan, words: Words, *, provisional: int) -> _Panel:
    last = rows.tail(_WEEKS)
    return _Panel(
        words.say("Incidents a week"),
        [whole(one) for one in last["incidents"]],
        [week_name(day, words) for day in last["week"]],
        provisional,
        fan,
        words.say("next"),
    )


def _fours_panel(rows: pd.DataFrame, fan: Fan, words: Words, *, provisional: int) -> _Panel:
    counts, names = [], []
    for end in range(len(rows), max(len(rows) - _WEEKS, 0), -_TOGETHER):
        four = rows.iloc[max(end - _TOGETHER, 0) : end]
        if len(four) < _TOGETHER:
            break
        counts.append(None if four["incidents"].isna().any() else int(four["incidents"].sum()))
        names.append(week_name(four["week"].iloc[-1], words))
    hollow = -(-provisional // _TOGETHER)
    heading = words.say("Four weeks together")
    return _Panel(heading, counts[::-1], names[::-1], hollow, fan, words.say("next 4"))


def _fan_sheet(panels: list[_Panel], last: Any, words: Words, width: Width) -> Sheet:
    full = float(house.WIDTHS[width])
    sheet = Sheet(full, _HEAD + _HEIGHT[width] + _FOOT)
    room = full - (_BETWEEN if len(panels) > 1 else 0.0)
    shares = (0.62, 0.38) if len(panels) > 1 else (1.0,)
    start = 0.0
    for panel, share in zip(panels, shares, strict=True):
        end = min(start + room * share, full)
        _draw_panel(sheet, panel, (start, end), last if panel is panels[0] else None, words)
        start = end + _BETWEEN
    return sheet


def _draw_panel(sheet: Sheet, panel: _Panel, edges: tuple[float, float], last: Any, words: Words) -> None:
    start, right = edges
    bottom = sheet.height - _FOOT
    highest = [n for n in panel.counts if n is not None]
    extra = [] if last is None else [float(last["high"])]
    top = max([*highest, panel.fan.q95, *extra, 4.0]) * 1.02
    steps = ticks(top)
    left = start + widest([words.number(step) for step in steps]) + 7
    named = house.text_width(panel.next_name, house.SMALL, bold=True)
    beside = 12.0 if last is not None else 0.0
    glyph = max(34.0, named, 0.12 * (right - left))
    step = min((right - left - glyph - beside) / max(len(panel.counts), 1), _WIDEST)
    first = right - glyph - beside - step * len(panel.counts)

    def at(value: float) -> float:
        return bottom - (bottom - _HEAD) * value / top

    sheet.text(panel.heading, start, 8, colour=house.GREY)
    for tick in steps:
        sheet.line(left, at(tick), right, at(tick), colour=house.HAIRLINE, thick=0.7)
        sheet.text(words.number(tick), left - 5, at(tick), anchor="right", colour=house.GREY)
    settled = len(panel.counts) - panel.hollow
    for hollow in (False, True):
        for place, count in enumerate(panel.counts):
            if count is None or (place >= settled) is not hollow:
                continue
            x = first + place * step
            box = (x + 0.12 * step, at(count), x + 0.88 * step, bottom)
            fill, stroke = (house.WHITE, house.INK) if hollow else (house.INK, "")
            sheet.rect(box, fill=fill, stroke=stroke)
    middle = right - glyph / 2
    _glyph(sheet, panel.fan, middle, at)
    sheet.line(left, bottom, right, bottom, thick=0.8)
    if last is not None:
        _bracket(sheet, right - glyph - 5, at(float(last["low"])), at(float(last["high"])))
    said = panel.fan.said(words)
    if house.text_width(said, house.SMALL, bold=True) > right - start + _BETWEEN - 6:
        said = words.number(round(panel.fan.q50))
    sheet.text(said, right, 25, anchor="right", bold=True)
    sheet.text(panel.next_name, middle, sheet.height - 9, anchor="center", bold=True)
    _week_names(sheet, panel.names, (start, first, middle - named / 2 - 5), step)


def _week_names(sheet: Sheet, names: list[str], edges: tuple[float, float, float], step: float) -> None:
    """Set the names of weeks, the last moved a little where it would touch the outlook's own name."""
    start, first, end = edges
    for place, name in reversed(list(enumerate(spaced(names, step) if names else []))):
        wide = house.text_width(name, house.SMALL) / 2
        x = min(first + (place + 0.5) * step, end - wide)
        if name and x - wide >= start:
            sheet.text(name, x, sheet.height - 9, anchor="center", colour=house.GREY)
            end = x - wide - 4


def _glyph(sheet: Sheet, fan: Fan, x: float, at: Any) -> None:
    """Draw an outlook: 90 % light, 50 % dark, the median as a line through both."""
    if fan.q95 > fan.q05:
        sheet.rect(
            (x - 8, at(fan.q95), x + 8, at(fan.q05)), fill=house.SHADES[1], stroke=house.BORDER, thick=0.6
        )
    if fan.q75 > fan.q25:
        sheet.rect((x - 8, at(fan.q75), x + 8, at(fan.q25)), fill=house.SHADES[3])
    sheet.line(x - 12, at(fan.q50), x + 12, at(fan.q50), thick=2.2)


def _bracket(sheet: Sheet, x: float, low: float, high: float) -> None:
    sheet.line(x, low, x, high)
    for y in (low, high):
        sheet.line(x - 5, y, x, y)


def _fan_alt(rows: pd.DataFrame, fans: Mapping[int, Fan], last: Any, words: Words) -> str:
    one = fans[1]
    sentences = [
        words.say("Next week: {n} is the middle of the outlook; nine chances in ten lie in {range}.",
                  n=round(one.q50), range=words.span(round(one.q05), round(one.q95)))
    ]  # fmt: skip
    if _TOGETHER in fans:
        four = fans[_TOGETHER]
        sentences.append(
            words.say("Over the next four weeks together: {n}, or {range}.",
                      n=round(four.q50), range=words.span(round(four.q05), round(four.q95)))
        )  # fmt: skip
    known = [int(n) for n in rows["incidents"].tail(_WEEKS).dropna()]
    if known:
        sentences.append(
            words.count("In the past {n} week there were {range} a week.",
                        "In the past {n} weeks there were {range} a week.",
                        len(known), range=words.span(min(known), max(known)))
        )  # fmt: skip
    if last is not None:
        range_ = words.span(round(last["low"]), round(last["high"]))
        sentences.append(
            words.say(
                "Last week’s outlook was {range} and held: {n} came.", range=range_, n=int(last["actual"])
            )
            if last["inside"]
            else words.say(
                "Last week’s outlook was {range} and missed: {n} came.", range=range_, n=int(last["actual"])
            )
        )
    return " ".join(sentences)


def _fan_note(panels: list[_Panel], last: Any, words: Words, closing: str) -> str:
    sentences = [words.say("Outlook: line, the middle; dark, one chance in two; light, nine in ten.")]
    if any(panel.hollow for panel in panels):
        sentences.append(words.say("Hollow: still being reported."))
    if last is not None:
        sentences.append(words.say("Bracket: last week’s outlook, nine in ten."))
    if any(n is None for panel in panels for n in panel.counts):
        sentences.append(words.say("Gaps: no data."))
    return " ".join([*sentences, *([closing] if closing else [])])


def _fan_table(panels: list[_Panel], words: Words) -> Table:
    rows = []
    for panel in panels:
        for name, count in zip(panel.names, panel.counts, strict=True):
            said = words.say("no data") if count is None else words.number(count)
            rows.append((Cell(panel.heading), Cell(name), Cell(said)))
        rows.append(
            (Cell(panel.heading), Cell(panel.next_name, "strong"), Cell(panel.fan.said(words), "strong"))
        )
    return Table(
        title=words.say("Outlook, with the weeks before"),
        columns=(
            TableColumn(words.say("Counted"), share=2.0),
            TableColumn(words.say("Week")),
            TableColumn(words.say("Incidents"), align="right", share=1.4),
        ),
        rows=tuple(rows),
    )
