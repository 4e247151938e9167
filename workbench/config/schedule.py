"""When briefings are due, how late they may be, and what stops one: `[[schedule]]` and `[scheduler]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from workbench.config._parts import Part, Slug, Words

if TYPE_CHECKING:
    from workbench.config.office import Office

CatchUp = Literal["all", "latest", "none"]
Rule = Literal["mark", "stop"]

_FIELDS = ("minute", "hour", "day", "month", "weekday")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NAMES = {
    "month": {name: number for number, name in enumerate(_MONTHS, start=1)},
    "weekday": {name: number for number, name in enumerate(_WEEKDAYS)},
}
_TERM = re.compile(r"(?:\*|([0-9]{1,2}|[A-Z]{3})(?:-([0-9]{1,2}|[A-Z]{3}))?)(?:/([1-9][0-9]?))?", re.ASCII)
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def _cron(expression: str) -> str:
    """
    Return a cron expression as it is, if it is one of five fields that comes round in some year.

    Fields hold `*`, numbers, names of months and weekdays, ranges, lists and steps; the forms that only
    some crons know (`L`, `#`, `@weekly`, seconds) are refused. Weekday 0 and 7 are Sunday.
    """
    parts = expression.upper().split()
    if len(parts) != len(_FIELDS):
        raise ValueError(f'"{expression}" has {len(parts)} fields; write five: {", ".join(_FIELDS)}')
    held = [_numbers(part, name, *ends) for part, name, ends in zip(parts, _FIELDS, _RANGES, strict=True)]
    days, months = held[2], held[3]
    if parts[4].startswith("*") and min(days) > max(_LONGEST_MONTH.get(month, 31) for month in months):
        raise ValueError(f'"{expression}" never comes round: no such month has a day {min(days)}')
    return expression


def _numbers(part: str, name: str, least: int, most: int) -> set[int]:
    """Return the numbers that a field of a cron expression names; raises ValueError."""
    found: set[int] = set()
    for term in part.split(","):
        read = _TERM.fullmatch(term)
        ends = [_NAMES.get(name, {}).get(one, one) for one in (read[1], read[2]) if one] if read else []
        if not read or not all(str(one).isdigit() and least <= int(one) <= most for one in ends):
            raise ValueError(
                f'{name} "{term}" is none: write *, {least} to {most}, a range, a list or a step'
            )
        step = int(read[3] or 1)
        first, last = (int(ends[0]), int(ends[-1])) if ends else (least, most)
        if read[3] and len(ends) == 1:
            last = most
        if first > last:
            raise ValueError(f'{name} "{term}" runs backwards: write the lower end first, or a list')
        found |= set(range(first, last + 1, step))
    return found


class Schedule(Part):
    """What is due when: briefings, areas, audiences and languages, at the times of a cron expression."""

    slug: Slug
    cron: Annotated[
        str, AfterValidator(_cron), Field(description="Minute, hour, day, month, weekday: `0 6 * * MON`.")
    ]
    time_zone: Annotated[
        str | None, Field(description="IANA name; unless said, the office's own time zone.")
    ] = None
    week: Annotated[
        Literal["last_complete", "current"],
        Field(
            description="The week that an issue due then is about, by the office's week rule: the one that "
            "this day lies in on the entry's clock, or the one before."
        ),
    ] = "last_complete"
    starts_on: Annotated[date | None, Field(description="Nothing is due by this entry before this day.")] = (
        None
    )
    briefings: Annotated[tuple[Slug, ...], Words, Field(description="Unless said, all.")] = ()
    areas: Annotated[tuple[Slug, ...], Words, Field(description="Unless said, all.")] = ()
    audiences: Annotated[
        tuple[Slug, ...], Words, Field(description="Unless said, all that receive the briefing.")
    ] = ()
    languages: Annotated[tuple[str, ...], Words, Field(description="Unless said, the office's first.")] = ()
    sources: Annotated[
        tuple[Slug, ...], Words, Field(description="What is pulled before; unless said, all.")
    ] = ()
    catch_up: Annotated[
        CatchUp,
        Field(
            description="What is still made after the machine was off: every issue that is missing, the "
            "latest of each briefing and area, or none whose `late_after_minutes` are over."
        ),
    ] = "latest"
    oldest_days: Annotated[
        int, Field(ge=1, le=400, description="Nothing that was due longer ago than this is caught up.")
    ] = 28
    late_after_minutes: Annotated[
        int,
        Field(ge=1, le=20160, description="An issue that is not with its readers by then raises the alarm."),
    ] = 240
    stale: Annotated[
        Rule,
        Field(
            description="What a source older than its `max_age_days` does: it marks the issue or stops it."
        ),
    ] = "mark"
    no_contact: Annotated[
        Rule,
        Field(description="What an area without an entry in the liaison log that week does."),
    ] = "mark"


class Scheduler(Part):
    """How the scheduler of this office works."""

    jobs: Annotated[int, Field(ge=0, le=64, description="Editions at once; 0 is one per processor.")] = 0
    attempts: Annotated[
        int, Field(ge=1, le=20, description="Tries of one edition before it is given up.")
    ] = 5
    first_pause_minutes: Annotated[
        int, Field(ge=1, le=1440, description="Pause after the first failure; it doubles with each.")
    ] = 5
    ledger: Annotated[
        str,
        Field(
            description="The scheduler's ledger, a file on a local disk: where the office lies on a share, "
            "name a path of this machine."
        ),
    ] = "private/scheduler/ledger.sqlite"
    heartbeat_minutes: Annotated[
        int,
        Field(
            ge=1,
            le=10080,
            description="How often a tick is expected; without one for twice as long, the scheduler counts "
            "as dead.",
        ),
    ] = 15


def issues_of(office: Office, entry: Schedule) -> Iterator[tuple[str, str, str, str]]:
    """
    Yield (briefing, area, audience, language) of every issue that an entry asks for, as configured.

    An audience that does not receive a briefing gets no issue of it, also where both are named.
    """
    for briefing in entry.briefings or [one.slug for one in office.briefing]:
        for area in entry.areas or [one.slug for one in office.area]:
            for audience in office.audience:
                if audience.slug not in (entry.audiences or (audience.slug,)):
                    continue
                if briefing in audience.briefings:
                    for language in entry.languages or office.languages[:1]:
                        yield briefing, area, audience.slug, language


def check_schedules(office: Office) -> None:
    """Raise ValueError, naming entry and key, for an entry that names what the office has not, or nothing."""
    for entry in office.schedule:
        known = {
            "briefings": [one.slug for one in office.briefing],
            "areas": [one.slug for one in office.area],
            "audiences": [one.slug for one in office.audience],
            "languages": list(office.languages),
            "sources": [one.slug for one in office.source],
        }
        for key, names in known.items():
            for name in getattr(entry, key):
                if name not in names:
                    raise ValueError(
                        f'schedule "{entry.slug}": {key} names "{name}", which the office has not; '
                        f"known: {', '.join(names) or 'none'}"
                    )
        if entry.time_zone is not None and entry.time_zone not in available_timezones():
            raise ValueError(
                f'schedule "{entry.slug}": time_zone "{entry.time_zone}" is not an IANA time zone'
            )
        issues = list(issues_of(office, entry))
        for key, place in (("briefings", 0), ("audiences", 2)):
            for name in getattr(entry, key):
                if not any(one[place] == name for one in issues):
                    raise ValueError(
                        f'schedule "{entry.slug}": {key} names "{name}", but no such issue would be made: '
                        "none of its audiences receives one of its briefings"
                    )
        if not issues:
            raise ValueError(f'schedule "{entry.slug}" asks for no issue: no audience receives its briefings')
