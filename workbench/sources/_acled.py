"""ACLED event export: CSV of 31 columns, and the layout before March 2023."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from workbench.config import Office, Source
from workbench.sources._dates import iso_dates, iso_instants
from workbench.sources._files import Grid
from workbench.sources._publisher import assemble, fold, named_ids, open_grid, translate

# Both layouts have these. The older one has data_id, event_id_no_cnty and iso3, and lacks
# disorder_type, civilian_targeting and tags.
_COLUMNS = (
    "event_id_cnty", "event_date", "time_precision", "event_type", "sub_event_type", "actor1", "inter1",
    "actor2", "inter2", "country", "admin1", "admin2", "location", "latitude", "longitude", "geo_precision",
    "source", "notes", "fatalities",
)  # fmt: skip

SUB_TYPES: dict[str, tuple[str, str]] = {
    # Battles
    "Armed clash": ("armed_clash", "armed_conflict"),
    "Government regains territory": ("armed_clash", "armed_conflict"),
    "Non-state actor overtakes territory": ("armed_clash", "armed_conflict"),
    # Explosions/Remote violence
    "Chemical weapon": ("explosive_or_remote", "armed_conflict"),
    "Air/drone strike": ("explosive_or_remote", "armed_conflict"),
    "Suicide bomb": ("explosive_or_remote", "armed_conflict"),
    "Shelling/artillery/missile attack": ("explosive_or_remote", "armed_conflict"),
    "Remote explosive/landmine/IED": ("explosive_or_remote", "armed_conflict"),
    "Grenade": ("explosive_or_remote", "armed_conflict"),
    # Violence against civilians
    "Sexual violence": ("sexual_violence", "armed_conflict"),
    "Attack": ("attack_on_civilians", "armed_conflict"),
    "Abduction/forced disappearance": ("abduction", "armed_conflict"),
    # Protests
    "Peaceful protest": ("demonstration", "civil_unrest"),
    "Protest with intervention": ("demonstration", "civil_unrest"),
    "Excessive force against protesters": ("demonstration", "civil_unrest"),
    # Riots
    "Violent demonstration": ("riot_or_mob", "civil_unrest"),
    "Mob violence": ("riot_or_mob", "civil_unrest"),
    # Strategic developments: not comparable over time by ACLED's own word, so all of one type
    "Agreement": ("non_violent_development", "armed_conflict"),
    "Arrests": ("non_violent_development", "armed_conflict"),
    "Change to group/activity": ("non_violent_development", "armed_conflict"),
    "Disrupted weapons use": ("non_violent_development", "armed_conflict"),
    "Headquarters or base established": ("non_violent_development", "armed_conflict"),
    "Looting/property destruction": ("non_violent_development", "armed_conflict"),
    "Non-violent transfer of territory": ("non_violent_development", "armed_conflict"),
    "Other": ("non_violent_development", "armed_conflict"),
}
"""ACLED sub-event type -> our event type and threat category (25 sub-types, ACLED codebook)."""

_AGAINST_CIVILIANS = (
    "sexual violence",
    "attack",
    "abduction/forced disappearance",
    "excessive force against protesters",
)
_MAY_BE_AGAINST_CIVILIANS = ("explosions/remote violence", "riots")
_CIVILIANS = ("7", "civilians")
_DAY = {"1": "day", "2": "week", "3": "month"}
_PLACE = {"1": "place", "2": "near_place", "3": "province"}


def read_acled(path: Path, source: Source, office: Office) -> pd.DataFrame:
    """
    Read an ACLED event export as incident rows.

    Actor codes may be numbers or words. ACLED gives one number of deaths: killed_best, no range.
    `reported_at` is `timestamp`, when ACLED last changed the event: it does not say when it first did.
    An event of time_precision 2 or 3 sits on a day in the middle of its period; its date_precision is week
    or month. The older layout has no civilian_targeting; it is then read off the sub-event type and the
    actor codes (violence against civilians, excessive force, or explosions and riots with civilians on one
    side). An unknown sub-event type is passed through, for validation to reject. Left out: year,
    disorder_type (follows from the sub-type), assoc_actor_*, interaction, iso, region, admin3,
    source_scale, tags. Raises SourceError as open_grid does.
    """
    grid = open_grid(path, source, office, columns=_COLUMNS, layout="ACLED event export")
    sub_type = grid.column("sub_event_type")
    day = iso_dates(grid.column("event_date"), day_first=source.day_first)
    known = sub_type.map(fold).isin({fold(name) for name in SUB_TYPES})
    threat = translate(sub_type, {name: threat for name, (_, threat) in SUB_TYPES.items()})
    return assemble(
        grid,
        {
            "record_id": grid.column("event_id_cnty"),
            "occurred_on": day,
            "occurred_to": day,
            "date_precision": translate(grid.column("time_precision"), _DAY),
            "reported_at": _changed_at(grid.column("timestamp"), office),
            "event_type": translate(sub_type, {name: ours for name, (ours, _) in SUB_TYPES.items()}),
            "sub_type": sub_type,
            # One reason is enough for a row of unknown type.
            "threat_category": threat.where(known, "armed_conflict"),
            "actor1": grid.column("actor1"),
            "actor2": grid.column("actor2"),
            "civilian_targeting": (
                translate(grid.column("civilian_targeting"), {"Civilian targeting": "true", "": "false"})
                if "civilian_targeting" in grid.cells
                else _civilians(grid)
            ),
            "killed_best": grid.column("fatalities"),
            "place_name": grid.column("location"),
            "latitude": grid.column("latitude"),
            "longitude": grid.column("longitude"),
            "place_precision": translate(grid.column("geo_precision"), _PLACE),
            "admin1_given": grid.column("admin1"),
            "district_given": grid.column("admin2"),
            "narrative": grid.column("notes"),
            "sources": grid.column("source"),
            "source_definition": "ACLED",
            "verification": "reported",
            "external_ids": named_ids({"acled_data_id": grid.column("data_id")}),
        },
    )


def _civilians(grid: Grid) -> pd.Series[str]:
    def is_one_of(name: str, words: tuple[str, ...]) -> pd.Series[bool]:
        return grid.column(name).map(fold).isin(words)

    either = is_one_of("inter1", _CIVILIANS) | is_one_of("inter2", _CIVILIANS)
    targeted = is_one_of("sub_event_type", _AGAINST_CIVILIANS) | (
        either & is_one_of("event_type", _MAY_BE_AGAINST_CIVILIANS)
    )
    return targeted.map({True: "true", False: "false"}).astype("str")


def _changed_at(timestamps: pd.Series[str], office: Office) -> pd.Series[str]:
    seconds = {text: _from_seconds(text) for text in timestamps.unique()}
    return iso_instants(timestamps.map(seconds).astype("str"), zone=office.zone)


def _from_seconds(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        return text
    return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
