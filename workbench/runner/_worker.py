"""A worker: one process that does one job at a time, ended when it takes too long, made anew when it dies."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workbench import kernels
from workbench.errors import StorageFull
from workbench.kernels._preload import PRELOADED
from workbench.publish import Job, Made, Stopped, carry_out

if TYPE_CHECKING:
    import psutil

TRIES = 3
"""So often a job is given to a worker, if it dies; then the edition has failed."""

_PRELOADED = (
    "workbench.kernels._deferred",  # first of all: what comes after it imports jsonschema
    "workbench.runner._worker", "workbench.briefing._execute", "workbench.document.pdf", "papermill.execute",
    "nbclient", "typst", "fontTools.subset", "fontTools.otlLib.optimize", "fontTools.varLib.merger",
    "fontTools.ttLib.tables.otTraverse", "pymupdf_fonts.FiraGO_BoldItalic", "pymupdf_fonts.FiraGO_Italic",
)  # fmt: skip
"""Imported once for all workers, beside what kernels have loaded; nothing with threads of its own."""

_START_SECONDS = 300.0
_GONE_SECONDS = 10.0
_STARTING = threading.Lock()

_Given = TypeVar("_Given")
_Done = TypeVar("_Done")


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


class Worker:
    """
    One process that does one thing at a time; it starts when it is first needed.

    What it writes lies in `folder`, which is emptied when the process ends. It ends with its owner, too,
    and whatever it started ends with it. Its methods may be called from any thread.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._context = folder, _context()
        self._pool: ProcessPoolExecutor | None = None
        self._pid: int | None = None
        self._ended = False
        self._lock = threading.Lock()

    def do(self, work: Callable[[_Given], _Done], given: _Given, *, seconds: float | None = None) -> _Done:
        """
        Return `work(given)`, done by the process.

        Raises TimeoutError after `seconds`, and BrokenProcessPool if the process died: then it is gone,
        and the next call starts another. Raises CancelledError once `end` was called.
        """
        try:
            future = self._started().submit(work, given)
            wait([future], timeout=seconds)
            if not future.done():
                self._stop()
                raise TimeoutError
            return future.result()
        except BrokenProcessPool:
            self._stop()
            if self._ended:
                raise CancelledError from None
            raise

    def carry(
        self, job: Job, work: Callable[[Job], Made | Stopped] | None = None
    ) -> tuple[Made | Stopped, int]:
        """
        Carry a job out, and return what came of it and in how many tries.

        A dead process is replaced, TRIES times in all. One that takes longer than the job's time limit is
        ended, and the job is not tried again. `work` stands for `carried`.
        """
        for tries in range(1, TRIES + 1):
            try:
                return self.do(work or carried, job, seconds=job.seconds), tries
            except BrokenProcessPool:
                continue
            except TimeoutError:
                return _too_long(job), tries
        return _died(job), TRIES

    def end(self) -> None:
        """End the process and all that it started, at once; it starts no more."""
        self._ended = True
        self._stop()

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._ended:
                raise CancelledError
            if self._pool is not None:
                return self._pool
            self._folder.mkdir(parents=True, exist_ok=True)
            with _allowed_to_start():
                pool = ProcessPoolExecutor(
                    1,
                    mp_context=self._context,
                    initializer=_begin,
                    initargs=(str(self._folder), tempfile.gettempdir()),
                )
                try:
                    here: Future[int] = pool.submit(os.getpid)
                except (ConnectionError, EOFError):
                    # the server that forks workers was killed; the next try finds that, and begins another
                    pool.shutdown(wait=False)
                    raise BrokenProcessPool("The server of the workers is gone.") from None
            self._pool = pool
        try:
            self._pid = here.result(timeout=_START_SECONDS)
        except TimeoutError:
            raise BrokenProcessPool("The worker did not start in time.") from None
        return pool

    def _stop(self) -> None:
        with self._lock:
            pool, pid = self._pool, self._pid
            self._pool = self._pid = None
        if pid is not None:
            _end_all(pid)
        if pool is not None:
            pool.shutdown(wait=pid is not None, cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)


def carried(job: Job) -> Made | Stopped:
    """Carry a job out; a fault of the workbench comes back as what it is and where, without a value."""
    try:
        return carry_out(job, within=_FOLDER[-1] if _FOLDER else None)
    except Exception as fault:
        return fault_of(fault)


