"""The index page of an audience shows its packs, all of them, and nothing of anybody else's."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.publish.packs import AS_OF, KEYS, files, manifest
from workbench.config import Audience, Office, load, shipped
from workbench.errors import UserError
from workbench.publish import index, notice, pack
from workbench.publish.manifest import Manifest

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def office() -> Office:
    """The sample office."""
    return load(shipped("workbench.toml").parent)


@pytest.fixture(scope="module")
def internal(office: Office) -> Audience:
    """Its internal audience."""
    return office.audience_called("internal")


def _publish(outputs: Path, text: str = "calm", **said) -> Path:
    content = files(text)
    return pack.write(outputs, manifest(content, **said), content, first_language="en", keys=KEYS)


def _season(outputs: Path) -> None:
    """Publish five weeks, one corrected twice, one also in French, and another area's."""
    for number, week in enumerate(("2026-W42", "2026-W43", "2026-W44", "2026-W45", "2026-W46")):
        as_of = AS_OF - timedelta(weeks=4 - number)
        _publish(outputs, week, period=week, as_of=as_of, bottom_line=f"The bottom line of {week}.")
    for version in (2, 3):
        _publish(
            outputs, f"again {version}", version=version, corrects=version - 1,
            as_of=AS_OF + timedelta(days=version),
            bottom_line="Eight attacks in Kuro, one more than first reported; move by day.",
        )  # fmt: skip
    _publish(
        outputs, "calme", language="fr", title="Point hebdomadaire : province de Kestara",
        bottom_line="Sept attaques à Kuro.",
    )  # fmt: skip
    _publish(
        outputs, "north", area="north", period="2026-W45", title="Weekly conflict briefing: North",
        bottom_line="No contact with authorities in two districts: silence there is not calm.",
    )  # fmt: skip


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = [value or "" for name, value in attrs if name in ("href", "src")]
        self.addresses += [one for one in found if not one.startswith("#")]
        assert tag != "script"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _read(page: Path) -> tuple[str, list[str]]:
    parser = _Text()
    parser.feed(page.read_text(encoding="utf-8"))
    return re.sub(r"\s+", " ", "".join(parser.words)), parser.addresses


def test_the_latest_issue_of_each_area_comes_first(tmp_path, office, internal):
    """Title, week, days, data cut-off, version and bottom line of the newest, then the archive by week."""
    _season(tmp_path)
    text, addresses = _read(index.write(tmp_path, audience=internal, office=office))
    latest, archive = text.split("All issues")
    assert "Weekly conflict briefing: Kestara Province" in latest
    assert "Monday 9 – Sunday 15 November 2026 · Week 2026-W46" in latest
    assert "data known on 19 Nov 2026 06:00 UTC · Version 3, corrects version 2" in latest
    assert "Eight attacks in Kuro" in latest
    assert "Weekly conflict briefing: North" in latest
    assert "bottom line of 2026-W45" not in latest
    weeks = re.findall(r"2026-W\d\d", archive)
    assert weeks == ["2026-W46", "2026-W45", "2026-W44", "2026-W43", "2026-W42"]
    assert "Version 1 · corrected by version 2 ·" in archive
    assert "français" in archive
    assert addresses[0] == "search.html"
    assert addresses[1] == "weekly_conflict/kestara/2026-W46/v3/briefing.html"
    assert "weekly_conflict/kestara/2026-W46/v1-fr/briefing.pdf" in addresses


def test_latest_issues_stand_in_the_offices_order(tmp_path, office, internal):
    """The briefing that the office names first comes first; one that it names no more comes last."""
    named = [one.slug for one in office.briefing if one.slug in ("weekly_conflict", "data_quality")]
    assert named == ["weekly_conflict", "data_quality"]  # which is not the alphabet's
    for slug in ("data_quality", "abandoned", "weekly_conflict"):
        _publish(tmp_path, briefing=slug, title=f"Title {slug}")
    page = index.write(tmp_path, audience=internal, office=office).read_text(encoding="utf-8")
    listed = page[page.index("Latest issues") : page.index("All issues")]
    assert re.findall(r"Title (\w+)<", listed) == [*named, "abandoned"]


