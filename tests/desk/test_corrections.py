"""Corrections of the desk: what they set right, when they lapse, and that nobody else reads them."""

from pathlib import Path

import pandas as pd
import pytest

from tests.desk.desk_office import AT, BY, ROWS, WHY, again, desk_office
from tests.pull_office import write_log
from workbench import desk
from workbench.config import Office, load
from workbench.desk import Correction
from workbench.errors import ParameterError
from workbench.pull import pull_all
from workbench.records import record_type
from workbench.store import Store
from workbench.view import store_of

LABELLED = """
[[source]]
slug = "held"
title = "Held"
record = "incident"
reader = "table"
path = "held.csv"
licence = "None"
attribution = "Invented"
level = "internal"

[source.constants]
date_precision = "day"
event_type = "armed_clash"
threat_category = "armed_conflict"

[source.columns]
record_id = "No"
occurred_on = "Day"
level = "Level"
compartments = "Groups"
notes = "Notes"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Return the folder of an office that has pulled."""
    folder = tmp_path_factory.mktemp("made")
    lines = ["No,Day,Level,Groups,Notes", "1,2026-11-10,internal,protection,", "2,2026-11-10,secret,,"]
    (folder / "held.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    office, _ = desk_office(folder, LABELLED)
    return office.root


@pytest.fixture(scope="module")
def untouched(made: Path) -> tuple[Office, Store]:
    """Return an office that no test writes to."""
    office = load(made)
    return office, store_of(office)


@pytest.fixture
def at_desk(made: Path, tmp_path: Path) -> tuple[Office, Store]:
    """Return an office of one's own, and its store."""
    return again(made, tmp_path / "copy")


def put_right(at_desk, *corrections: tuple[str, str, str, str], source: str = "log") -> desk.Entered:
    """Enter corrections: record, column, value delivered, value it should have."""
    listed = [
        Correction(source=source, record_id=name, column=column, was=was, to=to)
        for name, column, was, to in corrections
    ]
    return desk.correct(*at_desk, listed, by=BY, reason=WHY, at=AT)


def pulled(at_desk, *slugs: str):
    """Pull sources, and return the report of the last."""
    reports, failures = pull_all(*at_desk, slugs or ("log",), at=AT)
    assert not failures
    return reports[-1]


def row(at_desk, name: str, *, source: str = "log") -> pd.Series | None:
    """Return the latest revision of an incident; None if it does not stand."""
    _, store = at_desk
    history = store.history(record_type("incident"), source=source, record_id=name)
    return None if history.empty or history.iloc[-1]["retracted"] else history.iloc[-1]


def test_a_corrected_value_is_stored_and_what_was_known_before_stays(at_desk):
    """The correction makes a revision at once, with its flag; as of before it the old value is known."""
    _, store = at_desk
    before = row(at_desk, "1")
    done = put_right(at_desk, ("1", "killed_best", "3.0", "5"))
    assert [one.source for one in done.reports] == ["desk_correction", "log"]
    assert (done.reports[1].corrected, done.reports[1].lapsed, done.reports[1].changed) == (1, 0, 1)
    now = row(at_desk, "1")
    assert (now["killed_best"], now["flags"]) == (5, "corrected")
    then = store.read(record_type("incident"), as_of=before["recorded_at"]).set_index("record_id")
    assert then.loc["1", "killed_best"] == 3
    act = store.read(record_type("correction"), as_of=now["recorded_at"]).iloc[0]
    assert (act["value_was"], act["value_to"], act["corrected_by"], act["reason"]) == ("3", "5", BY, WHY)
    assert (act["level"], str(act["corrected_on"].date())) == ("strictly_confidential", "2026-11-22")


def test_a_correction_lapses_when_the_publisher_says_something_else(at_desk):
    """It holds while the same value is delivered, ends with another, and is silent once they agree."""
    put_right(at_desk, ("1", "killed_best", "3", "5"))
    assert pulled(at_desk).corrected == 1
    office, _ = at_desk
    write_log(office.root, (1, "2026-11-10", 4, "Orvane town"), *ROWS[1:])
    report = pulled(at_desk)
    assert (report.corrected, report.lapsed) == (0, 1)
    lapsed = report.lapsed_corrections[0]
    assert (lapsed.correction, lapsed.record_id, lapsed.column) == ("C-2026-11-22-001", "1", "killed_best")
    assert (row(at_desk, "1")["killed_best"], pd.isna(row(at_desk, "1")["flags"])) == (4, True)
    write_log(office.root, (1, "2026-11-10", 5, "Orvane town"), *ROWS[1:])
    report = pulled(at_desk)
    assert (report.corrected, report.lapsed) == (0, 0)


def test_a_correction_is_undone_by_taking_it_back(at_desk):
    """The row is as delivered again: its source is pulled with the register."""
    name = put_right(at_desk, ("1", "killed_best", "3", "5")).record_ids[0]
    done = desk.take_back(*at_desk, "correction", name, by=BY, reason="A slip", at=AT)
    assert [one.source for one in done.reports] == ["desk_correction", "log"]
    assert row(at_desk, "1")["killed_best"] == 3


def test_a_value_is_corrected_again(at_desk):
    """A second correction may name the corrected value as what was there; the latest of a value counts."""
    put_right(at_desk, ("1", "killed_best", "3", "5"))
    put_right(at_desk, ("1", "killed_best", "5", "6"))
    assert row(at_desk, "1")["killed_best"] == 6
    with pytest.raises(ParameterError, match="killed_best: log delivers another value"):
        put_right(at_desk, ("1", "killed_best", "4", "7"))


def test_a_rejected_row_is_mended(at_desk):
    """A row set aside for one value is accepted with that value set right, and is no longer rejected."""
    _, store = at_desk
    assert row(at_desk, "3") is None
    delivered = desk.delivered(at_desk[0], "log").set_index("row")
    aside = store.read(record_type("rejected_row"), as_of=AT.replace(year=2027))
    aside = aside[aside["source"] == "log"].iloc[0]
    name = delivered.loc[int(aside["row"]), "record_id"]
    done = put_right(at_desk, (name, aside["column"], aside["value"], "2"))
    assert (done.reports[1].new, done.reports[1].rejected) == (1, 0)
    assert (row(at_desk, "3")["killed_best"], row(at_desk, "3")["flags"]) == (2, "corrected")
    with pytest.raises(ParameterError, match="killed_best: is not a whole number"):
        put_right(at_desk, ("2", "killed_best", "0", "none"))


def test_a_place_is_chosen_at_the_desk(at_desk):
    """A district of the boundaries, with its name and province, while its source says the same."""
    office, _ = at_desk
    assert row(at_desk, "4")["matched_by"] == "unmatched"
    done = put_right(at_desk, ("4", "district", "", "XB0201"))
    assert done.reports[1].unmatched == 0
    now = row(at_desk, "4")
    told = (now["district"], now["district_name"], now["admin1"], now["matched_by"], now["flags"])
    assert told == ("XB0201", "Nareth", "XB02", "desk", "corrected")
    write_log(office.root, *ROWS[:3], (4, "2026-11-12", 1, "Somewhere else"))
    report = pulled(at_desk)
    assert (report.lapsed, row(at_desk, "4")["matched_by"]) == (1, "unmatched")
    with pytest.raises(ParameterError, match="district: is no code"):
        put_right(at_desk, ("4", "district", "", "XX99"))


def test_a_label_is_raised_and_never_lowered(at_desk):
    """Level and compartments go up by a correction; down only by a label_change, which the refusal names."""
    groups = "protection;human_rights"
    raised = ("1", "level", "internal", "confidential"), ("1", "compartments", "protection", groups)
    put_right(at_desk, *raised, source="held")
    now = row(at_desk, "1", source="held")
    assert (now["level"], now["compartments"]) == ("confidential", groups)
    for column, to in (("level", "internal"), ("compartments", "human_rights")):
        with pytest.raises(ParameterError, match="label_change"):
            put_right(at_desk, ("1", column, "", to), source="held")
    with pytest.raises(ParameterError, match="label_change"):  # an unknown word counts as the highest
        put_right(at_desk, ("2", "level", "secret", "confidential"), source="held")
    desk.take_back(*at_desk, "correction", "C-2026-11-22-001", by=BY, reason="", at=AT)
    assert row(at_desk, "1", source="held")["level"] == "confidential"


def test_a_label_lowered_in_the_register_by_hand_stays_up(at_desk):
    """A line that names a lower level, written past every form, lowers nothing."""
    line = {
        "corrected_record": "incident", "corrected_source": "held", "corrected_id": "1", "column": "level",
        "value_was": "internal", "value_to": "public", "corrected_on": "2026-11-22", "corrected_by": BY,
        "reason": WHY,
    }  # fmt: skip
    desk.enter(*at_desk, "correction", {"C-1": line}, by=BY, reason=WHY, at=AT, also=["held"])
    assert row(at_desk, "1", source="held")["level"] == "internal"


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (("1", "record_id", "1", "9"), "record_id: is not corrected"),
        (("1", "matched_by", "name", "desk"), "matched_by: is not corrected"),
        (("1", "flags", "", "corrected"), "flags: is not corrected"),
        (("9", "killed_best", "3", "4"), "delivers no row of this record_id"),
        (("1", "killed_best", "3", "3.0"), "killed_best: that is the value log delivers"),
        (("1", "killed_best", "3", "-1"), "killed_best: is less than 0"),
        (("1", "occurred_on", "2026-11-10", "2026-12-24"), "occurred_on: lies after"),
    ],
)
def test_what_cannot_be_corrected_is_refused(untouched, correction, message):
    """A column, row or value that could not be set right is refused with its reason; nothing is written."""
    with pytest.raises(ParameterError, match=message):
        put_right(untouched, correction)
    assert desk.lines(untouched[0], "correction").empty


