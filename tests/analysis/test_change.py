from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.analysis.rows import MONDAY, series
from workbench import analysis
from workbench.errors import ParameterError


def test_two_counts_with_different_exposure() -> None:
    """R7: 11 in 800 against 21 in 3011 gives R's poisson.test figures (R documentation, ?poisson.test)."""
    found = analysis.week_on_week(11, 21, exposure=800 / 3011).iloc[0]
    assert found["p"] == pytest.approx(0.07967, abs=5e-6)
    assert found["ratio"] == pytest.approx(1.971488, abs=5e-7)
    assert found["ratio_low"] == pytest.approx(0.8584264, abs=5e-7)
    assert found["ratio_high"] == pytest.approx(4.277266, abs=5e-6)


def test_week_on_week_at_small_counts() -> None:
    """R8: from 3 to 9, 2 to 8, 0 to 4, 5 to 12 is p .146, .109, .125, .143: exact binomial."""
    found = analysis.week_on_week([9, 8, 4, 12], [3, 2, 0, 5])
    assert found["p"].to_numpy() == pytest.approx([0.145996, 0.109375, 0.125, 0.143463], abs=5e-7)


def test_a_ratio_that_is_not_finite_is_missing() -> None:
    """Nothing to divide by gives <NA>, with the finite bound kept; no count at all gives p 1."""
    found = analysis.week_on_week([4, 0, 0], [0, 0, 4])
    assert found["ratio"].isna().tolist() == [True, True, False]
    assert found["ratio_low"].isna().tolist() == [False, True, False]
    assert found["ratio_high"].isna().tolist() == [True, True, False]
    assert found["p"].tolist()[1] == 1.0


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.2, 5))
def test_week_on_week_agrees_with_scipy(now: int, before: int, exposure: float) -> None:
    """Both p and interval are those of scipy's exact binomial test on the conditional share."""
    found = analysis.week_on_week(now, before, exposure=exposure).iloc[0]
    if now + before == 0:
        assert found["p"] == 1.0
        return
    oracle = stats.binomtest(now, now + before, exposure / (1 + exposure))
    interval = oracle.proportion_ci(method="exact")
    assert found["p"] == pytest.approx(oracle.pvalue, rel=1e-6)
    assert found["ratio_low"] == pytest.approx(interval.low / (1 - interval.low) / exposure, rel=1e-6)
    if before:
        assert found["ratio_high"] == pytest.approx(interval.high / (1 - interval.high) / exposure, rel=1e-6)


def test_counts_that_cannot_be_compared_are_refused() -> None:
    """A negative count, or more counts now than before, is an error and no number."""
    with pytest.raises(ParameterError):
        analysis.week_on_week([-1], [2])
    with pytest.raises(ParameterError):
        analysis.week_on_week([1, 2], [2])
    with pytest.raises(ParameterError):
        analysis.against_baseline([1, 2], [[1, 2, 3]])


def test_a_count_against_its_baseline() -> None:
    """R9: y=9 after 21 in 8 weeks is .00366989; after 8 zeros 1, 2, 3 are .0571910, .00481268, .000447822."""
    history = [[21, 0, 0, 0, 0, 0, 0, 0], *([[0] * 8] * 3)]
    found = analysis.against_baseline([9, 1, 2, 3], history)
    assert found["p_higher"].to_numpy() == pytest.approx(
        [0.00366989, 0.0571910, 0.00481268, 0.000447822], rel=2e-6
    )
    assert found["sum"].tolist() == [21, 0, 0, 0]
    assert found["weeks"].tolist() == [8] * 4


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=30),
    st.integers(0, 60),
    st.sampled_from([0.5, 0.9, 0.99]),
)
def test_the_predictive_agrees_with_scipy(weeks: list[int], now: int, level: float) -> None:
    """Both tails and the range are those of scipy's negative binomial, size k + 1/2, prob n / (n + 1)."""
    oracle = stats.nbinom(sum(weeks) + 0.5, len(weeks) / (len(weeks) + 1))
    found = analysis.against_baseline(now, weeks).iloc[0]
    assert found["p_higher"] == pytest.approx(oracle.sf(now - 1), rel=1e-9, abs=1e-300)
    assert found["p_lower"] == pytest.approx(oracle.cdf(now), rel=1e-9)
    assert found["expected"] == pytest.approx(oracle.mean())
    usual = analysis.expected_range([weeks], level=level).iloc[0]
    assert usual["low"] == oracle.ppf((1 - level) / 2)
    assert usual["high"] == oracle.ppf(1 - (1 - level) / 2)


def test_missing_weeks_are_no_weeks() -> None:
    """A week before the data counts neither as zero nor as a week; without any there is no range."""
    history = pd.DataFrame({"w1": [None, None], "w2": [4, None]}, index=["A", "B"], dtype="Float64")
    usual = analysis.expected_range(history)
    assert usual.index.tolist() == ["A", "B"]
    assert usual["weeks"].tolist() == [1, 0]
    assert usual.loc["B", ["expected", "low", "high"]].isna().all()
    assert analysis.against_baseline([1, 1], history)["p_higher"].isna().tolist() == [False, True]


