"""What a page says of itself: its handling mark, and whether it is a draft."""

from __future__ import annotations

import re

from workbench.gate._parts import Expected, Opened
from workbench.gate._text import fold

_LETTERS = re.compile(r"[^\W_]+")

AT_AN_END = 600
"""Letters from the top or the bottom of an HTML page within which its marks must stand."""
OF_A_PAGE = 300
"""The same of a page of a PDF."""


def both_ends(text: str, expected: Expected, opened: Opened) -> None:
    """Note what is wrong with the marks of a text that must bear them at its top and at its bottom."""
    letters = _kept(text)
    places = _places(letters, expected.marking, others=expected.other_markings)
    _at_ends(letters, places, len(_kept(expected.marking)), "marking", opened)
    drafts = [(at, len(_kept(one))) for one in expected.draft_notices for at in _places(letters, one)]
    if expected.is_draft:
        first = min(drafts, default=(-1, 0))
        last = max(drafts, default=(-1, 0))
        if not 0 <= first[0] <= AT_AN_END:
            opened.breaks("status", "at the top of the page")
        if first == last or len(letters) - last[0] - last[1] > AT_AN_END:
            opened.breaks("status", "at the bottom of the page")
    elif drafts:
        opened.breaks("status", "it is marked a draft")


def one_page(text: str, number: int, expected: Expected, opened: Opened) -> None:
    """Note what is wrong with the marks of one page of a PDF, which stand at its top or its bottom."""
    letters = _kept(text)
    if not _near_an_end(letters, expected.marking, expected.other_markings):
        opened.breaks("marking", f"on page {number}")
    drafts = [one for one in expected.draft_notices if _places(letters, one)]
    if expected.is_draft:
        if not any(_near_an_end(letters, one, ()) for one in drafts):
            opened.breaks("status", f"on page {number}")
    elif drafts:
        opened.breaks("status", "it is marked a draft")


def somewhere(text: str, expected: Expected, opened: Opened, *, where: str) -> None:
    """Note what is wrong with the marks of a text that has no top and no bottom, such as a sheet."""
    letters = _kept(text)
    if not _places(letters, expected.marking, others=expected.other_markings):
        opened.breaks("marking", where)
    drafts = any(_places(letters, one) for one in expected.draft_notices)
    if drafts != expected.is_draft:
        opened.breaks("status", where)


def _at_ends(letters: str, places: list[int], length: int, rule: str, opened: Opened) -> None:
    if not places or places[0] > AT_AN_END:
        opened.breaks(rule, "at the top of the page")
    if len(places) < 2 or len(letters) - places[-1] - length > AT_AN_END:
        opened.breaks(rule, "at the bottom of the page")


def _near_an_end(letters: str, mark: str, others: tuple[str, ...]) -> bool:
    length = len(_kept(mark))
    return any(
        at <= OF_A_PAGE or len(letters) - at - length <= OF_A_PAGE
        for at in _places(letters, mark, others=others)
    )


def _places(letters: str, mark: str, *, others: tuple[str, ...] = ()) -> list[int]:
    """
    Return where a mark stands, in order.

    Case counts: "PUBLIC" marks, "the public" does not. Where another mark stands that holds this
    one, this one does not stand: STRICTLY CONFIDENTIAL is not CONFIDENTIAL.
    """
    sought = _kept(mark)
    if not sought:
        return []
    longer = [(at, len(_kept(one))) for one in others if sought in _kept(one) and _kept(one) != sought
              for at in _all(letters, _kept(one))]  # fmt: skip
    return [
        at
        for at in _all(letters, sought)
        if not any(start <= at and at + len(sought) <= start + length for start, length in longer)
    ]


def _all(letters: str, sought: str) -> list[int]:
    return [found.start() for found in re.finditer(f"(?={re.escape(sought)})", letters)]


def _kept(text: str) -> str:
    """Return the letters and digits of a text, their case kept."""
    return "".join(_LETTERS.findall(fold(text)))
