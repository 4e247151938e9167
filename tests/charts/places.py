"""Outlines and counts for maps and bars, all of them invented."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import shapely

from workbench import analysis

MONDAY = date(2026, 11, 9)

NAMES = ("Nareth", "Orsk", "Kuro", "Velda", "Tamba", "Sule", "Pemra", "Ibanda", "Mecor")
COUNTS = (1, 3, 7, 0, 1, 2, 4, 0, 0)
STATES = ("incidents",) * 3 + ("no_incident",) + ("incidents",) * 3 + ("no_report", "no_coverage")

_SEEDS = [(-5, 7), (3, 8), (6, 3), (-1, 1), (-7, -1), (1, -3), (6, -3), (-3, -8), (4, -8.5)]


def province(names: tuple[str, ...] = NAMES) -> pd.DataFrame:
    """Return nine districts of an invented island near the 12th parallel, borders shared exactly."""
    turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    reach = 1 + 0.08 * np.sin(5 * turn) + 0.05 * np.sin(9 * turn + 1) + 0.02 * np.sin(23 * turn)
    island = shapely.Polygon(np.column_stack([30 + reach * np.cos(turn), 12 + 1.1 * reach * np.sin(turn)]))
    seeds = shapely.MultiPoint([(30 + x / 10, 12 + y / 10) for x, y in _SEEDS])
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=island, ordered=True))
    parts = [cell.intersection(island) for cell in cells]
    return pd.DataFrame({"district": list(NAMES), "district_name": list(names), "geometry": parts})


def values(counts: tuple[int | None, ...] = COUNTS, states: tuple[str, ...] = STATES) -> pd.DataFrame:
    """Return what `analysis.states` gives for these districts."""
    return pd.DataFrame(
        {"district": list(NAMES), "incidents": pd.array(list(counts), dtype="Int64"), "state": list(states)}
    )


def weeks(*counts: int | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return weekly totals that end with MONDAY's week, and their assessment."""
    days = pd.date_range(end=pd.Timestamp(MONDAY), periods=len(counts), freq="7D").astype("datetime64[s]")
    weekly = pd.DataFrame(
        {
            "district": pd.Series(["total"] * len(counts), dtype="str"),
            "week": days,
            "incidents": pd.array(list(counts), dtype="Int64"),
        }
    )
    return weekly, analysis.assess(weekly, week=MONDAY)
