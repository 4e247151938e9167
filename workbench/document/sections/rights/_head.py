"""The head of the page: who may have it at all, the bottom line from the records, and the key figures."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from workbench.analysis import Joined, RightsNumbers
from workbench.blocks import Block, Callout, KeyFigure, KeyFigures, Masthead
from workbench.document.sections._parts import near_day, text
from workbench.document.sections.head import masthead, recommendations
from workbench.errors import DisclosureRefused
from workbench.records import empty, record_type
from workbench.view import Edition

COMPARTMENT = "human_rights"

_NAMED = 3
"""Recipients named in the bottom line; more are in the table below it."""


def rights_registers(edition: Edition) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Return the registers of support and of alleged violations; one that is not kept is empty.

    Raises DisclosureRefused where these readers may read neither: a page on nothing would still tell them
    that there is something to tell.
    """
    found = {name: edition.view.known(name) for name in ("support", "violation")}
    if all(rows is None for rows in found.values()):
        raise DisclosureRefused(
            "human_rights: no register of support or of alleged violations may be read by this audience. "
            "Take human_rights out of its `briefings` in workbench.toml, or configure the registers."
        )
    support, violation = (empty(record_type(name)) if rows is None else rows for name, rows in found.items())
    return support, violation


def rights_masthead(edition: Edition) -> Masthead:
    """
    Return the head of the document.

    It names no reviewer: who reviewed the week's assessment has not reviewed this page.
    """
    view, words = edition.view, edition.words
    statements = view.table("assessment").drop(columns="reviewer", errors="ignore")
    tables = MappingProxyType({**view.tables, "assessment": statements})
    return masthead(
        replace(edition, view=replace(view, tables=tables)),
        title=words.say("Human rights due diligence: {area}", area="{area}"),
        briefing="human_rights",
    )


def rights_bottom_line(edition: Edition, *, numbers: RightsNumbers, joined: Joined) -> Callout:
    """
    Return the bottom line in plain words, computed from the records; it judges nothing that they do not say.

    `numbers` of `analysis.rights_numbers`, `joined` of `analysis.joined_by_unit`.
    """
    words = edition.words
    told = [
        *_recipients(edition, joined),
        *(_support_told(edition, numbers) if edition.view.known("support") is not None else []),
        *(_alleged_told(edition, numbers, joined) if edition.view.known("violation") is not None else []),
    ]
    return Callout("bottom_line", _lead(edition, numbers, joined), " ".join(told) or words.say("n/a"))


def _lead(edition: Edition, numbers: RightsNumbers, joined: Joined) -> str:
    words, view = edition.words, edition.view
    if view.known("support") is None:
        return words.say(
            "No register of support is kept: nobody can say whose support an allegation touches."
        )
    if view.known("violation") is None:
        return words.say("No register of alleged violations is kept: this page tells of support alone.")
    if joined.supports.empty and joined.allegations.empty:
        return words.say("No support and no alleged violation is on record for this area.")
    given = joined.supports["state"].isin(["undecided", "past_end", "running"])
    waiting = int((given & joined.supports["credible_unreviewed"].gt(0)).sum())
    if waiting:
        return words.count(
            "{n} of {all} supports that run has credible allegations against its recipient that no review has looked at.",
            "{n} of {all} supports that run have credible allegations against their recipients that no review has looked at.",
            waiting,
            all=numbers.ongoing,
        )
    unjudged = int((given & joined.supports["unjudged_unreviewed"].gt(0)).sum())
    if unjudged:
        return words.count(
            "{n} of {all} supports that run has allegations against its recipient that nobody has graded or reviewed.",
            "{n} of {all} supports that run have allegations against their recipients that nobody has graded or reviewed.",
            unjudged,
            all=numbers.ongoing,
        )
    return words.say(
        "No support that runs has a credible allegation on record that waits for a review; what nobody told "
        "the office is not on record."
    )


def _recipients(edition: Edition, joined: Joined) -> list[str]:
    """Name the recipients that the lead counts, where a sentence can hold them."""
    rows = joined.supports
    given = rows["state"].isin(["undecided", "past_end", "running"])
    found = rows[given & rows["credible_unreviewed"].gt(0)]
    named = list(dict.fromkeys(text(unit) for unit in found["recipient_unit"])) if len(found) else []
    if not 1 <= len(named) <= _NAMED:
        return []
    return [edition.words.say("Alleged against: {units}.", units="; ".join(named))]


def _support_told(edition: Edition, numbers: RightsNumbers) -> list[str]:
    words = edition.words
    told = [words.count("{n} support runs.", "{n} supports run.", numbers.ongoing)]
    if numbers.undecided:
        told.append(
            words.count("{n} began without a decision.", "{n} began without a decision.", numbers.undecided)
        )
    if numbers.past_end:
        told.append(words.count("{n} is past its end.", "{n} are past their end.", numbers.past_end))
    if numbers.suspended:
        told.append(words.count("{n} is suspended.", "{n} are suspended.", numbers.suspended))
    if numbers.reviews_overdue:
        told.append(
            words.count(
                "{n} review is overdue, by {days} days.",
                "{n} reviews are overdue, the longest by {days} days.",
                numbers.reviews_overdue,
                days=numbers.longest_review or 0,
            )
        )
    else:
        told.append(words.say("No review with a date is overdue."))
    return told


