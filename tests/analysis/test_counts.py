from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY, incidents
from workbench import analysis
from workbench.config import Week
from workbench.errors import ParameterError

SUNDAY = MONDAY + timedelta(days=6)


def count(
    rows: pd.DataFrame, measure: str = "incidents", district: str = "A", weeks: int = 1
) -> list[object]:
    """Return one measure of a district, week by week."""
    counted = analysis.weekly(rows, districts=("A", "B"), first_day=MONDAY, weeks=weeks)
    return counted.loc[counted["district"].eq(district), measure].tolist()


def test_every_district_and_week_is_there_with_explicit_zeros() -> None:
    """A week without incidents is a row with 0, in the order of the districts asked for."""
    counted = analysis.weekly(incidents({}), districts=("B", "A"), first_day=MONDAY, weeks=2)
    assert counted[["district", "incidents"]].to_numpy().tolist() == [["B", 0], ["B", 0], ["A", 1], ["A", 0]]
    assert counted["week"].dtype == "datetime64[s]"
    assert counted["week"].tolist()[:2] == [pd.Timestamp(MONDAY), pd.Timestamp(MONDAY + timedelta(days=7))]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # precision     first day  last day (days after Monday)   counted in the week?
        (("day", 0, None), 1),
        (("day", 6, None), 1),
        (("day", -1, None), 0),
        (("day", 7, None), 0),
        (("days", 5, 8), 1),
        (("week", 0, 6), 1),
        (("week", 3, 9), 1),
        (("days", 0, 7), 0),
        (("month", 0, 0), 0),
        (("month", -8, 21), 0),
        (("longer", 0, 3), 0),
    ],
)
def test_which_incidents_belong_to_a_week(row: tuple[str, int, int | None], expected: int) -> None:
    """It belongs to the week of its first day if dated well enough and no longer than 7 days."""
    precision, first, last = row
    to = None if last is None else MONDAY + timedelta(days=last)
    table = incidents(
        {"date_precision": precision, "occurred_on": MONDAY + timedelta(days=first), "occurred_to": to}
    )
    assert count(table) == [expected]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({"verification": "discarded"}, 0),
        ({"verification": "reported"}, 1),
        ({"verification": None}, 1),
        ({"event_type": "non_violent_development"}, 0),
        ({"district": "C"}, 0),
        ({"district": None}, 0),
    ],
)
def test_what_counts(change: dict[str, object], counts: int) -> None:
    """Discarded reports, developments without violence and other places are not counted."""
    assert count(incidents(change)) == [counts]


@pytest.mark.parametrize(
    ("best", "low", "high", "expected"),
    [
        (3, 1, 5, (3, 1, 5)),
        (3, None, None, (3, 3, 3)),
        (3, 4, 2, (3, 3, 3)),
        (2, 5, 1, (2, 2, 2)),
        (None, 2, 6, (2, 2, 6)),
        (None, None, None, (0, 0, 0)),
        (5, 5, 0, (5, 5, 5)),
    ],
)
def test_a_range_holds_its_best_estimate(
    best: int | None, low: int | None, high: int | None, expected: tuple[int, int, int]
) -> None:
    """Where a publisher's bounds contradict the best estimate, the wider bound is used; missing is best."""
    table = incidents({"killed_best": best, "killed_low": low, "killed_high": high})
    found = tuple(count(table, f"killed_{bound}")[0] for bound in ("best", "low", "high"))
    assert found == expected


def test_contradictory_tolls_are_counted_apart() -> None:
    """A page can say how many tolls have bounds that contradict the best estimate."""
    table = incidents(
        {"killed_best": 3, "killed_low": 3, "killed_high": 2}, {"killed_best": 3, "killed_low": 4}, {}
    )
    assert analysis.contradictory(table) == 2
    assert analysis.contradictory(table[["record_id"]]) == 0


def test_civilians_are_part_of_the_dead() -> None:
    """A subset is never larger than its set, and known dead civilians are dead."""
    assert count(incidents({"killed_best": 2, "civilians_killed": 5}), "civilians_killed") == [2]
    assert count(incidents({"killed_best": None, "civilians_killed": 5}), "killed_best") == [5]


