"""Predictive distributions of many counts at once: a mass for every value, as wide as the rows need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LARGEST_EXACT = 4096
"""Counts up to here have a mass each; distributions that reach further are laid on a coarser grid."""

BATCH = 1_000_000
"""How many masses one batch may hold: 8 MB for each model."""

TAIL = 1e-6
"""Largest mass that may lie beyond the last value of a distribution; it is put on that value."""


@dataclass(frozen=True)
class Grid:
    """The values 0, step, 2 step, ... up to `last`; each holds the counts above the value before it."""

    last: int
    step: int = 1

    @property
    def values(self) -> Floats:
        """The values as floats."""
        return np.arange(0, self.last + 1, self.step, dtype=float)

    def at(self, y: Floats) -> NDArray[np.int64]:
        """Return the place of each count on the grid, which may lie beyond its last."""
        return np.ceil(y / self.step).astype(np.int64)


def batches(reach: Floats) -> Iterator[tuple[NDArray[np.int64], Grid]]:
    """
    Yield rows together with a grid that holds what each of them may `reach`.

    Rows of one batch need grids of like size, so that one district with 10,000 deaths does not widen
    those of all others. Every row comes once.
    """
    power = np.ceil(np.log2(np.maximum(reach, 15) + 1)).astype(int)
    for exponent in np.unique(power):
        rows = np.flatnonzero(power == exponent)
        step = max(1, 2 ** int(exponent) // LARGEST_EXACT)
        grid = Grid(2 ** int(exponent) - step, step)
        at_once = max(1, BATCH // (grid.last // step + 1))
        for start in range(0, len(rows), at_once):
            yield rows[start : start + at_once], grid


def reach_of(size: Floats, prob: Floats) -> Floats:
    """Return a value that a negative binomial passes with a chance below about `TAIL`."""
    mean = size * (1 - prob) / prob
    far: Floats = mean + 4 * np.sqrt(mean / prob) + np.log(TAIL) / np.log1p(-prob)
    return far


def negative_binomial(size: Floats, prob: Floats, grid: Grid) -> Floats:
    """
    Return the masses of negative binomials, one row each, on the grid; the tail lies on its last value.

    Y has mean size (1 - prob) / prob, size need not be whole. From one value to the next the mass changes
    by (y + size) / (y + 1) (1 - prob) (Johnson, Kemp and Kotz 2005, 5.2); on a coarse grid the masses are
    differences of the incomplete beta function (DLMF 8.17).
    """
    from scipy import special

    r, p = size[:, None], prob[:, None]
    if grid.step == 1:
        y = grid.values[None, :-1]
        logs = np.cumsum(np.log((y + r) / (y + 1)) + np.log1p(-p), axis=1)
        first = r * np.log(p)
        masses = np.exp(np.concatenate([first, first + logs], axis=1))
    else:
        masses = np.diff(special.betainc(r, grid.values[None, :] + 1, p), axis=1, prepend=0.0)
    masses[:, -1] += np.maximum(0.0, 1 - masses.sum(axis=1))
    spread: Floats = masses
    return spread


def empirical(values: Floats, grid: Grid) -> Floats:
    """Return equal masses on the known values of each row; NaN values are left out."""
    known = ~np.isnan(values)
    width = grid.last // grid.step + 1
    at = np.minimum(grid.at(np.where(known, values, 0.0)), width - 1)
    flat = (np.arange(len(values))[:, None] * width + at)[known]
    each = np.broadcast_to(1 / np.maximum(1, known.sum(axis=1))[:, None], known.shape)[known]
    masses = np.bincount(flat, weights=each, minlength=len(values) * width).astype(float)
    return masses.reshape(len(values), width)


def quantile(masses: Floats, q: float, grid: Grid) -> Floats:
    """Return the smallest value of the grid at which the masses add up to q."""
    places = (np.cumsum(masses, axis=1) < q - 1e-9).sum(axis=1)
    found: Floats = np.minimum(places, masses.shape[1] - 1) * float(grid.step)
    return found
