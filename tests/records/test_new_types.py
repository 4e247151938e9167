"""What district assessments, duplicate decisions, risk lines, their measures and headcounts must hold."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from workbench.config import Level
from workbench.records import record_names, record_type, validate

TODAY = date(2026, 11, 21)
GOOD: dict[str, dict[str, str]] = {
    "duplicate_decision": {
        "left_source": "log", "left_id": "A1", "right_source": "press", "right_id": "A1",
        "verdict": "same", "decided_on": "2026-11-20", "decided_by": "Analyst", "reason": "Same place.",
    },
    "district_assessment": {
        "assessed_on": "2026-11-20", "rating": "4", "direction": "deteriorated", "reason": "More raids.",
        "drivers": "raids;roads", "access": "limited", "confidence": "moderate", "basis": "A1;L7",
        "assessor": "Analyst", "reviewer": "Head of desk",
    },
    "risk_line": {
        "area_name": "North", "valid_from": "2026-11-01", "valid_to": "2027-04-30",
        "threat_event": "Convoy hit by a roadside bomb", "threat_category": "armed_conflict",
        "likelihood_present": "likely", "impact_present": "severe", "likelihood_residual": "unlikely",
        "impact_residual": "severe", "decided_by": "Designated official", "decided_on": "2026-11-02",
    },
    "risk_measure": {
        "recorded_on": "2026-11-02", "risk": "R1", "text": "Clear the road first.", "kind": "control",
        "owner": "Security adviser", "due_on": "2026-12-01", "state": "agreed", "verified_on": "2026-11-20",
    },
    "headcount": {
        "counted_on": "2026-11-20", "organisation": "Mill Aid", "category": "international",
        "ceiling": "10", "present": "12", "on_leave": "0", "in_transit": "1",
    },
}  # fmt: skip


def reasons(name: str, **changes: str) -> list[tuple[str, str]]:
    """Return column and reason of each fault of a row that is good but for `changes`."""
    row = {"record_id": "X1", "source": "s", "level": "internal", "listable": "yes", **GOOD[name], **changes}
    frame = pd.DataFrame([row]).astype("str").assign(file="f.csv", row=2)
    result = validate(record_type(name), frame, today=TODAY)
    return list(result.rejected[["column", "reason"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_row_is_accepted(name: str) -> None:
    """Every type of this list is known and takes a row as offices keep it, also above the ceiling."""
    assert name in record_names()
    assert reasons(name) == []
    assert record_type(name).lasting


@pytest.mark.parametrize("name", GOOD)
def test_only_what_is_needed_is_required(name: str) -> None:
    """A row with the required columns alone is accepted; without any one of them it is not."""
    required = {c.name for c in record_type(name).columns if c.required}
    optional = {column: "" for column in GOOD[name] if column not in required}
    assert reasons(name, **optional) == []
    for column in required & set(GOOD[name]):
        assert (column, "is missing") in reasons(name, **{column: ""})
    assert record_type(name).dated_by in required


@pytest.mark.parametrize(
    ("name", "changes", "fault"),
    [
        ("duplicate_decision", {"right_source": "log"}, ("right_id", "names the same record on both sides")),
        ("duplicate_decision", {"verdict": "maybe"}, ("verdict", "is not one of: same, different, unsure")),
        ("duplicate_decision", {"decided_on": "2026-11-22"},
         ("decided_on", "lies after the day of the pull")),
        ("district_assessment", {"rating": "0"}, ("rating", "is less than 1")),
        ("district_assessment", {"rating": "6"}, ("rating", "is more than 5")),
        ("district_assessment", {"direction": "worse"},
         ("direction", "is not one of: deteriorated, unchanged, improved")),
        ("district_assessment", {"confidence": "medium"},
         ("confidence", "is not one of: low, moderate, high")),
        ("district_assessment", {"assessed_on": "2026-11-22"},
         ("assessed_on", "lies after the day of the pull")),
        ("risk_line", {"valid_to": "2026-10-31"}, ("valid_to", "lies before valid_from")),
        ("risk_line", {"decided_on": "2026-11-22"}, ("decided_on", "lies after the day of the pull")),
        ("risk_measure", {"kind": "ignore"},
         ("kind", "is not one of: avoid, control, transfer, accept")),
        ("risk_measure", {"verified_on": "2026-11-22"}, ("verified_on", "lies after the day of the pull")),
        ("headcount", {"present": "-1"}, ("present", "is less than 0")),
        ("headcount", {"present": "100001"}, ("present", "is more than 100000")),
        ("headcount", {"counted_on": "2026-11-22"}, ("counted_on", "lies after the day of the pull")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_set_aside(name: str, changes: dict[str, str], fault: tuple[str, str]) -> None:
    """Each impossible value is rejected under its column, with the reason."""
    assert reasons(name, **changes) == [fault]


def test_a_risk_may_begin_later_and_its_words_are_the_offices() -> None:
    """A line for next month is kept, and so is any word of likelihood: records know no office's table."""
    changes = {"valid_from": "2026-12-01", "likelihood_present": "once in a blue moon"}
    assert reasons("risk_line", **changes) == []


@pytest.mark.parametrize("name", GOOD)
def test_functions_and_narratives_are_held_back(name: str) -> None:
    """Whoever decided or assessed is internal at least, and free text confidential at least."""
    for column in record_type(name).columns:
        if column.name in {"decided_by", "assessor", "reviewer", "owner"}:
            assert column.level >= Level.INTERNAL
        if column.kind == "free_text":
            assert column.level >= Level.CONFIDENTIAL
