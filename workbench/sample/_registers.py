"""The office's other files: registers, alerts, assessments, and other names of places."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from workbench.sample._draw import pick, weighted, whole
from workbench.sample._files import table
from workbench.sample._geography import PLACES
from workbench.sample._incidents import SILENT_SINCE

_WRITTEN = Path(__file__).parent / "written"
_SEED_ALERTS = 45
_UNLESS_SAID = {"district_assessments": "Public"}
"""Handling of a register's rows that say none, where it is not Internal; its file says it in each row."""

_SIGNS: tuple[tuple[str, str, str], ...] = (
    ("Market empties early", "Traders of {place} leave before noon and say that men will come",
     "Traders at {place} leave earlier than usual."),
    ("Strangers ask for a person", "Two men asked at {place} where the teacher lives", ""),
    ("Families move livestock", "Herders near {place} move cattle away from the road",
     "Herders near {place} moved cattle away from the road."),
    ("Guard post unmanned", "Nobody was at the post near {place} for two nights",
     "A post near {place} was seen unmanned."),
    ("Roadside digging", "Fresh digging beside the road near {place}",
     "Fresh digging was seen beside the road near {place}."),
)  # fmt: skip
_RAISED_BY = {"community": 6.0, "partner": 2.0, "authority": 2.0, "model": 0.5}
_OUTCOMES = {"false": 4.0, "occurred": 3.0, "averted": 2.0, "unknown": 2.0}
_LIKELIHOODS = {"likely": 3.0, "roughly even chance": 4.0, "unlikely": 2.0, "very likely": 1.0}


REGISTERS: tuple[str, ...] = (
    "commitments", "programme_sites", "duplicates", "district_assessments", "risk_lines", "risk_measures",
    "headcount", "label_changes",
)  # fmt: skip
"""Registers that are written by hand as a whole, by the names of their files."""


def register(name: str, *, delivery: int) -> str:
    """
    Return one of REGISTERS as CSV text as it stood at delivery 1 or 2.

    A row of delivery 2 replaces the row of delivery 1 with the same reference.
    """
    return table(*_written(name, delivery=delivery))


def alerts(*, delivery: int) -> str:
    """Return the alert register as CSV text: drawn ones since July 2025, then those written by hand."""
    columns, written = _written("alerts", delivery=delivery)
    return table(columns, _drawn_alerts() + written)


def assessments(*, delivery: int) -> dict[str, str]:
    """
    Return file name -> Markdown of the assessments signed by delivery 1 (2026-W45) or 2 (and 2026-W46).

    At delivery 1 nobody had answered the recommendations of W45 yet: all are open.
    """
    names = ("kestara-2026-W45.md", "kestara-2026-W46.md")[:delivery]
    texts = {name: (_WRITTEN / name).read_text(encoding="utf-8") for name in names}
    if delivery == 1:
        for answered in ("accepted", "done", "declined", "overdue"):
            texts[names[0]] = texts[names[0]].replace(f'state = "{answered}"', 'state = "open"')
    return texts


def written(name: str) -> str:
    """Return a file of the sample that is the same at every delivery, such as aliases.csv."""
    return (_WRITTEN / name).read_text(encoding="utf-8")


def _written(name: str, *, delivery: int) -> tuple[list[str], list[dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(written(f"{name}.csv")))
    rows: dict[str, dict[str, str]] = {}
    for row in reader:
        if int(row.pop("delivery")) <= delivery:
            if row.get("handling") == "":
                row["handling"] = _UNLESS_SAID.get(name, "Internal")
            rows[row["ref"]] = row
    columns = [column for column in reader.fieldnames or () if column != "delivery"]
    return columns, list(rows.values())


def _drawn_alerts() -> list[dict[str, str]]:
    rng = Random(_SEED_ALERTS)  # noqa: S311 - a drawing, not a secret
    rows, day, number = [], date(2025, 7, 7), 16
    while day < date(2026, 10, 20):
        open_districts = [one for one in PLACES if day < SILENT_SINCE.get(one, date.max)]
        district = pick(rng, open_districts)
        place = pick(rng, tuple(PLACES[district]))
        indicator, threat, release = pick(rng, _SIGNS)
        raised = datetime(day.year, day.month, day.day, whole(rng, 6, 19), 5 * whole(rng, 0, 11), tzinfo=UTC)
        verified = raised + timedelta(hours=whole(rng, 3, 60)) if rng.random() < 0.8 else None
        answered = verified + timedelta(hours=whole(rng, 1, 30)) if verified and rng.random() < 0.7 else None
        rows.append(
            {
                "ref": f"EWA-{day.year}-{number:02d}",
                "raised": day.isoformat(),
                "raised_at": _moment(raised),
                "by": weighted(rng, _RAISED_BY),
                "indicator": indicator,
                "threat": threat.format(place=place),
                "release": release.format(place=place),
                "days": str(pick(rng, (3, 7, 14, 30))),
                "likelihood": weighted(rng, _LIKELIHOODS),
                "verified": _moment(verified),
                "response": "Told to the police and to the partners nearby" if answered else "",
                "responded": _moment(answered),
                "outcome": weighted(rng, _OUTCOMES) if verified else "unknown",
                "district": district,
                "place": place,
                "handling": "Internal" if release else "Confidential",
            }
        )
        year, day = day.year, day + timedelta(days=whole(rng, 9, 26))
        number = number + 1 if day.year == year else 1
    return rows


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else ""
