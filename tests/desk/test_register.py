"""Registers of the desk: what is entered is a line and a revision, and can be taken back."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.desk.desk_office import AT, BY, WHY, again, desk_office
from workbench import desk
from workbench.config import Office, load
from workbench.errors import ConfigurationError, ParameterError
from workbench.pull import pull_all
from workbench.records import record_type
from workbench.store import Store
from workbench.view import store_of

PAIR = {
    "left_source": "log",
    "left_id": "1",
    "right_source": "log",
    "right_id": "2",
    "verdict": "same",
    "decided_on": "2026-11-22",
}
DECISION = "duplicate_decision"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Return the folder of an office that has pulled."""
    office, _ = desk_office(tmp_path_factory.mktemp("made"))
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


def standing(store: Store, *, as_of: datetime | None = None) -> dict[str, tuple[str, str | None]]:
    """Return verdict and reason of each decision that stands."""
    rows = store.read(record_type(DECISION), as_of=as_of or datetime.max.replace(tzinfo=AT.tzinfo))
    told = rows[["verdict", "reason"]].astype("object").where(rows[["verdict", "reason"]].notna(), None)
    return dict(zip(rows["record_id"], map(tuple, told.to_numpy().tolist()), strict=True))


def decide(at_desk, record_id: str, verdict: str = "same", **more: str) -> desk.Entered:
    """Enter a decision on the one pair there is."""
    row = PAIR | {"verdict": verdict} | more
    return desk.enter(*at_desk, DECISION, {record_id: row}, by=BY, reason=WHY, at=AT)


def test_a_decision_is_a_line_and_a_revision_that_says_who_made_it(at_desk):
    """An entry is stored at once with the level of its register, signed, and told in plain words."""
    office, store = at_desk
    name = desk.next_id(office, DECISION, at=AT)
    entered = decide(at_desk, name)
    assert name == "D-2026-11-22-001"
    assert entered.record_ids == (name,)
    assert entered.reports[0].new == 1
    assert not entered.failures
    assert name in entered.told
    assert "desk/duplicate_decision.jsonl" in entered.told
    row = store.read(record_type(DECISION), as_of=entered.reports[0].recorded_at).iloc[0]
    assert (row["created_by"], row["level"], row["verdict"]) == (BY, "internal", "same")
    assert desk.next_id(office, DECISION, at=AT) == "D-2026-11-22-002"


def test_what_is_taken_back_is_as_it_was_before(at_desk):
    """Taking back returns to the line before, and in turn to the one taken back; a first entry goes."""
    office, store = at_desk
    decide(at_desk, "D-1", "same")
    decide(at_desk, "D-1", "different")
    for expected in ("same", "different"):
        desk.take_back(*at_desk, DECISION, "D-1", by=BY, reason="", at=AT)
        assert standing(store)["D-1"][0] == expected
    decide(at_desk, "D-2")
    desk.take_back(*at_desk, DECISION, "D-2", by=BY, reason="A slip", at=AT)
    assert set(standing(store)) == {"D-1"}
    told = desk.lines(office, DECISION)
    assert told["record_id"].tolist()[:2] == ["D-2", "D-2"]
    assert told["standing"].tolist()[:2] == [True, False]
    assert told["row"].iloc[0] is None
    assert told["row"].iloc[1]["verdict"] == "same"
    with pytest.raises(ParameterError, match="no line of D-9"):
        desk.take_back(*at_desk, DECISION, "D-9", by=BY, reason="", at=AT)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["D-1", "D-2"]), st.sampled_from(["same", "different", None])),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_every_state_of_a_register_can_be_read_again(made, tmp_path_factory, steps):
    """Whatever is entered and taken back: the store holds the fold of the lines, and each state before it."""
    office, store = at_desk = again(made, tmp_path_factory.mktemp("office") / "copy")
    lines: dict[str, list[str | None]] = {}
    states = []
    for name, verdict in steps:
        if verdict is None and name not in lines:
            continue
        if verdict is None:
            done = desk.take_back(office, store, DECISION, name, by=BY, reason="", at=AT)
            own = lines[name]
            own.append(own[-2] if len(own) > 1 else None)
        else:
            done = decide(at_desk, name, verdict)
            lines.setdefault(name, []).append(verdict)
        fold = {one: own[-1] for one, own in lines.items() if own[-1] is not None}
        states.append((done.reports[0].recorded_at, fold))
    for moment, fold in states:
        assert {name: verdict for name, (verdict, _) in standing(store, as_of=moment).items()} == fold


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": "perhaps"}, "verdict: is not one of: same, different, unsure"),
        ({"decided_on": "2026-12-24"}, "decided_on: lies after the day of the pull"),
        ({"left_id": ""}, "left_id: is missing"),
        ({"level": "secret"}, "level: is not one of"),
        ({"compartments": "nobody"}, "compartments: is not one of"),
        ({"verdikt": "same"}, "verdikt: is no column"),
        ({"source": "log"}, "source: is no column"),
    ],
)
def test_what_a_pull_would_set_aside_is_not_written(untouched, changes, message):
    """An entry that could not be stored, or only at the highest level by a slip, leaves no line."""
    with pytest.raises(ParameterError, match=message):
        decide(untouched, "D-1", **changes)
    assert desk.lines(untouched[0], DECISION).empty


