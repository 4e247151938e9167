"""
A tick killed at any instant: nothing is lost, doubled or half visible, and the next tick finishes the issue.

Ticks are processes of their own, stopped with SIGKILL before a step that they have told or at a random
moment. What they leave behind (workers, kernels, the gate) must end by itself.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from tests.outbox.server import Mailbox, serving
from tests.schedule.proofs import progress
from tests.schedule.proofs.disk import Disk, library_in
from tests.schedule.proofs.launcher import ROOT, Launcher
from tests.schedule.proofs.small_office import BERLIN, make
from tests.schedule.proofs.sound import (
    assert_complete,
    assert_finished,
    assert_sound,
    digests,
    listed_weeks,
    packs,
)
from workbench.config import Office
from workbench.outbox import failures
from workbench.publish import pack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ticks are forked from a warm process")

LONG = os.environ.get("WORKBENCH_LONG") == "1"
LANES = 4 if LONG else 1
KILLS = 76 if LONG else 6
"""In each lane."""

FIRST = datetime(2026, 1, 11, 1, 31, tzinfo=UTC)
READERS = ("one@reader.example", "two@reader.example")
STEPS = (
    "heartbeat", "ledger", "schedule", "claim", "batch", "pull", "gates", "run", "reading the store",
    "running the notebook", "checking what leaves", "may publish", "publishing", "ended", "noted", "delivery",
    "overdue", "upkeep", "failure pages", "end",
)  # fmt: skip
HEAVY = ("publishing", "checking what leaves", "delivery", "running the notebook", "pull")
"""In which a random moment is looked for most often: much is written there."""

SENT = """
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "desk@office.example"
time_limit = 5

[[delivery]]
slug = "share"
audience = "berlin"
kind = "folder"
path = "{share}"

[[delivery]]
slug = "post"
audience = "berlin"
kind = "mail"
content = "pdf"
oldest_days = 400
"""


@dataclass
class Lane:
    """An office whose ticks are killed: its mail server, the folder it copies to, who releases its issues."""

    office: Office
    box: Mailbox
    share: Path
    drafts: bool
    launcher: Launcher
    chance: random.Random
    killed: Counter[str]

    def weeks(self) -> list[str]:
        """Return the weeks whose issue is there."""
        return sorted(packs(self.office, "berlin", drafts=self.drafts))


def lane_in(folder: Path, number: int, stack: ExitStack) -> Lane:
    """Make a lane; every fourth one's issues wait for a person."""
    box = stack.enter_context(serving(None, security="none"))
    share = folder / f"share-{number}"
    share.mkdir(parents=True)
    drafts = number % 4 == 3
    office = make(
        folder / f"office-{number}",
        BERLIN,
        more=SENT.format(port=box.port, share=share.as_posix()),
        recipients=READERS,
        release="one_person" if drafts else "automatic",
    )
    launcher = Launcher(folder / f"temporary-{number}")
    stack.callback(launcher.close)
    chance = random.Random(f"ticks-{number}")  # noqa: S311 - a test that can be repeated
    return Lane(office, box, share, drafts, launcher, chance, Counter())


def test_killed_ticks(tmp_path: Path) -> None:
    """
    After each of 6 kills (304 with WORKBENCH_LONG=1) all is whole, and the next tick finishes the issue.

    Every pack verifies and older ones have their bytes; no draft or issue is doubled; the index page is
    whole, and after the next tick it lists just what is there. Each reader gets each issue once; of what was
    being handed over at the kill that is not known, and it is told, never sent again. Nothing keeps running.
    """
    with ExitStack() as stack:
        lanes = [lane_in(tmp_path, number, stack) for number in range(LANES)]
        with ThreadPoolExecutor(LANES) as pool:
            for done in [pool.submit(kill_often, one) for one in lanes]:
                done.result()
        total = sum((one.killed for one in lanes), Counter())
        progress.note("killed", f"in all {sum(total.values())} kills: {dict(total)}")
        assert sum(total.values()) - total["over"] > KILLS * LANES * 3 // 4, (
            "most kills must hit a tick at work"
        )


def kill_often(lane: Lane) -> None:
    """Kill a tick in each of many weeks, and let the next tick finish."""
    for number in range(KILLS):
        now = FIRST + timedelta(weeks=number)
        before = lane.weeks()
        kept = digests(*packs(lane.office, "berlin", drafts=lane.drafts).values())
        if number % 5 == 4:  # something is to be told on the failure pages, and is over with the next
            (lane.office.root / "log.csv").rename(lane.office.root / "log.away")
        step = lane.chance.choice(STEPS if number % 2 else HEAVY)
        kill_at(lane, now, step, at_once=bool(number % 2))
        assert lane.launcher.left_behind() == []
        assert_sound(lane.office)
        assert digests(*(Path(one) for one in {Path(name).parent for name in kept})) == kept
        assert set(lane.weeks()) - set(before) <= {f"{now - timedelta(weeks=1):%G-W%V}"}
        assert_sent_once(lane, over=False)

        if number % 5 == 4:
            (lane.office.root / "log.away").rename(lane.office.root / "log.csv")
        [last] = lane.launcher.start(lane.office.root, now + timedelta(minutes=20))
        lane.launcher.end(last)
        assert last.said, "the tick after a kill did not come to its end"
        assert (last.said["failed"], last.said["waiting"], last.said["busy"]) == ({}, 0, False)
        weeks = [f"{FIRST + timedelta(weeks=one - 1):%G-W%V}" for one in range(number + 1)]
        assert_complete(lane.office, "berlin", weeks, drafts=lane.drafts)
        assert_sent_once(lane, over=True)
        progress.note("killed", f"{lane.office.root.name} kill {number + 1} at {step}")


