from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.analysis.rows import MONDAY
from workbench.analysis.outlook import (
    BASELINES,
    MODELS,
    best,
    brier,
    crps,
    crps_normal,
    crps_sample,
    last_outlook,
    log_score,
    outlook,
    pit,
    scorecard,
)
from workbench.analysis.outlook.models import fit_trend, laws
from workbench.analysis.outlook.predictive import Grid, batches, negative_binomial, reach_of
from workbench.errors import ParameterError


def frame(rows: object, *, districts: list[str] | None = None) -> pd.DataFrame:
    """Return counts as `series` does: one row a district, weeks that end with MONDAY's."""
    table = pd.DataFrame(np.atleast_2d(np.array(rows, dtype=float))).astype("Float64")
    weeks = pd.date_range(end=pd.Timestamp(MONDAY), periods=table.shape[1], freq="7D")
    table.columns = pd.Index(weeks.astype("datetime64[s]"), name="week")
    table.index = pd.Index(districts or [f"KS{n:04}" for n in range(len(table))], name="district")
    return table


def clustered(districts: int, weeks: int, *, seed: int = 1) -> pd.DataFrame:
    """Return negative binomial counts of districts with different rates."""
    chance = np.random.default_rng(seed)
    rates = chance.gamma(1, 2, districts)[:, None]
    return frame(chance.poisson(chance.gamma(2, rates / 2, (districts, weeks))))


def poisson(mu: float, *, last: int = 60) -> np.ndarray:
    """Return the masses of a Poisson distribution, by scipy."""
    masses: np.ndarray = stats.poisson.pmf(np.arange(last + 1), mu)
    return masses


def nb(mu: float, size: float, *, last: int = 400) -> np.ndarray:
    """Return the masses of a negative binomial distribution, by scipy."""
    masses: np.ndarray = stats.nbinom.pmf(np.arange(last + 1), size, size / (size + mu))
    return masses


def test_crps_reference_values() -> None:
    """R14: N(0,1) at 0, Poisson(2) at 3, NB(mean 2, size .5) at 3 and the ensemble {0,1,2,5} at 3."""
    assert crps_normal(0, 1, 0)[0] == pytest.approx(0.2336950, abs=5e-8)
    assert crps(poisson(2), 3)[0] == pytest.approx(0.6645296, abs=5e-8)
    assert crps(nb(2, 0.5), 3)[0] == pytest.approx(1.2172364, abs=5e-8)
    assert crps_sample([0, 1, 2, 5], 3)[0] == 1.0


@pytest.mark.parametrize(
    ("y", "size", "prob", "expected"),
    [
        (5, 100, 0.95, 0.53215257681),
        (44, 200.1, 0.82, 1.70859687251),
        (41, 200.1, 0.83, 1.63833674721),
        (222, 2000.1, 0.9, 3.66926727576),
        (2222, 20000.1, 0.9, 11.6114812752),
    ],
)
def test_crps_of_negative_binomials_in_scoring_rules(
    y: int, size: float, prob: float, expected: float
) -> None:
    """R's scoringRules, tests/testthat/test-crps_nbinom.R: all digits, through our own masses."""
    grid = Grid(4000)
    masses = negative_binomial(np.array([size]), np.array([prob]), grid)
    assert crps(masses, y)[0] == pytest.approx(expected, rel=1e-10)


def test_crps_of_the_normal_in_scoring_rules() -> None:
    """R's scoringRules, tests/testthat/test-crps_norm.R: 2.43657473 at -3, moved and scaled with it."""
    found = crps_normal([0, 0.1, 0], [1, 1, 0.9], [-3, -2.9, -2.7])
    assert found == pytest.approx([2.43657473, 2.43657473, 2.43657473 * 0.9], abs=5e-9)
    with pytest.raises(ParameterError):
        crps_normal(0, 0, 1)


