"""The outlook in numbers: what the next weeks may bring, and how well that was foretold before."""

from __future__ import annotations

import pandas as pd

from workbench.analysis import Best, Foretold, LastOutlook
from workbench.blocks import Block, Cell, Text
from workbench.charts import outlook_dots, outlook_fan
from workbench.document.sections._parts import capital, each, names, percent, table, tells_districts
from workbench.language import Words
from workbench.view import Edition


def last_outlook(edition: Edition, *, last: LastOutlook) -> list[Block]:
    """
    Return how last week's outlook did, in a sentence; `last` from `analysis.last_outlook`, one week ahead.

    The districts it missed are named. Nothing where there was no outlook to judge.
    """
    words, known = edition.words, names(edition.view)
    told = last.rows[last.rows["inside"].notna() & last.rows["horizon"].eq(1)]
    if told.empty or not tells_districts(edition):
        return []
    inside = told["inside"].astype("boolean").fillna(value=False).astype(bool)
    missed = told[~inside]
    sentence = words.count(
        "How last week's outlook did: {inside} of {n} district fell within its 90 % range.",
        "How last week's outlook did: {inside} of {n} districts fell within their 90 % ranges.",
        len(told),
        inside=int(inside.sum()),
    )
    if len(missed):
        misses = [
            words.say(
                "{district} ({actual}, expected {low}–{high})",
                district=known.get(row.district, row.district),
                actual=int(row.actual),
                low=int(row.low),
                high=int(row.high),
            )
            for row in each(missed)
        ]
        sentence = f"{sentence} {words.say('Missed: {districts}.', districts=words.listed(misses))}"
    return [Text.plain(sentence)]


def outlook_in_numbers(  # noqa: PLR0913  # a frame for each thing it tells
    edition: Edition,
    *,
    total: pd.DataFrame,
    overall: Foretold,
    outlook: Foretold,
    last: LastOutlook,
    still_reported: int = 0,
    left_out: int = 0,
) -> list[Block]:
    """
    Return what the next week and the next four may bring, and how well that was foretold before.

    `total` are the weekly counts of the whole area, `overall` the `analysis.foretell` of it and `outlook` that
    of the districts; `last` of `analysis.last_outlook`; `left_out` weeks at the end are too young to learn from.
    """
    words, known = edition.words, names(edition.view)
    whole_area = overall.rows[overall.rows["q50"].notna()]
    told = outlook.rows[outlook.rows["q50"].notna()]
    next_week, four = told[told["horizon"].eq(1)], told[told["horizon"].eq(4)]
    blocks: list[Block] = []
    if whole_area["horizon"].eq(1).any():
        blocks.append(outlook_fan(total, whole_area, words=words, provisional=still_reported))
    if len(next_week) and tells_districts(edition):
        judged = last.rows[last.rows["horizon"].eq(1) & last.rows["inside"].notna()]
        judged = judged[["district", "low", "high", "actual", "inside"]]
        blocks.append(outlook_dots(next_week, names=known, words=words, last=judged if len(judged) else None))
        blocks.append(
            table(
                [
                    (words.say("District"), "left", 1.6),
                    (words.say("Next week: chance of none"), "right", 1.6),
                    (words.say("Next week: 90 % range"), "right", 1.5),
                    (words.say("Next four weeks: 90 % range"), "right", 1.8),
                ],
                [
                    (
                        Cell(known.get(row.district, row.district), "strong"),
                        percent(words, row.p_none),
                        words.span(int(row.q05), int(row.q95)),
                        _range_of(words, four, row.district),
                    )
                    for row in each(next_week)
                ],
                stack=False,
            )
        )
    if not blocks:
        return [Text.plain(words.say("The data are too short for an outlook in numbers."), tone="quiet")]
    if left_out:
        blocks.append(
            Text.plain(
                words.count(
                    "Made without the last week, of which too little is known yet.",
                    "Made without the last {n} weeks, of which too little is known yet.",
                    left_out,
                )
            )
        )
    return [
        *blocks,
        *scorecard(edition, card=outlook.cards[1], best=outlook.best[1]),
        *_over_four(edition, outlook),
    ]


def _over_four(edition: Edition, outlook: Foretold) -> list[Block]:
    """Return the model used for four weeks together, and how often its range held."""
    words, card = edition.words, outlook.cards.get(4)
    if card is None or outlook.best[4].n == 0:
        return []
    row = card.set_index("model").loc[outlook.best[4].model]
    return [
        Text.plain(
            words.say(
                "Over four weeks together: {model}; {share} of {n} past outcomes fell within its 90 % range.",
                model=words.term("outlook_model", outlook.best[4].model),
                share=percent(words, row["coverage_90"]),
                n=outlook.best[4].n,
            )
        )
    ]


def _range_of(words: Words, rows: pd.DataFrame, district: str) -> str:
    found = rows[rows["district"].eq(district)]
    return (
        words.say("n/a") if found.empty else words.span(int(found["q05"].iloc[0]), int(found["q95"].iloc[0]))
    )


def scorecard(edition: Edition, *, card: pd.DataFrame, best: Best) -> list[Block]:
    """
    Return the scorecard of the outlook's models over past weeks (`analysis.scorecard`), the one used in bold.

    Where `best` (of `analysis.best`) beats no plain baseline, the page says so.
    """
    words = edition.words
    rows = card[card["crps"].notna()]
    if rows.empty:
        return [Text.plain(words.say("There are too few past weeks to score an outlook."), tone="quiet")]
    verdict = (
        words.say("The one in bold is used: it did best.")
        if best.beats
        else words.say("No method did better than the plain baselines; the best of those, in bold, is used.")
    )
    return [
        table(
            [
                (words.say("Method"), "left", 2.4),
                (words.say("Error (CRPS)"), "right", 1.1),
                (words.say("Skill"), "right", 0.9),
                (words.say("Log score"), "right", 1.0),
                (words.say("In 50 % range"), "right", 1.2),
                (words.say("In 90 % range"), "right", 1.2),
                (words.say("Outlooks scored"), "right", 1.2),
            ],
            [
                (
                    Cell(
                        capital(words.term("outlook_model", row.model)),
                        "strong" if row.model == best.model else "plain",
                    ),
                    words.number(float(row.crps), places=2),
                    percent(words, row.skill),
                    words.number(float(row.log_score), places=2)
                    if not pd.isna(row.log_score)
                    else words.say("n/a"),
                    percent(words, row.coverage_50),
                    percent(words, row.coverage_90),
                    words.number(int(row.n)),
                )
                for row in each(rows)
            ],
            title=words.say("Which outlook has been best, one week ahead"),
            note=words.say(
                "Each was made from what was known before the week it is judged by. CRPS: mean error in incidents, lower is better. Skill: how much of the error of “last week again” it saves."
            )
            + " "
            + verdict,
            stack=False,
        )
    ]
