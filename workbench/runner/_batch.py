"""A batch: orders are prepared while workers carry out others, and what comes back is finished meanwhile."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from workbench import briefing
from workbench.config import Office
from workbench.errors import StorageFull, StoreError, UserError
from workbench.publish import Job, Made, Order, Prepared, Published, Stopped, Views, finish, prepare
from workbench.runner._worker import Worker, fault_of
from workbench.store import Store

_WAIT_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """
    What came of an order: an edition, or why there is none; neither, if the batch was stopped before.

    `seconds` is how long it was worked on, `tries` how many workers it took.
    """

    order: Order
    published: Published | None = None
    failure: UserError | None = None
    seconds: float = 0.0
    tries: int = 0


class Watcher:
    """Who is told how a batch goes on; this one looks away. All is told from the thread that started it."""

    def step(self, order: Order, what: str) -> None:
        """Take note of what is done for an order now."""

    def ended(self, outcome: Outcome) -> None:
        """Take note of an order that is done, or has failed."""


class Carriers(Protocol):
    """Who carries jobs out: as many at once as there are lanes."""

    @property
    def lanes(self) -> int:
        """How many jobs at once."""

    def carry(self, lane: int, job: Job) -> tuple[Made | Stopped, int]:
        """Carry a job out; CancelledError once they were ended."""

    def end(self) -> None:
        """End them at once, whatever they do."""


class Processes:
    """Worker processes of this machine, one for each lane."""

    def __init__(self, jobs: int, folder: Path) -> None:
        self._workers = [Worker(folder / f"worker-{number}") for number in range(jobs)]

    @property
    def lanes(self) -> int:
        """One for each process."""
        return len(self._workers)

    def carry(self, lane: int, job: Job) -> tuple[Made | Stopped, int]:
        """Let the lane's process carry a job out."""
        return self._workers[lane].carry(job)

    def end(self) -> None:
        """End all processes."""
        for one in self._workers:
            one.end()


