"""Revisions: what publishers changed about past weeks since the last issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from workbench.analysis._columns import DAY, read, stamp
from workbench.analysis.counts import check_weeks, countable, weekly_total
from workbench.analysis.numbers import year_start
from workbench.analysis.tally import tally

_KEY = ["source", "record_id"]

ASPECTS: dict[str, tuple[str, ...]] = {
    "date": ("occurred_on", "occurred_to", "date_precision"),
    "district": ("district",),
    "deaths": ("killed_best", "killed_low", "killed_high", "civilians_killed"),
    "type": ("event_type",),
}
"""What can change about an incident, and the columns that say so. Other columns are no revision."""


@dataclass(frozen=True)
class Change:
    """
    A count as known then and as known now, of `weeks` whole weeks from `since` on.

    None where this reader may not know. Civilians are part of the killed.
    """

    since: date
    weeks: int
    incidents_then: int | None
    incidents_now: int | None
    killed_then: int | None
    killed_now: int | None
    civilians_then: int | None
    civilians_now: int | None

    @property
    def differs(self) -> bool:
        """Return whether any of the counts has changed."""
        then = (self.incidents_then, self.killed_then, self.civilians_then)
        return then != (self.incidents_now, self.killed_now, self.civilians_now)


@dataclass(frozen=True)
class Revisions:
    """
    What changed about the weeks before this one.

    `rows`: one row for each incident, `source`, `record_id`, `kind` (added, changed, withdrawn),
    `aspects` (codes of ASPECTS joined by ";", "" unless changed), and `occurred_on`, `district`,
    `killed_best` each with `_then` and `_now`. `weeks`: `week`, `incidents_then`, `incidents_now`,
    `killed_then`, `killed_now` of each week whose totals differ, oldest first. `last_week`: the week
    before the one reported on. `running`: from the first week of the year, or of the data, up to and
    with last week; None where that is no week at all.
    """

    rows: pd.DataFrame
    weeks: pd.DataFrame
    last_week: Change | None = None
    running: Change | None = None

    def count(self, kind: str) -> int:
        """Return how many incidents were `added`, `changed` or `withdrawn`."""
        return int(self.rows["kind"].eq(kind).sum())


def revisions(  # noqa: PLR0913 - two states, and the weeks and places to compare them for
    now: pd.DataFrame,
    before: pd.DataFrame,
    *,
    first_day: date,
    districts: Iterable[str],
    weeks: int = 52,
    running_from: date | None = None,
    covered_from: date | None = None,
) -> Revisions:
    """
    Compare two states of the incident table, as known now and at the last issue.

    `first_day` is that of the week reported on; the `weeks` weeks before it are compared, and what
    is first heard of the current week is news, not a revision. An incident moved into or out of the
    past is one. Takes `source`, `record_id`, the columns of ASPECTS and `verification`, where the
    reader has them; without the first two `rows` is empty and `weeks` still complete. An incident
    discarded since is withdrawn, one re-instated is added: a page counts neither twice.

    The running total begins with the first week that starts on `running_from` or later (left out: the
    first week of the year of `first_day`, as weeks are numbered) and on `covered_from`, the first day
    the data cover, or later. Then and now count the same weeks.
    """
    check_weeks(first_day, weeks)
    wanted = tuple(dict.fromkeys(districts))
    past, then = _inside(now, wanted), _inside(before, wanted)
    start = first_day - timedelta(weeks=weeks)
    rows = _rows(past, then, start=start, first_day=first_day)
    running = _whole_weeks(max(running_from or year_start(first_day), covered_from or date.min), first_day)
    sides = _sides(past, then, wanted, first_day=first_day, weeks=max(weeks, running))
    compared = _side_by_side(*(side.tail(weeks) for side in sides))
    same = compared["incidents_then"].eq(compared["incidents_now"]).fillna(value=True)
    same &= compared["killed_then"].eq(compared["killed_now"]).fillna(value=True)
    return Revisions(
        rows,
        compared[~same.astype(bool)].reset_index(drop=True),
        _change(*sides, first_day=first_day, weeks=1),
        _change(*sides, first_day=first_day, weeks=running),
    )


def then_and_now(
    now: pd.DataFrame, before: pd.DataFrame, *, first_day: date, districts: Iterable[str], weeks: int
) -> pd.DataFrame:
    """
    Return the totals of each of the `weeks` weeks before `first_day` as known then and now.

    Takes what `revisions` does. Returns `week`, `incidents_then`, `incidents_now`, `killed_then`,
    `killed_now` (Int64), oldest first, also weeks that did not change; <NA> where this reader may not
    know. A state with columns and no row is one in which nothing was known: its counts are 0.
    """
    wanted = tuple(dict.fromkeys(districts))
    past, then = _inside(now, wanted), _inside(before, wanted)
    return _side_by_side(*_sides(past, then, wanted, first_day=first_day, weeks=weeks))


def _sides(
    now: pd.DataFrame, before: pd.DataFrame, districts: tuple[str, ...], *, first_day: date, weeks: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the totals of each of the `weeks` weeks before `first_day`, as known now and then."""
    start = first_day - timedelta(weeks=weeks)
    today, then = (
        weekly_total(frame, districts=districts, first_day=start, weeks=weeks) for frame in (now, before)
    )
    return today, then


