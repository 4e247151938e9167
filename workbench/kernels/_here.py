"""A fork server out of this very process: for a fresh worker that was itself forked with all loaded."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.kernels import _owner, _preload
from workbench.kernels._child import close_all_but, plain_signals
from workbench.kernels._likeness import FIXED, Cold, environment, why_not
from workbench.kernels._server import serve

_NAMES = frozenset({*FIXED, "PATH", "LANG", "LC_ALL", "TZ", "PYTHONNOUSERSITE", "LC_CTYPE"})


def serve_from_here(preload: Sequence[str] = _preload.PRELOADED) -> Cold | None:
    """
    Fork a server from this process, which costs milliseconds; returns None, or why not.

    Call it in a fresh worker before its first job: whatever is in its memory is in every child's. The
    process must have one thread, the fixed hash seed, nothing loaded that a page may not have, and an
    environment from its start that names nothing else (`environment`). Where it returns Cold, `start` will
    start a server of its own.
    """
    for name in [one for one in sys.modules if one.startswith("multiprocessing.popen_")]:
        _preload.unload(name)  # by which this worker was born
    why = _why_not_here()
    if why is not None:
        return Cold(why)
    why = _preload.load(preload)
    files = _preload.files_since(_began()) if why is None else why
    if isinstance(files, str):
        return Cold(files)
    path = _ordinary_path()
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.detach()
        os.setsid()
        sys.path[:] = path
        plain_signals()
        empty = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(empty, number)
        close_all_but({0, 1, 2, its.fileno()})
        os.chdir("/")
        _preload.freeze()
        serve(its, files)
    its.close()
    _owner.adopt(ours, pid, preload)
    return None


def _why_not_here() -> str | None:
    why = why_not() or _preload.unfit()
    if why is not None:
        return why
    if sys.flags.hash_randomization:
        return "the hash seed of this process is not the fixed one"
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # it has no public name
    # no folder of the user, no compiled files written, nothing from the working folder: all harmless
    if set(flags) - {"-s", "-B", "-P"}:
        return "this Python was started with options of its own"
    block = Path("/proc/self/environ").read_bytes().split(b"\0")
    foreign = {os.fsdecode(entry.partition(b"=")[0]) for entry in block if entry} - _NAMES
    if foreign or set(os.environ) - _NAMES:
        return "this process was started with an environment that is not its children's"
    return None


def _began() -> float:
    """Return when the process that this one was forked from began, in seconds of the system clock."""
    parent = Path(f"/proc/{os.getppid()}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    booted = Path("/proc/stat").read_text(encoding="utf-8").partition("btime ")[2].split()[0]
    return float(booted) + int(parent[19]) / os.sysconf("SC_CLK_TCK") - 1


def _ordinary_path() -> list[str]:
    """Return `sys.path` as an ordinary kernel has it: not with what this worker's owner has put there."""
    said = subprocess.run(
        [sys.executable, "-c", "import sys; print('\\0'.join(sys.path[not sys.flags.safe_path:]), end='')"],
        capture_output=True,
        check=True,
        env=dict(os.environ),
    )
    return os.fsdecode(said.stdout).split("\0")


def begin_workers(preload: Sequence[str] = _preload.PRELOADED) -> None:
    """
    Start multiprocessing's own fork server so that the workers it makes can call `serve_from_here`.

    It is started with `environment` in place of this process's and loads `preload`; its workers (the context
    "forkserver") are given what else they need with their work. Call it before the first worker is made,
    while no other thread reads the environment. Does nothing where that server runs already.
    """
    from multiprocessing import forkserver

    before, given = dict(os.environ), environment()
    forkserver.set_forkserver_preload(list(preload))
    try:
        os.environ.clear()
        os.environ.update(given)
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
