"""Liaison, commitments, programme and alerts: what the office heard and was promised."""

from __future__ import annotations

import pandas as pd

from workbench.analysis import AlertCounts, AlertQuality, CommitmentRecord
from workbench.blocks import Block, Cell, Text
from workbench.document.sections._parts import capital, column, each, names, near_day, placed, table, text
from workbench.document.sections.heard import alert_quality, commitment_record
from workbench.view import Edition


def liaison(edition: Edition, *, entries: pd.DataFrame | None) -> list[Block]:
    """
    Return the week's liaison entries: kind of organisation and role, never a name.

    `entries` are those of the week; None where these readers have no liaison log, which
    `not_part` says.
    """
    words, known = edition.words, names(edition.view)
    if entries is None:
        return []
    if entries.empty:
        return [Text.plain(words.say("No liaison entry was made this week."), tone="quiet")]
    rows = entries.assign(district=column(entries, "district"))
    rows = rows.sort_values(["occurred_on", "district"], kind="stable", na_position="last")
    told = column(rows, "releasable_text").astype("object")
    if edition.view.audience.free_text == "full":
        told = column(rows, "summary").astype("object").fillna(told)
    kind, role = column(rows, "organisation_kind").map(text), column(rows, "interlocutor_role").map(text)
    agreed = column(rows, "consent_to_quote").astype("boolean").fillna(value=False)
    role = role.where(agreed.astype(bool), "")
    code = column(rows, "name_ref").map(text)
    grade = column(rows, "info_grade").map(text)
    return [
        table(
            *placed(
                edition,
                [
                    (words.say("Day"), "left", 0.8),
                    (words.say("District"), "left", 1.1),
                    (words.say("With"), "left", 2.2),
                    (words.say("What was said"), "left", 4.8),
                    (words.say("Grade"), "left", 0.7),
                ],
                [
                    (
                        near_day(row.occurred_on, edition),
                        Cell(known.get(text(row.district), words.say("not placed")), "strong"),
                        _with(edition, kind.iloc[number], role.iloc[number], code.iloc[number]),
                        text(told.iloc[number]) or words.say("not for these readers"),
                        grade.iloc[number],
                    )
                    for number, row in enumerate(each(rows))
                ],
                at=1,
            )
        )
    ]


def contact_gaps(edition: Edition, *, gaps: pd.DataFrame, contact: pd.DataFrame) -> list[Block]:
    """Return a sentence for each district that has not been heard from; `gaps` from `analysis.contact_gaps`."""
    words, interval = edition.words, edition.view.area.contact_interval_days
    if contact["state"].eq("unknown").all():
        return []
    lost = _unplaced_contacts(edition)
    if lost:
        told = words.count(
            "{n} entry of the last {days} days names a place that matched no district: one of the districts below "
            "may have been heard from.",
            "{n} entries of the last {days} days name places that matched no district: districts below may have "
            "been heard from.",
            lost,
            days=interval,
        )
        return [Text.plain(told), *_gaps(edition, gaps)]
    return _gaps(edition, gaps)


def _unplaced_contacts(edition: Edition) -> int:
    view = edition.view
    rows = view.known("liaison_entry")
    if rows is None or not {"district", "occurred_on"} <= set(rows.columns):
        return 0
    since = pd.Timestamp(view.on) - pd.Timedelta(days=view.area.contact_interval_days)
    recent = rows["occurred_on"].between(since, pd.Timestamp(view.on))
    return int((recent & rows["district"].isna()).sum())


def _gaps(edition: Edition, gaps: pd.DataFrame) -> list[Block]:
    words, known = edition.words, names(edition.view)
    interval = edition.view.area.contact_interval_days
    if gaps.empty:
        return [
            Text.plain(
                words.count(
                    "Every district has been heard from within {n} day.",
                    "Every district has been heard from within {n} days.",
                    interval,
                )
            )
        ]
    never = [known[row.district] for row in each(gaps) if pd.isna(row.days)]
    sentences = (
        [words.say("No contact on record: {districts}.", districts=words.listed(never))] if never else []
    )
    sentences += [
        words.count(
            "{district}: last contact {n} day ago, on {day}.",
            "{district}: last contact {n} days ago, on {day}.",
            int(row.days),
            district=known[row.district],
            day=near_day(row.last_contact, edition),
        )
        for row in each(gaps)
        if not pd.isna(row.days)
    ]
    lead = Text.plain(
        words.count(
            "Not heard from for more than {n} day; silence there is not calm, and every judgement on "
            "these districts has low confidence:",
            "Not heard from for more than {n} days; silence there is not calm, and every judgement on "
            "these districts has low confidence:",
            interval,
        )
    )
    return [Text((*lead.paragraphs, *Text.bullets(*sentences).paragraphs))]