def test_false_discovery_rate() -> None:
    """R10: Benjamini and Hochberg 1995 (JRSS-B 57:289): at .05 four of the 15 are rejected."""
    p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
        0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
    ]  # fmt: skip
    found = analysis.adjust(p)
    assert (found <= 0.05).sum() == 4
    assert found[:6] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.0639], abs=5e-5)
    assert found == pytest.approx(stats.false_discovery_control(p))


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusting_keeps_the_order_whatever_the_order_given(p: list[float]) -> None:
    """Adjusted values agree with scipy's and never fall below the given ones; NaN is no test."""
    found = analysis.adjust([*p, np.nan])
    assert found[:-1] == pytest.approx(stats.false_discovery_control(p))
    assert np.isnan(found[-1])
    assert (found[:-1] >= np.array(p) - 1e-12).all()


def assessment(*counts: int | None, states: str | None = None, **options: object) -> str:
    """Return what is said of the last of these weeks."""
    weekly = series(*counts)
    known = pd.DataFrame({"district": ["A"], "state": [states]}) if states else None
    return str(analysis.assess(weekly, week=MONDAY, states=known, **options)["assessment"].iloc[0])


@pytest.mark.parametrize(
    ("past", "now", "expected"),
    [
        ([2] * 26, 9, "higher_than_usual"),
        ([2] * 26, 3, "within_usual_variation"),
        ([2] * 26, 0, "no_incident_reported"),
        ([9] * 26, 2, "lower_than_usual"),
        ([9] * 26, 0, "lower_than_usual"),
        ([0] * 26, 0, "no_incident_reported"),
        ([0] * 26, 2, "higher_than_usual"),
        ([2] * 7, 9, "history_too_short"),
        ([2] * 7, 0, "no_incident_reported"),
        ([2] * 8, 9, "higher_than_usual"),
        ([2] * 26, None, "history_too_short"),
    ],
)
def test_what_is_said_of_a_week(past: list[int], now: int | None, expected: str) -> None:
    """Each assessment where its definition says."""
    assert assessment(*past, now) == expected


def test_silence_is_no_report() -> None:
    """No incident and nobody heard from is no report, also where little would be unusual."""
    assert assessment(*[9] * 26, 0, states="no_report") == "no_report"
    assert assessment(*[9] * 26, 0, states="no_coverage") == "no_report"
    assert assessment(*[2] * 26, 0, states="no_incident") == "no_incident_reported"


def test_none_known_is_no_incident_known() -> None:
    """Where silence cannot be told from calm, none is said to be known, not none to have been reported."""
    assert assessment(*[9] * 26, 0, states="none_known") == "no_incident_known"
    assert assessment(*[9] * 26, 3, states="none_known") != "no_incident_known"
    assert assessment(*[2] * 26, 9, states="incidents") == "higher_than_usual"


def test_a_week_still_being_reported_is_never_lower() -> None:
    """What may still grow is not called low; what is high already is called high."""
    assert assessment(*[9] * 26, 2, still_reported=True) == "within_usual_variation"
    assert assessment(*[2] * 26, 9, still_reported=True) == "higher_than_usual"


def test_time_before_the_data_is_not_peace() -> None:
    """Zeros from before the first covered day do not make the usual lower, nor last week comparable."""
    weekly = series(*[0] * 20, *[4] * 10, 6)
    begun = MONDAY - timedelta(weeks=10)
    found = analysis.assess(weekly, week=MONDAY, covered_from=begun).iloc[0]
    assert (found["weeks"], found["sum"], found["before"]) == (10, 40, 4)
    assert found["assessment"] == "within_usual_variation"
    fresh = analysis.assess(weekly, week=MONDAY, covered_from=MONDAY).iloc[0]
    assert pd.isna(fresh["before"])
    assert fresh["assessment"] == "history_too_short"


def test_among_many_districts_one_high_week_is_expected() -> None:
    """A count that is unusual for one district alone may be chance among twenty."""
    alone = series(*[1] * 26, 4)
    many = pd.concat([alone, *(series(*[1] * 26, 1, district=f"D{n}") for n in range(19))], ignore_index=True)
    assert analysis.assess(alone, week=MONDAY)["assessment"].iloc[0] == "higher_than_usual"
    among = analysis.assess(many, week=MONDAY).iloc[0]
    assert among["assessment"] == "within_usual_variation"
    assert among["q_higher"] > among["p_higher"]


def test_the_districts_keep_their_order_and_nothing_is_infinite() -> None:
    """One row a district in the order given; numbers are finite or <NA>."""
    weekly = pd.concat([series(1, 2, district="Z"), series(1, 2, district="A")], ignore_index=True)
    found = analysis.assess(weekly, week=MONDAY)
    assert found["district"].tolist() == ["Z", "A"]
    numbers = found.drop(columns=["district", "assessment"])
    assert not np.isinf(numbers.astype("Float64").to_numpy(dtype=float, na_value=0.0)).any()
    assert found[["usual_low", "usual_high"]].isna().all().all()


def test_the_baseline_is_the_last_26_weeks() -> None:
    """Older weeks are forgotten, and the week itself is not part of what it is compared with."""
    found = analysis.assess(series(*[50] * 10, *[1] * 26, 30), week=MONDAY).iloc[0]
    assert (found["weeks"], found["sum"]) == (26, 26)
