"""Rows that were decided to be one incident, as one row: for counting, with every source kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.analysis._columns import read
from workbench.config import HIGHEST, Level

_HARM = ("killed", "injured", "abducted")
_PLACE = (
    "admin1", "district", "district_name", "matched_by", "place_name", "latitude", "longitude",
    "place_precision",
)  # fmt: skip
_YES_OF_ANY = ("civilian_targeting", "aid_affected")
_VERIFIED = ("reported", "corroborated", "confirmed")


@dataclass(frozen=True)
class MergeCounts:
    """How many `groups` of rows were made one, and how many rows were `folded` away by that."""

    groups: int
    folded: int


def merged(incidents: pd.DataFrame, *, order: Sequence[str]) -> pd.DataFrame:
    """
    Return incidents with the rows of each `dup_group` made one, so that a count takes each incident once.

    `order` names the sources from the most trusted on; sources it does not name come after, by name. Rows
    without a `dup_group`, discarded rows and non-violent developments stay as they are: a discarded row is
    never merged with others. Of the rest of a group, the first row by `order`, then `record_id`, stands for
    all, and takes from the others, where a reader has the columns:

    * deaths, injured and abducted: best of the first row that has one; low is the least and high the
      greatest of all best, low and high; civilians killed of the first row that has a number
    * the place, as one block, of the first row that has a district, if it has none itself
    * verification: the furthest (reported, corroborated, confirmed)
    * civilian_targeting and aid_affected: yes if any row says yes
    * level: the highest; compartments: all; listable: only if all are, as it holds something of each

    No text of another row is taken over. Adds `merged_from` (Int64, number of rows), `members` (tuple of
    (source, record_id), "" where a reader has none) and `sources_merged` (";"-joined), in the order of
    trust. Rows come by `occurred_on`, `source`, `record_id`; the order given does not matter, and merging
    again changes nothing. Columns and types are those given, so every function of `counts` takes the result.
    """
    rows = _in_order(incidents, order)
    group, own = read(rows, "dup_group", "str"), pd.Series(rows.index, index=rows.index)
    apart = read(rows, "verification", "str").eq("discarded")
    apart |= read(rows, "event_type", "str").eq("non_violent_development")
    joined = group.notna() & ~apart
    # a group is known by the position of its first row, which is the most trusted one
    key = own.where(~joined, own.groupby(group.where(joined)).transform("min")).astype("int64")
    rows = _with_members(rows, key)
    several = key.duplicated(keep=False)
    if not several.any():
        return _sorted(rows)
    parts, keys = rows[several], key[several]
    heads = parts.loc[keys.drop_duplicates()].copy()
    for name, column in _taken_over(parts, keys).items():
        heads[name] = column.reindex(heads.index).astype(rows[name].dtype)
    single = rows[~several]
    together = pd.concat([single, heads]) if len(single) else heads
    return _sorted(together.astype(rows.dtypes.to_dict()))


def listable(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose licence lets them be passed on one by one; missing means it does not."""
    return incidents[read(incidents, "listable", "boolean").fillna(value=False).astype(bool)]


def to_list(incidents: pd.DataFrame, *, order: Sequence[str]) -> pd.DataFrame:
    """
    Return the incidents that may be listed one by one, each once.

    Those of sources whose licence lets rows be passed on (`listable`), merged among themselves as in
    `merged`: an incident that a closed source tells of too is not lost, and nothing of that source is in it.
    """
    return merged(listable(incidents), order=order)


def merge_counts(merged_rows: pd.DataFrame) -> MergeCounts:
    """Return how many groups `merged` made one, and how many rows it folded away."""
    size = read(merged_rows, "merged_from", "Int64").fillna(1)
    return MergeCounts(groups=int((size > 1).sum()), folded=int((size - 1).sum()))


