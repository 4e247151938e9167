"""An office whose briefings are small notebooks, for batches."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import small_notebook
from tests.conftest import copy_of
from workbench.config import Office
from workbench.document.fonts import font_folder
from workbench.publish import Order

SLOW = "import time\ntime.sleep(1)"
"""Time enough to end its process."""


@pytest.fixture
def office(sample_office: Office, tmp_path: Path) -> Office:
    """Return an office of the test's own with two small briefings of the same table."""
    office = copy_of(sample_office, tmp_path / "office")
    for name in ("weekly_conflict", "data_quality"):
        small_notebook.write(office.root / "notebooks" / f"{name}.ipynb", small_notebook.COUNTS, SLOW)
    return office


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let what is temporary lie in a folder of the test's own, where it can be looked at."""
    folder = tmp_path / "temporary"
    shutil.copytree(font_folder(), folder / font_folder().name)  # half a second for each face, otherwise
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def orders(office: Office) -> list[Order]:
    """Return two orders, which have one view."""
    return [
        Order(briefing, "kestara", "2026-W46", "internal", "en", office.now())
        for briefing in ("weekly_conflict", "data_quality")
    ]
