"""Gi*: whether a place and its neighbours together hold more, or less, than such a group would by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.analysis.change import FALSE_DISCOVERY_RATE, adjust
from workbench.analysis.hotspots._distance import counted, distances, key_of, located
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_PLACES = 8
"""Below this many places the normal approximation says nothing."""

_SAME = 1e-9


def getis_ord(
    places: pd.DataFrame,
    *,
    value: str = "cases",
    km: float | None = None,
    nearest: int | None = None,
    weights: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Return Gi* of each place: how far the sum over it and its neighbours lies from what chance gives.

    Takes one row a place: `district` or `place`, `value` (0 or more) and, unless `weights` is given,
    coordinates as in `scan`. Neighbours are the places within `km` (or the plane's unit), or the `nearest`
    so many, or those where `weights` (rows and columns named as the places, such as from `touching`) is
    true: name exactly one. A place is always its own neighbour.

    Returns the same places in the same order: the name, `value`, `neighbours` (itself counted), `z`, `p`
    (two-sided), `q` (adjusted by Benjamini and Hochberg for the number of places) and `finding`: hot or
    cold (q at most 0.10), not_unusual, or why there is no z: unknown (its value, or its coordinates),
    too_few_places (below 8), all_alike (every value is the same), all_neighbours (of everything, so there
    is nothing to compare with).

    z is Gi* of Ord and Getis 1995 (Geographical Analysis 27:286) with binary weights and the variance over
    n, as in eq. 14.2 of Getis and Ord 1996; it is close to normal only where a place has several neighbours
    and counts are not nearly all zero. Raises ParameterError for values below 0 or without one rule.
    """
    key = key_of(places)
    if value not in places.columns:
        raise ParameterError(f"The places have no column {value}. Name the column to look at.")
    x = counted(places[value], what=f"values of {value}")
    near, known = _neighbours(places, key, x, km=km, nearest=nearest, weights=weights)
    n, held = int(known.sum()), np.where(known, x, 0.0)
    near &= known
    size = near.sum(axis=1)
    mean = held.sum() / max(n, 1)
    spread = np.sqrt(max(float((held[known] ** 2).sum()) / max(n, 1) - mean**2, 0.0))
    room = (n * size - size**2) / max(n - 1, 1)
    alike = spread <= _SAME * max(mean, _SAME)
    able = known & (n >= FEWEST_PLACES) & (room > 0) & (not alike)
    z = np.full(len(x), np.nan)
    z[able] = (near[able] @ held - size[able] * mean) / (spread * np.sqrt(room[able]))
    p = _two_sided(z)
    q = adjust(p)
    finding = np.select(
        [~known, np.full(len(x), n < FEWEST_PLACES), np.full(len(x), alike), room <= 0,
         (q <= FALSE_DISCOVERY_RATE) & (z > 0), (q <= FALSE_DISCOVERY_RATE) & (z < 0)],
        ["unknown", "too_few_places", "all_alike", "all_neighbours", "hot", "cold"],
        default="not_unusual",
    )  # fmt: skip
    measured = {name: pd.Series(column, dtype="Float64") for name, column in (("z", z), ("p", p), ("q", q))}
    return pd.DataFrame(
        {
            key: places[key].reset_index(drop=True),
            value: places[value].reset_index(drop=True),
            "neighbours": pd.Series(np.where(known, size, np.nan), dtype="Int64"),
            **measured,
            "finding": pd.Series(finding, dtype="str"),
        }
    )


def touching(districts: pd.DataFrame, *, gap: float = 0.01) -> pd.DataFrame:
    """
    Return which districts lie next to each other, rows and columns named by district.

    Takes `district` and `geometry` (shapely, degrees; as `view.districts`). Outlines that come within `gap`
    degrees of each other touch: simplified outlines leave slivers (0.01 degrees are about 1 km). A district
    is not its own neighbour here; one without an outline has none.
    """
    import shapely

    outlines = np.asarray(districts["geometry"], dtype=object)
    found = np.zeros((len(outlines), len(outlines)), dtype=bool)
    if len(outlines):
        one, other = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=gap)
        found[one, other] = one != other
    names = pd.Index(districts["district"].astype("str"), name="district")
    return pd.DataFrame(found, index=names, columns=names.rename(None))


def _neighbours(
    places: pd.DataFrame,
    key: str,
    x: NDArray[np.float64],
    *,
    km: float | None,
    nearest: int | None,
    weights: pd.DataFrame | None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if sum(rule is not None for rule in (km, nearest, weights)) != 1:
        raise ParameterError("Neighbours need one rule. Pass either km, or nearest, or weights.")
    known = ~np.isnan(x)
    if weights is not None:
        near: Any = weights.reindex(index=places[key], columns=places[key]).to_numpy() == 1
    else:
        at, degrees = located(places)
        known &= ~np.isnan(at).any(axis=1)
        far = distances(at, degrees=degrees)
        far[:, ~known] = np.inf
        np.fill_diagonal(far, -1.0)
        if km is not None:
            near = far <= km * (1 + _SAME)
        else:
            if nearest is None or nearest < 1:
                raise ParameterError(f"{nearest} neighbours are none. Ask for 1 or more.")
            rank = np.argsort(np.argsort(far, axis=1, kind="stable"), axis=1, kind="stable")
            near = rank <= nearest
    np.fill_diagonal(near, val=True)
    return near, known


def _two_sided(z: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy import special

    return np.asarray(special.erfc(np.abs(z) / np.sqrt(2)))
