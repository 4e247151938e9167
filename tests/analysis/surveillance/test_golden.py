"""The same numbers as R's surveillance 1.20.3, from golden.json, which golden.R makes."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.analysis.surveillance import (
    Chart,
    Farrington,
    Flexible,
    ears,
    farrington,
    farrington_flexible,
    glr_cusum,
)

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))

# The numbers stand in golden.json with 10 digits.
EXACT = 2e-9

# R ends Newton's method of glrnb at a step below 1e-6, and glm.nb its own at a relative change of 1e-8 of the
# likelihood: what is estimated agrees to fewer digits than what is computed.
CUSUM = 1e-6
ESTIMATED = 2e-5

# A series of almost nothing but zeros has no finite likeliest level or trend: the regression walks away
# until R's rule stops it, on equations so near to singular that QR (R) and our inverse part at the 6th digit.
SEPARATED = {"mostly_zero": 2e-6}

# From here R reports no rise: its Newton's method jumps below -18 at a count of 6 where 0.1 is usual. We find
# the maximum (test_cusum.py checks it), have an alarm, and start anew; the weeks before are R's.
DIVERGED = {("glr_known", "mostly_zero"): 7, ("glr_season", "mostly_zero"): 7}

Method = Callable[[pd.DataFrame, int], pd.DataFrame]


def _ears(**settings) -> Method:
    return lambda counts, weeks: ears(counts, weeks=weeks, **{"min_sigma": 0, **settings})


def _original(**settings) -> Method:
    return lambda counts, weeks: farrington(counts, weeks=weeks, settings=Farrington(**settings))


def _flexible(**settings) -> Method:
    return lambda counts, weeks: farrington_flexible(counts, weeks=weeks, settings=Flexible(**settings))


def _peopled(method: Callable[..., pd.DataFrame], settings: Farrington) -> Method:
    def run(counts: pd.DataFrame, weeks: int) -> pd.DataFrame:
        people = 1000 * (1 + 0.002 * np.arange(1, counts.shape[1] + 1))
        population = pd.DataFrame(np.tile(people, (len(counts), 1)), counts.index, counts.columns)
        return method(counts, weeks=weeks, population=population, settings=settings)

    return run


def _cusum(*, given: float | None = None, dispersion: float | None = None, **settings) -> Method:
    """Set against the mean of the weeks before; `given` is the height of its wave over the year."""

    def run(counts: pd.DataFrame, weeks: int) -> pd.DataFrame:
        chart, mean = Chart(**settings), None
        if given is not None:
            wave = np.exp(given * np.cos(2 * np.pi * np.arange(1, counts.shape[1] + 1) / 52))[-weeks:]
            before = counts.iloc[:, :-weeks].mean(axis=1).to_numpy(dtype=float)
            mean = pd.DataFrame(before[:, None] * wave, counts.index, counts.columns[-weeks:])
        return glr_cusum(counts, monitored=weeks, mean=mean, dispersion=dispersion, chart=chart)

    return run


SYNTHETIC: dict[str, Method] = {
    "ears_c1": _ears(alpha=0.05),
    "ears_c1_floor": _ears(min_sigma=1),
    "ears_c2": _ears(method="C2", min_sigma=0.5),
    "ears_c3": _ears(method="C3", min_sigma=0.5),
    "ears_c1_9": _ears(baseline=9, alpha=0.01),
    "farrington": _original(),
    "farrington_none": _original(power="none", least=0),
    "farrington_half": _original(power="1/2", alpha=0.01),
    "farrington_plain": _original(outlier=None, trend=None),
    "farrington_b3": _original(years=3, window=4, least=2, within=3),
    "farrington_population": _peopled(farrington, Farrington()),
    "farrington_dates": _original(calendar=True),
    "flexible": _flexible(),
    "flexible_nb": _flexible(threshold="nbPlugin"),
    "flexible_muan": _flexible(threshold="muan", alpha=0.01),
    "flexible_plain": _flexible(outlier=None, trend=None),
    "flexible_season": _flexible(periods=10, trend=1),
    "flexible_season_nb": _flexible(periods=10, years=4, threshold="nbPlugin", least=0),
    "flexible_skip3": _flexible(skip=3, periods=5, power="1/2", outlier=1),
    "flexible_population": _peopled(farrington_flexible, Flexible(periods=4)),
    "flexible_dates": _flexible(periods=10, calendar=True),
    "glr_known": _cusum(given=0, dispersion=0.2),
    "glr_season": _cusum(given=0.3, dispersion=0.5, shortest=3, longest=12),
    "glr_poisson": _cusum(given=0, dispersion=0, threshold=4),
    "glr_estimated": _cusum(),
}

PACKAGE_DATA: dict[str, Method] = {
    "ears_c1_newport": _ears(alpha=0.05),
    "ears_c3_abattoir": _ears(method="C3", min_sigma=0.5),
    "ears_c2_m1": _ears(method="C2", min_sigma=0.5, alpha=0.05),
    "farrington_agona": _original(),
    "farrington_n1": _original(years=3, window=4, power="none"),
    "farrington_m1": _original(years=3),
    "flexible_agona": _flexible(),
    "flexible_agona_muan": _flexible(threshold="muan"),
    "flexible_shadar": _flexible(years=4, periods=10, threshold="nbPlugin", alpha=0.01),
    "flexible_newport": _flexible(years=4, periods=10, trend=1, calendar=True),
    "flexible_hepatitis": _flexible(years=3),
    "glr_shadar": _cusum(harmonics=1),
    "glr_shadar_poisson": _cusum(harmonics=1, dispersion=0),
    "glr_k1": _cusum(harmonics=2, trend=True, threshold=3),
}


def _own() -> pd.DataFrame:
    table = pd.read_csv(HERE / "series.csv", index_col="week", parse_dates=["week"])
    counts = table.T.astype("Float64")
    counts.columns = pd.DatetimeIndex(counts.columns).as_unit("s")
    return counts


def _r(*arguments: str) -> str:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("Rscript is not installed; the input of these numbers is read from R.")
    asked = subprocess.run([rscript, *arguments], capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip("R has no package surveillance (Debian: r-cran-surveillance) to read data sets from.")
    return asked.stdout


@cache
def _theirs(name: str) -> pd.DataFrame:
    table = pd.read_csv(io.StringIO(_r(str(HERE / "dataset.R"), name)))
    weeks = pd.to_datetime(table["week"]) if table["week"].dtype.kind not in "iu" else None
    if weeks is None:
        weeks = pd.date_range("2001-01-01", periods=len(table), freq="7D")
    return pd.DataFrame([table["observed"].to_numpy()], [name], pd.DatetimeIndex(weeks)).astype("Float64")


def _compare(found: pd.DataFrame, entry: dict, name: str) -> None:
    """Hold every number of the entry against ours; missing where R has none, or its 0 for too few cases."""
    method = entry["method"]
    tolerance = EXACT
    if method == "glrnb":
        tolerance = CUSUM if "mu0 = function" in entry["call"] else ESTIMATED
    for series, golden in entry["series"].items():
        end = DIVERGED.get((name, series), len(golden["alarm"]))
        rel = max(tolerance, SEPARATED.get(series, 0.0))
        ours = found[found["series"] == series].iloc[:end]
        # R has no bound and no alarm where a regression failed; we say that it cannot be told
        failed = ours["reason"].eq("no_fit").to_numpy()
        assert ours["alarm"].isna().tolist() == failed.tolist(), (name, series)
        alarms = ours["alarm"].fillna(value=False).tolist()
        assert alarms == [bool(alarm) for alarm in golden["alarm"][:end]], (name, series)
        few = ours["reason"].eq("too_few_cases").to_numpy()
        for theirs_name, values in golden.items():
            if theirs_name in {"alarm", "trend"}:
                continue
            ours_name = "expected" if theirs_name == "mean" else theirs_name
            listed = (values if len(values) > 1 else values * len(golden["alarm"]))[:end]
            theirs = np.array([np.nan if value is None else value for value in listed], dtype=float)
            mine = ours[ours_name].to_numpy(dtype=float, na_value=np.nan)
            shown = ~few & ~failed if theirs_name in {"upper", "expected", "score", "p"} else ~failed
            if theirs_name == "upper":
                assert np.isnan(theirs[failed]).all(), (name, series)
            if theirs_name in {"upper", "expected"}:
                assert np.isnan(mine[few]).all(), (name, series)
            if not shown.any():
                continue
            np.testing.assert_allclose(
                mine[shown],
                theirs[shown],
                rtol=rel,
                atol=rel if rel > EXACT else 1e-9,
                err_msg=f"{name} {series} {theirs_name}",
            )
        if "trend" in golden:
            kept = ours["trend"].fillna(value=False).tolist()
            assert kept == [bool(trend) for trend in golden["trend"]], (name, series)


@pytest.mark.parametrize("name", sorted(SYNTHETIC))
def test_our_series_give_the_numbers_of_r(name: str) -> None:
    """Bounds, expected values, scores, dispersions, trends and alarms on ten made-up series are R's."""
    entry = GOLDEN["synthetic"][name]
    found = SYNTHETIC[name](_own(), entry["last"] - entry["first"] + 1)
    _compare(found.rename(columns={found.columns[0]: "series"}), entry, name)


