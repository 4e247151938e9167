"""What `workbench health` says, in words: on a page, in a terminal and to a monitor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from workbench.config import Office
from workbench.language import Words, words
from workbench.schedule._due import zone_of
from workbench.schedule._facts import Slot
from workbench.schedule._health import Health
from workbench.schedule._overdue import Late
from workbench.schedule._pages import plain, rendered

_MEGABYTE = 1e6
_DAY_HOURS = 48


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong, and what to do about it."""

    what: str
    do: str


def alarms(state: Health, office: Office, spoken: Words) -> tuple[Alarm, ...]:
    """Return what raises the alarm, issues first; ids, numbers and instants, nothing an issue says."""
    issues = [
        Alarm(line, _remedy(group[0], spoken))
        for line, group in _grouped(state.overdue, state, office, spoken)
    ]
    return (*issues, *_silence(state, spoken), *_deliveries(state, spoken), *_machine(state, spoken))


def _silence(state: Health, spoken: Words) -> list[Alarm]:
    if not state.silent:
        return []
    last = state.heartbeat_at
    if last is None:
        return [
            Alarm(
                spoken.say("No tick has ever worked in this office, or its heartbeat cannot be read."),
                spoken.say(
                    "Have the tick called by this machine: {command}", command="workbench schedule install"
                ),
            )
        ]
    if last > state.at:
        what = spoken.say(
            "The last tick says that it worked on {instant}, which is still to come: a clock was wrong.",
            instant=spoken.instant(last),
        )
    else:
        what = spoken.say(
            "The scheduler is silent: its last tick was on {instant}, {age} ago; one is expected every "
            "{n} minutes.",
            instant=spoken.instant(last),
            age=span(state.at - last, spoken),
            n=int(state.expected.total_seconds() // 60),
        )
    remedy = spoken.say(
        "See whether it is installed and its machine is on: {command}. Or tick by hand: {tick}",
        command="workbench schedule show",
        tick="workbench tick",
    )
    return [Alarm(what, remedy)]


def _deliveries(state: Health, spoken: Words) -> list[Alarm]:
    if state.failed_deliveries == 0:
        return []
    what = (
        spoken.say("It cannot be told whether deliveries have failed: the outbox cannot be read.")
        if state.failed_deliveries is None
        else spoken.count(
            "{n} delivery to a reader has failed.",
            "{n} deliveries to readers have failed.",
            state.failed_deliveries,
        )
    )
    return [
        Alarm(what, spoken.say("See which, and what to do: {command}", command="workbench deliver --list"))
    ]


def _machine(state: Health, spoken: Words) -> list[Alarm]:
    remedy = spoken.say("Make room, or move the folder to a larger disk. What was published is not at risk.")
    found = [
        Alarm(
            spoken.say(
                'The disk of the folder "{folder}" is nearly full: {megabytes} MB are free, {percent} %.',
                folder=disk.folder,
                megabytes=round(disk.free / _MEGABYTE),
                percent=round(disk.share * 100),
            ),
            remedy,
        )
        for disk in state.disks
        if disk.nearly_full
    ]
    if state.ledger == "damaged":
        aside = spoken.say(
            "The next tick puts it aside and begins a new one; no issue is lost by it. See that its disk is "
            "sound: {command}",
            command="workbench tick",
        )
        found.append(Alarm(spoken.say("The scheduler's ledger is damaged."), aside))
    return found


def health_page(state: Health, office: Office) -> str:
    """Return the page of a state as HTML, in the office's first language."""
    spoken = words(office.languages[0])
    found = alarms(state, office, spoken)
    never = spoken.say("never")
    facts = [
        {
            "name": spoken.say("Last tick"),
            "text": spoken.instant(state.heartbeat_at) if state.heartbeat_at else never,
        },
        {
            "name": spoken.say("Failed deliveries"),
            "text": spoken.say("unknown")
            if state.failed_deliveries is None
            else str(state.failed_deliveries),
        },
        {"name": spoken.say("Ledger"), "text": _ledger(state, spoken)},
        *(
            {
                "name": spoken.say("Free for {folder}", folder=disk.folder),
                "text": spoken.say(
                    "{megabytes} MB, {percent} %",
                    megabytes=round(disk.free / _MEGABYTE),
                    percent=round(disk.share * 100),
                ),
            }
            for disk in state.disks
        ),
    ]
    said = {
        "title": spoken.say("Health of the scheduler"),
        "marking": marking(spoken),
        "looked": spoken.say("Looked at on {instant}", instant=spoken.instant(state.at)),
        "state": headline(state, spoken),
        "missed": spoken.say("Missed, and overtaken by a later issue"),
        "facts": spoken.say("What was looked at"),
        "note": spoken.say(
            "This page is as old as the time it was looked at. Made by: {command}", command="workbench health"
        ),
    }
    missed = [
        line for line, _ in _grouped((one for one in state.late if one.overtaken), state, office, spoken)
    ]
    return rendered("health.html.j2", office, spoken, said=said, alarms=found, missed=missed, facts=facts)


def headline(state: Health, spoken: Words) -> str:
    """Return a state in one sentence."""
    if state.overdue:
        return spoken.count("{n} issue is overdue.", "{n} issues are overdue.", len(state.overdue))
    if not state.well:
        return spoken.count(
            "{n} thing needs somebody's attention.", "{n} things need somebody's attention.", _wrong(state)
        )
    if not state.scheduled:
        return spoken.say("No schedule is configured: nothing can be late.")
    return spoken.say("All is well: no issue is overdue, and the scheduler is alive.")


def marking(spoken: Words) -> str:
    """Return what stands at the head of pages for the office's own people."""
    return spoken.say("For the office's analysts, not for readers")


def span(length: timedelta, spoken: Words) -> str:
    """Return a length of time in words, as exact as its size needs: minutes, hours or days."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return spoken.count("{n} minute", "{n} minutes", minutes)
    if minutes < _DAY_HOURS * 60:
        return spoken.count("{n} hour", "{n} hours", minutes // 60)
    return spoken.count("{n} day", "{n} days", minutes // (24 * 60))


def due_said(office: Office, slot: Slot) -> str:
    """Return when a slot was due, on the clock that its entry is written in."""
    zones = {entry.slug: zone_of(office, entry) for entry in office.schedule}
    return plain(slot.due_at, zones.get(slot.schedule, office.zone))


def _grouped(
    found: Iterable[Late], state: Health, office: Office, spoken: Words
) -> list[tuple[str, list[Late]]]:
    """Return late issues in sentences, those of one briefing, area, week and state in one."""
    groups: dict[tuple[object, ...], list[Late]] = {}
    for one in found:
        key = one.slot.key
        groups.setdefault(
            (
                key.briefing, key.area, key.period, one.slot.due_at, one.state, one.people, one.by_hand,
                key.audience if one.state == "draft" else "",  # each is released by itself
            ),
            [],
        ).append(one)  # fmt: skip
    return [(_line(group, state, office, spoken), group) for group in groups.values()]


def _line(group: list[Late], state: Health, office: Office, spoken: Words) -> str:
    slot = group[0].slot
    readers = spoken.listed(list(dict.fromkeys(_reader(one.slot, office) for one in group)))
    places = {
        "briefing": slot.key.briefing, "week": slot.key.period, "area": slot.key.area, "readers": readers,
        "due": due_said(office, slot), "age": span(state.at - slot.due_at, spoken),
    }  # fmt: skip
    if group[0].state == "draft":
        people = spoken.count("{n} person", "{n} people", group[0].people)
        return spoken.say(
            "{briefing} {week} {area} for {readers}: made, waits for {people}; it was due {due}, {age} ago.",
            people=people,
            **places,
        )
    if group[0].state == "unseen":
        return spoken.say(
            "{briefing} {week} {area} for {readers}: its folder cannot be looked at; it was "
            "due {due}, {age} ago.",
            **places,
        )
    return spoken.say(
        "{briefing} {week} {area} for {readers}: not made; it was due {due}, {age} ago.", **places
    )


def _reader(slot: Slot, office: Office) -> str:
    tongue = "" if slot.key.language == office.languages[0] else f" ({slot.key.language})"
    return f"{slot.key.audience}{tongue}"


def _remedy(one: Late, spoken: Words) -> str:
    key = one.slot.key
    if one.state == "draft":
        return spoken.say(
            "Read it and let it go: {command}",
            command=f"workbench release {key.briefing}/{key.area}/{key.period} --audience "
            f"{key.audience} --by NAME",
        )
    if one.state == "unseen":
        return spoken.say("See that the folders of packs and drafts are there and may be read.")
    if one.by_hand:
        return spoken.say(
            "The schedule's `catch_up` leaves it to you: {command}",
            command=f"workbench run {key.briefing} --area {key.area} --week {key.period}",
        )
    return spoken.say(
        "See why: {status}. Then try again: {retry}",
        status="workbench status",
        retry=f"workbench retry {key.briefing} --area {key.area} --week {key.period}",
    )


def _ledger(state: Health, spoken: Words) -> str:
    return {
        "none": spoken.say("not begun"),
        "in use": spoken.say("in use"),
        "sound": spoken.say("sound"),
        "damaged": spoken.say("damaged"),
    }[state.ledger]


def _wrong(state: Health) -> int:
    full = sum(disk.nearly_full for disk in state.disks)
    return state.silent + (state.failed_deliveries != 0) + full + (state.ledger == "damaged")
