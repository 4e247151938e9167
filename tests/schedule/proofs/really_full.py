"""Ticks on a disk that is really full: a program, run where a small tmpfs was mounted for it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.schedule.proofs import progress
from tests.schedule.proofs.launcher import Launcher
from tests.schedule.proofs.small_office import BERLIN, make
from tests.schedule.proofs.sound import assert_complete, assert_finished, assert_sound, digests, packs

LONG = os.environ.get("WORKBENCH_LONG") == "1"
FIRST = datetime(2026, 1, 11, 1, 31, tzinfo=UTC)
LEFT = range(0, 6 << 20, 16 << 10) if LONG else (128 << 10, 256 << 10)
"""Bytes that are left on the disk."""

ENOUGH = 3
"""So many slots that had room end it."""


def main(mount: Path) -> None:
    """Let a slot of each week meet a disk with so many bytes left; any wrong ends it with a traceback."""
    office, told = make(mount / "office", BERLIN), Counter[int]()
    launcher = Launcher(mount / "temporary")
    [tick] = launcher.start(office.root, FIRST)
    launcher.end(tick)
    for number, left in enumerate(LEFT, start=1):
        now, kept = FIRST + timedelta(weeks=number), digests(*packs(office, "berlin").values())
        fill(mount / "filler", left)
        [tick] = launcher.start(office.root, now)
        launcher.end(tick)
        assert digests(*(Path(name).parent for name in kept)) == kept
        assert_sound(office)
        (mount / "filler").unlink()
        assert tick.said
        told[tick.said["code"]] += 1
        if tick.said["code"]:
            assert tick.said["code"] == 22, f"{left} bytes left: {tick.said}"
            assert str(mount) in tick.said["last"], f"{left} bytes left: {tick.said}"
        [last] = launcher.start(office.root, now + timedelta(minutes=20))
        launcher.end(last)
        assert_finished(last, tick)
        weeks = [f"{FIRST + timedelta(weeks=one - 1):%G-W%V}" for one in range(number + 1)]
        assert_complete(office, "berlin", weeks)
        assert launcher.left_behind() == []
        progress.note("tmpfs", f"{left >> 10} KiB left: {dict(told)}")
        if told[0] >= ENOUGH:
            break
    assert told[22] >= ENOUGH - 1
    assert launcher.close() == []


def fill(file: Path, left: int) -> None:
    """Fill the disk of a file but for so many bytes."""
    free = os.statvfs(file.parent)
    size = free.f_bavail * free.f_frsize - left
    with file.open("wb") as opened, suppress(OSError):
        for start in range(0, size, 1 << 20):
            opened.write(b"\0" * min(1 << 20, size - start))
            opened.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
