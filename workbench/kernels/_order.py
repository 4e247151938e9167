"""What is handed to a process that is to be: its streams, and its order as a file without a name."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Streams:
    """The three streams of a process to be: its ends, closed when it has them, and this process's ends."""

    def __init__(self, streams: tuple[Any, Any, Any]) -> None:
        self.its: list[int] = []
        self._close: list[int] = []
        self._ours: list[int | None] = []
        try:
            for number, asked in enumerate(streams):
                self._add(number, asked)
        except (OSError, ValueError):
            self.__exit__()
            raise

    def _add(self, number: int, asked: Any) -> None:
        ours = None
        if asked == subprocess.PIPE:
            ends = os.pipe()
            its, ours = ends if number == 0 else ends[::-1]
            self._close.append(its)
        elif asked == subprocess.STDOUT and number == 2:
            its = self.its[1]
        elif asked in (None, subprocess.DEVNULL):
            its = -1 if asked == subprocess.DEVNULL or number == 0 else _inherited(number)
            if its < 0:
                its = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
                self._close.append(its)
        else:
            its = asked if isinstance(asked, int) else asked.fileno()
            os.fstat(its)  # one that is closed is this order's fault, not the server's
        self.its.append(its)
        self._ours.append(ours)

    def __enter__(self) -> Streams:
        return self

    def kept(self) -> tuple[Any, Any, Any]:
        """Return this process's ends as files; without this call they are closed."""
        files = [
            None if ours is None else os.fdopen(ours, "wb" if number == 0 else "rb")
            for number, ours in enumerate(self._ours)
        ]
        self._ours = []
        return files[0], files[1], files[2]

    def __exit__(self, *_: object) -> None:
        for one in [*self._close, *(ours for ours in self._ours if ours is not None)]:
            os.close(one)


def _inherited(number: int) -> int:
    try:
        os.fstat(number)
    except OSError:
        return -1
    return number


def order_of(
    module: str, arguments: Sequence[str], env: dict[str, str], cwd: str | os.PathLike[str] | None
) -> int:
    """Return a descriptor of an order that a child reads; raises OSError where there is no such folder."""
    folder = os.fsdecode(os.path.realpath(os.getcwd() if cwd is None else cwd, strict=True))  # noqa: PTH109 (as Popen takes it)
    said = {
        "module": module,
        "arguments": list(arguments),
        "environment": env,
        "folder": folder,
        "umask": _umask(),
    }
    order = os.memfd_create("order", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(order), "wb") as file:
        file.write(json.dumps(said).encode())
    return order


def _umask() -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    return 0o077
