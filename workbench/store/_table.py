"""One record type's Delta table: the only place that speaks to delta-rs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from workbench.errors import StoreError
from workbench.records import RecordType
from workbench.store import _sql
from workbench.store._frames import REVISION, schema, typed

if TYPE_CHECKING:
    from deltalake import DeltaTable

_CLOCK = "workbench:recorded_at"
"""
Delta application id whose version is the table's last recorded_at, in microseconds since 1970.

File statistics cannot say it: Delta keeps them in milliseconds, rounded down. As every commit
carries this id, Delta itself also refuses a second writer that got past the lock.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Percent escapes are decoded twice and brackets are not a host: delta-rs 1.6 opens another folder, or panics.
_UNREACHABLE = re.compile(r"%[0-9A-Fa-f]{2}|[\[\]^|]")


def address(url: str | Path) -> str:
    """Return the store's URL, or its absolute local path; raises StoreError if delta-rs cannot reach it."""
    if isinstance(url, str) and "://" in url:
        return url.rstrip("/")
    path = str(Path(url).absolute())
    if _UNREACHABLE.search(path):
        raise StoreError(
            f"The store cannot be kept in {path}: the storage library does not reach paths with [, ], ^, | "
            f"or a percent sign before two hexadecimal digits. Move the office to a folder without them."
        )
    return path


def micros(instant: datetime) -> int:
    """Return whole microseconds since 1970; raises StoreError if `instant` has no time zone."""
    if instant.tzinfo is None:
        raise StoreError("An instant without a time zone was given to the store. Give it one, UTC at best.")
    return (instant - _EPOCH) // timedelta(microseconds=1)


def instant(since_epoch: int) -> datetime:
    """Return the UTC instant that `micros` counted."""
    return _EPOCH + timedelta(microseconds=since_epoch)


