"""The office's liaison log, an Excel file as an officer keeps it, and the sealed table of names beside it."""

from __future__ import annotations

import io
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from workbench.sample._draw import delay_days, pick, weighted, whole
from workbench.sample._files import table
from workbench.sample._geography import DISTRICTS, PLACES
from workbench.sample._incidents import FIRST_DAY, SILENT_SINCE

SHEET = "Log"

_SEED = 1411
_SEED_NAMES = 1412
_HAND_WRITTEN_FROM = date(2026, 11, 2)
_CREATED = datetime(2024, 11, 11, 8, 0, 0)  # noqa: DTZ001 - a workbook's properties carry no zone

_HEADER = (
    "No.", "Date of contact", "Written (UTC)", "How", "Institution", "Kind of institution", "Function",
    "Name key", "Officer", "Topics", "What was said", "Text for release", "Grade", "Follow-up by",
    "Follow-up owner", "Followed up on", "UNDSS told (UTC)", "May be quoted", "District", "Place",
    "Handling", "Groups",
)  # fmt: skip

_INSTITUTIONS: dict[tuple[str, str, str], float] = {
    ("District administration of {district}", "District administration", "Administrator"): 6,
    ("Council of elders of {district}", "Community", "Elder"): 5,
    ("Police, {district} station", "Police", "Station commander"): 4,
    ("Provincial Guard, {district} post", "Local force", "District officer"): 3,
    ("Kestara Security Force, {district} garrison", "Armed forces", "Operations officer"): 2,
    ("Harbour Relief", "Other organisation", "Field manager"): 2,
    ("Sister Agency, {district} desk", "UN", "Field associate"): 1,
}
"""Institution, its kind, the interlocutor's function -> how often it is met."""

_HOW = {"In person": 5.0, "Telephone": 4.0, "Message": 1.5, "Radio": 0.5}
_GRADES = {"A1": 1.0, "A2": 2.0, "B2": 6.0, "B3": 4.0, "C2": 2.0, "C3": 4.0, "D4": 1.0, "F6": 1.0}
_FIRST_NAMES = ("Adwen", "Belis", "Corvan", "Darea", "Elmar", "Fenka", "Gorin", "Hestra")
_LAST_NAMES = ("Aldrun", "Brask", "Cailo", "Dorvane", "Esker", "Fallow")


def log(*, delivery: int, cut_off: datetime) -> bytes:
    """
    Return liaison_log.xlsx as it stood at `cut_off`: entries written by then, the same bytes each time.

    Sheet "Log" has one row per contact, days as Excel dates and moments as UTC text. Its name keys point
    into the table of `interlocutors`, a file of its own that fewer people may open.
    """
    from xlsxwriter import Workbook

    content = io.BytesIO()
    workbook = Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    workbook.set_properties({"title": "Liaison log (sample data)", "created": _CREATED})
    bold = workbook.add_format({"bold": True})
    sheet = workbook.add_worksheet(SHEET)
    sheet.freeze_panes(1, 1)
    sheet.write_row(0, 0, _HEADER, bold)
    for number, entry in enumerate(_entries(delivery=delivery, cut_off=cut_off), start=1):
        for column, value in enumerate(_cells(entry)):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value)
            elif value:
                sheet.write_string(number, column, value)
    workbook.close()
    return content.getvalue()


def interlocutors() -> str:
    """Return interlocutors.csv: who is behind each name key. All invented, and sealed all the same."""
    rng = Random(_SEED_NAMES)  # noqa: S311 - a drawing, not a secret
    rows = []
    for number in range(1, len(_FIRST_NAMES) * len(_LAST_NAMES) + 1):
        institution, kind, role = weighted(rng, _INSTITUTIONS)
        rows.append(
            {
                "key": f"N-{number:03d}",
                "entered": (FIRST_DAY + timedelta(days=number)).isoformat(),
                "name": name(number),
                "organisation": institution.format(district=pick(rng, DISTRICTS).name),
                "kind": kind,
                "function": role,
                "telephone": f"+999 55 0{whole(rng, 1, 9)} {whole(rng, 100, 999)}",
            }
        )
    return table(("key", "entered", "name", "organisation", "kind", "function", "telephone"), rows)


