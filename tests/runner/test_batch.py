"""Many editions at once: what comes out is what came out one by one, and one failure costs one edition."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests import small_notebook
from tests.conftest import copy_of, edit
from tests.publish.test_main_path import content
from tests.runner.work import gone, kernel_of, kernels
from workbench.config import Office, load
from workbench.errors import BriefingFailed
from workbench.publish import Order, pack
from workbench.runner import Outcome, Watcher, run_all
from workbench.runner._batch import _first_free
from workbench.view import store_of


def worker_of(kernel: psutil.Process) -> psutil.Process:
    """Return the worker process that a kernel works for: below us, or below the fork server below us."""
    above = kernel.parents()
    mine = [one.pid for one in above].index(os.getpid())
    return above[mine - 2 if sys.platform == "linux" else mine - 1]


class Killer(Watcher):
    """Ends the worker of the first kernel that is seen; counts the views that are saved."""

    def __init__(self, temporary: Path) -> None:
        """Look below this folder."""
        self.temporary = temporary
        self.thread = threading.Thread(target=lambda: worker_of(kernel_of(temporary)).kill())
        self.views: set[str] = set()

    def step(self, order: Order, what: str) -> None:
        """Begin when the first notebook does."""
        del order
        if what == "running the notebook" and self.thread.ident is None:
            self.thread.start()
        self.views |= {one.name for one in self.temporary.glob("workbench-run-*/views/*")}


def made(outcome: Outcome) -> dict[str, bytes]:
    """Return the files of the edition that came of an order."""
    assert outcome.published is not None, outcome.failure
    return content(outcome.published.folder)


def test_a_batch_makes_what_is_made_one_by_one(
    office: Office, orders: list[Order], temporary: Path, tmp_path: Path
) -> None:
    """
    Side by side and with a worker killed at work, each edition has the bytes it has by itself.

    A view is saved once for all that need it. What stands is not run again, unless it is damaged; then it
    has the same bytes. Nothing temporary stays.
    """
    alone = copy_of(office, tmp_path / "alone")
    killer = Killer(temporary)
    outcomes = run_all(office, store_of(office), orders, jobs=2, watcher=killer)
    killer.thread.join()
    assert [one.order for one in outcomes] == orders
    assert sorted(one.tries for one in outcomes) == [1, 2]
    for one, by_itself in zip(outcomes, run_all(alone, store_of(alone), orders, jobs=1), strict=True):
        assert made(one) == made(by_itself)
    assert killer.views == {"view-1"}

    [page, whole] = [one.published.folder / "briefing.html" for one in outcomes if one.published]
    good, standing = page.read_bytes(), whole.stat().st_mtime_ns
    page.write_bytes(good.replace(b"Kestara", b"Kestaru"))
    again = run_all(office, store_of(office), orders, jobs=2)
    assert [one.tries for one in again] == [1, 0]
    [restored, standing_one] = [one.published for one in again if one.published]
    assert (restored.restored, restored.reproduced, restored.unchanged) == (True, True, False)
    assert (standing_one.restored, standing_one.reproduced, standing_one.unchanged) == (False, False, True)
    assert page.read_bytes() == good
    assert whole.stat().st_mtime_ns == standing
    assert all(pack.verify(one.published.folder) == () for one in again if one.published)
    assert list(temporary.glob("workbench-run-*")) == []


def test_a_time_limit_ends_its_own_edition(office: Office, orders: list[Order], temporary: Path) -> None:
    """What takes longer than it may is ended with its kernel; its view stays; the others are made."""
    edit(office.root, {'title = "Data quality"\n': 'title = "Data quality"\ntime_limit = 4\n'})
    office = load(office.root)
    small_notebook.write(office.root / "notebooks" / "data_quality.ipynb",
                         *["import time\ntime.sleep(2)"] * 9)  # fmt: skip
    slow, quick = run_all(office, store_of(office), [orders[1], orders[0]], jobs=2)
    assert isinstance(slow.failure, BriefingFailed)
    assert "data_quality.ipynb was not done in 4 s" in str(slow.failure)
    assert slow.tries == 1
    kept = re.search(r"Run folder: (.*)", str(slow.failure))
    assert kept
    assert (Path(kept[1]) / "view" / "view.json").is_file()
    assert list(kernels(temporary)) == []
    assert pack.verify(quick.published.folder) == () if quick.published else pytest.fail(str(quick.failure))


def test_the_first_failure_may_stop_the_rest(office: Office, orders: list[Order]) -> None:
    """A failure leaves the others alone, or, if that was asked for, all that is not done undone."""
    (office.root / "notebooks" / "weekly_conflict.ipynb").unlink()
    failing = [replace(orders[0], audience=one) for one in ("internal", "partners", "leadership")]
    told = run_all(office, store_of(office), failing, jobs=2)
    assert [one.failure is None for one in told] == [False, False, False]
    told = run_all(office, store_of(office), failing, jobs=2, keep_going=False)
    assert [(one.failure is None, one.published) for one in told] == [
        (False, None),
        (True, None),
        (True, None),
    ]
    assert run_all(office, store_of(office), []) == ()


def test_what_depends_on_another_edition_waits_for_it(orders: list[Order]) -> None:
    """Two versions of an issue, and two editions of counts of one area, never run side by side."""
    internal, partners = orders[0], replace(orders[0], audience="partners")
    counts = [replace(internal, audience=one) for one in ("public", "press")]
    counted = {"public", "press"}
    assert _first_free([partners], [internal], counted) == 0
    assert _first_free([replace(internal, week="2026-W45")], [internal], counted) == 0
    assert _first_free([internal], [internal], counted) is None
    assert _first_free(counts[1:], counts[:1], counted) is None
    assert _first_free([*counts[1:], partners], counts[:1], counted) == 1
    elsewhere = replace(counts[1], area="orvane")
    assert _first_free([elsewhere], counts[:1], counted) == 0
    # one that waits holds back what depends on it, too
    assert _first_free([counts[1], replace(counts[1], briefing="other")], counts[:1], counted) is None


@pytest.mark.skipif(os.name != "posix", reason="an interrupt is sent to a process as a terminal sends it")
def test_an_interrupt_leaves_nothing_half(office: Office, temporary: Path) -> None:
    """Ctrl-C while notebooks run: code 130, no half pack, no folder, no process."""
    below = temporary
    briefings = ("weekly_conflict", "data_quality")
    script = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell may ignore it
    )
    command = (sys.executable, "-c", f"{script}; from workbench.cli import main; main()", "run", *briefings)
    with subprocess.Popen(
        [*command, "--audience", "internal", "--jobs", "2", "--office", str(office.root)],
        env=os.environ | {"TMPDIR": str(below)}, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as running:  # fmt: skip
        kernel_of(below)
        started = [one.pid for one in psutil.Process(running.pid).children(recursive=True)]
        os.killpg(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "Traceback" not in out + err
    assert re.search(r"Stopped: \d of 2 editions were looked at, and none is half made", err)
    assert gone(started)
    assert list(kernels(below)) == []
    assert [one for one in below.iterdir() if one.name.startswith("workbench-run-")] == []
    packs = [one.parent for one in office.root.rglob("manifest.json") if "notebooks" not in one.parts]
    assert all(pack.verify(one) == () for one in packs)
    assert not list(office.root.rglob(".making-*"))
