"""
The outbox's ledger: what was sent to whom, `<private>/outbox.sqlite`; ids only, never an address.

An entry is about one pack (the digest of its manifest), one [[delivery]] and one reader (a pseudonym).
It is written before a message leaves, and again at two moments of the dialogue with the server:

  sending   before anything is said to the server
  handing   when the server has the whole message but its last line, which alone makes it count
  sent      after the server's 250

A run that is killed while an entry is `sending` has not delivered: a server throws away a message without
its end, so it is sent again, and no issue is lost. One killed while it is `handing` may have delivered.
Sent again it could come twice, held back it could be lost, and no one but the reader can tell: it becomes
`unknown`, analysts are told, and a person says which (`--arrived`, `--again`). A message sent again has
the same Message-ID, so a reader's program can show both as one.

SQLite with a rollback journal and full synchronisation: what is committed outlasts a power cut. A
damaged ledger is set aside and begun anew from the audit log, which holds all that was sent; what was
unknown until then goes once more.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench import audit
from workbench.config import Office
from workbench.errors import StorageFull, UserError
from workbench.outbox._facts import OPEN, State, Undelivered, What

NAME = "outbox.sqlite"

_SCHEMA = (
    """
CREATE TABLE entry (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  pack TEXT NOT NULL, delivery TEXT NOT NULL, recipient TEXT NOT NULL, what TEXT NOT NULL,
  edition TEXT NOT NULL, message TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
  attempts INTEGER NOT NULL, next_try_at TEXT, told TEXT NOT NULL, logged INTEGER NOT NULL,
  UNIQUE (pack, delivery, recipient, what)
)""",
    """
