"""What closes a briefing: its own quality check, and what its words mean."""

from __future__ import annotations

import pandas as pd

from workbench import analysis
from workbench.analysis import STALE_DAYS, LastOutlook
from workbench.blocks import Block, Cell, Text, Tone
from workbench.config.tradecraft import LIKELIHOOD_TERMS, likelihood_words
from workbench.document.sections._parts import capital, column, each, table, text
from workbench.view import Edition, View


def quality_of_assessment(edition: Edition, *, last: LastOutlook, incidents: pd.DataFrame) -> list[Block]:
    """
    Return the week's assessment checked against the nine tradecraft standards, or that there is none.

    `last` of `analysis.last_outlook`, `incidents` those of the week. Nothing for readers who get released text
    only: they lack what the check would look at, and would be told of faults that are none.
    """
    view = edition.view
    if view.audience.free_text != "full":
        return []
    rows = view.table("assessment")
    week, before = (rows[rows["week"].eq(one.slug)] for one in (view.week, view.week.back(1)))
    if week.empty:
        return [nothing_to_check(edition)]
    log = view.known("liaison_entry")
    summary = last.summary[last.summary["horizon"].eq(1) & last.summary["n"].gt(0)]
    evidence = analysis.Evidence(
        likelihoods=likelihood_words(view.office.likelihood_scale),
        sources=view.sources,
        incidents=incidents,
        liaison=None if log is None else analysis.within(log, view.week),
        scorecard=None if summary.empty else (int(summary["inside"].iloc[0]), int(summary["n"].iloc[0])),
        known_ids=_ids_if_all_known(view, week),
    )
    return checklist(edition, results=analysis.checklist(week, before, evidence))


def _ids_if_all_known(view: View, statements: pd.DataFrame) -> set[str] | None:
    """
    Return the ids these readers know, or None if a statement cites one they do not.

    What they do not know may be withheld from them, which is no fault of the argument.
    """
    known = {
        str(one) for rows in view.tables.values() if "record_id" in rows for one in rows["record_id"].dropna()
    }
    cited = column(statements, "basis").dropna().str.split(";").explode().str.strip()
    return known if set(cited) <= known else None


def checklist(edition: Edition, *, results: pd.DataFrame) -> list[Block]:
    """
    Return how the assessment stands against the nine tradecraft standards (`analysis.checklist`).

    For readers who read the whole assessment: a narrower edition lacks what the check would look at, and
    would be told of faults that are none.
    """
    words = edition.words
    if edition.view.audience.free_text != "full":
        return []
    tones: dict[str, Tone] = {"met": "plain", "partly": "plain", "not_met": "accent", "not_checked": "quiet"}
    return [
        table(
            [
                (words.say("Standard"), "left", 3.4),
                (words.say("Result"), "left", 1.1),
                (words.say("What was found"), "left", 4.6),
            ],
            [
                (
                    capital(words.term("tradecraft_standard", row.standard)),
                    Cell(words.term("check_result", row.result), tones.get(row.result, "plain")),
                    _found(edition, text(row.told)) if row.result != "not_checked" else "",
                )
                for row in each(results)
            ],
            note=words.say(
                "Nine standards of analytic tradecraft (ICD 203), as far as a machine can check them; a person reviews the rest."
            ),
        )
    ]


def glossary(edition: Edition) -> list[Block]:
    """Return what the words of the page mean: counts, deaths, usual, grades, and the likelihood scale."""
    words, view = edition.words, edition.view
    terms = [
        (
            words.say("Incident"),
            words.say(
                "something that happened and bears on safety, as its publisher defines it; discarded reports and developments without violence are not counted"
            ),
        ),
        (
            words.say("Deaths"),
            words.say(
                "the publisher's best estimate; in brackets its low and high ones. Civilians are part of them"
            ),
        ),
        (
            words.say("Usual"),
            words.say("where 90 % of weeks like those before would fall, of at most 26 weeks"),
        ),
        (
            words.say("Level"),
            words.say(
                "how grave the office last assessed a district, from 1 to 5, with the direction it moved in; in brackets if that is more than {n} days old",
                n=STALE_DAYS,
            ),
        ),
        (
            words.say("Still being reported"),
            words.say(
                "weeks so young that reports of them keep coming; they are drawn hollow and usually grow"
            ),
        ),
        (
            words.say("A dash"),
            words.say("no incident is known, and nobody can say there was none; it is never a zero"),
        ),
        (
            words.say("Grade"),
            words.say(
                "source A (reliable) to E (unreliable), F cannot be judged; information 1 (confirmed) to 5 (improbable), 6 cannot be judged. The two are given apart"
            ),
        ),
        (
            words.say("Confidence"),
            words.say(
                "how well founded a judgement is: low, moderate or high. It says nothing about how likely it is"
            ),
        ),
    ]
    scale = LIKELIHOOD_TERMS[view.office.likelihood_scale]
    ranges: dict[tuple[int, int], list[str]] = {}
    for term in scale:
        ranges.setdefault((term.low, term.high), []).append(term.word)
    return [
        table(
            [(words.say("Word"), "left", 1.6), (words.say("What it means here"), "left", 7.0)],
            [(Cell(word, "strong"), capital(meaning)) for word, meaning in terms],
        ),
        table(
            [(words.say("How likely"), "left", 4.0), (words.say("Per cent"), "right", 1.4)],
            [
                (" / ".join(said), words.say("{range} %", range=words.span(low, high)))
                for (low, high), said in ranges.items()
            ],
            title=words.say("Words for how likely something is"),
            stack=False,
        ),
    ]


def _found(edition: Edition, told: str) -> str:
    """Return the machine's findings, `code=number` joined by ";", as text; what was not found is left out."""
    words = edition.words
    parts = [part.partition("=") for part in told.split(";") if part]
    # the first of each names what was looked at, so it is told also where it is 0
    shown = [(code, n) for place, (code, _, n) in enumerate(parts) if place == 0 or n != "0"]
    return capital(
        "; ".join(
            words.say("{what}: {n}", what=words.term("tradecraft_finding", code), n=n) for code, n in shown
        )
    )


def nothing_to_check(edition: Edition) -> Text:
    """Return the sentence for a week without an assessment."""
    return Text.plain(edition.words.say("Without an assessment there is nothing to check."), tone="quiet")
