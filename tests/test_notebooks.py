"""The shipped notebooks: every edition of the sample office, and odd weeks."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pypdfium2
import pytest

from workbench import briefing, document, view
from workbench.config import Office
from workbench.document import Document
from workbench.view import View

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "weekly_conflict.ipynb"
DISTRICTS = ("Kuro", "Lumeth", "Orvane", "Port Halden", "Nareth", "Velda", "Ibrane", "Mécor")
COUNTS = {"leadership": 17, "internal": 15, "partners": 12}
"""Incidents of the sample week that each audience may count."""

ISSUE = document.Issue(version=1)
NOT_A_WORD = re.compile(r"\b(NaN|nan|None|NaT|inf|Traceback)\b|<NA>|\{\w+\}")


def view_of(office: Office, audience: str, week: str = "2026-W46") -> View:
    """Return the view of the sample area that an audience has of a week, as known now."""
    request = view.Request("kestara", week, audience, office.now())
    return view.make(office, view.store_of(office), request)


def page_of(seen: View, folder: Path) -> Document:
    """Run the weekly notebook on a view and return the document it makes."""
    view.save(seen, folder / "view")
    parameters = {
        "area": seen.area.slug,
        "week": seen.week.slug,
        "audience": seen.audience.slug,
        "as_of": seen.as_of.isoformat(),
        "language": "en",
    }
    executed = briefing.run(NOTEBOOK, parameters, view=folder / "view", folder=folder)
    return document.collect(executed)


def said(page: Document) -> str:
    """Return the text edition, in one line so that no sentence is broken."""
    return " ".join(document.render(page, "text", issue=ISSUE).decode("utf-8").split())


def with_tables(seen: View, **tables: pd.DataFrame) -> View:
    """Return a view in which some tables hold other rows."""
    return dataclasses.replace(seen, tables=MappingProxyType({**seen.tables, **tables}))


@pytest.fixture(scope="module", params=COUNTS)
def edition(
    request: pytest.FixtureRequest, sample_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Document]:
    """Return an audience and the document made for it of the sample office's last week."""
    seen = view_of(sample_office, request.param)
    return request.param, page_of(seen, tmp_path_factory.mktemp("run"))


def test_every_edition_states_its_facts(edition: tuple[str, Document]) -> None:
    """All eight districts, cut-off, issue, version, mark and fiction; and never a missing value."""
    audience, page = edition
    text = said(page)
    assert not NOT_A_WORD.search(text)
    assert all(name in text for name in DISTRICTS)
    assert "data known on 16 Nov 2026 06:00 UTC · issue 46" in text
    assert "version 1" in text
    assert text.count(page.masthead.marking) == 2
    assert "places, people and events are fictional" in text
    assert f"{COUNTS[audience]} incidents" in text
    assert "higher than usual" in text


def test_files_are_small(edition: tuple[str, Document]) -> None:
    """HTML is at most 300 kB and PDF at most 500 kB, fonts and figures included."""
    _, page = edition
    assert len(document.render(page, "html", issue=ISSUE)) <= 300_000
    assert len(document.render(page, "pdf", issue=ISSUE)) <= 500_000


def test_the_core_is_two_pages(edition: tuple[str, Document]) -> None:
    """The first page ends after the district table, the second holds the rest up to the annexes."""
    _, page = edition
    with pypdfium2.PdfDocument(document.render(page, "pdf", issue=ISSUE)) as opened:
        pages = [" ".join(one.get_textpage().get_text_range().split()) for one in opened]
    assert all(name in pages[0].split("Districts")[1] for name in DISTRICTS)
    assert "A dash is no zero" in pages[0]
    assert "Significant incidents" in pages[1]
    assert "Recommendations" in pages[1]
    assert not any("Recommendations" in later for later in pages[2:])


def test_a_reader_without_the_liaison_log_is_told_of_no_calm(edition: tuple[str, Document]) -> None:
    """Without the log no district is called calm: a dash, none known; with it silence is no report."""
    audience, page = edition
    text = said(page)
    rows = [row for row in text.split("Significant incidents")[0].split("District") if "Velda" in row]
    assert rows
    if audience == "partners":
        assert "no incident reported" not in text.lower()
        assert re.search(r"Velda none – 1 0–2 no incident known", text)
        assert "does not tell whether anyone was heard from" in text
        assert "Not part of this edition: the liaison log" in text
    else:
        assert re.search(r"District: Mécor Level: none Now: – Last week: – .{,40}no report", text)


def test_a_district_in_contact_without_incidents_is_calm(sample_office: Office, tmp_path: Path) -> None:
    """Where somebody was heard from and nothing is known, 0 stands, and it is called no incident reported."""
    text = said(page_of(view_of(sample_office, "internal", "2026-W44"), tmp_path))
    assert re.search(r"District: Velda Level: ▼ \(2\) Now: 0 .{,40}no incident reported", text)


