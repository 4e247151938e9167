"""Support and alleged violations as records: their labels, and what is set aside or noticed."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from workbench.config import HIGHEST
from workbench.records import record_type, validate

TODAY = date(2026, 11, 21)
GOOD: dict[str, dict[str, str]] = {
    "support": {
        "recorded_on": "2026-11-01", "activity": "Training", "recipient_unit": "Guard, post 4",
        "support_type": "training", "started_on": "2026-11-02", "ended_on": "2027-03-31",
        "risk_rating": "high",
        "mitigation": "open 2026-12-01: Names checked; done: Undertaking\ndropped: Visit",
        "reviewed_on": "2026-11-20", "next_review_on": "2027-02-20", "decided_by": "Resident Representative",
        "decision": "approved_with_conditions",
    },
    "violation": {
        "occurred_on": "2026-11-03", "reported_at": "2026-11-05T10:00Z", "perpetrator_unit": "Guard, post 4",
        "act": "torture", "victims_women": "0", "victims_men": "2", "victims_girls": "0",
        "victims_boys": "1", "victims_unknown": "3", "grave": "yes", "source_grade": "B2",
        "victim_consent": "no", "referred_to": "Clinic", "reported_to_rr_at": "2026-11-06T08:00Z",
        "government_response": "investigating", "response_text": "An inquiry.", "support": "S1",
        "account": "Two men are said to have been beaten.",
    },
}  # fmt: skip


def read(name: str, **changes: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the faults of a row that is good but for `changes`, and its flags if it is accepted."""
    row = {"record_id": "X1", "source": "s", "level": "internal", "listable": "yes", **GOOD[name], **changes}
    frame = pd.DataFrame([row]).astype("str").assign(file="f.csv", row=2)
    result = validate(record_type(name), frame, today=TODAY)
    faults = list(result.rejected[["column", "reason"]].itertuples(index=False, name=None))
    return faults, result.accepted["flags"].dropna().tolist()


@pytest.mark.parametrize("name", GOOD)
def test_a_good_row_is_accepted(name: str) -> None:
    """A row as offices keep it is accepted without a fault or a flag."""
    assert read(name) == ([], [])


@pytest.mark.parametrize("name", GOOD)
def test_everything_is_held_as_closely_as_can_be(name: str) -> None:
    """The type and every column of it, also its id and source, are strictly confidential human_rights."""
    record = record_type(name)
    assert record.level == HIGHEST
    assert set(record.compartments) == {"human_rights"}
    assert {column.level for column in record.columns} == {HIGHEST}
    assert all("human_rights" in column.compartments for column in record.columns)
    assert "exact_location" in record.column("place_name").compartments
    assert record.lasting


@pytest.mark.parametrize("name", GOOD)
def test_only_what_is_needed_is_required(name: str) -> None:
    """A row with the required columns alone is accepted; without any one of them it is not."""
    required = {c.name for c in record_type(name).columns if c.required} & set(GOOD[name])
    assert read(name, **{column: "" for column in GOOD[name] if column not in required})[0] == []
    assert {column: read(name, **{column: ""})[0] for column in required} == {
        column: [(column, "is missing")] for column in required
    }


@pytest.mark.parametrize(
    ("name", "changes", "fault"),
    [
        ("support", {"ended_on": "2026-11-01"}, ("ended_on", "lies before started_on")),
        ("support", {"recorded_on": "2026-11-22"}, ("recorded_on", "lies after the day of the pull")),
        ("support", {"reviewed_on": "2026-11-22"}, ("reviewed_on", "lies after the day of the pull")),
        (
            "support",
            {"risk_rating": "extreme"},
            ("risk_rating", "is not one of: low, medium, high, very_high"),
        ),
        ("violation", {"occurred_on": "2026-11-22"}, ("occurred_on", "lies after the day of the pull")),
        ("violation", {"victims_men": "-1"}, ("victims_men", "is less than 0")),
        ("violation", {"grave": "perhaps"}, ("grave", "is neither yes nor no")),
    ],
)
def test_what_cannot_be_is_set_aside(name: str, changes: dict[str, str], fault: tuple[str, str]) -> None:
    """Each impossible value is rejected under its column, with the reason."""
    assert read(name, **changes)[0] == [fault]


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("open: Visit", True), ("OPEN 2026-12-01 : Visit; done: x", True), ("done:x;", True), ("", True),
        ("Visit", False), ("open: ", False), ("soon: Visit", False), ("open 2026-02-30: Visit", False),
        ("done: x; Visit", False),
    ],
)  # fmt: skip
def test_a_measure_that_cannot_be_read_is_noticed_and_kept(*, text: str, readable: bool) -> None:
    """A slip in one measure flags the row; the support itself never vanishes for it."""
    assert read("support", mitigation=text) == ([], [] if readable else ["mitigation_unreadable"])


def test_a_report_before_the_event_is_noticed_and_kept() -> None:
    """Days that contradict each other flag the allegation; it is not set aside."""
    changes = {"occurred_on": "2026-11-10", "reported_to_rr_at": "2026-11-08T23:00Z"}
    assert read("violation", **changes) == ([], ["reported_before_event"])
    assert read("violation", occurred_on="2026-11-10", reported_to_rr_at="2026-11-09T23:00Z") == ([], [])
