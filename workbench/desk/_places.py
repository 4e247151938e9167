"""Places that matched no district: grouped by the name given, for a person to say which district is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from workbench.desk._corrections import Correction, correct
from workbench.desk._deliveries import Held
from workbench.desk._duplicates import required
from workbench.desk._register import Entered
from workbench.desk._seat import Seat
from workbench.errors import ParameterError
from workbench.sources import is_register
from workbench.sources.places import Gazetteer

_COARSE = ("province", "country")


@dataclass(frozen=True, repr=False)
class LostPlace:
    """
    Rows of one place as their sources write it, which lies in no district that the office knows.

    `name`: of the district as given, else of the place, else its coordinates; `province` as given, "" if
    none. `rows`: (source, record_id), as stored. `newest`: the latest day among them. `suggestions`: codes
    of districts of a name much like it, closest first.
    """

    name: str
    province: str
    rows: tuple[tuple[str, str], ...]
    newest: date | None
    suggestions: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The slugs of the sources that give this place."""
        return tuple(dict.fromkeys(source for source, _ in self.rows))


@dataclass(frozen=True, repr=False)
class LostPlaces:
    """
    The places to decide, those with most rows first; `coarse` rows are known to a province or country only.

    `closed`: rows left out because those at the desk may not read them, or not where they are; `elsewhere`:
    rows without an id, or of a register, which are mended where they are kept.
    """

    places: tuple[LostPlace, ...]
    coarse: int
    closed: int
    elsewhere: int


def lost_places(seat: Seat, held: Sequence[Held], *, gazetteer: Gazetteer) -> LostPlaces:
    """
    Return the places of accepted rows that matched no district, of `held_now`.

    Rows are grouped by name and by the province given: one name in two provinces is two places.
    """
    groups: dict[tuple[str, str], list[tuple[tuple[str, str], pd.Timestamp]]] = {}
    coarse = closed = elsewhere = 0
    for one in held:
        if "district" not in one.record.names:
            continue
        lost = one.rows["matched_by"].eq("unmatched") & ~one.rows.index.isin(one.faults["at"].dropna())
        vague = lost & _text(one.rows, "place_precision").str.lower().isin(_COARSE)
        coarse += int(vague.sum())
        lost &= ~vague
        seen = lost & one.seen
        if not seat.reads(one.record.name, "district", "place_name") or not one.source.listable:
            seen &= False
        closed += int((lost & ~seen).sum())
        ids = _text(one.rows, "record_id")
        fit = seen & ids.ne("") & (not is_register(one.source))
        elsewhere += int((seen & ~fit).sum())
        names, days = _names(one.rows), pd.to_datetime(_text(one.rows, one.record.dated_by), errors="coerce")
        given = zip(names[fit], _text(one.rows, "admin1_given")[fit], ids[fit], days[fit], strict=True)
        for name, province, record_id, day in given:
            groups.setdefault((name, province), []).append(((one.source.slug, record_id), day))
    found = [
        LostPlace(
            name=name,
            province=province,
            rows=tuple(key for key, _ in rows),
            newest=_newest([day for _, day in rows]),
            suggestions=_suggested(gazetteer, name, province),
        )
        for (name, province), rows in groups.items()
    ]
    found.sort(key=lambda place: (-len(place.rows), place.name, place.province))
    return LostPlaces(tuple(found), coarse=coarse, closed=closed, elsewhere=elsewhere)


def place_in(seat: Seat, place: LostPlace, district: str, *, by: str, reason: str, at: datetime) -> Entered:
    """
    Store that all rows of a place lie in `district` (a p-code): a correction of each, pulled at once.

    It holds while a source says of the place what it says now. Raises ParameterError without author, reason
    or district, or as `correct`.
    """
    seat.require_deciding()
    signed, because = required(by, reason)
    if not district:
        raise ParameterError("Choose the district that these rows lie in. Nothing was stored.")
    made = [
        Correction(source=source, record_id=record_id, column="district", was="", to=district)
        for source, record_id in place.rows
    ]
    return correct(seat.office, seat.store, made, by=signed, reason=because, at=at)


def _names(rows: pd.DataFrame) -> pd.Series:
    """Return what each row calls its place: the district given, else the place, else its coordinates."""
    point = (_text(rows, "latitude") + ", " + _text(rows, "longitude")).str.strip(", ")
    place = _text(rows, "place_name")
    named = _text(rows, "district_given")
    return named.where(named.ne(""), place.where(place.ne(""), point))


def _suggested(gazetteer: Gazetteer, name: str, province: str) -> tuple[str, ...]:
    """Return the districts of names much like `name`, closest first; of the province given if any is."""
    near = gazetteer.suggestions(name) if name else ()
    frame = gazetteer.districts
    found: list[str] = []
    for one in near:
        found += frame.loc[frame["district_name"].str.casefold() == one.casefold(), "district"].tolist()
        found += gazetteer.locate(pd.DataFrame({"district_given": [one]}, dtype="str"))["district"].tolist()
    codes = [str(code) for code in dict.fromkeys(found) if not pd.isna(code)]
    of_it = frame.loc[frame["admin1_name"].str.casefold() == province.casefold(), "district"]
    return tuple([code for code in codes if code in set(of_it)] or codes)


def _newest(days: Sequence[pd.Timestamp]) -> date | None:
    known = [day for day in days if not pd.isna(day)]
    return max(known).date() if known else None


def _text(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows:
        return pd.Series("", index=rows.index, dtype="str")
    return rows[name].astype("str").fillna("").str.strip()