def test_log_and_ranked_scores_in_surveillance() -> None:
    """R's surveillance 1.20.3, `scores(x, mu, size, which = c("logs", "rps"))`."""
    y = [0, 3, 7, 12]
    plain = np.array([poisson(mu) for mu in (2, 2, 5, 5)])
    assert log_score(plain, y, least=0) == pytest.approx([2.0, 1.71231792755, 2.25909597403, 5.67395954645])
    assert crps(plain, y) == pytest.approx([1.228494478547, 0.664529576806, 1.265481840551, 5.760598387332])
    wide = np.array([nb(2, 0.5), nb(2, 0.5), nb(5, 3), nb(5, 3)])
    assert log_score(wide, y, least=0) == pytest.approx(
        [0.804718956217, 2.637300419965, 2.648994225299, 4.071671803467]
    )
    assert crps(wide, y) == pytest.approx([0.603750574355, 1.217236425995, 1.548266525715, 5.306871982998])


def test_pit_in_surveillance() -> None:
    """R's surveillance 1.20.3, `pit(x, "pnbinom", mu, size, J = 10)`: the densities, over ten."""
    x = [0, 1, 2, 3, 0, 5, 9, 2, 1, 4]
    mu, size = [1, 1, 2, 2, 0.5, 3, 4, 2.5, 1.5, 3], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2]
    masses = np.array([nb(m, s) for m, s in zip(mu, size, strict=True)])
    expected = [
        0.35, 0.35, 0.35, 0.519472265625, 1.545133498505, 1.745579421055, 1.492858796296,
        1.910272205075, 0.736683813443, 1.0,
    ]  # fmt: skip
    assert np.array(pit(masses, x)) * 10 == pytest.approx(expected, rel=1e-9)
    assert pit(np.zeros((0, 3)), np.zeros(0)) == ()


def test_crps_of_a_sample_in_properscoring() -> None:
    """The 1/m^2 form: `properscoring.crps_ensemble` 0.1 gives 1.19444444 and 0.13888889."""
    found = crps_sample([[1, 1, 2, 7, 9, 3], [0, 0, 0, 1, 0, 2]], [4, 0])
    assert found == pytest.approx([1.19444444, 0.13888889], abs=5e-9)


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.integers(0, 60))
def test_the_two_crps_agree(sample: list[int], y: int) -> None:
    """A sample and its own distribution score the same, also for counts beyond all of it."""
    masses = np.bincount(sample, minlength=21) / len(sample)
    assert crps(masses, y)[0] == pytest.approx(crps_sample(sample, y)[0], abs=1e-9)
    assert sum(pit(masses, y)) == pytest.approx(1)


def test_a_sure_forecast_is_scored_by_how_far_it_is_out() -> None:
    """All mass on 2: CRPS is the distance, Brier 0 or 1, log score 0 or the cap, PIT in the middle."""
    sure = np.tile([0.0, 0.0, 1.0], (3, 1))
    assert crps(sure, [2, 0, 9]).tolist() == [0, 2, 7]
    assert brier(sure, [2, 0, 9]).tolist() == [0, 1, 0]
    assert log_score(sure, [2, 0, 9]).tolist() == [0, -np.log(0.001), -np.log(0.001)]
    assert pit(sure, [2, 0, 9], bins=2) == pytest.approx((0.5, 0.5))


def test_scores_refuse_what_is_no_distribution() -> None:
    """Masses that do not add up to 1, unknown or negative counts, or too few rows are errors."""
    for masses, y in (([0.5, 0.4], 1), ([1.5, -0.5], 1), ([0.5, 0.5], -1), ([0.5, 0.5], np.nan)):
        with pytest.raises(ParameterError):
            crps(masses, y)
    with pytest.raises(ParameterError):
        brier([[1.0]], [1, 2])
    with pytest.raises(ParameterError):
        crps_sample([[1.0]], [1, 2])


@settings(deadline=None)
@given(st.floats(0.05, 500), st.floats(0.01, 0.99))
def test_masses_agree_with_scipy(size: float, prob: float) -> None:
    """Masses add up to 1, and each up to the last is scipy's; on a coarse grid the sums are."""
    shape, chance = np.array([size]), np.array([prob])
    ((_, grid),) = batches(reach_of(shape, chance))
    masses = negative_binomial(shape, chance, grid)[0]
    assert masses.sum() == pytest.approx(1)
    sums = stats.nbinom.cdf(grid.values, size, prob)
    assert np.cumsum(masses)[:-1] == pytest.approx(sums[:-1], abs=1e-9)
    assert 1 - sums[-1] < 1e-4