def kill_at(lane: Lane, now: datetime, step: str, *, at_once: bool) -> None:
    """Kill a tick when it has told of a step, or some time after."""
    [tick] = lane.launcher.start(lane.office.root, now)
    told = lane.launcher.until(tick, step)
    if not at_once:
        longest = 6.0 if step == "running the notebook" else 0.8
        time.sleep(lane.chance.uniform(0, longest))
    lane.launcher.kill(tick)
    at_work = os.WIFSIGNALED(tick.status or 0)
    lane.killed[("" if told else "before ") + step if at_work else "over"] += 1


def assert_sent_once(lane: Lane, *, over: bool) -> None:
    """Check what readers were sent: never twice, and in the end all, but for what is told as unknown."""
    came: Counter[tuple[str, str]] = Counter()
    for address, message in lane.box.taken:
        [found] = {re.sub(r"\s", "", str(message["Message-ID"]))}
        came[address, found] += 1
    assert set(came.values()) <= {1}
    if lane.drafts:
        assert not came
        return
    open_ones = failures(lane.office)
    assert {one.state for one in open_ones} <= {"unknown", "failed"}
    weeks = listed_weeks(lane.office, "berlin")
    for address in READERS:
        number = sum(count for (reader, _), count in came.items() if reader == address)
        assert number <= len(lane.weeks())
    if over:
        unknown = sum(one.state == "unknown" for one in open_ones)
        assert {one.state for one in open_ones} <= {"unknown"}
        assert len(READERS) * len(weeks) - unknown <= sum(came.values()) <= len(READERS) * len(weeks)
        for week, folder in packs(lane.office, "berlin").items():
            copy = lane.share / folder.relative_to(lane.office.path(lane.office.outputs) / "berlin")
            assert pack.verify(copy) == (), week
    for manifest in lane.share.rglob("manifest.json"):
        assert manifest.parent.name == "v1"


def test_killed_at_every_write(tmp_path: Path) -> None:
    """
    Killed at the n-th write of a slot to its disk, for 3 n late in the slot (with WORKBENCH_LONG=1, each n).

    There is one issue, whole, after the next tick, also where the kill came between the pack and its line
    in the index page, or between the log and the pack; the older issue is untouched.
    """
    library = library_in(tmp_path)
    if library is None:
        pytest.skip("there is no C compiler (cc)")
    disk = Disk(tmp_path, library)
    office = make(disk.folder / "office", BERLIN)
    launcher = Launcher(disk.folder / "temporary", environment=disk.environment)
    for number in range(2):
        disk.full()
        [tick] = launcher.start(office.root, FIRST + timedelta(weeks=number))
        launcher.end(tick)
    writes = disk.count()
    turns = range(1, writes + 1) if LONG else [writes * part // 100 for part in (80, 85, 90)]
    died = 0
    for number, write in enumerate(turns, start=2):
        now, kept = FIRST + timedelta(weeks=number), digests(*packs(office, "berlin").values())
        disk.deadly(write)
        [tick] = launcher.start(office.root, now)
        launcher.end(tick)
        died += os.WIFSIGNALED(tick.status or 0)
        disk.full()
        assert launcher.left_behind() == []
        assert_sound(office)
        assert digests(*{Path(name).parent for name in kept}) == kept
        [last] = launcher.start(office.root, now + timedelta(minutes=20))
        launcher.end(last)
        assert_finished(last, tick)
        weeks = [f"{FIRST + timedelta(weeks=one - 1):%G-W%V}" for one in range(number + 1)]
        assert_complete(office, "berlin", weeks)
        progress.note("writes", f"killed at write {write} of {writes}: {tick.steps[-1:]}")
    assert died > len(turns) * 3 // 4
    assert launcher.close() == []


def test_a_killed_command_leaves_nothing(tmp_path: Path) -> None:
    """
    `workbench tick` killed at a random moment (at 20 with WORKBENCH_LONG=1): no process stays behind.

    It starts its own fork server, worker, kernel and gate; all must end with it, and the next command
    finishes the issue.
    """
    chance = random.Random("commands")  # noqa: S311 - a test that can be repeated
    office = make(tmp_path / "office", BERLIN)
    at_work = 0
    for number in range(20 if LONG else 1):
        now = FIRST + timedelta(weeks=number)
        text = (office.root / "workbench.toml").read_text(encoding="utf-8")
        clock = f"fixed_clock = {now:%Y-%m-%dT%H:%M:%SZ}"
        text = re.sub(r"^fixed_clock = .*\n", "", text, flags=re.MULTILINE)
        (office.root / "workbench.toml").write_text(f"{clock}\n{text}", encoding="utf-8")
        mark = f"proof-{os.getpid()}-{number}"
        first = command(office, mark)
        until = time.monotonic() + 120
        wanted = chance.choice(["started", "working"])
        while wanted == "working" and first.poll() is None and not below(first) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(chance.uniform(0, 8 if wanted == "working" else 3))
        seen = below(first)
        at_work += first.poll() is None
        first.kill()
        first.wait()
        _, alive = psutil.wait_procs(seen, timeout=20)
        assert alive == []
        assert_sound(office)
        again = command(office, mark)
        assert again.wait(300) == 0
        assert_complete(
            office, "berlin", [f"{FIRST + timedelta(weeks=n - 1):%G-W%V}" for n in range(number + 1)]
        )
        progress.note("command", f"kill {number + 1} {wanted}")
    assert at_work > 0, "a command must have been killed at work"


def command(office: Office, mark: str) -> subprocess.Popen[bytes]:
    """Start `workbench tick`."""
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", "tick", "--office", str(office.root)],
        cwd=ROOT, env={**os.environ, "WORKBENCH_PROOF": mark}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def below(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return all processes below one."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
