from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.analysis.rows import MONDAY, incidents
from workbench import analysis
from workbench.analysis.tally import Part
from workbench.errors import ParameterError


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
    assert found.incidents == analysis.KeyNumber(3, 2, 0.5, 2, cumulative=9)
    assert found.killed_best.this_week == 6
    assert (found.killed_low.this_week, found.killed_high.this_week) == (3, 12)
    assert found.civilians_killed.this_week == 3


def test_a_past_without_data_is_none_never_zero() -> None:
    """Comparisons that reach back before the data are None; the week itself is a count."""
    found = analysis.key_numbers(incidents(*weeks_ago(0, 3)), districts=("A",), week=MONDAY)
    assert found.incidents == analysis.KeyNumber(1, 0, None, None, cumulative=2)
    alone = analysis.key_numbers(incidents(), districts=("A",), week=MONDAY)
    assert alone.incidents == analysis.KeyNumber(0, None, None, None, cumulative=0)


def test_the_first_day_of_data_can_be_said() -> None:
    """With the first covered day given, a quiet past is zero."""
    found = analysis.key_numbers(
        incidents(*weeks_ago(0)), districts=("A",), week=MONDAY, history_from=date(2024, 1, 1)
    )
    assert found.incidents == analysis.KeyNumber(1, 0, 0.0, 0, cumulative=1)


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


@pytest.mark.parametrize(
    ("week", "since"),
    [
        (date(2026, 11, 9), date(2025, 12, 29)),  # the Monday of 2026-W01
        (date(2026, 12, 28), date(2025, 12, 29)),  # W53
        (date(2027, 1, 4), date(2027, 1, 4)),  # W01 itself
        (date(2026, 11, 7), date(2025, 12, 27)),  # Saturday weeks: the one of 27 December is 2026-W01
    ],
)
def test_the_year_so_far_begins_with_its_first_week(week: date, since: date) -> None:
    """Cumulative counts run from the first week of the week's year, up to and with the week."""
    table = incidents(
        {"occurred_on": since - timedelta(days=1), "killed_best": 9},
        {"occurred_on": since, "killed_best": 1},
        {"occurred_on": week + timedelta(days=6), "killed_best": 2},
        {"occurred_on": week + timedelta(days=7), "killed_best": 9},
    )
    found = analysis.key_numbers(table, districts=("A",), week=week, history_from=date(2020, 1, 1))
    assert (found.since, found.incidents.cumulative, found.killed_best.cumulative) == (since, 2, 3)


def test_the_year_so_far_says_from_when_it_counts() -> None:
    """Data that begin within the year give the sum from their first whole week, and say which."""
    table = incidents(*weeks_ago(0, 1, 2, 2))
    found = analysis.key_numbers(
        table, districts=("A",), week=MONDAY, history_from=MONDAY - timedelta(days=13)
    )
    assert (found.since, found.incidents.cumulative) == (MONDAY - timedelta(days=7), 2)
    ended = analysis.key_numbers(
        table, districts=("A",), week=MONDAY, history_until=MONDAY - timedelta(days=1)
    )
    assert ended.incidents.cumulative is None


def test_the_numbers_know_what_is_part_of_what() -> None:
    """Civilians are a part of the deaths: adding both is an error, and so are more of them than deaths."""
    table = incidents(*weeks_ago(0, 1, killed_best=3, civilians_killed=2))
    found = analysis.key_numbers(table, districts=("A",), week=MONDAY)
    told = found.tallies()
    assert isinstance(told["civilians_killed"], Part)
    assert told["civilians_killed"].of == told["killed_best"]
    with pytest.raises(ParameterError, match="of which 2 civilians_killed"):
        told["killed_best"] + told["civilians_killed"]  # type: ignore[operator]  # the point
    with pytest.raises(ParameterError, match="cannot be part of"):
        replace(found, civilians_killed=analysis.KeyNumber(9, 2, None, None))
    assert found.tallies("cumulative")["killed_best"].value == 6
