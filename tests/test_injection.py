"""Text of the field is data: hundreds of payloads from file to reader; nothing runs, nothing is fetched."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pikepdf
import pypdfium2
import pytest
import python_calamine

from tests import injected
from tests.injected import HEAVY, PAYLOADS, Text
from tests.publish.test_compare import document
from workbench.cli._office import literal
from workbench.config import Office, load
from workbench.document.normal import normal
from workbench.publish import Order, index, pack, publish
from workbench.publish.compare._pairs import Pair
from workbench.publish.compare._render import render
from workbench.publish.manifest import Manifest
from workbench.pull import pull_all
from workbench.view import present, store_of

TAG = re.compile(r"zq\d{5}k")
WATCH = """() => {
  window.__ran = [];
  for (const name of ['alert', 'confirm', 'prompt', 'open', 'print', 'fetch'])
    window[name] = () => { window.__ran.push(name) };
}"""
LIVE = """() => [...document.querySelectorAll('*')].flatMap(one => [...one.attributes]
  .filter(a => a.name.startsWith('on') ||
    ['src', 'srcdoc', 'action', 'formaction', 'data', 'ping', 'background'].includes(a.name)
    || (/href$/.test(a.name) && !a.value.startsWith('#')
      && !/^briefing|^(index|search)\\.html$|^[a-z_]+\\//.test(a.value)))
  .map(a => one.tagName + ' ' + a.name))"""
ELEMENTS = (
    "script, iframe, frame, object, embed, applet, form, input, base, portal, video, audio, img, template"
)


@dataclass(frozen=True)
class Made:
    """The office full of payloads, every text by its tag, and the pack that a reader of all of it gets."""

    office: Office
    known: dict[str, Text]
    folder: Path
    manifest: Manifest


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Deliver the payloads as files, pull them, and publish the weekly briefing for leadership."""
    folder = tmp_path_factory.mktemp("injected") / "office"
    known = injected.make(folder)
    office = load(folder)
    store = store_of(office)
    reports, failures = pull_all(office, store, None, at=office.now())
    assert not failures
    assert not [report.source for report in reports if report.rejected]
    return published(office, known, "weekly_conflict", "leadership")


def published(office: Office, known: dict[str, Text], briefing: str, audience: str) -> Made:
    """Publish an edition of the office full of payloads."""
    store = store_of(office)
    order = Order(briefing, "kestara", "2026-W46", audience, "en", present(office, store))
    done = publish(office, store, order, progress=lambda _: None)
    return Made(office, known, done.folder, done.manifest)


def one_line(text: str) -> str:
    """Return a text as a page shows it: normalised, each run of blanks a space."""
    return " ".join(normal(text).split())


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Start a real Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.publish.test_index import ARGUMENTS, CHROMIUM

    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as started:
        running = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


def opened(browser: object, file: Path) -> tuple[str, list[str], list[str], int]:
    """Open a page with every trap set; return its text, what was trapped, live attributes and elements."""
    trapped: list[str] = []
    context = browser.new_context(accept_downloads=False)  # type: ignore[attr-defined]  # imported late
    page = context.new_page()
    page.add_init_script(f"({WATCH})()")
    page.on("dialog", lambda dialog: (trapped.append("dialog"), dialog.dismiss()))
    page.on("popup", lambda _: trapped.append("popup"))
    page.on("download", lambda _: trapped.append("download"))
    page.on("worker", lambda _: trapped.append("worker"))
    page.on("pageerror", lambda _: trapped.append("a script's error"))
    page.on("console", lambda message: trapped.append(f"console {message.type}"))
    page.on("framenavigated", lambda frame: trapped.append("moved") if frame.url != file.as_uri() else None)
    context.on(
        "request",
        lambda sent: (
            trapped.append("request")
            if sent.url != file.as_uri() and not sent.url.startswith("data:font")
            else None
        ),
    )
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    page.mouse.move(200, 200)
    page.wait_for_timeout(300)
    trapped += page.evaluate("window.__ran")
    seen = page.evaluate("document.body.textContent")
    live, elements = page.evaluate(LIVE), page.locator(ELEMENTS).count()
    context.close()
    return seen, trapped, live, elements


def test_in_a_browser_nothing_runs_and_everything_is_read(made: Made, browser: object) -> None:
    """Hundreds of texts stand literally on the page, all of over 300 payloads among them; no trap springs."""
    seen, trapped, live, elements = opened(browser, made.folder / "briefing.html")
    assert trapped == []
    assert live == []
    assert elements == 0
    text = " ".join(seen.split())
    shown = [made.known[tag] for tag in sorted(set(TAG.findall(text)) & made.known.keys())]
    assert [one for one in shown if one_line(one.cell) not in text] == []
    assert len(shown) >= 300
    assert len(PAYLOADS) == len(set(PAYLOADS)) > 300
    assert len({(one.record, one.column) for one in shown}) >= 12
    assert {one.payload for one in shown} == set(PAYLOADS)


def live_keys(content: bytes) -> set[str]:
    """Return the keys of a PDF's objects that act, lead outside or carry a file."""
    with pikepdf.open(io.BytesIO(content)) as paper:
        keys = {
            str(key)
            for one in paper.objects
            if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream))
            for key in one.keys()  # noqa: SIM118 (a PDF dictionary is no mapping)
        }
    acting = {"/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch", "/EmbeddedFiles", "/AcroForm", "/URI"}
    return keys & acting


