"""A tick: what is due is made once, whatever fails beside it, and whoever ticks at the same time."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests import small_notebook
from tests.conftest import copy_of, frame
from workbench import briefing
from workbench.cli.serve import _one
from workbench.cli.tick import plan
from workbench.config import Office, load
from workbench.errors import BriefingFailed, DisclosureRefused, ParameterError, StorageFull, UserError
from workbench.records import record_type
from workbench.schedule import Entry, Key, Ledger, Ticked, due, slots, standing, tick
from workbench.schedule._gates import raised
from workbench.schedule._heartbeat import folder
from workbench.schedule._why import GATE, PUBLISH, next_try, of_issue
from workbench.view import store_of

ENTRY = """
[[schedule]]
slug = "weekly"
cron = "0 6 * * MON"
time_zone = "UTC"
starts_on = 2026-11-16
briefings = ["weekly_conflict"]
audiences = ["internal", "unct", "partners"]
sources = ["commitments", "alerts"]
"""
ONE_READER = ENTRY.replace(', "unct", "partners"', "")


def scheduled(office: Office, entry: str, *, scheduler: str = "") -> Office:
    """Put a schedule into an office in the place of its own."""
    file = office.root / "workbench.toml"
    text = re.sub(r"^\[\[?schedule\w*\]\]?\n(?:(?!\[).*\n)*", "", file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(f"{text}\n{entry}\n[scheduler]\n{scheduler}\n", encoding="utf-8")
    return load(office.root)


def small_office(sample_office: Office, root: Path, *, approved: bool = True) -> Office:
    """Return an office of the test's own whose weekly briefing is small, and approved."""
    office = copy_of(sample_office, root)
    notebook = small_notebook.put(office, small_notebook.COUNTS)
    if approved:
        briefing.approve(office, notebook, by="Head of office", at=office.now())
    return scheduled(office, ENTRY)


def key(audience: str, period: str = "2026-W46") -> Key:
    """Return the weekly briefing for an audience."""
    return Key("weekly_conflict", "kestara", audience, period, "en")


def ledger_of(office: Office) -> Ledger:
    """Return the office's ledger."""
    return Ledger(office.path(office.scheduler.ledger))


def entries(office: Office) -> dict[str, Entry]:
    """Return what the ledger knows, by audience."""
    return {one.slot.key.audience: one for one in ledger_of(office).entries()}


def files_below(office: Office, audience: str) -> dict[str, bytes]:
    """Return every file that the readers of an audience have, by its path."""
    outputs = office.path(office.outputs) / audience
    return {
        one.relative_to(outputs).as_posix(): one.read_bytes() for one in outputs.rglob("*") if one.is_file()
    }


def audited(office: Office, audience: str) -> int:
    """Return how many releases to an audience the audit log holds."""
    log = (office.path(office.private) / "audit.jsonl").read_text(encoding="utf-8")
    return sum('"released"' in line and f'"{audience}/' in line for line in log.splitlines())


@dataclass
class Ticking:
    """An office after a tick in which much went wrong: internal was made, unct and partners were not."""

    office: Office
    told: Ticked
    now: datetime


@pytest.fixture(scope="module")
def ticking(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Ticking:
    """Tick with a source that is gone, a disk that fills for unct, partners taken over, a failing upkeep."""
    office = small_office(sample_office, tmp_path_factory.mktemp("ticking") / "office")
    (office.root / "data" / "office" / "alerts.csv").unlink()
    (folder(office) / "daily.json").mkdir(parents=True)
    opened = Path.open

    def full(file: Path, mode: str = "r", *more: Any, **also: Any) -> Any:
        if mode == "xb" and "unct" in file.parts:
            raise OSError(errno.ENOSPC, "No space left on device", str(file))
        return opened(file, mode, *more, **also)

    def at_step(name: str) -> None:
        if name == "run":  # this machine falls silent, and another takes one of its issues
            later = office.now() + timedelta(minutes=16)
            taken = [one for one in slots(office, now=office.now()) if one.key == key("partners")]
            assert ledger_of(office).claim(taken, owner="elsewhere|1|1.0", now=later, seconds=900)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "open", full)
        told = tick(office, at_step=at_step)
    return Ticking(office, told, office.now())


