"""PDF: marks on every page, text as it stands, the same bytes, and a tagged file that tells nothing else."""

import io
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfua import Severity, validate

from tests.document.example import DISTRICTS, example_document, masthead, table
from workbench.blocks import (
    Action,
    Actions,
    Block,
    Callout,
    Cell,
    Columns,
    Figure,
    Heading,
    Judgement,
    KeyFigure,
    KeyFigures,
    PageBreak,
    Paragraph,
    Run,
    Table,
    TableColumn,
    Text,
)
from workbench.config import shipped
from workbench.document import Document, Issue, pdf
from workbench.document.drawable import MARK, drawable
from workbench.errors import ExportError

HOSTILE = "# *a* _b_ $x$ @y \\ <label> `c` -- ~ /* #panic(1) ]} // end"
FINAL = Issue(1)


def made(*blocks: Block, issue: Issue | None = FINAL, **head: object) -> bytes:
    """Return the PDF of some blocks under the sample's masthead."""
    return pdf.render(Document(replace(masthead(), **head), blocks), issue)


def pages(file: bytes) -> list[str]:
    """Return the text of each page, one space for any white space."""
    with pypdfium2.PdfDocument(file) as opened:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in opened]


def text(file: bytes) -> str:
    """Return the text of all pages."""
    return " ".join(pages(file))


def boxes_off_page(file: bytes) -> list[tuple[int, tuple[float, ...]]]:
    """Return every visible character that reaches into the side margins or near the paper's edges."""
    left, right = 50.0, 595.3 - 50.0
    found = []
    with pypdfium2.PdfDocument(file) as opened:
        for number, page in enumerate(opened):
            characters = page.get_textpage()
            for index in range(characters.count_chars()):
                box = characters.get_charbox(index)
                seen = box[3] - box[1] > 0.1  # marks of direction and line ends are not
                if seen and (box[0] < left or box[2] > right or box[1] < 15 or box[3] > 827):
                    found.append((number, box))
    return found


def figure(**fields: object) -> Figure:
    """Return the sample's bar chart."""
    columns = next(block for block in example_document().blocks if isinstance(block, Columns))
    chart = next(block for block in columns.left if isinstance(block, Figure))
    return replace(chart, **fields)


def long_table(rows: int) -> Table:
    """Return a table whose rows are one to several lines high."""
    columns = (
        TableColumn("Day of it"),
        TableColumn("What happened", share=4),
        TableColumn("Deaths", "right"),
    )
    return Table(
        "All",
        columns,
        tuple(
            (Cell(f"day-{row}"), Cell("Armed clash. " * (1 + row % 9)), Cell(str(row))) for row in range(rows)
        ),
        note="The note under it.",
    )


def test_every_page_carries_mark_fiction_and_number() -> None:
    """Each page has the mark at its top and bottom, the fiction sentence, and its number of how many."""
    found = pages(pdf.render(example_document(), FINAL))
    assert len(found) == 3
    for number, page in enumerate(found, start=1):
        assert page.count("CONFIDENTIAL · internal edition") == 2
        assert page.count(masthead().fiction) == 1
        assert f"2026-W46 · page {number} of 3" in page.replace("\u2068", "").replace("\u2069", "")


def test_the_mark_stands_at_top_and_bottom() -> None:
    """The two marks of a page lie within 25 mm of its upper and lower edge."""
    with pypdfium2.PdfDocument(pdf.render(example_document(), FINAL)) as opened:
        for page in opened:
            words = page.get_textpage()
            search, heights = words.search("CONFIDENTIAL"), []
            while hit := search.get_next():
                heights.append(words.get_charbox(hit[0])[1])
            assert len(heights) == 2
            assert max(heights) > 842 - 71
            assert min(heights) < 71


def test_the_first_page_holds_the_core() -> None:
    """Bottom line, numbers, judgements, chart, map and the whole district table are on the first page."""
    first = pages(pdf.render(example_document(), FINAL))[0]
    for part in (
        "Seven attacks in Kuro",
        "7/9",
        "roughly even chance",
        "19 so far",
        "Where",
        "Mecor ? – 0–1",
    ):
        assert part in first


def test_a_draft_says_so_on_every_page() -> None:
    """Without an issue every page carries the word for a draft, and no version; with one, the reverse."""
    drafted, issued = (pages(pdf.render(example_document(), issue)) for issue in (None, Issue(3, 2)))
    assert all(page.count("DRAFT, NOT RELEASED") == 1 for page in drafted)
    assert not any("DRAFT" in page for page in issued)
    assert "version 3 · corrects version 2" in issued[0]
    assert "version" not in drafted[0]


