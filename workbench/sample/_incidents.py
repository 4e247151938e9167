"""Two years of invented incidents: what happened, before any publisher writes them down."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from workbench.sample._draw import delay_days, pick, poisson, weighted, whole
from workbench.sample._geography import PLACES, district_of

FIRST_DAY = date(2024, 11, 11)
_HAND_WRITTEN_FROM = date(2026, 10, 26)
_WRITTEN = Path(__file__).parent / "written"

_WEEKLY: dict[str, float] = {
    "Kuro": 1.2, "Lumeth": 1.0, "Orvane": 1.1, "Port Halden": 1.2, "Nareth": 0.6, "Velda": 0.5,
    "Ibrane": 0.5, "Mécor": 0.4,
}  # fmt: skip
"""Incidents a week that each district has on average."""

_KURO_BEFORE = {date(2026, 9, 14): 1, date(2026, 9, 21): 2, date(2026, 9, 28): 1,
                date(2026, 10, 5): 3, date(2026, 10, 12): 2, date(2026, 10, 19): 2}  # fmt: skip
"""Kuro's counts of 2026-W38 to W43 by Monday: the assessment says "one to four" of W38 to W45."""

SILENT_SINCE: dict[str, date] = {"Ibrane": date(2026, 10, 19), "Mécor": date(2026, 10, 12)}
"""Districts from which nothing is heard any more, and the first Monday of their silence."""

_QUIET = ("Port Halden", "Velda", "Ibrane", "Mécor")

_AUTHORITIES = ("Kestara Security Force", "Provincial Guard")
_ARMED = (*_AUTHORITIES, "Harrow Front", "Police")
_GRADES = {"A2": 1.0, "B1": 1.0, "B2": 5.0, "B3": 3.0, "C2": 3.0, "C3": 4.0, "D3": 1.0, "F6": 0.5}
_CHECKS = {"one report": 5.0, "two reports": 3.0, "verified": 2.0, "dropped": 0.08}
_REPORTERS = ("Meridian reporter", "Kuro radio", "Halden Courier", "Village committee", "Clinic staff",
              "Drivers' association", "Displaced families", "Traders")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of incident as `written/kinds.toml` describes it."""

    weight: float
    quiet_weight: float
    theme: str
    dead: float
    at_civilians: bool
    parties: tuple[tuple[str, str], ...]
    telling: tuple[tuple[str, str, str], ...]
    concord: str | None = None


@dataclass(frozen=True, kw_only=True)
class Incident:
    """
    One incident as Meridian came to know it; `published` is when it first said so, in UTC.

    `dead` is best, low, high. Unknown coordinates are nan. `handling` and `groups` are Meridian's own
    words for level and compartments; both are empty on most rows, which its file calls public.
    """

    id: str
    day: date
    last_day: date
    certainty: str
    published: datetime
    kind: str
    detail: str
    theme: str
    parties: tuple[str, str]
    at_civilians: bool
    dead: tuple[int, int, int]
    civilians: int
    injured: int
    abducted: int
    aid: bool
    assets: str
    district: str
    place: str
    near: str
    longitude: float
    latitude: float
    headline: str
    story: str
    release: str
    grade: str
    reporters: str
    check: str
    handling: str
    groups: str


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of incident by Meridian's word for them."""
    described = tomllib.loads((_WRITTEN / "kinds.toml").read_text(encoding="utf-8"))
    return {
        word: Kind(
            **{
                **entry,
                "parties": tuple((first, second) for first, second in entry["parties"]),
                "telling": tuple((detail, headline, story) for detail, headline, story in entry["telling"]),
            }
        )
        for word, entry in described.items()
    }


def generated(*, seed: int) -> list[Incident]:
    """Return the incidents of 2024-11-11 to 2026-10-25, by week and district, oldest first."""
    rng = Random(seed)  # noqa: S311 - a drawing, not a secret
    found: list[Incident] = []
    numbers: dict[str, int] = {}
    monday = FIRST_DAY
    while monday < _HAND_WRITTEN_FROM:
        for district, mean in _WEEKLY.items():
            count = poisson(rng, mean=mean)
            if district == "Kuro":
                count = _KURO_BEFORE.get(monday, min(count, 4))
            if monday >= SILENT_SINCE.get(district, _HAND_WRITTEN_FROM):
                count = 0
            for _ in range(count):
                day = monday + timedelta(days=whole(rng, 0, 6))
                month = f"{day:%y%m}"
                numbers[month] = numbers.get(month, 0) + 1
                found.append(_one(rng, f"MIM-{month}-{numbers[month]:03d}", district, day))
        monday += timedelta(weeks=1)
    return sorted(found, key=lambda one: (one.day, one.id))


