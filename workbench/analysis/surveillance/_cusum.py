"""CUSUM: whether the level has risen for some weeks, each of them too little to stand out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.analysis.surveillance import _frame, _glm
from workbench.analysis.surveillance._frame import Floats
from workbench.errors import ParameterError

LEAST_IN_CONTROL = 26
"""With fewer known weeks before the monitored ones than this, their usual level is not known."""

YEAR = 52
BLOCK = 2**17
"""Cells (series x segments x weeks) worked on at once."""


@dataclass(frozen=True)
class Chart:
    """
    Settings of the chart, with the defaults of R's `glrnb` but for the harmonics (there 1, here none).

    An alarm is a statistic of `threshold` (c.ARL) or more. A rise lasts `shortest` (Mtilde) weeks or more,
    and began at most `longest` (M) weeks before the present one; None is since the start. After an alarm the
    chart starts anew if `restart`. The usual level has `harmonics` sine waves a year of 52 weeks, and a
    time trend if `trend`.
    """

    threshold: float = 5.0
    shortest: int = 1
    longest: int | None = None
    restart: bool = True
    harmonics: int = 0
    trend: bool = False


CHART = Chart()


def glr_cusum(
    counts: pd.DataFrame,
    *,
    monitored: int = 26,
    mean: pd.DataFrame | None = None,
    dispersion: float | None = None,
    chart: Chart = CHART,
    latest: bool = False,
) -> pd.DataFrame:
    """
    Return how strongly the last weeks speak for a rise of the level: negative binomial GLR-CUSUM.

    `counts` is one row a series, one column a week, <NA> unknown (says nothing). The last `monitored`
    weeks are set against their usual means: those of `mean` (one row a series, one column a monitored
    week), or else of a negative binomial regression on all weeks before. The variance is mu + a mu^2 with
    a = `dispersion`, or else as estimated there (0: Poisson). A usual mean is at least 0.5 / weeks known: a
    past of zeros is not a promise of zeros. `latest` returns the last week only, which is quick without a
    restart.

    Returns one row per series and monitored week: the index as columns, `week`, `now`, `expected` (the
    usual mean), `score` (the statistic: the greatest log-likelihood ratio of a rise over the weeks k to
    this one, over all k), `alarm`, `dispersion` and `reason`: history_too_short (under 26 weeks before),
    count_unknown or empty.

    Höhle and Paul (2008), Computational Statistics & Data Analysis 52:4357, section 2.2. Numbers are
    those of `algo.glrnb` of R's surveillance 1.20.3, change "intercept", dir "inc", ret "value". For
    dispersion 0 the package counts `shortest` one week longer where M is set, and not at all where it is not;
    here it is the same for every dispersion. Where a count is far above a small usual mean, Newton's method
    runs away there and the package reports 0; here the maximum is found.
    """
    values = _frame.known(counts)
    _check(values.shape[1], monitored, mean, dispersion, chart)
    before, x = values[:, :-monitored], values[:, -monitored:]
    weeks_before = (~np.isnan(before)).sum(axis=1)
    if mean is None:
        known = weeks_before >= LEAST_IN_CONTROL
        usual, alpha = _in_control(np.where(known[:, None], before, np.nan), monitored, chart, dispersion)
    else:
        usual = mean.to_numpy(dtype=np.float64, na_value=np.nan)
        known = ~np.isnan(usual).any(axis=1)
        if usual.shape != x.shape or (usual[known] <= 0).any():
            raise ParameterError("The usual means need one value above 0 for each monitored week.")
        if dispersion is None:
            _, alpha = _in_control(before, monitored, chart, None)
        else:
            alpha = np.full(len(x), float(dispersion))
    usual = np.where(known[:, None], usual, 1.0)
    first = monitored - 1 if latest else 0
    score, alarm = _run(x, usual, alpha, chart, first=0 if chart.restart else first)
    score, alarm, x, usual = score[:, first:], alarm[:, first:], x[:, first:], usual[:, first:]
    short, unknown = np.repeat(~known[:, None], x.shape[1], axis=1), np.isnan(x)
    return _frame.framed(
        counts,
        np.arange(values.shape[1] - monitored + first, values.shape[1], dtype=np.int64),
        {
            "now": _frame.whole(x),
            "expected": np.where(short, np.nan, usual),
            "score": np.where(short | unknown, np.nan, score),
            "alarm": _frame.truth(alarm, ~short & ~unknown),
            "dispersion": np.where(short, np.nan, alpha[:, None]),
            "reason": _frame.reason(x.shape, history_too_short=short, count_unknown=unknown),
        },
    )


def _check(
    weeks: int, monitored: int, mean: pd.DataFrame | None, dispersion: float | None, chart: Chart
) -> None:
    if not 1 <= monitored <= weeks:
        raise ParameterError(f"{monitored} weeks are to be monitored, but the counts hold {weeks}.")
    longest = chart.longest
    if chart.threshold <= 0 or chart.shortest < 1 or (longest is not None and longest < chart.shortest - 1):
        raise ParameterError(
            "A CUSUM needs a threshold above 0, a rise of a week or more, and room for the shortest rise; "
            f"it got {chart}."
        )
    if dispersion is not None and not 0 <= dispersion < np.inf:
        raise ParameterError(f"The dispersion is {dispersion}; give 0 (Poisson) or more.")
    if mean is not None and dispersion is None and weeks - monitored < LEAST_IN_CONTROL:
        raise ParameterError("There are no weeks to learn the dispersion from. Give it beside the means.")


def _in_control(
    before: Floats, monitored: int, chart: Chart, dispersion: float | None
) -> tuple[Floats, Floats]:
    """Return usual means of the monitored weeks and the dispersion, learnt from the weeks before."""
    number = before.shape[1]
    time = np.arange(1, number + monitored + 1)
    columns = [np.ones(len(time)), *([time / len(time)] if chart.trend else [])]
    for harmonic in range(1, chart.harmonics + 1):
        angle = 2 * np.pi * harmonic * time / YEAR
        columns += [np.cos(angle), np.sin(angle)]
    design = np.column_stack(columns)
    if not number:
        return np.ones((len(before), monitored)), np.zeros(len(before))
    coefficients, alpha = np.zeros((len(before), design.shape[1])), np.zeros(len(before))
    step = max(1, BLOCK // number)
    for first in range(0, len(before), step):
        part = slice(first, first + step)
        coefficients[part], alpha[part] = _learnt(before[part], design[:number], dispersion)
    least = 0.5 / np.maximum((~np.isnan(before)).sum(axis=1), 1)
    logs = np.clip(coefficients @ design[number:].T, -_glm.LARGEST_LOG, 100)
    return np.maximum(np.exp(logs), least[:, None]), alpha


def _learnt(before: Floats, design: Floats, dispersion: float | None) -> tuple[Floats, Floats]:
    """Return the coefficients of the usual means, and the dispersion unless it is given."""
    if dispersion is None:
        return _glm.negative_binomial(before, design)
    alpha, seen = np.full(len(before), float(dispersion)), (~np.isnan(before)).astype(float)
    spread = alpha if dispersion else None
    fitted = _glm.fit(before, design, prior=seen, spread=spread, tolerance=1e-12)
    return fitted.coefficients, alpha


def _run(x: Floats, usual: Floats, alpha: Floats, chart: Chart, *, first: int) -> tuple[Floats, Any]:
    """Return statistic and alarm of every series and week from the `first`."""
    score, alarm = np.zeros(x.shape), np.zeros(x.shape, dtype=bool)
    start = np.zeros(len(x), dtype=np.int64)
    for n in range(first, x.shape[1]):
        low = 0 if chart.longest is None else max(0, n - chart.longest)
        if chart.restart and len(start):
            low = max(low, int(start.min()))
        if n - low + 1 < chart.shortest:
            continue
        score[:, n] = statistic(x[:, low : n + 1], usual[:, low : n + 1], alpha, chart, start - low)
        alarm[:, n] = score[:, n] >= chart.threshold
        if chart.restart:
            start = np.where(alarm[:, n], n + 1, start)
    return score, alarm


def statistic(x: Floats, usual: Floats, alpha: Floats, chart: Chart, start: Any) -> Floats:
    """
    Return the generalised likelihood ratio at the last week, over all rises that begin at `start` or later.

    x, usual: series x weeks; alpha, start: per series. A rise multiplies all means since its begin by one
    exp(kappa) of greatest likelihood, at least 1 (Höhle and Paul 2008, equation 6).
    """
    result, weeks = np.zeros(len(x)), x.shape[1]
    step = max(1, BLOCK // weeks**2)
    for first in range(0, len(x), step):
        part = slice(first, first + step)
        result[part] = _statistic(x[part], usual[part], alpha[part], chart, np.atleast_1d(start)[part])
    return result


def _statistic(x: Floats, usual: Floats, alpha: Floats, chart: Chart, start: Any) -> Floats:
    weeks = np.arange(x.shape[1])
    seen = ~np.isnan(x)
    y, mu = np.where(seen, x, 0.0), np.where(seen, usual, 0.0)
    admitted = (weeks >= start[:, None]) & (weeks <= len(weeks) - chart.shortest)
    # only where more came than expected does a rise explain it better than no rise
    over = np.where(admitted, _since((y - mu) / (1 + alpha[:, None] * mu)), 0.0) > 0
    row, begin = np.nonzero(over)
    result = np.zeros(len(x))
    if len(row):
        inside = weeks >= begin[:, None]
        ratios = _ratio(y[row] * inside, mu[row] * inside, alpha[row, None])
        np.maximum.at(result, row, ratios)
    return result


def _since(values: Floats) -> Floats:
    """Return the sum from each week to the last."""
    return np.cumsum(values[:, ::-1], axis=1)[:, ::-1]


def _ratio(y: Floats, mu: Floats, alpha: Floats) -> Floats:
    """
    Return the greatest log-likelihood ratio of each row; the score at kappa 0 is above 0 in all of them.

    Newton's method from the ratio of the sums, which is the answer for equal means, inside a bracket: the
    likelihood is concave in kappa and its slope negative where all counts are below their means.
    """
    total = y.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.where(mu > 0, y / mu, 0.0).max(axis=1)
    low, high = np.zeros(len(y)), np.log(np.maximum(top, 1.0)) + 1e-9
    kappa = np.clip(np.log(total / mu.sum(axis=1)), low, high)
    for _ in range(60):
        scaled = np.exp(kappa)[:, None] * mu
        share = 1 / (1 + alpha * scaled)
        slope = ((y - scaled) * share).sum(axis=1)
        bend = (scaled * (1 + alpha * y) * share**2).sum(axis=1)
        low, high = np.where(slope > 0, kappa, low), np.where(slope > 0, high, kappa)
        step = kappa + slope / bend
        following = np.where((step >= low) & (step <= high), step, (low + high) / 2)
        moved, kappa = np.abs(following - kappa), following
        if (moved < 1e-9).all():
            break
    scaled = np.exp(kappa)[:, None] * mu
    safe = np.where(alpha > 0, alpha, 1.0)
    change = np.where(
        alpha > 0, (y + 1 / safe) * (np.log1p(safe * scaled) - np.log1p(safe * mu)), scaled - mu
    )
    ratio: Floats = kappa * total - change.sum(axis=1)
    return np.maximum(ratio, 0.0)
