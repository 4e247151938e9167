"""How far the scheduler is: what is due, being made, waiting for people, done, late or failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from workbench.config import Office
from workbench.schedule._due import Coming, coming, slots, wanted, zone_of
from workbench.schedule._facts import Entry, Key, Slot
from workbench.schedule._ledger import Ledger
from workbench.schedule._overdue import late as overdue_of
from workbench.schedule._overdue import people_awaited, seen
from workbench.schedule._owner import is_gone
from workbench.schedule._pages import plain

StateWord = Literal[
    "due", "running", "waits_for_people", "done", "failed", "given_up", "missed", "unseen"
]  # fmt: skip


@dataclass(frozen=True)
class Line:
    """
    One issue: its state, whether its alarm time is over without it, and what the ledger knows of it.

    `failed` has a next try, `given_up` has none; `missed` is one that the entry's rule does not catch up on
    and that raises the alarm until readers have a later one; `unseen` is one whose folder cannot be looked
    at. `people` must still release a draft.
    """

    slot: Slot
    state: StateWord
    late: bool
    people: int = 0
    entry: Entry | None = None


@dataclass(frozen=True)
class Status:
    """The issues that the schedule asks for now, the earliest due first, and what comes next."""

    at: datetime
    lines: tuple[Line, ...]
    coming: tuple[Coming, ...]


def status(office: Office, *, now: datetime, number: int = 5) -> Status:
    """
    Return what the schedule asks for, with what is being made, and the next `number` occasions.

    Whether an issue is there is seen on the disk; who works on it and why it failed is the ledger's word.
    """
    known = {one.slot.key: one for one in Ledger(office.path(office.scheduler.ledger)).entries()}
    asked = {slot.key: slot for slot in wanted(office, now=now)}
    for slot in slots(office, now=now):  # drafts and failures of before that stand
        entry = known.get(slot.key)
        if slot.key not in asked and (_works(entry, now) or seen(office, slot.key) == "draft"):
            asked[slot.key] = slot
    for key, entry in known.items():
        if key not in asked and _works(entry, now):
            asked[key] = entry.slot
    missed = {
        one.slot.key: Line(one.slot, "missed", late=True, entry=known.get(one.slot.key))
        for one in overdue_of(office, now=now)
        if one.by_hand and not one.overtaken and one.slot.key not in asked
    }
    ordered = sorted(asked.values(), key=lambda slot: slot.due_at)
    lines = [_line(office, slot, known.get(slot.key), now) for slot in ordered]
    lines = sorted([*missed.values(), *lines], key=lambda one: one.slot.due_at)
    return Status(now, tuple(lines), coming(office, now=now, number=number))


def _line(office: Office, slot: Slot, entry: Entry | None, now: datetime) -> Line:
    there = seen(office, slot.key)
    late = slot.late_at < now and there != "released"
    if there == "released":
        return Line(slot, "done", late, entry=entry)
    if _works(entry, now):
        return Line(slot, "running", late, entry=entry)
    if there == "draft":
        return Line(slot, "waits_for_people", late, people_awaited(office, slot.key), entry)
    if there == "unseen":
        return Line(slot, "unseen", late, entry=entry)
    if entry is not None and entry.state in ("failed", "given_up"):
        return Line(slot, "failed" if entry.state == "failed" else "given_up", late, entry=entry)
    return Line(slot, "due", late, entry=entry)


def _works(entry: Entry | None, now: datetime) -> bool:
    """Whether somebody works on an issue now: their lease runs, and they are not known to be gone."""
    if entry is None or entry.state != "running":
        return False
    return entry.leased_until is not None and entry.leased_until > now and not is_gone(entry.owner)


def owner_said(owner: str) -> str:
    """Return who holds a lease, in words: `process 4711 on desk-2, since 2026-11-16 05:00 UTC`."""
    machine, _, rest = owner.partition("|")
    number, _, began = rest.partition("|")
    try:
        since = datetime.fromtimestamp(float(began), UTC)
    except (ValueError, OverflowError, OSError):
        return owner  # a name that somebody else gave
    return f"process {number} on {machine.partition('[')[0]}, since {since:%Y-%m-%d %H:%M} UTC"


def coming_said(one: Coming, office: Office) -> tuple[str, ...]:
    """
    Return an occasion to come in plain words: one line, or one for each set of areas with its briefings.

    `Mon 23 Nov 06:00 Africa/Kinshasa: weekly_conflict for north, week 2026-W47, 5 editions`
    """
    zones = {entry.slug: zone_of(office, entry) for entry in office.schedule}
    when = plain(one.due_at, zones.get(one.schedule, office.zone))
    areas: dict[str, dict[str, int]] = {}
    for key in one.keys:
        counted = areas.setdefault(key.briefing, {})
        counted[key.area] = counted.get(key.area, 0) + 1
    places: dict[tuple[str, ...], list[str]] = {}
    for briefing, counted in areas.items():
        places.setdefault(tuple(counted), []).append(briefing)
    told = []
    for where, briefings in places.items():
        number = sum(sum(areas[briefing].values()) for briefing in briefings)
        told.append(
            f"{when}: {', '.join(briefings)} for {', '.join(where)}, week {one.period}, "
            f"{number} {'edition' if number == 1 else 'editions'}"
        )
    return tuple(told)


def status_json(found: Status, office: Office) -> dict[str, Any]:
    """Return a status for programs; these keys stay as they are, and new ones may come beside them."""
    return {
        "at": _instant(found.at),
        "issues": [_plain_line(one) for one in found.lines],
        "coming": [
            {
                "due_at": _instant(one.due_at), "schedule": one.schedule, "week": one.period,
                "issues": [_named(key) for key in one.keys], "text": list(coming_said(one, office)),
            }
            for one in found.coming
        ],
    }  # fmt: skip


def _plain_line(one: Line) -> dict[str, Any]:
    entry = one.entry
    failure = entry.failure if entry and one.state in ("failed", "given_up") else None
    return {
        **_named(one.slot.key), "week": one.slot.key.period, "schedule": one.slot.schedule,
        "due_at": _instant(one.slot.due_at), "late_at": _instant(one.slot.late_at), "state": one.state,
        "late": one.late, "people": one.people, "attempts": entry.attempts if entry else 0,
        "owner": entry.owner if entry and one.state == "running" else "",
        "next_try_at": _instant(entry.next_try_at) if entry and one.state == "failed" else None,
        "step": failure.step if failure else None, "exception": failure.exception if failure else None,
    }  # fmt: skip


def _named(key: Key) -> dict[str, str]:
    return {
        "briefing": key.briefing,
        "area": key.area,
        "audience": key.audience,
        "language": key.language,
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