def test_the_trend_is_that_of_r() -> None:
    """Unshrunk it is R 4.2.2's `glm(y ~ t, family = quasipoisson)`: estimates, dispersion and covariance."""
    y = [0, 2, 1, 0, 5, 0, 3, 1, 0, 9, 2, 0, 4, 6, 0, 1, 8, 3, 0, 12, 2, 5, 0, 7, 14, 3]
    found = fit_trend(np.array([y], dtype=float), slope_sd=np.inf, extra=0)
    assert found.level[0] == pytest.approx(1.9314987349964, rel=1e-9)
    assert found.slope[0] == pytest.approx(0.0667711604949, rel=1e-9)
    assert found.dispersion[0] == pytest.approx(3.50849546419, rel=1e-9)
    assert [part[0] for part in found.covariance] == pytest.approx(
        [0.1050430789417, 0.0073061088933, 0.000819028767158], rel=1e-6
    )
    less = fit_trend(np.array([y], dtype=float))
    assert 0 < less.slope[0] < found.slope[0]


def test_what_each_model_says() -> None:
    """After 26 weeks of 2: each baseline's numbers are those of its definition, for 1 and 4 weeks."""
    found = outlook(frame([2] * 26)).set_index(["horizon", "model"])
    assert found.loc[(1, "last_value"), "mean"] == pytest.approx(2.5)
    assert found.loc[(4, "last_value"), "mean"] == pytest.approx(8.5)
    assert found.loc[(1, "last_value"), "p_none"] == pytest.approx(0.5**2.5)
    assert found.loc[(1, "eight_weeks"), "mean"] == pytest.approx(16.5 / 8)
    assert found.loc[(4, "eight_weeks"), "p_none"] == pytest.approx((8 / 12) ** 16.5)
    assert found.loc[(4, "eight_weeks"), "q95"] == stats.nbinom.ppf(0.95, 16.5, 8 / 12)
    assert found.loc[(4, "last_twelve"), ["mean", "p_none", "q05", "q50", "q95"]].tolist() == [8, 0, 8, 8, 8]
    assert found.loc[(1, "trend"), "mean"] == pytest.approx(2, abs=0.05)
    pool = found.loc[1].drop("blend")
    assert found.loc[(1, "blend"), "mean"] == pytest.approx(pool["mean"].mean())
    assert found.loc[(1, "blend"), "p_none"] == pytest.approx(pool["p_none"].mean())
    assert found["reason"].isna().all()


def test_the_last_twelve_sums_overlap() -> None:
    """Conflictology for 4 weeks: the 12 rolling sums that end in the last 12 weeks."""
    counts = list(range(26))
    found = outlook(frame(counts), horizons=(4,)).set_index("model").loc["last_twelve"]
    sums = [sum(counts[end - 4 : end]) for end in range(15, 27)]
    assert found["mean"] == pytest.approx(np.mean(sums))
    assert found["q50"] == sorted(sums)[5]
    assert (found["q05"], found["q95"]) == (min(sums), max(sums))


def test_a_trend_never_explodes() -> None:
    """Doubling every week, the trend stays below twice the largest week of its window, each week."""
    rising = [0] * 16 + [2**n for n in range(10)]
    found = outlook(frame(rising), horizons=(1, 12)).set_index(["horizon", "model"])
    assert 100 < found.loc[(1, "trend"), "mean"] <= 2 * 512
    assert found.loc[(12, "trend"), "mean"] <= 12 * 2 * 512
    falling = outlook(frame(rising[::-1]), horizons=(4,)).set_index("model").loc["trend"]
    assert falling["mean"] < 1


def test_the_rows_are_in_the_order_given() -> None:
    """A row for each series, horizon and model, series in the order given, both levels as columns."""
    counts = clustered(2, 40)
    counts.index = pd.MultiIndex.from_tuples(
        [("Z", "clash"), ("A", "clash")], names=["district", "event_type"]
    )
    found = outlook(counts, horizons=(4, 1))
    assert found["district"].tolist() == ["Z"] * 10 + ["A"] * 10
    assert found["horizon"].tolist()[:10] == [4] * 5 + [1] * 5
    assert found["model"].tolist()[:5] == list(MODELS)
    alone = outlook(counts.iloc[[1]], horizons=(4, 1))
    pd.testing.assert_frame_equal(found.iloc[10:].reset_index(drop=True), alone)


