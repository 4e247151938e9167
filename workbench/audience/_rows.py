"""The first lock: rows of the store -> what one audience may read of them.

Closed by default. A row is read only if its level is not above the audience's and its compartments
are all the audience's; a column likewise; and what neither names is absent, not blanked. A label
that is missing or unknown counts as the highest. Nothing here knows about pages: what this module
leaves out never enters the process that makes an edition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from workbench.config import COMPARTMENTS, HIGHEST, LEVELS, Audience, Source, Week
from workbench.records import Column, RecordType

Reason = Literal["read", "level", "compartment", "place_precision", "free_text"]

_HEIGHTS = {word: float(height) for height, word in enumerate(LEVELS)}
_EXACT_PLACE = frozenset({"latitude", "longitude", "place_name"})
_DISTRICT = frozenset({"district", "district_name"})

COUNTED = frozenset(
    {
        "record_id", "source", "level", "compartments", "listable", "occurred_on", "occurred_to",
        "date_precision", "event_type", "threat_category", "civilian_targeting", "killed_best",
        "killed_low", "killed_high", "civilians_killed", "injured_best", "abducted_best",
        "aid_affected", "admin1", "district", "district_name", "verification", "source_definition",
        "dup_group",
    }
)  # fmt: skip
"""What remains of a row whose licence allows counts but no rows: enough to count it in its week."""


@dataclass(frozen=True)
class ColumnRule:
    """What one audience sees of one column, and why."""

    record: str
    column: str
    reason: Reason

    @property
    def read(self) -> bool:
        """Whether the column is present for this audience."""
        return self.reason == "read"


def column_rule(record: RecordType, column: Column, audience: Audience) -> ColumnRule:
    """Return whether `audience` reads `column` of `record`, and the first rule that decides it."""
    reason: Reason = "read"
    if column.level > audience.clearance:
        reason = "level"
    elif not set(column.compartments) <= set(audience.compartments):
        reason = "compartment"
    elif column.name in _too_exact(audience):
        reason = "place_precision"
    elif (column.kind == "free_text" or column.unreleased) and audience.free_text != "full":
        reason = "free_text"
    return ColumnRule(record.name, column.name, reason)


def may_read(rows: pd.DataFrame, audience: Audience) -> pd.Series:
    """
    Return a mask of the rows that `audience` may read.

    Takes `level` and `compartments` (joined by ";"). A level that is missing or not one of the four
    counts as the highest; a compartment that is not known is one nobody has.
    """
    height = rows["level"].map(_HEIGHTS).astype("float64").fillna(float(HIGHEST))
    label = rows["compartments"].astype("object")
    allowed = {one: _compartments(one) <= set(audience.compartments) for one in label.dropna().unique()}
    inside = label.map(lambda one: True if pd.isna(one) else allowed[one]).astype(bool)
    return (height <= float(audience.clearance)) & inside


def readable(record: RecordType, rows: pd.DataFrame, audience: Audience, *, week: Week) -> pd.DataFrame:
    """
    Return what `audience` may read of `rows`: fewer rows, fewer columns, coarser places.

    Takes columns of `record`, and any the store adds, which are dropped. Rows that are not
    `listable` keep only the columns in COUNTED, and their day becomes the first day of its
    reporting week (by the week rule of `week`); those that belong to no single week keep the months
    they fell in. A record type that has no readable column comes
    back without rows.
    """
    kept = rows[may_read(rows, audience)]
    columns = [c.name for c in record.columns if c.name in rows and column_rule(record, c, audience).read]
    kept = kept[columns].reset_index(drop=True)
    return _counts_only(record, kept, week)


def labelled(rows: pd.DataFrame, sources: Iterable[Source]) -> pd.DataFrame:
    """
    Return the rows with labels at least as strict as their source's is now, whatever it was when stored.

    Takes `source`, `level`, `compartments`, `listable`. A row whose source is no longer configured
    gets the highest level: nobody answers for it.
    """
    known = {source.slug: source for source in sources}
    floors = {slug: known[slug].level if slug in known else HIGHEST.slug for slug in rows["source"].unique()}
    floor = rows["source"].map(floors).astype("str")
    lower = rows["level"].map(_HEIGHTS).astype("float64") < floor.map(_HEIGHTS).astype("float64")
    more = {source.slug: ";".join(source.compartments) for source in known.values() if source.compartments}
    added = rows["source"].map(more).astype("str")
    joined = (rows["compartments"].fillna("") + ";" + added.fillna("")).str.strip(";")
    unlisted = [source.slug for source in known.values() if not source.listable]
    return rows.assign(
        level=rows["level"].mask(lower, floor),
        compartments=rows["compartments"].mask(added.notna(), joined),
        listable=rows["listable"].mask(rows["source"].isin(unlisted), other=False),
    )


def may_name(source: Source, audience: Audience) -> bool:
    """Return whether `audience` may know that `source` exists; one without a level counts as the highest."""
    return source.held_at <= audience.clearance and set(source.compartments) <= set(audience.compartments)


def _too_exact(audience: Audience) -> frozenset[str]:
    return {"exact": frozenset[str](), "district": _EXACT_PLACE, "area": _EXACT_PLACE | _DISTRICT}[
        audience.place_precision
    ]


def _compartments(label: str) -> frozenset[str]:
    named = frozenset(part.strip() for part in label.split(";") if part.strip())
    return named if named <= set(COMPARTMENTS) else frozenset(COMPARTMENTS) | {"unknown"}


def _counts_only(record: RecordType, rows: pd.DataFrame, week: Week) -> pd.DataFrame:
    closed = ~rows["listable"].fillna(value=False).astype(bool) if "listable" in rows else None
    if closed is None or not closed.any():
        return rows
    rows = rows.copy()
    for name in rows.columns.difference(list(COUNTED)):
        rows[name] = rows[name].mask(closed)
    if record.dated_by in COUNTED and "date_precision" in rows:
        dated = rows[record.dated_by]
        back = (dated.dt.day_of_week - week.first_day.weekday()) % 7
        until = rows["occurred_to"].fillna(dated)
        short = (until - dated) <= pd.Timedelta(days=6)
        dated_closely = rows["date_precision"].isin(["day", "days", "week"])
        weekly = closed & short & dated_closely
        longer = closed & ~weekly
        month = dated.dt.to_period("M")
        ends = until.dt.to_period("M").dt.end_time.dt.normalize()
        first_day = dated - pd.to_timedelta(back, unit="D")
        rows[record.dated_by] = dated.where(~weekly, first_day.astype(dated.dtype))
        rows[record.dated_by] = rows[record.dated_by].mask(longer, month.dt.start_time.astype(dated.dtype))
        rows["occurred_to"] = rows["occurred_to"].where(~weekly, rows[record.dated_by])
        rows["occurred_to"] = rows["occurred_to"].mask(longer, ends.astype(dated.dtype))
        rows["date_precision"] = rows["date_precision"].where(~weekly, "week")
        rows["date_precision"] = rows["date_precision"].mask(longer & dated_closely, "longer")
    return rows
