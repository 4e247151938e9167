"""Triage in a real JupyterLab: a duplicate is decided and stored; the saved page tells nothing of it."""

from __future__ import annotations

import json

import pandas as pd

from tests.lab.conftest import Desk
from workbench.config import Office
from workbench.records import record_type
from workbench.view import store_of

PAIRS = 3
"""The form of duplicates among the code cells."""


def texts_of(office: Office, sides: list[tuple[str, str]]) -> list[str]:
    """Return the headlines and narratives of two rows, as stored."""
    histories = [
        store_of(office).history(record_type("incident"), source=source, record_id=name)
        for source, name in sides
    ]
    last = pd.concat([one.tail(1) for one in histories])
    return last[["headline", "narrative"]].stack().dropna().tolist()


def test_a_duplicate_is_decided_in_the_browser(page: Desk) -> None:
    """Who and why are typed, Same is pressed by key; the register holds it, the page no text."""
    office = page.lab.office
    page.open_notebook("triage")
    page.run_all()
    form = page.output(PAIRS)
    form.get_by_text("Pair 1 of").wait_for()
    shown = form.inner_text()
    assert "≠ " in shown
    form.get_by_label("By, your function").fill("Information analyst")
    form.get_by_label("Reason").fill("Same day, place and parties")
    form.get_by_role("button", name="Same incident").focus()
    cells = len(page.prompts())
    page.page.keyboard.press("d")
    page.page.keyboard.press("d")  # which in JupyterLab deletes the cell, unless a form has the key
    assert len(page.prompts()) == cells
    page.page.keyboard.press("Enter")
    form.get_by_text("Stored. Duplicate decision").wait_for()
    [written] = (office.root / "desk" / "duplicate_decision.jsonl").read_text(encoding="utf-8").splitlines()
    line = json.loads(written)
    assert (line["by"], line["row"]["verdict"]) == ("Information analyst", "same")
    sides = [(line["row"][f"{side}_source"], line["row"][f"{side}_id"]) for side in ("left", "right")]
    texts = texts_of(office, sides)
    assert len([text for text in texts if text in shown]) >= 2
    page.save()
    page.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = json.dumps(page.lab.notebook("triage"), ensure_ascii=False)
    assert "<duplicates>" in saved
    assert [text for text in [*texts, *(name for _, name in sides)] if text in saved] == []