def _recall(office: Office, folder: Path) -> None:
    """Put a signed notice in a pack's place, as recalling it does."""
    issue = Manifest.from_bytes((folder / "manifest.json").read_bytes())
    said, page = notice.of(notice.Subject.of(issue), office, on=date(2026, 11, 20))
    shutil.rmtree(folder)
    folder.mkdir()
    for name, content in notice.files(said, page, KEYS).items():
        (folder / name).write_bytes(content)


def test_after_the_recall_of_a_correction_the_recall_is_the_last_word(tmp_path, office, internal):
    """What version 3 had corrected is not the latest again; the week before is, after the notice."""
    _season(tmp_path)
    week = tmp_path / "internal" / "weekly_conflict" / "kestara" / "2026-W46"
    _recall(office, week / "v3")
    text, addresses = _read(index.write(tmp_path, audience=internal, office=office))
    latest, archive = text.split("All issues")
    assert "Week 2026-W46 · Version 3 · recalled on 20 Nov 2026: do not use" in latest
    assert "Eight attacks in Kuro" not in latest
    assert "Sept attaques" in latest  # that language's version is nobody's correction, and stands
    assert "corrects version 1 · corrected by version 3, which was recalled: do not use" in archive
    assert "Version 1 · corrected by version 2 ·" in archive
    assert "weekly_conflict/kestara/2026-W46/v2/briefing.html" in addresses  # the archive keeps it
    _recall(office, week / "v2")
    _recall(office, week / "v1-fr")
    latest = _read(index.write(tmp_path, audience=internal, office=office))[0].split("All issues")[0]
    assert latest.index("recalled on") < latest.index("bottom line of 2026-W45")
    assert "Seven attacks" not in latest


def test_a_version_after_the_recall_is_the_last_word(tmp_path, office, internal):
    """It corrects what was recalled; the notice stays in the archive, and what is older stays corrected."""
    _season(tmp_path)
    _recall(office, tmp_path / "internal" / "weekly_conflict" / "kestara" / "2026-W46" / "v3")
    _publish(
        tmp_path, "again 4", version=4, corrects=3, as_of=AS_OF + timedelta(days=4), bottom_line="Nine."
    )  # fmt: skip
    latest, archive = _read(index.write(tmp_path, audience=internal, office=office))[0].split("All issues")
    assert "Version 4, corrects version 3" in latest
    assert "recalled on" not in latest
    assert "corrected by version 3, which was recalled: do not use" in archive


def test_what_was_known_earlier_corrects_nothing(tmp_path, office, internal):
    """The recall of a version that only showed what was known before leaves the issue as it stands."""
    _publish(tmp_path, "now")
    early = _publish(tmp_path, "then", version=2, as_of=AS_OF - timedelta(days=1))
    _recall(office, early)
    latest, archive = _read(index.write(tmp_path, audience=internal, office=office))[0].split("All issues")
    assert "recalled on" not in latest
    assert "Seven attacks in Kuro" in latest
    assert "corrected by" not in archive


def test_every_link_leads_to_a_file_of_the_same_folder(tmp_path, office, internal):
    """Links are relative and stay inside the audience's folder, so that it can be moved or shared."""
    _season(tmp_path)
    page = index.write(tmp_path, audience=internal, office=office)
    moved = tmp_path / "elsewhere"
    shutil.move(page.parent, moved)
    addresses = _read(moved / "index.html")[1]
    assert len(addresses) == 2 * (2 + 9) + 2  # the page to search in, and the issue in French
    for address in addresses:
        assert ".." not in address
        assert (moved / address).resolve().is_relative_to(moved.resolve())
        assert (moved / address).is_file()


def test_nothing_of_another_audience_appears(tmp_path, office, internal):
    """The page is the same, byte for byte, whether or not others exist and whatever they are told."""
    _season(tmp_path)
    alone = index.write(tmp_path, audience=internal, office=office).read_bytes()
    for audience in ("leadership", "partners"):
        _publish(tmp_path, "secret", audience=audience, bottom_line="The commander is a suspect.", version=9)
    assert index.write(tmp_path, audience=internal, office=office).read_bytes() == alone
    for word in (b"leadership", b"partners", b"suspect", b"Partner organisations"):
        assert word not in alone


