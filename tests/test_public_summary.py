"""The public's weekly summary of the sample office: one page that says what it does not show."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pypdfium2
import pytest

from workbench import briefing, document, view
from workbench.config import Office
from workbench.document import Document
from workbench.errors import DisclosureRefused
from workbench.publish import Order, publish
from workbench.view import View

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "public_summary.ipynb"
ISSUE = document.Issue(version=1)


@pytest.fixture(scope="module")
def seen(sample_office: Office) -> View:
    """Return the public's view of the sample week."""
    request = view.Request("kestara", "2026-W46", "public", sample_office.now())
    return view.make(sample_office, view.store_of(sample_office), request)


def page_of(made: View, folder: Path) -> Document:
    """Run the notebook on a view and return the document it makes."""
    view.save(made, folder / "view")
    parameters = {
        "area": made.area.slug, "week": made.week.slug, "audience": made.audience.slug,
        "as_of": made.as_of.isoformat(), "language": "en",
    }  # fmt: skip
    return document.collect(briefing.run(NOTEBOOK, parameters, view=folder / "view", folder=folder))


def said(page: Document) -> str:
    """Return the text edition in one line."""
    return " ".join(document.render(page, "text", issue=ISSUE).decode("utf-8").split())


@pytest.fixture(scope="module")
def summary(seen: View, tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Return the document made for the public of the sample week."""
    return page_of(seen, tmp_path_factory.mktemp("run"))


def test_the_page_says_what_it_shows_and_what_not(summary: Document) -> None:
    """Week, numbers, fiction, the rule of small counts, the source and its licence: nothing is missing."""
    text = said(summary)
    assert "12 incidents this week" in text
    assert "numbers from 1 to 4 could point to people" in text
    assert "A dash: none was reported, which does not mean that nothing happened." in text
    assert "Meridian Incident Monitor" in text
    assert "free to use with attribution" in text
    assert "places, people and events are fictional" in text
    assert not re.search(r"\b(NaN|nan|None|NaT|inf)\b|<NA>|\{\w+\}", text)


def test_no_table_of_the_page_holds_a_small_count(summary: Document) -> None:
    """Neither the tables nor the data of the chart hold 1 to 4, nor a zero: no report is not a zero."""
    html = document.render(summary, "html", issue=ISSUE).decode("utf-8")
    cells = re.findall(r"<td[^>]*>\s*(?:<[^>]+>)*\s*([0-9]+)\s*<", html)
    assert cells
    assert not {"0", "1", "2", "3", "4"} & set(cells)


def test_a_bottom_line_with_numbers_is_left_out(summary: Document, seen: View, tmp_path: Path) -> None:
    """The sample's "five on the road" would undo the tables; one without numbers is set."""
    assert "on the road" not in said(summary)
    rows = seen.table("assessment")
    ours = rows["part"].eq("bottom_line") & rows["week"].eq("2026-W46")
    rows.loc[ours, "text"] = "The road to Orvane stayed dangerous. Travel was advised against."
    tables = MappingProxyType({**seen.tables, "assessment": rows})
    assert "stayed dangerous" in said(page_of(dataclasses.replace(seen, tables=tables), tmp_path))


def test_it_is_one_page_on_paper(summary: Document) -> None:
    """The printed edition is one page."""
    pdf = pypdfium2.PdfDocument(document.render(summary, "pdf", issue=ISSUE))
    assert len(pdf) == 1


def test_a_week_of_which_nothing_is_known_has_no_zero(seen: View, tmp_path: Path) -> None:
    """Where no source reported, the page says so: no count, no chart, no 0."""
    count = seen.table("count").assign(state="unknown", incidents=pd.NA, killed=pd.NA)
    count = count.astype({"incidents": "Int64", "killed": "Int64", "state": "str"})
    tables = MappingProxyType({**seen.tables, "count": count})
    text = said(page_of(dataclasses.replace(seen, tables=tables), tmp_path))
    assert "no report incidents this week" in text
    assert "No source has reported on these weeks." in text


def test_the_notebook_is_short_and_imports_only_the_workbench() -> None:
    """At most 15 cells, nothing defined, nothing imported but the workbench."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(cells) <= 15
    assert not any(re.search(r"^\s*(def|class) ", one, re.MULTILINE) for one in code)
    imported = [line for one in code for line in one.splitlines() if re.match(r"(from|import) ", line)]
    assert all(line.startswith("from workbench") for line in imported)


def test_a_briefing_of_rows_is_refused_to_the_public(own_office: Office) -> None:
    """The weekly briefing lists incidents: the public is not given it, and is told which it is given."""
    order = Order("weekly_conflict", "kestara", "2026-W46", "public", "en", own_office.now())
    with pytest.raises(DisclosureRefused, match="It receives: public_summary"):
        publish(own_office, view.store_of(own_office), order, progress=lambda _: None)
