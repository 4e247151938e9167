"""The command line: parse, call, translate errors into one message and an exit code."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench import __version__
from workbench.cli import _pulled, kernel, new, policy, schedule, store
from workbench.cli._office import OfficeOption, folder_of, literal, office_in, progress_shown
from workbench.cli.approve import approve
from workbench.cli.backup import backup, restore
from workbench.cli.deliver import deliver
from workbench.cli.docs import docs
from workbench.cli.gate import gate
from workbench.cli.health import health
from workbench.cli.history import history
from workbench.cli.lab import lab
from workbench.cli.lookup import lookup
from workbench.cli.preview import preview
from workbench.cli.release import INVENTED, audit, recall, release, released_for_show, verify
from workbench.cli.retry import retry
from workbench.cli.run import raise_last, run, told
from workbench.cli.serve import serve
from workbench.cli.status import status
from workbench.cli.tick import tick
from workbench.cli.upkeep import tidy
from workbench.errors import StorageFull, UserError, WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from workbench.config import Office
    from workbench.pull import PullReport

_ROOM_FOR_NAMES = 80
"""Columns of a terminal from which on only the states of a list are broken over lines."""

app = typer.Typer(
    name="workbench",
    help="Liaison logs and incident data to weekly conflict briefings, one edition per audience.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line; each error has its exit code, and one its reader can mend is one message."""
    try:
        app()
    except WorkbenchError as problem:
        problem = (None if isinstance(problem, UserError) else StorageFull.of(problem)) or problem
        if not isinstance(problem, UserError):
            traceback.print_exc()
        else:
            sys.stderr.write(literal(f"{type(problem).__name__}: {problem}") + "\n")
        raise SystemExit(problem.exit_code) from None
    except Exception as problem:
        full = StorageFull.of(problem)
        if full is None:
            raise
        sys.stderr.write(literal(f"{type(full).__name__}: {full}") + "\n")
        raise SystemExit(full.exit_code) from None


def _version(*, value: bool) -> None:
    if value:
        typer.echo(f"workbench {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(value=value), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    del version


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to make the sample office in.")] = Path(
        "sample-office"
    ),
) -> None:
    """
    Make the sample office, pull its sources, and make and release its last week for every audience.

    Everything in it is fictional, and every page says so.

    Example: workbench demo
    """
    from workbench import sample
    from workbench.briefing import approve_shipped
    from workbench.cli._batch import batch_shown
    from workbench.config import load
    from workbench.publish import Order
    from workbench.runner import cores, run_all
    from workbench.view import store_of

    if (folder / "store").exists():
        raise UserError(
            f"{folder} already holds an office. Look at it with: workbench list --office {folder}. "
            "To start afresh, remove the folder or name another one: workbench demo OTHER"
        )
    with progress_shown() as progress:
        progress("making the sample office")
        sample.make(folder)
        office = load(folder)
        approve_shipped(folder, at=office.now())
        # first the weeks before, so that the store can tell how late reports come
        history = [(sample.deliver_earlier, sample.EARLIER, sample.EARLIER_SOURCES)]
        for write, instants, sources in [*history, (sample.deliver, sample.DELIVERIES, None)]:
            for number, at in enumerate(instants, start=1):
                write(folder, number)
                _, failures = _pull(office, sources, progress=progress, at=at, accept_shrink=False)
                if failures:
                    raise failures[0]
        week = office.last_complete_week().slug
        orders = [
            Order(briefing.slug, area.slug, week, audience.slug, office.languages[0], office.now())
            for audience in office.audience
            for briefing in office.briefing
            for area in office.area
            if briefing.slug in audience.briefings
        ]
    with batch_shown(len(orders)) as watcher:
        outcomes = run_all(office, store_of(office), orders, jobs=cores(), watcher=watcher)
    raise_last(outcomes)
    drafted = [one.published for one in outcomes if one.published is not None]
    with progress_shown() as progress:
        published = [released_for_show(office, one, progress=progress) for one in drafted]
    for one in published:
        typer.echo(told(one, office))
    waited = sum(one.people_needed > 0 for one in drafted)
    typer.echo(
        f"\n{waited} of them were drafts, released in the names of {' and '.join(INVENTED)}, both invented."
    )
    first = published[0].folder
    typer.echo(f"\nOpen in a browser: {(first / 'briefing.html').resolve()}")
    typer.echo(
        f"All issues for {published[0].manifest.audience}: {(first.parents[3] / 'index.html').resolve()}"
    )


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new office; made if it is not there.")],
    *,
    name: Annotated[str, typer.Option(help="Name of the office, as its pages will say it.")] = "New office",
    notebooks: Annotated[
        bool, typer.Option("--notebooks", help="Only put fresh copies of missing notebooks into the office.")
    ] = False,
) -> None:
    """
    Make a new office: a configuration to fill in, its folders and its notebooks.

    Nothing that is already there is overwritten.

    Example: workbench init cabo-delgado --name "Pemba office"
    """
    from workbench import sample
    from workbench.briefing import approve_shipped
    from workbench.config import load

    made = sample.fresh_notebooks(folder) if notebooks else sample.blank(folder, name=name)
    approve_shipped(folder, at=load(folder).now())
    for path in made:
        typer.echo(f"made {path}")
    if not made:
        typer.echo("Nothing was missing.")
    elif not notebooks:
        typer.echo(
            f"\nNext: fill in {folder / 'workbench.toml'}, then run: workbench check --office {folder}"
        )


