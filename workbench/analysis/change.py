"""Whether a week differs from the last one, and from what is usual: honest at counts of 0 to 5."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.analysis._columns import stamp
from workbench.analysis.dispersion import SHORTEST_BASELINE, Baseline, baseline, floats
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

BASELINE_WEEKS = 26
"""How many weeks before this one the usual is learnt from."""

YEAR = timedelta(weeks=52)
"""How far back the same week of last year lies: 364 days, so that weeks begin on the same weekday."""

RANGE_LEVEL = 0.90
"""Share of weeks that the expected range should hold (design: the grey band)."""

FALSE_DISCOVERY_RATE = 0.10
"""Largest share of false ones among the districts called unusual (Benjamini and Hochberg)."""

LARGEST_CHANCE = 0.025
"""A week likelier than this, on its side, is not called unusual, however few districts there are: a false
flag in each direction every 40 weeks keeps a district below one in a quarter (`tests` simulate it)."""


def week_on_week(
    now: ArrayLike, before: ArrayLike, *, exposure: float = 1.0, level: float = 0.95
) -> pd.DataFrame:
    """
    Compare counts pairwise, as if `now` and `before` were two draws from one rate.

    Whole numbers, scalars or arrays of one length; a pair with an unknown count has no result. `exposure`
    is the time (or people) behind `now` divided by that behind `before`. Returns `now`, `before`, `ratio`
    of the rates, `ratio_low` and `ratio_high` (confidence `level`) and the two-sided `p`; <NA> where a
    ratio or bound is not finite. Given the sum, `now` is binomial with probability
    exposure / (1 + exposure): the two-sided p adds up all outcomes no likelier than the one seen, the
    interval is Clopper and Pearson's (Przyborowski and Wilenski 1940; the method of R's `poisson.test`).
    Raises ParameterError for negative, infinite or fractional counts.
    """
    from scipy import special

    x, y = np.atleast_1d(floats(now)), np.atleast_1d(floats(before))
    counts = np.concatenate([x.ravel(), y.ravel()])
    counts = counts[~np.isnan(counts)]
    whole = np.isfinite(counts) & (counts >= 0) & (np.floor(counts) == counts)
    if x.shape != y.shape or not whole.all() or exposure <= 0:
        raise ParameterError(
            "Two weeks can be compared if both have whole counts of 0 or more and the exposure is above 0. "
            "Pass as many counts for now as for before."
        )
    n, share, tail = x + y, exposure / (1 + exposure), (1 - level) / 2
    low = np.where(x > 0, special.betaincinv(np.maximum(x, 1), y + 1, tail), 0.0)
    high = np.where(y > 0, special.betaincinv(x + 1, np.maximum(y, 1), 1 - tail), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = {
            "ratio": x / y / exposure,
            "ratio_low": np.where(n > 0, low / (1 - low) / exposure, np.nan),
            "ratio_high": np.where(n > 0, high / (1 - high) / exposure, np.nan),
        }
    return pd.DataFrame(
        {
            "now": pd.Series(x, dtype="Int64").array,
            "before": pd.Series(y, dtype="Int64").array,
            **{name: _finite(values) for name, values in bounds.items()},
            "p": _finite(_two_sided(x, n, share)),
        }
    )


def same_week_last_year(
    now: ArrayLike, year_ago: ArrayLike, *, exposure: float = 1.0, level: float = 0.95
) -> pd.DataFrame:
    """
    Compare counts with those of the same week a year before, as `week_on_week` does with last week's.

    Returns `now`, `year_ago`, `ratio`, `ratio_low`, `ratio_high`, `p`. A small p says that the two weeks
    differ, not why: the season, a slow change and a better coverage look the same here.
    """
    compared = week_on_week(now, year_ago, exposure=exposure, level=level)
    return compared.rename(columns={"before": "year_ago"})


def against_baseline(now: ArrayLike, history: ArrayLike, *, spread: str = "poisson") -> pd.DataFrame:
    """
    Set counts against their own past: how often a week like those before would reach this.

    `now` is one count for each row of `history`, whose columns are the weeks before; missing weeks
    (NaN or <NA>) are left out of it. Returns `now`, `weeks` (n), `sum` (k), `expected`, `spread`,
    `dispersion`, `p_higher` = P(Y >= now), `p_lower` = P(Y <= now); <NA> where there is no week of
    history. Y is the Gamma-Poisson predictive under Jeffreys' prior, a negative binomial of size k + 1/2
    and probability n / (n + 1): it counts the error of a rate learnt from few weeks, and a baseline of
    zeros does not make the first incident infinitely surprising. With `spread="estimated"` it is as wide
    as the weeks themselves scatter, never narrower (`dispersion.Baseline`): then the column `spread` is
    over_dispersed where the `dispersion` is above 1, else poisson. Raises ParameterError for a negative
    or infinite count.
    """
    counts, usual = np.atleast_1d(floats(now)), baseline(history, spread=spread)
    if counts.shape != usual.weeks.shape:
        raise ParameterError("Each count needs one row of history. Pass as many rows as counts.")
    if (counts < 0).any() or np.isinf(counts).any():
        raise ParameterError("A count is negative or infinite. Pass counts of 0 or more, unknown as <NA>.")
    framed = _framed(usual)
    framed.insert(0, "now", pd.Series(counts, dtype="Int64").array)
    return framed.assign(p_higher=_finite(usual.tail(counts)), p_lower=_finite(usual.cdf(counts)))


def expected_range(
    history: ArrayLike, *, level: float = RANGE_LEVEL, spread: str = "poisson"
) -> pd.DataFrame:
    """
    Return the range that a week should fall into, were it like those before.

    `history` and `spread` as in `against_baseline`; a frame's index is kept. Returns `weeks`, `sum`,
    `expected`, `spread`, `dispersion`, `low`, `high` (Int64): the central `level` of the same predictive
    distribution, both ends included; <NA> where there is no week of history. Add the districts up first
    for the range of a total: ranges do not add.
    """
    usual, tail = baseline(history, spread=spread), (1 - level) / 2
    framed = _framed(usual).assign(
        low=_finite(usual.quantile(tail)).astype("Int64"),
        high=_finite(usual.quantile(1 - tail)).astype("Int64"),
    )
    return framed.set_axis(history.index, axis=0) if isinstance(history, pd.DataFrame) else framed


def adjust(p: ArrayLike) -> NDArray[np.float64]:
    """
    Return p-values adjusted for their number, by Benjamini and Hochberg (1995, JRSS-B 57:289).

    NaN stays NaN and does not count as a test.
    """
    given = np.atleast_1d(floats(p))
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
    `expected`, `usual_low`, `usual_high`, `spread`, `dispersion`, `p_higher`, `p_lower`, `q_higher`,
    `q_lower` (adjusted for the number of districts) and `assessment`, the first that holds of:

    * no_report: no incident is known and nobody has been heard from
    * no_incident_known: none is known, and nobody here can tell whether anyone was heard from
    * no_incident_reported: none, and that is not unusual
    * history_too_short: fewer than 8 weeks of data, or the count is not for this reader
    * higher_than_usual: above the usual range, and unlikely by chance, by itself (p at most 0.025) and
      among so many districts (q at most 0.10)
    * lower_than_usual: below it likewise; never while `still_reported`, when more is to come
    * within_usual_variation

    The usual is as wide as the weeks before scatter: `spread` is over_dispersed where they scatter more
    than Poisson counts do, by the factor `dispersion`. So a count a little above its range can still be
    within usual variation where there are many districts: one in twenty is above it every week.
    `covered_from` as in `history`.
    """
    past = history(weekly, week=week, covered_from=covered_from)
    column = weekly.set_index(["week", "district"])["incidents"].astype("Int64")
    now = _week_of(column, stamp(week), past.index)
    last = _week_of(column, stamp(week) - pd.Timedelta(days=7), past.index)
    if covered_from is not None and stamp(week) - pd.Timedelta(days=7) < stamp(covered_from):
        last[:] = pd.NA
    assessed = _assessed(past, now, states=states, still_reported=still_reported)
    assessed.insert(0, "now", now)
    assessed.insert(1, "before", last)
    return assessed.rename_axis("district").reset_index()


