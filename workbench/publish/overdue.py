"""What readers wait for: issues that are due and not published, kept beside the office's other lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from workbench.config import Office
from workbench.publish import pack
from workbench.publish.manifest import Instant, Part, Period, Slug

NAME = "overdue.json"


@dataclass(frozen=True, order=True)
class Overdue:
    """An issue that its readers do not have yet, and when it was due (an instant with a zone)."""

    briefing: str
    area: str
    audience: str
    period: str
    due_at: datetime


class _Line(Part):
    """An overdue issue as it is kept."""

    briefing: Slug
    area: Slug
    audience: Slug
    period: Period
    due_at: Instant


_LINES = TypeAdapter(tuple[_Line, ...])


def note(office: Office, overdue: Sequence[Overdue]) -> frozenset[str]:
    """
    Keep what is overdue now, in the place of what was, and return the audiences whose list changed.

    The order and doubles (several languages of an issue) do not matter; of doubles the earliest stays. A
    list that was damaged counts as empty.
    """
    now, was = _once(overdue), _kept(office)
    if now == was and _file(office).is_file():
        return frozenset()
    lines = [
        {
            "briefing": one.briefing, "area": one.area, "audience": one.audience, "period": one.period,
            "due_at": one.due_at.isoformat(),
        }
        for one in now
    ]  # fmt: skip
    _file(office).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pack.replace(_file(office), (json.dumps(lines, indent=2) + "\n").encode("utf-8"))
    return frozenset(one.audience for one in {*now} ^ {*was})


def known(office: Office, audience: str) -> tuple[Overdue, ...]:
    """Return what was noted last for one audience, in order; nothing where the list cannot be read."""
    return tuple(one for one in _kept(office) if one.audience == audience)


def still(known: Sequence[Overdue], packs: pack.Versions) -> tuple[Overdue, ...]:
    """Return those without a pack by now, the first due first; a recalled issue was published once."""
    there = {(one.briefing, one.area, one.period) for _, one in packs}
    there |= {(one.briefing, one.area, one.period) for one in packs.recalled}
    missing = [one for one in known if (one.briefing, one.area, one.period) not in there]
    return tuple(sorted(missing, key=lambda one: (one.due_at, one)))


def _once(overdue: Sequence[Overdue]) -> tuple[Overdue, ...]:
    first: dict[tuple[str, ...], Overdue] = {}
    for one in sorted(overdue):
        first.setdefault((one.briefing, one.area, one.audience, one.period), _in_utc(one))
    return tuple(first.values())


def _in_utc(one: Overdue) -> Overdue:
    return Overdue(one.briefing, one.area, one.audience, one.period, one.due_at.astimezone(UTC))


def _kept(office: Office) -> tuple[Overdue, ...]:
    try:
        lines = _LINES.validate_json(_file(office).read_bytes())
    except (OSError, ValidationError):
        return ()
    return _once([Overdue(**line.model_dump()) for line in lines])


def _file(office: Office) -> Path:
    return office.path(office.private) / NAME
