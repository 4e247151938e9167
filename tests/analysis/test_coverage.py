from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import analysis
from workbench.analysis.coverage import STATES
from workbench.config import Week

ON = date(2026, 11, 15)


def log(**days_ago: list[int]) -> pd.DataFrame:
    """Return entries of each district, so many days ago."""
    rows = [(district, ON - timedelta(days=n)) for district, days in days_ago.items() for n in days]
    return pd.DataFrame(
        {
            "district": pd.Series([d for d, _ in rows], dtype="str"),
            "occurred_on": pd.Series([day for _, day in rows], dtype="datetime64[s]"),
        }
    )


def contact(entries: pd.DataFrame | None, *districts: str) -> pd.DataFrame:
    """Return the contact of these districts, with an interval of 14 days."""
    return analysis.last_contact(entries, districts=districts, on=ON, interval_days=14)


def test_the_last_contact_of_each_district() -> None:
    """Days since, contacts of the week and state, in the order asked for; 14 days is still in contact."""
    found = contact(log(A=[14, 30], B=[15], C=[0, 6, 7], D=[-1]), "C", "A", "B", "D")
    assert found["state"].tolist() == ["in_contact", "in_contact", "silent", "never"]
    assert found["days"].tolist() == [0, 14, 15, pd.NA]
    assert found["contacts"].tolist() == [2, 0, 0, 0]
    assert pd.isna(found["last_contact"].iloc[3])


@pytest.mark.parametrize("nothing", [None, pd.DataFrame(), log(A=[1])[["district"]]])
def test_a_reader_without_the_log_knows_nothing(nothing: pd.DataFrame | None) -> None:
    """Entries withheld are not contacts missed: the state is unknown, not never."""
    found = contact(nothing, "A")
    assert found["state"].tolist() == ["unknown"]
    assert found["contacts"].isna().all()
    assert analysis.confidence(found)["confidence"].tolist() == ["unknown"]
    assert len(analysis.contact_gaps(found)) == 0


def test_an_empty_log_is_a_gap_everywhere() -> None:
    """A log that can be read and holds nothing says that nobody was contacted."""
    assert contact(log(), "A", "B")["state"].tolist() == ["never", "never"]


def test_gaps_are_listed_longest_first() -> None:
    """Districts never heard from come first, those in contact not at all."""
    found = analysis.contact_gaps(contact(log(A=[20], B=[40], C=[1]), "A", "B", "C", "D"))
    assert found["district"].tolist() == ["D", "B", "A"]


@pytest.mark.parametrize(
    ("incidents", "heard", "covered", "expected"),
    [
        (2, "in_contact", True, "incidents"),
        (2, "silent", False, "incidents"),
        (0, "in_contact", True, "no_incident"),
        (0, "silent", True, "no_report"),
        (0, "never", True, "no_report"),
        (0, "unknown", True, "none_known"),
        (2, "unknown", True, "incidents"),
        (0, "unknown", False, "no_coverage"),
        (0, "in_contact", False, "no_coverage"),
        (None, "silent", True, "incidents"),
    ],
)
def test_no_report_is_not_zero(incidents: int | None, heard: str, covered, expected: str) -> None:
    """What can be said of a district's week depends on incidents, contact and coverage, in that order."""
    now = pd.DataFrame({"district": ["A"], "incidents": pd.array([incidents], dtype="Int64")})
    known = pd.DataFrame({"district": ["A"], "state": [heard]})
    found = analysis.states(now, known, covered={"A"} if covered else set())
    assert found["state"].tolist() == [expected]
    assert found["incidents"].isna().tolist() == [incidents is None]


@pytest.mark.parametrize(
    ("days", "expected"),
    [([0], "high"), ([7], "high"), ([8], "moderate"), ([14], "moderate"), ([15], "low"), ([], "low")],
)
def test_contact_caps_confidence(days: list[int], expected: str) -> None:
    """High within half the interval, moderate within it, low when silent or never heard from."""
    assert analysis.confidence(contact(log(A=days), "A"))["confidence"].tolist() == [expected]


