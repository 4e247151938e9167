"""Floors: the least label that a row has by its record type and its source, whatever it says itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from workbench.audience._acts import lowered
from workbench.config import COMPARTMENTS, HIGHEST, LEVELS, Audience, Level, Source
from workbench.errors import UnknownName
from workbench.records import RecordType, record_type

HEIGHTS = {word: float(height) for height, word in enumerate(LEVELS)}

SEALED = "sealed"
"""A compartment that nobody has and no configuration can give: rows of what is in no view."""


@dataclass(frozen=True)
class Floor:
    """The least that a reader needs: a level and compartments; `sealed` is read by nobody."""

    level: Level
    compartments: tuple[str, ...]
    sealed: bool = False


def reads_everything(audience: Audience) -> bool:
    """Return whether no level and no compartment is closed to `audience`."""
    return audience.clearance == HIGHEST and set(COMPARTMENTS) <= set(audience.compartments)


def floor(source: Source) -> Floor:
    """
    Return the least label of a source's rows: its own, and its record type's where that is stricter.

    A source without a level asks nothing of a row that has one; a record type that nobody knows is taken
    as sealed.
    """
    try:
        record = record_type(source.record)
    except UnknownName:
        return Floor(HIGHEST, COMPARTMENTS, sealed=True)
    own = source.held_at if source.level else Level.PUBLIC
    return Floor(
        max(own, record.level), _in_order({*source.compartments, *record.compartments}), sealed=record.sealed
    )


def may_name(source: Source, audience: Audience) -> bool:
    """
    Return whether `audience` may know that `source` exists.

    It needs the source's level and compartments, and those of its record type; a source without a level
    counts as the highest, and one of sealed records is named only to who reads everything.
    """
    least = floor(source)
    if least.sealed:
        return reads_everything(audience)
    level = max(least.level, source.held_at)
    return level <= audience.clearance and set(least.compartments) <= set(audience.compartments)


def labelled(
    rows: pd.DataFrame,
    sources: Iterable[Source],
    record: RecordType,
    *,
    changes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Return the rows of `record` with the labels that hold now: lowered by acts on record, raised by floors.

    `changes` are the standing label changes (`standing_acts`); without them no label is lowered, and with
    them `rows` have `recorded_at`.
    The result is at least as strict as all floors that are said of a row now.

    Takes `source`, `record_id`, `level`, `compartments`, `listable`. The floors are those of the row's source
    as it is configured now, of the record type its source delivers (what is told about the rows of a closed
    type, such as why one was rejected, is closed with them), and of `record`. A row whose source is no longer
    configured gets the highest level: nobody answers for it. Rows of sealed records, and rows about them,
    get a compartment that nobody has.
    """
    if changes is not None and len(changes):
        rows = lowered(rows, changes, record)
    known = {source.slug: source for source in sources}
    own = Floor(record.level, record.compartments, sealed=record.sealed)
    floors = {
        slug: floor(known[slug]) if slug in known else Floor(HIGHEST, ())
        for slug in rows["source"].dropna().unique()
    }
    words = {slug: max(one.level, own.level).slug for slug, one in floors.items()}
    least = rows["source"].map(words).fillna(HIGHEST.slug).astype("str")
    lower = rows["level"].map(HEIGHTS).astype("float64") < least.map(HEIGHTS).astype("float64")
    more = {slug: _added(one, own) for slug, one in floors.items()}
    added = rows["source"].map({slug: label for slug, label in more.items() if label}).astype("str")
    joined = (rows["compartments"].fillna("") + ";" + added.fillna("")).str.strip(";")
    unlisted = [source.slug for source in known.values() if not source.listable]
    return rows.assign(
        level=rows["level"].mask(lower, least),
        compartments=rows["compartments"].mask(added.notna(), joined),
        listable=rows["listable"].mask(rows["source"].isin(unlisted), other=False),
    )


def _added(one: Floor, own: Floor) -> str:
    sealed = (SEALED,) if one.sealed or own.sealed else ()
    return ";".join((*_in_order({*one.compartments, *own.compartments}), *sealed))


def _in_order(compartments: set[str]) -> tuple[str, ...]:
    return tuple(one for one in COMPARTMENTS if one in compartments)
