"""Support: what has to be decided, the register, reviews that are due, and mitigatory measures."""

from __future__ import annotations

import pandas as pd

from workbench.analysis import WATCHED, Joined, mitigation_counts
from workbench.blocks import Block, Cell, Text, Tone
from workbench.document.sections._parts import capital, each, near_day, table, text, whole
from workbench.view import Edition

_LISTED = 40
"""Rows of one table; what is left out is counted below it."""


def support_to_decide(edition: Edition, *, findings: pd.DataFrame) -> list[Block]:
    """Return what is found against support that runs, and what to do (`analysis.support_findings`)."""
    words = edition.words
    if edition.view.known("support") is None:
        return []
    made = [
        (
            Cell(_named(row.activity, row.support), "strong"),
            text(row.recipient_unit),
            Cell(_found(edition, row), "accent" if row.finding == "credible_unreviewed" else "plain"),
            _to_do(edition, row),
        )
        for row in each(findings.head(_LISTED))
    ]
    return [
        table(
            [
                (words.say("Support"), "left", 2.4),
                (words.say("Recipient"), "left", 1.7),
                (words.say("What the registers say"), "left", 2.8),
                (words.say("What to do"), "left", 2.6),
            ],
            made,
            note=_more(edition, len(findings)),
            empty=words.say("The registers show nothing that waits for a decision on support that runs."),
        )
    ]


def _found(edition: Edition, row: object) -> str:
    words = edition.words
    n, grave = whole(getattr(row, "allegations", None)) or 0, whole(getattr(row, "grave", None)) or 0
    days, finding = whole(getattr(row, "days", None)), text(getattr(row, "finding", ""))
    if finding == "credible_unreviewed":
        return words.count(
            "{n} credible allegation since it began ({grave} grave), {days} days ago; no review since the office learnt of it.",
            "{n} credible allegations since it began ({grave} grave), the latest {days} days ago; no review since the office learnt of them.",
            n,
            grave=grave,
            days=days or 0,
        )
    if finding == "unjudged_unreviewed":
        return words.count(
            "{n} allegation since it began that nobody could judge; no review since the office learnt of it.",
            "{n} allegations since it began that nobody could judge; no review since the office learnt of them.",
            n,
        )
    if finding == "undecided":
        return words.count(
            "Began {n} day ago, and is only proposed.", "Began {n} days ago, and is only proposed.", days or 0
        )
    if finding == "past_end":
        return words.count(
            "Its last day was {n} day ago; it is not recorded as ended.",
            "Its last day was {n} days ago; it is not recorded as ended.",
            days or 0,
        )
    return words.say("Its risk is high or not rated, and no mitigatory measure is on record.")


def _to_do(edition: Edition, row: object) -> str:
    words, finding = edition.words, text(getattr(row, "finding", ""))
    if finding == "credible_unreviewed":
        if whole(getattr(row, "grave", None)):
            return words.say(
                "Review now, decide whether to suspend, and raise the allegations with the unit's command."
            )
        return words.say("Review now, and record whether the support goes on and on what conditions.")
    if finding == "unjudged_unreviewed":
        return words.say("Have the allegations graded, then review the support.")
    if finding == "undecided":
        return words.say("Decide now, or stop until it is decided.")
    if finding == "past_end":
        return words.say("Record that it ended, or review it and decide on more time.")
    return words.say("Agree on measures, each with a day, or record why none is needed.")


def support_register(edition: Edition, *, joined: Joined) -> list[Block]:
    """Return the register of support, most urgent first; ended and refused support is counted below."""
    words = edition.words
    if edition.view.known("support") is None:
        return [Text.plain(words.say("No register of support is kept."), tone="quiet")]
    rows = joined.supports
    closed = rows["state"].isin(["ended", "refused"])
    shown, made = rows[~closed], []
    for row in each(shown.head(_LISTED)):
        state, tone = _state(edition, row)
        due, due_tone = _review(edition, row)
        risk = text(getattr(row, "risk_rating", None))
        made.append(
            (
                Cell(_named(getattr(row, "activity", ""), getattr(row, "record_id", "")), "strong"),
                text(row.recipient_unit),
                Cell(
                    words.term("support_risk", risk) if risk else words.say("not rated"),
                    "accent" if risk == "very_high" or not risk else "plain",
                ),
                Cell(state, tone),
                Cell(due, due_tone),
                Cell(_against(edition, row), "accent" if row.credible_unreviewed else "plain"),
            )
        )
    left = {code: int(rows["state"].eq(code).sum()) for code in ("ended", "refused")}
    return [
        table(
            [
                (words.say("Support"), "left", 2.9),
                (words.say("Recipient"), "left", 2.0),
                (words.say("Risk"), "left", 0.9),
                (words.say("State"), "left", 1.6),
                (words.say("Review"), "left", 1.3),
                (words.say("Alleged since it began"), "left", 1.7),
            ],
            made,
            note=" ".join(
                part
                for part in (
                    words.say("Most urgent first."),
                    words.say("Not listed: {ended} ended, {refused} refused.", **left)
                    if any(left.values())
                    else "",
                    _more(edition, len(shown)),
                )
                if part
            ),
            empty=words.say("No support is on record for this area."),
        )
    ]


