"""All methods of one weekly run, and how time grows with districts: `python tests/benchmarks/methods.py`.

First 160 districts x 5 types x 260 weeks in one run: change, surveillance, outlook with its scorecard, delay
and nowcast, hotspots, duplicates. Then the same for half as many districts, for the growth. Then 40,000
districts x 260 weeks for change and EARS, with the peak memory of the process. Each beside the obvious loop
over series, measured on a few of them and scaled up. Seconds are of CPU, of all threads together.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from workbench import analysis

LAST = pd.Timestamp("2026-11-09")
TYPES = ("armed_clash", "attack_on_civilians", "explosive_or_remote", "abduction", "robbery_or_theft")
SAMPLE = 12
"""How many series the loops are measured on."""


def drawn(series: int, weeks: int, *, types: tuple[str, ...] = TYPES) -> pd.DataFrame:
    """Return small counts, mean 0.1 to 4 a week, over-dispersed: one row a district and type."""
    rng = np.random.default_rng(series)
    districts = [f"D{n:05d}" for n in range(series // len(types))]
    mean = np.repeat(rng.uniform(0.1, 4, len(districts)), len(types))[:, None]
    counts = rng.negative_binomial(2, 2 / (2 + mean), (len(mean), weeks))
    names = ["district", "event_type"]
    index = (
        pd.MultiIndex.from_product([districts, types], names=names)
        if len(types) > 1
        else pd.Index(districts, name="district")
    )
    columns = pd.date_range(end=LAST, periods=weeks, freq="7D").astype("datetime64[s]")
    return pd.DataFrame(counts, index=index, columns=pd.Index(columns, name="week")).astype("Float64")


def incidents_of(counts: pd.DataFrame, *, weeks: int, seed: int) -> pd.DataFrame:
    """Return one row for each incident of the last `weeks` weeks of `counts`, placed and dated."""
    rng = np.random.default_rng(seed)
    recent = counts.iloc[:, -weeks:].astype(int)
    long = recent.stack().rename("n").reset_index()
    long = long.loc[long.index.repeat(long["n"])].reset_index(drop=True)
    number = long["district"].str.slice(1).astype(int)
    return pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(len(long))],
            "source": rng.choice(["one", "other"], len(long)),
            "occurred_on": long["week"] + pd.to_timedelta(rng.integers(0, 7, len(long)), unit="D"),
            "date_precision": "day",
            "event_type": long["event_type"],
            "district": long["district"],
            "latitude": (number % 13) + rng.uniform(0, 0.5, len(long)),
            "longitude": (number // 13) + rng.uniform(0, 0.5, len(long)),
            "place_precision": "place",
            "killed_best": pd.array(rng.poisson(0.6, len(long)), dtype="Int64"),
            "actor1": rng.choice(["group", "militia", "police"], len(long)),
        }
    ).astype({"record_id": "str", "source": "str", "event_type": "str", "date_precision": "str"})


def revisions_of(incidents: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the incidents as revisions, each known some days after it happened, for ever."""
    rng = np.random.default_rng(seed)
    late = pd.to_timedelta(rng.geometric(0.12, len(incidents)), unit="D")
    known = (incidents["occurred_on"] + late).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    return incidents.assign(
        recorded_at=known, known_until=pd.Series(pd.NaT, index=incidents.index, dtype=known.dtype)
    )


def told(line: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


def spent(work: Callable[[], object]) -> float:
    """Return the CPU seconds that `work` takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def weekly_run(districts: int) -> dict[str, float]:
    """Run every method once on 5 types x 260 weeks of so many districts; return CPU seconds by method."""
    counts = drawn(districts * len(TYPES), 260)
    total = counts.groupby(level="district").sum()
    incidents = incidents_of(counts, weeks=30, seed=districts)
    revisions = revisions_of(incidents, seed=districts)
    names = list(total.index)
    at = pd.DataFrame(
        {
            "district": names,
            "latitude": [n % 13 for n in range(districts)],
            "longitude": [n // 13 for n in range(districts)],
        }
    ).astype({"latitude": float, "longitude": float})
    moments = [datetime(2026, 11, 16, 6, tzinfo=UTC) - timedelta(weeks=back) for back in range(40, -1, -1)]

    def outlook() -> None:
        for horizon in (1, 4):
            analysis.scorecard(counts, horizon=horizon)
        analysis.outlook(counts)
        analysis.last_outlook(counts, counts, week=LAST.date())

    def delay() -> None:
        triangle = analysis.triangle(
            revisions, moments, districts=names, types=TYPES, by=("district", "event_type"),
            week=LAST.date(), weeks=26, delays=8, as_of=moments[-1], zone=ZoneInfo("UTC"),
        )  # fmt: skip
        analysis.nowcast(triangle)

    def hotspots() -> None:
        analysis.scan_space_time(total, at, rng=np.random.default_rng(1))

    week = incidents[incidents["occurred_on"] >= LAST - pd.Timedelta(weeks=12)]
    methods: dict[str, Callable[[], object]] = {
        "change": lambda: analysis.change_of_week(counts, week=LAST.date()),
        "surveillance": lambda: analysis.watch(counts),
        "outlook": outlook,
        "delay": delay,
        "hotspots": hotspots,
        "duplicates": lambda: analysis.candidates(week),
    }
    return {name: spent(work) for name, work in methods.items()}


def looped(counts: pd.DataFrame, work: Callable[[pd.DataFrame], object]) -> float:
    """Return the CPU seconds the obvious loop over series would take, from SAMPLE of them."""
    step = max(1, len(counts) // SAMPLE)
    some = [counts.iloc[[n]] for n in range(0, len(counts), step)][:SAMPLE]
    return spent(lambda: [work(one) for one in some]) * len(counts) / len(some)


def main() -> None:
    """Print seconds, growth, ratios to the loop, and memory."""
    weekly_run(20)  # imports and caches are nobody's speed
    half, full = weekly_run(80), weekly_run(160)
    told("160 districts x 5 types x 260 weeks, CPU seconds (80 districts; growth when doubled)")
    for name, seconds in full.items():
        told(f"  {name:14}{seconds:8.2f}   ({half[name]:.2f}; x{seconds / max(half[name], 1e-9):.1f})")
    told(f"  {'all':14}{sum(full.values()):8.2f}   ({sum(half.values()):.2f})")
    counts = drawn(800, 260)
    for name, work in {
        "change": lambda one: analysis.change_of_week(one, week=LAST.date()),
        "surveillance": analysis.watch,
        "scorecard": lambda one: analysis.scorecard(one, horizon=1),
    }.items():
        ratio = looped(counts, work) / spent(lambda work=work: work(counts))
        told(f"  the loop over series takes {ratio:,.0f} times as long for {name}")
    many = drawn(40_000, 260, types=("all",))
    many.index = pd.Index(many.index, name="district")
    change = spent(lambda: analysis.change_of_week(many, week=LAST.date()))
    ears = spent(
        lambda: [analysis.ears(many, method=method, weeks=[LAST.date()]) for method in ("C1", "C2", "C3")]
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    told(f"40,000 districts x 260 weeks: change {change:.2f} s, EARS C1-C3 {ears:.2f} s, peak {peak:.2f} GB")


if __name__ == "__main__":
    main()
