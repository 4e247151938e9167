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
from workbench.analysis.change import LARGEST_CHANCE, change_of_week, same_week_last_year
from workbench.analysis.dispersion import dispersion
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


CLUSTERED = [0, 0, 5, 0, 1, 0, 0, 7, 0, 0, 2, 0, 0, 0, 4, 0, 9, 0, 0, 1, 0, 0, 3, 0, 0, 0]


def counts(rows: object, names: list[tuple[str, str]] | None = None) -> pd.DataFrame:
    """Return counts as `analysis.series` gives them, weeks that end with MONDAY's."""
    table = pd.DataFrame(np.atleast_2d(np.array(rows, dtype=float))).astype("Float64")
    weeks = pd.date_range(end=pd.Timestamp(MONDAY), periods=table.shape[1], freq="7D")
    table.columns = pd.Index(weeks.astype("datetime64[s]"), name="week")
    if names is None:
        table.index = pd.Index([f"KS{n:04}" for n in range(len(table))], name="district", dtype="str")
    else:
        table.index = pd.MultiIndex.from_tuples(names, names=["district", "event_type"])
    return table


def test_large_counts_compare_as_in_r() -> None:
    """R 4.2.2: `poisson.test(c(40, 60))` and `binom.test(3000, 7000, .45)`, all digits."""
    found = analysis.week_on_week([40], [60])
    assert found["p"].iloc[0] == pytest.approx(0.056887933641, rel=1e-10)
    found = analysis.week_on_week([3000], [4000], exposure=0.45 / 0.55)
    assert found["p"].iloc[0] == pytest.approx(0.00031317108873, rel=1e-9)


def test_unknown_counts_have_no_comparison() -> None:
    """<NA> on either side gives <NA> in every result and leaves the other pairs alone."""
    found = analysis.week_on_week([3, None, 2], [None, 3, 8])
    assert found[["ratio", "ratio_low", "ratio_high", "p"]].isna().all(axis=1).tolist() == [True, True, False]
    assert found["p"].iloc[2] == pytest.approx(0.109375)
    assert found["now"].tolist() == [3, pd.NA, 2]


def test_counts_that_are_not_whole_are_refused() -> None:
    """Half an incident and endless incidents are errors, in comparisons and histories."""
    for wrong in (0.5, np.inf):
        with pytest.raises(ParameterError):
            analysis.week_on_week([wrong], [2])
    with pytest.raises(ParameterError):
        analysis.expected_range([[1, -1]])
    with pytest.raises(ParameterError):
        analysis.against_baseline([-1], [[1, 1]])
    with pytest.raises(ParameterError):
        analysis.expected_range([[1, 1]], spread="wild")


def test_last_year_is_compared_as_last_week_is() -> None:
    """R7 again: the same exact test, its other count named for the year."""
    found = same_week_last_year(11, 21, exposure=800 / 3011).iloc[0]
    assert found["year_ago"] == 21
    assert found["p"] == pytest.approx(0.07967, abs=5e-6)
    assert found["ratio"] == pytest.approx(1.971488, abs=5e-7)


def test_dispersion_is_that_of_r() -> None:
    """R 4.2.2, `summary(glm(y ~ 1, quasipoisson, control = list(epsilon = 1e-15)))$dispersion`."""
    other = [0, 2, 1, 0, 5, 0, 3, 1, 0, 9, 2, 0, 4, 6, 0, 1, 8, 3, 0, 12, 2, 5, 0, 7, 14, 3]
    assert dispersion([CLUSTERED, other]) == pytest.approx([4.765, 4.49272727273], rel=1e-11)
    assert dispersion([[*CLUSTERED, None]]) == pytest.approx([4.765], rel=1e-11)
    assert dispersion([[2] * 26, [0] * 26, [None] * 26]).tolist() == [1, 1, 1]
    assert dispersion([[9, 0, 0, 0, 0, 0, 0]]).tolist() == [1]


