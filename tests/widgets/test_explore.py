"""The page to look around in: what it sends a browser, what it takes from one, what a file keeps of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench import sample, view
from workbench.config import Office
from workbench.language import words
from workbench.view import VARIABLE, Edition
from workbench.widgets import _explore as explore
from workbench.widgets._explore._shown import ROWS

pytest.importorskip("anywidget")

SCRIPT = Path(explore.__file__).with_name("explore.js")


@pytest.fixture(scope="module")
def boxes(sample_office: Office) -> Callable[[str], Any]:
    """Give the page of an audience, made once."""
    made: dict[str, Any] = {}

    def of(audience: str) -> Any:
        if audience not in made:
            request = view.Request("kestara", "2026-W46", audience, sample.DELIVERIES[-1])
            seen = view.make(sample_office, view.store_of(sample_office), request)
            made[audience] = explore.explorer(Edition(seen, words("en")))
        return made[audience]

    return of


def asked(box: Any, **said: Any) -> Any:
    """Send what a browser would, and return the widget."""
    box.explorer._heard(box.explorer.widget, said, [])
    return box.explorer.widget


@pytest.fixture
def at_home(sample_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in the office's folder, as the kernel of its notebooks does."""
    monkeypatch.chdir(sample_office.root)


def test_a_choice_in_one_part_is_followed_by_the_others(boxes: Callable[[str], Any]) -> None:
    """A district chosen on the map filters weeks and rows; the map itself keeps the numbers of all."""
    box = boxes("internal")
    before = asked(box, do="select", selection={}).shown
    shown = asked(box, do="select", selection={"values": {"district": ["KS0103"]}}).shown
    assert shown["districts"] == before["districts"]
    assert 0 < shown["rows"] < before["rows"] == before["of"]
    assert {row[3].split(",")[0] for row in shown["table"]} == {"Orvane"}
    assert sum(n or 0 for n, *_ in shown["weeks"]) < sum(n or 0 for n, *_ in before["weeks"])
    assert shown["chips"] == [["district", "KS0103", "District: Orvane"]]
    week = boxes("internal").explorer.widget.fixed["weeks"][-1]["day"]
    alone = asked(box, do="select", selection={"weeks": [week]}).shown
    assert alone["weeks"] == before["weeks"]
    assert alone["weeks"][-1] == [15, "unsettled", "15 incidents, still being reported"]
    assert sum(int(one["n"]) for one in alone["districts"].values() if not one["state"]) == 15
    assert {"–"} == {one["n"] for one in alone["districts"].values() if one["state"] == "no_report"}
    rows = [before["table"][0][0], before["table"][1][0]]
    some = asked(box, do="select", selection={"rows": rows}).shown
    assert (some["rows"], len(some["table"])) == (2, ROWS)
    asked(box, do="select", selection={})


def test_only_rows_that_are_shown_are_sent(boxes: Callable[[str], Any]) -> None:
    """200 rows at most reach the browser, sorted as asked, with the number of those that did not."""
    box = boxes("internal")
    widget = asked(box, do="select", selection={}, sort=["killed_best", False])
    assert len(widget.shown["table"]) == ROWS
    place = [one["name"] for one in widget.fixed["columns"]].index("killed_best") + 1
    deaths = [int(row[place]) for row in widget.shown["table"]]
    assert deaths == sorted(deaths, reverse=True)
    assert re.search(r"The first 200 rows, and \d+ more", widget.shown["table_note"])
    assert "may be counted, but not listed" in widget.shown["table_note"]
    assert len(json.dumps(widget.shown)) < 120_000


def test_places_are_only_for_those_who_read_them(boxes: Callable[[str], Any]) -> None:
    """Dots are on leadership's map once few rows are left, and inside it; on no coarser map."""
    few = {"values": {"event_type": ["abduction"]}, "weeks": []}
    leadership = asked(boxes("leadership"), do="select", selection=few)
    assert leadership.shown["points"]
    drawn = leadership.fixed["map"]
    assert all(
        0 <= x <= drawn["width"] and 0 <= y <= drawn["height"] for x, y, *_ in leadership.shown["points"]
    )
    assert asked(boxes("internal"), do="select", selection=few).shown["points"] == []
    assert asked(boxes("partners"), do="select", selection=few).shown["points"] == []


