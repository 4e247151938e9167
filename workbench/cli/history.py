"""`workbench history`: what reached its readers when, and how long after it was due."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, issue_said, listed, office_in

if TYPE_CHECKING:
    from workbench.config import Office
    from workbench.schedule import Past


def history(  # each is an option of the command
    *,
    audience: Annotated[list[str] | None, typer.Option(help="Audience; may be repeated.")] = None,
    briefing: Annotated[list[str] | None, typer.Option(help="Briefing; may be repeated.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Area; may be repeated.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many issues, the latest due first.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON list; its keys stay as they are.")
    ] = False,
    office: OfficeOption = None,
) -> None:
    """
    Tell what was due, when its readers had it, after how many tries, and what was late.

    Keys of --json: briefing, area, audience, week, language, schedule, due_at, published_at, made_at,
    attempts, late.

    Example: workbench history --audience partners --last 10
    """
    from workbench.schedule import Chosen, history_json
    from workbench.schedule import history as look

    opened = office_in(office)
    chosen = Chosen(tuple(briefing or ()), tuple(area or ()), tuple(audience or ()))
    found = look(opened, now=opened.now(), chosen=chosen, newest=last)
    if as_json:
        typer.echo(json.dumps(history_json(found), ensure_ascii=False, indent=2, sort_keys=True))
    elif not found:
        typer.echo("Nothing was due by the schedule yet. What there is: workbench list")
    else:
        _show(found, opened)


def _show(found: tuple[Past, ...], office: Office) -> None:
    from workbench.schedule import due_said

    listed(
        [(issue_said(one.slot.key, office), due_said(office, one.slot), *_told(one)) for one in found],
        "Issue", "Due", "With its readers", "Tries", "",
    )  # fmt: skip


def _told(one: Past) -> tuple[str, str, str]:
    late = "LATE" if one.late else ""
    tries = "" if not one.attempts else "1 try" if one.attempts == 1 else f"{one.attempts} tries"
    if one.published_at is None:
        made = f"not yet: made {one.made_at:%Y-%m-%d %H:%M} UTC" if one.made_at else "not yet"
        return made, tries, late
    minutes = round((one.published_at - one.slot.due_at).total_seconds() / 60)
    after = f"{minutes // 60} h {minutes % 60:02d} min after" if minutes >= 0 else "before it was due"
    return f"{one.published_at:%Y-%m-%d %H:%M} UTC, {after}", tries, late
