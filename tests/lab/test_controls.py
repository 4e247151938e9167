"""The control in a real JupyterLab: another week and other readers, and what stays of the readers before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import put_rows
from tests.lab.conftest import Desk, Lab
from workbench.view import present, store_of

CANARY = "Canary at the mill"
CONTROL = 1
"""The control's cell among the code cells: right after the parameters."""


@pytest.fixture(scope="module")
def canary(lab: Lab) -> None:
    """Put an incident of the last week into the store that only the leadership may read."""
    row = {
        "record_id": "canary", "level": "strictly_confidential", "occurred_on": "2026-11-10",
        "date_precision": "day", "event_type": "armed_clash", "threat_category": "armed_conflict",
        "district": "KS0101", "district_name": "Anwari", "headline": CANARY, "verification": "confirmed",
    }  # fmt: skip
    at = present(lab.office, store_of(lab.office)) + timedelta(seconds=1)
    put_rows(lab.office, "incident", row, source="desk_log", at=at)


@pytest.fixture
def weekly(page: Desk) -> Desk:
    """Open the weekly briefing and run all of it."""
    page.open_notebook("weekly_conflict")
    page.run_all()
    return page


def choose(desk: Desk, what: str, label: str) -> None:
    """Choose an entry of one of the control's lists by a part of its label, and wait for the page."""
    chosen = desk.output(CONTROL).locator(".widget-dropdown", has_text=what).locator("select")
    option = chosen.locator("option", has_text=label).first.get_attribute("value")
    chosen.select_option(value=option)
    desk.page.wait_for_timeout(1000)
    desk.wait_idle()


def page_text(desk: Desk) -> str:
    """Return what the outputs of the notebook in front show, the control's left out."""
    outputs = desk.front.locator(".jp-CodeCell .jp-OutputArea")
    return "\n".join(outputs.nth(place).inner_text() for place in range(CONTROL + 1, outputs.count()))


def test_another_week_is_another_page(weekly: Desk) -> None:
    """Choosing a week runs the cells below, and they show that week."""
    assert "Sunday 15 November 2026" in page_text(weekly)
    before = weekly.prompts()
    choose(weekly, "Week", "2026-W45")
    assert "Sunday 8 November 2026" in page_text(weekly)
    after = weekly.prompts()
    assert after[: CONTROL + 1] == before[: CONTROL + 1]
    assert all(one != other for one, other in zip(after[2:], before[2:], strict=True))


def test_several_quick_changes_end_in_the_last(weekly: Desk) -> None:
    """Three weeks in a row, faster than the page is made: it shows the third, and no cell has failed."""
    weeks = weekly.output(CONTROL).locator(".widget-dropdown", has_text="Week").locator("select")
    for week in ("2026-W45", "2026-W44", "2026-W43"):
        value = weeks.locator("option", has_text=week).first.get_attribute("value")
        weeks.select_option(value=value)
        weekly.page.wait_for_timeout(600)
    weekly.page.wait_for_timeout(1000)
    weekly.wait_idle()
    assert "Sunday 25 October 2026" in page_text(weekly)
    assert "Sunday 8 November 2026" not in page_text(weekly)
    assert weekly.front.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0


@pytest.mark.usefixtures("canary")
def test_nothing_of_wider_readers_stays(weekly: Desk, lab: Lab) -> None:
    """After the switch to partners what only the leadership reads is neither on the page nor in the file."""
    choose(weekly, "Readers", "Leadership")
    assert "STRICTLY CONFIDENTIAL" in page_text(weekly)
    assert CANARY in weekly.page.content()
    choose(weekly, "Readers", "Partners")
    weekly.save()
    weekly.page.wait_for_timeout(1000)
    saved = (lab.office.root / "notebooks" / "weekly_conflict.ipynb").read_text(encoding="utf-8")
    assert "FOR PARTNERS" in page_text(weekly)
    assert "FOR PARTNERS" in saved
    for text in (weekly.page.content(), saved):
        assert CANARY not in text
        assert "STRICTLY CONFIDENTIAL" not in text.replace("Leadership (STRICTLY CONFIDENTIAL)", "")


@pytest.mark.usefixtures("canary")
def test_editions_side_by_side(weekly: Desk) -> None:
    """The partners' edition runs nothing, lacks what only the leadership reads, and is told beside it why."""
    control = weekly.output(CONTROL)
    control.get_by_text("Compare editions").click()
    for audience, is_there in (("Leadership", True), ("Partners", False)):
        control.locator("button", has_text=audience).click()
        frame = control.locator(f'iframe[title="Edition for {audience}"]')
        frame.wait_for()
        assert frame.get_attribute("sandbox") == ""
        assert (CANARY in (frame.get_attribute("srcdoc") or "")) is is_there
    assert "held above their level, which is public" in control.inner_text()
