"""How good a forecast distribution was, once the count is known: smaller scores are better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LEAST_CHANCE = 0.001
"""The log score takes no chance to be below this, so that one surprise does not decide a comparison."""

BINS = 10
"""Bars of the PIT histogram."""


def crps(masses: ArrayLike, y: ArrayLike, *, step: int = 1) -> Floats:
    """
    Return the continuous ranked probability score of each row of masses over 0, step, 2 step, ...

    The sum over k of (F(k) - 1{y <= k})^2, times the step: the ranked probability score of counts
    (Czado, Gneiting and Held 2009, Biometrics 65:1254, section 3; Gneiting and Raftery 2007, JASA
    102:359). In incidents: a forecast that is sure of one value scores by how far it is out. Counts
    beyond the last value are scored in full. Raises ParameterError unless masses are rows that add up
    to 1 and `y` has one count of 0 or more for each.
    """
    rows, counts = _checked(masses, y)
    at = np.ceil(counts / step)
    places = np.arange(rows.shape[1])
    distance = np.cumsum(rows, axis=1) - (at[:, None] <= places)
    score: Floats = step * ((distance**2).sum(axis=1) + np.maximum(0.0, at - rows.shape[1]))
    return score


def crps_sample(sample: ArrayLike, y: ArrayLike) -> Floats:
    """
    Return the CRPS of each row's sample as the forecast: mean |x - y| less half the mean |x - x'|.

    The mean over all m^2 pairs, the score of the sample's own distribution (Grimit et al. 2006; what
    `crps_sample` of R's scoringRules gives by method "edf"). Rows are forecasts, columns draws.
    """
    draws = np.sort(np.atleast_2d(np.asarray(sample, dtype=float)), axis=1)
    counts, size = np.atleast_1d(np.asarray(y, dtype=float)), draws.shape[1]
    if draws.shape[0] != counts.shape[0] or size == 0 or np.isnan(draws).any() or np.isnan(counts).any():
        raise ParameterError("Each count needs one row of draws, all known. Pass as many rows as counts.")
    ranks = 2 * np.arange(1, size + 1) - size - 1
    score: Floats = np.abs(draws - counts[:, None]).mean(axis=1) - (draws * ranks).sum(axis=1) / size**2
    return score


def crps_normal(mean: ArrayLike, sd: ArrayLike, y: ArrayLike) -> Floats:
    """
    Return the CRPS of normal forecasts, for measures that are no counts.

    sd (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)), z = (y - mean) / sd (Gneiting et al. 2005, Monthly
    Weather Review 133:1098, equation 5). Raises ParameterError unless every sd is above 0.
    """
    from scipy import special

    centre, scale, value = (np.asarray(v, dtype=float) for v in (mean, sd, y))
    if not (scale > 0).all():
        raise ParameterError("A normal forecast needs a standard deviation above 0.")
    z = (value - centre) / scale
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    score: Floats = scale * (z * (2 * special.ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    return np.atleast_1d(score)


def log_score(masses: ArrayLike, y: ArrayLike, *, step: int = 1, least: float = LEAST_CHANCE) -> Floats:
    """
    Return -ln of the chance that the forecast gave to what came, no chance taken to be below `least`.

    `least` 0 gives the score as published (ignorance, Good 1952), which is infinite for what was held
    impossible: a distribution of the last 12 counts holds every other count so.
    """
    rows, counts = _checked(masses, y)
    chance = _at(rows, np.ceil(counts / step)) / step
    with np.errstate(divide="ignore"):
        # 0.0 is added so that certainty scores 0 and not -0
        return -np.log(np.maximum(chance, least)) + 0.0


def brier(masses: ArrayLike, y: ArrayLike) -> Floats:
    """Return (chance of any incident - whether there was any)^2 for each row (Brier 1950)."""
    rows, counts = _checked(masses, y)
    score: Floats = (1 - rows[:, 0] - (counts > 0)) ** 2
    return score


def pit(masses: ArrayLike, y: ArrayLike, *, step: int = 1, bins: int = BINS) -> tuple[float, ...]:
    """
    Return the heights of the non-randomised PIT histogram, in shares that add up to 1.

    Every count spreads evenly over what lies between F(y - 1) and F(y); equal bars of 1 / `bins` are a
    calibrated forecast, a U one too narrow, a hump one too wide (Czado, Gneiting and Held 2009,
    equation 2). The same as `pit` of R's surveillance, divided by the number of bins. Empty for no row.
    """
    rows, counts = _checked(masses, y)
    if not len(rows):
        return ()
    at = np.ceil(counts / step)
    chance = _at(rows, at)
    below = np.where(np.arange(rows.shape[1]) < at[:, None], rows, 0.0).sum(axis=1)
    edges = np.arange(bins + 1) / bins
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (edges[:, None] - below) / chance
    reached = np.where(chance > 0, np.clip(spread, 0, 1), (edges[:, None] >= np.minimum(below, 1)) * 1.0)
    reached[0], reached[-1] = 0.0, 1.0
    return tuple(float(height) for height in np.diff(reached.mean(axis=1)))


def _at(rows: Floats, at: Floats) -> Floats:
    """Return the mass at each row's place, 0 beyond the last."""
    places = np.minimum(at, rows.shape[1] - 1).astype(np.int64)
    found: Floats = rows[np.arange(len(rows)), places]
    return np.where(at < rows.shape[1], found, 0.0)


def _checked(masses: ArrayLike, y: ArrayLike) -> tuple[Floats, Any]:
    rows = np.atleast_2d(np.asarray(masses, dtype=float))
    counts = np.atleast_1d(np.asarray(y, dtype=float))
    if rows.shape[0] != counts.shape[0] or not (counts >= 0).all() or np.isinf(counts).any():
        raise ParameterError("Each known count of 0 or more needs one row of masses. Leave unknown ones out.")
    if (rows < 0).any() or not (np.abs(rows.sum(axis=1) - 1) < 1e-6).all():
        raise ParameterError("The masses of each row must be 0 or more and add up to 1. Widen the range.")
    return rows, counts
