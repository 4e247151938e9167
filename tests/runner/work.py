"""Work for worker processes that needs no notebook, and looking for processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from workbench.publish import Job, Made

EMPTY = Made({}, b"", ())


def process_id(_: object) -> int:
    """Return the process that does this."""
    return os.getpid()


def has_built_the_grammar(_: object) -> bool:
    """Return whether the grammar that comes with JupyterLab is loaded, and not what stands in for it."""
    found = sys.modules.get("rfc3987_syntax")
    return found is not None and "stands in" not in (found.__doc__ or "").casefold()


def dies_at_first(folder: Path) -> int:
    """End the process without a word, unless it was tried before; return how often it was."""
    tried = len(list(folder.iterdir()))
    (folder / str(tried)).touch()
    if not tried:
        os._exit(3)
    return tried


def dies(job: Job) -> Made:
    """Note that a try was made, and end the process without a word."""
    assert isinstance(job.view, Path)
    (job.view / str(len(list(job.view.iterdir())))).touch()
    os._exit(3)


def sleeps(folder: Path) -> None:
    """Start a process, say which, and sleep."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "child").write_text(f"{os.getpid()} {child.pid}", encoding="utf-8")
    time.sleep(600)


def runs(pid: int) -> bool:
    """Whether a process is there and at work."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def gone(pids: list[int], *, seconds: float = 60) -> bool:
    """Whether none of these processes is at work, at once or soon."""
    until = time.monotonic() + seconds
    while any(map(runs, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(runs, pids))


def kernels(below: Path) -> Iterator[psutil.Process]:
    """Yield the running kernels whose working folder lies below a folder."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if Path(process.cwd()).is_relative_to(below) and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def kernel_of(below: Path, *, seconds: float = 60) -> psutil.Process:
    """Wait for a kernel that works below a folder, and return it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for one in kernels(below):
            return one
        time.sleep(0.05)
    raise AssertionError("no kernel was started")