def run_all(  # noqa: PLR0913  # each is an option of the command
    office: Office,
    store: Store,
    orders: Iterable[Order],
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    approved_only: bool = False,
    force: bool = False,
    keep_going: bool = True,
    watcher: Watcher | None = None,
    may_publish: Callable[[Order], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """
    Carry out orders, `jobs` at once, and return what came of each, in their order.

    One failing edition never stops the others, unless `keep_going` is false: then what runs is ended, and
    the rest is left. A view is made once for all editions that need it; at most twice as many editions as
    run at once are on their way. `scheduler` is the address of a Dask scheduler, whose workers are used
    instead of processes of this machine: as many as it has, unless `jobs` is more than 0. `may_publish` is
    asked just before an edition becomes visible, and raises UserError where it must not.
    Raises StoreError, and ConfigurationError for a scheduler that cannot be used. On an interrupt, too,
    workers and kernels are gone when it raises, and nothing is half published.
    """
    wanted = list(dict.fromkeys(orders))
    if not wanted:
        return ()
    with briefing.run_folder() as folder, _carriers(scheduler, jobs, len(wanted), folder) as carriers:
        batch = _Batch(office, store, carriers, folder, _Rules(approved_only, force, keep_going, may_publish))
        return batch.run(wanted, watcher or Watcher())


def _carriers(
    scheduler: str | None, jobs: int, orders: int, folder: Path
) -> AbstractContextManager[Carriers]:
    if scheduler is None:
        return nullcontext(Processes(max(1, min(jobs, orders)), folder / "workers"))
    from workbench.runner._cluster import cluster

    return cluster(scheduler, jobs=jobs)


@dataclass(frozen=True)
class _Rules:
    approved_only: bool
    force: bool
    keep_going: bool
    may_publish: Callable[[Order], None]


@dataclass(frozen=True)
class _Carried:
    """What a lane tells: it has begun with an order, or has come to this end with it."""

    number: int
    made: Made | Stopped | None = None
    tries: int = 0
    seconds: float = 0.0


@dataclass
class _Batch:
    office: Office
    store: Store
    carriers: Carriers
    folder: Path
    rules: _Rules
    outcomes: dict[Order, Outcome] = field(default_factory=dict)
    flying: dict[int, tuple[Prepared, float]] = field(default_factory=dict)
    jobs: SimpleQueue[tuple[int, Job] | None] = field(default_factory=SimpleQueue)
    news: SimpleQueue[_Carried] = field(default_factory=SimpleQueue)
    begun: int = 0
    stopped: bool = False

    def run(self, orders: Sequence[Order], watcher: Watcher) -> tuple[Outcome, ...]:
        """Carry the orders out, and return what came of each."""
        self.watcher, self.views = watcher, Views(self.office, self.store, self.folder / "views")
        lanes = [
            threading.Thread(target=self._lane, args=(number,), daemon=True)
            for number in range(self.carriers.lanes)
        ]
        for lane in lanes:
            lane.start()
        try:
            self._work(_together(orders))
        finally:
            for _ in lanes:
                self.jobs.put(None)
            self.carriers.end()
            for lane in lanes:
                lane.join()
        return tuple(self.outcomes.get(one, Outcome(one)) for one in orders)

    def _work(self, waiting: list[Order]) -> None:
        counted = {one.slug for one in self.office.audience if one.count_threshold > 1}
        lanes = self.carriers.lanes
        while (waiting or self.flying) and not self.stopped:
            ahead = len(self.flying) < lanes or (len(self.flying) < 2 * lanes and self.news.empty())
            free = _first_free(waiting, [one.order for one, _ in self.flying.values()], counted)
            if ahead and free is not None:
                self._prepare(waiting.pop(free))
                continue
            try:
                told = self.news.get(timeout=_WAIT_SECONDS)
            except Empty:
                continue
            if told.made is None:
                self.watcher.step(self.flying[told.number][0].order, "running the notebook")
            else:
                self._finish(told, told.made)

    def _prepare(self, order: Order) -> None:
        began = time.monotonic()
        try:
            ready = prepare(
                self.office, self.store, order, views=self.views,
                progress=lambda step: self.watcher.step(order, step),
                approved_only=self.rules.approved_only, force=self.rules.force,
            )  # fmt: skip
        except (StoreError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as problem:
            self._end(Outcome(order, failure=self._failure(problem), seconds=time.monotonic() - began))
            return
        if isinstance(ready, Published):
            self._end(Outcome(order, ready, seconds=time.monotonic() - began))
            return
        self.begun += 1
        self.flying[self.begun] = ready, time.monotonic() - began
        self.jobs.put((self.begun, ready.job))

    def _finish(self, told: _Carried, made: Made | Stopped) -> None:
        ready, spent = self.flying.pop(told.number)
        order, began = ready.order, time.monotonic()
        place = self.folder / f"finish-{told.number}"
        published, failure = None, None
        try:
            published = finish(
                self.office, ready, made, views=self.views, folder=place,
                progress=lambda step: self.watcher.step(order, step), may_publish=self.rules.may_publish,
            )  # fmt: skip
        except (StoreError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as problem:
            failure = self._failure(problem)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        os.utime(self.folder)  # a batch may take longer than leftovers may lie
        seconds = spent + told.seconds + time.monotonic() - began
        self._end(Outcome(order, published, failure, seconds, told.tries))

    def _end(self, outcome: Outcome) -> None:
        self.outcomes[outcome.order] = outcome
        self.watcher.ended(outcome)
        if outcome.failure is not None and not self.rules.keep_going:
            self.stopped = True

    def _failure(self, problem: BaseException) -> UserError:
        if isinstance(problem, UserError):
            return problem
        full = StorageFull.of(problem, self.office.root)
        if full is not None:  # a failed write does not say where: the batch's own folder, or the office
            return StorageFull.seen(self.folder) or full
        return fault_of(problem).error()

    def _lane(self, lane: int) -> None:
        while (given := self.jobs.get()) is not None:
            number, job = given
            self.news.put(_Carried(number))
            began, tries = time.monotonic(), 1
            try:
                made, tries = self.carriers.carry(lane, job)
            except CancelledError:
                return
            except BaseException as fault:
                made = fault_of(fault)
            self.news.put(_Carried(number, made, tries, time.monotonic() - began))


def _together(orders: Sequence[Order]) -> list[Order]:
    """Return the orders with those of one view side by side, as the first of each view comes."""
    place: dict[tuple[str, str, str], int] = {}
    for number, one in enumerate(orders):
        place.setdefault((one.area, one.week, one.audience), number)
    return sorted(orders, key=lambda one: place[one.area, one.week, one.audience])


def _first_free(waiting: Sequence[Order], flying: Sequence[Order], counted: set[str]) -> int | None:
    """
    Return the place of the first order that need not wait for another before it, None if there is none.

    Versions of one issue follow each other; and what readers of counts are given depends on what others of
    them were given of the same area.
    """
    before = list(flying)
    for number, order in enumerate(waiting):
        if not any(_depend(order, one, counted) for one in before):
            return number
        before.append(order)
    return None


def _depend(order: Order, other: Order, counted: set[str]) -> bool:
    both_counted = order.audience in counted and other.audience in counted
    return order.issue == other.issue or (both_counted and order.area == other.area)
