"""What a forked child does before it is a program of its own, as if `python -m MODULE` had started it."""

from __future__ import annotations

import atexit
import json
import os
import signal
import site
import socket
import sys
import threading
import time
from contextlib import suppress
from importlib import invalidate_caches
from types import ModuleType
from typing import Any, NoReturn

from workbench.kernels._preload import FRESH, unload

INTERRUPTED = 130
"""The exit code of a program that ended by an interrupt nobody caught, as shells report it."""


def become(order: int, stdio: tuple[int, int, int], *, lifeline: int, report: int) -> NoReturn:
    """
    Turn this freshly forked child into the program that was ordered, run it and end.

    `order` is a file of JSON (`module`, `arguments`, `environment`, `folder`, `umask`), read here and not in
    the server, so that one child's environment is never in another's memory. All arguments are descriptors.
    `report` says that the child is ready, or what failed; `lifeline` ends when the owner does.
    """
    status = 1
    try:
        said = _separated(order, stdio, lifeline, report)
        status = _run(said, lifeline)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _separated(order: int, stdio: tuple[int, int, int], lifeline: int, report: int) -> dict[str, Any]:
    try:
        os.setsid()
        plain_signals()
        os.lseek(order, 0, os.SEEK_SET)
        with open(order, "rb", closefd=False) as file:
            said: dict[str, Any] = json.load(file)
        os.umask(said["umask"])
        os.chdir(said["folder"])
        for number, descriptor in enumerate(stdio):
            os.dup2(descriptor, number)
        with socket.socket(fileno=os.dup(report)) as channel:
            mine = os.pidfd_open(os.getpid())
            socket.send_fds(channel, [b"pid %d" % os.getpid()], [mine])
    except Exception as problem:
        os.write(report, b"failed " + type(problem).__name__.encode())
        raise
    close_all_but({0, 1, 2, lifeline})
    return said


def close_all_but(kept: set[int]) -> None:
    """Close every descriptor of this process but these."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 (before every kernel)
        if int(name) not in kept:
            with suppress(OSError):  # the one that listed them
                os.close(int(name))


def _run(said: dict[str, Any], lifeline: int) -> int:
    module, arguments = said["module"], said["arguments"]
    _own_environment(said["environment"])
    _own_randomness()
    _own_modules(lifeline)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=stream.isatty() or stream is sys.stderr)  # type: ignore[union-attr]  # the two are text files here
    if not sys.flags.safe_path:
        sys.path.insert(0, said["folder"])
    sys.argv[:] = ["-m", *arguments]
    sys.orig_argv[:] = [sys.executable, "-m", module, *arguments]
    invalidate_caches()
    status = _status_of(module)
    return _ended(status)


def _status_of(module: str) -> int:
    """Run a module as `python -m` does, and return its exit status."""
    import runpy

    try:
        # what the interpreter itself calls for `-m`
        runpy._run_module_as_main(module)  # type: ignore[attr-defined]  # it has no public name
    except SystemExit as end:
        if end.code is None:
            return 0
        if isinstance(end.code, int):
            return end.code & 0xFF
        sys.stderr.write(f"{end.code}\n")
        return 1
    except KeyboardInterrupt:
        sys.excepthook(*sys.exc_info())
        return INTERRUPTED
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _ended(status: int) -> int:
    """Do what an interpreter does at its end, but for taking itself apart: below lie the server's frames."""
    with suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # it has no public name
    with suppress(BaseException):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(BaseException):
            stream.flush()
    return status


def plain_signals() -> None:
    """Set every signal as a fresh interpreter has it."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError, ValueError):  # two that the C library keeps for itself
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _own_environment(environment: dict[str, str]) -> None:
    os.environ.clear()  # each name is taken out of the C library's environment too
    os.environ.update(environment)
    time.tzset()
    site.USER_BASE = site.USER_SITE = None
    site.getusersitepackages()


def _own_randomness() -> None:
    """Seed what the server seeded once, or two kernels draw the same numbers; `random` does it itself."""
    numpy: Any = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()
    process: Any = sys.modules.get("multiprocessing.process")
    if process is not None:
        process._children.clear()
        process._parent_process = None
        mains = [one for one in process.BaseProcess.__subclasses__() if one.__name__ == "_MainProcess"]
        if mains:  # the class has no other name
            process._current_process = mains[0]()
        process.current_process().authkey = os.urandom(32)


def _own_modules(lifeline: int) -> None:
    import tempfile

    tempfile.tempdir = None  # found anew by this environment
    for name in FRESH:
        unload(name)
    tracker: Any = sys.modules.get("multiprocessing.resource_tracker")
    if tracker is not None:
        tracker._resource_tracker._fd = tracker._resource_tracker._pid = None
    registry: Any = sys.modules.get("multiprocessing.util")
    if registry is not None:
        registry._finalizer_registry.clear()
    poller: Any = sys.modules.get("ipykernel.parentpoller")
    if poller is not None:
        poller.ParentPollerUnix = lambda parent_pid=0: _Lifeline(lifeline, parent_pid)
    main = ModuleType("__main__")
    vars(main)["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = main


class _Lifeline(threading.Thread):
    """Ends this kernel when its owner has ended; ipykernel's own asks every second whether its parent has."""

    def __init__(self, descriptor: int, parent_pid: int) -> None:
        super().__init__(name="Lifeline", daemon=True)
        self._descriptor = descriptor
        self.parent_pid = parent_pid

    def run(self) -> None:
        """Wait for the end of a pipe that only the owner holds open."""
        while os.read(self._descriptor, 1):
            pass
        os._exit(1)
