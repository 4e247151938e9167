"""The assessment's form: what it shows, checks, and writes into the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import copy_of
from workbench.config import Office
from workbench.desk import Choice
from workbench.records import record_type
from workbench.view import present, store_of
from workbench.widgets import _assess
from workbench.widgets._assess._form import AssessmentForm

PART = "judgement"


@pytest.fixture(scope="module")
def made(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return a copy of the sample office."""
    return copy_of(sample_office, tmp_path_factory.mktemp("form") / "office")


@pytest.fixture(scope="module")
def shared(made: Office) -> Iterator[AssessmentForm]:
    """Return the form of the sample's last week."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.root / "notebooks")
        yield _assess.opened(Choice())


@pytest.fixture
def form(shared: AssessmentForm) -> AssessmentForm:
    """Return the form as the file says, on the key judgements."""
    press(shared, "reopen", f"part-{PART}")
    return shared


def press(form: AssessmentForm, *names: str) -> None:
    """Press buttons, as a browser tells of it."""
    for name in names:
        form.sheet.receive({"do": "press", "name": name})


def type_in(form: AssessmentForm, **values: object) -> None:
    """Type into controls, as a browser tells of it."""
    for name, value in values.items():
        form.sheet.receive({"do": "change", "name": name, "value": value})


def lines(form: AssessmentForm, name: str, kind: str = "told") -> list[tuple[str, str]]:
    """Return the tone and text of what stands below a control."""
    return [(one["tone"], one["text"]) for one in form.sheet.shown(name)[kind]]


def told(form: AssessmentForm) -> str:
    """Return what the form answers."""
    return " ".join(text for _, text in lines(form, "told", "lines"))


def test_last_week_stands_beside(form: AssessmentForm) -> None:
    """The list has this week's four judgements, and beside it stand last week's three."""
    assert len(form.sheet.shown("pick")["options"]) == 4
    beside = [one["text"] for number in range(3) for one in form.sheet.shown(f"last-{number}")["lines"]]
    assert any("Halm Bridge is manned again before 12 November" in text for text in beside)
    with pytest.raises(KeyError):
        form.sheet.shown("last-3")


def test_it_is_checked_while_one_types(form: AssessmentForm) -> None:
    """What the pull sets aside is said as that, what is only missing as advice; mended, both go."""
    type_in(form, text="It is fairly likely that raids go on.", confidence="")
    assert ("wrong", True) in [(tone, "fairly likely" in text) for tone, text in lines(form, "text")]
    assert ("advice", True) in [(tone, "no confidence" in text) for tone, text in lines(form, "text")]
    assert form.sheet.shown("pick")["options"][0][0].startswith("✗ 1.")
    assert "✗1" in form.sheet.shown(f"part-{PART}")["label"]
    type_in(form, text="It is likely that raids go on.", confidence="low")
    assert lines(form, "text") == []
    assert form.sheet.shown("pick")["options"][0][0].startswith("✓ 1.")


def test_the_bottom_line_is_counted(form: AssessmentForm) -> None:
    """Words are counted against sixty as one types."""
    press(form, "part-bottom_line")
    type_in(form, text=" ".join(["word"] * 61))
    assert form.sheet.shown("text")["hint"] == "61 of 60 words"
    assert any("more than 60 words" in text for _, text in lines(form, "text"))


def test_a_basis_is_searched_and_ticked(form: AssessmentForm) -> None:
    """The search offers the week's records; what is ticked stands in the statement by its id."""
    type_in(form, search="minibus sorrel")
    offered = [value for _, value in form.sheet.shown("basis")["options"]]
    assert "MIM-2611-034" in offered
    type_in(form, basis=["MIM-2611-034"])
    assert form.statements[form.current or 0].values["basis"] == "MIM-2611-034"
    type_in(form, basis=[])
    assert any(tone == "wrong" for tone, _ in lines(form, "basis"))


