"""FiraGO's subsets: made once for all processes of a user, and the same however they come."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from workbench.document import fonts

SET = "from workbench.document import fonts; print(fonts.faces({text!r}))"


def set_by_another(text: str, temporary: Path) -> str:
    """Return the rules for a text as another process makes them, with this temporary folder."""
    return subprocess.run(
        [sys.executable, "-c", SET.format(text=text)],
        capture_output=True, text=True, check=True, env={**os.environ, "TMPDIR": str(temporary)},
    ).stdout.strip()  # fmt: skip


def test_a_subset_is_made_once_for_all_processes(tmp_path: Path) -> None:
    """Letters beyond the common ones too: the second process reads what the first one made."""
    first = set_by_another("Mécor → Órvane", tmp_path)
    made = {one: one.stat().st_mtime_ns for one in tmp_path.rglob("*.woff")}
    assert len(made) == 4  # two weights, for the common letters and for the rest
    assert set_by_another("Órvane → Mécor", tmp_path) == first
    assert {one: one.stat().st_mtime_ns for one in tmp_path.rglob("*.woff")} == made
    assert str(fonts.faces("Mécor → Órvane")) == first


def test_one_that_is_gone_is_made_again(tmp_path: Path) -> None:
    """A cleaner of temporary folders may take single files: the page is as it was."""
    first = set_by_another("Mécor", tmp_path)
    for one in tmp_path.rglob("*.woff"):
        one.unlink()
    assert set_by_another("Mécor", tmp_path) == first
