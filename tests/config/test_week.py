"""Reporting weeks by any week rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.config import WEEKDAYS, Week
from workbench.errors import ParameterError

DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("slug", "starts", "first", "last"),
    [
        ("2026-W46", "monday", date(2026, 11, 9), date(2026, 11, 15)),  # ISO 8601
        ("2020-W53", "monday", date(2020, 12, 28), date(2021, 1, 3)),  # 1 January 2021 is 2020-W53-5
        ("2026-W46", "saturday", date(2026, 11, 7), date(2026, 11, 13)),  # ACLED: Saturday to Friday
        ("2026-W46", "sunday", date(2026, 11, 8), date(2026, 11, 14)),
    ],
)
def test_a_week_has_the_days_its_rule_gives_it(slug: str, starts: str, first: date, last: date) -> None:
    """Known weeks have known days, over a year's end and for other first days than Monday."""
    week = Week.parse(slug, starts=starts)
    assert (week.first_day, week.last_day, week.slug) == (first, last, slug)


@given(day=DAYS, starts=st.sampled_from(WEEKDAYS))
def test_every_day_lies_in_exactly_one_week(day: date, starts: str) -> None:
    """A day's week holds it, and its name leads back to the same week."""
    week = Week.holding(day, starts=starts)
    assert week.first_day <= day <= week.last_day
    assert week.first_day.weekday() == WEEKDAYS.index(starts)
    assert Week.parse(week.slug, starts=starts) == week


@given(day=DAYS, starts=st.sampled_from(WEEKDAYS))
def test_weeks_follow_each_other(day: date, starts: str) -> None:
    """The week before ends the day before, and has another name."""
    week = Week.holding(day, starts=starts)
    assert week.back(1).last_day == week.first_day - timedelta(days=1)
    assert week.back(1).slug < week.slug
    assert week.back(3).back(-3) == week


@given(day=DAYS)
def test_monday_weeks_are_iso_weeks(day: date) -> None:
    """With Monday weeks the name is ISO 8601's."""
    year, number, _ = day.isocalendar()
    assert Week.holding(day, starts="monday").slug == f"{year}-W{number:02d}"


@pytest.mark.parametrize(
    "slug", ["2026-46", "2026-W54", "2026-W00", "2025-W53", "week 46", "", "2026-W46 ", "２０２６-W46"]
)
def test_what_is_no_week_is_refused(slug: str) -> None:
    """A name that is no week, or a week its year does not have, is an error that shows how to write one."""
    with pytest.raises(ParameterError, match="2026-W46"):
        Week.parse(slug, starts="monday")
