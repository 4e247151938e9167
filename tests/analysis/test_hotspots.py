from __future__ import annotations

import io
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY, incidents
from workbench.analysis import adjust
from workbench.analysis.hotspots import (
    PROSPECTIVE,
    Cylinders,
    centroids,
    event_places,
    getis_ord,
    scan,
    scan_space_time,
    touching,
    with_past,
)
from workbench.errors import ParameterError

SEED = 20261109
WEEKS = pd.date_range(end=pd.Timestamp(MONDAY), periods=24, freq="7D").astype("datetime64[s]")


def _rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _from_r(what: str) -> pd.DataFrame:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed: the published data are read from R, never copied here")
    script = Path(__file__).with_name("hotspots.R")
    done = subprocess.run(
        ["Rscript", "--vanilla", str(script), what], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("R comes without sf, spData or spdep, which hold the published data")
    return pd.read_csv(io.StringIO(done.stdout)).astype({"place": "str"})


def _places(cases: list[Any], expected: list[Any] | None = None, **more: Any) -> pd.DataFrame:
    """Places in a row, 1 apart."""
    n = len(cases)
    return pd.DataFrame(
        {
            "district": [f"KS{i:04d}" for i in range(1, n + 1)],
            "x": [float(i) for i in range(n)],
            "y": [0.0] * n,
            "cases": pd.array(cases, dtype="Int64"),
            "expected": pd.array([1.0] * n if expected is None else expected, dtype="Float64"),
            **more,
        }
    )


@pytest.mark.parametrize(
    ("cases", "population", "expected", "ratio", "relative_risk", "llr"),
    [
        (106, 119050, 62.13, 1.71, 1.87, 14.780276),
        (42, 40696, 21.24, 1.98, 2.06, 8.287056),
        (44, 45667, 23.83, 1.85, 1.92, 7.199672),
        (25, 24571, 12.82, 1.95, 1.99, 4.651839),
        (10, 6985, 3.65, 2.74, 2.78, 3.773422),
        (11, 8839, 4.61, 2.38, 2.41, 3.209485),
        (100, 111674, 58.28, 1.72, 1.87, 14.083511),
        (85, 95249, 49.71, 1.71, 1.84, 11.577255),
        (38, 34083, 17.79, 2.14, 2.22, 9.019716),
        (64, 78280, 40.85, 1.57, 1.64, 6.114140),
        (28, 29782, 15.54, 1.80, 1.84, 4.169203),
        (12, 9840, 5.14, 2.34, 2.37, 3.363518),
    ],
)
def test_likelihood_ratios_are_those_of_satscan(
    cases: int, population: int, expected: float, ratio: float, relative_risk: float, llr: float
) -> None:
    """New York leukaemia, 552 cases in 1,057,673 people: SaTScan v9.3.1 and v9.6, all digits printed.

    Source: SaTScan's own results files in jfrench/smerc, tests/scan_test_ny_poisson_circular_longlat.txt,
    tests/ny.txt and tests/satscan_ny_out.txt.
    """
    places = _places([cases, 552 - cases]).drop(columns="expected")
    places["population"] = [population, 1_057_673 - population]
    found = scan(places, rng=_rng(), replicas=9).iloc[0]
    assert found["members"] == ("KS0001",)
    assert found["expected"] == pytest.approx(expected, abs=5.01e-3)
    assert found["ratio"] == pytest.approx(ratio, abs=5.01e-3)
    assert found["relative_risk"] == pytest.approx(relative_risk, abs=5.01e-3)
    assert found["llr"] == pytest.approx(llr, abs=5.1e-7)


def test_a_whole_scan_finds_the_clusters_of_satscan() -> None:
    """New York leukaemia, circles by great circle: members, ratios and p of SaTScan v9.3.1's clusters 2 to 6.

    The centroids are those of the outlines in R's spData, which differ by some metres from the ones SaTScan
    was given. Its likeliest cluster, of 31 tracts, is so drawn 2 tracts smaller; its ratio is checked above.
    p-values are compared with the error of 999 replicas (3 standard deviations).
    """
    found = scan(_from_r("leukaemia"), rng=_rng(), most=7)
    by_members = {frozenset(row.members): row for row in found.itertuples()}
    published = [
        ("88 87 92 86 89 91 93 85 90", 42, 8.287056, 0.033),
        ("113 117 116 112 220 118 115 123 124 111 114 125 219 122 126 119", 44, 7.199672, 0.105),
        ("62 64 67 65", 25, 4.651839, 0.653),
        ("132 138 121 131 139 120", 10, 3.773422, 0.901),
        ("166 159 167", 11, 3.209485, 0.982),
    ]
    for members, cases, llr, p in published:
        row: Any = by_members[frozenset(members.split())]
        assert row.cases == cases
        assert row.llr == pytest.approx(llr, abs=5.1e-7)
        assert row.p == pytest.approx(p, abs=3 * np.sqrt(2 * p * (1 - p) / 999))
    first = found.iloc[0]
    assert (first["centre"], first["p"]) == ("52", 0.001)
    assert {"52", "50", "53", "38", "49", "48", "15", "39", "37", "1", "16"} <= set(first["members"])


def test_gi_star_of_getis_and_ord() -> None:
    """1.4508 at the cell of Getis and Ord 1996 by their eq. 14.2; their printed 1.4479 divides by n - 1."""
    grid = _from_r("getisord")
    z = getis_ord(grid, km=30).iloc[len(grid) - 137]["z"]
    assert z == pytest.approx(1.45078, abs=5e-6)
    assert z * np.sqrt((len(grid) - 1) / len(grid)) == pytest.approx(1.447943, abs=5e-7)


def test_gi_star_is_that_of_spdep() -> None:
    """A grid of made-up counts, neighbours within 1.5: spdep 1.2-7, localG, include.self (hotspots.R)."""
    cell = np.arange(36)
    grid = pd.DataFrame({"place": cell.astype(str), "x": cell % 6 * 1.0, "y": cell // 6 * 1.0})
    grid["cases"] = (7 * cell * cell + 3 * cell) % 11
    found = getis_ord(grid, km=1.5)
    expected = [
        0.1630770616, 0.5156949487, 0.5156949487, 0.0206277979, -0.9695065036, -0.8643084264,
        0.5156949487, 0.9853237878, 0.2396733538, 0.0266303726, -0.8255415519, -0.5982061405,
        0.6394617364, 0.9853237878, -0.0798911179, -0.6124985708, -0.6124985708, -0.1031389897,
        0.6394617364, 0.2396733538, 0.0266303726, -0.8255415519, 0.0266303726, 0.2681613733,
        0.5156949487, -0.0798911179, -0.6124985708, -0.6124985708, -0.0798911179, 0.5156949487,
        0.1630770616, 0.0206277979, -0.9695065036, 0.2681613733, -0.3506725651, 0.3098464170,
    ]  # fmt: skip
    assert found["z"].to_numpy() == pytest.approx(expected, abs=1e-9)
    assert found["neighbours"].tolist()[:2] == [4, 6]
    assert found["q"].to_numpy() == pytest.approx(adjust(found["p"]))


def _llr(c: float, e: float, total: float) -> float:
    if c < 2 or c <= e:
        return 0.0
    return float(c * np.log(c / e) + ((total - c) * np.log((total - c) / (total - e)) if total > c else 0.0))


def _circles(at: np.ndarray, expected: np.ndarray, share: float) -> list[frozenset[int]]:
    """Every circle, by the definition: a centre, and all places as near as one of them."""
    found = []
    for centre in at:
        far = np.hypot(*(at - centre).T)
        for radius in np.unique(far.round(9)):
            inside = frozenset(np.flatnonzero(far <= radius + 1e-9).tolist())
            held = sum(expected[list(inside)])
            if 0 < held <= share * expected.sum() * (1 + 1e-9) and inside not in found:
                found.append(inside)
    return found


_TOWNS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 6), st.sampled_from([0.5, 1.0, 2.0])),
    min_size=1,
    max_size=9,
)


