"""Counts on paper: the cells of a PDF's tables, and its numbers against those that the page shows."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from workbench.gate._counts import small_counts
from workbench.gate._pages import pages_of
from workbench.gate._parts import WIDE_LITTLE, Expected, Opened, lenient
from workbench.gate._text import fold

_NUMBER = re.compile(r"\d+")
_ENDS = re.compile(r"\d+$")
_BEGINS = re.compile(r"^\d+")


def audit_paper(content: bytes, page_text: str | None, expected: Expected, opened: Opened) -> None:
    """
    Note the numbers of a PDF that nobody audited.

    `untagged`: the structure does not lead to all text. `small_count`: a table's cell is a bare whole number
    from 1 to below the threshold. `unaudited_number`: a run of digits stands in no visible text of the HTML
    page (`page_text`, None if there is none); a page's own number, that of all pages and those of the pages
    it links to are excepted, as often as they are due.
    Nothing is noted for a threshold of 1. Raises whatever pypdfium2 raises if it cannot read the file.
    """
    if expected.count_threshold < 2:
        return
    if page_text is None:
        opened.breaks("unaudited_number", "there is no page to compare it with")
        return
    known = numbers(page_text)
    cells: list[str] = []
    strange = 0
    for one in pages_of(content):
        frame = Counter(map(str, [one.number, one.of, *_linked(one.document, one.page)]))
        strange += _strangers(one.text, known, frame)
        cells += _cells(one.page, one.text_page, opened)
    if strange:
        opened.breaks("unaudited_number", f"{strange} numbers that the page does not show")
    small_counts(cells, expected, opened)


def numbers(text: str) -> frozenset[str]:
    """Return the runs of digits in a text, by the gate's own reading of characters."""
    return frozenset(_NUMBER.findall(fold(text)))


def _strangers(text: str, known: frozenset[str], frame: Counter[str]) -> int:
    """Return how many runs of digits are neither known nor of the frame; one over two lines is one."""
    lines = [line.strip() for line in fold(text).splitlines()]
    found = Counter(run for line in lines for run in _NUMBER.findall(line))
    for above, below in pairwise(lines):
        end, start = _ENDS.search(above), _BEGINS.search(below)
        if end and start and end[0] + start[0] in known:
            found[end[0]] -= 1
            found[start[0]] -= 1
    return sum(max(0, many - frame[run]) for run, many in found.items() if run not in known)


def _linked(document: Any, page: Any) -> Iterator[int]:
    """Yield the number of the page that each link within the document leads to."""
    from pypdfium2 import raw

    start = ctypes.c_int(0)
    link = raw.FPDF_LINK()
    while raw.FPDFLink_Enumerate(page.raw, start, link):
        place = raw.FPDFLink_GetDest(document.raw, link)
        if place:
            yield raw.FPDFDest_GetDestPageIndex(document.raw, place) + 1


def _cells(page: Any, text_page: Any, opened: Opened) -> Iterator[str]:
    """
    Yield the text of each cell of a table on a page, by the structure that the file tells of.

    Marked text that the structure does not lead to (pdfium reads some 30 levels of it) is `untagged`: it may
    be a cell.
    """
    from pypdfium2 import raw

    marked: list[list[int]] = []
    reached: set[int] = set()
    tree = raw.FPDF_StructTree_GetForPage(page.raw)
    try:
        for index in range(raw.FPDF_StructTree_CountChildren(tree)):
            top = raw.FPDF_StructTree_GetChildAtIndex(tree, index)
            marked += _within(top)
            reached.update(_contents(top))
    finally:
        raw.FPDF_StructTree_Close(tree)
    texts: dict[int, str] = {}
    for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        place = raw.FPDFPageObj_GetMarkedContentID(one.raw)
        if place >= 0:
            texts[place] = texts.get(place, "") + _text_of(one, text_page)
    if texts.keys() - reached:
        opened.breaks("untagged", "text that its structure does not lead to")
    for cell in marked:
        yield "".join(texts.get(place, "") for place in cell)


def _within(element: Any) -> Iterator[list[int]]:
    """Yield the marked contents of each cell at or below an element of the structure."""
    from pypdfium2 import raw

    if not element:
        return
    if _kind(element) == "TD":
        yield list(_contents(element))
    for index in range(raw.FPDF_StructElement_CountChildren(element)):
        yield from _within(raw.FPDF_StructElement_GetChildAtIndex(element, index))


def _contents(element: Any) -> Iterator[int]:
    from pypdfium2 import raw

    for index in range(raw.FPDF_StructElement_CountChildren(element)):
        child = raw.FPDF_StructElement_GetChildAtIndex(element, index)
        if child:
            yield from _contents(child)
        else:
            place = raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if place >= 0:
                yield place


def _kind(element: Any) -> str:
    from pypdfium2 import raw

    size = raw.FPDF_StructElement_GetType(element, None, 0)
    room = ctypes.create_string_buffer(size)
    raw.FPDF_StructElement_GetType(element, room, size)
    return lenient(room.raw, WIDE_LITTLE).rstrip("\0")


def _text_of(one: Any, text_page: Any) -> str:
    from pypdfium2 import raw

    size = raw.FPDFTextObj_GetText(one.raw, text_page.raw, None, 0)
    room = (ctypes.c_ushort * (size // 2))()
    raw.FPDFTextObj_GetText(one.raw, text_page.raw, room, size)
    return lenient(bytes(room), WIDE_LITTLE)  # the zero at its end is none of its characters: `fold`