def test_attacks_on_civilians_are_that_type_or_target_civilians() -> None:
    """Remote violence that targeted civilians is an attack on them too; an unknown target is not."""
    table = incidents(
        {"event_type": "attack_on_civilians"},
        {"event_type": "explosive_or_remote", "civilian_targeting": True},
        {"civilian_targeting": None},
    )
    assert count(table, "attacks_on_civilians") == [2]


def test_what_a_reader_may_not_know_is_unknown_not_zero() -> None:
    """A column that the audience has not got gives <NA>; the others are counted as ever."""
    narrow = incidents({"killed_best": 4}, {})[["occurred_on", "date_precision", "event_type", "district"]]
    counted = analysis.weekly(narrow, districts=("A",), first_day=MONDAY, weeks=1).iloc[0]
    assert counted["incidents"] == 2
    unknown = ["killed_best", "killed_low", "killed_high", "civilians_killed", "aid_affected"]
    assert counted[unknown].isna().all()


def test_what_nobody_recorded_is_unknown_not_zero() -> None:
    """A publisher that never says whether aid was affected, or who was civilian, has not counted none."""
    never = incidents({"aid_affected": None, "civilians_killed": None}, {"aid_affected": None})
    assert count(never, "aid_affected") == [pd.NA]
    assert count(never, "civilians_killed") == [pd.NA]
    assert analysis.unrecorded(never, "aid_affected")
    assert count(incidents({"aid_affected": False}, {"aid_affected": None}), "aid_affected") == [0]
    assert not analysis.unrecorded(never.iloc[:0], "aid_affected")


def test_weeks_after_the_data_are_unknown() -> None:
    """A week that begins after the last day of the data is no zero; the one it lies in is counted."""
    two = analysis.weekly(incidents({}), districts=("A",), first_day=MONDAY, weeks=2)
    assert analysis.delivered(two, until=MONDAY)["incidents"].tolist() == [1, pd.NA]
    assert analysis.delivered(two, until=None)["incidents"].isna().all()


def test_without_district_only_the_total_is_known() -> None:
    """Readers of area totals get <NA> for each district and the sum over all rows."""
    narrow = incidents({}, {"district": "B"}).drop(columns="district")
    by_district = analysis.weekly(narrow, districts=("A", "B"), first_day=MONDAY, weeks=1)
    assert by_district["incidents"].isna().all()
    whole = analysis.weekly_total(narrow, districts=("A", "B"), first_day=MONDAY, weeks=1)
    assert whole["incidents"].tolist() == [2]


def test_a_missing_column_is_named() -> None:
    """Rows without the columns a count rests on are refused by name."""
    with pytest.raises(ParameterError, match="date_precision"):
        analysis.weekly(
            incidents({}).drop(columns="date_precision"), districts=("A",), first_day=MONDAY, weeks=1
        )
    with pytest.raises(ParameterError, match="1 or more"):
        analysis.weekly(incidents({}), districts=("A",), first_day=MONDAY, weeks=0)


@pytest.mark.parametrize("nothing", [incidents(), pd.DataFrame()], ids=["typed", "bare"])
def test_no_incident_is_counted_as_none(nothing: pd.DataFrame) -> None:
    """An empty table, with columns or without, gives zeros and no error."""
    assert count(nothing, weeks=3) == [0, 0, 0]
    assert len(analysis.undated_to_a_week(nothing, first_day=MONDAY, last_day=SUNDAY)) == 0
    assert len(analysis.unmatched_of_week(nothing, first_day=MONDAY)) == 0
    assert analysis.unmatched(nothing, first_day=MONDAY, weeks=1)["incidents"].tolist() == [0]


def test_unmatched_incidents_stand_apart() -> None:
    """An incident without a district is in no district's count, and in a count of its own."""
    table = incidents({"district": None}, {"district": None, "occurred_on": MONDAY - timedelta(days=1)}, {})
    assert count(table) == [1]
    assert analysis.unmatched(table, first_day=MONDAY, weeks=1)[
        ["district", "incidents"]
    ].to_numpy().tolist() == [["", 1]]
    assert analysis.unmatched_of_week(table, first_day=MONDAY)["record_id"].tolist() == ["1"]


