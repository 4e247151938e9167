"""The head of a page: masthead, bottom line, key judgements, outlook, situation, recommendations."""

from __future__ import annotations

import re

import pandas as pd

from workbench.blocks import Action, Actions, Block, Callout, Judgement, Masthead, Paragraph, Run, Text
from workbench.config import HIGHEST, LEVELS
from workbench.config.tradecraft import likelihood_words
from workbench.document.sections._parts import capital, each, names, near_day, table, text
from workbench.view import Edition


def masthead(edition: Edition, *, title: str, briefing: str) -> Masthead:
    """
    Return the head of the document; {area} in `title` stands for the area's name.

    It says whose page it is, which days it covers, what was known when, and that data are invented
    where they are.
    """
    view, words = edition.view, edition.words
    facts = [words.days(view.week.first_day, view.week.last_day)]
    if not view.week_is_over:
        facts.append(words.say("the week is not over"))
    facts.append(words.say("data known on {instant}", instant=words.instant(view.as_of)))
    facts.append(words.say("issue {number}", number=str(view.week.number)))
    facts.append(words.say("prepared by {author}", author=view.office.prepared_by))
    if "reviewer" in view.table("assessment"):  # who may not know the reviewer is not told there is none
        reviewer = _assessed(edition)["reviewer"].dropna()
        facts.append(
            words.say("reviewed by {reviewer}", reviewer=str(reviewer.iloc[0]))
            if len(reviewer)
            else words.say("not reviewed")
        )
    return Masthead(
        title=words.translate(title).replace("{area}", view.area.name),
        area=view.area.name,
        period=view.week.slug,
        facts=tuple(facts),
        marking=view.audience.marking,
        edition=words.say("{audience} edition", audience=view.audience.name),
        audience=view.audience.slug,
        briefing=briefing,
        as_of=view.as_of.isoformat(),
        language=words.language,
        direction=words.direction,
        fiction=words.say("SAMPLE DATA: places, people and events are fictional")
        if view.office.fictional
        else "",
        note=view.office.standing_note,
        labels={
            "contents": words.say("Contents"),
            "page": words.say("page {page} of {pages}", page="{page}", pages="{pages}"),
            "draft": words.say("DRAFT, not published"),
            "issue_version": words.say("version {version}", version="{version}"),
            "corrects": words.say("corrects version {version}", version="{version}"),
            "alternative": words.say("Data of this figure"),
        },
    )


def bottom_line(edition: Edition) -> Callout:
    """
    Return the bottom line written for these readers: of several, the one with the highest label.

    Its first sentence is set strong. Without one the page says so: no machine writes it instead.
    """
    words = edition.words
    rows = _part(edition, "bottom_line")
    if rows.empty:
        return Callout(
            "warning",
            words.say("No assessment has been written for this week."),
            words.say("The numbers below stand without an analyst's judgement."),
        )
    heights = {word: height for height, word in enumerate(LEVELS)}
    best = rows.assign(height=rows["level"].map(heights).fillna(HIGHEST)).sort_values(
        ["height", "position"], ascending=[False, True], kind="stable"
    )
    lead, _, rest = _first_sentence(text(best.iloc[0]["text"]))
    return Callout("bottom_line", lead, rest)


def judgements(edition: Edition) -> list[Block]:
    """Return the key judgements: likelihood in the sentence, confidence in a sentence of its own."""
    words = edition.words
    rows = _part(edition, "judgement")
    if rows.empty:
        return [Text.plain(words.say("No key judgement has been written for these readers."), tone="quiet")]
    return [
        Judgement(
            str(number), _marked(edition, text(row.text), text(row.likelihood)), _confidence(edition, row)
        )
        for number, row in enumerate(each(rows), start=1)
    ]


def outlook(edition: Edition) -> list[Block]:
    """Return the outlook by scenario and the indicators that would show it coming."""
    words = edition.words
    rows, seen = _part(edition, "outlook"), _part(edition, "indicator")
    if rows.empty and seen.empty:
        return [Text.plain(words.say("No outlook has been written for these readers."), tone="quiet")]
    blocks: list[Block] = []
    if len(rows):
        blocks.append(
            table(
                [
                    (words.say("Scenario"), "left", 1.3),
                    (words.say("Outlook"), "left", 4.0),
                    (words.say("Days"), "right", 0.5),
                    (words.say("Confidence"), "left", 3.3),
                ],
                [
                    (
                        capital(words.term("scenario", row.scenario)) if text(row.scenario) else "",
                        text(row.text),
                        words.number(row.horizon_days) if not pd.isna(row.horizon_days) else "",
                        _confidence_words(edition, row),
                    )
                    for row in each(rows)
                ],
            )
        )
    if len(seen):
        blocks.append(
            table(
                [(words.say("Indicator"), "left", 5.8), (words.say("State"), "left", 3.3)],
                [
                    (
                        text(row.text),
                        words.term("indicator_state", row.indicator_state)
                        if text(row.indicator_state)
                        else "",
                    )
                    for row in each(seen)
                ],
            )
        )
    return blocks


