from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.surveillance.made import counts, stationary
from workbench.analysis.surveillance import (
    Watch,
    _cusum,
    _ears,
    _farrington,
    ears,
    farrington_flexible,
    watch,
)
from workbench.errors import ParameterError

COLUMNS = [
    "series", "now", "expected", "upper", "alarm", "score", "method", "weeks", "slow_rise", "reason",
]  # fmt: skip


def _known(last: int, width: int = 260) -> list[int | None]:
    """A series with so many known weeks at its end, all of two or three cases."""
    return [None] * (width - last) + [2 + number % 2 for number in range(last)]


def test_the_method_goes_by_the_weeks_known_before() -> None:
    """6 weeks before: none; 7 and 8: EARS C1; from 9: C2; from 156: Farrington flexible."""
    found = watch(counts(*(_known(before + 1) for before in (0, 6, 7, 8, 9, 155, 156, 259))))
    assert list(found.columns) == COLUMNS
    assert found["method"].tolist() == [
        "none", "none", "ears_c1", "ears_c1", "ears_c2", "ears_c2", *["farrington_flexible"] * 2,
    ]  # fmt: skip
    assert found["weeks"].tolist() == [0, 6, 7, 8, 9, 155, 156, 259]
    assert found["reason"].tolist() == ["history_too_short"] * 2 + [""] * 6
    assert found["alarm"].isna().tolist() == [True, True] + [False] * 6
    assert found["upper"].isna().tolist() == [True, True] + [False] * 6
    assert found["slow_rise"].isna().tolist() == [True] * 5 + [False] * 3


def test_the_numbers_are_those_of_the_method() -> None:
    """Expected value and threshold of watch are what the chosen method returns with its settings."""
    rows = counts(*stationary(3, 0.3, series=3, weeks=260, seed=1))
    long, short = watch(rows), watch(rows.iloc[:, -40:])
    flexible = farrington_flexible(rows, settings=Watch().flexible)
    c2 = ears(rows.iloc[:, -40:], method="C2", min_sigma=1.0, alpha=0.001)
    pd.testing.assert_frame_equal(long[["expected", "upper"]], flexible[["expected", "upper"]])
    pd.testing.assert_frame_equal(short[["expected", "upper"]], c2[["expected", "upper"]])
    assert (long["alarm"] == (long["now"] > long["upper"])).all()
    assert long["score"].tolist() == pytest.approx(
        ((long["now"] - long["expected"]) / (long["upper"] - long["expected"])).tolist()
    )


def test_an_outbreak_is_an_alarm_with_long_and_short_history() -> None:
    """Twelve cases where two are usual stand out, whatever the method; a week as usual does not."""
    for width in (9, 40, 260):
        found = watch(counts([*_known(width, width)[:-1], 12], _known(width, width)))
        assert found["alarm"].tolist() == [True, False]
        assert found["score"].iloc[0] > 1 > found["score"].iloc[1]


def test_a_rise_too_slow_for_a_week_to_stand_out() -> None:
    """A level up from 1 to 2.5 for twelve weeks is a slow rise, although this week is no alarm."""
    row = stationary(1, 0.0, series=1, weeks=260, seed=12)[0]
    risen = row.copy()
    risen[-12:] = [2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3]
    found = watch(counts(row, risen))
    assert found["alarm"].tolist() == [False, False]
    assert found["slow_rise"].tolist() == [False, True]


def test_too_few_cases_are_no_alarm() -> None:
    """Four cases in four weeks are no alarm by the rule, five are; the threshold is shown for both."""
    four, five = [0] * 259 + [4], [0] * 258 + [1, 4]
    found = watch(counts(four, five))
    assert found["reason"].tolist() == ["too_few_cases", ""]
    assert found["alarm"].tolist() == [False, True]
    assert found["upper"].notna().all()
    assert not found["slow_rise"].iloc[0]