def test_clustered_weeks_have_a_wider_range() -> None:
    """The range of weeks that cluster is wider and a high count less surprising; both say why."""
    plain, wide = (
        analysis.expected_range([CLUSTERED]),
        analysis.expected_range([CLUSTERED], spread="estimated"),
    )
    assert (plain["low"].iloc[0], plain["high"].iloc[0]) == (0, 3)
    assert (wide["low"].iloc[0], wide["high"].iloc[0]) == (0, 6)
    assert (plain["spread"].iloc[0], wide["spread"].iloc[0]) == ("poisson", "over_dispersed")
    assert wide["dispersion"].iloc[0] == pytest.approx(4.765)
    assert wide["expected"].iloc[0] == plain["expected"].iloc[0]
    p = [
        analysis.against_baseline(7, CLUSTERED, spread=s)["p_higher"].iloc[0]
        for s in ("poisson", "estimated")
    ]
    assert p[0] < 0.001
    assert p[1] > 0.02


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), min_size=8, max_size=30), st.integers(0, 60))
def test_the_wider_predictive_agrees_with_scipy(weeks: list[int], now: int) -> None:
    """Its mean is the plain one, its variance that times the dispersion; at 1 the two are the same."""
    n, mean = len(weeks), (sum(weeks) + 0.5) / len(weeks)
    phi = max(1.0, np.var(weeks, ddof=1) / np.mean(weeks)) if sum(weeks) else 1.0
    oracle = stats.nbinom(mean / (phi * (1 + 1 / n) - 1), n / (phi * (n + 1)))
    assert oracle.mean() == pytest.approx(mean)
    assert oracle.var() == pytest.approx(phi * mean * (1 + 1 / n))
    found = analysis.against_baseline(now, weeks, spread="estimated").iloc[0]
    assert found["dispersion"] == pytest.approx(phi)
    assert found["p_higher"] == pytest.approx(oracle.sf(now - 1), rel=1e-7, abs=1e-300)
    assert found["p_lower"] == pytest.approx(oracle.cdf(now), rel=1e-7)
    assert (found["spread"] == "over_dispersed") == (phi > 1)
    if phi == 1:
        plain = analysis.against_baseline(now, weeks).iloc[0]
        assert found.tolist() == plain.tolist()


def test_a_district_of_clusters_is_not_called_unusual_each_time() -> None:
    """6 in a week is no news where weeks of 5, 7 and 9 come; it is where all weeks are 1 or 2."""
    found = analysis.assess(series(*CLUSTERED, 6), week=MONDAY).iloc[0]
    assert (found["assessment"], found["spread"]) == ("within_usual_variation", "over_dispersed")
    calm = analysis.assess(series(*[1, 2] * 13, 6), week=MONDAY).iloc[0]
    assert (calm["assessment"], calm["spread"], calm["dispersion"]) == ("higher_than_usual", "poisson", 1)


def test_the_change_of_a_week_puts_the_tests_side_by_side() -> None:
    """Each part is what the single functions say; series keep their order, both levels become columns."""
    chance = np.random.default_rng(5)
    names = [("Z", "clash"), ("Z", "theft"), ("A", "clash"), ("A", "theft")]
    table = counts(chance.poisson(3, (4, 60)), names)
    found = change_of_week(table, week=MONDAY)
    assert list(zip(found["district"], found["event_type"], strict=True)) == names
    now, before, year = (table.iloc[:, at].to_numpy(dtype=float) for at in (-1, -2, -53))
    single = analysis.week_on_week(now, before)
    for name in ("now", "before", "ratio", "ratio_low", "ratio_high", "p"):
        assert found[name].tolist() == single[name].tolist()
    assert found["q"].to_numpy() == pytest.approx(
        stats.false_discovery_control(single["p"].to_numpy(dtype=float))
    )
    past = same_week_last_year(now, year)
    for name in ("ratio", "p"):
        assert found[f"{name}_year"].tolist() == past[name].tolist()
    assert found["year_ago"].tolist() == past["year_ago"].tolist()
    usual = analysis.expected_range(table.iloc[:, -27:-1], spread="estimated")
    assert found["usual_high"].tolist() == usual["high"].tolist()
    tested = analysis.against_baseline(now, table.iloc[:, -27:-1], spread="estimated")
    assert found["p_higher"].tolist() == tested["p_higher"].tolist()


def test_the_change_of_a_week_agrees_with_the_assessment() -> None:
    """For districts it says what `assess` says, states and weeks still reported included."""
    rows = [[*CLUSTERED, 7], [*[9] * 26, 2], [*[2] * 26, 0], [*[1] * 26, 9]]
    table = counts(rows)
    long = table.stack(future_stack=True).rename("incidents").reset_index()
    long["incidents"] = long["incidents"].astype("Int64")
    states = pd.DataFrame(
        {"district": table.index, "state": ["incidents", "incidents", "no_report", "incidents"]}
    )
    for late in (False, True):
        one = change_of_week(table, week=MONDAY, states=states, still_reported=late)
        other = analysis.assess(long, week=MONDAY, states=states, still_reported=late)
        shared = [name for name in other.columns if name in one.columns]
        pd.testing.assert_frame_equal(one[shared], other[shared], check_column_type=False)


