"""What is due: the issues that the schedule asks for by now, less those that lie on the disk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from workbench.config import Office
from workbench.config.schedule import Schedule, issues_of
from workbench.config.week import Week
from workbench.errors import ConfigurationError
from workbench.schedule._facts import Key, Slot

Standing = Literal["released", "draft"]

_VERSION = re.compile(r"v([1-9]\d{0,4})(?:-([a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}))?")
_SAID_IN = ("notice.json", "manifest.json")
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, order=True)
class Coming:
    """An occasion that is still to come, in UTC: by which entry, about which week, and its issues."""

    due_at: datetime
    schedule: str
    period: str
    keys: tuple[Key, ...]


def occasions(
    office: Office, schedule: Schedule, *, after: datetime, until: datetime
) -> tuple[datetime, ...]:
    """
    Return the instants (UTC) after `after` and not after `until` at which an entry's expression comes round.

    The expression speaks of the clock on the wall of the entry's time zone. A time that this clock skips
    comes round at the first instant after the gap, one that it shows twice comes round the first time: so a
    weekly entry has one occasion in each week, and occasions of one gap are one. Raises ConfigurationError
    for an expression that never comes round.
    """
    found = []
    for moment in _from(schedule, zone_of(office, schedule), after=after):
        if moment > until:
            break
        found.append(moment)
    return tuple(found)


def zone_of(office: Office, schedule: Schedule) -> ZoneInfo:
    """Return the time zone that an entry's expression is read in."""
    return ZoneInfo(schedule.time_zone or office.time_zone)


def slots(office: Office, *, now: datetime) -> tuple[Slot, ...]:
    """
    Return every issue that was due by `now` and not longer ago than its entry's `oldest_days`, by time.

    Whether it is done does not matter, nor what is caught up. An entry asks for one issue of a week, due at
    the first of its occasions that are about that week; where entries ask for the same issue, the earliest
    holds.
    """
    return _merged(slot for entry in office.schedule for slot in _asked(office, entry, now=now))


def wanted(office: Office, *, now: datetime) -> tuple[Slot, ...]:
    """
    Return the slots that are to have an issue, done or not: those that an entry's catch-up rule keeps.

    `all` keeps all, `latest` those of the entry's latest occasion, and `none` those that are not late yet.
    """
    return _merged(slot for entry in office.schedule for slot in _caught_up(office, entry, now=now))


def due(office: Office, *, now: datetime) -> tuple[Slot, ...]:
    """Return the wanted slots of which there is no pack, and no draft that waits for people."""
    return tuple(slot for slot in wanted(office, now=now) if standing(office, slot.key) is None)


def standing(office: Office, key: Key) -> Standing | None:
    """
    Return what lies on the disk of an issue: something that readers have or had, a draft, or nothing.

    A recalled issue counts as released: whether there is another version people decide. So does a pack
    that cannot be read, as making it anew would give readers a second one. A folder that tells no language
    counts for every language. Raises OSError where a folder cannot be looked at:
    what cannot be seen is not missing.
    """
    found = folder_of(office, key)
    return None if found is None else found[0]


def folder_of(office: Office, key: Key) -> tuple[Standing, Path] | None:
    """Return what lies on the disk of an issue, as `standing` does, and the folder of its newest version."""
    places: tuple[tuple[Standing, Path], ...] = (
        ("released", office.path(office.outputs)),
        ("draft", office.path(office.private) / "drafts"),
    )
    for state, root in places:
        folder = _newest(root / key.audience / key.briefing / key.area / key.period, office, key.language)
        if folder is not None:
            return state, folder
    return None


def coming(office: Office, *, now: datetime, number: int = 5) -> tuple[Coming, ...]:
    """Return the next occasions after `now` that ask for issues which were not due before, by time."""
    found: list[Slot] = []
    for entry in office.schedule:
        for moment, week in islice(
            _by_week(office, entry, after=_week_before(office, entry, now)), number + 2
        ):
            found += _of_week(office, entry, moment, week)
    grouped: dict[tuple[datetime, str, str], list[Key]] = {}
    for slot in _merged(found):
        if slot.due_at > now:
            grouped.setdefault((slot.due_at, slot.schedule, slot.key.period), []).append(slot.key)
    return tuple(sorted(Coming(*place, tuple(keys)) for place, keys in grouped.items()))[:number]


def _asked(office: Office, entry: Schedule, *, now: datetime) -> list[Slot]:
    oldest = now - timedelta(days=entry.oldest_days)
    found: list[Slot] = []
    for moment, week in _by_week(office, entry, after=_week_before(office, entry, oldest)):
        if moment > now:
            break
        if moment >= oldest:
            found += _of_week(office, entry, moment, week)
    return found


