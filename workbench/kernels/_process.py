"""A forked process as its owner sees it: what `subprocess.Popen` offers, for a process that is no child."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

LOST = 255
"""The exit status of a process whose server ended before it: it has ended, nobody knows how."""


class Process:
    """
    A process that a fork server started: `pid`, `args`, `returncode`, and the streams that were asked for.

    `returncode` is None while it runs, as far as `poll` or `wait` have seen, a negative number if a signal
    ended it, and LOST if its server ended first. It holds a pidfd, which stands for no other process later.
    """

    def __init__(self, args: Sequence[str], *, pid: int, pidfd: int, report: socket.socket) -> None:
        self.args = list(args)
        self.pid = pid
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        self._pidfd = pidfd
        self._report = report

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        if self.returncode is None:
            self._look(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended and return the exit status; raises subprocess.TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = None if end is None else end - time.monotonic()
            if left is not None and left < 0:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self._look(left)
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send a signal to it alone, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def forget(self) -> None:
        """Close what this object holds and leave the process alone: it is another's."""
        self.returncode = LOST if self.returncode is None else self.returncode
        self._close()

    def _look(self, seconds: float | None) -> None:
        """Wait so long for the server's word; where the server has ended, for the end of the process."""
        if self._report.fileno() >= 0:
            if not _readable(self._report.fileno(), seconds):
                return
            try:
                said = self._report.recv(64)
            except OSError:
                said = b""
            if said.startswith(b"exit "):
                self.returncode = int(said[5:])
                self._close()
                return
            self._report.close()
            seconds = 0
        if _readable(self._pidfd, seconds):
            self.returncode = LOST
            self._close()

    def _close(self) -> None:
        self._report.close()
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1

    def __del__(self) -> None:
        self._close()


def _readable(descriptor: int, seconds: float | None) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(None if seconds is None else seconds * 1000))
