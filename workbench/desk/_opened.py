"""What a page can be about: the areas, weeks, instants, readers and languages an analyst may choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd

from workbench.config import Audience, Office, Week
from workbench.errors import ParameterError, UserError
from workbench.language import words
from workbench.records import record_type
from workbench.store import Store
from workbench.view import cut_off, instant, nameable, narrowest, present

NAMES = ("area", "week", "audience", "as_of", "language")
"""The five names of a page's first cell, as `Choice` has them."""


@dataclass(frozen=True)
class Choice:
    """What a page is about, all text; "" leaves one to the office."""

    area: str = ""
    week: str = ""
    audience: str = ""
    as_of: str = ""
    language: str = ""


@dataclass(frozen=True)
class WeekOffered:
    """A week of an area: its incidents in the store, whatever their labels, and whether it is over."""

    week: Week
    incidents: int
    over: bool


def opened(office: Office, choice: Choice, *, desk: bool, briefing: str = "") -> Choice:
    """
    Return the choice with what "" stands for: the first area, last complete week, readers and language.

    `as_of` stays "", which is now. The readers are the narrowest that receive `briefing`; with `desk`, those
    of `[desk] audience`.
    """
    return Choice(
        area=choice.area or office.area[0].slug,
        week=choice.week or office.last_complete_week().slug,
        audience=choice.audience or readers(office, desk=desk, briefing=briefing).slug,
        as_of=choice.as_of,
        language=choice.language or office.languages[0],
    )


def readers(office: Office, *, desk: bool, briefing: str = "") -> Audience:
    """Return the audience that "" stands for: of a briefing's first cell, or of a notebook of the desk."""
    named = office.desk.audience if desk else None
    return office.audience_called(named) if named else narrowest(office, briefing=briefing)


def weeks(office: Office, store: Store, area: str) -> tuple[WeekOffered, ...]:
    """
    Return the weeks that the store has incidents of an area for, newest first, none left out between them.

    From the week of the first incident dated in the area to the one that is not over yet. Empty where
    nothing was ever delivered. Every row counts, whatever its label: this is for whoever has the store.
    """
    known = present(office, store)
    counted = store.counts(record_type("incident"), as_of=known, window=None, by=("occurred_on", "district"))
    counted = counted[counted["district"].isin(office.area_called(area).districts)]
    counted = counted[counted["occurred_on"].notna()]
    if counted.empty:
        return ()
    days = counted["occurred_on"]
    back = (days.dt.day_of_week - office.week_of(date(2024, 1, 1)).first_day.weekday()) % 7
    by_week = counted["records"].groupby((days - pd.to_timedelta(back, unit="D")).dt.date).sum()
    today = office.now().astimezone(office.zone).date()
    week, oldest, found = office.week_of(today), min(by_week.index), []
    while week.first_day >= oldest:
        found.append(WeekOffered(week, int(by_week.get(week.first_day, 0)), over=week.last_day < today))
        week = week.back(1)
    return tuple(found)


def known_on(office: Office, store: Store, audience: str) -> tuple[datetime, ...]:
    """
    Return the last delivery of each day (of the office's zone) that readers may know of, newest first.

    UTC, whole seconds: each is the `as_of` of an edition made on that day.
    """
    slugs = [source.slug for source in nameable(office, office.audience_called(audience))]
    rows = store.read(record_type("delivery"), as_of=present(office, store), sources=slugs)
    times = rows["recorded_at"].dt.floor("s")
    last = times.groupby(times.dt.tz_convert(office.zone).dt.date).max().sort_values(ascending=False)
    return tuple(one.to_pydatetime().astimezone(UTC) for one in last)


def require_possible(office: Office, store: Store, choice: Choice) -> None:
    """
    Raise UserError, in a plain sentence with its remedy, if there can be no page of this choice.

    Takes a choice without gaps (`opened`). UnknownName for a name the office does not know.
    """
    area, reader = office.area_called(choice.area), office.audience_called(choice.audience)
    words(choice.language)
    week = office.week(choice.week)
    today = office.now().astimezone(office.zone).date()
    if week.first_day > today:
        raise ParameterError(
            f"Week {week} has not begun: it starts on {week.first_day}. Choose one of the list; the last "
            f"complete week is {office.last_complete_week()}."
        )
    asked = instant(choice.as_of) if choice.as_of else present(office, store)
    known = cut_off(office, store, reader.slug, asked)
    if known is None:
        first = known_on(office, store, reader.slug)
        if not first:
            raise UserError(
                f"Nothing was delivered yet that {reader.name} may know of. Pull the sources: workbench pull"
            )
        raise UserError(
            f"Nothing was known on {day_of(office, asked)}: the first delivery that {reader.name} may know "
            f'of is of {day_of(office, first[-1])}. Choose that day or a later one, or "as known now".'
        )
    if known.astimezone(office.zone).date() < week.first_day:
        last = f"the last delivery known then is of {day_of(office, known)}"
        remedy = (
            'Choose an earlier week, or a later day, or "as known now".'
            if choice.as_of
            else "Choose an earlier week, or pull the sources: workbench pull"
        )
        raise UserError(
            f"Nothing was delivered since week {week} began on {week.first_day}: {last}. {remedy}"
        )
    offered = weeks(office, store, area.slug)
    if not offered or week < offered[-1].week:
        begins = f" They begin in week {offered[-1].week}." if offered else ""
        raise UserError(
            f"The store has no incidents of {area.name} for week {week}.{begins} "
            "Choose a week of the list, or pull a source that reaches back further: workbench pull"
        )


def day_of(office: Office, moment: datetime) -> str:
    """Return an instant as analysts read it: the day, hour and minute of the office's zone."""
    return moment.astimezone(office.zone).strftime("%Y-%m-%d %H:%M")
