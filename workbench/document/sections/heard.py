"""How well the office listens: required contacts, how they are recorded, warnings, promises and actions."""

from __future__ import annotations

import pandas as pd

from workbench.analysis import (
    CORROBORATION_DAYS,
    AlertQuality,
    CommitmentRecord,
    LiaisonQuality,
    Middle,
    Share,
    coverage_of_all,
)
from workbench.blocks import Block, Cell, Text
from workbench.charts import coverage_matrix
from workbench.document.sections._parts import each, names, near_day, table, tells_districts, text, whole
from workbench.language import Words
from workbench.view import Edition


def required_contacts(edition: Edition, *, matrix: pd.DataFrame, coverage: pd.DataFrame) -> list[Block]:
    """
    Return how much of the required contact was kept, and the matrix of it; nothing if none is required.

    `matrix` of `analysis.required_contacts`, `coverage` of `analysis.coverage_of`.
    """
    words, known = edition.words, names(edition.view)
    found = coverage_of_all(coverage)
    if not found.required or found.met is None or not tells_districts(edition):
        return []
    return [
        Text.plain(
            words.count(
                "Of {n} required contact (a kind of organisation in a district, within its interval), {met} is kept.",
                "Of {n} required contacts (a kind of organisation in a district, within its interval), {met} are kept.",
                found.required,
                met=found.met,
            )
            + " "
            + words.say(
                "A district with less than half of them has low confidence. No contact is not “no incident”."
            )
        ),
        coverage_matrix(matrix, names=known, words=words),
    ]


def liaison_quality(edition: Edition, *, quality: LiaisonQuality | None) -> list[Block]:
    """Return how well contacts are kept and recorded, each number with its n; nothing if untold."""
    words = edition.words
    if quality is None:
        return []
    grades = quality.grades
    lines: list[tuple[str, str]] = [
        (
            words.say("Entries, organisations, kinds"),
            ", ".join(
                words.number(n) if n is not None else words.say("n/a")
                for n in (quality.entries, quality.organisations, quality.kinds)
            ),
        ),
        (
            words.say("Districts heard through one kind of organisation only"),
            _share(words, quality.single_source),
        ),
        (
            words.say("Graded C3 or better, of those that can be judged"),
            _share(words, grades.good_of_judged if grades else None),
        ),
        (words.say("Entries with a grade"), _share(words, grades.graded if grades else None)),
        (words.say("Follow-ups done in time"), _share(words, quality.follow_ups)),
        (words.say("Hours from the end of the day to the log"), _middle(words, quality.hours_to_log)),
        (words.say("Hours from the log to UNDSS"), _middle(words, quality.hours_to_undss)),
        (words.say("Entries shared with UNDSS"), _share(words, quality.shared)),
        (
            words.count(
                "Incidents with an entry from their district within {n} day",
                "Incidents with an entry from their district within {n} days",
                CORROBORATION_DAYS,
            ),
            _share(words, quality.corroborated),
        ),
    ]
    return [_facts(edition, lines, title=_period(edition, quality.first_day, quality.last_day))]


def alert_quality(edition: Edition, *, quality: AlertQuality | None) -> list[Block]:
    """Return how good the early warnings were, always with n; nothing where these readers may not know."""
    words = edition.words
    if quality is None or not quality.raised:
        return []
    lines: list[tuple[str, str]] = [
        (words.say("Warnings raised"), words.number(quality.raised)),
        (
            words.say("Open, verified, answered, closed"),
            ", ".join(
                words.number(n) if n is not None else words.say("n/a")
                for n in (quality.open, quality.verified, quality.responded, quality.closed)
            ),
        ),
        (words.say("Hours to verification"), _middle(words, quality.hours_to_verification)),
        (words.say("Hours to response"), _middle(words, quality.hours_to_response)),
        (words.say("Came true, of those that came true or were false"), _share(words, quality.right)),
        (words.say("The same with averted ones as true"), _share(words, quality.right_or_averted)),
        (words.say("Serious incidents foreseen"), _share(words, quality.foreseen)),
        (words.say("Days of warning"), _middle(words, quality.lead_days)),
    ]
    return [_facts(edition, lines, title=_period(edition, quality.first_day, quality.last_day))]


