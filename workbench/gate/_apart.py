"""The check in a process of its own: whatever happens there, a pack passes only on a whole, clean report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench import kernels
from workbench.gate._check import GateReport
from workbench.gate._parts import LATIN, Expected, Finding
from workbench.gate._sieve import packed

SECONDS = 120.0
_ENVIRONMENT = (
    "PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH",
)  # fmt: skip
"""What the process is given of ours: what Python needs to start, no more."""

_LOADED = ("numpy", "pikepdf", "pypdfium2", "ahocorasick_rs", "workbench.gate", "workbench.gate.__main__")
"""What the process that these are forked from has loaded: the gate's own libraries, nothing of a page's."""


def check_apart(
    folder: Path,
    *,
    forbidden: Iterable[str],
    permitted: Iterable[str],
    expected: Expected,
    sealed: Iterable[str] = (),
    seconds: float = SECONDS,
) -> GateReport:
    """
    Do what `check` does, in a process of its own that is ended after so many seconds.

    A file that crashes a library or never ends cannot take the caller with it, nor pass: then there is one
    finding, `time_out` or `failed`. The values go through a pipe: no disk and no list of processes
    shows them, and what the process writes beside its report is thrown away unread.
    """
    head = {"folder": str(folder.resolve()), "expected": _plain(expected)}
    runs = [packed(one) for one in (forbidden, permitted, sealed)]
    given = json.dumps([head, *map(len, runs)]).encode() + b"\n"
    try:
        status, told = _answered(b"".join((given, *runs)), seconds)
    except subprocess.TimeoutExpired:
        return _refused("time_out", "the check was not done in time")
    except OSError:
        return _refused("failed", "the check could not be started")
    report = report_from(told) if status == 0 else None
    return _refused("failed", "the check came to no end") if report is None else report


def _answered(given: bytes, seconds: float) -> tuple[int, bytes]:
    """Return the exit status of the process and what it wrote; it is forked where that is possible."""
    forked = kernels.answer("workbench.gate", given, env=_environment(), preload=_LOADED, seconds=seconds)
    if isinstance(forked, tuple):
        return forked
    done = subprocess.run(
        [sys.executable, "-P", "-s", "-m", "workbench.gate"],
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout


def to_bytes(report: GateReport) -> bytes:
    """Return a report as the process hands it over; its last key says that it is whole."""
    said = {"findings": [[f.rule, f.file, f.detail] for f in report.findings], "files": list(report.files)}
    return json.dumps({**said, "whole": True}).encode()


def report_from(content: bytes) -> GateReport | None:
    """Return the report that a process handed over, or None if it is anything else."""
    try:
        said = json.loads(content)
        if set(said) != {"findings", "files", "whole"} or said["whole"] is not True:
            return None
        findings = tuple(Finding(*map(_text, one)) for one in said["findings"])
        files = tuple(map(_text, said["files"]))
    except (ValueError, TypeError, RecursionError):
        return None
    return GateReport(findings, files)


def expected_from(said: dict[str, Any]) -> Expected:
    """Return what a pack has to be, as `_plain` wrote it."""
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    published = tuple(one.encode(LATIN) for one in said["published"])
    document = None if said["document"] is None else said["document"].encode(LATIN)
    return Expected(**{**said, **lists, "published": published, "document": document})


def _plain(expected: Expected) -> dict[str, Any]:
    published = [one.decode(LATIN) for one in expected.published]
    document = None if expected.document is None else expected.document.decode(LATIN)
    return {**asdict(expected), "published": published, "document": document}


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # -P and -s leave out the folder we stand in and the user's own: the process imports what we do
    path = os.pathsep.join(entry for entry in sys.path if entry and Path(entry).is_absolute())
    return {**kept, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # fmt: skip


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _refused(rule: str, detail: str) -> GateReport:
    return GateReport((Finding(rule, "the folder", detail),), ())
