"""The head of a page: masthead, bottom line, key judgements, outlook, situation, recommendations."""

from __future__ import annotations

import re

import pandas as pd

from workbench.blocks import (
    Action,
    Actions,
    Align,
    Block,
    Callout,
    Cell,
    Judgement,
    Masthead,
    Paragraph,
    Run,
    Text,
)
from workbench.config import HIGHEST, LEVELS
from workbench.config.tradecraft import likelihood_words
from workbench.document.sections._parts import capital, each, names, near_day, table, text
from workbench.language import Words
from workbench.view import Edition

_LEFT: Align = "left"


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
    """Return the outlook by scenario, the near and the far side by side, and the indicators by their state."""
    words = edition.words
    rows, seen = _part(edition, "outlook"), _part(edition, "indicator")
    if rows.empty and seen.empty:
        return [Text.plain(words.say("No outlook has been written for these readers."), tone="quiet")]
    blocks: list[Block] = [_scenarios(edition, rows)] if len(rows) else []
    return [*blocks, *_indicators(edition, seen)]


def _scenarios(edition: Edition, rows: pd.DataFrame) -> Block:
    """Return one row a scenario and one column a horizon, in the order the analyst gave them."""
    words = edition.words
    horizons = sorted({int(n) for n in rows["horizon_days"].dropna()})
    cells: dict[str, dict[int | None, list[str]]] = {}
    for row in each(rows):
        horizon = None if pd.isna(row.horizon_days) else int(row.horizon_days)
        said = " ".join(part for part in (text(row.text), _confidence_of(edition, row)) if part)
        cells.setdefault(text(row.scenario), {}).setdefault(horizon, []).append(said)
    columns: list[int | None] = [*horizons]
    if any(None in one for one in cells.values()):
        columns.append(None)
    heads = [
        words.count("Next {n} day", "Next {n} days", one) if one is not None else words.say("Outlook")
        for one in columns
    ]
    return table(
        [(words.say("Scenario"), "left", 1.3), *((head, _LEFT, 7.8 / len(heads)) for head in heads)],
        [
            (
                Cell(capital(words.term("scenario", scenario)) if scenario else "", "strong"),
                *(" ".join(said.get(one, ())) for one in columns),
            )
            for scenario, said in cells.items()
        ],
    )


def _indicators(edition: Edition, seen: pd.DataFrame) -> list[Block]:
    """Return one paragraph: what was seen strongly, seen, and not seen."""
    words = edition.words
    runs: list[Run] = []
    for state in ("strong", "seen", "not_seen", ""):
        said = [text(row.text).rstrip(".") for row in each(seen) if text(row.indicator_state) == state]
        if said:
            label = words.term("indicator_state", state) if state else words.say("state not given")
            runs += [
                Run(words.say("{state}: ", state=capital(label)), "strong"),
                Run("; ".join(said) + ". "),
            ]
    if not runs:
        return []
    return [Text((Paragraph((Run(words.say("Indicators. "), "strong"), *runs)),))]


def focus(edition: Edition) -> list[Block]:
    """Return the one incident the analyst looks into; nothing where none was chosen, which is no fault."""
    rows = _part(edition, "focus")
    return [Text.plain(*(text(row.text) for row in each(rows)))] if len(rows) else []


def implications(edition: Edition) -> list[Block]:
    """Return what the week means for programmes and movement; nothing where none was written."""
    rows = _part(edition, "implication")
    return [Text.bullets(*(text(row.text) for row in each(rows)))] if len(rows) else []


def reasoning(edition: Edition) -> list[Block]:
    """Return what the judgements assume, what else could explain the facts, and why a judgement changed."""
    words = edition.words
    blocks: list[Block] = []
    for part, lead in (
        ("assumption", words.say("Assumed:")),
        ("alternative", words.say("What else could explain it:")),
    ):
        rows = _part(edition, part)
        if len(rows):
            blocks += [Text.plain(lead), Text.bullets(*(text(row.text) for row in each(rows)))]
    because = [
        words.say(
            "{scenario}, {days} days: {because}",
            scenario=_scenario_of(words, row),
            days=int(row.horizon_days),
            because=text(row.because),
        )
        for row in each(_part(edition, "outlook"))
        if text(row.because) and not pd.isna(row.horizon_days)
    ]
    if because:
        blocks += [
            Text.plain(words.say("What the confidence of the outlook rests on:")),
            Text.bullets(*because),
        ]
    rows = _part(edition, "judgement")
    changed = [
        words.say("Judgement {number}: {change}", number=number, change=text(row.change))
        for number, row in enumerate(each(rows), start=1)
        if text(row.change)
    ]
    if changed:
        blocks += [Text.plain(words.say("Changed since last week:")), Text.bullets(*changed)]
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
    "because", "scenario", "horizon_days", "indicator_state", "owner", "due_on", "state", "reviewer", "change",
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


def _confidence_of(edition: Edition, row: object) -> str:
    level = text(getattr(row, "confidence", ""))
    words = edition.words
    return words.say("Confidence: {level}.", level=words.term("confidence", level)) if level else ""


def _scenario_of(words: Words, row: object) -> str:
    scenario = text(getattr(row, "scenario", ""))
    return capital(words.term("scenario", scenario)) if scenario else words.say("Outlook")
