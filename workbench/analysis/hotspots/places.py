"""Districts and event points as places that can be scanned, and what each place was to expect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, read, stamp
from workbench.analysis.counts import of_weeks
from workbench.analysis.dispersion import SHORTEST_BASELINE
from workbench.analysis.hotspots._distance import EARTH_KM, counted, key_of, numbers
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POINTS = ("place", "near_place")


@dataclass(frozen=True)
class EventPlaces:
    """
    Where incidents happened, gathered into cells, and how many there were in each week.

    `places`: `place` (number of the cell, from the south-west), `latitude`, `longitude` (mean of its
    incidents), `incidents`. `counts`: one row a place, one column a week, as `scan_space_time` takes them.
    `points` incidents stand in them; `left_out` others belong to these weeks but are known to no point.
    """

    places: pd.DataFrame
    counts: pd.DataFrame
    points: int
    left_out: int


def centroids(districts: pd.DataFrame) -> pd.DataFrame:
    """
    Return one place for each district: a point that is sure to lie inside it.

    Takes `district`, `geometry` (shapely, degrees; missing is allowed) and, where there, `district_name`,
    as `view.districts`. Returns the names with `latitude`, `longitude` (Float64; <NA> without an outline).
    """
    import shapely

    outlines = np.array(districts["geometry"], dtype=object)
    outlines[~shapely.is_geometry(outlines)] = None
    points = shapely.point_on_surface(outlines)
    named = districts[[name for name in ("district", "district_name") if name in districts.columns]]
    return named.reset_index(drop=True).assign(
        latitude=pd.array(shapely.get_y(points), dtype="Float64"),
        longitude=pd.array(shapely.get_x(points), dtype="Float64"),
    )


def event_places(incidents: pd.DataFrame, *, first_day: date, weeks: int, km: float = 5.0) -> EventPlaces:
    """
    Gather incidents into cells of about `km` by `km`, and count them by week.

    Takes what `counts.of_weeks` does and, where the reader has them, `latitude`, `longitude`,
    `place_precision`. Counted are the countable incidents of the weeks from `first_day` on that are known
    to a point (place or near_place; where the reader has no precision, any with coordinates). Those known
    only to a district or worse are not points: they are left out and counted. Cells without an incident
    in any of the weeks are no places. Raises ParameterError if `km` is not above 0.
    """
    if not km > 0:
        raise ParameterError(f"Cells of {km} km hold nothing. Pass a size above 0.")
    rows = of_weeks(incidents, first_day=first_day, weeks=weeks)
    at = numbers(pd.DataFrame({name: read(rows, name, "Float64") for name in ("latitude", "longitude")}))
    precision = read(rows, "place_precision", "str")
    exact = precision.isin(_POINTS) | precision.isna()
    pointed = exact.to_numpy() & ~np.isnan(at).any(axis=1)
    at, week = at[pointed], rows["week"][pointed]
    cell = _cells(at, km)
    kept, place = np.unique(cell, axis=0, return_inverse=True)
    place = place.ravel()
    starts = pd.date_range(stamp(first_day), periods=weeks, freq="7D").astype(DAY)
    grid = np.zeros((len(kept), weeks))
    np.add.at(grid, (place, starts.get_indexer(pd.Index(week))), 1.0)
    total = grid.sum(axis=1)
    middle = np.column_stack([np.bincount(place, at[:, n], minlength=len(kept)) for n in (0, 1)])
    middle = middle / np.maximum(total, 1)[:, None]
    names = pd.Index([f"C{n:04d}" for n in range(1, len(kept) + 1)], dtype="str", name="place")
    places = pd.DataFrame(
        {
            "place": pd.Series(names, dtype="str"),
            "latitude": pd.array(middle[:, 0], dtype="Float64"),
            "longitude": pd.array(middle[:, 1], dtype="Float64"),
            "incidents": pd.array(total, dtype="Int64"),
        }
    )
    counts = pd.DataFrame(grid, index=names, columns=pd.Index(starts, name="week")).astype("Float64")
    return EventPlaces(places, counts, int(pointed.sum()), int((~pointed).sum()))


def with_past(
    counts: pd.DataFrame, places: pd.DataFrame, *, weeks: int = 4, baseline: int = 52
) -> pd.DataFrame:
    """
    Return places with what happened in the last weeks and what their own past made expected, for `scan`.

    `counts` has one row a place and one column a week (as from `series.series` or `event_places`), `places`
    one row a place. Adds `cases`, the sum of the last `weeks`, and `expected` from up to `baseline` weeks
    before: (sum + 1/2) / weeks known, times `weeks`. A half is added, as in `change.against_baseline`, so
    that a first incident is never infinitely surprising. `past` is the sum itself. <NA> where a week of the
    last ones is unknown or fewer than 8 before are known; `scan` leaves such places out.
    """
    _, now, before = split(counts, places, weeks=weeks, baseline=baseline)
    return places.assign(
        cases=pd.Series(now.sum(axis=1), index=places.index, dtype="Float64"),
        expected=pd.Series(rate(before) * weeks, index=places.index, dtype="Float64"),
        past=pd.Series(np.nansum(before, axis=1), index=places.index, dtype="Float64"),
    )


def rate(before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the expected number a week of each row; NaN where fewer than 8 weeks are known."""
    known = (~np.isnan(before)).sum(axis=1)
    found = (np.nansum(before, axis=1) + 0.5) / np.maximum(known, 1)
    return np.where(known >= SHORTEST_BASELINE, found, np.nan)


def split(
    counts: pd.DataFrame, places: pd.DataFrame, *, weeks: int, baseline: int
) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64]]:
    """
    Return the names of `places`, and their counts in the last `weeks` and in up to `baseline` weeks before.

    Rows are in the order of `places`; NaN is unknown, also for a place without counts.
    """
    if weeks < 1 or baseline < 1:
        raise ParameterError("A scan needs 1 or more weeks, and 1 or more before them. Pass such numbers.")
    if counts.index.nlevels > 1 or counts.index.duplicated().any():
        raise ParameterError("Two rows count the same place. Pass one row of counts for each place.")
    names = places[key_of(places)].to_numpy()
    values = counted(counts.reindex(names), what="counts")
    return names, values[:, -weeks:], values[:, :-weeks][:, -baseline:]


def _cells(at: NDArray[np.float64], km: float) -> NDArray[np.int64]:
    tall = np.degrees(km / EARTH_KM)
    row = np.floor(at[:, 0] / tall)
    width = tall / np.maximum(np.cos(np.radians((row + 0.5) * tall)), 1e-6)
    return np.column_stack([row, np.floor(at[:, 1] / width)]).astype(np.int64)
