"""EARS: a week against the mean and spread of seven weeks shortly before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis.surveillance import _frame
from workbench.analysis.surveillance._frame import Floats, Positions, Weeks
from workbench.errors import ParameterError

MIN_SIGMA = 0.5
"""Least standard deviation: a baseline of zeros does not make one incident an alarm (Burkom: 0.5 or 1)."""

UNKNOWN_ALLOWED = 2
"""With more unknown weeks in the baseline than this, or fewer than 3 known, nothing is said."""

BLOCK = 2**18
"""Cells (series x weeks monitored) worked on at once."""

LAG = {"C1": 0, "C2": 2, "C3": 2}
ALPHA = {"C1": 0.001, "C2": 0.001, "C3": 0.025}


def ears(
    counts: pd.DataFrame,
    *,
    method: Literal["C1", "C2", "C3"] = "C1",
    baseline: int = 7,
    alpha: float | None = None,
    min_sigma: float = MIN_SIGMA,
    weeks: Weeks = None,
) -> pd.DataFrame:
    """
    Say which weeks stand out from the few weeks before them: EARS C1, C2 or C3.

    `counts` is one row a series, one column a week, <NA> unknown. `weeks`: so many last weeks, or their
    first days; None is the last. The mean and standard deviation (divisor n - 1) of `baseline` weeks, that
    end just before the week (C1) or two weeks earlier (C2, C3), give the threshold mean + z max(sd,
    `min_sigma`); `alpha` is one-sided, None is 0.001, for C3 0.025.

    Returns one row per series and week: the index as columns, `week`, `now`, `expected` (the mean),
    `upper`, `alarm` (now > upper), `score`, `weeks` (known weeks of the baseline) and `reason`:
    history_too_short, count_unknown, no_variation (C3 after flat weeks, without a floor) or empty. `score`
    is C1 or C2 = (now - mean) / sd, or C3 = the sum of max(0, C2 - 1) over this week and the two before it;
    <NA> where sd is 0.

    Fricker, Hegler and Dunfee (2008), Statistics in Medicine 27:3407. Numbers are those of `earsC` of R's
    surveillance 1.20.3, whose floor is 0 unless set. Its C3 threshold is now + sd (z - the sum over
    the two weeks before), at least 0, where its help page has the mean in the place of now: so its C3 alarm
    does not depend on the week itself, and is followed here. `score` is the published statistic.
    Raises ParameterError for a baseline under 3 weeks, a negative floor, or alpha outside 0 to 1.
    """
    from scipy import special

    level = ALPHA.get(method, 0.0) if alpha is None else alpha
    if method not in LAG or baseline < 3 or min_sigma < 0 or not 0 < level < 1:
        raise ParameterError(
            "EARS takes method C1, C2 or C3, a baseline of 3 weeks or more, a floor of 0 or more, and alpha "
            f"between 0 and 1; it got {method}, {baseline}, {min_sigma}, {level}."
        )
    monitored = _frame.positions(counts, weeks)
    reach = len(counts.columns) - int(monitored[0]) + baseline + 4
    values = _frame.known(counts, last=min(reach, len(counts.columns)))
    where = monitored - (len(counts.columns) - values.shape[1])
    plan = _Plan(method, baseline, float(special.ndtri(1 - level)), min_sigma)
    shape, step = (len(values), len(where)), max(1, BLOCK // len(where))
    kinds = dict.fromkeys(("now", "expected", "upper", "score", "weeks"), "f8")
    found = {name: np.empty(shape, dtype) for name, dtype in {**kinds, "short": "?", "flat": "?"}.items()}
    for start in range(0, len(values), step):
        part = slice(start, start + step)
        for name, numbers in _block(values[part], where, plan).items():
            found[name][part] = numbers
    now, short, flat = found["now"], found["short"], found["flat"]
    unknown = np.isnan(now)
    return _frame.framed(
        counts,
        monitored,
        {
            "now": _frame.whole(now),
            "expected": found["expected"],
            "upper": found["upper"],
            "alarm": _frame.truth(now > found["upper"], ~short & ~unknown & ~flat),
            "score": found["score"],
            "weeks": _frame.whole(found["weeks"]),
            "reason": _frame.reason(
                now.shape, history_too_short=short, count_unknown=unknown, no_variation=flat
            ),
        },
    )


@dataclass(frozen=True)
class _Plan:
    method: str
    baseline: int
    z: float
    floor: float


def _block(values: Floats, where: Positions, plan: _Plan) -> dict[str, NDArray[Any]]:
    """Return the results of some series: arrays of series x weeks."""
    now = _frame.at(values, where)
    mean, deviation, known = _baseline(values, where - LAG[plan.method], plan)
    least = max(3, plan.baseline - UNKNOWN_ALLOWED)
    enough = known >= least
    with np.errstate(divide="ignore", invalid="ignore"):
        score = _ratio(now - mean, deviation)
        upper = mean + plan.z * deviation
        if plan.method == "C3":
            earlier = np.zeros_like(mean)
            for back in (1, 2):
                one, sd, number = _baseline(values, where - back - 2, plan)
                past = _ratio(_frame.at(values, where - back) - one, sd)
                earlier += np.maximum(0, past - 1)
                enough &= (number >= least) & ~np.isnan(past)
            score = np.maximum(0, score - 1) + earlier
            upper = np.maximum(0, now + deviation * (plan.z - earlier))
    return {
        "now": now,
        "expected": np.where(enough, mean, np.nan),
        "upper": np.where(enough, upper, np.nan),
        "score": np.where(enough, score, np.nan),
        "weeks": known,
        "short": ~enough,
        "flat": enough & ~np.isnan(now) & np.isnan(upper),
    }


def _ratio(difference: Floats, deviation: Floats) -> Floats:
    """Return the difference in standard deviations; none at all is 0 of them, however small they are."""
    return np.where(difference == 0, 0.0, difference / deviation)


def _baseline(values: Floats, end: Positions, plan: _Plan) -> tuple[Floats, Floats, Floats]:
    """Return mean, floored standard deviation and number of the known weeks before each `end`."""
    total = np.zeros((len(values), len(end)))
    number, squares = np.zeros_like(total), np.zeros_like(total)
    for back in range(1, plan.baseline + 1):
        week = _frame.at(values, end - back)
        seen = ~np.isnan(week)
        number += seen
        total += np.where(seen, week, 0.0)
    mean = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    for back in range(1, plan.baseline + 1):
        away = _frame.at(values, end - back) - mean
        squares += np.where(np.isnan(away), 0.0, away**2)
    spread = np.sqrt(squares / np.maximum(number - 1, 1))
    return mean, np.maximum(spread, plan.floor), number
