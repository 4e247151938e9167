"""Pulling: what a source holds now -> accepted and rejected rows in the store, and a row that says so."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

import pandas as pd

from workbench import sources
from workbench.config import Level, Office, Source
from workbench.errors import ShrinkRefused, SourceError, StoreError, UserError
from workbench.pull._corrected import Corrections, standing_corrections
from workbench.pull._examined import examined
from workbench.pull._labels import (
    held_of_faults,
    never_lower,
    stored_labels,
    strictest,
    wrong_labels,
)
from workbench.pull._lowered import Standing, standing, write_down
from workbench.pull._report import LISTED, PullReport, UnlabelledRow, UnmatchedPlace
from workbench.records import DTYPES, VALUE_LENGTH, RecordType, record_type
from workbench.sources.places import Gazetteer
from workbench.store import Counts, Delivery, Store

_TURNS = {"correction": -2, "duplicate_decision": -1, "label_change": 1}

SHRUNK = 0.5
"""A delivery of fewer rows than this share of the last one is refused unless it is said to be right."""


@dataclass(frozen=True, kw_only=True)
class _Prepared:
    """A delivery read, located, labelled and validated; nothing of it stored yet."""

    source: Source
    record: RecordType
    files: tuple[str, ...]
    digest: str
    read: int
    unread: tuple[str, ...]
    rows: pd.DataFrame
    accepted: pd.DataFrame
    rejected: pd.DataFrame
    unmatched: int
    unmatched_places: tuple[UnmatchedPlace, ...]
    unlabelled: int
    unlabelled_rows: tuple[UnlabelledRow, ...]
    corrections: Corrections

    @property
    def rejected_rows(self) -> int:
        return len(self.rejected[["file", "row"]].drop_duplicates())


def pull(
    office: Office, store: Store, source: Source, *, at: datetime, accept_shrink: bool = False
) -> PullReport:
    """
    Read `source`, and store what it changes: accepted rows, then rejected ones, then a delivery row.

    `at` is the moment of the pull (aware); days are in the office's zone. The same delivery again changes
    nothing, but adds its delivery row. Values that the desk set right are stored instead of those delivered,
    while these come as they were. A record whose row was rejected keeps its last good revision: it
    is still in the delivery, only not readable. A killed pull leaves whole tables; the next one completes it.

    Raises SourceError or ConfigurationError if the source cannot be read, or if its label was lowered in
    workbench.toml without an act on record, ShrinkRefused if it holds less
    than half the rows of its last delivery, or none that could be accepted where the last one had some,
    unless `accept_shrink`; in these cases nothing is stored. Raises StoreError, which may leave what a killed
    pull leaves.
    """
    prepared = _prepare(office, store, source, at=at, boundaries=lambda: Gazetteer.load(office))
    return _store(office, store, prepared, at=at, accept_shrink=accept_shrink)


def pull_all(
    office: Office,
    store: Store,
    slugs: Iterable[str] | None,
    *,
    at: datetime,
    accept_shrink: bool = False,
    progress: Callable[[str], None] | None = None,
) -> tuple[list[PullReport], list[UserError]]:
    """
    Pull several sources (all, if `slugs` is None) in the order of the configuration, with three exceptions.

    Corrections come first, for they set right what the others deliver, then decisions on duplicates: they
    hold for all readers, also for those who may not know of their source. Acts on labels come last: an act
    holds for what was recorded before it, so it must follow the rows that were delivered with it; as part
    of the same second it holds for all readers at once.
    Calls `progress` with each slug before it is pulled. Returns a report for each source that was pulled,
    and the error of each that could not be: one never stops the others. Raises UnknownName before
    anything is read, and StoreError, which would stop every source.
    """
    chosen = office.source if slugs is None else tuple(office.source_called(slug) for slug in slugs)
    chosen = tuple(sorted(chosen, key=lambda source: _TURNS.get(source.record, 0)))
    boundaries = cache(lambda: Gazetteer.load(office))  # large files: once, not for each source
    reports: list[PullReport] = []
    failures: list[UserError] = []
    for source in chosen:
        if progress is not None:
            progress(source.slug)
        try:
            prepared = _prepare(office, store, source, at=at, boundaries=boundaries)
            reports.append(_store(office, store, prepared, at=at, accept_shrink=accept_shrink))
        except UserError as error:
            failures.append(error)
        except StoreError:
            raise
        except Exception as error:
            problem = SourceError(
                f"[[source]] {source.slug} met a fault of the workbench ({type(error).__name__}). No more of "
                "it was stored. Report this, with its traceback, to whoever maintains the workbench."
            )
            problem.__cause__ = error
            failures.append(problem)
    return reports, failures


def _prepare(
    office: Office, store: Store, source: Source, *, at: datetime, boundaries: Callable[[], Gazetteer]
) -> _Prepared:
    record = record_type(source.record)
    delivered = sources.read(source, office)
    gazetteer = boundaries() if "district" in record.names else None
    corrections = standing_corrections(office, store, source)
    rows, result, corrected = examined(
        office, source, delivered.rows, gazetteer, at=at, corrections=corrections
    )
    unread = delivered.rejected.assign(value=delivered.rejected["value"].str.slice(0, VALUE_LENGTH))
    rejected = pd.concat([unread, result.rejected], ignore_index=True)
    good = rows[~_at_fault(rows, result.rejected)]
    lost = good[good["matched_by"] == "unmatched"] if gazetteer is not None else good.head(0)
    wrong = wrong_labels(good)
    return _Prepared(
        source=source,
        record=record,
        files=delivered.files,
        digest=delivered.digest,
        read=delivered.read,
        unread=delivered.unread,
        rows=rows,
        accepted=result.accepted,
        rejected=rejected.astype({name: result.rejected[name].dtype for name in result.rejected}),
        unmatched=len(lost),
        unmatched_places=() if gazetteer is None else _unmatched_places(lost, gazetteer),
        unlabelled=len(wrong),
        unlabelled_rows=tuple(
            UnlabelledRow(file=str(file), row=int(row), wrong=str(what))
            for file, row, what in wrong.head(LISTED).itertuples(index=False)
        ),
        corrections=corrected,
    )


def _store(
    office: Office, store: Store, prepared: _Prepared, *, at: datetime, accept_shrink: bool
) -> PullReport:
    source, record = prepared.source, prepared.record
    with store.delivery(source=source.slug, at=at) as delivery:
        known = _known(store, delivery, record_type("delivery"))
        held = standing(office, source, known)
        if not accept_shrink:
            _refuse_shrink(known, prepared)
        write_down(office, source, held, at=at)
        kept = _last_good(store, delivery, prepared)
        rows = strictest(pd.concat([prepared.accepted, kept], ignore_index=True), prepared.rows)
        rows, kept_labels = never_lower(rows, stored_labels(store, delivery, record))
        counts = delivery.append(record, rows, complete=source.covers == "everything")
        counts = replace(counts, unchanged=counts.unchanged - len(kept))
        today = at.astimezone(office.zone).date()
        rejected = _rejected_records(store, delivery, prepared, today=today)
        delivery.append(record_type("rejected_row"), rejected, complete=True)
        row = _delivery_record(delivery, prepared, counts, held, dated=rows[record.dated_by])
        delivery.append(record_type("delivery"), row, complete=False)
        recorded_at = delivery.recorded_at
    dated = rows[record.dated_by]
    return PullReport(
        source=source.slug,
        record=record.name,
        files=prepared.files,
        read=prepared.read,
        new=counts.new,
        changed=counts.changed,
        withdrawn=counts.withdrawn,
        unchanged=counts.unchanged,
        rejected=prepared.rejected_rows,
        unmatched=prepared.unmatched,
        unmatched_places=prepared.unmatched_places,
        unlabelled=prepared.unlabelled,
        unlabelled_rows=prepared.unlabelled_rows,
        labels_kept=len(kept_labels),
        kept_labels=tuple(kept_labels[:LISTED]),
        first_dated=_day(dated.min()),
        last_dated=_day(dated.max()),
        recorded_at=recorded_at,
        corrected=prepared.corrections.rows,
        lapsed=len(prepared.corrections.lapsed),
        lapsed_corrections=prepared.corrections.lapsed[:LISTED],
    )


def _refuse_shrink(known: pd.DataFrame, prepared: _Prepared) -> None:
    if known.empty:
        return
    last = known.sort_values("recorded_at").iloc[-1]
    slug, before = prepared.source.slug, int(last["read"])
    remedy = (
        f"Look at its files; if that is right: workbench pull {slug} --accept-shrink. Nothing was stored."
    )
    # a delivery of additions holds what is new, be it little; of a register lines are counted, which are
    # only ever added: one that holds fewer has lost some
    if prepared.source.covers == "everything" and prepared.read < SHRUNK * before:
        raise ShrinkRefused(
            f"[[source]] {slug} holds {prepared.read} rows; its last delivery held {before}. {remedy}"
        )
    if sources.is_register(prepared.source) and prepared.rejected_rows < prepared.read:
        return  # all that was entered may have been taken back; but not every line can be broken
    accepted_before = before - int(last["rejected"])
    if prepared.accepted.empty and accepted_before > 0:
        raise ShrinkRefused(
            f"[[source]] {slug} holds no row that can be accepted ({prepared.rejected_rows} rejected); "
            f"of its last delivery {accepted_before} were. {remedy}"
        )


def _known(store: Store, delivery: Delivery, record: RecordType) -> pd.DataFrame:
    return store.read(record, as_of=delivery.recorded_at, sources=[delivery.source])


def _last_good(store: Store, delivery: Delivery, prepared: _Prepared) -> pd.DataFrame:
    """
    Return what is known of each record whose row was rejected.

    Such a record is still in the delivery, only not readable: a slip in its row must not withdraw it.
    """
    ids = set(prepared.unread)
    if "record_id" in prepared.rows:
        wrong = _at_fault(prepared.rows, prepared.rejected)
        ids |= set(prepared.rows.loc[wrong, "record_id"].dropna().str.strip())
    if not ids:
        return prepared.accepted.head(0)
    known = _known(store, delivery, prepared.record)
    kept = known["record_id"].isin(ids) & ~known["record_id"].isin(prepared.accepted["record_id"])
    return known.loc[kept, list(prepared.record.names)]


def _rejected_records(store: Store, delivery: Delivery, prepared: _Prepared, *, today: date) -> pd.DataFrame:
    record, slug = record_type("rejected_row"), prepared.source.slug
    faults = prepared.rejected.drop_duplicates(["file", "row", "column", "reason"], ignore_index=True)
    at_fault = prepared.rows[_at_fault(prepared.rows, faults)]
    held = held_of_faults(prepared.source, prepared.record, at_fault, faults)
    labels = pd.DataFrame(held, columns=["level", "compartments"])
    ids = pd.Series(_fault_ids(slug, at_fault, pd.concat([faults, labels], axis=1)), dtype="str")
    # Rejected again is not rejected anew: the day stays that of the first pull that did so.
    known = _known(store, delivery, record).set_index("record_id")["occurred_on"]
    first = known.reindex(ids).fillna(pd.Timestamp(today))
    values = {
        "record_id": ids,
        "source": slug,
        **held,
        "listable": True,  # where a fault stands is the office's own; the value is closed anyway
        "occurred_on": first.array,
        "record": prepared.record.name,
        **{name: faults[name].array for name in ("file", "row", "column", "value", "reason")},
    }
    return _frame(record, values, length=len(faults))


def _fault_ids(slug: str, rows: pd.DataFrame, faults: pd.DataFrame) -> list[str]:
    """
    Return an id for each of `faults`, by its record, column, reason and label, and its place among the like.

    Not by the number of its row: a row before it, which a reader may not know of, would give it another id,
    and another day. Not by the value: who may not read it must not be able to guess it from the id.
    """
    names: dict[tuple[str, int], str] = {}
    if "record_id" in rows:
        known = rows[["file", "row", "record_id"]].dropna().astype({"file": "str", "row": "int64"})
        names = {(file, row): name for file, row, name in known.itertuples(index=False, name=None)}
    told = faults[["file", "column", "reason", "level", "compartments"]].astype("object")
    told = told.where(told.notna(), None)
    alike: Counter[tuple[object, ...]] = Counter()
    ids = []
    cells = told.itertuples(index=False, name=None)
    for row, (file, column, *rest) in zip(faults["row"], cells, strict=True):
        name = None if column == "record_id" else names.get((str(file), int(row)))
        one = (slug, name, file, column, *rest)
        alike[one] += 1
        ids.append(_digest((*one, alike[one])))
    return ids


def _delivery_record(
    delivery: Delivery, prepared: _Prepared, counts: Counts, held: Standing, *, dated: pd.Series
) -> pd.DataFrame:
    values = {
        "record_id": f"{delivery.source}/{delivery.batch}",
        "source": delivery.source,
        "level": Level.INTERNAL.slug,
        "listable": True,
        "occurred_on": pd.Timestamp(delivery.recorded_at.date()),
        "record": prepared.record.name,
        "files": len(prepared.files),
        "digest": prepared.digest,
        "held_as": str(held.now),
        "lowering": held.act,
        "first_dated": dated.min(),
        "last_dated": dated.max(),
        "read": prepared.read,
        "new": counts.new,
        "changed": counts.changed,
        "withdrawn": counts.withdrawn,
        "unchanged": counts.unchanged,
        "rejected": prepared.rejected_rows,
        "unmatched": prepared.unmatched,
    }
    return _frame(record_type("delivery"), values, length=1)


def _frame(record: RecordType, values: dict[str, object], *, length: int) -> pd.DataFrame:
    columns = {}
    for column in record.columns:
        value = values.get(column.name)
        given = value if isinstance(value, pd.Series | pd.api.extensions.ExtensionArray) else [value] * length
        columns[column.name] = pd.Series(given, dtype=DTYPES[column.kind])
    return pd.DataFrame(columns)


def _digest(parts: tuple[object, ...]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        text = b"" if part is None else str(part).encode("utf-8", "replace")
        whole.update(len(text).to_bytes(8, "big"))
        whole.update(text)
    return whole.hexdigest()


def _at_fault(rows: pd.DataFrame, rejected: pd.DataFrame) -> pd.Series:
    keys = pd.MultiIndex.from_frame(rows[["file", "row"]].astype({"file": "str", "row": "int64"}))
    wrong = pd.MultiIndex.from_frame(rejected[["file", "row"]].astype({"file": "str", "row": "int64"}))
    return pd.Series(keys.isin(wrong), index=rows.index)


def _unmatched_places(rows: pd.DataFrame, gazetteer: Gazetteer) -> tuple[UnmatchedPlace, ...]:
    names = rows["district_given"].dropna() if "district_given" in rows else pd.Series([], dtype="str")
    return tuple(
        UnmatchedPlace(name=str(name), rows=int(count), suggestions=gazetteer.suggestions(str(name)))
        for name, count in names.value_counts().items()
    )


def _day(moment: pd.Timestamp) -> date | None:
    return None if pd.isna(moment) else moment.date()