def test_text_is_never_markup() -> None:
    """Every place that takes text sets Typst's own signs as they stand."""
    blocks = (
        Heading(f"1{HOSTILE}"),
        Text(
            (Paragraph((Run(f"2{HOSTILE}", "strong"),)), Paragraph((Run(f"3{HOSTILE}", "code"),), "bullet"))
        ),
        KeyFigures(
            (KeyFigure("5 %", f"4{HOSTILE}", f"5{HOSTILE}", f"6{HOSTILE}", (f"7{HOSTILE}",)),), f"8{HOSTILE}"
        ),
        Judgement("1", (Run(f"9{HOSTILE}"),), f"10{HOSTILE}"),
        Table(f"11{HOSTILE}", (TableColumn(f"12{HOSTILE}"),), ((Cell(f"13{HOSTILE}"),),), f"14{HOSTILE}"),
        Table("", (TableColumn("a"),), (), empty=f"15{HOSTILE}"),
        Callout("warning", f"16{HOSTILE}", f"17{HOSTILE}"),
        Actions(
            (Action(f"18{HOSTILE}", f"19{HOSTILE}", f"20{HOSTILE}", f"21{HOSTILE}"),),
            {"what": f"22{HOSTILE}"},
        ),
        figure(title=f"23{HOSTILE}", note=f"24{HOSTILE}"),
    )
    found = text(made(*blocks, title=f"25{HOSTILE}", facts=(f"26{HOSTILE}",), note=f"27{HOSTILE}"))
    for number in range(1, 28):
        assert f"{number}{HOSTILE}".replace(" ", "") in found.replace(" ", "")


def test_a_megabyte_of_text_is_set() -> None:
    """A paragraph of a megabyte fills pages with nothing lost, every one marked."""
    words = "ipsum #lorem *x* _y_ $z$ "
    found = pages(made(Text.plain(words * 42_000)))
    assert sum(page.count("ipsum") for page in found) == 42_000
    assert sum(page.count("#lorem") for page in found) == 42_000
    assert all(page.count("CONFIDENTIAL") == 2 for page in found)


@pytest.mark.parametrize(
    "unit", ["ñ-b ", "Unbrokeñword", "10–18 ñ/a ", "\u0627\u0644\u0637\u0631\u064a\u0642 "]
)
def test_a_long_text_is_set_in_pieces_and_nothing_is_lost(unit: str) -> None:
    """Words, one word without end, ranges and Arabic are all there, wherever a long text can stand."""
    long = unit * (24_000 // len(unit))
    cells = (TableColumn("A"), TableColumn("B"))
    columns = (
        Text((Paragraph((Run("lead "), Run(long, "strong"))),)),
        Text((Paragraph((Run(long),)), Paragraph((Run(long),), "bullet"))),
        Callout("bottom_line", "x", long),
        Table("T", cells, ((Cell("x"), Cell(long)),), long, "x"),
    )
    for block, times in zip(columns, (1, 2, 1, 2), strict=True):
        found = unicodedata.normalize("NFKC", text(made(block)))
        letter = "ñ" if "ñ" in unit else "\u0637"
        assert found.count(letter) == times * long.count(letter)


@pytest.mark.parametrize("letter", ["漢", "\U0001f525"])
def test_what_cannot_be_set_whole_says_so_where_it_is_cut(letter: str) -> None:
    """A megabyte of characters without a glyph would be eight: it is cut, with how much of it this is."""
    given = drawable({"text": letter * 1_000_000, "svg": "x" * 30_000})
    assert given["text"].replace(MARK, "").endswith("… [120,000 / 1,000,000]")
    assert given["text"].count(f"[U+{ord(letter):04X}]") == 120_000
    assert given["svg"] == "x" * 30_000


def test_pieces_are_the_text() -> None:
    """Whatever a long text holds, its pieces together are that text, and no letter loses its marks."""
    long = ("e\u0301" * 7 + "x" * 40 + " ") * 700 + "y" * 9_000
    pieces = drawable(long).split(MARK)
    assert "".join(pieces) == long
    assert not [one for one in pieces if one.startswith("\u0301")]
    assert max(map(len, pieces)) <= 3_001


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("fire \U0001f525 here", "fire [U+1F525] here"),
        ("漢", "[U+6F22]"),
        ("bell\x07", "bell[U+0007]"),
        ("private \ue000", "private [U+E000]"),
        ("half \ud800 pair", "half [U+D800] pair"),
        ("été ẽ ǭ – „“ → ≥ ±", "été ẽ ǭ – „“ → ≥ ±"),
        ("Ирпінь Ωμέγα", "Ирпінь Ωμέγα"),
    ],
)
def test_a_character_without_a_glyph_is_shown_as_its_code(given: str, shown: str) -> None:
    """What FiraGO cannot draw is neither lost nor a reason to publish nothing; what it can draw stays."""
    assert shown in text(made(Text.plain(given)))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_set(value: str) -> None:
    """No text whatever makes Typst refuse a document."""
    assert made(
        Heading(value),
        Text.plain(value),
        Table(value, (TableColumn(value), TableColumn(value, "right")), ((Cell(value), Cell(value)),), value),
        Callout("note", value, value),
        title=f"Briefing {value}",
    ).startswith(b"%PDF-1.7")


