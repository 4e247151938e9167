"""District outlines on a canvas: projected, simplified with shared borders kept, hatched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

TOLERANCE = 0.7
"""How coarse a border is drawn, in pixels, to begin with: about as coarse as the border is wide."""

MOST_POINTS = 1600
"""Borders are drawn coarser until a map has no more points: an SVG of less than 40 kB."""

_SPECK = 2.0
_HATCH = 6.5


@dataclass(frozen=True)
class Canvas:
    """Where a map is drawn: `width` and `height` in pixels, outlines inside `margin`."""

    width: float
    height: float
    margin: float = 2.0


def project(outlines: Sequence[BaseGeometry | None]) -> list[BaseGeometry]:
    """
    Return outlines (degrees, WGS 84) on a plane: x to the east, y down, one unit a degree of latitude.

    Equirectangular with the cosine of the middle latitude, so that a district has its shape. An
    outline that is missing or empty becomes an empty polygon; lines and points are left out.
    """
    whole = [_polygons(one) for one in outlines]
    known = [one for one in whole if not one.is_empty]
    if not known:
        return whole
    _, south, _, north = shapely.total_bounds(known)
    narrow = math.cos(math.radians((south + north) / 2))
    return [shapely.transform(one, lambda xy: xy * np.array([narrow, -1.0])) for one in whole]


def fit(
    outlines: Sequence[BaseGeometry], canvas: Canvas, *, scale: float = 1.0, side: float = 0.5
) -> list[BaseGeometry]:
    """
    Return projected outlines in pixels of `canvas`, simplified together, islets of no size left out.

    `scale` is the share of the largest size that fits; `side` places the map: 0 left, 0.5 middle,
    1 right. Neighbours keep one common border.
    """
    known = [one for one in outlines if not one.is_empty]
    left, top, right, bottom = shapely.total_bounds(known)
    room = (canvas.width - 2 * canvas.margin, canvas.height - 2 * canvas.margin)
    factor = scale * min(room[0] / max(right - left, 1e-9), room[1] / max(bottom - top, 1e-9))
    spare = (room[0] - (right - left) * factor, room[1] - (bottom - top) * factor)
    offset = np.array([canvas.margin + spare[0] * side, canvas.margin + spare[1] / 2])
    corner = np.array([left, top])
    placed = [shapely.transform(one, lambda xy: (xy - corner) * factor + offset) for one in outlines]
    tolerance = TOLERANCE
    while True:
        simple = [_without_specks(one) for one in shapely.coverage_simplify(placed, tolerance)]
        if shapely.get_num_coordinates(simple).sum() <= MOST_POINTS or tolerance > canvas.width:
            return [tidied(one) for one in simple]
        tolerance *= 1.3


def ratio(outlines: Sequence[BaseGeometry]) -> float:
    """Return height divided by width of projected outlines."""
    left, top, right, bottom = shapely.total_bounds([one for one in outlines if not one.is_empty])
    return float((bottom - top) / max(right - left, 1e-9))


def hatching(outline: BaseGeometry, *, crossed: bool, free: BaseGeometry) -> BaseGeometry:
    """
    Return diagonal lines across an outline, in pixels, `free` left blank for the label.

    They are drawn as lines because a static chart has no fill patterns; `crossed` adds those of the
    other direction.
    """
    left, top, right, bottom = outline.bounds
    reach = (bottom - top) + (right - left)
    # anchored at the canvas's corner: neighbours' lines meet at their border
    starts = np.arange(math.floor((left - bottom) / _HATCH), math.ceil((right - top) / _HATCH) + 1)
    lines = [((s * _HATCH + top, top), (s * _HATCH + top + reach, top + reach)) for s in starts]
    if crossed:
        starts = np.arange(math.floor((left + top) / _HATCH), math.ceil((right + bottom) / _HATCH) + 1)
        lines += [((s * _HATCH - top, top), (s * _HATCH - top - reach, top + reach)) for s in starts]
    inside = shapely.difference(shapely.buffer(outline, -0.4), free)
    clipped = shapely.intersection(shapely.MultiLineString(lines), inside)
    kept = [line for line in shapely.get_parts(clipped) if line.geom_type == "LineString"]
    return tidied(shapely.MultiLineString(kept))


def feature(outline: BaseGeometry, **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature."""
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(outline),
        "properties": properties,
    }


def _polygons(outline: BaseGeometry | None) -> BaseGeometry:
    if outline is None or outline.is_empty:
        return shapely.Polygon()
    valid = outline if outline.is_valid else shapely.make_valid(outline)
    parts = [p for p in shapely.get_parts(shapely.get_parts(valid)) if p.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts) if len(parts) != 1 else parts[0]


def _without_specks(outline: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(outline)
    if len(parts) < 2:
        return outline
    areas = shapely.area(parts)
    kept = parts[(areas >= _SPECK) | (areas == areas.max())]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(list(kept))


def tidied(outline: BaseGeometry) -> BaseGeometry:
    """Return a shape with coordinates of one decimal, rings turned so that holes stay holes."""
    # pointwise: common borders round to common points, and nothing is dropped
    rounded = shapely.set_precision(outline, 0.1, mode="pointwise")
    tidy = shapely.transform(rounded, lambda xy: np.round(xy, 1))
    return shapely.orient_polygons(tidy)