def commitment_record(edition: Edition, *, record: CommitmentRecord | None) -> list[Block]:
    """Return what became of all commitments so far, in a sentence, and by authority where readers may know."""
    words = edition.words
    if record is None or not record.made:
        return []
    sentence = words.count(
        "Of {n} commitment on record: kept {kept}, partly {partly}, broken {broken}, withdrawn {withdrawn}, overdue {overdue}, not yet due {open}.",
        "Of {n} commitments on record: kept {kept}, partly {partly}, broken {broken}, withdrawn {withdrawn}, overdue {overdue}, not yet due {open}.",
        record.made,
        kept=record.kept,
        partly=record.partly,
        broken=record.broken,
        withdrawn=record.withdrawn,
        overdue=record.overdue,
        open=record.open,
    )
    blocks: list[Block] = [
        Text.plain(
            f"{sentence} {words.say('Kept of those due: {share}.', share=_share(words, record.kept_of_due))}"
        )
    ]
    rows = record.by_authority
    if len(rows) > 1:
        blocks.append(
            table(
                [
                    (words.say("Undertaken by"), "left", 3.0),
                    (words.say("Made"), "right", 0.8),
                    (words.say("Kept"), "right", 0.8),
                    (words.say("Partly"), "right", 0.8),
                    (words.say("Broken"), "right", 0.8),
                    (words.say("Withdrawn"), "right", 0.95),
                    (words.say("Overdue"), "right", 0.9),
                    (words.say("Not yet due"), "right", 1.1),
                ],
                [
                    (
                        text(row.made_by),
                        words.number(int(row.made)),
                        words.number(int(row.kept)),
                        words.number(int(row.partly)),
                        words.number(int(row.broken)),
                        words.number(int(row.withdrawn)),
                        Cell(words.number(int(row.overdue)), "accent" if row.overdue else "plain"),
                        words.number(int(row.open)),
                    )
                    for row in each(rows)
                ],
                stack=False,
            )
        )
    return blocks


def last_actions(edition: Edition, *, actions: pd.DataFrame) -> list[Block]:
    """Return last issue's recommendations and how each stands (`analysis.actions`); nothing if there was none."""
    words = edition.words
    if actions.empty:
        return []
    made = []
    for row in each(actions):
        overdue = row.standing == "overdue"
        days = whole(row.days_overdue)
        if overdue and days:
            state = words.count("{n} day overdue", "{n} days overdue", days)
        elif row.standing == "not_stated":
            state = words.say("not said")
        else:
            state = words.term("recommendation_state", row.standing)
        made.append(
            (
                text(row.text),
                text(getattr(row, "owner", "")),
                near_day(row.due_on, edition),
                Cell(state, "accent" if overdue else "plain"),
            )
        )
    return [
        table(
            [
                (words.say("What was recommended last time"), "left", 5.0),
                (words.say("Who"), "left", 2.0),
                (words.say("By when"), "left", 0.9),
                (words.say("State"), "left", 1.4),
            ],
            made,
        )
    ]


def _facts(edition: Edition, lines: list[tuple[str, str]], *, title: str) -> Block:
    words = edition.words
    return table(
        [(words.say("Measure"), "left", 4.6), (words.say("Value"), "left", 3.4)],
        [(label, Cell(value, "strong")) for label, value in lines],
        title=title,
        note=words.say(
            "Shares with fewer than 5 behind them are given as “k of n” only; ranges are 95 % intervals (Wilson)."
        ),
        stack=False,
    )


def _period(edition: Edition, first: object, last: object) -> str:
    words = edition.words
    return words.say("{first} – {last}", first=near_day(first, edition), last=near_day(last, edition))


def _share(words: Words, share: Share | None) -> str:
    if share is None:
        return words.say("n/a")
    if share.of == 0:
        return words.say("none")
    told = words.say("{k} of {n}", k=share.count, n=share.of)
    if share.share is None or share.low is None or share.high is None:
        return told
    return words.say(
        "{told}: {share} % ({low}–{high} %)",
        told=told,
        share=words.number(100 * share.share),
        low=words.number(100 * share.low),
        high=words.number(100 * share.high),
    )


def _middle(words: Words, middle: Middle | None) -> str:
    if middle is None:
        return words.say("n/a")
    if middle.value is None:
        return words.say("none")
    return words.say(
        "median {value} (n = {n})",
        value=words.number(middle.value, places=0 if float(middle.value).is_integer() else 1),
        n=middle.n,
    )
