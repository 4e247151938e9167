"""What everybody may be told: counts of which small ones are withheld, in plain words, from the table `count`."""

from __future__ import annotations

import re

import pandas as pd

from workbench.blocks import Align, Block, Callout, Cell, KeyFigure, KeyFigures, Sources, Text
from workbench.charts import released_weeks
from workbench.document.sections._parts import capital, each, names, table, tells_districts, whole
from workbench.document.sections.head import bottom_line
from workbench.language import Words
from workbench.view import Edition

_COMPARED = 12
_STAR, _DASH = "*", "–"
"""Not shown; none was reported, which is no zero: these readers know nothing of who was heard from."""


def released_bottom_line(edition: Edition) -> list[Callout]:
    """
    Return the bottom line if one was written that these readers may read and that tells no number.

    A sentence such as "five on the road" would undo what the tables withhold; numbers in words are known in
    the language of the page. Whether a text without numbers gives anything away is for those who release it.
    """
    rows = edition.view.table("assessment")
    if not {"week", "part", "text"} <= set(rows.columns):
        return []
    ours = rows["week"].eq(edition.view.week.slug) & rows["part"].eq("bottom_line")
    written = bottom_line(edition) if ours.fillna(value=False).any() else None
    return (
        [written] if written and not _tells_numbers(edition.words, f"{written.lead} {written.text}") else []
    )


def released_figures(edition: Edition) -> KeyFigures:
    """
    Return the incidents of the week, what the 12 weeks before had, and the people killed.

    A number that is withheld is "not shown", one of a week that nobody reported on "no report", and where
    none was reported stands a dash; none of these is a zero. Weeks are compared with those of the weeks before that are shown.
    """
    words, weeks = edition.words, _weeks(edition)
    now, past = weeks.iloc[-1], weeks.iloc[-1 - _COMPARED : -1]
    known = past["incidents"].dropna().astype(int)
    hidden = int(past["state"].ne("shown").sum())
    count = whole(now["incidents"])
    figures = [
        KeyFigure(
            _DASH if count == 0 else _number(words, count, str(now["state"])),
            words.count("incident this week", "incidents this week", 2 if count is None else count),
            meaning=words.say("none was reported")
            if count == 0
            else _against(words, count, known, hidden=hidden),
        ),
        KeyFigure(
            words.span(known.min(), known.max()) if len(known) else words.say("not known"),
            words.count(
                "incidents in the {n} week before", "incidents a week in the {n} weeks before", len(past)
            ),
            comparison=words.count(
                "{n} of these weeks is not shown", "{n} of these weeks are not shown", hidden
            )
            if hidden
            else "",
        ),
    ]
    if edition.view.table("count")["killed"].notna().any():
        killed = whole(now["killed"])
        figures.append(
            KeyFigure(
                _number(words, killed, "withheld" if now["state"] == "shown" else str(now["state"])),
                words.count("person killed", "people killed", 2 if killed is None else killed),
                comparison=words.say("best estimate") if killed else "",
            )
        )
    return KeyFigures(tuple(figures))


def released_chart(edition: Edition) -> list[Block]:
    """Return the chart of the weeks (`charts.released_weeks`); nothing where no week is known."""
    weeks = _weeks(edition)
    if weeks["state"].eq("unknown").all():
        return [Text.plain(edition.words.say("No source has reported on these weeks."), tone="quiet")]
    source = _source_note(edition)
    threshold = edition.view.audience.count_threshold
    return [released_weeks(weeks, words=edition.words, threshold=threshold, note=source)]


def released_types(edition: Edition) -> Block:
    """Return the last weeks by kind of incident, with their totals; kinds that had none are named beneath."""
    words, cells = edition.words, _cells(edition, "week_type", "event_type")
    told = cells[[any(one != _DASH for one in row) for row in cells.itertuples(index=False)]]
    note = words.say("All other kinds: none in these weeks.") if len(told) < len(cells) else ""
    labels = {kind: capital(words.term("event_type", kind)) for kind in told.index}
    return _table(edition, told, labels, head=words.say("Kind of incident"), note=note)


def released_districts(edition: Edition) -> Block:
    """Return the last weeks by district, with their totals, or a sentence for readers told no districts."""
    words = edition.words
    if not tells_districts(edition):
        listed = words.listed(list(names(edition.view).values()))
        return Text.plain(
            words.say(
                "This edition gives numbers for the whole area only, which is {districts}.", districts=listed
            ),
            tone="quiet",
        )
    cells = _cells(edition, "week_district", "district")
    return _table(edition, cells, names(edition.view), head=words.say("District"), note="")


def released_meaning(edition: Edition) -> Block:
    """Return the lines that explain the columns, stars and dashes of the tables."""
    words, counts = edition.words, edition.view.table("count")
    sentences = [words.say("Each column is the week that begins on that day.")]
    if counts["state"].eq("withheld").any():
        sentences.append(
            words.say(
                "* Not shown: numbers from 1 to {most} could point to people, so they are left out, and so are some totals, some dashes and larger numbers from which they could be worked out.",
                most=edition.view.audience.count_threshold - 1,
            )
        )
    sentences.append(words.say("A dash: none was reported, which does not mean that nothing happened."))
    if counts["state"].eq("unknown").any():
        sentences.append(words.say("n/a: no source has reported."))
    return Text.plain(" ".join(sentences), tone="quiet")


