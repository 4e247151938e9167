"""One tick: what is due is made, sent and noted; each step is on its own, and none stops another."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.config import Office
from workbench.errors import DeliveryFailed, StorageFull, UserError
from workbench.schedule._due import due, folder_of, slots
from workbench.schedule._facts import Failure, Slot, Step
from workbench.schedule._heartbeat import Beat, folder, write
from workbench.schedule._ledger import Lease, Ledger
from workbench.schedule._overdue import late
from workbench.schedule._owner import this_process
from workbench.schedule._run import LEASE_SECONDS, Run, inside
from workbench.schedule._ticked import Ticked
from workbench.schedule._why import of_step

if TYPE_CHECKING:
    from workbench.outbox import Dispatched
    from workbench.runner import Watcher

_LOCK = "tick.lock"
_DAILY = "daily.json"


def tick(
    office: Office,
    *,
    now: datetime | None = None,
    owner: str | None = None,
    watcher: Watcher | None = None,
    at_step: Callable[[str], None] = lambda _: None,
    progress: Callable[[str], None] = lambda _: None,
) -> Ticked:
    """
    Do what is due by `now` (the office's, unless given), once, and return what came of it.

    Of several ticks on one machine one works and the others return at once, `busy`; on several machines
    each issue is one's, by its lease. What is due is pulled for, held against the gates, made from approved
    notebooks, and noted; then whatever is released and not sent goes out, readers' pages learn what is
    overdue, and once a day leftovers expire. A step that fails is told in `others`, an issue in `failed`.
    `owner` names this process to others (`this_process`). `at_step` is called with the name of each step
    before it, `progress` with words for people. What is interrupted (SystemExit, KeyboardInterrupt) leaves
    nothing half done; the next tick goes on. Raises UserError if the office's private folder cannot be used.
    """
    from filelock import FileLock, Timeout

    began = now or office.now()
    clock = _Clock(began)
    place = folder(office)
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(place / _LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        return Ticked(began, clock(), busy=True)
    except OSError as problem:
        raise StorageFull.of(problem, place) or UserError(
            f"The scheduler's folder {place} cannot be used ({type(problem).__name__}). See that this "
            "account may write there."
        ) from None
    try:
        return _Tick(office, clock, owner or this_process(), watcher, at_step, progress).work()
    finally:
        lock.release()


class _Clock:
    """The tick's time: it began at a given instant, and nobody can set it while the tick works."""

    def __init__(self, began: datetime) -> None:
        self.began, self._from = began, time.monotonic()

    def __call__(self) -> datetime:
        return self.began + timedelta(seconds=time.monotonic() - self._from)


@dataclass
class _Tick:
    office: Office
    clock: _Clock
    owner: str
    watcher: Watcher | None
    at_step: Callable[[str], None]
    progress: Callable[[str], None]
    due: tuple[Slot, ...] = ()
    others: dict[str, Failure] = field(default_factory=dict)
    last: UserError | None = None
    sent: int = 0
    noted: bool = False

    def work(self) -> Ticked:
        """Do the steps in their order."""
        office = self.office
        ledger = Ledger(office.path(office.scheduler.ledger))
        beat = Beat(office, started_at=self.clock.began)
        again = beat.failed_before()
        self._try("heartbeat", "upkeep", lambda: beat.on(self.clock()))
        self._try("ledger", "upkeep", lambda: self._note(ledger))
        self._try("schedule", "run", self._look)
        run = Run(office, ledger, self._claimed(ledger), clock=self.clock, at_step=self.at_step)
        if run.open:
            self.progress(f"{len(run.open)} editions are due")
            try:
                self._try("batch", "run", lambda: run.work(watcher=self.watcher, beat=beat))
            finally:
                run.give_back()
        self._try("overdue", "publish", self._tell_overdue)
        self._try("delivery", "deliver", self._deliver)
        self._try("upkeep", "upkeep", lambda: self._daily(ledger))
        others = run.others | self.others
        if again or self.noted or run.done or run.failed or others:
            self._try("failure pages", "upkeep", lambda: self._write_failures(ledger, others))
        others = run.others | self.others
        told = Ticked(
            self.clock.began, self.clock(), due=self.due, done=run.done, failed=run.failed,
            given_up=tuple(run.given_up), marked=run.marked, sent=self.sent, others=others,
            waiting=tuple(one for one in self.due if one.key not in {*run.done, *run.failed}),
            last=self.last or run.last,
        )  # fmt: skip
        self.at_step("end")
        with suppress(OSError):  # the first write has told of it
            beat.end(
                self.clock(), due=len(told.due), done=len(told.done), failed=len(told.failed) + len(others)
            )
        return told

    def _try(self, name: str, step: Step, work: Callable[[], object]) -> None:
        """Do one step; what stops it is told, and stops no other."""
        self.at_step(name)
        try:
            work()
        except Exception as problem:
            full = StorageFull.of(problem, folder(self.office))
            self.others[name] = of_step(step, full or problem, at=self.clock())
            self.last = full or (problem if isinstance(problem, UserError) else _fault(name, problem))

    def _note(self, ledger: Ledger) -> None:
        """Note what lies on the disk unknown to the ledger: made by hand, or by a tick that was killed."""
        known = {one.slot.key for one in ledger.entries() if one.state == "done"}
        found, released = {}, set()
        for slot in slots(self.office, now=self.clock.began):
            if slot.key not in known and (there := folder_of(self.office, slot.key)) is not None:
                found[slot] = inside(self.office, there[1]), _known_at(there[1]) or self.clock()
                released |= {slot.key.audience} if there[0] == "released" else set()
        if found:
            self._list(released)  # one killed between the pack's rename and the index page
            ledger.note(found, now=self.clock())
            self.noted = True

    def _look(self) -> None:
        self.due = due(self.office, now=self.clock.began)

    def _claimed(self, ledger: Ledger) -> tuple[Lease, ...]:
        taken: list[Lease] = []
        if self.due:
            self._try(
                "claim", "run",
                lambda: taken.extend(
                    ledger.claim(self.due, owner=self.owner, now=self.clock(), seconds=LEASE_SECONDS)
                ),
            )  # fmt: skip
        return tuple(taken)

    def _deliver(self) -> None:
        if (
            not self.office.delivery
            and not (self.office.path(self.office.private) / "outbox.sqlite").exists()
        ):
            return  # nothing to send, and nothing was ever sent that a recall would have to follow
        from workbench.outbox import dispatch

        out: Dispatched = dispatch(self.office, now=self.clock(), progress=self.progress)
        self.sent = out.sent + out.recalls + out.copied
        lasting = [one for one in out.failures if not one.passing]
        for one in lasting:
            why = Failure("deliver", DeliveryFailed.__name__, self.clock(), one.remedy)
            self.others[f"delivery {one.delivery} number {one.number}"] = why
        if lasting:
            self.last = DeliveryFailed(
                f"{len(lasting)} messages or folders did not reach their readers. See which: "
                "workbench deliver --list"
            )

    def _tell_overdue(self) -> None:
        """Let readers' index pages say which of their issues are late, where that has changed."""
        found = [one for one in late(self.office, now=self.clock.began) if not one.overtaken]
        if not found and not (self.office.path(self.office.private) / "overdue.json").exists():
            return
        from workbench.publish import overdue

        changed = overdue.note(
            self.office,
            [
                overdue.Overdue(
                    briefing=one.slot.key.briefing, area=one.slot.key.area, audience=one.slot.key.audience,
                    period=one.slot.key.period, due_at=one.slot.due_at,
                )
                for one in found
            ],
        )  # fmt: skip
        self._list(changed)

    def _list(self, audiences: Collection[str]) -> None:
        """Rewrite the index pages of audiences."""
        from workbench.publish import index

        for reader in self.office.audience:
            if reader.slug in audiences:
                index.write(self.office.path(self.office.outputs), audience=reader, office=self.office)

    def _daily(self, ledger: Ledger) -> None:
        """Let leftovers expire, at the first tick of each of the office's days."""
        today = self.clock().astimezone(self.office.zone).date().isoformat()
        file = folder(self.office) / _DAILY
        with suppress(OSError, ValueError, KeyError, TypeError):
            if json.loads(file.read_bytes())["day"] == today:
                return
        from workbench.upkeep import expire

        expire(self.office, now=self.clock())
        ledger.forget(self.clock() - timedelta(days=self.office.keep.ledger_days))
        write(file, json.dumps({"day": today}).encode("utf-8"))

    def _write_failures(self, ledger: Ledger, others: dict[str, Failure]) -> None:
        from workbench.schedule._failures import write_failures

        write_failures(self.office, ledger.entries(), now=self.clock(), others=others)


def _known_at(version: Path) -> datetime | None:
    """Return the instant that a pack knows of, None where it cannot be read."""
    try:
        said = json.loads((version / "manifest.json").read_bytes())
        moment = datetime.fromisoformat(said["as_of"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return moment if moment.tzinfo else None


def _fault(name: str, problem: BaseException) -> UserError:
    told = UserError(
        f'The step "{name}" of the tick met a fault of the workbench ({type(problem).__name__}); the others '
        "went on. Report it, with its traceback, to whoever maintains the workbench."
    )
    told.__cause__ = problem
    return told
