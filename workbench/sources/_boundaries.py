"""The office's boundary file and its alias table, read and checked; every fault names the file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pandas as pd

from workbench.config import Geography, Office
from workbench.errors import ConfigurationError
from workbench.sources._place_names import Meaning

_COLUMNS = ("district", "district_name", "admin1", "admin1_name", "geometry")
_REMEDY = "Correct the file, or [geography] in workbench.toml."


def read_districts(office: Office) -> pd.DataFrame:
    """Return the districts of the office's GeoJSON; see `places.districts`."""
    file = office.geography.boundaries
    rows = [_district(feature, office.geography, where) for where, feature in _features(office)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    shared = frame.loc[frame["district"].duplicated(), "district"]
    if not shared.empty:
        raise ConfigurationError(
            f'{file}: two districts have the code "{shared.iloc[0]}" ({office.geography.code}). {_REMEDY}'
        )
    names = frame.groupby("admin1")["admin1_name"].nunique()
    if (names > 1).any():
        raise ConfigurationError(
            f'{file}: province "{names.index[names > 1][0]}" ({office.geography.parent_code}) has more than '
            f"one name ({office.geography.parent_name}). {_REMEDY}"
        )
    texts = dict.fromkeys(frame.columns.drop("geometry"), "str")
    return frame.astype(texts).sort_values("district", ignore_index=True)


def _features(office: Office) -> Iterator[tuple[str, dict[str, Any]]]:
    file = office.geography.boundaries
    try:
        content = json.loads(office.path(file).read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise ConfigurationError(
            f"{file} cannot be read ({type(problem).__name__}). Correct [geography] boundaries."
        ) from None
    except ValueError:
        raise ConfigurationError(f"{file} is not GeoJSON: it is not JSON. {_REMEDY}") from None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        raise ConfigurationError(f"{file} is not GeoJSON: it holds no FeatureCollection. {_REMEDY}")
    if not features:
        raise ConfigurationError(f"{file} holds no district. {_REMEDY}")
    for number, feature in enumerate(features, start=1):
        where = f"{file}, feature {number}"
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            raise ConfigurationError(f"{where} has no properties. {_REMEDY}")
        yield where, feature


def _district(feature: dict[str, Any], geography: Geography, where: str) -> tuple[Any, ...]:
    properties = feature["properties"]
    values = []
    for setting in ("code", "name", "parent_code", "parent_name"):
        name = getattr(geography, setting)
        value = properties.get(name)
        if value is None or not str(value).strip():
            raise ConfigurationError(
                f'{where} has no property "{name}" ([geography] {setting}). Its properties: '
                f"{', '.join(sorted(properties)) or 'none'}. {_REMEDY}"
            )
        values.append(str(value).strip())
    return (*values, _outline(feature.get("geometry"), f"{where} ({values[1]})"))


def _outline(geometry: Any, where: str) -> Any:
    import shapely

    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise ConfigurationError(f"{where}: its geometry is {kind or 'missing'}, not a polygon. {_REMEDY}")
    try:
        outline = shapely.from_geojson(json.dumps(geometry))
    except shapely.GEOSException:
        raise ConfigurationError(f"{where}: its polygon cannot be read. {_REMEDY}") from None
    if outline.is_empty or not shapely.is_valid(outline):
        reason = "it is empty" if outline.is_empty else shapely.is_valid_reason(outline)
        raise ConfigurationError(f"{where}: its polygon is invalid: {reason}. Mend it in a GIS.")
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ConfigurationError(
            f"{where}: its coordinates are not degrees. Save the file in WGS 84 (EPSG:4326)."
        )
    return outline


def read_aliases(office: Office, *, known: Iterable[str]) -> list[tuple[str, Meaning]]:
    """
    Return the alias table: a name, and the code it stands for with the days it does.

    Raises ConfigurationError if the table cannot be read, lacks name or code, names a code that is
    not `known`, or holds a day that is none.
    """
    file = office.geography.aliases
    if file is None:
        return []
    codes = set(known)
    try:
        with office.path(file).open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise ConfigurationError(
            f"{file} cannot be read ({type(problem).__name__}). Save it as CSV in UTF-8, or correct "
            "[geography] aliases in workbench.toml."
        ) from None
    missing = [name for name in ("name", "code") if name not in (reader.fieldnames or ())]
    if missing:
        raise ConfigurationError(
            f"{file} has no column {' and no column '.join(missing)}. Its header must be: "
            "name,code,valid_from,valid_to,note."
        )
    return [_alias(row, codes, f"{file} line {line}") for line, row in rows]


def _alias(row: dict[str, Any], codes: set[str], where: str) -> tuple[str, Meaning]:
    cells = {name: (cell or "").strip() for name, cell in row.items() if isinstance(cell, str | None)}
    if not cells["name"] or cells["code"] not in codes:
        raise ConfigurationError(
            f"{where}: needs a name, and a code of the boundary file. Correct or remove the line."
        )
    days = [_day(cells.get(column, ""), where, column) for column in ("valid_from", "valid_to")]
    return cells["name"], Meaning(cells["code"], *days)


def _day(cell: str, where: str, column: str) -> date | None:
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError:
        raise ConfigurationError(f"{where}: {column} is not a day. Write it as 2013-05-31.") from None