def test_the_same_document_gives_the_same_bytes_in_two_processes() -> None:
    """Two fresh processes, with different hash seeds, write the same file as this one."""
    program = (
        "import hashlib; from tests.document.example import example_document; "
        "from workbench.document import Issue, pdf; "
        "print(hashlib.sha256(pdf.render(example_document(), Issue(1))).hexdigest())"
    )
    root = Path(__file__).parents[2]
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={**__import__("os").environ, "PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Africa/Nairobi"))
    }
    assert len(digests) == 1


def test_another_instant_gives_other_bytes() -> None:
    """The time stamp is the masthead's as_of, and nothing else of the clock."""
    file = made(Text.plain("x"), as_of="2026-11-16T09:00:00+03:00")
    assert b"D:20261116060000" in file
    assert file == made(Text.plain("x"))
    assert file != made(Text.plain("x"), as_of="2026-11-16T07:00:00Z")


def test_pdfua_has_no_findings(tmp_path: Path) -> None:
    """The sample, a draft, and one of long tables, texts, drawings and contents pass the PDF/UA-1 checks."""
    path = tmp_path / "briefing.pdf"
    end = (Heading("All"), long_table(150), figure(title="Bars"), Text.plain("In several pieces. " * 1500))
    long = Document(masthead(), (*example_document().blocks, *end))
    for document, issue in ((example_document(), FINAL), (example_document(), None), (long, FINAL)):
        path.write_bytes(pdf.render(document, issue))
        report = validate(str(path))
        assert [finding for finding in report.findings if finding.severity is not Severity.INFO] == []


def test_metadata_are_minimal() -> None:
    """Title, language, instant and the typesetter's name; no author, keyword, path or attachment."""
    with pikepdf.open(io.BytesIO(pdf.render(example_document(), FINAL))) as opened:
        assert set(opened.docinfo) == {"/Title", "/Creator", "/CreationDate", "/ModDate"}
        assert str(opened.docinfo["/Title"]) == masthead().title
        assert str(opened.docinfo["/Creator"]).startswith("Typst")
        assert str(opened.Root.Lang) == "en"
        assert not list(opened.attachments)


def test_the_author_is_the_office_function_where_the_labels_name_it() -> None:
    """The only author a file can name is the function the masthead's labels give."""
    file = made(Text.plain("x"), labels={**masthead().labels, "author": "Analysis cell"})
    with pikepdf.open(io.BytesIO(file)) as opened:
        assert str(opened.docinfo["/Author"]) == "Analysis cell"


def test_sections_are_bookmarks() -> None:
    """Every heading is a bookmark, under the one above it."""
    with (
        pikepdf.open(io.BytesIO(pdf.render(example_document(), FINAL))) as opened,
        opened.open_outline() as outline,
    ):
        titles = [item.title for item in outline.root]
        assert titles[0] == "Key judgements"
        assert titles[-1] == "Annex: method and sources"
        assert [child.title for child in outline.root[-1].children] == ["How the expected range is made"]


def test_levels_are_never_skipped() -> None:
    """A document that starts at level 3 and jumps is set all the same, as PDF/UA wants its levels."""
    file = made(Heading("Deep", 3), Heading("Top", 1), Heading("Deepest", 3))
    with pikepdf.open(io.BytesIO(file)) as opened, opened.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Deep", "Top"]
        assert [item.title for item in outline.root[1].children] == ["Deepest"]


def test_contents_stand_on_long_documents_only() -> None:
    """Above six pages the first lists later sections with their pages, and loses none of its text."""
    short = pages(pdf.render(example_document(), FINAL))
    assert "Contents" not in short[0]
    more = Document(
        masthead(), (*example_document().blocks, PageBreak(), Heading("Every incident"), long_table(200))
    )
    long = pages(pdf.render(more, FINAL))
    assert len(long) > 6
    assert "Contents Liaison and commitments 2 Recommendations 2 Annex: method and sources 3" in long[0]
    assert "Every incident 4" in long[0]
    assert "Mecor ? – 0–1" in long[0]


