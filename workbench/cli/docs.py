"""`workbench docs`: the documentation, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def docs(
    page: Annotated[str, typer.Argument(help="Page to open: tutorial, analyst, figures ...")] = "index",
    *,
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder to write the pages into; otherwise this user's cache.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page, or only say where it lies.")
    ] = True,
) -> None:
    """
    Open the documentation in the browser; it comes with the package and needs no network.

    A ten-minute tutorial, a page for each user, how to connect data, how each figure is computed and after
    whom, and a glossary.

    Example: workbench docs figures
    """
    import webbrowser

    from platformdirs import user_cache_path

    from workbench import __version__
    from workbench.docs import PAGES, write
    from workbench.errors import UnknownName, UserError

    if page not in PAGES:
        raise UnknownName("page of the documentation", page, PAGES)
    folder = to or user_cache_path("briefing-workbench") / f"docs-{__version__}"
    try:
        opened = write(folder).with_name(f"{page}.html").resolve()
    except OSError as problem:
        raise UserError(
            f"The pages cannot be written to {folder} ({type(problem).__name__}). "
            "Name another folder: workbench docs --to FOLDER"
        ) from None
    typer.echo(opened)
    if browser and not webbrowser.open(opened.as_uri()):
        typer.echo("No browser could be started: open that file by hand.")
