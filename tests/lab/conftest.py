"""A real JupyterLab, as `workbench lab` starts it, and a page of a real Chromium that works in it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.conftest import copy_of
from workbench.config import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TOKEN = "only-for-tests"  # noqa: S105 (it opens nothing but a server of this very test)
PATIENCE = 120
"""Seconds that anything may take: machines are shared and noisy."""

_NOW = "window.jupyterapp.shell.currentWidget"

_IDLE = f"""() => {{
  const panel = {_NOW};
  const kernel = panel?.sessionContext?.session?.kernel;
  return Boolean(kernel) && kernel.connectionStatus === 'connected' && kernel.status === 'idle'
    && !panel.content.widgets.some((one) => one.model.executionState === 'running');
}}"""

_SPOKEN = f"""async () => {{
  const kernel = {_NOW}.sessionContext.session?.kernel;
  if (kernel?.connectionStatus !== 'connected') return false;
  const late = new Promise((done) => setTimeout(() => done(false), 10000));
  const answered = kernel.requestKernelInfo().then(() => true, () => false);
  return Promise.race([answered, late]);
}}"""


@dataclass(frozen=True)
class Lab:
    """A running `workbench lab`: its office, its address without a token, and what it said."""

    office: Office
    url: str
    log: Path

    def notebook(self, name: str) -> dict[str, Any]:
        """Return a notebook as it lies in the office now."""
        path = self.office.root / "notebooks" / f"{name}.ipynb"
        return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def lab(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab in a copy of the sample office; it and its kernels end with the module's tests."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    folder = tmp_path_factory.mktemp("lab")
    office = copy_of(sample_office, folder / "office")
    with started(office, folder / "lab.log") as running:
        yield running


class started:  # noqa: N801 (reads as a function where it is used)
    """JupyterLab in an office, for as long as a with-block lasts."""

    def __init__(self, office: Office, log: Path) -> None:
        self.office, self.log = office, log

    def __enter__(self) -> Lab:
        """Start it, and wait until it answers."""
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        config = self.office.path(self.office.private) / "lab" / "config"
        config.mkdir(parents=True, exist_ok=True)
        # the page's own application object, by which the tests see what is idle
        exposed = {"LabApp": {"expose_app_in_browser": True}}
        (config / "jupyter_lab_config.json").write_text(json.dumps(exposed), encoding="utf-8")
        # all cells of a page are drawn, also those further down, so that their texts can be read
        settings = config.parent / "settings" / "@jupyterlab" / "notebook-extension"
        settings.mkdir(parents=True, exist_ok=True)
        drawn = json.dumps({"windowingMode": "none"})
        (settings / "tracker.jupyterlab-settings").write_text(drawn, encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER_")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "workbench", "lab", "--no-browser",
                    "--port", str(port), "--office", str(self.office.root),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.log.parent,
                env=environment | {"JUPYTER_TOKEN": TOKEN},
            )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE
        while not _answers(f"{url}/api/status?token={TOKEN}"):
            ended = self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.__exit__()
                pytest.fail(f"JupyterLab did not start: {self.log.read_text(encoding='utf-8')}")
            time.sleep(0.2)
        return Lab(self.office, url, self.log)

    def __exit__(self, *_: object) -> None:
        """End it as Ctrl-C does, which ends its kernels too."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=10) as reply:  # noqa: S310 (an address of this machine, made above)
            return bool(reply.status == 200)
    except (URLError, OSError):
        return False


