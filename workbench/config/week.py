"""Reporting weeks: `2026-W46`, whichever day an office's week starts on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.errors import ParameterError

WEEKDAYS: tuple[str, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)

_SLUG = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, order=True)
class Week:
    """
    Seven days that an office reports on, named after the ISO week that holds most of them.

    `first_day` is the first of the seven; `starts` is its weekday in English, lower case.
    With Monday weeks the name is the ISO 8601 week. A Saturday-Friday week (ACLED) or a
    Sunday-Saturday week takes the name of the ISO week of its fourth day, so that every date
    lies in exactly one week and names follow each other without a gap.
    """

    first_day: date
    starts: str

    @classmethod
    def parse(cls, slug: str, *, starts: str) -> Week:
        """Return the week called `slug` (`2026-W46`); raises ParameterError if there is none."""
        found = _SLUG.fullmatch(slug)
        if not found:
            raise ParameterError(f'Week "{slug}" is not a reporting week. Write it as 2026-W46.')
        try:
            fourth = date.fromisocalendar(int(found[1]), int(found[2]), 4)
        except ValueError:
            raise ParameterError(
                f'Week "{slug}" does not exist: a year has 52 or 53 weeks. Write it as 2026-W46.'
            ) from None
        return cls.holding(_start_of(fourth, starts) + timedelta(days=3), starts=starts)

    @classmethod
    def holding(cls, day: date, *, starts: str) -> Week:
        """Return the week that `day` lies in."""
        back = (day.weekday() - WEEKDAYS.index(starts)) % 7
        return cls(day - timedelta(days=back), starts)

    @property
    def last_day(self) -> date:
        """The seventh day, included in the week."""
        return self.first_day + timedelta(days=6)

    @property
    def slug(self) -> str:
        """The name, such as `2026-W46`."""
        year, number, _ = (self.first_day + timedelta(days=3)).isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def number(self) -> int:
        """The number within its year, 1 to 53."""
        return (self.first_day + timedelta(days=3)).isocalendar().week

    def back(self, weeks: int) -> Week:
        """Return the week that lies `weeks` before this one (after it, if negative)."""
        return Week(self.first_day - timedelta(weeks=weeks), self.starts)

    def __str__(self) -> str:
        return self.slug


def _start_of(fourth: date, starts: str) -> date:
    """Return the first day of the `starts` week whose fourth day has the ISO week of `fourth`."""
    monday = fourth - timedelta(days=fourth.weekday())
    offset = WEEKDAYS.index(starts)
    return monday + timedelta(days=offset if offset <= 3 else offset - 7)
