"""How two publishers write the same incidents down: Meridian quickly and in detail, Concord late."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random

from workbench.sample._draw import delay_days, pick, poisson, whole
from workbench.sample._files import table
from workbench.sample._geography import PLACES
from workbench.sample._incidents import SILENT_SINCE, Incident, generated, hand_written, kinds
from workbench.sample._revisions import as_told

CUT_OFFS: dict[int, datetime] = {
    1: datetime(2026, 11, 9, 5, tzinfo=UTC),
    2: datetime(2026, 11, 16, 5, tzinfo=UTC),
}
"""When the publishers' files were fetched, by delivery."""

_SEED_HISTORY, _SEED_CONCORD = 20241111, 1946

_MERIDIAN = (
    "event_id", "day", "last_day", "day_certainty", "first_published", "kind", "kind_detail", "theme",
    "party_a", "party_b", "civilians_targeted", "dead_best", "dead_low", "dead_high", "civilians_dead",
    "injured", "abducted", "aid_affected", "assets", "district", "place", "place_certainty", "lat", "lon",
    "headline", "story", "release_text", "grade", "reporters", "check", "handling", "groups",
)  # fmt: skip

_BAD_MERIDIAN: tuple[dict[str, object], ...] = (
    {"event_id": "MIM-2605-991", "day": "2026-05-14", "dead_best": -2, "dead_low": 0, "dead_high": 1},
    {"event_id": "MIM-2602-992", "day": "2026-02-30"},
    {"event_id": "MIM-2607-993", "day": "2026-07-08", "kind": "Sighting"},
    {"event_id": "", "day": "2026-08-21"},
)
"""Rows that cannot be accepted: a negative count, a day that does not exist, an unknown kind, no id."""

_CONCORD = ("Record", "Day", "Class", "Dead", "Side A", "Side B", "Area", "Locality", "Lat", "Lon",
            "Summary", "Origin")  # fmt: skip


@cache
def history() -> tuple[Incident, ...]:
    """Return the incidents of 2024-11-11 to 2026-10-25 as Meridian's file has them in the end."""
    return tuple(generated(seed=_SEED_HISTORY))


def meridian(*, delivery: int) -> str:
    """Return Meridian's CSV (commas, ISO dates, UTC instants) as it stood at delivery 1 or 2."""
    incidents = [*history(), *hand_written(delivery=delivery)]
    return _meridian_file(incidents, at=CUT_OFFS[delivery])


def meridian_before(*, at: datetime) -> str:
    """Return Meridian's CSV as it stood at `at`, a moment of the months before delivery 1."""
    return _meridian_file(as_told(history(), at=at) + hand_written(delivery=1), at=at)


def _meridian_file(incidents: list[Incident], *, at: datetime) -> str:
    known = [one for one in incidents if one.published <= at]
    known.sort(key=lambda one: (one.published, one.id))
    rows = [_meridian_row(one) for one in known]
    like = rows[40]
    bad = [
        {**like, "last_day": "", "handling": "Public", "groups": "", **row}
        for row in _BAD_MERIDIAN
        if str(row["day"]) <= at.date().isoformat()
    ]
    return table(_MERIDIAN, rows[:300] + bad[:2] + rows[300:500] + bad[2:] + rows[500:], delimiter=",")


def concord(*, delivery: int) -> str:
    """Return Concord's CSV (semicolons, day-first dates) as it stood at delivery 1 or 2."""
    rng = Random(_SEED_CONCORD)  # noqa: S311 - a drawing, not a secret
    rows: list[tuple[datetime, dict[str, object]]] = []
    for number, one in enumerate([*history(), *hand_written(delivery=2)], start=1):
        # Every draw is made for every incident, so that a change in one leaves the others as they were.
        missed, late = rng.random() < 0.22, delay_days(rng, mean=7.0)
        shift, change = whole(rng, -1, 1) if rng.random() < 0.2 else 0, poisson(rng, mean=0.5)
        up, extra, elsewhere = rng.random() < 0.6, rng.random() < 0.13, rng.random()
        known_at = one.published + timedelta(days=late)
        klass = kinds()[one.kind].concord
        if klass and not missed and not one.handling:
            dead = max(0, one.dead[0] + (change if up else -change)) if one.dead[0] else 0
            # Some counts of the last weeks were one too high until Concord corrected them.
            dead += int(delivery == 1 and one.day.year == 2026 and one.day.month >= 9 and number % 9 == 0)
            day = one.day + timedelta(days=shift)
            rows.append((known_at, _concord_row(f"CEA-{number:05d}", one, klass, day=day, dead=dead)))
        if extra:
            rows.append((known_at, _concord_own(f"CEA-{50_000 + number}", one, elsewhere)))
    known = [row for known_at, row in rows if known_at <= CUT_OFFS[delivery]]
    known.sort(key=lambda row: str(row["Record"]))
    known.insert(12, {**known[11], "Record": "CEA-00000", "Day": "14/13/2025"})
    return table(_CONCORD, known, delimiter=";")


