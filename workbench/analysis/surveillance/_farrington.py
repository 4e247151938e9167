"""Farrington's two algorithms: a week against a regression on the same season of the years before."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbench.analysis.surveillance import _frame, _glm, _reference, _threshold
from workbench.analysis.surveillance._frame import Floats, Positions, Weeks
from workbench.analysis.surveillance._threshold import Power
from workbench.errors import ParameterError

LEAST_REFERENCE = 8
"""With fewer known reference weeks than this there is no regression."""

MOST = 1e9
"""A threshold above this is a regression gone astray, and no result."""

BLOCK = 2**17
"""Cells (series x reference weeks) fitted at once: bounds the memory, and keeps it near the processor."""


@dataclass(frozen=True)
class Farrington:
    """
    Settings of the original algorithm, with the defaults of R's `farrington`.

    Reference weeks are `window` weeks either side of the same week in `years` years before, 52 weeks each,
    or by date if `calendar`. `alpha` is two-sided. Past weeks with an Anscombe residual above
    `outlier` weigh less (None: all the same). `trend` is the p-value below which a time trend is kept
    (None: never one). No alarm with fewer than `least` cases in `within` weeks.
    """

    years: int = 5
    window: int | None = 3
    alpha: float = 0.05
    power: Power = "2/3"
    outlier: float | None = 1.0
    trend: float | None = 0.05
    least: int = 5
    within: int = 4
    calendar: bool = False


@dataclass(frozen=True)
class Flexible(Farrington):
    """
    Settings of the flexible algorithm: Noufaily et al. (2013), with the defaults of R's `farringtonFlexible`.

    `alpha` is one-sided, `skip` past weeks are left out (26 in the paper; R's default is `window`).
    `periods` 1 takes the same season only; above 1 all weeks, with a factor of so many levels a year;
    `window` None all weeks of `years` years and no season: for counts that have none.
    """

    outlier: float | None = 2.58
    skip: int = 26
    periods: int = 1
    threshold: Literal["delta", "nbPlugin", "muan"] = "delta"


ORIGINAL, FLEXIBLE = Farrington(), Flexible()


def farrington(
    counts: pd.DataFrame,
    *,
    weeks: Weeks = None,
    population: pd.DataFrame | None = None,
    settings: Farrington = ORIGINAL,
) -> pd.DataFrame:
    """
    Say which weeks stand out from the same season of years before: Farrington et al. (1996).

    `counts` is one row a series, one column a week, <NA> unknown (weight 0); `population`, of the same
    shape, an offset. Returns one row per series and week of `weeks` (None: the last): the index as
    columns, `week`, `now`, `expected`, `upper`, `alarm`, `score` = (now - expected) / (upper - expected),
    `p` = P(Y >= now), `trend` (whether one was kept), `dispersion`, `weeks` (known reference weeks) and
    `reason`: history_too_short (under 8 of them), no_fit, count_unknown, too_few_cases (the rule of 5
    cases in 4 weeks: alarm false, bounds <NA>) or empty.

    A quasi-Poisson regression with logarithmic link on the reference weeks; re-weighted once by Anscombe
    residuals over 1; a trend only if significant, over 3 years or more and not above all past counts;
    threshold by the power rule. JRSS-A 159:547. Numbers are those of R's surveillance 1.20.3: phi is at
    least 1, also in the standard error; reference weeks before the first are left out without a word;
    the package has 0 as the bound where there are too few cases.
    """
    return _monitor(counts, weeks, population, settings)


def farrington_flexible(
    counts: pd.DataFrame,
    *,
    weeks: Weeks = None,
    population: pd.DataFrame | None = None,
    settings: Flexible = FLEXIBLE,
) -> pd.DataFrame:
    """
    Say which weeks stand out, by the improved algorithm: Noufaily et al. (2013).

    Takes and returns what `farrington` does. Statistics in Medicine 32:1206; numbers are those of
    `farringtonFlexible` of R's surveillance 1.20.3, also where the package goes its own way: the trend test
    and the standard error take the dispersion from the re-weighting weights times the squared relative
    residuals, not floored at 1; `score` with nbPlugin and muan mixes scales (`quantile_threshold`).
    The package stops where a reference year begins before the data; here it is history_too_short.
    Unknown weeks among the last four count as without cases here, and give no result there.
    """
    return _monitor(counts, weeks, population, settings)


def _monitor(
    counts: pd.DataFrame, weeks: Weeks, population: pd.DataFrame | None, settings: Farrington
) -> pd.DataFrame:
    _check(counts, population, settings)
    values, monitored = _frame.known(counts), _frame.positions(counts, weeks)
    people = None if population is None else population.to_numpy(dtype=np.float64, na_value=np.nan)
    shape = (len(values), len(monitored))
    names = ("expected", "upper", "score", "p", "trend", "dispersion", "weeks", "short", "converged")
    found = {name: np.full(shape, np.nan) for name in names}
    patterns = [_reference.pattern(counts.columns, int(week), settings) for week in monitored]
    order = sorted(range(len(monitored)), key=lambda number: patterns[number])
    for offsets, group in groupby(order, key=lambda number: patterns[number]):
        reference, members = _reference.reference(offsets, settings), np.array(list(group))
        step = max(1, BLOCK // max(1, len(reference.offsets) * len(members)))
        for start in range(0, len(values), step):
            block = slice(start, start + step)
            part = None if people is None else people[block]
            for name, result in _block(values[block], monitored[members], part, reference, settings).items():
                found[name][block, members] = result
    return _told(counts, values, monitored, found, settings)


def _check(counts: pd.DataFrame, population: pd.DataFrame | None, settings: Farrington) -> None:
    if population is not None and population.shape != counts.shape:
        raise ParameterError("The population does not have the shape of the counts. Pass one value a count.")
    window, plain = settings.window, not isinstance(settings, Flexible)
    skip, periods = (settings.skip, settings.periods) if isinstance(settings, Flexible) else (0, 1)
    counted = min(settings.years, settings.within, periods) >= 1 and min(settings.least, skip) >= 0
    seasonal = window >= 0 if window is not None else not plain and periods == 1
    if not counted or not seasonal or not 0 < settings.alpha < 1:
        raise ParameterError(
            f"These settings contradict themselves: {settings}. Set years, within and periods to 1 or more, "
            "window, skip and least to 0 or more, alpha between 0 and 1; a season needs a window."
        )


def _block(
    values: Floats,
    monitored: Positions,
    people: Floats | None,
    reference: _reference.Reference,
    settings: Farrington,
) -> dict[str, Floats]:
    """Fit all series of a block for all weeks that share a reference; arrays of series x weeks."""
    where = (monitored[:, None] + reference.offsets).ravel()
    rows, shape = len(values) * len(monitored), (len(values), len(monitored))
    y = _frame.at(values, where).reshape(rows, len(reference.offsets))
    now = _frame.at(values, monitored).reshape(rows)
    offset = future = None
    if people is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            offset = np.log(_frame.at(people, where)).reshape(y.shape)
            future = np.log(_frame.at(people, monitored)).reshape(rows)
        y = np.where(np.isfinite(offset), y, np.nan)
    seen = ~np.isnan(y)
    short = (seen.sum(axis=1) < max(LEAST_REFERENCE, 2 * reference.design.shape[1])) | np.repeat(
        [reference.oldest + monitored < 0], len(values), axis=0
    ).ravel()
    short |= ~seen[:, reference.same].any(axis=1)
    if future is not None:
        short |= ~np.isfinite(future)
    result = {"weeks": seen.sum(axis=1).astype(float), "short": short.astype(float)}
    fitted = np.flatnonzero(~short)
    numbers = _Regression(y[fitted], reference.design, None if offset is None else offset[fitted], settings)
    eta, error, phi, trend, converged = numbers.predict(None if future is None else future[fitted])
    bounds = _bounds(eta, error, phi, now[fitted], settings)
    fresh: dict[str, Any] = {
        "expected": np.exp(eta),
        "dispersion": phi,
        "trend": trend,
        "converged": converged,
        **{name: bounds[name].to_numpy(dtype=float, na_value=np.nan) for name in ("upper", "score", "p")},
    }
    for name, numbers_of_rows in fresh.items():
        result[name] = np.full(rows, np.nan)
        result[name][fitted] = numbers_of_rows
    return {name: column.reshape(shape) for name, column in result.items()}


def _bounds(eta: Floats, error: Floats, phi: Floats, now: Floats, settings: Farrington) -> pd.DataFrame:
    if isinstance(settings, Flexible) and settings.threshold != "delta":
        muan = settings.threshold == "muan"
        return _threshold.quantile_threshold(eta, error, phi, now, alpha=settings.alpha, muan=muan)
    alpha = settings.alpha if isinstance(settings, Flexible) else settings.alpha / 2
    mean = np.exp(eta)
    return _threshold.power_threshold(mean, error * mean, phi, now, alpha=alpha, power=settings.power)


def _told(
    counts: pd.DataFrame, values: Floats, monitored: Positions, found: dict[str, Floats], settings: Farrington
) -> pd.DataFrame:
    """Turn numbers into results: who may be told an alarm, and if not why."""
    now = _frame.at(values, monitored)
    recent = np.zeros(now.shape)
    for back in range(settings.within):
        recent += np.nan_to_num(_frame.at(values, monitored - back))
    short, unknown, few = found["short"] > 0, np.isnan(now), recent < settings.least
    failed = ~(found["converged"] > 0) | np.isnan(found["upper"]) | (found["upper"] > MOST)
    bounded = ~short & ~failed & ~few
    alarm = (now > found["upper"]) & (now > 0) & (found["score"] > 1)
    kept = {name: np.where(bounded, found[name], np.nan) for name in ("expected", "upper", "score", "p")}
    return _frame.framed(
        counts,
        monitored,
        {
            "now": _frame.whole(now),
            "expected": kept["expected"],
            "upper": kept["upper"],
            "alarm": _frame.truth(alarm & bounded, ~short & ~failed & ~unknown),
            "score": np.where(unknown, np.nan, kept["score"]),
            "p": np.where(unknown, np.nan, kept["p"]),
            "trend": _frame.truth(found["trend"] > 0, ~short & ~failed),
            "dispersion": np.where(failed, np.nan, found["dispersion"]),
            "weeks": _frame.whole(found["weeks"]),
            "reason": _frame.reason(
                now.shape, history_too_short=short, no_fit=failed, count_unknown=unknown, too_few_cases=few
            ),
        },
    )


class _Regression:
    """The two regressions, re-weighted, with and without trend, of all rows on one design."""

    def __init__(self, y: Floats, design: Floats, offset: Floats | None, settings: Farrington) -> None:
        self._y, self._design, self._offset, self._settings = y, design, offset, settings
        self._flexible = isinstance(settings, Flexible)

    def predict(self, future: Floats | None) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return log mean, its error, dispersion, trend kept (0, 1), and convergence, for each row."""
        rows, settings = len(self._y), self._settings
        eta, error, phi = np.full(rows, np.nan), np.full(rows, np.nan), np.full(rows, np.nan)
        trend, converged = np.zeros(rows), np.zeros(rows)
        ahead = np.zeros(rows) if future is None else future
        every = np.arange(rows)
        if settings.trend is not None:
            parts = self._fit(every, self._design)
            eta, error, phi = parts.eta + ahead, parts.error, parts.phi
            top = np.nanmax(self._y, axis=1, initial=0.0)
            with np.errstate(invalid="ignore", over="ignore"):
                kept = (parts.p < settings.trend) & (np.exp(eta) <= top) & parts.converged
            trend, converged = (kept & (settings.years >= 3)).astype(float), parts.converged.astype(float)
        flat = np.flatnonzero(trend == 0)
        if len(flat):
            parts = self._fit(flat, np.delete(self._design, 1, axis=1))
            eta[flat], error[flat], phi[flat] = parts.eta + ahead[flat], parts.error, parts.phi
            converged[flat] = parts.converged
        return np.clip(eta, -_glm.LARGEST_LOG, _glm.LARGEST_LOG), error, phi, trend, converged

    def _fit(self, rows: Positions, design: Floats) -> _Fitted:
        from scipy import special

        y = self._y[rows]
        offset = None if self._offset is None else self._offset[rows]
        seen = (~np.isnan(y)).astype(float)
        fitted = _glm.fit(y, design, prior=seen, offset=offset)
        converged, outlier = fitted.converged, self._settings.outlier
        phi = np.fmax(_glm.over_dispersion(y, fitted), 1)
        raw = _glm.over_dispersion(y, fitted)
        if outlier is not None:
            omega = reweight(anscombe(y, design, fitted, phi), outlier)
            fitted = _glm.fit(y, design, prior=omega, offset=offset)
            raw = _glm.over_dispersion(y, fitted)
            phi = np.fmax(raw, 1)
            if self._flexible:
                # surveillance puts these weights in the place of the regression's own, for all that follows
                relative = np.where(omega > 0, (y - fitted.mean) / fitted.mean, 0.0)
                raw = (omega * relative**2).sum(axis=1) / np.maximum(fitted.freedom, 1)
        scale = raw if self._flexible else phi
        slope = min(1, design.shape[1] - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = fitted.coefficients[:, slope] / np.sqrt(raw * fitted.inverse[:, slope, slope])
        p = 2 * special.stdtr(np.maximum(fitted.freedom, 1), -np.abs(t))
        error = np.sqrt(scale * fitted.inverse[:, 0, 0])
        return _Fitted(fitted.coefficients[:, 0], error, phi, p, converged)


@dataclass(frozen=True)
class _Fitted:
    eta: Floats
    error: Floats
    phi: Floats
    p: Floats
    converged: np.ndarray[tuple[int], np.dtype[np.bool_]]


def anscombe(counts: Floats, design: Floats, fitted: _glm.Fit, dispersion: Floats) -> Floats:
    """
    Return standardised Anscombe residuals of a Poisson fit, B x n; NaN where the week is unknown.

    3/2 (y^(2/3) mu^(-1/6) - mu^(1/2)) / sqrt(phi (1 - h)), h the leverage: Farrington et al. (1996), 3.6.
    A week that the regression follows exactly (h = 1) has residual 0.
    """
    pairs = (design[:, :, None] * design[:, None, :]).reshape(len(design), design.shape[1] ** 2)
    leverage = fitted.weight * (fitted.inverse.reshape(len(counts), pairs.shape[1]) @ pairs.T)
    spare = dispersion[:, None] * (1 - leverage)
    residual = 1.5 * (np.cbrt(counts) ** 2 * fitted.mean ** (-1 / 6) - np.sqrt(fitted.mean))
    return np.where(spare > 1e-12, residual / np.sqrt(np.maximum(spare, 1e-12)), residual * 0.0)


def reweight(residuals: Floats, outlier: float) -> Floats:
    """
    Return weights of past weeks: constant up to a residual of `outlier`, falling with its square above.

    Their sum is the number of weeks; a NaN residual gets weight 0. Farrington et al. (1996), 3.6, with
    threshold 1; Noufaily et al. (2013) 2.58.
    """
    seen = ~np.isnan(residuals)
    high = residuals > outlier
    share = np.where(high, 1 / np.where(high, residuals, 1.0) ** 2, 1.0) * seen
    total = share.sum(axis=-1, keepdims=True)
    weights: Floats = share * seen.sum(axis=-1, keepdims=True) / np.where(total > 0, total, 1.0)
    return weights
