"""Counts in and results out: what every method of surveillance asks of its input, and how it answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis._columns import DAY, stamp
from workbench.errors import ParameterError

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Weeks = int | Iterable[date] | None
"""Weeks to monitor: so many of the last, or these first days; None is the last one."""


def known(counts: pd.DataFrame, *, last: int | None = None) -> Floats:
    """
    Return counts as floats, NaN where unknown; only the `last` columns if that is given.

    Raises ParameterError for counts that are not whole numbers of 0 or more, and for columns of days that
    are not consecutive weeks.
    """
    columns = counts.columns
    if isinstance(columns, pd.DatetimeIndex):
        days = np.diff(columns.to_numpy().astype("datetime64[D]").astype(np.int64))
        if (days != 7).any():
            raise ParameterError(
                "The columns of the counts are not consecutive weeks. "
                "Pass them oldest first and without a gap, as analysis.series does."
            )
    wanted = counts if last is None else counts.iloc[:, -last:]
    values = wanted.to_numpy(dtype=np.float64, na_value=np.nan)
    given = values[~np.isnan(values)]
    if (given < 0).any() or not np.isfinite(given).all() or (given != np.floor(given)).any():
        raise ParameterError(
            "Some counts are negative, infinite or not whole. Count incidents or people; unknown is <NA>."
        )
    return values


def positions(counts: pd.DataFrame, weeks: Weeks) -> Positions:
    """Return the columns to monitor, oldest first; raises ParameterError for weeks that are not there."""
    columns = counts.columns
    if not len(columns):
        raise ParameterError("There is no week to monitor. Pass counts with one column a week.")
    if weeks is None or isinstance(weeks, int):
        number = 1 if weeks is None else weeks
        if not 1 <= number <= len(columns):
            raise ParameterError(f"{number} weeks are to be monitored, but the counts hold {len(columns)}.")
        return np.arange(len(columns) - number, len(columns), dtype=np.int64)
    if not isinstance(columns, pd.DatetimeIndex):
        raise ParameterError("Weeks are named by their first day, but the columns of the counts are no days.")
    wanted = [stamp(week) for week in weeks]
    found = np.sort(columns.get_indexer(pd.Index(wanted).astype(DAY)))
    if not len(found) or (found < 0).any():
        raise ParameterError(
            f"A week to monitor is not among the counts, which go from {columns[0]:%Y-%m-%d} "
            f"to {columns[-1]:%Y-%m-%d}. Name weeks by their first day."
        )
    return found.astype(np.int64)


def at(values: Floats, where: NDArray[np.int64]) -> Floats:
    """Return columns of `values` by position (series x `where`), NaN for positions before the first."""
    taken = values[:, np.maximum(where, 0)]
    taken[:, where < 0] = np.nan
    return taken


def framed(counts: pd.DataFrame, monitored: Positions, columns: dict[str, Any]) -> pd.DataFrame:
    """
    Return one row per series and monitored week, in the order given: index columns, `week`, results.

    `columns` holds arrays of series x weeks: floats become Float64, <NA> where not finite; booleans and
    text stay; `whole` and `truth` below make the rest.
    """
    index = counts.index
    named = index if index.name is not None or isinstance(index, pd.MultiIndex) else index.rename("series")
    frame = named.to_frame(index=False)
    if len(monitored) > 1:
        frame = frame.take(np.repeat(np.arange(len(index)), len(monitored))).reset_index(drop=True)
    frame["week"] = counts.columns.take(np.tile(monitored, len(index)))
    for name, values in columns.items():
        frame[name] = values if isinstance(values, pd.api.extensions.ExtensionArray) else _column(values)
    return frame


def _column(values: NDArray[Any]) -> Any:
    flat = values.ravel()
    if flat.dtype.kind == "f":
        return pd.arrays.FloatingArray(np.where(np.isfinite(flat), flat, 0.0), ~np.isfinite(flat))
    return pd.array(flat, dtype="str") if flat.dtype.kind in "UO" else flat


def reason(shape: tuple[int, ...], **held: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return the name of the first condition that holds, else the empty text."""
    code = np.zeros(shape, dtype=np.int8)
    for number, condition in reversed(list(enumerate(held.values(), start=1))):
        code[np.broadcast_to(condition, shape)] = number
    # names by reference: text of fixed width would take 70 bytes a week
    return np.array(["", *held], dtype=object)[code]


def whole(values: Floats) -> Any:
    """Return floats as Int64, <NA> where not finite."""
    flat = values.ravel()
    unknown = ~np.isfinite(flat)
    return pd.arrays.IntegerArray(np.where(unknown, 0, flat).astype(np.int64), unknown)


def truth(values: NDArray[np.bool_], told: NDArray[np.bool_]) -> Any:
    """Return yes or no where it can be told, else <NA>."""
    return pd.arrays.BooleanArray((values & told).ravel(), ~told.ravel())
