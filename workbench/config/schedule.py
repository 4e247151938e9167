"""When briefings are due, how late they may be, and what stops one: `[[schedule]]` and `[scheduler]`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from workbench.config._parts import Part, Slug, Words

CatchUp = Literal["all", "latest", "none"]
Rule = Literal["mark", "stop"]


class Schedule(Part):
    """What is due when: briefings, areas, audiences and languages, at the times of a cron expression."""

    slug: Slug
    cron: Annotated[str, Field(description="Minute, hour, day, month, weekday: `0 6 * * MON`.")]
    time_zone: Annotated[
        str | None, Field(description="IANA name; unless said, the office's own time zone.")
    ] = None
    week: Annotated[
        Literal["last_complete", "current"],
        Field(description="The week that an issue due at that time is about, in the office's time zone."),
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
        int, Field(ge=1, le=10080, description="How often a tick is expected; without one for twice as long, "
                   "the scheduler counts as dead.")
    ] = 15  # fmt: skip
