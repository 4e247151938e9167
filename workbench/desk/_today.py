"""Today at the desk: what is new since the last issue, and what waits for a person; counts, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from workbench import analysis, schedule
from workbench.blocks import KeyFigures
from workbench.config import COMPARTMENTS, HIGHEST
from workbench.desk._drafts import kept_draft
from workbench.desk._duplicates import pairs
from workbench.desk._register import author
from workbench.desk._seat import Seat
from workbench.errors import WorkbenchError
from workbench.publish import drafts, states
from workbench.records import record_type

_END = datetime.max.replace(tzinfo=UTC)
_COUNTED = ("new", "changed", "withdrawn", "rejected", "unmatched")

_FORMS = {
    "liaison_entry": "A liaison entry", "commitment": "A commitment", "alert": "An alert"
}  # fmt: skip
"""What the log's forms are for, each named as its draft is kept."""

_FAILED = {
    "failed": "{issue} failed and is tried again by itself. `workbench status` says what to do.",
    "given_up": "{issue} failed for good. `workbench status` says what to do; then: workbench retry",
    "missed": "{issue} was due and not made. Make it: workbench run",
    "unseen": "{issue}: the folder of its issues cannot be looked at. Is the disk or share there?",
    "due": "{issue} is late and not yet made. Does the scheduler run? workbench status",
    "running": "{issue} is late; it is being made now.",
}


@dataclass(frozen=True)
class News:
    """
    What one source brought since the last issue.

    `deliveries` since then, 0 where none came; `last` is the instant of its latest (UTC), None if it never
    delivered. The counts are sums over those deliveries, but `rejected` and `unmatched` are of the latest.
    """

    title: str
    deliveries: int
    last: datetime | None
    new: int
    changed: int
    withdrawn: int
    rejected: int
    unmatched: int


@dataclass(frozen=True)
class Matter:
    """Something that waits for a person: a sentence, how many, and the notebook where it is done, or ""."""

    said: str
    number: int
    notebook: str = ""


@dataclass(frozen=True)
class Today:
    """
    The start page: what it is about, what is new since `since` (UTC), the week's numbers, what waits.

    `figures` as the briefing's first page has them. `matters` with the most pressing first; `unknown` names
    what could not be looked at, in sentences. What nothing waits for is absent.
    """

    about: str
    since: datetime
    news: tuple[News, ...]
    figures: KeyFigures | None
    matters: tuple[Matter, ...]
    unknown: tuple[str, ...]


def today(seat: Seat, *, at: datetime) -> Today:
    """
    Return what is new and what waits, for the page of a seat, at the instant `at`.

    Sources that those at the desk may not know of are left out of the news and of what is counted there.
    What cannot be looked at (a damaged ledger, an unreachable folder) is named and stops nothing else.
    """
    view = seat.view
    since = view.compared_with or at - timedelta(days=7)
    unknown: list[str] = []
    news = _news(seat, since=since)
    matters: list[Matter] = []
    for what, found in (
        ("the schedule", _issues), ("drafts", _drafts), ("the assessment", _assessment),
        ("forms", _typed), ("labels", _labels), ("duplicates", _duplicates),
        ("promises and follow-ups", _promises),
    ):  # fmt: skip
        try:
            matters += found(seat, at)
        except (WorkbenchError, OSError) as problem:
            said = str(problem) if isinstance(problem, WorkbenchError) else type(problem).__name__
            unknown.append(f"Could not look at {what}: {said}")
    matters += _set_aside(news)
    week = f"week {view.week}, {view.week.first_day:%d %b} to {view.week.last_day:%d %b %Y}"
    known = f"as known {seat.choice.as_of}" if seat.past else "as known now"
    about = f"{view.area.name}, {week}, {known}, as {seat.audience.name} may see it"
    return Today(about, since, news, _figures(seat), tuple(matters), tuple(unknown))


def _news(seat: Seat, *, since: datetime) -> tuple[News, ...]:
    """Return the sources that may be named, those that brought something first."""
    known = [one for one in seat.office.source if seat.may_name(one)]
    until = seat.view.as_of if seat.past else _END
    rows = seat.store.read(record_type("delivery"), as_of=until, sources=[one.slug for one in known])
    rows = rows.sort_values(["recorded_at", "record_id"])
    found = []
    for one in known:
        own = rows[rows["source"].eq(one.slug)]
        fresh = own[own["recorded_at"].dt.floor("s").gt(since)]  # a view counts in whole seconds
        sums = {name: int(fresh[name].sum()) for name in _COUNTED}
        latest = {name: int(own[name].iloc[-1]) if len(own) else 0 for name in ("rejected", "unmatched")}
        last = own["recorded_at"].iloc[-1].to_pydatetime() if len(own) else None
        found.append(News(one.title, len(fresh), last, **{**sums, **latest}))
    return tuple(sorted(found, key=lambda one: (one.deliveries == 0, one.last is None)))


