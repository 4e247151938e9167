"""Revisions of incidents: what was known of each, from when until when."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from workbench.audience import COUNTED, Policy, may_read, readable
from workbench.config import Audience, Week
from workbench.records import RecordType
from workbench.store import Store
from workbench.view._groups import KEY
from workbench.view._labels import Labels, newest_of, no_less

_END = datetime.max.replace(tzinfo=UTC)

WEEKS_OF_REVISIONS = 60
"""How many weeks back the event days of revisions reach: a year, and the weeks in which reports come in."""


def revisions(store: Store, record: RecordType) -> pd.DataFrame:
    """Return every revision of one record type up to now, of all days and places: columns in COUNTED."""
    columns = [name for name in record.names if name in COUNTED]
    return store.revisions(record, as_of=_END, sources=None, columns=columns)


def states(
    every: pd.DataFrame, record: RecordType, *, as_of: datetime, reader: Audience, labels: Labels
) -> pd.DataFrame:
    """
    Return those of `every` revision known at `as_of` that `reader` may read.

    Columns: those of `record` in COUNTED, `recorded_at`, and `known_until`: the moment the next revision
    that the reader may read came, or its record was withdrawn; missing while it stands. A revision that is
    closed to the reader leaves no trace, not even a gap: the state before it lasts until the next open one.
    Where the latest revision of a record is closed, as known at `as_of` or now, all are: what was closed
    since is closed in the past too. Each revision has the strictest of these labels and its own.
    """
    rows = every[every["recorded_at"] <= as_of]
    rows = labels.of(record, rows, newest=newest_of(every))
    rows = no_less(rows, newest_of(rows))
    rows = rows[may_read(rows, reader)]
    rows = rows.assign(known_until=rows.groupby(KEY, sort=False)["recorded_at"].shift(-1))
    return rows[~rows["retracted"]].drop(columns="retracted")


def standing(rows: pd.DataFrame, *, at: datetime) -> pd.DataFrame:
    """Return the `states` that stood at `at`, one row a record."""
    return rows[(rows["recorded_at"] <= at) & (rows["known_until"].isna() | (rows["known_until"] > at))]


def told(record: RecordType, rows: pd.DataFrame, rules: Policy, *, week: Week) -> pd.DataFrame:
    """
    Return revisions as the reader may see them, with `recorded_at` and `known_until` in whole seconds.

    Takes `states`. Revisions that follow each other and differ in nothing the reader sees are one, from
    the first of them until the end of the last: that something hidden was changed is itself hidden. One
    that was superseded within its second is left out: microseconds tell how many sources were pulled.
    """
    rows = rows[may_read(rows, rules.audience)]
    if not rules.columns(record.name):  # not even when there was something to be told
        return readable(record, rows, rules, week=week)
    rows = rows.assign(**{name: rows[name].dt.floor("s") for name in ("recorded_at", "known_until")})
    rows = rows[rows["known_until"].isna() | (rows["known_until"] > rows["recorded_at"])]
    rows = rows.reset_index(drop=True)
    seen = readable(record, rows, rules, week=week)
    times = rows[["recorded_at", "known_until"]]
    same = (rows[KEY] == rows[KEY].shift()).all(axis=1)
    same &= times["recorded_at"] == times["known_until"].shift()
    for name in seen.columns:
        codes = pd.Series(pd.factorize(seen[name])[0])
        same &= codes == codes.shift()
    run = (~same).cumsum()
    until = times["known_until"][~run.duplicated(keep="last")]
    first = ~run.duplicated()
    seen = seen[first].reset_index(drop=True)
    return seen.assign(
        recorded_at=times.loc[first, "recorded_at"].array,
        known_until=until.array,
    )
