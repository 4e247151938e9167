"""What a version changes of the one it corrects: found in the two documents, said in the new one.

What the earlier version said and the new one does not is named by place and never repeated, but for
plain numbers: it may be the very thing that had to go.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.blocks import (
    Actions,
    Block,
    Callout,
    Columns,
    Figure,
    Heading,
    Judgement,
    KeyFigure,
    KeyFigures,
    Sources,
    Table,
    Text,
)
from workbench.document import Document
from workbench.language import Words

LINES = 12
"""So many changes are told; of the others, how many there are."""

_LABEL = 60
_NUMBER = re.compile(r"[\d\s.,+\-−–<>≤≥~±%()/]*")
_DIGITS = 6
"""A number with more digits, or with three decimals, could be a telephone number or a place."""


def between(earlier: Document, later: Document, spoken: Words) -> tuple[str, ...]:
    """
    Return what `later` says otherwise than `earlier`, a sentence each, at most LINES and a last one.

    Key figures are compared by label, tables by title, first cell and column, judgements by number,
    passages by heading, figures by title. Nothing changed is said too.
    """
    before, now = _Parts(earlier), _Parts(later)
    found = [
        *_bottom_line(before, now, spoken),
        *_judgements(before, now, spoken),
        *_key_figures(before, now, spoken),
        *_tables(before, now, spoken),
        *_recommendations(before, now, spoken),
        *_passages(before, now, spoken),
        *_figures(before, now, spoken),
    ]
    if before.sources != now.sources:
        found.append(spoken.say("The list of sources was changed."))
    if not found:
        return (spoken.say("Nothing it says was changed, only how it is set."),)
    more = len(found) - LINES
    if more > 0:
        found[LINES:] = [spoken.count("And {n} more change.", "And {n} more changes.", more)]
    return tuple(found)


def told(
    document: Document, changes: Sequence[str], *, version: int, corrects: int | None, spoken: Words
) -> Document:
    """Return the document with a section on what it corrects, below its bottom line; as it is if nothing."""
    if corrects is None:
        return document
    section = (
        Heading(spoken.say("What this version corrects")),
        Text.plain(
            spoken.say(
                "Version {version} replaces version {corrected}.",
                version=str(version),
                corrected=str(corrects),
            )
        ),
        Text.bullets(*changes),
    )
    place = next(
        (number for number, block in enumerate(document.blocks) if not isinstance(block, Callout)),
        len(document.blocks),
    )
    return Document(document.masthead, (*document.blocks[:place], *section, *document.blocks[place:]))


@dataclass
class _Parts:
    """A document taken apart: what is compared, by what it is called."""

    document: Document
    bottom_line: list[str] = field(default_factory=list)
    judgements: dict[str, Judgement] = field(default_factory=dict)
    key_figures: dict[str, KeyFigure] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    passages: dict[str, list[object]] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    actions: list[object] = field(default_factory=list)
    sources: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        heading = ""
        for block in _flat(self.document.blocks):
            if isinstance(block, Heading):
                heading = block.text
                self.passages.setdefault(heading, [])
            elif isinstance(block, Callout) and block.purpose == "bottom_line":
                self.bottom_line += [block.lead, block.text]
            elif isinstance(block, Judgement):
                self.judgements[_free(self.judgements, block.number)] = block
            elif isinstance(block, KeyFigures):
                for figure in block.figures:
                    self.key_figures[_free(self.key_figures, figure.label)] = figure
                self.passages.setdefault(heading, []).append(block.note)
            elif isinstance(block, Table):
                self.tables[_free(self.tables, block.title or heading)] = block
            elif isinstance(block, Figure):
                self.figures[_free(self.figures, block.title)] = block
            elif isinstance(block, Actions):
                self.actions += block.actions
            elif isinstance(block, Sources):
                self.sources.append(block)
            else:
                self.passages.setdefault(heading, []).append(block)


def _flat(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Columns):
            yield from _flat((*block.left, *block.right))
        else:
            yield block


def _free(taken: Mapping[str, object], name: str) -> str:
    """Return a name that is not taken: the second of two alike is `name (2)`."""
    number = 1
    while (called := name if number == 1 else f"{name} ({number})") in taken:
        number += 1
    return called


def _bottom_line(before: _Parts, now: _Parts, spoken: Words) -> Iterator[str]:
    if before.bottom_line != now.bottom_line:
        yield spoken.say("The bottom line was reworded.")


def _judgements(before: _Parts, now: _Parts, spoken: Words) -> Iterator[str]:
    for number, judgement in now.judgements.items():
        if number not in before.judgements:
            yield spoken.say("Key judgement {number} was added.", number=number)
        elif before.judgements[number] != judgement:
            yield spoken.say("Key judgement {number} was changed.", number=number)
    if gone := len(before.judgements.keys() - now.judgements.keys()):
        yield spoken.count("{n} key judgement was removed.", "{n} key judgements were removed.", gone)


def _key_figures(before: _Parts, now: _Parts, spoken: Words) -> Iterator[str]:
    for label, figure in now.key_figures.items():
        was = before.key_figures.get(label)
        if was is None:
            yield spoken.say("{what} was added.", what=_short(label))
        elif was.value != figure.value:
            yield _was_is(_short(label), was.value, figure.value, spoken)
        elif was != figure:
            yield spoken.say("{what}: what is said of it was changed.", what=_short(label))
    if gone := len(before.key_figures.keys() - now.key_figures.keys()):
        yield spoken.count("{n} key figure is no longer given.", "{n} key figures are no longer given.", gone)


def _tables(before: _Parts, now: _Parts, spoken: Words) -> Iterator[str]:
    for title, table in now.tables.items():
        was = before.tables.get(title)
        if was is None:
            yield spoken.say("{what} was added.", what=_short(title))
        elif was != table:
            yield from _rows(_short(title), was, table, spoken)
    if gone := len(before.tables.keys() - now.tables.keys()):
        yield spoken.count("{n} table is no longer given.", "{n} tables are no longer given.", gone)


def _rows(title: str, was: Table, now: Table, spoken: Words) -> Iterator[str]:
    earlier, later = _by_row(was), _by_row(now)
    other = False
    for row, cells in later.items():
        if row not in earlier:
            yield spoken.say("{table}: {row} was added.", table=title, row=_short(row))
            continue
        for column, text in cells.items():
            if column not in earlier[row]:
                other = True
            elif earlier[row][column] != text:
                place = ", ".join(filter(None, (title, _short(row), _short(column))))
                yield _was_is(place, earlier[row][column], text, spoken)
    if gone := len(earlier.keys() - later.keys()):
        yield spoken.count(
            "{table}: {n} row was removed.", "{table}: {n} rows were removed.", gone, table=title
        )
    same = all(earlier.get(row) == cells for row, cells in later.items()) and not gone
    if other or same:  # another column, order, tone or note
        yield spoken.say("{what} was changed.", what=title)


def _by_row(table: Table) -> dict[str, dict[str, str]]:
    columns: dict[str, None] = {}
    for column in table.columns:
        columns[_free(columns, column.label)] = None
    rows: dict[str, dict[str, str]] = {}
    for cells in table.rows:
        texts = [f"{cell.symbol} {cell.text}".strip() for cell in cells]
        rows[_free(rows, cells[0].text if cells else "")] = dict(zip(columns, texts, strict=True))
    return rows


def _recommendations(before: _Parts, now: _Parts, spoken: Words) -> Iterator[str]:
    if before.actions != now.actions:
        yield spoken.say("The recommendations were changed.")


def _passages(before: _Parts, now: _Parts, spoken: Words) -> Iterator[str]:
    for heading, blocks in now.passages.items():
        what = _short(heading) or spoken.say("The opening")
        if heading not in before.passages:
            yield spoken.say("{what} was added.", what=what)
        elif Counter(map(repr, before.passages[heading])) != Counter(map(repr, blocks)):
            yield spoken.say("{what}: the text was changed.", what=what)
    if gone := len(before.passages.keys() - now.passages.keys()):
        yield spoken.count("{n} section was removed.", "{n} sections were removed.", gone)


def _figures(before: _Parts, now: _Parts, spoken: Words) -> Iterator[str]:
    for title, figure in now.figures.items():
        if title not in before.figures:
            yield spoken.say("Figure “{title}” was added.", title=_short(title))
        elif before.figures[title] != figure:
            yield spoken.say("Figure “{title}” was drawn anew.", title=_short(title))
    if gone := len(before.figures.keys() - now.figures.keys()):
        yield spoken.count("{n} figure is no longer given.", "{n} figures are no longer given.", gone)


def _was_is(what: str, was: str, now: str, spoken: Words) -> str:
    if _is_number(was) and _is_number(now):
        return spoken.say("{what}: was {was}, is {now}.", what=what, was=was, now=now)
    return spoken.say("{what} was changed.", what=what)


def _is_number(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return bool(
        0 < digits <= _DIGITS
        and _NUMBER.fullmatch(text)
        and not re.search(r"[.]\d{3}|\d{1,3}[/-]\d+[/-]", text)
    )


def _short(text: str) -> str:
    """Return a title or a cell as it is named in a sentence, cut after 60 letters."""
    text = " ".join(text.split())
    return text if len(text) <= _LABEL else text[: _LABEL - 1].rstrip() + "…"
