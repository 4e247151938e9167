"""A question to a process of its own: bytes in, bytes out, ended after so many seconds."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.kernels._likeness import Cold
from workbench.kernels._owner import start

if TYPE_CHECKING:
    from typing import IO


def answer(
    module: str, given: bytes, *, env: Mapping[str, str], preload: Sequence[str], seconds: float
) -> tuple[int, bytes] | Cold:
    """
    Fork a process that runs `python -m MODULE` on these bytes; returns its exit status and what it wrote.

    Question and answer lie in memory that only the two hold: no disk and no list of processes shows them.
    Raises subprocess.TimeoutExpired after so many seconds; the process is gone by then. Returns Cold where
    nothing was forked, as `start` does.
    """
    if not hasattr(os, "memfd_create"):
        return Cold("this system has no files in memory")
    with _in_memory("question") as question, _in_memory("answer") as told:
        question.write(given)
        question.seek(0)
        process = start(
            module,
            env=env,
            cwd=os.sep,
            stdin=question,
            stdout=told,
            stderr=subprocess.DEVNULL,
            preload=preload,
        )
        if isinstance(process, Cold):
            return process
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        told.seek(0)
        return status, told.read()


def _in_memory(name: str) -> IO[bytes]:
    return os.fdopen(os.memfd_create(name), "w+b", buffering=0)
