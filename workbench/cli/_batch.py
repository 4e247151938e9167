"""How a batch is shown while it works: a bar with what runs now, or lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.runner import Outcome, Watcher

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from workbench.publish import Order

_BEGUN = "running the notebook"


@contextmanager
def batch_shown(total: int) -> Iterator[Watcher]:
    """Show how many editions are done, which are worked on and how long it may take; on the error stream."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(console, total)
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=20),
        MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        console=console, transient=True,
    ) as bar:  # fmt: skip
        yield _Bar(bar, bar.add_task("editions", total=total))


class _Lines(Watcher):
    """A line when an edition is begun and when it is done; of a single one, for every step."""

    def __init__(self, console: Console, total: int) -> None:
        self._console, self._total, self._done = console, total, 0

    def step(self, order: Order, what: str) -> None:
        if self._total == 1 or what == _BEGUN:
            self._say(f"{order}: {what}")

    def ended(self, outcome: Outcome) -> None:
        self._done += 1
        if self._total > 1:
            how = "failed" if outcome.failure else "done"
            self._say(f"[{self._done}/{self._total}] {outcome.order}: {how} in {outcome.seconds:.0f} s")

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


class _Bar(Watcher):
    """A bar for all editions, whose words name those that are worked on now."""

    def __init__(self, bar: Progress, whole: TaskID) -> None:
        self._bar, self._whole = bar, whole
        self._running: dict[Order, float] = {}

    def step(self, order: Order, what: str) -> None:
        if what == _BEGUN:
            self._running[order] = time.monotonic()
        self._name()

    def ended(self, outcome: Outcome) -> None:
        self._running.pop(outcome.order, None)
        self._bar.advance(self._whole)
        if outcome.failure is not None:
            self._bar.console.print(f"{outcome.order}: failed", markup=False, highlight=False)
        self._name()

    def _name(self) -> None:
        shown = [f"{one.briefing} {one.area} for {one.audience}" for one in self._running]
        more = f" and {len(shown) - 2} more" if len(shown) > 2 else ""
        self._bar.update(self._whole, description=", ".join(shown[:2]) + more or "reading the store")
