"""The office's own incident log: what its staff heard of, some of which Meridian tells too."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from workbench.sample._draw import delay_days, pick, weighted, whole
from workbench.sample._files import table
from workbench.sample._geography import PLACES, district_of
from workbench.sample._incidents import FIRST_DAY, near
from workbench.sample._publishers import CUT_OFFS, history

_SEED = 808
_HAND_WRITTEN_FROM = date(2026, 8, 24)

_WEIGHTS = {"Kuro": 1.0, "Lumeth": 2.0, "Orvane": 2.0, "Port Halden": 2.5, "Nareth": 1.0, "Velda": 1.5,
            "Ibrane": 1.0, "Mécor": 1.0}  # fmt: skip
_GRADES = {"A1": 1.0, "A2": 3.0, "B2": 4.0, "B3": 2.0, "C3": 1.0}
_TOLD_BY = ("Own staff", "Harbour Relief", "Sister Agency", "Guard company")
_APART = timedelta(days=9)
"""Days between an own incident that is drawn and any of Meridian's in the district, or the same kind's."""

_COLUMNS = (
    "no", "written", "day", "kind", "detail", "theme", "dead", "dead_low", "dead_high", "injured", "aid",
    "district", "place", "lat", "lon", "headline", "account", "release", "grade", "told_by", "check",
    "handling",
)  # fmt: skip

_BAD: tuple[Mapping[str, object], ...] = (
    {"no": "DL-2026-998", "written": "2026-10-06T09:00Z", "day": "2026-09-31"},
    {"no": "DL-2026-999", "written": "2026-10-29T09:00Z", "day": "2026-10-28", "kind": "gossip"},
)
"""Rows that cannot be accepted: a day that does not exist, an unknown kind."""


def log(*, at: datetime) -> str:
    """
    Return the log as CSV text, as it stood at `at`: entries written by then, oldest first.

    Two years of incidents that no publisher has, about one in eleven days, and from 24 August 2026 also
    incidents that Meridian has, so that a person must say which are the same.
    """
    rows = [row for row in (*_own(), *_written(at=at), *_bad()) if str(row["written"]) <= _moment(at)]
    return table(_COLUMNS, sorted(rows, key=lambda row: (str(row["written"]), str(row["no"]))))


@cache
def _own() -> tuple[Mapping[str, object], ...]:
    rng = Random(_SEED)  # noqa: S311 - a drawing, not a secret
    phrases, rows = _described()["phrase"], []
    numbers: dict[int, int] = {}
    day = FIRST_DAY + timedelta(days=3)
    while day < _HAND_WRITTEN_FROM - timedelta(days=4):
        district, phrase = weighted(rng, _WEIGHTS), pick(rng, phrases)
        while _is_told(district, day, phrase["kind"]):
            district, phrase = weighted(rng, _WEIGHTS), pick(rng, phrases)
        place = pick(rng, tuple(PLACES[district]))
        numbers[day.year] = numbers.get(day.year, 0) + 1
        evening = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
        written = evening + timedelta(minutes=int(delay_days(rng, mean=0.8) * 1440))
        told = {
            **phrase,
            "number": f"DL-{day.year}-{numbers[day.year]:03d}",
            "day": day,
            "written": written,
            "place": place,
            "headline": phrase["headline"].format(place=place),
            "account": phrase["account"].format(place=place),
            "aid": phrase["kind"] != "accident",
            "grade": weighted(rng, _GRADES),
            "told_by": pick(rng, _TOLD_BY),
        }
        rows.append(_row(told))
        day += timedelta(days=5 + whole(rng, 0, 12))
    return tuple(rows)


def _is_told(district: str, day: date, kind: str) -> bool:
    """Whether Meridian has an incident of that kind near that day in the district."""
    return any(
        one.district == district and _KINDS.get(one.kind) == kind and abs(one.day - day) < _APART
        for one in history()
    )


_KINDS = {"Threat": "threat_or_harassment", "Access denied": "access_denial", "Robbery": "robbery_or_theft",
          "Intrusion": "intrusion", "Accident": "accident"}  # fmt: skip
"""Meridian's word -> the log's, for the kinds that are drawn."""


def _written(*, at: datetime) -> list[Mapping[str, object]]:
    final = at >= CUT_OFFS[2]
    return [_row({**one, **(one.get("later", {}) if final else {})}) for one in _described()["entry"]]


def _bad() -> list[Mapping[str, object]]:
    like = _row(_described()["entry"][0])
    return [{**like, **row} for row in _BAD]


@cache
def _described() -> dict[str, Any]:
    file = Path(__file__).parent / "written" / "desk_log.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _row(told: Mapping[str, Any]) -> dict[str, object]:
    place, number = told["place"], told["number"]
    best, low, high = told.get("dead", (0, 0, 0))
    longitude, latitude = near(place, Random(number + place))  # noqa: S311 - a drawing, not a secret
    return {
        "no": number,
        "written": _moment(told["written"]),
        "day": told["day"],
        "kind": told["kind"],
        "detail": told["detail"],
        "theme": told["theme"],
        "dead": best,
        "dead_low": low,
        "dead_high": high,
        "injured": told.get("injured", 0),
        "aid": "yes" if told.get("aid") else "no",
        "district": district_of(place),
        "place": told.get("spelled", place),
        "lat": f"{latitude:.3f}",
        "lon": f"{longitude:.3f}",
        "headline": told["headline"],
        "account": told["account"],
        "release": told.get("release", ""),
        "grade": told["grade"],
        "told_by": told["told_by"],
        "check": told.get("check", "reported"),
        "handling": told.get("handling") or "Internal",
    }


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%dT%H:%MZ}"
