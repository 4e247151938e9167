"""`workbench run`: orders to editions, many at once, and a summary of what came of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in, stopped_cleanly
from workbench.errors import ParameterError, UserError

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.config import Briefing, Office
    from workbench.publish import Order, Published
    from workbench.runner import Outcome, Watcher

_LONGEST_LINE = 4000
"""Columns that a line of a log may take."""


def run(  # noqa: PLR0913  # each is an option of the command
    briefing: Annotated[
        list[str] | None, typer.Argument(help="Briefings, such as weekly_conflict; or --all.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every briefing of the office.")] = False,
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
    language: Annotated[
        list[str] | None, typer.Option(help="Language; may be repeated. Otherwise the office's first.")
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=0, help="How many editions at once; 0 is one for each processor.",
            show_default=False,
        ),
    ] = 0,
    keep_going: Annotated[
        bool,
        typer.Option(
            "--keep-going/--stop-at-first", help="Whether a failing edition leaves the others alone."
        ),
    ] = True,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Also make again what stands unchanged; it must come out byte for byte."
        ),
    ] = False,
    approved_only: Annotated[
        bool,
        typer.Option(
            "--approved-only", help="Refuse a notebook that is not approved as it is: for schedulers."
        ),
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Address of a Dask scheduler, tcp://HOST:8786 or tls://HOST:8786 (certificates: Dask's own "
            "configuration). Its machines see what the editions hold, so they must be the office's own."
        ),
    ] = None,
    office: OfficeOption = None,
) -> None:  # fmt: skip
    """
    Make briefings and publish them as HTML and PDF, one edition per audience.

    An edition that was made from the same view, notebook, templates, policy and versions stands, and is
    not run again. What fails is told at the end; the exit code is that of the last failure.

    Example: workbench run --all --jobs 4

    Example: workbench run weekly_conflict --week 2026-W46 --audience internal

    Example: workbench run --all --scheduler tls://10.0.0.5:8786
    """
    from workbench.runner import cores, run_all
    from workbench.view import instant, present, store_of

    opened = office_in(office)
    products = _products(opened, briefing or [], every=every)
    store = store_of(opened)
    moment = instant(as_of) if as_of else present(opened, store)
    orders = _orders(
        opened, products, week=week, audiences=audience, areas=area, languages=language, as_of=moment,
        received_only=every,
    )  # fmt: skip
    if not orders:
        typer.echo("Nothing to run: no audience receives such a briefing. See: workbench list")
        return
    if scheduler and not _is_private(scheduler):
        typer.echo(
            "What goes to this scheduler is not encrypted: use tls:// where others share the network.",
            err=True,
        )
    done: list[Outcome] = []
    at_once = jobs or (0 if scheduler else cores())
    with (
        stopped_cleanly(lambda: _told_stopped(done, opened, total=len(orders))),
        _noting(done, len(orders)) as watcher,
    ):
        outcomes = run_all(
            opened, store, orders, jobs=at_once, scheduler=scheduler, approved_only=approved_only,
            force=force, keep_going=keep_going, watcher=watcher,
        )  # fmt: skip
    show(outcomes, opened)
    raise_last(outcomes)


def show(outcomes: Sequence[Outcome], office: Office) -> None:
    """Print what came of each order: a sentence for one, a table for several."""
    from rich.console import Console
    from rich.table import Table

    if len(outcomes) == 1:
        for one in outcomes:
            if one.published is not None:
                typer.echo(told(one.published, office))
        return
    console = Console()
    beside = not console.is_terminal  # on a screen a folder stands on a line of its own, to be copied
    table = Table("Edition", "State", "Version", "Seconds", box=None, pad_edge=False)
    if beside:
        table.add_column("Folder")
    table.columns[3].justify = "right"
    folders = [_shown(one.published, office) if one.published else "" for one in outcomes]
    for one, folder in zip(outcomes, folders, strict=True):
        version = str(one.published.manifest.version) if one.published else ""
        seconds = f"{one.seconds:.1f}" if one.published or one.failure else ""
        cells = [_name(one.order, office), _state(one), version, seconds]
        table.add_row(*cells, *([folder] if beside else []))
    for column in table.columns:
        column.overflow = "fold"  # a name cut short could be another's
    if beside:  # a log's lines are as long as they are
        console.width = max(
            console.width,
            console.measure(table, options=console.options.update(max_width=_LONGEST_LINE)).maximum,
        )
    with console.capture() as captured:
        console.print(table)
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))
    if not beside:
        typer.echo("\n" + "\n".join(filter(None, folders)))
    typer.echo(f"\n{_counted(outcomes)}")


def told(one: Published, office: Office) -> str:
    """Return what became of one edition, as a sentence."""
    issue = one.manifest
    done = _done(one)
    if not one.unchanged and not one.reproduced:
        done += f", version {issue.version}"
        done += f" (corrects version {issue.corrects})" if issue.corrects else ""
    if one.people_needed:
        people = "one person releases" if one.people_needed == 1 else f"{one.people_needed} people release"
        done += f", waits until {people} it"
    return f"{issue.briefing} {issue.period} {issue.area} for {issue.audience}: {done}: {_shown(one, office)}"


def raise_last(outcomes: Sequence[Outcome]) -> None:
    """Tell every failure on the error stream, the same one of several editions once, and raise the last."""
    found: dict[str, list[tuple[Order, UserError]]] = {}
    for one in outcomes:
        if one.failure is not None:
            found.setdefault(f"{type(one.failure).__name__}: {one.failure}", []).append(
                (one.order, one.failure)
            )
    failures = []
    for same in found.values():
        order, failure = same[-1]
        for frames in {frame for _, one in same for frame in getattr(one, "__notes__", ())}:
            sys.stderr.write(frames)
        if len(outcomes) > 1:
            where = str(order) if len(same) == 1 else f"{len(same)} editions"
            failure.args = (f"{where}: {failure}",)
        failures.append(failure)
    for failure in failures[:-1]:
        typer.echo(literal(f"{type(failure).__name__}: {failure}"), err=True)
    if failures:
        raise failures[-1]


def _is_private(scheduler: str) -> bool:
    """Whether what goes to a scheduler stays on this machine or is encrypted."""
    scheme, _, host = scheduler.rpartition("://")
    return scheme in {"tls", "wss"} or host.startswith(("127.", "localhost", "[::1]"))


def _products(office: Office, named: Sequence[str], *, every: bool) -> list[Briefing]:
    if every and named:
        raise ParameterError("Name briefings, or give --all: not both. For example: workbench run --all")
    if not every and not named:
        known = ", ".join(one.slug for one in office.briefing)
        raise ParameterError(f"Nothing to run: no briefing is named. Name some of {known}, or give --all.")
    return list(office.briefing) if every else [office.briefing_called(one) for one in named]


def _orders(  # noqa: PLR0913  # an edition is named by this many words
    office: Office,
    products: Sequence[Briefing],
    *,
    week: str | None,
    audiences: Sequence[str] | None,
    areas: Sequence[str] | None,
    languages: Sequence[str] | None,
    as_of: datetime,
    received_only: bool,
) -> list[Order]:
    """Return an order for each area, audience, briefing and language; where one is not named, for all."""
    from workbench.publish import Order

    period = office.week(week).slug if week else office.last_complete_week().slug
    readers = [office.audience_called(one) for one in audiences or [one.slug for one in office.audience]]
    return [
        Order(product.slug, where.slug, period, who.slug, spoken, as_of)
        for where in [office.area_called(one) for one in areas or [one.slug for one in office.area]]
        for who in readers
        for product in products
        if product.slug in who.briefings or (audiences and not received_only)
        for spoken in languages or office.languages[:1]
    ]


@contextmanager
def _noting(done: list[Outcome], total: int) -> Iterator[Watcher]:
    """Show how a batch goes on, and note what is done, for the case that it is interrupted."""
    from workbench.cli._batch import batch_shown
    from workbench.runner import Watcher

    with batch_shown(total) as shown:

        class Noting(Watcher):
            def step(self, order: Order, what: str) -> None:
                shown.step(order, what)

            def ended(self, outcome: Outcome) -> None:
                done.append(outcome)
                shown.ended(outcome)

        yield Noting()


def _told_stopped(done: Sequence[Outcome], office: Office, *, total: int) -> None:
    """Say what was done before a key or a scheduler ended the batch."""
    if done:
        show(done, office)
    typer.echo(
        f"Stopped: {len(done)} of {total} editions were looked at, and none is half made. Run it again: "
        "what is done stays as it is.",
        err=True,
    )


def _name(order: Order, office: Office) -> str:
    return str(order) + ("" if order.language == office.languages[0] else f" ({order.language})")


def _done(one: Published) -> str:
    if one.unchanged:
        return f"unchanged: version {one.manifest.version} stands"
    if one.restored:
        return "made again, byte for byte, and what was damaged put back"
    if one.reproduced:
        return "made again, byte for byte"
    return "draft" if one.manifest.status == "draft" else "published"


def _state(one: Outcome) -> str:
    if one.failure is not None:
        return f"FAILED: {type(one.failure).__name__}"
    if one.published is None:
        return "not run"
    state = "unchanged" if one.published.unchanged else _done(one.published)
    if one.published.people_needed:
        state += f", waits for {one.published.people_needed}"
    return state


def _shown(one: Published, office: Office) -> str:
    inside = one.folder.is_relative_to(office.root)
    return (one.folder.relative_to(office.root) if inside else one.folder).as_posix()


def _counted(outcomes: Sequence[Outcome]) -> str:
    """Return how many editions there were, of each kind."""
    failed = sum(one.failure is not None for one in outcomes)
    left = sum(one.failure is None and one.published is None for one in outcomes)
    stood = sum(one.published is not None and one.published.unchanged for one in outcomes)
    made = len(outcomes) - failed - left - stood
    parts = [(made, "made"), (stood, "unchanged"), (failed, "failed: the reasons follow"), (left, "not run")]
    return f"{len(outcomes)} editions: " + ", ".join(f"{n} {what}" for n, what in parts if n) + "."
