"""What is decided at the desk: stored as lines of registers and revisions, counted, told and undone."""

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from tests.desk.triage_office import BY, CANARY, HOSTILE, WHY, seat, triage_office
from workbench import analysis, desk
from workbench.desk import Label, Seat
from workbench.errors import ConfigurationError, ParameterError
from workbench.records import record_type
from workbench.sources.places import Gazetteer
from workbench.view import VARIABLE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the office once for all tests of the module."""
    return triage_office(tmp_path_factory.mktemp("made") / "office").root


@pytest.fixture(scope="module")
def copy(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the office for the tests that store something; each leaves to the next what it found."""
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("copy") / "office"))


@pytest.fixture(scope="module")
def seated(made: Path) -> Seat:
    """Return the seat of who reads everything in the office as it was made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        return seat()


@pytest.fixture
def looking(seated: Seat, monkeypatch: pytest.MonkeyPatch) -> Seat:
    """Return that seat for a test that stores nothing."""
    monkeypatch.chdir(seated.office.root)
    return seated


@pytest.fixture
def here(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Seat:
    """Return the seat of who reads everything, in an office that the test may write into."""
    monkeypatch.chdir(copy)
    return seat()


def held(at: Seat) -> list[desk.Held]:
    """Return what the sources hold now."""
    found, failures = desk.held_now(at, at=at.office.now())
    assert not failures
    return found


def lost(at: Seat) -> desk.LostPlaces:
    """Return the places that wait."""
    return desk.lost_places(at, held(at), gazetteer=Gazetteer.load(at.office))


def merged(at: Seat) -> int:
    """Return how many rows of the view are counted with another."""
    return analysis.merge_counts(analysis.merged(at.view.counted, order=at.view.area.counts_from)).folded


def signed(at: Seat) -> dict:
    """Return who decides, why and when."""
    return {"by": BY, "reason": WHY, "at": at.office.now()}


def row(at: Seat, record_id: str) -> pd.Series:
    """Return a row of the view by its stored id."""
    rows = at.view.table("incident")
    return rows[rows["record_id"] == record_id].iloc[0]


def stored(at: Seat, record_id: str) -> pd.Series:
    """Return the last revision of a row in the store."""
    return at.store.history(record_type("incident"), source="log", record_id=record_id).iloc[-1]


# --- Duplicates -----------------------------------------------------------------------------------------


def test_a_pair_is_shown_with_what_differs_and_why(looking: Seat) -> None:
    """The two rows of one day and place are a pair; their dead differ, their texts are not compared."""
    [pair] = desk.pairs(looking)
    assert {pair.left, pair.right} == {("log", "1"), ("log", "2")}
    rows = desk.side_by_side(looking, pair).set_index("what")
    assert rows.loc["Killed", ["left", "right", "mark"]].tolist() == ["3", "4", "differs"]
    assert rows.loc["Grade", "mark"] == rows.loc["Headline", "mark"] == rows.loc["Day", "mark"] == ""
    assert HOSTILE in rows.loc["Headline", ["left", "right"]].tolist()
    assert "same day" in desk.reasons_in_words(looking, pair)
    assert desk.pairs(seat(week="2026-W47"), weeks=1) == []
    assert len(desk.pairs(seat(week="2026-W47"), weeks=2)) == 1


def test_a_decision_counts_in_the_next_issue_and_not_in_the_past(here: Seat) -> None:
    """Same: the rows count once from now on; as of before it, and when it is undone, they count twice."""
    before = here.view.as_of
    [pair] = desk.pairs(here)
    later = signed(here) | {"at": here.office.now() + timedelta(hours=1)}
    entered = desk.decide_pair(here, pair, "same", **later)
    now = here.renewed()
    assert (merged(here), merged(now), desk.pairs(now)) == (0, 1, [])
    line = desk.lines(here.office, "duplicate_decision").to_dict("records")[0]
    assert line["record_id"] == entered.record_ids[0] == "D-2026-11-22-001"
    assert (line["row"]["left_id"], line["row"]["right_id"], line["row"]["verdict"]) == ("1", "2", "same")
    assert (line["row"]["decided_by"], line["row"]["reason"], line["row"]["level"]) == (BY, WHY, "internal")
    past = seat(as_of=before.isoformat())
    assert (past.past, merged(past)) == (True, 0)
    desk.undo(now, "duplicate_decision", entered.record_ids, **later)
    assert merged(now.renewed()) == 0


def test_unsure_waits_on_and_a_second_verdict_takes_the_place_of_the_first(here: Seat) -> None:
    """A pair left unsure is asked again, decided under its own number, and undone to what stood before."""
    [pair] = desk.pairs(here)
    first = desk.decide_pair(here, pair, "unsure", **signed(here))
    [again] = desk.pairs(here.renewed())
    assert again.unsure
    second = desk.decide_pair(here, again, "different", **signed(here))
    assert second.record_ids == first.record_ids
    assert desk.pairs(here.renewed()) == []
    desk.undo(here, "duplicate_decision", second.record_ids, **signed(here))
    assert [one.unsure for one in desk.pairs(here.renewed())] == [True]


def test_nothing_is_decided_without_a_name_and_a_reason(looking: Seat) -> None:
    """Neither verdict, district, value, grade, label nor undo is stored unsigned or unexplained."""
    [pair], now = desk.pairs(looking), held(looking)
    fault = next(one for one in desk.rejected_now(looking, now).faults if one.record_id == "3")
    place = desk.lost_places(looking, now, gazetteer=Gazetteer.load(looking.office)).places[0]
    one, seven = row(looking, "1"), row(looking, "7")
    seen = desk.reach(looking, "incident", seven, Label("internal"))
    for said in ({"by": ""}, {"reason": " \n"}, {"by": "A\nB\x00"}):
        given = signed(looking) | said
        for decide in (
            partial(desk.decide_pair, looking, pair, "same"),
            partial(desk.place_in, looking, place, "XA0103"),
            partial(desk.mend, looking, fault, {"killed_best": "2"}),
            partial(desk.grade, looking, "incident", one, {"verification": "confirmed"}),
            partial(desk.relabel, looking, "incident", seven, seen),
            partial(desk.undo, looking, "correction", ["C-1"]),
        ):
            with pytest.raises(ParameterError, match=r"by: say who|Say why"):
                decide(**given)
    assert not (looking.office.root / "desk").exists()


def test_readers_of_codes_decide_about_the_rows_that_are_stored(here: Seat) -> None:
    """Who reads pseudonyms stores true ids; a code of a row that their page lacks is refused."""
    staff = seat("staff")
    [pair] = desk.pairs(staff)
    assert not {pair.left[1], pair.right[1]} & {"1", "2"}
    entered = desk.decide_pair(staff, pair, "same", **signed(staff))
    line = desk.lines(here.office, "duplicate_decision").to_dict("records")[0]
    assert {line["row"]["left_id"], line["row"]["right_id"]} == {"1", "2"}
    with pytest.raises(ParameterError, match="stands for no rows"):
        staff.stored("incident", "log", "ZZZZZZ")
    with pytest.raises(ParameterError, match="stands for no rows"):
        staff.stored("incident", "other", pair.left[1])
    desk.undo(here, "duplicate_decision", entered.record_ids, **signed(here))


def test_readers_without_ids_and_pages_of_the_past_decide_nothing(looking: Seat) -> None:
    """Whoever reads no ids sees no pair, and is told what to do; so is who looks at an earlier day."""
    assert desk.pairs(seat("open")) == []
    with pytest.raises(ParameterError, match=r"\[desk\] audience"):
        seat("open").require_deciding()
    [pair] = desk.pairs(looking)
    with pytest.raises(ParameterError, match="as known now"):
        desk.decide_pair(seat(as_of=looking.view.as_of.isoformat()), pair, "same", **signed(looking))


def test_an_office_without_the_register_is_told_what_to_write(looking: Seat) -> None:
    """Without its [[source]] nothing is stored, and the message has the block to paste."""
    left = tuple(one for one in looking.office.source if one.record != "duplicate_decision")
    bare = replace(looking, office=looking.office.model_copy(update={"source": left}))
    with pytest.raises(ConfigurationError, match=r"\[\[source\]\]"):
        desk.decide_pair(bare, desk.pairs(bare)[0], "same", **signed(bare))


@pytest.mark.usefixtures("looking")
def test_a_run_of_a_briefing_has_no_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that was given a saved view does not get the store through the desk."""
    monkeypatch.setitem(os.environ, VARIABLE, "view")
    with pytest.raises(ParameterError, match="no briefing"):
        seat()


