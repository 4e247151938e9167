"""Frames of a record type <-> Arrow tables, and what a delivery changes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import StoreError
from workbench.records import DTYPES, Kind, RecordType

_INSTANT = pa.timestamp("us", tz="UTC")

# Large strings, because the narratives of one state may exceed the 2 GiB that 32-bit offsets reach.
_ARROW: dict[Kind, pa.DataType] = {
    "text": pa.large_string(),
    "free_text": pa.large_string(),
    "code": pa.large_string(),
    "codes": pa.large_string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "instant": _INSTANT,
    "boolean": pa.bool_(),
}

REVISION = {
    "recorded_at": _INSTANT,
    "prev_recorded_at": _INSTANT,
    "retracted": pa.bool_(),
    "batch": pa.int64(),
}
"""What a stored row has beyond its record: when we stored it, which revision it supersedes, and how."""

_PANDAS = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype(), pa.bool_(): pd.BooleanDtype()}


@dataclass(frozen=True, kw_only=True)
class Counts:
    """
    What a delivery meant for what was known of its source.

    `new`: records not seen before, or withdrawn earlier and delivered again. `changed`: records of
    which any column differs. `withdrawn`: records that a complete delivery no longer holds.
    `unchanged`: the others. new + changed + unchanged = rows delivered.
    """

    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0


def schema(record: RecordType) -> pa.Schema:
    """Return the Arrow schema of the record's table: its own columns, then those of `REVISION`."""
    taken = sorted(REVISION.keys() & set(record.names))
    if taken:
        raise StoreError(
            f"The record type {record.name} has a column {', '.join(taken)}, a name the store keeps for "
            f"itself. Rename it in records/{record.name}.py."
        )
    own = [(column.name, _ARROW[column.kind]) for column in record.columns]
    return pa.schema([*own, *REVISION.items()])


def to_arrow(record: RecordType, rows: pd.DataFrame) -> pa.Table:
    """
    Return `rows` as an Arrow table with the record's columns in their order.

    Raises StoreError, which names columns but no values, unless `rows` has exactly the record's
    columns with the types of `records.DTYPES` and one row per record_id.
    """
    missing = [name for name in record.names if name not in rows.columns]
    foreign = [str(name) for name in rows.columns if name not in record.names]
    if missing or foreign or len(rows.columns) != len(record.columns):
        raise _refused(
            record,
            f"missing columns: {', '.join(missing) or 'none'}; columns that are not its own: "
            f"{', '.join(foreign) or 'none'}",
        )
    arrays = []
    for column in record.columns:
        series, dtype = rows[column.name], DTYPES[column.kind]
        if str(series.dtype) != dtype:
            raise _refused(record, f"column {column.name} is {series.dtype}; expected {dtype}")
        try:
            arrays.append(pa.array(series, type=_ARROW[column.kind], from_pandas=True))
        except (pa.ArrowException, ValueError) as error:
            raise _refused(record, f"column {column.name} has a value that cannot be stored") from error
    table = pa.Table.from_arrays(arrays, names=list(record.names))
    if table["record_id"].null_count or table["source"].null_count:
        raise _refused(record, "a row has no record_id or no source")
    if pc.count_distinct(table["record_id"]).as_py() != table.num_rows:
        raise _refused(record, "two rows have the same record_id")
    return table


def _refused(record: RecordType, problem: str) -> StoreError:
    return StoreError(
        f"Rows for the table {record.name} were refused: {problem}. "
        f"Pass them through records.validate first. Nothing was written."
    )


def typed(table: pa.Table, record: RecordType) -> pa.Table:
    """Return a query's result with the types of `schema`; a column the stored table lacks is missing."""
    known = schema(record)
    wanted = [*record.names, *(name for name in REVISION if name in table.column_names)]
    return pa.Table.from_arrays(
        [
            table[name].cast(known.field(name).type)
            if name in table.column_names
            else pa.nulls(table.num_rows, known.field(name).type)
            for name in wanted
        ],
        names=wanted,
    )


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return a typed table as a frame with the types of `records.DTYPES` and a plain index."""
    # Arrow days become Python objects in pandas, so they travel as seconds, the unit of DTYPES["date"].
    seconds = [
        pa.field(one.name, pa.timestamp("s") if one.type == pa.date32() else one.type) for one in table.schema
    ]
    frame: pd.DataFrame = table.cast(pa.schema(seconds)).to_pandas(types_mapper=_PANDAS.get)
    return frame


def difference(
    given: pa.Table, state: pa.Table, *, record: RecordType, complete: bool
) -> tuple[pa.Table, Counts]:
    """
    Compare a delivery with the latest state of its source.

    `given`: as from `to_arrow`. `state`: the latest revision of every record, withdrawn ones too,
    as from `typed`, with `recorded_at` and `retracted`. Rows are equal if all columns of the record
    are; missing equals missing. A record of `state` that `given` lacks is withdrawn if `complete`.

    Returns the rows to store (columns of the record, `prev_recorded_at`, `retracted`), and counts. A
    withdrawal keeps the columns it had, so that its history can be read.
    """
    position = pc.index_in(given["record_id"], value_set=state["record_id"])
    # Unknown records have no position, hence no `retracted`: both they and withdrawn ones are new.
    new = pc.fill_null(state["retracted"].take(position), fill_value=True)
    same = pa.chunked_array([pa.repeat(pa.scalar(value=True), given.num_rows)])
    for name in record.names:
        now, before = given[name], state[name].take(position)
        equal = pc.fill_null(pc.equal(now, before), fill_value=False)
        same = pc.and_(same, pc.or_(equal, pc.and_(pc.is_null(now), pc.is_null(before))))
    written = pc.or_(new, pc.invert(same))
    revised = given.append_column("prev_recorded_at", state["recorded_at"].take(position)).filter(written)

    gone = state.slice(0, 0)
    if complete:
        held = pc.is_in(state["record_id"], value_set=given["record_id"])
        gone = state.filter(pc.and_not(pc.invert(state["retracted"]), held))
    withdrawn = gone.select(record.names).append_column("prev_recorded_at", gone["recorded_at"])

    counts = Counts(
        new=_true(new),
        changed=revised.num_rows - _true(new),
        withdrawn=gone.num_rows,
        unchanged=given.num_rows - revised.num_rows,
    )
    rows = pa.concat_tables([_with(revised, retracted=False), _with(withdrawn, retracted=True)])
    # Sorted by date, a week's rows lie side by side and the rest of the file is skipped.
    return rows.sort_by([(record.dated_by, "ascending"), ("record_id", "ascending")]), counts


def _with(table: pa.Table, *, retracted: bool) -> pa.Table:
    return table.append_column("retracted", pa.repeat(pa.scalar(retracted), table.num_rows))


def _true(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask, min_count=0).as_py())