def test_what_is_due_is_made_and_noted(ticking: Ticking) -> None:
    """The issue lies with its readers, the ledger and the heartbeat know it, and nothing of it is late."""
    told, office = ticking.told, ticking.office
    assert [one.key.audience for one in told.due] == ["internal", "unct", "partners"]
    there = "outputs/internal/weekly_conflict/kestara/2026-W46/v1"
    assert told.done == {key("internal"): there}, told.failed
    assert standing(office, key("internal")) == "released"
    entry = entries(office)["internal"]
    assert (entry.state, entry.pack, entry.late) == ("done", told.done[key("internal")], False)
    beat = (folder(office) / "heartbeat.json").read_text(encoding="utf-8")
    assert '"due": 3' in beat
    assert '"done": 1' in beat
    assert '"finished_at": "2026' in beat


def test_a_failing_source_or_step_stops_no_issue(ticking: Ticking) -> None:
    """The source that is gone and the upkeep that failed are told, each with what to do, and work went on."""
    others = ticking.told.others
    assert sorted(others) == ["source alerts", "upkeep"]
    assert others["source alerts"].step == "pull"
    assert others["source alerts"].exception == "SourceError"
    assert others["source alerts"].remedy.endswith("workbench pull alerts")


def test_a_full_disk_stops_one_issue_and_says_so(ticking: Ticking) -> None:
    """Nothing of the issue lies there, the next try is set, and the failure is that of a full disk."""
    why = ticking.told.failed[key("unct")]
    assert (why.step, why.exception) == ("publish", "StorageFull")
    assert "make room" in why.remedy
    assert files_below(ticking.office, "unct") == {}
    entry = entries(ticking.office)["unct"]
    assert entry.state == "failed"
    assert entry.next_try_at is not None
    assert timedelta(minutes=5) <= entry.next_try_at - ticking.now < timedelta(minutes=10)


def test_who_lost_an_issue_publishes_nothing_of_it(ticking: Ticking) -> None:
    """The machine that fell silent notices in time that another has the issue; that one's lease holds."""
    assert ticking.told.failed[key("partners")].step == "publish"
    assert files_below(ticking.office, "partners") == {}
    assert (entries(ticking.office)["partners"].state, entries(ticking.office)["partners"].owner) == (
        "running", "elsewhere|1|1.0",
    )  # fmt: skip


def test_the_next_tick_finishes_and_a_killed_one_loses_nothing(ticking: Ticking) -> None:
    """A tick cut off between publishing and noting: the pack stays, and the next tick only notes it."""
    office, later = ticking.office, ticking.now + timedelta(minutes=11)
    before = files_below(office, "internal")

    def kill(name: str) -> None:
        if name == "ended":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tick(office, now=later, owner="cut off", at_step=kill)
    assert standing(office, key("unct")) == "released"
    there = files_below(office, "unct")
    assert entries(office)["unct"].state == "waiting"
    assert audited(office, "unct") == 1  # the try that the full disk stopped had written it down already
    (folder(office) / "daily.json").rmdir()
    told = tick(office, now=later + timedelta(minutes=1))
    assert [one.key for one in told.due] == [one.key for one in told.waiting] == [key("partners")]
    assert entries(office)["unct"].state == "done"
    assert (files_below(office, "unct"), files_below(office, "internal")) == (there, before)
    assert told.others == {}
    assert "another tick has it" in plan(office, now=later)[0]


