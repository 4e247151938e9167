"""`workbench health`: whether the issues are with their readers, for a monitor to call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, literal, office_in
from workbench.errors import IssueOverdue, WorkbenchError

if TYPE_CHECKING:
    from workbench.config import Office
    from workbench.schedule import Health


def health(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; its keys stay as they are.")
    ] = False,
    page: Annotated[
        Path | None,
        typer.Option(help="Write the page here, and not to private/scheduler/health.html."),
    ] = None,
    office: OfficeOption = None,
) -> None:
    """
    Tell whether an issue is overdue, the scheduler is silent, a delivery failed or a disk is nearly full.

    Exit code 0 if all is well, 21 if not. It looks at the folders themselves, so that it tells the truth
    also when the scheduler is dead; it waits for nothing, and may be called every minute. Keys of --json:
    at, well, scheduled, heartbeat (at, expected_minutes, silent), overdue and overtaken (briefing, area,
    audience, week, language, schedule, due_at, late_at, state: missing, draft or unseen, people),
    failed_deliveries, disks (folder, free_bytes, free_share, nearly_full), ledger.

    Example: workbench health --json
    """
    opened = office_in(office)
    try:
        state = _looked(opened)
        _tell(state, opened, as_json=as_json)
    except WorkbenchError:
        raise
    except Exception as problem:  # whatever fails here, the monitor must hear of it
        raise IssueOverdue(
            f"The health of this office cannot be told ({type(problem).__name__}), which is as bad as an "
            "overdue issue. Check the office: workbench check"
        ) from None
    _write(state, opened, page)
    if not state.well:
        raise IssueOverdue(_summary(state))


def _looked(office: Office) -> Health:
    from workbench.schedule import health as look

    return look(office, now=office.now())


def _tell(state: Health, office: Office, *, as_json: bool) -> None:
    from workbench.language import words
    from workbench.schedule import alarms, headline, health_json

    if as_json:
        typer.echo(json.dumps(health_json(state), ensure_ascii=False, indent=2, sort_keys=True))
        return
    spoken = words("en")
    typer.echo(headline(state, spoken))
    for one in alarms(state, office, spoken):
        typer.echo(literal(f"PROBLEM  {one.what}"))
        typer.echo(literal(f"         do: {one.do}"))


def _write(state: Health, office: Office, page: Path | None) -> None:
    from workbench.schedule import health_page, write_page

    file = page or office.path(office.private) / "scheduler" / "health.html"
    try:
        write_page(file, health_page(state, office))
    except OSError as problem:
        # a monitor may run as somebody who must not write here: the answer is the exit code
        typer.echo(f"The page {file} could not be written ({type(problem).__name__}).", err=True)


def _summary(state: Health) -> str:
    parts = [
        f"{len(state.overdue)} overdue" if state.overdue else "",
        "the scheduler is silent" if state.silent else "",
        "deliveries failed" if state.failed_deliveries != 0 else "",
        "a disk is nearly full" if any(one.nearly_full for one in state.disks) else "",
        "the ledger is damaged" if state.ledger == "damaged" else "",
    ]
    return f"{', '.join(filter(None, parts))}. What to do stands with each, and on the page: workbench health"
