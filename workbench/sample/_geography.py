"""The province of Kestara: district outlines that share their borders exactly, places, other names.

It lies in the open South Atlantic, where no land is, so that no real place can be meant. The
outlines are chains between junctions, each drawn once and used by both neighbours.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from random import Random

PROVINCE_CODE, PROVINCE = "KS01", "Kestara Province"
_SEED = 46

_Point = tuple[float, float]


@dataclass(frozen=True)
class District:
    """One district: p-code, name, and the chains around it (`-` before a chain walks it backwards)."""

    code: str
    name: str
    chains: tuple[str, ...]


DISTRICTS: tuple[District, ...] = (
    District("KS0101", "Kuro", ("kuro_coast", "-kuro_lumeth", "-velda_kuro", "kuro_orvane")),
    District("KS0102", "Lumeth", ("lumeth_coast", "-lumeth_mecor", "-velda_lumeth", "kuro_lumeth")),
    District("KS0103", "Orvane", ("orvane_coast", "-kuro_orvane", "-velda_orvane", "-nareth_orvane")),
    District("KS0104", "Port Halden", ("halden_coast", "halden_nareth", "-velda_halden", "-halden_ibrane")),
    District("KS0105", "Nareth", ("nareth_coast", "nareth_orvane", "-velda_nareth", "-halden_nareth")),
    District(
        "KS0106",
        "Velda",
        ("velda_nareth", "velda_orvane", "velda_kuro", "velda_lumeth", "velda_mecor", "velda_ibrane",
         "velda_halden"),
    ),
    District("KS0107", "Ibrane", ("ibrane_coast", "halden_ibrane", "-velda_ibrane", "-ibrane_mecor")),
    District("KS0108", "Mécor", ("mecor_coast", "ibrane_mecor", "-velda_mecor", "lumeth_mecor")),
)  # fmt: skip

CODES: dict[str, str] = {district.name: district.code for district in DISTRICTS}
"""District name -> p-code."""

# Junctions: where three districts, or two and the sea, meet. Longitude, latitude.
_A, _B, _C, _D = (-24.18, -31.62), (-23.78, -31.58), (-23.80, -32.04), (-23.86, -32.36)
_E, _F, _G = (-24.16, -32.42), (-24.46, -32.20), (-24.52, -31.80)
_NORTH, _NORTH_EAST, _EAST, _SOUTH_EAST = (
    (-24.02, -31.04),
    (-23.30, -31.42),
    (-23.02, -32.02),
    (-23.34, -32.58),
)
_SOUTH, _SOUTH_WEST, _WEST = (-24.02, -32.98), (-24.74, -32.58), (-24.92, -31.66)

_CHAINS: dict[str, tuple[_Point, ...]] = {
    "nareth_orvane": (_NORTH, _A),
    "velda_nareth": (_G, _A),
    "velda_orvane": (_A, _B),
    "kuro_orvane": (_B, _NORTH_EAST),
    "velda_kuro": (_B, _C),
    "kuro_lumeth": (_C, _EAST),
    "velda_lumeth": (_C, _D),
    "lumeth_mecor": (_D, _SOUTH_EAST),
    "velda_mecor": (_D, _E),
    "ibrane_mecor": (_SOUTH, _E),
    "velda_ibrane": (_E, _F),
    "halden_ibrane": (_SOUTH_WEST, _F),
    "velda_halden": (_F, _G),
    "halden_nareth": (_WEST, _G),
    "orvane_coast": (_NORTH, (-23.68, -31.10), _NORTH_EAST),
    "kuro_coast": (_NORTH_EAST, (-23.04, -31.62), _EAST),
    "lumeth_coast": (_EAST, (-23.10, -32.34), _SOUTH_EAST),
    "mecor_coast": (_SOUTH_EAST, (-23.66, -32.84), _SOUTH),
    "ibrane_coast": (_SOUTH, (-24.44, -32.88), _SOUTH_WEST),
    "halden_coast": (_SOUTH_WEST, (-24.98, -32.12), _WEST),
    "nareth_coast": (_WEST, (-24.62, -31.20), _NORTH),
}

PLACES: dict[str, dict[str, _Point]] = {
    "Kuro": {
        "Kuro town": (-23.42, -31.84), "Halm Bridge": (-23.52, -31.60), "Tesh Crossing": (-23.50, -31.68),
        "Sorrel Ridge": (-23.46, -31.74), "Upper Merrin": (-23.20, -31.70), "Dunmar": (-23.30, -31.94),
    },
    "Lumeth": {
        "Lumeth town": (-23.50, -32.24), "Brint": (-23.28, -32.20), "Ostrel": (-23.66, -32.16),
        "Garrow Ford": (-23.48, -32.42),
    },
    "Orvane": {
        "Orvane town": (-23.72, -31.34), "Quarrow": (-23.88, -31.46), "Fennick": (-23.54, -31.38),
        "Istrel Market": (-23.84, -31.22),
    },
    "Port Halden": {
        "Port Halden town": (-24.78, -32.04), "Halden Docks": (-24.84, -32.10), "Kelver": (-24.62, -31.96),
        "Palver": (-24.68, -32.30),
    },
    "Nareth": {
        "Nareth town": (-24.40, -31.46), "Wenna": (-24.20, -31.34), "Rusken": (-24.62, -31.54),
    },
    "Velda": {
        "Velda town": (-24.14, -32.00), "Tarrow": (-24.32, -31.92), "Low Ulver": (-24.02, -32.22),
    },
    "Ibrane": {
        "Ibrane town": (-24.42, -32.58), "Yarrel": (-24.26, -32.70), "Corrin": (-24.56, -32.46),
    },
    "Mécor": {
        "Mécor town": (-23.84, -32.64), "Selmar": (-23.66, -32.58), "Anset": (-23.96, -32.78),
    },
}  # fmt: skip
"""District name -> place name -> longitude, latitude."""

ROAD_KURO_ORVANE: tuple[str, ...] = ("Halm Bridge", "Tesh Crossing", "Sorrel Ridge")
"""The places that the road from Kuro town to Orvane town runs through."""


def district_of(place: str) -> str:
    """Return the name of the district that `place` lies in; raises KeyError."""
    return next((name for name, places in PLACES.items() if place in places), None) or _nowhere(place)


def _nowhere(place: str) -> str:
    raise KeyError(place)


def outlines() -> str:
    """
    Return the districts as GeoJSON text: one Polygon a district, WGS 84, 4 decimals, right-hand rule.

    Properties: code, name, parent_code, parent_name. Neighbours share every vertex of their border.
    """
    rng = Random(_SEED)  # noqa: S311 - a drawing, not a secret
    drawn = {name: _wobble(points, rng=rng) for name, points in _CHAINS.items()}
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": district.code,
                "name": district.name,
                "parent_code": PROVINCE_CODE,
                "parent_name": PROVINCE,
            },
            "geometry": {"type": "Polygon", "coordinates": [_ring(district.chains, drawn)]},
        }
        for district in DISTRICTS
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type": "FeatureCollection", "name": "kestara_districts", "features": [\n{lines}\n]}}\n'


def _wobble(points: tuple[_Point, ...], *, rng: Random) -> list[_Point]:
    """Return a chain through `points` with steps of about 5 km, bent like a river or a coast."""
    chain = [points[0]]
    for start, end in pairwise(points):
        halvings = max(2, round(math.log2(math.dist(start, end) / 0.05)))
        chain += _bend(start, end, halvings=halvings, rng=rng)[1:]
    return [(round(x, 4), round(y, 4)) for x, y in chain]


def _bend(start: _Point, end: _Point, *, halvings: int, rng: Random) -> list[_Point]:
    if halvings == 0:
        return [start, end]
    along = (end[0] - start[0], end[1] - start[1])
    push = (rng.random() - 0.5) * 0.30
    middle = (
        (start[0] + end[0]) / 2 - along[1] * push,
        (start[1] + end[1]) / 2 + along[0] * push,
    )
    first = _bend(start, middle, halvings=halvings - 1, rng=rng)
    return first + _bend(middle, end, halvings=halvings - 1, rng=rng)[1:]


def _ring(chains: tuple[str, ...], drawn: dict[str, list[_Point]]) -> list[_Point]:
    ring: list[_Point] = []
    for name in chains:
        points = drawn[name.removeprefix("-")]
        walked = points[::-1] if name.startswith("-") else points
        ring += walked if not ring else walked[1:]
    # The chains run clockwise; RFC 7946 wants outer rings counter-clockwise.
    return ring[::-1]
