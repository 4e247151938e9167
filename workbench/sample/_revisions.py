"""What Meridian said of its incidents before it corrected them: late, too few dead, in the wrong place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from workbench.sample._draw import delay_days, pick, poisson
from workbench.sample._geography import PLACES, district_of
from workbench.sample._incidents import Incident, told

_CORRECTED_FROM = datetime(2026, 6, 15, tzinfo=UTC)
"""Incidents published before stand as they are in every delivery."""

_LAST_CORRECTION = datetime(2026, 11, 9, 5, tzinfo=UTC)
"""From then on the two full deliveries hold each incident in its last wording."""

_LETHAL = ("Clash", "Attack on civilians", "Bomb or shelling", "Mine")


def as_told(drawn: Iterable[Incident], *, at: datetime) -> list[Incident]:
    """
    Return the drawn incidents as Meridian told them at `at`, a moment before 2026-11-09 05:00 UTC.

    About one in four of those published since 2026-06-15 was corrected 4 to some 40 days later: its
    deaths, how far it was verified, or its place, in a neighbouring district at times. Six incidents
    that Meridian took back later are among them while they stood. What was not yet published is left out.
    """
    first = [_first(one, at=at) for one in drawn if one.published <= at]
    return first + [one for one in _withdrawn(at=at) if one.published <= at]


def _first(one: Incident, *, at: datetime) -> Incident:
    # A generator of its own for each incident: a change in one leaves the others as they were.
    rng = Random(f"{one.id}/first told")  # noqa: S311 - a drawing, not a secret
    corrected, fault = one.published + timedelta(days=4 + delay_days(rng, mean=11.0)), rng.random()
    fewer, difference, where = rng.random() < 0.7, 1 + poisson(rng, mean=0.4), rng.random()
    if one.published < _CORRECTED_FROM or corrected > _LAST_CORRECTION or corrected <= at:
        return one
    if fault < 0.35 and one.kind in _LETHAL:
        best = max(0, one.dead[0] + (-difference if fewer else difference))
        low, high = min(one.dead[1], best), max(one.dead[2], best)
        return replace(one, dead=(best, low, high), civilians=min(one.civilians, best), check="one report")
    if fault < 0.55 and one.check in ("two reports", "verified"):
        return replace(one, check="one report")
    if fault < 0.59:
        places = tuple(PLACES[district_of(one.place)] if where < 0.5 else PLACES[_neighbour(one.district)])
        place = pick(rng, places)
        longitude, latitude = PLACES[district_of(place)][place]
        return replace(
            one, district=district_of(place), place=place, longitude=longitude, latitude=latitude, near="near"
        )
    return one


def _neighbour(district: str) -> str:
    names = tuple(PLACES)
    return names[(names.index(district) + 1) % len(names)]


def _withdrawn(*, at: datetime) -> list[Incident]:
    file = Path(__file__).parent / "written" / "withdrawn.toml"
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["incident"]
    return [told(entry) for entry in entries if at < entry["withdrawn_at"]]
