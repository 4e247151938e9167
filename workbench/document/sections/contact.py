"""Liaison, commitments, programme and alerts: what the office heard, was promised, and must follow up."""

from __future__ import annotations

import pandas as pd

from workbench.analysis import AlertCounts
from workbench.blocks import Block, Cell, Text
from workbench.document.sections._parts import column, day, each, names, table, text
from workbench.view import Edition


def liaison(edition: Edition, *, entries: pd.DataFrame | None) -> list[Block]:
    """
    Return the week's liaison entries: kind of organisation and role, never a name.

    `entries` are those of the week; None where these readers have no liaison log.
    """
    words, known = edition.words, names(edition.view)
    if entries is None:
        return [Text.plain(words.say("The liaison log is not part of this edition."), tone="quiet")]
    if entries.empty:
        return [Text.plain(words.say("No liaison entry was made this week."), tone="quiet")]
    rows = entries.sort_values(["occurred_on", "district"], kind="stable", na_position="last")
    told = column(rows, "releasable_text").astype("object")
    if edition.view.audience.free_text == "full":
        told = column(rows, "summary").astype("object").fillna(told)
    kind, role = column(rows, "organisation_kind").map(text), column(rows, "interlocutor_role").map(text)
    grade = column(rows, "info_grade").map(text)
    return [
        table(
            [
                (words.say("Day"), "left", 1.1),
                (words.say("District"), "left", 1.1),
                (words.say("With"), "left", 1.9),
                (words.say("What was said"), "left", 4.6),
                (words.say("Grade"), "left", 0.7),
            ],
            [
                (
                    day(row.occurred_on, words),
                    Cell(known.get(text(row.district), words.say("not placed")), "strong"),
                    _with(edition, kind.iloc[number], role.iloc[number]),
                    text(told.iloc[number]) or words.say("not for these readers"),
                    grade.iloc[number],
                )
                for number, row in enumerate(each(rows))
            ],
        )
    ]


def contact_gaps(edition: Edition, *, gaps: pd.DataFrame, contact: pd.DataFrame) -> list[Block]:
    """Return a sentence for each district that has not been heard from; `gaps` from `analysis.contact_gaps`."""
    words, known = edition.words, names(edition.view)
    interval = edition.view.area.contact_interval_days
    if contact["state"].eq("unknown").all():
        return []
    if gaps.empty:
        return [
            Text.plain(words.say("Every district has been heard from within {days} days.", days=interval))
        ]
    sentences = []
    for row in each(gaps):
        name = known[row.district]
        if pd.isna(row.days):
            sentences.append(words.say("{district}: no contact on record.", district=name))
        else:
            sentences.append(
                words.count(
                    "{district}: last contact {n} day ago, on {day}.",
                    "{district}: last contact {n} days ago, on {day}.",
                    int(row.days),
                    district=name,
                    day=day(row.last_contact, words),
                )
            )
    return [
        Text.plain(
            words.say(
                "Not heard from for more than {days} days; silence there is not calm, and every judgement on "
                "these districts has low confidence:",
                days=interval,
            )
        ),
        Text.bullets(*sentences),
    ]


def commitments(edition: Edition, *, register: pd.DataFrame | None) -> list[Block]:
    """Return undertakings that are overdue, due soon, open or closed this week (`analysis.commitments`)."""
    words, known = edition.words, names(edition.view)
    if register is None:
        return [
            Text.plain(words.say("The register of commitments is not part of this edition."), tone="quiet")
        ]
    if register.empty:
        return [Text.plain(words.say("No commitment is open, and none was closed this week."), tone="quiet")]
    told = column(register, "releasable_text").astype("object")
    if edition.view.audience.free_text == "full":
        told = column(register, "text").astype("object").fillna(told)
    labels = {
        "overdue": words.say("overdue"),
        "due_soon": words.say("due soon"),
        "open": words.say("open"),
    }
    made = []
    for number, row in enumerate(each(register)):
        overdue = row.standing == "overdue"
        state = (
            words.count("{n} day overdue", "{n} days overdue", int(row.days_overdue))
            if overdue
            else labels.get(row.standing) or words.term("commitment_state", row.state)
        )
        made.append(
            (
                known.get(text(row.district), words.say("not placed")),
                text(getattr(row, "made_by", "")),
                text(told.iloc[number]) or words.say("not for these readers"),
                day(row.due_on, words) or words.say("no date"),
                Cell(state, "accent" if overdue else "plain"),
            )
        )
    return [
        table(
            [
                (words.say("District"), "left", 1.1),
                (words.say("Undertaken by"), "left", 1.8),
                (words.say("What"), "left", 4.0),
                (words.say("Due"), "left", 1.1),
                (words.say("State"), "left", 1.3),
            ],
            made,
        )
    ]


def programme(edition: Edition, *, sites: pd.DataFrame | None) -> list[Block]:
    """Return the programme sites that do not run as planned; nothing where readers may not know."""
    words, known = edition.words, names(edition.view)
    if sites is None:
        return []
    changed = sites[sites["state"].ne("running")].sort_values(["state_since", "district"], kind="stable")
    if changed.empty:
        return [Text.plain(words.say("All programme sites run as planned."))]
    condition = column(changed, "resume_condition")
    return [
        table(
            [
                (words.say("District"), "left", 1.1),
                (words.say("Programme"), "left", 2.4),
                (words.say("State"), "left", 1.1),
                (words.say("Since"), "left", 1.1),
                (words.say("To resume"), "left", 3.4),
            ],
            [
                (
                    known.get(text(row.district), words.say("not placed")),
                    text(row.programme),
                    Cell(
                        words.term("site_state", row.state), "accent" if row.state != "reduced" else "plain"
                    ),
                    day(row.state_since, words),
                    text(condition.iloc[number]) or words.say("not for these readers"),
                )
                for number, row in enumerate(each(changed))
            ],
        )
    ]


def alerts(edition: Edition, *, counts: AlertCounts | None) -> list[Block]:
    """Return the week's early warnings in a sentence (`analysis.alert_counts`); always with n."""
    words = edition.words
    if counts is None:
        return []
    if counts.raised == 0:
        return [Text.plain(words.say("No early warning was raised this week."))]
    raised = words.count(
        "{n} early warning was raised this week.", "{n} early warnings were raised this week.", counts.raised
    )
    if counts.verified is None or counts.open is None:
        return [Text.plain(raised)]
    return [
        Text.plain(
            raised,
            words.say("Of these {verified} were verified and {open} are still open.", verified=counts.verified,
                      open=counts.open),
        )
    ]  # fmt: skip


def _with(edition: Edition, kind: str, role: str) -> str:
    words = edition.words
    label = words.term("organisation_kind", kind) if kind else words.say("not said")
    label = label[:1].upper() + label[1:]
    return words.say("{organisation}, {role}", organisation=label, role=role) if role else label
