"""A document's tables as files for a spreadsheet, in which no text is ever a formula or a link."""

from __future__ import annotations

import csv as _csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from workbench.blocks import Actions, Block, Columns, Figure, Heading, Sources, Table
from workbench.document.document import Document
from workbench.document.html import actions_table
from workbench.document.normal import normal
from workbench.errors import ExportError, UnknownName

KINDS = ("csv", "xlsx")
WORKBOOK = "tables.xlsx"

_STARTS = frozenset("=+-@|%!\t\r\n")
"""What a spreadsheet takes for the start of a formula or of an old macro (DDE)."""

_NUMBER = re.compile(r"[+\-\u2212]?\d[\d\u202f\u00a0 ,.]*%?", re.ASCII)
_SYMBOLS = {"": "", "up": "\u25b2 ", "down": "\u25bc ", "flat": "\u25b6 "}
_LONGEST = 32_000
"""A spreadsheet's cell holds 32,767 characters; what is cut off is said."""

_ROWS = 1_000_000
_FIXED = datetime(2000, 1, 1)  # noqa: DTZ001 (a workbook's dates have no zone; this one tells nothing)
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")


def sheets(document: Document, kinds: Iterable[str]) -> dict[str, bytes]:
    """
    Return the tables of a document as files by their names: `table_01.csv` ..., and `tables.xlsx`.

    All tables in reading order: those of columns, recommendations, sources, and the data of figures. The
    same document gives the same bytes. A document without tables gives no files. Raises UnknownName for
    a kind that is not of KINDS.
    """
    files: dict[str, bytes] = {}
    named = _named(document)
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownName("kind of table file", kind, KINDS)
        if kind == "csv":
            files |= {
                f"table_{number:02d}.csv": csv(document, table, title=title)
                for number, (title, table) in enumerate(named, start=1)
            }
        elif named:
            files[WORKBOOK] = xlsx(document)
    return files


def csv(document: Document, table: Table, *, title: str = "") -> bytes:
    """
    Return one table as CSV (RFC 4180, UTF-8 with a byte order mark, CRLF): marking, title, header, rows.

    A cell whose text a spreadsheet could take for a formula begins with an apostrophe; so does one that
    begins so after spaces, invisible characters or in a full-width form (OWASP, CSV injection). Plain
    numbers with a sign stay numbers. Each cell is one line.
    """
    written = io.StringIO()
    writer = _csv.writer(written, quoting=_csv.QUOTE_ALL, lineterminator="\r\n")
    for line in _head(document, title or table.title):
        writer.writerow([_safe(line)])
    writer.writerow([_safe(column.label) for column in table.columns])
    writer.writerows([_safe(text) for text in row] for row in _texts(table))
    if table.note:
        writer.writerow([_safe(table.note)])
    return written.getvalue().encode("utf-8-sig")


def xlsx(document: Document) -> bytes:
    """
    Return all tables of a document as one workbook, a sheet each: marking, title, header, rows.

    Every cell is text: no formula, no link, no number that a machine of another language reads another
    way. The file tells no machine and no hour; it is marked in its properties and on each printed page.
    """
    import xlsxwriter

    made = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(made, options)
    masthead = document.masthead
    marking = _one_line(f"{masthead.marking} · {masthead.edition}")
    book.set_properties(
        {"title": _one_line(masthead.title), "subject": marking, "author": "", "created": _FIXED}
    )
    strong, head = book.add_format({"bold": True}), book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    used: set[str] = set()
    for number, (title, table) in enumerate(_named(document), start=1):
        sheet = book.add_worksheet(_sheet_name(number, title, used))
        if masthead.direction == "rtl":
            sheet.right_to_left()
        sheet.set_header("&C" + marking.replace("&", "&&")[:200])
        sheet.set_footer("&C" + marking.replace("&", "&&")[:200])
        rows: list[tuple[Sequence[str], Any]] = [([line], strong) for line in _head(document, title)]
        rows.append(([column.label for column in table.columns], head))
        rows += [(row, text) for row in _texts(table)][:_ROWS]
        rows += [([table.note], text)] if table.note else []
        for row, (cells, style) in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, _one_line(cell), style)
        for column, label in enumerate(table.columns):
            sheet.set_column(column, column, 14 + min(40, 8 * label.share))
    book.close()
    return made.getvalue()


def _named(document: Document) -> list[tuple[str, Table]]:
    """Return every table with its title, or the heading above it where it has none."""
    found: list[tuple[str, Table]] = []
    above = document.masthead.title
    for block in _flat(document.blocks):
        if isinstance(block, Heading):
            above = block.text
        elif isinstance(block, Table):
            found.append((block.title or above, block))
        elif isinstance(block, Actions) and block.actions:
            found.append((above, actions_table(block)))
        elif isinstance(block, Sources):
            found.append((block.table.title or above, block.table))
        elif isinstance(block, Figure) and block.data is not None:
            found.append((block.title or above, block.data))
    return [(title, table) for title, table in found if table.rows]


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Columns):
            yield from _flat((*block.left, *block.right))
        else:
            yield block


def _head(document: Document, title: str) -> Iterator[str]:
    masthead = document.masthead
    yield f"{masthead.marking} · {masthead.edition}"
    if masthead.fiction:
        yield masthead.fiction
    yield f"{title} · {masthead.area} · {masthead.period}"


def _texts(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        if len(row) != len(table.columns):
            raise ExportError(
                "A table has a row with another number of cells. Correct the cell that makes it."
            )
        yield [_SYMBOLS[cell.symbol] + cell.text for cell in row]


def _one_line(text: str) -> str:
    """Return a text as a cell holds it: normalised, on one line, and no longer than a cell takes."""
    clean = normal(text)
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]}… ({len(clean):,})"


def _safe(text: str) -> str:
    """Return a cell of a CSV file: with an apostrophe before it if it could start a formula."""
    line = _one_line(text)
    # a program may skip or fold letters before it looks for a sign
    start = next((letter for letter in unicodedata.normalize("NFKC", line) if not _skipped(letter)), "")
    if start not in _STARTS:
        return line
    return line if start in "+-" and _NUMBER.fullmatch(line) else f"'{line}"


def _skipped(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "CZ" or letter == '"'


def _sheet_name(number: int, title: str, used: set[str]) -> str:
    """Return a sheet's name: its number and as much of its title as a name of 31 characters may hold."""
    clean = " ".join(_NOT_IN_A_NAME.sub(" ", normal(title)).split())
    # its length is counted as Windows counts it
    name = f"{number} {clean}".encode("utf-16-le")[:62].decode("utf-16-le", "ignore").strip()
    name = name if name.lower() not in used else str(number)
    used.add(name.lower())
    return name