def _alleged_told(edition: Edition, numbers: RightsNumbers, joined: Joined) -> list[str]:
    words = edition.words
    if joined.allegations.empty:
        return [words.say("No alleged violation is on record.")]
    told = []
    if numbers.since is None:
        told.append(
            words.count(
                "There is no earlier issue; {n} allegation against supported units is on record.",
                "There is no earlier issue; {n} allegations against supported units are on record.",
                numbers.new,
            )
        )
    else:
        told.append(
            words.count(
                "Since the last issue ({day}) the office learnt of {n} allegation against supported units, {grave} held to be grave.",
                "Since the last issue ({day}) the office learnt of {n} allegations against supported units, {grave} held to be grave.",
                numbers.new,
                day=near_day(numbers.since.astimezone(edition.view.zone).date(), edition),
                grave=numbers.new_grave,
            )
        )
    if numbers.waiting:
        told.append(
            words.count(
                "{n} allegation is not reported to the Resident Representative; it has waited {days} days.",
                "{n} allegations are not reported to the Resident Representative; the longest has waited {days} days.",
                numbers.waiting,
                days=numbers.longest_waiting or 0,
            )
        )
    else:
        told.append(words.say("Every allegation on record is reported to the Resident Representative."))
    return told


def rights_figures(edition: Edition, *, numbers: RightsNumbers) -> KeyFigures:
    """Return the numbers a head of mission leaves with; "n/a" where a register is not kept."""
    words, view = edition.words, edition.view
    figures: list[KeyFigure] = []
    if view.known("support") is None:
        figures.append(KeyFigure(words.say("n/a"), words.say("supports that run")))
    else:
        unclear = numbers.undecided + numbers.past_end
        measures = numbers.measures
        late = measures["overdue"]
        figures += [
            KeyFigure(
                words.number(numbers.ongoing),
                words.count("support that runs", "supports that run", numbers.ongoing),
                words.say("{n} suspended", n=numbers.suspended),
                words.count("{n} without a valid decision", "{n} without a valid decision", unclear)
                if unclear
                else "",
                tone="accent" if unclear else "plain",
            ),
            KeyFigure(
                words.number(numbers.reviews_overdue),
                words.count("review overdue", "reviews overdue", numbers.reviews_overdue),
                words.count("{n} without a date", "{n} without a date", numbers.reviews_undated),
                words.count("longest {n} day", "longest {n} days", numbers.longest_review or 0)
                if numbers.reviews_overdue
                else "",
                tone="accent" if numbers.reviews_overdue else "plain",
            ),
            KeyFigure(
                words.number(late),
                words.count("measure overdue", "measures overdue", late),
                words.say(
                    "{open} open, {done} done",
                    open=measures["open"] + measures["not_stated"],
                    done=measures["done"],
                ),
                tone="accent" if late else "plain",
            ),
        ]
    if view.known("violation") is None:
        figures.append(KeyFigure(words.say("n/a"), words.say("alleged violations")))
    else:
        days, waiting = numbers.days, numbers.waiting
        figures += [
            KeyFigure(
                words.number(numbers.alleged_year),
                words.say("alleged of supported units, 12 months"),
                parts=(words.say("of which {n} held to be grave", n=numbers.grave_year),),
            ),
            KeyFigure(
                words.number(waiting),
                words.say("not reported to the RR"),
                words.count("longest {n} day", "longest {n} days", numbers.longest_waiting or 0)
                if waiting
                else "",
                words.count("{n} overdue", "{n} overdue", numbers.overdue) if numbers.overdue else "",
                tone="accent" if numbers.overdue else "plain",
            ),
            KeyFigure(
                words.say("n/a")
                if days.value is None
                else words.number(days.value, places=_places(days.value)),
                words.say("days from event to report, median"),
                words.say(
                    "n = {n}, {range}",
                    n=days.n,
                    range=words.span(numbers.shortest or 0, numbers.longest or 0),
                )
                if days.n
                else words.say("none reported in 12 months"),
            ),
        ]
    return KeyFigures(
        tuple(figures),
        words.say(
            "All violations are alleged. RR: Resident Representative. What is not recorded is not zero."
        ),
    )


def rights_recommendations(edition: Edition) -> list[Block]:
    """Return the week's recommendations that are written for this compartment; nothing where there are none."""
    rows = edition.view.table("assessment")
    if "compartments" not in rows or "part" not in rows:
        return []
    held = rows["compartments"].fillna("").str.split(";").map(lambda label: COMPARTMENT in label)
    own = rows[
        held.astype(bool) & rows["part"].eq("recommendation") & rows["week"].eq(edition.view.week.slug)
    ]
    if own.empty:
        return []
    tables = MappingProxyType({**edition.view.tables, "assessment": own})
    return [recommendations(replace(edition, view=replace(edition.view, tables=tables)))]


def _places(days: float) -> int:
    return 0 if float(days).is_integer() else 1
