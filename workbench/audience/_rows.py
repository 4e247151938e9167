"""Rows of the store -> what one audience may read of them: fewer rows, fewer columns, coarser values."""

from __future__ import annotations

import pandas as pd

from workbench.audience._counted import COUNTED
from workbench.audience._floors import HEIGHTS
from workbench.audience._policy import Policy
from workbench.config import COMPARTMENTS, HIGHEST, Audience, Week
from workbench.records import RecordType


def may_read(rows: pd.DataFrame, audience: Audience) -> pd.Series:
    """
    Return a mask of the rows that `audience` may read.

    Takes `level` and `compartments` (joined by ";"). A level that is missing or not one of the four
    counts as the highest; a compartment that is not known is one nobody has.
    """
    height = rows["level"].map(HEIGHTS).astype("float64").fillna(float(HIGHEST))
    label = rows["compartments"].astype("object")
    allowed = {one: _compartments(one) <= set(audience.compartments) for one in label.dropna().unique()}
    inside = label.map(lambda one: True if pd.isna(one) else allowed[one]).astype(bool)
    return (height <= float(audience.clearance)) & inside


def readable(record: RecordType, rows: pd.DataFrame, rules: Policy, *, week: Week) -> pd.DataFrame:
    """
    Return what the audience of `rules` may read of `rows`: fewer rows, fewer columns, coarser places.

    Takes columns of `record`, and any the store adds, which are dropped. Rows that are not
    `listable` keep only the columns in COUNTED, and their day becomes the first day of its
    reporting week (by the week rule of `week`); those that belong to no single week keep the months
    they fell in. A record type that has no readable column, such as a sealed one, comes back without rows.
    Pseudonyms are not made here.
    """
    columns = [name for name in rules.columns(record.name) if name in rows]
    if not columns:
        return pd.DataFrame(index=pd.RangeIndex(0), columns=pd.Index([], dtype="object"))
    kept = rows[may_read(rows, rules.audience)]
    # days are coarsened by columns that the audience may not read
    needed = [name for name in record.names if name in rows and (name in columns or name in COUNTED)]
    return _counts_only(record, kept[needed].reset_index(drop=True), week)[columns]


def _compartments(label: str) -> frozenset[str]:
    named = frozenset(part.strip() for part in label.split(";") if part.strip())
    return named if named <= set(COMPARTMENTS) else frozenset(COMPARTMENTS) | {"unknown"}


def _counts_only(record: RecordType, rows: pd.DataFrame, week: Week) -> pd.DataFrame:
    if "listable" in rows:
        closed = ~rows["listable"].fillna(value=False).astype(bool)
    else:  # what does not say that it may be listed may not
        closed = pd.Series(data=True, index=rows.index)
    if not closed.any():
        return rows
    rows = rows.copy()
    for name in rows.columns.difference(list(COUNTED)):
        rows[name] = rows[name].mask(closed)
    if record.dated_by not in COUNTED or record.dated_by not in rows:
        return rows
    dated = rows[record.dated_by]
    back = (dated.dt.day_of_week - week.first_day.weekday()) % 7
    first_day = (dated - pd.to_timedelta(back, unit="D")).astype(dated.dtype)
    if "date_precision" not in record.names:
        rows[record.dated_by] = dated.mask(closed, first_day)
    else:
        until = rows["occurred_to"].fillna(dated)
        short = (until - dated) <= pd.Timedelta(days=6)
        dated_closely = rows["date_precision"].isin(["day", "days", "week"])
        weekly = closed & short & dated_closely
        longer = closed & ~weekly
        month = dated.dt.to_period("M")
        ends = until.dt.to_period("M").dt.end_time.dt.normalize()
        rows[record.dated_by] = dated.where(~weekly, first_day)
        rows[record.dated_by] = rows[record.dated_by].mask(longer, month.dt.start_time.astype(dated.dtype))
        rows["occurred_to"] = rows["occurred_to"].where(~weekly, rows[record.dated_by])
        rows["occurred_to"] = rows["occurred_to"].mask(longer, ends.astype(dated.dtype))
        rows["date_precision"] = rows["date_precision"].where(~weekly, "week")
        rows["date_precision"] = rows["date_precision"].mask(longer & dated_closely, "longer")
    return rows
