"""Risk: the office's own risk lines, measures that wait for a decision, criticality, and headcount."""

from __future__ import annotations

import pandas as pd

from workbench import analysis
from workbench.blocks import Align, Block, Cell, Text, Tone
from workbench.charts import risk_matrix
from workbench.document.sections._parts import (
    capital,
    column,
    each,
    names,
    near_day,
    table,
    tells_districts,
    text,
    whole,
)
from workbench.view import Edition

_WORST = 2
"""The two highest levels of the office's table are set in accent."""


def risk(
    edition: Edition,
    *,
    lines: pd.DataFrame | None,
    measures: pd.DataFrame | None,
    sites: pd.DataFrame | None,
) -> list[Block]:
    """
    Return the office's risk lines, their matrix, the measures that wait, and programmes above their level.

    `lines` from `analysis.risk_lines`; `measures` and `sites` are the registers as the readers have them, None
    where they may not know.
    """
    view = edition.view
    if lines is None:
        return []
    lines = lines.assign(number=range(1, len(lines) + 1))
    blocks = risk_lines(edition, lines=lines)
    rule = view.office.risk
    placed = lines[lines["present"].notna() & lines["residual"].notna()]
    if rule is not None and len(placed):
        blocks.append(risk_matrix(placed, table=rule, words=edition.words))
    if measures is not None:
        found = analysis.measures(measures, lines, on=view.on)
        waiting = found[found["standing"].isin(["needs_decision", "overdue"])]
        blocks += risk_measures(edition, measures=waiting)
    # without districts nobody can say which lines hold where a site lies
    if sites is not None and tells_districts(edition):
        above = analysis.criticality(sites, lines, rule=rule, on=view.on)
        blocks += criticality(edition, sites=above)
    return blocks


def risk_lines(edition: Edition, *, lines: pd.DataFrame | None) -> list[Block]:
    """
    Return the lines of the risk assessment, worst residual risk first (`analysis.risk_lines`).

    Nothing where these readers may not know of them, which `not_part` says. The note names whose table it is:
    the office's own, never a rule of somebody else.
    """
    words, rule = edition.words, edition.view.office.risk
    if lines is None:
        return []
    if rule is None:
        return [Text.plain(words.say("This office has configured no risk table."), tone="quiet")]
    if lines.empty:
        return [Text.plain(words.say("No line of a risk assessment is on record."), tone="quiet")]
    place = column(lines, "area_name").map(text)
    told = column(lines, "threat_event").map(text)  # nobody wrote it for release
    worst = frozenset(rule.levels[-_WORST:])
    made = []
    for number, row in enumerate(each(lines)):
        valid, tone = _validity(edition, row)
        made.append(
            (
                Cell(str(row.number)),
                Cell(place.iloc[number] or words.say("whole area"), "strong"),
                Cell(told.iloc[number] or words.say("not for these readers")),
                Cell(_level(edition, row.present)),
                Cell(_level(edition, row.residual), "accent" if text(row.residual) in worst else "plain"),
                Cell(valid, tone),
            )
        )
    return [
        table(
            [
                (words.say("No."), "left", 0.4),
                (words.say("Where"), "left", 1.6),
                (words.say("What may happen"), "left", 3.4),
                (words.say("Present risk"), "left", 1.2),
                (words.say("Residual risk"), "left", 1.2),
                (words.say("Valid until"), "left", 1.5),
            ],
            made,
            note=words.say(
                "Present: as things stand; residual: with the measures agreed. {basis}", basis=rule.basis
            ),
        )
    ]


def risk_measures(edition: Edition, *, measures: pd.DataFrame | None) -> list[Block]:
    """Return the measures that wait for a decision or are overdue (`analysis.measures`); nothing if none."""
    words = edition.words
    if measures is None or measures.empty:
        return []
    told = column(measures, "text").map(text)
    owner = column(measures, "owner").map(text)
    made = []
    for number, row in enumerate(each(measures)):
        overdue = row.standing == "overdue"
        state = {
            "needs_decision": words.say("needs a decision"),
            "overdue": words.count("{n} day overdue", "{n} days overdue", whole(row.days_overdue) or 0),
        }.get(row.standing) or words.term("measure_state", row.state)
        made.append(
            (
                told.iloc[number] or words.say("not for these readers"),
                capital(words.term("measure_kind", row.kind)),
                owner.iloc[number],
                near_day(row.due_on, edition) or words.say("no date"),
                Cell(state, "accent" if overdue or row.standing == "needs_decision" else "plain"),
            )
        )
    return [
        table(
            [
                (words.say("Measure"), "left", 4.2),
                (words.say("Kind"), "left", 0.9),
                (words.say("Owner"), "left", 2.0),
                (words.say("By when"), "left", 0.9),
                (words.say("State"), "left", 1.6),
            ],
            made,
            title=words.say("Measures that wait"),
        )
    ]


