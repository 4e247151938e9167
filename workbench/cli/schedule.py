"""`workbench schedule`: have this machine call the tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in
from workbench.errors import UnknownName

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.config import Office
    from workbench.schedule import Call, Kind

app = typer.Typer(
    help="Have this machine call the tick: a systemd timer, a crontab line or a Windows task.\n\n"
    "Example: workbench schedule install",
    no_args_is_help=True,
    rich_markup_mode=None,
)

KindOption = Annotated[
    str | None, typer.Option("--kind", help="systemd, cron or windows; otherwise what suits this machine.")
]


@app.command()
def install(
    *,
    kind: KindOption = None,
    every: Annotated[
        int | None, typer.Option("--every", help="Minutes; otherwise `heartbeat_minutes` of [scheduler].")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Only show it; write and install nothing.")] = False,
    user: Annotated[
        bool,
        typer.Option(
            "--user/--system", help="systemd: your own, or the machine's, which an administrator installs."
        ),
    ] = True,
    office: OfficeOption = None,
) -> None:
    """
    Write a timer that calls `workbench tick`, show it, and put it to work where you may.

    It is written into private/scheduler/install; where this machine lets you not install it, the commands
    that do are shown. A timer of this office that is there already is replaced. Nothing is ticked by it.

    Example: workbench schedule install --kind cron --every 10
    """
    from workbench.schedule import call_of, timer_files
    from workbench.schedule import install as put_to_work

    opened = office_in(office)
    chosen = _kind(kind)
    call = call_of(opened, minutes=every)
    if show:
        _show_files(timer_files(opened, chosen, call, user=user))
        return
    done = put_to_work(opened, chosen, call, user=user)
    _show_files(done.files)
    typer.echo(f"\n{done.name} is at work." if done.at_work else "\nIt is written, but not at work yet.")
    for line in done.todo:
        typer.echo(literal(f"  {line}"))
    _tell_more(opened, chosen, call, asked=every)


@app.command()
def remove(*, kind: KindOption = None, office: OfficeOption = None) -> None:
    """
    Take this office's timer away from the machine; nothing else of the office changes.

    Example: workbench schedule remove
    """
    from workbench.schedule import call_of
    from workbench.schedule import remove as take_away

    chosen = _kind(kind)
    call = call_of(office_in(office))
    if take_away(chosen, call):
        typer.echo(f"{call.name} ({chosen}) is removed. Nothing calls the tick of this office by it now.")
    else:
        typer.echo(f"There is no {call.name} ({chosen}) on this machine. Other kinds: --kind")


@app.command(name="show")
def show_(*, kind: KindOption = None, office: OfficeOption = None) -> None:
    """
    Show the timer of this office as it was written, or would be, and whether it is at work.

    Example: workbench schedule show
    """
    from workbench.schedule import call_of, is_installed, written_files

    opened = office_in(office)
    chosen = _kind(kind)
    call = call_of(opened)
    _show_files(written_files(opened, chosen, call))
    at_work = is_installed(chosen, call)
    typer.echo(
        f"\n{call.name} ({chosen}) is at work."
        if at_work
        else f"\n{call.name} ({chosen}) is not at work here. Install it: workbench schedule install"
    )
    _tell_more(opened, chosen, call, asked=None)


def _kind(named: str | None) -> Kind:
    from workbench.schedule import KINDS, kind_here

    if named is None:
        return kind_here()
    for one in KINDS:
        if one == named:
            return one
    raise UnknownName("kind of timer", named, KINDS)


def _show_files(files: dict[Path, str]) -> None:
    for path, text in files.items():
        typer.echo(f"{path}:\n")
        typer.echo(literal(text, longest=20_000))


def _tell_more(office: Office, kind: Kind, call: Call, *, asked: int | None) -> None:
    wished = office.scheduler.heartbeat_minutes if asked is None else asked
    if call.minutes != wished:
        typer.echo(f"Every {call.minutes} minutes, not every {wished}: hours and days are divided evenly.")
    log = f"journalctl --user -u {call.name}.service" if kind == "systemd" else str(call.log)
    typer.echo(f"It calls `workbench tick --office {office.root}`. Its log: {log}")
    typer.echo("Is it alive? workbench health")