def _meridian_row(one: Incident) -> dict[str, object]:
    return {
        "event_id": one.id,
        "day": one.day,
        "last_day": one.last_day if one.last_day != one.day else "",
        "day_certainty": one.certainty,
        "first_published": f"{one.published:%Y-%m-%dT%H:%M:%SZ}",
        "kind": one.kind,
        "kind_detail": one.detail,
        "theme": one.theme,
        "party_a": one.parties[0],
        "party_b": one.parties[1],
        "civilians_targeted": "yes" if one.at_civilians else "no",
        "dead_best": one.dead[0],
        "dead_low": one.dead[1],
        "dead_high": one.dead[2],
        "civilians_dead": one.civilians,
        "injured": one.injured,
        "abducted": one.abducted,
        "aid_affected": "yes" if one.aid else "no",
        "assets": one.assets,
        "district": one.district,
        "place": one.place,
        "place_certainty": one.near,
        "lat": _degrees(one.latitude, 4),
        "lon": _degrees(one.longitude, 4),
        "headline": one.headline,
        "story": one.story,
        "release_text": one.release,
        "grade": one.grade,
        "reporters": one.reporters,
        "check": one.check,
        "handling": one.handling or "Public",
        "groups": one.groups,
    }


def _concord_row(record_id: str, one: Incident, klass: str, *, day: date, dead: int) -> dict[str, object]:
    return {
        "Record": record_id,
        "Day": f"{day:%d/%m/%Y}",
        "Class": klass,
        "Dead": dead,
        "Side A": one.parties[0],
        "Side B": one.parties[1],
        "Area": _as_concord_spells(one.district, one.day),
        "Locality": one.place,
        "Lat": _degrees(one.latitude, 2),
        "Lon": _degrees(one.longitude, 2),
        "Summary": f"{klass} at {one.place}; {dead} dead.",
        "Origin": "press" if one.day.day % 3 else "radio; press",
    }


def _concord_own(record_id: str, one: Incident, drawn: float) -> dict[str, object]:
    """Return an incident that only Concord has, on the day of another, without coordinates."""
    rng = Random(f"{record_id}{drawn}")  # noqa: S311 - a drawing, not a secret
    open_districts = [name for name in PLACES if one.day < SILENT_SINCE.get(name, date.max)]
    district = pick(rng, open_districts)
    place = pick(rng, tuple(PLACES[district]))
    kind = pick(rng, ("Criminal act", "Violence vs civilians", "Armed engagement"))
    dead = poisson(rng, mean=0.5)
    return {
        "Record": record_id,
        "Day": f"{one.day:%d/%m/%Y}",
        "Class": kind,
        "Dead": dead,
        "Side A": "Unidentified armed group",
        "Side B": "Residents",
        "Area": _as_concord_spells(district, one.day),
        "Locality": place,
        "Lat": "",
        "Lon": "",
        "Summary": f"{kind} at {place}; {dead} dead.",
        "Origin": "press",
    }


def _degrees(value: float, decimals: int) -> str:
    return "" if math.isnan(value) else f"{value:.{decimals}f}"


def _as_concord_spells(district: str, day: date) -> str:
    """Return a spelling that the alias table knows: without accents, with "district", or the old name."""
    if district == "Mécor":
        return "Mecor"
    if district == "Port Halden":
        return "Halden" if day.year == 2024 else "PORT HALDEN"
    return f"{district} district" if district in ("Orvane", "Velda") else district
