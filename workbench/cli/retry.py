"""`workbench retry`: what failed is tried again with the next tick."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli._office import OfficeOption, office_in


def retry(  # each is an option of the command
    briefing: Annotated[list[str] | None, typer.Argument(help="Briefings, such as weekly_conflict.")] = None,
    *,
    area: Annotated[list[str] | None, typer.Option(help="Area; may be repeated.")] = None,
    audience: Annotated[list[str] | None, typer.Option(help="Audience; may be repeated.")] = None,
    week: Annotated[str | None, typer.Option(help="Reporting week, such as 2026-W46.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that failed.")] = False,
    office: OfficeOption = None,
) -> None:
    """
    Put issues that failed, also those given up, back in line: the next tick tries them again.

    Mend first what stopped them: workbench status tells, and the pages in private/scheduler/failures.

    Example: workbench retry weekly_conflict --week 2026-W46
    """
    from workbench.schedule import Chosen
    from workbench.schedule import retry as put_back

    opened = office_in(office)
    chosen = Chosen(tuple(briefing or ()), tuple(area or ()), tuple(audience or ()), week)
    freed = put_back(opened, now=opened.now(), chosen=chosen, every=every)
    for key in freed:
        typer.echo(f"back in line: {key}")
    if freed:
        issues = "1 issue is" if len(freed) == 1 else f"{len(freed)} issues are"
        typer.echo(f"{issues} tried again with the next tick; at once with: workbench tick")
    else:
        typer.echo("Nothing of that has failed and is still open. See: workbench status")
