"""`workbench serve`: ticks again and again, for a container or a terminal that stays open."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from workbench.cli._office import OfficeOption, folder_of, literal, office_in

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.config import Office

_LEAST_SECONDS = 1.0
_PACE_SECONDS = 900.0
"""Between ticks where the configuration that says otherwise cannot be read."""


def serve(
    *,
    office: OfficeOption = None,
    ticks: Annotated[
        int | None, typer.Option("--ticks", min=1, help="End after so many ticks; otherwise never.")
    ] = None,
) -> None:
    """
    Tick whenever something is due and every `heartbeat_minutes`, until it is stopped.

    For containers and services: one line for each tick, of ids and counts. workbench.toml is read again for
    each, and a tick that fails ends nothing. SIGTERM or Ctrl-C ends it at once, with nothing half made.

    Example: workbench serve --office /srv/office
    """
    folder = folder_of(office)
    office_in(folder)  # what is wrong from the first is told at once
    done = 0
    with _ended_by_signals():
        while True:
            seconds = _one(folder)
            done += 1
            if done == ticks:
                return
            threading.Event().wait(seconds)


def _one(folder: Path) -> float:
    """Do one tick, say what it did, and return how many seconds there are until the next."""
    from workbench import schedule

    try:
        opened = office_in(folder)
        _say(schedule.tick(opened).line())
        return _pause(opened)
    except Exception as problem:  # a loop that a fault could end would need somebody to watch it
        _say(
            f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} tick: failed: {type(problem).__name__}: {_safe(problem)}"
        )
        return _PACE_SECONDS


def _pause(office: Office) -> float:
    """Return the seconds until the next occasion or try, at most those between heartbeats."""
    from workbench import schedule

    now = office.now()
    moments = [one.due_at for one in schedule.coming(office, now=now, number=1)]
    ledger = schedule.Ledger(office.path(office.scheduler.ledger))
    moments += [one.next_try_at for one in ledger.entries() if one.state == "failed" and one.next_try_at]
    ahead = [(moment - now).total_seconds() for moment in moments if moment > now]
    return max(_LEAST_SECONDS, min([*ahead, office.scheduler.heartbeat_minutes * 60.0]))


def _safe(problem: Exception) -> str:
    """Return the message of an error of ours; of another, where it was raised, and not what it says."""
    from workbench.errors import StorageFull, UserError

    full = StorageFull.of(problem)
    if full is not None or isinstance(problem, UserError):
        return str(full or problem).replace("\n", " ")
    last = traceback.extract_tb(problem.__traceback__)[-1]
    return f"in {last.name}, line {last.lineno}"


def _say(line: str) -> None:
    typer.echo(literal(line))


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """End quietly, with 0, when a service manager or a key says so."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(0)

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, end) if main else None
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        _say(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} stopped: nothing is half made")
    finally:
        if main:
            signal.signal(signal.SIGTERM, before)
