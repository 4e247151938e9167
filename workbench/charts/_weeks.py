"""Weeks along an axis: their short names, and which of them there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.charts import _house as house
from workbench.config import WEEKDAYS, Week
from workbench.language import Words


def week_name(day: pd.Timestamp, words: Words) -> str:
    """Return a week's short name, `W46`, from its first day."""
    first: date = day.date()
    return words.say("W{number}", number=str(Week(first, WEEKDAYS[first.weekday()]).number))


def spaced(names: Sequence[str], step: float) -> list[str]:
    """Return names `step` pixels apart, those without room empty; the last one always stands."""
    most = max(house.text_width(name, house.SMALL) for name in names)
    every = next(
        n for n in (1, 2, 4, 5, 10, 13, 26, 52, len(names)) if n * step >= 1.5 * most or n >= len(names)
    )
    return [name if (len(names) - 1 - at) % every == 0 else "" for at, name in enumerate(names)]


def ticks(top: float) -> list[int]:
    """Return whole steps from 0 to the last one not above `top`: at most five, of 1, 2 or 5 times ten."""
    step = next(s for n in range(10) for s in (10**n, 2 * 10**n, 5 * 10**n) if top / s <= 5)
    return list(range(0, int(top) + 1, step))


def whole(value: Any) -> int | None:
    """Return a whole number, or None where it is unknown."""
    return None if pd.isna(value) else int(value)