@settings(deadline=None, max_examples=40)
@given(_TOWNS, st.sampled_from([0.3, 0.5, 1.0]))
def test_the_scan_is_the_obvious_loop(towns: list[tuple[int, int, int, float]], share: float) -> None:
    """Ratio and p of the first cluster are those of a loop over circles and replicas; others are apart."""
    x, y, cases, expected = (np.array(column, dtype=float) for column in zip(*towns, strict=True))
    places = _places(cases.astype(int).tolist(), expected.tolist())
    places["x"], places["y"] = x, y
    found = scan(places, rng=_rng(), share=share, replicas=19)
    total = cases.sum()
    usual = expected * total / expected.sum()
    windows = _circles(np.column_stack([x, y]), usual, share) if total else []

    def highest(counts: np.ndarray) -> float:
        inside = [list(window) for window in windows]
        return max((_llr(counts[w].sum(), usual[w].sum(), total) for w in inside), default=0.0)

    best = highest(cases)
    assert found.empty == (best <= 1e-9)
    if found.empty:
        return
    draws = _rng().multinomial(int(total), usual / usual.sum(), size=19)
    as_high = sum(highest(draw.astype(float)) >= best - 1e-8 for draw in draws)
    assert found.loc[0, "llr"] == pytest.approx(best, rel=1e-9)
    assert found.loc[0, "p"] == pytest.approx((1 + as_high) / 20)
    members = [one for row in found["members"] for one in row]
    assert len(members) == len(set(members))
    assert found["llr"].is_monotonic_decreasing
    assert found.select_dtypes("Float64").drop(columns="relative_risk").notna().all(axis=None)