def test_a_row_that_cannot_be_read_is_mended_in_its_file(at_desk):
    """Of a row with too many cells nothing can be corrected: the message says so and sends to the file."""
    office, _ = at_desk
    file = office.root / "log.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("Al Kuro\n", "Al Kuro,1,2\n", 1), encoding="utf-8")
    with pytest.raises(ParameterError, match=r"cannot be read at all.*Mend its file"):
        put_right(at_desk, ("2", "killed_best", "0", "1"))


def test_a_correction_waits_for_a_source_that_cannot_be_read(at_desk):
    """It is kept, told as such, and takes effect at the next pull that succeeds."""
    office, _ = at_desk
    (office.root / "log.csv").rename(office.root / "away.txt")
    done = put_right(at_desk, ("1", "killed_best", "3", "5"))
    assert len(done.failures) == 1
    assert "next pull" in done.told
    assert row(at_desk, "1")["killed_best"] == 3
    (office.root / "away.txt").rename(office.root / "log.csv")
    assert pulled(at_desk).corrected == 1
    assert row(at_desk, "1")["killed_best"] == 5


HOSTILE = "<script>alert(1)</script>\x00\u202e\ud800\n=cmd|'/c calc'!A0"


def test_hostile_text_is_a_value_like_any_other(at_desk):
    """Markup and half letters in value and reason are stored as cleaned text, and still match later."""
    put_right(at_desk, ("1", "notes", "", HOSTILE))
    assert row(at_desk, "1")["notes"].startswith("<script>alert(1)</script>")
    desk.correct(
        *at_desk, [Correction(source="log", record_id="1", column="killed_best", was="3", to="4")],
        by=BY, reason=HOSTILE, at=AT,
    )  # fmt: skip
    assert pulled(at_desk).corrected == 1
    assert row(at_desk, "1")["killed_best"] == 4


