"""Data quality: what came, what was set aside and why, what waits for a person's decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pandas as pd

from workbench.analysis import ChainLadder, DelayKnown, MergeCounts, coverage_of_all, listable
from workbench.blocks import Align, Block, Cell, KeyFigure, KeyFigures, Text
from workbench.document.sections._parts import (
    Row,
    capital,
    column,
    data_until,
    each,
    names,
    near_day,
    table,
    text,
    whole,
)
from workbench.view import Edition

_PLACES = 8
"""Rows of one fault that are named; the rest are counted."""

_RIGHT: Align = "right"
_REASON = 80
"""Letters of a reason: a vocabulary can be longer than the page is wide."""

_LISTED = 60
"""Pairs or rows in one table; more are work for the triage, not for a page."""


def summary(
    edition: Edition, *, waiting: pd.DataFrame, unmatched: pd.DataFrame, coverage: pd.DataFrame
) -> KeyFigures:
    """Return what waits for somebody: rows set aside, places, pairs, contacts, and sources that are late."""
    words, view = edition.words, edition.view
    rows = view.sources
    ages = (
        pd.Timestamp(view.on) - rows["delivered_at"].dt.tz_convert(view.zone).dt.tz_localize(None)
    ).dt.days
    late = int((ages.gt(rows["max_age_days"]) | rows["delivered_at"].isna()).sum())
    aside = int(view.sources["rejected"].sum())
    may_know = "reason" in view.table("rejected_row")

    def figure(n: int, label: str, *, of: str = "") -> KeyFigure:
        return KeyFigure(words.number(n), label, of, tone="accent" if n else "plain")

    figures = [
        *([figure(aside, words.count("row set aside", "rows set aside", aside))] if may_know else []),
        figure(
            len(unmatched),
            words.count("incident without a district", "incidents without a district", len(unmatched)),
            of=words.say("of the last 13 weeks"),
        ),
        figure(
            len(waiting),
            words.count("pair to decide", "pairs to decide", len(waiting)),
            of=words.say("of the last 13 weeks"),
        ),
        figure(late, words.count("source late", "sources late", late), of=words.say("of {n}", n=len(rows))),
    ]
    found = coverage_of_all(coverage)
    if found.met is not None and found.required:
        figures.append(
            KeyFigure(
                words.say("{met}/{required}", met=found.met, required=found.required),
                words.say("required contacts kept"),
            )
        )
    return KeyFigures(tuple(figures))


def deliveries(edition: Edition) -> list[Block]:
    """Return what each source brought last: when, how many rows, how many set aside, and its freshness."""
    words, view = edition.words, edition.view
    made: list[Row] = []
    # only who reads every row is told how many there are
    told = bool(view.sources["read"].notna().any())
    for row in each(view.sources):
        if pd.isna(row.delivered_at):
            nothing = Cell(words.say("never delivered"), "accent")
            made.append((Cell(row.title, "strong"), nothing, *([""] * (5 if told else 3))))
            continue
        age = (view.on - row.delivered_at.tz_convert(view.office.time_zone).date()) // timedelta(days=1)
        late = age > row.max_age_days
        fresh = words.count("{n} day old", "{n} days old", age) if age > 0 else words.say("current")
        if late:
            fresh = words.count(
                "{age}; limit {n} day", "{age}; limit {n} days", int(row.max_age_days), age=fresh
            )
        made.append(
            (
                Cell(row.title, "strong"),
                words.instant(row.delivered_at),
                Cell(fresh, "accent" if late else "plain"),
                data_until(row, edition),
                Cell(words.number(int(row.rejected)), "accent" if row.rejected else "plain"),
                *(
                    Cell(words.number(whole(n) or 0) if not pd.isna(n) else words.say("n/a"))
                    for n in ((row.read, row.unmatched) if told else ())
                ),
            )
        )
    return [
        table(
            [
                (words.say("Source"), "left", 2.2),
                (words.say("Delivered"), "left", 2.2),
                (words.say("Freshness"), "left", 1.2),
                (words.say("Data up to"), "left", 1.0),
                (words.say("Set aside"), "right", 0.8),
                *(
                    [(words.say("Rows"), _RIGHT, 0.7), (words.say("No district"), _RIGHT, 0.9)]
                    if told
                    else []
                ),
            ],
            made,
            note=words.say(
                "Of the last delivery of each source. Set aside: rows that could not be read; what was known of them "
                "before still counts."
            )
            + (
                " "
                + words.say(
                    "No district: rows whose place is in none of the office's districts; they are in no count of any area."
                )
                if told
                else ""
            ),
            empty=words.say("No source may be named to these readers."),
        )
    ]


def rejected(edition: Edition) -> list[Block]:
    """Return the rows set aside, by fault: which file and rows, which column, and why; never the value."""
    words, view = edition.words, edition.view
    rows = view.table("rejected_row")
    if "reason" not in rows:
        return [Text.plain(words.say("Which rows are set aside is not for these readers."), tone="quiet")]
    if rows.empty:
        return [Text.plain(words.say("No row is set aside."))]
    keys = ["source", "file", "column", "reason"]
    placed = {"file", "row"} <= set(rows.columns)
    rows = rows.reindex(columns=[*dict.fromkeys([*rows.columns, *keys, "row", "occurred_on"])])
    titles = dict(zip(view.sources["source"], view.sources["title"], strict=True))
    made = []
    for (source, file, name, reason), found in rows.groupby(keys, sort=True, dropna=False):
        numbers = [str(n) for n in sorted(found["row"].dropna().astype(int).tolist())]
        shown = ", ".join(numbers[:_PLACES])
        if len(numbers) > _PLACES:
            shown = words.count(
                "{rows} and {n} more", "{rows} and {n} more", len(numbers) - _PLACES, rows=shown
            )
        made.append(
            (
                Cell(titles.get(text(source), text(source)), "strong"),
                words.say("{file}, row {rows}", file=text(file), rows=shown)
                if text(file)
                else words.say("not to be listed: its licence")
                if placed
                else words.count("{n} row", "{n} rows", len(found)),
                text(name),
                _short(text(reason)),
                near_day(found["occurred_on"].min(), edition),
            )
        )
    return [
        table(
            [
                (words.say("Source"), "left", 2.0),
                (words.say("Where"), "left", 2.6),
                (words.say("Column"), "left", 1.2),
                (words.say("Why"), "left", 2.4),
                (words.say("Since"), "left", 0.8),
            ],
            made[:_LISTED],
            note=words.say(
                "Correct the row where it is kept and pull again: it then counts, and leaves this list."
            ),
        )
    ]


def flagged(edition: Edition, *, incidents: pd.DataFrame) -> list[Block]:
    """Return what validation noticed about counted incidents without rejecting them; nothing if nothing."""
    words = edition.words
    flags = column(incidents, "flags").dropna().astype("str").str.split(";").explode()
    flags = flags[flags.ne("")]
    if flags.empty:
        return []
    labels = {
        "deaths_range": words.say("best estimate of deaths outside its own range"),
        "civilians_exceed_deaths": words.say("more civilians killed than people killed"),
        "label_missing": words.say("no handling label: held at the highest level"),
        "label_unknown": words.say("unknown handling label: held at the highest level"),
        "compartments_unknown": words.say("unknown compartment: held for all of them"),
    }
    told = [
        words.say("{what}: {n}", what=capital(labels.get(str(flag), str(flag).replace("_", " "))), n=int(n))
        for flag, n in flags.value_counts().sort_index().items()
    ]
    return [Text.plain(words.say("Noticed, and kept as the source has it:")), Text.bullets(*told)]


def unmatched(edition: Edition, *, incidents: pd.DataFrame) -> list[Block]:
    """Return the incidents of the area's provinces whose place matched no district: they wait for an alias."""
    words, view = edition.words, edition.view
    if view.table("incident").empty:
        return [Text.plain(words.say("No incident of this area is known."), tone="quiet")]
    if "district" not in view.table("incident"):
        return [Text.plain(words.say("Where incidents lie is not for these readers."), tone="quiet")]
    if incidents.empty:
        return [Text.plain(words.say("Every incident of this area's provinces lies in a known district."))]
    every = len(incidents)
    incidents = listable(incidents)
    if closed := every - len(incidents):
        told = words.count(
            "{n} incident lies in no known district and may not be listed here: its publisher's licence.",
            "{n} incidents lie in no known district and may not be listed here: their publishers' licences.",
            closed,
        )
        if incidents.empty:
            return [Text.plain(told)]
    titles = dict(zip(view.sources["source"], view.sources["title"], strict=True))
    place = column(incidents, "place_name").map(text)
    record = column(incidents, "record_id").map(text)
    rows = [
        (
            near_day(row.occurred_on, edition),
            Cell(titles.get(row.source, row.source), "strong"),
            record.iloc[number],
            place.iloc[number] or words.say("not for these readers"),
        )
        for number, row in enumerate(each(incidents))
    ]
    left = len(rows) - _LISTED
    return [
        table(
            [
                (words.say("Day"), "left", 0.9),
                (words.say("Source"), "left", 2.4),
                (words.say("Record"), "left", 1.8),
                (words.say("Place as given"), "left", 2.6),
            ],
            rows[:_LISTED],
            note=" ".join(
                part
                for part in (
                    words.say(
                        "They are in no district's count. Add the place to geography/aliases.csv, or correct the "
                        "row, and pull again; workbench pull --details suggests districts."
                    ),
                    words.count("{n} more is not listed.", "{n} more are not listed.", left)
                    if left > 0
                    else "",
                )
                if part
            ),
        )
    ]


