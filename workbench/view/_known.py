"""What one audience may know of deliveries: of which sources, and when, to the whole second."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pandas as pd

from workbench.audience import may_name
from workbench.config import Audience, Office, Source
from workbench.errors import UnknownName
from workbench.records import record_type
from workbench.store import Store

_SECOND = timedelta(seconds=1)


def cut_off(office: Office, store: Store, audience: str, as_of: datetime) -> datetime | None:
    """
    Return when `audience` last learnt something at or before `as_of`: the `as_of` of its editions.

    The last completed delivery of the sources it may name, to the whole second; None if there is none.
    Deliveries of others leave no trace: neither their time, nor the microseconds by which those of one
    second follow each other, which tell how many there were. `as_of` means its whole second.
    """
    reader = office.audience_called(audience)
    moment = last_delivery(deliveries(office, store, reader, as_of=as_of), as_of=as_of)
    return None if moment is None else whole_second(moment)


def nameable(office: Office, audience: Audience) -> tuple[Source, ...]:
    """Return the sources that `audience` may know of; never one of sealed records."""
    return tuple(one for one in office.source if may_name(one, audience) and not _sealed(one))


def deliveries(office: Office, store: Store, audience: Audience, *, as_of: datetime) -> pd.DataFrame:
    """
    Return the completed deliveries that `audience` may know of, oldest first.

    Rows of `delivery` with `recorded_at`, known by the end of the second of `as_of`.
    """
    slugs = [source.slug for source in nameable(office, audience)]
    rows = store.read(record_type("delivery"), as_of=end_of_second(as_of), sources=slugs)
    return rows.sort_values(["recorded_at", "source", "record_id"], ignore_index=True)


def last_delivery(rows: pd.DataFrame, *, as_of: datetime) -> datetime | None:
    """Return `recorded_at` of the last of `rows` by the end of the second of `as_of`; None without any."""
    known = rows.loc[rows["recorded_at"] <= end_of_second(as_of), "recorded_at"]
    return None if known.empty else known.max().to_pydatetime().astimezone(UTC)


def snapshots(rows: pd.DataFrame, *, as_of: datetime, counted: Iterable[str]) -> tuple[datetime, ...]:
    """Return when the `counted` sources delivered, of `rows`, by `as_of`: UTC, whole seconds, in order."""
    times = rows.loc[rows["source"].isin(set(counted)) & (rows["recorded_at"] <= as_of), "recorded_at"]
    return tuple(one.to_pydatetime() for one in times.dt.floor("s").drop_duplicates().sort_values())


def whole_second(moment: datetime) -> datetime:
    """Return the beginning of the second of `moment`."""
    return moment.replace(microsecond=0)


def end_of_second(moment: datetime) -> datetime:
    """Return the last microsecond of the second of `moment`: what a page that says 06:00:00 knows."""
    return whole_second(moment) + (_SECOND - timedelta(microseconds=1))


def _sealed(source: Source) -> bool:
    try:
        return record_type(source.record).sealed
    except UnknownName:
        return True
