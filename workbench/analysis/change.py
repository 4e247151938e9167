"""Whether a week differs from the last one, and from what is usual: honest at counts of 0 to 5.

Distributions come from `scipy.special`, whose import costs a quarter of that of `scipy.stats`; the
tests hold every one of them against `scipy.stats` and against published results.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.analysis._columns import stamp
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

BASELINE_WEEKS = 26
"""How many weeks before this one the usual is learnt from."""

SHORTEST_BASELINE = 8
"""With fewer weeks of data than this, nothing is called usual."""

RANGE_LEVEL = 0.90
"""Share of weeks that the expected range should hold (design: the grey band)."""

FALSE_DISCOVERY_RATE = 0.10
"""Largest share of false ones among the districts called unusual (Benjamini and Hochberg)."""


def week_on_week(
    now: ArrayLike, before: ArrayLike, *, exposure: float = 1.0, level: float = 0.95
) -> pd.DataFrame:
    """
    Compare counts pairwise, as if `now` and `before` were two draws from one rate.

    Whole numbers, scalars or arrays of one length. `exposure` is the time (or people) behind `now`
    divided by that behind `before`. Returns `now`, `before`, `ratio` of the rates, `ratio_low` and
    `ratio_high` (confidence `level`) and the two-sided `p`; <NA> where a ratio or bound is not finite.
    Given the sum, `now` is binomial with probability exposure / (1 + exposure): the two-sided p adds
    up all outcomes no likelier than the one seen, the interval is Clopper and Pearson's
    (Przyborowski and Wilenski 1940; the method of R's `poisson.test`).
    """
    from scipy import special

    x, y = np.atleast_1d(np.asarray(now, dtype=float)), np.atleast_1d(np.asarray(before, dtype=float))
    if x.shape != y.shape or (x < 0).any() or (y < 0).any() or exposure <= 0:
        raise ParameterError(
            "Two weeks can be compared if both have counts of 0 or more and the exposure is above 0. "
            "Pass as many counts for now as for before."
        )
    n, share, tail = x + y, exposure / (1 + exposure), (1 - level) / 2
    p = np.array([_two_sided(int(a), int(b), share) for a, b in zip(x, n, strict=True)])
    low = np.where(x > 0, special.betaincinv(np.maximum(x, 1), y + 1, tail), 0.0)
    high = np.where(y > 0, special.betaincinv(x + 1, np.maximum(y, 1), 1 - tail), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = {
            "ratio": x / y / exposure,
            "ratio_low": np.where(n > 0, low / (1 - low) / exposure, np.nan),
            "ratio_high": high / (1 - high) / exposure,
        }
    return pd.DataFrame(
        {
            "now": pd.array(x, dtype="Int64"),
            "before": pd.array(y, dtype="Int64"),
            **{name: _finite(values) for name, values in bounds.items()},
            "p": pd.array(p, dtype="Float64"),
        }
    )


def against_baseline(now: ArrayLike, history: ArrayLike) -> pd.DataFrame:
    """
    Set counts against their own past: how often a week like those before would reach this.

    `now` is one count for each row of `history`, whose columns are the weeks before; missing weeks
    (NaN or <NA>) are left out of it. Returns `now`, `weeks` (n), `sum` (k), `expected`, `p_higher` =
    P(Y >= now), `p_lower` = P(Y <= now); <NA> where there is no week of history. Y is the
    Gamma-Poisson predictive under Jeffreys' prior, a negative binomial of size k + 1/2 and
    probability n / (n + 1): it counts the error of a rate learnt from few weeks, and a baseline of
    zeros does not make the first incident infinitely surprising.
    """
    counts, (n, k) = np.atleast_1d(_floats(now)), _baseline(history)
    if counts.shape != n.shape:
        raise ParameterError("Each count needs one row of history. Pass as many rows as counts.")
    now_known = pd.Series(counts, dtype="Int64").array
    return _with_baseline(n, k, now=now_known, p_higher=_tail(counts, n, k), p_lower=_cdf(counts, n, k))


def expected_range(history: ArrayLike, *, level: float = RANGE_LEVEL) -> pd.DataFrame:
    """
    Return the range that a week should fall into, were it like those before.

    `history` as in `against_baseline`; a frame's index is kept. Returns `weeks`, `sum`, `expected`,
    `low`, `high` (Int64): the central `level` of the same predictive distribution, both ends
    included; <NA> where there is no week of history. Add the districts up first for the range of a
    total: ranges do not add.
    """
    n, k = _baseline(history)
    tail = (1 - level) / 2
    framed = _with_baseline(n, k, low=_quantile(tail, n, k), high=_quantile(1 - tail, n, k))
    framed = framed.astype({"low": "Int64", "high": "Int64"})
    return framed.set_axis(history.index, axis=0) if isinstance(history, pd.DataFrame) else framed


def adjust(p: ArrayLike) -> NDArray[np.float64]:
    """
    Return p-values adjusted for their number, by Benjamini and Hochberg (1995, JRSS-B 57:289).

    NaN stays NaN and does not count as a test.
    """
    given = np.atleast_1d(_floats(p))
    tested = np.flatnonzero(~np.isnan(given))
    adjusted = np.full(given.shape, np.nan)
    order = tested[np.argsort(given[tested], kind="stable")[::-1]]
    ranks = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.minimum.accumulate(given[order] * len(order) / ranks))
    return adjusted


def history(
    weekly: pd.DataFrame,
    *,
    week: date,
    weeks: int = BASELINE_WEEKS,
    covered_from: date | None = None,
    measure: str = "incidents",
) -> pd.DataFrame:
    """
    Return the weeks before `week` side by side: one row a district, one column a week.

    Takes a frame of `counts.weekly` or `weekly_total`. At most `weeks` columns, oldest first. Weeks
    that begin before `covered_from`, the first day the data cover, are missing: a time before the
    data is not a time of peace.
    """
    before = weekly[weekly["week"] < stamp(week)]
    if covered_from is not None:
        before = before[before["week"] >= stamp(covered_from)]
    wide = before.pivot(index="district", columns="week", values=measure)
    wide = wide.reindex(pd.Index(weekly["district"].unique(), name="district")).astype("Float64")
    return wide.iloc[:, max(0, wide.shape[1] - weeks) :]


def assess(
    weekly: pd.DataFrame,
    *,
    week: date,
    states: pd.DataFrame | None = None,
    covered_from: date | None = None,
    still_reported: bool = False,
) -> pd.DataFrame:
    """
    Say of each district how its week compares with what is usual there.

    Takes a frame of `counts.weekly` (or `weekly_total`: one row) that holds `week` and the weeks
    before it, of which the last 26 are the baseline, and `states` from `coverage.states`. Returns
    one row a district, in the given order: `district`, `now`, `before` (last week), `weeks`, `sum`,
    `expected`, `usual_low`, `usual_high`, `p_higher`, `p_lower`, `q_higher`, `q_lower` (adjusted for
    the number of districts) and `assessment`, the first that holds of:

    * no_report: no incident is known and nobody has been heard from
    * no_incident_known: none is known, and nobody here can tell whether anyone was heard from
    * no_incident_reported: none, and that is not unusual
    * history_too_short: fewer than 8 weeks of data, or the count is not for this reader
    * higher_than_usual: above the usual range, and unlikely by chance among so many districts
    * lower_than_usual: below it likewise; never while `still_reported`, when more is to come
    * within_usual_variation

    So a count a little above its range can still be within usual variation where there are many
    districts: one in twenty is above it every week. `covered_from` as in `history`.
    """
    past = history(weekly, week=week, covered_from=covered_from)
    column = weekly.set_index(["week", "district"])["incidents"].astype("Int64")
    now = _week_of(column, stamp(week), past.index)
    last = _week_of(column, stamp(week) - pd.Timedelta(days=7), past.index)
    if covered_from is not None and stamp(week) - pd.Timedelta(days=7) < stamp(covered_from):
        last[:] = pd.NA
    usual = expected_range(past)
    tested = against_baseline(now, past).set_axis(past.index, axis=0)
    enough = (usual["weeks"] >= SHORTEST_BASELINE).to_numpy(dtype=bool, na_value=False)
    higher = adjust(np.where(enough, _floats(tested["p_higher"]), np.nan))
    lower = adjust(np.where(enough, _floats(tested["p_lower"]), np.nan))
    count, low, high = _floats(now), _floats(usual["low"]), _floats(usual["high"])
    silent = untold = np.zeros(len(past), dtype=bool)
    if states is not None:
        state = states.set_index("district")["state"].reindex(past.index)
        silent = state.isin(["no_report", "no_coverage"]).to_numpy()
        untold = state.eq("none_known").to_numpy()
    is_lower = (lower <= FALSE_DISCOVERY_RATE) & (count < low) & (not still_reported)
    codes = np.select(
        [
            silent & ~(count > 0),
            untold & ~(count > 0),
            (count == 0) & ~is_lower,
            ~enough | np.isnan(count),
            (higher <= FALSE_DISCOVERY_RATE) & (count > high),
            is_lower,
        ],
        [
            "no_report", "no_incident_known", "no_incident_reported", "history_too_short",
            "higher_than_usual", "lower_than_usual",
        ],
        default="within_usual_variation",
    )  # fmt: skip
    shown = usual[["weeks", "sum", "expected", "low", "high"]]
    shown = shown.rename(columns={"low": "usual_low", "high": "usual_high"})
    shown.loc[~enough, ["expected", "usual_low", "usual_high"]] = pd.NA
    assessed = shown.assign(
        p_higher=tested["p_higher"].where(enough, pd.NA),
        p_lower=tested["p_lower"].where(enough, pd.NA),
        q_higher=_finite(higher),
        q_lower=_finite(lower),
        assessment=pd.array(codes, dtype="str"),
    )
    assessed.insert(0, "now", now)
    assessed.insert(1, "before", last)
    return assessed.rename_axis("district").reset_index()


def _week_of(column: pd.Series, start: pd.Timestamp, districts: pd.Index) -> pd.Series:
    if start not in column.index.get_level_values("week"):
        return pd.Series(pd.NA, index=districts, dtype="Int64")
    return column.xs(start.as_unit("s"), level="week").reindex(districts)


def _two_sided(x: int, n: int, share: float) -> float:
    """P of all outcomes no likelier than x; R allows them a relative error of 1e-7 (binom.test)."""
    from scipy import special

    k = np.arange(n + 1)
    logs = (
        special.gammaln(n + 1)
        - special.gammaln(k + 1)
        - special.gammaln(n - k + 1)
        + special.xlogy(k, share)
        + special.xlog1py(n - k, -share)
    )
    chances = np.exp(logs)
    return float(min(1.0, chances[chances <= chances[x] * (1 + 1e-7)].sum()))


def _baseline(history: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    weeks = np.atleast_2d(_floats(history))
    return (~np.isnan(weeks)).sum(axis=1).astype(float), np.nansum(weeks, axis=1)


def _cdf(y: NDArray[Any], n: NDArray[np.float64], k: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(Y <= y) of the predictive: the regularised incomplete beta function (DLMF 8.17)."""
    from scipy import special

    floor = np.floor(np.maximum(y, 0))
    chance = special.betainc(k + 0.5, floor + 1, n / (n + 1))
    return np.where((n > 0) & ~np.isnan(y), np.where(y < 0, 0.0, chance), np.nan)


def _tail(y: NDArray[Any], n: NDArray[np.float64], k: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(Y >= y): the complement of `_cdf` at y - 1, without the loss of digits of a difference."""
    from scipy import special

    chance = np.where(y > 0, special.betainc(np.maximum(y, 1), k + 0.5, 1 / (n + 1)), 1.0)
    return np.where((n > 0) & ~np.isnan(y), chance, np.nan)


def _quantile(q: float, n: NDArray[np.float64], k: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the smallest y with P(Y <= y) >= q, by bisection over all rows at once."""
    low = np.full(n.shape, -1.0)
    high = np.ones(n.shape)
    while (short := _cdf(high, n, k) < q).any():
        high[short] *= 2
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        reached = ~(_cdf(middle, n, k) < q)
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    return np.where(n > 0, high, np.nan)


def _with_baseline(n: NDArray[np.float64], k: NDArray[np.float64], **columns: Any) -> pd.DataFrame:
    with np.errstate(divide="ignore"):
        expected = (k + 0.5) / n
    framed: dict[str, Any] = {
        "weeks": pd.Series(n, dtype="Int64").array,
        "sum": pd.Series(k, dtype="Int64").array,
    }
    measured = {name: v if hasattr(v, "isna") else _finite(v) for name, v in columns.items()}
    first = {"now": measured.pop("now")} if "now" in measured else {}
    return pd.DataFrame({**first, **framed, "expected": _finite(expected), **measured})


def _floats(values: Any) -> NDArray[np.float64]:
    if isinstance(values, pd.DataFrame):
        return values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return (
        pd.Series(np.asarray(values, dtype=object).ravel(), dtype="Float64")
        .to_numpy(dtype=float, na_value=np.nan)
        .reshape(np.shape(values))
    )


def _finite(values: NDArray[np.float64]) -> Any:
    return pd.Series(np.where(np.isfinite(values), values, np.nan), dtype="Float64").array
