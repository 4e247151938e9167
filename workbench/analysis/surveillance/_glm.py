"""Log-linear regression of many series at once: iteratively re-weighted least squares on one design.

McCullagh and Nelder, Generalized Linear Models (1989), section 2.5. Start (y + 0.1), convergence (relative
change of the deviance below 1e-8, at most 25 steps) and what is kept of the last step (its weights and
normal matrix, made from the means before the step) are those of R 4.2's `glm`, so standard errors agree
to all digits although they lag the coefficients by one step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.analysis.surveillance._frame import Floats

SMALLEST = float(np.finfo(float).eps)
"""Smallest mean, as in R's log link."""

MOST_STEPS = 25
LARGEST_LOG = 300.0
"""Largest logarithm of a mean: its square is still a number."""


@dataclass(frozen=True)
class Fit:
    """
    What a regression of B series on n weeks with p columns left.

    `coefficients` B x p, `mean` and `weight` (working weights) B x n, `inverse` of X'WX B x p x p,
    `freedom` (residual degrees) B, `converged` B.
    """

    coefficients: Floats
    mean: Floats
    weight: Floats
    inverse: Floats
    freedom: Floats
    converged: np.ndarray[tuple[int], np.dtype[np.bool_]]


def fit(  # noqa: PLR0913 - the parts of one regression; a class of them would say no more
    counts: Floats,
    design: Floats,
    *,
    prior: Floats,
    offset: Floats | None = None,
    spread: Floats | None = None,
    start: Floats | None = None,
    tolerance: float = 1e-8,
) -> Fit:
    """
    Fit log-linear means to every row of `counts` (B x n) on one `design` (n x p).

    `prior` (B x n) weighs the weeks: 0 leaves one out, so NaN counts must have 0. `offset` (B x n) is
    added to the logarithm. The variance is mu + spread mu^2, `spread` per row (None: 0, Poisson).
    `start` (B x n) are means to start from.
    A column without any week gets coefficient 0 and no degree of freedom.
    """
    rows, width = len(counts), design.shape[1]
    y = np.where(prior > 0, counts, 0.0)
    shift = np.zeros((rows, 1)) if offset is None else np.where(prior > 0, offset, 0.0)
    alpha = np.zeros((rows, 1)) if spread is None else spread[:, None]
    pairs = (design[:, :, None] * design[:, None, :]).reshape(len(design), width * width)
    used = (prior > 0).astype(float) @ np.abs(design) > 0
    result = Fit(
        np.zeros((rows, width)), y + 0.1, np.zeros_like(y), np.zeros((rows, width, width)),
        (prior > 0).sum(axis=1) - used.sum(axis=1).astype(float), np.zeros(rows, dtype=bool),
    )  # fmt: skip
    left, mean = np.arange(rows), y + 0.1 if start is None else start
    eta, settled = np.log(mean), _settled(y, prior, alpha)
    deviance = _deviance(y, mean, prior, alpha, settled)
    for step in range(MOST_STEPS):
        if not len(left):
            break
        weight = prior * mean / (1 + alpha * mean)
        response = eta - shift + (y - mean) / mean
        matrix = (weight @ pairs).reshape(-1, width, width)
        inverse = inverted(matrix)
        coefficients = np.einsum("bij,bj->bi", inverse, (weight * response) @ design)
        eta = np.clip(coefficients @ design.T + shift, -LARGEST_LOG, LARGEST_LOG)
        mean = np.maximum(np.exp(eta), SMALLEST)
        now = _deviance(y, mean, prior, alpha, settled)
        done = np.abs(now - deviance) / (np.abs(now) + 0.1) < tolerance
        deviance = now
        stop = done if step < MOST_STEPS - 1 else np.ones_like(done)
        if stop.any():
            ended = left[stop]
            result.coefficients[ended], result.mean[ended] = coefficients[stop], mean[stop]
            result.weight[ended], result.inverse[ended] = weight[stop], inverse[stop]
            result.converged[ended] = done[stop]
            go = ~stop
            left, y, prior, shift, alpha = left[go], y[go], prior[go], shift[go], alpha[go]
            eta, mean, deviance, settled = eta[go], mean[go], deviance[go], settled[go]
    return result


def inverted(matrix: Floats) -> Floats:
    """Invert stacked normal matrices, scaled to a unit diagonal; a column without weight stays out."""
    diagonal = np.einsum("bii->bi", matrix)
    scale = np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1)), 0.0)
    scaled: Floats = matrix * scale[:, :, None] * scale[:, None, :]
    width = np.arange(matrix.shape[1])
    scaled[:, width, width] = 1.0
    try:
        inverse: Floats = np.linalg.inv(scaled).astype(float)
    except np.linalg.LinAlgError:
        # one exactly singular matrix stops the whole stack: a weight no reader can see keeps it going
        scaled[:, width, width] = 1.0 + 1e-10
        inverse = np.linalg.inv(scaled).astype(float)
    unscaled: Floats = inverse * scale[:, :, None] * scale[:, None, :]
    return unscaled


def _variance_term(y: Floats, mean: Floats, alpha: Floats) -> Floats:
    """Return the mean's part of a log-likelihood: mu, or (y + 1/alpha) log(1 + alpha mu)."""
    if not alpha.any():
        return mean
    safe = np.where(alpha > 0, alpha, 1.0)
    return np.where(alpha > 0, (y + 1 / safe) * np.log1p(safe * mean), mean)