def test_a_pack_of_another_audience_is_refused(office, internal):
    """Should one get into the folder all the same, the page is not written."""
    other = pack.Versions(((1, manifest(audience="leadership")),), ())
    with pytest.raises(UserError, match="made for another audience"):
        index.render(other, audience=internal, office=office)


def test_a_pack_put_in_the_wrong_folder_is_counted_but_not_shown(tmp_path, office, internal):
    """A copy of another audience's pack is not listed, and the page says that one cannot be read."""
    _publish(tmp_path, audience="leadership", bottom_line="The commander is a suspect.")
    shutil.copytree(tmp_path / "leadership", tmp_path / "internal")
    text, addresses = _read(index.write(tmp_path, audience=internal, office=office))
    assert "1 pack cannot be read and is not listed." in text
    assert "suspect" not in text
    assert addresses == []


def test_marking_and_fiction_stand_at_the_top_and_at_the_bottom(tmp_path, office, internal):
    """Every page says how it is handled, twice, and that invented data are invented."""
    _season(tmp_path)
    text, _ = _read(index.write(tmp_path, audience=internal, office=office))
    body = text[text.index("}", text.rindex("footer { break-inside")) :]
    for words in (internal.marking, "SAMPLE DATA: places, people and events are fictional"):
        assert words in body[:200]
        assert words in body[-400:]
    real = office.model_copy(update={"fictional": False})
    text, _ = _read(index.write(tmp_path, audience=internal, office=real))
    assert "fictional" not in text


def test_a_folder_without_packs_says_so(tmp_path, office, internal):
    """Before the first issue there is a page, and it is not empty."""
    text, addresses = _read(index.write(tmp_path, audience=internal, office=office))
    assert "No briefing has been published yet." in text
    assert addresses == []


def test_the_same_packs_give_the_same_bytes(tmp_path, office, internal):
    """The page is made from manifests alone: no clock, no order of writing, no leftovers beside it."""
    first, second = tmp_path / "first", tmp_path / "second"
    _season(first)
    for name in sorted(first.rglob("v*"), reverse=True):
        shutil.copytree(name, second / name.relative_to(first))
    pages = [
        index.write(outputs, audience=internal, office=office).read_bytes() for outputs in (first, second)
    ]
    assert pages[0] == pages[1]
    assert {one.name for one in (first / "internal").iterdir()} == {
        "index.html", "search.html", "weekly_conflict",
    }  # fmt: skip


def test_text_from_a_manifest_stays_text(tmp_path, office):
    """Titles, bottom lines and markings are shown literally, whatever they hold."""
    nasty = "</style><script>alert(1)</script>{{ 7*7 }}\"'"
    audience = office.audience_called("internal").model_copy(update={"marking": nasty, "name": nasty})
    _publish(tmp_path, title=nasty, bottom_line=nasty)
    page = index.write(tmp_path, audience=audience, office=office)
    text, _ = _read(page)
    assert text.count("<script>alert(1)</script>{{ 7*7 }}\"'") == 7
    assert "<script" not in page.read_text(encoding="utf-8").lower()


def test_the_page_forbids_and_needs_nothing_from_outside(tmp_path, office, internal):
    """A content security policy, no address but those of packs, and a small file."""
    _season(tmp_path)
    page = index.write(tmp_path, audience=internal, office=office)
    source = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in source
    assert "//" not in source
    assert "url(" not in source
    assert page.stat().st_size < 30_000


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_finds_no_fault(width, tmp_path, office, internal):
    """Axe finds nothing, nothing is wider than the screen, and nothing is fetched or complained about."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    _season(tmp_path)
    page = index.write(tmp_path, audience=internal, office=office)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        # axe itself is a script, which the page's own policy would stop
        context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
        tab = context.new_page()
        asked: list[str] = []
        told: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: told.append(message.text))
        tab.goto(page.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert asked == [page.as_uri()]
        assert told == []
        results = Axe().run(tab)
        assert results.violations_count == 0, results.generate_report()
        browser.close()
