"""The incidents of a week that a reader must hear of, in a stated order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, read, true
from workbench.analysis.counts import harm, of_weeks

REASONS: tuple[str, ...] = ("civilians_killed", "killed", "aid_affected", "abduction", "other")
"""Why an incident stands where it does: the first of these that is true of it."""


def significant(
    incidents: pd.DataFrame,
    *,
    first_day: date,
    weeks: int = 1,
    districts: Iterable[str] | None = None,
    top: int = 5,
) -> pd.DataFrame:
    """
    Return the `top` incidents of the `weeks` weeks from `first_day` on, most significant first.

    Ordered by civilians killed, people killed (best estimate), whether aid was affected, people
    abducted, then day, district, source and record id, so that the order is always the same. Only
    rows that may be listed one by one (`listable`; missing means no). Takes what `counts.of_weeks`
    and `counts.harm` do, and `abducted_best`; all columns pass through. Adds `week` and `reason`, a
    code of REASONS. `districts` narrows it down; left out, every row counts, also one without place.
    """
    rows = of_weeks(incidents, first_day=first_day, weeks=weeks)
    rows = rows[true(rows, "listable")]
    if districts is not None:
        rows = rows[read(rows, "district", "str").isin(tuple(districts))]
    measured = harm(rows)
    order = pd.DataFrame(
        {
            "civilians_killed": -measured["civilians_killed"].fillna(0).astype("int64"),
            "killed": -measured["killed_best"].fillna(0).astype("int64"),
            "aid_affected": -measured["aid_affected"].fillna(0).astype("int64"),
            "abduction": -_abducted(rows),
            "occurred_on": read(rows, "occurred_on", DAY),
            **{name: read(rows, name, "str") for name in ("district", "source", "record_id")},
        },
        index=rows.index,
    )
    weights = ("civilians_killed", "killed", "aid_affected", "abduction")
    reason = np.select([order[name].lt(0).to_numpy() for name in weights], weights, default="other")
    place = np.arange(len(order))
    order = order.assign(_place=place).sort_values(list(order.columns), kind="stable", na_position="last")
    rows = rows.assign(reason=pd.array(reason, dtype="str"))
    return rows.iloc[order["_place"].to_numpy()[:top]]


def _abducted(rows: pd.DataFrame) -> pd.Series:
    people = read(rows, "abducted_best", "Int64").fillna(0).astype("int64")
    at_least_one = read(rows, "event_type", "str").eq("abduction").astype("int64")
    return people.where(people >= at_least_one, at_least_one)
