"""Situation: how each district is rated, which way it moved, and how old that rating is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, need, read, stamp
from workbench.errors import ParameterError

STALE_DAYS = 28
"""A rating older than four weeks is called stale (the office's own rule)."""

LEVEL_STATES: tuple[str, ...] = ("assessed", "stale", "none", "unknown")

_PASSED = (
    "record_id", "reason", "releasable_text", "drivers", "access", "confidence", "basis", "assessor",
    "reviewer",
)  # fmt: skip


def levels(
    district_assessments: pd.DataFrame | None,
    *,
    districts: Iterable[str],
    on: date,
    stale_days: int = STALE_DAYS,
) -> pd.DataFrame:
    """
    Return the latest assessment of each district as of the day `on`, and what it moved from.

    Takes `district`, `assessed_on`, `rating` (1 calm to 5 gravest) and, where the reader has them,
    `direction` and the columns that pass through: `record_id`, `reason`, `releasable_text`, `drivers`,
    `access`, `confidence`, `basis`, `assessor`, `reviewer` (missing where there is no assessment).
    Assessments after `on` are left out; of two on one day the later row stands. Returns one row a
    district, in the given order: `district`, `state` (assessed; stale, older than `stale_days`; none,
    never assessed; unknown: None was passed, for a reader who may not know), `rating` and
    `rating_before` (Int64, of the assessment before it), `direction` (deteriorated, unchanged,
    improved) and `direction_from`: given, derived (from the two ratings where none is given), or none,
    and `contradicts` (boolean: the direction given is not that of the two ratings; <NA> without both),
    `assessed_on`, `age_days`, `stale` (boolean, <NA> without assessment), then the columns passed
    through. A reader from whom some assessments are withheld is told of the others only, so none means
    "none for these readers", and `contradicts` may come from one withheld.
    Raises ParameterError if `stale_days` is below 1.
    """
    if stale_days < 1:
        raise ParameterError(
            "A rating cannot be stale after less than one day. Give stale_days as 1 or more."
        )
    wanted = pd.Index(dict.fromkeys(districts), name="district", dtype="str")
    untold = district_assessments is None
    rows = pd.DataFrame() if district_assessments is None else district_assessments
    need(rows, "district", "assessed_on", "rating", what="district assessment")
    plain = pd.DataFrame(
        {
            "district": read(rows, "district", "str"),
            "assessed_on": read(rows, "assessed_on", DAY),
            "rating": read(rows, "rating", "Int64"),
            "direction": read(rows, "direction", "str"),
            **{name: read(rows, name, "str") for name in _PASSED},
        }
    )
    plain = plain[plain["assessed_on"].le(stamp(on)) & plain["district"].isin(wanted)]
    plain = plain.sort_values("assessed_on", kind="stable")
    plain["rating_before"] = plain.groupby("district")["rating"].shift(1)
    found = plain.drop_duplicates("district", keep="last").set_index("district").reindex(wanted)
    moved = (found["rating"] - found["rating_before"]).astype("Int64").clip(-1, 1)
    derived = moved.map({-1: "improved", 0: "unchanged", 1: "deteriorated"}).astype("str")
    given = found["direction"]
    age = (stamp(on) - found["assessed_on"]).dt.days.astype("Int64")
    never = found["assessed_on"].isna()
    stale = age.gt(stale_days)
    state = np.select(
        [np.full(len(wanted), untold), never.to_numpy(), stale.to_numpy(dtype=bool, na_value=False)],
        ["unknown", "none", "stale"],
        default="assessed",
    )
    source = np.select([given.notna().to_numpy(), derived.notna().to_numpy()], ["given", "derived"], "none")
    differs = given.ne(derived).astype("boolean").mask(given.isna() | derived.isna())
    return pd.DataFrame(
        {
            "state": pd.array(state, dtype="str"),
            "rating": found["rating"].astype("Int64"),
            "rating_before": found["rating_before"].astype("Int64"),
            "direction": given.fillna(derived),
            "direction_from": pd.array(source, dtype="str"),
            "contradicts": differs,
            "assessed_on": found["assessed_on"].astype(DAY),
            "age_days": age,
            "stale": stale.astype("boolean").mask(never),
            **{name: found[name].astype("str") for name in _PASSED},
        },
        index=wanted,
    ).reset_index()
