from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.analysis.rows import MONDAY, incidents
from workbench.analysis import weekly
from workbench.analysis.delay import DelayKnown, chain_ladder, delay_known, nowcast, provisional, triangle
from workbench.errors import ParameterError

ZONE = ZoneInfo("Africa/Maputo")
WEEK = timedelta(days=7)
TUESDAY = datetime(2026, 11, 17, 9, tzinfo=ZONE)
"""Two days after the week of MONDAY ended."""


def known(*rows: dict[str, object]) -> pd.DataFrame:
    """Return revisions: `at` and `until` are when a row became known and was replaced."""
    table = incidents(*[{k: v for k, v in row.items() if k not in {"at", "until"}} for row in rows])
    return table.assign(
        recorded_at=pd.Series([row["at"] for row in rows], dtype="datetime64[us, UTC]"),
        known_until=pd.Series([row.get("until") for row in rows], dtype="datetime64[us, UTC]"),
    )


def tuesdays(number: int, *, last: datetime = TUESDAY) -> list[datetime]:
    """Return the instants of weekly snapshots up to `last`."""
    return [last - n * WEEK for n in range(number)][::-1]


def made(revisions: pd.DataFrame, snapshots: Sequence[datetime], **given: object) -> pd.DataFrame:
    """Return the triangle of three weeks and three delays of the districts A and B, unless `given` else."""
    options: dict[str, object] = {
        "districts": ("A", "B"), "week": MONDAY, "weeks": 3, "delays": 2, "as_of": TUESDAY, "zone": ZONE,
    }  # fmt: skip
    return triangle(revisions, snapshots, **{**options, **given})  # type: ignore[arg-type]  # options vary


def cells(frame: pd.DataFrame) -> list[list[int | None]]:
    """Return a triangle as lists, None where nothing is known."""
    return [[None if pd.isna(cell) else int(cell) for cell in row] for row in frame.to_numpy()]


# the triangle


def test_a_late_report_counts_from_when_it_was_known() -> None:
    """Each cell is the count known that many weeks after the first one, of that week's incidents."""
    found = made(
        known(
            {"at": TUESDAY, "occurred_on": MONDAY},
            {"at": TUESDAY - WEEK, "occurred_on": MONDAY - WEEK},
            {"at": TUESDAY, "occurred_on": MONDAY - WEEK},
            {"at": TUESDAY, "occurred_on": MONDAY - 2 * WEEK},
        ),
        tuesdays(9),
    )
    assert cells(found) == [[0, 0, 1], [1, 2, None], [1, None, None]]
    assert [day.date() for day in found.index] == [MONDAY - 2 * WEEK, MONDAY - WEEK, MONDAY]
    assert found.columns.tolist() == [0, 1, 2]


def test_moved_and_withdrawn_incidents_count_where_and_when_they_were_known() -> None:
    """An incident moved to another week or district, discarded or withdrawn leaves the cells after that."""
    old, middle = TUESDAY - 2 * WEEK, TUESDAY - WEEK
    day = MONDAY - 2 * WEEK
    assert cells(made(known({"at": old, "until": middle, "occurred_on": day}), tuesdays(9)))[0] == [1, 0, 0]
    moved = known({"at": old, "until": middle, "occurred_on": day}, {"at": middle, "occurred_on": day + WEEK})
    assert cells(made(moved, tuesdays(9)))[:2] == [[1, 0, 0], [1, 1, None]]
    elsewhere = known(
        {"at": old, "until": TUESDAY, "occurred_on": day},
        {"at": TUESDAY, "occurred_on": day, "district": "B"},
    )
    by_district = made(elsewhere, tuesdays(9), by=("district",))
    assert cells(by_district.xs("A"))[0] == [1, 1, 0]
    assert cells(by_district.xs("B"))[0] == [0, 0, 1]
    assert cells(made(elsewhere, tuesdays(9), districts=("A",)))[0] == [1, 1, 0]
    discarded = known(
        {"at": old, "until": middle, "occurred_on": day},
        {"at": middle, "occurred_on": day, "verification": "discarded"},
    )
    assert cells(made(discarded, tuesdays(9)))[0] == [1, 0, 0]


