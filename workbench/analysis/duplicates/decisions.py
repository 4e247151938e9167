"""What a person decided about pairs, and which pairs still wait."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read

_KEYS = ("left_source", "left_id", "right_source", "right_id")


def undecided(pairs: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    """
    Return the pairs that nobody has decided, in the order given.

    `pairs` as from `candidates`; `decisions` are `duplicate_decision` records: `left_source`, `left_id`,
    `right_source`, `right_id` in either order, `verdict` (same, different, unsure), `decided_on` and, where
    there, `record_id`. The latest decision on a pair counts; of two on one day, the one of the greater
    `record_id`, else the later row. Pairs found the same or different are left out. Adds `verdict`: unsure
    where a person looked and could not tell, which waits on, else missing. No pair for a reader who has the
    decisions without their columns: what waits and what is settled look alike to them.
    """
    need(pairs, *_KEYS, what="pair")
    if len(decisions) and not {*_KEYS, "verdict", "decided_on"} <= set(decisions.columns):
        return pairs.iloc[:0].assign(verdict=pd.Series(dtype="str"))
    made = pd.DataFrame({"pair": _pair(decisions), "verdict": read(decisions, "verdict", "str")})
    made["on"], made["id"] = read(decisions, "decided_on", DAY), read(decisions, "record_id", "str")
    made = made.sort_values(["on", "id"], kind="stable", na_position="first")
    latest: pd.Series = made.drop_duplicates("pair", keep="last").set_index("pair")["verdict"]
    verdict: pd.Series = latest.reindex(_pair(pairs)).set_axis(pairs.index).astype("str")
    waiting: pd.DataFrame = pairs.assign(verdict=verdict)
    return waiting[~verdict.isin(["same", "different"])]


def _pair(rows: pd.DataFrame) -> pd.Series:
    keys = [read(rows, name, "str").fillna("") for name in _KEYS]
    left, right = keys[0] + "\x1f" + keys[1], keys[2] + "\x1f" + keys[3]
    first = (left <= right).to_numpy()
    found = np.where(first, left + "\x1e" + right, right + "\x1e" + left)
    return pd.Series(found, index=rows.index, dtype="str")
