"""What one tick did, as it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workbench.errors import UserError
from workbench.schedule._facts import Failure, Key, Slot


@dataclass(frozen=True)
class Ticked:
    """
    What one tick did.

    `busy`: another was at work on this machine, and this one did nothing. `due`: what was due. `done`: what
    is there now, with its folder under the office's. `failed`: what is not, and why; of these the `given_up`
    are not tried again. `waiting`: what is due and was left alone, because others work on it, its pause is
    not over, or it was given up before. `marked`: issues with old sources or without contacts, by gate and
    names. `sent`: messages and folders that reached readers. `others`: failures of what is no issue, by
    name (`source meridian`). `last` is the last error, whose exit code is the tick's.
    """

    started_at: datetime
    finished_at: datetime
    busy: bool = False
    due: tuple[Slot, ...] = ()
    done: Mapping[Key, str] = field(default_factory=dict)
    failed: Mapping[Key, Failure] = field(default_factory=dict)
    given_up: tuple[Key, ...] = ()
    waiting: tuple[Slot, ...] = ()
    marked: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    sent: int = 0
    others: Mapping[str, Failure] = field(default_factory=dict)
    last: UserError | None = None

    def line(self) -> str:
        """Return it in one line for a log: ids and counts."""
        at = f"{self.finished_at:%Y-%m-%dT%H:%M:%SZ}"
        if self.busy:
            return f"{at} tick: another tick is at work"
        counts = {
            "due": len(self.due), "done": len(self.done), "failed": len(self.failed),
            "waiting": len(self.waiting), "sent": self.sent,
        }  # fmt: skip
        told = [f"{name} {n}" for name, n in counts.items() if n or name == "due"]
        told += [f"{key}: {one.step} {one.exception}" for key, one in self.failed.items()]
        told += [f"{name}: {one.step} {one.exception}" for name, one in self.others.items()]
        return f"{at} tick: {'; '.join(told)}"
