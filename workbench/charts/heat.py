"""District by week: counts printed in every cell, the darker the more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import MOST_ROWS, ROW, Sheet, name_column, widest
from workbench.charts._weeks import spaced, week_name, whole
from workbench.errors import ParameterError
from workbench.language import Words

_HEAD = 36.0
_GAP = 8.0
_LEAST_WEEKS = 3
_SILENT = {"no_report": "–", "none_known": "–", "no_coverage": "?"}
_WITHHELD = "*"


_At = tuple[str, pd.Timestamp]


@dataclass(frozen=True)
class _Grid:
    """Counts by district and week with what is known of each cell, oldest week first."""

    districts: list[str]
    weeks: list[pd.Timestamp]
    counts: Mapping[_At, int | None]
    states: Mapping[_At, str]
    names: Mapping[str, str]
    provisional: int

    def shown(self, at: _At, words: Words) -> str:
        """Return what stands in a cell."""
        count, state = self.counts.get(at), self.states.get(at, "")
        if state in _SILENT and not count:
            return _SILENT[state]
        if count is None:
            return _WITHHELD if state == "incidents" else "–"
        return words.number(count)

    def known(self) -> dict[_At, int]:
        """Return the counts that are known."""
        found = {(one, week): self.counts.get((one, week)) for one in self.districts for week in self.weeks}
        return {at: count for at, count in found.items() if count is not None}

    def sums(self) -> dict[str, int]:
        """Return each district's known incidents over the weeks, most first."""
        sums = dict.fromkeys(self.districts, 0)
        for (district, _), count in self.known().items():
            sums[district] += count
        return dict(sorted(sums.items(), key=lambda one: -one[1]))

    def there(self, state: str) -> list[_At]:
        """Return the cells in a state."""
        return [
            (one, week)
            for one in self.districts
            for week in self.weeks
            if self.states.get((one, week)) == state and not self.counts.get((one, week))
        ]


def district_weeks(  # noqa: PLR0913 (a frame, its words, and how to draw it)
    weekly: pd.DataFrame,
    *,
    names: Mapping[str, str],
    words: Words,
    weeks: int = 12,
    states: pd.DataFrame | None = None,
    provisional: int = 2,
    note: str = "",
    width: Width = "full",
) -> Figure:
    """
    Return the heat table of incidents by district and week.

    `weekly` has `district`, `week` (first day) and `incidents`; an unknown count is a dash, never 0.
    `names` gives each district's name, and their order; a district without rows has dashes. The last
    `weeks` are drawn, fewer where the widest count would not fit its cell. `states` has `district`,
    `state` (`coverage.STATES`) and, where it is not of the last week only, `week`: a cell without a
    report is hatched with a dash, one that no source covers cross-hatched with a question mark. The
    last `provisional` weeks are marked as still being reported. Of more than 40 districts, those with
    most incidents are drawn; the table has all. Raises ParameterError without a week or a district.
    """
    grid = _grid(weekly, names, weeks=weeks, states=states, provisional=provisional)
    drawn = _fitting(_worst(grid), words, width)
    return figure(
        _sheet(drawn, words, width).spec(),
        title=words.say("Incidents by district and week"),
        alt=_alt(grid, words),
        note=_note(grid, drawn, words, note),
        data=_table(grid, words),
        width=width,
    )


def _grid(
    weekly: pd.DataFrame, names: Mapping[str, str], *,
    weeks: int, states: pd.DataFrame | None, provisional: int,
) -> _Grid:  # fmt: skip
    rows = weekly[weekly["district"].isin(list(names))]
    if rows.empty or weeks < 1:
        raise ParameterError(
            "The table of districts and weeks needs at least one week of at least one district in `names`. "
            "Pass counts.weekly(...) and the names of its districts."
        )
    days = sorted(rows["week"].unique())[-weeks:]
    counts = {
        (str(district), week): whole(count)
        for district, week, count in zip(rows["district"], rows["week"], rows["incidents"], strict=True)
    }
    known: dict[_At, str] = {}
    if states is not None:
        when = states["week"] if "week" in states else [days[-1]] * len(states)
        told = zip(states["district"], when, states["state"], strict=True)
        known = {(str(district), pd.Timestamp(week)): str(state) for district, week, state in told}
    return _Grid(list(names), days, counts, known, names, min(provisional, len(days)))


def _worst(grid: _Grid) -> _Grid:
    """Return the rows there is room for: those with most incidents, in the order given."""
    most = set(list(grid.sums())[:MOST_ROWS])
    return replace(grid, districts=[one for one in grid.districts if one in most])


def _fitting(grid: _Grid, words: Words, width: Width) -> _Grid:
    """Return the last weeks that have room for their widest count."""
    room = house.WIDTHS[width] - _names(grid, width)[0] - _GAP
    for weeks in range(len(grid.weeks), 0, -1):
        cut = replace(grid, weeks=grid.weeks[-weeks:], provisional=min(grid.provisional, weeks))
        if weeks <= _LEAST_WEEKS or room / weeks >= widest(list(map(words.number, cut.known().values()))) + 4:
            return cut
    return grid


def _names(grid: _Grid, width: Width) -> tuple[float, list[str]]:
    names = [grid.names[district] for district in grid.districts]
    return name_column(names, most=0.34 * house.WIDTHS[width])


