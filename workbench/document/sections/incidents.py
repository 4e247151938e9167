"""The incidents of the week one by one: those a reader must hear of, and the list behind the counts."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import pandas as pd

from workbench.analysis import of_weeks
from workbench.blocks import Align, Block, Cell, Table, Text
from workbench.document.sections._parts import (
    capital,
    column,
    each,
    names,
    near_day,
    placed,
    table,
    text,
    whole,
)
from workbench.language import Words
from workbench.view import Edition

_LONGEST, _LONGEST_IN_ANNEX = 300, 600
"""Letters of a publisher's own text: some headlines run to 3,700, which is no line of a briefing."""

_ANNEX_ROWS = 200
"""More incidents than that in one week are no list any more; the page says how many are left out."""


def significant(edition: Edition, *, incidents: pd.DataFrame) -> list[Block]:
    """
    Return the incidents a reader must hear of, each with day, place, harm and how sure it is.

    `incidents` from `analysis.significant`. The text is the releasable one where a person wrote it;
    otherwise the narrative, for those who may read it, or the publisher's headline; else the type.
    """
    if incidents.empty:
        return [_nothing_listed(edition)]
    return [_incident_rows(edition, incidents)]


def of_district(edition: Edition, *, incidents: pd.DataFrame, left_out: int) -> list[Block]:
    """
    Return incidents of one district, by day, without naming it in each row; a sentence where there is none.

    `left_out` more are known and not listed.
    """
    words = edition.words
    if incidents.empty:
        return [Text.plain(words.say("No incident that may be listed here is known."), tone="quiet")]
    note = (
        words.count("{n} more is not listed.", "{n} more are not listed.", left_out) if left_out > 0 else ""
    )
    rows = incidents.sort_values("occurred_on", kind="stable")
    made = _incident_rows(edition, rows, note=note)
    at = 1
    return [
        dataclasses.replace(
            made,
            columns=made.columns[:at] + made.columns[at + 1 :],
            rows=tuple(row[:at] + row[at + 1 :] for row in made.rows),
        )
    ]


def undated(edition: Edition, *, incidents: pd.DataFrame) -> list[Block]:
    """
    Return the incidents that overlap the week but belong to no single week; nothing if there are none.

    `incidents` from `analysis.undated_to_a_week`.
    """
    words = edition.words
    rows = _listable(incidents)
    blocks: list[Block] = []
    if len(rows):
        blocks.append(
            _incident_rows(
                edition,
                rows,
                title=words.say("Known only over a longer time"),
                note=words.say(
                    "These may have happened in the week or not. They are in no weekly count, so that none shows "
                    "a rise that never was."
                ),
            )
        )
    if closed := len(incidents) - len(rows):
        told = words.count(
            "{n} incident is known only over a longer time; it is in no weekly count and may not be listed here.",
            "{n} incidents are known only over a longer time; they are in no weekly count and may not be listed here.",
            closed,
        )
        blocks.append(Text.plain(told, tone="quiet"))
    return blocks


def incident_list(edition: Edition, *, incidents: pd.DataFrame) -> list[Block]:
    """Return every listable incident of the week, by day; for the annex of editions that carry one."""
    words = edition.words
    rows = _listable(incidents)
    keys = [name for name in ("occurred_on", "district", "source") if name in rows]
    rows = rows.sort_values(keys, kind="stable", na_position="last")
    if rows.empty:
        return [_nothing_listed(edition)]
    left_out = len(rows) - _ANNEX_ROWS
    note = (
        words.count("{n} more is not listed.", "{n} more are not listed.", left_out) if left_out > 0 else ""
    )
    return [_incident_rows(edition, rows.head(_ANNEX_ROWS), note=note, longest=_LONGEST_IN_ANNEX)]


