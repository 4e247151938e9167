"""
A year of 53 weeks on a machine that sleeps, dies, fills its disk and loses its clock: every issue, once.

The clock is the test's. What a schedule asks for is worked out apart from the scheduler's own way: the first
minute of the day at which a clock on the wall of that zone shows the time, or a later one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from tests.schedule.proofs import progress
from tests.schedule.proofs.disk import Disk, library_in
from tests.schedule.proofs.launcher import Launcher
from tests.schedule.proofs.small_office import BERLIN, CHATHAM, NEW_YORK, Readers, deliver, make, opened
from tests.schedule.proofs.sound import assert_complete, assert_sound, entries, packs
from workbench.config import load
from workbench.schedule import tick

LONG = os.environ.get("WORKBENCH_LONG") == "1"
READERS = (BERLIN, NEW_YORK, CHATHAM) if LONG else (BERLIN,)
EVERY = timedelta(hours=1 if LONG else 24)
"""How often the heartbeat comes, beside the ticks a quarter of an hour after each issue is due."""

MANY = 53 if LONG else 18
"""Weeks of the year that are lived through: all, or up to the second Sunday of May."""

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
END = BEGIN + timedelta(weeks=MANY)
WEEKS = tuple(f"2026-W{number:02}" for number in range(1, MANY + 1))
ALARM = timedelta(minutes=240)

What = Literal["asleep", "clock", "source missing", "source broken", "disk full", "killed"]


@dataclass(frozen=True)
class Trouble:
    """What is wrong from one instant to another, in true time; `back` is how far the clock is set back."""

    what: What
    since: datetime
    until: datetime
    back: timedelta = timedelta()
    step: str = ""


def at(text: str) -> datetime:
    """Return an instant of the year: month, day and hour, in UTC."""
    return datetime.fromisoformat(f"2026-{text}:00+00:00")


TROUBLES = (
    Trouble("asleep", at("01-18T00"), at("01-18T10")),  # over W02 by hours: late
    Trouble("asleep", at("01-25T00"), at("01-25T03")),  # over W03 for less than the alarm: in time
    Trouble("asleep", at("02-07T12"), at("02-10T12")),  # over W05 by days
    Trouble("killed", at("02-15T01"), at("02-15T02"), step="running the notebook"),
    Trouble("killed", at("02-22T01"), at("02-22T02"), step="publishing"),
    Trouble("clock", at("03-01T02"), at("03-03T02"), back=timedelta(hours=5)),  # as soon as W08 is made
    Trouble("clock", at("03-15T03"), at("03-17T03"), back=timedelta(days=7)),  # after W10 was made
    Trouble("clock", at("04-11T12"), at("04-13T12"), back=timedelta(days=7)),  # over W14: nobody knows
    Trouble("source missing", at("04-20T00"), at("05-11T00")),
    Trouble("asleep", at("05-16T12"), at("06-06T12")),  # three weeks: W19, W20, W21
    Trouble("source broken", at("06-15T00"), at("06-30T00")),
    Trouble("disk full", at("07-19T00"), at("07-19T08")),  # over W28: late
    Trouble("disk full", at("07-26T00"), at("07-26T03")),  # over W29 for less than the alarm
    Trouble("killed", at("08-02T00"), at("08-02T02"), step="ended"),
    Trouble("asleep", at("10-24T12"), at("10-26T12")),  # over the night in which Berlin has 02:30 twice
)
"""What happens to the machine; the years' three nights at which the clocks of the zones change are others."""

LATE = {
    "berlin": {
        "2026-W02",
        "2026-W05",
        "2026-W14",
        "2026-W19",
        "2026-W20",
        "2026-W21",
        "2026-W28",
        "2026-W42",
    },
}
"""What must be marked late by this, where it was worked out by hand."""


def due_of(reader: Readers) -> dict[str, datetime]:
    """Return when each week's issue is due, found minute by minute on the clock of the readers' wall."""
    minute, hour = map(int, reader.cron.split()[:2])
    found = {}
    for number in range(MANY):
        sunday = date(2026, 1, 11) + timedelta(weeks=number)
        wanted = datetime.combine(sunday, time(hour, minute))
        moment = datetime.combine(sunday, time(), tzinfo=UTC) - timedelta(hours=15)
        while moment.astimezone(ZoneInfo(reader.zone)).replace(tzinfo=None) < wanted:
            moment += timedelta(minutes=1)
        found[WEEKS[number]] = moment
    return found


