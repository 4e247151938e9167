"""Alleged violations: by unit, days until they were reported, and one by one; nothing here states guilt."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.blocks import Align, Block, Cell, Text
from workbench.document.sections._parts import (
    Row,
    capital,
    column,
    each,
    near_day,
    side_by_side,
    table,
    text,
    whole,
)
from workbench.document.sections._parts import part as under
from workbench.view import Edition

_LISTED = 60

_RIGHT: Align = "right"


def alleged_units(edition: Edition, *, units: pd.DataFrame) -> list[Block]:
    """Return what is alleged by unit, recipients of support first (`analysis.alleged_by_unit`)."""
    words = edition.words
    if edition.view.known("violation") is None:
        return [Text.plain(words.say("No register of alleged violations is kept."), tone="quiet")]
    no_support = edition.view.known("support") is None
    made: list[Row] = []
    alleged = units["since"].gt(0) | units["before"].gt(0)
    for row in each(units[alleged].head(_LISTED)):
        n = whole(row.supports)
        if no_support or n is None:
            given = words.say("n/a")
        elif n == 0:
            given = words.say("none on record")
        else:
            given = words.say("{given} of {n} given", given=whole(row.given) or 0, n=n)
        made.append(
            (
                Cell(text(row.unit) or words.say("unit not known"), "strong"),
                Cell(given, "plain" if n else "quiet"),
                *(
                    Cell(
                        words.number(whole(value) or 0),
                        "accent" if hot and whole(value) and n else "plain",
                    )
                    for value, hot in (
                        (row.since, False), (row.grave, True), (row.credible, False), (row.weak, False),
                        (row.not_judged, False), (row.before, False),
                    )
                ),
                near_day(row.latest, edition) or words.say("none"),
            )
        )  # fmt: skip
    return [
        table(
            [
                (words.say("Unit, alleged"), "left", 3.0),
                (words.say("Support"), "left", 1.2),
                (words.say("Since then"), _RIGHT, 0.9),
                (words.say("grave"), _RIGHT, 0.7),
                (words.say("credible"), _RIGHT, 0.9),
                (words.say("weak"), _RIGHT, 0.7),
                (words.say("not judged"), _RIGHT, 0.9),
                (words.say("Before"), _RIGHT, 0.8),
                (words.say("Latest"), "left", 1.1),
            ],
            made,
            note=words.say(
                "Each allegation counts once. Since then: since the first support to the unit began (all, for a unit without "
                "support), of which held to be grave, and by what the source is worth."
            ),
            empty=words.say("No alleged violation is on record for this area."),
        )
    ]


def report_times(edition: Edition, *, quarters: pd.DataFrame, acts: pd.DataFrame) -> list[Block]:
    """Return days from event to report to the Resident Representative, by period and by act, always with n."""
    words = edition.words
    if edition.view.known("violation") is None:
        return []
    by_time = [_period(edition, row) for row in each(quarters)]
    by_act = [capital(words.term("alleged_act", text(row.group))) for row in each(acts)]
    return [
        side_by_side(
            left=[_times(edition, words.say("Event"), by_time, quarters)],
            right=[_times(edition, words.say("Act, 12 months"), by_act, acts)],
        ),
        Text.plain(
            words.say(
                "Median (shortest–longest) of n reported, in days from the event. Not yet: not reported, in no median."
            ),
            tone="quiet",
        ),
    ]


def _times(edition: Edition, head: str, labels: Sequence[str], rows: pd.DataFrame) -> Block:
    words = edition.words
    made = []
    for label, row in zip(labels, each(rows), strict=True):
        n, waiting = whole(row.reported) or 0, whole(row.waiting) or 0
        days = words.say("n/a")
        if n:
            middle = float(row.median)
            days = words.say(
                "{median} ({range})",
                median=words.number(middle, places=0 if middle.is_integer() else 1),
                range=words.span(whole(row.shortest) or 0, whole(row.longest) or 0),
            )
        not_yet = words.number(waiting)
        if waiting:
            oldest = whole(row.longest_waiting) or 0
            not_yet = words.count("{waiting}, {n} day", "{waiting}, {n} days", oldest, waiting=waiting)
        made.append(
            (
                Cell(label, "strong"),
                words.number(whole(row.alleged) or 0),
                days,
                words.number(n),
                Cell(not_yet, "accent" if whole(row.overdue) else "plain"),
            )
        )
    return table(
        [
            (head, "left", 2.3),
            (words.say("Alleged"), _RIGHT, 1.15),
            (words.say("Days"), _RIGHT, 1.3),
            (words.say("n"), _RIGHT, 0.5),
            (words.say("Not yet"), _RIGHT, 1.3),
        ],
        made,
        stack=False,
        empty=words.say("No alleged violation of the last 12 months is on record."),
    )


def _period(edition: Edition, row: object) -> str:
    words = edition.words
    first, last = (getattr(row, name, None) for name in ("first_day", "last_day"))
    if text(getattr(row, "group", "")) == "earlier":
        return words.say("Before")
    if not isinstance(first, pd.Timestamp) or not isinstance(last, pd.Timestamp):
        return words.say("n/a")
    return words.say("{first} to {last}", first=words.short_day(first), last=words.short_day(last))


def allegation_list(edition: Edition, *, allegations: pd.DataFrame) -> list[Block]:
    """
    Return the allegations one by one, the latest first, and the accounts that victims agreed to have told.

    Without their consent a row tells no more of the victims than how many they are (`analysis.allegations`).
    """
    words = edition.words
    if edition.view.known("violation") is None:
        return []
    rows = allegations.head(_LISTED)
    district = column(rows, "district_name").map(text)
    made = [
        (
            Cell(text(getattr(row, "record_id", "")), "strong"),
            near_day(row.occurred_on, edition),
            _act(edition, row, district.iloc[number]),
            text(getattr(row, "perpetrator_unit", None)) or words.say("not known"),
            _victims(edition, row),
            text(getattr(row, "source_grade", None)) or words.say("none"),
            Cell(_reported(edition, row), "accent" if row.report == "overdue" else "plain"),
            _answer(edition, row),
        )
        for number, row in enumerate(each(rows))
    ]
    left = len(allegations) - _LISTED
    listed = table(
        [
            (words.say("No."), "left", 1.5),
            (words.say("Day"), "left", 0.9),
            (words.say("What is alleged"), "left", 1.9),
            (words.say("Unit, alleged"), "left", 1.9),
            (words.say("Victims"), "left", 1.1),
            (words.say("Grade"), "left", 0.6),
            (words.say("RR told after"), "left", 1.1),
            (words.say("Answer of the authorities"), "left", 1.8),
        ],
        made,
        note=words.count("{n} more is not listed.", "{n} more are not listed.", left) if left > 0 else "",
        empty=words.say("No alleged violation is on record for this area."),
    )
    told = [
        words.say(
            "{number}: {account}", number=text(getattr(row, "record_id", "")), account=text(row.account)
        )
        for row in each(rows if "account" in rows else rows.iloc[:0])
        if text(row.account)
    ]
    accounts = under(words.say("Accounts whose victims agreed"), [Text.bullets(*told)] if told else [])
    return [listed, *accounts]


def _act(edition: Edition, row: object, district: str) -> str:
    words = edition.words
    act = capital(words.term("alleged_act", text(getattr(row, "act", ""))))
    grave = getattr(row, "grave", None)
    if not pd.isna(grave) and bool(grave):
        act = words.say("{act} (grave)", act=act)
    return words.say("{act}, {district}", act=act, district=district) if district else act


def _victims(edition: Edition, row: object) -> str:
    words, n = edition.words, whole(getattr(row, "victims", None))
    if n is None:
        return words.say("not known")
    kinds = {
        "victims_women": words.say("women"),
        "victims_men": words.say("men"),
        "victims_girls": words.say("girls"),
        "victims_boys": words.say("boys"),
        "victims_unknown": words.say("not known"),
    }
    known = {name: whole(getattr(row, name, None)) for name in kinds}
    told = [words.say("{kind} {n}", kind=kinds[name], n=count) for name, count in known.items() if count]
    return words.say("{n}: {kinds}", n=n, kinds=", ".join(told)) if told else words.number(n)


def _reported(edition: Edition, row: object) -> str:
    words, report = edition.words, text(getattr(row, "report", ""))
    if report == "days_contradict":
        return words.say("days contradict")
    days = whole(getattr(row, "days_to_report" if report == "reported" else "days_waiting", None)) or 0
    if report == "reported":
        return words.count("{n} day", "{n} days", days)
    return words.count("not yet, {n} day", "not yet, {n} days", days)


def _answer(edition: Edition, row: object) -> str:
    words = edition.words
    code, said = (text(getattr(row, name, None)) for name in ("government_response", "response_text"))
    answer = words.term("government_response", code) if code else words.say("not recorded")
    referred = text(getattr(row, "referred_to", None))
    parts = [capital(answer), said, words.say("referred to {who}", who=referred) if referred else ""]
    return "; ".join(part for part in parts if part)
