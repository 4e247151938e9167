"""The slots that one tick has taken: pulled for, gated, made, and noted in the ledger as each ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.config import Office
from workbench.errors import SourceError, StorageFull, StoreError, UserError
from workbench.schedule._due import folder_of
from workbench.schedule._facts import Failure, Key
from workbench.schedule._gates import raised
from workbench.schedule._heartbeat import Beat
from workbench.schedule._ledger import Lease, Ledger
from workbench.schedule._why import PUBLISH, next_try, of_issue, of_step

if TYPE_CHECKING:
    from workbench.publish import Order
    from workbench.pull import PullReport
    from workbench.runner import Outcome, Watcher
    from workbench.store import Store

LEASE_SECONDS = 900.0
"""How long a machine that fell silent keeps its issues from the others."""

_RENEWED_PER_LEASE = 5
_END = datetime.max.replace(tzinfo=UTC)


class Run:
    """
    The work on the issues of some leases; `work` does it, and what came of it stands in the attributes.

    `clock` tells the tick's time, `at_step` is called with the name of each step before it. Whoever calls
    `work` gives back what it left (`give_back`).
    """

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        leases: Sequence[Lease],
        *,
        clock: Callable[[], datetime],
        at_step: Callable[[str], None],
    ) -> None:
        self.office, self.ledger, self.clock, self.at_step = office, ledger, clock, at_step
        self.open = {lease.slot.key: lease for lease in leases}
        self.done: dict[Key, str] = {}
        self.failed: dict[Key, Failure] = {}
        self.given_up: list[Key] = []
        self.marked: dict[Key, tuple[str, ...]] = {}
        self.others: dict[str, Failure] = {}
        self.last: UserError | None = None
        self._doing: dict[Key, str] = {}
        self._store = office.store if office.store_is_remote else office.path(office.store)

    def work(self, *, watcher: Watcher | None, beat: Beat) -> None:
        """Pull, gate, make and note. Whatever fails is noted, and the rest goes on."""
        from workbench.view import store_of

        with self._renewed(beat):
            self._found()
            if not self.open:
                return
            self.at_step("pull")
            store = store_of(self.office)
            self._pull(store)
            self.at_step("gates")
            try:
                as_of = max(self.clock(), store.cut_off(_END) or self.clock())
                self._gate(store, as_of)
            except Exception as problem:
                self._all_failed(problem, "freshness")
            if not self.open:
                return
            self.at_step("run")
            try:
                self._make(store, as_of, watcher)
            except Exception as problem:
                self._all_failed(problem, "run")

    def give_back(self) -> None:
        """Let go of what was taken and not come to: the next tick goes on with it."""
        with suppress(UserError):
            self.ledger.release(self.open.values(), now=self.clock())
        self.open.clear()

    def _found(self) -> None:
        """Note what another has made between the look at the disk and the lease."""
        for key, lease in list(self.open.items()):
            found = folder_of(self.office, key)
            if found is not None:
                self._end(key, self.ledger.done, lease, pack=inside(self.office, found[1]))
                self.done[key] = inside(self.office, found[1])

    def _pull(self, store: Store) -> None:
        """Pull what the entries of the open slots name, once each."""
        from workbench.pull import pull_all

        entries = {one.slug: one for one in self.office.schedule}
        asked = [entries[lease.slot.schedule].sources for lease in self.open.values()]
        chosen = [
            one.slug for one in self.office.source if any(not some or one.slug in some for some in asked)
        ]
        turns: list[str] = []
        reports: list[PullReport] = []
        failures: list[UserError] = []
        try:
            reports, failures = pull_all(
                self.office, store, chosen, at=self.clock(), progress=turns.append
            )  # fmt: skip
        except Exception as problem:
            full = StorageFull.of(problem, self._store)
            self._other("store", of_step("pull", full or problem, at=self.clock()), full or problem)
        pulled = {one.source for one in reports}
        for slug, failure in zip((one for one in turns if one not in pulled), failures, strict=False):
            found = StorageFull.of(failure, self._store) or failure
            remedy = f"See what is wrong with it: workbench pull {slug}"
            self._other(f"source {slug}", of_step("pull", found, at=self.clock(), remedy=remedy), found)

    def _gate(self, store: Store, as_of: datetime) -> None:
        rules = {one.slug: one for one in self.office.schedule}
        today = self.clock().astimezone(self.office.zone).date()
        found = raised(self.office, store, self.open, as_of=as_of, today=today)
        for key, gates in found.items():
            entry = rules[self.open[key].slot.schedule]
            stopped = [
                one
                for one in gates
                if (entry.stale if one.step == "freshness" else entry.no_contact) == "stop"
            ]
            if stopped:
                problem = SourceError(f"{key}: {stopped[0].remedy}")
                why = Failure(stopped[0].step, type(problem).__name__, self.clock(), stopped[0].remedy)
                self._fail(key, why, problem)
            else:
                self.marked[key] = tuple(f"{one.step}: {', '.join(one.names)}" for one in gates)

    def _make(self, store: Store, as_of: datetime, watcher: Watcher | None) -> None:
        from workbench.publish import Order
        from workbench.runner import cores, run_all

        begun = self._begun()
        orders = {}
        for key, lease in self.open.items():
            known = (key in begun and lease.as_of) or as_of
            orders[Order(key.briefing, key.area, key.period, key.audience, key.language, known)] = key
            self.ledger.begin(lease, as_of=known, now=self.clock())
        run_all(
            self.office, store, orders, jobs=self.office.scheduler.jobs or cores(), approved_only=True,
            watcher=self._watching(orders, watcher),
            may_publish=lambda order: self._expect_held(orders[order]),
        )  # fmt: skip

    def _begun(self) -> frozenset[Key]:
        """
        Return the issues whose release is in the audit log though readers have no pack of them.

        The last try was cut off between the two. Made from the same as_of they come out the same and are
        completed; from newer data they would be another version 1, which the log does not allow.
        """
        from workbench.publish import logged

        named = {edition.rpartition("/v")[0] for edition in logged.log_of(self.office).given}
        return frozenset(
            key for key in self.open if f"{key.audience}/{key.briefing}/{key.area}/{key.period}" in named
        )

    def _watching(self, orders: dict[Order, Key], told: Watcher | None) -> Watcher:
        from workbench.runner import Watcher

        this = self

        class Watching(Watcher):
            def step(self, order: Order, what: str) -> None:
                this._doing[orders[order]] = what
                this.at_step(what)
                if told is not None:
                    told.step(order, what)

            def ended(self, outcome: Outcome) -> None:
                this.at_step("ended")
                this._ended(orders[outcome.order], outcome)
                if told is not None:
                    told.ended(outcome)

        return Watching()

    def _expect_held(self, key: Key) -> None:
        """Raise UserError if another was given the issue meanwhile: its work counts, and ours does not."""
        self.at_step("may publish")
        self._doing[key] = PUBLISH
        lease = self.open.get(key)
        if lease is None or not self.ledger.holds(lease):
            raise UserError(
                f"{key}: another tick was given this issue, because this one was silent for too long. "
                "Nothing of it was published here."
            )

    def _ended(self, key: Key, outcome: Outcome) -> None:
        if outcome.published is not None:
            folder = inside(self.office, outcome.published.folder)
            self._end(key, self.ledger.done, self.open[key], pack=folder)
            self.done[key] = folder
        elif outcome.failure is not None:
            doing = self._doing.get(key, "")
            why = of_issue(self.office, key, outcome.failure, doing=doing, at=self.clock())
            self._fail(key, why, outcome.failure)
        self.at_step("noted")

    def _all_failed(self, problem: Exception, doing: str) -> None:
        """Note of every open issue that what all need failed: the store, the disk, the batch."""
        full = StorageFull.of(problem, self._store)
        for key in list(self.open):
            why = of_issue(
                self.office, key, full or problem, doing=self._doing.get(key, doing), at=self.clock()
            )
            self._fail(key, why, full or problem)

    def _fail(self, key: Key, why: Failure, problem: BaseException) -> None:
        lease = self.open[key]
        again = next_try(self.office, lease.attempt, now=self.clock())
        self.failed[key] = why
        if again is None:
            self.given_up.append(key)
        self.last = problem if isinstance(problem, UserError) else UserError(_told(key, problem))
        self._end(key, self.ledger.failed, lease, why, next_try_at=again)

    def _end(self, key: Key, note: Callable[..., bool], lease: Lease, *said: object, **more: object) -> None:
        """Write an end into the ledger; if that fails, the next tick sees on the disk what there is."""
        self.open.pop(key, None)
        try:
            note(lease, *said, now=self.clock(), **more)
        except UserError as problem:
            self._other("ledger", of_step("upkeep", problem, at=self.clock()), problem)

    def _other(self, name: str, why: Failure, problem: BaseException) -> None:
        self.others[name] = why
        self.last = problem if isinstance(problem, UserError) else UserError(_told(name, problem))

    @contextmanager
    def _renewed(self, beat: Beat) -> Iterator[None]:
        """Renew the leases and the heartbeat while the work goes on, but no longer than it can take."""
        over = threading.Event()
        renewals = self._most_renewals()

        def renew() -> None:
            for _ in range(renewals):
                if over.wait(LEASE_SECONDS / _RENEWED_PER_LEASE):
                    return
                with suppress(
                    UserError, OSError
                ):  # an own lease that ran out holds until another is given it
                    self.ledger.renew(list(self.open.values()), now=self.clock(), seconds=LEASE_SECONDS)
                    beat.on(self.clock())

        thread = threading.Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _most_renewals(self) -> int:
        """Return after how many renewals a tick must hang: its editions' time limits, one after another."""
        limits = {one.slug: one.time_limit for one in self.office.briefing}
        seconds = sum(limits[key.briefing] for key in self.open) + 2 * LEASE_SECONDS
        return int(seconds / LEASE_SECONDS * _RENEWED_PER_LEASE) + 1


def inside(office: Office, folder: Path) -> str:
    """Return a folder as a path under the office's, as POSIX; whole, if it lies elsewhere."""
    return (folder.relative_to(office.root) if folder.is_relative_to(office.root) else folder).as_posix()


def _told(what: object, problem: BaseException) -> str:
    kind = "the store" if isinstance(problem, StoreError) else "a fault of the workbench"
    return f"{what}: stopped by {kind} ({type(problem).__name__}). See: workbench check"
