"""The HTML page: what it holds, what it must not hold, and how it behaves in a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import altair
import pandas as pd
import pytest

from tests.document.example import example_blocks, example_document, masthead
from workbench.blocks import (
    BLOCKS,
    MIME,
    Actions,
    Cell,
    Figure,
    Heading,
    Table,
    TableColumn,
    Text,
    from_json,
)
from workbench.config import shipped
from workbench.document import Document, Issue, render
from workbench.document.display import VEGA_LITE, mimebundle, preview, table, teach
from workbench.errors import ExportError, UnknownName

CHROMIUM = "/usr/bin/chromium"
CORE_LIMIT, FONTS_LIMIT = 300_000, 40_000  # bytes: what a slow line carries
ISSUE = Issue(version=2)
HOSTILE = "</style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}{% raw %}"


HOSTILE_FIELDS = ["title", "area", "period", "marking", "edition", "fiction", "note", "language"]


def page(document=None, issue=ISSUE):
    """Return a rendered page as text."""
    return render(document or example_document(), "html", issue=issue).decode("utf-8")


class _Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag


def elements(text, *names):
    """Return name and attributes of every element of a page, or of those with these names."""
    return [(tag, attributes) for tag, attributes in _Elements(text).found if not names or tag in names]


def test_page_loads_and_runs_nothing():
    """No script, no handler, no outside address in any attribute; addresses in texts are text."""
    text = page(Document(masthead(), (Text.plain("See https://a.example/x"),)))
    assert "See https://a.example/x" in text
    assert not elements(
        text, "script", "link", "iframe", "object", "embed", "base", "form", "img", "image", "use"
    )
    for tag, attributes in elements(text):
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            outside = re.search(r"https?:|//[a-z]|javascript:", value or "")
            assert not outside or (tag, name) == ("svg", "xmlns"), (tag, name)
    assert set(re.findall(r"url\((.{11})", text)) == {"data:font/w"}


def test_policy_admits_only_this_style_sheet():
    """The page's own policy forbids everything but its style sheet, by hash, and its fonts."""
    (policy,) = (a["content"] for _, a in elements(page(), "meta") if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not [tag for tag, attributes in elements(page()) if "style" in attributes]


@pytest.mark.parametrize("name", HOSTILE_FIELDS)
def test_hostile_masthead_stays_text(name):
    """Whatever stands in a masthead ends no string, no attribute and no element."""
    document = Document(replace(masthead(), **{name: HOSTILE}), (Heading("A"),))
    text = page(document)
    assert not elements(text, "script", "img")
    assert "49" not in re.sub("base64,[^)]*|sha256-[^']*", "", text)


def test_hostile_blocks_stay_text():
    """Whatever stands in a block is text, in cells, alternative texts and the names of tables too."""
    table = Table(HOSTILE, (TableColumn(HOSTILE),), ((Cell(HOSTILE),),), HOSTILE, stack=True)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>A</text><script>1</script></svg>'
    blocks = (
        Heading(HOSTILE), Text.plain(HOSTILE), table, Figure(HOSTILE, HOSTILE, HOSTILE, table, svg=svg),
        Actions((), {"what": HOSTILE}, HOSTILE),
    )  # fmt: skip
    text = page(Document(masthead(), blocks))
    assert not elements(text, "script", "img")
    assert text.count("alert(1)") == text.count("&lt;script&gt;alert(1)&lt;/script&gt;") * 2


def test_head_says_how_to_handle_it():
    """Language, direction, no index, no referrer; the title holds what it is and its mark."""
    text = page()
    assert ("html", {"lang": "en", "dir": "ltr"}) in elements(text)
    metas = {attributes.get("name"): attributes.get("content") for _, attributes in elements(text, "meta")}
    assert metas["referrer"] == "no-referrer"
    assert metas["robots"].startswith("noindex")
    assert "<title>Weekly conflict briefing: Kestara Province · 2026-W46 · CONFIDENTIAL</title>" in text


def test_mark_and_fiction_stand_at_both_ends_and_on_paper():
    """The handling mark and the fiction sentence open and close the page and every printed sheet."""
    text = page()
    before, _, after = text.partition("<main>")
    for part in (before.partition("<body>")[2], after.partition("</main>")[2]):
        assert "CONFIDENTIAL · internal edition" in part
        assert "SAMPLE DATA: places, people and events are fictional" in part
    for box in ("@top-left", "@bottom-left"):
        assert re.search(box + r'\{[^}]*"CONFIDENTIAL · internal edition"', text)
    assert re.search(r'@bottom-right\{[^}]*"[^"]*page " counter\(page\) " of " counter\(pages\)', text)


def test_draft_says_so_and_issue_says_which():
    """Without an issue the page is a draft at both ends; with one it names version and correction."""
    draft, issued = page(issue=None), page(issue=Issue(3, corrects=2))
    assert draft.count('<span class="draft">DRAFT, NOT RELEASED</span>') == 2
    assert "DRAFT" not in issued
    assert "version 3" in issued
    assert "corrects version 2" in issued
    assert "version" not in re.sub("<style>.*?</style>", "", draft, flags=re.DOTALL)


@pytest.mark.parametrize("label", ["contents", "issue_version", "alternative"])
def test_missing_label_is_named(label):
    """A masthead without a label the page needs is an ExportError naming it."""
    labels = {name: word for name, word in masthead().labels.items() if name != label}
    with pytest.raises(ExportError, match=label):
        page(Document(replace(masthead(), labels=labels), ()))


def test_outline_is_one_title_and_no_gap():
    """One h1, and no heading more than one level below the one before it."""
    levels = [int(tag[1]) for tag, _ in elements(page()) if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique():
    """No id occurs twice, also where one drawing is shown twice."""
    figure = next(b for b in example_document().blocks if b.kind == "columns").left[-1]
    text = page(Document(masthead(), (figure, figure, *example_document().blocks)))
    ids = [attributes["id"] for _, attributes in elements(text) if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_tables_have_a_name_a_head_and_row_heads():
    """Every table has a caption; its column and row heads are marked as such."""
    text = page()
    tables = re.findall("<table.*?</table>", text, flags=re.DOTALL)
    assert len(tables) == 6
    assert all("<caption" in table and 'scope="col"' in table and 'scope="row"' in table for table in tables)
    regions = [
        attributes["aria-label"] for _, attributes in elements(text) if attributes.get("role") == "region"
    ]
    assert len(regions) == len(set(regions)) == 6


def test_empty_table_is_a_sentence():
    """A table without rows is its sentence."""
    assert '<p class="empty">No alert was raised this week.</p>' in page()


def test_an_empty_frame_that_an_analyst_shows_is_a_sentence_too():
    """A frame without a row, as it is when a filter leaves nothing, is set with its columns under no row."""
    shown = table(pd.DataFrame({"district": [], "incidents": []}))
    assert "<td" not in page(Document(masthead(), (shown,)))


def test_figures_are_images_with_words():
    """A drawing is hidden from screen readers behind one alternative text, its data one click away."""
    text = page()
    assert [a["aria-label"][:9] for _, a in elements(text) if a.get("role") == "img"] == [
        "Bar chart",
        "Map of fi",
    ]
    assert {a["aria-hidden"] for _, a in elements(text, "svg")} == {"true"}
    assert text.count("<summary>Data of this figure<") == 2


def test_undrawn_figure_shows_its_words():
    """A figure without a drawing shows its alternative text instead of nothing."""
    assert '<p class="empty">It rose.</p>' in page(Document(masthead(), (Figure("", "It rose.", ""),)))


def test_page_is_small():
    """The core page is within what a slow line carries, its fonts included."""
    text = page()
    assert len(text.encode("utf-8")) <= CORE_LIMIT
    assert sum(map(len, re.findall(r"base64,([^)]*)", text))) <= FONTS_LIMIT


def test_other_letters_bring_their_fonts():
    """Letters outside of the usual ones are embedded only where they occur; unknown ones are not."""
    plain, accents = (page(Document(masthead(), (Heading(text),))) for text in ("A", "Tête 日"))
    assert plain.count("@font-face") == 2
    assert accents.count("@font-face") == 4
    assert "unicode-range:U+EA}" in accents


def test_office_template_replaces_the_shipped_one(tmp_path):
    """A template in the office's folder is used; what is not there comes with the package."""
    own = tmp_path / "templates"
    own.mkdir()
    sheet = (shipped("templates") / "briefing.css").read_text(encoding="utf-8")
    (own / "briefing.css").write_text(sheet.replace("#b4451f", "#123456"), encoding="utf-8")
    text = render(example_document(), "html", issue=ISSUE, office=tmp_path).decode("utf-8")
    assert "--accent: #123456" in text
    (own / "briefing.html.j2").write_text("{{ masthead.nothing }}", encoding="utf-8")
    with pytest.raises(ExportError, match="template"):
        render(example_document(), "html", office=tmp_path)


def test_unknown_format_is_refused():
    """Another format is an error that lists the known ones."""
    with pytest.raises(UnknownName, match="html, pdf, text"):
        render(example_document(), "docx")


@pytest.mark.parametrize("format_name", ["html", "text"])
def test_same_document_gives_same_bytes_in_another_process(format_name):
    """Two fresh processes with different hash seeds write the same bytes as this one."""
    code = (
        "import sys; from tests.document.example import *; from workbench.document import Issue, render;"
        f"sys.stdout.buffer.write(render(example_document(), '{format_name}', issue=Issue(2)))"
    )
    root = Path(__file__).parents[2]
    rendered = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root, capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert rendered == {render(example_document(), format_name, issue=ISSUE)}


def test_text_is_marked_and_narrow():
    """The plain-text edition is marked at both ends, at most 72 columns wide, and holds every number."""
    text = render(example_document(), "text").decode("utf-8")
    lines = text.split("\n")
    assert lines[:2] == ["CONFIDENTIAL · internal edition", "DRAFT, NOT RELEASED"]
    assert lines[-2] == "SAMPLE DATA: places, people and events are fictional"
    assert max(map(len, lines)) <= 72
    assert "\r" not in text
    assert "19 incidents\n  12 last week · median 9\n  higher than usual\n" in text
    assert re.search(r"^Office log +internal +15 Nov 2026 +1 d$", text, flags=re.MULTILINE)
    assert "District: Kuro\nLevel: ▲ 4\n" in text


@pytest.mark.parametrize("block", example_blocks(), ids=lambda block: block.kind)
def test_every_block_shows_itself_in_jupyterlab(block):
    """A cell's output carries the block, and something JupyterLab shows without help."""
    bundle = mimebundle(block)
    assert bundle[MIME]["kind"] in BLOCKS
    assert "http" not in preview(block).replace("http://www.w3.org", "")


def test_figure_is_drawn_by_jupyterlab():
    """A figure is shown as the Vega-Lite chart it is, with its title; as HTML it would hide the chart."""
    figure = Figure("Title", "It rose.", "Note.", spec={"mark": "bar"})
    bundle = mimebundle(figure)
    assert bundle[VEGA_LITE]["mark"] == "bar"
    assert bundle[VEGA_LITE]["title"] == {"text": "Title", "anchor": "start", "subtitle": "Note."}
    assert "text/html" not in bundle


def cell(shown: object) -> list[dict[str, object]]:
    """Return the outputs of a cell that shows something, in a shell that has imported the workbench."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display
    from IPython.utils.capture import capture_output

    try:
        teach(InteractiveShell.instance())
        with capture_output() as captured:
            display(shown)
    finally:
        InteractiveShell.clear_instance()
    return [output.data for output in captured.outputs]


def test_columns_show_their_charts_too():
    """In a notebook, columns are followed by a chart for each of their figures; only they are a block."""
    columns = next(block for block in example_blocks() if block.kind == "columns")
    first, *charts = cell(columns)
    assert first == mimebundle(columns)
    assert [set(chart) for chart in charts] == [{VEGA_LITE, "text/plain"}] * 2


def test_a_frame_shown_is_a_table_of_the_document():
    """A data frame that a cell shows carries itself as a Table: numbers right, missing values empty."""
    frame = pd.DataFrame({"district": ["Kuro", None], "incidents": [7, 0]})
    (shown,) = cell(frame)
    table = from_json(shown[MIME])
    assert [(column.label, column.align) for column in table.columns] == [
        ("district", "left"),
        ("incidents", "right"),
    ]
    assert [[one.text for one in row] for row in table.rows] == [["Kuro", "7"], ["", "0"]]


def test_a_chart_shown_is_a_figure_only_with_alternative_text():
    """An Altair chart with a description becomes a pruned Figure; one without says why not."""
    frame = pd.DataFrame({"week": ["W45", "W46"], "n": [12, 19], "name": ["canary-a", "canary-b"]})
    chart = altair.Chart(frame, title="Incidents").mark_bar().encode(x="week:O", y="n:Q")
    (described,) = cell(chart.properties(description="Incidents rose from 12 to 19."))
    figure = from_json(described[MIME])
    assert (figure.title, figure.alt) == ("Incidents", "Incidents rose from 12 to 19.")
    assert "canary" not in str(described[MIME])
    (bare,) = cell(chart)
    assert MIME not in bare
    assert "description" in bare["text/plain"]


@pytest.fixture(scope="module")
def browser():
    """Return a running Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no Chromium on this machine")
    quiet = ["no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking",
             "disable-component-update", "disable-sync"]  # fmt: skip
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=CHROMIUM, args=[f"--{option}" for option in quiet])
        yield running
        running.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Return a function that opens the sample page at a width, and fails on any request or complaint."""
    file = tmp_path / "briefing.html"
    file.write_bytes(render(example_document(), "html"))
    tabs = []

    def open_at(width):
        tab = browser.new_page(viewport={"width": width, "height": 800})
        tabs.append((tab, asked := [], said := []))
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.goto(file.as_uri())
        tab.evaluate("document.fonts.ready")
        return tab

    yield open_at
    for tab, asked, said in tabs:
        assert [url for url in asked if not url.startswith("data:font/")] == [file.as_uri()]
        assert said == []
        tab.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_page_has_no_accessibility_violation(opened, width):
    """Nothing is found by axe, on a wide screen nor on a phone."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    results = axe.run(opened(width))
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_page_never_scrolls_sideways(opened, width):
    """Nothing but a table or drawing in its own box is wider than the screen."""
    tab = opened(width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_fonts_are_allowed_and_used(opened):
    """The embedded typeface is loaded, so the policy admits it."""
    faces = opened(1280).evaluate("[...document.fonts].map(face => face.status)")
    assert set(faces) == {"loaded"}


def test_paper_is_marked_on_every_sheet(opened):
    """Printed to A4, every sheet carries the mark at top and bottom and its number."""
    pdfium = pytest.importorskip("pypdfium2")
    tab = opened(1280)
    printed = pdfium.PdfDocument(tab.pdf(prefer_css_page_size=True))
    assert len(printed) == 3
    for number, sheet in enumerate(printed, start=1):
        text = sheet.get_textpage().get_text_range()
        assert text.count("CONFIDENTIAL · internal edition") >= 2
        assert f"page {number} of 3" in text
        assert [round(side) for side in sheet.get_size()] == [595, 842]
