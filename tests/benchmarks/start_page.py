"""
How long the start page takes in JupyterLab: `python -m tests.benchmarks.start_page OFFICE`.

OFFICE is a finished sample office, such as `workbench demo` makes; it is copied. JupyterLab as
`workbench lab` starts it, and a headless Chromium. Prints for `--times` openings the seconds until the
page of JupyterLab is there, then until the kernel is, then until the start page is shown.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from tests.lab.conftest import CHROMIUM, PATIENCE, Desk, started
from workbench.config import load

_CONNECTED = (
    "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.connectionStatus"
    " === 'connected'"
)


def main() -> None:
    """Open the start page some times, and print how long each part took."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("office", type=Path)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wb-start-") as temporary:
        folder = Path(temporary)
        shutil.copytree(given.office, folder / "office")
        office = load(folder / "office")
        with started(office, folder / "lab.log") as lab, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for _ in range(given.times):
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.set_default_timeout(PATIENCE * 1000)
                moments = [time.monotonic()]
                desk = Desk(page, lab)
                desk.go("/lab/tree/notebooks/start.ipynb?reset")
                moments.append(time.monotonic())
                page.wait_for_function(_CONNECTED)
                moments.append(time.monotonic())
                page.get_by_text("Needs a decision").first.wait_for()
                moments.append(time.monotonic())
                parts = [later - earlier for earlier, later in pairwise(moments)]
                sys.stdout.write("JupyterLab {:.1f} s, kernel {:.1f} s, start page {:.1f} s\n".format(*parts))
                desk.close()
                page.close()
            browser.close()


if __name__ == "__main__":
    main()