def reviews_due(edition: Edition, *, supports: pd.DataFrame) -> list[Block]:
    """Return the reviews that are overdue or have no date; one sentence where none is."""
    words = edition.words
    if edition.view.known("support") is None:
        return []
    order = {"overdue": 0, "no_date": 1}
    rows = supports[supports["review"].isin(list(order))]
    rows = rows.assign(_order=rows["review"].map(order), _days=-rows["days_overdue"])
    rows = rows.sort_values(["_order", "_days"], kind="stable", na_position="last")
    made = []
    for row in each(rows.head(_LISTED)):
        due, tone = _review(edition, row)
        made.append(
            (
                Cell(_named(getattr(row, "activity", ""), getattr(row, "record_id", "")), "strong"),
                near_day(getattr(row, "reviewed_on", None), edition) or words.say("never"),
                Cell(due, tone),
                text(getattr(row, "decided_by", None)) or words.say("not recorded"),
            )
        )
    return [
        table(
            [
                (words.say("Support"), "left", 2.6),
                (words.say("Last review"), "left", 1.0),
                (words.say("Next review"), "left", 1.5),
                (words.say("Decided by"), "left", 1.5),
            ],
            made,
            note=_more(edition, len(rows)),
            empty=words.say("No review is overdue or without a date."),
        )
    ]


def measures_due(edition: Edition, *, measures: pd.DataFrame) -> list[Block]:
    """Return how the mitigatory measures stand, and those that are not done (`analysis.mitigation`)."""
    words = edition.words
    if edition.view.known("support") is None:
        return []
    counts = mitigation_counts(measures)
    if not sum(counts.values()):
        return [Text.plain(words.say("No mitigatory measure is on record for support that runs."))]
    rows = measures[
        measures["support_state"].isin(WATCHED) & measures["standing"].isin(["overdue", "open", "not_stated"])
    ]
    made = []
    for row in each(rows.head(_LISTED)):
        late = row.standing == "overdue"
        state = (
            words.count("{n} day overdue", "{n} days overdue", whole(row.days_overdue) or 0)
            if late
            else words.say("by {day}", day=near_day(row.due_on, edition))
            if row.standing == "open" and near_day(row.due_on, edition)
            else words.say("open, no day")
            if row.standing == "open"
            else words.term("mitigation_standing", row.standing)
        )
        made.append(
            (
                Cell(text(row.text), "strong"),
                words.say("{unit} ({support})", unit=text(row.recipient_unit), support=text(row.support)),
                Cell(state, "accent" if late else "plain"),
            )
        )
    told = words.listed(
        [
            words.say("{n} {state}", n=n, state=words.term("mitigation_standing", code))
            for code, n in counts.items()
            if n
        ]
    )
    return [
        Text.plain(words.say("Of support that runs or is suspended: {counts}.", counts=told)),
        *(
            [
                table(
                    [
                        (words.say("Measure"), "left", 2.4),
                        (words.say("Recipient"), "left", 2.9),
                        (words.say("State"), "left", 1.1),
                    ],
                    made,
                    note=_more(edition, len(rows)),
                )
            ]
            if made
            else []
        ),
    ]


def _state(edition: Edition, row: object) -> tuple[str, Tone]:
    words, state = edition.words, text(getattr(row, "state", ""))
    said = capital(words.term("support_state", state))
    if state == "past_end":
        days = whole(getattr(row, "days_past_end", None)) or 0
        return words.count("{state}, {n} day", "{state}, {n} days", days, state=said), "accent"
    if state == "approved":
        start = near_day(getattr(row, "started_on", None), edition)
        return words.say("{state}: {day}", state=said, day=start), "plain"
    if state == "running" and text(getattr(row, "decision", "")) == "approved_with_conditions":
        return words.say("{state}, with conditions", state=said), "plain"
    return said, "accent" if state == "undecided" else "plain"


def _review(edition: Edition, row: object) -> tuple[str, Tone]:
    words, review = edition.words, text(getattr(row, "review", ""))
    due = near_day(getattr(row, "next_review_on", None), edition)
    if review == "overdue":
        days = whole(getattr(row, "days_overdue", None)) or 0
        return words.count("{n} day overdue", "{n} days overdue", days), "accent"
    if review == "no_date":
        return words.say("no next date"), "accent"
    if review == "not_needed":
        return words.say("not yet"), "quiet"
    return words.say("by {day}", day=due), "plain"


def _against(edition: Edition, row: object) -> str:
    words = edition.words
    n, grave = whole(getattr(row, "alleged_since", None)) or 0, whole(getattr(row, "grave_since", None)) or 0
    if edition.view.known("violation") is None:
        return words.say("n/a")
    if not n:
        return words.say("none known")
    latest = near_day(getattr(row, "latest_since", None), edition)
    return words.say("{n} ({grave} grave), latest {day}", n=n, grave=grave, day=latest)


def _named(activity: object, record: object) -> str:
    said, number = text(activity), text(record)
    return f"{said} ({number})" if said and number else said or number


def _more(edition: Edition, n: int) -> str:
    left = n - _LISTED
    return (
        edition.words.count("{n} more is not listed.", "{n} more are not listed.", left) if left > 0 else ""
    )
