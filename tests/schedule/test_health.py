"""The dead-man's alarm: it sees what readers have not, whatever became of the scheduler."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.commands import Command, command, refused
from tests.schedule.watched import DUE, ENTRY, LATE, drafted, failure, key, office_of, released, slot
from workbench.config import Office
from workbench.language import words
from workbench.outbox import dispatch
from workbench.outbox._ledger import file_of
from workbench.schedule import Ledger, alarms, health, health_json, health_page, slots
from workbench.schedule._heartbeat import Beat

__all__ = ["command"]

SOON = LATE + timedelta(minutes=1)
_FOLDERS = count()
ROOM = (10**12, 5 * 10**11, 5 * 10**11)
READERS = ["leadership", "internal", "unct", "partners"]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return an office where nothing was made; do not write into it."""
    return office_of(tmp_path_factory.mktemp("watched") / "office")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office where nothing was made and a tick has just worked."""
    made = office_of(tmp_path / "office")
    _beat(made, SOON)
    return made


def _beat(office: Office, at: datetime) -> None:
    Beat(office, started_at=at).end(at, due=0, done=0, failed=0)


def _well(office: Office, now: datetime, **given: object) -> bool:
    return health(office, now=now, room=lambda _: ROOM, **given).well  # type: ignore[arg-type]  # as given


def test_an_issue_raises_the_alarm_from_its_alarm_time_until_readers_have_it(office: Office) -> None:
    """Not a moment before `late_after_minutes` are over, for each audience, and with its readers never."""
    assert _well(office, LATE)
    late = health(office, now=SOON, room=lambda _: ROOM)
    assert [one.slot.key for one in late.overdue] == [key(audience=one) for one in READERS]
    assert {one.state for one in late.overdue} == {"missing"}
    for audience in READERS:
        assert not _well(office, SOON)
        released(office, key(audience=audience), at=SOON)
    assert _well(office, SOON)


def test_a_draft_is_late_too_and_says_how_many_people_it_waits_for(office: Office) -> None:
    """Readers do not have a draft: the alarm stands, names who is awaited, and counts who has reviewed."""
    for audience in READERS[:2]:
        released(office, key(audience=audience))
    drafted(office, key(audience="unct"))
    drafted(office, key(audience="partners"))
    state = health(office, now=SOON, room=lambda _: ROOM)
    assert [(one.slot.key.audience, one.state, one.people) for one in state.overdue] == [
        ("unct", "draft", 1), ("partners", "draft", 2),
    ]  # fmt: skip
    said = [one.what for one in alarms(state, office, words("en"))]
    assert "made, waits for 1 person" in said[0]
    assert "for partners: made, waits for 2 people; it was due Mon 16 Nov 06:00 Africa/Kinshasa" in said[1]
    drafted(office, key(audience="partners"), reviewed=True)
    assert [one.people for one in health(office, now=SOON).overdue] == [1, 1]


@settings(max_examples=20)
@given(
    rule=st.sampled_from(["all", "latest", "none"]),
    weeks=st.lists(st.sampled_from(["2026-W44", "2026-W45", "2026-W46"]), unique=True),
)
def test_no_issue_that_readers_lack_goes_unseen(
    tmp_path_factory: pytest.TempPathFactory, rule: str, weeks: list[str]
) -> None:
    """Every late slot is with its readers, overdue, or overtaken by a later one that readers have."""
    folder = tmp_path_factory.getbasetemp() / f"weeks-{next(_FOLDERS)}"
    office = office_of(
        folder, entry=f'{ENTRY}catch_up = "{rule}"\naudiences = ["internal"]\n'.replace("11-15", "10-31")
    )
    for week in weeks:
        (office.root / "outputs/internal/weekly_conflict/kestara" / week / "v1-en").mkdir(parents=True)
    state = health(office, now=SOON, room=lambda _: ROOM)
    due = [one.key.period for one in slots(office, now=SOON)]
    assert due == ["2026-W44", "2026-W45", "2026-W46"]
    overdue = {one.slot.key.period for one in state.overdue}
    overtaken = {one.slot.key.period for one in state.late if one.overtaken}
    assert overdue | overtaken == set(due) - set(weeks)
    assert not overdue & overtaken
    assert all(any(other > one for other in weeks) for one in overtaken)
    assert not (overtaken and rule == "all")
    assert ("2026-W46" in overdue) == ("2026-W46" not in weeks)


def test_a_folder_that_cannot_be_looked_at_is_no_issue(office: Office) -> None:
    """What cannot be seen is not taken for published: the alarm says so."""
    if os.name == "nt" or os.geteuid() == 0:
        place = office.root / "outputs/internal/weekly_conflict/kestara/2026-W46"
        place.parent.mkdir(parents=True)
        place.symlink_to(place.name)  # it leads to itself
    else:
        (office.root / "outputs").mkdir(mode=0o000)
    state = health(office, now=SOON, room=lambda _: ROOM)
    assert "unseen" in {one.state for one in state.overdue}
    assert "cannot be looked at" in " ".join(one.what for one in alarms(state, office, words("en")))


def test_a_scheduler_that_is_silent_raises_the_alarm(tmp_path: Path) -> None:
    """After twice `heartbeat_minutes`, before any tick ever worked, and where the last is of the future."""
    office = office_of(tmp_path / "office")
    now = DUE
    assert not _well(office, now)
    for age, silent in ((0, False), (30, False), (31, True), (-31, True), (60 * 24 * 9, True)):
        _beat(office, now - timedelta(minutes=age))
        assert health(office, now=now, room=lambda _: ROOM).silent == silent
        assert _well(office, now) != silent
    (office.root / "private/scheduler/heartbeat.json").write_text('{"started_at": 5', encoding="utf-8")
    assert not _well(office, now)


@pytest.mark.parametrize(
    ("room", "well"),
    [
        ((10**12, 0, 10**12 // 20), True),
        ((10**12, 0, 10**12 // 20 - 1), False),
        ((4 * 10**9, 0, 500_000_000), True),
        ((4 * 10**9, 0, 499_999_999), False),
        ((0, 0, 0), False),
    ],
)
def test_a_disk_that_is_nearly_full_raises_the_alarm(
    office: Office, room: tuple[int, int, int], *, well: bool
) -> None:
    """Below 5 % or 500 MB of any folder's disk, and where its room cannot be told."""
    assert health(office, now=LATE, room=lambda _: room).well == well


