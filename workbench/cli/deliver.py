"""`workbench deliver`: what is released goes to its readers, each once; and what did not reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in, progress_shown

if TYPE_CHECKING:
    from workbench.config import Office


def deliver(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be sent, to how many, and as what.")
    ] = False,
    test: Annotated[
        bool,
        typer.Option(
            "--test", help="Only log in to the mail server, and send the analysts an empty message."
        ),
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="Only list what did not reach its readers.")] = False,
    again: Annotated[
        list[int] | None,
        typer.Option(
            "--again", help="Send this once more, by its number; a folder: it was emptied on purpose."
        ),
    ] = None,
    arrived: Annotated[
        list[int] | None, typer.Option("--arrived", help="This is settled, by its number: it did arrive.")
    ] = None,
    office: OfficeOption = None,
) -> None:
    """
    Send what is released to its readers, as the [[delivery]] entries of workbench.toml say, each once.

    A recalled issue is followed by a note to all who got it. Run again it sends only what has not left. The
    scheduler does this by itself. Exit code 19 if anything did not reach its readers.

    Example: workbench deliver --dry-run
    """
    from workbench import outbox

    opened = office_in(office)
    if test:
        taken = outbox.try_server(opened, now=opened.now())
        typer.echo(f"The server takes user, password and messages: {taken} sent.")
    elif list_:
        _list(opened)
    elif dry_run:
        _show_plan(opened)
    else:
        for number in arrived or ():
            typer.echo(f"{outbox.arrived(opened, number).number}: settled")
        for number in again or ():
            outbox.again(opened, number)
        if again or not arrived:
            _dispatch(opened)


def _dispatch(office: Office) -> None:
    from workbench.errors import DeliveryFailed
    from workbench.outbox import dispatch

    if not office.delivery:
        typer.echo("workbench.toml has no [[delivery]]: nothing is sent. Readers have the outputs folder.")
        return
    with progress_shown() as progress:
        done = dispatch(office, now=office.now(), progress=lambda said: progress(literal(said)), at_once=True)
    if done.busy:
        typer.echo("Another dispatch is at work. Look at what came of it with: workbench deliver --list")
        return
    typer.echo(
        f"messages: {done.sent}; notes of recalls: {done.recalls}; packs put into folders: {done.copied}; "
        f"skipped: {done.skipped}"
    )
    if done.lowered:
        typer.echo(f"{done.lowered} messages held less than configured, as said above.")
    _list(office)
    if done.failures:
        raise DeliveryFailed(
            f"{len(done.failures)} did not reach their readers, or may not have: each is named above "
            "with its remedy."
        )


def _list(office: Office) -> None:
    from workbench.outbox import failures

    for one in failures(office):
        what = f"{one.what} {one.edition}".rstrip()
        reader = f", reader {one.recipient}" if one.recipient else ""
        later = f"; next try {one.next_try_at:%Y-%m-%d %H:%M} UTC" if one.next_try_at else ""
        typer.echo(f"PROBLEM  {one.number}  {one.delivery}: {what}{reader}: {one.state}, {one.reason}{later}")
        typer.echo(f"         do: {one.remedy}")


def _show_plan(office: Office) -> None:
    from workbench.outbox import planned

    plan = planned(office, now=office.now())
    for one in plan:
        to = "" if one.content == "folder" else f" to {one.recipients} readers"
        why = f" ({one.lowered})" if one.lowered else ""
        typer.echo(f"{one.delivery}: {one.edition}: {one.content}{to}{why}")
    if not plan:
        typer.echo("Nothing is to be sent.")
