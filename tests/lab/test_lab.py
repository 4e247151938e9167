"""`workbench lab`: what an analyst meets first, and what JupyterLab's side of the workbench does."""

from __future__ import annotations

import json

import pypdfium2
import pytest

from tests.lab.conftest import Desk, Lab
from tests.small_notebook import COUNTS, write

FRONT = "window.jupyterapp.shell.currentWidget"

ASK = """
from comm import create_comm
said = globals().get("said", [])
line = create_comm(target_name="workbench", data={"do": "run-below", "cell": %s, "run": %d})
line.on_msg(lambda message: said.append(message["content"]["data"]))
"""


def path_in_front(desk: Desk) -> str:
    """Return the path of the notebook in front, once there is one."""
    desk.page.wait_for_function(f"() => {FRONT}?.context?.path")
    return str(desk.page.evaluate(f"() => {FRONT}.context.path"))


def silently(desk: Desk, code: str) -> str:
    """Run code in the kernel of the notebook in front, in no cell of it; return what it prints."""
    told = desk.page.evaluate(
        f"""async (code) => {{
          const kernel = {FRONT}.sessionContext.session.kernel;
          const running = kernel.requestExecute({{code, store_history: false}});
          let said = '';
          running.onIOPub = (one) => {{ said += one.content.text ?? ''; }};
          await running.done;
          return said;
        }}""",
        code,
    )
    return str(told)


def cell_ids(lab: Lab, name: str) -> list[str]:
    """Return the ids of a notebook's code cells."""
    return [cell["id"] for cell in lab.notebook(name)["cells"] if cell["cell_type"] == "code"]


def test_it_opens_on_the_start_page_which_runs_by_itself(page: Desk) -> None:
    """The server's own address leads to notebooks/start.ipynb, and its cells run without a key."""
    page.go("/?reset")
    assert path_in_front(page) == "notebooks/start.ipynb"
    page.front.get_by_text("Needs a decision").first.wait_for()
    page.wait_idle()
    assert "[]:" not in page.prompts()


def test_no_other_notebook_runs_by_itself(page: Desk) -> None:
    """A briefing that is opened waits for its reader."""
    page.open_notebook("weekly_conflict")
    page.page.wait_for_timeout(500)
    assert set(page.prompts()) == {"[]:"}


def test_the_launcher_has_a_card_for_each_briefing_and_makes_a_clean_copy(lab: Lab, page: Desk) -> None:
    """`New from` copies a briefing's notebook under the next free name, without outputs, and opens it."""
    original = lab.office.root / "notebooks" / "data_quality.ipynb"
    before = original.read_bytes()
    dirty = json.loads(before)
    code = next(cell for cell in dirty["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "a row"}]
    original.write_text(json.dumps(dirty), encoding="utf-8")
    page.page.evaluate("() => window.jupyterapp.commands.execute('launcher:create')")
    cards = page.page.locator(".jp-LauncherCard")
    for briefing in lab.office.briefing:
        cards.filter(has_text=f"New from {briefing.title}").first.wait_for()
    for number in (1, 2):
        page.page.evaluate("() => window.jupyterapp.commands.execute('launcher:create')")
        page.page.locator(".jp-LauncherCard:visible").filter(has_text="New from Data quality").click()
        name = f"data_quality-{number}"
        page.page.wait_for_function(f"() => {FRONT}?.context?.path === 'notebooks/{name}.ipynb'")
        copied = lab.notebook(name)
        assert not any(cell.get("outputs") for cell in copied["cells"])
        assert [cell["source"] for cell in copied["cells"]] == [cell["source"] for cell in dirty["cells"]]
    original.write_bytes(before)


def test_a_control_runs_the_cells_below_it_and_is_told(lab: Lab, page: Desk) -> None:
    """On a message of the kernel the cells below the one it names run, in order, and no other."""
    write(
        lab.office.root / "notebooks" / "below.ipynb",
        "#md Some words", "first = 1", "second = first + 1", "third = second + 1", opening="",
    )  # fmt: skip
    page.open_notebook("below")
    page.run_all()
    assert page.prompts() == ["[1]:", "[2]:", "[3]:", "[4]:"]
    silently(page, ASK % (repr(cell_ids(lab, "below")[1]), 7))
    page.page.wait_for_timeout(500)
    page.wait_idle()
    assert page.prompts() == ["[1]:", "[2]:", "[5]:", "[6]:"]
    told = [{"run": 7, "took": True}, {"run": 7, "did": True, "ok": True}]
    assert silently(page, "print(said)").strip() == str(told)


def test_of_several_wishes_the_last_is_carried_out(lab: Lab, page: Desk) -> None:
    """What still runs is stopped, the first wish is told that it was not done, and nothing runs twice."""
    write(
        lab.office.root / "notebooks" / "often.ipynb",
        "import time",
        "for _ in range(200 if slow else 0):\n    time.sleep(0.1)",
        "done = globals().get('done', 0) + 1", opening="slow = False",
    )  # fmt: skip
    page.open_notebook("often")
    page.run_all()
    ids = cell_ids(lab, "often")
    silently(page, f"slow = True\n{ASK % (repr(ids[1]), 1)}")
    page.page.wait_for_function(
        f"() => {FRONT}.content.widgets.some((one) => one.model.executionState === 'running')"
    )
    # as a control's own thread says it, while the cells run
    page.page.evaluate(
        f"""(cell) => {{
          const kernel = {FRONT}.sessionContext.session.kernel;
          const target = kernel._targetRegistry?.workbench;
          window.told = [];
          const comm = {{ isDisposed: false, send: (said) => window.told.push(said) }};
          target(comm, {{ content: {{ data: {{ do: 'run-below', cell, run: 2 }} }} }});
        }}""",
        ids[3],
    )
    page.page.wait_for_function("() => window.told.length === 2")
    page.wait_idle()
    assert page.page.evaluate("() => window.told") == [
        {"run": 2, "took": True},
        {"run": 2, "did": True, "ok": True},
    ]
    assert silently(page, "print(done, said)").strip() == (
        "2 [{'run': 1, 'took': True}, {'run': 1, 'did': True, 'ok': False}]"
    )


@pytest.mark.parametrize("kind", ["Briefing_html", "Briefing_pdf"])
def test_both_formats_come_from_the_menu_as_drafts(kind: str, lab: Lab, page: Desk) -> None:
    """File, Save and Export Notebook As gives a document that says DRAFT, NOT RELEASED and holds no code."""
    write(lab.office.root / "notebooks" / "small.ipynb", COUNTS)
    page.open_notebook("small")
    page.run_all()
    page.save()
    file = page.export(kind)
    if kind == "Briefing_html":
        text = file.decode("utf-8")
        assert text.startswith("<!DOCTYPE html>")
    else:
        with pypdfium2.PdfDocument(file) as opened:
            text = " ".join(one.get_textpage().get_text_range() for one in opened)
    assert "DRAFT, NOT RELEASED" in text
    assert "Incidents" in text
    assert "value_counts" not in text
    offered = page.page.evaluate(
        """async () => Object.keys(await window.jupyterapp.serviceManager.nbconvert.getExportFormats(true))"""
    )
    assert sorted(offered) == ["briefing_html", "briefing_pdf"]  # no other: they show code, and carry no mark