@pytest.fixture
def held(office: Office) -> Iterator[Ledger]:
    """Return a ledger that another connection holds for itself alone, as at the end of a transaction."""
    ledger = Ledger(office.path(office.scheduler.ledger))
    ledger.claim([slot(office, key())], owner="elsewhere|1|1", now=LATE, seconds=600)
    with closing(sqlite3.connect(ledger.file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("UPDATE entry SET attempts = 9")
        yield ledger


def test_it_waits_for_no_lock(office: Office, held: Ledger) -> None:
    """With the ledger locked by a writer it answers at once, and says no more than it can know."""
    assert held.file.exists()
    began = time.monotonic()
    state = health(office, now=SOON, room=lambda _: ROOM)
    assert time.monotonic() - began < 5  # the ledger itself would wait for 30 seconds
    assert state.ledger == "in use"
    assert len(state.overdue) == len(READERS)


def test_a_damaged_ledger_raises_the_alarm_and_hides_nothing(office: Office) -> None:
    """Whether the ledger is gone, sound or garbage, what is overdue is seen on the disk alone."""
    file = office.path(office.scheduler.ledger)
    assert health(office, now=SOON, room=lambda _: ROOM).ledger == "none"
    Ledger(file).claim([slot(office, key())], owner="elsewhere|1|1", now=LATE, seconds=600)
    sound = health(office, now=SOON, room=lambda _: ROOM)
    assert sound.ledger == "sound"
    content = file.read_bytes()
    for garbage in (b"not a database" * 400, content[:5000], content.replace(b"entry", b"other")):
        file.write_bytes(garbage)
        state = health(office, now=SOON, room=lambda _: ROOM)
        assert state.ledger == "damaged"
        assert state.overdue == sound.overdue
        assert file.read_bytes() == garbage
    assert "ledger is damaged" in " ".join(one.what for one in alarms(state, office, words("en")))


KEYS = {
    "at",
    "well",
    "scheduled",
    "heartbeat",
    "overdue",
    "overtaken",
    "failed_deliveries",
    "disks",
    "ledger",
}
ISSUE = {
    "briefing", "area", "audience", "week", "language", "schedule", "due_at", "late_at", "state", "people",
}  # fmt: skip


def test_a_monitor_gets_an_exit_code_and_stable_keys(office: Office, command: Command) -> None:
    """21 with one message where something is wrong; the JSON holds the documented keys; a page lies ready."""
    where = ("--office", str(office.root))
    said = command("health", "--json", *where)
    assert "4 overdue" in refused(said, 21, "IssueOverdue")
    told = json.loads(said.out)
    assert set(told) == KEYS
    assert told["well"] is False
    assert set(told["overdue"][0]) == ISSUE
    assert told["overdue"][0]["due_at"] == "2026-11-16T05:00:00+00:00"
    assert set(told["heartbeat"]) == {"at", "expected_minutes", "silent"}
    assert {one["folder"] for one in told["disks"]} == {"outputs", "private", "store"}
    documented = command("health", "--help").out
    assert all(name in documented for name in KEYS | ISSUE)
    page = (office.root / "private/scheduler/health.html").read_text(encoding="utf-8")
    assert "4 issues are overdue." in page
    assert "<script" not in page
    assert "default-src 'none'" in page
    plain = command("health", *where)
    assert (
        "PROBLEM  weekly_conflict 2026-W46 kestara for leadership, internal, unct and partners" in plain.out
    )
    assert "workbench retry weekly_conflict --area kestara --week 2026-W46" in plain.out


def test_where_the_page_cannot_be_written_the_answer_is_the_same(office: Office, command: Command) -> None:
    """A monitor that runs as somebody who must not write still hears of it; `--page` writes elsewhere."""
    page = office.root / "private" / "page.html"
    assert command("health", "--page", str(page), "--office", str(office.root)).code == 21
    assert "overdue" in page.read_text(encoding="utf-8")
    said = command("health", "--page", str(page / "below.html"), "--office", str(office.root))
    assert said.code == 21
    assert "could not be written" in said.err
    assert "Traceback" not in said.err


def test_without_a_schedule_nothing_is_late(tmp_path: Path, command: Command) -> None:
    """An office that works by hand is well, and says why; a broken configuration is 16."""
    office = office_of(tmp_path / "office", entry="")
    state = health(office, now=SOON, room=lambda _: ROOM)
    assert (state.well, state.scheduled, state.late) == (True, False, ())
    said = command("health", "--office", str(office.root))
    if "nearly full" not in said.err:  # this machine's own disk
        assert (said.code, said.out) == (0, "No schedule is configured: nothing can be late.\n")
    (office.root / "workbench.toml").write_text("name = 5", encoding="utf-8")
    assert command("health", "--office", str(office.root)).code == 16


def test_a_delivery_that_failed_raises_the_alarm(tmp_path: Path) -> None:
    """What the outbox could not bring out counts, and an outbox that cannot be read is no sign of health."""
    (tmp_path / "share").write_text("a file where a folder should be", encoding="utf-8")
    way = f"""
[[delivery]]
slug = "share"
audience = "internal"
kind = "folder"
path = "{(tmp_path / "share").as_posix()}"
"""
    office = office_of(tmp_path / "office", entry=ENTRY + way)
    Beat(office, started_at=SOON).on(SOON)
    for audience in READERS:
        released(office, key(audience=audience))
    dispatch(office, now=SOON, progress=lambda _: None)
    state = health(office, now=SOON, room=lambda _: ROOM)
    assert (state.failed_deliveries, state.well) == (1, False)
    assert "1 delivery to a reader has failed." in health_page(state, office)
    file_of(office).write_bytes(b"not a database" * 400)
    unread = health(office, now=SOON, room=lambda _: ROOM)
    assert (unread.failed_deliveries, unread.well) == (None, False)
    assert "cannot be told" in health_page(unread, office)


def test_the_page_holds_ids_only(office: Office) -> None:
    """No word of an issue reaches the page, also where the folder of a draft is full of them."""
    drafted(office, key(audience="partners"))
    Ledger(office.path(office.scheduler.ledger))
    page = health_page(health(office, now=SOON, room=lambda _: ROOM), office)
    assert "Seven attacks" not in page
    assert "waits for 2 people" in page
    assert failure().remedy not in page


def test_it_is_quick(watched: Office) -> None:
    """It loads none of the libraries that make issues, so that a monitor may call it every minute."""
    script = (
        "import sys; from pathlib import Path; from workbench.config import load;"
        "from workbench.schedule import health, health_json;"
        f"office = load(Path({str(watched.root)!r})); health_json(health(office, now=office.now()));"
        "heavy = {'pandas', 'pyarrow', 'altair', 'nbconvert', 'deltalake', 'papermill', 'typst', 'scipy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_state_for_programs_is_the_state(watched: Office) -> None:
    """What is written as JSON can be read again and says the same of every issue."""
    state = health(watched, now=SOON, room=lambda _: ROOM)
    told = json.loads(json.dumps(health_json(state)))
    assert [one["audience"] for one in told["overdue"]] == [one.slot.key.audience for one in state.overdue]
    assert told["heartbeat"] == {"at": None, "expected_minutes": 15, "silent": True}
