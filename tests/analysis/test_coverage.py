from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from workbench import analysis

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
        (0, "unknown", True, "no_incident"),
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
