"""The owner's side of a fork server: start it at first need, send it orders, replace it when it is stale."""

from __future__ import annotations

import atexit
import logging
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from workbench.kernels import _server
from workbench.kernels._likeness import (
    FIXED,
    SWITCHED_OFF,
    Cold,
    Key,
    coerced,
    environment,
    key_of,
    unlike,
    why_never,
    why_not,
)
from workbench.kernels._order import Streams, order_of
from workbench.kernels._preload import CHANGED, PRELOADED
from workbench.kernels._process import Process

_ENDED = "the fork server ended"
_MOST = 3
_TRIES = 3
_READY_SECONDS = 120.0
_START_SECONDS = 30.0
_END_SECONDS = 5.0


class _Running:
    """A server of this process: a subprocess, or a copy of this process (`serve_from_here`)."""

    def __init__(self, control: socket.socket, process: subprocess.Popen[bytes] | int) -> None:
        self.control = control
        self.process = process
        self._lock = threading.Lock()
        self._said: str | None = None

    def why_not(self) -> str | None:
        """Wait until it is ready; returns None then, else why it is not."""
        with self._lock:
            if self._said is None:
                self._said = self._wait()
            return self._said or None

    def is_ready(self) -> bool:
        """Whether it has said so."""
        return self._said == ""

    def _wait(self) -> str:
        self.control.settimeout(_READY_SECONDS)
        try:
            said = self.control.recv(1024)
        except OSError as problem:
            said = b"" if not isinstance(problem, TimeoutError) else b"unfit the fork server was not ready"
        self.control.settimeout(_START_SECONDS)
        if said == _server.READY:
            return ""
        self.end()
        return said.removeprefix(_server.UNFIT).decode() or _ENDED

    def retire(self) -> None:
        """Let it end by itself when its last child has."""
        with suppress(OSError):
            self.control.send(_server.RETIRE)
        _retired.append(self)

    def ended(self) -> bool:
        """Whether it has ended; takes it from the system's table then."""
        if isinstance(self.process, int):
            try:
                ended = os.waitpid(self.process, os.WNOHANG)[0] != 0
            except ChildProcessError:
                ended = True
        else:
            ended = self.process.poll() is not None
        if ended:
            self.control.close()
        return ended

    def end(self) -> None:
        """End it, and with it the processes that it started and that were not to outlive their owner."""
        self.control.close()
        patience = _END_SECONDS if self._said == "" else 0.0  # one that is not ready has started nothing
        end = time.monotonic() + patience
        while not self.ended():
            if time.monotonic() >= end:
                self._kill()
                end = math.inf
            time.sleep(0.002)

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process if isinstance(self.process, int) else self.process.pid, signal.SIGKILL)


_lock = threading.RLock()
_servers: dict[Key, _Running] = {}
_retired: list[_Running] = []
_failures: dict[Key, list[str]] = {}
_lifeline: list[int] = []
_told: set[str] = set()


def prepare(env: Mapping[str, str] | None = None, *, preload: Sequence[str] = PRELOADED) -> None:
    """
    Begin to start the fork server and return at once, if this process has none for such an environment.

    It loads its libraries while this process does something else. `env` is that of the processes to come;
    without it, that of a briefing's kernel.
    """
    given = environment() if env is None else env
    if why_not() is None and unlike(given) is None:
        with _lock:
            key = key_of(given, preload)
            if len(_failures.get(key, ())) < _TRIES:
                _server_for(key)


def ready(env: Mapping[str, str]) -> bool:
    """Whether `start` answers at once for this environment, without waiting for a server to load."""
    if why_not() is not None:
        return True
    with _lock:
        found = _servers.get(key_of(env, PRELOADED))
    return found is not None and found.is_ready()


def start(  # noqa: PLR0913  # as many as subprocess.Popen is asked for
    module: str,
    arguments: Sequence[str] = (),
    *,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    stdin: Any = None,
    stdout: Any = None,
    stderr: Any = None,
    independent: bool = False,
    preload: Sequence[str] = PRELOADED,
) -> Process | Cold:
    """
    Fork a process that runs `python -m MODULE ARGUMENTS` as its own, with the libraries loaded already.

    It has its own session and process group, exactly the environment `env` (this process's without it), the
    folder `cwd`, and no descriptor of this process but its three streams: None (inherited, but nothing to
    read), subprocess.DEVNULL, subprocess.PIPE, subprocess.STDOUT, a descriptor or a file, as for Popen. It
    ends when this process does, unless it is `independent`. It is used for one thing and never again.
    `preload` names the modules of its server; each list that is asked for has a server of its own.
    Returns Cold where nothing was forked: then start an ordinary process. Threads may call it together.
    """
    given = coerced(os.environ if env is None else env)
    why = why_not() or unlike(given)
    if why is not None:
        return Cold(why)
    try:
        order = order_of(module, arguments, given, cwd)
        with os.fdopen(order, "rb"), Streams((stdin, stdout, stderr)) as streams:
            answer = _from_some_server(key_of(given, preload), order, streams, alone=independent)
    except (OSError, ValueError) as problem:  # no folder, no descriptors left, no such stream: Popen will say
        return Cold(f"a process could not be asked for ({type(problem).__name__})")
    if isinstance(answer, Process):
        answer.args = [sys.executable, "-m", module, *arguments]
    return answer