def test_places_at_the_same_distance_enter_together() -> None:
    """A circle holds all within its radius: one with a neighbour on either side takes both or none."""
    found = scan(_places([0, 9, 9, 0, 0, 0, 0]), rng=_rng(), replicas=9)
    assert set(found.loc[0, "members"]) == {"KS0001", "KS0002", "KS0003"}
    moved = scan(_places([0, 9, 9, 0, 0, 0, 0]).assign(x=[0, 1, 1.9, 3, 4, 5, 6]), rng=_rng(), replicas=9)
    assert set(moved.loc[0, "members"]) == {"KS0002", "KS0003"}
    both = scan(_places([9, 0, 9, 0, 0, 0, 0, 0]), rng=_rng(), replicas=9)
    assert set(both.loc[0, "members"]) == {"KS0001", "KS0002", "KS0003"}
    assert both.loc[0, "centre"] == "KS0002"


def test_the_same_chance_gives_the_same_result() -> None:
    """One seed, one result; the rows' order changes neither members nor ratio."""
    places = _places([5, 4, 0, 0, 1, 0, 0, 2, 0])
    pd.testing.assert_frame_equal(scan(places, rng=_rng()), scan(places, rng=_rng()))
    turned = scan(places.iloc[::-1], rng=_rng())
    assert set(turned.loc[0, "members"]) == set(scan(places, rng=_rng()).loc[0, "members"])


def test_chance_alone_is_called_a_cluster_once_in_twenty() -> None:
    """Of 200 tables drawn under chance, p is at most .05 in about 10: between 2 and 20."""
    chance = _rng()
    p = []
    for _ in range(200):
        found = scan(_places(chance.poisson(2, 20).tolist()), rng=chance, replicas=99)
        p.append(1.0 if found.empty else found.loc[0, "p"])
    assert 2 <= sum(one <= 0.05 for one in p) <= 20


@pytest.mark.parametrize(
    ("places", "state"),
    [
        (_places([]), "no_cases"),
        (_places([4]), "no_cluster"),
        (_places([0, 0, 0]), "no_cases"),
        (_places([1, 1, 1]), "no_cluster"),
        (_places([None, None]), "no_cases"),
        (_places([10_000, 0, 0]), "found"),
        (_places([3, 2, 4]).assign(x=0.0), "no_cluster"),
    ],
)
def test_odd_tables_are_scanned_without_a_nan(places: pd.DataFrame, state: str) -> None:
    """Nothing, one place, zeros, ones, unknowns, 10,000 in one, all at one spot: a state and no NaN."""
    found = scan(places, rng=_rng(), replicas=19)
    assert found.attrs["state"] == state
    assert found.empty == (state != "found")
    assert str(found["cases"].dtype) == "Int64"
    assert np.isfinite(found[["expected", "ratio", "llr", "p", "radius"]].to_numpy(dtype=float)).all()
    assert found["relative_risk"].isna().all()


