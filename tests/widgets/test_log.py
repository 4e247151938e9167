"""The log's forms: what is asked, kept, entered and taken back; and names that stay in the running form."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from tests.conftest import copy_of
from workbench import audit, desk
from workbench.config import Office
from workbench.desk import Choice
from workbench.records import record_type
from workbench.view import present, store_of
from workbench.widgets import _log
from workbench.widgets._log._form import LogForm

BY = "Liaison officer"
KEY, NAME = "N-003", "Corvan Aldrun"
SAID = {"channel": "phone", "topics": "road;escort", "summary": "The post is manned again.",
        "releasable_text": "The administration says that the post is manned.", "info_grade": "B2",
        "follow_up_due": "2026-11-20", "district_given": "Lumeth"}  # fmt: skip


@pytest.fixture(scope="module")
def made(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Return a copy of the sample office, which a notebook runs in."""
    office = copy_of(sample_office, tmp_path_factory.mktemp("log") / "office")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(office.root / "notebooks")
        yield office


@pytest.fixture(scope="module")
def shared(made: Office) -> LogForm:
    """Return the form of contacts."""
    assert made.root.is_dir()
    return _log.opened("liaison_entry", Choice())


@pytest.fixture
def form(shared: LogForm) -> LogForm:
    """Return the form of contacts, empty, and signed."""
    press(shared, "clear")
    type_in(shared, by=BY)
    return shared


def press(form: LogForm, *names: str) -> None:
    """Press buttons, as a browser tells of it."""
    for name in names:
        form.sheet.receive({"do": "press", "name": name})


def type_in(form: LogForm, **values: object) -> None:
    """Type into controls, as a browser tells of it."""
    for name, value in values.items():
        form.sheet.receive({"do": "change", "name": name, "value": value})


def told(form: LogForm, name: str = "told") -> str:
    """Return what the form answers, or what stands below a control."""
    field = form.sheet.shown(name)
    return " ".join(one["text"] for one in field["lines" if field["kind"] == "note" else "told"])


def entered(made: Office, record: str = "liaison_entry") -> list[str]:
    """Return the ids of the register that stand."""
    found = desk.lines(made, record)
    return found.loc[found["standing"] & found["row"].notna(), "record_id"].tolist()


def test_names_are_shown_only_when_asked_for(made: Office, form: LogForm) -> None:
    """Before the sealed list is opened no name is in the form; opening it is in the audit log."""
    shown = json.dumps(form.sheet._fields)
    assert NAME not in shown
    press(form, "open-names")
    shown = json.dumps(form.sheet._fields)
    assert NAME in shown
    last = audit.acts(made)[-1]
    assert (last.act, last.by, last.ids) == ("looked_up", BY, {"record": "interlocutor"})


def test_an_interlocutor_fills_in_the_rest(form: LogForm) -> None:
    """Role and organisation come from the sealed table, the name does not; the last entries stand beside."""
    press(form, "open-names")
    type_in(form, name_ref=KEY)
    assert form.values["organisation"] == "District administration of Lumeth"
    assert form.values["interlocutor_role"] == "Administrator"
    assert NAME not in json.dumps(form.values)
    assert form.sheet.shown("beside")["title"] == "Last entries with this interlocutor"
    assert told(form, "beside")


def test_a_new_interlocutor_is_sealed_at_once(made: Office, form: LogForm) -> None:
    """The name goes into the sealed register alone, is chosen by its key, and from then refused in texts."""
    press(form, "open-names", "new-person")
    type_in(form, **{"person-name": "Ilvan Marsk", "person-role": "Ferry master",
                     "person-organisation": "Ferry cooperative of Lumeth",
                     "person-organisation_kind": "community_structure",
                     "person-telephone": "555 0147"})  # fmt: skip
    press(form, "add-person")
    assert "in the sealed table" in told(form)
    key = form.values["name_ref"]
    assert (form.values["organisation"], form.values["interlocutor_role"]) == (
        "Ferry cooperative of Lumeth", "Ferry master"
    )  # fmt: skip
    type_in(form, **SAID)
    type_in(form, releasable_text="Ilvan Marsk says that the ferry runs.")
    press(form, "enter", "enter")
    assert "sealed table" in told(form, "releasable_text")
    type_in(form, releasable_text=SAID["releasable_text"])
    press(form, "enter")
    (name,) = entered(made)
    store = store_of(made)
    rows = store.read(record_type("liaison_entry"), as_of=present(made, store), sources=["desk_contacts"])
    assert rows["name_ref"].tolist() == [key]
    files = [one for folder in ("desk", "private", "notebooks", "outputs")
             for one in (made.root / folder).rglob("*") if one.is_file()]  # fmt: skip
    holding = [one.relative_to(made.root).as_posix() for one in files if b"Marsk" in one.read_bytes()]
    assert [one for one in holding if not one.startswith("private/store/interlocutor/")] == [
        "desk/sealed/interlocutor.jsonl"
    ]
    press(form, f"back-{name}")


