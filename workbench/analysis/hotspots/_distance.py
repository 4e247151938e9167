"""Places on a sphere or a plane, and how far they are from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARTH_KM = 6371.0
"""Mean radius of the Earth; the difference to an ellipsoid is below 0.6 %."""

_KEYS = ("district", "place")
_SPHERE, _PLANE = ("latitude", "longitude"), ("x", "y")


def key_of(places: pd.DataFrame) -> str:
    """Return which column names the places, `district` or `place`; each may be named once only."""
    key = next((name for name in _KEYS if name in places.columns), None)
    if key is None:
        raise ParameterError("The places come without a name. Pass a column district or place.")
    if places[key].isna().any() or places[key].duplicated().any():
        raise ParameterError(f"A {key} is missing or stands in two rows. Pass one row for each {key}.")
    return key


def located(places: pd.DataFrame) -> tuple[NDArray[np.float64], bool]:
    """
    Return the coordinates, one row a place, NaN where unknown, and whether they are degrees.

    Takes `latitude` and `longitude` (degrees), or else `x` and `y` (a plane, any unit).
    """
    names = next((pair for pair in (_SPHERE, _PLANE) if set(pair) <= set(places.columns)), None)
    if names is None:
        raise ParameterError("The places have no coordinates. Pass latitude and longitude, or x and y.")
    at = numbers(places[list(names)])
    if np.isinf(at).any() or (names == _SPHERE and (np.abs(at) > [90.0, 180.0]).any()):
        raise ParameterError(
            "A place lies outside the world. Pass latitudes of -90 to 90 and longitudes of -180 to 180."
        )
    return at, names == _SPHERE


def distances(at: NDArray[np.float64], *, degrees: bool) -> NDArray[np.float64]:
    """Return all distances, one row a place: great circles in km, or in the plane's own unit."""
    if not degrees:
        return np.hypot(at[:, None, 0] - at[None, :, 0], at[:, None, 1] - at[None, :, 1])
    here, there = np.radians(at)[:, None], np.radians(at)[None, :]
    return great_circle(here[..., 0], here[..., 1], there[..., 0], there[..., 1])


def great_circle(
    lat1: NDArray[np.float64], lon1: NDArray[np.float64], lat2: NDArray[np.float64], lon2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return distances in km between points in radians (haversine formula, stable for near points)."""
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def numbers(values: pd.DataFrame | pd.Series) -> NDArray[np.float64]:
    """Return values as floats, missing as NaN."""
    return np.asarray(values.astype("Float64").to_numpy(dtype=float, na_value=np.nan), dtype=float)


def counted(values: pd.DataFrame | pd.Series, *, what: str) -> NDArray[np.float64]:
    """Return counts or expectations as floats, missing as NaN; ParameterError below 0 or if infinite."""
    found = numbers(values)
    if (found < 0).any() or np.isinf(found).any():
        raise ParameterError(f"The {what} hold a number below 0 or without end. Pass 0 or more.")
    return found
