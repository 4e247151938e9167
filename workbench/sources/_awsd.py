"""Aid Worker Security Database: CSV as its publisher or HDX serves it."""

from __future__ import annotations

import calendar
from pathlib import Path

import pandas as pd

from workbench.config import Office, Source
from workbench.sources._publisher import assemble, fold, open_grid, translate

# Files before 2025 have these too; the columns on detention came then.
_COLUMNS = (
    "incident id", "year", "month", "day", "country", "region", "district", "city", "total killed",
    "total wounded", "total kidnapped", "means of attack", "latitude", "longitude", "actor name",
    "details", "verified",
)  # fmt: skip

MEANS: dict[str, str] = {
    "Shooting": "attack_on_civilians",
    "Bodily assault": "attack_on_civilians",
    "Complex attack": "attack_on_civilians",
    # Only deliberate violence enters the database, so an attack it is, by whatever means.
    "Unknown": "attack_on_civilians",
    "Kidnapping": "abduction",
    "Kidnap-killing": "abduction",
    "Detention/arrest": "arrest_or_detention",
    "Rape/sexual assault": "sexual_violence",
    "Aerial bombardment": "explosive_or_remote",
    "Shelling": "explosive_or_remote",
    "Roadside IED": "explosive_or_remote",
    "Vehicle-born IED": "explosive_or_remote",
    "Vehicle-borne IED": "explosive_or_remote",
    "Body-borne IED": "explosive_or_remote",
    "Other Explosives": "explosive_or_remote",
    "Landmine": "mine_or_unexploded",
}
"""Means of attack -> our event type."""

_VERIFIED = {"Yes": "confirmed", "Pending": "reported", "Archived": "reported", "": "reported"}
_CRIME = ("criminal", "unaffiliated", "aid recipient", "staff member")
_WAR_ACTORS = ("non-state armed group", "host state", "foreign or coalition forces", "state", "police")
_WAR_TYPES = ("explosive_or_remote", "mine_or_unexploded")
_TARGETED = {"Political": "true", "Economic": "true", "Incidental": "false"}


def read_awsd(path: Path, source: Source, office: Office) -> pd.DataFrame:
    """
    Read the Aid Worker Security Database as incident rows.

    Counts are aid workers only, one number each (killed, wounded as injured, kidnapped as abducted), no
    range. A blank day makes date_precision month, a blank month longer, and the span the month or the
    year. "Yes" under Verified is confirmed; Pending, Archived and blank are reported, and `status` keeps
    the word. Threat category: mob violence is civil unrest; explosive weapons, crossfire and armed or state
    actors are armed conflict; the rest is crime. Civilian targeting: by the motive, missing where that is
    unknown. Coordinates may be blank; the file does not say how exact they are, so place_precision is the
    finest place it names. Left out: counts by nationality, organisation and gender, detained, Location,
    Attack context. Raises SourceError as open_grid does.
    """
    grid = open_grid(path, source, office, columns=_COLUMNS, layout="Aid Worker Security Database CSV")
    means = grid.column("means of attack")
    event_type = translate(means, MEANS)
    actor, actor_type = grid.column("actor name"), grid.column("actor type")
    named = ~actor.map(fold).isin(("", "unknown"))
    dates = _dates(grid.column("year"), grid.column("month"), grid.column("day"))
    verified = grid.column("verified")
    return assemble(
        grid,
        {
            "record_id": grid.column("incident id"),
            "occurred_on": dates["first"],
            "occurred_to": dates["last"],
            "date_precision": dates["precision"],
            "event_type": event_type,
            "sub_type": means,
            "threat_category": _threat(event_type, grid.column("attack context"), actor_type),
            "actor1": actor.where(named, actor_type.where(actor_type.map(fold) != "unknown", "")),
            "civilian_targeting": grid.column("motive")
            .map({word: _TARGETED.get(word, "") for word in grid.column("motive").unique()})
            .astype("str"),
            "killed_best": grid.column("total killed"),
            "injured_best": grid.column("total wounded"),
            "abducted_best": grid.column("total kidnapped"),
            "aid_affected": "true",
            "place_name": grid.column("city"),
            "latitude": grid.column("latitude"),
            "longitude": grid.column("longitude"),
            "place_precision": _finest(grid.column("city"), grid.column("district"), grid.column("region")),
            "admin1_given": grid.column("region"),
            "district_given": grid.column("district"),
            "narrative": grid.column("details"),
            "sources": grid.column("source"),
            "source_definition": "Aid Worker Security Database",
            "verification": translate(verified, _VERIFIED),
            "status": verified,
            "reader_problem": dates["problem"],
        },
    )


def _dates(years: pd.Series[str], months: pd.Series[str], days: pd.Series[str]) -> pd.DataFrame:
    given = list(zip(years, months, days, strict=True))
    known = {one: _span(*one) for one in set(given)}
    return pd.DataFrame(
        [known[one] for one in given],
        index=years.index,
        columns=["first", "last", "precision", "problem"],
        dtype="str",
    )


def _span(year: str, month: str, day: str) -> tuple[str, str, str, str]:
    """Return first day, last day, date precision, and what is wrong ("column: reason") of a partial date."""
    problem = _date_problem(year, month, day)
    if problem:
        return "", "", "", problem
    if not month:
        return f"{year}-01-01", f"{year}-12-31", "longer", ""
    stem = f"{year}-{int(month):02d}"
    if not day:
        return f"{stem}-01", f"{stem}-{calendar.monthrange(int(year), int(month))[1]}", "month", ""
    return f"{stem}-{int(day):02d}", f"{stem}-{int(day):02d}", "day", ""


def _date_problem(year: str, month: str, day: str) -> str:
    if not (_is_number(year) and len(year) == 4 and year > "1900"):
        return "occurred_on: Year is not a year of four figures"
    if not month:
        return "occurred_on: Month is blank although Day is not" if day else ""
    if not (_is_number(month) and 1 <= int(month) <= 12):
        return "occurred_on: Month is not a number from 1 to 12"
    length = calendar.monthrange(int(year), int(month))[1]
    if day and not (_is_number(day) and 1 <= int(day) <= length):
        return f"occurred_on: Day is not a day of that month, which has {length}"
    return ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _threat(
    event_type: pd.Series[str], context: pd.Series[str], actor_type: pd.Series[str]
) -> pd.Series[str]:
    actor = actor_type.map(fold)
    war = (
        event_type.isin(_WAR_TYPES)
        | (context.map(fold) == "combat/crossfire")
        | actor.str.startswith(_WAR_ACTORS)
    )
    threat = pd.Series("crime", index=event_type.index, dtype="str").mask(war, "armed_conflict")
    return threat.mask(actor.isin(_CRIME), "crime").mask(context.map(fold) == "mob violence", "civil_unrest")


def _finest(city: pd.Series[str], district: pd.Series[str], region: pd.Series[str]) -> pd.Series[str]:
    finest = pd.Series("country", index=city.index, dtype="str")
    for names, word in ((region, "province"), (district, "district"), (city, "place")):
        finest = finest.mask(names != "", word)
    return finest
