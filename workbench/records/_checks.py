"""Checks that several record types share: days in an order that can be, and names that are known."""

from __future__ import annotations

from datetime import date

import pandas as pd

from workbench.records._schema import Check


def not_in_future(column: str) -> Check:
    """Return the check that rejects a row whose `column` (a date) lies after the day of the pull."""

    def offends(frame: pd.DataFrame, today: date) -> pd.Series:
        return frame[column] > pd.Timestamp(today)

    return Check(
        name=f"{column}_in_future",
        columns=(column,),
        offends=offends,
        severity="reject",
        reason="lies after the day of the pull",
    )


def not_before(column: str, first: str) -> Check:
    """Return the check that rejects a row whose `column` lies before its `first` (both dates)."""

    def offends(frame: pd.DataFrame, _today: date) -> pd.Series:
        return frame[column] < frame[first]

    return Check(
        name=f"{column}_before_{first}",
        columns=(column, first),
        offends=offends,
        severity="reject",
        reason=f"lies before {first}",
    )


def known_record(column: str) -> Check:
    """Return the check that rejects a row whose `column` names no record type; a missing name passes."""

    def offends(frame: pd.DataFrame, _today: date) -> pd.Series:
        from workbench.records import record_names  # the room's names, known once all its modules are

        return frame[column].notna() & ~frame[column].isin(record_names())

    return Check(
        name="unknown_record",
        columns=(column,),
        offends=offends,
        severity="reject",
        reason="is not a record type of the workbench",
    )
