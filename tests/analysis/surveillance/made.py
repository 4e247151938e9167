"""Counts made up for a test: one row a series, one column a week."""

from __future__ import annotations

import numpy as np
import pandas as pd


def counts(*rows: list[int | None] | np.ndarray, width: int = 0, first: str = "2021-01-04") -> pd.DataFrame:
    """Return counts as `analysis.series` gives them; None is unknown."""
    width = len(rows[0]) if rows else width
    weeks = pd.date_range(first, periods=width, freq="7D").as_unit("s")
    table = pd.DataFrame([list(row) for row in rows], columns=weeks, dtype=object)
    names = [f"KS{number:04}" for number in range(1, len(rows) + 1)]
    return table.astype("Float64").set_axis(pd.Index(names, dtype="str", name="series"), axis=0)


def stationary(mean: float, spread: float, *, series: int, weeks: int, seed: int) -> np.ndarray:
    """Return negative binomial counts without any change: variance mean + spread mean^2."""
    chance = np.random.default_rng(seed)
    rate = mean * chance.gamma(1 / spread, spread, (series, weeks)) if spread else mean
    return chance.poisson(rate, (series, weeks))