@pytest.mark.parametrize("name", ["", " D-1", "D-1\n", "D\u200b1", "D  1"])
def test_an_id_is_seen_whole(untouched, name):
    """An id with blanks or signs that cannot be seen would be another one after cleaning: it is refused."""
    with pytest.raises(ParameterError, match="record_id"):
        decide(untouched, name)


HOSTILE = '</script><img src=x onerror="x">\u202e{{7*7}}\x00\x1b[31m\ud800\r\n\u2028"\\","row":null}\n=1+1'


def test_hostile_text_stays_text(at_desk):
    """Markup, escapes, half letters and line breaks in any field stay one line, and come back as text."""
    office, store = at_desk
    row = PAIR | {"reason": HOSTILE, "notes": HOSTILE, "decided_by": HOSTILE}
    done = desk.enter(office, store, DECISION, {"D-1": row}, by=BY, reason=HOSTILE, at=AT)
    assert done.reports[0].new == 1
    assert done.reports[0].rejected == 0
    text = (office.root / "desk/duplicate_decision.jsonl").read_bytes()
    assert text.count(b"\n") == 1
    assert len(text.decode("utf-8").splitlines()) == 1
    assert standing(store)["D-1"][1].startswith('</script><img src=x onerror="x">')
    with pytest.raises(ParameterError, match="by: say who signs"):
        desk.enter(office, store, DECISION, {"D-2": PAIR}, by=HOSTILE, reason="", at=AT)


def test_a_line_that_a_killed_writer_left_torn_costs_no_other(at_desk):
    """Half a line, cut within a letter, is set aside; what stood before stands, the next line is whole."""
    office, store = at_desk
    decide(at_desk, "D-1", reason="é")
    file = office.root / "desk/duplicate_decision.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: whole.index("é".encode()) + 1])
    done = decide(at_desk, "D-2")
    assert done.reports[0].rejected == 1
    assert set(standing(store)) == {"D-1", "D-2"}
    assert file.read_bytes().count(b"\n") == 3


def test_a_line_that_somebody_broke_does_not_withdraw_its_record(at_desk):
    """A slip in a text editor sets the line aside with its reason; the record keeps its last good state."""
    office, store = at_desk
    decide(at_desk, "D-1", "same")
    decide(at_desk, "D-2", "same")
    decide(at_desk, "D-2", "different")
    file = office.root / "desk/duplicate_decision.jsonl"
    first, second, third = file.read_text(encoding="utf-8").splitlines()
    broken = [first.replace('"row": {', '"row": '), second, third.replace('"verdict"', '"verdikt"')]
    file.write_text("\n".join(broken), encoding="utf-8")
    (report,), failures = pull_all(office, store, ["desk_duplicate_decision"], at=AT)
    assert (report.read, report.rejected, report.withdrawn, failures) == (3, 2, 0, [])
    assert {name: verdict for name, (verdict, _) in standing(store).items()} == {"D-1": "same", "D-2": "same"}
    aside = store.read(record_type("rejected_row"), as_of=report.recorded_at)
    aside = aside[aside["source"] == "desk_duplicate_decision"]
    wrong = "has a column that no line of duplicate_decision has"
    assert set(aside["reason"]) == {"cannot be read as JSON", wrong}


