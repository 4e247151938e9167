"""The one command that every kind of timer calls, and how often."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.config import Office
from workbench.errors import ParameterError

Kind = Literal["systemd", "cron", "windows"]
KINDS: tuple[Kind, ...] = ("systemd", "cron", "windows")

PACES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440)
"""Minutes that divide an hour, or hours that divide a day: what every kind of timer can say."""

_LONGEST_NAME = 32


@dataclass(frozen=True)
class Call:
    """
    A call of the tick of one office.

    `name` is the timer's: of the office's folder, with a part of a digest of its path, so that two
    offices of one machine keep apart. `minutes` is one of PACES. `python` is the program, `log` the file
    that takes the output where a timer keeps none.
    """

    name: str
    title: str
    office: Path
    python: Path
    log: Path
    minutes: int

    def command(self, *, logged: bool) -> tuple[str, ...]:
        """Return the program and its arguments; with `logged`, its output goes to the log."""
        # -P: the office's folder is no place that modules are loaded from
        begins = (str(self.python), "-P", "-m", "workbench")
        log = ("--log", str(self.log)) if logged else ()
        return (*begins, *log, "tick", "--office", str(self.office))


def call_of(office: Office, *, minutes: int | None = None, python: Path | None = None) -> Call:
    """
    Return how the tick of an office is called, every so many minutes, or at its heartbeat's pace.

    Raises ParameterError if the pace is slower than `heartbeat_minutes`, after twice which the scheduler
    counts as dead, or if a path has characters that stand in no timer's file.
    """
    expected = office.scheduler.heartbeat_minutes
    asked = expected if minutes is None else minutes
    if not 1 <= asked <= expected:
        raise ParameterError(
            f"--every {asked} does not fit: `heartbeat_minutes` expects a tick every {expected} minutes. "
            f"Give 1 to {expected}, or change [scheduler] in workbench.toml."
        )
    program = Path(sys.executable) if python is None else python
    for path in (program, office.root):
        if not str(path).isprintable():
            raise ParameterError(
                f"The path {str(path)!r} has characters that no timer takes. Rename the folder."
            )
    digest = hashlib.sha256(office.root.as_posix().encode("utf-8", "surrogatepass")).hexdigest()[:8]
    plain = re.sub(r"[^a-z0-9]+", "-", office.root.name.casefold()).strip("-")[:_LONGEST_NAME].strip("-")
    return Call(
        name="-".join(filter(None, ("workbench", plain, digest))),
        title=" ".join("".join(one if one.isprintable() else " " for one in office.name).split()),
        office=office.root,
        python=program,
        log=office.path(office.private) / "scheduler" / "tick.log",
        minutes=pace(asked),
    )


def pace(minutes: int) -> int:
    """Return the slowest of PACES that is no slower than so many minutes; a day for more than that."""
    return max(one for one in PACES if one <= max(1, minutes))
