"""`workbench tick`: what is due is made, once; called by whatever keeps time on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in, stopped_cleanly

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.config import Office
    from workbench.schedule import Entry, Slot, Ticked


def tick(
    *,
    office: OfficeOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is due and what would be done about it.")
    ] = False,
) -> None:
    """
    Make what is due by [[schedule]], once, send what is released, and end.

    What is due is seen on the disk, so it may be called at any time, as often as you like, and by several
    machines: an issue is made once. Call it every quarter of an hour: workbench schedule install. Where
    another tick is at work it ends at once. What fails is told at the end and tried again by a later tick;
    the exit code is that of the last failure.

    Example: workbench tick

    Example: workbench tick --dry-run
    """
    from workbench import schedule

    opened = office_in(office)
    if dry_run:
        for line in plan(opened, now=opened.now()):
            typer.echo(line)
        return
    with stopped_cleanly(_told_stopped):
        done = schedule.tick(opened, progress=lambda text: typer.echo(text, err=True))
    show(done)
    if done.last is not None:
        raise done.last


def plan(office: Office, *, now: datetime) -> list[str]:
    """Return what a tick would do, in plain words: a line for each issue that is due, and what comes next."""
    from workbench import schedule

    if not office.schedule:
        return [
            "Nothing is ever due: workbench.toml has no [[schedule]]. See the comments of a fresh office."
        ]
    known = {
        one.slot.key: one for one in schedule.Ledger(office.path(office.scheduler.ledger)).entries()
    }  # fmt: skip
    lines = [
        f"{slot.key}: due since {schedule.due_said(office, slot)} ({slot.schedule}); "
        f"{_what(office, slot, known.get(slot.key), now=now)}"
        for slot in schedule.due(office, now=now)
    ]
    for one in schedule.coming(office, now=now, number=1):
        said = "; ".join(schedule.coming_said(one, office))
        lines.append(("" if lines else "Nothing is due. ") + f"Next: {said}.")
    return lines or ["Nothing is due, and nothing will be: see [[schedule]] in workbench.toml."]


def show(done: Ticked) -> None:
    """Print what a tick did: a line for each issue, what failed beside, and a summary."""
    if done.busy:
        typer.echo("Another tick is at work in this office; this one leaves it to that.")
        return
    for key, folder in done.done.items():
        marks = f" (marked: {'; '.join(done.marked[key])})" if key in done.marked else ""
        typer.echo(literal(f"{key}: done{marks}: {folder}"))
    for key, why in done.failed.items():
        again = "given up" if key in done.given_up else "tried again later"
        where = f" in cell {why.cell}" if why.cell is not None else ""
        log = f" ({why.log})" if why.log else ""
        typer.echo(
            literal(f"{key}: FAILED at {why.step}{where}: {why.exception}; {again}. {why.remedy}{log}")
        )
    for name, why in done.others.items():
        typer.echo(literal(f"{name}: FAILED: {why.exception}. {why.remedy}"))
    counts = [
        (len(done.done), "done"), (len(done.failed), "failed"), (len(done.waiting), "left alone"),
    ]  # fmt: skip
    told = ", ".join(f"{n} {what}" for n, what in counts if n) or "nothing to do"
    sent = f" {done.sent} sent to readers." if done.sent else ""
    typer.echo(f"{len(done.due)} due: {told}.{sent}")
    if done.waiting:
        typer.echo("Why something was left alone: workbench tick --dry-run")


def _what(office: Office, slot: Slot, entry: Entry | None, *, now: datetime) -> str:
    late = "late, " if slot.late_at <= now else ""
    if entry is None or entry.state in ("waiting", "done"):
        return f"{late}will be made"
    if entry.state == "running":
        until = f" until {_when(office, slot, entry.leased_until)}" if entry.leased_until else ""
        return f"{late}another tick has it{until}, unless it is gone"
    why = f"{entry.failure.step} {entry.failure.exception}" if entry.failure else "it failed"
    if entry.state == "given_up":
        return f"{late}given up after {entry.attempts} tries ({why}); to try again: workbench retry"
    if entry.next_try_at is not None and entry.next_try_at > now:
        return f"{late}tried again at {_when(office, slot, entry.next_try_at)} ({why})"
    return f"{late}will be tried again ({why})"


def _when(office: Office, slot: Slot, moment: datetime) -> str:
    """Return an instant on the clock that the slot's entry is written in."""
    from workbench.schedule import due_said

    return due_said(office, replace(slot, due_at=moment))


def _told_stopped() -> None:
    typer.echo("Stopped: nothing is half made, and the next tick goes on.", err=True)
