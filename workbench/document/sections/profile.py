"""District profiles: everything these readers may know of one district, on one page."""

from __future__ import annotations

from datetime import date

import pandas as pd

from workbench.analysis import covered, significant
from workbench.blocks import Block, Callout, Cell, KeyFigure, KeyFigures, PageBreak, Text
from workbench.charts import strip
from workbench.document.sections._parts import (
    capital,
    column,
    each,
    heading,
    names,
    near_day,
    table,
    tells_districts,
    text,
    whole,
)
from workbench.document.sections.incidents import of_district as incidents_of_district
from workbench.view import Edition

_DASH = "–"
_WEEKS, _TOP = 4, 6
"""How far back incidents are listed, and how many at most: a profile is one page."""


def contents(edition: Edition, *, levels: pd.DataFrame, assessed: pd.DataFrame) -> list[Block]:
    """Return the table of all districts with level, direction and count, which opens the profiles."""
    words, known = edition.words, names(edition.view)
    if not tells_districts(edition):
        return [Text.plain(words.say("Counts by district are not part of this edition."), tone="quiet")]
    rows = levels.merge(assessed[["district", "now", "assessment"]], on="district")
    made = []
    for row in each(rows):
        untold = row.assessment in {"no_report", "no_incident_known"}
        n, rating, age = whole(row.now), whole(row.rating), whole(row.age_days)
        made.append(
            (
                Cell(known[row.district], "strong"),
                words.number(rating) if rating is not None else words.say("none"),
                words.term("direction", text(row.direction)) if text(row.direction) else "",
                words.count("{n} day old", "{n} days old", age) if age is not None else "",
                _DASH if untold or n is None else words.number(n),
                words.term("assessment", row.assessment),
            )
        )
    return [
        table(
            [
                (words.say("District"), "left", 1.6),
                (words.say("Level"), "right", 0.7),
                (words.say("Direction"), "left", 1.4),
                (words.say("Assessed"), "left", 1.3),
                (words.say("Incidents"), "right", 0.9),
                (words.say("Assessment of the count"), "left", 2.2),
            ],
            made,
            note=words.say("Level: 1 to 5, 5 the gravest, by the last assessment on record."),
        )
    ]


def profile(  # noqa: PLR0913  # one row of each finding, for one page
    edition: Edition,
    *,
    district: str,
    levels: pd.DataFrame,
    assessed: pd.DataFrame,
    contact: pd.DataFrame,
    confidence: pd.DataFrame,
    outlook: pd.DataFrame,
) -> list[Block]:
    """
    Return the head of one district's page: its name, level with reason and age, and its few numbers.

    Every frame has the column `district`; `outlook` is one week ahead, by the model in use.
    """
    forecast = of_district(outlook, district)
    return [
        PageBreak(),
        heading(names(edition.view)[district]),
        level_and_arrow(edition, level=_row(levels, district)),
        district_figures(
            edition,
            assessed=of_district(assessed, district).iloc[0],
            contact=of_district(contact, district).iloc[0],
            confidence=text(of_district(confidence, district)["confidence"].iloc[0]),
            forecast=None if forecast.empty else forecast.iloc[0],
        ),
    ]


def district_strip(
    edition: Edition,
    *,
    district: str,
    weekly: pd.DataFrame,
    assessed: pd.DataFrame,
    since: date | None,
    still_reported: int,
) -> list[Block]:
    """Return the district's last 26 weeks as a strip of bars; nothing where its counts are not known."""
    rows = of_district(covered(weekly, since=since), district)
    if rows["incidents"].isna().all():
        return []
    row = of_district(assessed, district).iloc[0]
    low, high = whole(row["usual_low"]), whole(row["usual_high"])
    usual = None if low is None or high is None else (low, high)
    return [strip(rows, words=edition.words, usual=usual, provisional=still_reported, width="full")]