def test_too_little_history_says_so() -> None:
    """What a model cannot say is <NA> with a reason: no history, or unknown last weeks."""
    short = outlook(frame([1, 2, 1, 0]), horizons=(1,)).set_index("model")
    assert short["mean"].isna().tolist() == [False, True, True, True, True]
    assert short["reason"].tolist()[1:] == ["history_too_short"] * 4
    late = outlook(frame([2] * 25 + [np.nan]), horizons=(1,)).set_index("model")
    assert late.loc["last_value", "reason"] == "last_week_unknown"
    assert late.loc["blend", "reason"] == "last_week_unknown"
    assert late.loc[["eight_weeks", "last_twelve", "trend"], "mean"].notna().all()


def test_weeks_still_being_reported_are_left_out() -> None:
    """With 2 settled weeks the last two change nothing, and the outlook is that of the ones before."""
    counts = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3]
    kept = outlook(frame(counts), settled=2)
    changed = outlook(frame([*counts[:-2], 50, 0]), settled=2)
    pd.testing.assert_frame_equal(kept, changed)
    plain = outlook(frame(counts[:-2]))
    baseline = kept["model"].isin(BASELINES)
    pd.testing.assert_frame_equal(kept[baseline], plain[baseline])


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((3, 40)),
        np.full((1, 40), 7.0),
        [[0] * 39 + [10_000]],
        [[10_000] + [0] * 25],
        [[0] * 10 + [5] + [np.nan] * 20 + [1, 0, 3, 0, 0, 0, 1, 0, 0]],
        np.full((2, 40), np.nan),
        [[250_000] * 40],
        np.zeros((2, 0)),
        np.zeros((0, 30)),
        [[1]],
    ],
)
def test_nothing_is_infinite(rows: object) -> None:
    """Zeros, constants, 10,000 in one week, gaps, nothing known, no week, no row: finite or <NA>."""
    counts = frame(rows)
    found = outlook(counts)
    assert len(found) == len(counts) * 2 * 5
    numbers = found[["mean", "p_none", "q05", "q25", "q50", "q75", "q95"]].astype("Float64")
    filled = numbers.to_numpy(dtype=float, na_value=0.0)
    assert np.isfinite(filled).all()
    assert (filled >= 0).all()
    assert (found["mean"].isna() == found["reason"].notna()).all()
    assert (found["q05"].fillna(0) <= found["q95"].fillna(0)).all()
    for horizon in (1, 4):
        card = scorecard(counts, horizon=horizon)
        measured = card.drop(columns=["model", "pit", "reason"]).astype("Float64")
        assert np.isfinite(measured.to_numpy(dtype=float, na_value=0.0)).all()
        assert ((card["n"] == 0) == card["crps"].isna()).all()
        assert best(card).model in MODELS
    assert len(last_outlook(counts, counts, week=MONDAY).rows) == 2 * len(counts)


def test_large_counts_are_laid_on_a_grid() -> None:
    """The quantiles of 250,000 a week are within a thousandth of the exact ones, the mean exact."""
    found = outlook(frame([250_000] * 26), horizons=(1,)).set_index("model").loc["eight_weeks"]
    exact = stats.nbinom(2_000_000.5, 8 / 9)
    assert found["mean"] == pytest.approx(exact.mean())
    for name, q in (("q05", 0.05), ("q50", 0.5), ("q95", 0.95)):
        assert found[name] == pytest.approx(exact.ppf(q), rel=1e-3)


def test_impossible_counts_and_arguments_are_refused() -> None:
    """Negative or fractional counts, weeks with gaps, horizons and origins out of range: an error."""
    with pytest.raises(ParameterError):
        outlook(frame([1, -1, 2]))
    with pytest.raises(ParameterError):
        outlook(frame([1, 1.5, 2]))
    with pytest.raises(ParameterError):
        outlook(frame([1, 2, 3, 4]).iloc[:, [0, 1, 3]])
    for horizon in (0, 13):
        with pytest.raises(ParameterError):
            outlook(frame([1, 2]), horizons=(horizon,))
        with pytest.raises(ParameterError):
            scorecard(frame([1, 2]), horizon=horizon)
    with pytest.raises(ParameterError):
        outlook(frame([1, 2]), settled=-1)
    with pytest.raises(ParameterError):
        scorecard(frame([1, 2]), horizon=1, origins=0)
    with pytest.raises(ParameterError):
        last_outlook(frame([1, 2]), frame([1, 2]), week=MONDAY, model="prophecy")


