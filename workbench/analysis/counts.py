"""Counts of incidents per district and week.

What counts: every incident except those verification discarded and developments without violence.
Which week: the one its first day lies in, if the source knows the day well enough to say so.
An incident that is only known to a month, or that lasted longer than a week, belongs to no single
week; counting it in one would make a spike that never happened, so it is shown apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp, true
from workbench.config import Week
from workbench.errors import ParameterError

MEASURES: tuple[str, ...] = (
    "incidents",
    "killed_best",
    "killed_low",
    "killed_high",
    "civilians_killed",
    "aid_affected",
    "attacks_on_civilians",
)
"""The columns every count has, Int64. <NA> means this reader may not know, never zero."""

TOTAL = "total"
"""Stands in the column `district` of a row that counts all of them."""

UNMATCHED = ""
"""Stands in the column `district` of a row that counts incidents matched to no district."""

_DATED = ("day", "days", "week")
_LONGEST = pd.Timedelta(days=6)
_NEEDED = ("occurred_on", "date_precision", "event_type")
_KEY = ("district", "week")


def countable(incidents: pd.DataFrame) -> pd.DataFrame:
    """
    Return the incidents that count: neither discarded by verification nor without violence.

    Takes `event_type` and, where the reader has it, `verification`. A missing verification counts.
    """
    return incidents[_counts(incidents)]


def harm(incidents: pd.DataFrame) -> pd.DataFrame:
    """
    Return the measures of each incident, one row each, same index, columns MEASURES.

    Takes `event_type` and, where the reader has them, `killed_best`, `killed_low`, `killed_high`,
    `civilians_killed`, `aid_affected`, `civilian_targeting`. Low is never above best nor high below
    it, though publishers have rows where they are: the wider bound is taken. A missing bound is the
    best estimate; a missing best estimate is the low one, else the civilians known to be among the
    dead, else nobody. Civilians are part of the best estimate and never exceed it. An attack on
    civilians is an incident of that type or one that targeted civilians. A column the reader does
    not have gives <NA>.
    """
    best = read(incidents, "killed_best", "Int64")
    low, high = read(incidents, "killed_low", "Int64"), read(incidents, "killed_high", "Int64")
    civilians = read(incidents, "civilians_killed", "Int64")
    if "killed_best" in incidents.columns:
        best = best.fillna(low).fillna(civilians).fillna(0)
        low, high = low.fillna(best), high.fillna(best)
        low, high = low.where(low <= best, best), high.where(high >= best, best)
    else:
        low = high = best
    if "civilians_killed" in incidents.columns:
        civilians = civilians.fillna(0)
        if "killed_best" in incidents.columns:
            civilians = civilians.where(civilians <= best, best)
    aid = true(incidents, "aid_affected").astype("Int64")
    if "aid_affected" not in incidents.columns:
        aid = read(incidents, "aid_affected", "Int64")
    attacks = read(incidents, "event_type", "str").eq("attack_on_civilians")
    attacks |= true(incidents, "civilian_targeting")
    return pd.DataFrame(
        {
            "incidents": pd.Series(1, index=incidents.index, dtype="Int64"),
            "killed_best": best,
            "killed_low": low,
            "killed_high": high,
            "civilians_killed": civilians,
            "aid_affected": aid,
            "attacks_on_civilians": attacks.astype("Int64"),
        }
    )


def of_weeks(incidents: pd.DataFrame, *, first_day: date, weeks: int = 1) -> pd.DataFrame:
    """
    Return the countable incidents that belong to one of `weeks` weeks from `first_day` on.

    Adds `week`, the first day of the week it belongs to. Takes `occurred_on`, `date_precision`,
    `event_type` and, where the reader has them, `occurred_to`, `verification`. An incident of
    several days belongs to the week of its first day. Raises ParameterError if `weeks` is below 1.
    """
    check_weeks(first_day, weeks)
    counted = _counts(incidents) & _has_a_week(incidents)
    week = (read(incidents, "occurred_on", DAY) - stamp(first_day)).dt.days // 7
    counted &= week.between(0, weeks - 1)
    start = stamp(first_day) + pd.to_timedelta(week[counted].astype("int64") * 7, unit="D")
    return incidents[counted].assign(week=start.astype(DAY))


def weekly(incidents: pd.DataFrame, *, districts: Iterable[str], first_day: date, weeks: int) -> pd.DataFrame:
    """
    Count incidents and their harm per district and week.

    Takes `occurred_on`, `date_precision`, `event_type` and, where the reader has them, `district`,
    `occurred_to`, `verification` and the columns named in `harm`. Weeks run seven days from
    `first_day`. Returns `district`, `week` (its first day) and MEASURES, in the order of
    `districts`, then of weeks; every district and week is present, and a week without incidents
    is 0. Without the column `district` all measures are <NA>: nobody can say where. Incidents in
    other districts, or in none, are left out. Raises ParameterError if `weeks` is below 1.
    """
    wanted = tuple(dict.fromkeys(districts))
    rows = of_weeks(_measured(incidents), first_day=first_day, weeks=weeks)
    place = read(rows, "district", "str")
    inside = place.isin(wanted)
    counted = _sum(rows[inside].assign(district=place[inside]), wanted, first_day, weeks, incidents)
    if "district" not in incidents.columns and len(incidents):
        counted[list(MEASURES)] = pd.NA
        counted = counted.astype(dict.fromkeys(MEASURES, "Int64"))
    return counted


def weekly_total(
    incidents: pd.DataFrame, *, districts: Iterable[str], first_day: date, weeks: int
) -> pd.DataFrame:
    """
    Count incidents and their harm per week over all `districts`.

    Takes and returns what `weekly` does, one row a week, `district` being TOTAL. For a reader who
    may not see `district`, whose frame holds the area's rows only, all of them are counted.
    """
    rows = of_weeks(_measured(incidents), first_day=first_day, weeks=weeks)
    if "district" in incidents.columns:
        rows = rows[read(rows, "district", "str").isin(tuple(districts))]
    return _sum(rows.assign(district=TOTAL), (TOTAL,), first_day, weeks, incidents)


def unmatched(incidents: pd.DataFrame, *, first_day: date, weeks: int) -> pd.DataFrame:
    """
    Count the incidents that no district could be found for, per week.

    Takes and returns what `weekly` does, one row a week, `district` being UNMATCHED. These stand
    beside the districts' counts and are part of none of them.
    """
    rows = _placeless(of_weeks(_measured(incidents), first_day=first_day, weeks=weeks))
    return _sum(rows.assign(district=UNMATCHED), (UNMATCHED,), first_day, weeks, incidents)


def unmatched_of_week(incidents: pd.DataFrame, *, first_day: date, weeks: int = 1) -> pd.DataFrame:
    """Return the incidents of these weeks that no district could be found for; takes what `of_weeks` does."""
    return _placeless(of_weeks(incidents, first_day=first_day, weeks=weeks))


def contradictory(incidents: pd.DataFrame) -> int:
    """
    Return how many of the incidents have a death toll whose low is above or high below the best.

    Takes `killed_best`, `killed_low`, `killed_high`; 0 for a reader who has them not.
    """
    best = read(incidents, "killed_best", "Int64")
    wrong = read(incidents, "killed_low", "Int64").gt(best) | read(incidents, "killed_high", "Int64").lt(best)
    return int(wrong.fillna(value=False).sum())


def within(rows: pd.DataFrame, week: Week) -> pd.DataFrame:
    """Return the rows whose `occurred_on` lies in the week, whatever they record."""
    need(rows, "occurred_on", what="dated")
    return rows[read(rows, "occurred_on", DAY).between(stamp(week.first_day), stamp(week.last_day))]


def undated_to_a_week(incidents: pd.DataFrame, *, first_day: date, last_day: date) -> pd.DataFrame:
    """
    Return the countable incidents that may have happened in these days but belong to no single week.

    Takes what `of_weeks` does. Adds `span_first` and `span_last`, the days it may have happened on:
    the source's own span, or the calendar month of its date where the source knows only the month
    and gives one day for it. Sorted by `span_first`, `span_last`, then the order given.
    """
    rows = countable(incidents)
    rows = rows[~_has_a_week(rows)]
    first = read(rows, "occurred_on", DAY)
    last = read(rows, "occurred_to", DAY).fillna(first)
    one_day = (last <= first) & read(rows, "date_precision", "str").eq("month")
    start = first.where(~one_day, first - pd.to_timedelta(first.dt.day - 1, unit="D"))
    end = last.where(~one_day, start + pd.to_timedelta(first.dt.days_in_month - 1, unit="D"))
    rows = rows.assign(span_first=start.astype(DAY), span_last=end.astype(DAY))
    rows = rows[(rows["span_first"] <= stamp(last_day)) & (rows["span_last"] >= stamp(first_day))]
    return rows.sort_values(["span_first", "span_last"], kind="stable")


def covered(weekly_counts: pd.DataFrame, *, since: date | None) -> pd.DataFrame:
    """
    Return counts whose weeks that begin before `since`, the first day the data cover, are <NA>.

    A time before the data is not a time of peace. Without a day there are no data, and all is <NA>.
    """
    return _told_only(weekly_counts, weekly_counts["week"].ge(stamp(since)) if since else None)


def total(weekly_counts: pd.DataFrame) -> pd.DataFrame:
    """
    Add up the districts of a frame made by `weekly`: one row a week, `district` being TOTAL.

    A measure that is <NA> for one district is <NA> in the sum.
    """
    known = weekly_counts[list(MEASURES)].notna().groupby(weekly_counts["week"]).all()
    summed = weekly_counts.groupby("week", sort=True)[list(MEASURES)].sum().where(known)
    summed = summed.reset_index().astype(dict.fromkeys(MEASURES, "Int64"))
    summed.insert(0, "district", pd.Series(TOTAL, index=summed.index, dtype="str"))
    return summed


def delivered(weekly_counts: pd.DataFrame, *, until: date | None) -> pd.DataFrame:
    """
    Return counts whose weeks that begin after `until`, the last day the data cover, are <NA>.

    A time after the data is not a time of peace either. Without a day there are no data, and all is <NA>.
    """
    return _told_only(weekly_counts, weekly_counts["week"].le(stamp(until)) if until else None)


def unrecorded(incidents: pd.DataFrame, column: str) -> bool:
    """
    Return whether `column` is absent, or missing in every row there is: then nobody recorded it.

    Without any row it counts as recorded: of no incidents, none affected aid.
    """
    if column not in incidents.columns:
        return True
    return bool(len(incidents) and incidents[column].isna().all())


def _told_only(weekly_counts: pd.DataFrame, told: pd.Series | None) -> pd.DataFrame:
    known = pd.Series(data=False, index=weekly_counts.index) if told is None else told
    masked = {name: weekly_counts[name].where(known, pd.NA) for name in MEASURES}
    return weekly_counts.assign(**masked)


def _counts(incidents: pd.DataFrame) -> pd.Series:
    """Return where an incident counts (`countable`)."""
    need(incidents, *_NEEDED, what="incident")
    out = read(incidents, "event_type", "str").eq("non_violent_development")
    out |= read(incidents, "verification", "str").eq("discarded")
    return ~out


def _measured(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that counting takes: choosing rows of all the others would cost more than it."""
    return incidents[[name for name in incidents.columns if name in _TAKEN]]


