"""Watch: one answer per series, by the method that its history allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from workbench.analysis._columns import stamp
from workbench.analysis.surveillance import _frame
from workbench.analysis.surveillance._cusum import Chart, glr_cusum
from workbench.analysis.surveillance._ears import ears
from workbench.analysis.surveillance._farrington import Flexible, farrington_flexible
from workbench.errors import ParameterError

FLEXIBLE = Flexible(window=None, alpha=0.005, threshold="nbPlugin", least=0)
"""All weeks, no season; the rule of 5 cases in 4 weeks is that of the watch itself."""

CHART = Chart(threshold=5.0, shortest=4, restart=False)


@dataclass(frozen=True)
class Watch:
    """
    What to watch with.

    EARS C1 from `c1_weeks` known weeks before, C2 from `c2_weeks`, Farrington's flexible algorithm from
    `long_weeks`; the CUSUM of the last `cusum_weeks` from `cusum_history` known weeks before those.
    No alarm with fewer than `least` cases in `within` weeks, no slow rise with fewer in `cusum_weeks`.
    """

    c1_weeks: int = 7
    c2_weeks: int = 9
    long_weeks: int = 156
    cusum_weeks: int = 26
    cusum_history: int = 52
    least: int = 5
    within: int = 4
    ears_alpha: float = 0.001
    ears_floor: float = 1.0
    flexible: Flexible = FLEXIBLE
    chart: Chart = CHART


WATCH = Watch()


def watch(counts: pd.DataFrame, *, week: date | None = None, settings: Watch = WATCH) -> pd.DataFrame:
    """
    Say of each series whether its week stands out, and whether its level has risen slowly.

    `counts` is one row a series, one column a week, <NA> unknown; `week` is a first day among the columns
    (None: the last), later columns are not looked at. Returns one row per series in the order given: the
    index as columns, `now`, `expected`, `upper`, `alarm` (<NA> if it cannot be told), `score` = (now -
    expected) / (upper - expected), above 1 for more than usual, `method` (none, ears_c1, ears_c2,
    farrington_flexible), `weeks` (known weeks before), `slow_rise` (<NA> if it cannot be told) and `reason`:

    * history_too_short: under 7 known weeks before, or too many unknown among the last nine
    * count_unknown: the week's count is not known to this reader
    * too_few_cases: fewer than 5 cases in 4 weeks, so no alarm whatever the threshold; unknown weeks
      count as none
    * empty: told

    The method goes by the number of known weeks before the week: EARS C1 from 7, C2 from 9, Farrington
    flexible from 156 (three years). EARS has alpha 0.001 and a least standard deviation of 1; Farrington
    takes all weeks but the last 26 as reference, without a season (conflict has little of it), a trend
    where significant, the negative binomial threshold and alpha 0.005. A series whose regression fails gets
    EARS. `slow_rise` says that a rise of 4 weeks or more within the last 26, that lasts until now, has a
    log-likelihood ratio of 5 or more over no rise since the time before (78 known weeks in all).

    False alarms on made-up series without change (negative binomial, dispersion 0.3 to 1, means 0.1 to 5
    a week): 0.06 to 0.08 a series and quarter with Farrington, 0.2 to 0.4 with EARS; `slow_rise` in 0.7 % of
    weeks. tests/analysis/surveillance/test_watch.py holds bounds on them.
    """
    counts = _until(counts, week)
    values = _frame.known(counts)
    series, number = values.shape
    now = values[:, -1]
    weeks = (~np.isnan(values[:, :-1])).sum(axis=1)
    recent = np.nan_to_num(values[:, -settings.within :]).sum(axis=1)
    found = {name: np.full(series, np.nan) for name in ("expected", "upper")}
    method = np.full(series, "none", dtype=object)
    wanted = {
        "farrington_flexible": weeks >= settings.long_weeks,
        "ears_c2": weeks >= settings.c2_weeks,
        "ears_c1": weeks >= settings.c1_weeks,
    }
    for name, allowed in wanted.items():
        rows = np.flatnonzero(allowed & (method == "none"))
        if len(rows):
            told = _by(name, counts.iloc[rows], settings)
            good = told["upper"].notna().to_numpy()
            method[rows[good]] = name
            for column, numbers in found.items():
                numbers[rows[good]] = told.loc[good, column].to_numpy(dtype=float)
    short, unknown = method == "none", np.isnan(now)
    few = recent < settings.least
    upper = found["upper"]
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(
            upper > found["expected"], (now - found["expected"]) / (upper - found["expected"]), np.nan
        )
    rise, rise_told = _slow_rise(counts, values, settings)
    framed = _frame.framed(
        counts,
        np.array([number - 1], dtype=np.int64),
        {
            "now": _frame.whole(now),
            "expected": found["expected"],
            "upper": upper,
            "alarm": _frame.truth((now > upper) & ~few, ~short & ~unknown),
            "score": score,
            "method": method,
            "weeks": _frame.whole(weeks.astype(float)),
            "slow_rise": _frame.truth(rise, rise_told),
            "reason": _frame.reason(
                now.shape, history_too_short=short, count_unknown=unknown, too_few_cases=few
            ),
        },
    )
    return framed.drop(columns="week")


def _until(counts: pd.DataFrame, week: date | None) -> pd.DataFrame:
    if week is None:
        return counts
    at = counts.columns.get_indexer(pd.Index([stamp(week)]))[0]
    if at < 0:
        raise ParameterError(
            f"There are no counts of the week of {week:%Y-%m-%d}. Name one of the weeks by its first day."
        )
    return counts.iloc[:, : at + 1]


def _by(method: str, counts: pd.DataFrame, settings: Watch) -> pd.DataFrame:
    if method == "farrington_flexible":
        return farrington_flexible(counts, settings=settings.flexible)
    name: Literal["C1", "C2"] = "C1" if method == "ears_c1" else "C2"
    return ears(counts, method=name, alpha=settings.ears_alpha, min_sigma=settings.ears_floor)


def _slow_rise(
    counts: pd.DataFrame, values: _frame.Floats, settings: Watch
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return whether a slow rise shows now, and whether that can be told, for each series."""
    recent, before = values[:, -settings.cusum_weeks :], values[:, : -settings.cusum_weeks]
    told = ((~np.isnan(before)).sum(axis=1) >= settings.cusum_history) & ~np.isnan(values[:, -1])
    rows, rise = np.flatnonzero(told), np.zeros(len(values), dtype=bool)
    if len(rows):
        chart = glr_cusum(
            counts.iloc[rows], monitored=settings.cusum_weeks, chart=settings.chart, latest=True
        )
        enough = np.nan_to_num(recent[rows]).sum(axis=1) >= settings.least
        rise[rows] = chart["alarm"].to_numpy(dtype=bool, na_value=False) & enough
    return rise, told
