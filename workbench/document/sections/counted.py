"""What was counted: the numbers of the week, the district table, the incidents behind them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from workbench.analysis import KeyNumber, KeyNumbers
from workbench.blocks import Block, Cell, KeyFigure, KeyFigures, Table, Text
from workbench.document.sections._parts import column, day, each, names, table, text
from workbench.language import Words
from workbench.view import Edition

_ANNEX_ROWS = 200
"""More incidents than that in one week are no list any more; the page says how many are left out."""


def key_figures(
    edition: Edition, *, numbers: KeyNumbers, total: pd.DataFrame, contact: pd.DataFrame
) -> KeyFigures:
    """
    Return the week's few big numbers, each with its comparison and its meaning in words.

    `numbers` from `analysis.key_numbers`, `total` from `analysis.assess` over the whole area (one
    row), `contact` from `analysis.last_contact`. Civilians are "of which", never a number of their
    own that somebody could add.
    """
    words = edition.words
    assessed = total.iloc[0]
    incidents = numbers.incidents
    higher = assessed["assessment"] == "higher_than_usual"
    figures = [
        KeyFigure(
            _written(words, incidents.this_week),
            words.count("incident", "incidents", incidents.this_week or 0),
            _before(words, incidents),
            words.term("assessment", assessed["assessment"]),
            tone="accent" if higher else "plain",
        ),
        KeyFigure(
            _written(words, numbers.killed_best.this_week),
            _deaths_label(words, numbers),
            _before(words, numbers.killed_best),
            parts=(words.say("of which {n} civilians", n=numbers.civilians_killed.this_week),)
            if numbers.civilians_killed.this_week
            else (),
        ),
        KeyFigure(
            _written(words, numbers.aid_affected.this_week),
            words.say("affecting aid"),
            _before(words, numbers.aid_affected),
        ),
    ]
    if not contact["state"].eq("unknown").all():
        heard = int(contact["state"].eq("in_contact").sum())
        silent = len(contact) - heard
        figures.append(
            KeyFigure(
                words.say("{heard}/{all}", heard=heard, all=len(contact)),
                words.say("districts in contact"),
                words.count(
                    "{n} silent over {days} days",
                    "{n} silent over {days} days",
                    silent,
                    days=edition.view.area.contact_interval_days,
                )
                if silent
                else words.say("none silent"),
                tone="plain",
            )
        )
    return KeyFigures(tuple(figures))


def numbers_table(edition: Edition, *, numbers: KeyNumbers) -> Table:
    """Return the numbers box: this week, last week, median of 8 weeks, same week last year."""
    words = edition.words
    lines: list[tuple[str, KeyNumber, bool]] = [
        (words.say("Incidents"), numbers.incidents, False),
        (words.say("of which attacks on civilians"), numbers.attacks_on_civilians, True),
        (words.say("of which affecting aid"), numbers.aid_affected, True),
        (words.say("Deaths (best estimate)"), numbers.killed_best, False),
        (words.say("of which civilians"), numbers.civilians_killed, True),
        (words.say("Deaths (low estimate)"), numbers.killed_low, False),
        (words.say("Deaths (high estimate)"), numbers.killed_high, False),
    ]
    return table(
        [
            ("", "left", 2.6),
            (words.say("This week"), "right", 1.0),
            (words.say("Last week"), "right", 1.0),
            (words.say("Median of 8 weeks"), "right", 1.3),
            (words.say("Same week last year"), "right", 1.5),
        ],
        [
            (
                Cell(label, "quiet" if subset else "plain"),
                Cell(_written(words, number.this_week), "plain" if subset else "strong"),
                _written(words, number.last_week),
                _median(words, number.median_8_weeks),
                _written(words, number.same_week_last_year),
            )
            for label, number, subset in lines
        ],
        note=words.say(
            "Lines that begin with “of which” are part of the line above them and are never added to it. "
            "“n/a”: the data do not reach back that far, or these readers may not know."
        ),
    )


def district_table(
    edition: Edition,
    *,
    assessed: pd.DataFrame,
    contact: pd.DataFrame,
    confidence: pd.DataFrame,
    sites: pd.DataFrame | None,
) -> Table:
    """
    Return the table of all target districts, also those with nothing to report.

    `assessed` from `analysis.assess`, `contact` from `last_contact`, `confidence` from
    `coverage.confidence`, `sites` from `analysis.sites`, or None if these readers may not know.
    A district nobody has heard from shows a dash: no report is not zero. Highest counts first.
    """
    words, view = edition.words, edition.view
    rows = assessed.merge(contact, on="district").merge(confidence, on="district")
    if sites is not None:
        rows = rows.merge(sites.rename(columns={"state": "site_state"}), on="district")
    rows["name"] = rows["district"].map(names(view))
    silent = rows["assessment"].eq("no_report")
    rows = rows.assign(silent=silent).sort_values(
        ["silent", "now", "expected", "name"], ascending=[True, False, False, True], kind="stable"
    )
    follows_contact = not rows["state"].eq("unknown").all()
    columns: list[tuple[str, str, float]] = [
        (words.say("District"), "left", 1.3),
        (words.say("Now"), "right", 0.6),
        (words.say("Last week"), "right", 0.9),
        (words.say("Usual"), "right", 0.8),
        (words.say("Assessment"), "left", 2.0),
    ]
    if follows_contact:
        columns += [(words.say("Last contact"), "right", 1.2), (words.say("Confidence"), "left", 1.1)]
    if sites is not None:
        columns.append((words.say("Programme"), "left", 1.9))
    made = []
    for row in each(rows):
        higher, quiet = row.assessment == "higher_than_usual", row.assessment == "no_report"
        cells = [
            Cell(row.name, "strong" if higher else "plain"),
            Cell("–" if quiet else _written(words, row.now), "strong" if higher else "plain"),
            Cell(_written(words, row.before)),
            Cell(_usual(words, row.usual_low, row.usual_high)),
            Cell(
                words.term("assessment", row.assessment), "accent" if higher or quiet else "plain",
                "up" if higher else "",
            ),
        ]  # fmt: skip
        if follows_contact:
            cells += [_contact(words, row), Cell(_term(words, "confidence", row.confidence))]
        if sites is not None:
            cells.append(_site(words, row))
        made.append(cells)
    return table(
        columns,  # type: ignore[arg-type]  # alignments are literals in a list built up step by step
        made,
        note=words.say(
            "“Usual” is where 90 % of weeks like the last 26 would fall. A dash: no incident is known and "
            "nobody has been heard from for more than {days} days; that is no zero.",
            days=view.area.contact_interval_days,
        )
        if follows_contact
        else words.say("“Usual” is where 90 % of weeks like the last 26 would fall."),
    )


def significant(edition: Edition, *, incidents: pd.DataFrame) -> list[Block]:
    """
    Return the incidents a reader must hear of, each with day, place, harm and how sure it is.

    `incidents` from `analysis.significant`. The text is the releasable one where a person wrote it;
    otherwise the narrative, for those who may read it, or the publisher's headline; else the type.
    """
    words = edition.words
    if incidents.empty:
        return [
            Text.plain(
                words.say("No incident of this week may be listed here, or none was reported."), tone="quiet"
            )
        ]
    return [_incident_rows(edition, incidents, note="")]


def undated(edition: Edition, *, incidents: pd.DataFrame) -> list[Block]:
    """
    Return the incidents that overlap the week but belong to no single week; nothing if there are none.

    `incidents` from `analysis.undated_to_a_week`.
    """
    words = edition.words
    if incidents.empty:
        return []
    return [
        _incident_rows(
            edition,
            incidents,
            title=words.say("Known only over a longer time"),
            note=words.say(
                "These may have happened in the week or not. They are in no weekly count, so that none shows "
                "a rise that never was."
            ),
        )
    ]


def incident_list(edition: Edition, *, incidents: pd.DataFrame) -> list[Block]:
    """Return every listable incident of the week, by day; for the annex of editions that carry one."""
    words = edition.words
    rows = incidents[incidents["listable"].fillna(value=False).astype(bool)]
    rows = rows.sort_values(["occurred_on", "district", "source"], kind="stable", na_position="last")
    if rows.empty:
        return [
            Text.plain(
                words.say("No incident of this week may be listed here, or none was reported."), tone="quiet"
            )
        ]
    left_out = len(rows) - _ANNEX_ROWS
    note = (
        words.count("{n} more is not listed.", "{n} more are not listed.", left_out) if left_out > 0 else ""
    )
    return [_incident_rows(edition, rows.head(_ANNEX_ROWS), note=note)]


def publishers(edition: Edition, *, compared: pd.DataFrame) -> list[Block]:
    """
    Return the week as each publisher counts it, side by side and never added.

    `compared` from `analysis.compare`; nothing if only one publisher is known to these readers.
    """
    words, view = edition.words, edition.view
    if len(compared) < 2:
        return []
    titles = dict(zip(view.sources["source"], view.sources["title"], strict=True))
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
                    _written(words, _whole(row.incidents)),
                    _written(words, _whole(row.killed_best)),
                    _usual(words, row.killed_low, row.killed_high),
                    _written(words, _whole(row.civilians_killed)),
                )
                for row in each(compared)
            ],
            title=words.say("Publishers side by side"),
            note=words.say(
                "Publishers overlap and define an incident differently: their counts must not be added. "
                "This briefing counts the one in bold."
            ),
        )
    ]


def incident_sources(edition: Edition) -> list[str]:
    """Return the slugs of the publishers of incidents that these readers may know of."""
    sources = edition.view.sources
    return [str(slug) for slug in sources.loc[sources["record"] == "incident", "source"]]


def counted_from(edition: Edition) -> str:
    """Return the source note of a chart: which publisher it counts, and up to which day its data reach."""
    words, view = edition.words, edition.view
    rows = view.sources[view.sources["source"].isin(view.area.counts_from)]
    titles = words.listed([str(title) for title in rows["title"]])
    last = rows["last_dated"].max()
    if not titles or pd.isna(last):
        return ""
    return words.say("Source: {sources}, data up to {day}.", sources=titles, day=day(last, words))


def _incident_rows(edition: Edition, rows: pd.DataFrame, *, title: str = "", note: str = "") -> Table:
    words, known = edition.words, names(edition.view)
    harm = {
        "killed": column(rows, "killed_best"),
        "injured": column(rows, "injured_best"),
        "abducted": column(rows, "abducted_best"),
    }
    told = _told(rows)
    made = []
    for number, row in enumerate(each(rows)):
        happened = _when(words, row)
        made.append(
            (
                happened,
                Cell(
                    known.get(text(row.district), words.say("not placed")) if "district" in rows else "",
                    "strong",
                ),
                _capital(words.term("event_type", row.event_type)),
                _harm(words, {name: values.iloc[number] for name, values in harm.items()}),
                told.iloc[number],
                _sure(words, row),
            )
        )
    return table(
        [
            (words.say("Day"), "left", 1.2),
            (words.say("District"), "left", 1.1),
            (words.say("Type"), "left", 1.4),
            (words.say("Harm"), "left", 1.2),
            (words.say("What is known"), "left", 4.2),
            (words.say("How sure"), "left", 1.2),
        ],
        made,
        title=title,
        note=note,
    )


def _told(rows: pd.DataFrame) -> pd.Series:
    told = column(rows, "releasable_text").astype("object")
    for name in ("narrative", "headline"):
        told = told.fillna(column(rows, name).astype("object"))
    return told.map(text)


def _when(words: Words, row: object) -> str:
    first, last = getattr(row, "occurred_on", None), getattr(row, "occurred_to", None)
    if last is None or pd.isna(last) or last == first:
        return day(first, words)
    return words.say("{first} – {last}", first=day(first, words), last=day(last, words))


def _harm(words: Words, harm: dict[str, object]) -> str:
    said: dict[str, Callable[[int], str]] = {
        "killed": lambda n: words.count("{n} killed", "{n} killed", n),
        "injured": lambda n: words.count("{n} injured", "{n} injured", n),
        "abducted": lambda n: words.count("{n} abducted", "{n} abducted", n),
    }
    people = {name: _whole(n) for name, n in harm.items()}
    parts = [said[name](n) for name, n in people.items() if n]
    return words.listed(parts) if parts else words.say("no harm reported")


def _sure(words: Words, row: object) -> str:
    verification, grade = text(getattr(row, "verification", "")), text(getattr(row, "source_grade", ""))
    label = _capital(words.term("verification", verification)) if verification else words.say("Reported")
    return words.say("{verification}, {grade}", verification=label, grade=grade) if grade else label


def _deaths_label(words: Words, numbers: KeyNumbers) -> str:
    low, high, n = numbers.killed_low.this_week, numbers.killed_high.this_week, numbers.killed_best.this_week
    if low is None or high is None or low == high:
        return words.count("death", "deaths", n or 0)
    return words.count("death ({range})", "deaths ({range})", n or 0, range=words.span(low, high))


def _before(words: Words, number: KeyNumber) -> str:
    if number.last_week is None and number.median_8_weeks is None:
        return words.say("no earlier week to compare")
    if number.median_8_weeks is None:
        return words.say("{n} last week", n=number.last_week)
    if number.last_week is None:
        return words.say("median {median}", median=number.median_8_weeks)
    return words.say("{n} last week · median {median}", n=number.last_week, median=number.median_8_weeks)


def _contact(words: Words, row: object) -> Cell:
    days, state = getattr(row, "days", None), getattr(row, "state", "")
    if days is None or pd.isna(days):
        return Cell(words.say("never"), "accent")
    told = words.count("{n} day ago", "{n} days ago", int(days))
    return Cell(told, "accent" if state == "silent" else "plain")


def _site(words: Words, row: object) -> Cell:
    state, since = getattr(row, "site_state", "no_site"), getattr(row, "since", None)
    if state == "no_site":
        return Cell(words.say("no site"), "quiet")
    label = words.term("site_state", state)
    if state == "running" or since is None or pd.isna(since):
        return Cell(label)
    return Cell(words.say("{state} since {day}", state=label, day=day(since, words)))


def _usual(words: Words, low: object, high: object) -> str:
    first, last = _whole(low), _whole(high)
    return words.say("n/a") if first is None or last is None else words.span(first, last)


def _written(words: Words, number: object) -> str:
    whole = _whole(number)
    return words.say("n/a") if whole is None else words.number(whole)


def _median(words: Words, number: float | None) -> str:
    if number is None:
        return words.say("n/a")
    return words.number(number, places=0 if float(number).is_integer() else 1)


def _whole(value: object) -> int | None:
    return None if value is None or pd.isna(value) else int(str(value))  # type: ignore[call-overload]  # a cell is a scalar


def _term(words: Words, vocabulary: str, word: object) -> str:
    return words.say("n/a") if text(word) in {"", "unknown"} else words.term(vocabulary, text(word))


def _capital(passage: str) -> str:
    return passage[:1].upper() + passage[1:]