def test_no_edition_holds_a_correction(at_desk):
    """Neither the value that was, nor the reason, is in a view: only the row's own new value and flag."""
    from workbench.view import Request, hidden_values, make

    office, store = at_desk
    put_right(at_desk, ("1", "notes", "", "CANARY-TO said so"))
    desk.correct(
        *at_desk, [Correction(source="log", record_id="1", column="notes", was="CANARY-TO said so",
                              to="CANARY-THEN said more")], by=BY, reason="CANARY-WHY", at=AT,
    )  # fmt: skip
    request = Request(area="north", week="2026-W46", audience="internal", as_of=AT.replace(year=2027))
    seen = make(office, store, request)
    assert "correction" not in seen.tables
    assert "desk_correction" not in set(seen.sources["source"])
    tables = [rows.astype("object").to_numpy().flat for rows in seen.tables.values()]
    told = " ".join(str(cell) for cells in tables for cell in cells)
    assert "CANARY" not in told  # notes are confidential, these readers are not
    assert "corrected" in seen.table("incident")["flags"].tolist()
    assert {"CANARY-THEN said more", "CANARY-WHY"} <= set(hidden_values(store, seen))


def test_a_view_does_not_depend_on_corrections_of_rows_it_does_not_hold(at_desk):
    """Setting right a closed row changes nothing in the view of who may not read it but its time."""
    from workbench.view import Request, content_digest, make

    office, store = at_desk
    request = Request(area="north", week="2026-W46", audience="internal", as_of=AT.replace(year=2027))
    pulled(at_desk, "held")
    before = make(office, store, request)
    put_right(at_desk, ("2", "notes", "", "Closed"), source="held")
    after = make(office, store, request)
    assert row(at_desk, "2", source="held")["notes"] == "Closed"
    assert content_digest(after) == content_digest(before)
    put_right(at_desk, ("1", "killed_best", "3", "5"))
    assert content_digest(make(office, store, request)) != content_digest(after)