@pytest.mark.parametrize(
    ("briefing", "audience", "texts"),
    [
        ("human_rights", "leadership", 100),
        ("weekly_conflict", "partners", 40),
        ("data_quality", "internal", 10),
    ],
)
def test_so_it_is_in_other_editions(
    briefing: str, audience: str, texts: int, made: Made, browser: object
) -> None:
    """Other briefings and readers: what is shown is literal; no trap springs, nothing in the PDF acts."""
    other = published(made.office, made.known, briefing, audience)
    seen, trapped, live, elements = opened(browser, other.folder / "briefing.html")
    assert (trapped, live, elements) == ([], [], 0)
    text = " ".join(seen.split())
    shown = [made.known[tag] for tag in sorted(set(TAG.findall(text)) & made.known.keys())]
    assert [one for one in shown if one_line(one.cell) not in text] == []
    assert len(shown) >= texts
    assert live_keys((other.folder / "briefing.pdf").read_bytes()) == set()


def test_the_comparison_and_the_search_are_text_too(made: Made, browser: object, tmp_path: Path) -> None:
    """Payloads as bottom line, title, district and change: neither page runs or fetches what they say."""
    for number in range(0, len(PAYLOADS), 40):
        some = PAYLOADS[number : number + 40]
        lines = [one_line(one) for one in some]
        spoken = {"bottom_line": lines[0], "title": lines[1], "changes": tuple(lines[2:])}
        later = made.manifest.model_copy(update={**spoken, "status": "released", "version": 2, "corrects": 1})
        earlier = later.model_copy(update={"version": 1, "corrects": None})
        was, now = (document(*((one, count, "1") for one in some), line=some[-1]) for count in "34")
        reader = made.office.audience[0]
        pages = {
            "compare": render(Pair(earlier, later), was, now, audience=reader, office=made.office),
            "search": index.render_search(
                pack.Versions(((1, later),), ()), audience=reader, office=made.office
            ),
        }
        for name, page in pages.items():
            file = tmp_path / f"{name}-{number}.html"
            file.write_text(page, encoding="utf-8")
            seen, trapped, live, elements = opened(browser, file)
            assert (trapped, live) == ([], []), (name, number)
            # the search has a field and the workbench's own script, which its policy names by digest
            assert elements == {"compare": 0, "search": 2}[name]
            text = " ".join(seen.split())
            assert lines[0] in text
            assert name == "search" or [one for one in lines if one not in text] == []


def test_the_index_page_is_text_too(made: Made, browser: object, tmp_path: Path) -> None:
    """With payloads as bottom line and title, the readers' first page runs and fetches nothing."""
    for number, payload in enumerate(PAYLOADS[::24]):
        manifest = made.manifest.model_copy(
            update={"bottom_line": one_line(payload), "title": one_line(payload), "status": "released"}
        )
        page = index.render(
            pack.Versions(((1, manifest),), ()), audience=made.office.audience[0], office=made.office
        )
        file = tmp_path / f"index-{number}.html"
        file.write_text(page, encoding="utf-8")
        seen, trapped, live, elements = opened(browser, file)
        assert (trapped, live, elements) == ([], [], 0)
        assert one_line(payload) in " ".join(seen.split())