def test_what_is_unknown_is_left_out() -> None:
    """A place without a count, a position or an expectation is no zero: it is left out and counted."""
    places = _places([9, None, 9, 9, 0, 0], [1.0, 1.0, 1.0, None, 1.0, 1.0])
    places.loc[2, "x"] = np.nan
    found = scan(places, rng=_rng(), replicas=9)
    assert found.attrs["left_out"] == 3
    assert {one for row in found["members"] for one in row} == {"KS0001"}
    assert found.loc[0, "expected"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    "broken",
    [
        {"cases": [-1, 2]},
        {"expected": [-1.0, 2.0]},
        {"expected": [0.0, 2.0]},
        {"expected": [np.inf, 2.0]},
        {"district": ["A", "A"]},
        {"district": ["A", None]},
        {"cases": [0.5, 1.0]},
    ],
)
def test_impossible_places_are_refused(broken: dict[str, Any]) -> None:
    """Negative or endless numbers, cases where none can be, names given twice: errors that say what to do."""
    places = _places([3, 2]).astype({"cases": "Float64"})
    with pytest.raises(ParameterError, match=r"Pass "):
        scan(places.assign(**broken), rng=_rng())


def test_a_scan_needs_its_columns() -> None:
    """Without names, coordinates, counts or expectations, or with a share out of range, there is no scan."""
    places = _places([3, 2])
    for name in ("district", "x", "cases", "expected"):
        with pytest.raises(ParameterError):
            scan(places.drop(columns=name), rng=_rng())
    for wrong in ({"share": 0.0}, {"share": 1.5}, {"replicas": 0}):
        with pytest.raises(ParameterError):
            scan(places, rng=_rng(), **wrong)
    with pytest.raises(ParameterError, match="outside the world"):
        scan(places.drop(columns=["x", "y"]).assign(latitude=95.0, longitude=0.0), rng=_rng())


