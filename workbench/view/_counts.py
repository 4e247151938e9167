"""Tables of counts for readers who are given no rows: tabulated, small ones withheld, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench.audience import COUNT_COLUMNS, suppress
from workbench.config import Area, Week
from workbench.errors import StoreError
from workbench.records import record_type

WEEKS_TOLD = 26
"""How many weeks back the totals of weeks reach."""

WEEKS_SPLIT = 4
"""How many of the last weeks are told by event type and by district."""

COUNT_TYPES: dict[str, Any] = {
    "table": "str", "week": "datetime64[s]", "event_type": "str", "district": "str",
    "incidents": "Int64", "killed": "Int64", "state": "str",
}  # fmt: skip
"""The columns of the table `count` and their types; `state` is shown, withheld or unknown."""

_NEEDED = frozenset({"occurred_on", "date_precision", "event_type"})
_DATED = ("day", "days", "week")
_LONGEST = pd.Timedelta(days=6)
_NO_VIOLENCE = "non_violent_development"


def counts(  # noqa: PLR0913  (the rows, the place, the time, the rule, and what was said before)
    incidents: pd.DataFrame,
    *,
    area: Area,
    counts_from: Sequence[str],
    week: Week,
    until: date | None,
    threshold: int,
    published: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """
    Return the table `count` of a view, small counts withheld (`audience.suppress`); columns COUNT_TYPES.

    `incidents` are the rows these readers may read, with the columns they may read, `record_id` and the
    neutral `dup_group`. Counted are those of the sources `counts_from`, in that order of trust: each incident
    once, in the week its first day lies in, by the rules of `analysis.merged` and `analysis.counts` (a room
    above this one; a test holds the two together). `until` is the day of the last delivery of those sources:
    weeks that begin after it, and weeks before the first record, are unknown, as are districts that no source
    reports on. `published` are tables of counts given out before (`suppress`).

    Tables: "week" (totals of the last WEEKS_TOLD weeks, with `killed`), "week_type" and, if the rows
    have a district, "week_district" (the last WEEKS_SPLIT weeks). A total counts the area's districts. Of
    an older week, what is withheld is chosen as if its parts were told too where they bear on its total, so
    that the issues of two weeks made of the same rows withhold the same totals.
    """
    first = week.back(WEEKS_TOLD - 1).first_day
    known = incidents[incidents["source"].isin(list(counts_from))]
    usable = set(known.columns) >= _NEEDED
    since = known["occurred_on"].min() if usable and len(known) else None
    by_district = "district" in incidents.columns
    rows = _of_weeks(_merged(known, counts_from), first) if usable else known.iloc[:0]
    if by_district and len(rows):
        rows = rows[rows["district"].isin(area.districts)]
    cells = []
    for back in reversed(range(WEEKS_TOLD)):
        day = week.back(back).first_day
        told = since is not None and until is not None and since <= pd.Timestamp(day) and day <= until
        of_week = rows[rows["week"].eq(pd.Timestamp(day))] if len(rows) else rows
        split = back < WEEKS_SPLIT or _bears_on_total(len(of_week), threshold, area)
        cells += _of_week(of_week, day, area, told=told, split=split, by_district=by_district)
    frame = pd.DataFrame(cells, columns=["table", "week", "event_type", "district", "incidents", "killed",
                                         "deadly", "told"])  # fmt: skip
    frame = frame.astype({name: kind for name, kind in COUNT_TYPES.items() if name != "state"})
    frame["deadly"] = frame["deadly"].astype("Int64")
    mine = [_of_these(one, frame) for one in published]
    made = suppress(frame, threshold, known=mine).astype(COUNT_TYPES)
    recent = made["week"] > pd.Timestamp(week.back(WEEKS_SPLIT).first_day)
    return made[made["table"].eq("week") | recent].reset_index(drop=True)


def counts_csv(table: pd.DataFrame) -> bytes:
    """
    Return a table of counts as CSV (UTF-8): a header, then one line a cell, what is not shown in words.

    `read_counts_csv` gives the table back, and nothing else was in it.
    """
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(COUNT_COLUMNS)
    cells: Iterator[Any] = table[list(COUNT_COLUMNS)].itertuples(index=False)
    for cell in cells:
        shown, killed = cell.state == "shown", cell.killed
        if pd.isna(killed):
            killed = "" if cell.table != "week" else "withheld" if shown else cell.state
        place = (cell.table, cell.week.date().isoformat(), cell.event_type, cell.district)
        lines.writerow((*place, cell.incidents if shown else cell.state, killed, cell.state))
    return written.getvalue().encode("utf-8")


def read_counts_csv(content: bytes) -> pd.DataFrame:
    """Return the table that `counts_csv` wrote; raises StoreError if it is not one."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
        if not rows or tuple(rows[0]) != COUNT_COLUMNS:
            raise ValueError
        frame = pd.DataFrame(rows[1:], columns=list(COUNT_COLUMNS), dtype="str")
        if not frame["state"].isin(["shown", "withheld", "unknown"]).all():
            raise ValueError
        for name in ("incidents", "killed"):
            given = frame[name].where(frame[name].str.fullmatch("[0-9]+"))
            frame[name] = pd.to_numeric(given).astype("Int64")
        if frame["incidents"].notna().ne(frame["state"].eq("shown")).any():
            raise ValueError
        frame["week"] = pd.to_datetime(frame["week"], format="%Y-%m-%d")
        return frame.astype(COUNT_TYPES)
    except ValueError:
        raise StoreError(
            "A file of counts is not one that the workbench wrote. Check its pack: workbench verify PACK"
        ) from None


