"""`workbench kernel`: the warm kernel for JupyterLab, papermill, nbclient and nbval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli._office import literal
from workbench.errors import ConfigurationError

app = typer.Typer(
    help="Install the warm kernel, which starts in a tenth of the time.\n\nExample: workbench kernel install",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def install(
    *,
    sys_prefix: Annotated[
        bool,
        typer.Option("--sys-prefix", help="Into this Python's environment, not for this user everywhere."),
    ] = False,
) -> None:
    """
    Install the kernel "Workbench (warm)" for JupyterLab, papermill, nbclient and nbval.

    It is an ordinary kernel of this Python that has the libraries loaded when it starts. Where that is not
    possible (Windows, macOS), it starts as any other kernel does.

    Example: workbench kernel install
    """
    from workbench import kernels
    from workbench.kernels import spec

    if not spec.registered():
        raise ConfigurationError(
            "Jupyter would not find the warm kernel: this workbench was installed before it had one. "
            "Install it again: pip install --force-reinstall --no-deps briefing-workbench"
        )
    try:
        folder = spec.install(sys_prefix=sys_prefix)
    except OSError as problem:
        raise _not_written(problem, "installed") from None
    typer.echo(f'Installed the kernel "{spec.DISPLAY_NAME}" as {spec.PROVISIONER}: {literal(str(folder))}')
    typer.echo(f"Choose it in JupyterLab, or run: papermill -k {spec.PROVISIONER} IN.ipynb OUT.ipynb")
    why = kernels.why_not()
    if why is not None:
        typer.echo(f"Here it starts as any other kernel does: {why}.")


@app.command()
def remove() -> None:
    """
    Remove the kernel "Workbench (warm)" again, wherever it was installed.

    Example: workbench kernel remove
    """
    from workbench.kernels import spec

    try:
        folders = spec.remove()
    except OSError as problem:
        raise _not_written(problem, "removed") from None
    for folder in folders:
        typer.echo(f"Removed {literal(str(folder))}")
    if not folders:
        typer.echo("The warm kernel is not installed: nothing to remove.")


@app.command(name="list")
def list_() -> None:
    """
    List where the warm kernel is installed, and whether it can be warm here.

    Example: workbench kernel list
    """
    from workbench import kernels
    from workbench.kernels import spec

    found = spec.installed()
    for one in found:
        gone = "" if Path(one.python).exists() else ", which is gone: install the kernel again"
        typer.echo(literal(f"{one.name}  {one.folder}  starts {one.python}{gone}"))
    if not found:
        typer.echo("The warm kernel is not installed. Install it with: workbench kernel install")
    why = kernels.why_not()
    typer.echo("Kernels start warm here." if why is None else f"Kernels start cold here: {why}.")


def _not_written(problem: OSError, done: str) -> ConfigurationError:
    return ConfigurationError(
        f"The warm kernel could not be {done}: {literal(str(problem.filename or 'its folder'))} cannot be "
        f"written ({problem.strerror or type(problem).__name__}). Make that folder writable, or use "
        "workbench kernel install --sys-prefix"
    )
