"""
The pictures of the documentation, taken in a real JupyterLab: `python -m tests.lab.pictures [TASK ...]`.

Makes a sample office, runs each task's notebook and writes `workbench/docs/pictures/<task>.png`, 1200 pixels
wide. What they show is invented.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import deliver_and_pull
from tests.lab.conftest import CHROMIUM, PATIENCE, Desk, started
from workbench import sample
from workbench.config import load

HERE = Path(__file__).parents[2] / "workbench" / "docs" / "pictures"
WIDTH, HEIGHT, LEAST = 1200, 860, 480
LARGEST = 150_000
"""Bytes of a picture: a higher one is cut lower."""


@dataclass(frozen=True)
class Picture:
    """A picture: the notebook, what stands at its top, and what is done before it is taken."""

    notebook: str
    top: str = ""
    then: Callable[[Desk], None] = lambda _: None
    runs: bool = True


def _export_menu(desk: Desk) -> None:
    desk.page.locator(".lm-MenuBar-itemLabel").get_by_text("File", exact=True).click()
    desk.page.locator(".lm-Menu-itemLabel").get_by_text("Save and Export Notebook As").hover()
    desk.page.locator(".lm-Menu-itemLabel").get_by_text("Briefing_pdf", exact=True).hover()


def _compared(desk: Desk) -> None:
    desk.front.get_by_role("button", name="Compare editions").click()
    desk.page.wait_for_timeout(8000)
    desk.wait_idle()


def _launcher(desk: Desk) -> None:
    desk.page.evaluate("() => window.jupyterapp.commands.execute('launcher:create')")
    desk.page.get_by_text("New from Weekly conflict").first.scroll_into_view_if_needed()


PICTURES = {
    "start": Picture("start"),
    "controls": Picture("weekly_conflict", top=".wb-form", then=_compared),
    "explore": Picture("explore", top=".wb-form >> nth=1"),
    "triage": Picture("triage", top="h1:has-text('Duplicates')"),
    "assess": Picture("assess", top=".wb-form >> nth=1"),
    "log": Picture("log", top=".wb-form >> nth=1"),
    "export": Picture("weekly_conflict", then=_export_menu),
    "launcher": Picture("start", then=_launcher, runs=False),
}


def main(wanted: list[str]) -> None:
    """Take the pictures named, all if none is."""
    from playwright.sync_api import sync_playwright

    HERE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made, sync_playwright() as playwright:
        folder = Path(made) / "office"
        sample.make(folder)
        for number in range(1, len(sample.DELIVERIES) + 1):
            deliver_and_pull(folder, number)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with started(load(folder), Path(made) / "lab.log") as lab:
            for name in wanted or PICTURES:
                context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
                context.set_default_timeout(PATIENCE * 1000)
                desk = Desk(context.new_page(), lab)
                desk.go()
                take(desk, PICTURES[name], HERE / f"{name}.png")
                context.close()
        browser.close()


def take(desk: Desk, picture: Picture, file: Path) -> None:
    """Take one picture, and say how large it is."""
    desk.open_notebook(picture.notebook)
    desk.page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    if picture.runs:
        desk.run_all()
        desk.page.wait_for_timeout(3000)
        desk.wait_idle()
    if picture.top:
        found = desk.front.locator(picture.top).first
        found.wait_for(state="attached")
        found.evaluate("one => one.scrollIntoView({block: 'start'})")
    else:
        desk.front.locator(".jp-Cell").first.evaluate("one => one.scrollIntoView({block: 'start'})")
    desk.page.wait_for_timeout(800)
    picture.then(desk)
    desk.page.wait_for_timeout(500)
    height = HEIGHT
    taken = desk.page.screenshot()
    while len(taken) > LARGEST and height > LEAST:
        height -= 60
        taken = desk.page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
    file.write_bytes(taken)
    sys.stdout.write(f"{file.name}: {len(taken) // 1000} kB\n")
    desk.page.evaluate(
        """async () => {
          const sessions = window.jupyterapp.serviceManager.sessions;
          await sessions.refreshRunning();
          await sessions.shutdownAll();
        }"""
    )


if __name__ == "__main__":
    main(sys.argv[1:])
