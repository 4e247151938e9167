"""Explore in a real JupyterLab: a district, its rows, a record's history, and a file of the selection."""

from __future__ import annotations

import csv
import io
import json

from tests.lab.conftest import Desk, Lab
from workbench import view


def test_an_analyst_looks_around_and_saves_a_selection(lab: Lab, page: Desk) -> None:
    """
    From the map to the table to a record to a file; and of a row held higher the saved notebook has no word.

    The page asks no other machine for anything.
    """
    outside: list[str] = []
    page.page.on("request", lambda one: outside.append(one.url) if not _own(one.url, lab) else None)
    set_audience(lab, "internal")
    page.open_notebook("explore")
    page.run_all()
    found = page.page.locator(".wb-explore")
    found.locator(".summary").wait_for()
    before = rows_of(found.locator(".summary").inner_text())

    found.locator(".district[data-at=KS0103]").click()
    found.locator(".chip", has_text="District: Orvane").wait_for()
    assert 0 < rows_of(found.locator(".summary").inner_text()) < before
    places = found.locator(".rows tbody td.district").all_inner_texts()
    assert places
    assert all(one.startswith("Orvane") for one in places)

    found.locator(".rows tbody tr").first.locator("td").nth(2).click()
    found.locator(".record .history li").first.wait_for()
    assert "first known" in found.locator(".record .history").inner_text()
    assert "narrative" in found.locator(".record dl").inner_text()

    found.locator(".slider input").focus()
    page.page.keyboard.press("ArrowLeft")
    found.locator(".past", has_text="Since then").wait_for()

    found.get_by_role("button", name="Save the selection as CSV").click()
    found.locator(".told", has_text="private/exports/internal-kestara-2026-w46-001.csv").wait_for()
    file = lab.office.path(lab.office.private) / "exports" / "internal-kestara-2026-w46-001.csv"
    lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    assert "DRAFT, NOT RELEASED" in lines[0][0]
    assert {line[lines[2 + 1].index("district")] for line in lines[4:]} == {"KS0103"}

    page.save()
    saved = json.dumps(lab.notebook("explore"), ensure_ascii=False)
    assert "<explore>" in saved
    hidden = texts_of(lab, "leadership") - texts_of(lab, "internal")
    assert len(hidden) > 5
    assert not [text for text in hidden if text in saved or text in file.read_text(encoding="utf-8-sig")]
    assert not [text for text in texts_of(lab, "internal") if text in saved]
    assert not outside


def rows_of(summary: str) -> int:
    """Return the number of rows that the line above the page says are selected."""
    return int(summary.partition(" row")[0].replace(",", ""))


def texts_of(lab: Lab, audience: str) -> set[str]:
    """Return the narratives that an audience reads."""
    store = view.store_of(lab.office)
    seen = view.make(
        lab.office, store, view.Request("kestara", "2026-W46", audience, view.present(lab.office, store))
    )
    return set(seen.table("incident")["narrative"].dropna().astype("str"))


def set_audience(lab: Lab, audience: str) -> None:
    """Write the readers into the first cell of the notebook, as an analyst may."""
    path = lab.office.root / "notebooks" / "explore.ipynb"
    text = path.read_text(encoding="utf-8")
    assert 'audience = \\"\\"' in text
    path.write_text(text.replace('audience = \\"\\"', f'audience = \\"{audience}\\"'), encoding="utf-8")


def _own(url: str, lab: Lab) -> bool:
    return url.startswith((lab.url, lab.url.replace("http", "ws"), "data:", "blob:"))