@pytest.mark.parametrize(
    ("precision", "first", "last", "shown"),
    [
        ("month", date(2026, 11, 1), date(2026, 11, 30), True),
        ("longer", date(2026, 6, 22), date(2026, 11, 9), True),
        ("longer", date(2026, 6, 22), date(2026, 11, 8), False),
        ("longer", date(2026, 11, 15), date(2026, 12, 24), True),
        ("longer", date(2026, 11, 16), date(2026, 12, 24), False),
        ("days", date(2026, 11, 1), date(2026, 11, 10), True),
        # only a month is known, and the publisher writes one day of it
        ("month", date(2026, 11, 30), None, True),
        ("month", date(2026, 11, 1), date(2026, 11, 1), True),
        ("month", date(2026, 10, 31), None, False),
        ("day", date(2026, 11, 9), None, False),
    ],
)
def test_what_is_shown_apart(precision: str, first: date, last: date | None, shown) -> None:
    """An incident without a week is shown in each week it may have happened in, and counted in none."""
    table = incidents({"date_precision": precision, "occurred_on": first, "occurred_to": last})
    found = analysis.undated_to_a_week(table, first_day=MONDAY, last_day=SUNDAY)
    assert len(found) == shown
    if shown:
        assert count(table) == [0]


def test_weeks_before_the_data_are_missing() -> None:
    """Weeks that begin before the first covered day are <NA>, and so is their sum; the rest stays."""
    counted = analysis.weekly(incidents({}), districts=("A", "B"), first_day=MONDAY, weeks=3)
    shown = analysis.covered(counted, since=MONDAY + timedelta(days=1))
    assert analysis.total(shown)["incidents"].tolist() == [pd.NA, 0, 0]
    assert analysis.covered(counted, since=MONDAY)["incidents"].tolist() == counted["incidents"].tolist()
    assert analysis.covered(counted, since=None)["incidents"].isna().all()


def test_rows_of_a_week_by_their_day() -> None:
    """Any dated rows can be narrowed down to a week, both ends included."""
    days = [MONDAY + timedelta(days=n) for n in (-1, 0, 6, 7)]
    rows = pd.DataFrame({"occurred_on": pd.Series(days, dtype="datetime64[s]")})
    assert analysis.within(rows, Week(MONDAY, "monday")).index.tolist() == [1, 2]


rows = st.lists(
    st.fixed_dictionaries(
        {
            "occurred_on": st.dates(MONDAY - timedelta(days=20), MONDAY + timedelta(days=40)),
            "district": st.sampled_from(["A", "B", "C", None]),
            "date_precision": st.sampled_from(["day", "days", "week", "month", "longer"]),
            "event_type": st.sampled_from(["armed_clash", "attack_on_civilians", "non_violent_development"]),
            "verification": st.sampled_from([None, "reported", "discarded"]),
            "killed_best": st.one_of(st.none(), st.integers(0, 50)),
            "killed_low": st.one_of(st.none(), st.integers(0, 50)),
            "killed_high": st.one_of(st.none(), st.integers(0, 50)),
            "civilians_killed": st.one_of(st.none(), st.integers(0, 50)),
            "aid_affected": st.sampled_from([True, False, None]),
        }
    ),
    max_size=12,
)


@settings(deadline=None)
@given(rows)
def test_counts_add_up(given_rows: list[dict[str, object]]) -> None:
    """Districts add up to the total; every counted row is in one week; ranges hold the best; parts fit."""
    table = incidents(*given_rows)
    counted = analysis.weekly(table, districts=("A", "B"), first_day=MONDAY, weeks=4)
    whole = analysis.weekly_total(table, districts=("A", "B"), first_day=MONDAY, weeks=4)
    pd.testing.assert_frame_equal(analysis.total(counted), whole)
    placed = analysis.of_weeks(table, first_day=MONDAY, weeks=4)
    assert counted["incidents"].sum() == placed["district"].isin(["A", "B"]).sum()
    assert counted["killed_low"].le(counted["killed_best"]).all()
    assert counted["killed_best"].le(counted["killed_high"]).all()
    assert counted["civilians_killed"].le(counted["killed_best"]).all()
    assert counted["aid_affected"].le(counted["incidents"]).all()
    apart = analysis.undated_to_a_week(table, first_day=MONDAY, last_day=MONDAY + timedelta(days=27))
    assert not set(apart["record_id"]) & set(placed["record_id"])