def test_a_count_nobody_knows_is_no_alarm_and_no_all_clear() -> None:
    """An unknown count has <NA> for alarm, score and rise; unknown months do not stop Farrington."""
    gap = [2, 3] * 115 + [None] * 29 + [2]
    found = watch(counts([*_known(260)[:-1], None], gap))
    assert found["reason"].tolist() == ["count_unknown", "too_few_cases"]
    assert found.loc[0, ["now", "alarm", "score", "slow_rise"]].isna().all()
    assert found["method"].tolist() == ["farrington_flexible"] * 2
    recent = watch(counts([2, 3] * 20 + [None] * 9 + [2])).iloc[0]
    assert (recent["method"], recent["reason"]) == ("none", "history_too_short")


def test_a_week_is_watched_as_if_the_later_ones_were_not_known() -> None:
    """Naming a week gives what its counts up to then give; a week that is not there is an error."""
    rows = counts(*stationary(2, 0.4, series=4, weeks=250, seed=3))
    week = rows.columns[200]
    pd.testing.assert_frame_equal(watch(rows, week=week.date()), watch(rows.iloc[:, :201]))
    with pytest.raises(ParameterError, match="no counts of the week"):
        watch(rows, week=(rows.columns[-1] + pd.Timedelta(days=7)).date())


def test_many_keys_come_back_as_columns_in_the_order_given() -> None:
    """District and type stay beside the result; an area without series has an empty answer."""
    rows = counts(*stationary(2, 0.4, series=3, weeks=30, seed=3))
    rows.index = pd.MultiIndex.from_tuples(
        [("KS0102", "armed_clash"), ("KS0101", "abduction"), ("KS0101", "armed_clash")],
        names=["district", "event_type"],
    )
    found = watch(rows)
    assert found["district"].tolist() == ["KS0102", "KS0101", "KS0101"]
    assert found["event_type"].tolist() == ["armed_clash", "abduction", "armed_clash"]
    empty = watch(counts(width=200))
    assert list(empty.columns) == COLUMNS
    assert len(empty) == 0


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few series are worked on at once, the answers are the same."""
    rows = counts(*stationary(2, 0.4, series=7, weeks=270, seed=4))
    long, short = watch(rows), ears(rows, weeks=5, method="C3")
    for module in (_cusum, _ears, _farrington):
        monkeypatch.setattr(module, "BLOCK", 1)
    pd.testing.assert_frame_equal(watch(rows), long, rtol=1e-9)
    pd.testing.assert_frame_equal(ears(rows, weeks=5, method="C3"), short)


def test_false_alarms_are_rare() -> None:
    """Series without change have an alarm in under 1.5 % of weeks by Farrington and 5 % by EARS."""
    values = np.vstack([stationary(m, 0.3, series=100, weeks=260, seed=6) for m in (0.1, 0.3, 1, 2, 5)])
    rows = counts(*values)
    for width, most in ((260, 0.015), (60, 0.05)):
        told = [watch(rows.iloc[:, last - width : last]) for last in range(260 - 4 * (width == 60), 261)]
        rate = np.mean([found["alarm"].mean() for found in told])
        assert rate < most, (width, rate)
    assert watch(rows)["slow_rise"].mean() < 0.02


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 230),
    st.lists(st.sampled_from([0, 0, 0, 1, 2, 9, 10_000, None]), min_size=1, max_size=40),
    st.integers(0, 3),
)
def test_whatever_comes_there_is_an_answer(weeks: int, tail: list[int | None], level: int) -> None:
    """No series gives NaN or infinity; an alarm that is missing has a reason; others do not change it."""
    row = [*([level] * weeks), *tail]
    found = watch(counts(row, [1] * len(row)))
    numbers = found[["expected", "upper", "score"]].to_numpy(dtype=float, na_value=0)
    assert np.isfinite(numbers).all()
    assert (found["reason"].isin(["history_too_short", "count_unknown"]) == found["alarm"].isna()).all()
    assert (found["method"].eq("none") == found["upper"].isna()).all()
    pd.testing.assert_frame_equal(watch(counts(row)), found.head(1), rtol=1e-7)
