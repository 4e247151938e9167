"""The models of the outlook: what each says of the next weeks' sum, given the weeks before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.analysis.outlook.predictive import Grid, empirical, negative_binomial, reach_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

BASELINES = ("last_value", "eight_weeks", "last_twelve")
"""What any other model must beat (VIEWS benchmarks, arXiv 2407.11045: hard to beat on sparse counts)."""

MODELS = (*BASELINES, "trend", "blend")
"""Every model, in the order of the scorecard; blend is the equal-weight pool of the others."""

WINDOW = 26
"""How many weeks before it a forecast is made from; the trend uses all of them."""

LONGEST_HORIZON = 12
"""No outlook further ahead than this many weeks: the window must hold 12 rolling sums of that length."""

NEEDED = {"eight_weeks": 6, "last_twelve": 8, "trend": 13}
"""Known weeks (of 8 and of 26) or known sums (of 12) without which a model says nothing."""

SLOPE_SD = np.log(2) / 8
"""How steep a trend is before the weeks are seen: doubling within 8 weeks is one standard deviation."""

DAMPING = 0.9
"""Each week ahead a trend climbs by this share of the week before (Gardner and McKenzie 1985)."""

LARGEST_RISE = 2.0
"""The trend's weekly mean stays below this many times the largest week of its window (or 1)."""


@dataclass(frozen=True)
class Law:
    """
    What one model says of many rows: negative binomials (`size`, `prob`) or the `values` it has seen.

    `known` says where it says anything; elsewhere the numbers stand for nothing. `mean` of the sum.
    """

    known: Mask
    mean: Floats
    size: Floats | None = None
    prob: Floats | None = None
    values: Floats | None = None

    @property
    def reach(self) -> Floats:
        """A value that the sum hardly passes."""
        if self.size is not None and self.prob is not None:
            return reach_of(self.size, self.prob)
        seen: Any = self.values
        largest: Floats = np.nan_to_num(seen).max(axis=1)
        return largest

    def masses(self, rows: NDArray[np.int64], grid: Grid) -> Floats:
        """Return the distribution of these rows on a grid."""
        if self.size is not None and self.prob is not None:
            return negative_binomial(self.size[rows], self.prob[rows], grid)
        seen: Any = self.values
        return empirical(seen[rows], grid)


@dataclass(frozen=True)
class Trend:
    """A log-linear trend of many rows: mean exp(`level` + `slope` t), t = 0 in the last week."""

    level: Floats
    slope: Floats
    dispersion: Floats
    covariance: tuple[Floats, Floats, Floats]
    """Of level with itself, level with slope, slope with itself."""


def laws(weeks: Floats, *, horizon: int, lead: int = 0) -> dict[str, Law]:
    """
    Return what each model but the blend says of the sum of `horizon` weeks.

    `weeks` holds the last 26 for each row, unknown as NaN; the sum begins `lead` weeks after them.

    * last_value: the sum k of the last `horizon` weeks as a rate learnt from them alone, Gamma-Poisson
      under Jeffreys' prior: negative binomial, size k + 1/2, probability 1/2
    * eight_weeks: the same from the known of the last 8 weeks: size k + 1/2, probability n / (n + horizon)
    * last_twelve: the last 12 sums of `horizon` weeks, each as likely as the others (conflictology)
    * trend: `fit_trend`, damped and capped, its sum a negative binomial whose variance is the dispersion
      times the mean, plus that of the mean by the delta method (the standard deviation of the mean is
      taken to be at most the mean)
    """
    last, eight = weeks[:, -horizon:], weeks[:, -8:]
    complete = np.asarray(~np.isnan(last).any(axis=1))
    n = (~np.isnan(eight)).sum(axis=1).astype(float)
    half = np.full(len(weeks), 0.5)
    sums = np.lib.stride_tricks.sliding_window_view(weeks, horizon, axis=1).sum(axis=-1)[:, -12:]
    seen = (~np.isnan(sums)).sum(axis=1)
    return {
        "last_value": _gamma_poisson(np.nansum(last, axis=1) + 0.5, half, complete),
        "eight_weeks": _gamma_poisson(
            np.nansum(eight, axis=1) + 0.5,
            np.maximum(n, 1) / (np.maximum(n, 1) + horizon),
            n >= NEEDED["eight_weeks"],
        ),
        "last_twelve": Law(
            seen >= NEEDED["last_twelve"], np.nansum(sums, axis=1) / np.maximum(seen, 1), values=sums
        ),
        "trend": _ahead(weeks, horizon=horizon, lead=lead),
    }


def known(fitted: Mapping[str, Law]) -> dict[str, Mask]:
    """Return where each model says anything; the blend does where all others do."""
    each = {name: law.known for name, law in fitted.items()}
    return {**each, "blend": np.logical_and.reduce(list(each.values()))}