def _from_some_server(key: Key, order: int, streams: Streams, *, alone: bool) -> Process | Cold:
    """Ask the server for a process; in the place of a stale one or one that has ended, a new one."""
    why: str | None = None
    for _ in range(_TRIES):
        with _lock:
            failed = _failures.get(key, [])
            if len(failed) >= _TRIES:
                return Cold(failed[-1])
            server = _server_for(key)
        why = server.why_not()
        if why is not None:
            _gone(key, server, why)
            break
        answer = _asked(server, order, streams, alone=alone)
        if isinstance(answer, Process):
            _failures.pop(key, None)
            return answer
        if answer.startswith("failed "):
            return Cold(f"a forked process could not be set up ({answer[7:]})")
        why = answer.removeprefix(_server.UNFIT.decode())
        _gone(key, server, "" if answer == _server.STALE.decode() else why)
    return Cold(why or _ENDED)


def close() -> None:
    """End this process's servers, and with them what they started; the next need starts a new one."""
    with _lock:
        for server in [*_servers.values(), *_retired]:
            server.end()
        _servers.clear()
        _retired.clear()
        _failures.clear()


def adopt(control: socket.socket, pid: int, preload: Sequence[str]) -> None:
    """Take a server that was forked from this process as its own."""
    with _lock:
        key = key_of(os.environ, preload)
        before = _servers.pop(key, None)
        if before is not None:
            before.retire()
        _servers[key] = _Running(control, pid)
        _registered()


def _server_for(key: Key) -> _Running:
    if key not in _servers:
        while len(_servers) >= _MOST:
            _servers.pop(next(iter(_servers))).retire()
        _retired[:] = [one for one in _retired if not one.ended()]
        _servers[key] = _started(key)
        _registered()
    return _servers[key]


def _started(key: Key) -> _Running:
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    named = () if key.preload == PRELOADED else key.preload
    with its:
        process = subprocess.Popen(  # noqa: S603 (this Python, and names of modules)
            [sys.executable, "-m", "workbench.kernels", str(its.fileno()), *named],
            env=dict(key.environment) | FIXED | {"PATH": os.environ.get("PATH", os.defpath)},
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
            start_new_session=True,  # an interrupt at the terminal is the owner's to handle
        )
    return _Running(ours, process)


def _gone(key: Key, server: _Running, why: str) -> None:
    """Let go of a server, with the reason if it failed; one that has children ends when they have."""
    with _lock:
        if _servers.get(key) is not server:
            return
        del _servers[key]
        if why:
            # what a server says of itself will not be otherwise the next time
            times = 1 if why in (_ENDED, CHANGED) else _TRIES
            _failures.setdefault(key, []).extend([why] * times)
        if server.is_ready():
            server.retire()
        else:
            server.end()


def _asked(server: _Running, order: int, streams: Streams, *, alone: bool) -> Process | str:
    """Send an order; returns the process, or what the server said instead."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        ours.settimeout(_START_SECONDS)
        try:
            socket.send_fds(
                server.control,
                [_server.START_ALONE if alone else _server.START],
                [order, *streams.its, _lifeline_end(), its.fileno()],
            )
            its.close()
            said, descriptors, _, _ = socket.recv_fds(ours, 256, 1, socket.MSG_CMSG_CLOEXEC)
        except OSError:
            said, descriptors = b"", []
    if said.startswith(b"pid ") and descriptors:
        started = Process((), pid=int(said[4:]), pidfd=descriptors[0], report=ours)
        started.stdin, started.stdout, started.stderr = streams.kept()
        return started
    ours.close()
    for one in descriptors:
        os.close(one)
    return said.decode() or _ENDED


def _lifeline_end() -> int:
    """Return the end of a pipe to hand out: it is closed at the other end when this process ends."""
    with _lock:
        if not _lifeline:
            _lifeline.extend(os.pipe())
        return _lifeline[0]


@cache
def _registered() -> None:
    atexit.register(close)
    os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    """In a copy of this process: what it has copied is not its own."""
    global _lock  # noqa: PLW0603 (another thread may have held it at the fork)
    _lock = threading.RLock()
    for server in [*_servers.values(), *_retired]:
        server.control.close()
        if not isinstance(server.process, int):
            server.process.returncode = 0  # nothing to wait for
    _servers.clear()
    _retired.clear()
    _failures.clear()
    for one in _lifeline:
        os.close(one)
    _lifeline.clear()


def tell_once(why: str) -> None:
    """Say in the log, once for each reason, why processes are ordinary ones; not while nothing is logged."""
    log = logging.getLogger("workbench.kernels")
    level = logging.INFO if why in (why_never(), SWITCHED_OFF) else logging.WARNING
    if why not in _told and log.isEnabledFor(level):
        _told.add(why)
        log.log(level, "Kernels start cold: %s.", why)
