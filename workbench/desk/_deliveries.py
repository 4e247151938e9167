"""What a source holds now, as a pull would take it, and which of its rows those at the desk may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from workbench import sources
from workbench.audience import may_read, stricter
from workbench.config import COMPARTMENTS, HIGHEST, LEVELS, Source
from workbench.desk._seat import Seat
from workbench.errors import UserError
from workbench.pull import examine, standing_corrections
from workbench.records import RecordType, record_type
from workbench.store import Store

_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, repr=False)
class Held:
    """
    A source as it lies there now.

    `delivered`: its rows as text, as its reader gives them, `file` and `row` among the columns. `rows`: the
    same corrected, located and labelled, in the same order. `faults`: `file, row, column, value, reason`, of
    rows that could not be accepted; `at` is the label of their row in both frames, missing where the reader
    set the row aside. `seen`: which of `rows` those at the desk may see. `set_right`: `at`, `column`,
    `value_to` of the corrections that hold.
    """

    source: Source
    record: RecordType
    delivered: pd.DataFrame
    rows: pd.DataFrame
    faults: pd.DataFrame
    seen: pd.Series
    set_right: pd.DataFrame


def hold(seat: Seat, source: Source, *, at: datetime) -> Held:
    """Read a source as a pull at `at` would; nothing is stored. Raises what reading it raises."""
    record = record_type(source.record)
    read = sources.read(source, seat.office)
    delivered = read.rows.reset_index(drop=True)
    made = examine(
        seat.office,
        source,
        delivered,
        at=at,
        corrections=standing_corrections(seat.office, seat.store, source),
    )
    faults = pd.concat([read.rejected, made.result.rejected], ignore_index=True)
    places = pd.DataFrame({"file": delivered["file"], "row": delivered["row"], "at": delivered.index})
    faults = faults.merge(places.astype({"row": "Int64", "at": "Int64"}), on=["file", "row"], how="left")
    # a row that the reader set aside for standing there twice is not the row that it repeats
    faults.loc[: len(read.rejected) - 1, "at"] = pd.NA
    return Held(
        source=source,
        record=record,
        delivered=delivered,
        rows=made.rows,
        faults=faults,
        seen=_seen(seat, source, record, made.rows),
        set_right=made.corrections.holding,
    )


def wanting(seat: Seat) -> dict[str, datetime]:
    """
    Return the sources of whose last delivery rows were set aside or not placed, and when that was (UTC).

    By slug, in the order of the configuration; those that may not be named here are left out.
    """
    rows = seat.store.read(record_type("delivery"), as_of=_END)
    last = rows.sort_values(["recorded_at", "record_id"]).drop_duplicates("source", keep="last")
    odd = last[(last["rejected"] > 0) | (last["unmatched"] > 0)].set_index("source")["recorded_at"]
    named = [one.slug for one in seat.office.source if seat.may_name(one)]
    return {slug: odd[slug].to_pydatetime() for slug in named if slug in odd.index}


def held_now(
    seat: Seat, *, at: datetime, kept: dict[str, tuple[datetime, Held]] | None = None
) -> tuple[list[Held], list[UserError]]:
    """
    Return what the sources that are `wanting` hold now, and the errors of those that cannot be read.

    `kept` is filled with what was found of each; a source that was not pulled since is not read again.
    """
    found: list[Held] = []
    failures: list[UserError] = []
    kept = {} if kept is None else kept
    for slug, pulled in {} if seat.counts_only else wanting(seat).items():
        known = kept.get(slug)
        if known is None or known[0] != pulled:
            try:
                kept[slug] = pulled, hold(seat, seat.office.source_called(slug), at=at)
            except UserError as problem:
                failures.append(problem)
                continue
        found.append(kept[slug][1])
    return found, failures


def newest_labels(store: Store, record: RecordType, source: Source) -> pd.DataFrame:
    """Return `level` and `compartments` of the last revision of each record_id of a source."""
    names = ["level", "compartments"]
    rows = store.revisions(record, as_of=_END, sources=[source.slug], columns=names)
    return rows.drop_duplicates("record_id", keep="last").set_index("record_id")[names]


def _seen(seat: Seat, source: Source, record: RecordType, rows: pd.DataFrame) -> pd.Series:
    """
    Return which rows those at the desk may see: by the stricter of the label delivered and the one stored.

    An act that lowered a label is not looked at: what it opened is seen on the pages.
    """
    level = rows["level"].astype("str").str.strip().str.lower()
    own = pd.DataFrame(
        {
            "level": level.where(level.isin(LEVELS), HIGHEST.slug).astype("str"),
            "compartments": rows["compartments"].map(_known).astype("str"),
        }
    )
    ids = rows["record_id"].str.strip() if "record_id" in rows else pd.Series(pd.NA, index=rows.index)
    stored = newest_labels(seat.store, record, source).reindex(ids)
    # what was never stored has no label there that could raise its own
    stored = stored.assign(level=stored["level"].where(stored["level"].notna(), LEVELS[0]).to_numpy())
    return may_read(stricter(own, stored), seat.audience)


def _known(label: object) -> str | None:
    named = {part.strip().lower() for part in str(label).replace(",", ";").split(";") if part.strip()}
    if pd.isna(label):  # type: ignore[call-overload]  # a cell is a scalar
        return None
    return ";".join(one for one in COMPARTMENTS if one in named or not named <= set(COMPARTMENTS))