def test_rows_that_belong_to_no_week_do_not_count() -> None:
    """Incidents known to a month, developments without violence and other districts are left out."""
    found = made(
        known(
            {"at": TUESDAY, "date_precision": "month"},
            {"at": TUESDAY, "event_type": "non_violent_development"},
            {"at": TUESDAY, "district": "C"},
            {"at": TUESDAY, "district": None},
            {"at": TUESDAY, "occurred_to": MONDAY + timedelta(days=7)},
        ),
        tuesdays(9),
    )
    assert cells(found)[-1] == [0, None, None]


def test_a_store_that_began_late_does_not_know_what_was_known() -> None:
    """Before the first snapshot nothing is known, and the history it brought is no late report."""
    first = TUESDAY - WEEK
    history = known(*({"at": first, "occurred_on": MONDAY - n * WEEK} for n in range(5)), {"at": TUESDAY})
    found = made(history, tuesdays(2), weeks=5, delays=4)
    assert cells(found) == [
        [None, None, None, 1, 1], [None, None, 1, 1, None], [None, 1, 1, None, None],
        [1, 1, None, None, None], [2, None, None, None, None],
    ]  # fmt: skip


def test_a_week_without_a_snapshot_tells_nothing_new() -> None:
    """Where a delivery was missed, the cells of that moment are missing, not as before."""
    found = made(
        known({"at": TUESDAY - 2 * WEEK, "occurred_on": MONDAY - 2 * WEEK}),
        [*tuesdays(9)[:-2], TUESDAY],
    )
    assert cells(found) == [[1, None, 1], [None, 0, None], [0, None, None]]
    stale = made(known({"at": TUESDAY - 2 * WEEK, "occurred_on": MONDAY - 2 * WEEK}), tuesdays(9)[:-1])
    assert cells(stale) == [[1, 1, None], [0, None, None], [None, None, None]]
    assert made(known({"at": TUESDAY}), []).isna().all(axis=None)


def test_a_pull_some_minutes_late_is_in_time() -> None:
    """Weekly pulls at slightly different times are each matched to their week, also by clock change."""
    shaken = [at + timedelta(minutes=m) for at, m in zip(tuesdays(4), (7, 0, 11, 0), strict=True)]
    late = shaken[2]
    found = made(known({"at": late, "occurred_on": MONDAY - WEEK}), shaken)
    assert cells(found) == [[0, 0, 0], [1, 1, None], [0, None, None]]
    autumn = ZoneInfo("Europe/Paris")
    monday, as_of = date(2026, 10, 26), datetime(2026, 11, 3, 9, tzinfo=autumn)
    locally = [(as_of - n * WEEK) for n in range(4)]
    found = made(
        known({"at": locally[1], "occurred_on": date(2026, 10, 25)}),
        locally, week=monday, as_of=as_of, zone=autumn,
    )  # fmt: skip
    assert cells(found) == [[0, 0, 0], [1, 1, None], [0, None, None]]


def test_the_week_ends_at_midnight_of_the_office() -> None:
    """With as_of at the end of the week, delay 0 is what was known up to that instant, in office time."""
    end = datetime(2026, 11, 16, tzinfo=ZONE)
    every_hour = [end - timedelta(hours=n) for n in range(24 * 30)]
    found = made(
        known({"at": end}, {"at": end + timedelta(seconds=1)}, {"at": end - WEEK + timedelta(hours=1)}),
        every_hour, as_of=end,
    )  # fmt: skip
    assert cells(found)[-1] == [2, None, None]
    before = known({"at": end - WEEK + timedelta(hours=1), "occurred_on": MONDAY - WEEK})
    assert cells(made(before, every_hour, as_of=end))[1] == [0, 1, None]


def test_a_report_written_later_sees_older_weeks() -> None:
    """At an instant two weeks on, the newest week is known at delays 0 to 2; before its end, at none."""
    later = TUESDAY + 2 * WEEK
    found = made(known({"at": TUESDAY + WEEK}), tuesdays(9, last=later), as_of=later)
    assert cells(found)[-1] == [0, 1, 1]
    assert found.notna().all(axis=None)
    early = made(known({"at": TUESDAY - WEEK}), tuesdays(9), as_of=TUESDAY - WEEK)
    assert early.iloc[-1].isna().all()
    assert cells(early)[1] == [0, None, None]