def test_a_district_that_no_source_covers_is_told_apart(
    sample_office: Office, office_edited: Callable[..., Office], tmp_path: Path
) -> None:
    """On map and heat table it is neither calm nor merely without a report; others are as before."""
    line = 'counts_from = ["meridian", "desk_log"]'
    seen = view_of(office_edited({line: f'{line}\nnot_covered = ["KS0108"]'}), "internal")
    assert seen.area.covered == tuple(code for code in seen.area.districts if code != "KS0108")
    text = said(page_of(seen, tmp_path / "apart"))
    assert view.read(tmp_path / "apart" / "view").area == seen.area
    assert text.count("Cross-hatched, ?: no source covers it.") == 2
    assert "Hatched, –: no report received" in text
    assert "no source covers" not in said(page_of(view_of(sample_office, "internal"), tmp_path / "all"))


def test_revisions_are_never_said_to_be_none_where_totals_differ(edition: tuple[str, Document]) -> None:
    """Who may not see single records hears of changed totals, without counts of changes."""
    audience, page = edition
    text = said(page)
    assert bool(re.search(r"added \d, changed \d, withdrawn 1", text)) == (audience != "partners")
    assert ("Totals of earlier weeks differ from those known on" in text) == (audience == "partners")
    assert "added 0" not in text


def without_week(seen: View) -> View:
    """Return a view in which no incident of the week is left."""
    rows = seen.tables["incident"]
    kept = ~rows["occurred_on"].between(pd.Timestamp(seen.week.first_day), pd.Timestamp(seen.week.last_day))
    return with_tables(seen, incident=rows[kept])


def of_whole_area(seen: View) -> View:
    """Return a view as an audience has it that may know the area only."""
    hidden = ["district", "district_name", "place_name", "latitude", "longitude"]
    tables = {name: rows.drop(columns=hidden, errors="ignore") for name, rows in seen.tables.items()}
    reader = dataclasses.replace(seen.audience, place_precision="area")
    return dataclasses.replace(seen, audience=reader, tables=MappingProxyType(tables))


ODD: dict[str, tuple[Callable[[Office], View], tuple[str, ...], tuple[str, ...]]] = {
    "no row at all": (
        lambda office: with_tables(
            view_of(office, "internal"),
            **{name: rows.iloc[:0] for name, rows in view_of(office, "internal").tables.items()},
        ),
        ("No data reach this week.", "No assessment has been written", "0/8", "Usual: n/a", *DISTRICTS),
        ("Now: 0", "0 incidents"),
    ),
    "no incident in the week": (
        lambda office: without_week(view_of(office, "partners")),
        ("– incidents", "no incident known", *DISTRICTS),
        ("0 incidents", "no incident reported"),
    ),
    "no liaison entry": (
        lambda office: with_tables(
            view_of(office, "internal"),
            liaison_entry=view_of(office, "internal").tables["liaison_entry"].iloc[:0],
        ),
        ("0/8 districts in contact", "No contact on record: Kuro", "never"),
        ("no incident reported",),
    ),
    "the week after the data": (
        lambda office: view_of(office, "internal", "2026-W47"),
        ("the week is not over", "What is counted here ends on 15 Nov 2026", "– incidents", *DISTRICTS),
        ("0 incidents", "Now: 0"),
    ),
    "a week before any data": (
        lambda office: view_of(office, "internal", "2024-W20"),
        ("No data reach this week.", "no earlier week to compare", "Usual: n/a", *DISTRICTS),
        ("0 incidents", "Now: 0", "Usual: 0"),
    ),
    "the first weeks of the data": (
        lambda office: view_of(office, "partners", "2024-W48"),
        ("too little history to say", "n/a", *DISTRICTS),
        (),
    ),
    "nothing to compare with": (
        lambda office: dataclasses.replace(view_of(office, "internal"), compared_with=None),
        ("There is no earlier cut-off to compare with.",),
        (),
    ),
    "the whole area only": (
        lambda office: of_whole_area(view_of(office, "leadership")),
        ("17 incidents", "numbers for the whole area only", "Counts by district are not part", *DISTRICTS),
        ("not placed", "District:", "Map of"),
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_view_makes_an_honest_page(odd: str, sample_office: Office, tmp_path: Path) -> None:
    """Where rows, history, contact or columns are missing, the page says so and invents no zero."""
    make, told, untold = ODD[odd]
    page = page_of(make(sample_office), tmp_path)
    text = said(page)
    assert not NOT_A_WORD.search(text)
    assert [part for part in told if part not in text] == []
    assert [part for part in untold if re.search(rf"(?<![\d–]){re.escape(part)}", text)] == []
    assert document.render(page, "pdf", issue=ISSUE).startswith(b"%PDF")


def test_long_texts_of_publishers_are_cut_but_never_those_for_release(
    sample_office: Office, tmp_path: Path
) -> None:
    """A headline of 3,700 letters is shortened on the page and said to be; a releasable text stands whole."""
    seen = view_of(sample_office, "internal")
    rows = seen.tables["incident"].copy()
    long, released = "word " * 740, "kept " * 200
    rows["narrative"] = pd.array([long] * len(rows), dtype="str")
    rows["releasable_text"] = pd.array(
        [None, released] * (len(rows) // 2) + [None] * (len(rows) % 2), dtype="str"
    )
    text = said(page_of(with_tables(seen, incident=rows), tmp_path))
    assert max(len(found) for found in re.findall(r"(?:word )+word…", text)) <= 600
    assert released.strip() in text
    assert "“…”: shortened here." in text