def duplicates(
    edition: Edition, *, waiting: pd.DataFrame, incidents: pd.DataFrame, merged: MergeCounts
) -> list[Block]:
    """
    Return the pairs that may be one incident and wait for a person, and how many are merged already.

    `waiting` from `analysis.undecided`, `incidents` the rows its keys name, `merged` from
    `analysis.merge_counts`.
    """
    words = edition.words
    told = (
        words.count(
            "{n} incident is told by several rows, by decision on record; the {rows} rows beyond the first are not counted again.",
            "{n} incidents are told by several rows, by decision on record; the {rows} rows beyond the first are not counted again.",
            merged.groups,
            rows=merged.folded,
        )
        if merged.groups
        else words.say("No two rows are on record as the same incident.")
    )
    blocks: list[Block] = [Text.plain(told)]
    if waiting.empty:
        return [*blocks, Text.plain(words.say("No pair waits for a decision."))]
    rows = incidents.drop_duplicates(["source", "record_id"]).set_index(["source", "record_id"])
    made: list[Row] = []
    for number, row in enumerate(each(waiting.head(_LISTED)), start=1):
        pair = [(row.left_source, row.left_id), (row.right_source, row.right_id)]
        made.append(
            (
                str(number),
                *(_described(edition, rows, key) for key in pair),
                words.number(float(row.score), places=2),
                capital(_reasons(edition, row)),
            )
        )
    columns: list[tuple[str, Align, float]] = [
        (words.say("No."), "left", 0.4),
        (words.say("One"), "left", 3.0),
        (words.say("The other"), "left", 3.0),
        (words.say("Score"), "right", 0.6),
        (words.say("Why"), "left", 2.6),
    ]
    left = len(waiting) - _LISTED
    note = words.say(
        "Flagged by nearness in time and place and by agreement of type, parties and deaths; nothing is merged "
        "before a person decides. Write the decision into the register of duplicates: same, different or unsure."
    )
    if left > 0:
        note = f"{note} {words.count('{n} more is not listed.', '{n} more are not listed.', left)}"
    blocks.append(table(columns, made, title=words.say("Pairs that wait for a decision"), note=note))
    return blocks


