"""Where a mark counts: at the ends of a page, in its own letters, and not inside another mark."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.gate.packs import EXPECTED
from workbench.gate._marks import _places, both_ends, one_page, somewhere
from workbench.gate._parts import Opened

MARK = "RESTRICTED"
NOTE = "NOT RELEASED"
HERE = replace(EXPECTED, marking=MARK, draft_notices=(NOTE, "BROUILLON"), other_markings=("VERY RESTRICTED",))
DRAFT = replace(HERE, status="draft")
TOP, BOTTOM = "at the top of the page", "at the bottom of the page"


def _both_ends(text: str, expected=HERE) -> list[tuple[str, str]]:
    opened = Opened()
    both_ends(text, expected, opened)
    return opened.broken


def _one_page(text: str, expected=HERE) -> list[tuple[str, str]]:
    opened = Opened()
    one_page(text, 7, expected, opened)
    return opened.broken


def _somewhere(text: str, expected=HERE) -> list[tuple[str, str]]:
    opened = Opened()
    somewhere(text, expected, opened, where="a sheet")
    return opened.broken


@pytest.mark.parametrize(
    ("before", "between", "after", "broken"),
    [
        (0, 0, 0, []),
        (0, 5000, 0, []),
        (600, 5000, 600, []),
        (601, 5000, 600, [("marking", TOP)]),
        (600, 5000, 601, [("marking", BOTTOM)]),
        (601, 0, 601, [("marking", TOP), ("marking", BOTTOM)]),
    ],
)
def test_a_mark_stands_within_six_hundred_letters_of_both_ends(before, between, after, broken):
    """Six hundred letters from an end a mark still counts; one more and it does not."""
    assert _both_ends("x" * before + MARK + "x" * between + MARK + "x" * after) == broken


@pytest.mark.parametrize("text", ["", "restricted and Restricted", "VERY RESTRICTED, VERY RESTRICTED"])
def test_what_does_not_mark_a_page(text):
    """Nothing, a word in a sentence, and a mark inside another mark do not mark."""
    assert _both_ends(text) == [("marking", TOP), ("marking", BOTTOM)]
    assert _one_page(text) == [("marking", "on page 7")]
    assert _somewhere(text) == [("marking", "a sheet")]


def test_one_mark_does_not_do_for_both_ends():
    """A short page bears its mark twice; of more than two the last stands at the bottom."""
    assert _both_ends(f"{MARK}{'x' * 5000}{MARK}{'x' * 5000}{MARK}") == []
    assert _both_ends(f"x {MARK} x") == [("marking", BOTTOM)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("RESTRICTED", [0]),
        ("xRESTRICTEDxRESTRICTED", [1, 12]),
        ("VERYRESTRICTED", []),
        ("VERYRESTRICTEDRESTRICTED", [14]),
        ("RESTRICTEDVERYRESTRICTED", [0]),
        ("RESTRICTEDLYRESTRICTED", [12]),
    ],
)
def test_a_mark_inside_another_does_not_stand(text, places):
    """Only where no longer mark holds it does a mark stand; beside one it does."""
    assert _places(text, MARK, others=("VERY RESTRICTED", "RESTRICTED", "PUBLIC", "RESTRICTEDLY")) == places


def test_marks_that_overlap_are_all_found():
    """A mark may begin inside itself; nothing is found of an empty one, and signs are no patterns."""
    assert _places("ABABA", "ABA") == [0, 2]
    assert _places("x", "") == []
    assert _places("x", "·") == []
    assert _places("TLP", "T.P") == []


@pytest.mark.parametrize(
    ("before", "after", "broken"),
    [
        (0, 0, []), (300, 5000, []), (5000, 300, []), (301, 300, []), (300, 301, []),
        (301, 301, [("marking", "on page 7")]),
    ],
)  # fmt: skip
def test_a_page_of_paper_is_marked_at_an_end(before, after, broken):
    """Within three hundred letters of the top or the bottom a mark counts; in the middle it does not."""
    assert _one_page("x" * before + MARK + "x" * after) == broken


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (f"{MARK} {NOTE} x {MARK} {NOTE}", []),
        (f"{MARK} BROUILLON x {MARK} BROUILLON", []),
        (f"{MARK} BROUILLON x {MARK} {NOTE}", []),
        (f"{MARK} x {MARK}", [("status", TOP), ("status", BOTTOM)]),
        (f"{MARK} {NOTE} x {MARK}", [("status", BOTTOM)]),
        (f"{MARK} {'x' * 590}{NOTE} x {NOTE} {MARK}", []),
        (f"{MARK} {'x' * 591}{NOTE} x {NOTE} {MARK}", [("status", TOP)]),
        (f"{MARK} {NOTE} x {NOTE}{'x' * 590} {MARK}", []),
        (f"{MARK} {NOTE} x {NOTE}{'x' * 591} {MARK}", [("status", BOTTOM)]),
        (f"{NOTE} {MARK} x {MARK} {NOTE}", []),
    ],
)
def test_a_draft_says_so_at_both_ends(text, broken):
    """A draft's page says at its top and its bottom that it is one; a released page nowhere."""
    assert _both_ends(text, DRAFT) == broken
    said = [("status", "it is marked a draft")] if NOTE in text or "BROUILLON" in text else []
    assert _both_ends(text) == said


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (f"{MARK} {NOTE}", []),
        (f"{MARK} x BROUILLON", []),
        (MARK, [("status", "on page 7")]),
        (f"{MARK}{'x' * 290}{NOTE}{'x' * 400}", []),
        (f"{MARK}{'x' * 291}{NOTE}{'x' * 400}", [("status", "on page 7")]),
    ],
)
def test_a_page_of_a_drafts_paper_says_so(text, broken):
    """Each page of a draft bears its notice at an end; no page of a released pack says it anywhere."""
    assert _one_page(text, DRAFT) == broken
    said = [("status", "it is marked a draft")] if text != MARK else []
    assert _one_page(text) == said


def test_a_notice_holding_the_mark_of_another_still_is_one():
    """Other audiences' marks do not hide a draft's notice."""
    asked = replace(DRAFT, other_markings=("WAS NOT RELEASED",))
    assert _one_page(f"{MARK} WAS {NOTE}", asked) == []
    assert _both_ends(f"{MARK} WAS {NOTE} x {MARK} WAS {NOTE}", asked) == []


@pytest.mark.parametrize(
    ("text", "status", "broken"),
    [
        (MARK, "released", []),
        ("x " * 9000 + MARK + "x " * 9000, "corrected", []),
        (f"{MARK} {NOTE}", "draft", []),
        (f"{MARK} BROUILLON", "reviewed", []),
        (f"{MARK} {NOTE}", "released", [("status", "a sheet")]),
        (MARK, "draft", [("status", "a sheet")]),
        (NOTE, "draft", [("marking", "a sheet")]),
    ],
)
def test_a_sheet_says_its_marks_anywhere(text, status, broken):
    """A sheet has no ends: its mark, and a draft's notice, stand somewhere in it or not at all."""
    assert _somewhere(text, replace(HERE, status=status)) == broken