def released_method(edition: Edition) -> Block:
    """Return what the numbers are and are not, and how small ones are protected."""
    words, view = edition.words, edition.view
    counted = view.sources[view.sources["source"].isin(view.area.counts_from)]
    titles = words.listed([str(title) for title in counted["title"]])
    sentences = [
        words.say(
            "These are incidents reported by {sources}, each counted once, in the week it began. They are not all that happened: places from which nobody reports look calm.",
            sources=titles,
        )
        if titles
        else words.say("No source of incidents may be named in this edition."),
        words.say(
            "Numbers of the last weeks still change as reports come in. Other publications may count differently."
        ),
        words.say(
            "Numbers from 1 to {most} are never shown. Others are withheld with them, and stay so in later issues where it matters, until nobody can work out a small number from sums or from earlier issues. People killed are shown if nobody was, or if at least {n} incidents led to it.",
            most=view.audience.count_threshold - 1,
            n=view.audience.count_threshold,
        ),
    ]
    return Text.bullets(*sentences)


def released_sources(edition: Edition) -> Sources:
    """Return the sources that the counts come from, with licence, attribution and the day of delivery."""
    words, view = edition.words, edition.view
    counted = view.sources[view.sources["source"].isin(view.area.counts_from)]
    return Sources(
        table(
            [
                (words.say("Source"), "left", 1.9),
                (words.say("Licence and attribution"), "left", 4.4),
                (words.say("Delivered"), "left", 1.7),
            ],
            [
                (
                    Cell(str(row.title), "strong"),
                    words.say(
                        "{licence}. {attribution}",
                        licence=row.licence.rstrip("."),
                        attribution=row.attribution,
                    ),
                    words.say("nothing yet")
                    if pd.isna(row.delivered_at)
                    else words.instant(row.delivered_at),
                )
                for row in each(counted)
            ],
            empty=words.say("No source may be named to these readers."),
        )
    )


def _tells_numbers(words: Words, passage: str) -> bool:
    """Return whether a text tells a number, in digits or words; True where the words are not translated."""
    spelt = words.say(
        "one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety, hundred, thousand, once, twice, first, second, third, single, only, couple, pair, both, several, dozen, half"
    )
    if words.language != "en" and spelt.startswith("one, two"):
        return True
    told = {word.casefold() for word in re.findall(r"[^\W\d_]+", passage)}
    return any(mark.isnumeric() for mark in passage) or bool(told & set(spelt.split(", ")))


def _weeks(edition: Edition) -> pd.DataFrame:
    counts = edition.view.table("count")
    return counts[counts["table"].eq("week")].sort_values("week").reset_index(drop=True)


def _cells(edition: Edition, name: str, by: str) -> pd.DataFrame:
    """Return what stands in each cell as text: one row a kind or district, one column a week."""
    rows = edition.view.table("count")
    rows = rows[rows["table"].eq(name)]
    return rows.assign(text=_texts(edition.words, rows)).pivot_table(
        index=by, columns="week", values="text", aggfunc="first", sort=False
    )


def _texts(words: Words, rows: pd.DataFrame) -> list[str]:
    marks = {"withheld": _STAR, "unknown": words.say("n/a")}
    return [
        marks.get(str(state), "") or (words.number(int(count)) if count else _DASH)
        for count, state in zip(rows["incidents"], rows["state"], strict=True)
    ]


def _table(edition: Edition, cells: pd.DataFrame, labels: dict[str, str], *, head: str, note: str) -> Block:
    words, weeks = edition.words, _weeks(edition)
    totals = dict(zip(weeks["week"], _texts(words, weeks), strict=True))
    right: Align = "right"
    days = [pd.Timestamp(day) for day in cells.columns]
    columns: list[tuple[str, Align, float]] = [(head, "left", 2.1)]
    columns += [(words.short_day(day.date()), right, 0.85) for day in days]
    rows = [
        (labels[code], *cells.loc[code]) for code in labels if code in cells.index
    ] + [
        (
            Cell(words.say("All incidents"), "strong"),
            *(Cell(totals[day], "strong") for day in cells.columns),
        )
    ]  # fmt: skip
    return table(columns, rows, note=note, stack=False)


def _number(words: Words, count: int | None, state: str) -> str:
    if count is not None:
        return words.number(count)
    return words.say("not shown") if state == "withheld" else words.say("no report")


def _against(words: Words, count: int | None, known: pd.Series, *, hidden: int) -> str:
    if count is None or known.empty:
        return ""
    if count > known.max():
        if hidden:
            return words.say("more than in any of the weeks before that are shown")
        return words.say("more than in any of the weeks before")
    if count < known.min():
        if hidden:
            return words.say("fewer than in any of the weeks before that are shown")
        return words.say("fewer than in any of the weeks before")
    return words.say("as many as in the weeks before")


def _source_note(edition: Edition) -> str:
    words, view = edition.words, edition.view
    rows = view.sources[view.sources["source"].isin(view.area.counts_from)]
    titles = words.listed([str(title) for title in rows["title"]])
    return words.say("Source: {sources}.", sources=titles) if titles else ""
