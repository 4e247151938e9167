from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.surveillance.made import counts, stationary
from workbench.analysis.surveillance import (
    Farrington,
    Flexible,
    _glm,
    farrington,
    farrington_flexible,
    power_threshold,
    quantile_threshold,
)
from workbench.analysis.surveillance._farrington import reweight
from workbench.errors import ParameterError

EVERY_WEEK = Flexible(window=None, years=5)


@pytest.mark.parametrize(
    ("power", "lower", "upper", "p", "score"),
    [
        ("none", 1.3073128, 8.6926872, 0.0907246, 0.8124165),
        ("1/2", 1.9891097, 9.3744842, 0.1189986, 0.6857951),
        ("2/3", 1.8084477, 9.1154825, 0.1094727, 0.7289546),
    ],
)
def test_the_power_threshold(power: str, lower: float, upper: float, p: float, score: float) -> None:
    """R2: mean 5, error .2, phi 1, alpha .05, count 8 (surveillance, test-farringtonFlexible.R)."""
    found = power_threshold(5, 0.2, 1, 8, alpha=0.05, power=power).iloc[0]
    assert found.tolist() == pytest.approx([lower, upper, p, score], abs=5e-8)


@pytest.mark.parametrize(
    ("muan", "phi", "expected"),
    [
        (True, 1.5, [8, 24, 0.8597797, 0.4193982]),
        (True, 1.0, [9, 22, 0.9093099, 0.4605347]),
        (False, 1.5, [1, 10, 0.03763657, 1.11918153]),
        (False, 1.0, [2, 9, 0.01369527, 1.27061541]),
    ],
)
def test_the_quantile_threshold(*, muan: bool, phi: float, expected: list[float]) -> None:
    """Log mean log(5), error log(2), count 11, alpha .05: the package's own test-farringtonFlexible.R."""
    found = quantile_threshold(np.log(5), np.log(2), phi, 11, alpha=0.05, muan=muan).iloc[0]
    assert found.tolist() == pytest.approx(expected, abs=5e-8)


def test_weights_checked_by_hand() -> None:
    """Five residuals of 0 and five of 2 over a threshold of 0 weigh 1.6 and 0.4 (the package's own test)."""
    assert reweight(np.array([[0.0] * 5 + [2.0] * 5]), 0.0)[0].tolist() == pytest.approx(
        [1.6] * 5 + [0.4] * 5
    )
    assert reweight(np.zeros((1, 10)), 0.0)[0].tolist() == [1.0] * 10
    assert reweight(np.array([[0.0, np.nan, 2.0]]), 1.0)[0].tolist() == pytest.approx([1.6, 0.0, 0.4])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 40), min_size=12, max_size=12), st.integers(0, 11))
def test_the_regression_solves_its_equations(row: list[int], unknown: int) -> None:
    """Residuals of a fit are orthogonal to level and trend, with an unknown week left out."""
    y = np.array([row], dtype=float)
    y[0, unknown] = np.nan
    if np.nansum(y > 0) < 4:
        return
    time = np.linspace(-1, 0, 12)
    design = np.column_stack([np.ones(12), time])
    seen = (~np.isnan(y)).astype(float)
    found = _glm.fit(y, design, prior=seen, tolerance=1e-12)
    left = np.where(seen > 0, y - found.mean, 0.0)
    if found.converged[0]:
        assert (left @ design)[0] == pytest.approx([0, 0], abs=1e-4 * max(row))
        assert found.freedom[0] == 9


def test_an_outbreak_in_the_past_does_not_hide_one_now() -> None:
    """Re-weighting lowers the threshold after a past outbreak, and the outbreak now is found."""
    chance = np.random.default_rng(1)
    row = chance.poisson(2.0, 260)
    row[100:108] += 25
    row[-1] = 14
    found = farrington_flexible(counts(row), settings=EVERY_WEEK).iloc[0]
    naive = farrington_flexible(counts(row), settings=Flexible(window=None, outlier=None)).iloc[0]
    assert found["upper"] < 8 < naive["upper"]
    assert found["alarm"]
    assert found["reason"] == ""


def test_unknown_weeks_weigh_nothing() -> None:
    """A week unknown gives what a fit without that week gives, and is not a zero."""
    row = stationary(4, 0.2, series=1, weeks=260, seed=3)[0].astype(object)
    settings_ = Flexible(window=None, trend=None, outlier=None, least=0)
    unknown, zero = row.copy(), row.copy()
    unknown[50:150], zero[50:150] = None, 0
    found = farrington_flexible(counts(unknown), settings=settings_).iloc[0]
    used = [*row[:50], *row[150:-27]]
    assert found["expected"] == pytest.approx(np.mean(np.array(used, dtype=float)), rel=1e-9)
    assert found["weeks"] == len(used)
    assert farrington_flexible(counts(zero), settings=settings_)["expected"].iloc[0] < found["expected"] * 0.7


def test_too_few_cases_are_no_alarm() -> None:
    """Four cases in four weeks after years of none are no alarm by the rule of five, and one without."""
    row = [0] * 100 + [1] + [0] * 158 + [4]
    found = farrington_flexible(counts(row), settings=EVERY_WEEK).iloc[0]
    assert (found["reason"], found["alarm"]) == ("too_few_cases", False)
    assert found[["expected", "upper", "score", "p"]].isna().all()
    free = farrington_flexible(counts(row), settings=Flexible(window=None, least=0)).iloc[0]
    assert free["alarm"]


