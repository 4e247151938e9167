"""A table of comma-separated values taken apart: its cells, and what a spreadsheet would run or follow."""

from __future__ import annotations

import re
import unicodedata

from workbench.gate._counts import small_counts
from workbench.gate._marks import somewhere
from workbench.gate._parts import Expected, Opened

_FIELD = re.compile(r'"((?:[^"]|"")*)"|([^",\r\n]*)')
_FORMULA = re.compile(r"[=+\-@|%]")
_NUMBER = re.compile(r"[+-]?\d[\d .,\u00a0\u202f]*(?:[eE][+-]?\d+)?\s?%?", re.ASCII)
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.|(?:mailto|javascript|file|data|tel):|\\\\)\S*", re.I)


class _BadTable(ValueError):
    """The file is not RFC 4180."""


def open_csv(content: bytes, *, expected: Expected, is_table: bool) -> Opened:
    """
    Take a table apart: its cells, and the rules it breaks.

    Rules: `formula` (a cell that a spreadsheet would compute; plain numbers are none), `link` (a cell that is
    an address), `control`, `small_count`; for what `is_table` of a document also `marking` and `status`.
    Raises ValueError if it is not UTF-8 or not RFC 4180: rows of one length, but for lines of one cell
    above and below the table, and quotes only around whole cells.
    """
    text = content.decode().removeprefix("\ufeff")
    rows = _rows(text)
    if len({len(row) for row in rows} - {1}) > 1:
        raise _BadTable
    opened = Opened()
    cells = [cell for row in rows for cell in row]
    opened.holds("a cell", "\n".join(cells))
    opened.holds("the source of the table", text)
    for cell in cells:
        begins = _begins(cell)
        if (cell[:1] in ("\t", "\r", "\n") or _FORMULA.match(begins)) and not _NUMBER.fullmatch(cell):
            opened.breaks("formula", "a cell")
        if _LINK.fullmatch(begins.strip()):
            opened.breaks("link", "a cell")
        if "\0" in cell:
            opened.breaks("control", "a cell")
    if is_table:
        somewhere("\n".join(cells), expected, opened, where="the table")
    small_counts(cells, expected, opened)
    return opened


def _begins(cell: str) -> str:
    """Return a cell in compatibility form without the spaces and invisible characters it begins with."""
    text = unicodedata.normalize("NFKC", cell)
    skipped = {one for one in text if unicodedata.category(one)[0] in "CZ" or one == '"'}
    return text.lstrip("".join(skipped))


def _rows(text: str) -> list[list[str]]:
    rows: list[list[str]] = []
    row: list[str] = []
    at = 0
    while at < len(text):
        field = _FIELD.match(text, at)
        if field is None:  # the second alternative matches everything, even nothing
            raise _BadTable
        quoted, plain = field.groups()
        row.append(plain if quoted is None else quoted.replace('""', '"'))
        at = field.end()
        mark = text[at : at + 1]
        if mark == ",":
            at += 1
            if at < len(text):
                continue
            row.append("")
        elif mark:
            ending = "\r\n" if text.startswith("\r\n", at) else "\n"
            if not text.startswith(ending, at):
                raise _BadTable
            at += len(ending)
        rows.append(row)
        row = []
    return rows