def change_of_week(
    counts: pd.DataFrame,
    *,
    week: date,
    states: pd.DataFrame | None = None,
    still_reported: bool = False,
) -> pd.DataFrame:
    """
    Set one week of many series against the week before, the same week last year and the usual.

    `counts` as `series.series` returns it: one row a series, one column a week, <NA> unknown; `states` of
    `coverage.states` goes with the level `district` of the index, where given. Returns one row a series
    in the given order, the index as columns, then `now`, `before`, `ratio`, `ratio_low`, `ratio_high`,
    `p`, `q` (`week_on_week`), `reason`; `year_ago`, `ratio_year`, `ratio_year_low`, `ratio_year_high`,
    `p_year`, `q_year` (`same_week_last_year`, 52 weeks before), `reason_year`; `p_higher`, `q_higher`,
    `p_lower`, `q_lower`, `weeks`, `sum`, `expected`, `usual_low`, `usual_high`, `spread`, `dispersion`
    and `assessment` as `assess` gives them. A q is adjusted for the number of series in `counts`
    (Benjamini and Hochberg). A ratio that is not a number is <NA>, and its reason is the first that holds
    of week_unknown, earlier_week_unknown and none_in_earlier_week. Raises ParameterError for a negative
    or fractional count and, with `states`, for an index without `district`.
    """
    begins = stamp(week).as_unit("s")
    before = pd.date_range(end=begins - _SEVEN_DAYS, periods=BASELINE_WEEKS, freq="7D")
    past = counts.loc[:, counts.columns.isin(before)]
    now = _column(counts, begins)
    compared = _compared(now, _column(counts, begins - _SEVEN_DAYS), name="before", suffix="")
    year = _compared(now, _column(counts, begins - YEAR), name="year_ago", suffix="_year")
    assessed = _assessed(past, now, states=states, still_reported=still_reported)
    tested = ["p_higher", "q_higher", "p_lower", "q_lower"]
    usual = assessed[[*tested, *assessed.columns.difference(tested, sort=False)]].reset_index(drop=True)
    framed = pd.concat([compared, year.drop(columns="now"), usual], axis=1)
    return pd.concat([counts.index.to_frame(index=False), framed], axis=1)


