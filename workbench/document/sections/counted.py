"""What was counted: the numbers of the week, the district table, the publishers side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pandas as pd

from workbench import analysis
from workbench.analysis import KeyNumber, KeyNumbers, Part
from workbench.blocks import Align, Block, Callout, Cell, KeyFigure, KeyFigures, Table, Text
from workbench.charts import weekly_bars
from workbench.document.sections._parts import (
    each,
    names,
    near_day,
    table,
    tells_districts,
    text,
    whole,
)
from workbench.language import Words
from workbench.view import Edition

_DASH = "–"
_UNTOLD = frozenset({"no_report", "no_incident_known"})
_NOBODY_CAN_SAY = frozenset({"no_report", "no_coverage", "none_known"})
_LEFT: Align = "left"
_WEEKS_DRAWN = 26
_ARROWS: dict[str, Literal["", "up", "down", "flat"]] = {
    "deteriorated": "up",
    "unchanged": "flat",
    "improved": "down",
}
"""A level that deteriorated went up: 5 is the worst."""


def key_figures(
    edition: Edition,
    *,
    numbers: KeyNumbers,
    total: pd.DataFrame,
    contact: pd.DataFrame,
    before: pd.DataFrame | None = None,
) -> KeyFigures:
    """
    Return the week's few big numbers, each with its comparison and its meaning in words.

    `numbers` from `analysis.key_numbers`, `total` from `analysis.assess` over the whole area (one
    row), `contact` from `analysis.last_contact`; `before` from `analysis.state_of_all` of last week, where no 0
    is told if nobody can say that nothing happened. Civilians are "of which", never a number of their
    own that somebody could add. Where nobody can tell silence from calm a dash stands for none, and
    what nobody records or these readers may not know is left out.
    """
    words = edition.words
    code = text(total.iloc[0]["assessment"])
    incidents, killed, aid = numbers.incidents, numbers.killed_best, numbers.aid_affected
    if before is not None and before.iloc[0]["state"] in _NOBODY_CAN_SAY:
        incidents, killed, aid = (_without_zero(one) for one in (incidents, killed, aid))
    untold = code in _UNTOLD
    figures = [
        KeyFigure(
            _DASH if untold else _written(words, incidents.this_week),
            words.count("incident", "incidents", incidents.this_week or 0),
            _before(words, incidents),
            words.term("assessment", code),
            tone="accent" if code in {"higher_than_usual", "no_report"} else "plain",
        )
    ]
    if killed.this_week is not None or untold:
        civilians = numbers.civilians_killed.this_week
        figures.append(
            KeyFigure(
                _DASH if untold else _written(words, killed.this_week),
                _deaths_label(words, numbers),
                _before(words, killed),
                parts=(words.count("of which {n} civilian", "of which {n} civilians", civilians),)
                if civilians
                else (),
            )
        )
    if aid.this_week is not None:
        figures.append(
            KeyFigure(
                _DASH if untold else _written(words, aid.this_week),
                words.say("affecting aid"),
                _before(words, aid),
            )
        )
    if not contact["state"].eq("unknown").all():
        heard = int(contact["state"].eq("in_contact").sum())
        silent = len(contact) - heard
        figures.append(
            KeyFigure(
                words.say("{heard}/{all}", heard=heard, all=len(contact)),
                words.say("districts in contact"),
                words.count(
                    "{silent} silent over {n} day",
                    "{silent} silent over {n} days",
                    edition.view.area.contact_interval_days,
                    silent=silent,
                )
                if silent
                else words.say("none silent"),
            )
        )
    return KeyFigures(tuple(figures))


def data_end(edition: Edition, *, since: date | None, until: date | None) -> list[Block]:
    """
    Return a warning where the data counted do not reach into the week; nothing where they do.

    `since` and `until` are the first and the last day they cover, None if there are none.
    """
    words, week = edition.words, edition.view.week
    if analysis.reached(since=since, until=until, first_day=week.first_day, last_day=week.last_day):
        return []
    lead = words.say("No data reach this week.")
    if until is not None and until < week.first_day:
        return [
            Callout(
                "warning",
                lead,
                words.say(
                    "What is counted here ends on {day}: later incidents are not known.", day=words.day(until)
                ),
            )
        ]
    return [
        Callout("warning", lead, words.say("What is counted here holds no incident of this area so far."))
    ]


def numbers_table(edition: Edition, *, numbers: KeyNumbers) -> Table:
    """
    Return the numbers box: this week, last week, median of 8 weeks, same week last year, year so far.

    What is "of which" is told by the numbers' own type, so that no line reads as one to be added.
    """
    words = edition.words
    tallies = numbers.tallies()
    lines: list[tuple[str, str, KeyNumber]] = [
        ("incidents", words.say("Incidents"), numbers.incidents),
        (
            "attacks_on_civilians",
            words.say("of which attacks on civilians"),
            numbers.attacks_on_civilians,
        ),
        ("aid_affected", words.say("of which affecting aid"), numbers.aid_affected),
        ("killed_best", words.say("Deaths (best estimate)"), numbers.killed_best),
        ("civilians_killed", words.say("of which civilians"), numbers.civilians_killed),
        ("killed_low", words.say("Deaths (low estimate)"), numbers.killed_low),
        ("killed_high", words.say("Deaths (high estimate)"), numbers.killed_high),
    ]
    return table(
        [
            ("", "left", 2.4),
            (words.say("This week"), "right", 0.9),
            (words.say("Last week"), "right", 0.9),
            (words.say("Median of 8 weeks"), "right", 1.2),
            (words.say("Same week last year"), "right", 1.3),
            (words.say("Since {day}", day=near_day(numbers.since, edition)), "right", 1.1),
        ],
        [
            (
                Cell(label, "quiet" if isinstance(tallies[measure], Part) else "plain"),
                Cell(
                    _written(words, number.this_week),
                    "plain" if isinstance(tallies[measure], Part) else "strong",
                ),
                _written(words, number.last_week),
                _median(words, number.median_8_weeks),
                _written(words, number.same_week_last_year),
                _written(words, number.cumulative),
            )
            for measure, label, number in lines
        ],
        note=words.say(
            "Lines that begin with “of which” are part of the line above them and are never added to it. "
            "“n/a”: the data do not reach back that far, or these readers may not know."
        ),
        stack=False,
    )


def bars(
    edition: Edition,
    *,
    total: pd.DataFrame,
    assessed: pd.DataFrame,
    still_reported: int,
    nowcast: pd.DataFrame | None,
) -> list[Block]:
    """Return the chart of incidents a week (`charts.weekly_bars`); nothing where no count of them is known."""
    if total["incidents"].tail(_WEEKS_DRAWN).isna().all():
        return []
    note = counted_from(edition)
    return [
        weekly_bars(
            total,
            assessed=assessed,
            words=edition.words,
            still_reported=still_reported,
            nowcast=nowcast,
            note=note,
        )
    ]


def whole_area_only(edition: Edition) -> Text:
    """Return the sentence that stands for map and district table where readers may not know the district."""
    listed = edition.words.listed(list(names(edition.view).values()))
    return Text.plain(
        edition.words.say(
            "This edition gives numbers for the whole area only, which is {districts}.", districts=listed
        ),
        tone="quiet",
    )


def district_table(  # noqa: PLR0913  # one frame for each thing the table tells
    edition: Edition,
    *,
    assessed: pd.DataFrame,
    before: pd.DataFrame,
    contact: pd.DataFrame,
    confidence: pd.DataFrame,
    sites: pd.DataFrame | None,
    levels: pd.DataFrame | None = None,
) -> Block:
    """
    Return the table of all target districts, also those with nothing to report.

    `assessed` from `analysis.assess`, `before` the states of the week before from `analysis.states`,
    `contact` from `last_contact`, `confidence` from `coverage.confidence`, `sites` from
    `analysis.sites` and `levels` from `analysis.levels`, or None if these readers may not know. A dash is no zero: it stands where no
    incident is known and nobody has been heard from, or these readers cannot know whether anybody
    has. Highest counts first, dashes last. Readers who may not know districts get a sentence.
    """
    words, view = edition.words, edition.view
    if not tells_districts(edition):
        return Text.plain(words.say("Counts by district are not part of this edition."), tone="quiet")
    rows = assessed.merge(contact, on="district").merge(confidence, on="district")
    rows = rows.merge(before[["district", "state"]].rename(columns={"state": "state_before"}), on="district")
    if sites is not None:
        rows = rows.merge(sites.rename(columns={"state": "site_state"}), on="district")
    if levels is not None:
        rows = rows.merge(levels[["district", "rating", "direction", "stale"]], on="district", how="left")
    rows["name"] = rows["district"].map(names(view))
    rows = rows.assign(untold=rows["assessment"].isin(_UNTOLD)).sort_values(
        ["untold", "now", "expected", "name"], ascending=[True, False, False, True], kind="stable"
    )
    follows_contact = not rows["state"].eq("unknown").all()
    columns: list[tuple[str, Align, float]] = [
        (words.say("District"), "left", 1.25),
        *([(words.say("Level"), _LEFT, 0.75)] if levels is not None else []),
        (words.say("Now"), "right", 0.5),
        (words.say("Last week"), "right", 1.05),
        (words.say("Usual"), "right", 0.7),
        (words.say("Assessment"), "left", 2.1),
    ]
    if follows_contact:
        columns += [(words.say("Last contact"), "right", 1.25), (words.say("Confidence"), "left", 1.2)]
    if sites is not None:
        columns.append((words.say("Programme"), "left", 2.1))
    made = []
    for row in each(rows):
        higher = row.assessment == "higher_than_usual"
        was_untold = row.state_before in {"no_report", "no_coverage", "none_known"}
        cells = [
            Cell(row.name, "strong" if higher else "plain"),
            *([_level(words, row)] if levels is not None else []),
            Cell(_DASH if row.untold else _written(words, row.now), "strong" if higher else "plain"),
            Cell(_DASH if was_untold else _written(words, row.before)),
            Cell(_usual(words, row.usual_low, row.usual_high)),
            Cell(
                words.term("assessment", row.assessment),
                "accent" if higher or row.assessment == "no_report" else "plain",
                "up" if higher else "",
            ),
        ]
        if follows_contact:
            cells += [_contact(words, row), Cell(_term(words, "confidence", row.confidence))]
        if sites is not None:
            cells.append(_site(edition, row))
        made.append(cells)
    at = 2 if levels is not None else 1
    dashes = any(cell.text == _DASH for cells in made for cell in cells[at : at + 2])
    note = _district_note(edition, dashes=dashes, contact=follows_contact, rows=rows)
    return table(columns, made, note=note)


def _level(words: Words, row: Any) -> Cell:
    rating = whole(row.rating)
    if rating is None:
        return Cell(words.say("none"), "quiet")
    told = words.number(rating)
    if not pd.isna(row.stale) and row.stale:
        told = words.say("({level})", level=told)
    return Cell(told, "plain", _ARROWS.get(text(row.direction), ""))


def _district_note(edition: Edition, *, dashes: bool, contact: bool, rows: pd.DataFrame) -> str:
    words, days = edition.words, edition.view.area.contact_interval_days
    if not dashes:
        return words.say("“Usual” is where 90 % of weeks like those before would fall.")
    if not contact:
        return words.say(
            "“Usual” is where 90 % of weeks like those before would fall. A dash is no zero: no incident is known, "
            "and this edition does not tell whether anyone was heard from."
        )
    if rows["assessment"].eq("no_incident_known").any():
        return words.say(
            "“Usual” is where 90 % of weeks like those before would fall. A dash is no zero: no incident is known, "
            "and none can be ruled out."
        )
    return words.count(
        "“Usual” is where 90 % of weeks like those before would fall. A dash is no zero: no incident is known, "
        "and nobody was heard from for more than {n} day.",
        "“Usual” is where 90 % of weeks like those before would fall. A dash is no zero: no incident is known, "
        "and nobody was heard from for more than {n} days.",
        days,
    )


def incident_sources(edition: Edition) -> list[str]:
    """Return the slugs of the publishers of incidents that these readers may know of."""
    sources = edition.view.sources
    return [str(slug) for slug in sources.loc[sources["record"] == "incident", "source"]]


def data_span(edition: Edition) -> tuple[date, date] | tuple[None, None]:
    """
    Return the first and the last day that the data counted cover, as far as these readers know.

    (None, None) where they hold no incident of the area up to this week: nothing can be told from them.
    """
    view = edition.view
    since = analysis.reach(view.counted)
    if since is None:
        return None, None
    last = view.sources.loc[view.sources["source"].isin(view.area.counts_from), "last_dated"].max()
    if pd.isna(last):
        last = view.counted["occurred_on"].max()
    return since, last.date()


def counted_from(edition: Edition) -> str:
    """Return the source note of a chart: which publisher it counts, and up to which day its data reach."""
    words, view = edition.words, edition.view
    rows = view.sources[view.sources["source"].isin(view.area.counts_from)]
    titles, last = words.listed([str(title) for title in rows["title"]]), rows["last_dated"].max()
    if not titles or pd.isna(last):
        return ""
    return words.say("Source: {sources}, up to {day}.", sources=titles, day=near_day(last, edition))


def _deaths_label(words: Words, numbers: KeyNumbers) -> str:
    low, high, n = numbers.killed_low.this_week, numbers.killed_high.this_week, numbers.killed_best.this_week
    if low is None or high is None or low == high:
        return words.count("death", "deaths", n or 0)
    return words.count("death ({range})", "deaths ({range})", n or 0, range=words.span(low, high))


def _without_zero(number: KeyNumber) -> KeyNumber:
    return number if number.last_week else replace(number, last_week=None)


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


def _site(edition: Edition, row: object) -> Cell:
    words = edition.words
    state, since = getattr(row, "site_state", "no_site"), getattr(row, "since", None)
    if state == "no_site":
        return Cell(words.say("no site"), "quiet")
    label = words.term("site_state", state)
    if state == "running" or since is None or pd.isna(since):
        return Cell(label)
    return Cell(words.say("{state} since {day}", state=label, day=near_day(since, edition)))


def _usual(words: Words, low: object, high: object) -> str:
    first, last = whole(low), whole(high)
    return words.say("n/a") if first is None or last is None else words.span(first, last)


def _written(words: Words, number: object) -> str:
    written = whole(number)
    return words.say("n/a") if written is None else words.number(written)


def _median(words: Words, number: float | None) -> str:
    if number is None:
        return words.say("n/a")
    return words.number(number, places=0 if float(number).is_integer() else 1)


def _term(words: Words, vocabulary: str, word: object) -> str:
    return words.say("n/a") if text(word) in {"", "unknown"} else words.term(vocabulary, text(word))