def fault_of(fault: BaseException) -> Stopped:
    """Return a fault of the workbench as what stopped an edition: its class and its frames, no value."""
    full = StorageFull.of(fault, tempfile.gettempdir())
    if full is not None:
        return Stopped(type(full).__name__, str(full))
    frames = "".join(traceback.format_tb(fault.__traceback__))
    return Stopped(
        "BriefingFailed",
        f"The workbench met a fault of its own ({type(fault).__name__}), and nothing was published of this "
        "edition. Report it, with its traceback, to whoever maintains the workbench.",
        frames=frames,
    )


def _too_long(job: Job) -> Stopped:
    return Stopped(
        "BriefingFailed",
        f"{job.notebook} was not done in {job.seconds:g} s and was ended. Make it quicker, or raise the "
        f'`time_limit` of [[briefing]] "{job.order.briefing}" in workbench.toml.',
    )


def _died(job: Job) -> Stopped:
    return Stopped(
        "BriefingFailed",
        f"The process that made {job.notebook} died {TRIES} times. It may have run out of memory: run fewer "
        "at once (--jobs 1), and look into the log of the system.",
    )


def _context() -> BaseContext:
    """
    Return how workers are started: never by forking this process, whose threads they would not have.

    On Linux by a fork server, which has an environment of its own (one hash seed, one thread for
    arithmetic, nothing of ours) and has loaded what workers and kernels need.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*_PRELOADED, *PRELOADED])
    with _STARTING, _environment(kernels.environment()):
        _keep_sockets_short()
        forkserver.ensure_running()
    return context


def _keep_sockets_short() -> None:
    """Give multiprocessing a folder for its sockets if the temporary one is too deep for a socket's name."""
    from multiprocessing import util

    settings = getattr(multiprocessing.current_process(), "_config", {})
    place = settings.get("tempdir") or tempfile.gettempdir()
    if len(os.fsencode(place)) + _NAMES_BELOW <= _LONGEST_SOCKET:
        return
    settings["tempdir"] = tempfile.mkdtemp(prefix="pymp-", dir="/tmp")
    util.Finalize(None, shutil.rmtree, args=(settings["tempdir"], True), exitpriority=-100)


@contextmanager
def _environment(given: dict[str, str]) -> Iterator[None]:
    """Let what is started here find this environment and no other."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _allowed_to_start() -> Iterator[None]:
    """Let a process start another that multiprocessing calls daemonic: a Dask worker; ours ends with it."""
    settings = getattr(multiprocessing.current_process(), "_config", {})
    with _STARTING:
        daemon = settings.pop("daemon", None)
        before = os.environ.get("PYTHONHASHSEED")
        os.environ["PYTHONHASHSEED"] = "0"  # of what is spawned, elsewhere
        try:
            yield
        finally:
            if daemon is not None:
                settings["daemon"] = daemon
            del os.environ["PYTHONHASHSEED"]
            if before is not None:
                os.environ["PYTHONHASHSEED"] = before


_LONGEST_SOCKET = 107
"""Bytes of the name of a local socket (sun_path of unix(7), less its closing NUL)."""
_NAMES_BELOW = 40
"""Bytes that multiprocessing adds: /pymp-xxxxxxxx/listener-xxxxxxxx, and some to spare."""

_FOLDER: list[Path] = []
"""Of this process, if it is a worker."""


def _begin(folder: str, temporary: str) -> None:
    """Make a new process a worker: it writes in its folder, is not interrupted, and ends with its owner."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner is interrupted, and ends us
    if sys.platform == "linux":
        for name in os.environ.keys() - kernels.environment().keys():
            del os.environ[name]  # some library has set it as it was loaded
        kernels.serve_from_here()  # first of all: while there is one thread
    _FOLDER.append(Path(folder))
    tempfile.tempdir = temporary  # where drawn letters are kept for all
    os.environ["JUPYTER_RUNTIME_DIR"] = str(Path(folder) / "runtime")
    threading.Thread(target=_end_with_owner, args=(folder,), daemon=True).start()


def _end_with_owner(folder: str) -> None:
    owner = multiprocessing.parent_process()
    if owner is None:
        return
    owner.join()
    shutil.rmtree(folder, ignore_errors=True)
    _end_all(os.getpid())


def _end_all(pid: int) -> None:
    """End a process and those that it started, and wait until they are gone."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        below = first.children(recursive=True)
        mine = pid == os.getpid()
        for one in below if mine else [first, *below]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        if mine:
            os._exit(1)
        until = time.monotonic() + _GONE_SECONDS
        while any(map(_runs, [first, *below])) and time.monotonic() < until:
            time.sleep(0.01)


def _runs(process: psutil.Process) -> bool:
    """Whether a process is still at work; one that waits for its parent to take note of its end is not."""
    import psutil

    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
