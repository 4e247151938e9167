"""Revisions of incidents that several rows tell of, as those of the row that stands for them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.analysis._columns import need, read
from workbench.analysis.counts import countable

_KEY = ["source", "record_id"]


def represented(revisions: pd.DataFrame, *, order: Sequence[str]) -> pd.DataFrame:
    """
    Return revisions without those of rows that another row of their `dup_group` stands for.

    Takes `view.revisions`: `source`, `record_id`, `dup_group`, `recorded_at`, `known_until` and what
    `counts.countable` does. The record that stands for a group is the first by `order`, then source and
    record_id, of those that stand today and count; where none does, of all. It is known from the moment
    any of them was, so that an incident first heard of from a less trusted source is not late. Without
    `dup_group` the frame comes back as it is. For a reader without `record_id` the rows of one source in a
    group pass for one record: each holds from when the ones before it no longer do.
    """
    need(revisions, "source", "recorded_at", "known_until", what="revision")
    group = read(revisions, "dup_group", "str")
    if group.isna().all():
        return revisions
    if "record_id" not in revisions.columns:
        # no code of a group begins with a space
        alone = " " + pd.Series(range(len(revisions)), index=revisions.index).astype("str")
        named = represented(revisions.assign(record_id=group.fillna(alone)), order=order)
        return _one_after_another(named).drop(columns="record_id")
    trust = {source: number for number, source in enumerate(dict.fromkeys(order))}
    stands = revisions["known_until"].isna() & revisions.index.isin(countable(revisions).index)
    records = pd.DataFrame(
        {
            **{name: revisions[name] for name in _KEY},
            "group": group,
            "away": ~stands,
            "trust": revisions["source"].map(trust).fillna(len(trust)),
            "first": revisions["recorded_at"],
        }
    )[group.notna()]
    records = records.groupby([*_KEY, "group"], as_index=False, sort=True).agg(
        {"away": "min", "trust": "min", "first": "min"}
    )
    records = records.sort_values(["group", "away", "trust", *_KEY], kind="stable")
    heads = records.drop_duplicates("group").set_index(_KEY)
    known_from = records.groupby("group")["first"].min()
    key = pd.MultiIndex.from_frame(revisions[_KEY])
    is_head = key.isin(heads.index)
    kept = revisions[group.isna().to_numpy() | is_head].sort_values([*_KEY, "recorded_at"], kind="stable")
    first = ~kept.duplicated(_KEY) & kept["dup_group"].notna()
    earliest = kept.loc[first, "dup_group"].map(known_from).astype(kept["recorded_at"].dtype)
    return kept.assign(recorded_at=kept["recorded_at"].mask(first, earliest.reindex(kept.index)))


def _one_after_another(kept: pd.DataFrame) -> pd.DataFrame:
    """Return the revisions of each record, by when they were known, without the times that overlap."""
    end = kept["known_until"].fillna(pd.Timestamp.max.tz_localize("UTC").floor("us"))
    last = end.groupby([kept[name] for name in _KEY]).cummax()
    before = last.groupby([kept[name] for name in _KEY]).shift(1)
    start = kept["recorded_at"].mask(before > kept["recorded_at"], before)
    return kept.assign(recorded_at=start.astype(kept["recorded_at"].dtype))[start < end]
