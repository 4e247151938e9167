"""
How long the store's questions take, beside the naive way of asking them.

    python tests/benchmarks/store.py                      200,000 incidents, 10 % of them revised
    python tests/benchmarks/store.py --incidents 3000000

The store is made through its own deliveries in a temporary folder: one with all incidents, then ten that
each revise 1 % of them, one in five to another date. "Naive" numbers all revisions of each record with
row_number() and keeps the first. Both ways are checked to give the same answer. Trust the ratios, not the
seconds.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from workbench.records import DTYPES, record_type
from workbench.store import Store

INCIDENT = record_type("incident")
FIRST_DAY = date(2019, 1, 1)
DAYS = 7 * 53 * 7
CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
REVISIONS = 10


def incidents(numbers: np.ndarray, chance: np.random.Generator) -> pd.DataFrame:
    """Return one plausible incident for each number, dated by its number, most columns filled."""
    rows = len(numbers)
    days = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(numbers % DAYS, unit="D")
    values = {
        "record_id": [f"INC{number:08}" for number in numbers],
        "source": "benchmark",
        "level": "internal",
        "listable": True,
        "occurred_on": days,
        "occurred_to": days,
        "date_precision": "day",
        "event_type": chance.choice(["armed_clash", "abduction", "threat_or_harassment"], rows),
        "threat_category": "armed_conflict",
        "actor1": chance.choice([f"Group {n}" for n in range(40)], rows),
        "killed_best": chance.poisson(1.2, rows),
        "district": chance.choice([f"XX{n:04}" for n in range(120)], rows),
        "latitude": chance.uniform(-13, -10, rows).round(4),
        "longitude": chance.uniform(38, 41, rows).round(4),
        "headline": chance.choice([f"Headline number {n} of the benchmark" for n in range(5_000)], rows),
    }
    index = range(rows)
    return pd.DataFrame(
        {
            column.name: pd.Series(values.get(column.name, pd.NA), index=index, dtype="object").astype(
                DTYPES[column.kind]
            )
            if column.name not in values or np.isscalar(values[column.name])
            else pd.Series(values[column.name], index=index).astype(DTYPES[column.kind])
            for column in INCIDENT.columns
        }
    )


def filled(store: Store, count: int) -> None:
    """Deliver all incidents, then ten times revise 1 % of them."""
    chance = np.random.default_rng(20261121)
    everything = incidents(np.arange(count), chance)
    with store.delivery(source="benchmark", at=CLOCK) as delivery:
        delivery.append(INCIDENT, everything, complete=True)
    for day in range(1, REVISIONS + 1):
        revised = everything.sample(count // 100, random_state=day).reset_index(drop=True)
        revised["killed_best"] = revised["killed_best"] + day
        moved = revised.index % 5 == 0
        revised.loc[moved, "occurred_on"] = revised.loc[moved, "occurred_on"] + pd.Timedelta(days=9)
        with store.delivery(source="benchmark", at=CLOCK + timedelta(days=day)) as delivery:
            delivery.append(INCIDENT, revised, complete=False)


def naive(store: Store, as_of: datetime, window: tuple[date, date]) -> pd.DataFrame:
    """Return the same rows as store.read by numbering all revisions of each record."""
    columns = ", ".join(f'"{name}"' for name in INCIDENT.names)
    sql = f"""
        SELECT {columns} FROM (
            SELECT *, row_number() OVER (PARTITION BY source, record_id ORDER BY recorded_at DESC) AS age
            FROM t WHERE recorded_at <= arrow_cast('{as_of:%Y-%m-%dT%H:%M:%SZ}',
                                                   'Timestamp(Microsecond, Some("UTC"))')
        ) WHERE age = 1 AND NOT retracted AND occurred_on BETWEEN DATE '{window[0]}' AND DATE '{window[1]}'
        ORDER BY source, record_id
    """  # noqa: S608 - no text from outside
    rows = QueryBuilder().register("t", DeltaTable(f"{store.url}/{INCIDENT.name}")).execute(sql)
    frame: pd.DataFrame = pa.table(rows).to_pandas()
    return frame


def seconds(ask: Callable[[], pd.DataFrame], *, times: int) -> tuple[float, pd.DataFrame]:
    """Return the median wall time of `times` asks, and the answer."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        answer = ask()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), answer


def tell(line: str) -> None:
    """Write one line of the result."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fill a store, ask both ways, print one line for each question."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--incidents", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=5, help="asks of which the median is printed")
    asked = parser.parse_args()
    last = FIRST_DAY + timedelta(days=DAYS - 1)
    as_of = CLOCK + timedelta(days=REVISIONS // 2)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "store"), lock_folder=Path(folder))
        start = time.perf_counter()
        filled(store, asked.incidents)
        filled_in = time.perf_counter() - start
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.parquet")) / 1e6
        tell(f"{asked.incidents:,} incidents + 10 % revisions: {filled_in:.1f} s, {size:.0f} MB")
        for question, days in (("week slice", 7), ("53 weeks", 7 * 53)):
            window = (last - timedelta(days=days - 1), last)
            ours, known = seconds(
                lambda w=window: store.read(INCIDENT, as_of=as_of, window=w), times=asked.times
            )
            theirs, same = seconds(lambda w=window: naive(store, as_of, w), times=asked.times)
            if known["record_id"].tolist() != same["record_id"].tolist():
                raise SystemExit(f"{question}: the two ways disagree")
            tell(
                f"{question:12} {len(known):9,} rows  store {ours:7.3f} s  naive {theirs:7.3f} s  "
                f"ratio {theirs / ours:5.1f}"
            )


if __name__ == "__main__":
    main()
