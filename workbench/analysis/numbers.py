"""The numbers of the week, against last week, the usual, the same week last year; and the year so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench.analysis._columns import DAY, read, stamp
from workbench.analysis.counts import MEASURES, weekly_total
from workbench.analysis.tally import Tally, tallies
from workbench.config import WEEKDAYS, Week
from workbench.errors import ParameterError

MEDIAN_OF = 8
"""How many weeks before this one the median is taken over."""


@dataclass(frozen=True)
class KeyNumber:
    """
    One measure of the week and what it is set against.

    None where the data do not reach back that far, or this reader may not know: never 0.
    """

    this_week: int | None
    last_week: int | None
    median_8_weeks: float | None
    same_week_last_year: int | None
    cumulative: int | None = None


@dataclass(frozen=True)
class KeyNumbers:
    """
    The measures of the week, of one set of rows: civilians and low to high belong to the deaths.

    `since` is the first day from which `cumulative` counts, up to and with this week; None if the
    data cover no week of the year. A part above its whole raises ParameterError (`tally`).
    """

    incidents: KeyNumber
    killed_best: KeyNumber
    killed_low: KeyNumber
    killed_high: KeyNumber
    civilians_killed: KeyNumber
    aid_affected: KeyNumber
    attacks_on_civilians: KeyNumber
    since: date | None = None

    def __post_init__(self) -> None:
        for column in ("this_week", "last_week", "same_week_last_year", "cumulative"):
            self.tallies(column)

    def tallies(self, column: str = "this_week") -> dict[str, Tally]:
        """Return one column of the numbers as totals, parts and bounds, which cannot be added wrongly."""
        return tallies({measure: getattr(getattr(self, measure), column) for measure in MEASURES})


def key_numbers(
    incidents: pd.DataFrame,
    *,
    districts: Iterable[str],
    week: date,
    history_from: date | None = None,
    history_until: date | None = None,
    reached: bool = True,
) -> KeyNumbers:
    """
    Return the week's numbers over all `districts` together.

    Takes what `counts.weekly_total` does; `week` is its first day. `history_from` is the first day
    the data cover; left out, it is the earliest `occurred_on` of all rows given; `history_until` is
    the last, left out it is not before `week`. `reached` is False where no data reach the week: its
    numbers are None then, for nothing known is not none. The median is that of the 8 weeks before
    this one, and None unless all 8 are covered. Same week last year is the week of the same number;
    in a 53rd week, which last year lacked, the week 52 weeks before. Cumulative counts begin with the
    first week of the year of `week`, as weeks are numbered, or with the first the data cover as a
    whole, which `since` tells; they are None if a week in between is.
    """
    covered = history_from or reach(incidents)
    year_ago = _year_before(week)
    weeks = (week - year_ago).days // 7 + 1
    counted = weekly_total(incidents, districts=districts, first_day=year_ago, weeks=weeks)
    by_week = counted.set_index("week")[list(MEASURES)]
    known = by_week.index >= stamp(covered or week)
    by_week = by_week.where(pd.Series(known, index=by_week.index) | (by_week.index == stamp(week)))
    by_week = by_week[by_week.index <= stamp(history_until or week)].reindex(by_week.index)
    if not reached:
        by_week = by_week.where(pd.Series(by_week.index != stamp(week), index=by_week.index))
    since = max(year_start(week), covered or week)
    running = by_week[by_week.index >= stamp(since)]
    return KeyNumbers(
        **{measure: _key_number(by_week[measure], running[measure]) for measure in MEASURES},
        since=None if running.empty else running.index[0].date(),
    )


def reach(incidents: pd.DataFrame) -> date | None:
    """Return the earliest `occurred_on` among the rows, counted or not; None without rows."""
    first = read(incidents, "occurred_on", DAY).min()
    return None if pd.isna(first) else first.date()


def year_start(first_day: date) -> date:
    """Return the first day of the first week of the year that the week of `first_day` is numbered in."""
    week = Week(first_day, WEEKDAYS[first_day.weekday()])
    return week.back(week.number - 1).first_day


def _key_number(series: pd.Series, running: pd.Series) -> KeyNumber:
    usual = series.iloc[-1 - MEDIAN_OF : -1]
    return KeyNumber(
        this_week=_whole(series.iloc[-1]),
        last_week=_whole(series.iloc[-2]),
        median_8_weeks=None if usual.isna().any() else float(usual.median()),
        same_week_last_year=_whole(series.iloc[0]),
        cumulative=None if running.isna().any() or running.empty else _whole(running.sum()),
    )


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _year_before(first_day: date) -> date:
    week = Week(first_day, WEEKDAYS[first_day.weekday()])
    year, number = week.slug.split("-W")
    try:
        return Week.parse(f"{int(year) - 1}-W{number}", starts=week.starts).first_day
    except ParameterError:
        return first_day - timedelta(weeks=52)