def delay(edition: Edition, *, known: DelayKnown, ladder: ChainLadder) -> list[Block]:
    """
    Return which share of a week's final count is known after how many weeks; nothing while nobody can tell.

    `ladder` of `analysis.chain_ladder` says what all young weeks together will be in the end.
    """
    words, shares = edition.words, known.delays
    if known.code != "enough":
        return []
    return [
        table(
            [(words.say("Weeks after the week"), "left", 1.6), (words.say("Known by then"), "right", 1.0)],
            [
                (
                    words.number(int(row.delay)),
                    words.say("{share} %", share=words.number(100 * float(row.share)))
                    if not pd.isna(row.share)
                    else words.say("n/a"),
                )
                for row in each(shares[shares["delay"].le(known.window or 0)])
            ],
            stack=False,
        ),
        *_in_the_end(edition, ladder),
    ]


def _in_the_end(edition: Edition, ladder: ChainLadder) -> list[Block]:
    words, total = edition.words, ladder.total
    if pd.isna(total["ultimate"]) or pd.isna(total["se"]):
        return []
    return [
        Text.plain(
            words.say(
                "By the chain ladder (Mack), {known} incidents known over these weeks become {ultimate} in the end, with a standard error of {se}.",
                known=words.number(float(total["known"])),
                ultimate=words.number(float(total["ultimate"]), places=1),
                se=words.number(float(total["se"]), places=1),
            )
        )
    ]


