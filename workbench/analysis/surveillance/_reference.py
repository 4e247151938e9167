"""Reference weeks: which weeks of the past a week is set against, and the design of their regression."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis.surveillance._frame import Floats, Positions
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from workbench.analysis.surveillance._farrington import Farrington

YEAR = 52


@dataclass(frozen=True)
class Reference:
    """
    The past of a week, in weeks from it (`offsets`, all negative), and its regression.

    `design` has one row a reference week: 1, time, and a column for each season but the present one, so
    that the first coefficient is the log mean now. Time is 0 in the week itself. `same` marks weeks of
    the present season; `oldest` is the first week that must exist (0: none).
    """

    offsets: Positions
    design: Floats
    same: NDArray[np.bool_]
    oldest: int


def pattern(columns: pd.Index, week: int, settings: Farrington) -> tuple[int, ...]:
    """
    Return how many weeks before `week` its namesakes of earlier years lie, nearest first.

    52 weeks a year, or if `settings.calendar` the nearest week to the same date, as R's surveillance does
    when the epochs are dates.
    """
    if not settings.calendar:
        return tuple(YEAR * year for year in range(1, settings.years + 1))
    if not isinstance(columns, pd.DatetimeIndex):
        raise ParameterError("Reference weeks by calendar need dates as columns of the counts.")
    day = columns[week].date()
    return tuple(round((day - _back(day, year)).days / 7) for year in range(1, settings.years + 1))


def _back(day: date, years: int) -> date:
    """Return the same day years before; 29 February becomes 1 March where there is none."""
    if (day.month, day.day) == (2, 29) and not isleap(day.year - years):
        return date(day.year - years, 3, 1)
    return day.replace(year=day.year - years)


def reference(namesakes: tuple[int, ...], settings: Any) -> Reference:
    """
    Return the reference of weeks whose namesakes lie so many weeks back.

    With one season: `window` weeks either side of each. With more, the weeks between are cut into
    `periods` - 1 blocks of equal length, the first ones a week longer where they do not divide; the
    windows, and the weeks just before the present one, make the last level (Noufaily et al. 2013, 2.2).
    """
    skip, periods = getattr(settings, "skip", 0), getattr(settings, "periods", 1)
    flexible, window = hasattr(settings, "skip"), settings.window
    if window is None:
        offsets = np.arange(-namesakes[-1], -skip, dtype=np.int64)
        offsets = offsets[offsets < 0]
        return Reference(offsets, _design(offsets, None), np.ones(len(offsets), dtype=bool), 0)
    level = dict.fromkeys(range(-window, 0), periods) if flexible else {}
    later = 0
    for namesake in namesakes:
        for week in range(-namesake - window, -namesake + window + 1):
            level[week] = periods
        if periods > 1:
            between = np.arange(-namesake + window + 1, -later - window)
            if len(between) < periods - 1:
                raise ParameterError(f"A year does not hold {periods} seasons of a week or more.")
            for number, part in enumerate(np.array_split(between, periods - 1), start=1):
                level.update(dict.fromkeys(part.tolist(), number))
        later = namesake
    offsets = np.array(sorted(week for week in level if week < -skip), dtype=np.int64)
    if not len(offsets):
        raise ParameterError("No reference week is left. Skip fewer weeks or go back more years.")
    levels = np.array([level[week] for week in offsets.tolist()])
    oldest = -namesakes[-1] if flexible else 0
    return Reference(offsets, _design(offsets, levels, periods), levels == periods, oldest)


def _design(offsets: Positions, levels: NDArray[Any] | None, periods: int = 1) -> Floats:
    time = offsets / max(1, -int(offsets.min(initial=-1)))
    seasons = [] if levels is None else [(levels == number).astype(float) for number in range(1, periods)]
    return np.column_stack([np.ones(len(offsets)), time, *seasons])