def test_all_can_be_taken_back_but_not_lost(at_desk):
    """A register of nothing but what was taken back is pulled; one that lost most of its lines is refused."""
    office, store = at_desk
    rows = dict.fromkeys(("D-1", "D-2"), PAIR)
    desk.enter(office, store, DECISION, rows, by=BY, reason=WHY, at=AT)
    for name in rows:
        done = desk.take_back(office, store, DECISION, name, by=BY, reason="", at=AT)
        assert not done.failures
    assert not standing(store)
    (office.root / "desk/duplicate_decision.jsonl").unlink()
    done = decide(at_desk, "D-4")
    assert [type(one).__name__ for one in done.failures] == ["ShrinkRefused"]
    assert "next pull" in done.told


def test_a_register_that_others_wrote_into_meanwhile_overwrites_nothing(at_desk, monkeypatch):
    """Two desks that take the same new id at once: the second is told so, and enters it under another."""
    from workbench.desk import _register

    office, _ = at_desk
    before = _register._check

    def slow(*given, **named):
        before(*given, **named)
        monkeypatch.setattr(_register, "_check", before)
        decide(at_desk, "D-1", "different")

    monkeypatch.setattr(_register, "_check", slow)
    with pytest.raises(ParameterError, match="somebody else"):
        decide(at_desk, "D-1", "same")
    assert [row["verdict"] for row in desk.lines(office, DECISION)["row"]] == ["different"]


def test_an_office_without_the_register_is_told_what_to_add(at_desk):
    """The message holds the [[source]] block, which an office can be loaded with."""
    office, _ = at_desk
    with pytest.raises(ConfigurationError) as problem:
        desk.register_of(office, "alert")
    block = str(problem.value).partition("\n\n")[2]
    file = office.root / "workbench.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n" + block, encoding="utf-8")
    with_it = load(office.root)
    assert desk.register_of(with_it, "alert").slug == "desk_alerts"


def test_a_register_is_never_old_and_no_source_while_it_is_empty(at_desk):
    """The freshness gate does not ask a register for news; a view names it once it has a row of it."""
    from workbench.schedule._facts import Key
    from workbench.schedule._gates import raised
    from workbench.view import Request, make

    office, store = at_desk
    request = Request(area="north", week="2026-W46", audience="internal", as_of=AT + timedelta(days=1))
    key = Key("weekly", "north", "internal", "2026-W46", "en")
    later = AT + timedelta(days=300)
    (found, _) = raised(office, store, [key], as_of=later, today=later.date())[key]
    assert found.names == ("log",)
    seen = make(office, store, request)
    assert seen.sources["source"].tolist() == ["log"]
    assert seen.known("liaison_entry") is None
    entry = {"occurred_on": "2026-11-11", "district_given": "Orvane town", "channel": "phone",
             "organisation": "Elders", "organisation_kind": "other", "officer": "LO",
             "summary": "Heard."}  # fmt: skip
    desk.enter(office, store, "liaison_entry", {"E-1": entry}, by=BY, reason="", at=AT)
    seen = make(office, store, request)
    assert seen.sources["source"].tolist() == ["log", "desk_liaison_entry"]
    assert len(seen.known("liaison_entry")) == 1
    assert seen.sources["max_age_days"].max() > 10_000


def test_who_signs_is_remembered(at_desk):
    """The function that signed last is offered again; a broken file of it is as none."""
    office, _ = at_desk
    assert desk.author(office) == ""
    desk.remember_author(office, " Head  of desk ")
    assert desk.author(office) == "Head of desk"
    (office.root / "private/desk/author.json").write_text('{"by": 1}', encoding="utf-8")
    assert desk.author(office) == ""