def level_and_arrow(edition: Edition, *, level: pd.Series | None) -> Callout:
    """
    Return the district's assessed level, its direction and the reason, with the assessment's age.

    `level` is its row of `analysis.levels`; None or "never assessed" is said, not hidden. A reason is shown
    as its author released it, or in full where these readers may read it.
    """
    words = edition.words
    if level is None or pd.isna(level.get("assessed_on")):
        return Callout(
            "warning",
            words.say("This district has not been assessed for these readers."),
            words.say("What follows are counts and contacts, without a judgement of how safe it is."),
        )
    rating, age = whole(level.get("rating")), whole(level.get("age_days")) or 0
    direction = text(level.get("direction"))
    lead = words.say("Level {rating} of 5", rating=rating if rating is not None else _DASH)
    if direction:
        lead = words.say("{level}, {direction}", level=lead, direction=words.term("direction", direction))
    reason = text(level.get("releasable_text"))
    if edition.view.audience.free_text == "full":
        reason = text(level.get("reason")) or reason
    aged = words.count(
        "Assessed on {day}, {n} day before the end of the week.",
        "Assessed on {day}, {n} days before the end of the week.",
        age,
        day=near_day(level["assessed_on"], edition),
    )
    stale = bool(level.get("stale")) if not pd.isna(level.get("stale")) else False
    parts = [
        _sentence(capital(reason)),
        _access(edition, text(level.get("access"))),
        aged,
        words.say("That is old: read it with care.") if stale else "",
    ]
    return Callout("warning" if stale else "note", f"{lead}.", " ".join(part for part in parts if part))


def district_figures(
    edition: Edition,
    *,
    assessed: pd.Series,
    contact: pd.Series,
    confidence: str,
    forecast: pd.Series | None,
) -> KeyFigures:
    """
    Return the district's few numbers: incidents, last contact, confidence, and the outlook for next week.

    `assessed` is its row of `analysis.assess`, `contact` of `last_contact`, `forecast` of `outlook` one week
    ahead by the model in use.
    """
    words = edition.words
    code = text(assessed["assessment"])
    untold = code in {"no_report", "no_incident_known"}
    before, now = whole(assessed["before"]), whole(assessed["now"])
    low, high = whole(assessed["usual_low"]), whole(assessed["usual_high"])
    usual = (
        words.say("usual {range}", range=words.span(low, high))
        if low is not None and high is not None
        else ""
    )
    figures = [
        KeyFigure(
            _DASH if untold or now is None else words.number(now),
            words.count("incident", "incidents", now or 0),
            words.say("{n} last week · {usual}", n=before, usual=usual)
            if before is not None and usual
            else usual,
            words.term("assessment", code),
            tone="accent" if code in {"higher_than_usual", "no_report"} else "plain",
        )
    ]
    if text(contact["state"]) != "unknown":
        days = whole(contact["days"])
        silent = text(contact["state"]) in {"silent", "never"}
        figures.append(
            KeyFigure(
                _DASH if days is None else words.number(days),
                words.count("day since the last contact", "days since the last contact", days or 0)
                if days is not None
                else words.say("no contact on record"),
                "",
                words.say("silence is not calm") if silent else "",
                tone="accent" if silent else "plain",
            )
        )
        figures.append(
            KeyFigure(capital(words.term("confidence", confidence)), words.say("confidence at most"))
            if confidence in {"low", "moderate", "high"}
            else KeyFigure(_DASH, words.say("confidence at most"))
        )
    if forecast is not None and not pd.isna(forecast.get("q05")):
        figures.append(
            KeyFigure(
                words.span(int(forecast["q05"]), int(forecast["q95"])),
                words.say("incidents expected next week"),
                words.say("90 % range"),
            )
        )
    return KeyFigures(tuple(figures))


def district_commitments(edition: Edition, *, register: pd.DataFrame | None, district: str) -> list[Block]:
    """Return the district's undertakings and how they stand (`analysis.commitments`); a sentence where none."""
    words = edition.words
    if register is None:
        return []
    rows = register[column(register, "district").eq(district).fillna(value=False).astype(bool)]
    if rows.empty:
        return [Text.plain(words.say("No commitment concerns this district."), tone="quiet")]
    told = column(rows, "releasable_text").astype("object")
    if edition.view.audience.free_text == "full":
        told = column(rows, "text").astype("object").fillna(told)
    made = []
    for number, row in enumerate(each(rows)):
        overdue = row.standing == "overdue"
        days = whole(row.days_overdue) or 0
        state = (
            words.count("{n} day overdue", "{n} days overdue", days)
            if overdue
            else words.term("commitment_state", row.state)
        )
        made.append(
            (
                text(told.iloc[number]) or words.say("not for these readers"),
                near_day(row.due_on, edition) or words.say("no date"),
                Cell(state, "accent" if overdue else "plain"),
            )
        )
    return [
        table(
            [
                (words.say("Commitment"), "left", 5.0),
                (words.say("Due"), "left", 0.9),
                (words.say("State"), "left", 1.6),
            ],
            made,
        )
    ]