def _figures(seat: Seat) -> KeyFigures | None:
    """Return the week's numbers as the briefing's first page tells them; None without counted incidents."""
    from workbench.document import sections

    view, edition = seat.view, seat.edition
    first, districts, before = view.week.first_day, view.area.districts, view.week.back(1)
    if "occurred_on" not in view.counted:
        return None
    log, days = view.known("liaison_entry"), view.area.contact_interval_days
    heard: dict[str, Any] = {"districts": districts, "interval_days": days}
    contact = analysis.last_contact(log, on=view.on, first_day=first, **heard)
    earlier = analysis.last_contact(log, on=before.last_day, **heard)
    since, until = sections.data_span(edition)
    reached, reached_before = (
        analysis.reached(since=since, until=until, first_day=one.first_day, last_day=one.last_day)
        for one in (view.week, before)
    )
    counted = analysis.merged(view.counted, order=view.area.counts_from)
    span: dict[str, Any] = {"districts": districts, "first_day": view.week.back(104).first_day, "weeks": 105}
    weekly = analysis.delivered(analysis.weekly(counted, **span), until=until)
    total = analysis.delivered(analysis.weekly_total(counted, **span), until=until)
    revised = analysis.represented(view.revisions("incident"), order=view.area.counts_from)
    triangle = analysis.triangle(
        revised, view.snapshots, districts=districts, week=first, weeks=26, delays=8, as_of=view.as_of,
        zone=view.zone,
    )  # fmt: skip
    unsettled = analysis.provisional(
        analysis.nowcast(triangle),
        analysis.delay_known(triangle),
        otherwise=analysis.unsettled(view.week, on=view.known_on),
    )
    states = {
        day: analysis.states(
            weekly[weekly["week"] == str(day)], whom, covered=view.area.covered, reached=data
        )
        for day, whom, data in ((first, contact, reached), (before.first_day, earlier, reached_before))
    }
    now, then = (analysis.state_of_all(states[day]) for day in (first, before.first_day))
    overall = analysis.assess(
        analysis.told(total, {first: now, before.first_day: then}),
        states=now, week=first, covered_from=since, still_reported=unsettled > 0,
    )  # fmt: skip
    numbers = analysis.key_numbers(
        counted, districts=districts, week=first, history_until=until, reached=reached
    )
    return sections.key_figures(edition, numbers=numbers, total=overall, contact=contact, before=then)


def _issues(seat: Seat, at: datetime) -> list[Matter]:
    """Return issues that failed or are late, by the schedule."""
    found = []
    for line in schedule.status(seat.office, now=at).lines:
        if line.state in ("failed", "given_up", "missed", "unseen") or (line.late and line.state in _FAILED):
            key = line.slot.key
            issue = f"{key.briefing} of {key.area} for {key.audience}, {key.period},"
            found.append(Matter(_FAILED[line.state].format(issue=issue), 1))
    return found


def _drafts(seat: Seat, at: datetime) -> list[Matter]:
    """Return the drafts of the latest week of each briefing that wait, and for how many people."""
    del at
    office, area = seat.office, seat.view.area.slug
    found = []
    for briefing in office.briefing:
        for audience in office.audience:
            if briefing.slug not in audience.briefings:
                continue
            last = states.last_issue(office, audience=audience.slug, briefing=briefing.slug, area=area)
            for one in last:
                still = _people_still(one.state, drafts.people_needed(audience, recalled=False) or 1)
                if still:
                    waits = f"{briefing.title} for {audience.name}, {one.period}: a draft waits for"
                    people = _many(still, "person", "people")
                    then = "Read it, then release it: workbench release"
                    found.append(Matter(f"{waits} {people}. {then}", 1))
    return found


def _people_still(state: str, needed: int) -> int:
    """Return how many people a version of this state waits for; 0 if it is no draft that waits."""
    if state == "draft":
        return needed
    reviewed, _, of = state.removeprefix("reviewed, ").partition(" of ")
    return max(int(of) - int(reviewed), 1) if state.startswith("reviewed, ") else 0