def test_a_person_without_a_name_is_refused(form: LogForm) -> None:
    """The form says which column is missing, and nobody is chosen."""
    press(form, "open-names", "new-person")
    type_in(form, **{"person-role": "Ferry master"})
    press(form, "add-person")
    assert "name" in told(form)
    assert "name_ref" not in form.values


def test_a_contact_is_entered_and_taken_back(made: Office, form: LogForm) -> None:
    """It stands in register and store under its key; the draft is gone; taken back, it is gone too."""
    press(form, "open-names")
    type_in(form, name_ref=KEY, **SAID)
    assert desk.kept_draft(made, "liaison_entry", BY)["summary"] == SAID["summary"]
    press(form, "enter")
    assert "entered" in told(form)
    assert desk.kept_draft(made, "liaison_entry", BY) == {}
    store = store_of(made)
    rows = store.read(record_type("liaison_entry"), as_of=present(made, store), sources=["desk_contacts"])
    assert rows[["name_ref", "district_name", "topics"]].to_numpy().tolist() == [
        [KEY, "Lumeth", "road;escort"]
    ]
    press(form, f"back-{entered(made)[0]}")
    assert entered(made) == []


def test_what_is_wrong_stands_at_its_field(made: Office, form: LogForm) -> None:
    """Nothing is entered; what is missing and what is wrong is told below each field."""
    type_in(form, follow_up_due="20 November")
    assert told(form, "follow_up_due")
    assert not told(form, "summary")
    press(form, "enter")
    assert told(form, "summary")
    assert told(form, "organisation")
    assert "Nothing was entered" in told(form)
    assert entered(made) == []


def test_a_sealed_name_is_not_released(made: Office, form: LogForm) -> None:
    """A text for release with a name of the sealed table is refused, and the message does not repeat it."""
    type_in(form, organisation="Administration", organisation_kind="district_administration", **SAID)
    type_in(form, releasable_text=f"{NAME} says that the post is manned.")
    press(form, "enter", "enter")
    assert "sealed table" in told(form, "releasable_text")
    assert NAME not in told(form, "releasable_text") + told(form)
    assert entered(made) == []


def test_a_draft_is_offered_again(form: LogForm) -> None:
    """A form opened anew by the same author holds what was typed; the one who enters it lets it go."""
    press(form, "open-names")  # remembers who signs
    type_in(form, summary="Half a sentence")
    again = _log.opened("liaison_entry", Choice())
    assert again.values["summary"] == "Half a sentence"
    assert "draft" in told(again)
    press(again, "clear")
    assert "summary" not in _log.opened("liaison_entry", Choice()).values


def test_a_commitment_is_kept_by_a_further_line(made: Office) -> None:
    """Chosen in the list it comes back into the form; entered anew it is one row with two lines."""
    form = _log.opened("commitment", Choice())
    type_in(form, by=BY, made_by="Police", text="Man the post", due_on="2026-11-20")
    press(form, "enter")
    (name,) = entered(made, "commitment")
    press(form, f"change-{name}")
    type_in(form, state="kept", checked_on="2026-11-15")
    press(form, "enter")
    assert len(desk.lines(made, "commitment")) == 2
    store = store_of(made)
    rows = store.read(record_type("commitment"), as_of=present(made, store), sources=["desk_commitments"])
    assert rows["state"].tolist() == ["kept"]


def test_nobody_else_gets_a_name(made: Office, form: LogForm, caplog: pytest.LogCaptureFixture) -> None:
    """
    With the list open and one entered: no name in widget state, repr, log, draft, register or audit log.

    What merely looks like a name is warned of first, and entered by a second press.
    """
    with caplog.at_level(logging.DEBUG):
        press(form, "open-names")
        type_in(form, name_ref=KEY, **SAID)
        type_in(form, summary="He met Olan Tedrick.", releasable_text="Olan Tedrick was met.")
        press(form, "enter")
        assert "press once more" in told(form)
        assert entered(made) == []
        press(form, "enter")
    assert len(entered(made)) == 1
    state = [one.get_state() for one in form.box.children]
    said = json.dumps(state, default=str) + repr(form.box) + repr(form) + caplog.text
    files = [path for folder in ("desk", "private", "notebooks") for path in (made.root / folder).rglob("*")]
    said += " ".join(path.read_text(encoding="utf-8", errors="replace") for path in files if path.is_file())
    assert NAME not in said
    assert "Aldrun" not in said
