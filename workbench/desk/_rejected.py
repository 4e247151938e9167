"""Rows that could not be accepted: where each stands, why, and what its value should be."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from workbench.config import Source
from workbench.desk._corrections import Correction, correct
from workbench.desk._deliveries import Held
from workbench.desk._duplicates import required
from workbench.desk._register import Entered
from workbench.desk._seat import Seat
from workbench.errors import ParameterError
from workbench.records import RecordType
from workbench.records.correction import correctable
from workbench.sources import is_register


@dataclass(frozen=True, repr=False)
class Fault:
    """
    One fault of a row that could not be accepted.

    `file` and `row` are where it stands, "" and 0 for who may not know. `value`: what stands there, None for
    who may not read it. `record_id`: as stored, "" if the row has none that could be read. `values`: what
    else the row says, column -> text, for columns that can be corrected here. `cannot`: why it cannot be
    corrected here and where to mend it, "" if it can.
    """

    source: Source
    record: RecordType
    file: str
    row: int
    column: str
    value: str | None
    reason: str
    record_id: str
    values: Mapping[str, str]
    cannot: str

    def said(self, seat: Seat, column: str) -> str | None:
        """Return what the row says in a column, None to those who may not read it."""
        if self.value is None or (column in self.record.names and not seat.reads(self.record.name, column)):
            return None
        return self.values.get(column, "")

    def words(self, column: str) -> tuple[str, ...]:
        """Return the words that a column may have, () where any text may stand."""
        return self.record.column(column).vocabulary if column in self.record.names else ()


@dataclass(frozen=True, repr=False)
class Rejected:
    """The faults that those at the desk may know of, and how many `closed` ones there are besides."""

    faults: tuple[Fault, ...]
    closed: int


def rejected_now(seat: Seat, held: Sequence[Held]) -> Rejected:
    """
    Return what the sources of `held_now` deliver and no pull would accept, in the order of the files.

    A row is known to those who may read its label; one that could not be read at all to those who read
    everything. Values are shown to who reads values of rejected rows (`rejected_row.value`), and only of
    columns they read.
    """
    found: list[Fault] = []
    closed = 0
    for one in held:
        for fault in one.faults.to_dict("records"):
            at = None if pd.isna(fault["at"]) else int(fault["at"])
            seen = seat.reads_everything if at is None else bool(one.seen.at[at])
            if seen and seat.reads("rejected_row", "reason"):
                found.append(_fault(seat, one, fault, at))
            else:
                closed += 1
    return Rejected(tuple(found), closed)


def mend(
    seat: Seat, fault: Fault, values: Mapping[str, str], *, by: str, reason: str, at: datetime
) -> Entered:
    """
    Store what the row of a fault should say (column -> value, "" for nothing), and pull its source.

    Raises ParameterError without author or reason, for a row that cannot be corrected here, for a value that
    would not be accepted, and where the file says something else by now; nothing is stored then.
    """
    seat.require_deciding()
    signed, because = required(by, reason)
    if fault.cannot:
        raise ParameterError(fault.cannot)
    made = [
        Correction(
            source=fault.source.slug,
            record_id=fault.record_id,
            column=column,
            was=fault.values.get(column, ""),
            to=" ".join(value.split()),
        )
        for column, value in values.items()
    ]
    if not made or all(one.was == one.to for one in made):
        raise ParameterError("Write what the value should be; it is what it was. Nothing was stored.")
    return correct(seat.office, seat.store, made, by=signed, reason=because, at=at)


def _fault(seat: Seat, held: Held, fault: Mapping[Hashable, Any], at: int | None) -> Fault:
    source, column = held.source, str(fault["column"])
    file, number = str(fault["file"]), int(fault["row"])
    values = {} if at is None else _values(held, at)
    record_id = values.pop("record_id", "")
    listed = seat.reads("rejected_row", "file", "row") and source.listable
    where = f"in {file}, row {number}," if listed else "in its file"
    cannot = ""
    if is_register(source):
        cannot = f"This is a line of a register of the desk: mend it {where} or enter it anew."
    elif at is None:
        cannot = f"The reader of this source set the row aside: mend it {where} and pull again."
    elif not record_id or column == "record_id":
        cannot = f"A row without a record_id of its own is not corrected here: mend it {where} and pull."
    elif not seat.reads("rejected_row", "file", "row", "value"):
        cannot = (
            "Where this row stands and what it says is for those who read everything: choose other readers "
            "in the control at the top, or have them mend it."
        )
    elif not source.listable:
        cannot = "The licence of this source lets nobody list its rows: have its publisher mend it."
    return Fault(
        source=source,
        record=held.record,
        file=file if listed else "",
        row=number if listed else 0,
        column=column,
        value=_shown(seat, held, fault, column) if source.listable else None,
        reason=str(fault["reason"]),
        record_id=record_id,
        values=values,
        cannot=cannot,
    )


def _values(held: Held, at: int) -> dict[str, str]:
    """Return the delivered values of a row, those that the desk set right already as it did."""
    said = held.delivered.loc[at].to_dict()
    mine = held.set_right[held.set_right["at"] == at]
    said |= dict(zip(mine["column"], mine["value_to"], strict=True))
    found = {name: said.get(name) for name in ("record_id", *correctable(held.record))}
    return {name: " ".join(one.split()) for name, one in found.items() if isinstance(one, str)}


def _shown(seat: Seat, held: Held, fault: Mapping[Hashable, Any], column: str) -> str | None:
    if not seat.reads("rejected_row", "value"):
        return None
    if column in held.record.names and not seat.reads(held.record.name, column):
        return None
    value = fault["value"]
    return "" if value is None or pd.isna(value) else str(value)