def test_the_newest_diagonal_is_the_count_of_the_page() -> None:
    """What is known at as_of of a district and week is what `weekly` counts of the rows that stand then."""
    rng = np.random.default_rng(3)
    table = random_revisions(rng, 400)
    as_of = TUESDAY
    found = made(table, tuesdays(30), weeks=6, delays=5, by=("district",), measure="killed_best")
    standing = table[(table["recorded_at"] <= as_of) & ~(table["known_until"] <= as_of)]
    counted = weekly(standing, districts=("A", "B"), first_day=MONDAY - 5 * WEEK, weeks=6)
    expected = counted.set_index(["district", "week"])["killed_best"]
    newest = [
        found.loc[(place, day), (pd.Timestamp(MONDAY) - day).days // 7] for place, day in expected.index
    ]
    assert newest == expected.tolist()


def random_revisions(rng: np.random.Generator, number: int) -> pd.DataFrame:
    """Return incidents known at random times, some replaced, moved or withdrawn."""
    rows: list[dict[str, object]] = []
    for n in range(number):
        day, place = MONDAY - timedelta(days=int(rng.integers(-6, 60))), str(rng.choice(["A", "B", "C"]))
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=int(rng.integers(0, 30)))
        row: dict[str, object] = {
            "record_id": str(n), "at": at, "occurred_on": day, "district": place,
            "killed_best": int(rng.integers(0, 4)),
            "event_type": str(rng.choice(["armed_clash", "abduction"])),
        }  # fmt: skip
        if rng.random() < 0.4:
            row["until"] = at + timedelta(days=int(rng.integers(1, 20)))
            if rng.random() < 0.5:
                rows.append(
                    {**row, "at": row["until"], "until": None, "occurred_on": day - timedelta(days=5)}
                )
        rows.append(row)
    return known(*rows)


@pytest.mark.parametrize("seed", range(4))
def test_every_cell_is_what_a_plain_loop_counts(seed: int) -> None:
    """The triangle of each district and type agrees with counting the rows that stood at each moment."""
    rng = np.random.default_rng(seed)
    table = random_revisions(rng, 150)
    found = made(
        table, tuesdays(30), weeks=5, delays=4, by=("district", "event_type"),
        types=("armed_clash", "abduction"),
    )  # fmt: skip
    for (place, kind, day), row in found.iterrows():
        for delay, cell in row.items():
            moment = TUESDAY - (MONDAY - day.date() - delay * WEEK)
            if moment > TUESDAY:
                assert pd.isna(cell)
                continue
            stands = (table["recorded_at"] <= moment) & ~(table["known_until"] <= moment)
            here = table["district"].eq(place) & table["event_type"].eq(kind)
            inside = table["occurred_on"].between(day, day + pd.Timedelta(days=6))
            assert cell == int((stands & here & inside).sum())


def test_what_a_reader_may_not_know_is_missing() -> None:
    """Without the column of deaths or district their triangles are <NA>; the count of all is kept."""
    table = known({"at": TUESDAY}).drop(columns=["killed_best", "district"])
    assert made(table, tuesdays(9), measure="killed_best").isna().all(axis=None)
    assert made(table, tuesdays(9), by=("district",)).isna().all(axis=None)
    assert cells(made(table, tuesdays(9)))[-1] == [1, None, None]
    assert made(known({"at": TUESDAY}), tuesdays(9), measure="civilians_killed").isna().all(axis=None)


def test_no_revision_at_all_is_a_triangle_of_zeros() -> None:
    """With snapshots and no incident, every cell that could be known is 0."""
    assert cells(made(pd.DataFrame(), tuesdays(9))) == [[0, 0, 0], [0, 0, None], [0, None, None]]


def test_an_area_without_districts_has_no_rows() -> None:
    """Without any district the triangles by district have no row, and nothing breaks on the way."""
    frame = made(known({"at": TUESDAY}), tuesdays(9), districts=(), by=("district",))
    assert len(frame) == len(nowcast(frame)) == 0
    assert delay_known(frame).code == "too_few_snapshots"
    assert len(chain_ladder(frame).origins) == 0


@pytest.mark.parametrize(
    "given",
    [
        {"weeks": 0}, {"delays": 0}, {"as_of": datetime(2026, 11, 17)}, {"measure": "wounded"},  # noqa: DTZ001 - the point
        {"by": ("source",)}, {"by": ("event_type",)},
    ],
)  # fmt: skip
def test_a_triangle_that_cannot_be_made_is_refused(given: dict[str, object]) -> None:
    """Too few weeks or delays, an instant without a zone, an unknown measure or level: an error."""
    with pytest.raises(ParameterError):
        made(known({"at": TUESDAY}), tuesdays(9), **given)