def test_a_change_that_cannot_be_measured_says_why() -> None:
    """Unknown week, unknown week before, none before, no data a year ago: <NA> and the reason."""
    past = [2] * 26
    found = change_of_week(
        counts([[*past, 3, None], [*past, None, 3], [*past, 0, 3], [*past, 2, 3]]), week=MONDAY
    )
    reasons = ["week_unknown", "earlier_week_unknown", "none_in_earlier_week"]
    assert found["reason"].tolist()[:3] == reasons
    assert found["reason"].isna().tolist() == [False, False, False, True]
    assert found["ratio"].isna().tolist() == [True, True, True, False]
    assert found["ratio_low"].isna().tolist() == [True, True, False, False]
    assert found["reason_year"].tolist() == ["week_unknown", *["earlier_week_unknown"] * 3]
    assert found["p_year"].isna().all()
    assert found["q"].notna().sum() == 2


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((3, 60)),
        np.full((2, 60), np.nan),
        [[0] * 59 + [10_000]],
        [[10_000] + [0] * 26],
        [[3]],
        np.zeros((0, 30)),
    ],
)
def test_no_change_is_infinite(rows: object) -> None:
    """Zeros, nothing known, 10,000 in one week, one week, no series: finite numbers or <NA>."""
    table = counts(rows)
    found = change_of_week(table, week=MONDAY)
    assert len(found) == len(table)
    texts = ["district", "reason", "reason_year", "spread", "assessment"]
    numbers = found.drop(columns=texts).astype("Float64").to_numpy(dtype=float, na_value=0.0)
    assert np.isfinite(numbers).all()
    later = change_of_week(table, week=MONDAY + timedelta(weeks=1))
    assert later["now"].isna().all()


def test_states_need_districts() -> None:
    """Series without a district cannot be told who was heard from."""
    table = counts([[1, 2]]).rename_axis("event_type")
    with pytest.raises(ParameterError):
        change_of_week(table, week=MONDAY, states=pd.DataFrame({"district": ["A"], "state": ["no_report"]}))


@pytest.mark.parametrize("mean", [0.3, 1.0, 3.0, 8.0, 40.0])
@pytest.mark.parametrize("size", [None, 2.0, 0.5])
def test_false_flags_are_rarer_than_one_a_district_and_quarter(mean: float, size: float | None) -> None:
    """
    Where nothing changes, at most 1 flag a district-quarter (domain.md 4.1), Poisson or clustered.

    Simulated with a fixed seed: 800 districts, four weeks of each judged by the 26 before. A district
    alone, whose q is its p, has fewer than 1 flag in 13 weeks; one among 800 has fewer than 1 in 52.
    """
    chance = np.random.default_rng(11)
    shape = (800, 108)
    rates = np.full(shape, mean) if size is None else chance.gamma(size, mean / size, shape)
    table = counts(chance.poisson(rates))
    alone, among = [], []
    for at in range(26, 108, 27):
        found = change_of_week(table, week=table.columns[at].date())
        high = (found["p_higher"] <= LARGEST_CHANCE) & (found["now"] > found["usual_high"])
        low = (found["p_lower"] <= LARGEST_CHANCE) & (found["now"] < found["usual_low"])
        alone.append((high | low).mean())
        among.append(found["assessment"].isin(["higher_than_usual", "lower_than_usual"]).mean())
    assert np.mean(alone) * 13 <= 1
    assert np.mean(among) * 52 <= 1


def test_one_district_alone_is_not_flagged_for_one_week_in_twenty() -> None:
    """Above its range at p = .037 is within usual variation, though its q is below .10; at p = .014 not."""
    seven, eight = (change_of_week(counts([[3] * 26 + [now]]), week=MONDAY).iloc[0] for now in (7, 8))
    assert seven["now"] > seven["usual_high"]
    assert (seven["p_higher"], seven["q_higher"]) == pytest.approx((0.0374, 0.0374), abs=5e-5)
    assert eight["p_higher"] == pytest.approx(0.0140, abs=5e-5)
    assert seven["assessment"] == "within_usual_variation"
    assert eight["assessment"] == "higher_than_usual"