def criticality(edition: Edition, *, sites: pd.DataFrame | None) -> list[Block]:
    """
    Return the programme sites that run at more risk than the office's rule allows (`analysis.criticality`).

    A sentence says where none does, and for how many no valid risk line tells.
    """
    words, known, rule = edition.words, names(edition.view), edition.view.office.risk
    if sites is None or rule is None or not rule.criticality or sites.empty or not tells_districts(edition):
        return []
    within = sites["within"].astype("boolean")
    above = sites[~within.fillna(value=True).astype(bool)]
    untold = int(within.isna().sum())
    blocks: list[Block] = []
    if above.empty:
        blocks.append(
            Text.plain(words.say("No programme site runs at a higher risk than the office's rule allows it."))
        )
    else:
        blocks.append(
            table(
                [
                    (words.say("District"), "left", 1.2),
                    (words.say("Programme"), "left", 3.2),
                    (words.say("Criticality"), "left", 1.1),
                    (words.say("Residual risk"), "left", 1.3),
                    (words.say("Allowed up to"), "left", 1.3),
                ],
                [
                    (
                        Cell(known.get(text(row.district), words.say("not placed")), "strong"),
                        text(row.programme),
                        text(row.criticality),
                        Cell(_level(edition, row.risk), "accent"),
                        _level(edition, row.allowed),
                    )
                    for row in each(above)
                ],
                title=words.say("Sites above the risk their criticality allows"),
                note=words.say("The rule is the office's own configuration."),
            )
        )
    if untold:
        blocks.append(
            Text.plain(
                words.count(
                    "For {n} site that runs, the risk lines do not tell: none is valid for its district, or one names no place.",
                    "For {n} sites that run, the risk lines do not tell: none is valid for their district, or one names no place.",
                    untold,
                ),
                tone="quiet",
            )
        )
    return blocks


def headcount(edition: Edition, *, counts: pd.DataFrame | None) -> list[Block]:
    """Return people present against the ceiling by organisation, as last counted; nothing if untold."""
    words = edition.words
    if counts is None:
        return []
    counts = analysis.headcount(counts, on=edition.view.on)
    if counts.empty:
        return []
    columns: list[tuple[str, Align, float]] = [
        (words.say("Organisation"), "left", 2.4),
        (words.say("Staff"), "left", 1.4),
        (words.say("Present"), "right", 0.8),
        (words.say("Ceiling"), "right", 0.8),
        (words.say("Counted"), "left", 1.6),
    ]
    over = counts["over"].astype("boolean").fillna(value=False).astype(bool).tolist()
    made = [
        (
            text(row.organisation),
            capital(words.term("headcount_category", row.category)),
            Cell(_n(edition, row.present), "accent" if over[number] else "strong"),
            _n(edition, row.ceiling) + (words.say(" (exceeded)") if over[number] else ""),
            near_day(row.counted_on, edition),
        )
        for number, row in enumerate(each(counts))
    ]
    return [table(columns, made, stack=False)]


def _validity(edition: Edition, row: object) -> tuple[str, Tone]:
    words = edition.words
    until, state = near_day(getattr(row, "valid_to", None), edition), text(getattr(row, "state", ""))
    if state == "expired":
        return words.say("expired on {day}", day=until), "accent"
    if state == "not_yet_valid":
        return words.say("from {day}", day=near_day(getattr(row, "valid_from", None), edition)), "quiet"
    days = whole(getattr(row, "days_left", None))
    if days is not None and days <= 14:
        return words.count("{day}, {n} day left", "{day}, {n} days left", days, day=until), "plain"
    return until, "plain"


def _level(edition: Edition, level: object) -> str:
    words, said = edition.words, text(level)
    if not said:
        return words.say("not in the table")
    return words.term("risk_level", said) if said in _KNOWN else said.replace("_", " ")


_KNOWN = frozenset({"low", "medium", "high", "very_high", "unacceptable"})


def _n(edition: Edition, value: object) -> str:
    n = whole(value)
    return edition.words.say("n/a") if n is None else edition.words.number(n)