def test_the_pdf_shows_the_same_letters_and_holds_nothing_live(made: Made) -> None:
    """No action, link to the outside, script or attachment; the texts stand in it letter by letter."""
    content = (made.folder / "briefing.pdf").read_bytes()
    assert live_keys(content) == set()
    with pypdfium2.PdfDocument(content) as read:
        text = "".join(page.get_textpage().get_text_range() for page in read)
    letters = re.sub(r"[\s\ufffe\u00ad-]", "", text)
    found = [
        one
        for one in made.known.values()
        if one.payload.isascii() and re.sub(r"[\s-]", "", normal(one.cell)) in letters
    ]
    assert len(found) >= 200
    assert "root:" not in letters


def test_tables_read_back_are_literal_and_dead(made: Made) -> None:
    """CSV and workbook: each text of a table as it is, never at the start of a formula, never a link."""
    made_files = sorted(made.folder.glob("table_*.csv"))
    assert made_files
    cells = [
        cell
        for file in made_files
        for row in csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""))
        for cell in row
    ]
    assert not [cell for cell in cells if re.match(r"[\s\"]*[=+@|%-](?![\d., ]*%?$)", cell)]
    tags = {tag for cell in cells for tag in TAG.findall(cell)}
    whole = "\n".join(" ".join(cell.split()) for cell in cells)
    assert [tag for tag in tags & made.known.keys() if one_line(made.known[tag].cell) not in whole] == []
    assert len(tags) >= 150
    content = (made.folder / "tables.xlsx").read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(content))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}
    assert kinds == {"s"}
    assert not [1 for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    again = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    values = [
        " ".join(str(value).split())
        for name in again.sheet_names
        for row in again.get_sheet_by_name(name).to_python()
        for value in row
    ]
    joined = "\n".join(values)
    assert [tag for tag in tags & made.known.keys() if one_line(made.known[tag].cell) not in joined] == []
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        written = {name: parts.read(name) for name in parts.namelist()}
    sheets = {name: part for name, part in written.items() if name.startswith("xl/worksheets/")}
    assert sheets
    assert not [name for name, part in sheets.items() if b"<f>" in part or b"<hyperlink" in part]
    assert not [name for name, part in written.items() if b'TargetMode="External"' in part]


def test_a_megabyte_is_shown_whole_and_bloats_nothing(made: Made) -> None:
    """Every word of a megabyte is on the page and on paper; marks piled on a letter are thirty."""
    words = HEAVY["a megabyte"].split()
    page = (made.folder / "briefing.html").read_text(encoding="utf-8")
    times = page.count(words[0]) // len(words)
    assert times >= 1
    assert page.count(words[0]) == times * len(words)
    with pypdfium2.PdfDocument(made.folder / "briefing.pdf") as paper:
        on_paper = sum(one.get_textpage().get_text_range().count(words[0]) for one in paper)
    assert on_paper == times * len(words)
    assert len(page) < 1_500_000 + times * len(HEAVY["a megabyte"])
    assert (made.folder / "briefing.pdf").stat().st_size < 5_000_000
    assert normal(HEAVY["marks"]).count("\u0301") <= 30


def test_the_manifest_and_every_name_are_plain(made: Made) -> None:
    """No path of a pack holds a word of the field; the manifest is ASCII-safe JSON without controls."""
    names = [one.name for one in made.folder.rglob("*")] + list(
        made.folder.relative_to(made.office.root).parts
    )
    assert not [name for name in names if not re.fullmatch(r"[A-Za-z0-9_.-]+", name)]
    manifest = (made.folder / "manifest.json").read_text(encoding="utf-8")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", manifest)


@pytest.mark.parametrize(
    "payload", [*injected.SIGNS, "\x1b]8;;http://192.0.2.77\x07x", "\x00", "\ud800", "a\rb"]
)
def test_a_terminal_is_never_steered(payload: str) -> None:
    """What steers or hides is written out; all else stays, and it can be encoded."""
    shown = literal(payload)
    assert shown.isprintable()
    assert shown.encode("utf-8")
    assert literal("plain: ééé مرحبا 1+1") == "plain: ééé مرحبا 1+1"
    assert len(literal(payload + "x" * 10_000)) < 4_200
