"""Rows as a source gives them become accepted rows of a record type, or rejected rows with reasons."""

import time
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import records
from workbench.config import COMPARTMENTS
from workbench.records import DTYPES, record_names, record_type, validate

TODAY = date(2026, 11, 21)
INCIDENT = record_type("incident")

GOOD = {
    "record_id": "A-1",
    "source": "log",
    "level": "internal",
    "listable": "true",
    "occurred_on": "2026-11-09",
    "date_precision": "day",
    "event_type": "armed_clash",
    "threat_category": "armed_conflict",
}


def _rows(*changes):
    frame = pd.DataFrame([GOOD | {"record_id": f"A-{n}"} | change for n, change in enumerate(changes)])
    return frame.astype("str").assign(file="log.csv", row=range(2, len(changes) + 2))


def _incidents(*changes):
    return validate(INCIDENT, _rows(*changes), today=TODAY)


def _reasons(result):
    return list(result.rejected[["row", "column", "reason"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("column", "given", "read"),
    [
        ("occurred_on", "2026-04-10", pd.Timestamp("2026-04-10")),
        ("occurred_on", " 2026-04-10 00:00:00.000 ", pd.Timestamp("2026-04-10")),
        ("occurred_on", "2026-04-10T01:00:00+02:00", pd.Timestamp("2026-04-10")),
        ("reported_at", "2026-04-10", pd.Timestamp("2026-04-10T00:00Z")),
        ("reported_at", "2026-04-10 14:30", pd.Timestamp("2026-04-10T14:30Z")),
        ("reported_at", "2026-04-10T14:30:05.123456+02:00", pd.Timestamp("2026-04-10T12:30:05.123456Z")),
        ("killed_best", "12", 12),
        ("killed_best", "12.0", 12),
        ("killed_best", "+7", 7),
        ("killed_best", "100000", 100_000),
        ("latitude", "-12.063611", -12.063611),
        ("latitude", "-9E1", -90.0),
        ("aid_affected", "YES", True),
        ("aid_affected", "n", False),
        ("aid_affected", "0", False),
        ("event_type", " Armed_Clash", "armed_clash"),
        ("source_grade", "b2", "B2"),
        ("flags", "b ; a,b;", "b;a"),
        ("headline", " Two\r\n  killed \t in\x00 Nkoe\n", "Two killed \t in Nkoe"),
        ("narrative", " One.\r\n\r\n  Two\x07.\n", "One.\n\n  Two."),
        ("sub_type", "00123", "00123"),
    ],
)
def test_reads(column, given, read):
    """Each kind of value is read from the forms that publishers write it in."""
    result = _incidents({column: given})
    assert _reasons(result) == []
    assert result.accepted[column][0] == read


@pytest.mark.parametrize("blank", ["", " \n\t", "\x00"])
def test_text_without_anything_in_it_is_missing(blank):
    """An empty cell is missing, never the text "" or the number 0."""
    accepted = _incidents({"headline": blank, "killed_best": blank, "narrative": blank}).accepted
    assert accepted[["headline", "killed_best", "narrative"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("column", "given", "reason"),
    [
        ("occurred_on", "10/04/2026", "is not a day; write it as 2026-11-09"),
        ("occurred_on", "2026-02-30", "is not a day; write it as 2026-11-09"),
        ("occurred_on", "0206-04-10", "lies outside the years 1900 to 2199"),
        ("occurred_on", "2026-11-22", "lies after the day of the pull"),
        ("occurred_on", "", "is missing"),
        ("occurred_to", "2026-11-08", "lies before occurred_on"),
        ("reported_at", "2026-04-10 25:00", "is not a moment; write it as 2026-11-09T14:30Z"),
        ("killed_best", "12.5", "is not a whole number"),
        ("killed_best", "1,200", "is not a whole number"),
        ("killed_best", "-1", "is less than 0"),
        ("killed_best", "100001", "is more than 100000"),
        ("latitude", "90.001", "is more than 90"),
        ("latitude", "inf", "is not a number"),
        ("latitude", "nan", "is not a number"),
        ("aid_affected", "perhaps", "is neither yes nor no"),
        (
            "threat_category",
            "war",
            "is not one of: armed_conflict, terrorism, crime, civil_unrest, hazard",
        ),
        ("record_id", " ", "is missing"),
    ],
)
def test_rejects(column, given, reason):
    """A value that cannot be is set aside with its row number, column and reason; other rows go on."""
    result = _incidents({}, {column: given})
    assert _reasons(result) == [(3, column, reason)]
    assert result.accepted["record_id"].tolist() == ["A-0"]


def test_every_fault_of_a_row_is_reported():
    """A row with three faults gives three lines, in the order of the columns, with the value's start."""
    result = _incidents({"killed_best": "x" * 300, "occurred_on": "?", "latitude": "91"})
    assert result.rejected["column"].tolist() == ["occurred_on", "killed_best", "latitude"]
    assert result.rejected["value"].tolist() == ["?", "x" * 200, "91"]
    assert result.accepted.empty


def test_a_repeated_id_is_rejected_naming_the_first():
    """Of rows with one record_id the first stays; a later one names the row it repeats."""
    result = _incidents({"record_id": "A"}, {}, {"record_id": " A "}, {"record_id": "A"})
    assert _reasons(result) == [
        (4, "record_id", "stands already in row 2"),
        (5, "record_id", "stands already in row 2"),
    ]


@pytest.mark.parametrize(
    ("level", "compartments", "read", "flags"),
    [
        ("public", "personnel", ("public", "personnel"), None),
        ("Public ", "Personnel, protection", ("public", "personnel;protection"), None),
        ("", "", ("strictly_confidential", None), "label_missing"),
        ("secret", "", ("strictly_confidential", None), "label_unknown"),
        ("public", "personel", ("public", ";".join(COMPARTMENTS)), "compartments_unknown"),
        (
            "",
            "a",
            ("strictly_confidential", ";".join(COMPARTMENTS)),
            "label_missing;compartments_unknown",
        ),
    ],
)
def test_a_doubtful_label_is_the_highest_and_never_costs_a_row(level, compartments, read, flags):
    """A missing or unknown label closes the row to all but the highest readers, and is flagged."""
    result = _incidents({"level": level, "compartments": compartments})
    row = result.accepted.astype(object).where(result.accepted.notna(), None).iloc[0]
    assert ((row["level"], row["compartments"]), row["flags"]) == (read, flags)


@pytest.mark.parametrize(
    ("best", "low", "high", "civilians", "flags"),
    [
        ("5", "3", "7", "5", None),
        ("5", "5", "5", "", None),
        ("5", "", "", "", None),
        ("5", "3", "4", "", "deaths_range"),
        ("5", "6", "", "", "deaths_range"),
        ("5", "", "", "6", "civilians_exceed_deaths"),
        ("5", "6", "4", "6", "deaths_range;civilians_exceed_deaths"),
    ],
)
def test_crossed_estimates_are_kept_as_given_and_flagged(best, low, high, civilians, flags):
    """Rejecting a row whose estimates cross would undercount the dead: it stays, with a flag."""
    change = {"killed_best": best, "killed_low": low, "killed_high": high, "civilians_killed": civilians}
    row = _incidents(change).accepted.iloc[0]
    assert row["killed_best"] == 5
    assert (None if pd.isna(row["flags"]) else row["flags"]) == flags


def test_absent_columns_are_missing_and_extra_ones_dropped():
    """The accepted frame has exactly the record's columns and dtypes, whatever the file held."""
    accepted = validate(INCIDENT, _rows({"weather": "dry"}), today=TODAY).accepted
    assert accepted.columns.tolist() == list(INCIDENT.names)
    assert {c.name: str(accepted[c.name].dtype) for c in INCIDENT.columns} == {
        c.name: DTYPES[c.kind] for c in INCIDENT.columns
    }


@pytest.mark.parametrize("name", record_names())
def test_no_rows_give_no_rows(name):
    """A delivery without rows is two empty frames with the right columns, for every record type."""
    record = record_type(name)
    result = validate(record, pd.DataFrame({"file": [], "row": []}), today=TODAY)
    pd.testing.assert_frame_equal(result.accepted, records.empty(record))
    assert result.rejected.columns.tolist() == ["file", "row", "column", "value", "reason"]
    assert result.rejected.empty


def test_half_a_surrogate_pair_does_not_stop_a_pull():
    """Text that UTF-8 cannot hold, as a broken export has it, becomes a question mark."""
    rows = _rows({})
    rows["headline"] = pd.Series(["broken \ud83d end"], dtype=object)
    assert validate(INCIDENT, rows, today=TODAY).accepted["headline"][0] == "broken ? end"


_LIKELY = {
    "integer": ("0", "7", "12.0", "-3", "12.5", "999999"),
    "number": ("0", "-12.06", "1e-7", "nan", "-inf", "180", "1e300"),
    "date": ("2026-11-09", "2026-04-10 00:00:00.000", "2026-11-22", "1899-12-31", "2026-13-01"),
    "instant": ("2026-11-09", "2026-11-09T14:30:00.123456+02:00", "0001-01-01", "2026-11-09 24:61"),
    "boolean": ("true", "No", "1", "y", "perhaps"),
    "codes": ("personnel", "Protection;x", ";,", "a; A ,b", "exact_location"),
    "text": ("A-1", "A-1 ", "two\r\nlines", "\x00", "a\u2028b", "\u00a0"),
    "free_text": (" one\r\n\ttwo ", "\x85\x1f", "\v"),
}


@st.composite
def _deliveries(draw):
    record = record_type(draw(st.sampled_from([n for n in record_names() if n != "rejected_row"])))
    odd = draw(st.lists(st.text(max_size=6), min_size=1, max_size=8))
    chance = draw(st.randoms(use_true_random=False))
    count = draw(st.integers(1, 5))
    oddness = draw(st.sampled_from([0, 0.02, 0.3, 1]))

    def cell(column, row):
        if chance.random() < oddness:
            return chance.choice([*odd, None])
        if column.name == "record_id":
            return f"A-{row}"
        likely = column.vocabulary or _LIKELY.get(column.kind, ("x",))
        return chance.choice(likely if oddness else likely[:2])

    rows = [{column.name: cell(column, row) for column in record.columns} for row in range(count)]
    frame = pd.DataFrame(rows, columns=list(record.names)).astype("str")
    return record, frame.assign(file="any.csv", row=range(2, count + 2))


def _rendered(record, accepted):
    """Return accepted rows as the text a file would hold."""
    text = accepted.astype(object).where(accepted.notna(), None).map(lambda v: None if v is None else str(v))
    return text.astype("str").assign(file="again.csv", row=range(2, len(text) + 2))[
        [*record.names, "file", "row"]
    ]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(_deliveries())
def test_any_text_is_accepted_once_or_rejected_with_a_reason(delivery):
    """Whatever stands in the cells: no row is lost or doubled, and accepted rows obey the schema."""
    record, rows = delivery
    result = validate(record, rows, today=TODAY)
    assert len(result.accepted) + result.rejected["row"].nunique() == len(rows)
    assert result.rejected[["file", "row", "column", "reason"]].notna().all(axis=None)
    _obeys(record, result.accepted)
    again = validate(record, _rendered(record, result.accepted), today=TODAY)
    assert again.rejected.empty
    pd.testing.assert_frame_equal(again.accepted, result.accepted)


def _obeys(record, accepted):
    assert not accepted.duplicated(["source", "record_id"]).any()
    for column in record.columns:
        values = accepted[column.name]
        assert str(values.dtype) == DTYPES[column.kind]
        assert values.notna().all() or not column.required
        present = values.dropna()
        if column.vocabulary:
            assert present.isin(column.vocabulary).all()
        if column.minimum is not None:
            assert (present >= column.minimum).all()
        if column.maximum is not None:
            assert (present <= column.maximum).all()
        if column.kind == "text":
            assert not present.str.contains("[\n\r\x00]").any()
        if values.dtype == "str":
            assert (present.str.strip() == present).all()
            assert (present != "").all()


def test_a_large_delivery_is_read_in_seconds():
    """200,000 incidents take well under the time a person waits; work is per column, not per row."""
    many = 200_000
    one = _rows({"killed_best": "3", "latitude": "-12.5", "narrative": "Text."})
    rows = one.loc[np.zeros(many, dtype=int)].reset_index(drop=True)
    rows = rows.assign(record_id=np.arange(many).astype(str), row=np.arange(2, many + 2))
    began = time.perf_counter()
    result = validate(INCIDENT, rows, today=TODAY)
    assert time.perf_counter() - began < 10
    assert len(result.accepted) == many