# the chain ladder

TAYLOR_ASHE = """
357848 1124788 1735330 2218270 2745596 3319994 3466336 3606286 3833515 3901463
352118 1236139 2170033 3353322 3799067 4120063 4647867 4914039 5339085
290507 1292306 2218525 3235179 3985995 4132918 4628910 4909315
310608 1418858 2195047 3757447 4029929 4381982 4588268
443160 1136350 2128333 2897821 3402672 3873311
396132 1333217 2180715 2985752 3691712
440832 1288463 2419861 3483130
359480 1421128 2864498
376686 1363294
344014"""
RAA = """
5012 8269 10907 11805 13539 16181 18009 18608 18662 18834
106 4285 5396 10666 13782 15599 15496 16169 16704
3410 8992 13873 16141 18735 22214 22863 23466
5655 11555 15766 21266 23425 26083 27067
1092 9565 15836 22169 25955 26180
1513 6445 11702 12935 15852
557 4020 10946 12314
1351 6947 13112
3133 5395
2063"""


def published(text: str) -> pd.DataFrame:
    """Return a cumulative triangle printed line by line."""
    rows = [[int(part) for part in line.split()] for line in text.split("\n") if line]
    return pd.DataFrame([row + [None] * (len(rows) - len(row)) for row in rows], dtype="Float64")


def test_taylor_and_ashe_as_in_mack_1993() -> None:
    """Factors, variances, reserves and standard errors, by year and in total, are those Mack prints.

    Mack 1993, ASTIN Bulletin 23(2):213-225, tables 2 and 3 (there in thousands); to the unit as R's
    ChainLadder gives them with est.sigma="Mack".
    """
    found = chain_ladder(published(TAYLOR_ASHE))
    assert (found.factors["sigma"] ** 2).round().tolist() == [
        160280, 37737, 41965, 15183, 13731, 8186, 447, 1147, 447,
    ]  # fmt: skip
    assert found.factors["factor"].to_numpy(dtype=float) == pytest.approx(
        [3.4906, 1.7473, 1.4574, 1.1739, 1.1038, 1.0863, 1.0539, 1.0766, 1.0177], abs=5e-5
    )
    years = found.origins.iloc[1:]
    assert years["to_come"].round().tolist() == [
        94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811,
    ]  # fmt: skip
    assert years["se"].round().tolist() == [
        75535, 121699, 133549, 261406, 411010, 558317, 875328, 971258, 1363155,
    ]  # fmt: skip
    assert (round(found.total["to_come"]), round(found.total["se"])) == (18680856, 2447095)
    assert found.origins["code"].tolist() == ["complete"] + ["estimated"] * 9


def test_the_last_variance_can_be_read_off_a_line() -> None:
    """Log-linear last variance: Taylor-Ashe total 2,441,364; RAA 26,881, and 26,909 by Mack's rule.

    As Python's chainladder (its default) and R's ChainLadder (data RAA) give them; RAA to come 52,135.
    """
    line = chain_ladder(published(TAYLOR_ASHE), last_sigma="log_linear")
    assert round(line.total["se"]) == 2441364
    assert line.origins["se"].round().tolist()[1:3] == [71835, 119474]
    raa = chain_ladder(published(RAA))
    assert (round(raa.total["to_come"]), round(raa.total["se"])) == (52135, 26909)
    assert round(chain_ladder(published(RAA), last_sigma="log_linear").total["se"]) == 26881


def test_process_and_parameter_error_add_up() -> None:
    """The square of each standard error is the sum of the squares of its two parts."""
    found = chain_ladder(published(RAA)).origins
    together = found["process_se"] ** 2 + found["parameter_se"] ** 2
    assert (found["se"] ** 2).to_numpy(dtype=float) == pytest.approx(together.to_numpy(dtype=float))


