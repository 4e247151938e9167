"""The dead-man's alarm: from the configuration, the packs on the disk and the heartbeat alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from workbench.config import Office
from workbench.errors import WorkbenchError
from workbench.schedule._heartbeat import NAME, folder
from workbench.schedule._overdue import Late, late

_LEAST_SHARE = 0.05
_LEAST_BYTES = 500_000_000

LedgerState = Literal["none", "in use", "sound", "damaged"]


@dataclass(frozen=True)
class Disk:
    """Free room where a folder of the office lies: bytes, and its share of the disk, 0 to 1."""

    folder: str
    free: int
    share: float

    @property
    def nearly_full(self) -> bool:
        """Whether less than 5 % or less than 500 MB are free."""
        return self.share < _LEAST_SHARE or self.free < _LEAST_BYTES


@dataclass(frozen=True)
class Health:
    """
    How an office's issues and its scheduler are, at an instant.

    `late` are issues past their alarm, overtaken ones too; `heartbeat_at` is the last sign of life of a
    tick, None if there never was one; `failed_deliveries` counts messages and copies that did
    not go out, None where that cannot be told; `ledger` is `none` where there is no file
    yet, `in use` where a transaction is under way.
    """

    at: datetime
    scheduled: bool
    late: tuple[Late, ...]
    heartbeat_at: datetime | None
    expected: timedelta
    failed_deliveries: int | None
    disks: tuple[Disk, ...]
    ledger: LedgerState

    @property
    def overdue(self) -> tuple[Late, ...]:
        """The issues that raise the alarm."""
        return tuple(one for one in self.late if not one.overtaken)

    @property
    def silent(self) -> bool:
        """Whether no tick was heard of for twice as long as expected, or the last is of the future."""
        if not self.scheduled:
            return False
        if self.heartbeat_at is None:
            return True
        return abs(self.at - self.heartbeat_at) > 2 * self.expected

    @property
    def well(self) -> bool:
        """Whether nothing raises the alarm."""
        full = any(disk.nearly_full for disk in self.disks)
        sent = self.failed_deliveries == 0  # not None: what cannot be told is not well
        return sent and not (self.overdue or self.silent or full or self.ledger == "damaged")


def health(
    office: Office, *, now: datetime, room: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
) -> Health:
    """
    Return how the office is, without any lock and without the ledger's word on what is done.

    `room` tells total, used and free bytes where a path lies. An office without [[schedule]] has nothing
    that could be late and expects no tick; its disks and deliveries are looked at all the same.
    """
    scheduled = bool(office.schedule)
    return Health(
        at=now,
        scheduled=scheduled,
        late=late(office, now=now) if scheduled else (),
        heartbeat_at=heartbeat(office),
        expected=timedelta(minutes=office.scheduler.heartbeat_minutes),
        failed_deliveries=_failed_deliveries(office),
        disks=_disks(office, room),
        ledger=ledger_state(office.path(office.scheduler.ledger)),
    )


def _failed_deliveries(office: Office) -> int | None:
    if not office.delivery:
        return 0
    from workbench import outbox  # it can make messages, and takes its time to load

    try:
        return len(outbox.failures(office))
    except (WorkbenchError, OSError):
        return None


def heartbeat(office: Office) -> datetime | None:
    """Return when a tick last gave a sign of life (UTC), None where none ever did or it cannot be read."""
    try:
        said = json.loads((folder(office) / NAME).read_bytes())
        moment = datetime.fromisoformat(said["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def ledger_state(file: Path) -> LedgerState:
    """
    Return whether a ledger is sound, without a lock: as the file lies there, if nobody is writing it.

    While its journal is there a transaction is under way, or was cut off and is undone by the next tick:
    then the file alone says nothing.
    """
    journal = file.with_name(f"{file.name}-journal")
    for _ in range(3):
        if not file.is_file():
            return "none"
        before = file.stat().st_mtime_ns
        if journal.exists():
            return "in use"
        damaged = _is_damaged(file)
        if not journal.exists() and file.is_file() and file.stat().st_mtime_ns == before:
            return "damaged" if damaged else "sound"
    return "in use"


def _is_damaged(file: Path) -> bool:
    try:
        address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return True
            # a file of zero length is a ledger that was just begun
            named = connection.execute("SELECT name FROM sqlite_master WHERE name = 'entry'").fetchone()
            return named is None and file.stat().st_size > 0
    except (sqlite3.Error, OSError):
        return True


def _disks(office: Office, room: Callable[[Path], tuple[int, int, int]]) -> tuple[Disk, ...]:
    places = {"outputs": office.path(office.outputs), "private": office.path(office.private)}
    if not office.store_is_remote:
        places["store"] = office.path(office.store)
    found = []
    for name, place in places.items():
        there = next((one for one in (place, *place.parents) if one.exists()), place)
        try:
            total, _, free = room(there)
        except OSError:
            total, free = 0, 0
        found.append(Disk(name, free, free / total if total else 0.0))
    return tuple(found)


def health_json(state: Health) -> dict[str, Any]:
    """Return a state for programs; these keys stay as they are, and new ones may come beside them."""
    return {
        "at": _instant(state.at),
        "well": state.well,
        "scheduled": state.scheduled,
        "heartbeat": {
            "at": _instant(state.heartbeat_at),
            "expected_minutes": int(state.expected.total_seconds() // 60),
            "silent": state.silent,
        },
        "overdue": [_plain(one) for one in state.overdue],
        "overtaken": [_plain(one) for one in state.late if one.overtaken],
        "failed_deliveries": state.failed_deliveries,
        "disks": [
            {
                "folder": one.folder, "free_bytes": one.free, "free_share": round(one.share, 4),
                "nearly_full": one.nearly_full,
            }
            for one in state.disks
        ],
        "ledger": state.ledger,
    }  # fmt: skip


def _plain(one: Late) -> dict[str, Any]:
    key = one.slot.key
    return {
        "briefing": key.briefing, "area": key.area, "audience": key.audience, "week": key.period,
        "language": key.language, "schedule": one.slot.schedule, "due_at": _instant(one.slot.due_at),
        "late_at": _instant(one.slot.late_at), "state": one.state, "people": one.people,
    }  # fmt: skip


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