class Desk:
    """
    A page of JupyterLab, and what an analyst does in it.

    `page` is Playwright's own. What a helper waits for, it waits for up to PATIENCE seconds.
    """

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page, self.lab = page, lab

    def go(self, address: str = "/lab?reset") -> None:
        """Load an address of the server, and wait until JupyterLab is there."""
        joined = "&" if "?" in address else "?"
        self.page.goto(f"{self.lab.url}{address}{joined}token={TOKEN}")
        self.page.wait_for_function("() => window.jupyterapp?.shell?.isDisposed === false")
        self.page.evaluate("() => window.jupyterapp.restored")

    def open_notebook(self, name: str) -> None:
        """Open `notebooks/<name>.ipynb`, and wait until its kernel has answered."""
        if "/lab" not in self.page.url:
            self.go()
        path = json.dumps(f"notebooks/{name}.ipynb")
        self.page.evaluate(
            "() => window.jupyterapp.commands.execute('docmanager:open', "
            f"{{path: {path}, factory: 'Notebook'}})"
        )
        self.page.wait_for_function(f"() => {_NOW}?.context?.path === {path}")
        self.page.evaluate(f"() => {_NOW}.context.ready.then(() => {_NOW}.sessionContext.ready)")
        deadline = time.monotonic() + PATIENCE
        while not self.page.evaluate(_SPOKEN):  # a connection may come later than the session, or twice
            if time.monotonic() > deadline:
                pytest.fail(f"The kernel of {name} did not answer within {PATIENCE} s")
            time.sleep(0.15)
        self.wait_idle()

    def run_all(self) -> None:
        """Run all cells of the notebook in front, and wait for the end."""
        self.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.wait_idle()

    def run_cell(self, number: int) -> None:
        """Run the code cell that stands at this place among the code cells, from 0; wait for its end."""
        self.page.evaluate(
            f"""(number) => {{
              const notebook = {_NOW}.content;
              const code = notebook.widgets.filter((one) => one.model.type === 'code');
              notebook.deselectAll();
              notebook.activeCellIndex = notebook.widgets.indexOf(code[number]);
              void window.jupyterapp.commands.execute('notebook:run-cell');
            }}""",
            number,
        )
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until no cell of the notebook in front runs or waits, and its kernel is idle."""
        calm = 0
        deadline = time.monotonic() + PATIENCE
        while calm < 3:  # widgets and JupyterLab's own questions come in between
            calm = calm + 1 if self.page.evaluate(_IDLE) else 0
            if time.monotonic() > deadline:
                pytest.fail(f"The notebook was still busy after {PATIENCE} s")
            time.sleep(0.15)

    def save(self) -> None:
        """Save the notebook in front."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def export(self, kind: str) -> bytes:
        """Choose File, Save and Export Notebook As, and `kind`: "Briefing_pdf"; return the file's bytes."""
        arrived: list[Any] = []

        def keep(file: Any) -> None:
            arrived.append(file)

        self.page.context.on("page", lambda tab: tab.on("download", keep))
        self.page.on("download", keep)
        self.page.locator(".lm-MenuBar-itemLabel").get_by_text("File", exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text("Save and Export Notebook As").hover()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(kind, exact=True).click()
        deadline = time.monotonic() + PATIENCE
        while not arrived:
            self.page.wait_for_timeout(100)
            if time.monotonic() > deadline:
                pytest.fail(f"No {kind} came within {PATIENCE} s")
        return Path(arrived[0].path()).read_bytes()

    def close(self) -> None:
        """Save and close the notebook in front, and end its kernel."""
        self.page.evaluate(
            f"""async () => {{
              const panel = {_NOW};
              await panel.context.save();
              await panel.sessionContext.shutdown();
              panel.close();
            }}"""
        )

    def output(self, number: int) -> Locator:
        """Return the outputs of the code cell at this place among the code cells, from 0."""
        return self.front.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea").first

    @property
    def front(self) -> Locator:
        """The notebook in front."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def prompts(self) -> list[str]:
        """Return the execution counts of the code cells of the notebook in front, such as "[3]:"."""
        found = self.page.evaluate(
            f"() => {_NOW}.content.widgets.filter((one) => one.model.type === 'code')"
            ".map((one) => one.model.executionCount)"
        )
        return [f"[{'' if one is None else one}]:" for one in found]


@pytest.fixture(scope="module")
def browser(lab: Lab) -> Iterator[Browser]:
    """Start Chromium; one for the tests of a module."""
    del lab  # JupyterLab first: where it cannot start, no browser is needed
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-prefers-reduced-motion"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


@pytest.fixture
def page(lab: Lab, browser: Browser) -> Iterator[Desk]:
    """Open JupyterLab on an empty layout; what the test opened is saved and ended after it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENCE * 1000)
    desk = Desk(context.new_page(), lab)
    desk.go()
    yield desk
    desk.page.evaluate(
        """async () => {
          const sessions = window.jupyterapp.serviceManager.sessions;
          await sessions.refreshRunning();
          await sessions.shutdownAll();
        }"""
    )
    context.close()
