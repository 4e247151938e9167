"""Pages that tell the analysts what failed and still stands: one list, and a page for each issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from workbench.config import Office
from workbench.language import Words, words
from workbench.schedule._alarms import due_said, marking
from workbench.schedule._facts import Entry, Failure, Key
from workbench.schedule._heartbeat import folder
from workbench.schedule._overdue import seen
from workbench.schedule._pages import command, put, rendered

NAME = "index.html"
_TEMPLATE = "failure.html.j2"
_CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,80}")
_LONGEST = 600


def pages(office: Office) -> Path:
    """Return the folder of the failure pages; it is none of the readers'."""
    return folder(office) / "failures"


def standing_failures(office: Office, entries: Iterable[Entry], *, now: datetime) -> tuple[Entry, ...]:
    """
    Return the entries that failed, were tried in vain or given up, and whose issue is still not made.

    The latest failure first; those older than `failure_pages_days` are left out.
    """
    oldest = now - timedelta(days=office.keep.failure_pages_days)
    found = [
        one
        for one in entries
        if one.failure is not None
        and one.state != "done"
        and one.failure.at >= oldest
        and seen(office, one.slot.key) in ("missing", "unseen")
    ]
    return tuple(
        sorted(found, key=lambda one: (one.failure.at if one.failure else now, one.slot.key), reverse=True)
    )


def write_failures(
    office: Office,
    entries: Iterable[Entry],
    *,
    now: datetime,
    others: Mapping[str, Failure] | None = None,
) -> Path:
    """
    Bring the failure pages up to date with the ledger's entries, and return the list's path.

    `others` are failures of what is no issue, by its name: `source meridian`, `delivery partners_mail`.
    Each page appears whole; that of an issue which came about goes. A page holds ids, numbers, instants,
    the class of the error and its remedy, never what a view held.
    """
    spoken = words(office.languages[0])
    told = [
        _issue(office, one, one.failure, spoken)
        for one in standing_failures(office, entries, now=now)
        if one.failure
    ]
    told += [_other(name, failure, spoken) for name, failure in sorted((others or {}).items())]
    told.sort(key=lambda one: one["at"], reverse=True)
    place = pages(office)
    said = _said(spoken, len(told))
    title = spoken.say("What failed")
    for one in told:
        if one["file"]:
            page = rendered(_TEMPLATE, office, spoken, title=one["title"], said=said, one=one, failures=())
            put(place / one["file"], page)
    page = rendered(_TEMPLATE, office, spoken, title=title, said=said, one=None, failures=told)
    put(place / NAME, page)
    kept = {NAME, *(one["file"] for one in told)}
    for file in place.glob("*.html"):
        if file.name not in kept:
            with suppress(OSError):  # open in a browser on Windows: the next time
                file.unlink()
    return place / NAME


def file_of(key: Key) -> str:
    """Return the name of the page of an issue."""
    return f"{key.period}-{key.briefing}-{key.area}-{key.audience}-{key.language}.html"


def _said(spoken: Words, number: int) -> dict[str, str]:
    return {
        "marking": marking(spoken),
        "what": spoken.say("What happened"),
        "do": spoken.say("What to do"),
        "back": spoken.say("All failures"),
        "state": spoken.count("{n} failure stands.", "{n} failures stand.", number)
        if number
        else spoken.say("Nothing that failed is still open."),
        "note": spoken.say(
            "A page goes once its issue is made. Readers keep the last good issue and are told no reason."
        ),
    }