@pytest.mark.parametrize(
    "head",
    [
        {"edition": "Edition for the security management team and all heads of district offices " * 2},
        {"title": "Weekly conflict briefing: " + "the northern and the eastern coast " * 6},
        {"marking": "STRICTLY CONFIDENTIAL, FOR THE NAMED READERS ONLY, NOT TO BE FORWARDED OR COPIED " * 2},
    ],
)
def test_the_foot_has_one_line_however_long_its_parts(head: dict[str, str]) -> None:
    """Long editions, titles and marks are cut with an ellipsis in the foot; the page number never is."""
    document = Document(replace(masthead(), **head), example_document().blocks)
    with pypdfium2.PdfDocument(pdf.render(document, FINAL)) as opened:
        for number, page in enumerate(opened, start=1):
            found = page.get_textpage()
            foot = (
                found.get_text_bounded(0, 0, page.get_width(), 55).replace("\u2068", "").replace("\u2069", "")
            )
            assert f"page {number} of {len(opened)}" in foot
            assert masthead().marking.split()[0] in foot
            assert "…" in foot
            boxes = [found.get_charbox(at) for at in range(found.count_chars())]
            middles = [(low + high) / 2 for _, low, _, high in boxes if high < 55]
            assert max(middles) - min(middles) < 6


def test_a_long_table_repeats_its_header_and_breaks_no_row() -> None:
    """Each page of a long table starts with its header; every row lies whole on one page."""
    found = pages(made(long_table(200)))
    assert len(found) > 3
    assert all(page.count("What happened") == 1 for page in found)
    for row in range(200):
        cells = f"day-{row} " + "Armed clash. " * (1 + row % 9) + str(row)
        assert sum(f"{cells} " in f"{page} " for page in found) == 1


def test_a_row_longer_than_a_page_is_not_cut() -> None:
    """A cell of several pages breaks, since a row kept whole would run off the paper."""
    file = made(Table("", (TableColumn("a"), TableColumn("b")), ((Cell("word " * 6000), Cell("x")),)))
    assert text(file).count("word") == 6000
    assert boxes_off_page(file) == []


def test_nothing_leaves_the_text_area() -> None:
    """Long words, addresses and many columns stay between the side margins."""
    address = "https://example.org/" + "a-very-long-path/" * 20
    eight = tuple(TableColumn(f"Administrative-division-{number}", share=0.5) for number in range(8))
    file = made(
        Text.plain(address, "W" * 300),
        Text.bullets(address),
        KeyFigures((KeyFigure("1,204,331,006", "W" * 60, "W" * 60, "W" * 60, ("W" * 60,)),) * 4),
        Columns((Heading("W" * 90), Text.plain(address)), (Judgement("1", (Run(address),), address),)),
        Table("W" * 120, eight, (tuple(Cell("Unpronounceability" * 2) for _ in eight),), address, "x"),
        Callout("bottom_line", "W" * 90, address),
        title="W" * 90,
        facts=(address,),
    )
    assert boxes_off_page(file) == []
    assert address in "".join(pages(file)).replace(" ", "")


def test_an_empty_table_says_its_sentence() -> None:
    """A table and recommendations without rows show the sentence instead of a header over nothing."""
    found = text(
        made(
            Table("New alerts", (TableColumn("Raised"),), (), empty="No alert was raised."),
            Actions((), {"what": "What"}, "No recommendation."),
        )
    )
    assert "New alerts No alert was raised. No recommendation." in found
    assert "Raised" not in found


def test_states_have_a_column_only_if_there_are_any() -> None:
    """Recommendations without a state show no empty column."""
    labels = {"what": "What", "who": "Who", "by_when": "By when", "state": "State"}
    assert "State" not in text(made(Actions((Action("Move", "Offices", "17 Nov"),), labels)))
    assert "State" in text(made(Actions((Action("Move", "Offices", "17 Nov", "new"),), labels)))


def test_arrows_are_text() -> None:
    """An arrow is a sign before the cell's text, so that a copy and a screen reader have it too."""
    found = text(pdf.render(example_document(), FINAL))
    assert "Kuro ▲ 4 7" in found
    assert "Sule ▼ 2 2" in found
    assert "Pemra ▶ 3 4" in found


def test_a_drawing_keeps_its_words_and_its_alternative() -> None:
    """A chart's labels are set in FiraGO as text, and its alternative text is tagged."""
    file = made(figure(title="Bars"))
    found = text(file)
    assert "Bars" in found
    assert "19 so far; 24 expected (21–29)" in found
    with pikepdf.open(io.BytesIO(file)) as opened:
        alternatives = [
            str(item["/Alt"])
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
        ]
        names = {
            str(item["/BaseFont"])
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item
        }
    assert alternatives == [figure().alt]
    assert all("FiraGO" in name for name in names)