def contact_age(edition: Edition, *, contact: pd.DataFrame) -> list[Block]:
    """Return when each district was last heard from (`analysis.last_contact`); nothing if untold."""
    words, known = edition.words, names(edition.view)
    if contact["state"].eq("unknown").all():
        return []
    made = []
    for row in each(contact):
        days = whole(row.days)
        told = words.say("never") if days is None else words.count("{n} day ago", "{n} days ago", days)
        silent = row.state in {"silent", "never"}
        contacts = whole(row.contacts) or 0
        made.append(
            (known[row.district], words.number(contacts), Cell(told, "accent" if silent else "plain"))
        )
    return [
        table(
            [
                (words.say("District"), "left", 1.6),
                (words.say("Contacts this week"), "right", 1.2),
                (words.say("Last contact"), "right", 1.4),
            ],
            made,
            stack=False,
        )
    ]


def _short(reason: str) -> str:
    """Return a reason without the end of a long list of words that would have been right."""
    return reason if len(reason) <= _REASON else reason[: reason.rfind(",", 0, _REASON)] + " …"


def _described(edition: Edition, rows: pd.DataFrame, key: tuple[str, str]) -> Cell:
    words, view = edition.words, edition.view
    titles = dict(zip(view.sources["source"], view.sources["title"], strict=True))
    if key not in rows.index:
        return Cell(words.say("not for these readers"))
    row: pd.Series = rows.loc[[key]].iloc[0]
    killed = whole(row.get("killed_best"))
    parts: Iterable[str] = (
        near_day(row.get("occurred_on"), edition),
        names(view).get(text(row.get("district")), words.say("not placed")),
        words.term("event_type", text(row.get("event_type"))),
        words.count("{n} killed", "{n} killed", killed) if killed is not None else "",
        words.say("({source} {record})", source=titles.get(key[0], key[0]), record=key[1]),
    )
    return Cell(", ".join(part for part in parts if part).replace(", (", " ("))


def _reasons(edition: Edition, row: object) -> str:
    words = edition.words
    codes = [one for one in text(getattr(row, "reasons", "")).split(";") if one]
    return ", ".join(words.term("duplicate_reason", code) for code in codes)
