"""Why an issue did not come about, for those who mend it: from an error to a Failure, without its words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from workbench.config import Office
from workbench.errors import StorageFull
from workbench.schedule._facts import Failure, Key, Step

GATE, PUBLISH = "checking what leaves", "publishing"
"""What a batch says it does, from `publish.finish` on."""

_CELL = re.compile(r"stopped at cell (\d+) with ([A-Za-z_][A-Za-z0-9_]*)")
_FAULT = re.compile(r"a fault of its own \(([A-Za-z_][A-Za-z0-9_]*)\)")
_KEPT = re.compile(r"Run folder: (.+)$")
_LONGEST_PAUSE = timedelta(days=1)

_REMEDIES: dict[Step, str] = {
    "pull": "See what is wrong with the source: workbench pull",
    "approval": "Read the notebook, then: workbench approve. Scheduled runs take approved notebooks only",
    "run": "Open the notebook of the run folder in JupyterLab, mend it, then: workbench retry",
    "gate": "Run the edition by hand to see which rule stopped it: workbench run",
    "publish": "Run the edition by hand to see what stands in its way: workbench run",
    "deliver": "See what is open: workbench deliver --dry-run",
    "upkeep": "See the message of: workbench tick",
}


def of_issue(office: Office, key: Key, problem: BaseException, *, doing: str, at: datetime) -> Failure:
    """
    Return why an issue failed: `doing` is the last that the batch said it did for it, or nothing.

    An error's own words stay behind, as they may quote a file; out of them come the number of the cell, the
    class of what it raised, and the run folder, where the private log is.
    """
    said = str(problem)
    step: Step = "run"
    if doing == PUBLISH:
        step = "publish"
    elif doing == GATE or (doing and type(problem).__name__ == "DisclosureRefused"):
        step = "gate"
    elif type(problem).__name__ == "DisclosureRefused":
        step = "approval"
    cell, fault, kept = _CELL.search(said), _FAULT.search(said), _KEPT.search(said)
    name = type(problem).__name__
    if cell or fault:
        name = cell[2] if cell else fault[1] if fault else name
    return Failure(
        step=step, exception=name, at=at, remedy=_remedy(step, key, problem, kept=bool(kept)),
        cell=int(cell[1]) if cell else None, log=_inside(office, kept[1]) if kept else "",
    )  # fmt: skip


def of_step(step: Step, problem: BaseException, *, at: datetime, remedy: str = "") -> Failure:
    """Return why something that is no issue failed."""
    full = isinstance(problem, StorageFull)
    return Failure(step, type(problem).__name__, at, _ROOM if full else remedy or _REMEDIES[step])


def next_try(office: Office, attempt: int, *, now: datetime) -> datetime | None:
    """Return when to try again after the `attempt`th failure: the pause doubles, up to a day; None: never."""
    if attempt >= office.scheduler.attempts:
        return None
    pause = timedelta(minutes=office.scheduler.first_pause_minutes)
    return now + min(pause * (1 << min(attempt - 1, 20)), max(pause, _LONGEST_PAUSE))


_ROOM = "A disk is full: make room; what was there is untouched, and the next tick goes on"


def _remedy(step: Step, key: Key, problem: BaseException, *, kept: bool) -> str:
    if isinstance(problem, StorageFull):
        return _ROOM
    # without a run folder no notebook was run: something before it stands in the way
    said = _REMEDIES["publish" if step == "run" and not kept else step]
    by_hand = f" {key.briefing} --week {key.period} --area {key.area} --audience {key.audience}"
    return said + (by_hand if said.endswith("workbench run") else "")


def _inside(office: Office, path: str) -> str:
    folder = Path(path)
    return folder.relative_to(office.root).as_posix() if folder.is_relative_to(office.root) else ""
