"""Decimal numbers of a text that may be coordinates, alone or several with no blank between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_RUN = re.compile(r"(?<!\d)\d++(?:[.,]\d++)++")
_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*(?!\1)[.,]\d{1,4}")
# thousands and decimals, 1,234.5678 or 1.234.567,89; with five decimals it is rather 11,140.35411
_COMMAS = re.compile(r"\d{1,3},\d{4,}(?:,\d{1,3},\d{4,})+")
_DECIMAL = re.compile(r"(?<!\d)(?=(\d{1,3})([.,])(\d{3,}+)(.?))")
# what is after a mark may be before the next: 5,140.35411
_BEFORE_COMMA = re.compile(r"(\d+),(\d+)")


def decimals_in(folded: str) -> Iterator[str]:
    """
    Yield the numbers of a folded text that may be coordinates, without sign and with a point: "11.35278".

    One to three digits, a mark and three digits or more; after a comma four or more, since 12,345 is a count.
    Numbers may follow each other with only a mark between: 40.35411,11.35278 and 40,35411.11,35278, pairs of
    commas too (40,35411,11,35278). Thousands are none (1,234.5678 and 1.234.567,89), nor are dates and
    versions (16.11.2026). A number of a spreadsheet may be written as 40.354119999999998.
    """
    for run in _RUN.findall(folded):
        if _COMMAS.fullmatch(run):
            for whole, decimals in _BEFORE_COMMA.findall(run):
                yield f"{int(whole)}.{decimals}"
        elif not _GROUPED.fullmatch(run):
            for found in _DECIMAL.finditer(run):
                whole, mark, decimals, after = found.groups()
                before = run[found.start() - 1 : found.start()]
                if mark not in (before, after) and (mark == "." or len(decimals) > 3):
                    yield f"{int(whole)}.{decimals}"