def _placeless(rows: pd.DataFrame) -> pd.DataFrame:
    # without the column nobody can say which rows those are
    return rows[read(rows, "district", "str").isna() & ("district" in rows.columns)]


def _has_a_week(rows: pd.DataFrame) -> pd.Series:
    first = read(rows, "occurred_on", DAY)
    span = read(rows, "occurred_to", DAY).fillna(first) - first
    return read(rows, "date_precision", "str").isin(_DATED) & (span <= _LONGEST) & first.notna()


def _sum(
    rows: pd.DataFrame, districts: tuple[str, ...], first_day: date, weeks: int, given: pd.DataFrame
) -> pd.DataFrame:
    starts = pd.date_range(stamp(first_day), periods=weeks, freq="7D").astype(DAY)
    places = pd.Index(districts, dtype="str")
    # every row has its place in the table: its district's first, and then so many weeks
    row, column = places.get_indexer(pd.Index(rows["district"])), starts.get_indexer(pd.Index(rows["week"]))
    inside = (row >= 0) & (column >= 0)
    at = (row * weeks + column)[inside]
    every = len(places) * weeks
    unknown = {
        name
        for name, column in _MADE_FROM.items()
        if column not in given.columns or (name in _OFTEN_UNRECORDED and unrecorded(given, column))
    }
    summed: dict[str, Any] = {"district": places.repeat(weeks), "week": np.tile(starts, len(places))}
    for name, measure in harm(rows).items():
        sums = np.zeros(every, dtype="int64")
        np.add.at(sums, at, measure.to_numpy(dtype="int64", na_value=0)[inside])
        summed[str(name)] = pd.arrays.IntegerArray(sums, np.full(every, name in unknown))
    return pd.DataFrame(summed)


_OFTEN_UNRECORDED = ("civilians_killed", "aid_affected")
"""Measures that some publishers do not record at all: without any value there, none is not zero."""

_MADE_FROM = {
    "killed_best": "killed_best",
    "killed_low": "killed_best",
    "killed_high": "killed_best",
    "civilians_killed": "civilians_killed",
    "aid_affected": "aid_affected",
}

_TAKEN = frozenset(
    {*_NEEDED, "occurred_to", "verification", "district", "killed_low", "killed_high", "civilian_targeting"}
) | frozenset(_MADE_FROM.values())
"""The columns that counts are made from."""


def check_weeks(first_day: date, weeks: int) -> None:
    """Raise ParameterError unless there is a week to count."""
    if weeks < 1:
        raise ParameterError(f"{weeks} weeks from {first_day} cannot be counted. Ask for 1 or more.")