@pytest.mark.parametrize("name", sorted(PACKAGE_DATA))
def test_the_package_s_data_sets_give_the_numbers_of_r(name: str) -> None:
    """So do those on the data sets of the package, read from it because its licence keeps them there."""
    entry = GOLDEN["package_data"][name]
    counts = _theirs(next(iter(entry["series"])))
    found = PACKAGE_DATA[name](counts, entry["last"] - entry["first"] + 1)
    _compare(found.rename(columns={found.columns[0]: "series"}), entry, name)


PUBLISHED = """
0.0933664 0 0.001387989 0.4392282 1.239898 2.983766 1.954988 1.722341 1.586777 0.7331938 0.9337575 0.7903225
1.104522 1.425098 1.24129 1.633672 2.033343 1.788079 1.397671 0.9081794 0.797097 0.7270934 0.5248943 0.3093548
"""


def test_the_published_values_of_the_cusum() -> None:
    """The first 24 of the pre-computed values in the package's own test-algo.glrnb.R, to its 7 digits."""
    time = np.arange(1, 121)
    usual = np.exp(1.5 + 0.6 * np.cos(2 * np.pi * time / 52) + 0.6 * np.sin(2 * np.pi * time / 52))
    drawn = _r(
        "-e",
        "t <- 1:120; o <- 2 * pi / 52; m <- exp(1.5 + 0.6 * cos(o * t) + 0.6 * sin(o * t)); set.seed(42);"
        "cat(rnbinom(120, mu = m * exp(0.4)^(t >= 100), size = 5))",
    )
    weeks = pd.date_range("2001-01-01", periods=120, freq="7D")
    row = pd.DataFrame([[int(count) for count in drawn.split()]], ["simulated"], weeks).astype("Float64")
    mean = pd.DataFrame([usual], row.index, weeks)
    found = glr_cusum(row, monitored=120, mean=mean, dispersion=0.2)["score"].to_numpy(dtype=float)
    np.testing.assert_allclose(found[:24], np.array(PUBLISHED.split(), dtype=float), rtol=1e-6, atol=1e-8)


def test_every_golden_number_is_compared() -> None:
    """No entry of golden.json is left out of the tables above."""
    assert set(GOLDEN["synthetic"]) == set(SYNTHETIC)
    assert set(GOLDEN["package_data"]) == set(PACKAGE_DATA)
    assert GOLDEN["package"] == "surveillance 1.20.3"