CREATE TABLE copy (
  delivery TEXT NOT NULL, place TEXT NOT NULL, holds TEXT NOT NULL, digest TEXT NOT NULL,
  PRIMARY KEY (delivery, place)
)""",
    "PRAGMA user_version = 1",
)
_COLUMNS = (
    "number, pack, delivery, recipient, what, edition, message, state, reason, attempts, next_try_at, told, "
    "logged"
)


class Damaged(UserError):
    """The ledger cannot be read any more; the next dispatch sets it aside."""


@dataclass(frozen=True)
class Key:
    """What an entry is about; `pack` is the SHA-256 of a manifest, `recipient` a pseudonym."""

    pack: str
    delivery: str
    recipient: str
    what: What


@dataclass(frozen=True)
class Entry:
    """One entry. `message` is the Message-ID, `told` the state that analysts were told of."""

    number: int
    key: Key
    edition: str
    message: str
    state: State
    reason: str
    attempts: int
    next_try_at: datetime | None
    told: str
    logged: bool

    @property
    def undelivered(self) -> Undelivered:
        """The entry as others are told of it."""
        return Undelivered(
            self.number, self.key.delivery, self.key.what, self.edition, self.key.recipient, self.state,
            self.reason, self.attempts, self.next_try_at,
        )  # fmt: skip


def file_of(office: Office) -> Path:
    """Return where the ledger of an office lies."""
    return office.path(office.private) / NAME


class Ledger:
    """The ledger in a file; one connection for each call, and each call whole or not at all."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def begun(self) -> bool:
        """Whether there is a ledger; one whose making was killed is none."""
        if not self._file.is_file():
            return False
        with self._open(writing=False) as base:
            return bool(base.execute("PRAGMA user_version").fetchone()[0])

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry, oldest first; none where there is no ledger."""
        if not self.begun():
            return ()
        with self._open(writing=False) as base:
            return tuple(map(_entry, base.execute(f"SELECT {_COLUMNS} FROM entry ORDER BY number")))  # noqa: S608  # names of our own columns

    def open(self) -> tuple[Undelivered, ...]:
        """Return what did not reach a reader."""
        return tuple(one.undelivered for one in self.entries() if one.state in OPEN)

    def begin(self, key: Key, *, edition: str, message: str) -> int:
        """Write down that something is about to be sent, and return the number of its entry."""
        with self._open() as base:
            base.execute(
                "INSERT INTO entry (pack, delivery, recipient, what, edition, message, state, reason, "
                "attempts, told, logged) VALUES (?, ?, ?, ?, ?, ?, 'sending', '', 0, '', 0) "
                "ON CONFLICT DO UPDATE SET state = 'sending', message = excluded.message",
                (key.pack, key.delivery, key.recipient, key.what, edition, message),
            )
            row = base.execute(
                "SELECT number FROM entry WHERE (pack, delivery, recipient, what) = (?, ?, ?, ?)",
                (key.pack, key.delivery, key.recipient, key.what),
            ).fetchone()
            return int(row[0])

    def put(
        self, number: int, state: State, reason: str = "", *, next_try_at: datetime | None = None
    ) -> None:
        """Write down what has become of an entry; a failure counts as an attempt."""
        with self._open() as base:
            base.execute(
                "UPDATE entry SET state = ?, reason = ?, next_try_at = ?, attempts = attempts + ? "
                "WHERE number = ?",
                (state, reason, next_try_at and _written(next_try_at), state == "failed", number),
            )

    def examine(self) -> None:
        """Raise Damaged if anything in the file is not as SQLite wrote it."""
        with self._open(writing=False) as base:
            if base.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError

    def settle(self) -> None:
        """Call unknown what a killed run was handing over; only who holds the outbox's lock may."""
        with self._open() as base:
            base.execute("UPDATE entry SET state = 'unknown', reason = 'interrupted' WHERE state = 'handing'")

    def told(self, entries: Iterable[Undelivered]) -> None:
        """Write down that analysts were told of these."""
        with self._open() as base:
            base.executemany(
                "UPDATE entry SET told = ? WHERE number = ?", [(one.state, one.number) for one in entries]
            )

    def logged(self, number: int) -> None:
        """Write down that the audit log holds an entry."""
        with self._open() as base:
            base.execute("UPDATE entry SET logged = 1 WHERE number = ?", (number,))

    def copies(self, delivery: str) -> dict[str, tuple[str, str]]:
        """Return what a folder was given: its places, each with what it holds and the digest of its file."""
        if not self.begun():
            return {}
        with self._open(writing=False) as base:
            found = base.execute("SELECT place, holds, digest FROM copy WHERE delivery = ?", (delivery,))
            return {place: (holds, digest) for place, holds, digest in found}

    def copied(self, delivery: str, place: str, *, holds: str, digest: str) -> None:
        """Write down what a place of a folder holds now."""
        with self._open() as base:
            base.execute("INSERT OR REPLACE INTO copy VALUES (?, ?, ?, ?)", (delivery, place, holds, digest))

    def forget_copies(self, delivery: str, place: str | None = None) -> None:
        """Forget what a folder, or one place of it, was given."""
        with self._open() as base:
            base.execute(
                "DELETE FROM copy WHERE delivery = ? AND (? IS NULL OR place = ?)", (delivery, place, place)
            )

    def begin_anew(self, entries: Iterable[tuple[Key, str, str]]) -> None:
        """Make the ledger's tables, with entries (key, edition, message) that were sent; both or neither."""
        with self._open() as base:
            for statement in _SCHEMA:
                base.execute(statement)
            base.executemany(
                "INSERT OR IGNORE INTO entry (pack, delivery, recipient, what, edition, message, state, "
                "reason, attempts, told, logged) VALUES (?, ?, ?, ?, ?, ?, 'sent', '', 0, '', 1)",
                [
                    (key.pack, key.delivery, key.recipient, key.what, edition, message)
                    for key, edition, message in entries
                ],
            )

    @contextmanager
    def _open(self, *, writing: bool = True) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._file, isolation_level=None, timeout=30)) as base:
                if writing:
                    base.execute("PRAGMA journal_mode = DELETE")
                    base.execute("PRAGMA synchronous = FULL")
                    base.execute("BEGIN IMMEDIATE")
                yield base
                if writing:
                    base.execute("COMMIT")
        except sqlite3.OperationalError as problem:
            if "full" in str(problem) or StorageFull.seen(self._file.parent) is not None:
                raise StorageFull(
                    f"There is no room left for {self._file}. Make room; what was sent so far is known, and "
                    "the rest is sent next time."
                ) from None
            raise UserError(
                f"{self._file} cannot be read or written ({type(problem).__name__}). See the rights on it "
                "and that no other program holds it open."
            ) from None
        except sqlite3.DatabaseError:
            raise Damaged(
                f"{self._file} is damaged. The next `workbench deliver` puts it aside, and takes what was "
                "sent from the audit log."
            ) from None
        except OSError as problem:
            if problem.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
                raise StorageFull(f"There is no room left for {self._file}. Make room.") from None
            raise


def opened(office: Office) -> tuple[Ledger, bool]:
    """
    Return the ledger of an office, ready for a dispatch, and whether a damaged one was set aside.

    Where there is none, or it is damaged, it is begun from the audit log's acts of sending. Only who holds
    the outbox's lock may call this.
    """
    file = file_of(office)
    ledger = Ledger(file)
    damaged = False
    try:
        if ledger.begun():
            ledger.examine()
            ledger.settle()
            return ledger, False
    except Damaged:
        damaged = True
        file.replace(_aside(file))
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    ledger.begin_anew(_sent(office))
    return ledger, damaged


def _aside(file: Path) -> Path:
    number = 1
    while (place := file.with_name(f"outbox.damaged-{number}.sqlite")).exists():
        number += 1
    return place


def _sent(office: Office) -> Iterator[tuple[Key, str, str]]:
    for one in audit.acts(office):
        if one.act == "sent":
            said = {name: str(value) for name, value in one.ids.items()}
            what: What = "recall" if said["what"] == "recall" else "issue"
            key = Key(said["pack"], said["delivery"], said["recipient"], what)
            yield key, said["edition"], said["message"]


def _entry(row: tuple[Any, ...]) -> Entry:
    number, pack, delivery, recipient, what, edition, message, state, reason, attempts, at, told, logged = row
    return Entry(
        number, Key(pack, delivery, recipient, what), edition, message, state, reason, attempts,
        at and datetime.fromisoformat(at), told, bool(logged),
    )  # fmt: skip


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
