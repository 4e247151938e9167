"""Plain text: a document for an e-mail's body, at most 72 columns wide, in reading order."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

from workbench.blocks import (
    Actions,
    Align,
    Block,
    Callout,
    Cell,
    Columns,
    Figure,
    Heading,
    Judgement,
    KeyFigures,
    Masthead,
    Paragraph,
    Sources,
    Table,
    Text,
)
from workbench.document.document import Document, Issue, draft_notice
from workbench.document.html import actions_table, issue_facts

WIDTH = 72
_GAP = "  "
_SYMBOLS = {"": "", "up": "▲ ", "down": "▼ ", "flat": "▶ "}


def render(document: Document, issue: Issue | None) -> bytes:
    """
    Return a document as plain text in UTF-8 with LF line ends, marked at both ends.

    Tables that fit into WIDTH columns are aligned; wider ones become one passage per row, a line for
    each cell. A figure is its title, its alternative text and its note. Unless `issue` is released the
    text says that it is a draft. Raises ExportError if the masthead lacks a label.
    """
    masthead = document.masthead
    mark = _mark(masthead, issue)
    passages = [
        mark,
        "\n".join((*_wrapped(masthead.title), "=" * min(_width(masthead.title), WIDTH))),
        "\n".join(
            (
                *_wrapped(" · ".join((*masthead.facts, *issue_facts(masthead, issue)))),
                *_wrapped(masthead.note),
            )
        ),
        *_passages(document.blocks),
        mark,
    ]
    return ("\n\n".join(passage for passage in passages if passage) + "\n").encode("utf-8")


def _mark(masthead: Masthead, issue: Issue | None) -> str:
    lines = [f"{masthead.marking} · {masthead.edition}"]
    if notice := draft_notice(masthead, issue):
        lines.append(notice)
    return "\n".join(line for text in (*lines, masthead.fiction) for line in _wrapped(text))


def _passages(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        yield from _passage(block)


def _passage(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        underline = ["-" * min(_width(block.text), WIDTH)] if block.level == 1 else []
        yield "\n".join((*_wrapped(block.text), *underline))
    elif isinstance(block, Text):
        yield from _paragraphs(block)
    elif isinstance(block, KeyFigures):
        for figure in block.figures:
            lines = (figure.comparison, figure.meaning, *figure.parts)
            yield "\n".join(
                (
                    *_wrapped(f"{figure.value} {figure.label}"),
                    *(line for text in lines for line in _wrapped(text, indent="  ")),
                )
            )
        yield "\n".join(_wrapped(block.note))
    elif isinstance(block, Judgement):
        sentence = "".join(run.text for run in block.runs)
        number = f"{block.number}. "
        yield "\n".join(_wrapped(f"{number}{sentence} {block.confidence}", later=" " * len(number)))
    elif isinstance(block, Callout):
        yield "\n".join(_wrapped(" ".join(filter(None, (block.lead, block.text))), indent="| "))
    elif isinstance(block, Columns):
        yield from _passages((*block.left, *block.right))
    elif isinstance(block, Figure):
        texts = (block.title, block.alt, block.note)
        yield "\n".join(line for text in texts for line in _wrapped(text))
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Actions):
        yield from _table(actions_table(block))
    elif isinstance(block, Sources):
        yield from _table(block.table)


def _paragraphs(block: Text) -> Iterator[str]:
    number = 0
    items: list[str] = []
    for paragraph in block.paragraphs:
        number = number + 1 if paragraph.kind == "number" else 0
        text = "".join(run.text for run in paragraph.runs)
        if paragraph.kind == "paragraph":
            if items:
                yield "\n".join(items)
            items = []
            yield "\n".join(_wrapped(text))
        else:
            items += _item(paragraph, text, number)
    if items:
        yield "\n".join(items)


def _item(paragraph: Paragraph, text: str, number: int) -> list[str]:
    sign = "- " if paragraph.kind == "bullet" else f"{number}. "
    return _wrapped(sign + text, later=" " * len(sign))


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield "\n".join(_wrapped(table.title))
    if not table.rows:
        yield "\n".join(_wrapped(table.empty))
    else:
        yield from _aligned(table) or _listed(table)
    if table.note:
        yield "\n".join(_wrapped(table.note))


def _aligned(table: Table) -> list[str]:
    """Return the table set in columns, or nothing if it is too wide."""
    rows = [
        [column.label for column in table.columns],
        *([_cell(cell) for cell in row] for row in table.rows),
    ]
    widths = [max(_width(row[place]) for row in rows) for place in range(len(table.columns))]
    if sum(widths) + len(_GAP) * (len(widths) - 1) > WIDTH:
        return []
    aligns = [column.align for column in table.columns]
    lines = [
        _GAP.join(
            _padded(text, width, align) for text, width, align in zip(row, widths, aligns, strict=True)
        ).rstrip()
        for row in rows
    ]
    return ["\n".join((lines[0], "-" * (sum(widths) + len(_GAP) * (len(widths) - 1)), *lines[1:]))]


def _listed(table: Table) -> Iterator[str]:
    for row in table.rows:
        lines = [
            line
            for column, cell in zip(table.columns, row, strict=True)
            if cell.text or cell.symbol
            for line in _wrapped(
                f"{column.label}: {_cell(cell)}" if column.label else _cell(cell), later="  "
            )
        ]
        yield "\n".join(lines)


def _cell(cell: Cell) -> str:
    return _SYMBOLS[cell.symbol] + cell.text


def _wrapped(text: str, *, indent: str = "", later: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if later is None else later,
        break_on_hyphens=False,
    )


def _width(text: str) -> int:
    """Return the columns a text takes in a typewriter face: wide letters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _padded(text: str, width: int, align: Align) -> str:
    room = width - _width(text)
    if align == "right":
        return " " * room + text
    return " " * (room // 2) + text + " " * (room - room // 2) if align == "center" else text + " " * room