def test_radius_is_a_great_circle() -> None:
    """One degree of latitude is 111.19 km on a sphere of 6,371 km; the date line does not part neighbours."""
    places = _places([9, 9, 0, 0, 0, 0, 0]).drop(columns=["x", "y"])
    places["latitude"] = [0.0, 1.0, 40.0, 42.0, 44.0, 46.0, 48.0]
    places["longitude"] = [179.99, -180.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    found = scan(places, rng=_rng(), replicas=9).iloc[0]
    assert set(found["members"]) == {"KS0001", "KS0002"}
    assert found["radius"] == pytest.approx(111.2, abs=0.02)


def _counts(rows: dict[str, list[Any]]) -> pd.DataFrame:
    weeks = WEEKS[-len(next(iter(rows.values()))) :]
    index = pd.Index(list(rows), dtype="str", name="district")
    return pd.DataFrame(list(rows.values()), index=index, columns=weeks).astype("Float64")


def _quiet(districts: int, weeks: int = 24) -> pd.DataFrame:
    """Every district one incident every other week."""
    row = [n % 2 for n in range(weeks)]
    return _counts({f"KS{i:04d}": row for i in range(1, districts + 1)})


def test_a_rise_in_two_neighbours_is_found_with_its_weeks() -> None:
    """Eight incidents a week in two districts in the last two weeks: those two, those weeks."""
    counts = _quiet(8)
    counts.iloc[2:4, -2:] = 8
    places = _places([0] * 8).assign(x=[0, 10, 20, 21, 32, 43, 54, 65])
    first = scan_space_time(counts, places, rng=_rng()).iloc[0]
    assert set(first["members"]) == {"KS0003", "KS0004"}
    assert (first["first_week"], first["last_week"]) == (WEEKS[-2], WEEKS[-1])
    assert (first["cases"], first["p"]) == (32, 0.001)
    # each expects (8 of 16 weeks + 1/2) / 16 a week; scaled so that all 64 of them make the number of cases
    assert first["expected"] == pytest.approx(4 / 64 * counts.iloc[:, -8:].sum().sum())


def test_only_a_retrospective_scan_finds_what_is_over() -> None:
    """A burst that ended five weeks ago is no cluster that is alive now, but was one."""
    counts = _quiet(8)
    counts.iloc[2, -8:-5] = 9
    design = Cylinders(weeks=8, longest=4, prospective=False, replicas=99)
    over = scan_space_time(counts, _places([0] * 8), rng=_rng(), design=design).iloc[0]
    assert (over["members"], over["p"]) == (("KS0003",), 0.01)
    assert (over["first_week"], over["last_week"]) == (WEEKS[-8], WEEKS[-6])
    alive = scan_space_time(counts, _places([0] * 8), rng=_rng())
    assert (alive["last_week"] == WEEKS[-1]).all()
    assert not [row for row in alive.itertuples() if row.p <= 0.05]


def test_a_rise_everywhere_is_no_cluster() -> None:
    """Expected numbers are scaled to what there was, so five times as much everywhere stands out nowhere."""
    counts = _quiet(8)
    counts.iloc[:, -8:] = 5
    found = scan_space_time(counts, _places([0] * 8), rng=_rng(), design=Cylinders(replicas=99))
    assert found.empty
    assert found.attrs["state"] == "no_cluster"


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=3, max_size=3), min_size=2, max_size=5
    ),
    st.booleans(),
)
def test_the_space_time_scan_is_the_obvious_loop(table: list[list[int | None]], prospective: bool) -> None:  # noqa: FBT001 - drawn
    """With given expectations, ratio and p are those of a loop over circles, runs of weeks and replicas."""
    n = len(table)
    counts = _counts({f"KS{i:04d}": row for i, row in enumerate(table, 1)})
    usual = pd.DataFrame(1.0, index=counts.index, columns=counts.columns) * (1 + np.arange(n)[:, None] % 2)
    design = Cylinders(weeks=3, longest=2, prospective=prospective, replicas=19)
    places = _places([0] * n)
    found = scan_space_time(counts, places, rng=_rng(), expected=usual, design=design)
    told = counts.notna().to_numpy()
    seen = counts.fillna(0).to_numpy(dtype=float)
    expected = np.ascontiguousarray(np.where(told, usual.to_numpy(), 0.0))
    total = seen.sum()
    if total == 0:
        assert found.attrs["state"] == "no_cases"
        return
    expected *= total / expected.sum()
    runs = [(a, b) for a in range(3) for b in range(1, 4) if 0 < b - a <= 2 and (b == 3 or not prospective)]
    windows = [list(w) for w in _circles(places[["x", "y"]].to_numpy(), expected.sum(axis=1), 0.5)]

    def highest(cases: np.ndarray) -> float:
        return max(
            (_llr(cases[w, a:b].sum(), expected[w, a:b].sum(), total) for w in windows for a, b in runs),
            default=0.0,
        )

    best = highest(seen)
    assert found.empty == (best <= 1e-9)
    if found.empty:
        return
    draws = _rng().multinomial(int(total), expected.ravel() / expected.sum(), size=19).reshape(19, n, 3)
    as_high = sum(highest(draw.astype(float)) >= best - 1e-8 for draw in draws)
    assert found.loc[0, "llr"] == pytest.approx(best, rel=1e-9)
    assert found.loc[0, "p"] == pytest.approx((1 + as_high) / 20)


def test_rates_learnt_from_little_are_not_taken_for_certain() -> None:
    """Where 10 weeks are the past, chance alone makes a cluster in about 1 table of 20, not in 1 of 5."""
    chance, alarms, sure = _rng(), 0, 0
    for _ in range(40):
        rates = chance.gamma(0.5, 1, 60)[:, None]
        counts = _counts({f"KS{i:04d}": list(row) for i, row in enumerate(chance.poisson(rates, (60, 18)))})
        at = chance.uniform(0, 100, (60, 2))
        places = pd.DataFrame({"district": counts.index, "x": at[:, 0], "y": at[:, 1]})
        usual = (counts.iloc[:, :10].sum(axis=1) + 0.5) / 10
        given_rates = pd.concat([usual] * 18, axis=1).set_axis(counts.columns, axis=1)
        design = Cylinders(replicas=39)
        for expected in (None, given_rates):
            found = scan_space_time(counts, places, rng=chance, expected=expected, design=design)
            alarm = not found.empty and found.loc[0, "p"] <= 0.05
            alarms, sure = (alarms + alarm, sure) if expected is None else (alarms, sure + alarm)
    assert alarms <= 6
    assert alarms < sure


