"""Thresholds: the largest count that an expected value, its error and the dispersion make usual."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workbench.analysis.surveillance._frame import Floats
from workbench.errors import ParameterError

Power = Literal["none", "1/2", "2/3"]
EXPONENTS: dict[str, float] = {"none": 1.0, "1/2": 0.5, "2/3": 2 / 3}

FUZZ = 1 - 64 * float(np.finfo(float).eps)
"""A quantile is reached if the probability misses it by rounding only, as in R's qnbinom."""


def power_threshold(
    expected: ArrayLike,
    error: ArrayLike,
    dispersion: ArrayLike,
    count: ArrayLike,
    *,
    alpha: float = 0.05,
    power: Power = "2/3",
) -> pd.DataFrame:
    """
    Return the bounds of a count whose power is taken as normal: Farrington (1996), method "delta".

    `expected` mu with standard error `error`, `dispersion` phi, `count` y: scalars or arrays of one
    length; `alpha` one-sided. With tau = phi + error^2 / mu the power y^e has variance e^2 mu^(2e-1) tau,
    so upper = (mu^e + z sd)^(1/e), and lower likewise (0 where the root is not real). Returns `lower`,
    `upper`, `p` = P(Y >= y) and `score` = (y - mu) / (upper - mu), above 1 for an alarm.
    Farrington, Andrews, Beale and Catchpole (1996), JRSS-A 159:547, section 3.7; figures of
    `algo.farrington.threshold.farrington` in R's surveillance 1.20.3.
    """
    from scipy import special

    if power not in EXPONENTS:
        raise ParameterError(f'There is no power "{power}". Known: {", ".join(EXPONENTS)}.')
    mu, se, phi, y = _arrays(expected, error, dispersion, count)
    exponent, z = EXPONENTS[power], float(special.ndtri(1 - alpha))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        tau = phi + se**2 / mu
        sd = exponent * np.sqrt(mu ** (2 * exponent - 1) * tau)
        lower = (mu**exponent - z * sd) ** (1 / exponent)
        upper = (mu**exponent + z * sd) ** (1 / exponent)
        p = special.ndtr((mu**exponent - y**exponent) / sd)
        score = (y - mu) / (upper - mu)
    return _bounds(np.fmax(0, lower), upper, p, score)


def quantile_threshold(
    log_expected: ArrayLike,
    log_error: ArrayLike,
    dispersion: ArrayLike,
    count: ArrayLike,
    *,
    alpha: float = 0.05,
    muan: bool = False,
) -> pd.DataFrame:
    """
    Return the bounds of a negative binomial count: Noufaily et al. (2013), "nbPlugin" or "muan".

    `log_expected` eta with standard error `log_error`, `dispersion` phi, `count` y. The mean is exp(eta),
    or for `muan` the (1 - alpha) quantile of exp(N(eta, log_error)); the variance phi times the mean;
    Poisson where phi is 1. Returns `lower` and `upper` (quantiles alpha and 1 - alpha), `p` = P(Y >= y)
    and `score`. The score of R's surveillance 1.20.3 is (y - eta) / (upper - eta): it sets the logarithm
    of the mean beside counts, and is above 1 where y is above upper all the same; followed here.
    Noufaily, Enki, Farrington, Garthwaite, Andrews and Charlett (2013), Statistics in Medicine 32:1206.
    """
    from scipy import special

    eta, se, phi, y = _arrays(log_expected, log_error, dispersion, count)
    with np.errstate(over="ignore"):
        mean = np.exp(eta + se * float(special.ndtri(1 - alpha)) if muan else eta)
    mean = np.where(np.isfinite(mean) & (mean < 1e15), mean, np.nan)
    lower, upper = quantile(alpha, mean, phi), quantile(1 - alpha, mean, phi)
    p = _tail(y, mean, phi)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (y - eta) / (upper - eta)
    return _bounds(lower, upper, p, score)


def _arrays(*values: ArrayLike) -> list[Floats]:
    together = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in values))
    return [np.array(value, dtype=float) for value in together]


def _bounds(lower: Floats, upper: Floats, p: Floats, score: Floats) -> pd.DataFrame:
    columns: dict[str, Any] = {"lower": lower, "upper": upper, "p": p, "score": score}
    finite = {name: np.where(np.isfinite(values), values, np.nan) for name, values in columns.items()}
    return pd.DataFrame({name: pd.Series(values, dtype="Float64") for name, values in finite.items()})


def _shape(mean: Floats, phi: Floats) -> tuple[Floats, Floats]:
    """Return size and probability of a negative binomial with this mean and variance phi times it."""
    spare = np.where(phi > 1, phi - 1, 1.0)
    return np.maximum(mean, 1e-300) / spare, 1 / np.maximum(phi, 1)


def _cdf(y: Floats, mean: Floats, phi: Floats) -> Floats:
    """P(Y <= y): regularised incomplete beta function, or gamma for Poisson (DLMF 8.17, 8.4)."""
    from scipy import special

    size, chance = _shape(mean, phi)
    found = np.where(phi > 1, special.betainc(size, y + 1, chance), special.gammaincc(y + 1, mean))
    return np.asarray(found, dtype=float)


def _tail(y: Floats, mean: Floats, phi: Floats) -> Floats:
    """P(Y >= y), without the loss of digits of a difference."""
    from scipy import special

    size, chance = _shape(mean, phi)
    k = np.maximum(y, 1)
    found = np.where(phi > 1, special.betainc(k, size, 1 - chance), special.gammainc(k, mean))
    return np.where(y > 0, found, np.where(np.isnan(mean), np.nan, 1.0))


def quantile(q: float, mean: Floats, phi: Floats) -> Floats:
    """Return the smallest count with P(Y <= count) >= q, by bisection over all rows at once."""
    low, high = np.full(mean.shape, -1.0), np.ones(mean.shape)
    while (short := _cdf(high, mean, phi) < q * FUZZ).any():
        high[short] *= 2
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        reached = ~(_cdf(middle, mean, phi) < q * FUZZ)
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    return np.where(np.isnan(mean), np.nan, high)
