"""
How long the change of a week and the outlook take, beside the obvious loop.

    python tests/benchmarks/outlook.py                      800 series x 260 weeks (160 districts x 5 types)
    python tests/benchmarks/outlook.py --districts 40000    change alone, for as many districts

The loop does one series (and one origin) after the other with `scipy.stats`, on a sample of them, and is
scaled up. Both ways are checked to give the same answer. Trust the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from workbench.analysis.change import change_of_week
from workbench.analysis.outlook import last_outlook, outlook, scorecard

WEEK = date(2026, 11, 9)
WEEKS = 260
SAMPLED = 40


def counts_of(series: int, chance: np.random.Generator) -> pd.DataFrame:
    """Return clustered weekly counts of many districts and types, most of them small."""
    rates = chance.gamma(1, 2, series)[:, None]
    table = pd.DataFrame(chance.poisson(chance.gamma(2, rates / 2, (series, WEEKS)))).astype("Float64")
    weeks = pd.date_range(end=pd.Timestamp(WEEK), periods=WEEKS, freq="7D").astype("datetime64[s]")
    table.columns = pd.Index(weeks, name="week")
    table.index = pd.MultiIndex.from_arrays(
        [[f"KS{n // 5:06}" for n in range(series)], [f"type{n % 5}" for n in range(series)]],
        names=["district", "event_type"],
    )
    return table


def timed(work: Callable[[], object], *, times: int = 3) -> float:
    """Return the shortest of a few runs, in seconds."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)


def loop_of_changes(rows: np.ndarray) -> list[float]:
    """Test each series one by one: last week, a year ago, the usual; return the first p."""
    found = []
    for row in rows:
        now, past = int(row[-1]), row[-27:-1]
        for other in (int(row[-2]), int(row[-53])):
            tested = stats.binomtest(now, now + other, 0.5) if now + other else None
            if tested is not None:
                tested.proportion_ci(method="exact")
            if other == int(row[-2]):
                p = tested.pvalue if tested is not None else 1.0
        size = past.sum() + 0.5
        usual = stats.nbinom(size, 26 / 27)
        usual.ppf([0.05, 0.95]), usual.sf(now - 1), usual.cdf(now)
        found.append(float(p))
    return found


def loop_of_scores(rows: np.ndarray, *, origins: int) -> float:
    """Score the eight-week model alone, one forecast after the other; return its mean CRPS."""
    scores = []
    values = np.arange(200)
    for row in rows:
        for end in range(len(row) - origins, len(row)):
            law = stats.nbinom(row[end - 8 : end].sum() + 0.5, 8 / 9)
            below = law.cdf(values)
            law.ppf([0.05, 0.25, 0.75, 0.95])
            scores.append(((below - (values >= row[end])) ** 2).sum())
    return float(np.mean(scores))


def main() -> None:
    """Measure and print seconds, peak memory and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=0)
    asked = parser.parse_args().districts
    table = counts_of(asked or 800, np.random.default_rng(20261109))
    write = sys.stdout.write
    seconds = timed(lambda: change_of_week(table, week=WEEK), times=1 if asked else 3)
    few = table.iloc[:SAMPLED]
    numbers = few.to_numpy(dtype=float)
    looped = timed(lambda: loop_of_changes(numbers), times=1) * len(table) / SAMPLED
    if not np.allclose(change_of_week(few, week=WEEK)["p"].to_numpy(dtype=float), loop_of_changes(numbers)):
        raise SystemExit("The loop and the package disagree about week on week.")
    ratio = f"loop {looped:9.1f} s   x {looped / seconds:,.0f}"
    write(f"change of {len(table):,} series   {seconds:8.2f} s   {ratio}\n")
    if not asked:
        for horizon in (1, 4):
            seconds = timed(lambda ahead=horizon: scorecard(table, horizon=ahead))
            write(f"scorecard, 26 origins, 5 models, horizon {horizon}   {seconds:6.2f} s\n")
            if horizon == 1:
                looped = timed(lambda: loop_of_scores(numbers, origins=26), times=1) * len(table) / SAMPLED
                write(f"  loop, one of the five models   {looped:6.1f} s   x {looped / seconds:,.0f}\n")
        mine = scorecard(few, horizon=1).set_index("model").loc["eight_weeks", "crps"]
        if not np.isclose(mine, loop_of_scores(numbers, origins=26), rtol=1e-4):
            raise SystemExit("The loop and the package disagree about the CRPS.")
        write(f"outlook, both horizons   {timed(lambda: outlook(table)):6.2f} s\n")
        write(f"last outlook   {timed(lambda: last_outlook(table, table, week=WEEK)):6.2f} s\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write(f"peak memory {peak:,.0f} MB\n")


if __name__ == "__main__":
    main()
