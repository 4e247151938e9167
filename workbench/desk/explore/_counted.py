"""Counts of a selection as a briefing would count: each incident once, unknown weeks left unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import pandas as pd

from workbench import analysis
from workbench.config import Week
from workbench.desk.explore._rows import Rows
from workbench.desk.explore._selection import Selection
from workbench.view import WEEKS_OF_HISTORY, View

State = Literal["", "unsettled", "none_known", "no_data"]

_SILENT = ("no_report", "none_known", "no_coverage")
_ONLY_THESE = {"weeks", "district"}


@dataclass(frozen=True)
class WeekTold:
    """
    One week of a selection: `incidents`, None where nobody knows, and `state`.

    "" is settled; unsettled: reports of it keep coming in; none_known: none, and nobody can tell silence
    from calm; no_data: the counted data do not reach it.
    """

    first_day: date
    incidents: int | None
    state: State


@dataclass(frozen=True)
class Tally:
    """
    What a selection counts. `sources` are those counted.

    `incidents`: of the whole selection. `weeks`: under all conditions but that on weeks, oldest first; empty
    for readers who are not given days. `districts`: under all but that on districts, by p-code; empty for
    readers who are not given districts. `silent`: for districts without any, what is known where that is
    less than none: no_coverage always, no_report and none_known where the selection is one of the last two
    weeks and nothing else. `without_week`, `without_district`: incidents of the selection that are in none.
    """

    sources: tuple[str, ...]
    incidents: int
    weeks: tuple[WeekTold, ...]
    districts: Mapping[str, int]
    silent: Mapping[str, str]
    without_week: int
    without_district: int


class Counting:
    """
    How the selections of one view are counted: from its counted sources, or those that are filtered by.

    By the rules of the briefings (`analysis.merged`, `analysis.of_weeks`, `analysis.states`): rows of one
    incident are one, discarded ones and developments without violence are none, and an incident that is
    known to a month only is in no week.
    """

    def __init__(self, view: View, rows: Rows) -> None:
        self._view, self._rows = view, rows

    def tally(self, selection: Selection) -> Tally:
        """Return what a selection counts; raises ParameterError as `Rows.mask` does."""
        sources = tuple(selection.values.get("source", ())) or self._view.area.counts_from
        if not {"event_type", "source"} <= set(self._rows.frame.columns) or not self._rows.has_weeks:
            return Tally(sources, 0, (), {}, {}, 0, 0)
        inside = self._incidents(selection, (), sources)
        dated = self._dated(inside)
        without_district = inside["district"].isna().sum() if "district" in inside else 0
        return Tally(
            sources=sources,
            incidents=len(inside),
            weeks=self._weeks(selection, sources),
            districts=self._districts(selection, sources),
            silent=self._silent(selection),
            without_week=len(inside) - len(dated),
            without_district=int(without_district),
        )

    def _incidents(self, selection: Selection, but: Sequence[str], sources: Sequence[str]) -> pd.DataFrame:
        """Return the incidents that count, each once."""
        frame = self._rows.frame
        chosen = self._rows.mask(selection, but=but) & frame["source"].isin(list(sources)).to_numpy()
        return _once(frame[chosen][[one for one in frame if one in _TAKEN]], sources)

    def _dated(self, incidents: pd.DataFrame) -> pd.DataFrame:
        first = self._view.week.back(WEEKS_OF_HISTORY - 1).first_day
        return analysis.of_weeks(incidents, first_day=first, weeks=WEEKS_OF_HISTORY)

    def _weeks(self, selection: Selection, sources: Sequence[str]) -> tuple[WeekTold, ...]:
        counts = self._dated(self._incidents(selection, ("weeks",), sources))["week"].value_counts()
        since, until = self._span(sources)
        view, told = self._view, []
        unsettled = analysis.unsettled(view.week, on=view.known_on)
        for back in reversed(range(WEEKS_OF_HISTORY)):
            week = view.week.back(back)
            n = int(counts.get(pd.Timestamp(week.first_day), 0))
            if since is None or until is None or not since <= week.first_day <= until:
                told.append(WeekTold(week.first_day, None, "no_data"))
            elif n == 0 and self._nobody_can_say(week, selection):
                told.append(WeekTold(week.first_day, None, "none_known"))
            else:
                told.append(WeekTold(week.first_day, n, "unsettled" if back < unsettled else ""))
        return tuple(told)

    def _districts(self, selection: Selection, sources: Sequence[str]) -> dict[str, int]:
        if "district" not in self._rows.frame:
            return {}
        counts = self._incidents(selection, ("district",), sources)["district"].value_counts()
        return {code: int(counts.get(code, 0)) for code in self._view.area.districts}

    def _silent(self, selection: Selection) -> dict[str, str]:
        silent = dict.fromkeys(self._view.area.not_covered, "no_coverage")
        alone = selection.weeks[0] if len(selection.weeks) == 1 else None
        if alone not in self._states or not set(_conditions(selection)) <= _ONLY_THESE:
            return silent
        for code, state in zip(*(self._states[alone][name] for name in ("district", "state")), strict=True):
            if state in _SILENT:
                silent[str(code)] = str(state)
        return silent

    def _nobody_can_say(self, week: Week, selection: Selection) -> bool:
        states = self._states.get(week.first_day)
        if states is None:
            return False
        chosen = selection.values.get("district", ())
        if chosen:
            states = states[states["district"].isin(chosen)]
        return bool(states["state"].isin(_SILENT).any())

    @cached_property
    def _states(self) -> dict[date | None, pd.DataFrame]:
        """What is known of each district in the view's week and the one before, as its briefing tells it."""
        view, area = self._view, self._view.area
        if "district" not in self._rows.frame:
            return {}
        weeks = (view.week, view.week.back(1))
        counted = _once(view.counted, area.counts_from)
        weekly = analysis.weekly(counted, districts=area.districts, first_day=weeks[1].first_day, weeks=2)
        log = view.known("liaison_entry")
        since, until = self._span(area.counts_from)
        found: dict[date | None, pd.DataFrame] = {}
        for week in weeks:
            contact = analysis.last_contact(
                log, districts=area.districts, on=min(week.last_day, view.on),
                interval_days=area.contact_interval_days, first_day=week.first_day,
            )  # fmt: skip
            reached = analysis.reached(
                since=since, until=until, first_day=week.first_day, last_day=week.last_day
            )
            now = weekly[weekly["week"].eq(pd.Timestamp(week.first_day))]
            found[week.first_day] = analysis.states(now, contact, covered=area.covered, reached=reached)
        return found

    def _span(self, sources: Sequence[str]) -> tuple[date, date] | tuple[None, None]:
        """Return the first and last day that the data of `sources` cover, as far as these readers know."""
        frame = self._rows.frame
        own = frame[frame["source"].isin(list(sources))]
        since = analysis.reach(own)
        if since is None:
            return None, None
        told = self._view.sources
        last = told.loc[told["source"].isin(list(sources)), "last_dated"].max()
        last = own["occurred_on"].max() if pd.isna(last) else last
        return since, last.date()


_TAKEN = frozenset(
    {
        "source", "record_id", "occurred_on", "occurred_to", "date_precision", "event_type", "verification",
        "dup_group", "district", "admin1", "district_name", "listable",
    }
)  # fmt: skip
"""The columns that a count by week and district is made from."""


def _once(rows: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Return the incidents that count, rows of one made one as `analysis.merged` does."""
    if "dup_group" in rows and rows["dup_group"].notna().any():
        # who stands alone stays as it is: merging looks at the few that do not
        grouped = rows["dup_group"].notna()
        heads = analysis.merged(rows[grouped], order=order)
        rows = pd.concat([rows[~grouped], heads[list(rows.columns)]], ignore_index=True)
    return analysis.countable(rows)


def _conditions(selection: Selection) -> list[str]:
    named = list(selection.values)
    named += ["days"] if selection.days != (None, None) else []
    named += ["weeks"] if selection.weeks else []
    named += ["text"] if selection.text.strip() else []
    return named + (["rows"] if selection.rows else [])