def test_short_and_unknown_histories_say_so() -> None:
    """Under five years of 52 weeks, no known reference week, or an unknown count: <NA> with the reason."""
    short = farrington_flexible(counts([2] * 200)).iloc[0]
    assert short["reason"] == "history_too_short"
    assert short[["alarm", "expected", "upper", "trend", "dispersion"]].isna().all()
    blank = farrington(counts([None] * 299 + [3])).iloc[0]
    assert (blank["reason"], blank["weeks"]) == ("history_too_short", 0)
    now = farrington(counts([2] * 299 + [None])).iloc[0]
    assert now["reason"] == "count_unknown"
    assert now[["now", "alarm", "score", "p"]].isna().all()
    assert now["expected"] == pytest.approx(2.0)


def test_degenerate_series_give_numbers_or_reasons() -> None:
    """All zeros, constants, 10,000 in one week and a gap of months never give NaN or infinity."""
    zeros, constant, spike, gap = (
        [0] * 300,
        [3] * 300,
        [1] * 299 + [10_000],
        [2] * 180 + [None] * 26 + [2] * 94,
    )
    past = [0] * 150 + [10_000] + [0] * 149
    rows = counts(zeros, constant, spike, gap, past)
    for method, kinds in (
        (farrington, [Farrington(least=0), Farrington(power="none", outlier=None, least=0)]),
        (
            farrington_flexible,
            [
                Flexible(least=0),
                Flexible(least=0, window=None, threshold="muan"),
                Flexible(least=0, years=4, periods=10, threshold="nbPlugin"),
            ],
        ),
    ):
        for kind in kinds:
            found = method(rows, settings=kind, weeks=3)
            numbers = found[["expected", "upper", "score", "p", "dispersion"]].to_numpy(float, na_value=0)
            assert np.isfinite(numbers).all()
            last = found.groupby("series", sort=False).tail(1)
            assert last["alarm"].iloc[2], kind
            assert not last["alarm"].fillna(value=False).iloc[0]
            assert last["reason"].isin(["", "no_fit"]).all()


def test_no_series_is_an_empty_answer() -> None:
    """An area without series has the columns and no row."""
    found = farrington_flexible(counts(width=300), weeks=2)
    assert len(found) == 0
    assert {"week", "now", "expected", "upper", "alarm", "reason"} <= set(found.columns)


def test_one_series_is_fitted_as_among_many() -> None:
    """A series has the same result alone as among others, week by week."""
    values = np.vstack([stationary(m, 0.4, series=2, weeks=290, seed=5) for m in (0.2, 2, 30)])
    for kind in (Flexible(), Flexible(window=None), Flexible(years=4, periods=5, calendar=True)):
        together = farrington_flexible(counts(*values), weeks=9, settings=kind)
        for number, row in enumerate(values):
            alone = farrington_flexible(counts(row), weeks=1, settings=kind)
            part = together[together["series"] == f"KS{number + 1:04}"].tail(1)
            pd.testing.assert_frame_equal(
                alone.drop(columns="series"), part.drop(columns="series").reset_index(drop=True), rtol=1e-7
            )


def test_a_population_is_an_offset() -> None:
    """Where counts grow with the population, the rate is constant and the expected count grows with it."""
    people = np.linspace(1000, 3000, 300)
    rows = counts(np.round(people / 100).astype(int))
    population = pd.DataFrame([people], rows.index, rows.columns)
    found = farrington_flexible(rows, population=population, settings=EVERY_WEEK).iloc[0]
    assert found["expected"] == pytest.approx(30.0, rel=0.01)
    assert not found["trend"]
    with pytest.raises(ParameterError, match="population"):
        farrington_flexible(rows, population=population.iloc[:, 1:])


def test_by_calendar_the_namesake_of_a_week_is_the_nearest_to_its_date() -> None:
    """For 6 June 2013: 7 June 2012, 9 June 2011, 3 June 2010 (the package's own test)."""
    from workbench.analysis.surveillance import _reference

    weeks = pd.date_range("2009-01-01", "2013-06-06", freq="7D")
    back = _reference.pattern(weeks, len(weeks) - 1, Farrington(years=3, calendar=True))
    dates = [weeks[-1] - pd.Timedelta(weeks=number) for number in back]
    assert [f"{day:%Y-%m-%d}" for day in dates] == ["2012-06-07", "2011-06-09", "2010-06-03"]
    assert _reference.pattern(weeks, 200, Farrington(years=2)) == (52, 104)
    leap = pd.date_range("2019-01-05", "2020-02-29", freq="7D")
    assert _reference.pattern(leap, len(leap) - 1, Farrington(years=1, calendar=True)) == (52,)


@pytest.mark.parametrize(
    "wrong",
    [
        Flexible(years=0), Flexible(window=-1), Flexible(alpha=0), Flexible(alpha=1), Flexible(within=0),
        Flexible(skip=-1), Flexible(periods=0), Flexible(window=None, periods=4), Flexible(periods=60),
        Farrington(window=None), Flexible(years=1, skip=80),
    ],
)  # fmt: skip
def test_settings_that_contradict_themselves_are_refused(wrong: Farrington) -> None:
    """Settings that leave nothing to fit are an error that says which."""
    with pytest.raises(ParameterError):
        farrington_flexible(counts([1] * 300), settings=wrong)  # type: ignore[arg-type]  # both kinds are tried
    with pytest.raises(ParameterError, match="power"):
        power_threshold(5, 0.2, 1, 8, power="2/88")  # type: ignore[arg-type]  # the wrong one is meant
