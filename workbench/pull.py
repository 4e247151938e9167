"""Pulling: what a source holds now -> accepted and rejected rows in the store, and a row that says so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from workbench import sources
from workbench.config import COMPARTMENTS, HIGHEST, LEVELS, Level, Office, Source
from workbench.errors import ShrinkRefused, SourceError, StoreError, UserError
from workbench.records import DTYPES, VALUE_LENGTH, RecordType, Validated, record_type, validate
from workbench.sources.places import Gazetteer
from workbench.store import Counts, Delivery, Store

SHRUNK = 0.5
"""A delivery of fewer rows than this share of the last one is refused unless it is said to be right."""


@dataclass(frozen=True, kw_only=True)
class UnmatchedPlace:
    """A district name that no boundary and no alias has, on how many accepted rows, and names like it."""

    name: str
    rows: int
    suggestions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PullReport:
    """
    What one pull of one source did.

    `read`: rows the files held. `new`, `changed`, `unchanged`: accepted rows, against what was known of
    their records; `withdrawn`: records no longer delivered. `rejected`: rows set aside. `unmatched`:
    accepted rows that name or locate a place which is in no district; `unmatched_places` are the names
    among them, most frequent first. `first_dated`, `last_dated`: of the accepted rows, None if there are
    none. `recorded_at`: UTC.
    """

    source: str
    record: str
    files: tuple[str, ...]
    read: int
    new: int
    changed: int
    withdrawn: int
    unchanged: int
    rejected: int
    unmatched: int
    unmatched_places: tuple[UnmatchedPlace, ...]
    first_dated: date | None
    last_dated: date | None
    recorded_at: datetime


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

    @property
    def rejected_rows(self) -> int:
        return len(self.rejected[["file", "row"]].drop_duplicates())


def pull(
    office: Office, store: Store, source: Source, *, at: datetime, accept_shrink: bool = False
) -> PullReport:
    """
    Read `source`, and store what it changes: accepted rows, then rejected ones, then a delivery row.

    `at` is the moment of the pull (aware); days are in the office's zone. The same delivery again changes
    nothing, but adds its delivery row. A record whose row was rejected keeps its last good revision: it
    is still in the delivery, only not readable. A killed pull leaves whole tables; the next one completes it.

    Raises SourceError or ConfigurationError if the source cannot be read, ShrinkRefused if it holds less
    than half the rows of its last delivery, or none that could be accepted where the last one had some,
    unless `accept_shrink`; in these cases nothing is stored. Raises StoreError, which may leave what a killed
    pull leaves.
    """
    prepared = _prepare(office, source, at=at, boundaries=lambda: Gazetteer.load(office))
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
    Pull several sources (all, if `slugs` is None), in the order of the configuration.

    Calls `progress` with each slug before it is pulled. Returns a report for each source that was pulled,
    and the error of each that could not be: one never stops the others. Raises UnknownName before
    anything is read, and StoreError, which would stop every source.
    """
    chosen = office.source if slugs is None else tuple(office.source_called(slug) for slug in slugs)
    boundaries = cache(lambda: Gazetteer.load(office))  # large files: once, not for each source
    reports: list[PullReport] = []
    failures: list[UserError] = []
    for source in chosen:
        if progress is not None:
            progress(source.slug)
        try:
            prepared = _prepare(office, source, at=at, boundaries=boundaries)
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
    office: Office, source: Source, *, at: datetime, boundaries: Callable[[], Gazetteer]
) -> _Prepared:
    record = record_type(source.record)
    delivered = sources.read(source, office)
    rows = delivered.rows
    gazetteer = boundaries() if "district" in record.names else None
    if gazetteer is not None:
        rows = gazetteer.locate(rows, dated_by=record.dated_by)
    rows = label(source, rows)
    result: Validated = validate(record, rows, today=at.astimezone(office.zone).date())
    unread = delivered.rejected.assign(value=delivered.rejected["value"].str.slice(0, VALUE_LENGTH))
    rejected = pd.concat([unread, result.rejected], ignore_index=True)
    good = rows[~_at_fault(rows, result.rejected)]
    lost = good[good["matched_by"] == "unmatched"] if gazetteer is not None else good.head(0)
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
    )


def label(source: Source, rows: pd.DataFrame) -> pd.DataFrame:
    """
    Return `rows` with `source`, `level`, `compartments` and `listable` as validation needs them.

    The source's level and compartments hold for every row; a row's own label may only raise them, and a
    word that is no level stays for validation to judge. With neither, the level stays missing, which
    counts as the highest. A row may be withheld from lists where its source is not, never the reverse.
    """
    length = len(rows)

    def own(column: str) -> pd.Series:
        given = rows[column] if column in rows else pd.Series(np.nan, index=rows.index, dtype="str")
        text = given.astype("str").str.strip()
        return text.mask(text == "")

    levels = own("level").str.lower()
    if source.level is not None:
        below = LEVELS[: LEVELS.index(source.level)]
        levels = levels.fillna(source.level).mask(levels.isin(below), source.level)
    compartments = own("compartments")
    if source.compartments:
        least = ";".join(source.compartments)
        compartments = (least + ";" + compartments).where(compartments.notna(), least)
    listable = (
        own("listable").fillna("true") if source.listable else pd.Series(["false"] * length, dtype="str")
    )
    return rows.assign(
        source=pd.Series([source.slug] * length, dtype="str").array,
        level=levels.array,
        compartments=compartments.array,
        listable=listable.array,
    )