def _assessed(
    past: pd.DataFrame, now: Any, *, states: pd.DataFrame | None, still_reported: bool
) -> pd.DataFrame:
    """Return what `assess` says after `before`, one row for each of `past`, whose index it keeps."""
    usual = expected_range(past, spread="estimated")
    tested = against_baseline(now, past, spread="estimated").set_axis(past.index, axis=0)
    enough = (usual["weeks"] >= SHORTEST_BASELINE).to_numpy(dtype=bool, na_value=False)
    higher = adjust(np.where(enough, floats(tested["p_higher"]), np.nan))
    lower = adjust(np.where(enough, floats(tested["p_lower"]), np.nan))
    count, low, high = floats(now), floats(usual["low"]), floats(usual["high"])
    silent = untold = np.zeros(len(past), dtype=bool)
    if states is not None:
        if "district" not in past.index.names:
            raise ParameterError("States go with districts. Pass counts whose index names the district.")
        districts = past.index.get_level_values("district")
        state = states.set_index("district")["state"].reindex(districts)
        silent = state.isin(["no_report", "no_coverage"]).to_numpy()
        untold = state.eq("none_known").to_numpy()
    is_higher = _unusual(higher, tested["p_higher"]) & (count > high)
    is_lower = _unusual(lower, tested["p_lower"]) & (count < low) & (not still_reported)
    codes = np.select(
        [
            silent & ~(count > 0),
            untold & ~(count > 0),
            (count == 0) & ~is_lower,
            ~enough | np.isnan(count),
            is_higher,
            is_lower,
        ],
        [
            "no_report", "no_incident_known", "no_incident_reported", "history_too_short",
            "higher_than_usual", "lower_than_usual",
        ],
        default="within_usual_variation",
    )  # fmt: skip
    shown = usual[["weeks", "sum", "expected", "low", "high", "spread", "dispersion"]]
    shown = shown.rename(columns={"low": "usual_low", "high": "usual_high"})
    shown.loc[~enough, ["expected", "usual_low", "usual_high", "spread", "dispersion"]] = pd.NA
    return shown.assign(
        p_higher=tested["p_higher"].where(enough, pd.NA),
        p_lower=tested["p_lower"].where(enough, pd.NA),
        q_higher=_finite(higher),
        q_lower=_finite(lower),
        assessment=pd.array(codes, dtype="str"),
    )


