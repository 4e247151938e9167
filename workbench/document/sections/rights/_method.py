"""What the registers do not tell, how the page was made, and what it rests on."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from workbench.analysis import REPORT_WITHIN_DAYS, WATCHED, Joined, mitigation_counts
from workbench.blocks import Block, Sources, Text
from workbench.document.sections.method import sources
from workbench.view import Edition

_RECORDS = ("support", "violation")


def rights_not_known(edition: Edition, *, joined: Joined, measures: pd.DataFrame) -> list[Block]:
    """Return what is missing in the registers, counted; and that silence is no proof."""
    words, view = edition.words, edition.view
    supports, alleged = joined.supports, joined.allegations
    watched = supports["state"].isin(WATCHED)

    def missing(rows: pd.DataFrame, name: str) -> int:
        return int(rows[name].isna().sum()) if name in rows else len(rows)

    def stated(n: int, one: str) -> list[str]:
        return [one] if n else []

    told = [
        words.say(
            "Nothing alleged against a unit means that nothing reached the office, not that nothing happened."
        )
    ]
    if view.known("support") is None:
        told.append(words.say("No register of support is kept: no allegation can be joined to support."))
    if view.known("violation") is None:
        told.append(words.say("No register of alleged violations is kept."))
    facts: list[tuple[str, int]] = [
        (words.say("Allegations that name no unit and no support: {n}.", n=_n(alleged, "unmatched", "no_unit")),
         _n(alleged, "unmatched", "no_unit")),
        (words.say("Allegations against units that receive no support on record, or are written otherwise: {n}.",
                   n=_n(alleged, "unmatched", "no_support")), _n(alleged, "unmatched", "no_support")),
        (words.say("Allegations whose link names no support on record: {n}; joined by the unit's name.",
                   n=_n(alleged, "link", "unknown")), _n(alleged, "link", "unknown")),
        (words.say("Allegations linked to support of a unit other than the one they name: {n}; the link was followed.",
                   n=_n(alleged, "link", "name_differs")), _n(alleged, "link", "name_differs")),
        (words.say("Allegations whose source nobody could judge: {n}.", n=_n(alleged, "credible", "not_judged")),
         _n(alleged, "credible", "not_judged")),
        (words.say("Allegations without a number of victims: {n}.", n=missing(alleged, "victims")),
         missing(alleged, "victims")),
        (words.say("Allegations not marked as grave or not grave: {n}.", n=missing(alleged, "grave")),
         missing(alleged, "grave")),
        (words.say("Allegations without the day on which the office learnt of them: {n}.",
                   n=missing(alleged, "known_on")), missing(alleged, "known_on")),
        (words.say("Allegations reported before they are said to have happened: {n}; one of the days is wrong.",
                   n=_n(alleged, "report", "days_contradict")), _n(alleged, "report", "days_contradict")),
        (words.say("Supports without a first day: {n}; every allegation against their recipients counts.",
                   n=missing(supports[watched], "started_on")), missing(supports[watched], "started_on")),
        (words.say("Supports without a risk rating: {n}.", n=missing(supports[watched], "risk_rating")),
         missing(supports[watched], "risk_rating")),
        (words.say("Measures whose state is not stated: {n}.", n=mitigation_counts(measures)["not_stated"]),
         mitigation_counts(measures)["not_stated"]),
        (words.say("Rows of the two registers that could not be read, and are in no count: {n}.",
                   n=_aside(edition)), _aside(edition)),
    ]  # fmt: skip
    return [Text.bullets(*told, *(sentence for sentence, n in facts if n))]


def rights_method(edition: Edition) -> list[Block]:
    """Return what the words of the page mean, and how its numbers are made, in plain sentences."""
    words, view = edition.words, edition.view
    return [
        Text.bullets(
            words.say(
                "Alleged: what somebody told the office. Nothing here says that it happened or who did it; "
                "“grave” is what the register's keeper holds it to be, if it were proved."
            ),
            words.say(
                "An allegation belongs to a unit if it names a support of that unit, or else if it names the unit as the "
                "register of support writes it, but for case, accents and blanks. Names that are merely alike are never joined."
            ),
            words.say(
                "Credible: source graded A to C and information 1 to 3. Weak: D, E, 4 or 5. Not judged: no grade, F or 6; "
                "that is no reason to doubt it."
            ),
            words.say(
                "Without the victims' consent nothing is told of them but their number: no account, no sex or age, no exact place."
            ),
            words.count(
                "Days run from the event to the report to the Resident Representative. “Overdue”: the office has known for more than "
                "{n} day and has not reported; that mark is the workbench's own, and no rule of any organisation.",
                "Days run from the event to the report to the Resident Representative. “Overdue”: the office has known for more than "
                "{n} days and has not reported; that mark is the workbench's own, and no rule of any organisation.",
                REPORT_WITHIN_DAYS,
            ),
            words.say(
                "A review counts only if it was made after the day on which the office learnt of an allegation. "
                "Support that is approved and has no first day counts as running; one past its last day still counts as given."
            ),
            words.say(
                "Ratings, kinds of support and states are the office's own. Only records of {area} and records without a place are in.",
                area=view.area.name,
            ),
            words.say(
                "Both registers are held for readers of the compartment human_rights only: do not pass this page on."
            ),
        )
    ]


def rights_sources(edition: Edition) -> Sources:
    """Return the sources of the two registers: licence, data cut-off and age."""
    kept = edition.view.sources
    kept = kept[kept["record"].isin(_RECORDS)]
    return sources(replace(edition, view=replace(edition.view, sources=kept)))


def _n(rows: pd.DataFrame, name: str, code: str) -> int:
    return int(rows[name].eq(code).sum())


def _aside(edition: Edition) -> int:
    rows = edition.view.sources
    return int(rows.loc[rows["record"].isin(_RECORDS), "rejected"].fillna(0).sum())
