"""Two issues side by side: only what both show, never what one withholds, and nothing of a recalled one."""

from __future__ import annotations

import gettext
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from tests.publish.packs import AS_OF, KEYS, files, manifest
from tests.publish.test_index import ARGUMENTS, CHROMIUM
from workbench.blocks import Callout, Cell, Heading, KeyFigure, KeyFigures, Masthead, Table, TableColumn, Text
from workbench.config import Audience, Office, load, shipped
from workbench.document import Document
from workbench.keys import keys_of
from workbench.language import Words, words
from workbench.publish import compare, documents, index, notice, pack
from workbench.publish.manifest import Manifest

WEEKS = ("2026-W44", "2026-W45", "2026-W46")


def document(*rows: tuple[str, str, str], total: str = "9", line: str = "Calm.") -> Document:
    """Return a document with a number of incidents, districts (now, last week) and what was revised."""
    head = Masthead(
        "Weekly", "Kestara", "2026-W46", (), "CONFIDENTIAL", "", "internal", "weekly_conflict", "", "en",
        "ltr", "", "", {},
    )  # fmt: skip
    cells = tuple(tuple(Cell(text) for text in row) for row in rows)
    table = Table("", tuple(map(TableColumn, ("District", "Now", "Last week"))), cells)
    return Document(
        head,
        (
            Callout("bottom_line", line), KeyFigures((KeyFigure(total, "deaths (2–4)"),)), table,
            Heading("Revised since the last issue", 2), Text.plain("Incidents of earlier weeks: added 2."),
        ),
    )  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The sample office, with folders of its own; its key is the sample's."""
    found = load(shipped("workbench.toml").parent)
    where = {"private": str(tmp_path / "private"), "outputs": str(tmp_path / "outputs")}
    return found.model_copy(update=where)


@pytest.fixture
def internal(office: Office) -> Audience:
    """Its internal audience."""
    return office.audience_called("internal")


def publish(office: Office, said: Document, **more: object) -> Path:
    """Publish a pack set from a document that the office keeps."""
    given: dict[str, Any] = {"document": documents.keep(office, said)} | more
    return pack.write(
        office.path(office.outputs), manifest(**given), files(), first_language="en", keys=keys_of(office)
    )


def season(office: Office) -> None:
    """Publish three weeks; the last knows one incident more of the second than that told."""
    told = {"2026-W44": ("1", "0"), "2026-W45": ("3", "1"), "2026-W46": ("7", "4")}
    for number, week in enumerate(WEEKS):
        said = document(
            ("Kuro", *told[week]), ("Velda", "–", "–"), total=str(5 + number), line=f"Line {week}."
        )
        as_of = AS_OF - timedelta(weeks=2 - number)
        publish(office, said, period=week, as_of=as_of, bottom_line=f"Line {week}.")


def pages(office: Office, internal: Audience) -> dict[str, str]:
    """Renew the pages of an audience and return those that compare."""
    page = index.write(office.path(office.outputs), audience=internal, office=office)
    return {one.name: one.read_text(encoding="utf-8") for one in page.parent.glob("compare-*.html")}


def test_each_issue_is_compared_with_the_one_before(office: Office, internal: Audience) -> None:
    """Then, now, the difference in words, what became known of that week since, and a link from the index."""
    season(office)
    found = pages(office, internal)
    name = "compare-weekly_conflict-kestara-2026-W46-v1-with-2026-W45-v1.html"
    assert len(found) == 2
    page = found[name]
    assert '<td>3</td><td>7</td><td class="difference">4 more</td>' in page
    assert '<td>not known</td><td>not known</td><td class="difference">cannot be told</td>' in page
    assert "Kuro: 3 told then, 4 known now (1 more)." in page
    assert "Incidents of earlier weeks: added 2." in page
    assert page.index("Line 2026-W46.") < page.index("Line 2026-W45.")
    shown = (office.path(office.outputs) / "internal" / "index.html").read_text(encoding="utf-8")
    assert f'href="{name}"' in shown
    assert "%" not in page[page.index("<body>") :]
    again = pages(office, internal)
    assert again == found


def test_what_was_recalled_lives_on_in_no_comparison(office: Office, internal: Audience) -> None:
    """Both pages it was part of go; those that stand are compared with each other."""
    season(office)
    assert len(pages(office, internal)) == 2
    folder = office.path(office.outputs) / "internal" / "weekly_conflict" / "kestara" / "2026-W45" / "v1"
    issue = Manifest.from_bytes((folder / "manifest.json").read_bytes())
    said, page = notice.of(notice.Subject.of(issue), office, on=date(2026, 11, 20))
    shutil.rmtree(folder)
    folder.mkdir()
    for part, content in notice.files(said, page, KEYS).items():
        (folder / part).write_bytes(content)
    found = pages(office, internal)
    assert list(found) == ["compare-weekly_conflict-kestara-2026-W46-v1-with-2026-W44-v1.html"]
    for file in (office.path(office.outputs) / "internal").glob("*.html"):
        assert "Line 2026-W45." not in file.read_text(encoding="utf-8")


