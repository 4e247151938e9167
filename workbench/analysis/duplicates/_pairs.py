"""Which rows are near enough in place and time to be compared, found without comparing all with all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.duplicates._extent import DISTRICT, NOWHERE, POINT, PROVINCE, Extent

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARTH_KM = 6371.0
_MOST = 2_000_000
"""Pairs looked at in one go, which bounds the memory."""

_DAY_BITS = 21
_NARROW_DAYS = 6
_Pairs = tuple["NDArray[np.int64]", "NDArray[np.int64]"]


def near(extent: Extent, *, km: float, days: int) -> Iterator[_Pairs]:
    """
    Yield the pairs of rows, in turn, that lie within the windows; each pair once, positions (left < right).

    Two points: within `km` plus what each may be off. Otherwise the same district, or province, or anything
    where a row is known to none, as the coarser of the two says. The spans of days are at most `days` apart.
    """
    yield from _points(extent, km, days)
    rows = np.arange(len(extent.level))
    for level, code in ((DISTRICT, extent.district), (PROVINCE, extent.admin1), (NOWHERE, rows * 0)):
        coarse = rows[(extent.level == level) & (code >= 0)]
        finer = rows[(extent.level < level) & (code >= 0)]
        yield from _within(coarse, extent, code[coarse], days)
        yield from _across(coarse, finer, extent, (code[coarse], code[finer]), days)


def kilometres(extent: Extent, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return great-circle distances between the rows' points (from the chord)."""
    chord = np.sqrt(((extent.unit[left] - extent.unit[right]) ** 2).sum(axis=1))
    return np.asarray(2 * EARTH_KM * np.arcsin(np.minimum(chord / 2, 1.0)))


def gap(extent: Extent, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many days lie between the rows' spans, 0 where they overlap."""
    before = extent.first[right] - extent.last[left]
    after = extent.first[left] - extent.last[right]
    return np.asarray(np.maximum(0, np.maximum(before, after)), dtype=np.int64)


def _points(extent: Extent, km: float, days: int) -> Iterator[_Pairs]:
    rows = np.flatnonzero(extent.level == POINT)
    exact, vague = rows[extent.slack[rows] == 0], rows[extent.slack[rows] > 0]
    widest = float(extent.slack.max(initial=0.0))
    for one, other, reach in (
        (exact, exact, km),
        (vague, vague, km + 2 * widest),
        (vague, exact, km + widest),
    ):
        if not (len(one) and len(other)):
            continue
        # cubes as wide as the reach: whatever is near a point lies in its cube or in one of the 26 around it
        cube = {id(part): _cubes(extent.unit[part], reach) for part in (one, other)}
        for offset in product((-1, 0, 1), repeat=3):
            if one is other and offset < (0, 0, 0):
                continue
            here = _packed(cube[id(one)] + np.array(offset, dtype=np.int64))
            there = _packed(cube[id(other)])
            same = one is other and offset == (0, 0, 0)
            found = (
                _within(one, extent, there, days) if same
                else _across(one, other, extent, (here, there), days)
            )  # fmt: skip
            for left, right in found:
                close = kilometres(extent, left, right) <= km + extent.slack[left] + extent.slack[right]
                yield left[close], right[close]


def _cubes(unit: NDArray[np.float64], reach: float) -> NDArray[np.int64]:
    return np.floor(unit * (EARTH_KM / max(reach, 1.0))).astype(np.int64) + 8_192


def _packed(cube: NDArray[np.int64]) -> NDArray[np.int64]:
    return (cube[:, 0] << 28) | (cube[:, 1] << 14) | cube[:, 2]


def _within(rows: NDArray[np.int64], extent: Extent, code: NDArray[np.int64], days: int) -> Iterator[_Pairs]:
    """Yield the pairs among `rows` of the same code."""
    narrow = extent.last[rows] - extent.first[rows] <= _NARROW_DAYS
    wide = ~narrow
    for part, base in ((narrow, narrow), (wide, narrow), (wide, wide)):
        for left, right in _looked_up(rows[part], rows[base], extent, (code[part], code[base]), days):
            kept = left < right if part is base else np.ones(len(left), dtype=bool)
            yield _ordered(left[kept], right[kept])


def _across(
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    extent: Extent,
    code: tuple[NDArray[np.int64], NDArray[np.int64]],
    days: int,
) -> Iterator[_Pairs]:
    """Yield the pairs of a row of `one` and a row of `other` with the same code."""
    narrow = extent.last[other] - extent.first[other] <= _NARROW_DAYS
    for base in (narrow, ~narrow):
        for left, right in _looked_up(one, other[base], extent, (code[0], code[1][base]), days):
            yield _ordered(left, right)


def _looked_up(
    probe: NDArray[np.int64],
    base: NDArray[np.int64],
    extent: Extent,
    code: tuple[NDArray[np.int64], NDArray[np.int64]],
    days: int,
) -> Iterator[_Pairs]:
    """Yield probe and base rows with the same code whose spans are at most `days` apart."""
    if not (len(probe) and len(base)):
        return
    origin = int(min(extent.first[probe].min(), extent.first[base].min()))
    codes, inverse = np.unique(code[1], return_inverse=True)
    at = np.searchsorted(codes, code[0])
    there = (at < len(codes)) & (codes[np.minimum(at, len(codes) - 1)] == code[0])
    probe, at = probe[there], at[there]
    span = int((extent.last[base] - extent.first[base]).max())
    start = extent.first[base] - origin
    key = (inverse.astype(np.int64) << _DAY_BITS) | start
    order = np.argsort(key, kind="stable")
    key, base = key[order], base[order]
    most = (1 << _DAY_BITS) - 1
    low = np.clip(extent.first[probe] - origin - days - span, 0, most)
    high = np.clip(extent.last[probe] - origin + days, 0, most)
    begin = np.searchsorted(key, (at << _DAY_BITS) | low, side="left")
    count = np.searchsorted(key, (at << _DAY_BITS) | high, side="right") - begin
    for part in _portions(count):
        left = np.repeat(probe[part], count[part])
        within = np.arange(len(left)) - np.repeat(np.cumsum(count[part]) - count[part], count[part])
        right = base[np.repeat(begin[part], count[part]) + within]
        close = gap(extent, left, right) <= days
        yield left[close], right[close]


def _portions(count: NDArray[np.int64]) -> Iterator[slice]:
    total = np.cumsum(count)
    start = 0
    while start < len(count):
        before = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, before + _MOST, side="right")))
        yield slice(start, stop)
        start = stop


def _ordered(left: NDArray[np.int64], right: NDArray[np.int64]) -> _Pairs:
    return np.minimum(left, right), np.maximum(left, right)
