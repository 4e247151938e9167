"""An invented office for the tests of places and pulls: four square districts in two provinces."""

import json
from pathlib import Path

from workbench.config import Office, load

SHARED = Path(__file__).parents[2] / "shared" / "data"

OFFICE = """
name = "Invented office"
prepared_by = "Desk"
time_zone = "Africa/Maputo"
week_starts = "monday"
languages = ["en"]
likelihood_scale = "icd203"
fictional = true

[geography]
boundaries = "{boundaries}"
code = "{code}"
name = "{name}"
parent_code = "{parent_code}"
parent_name = "{parent_name}"
aliases = "aliases.csv"
attribution = "Invented"

[[area]]
slug = "north"
name = "North"
districts = ["XA0101"]
counts_from = ["log"]

[[audience]]
slug = "internal"
name = "Internal"
level = "internal"
compartments = []
place_precision = "district"
free_text = "full"
briefings = []
marking = "Internal"
release = "automatic"

[[briefing]]
slug = "weekly"
title = "Weekly"
notebook = "weekly.ipynb"
"""

SOURCE = """
[[source]]
slug = "{slug}"
title = "Log"
record = "incident"
reader = "table"
path = "{slug}*.csv"
licence = "None"
attribution = "Invented"
{more}

[source.constants]
date_precision = "day"
event_type = "armed_clash"
threat_category = "armed_conflict"

[source.columns]
record_id = "No"
occurred_on = "Day"
killed_best = "Dead"
district_given = "District"
"""

# West and south of each degree square; two of the names are one name but for its province.
SQUARES = (
    ("XA0101", "Órvane", "XA01", "Kestara", 30, -10),
    ("XA0102", "Al Kuro", "XA01", "Kestara", 31, -10),
    ("XA0103", "Nareth", "XA01", "Kestara", 30, -11),
    ("XB0201", "Nareth", "XB02", "Velda", 31, -11),
)

ALIASES = """name,code,valid_from,valid_to,note
Orvane town,XA0101,,,the town stands for its district
Old Kuro,XA0102,,2013-05-31,name until the reform
Kestara North,XA01,,,
"""


def square(west: float, south: float) -> dict[str, object]:
    """Return a square of one degree as a GeoJSON polygon."""
    east, north = west + 1, south + 1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def features() -> list[dict[str, object]]:
    """Return the four districts as GeoJSON features."""
    names = ("code", "name", "parent_code", "parent_name")
    return [
        {
            "type": "Feature",
            "properties": dict(zip(names, (code, name, parent, province), strict=True)),
            "geometry": square(west, south),
        }
        for code, name, parent, province, west, south in SQUARES
    ]


def office_in(folder: Path, *sources: str, aliases: str = ALIASES) -> Office:
    """Make the invented office in `folder`, with sources as TOML text."""
    folder.mkdir(parents=True, exist_ok=True)
    collection = {"type": "FeatureCollection", "features": features()}
    (folder / "boundaries.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (folder / "aliases.csv").write_text(aliases, encoding="utf-8")
    properties = {one: one for one in ("code", "name", "parent_code", "parent_name")}
    text = OFFICE.format(boundaries="boundaries.geojson", **properties)
    (folder / "workbench.toml").write_text("".join([text, *(sources or [log()])]), encoding="utf-8")
    return load(folder)


def log(slug: str = "log", more: str = 'level = "internal"') -> str:
    """Return the TOML of a source of incidents read from `<slug>*.csv`."""
    return SOURCE.format(slug=slug, more=more)


def write_log(folder: Path, *rows: tuple[object, ...], name: str = "log.csv") -> None:
    """Write a delivery of such a source: number, day, dead, district."""
    lines = ["No,Day,Dead,District", *(",".join(map(str, row)) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
