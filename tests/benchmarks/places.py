"""
How long hotspots and duplicates take, beside the obvious loop over all circles, or all pairs.

    python tests/benchmarks/places.py                       160 districts, 100,000 incidents
    python tests/benchmarks/places.py --incidents 200000

The loops are timed on a part of the work and scaled up, as the whole of it takes minutes to hours. Trust the
ratios, not the seconds.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from workbench.analysis.duplicates import candidates, merged
from workbench.analysis.hotspots import (
    PROSPECTIVE,
    RETROSPECTIVE,
    getis_ord,
    scan,
    scan_space_time,
    with_past,
)
from workbench.records import DTYPES, record_type

SEED = 7
WEEKS = 260


def districts(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return n places and their weekly counts."""
    names = [f"KS{i:04d}" for i in range(n)]
    places = pd.DataFrame(
        {"district": names, "latitude": rng.uniform(-13, -10, n), "longitude": rng.uniform(38, 41, n)}
    )
    weeks = pd.date_range("2021-11-29", periods=WEEKS, freq="7D").astype("datetime64[s]")
    drawn = rng.poisson(rng.gamma(0.5, 1, n)[:, None], size=(n, WEEKS))
    return places, pd.DataFrame(drawn, index=pd.Index(names), columns=weeks).astype("Float64")


def incidents(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return incidents of two sources over seven years, most known to a point and a day."""
    day = pd.Timestamp(date(2019, 1, 7)) + pd.to_timedelta(rng.integers(0, 7 * 365, rows), unit="D")
    values = {
        "record_id": [f"INC{n:07}" for n in range(rows)],
        "source": rng.choice(["log", "other"], rows),
        "occurred_on": day,
        "date_precision": rng.choice(["day", "days", "week", "month"], rows, p=[0.85, 0.08, 0.05, 0.02]),
        "event_type": rng.choice(["armed_clash", "attack_on_civilians", "abduction"], rows),
        "actor1": rng.choice([f"Group {n}" for n in range(40)], rows),
        "killed_best": rng.poisson(1.2, rows),
        "admin1": rng.choice([f"XX{n:02}" for n in range(11)], rows),
        "district": rng.choice([f"XX{n:04}" for n in range(160)], rows),
        "latitude": rng.uniform(-13, -10, rows),
        "longitude": rng.uniform(38, 41, rows),
        "place_precision": rng.choice(
            ["place", "near_place", "district", "province"], rows, p=[0.75, 0.1, 0.14, 0.01]
        ),
    }
    kinds = {column.name: DTYPES[column.kind] for column in record_type("incident").columns}
    frame = pd.DataFrame({name: pd.Series(column).astype(kinds[name]) for name, column in values.items()})
    group = pd.Series(rng.integers(0, rows, rows).astype(str), dtype="str")
    return frame.assign(dup_group=group.where(rng.random(rows) < 0.1))


def scan_by_loop(places: pd.DataFrame, replicas: int) -> None:
    """Scan as the definition says: every centre, every radius, every replica."""
    cases, expected = (places[name].to_numpy(dtype=float) for name in ("cases", "expected"))
    at, total = places[["latitude", "longitude"]].to_numpy(), cases.sum()
    expected = expected * total / expected.sum()
    rng = chance()
    for _ in range(replicas):
        drawn = rng.multinomial(int(total), expected / total)
        best = 0.0
        for centre in at:
            order = np.argsort(np.hypot(*(at - centre).T))
            inside = usual = 0.0
            for n in order:
                inside, usual = inside + drawn[n], usual + expected[n]
                if usual <= total / 2 and inside > max(usual, 1):
                    rest = total - inside
                    best = max(best, inside * np.log(inside / usual) + rest * np.log(rest / (total - usual)))


def pairs_by_loop(rows: pd.DataFrame) -> int:
    """Compare all with all, on the windows alone."""
    day = rows["occurred_on"].astype("int64").to_numpy() // 86_400
    lat, lon = (rows[name].to_numpy(dtype=float) for name in ("latitude", "longitude"))
    found = 0
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            if abs(day[i] - day[j]) <= 2 and np.hypot(lat[i] - lat[j], lon[i] - lon[j]) * 111 <= 10:
                found += 1
    return found


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that work takes, best of two."""
    took = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)


def report(what: str, seconds: float, loop: float | None = None) -> None:
    """Print one line."""
    beside = f"   the obvious loop: {loop:,.0f} s, {loop / seconds:,.0f} times as long" if loop else ""
    print(f"{what:<58}{seconds:8.2f} s{beside}")  # noqa: T201 - a benchmark prints


def chance() -> np.random.Generator:
    """Return the same chance each time."""
    return np.random.default_rng(SEED)


def scans(n: int) -> None:
    """Time the scans of n districts; the loop over cylinders is that over circles, once a run of weeks."""
    places, counts = districts(n, chance())
    now = with_past(counts, places)
    loop = timed(lambda: scan_by_loop(now, 2)) / 2 * 1000
    report(f"scan, {n} districts, 999 replicas", timed(lambda: scan(now, rng=chance())), loop)
    prospective = timed(lambda: scan_space_time(counts, places, rng=chance()))
    runs = len(PROSPECTIVE.runs())
    report(f"space-time scan, {n} districts, 8 weeks, 999 replicas", prospective, loop * runs)
    report(f"Gi*, {n} districts", timed(lambda: getis_ord(now, nearest=6)))


def main() -> None:
    """Time everything once."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--incidents", type=int, default=100_000)
    wanted = parser.parse_args().incidents
    for n in (80, 160, 320):
        scans(n)
    places, counts = districts(160, np.random.default_rng(SEED))
    half_year = timed(lambda: scan_space_time(counts, places, rng=chance(), design=RETROSPECTIVE))
    report("retrospective scan, 160 districts, 26 weeks, 199 replicas", half_year)
    for rows in (wanted // 2, wanted):
        table = incidents(rows, np.random.default_rng(SEED))
        part = table.iloc[:1500]
        loop = timed(lambda part=part: pairs_by_loop(part)) * (rows / len(part)) ** 2
        report(f"candidate pairs of {rows:,} incidents", timed(lambda t=table: candidates(t)), loop)
        report(f"merging {rows:,} incidents", timed(lambda t=table: merged(t, order=["log", "other"])))


if __name__ == "__main__":
    main()
