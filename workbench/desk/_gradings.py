"""Verification and grades: what the desk thinks of a row that a source delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from workbench.desk._corrections import Correction, correct
from workbench.desk._duplicates import required
from workbench.desk._register import Entered, enter, lines, register_of
from workbench.desk._seat import Seat
from workbench.errors import ParameterError
from workbench.records import record_type
from workbench.sources import is_register

GRADED: Mapping[str, tuple[str, ...]] = {
    "incident": ("verification", "source_grade"),
    "liaison_entry": ("info_grade",),
}
"""What a person judges of a row, by record type; closed vocabularies all."""


def of_the_week(seat: Seat, record: str) -> pd.DataFrame:
    """
    Return the rows of a view's own week that can be decided about, by day: with an id, and listable.

    Of a record type that lasts, such as commitments, all that are known. Columns as those at the desk read
    them; none for readers without rows, ids or days.
    """
    dated_by = record_type(record).dated_by
    rows = seat.view.table(record)
    if seat.counts_only or not {"record_id", dated_by, "source", "listable"} <= set(rows.columns):
        return rows.iloc[:0]
    first, last = pd.Timestamp(seat.view.week.first_day), pd.Timestamp(seat.view.week.last_day)
    dated = rows[dated_by].notna() if record_type(record).lasting else rows[dated_by].between(first, last)
    own = dated & rows["listable"].fillna(value=False).astype(bool)
    own &= rows["record_id"].notna()
    return rows[own].sort_values([dated_by, "source", "record_id"], kind="stable", ignore_index=True)


def grades_of(seat: Seat, record: str) -> dict[str, tuple[str, ...]]:
    """Return what those at the desk can judge of a record type: column -> its words, those they read."""
    known = record_type(record)
    return {name: known.column(name).vocabulary for name in GRADED[record] if seat.reads(record, name)}


def grade(  # noqa: PLR0913  (which row, its words, who, why and when)
    seat: Seat, record: str, row: pd.Series, words: Mapping[str, str], *, by: str, reason: str, at: datetime
) -> Entered:
    """
    Store what a row of the view is judged to be: column -> word, for the columns of `grades_of`.

    Of a delivered row as corrections, of a row of a register as that row entered anew. Words that the row
    has already are left out. Raises ParameterError without author or reason, where nothing would change, for
    a row that cannot be told for certain, and as `correct`.
    """
    seat.require_deciding()
    signed, because = required(by, reason)
    known = grades_of(seat, record)
    wrong = next((name for name, word in words.items() if word not in known.get(name, ())), None)
    if wrong is not None:
        raise ParameterError(f"{wrong[:60]}: choose one of its words. Nothing was stored.")
    was = {name: "" if pd.isna(row[name]) else str(row[name]) for name in words}
    changed = {name: word for name, word in words.items() if word != was[name]}
    if not changed:
        raise ParameterError("That is what the row says already. Nothing was stored.")
    return set_values(seat, record, row, changed, was=was, by=signed, reason=because, at=at)


def set_values(  # noqa: PLR0913  (which row, what it says and should say, who, why and when)
    seat: Seat, record: str, row: pd.Series, values: Mapping[str, str], *, was: Mapping[str, str], by: str,
    reason: str, at: datetime,
) -> Entered:  # fmt: skip
    """Store values of a row of the view: as corrections, or as a register's own row entered anew."""
    source, record_id = seat.stored(record, str(row["source"]), str(row["record_id"]))
    if is_register(seat.office.source_called(source)):
        return _anew(seat, record, source, record_id, values, by=by, reason=reason, at=at)
    made = [
        Correction(source=source, record_id=record_id, column=column, was=was.get(column, ""), to=to)
        for column, to in values.items()
    ]
    return correct(seat.office, seat.store, made, by=by, reason=reason, at=at)


def _anew(  # noqa: PLR0913  (which row, what it should say, who, why and when)
    seat: Seat, record: str, source: str, record_id: str, values: Mapping[str, str], *, by: str, reason: str,
    at: datetime,
) -> Entered:  # fmt: skip
    register = register_of(seat.office, record)
    own = lines(seat.office, record)
    own = own[own["record_id"].eq(record_id) & own["standing"]]
    before = own.iloc[0]["row"] if len(own) and register.slug == source else None
    if before is None:
        raise ParameterError(
            f"This row is of the register {source}, but its line cannot be told. Enter it anew."
        )
    return enter(
        seat.office, seat.store, record, {record_id: {**before, **values}}, by=by, reason=reason, at=at
    )
