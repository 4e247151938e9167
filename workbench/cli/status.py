"""`workbench status`: what is due, being made, waiting, done, late or failed, and what comes next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli._office import OfficeOption, issue_said, listed, literal, office_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.config import Office
    from workbench.schedule import Entry, Line, Status

_STATES = {
    "done": "done",
    "running": "being made",
    "waits_for_people": "waits for people",
    "due": "due",
    "failed": "failed",
    "given_up": "given up",
    "missed": "missed",
    "unseen": "cannot be looked at",
}


def status(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; its keys stay as they are.")
    ] = False,
    coming: Annotated[int, typer.Option(min=0, max=50, help="How many occasions to come.")] = 5,
    office: OfficeOption = None,
) -> None:
    """
    Tell what the schedule asks for now and how far each issue is, and what comes next.

    Keys of --json: at; issues (briefing, area, audience, language, week, schedule, due_at, late_at, state,
    late, people, attempts, owner, next_try_at, step, exception); coming (due_at, schedule, week, issues,
    text). States: due, running, waits_for_people, done, failed, given_up, missed
    (no rule catches up on it), unseen.

    Example: workbench status
    """
    from workbench.schedule import status as look
    from workbench.schedule import status_json

    opened = office_in(office)
    found = look(opened, now=opened.now(), number=coming)
    if as_json:
        typer.echo(json.dumps(status_json(found, opened), ensure_ascii=False, indent=2, sort_keys=True))
        return
    if not opened.schedule:
        typer.echo(
            "No schedule is configured: nothing is due. Add a [[schedule]] to workbench.toml; the comments "
            "of a fresh office explain it."
        )
        return
    _show(found, opened)


def _show(found: Status, office: Office) -> None:
    from workbench.schedule import coming_said

    if found.lines:
        _table(found.lines, office)
    else:
        typer.echo("Nothing that was due is open.")
    counted = {word: sum(one.state == word for one in found.lines) for word in _STATES}
    parts = [f"{number} {_STATES[word]}" for word, number in counted.items() if number]
    late = sum(one.late for one in found.lines)
    if parts:
        typer.echo(f"\n{len(found.lines)} issues: {', '.join(parts)}" + (f"; {late} late." if late else "."))
    if found.coming:
        typer.echo("\nNext:")
        for one in found.coming:
            for line in coming_said(one, office):
                typer.echo(literal(f"  {line}"))


def _table(lines: Sequence[Line], office: Office) -> None:
    from workbench.schedule import due_said

    rows = [
        (
            issue_said(one.slot.key, office),
            due_said(office, one.slot),
            _STATES[one.state],
            "LATE" if one.late else "",
            _more(one),
        )
        for one in lines
    ]
    listed(rows, "Issue", "Due", "State", "Late", "More")


def _more(one: Line) -> str:
    from workbench.schedule import owner_said

    entry = one.entry
    if one.state == "waits_for_people":
        return "one person releases it" if one.people == 1 else f"{one.people} people release it"
    if one.state == "missed":
        return "the schedule does not catch up on it: workbench run"
    if entry is None:
        return ""
    if one.state == "running":
        begun = f", attempt {entry.attempts}" if entry.attempts else ""
        until = (
            f", its lease runs until {entry.leased_until:%Y-%m-%d %H:%M} UTC" if entry.leased_until else ""
        )
        return f"by {owner_said(entry.owner)}{begun}{until}"
    return _why(one.state, entry) if one.state in ("failed", "given_up", "due") else ""


def _why(state: str, entry: Entry) -> str:
    if entry.failure is None:
        return ""
    tries = "1 attempt" if entry.attempts == 1 else f"{entry.attempts} attempts"
    why = f"{entry.failure.step}: {entry.failure.exception}, after {tries}"
    if state == "given_up":
        return f"{why}; mend it, then: workbench retry"
    then = f"{entry.next_try_at:%Y-%m-%d %H:%M} UTC" if entry.next_try_at else "with the next tick"
    return f"{why}; next try {then}" if state == "failed" else why
