"""
How long surveillance takes, beside the obvious loop and R's package `surveillance`.

    python tests/benchmarks/surveillance.py                     160 districts x 5 types, 40,000 districts
    python tests/benchmarks/surveillance.py --districts 4000

All are 260 weeks, of which the last is watched. The obvious loop goes through the series one by one: plain
Python for EARS, numpy's least squares in a loop for the regression, our own function for `watch`. It and R
(where Rscript and the package are installed) do a sample, and its time is scaled up. All ways are checked to
give the same answer. Trust the ratios, not the seconds.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from workbench.analysis.surveillance import Flexible, ears, farrington_flexible, glr_cusum, watch

WEEKS = 260
SAMPLE = 60
SETTINGS = Flexible(years=4, outlier=None, trend=None, least=0)
R = """
suppressMessages(library(surveillance))
x <- as.matrix(read.csv(commandArgs(TRUE)[1]))
clock <- function(run) {
  taken <- system.time(out <- lapply(seq_len(ncol(x)), function(j) {
    upperbound(run(sts(x[, j], frequency = 52, epoch = seq_len(nrow(x)))))
  }))
  cat(taken[["elapsed"]], unlist(out), "\\n")
}
n <- nrow(x)
clock(function(s) earsC(s, list(range = n, method = "C2", minSigma = 0.5)))
clock(function(s) farringtonFlexible(s, list(range = n, b = 4, pastWeeksNotIncluded = 26, reweight = FALSE,
  trend = FALSE, limit54 = c(0, 4), glmWarnings = FALSE)))
clock(function(s) suppressMessages(glrnb(s, list(range = (n - 25):n, alpha = 0.5,
  mu0 = rep(max(mean(s@observed[1:(n - 26)]), 0.01), 26)))))
"""

T = TypeVar("T")


def made(series: int) -> pd.DataFrame:
    """Return sparse counts, means from 0.1 to 5 a week, without any change."""
    chance = np.random.default_rng(42)
    mean = np.resize([0.1, 0.3, 1.0, 2.0, 5.0], series)[:, None]
    values = chance.poisson(mean * chance.gamma(2, 0.5, (series, WEEKS)))
    weeks = pd.date_range("2021-01-04", periods=WEEKS, freq="7D").as_unit("s")
    names = pd.Index([f"KS{number:05}" for number in range(series)], name="district")
    return pd.DataFrame(values, names, weeks).astype("Float64")


def clocked(run: Callable[[], T], times: int = 3) -> tuple[float, T]:
    """Return the median of `times` wall times, and the last answer."""
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        answer = run()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), answer


def loop_ears(rows: list[list[float]]) -> list[float]:
    """EARS C2 by the book, one series after the other."""
    uppers = []
    for row in rows:
        window = row[-10:-3]
        uppers.append(statistics.mean(window) + 3.090232306167813 * max(statistics.stdev(window), 0.5))
    return uppers


def loop_regression(values: np.ndarray) -> list[float]:
    """The expected value of the flexible algorithm, re-weighting and trend left out, by least squares."""
    last = values.shape[1] - 1
    weeks = [last - 52 * year + shift for year in range(4, 0, -1) for shift in range(-3, 4)]
    expected = []
    for row in values:
        y = row[weeks]
        design = np.ones((len(y), 1))
        eta, before = np.log(y + 0.1), np.inf
        for _ in range(25):
            mean = np.exp(eta)
            root = np.sqrt(mean)
            z = eta + (y - mean) / mean
            eta = design @ np.linalg.lstsq(design * root[:, None], z * root, rcond=None)[0]
            deviance = 2 * float((np.exp(eta) - y * eta).sum())
            if abs(deviance - before) < 1e-8 * (abs(deviance) + 0.1):
                break
            before = deviance
        expected.append(float(np.exp(eta[0])))
    return expected


def in_r(sample: pd.DataFrame) -> list[tuple[float, np.ndarray]] | None:
    """Return seconds and answers of R for EARS C2, farringtonFlexible and glrnb, or None without it."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "counts.csv", Path(folder) / "run.R"
        sample.T.astype(int).to_csv(table, index=False)
        script.write_text(R, encoding="utf-8")
        asked = subprocess.run(
            [rscript, str(script), str(table)], capture_output=True, text=True, check=False
        )
    if asked.returncode:
        return None
    lines = [np.array(line.split(), dtype=float) for line in asked.stdout.splitlines() if line.strip()]
    return [(float(line[0]), line[1:]) for line in lines]


