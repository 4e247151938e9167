from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.surveillance.made import counts
from workbench.analysis.surveillance import ears
from workbench.errors import ParameterError


def test_c1_of_salmonella_newport() -> None:
    """R1: in early 2011 the bounds are 3.278854, 3.278854, 3.436517, 3.855617 (test-earsC.R)."""
    windows = [[1, 1, 1, 3, 3, 1, 2], [1, 1, 3, 3, 1, 2, 1], [1, 3, 3, 1, 2, 1, 0], [3, 3, 1, 2, 1, 0, 3]]
    found = ears(counts(*[[*window, 3] for window in windows]), alpha=0.05)
    assert found["upper"].to_numpy() == pytest.approx([3.278854, 3.278854, 3.436517, 3.855617], abs=5e-7)
    assert found["alarm"].tolist() == [False] * 4
    # the same four as one series of ten weeks, monitored one after the other
    together = ears(counts([1, 1, 1, 3, 3, 1, 2, 1, 0, 3, 4]), alpha=0.05, weeks=4)
    assert together["upper"].to_numpy() == pytest.approx([3.278854, 3.278854, 3.436517, 3.855617], abs=5e-7)
    assert together["now"].tolist() == [1, 0, 3, 4]
    assert together["alarm"].tolist() == [False, False, False, True]


def test_c2_leaves_out_the_two_weeks_before() -> None:
    """A rise of the last two weeks is in C1's baseline and not in C2's."""
    series = counts([1, 2, 1, 0, 1, 2, 0, 9, 9, 9])
    assert ears(series, method="C1", weeks=1)["alarm"].tolist() == [False]
    found = ears(series, method="C2").iloc[0]
    assert found["alarm"]
    assert found["expected"] == pytest.approx(1.0)
    assert found["score"] == pytest.approx(8 / np.std([1, 2, 1, 0, 1, 2, 0], ddof=1))


def test_c3_adds_up_three_weeks() -> None:
    """C3 is the sum of max(0, C2 - 1) over three weeks: 1, 1, 1 with C2 of 2 each (Fricker et al. 2008)."""
    base = [0, 2] * 4
    deviation = 1.0
    found = ears(counts([*base[1:], *[3] * 3]), method="C3", baseline=4, min_sigma=deviation).iloc[0]
    parts = []
    series = [*base[1:], 3, 3, 3]
    for last in range(len(series) - 3, len(series)):
        window = series[last - 6 : last - 2]
        parts.append(max(0.0, (series[last] - np.mean(window)) / max(np.std(window, ddof=1), deviation) - 1))
    assert sum(parts) > 0
    assert found["score"] == pytest.approx(sum(parts))


def test_the_floor_keeps_sparse_series_quiet() -> None:
    """After seven zeros one incident is no alarm with the floor of 0.5, and one without a floor."""
    series = counts([0] * 7 + [1])
    assert ears(series)["upper"].tolist() == pytest.approx([0.5 * 3.0902323], rel=1e-7)
    assert ears(series)["alarm"].tolist() == [False]
    assert ears(series, min_sigma=0)["alarm"].tolist() == [True]


def test_what_cannot_be_told_is_missing_and_says_why() -> None:
    """Short history, unknown counts and three unknown baseline weeks give <NA> and a reason; two do not."""
    rows = counts(
        [1, 2, 1, 2, 1, 2, 1, None],
        [None, None, None, 2, 1, 2, 1, 3],
        [None, None, 1, 2, 1, 2, 1, 3],
    )
    found = ears(rows)
    assert found["reason"].tolist() == ["count_unknown", "history_too_short", ""]
    assert found["alarm"].isna().tolist() == [True, True, False]
    assert found["upper"].isna().tolist() == [False, True, False]
    assert found["weeks"].tolist() == [7, 4, 5]
    assert ears(counts([3]))["reason"].tolist() == ["history_too_short"]
    flat = ears(counts([0] * 11 + [4, 4, 4]), method="C3", min_sigma=0)
    assert flat["reason"].tolist() == ["no_variation"]
    assert flat["alarm"].isna().all()


def test_weeks_are_chosen_by_number_or_first_day() -> None:
    """The last two, or named weeks in any order, come oldest first; others are refused."""
    series = counts([1, 2, 1, 2, 1, 2, 1, 3, 2, 4], [0] * 10)
    found = ears(series, weeks=2)
    assert found["week"].tolist() == [*series.columns[-2:]] * 2
    named = ears(series, weeks=[series.columns[-1].date(), series.columns[-2].date()])
    pd.testing.assert_frame_equal(named, found)
    with pytest.raises(ParameterError, match="not among"):
        ears(series, weeks=[pd.Timestamp("2020-01-01").date()])
    numbered = series.set_axis(range(10), axis=1)
    assert ears(numbered, weeks=2)["week"].tolist() == [8, 9] * 2
    with pytest.raises(ParameterError, match="no days"):
        ears(numbered, weeks=[series.columns[-1].date()])
    with pytest.raises(ParameterError, match="11 weeks"):
        ears(series, weeks=11)


@pytest.mark.parametrize("wrong", [[[-1, 2]], [[0.5, 2]], [[float("inf"), 2]]])
def test_counts_that_are_none_are_refused(wrong: list[list[float]]) -> None:
    """Negative, infinite and broken counts are an error and no number."""
    with pytest.raises(ParameterError, match="negative, infinite or not whole"):
        ears(counts(*wrong))


def test_settings_that_make_no_sense_are_refused() -> None:
    """An unknown method, a baseline of 2, a negative floor or alpha 0, and weeks with a gap, are errors."""
    series = counts([1] * 12)
    for wrong in ({"method": "C4"}, {"baseline": 2}, {"min_sigma": -1}, {"alpha": 0.0}):
        with pytest.raises(ParameterError):
            ears(series, **wrong)
    with pytest.raises(ParameterError, match="consecutive"):
        ears(series.drop(columns=series.columns[4]))
    with pytest.raises(ParameterError, match="no week"):
        ears(series.iloc[:, :0])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=16, max_size=16), max_size=5),
    st.sampled_from(["C1", "C2", "C3"]),
)
def test_no_series_minds_another(rows: list[list[int | None]], method: str) -> None:
    """A series has the same result alone as among others, and no result is NaN or infinite."""
    together = ears(counts(*rows, width=16), method=method, weeks=5)
    assert len(together) == 5 * len(rows)
    numbers = together[["expected", "upper", "score"]].to_numpy(dtype=float, na_value=0)
    assert np.isfinite(numbers).all()
    assert together["alarm"].isna().tolist() == together["reason"].ne("").tolist()
    for number, row in enumerate(rows):
        alone = ears(counts(row), method=method, weeks=5).drop(columns="series")
        part = together.iloc[number * 5 : number * 5 + 5].drop(columns="series").reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, part)
