"""Rows of one incident: from the decisions people took, and the publishers' own groups, to neutral codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import pandas as pd

KEY = ["source", "record_id"]

Key = tuple[str, str]
Pair = tuple[Key, Key]


def grouped(tables: Sequence[pd.DataFrame], decisions: pd.DataFrame) -> list[pd.DataFrame]:
    """
    Return `tables` with `dup_group` overwritten: a code on rows of one incident, missing on all others.

    Each table holds `source, record_id, dup_group` (the publisher's own words, which do not remain) for
    rows that the readers may read; the first table is the state as it stands. Two rows are linked if the
    latest of the `decisions` on their pair is "same", or if one source gives both the same group and no
    latest decision says "different". Linked rows form groups, also over several links.

    Only rows of `tables` count, so that a row that is held back leaves no trace. Codes are g1, g2 ... in
    the order of each group's first (source, record_id). The first table's codes depend on nothing but
    itself and the decisions; where an earlier state joins two of its groups, the earlier one has the
    lower code. In each table a code is only on rows of at least two records. Today's decisions and groups
    are applied to every table: a merge decided this week must not look like an incident taken back.
    """
    own = pd.concat([table[[*KEY, "dup_group"]] for table in tables], ignore_index=True)
    own = own.drop_duplicates(KEY)
    links = _links(own, decisions)
    present, standing = (_linked(table, links) for table in (own, tables[0]))
    groups = _components(links, within=standing)
    codes = {key: number for number, group in enumerate(groups, start=1) for key in group}
    past = dict(codes)
    last = len(groups)
    for group in _components(links, within=present):
        number = min((codes[key] for key in group if key in codes), default=last + 1)
        last = max(last, number)
        past |= dict.fromkeys(group, number)
    return [_coded(table, codes if place == 0 else past) for place, table in enumerate(tables)]


def _keys(rows: pd.DataFrame) -> Iterable[Key]:
    # as lists: text held by Arrow is slow to go through one by one
    return zip(rows["source"].tolist(), rows["record_id"].tolist(), strict=True)


def _linked(rows: pd.DataFrame, links: Iterable[Pair]) -> set[Key]:
    """Return the keys of the rows that a link may name, and of some others that share an id with them."""
    named = {record_id for pair in links for _, record_id in pair}
    return set(_keys(rows[rows["record_id"].isin(named)]))


def _verdicts(decisions: pd.DataFrame) -> dict[Pair, str]:
    """Return the latest verdict on each pair, whichever of its rows was named first."""
    latest: dict[Pair, str] = {}
    for row in decisions.sort_values(["decided_on", "recorded_at", *KEY], kind="stable").itertuples():
        left, right = (str(row.left_source), str(row.left_id)), (str(row.right_source), str(row.right_id))
        latest[_pair(left, right)] = str(row.verdict)
    return latest


def _pair(one: Key, other: Key) -> Pair:
    return (one, other) if one <= other else (other, one)


def _links(own: pd.DataFrame, decisions: pd.DataFrame) -> list[Pair]:
    verdicts = _verdicts(decisions)
    different = {pair for pair, verdict in verdicts.items() if verdict == "different"}
    links = [pair for pair, verdict in verdicts.items() if verdict == "same"]
    named = own[own["dup_group"].notna()]
    named = named[named.duplicated(["source", "dup_group"], keep=False)]
    for _, rows in named.groupby(["source", "dup_group"]):
        links += _held_together(sorted(_keys(rows)), different)
    return links


def _held_together(members: list[Key], different: set[Pair]) -> list[Pair]:
    """Return links that hold a publisher's group together, without those that a decision breaks."""
    inside = set(members)
    parted = {key for pair in different if inside.issuperset(pair) for key in pair}
    whole = [key for key in members if key not in parted]
    if whole:  # one that is parted from none holds all the others, and spares the pairs
        return [_pair(whole[0], key) for key in members if key != whole[0]]
    return [pair for pair in combinations(members, 2) if pair not in different]


def _components(links: Iterable[Pair], *, within: set[Key]) -> list[list[Key]]:
    """Return the groups of at least two that the links between rows of `within` form, in order."""
    root: dict[Key, Key] = {}

    def find(key: Key) -> Key:
        while (above := root.setdefault(key, key)) != key:
            root[key] = root[above]
            key = root[key]
        return key

    for one, other in links:
        if one in within and other in within:
            low, high = sorted((find(one), find(other)))
            root[high] = low
    members: dict[Key, list[Key]] = {}
    for key in sorted(root):
        members.setdefault(find(key), []).append(key)
    return [members[first] for first in sorted(members) if len(members[first]) > 1]


def _coded(table: pd.DataFrame, numbers: dict[Key, int]) -> pd.DataFrame:
    named = table.loc[table["record_id"].isin({record_id for _, record_id in numbers}), KEY]
    codes = pd.Series(
        [f"g{numbers[key]}" if key in numbers else None for key in _keys(named)],
        index=named.index,
        dtype="str",
    )
    records = named.assign(code=codes).drop_duplicates()
    alone = records["code"].value_counts().loc[lambda count: count < 2].index
    return table.assign(dup_group=codes.mask(codes.isin(alone)).reindex(table.index).astype("str"))