def test_a_history_that_is_too_short_says_so() -> None:
    """With fewer weeks than the study, or than 8 before it, there is no scan, and the frame says why."""
    places = _places([0] * 4)
    assert scan_space_time(_quiet(4, 5), places, rng=_rng()).attrs["state"] == "no_weeks"
    short = scan_space_time(_quiet(4, 15), places, rng=_rng())
    assert (short.attrs["state"], short.attrs["left_out"]) == ("history_too_short", 4)
    counts = _quiet(4)
    counts.iloc[1, :12] = pd.NA
    partly = scan_space_time(counts, _places([0] * 5), rng=_rng(), design=Cylinders(replicas=9))
    assert partly.attrs["left_out"] == 2
    assert scan_space_time(counts * 0, places, rng=_rng()).attrs["state"] == "no_cases"
    with pytest.raises(ParameterError, match="Runs of 9 weeks"):
        scan_space_time(counts, places, rng=_rng(), design=Cylinders(weeks=8, longest=9))
    with pytest.raises(ParameterError, match="0 or more"):
        scan_space_time(counts - 5, places, rng=_rng())


def test_the_past_makes_the_expected_number() -> None:
    """6 incidents in 12 weeks before make (6 + 1/2) / 12 a week; few weeks or an unknown one make <NA>."""
    counts = _counts(
        {"KS0001": [1, 0] * 6 + [3, 4], "KS0002": [pd.NA] * 5 + [0] * 9, "KS0003": [1] * 13 + [pd.NA]}
    )
    found = with_past(counts, _places([0] * 4).drop(columns=["cases", "expected"]), weeks=2, baseline=12)
    assert found["cases"].tolist()[:2] == [7, 0]
    assert found["expected"].tolist()[0] == pytest.approx(6.5 / 12 * 2)
    assert found["expected"].isna().tolist() == [False, True, False, True]
    assert found["cases"].isna().tolist() == [False, False, True, True]
    assert found["past"].tolist()[0] == 6


def test_centroids_lie_inside() -> None:
    """A ring of a district is pointed at within its land, not its hole; without an outline, nowhere."""
    ring = shapely.Point(39, -11).buffer(1).difference(shapely.Point(39, -11).buffer(0.8))
    frame = pd.DataFrame(
        {"district": ["KS0101", "KS0102"], "district_name": ["Ring", "None"], "geometry": [ring, None]}
    )
    found = centroids(frame)
    assert ring.contains(shapely.Point(found.loc[0, "longitude"], found.loc[0, "latitude"]))
    assert found.loc[1, ["latitude", "longitude"]].isna().all()
    assert centroids(frame.iloc[:0]).empty


def test_event_points_are_gathered_and_the_rest_counted() -> None:
    """Two incidents 1 km apart are one place of two weeks; those known to a district are no points."""
    at = {"latitude": -11.01, "longitude": 39.51, "place_precision": "place"}
    rows = incidents(
        at,
        {**at, "latitude": -11.015, "occurred_on": MONDAY - timedelta(days=7)},
        {**at, "latitude": -12.0, "place_precision": "near_place"},
        {**at, "place_precision": "district"},
        {"district": "A"},
        {**at, "date_precision": "month"},
        {**at, "verification": "discarded"},
    )
    found = event_places(rows, first_day=MONDAY - timedelta(days=7), weeks=2)
    assert found.places["incidents"].tolist() == [1, 2]
    assert found.places["latitude"].tolist() == pytest.approx([-12.0, -11.0125])
    assert found.counts.to_numpy(dtype=int).tolist() == [[0, 1], [1, 1]]
    assert (found.points, found.left_out) == (3, 2)
    none = event_places(rows.drop(columns=["latitude", "longitude"]), first_day=MONDAY, weeks=1)
    assert none.places.empty
    assert (none.points, none.left_out) == (0, 4)
    assert scan(none.places.assign(cases=0, expected=1.0), rng=_rng()).empty
    assert scan_space_time(none.counts, none.places, rng=_rng()).empty
    with pytest.raises(ParameterError):
        event_places(rows, first_day=MONDAY, weeks=1, km=0)