# --- Places and rejected rows ----------------------------------------------------------------------------


def test_one_choice_places_all_rows_of_a_name_and_is_undone(here: Seat) -> None:
    """Both rows of the misspelt name are one place, with the true name suggested, and get its district."""
    [place] = lost(here).places
    assert (place.name, place.rows, place.sources) == ("Narreth", (("log", "4"), ("log", "5")), ("log",))
    assert set(place.suggestions) == {"XA0103", "XB0201"}
    with pytest.raises(ParameterError, match="Choose the district"):
        desk.place_in(here, place, "", **signed(here))
    entered = desk.place_in(here, place, "XA0103", **signed(here))
    assert {stored(here, name)["district"] for name in "45"} == {"XA0103"}
    assert stored(here, "4")["matched_by"] == "desk"
    assert lost(here).places == ()
    assert {"4", "5"} <= set(here.renewed().view.table("incident")["record_id"])
    desk.undo(here, "correction", entered.record_ids, **signed(here))
    assert stored(here, "4")["district"] is None or pd.isna(stored(here, "4")["district"])
    assert len(lost(here).places[0].rows) == 2


def test_one_name_in_two_provinces_is_two_places(looking: Seat) -> None:
    """Rows that give a province are not placed with those that give another."""
    [log] = held(looking)
    given = log.rows["record_id"].map({"4": "Kestara", "5": "Velda"}).astype("str")
    parted = replace(log, rows=log.rows.assign(admin1_given=given))
    found = desk.lost_places(looking, [parted], gazetteer=Gazetteer.load(looking.office))
    assert [(one.province, len(one.rows), one.suggestions) for one in found.places] == [
        ("Kestara", 1, ("XA0103",)),
        ("Velda", 1, ("XB0201",)),
    ]


