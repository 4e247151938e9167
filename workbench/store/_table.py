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
def _edge(doing: str, url: str) -> Iterator[None]:
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
    delta: DeltaTable

    @classmethod
    def open(cls, record: RecordType, *, store: str, options: Mapping[str, str] | None) -> Table | None:
        """Return the record's table as it stands now, None if nothing was ever stored; raises StoreError."""
        from deltalake import DeltaTable

        url = f"{store}/{record.name}"
        with _edge("opened", url):
            if not DeltaTable.is_deltatable(url, _given(options)):
                _check_never_written(url)
                return None
            table = cls(record=record, url=url, delta=DeltaTable(url, storage_options=_given(options)))
            table._check_last_commit()
        return table.read_as(record)

    @classmethod
    def create(cls, record: RecordType, *, store: str, options: Mapping[str, str] | None) -> Table:
        """
        Create the record's table, empty, and return it.

        Append-only, and with file statistics for the two columns whose statistics are exact. A table is
        created before its first rows, so that data files without a log always mean a damaged table.
        """
        from deltalake import DeltaTable

        url = f"{store}/{record.name}"
        with _edge("created", url):
            delta = DeltaTable.create(
                url,
                schema=schema(record),
                mode="error",
                name=record.name,
                description=record.meaning,
                configuration={
                    "delta.appendOnly": "true",
                    "delta.dataSkippingStatsColumns": f"{record.dated_by},source",
                },
                storage_options=_given(options),
            )
        return cls(record=record, url=url, delta=delta)

    def _check_last_commit(self) -> None:
        # A disk that lost power leaves empty files, and delta-rs takes an empty one for a commit of nothing.
        if "://" in self.url:
            return
        commit = Path(self.url, "_delta_log", f"{self.delta.version():020}.json")
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
        clock = self.delta.transaction_version(_CLOCK)
        if clock is None:  # new and empty, or rewritten by another program that dropped the commit's metadata
            latest = self.query("SELECT max(recorded_at) AS latest FROM revisions")["latest"][0]
            clock = latest.cast(pa.int64()).as_py()
        return clock or 0

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
        with _edge("written", self.url):
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
        own = self._own() if columns is None else [name for name in self._own() if name in set(columns)]
        wanted = ", ".join(map(_name, [*own, "recorded_at", "retracted"]))
        known = " AND ".join(_known(as_of, sources))
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
        known = _known(as_of, sources)
        shown = list(known)
        if window is not None:
            shown.append(f"{_name(self.record.dated_by)} BETWEEN {_day(window[0])} AND {_day(window[1])}")
        if not withdrawn:
            shown.append("NOT retracted")
        # The window may only narrow the rows shown, never the revisions that supersede them: a record
        # that moved out of the window would otherwise stay visible as it was before.
        superseding = " AND ".join(["prev_recorded_at IS NOT NULL", *known])
        columns = [*self._own(), "recorded_at", *(["retracted"] if withdrawn else [])]
        return self._typed(
            f"""
            SELECT {", ".join(map(_name, columns))} FROM revisions AS r
            WHERE {" AND ".join([*shown, "true"])} AND NOT EXISTS (
                SELECT 1 FROM (
                    SELECT source, record_id, prev_recorded_at FROM revisions WHERE {superseding}
                ) AS s
                WHERE s.source = r.source AND s.record_id = r.record_id
                  AND s.prev_recorded_at = r.recorded_at
            )
            """  # noqa: S608 - names are quoted, values are literals
        ).sort_by([("source", "ascending"), ("record_id", "ascending")])

    def revisions(self, *, source: str, record_id: str) -> pa.Table:
        """Return every revision of one record, oldest first, with all columns of `schema`."""
        columns = ", ".join(map(_name, [*self._own(), *REVISION]))
        return self._typed(
            f"SELECT {columns} FROM revisions "  # noqa: S608 - names are quoted, values are literals
            f"WHERE source = {_text(source)} AND record_id = {_text(record_id)}"
        ).sort_by("recorded_at")

    def last_recorded_until(self, as_of: int) -> int | None:
        """Return the latest recorded_at at or before `as_of`, both in microseconds since 1970."""
        found = self.query(
            "SELECT max(recorded_at) AS latest FROM revisions "  # noqa: S608 - a number
            f"WHERE recorded_at <= {_instant_literal(as_of)}"
        )["latest"][0]
        latest: int | None = found.cast(pa.int64()).as_py()
        return latest

    def query(self, sql: str) -> pa.Table:
        """Run SQL against this table, called `revisions`; raises StoreError if the table cannot be read."""
        from deltalake import QueryBuilder

        # Not DeltaTable.to_pandas or to_pyarrow_table: they abort the interpreter at exit now and then.
        with _edge("read", self.url):
            return pa.table(QueryBuilder().register("revisions", self.delta).execute(sql))

    def _own(self) -> list[str]:
        stored = self._stored()
        return [name for name in self.record.names if name in stored]

    def _typed(self, sql: str) -> pa.Table:
        return typed(self.query(sql), self.record)


def _check_never_written(url: str) -> None:
    if "://" not in url and any(Path(url).glob("*.parquet")):
        raise StoreError(
            f"The table has data files but no log: {url}. Restore its _delta_log folder from a copy; "
            f"going on would hide everything stored so far."
        )


def _known(as_of: int | None, sources: Iterable[str] | None) -> list[str]:
    known = [] if as_of is None else [f"recorded_at <= {_instant_literal(as_of)}"]
    if sources is not None:
        names = sorted(set(sources))
        known.append(f"source IN ({', '.join(map(_text, names))})" if names else "false")
    return known


def _given(options: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if options is None else dict(options)


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.large_string() if pa.types.is_string(kind) or pa.types.is_string_view(kind) else kind


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _day(day: date) -> str:
    return f"DATE '{day:%Y-%m-%d}'"


def _instant_literal(since_epoch: int) -> str:
    return f"arrow_cast({since_epoch}, 'Timestamp(Microsecond, Some(\"UTC\"))')"
