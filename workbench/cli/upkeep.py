"""`workbench tidy`: what expires goes, by the rules of `[keep]`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in, progress_shown


def tidy(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    office: OfficeOption = None,
) -> None:
    """
    Remove what is older than [keep] says: failed runs, drafts that are done with, failure pages, leftovers.

    Packs never expire. The newest draft of an issue stays until it is released, and so does one that a
    person reviewed lately. Every tick of the scheduler does the same.

    Example: workbench tidy --dry-run
    """
    from workbench.upkeep import expire

    opened = office_in(office)
    with progress_shown() as progress:
        progress("looking for what has expired")
        gone = expire(opened, now=opened.now(), dry_run=dry_run)
    for what, number in gone.counts.items():
        typer.echo(f"{number:>6}  {what}")
    for one in gone.left:
        inside = one.path.is_relative_to(opened.root)
        shown = (one.path.relative_to(opened.root) if inside else one.path).as_posix()
        typer.echo(
            literal(f"left for the next time ({one.reason}, perhaps open elsewhere): {shown}"), err=True
        )
    if dry_run:
        typer.echo("Nothing was removed: without --dry-run, these go.")
