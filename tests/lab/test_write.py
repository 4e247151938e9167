"""Write and log in a real JupyterLab: what is typed reaches the file and the register, and no notebook."""

from __future__ import annotations

import json
import re

import pytest

from tests.lab.conftest import TOKEN, Desk, Lab
from workbench import desk
from workbench.records import record_type
from workbench.view import present, store_of

NAME, KEY = "Corvan Aldrun", "N-003"
JUDGEMENT = "It is likely that raids go on until the bridge is manned."


def keep_widget_state(page: Desk, lab: Lab) -> None:
    """Have JupyterLab save the state of widgets into notebooks, as an analyst may have chosen."""
    address = f"{lab.url}/lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin?token={TOKEN}"
    done = page.page.request.put(address, data=json.dumps({"raw": '{"saveState": true}'}))
    assert done.ok
    page.go()


def test_a_judgement_is_checked_saved_and_pulled(page: Desk, lab: Lab) -> None:
    """Typed in the form it is checked at once; saved it stands in the file, and the pull takes it."""
    page.open_notebook("assess")
    page.run_all()
    sheet = page.front.locator(".wb-sheet")
    sheet.get_by_role("button", name="Key judgements").click()
    text = sheet.get_by_label("Text", exact=True)
    text.fill("It is fairly likely that raids go on.")
    sheet.get_by_text("The pull will set this aside").first.wait_for()
    text.fill(JUDGEMENT)
    sheet.get_by_text("The pull will set this aside").first.wait_for(state="hidden")
    sheet.get_by_label("Search the week's records").fill("minibus sorrel")
    sheet.get_by_label(re.compile("MIM-2611-034")).check()
    sheet.get_by_role("button", name="Save and pull").click()
    sheet.get_by_text(re.compile("^Pulled: ")).wait_for()
    file = lab.office.root / "assessments" / "kestara-2026-W46.md"
    assert JUDGEMENT in file.read_text(encoding="utf-8")
    store = store_of(lab.office)
    rows = store.read(record_type("assessment"), as_of=present(lab.office, store))
    assert JUDGEMENT in rows["text"].tolist()
    assert any("MIM-2611-034" in one for one in rows.loc[rows["text"].eq(JUDGEMENT), "basis"])


def test_a_contact_is_entered_and_no_name_is_saved(page: Desk, lab: Lab) -> None:
    """The register holds the entry; the notebook, saved with outputs and widget state, no word of it."""
    keep_widget_state(page, lab)
    page.open_notebook("log")
    page.run_all()
    sheet = page.front.locator(".wb-sheet").first
    sheet.get_by_label("You sign as").fill("Liaison officer")
    sheet.get_by_role("button", name="Open the sealed list").click()
    who = sheet.get_by_label("Interlocutor", exact=True)
    sheet.get_by_role("button", name="New interlocutor").wait_for()
    assert NAME in (who.text_content() or "")
    who.select_option(KEY)
    sheet.get_by_label("What was said").fill("The post at the bridge is manned again.")
    page.save()
    sheet.get_by_role("button", name="Enter this contact").click()
    sheet.get_by_text(re.compile("is entered")).wait_for()
    page.wait_idle()
    page.save()
    found = desk.lines(lab.office, "liaison_entry")
    assert [row["name_ref"] for row in found["row"]] == [KEY]
    notebook = json.dumps(lab.notebook("log"), ensure_ascii=False)
    assert "application/vnd.jupyter.widget-state+json" in notebook
    assert not any(one in notebook for one in (NAME, "Aldrun", KEY, "manned again"))


@pytest.mark.parametrize("notebook", ["assess", "log"])
def test_a_form_is_worked_by_keys_alone(page: Desk, notebook: str) -> None:
    """Every control has a name that is read out, and Tab reaches the next one from each."""
    page.open_notebook(notebook)
    page.run_all()
    page.front.locator(".wb-sheet textarea").first.wait_for()
    nameless = page.page.evaluate(
        """() => [...document.querySelectorAll('.wb-sheet :is(input, textarea, select)')]
          .filter((one) => !one.labels?.length || !one.labels[0].textContent.trim()).length"""
    )
    assert nameless == 0
    page.front.locator(".wb-sheet :is(input, select)").first.focus()
    reached = []
    for _ in range(6):
        page.page.keyboard.press("Tab")
        reached.append(page.page.evaluate("() => document.activeElement.dataset.name ?? ''"))
    assert len({one for one in reached if one}) >= 5


def test_it_fits_a_narrow_window(page: Desk) -> None:
    """At 900 pixels nothing of the forms is cut off at the side."""
    page.page.set_viewport_size({"width": 900, "height": 1000})
    page.open_notebook("assess")
    page.run_all()
    page.front.locator(".wb-sheet textarea").first.wait_for()
    over = page.page.evaluate(
        """() => {
          const sheet = document.querySelector('.wb-sheet');
          const edge = sheet.closest('.jp-OutputArea-output').getBoundingClientRect().right;
          const right = (one) => one.getBoundingClientRect().right;
          return [...sheet.querySelectorAll('*')].filter((one) => right(one) > edge + 1).length;
        }"""
    )
    assert over == 0
