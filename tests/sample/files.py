"""The files of the sample office, made and read for tests."""

import csv
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from workbench import sample
from workbench.config import Week
from workbench.sample import _liaison

FETCHED = {1: datetime(2026, 11, 9, 5, tzinfo=UTC), 2: datetime(2026, 11, 16, 5, tzinfo=UTC)}
LAST_WEEK = Week.parse("2026-W46", starts="monday")


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files under a folder by their relative path."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def made(folder: Path, *, number: int) -> Path:
    """Make the sample office with its first `number` deliveries."""
    sample.make(folder)
    for one in range(1, number + 1):
        sample.deliver(folder, one)
    return folder


def meridian(folder: Path) -> list[dict[str, str]]:
    """Return the rows of Meridian's file."""
    with (folder / "data/meridian/incidents.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of one of the office's CSV registers."""
    with (folder / f"data/office/{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def counted(folder: Path, *, district: str, week: Week) -> list[dict[str, str]]:
    """Return the sound rows of a district whose day is known and lies in `week`."""
    rows = [row for row in meridian(folder) if row["event_id"] and row["kind"] != "Sighting"]
    return [
        row
        for row in rows
        if row["district"] == district
        and row["day_certainty"] != "month"
        and row["check"] != "dropped"
        and int(row["dead_best"]) >= 0
        and week.first_day.isoformat() <= row["day"] <= week.last_day.isoformat()
    ]


def front_matter(folder: Path, week: str) -> dict:
    """Return the front matter of a week's assessment."""
    text = (folder / f"assessments/kestara-{week}.md").read_text(encoding="utf-8")
    return tomllib.loads(text.split("+++")[1])


def known_ids(folder: Path, *, number: int) -> set[str]:
    """Return the ids of all rows of a delivery's files."""
    ids = {row["event_id"] for row in meridian(folder)}
    ids |= {entry["number"] for entry in _liaison._entries(delivery=number, cut_off=FETCHED[number])}
    for file in (folder / "data/office").glob("*.csv"):
        ids |= {row.get("ref") or row.get("no") or "" for row in table(folder, file.stem)}
    return ids