def test_neighbouring_half_figures_stand_side_by_side() -> None:
    """Two half figures share a row; a full one has its own."""
    with pypdfium2.PdfDocument(made(figure(title="Left"), figure(title="Right"))) as opened:
        words = opened[0].get_textpage()
        left, right = (words.get_charbox(words.search(title).get_next()[0]) for title in ("Left", "Right"))
    assert left[1] == pytest.approx(right[1], abs=2)
    assert right[0] - left[0] > 200


def test_arabic_runs_from_right_to_left() -> None:
    """A right-to-left briefing is set from the right, its columns mirrored, its marks on the page."""
    file = made(
        Heading("المناطق"),
        Table("", (TableColumn("المنطقة"), TableColumn("العدد", "right")), ((Cell("كورو"), Cell("17")),)),
        title="الإحاطة الأسبوعية",
        area="كستارا",
        language="ar",
        direction="rtl",
        marking="سري",
        labels={**masthead().labels, "page": "صفحة {page} من {pages}"},
    )
    with pypdfium2.PdfDocument(file) as opened:
        words = opened[0].get_textpage()
        whole = words.get_text_range()
        name, number = (words.get_charbox(words.search(part).get_next()[0]) for part in ("كورو", "17"))
    assert name[0] > 500
    assert number[0] < 300
    assert whole.count("سري") == 2
    assert "المنطقة" in whole
    with pikepdf.open(io.BytesIO(file)) as opened:
        assert str(opened.Root.Lang) == "ar"
        assert str(opened.Root.ViewerPreferences.Direction) == "/R2L"


def test_a_usual_briefing_is_small() -> None:
    """The sample with every kind of block stays under 150 kB, fonts in it."""
    assert len(pdf.render(example_document(), FINAL)) < 150_000


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (figure(alt=" "), "alternative text"),
        (figure(svg="", spec=None), "no drawing"),
        (figure(svg="<svg", title="SECRET", alt="SECRET"), "refuses a figure"),
        (Table("SECRET", (TableColumn("SECRET", share=0.0),), ((Cell("SECRET"),),)), "refuses a table"),
    ],
    ids=["no alternative", "no drawing", "broken drawing", "no width"],
)
def test_a_block_that_cannot_be_set_is_named(block: Block, told: str) -> None:
    """The error tells the kind of block and what to do, nothing of the document, not even in its cause."""
    with pytest.raises(ExportError, match=told) as caught:
        made(Text.plain("SECRET"), Columns((Text.plain("SECRET"),), (block,)))
    assert "PDF" in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "head", [{"as_of": "yesterday"}, {"as_of": "2026-11-16"}, {"title": " "}, {"language": "?"}]
)
def test_a_masthead_that_cannot_be_set_is_refused(head: dict[str, str]) -> None:
    """A missing title, an unknown language and an instant without a zone are errors of the masthead."""
    with pytest.raises(ExportError, match="masthead"):
        made(Text.plain("x"), **head)


def test_every_empty_block_can_be_set() -> None:
    """Blocks without content leave a gap, not an error."""
    assert made(
        Text(()), KeyFigures(()), Columns((), ()), Callout("note", "", ""), PageBreak(), Heading("")
    ).startswith(b"%PDF")


def test_every_district_is_on_paper() -> None:
    """All target districts are listed, with the words for no report."""
    found = text(pdf.render(example_document(), FINAL))
    assert all(f"{row[0]} " in found for row in DISTRICTS)
    assert found.count("no report") >= 2


def test_a_second_table_sample_keeps_its_note() -> None:
    """A table's note follows it on the same page when the table is short."""
    found = pages(made(table("T", (("A", "left"),), (("one",), ("two",)), note="The note.")))
    assert "A one two The note." in found[0]


def test_an_offices_own_template_is_used(tmp_path):
    """A briefing.typ in the folder given sets the page; a folder without one leaves it to the shipped one."""
    shipped_template = (shipped("templates") / pdf.TEMPLATE).read_text(encoding="utf-8")
    shipped_pdf = pdf.render(example_document(), None, templates=tmp_path)
    assert shipped_pdf == pdf.render(example_document(), None)
    own = shipped_template.replace("#1d2733", "#123456")
    assert own != shipped_template
    (tmp_path / pdf.TEMPLATE).write_text(own, encoding="utf-8")
    assert pdf.render(example_document(), None, templates=tmp_path) != shipped_pdf
