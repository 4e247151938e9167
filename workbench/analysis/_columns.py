"""Columns a reader may not have: an audience's frame holds only the columns it may read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from workbench.errors import ParameterError

DAY: Any = "datetime64[s]"
"""The pandas type of a day; the stubs of pandas do not know it, hence Any."""


def need(frame: pd.DataFrame, *names: str, what: str) -> None:
    """Raise ParameterError if rows of `what` come without one of the columns; no rows need none."""
    missing = [name for name in names if name not in frame.columns]
    if missing and len(frame):
        raise ParameterError(
            f"The {what} rows come without {', '.join(missing)}. "
            f"Pass the whole {what} table of the view, with at least: {', '.join(names)}."
        )


def read(frame: pd.DataFrame, name: str, dtype: Any) -> pd.Series:
    """Return a column as `dtype`, or all missing where this reader has no such column."""
    if name in frame.columns:
        column: pd.Series = frame[name]
        return column if column.dtype == dtype else column.astype(dtype)
    missing = pd.NA if dtype in {"Int64", "boolean"} else None
    empty: pd.Series = pd.Series(missing, index=frame.index, dtype=dtype)
    return empty


def true(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return where a yes-or-no column says yes; missing is not yes."""
    return read(frame, name, "boolean").fillna(value=False).astype(bool)


def stamp(day: date) -> pd.Timestamp:
    """Return a day as pandas compares it."""
    return pd.Timestamp(day.year, day.month, day.day)
