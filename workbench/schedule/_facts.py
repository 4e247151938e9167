"""What the scheduler speaks of: what is due, what the ledger knows of it, and why something failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["waiting", "running", "done", "failed", "given_up"]
Step = Literal["pull", "freshness", "coverage", "approval", "run", "gate", "publish", "deliver", "upkeep"]


@dataclass(frozen=True, order=True)
class Key:
    """One issue that is to be: an edition of a briefing for an area, an audience, a week and a language."""

    briefing: str
    area: str
    audience: str
    period: str
    language: str

    def __str__(self) -> str:
        return f"{self.briefing} {self.period} {self.area} for {self.audience} ({self.language})"


@dataclass(frozen=True, order=True)
class Slot:
    """An issue, when it is due by which entry, and when it is late; instants in UTC."""

    due_at: datetime
    key: Key
    schedule: str
    late_at: datetime


@dataclass(frozen=True)
class Failure:
    """
    Why an issue, a source or a message did not come about, for analysts: no value, no name, no cell text.

    `cell` is the number of the notebook's cell that failed, if one did; `log` a path of the office's
    private folder, or nothing; `remedy` what to do.
    """

    step: Step
    exception: str
    at: datetime
    remedy: str
    cell: int | None = None
    log: str = ""


@dataclass(frozen=True)
class Entry:
    """
    What the ledger knows of an issue.

    `token` grows with every lease, so that a holder that was thought dead can be told from the present
    one. `pack` is the folder of the pack or draft under the office's, as POSIX; `late` says whether it was
    there only after its alarm.
    """

    slot: Slot
    state: State
    attempts: int = 0
    token: int = 0
    owner: str = ""
    leased_until: datetime | None = None
    next_try_at: datetime | None = None
    pack: str = ""
    finished_at: datetime | None = None
    late: bool = False
    failure: Failure | None = None
