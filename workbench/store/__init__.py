"""
The store: every revision of every record, and the latest state as of any instant.

One append-only Delta table per record type, in one folder or under one URL. A record is known by
(source, record_id); nothing is ever edited or deleted. Readers take no lock and see whole commits.

delta-rs has threads of its own: a process that has used a store must not fork.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

import pandas as pd

from workbench.errors import StoreError
from workbench.records import RecordType, empty, record_names, record_type
from workbench.store._care import KEPT_DAYS, Size, compact, remove_replaced, size
from workbench.store._frames import Counts, difference, schema, to_arrow, to_frame
from workbench.store._held import Reading, held
from workbench.store._remote import Claim, claimed, is_remote, options_of, try_writing
from workbench.store._standing import standing
from workbench.store._table import Table, address, instant, micros

__all__ = ["KEPT_DAYS", "Counts", "Delivery", "Size", "Store"]

_TRIES = 5


class Delivery:
    """
    One delivery of one source, open inside `with store.delivery(...)`.

    `recorded_at` (UTC) is the same for all its rows, later than that of every earlier delivery of any
    source. `batch` counts the deliveries of `source` that wrote something, this one included.
    """

    def __init__(
        self,
        *,
        source: str,
        recorded_at: datetime,
        batch: int,
        store: Store,
        tables: dict[str, Table],
        claim: Claim | None,
    ) -> None:
        self.source = source
        self.recorded_at = recorded_at
        self.batch = batch
        self._store = store
        self._tables = tables
        self._claim = claim
        self._written: set[str] = set()
        self._open = True

    def append(self, record: RecordType, rows: pd.DataFrame, *, complete: bool) -> Counts:
        """
        Store what `rows` change in the source's latest state, in one commit, or nothing if nothing differs.

        Takes exactly the columns of `record` with the types of `records.DTYPES`, one row per record_id,
        all of this delivery's source. `complete`: the rows are all the source holds, so records it lacks
        are withdrawn; otherwise they stay. The same rows in a later delivery change nothing.

        Returns counts. Raises StoreError, with nothing written, if the rows are not as above, if this
        delivery already holds that record type, if it is closed, or if another writer got past the lock.
        """
        if not self._open:
            raise StoreError(f"The delivery of {self.source} is closed. Append inside its with block.")
        if record.name in self._written:
            raise StoreError(
                f"This delivery of {self.source} already holds {record.name}. Append all its rows at once, "
                f"or open a new delivery."
            )
        given = to_arrow(record, rows)
        if set(given["source"].unique().to_pylist()) - {self.source}:
            raise StoreError(
                f"Rows for the table {record.name} name another source than {self.source}. "
                f"Open one delivery for each source. Nothing was written."
            )
        table = self._tables.get(record.name)
        if table is None:
            state = schema(record).empty_table()
        else:
            table = table.read_as(record)
            state = standing(table, given, source=self.source, complete=complete)
        changes, counts = difference(given, state, record=record, complete=complete)
        if changes.num_rows:
            if self._claim is not None:
                self._claim.require()
            table = table or self._store._create(record)
            table.append(changes, source=self.source, batch=self.batch, recorded_at=micros(self.recorded_at))
        self._written.add(record.name)
        return counts

    def _close(self) -> None:
        self._open = False


class Store:
    """
    The record tables under one URL.

    `url`: a local folder, or anything delta-rs writes (`s3://`, `abfss://`), with its `storage_options`.
    `lock_folder`: a local folder that all writers of this machine share. `lock_seconds`: how long a writer
    waits for another. Makes and opens nothing by itself. Raises StoreError if the path cannot be used.

    Under a URL machines share no lock: each commit is put only if no other took its version, and of two
    deliveries open at once the one opened later goes on; the other is refused at its next append. One
    commit that was on its way at that moment may still come: rows of a delivery that never completes.
    """

    def __init__(
        self,
        url: str | Path,
        *,
        lock_folder: Path,
        storage_options: Mapping[str, str] | None = None,
        lock_seconds: float = 300.0,
    ) -> None:
        self.url = address(url)
        self.lock_file = lock_folder / "store.lock"
        self._options = options_of(self.url, storage_options)
        self._lock_seconds = lock_seconds

    @contextmanager
    def delivery(self, *, source: str, at: datetime) -> Iterator[Delivery]:
        """
        Open a delivery of `source`, waiting until no other is open in this store.

        `at` is the caller's clock, with a time zone. If it stands still or went back, the delivery's
        `recorded_at` is one microsecond after the last one instead. Each append is final by itself: an
        error inside the block takes nothing back. Raises StoreError if the lock is not free in time.
        """
        asked = micros(at)
        with self._alone():
            delivery = self._begun(source, asked)
            try:
                yield delivery
            finally:
                delivery._close()

    def _begun(self, source: str, asked: int) -> Delivery:
        for _ in range(_TRIES):
            opened = {name: self._open(record_type(name)) for name in record_names()}
            tables = {name: table for name, table in opened.items() if table is not None}
            last = max((table.last_recorded() for table in tables.values()), default=0)
            recorded_at, claim = max(asked, last + 1), None
            if is_remote(self.url):
                if "delivery" not in tables:
                    tables["delivery"] = self._create(record_type("delivery"))
                claim = claimed(tables["delivery"], recorded_at)
                if claim is None:
                    continue
            return Delivery(
                source=source,
                recorded_at=instant(recorded_at),
                batch=1 + max((table.batch(source) for table in tables.values()), default=0),
                store=self,
                tables=tables,
                claim=claim,
            )
        raise StoreError(
            f"Other machines opened deliveries to the store {_TRIES} times in a row: {self.url}. "
            f"Nothing was written. Wait until they have ended, and pull again."
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of all who write to this store from this machine; raises StoreError after a while."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.lock_file)
        try:
            self.lock_file.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=self._lock_seconds)
        except Timeout as error:
            raise StoreError(
                f"Another process has been writing to the store for {self._lock_seconds:g} seconds; it holds "
                f"{self.lock_file}. Wait for it to end, or end it, and try again. The file itself may stay."
            ) from error
        except OSError as error:
            raise StoreError(
                f"The lock file cannot be used ({type(error).__name__}): {self.lock_file}. "
                f"Make its folder writable for whoever pulls."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def read(
        self,
        record: RecordType,
        *,
        as_of: datetime,
        window: tuple[date, date] | None = None,
        sources: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """
        Return the latest revision of each record known at `as_of`, withdrawn records left out.

        Columns: the record's, then `recorded_at`; types of `records.DTYPES`; sorted by source, record_id.
        `window`: first and last day, inclusive, of the record's `dated_by`; rows without that date are in
        none. `sources`: those only. Without any such record an empty frame of the same columns.

        A delivery that is still being written may yet add rows recorded before now; an `as_of` from
        `cut_off` gives the same rows for ever. Raises StoreError if the table is damaged.
        """
        known_at = micros(as_of)
        reading = self._reading(record)
        if reading is None:
            return _nothing(record).copy()
        known_at, among = reading.at(known_at), _among(sources)
        return reading.frame(
            ("latest", known_at, window, among),
            lambda: reading.table.latest(as_of=known_at, window=window, sources=among),
        )

    def counts(
        self,
        record: RecordType,
        *,
        as_of: datetime,
        window: tuple[date, date] | None,
        by: Iterable[str],
        sources: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """
        Return how many records `read` would give, by the values of columns: those, then `records`.

        Sorted by these columns in their order, missing values last. Rows are counted whatever their labels:
        this is for whoever may read the store.
        """
        columns = tuple(by)
        known_at, reading = micros(as_of), self._reading(record)
        if reading is None:
            return _nothing(record)[list(columns)].assign(records=pd.Series(dtype="Int64"))
        known_at, among = reading.at(known_at), _among(sources)
        return reading.frame(
            ("counts", known_at, window, among, columns),
            lambda: reading.table.counts(by=columns, as_of=known_at, window=window, sources=among),
        )

    def everything(self, record: RecordType, *, as_of: datetime) -> pd.DataFrame:
        """
        Return every revision recorded by `as_of`, superseded and withdrawn ones included, oldest first.

        Columns: the record's and `recorded_at`. For what must not leave: a text taken back is still one.
        """
        reading = self._reading(record)
        if reading is None:
            return _nothing(record).copy()
        known_at = reading.at(micros(as_of))
        return reading.frame(
            ("everything", known_at),
            lambda: reading.table.everything(as_of=known_at).drop_columns("retracted"),
        )

    def revisions(
        self, record: RecordType, *, as_of: datetime, sources: Iterable[str] | None, columns: Iterable[str]
    ) -> pd.DataFrame:
        """
        Return every revision of the records of `sources` (None: all) known by `as_of`: by record, in time.

        Columns: `columns` of the record in its order, `recorded_at`, `retracted` (the source withdrew the
        record at that moment; the other columns are its last). One pass, and no column but those is read.
        """
        asked = set(columns) | {"source", "record_id"}
        names = [name for name in record.names if name in asked]
        shown = [*names, "recorded_at", "retracted"]
        known_at, reading = micros(as_of), self._reading(record)
        if reading is None:
            return to_frame(schema(record).empty_table().select(shown))
        known_at, among = reading.at(known_at), _among(sources)
        return reading.frame(
            ("revisions", known_at, among, tuple(names)),
            lambda: reading.table.everything(as_of=known_at, sources=among, columns=names).select(shown),
        )

    def history(self, record: RecordType, *, source: str, record_id: str) -> pd.DataFrame:
        """
        Return every revision of one record, oldest first; no row if there never was one.

        Columns: the record's, then `recorded_at`, `prev_recorded_at` (of the revision it supersedes, missing
        for the first), `retracted` (the source withdrew it; the other columns are its last), `batch`.
        """
        reading = self._reading(record)
        if reading is None:
            return to_frame(schema(record).empty_table())
        return to_frame(reading.table.revisions(source=source, record_id=record_id))

    def cut_off(self, as_of: datetime) -> datetime | None:
        """
        Return `recorded_at` of the last completed delivery at or before `as_of`, None if there is none.

        A delivery is complete once its row of the record type `delivery` is stored, which is written last.
        """
        known_at = micros(as_of)
        reading = self._reading(record_type("delivery"))
        found = None if reading is None else reading.last_until(known_at)
        return None if found is None else instant(found)

    def versions(self) -> tuple[int | None, ...]:
        """
        Return a number for each record type's table as this process reads it now, None for one not there.

        While they are the same, every question has the same answer; after any commit one of them is new.
        """
        readings = (self._reading(record_type(name)) for name in sorted(record_names()))
        return tuple(None if one is None else one.number for one in readings)

    def sizes(self) -> list[Size]:
        """Return how large each table is that was ever written, by its record type's name."""
        opened = (self._open(record_type(name)) for name in sorted(record_names()))
        return [size(table) for table in opened if table is not None]

    def compact(self, record: RecordType) -> bool:
        """
        Rewrite the record's table as few files; return whether that was called for.

        Every revision stays, and every answer is the same; readers need not wait, and keep the old files.
        Writers on this machine wait. Raises StoreError, with nothing changed, if another writer of another
        machine replaced files meanwhile or the lock is not free in time.
        """
        with self._alone():
            table = self._open(record)
            return table is not None and compact(table)

    def remove_replaced(self, record: RecordType, *, days: int) -> int:
        """Remove the files that `compact` replaced at least `days` (7 or more) ago; return how many."""
        with self._alone():
            table = self._open(record)
            return 0 if table is None else remove_replaced(table, days=days)

    def try_writing(self) -> None:
        """Write to the store's place; StoreError or OSError if that fails, or keeping writers apart does."""
        if is_remote(self.url):
            try_writing(self.url, self._options)
            return
        folder = Path(self.url.removeprefix("file://"))
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            file.write(b"can be written")

    def _open(self, record: RecordType) -> Table | None:
        return Table.open(record, store=self.url, options=self._options)

    def _reading(self, record: RecordType) -> Reading | None:
        options = None if self._options is None else tuple(sorted(self._options.items()))
        return held(self.url, options).reading(record)

    def _create(self, record: RecordType) -> Table:
        return Table.create(record, store=self.url, options=self._options)


def _among(sources: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if sources is None else tuple(sorted(set(sources)))


@cache
def _nothing(record: RecordType) -> pd.DataFrame:
    # a young office has no row of most record types, and reads them for every view
    return empty(record).assign(recorded_at=pd.Series(dtype="datetime64[us, UTC]"))