@pytest.mark.parametrize(("horizon", "settled"), [(1, 0), (4, 0), (1, 2), (4, 1)])
def test_the_scorecard_is_the_loop_over_origins(horizon: int, settled: int) -> None:
    """Each score is the mean of outlooks made one by one from the weeks before each origin."""
    counts = clustered(3, 60)
    card = scorecard(counts, horizon=horizon, origins=5, settled=settled).set_index("model")
    weeks = counts.shape[1]
    expected: dict[str, list[bool]] = {model: [] for model in MODELS}
    squares: dict[str, list[float]] = {model: [] for model in MODELS}
    for end in range(weeks - settled - horizon - 4, weeks - settled - horizon + 1):
        made = outlook(counts.iloc[:, :end], horizons=(horizon,), settled=settled)
        actual = counts.iloc[:, end : end + horizon].sum(axis=1)
        made["actual"] = made["district"].map(actual)
        for model, rows in made.groupby("model"):
            expected[model] += ((rows["q05"] <= rows["actual"]) & (rows["actual"] <= rows["q95"])).tolist()
            squares[model] += ((1 - rows["p_none"] - (rows["actual"] > 0)) ** 2).tolist()
    assert card["n"].tolist() == [15] * 5
    for model in MODELS:
        assert card.loc[model, "coverage_90"] == pytest.approx(np.mean(expected[model]))
        assert card.loc[model, "brier"] == pytest.approx(np.mean(squares[model]), abs=1e-5)


def test_a_forecast_knows_only_the_weeks_before_it() -> None:
    """With one origin, the week foretold and those before the 26 decide no forecast, only its score."""
    counts = clustered(4, 40)
    other = counts.copy()
    other.iloc[:, :13] = 0
    one, two = (scorecard(c, horizon=1, origins=1).drop(columns="pit") for c in (counts, other))
    pd.testing.assert_frame_equal(one, two)
    then, changed = counts.iloc[:, :-1], counts.copy()
    changed.iloc[:, -1] = 99
    made = last_outlook(then, counts, week=MONDAY, horizons=(1,)).rows
    peeked = last_outlook(changed, counts, week=MONDAY, horizons=(1,)).rows
    pd.testing.assert_frame_equal(made, peeked)


def test_scores_of_the_scorecard_are_those_of_the_formulas() -> None:
    """One district, one origin, eight weeks: CRPS, log score and PIT of scipy's negative binomial."""
    counts = [1, 0, 2, 3, 0, 1] * 5
    card = scorecard(frame([*counts, 4]), horizon=1, origins=1).set_index("model").loc["eight_weeks"]
    masses = stats.nbinom.pmf(np.arange(200), sum(counts[-8:]) + 0.5, 8 / 9)
    assert card["crps"] == pytest.approx(crps(masses, 4)[0], abs=1e-5)
    assert card["log_score"] == pytest.approx(-np.log(masses[4]))
    assert card["pit"] == pytest.approx(pit(masses, 4), abs=1e-6)


def test_a_calibrated_model_is_found_calibrated() -> None:
    """Steady Poisson counts: the trend's 90 % holds about 90 % or a little more, its PIT is nearly flat."""
    steady = frame(np.random.default_rng(7).poisson(6, (150, 60)))
    card = scorecard(steady, horizon=1).set_index("model")
    assert 0.88 < card.loc["trend", "coverage_90"] < 0.96
    assert max(abs(share - 0.1) for share in card.loc["trend", "pit"]) < 0.025
    assert card.loc["eight_weeks", "skill"] > 0.1
    assert card.loc["last_value", "skill"] == 0