def situation(edition: Edition) -> list[Block]:
    """Return the written situation of each district, in the order of the area's districts."""
    words = edition.words
    rows = _part(edition, "situation")
    if rows.empty:
        return [Text.plain(words.say("No situation has been written for these readers."), tone="quiet")]
    order = {code: number for number, code in enumerate(names(edition.view))}
    rows = rows.assign(order=rows["district"].map(order).fillna(len(order))).sort_values(
        ["order", "position"], kind="stable"
    )
    paragraphs = []
    for row in each(rows):
        name = text(row.district_name)
        lead = (Run(f"{name}. ", "strong"),) if name else ()
        paragraphs.append(Paragraph((*lead, Run(text(row.text)))))
    return [Text(tuple(paragraphs))]


def recommendations(edition: Edition) -> Actions:
    """Return who is asked to do what by when, and how it stands; overdue on the view's day in accent."""
    words, on = edition.words, pd.Timestamp(edition.view.on)
    rows = _part(edition, "recommendation")
    actions = []
    for row in each(rows):
        late = row.state in {"open", "accepted"} and not pd.isna(row.due_on) and row.due_on < on
        state = "overdue" if late else text(row.state)
        actions.append(
            Action(
                text(row.text),
                text(row.owner),
                near_day(row.due_on, edition),
                words.term("recommendation_state", state) if state else "",
                "accent" if state == "overdue" else "plain",
            )
        )
    return Actions(
        tuple(actions),
        {
            "what": words.say("What"),
            "who": words.say("Who"),
            "by_when": words.say("By when"),
            "state": words.say("State"),
        },
        words.say("No recommendation has been written for these readers."),
    )


_USED = (
    "week", "part", "position", "level", "text", "district", "district_name", "likelihood", "confidence",
    "because", "scenario", "horizon_days", "indicator_state", "owner", "due_on", "state", "reviewer",
)  # fmt: skip


def _assessed(edition: Edition) -> pd.DataFrame:
    """Return the week's assessment with every column used here; those closed to these readers are empty."""
    rows = edition.view.table("assessment")
    rows = rows.reindex(columns=[*rows.columns, *(name for name in _USED if name not in rows)])
    return rows[rows["week"].eq(edition.view.week.slug).fillna(value=False).astype(bool)]


def _part(edition: Edition, part: str) -> pd.DataFrame:
    rows = _assessed(edition)
    return rows[rows["part"] == part].sort_values("position", kind="stable")


def _first_sentence(passage: str) -> tuple[str, str, str]:
    found = re.search(r"(?<=[.!?])\s+(?=[^\s])", passage)
    return (passage, "", "") if not found else (passage[: found.start()], " ", passage[found.end() :])


def _marked(edition: Edition, sentence: str, likelihood: str) -> tuple[Run, ...]:
    """Set the likelihood term strong where the sentence holds it; the longest term that fits wins."""
    terms = {*likelihood_words(edition.view.office.likelihood_scale), likelihood}
    for term in sorted((one for one in terms if one), key=len, reverse=True):
        found = re.search(rf"\b{re.escape(term)}\b", sentence, re.IGNORECASE)
        if found:
            before, after = sentence[: found.start()], sentence[found.end() :]
            runs = (Run(before), Run(found.group(), "strong"), Run(after))
            return tuple(run for run in runs if run.text)
    return (Run(sentence),)


def _confidence(edition: Edition, row: object) -> str:
    words = edition.words
    level, because = text(getattr(row, "confidence", "")), text(getattr(row, "because", ""))
    if not level:
        return words.say("Confidence not stated.")
    if not because:
        return words.say("Confidence: {level}.", level=words.term("confidence", level))
    return words.say(
        "Confidence: {level}. {because}", level=words.term("confidence", level), because=capital(because)
    )


def _confidence_words(edition: Edition, row: object) -> str:
    level, because = text(getattr(row, "confidence", "")), text(getattr(row, "because", ""))
    if not level:
        return ""
    label = capital(edition.words.term("confidence", level))
    return (
        edition.words.say("{level}. {because}", level=label, because=capital(because)) if because else label
    )
