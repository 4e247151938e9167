"""One incident in full, and how it came to be known: as far as the readers of a view may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from workbench.audience import policy
from workbench.config import Office
from workbench.desk.explore._text import text_of
from workbench.errors import ParameterError
from workbench.records import record_type
from workbench.store import Store
from workbench.view import View, histories, records_of

_TIMES = frozenset({"recorded_at", "known_until", "ended"})
_UNCHANGING = frozenset({"record_id", "source"})


@dataclass(frozen=True)
class Change:
    """A cell that a revision changed: `was` and `now` as text, "" where nothing was given."""

    column: str
    was: str
    now: str


@dataclass(frozen=True)
class Revision:
    """
    A state of a record: from when it was known until when (None: it stands), and what it changed.

    `ended`: "" while it stands, "superseded", "withdrawn", or "elsewhere" (it left the area). The first
    one changed nothing.
    """

    known_at: datetime
    until: datetime | None
    ended: str
    changes: tuple[Change, ...]


def in_full(view: View, position: int) -> tuple[tuple[str, str], ...]:
    """
    Return the cells of one row of the view's incidents that are given, as (column, text) in their order.

    `position` counts the rows of `view.table("incident")` from 0. Raises ParameterError if there is no such
    row, or its licence lets it be counted only.
    """
    row = _row(view, position)
    names = [name for name in record_type("incident").names if name in row and name != "listable"]
    return tuple((name, text_of(row[name])) for name in names if text_of(row[name]))


def history(office: Office, store: Store, view: View, position: int) -> tuple[Revision, ...]:
    """
    Return every state of one row's record that the readers of the view may read, oldest first.

    Labels are those that hold at this moment, so what was closed since the view was made is not told.
    Raises ParameterError as `in_full` does, and where the readers are given no code of the record, its code
    stands for several, or it is closed to them by now.
    """
    row = _row(view, position)
    source, record_id = _true_key(office, store, view, row)
    states = histories(office, store, view, of=(source, record_id))
    if states.empty or states["ended"].iloc[-1]:
        raise ParameterError(
            "This record is not open to these readers any more. Run the page again: it shows what they may "
            "read now."
        )
    columns = [name for name in states if name not in _TIMES | _UNCHANGING]
    told: list[Revision] = []
    before: dict[str, str] | None = None
    for state in states.to_dict("records"):
        cells = {str(name): text_of(state[name]) for name in columns}
        changes = tuple(
            Change(name, before[name], cells[name])
            for name in cells
            if before is not None and before[name] != cells[name]
        )
        until = None if pd.isna(state["known_until"]) else state["known_until"].to_pydatetime()
        told.append(Revision(state["recorded_at"].to_pydatetime(), until, str(state["ended"]), changes))
        before = cells
    return tuple(told)


def _row(view: View, position: int) -> dict[str, Any]:
    rows = view.table("incident")
    if not 0 <= position < len(rows):
        raise ParameterError("There is no such row on this page. Run the page again.")
    row = {str(name): value for name, value in rows.iloc[position].to_dict().items()}
    if row.get("listable") is not True and str(row.get("listable")) != "True":
        raise ParameterError(
            "The licence of this row's source allows it to be counted, but not to be shown by itself."
        )
    return row


def _true_key(office: Office, store: Store, view: View, row: dict[str, Any]) -> tuple[str, str]:
    """Return the source and the stored id of a row, whatever stands in its stead on the page."""
    if "record_id" not in row or "source" not in row:
        raise ParameterError(
            f"{view.audience.name} are given no record codes, so a row cannot be followed through its "
            "revisions. Choose readers who are, in the control at the top."
        )
    source, code = str(row["source"]), str(row["record_id"])
    rules = policy(office, office.audience_called(view.audience.slug))
    if "record_id" not in rules.pseudonyms("incident"):
        return source, code
    found = {
        (one.source, one.record_id)
        for one in records_of(office, store, view.audience.slug, code)
        if one.record == "incident" and one.source == source and one.record_id in view.own_ids
    }
    if len(found) != 1:
        raise ParameterError(
            "The code of this row stands for more than one record, or for none any more. Run the page again, "
            "or look it up: workbench lookup"
        )
    return found.pop()