def _settled(y: Floats, prior: Floats, alpha: Floats) -> Floats:
    from scipy import special

    settled: Floats = (prior * (special.xlogy(y, y) - _variance_term(y, y, alpha))).sum(axis=1)
    return settled


def _deviance(y: Floats, mean: Floats, prior: Floats, alpha: Floats, settled: Floats) -> Floats:
    term = _variance_term(y, mean, alpha) - y * np.log(mean)
    deviance: Floats = 2 * (settled + (prior * term).sum(axis=1))
    return deviance


def over_dispersion(counts: Floats, fitted: Fit) -> Floats:
    """Return Pearson's estimate of the dispersion of a quasi-Poisson fit (B): NaN without freedom."""
    y = np.where(fitted.weight > 0, counts, 0.0)
    residual = (y - fitted.mean) / fitted.mean
    return _per_degree((fitted.weight * residual**2).sum(axis=1), fitted.freedom)


def _per_degree(total: Floats, freedom: Floats) -> Floats:
    return np.where(freedom > 0, total / np.maximum(freedom, 1), np.nan)


def negative_binomial(counts: Floats, design: Floats) -> tuple[Floats, Floats]:
    """
    Fit means and dispersion by maximum likelihood: coefficients (B x p) and alpha (B).

    The variance is mu + alpha mu^2; alpha is 0 (Poisson) where the counts vary no more than Poisson
    counts, that is where the score of alpha at 0 is not positive. NaN counts are left out. Lawless (1987),
    Canadian Journal of Statistics 15:209; the estimates of `glm.nb` of R's MASS.
    """
    prior = (~np.isnan(counts)).astype(float)
    fitted = fit(counts, design, prior=prior, tolerance=1e-12)
    alpha = spread(counts, fitted.mean)
    flat = design.shape[1] == 1
    coefficients, mean = fitted.coefficients, fitted.mean
    for _ in range(0 if flat else MOST_STEPS):
        fitted = fit(counts, design, prior=prior, spread=alpha, start=mean, tolerance=1e-12)
        # where the regression goes astray (one giant among ones), the last that did not is kept
        good = fitted.converged[:, None]
        coefficients = np.where(good, fitted.coefficients, coefficients)
        mean = np.where(good, fitted.mean, mean)
        before, alpha = alpha, spread(counts, mean)
        if (np.abs(alpha - before) <= 1e-10 * (alpha + 1e-10)).all():
            break
    return coefficients, alpha


def spread(counts: Floats, mean: Floats) -> Floats:
    """Return the dispersion alpha of greatest likelihood given the means, per row; 0 where none shows."""
    given = ~np.isnan(counts)
    y, mu = np.where(given, counts, 0.0), np.where(given, mean, 1.0)
    excess = (given * ((y - mu) ** 2 - y)).sum(axis=1)
    found = np.zeros(len(y))
    rows = np.flatnonzero(excess > 1e-9 * (given * mu).sum(axis=1))
    if len(rows):
        square = (given[rows] * mu[rows] ** 2).sum(axis=1)
        found[rows] = _spread(y[rows], mu[rows], given[rows].astype(float), excess[rows] / square)
    return found


def _spread(y: Floats, mu: Floats, given: Floats, start: Floats) -> Floats:
    """Newton's method on the logarithm of 1 / alpha, kept inside a bracket that bisection narrows."""
    found, left = np.zeros(len(y)), np.arange(len(y))
    low, high = np.full(len(y), np.log(1e-6)), np.full(len(y), np.log(1e8))
    point = np.clip(-np.log(start), low, high)
    for _ in range(60):
        theta = np.exp(point)
        first, second = _theta_score(y, mu, given, theta)
        low, high = np.where(first > 0, point, low), np.where(first > 0, high, point)
        bend = second * theta**2 + first * theta
        step = point - first * theta / np.where(bend < 0, bend, -1.0)
        following = np.where((step > low) & (step < high) & (bend < 0), step, (low + high) / 2)
        done, point = np.abs(following - point) < 1e-9, following
        found[left] = np.exp(-point)
        if done.all():
            break
        go = ~done
        left, y, mu, given, low, high, point = (part[go] for part in (left, y, mu, given, low, high, point))
    return found


def _theta_score(y: Floats, mu: Floats, given: Floats, theta: Floats) -> tuple[Floats, Floats]:
    """Return first and second derivative of the log-likelihood in theta = 1 / alpha, per row."""
    from scipy import special

    at = theta[:, None]
    level = np.unique(y)
    if len(level) < y.shape[1]:
        # counts repeat: the dear functions are worked out once a value, and added as often as it occurs
        times = np.stack([(given * (y == value)).sum(axis=1) for value in level], axis=1)
    else:
        level, times = y, given
    first = (times * (special.digamma(level + at) - special.digamma(at))).sum(axis=1)
    second = (times * (special.zeta(2, level + at) - special.zeta(2, at))).sum(axis=1)
    first += (given * (np.log(at / (at + mu)) + (mu - y) / (at + mu))).sum(axis=1)
    second += (given * (mu / (at * (at + mu)) - (mu - y) / (at + mu) ** 2)).sum(axis=1)
    return first, second
