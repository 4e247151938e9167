"""The register of corrections: what a line of it must say."""

from datetime import date

import pandas as pd
import pytest

from workbench.records import record_type, validate
from workbench.records.correction import correctable

LINE = {
    "record_id": "C-1", "source": "desk", "level": "strictly_confidential", "listable": "true",
    "corrected_record": "incident", "corrected_source": "log", "corrected_id": "1", "column": "killed_best",
    "value_was": "3", "value_to": "4", "corrected_on": "2026-11-22", "corrected_by": "Desk", "reason": "Read",
    "file": "correction.jsonl", "row": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"corrected_record": "incidents"}, "corrected_record", "is not a record type of the workbench"),
        ({"column": "killed"}, "column", "is no column of that record type that can be corrected"),
        ({"column": "source"}, "column", "is no column of that record type that can be corrected"),
        ({"value_to": "3"}, "value_to", "is the value it had"),
        ({"value_was": None, "value_to": ""}, "value_to", "is the value it had"),
        ({"corrected_on": "2026-11-23"}, "corrected_on", "lies after the day of the pull"),
        ({"reason": " "}, "reason", "is missing"),
    ],
)
def test_a_correction_that_says_nothing_usable_is_set_aside(changes, column, reason):
    """An unknown record type or column, the same value, a day to come, or no reason: rejected with why."""
    rows = pd.DataFrame([LINE | changes], dtype="str")
    faults = validate(record_type("correction"), rows, today=date(2026, 11, 22)).rejected
    assert faults[["column", "reason"]].to_numpy().tolist() == [[column, reason]]


def test_every_record_type_can_be_corrected_but_not_in_what_it_is():
    """Ids, sources and what follows from the district are never set; names of places as given can be."""
    incident = correctable(record_type("incident"))
    assert {"killed_best", "district", "district_given", "level", "notes"} <= set(incident)
    never = {"record_id", "source", "admin1", "matched_by", "flags", "status", "created_by"}
    assert not never & set(incident)
    assert "district_given" not in correctable(record_type("headcount"))
