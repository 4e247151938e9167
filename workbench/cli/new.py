"""`workbench new`: a briefing or a chart of one's own, begun with a page that runs and teaches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in

app = typer.Typer(
    help="Begin a briefing or a chart of your own.\n\nExample: workbench new briefing border_crossings",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def briefing(
    name: Annotated[str, typer.Argument(help="Its name in files and commands: small letters, digits and _.")],
    *,
    title: Annotated[str | None, typer.Option(help="What its pages are called.")] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option("--audience", help="Who receives it; once for each. Left out: nobody yet."),
    ] = None,
    office: OfficeOption = None,
) -> None:
    """
    Make a notebook with parameters, masthead, a table, a chart and prose, and enter it in workbench.toml.

    It runs at once. Comments in workbench.toml stay.

    Example: workbench new briefing border_crossings --title "Border crossings" --audience internal
    """
    from workbench import desk

    opened = office_in(office)
    called = title if title is not None else name.replace("_", " ").capitalize()
    made = desk.new_briefing(opened, name, title=called, audiences=audience or [])
    path = made.notebook.relative_to(opened.root).as_posix()
    typer.echo(f"made {path}, and entered it in workbench.toml")
    if made.readers:
        typer.echo(literal(f"Received by: {', '.join(made.readers)}"))
        reader = (audience or [""])[0]
    else:
        reader = opened.audience[0].slug
        typer.echo(
            f'Nobody receives it yet. Name "{name}" in `briefings` of an [[audience]] when it is ready; '
            "until then `workbench run` makes it for nobody."
        )
    typer.echo(f"Next: workbench preview {path} --audience {reader}, or open it: workbench lab")


@app.command()
def chart(
    name: Annotated[str, typer.Argument(help='What it is called, such as "Incidents by type".')],
    *,
    within: Annotated[Path, typer.Option("--in", help="The notebook to add it to.")],
    office: OfficeOption = None,
) -> None:
    """
    Add a heading and a small chart with a description made from the data to a notebook, to be changed.

    Close the notebook in JupyterLab first, or reload it afterwards. A changed notebook needs a new approval.

    Example: workbench new chart "Incidents by type" --in notebooks/border_crossings.ipynb
    """
    from workbench import desk

    page = within if within.is_file() else office_in(office).path(str(within))
    number = desk.new_chart(page, name)
    typer.echo(literal(f"added cell {number} to {page.name}: run the notebook, and change it"))
