"""The forms of triage, driven as an analyst does: what is clicked is stored, told, shown anew and undone."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desk.triage_office import BY, CANARY, HOSTILE, WHY, seat, triage_office
from workbench import desk
from workbench.widgets import triage

FORMS = ("duplicates", "places", "rejected", "gradings", "labels", "decisions")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the office once for all tests of the module."""
    return triage_office(tmp_path_factory.mktemp("made") / "office").root


@pytest.fixture(scope="module")
def looking(made: Path) -> Iterator[desk.Seat]:
    """Return the seat of who reads everything in that office, for tests that store nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        yield seat()


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> desk.Seat:
    """Return the seat of who reads everything, in a copy of the office that the test may change."""
    shutil.copytree(made, tmp_path / "office")
    monkeypatch.chdir(tmp_path / "office")
    return seat()


def parts(box: Any) -> Iterator[Any]:
    """Yield a widget and all in it."""
    yield box
    for child in getattr(box, "children", ()):
        yield from parts(child)


def named(box: Any, label: str) -> Any:
    """Return the field or button of a form by its label."""
    found = [one for one in parts(box) if getattr(one, "description", None) == label]
    assert len(found) == 1, (label, len(found))
    return found[0]


def shown(box: Any) -> str:
    """Return all that the HTML of a form says."""
    return "\n".join(one.value for one in parts(box) if type(one).__name__ == "HTML")


def sign(box: Any, *, by: str = BY, reason: str = WHY) -> None:
    """Say who decides and why."""
    named(box, "By, your function").value = by
    named(box, "Reason").value = reason


def register(at: desk.Seat, record: str) -> list[dict[str, Any]]:
    """Return the lines of a register, oldest first."""
    file = at.office.root / "desk" / f"{record}.jsonl"
    written = file.read_text(encoding="utf-8") if file.exists() else ""
    return [json.loads(line) for line in written.splitlines()]


def test_a_pair_is_decided_signed_told_and_undone(here: desk.Seat) -> None:
    """Unsigned or unexplained nothing is stored; then it is, the pair is gone, and undo brings it again."""
    box = triage.duplicates(here, pause=0)
    assert "Pair 1 of 1" in shown(box)
    assert "≠ differs" in shown(box)
    named(box, "Same incident").click()
    assert 'role="alert"' in shown(box)
    sign(box, reason=" ")
    named(box, "Same incident").click()
    assert register(here, "duplicate_decision") == []
    sign(box)
    assert named(box, "Undo the last decision").disabled
    named(box, "Same incident").click()
    assert [one["row"]["verdict"] for one in register(here, "duplicate_decision")] == ["same"]
    assert "No pair waits for a decision." in shown(box)
    assert "Stored. Duplicate decision D-2026-11-22-001 is entered" in shown(box)
    assert named(box, "Same incident").disabled
    assert desk.author(here.office) == BY
    assert named(box, "Reason").value == ""
    named(box, "Undo the last decision").click()
    assert [one["row"] is None for one in register(here, "duplicate_decision")] == [False, True]
    assert "Pair 1 of 1" in shown(box)
    assert named(box, "Undo the last decision").disabled


def test_the_second_half_of_a_double_click_decides_nothing(here: desk.Seat) -> None:
    """A click right after a decision, when another pair is shown already, is not taken."""
    box = triage.duplicates(here)
    sign(box)
    named(box, "Unsure").click()
    named(box, "By, your function").value = BY
    named(box, "Reason").value = WHY
    named(box, "Different").click()
    assert [one["row"]["verdict"] for one in register(here, "duplicate_decision")] == ["unsure"]
    assert "left unsure" in shown(box)


def test_places_rejected_rows_and_grades_are_stored_from_their_forms(here: desk.Seat) -> None:
    """Each form asks for what it needs, stores corrections, and shows what is so then; all are listed."""
    box = triage.places(here, pause=0)
    sign(box)
    named(box, "Store this district").click()
    assert "Choose the district" in shown(box)
    named(box, "Lies in").value = "XA0103"
    named(box, "Store this district").click()
    assert "2 rows now lie in Nareth (Kestara)" in shown(box)
    assert "lies in a known district" in shown(box)

    box = triage.rejected(here, pause=0)
    named(box, "Only with").value = "killed_best row 4"
    sign(box)
    named(box, "Store the correction").click()
    assert "tick" in shown(box)
    named(box, "Should be").value = "2"
    named(box, "Store the correction").click()
    assert "Stored. Correction" in shown(box)
    assert "None fits." in shown(box)

    box = triage.gradings(here, pause=0)
    assert named(box, "Verification").value == "reported"
    named(box, "Verification").value = "confirmed"
    named(box, "Grade of it").value = "A1"
    sign(box)
    named(box, "Store").click()
    assert "Grade:</span> <bdi>A1" in shown(box)
    told = [f"{one['row']['corrected_id']} {one['row']['column']}" for one in register(here, "correction")]
    assert told == ["4 district", "5 district", "3 killed_best", "1 verification", "1 source_grade"]

    box = triage.decisions(here, pause=0)
    assert len(named(box, "Decision").options) == 5
    named(box, "Only with").value = "killed_best"
    sign(box)
    named(box, "Undo this decision").click()
    assert register(here, "correction")[-1]["row"] is None
    assert "Stored. Correction" in shown(box)


def test_a_label_is_lowered_in_two_steps(here: desk.Seat) -> None:
    """Not before it was said who will read the row and that was agreed to; another choice asks anew."""
    box = triage.labels(here, pause=0)
    named(box, "Only with").value = "closely"
    sign(box)
    lower, sure = named(box, "Lower the label"), named(box, "I have read who will be able to read it")
    assert lower.disabled
    named(box, "protection").value = False
    named(box, "Who would read it?").click()
    assert "cannot now: Staff." in shown(box)
    assert lower.disabled
    lower.click()  # a disabled button answers to no mouse, yet a click that was on its way comes
    assert register(here, "label_change") == []
    sure.value = True
    named(box, "Level").value = "internal"
    assert lower.disabled
    named(box, "Who would read it?").click()
    assert "cannot now: Internal, Staff." in shown(box)
    sure.value = True
    lower.click()
    [act] = register(here, "label_change")
    assert (act["row"]["changed_id"], act["row"]["to_level"], act["by"]) == ("7", "internal", BY)
    assert "Level:</span> <bdi>internal" in shown(box)


@pytest.mark.usefixtures("looking")
@pytest.mark.parametrize("audience", ["staff", "open", "internal"])
def test_whoever_may_not_decide_is_told_and_shown_nothing_closed(audience: str) -> None:
    """Every form opens for every reader; those without ids decide nothing, and nobody gets a closed row."""
    at = seat(audience)
    for name in FORMS:
        box = getattr(triage, name)(at, pause=0)
        text = shown(box) + str([getattr(one, "options", "") for one in parts(box)])
        assert "Held closely" not in text
        assert "Narreth" not in text
        if audience == "open":
            assert "[desk] audience" in text


def test_text_of_records_is_shown_as_text_and_not_kept_in_the_notebook(looking: desk.Seat) -> None:
    """Markup in a row reaches no page as markup, and what a notebook saves of a form is its name alone."""
    for name in FORMS:
        box = getattr(triage, name)(looking, pause=0)
        assert HOSTILE not in shown(box)
        assert repr(box) == f"<{name}>"
        assert CANARY not in str(box._repr_mimebundle_())
    assert "&lt;img src=x" in shown(triage.duplicates(looking, pause=0))