def _sheet(grid: _Grid, words: Words, width: Width) -> Sheet:
    left, names = _names(grid, width)
    left += _GAP
    weeks = grid.weeks
    step = (house.WIDTHS[width] - left - 1) / len(weeks)
    sheet = Sheet(house.WIDTHS[width], _HEAD + ROW * len(names) + 2)
    most = max(grid.known().values(), default=0)
    cells = []
    for row, district in enumerate(grid.districts):
        for column, week in enumerate(weeks):
            top, start = _HEAD + row * ROW, left + column * step
            box = (start + 0.5, top + 0.5, start + step - 0.5, top + ROW - 0.5)
            shown, count = grid.shown((district, week), words), grid.counts.get((district, week))
            blank = count is None or shown in {*_SILENT.values(), _WITHHELD}
            fill = house.WHITE if blank else house.shades([count or 0], most)[0]
            cells.append((box, shown, fill, (district, week)))
    for box, _, fill, _ in cells:
        sheet.rect(box, fill=fill)
    silent, outside = set(grid.there("no_report")), set(grid.there("no_coverage"))
    for box, _, _, at in cells:
        if at in silent | outside:
            sheet.hatch(box, crossed=at in outside, free=14.0)
    for box, shown, fill, _ in cells:
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        sheet.text(shown, *middle, anchor="center", colour=house.text_on(fill))
    for row, name in enumerate(names):
        sheet.text(name, 0, _HEAD + (row + 0.5) * ROW)
    for column, name in enumerate(spaced([week_name(week, words) for week in weeks], step)):
        sheet.text(name, left + (column + 0.5) * step, _HEAD - 9, anchor="center", colour=house.GREY)
    if grid.provisional:
        _mark(sheet, left + (len(weeks) - grid.provisional) * step, words)
    return sheet


def _mark(sheet: Sheet, start: float, words: Words) -> None:
    """Frame the weeks that are still being reported, and say so above them."""
    end, bottom = sheet.width - 0.5, sheet.height - 1.5
    sheet.text(words.say("still being reported"), end, 7, anchor="right", colour=house.GREY)
    for x, y, x2, y2 in ((start, 16, end, 16), (start, bottom, end, bottom)):
        sheet.line(x, y, x2, y2, thick=0.8)
    for x in (start, end):
        sheet.line(x, 16, x, bottom, thick=0.8)


def _alt(grid: _Grid, words: Words) -> str:
    name, first, last = grid.names, grid.weeks[0].date(), grid.weeks[-1].date()
    sentences = [
        words.count(
            "Table of {n} district, from {first} to {last}.",
            "Table of {n} districts, from {first} to {last}.",
            len(grid.districts), first=words.day(first), last=words.day(last),
        )
    ]  # fmt: skip
    most = [
        words.say("{district} ({number})", district=name[one], number=n)
        for one, n in list(grid.sums().items())[:3]
        if n > 0
    ]
    if most:
        places = words.listed(most)
        sentences.append(words.say("Most incidents over these weeks: {districts}.", districts=places))
        (district, week), n = max(grid.known().items(), key=lambda one: one[1])
        sentences.append(
            words.say(
                "The highest count in a week is {n}, in {district} in the week of {day}.",
                n=n, district=name[district], day=words.day(week.date()),
            )
        )  # fmt: skip
    elif grid.known():
        sentences.append(words.say("No incident is reported in any of them."))
    else:
        sentences.append(words.say("No count of them is known."))
    silent = [name[one] for one, week in grid.there("no_report") if week == grid.weeks[-1]]
    if silent:
        sentences.append(
            words.say("No report of the last week from {districts}.", districts=words.listed(silent))
        )
    outside = [name[one] for one, week in grid.there("no_coverage") if week == grid.weeks[-1]]
    if outside:
        sentences.append(words.say("No source covers {districts}.", districts=words.listed(outside)))
    return " ".join(sentences)


def _note(grid: _Grid, drawn: _Grid, words: Words, closing: str) -> str:
    sentences = [words.say("Incidents a week; the darker, the more.")]
    if drawn.provisional:
        sentences.append(words.say("Framed: still being reported."))
    silent, outside = drawn.there("no_report"), drawn.there("no_coverage")
    if silent:
        sentences.append(words.say("Hatched, –: no report received, which is not zero."))
    if outside:
        sentences.append(words.say("Cross-hatched, ?: no source covers it."))
    everywhere = {(one, week) for one in drawn.districts for week in drawn.weeks}
    shown = {drawn.shown(at, words) for at in everywhere.difference(silent, outside)}
    if "–" in shown:
        sentences.append(words.say("–: not known, which is not zero."))
    if _WITHHELD in shown:
        sentences.append(words.say("*: a count too small to be shown to this reader."))
    left_out = len(grid.districts) - len(drawn.districts)
    if left_out:
        sentences.append(
            words.count("{n} district with fewer incidents is in the table.",
                        "{n} districts with fewer incidents are in the table.", left_out)
        )  # fmt: skip
    return " ".join([*sentences, *([closing] if closing else [])])


def _table(grid: _Grid, words: Words) -> Table:
    return Table(
        title=words.say("Incidents by district and week"),
        columns=(
            TableColumn(words.say("District"), share=2.0),
            *(TableColumn(week_name(week, words), align="right") for week in grid.weeks),
        ),
        rows=tuple(
            (Cell(grid.names[one]), *(Cell(grid.shown((one, week), words)) for week in grid.weeks))
            for one in grid.districts
        ),
    )
