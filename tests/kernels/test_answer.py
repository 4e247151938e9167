"""A question to a forked process: bytes in, exit status and bytes out, or an end by time."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from workbench import kernels

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")

PRETTY = {"module": "json.tool", "env": dict(os.environ), "preload": ("json.tool",)}


def test_an_answer_comes_back() -> None:
    """What the process reads is the question, what it writes is the answer, of any size."""
    assert kernels.answer(given=b'{"a": 1}', seconds=60, **PRETTY) == (0, b'{\n    "a": 1\n}\n')
    long = b"[" + b"1," * 200_000 + b"1]"
    status, said = kernels.answer(given=long, seconds=60, **PRETTY)  # type: ignore[misc]  # it was forked before
    assert (status, said.count(b"1")) == (0, 200_001)


def test_a_process_that_fails_says_so_by_its_status() -> None:
    """A module that cannot use what it reads ends with its own exit status and an empty answer."""
    assert kernels.answer(given=b"{", seconds=60, **PRETTY) == (1, b"")


def test_a_process_that_takes_too_long_is_gone() -> None:
    """After the time is over the caller is told, and the process has ended."""
    with pytest.raises(subprocess.TimeoutExpired):
        kernels.answer(given=b"[" * 1000, seconds=0.0, **PRETTY)