def test_the_page_shows_a_model_only_where_it_beats_the_baselines() -> None:
    """A steady climb is foretold best by the trend; steady counts by a baseline, and the answer says so."""
    chance = np.random.default_rng(3)
    climbing = frame(chance.poisson(np.exp(np.linspace(0, 4.5, 60)), (40, 60)))
    climb = best(scorecard(climbing, horizon=4))
    assert (climb.model, climb.beats, climb.reason) == ("trend", True, None)
    assert climb.gain is not None
    assert climb.gain > 0
    card = scorecard(climbing, horizon=4)
    card.loc[card["model"].isin(["trend", "blend"]), "crps"] = 99.0
    none = best(card, least_coverage=0.0)
    assert (none.model, none.beats, none.reason) == (none.baseline, False, "none_beats_baselines")
    card["coverage_90"] = card["coverage_90"].mask(card["model"].ne("blend"), 0.7)
    card["coverage_90"] = card["coverage_90"].mask(card["model"].eq("blend"), 0.9)
    assert best(card).model == "blend", "a range called 90 % that held in 70 % of the past is not shown"
    unscored = best(scorecard(climbing.iloc[:, :5], horizon=4))
    assert (unscored.model, unscored.reason, unscored.crps) == ("eight_weeks", "not_scored", None)


def test_how_the_last_outlook_did() -> None:
    """For 1 week last week's outlook, for 4 that of four weeks ago, both against what is known now."""
    then = clustered(5, 40)
    now = then.copy()
    now.iloc[0, -1] = 500
    now.iloc[1, -2] = pd.NA
    done = last_outlook(then.iloc[:, :-1], now, week=MONDAY, model={1: "eight_weeks", 4: "trend"})
    rows = done.rows.set_index(["district", "horizon"])
    assert done.rows["district"].tolist()[:4] == ["KS0000", "KS0000", "KS0001", "KS0001"]
    for horizon, model in ((1, "eight_weeks"), (4, "trend")):
        made = outlook(then.iloc[:, : 40 - horizon], horizons=(horizon,))
        made = made[made["model"] == model].set_index("district")
        found = done.rows[done.rows["horizon"] == horizon].set_index("district")
        assert found["mean"].tolist() == made["mean"].tolist()
        assert found["low"].tolist() == made["q05"].tolist()
        assert found["high"].tolist() == made["q95"].tolist()
    assert rows.loc[("KS0000", 1), "actual"] == 500
    assert not rows.loc[("KS0000", 1), "inside"]
    assert rows.loc[("KS0001", 4), "reason"] == "actual_unknown"
    assert rows.loc[("KS0001", 4), ["actual", "inside", "crps"]].isna().all()
    assert done.summary["n"].tolist() == [5, 4]
    scored = rows.xs(1, level="horizon")
    assert done.summary["crps"].tolist()[0] == pytest.approx(scored["crps"].mean())
    assert done.summary["inside"].tolist()[0] == scored["inside"].sum()


def test_a_district_unknown_at_the_last_issue_has_no_last_outlook() -> None:
    """Rows are those of today; a new district has no forecast, and a future week no count."""
    now = frame([[2] * 30, [1] * 30], districts=["A", "B"])
    found = last_outlook(now.loc[["A"]], now, week=MONDAY, horizons=(1,)).rows
    assert found["district"].tolist() == ["A", "B"]
    assert found["reason"].isna().tolist() == [True, False]
    ahead = last_outlook(now, now, week=MONDAY + timedelta(weeks=1), horizons=(1,))
    assert ahead.rows["reason"].tolist() == ["actual_unknown"] * 2
    assert ahead.summary["n"].tolist() == [0]
    assert ahead.summary["crps"].isna().all()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 40), min_size=26, max_size=26), st.integers(1, 6), st.integers(0, 3))
def test_every_law_is_a_distribution(weeks: list[int], horizon: int, lead: int) -> None:
    """For any history each model's masses add up to 1 and their mean is the one stated."""
    fitted = laws(np.array([weeks], dtype=float), horizon=horizon, lead=lead)
    for law in fitted.values():
        ((rows, grid),) = batches(law.reach)
        masses = law.masses(rows, grid)[0]
        assert masses.min() >= 0
        assert masses.sum() == pytest.approx(1)
        assert masses @ grid.values == pytest.approx(law.mean[0], rel=0.01)
