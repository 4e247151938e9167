"""The start page: its counts are those of the store and of the pages, and it shows no row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from tests.pull_office import log, office_in, write_log
from workbench.config import COMPARTMENTS, HIGHEST, Office, load
from workbench.desk import Matter, Seat, Today, assess, keep_draft, pairs, sit, today
from workbench.errors import UserError
from workbench.pull import pull_all
from workbench.records import record_type
from workbench.view import store_of
from workbench.widgets._today import _page

NOTHING = {"area": "", "week": "", "audience": "", "as_of": "", "language": ""}


@pytest.fixture
def seated(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Seat]:
    """Give a way to sit at the desk of an office."""

    def there(office: Office, **asked: str) -> Seat:
        monkeypatch.chdir(office.root)
        return sit(**{**NOTHING, **asked})

    return there


@pytest.fixture(scope="module")
def internal(sample_office: Office) -> tuple[Seat, Today]:
    """Return the seat and the page of internal readers, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(sample_office.root)
        seat = sit(**{**NOTHING, "audience": "internal"})
        return seat, today(seat, at=sample_office.now())


@pytest.fixture(scope="module")
def partners(sample_office: Office) -> Today:
    """Return the page of partners, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(sample_office.root)
        return today(sit(**{**NOTHING, "audience": "partners"}), at=sample_office.now())


def numbers(matters: tuple[Matter, ...], notebook: str, word: str) -> list[int]:
    """Return the numbers of what waits in a notebook and is told with this word."""
    return [one.number for one in matters if one.notebook == notebook and word in one.said]


def test_news_are_the_deliveries_since_the_last_issue(
    sample_office: Office, internal: tuple[Seat, Today]
) -> None:
    """For each source the counts of the second delivery, as the store keeps them; none is added up twice."""
    _, made = internal
    rows = store_of(sample_office).read(record_type("delivery"), as_of=datetime.max.replace(tzinfo=UTC))
    second = rows[rows["recorded_at"].dt.floor("s").gt(pd.Timestamp(made.since))]
    expected = second.set_index("source")[["new", "changed", "withdrawn", "rejected", "unmatched"]]
    by_title = {one.title: one.slug for one in sample_office.source}
    brought = {by_title[one.title]: one for one in made.news if one.deliveries}
    assert len(brought) > 5
    for slug, one in brought.items():
        counts = (one.new, one.changed, one.withdrawn, one.rejected, one.unmatched)
        assert counts == tuple(int(value) for value in expected.loc[slug])


def test_the_weeks_number_is_that_of_the_briefing(internal: tuple[Seat, Today], partners: Today) -> None:
    """15 incidents for internal readers, 12 for partners, each with its state in words."""
    for made, number in ((internal[1], "15"), (partners, "12")):
        assert made.figures is not None
        assert made.figures.figures[0].value == number
        assert made.figures.figures[0].meaning


def test_what_waits_is_counted_and_leads_to_its_notebook(
    sample_office: Office, internal: tuple[Seat, Today]
) -> None:
    """Pairs as triage has them, rows set aside and without a district as last delivered, what is overdue."""
    seat, made = internal
    assert made.unknown == ()
    waiting = sum(not pair.unsure for pair in pairs(seat))
    assert waiting > 0
    assert numbers(made.matters, "triage.ipynb", "one incident") == [waiting]
    assert numbers(made.matters, "triage.ipynb", "set aside") == [sum(one.rejected for one in made.news)]
    assert numbers(made.matters, "triage.ipynb", "no district") == [sum(one.unmatched for one in made.news)]
    entries, day = seat.view.known("liaison_entry"), pd.Timestamp(sample_office.now().date())
    overdue = entries["follow_up_due"].lt(day) & entries["follow_up_done"].isna()
    assert numbers(made.matters, "log.ipynb", "follow-up") == [int(overdue.sum())]


def test_readers_are_those_of_the_desk_and_hear_of_no_closed_source(
    internal: tuple[Seat, Today], partners: Today
) -> None:
    """A source that partners may not know of is neither named nor counted on their page."""
    wide, narrow = internal[1], partners
    assert {one.title for one in narrow.news} < {one.title for one in wide.news}
    assert not numbers(narrow.matters, "log.ipynb", "follow-up")


def test_a_missing_assessment_is_told(own_office: Office, internal: tuple[Seat, Today]) -> None:
    """Without a file for the week, the page leads to the notebook that writes it."""
    week = own_office.last_complete_week().slug
    assert not numbers(internal[1].matters, "assess.ipynb", "not written")
    for file in (own_office.root / "assessments").glob(f"*{week}*.md"):
        file.unlink()
    after = today(replace(internal[0], office=own_office), at=own_office.now())
    assert numbers(after.matters, "assess.ipynb", "not written") == [1]


def test_what_was_typed_and_not_entered_is_told(own_office: Office, internal: tuple[Seat, Today]) -> None:
    """A draft in a form of the log and one of the assessment each lead back to their notebook."""
    assert not [one for one in internal[1].matters if "typed" in one.said or "not saved" in one.said]
    opened = assess.open_week(own_office, area="kestara", week=own_office.last_complete_week().slug)
    keep_draft(own_office, "commitment", "", {"subject": "A generator for the clinic"})
    assess.keep_unsaved(opened, opened.document.statements[1:], {}, by="")
    after = today(replace(internal[0], office=own_office), at=own_office.now())
    assert numbers(after.matters, "log.ipynb", "A commitment was typed") == [1]
    assert numbers(after.matters, "assess.ipynb", "not saved") == [1]


def test_rows_without_a_known_label_are_counted(tmp_path: Path, seated: Callable[..., Seat]) -> None:
    """A level or compartment that is missing or unknown: its readers hear of how many, as a pull tells."""
    at = datetime(2026, 11, 16, 6, tzinfo=UTC)
    source = log(more="").replace('killed_best = "Dead"', 'level = "Dead"')
    source = source.replace('district_given = "District"', 'compartments = "District"')
    source = source.replace("[source.constants]", '[source.constants]\ndistrict_given = "Órvane"')
    office = office_in(tmp_path / "office", source)
    setting = office.root / "workbench.toml"
    all_of_it = setting.read_text(encoding="utf-8").replace('level = "internal"', f'level = "{HIGHEST.slug}"')
    all_of_it = all_of_it.replace("compartments = []", f"compartments = {list(COMPARTMENTS)}")
    labels = [("", ""), ("secret", ""), ("public", "human_right"), ("public", "")]
    write_log(office.root, *((number, "2026-11-10", *one) for number, one in enumerate(labels)))
    (report,), failures = pull_all(office, store_of(office), None, at=at)
    assert (report.unlabelled, failures) == (3, [])
    week = {"week": "2026-W46", "as_of": "2026-11-16T07:00:00Z"}
    with pytest.raises(UserError, match="Nothing was delivered yet that Internal may know of"):
        seated(office, **week)
    setting.write_text(all_of_it, encoding="utf-8")
    whole = today(seated(load(office.root), **week), at=at)
    assert numbers(whole.matters, "triage.ipynb", "no known label and are held as closely as can be") == [3]


def test_what_cannot_be_looked_at_is_named_and_stops_nothing(
    own_office: Office, internal: tuple[Seat, Today]
) -> None:
    """An assessment that is no text costs the page one line."""
    week = own_office.last_complete_week().slug
    for file in (own_office.root / "assessments").glob(f"*{week}*.md"):
        file.write_bytes(b"\xff\xfe\x00")
    made = today(replace(internal[0], office=own_office), at=own_office.now())
    assert [one for one in made.unknown if one.startswith("Could not look at the assessment: ")]
    assert made.matters


def test_an_office_where_nothing_waits_says_so(tmp_path: Path, seated: Callable[..., Seat]) -> None:
    """Few rows, no log, no assessments: the page is made, and invents nothing."""
    office = office_in(tmp_path / "office", log())
    write_log(office.root, ("1", "2026-11-10", "0", "Órvane"))
    _, failures = pull_all(office, store_of(office), None, at=datetime(2026, 11, 16, 6, tzinfo=UTC))
    assert not failures
    seat = seated(load(office.root), week="2026-W46", as_of="2026-11-16T07:00:00Z")
    made = today(seat, at=datetime(2026, 11, 16, 7, tzinfo=UTC))
    assert [one.new for one in made.news] == [1]
    assert not [one for one in made.matters if one.notebook == "triage.ipynb"]
    page = _page(replace(made, matters=(), unknown=()), seat)
    assert "Nothing waits for you" in page


def test_the_page_shows_texts_as_texts_and_its_form_tells_nothing(
    internal: tuple[Seat, Today], sample_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A title with markup stays text, each matter has its link, and a saved notebook holds no count."""
    from workbench.widgets import today as start

    seat, made = internal
    monkeypatch.chdir(sample_office.root)
    odd = replace(made.news[0], title="<img src=x onerror=alert(1)>")
    page = _page(replace(made, news=(odd,)), seat)
    assert "<img" not in page
    assert '<a class="wb-open" href="triage.ipynb"' in page
    shown = start(**{**NOTHING, "audience": "internal"})
    assert repr(shown) == "<start page>"
    told = start(**{**NOTHING, "audience": "nobody"})
    assert "nobody" in json.dumps([child.value for child in told.children])