_SEVEN_DAYS = timedelta(days=7)


def _unusual(q: NDArray[np.float64], p: pd.Series) -> NDArray[np.bool_]:
    return np.asarray((q <= FALSE_DISCOVERY_RATE) & (floats(p) <= LARGEST_CHANCE))


def _week_of(column: pd.Series, start: pd.Timestamp, districts: pd.Index) -> pd.Series:
    if start not in column.index.get_level_values("week"):
        return pd.Series(pd.NA, index=districts, dtype="Int64")
    return column.xs(start.as_unit("s"), level="week").reindex(districts)


def _column(counts: pd.DataFrame, start: pd.Timestamp) -> pd.Series:
    if start not in counts.columns:
        return pd.Series(pd.NA, index=counts.index, dtype="Float64")
    column: pd.Series = counts[start].astype("Float64")
    return column


def _compared(now: pd.Series, earlier: pd.Series, *, name: str, suffix: str) -> pd.DataFrame:
    """Return `week_on_week` of two columns with its q and reason, its columns named for the page."""
    framed = week_on_week(now, earlier)
    framed["q"] = _finite(adjust(framed["p"]))
    missing = [framed["now"].isna(), framed["before"].isna(), framed["before"].eq(0).fillna(value=False)]
    codes = ["week_unknown", "earlier_week_unknown", "none_in_earlier_week"]
    reason = pd.Series(np.select([m.to_numpy(dtype=bool) for m in missing], codes, default=""), dtype="str")
    framed["reason"] = reason.where(reason != "")
    renamed = {"ratio_low": f"ratio{suffix}_low", "ratio_high": f"ratio{suffix}_high", "before": name}
    return framed.rename(columns={**{c: f"{c}{suffix}" for c in ("ratio", "p", "q", "reason")}, **renamed})


def _two_sided(x: NDArray[np.float64], n: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """
    P of all outcomes of a binomial no likelier than x of n; they may differ by 1e-7 (R's `binom.test`).

    Chances fall on either side of n * share, so the outcomes of the other side begin at one place, found
    by bisection for all pairs at once; tails are incomplete beta functions.
    """
    from scipy import special

    def log_chance(k: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        choices = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
        logs: NDArray[np.float64] = choices + special.xlogy(k, share) + special.xlog1py(n - k, -share)
        return logs

    # counted from the side on which x lies below the centre
    above = x > n * share
    share_of = np.where(above, 1 - share, share)
    near, centre = np.where(above, n - x, x), np.ceil(n * share_of)
    limit = log_chance(x, share) + np.log1p(1e-7)
    low, high = centre - 1, n + 1
    while np.nanmax(high - low, initial=0) > 1:
        middle = np.clip(np.floor((low + high) / 2), 0, n)
        falls = log_chance(np.where(above, n - middle, middle), share) <= limit
        high, low = np.where(falls, middle, high), np.where(falls, low, middle)
    nearer = special.betainc(n - near, near + 1, 1 - share_of)
    farther = np.where(high <= n, special.betainc(np.maximum(high, 1), n - high + 1, share_of), 0.0)
    both = np.minimum(1.0, nearer + farther)
    return np.where(np.isnan(n), np.nan, np.where(near >= n * share_of, 1.0, both))


def _framed(usual: Baseline) -> pd.DataFrame:
    known = usual.weeks > 0
    named = pd.Series(np.where(usual.dispersion > 1, "over_dispersed", "poisson"), dtype="str")
    return pd.DataFrame(
        {
            "weeks": pd.Series(usual.weeks, dtype="Int64").array,
            "sum": pd.Series(usual.total, dtype="Int64").array,
            "expected": _finite(usual.mean),
            "spread": named.where(known),
            "dispersion": _finite(np.where(known, usual.dispersion, np.nan)),
        }
    )


def _finite(values: NDArray[np.float64]) -> Any:
    return pd.Series(np.where(np.isfinite(values), values, np.nan), dtype="Float64").array