def test_a_ladder_from_a_late_start_uses_the_steps_it_has() -> None:
    """Rows known only from a later age on still give the factors of the ages they have."""
    frame = published(TAYLOR_ASHE)
    late = frame.copy()
    late.iloc[0, :3] = pd.NA
    whole, cut = chain_ladder(frame), chain_ladder(late)
    assert cut.factors["pairs"].tolist() == [8, 7, 6, 6, 5, 4, 3, 2, 1]
    assert cut.factors["factor"].tolist()[3:] == whole.factors["factor"].tolist()[3:]
    assert cut.factors["factor"].iloc[0] == pytest.approx(frame.iloc[1:9, 1].sum() / frame.iloc[1:9, 0].sum())


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([[0, 0, 0], [0, 0, None], [0, None, None]], ["complete", "no_factor", "no_factor"]),
        ([[0, 3, 3], [0, 2, None], [0, None, None]], ["complete", "estimated", "no_factor"]),
        ([[2, 0, 0], [2, 0, None], [2, None, None]], ["complete", "no_factor", "no_factor"]),
        ([[None, None, None]], ["not_known"]),
        ([[5, 5, None], [5, None, None]], ["no_factor", "no_factor"]),
        ([[4, 4]], ["complete"]),
    ],
)
def test_a_ladder_without_rungs_says_so(rows: list[list[int | None]], codes: list[str]) -> None:
    """Where a factor does not exist the ultimate is <NA> with a code; nothing is infinite or NaN."""
    found = chain_ladder(pd.DataFrame(rows, dtype="Float64"))
    assert found.origins["code"].tolist() == codes
    for frame in (found.origins.drop(columns=["origin", "code"]), found.factors, found.total.to_frame()):
        values = frame.astype("Float64").to_numpy(dtype=object).ravel().tolist()
        assert all(value is pd.NA or np.isfinite(value) for value in values)


def test_a_ladder_of_negative_counts_or_one_age_is_refused() -> None:
    """Counts below 0, or one column, are an error."""
    for rows in ([[1, -1]], [[1], [2]]):
        with pytest.raises(ParameterError):
            chain_ladder(pd.DataFrame(rows))


# the nowcast

DELAYS = np.array([0.40, 0.25, 0.12, 0.08, 0.05, 0.04, 0.03, 0.02, 0.01])