def test_event_places_feed_the_space_time_scan() -> None:
    """Ten attacks around one village in the last week, after a quiet year, are found from points."""
    quiet = [
        {"latitude": -11.0 - n / 10, "longitude": 39.0, "place_precision": "place", "occurred_on": day}
        for n in range(6)
        for day in (MONDAY - timedelta(days=7 * week) for week in range(0, 40, 4))
    ]
    burst = [{"latitude": -11.3, "longitude": 39.0, "place_precision": "place"} for _ in range(10)]
    rows = incidents(*quiet, *burst)
    found = event_places(rows, first_day=MONDAY - timedelta(days=7 * 39), weeks=40)
    first = scan_space_time(found.counts, found.places, rng=_rng()).iloc[0]
    near = found.places.set_index("place").loc[list(first["members"]), "latitude"]
    assert near.tolist() == pytest.approx([-11.3])
    assert first["p"] == 0.001


def test_findings_of_gi_star() -> None:
    """A block of high counts is hot; too few, all alike or everything as neighbour is said and has no z."""
    cell = np.arange(100)
    grid = pd.DataFrame({"place": cell.astype(str), "x": cell % 10 * 1.0, "y": cell // 10 * 1.0})
    grid["cases"] = np.where((grid["x"] < 3) & (grid["y"] < 3), 9, cell % 2)
    found = getis_ord(grid, km=1.5)
    assert found.loc[11, "finding"] == "hot"
    assert found.loc[88, "finding"] == "not_unusual"
    turned = getis_ord(grid.iloc[::-1], km=1.5).iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(turned, found)
    assert getis_ord(grid, nearest=8)["neighbours"].eq(9).all()
    for table, why in (
        (grid.iloc[:7], "too_few_places"),
        (grid.assign(cases=3), "all_alike"),
        (grid.assign(x=0.0, y=0.0), "all_neighbours"),
        (grid.assign(cases=pd.NA), "unknown"),
        (grid.assign(x=np.nan), "unknown"),
    ):
        odd = getis_ord(table, km=1.5)
        assert set(odd["finding"]) == {why}
        assert odd[["z", "p", "q"]].isna().all(axis=None)
    assert getis_ord(grid.iloc[:0], km=1.5).empty
    for wrong in ({}, {"km": 1.0, "nearest": 2}, {"nearest": 0}, {"km": 1.0, "value": "none"}):
        with pytest.raises(ParameterError):
            getis_ord(grid, **wrong)


def test_districts_that_touch_are_neighbours_by_name() -> None:
    """Squares side by side touch, also across a sliver; weights are taken by name, not by position."""
    squares = [shapely.box(n * 1.0, 0, n + (0.995 if n == 3 else 1.0), 1) for n in range(10)]
    names = [f"KS{n:04d}" for n in range(10)]
    near = touching(pd.DataFrame({"district": names, "geometry": squares}))
    assert near.sum(axis=1).tolist() == [1, *([2] * 8), 1]
    table = pd.DataFrame({"district": names, "cases": [9, 9, 9, 0, 0, 1, 0, 0, 1, 0]})
    found = getis_ord(table, weights=near)
    shuffled = near.iloc[::-1, ::-1]
    pd.testing.assert_frame_equal(getis_ord(table, weights=shuffled), found)
    assert found.loc[1, "z"] == found["z"].max()
    assert found["neighbours"].tolist() == [2, *([3] * 8), 2]


def test_the_default_design_asks_what_is_alive_now() -> None:
    """Eight weeks, runs of at most four that end with the last."""
    assert PROSPECTIVE.runs().tolist() == [[4, 8], [5, 8], [6, 8], [7, 8]]
