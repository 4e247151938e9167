"""`workbench approve`: which notebooks the office has read, and lets a scheduler run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli._office import OfficeOption, office_in


def approve(
    notebook: Annotated[
        Path | None, typer.Argument(help="Notebook, such as notebooks/weekly_conflict.ipynb; none lists all.")
    ] = None,
    *,
    by: Annotated[str | None, typer.Option(help="Who has read the notebook and approves it.")] = None,
    office: OfficeOption = None,
) -> None:
    """
    Approve a notebook as it is now, for runs with --approved-only; without one, list all.

    A changed notebook must be approved again.

    Example: workbench approve notebooks/weekly_conflict.ipynb --by "A. Sow"
    """
    from workbench import briefing
    from workbench.cli._office import literal
    from workbench.errors import ParameterError

    opened = office_in(office)
    if notebook is None:
        _list(briefing.states(opened))
        return
    if by is None:
        raise ParameterError(
            "An approval needs the name of who has read the notebook. Add --by NAME to the command."
        )
    made = briefing.approve(opened, notebook, by=by, at=opened.now())
    typer.echo(literal(f"{made.notebook}: approved by {made.by}, SHA-256 {made.digest[:12]}..."))


def _list(states: object) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from workbench.cli._office import literal

    table = Table("Notebook", "State", "By", "At", box=None, pad_edge=False)
    for name, state, known in states:  # type: ignore[attr-defined]  # the type would need the import above
        by = Text(literal(known.by)) if known else Text("")
        table.add_row(Text(literal(name)), state, by, f"{known.at:%Y-%m-%d %H:%M} UTC" if known else "")
    Console().print(table)
