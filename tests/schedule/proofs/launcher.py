"""
Ticks in processes of their own that start at once: each is forked from this one, which has imported all.

Run as a program, it reads one JSON object from each line of its input and starts what it asks for (see
`Launcher.start`), and writes one to each line of its output: which ticks have begun, which step one is at,
what one has to say, which have ended. What a killed tick leaves behind becomes this process's child, so
nothing that outlives its tick is overlooked. Linux only.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[3]
PATIENCE = 900.0
_GONE = 20.0
_SUBREAPER = 36  # prctl(2): PR_SET_CHILD_SUBREAPER


@dataclass
class Started:
    """A tick that was started: the steps it told, what it had to say, and how it ended."""

    pid: int
    steps: list[str] = field(default_factory=list)
    said: dict[str, Any] | None = None
    status: int | None = None


class Launcher:
    """A warm process that starts ticks; `environment` is added to its own."""

    def __init__(self, temporary: Path, *, environment: Mapping[str, str] | None = None):
        temporary.mkdir(parents=True, exist_ok=True)
        self.temporary = temporary
        self.ticks: dict[int, Started] = {}
        self._begun: list[list[int]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.schedule.proofs.launcher", str(temporary)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True, bufsize=1,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(environment or {})},
        )  # fmt: skip
        self.ready = self._line()["ready"]

    def start(self, office: Path, now: datetime, *, ticks: int = 1, **more: Any) -> list[Started]:
        """
        Start ticks of an office that begin at the same instant, and return them.

        `locked=False`: without the lock that keeps a second tick of this machine from working, each under
        the name of a machine of its own, as ticks of several machines are. `stop_at`: the step before
        which a tick stops by itself (SIGSTOP), which counts as told. `apart` is by how many seconds the
        clock of each is ahead of the one before it.
        """
        asked = {"office": str(office), "now": now.isoformat(), "ticks": ticks, **more}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        while not self._begun:
            self._take(self._line())
        return [self.ticks[pid] for pid in self._begun.pop(0)]

    def until(self, tick: Started, step: str) -> bool:
        """Wait until a tick has told that it is at a step; false if it has ended without."""
        return self._wait(lambda: step in tick.steps or tick.status is not None) and step in tick.steps

    def end(self, *ticks: Started) -> None:
        """Wait until ticks have ended."""
        assert self._wait(lambda: all(one.status is not None for one in ticks)), "a tick stands still"

    def kill(self, tick: Started) -> None:
        """Kill a tick, unless it has ended, and wait for its end."""
        if tick.status is None:
            with suppress(ProcessLookupError):  # it has ended, and the launcher has not told so yet
                os.kill(tick.pid, signal.SIGKILL)
        self.end(tick)

    def left_behind(self) -> list[str]:
        """Return the processes that outlive their ticks, after the time that they may take to end."""
        until = time.monotonic() + _GONE
        while (left := self._others()) and time.monotonic() < until:
            time.sleep(0.05)
            self._wait(lambda: True)
        return left

    def close(self) -> list[str]:
        """End the launcher; return what it started and is still there after a while."""
        below = psutil.Process(self._process.pid).children(recursive=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(PATIENCE)
        _, alive = psutil.wait_procs(below, timeout=_GONE)
        for one in alive:
            one.kill()
        return [str(one) for one in alive]

    def _others(self) -> list[str]:
        """Return all processes below the launcher, but for the two that it started for all ticks."""
        kept = set(self.ready)
        found = []
        for one in psutil.Process(self._process.pid).children(recursive=True):
            try:
                if one.pid not in kept and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{one.pid} {' '.join(one.cmdline())[:120]}")
            except psutil.NoSuchProcess:
                continue
        return found

    def _wait(self, done: Any) -> bool:
        until = time.monotonic() + PATIENCE
        while True:
            while self._readable(0):
                self._take(self._line())
            if done():
                return True
            if time.monotonic() > until:
                return False
            self._readable(0.2)

    def _readable(self, seconds: float) -> bool:
        assert self._process.stdout is not None
        if self._rest:
            return True
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    _rest: bytes = b""

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while b"\n" not in self._rest:
            more = os.read(self._process.stdout.fileno(), 65536)
            assert more, "the launcher has ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told

    def _take(self, told: dict[str, Any]) -> None:
        if "ready" in told:
            self.ready = told["ready"]
        elif "begun" in told:
            self._begun.append(told["begun"])
            for pid in told["begun"]:
                self.ticks[pid] = Started(pid)  # a number may come again
        elif told["pid"] not in self.ticks:
            return
        elif "step" in told:
            self.ticks[told["pid"]].steps.append(told["step"])
        elif "status" in told:
            self.ticks[told["pid"]].status = told["status"]
        else:
            self.ticks[told["pid"]].said = told["said"]


def _tell(**said: Any) -> None:
    os.write(1, json.dumps(said).encode("utf-8") + b"\n")  # shorter than PIPE_BUF: never mixed with others


def _tick(asked: dict[str, Any], number: int) -> None:
    """Tick, and tell what came of it; never returns."""
    from datetime import timedelta

    from tests.schedule.proofs.small_office import opened
    from workbench.schedule import tick
    from workbench.schedule._owner import this_process
    from workbench.schedule._tick import _Clock, _Tick

    def at_step(name: str) -> None:
        _tell(pid=os.getpid(), step=name)
        if name == asked.get("stop_at"):
            os.kill(os.getpid(), signal.SIGSTOP)

    code = 1
    try:
        now = datetime.fromisoformat(asked["now"]) + timedelta(seconds=number * asked.get("apart", 0))
        office = opened(Path(asked["office"]), now)
        if asked.get("locked", True):
            done = tick(office, now=now, at_step=at_step)
        else:
            owner = f"machine-{number}{this_process()}"
            done = _Tick(office, _Clock(now), owner, None, at_step, str).work()
        said = {
            "busy": done.busy, "due": len(done.due), "done": [str(key) for key in done.done],
            "failed": {str(key): [one.step, one.exception] for key, one in done.failed.items()},
            "waiting": len(done.waiting), "sent": done.sent, "line": done.line()[:600],
            "others": {name: [one.step, one.exception] for name, one in done.others.items()},
            "last": str(done.last)[:600] if done.last else None,
            "code": done.last.exit_code if done.last else 0,
        }  # fmt: skip
        _tell(pid=os.getpid(), said=said)
        code = 0
    except BaseException as problem:
        told = {
            "raised": type(problem).__name__,
            "last": str(problem)[:600],
            "code": getattr(problem, "exit_code", 1),
        }
        _tell(pid=os.getpid(), said=told)
    finally:
        os._exit(code)


def _fork(asked: dict[str, Any]) -> list[int]:
    """Fork the ticks that are asked for; they begin when all are there."""
    from multiprocessing import forkserver

    _be_sure_of_the_server()
    gate, opener = os.pipe()
    pids = []
    for number in range(asked["ticks"]):
        pid = os.fork()
        if pid == 0:
            os.close(opener)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            # it is the launcher's child, and nobody else can wait for it
            forkserver._forkserver.ensure_running = forkserver.ensure_running = lambda: None
            os.read(gate, 1)  # ends when the launcher, and all before us, have closed their end
            _tick(asked, number)
        pids.append(pid)
    os.close(gate)
    _tell(begun=pids)
    os.close(opener)
    return pids


def _nothing() -> None:
    """Be a process, and end."""


def _be_sure_of_the_server() -> None:
    """
    Begin another fork server if the last killed tick broke the one there is.

    It ends by itself when a tick is killed while it speaks with it, but only after a while, in which it
    still takes requests and answers none.
    """
    from workbench.runner._worker import _context

    known = _shared()
    asked = _context().Process(target=_nothing)
    try:
        asked.start()
        asked.join()
    except (ConnectionError, EOFError):
        _server_ended(os.waitpid(_shared()[0], 0)[0])
    if _shared() != known:
        _tell(ready=_shared())


def _server_ended(pid: int) -> None:
    """Begin another fork server in place of one that was waited for."""
    from multiprocessing import forkserver

    from workbench.runner._worker import _context

    server = forkserver._forkserver
    if pid == server._forkserver_pid:
        os.close(server._forkserver_alive_fd)
        server._forkserver_address = server._forkserver_alive_fd = server._forkserver_pid = None
        _context()


def _shared() -> list[int]:
    """Return the processes that all ticks share: the fork server, and the tracker of what it lends."""
    from multiprocessing import forkserver, resource_tracker

    return [forkserver._forkserver._forkserver_pid, resource_tracker._resource_tracker._pid]


def main() -> None:
    """Serve until the input ends."""
    import importlib

    from workbench.runner._worker import _PRELOADED, _context

    tempfile.tempdir = sys.argv[1]
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    for name in (*_PRELOADED, "deltalake", "psutil", "filelock", "workbench.publish", "workbench.pull",
                 "workbench.outbox", "workbench.upkeep", "workbench.schedule", "workbench.gate",
                 "workbench.schedule._failures", "tests.schedule.proofs.small_office", "cronsim",
                 "pydantic"):  # fmt: skip
        importlib.import_module(name)
    _context()  # the fork server of all ticks
    _tell(ready=_shared())
    waiting = b""
    while True:
        if select.select([0], [], [], 0.01)[0]:
            more = os.read(0, 65536)
            if not more:
                return
            waiting += more
            while b"\n" in waiting:
                line, _, waiting = waiting.partition(b"\n")
                _fork(json.loads(line))
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            _tell(pid=pid, status=status)
            if pid in _shared():
                _server_ended(pid)
                _tell(ready=_shared())


if __name__ == "__main__":
    main()