def _listable(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose source lets them be passed on one by one; where that is missing, it does not."""
    return incidents[column(incidents, "listable").astype("boolean").fillna(value=False).astype(bool)]


def _nothing_listed(edition: Edition) -> Text:
    """Say which of two things it is: nothing is known of the week, or none of it may be told row by row."""
    words, view = edition.words, edition.view
    counted = of_weeks(view.counted, first_day=view.week.first_day)
    if counted.empty:
        return Text.plain(words.say("No incident of this week is known."), tone="quiet")
    told = words.count(
        "{n} incident is counted; it may not be listed here.",
        "{n} incidents are counted; they may not be listed here.",
        len(counted),
    )
    return Text.plain(told, tone="quiet")


def _incident_rows(
    edition: Edition, rows: pd.DataFrame, *, title: str = "", note: str = "", longest: int = _LONGEST
) -> Table:
    words, known = edition.words, names(edition.view)
    harm = {
        "killed": column(rows, "killed_best"),
        "injured": column(rows, "injured_best"),
        "abducted": column(rows, "abducted_best"),
    }
    told, whole = _told(rows, longest), _told(rows, None)
    place, verification, grade = (column(rows, n) for n in ("district", "verification", "source_grade"))
    columns: list[tuple[str, Align, float]] = [
        (words.say("Day"), "left", 0.85),
        (words.say("District"), "left", 1.1),
        (words.say("Type"), "left", 1.75),
        (words.say("Harm"), "left", 1.35),
        (words.say("What is known"), "left", 4.65),
        (words.say("How sure"), "left", 1.4),
    ]
    made: list[tuple[Cell, ...]] = []
    for number, row in enumerate(each(rows)):
        cells = (
            Cell(_when(edition, row)),
            Cell(known.get(text(place.iloc[number]), words.say("not placed")), "strong"),
            Cell(capital(words.term("event_type", row.event_type))),
            Cell(_harm(words, {name: values.iloc[number] for name, values in harm.items()})),
            Cell(told.iloc[number]),
            Cell(_sure(words, text(verification.iloc[number]), text(grade.iloc[number]))),
        )
        made.append(cells)
    shortened = words.say("“…”: shortened here.") if told.ne(whole).any() else ""
    if not told.ne("").any():  # a column in which nothing stands tells nobody anything
        columns = [*columns[:4], *columns[5:]]
        made = [(*cells[:4], *cells[5:]) for cells in made]
    shown = placed(edition, columns, made, at=1)
    return table(*shown, title=title, note=" ".join(part for part in (note, shortened) if part))


def _told(rows: pd.DataFrame, longest: int | None) -> pd.Series:
    """Return what may be told of each incident; a text written for release is never cut."""
    written = column(rows, "releasable_text").map(text)
    other = column(rows, "narrative").map(text)
    other = other.where(other.ne(""), column(rows, "headline").map(text).map(_apart))
    if longest is not None:
        other = other.map(lambda passage: _shortened(passage, longest))
    return written.where(written.ne(""), other)


def _apart(headlines: str) -> str:
    """Set headlines apart that a publisher joined by a semicolon without a space (UCDP does)."""
    return re.sub(r";(?=\S)", " / ", headlines)


def _shortened(passage: str, letters: int) -> str:
    """Return a passage cut between two words so that it has at most so many letters, with an ellipsis."""
    if len(passage) <= letters:
        return passage
    cut = passage[: letters - 1]
    between = cut.rfind(" ") if not passage[letters - 1].isspace() else len(cut)
    return cut[: between if between > letters // 2 else len(cut)].rstrip(" ,;:–-") + "…"


def _when(edition: Edition, row: object) -> str:
    first, last = getattr(row, "occurred_on", None), getattr(row, "occurred_to", None)
    if last is None or pd.isna(last) or last == first:
        return near_day(first, edition)
    return edition.words.say("{first} – {last}", first=near_day(first, edition), last=near_day(last, edition))


def _harm(words: Words, harm: dict[str, object]) -> str:
    said: dict[str, Callable[[int], str]] = {
        "killed": lambda n: words.count("{n} killed", "{n} killed", n),
        "injured": lambda n: words.count("{n} injured", "{n} injured", n),
        "abducted": lambda n: words.count("{n} abducted", "{n} abducted", n),
    }
    people = {name: whole(n) for name, n in harm.items()}
    parts = [said[name](n) for name, n in people.items() if n]
    if all(n is None for n in people.values()):
        return words.say("not stated")
    return words.listed(parts) if parts else words.say("no harm reported")


def _sure(words: Words, verification: str, grade: str) -> str:
    label = capital(words.term("verification", verification)) if verification else words.say("Reported")
    return words.say("{verification}, {grade}", verification=label, grade=grade) if grade else label
