"""A store under a URL: several machines may write to it, and no lock file reaches them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import StoreError
from workbench.records import record_type
from workbench.store._table import Table, edge

if TYPE_CHECKING:
    from deltalake import DeltaTable

_TRIED = "_check"
_WRITERS, _ROUNDS = 6, 3


def is_remote(url: str) -> bool:
    """Return whether a store lies behind a network: there are no files to look at, and no lock file."""
    return "://" in url and not url.startswith("file://")


def options_of(url: str, options: Mapping[str, str] | None) -> dict[str, str] | None:
    """Return the storage options with conditional put, by which two writers of S3 cannot both commit."""
    if not url.startswith(("s3://", "s3a://")):
        return None if options is None else dict(options)
    return {"aws_conditional_put": "etag", **(options or {})}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """That a delivery is open: a commit without rows to the table `delivery`, where its last row goes."""

    recorded_at: int
    url: str
    _probe: DeltaTable

    def require(self) -> None:
        """Raise StoreError if another delivery was opened since."""
        with edge("opened", self.url):
            self._probe.update_incremental()
        if Table.clock_of(self._probe) != self.recorded_at:
            raise StoreError(
                f"Another machine opened a delivery to the store while this one was open: {self.url}. What "
                "was appended so far stays, as after a pull that was killed. Wait until it has ended, and "
                "pull again."
            )


def claimed(deliveries: Table, recorded_at: int) -> Claim | None:
    """Claim the store for a delivery of this instant; None if another did since the table was opened."""
    from deltalake import DeltaTable

    if not deliveries.claim(recorded_at):
        return None
    with edge("opened", deliveries.url):
        probe = DeltaTable(deliveries.url, storage_options=deliveries.given())
    return Claim(recorded_at=recorded_at, url=deliveries.url, _probe=probe)


def try_writing(url: str, options: Mapping[str, str] | None) -> None:
    """
    Write to the store's place, from several threads at once; raise StoreError unless only one succeeds.

    A server that ignores conditional put would let one writer's rows take the place of another's: it is
    found out in all likelihood, not for certain. Leaves a table `_check` of a few commits without rows.
    """
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    record = record_type("delivery")
    if Table.open(record, store=url, options=options, name=_TRIED) is None:
        Table.create(record, store=url, options=options, name=_TRIED)
    for _ in range(_ROUNDS):
        opened = [Table.open(record, store=url, options=options, name=_TRIED) for _ in range(_WRITERS)]
        tables = [one for one in opened if one is not None]
        if not tables:
            raise StoreError(f"What was written to the store is not there: {url}. Ask who runs the storage.")
        instant = tables[0].last_recorded() + 1
        together = Barrier(len(tables))

        def claim(table: Table, instant: int = instant, together: Barrier = together) -> bool:
            together.wait()
            return table.claim(instant)

        with ThreadPoolExecutor(len(tables)) as pool:
            succeeded = sum(pool.map(claim, tables))
        if succeeded > 1:
            raise StoreError(
                f"The storage let {succeeded} writers commit the same version: {url}. It does not honour "
                "conditional put (If-None-Match), so one machine's rows could replace another's. Use other "
                "storage."
            )