def commitments(
    edition: Edition, *, register: pd.DataFrame | None, record: CommitmentRecord | None = None
) -> list[Block]:
    """
    Return undertakings that are overdue, due soon, open or closed this week (`analysis.commitments`).

    `record` of `analysis.commitment_record` adds what became of all of them so far.

    Nothing where these readers may not know of them, which `not_part` says.
    """
    words, known = edition.words, names(edition.view)
    if register is None:
        return []
    if register.empty:
        nothing = words.say("No commitment is open, and none was closed this week.")
        return [Text.plain(nothing, tone="quiet"), *commitment_record(edition, record=record)]
    told = column(register, "releasable_text").astype("object")
    if edition.view.audience.free_text == "full":
        told = column(register, "text").astype("object").fillna(told)
    labels = {
        "overdue": words.say("overdue"),
        "due_soon": words.say("due soon"),
        "open": words.say("open"),
    }
    place = column(register, "district").map(text)
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
                known.get(place.iloc[number], words.say("not placed")),
                text(getattr(row, "made_by", "")),
                text(told.iloc[number]) or words.say("not for these readers"),
                near_day(row.due_on, edition) or words.say("no date"),
                Cell(state, "accent" if overdue else "plain"),
            )
        )
    return [
        table(
            *placed(
                edition,
                [
                    (words.say("District"), "left", 1.1),
                    (words.say("Undertaken by"), "left", 2.3),
                    (words.say("What"), "left", 4.4),
                    (words.say("Due"), "left", 0.8),
                    (words.say("State"), "left", 1.4),
                ],
                made,
                at=0,
            )
        ),
        *commitment_record(edition, record=record),
    ]


def programme(edition: Edition, *, sites: pd.DataFrame | None) -> list[Block]:
    """Return the programme sites that do not run as planned; nothing where readers may not know."""
    words, known = edition.words, names(edition.view)
    if sites is None:
        return []
    changed = sites.assign(district=column(sites, "district"))[sites["state"].ne("running")]
    changed = changed.sort_values(["state_since", "district"], kind="stable", na_position="last")
    if changed.empty:
        return [Text.plain(words.say("All programme sites run as planned."))]
    condition = column(changed, "resume_condition")
    return [
        table(
            *placed(
                edition,
                [
                    (words.say("District"), "left", 1.1),
                    (words.say("Programme"), "left", 2.2),
                    (words.say("State"), "left", 1.1),
                    (words.say("Since"), "left", 0.8),
                    (words.say("To resume"), "left", 4.8),
                ],
                [
                    (
                        known.get(text(row.district), words.say("not placed")),
                        text(row.programme),
                        Cell(
                            words.term("site_state", row.state),
                            "accent" if row.state != "reduced" else "plain",
                        ),
                        near_day(row.state_since, edition),
                        text(condition.iloc[number]) or words.say("not for these readers"),
                    )
                    for number, row in enumerate(each(changed))
                ],
                at=0,
            )
        )
    ]


def alerts(
    edition: Edition, *, counts: AlertCounts | None, quality: AlertQuality | None = None
) -> list[Block]:
    """
    Return the week's early warnings in a sentence (`analysis.alert_counts`); always with n.

    `quality` of `analysis.alert_quality` adds how good warnings have been over the last half year.
    """
    if counts is None:
        return []
    return [_warnings(edition, counts), *alert_quality(edition, quality=quality)]


def _warnings(edition: Edition, counts: AlertCounts) -> Text:
    words = edition.words
    if counts.raised == 0:
        return Text.plain(words.say("No early warning was raised this week."))
    raised = words.count(
        "{n} early warning was raised this week.", "{n} early warnings were raised this week.", counts.raised
    )
    if counts.verified is None or counts.open is None:
        return Text.plain(raised)
    return Text.plain(
        raised,
        words.say("Verified: {verified}; still open: {open}.", verified=counts.verified, open=counts.open),
    )


def not_part(edition: Edition) -> list[Block]:
    """Return one quiet sentence that names the registers closed to these readers; nothing if none is."""
    words, view = edition.words, edition.view
    registers = {
        "liaison_entry": words.say("the liaison log"),
        "commitment": words.say("the register of commitments"),
        "programme_site": words.say("programme sites"),
        "alert": words.say("early warnings"),
        "district_assessment": words.say("district assessments"),
        "risk_line": words.say("risk lines"),
        "headcount": words.say("headcount"),
    }
    closed = [label for record, label in registers.items() if view.known(record) is None]
    if not closed:
        return []
    return [
        Text.plain(words.say("Not part of this edition: {parts}.", parts=words.listed(closed)), tone="quiet")
    ]


def _with(edition: Edition, kind: str, role: str, code: str) -> str:
    """Return who was spoken to: kind of organisation, role, and these readers' own code for the person."""
    words = edition.words
    label = words.term("organisation_kind", kind) if kind else words.say("not said")
    label = capital(label)
    told = words.say("{organisation}, {role}", organisation=label, role=role) if role else label
    return words.say("{told}; source {code}", told=told, code=code) if code else told