def _in_order(incidents: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Return the rows by trust, then key, numbered from 0; rows of one key by all their other values."""
    incidents = incidents.reset_index(drop=True)
    trust = {source: n for n, source in enumerate(dict.fromkeys(order))}
    source = read(incidents, "source", "str").fillna("")
    by = pd.DataFrame({"trust": source.map(trust).fillna(len(trust)).astype("int64"), "source": source})
    by["record_id"] = read(incidents, "record_id", "str").fillna("")
    if by.duplicated().any():
        for name in sorted({*incidents.columns} - {"source", "record_id", "members"}):
            by[name] = incidents[name].astype("str").fillna("")
    return incidents.loc[by.sort_values(list(by.columns), kind="stable").index].reset_index(drop=True)


def _with_members(rows: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """Add who each row stands for; a row that was merged before keeps what it stood for."""
    # as lists: text held by Arrow is slow to go through one by one
    parts = (read(rows, name, "str").fillna("").tolist() for name in ("source", "record_id"))
    names = zip(*parts, strict=True)
    own = pd.Series([(pair,) for pair in names], index=rows.index, dtype="object")
    if "members" in rows.columns:
        kept = [
            before if isinstance(before, tuple) else now
            for before, now in zip(rows["members"], own, strict=True)
        ]
        own = pd.Series(kept, index=rows.index, dtype="object")
    several = key.duplicated(keep=False)
    # one after the other in the order of trust, as the rows are
    chained: Any = own[several].groupby(key[several]).agg(_chained)
    members = own.copy()
    members[chained.index] = chained
    counted = read(rows, "merged_from", "Int64").fillna(1).groupby(key).sum()
    sources = [";".join(dict.fromkeys(source for source, _ in pairs)) for pairs in members]
    return rows.assign(
        merged_from=counted.reindex(rows.index).fillna(1).astype("Int64"),
        members=members,
        sources_merged=pd.Series(sources, index=rows.index, dtype="str"),
    )


def _chained(parts: Any) -> Any:
    return tuple(pair for part in parts for pair in part)


def _taken_over(parts: pd.DataFrame, key: pd.Series) -> dict[str, pd.Series]:
    """Return the columns of the merged rows that are not simply the first row's, indexed by key."""
    found = {}
    for what in _HARM:
        bounds = [name for name in (f"{what}_{end}" for end in ("best", "low", "high")) if name in parts]
        for name in bounds:
            found[name] = parts[name].groupby(key).first()
        every = parts[bounds]
        if f"{what}_low" in bounds:
            found[f"{what}_low"] = every.min(axis=1).groupby(key).min()
        if f"{what}_high" in bounds:
            found[f"{what}_high"] = every.max(axis=1).groupby(key).max()
    if "civilians_killed" in parts:
        found["civilians_killed"] = parts["civilians_killed"].groupby(key).first()
    for name in _YES_OF_ANY:
        if name in parts:
            found[name] = parts[name].astype("Int64").groupby(key).max()
    if "verification" in parts:
        found["verification"] = _furthest(parts["verification"], key, _VERIFIED)
    return found | _place(parts, key) | _handling(parts, key)


def _place(parts: pd.DataFrame, key: pd.Series) -> dict[str, pd.Series]:
    if "district" not in parts:
        return {}
    located = parts["district"].notna()
    first = pd.Series(parts.index, index=parts.index).where(located).groupby(key).min()
    from_row = first.fillna(pd.Series(first.index, index=first.index)).astype("int64")
    return {
        name: pd.Series(parts.loc[from_row, name].array, index=from_row.index)
        for name in _PLACE
        if name in parts
    }


def _handling(parts: pd.DataFrame, key: pd.Series) -> dict[str, pd.Series]:
    found = {}
    if "level" in parts:
        known = parts["level"].where(parts["level"].isin([one.slug for one in Level]), HIGHEST.slug)
        found["level"] = _furthest(known, key, tuple(one.slug for one in Level))
    if "listable" in parts:
        found["listable"] = parts["listable"].fillna(value=False).groupby(key).min()
    if "compartments" in parts:
        words = parts["compartments"].fillna("").groupby(key).agg(";".join)
        found["compartments"] = words.map(
            lambda text: ";".join(sorted({word for word in text.split(";") if word})) or np.nan
        )
    return found


def _furthest(column: pd.Series, key: pd.Series, words: tuple[str, ...]) -> pd.Series:
    rank = column.map({word: n for n, word in enumerate(words)}).astype("Int64").groupby(key).max()
    return rank.map(dict(enumerate(words)), na_action="ignore").astype("str")


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    by = [name for name in ("occurred_on", "source", "record_id") if name in rows.columns]
    return (rows.sort_values(by, kind="stable") if by else rows).reset_index(drop=True)
