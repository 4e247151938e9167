"""How far weeks scatter around their rate, and the distribution of the next week that follows from it.

Distributions come from `scipy.special`, whose import costs a quarter of that of `scipy.stats`; the
tests hold every one of them against `scipy.stats` and against published results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SHORTEST_BASELINE = 8
"""With fewer weeks of data than this, nothing is called usual and no spread is learnt."""

SPREADS = ("poisson", "estimated")
"""How a baseline's spread is found: taken to be Poisson, or learnt from the weeks and never below it."""


@dataclass(frozen=True)
class Baseline:
    """
    The next week's count, were it like those before, for many series at once.

    `weeks` (n) and `total` (k) of the known weeks and their `dispersion` (phi, 1 or more); arrays of one
    length. With phi 1 the count is the Gamma-Poisson predictive under Jeffreys' prior: negative binomial,
    size k + 1/2, probability n / (n + 1), mean m = (k + 1/2) / n, variance m (1 + 1/n). With phi above 1
    it is the negative binomial of the same mean whose variance is phi times that: size
    m / (phi (1 + 1/n) - 1), probability n / (phi (n + 1)). So the two agree where phi is 1.
    """

    weeks: Floats
    total: Floats
    dispersion: Floats

    @property
    def mean(self) -> Floats:
        """The expected count; NaN where there is no week."""
        return np.where(self.weeks > 0, (self.total + 0.5) / np.maximum(self.weeks, 1), np.nan)

    @property
    def _shape(self) -> tuple[Floats, Floats]:
        n = np.maximum(self.weeks, 1)
        prob = n / (self.dispersion * (n + 1))
        plain = self.dispersion == 1
        wide = (self.total + 0.5) / n / np.where(plain, 1.0, self.dispersion * (1 + 1 / n) - 1)
        return np.where(plain, self.total + 0.5, wide), prob

    def cdf(self, y: Floats) -> Floats:
        """P(Y <= y): the regularised incomplete beta function (DLMF 8.17)."""
        from scipy import special

        size, prob = self._shape
        chance = special.betainc(size, np.floor(np.maximum(y, 0)) + 1, prob)
        return np.where((self.weeks > 0) & ~np.isnan(y), np.where(y < 0, 0.0, chance), np.nan)

    def tail(self, y: Floats) -> Floats:
        """P(Y >= y): the complement of `cdf` at y - 1, without the loss of digits of a difference."""
        from scipy import special

        size, prob = self._shape
        chance = np.where(y > 0, special.betainc(np.maximum(y, 1), size, 1 - prob), 1.0)
        return np.where((self.weeks > 0) & ~np.isnan(y), chance, np.nan)

    def quantile(self, q: float) -> Floats:
        """Return the smallest y with P(Y <= y) >= q, by bisection over all series at once."""
        low = np.full(self.weeks.shape, -1.0)
        high = np.ones(self.weeks.shape)
        while (short := self.cdf(high) < q).any():
            high[short] *= 2
        while (high - low > 1).any():
            middle = np.floor((low + high) / 2)
            reached = ~(self.cdf(middle) < q)
            high, low = np.where(reached, middle, high), np.where(reached, low, middle)
        return np.where(self.weeks > 0, high, np.nan)


def dispersion(history: ArrayLike) -> Floats:
    """
    Return the dispersion of each row of weeks: Pearson's statistic over its degrees of freedom, 1 or more.

    Rows are series, columns weeks; missing weeks are left out. For a constant rate it is the variance
    over the mean (McCullagh and Nelder 1989, 4.5.2; the dispersion of R's `glm(y ~ 1, quasipoisson)`).
    1 where fewer than 8 weeks are known, where all are 0, and where the weeks scatter less than Poisson
    counts do. Raises ParameterError for a negative or infinite count.
    """
    weeks = weeks_of(history)
    n, k = _sums(weeks)
    mean = k / np.maximum(n, 1)
    squares = np.nansum((weeks - mean[:, None]) ** 2, axis=1)
    usable = (n >= SHORTEST_BASELINE) & (k > 0)
    found = squares / np.where(usable, mean * (n - 1), 1.0)
    return np.where(usable, np.maximum(1.0, found), 1.0)


def baseline(history: ArrayLike, *, spread: str = "poisson") -> Baseline:
    """Return what `history` says of the next week; `spread` is one of `SPREADS`."""
    if spread not in SPREADS:
        raise ParameterError(f'There is no spread "{spread}". Use one of: {", ".join(SPREADS)}.')
    weeks = weeks_of(history)
    n, k = _sums(weeks)
    return Baseline(n, k, dispersion(weeks) if spread == "estimated" else np.ones(n.shape))


def weeks_of(history: ArrayLike) -> Floats:
    """Return counts as floats, one row a series, unknown as NaN; ParameterError for an impossible count."""
    weeks = np.atleast_2d(floats(history))
    if (weeks < 0).any() or np.isinf(weeks).any():
        raise ParameterError("A count is negative or infinite. Pass counts of 0 or more, unknown as <NA>.")
    return weeks


def floats(values: Any) -> Floats:
    """Return numbers of any kind as floats of the same shape, <NA> and None as NaN."""
    if isinstance(values, pd.DataFrame):
        if not all(isinstance(kind, pd.Float64Dtype) for kind in values.dtypes):
            values = values.astype("Float64")
        together: Floats = values.to_numpy(dtype=float, na_value=np.nan)
        return together
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.Float64Dtype | pd.Int64Dtype):
        return values.to_numpy(dtype=float, na_value=np.nan)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufb":
        return values.astype(float)
    return (
        pd.Series(np.asarray(values, dtype=object).ravel(), dtype="Float64")
        .to_numpy(dtype=float, na_value=np.nan)
        .reshape(np.shape(values))
    )


def _sums(weeks: Floats) -> tuple[Floats, Floats]:
    return (~np.isnan(weeks)).sum(axis=1).astype(float), np.nansum(weeks, axis=1)
