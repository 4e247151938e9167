"""What is asked for, and what came of it: the two ends of the main path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.publish.manifest import Manifest


@dataclass(frozen=True)
class Order:
    """What to publish: one briefing for an area, a week, an audience and a language, as known at `as_of`."""

    briefing: str
    area: str
    week: str
    audience: str
    language: str
    as_of: datetime

    @property
    def issue(self) -> tuple[str, ...]:
        """The issue that is asked for, whenever it was known: its versions follow each other."""
        return self.audience, self.briefing, self.area, self.week, self.language

    def __str__(self) -> str:
        return f"{self.briefing} {self.week} {self.area} for {self.audience}"


@dataclass(frozen=True)
class Published:
    """
    An edition that was made or stands: its folder and manifest, and how many people must still release it.

    `reproduced`: it existed and came out the same again. `unchanged`: it existed, and nothing was run,
    since it was made from the same inputs (`manifest.inputs`, `manifest.versions`) and its files are
    intact, or all that came since is that its sources were pulled again and said the same. `restored`:
    files of it that were damaged or lost were made again, the same, and put back.
    """

    folder: Path
    manifest: Manifest
    reproduced: bool
    unchanged: bool = False
    people_needed: int = 0
    restored: bool = False
