"""Revisions of the counted incidents: what was known of each, from when until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from workbench.audience import COUNTED, labelled, may_read, readable
from workbench.config import Audience, Source, Week
from workbench.records import RecordType, record_type
from workbench.store import Store
from workbench.view._groups import KEY

WEEKS_OF_REVISIONS = 60
"""How many weeks back the event days of revisions reach: a year, and the weeks in which reports come in."""


def states(
    store: Store,
    record: RecordType,
    *,
    as_of: datetime,
    counted: Iterable[str],
    reader: Audience,
    configured: Iterable[Source],
) -> pd.DataFrame:
    """
    Return every revision of the `counted` sources' records that `reader` may read, of all days and places.

    Columns: those of `record` in COUNTED, `recorded_at`, and `known_until`: the moment the revision was
    superseded or its record withdrawn, missing while it stands. A revision is left out if its own label
    or the latest of its record is closed to the reader: what was closed since is closed in the past too.
    """
    columns = [name for name in record.names if name in COUNTED]
    rows = store.revisions(record, as_of=as_of, sources=counted, columns=columns)
    rows = labelled(rows, configured)
    records = rows.groupby(KEY, sort=False)
    rows = rows.assign(known_until=records["recorded_at"].shift(-1))
    open_rows = may_read(rows, reader)
    latest = ~rows.duplicated(KEY, keep="last")
    still_open = (open_rows | ~latest).groupby([rows[name] for name in KEY], sort=False).transform("all")
    return rows[open_rows & still_open & ~rows["retracted"]].drop(columns="retracted")


def told(record: RecordType, rows: pd.DataFrame, reader: Audience, *, week: Week) -> pd.DataFrame:
    """
    Return revisions as the reader may see them, with `recorded_at` and `known_until`.

    Takes `states`. Revisions that follow each other and differ in nothing the reader sees are one, from
    the first of them until the end of the last: that something hidden was changed is itself hidden.
    """
    rows = rows[may_read(rows, reader)].reset_index(drop=True)
    seen = readable(record, rows, reader, week=week)
    times = rows[["recorded_at", "known_until"]]
    same = (rows[KEY] == rows[KEY].shift()).all(axis=1)
    same &= times["recorded_at"] == times["known_until"].shift()
    for name in seen.columns:
        before = seen[name].shift()
        equal = (seen[name] == before) | (seen[name].isna() & before.isna())
        same &= equal.fillna(value=False).astype(bool)
    run = (~same).cumsum()
    until = times["known_until"][~run.duplicated(keep="last")]
    first = ~run.duplicated()
    seen = seen[first].reset_index(drop=True)
    return seen.assign(
        recorded_at=times.loc[first, "recorded_at"].array,
        known_until=until.array,
    )


def snapshots(store: Store, *, as_of: datetime, counted: Iterable[str]) -> tuple[datetime, ...]:
    """Return the instants (UTC) of the completed deliveries of the `counted` sources, oldest first."""
    deliveries = store.read(record_type("delivery"), as_of=as_of, sources=counted)
    return tuple(one.to_pydatetime() for one in deliveries["recorded_at"].drop_duplicates().sort_values())