def name(number: int) -> str:
    """Return the invented name behind key `N-<number>`; it must never leave the sealed table."""
    first = _FIRST_NAMES[(number - 1) % len(_FIRST_NAMES)]
    return f"{first} {_LAST_NAMES[(number - 1) // len(_FIRST_NAMES) % len(_LAST_NAMES)]}"


def _entries(*, delivery: int, cut_off: datetime) -> list[dict[str, Any]]:
    written = tomllib.loads((Path(__file__).parent / "written" / "liaison.toml").read_text(encoding="utf-8"))
    entries = _drawn(written["cadence_days"], written["phrase"])
    for entry in written["entry"]:
        entries.append({**entry, **(entry.get("later", {}) if delivery == 2 else {})})
    known = [entry for entry in entries if entry["written"] <= cut_off]
    for entry in known:
        # What was followed up after the log was fetched is not in it yet.
        if (done := entry.get("done")) and done > cut_off.date():
            entry["done"] = None
    return sorted(known, key=lambda entry: (entry["written"], entry["number"]))


def _drawn(cadence_days: dict[str, float], phrases: list[dict[str, str]]) -> list[dict[str, Any]]:
    rng = Random(_SEED)  # noqa: S311 - a drawing, not a secret
    contacts: list[tuple[date, int, dict[str, Any]]] = []
    for position, district in enumerate(place.name for place in DISTRICTS):
        day = FIRST_DAY + timedelta(days=whole(rng, 0, 6))
        # The two silent districts end with entries written by hand.
        end = SILENT_SINCE.get(district, _HAND_WRITTEN_FROM)
        while day < end:
            contacts.append((day, position, _contact(rng, day, district, phrases)))
            day += timedelta(days=1 + int(delay_days(rng, mean=cadence_days[district] - 1)))
    contacts.sort(key=lambda contact: contact[:2])
    numbers: dict[int, int] = {}
    for day, _, contact in contacts:
        numbers[day.year] = numbers.get(day.year, 0) + 1
        contact["number"] = f"LL-{day.year}-{numbers[day.year]:04d}"
    return [contact for _, _, contact in contacts]


def _contact(rng: Random, day: date, district: str, phrases: list[dict[str, str]]) -> dict[str, Any]:
    institution, kind, role = weighted(rng, _INSTITUTIONS)
    phrase, place = pick(rng, phrases), pick(rng, tuple(PLACES[district]))
    morning = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    written = morning + timedelta(hours=whole(rng, 5, 12) + int(delay_days(rng, mean=0.6) * 24))
    due = day + timedelta(days=whole(rng, 4, 14)) if rng.random() < 0.35 else None
    kept, late = rng.random() < 0.85, whole(rng, -3, 6)
    told, hours = rng.random() < 0.6, whole(rng, 1, 30)
    return {
        "day": day,
        "written": written,
        "how": weighted(rng, _HOW),
        "institution": institution.format(district=district),
        "type": kind,
        "role": role,
        "key": f"N-{whole(rng, 1, len(_FIRST_NAMES) * len(_LAST_NAMES)):03d}",
        "officer": f"LO-{whole(rng, 1, 4)}",
        "topics": phrase["topics"],
        "said": phrase["said"].format(place=place),
        "release": phrase.get("release", "").format(place=place),
        "grade": weighted(rng, _GRADES),
        "due": due,
        "owner": f"LO-{whole(rng, 1, 4)}" if due else "",
        "done": due + timedelta(days=late) if due and kept else None,
        "undss": written + timedelta(hours=hours) if told else None,
        "quote": "yes" if rng.random() < 0.4 else "no",
        "district": district,
        "place": place,
        "handling": phrase["handling"],
        "groups": phrase.get("groups", ""),
    }


def _cells(entry: dict[str, Any]) -> tuple[date | str | None, ...]:
    return (
        entry["number"],
        entry["day"],
        _moment(entry["written"]),
        entry["how"],
        entry["institution"],
        entry["type"],
        entry["role"],
        entry["key"],
        entry["officer"],
        entry["topics"],
        entry["said"],
        entry.get("release", ""),
        entry["grade"],
        entry.get("due"),
        entry.get("owner", ""),
        entry.get("done"),
        _moment(entry.get("undss")),
        entry["quote"],
        entry["district"],
        entry["place"],
        entry["handling"] or "Internal",
        entry.get("groups", ""),
    )


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%dT%H:%MZ}" if value else ""