@contextmanager
def edge(doing: str, url: str) -> Iterator[None]:
    """Turn what the storage library raises into StoreError: `doing` is what could not be done to `url`."""
    # delta-rs raises its own errors, OSError, Arrow's errors and bare Exception, by where it was hit.
    # Their text may quote a cell, so it stays in the chained error and out of the message.
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        raise StoreError(
            f"The table could not be {doing} ({type(error).__name__}): {url}. Check that the folder can be "
            f"reached and that nothing but the workbench changed it; else restore it from a copy."
        ) from error


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of one record type at the version it had when opened."""

    record: RecordType
    url: str
    options: Mapping[str, str] | None
    delta: DeltaTable

    @classmethod
    def open(
        cls, record: RecordType, *, store: str, options: Mapping[str, str] | None, name: str | None = None
    ) -> Table | None:
        """
        Return the record's table as it stands now, None if nothing was ever stored; raises StoreError.

        `name`: of the table, if it is not the record's.
        """
        from deltalake import DeltaTable

        url = f"{store}/{name or record.name}"
        with edge("opened", url):
            if not DeltaTable.is_deltatable(url, _given(options)):
                _check_never_written(url)
                return None
            delta = DeltaTable(url, storage_options=_given(options))
            table = cls(record=record, url=url, options=options, delta=delta)
            table._check_last_commit()
        return table.read_as(record)

    @classmethod
    def create(
        cls, record: RecordType, *, store: str, options: Mapping[str, str] | None, name: str | None = None
    ) -> Table:
        """
        Create the record's table, empty, and return it.

        Append-only, and with file statistics for the two columns whose statistics are exact. A table is
        created before its first rows, so that data files without a log always mean a damaged table.
        """
        from deltalake import DeltaTable

        url = f"{store}/{name or record.name}"
        with edge("created", url):
            delta = DeltaTable.create(
                url,
                schema=schema(record),
                mode="error",
                name=name or record.name,
                description=record.meaning,
                configuration={
                    "delta.appendOnly": "true",
                    "delta.dataSkippingStatsColumns": f"{record.dated_by},source",
                },
                storage_options=_given(options),
            )
        return cls(record=record, url=url, options=options, delta=delta)

    def _check_last_commit(self) -> None:
        # A disk that lost power leaves empty files, and delta-rs takes an empty one for a commit of nothing.
        if "://" in self.url:
            return
        commit = commit_file(Path(self.url, "_delta_log"), self.delta.version())
        if commit.exists() and commit.stat().st_size == 0:
            raise StoreError(
                f"The last commit of the table is an empty file: {commit}. The disk lost it. Delete this one "
                f"file to go on with the state before it, then pull again, or restore the table from a copy."
            )

    def read_as(self, record: RecordType) -> Table:
        """Return this version of the table for `record`; raises StoreError if a column has another type."""
        stored = self._stored()
        for wanted in schema(record):
            found = stored.get(wanted.name, wanted.type)
            if _plain(found) != _plain(wanted.type):
                raise StoreError(
                    f"Column {wanted.name} of the table is {found}; the record type needs {wanted.type}: "
                    f"{self.url}. Stored columns keep their type: rename it in records/{record.name}.py."
                )
        return replace(self, record=record)

    def _stored(self) -> dict[str, pa.DataType]:
        return {one.name: one.type for one in pa.schema(self.delta.schema().to_arrow())}

    def batch(self, source: str) -> int:
        """Return the number of the source's last delivery to this table, 0 before the first."""
        return self.delta.transaction_version(source) or 0

    def last_recorded(self) -> int:
        """Return the latest recorded_at in microseconds since 1970, 0 if the table is empty."""
        clock = self.clock_of(self.delta)
        if clock is None:  # new and empty, or rewritten by another program that dropped the commit's metadata
            latest = self.query("SELECT max(recorded_at) AS latest FROM revisions")["latest"][0]
            clock = latest.cast(pa.int64()).as_py()
        return clock or 0

    @staticmethod
    def clock_of(delta: DeltaTable) -> int | None:
        """Return the instant that the last commit named; None if no commit named one."""
        clock: int | None = delta.transaction_version(_CLOCK)
        return clock

    def given(self) -> dict[str, str] | None:
        """Return the storage options, for another object of the same table."""
        return _given(self.options)

    def claim(self, recorded_at: int) -> bool:
        """Commit without a row that `recorded_at` is taken; False if another writer committed first."""
        from deltalake import CommitProperties, Transaction
        from deltalake.exceptions import CommitFailedError

        taken = CommitProperties(app_transactions=[Transaction(_CLOCK, recorded_at)])
        with edge("written", self.url):
            try:
                self.delta.create_write_transaction(
                    [], mode="append", schema=self.delta.schema(), commit_properties=taken
                )
            except CommitFailedError:
                return False
            self.delta.update_incremental()
        return True

    def append(self, rows: pa.Table, *, source: str, batch: int, recorded_at: int) -> None:
        """
        Commit `rows` (as from `difference`) as one revision each, all or none.

        Raises StoreError if another writer committed since the table was opened.
        """
        from deltalake import CommitProperties, Transaction, write_deltalake
        from deltalake.exceptions import CommitFailedError

        stamp = pa.repeat(pa.scalar(recorded_at, pa.int64()), rows.num_rows)
        rows = rows.append_column("recorded_at", stamp.cast(REVISION["recorded_at"]))
        rows = rows.append_column("batch", pa.repeat(pa.scalar(batch, pa.int64()), rows.num_rows))
        rows = rows.select(schema(self.record).names)
        # Asked for needlessly, a merge would make every commit a change of the table's metadata.
        grown = set(rows.column_names) != self._stored().keys()
        with edge("written", self.url):
            try:
                write_deltalake(
                    self.delta,
                    rows,
                    mode="append",
                    schema_mode="merge" if grown else None,
                    commit_properties=CommitProperties(
                        app_transactions=[Transaction(source, batch), Transaction(_CLOCK, recorded_at)]
                    ),
                )
            except CommitFailedError as error:
                raise StoreError(
                    f"Another writer changed the table during this delivery: {self.url}. Nothing was "
                    f"written. Let all writers of a store use one lock folder, and pull again."
                ) from error

    def everything(
        self, *, as_of: int, sources: Iterable[str] | None = None, columns: Iterable[str] | None = None
    ) -> pa.Table:
        """
        Return every revision recorded by `as_of` (microseconds), superseded and withdrawn ones too.

        Columns as `typed`, with `recorded_at` and `retracted`; of the record's own only `columns` are read,
        and the others are missing. `sources`: those only.
        """
        own = self.own() if columns is None else [name for name in self.own() if name in set(columns)]
        wanted = ", ".join(map(_sql.name, [*own, "recorded_at", "retracted"]))
        known = " AND ".join(_sql.known(as_of, sources))
        # names are quoted, values are literals
        return self._typed(
            f"SELECT {wanted} FROM revisions WHERE {known} ORDER BY source, record_id, recorded_at"  # noqa: S608 - as said
        )

    def latest(
        self,
        *,
        as_of: int | None = None,
        window: tuple[date, date] | None = None,
        sources: Iterable[str] | None = None,
        withdrawn: bool = False,
    ) -> pa.Table:
        """
        Return the latest revision of every record known at `as_of` (microseconds; None: all time).

        Columns as `typed`, with `recorded_at` and, if `withdrawn` rows are asked for, `retracted`. `window`:
        first and last day of the record's `dated_by`. `sources`: those only. Sorted by source, record_id.
        """
        shown = self._shown(window, withdrawn=withdrawn)
        columns = [*self.own(), "recorded_at", *(["retracted"] if withdrawn else [])]
        return self._typed(_sql.latest_of(columns, known=_sql.known(as_of, sources), shown=shown)).sort_by(
            [("source", "ascending"), ("record_id", "ascending")]
        )

    def counts(
        self,
        *,
        by: tuple[str, ...],
        as_of: int,
        window: tuple[date, date] | None,
        sources: Iterable[str] | None,
    ) -> pa.Table:
        """Return how many rows `latest` would give by these columns, with the number as `records`."""
        if not by or not set(by) <= set(self.own()):
            raise StoreError(
                f"Rows of {self.record.name} are counted by columns it has; asked: {', '.join(by)}."
            )
        rows = _sql.latest_of(
            by, known=_sql.known(as_of, sources), shown=self._shown(window, withdrawn=False)
        )
        named = ", ".join(map(_sql.name, by))
        found = self.query(
            f"SELECT {named}, count(*) AS records FROM ({rows}) GROUP BY {named} ORDER BY {named}"  # noqa: S608 - names are quoted, values are literals
        )
        known = schema(self.record)
        return found.cast(pa.schema([*(known.field(one) for one in by), ("records", pa.int64())]))

    def _shown(self, window: tuple[date, date] | None, *, withdrawn: bool) -> list[str]:
        shown = [] if withdrawn else ["NOT retracted"]
        if window is not None:
            first, last = (_sql.day(one) for one in window)
            shown.append(f"{_sql.name(self.record.dated_by)} BETWEEN {first} AND {last}")
        return shown

    def of_records(self, ids: pa.Array, *, source: str, separator: str) -> pa.Table:
        """
        Return every revision of these records of a source, in no order, as `latest` with `withdrawn`.

        `ids`: each once, and `separator` a character in none of them. The records "" and "-" may come too.
        """
        columns = ", ".join(f"r.{_sql.name(one)}" for one in [*self.own(), "recorded_at", "retracted"])
        # The few stand first: the other way round all columns of all revisions would be held at once.
        return self._typed(
            f"SELECT {columns} FROM {_sql.listed(ids.to_pylist(), separator)} AS given "  # noqa: S608 - names are quoted, values are literals
            f"JOIN revisions AS r ON r.record_id = given.id WHERE r.source = {_sql.text(source)}"
        )

    def revisions(self, *, source: str, record_id: str) -> pa.Table:
        """Return every revision of one record, oldest first, with all columns of `schema`."""
        columns = ", ".join(map(_sql.name, [*self.own(), *REVISION]))
        return self._typed(
            f"SELECT {columns} FROM revisions "  # noqa: S608 - names are quoted, values are literals
            f"WHERE source = {_sql.text(source)} AND record_id = {_sql.text(record_id)}"
        ).sort_by("recorded_at")

    def instants(self) -> list[int]:
        """Return every recorded_at of a row, in microseconds since 1970, in order."""
        found = self.query("SELECT DISTINCT recorded_at FROM revisions")["recorded_at"].cast(pa.int64())
        return sorted(found.to_pylist())

    def query(self, sql: str) -> pa.Table:
        """Run SQL against this table, called `revisions`; raises StoreError if the table cannot be read."""
        from deltalake import QueryBuilder

        # Not DeltaTable.to_pandas or to_pyarrow_table: they abort the interpreter at exit now and then.
        with edge("read", self.url):
            return pa.table(QueryBuilder().register("revisions", self.delta).execute(sql))

    def count(self) -> int:
        """Return the number of revisions, as the log says it."""
        with edge("read", self.url):
            return self.delta.count()

    def own(self) -> list[str]:
        """Return the columns of the record that the stored table has, in the record's order."""
        stored = self._stored()
        return [name for name in self.record.names if name in stored]

    def _typed(self, sql: str) -> pa.Table:
        return typed(self.query(sql), self.record)


def commit_file(log: Path, version: int) -> Path:
    """Return the file of a commit in a folder `_delta_log`."""
    return log / f"{version:020}.json"


def _check_never_written(url: str) -> None:
    if "://" not in url and any(Path(url).glob("*.parquet")):
        raise StoreError(
            f"The table has data files but no log: {url}. Restore its _delta_log folder from a copy; "
            f"going on would hide everything stored so far."
        )


def _given(options: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if options is None else dict(options)


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.large_string() if pa.types.is_string(kind) or pa.types.is_string_view(kind) else kind
