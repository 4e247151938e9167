"""
What this process has read of a store, kept for as long as it is true.

A table at one version never changes, so an opened table and the answers to questions about it are kept
until there is a newer version; whether there is one is looked up at every question. Writers take tables
of their own.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.records import RecordType
from workbench.store._frames import to_frame
from workbench.store._table import Table, commit_file, edge

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from deltalake import DeltaTable

LARGEST = 32 * 2**20
"""Bytes of an answer that is still kept."""

MOST = 128 * 2**20
"""Bytes of all answers kept by this process for one store; those not asked for longest go first."""

_serial = count()


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What tells that a table is still at the version, and of the history, that it was opened at."""

    log: Path
    version: int
    commit: tuple[int, int, int] | None
    probe: DeltaTable | None

    @classmethod
    def of(cls, table: Table) -> Mark:
        """Return the mark of a table that was just opened."""
        from deltalake import DeltaTable

        version, remote = table.delta.version(), "://" in table.url
        log = Path() if remote else Path(table.url, "_delta_log")
        return cls(
            log=log,
            version=version,
            commit=None if remote else _identity(commit_file(log, version)),
            probe=DeltaTable(table.url, storage_options=table.given()) if remote else None,
        )

    def stands(self) -> bool:
        """Return whether there is no newer version, and the one that was opened is the same file still."""
        if self.probe is not None:
            with edge("opened", "the store"):
                self.probe.update_incremental()
            return self.probe.version() == self.version
        now = _identity(commit_file(self.log, self.version))
        return now is not None and now == self.commit and not commit_file(self.log, self.version + 1).exists()


def _identity(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A table at one version, to be read and never written, and the answers about it."""

    table: Table
    mark: Mark
    _answers: Answers
    _number: int = field(default_factory=_serial.__next__)

    def frame(self, question: Hashable, ask: Callable[[], pa.Table]) -> pd.DataFrame:
        """Return the frame that `ask` gives for `question`, asked once while the table stays as it is."""
        held = self._answers.get((self._number, question))
        if held is None:
            rows = ask()
            held = to_frame(rows)
            self._answers.put((self._number, question), held, size=rows.nbytes)
        return held.copy(deep=False)

    def at(self, as_of: int) -> int:
        """Return the earliest instant at which as much was known as at `as_of`, both in microseconds."""
        if as_of >= self._last:
            return self._last
        known = bisect_right(self._instants, as_of)
        return self._instants[known - 1] if known else 0

    def last_until(self, as_of: int) -> int | None:
        """Return the latest recorded_at of a row at or before `as_of`, both in microseconds."""
        known = bisect_right(self._instants, as_of)
        return self._instants[known - 1] if known else None

    @property
    def number(self) -> int:
        """A number that no other table, and no other version of this one, has in this process."""
        return self._number

    @cached_property
    def _last(self) -> int:
        return self.table.last_recorded()

    @cached_property
    def _instants(self) -> list[int]:
        return self.table.instants()


class Answers:
    """Frames by their question, the least recently asked of which goes when they are too many."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[int, Hashable], tuple[pd.DataFrame, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, question: tuple[int, Hashable]) -> pd.DataFrame | None:
        """Return the answer if it is held."""
        with self._lock:
            found = self._held.get(question)
            if found is None:
                return None
            self._held.move_to_end(question)
            return found[0]

    def put(self, question: tuple[int, Hashable], answer: pd.DataFrame, *, size: int) -> None:
        """Hold an answer of `size` bytes, unless it is larger than `LARGEST`."""
        if size > LARGEST:
            return
        with self._lock:
            if question in self._held:
                return
            self._held[question] = (answer, size)
            self._size += size
            while self._size > MOST:
                self._size -= self._held.popitem(last=False)[1][1]

    def drop(self, number: int) -> None:
        """Forget the answers about one table at one version."""
        with self._lock:
            for question in [one for one in self._held if one[0] == number]:
                self._size -= self._held.pop(question)[1]


class Held:
    """The tables of one store as this process last read them."""

    def __init__(self, url: str, options: Mapping[str, str] | None) -> None:
        self._url, self._options = url, options
        self._answers = Answers()
        self._readings: dict[str, Reading] = {}
        self._lock = threading.Lock()

    def reading(self, record: RecordType) -> Reading | None:
        """Return the record's table as it stands now, None if nothing was ever stored; raises StoreError."""
        with self._lock:
            held = self._readings.get(record.name)
            if held is not None and held.table.record == record and held.mark.stands():
                return held
            if held is not None:
                del self._readings[record.name]
                self._answers.drop(held._number)
            table = Table.open(record, store=self._url, options=self._options)
            if table is None:
                return None
            new = Reading(table=table, mark=Mark.of(table), _answers=self._answers)
            self._readings[record.name] = new
            return new


@cache
def held(url: str, options: Iterable[tuple[str, str]] | None) -> Held:
    """Return what this process holds of the store under `url`, opened with these options."""
    return Held(url, None if options is None else dict(options))
