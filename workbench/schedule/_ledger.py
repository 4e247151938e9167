"""The ledger: who works on which issue, how often it was tried, and what came of it; one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from workbench.errors import StorageFull, UserError
from workbench.schedule._facts import Entry, Failure, Key, Slot, State
from workbench.schedule._owner import is_gone

_BUSY_SECONDS = 30.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=10)
"""By how much the clocks of two machines may differ: what was written later than that is of a wrong clock."""

_LEASE_SECONDS = 900.0
"""How long a lease is that nobody said the length of."""

_WAITING, _RUNNING, _DONE, _FAILED, _GIVEN_UP = "waiting", "running", "done", "failed", "given_up"
_KEY = ("briefing", "area", "audience", "period", "language")
_WHERE = " AND ".join(f"{name} = :{name}" for name in _KEY)
_INSTANTS = ("due_at", "late_at", "leased_until", "next_try_at", "finished_at", "written_at")
_VERSION = 1
_SCHEMA = """
CREATE TABLE entry (
  briefing TEXT NOT NULL, area TEXT NOT NULL, audience TEXT NOT NULL, period TEXT NOT NULL,
  language TEXT NOT NULL, schedule TEXT NOT NULL, due_at INTEGER NOT NULL, late_at INTEGER NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, token INTEGER NOT NULL, owner TEXT NOT NULL,
  leased_until INTEGER, next_try_at INTEGER, pack TEXT NOT NULL, finished_at INTEGER,
  late INTEGER NOT NULL, failure TEXT, as_of INTEGER, written_at INTEGER NOT NULL,
  PRIMARY KEY (briefing, area, audience, period, language)
)
"""
_PUT = (
    "INSERT OR REPLACE INTO entry (briefing, area, audience, period, language, schedule, due_at, late_at, "
    "state, attempts, token, owner, leased_until, next_try_at, pack, finished_at, late, failure, as_of, "
    "written_at) "
    "VALUES (:briefing, :area, :audience, :period, :language, :schedule, :due_at, :late_at, :state, "
    ":attempts, :token, :owner, :leased_until, :next_try_at, :pack, :finished_at, :late, :failure, "
    ":as_of, :written_at)"
)


@dataclass(frozen=True)
class Lease:
    """
    The right to work on an issue until `until` (UTC), or until somebody else was given it.

    `token` tells it from every lease before and after; `attempt` counts the tries of the issue, without
    those that were cut off with their process. `as_of`: what the last try that came so far was made from.
    """

    slot: Slot
    owner: str
    token: int
    attempt: int
    until: datetime
    as_of: datetime | None = None


class Ledger:
    """
    The scheduler's memory, a file on a local disk.

    Nothing in it decides whether an issue is due (that is seen on the disk), so a file that is damaged is
    put aside beside a new one, and only what was tried so far is lost. Several processes may use it at once;
    every call is one transaction. Instants are aware; `now` is the caller's clock. Raises StorageFull if the
    disk is full, and UserError if the file cannot be used for another reason.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def claim(self, slots: Iterable[Slot], *, owner: str, now: datetime, seconds: float) -> tuple[Lease, ...]:
        """
        Take those of the slots that nobody works on and whose pause is over, for so many seconds.

        One that somebody works on is free when that lease has run out, lies further in the future than any
        lease can, or its owner was a process of this machine that is gone. One that was given up is never
        taken (`retry`); one that is done is, as it is due only if its pack is there no more.
        """
        taken = []
        with self._changing() as connection:
            token = max(_number(connection, "SELECT max(token) FROM entry"), _stamp(now))
            for slot in slots:
                row = _row(connection, slot.key)
                if row is not None and not _is_free(row, now=now, seconds=seconds):
                    continue
                tried = 0 if row is None or row["state"] == _DONE else row["attempts"]
                attempt = tried + (row is None or row["state"] != _RUNNING)
                token += 1
                until = now + timedelta(seconds=seconds)
                last, as_of = None, None
                if row is not None and row["state"] != _DONE:
                    last, as_of = row["failure"], row["as_of"]
                entry = _plain(slot, now) | {
                    "state": _RUNNING, "attempts": attempt, "token": token, "owner": owner,
                    "leased_until": _stamp(until), "failure": last, "as_of": as_of,
                }  # fmt: skip
                connection.execute(_PUT, entry)
                known = None if as_of is None else _moment(as_of)
                taken.append(Lease(slot, owner, token, attempt, until, known))
        return tuple(taken)

    def begin(self, lease: Lease, *, as_of: datetime, now: datetime) -> bool:
        """Note what an issue is made from now, before anything of it is; False if the lease is lost."""
        with self._changing() as connection:
            row = _row(connection, lease.slot.key)
            if row is None or not _is_of(row, lease):
                return False
            connection.execute(_PUT, dict(row) | {"as_of": _stamp(as_of), "written_at": _stamp(now)})
            return True

    def renew(self, leases: Iterable[Lease], *, now: datetime, seconds: float) -> tuple[Lease, ...]:
        """Return those leases that still hold, for so many seconds from now; also one that had run out."""
        until = now + timedelta(seconds=seconds)
        kept = []
        with self._changing() as connection:
            for lease in leases:
                changed = connection.execute(
                    f"UPDATE entry SET leased_until = :until, written_at = :now WHERE {_WHERE} "  # noqa: S608  # names of columns only
                    "AND state = 'running' AND token = :token AND owner = :owner",
                    _named(lease) | {"until": _stamp(until), "now": _stamp(now)},
                )
                if changed.rowcount:
                    kept.append(replace(lease, until=until))
        return tuple(kept)

    def holds(self, lease: Lease) -> bool:
        """Whether nobody else was given the issue since; a lease that has only run out holds still."""
        with self._reading() as connection:
            row = _row(connection, lease.slot.key)
        return row is not None and _is_of(row, lease)

    def done(self, lease: Lease, *, now: datetime, pack: str, finished_at: datetime | None = None) -> bool:
        """
        Note that the issue is there, and where; late if that was after its alarm. False if the lease is lost.

        `pack` is a folder under the office's, as POSIX. `finished_at` is now, unless it was found finished.
        """
        finished = finished_at or now
        return self._end(
            lease, now, state=_DONE, pack=pack, finished_at=_stamp(finished),
            late=int(finished > lease.slot.late_at), failure=None,
        )  # fmt: skip

    def failed(self, lease: Lease, failure: Failure, *, now: datetime, next_try_at: datetime | None) -> bool:
        """Note why there is no issue, and when to try again; with no such moment it is given up."""
        return self._end(
            lease, now, state=_FAILED if next_try_at else _GIVEN_UP,
            next_try_at=_stamp(next_try_at) if next_try_at else None, failure=_written(failure),
        )  # fmt: skip

    def release(self, leases: Iterable[Lease], *, now: datetime) -> None:
        """Give leases back undone, as if they had never been taken: the work was stopped before."""
        for lease in leases:
            self._end(lease, now, state=_WAITING, attempts=lease.attempt - 1)

    def note(self, found: Mapping[Slot, tuple[str, datetime]], *, now: datetime) -> None:
        """
        Note issues that were found on the disk, with their folders and when they were made.

        Somebody else made them, or a process that was killed before it could say so. What somebody works on
        is left alone. Of a killed process, the last that is known is when it renewed its lease.
        """
        with self._changing() as connection:
            for slot, (pack, made_at) in found.items():
                row = _row(connection, slot.key)
                at = _stamp(made_at)
                if row is not None and row["state"] == _RUNNING:
                    if not _is_free(row, now=now, seconds=_LEASE_SECONDS):
                        continue
                    at = row["written_at"]
                elif row is not None and row["state"] == _DONE:
                    continue
                finished = max(_stamp(slot.due_at), min(at, _stamp(now)))
                before = {} if row is None else {"attempts": row["attempts"], "token": row["token"]}
                ended = {"state": _DONE, "pack": pack, "finished_at": finished}
                late = {"late": int(finished > _stamp(slot.late_at))}
                connection.execute(_PUT, _plain(slot, now) | before | ended | late)

    def entries(self, keys: Iterable[Key] | None = None, *, newest: int | None = None) -> tuple[Entry, ...]:
        """Return what is known of these issues, of all if None: the latest due first, at most `newest`."""
        if not self.file.exists():
            return ()
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM entry ORDER BY due_at DESC, briefing, area, audience, period, language"
            ).fetchall()
        asked = None if keys is None else set(keys)
        found = (_entry(row) for row in rows)
        return tuple(one for one in found if asked is None or one.slot.key in asked)[:newest]

    def retry(self, keys: Iterable[Key], *, now: datetime) -> tuple[Key, ...]:
        """Make failed and given up issues free at once, with all their tries before them; return them."""
        freed = []
        with self._changing() as connection:
            for key in keys:
                changed = connection.execute(
                    "UPDATE entry SET state = 'waiting', attempts = 0, next_try_at = NULL, written_at = :now "  # noqa: S608  # names of columns only
                    f"WHERE {_WHERE} AND state IN ('failed', 'given_up')",
                    asdict(key) | {"now": _stamp(now)},
                )
                if changed.rowcount:
                    freed.append(key)
        return tuple(freed)

    def forget(self, before: datetime) -> int:
        """Drop what was due before an instant and is not being worked on; return how many."""
        if not self.file.exists():
            return 0
        with self._changing() as connection:
            return connection.execute(
                "DELETE FROM entry WHERE due_at < ? AND state <> 'running'", (_stamp(before),)
            ).rowcount

    def _end(self, lease: Lease, now: datetime, **ended: Any) -> bool:
        with self._changing() as connection:
            row = _row(connection, lease.slot.key)
            if row is None or not _is_of(row, lease):
                return False
            free = {"owner": "", "leased_until": None, "next_try_at": None, "written_at": _stamp(now)}
            connection.execute(_PUT, dict(row) | free | ended)
            return True

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._told(), closing(self._opened()) as connection:
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction that nobody else writes beside; undone if it raises."""
        with self._told(), closing(self._opened()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def _opened(self) -> sqlite3.Connection:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return _connected(self.file)
        except sqlite3.DatabaseError as problem:
            if isinstance(problem, sqlite3.OperationalError):  # locked, full, no such folder: not damaged
                raise
            return self._begun_anew(str(problem))

    def _begun_anew(self, reason: str) -> sqlite3.Connection:
        """Keep a damaged ledger beside a new one, with the reason; it is only history."""
        from filelock import FileLock

        with FileLock(self.file.with_name(f"{self.file.name}.lock"), timeout=_BUSY_SECONDS):
            try:
                return _connected(self.file)  # another process was faster
            except sqlite3.DatabaseError:
                kept = self.file.with_name(f"{self.file.name}.damaged-{self.file.stat().st_mtime_ns:x}")
                self.file.replace(kept)
                # a journal of the damaged file must not be played into the new one
                self.file.with_name(f"{self.file.name}-journal").unlink(missing_ok=True)
                with suppress(OSError):
                    kept.with_name(f"{kept.name}.txt").write_text(f"{reason}\n", encoding="utf-8")
                return _connected(self.file)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as problem:
            full = StorageFull.of(problem, self.file.parent) or StorageFull.seen(self.file.parent)
            if full is not None:
                raise full from None
            raise UserError(
                f"The scheduler's ledger {self.file} cannot be used ({type(problem).__name__}). See that its "
                "folder is on a local disk and can be written, and that no other program holds the file."
            ) from problem


def _connected(file: Path) -> sqlite3.Connection:
    """Return a connection in autocommit mode to a ledger that is sound, with its table."""
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        # a write-ahead log could be damaged by several writers until SQLite 3.51.3
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        if _number(connection, "PRAGMA user_version") != _VERSION:
            connection.execute("BEGIN IMMEDIATE")
            if _number(connection, "PRAGMA user_version") == 0:
                connection.execute(_SCHEMA)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("COMMIT")
        if _number(connection, "PRAGMA user_version") != _VERSION:
            raise sqlite3.DatabaseError("the ledger was written by another version of the workbench")
        sound = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if sound != "ok":
            raise sqlite3.DatabaseError("the file is damaged")
    except BaseException:
        connection.close()
        raise
    return connection


def _is_free(row: sqlite3.Row, *, now: datetime, seconds: float) -> bool:
    at = _stamp(now)
    if row["state"] == _RUNNING:
        longest = at + 2 * round(seconds * 1_000_000) + _micro(_SKEW)
        return not at < (row["leased_until"] or 0) <= longest or is_gone(row["owner"])
    if row["state"] == _FAILED:
        # written by a clock that was ahead: its pause would last until the clock is there again
        return (row["next_try_at"] or 0) <= at or row["written_at"] > at + _micro(_SKEW)
    return bool(row["state"] != _GIVEN_UP)


def _is_of(row: sqlite3.Row, lease: Lease) -> bool:
    return (row["state"], row["token"], row["owner"]) == (_RUNNING, lease.token, lease.owner)


def _row(connection: sqlite3.Connection, key: Key) -> sqlite3.Row | None:
    found: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM entry WHERE {_WHERE}", asdict(key)  # noqa: S608  # names of columns only
    ).fetchone()  # fmt: skip
    return found


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0] or 0)


def _named(lease: Lease) -> dict[str, Any]:
    return asdict(lease.slot.key) | {"token": lease.token, "owner": lease.owner}


def _plain(slot: Slot, now: datetime) -> dict[str, Any]:
    """Return the row of an issue that nobody has tried."""
    return asdict(slot.key) | {
        "schedule": slot.schedule, "due_at": _stamp(slot.due_at), "late_at": _stamp(slot.late_at),
        "state": _WAITING, "attempts": 0, "token": 0, "owner": "", "leased_until": None,
        "next_try_at": None, "pack": "", "finished_at": None, "late": 0, "failure": None, "as_of": None,
        "written_at": _stamp(now),
    }  # fmt: skip


def _entry(row: sqlite3.Row) -> Entry:
    at = {name: None if row[name] is None else _moment(row[name]) for name in _INSTANTS}
    key = Key(*(row[name] for name in _KEY))
    slot = Slot(_moment(row["due_at"]), key, row["schedule"], _moment(row["late_at"]))
    state: State = row["state"]
    return Entry(
        slot=slot, state=state, attempts=row["attempts"], token=row["token"], owner=row["owner"],
        leased_until=at["leased_until"], next_try_at=at["next_try_at"], pack=row["pack"],
        finished_at=at["finished_at"], late=bool(row["late"]), failure=_read(row["failure"]),
    )  # fmt: skip


def _written(failure: Failure) -> str:
    return json.dumps(asdict(failure) | {"at": failure.at.astimezone(UTC).isoformat()}, sort_keys=True)


def _read(text: str | None) -> Failure | None:
    if text is None:
        return None
    try:
        said = json.loads(text)
        return Failure(**said | {"at": datetime.fromisoformat(said["at"])})
    except (ValueError, TypeError, KeyError):  # written by a later version
        return None


def _stamp(moment: datetime) -> int:
    """Return an instant as microseconds since 1970, exactly."""
    return _micro(moment - _EPOCH)


def _micro(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _moment(stamp: int) -> datetime:
    return _EPOCH + timedelta(microseconds=stamp)