@app.command()
def check(*, office: OfficeOption = None) -> None:
    """
    Check configuration, sources, boundaries, notebooks, templates and write access.

    Each problem is named with its remedy; exit code 18 if there is one.

    Example: workbench check
    """
    from workbench.errors import CheckFailed
    from workbench.publish.check import examine

    findings = examine(folder_of(office))
    for finding in findings:
        said = f"{'ok     ' if finding.remedy is None else 'PROBLEM'}  {finding.part}: {finding.what}"
        typer.echo(literal(said))
        if finding.remedy is not None:
            typer.echo(f"         do: {finding.remedy}")
    bad = sum(finding.remedy is not None for finding in findings)
    if bad:
        raise CheckFailed(
            f"{bad} of {len(findings)} checks found a problem. Each is named above with its remedy."
        )
    typer.echo(f"All {len(findings)} checks passed.")


@app.command()
def pull(
    source: Annotated[list[str] | None, typer.Argument(help="Sources to pull; all if none is named.")] = None,
    *,
    office: OfficeOption = None,
    accept_shrink: Annotated[
        bool,
        typer.Option(
            "--accept-shrink", help="Accept a delivery with less than half the rows of the last one."
        ),
    ] = False,
    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="Also list rejected rows, unmatched places and odd labels, with values: not for a log.",
        ),
    ] = False,
) -> None:
    """
    Read sources into the store: new, changed and withdrawn records become revisions.

    One failing source does not stop the others.

    Example: workbench pull meridian
    """
    opened = office_in(office)
    with progress_shown() as progress:
        reports, failures = _pull(opened, source, progress=progress, at=None, accept_shrink=accept_shrink)
    _pulled.show(opened, reports, details=details)
    _raise_last(failures)


app.command()(run)


@app.command(name="list")
def list_(*, office: OfficeOption = None) -> None:
    """
    List briefings, areas and audiences, with the last issue of each.

    Example: workbench list
    """
    from rich.console import Console
    from rich.table import Table

    from workbench.publish import states

    opened = office_in(office)
    table = Table(
        "Briefing", "Area", "Audience", "Last issue", "Known (UTC)", "State", box=None, pad_edge=False
    )
    console = Console()
    for column in table.columns:
        column.overflow = "fold"  # a name cut short could be another's
        column.no_wrap = console.width >= _ROOM_FOR_NAMES and column.header != "State"
    for product in opened.briefing:
        for area in opened.area:
            for audience in opened.audience:
                if product.slug not in audience.briefings:
                    continue
                last = states.last_issue(
                    opened, audience=audience.slug, briefing=product.slug, area=area.slug
                )
                if not last:
                    table.add_row(product.slug, area.slug, audience.slug, "none yet", "", "")
                for one in last:
                    tongue = "" if one.language == opened.languages[0] else f" ({one.language})"
                    table.add_row(
                        product.slug, area.slug, audience.slug,
                        f"{one.period} v{one.version}{tongue}",
                        f"{one.as_of:%Y-%m-%d %H:%M}", one.state,
                    )  # fmt: skip
    console.print(table)


app.command()(tick)
app.command()(serve)
app.command()(approve)
app.command()(deliver)
app.command()(lookup)
app.command()(lab)
app.command()(preview)
app.command()(docs)
app.add_typer(new.app, name="new")
app.add_typer(policy.app, name="policy")
app.add_typer(schedule.app, name="schedule")
app.add_typer(kernel.app, name="kernel")
app.add_typer(store.app, name="store")


def _raise_last(failures: Sequence[UserError]) -> None:
    """Show every failure, a fault of the workbench with its frames but no values, and raise the last."""
    for failure in failures:
        if failure.__cause__ is not None:
            sys.stderr.write("".join(traceback.format_tb(failure.__cause__.__traceback__)))
    said = {str(failure): failure for failure in failures}  # the same mistake in each edition is told once
    for failure in list(said.values())[:-1]:
        typer.echo(literal(f"{type(failure).__name__}: {failure}"), err=True)
    if failures:
        raise list(said.values())[-1]


def _pull(
    office: Office,
    slugs: Sequence[str] | None,
    *,
    progress: Callable[[str], None],
    at: datetime | None,
    accept_shrink: bool,
) -> tuple[list[PullReport], list[UserError]]:
    from workbench.pull import pull_all
    from workbench.view import store_of

    return pull_all(
        office,
        store_of(office),
        slugs or None,
        at=at or office.now(),
        accept_shrink=accept_shrink,
        progress=lambda slug: progress(f"pulling {slug}"),
    )


for _command in (gate, release, recall, verify, audit, tidy, backup, restore, health, status, history, retry):
    app.command()(_command)
