"""What reached its readers when, and how long after it was due; and what is put back in line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workbench import audit
from workbench.config import Office
from workbench.errors import ParameterError
from workbench.schedule._due import slots
from workbench.schedule._facts import Entry, Key, Slot
from workbench.schedule._ledger import Ledger
from workbench.schedule._overdue import seen

_GIVEN = frozenset({"released", "corrected"})
_EDITION = re.compile(
    r"(?P<audience>[^/]+)/(?P<briefing>[^/]+)/(?P<area>[^/]+)/(?P<period>[^/]+)/v\d+-(?P<language>.+)"
)


@dataclass(frozen=True)
class Past:
    """
    One issue that was due: when its readers first had it, None if they have not, and after how many tries.

    `made_at` is when the scheduler had finished it, also as a draft. `late`: readers had it only after its
    alarm, or its alarm time is over and they have it not.
    """

    slot: Slot
    published_at: datetime | None
    made_at: datetime | None
    attempts: int
    late: bool

    @property
    def delay(self) -> timedelta | None:
        """How long after it was due readers had it; None if they have it not."""
        return None if self.published_at is None else self.published_at - self.slot.due_at


@dataclass(frozen=True)
class Chosen:
    """Which issues are meant: those of these briefings, areas, audiences and week; nothing said is all."""

    briefings: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    week: str | None = None

    def checked(self, office: Office) -> Chosen:
        """Return the choice itself; raises UnknownName and ParameterError for what the office has not."""
        for slug in self.briefings:
            office.briefing_called(slug)
        for slug in self.areas:
            office.area_called(slug)
        for slug in self.audiences:
            office.audience_called(slug)
        if self.week is not None:
            office.week(self.week)
        return self

    def takes(self, key: Key) -> bool:
        """Whether an issue is among those that are meant."""
        return (
            key.briefing in (self.briefings or (key.briefing,))
            and key.area in (self.areas or (key.area,))
            and key.audience in (self.audiences or (key.audience,))
            and key.period == (self.week or key.period)
        )


def history(office: Office, *, now: datetime, chosen: Chosen, newest: int = 20) -> tuple[Past, ...]:
    """
    Return what was due, the latest first: from the ledger, the schedule and the acts of release.

    Raises UnknownName for a name the office has not, StoreError where the audit log is broken.
    """
    chosen.checked(office)
    entries = {one.slot.key: one for one in _ledger(office).entries()}
    known = {one.slot.key: one.slot for one in entries.values()}
    known = {slot.key: slot for slot in slots(office, now=now)} | known
    given = _given(office)
    taken = sorted((slot for key, slot in known.items() if chosen.takes(key)), key=_latest_first)
    return tuple(
        _past(slot, entries.get(slot.key), given.get(slot.key), now) for slot in taken[: max(0, newest)]
    )


def retry(office: Office, *, now: datetime, chosen: Chosen, every: bool) -> tuple[Key, ...]:
    """
    Put failed and given up issues of the choice back in line at once, and return them.

    One that has come about since is left alone. Raises UnknownName for a name the office has not,
    ParameterError where nothing is chosen and not `every` issue is meant, or both.
    """
    if (chosen == Chosen()) != every:
        raise ParameterError(
            "Name what to try again (briefings, --area, --audience, --week), or give --all: one of the two. "
            "For example: workbench retry weekly_conflict"
        )
    chosen.checked(office)
    ledger = _ledger(office)
    stuck = [
        one.slot.key
        for one in ledger.entries()
        if one.state in ("failed", "given_up")
        and chosen.takes(one.slot.key)
        and seen(office, one.slot.key) in ("missing", "unseen")
    ]
    return ledger.retry(stuck, now=now) if stuck else ()


def history_json(found: Iterable[Past]) -> list[dict[str, Any]]:
    """Return a history for programs; these keys stay as they are, and new ones may come beside them."""
    return [
        {
            "briefing": one.slot.key.briefing, "area": one.slot.key.area, "audience": one.slot.key.audience,
            "week": one.slot.key.period, "language": one.slot.key.language, "schedule": one.slot.schedule,
            "due_at": _instant(one.slot.due_at), "published_at": _instant(one.published_at),
            "made_at": _instant(one.made_at), "attempts": one.attempts, "late": one.late,
        }
        for one in found
    ]  # fmt: skip


def _ledger(office: Office) -> Ledger:
    return Ledger(office.path(office.scheduler.ledger))


def _past(slot: Slot, entry: Entry | None, published_at: datetime | None, now: datetime) -> Past:
    return Past(
        slot=slot,
        published_at=published_at,
        made_at=entry.finished_at if entry and entry.state == "done" else None,
        attempts=entry.attempts if entry else 0,
        late=(published_at or now) > slot.late_at,
    )


def _given(office: Office) -> dict[Key, datetime]:
    """Return when readers first had each issue, by the audit log; a later version does not count."""
    first: dict[Key, datetime] = {}
    for act in audit.acts(office):
        named = _EDITION.fullmatch(str(act.ids.get("edition", ""))) if act.act in _GIVEN else None
        if named:
            key = Key(**named.groupdict())
            first[key] = min(act.at, first.get(key, act.at))
    return first


def _latest_first(slot: Slot) -> tuple[float, Key]:
    return -slot.due_at.timestamp(), slot.key


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
