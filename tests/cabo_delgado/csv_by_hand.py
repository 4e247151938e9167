"""What the publisher's files say, read with csv and shapely alone: the measure of the workbench."""

import csv
import json
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import shapely
from shapely.geometry import shape


@dataclass(frozen=True)
class Event:
    """
    One line of a file, deaths as given.

    `outline` is the district whose outline holds its point, "" outside all. `district` is the same, or
    else the one that the line names: outlines are simplified, so a point on the coast may lie off them.
    """

    id: str
    first: date
    last: date
    coarse: bool
    province: str
    named: str
    outline: str
    district: str
    best: int
    low: int
    high: int
    civilians: int
    headline: str

    @property
    def in_one_week(self) -> bool:
        """Whether the publisher knows it to a week, and it lasted no longer than one."""
        return not self.coarse and self.last - self.first < timedelta(days=7)

    @property
    def bounds(self) -> tuple[int, int]:
        """Low and high so that the best estimate lies between them."""
        return min(self.low, self.best), max(self.high, self.best)


def districts(boundaries: Path) -> dict[str, str]:
    """Return the name of each district by p-code."""
    return {one["properties"]["ADM2_PCODE"]: one["properties"]["ADM2_PT"] for one in _features(boundaries)}


def events(boundaries: Path, *files: Path) -> dict[str, Event]:
    """Return every line of the files by its id."""
    outlines = {one["properties"]["ADM2_PCODE"]: shape(one["geometry"]) for one in _features(boundaries)}
    codes = {plain(name): code for code, name in districts(boundaries).items()}
    found = {}
    for file in files:
        with file.open(encoding="utf-8", newline="") as opened:
            for line in csv.DictReader(opened):
                point = shapely.Point(float(line["longitude"]), float(line["latitude"]))
                inside = [code for code, outline in outlines.items() if outline.intersects(point)]
                assert len(inside) <= 1
                found[line["id"]] = Event(
                    id=line["id"],
                    first=date.fromisoformat(line["date_start"][:10]),
                    last=date.fromisoformat(line["date_end"][:10]),
                    coarse=int(line["date_prec"]) > 3,
                    province=line["adm_1"],
                    named=line["adm_2"],
                    outline=inside[0] if inside else "",
                    district=inside[0] if inside else codes.get(plain(line["adm_2"]), ""),
                    best=int(line["best"]),
                    low=int(line["low"]),
                    high=int(line["high"]),
                    civilians=int(line["deaths_civilians"]),
                    headline=line["source_headline"],
                )
    return found


def plain(name: str) -> str:
    """Return a district's name without accents, case and the word district."""
    letters = unicodedata.normalize("NFKD", name.removesuffix(" district"))
    return "".join(one for one in letters if not unicodedata.combining(one)).casefold()


def days(week: str) -> tuple[date, date]:
    """Return Monday and Sunday of an ISO week such as 2026-W15."""
    year, number = week.split("-W")
    monday = date.fromisocalendar(int(year), int(number), 1)
    return monday, monday + timedelta(days=6)


def of_week(known: dict[str, Event], week: str) -> dict[str, Event]:
    """Return the events inside the districts that belong to this week and no other."""
    monday, sunday = days(week)
    return {
        one.id: one
        for one in known.values()
        if one.district and one.in_one_week and monday <= one.first <= sunday
    }


def overlapping(known: dict[str, Event], week: str) -> set[str]:
    """Return the ids inside the districts that touch this week but belong to no single one."""
    monday, sunday = days(week)
    return {
        one.id
        for one in known.values()
        if one.district and not one.in_one_week and one.first <= sunday and one.last >= monday
    }


def _features(boundaries: Path) -> list[dict]:
    return json.loads(boundaries.read_text(encoding="utf-8"))["features"]