def district_incidents(edition: Edition, *, listed: pd.DataFrame, district: str) -> list[Block]:
    """
    Return the most significant incidents of the district's last four weeks, by day, and how many more there are.

    `listed` from `analysis.to_list`.
    """
    first = edition.view.week.back(_WEEKS - 1).first_day
    every = significant(of_district(listed, district), first_day=first, weeks=_WEEKS, top=len(listed))
    return incidents_of_district(edition, incidents=every.head(_TOP), left_out=len(every) - _TOP)


def district_situation(edition: Edition, *, district: str) -> list[Block]:
    """Return what was written on the district's situation this week; nothing where nothing was."""
    rows = edition.view.table("assessment")
    if not {"week", "part", "text", "district"} <= set(rows.columns):
        return []
    rows = rows[rows["week"].eq(edition.view.week.slug) & rows["part"].eq("situation")]
    return [Text.plain(text(row.text)) for row in each(of_district(rows, district))]


def district_contacts(edition: Edition, *, matrix: pd.DataFrame, district: str) -> list[Block]:
    """Return who in the district was heard from and who is due (`analysis.required_contacts`)."""
    words = edition.words
    rows = matrix[matrix["district"].eq(district) & ~matrix["state"].isin(["not_required", "unknown"])]
    if rows.empty:
        return []
    told = []
    for row in each(rows):
        days = whole(row.days)
        kind = capital(words.term("organisation_kind", row.organisation_kind))
        since = words.say("never") if days is None else words.count("{n} day ago", "{n} days ago", days)
        told.append(
            (
                kind,
                Cell(since, "accent" if row.state in {"late", "never"} else "plain"),
                words.count("every {n} day", "every {n} days", int(row.every_days)),
            )
        )
    return [
        table(
            [
                (words.say("Kind of organisation"), "left", 2.4),
                (words.say("Last contact"), "left", 1.4),
                (words.say("Required"), "left", 1.4),
            ],
            told,
            stack=False,
        )
    ]


def district_sites(edition: Edition, *, sites: pd.DataFrame | None, district: str) -> list[Block]:
    """Return the programme sites of the district and how they stand; a sentence where there is none."""
    words = edition.words
    if sites is None:
        return []
    rows = sites[column(sites, "district").eq(district).fillna(value=False).astype(bool)]
    if rows.empty:
        return [Text.plain(words.say("No programme site lies in this district."), tone="quiet")]
    rows = rows.sort_values(["state_since", "programme"], kind="stable")
    critical = column(rows, "criticality").map(text)
    return [
        table(
            [
                (words.say("Programme"), "left", 3.0),
                (words.say("Criticality"), "left", 1.1),
                (words.say("State"), "left", 1.2),
                (words.say("Since"), "left", 0.9),
            ],
            [
                (
                    text(row.programme),
                    critical.iloc[number],
                    Cell(
                        capital(words.term("site_state", row.state)),
                        "accent" if row.state in {"suspended", "stopped"} else "plain",
                    ),
                    near_day(row.state_since, edition),
                )
                for number, row in enumerate(each(rows))
            ],
            stack=False,
        )
    ]


def of_district(rows: pd.DataFrame, district: str) -> pd.DataFrame:
    """Return the rows of one district; none where the readers may not know where."""
    return rows[column(rows, "district").eq(district).fillna(value=False).astype(bool)]


def _row(rows: pd.DataFrame, district: str) -> pd.Series | None:
    found = of_district(rows, district)
    return None if found.empty else found.iloc[0]


def _sentence(passage: str) -> str:
    return passage if not passage or passage[-1] in ".!?…" else f"{passage}."


def _access(edition: Edition, access: str) -> str:
    if not access:
        return ""
    return edition.words.say("Access: {access}.", access=edition.words.term("access", access))
