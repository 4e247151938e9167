"""One outlook as five quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.errors import ParameterError
from workbench.language import Words

_QUANTILES = ("q05", "q25", "q50", "q75", "q95")


@dataclass(frozen=True)
class Fan:
    """The quantiles of one outlook: 5, 25, 50, 75 and 95 %."""

    q05: float
    q25: float
    q50: float
    q75: float
    q95: float

    def said(self, words: Words) -> str:
        """Return it as the page says it: the middle, and nine chances in ten."""
        return words.say(
            "{middle} ({range})", middle=round(self.q50), range=words.span(round(self.q05), round(self.q95))
        )


def fans_of(forecast: pd.DataFrame) -> dict[int, Fan]:
    """
    Return the outlooks of one series by horizon; rows without all quantiles are left out.

    Raises ParameterError for two outlooks of one horizon: several models cannot be drawn as one.
    """
    known = forecast.dropna(subset=list(_QUANTILES))
    if known["horizon"].duplicated().any():
        raise ParameterError(
            "The outlook has several rows of one horizon, of several models or districts. Pass the rows of "
            "one model, as outlook.best names it."
        )
    return {
        int(row["horizon"]): Fan(*(float(row[name]) for name in _QUANTILES))
        for row in known.to_dict("records")
    }


def last_week(last: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows of last week's outlook of one week ahead of which all is known; none without one."""
    if last is None:
        return []
    rows = last[last["horizon"].eq(1)] if "horizon" in last else last
    known = rows.dropna(subset=["low", "high", "actual", "inside"]).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in known]