def _store(
    office: Office, store: Store, prepared: _Prepared, *, at: datetime, accept_shrink: bool
) -> PullReport:
    source, record = prepared.source, prepared.record
    with store.delivery(source=source.slug, at=at) as delivery:
        if not accept_shrink:
            _refuse_shrink(store, delivery, prepared)
        kept = _last_good(store, delivery, prepared)
        rows = _strictest(pd.concat([prepared.accepted, kept], ignore_index=True), prepared.rows)
        counts = delivery.append(record, rows, complete=source.covers == "everything")
        counts = replace(counts, unchanged=counts.unchanged - len(kept))
        today = at.astimezone(office.zone).date()
        rejected = _rejected_records(store, delivery, prepared, today=today)
        delivery.append(record_type("rejected_row"), rejected, complete=True)
        row = _delivery_record(delivery, prepared, counts, dated=rows[record.dated_by])
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
        first_dated=_day(dated.min()),
        last_dated=_day(dated.max()),
        recorded_at=recorded_at,
    )


def _refuse_shrink(store: Store, delivery: Delivery, prepared: _Prepared) -> None:
    known = _known(store, delivery, record_type("delivery"))
    if known.empty:
        return
    last = known.sort_values("recorded_at").iloc[-1]
    slug, before = prepared.source.slug, int(last["read"])
    remedy = (
        f"Look at its files; if that is right: workbench pull {slug} --accept-shrink. Nothing was stored."
    )
    # a delivery of additions holds what is new, be it little
    if prepared.source.covers == "everything" and prepared.read < SHRUNK * before:
        raise ShrinkRefused(
            f"[[source]] {slug} holds {prepared.read} rows; its last delivery held {before}. {remedy}"
        )
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
    faults, record = prepared.rejected, record_type("rejected_row")
    slug = prepared.source.slug
    # without the value: who may not read it must not be able to guess it from the number
    told = faults.drop(columns="value").astype("object")
    parts = told.where(told.notna(), None).itertuples(index=False, name=None)
    ids = pd.Series([_digest((slug, *one)) for one in parts], dtype="str")
    # Rejected again is not rejected anew: the day stays that of the first pull that did so.
    known = _known(store, delivery, record).set_index("record_id")["occurred_on"]
    first = known.reindex(ids).fillna(pd.Timestamp(today))
    values = {
        "record_id": ids,
        "source": slug,
        **_held(prepared),
        "listable": True,  # where a fault stands is the office's own; the value is closed anyway
        "occurred_on": first.array,
        "record": prepared.record.name,
        **{name: faults[name].array for name in ("file", "row", "column", "value", "reason")},
    }
    return _frame(record, values, length=len(faults)).drop_duplicates("record_id", ignore_index=True)


def _held(prepared: _Prepared) -> dict[str, Any]:
    """
    Return level and compartments of each fault: at least internal, its source's, and its row's own.

    That a closed record exists is closed as well. A row that could not be read at all, or has a label that
    nobody knows, counts as the highest.
    """
    source = prepared.source
    rows = prepared.rows[_at_fault(prepared.rows, prepared.rejected)]
    labels: dict[tuple[object, object], tuple[Level, frozenset[str]]] = {}
    for file, row, level, held in zip(
        *(
            rows.get(name, pd.Series(None, index=rows.index))
            for name in ("file", "row", "level", "compartments")
        ),
        strict=True,
    ):
        word = str(level).strip().lower()
        groups = (
            {one.strip().lower() for one in str(held).split(";") if one.strip()} if pd.notna(held) else set()
        )
        known = groups if groups <= set(COMPARTMENTS) else set(COMPARTMENTS)
        height = HIGHEST if word not in LEVELS else Level(LEVELS.index(word))
        before = labels.get((file, row), (Level.INTERNAL, frozenset()))
        labels[file, row] = (max(height, before[0]), before[1] | known)
    unread = (HIGHEST, frozenset(COMPARTMENTS))
    faults = prepared.rejected
    found = [labels.get(key, unread) for key in zip(faults["file"], faults["row"], strict=True)]
    words = [
        ";".join(one for one in COMPARTMENTS if one in groups | set(source.compartments)) or None
        for _, groups in found
    ]
    return {
        "level": pd.Series([max(Level.INTERNAL, source.held_at, height).slug for height, _ in found]).array,
        "compartments": pd.Series(words, dtype="str").array,
    }


def _strictest(rows: pd.DataFrame, delivered: pd.DataFrame) -> pd.DataFrame:
    """
    Return the rows of a record type with the strictest label that any delivered row of the record has.

    A row that is set aside for a slip elsewhere, or stands twice, still says how closely it is held.
    """
    if "record_id" not in delivered or delivered.empty or rows.empty:
        return rows
    height = delivered["level"].str.strip().str.lower().map({word: n for n, word in enumerate(LEVELS)})
    ids = delivered["record_id"].str.strip()
    highest = height.fillna(len(LEVELS) - 1).groupby(ids).max().reindex(rows["record_id"])
    own = rows["level"].map({word: n for n, word in enumerate(LEVELS)}).astype("float")
    raised = pd.Series(highest.to_numpy(), index=rows.index) > own
    words = pd.Series(highest.fillna(0).astype(int).map(dict(enumerate(LEVELS))).to_numpy(), index=rows.index)
    named = delivered["compartments"].dropna().groupby(ids).agg(";".join).reindex(rows["record_id"])
    more = pd.Series(named.to_numpy(), index=rows.index, dtype="str")
    joined = (rows["compartments"].fillna("") + ";" + more.fillna("")).map(_once)
    return rows.assign(
        level=rows["level"].mask(raised, words.astype("str")),
        compartments=rows["compartments"].mask(more.notna(), joined.astype("str")),
    )


def _once(label: str) -> str:
    return ";".join(dict.fromkeys(part.strip() for part in label.split(";") if part.strip()))


def _delivery_record(
    delivery: Delivery, prepared: _Prepared, counts: Counts, *, dated: pd.Series
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
