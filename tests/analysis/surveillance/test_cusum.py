from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from tests.analysis.surveillance.made import counts, stationary
from workbench.analysis.surveillance import Chart, _glm, glr_cusum
from workbench.errors import ParameterError


def _likeliest(x: np.ndarray, usual: np.ndarray, alpha: float) -> float:
    """The statistic by definition: a one-dimensional search for each begin, with scipy's probabilities."""

    def likelihood(means: np.ndarray, values: np.ndarray) -> float:
        if alpha == 0:
            return float(stats.poisson.logpmf(values, means).sum())
        return float(stats.nbinom.logpmf(values, 1 / alpha, 1 / (1 + alpha * means)).sum())

    best = 0.0
    for begin in range(len(x)):
        values, means = x[begin:], usual[begin:]
        found = optimize.minimize_scalar(
            lambda kappa, means=means, values=values: -likelihood(means * np.exp(kappa), values),
            bounds=(0, 12),
            method="bounded",
            options={"xatol": 1e-10},
        )
        best = max(best, -found.fun - likelihood(means, values))
    return best


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 12), min_size=6, max_size=6),
    st.lists(st.floats(0.05, 6), min_size=6, max_size=6),
    st.sampled_from([0.0, 0.2, 1.5]),
)
def test_the_statistic_is_the_greatest_likelihood_ratio(
    row: list[int], usual: list[float], alpha: float
) -> None:
    """Without restart the last statistic is the maximum over begin and height that a search finds."""
    rows = counts(row)
    mean = pd.DataFrame([usual], rows.index, rows.columns)
    found = glr_cusum(rows, monitored=6, mean=mean, dispersion=alpha, chart=Chart(restart=False))
    oracle = _likeliest(np.array(row), np.array(usual), alpha)
    assert found["score"].iloc[-1] == pytest.approx(oracle, rel=1e-6, abs=1e-7)


def test_a_jump_at_which_the_package_s_search_runs_away() -> None:
    """Two, then six cases at a usual 0.08 a week have a ratio of 21; surveillance 1.20.3 reports 0."""
    rows = counts([2, 6])
    usual = 27 / 338  # the mean of mostly_zero in series.csv before its monitored weeks
    mean = pd.DataFrame([[usual] * 2], rows.index, rows.columns)
    found = glr_cusum(rows, monitored=2, mean=mean, dispersion=0.2, chart=Chart(restart=False))
    assert found["score"].iloc[-1] == pytest.approx(_likeliest(np.array([2, 6]), np.full(2, usual), 0.2))
    assert found["score"].iloc[-1] > 20


def test_a_slow_rise_is_found_and_the_chart_starts_anew() -> None:
    """A level that doubles shows within weeks although no week stands out; after an alarm it starts at 0."""
    before = stationary(3, 0.0, series=1, weeks=104, seed=2)[0]
    after = stationary(6, 0.0, series=1, weeks=20, seed=4)[0]
    rows = counts(np.concatenate([before, after]))
    found = glr_cusum(rows, monitored=20)
    first = int(np.argmax(found["alarm"].to_numpy(dtype=bool)))
    assert 0 < first < 10
    assert found["score"].iloc[first] >= 5
    assert found["score"].iloc[first + 1] < 5
    kept = glr_cusum(rows, monitored=20, chart=Chart(restart=False))
    assert kept["alarm"].iloc[first:].all()
    assert not glr_cusum(counts(np.concatenate([before, before[:20]])), monitored=20)["alarm"].any()


def test_the_last_week_alone_is_the_last_of_all() -> None:
    """`latest` gives the row of the last week, with and without a restart."""
    rows = counts(*stationary(2, 0.4, series=5, weeks=130, seed=8))
    for chart in (Chart(restart=False, shortest=4), Chart(threshold=2, longest=8)):
        every = glr_cusum(rows, monitored=26, chart=chart)
        last = glr_cusum(rows, monitored=26, chart=chart, latest=True)
        expected = every.groupby("series", sort=False).tail(1).reset_index(drop=True)
        pd.testing.assert_frame_equal(last, expected)


