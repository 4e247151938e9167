"""The heartbeat: a file that says when the scheduler last worked, so that its silence can be seen."""

from __future__ import annotations

import json
import os
import platform
import secrets
from datetime import UTC, datetime
from pathlib import Path

from workbench import __version__
from workbench.config import Office

NAME = "heartbeat.json"


def folder(office: Office) -> Path:
    """Return the folder of the scheduler's own files, which need not be there."""
    return office.path(office.private) / "scheduler"


class Beat:
    """
    The heartbeat of one tick: `on` while it works, `end` when it is done.

    The file holds `at` (the last sign of life), `started_at`, `finished_at` (null while the tick works), in
    UTC, `host`, `pid`, `version`, and in numbers of issues `due`, `done`, `failed`. It is written whole, in
    the place of the last one. Raises OSError.
    """

    def __init__(self, office: Office, *, started_at: datetime) -> None:
        self._file = folder(office) / NAME
        self._started_at = started_at

    def on(self, at: datetime, *, due: int = 0) -> None:
        """Say that the tick is at work."""
        self._write(at, finished=False, due=due, done=0, failed=0)

    def end(self, at: datetime, *, due: int, done: int, failed: int) -> None:
        """Say that the tick is done, and what it did."""
        self._write(at, finished=True, due=due, done=done, failed=failed)

    def failed_before(self) -> bool:
        """Whether the last tick told of something that failed; True, too, where that cannot be read."""
        try:
            return bool(json.loads(self._file.read_bytes())["failed"])
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, TypeError):
            return True

    def _write(self, at: datetime, *, finished: bool, due: int, done: int, failed: int) -> None:
        now = at.astimezone(UTC).isoformat()
        said = {
            "at": now, "started_at": self._started_at.astimezone(UTC).isoformat(),
            "finished_at": now if finished else None, "host": platform.node(), "pid": os.getpid(),
            "version": __version__, "due": due, "done": done, "failed": failed,
        }  # fmt: skip
        write(self._file, json.dumps(said, indent=2).encode("utf-8") + b"\n")


def write(file: Path, content: bytes) -> None:
    """Put a file in its place whole or not at all; raises OSError, and leaves nothing behind."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        making.write_bytes(content)
        making.replace(file)
    finally:
        making.unlink(missing_ok=True)