def week_of(incidents: int | None, *heard: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a week of districts with the same count, and how each was heard from."""
    names = [f"D{n}" for n in range(len(heard))]
    counted = pd.array([incidents] * len(heard), dtype="Int64")
    return pd.DataFrame({"district": names, "incidents": counted}), pd.DataFrame(
        {"district": names, "state": list(heard)}
    )


@pytest.mark.parametrize("count", [0, None])
def test_a_week_that_data_do_not_reach_is_unknown(count: int | None) -> None:
    """Beyond the data no district is calm, and none has a count that is merely withheld."""
    found = analysis.states(*week_of(count, "in_contact", "silent"), reached=False)
    assert found["state"].tolist() == ["none_known", "no_report"]


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (("in_contact", "in_contact"), "no_incident"),
        (("in_contact", "silent"), "none_known"),
        (("silent", "never"), "no_report"),
        (("unknown", "unknown"), "none_known"),
    ],
)
def test_the_whole_is_known_only_if_every_district_is(heard: tuple[str, ...], expected: str) -> None:
    """A total of none is calm only where everybody was heard from."""
    found = analysis.state_of_all(analysis.states(*week_of(0, *heard)))
    assert found.to_dict("records") == [{"district": analysis.TOTAL, "state": expected}]
    assert analysis.state_of_all(analysis.states(*week_of(1, *heard)))["state"].item() == "incidents"


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (date(2026, 1, 1), date(2026, 11, 15), True),
        (date(2026, 1, 1), date(2026, 11, 9), True),
        (date(2026, 1, 1), date(2026, 11, 8), False),
        (date(2026, 11, 15), date(2026, 12, 1), True),
        (date(2026, 11, 16), date(2026, 12, 1), False),
        (None, date(2026, 12, 1), False),
        (date(2026, 1, 1), None, False),
    ],
)
def test_data_reach_a_week_if_they_overlap_it(since: date | None, until: date | None, expected) -> None:
    """The week of 9 to 15 November is reached by data that have at least one of its days."""
    week = {"first_day": date(2026, 11, 9), "last_day": ON}
    assert analysis.reached(since=since, until=until, **week) is expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 12), 2),
        (date(2026, 11, 16), 2),
        (date(2026, 11, 21), 2),
        (date(2026, 11, 22), 1),
        (date(2026, 11, 28), 1),
        (date(2026, 11, 29), 0),
        (date(2027, 11, 1), 0),
    ],
)
def test_old_weeks_are_settled(on: date, expected: int) -> None:
    """A week is still being reported for two weeks after its last day, 15 November; later it is final."""
    assert analysis.unsettled(Week.parse("2026-W46", starts="monday"), on=on) == expected


# counts, as far as they can be told

FIRST = date(2026, 11, 9)
BEFORE = date(2026, 11, 2)


def counted(*counts: int | None, week: date = FIRST) -> pd.DataFrame:
    """Return a week's counts of the districts D0, D1 and so on."""
    numbers = pd.array(list(counts), dtype="Int64")
    return pd.DataFrame(
        {
            "district": [f"D{n}" for n in range(len(counts))],
            "week": pd.Series([pd.Timestamp(week)] * len(counts), dtype="datetime64[s]"),
            "incidents": numbers,
            "killed_best": numbers,
        }
    )


def state(*states: str) -> pd.DataFrame:
    """Return what is known of the districts D0, D1 and so on."""
    return pd.DataFrame({"district": [f"D{n}" for n in range(len(states))], "state": list(states)})


def test_a_zero_that_nobody_can_tell_is_unknown() -> None:
    """No report, no coverage and none known turn a 0 into <NA>, in all measures; a calm 0 stays one."""
    found = analysis.told(
        counted(0, 0, 0, 0, 3),
        {FIRST: state("no_report", "no_coverage", "none_known", "no_incident", "incidents")},
    )
    for measure in ("incidents", "killed_best"):
        assert found[measure].tolist() == [pd.NA, pd.NA, pd.NA, 0, 3]
        assert found[measure].dtype == "Int64"


def test_a_count_is_told_whatever_the_state() -> None:
    """Some incidents are known though nobody was heard from; an unknown count stays unknown."""
    found = analysis.told(counted(2, None), {FIRST: state("no_report", "no_report")})
    assert found["incidents"].tolist() == [2, pd.NA]


def test_weeks_without_states_stay_as_they_are() -> None:
    """States of one week say nothing of another; without any, nothing changes."""
    both = pd.concat([counted(0, 0, week=BEFORE), counted(0, 0)], ignore_index=True)
    found = analysis.told(both, {FIRST: state("no_report", "no_incident")})
    assert found["incidents"].tolist() == [0, 0, pd.NA, 0]
    pd.testing.assert_frame_equal(analysis.told(both, {}), both)
    assert analysis.told(both.iloc[:0], {FIRST: state("no_report")}).empty


def test_the_total_is_told_as_its_districts_are() -> None:
    """With the state of all, a total of none is unknown if one district is silent."""
    total = counted(0).assign(district=analysis.TOTAL)
    silent = analysis.state_of_all(state("no_incident", "no_report"))
    calm = analysis.state_of_all(state("no_incident", "no_incident"))
    assert analysis.told(total, {FIRST: silent})["incidents"].isna().all()
    assert analysis.told(total, {FIRST: calm})["incidents"].tolist() == [0]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from([None, 0, 0, 1, 5]), st.sampled_from(STATES)), min_size=1, max_size=8)
)
def test_telling_takes_away_zeros_only_and_does_so_once(rows_of: list[tuple[int | None, str]]) -> None:
    """Every other count and the order of rows stay; told again, nothing more is taken."""
    rows, known = counted(*(n for n, _ in rows_of)), {FIRST: state(*(code for _, code in rows_of))}
    found = analysis.told(rows, known)
    taken = found["incidents"].isna() & rows["incidents"].notna()
    assert (rows.loc[taken, "incidents"] == 0).all()
    pd.testing.assert_frame_equal(found[~taken], rows[~taken])
    pd.testing.assert_frame_equal(analysis.told(found, known), found)
    assert not (found["incidents"].eq(0) & known[FIRST]["state"].isin(STATES[2:])).any()
