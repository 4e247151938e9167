"""The part of a source's latest state that a delivery is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from workbench.store._table import Table

SMALL = 50_000
"""Revisions of a table up to which all of a source's state is read: to choose would take longer."""


def standing(table: Table, given: pa.Table, *, source: str, complete: bool, small: int = SMALL) -> pa.Table:
    """
    Return the latest revisions of `source` that `difference` needs for `given`, as from `Table.latest`.

    A complete delivery needs them all, for what it lacks was withdrawn. Of any other only the records given
    are compared: of a table of more than `small` revisions no more are held than those and a batch.
    """
    ids = given["record_id"].combine_chunks()
    between = None if complete or table.count() <= small else _separator(ids)
    if between is None:
        return table.latest(sources=(source,), withdrawn=True)
    return _last(table.of_records(ids, source=source, separator=between))


def _separator(ids: pa.Array) -> str | None:
    """Return a character that is in none of the ids; None if there is none among a hundred rare ones."""
    text = "".join(ids.to_pylist())
    return next((mark for mark in map(chr, range(0xE000, 0xE064)) if mark not in text), None)


def _last(revisions: pa.Table) -> pa.Table:
    """Return the last revision of each record of one source, sorted by record_id."""
    rows = revisions.sort_by([("record_id", "ascending"), ("recorded_at", "ascending")])
    if rows.num_rows < 2:
        return rows
    ids = rows["record_id"].combine_chunks()
    return rows.filter(pa.concat_arrays([pc.not_equal(ids[:-1], ids[1:]), pa.array([True])]))