def test_a_rejected_row_is_mended_and_counts(here: Seat) -> None:
    """The right value makes the row a record; a wrong one is refused with its reason; undo takes it back."""
    faults = {one.record_id: one for one in desk.rejected_now(here, held(here)).faults}
    fault = faults["3"]
    told = (fault.file, fault.row, fault.column, fault.value, fault.reason, fault.cannot)
    assert told == ("log.csv", 4, "killed_best", "many", "is not a whole number", "")
    with pytest.raises(ParameterError, match="killed_best: is not a whole number"):
        desk.mend(here, fault, {"killed_best": "few"}, **signed(here))
    with pytest.raises(ParameterError, match="what it was"):
        desk.mend(here, fault, {"killed_best": " many "}, **signed(here))
    entered = desk.mend(here, fault, {"killed_best": "2"}, **signed(here))
    assert stored(here, "3")["killed_best"] == 2
    assert "3" not in {one.record_id for one in desk.rejected_now(here, held(here)).faults}
    assert "3" in set(here.renewed().view.counted["record_id"])
    desk.undo(here, "correction", entered.record_ids, **signed(here))
    assert "3" in {one.record_id for one in desk.rejected_now(here, held(here)).faults}


def test_rows_that_cannot_be_mended_here_say_where(looking: Seat) -> None:
    """A row without a number is named with its file and row, and no correction is taken of it."""
    fault = next(one for one in desk.rejected_now(looking, held(looking)).faults if not one.record_id)
    assert "log.csv, row 7" in fault.cannot
    with pytest.raises(ParameterError, match=r"log\.csv, row 7"):
        desk.mend(looking, fault, {"record_id": "9"}, **signed(looking))


@pytest.mark.usefixtures("looking")
def test_who_may_not_read_a_row_hears_only_that_there_is_one() -> None:
    """Staff get neither place names, values nor files; a row of the highest label is a number to them."""
    staff = seat("staff")
    found = desk.rejected_now(staff, held(staff))
    assert "8" not in {one.record_id for one in found.faults}
    assert found.closed == 1
    assert {(one.value, one.file, one.row) for one in found.faults} == {(None, "", 0)}
    assert all(one.cannot for one in found.faults)
    assert (lost(staff).places, lost(staff).closed) == ((), 2)


# --- Grades and labels -------------------------------------------------------------------------------------


def test_a_grade_is_a_correction_and_discarded_rows_are_not_counted(here: Seat) -> None:
    """The words of a row are set at once, and gone when undone; only known ones are taken."""
    one = row(here, "1")
    given = signed(here)
    with pytest.raises(ParameterError, match="says already"):
        desk.grade(here, "incident", one, {"verification": "reported", "source_grade": "B2"}, **given)
    with pytest.raises(ParameterError, match="one of its words"):
        desk.grade(here, "incident", one, {"verification": "true"}, **given)
    with pytest.raises(ParameterError, match="one of its words"):
        desk.grade(here, "incident", one, {"headline": "x"}, **given)
    words = {"verification": "discarded", "source_grade": "A1"}
    entered = desk.grade(here, "incident", one, words, **given)
    now = stored(here, "1")
    assert (now["verification"], now["source_grade"], now["flags"]) == ("discarded", "A1", "corrected")
    assert len(entered.record_ids) == 2
    desk.undo(here, "correction", entered.record_ids, **given)
    now = stored(here, "1")
    assert (now["verification"], now["source_grade"]) == ("reported", "B2")


