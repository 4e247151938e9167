"""Counts on paper: a PDF for readers with a threshold has no small count in a table, no number of its own."""

from __future__ import annotations

from dataclasses import replace

import pikepdf
import pytest

from tests.gate.packs import EXPECTED, PAGE, TYPST, pack, pdf
from tests.gate.test_check import _findings as findings
from tests.gate.test_papers import _drawn as drawn_pdf
from workbench import gate
from workbench.gate._html import visible
from workbench.gate._paper import audit_paper
from workbench.gate._parts import Opened

FIVE = replace(EXPECTED, count_threshold=5)
SHOWN = "Week 46: 12 incidents, 7 in Kuro, 3 November, 1,234 displaced, ٤٥ and 0–7"


def broken(extra: str, shown: str | None = SHOWN, *, expected: gate.Expected = FIVE, source: str = TYPST):
    """Return what is wrong with the counts of a real PDF with this markup, beside a page with `shown`."""
    opened = Opened()
    audit_paper(pdf(extra, source=source), shown, expected, opened)
    return opened.broken


@pytest.mark.parametrize(
    "extra",
    [
        "12 incidents, 7 in Kuro, 1,234 displaced",
        "#table(columns: 2, [Kuro], [7], [Velda], [12])",
        "#table(columns: 2, [Kuro], [0–7], [Velda], [3 November])",
        "45 and ٤٥",
        "#text(dir: rtl)[٤٥]",
        "W46 #super[7]",
    ],
)
def test_what_the_page_shows_may_stand_on_paper(extra: str) -> None:
    """Numbers in sentences and cells that the page shows too, in either kind of digits, are no finding."""
    assert broken(extra) == []


@pytest.mark.parametrize(
    ("extra", "rules"),
    [
        ("8 in Velda", {"unaudited_number"}),
        ("#text(fill: white, size: 1pt)[8]", {"unaudited_number"}),
        ("n=8", {"unaudited_number"}),
        ("Velda8", {"unaudited_number"}),
        ("1,235 displaced", {"unaudited_number"}),
        ('#figure(rect(), alt: "A bar", caption: [8 in Velda])', {"unaudited_number"}),
        ("#table(columns: 2, [Velda], [3])", {"small_count"}),
        ("#table(columns: 2, [Velda], [*3*])", {"small_count"}),
        ("#table(columns: 2, [Velda], table.cell(align: right, text(fill: white)[ 3 ]))", {"small_count"}),
        ("#table(columns: 2, [Velda], [4])", {"unaudited_number", "small_count"}),
        ("٨", {"unaudited_number"}),
        ("#table(columns: 2, [Velda], [٣])", {"small_count"}),
    ],
)
def test_a_number_that_was_not_audited_is_found(extra: str, rules: set[str]) -> None:
    """One that the page does not show, in a sentence, a caption or out of sight; a small one in a cell."""
    assert {rule for rule, _ in broken(extra)} == rules
    assert broken(extra, expected=EXPECTED) == []  # readers without a threshold are given counts


def test_the_numbers_of_pages_are_the_frames_as_often_as_they_are_due() -> None:
    """Page x of y, and a list of contents with links, are excepted; the same number once more is not."""
    source = TYPST.replace(
        "header: [CONFIDENTIAL]",
        'header: [CONFIDENTIAL], footer: context counter(page).display("1 / 1", both: true)',
    ).replace("= Weekly", "#outline()\n= Weekly")
    calm = "Nothing here"
    assert broken("", calm, source=source) == []
    assert [rule for rule, _ in broken("2 in Velda", calm, source=source)] == ["unaudited_number"]
    assert [rule for rule, _ in broken("1 in Velda", calm, source=source)] == ["unaudited_number"]


def test_a_number_broken_over_two_lines_is_one() -> None:
    """A long identifier in a narrow place is not two unknown numbers, and hides none beside it."""
    narrow = "#block(width: 1.2cm)[20260000#linebreak()12345678]"
    assert broken(narrow, "2026000012345678") == []
    assert broken(narrow, "2026000012345679") != []
    for half in ("20260000", "12345678"):
        assert broken(f"{narrow} {half}", "2026000012345678") == [
            ("unaudited_number", "1 numbers that the page does not show")
        ]


def test_paper_without_a_page_cannot_be_audited(tmp_path) -> None:
    """The check of a pack holds its PDF against its HTML page, and refuses a PDF that comes alone."""
    counts = {"counts.csv": b"table,week,event_type,district,incidents,killed,state\n"}
    shown = PAGE.replace("calm elsewhere", "7 in Kuro")
    leak = "Kuro: 7. #table(columns: 2, [Velda], [8])"
    folder = pack(tmp_path / "one", page=shown, paper=pdf("Kuro: 7."), files=counts)
    assert findings(folder, count_threshold=5) == []
    folder = pack(tmp_path / "two", page=shown, paper=pdf(leak), files=counts)
    assert findings(folder, count_threshold=5) == [
        ("unaudited_number", "briefing.pdf", "1 numbers that the page does not show")
    ]
    assert broken("", None) == [("unaudited_number", "there is no page to compare it with")]