def test_a_page_that_was_changed_or_whose_pack_was_is_not_kept(office: Office, internal: Audience) -> None:
    """A page written into is made anew; from a pack that is not as published, none is made."""
    season(office)
    found = pages(office, internal)
    folder = office.path(office.outputs) / "internal"
    for name in found:
        file = folder / name
        file.write_text(found[name].replace("Kuro", "Elsewhere"), encoding="utf-8")
    assert pages(office, internal) == found
    for name in found:
        (folder / name).unlink()
    (folder / "weekly_conflict" / "kestara" / "2026-W46" / "v1" / "briefing.html").write_bytes(b"other")
    assert list(pages(office, internal)) == [name for name in found if "2026-W46" not in name]


def test_a_correction_does_not_repeat_what_had_to_go(office: Office, internal: Audience) -> None:
    """Compared with the version it corrects: plain numbers are shown, other texts are not."""
    publish(office, document(("Kuro", "secret place", "1"), total="5"), bottom_line="The old line.")
    publish(
        office, document(("Kuro", "4", "1"), total="6"), version=2, corrects=1, bottom_line="The new line.",
        as_of=AS_OF + timedelta(days=1), changes=("deaths: was 5, is 6.",),
    )  # fmt: skip
    (page,) = pages(office, internal).values()
    assert "deaths: was 5, is 6." in page
    assert "told otherwise" in page
    assert "secret place" not in page
    assert "The old line." not in page
    assert "1 more" in page


@given(
    was=st.sampled_from(["*", "not shown", "not for these readers", "–", "?", "3", "12"]),
    now=st.sampled_from(["*", "not shown", "not for these readers", "–", "?", "3", "12"]),
    threshold=st.sampled_from([1, 5, 20]),
)
def test_no_difference_of_what_is_not_told(was: str, now: str, threshold: int) -> None:
    """A number stands in a difference only if both are told and it is not below the threshold."""
    found = compare.differences(
        document(("Kuro", was, "1")), document(("Kuro", now, "1")), spoken=words("en"),
        threshold=threshold, adjacent=False, versions=False,
    )  # fmt: skip
    (row,) = found.districts
    withheld = {was, now} & {"*", "not shown", "not for these readers"}
    if withheld:
        assert row.difference == "withheld"
    elif not (was.isdigit() and now.isdigit()):
        assert row.difference == "cannot be told"
    elif was == now:
        assert row.difference == "the same"
    else:
        assert any(letter.isdigit() for letter in row.difference) == (threshold <= 9)
    assert "*" not in (row.then, row.now)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_browser_finds_no_fault_and_search_finds_issues(office: Office, internal: Audience) -> None:
    """Axe is content on a phone, also from right to left; search folds case and accents and says how many."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    season(office)
    publish(office, document(), area="north", title="Обзор: Мёкор", bottom_line="أخبار الأسبوع: هدوء")
    (name, *_) = sorted(pages(office, internal))
    folder = office.path(office.outputs) / "internal"
    pair = compare.pairs(pack.published(office.path(office.outputs), audience="internal"))[0]
    arabic = Words("ar", "rtl", gettext.NullTranslations(), Locale.parse("ar"))
    both = (documents.kept(office, one.document) for one in (pair.earlier, pair.later))
    was, now = (one for one in both if one is not None)
    turned = compare.render(pair, was, now, audience=internal, office=office, spoken=arabic)
    assert 'dir="rtl"' in turned
    (folder / "rtl.html").write_text(turned, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        # axe itself is a script, which the page's own policy would stop
        tab = browser.new_context(viewport={"width": 390, "height": 900}, bypass_csp=True).new_page()
        for page in (name, "rtl.html", index.SEARCH):
            tab.goto((folder / page).as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") <= 390
            results = Axe().run(tab)
            assert results.violations_count == 0, results.generate_report()
        # with its policy in force the script runs all the same, and says nothing to the console
        tab = browser.new_context().new_page()
        told: list[str] = []
        tab.on("console", lambda message: told.append(message.text))
        tab.goto((folder / index.SEARCH).as_uri())
        rows = tab.locator("[data-row]:visible")
        assert rows.count() == 4
        tab.keyboard.press("/")
        for sought, number in (
            ("line 2026-w45", 1),
            ("ОБЗОР мекор", 1),
            ("اخبار", 1),
            ("kestara", 3),
            ("x!", 0),
        ):
            tab.keyboard.press("Escape")
            tab.keyboard.insert_text(sought)
            assert (sought, rows.count()) == (sought, number)
            assert tab.locator("#told").inner_text() == f"Issues that match: {number} of 4"
        tab.keyboard.press("Escape")
        assert rows.count() == 4
        assert told == []
        tab = browser.new_context(java_script_enabled=False).new_page()
        tab.goto((folder / index.SEARCH).as_uri())
        assert tab.locator("[data-row]").count() == 4
        assert not tab.locator("#search").is_visible()
        browser.close()
