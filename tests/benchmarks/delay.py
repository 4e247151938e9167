"""
How long the reporting triangle and the nowcast take, beside the obvious loop.

    python tests/benchmarks/delay.py

160 districts x 5 types, 52 event weeks, delays of 0 to 26 weeks, two snapshots a week, 40,000 incidents
of which one in four is revised. The loop filters the revisions for each series, week and delay; it is
measured on a few series, checked to give the same cells, and scaled up. Trust the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from workbench.analysis.delay import nowcast, triangle

MONDAY = date(2026, 11, 9)
AS_OF = datetime(2026, 11, 17, 7, tzinfo=UTC)
TYPES = ("armed_clash", "attack_on_civilians", "abduction", "explosion_or_remote_violence", "riot")
WEEKS, DELAYS = 52, 26
WEEK = timedelta(days=7)


def revisions(rng: np.random.Generator, number: int, districts: list[str]) -> pd.DataFrame:
    """Return incidents reported up to some weeks late; one in four is later moved to another district."""
    day = pd.Timestamp(MONDAY) + pd.to_timedelta(rng.integers(-7 * (WEEKS - 1), 7, number), unit="D")
    at = (day.tz_localize("UTC") + pd.to_timedelta(rng.exponential(14 * 24, number), unit="h")).as_unit("us")
    first = pd.DataFrame(
        {
            "occurred_on": day.astype("datetime64[s]"),
            "date_precision": "day",
            "event_type": rng.choice(TYPES, number),
            "district": rng.choice(districts, number),
            "killed_best": rng.poisson(1, number),
            "recorded_at": at,
            "known_until": pd.Series(pd.NaT, index=range(number), dtype=at.dtype),
        }
    )
    moved = first.sample(frac=0.25, random_state=1)
    until = moved["recorded_at"] + pd.Timedelta(days=20)
    first.loc[moved.index, "known_until"] = until
    second = moved.assign(recorded_at=until, district=rng.choice(districts, len(moved)))
    table = pd.concat([first, second], ignore_index=True)
    return table[table["recorded_at"] <= AS_OF].reset_index(drop=True)


def loop(table: pd.DataFrame, series: list[tuple[str, str]]) -> list[list[float]]:
    """Count series, week and delay one after the other, <NA> as NaN."""
    rows = []
    for district, kind in series:
        for back in range(WEEKS - 1, -1, -1):
            day, cells = pd.Timestamp(MONDAY - back * WEEK), []
            for delay in range(DELAYS + 1):
                moment = AS_OF - back * WEEK + delay * WEEK
                if moment > AS_OF:
                    cells.append(np.nan)
                    continue
                stands = (table["recorded_at"] <= moment) & ~(table["known_until"] <= moment)
                here = table["district"].eq(district) & table["event_type"].eq(kind)
                inside = table["occurred_on"].between(day, day + pd.Timedelta(days=6))
                cells.append(float((stands & here & inside).sum()))
            rows.append(cells)
    return rows


def main() -> None:
    """Measure both for `--districts` districts and print seconds and ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=160)
    parser.add_argument("--incidents", type=int, default=40_000)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    districts = [f"KS{n:04d}" for n in range(given.districts)]
    table = revisions(rng, given.incidents, districts)
    snapshots = [AS_OF - n * WEEK / 2 for n in range(2 * (WEEKS + DELAYS))]

    def made() -> pd.DataFrame:
        return triangle(
            table, snapshots, districts=districts, week=MONDAY, weeks=WEEKS, delays=DELAYS, as_of=AS_OF,
            zone=UTC, by=("district", "event_type"), types=TYPES,
        )  # fmt: skip

    made()  # the first call imports
    started = time.perf_counter()
    frame = made()
    counted = time.perf_counter()
    estimated = nowcast(frame)
    done = time.perf_counter()

    few = [(districts[0], TYPES[0])]
    begun = time.perf_counter()
    plain = loop(table, few)
    per_series = (time.perf_counter() - begun) / len(few)
    ours = frame.iloc[:WEEKS].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if not np.array_equal(ours, np.array(plain), equal_nan=True):
        sys.exit("the loop counts something else")
    looped = per_series * len(districts) * len(TYPES)
    write = sys.stdout.write
    write(f"{len(districts) * len(TYPES)} series, {len(table):,} revisions, {len(estimated):,} young weeks\n")
    write(f"triangle   {counted - started:8.3f} s\n")
    write(f"nowcast    {done - counted:8.3f} s\n")
    write(f"loop       {looped:8.0f} s (triangle only, scaled up)   {looped / (counted - started):,.0f} x\n")


if __name__ == "__main__":
    main()
