"""
A disk that is full at any moment of a slot: the old issue is untouched, it is told, the next tick goes on.

Two full disks: one whose n-th write fails, by a library that is preloaded into the ticks (full_disk.c), so
that each write of Python, SQLite and delta-rs has its turn; and a real one, a small tmpfs with so many bytes
left, on which the workers and kernels write, too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.schedule.proofs import progress
from tests.schedule.proofs.disk import EVER, Disk, library_in
from tests.schedule.proofs.launcher import ROOT, Launcher, Started
from tests.schedule.proofs.small_office import BERLIN, make
from tests.schedule.proofs.sound import (
    assert_complete,
    assert_finished,
    assert_sound,
    digests,
    listed_weeks,
    packs,
)
from workbench.config import Office, load

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a library is preloaded, a tmpfs mounted")

LONG = os.environ.get("WORKBENCH_LONG") == "1"
FIRST = datetime(2026, 1, 11, 1, 31, tzinfo=UTC)

SHARE = """
[[delivery]]
slug = "share"
audience = "berlin"
kind = "folder"
path = "{share}"
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the library that makes a disk full; where there is no compiler, the tests are skipped."""
    made = library_in(tmp_path_factory.mktemp("library"))
    if made is None:
        pytest.skip("there is no C compiler (cc)")
    return made


@pytest.fixture
def disk(tmp_path: Path, library: Path) -> Disk:
    """Return a disk with room."""
    return Disk(tmp_path, library)


@pytest.fixture
def launcher(disk: Disk) -> Iterator[Launcher]:
    """Give a warm process whose ticks write on the disk only, their temporary folder included."""
    one = Launcher(disk.folder / "temporary", environment=disk.environment)
    yield one
    assert one.close() == []


def test_every_write_may_find_the_disk_full(launcher: Launcher, disk: Disk, tmp_path: Path) -> None:
    """
    Full from the n-th write of a slot on, or at it alone: nothing of the old issue changes, and it is told.

    3 numbers spread over the slot's writes (with WORKBENCH_LONG=1 each from which it is full, and each
    third that fails alone). Nothing half is seen; the error is StorageFull, code 22, names a folder of
    that disk and says what to do; with room again the next tick makes the issue, once, and delivers it.
    """
    template = tmp_path / "template"
    share = disk.folder / "share"
    make(template, BERLIN, more=SHARE.format(share=share.as_posix()))
    shutil.copytree(template, disk.folder / "office")
    share.mkdir()
    [first] = launcher.start(disk.folder / "office", FIRST)
    launcher.end(first)
    assert first.said
    assert len(first.said["done"]) == 1, first.said
    shutil.rmtree(template)
    shutil.copytree(disk.folder, template)  # one issue is out, and the next is due in a week

    disk.full()
    [second] = launcher.start(disk.folder / "office", FIRST + timedelta(weeks=1))
    launcher.end(second)
    writes = disk.count()
    assert writes > 100
    progress.note("full", f"{writes} writes in a slot")
    told: Counter[str] = Counter()
    for first_full, until in turns(writes):
        disk.full()
        for one in ("office", "share"):
            shutil.rmtree(disk.folder / one)
            shutil.copytree(template / one, disk.folder / one)
        told[one_turn(launcher, disk, first_full, until)] += 1
        progress.note("full", f"{first_full} to {min(until, writes)} of {writes}: {dict(told)}")
    assert told["StorageFull"] > sum(told.values()) // 3
    assert launcher.left_behind() == []


def turns(writes: int) -> list[tuple[int, int]]:
    """Return which writes fail, in turn: from one number on, or one alone."""
    if LONG:
        alone = [(n, n + 1) for n in range(1, writes + 1, 3)]
        return [(n, EVER) for n in range(1, writes + 1)] + alone
    return [(writes // 2, EVER), (writes * 3 // 4, EVER), (writes // 3, writes // 3 + 1)]


def one_turn(launcher: Launcher, disk: Disk, first_full: int, until: int) -> str:
    """Let a tick meet the full disk and the next one find room; return what the first had to say."""
    office = load(disk.folder / "office")
    old = [packs(office, "berlin")["2026-W01"], disk.folder / "share" / "weekly" / "north" / "2026-W01"]
    kept, now = digests(*old), FIRST + timedelta(weeks=1)
    disk.full(first_full, until)
    [tick] = launcher.start(office.root, now)
    launcher.end(tick)
    assert digests(*old) == kept
    assert_sound(office)
    disk.full()
    what = judged(tick, disk.folder, office, alone=until != EVER)
    [last] = launcher.start(office.root, now + timedelta(minutes=20))
    launcher.end(last)
    assert_finished(last, tick)
    assert_complete(office, "berlin", ["2026-W01", "2026-W02"])
    assert digests(*old) == kept
    there = packs(office, "berlin")
    assert {
        one.name: digests(one) != {} for one in (disk.folder / "share" / "weekly" / "north").iterdir()
    } == dict.fromkeys(there, True)
    return what


def judged(tick: Started, folder: Path, office: Office, *, alone: bool) -> str:
    """Return what a tick that met a full disk said: it is the disk, or all was done for all that."""
    assert tick.said, "the tick had nothing to say"
    if tick.said["code"] == 0:
        # what failed was a courtesy: to sync a folder, to clear up, or the last line of the heartbeat
        assert listed_weeks(office, "berlin") == ["2026-W01", "2026-W02"], tick.said
        assert tick.said["failed"] == {}
        return "all done"
    if alone and tick.said["code"] != 22:
        return "told otherwise"  # SQLite does not say why it could not write, and now there is room
    assert tick.said["code"] == 22, f"{tick.said}"
    said = tick.said["last"]
    assert "no room left" in said
    assert str(folder) in said, said
    assert "Make room" in said
    return "StorageFull"


def test_the_command_says_that_the_disk_is_full(disk: Disk) -> None:
    """`workbench tick` on a full disk ends with code 22, names the folder and says what to do."""
    office = make(disk.folder / "office", BERLIN)
    text = (office.root / "workbench.toml").read_text(encoding="utf-8")
    (office.root / "workbench.toml").write_text(
        f"fixed_clock = {FIRST:%Y-%m-%dT%H:%M:%SZ}\n{text}", encoding="utf-8"
    )
    disk.full(1)
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "tick", "--office", str(office.root)],
        cwd=ROOT, env={**os.environ, **disk.environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 22, done.stderr
    assert str(disk.folder) in done.stderr.replace("\n", "")
    assert "Make room" in " ".join(done.stderr.split())


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """
    On a tmpfs with 128 or 256 KiB left a tick fails as above, and with room again the next one finishes.

    Workers and kernels write there, too. With WORKBENCH_LONG=1 for every 16 KiB from none on until a slot
    has room enough. Skipped where no tmpfs can be mounted, in a name space of its own.
    """
    mount = tmp_path / "mount"
    mount.mkdir()
    inside = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"', str(mount)]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*inside, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no tmpfs can be mounted here")
    done = subprocess.run(
        [*inside, sys.executable, "-m", "tests.schedule.proofs.really_full", str(mount)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