def test_what_a_page_does_not_show_vouches_for_nothing() -> None:
    """Numbers in attributes, style sheets, comments and the head of a page are not shown."""
    page = (
        '<html><head><title>8</title><style>p{top:8px}</style></head><body><!-- 8 --><p id="8">7</p>9</body>'
    )
    assert visible(page.encode()).split() == ["7", "9"]


def test_with_a_threshold_of_two_paper_is_audited_and_with_one_it_is_not() -> None:
    """The lowest threshold there is holds on paper too."""
    for threshold, rules in ((2, ["unaudited_number"]), (1, [])):
        expected = replace(EXPECTED, count_threshold=threshold)
        assert [rule for rule, _ in broken("8 in Velda", expected=expected)] == rules


def test_the_first_text_of_a_page_is_read_as_a_cell_and_a_cell_without_text_is_no_count() -> None:
    """A table may begin the page, and hold a drawing beside its counts."""
    bare = '#set document(title: [T])\n#set text(lang: "en")\n'
    first = bare + "#table(columns: 2, [3], [Kuro])"
    assert broken("", "3 in Kuro", source=first) == [("small_count", "1 in tables")]
    box = '<svg xmlns=\\"http://www.w3.org/2000/svg\\" width=\\"9\\" height=\\"9\\"/>'
    image = f'image(bytes("{box}"), alt: "A box")'
    drawn = bare + f"#table(columns: 2, {image}, [Kuro], [], [12])"
    assert broken("", "12 in Kuro", source=drawn) == []
    beside = bare + f"#table(columns: 2, [Kuro], [3 #{image}])"
    assert broken("", "3 in Kuro", source=beside) == [("small_count", "1 in tables")]


def test_every_page_is_audited() -> None:
    """A number that was not audited is found on any page, and those of all pages are counted together."""
    pages = TYPST.replace("on Monday.", "on Monday. 8 in Velda.")
    assert broken("", source=pages) == [("unaudited_number", "1 numbers that the page does not show")]
    assert broken("9 in Kuro", source=pages) == [
        ("unaudited_number", "2 numbers that the page does not show")
    ]


@pytest.mark.parametrize(("levels", "rule"), [(0, "small_count"), (10, "small_count"), (40, "untagged")])
def test_a_cell_too_deep_to_be_read_is_refused(levels: int, rule: str) -> None:
    """The library reads some thirty levels of structure: text that it does not lead to may be a cell."""

    def table(document: pikepdf.Pdf) -> None:
        page, root = document.pages[0].obj, document.Root.StructTreeRoot
        cell = document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.TD, K=0, Pg=page))
        top = cell
        for _ in range(levels):
            above = document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.Div, K=top))
            top.P, top = above, above
        top.P = root
        root.K = top
        root.ParentTree = pikepdf.Dictionary(Nums=pikepdf.Array([0, pikepdf.Array([cell])]))
        page.StructParents = 0

    opened = Opened()
    content = b"/TD <</MCID 0>> BDC BT /F1 9 Tf 9 9 Td (3) Tj ET EMC"
    audit_paper(drawn_pdf(table, content=content), "3", FIVE, opened)
    said = {"small_count": "1 in tables", "untagged": "text that its structure does not lead to"}
    assert opened.broken == [(rule, said[rule])]


def test_what_is_drawn_in_one_mark_is_one_text_and_whole() -> None:
    """A cell's text may be drawn in several steps, and be long."""

    def table(document: pikepdf.Pdf) -> None:
        page, root = document.pages[0].obj, document.Root.StructTreeRoot
        cell = pikepdf.Dictionary(S=pikepdf.Name.TD, K=0, P=root, Pg=page)
        root.K = document.make_indirect(cell)
        root.ParentTree = pikepdf.Dictionary(Nums=pikepdf.Array([0, pikepdf.Array([root.K])]))
        page.StructParents = 0

    for steps, text, threshold, small in (
        (b"(1) Tj (2) Tj", "12", 5, False),
        (b"(1) Tj (2) Tj", "12", 20, True),
        (b"(3X) Tj", "3X", 5, False),
        (b"(123456) Tj", "123456", 50_000, False),
        (b"(123456) Tj", "123456", 200_000, True),
    ):
        opened = Opened()
        content = b"/TD <</MCID 0>> BDC BT /F1 9 Tf 9 9 Td " + steps + b" ET EMC"
        expected = replace(EXPECTED, count_threshold=threshold)
        audit_paper(drawn_pdf(table, content=content), text, expected, opened)
        assert opened.broken == ([("small_count", "1 in tables")] if small else []), (text, threshold)
