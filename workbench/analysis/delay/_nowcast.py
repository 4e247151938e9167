"""The nowcast: what the count of a young week will be once all is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis.delay._learning import DelayKnown, Learnt, beta_of, blocks, learn
from workbench.errors import ParameterError

Floats = NDArray[np.float64]

INTERVAL_LEVEL = 0.90
"""Share of young weeks whose last count the interval should hold."""

PRIOR_WEEKS = 2.0
"""What is usual weighs at most as much as this many complete weeks, so that a change shows."""

UNLIKE_ANY = 0.10
"""Chance given beforehand that a week is unlike those before, so that an escalation is not held down."""

LEAST_SHARE = 0.7
"""A week of which less is known would make an outlook too low by a third or more (our own rule)."""

_WIDEST = 0.1
_NODES = 21
_LOSSES = 5
_DOUBLINGS = 64
_TOLD = ("known", "expected", "low", "high", "share")


def nowcast(
    triangle: pd.DataFrame, *, level: float = INTERVAL_LEVEL, even_with_few: bool = False
) -> pd.DataFrame:
    """
    Estimate the last count of each week that is still young, from the count known now.

    Takes a frame of `triangle`. Returns one row for each week younger than its last delay (with several
    series, for each series and week, after the columns that name it): `week`, `delay` (whole weeks since
    its end), `known` (Int64), `expected` (Float64), `low`, `high` (Int64: the central `level`, both
    included, which may lie below `known` where withdrawals happen), `share` (of the last count, expected
    to be known at this delay) and `code`: estimated; not_known, where no snapshot tells the count; or the
    code of `delay_known` that says why there is no estimate. `even_with_few` estimates all the same.
    Estimates are of what is known at the triangle's last delay. No sampling: same frame, same answer.

    The model: counts are Poisson with a rate of their own each week; of the last count a share F is
    known, the rest to come; of those known, some will be withdrawn. The rate is gamma, with the mean of
    the series' other weeks and their dispersion, worth PRIOR_WEEKS at most, or with a chance of UNLIKE_ANY
    hardly anything (a robust prior: Schmidli et al. 2014, Biometrics 70:1023); F and the share kept are
    beta (`_learning.learn`), F weighed by how well it explains the count. So what is to come is a mixture of
    negative binomials, taken as one with the same mean and variance, and what is withdrawn is
    beta-binomial. After Höhle and an der Heiden 2014 (Biometrics 70:993) and McGough et al.
    2020 (NobBS, PLoS Comput Biol 16:e1007735), without their sampling and random walk.
    """
    if not 0 < level < 1:
        raise ParameterError(f"An interval of level {level} does not exist. Ask for one between 0 and 1.")
    series, values = blocks(triangle)
    learnt = learn(values)
    count, weeks, width = values.shape
    steps = width - 1
    ages = np.arange(width)
    last = np.where(np.isnan(values), -1, ages).max(axis=2)
    # the newest diagonal anything is known of; without one, the last weeks are young and unknown
    newest = int(np.where(last >= 0, np.arange(weeks) + last, -1).max(initial=-1))
    first = newest - steps + 1 if newest >= 0 else weeks - steps
    young = np.arange(max(0, first), weeks)
    delay = newest - young
    at = np.clip(delay, 0, steps)
    known = np.where(delay >= 0, values[:, young, at], np.nan)

    told = ~np.isnan(known) if learnt.code == "enough" or even_with_few else np.zeros(known.shape, dtype=bool)
    size, exposure = _usual(values, last, learnt)
    which = np.nonzero(told)
    d, c = np.broadcast_to(at, known.shape)[which], known[which]
    found = _estimate(c, d, size[:, young][which], exposure[:, young][which], learnt, level)
    columns = {name: np.full(known.shape, np.nan) for name in _TOLD[1:]}
    for name, estimates in found.items():
        columns[name][which] = estimates
    code = np.where(np.isnan(known), "not_known", np.where(told, "estimated", learnt.code))

    labels = triangle.index.get_level_values(-1)[:weeks][young]
    framed: dict[str, Any] = {name: series[name].repeat(len(young)).array for name in series.columns}
    framed["week"] = labels.append([labels] * (count - 1)) if count else labels[:0]
    framed["delay"] = _whole(np.tile(np.where(delay >= 0, delay, np.nan), count))
    framed["known"] = _whole(known.ravel())
    for name in _TOLD[1:]:
        flat = columns[name].ravel()
        framed[name] = _whole(flat) if name in {"low", "high"} else pd.Series(flat, dtype="Float64").array
    framed["code"] = pd.array(code.ravel(), dtype="str")
    return pd.DataFrame(framed)


def provisional(nowcast: pd.DataFrame, known: DelayKnown, *, otherwise: int) -> int:
    """
    Return how many of the last weeks are still to change: those younger than the window of `known`.

    Takes one series' `nowcast` and `delay_known` of the same triangle; `otherwise` is the answer while too
    little is known to tell (`coverage.unsettled`).
    """
    if known.window is None:
        return otherwise
    return int((nowcast["delay"].isna() | nowcast["delay"].lt(known.window)).sum())


def too_young(nowcast: pd.DataFrame, known: DelayKnown, *, otherwise: int) -> int:
    """
    Return how many of the last weeks are known too little to learn from: less than LEAST_SHARE of each.

    Takes what `provisional` does. An outlook leaves these out; one that left out every week that may still
    change would not see a rise until it is over.
    """
    if known.code != "enough":
        return otherwise
    return int(nowcast["share"].lt(LEAST_SHARE).fillna(value=True).sum())


def _usual(values: Floats, last: NDArray[np.int64], learnt: Learnt) -> tuple[Floats, Floats]:
    """Return size and exposure of the gamma prior of each series and week, learnt from its other weeks."""
    seen = last >= 0
    picked = np.take_along_axis(values, np.maximum(last, 0)[:, :, None], axis=2)[:, :, 0]
    counts = np.where(seen, picked, 0.0)
    shares = np.where(seen, (learnt.share / learnt.kept)[np.maximum(last, 0)], 0.0)
    others = np.maximum(shares.sum(axis=1, keepdims=True) - shares, 0.0)
    mean = (counts.sum(axis=1, keepdims=True) - counts + 0.5) / np.maximum(others, 1e-9)
    complete = last == values.shape[2] - 1
    number = complete.sum(axis=1)
    whole = np.where(complete, counts, 0.0)
    centre = whole.sum(axis=1) / np.maximum(number, 1)
    squares = np.where(complete, (counts - centre[:, None]) ** 2, 0.0).sum(axis=1)
    excess = squares / np.maximum(number - 1, 1) - centre
    dispersed = np.divide(
        centre, excess, out=np.full(len(centre), PRIOR_WEEKS), where=(excess > 0) & (number > 2)
    )
    weight = np.minimum(np.clip(dispersed, _WIDEST, PRIOR_WEEKS)[:, None], np.maximum(others, 1e-9))
    return weight * mean, weight


def _estimate(
    known: Floats, delay: NDArray[np.int64], size: Floats, exposure: Floats, learnt: Learnt, level: float
) -> dict[str, Floats]:
    """Return the estimate of weeks of which `known` is known at `delay`, under gamma priors."""
    from scipy import special

    a, b = beta_of(learnt.share, learnt.share_spread)
    middles = (np.arange(_NODES) + 0.5) / _NODES
    nodes = np.clip(special.betaincinv(a[:, None], b[:, None], middles[None, :]), 1e-9, 1 - 1e-12)[delay]
    seen = nodes / learnt.kept[delay][:, None]
    weak = np.minimum(1.0, _WIDEST / exposure)
    # the nodes twice: a week like those before, and one unlike any; mean rates are the same
    before, by, chances = (
        np.repeat(np.stack(pair, axis=-1), _NODES, axis=-1)
        for pair in ((size, size * weak), (exposure, exposure * weak), (1 - UNLIKE_ANY, UNLIKE_ANY))
    )
    nodes, seen = np.tile(nodes, 2), np.tile(seen, 2)
    rate = by + seen
    fit = _logs_of_count(known[:, None], before, by / rate, seen / rate) + np.log(chances)
    weight = np.exp(fit - fit.max(axis=1, keepdims=True, initial=-np.inf))
    weight /= weight.sum(axis=1, keepdims=True)
    shape, odds = before + known[:, None], (1 - nodes) / rate
    to_come = (weight * shape * odds).sum(axis=1)
    square = (weight * (shape * odds * (1 + odds) + (shape * odds) ** 2)).sum(axis=1)
    excess = np.maximum(square - to_come**2 - to_come, 1e-12)
    spread = np.maximum(to_come**2 / excess, 1e-9)
    lost, chance = _losses(known, *(part[delay] for part in beta_of(1 - learnt.kept, learnt.kept_spread)))
    last_share = 1 - learnt.kept[delay]
    expected = known * (1 - last_share) + to_come
    far = to_come + 12 * np.sqrt(to_come + excess)
    tail = (1 - level) / 2
    ends = [
        _quantile(q, known, lost, chance, size=spread, odds=spread / (spread + to_come), far=far)
        for q in (tail, 1 - tail)
    ]
    return {"expected": expected, "low": ends[0], "high": ends[1], "share": learnt.share[delay]}


def _logs_of_count(known: Floats, size: Floats, by: Floats, seen: Floats) -> Floats:
    """Return the logarithm of the negative binomial chance of a count, but for what depends on it alone."""
    from scipy import special

    ways: Floats = special.gammaln(size + known) - special.gammaln(size)
    return ways + size * np.log(by) + known * np.log(seen)


def _losses(known: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """
    Return how many of those known may be withdrawn, five cases each with its chance.

    Exact for few (the fifth case is four or more), by Gauss and Hermite's nodes where more than one is
    expected.
    """
    from scipy import special

    chance = np.zeros((_LOSSES, len(known)))
    chance[0] = np.exp(special.betaln(a, b + known) - special.betaln(a, b))
    for j in range(_LOSSES - 2):
        left = np.maximum(known - j, 0)
        chance[j + 1] = chance[j] * left * (a + j) / ((j + 1) * np.maximum(b + known - j - 1, 1e-9))
    chance[-1] = np.maximum(1 - chance[:-1].sum(axis=0), 0.0)
    lost = np.minimum(np.arange(_LOSSES)[:, None], known[None, :])
    share = a / (a + b)
    many = known * share > 1
    deviation = np.sqrt(known * share * (1 - share) * (a + b + known) / (a + b + 1))
    points, weights = np.polynomial.hermite_e.hermegauss(_LOSSES)
    wide = np.rint(np.clip(known * share + points[:, None] * deviation, 0, known))
    weight = np.broadcast_to((weights / weights.sum())[:, None], chance.shape)
    return np.where(many, wide, lost), np.where(many, weight, chance)


def _quantile(  # noqa: PLR0913 - the parts of one distribution
    q: float, known: Floats, lost: Floats, chance: Floats, *, size: Floats, odds: Floats, far: Floats
) -> Floats:
    """Return the smallest count that the last count reaches or stays below with chance q or more."""
    from scipy import special

    case, row = np.nonzero(chance > min(q, 1 - q) / 1000)
    weight, stays = chance[case, row], (known - lost)[case, row]
    share = weight / np.bincount(row, weights=weight, minlength=len(known))[row]

    def reached(y: Floats) -> Any:
        above = y[row] - stays
        below = special.betainc(size[row], np.maximum(above, 0) + 1, odds[row])
        inside = np.where(above >= 0, share * below, 0.0)
        return np.bincount(row, weights=inside, minlength=len(known)) >= q

    low = np.full(len(known), np.inf)
    np.minimum.at(low, row, stays)
    low -= 1
    high = np.ceil(known + far) + 1
    for _ in range(_DOUBLINGS):
        if (enough := reached(high)).all():
            break
        high = np.where(enough, high, 2 * high + 1)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        hit = reached(middle)
        high, low = np.where(hit, middle, high), np.where(hit, low, middle)
    return high


def _whole(values: Floats) -> Any:
    return pd.Series(values, dtype="Float64").astype("Int64").array