def test_lowering_tells_exactly_who_will_read_the_row(here: Seat) -> None:
    """Before and after are what the audiences read before and after; the act is stored, and undone."""

    def readers() -> set[str]:
        day = row(here, "7")["occurred_on"]
        tables = {one: seat(one).view.table("incident") for one in ("staff", "internal", "open")}
        return {one for one, rows in tables.items() if rows["occurred_on"].eq(day).any()}

    seven = row(here, "7")
    seen = desk.reach(here, "incident", seven, Label("internal"))
    assert (seen.lowers, seen.before, seen.after) == (True, ("All",), ("Internal", "All", "Staff"))
    assert (seen.opened, seen.closed) == (("Internal", "Staff"), ())
    entered = desk.relabel(here, "incident", seven, seen, **signed(here))
    assert entered.record == "label_change"
    assert readers() == {"internal", "staff"}
    desk.undo(here, "label_change", entered.record_ids, **signed(here))
    assert desk.reach(here, "incident", seven, Label("internal")).before == ("All",)


def test_a_label_is_not_lowered_below_its_source(looking: Seat) -> None:
    """What would have no effect is refused, and so is a change that goes both ways."""
    seven = row(looking, "7")
    assert desk.reach(looking, "incident", seven, Label("public")).opened[-1] == "Open"
    stricter = tuple(
        one.model_copy(update={"level": "internal"}) if one.slug == "log" else one
        for one in looking.office.source
    )
    raised = replace(looking, office=looking.office.model_copy(update={"source": stricter}))
    with pytest.raises(ParameterError, match="would stay internal"):
        desk.reach(raised, "incident", seven, Label("public"))
    with pytest.raises(ParameterError, match="one after the other"):
        desk.reach(looking, "incident", seven, Label("strictly_confidential"))


def test_a_raised_label_closes_the_row_and_stays_when_the_correction_is_undone(here: Seat) -> None:
    """Raising is at once, what was agreed to before is void; undoing it opens nothing, and says so."""
    nine = row(here, "9")
    before = desk.reach(here, "incident", nine, Label.of("strictly_confidential", ["protection"]))
    seen = desk.reach(here, "incident", nine, Label.of("confidential", ["protection"]))
    assert (seen.lowers, seen.closed) == (False, ("Internal", "Staff"))
    entered = desk.relabel(here, "incident", nine, seen, **signed(here))
    assert desk.reach(here, "incident", nine, seen.asked).before == ("All",)
    with pytest.raises(ParameterError, match="changed meanwhile"):
        desk.relabel(here, "incident", nine, before, **signed(here))
    undone = desk.undo(here, "correction", entered.record_ids, **signed(here))
    assert "keeps the stricter label" in undone.told
    assert stored(here, "9")["level"] == "confidential"


# --- What was decided ---------------------------------------------------------------------------------------


def test_the_list_shows_each_reader_what_they_may_know(here: Seat) -> None:
    """All: every decision with its ids; staff: verdicts without ids, no correction; nobody: a row's text."""
    made = [
        desk.decide_pair(here, desk.pairs(here)[0], "different", **signed(here)),
        desk.grade(here, "incident", row(here, "2"), {"verification": "confirmed"}, **signed(here)),
    ]
    told = {one.record_id: (one.what, one.by, one.reason) for one in desk.decisions(here)}
    assert [told[one.record_ids[0]] for one in made] == [
        ("different: log 1 and log 2", BY, WHY),
        ('log 2: verification from "reported" to "confirmed"', BY, WHY),
    ]
    staff = desk.decisions(seat("staff"))
    assert {one.record for one in staff} == {"duplicate_decision"}
    assert "different" in {one.what for one in staff}
    assert desk.decisions(seat("open")) == []
    shown = [repr(one) for one in (here, desk.pairs(here), held(here), lost(here), desk.decisions(here))]
    assert not any(CANARY in one or HOSTILE in one for one in shown)
    for one in made:
        desk.undo(here, one.record, one.record_ids, **signed(here))
