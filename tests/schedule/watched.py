"""A small office whose scheduler is watched: its configuration, and issues as they lie on the disk."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from tests.publish.packs import files, manifest
from workbench import audit
from workbench.config import Office, load, shipped
from workbench.keys import keys_of
from workbench.publish import drafts, pack
from workbench.schedule import Failure, Key, Slot, slots

DUE = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)
"""When the issues of week 46 are due: Monday 06:00 in Kinshasa."""

LATE = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
"""When those that are not there raise the alarm."""

ENTRY = """
[[schedule]]
slug = "weekly"
cron = "0 6 * * MON"
time_zone = "Africa/Kinshasa"
briefings = ["weekly_conflict"]
starts_on = 2026-11-15
late_after_minutes = 60
"""


def office_of(folder: Path, *, entry: str = ENTRY) -> Office:
    """Return the sample office's configuration with this schedule; nothing was delivered or made."""
    folder.mkdir()
    text = (shipped("workbench.toml")).read_text(encoding="utf-8")
    text = re.sub(r"^\[\[schedule\]\]\n(?:(?!\[).*\n)*", "", text, flags=re.MULTILINE)
    (folder / "workbench.toml").write_text(f"{text}\n{entry}", encoding="utf-8")
    return load(folder)


def key(period: str = "2026-W46", audience: str = "internal") -> Key:
    """Return the weekly briefing of a week for an audience."""
    return Key("weekly_conflict", "kestara", audience, period, "en")


def slot(office: Office, one: Key) -> Slot:
    """Return the slot of an issue that was due by the time of its alarm."""
    return next(found for found in slots(office, now=LATE) if found.key == one)


def released(office: Office, one: Key, *, at: datetime = DUE) -> Path:
    """Give an issue to its readers, with the act in the audit log."""
    said = manifest(audience=one.audience, period=one.period, version=1)
    audit.append(
        office, "released", by="Head of security", at=at, edition=drafts.edition(said), document="3" * 64
    )
    return pack.write(office.path(office.outputs), said, files(), first_language="en", keys=keys_of(office))


def drafted(office: Office, one: Key, *, reviewed: bool = False) -> Path:
    """Leave an issue as a draft, which one person has reviewed already."""
    said = manifest(audience=one.audience, period=one.period, version=1, status="draft")
    folder = drafts.write(office, said, files())
    if reviewed:
        ids = {"edition": drafts.edition(said), "draft": drafts.Draft(folder, said).digest}
        audit.append(office, "reviewed", by="Head of security", at=DUE, **ids)
    return folder


def failure(**said: object) -> Failure:
    """Return a failure of a notebook's third cell, unless said."""
    given: dict[str, object] = {
        "step": "run", "exception": "BriefingFailed", "at": LATE, "cell": 3,
        "remedy": "Open the executed notebook.", "log": "private/failed/weekly_conflict-1",
    }  # fmt: skip
    return Failure(**given | said)  # type: ignore[arg-type]  # as given
