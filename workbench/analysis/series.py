"""Series: weekly counts side by side, one row a series and one column a week, as the methods take them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, read, stamp
from workbench.analysis.counts import harm, of_weeks
from workbench.errors import ParameterError


def series(
    weekly: pd.DataFrame,
    *,
    by: Sequence[str] = ("district",),
    measure: str = "incidents",
    covered_from: date | None = None,
) -> pd.DataFrame:
    """
    Return weekly counts side by side: one row for each value of `by`, one column a week, Float64.

    Takes a frame of `counts.weekly`, `weekly_total` or `weekly_by_type`. Rows keep the order given,
    columns are the weeks' first days, oldest first, without a gap. <NA> is a count nobody knows, which
    is what weeks that begin before `covered_from`, the first day the data cover, are too. Raises
    ParameterError if `weekly` has no row, or two for the same series and week.
    """
    keys = list(by)
    if weekly.empty:
        raise ParameterError("There is no week to set side by side. Count at least one district and week.")
    if weekly.duplicated([*keys, "week"]).any():
        raise ParameterError(f"Two rows count the same {', '.join(keys)} and week. Count each of them once.")
    each = pd.Index(weekly[keys[0]]) if len(keys) == 1 else pd.MultiIndex.from_frame(weekly[keys])
    index = each.unique()
    weeks = pd.date_range(weekly["week"].min(), weekly["week"].max(), freq="7D").astype(DAY)
    row = index.get_indexer(each)
    column = weeks.get_indexer(pd.Index(weekly["week"]))
    counts = np.full((len(weeks), len(index)), np.nan)
    on_time = column >= 0
    counted = weekly[measure].to_numpy(dtype=float, na_value=np.nan)
    counts[column[on_time], row[on_time]] = counted[on_time]
    if covered_from is not None:
        counts[weeks < stamp(covered_from)] = np.nan
    # week by week, as a frame with one type for all of them would take one apart again for each
    columns = {at: pd.arrays.FloatingArray(one, np.isnan(one)) for at, one in enumerate(counts)}
    return pd.DataFrame(columns, index=index, copy=False).set_axis(pd.Index(weeks, name="week"), axis=1)


def weekly_by_type(
    incidents: pd.DataFrame,
    *,
    districts: Iterable[str],
    types: Iterable[str],
    first_day: date,
    weeks: int,
) -> pd.DataFrame:
    """
    Count incidents and deaths per district, type and week.

    Takes what `counts.weekly` does; `types` are values of `event_type`. Returns `district`, `event_type`,
    `week`, `incidents`, `killed_best` (Int64), every combination present in the order of `districts`,
    `types` and weeks; 0 where none is known, <NA> where this reader may not know. Incidents of other
    types or places are left out.
    """
    wanted, kinds = tuple(dict.fromkeys(districts)), tuple(dict.fromkeys(types))
    rows = of_weeks(incidents, first_day=first_day, weeks=weeks)
    place, kind = read(rows, "district", "str"), read(rows, "event_type", "str")
    inside = place.isin(wanted) & kind.isin(kinds)
    measured = harm(rows[inside])[["incidents", "killed_best"]]
    starts = pd.date_range(stamp(first_day), periods=weeks, freq="7D").astype(DAY)
    every = pd.MultiIndex.from_product(
        [pd.Index(wanted, dtype="str"), pd.Index(kinds, dtype="str"), starts],
        names=["district", "event_type", "week"],
    )
    summed = measured.groupby([place[inside], kind[inside], rows.loc[inside, "week"]]).sum()
    summed.index.names = every.names
    summed = summed.reindex(every).fillna(0).astype("Int64")
    if "district" not in incidents.columns and len(incidents):
        summed[:] = pd.NA
    if "killed_best" not in incidents.columns and len(incidents):
        summed["killed_best"] = pd.Series(pd.NA, index=summed.index, dtype="Int64")
    return summed.reset_index()
