"""The pages for analysts: what failed and still stands, how to mend it, and nothing that a view held."""

from __future__ import annotations

import os
import shlex
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.schedule.watched import LATE, drafted, failure, key, office_of, released, slot
from workbench.config import Office
from workbench.schedule import Entry, Failure, Key, Ledger, State, write_failures

NEXT = LATE + timedelta(minutes=5)
NOW = LATE + timedelta(minutes=2)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office where nothing was made."""
    return office_of(tmp_path / "office")


def _entry(office: Office, one: Key, why: Failure, *, state: State = "failed") -> Entry:
    again = NEXT if state == "failed" else None
    return Entry(slot(office, one), state, attempts=2, next_try_at=again, failure=why)


class _Read(HTMLParser):
    """The words, tags, links and commands of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.commands: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["pre"] and data.strip():
            self.commands.append(data.strip())
        if self.tags[-1:] != ["style"] and data.strip():
            self.words.append(" ".join(data.split()))


def _pages(office: Office) -> dict[str, _Read]:
    folder = office.root / "private" / "scheduler" / "failures"
    return {one.name: _Read(one.read_text(encoding="utf-8")) for one in folder.iterdir()}


def test_a_failing_issue_has_its_page(office: Office) -> None:
    """Each says the step, whose issue, which cell and error, how often, when again, where the log is."""
    gated = failure(at=NOW, step="gate", cell=None, log="", exception="DisclosureRefused")
    entries = [
        _entry(office, key(audience="internal"), failure()),
        _entry(office, key(audience="unct"), gated, state="given_up"),
    ]
    index = write_failures(office, entries, now=NOW)
    assert index == office.root / "private" / "scheduler" / "failures" / "index.html"
    found = _pages(office)
    name = "2026-W46-weekly_conflict-kestara-internal-en.html"
    assert sorted(found) == [name, name.replace("internal", "unct"), "index.html"]
    assert found["index.html"].links == [name.replace("internal", "unct"), name]  # the latest first
    words = found[name].words
    for fact, text in {
        "Briefing": "weekly_conflict", "Area": "kestara", "Audience": "internal", "Week": "2026-W46",
        "Due": "Mon 16 Nov 06:00 Africa/Kinshasa", "Step": "running the notebook",
        "Kind of error": "BriefingFailed", "Cell of the notebook": "3", "Attempts": "2",
        "Next try": "16 Nov 2026 06:05 UTC", "Private log": "private/failed/weekly_conflict-1",
    }.items():  # fmt: skip
        assert words[words.index(fact) + 1] == text
    assert "Open the executed notebook." in words
    commands = [shlex.split(one) for one in found[name].commands]
    where = [
        "--area",
        "kestara",
        "--audience",
        "internal",
        "--week",
        "2026-W46",
        "--office",
        str(office.root),
    ]
    assert commands == [
        ["workbench", "retry", "weekly_conflict", *where],
        ["workbench", "run", "weekly_conflict", *where],
    ]
    other = found[name.replace("internal", "unct")].words
    assert "Cell of the notebook" not in other
    assert other[other.index("Private log") + 1] == "none"
    assert "given up" in other[other.index("Next try") + 1]


@pytest.mark.parametrize("made", [released, drafted])
def test_a_page_goes_once_its_issue_is_there(office: Office, made: object) -> None:
    """Made by the scheduler, by hand, or waiting as a draft: what came about is no failure any more."""
    entries = [
        _entry(office, key(audience="internal"), failure()),
        _entry(office, key(audience="unct"), failure()),
    ]
    write_failures(office, entries, now=NOW)
    made(office, key(audience="unct"))  # type: ignore[operator]  # one of the two
    write_failures(office, entries, now=NOW)
    found = _pages(office)
    assert sorted(found) == ["2026-W46-weekly_conflict-kestara-internal-en.html", "index.html"]
    write_failures(office, [], now=NOW)
    assert list(_pages(office)) == ["index.html"]
    assert "Nothing that failed is still open." in _pages(office)["index.html"].words


def test_a_page_can_do_nothing_and_leads_nowhere(office: Office) -> None:
    """No script, no form, no address outside; and it lies under no folder of the readers'."""
    others = {"source meridian": failure(step="pull")}
    write_failures(office, [_entry(office, key(), failure())], now=NOW, others=others)
    for page in _pages(office).values():
        assert not {"script", "form", "iframe", "img", "link", "object"} & set(page.tags)
        assert all("/" not in link and ":" not in link for link in page.links)
    assert not (office.root / "outputs").exists()


def test_what_is_no_id_is_not_repeated(office: Office) -> None:
    """A class that is no name of a class is left out, markup stays text, and a long remedy is cut."""
    odd = failure(exception="Amina <b>said</b>", remedy="<script>x</script>" + "y" * 5000, log="a\nb")
    write_failures(office, [_entry(office, key(), odd)], now=NOW, others={"<b>source": odd})
    for name, page in _pages(office).items():
        text = " ".join(page.words)
        assert "Amina" not in text
        assert not {"script", "b"} & set(page.tags)
        assert len(text) < 3000, name


def test_failures_of_sources_and_deliveries_stand_in_the_list(office: Office) -> None:
    """What is no issue has no page of its own, but its name, step and remedy."""
    write_failures(
        office, [], now=NOW, others={"source meridian": failure(step="pull", exception="SourceError")}
    )
    (page,) = _pages(office).values()
    assert "source meridian" in page.words
    assert "pulling the sources: SourceError, on 16 Nov 2026 06:00 UTC" in page.words


def test_pages_are_those_of_the_ledger(office: Office) -> None:
    """From a claim that failed to its page and back: the ledger's own entries, also on a second try."""
    ledger = Ledger(office.path(office.scheduler.ledger))
    (lease,) = ledger.claim([slot(office, key())], owner="us", now=LATE, seconds=600)
    ledger.failed(lease, failure(), now=LATE, next_try_at=NEXT)
    write_failures(office, ledger.entries(), now=NOW)
    assert len(_pages(office)) == 2
    (lease,) = ledger.claim([slot(office, key())], owner="us", now=NEXT, seconds=600)
    write_failures(office, ledger.entries(), now=NEXT)
    assert len(_pages(office)) == 2
    ledger.done(lease, now=NEXT, pack="outputs/x")
    write_failures(office, ledger.entries(), now=NEXT)
    assert len(_pages(office)) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_only_the_office_s_own_account_reads_the_pages(office: Office) -> None:
    """The folders that are made for them are closed to everybody else."""
    index = write_failures(office, [], now=NOW)
    made = [index.parent, index.parent.parent]
    assert [one.stat().st_mode & 0o077 for one in made] == [0, 0]


def test_an_unchanged_page_is_not_written_again(office: Office) -> None:
    """A tick that finds nothing new leaves the files as they are, so that a synced folder stays quiet."""
    entries = [_entry(office, key(), failure())]
    index = write_failures(office, entries, now=NOW)
    before = {one.name: one.stat().st_mtime_ns for one in index.parent.iterdir()}
    write_failures(office, entries, now=NOW + timedelta(minutes=1))
    assert {one.name: one.stat().st_mtime_ns for one in index.parent.iterdir()} == before


def test_old_failures_expire(office: Office) -> None:
    """After `failure_pages_days` a page goes, though its issue never came."""
    entries = [_entry(office, key(), failure())]
    days = timedelta(days=office.keep.failure_pages_days)
    write_failures(office, entries, now=LATE + days)
    assert len(_pages(office)) == 2
    write_failures(office, entries, now=LATE + days + timedelta(seconds=1))
    assert len(_pages(office)) == 1
