"""How far a long proof is, in a file that WORKBENCH_PROGRESS names: a long run says nothing otherwise."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path


def note(name: str, what: str) -> None:
    """Add a line, if somebody wants to know."""
    place = os.environ.get("WORKBENCH_PROGRESS")
    if place:
        with Path(place, f"{name}.txt").open("a", encoding="utf-8") as opened:
            opened.write(f"{datetime.now(UTC):%H:%M:%S} {what}\n")
