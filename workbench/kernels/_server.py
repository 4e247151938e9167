"""The fork server: one thread, no secret, one child for each order, and every child's exit status told."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from workbench.kernels import _preload
from workbench.kernels._child import become

START, START_ALONE, RETIRE = b"start", b"start alone", b"retire"
READY, UNFIT, STALE, EXIT = b"ready", b"unfit ", b"stale", b"exit "
FAILED = b"failed "


def main(descriptor: int, modules: tuple[str, ...]) -> NoReturn:
    """Load the modules (none: all of PRELOADED), say that the server is ready or why not, and serve."""
    started = time.time()
    os.chdir("/")
    control = socket.socket(fileno=descriptor)
    why = _preload.load(modules or _preload.PRELOADED)
    files = _preload.files_since(started) if why is None else why
    if isinstance(files, str):
        control.send(UNFIT + files.encode())
        os._exit(1)
    _preload.freeze()
    serve(control, files)


def serve(control: socket.socket, files: _preload.Files) -> NoReturn:
    """Say that the server is ready, and serve until the owner ends. Never returns, in server and children."""
    with suppress(OSError):  # an owner that is gone is met below
        control.send(READY)
    server = _Server(control, files)
    try:
        server.run()
        server.end()
    finally:  # whatever went wrong here, the children go on
        os._exit(0)


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    report: int
    alone: bool


@dataclass(slots=True)
class _Server:
    control: socket.socket
    files: _preload.Files
    children: dict[int, _Child] = field(default_factory=dict)
    """By pidfd: it can be waited for together with the orders, and stands for no other process later."""
    retired: bool = False

    def run(self) -> None:
        waiting = select.poll()
        waiting.register(self.control, select.POLLIN)
        while not (self.retired and not self.children):
            for descriptor, _ in waiting.poll():
                if descriptor == self.control.fileno():
                    begun = self._next_order()
                    if begun is None:
                        return
                    for one in begun:
                        waiting.register(one, select.POLLIN)
                elif descriptor in self.children:
                    waiting.unregister(descriptor)
                    self._reap(descriptor)

    def end(self) -> None:
        """End the children as their owner has ended, but for those that were to outlive it."""
        for descriptor, child in self.children.items():
            if not child.alone:
                with suppress(OSError):
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)

    def _next_order(self) -> list[int] | None:
        """Carry out the next order; returns the pidfds to wait for, or None where the owner has ended."""
        said, descriptors, _, _ = socket.recv_fds(self.control, 64, 8, socket.MSG_CMSG_CLOEXEC)
        if not said:
            return None
        if said == RETIRE:
            self.retired = True
            return []
        try:
            return self._start(descriptors, alone=said == START_ALONE)
        finally:
            for one in descriptors:
                os.close(one)

    def _start(self, descriptors: list[int], *, alone: bool) -> list[int]:
        order, stdin, stdout, stderr, lifeline, report = descriptors
        why = _preload.unfit()
        if why is not None or self.files.changed():
            with suppress(OSError):
                os.write(report, STALE if why is None else UNFIT + why.encode())
            return []
        try:
            kept = os.dup(report)
            pid = os.fork()
        except OSError as problem:
            os.write(report, FAILED + type(problem).__name__.encode())
            return []
        if pid == 0:
            self.control.detach()  # closed with all the others, and by nobody later
            become(order, (stdin, stdout, stderr), lifeline=lifeline, report=report)
        pidfd = os.pidfd_open(pid)
        self.children[pidfd] = _Child(pid, kept, alone)
        return [pidfd]

    def _reap(self, descriptor: int) -> None:
        child = self.children.pop(descriptor)
        _, status = os.waitpid(child.pid, 0)
        with suppress(OSError):  # an owner that no longer asks
            os.write(child.report, EXIT + b"%d" % os.waitstatus_to_exitcode(status))
        os.close(child.report)
        os.close(descriptor)
