"""The command line: parse, call, translate errors into one message and an exit code."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench import __version__
from workbench.cli._office import OfficeOption, folder_of, office_in, progress_shown
from workbench.errors import UserError, WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from workbench.config import Office
    from workbench.publish import Order, Published
    from workbench.pull import PullReport

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
        if not isinstance(problem, UserError):
            traceback.print_exc()
        else:
            sys.stderr.write(f"{type(problem).__name__}: {problem}\n")
        raise SystemExit(problem.exit_code) from None


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
    Make the sample office, pull its sources and publish its last week for every audience.

    Everything in it is fictional, and every page says so.

    Example: workbench demo
    """
    from workbench import sample
    from workbench.config import load
    from workbench.publish import Order

    if (folder / "store").exists():
        raise UserError(
            f"{folder} already holds an office. Look at it with: workbench list --office {folder}. "
            "To start afresh, remove the folder or name another one: workbench demo OTHER"
        )
    with progress_shown() as progress:
        progress("making the sample office")
        sample.make(folder)
        office = load(folder)
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
        published = [_publish(office, order, progress=progress) for order in orders]
    for one in published:
        typer.echo(_told(one, office))
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

    made = sample.fresh_notebooks(folder) if notebooks else sample.blank(folder, name=name)
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
        typer.echo(f"{'ok     ' if finding.remedy is None else 'PROBLEM'}  {finding.part}: {finding.what}")
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
            help="Also list each rejected row and unmatched place with values: for a screen, not a log.",
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
    _show_reports(reports)
    if details:
        _show_details(opened, reports)
    elif any(report.rejected or report.unmatched for report in reports):
        hint = "Each rejected row and unmatched place: workbench pull --details (shows their values)"
        typer.echo(hint, err=True)
    _raise_last(failures)


@app.command()
def run(  # noqa: PLR0913  # each is an option of the command
    briefing: Annotated[str, typer.Argument(help="Briefing, such as weekly_conflict.")],
    *,
    week: Annotated[
        str | None, typer.Option(help="Reporting week, such as 2026-W46; otherwise the last complete one.")
    ] = None,
    audience: Annotated[
        list[str] | None, typer.Option(help="Audience; may be repeated. Otherwise all that receive it.")
    ] = None,
    area: Annotated[list[str] | None, typer.Option(help="Area; may be repeated. Otherwise all.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="As known then: ISO 8601 with zone. Otherwise now.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language; otherwise the office's first.")] = None,
    office: OfficeOption = None,
) -> None:
    """
    Make a briefing and publish it as HTML and PDF, one edition per audience.

    Example: workbench run weekly_conflict --week 2026-W46 --audience internal
    """
    from workbench.publish import Order
    from workbench.view import instant, present, store_of

    opened = office_in(office)
    product = opened.briefing_called(briefing)
    readers = audience or [one.slug for one in opened.audience if product.slug in one.briefings]
    moment = instant(as_of) if as_of else present(opened, store_of(opened))
    orders = [
        Order(
            product.slug,
            opened.area_called(where).slug,
            opened.week(week).slug if week else opened.last_complete_week().slug,
            opened.audience_called(who).slug,
            language or opened.languages[0],
            moment,
        )
        for where in area or [one.slug for one in opened.area]
        for who in readers
    ]
    published, failures = [], []
    with progress_shown() as progress:
        for order in orders:
            try:
                published.append(_publish(opened, order, progress=progress))
            except UserError as failure:  # one edition never stops the others
                failures.append(failure)
    for one in published:
        typer.echo(_told(one, opened))
    _raise_last(failures)


@app.command(name="list")
def list_(*, office: OfficeOption = None) -> None:
    """
    List briefings, areas and audiences, with the last issue of each.

    Example: workbench list
    """
    from rich.console import Console
    from rich.table import Table

    from workbench.publish import pack

    opened = office_in(office)
    table = Table("Briefing", "Area", "Audience", "Last issue", "Data known on", box=None, pad_edge=False)
    for product in opened.briefing:
        for area in opened.area:
            for audience in opened.audience:
                if product.slug not in audience.briefings:
                    continue
                last = pack.last_issue(
                    opened.path(opened.outputs), audience=audience.slug, briefing=product.slug, area=area.slug
                )
                issue = f"{last.period}, version {last.version}" if last else "none yet"
                known = f"{last.as_of:%Y-%m-%d %H:%M} UTC" if last else ""
                table.add_row(product.slug, area.slug, audience.slug, issue, known)
    Console().print(table)


def _raise_last(failures: Sequence[UserError]) -> None:
    """Show every failure, a fault of the workbench with its frames but no values, and raise the last."""
    for failure in failures:
        if failure.__cause__ is not None:
            sys.stderr.write("".join(traceback.format_tb(failure.__cause__.__traceback__)))
    said = {str(failure): failure for failure in failures}  # the same mistake in each edition is told once
    for failure in list(said.values())[:-1]:
        typer.echo(f"{type(failure).__name__}: {failure}", err=True)
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


def _publish(office: Office, order: Order, *, progress: Callable[[str], None]) -> Published:
    from workbench.publish import publish
    from workbench.view import store_of

    what = f"{order.briefing} {order.week} {order.area} for {order.audience}"
    return publish(office, store_of(office), order, progress=lambda step: progress(f"{what}: {step}"))


def _told(one: Published, office: Office) -> str:
    issue = one.manifest
    done = "made again, byte for byte" if one.reproduced else f"published, version {issue.version}"
    if one.unchanged:
        done = f"nothing new since version {issue.version}"
    elif issue.corrects and not one.reproduced:
        done += f" (corrects version {issue.corrects})"
    folder = one.folder.relative_to(office.root) if one.folder.is_relative_to(office.root) else one.folder
    return f"{issue.briefing} {issue.period} {issue.area} for {issue.audience}: {done}: {folder.as_posix()}"


def _show_reports(reports: Sequence[PullReport]) -> None:
    from rich.console import Console
    from rich.table import Table

    counts = ("read", "new", "changed", "withdrawn", "unchanged", "rejected", "unmatched")
    table = Table("Source", *(name.capitalize() for name in counts), box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for report in reports:
        table.add_row(report.source, *(f"{getattr(report, name):,}" for name in counts))
    Console().print(table)


def _show_details(office: Office, reports: Sequence[PullReport]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from workbench.records import record_type
    from workbench.view import present, store_of

    store = store_of(office)
    slugs = [report.source for report in reports]
    rejected = store.read(record_type("rejected_row"), as_of=present(office, store), sources=slugs)
    table = Table("File", "Row", "Column", "Value", "Reason", box=None, pad_edge=False, title_justify="left")
    table.title = "Rejected rows"
    for row in rejected.sort_values(["file", "row", "column"]).fillna({"value": ""}).to_dict("records"):
        table.add_row(*(Text(str(row[name])) for name in ("file", "row", "column", "value", "reason")))
    places = Table("Source", "Place", "Rows", "Names like it", box=None, pad_edge=False, title_justify="left")
    places.title = "Places in no district"
    for report in reports:
        for place in report.unmatched_places:
            like = ", ".join(place.suggestions)
            places.add_row(report.source, Text(place.name), str(place.rows), Text(like))
    for listed in (table, places):
        if listed.row_count:
            Console().print(listed)
