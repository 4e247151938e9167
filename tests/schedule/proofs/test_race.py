"""
Many ticks at once: each issue is one's, by the lock of a machine and, between machines, by the ledger.

Each tick is a process. On one machine a lock lets one of them work; machines that share an office are
stood for by ticks without that lock, each under a machine's name of its own, so that lease and fencing
token are all that keeps them apart.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.schedule.proofs import progress
from tests.schedule.proofs.launcher import Launcher
from tests.schedule.proofs.small_office import BERLIN, make
from tests.schedule.proofs.sound import assert_complete, assert_sound, entries, packs
from workbench.config import Office

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="ticks are forked at once from a warm process"
)

LONG = os.environ.get("WORKBENCH_LONG") == "1"
TICKS = 32
ROUNDS = 100 if LONG else 2
"""Of each kind."""

FIRST = datetime(2026, 1, 11, 1, 31, tzinfo=UTC)
"""A minute after the first issue is due."""


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Give a warm process; nothing that it started may outlive it."""
    one = Launcher(tmp_path_factory.mktemp("race"))
    yield one
    assert one.close() == []


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office with one issue a week."""
    return make(tmp_path / "office", BERLIN)


@pytest.mark.parametrize("locked", [True, False], ids=["one-machine", "machines"])
def test_32_ticks_at_once_make_one_issue(launcher: Launcher, office: Office, *, locked: bool) -> None:
    """
    In each of 2 rounds (100 with WORKBENCH_LONG=1) 32 ticks make one issue, and the other 31 end cleanly.

    On one machine those say that another is at work. The clocks of several machines differ by up to two
    minutes; those that have lost say that the issue waits, or find it there and have nothing to do.
    """
    for number in range(ROUNDS):
        now = FIRST + timedelta(weeks=number)
        ticks = launcher.start(office.root, now, ticks=TICKS, locked=locked, apart=0 if locked else 4)
        launcher.end(*ticks)
        assert [one.status for one in ticks] == [0] * TICKS
        said = [one.said or {} for one in ticks]
        assert [one for one in said if one["failed"] or one["others"]] == []
        assert sum(len(one["done"]) > 0 for one in said) >= 1
        if locked:
            assert sorted(one["busy"] for one in said) == [False] + [True] * (TICKS - 1)
        assert_sound(office)
        assert len(packs(office, "berlin")) == number + 1
        known = entries(office, "berlin")
        assert [one.state for one in known.values()] == ["done"] * (number + 1)
        assert_complete(office, "berlin", known)
        progress.note("race", f"{'one machine' if locked else 'machines'} round {number + 1}")
    assert launcher.left_behind() == []


@pytest.mark.parametrize("stop_at", ["may publish", "publishing", "gates"])
def test_a_machine_that_falls_silent_is_overtaken_once(
    launcher: Launcher, office: Office, stop_at: str
) -> None:
    """
    A machine that stands still longer than its lease is overtaken, and when it goes on there is one issue.

    Stopped before it may publish, it publishes nothing: another was given the issue. Stopped while it
    publishes, it holds the lock of what leaves: the other waits for it, and publishes nothing. The next
    tick finds the ledger as the disk is.
    """
    [silent] = launcher.start(office.root, FIRST, locked=False, stop_at=stop_at)
    assert launcher.until(silent, stop_at)
    [other] = launcher.start(office.root, FIRST + timedelta(hours=1), locked=False)
    if stop_at == "publishing":
        assert launcher.until(other, "running the notebook")
        os.kill(silent.pid, signal.SIGCONT)
        launcher.end(silent, other)
    else:
        if stop_at == "gates":
            launcher.end(other)
            assert len(packs(office, "berlin")) == 1
        os.kill(silent.pid, signal.SIGCONT)
        launcher.end(silent, other)
    assert silent.status == other.status == 0
    assert_sound(office)
    assert len(packs(office, "berlin")) == 1
    [last] = launcher.start(office.root, FIRST + timedelta(hours=2), locked=False)
    launcher.end(last)
    assert_complete(office, "berlin", ["2026-W01"])
    assert launcher.left_behind() == []