def _issue(office: Office, one: Entry, failure: Failure, spoken: Words) -> dict[str, Any]:
    key = one.slot.key
    facts = [
        (spoken.say("Briefing"), key.briefing),
        (spoken.say("Area"), key.area),
        (spoken.say("Audience"), key.audience),
        (spoken.say("Week"), key.period),
        (spoken.say("Language"), key.language),
        (spoken.say("Due"), due_said(office, one.slot)),
        *_of_failure(failure, spoken),
        (spoken.say("Attempts"), str(one.attempts)),
        (spoken.say("Next try"), _next(one, spoken)),
    ]
    where = ("--area", key.area, "--audience", key.audience, "--week", key.period)
    inside = ("--office", str(office.root))
    tongue = () if key.language == office.languages[0] else ("--language", key.language)
    commands = [
        (
            spoken.say("Once it is mended, have the scheduler try it again:"),
            command("retry", key.briefing, *where, *inside),
        ),
        (
            spoken.say("Or make this edition now, and see what it says:"),
            command("run", key.briefing, *where, *tongue, *inside),
        ),
    ]
    if failure.step == "pull":
        commands.insert(0, (spoken.say("See what the sources say:"), command("pull", *inside)))
    return {
        "file": file_of(key),
        "title": str(key),
        "at": failure.at,
        "summary": spoken.say(
            "{step}: {exception}, on {instant}",
            step=step_said(failure, spoken),
            exception=_class(failure),
            instant=spoken.instant(failure.at),
        ),
        "facts": [{"name": name, "text": text} for name, text in facts],
        "remedies": [_short(failure.remedy), *_of_step(failure, spoken)],
        "commands": [{"why": why, "text": text} for why, text in commands],
    }


def _other(name: str, failure: Failure, spoken: Words) -> dict[str, Any]:
    return {
        "file": "",
        "title": name,
        "at": failure.at,
        "summary": spoken.say(
            "{step}: {exception}, on {instant}",
            step=step_said(failure, spoken),
            exception=_class(failure),
            instant=spoken.instant(failure.at),
        ),
        "facts": [],
        "remedies": [_short(failure.remedy), *_of_step(failure, spoken)],
        "commands": [],
    }


def _of_failure(failure: Failure, spoken: Words) -> list[tuple[str, str]]:
    facts = [
        (spoken.say("Step"), step_said(failure, spoken)),
        (spoken.say("Kind of error"), _class(failure)),
        (spoken.say("Failed on"), spoken.instant(failure.at)),
    ]
    if failure.cell is not None:
        facts.append((spoken.say("Cell of the notebook"), str(failure.cell)))
    facts.append((spoken.say("Private log"), _short(failure.log) if failure.log else spoken.say("none")))
    return facts


def _next(one: Entry, spoken: Words) -> str:
    if one.state == "given_up":
        return spoken.say("none: it was given up, until somebody has it tried again")
    if one.next_try_at is None:
        return spoken.say("with the next tick")
    return spoken.instant(one.next_try_at)


def step_said(failure: Failure, spoken: Words) -> str:
    """Return the step that failed, as a page says it."""
    return {
        "pull": spoken.say("pulling the sources"),
        "freshness": spoken.say("age of the sources"),
        "coverage": spoken.say("contact in the area"),
        "approval": spoken.say("approval of the notebook"),
        "run": spoken.say("running the notebook"),
        "gate": spoken.say("gate"),
        "publish": spoken.say("publication"),
        "deliver": spoken.say("delivery"),
        "upkeep": spoken.say("upkeep"),
    }[failure.step]


def _of_step(failure: Failure, spoken: Words) -> list[str]:
    """Return what to do after this step failed, beside the error's own remedy."""
    told = {
        "freshness": spoken.say(
            "A source is older than its `max_age_days`, and the schedule says "
            '`stale = "stop"`. Deliver it anew, or run the edition by hand with what is there.'
        ),
        "coverage": spoken.say(
            "The area has no entry in the liaison log for that week, and the schedule says "
            '`no_contact = "stop"`. Enter the contact, or run the edition by hand.'
        ),
        "approval": spoken.say(
            "The notebook is not approved as it is. Read what changed in it, then approve "
            "it: workbench approve"
        ),
        "run": spoken.say(
            "The executed notebook lies in the private log, with the view that it read. Open "
            "it there; it must not leave the office."
        ),
        "gate": spoken.say(
            "Nothing was published. The gate found what this audience must not read: do not work around it."
        ),
    }.get(failure.step)
    return [told] if told else []


def _class(failure: Failure) -> str:
    """Return the class of an error; anything that is no name of a class could be a value."""
    return failure.exception if _CLASS.fullmatch(failure.exception) else "Exception"


def _short(text: str) -> str:
    flat = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}..."