def means(fitted: Mapping[str, Law]) -> dict[str, Floats]:
    """Return each model's mean, that of the blend included."""
    each = {name: law.mean for name, law in fitted.items()}
    return {**each, "blend": np.mean(list(each.values()), axis=0)}


def masses(fitted: Mapping[str, Law], rows: NDArray[np.int64], grid: Grid) -> dict[str, Floats]:
    """Return each model's distribution of some rows, that of the blend (linear pool) included."""
    each = {name: law.masses(rows, grid) for name, law in fitted.items()}
    return {**each, "blend": np.mean(list(each.values()), axis=0)}


def fit_trend(weeks: Floats, *, slope_sd: float = SLOPE_SD, extra: float = 0.5) -> Trend:
    """
    Fit a quasi-Poisson log-linear trend to each row by Fisher scoring (McCullagh and Nelder 1989, 2.5).

    Rows are series, columns weeks, the last of them t = 0; NaN weeks are left out. The slope is shrunk
    towards 0 by a normal prior of `slope_sd`, and `extra` incidents are spread over the weeks, so that
    zeros have a fit too; with `slope_sd` infinite and `extra` 0 it is R's
    `glm(y ~ t, family = quasipoisson)`, where that has a fit. Dispersion is Pearson's, 1 or more.
    """
    t = np.arange(weeks.shape[1], dtype=float) - weeks.shape[1] + 1
    there = ~np.isnan(weeks)
    n = np.maximum(there.sum(axis=1), 1)
    y = np.where(there, weeks + (extra / n)[:, None], 0.0)
    prior = slope_sd**-2
    level, slope = np.log(np.maximum(y.sum(axis=1) / n, 1e-9)), np.zeros(len(weeks))
    # time counts from the middle while fitting, so that level and slope hardly depend on each other
    middle = t.mean()
    for _ in range(25):
        mu = _rates(level, slope, t - middle, there)
        a, b, c = _information(mu, t - middle)
        determinant = np.maximum(a * (c + prior) - b**2, 1e-300)
        up = (y - mu).sum(axis=1)
        along = ((y - mu) * (t - middle)).sum(axis=1) - prior * slope
        by = np.clip(((c + prior) * up - b * along) / determinant, -2, 2)
        turn = np.clip((a * along - b * up) / determinant, -0.2, 0.2)
        level, slope = level + by, slope + turn
        if max(np.abs(by).max(initial=0), np.abs(turn).max(initial=0)) < 1e-9:
            break
    level = level - slope * middle
    mu = _rates(level, slope, t, there)
    residuals = np.where(there, (np.where(there, weeks, 0.0) - mu) ** 2 / np.where(there, mu, 1.0), 0.0)
    dispersion = np.maximum(1.0, residuals.sum(axis=1) / np.maximum(n - 2, 1))
    a, b, c = (part / dispersion for part in _information(mu, t))
    c = c + prior
    determinant = np.maximum(a * c - b**2, 1e-300)
    return Trend(level, slope, dispersion, (c / determinant, -b / determinant, a / determinant))


def _ahead(weeks: Floats, *, horizon: int, lead: int) -> Law:
    fitted = fit_trend(weeks)
    t = np.cumsum(DAMPING ** np.arange(1, lead + horizon + 1))[lead:]
    largest = LARGEST_RISE * np.maximum(1.0, np.nan_to_num(weeks).max(axis=1, initial=0))
    mu = np.exp(np.minimum(fitted.level[:, None] + fitted.slope[:, None] * t, np.log(largest)[:, None]))
    mean, turned = mu.sum(axis=1), (mu * t).sum(axis=1)
    level, both, slope = fitted.covariance
    error = mean**2 * level + 2 * mean * turned * both + turned**2 * slope
    error = np.clip(error, 1e-6 * mean, np.maximum(mean**2, 1e-6 * mean))
    variance = fitted.dispersion * mean + error
    enough = (~np.isnan(weeks)).sum(axis=1) >= NEEDED["trend"]
    return Law(enough, mean, size=mean**2 / (variance - mean), prob=mean / variance)


def _gamma_poisson(size: Floats, prob: Floats, there: Mask) -> Law:
    return Law(there, size * (1 - prob) / prob, size=size, prob=prob)


def _rates(level: Floats, slope: Floats, t: Floats, there: Mask) -> Floats:
    return np.where(there, np.exp(np.clip(level[:, None] + slope[:, None] * t, -50, 50)), 0.0)


def _information(mu: Floats, t: Floats) -> tuple[Floats, Floats, Floats]:
    return mu.sum(axis=1), mu @ t, mu @ t**2