def test_only_one_tick_works_on_a_machine(ticking: Ticking) -> None:
    """A second one ends at once and changes nothing; on the command line it says so and ends with 0."""
    file = folder(ticking.office) / "tick.lock"
    with FileLock(file):
        assert tick(ticking.office).busy
        done = subprocess.run(
            [sys.executable, "-m", "workbench", "tick", "--office", str(ticking.office.root)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Another tick is at work" in done.stdout


NOTHING_DUE = """
import sys
from datetime import timedelta
from pathlib import Path
from workbench.config import load
from workbench.schedule import tick
office = load(Path(sys.argv[1]))
told = tick(office, now=office.now() - timedelta(days=2))
print(told.line())
print(sorted({"pandas", "numpy", "pyarrow", "deltalake", "papermill", "altair"} & set(sys.modules)))
"""


def test_a_tick_with_nothing_to_do_loads_next_to_nothing(ticking: Ticking) -> None:
    """It is called every quarter of an hour for years: no library of the store or the notebooks is loaded."""
    for _ in range(2):  # the first of a day lets leftovers expire
        done = subprocess.run(
            [sys.executable, "-c", NOTHING_DUE, str(ticking.office.root)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    first, second = done.stdout.splitlines()
    assert first.endswith("tick: due 0")
    assert second == "[]"


@pytest.fixture(scope="module")
def gated(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return an office whose notebook nobody has approved."""
    return small_office(sample_office, tmp_path_factory.mktemp("gated") / "office", approved=False)


def test_a_notebook_that_nobody_approved_is_not_run(gated: Office) -> None:
    """The issue fails at its approval, waits, is tried again, and is given up after the last attempt."""
    office = scheduled(gated, ONE_READER, scheduler="attempts = 2")
    told = tick(office)
    why = told.failed[key("internal")]
    assert (why.step, why.exception, why.cell) == ("approval", "DisclosureRefused", None)
    assert "workbench approve" in why.remedy
    assert isinstance(told.last, DisclosureRefused)
    again = tick(office, now=office.now() + timedelta(minutes=2))
    assert [one.key for one in again.waiting] == [key("internal")]
    assert "tried again at" in plan(office, now=office.now())[0]
    last = tick(office, now=office.now() + timedelta(minutes=9))
    assert last.given_up == (key("internal"),)
    assert tick(office, now=office.now() + timedelta(hours=9)).failed == {}
    assert "given up after 2 tries (approval DisclosureRefused)" in plan(office, now=office.now())[0]
    assert standing(office, key("internal")) is None


LATER = timedelta(days=21)
"""By then no source was pulled for three weeks, and nobody wrote of a contact."""


@pytest.mark.parametrize(
    ("rule", "step", "named"),
    [('stale = "stop"', "freshness", "meridian"), ('no_contact = "stop"', "coverage", "kestara")],
)
def test_a_gate_stops_an_issue(gated: Office, rule: str, step: str, named: str) -> None:
    """What is old or silent stops the issue where the entry says so, and the remedy names it, by slug."""
    office = scheduled(gated, f"{ONE_READER}{rule}\n")
    told = tick(office, now=office.now() + LATER)
    (why,) = told.failed.values()
    assert why.step == step
    assert named in why.remedy
    ledger_of(office).file.unlink()


def test_what_gates_find_is_what_the_pages_name(gated: Office) -> None:
    """Fresh data raise nothing; later each edition is told of the old sources its readers may know of."""
    now, store = gated.now(), store_of(gated)
    editions = [key("leadership"), key("partners")]
    today = now.astimezone(gated.zone).date()
    assert raised(gated, store, editions, as_of=now, today=today) == {}
    weeks = [key("leadership", "2026-W49"), key("partners", "2026-W49")]
    found = raised(gated, store, weeks, as_of=now, today=(now + LATER).date())
    names = {one.audience: {gate.step: set(gate.names) for gate in gates} for one, gates in found.items()}
    assert {"meridian", "desk_log", "support"} <= names["leadership"]["freshness"]
    assert "concord" not in names["leadership"]["freshness"]  # this area does not count from it
    assert not {"support", "violations", "interlocutors"} & names["partners"]["freshness"]
    assert names["leadership"]["coverage"] == names["partners"]["coverage"] == {"kestara"}


def test_an_old_file_that_is_pulled_again_is_old(gated: Office) -> None:
    """Incidents are as old as the last day they tell of; a register that did not change is not."""
    later, store = gated.now() + 2 * LATER, store_of(gated)
    for slug, record in (("meridian", "incident"), ("commitments", "commitment")):
        names = ("read", "new", "changed", "withdrawn", "unchanged", "rejected", "unmatched")
        counts = dict.fromkeys(names, 0)
        with store.delivery(source=slug, at=later) as delivery:
            told = {
                "record_id": f"{slug}/{delivery.batch}", "level": "internal", "record": record,
                "occurred_on": later.date(), "last_dated": gated.now().date(), **counts,
            }  # fmt: skip
            delivery.append(record_type("delivery"), frame("delivery", told, source=slug), complete=False)
    weeks = [key("leadership", "2026-W51")]
    found = raised(gated, store, weeks, as_of=later + LATER, today=later.date())
    (old,) = (set(gate.names) for gate in found[weeks[0]] if gate.step == "freshness")
    assert "meridian" in old
    assert "commitments" not in old


def test_why_an_issue_failed_says_where_and_not_what() -> None:
    """Cell, class and run folder come out of the message; its words, which may quote a page, do not."""
    office = load(Path(__file__).parents[2])
    kept = office.root / "private" / "runs" / "one"
    told = BriefingFailed(
        f"weekly.ipynb stopped at cell 7 with ValueError. It lies there: Amina Example. Run folder: {kept}"
    )
    at = office.now()
    why = of_issue(office, key("internal"), told, doing="running the notebook", at=at)
    assert (why.step, why.cell, why.exception, why.log) == ("run", 7, "ValueError", "private/runs/one")
    assert "Amina" not in repr(why)
    early = of_issue(office, key("internal"), ParameterError("the week has not begun"), doing="", at=at)
    assert "run folder" not in early.remedy
    assert early.remedy.endswith("--audience internal")
    refused, lost = DisclosureRefused("a rule"), UserError("lost")
    steps = [(refused, GATE), (refused, "running the notebook"), (refused, ""), (lost, PUBLISH), (lost, "")]
    assert [of_issue(office, key("internal"), one, doing=doing, at=at).step for one, doing in steps] == [
        "gate", "gate", "approval", "publish", "run",
    ]  # fmt: skip


def test_pauses_double_up_to_a_day_and_end() -> None:
    """5, 10, 20 ... minutes, never more than a day, and none after the last attempt."""
    office = load(Path(__file__).parents[2])
    office = office.model_copy(update={"scheduler": office.scheduler.model_copy(update={"attempts": 20})})
    now = office.now()
    pauses = [next_try(office, attempt, now=now) for attempt in range(1, 21)]
    minutes = [(one - now) / timedelta(minutes=1) for one in pauses[:-1] if one is not None]
    assert minutes[:3] == [5, 10, 20]
    assert max(minutes) == minutes[-1] == 1440
    assert pauses[-1] is None


@pytest.mark.parametrize(
    "problem",
    [
        OSError(errno.ENOSPC, "full", "/disk/office/file"),
        OSError(getattr(errno, "EDQUOT", errno.ENOSPC), "quota"),
        RuntimeError("Generic LocalFileSystem error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_known_by_its_number_or_its_words(problem: Exception) -> None:
    """Also behind another error; a file that is not there, or a reader's own words, are none."""
    try:
        try:
            raise problem
        except Exception as cause:
            raise UserError("It could not be stored.") from cause
    except UserError as told:
        found = StorageFull.of(told, "here")
    assert found is not None
    assert ("/disk/office" in str(found)) == bool(getattr(problem, "filename", None))
    assert StorageFull.of(FileNotFoundError(errno.ENOENT, "No space left on device")) is None
    assert StorageFull.of(UserError("No space left on device")) is None


def test_serve_survives_a_broken_configuration(gated: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """A tick that cannot even read workbench.toml is a line of the log, and the loop goes on later."""
    file = gated.root / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text("name = ", encoding="utf-8")
    try:
        assert _one(gated.root) == 900
    finally:
        file.write_text(text, encoding="utf-8")
    assert "tick: failed: ConfigurationError" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGTERM; a service is ended otherwise there")
def test_serve_ends_cleanly_when_it_is_told_to(ticking: Ticking) -> None:
    """It says what each tick did, waits, and a service manager's SIGTERM ends it at once, with 0."""
    command = [
        str(Path(sys.executable).with_name("workbench")),
        "serve",
        "--office",
        str(ticking.office.root),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(timeout=60) == 0
    assert " tick: due " in first
    assert "stopped: nothing is half made" in rest
    assert time.monotonic() - began < 30


def test_due_here_is_due_by_the_disk(ticking: Ticking) -> None:
    """After all of it, what is due is just the issue that nobody has made."""
    found: Callable[..., Any] = due
    assert [one.key for one in found(ticking.office, now=ticking.now)] == [key("partners")]