@pytest.mark.usefixtures("at_home")
def test_a_row_shows_its_record_and_how_it_came_to_be_known(boxes: Callable[[str], Any]) -> None:
    """Open cells and history for readers of codes; for others the record, and why there is no history."""
    box = boxes("internal")
    changed = None
    for row, *_ in asked(box, do="select", selection={"values": {"verification": ["confirmed"]}}).shown[
        "table"
    ][:12]:
        record = asked(box, do="open", row=row).record
        names = [name for name, *_ in record["cells"]]
        assert {"event type", "narrative"} <= set(names)
        assert not {"latitude", "place name", "created by"} & set(names)
        assert record["history"][-1]["what"].startswith("first known")
        changed = changed or next((one for one in record["history"] if one["changes"]), None)
    assert asked(box, do="close").record == {}
    partners = boxes("partners")
    row = asked(partners, do="select", selection={}).shown["table"][0][0]
    record = asked(partners, do="open", row=row).record
    assert record["history"] == []
    assert "given no record codes" in record["note"]


@pytest.mark.usefixtures("at_home")
def test_going_back_tells_numbers_of_the_selection(boxes: Callable[[str], Any]) -> None:
    """An earlier delivery says what was known then and what came since; the last one says nothing."""
    box = boxes("internal")
    last = len(box.explorer.widget.fixed["moments"]) - 1
    asked(box, do="select", selection={})
    then = asked(box, do="then", at=last - 1).then
    assert re.fullmatch(r"Then [\d,]+ rows of this selection were known, now [\d,]+ rows\.", then["lines"][0])
    assert re.match(r"Since then: [1-9]\d* added, [1-9]\d* changed, \d+ withdrawn", then["lines"][1])
    fewer = asked(box, do="select", selection={"values": {"district": ["KS0103"]}}).then
    assert fewer["lines"] != then["lines"]
    assert asked(box, do="then", at=last).then == {}
    asked(box, do="select", selection={})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"do": "delete"},
        {"do": "open", "row": "1"},
        {"do": "open", "row": 10**9},
        {"do": "then", "at": -1},
        {"do": "export", "kind": "exe"},
        {"do": "select", "selection": {"values": {"secret": ["x"]}}},
    ],
)
def test_whatever_a_browser_sends_ends_in_a_sentence(
    boxes: Callable[[str], Any], said: dict[str, Any]
) -> None:
    """A message that no page sends changes nothing that is shown, and raises nothing."""
    box = boxes("partners")
    before = box.explorer.widget.shown
    widget = asked(box, **said)
    assert widget.told["wrong"]
    assert widget.shown == before
    assert "Traceback" not in widget.told["text"]
    asked(box, do="select", selection={})


def test_a_saved_notebook_holds_its_name_only(boxes: Callable[[str], Any]) -> None:
    """JupyterLab saves a widget's own text: that of the page, and of all in it, is its name and no cell."""
    for audience in ("internal", "public"):
        box = boxes(audience)
        assert repr(box) == "<explore>"
        assert box._repr_mimebundle_()["text/plain"] == "<explore>"
    assert repr(boxes("internal").explorer.widget) == "<explore>"


def test_readers_of_counts_are_told_what_to_choose(boxes: Callable[[str], Any]) -> None:
    """For the public there are counts, the reason why there are no rows, and what to do."""
    texts = [getattr(one, "value", "") for one in boxes("public").children]
    assert "given counts and no rows" in " ".join(texts)
    assert "choose other readers" in " ".join(texts)
    assert "withheld" in texts[2]


def test_in_a_run_it_does_nothing(boxes: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a run, and without a notebook, nothing is shown and no widget is made."""
    edition = boxes("internal").explorer._edition
    made = dict(explore._on_display)
    explore.explore(edition)
    monkeypatch.setenv(VARIABLE, "somewhere")
    explore.explore(edition)
    assert explore._on_display == made


def test_the_script_sets_text_and_never_markup() -> None:
    """Rows come from others: nothing in the page's script makes markup of them, or asks another machine."""
    script = SCRIPT.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|import\(|fetch\(", script
    )
    addresses = set(re.findall(r"https?://[^\"' ]+", script))
    assert addresses == {"http://www.w3.org/2000/svg"}
    style = SCRIPT.with_suffix(".css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?://", style)