def said(name: str, series: int, ours: float, loop: float | None, r: float | None) -> None:
    """Print one line; `loop` and `r` are seconds per series."""
    line = f"{name:28}{series:7,} series {ours:8.3f} s"
    if loop is not None:
        line += f"   loop {loop * series:9.2f} s = {loop * series / ours:7.0f} x"
    if r is not None:
        line += f"   R {r * series:9.2f} s = {r * series / ours:7.0f} x"
    sys.stdout.write(line + "\n")


def main() -> None:
    """Time everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=40_000)
    districts = parser.parse_args().districts

    large = made(districts)
    memory = {"the counts": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
    seconds, _ = clocked(lambda: ears(large, method="C2"))
    memory["EARS"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    watched, _ = clocked(lambda: watch(large), times=1)
    memory["watch"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    every, _ = clocked(lambda: len(ears(large, method="C2", weeks=WEEKS)), times=1)
    memory["EARS, all weeks"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    counts = made(800)
    sample = counts.iloc[:SAMPLE]
    rows, values = sample.to_numpy(dtype=float).tolist(), sample.to_numpy(dtype=float)
    r = in_r(sample)
    per_r = [None] * 3 if r is None else [taken / SAMPLE for taken, _ in r]

    loop_c2, uppers = clocked(lambda: loop_ears(rows))
    ours_c2, c2 = clocked(lambda: ears(counts, method="C2"))
    np.testing.assert_allclose(c2["upper"].to_numpy(dtype=float)[:SAMPLE], uppers)
    loop_fit, expected = clocked(lambda: loop_regression(values))
    ours_fit, fitted = clocked(lambda: farrington_flexible(counts, settings=SETTINGS))
    np.testing.assert_allclose(
        fitted["expected"].to_numpy(dtype=float)[:SAMPLE], expected, rtol=1e-4, atol=1e-6
    )
    ours_full, _ = clocked(lambda: farrington_flexible(counts, settings=Flexible(years=4, periods=10)))
    mean = counts.iloc[:, :-26].mean(axis=1).clip(lower=0.01).to_numpy(dtype=float)
    usual = pd.DataFrame(np.repeat(mean[:, None], 26, axis=1), counts.index)
    ours_glr, _ = clocked(lambda: glr_cusum(counts, mean=usual, dispersion=0.5))
    ours_watch, answer = clocked(lambda: watch(counts))
    loop_watch, alone = clocked(lambda: [watch(sample.iloc[[n]]) for n in range(SAMPLE)], times=1)
    assert pd.concat(alone)["alarm"].tolist() == answer["alarm"].tolist()[:SAMPLE]
    if r is not None:
        np.testing.assert_allclose(c2["upper"].to_numpy(dtype=float)[:SAMPLE], r[0][1], rtol=1e-6)
        np.testing.assert_allclose(
            fitted["upper"].to_numpy(dtype=float)[:SAMPLE], r[1][1], rtol=1e-5, atol=1e-6
        )

    said("EARS C2", 800, ours_c2, loop_c2 / SAMPLE, per_r[0])
    said("EARS C2", districts, seconds, loop_c2 / SAMPLE, per_r[0])
    said(f"EARS C2, all {WEEKS} weeks", districts, every, None, None)
    said("Farrington flexible, plain", 800, ours_fit, loop_fit / SAMPLE, per_r[1])
    said("Farrington flexible, 10 per.", 800, ours_full, None, None)
    said("GLR-CUSUM, 26 weeks", 800, ours_glr, None, per_r[2])
    said("watch", 800, ours_watch, loop_watch / SAMPLE, None)
    said("watch", districts, watched, None, None)
    megabytes = ", ".join(f"{name} {size / 1024:,.0f} MB" for name, size in memory.items())
    sys.stdout.write(f"most memory so far: {megabytes}\n")
    if r is None:
        sys.stdout.write("R is not here, or has no package surveillance: nothing set beside it.\n")


if __name__ == "__main__":
    main()