def _assessment(seat: Seat, at: datetime) -> list[Matter]:
    """Return whether the assessment of the week is missing, or still a draft, in the file that is pulled."""
    from workbench.desk.assess import open_week

    del at
    view = seat.view
    opened = open_week(seat.office, area=view.area.slug, week=str(view.week))
    if opened.new:
        return [Matter(f"The assessment of {view.week} is not written yet.", 1, "assess.ipynb")]
    if opened.document.keys.get("status") == "draft":
        return [Matter(f"The assessment of {view.week} is still marked a draft.", 1, "assess.ipynb")]
    rows = view.table("assessment")
    if seat.reads_everything and not rows["week"].eq(str(view.week)).any():
        return [Matter(f"The assessment of {view.week} is written but not pulled yet.", 1, "assess.ipynb")]
    return []


def _typed(seat: Seat, at: datetime) -> list[Matter]:
    """Return the forms in which whoever signs here typed something that was neither saved nor entered."""
    from workbench.desk.assess import has_unsaved

    del at
    by, view, found = author(seat.office), seat.view, []
    if has_unsaved(seat.office, area=view.area.slug, week=view.week.slug, by=by):
        found.append(
            Matter(f"The assessment of {view.week} has changes that were not saved.", 1, "assess.ipynb")
        )
    for record, name in _FORMS.items():
        if kept_draft(seat.office, record, by):
            found.append(Matter(f"{name} was typed and not entered.", 1, "log.ipynb"))
    return found


def _labels(seat: Seat, at: datetime) -> list[Matter]:
    """
    Return how many rows of the view have a level or compartment that is missing or unknown, as pulls tell it.

    A row whose level an act has lowered since, or whose compartments are no longer all, has its label.
    """
    del at
    number = 0
    for rows in seat.view.tables.values():
        if {"flags", "level", "compartments"} <= set(rows.columns):
            flags = rows["flags"].fillna("").str
            level = flags.contains("label_missing|label_unknown") & rows["level"].eq(HIGHEST.slug)
            all_of_them = rows["compartments"].fillna("").eq(";".join(COMPARTMENTS))
            number += int((level | (flags.contains("compartments_unknown") & all_of_them)).sum())
    if not number:
        return []
    said = _many(number, "row has no known label and is held", "rows have no known label and are held")
    return [Matter(f"{said} as closely as can be.", number, "triage.ipynb")]


def _duplicates(seat: Seat, at: datetime) -> list[Matter]:
    del at
    number = sum(not pair.unsure for pair in pairs(seat))
    said = _many(number, "pair of rows may be one incident", "pairs of rows may be one incident each")
    return [Matter(f"{said}: same or different?", number, "triage.ipynb")] if number else []


def _set_aside(news: tuple[News, ...]) -> list[Matter]:
    found = []
    rejected, unmatched = sum(one.rejected for one in news), sum(one.unmatched for one in news)
    if unmatched:
        said = _many(unmatched, "row lies", "rows lie")
        found.append(Matter(f"{said} in no district that the office knows.", unmatched, "triage.ipynb"))
    if rejected:
        said = _many(rejected, "row was set aside", "rows were set aside")
        found.append(Matter(f"{said} because a value is wrong or missing.", rejected, "triage.ipynb"))
    return found


def _promises(seat: Seat, at: datetime) -> list[Matter]:
    """Return what is overdue on the day of `at`, of what those at the desk may read."""
    view, on = seat.view, at.astimezone(seat.office.zone).date()
    found = []
    log = view.known("liaison_entry")
    if log is not None and {"follow_up_due", "follow_up_done"} <= set(log.columns):
        late = log["follow_up_due"].lt(pd.Timestamp(on)) & log["follow_up_done"].isna()
        found.append((int(late.sum()), "follow-up is overdue.", "follow-ups are overdue.", "log.ipynb"))
    register = view.known("commitment")
    if register is not None and {"made_on", "state"} <= set(register.columns):
        standing = analysis.commitments(register, on=on, first_day=view.week.first_day)["standing"]
        number = int(standing.eq("overdue").sum())
        found.append((number, "commitment is overdue.", "commitments are overdue.", "log.ipynb"))
    asked = view.table("assessment")
    if {"part", "week", "occurred_on"} <= set(asked.columns):
        standing = analysis.actions(asked, week=view.week, on=on)["standing"]
        number = int(standing.eq("overdue").sum())
        words = (
            "recommendation of the last issue is overdue.",
            "recommendations of the last issue are overdue.",
        )
        found.append((number, *words, "assess.ipynb"))
    return [Matter(_many(number, one, many), number, page) for number, one, many, page in found if number]


def _many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
