"""The log: what is entered, what is kept as a draft, and names that nobody else gets."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.conftest import put_rows
from tests.desk.desk_office import REGISTER
from tests.pull_office import log, office_in
from workbench import audit, desk
from workbench.config import Office
from workbench.errors import ParameterError
from workbench.records import record_type
from workbench.store import Store
from workbench.view import store_of

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
BY = "Liaison officer"
NAME, KEY = "Zuleika Quarnby", "N-777"
SEALED = """
[[source]]
slug = "names"
title = "Names"
record = "interlocutor"
reader = "table"
path = "names.csv"
licence = "None"
attribution = "Invented"
level = "strictly_confidential"
compartments = ["source_identity"]
"""
ENTRY = {
    "occurred_on": "2026-11-21", "organisation": "Police of Órvane", "organisation_kind": "police",
    "officer": BY, "summary": "The post is manned again.", "name_ref": KEY, "district_given": "Órvane",
}  # fmt: skip


LEADERSHIP = """
[[audience]]
slug = "leadership"
name = "Leadership"
level = "strictly_confidential"
compartments = ["source_identity"]
place_precision = "exact"
free_text = "full"
briefings = []
marking = "Closed"
release = "automatic"
"""


@pytest.fixture
def made(tmp_path: Path) -> tuple[Office, Store]:
    """Return an office with registers and one sealed name, and its store."""
    registers = [REGISTER.format(name) for name in ("liaison_entry", "commitment", "alert")]
    office = office_in(tmp_path, log(), *registers, SEALED, LEADERSHIP)
    store = store_of(office)
    put_rows(
        office, "interlocutor",
        {"record_id": KEY, "recorded_on": date(2026, 1, 1), "name": NAME, "organisation": "Police of Órvane",
         "organisation_kind": "police", "role": "Commander", "telephone": "+999 55 01 234",
         "level": "strictly_confidential", "compartments": "source_identity"},
        source="names", at=AT,
    )  # fmt: skip
    return office, store


def test_an_entry_is_a_line_and_a_row(made: tuple[Office, Store]) -> None:
    """What is entered stands in the register and, located, in the store; taken back it is gone from it."""
    office, store = made
    done = desk.log_entry(office, store, "liaison_entry", ENTRY, by=BY, at=AT)
    rows = store.read(record_type("liaison_entry"), as_of=datetime.max.replace(tzinfo=UTC))
    assert rows[["record_id", "name_ref", "district"]].to_numpy().tolist() == [
        [*done.record_ids, KEY, "XA0101"]
    ]
    desk.take_back(office, store, "liaison_entry", done.record_ids[0], by=BY, reason="Twice", at=AT)
    assert store.read(record_type("liaison_entry"), as_of=datetime.max.replace(tzinfo=UTC)).empty


def test_a_change_of_state_is_a_further_line(made: tuple[Office, Store]) -> None:
    """A commitment that was kept has two lines and one row; both days stay known."""
    office, store = made
    row = {"made_on": "2026-11-01", "made_by": "Police", "text": "Man the post.", "state": "open"}
    first = desk.log_entry(office, store, "commitment", row, by=BY, at=AT)
    kept = row | {"state": "kept", "checked_on": "2026-11-21"}
    desk.log_entry(office, store, "commitment", kept, by=BY, at=AT,
                   record_id=first.record_ids[0])  # fmt: skip
    assert desk.lines(office, "commitment")["record_id"].tolist() == [*first.record_ids] * 2
    rows = store.read(record_type("commitment"), as_of=datetime.max.replace(tzinfo=UTC))
    assert rows["state"].tolist() == ["kept"]


def test_what_others_keep_is_not_changed_here(made: tuple[Office, Store]) -> None:
    """A record_id without a line at this desk would make a second record of one: it is refused."""
    office, store = made
    with pytest.raises(ParameterError, match="where it is kept"):
        desk.log_entry(office, store, "commitment", {"state": "kept"}, by=BY, at=AT, record_id="COM-1")


def test_faults_are_told_by_column(made: tuple[Office, Store]) -> None:
    """What is wrong is told while one types, what is missing only when one enters."""
    office, _ = made
    typed = {"occurred_on": "2026-11-31", "info_grade": "Z9"}
    assert set(desk.faults(office, "liaison_entry", typed, at=AT, whole=False)) == set(typed)
    assert {"organisation", "summary"} <= set(desk.faults(office, "liaison_entry", typed, at=AT, whole=True))
    assert desk.faults(office, "liaison_entry", ENTRY, at=AT, whole=True) == {}
    later = ENTRY | {"occurred_on": "2026-12-24"}
    assert set(desk.faults(office, "liaison_entry", later, at=AT, whole=False)) == {"occurred_on"}


def test_who_may_not_know_names_cannot_open_the_sealed_list(made: tuple[Office, Store]) -> None:
    """Readers without its level or its compartment are refused, and nothing is read or written down."""
    office, store = made
    assert (desk.may_open_names(office, "internal"), desk.may_open_names(office, "leadership")) == (
        False,
        True,
    )
    with pytest.raises(ParameterError, match="may not know who is behind"):
        desk.interlocutors(office, store, readers="internal", by=BY, at=AT)
    assert not list(audit.acts(office))


def test_opening_the_sealed_list_is_written_down_first(
    made: tuple[Office, Store], caplog: pytest.LogCaptureFixture
) -> None:
    """Who opened it stands in the audit log; no name stands there, in a log, or in a repr."""
    office, store = made
    with pytest.raises(ParameterError):
        desk.interlocutors(office, store, readers="leadership", by="", at=AT)
    with caplog.at_level(logging.DEBUG):
        found = desk.interlocutors(office, store, readers="leadership", by=BY, at=AT)
    assert [(one.key, one.name) for one in found] == [(KEY, NAME)]
    assert [(one.act, one.by, one.ids) for one in audit.acts(office)] == [
        ("looked_up", BY, {"record": "interlocutor"})
    ]
    said = (
        (office.path(office.private) / "audit.jsonl").read_text(encoding="utf-8") + caplog.text + repr(found)
    )
    assert not any(one in said for one in (NAME, KEY, "Zuleika", "01 234"))


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Zuleika Quarnby says so.", True),
        ("zuleika  QUARNBY says so.", True),
        ("Call +999 55 01 234.", True),
        ("As N-777 says.", True),
        ("The commander says so.", False),
        ("Zuleika says so.", False),
    ],
)
def test_a_sealed_name_is_found_in_what_is_typed(
    made: tuple[Office, Store], text: str, *, held: bool
) -> None:
    """Whole names, telephones and keys, however they are spaced or capitalised; a role is none."""
    assert desk.Names(made[1]).holds(text) is held


def test_what_looks_like_a_name_is_warned_of(made: tuple[Office, Store]) -> None:
    """Part of a sealed name, and two capitals that the summary has too; not the name of a place."""
    names = desk.Names(made[1])
    known = frozenset({"Al Kuro"})
    assert names.warnings("Zuleika says so.", summary="", known=known)
    assert names.warnings("Olan Tedrick says so.", summary="Met Olan Tedrick in Al Kuro.", known=known)
    assert not names.warnings("In Al Kuro all is calm.", summary="Met him in Al Kuro.", known=known)
    assert not names.warnings("", summary="Met Olan Tedrick.", known=known)
    assert not any(one in repr(names) for one in ("zuleika", "Zuleika"))


def test_a_draft_comes_again_and_goes(made: tuple[Office, Store]) -> None:
    """One draft for each form and author, offered to nobody else, gone when it is dropped or empty."""
    office, _ = made
    desk.keep_draft(office, "alert", BY, {"threat": "Ambush", "indicator": ""})
    assert desk.kept_draft(office, "alert", "liaison  OFFICER") == {"threat": "Ambush"}
    assert desk.kept_draft(office, "alert", "Analyst") == {}
    assert desk.kept_draft(office, "commitment", BY) == {}
    desk.keep_draft(office, "alert", BY, {"threat": ""})
    assert desk.kept_draft(office, "alert", BY) == {}
    assert list((office.path(office.private) / "desk" / "drafts").iterdir()) == []


def test_a_broken_draft_is_no_draft(made: tuple[Office, Store]) -> None:
    """A file that a full disk cut off does not keep the form from opening."""
    office, _ = made
    desk.keep_draft(office, "alert", BY, {"threat": "Ambush"})
    (file,) = (office.path(office.private) / "desk" / "drafts").iterdir()
    file.write_text('{"format": 1, "val', encoding="utf-8")
    assert desk.kept_draft(office, "alert", BY) == {}


def test_a_message_repeats_nothing_that_was_typed(made: tuple[Office, Store]) -> None:
    """An entry that cannot be made ends in a column and a reason, whatever stood in it."""
    office, store = made
    typed = ENTRY | {"info_grade": "Zuleika Quarnby"}
    with pytest.raises(ParameterError) as told:
        desk.log_entry(office, store, "liaison_entry", typed, by=BY, at=AT)
    assert str(told.value).startswith("info_grade: ")
    assert typed["info_grade"] not in str(told.value)
    assert not (office.root / "desk" / "liaison_entry.jsonl").exists()


def test_where_a_new_interlocutor_goes_is_told(made: tuple[Office, Store], tmp_path: Path) -> None:
    """Into the table the office keeps; with a register of its own, into that, and nothing is to be told."""
    assert "names.csv" in desk.where_interlocutors_are_kept(made[0])
    other = office_in(tmp_path / "other", log(), REGISTER.format("interlocutor"))
    assert desk.where_interlocutors_are_kept(other) == ""
    assert "no sealed table" in desk.where_interlocutors_are_kept(office_in(tmp_path / "none", log()))