def test_readers_of_codes_store_the_true_id(made: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the desk's readers have codes for records, a code is picked and the record_id is stored."""
    monkeypatch.chdir(made.root / "notebooks")
    narrow = _assess.opened(Choice(audience="internal"))
    press(narrow, f"part-{PART}")
    type_in(narrow, search="minibus sorrel")
    taken = narrow.sheet.shown("basis")["value"]
    code = next(value for _, value in narrow.sheet.shown("basis")["options"] if value not in taken)
    type_in(narrow, basis=[code])
    stored = narrow.statements[narrow.current or 0].values["basis"]
    assert code != stored
    assert stored in set(store_of(made).read(record_type("incident"), as_of=made.now())["record_id"])


def test_statements_are_added_moved_and_taken_out(form: AssessmentForm) -> None:
    """The list follows, and nothing of it is in the file until it is saved."""
    before = form.opened.path.read_bytes()
    press(form, "add")
    type_in(form, text="It is unlikely that it rains.", likelihood="unlikely")
    press(form, "up")
    assert [one[0][2:4] for one in form.sheet.shown("pick")["options"]] == ["1.", "2.", "3.", "4.", "5."]
    assert "rains" in form.sheet.shown("pick")["options"][0][0]
    press(form, "remove")
    assert len(form.sheet.shown("pick")["options"]) == 4
    assert form.opened.path.read_bytes() == before


def test_indicators_are_taken_over(form: AssessmentForm) -> None:
    """Those of last week that are not here yet come with their state; those that are, do not come twice."""
    press(form, "part-indicator")
    here = len(form.sheet.shown("pick")["options"])
    press(form, "take-all")
    once = [one for one, _ in form.sheet.shown("pick")["options"]]
    press(form, "take-all")
    assert [one for one, _ in form.sheet.shown("pick")["options"]] == once
    assert len(once) > here


def test_saved_and_pulled_the_store_has_it(form: AssessmentForm, made: Office) -> None:
    """Save and pull writes the file, and the briefings know of the judgement."""
    type_in(form, text="It is likely that the raids go on until the bridge is manned.")
    press(form, "save-pull")
    assert "Pulled" in told(form)
    assert "until the bridge is manned" in form.opened.path.read_text(encoding="utf-8")
    store = store_of(made)
    rows = store.read(record_type("assessment"), as_of=present(made, store))
    assert rows["text"].str.contains("until the bridge is manned").sum() == 1


def test_a_colleague_is_not_overwritten(form: AssessmentForm) -> None:
    """Both texts are shown, the file stays, and what is chosen is written."""
    path, mine = form.opened.path, "It is likely that raids spread to Lumeth."
    theirs = path.read_text(encoding="utf-8").replace("It is likely that", "Surely it is likely that", 1)
    type_in(form, text=mine)
    path.write_text(theirs, encoding="utf-8", newline="")
    press(form, "save")
    shown = " ".join(text for _, text in lines(form, "clash-0", "lines"))
    assert mine in shown
    assert "Surely" in shown
    assert path.read_text(encoding="utf-8") == theirs
    press(form, "clash-theirs")
    assert "Surely" in form.statements[form.current or 0].text
    assert path.read_text(encoding="utf-8") == theirs


def test_what_is_typed_outlives_the_page(made: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed and not saved, it stands in the form when that is opened anew, and is gone once it is saved."""
    monkeypatch.chdir(made.root / "notebooks")
    first = _assess.opened(Choice(week="2026-W45"))
    before, typed = first.opened.path.read_text(encoding="utf-8"), "It is likely that the road stays closed."
    press(first, f"part-{PART}")
    type_in(first, text=typed, confidence="low")
    again = _assess.opened(Choice(week="2026-W45"))
    assert "typed and not saved" in told(again)
    assert "not all saved" in lines(again, "file", "lines")[0][1]
    press(again, f"part-{PART}")
    assert again.sheet.shown("text")["value"] == typed
    assert again.opened.path.read_text(encoding="utf-8") == before
    press(again, "save")
    assert typed in again.opened.path.read_text(encoding="utf-8")
    assert told(_assess.opened(Choice(week="2026-W45"))) == ""


def test_what_was_typed_is_merged_with_what_a_colleague_saved_since(
    made: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held over the file as it was: a change of the same statement is asked about, none is lost."""
    monkeypatch.chdir(made.root / "notebooks")
    first = _assess.opened(Choice(week="2026-W45"))
    press(first, f"part-{PART}")
    was = first.statements[first.current or 0].text
    type_in(first, text="It is unlikely that this lasts.")
    theirs = first.opened.path.read_text(encoding="utf-8").replace(was, "It is likely that theirs stands.")
    first.opened.path.write_text(theirs, encoding="utf-8", newline="")
    again = _assess.opened(Choice(week="2026-W45"))
    press(again, "save")
    assert "changed by somebody else" in told(again)
    assert again.opened.path.read_text(encoding="utf-8") == theirs
    press(again, "reopen")
    assert told(_assess.opened(Choice(week="2026-W45"))) == ""


@pytest.mark.parametrize("kept", ["", "{", '{"format": 1, "values": {"base": "no assessment"}}', "[]"])
def test_a_damaged_draft_is_none(made: Office, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft that cannot be read does not keep the form from opening with what the file says."""
    monkeypatch.chdir(made.root / "notebooks")
    first = _assess.opened(Choice(week="2026-W45"))
    type_in(first, text="Typed.")
    for file in (made.path(made.private) / "desk" / "drafts").glob("assessment-*"):
        file.write_text(kept, encoding="utf-8")
    again = _assess.opened(Choice(week="2026-W45"))
    assert again.statements[0].text == again.opened.document.statements[0].text


def test_a_new_week_is_begun(made: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The week after has last week's shape, says that it is not saved, and offers every district."""
    monkeypatch.chdir(made.root / "notebooks")
    new = _assess.opened(Choice(week="2026-W47"))
    assert "not saved yet" in lines(new, "file", "lines")[0][1]
    press(new, "part-situation")
    assert len(new.sheet.shown("pick")["options"]) == 8
    assert not new.opened.path.exists()


def test_nothing_that_is_shown_is_state_of_a_widget(form: AssessmentForm) -> None:
    """What JupyterLab can save of the form, its repr and its state, holds no word of the assessment."""
    saved = json.dumps([one.get_state() for one in form.box.children], default=str) + repr(form.box)
    assert form.statements[0].text
    assert "Kuro" not in saved
    assert form.opened.path.name not in saved


def test_a_fault_of_ours_quotes_nothing(form: AssessmentForm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form ends in no traceback: the class of the fault is told, and not its text."""
    monkeypatch.setattr(form, "_review", lambda: 1 // 0)
    type_in(form, text="Secret of Sorrel Ridge")
    assert "ZeroDivisionError" in told(form)
    assert "Sorrel" not in told(form)


def test_an_office_without_assessments_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebook shows a message with what to paste, and no traceback."""
    from tests.pull_office import office_in

    monkeypatch.chdir(office_in(tmp_path).root)
    box = _assess._box(Choice(area="north", week="2026-W11"))
    assert repr(box) == "<assessment>"
    assert "[[source]]" in box.children[-1].value  # type: ignore[attr-defined]  # a box of ipywidgets
