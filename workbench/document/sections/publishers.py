"""Publishers side by side: they overlap and define an incident differently, so they are never added."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.blocks import Block, Cell
from workbench.document.sections._parts import each, table, whole
from workbench.view import Edition


def publishers(edition: Edition, *, compared: pd.DataFrame) -> list[Block]:
    """
    Return the week as each publisher counts it, side by side and never added.

    `compared` from `analysis.compare`; nothing if only one publisher is known to these readers.
    """
    words, view = edition.words, edition.view
    if len(compared) < 2:
        return []
    titles = dict(zip(view.sources["source"], view.sources["title"], strict=True))
    ends = dict(zip(view.sources["source"], view.sources["last_dated"], strict=True))

    def reaches(row: Any) -> bool:
        end = ends.get(row.source)
        return not pd.isna(end) and end.date() >= view.week.first_day

    def number(row: Any, measure: str) -> str:
        return _written(edition, getattr(row, measure)) if reaches(row) else words.say("n/a")

    return [
        table(
            [
                (words.say("Publisher"), "left", 2.4),
                (words.say("Incidents"), "right", 1.0),
                (words.say("Deaths"), "right", 1.0),
                (words.say("Range"), "right", 1.0),
                (words.say("of which civilians"), "right", 1.3),
            ],
            [
                (
                    Cell(
                        titles.get(row.source, row.source),
                        "strong" if row.source in view.area.counts_from else "plain",
                    ),
                    number(row, "incidents"),
                    number(row, "killed_best"),
                    _range(edition, row.killed_low, row.killed_high) if reaches(row) else words.say("n/a"),
                    number(row, "civilians_killed"),
                )
                for row in each(compared)
            ],
            title=words.say("Publishers side by side"),
            note=words.say(
                "Publishers overlap and define an incident differently: their counts must not be added. "
                "This briefing counts what is in bold, each incident once. “n/a”: not recorded, or no data reach this week."
            ),
            stack=False,
        )
    ]


def _written(edition: Edition, number: object) -> str:
    n = whole(number)
    return edition.words.say("n/a") if n is None else edition.words.number(n)


def _range(edition: Edition, low: object, high: object) -> str:
    first, last = whole(low), whole(high)
    return edition.words.say("n/a") if first is None or last is None else edition.words.span(first, last)