def simulated(
    rng: np.random.Generator,
    *,
    mean: float | np.ndarray,
    series: int = 1,
    weeks: int = 40,
    withdrawn: float = 0.0,
    uneven: float = 0.0,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a triangle of a known reporting process, and the last counts of its young weeks."""
    totals = rng.poisson(mean, (series, weeks))
    shares = np.broadcast_to(DELAYS, (series * weeks, len(DELAYS)))
    if uneven:
        shares = rng.dirichlet(DELAYS / uneven, series * weeks)
    added = rng.multinomial(totals.ravel(), shares).reshape(series, weeks, -1)
    cumulative = np.zeros(added.shape)
    standing = np.zeros((series, weeks), dtype=int)
    for delay in range(len(DELAYS)):
        standing = rng.binomial(standing, 1 - withdrawn) + added[:, :, delay]
        cumulative[:, :, delay] = standing
    seen = np.arange(weeks)[:, None] + np.arange(len(DELAYS))[None, :] < weeks
    days = pd.date_range(end=pd.Timestamp(MONDAY), periods=weeks, freq="7D").astype("datetime64[s]")
    index = pd.MultiIndex.from_product(
        [[f"KS{n:04d}" for n in range(series)], days], names=["district", "week"]
    )
    frame = pd.DataFrame(np.where(seen, cumulative, np.nan).reshape(series * weeks, -1), index=index)
    last = cumulative[:, 1 - len(DELAYS) :, -1].ravel()
    return frame.astype("Float64").astype("Int64"), last


@pytest.mark.parametrize(
    ("mean", "withdrawn", "uneven", "least"),
    [
        (0.3, 0.0, 0.0, 0.90), (2, 0.0, 0.0, 0.92), (2, 0.01, 0.0, 0.90), (12, 0.0, 0.0, 0.90),
        (12, 0.02, 0.0, 0.89), (60, 0.01, 0.0, 0.88), (12, 0.0, 0.10, 0.87), (60, 0.0, 0.10, 0.86),
    ],
)  # fmt: skip
def test_intervals_hold_what_they_promise(mean: float, withdrawn: float, uneven: float, least: float) -> None:
    """Of 1,600 young weeks with 90 % intervals 90 % hold the last count, more where counts are tiny."""
    frame, last = simulated(
        np.random.default_rng(7), mean=mean, series=200, withdrawn=withdrawn, uneven=uneven
    )
    found = nowcast(frame)
    held = (found["low"] <= last) & (found["high"] >= last)
    assert held.mean() >= least
    if mean >= 12:
        assert held[found["delay"] <= 2].mean() <= 0.98


def test_intervals_hold_where_weeks_differ() -> None:
    """Also where rates burst or wander, and overall where a level rises fivefold within a week."""
    rng = np.random.default_rng(4)
    bursts = rng.gamma(0.5, 8, (200, 40))
    walk = 5 * np.exp(np.cumsum(rng.normal(0, 0.2, (200, 40)), axis=1))
    risen = np.where(np.arange(40) >= 38, 25.0, 5.0) * np.ones((200, 1))
    for rates, least in ((bursts, 0.92), (walk, 0.90), (risen, 0.90)):
        frame, last = simulated(rng, mean=rates, series=200)
        found = nowcast(frame)
        held = (found["low"] <= last) & (found["high"] >= last)
        assert held.mean() >= least
        young = found["delay"].eq(0).to_numpy()
        missed = last[young] - found["known"].to_numpy(dtype=float)[young]
        short = last[young] - found["expected"].to_numpy(dtype=float)[young]
        assert abs(short.mean()) < 0.3 * missed.mean()


@pytest.mark.parametrize(("mean", "withdrawn"), [(0.3, 0.0), (2, 0.0), (2, 0.01), (12, 0.02), (60, 0.0)])
def test_the_estimate_is_nearer_than_the_raw_count(mean: float, withdrawn: float) -> None:
    """Mean squared error and bias are smaller than those of the count known now."""
    frame, last = simulated(np.random.default_rng(11), mean=mean, series=200, withdrawn=withdrawn)
    found = nowcast(frame)
    young = found["delay"].le(2).to_numpy()
    estimate = found["expected"].to_numpy(dtype=float)[young] - last[young]
    raw = found["known"].to_numpy(dtype=float)[young] - last[young]
    assert (estimate**2).mean() < (0.98 if mean < 1 else 0.7) * (raw**2).mean()
    assert abs(estimate.mean()) < 0.25 * abs(raw.mean())


def test_one_series_alone_is_enough_after_some_months() -> None:
    """A single series of about six incidents a week gives intervals that hold, in 150 simulated offices."""
    rng, held = np.random.default_rng(5), []
    for _ in range(150):
        frame, last = simulated(rng, mean=6, withdrawn=0.005)
        found = nowcast(frame.droplevel("district"))
        assert found["code"].eq("estimated").all()
        held.append((found["low"] <= last) & (found["high"] >= last))
    assert np.mean(held) >= 0.89


def test_a_missed_delivery_widens_the_interval() -> None:
    """Where weeks differ by more than chance in how fast they are told, the interval is wider."""
    even, _ = simulated(np.random.default_rng(2), mean=30, series=40)
    uneven, _ = simulated(np.random.default_rng(2), mean=30, series=40, uneven=0.2)
    widths = [(nowcast(f)["high"] - nowcast(f)["low"]).mean() for f in (even, uneven)]
    assert widths[1] > 1.3 * widths[0]


def test_the_share_known_is_learnt() -> None:
    """Expected shares are those of the process, and the window is where 95 % are known: delay 6 of 8."""
    frame, _ = simulated(np.random.default_rng(1), mean=20, series=100)
    learnt = delay_known(frame)
    assert learnt.delays["share"].to_numpy(dtype=float) == pytest.approx(np.cumsum(DELAYS), abs=0.01)
    assert (learnt.code, learnt.window) == ("enough", 6)
    found = nowcast(frame)
    assert found.loc[found["delay"] == 0, "share"].iloc[0] == learnt.delays["share"].iloc[0]


def test_with_nothing_to_come_the_known_count_is_the_answer() -> None:
    """Where all is always known at once, the estimate is the known count and the interval a point."""
    frame = pd.DataFrame(np.full((60, 4), 5)).astype("Int64")
    frame = frame.mask(np.arange(60)[:, None] + np.arange(4)[None, :] > 59)
    found = nowcast(frame)
    assert found["low"].tolist() == found["high"].tolist() == [5, 5, 5]
    assert found["expected"].to_numpy(dtype=float) == pytest.approx(5, abs=0.05)
    assert delay_known(frame).window == 0


def test_to_come_is_negative_binomial_in_the_simplest_case() -> None:
    """With shares learnt from very many and none withdrawn, the interval is scipy's negative binomial's.

    40 incidents known at a share of one half under a prior of 2 weeks of 80: gamma size 200.5,
    exposure 2.5 (Gelman et al., BDA3 section 2.6), so to come is negative binomial 200.5, 2.5/3.
    """
    full = pd.DataFrame([[40, 80]] * 5001).astype("Int64")
    full.iloc[-1] = [40, pd.NA]
    found = nowcast(full, level=0.9).iloc[0]
    oracle = stats.nbinom(200.5, 2.5 / 3)
    assert found["expected"] == pytest.approx(40 + oracle.mean(), abs=0.15)
    assert (found["low"], found["high"]) == (40 + oracle.ppf(0.05), 40 + oracle.ppf(0.95))


def test_an_escalation_is_not_taken_for_usual() -> None:
    """Twelve known of a week at a share of one half, after weeks of two, are expected to become many more."""
    rows = [[1, 2]] * 40 + [[12, None]]
    found = nowcast(pd.DataFrame(rows, dtype="Float64")).iloc[-1]
    assert 20 < found["expected"] < 24
    assert found["low"] >= 12


def test_withdrawals_can_take_the_estimate_below_the_count() -> None:
    """Where known incidents are often withdrawn, low and expected lie below the known count."""
    found = nowcast(pd.DataFrame([[10, 8]] * 30 + [[10, None]], dtype="Float64")).iloc[-1]
    assert found["expected"] == pytest.approx(8, abs=0.2)
    assert (found["low"] < 10, found["high"] <= 10) == (True, True)


def test_too_few_snapshots_or_incidents_give_a_code() -> None:
    """With eight snapshots, or 29 incidents behind a step, nothing is estimated unless asked for."""
    few = pd.DataFrame([[9, 18]] * 7 + [[9, None]], dtype="Float64")
    assert delay_known(few).code == "too_few_snapshots"
    assert delay_known(few).window is None
    sparse = pd.DataFrame([[1, 1]] * 29 + [[1, None]], dtype="Float64")
    assert delay_known(sparse).code == "too_few_incidents"
    enough = pd.DataFrame([[1, 1]] * 30 + [[1, None]], dtype="Float64")
    assert (delay_known(enough).code, delay_known(enough).incidents) == ("enough", 30)
    found = nowcast(few).iloc[0]
    assert (found["code"], found["known"]) == ("too_few_snapshots", 9)
    assert found[["expected", "low", "high", "share"]].isna().all()
    assert nowcast(few, even_with_few=True)["expected"].notna().all()


def test_nothing_known_is_missing_and_zeros_are_zeros() -> None:
    """Weeks no snapshot tells of are <NA> with a code; a triangle of zeros is 0 to 0."""
    nothing = pd.DataFrame([[None] * 3] * 5, dtype="Float64")
    found = nowcast(nothing, even_with_few=True)
    assert found["code"].tolist() == ["not_known"] * 2
    assert found.drop(columns=["week", "code"]).isna().all(axis=None)
    zeros = pd.DataFrame([[0, 0, 0]] * 20 + [[0, 0, None], [0, None, None]], dtype="Float64")
    assert nowcast(zeros)["code"].tolist() == ["too_few_incidents"] * 2
    found = nowcast(zeros, even_with_few=True)
    assert found[["known", "low", "high"]].to_numpy().tolist() == [[0, 0, 0]] * 2
    assert found["expected"].between(0, 0.1).all()
    stale = pd.DataFrame([[9, 18]] * 40 + [[9, None], [None, None]], dtype="Float64")
    assert nowcast(stale)["code"].tolist() == ["estimated", "not_known"]


def test_ten_thousand_in_one_row() -> None:
    """One huge week gives finite, ordered numbers for it and for the others."""
    rows = (
        [[1, 2, 2]] * 30 + [[5000, 10000, 10000]] + [[1, 2, 2]] * 5 + [[10000, 20000, None], [1, None, None]]
    )
    found = nowcast(pd.DataFrame(rows, dtype="Float64"))
    assert (found["low"] <= found["high"]).all()
    assert found["expected"].between(0, 1e6).all()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 400), min_size=4, max_size=4), min_size=1, max_size=14),
    st.floats(0.01, 0.99),
    st.integers(0, 3),
)
def test_any_triangle_gives_ordered_numbers(rows: list[list[int]], level: float, stale: int) -> None:
    """Whatever the counts: never NaN or inf, 0 <= low <= high, shares in 0 to 1, wider at a higher level."""
    values = np.array(rows, dtype=float)
    values[np.arange(len(rows))[:, None] + np.arange(4)[None, :] >= len(rows) - stale] = np.nan
    frame = pd.DataFrame(values).astype("Float64")
    found = nowcast(frame, level=level, even_with_few=True)
    told = found[found["code"] == "estimated"]
    assert told["low"].between(0, told["high"]).all()
    assert told["share"].between(0, 1).all()
    assert np.isfinite(told["expected"].to_numpy(dtype=float)).all()
    wider = nowcast(frame, level=(1 + level) / 2, even_with_few=True)
    wider = wider[wider["code"] == "estimated"]
    assert (wider["low"] <= told["low"]).all()
    assert (wider["high"] >= told["high"]).all()


def test_series_keep_their_order_and_a_broken_frame_is_refused() -> None:
    """One block a series in the order given; other shapes, levels or negative counts are errors."""
    frame, _ = simulated(np.random.default_rng(0), mean=3, series=3)
    turned = pd.concat([frame.loc[["KS0002"]], frame.loc[["KS0000"]]])
    assert nowcast(turned)["district"].drop_duplicates().tolist() == ["KS0002", "KS0000"]
    assert nowcast(turned).columns.tolist() == [
        "district", "week", "delay", "known", "expected", "low", "high", "share", "code",
    ]  # fmt: skip
    with pytest.raises(ParameterError):
        nowcast(frame.iloc[1:])
    with pytest.raises(ParameterError):
        nowcast(frame, level=1.0)
    with pytest.raises(ParameterError):
        delay_known(-frame)


def test_from_revisions_to_an_estimate() -> None:
    """Half of each week known at once and half a week later: the newest week is expected to double."""
    rows = []
    for n in range(30):
        for k in range(8):
            at = TUESDAY - n * WEEK + (k % 2) * WEEK
            if at <= TUESDAY:
                rows.append({"at": at, "occurred_on": MONDAY - n * WEEK})
    frame = made(known(*rows), tuesdays(40), weeks=30, delays=3)
    found = nowcast(frame)
    newest = found.iloc[-1]
    assert (newest["week"].date(), newest["delay"], newest["known"]) == (MONDAY, 0, 4)
    assert newest["expected"] == pytest.approx(8, abs=0.5)
    assert delay_known(frame).window == 1


# how many weeks are provisional


def young(*delays: int | None) -> pd.DataFrame:
    """Return the young weeks of a nowcast by their delay, missing where nobody knows it."""
    return pd.DataFrame({"delay": pd.array(list(delays), dtype="Int64")})


def with_window(window: int | None) -> DelayKnown:
    """Return what is known of delay: complete from so many weeks on, or too little."""
    code = "too_few_snapshots" if window is None else "enough"
    return DelayKnown(code, window, 9, 90, pd.DataFrame({"delay": [0], "share": [1.0], "kept": [1.0]}))


@pytest.mark.parametrize(
    ("delays", "window", "expected"),
    [
        ((2, 1, 0), None, 7),
        ((), None, 7),
        ((2, 1, 0), 2, 2),
        ((2, 1, 0), 3, 3),
        ((2, 1, 0), 0, 0),
        ((2, 1, None), 1, 1),
        ((), 3, 0),
    ],
)
def test_weeks_younger_than_the_window_are_provisional(
    delays: tuple[int | None, ...], window: int | None, expected: int
) -> None:
    """As many as are younger than the window, or of unknown age; the fallback while too little is known."""
    assert provisional(young(*delays), with_window(window), otherwise=7) == expected


def test_provisional_weeks_of_a_real_triangle() -> None:
    """In one series of a process that is complete after 6 weeks, the 6 youngest weeks are provisional."""
    frame, _ = simulated(np.random.default_rng(1), mean=20, series=100)
    one = frame.xs("KS0000").rename_axis("week")
    assert provisional(nowcast(one), delay_known(frame), otherwise=99) == 6
