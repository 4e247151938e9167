"""Publishers side by side: they overlap and define an incident differently, so they are never added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from workbench.analysis._columns import need, read
from workbench.analysis.counts import MEASURES, weekly_total


def compare(
    incidents: pd.DataFrame, *, week: date, districts: Iterable[str], sources: Iterable[str] = ()
) -> pd.DataFrame:
    """
    Count one week as each publisher has it: one row a source, `source` and MEASURES.

    Takes `source` and what `counts.weekly_total` does; `week` is its first day. Every source of the
    frame has a row, and each of `sources` (those this reader knows of), also where it counts 0.
    In the order of `sources`, then by name. There is no sum: the same incident may be in several.
    """
    need(incidents, "source", what="incident")
    wanted = tuple(districts)
    source = read(incidents, "source", "str")
    order = [*dict.fromkeys([*sources, *sorted(source.dropna().unique())])]
    frames = [
        weekly_total(incidents[source == one], districts=wanted, first_day=week, weeks=1) for one in order
    ]
    columns = ["source", *MEASURES]
    if not frames:
        empty = pd.DataFrame({name: pd.Series(dtype="Int64") for name in columns})
        return empty.astype({"source": "str"})
    together = pd.concat(frames, ignore_index=True).assign(source=pd.array(order, dtype="str"))
    return together[columns]
