"""A cluster of other processes: it makes the same bytes, also when one of its workers is killed at work."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import copy_of
from tests.publish.test_main_path import content
from tests.runner.work import gone, kernel_of
from workbench.config import Office
from workbench.document.fonts import font_folder
from workbench.publish import Order
from workbench.runner import Watcher, run_all
from workbench.view import store_of

pytest.importorskip("distributed", reason="Dask is not installed (the extra `cluster`)")


@contextmanager
def dask(what: str, *arguments: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of Dask as a process of its own."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=os.environ | environment, **quiet)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """Run a scheduler and two workers, each with a temporary folder of its own; give its address."""
    with ExitStack() as running:
        address = f"tcp://127.0.0.1:{free_port()}"
        host, _, port = address.removeprefix("tcp://").partition(":")
        running.enter_context(dask("scheduler", "--host", host, "--port", port, environment={}))
        for number in range(2):
            below = tmp_path / f"machine-{number}"
            shutil.copytree(font_folder(), below / font_folder().name)
            running.enter_context(
                dask(
                    "worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", str(below),
                    environment={"TMPDIR": str(below)},
                )
            )  # fmt: skip
        yield address


def free_port() -> int:
    """Return a port that nobody listens at."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Killer(Watcher):
    """Kills the Dask worker that the first kernel works for."""

    def __init__(self, below: Path) -> None:
        """Look below this folder."""
        self.killed: list[int] = []
        self.thread = threading.Thread(target=self.kill, args=(below,))
        self.thread.start()

    def kill(self, below: Path) -> None:
        """Wait for a kernel, and kill what stands above it all."""
        kernel = kernel_of(below)
        above = kernel.parents()
        worker = above[[one.pid for one in above].index(os.getpid()) - 1]
        self.killed = [one.pid for one in (worker, *worker.children(recursive=True))]
        worker.kill()


def test_a_cluster_makes_the_same_bytes(
    office: Office, orders: list[Order], scheduler: str, tmp_path: Path
) -> None:
    """With one of two workers killed at work, every edition comes out as it does here."""
    here = copy_of(office, tmp_path / "here")
    killer = Killer(tmp_path)
    outcomes = run_all(office, store_of(office), orders, scheduler=scheduler, jobs=2, watcher=killer)
    killer.thread.join()
    assert killer.killed
    assert [one.failure for one in outcomes] == [None, None]
    assert gone(killer.killed)
    alone = run_all(here, store_of(here), orders, jobs=1)
    for there, local in zip(outcomes, alone, strict=True):
        assert there.published is not None
        assert local.published is not None
        assert content(there.published.folder) == content(local.published.folder)
