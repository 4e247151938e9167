"""Run folders: where a notebook runs, outside the office, and what stays of a failed run."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.config import FILE_NAME, Office
from workbench.errors import ConfigurationError

PREFIX = "workbench-run-"
EXECUTED = "executed.ipynb"
"""The notebook as it was executed, in the folder of its run."""

_DAY_SECONDS = 24 * 3600.0
_LEFT_BEHIND_SECONDS = _DAY_SECONDS
"""Seconds after which a run's folder counts as left behind: by far more than a run takes."""


@contextmanager
def run_folder(within: Path | None = None) -> Iterator[Path]:
    """
    Give a run its own folder in the system's temporary folder, or `within` another; nobody else can read it.

    Neither it nor a folder above it belongs to an office, so a page that looks around finds none. It goes
    when the run ends, however it ends. Leftovers of killed runs are removed after a day.
    Raises ConfigurationError if the temporary folder lies in an office.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=within)).resolve()
    try:
        _expect_outside(folder)
        _remove_old(folder.parent, f"{PREFIX}*", _LEFT_BEHIND_SECONDS, spared=folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_failed(office: Office, name: str, *, executed: bytes | None, view: Path) -> Path:
    """
    Keep what analysts need of a failed run in `<office.private>/runs/<name>-...`, and return that folder.

    The notebook with its error, as far as there is one, and a copy of the saved view it ran on. It stays
    there for `[keep] failed_runs_days`. `name` is made of slugs.
    """
    runs = office.path(office.private) / "runs"
    runs.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = runs / f"{name}-{secrets.token_hex(4)}"
    kept.mkdir(mode=0o700)
    _remove_old(runs, "*", office.keep.failed_runs_days * _DAY_SECONDS, spared=kept)
    if executed is not None:
        from workbench.document.display import shown_again

        (kept / EXECUTED).write_bytes(shown_again(executed))
    if view.is_dir():
        shutil.copytree(view, kept / "view")
    return kept


def _expect_outside(folder: Path) -> None:
    if any((one / FILE_NAME).exists() for one in folder.parents):
        raise ConfigurationError(
            f"The temporary folder {folder.parent} lies in an office, where a running notebook could look "
            "around. Set TMPDIR (on Windows TEMP and TMP) to a folder outside every office."
        )


def _remove_old(parent: Path, pattern: str, seconds: float, *, spared: Path) -> None:
    """Remove this user's own folders of that name which nothing has touched for so long."""
    for one in parent.glob(pattern):
        with suppress(OSError):
            state = one.lstat()
            mine = not hasattr(os, "getuid") or state.st_uid == os.getuid()
            old = time.time() - state.st_mtime > seconds
            if one != spared and mine and old and one.is_dir() and not one.is_symlink():
                shutil.rmtree(one, ignore_errors=True)
