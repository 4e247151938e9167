"""
A history of incidents of any length, the same at every run: what the store's benchmark is made of.

Every number from 0 on is one incident of the source "benchmark", dated by its number, so that a history of
any length covers the same years evenly. Chunks depend on the seed and their first number only.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

from workbench.records import DTYPES, record_type

INCIDENT = record_type("incident")
FIRST_DAY = date(2019, 1, 1)
DAYS = 7 * 53 * 7
CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
SEED = 20261121

_HEADLINES = np.array([f"Headline number {n} of the benchmark" for n in range(5_000)], dtype=object)
_DISTRICTS = np.array([f"XX{n:04}" for n in range(120)], dtype=object)
_ACTORS = np.array([f"Group {n}" for n in range(40)], dtype=object)


def incidents(numbers: np.ndarray, *, source: str = "benchmark", change: int = 0) -> pd.DataFrame:
    """
    Return one plausible incident for each number, most columns filled.

    `change` above 0: the same incidents as revised for the change-th time: other numbers of people killed,
    and one in five was on another day.
    """
    rows = len(numbers)
    chance = np.random.default_rng([SEED, change, int(numbers[0]) if rows else 0])
    days = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(numbers % DAYS, unit="D")
    moved = pd.to_timedelta(np.where((numbers % 5 == 0) & (change > 0), 9, 0), unit="D")
    values = {
        "record_id": np.array([f"INC{number:08}" for number in numbers], dtype=object),
        "source": np.full(rows, source, dtype=object),
        "level": np.full(rows, "internal", dtype=object),
        "listable": np.ones(rows, dtype=bool),
        "occurred_on": days + moved,
        "occurred_to": days + moved,
        "date_precision": np.full(rows, "day", dtype=object),
        "event_type": chance.choice(np.array(["armed_clash", "abduction", "threat"], dtype=object), rows),
        "threat_category": np.full(rows, "armed_conflict", dtype=object),
        "actor1": _ACTORS[numbers % len(_ACTORS)],
        "killed_best": chance.poisson(1.2, rows) + change,
        "district": _DISTRICTS[numbers * 7 % len(_DISTRICTS)],
        "latitude": chance.uniform(-13, -10, rows).round(4),
        "longitude": chance.uniform(38, 41, rows).round(4),
        "headline": _HEADLINES[numbers * 13 % len(_HEADLINES)],
    }
    return pd.DataFrame(
        {
            column.name: pd.Series(values[column.name]).astype(DTYPES[column.kind])
            if column.name in values
            else pd.Series(pd.NA, index=range(rows), dtype=DTYPES[column.kind])
            for column in INCIDENT.columns
        }
    )


def chunks(count: int, *, size: int) -> Iterator[pd.DataFrame]:
    """Return the incidents 0 to `count`, `size` at a time."""
    for first in range(0, count, size):
        yield incidents(np.arange(first, min(first + size, count)))


def revised(count: int, change: int) -> pd.DataFrame:
    """Return 1 % of `count` incidents, others for each change, as revised for the change-th time."""
    return incidents(np.arange(change % 100, count, 100), change=change)


def weekly(count: int, number: int, *, rows: int) -> pd.DataFrame:
    """Return the number-th weekly delivery of a source that adds and corrects: 11 in 12 rows are new."""
    fresh = rows * 11 // 12
    new = incidents(np.arange(count + number * fresh, count + (number + 1) * fresh))
    # days of new incidents are those of the last weeks, as in any weekly delivery
    late = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(DAYS - 1 - np.arange(fresh) % 28, unit="D")
    for column in ("occurred_on", "occurred_to"):
        new[column] = pd.Series(late).astype(new[column].dtype)
    chance = np.random.default_rng([SEED, number])
    old = np.sort(chance.choice(count, min(rows - fresh, count), replace=False))
    return pd.concat([new, incidents(old, change=50 + number)], ignore_index=True)


def whole(number: int, *, rows: int) -> pd.DataFrame:
    """Return the number-th delivery of a source of `rows` incidents that always tells all it holds.

    Each time one in a hundred is gone, as many are new, and one in fifty differs.
    """
    shift = rows // 100
    numbers = np.arange(number * shift, number * shift + rows)
    same = incidents(numbers, source="everything")
    for column, value in (
        ("killed_best", 1),
        ("latitude", -11.0),
        ("longitude", 39.0),
        ("event_type", "abduction"),
    ):
        same[column] = pd.Series([value] * rows).astype(same[column].dtype)
    differs = (numbers % 50 == number % 50).nonzero()[0]
    same.loc[differs, "killed_best"] = 2 + number
    return same