@dataclass
class Machine:
    """The machine of an office: it ticks, or does not, by the clock that it has."""

    folder: Path
    launcher: Launcher | None
    disk: Disk | None
    made: dict[tuple[str, str], datetime] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    ticks: int = 0

    def tick(self, true: datetime, troubles: Sequence[Trouble]) -> None:
        """Tick at an instant of true time, with what is wrong then."""
        now = true - sum((one.back for one in troubles), timedelta())
        wrong = {one.what: one for one in troubles}
        self.ticks += 1
        if self.launcher is not None and wrong.keys() & {"disk full", "killed"}:
            self._apart(now, wrong)
        else:
            done = tick(opened(self.folder, now), now=now)
            assert done.failed == {}, done.line()
            self.told |= {f"{name} {one.step}" for name, one in done.others.items()}
            self.told |= {mark for marks in done.marked.values() for mark in marks}
        self._look(now)

    def _apart(self, now: datetime, wrong: dict[What, Trouble]) -> None:
        """Tick in a process of its own, on a disk that is full or to be killed at a step."""
        assert self.launcher is not None
        assert self.disk is not None
        full = "disk full" in wrong
        self.disk.full(int(full))
        [one] = self.launcher.start(self.folder, now)
        if full:
            self.launcher.end(one)
            assert one.said
            assert one.said["code"] == 22, one.said
            self.told.add("disk full")
        elif self.launcher.until(one, wrong["killed"].step):
            self.launcher.kill(one)
            self.told.add(f"killed at {wrong['killed'].step}")
        else:
            self.launcher.end(one)
        self.disk.full()

    def _look(self, now: datetime) -> None:
        """Note when an issue is first seen, by the machine's own clock."""
        office = load(self.folder)
        for one in office.audience:
            for week in packs(office, one.slug):
                if (one.slug, week) not in self.made:
                    self.made[one.slug, week] = now
                    assert_sound(office)
                    progress.note("year", f"{now:%Y-%m-%d %H:%M} {one.slug} {week} ({self.ticks} ticks)")


def instants(readers: Sequence[Readers]) -> list[datetime]:
    """Return when the heartbeat comes: regularly, after each issue is due, and when a trouble is over."""
    number = (END - BEGIN) // EVERY
    found = {BEGIN + EVERY * n for n in range(number + 1)}
    for reader in readers:
        found |= {moment + timedelta(minutes=15) for moment in due_of(reader).values()}
    return sorted(found | {one.until for one in TROUBLES if one.until <= END})


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Return a machine with an office; elsewhere than on Linux nobody kills it, and its disk has room."""
    library = library_in(tmp_path) if sys.platform == "linux" else None
    if library is None:
        make(tmp_path / "office", *READERS)
        yield Machine(tmp_path / "office", None, None)
        return
    disk = Disk(tmp_path, library)
    make(disk.folder / "office", *READERS)
    launcher = Launcher(tmp_path / "temporary", environment=disk.environment)
    yield Machine(disk.folder / "office", launcher, disk)
    assert launcher.left_behind() == []
    assert launcher.close() == []


def test_a_year_of_issues(machine: Machine) -> None:
    """
    Each week of 2026 has one issue, once, and those made after their alarm are marked late.

    The first 18 weeks for one audience with a tick a day; with WORKBENCH_LONG=1 all 53 for three
    audiences in three time zones with a tick an hour. The machine sleeps for hours and days (three weeks),
    its clock is set back by hours and twice by a week, one of two sources is missing for three weeks (and
    broken for two): issues go on with the other, and are marked. The tick is killed twice (three times), the
    disk is full (twice, in the long run); clocks of the zones skip (and repeat) the hour at which an issue
    is due.
    """
    delivered = broken = None
    for true in instants(READERS):
        troubles = [one for one in TROUBLES if one.since <= true < one.until]
        wrong = {one.what for one in troubles}
        file, now_broken = machine.folder / "log.csv", wrong & {"source missing", "source broken"}
        if now_broken != broken or (true.date() != delivered and true.weekday() == 0):
            broken, delivered = now_broken, true.date()
            deliver(machine.folder, true.date())
            if "source missing" in wrong:
                file.unlink()
            elif "source broken" in wrong:
                file.write_text("this is no table\n", encoding="utf-8")
        if "asleep" not in wrong:  # publishers deliver all the same
            machine.tick(true, troubles)

    office = load(machine.folder)
    assert_sound(office)
    for reader in READERS:
        assert_complete(office, reader.slug, WEEKS)
        due, known = due_of(reader), entries(office, reader.slug)
        assert {week: one.slot.due_at for week, one in known.items()} == due
        seen = {week: machine.made[reader.slug, week] for week in WEEKS}
        late = {week for week in WEEKS if seen[week] > due[week] + ALARM}
        assert {week for week, one in known.items() if one.late} == late
        assert late == LATE.get(reader.slug, late) & set(WEEKS)
        assert all(one.finished_at and due[week] <= one.finished_at for week, one in known.items())
    assert {"source log pull", "freshness: log"} <= machine.told
    assert not [one for one in machine.told if "second" in one]
    if machine.launcher is not None:
        assert {"killed at running the notebook", "killed at publishing"} <= machine.told
        assert ("disk full" in machine.told) == LONG
    progress.note("year", f"done: {machine.ticks} ticks, {len(machine.made)} issues")


def test_the_latest_rule_leaves_out_what_was_slept_over(tmp_path: Path) -> None:
    """After three weeks of sleep `latest` makes the last week's issue alone, and `all` makes all three."""
    folder = tmp_path / "office"
    latest = Readers("latest", "America/New_York", BERLIN.cron, catch_up="latest")
    make(folder, BERLIN, latest)
    for true in (at("05-10T12"), at("05-16T12"), at("06-02T12")):
        done = tick(opened(folder, true), now=true)
        assert done.failed == {}
    office = load(folder)
    slept = ["2026-W19", "2026-W20", "2026-W21"]
    first = [week for week in entries(office, "berlin") if week not in slept]
    assert_complete(office, "berlin", [*first, *slept])
    assert_complete(office, "latest", ["2026-W18", "2026-W21"])
    late = {week for week, one in entries(office, "berlin").items() if one.late}
    assert late == {*entries(office, "berlin")}