def test_a_past_of_zeros_is_no_promise() -> None:
    """After 100 weeks of zeros the usual mean is 0.5 / 100, and one case is no alarm."""
    found = glr_cusum(counts([0] * 125 + [1]), monitored=26).iloc[-1]
    assert found["expected"] == pytest.approx(0.005)
    assert found["dispersion"] == 0
    assert found["score"] == pytest.approx(np.log(1 / 0.005) - 1 + 0.005)
    assert not found["alarm"]


def test_unknown_weeks_say_nothing() -> None:
    """An unknown week has no statistic; the weeks after it go on from the weeks before."""
    row = [2] * 80 + [5, 5, None, 5]
    found = glr_cusum(counts(row), monitored=4, chart=Chart(restart=False))
    assert found["reason"].tolist() == ["", "", "count_unknown", ""]
    assert found["alarm"].isna().tolist() == [False, False, True, False]
    without = glr_cusum(counts([2] * 80 + [5, 5, 5]), monitored=3, chart=Chart(restart=False))
    assert found["score"].iloc[-1] == pytest.approx(without["score"].iloc[-1])
    short = glr_cusum(counts([2] * 25 + [9] * 4), monitored=4)
    assert short["reason"].eq("history_too_short").all()
    assert short[["expected", "score", "alarm"]].isna().all(axis=None)


def test_the_dispersion_is_of_greatest_likelihood() -> None:
    """No other dispersion makes counts likelier, and counts that vary less than Poisson counts have 0."""
    y = stationary(3, 0.6, series=4, weeks=150, seed=9).astype(float)
    mean = np.repeat(y.mean(axis=1, keepdims=True), 150, axis=1)
    found = _glm.spread(y, mean)

    def likelihood(row: int, alpha: float) -> float:
        return float(stats.nbinom.logpmf(y[row], 1 / alpha, 1 / (1 + alpha * mean[row])).sum())

    for row, alpha in enumerate(found):
        assert likelihood(row, alpha) > likelihood(row, alpha * 1.001)
        assert likelihood(row, alpha) > likelihood(row, alpha / 1.001)
    assert _glm.spread(np.full((1, 30), 4.0), np.full((1, 30), 4.0))[0] == 0


def test_extreme_series_stay_finite() -> None:
    """10,000 in one week, before or now, and no series at all, give finite statistics or none."""
    rows = counts([1] * 120 + [10_000], [1] * 50 + [10_000] + [1] * 70, [0] * 121)
    found = glr_cusum(rows, chart=Chart(harmonics=1, trend=True))
    numbers = found[["expected", "score", "dispersion"]].to_numpy(dtype=float, na_value=np.nan)
    assert np.isfinite(numbers).all()
    assert found.groupby("series", sort=False)["alarm"].last().tolist() == [True, False, False]
    assert len(glr_cusum(counts(width=60))) == 0


def test_charts_that_cannot_be_are_refused() -> None:
    """Settings, means and numbers of weeks that make no chart are errors."""
    rows = counts([1] * 60)
    mean = pd.DataFrame([[1.0] * 26], rows.index, rows.columns[-26:])
    for wrong in (Chart(threshold=0), Chart(shortest=0), Chart(shortest=5, longest=2)):
        with pytest.raises(ParameterError):
            glr_cusum(rows, chart=wrong)
    with pytest.raises(ParameterError, match="61 weeks"):
        glr_cusum(rows, monitored=61)
    with pytest.raises(ParameterError, match="dispersion"):
        glr_cusum(rows, dispersion=-1.0)
    with pytest.raises(ParameterError, match="usual means"):
        glr_cusum(rows, mean=mean.iloc[:, 1:], dispersion=0.1)
    with pytest.raises(ParameterError, match="usual means"):
        glr_cusum(rows, mean=mean * 0, dispersion=0.1)
    with pytest.raises(ParameterError, match="learn the dispersion"):
        glr_cusum(rows.iloc[:, -26:], mean=mean)
