"""Care of a table: how large it is, fewer files, and the removal of those that were replaced."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import StoreError
from workbench.store import _sql
from workbench.store._table import Table, edge

KEPT_DAYS = 7
"""Days that a replaced file is kept at the least: no question to the store takes as long."""

_FILE = 100 * 2**20
_ROW_GROUP = 128 * 1024
_SORTED_AT_ONCE = 256 * 2**20


@dataclass(frozen=True, kw_only=True)
class Size:
    """
    One record type's table. `revisions` counts every one of every record; `size` is in bytes.

    `replaced`: files that a compaction replaced and that still lie there, for readers that hold them.
    """

    record: str
    revisions: int
    files: int
    size: int
    replaced: int


def size(table: Table) -> Size:
    """Return how large a table is, as its log says it."""
    with edge("read", table.url):
        files = table.delta.get_add_actions()
        return Size(
            record=table.record.name,
            revisions=table.count(),
            files=files.num_rows,
            size=sum(files.column("size_bytes").to_pylist()),
            replaced=len(table.delta.vacuum(0, dry_run=True, enforce_retention_duration=False)),
        )


def compact(table: Table) -> bool:
    """
    Rewrite a table of many files as few, sorted by the day its rows are dated by; False if it has few.

    One commit replaces all files and changes no row; whoever reads goes on with the old files, which stay.
    Ended before that commit, it leaves files that belong to nothing. Raises StoreError if another program
    replaced files meanwhile, or if the new files do not hold what the old ones did.
    """
    from deltalake import WriterProperties

    now = size(table)
    if now.files <= 1 + now.size // _FILE:
        return False
    before, version = _contents(table), table.delta.version()
    with edge("compacted", table.url):
        table.delta.optimize.z_order(
            [table.record.dated_by],
            target_size=_FILE,
            max_concurrent_tasks=1,
            max_spill_size=_SORTED_AT_ONCE,
            writer_properties=WriterProperties(
                compression="ZSTD", compression_level=3, max_row_group_size=_ROW_GROUP
            ),
        )
    # another machine may have appended meanwhile: then the rows are more, and nothing can be said of them
    if table.delta.version() == version + 1 and _contents(table) != before:
        raise StoreError(
            f"The compacted table does not hold what it held before: {table.url}. Do not use it. Its old "
            f"files are still there: restore its version {version} with a Delta tool, or take a copy."
        )
    return True


def remove_replaced(table: Table, *, days: int) -> int:
    """
    Remove the files that were replaced at least `days` ago; return how many. StoreError below `KEPT_DAYS`.

    By the clock of the machine that replaced them. Files that no commit ever named are left alone: a writer
    may be about to commit them.
    """
    if days < KEPT_DAYS:
        raise StoreError(f"Replaced files are kept for {KEPT_DAYS} days at the least; asked were {days}.")
    with edge("cleaned", table.url):
        due = table.delta.vacuum(days * 24, dry_run=True)
        if due:  # even an empty removal would be two commits
            table.delta.vacuum(days * 24, dry_run=False)
        return len(due)


def _contents(table: Table) -> dict[str, object]:
    told = f"count({_sql.name(table.record.dated_by)}) AS dated, sum(octet_length(record_id)) AS letters"
    found = table.query(
        "SELECT count(*) AS revisions, count(prev_recorded_at) AS superseding, "  # noqa: S608 - a column's name
        "sum(CASE WHEN retracted THEN 1 ELSE 0 END) AS withdrawn, count(DISTINCT recorded_at) AS instants, "
        "sum(CAST(recorded_at AS BIGINT) % 1000003) AS recorded, "
        f"sum(CAST(prev_recorded_at AS BIGINT) % 1000003) AS superseded, {told} FROM revisions"
    )
    held: dict[str, object] = found.to_pylist()[0]
    return held
