"""`workbench preview`: the page as one audience would get it, made again on each save."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.commands import Command, refused
from tests.small_notebook import write
from workbench.config import Office
from workbench.desk import new_briefing, new_chart

PATIENCE = 180


def waited(log: Path, pattern: str) -> str:
    """Return the first line of a log that matches, once it is there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        text = log.read_text(encoding="utf-8")
        found = re.search(rf"^.*(?:{pattern}).*$", text, re.MULTILINE)
        if found:
            return found[0]
        time.sleep(0.1)
    pytest.fail(f"No line like {pattern} within {PATIENCE} s: {log.read_text(encoding='utf-8')}")


def test_a_new_briefing_is_made_for_one_audience_and_again_on_save(
    own_office: Office, tmp_path: Path
) -> None:
    """The notebook of `workbench new` runs at once, with that audience's numbers; a mistake is one line."""
    made = new_briefing(own_office, "border", title="Border crossings", audiences=[])
    new_chart(made.notebook, "A chart of my own")
    log = tmp_path / "said.txt"
    # what a shell starts in the background ignores Ctrl-C, and so would what is started here
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    with log.open("wb") as said:
        watching = subprocess.Popen(
            [
                sys.executable, "-m", "workbench", "preview", "border", "--audience", "partners",
                "--office", str(own_office.root),
            ],
            stdout=said, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    try:
        waited(log, "Watching border.ipynb")
        page = own_office.path(own_office.private) / "preview" / "border-partners.html"
        html = page.read_text(encoding="utf-8")
        assert "DRAFT, NOT RELEASED" in html
        assert "FOR PARTNERS" in html
        assert '<meta http-equiv="refresh"' in html
        assert html.count("Bars: incidents of week 2026-W46 by type.") >= 2
        assert len(re.findall(r">2026-11-\d\d<", html)) == 12
        assert "<script" not in html
        write(made.notebook, "1 / 0")
        line = waited(log, "not made: border.ipynb stopped at cell 3 with ZeroDivisionError")
        assert "Traceback" not in line
        assert page.read_text(encoding="utf-8") == html
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE) == 0
    finally:
        watching.kill()
        watching.wait()
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_what_cannot_be_previewed_is_told(command: Command, own_office: Office) -> None:
    """No such notebook, no such audience: one message that lists what there is."""
    said = command("preview", "nowhere", "--audience", "partners", "--once", within=own_office.root)
    assert "weekly_conflict" in refused(said, 2, "UserError")
    said = command("preview", "weekly_conflict", "--audience", "nobody", "--once", within=own_office.root)
    assert "partners" in refused(said, 11, "UnknownName")
