"""The reader of registers: which lines stand, and why a line is set aside."""

import json
from pathlib import Path

import pytest

from tests.desk.desk_office import REGISTER
from tests.pull_office import log, office_in
from workbench.errors import ConfigurationError, SourceError
from workbench.sources import read

SLUG = "desk_duplicate_decision"
ROW = {"left_source": "log", "left_id": "1", "right_source": "log", "right_id": "2", "verdict": "same",
       "decided_on": "2026-11-22"}  # fmt: skip
LINE = {"record_id": "D-1", "at": "2026-11-22T10:00:00+00:00", "by": "Desk", "reason": "", "row": ROW}


def read_lines(folder: Path, *lines: object, more: str = ""):
    """Return what is read of a register of these lines, each as an object or as bytes."""
    office = office_in(folder, log(), REGISTER.format("duplicate_decision") + more)
    file = folder / "desk/duplicate_decision.jsonl"
    file.parent.mkdir(exist_ok=True)
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode("utf-8") for one in lines]
    file.write_bytes(b"\n".join(texts) + b"\n" if texts else b"")
    return read(office.source_called(SLUG), office)


def test_the_latest_sound_line_of_a_record_stands(tmp_path):
    """Later lines take the place of earlier ones, null takes back; a line set aside changes nothing."""
    later = LINE | {"row": ROW | {"verdict": "different", "created_by": "Head", "level": "confidential"}}
    other = LINE | {"record_id": "D-2"}
    broken = later | {"row": ROW | {"verdict": 1}}
    found = read_lines(tmp_path, LINE, other, later, broken, b"", other | {"row": None})
    assert (found.read, found.unread) == (5, ())
    row = found.rows.iloc[0]
    assert (len(found.rows), row["record_id"], row["verdict"], row["row"]) == (1, "D-1", "different", 3)
    assert (row["created_by"], row["level"]) == ("Head", "confidential")
    assert found.rejected[["row", "column", "reason"]].to_numpy().tolist() == [
        [4, "verdict", "is no text in quotation marks"]
    ]


def test_a_row_has_the_level_of_its_register_and_who_entered_it(tmp_path):
    """A line that says neither is labelled as its source is; one that leaves its label blank has none."""
    blank = LINE | {"record_id": "D-2", "row": ROW | {"level": None}}
    rows = read_lines(tmp_path, LINE, blank).rows.set_index("record_id")
    assert rows.loc["D-1", ["level", "created_by"]].tolist() == ["internal", "Desk"]
    assert rows["level"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"record_id": "D-9", "at"', "cannot be read as JSON"),
        (b'["D-9"]', "is no JSON object in braces"),
        (b"\x80\xfe\x00", "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b'{"record_id": "D-9", "record_id": "D-8"}', "has the same key twice"),
        ({"record_id": "D-9", "row": ROW}, "lacks at, by, reason"),
        (LINE | {"why": ""}, "has a key that is none of record_id, at, by, reason, row"),
        (LINE | {"at": "2026-11-22T10:00:00"},
         "at is no moment with its zone, such as 2026-11-16T06:00:00+00:00"),
        (LINE | {"by": None}, "by is no text"),
        (LINE | {"row": []}, "row is neither an object in braces nor null"),
        (LINE | {"row": ROW | {"record_id": "D-8"}}, "has a column that no line of duplicate_decision has"),
        (LINE | {"row": ROW | {"flags": "corrected"}}, "has a column that no line of duplicate_decision has"),
        (LINE | {"record_id": " D-9"}, "is no text of one line without outer blanks"),
    ],
)  # fmt: skip
def test_a_line_is_set_aside_with_its_reason(tmp_path, line, reason):
    """What is no line of a register never raises, and never repeats what stood there."""
    found = read_lines(tmp_path, line)
    assert found.rows.empty
    assert found.rejected["reason"].tolist() == [reason]
    assert found.rejected["row"].tolist() == [1]


def test_a_broken_line_still_names_its_record(tmp_path):
    """Where an id can be made out and no other line has it, the pull keeps what it knows of that record."""
    assert read_lines(tmp_path, b'{"record_id": "D-9", "at').unread == ("D-9",)
    assert read_lines(tmp_path, LINE, b'{"record_id": "D-1", "at').unread == ()


def test_no_file_and_an_empty_one_are_empty_registers(tmp_path):
    """Nothing was entered yet: no error, no row, no line read. A byte order mark is no line either."""
    empty = read_lines(tmp_path)
    (tmp_path / "desk/duplicate_decision.jsonl").unlink()
    office = office_in(tmp_path, log(), REGISTER.format("duplicate_decision"))
    absent = read(office.source_called(SLUG), office)
    for found in (empty, absent):
        assert (found.read, len(found.rows), len(found.rejected)) == (0, 0, 0)
    marked = b"\xef\xbb\xbf" + json.dumps(LINE).encode("utf-8")
    assert read_lines(tmp_path, marked).rows["record_id"].tolist() == ["D-1"]


def test_a_register_saved_in_another_encoding_is_refused_as_a_whole(tmp_path):
    """Read line by line it would withdraw every decision: the message says what it is and how to save it."""
    with pytest.raises(SourceError, match="UTF-16"):
        read_lines(tmp_path, json.dumps(LINE).encode("utf-16"))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ('covers = "additions"', "covers"),
        ('sheet = "One"', "sheet"),
        ('marks = "un"\n[marks.un]\npublic = "U"\ninternal = "I"\n'
         'confidential = "C"\nstrictly_confidential = "S"', "marks"),
    ],
)  # fmt: skip
def test_a_source_that_could_be_no_register_is_refused(tmp_path, more, reason):
    """Settings that a register would not heed, or that would keep what was taken back, are told at once."""
    with pytest.raises(ConfigurationError, match=reason):
        read_lines(tmp_path, more=more)