def _week_before(office: Office, entry: Schedule, moment: datetime) -> datetime:
    """
    Return the end of the second week before an instant, on the entry's clock.

    From there on whole weeks are looked at: an issue does not become due later as its first occasion ages.
    """
    zone = zone_of(office, entry)
    return _start(office.week_of(moment.astimezone(zone).date()).back(1), zone) - _INSTANT


def _caught_up(office: Office, entry: Schedule, *, now: datetime) -> list[Slot]:
    asked = _asked(office, entry, now=now)
    if entry.catch_up == "latest":
        last = max((slot.due_at for slot in asked), default=now)
        return [slot for slot in asked if slot.due_at == last]
    if entry.catch_up == "none":
        return [slot for slot in asked if slot.late_at > now]
    return asked


def _by_week(office: Office, entry: Schedule, *, after: datetime) -> Iterator[tuple[datetime, Week]]:
    """
    Yield (due at, week) for the first occasion after `after` in each of the weeks that have one.

    The day that the entry's own clock shows says which week that is, so that a change of the office's clock
    cannot move an occasion into another. Where the office's zone is behind, its week has not begun then, and
    the one before is not complete: the issue is due when it has.
    """
    zone = zone_of(office, entry)
    if entry.starts_on is not None:
        first = _instant(datetime.combine(entry.starts_on, time()), zone) - _INSTANT
        after = max(after, first)
    ahead, last = _from(entry, zone, after=after), None
    while True:
        moment = next(ahead, None)
        if moment is None:
            return
        week = office.week_of(moment.astimezone(zone).date())
        if week == last:  # go on with the next: an expression may come round every minute
            ahead = _from(entry, zone, after=_start(week.back(-1), zone) - _INSTANT)
            continue
        last = week
        yield max(moment, _start(week, office.zone)), week


def _of_week(office: Office, entry: Schedule, moment: datetime, week: Week) -> list[Slot]:
    period = (week.back(1) if entry.week == "last_complete" else week).slug
    late_at = moment + timedelta(minutes=entry.late_after_minutes)
    return [
        Slot(moment, Key(briefing, area, audience, period, language), entry.slug, late_at)
        for briefing, area, audience, language in issues_of(office, entry)
    ]


def _merged(found: Iterable[Slot]) -> tuple[Slot, ...]:
    first: dict[Key, Slot] = {}
    for slot in found:
        there = first.get(slot.key)
        if there is None or slot < there:
            first[slot.key] = slot
    return tuple(sorted(first.values(), key=lambda slot: slot.due_at))  # of one time, as configured


def _from(entry: Schedule, zone: ZoneInfo, *, after: datetime) -> Iterator[datetime]:
    """Yield an entry's occasions after `after`, in UTC, each later than the one before."""
    from cronsim import CronSim, CronSimError

    try:
        # cronsim is given the wall clock without its zone: its own way with zones differs between
        # expressions with and without `*`, and leaves an hour out or doubles it for some of them
        wall = CronSim(entry.cron, after.astimezone(zone).replace(tzinfo=None, fold=0) - timedelta(seconds=1))
    except CronSimError as problem:
        raise ConfigurationError(
            f'[[schedule]] "{entry.slug}": cron "{entry.cron}" never comes round ({problem}). Write minute, '
            "hour, day, month and weekday, such as 0 6 * * MON"
        ) from None
    last = after
    for shown in wall:
        moment = _instant(shown, zone)
        if moment > last:
            last = moment
            yield moment


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) at which a clock of `zone` shows `wall`, or has skipped it."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:  # shown once, or twice (PEP 495)
        return first
    # skipped: the clock is put forward between the two instants
    before, offset = second, second.astimezone(zone).utcoffset()
    while first - before > timedelta(milliseconds=1):
        middle = before + (first - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            first = middle
    return first.replace(microsecond=0)  # the clock is put forward at a whole second


def _start(week: Week, zone: ZoneInfo) -> datetime:
    """Return the instant at which a week begins in a time zone."""
    return _instant(datetime.combine(week.first_day, time()), zone)


def _newest(period: Path, office: Office, language: str) -> Path | None:
    try:
        named = [(one, _VERSION.fullmatch(one.name)) for one in period.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return None
    found = [
        (int(name[1]), one)
        for one, name in named
        if name and (name[2] == language if name[2] else _may_be(one, office, language))
    ]
    return max(found)[1] if found else None


def _may_be(version: Path, office: Office, language: str) -> bool:
    """Whether a pack whose folder names no language is in this one: such are in the office's first."""
    if language == office.languages[0]:
        return True
    for name in _SAID_IN:
        try:
            said = json.loads((version / name).read_bytes())
        except (OSError, ValueError):
            continue
        told = said.get("language") if isinstance(said, dict) else None
        return told in (None, language)
    return True
