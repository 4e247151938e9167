"""Folders of files that are an office: the sample one with its deliveries, and an empty one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.config import FILE_NAME, shipped
from workbench.errors import ParameterError
from workbench.sample import _desk_log, _geography, _liaison, _publishers, _registers, _rights

DELIVERIES: tuple[datetime, ...] = (
    datetime(2026, 11, 9, 6, tzinfo=UTC),
    datetime(2026, 11, 16, 6, tzinfo=UTC),
)
"""When the sample office pulls every source: an hour after the files of each delivery were fetched."""

EARLIER: tuple[datetime, ...] = tuple(DELIVERIES[0] - timedelta(weeks=weeks) for weeks in range(16, 0, -1))
"""The Mondays before on which the sample office pulled EARLIER_SOURCES alone, 2026-07-20 to 2026-11-02."""

EARLIER_SOURCES: tuple[str, ...] = ("meridian", "desk_log")
"""The sources that are counted: their weekly deliveries tell how late incidents become known."""

_FOLDERS = ("data", "geography", "assessments", "notebooks", "templates", "outputs")

_NAME_LINE = 'name = "Name of the office"'

_README = {
    "data": "Files that sources are read from. workbench.toml says which file belongs to which source.\n",
    "assessments": "One Markdown file for each area and week. Copy example.md and take its marks off.\n",
    "notebooks": "One notebook for each briefing. workbench.toml names them.\n",
    "geography": "District outlines (GeoJSON, WGS 84) and aliases.csv, the other names that places go by.\n",
}


def make(folder: Path) -> None:
    """
    Write the sample office into `folder`: its configuration, geography, notebooks and empty folders.

    `folder` is made if it is not there; files of the same name are overwritten, others are left alone.
    The bytes are the same each time. `deliver` brings the data.
    """
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    _write(folder / FILE_NAME, shipped(FILE_NAME).read_bytes())
    _write(folder / "geography" / "districts.geojson", _geography.outlines())
    _write(folder / "geography" / "aliases.csv", _registers.written("aliases.csv"))
    for name, content in _notebooks().items():
        _write(folder / "notebooks" / name, content)


def deliver(folder: Path, number: int) -> None:
    """
    Write the source files of the sample office as they stood at delivery `number`, 1 or 2.

    Delivery 1 was fetched on Monday 2026-11-09 05:00 UTC, delivery 2 a week later; pull after each at
    the instant of DELIVERIES. Files are overwritten, as a publisher's are. Against delivery 1, delivery 2
    has late incidents of 2026-W44 and W45, corrected deaths, one withdrawn incident, and one moved to
    another district. Neither depends on what `deliver_earlier` wrote before. The bytes are the same each
    time. Raises ParameterError for another number.
    """
    if number not in _publishers.CUT_OFFS:
        raise ParameterError(f"The sample office has no delivery {number}. It has deliveries 1 and 2.")
    office = folder / "data" / "office"
    _write(folder / "data" / "meridian" / "incidents.csv", _publishers.meridian(delivery=number))
    _write(folder / "data" / "concord" / "archive.csv", _publishers.concord(delivery=number))
    _write(office / "incident_log.csv", _desk_log.log(at=_publishers.CUT_OFFS[number]))
    for name in _registers.REGISTERS:
        _write(office / f"{name}.csv", _registers.register(name, delivery=number))
    _write(office / "alerts.csv", _registers.alerts(delivery=number))
    for name, text in _rights.registers(delivery=number).items():
        _write(office / name, text)
    log = _liaison.log(delivery=number, cut_off=_publishers.CUT_OFFS[number])
    _write(office / "liaison_log.xlsx", log)
    _write(office / "interlocutors.csv", _liaison.interlocutors())
    for name, text in _registers.assessments(delivery=number).items():
        _write(folder / "assessments" / name, text)


def deliver_earlier(folder: Path, number: int) -> None:
    """
    Write the files of EARLIER_SOURCES as they stood an hour before EARLIER[number - 1].

    Pull those two sources after each at the instant of EARLIER, then go on with `deliver`: the store then
    holds weekly snapshots of the counted incidents, with late, corrected and withdrawn ones. The bytes are
    the same each time. Raises ParameterError for a number that is not there.
    """
    if not 1 <= number <= len(EARLIER):
        raise ParameterError(
            f"The sample office has no earlier delivery {number}. "
            f"It has earlier deliveries 1 to {len(EARLIER)}."
        )
    fetched = EARLIER[number - 1] - timedelta(hours=1)
    _write(folder / "data" / "meridian" / "incidents.csv", _publishers.meridian_before(at=fetched))
    _write(folder / "data" / "office" / "incident_log.csv", _desk_log.log(at=fetched))


def blank(folder: Path, *, name: str) -> list[Path]:
    """
    Write the start of a new office into `folder`; return the files made, in order of their names.

    A commented workbench.toml, and files to be replaced: the outlines hold one square district called
    "Replace me", the incident log has a header and no row, the example assessment holds nothing that is
    not commented out. Nothing that is already there is overwritten. `name` is the office's own; raises
    ParameterError if it is empty or has a character that TOML does not take.
    """
    if not name.strip() or not name.isprintable():
        raise ParameterError(
            "The office has no usable name. Give one of printable characters: --name Kestara"
        )
    template = (shipped("templates") / "office.toml").read_text(encoding="utf-8")
    files: dict[str, str | bytes] = {
        FILE_NAME: template.replace(_NAME_LINE, f"name = {json.dumps(name, ensure_ascii=False)}", 1),
        "geography/districts.geojson": _placeholder(),
        "geography/aliases.csv": "name,code,valid_from,valid_to,note\n",
        "data/incidents.csv": _registers.written("blank_incidents.csv"),
        "assessments/example.md": _registers.written("blank_assessment.md"),
        **{f"{part}/README.txt": text for part, text in _README.items()},
    }
    for part in _FOLDERS:
        (folder / part).mkdir(parents=True, exist_ok=True)
    return sorted(_write_missing(folder, files) + fresh_notebooks(folder))


def fresh_notebooks(folder: Path) -> list[Path]:
    """Copy the shipped notebooks that the office in `folder` lacks; return the files made."""
    return _write_missing(folder, {f"notebooks/{name}": text for name, text in _notebooks().items()})


def _notebooks() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(shipped("notebooks").glob("*.ipynb"))}


def _placeholder() -> str:
    square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
    feature = {
        "type": "Feature",
        "properties": {
            "code": "XX0101",
            "name": "Replace me",
            "parent_code": "XX01",
            "parent_name": "Province",
        },
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, indent=1) + "\n"


def _write_missing(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    missing = [name for name in files if not (folder / name).exists()]
    for name in missing:
        _write(folder / name, files[name])
    return [folder / name for name in missing]


def _write(file: Path, content: str | bytes) -> None:
    """Write bytes, or UTF-8 text with the line ends it has, on Windows too."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