def hand_written(*, delivery: int) -> list[Incident]:
    """
    Return the incidents written by hand as delivery 1 or 2 tells them, whenever published.

    Those of 2026-W44 to W46, and earlier ones that are awkward: known by month only, over several
    days, with a high estimate below the best, or at a place that lies in no district.
    """
    entries = [
        entry
        for name in ("odd_ones.toml", "last_weeks.toml")
        for entry in tomllib.loads((_WRITTEN / name).read_text(encoding="utf-8"))["incident"]
    ]
    first = [{**entry, **(entry.get("first", {}) if delivery == 1 else {})} for entry in entries]
    return [told(entry) for entry in first if not (entry.get("withdrawn") and delivery == 2)]


def _one(rng: Random, record_id: str, district: str, day: date) -> Incident:
    quiet = district in _QUIET
    word = weighted(rng, {w: k.quiet_weight if quiet else k.weight for w, k in kinds().items()})
    kind = kinds()[word]
    place = pick(rng, tuple(PLACES[district]))
    detail, headline, story = pick(rng, kind.telling)
    first, second = pick(rng, kind.parties)
    best = poisson(rng, mean=kind.dead)
    low = max(0, best - poisson(rng, mean=0.5)) if best else 0
    high = best + poisson(rng, mean=0.6) if best else 0
    civilians = best if second not in _ARMED else whole(rng, 0, best) // 2
    aid = second == "Harbour Relief" or rng.random() < 0.015
    longitude, latitude = near(place, rng)
    published = datetime(day.year, day.month, day.day, 18, tzinfo=UTC) + timedelta(
        minutes=int(delay_days(rng, mean=1.2 if best else 2.6) * 1440)
    )
    handling, groups = _label(rng, word, first)
    account = story.format(place=place)
    return Incident(
        id=record_id,
        day=day,
        last_day=day,
        certainty="exact",
        published=published,
        kind=word,
        detail=detail,
        theme=kind.theme,
        parties=(first, second),
        at_civilians=kind.at_civilians,
        dead=(best, low, high),
        civilians=civilians,
        injured=poisson(rng, mean=1.5) if best else poisson(rng, mean=0.2),
        abducted=whole(rng, 1, 3) if word == "Kidnap" else 0,
        aid=aid,
        assets="Vehicle" if aid and word in ("Robbery", "Access denied") else "",
        district=district,
        place=place,
        near="near" if rng.random() < 0.3 else "exact",
        longitude=longitude,
        latitude=latitude,
        headline=headline.format(place=place),
        story=account,
        release=account if not handling and rng.random() < 0.4 else "",
        grade=weighted(rng, _GRADES),
        reporters=pick(rng, _REPORTERS),
        check=weighted(rng, _CHECKS),
        handling=handling,
        groups=groups,
    )


def told(entry: dict[str, Any]) -> Incident:
    """Return an incident as a file of `written/` describes it."""
    place = entry["place"]
    if "longitude" in entry:
        longitude, latitude = entry["longitude"], entry["latitude"]
    else:
        longitude, latitude = near(place, Random(entry["id"] + place))  # noqa: S311 - a drawing, not a secret
    kind = kinds()[entry["kind"]]
    return Incident(
        id=entry["id"],
        day=entry["day"],
        last_day=entry.get("last_day", entry["day"]),
        certainty=entry.get("certainty", "exact"),
        published=entry["published"],
        kind=entry["kind"],
        detail=entry["detail"],
        theme=kind.theme,
        parties=tuple(entry["parties"]),
        at_civilians=kind.at_civilians,
        dead=tuple(entry.get("dead", (0, 0, 0))),
        civilians=entry.get("civilians", 0),
        injured=entry.get("injured", 0),
        abducted=entry.get("abducted", 0),
        aid=entry.get("aid", False),
        assets=entry.get("assets", ""),
        district=entry["district"] if "district" in entry else district_of(place),
        place=place,
        near="exact",
        longitude=longitude,
        latitude=latitude,
        headline=entry["headline"],
        story=entry["story"],
        release=entry.get("release", ""),
        grade=entry["grade"],
        reporters=entry["reporters"],
        check=entry["check"],
        handling=entry.get("handling", ""),
        groups=entry.get("groups", ""),
    )


def near(place: str, rng: Random) -> tuple[float, float]:
    """Return coordinates within about 2 km of a place, 4 decimals."""
    longitude, latitude = PLACES[district_of(place)][place]
    return (
        round(longitude + (rng.random() - 0.5) * 0.04, 4),
        round(latitude + (rng.random() - 0.5) * 0.04, 4),
    )


def _label(rng: Random, kind: str, first: str) -> tuple[str, str]:
    """Return Meridian's handling word and groups; both empty for most rows."""
    drawn = rng.random()
    if kind == "Sexual violence":
        return "Confidential", "protection"
    if kind == "Detention" and first in _AUTHORITIES:
        return "Strictly confidential", "human_rights"
    if kind == "Kidnap" and drawn < 0.4:
        return "Confidential", "source_identity"
    if kind == "Threat" and drawn < 0.3:
        return "Confidential", "protection"
    return ("Internal", "") if drawn < 0.06 else ("", "")
