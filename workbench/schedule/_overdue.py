"""What is late: issues past their alarm that their readers have not, seen on the disk alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from workbench.config import Office
from workbench.schedule._due import slots, standing, wanted
from workbench.schedule._facts import Key, Slot

_PEOPLE = {"automatic": 0, "one_person": 1, "two_people": 2}


@dataclass(frozen=True)
class Late:
    """
    An issue past its alarm. `draft`: it is made, and `people` must still release it; `unseen`: its folder
    cannot be looked at.

    `overtaken`: its readers have a later one, and the entry's rule does not catch up on this one.
    `by_hand`: the rule does not catch up on it, so only a person makes it.
    """

    slot: Slot
    state: Literal["missing", "draft", "unseen"]
    people: int = 0
    overtaken: bool = False
    by_hand: bool = False


def late(office: Office, *, now: datetime) -> tuple[Late, ...]:
    """
    Return every issue whose alarm time is over and that is not with its readers, the earliest due first.

    One that nothing catches up on counts as overtaken as soon as readers have a later issue of the same
    edition: until then it is one of those that raise the alarm.
    """
    known = slots(office, now=now)
    asked = {slot.key for slot in wanted(office, now=now)}
    states = {slot.key: seen(office, slot.key) for slot in known}
    latest: dict[tuple[str, ...], datetime] = {}  # that readers have, of each edition
    for slot in known:
        if states[slot.key] == "released":
            edition = _edition(slot.key)
            latest[edition] = max(slot.due_at, latest.get(edition, slot.due_at))
    found = []
    for slot in known:
        state = states[slot.key]
        if slot.late_at >= now or state == "released":
            continue
        by_hand = slot.key not in asked
        overtaken = by_hand and slot.due_at < latest.get(_edition(slot.key), slot.due_at)
        people = people_awaited(office, slot.key) if state == "draft" else 0
        found.append(Late(slot, state, people, overtaken, by_hand))
    return tuple(found)


def seen(office: Office, key: Key) -> Literal["released", "draft", "missing", "unseen"]:
    """Return what the disk shows of an issue, `unseen` where it cannot be looked at."""
    try:
        return standing(office, key) or "missing"
    except OSError:
        return "unseen"


def people_awaited(office: Office, key: Key) -> int:
    """
    Return how many people must still release the last draft of an issue, at least one.

    From the audience's rule and the lines of the audit log that name the draft; the log's chain is not
    checked here, as the number lets nothing go.
    """
    needed = _PEOPLE[office.audience_called(key.audience).release]
    draft = _last_draft(office, key)
    if draft is None:
        return max(needed, 1)
    reviewed = set()
    for act, by, people in _acts(office.path(office.private) / "audit.jsonl", draft):
        if act == "drafted":
            needed = max(needed, people)
        elif act == "reviewed":
            reviewed.add(by)
    return max(needed - len(reviewed), 1)


def _edition(key: Key) -> tuple[str, ...]:
    return key.briefing, key.area, key.audience, key.language


def _last_draft(office: Office, key: Key) -> str | None:
    """Return the digest of the last draft of an issue, as the audit log names it."""
    folder = office.path(office.private) / "drafts" / key.audience / key.briefing / key.area / key.period
    found: list[tuple[int, bytes]] = []
    for manifest in folder.glob("v*/manifest.json"):
        try:
            content = manifest.read_bytes()
            said = json.loads(content)
            if said["language"] == key.language:
                found.append((int(said["version"]), content))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return hashlib.sha256(max(found)[1]).hexdigest() if found else None


def _acts(log: Path, draft: str) -> list[tuple[str, str, int]]:
    """Return the acts upon a draft: act, by whom, and how many people it asks for."""
    found = []
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if draft in line:
                    said = json.loads(line)
                    found.append((str(said["act"]), str(said["by"]), int(said["ids"].get("people", 0))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return found
    return found