def _side_by_side(today: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "week": today["week"],
            "incidents_then": then["incidents"],
            "incidents_now": today["incidents"],
            "killed_then": then["killed_best"],
            "killed_now": today["killed_best"],
        }
    ).reset_index(drop=True)


def _change(today: pd.DataFrame, then: pd.DataFrame, *, first_day: date, weeks: int) -> Change | None:
    """Add up the last `weeks` weeks of the totals of both sides; None of no week."""
    if weeks < 1:
        return None
    since = first_day - timedelta(weeks=weeks)
    sums: dict[str, int | None] = {}
    for side, totals in (("then", then), ("now", today)):
        counted = tally(totals.tail(weeks))
        for name, measure in _TOLD.items():
            sums[f"{name}_{side}"] = counted[measure].value
    return Change(since, weeks, **sums)


_TOLD = {"incidents": "incidents", "killed": "killed_best", "civilians": "civilians_killed"}


def _whole_weeks(since: date, first_day: date) -> int:
    """Return how many weeks that begin on `since` or later lie before `first_day`."""
    return max(0, (first_day - since).days // 7)


def _inside(frame: pd.DataFrame, districts: tuple[str, ...]) -> pd.DataFrame:
    rows = countable(frame)
    if "district" not in rows.columns:
        return rows
    place = read(rows, "district", "str")
    return rows[place.isin(districts) | place.isna()]


def _rows(now: pd.DataFrame, before: pd.DataFrame, *, start: date, first_day: date) -> pd.DataFrame:
    columns = {
        "occurred_on": DAY, "occurred_to": DAY, "date_precision": "str", "district": "str",
        "killed_best": "Int64", "killed_low": "Int64", "killed_high": "Int64",
        "civilians_killed": "Int64", "event_type": "str",
    }  # fmt: skip
    if not {*_KEY} <= {*now.columns} | ({*before.columns} if now.empty else set()):
        now, before = now.iloc[:0], before.iloc[:0]
    sides = []
    for frame in (before, now):
        side = pd.DataFrame({name: read(frame, name, "str") for name in _KEY})
        sides.append(side.assign(**{name: read(frame, name, kind) for name, kind in columns.items()}))
    both = sides[0].merge(sides[1], on=_KEY, how="outer", suffixes=("_then", "_now"), indicator="_in")
    then, last = both["occurred_on_then"], stamp(first_day) - pd.Timedelta(days=1)
    both = both[then.between(stamp(start), last) | both["occurred_on_now"].between(stamp(start), last)]
    aspects = pd.Series("", index=both.index, dtype="str")
    for aspect, names in ASPECTS.items():
        pairs = [_differs(both[f"{name}_then"], both[f"{name}_now"]) for name in names]
        differs = pd.concat(pairs, axis=1).any(axis=1)
        aspects = aspects.where(~differs, aspects + ";" + aspect)
    in_both = both["_in"].eq("both")
    kind = both["_in"].astype("str").map({"left_only": "withdrawn", "right_only": "added", "both": "changed"})
    both = both.assign(kind=kind.astype("str"), aspects=aspects.str.strip(";").where(in_both, ""))
    both = both[~in_both | both["aspects"].ne("")]
    shown = [
        f"{name}_{side}" for name in ("occurred_on", "district", "killed_best") for side in ("then", "now")
    ]
    return both[[*_KEY, "kind", "aspects", *shown]].sort_values(_KEY, ignore_index=True)


def _differs(then: pd.Series, now: pd.Series) -> pd.Series:
    either, neither = then.isna() ^ now.isna(), then.isna() & now.isna()
    return (either | (then.ne(now).fillna(value=False).astype(bool) & ~neither)).astype(bool)
