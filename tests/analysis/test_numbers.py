from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.analysis.rows import MONDAY, incidents
from workbench import analysis


def weeks_ago(*weeks: int, **values: object) -> list[dict[str, object]]:
    """Return one incident on the first day of each of these weeks."""
    return [{"occurred_on": MONDAY - timedelta(weeks=week), **values} for week in weeks]


def test_the_week_is_set_against_the_past() -> None:
    """Each number comes with last week, the median of the 8 weeks before, and the same week last year."""
    table = incidents(
        *weeks_ago(0, 0, 0, killed_best=2, killed_low=1, killed_high=4, civilians_killed=1),
        *weeks_ago(1, 1, 2, 4, 4, 6, 52, 52, 60),
    )
    found = analysis.key_numbers(table, districts=("A",), week=MONDAY)
    assert found.incidents == analysis.KeyNumber(3, 2, 0.5, 2)
    assert found.killed_best.this_week == 6
    assert (found.killed_low.this_week, found.killed_high.this_week) == (3, 12)
    assert found.civilians_killed.this_week == 3


def test_a_past_without_data_is_none_never_zero() -> None:
    """Comparisons that reach back before the data are None; the week itself is a count."""
    found = analysis.key_numbers(incidents(*weeks_ago(0, 3)), districts=("A",), week=MONDAY)
    assert found.incidents == analysis.KeyNumber(1, 0, None, None)
    alone = analysis.key_numbers(incidents(), districts=("A",), week=MONDAY)
    assert alone.incidents == analysis.KeyNumber(0, None, None, None)


def test_the_first_day_of_data_can_be_said() -> None:
    """With the first covered day given, a quiet past is zero."""
    found = analysis.key_numbers(
        incidents(*weeks_ago(0)), districts=("A",), week=MONDAY, history_from=date(2024, 1, 1)
    )
    assert found.incidents == analysis.KeyNumber(1, 0, 0.0, 0)


def test_a_half_covered_week_is_not_compared_with() -> None:
    """A week the data begin in the middle of is not a whole week to compare with."""
    found = analysis.key_numbers(
        incidents(*weeks_ago(0, 1)), districts=("A",), week=MONDAY, history_from=MONDAY - timedelta(days=6)
    )
    assert found.incidents.last_week is None


def test_what_this_reader_may_not_know_is_none() -> None:
    """Without the column of deaths their numbers are None."""
    table = incidents(*weeks_ago(0, 60)).drop(columns=["killed_best", "civilians_killed", "aid_affected"])
    found = analysis.key_numbers(table, districts=("A",), week=MONDAY)
    assert found.killed_best == analysis.KeyNumber(None, None, None, None)
    assert found.aid_affected.this_week is None


@pytest.mark.parametrize(
    ("week", "year_before"),
    [
        (date(2026, 11, 9), date(2025, 11, 10)),  # W46 and W46
        (date(2027, 3, 8), date(2026, 3, 2)),  # W10 and W10: 2026 has 53 weeks, so 53 weeks lie between
        (date(2026, 12, 28), date(2025, 12, 29)),  # W53, which 2025 has not: 52 weeks before
        (date(2026, 11, 7), date(2025, 11, 8)),  # a week that starts on Saturday
    ],
)
def test_the_same_week_last_year_has_the_same_number(week: date, year_before: date) -> None:
    """A week is compared with the week of its number, so that a reader can look it up."""
    table = incidents({"occurred_on": year_before}, {"occurred_on": year_before + timedelta(days=6)})
    found = analysis.key_numbers(table, districts=("A",), week=week, history_from=date(2020, 1, 1))
    assert found.incidents.same_week_last_year == 2


def test_a_week_no_data_reach_has_no_number() -> None:
    """Where nothing is known of a week its number is None, and what is known of the weeks before stays."""
    found = analysis.key_numbers(incidents(*weeks_ago(1, 1)), districts=("A",), week=MONDAY, reached=False)
    assert (found.incidents.this_week, found.incidents.last_week) == (None, 2)
    assert found.killed_best.this_week is None