def _bears_on_total(total: int, threshold: int, area: Area) -> bool:
    """
    Return whether small parts of a week can make it necessary to withhold its total, which is not small.

    Parts of which one is to be small and another as much as the threshold need a larger total than that;
    of two districts only, one that can be 0 leaves the other the whole; and so does all that nobody reports
    on to the only district that somebody does.
    """
    told = set(area.districts) - set(area.not_covered)
    alone = len(area.districts) == 2 or (len(area.districts) > 1 and len(told) == 1)
    return total == threshold or (total > threshold and alone)


def _of_these(table: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the weeks that are not told now: what was said of them bears on nothing."""
    return table[table["week"].isin(frame["week"])]


def _of_week(
    rows: pd.DataFrame, day: date, area: Area, *, told: bool, split: bool, by_district: bool
) -> list[tuple[object, ...]]:
    """Return the cells of one week; without `told` their counts are unknown."""
    killed = rows.get("killed")
    deaths = (None, None) if killed is None or not told else (int(killed.sum()), int(killed.gt(0).sum()))
    cells: list[tuple[object, ...]] = [("week", day, "", "", len(rows) if told else None, *deaths, True)]
    if not split:
        return cells
    for kind in event_types():
        n = int(rows["event_type"].eq(kind).sum()) if "event_type" in rows else 0
        cells.append(("week_type", day, kind, "", n if told else None, None, None, True))
    for code in area.districts if by_district else ():
        n = int(rows["district"].eq(code).sum()) if "district" in rows else 0
        reported = code not in area.not_covered
        cells.append(("week_district", day, "", code, n if told else None, None, None, reported))
    return cells


def event_types() -> tuple[str, ...]:
    """Return the event types that count, in their order: all but developments without violence."""
    kinds = record_type("incident").column("event_type").vocabulary
    return tuple(kind for kind in kinds if kind != _NO_VIOLENCE)


def _merged(rows: pd.DataFrame, order: Iterable[str]) -> pd.DataFrame:
    """Return the incidents that count, each once, with `killed` where these readers may know the dead."""
    trust = {source: place for place, source in enumerate(dict.fromkeys(order))}
    apart = rows["event_type"].eq(_NO_VIOLENCE)
    if "verification" in rows:
        apart |= rows["verification"].eq("discarded")
    rows = rows[~apart].assign(trust=rows["source"].map(trust))
    rows = rows.sort_values(["trust", "source", "record_id"], kind="stable").reset_index(drop=True)
    own = pd.Series(rows.index, index=rows.index)
    group = rows["dup_group"] if "dup_group" in rows else pd.Series(None, index=rows.index, dtype="str")
    key = own.where(group.isna(), own.groupby(group).transform("min")).astype("int64")
    heads = rows[~key.duplicated()].copy()
    if "district" in rows:
        located = rows["district"].groupby(key).first()
        heads["district"] = heads["district"].fillna(located.reindex(heads.index))
    if "killed_best" in rows:
        heads["killed"] = _killed(rows, key).reindex(heads.index)
    return heads


def _killed(rows: pd.DataFrame, key: pd.Series) -> pd.Series:
    """Return the dead of each incident: best estimate, else low, else the civilians among them."""
    found = rows["killed_best"].astype("Int64").groupby(key).first()
    several = key.groupby(key).transform("size").gt(1)
    bounds = [name for name in ("killed_best", "killed_low", "killed_high") if name in rows]
    if "killed_low" in rows:
        least = rows[bounds].astype("Int64").min(axis=1).where(several, rows["killed_low"].astype("Int64"))
        found = found.fillna(least.groupby(key).min())
    if "civilians_killed" in rows:
        found = found.fillna(rows["civilians_killed"].astype("Int64").groupby(key).first())
    return found.fillna(0)


def _of_weeks(rows: pd.DataFrame, first_day: date) -> pd.DataFrame:
    """Return the rows that belong to one of the weeks told, with `week`, its first day."""
    first = rows["occurred_on"]
    last = rows["occurred_to"].fillna(first) if "occurred_to" in rows else first
    rows = rows[first.notna() & rows["date_precision"].isin(_DATED) & ((last - first) <= _LONGEST)]
    start = pd.Timestamp(first_day)
    number = (rows["occurred_on"] - start).dt.days // 7
    rows, number = rows[number.between(0, WEEKS_TOLD - 1)], number[number.between(0, WEEKS_TOLD - 1)]
    return rows.assign(week=[start + timedelta(weeks=int(one)) for one in number])
