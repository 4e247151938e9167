"""How closely a row says when and where: its possible days, and how far off its point may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, read

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR_KM = 25.0
"""How far off a `near_place` point may be: UCDP's where_prec 2 is "about 25 km" (GED codebook)."""

POINT, DISTRICT, PROVINCE, NOWHERE = 0, 1, 2, 3
"""What a row can be compared on, best first."""

_WEEK_SLACK = 3
"""A source that knows only the week gives one day near its middle (ACLED, time_precision 2)."""

_LONGEST_DAYS = 366


@dataclass(frozen=True)
class Extent:
    """
    Rows' times and places, one entry a row.

    `first` and `last` are days since 1970; `one_day` says both are known to be the same. `level` is POINT to
    NOWHERE, `slack` the km a point may be off, `unit` the points on a sphere of radius 1 (three columns).
    `district` and `admin1` are codes from 0, -1 where missing.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    one_day: NDArray[np.bool_]
    level: NDArray[np.int64]
    slack: NDArray[np.float64]
    unit: NDArray[np.float64]
    district: NDArray[np.int64]
    admin1: NDArray[np.int64]


def extent(incidents: pd.DataFrame) -> Extent:
    """
    Return when and where each row may have happened.

    Days: those the source gives. Where it gives one day only, a week is 3 days either way, a month is the
    calendar month, longer is the calendar year; no span is longer than 366 days. Place: the point where there
    are coordinates known to place or near_place (or to an unknown precision); else the district, else the
    province. A precision of district, province or country makes a point a centroid, which is not used.
    """
    first, last = _days(incidents)
    precision = read(incidents, "date_precision", "str")
    place = read(incidents, "place_precision", "str")
    at = np.radians(
        np.column_stack(
            [
                read(incidents, name, "Float64").to_numpy(dtype=float, na_value=np.nan)
                for name in ("latitude", "longitude")
            ]
        )
    )
    pointed = ~np.isnan(at).any(axis=1) & ~place.isin(["district", "province", "country"]).to_numpy()
    district = pd.factorize(read(incidents, "district", "str"))[0]
    admin1 = pd.factorize(read(incidents, "admin1", "str"))[0]
    coarse = place.isin(["province", "country"]).to_numpy()
    level = np.select(
        [pointed, (district >= 0) & ~coarse, (admin1 >= 0) & ~place.eq("country").to_numpy()],
        [POINT, DISTRICT, PROVINCE],
        NOWHERE,
    )
    lat, lon = np.where(pointed[:, None], at, 0.0).T
    unit = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    slack = np.where(place.eq("near_place").to_numpy(), NEAR_KM, 0.0)
    one_day = (precision.isin(["day", "days"]) | precision.isna()).to_numpy() & (first == last)
    codes = (np.asarray(district, dtype=np.int64), np.asarray(admin1, dtype=np.int64))
    return Extent(first, last, one_day, level.astype(np.int64), slack, unit, *codes)


def _days(incidents: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    on = read(incidents, "occurred_on", DAY)
    to = read(incidents, "occurred_to", DAY).fillna(on)
    to = to.where(to >= on, on)
    precision = read(incidents, "date_precision", "str")
    month, year = on.dt.to_period("M"), on.dt.to_period("Y")
    single = to == on
    week, monthly, longer = (single & precision.eq(word) for word in ("week", "month", "longer"))
    slack = pd.Timedelta(days=_WEEK_SLACK)
    first = on.mask(week, on - slack).mask(monthly, month.dt.start_time).mask(longer, year.dt.start_time)
    last = to.mask(week, on + slack).mask(monthly, month.dt.end_time).mask(longer, year.dt.end_time)
    start, stop = _number(first), _number(last)
    return start, np.minimum(stop, start + _LONGEST_DAYS)


def _number(days: pd.Series) -> NDArray[np.int64]:
    found: Any = days.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.asarray(found, dtype=np.int64)
