"""Places: coordinates and names as sources give them -> districts of the office's boundaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.config import Office
from workbench.sources._boundaries import read_aliases, read_districts
from workbench.sources._place_names import Meaning, Names

NEAR_KM = 2.0
"""How far outside every outline a place may lie and still belong to the nearest: outlines are simplified."""

_KM_PER_DEGREE = 111.195  # of latitude, on a sphere of 6,371 km
_COARSE = ("province", "country")


def districts(office: Office) -> pd.DataFrame:
    """
    Return the office's districts, one row each, sorted by code.

    Columns `district` (p-code), `district_name`, `admin1`, `admin1_name` and `geometry` (shapely Polygon or
    MultiPolygon, WGS 84 degrees). Raises ConfigurationError, naming the file and what is at fault, if it
    is not GeoJSON, a feature lacks a property that [geography] names, an outline is invalid or not in
    degrees, or two districts share a code.
    """
    return read_districts(office)


@dataclass(frozen=True)
class Gazetteer:
    """
    The office's districts, and the names they and their provinces go by.

    `districts` as from `districts(office)`, plus what looking up points and names needs.
    """

    districts: pd.DataFrame
    _tree: Any
    _flat: Any
    _scale: float
    _names: Names
    _admin1_names: Names
    _within: dict[str, frozenset[str]]

    @classmethod
    def load(cls, office: Office) -> Gazetteer:
        """
        Read the office's boundaries and alias table.

        The alias table is CSV with the columns name, code, and optionally valid_from, valid_to (days,
        inclusive; blank: no limit) and note. A code is a district's or a province's. Raises
        ConfigurationError as `districts` does, and for a table that cannot be understood.
        """
        import shapely

        frame = districts(office)
        names, admin1_names = Names("district"), Names("admin1")
        for code, name in zip(frame["district"], frame["district_name"], strict=True):
            names.add(name, Meaning(code))
        provinces = frame.drop_duplicates(["admin1", "admin1_name"])
        for code, name in zip(provinces["admin1"], provinces["admin1_name"], strict=True):
            admin1_names.add(name, Meaning(code))
        for name, meaning in read_aliases(office, known={*frame["district"], *frame["admin1"]}):
            (names if meaning.code in set(frame["district"]) else admin1_names).add(name, meaning)
        outlines = frame["geometry"].to_numpy()
        _, south, _, north = shapely.total_bounds(outlines)
        scale = float(np.cos(np.radians((south + north) / 2)))
        return cls(
            districts=frame,
            _tree=shapely.STRtree(outlines),
            _flat=shapely.STRtree(shapely.transform(outlines, lambda points: _kilometres(points, scale))),
            _scale=scale,
            _names=names,
            _admin1_names=admin1_names,
            _within={
                str(code): frozenset(group["district"]) for code, group in frame.groupby("admin1", sort=False)
            },
        )

    def locate(self, rows: pd.DataFrame, *, dated_by: str = "occurred_on") -> pd.DataFrame:
        """
        Return `rows` with the district of each: `admin1`, `district`, `district_name`, `matched_by`, `flags`.

        Takes text or missing values; reads, where present, `latitude`, `longitude`, `place_precision`,
        `admin1_given`, `district_given`, `place_name` (the district's name where place_precision is
        district), `district` (a code the source gives), `flags`, and `dated_by`, the day an alias must be
        valid on. All other columns stay.

        * Coordinates: the outline they lie in; outside all, the nearest within about NEAR_KM (coasts are
          simplified), unless the source names a province that is not that outline's. On a shared border the
          district the source names, else the lower code.
        * A name: equal, but for spelling (`_place_names.key`), to a boundary name or to an alias valid on
          that day, within the province the source names. Nothing is guessed from a similar name.
        * A code: only with a name that stands for that same code. Code sets of different publishers use the
          same digits for different places, so a code alone (`code_without_name`) or one whose name
          contradicts it (`code_name_disagree`) matches nothing and is flagged.
        * Coordinates win where the place is known to be exact or near (or nothing is said); the name wins
          where place_precision is district, as such points are only centroids. If they differ, or if the
          source names another province, the row is flagged `place_disagrees`.
        * place_precision province or country never gives a district: its points are centroids. `admin1` is
          then the province named, or the one a province's point lies in.

        `matched_by` is coordinates, code_and_name, name, unmatched, or missing where no place was given.
        """
        given = _Given.of(rows, dated_by)
        named, admin1, shifted = self._by_name(given)
        points = self._by_point(given, named, admin1, any_province=given.admin1.isna() | shifted)

        contradicts = given.code.notna() & given.name.notna() & (named != given.code)
        alone = given.code.notna() & given.name.isna() & (points != given.code)
        words = named.mask(contradicts | alone)

        coarse = given.precision.isin(_COARSE)
        by_name_first = given.precision == "district"
        use_point = points.notna() & ~coarse & ~(by_name_first & (words.notna() | contradicts))
        district = points.where(use_point, words.mask(coarse))
        place = self.districts.set_index("district")

        known = district.map(place["admin1"]).astype("str")
        inside = points.map(place["admin1"]).astype("str").where(given.precision == "province")
        admin1_known = known.where(known.notna(), admin1.where(admin1.notna(), inside))
        how = given.code.notna().map({True: "code_and_name", False: "name"}).astype("str")
        how = how.mask(use_point, "coordinates").mask(district.isna(), "unmatched")

        differs = words.notna() & points.notna() & (words != points) & ~coarse
        elsewhere = given.admin1.notna() & ~shifted & use_point & (admin1 != known)
        flags = _with_flag(given.flags, differs | elsewhere, "place_disagrees")
        flags = _with_flag(flags, contradicts, "code_name_disagree")
        flags = _with_flag(flags, alone, "code_without_name")
        return rows.assign(
            admin1=admin1_known.array,
            district=district.array,
            district_name=district.map(place["district_name"]).astype("str").array,
            matched_by=how.mask(~given.anything).array,
            flags=flags.array,
        )

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Return known names much like `name`, closest first, for a person to choose from; often none."""
        return self._names.close_to(name)

    def _by_name(self, given: _Given) -> tuple[pd.Series, pd.Series, pd.Series]:
        """
        Return the district and the province that the names of each row stand for, missing if unknown.

        Third: True where the name given for the province is that of one of our districts, because the
        office's boundaries are the publisher's provinces.
        """
        asked = pd.DataFrame({"name": given.name, "admin1": given.admin1, "day": given.day})
        if not (self._names.dated or self._admin1_names.dated):
            asked["day"] = pd.NaT
        unique = asked.drop_duplicates()
        found = [self._meaning(*one) for one in unique.itertuples(index=False, name=None)]
        unique = unique.assign(
            district=pd.array([one[0] for one in found], dtype="str"),
            province=pd.array([one[1] for one in found], dtype="str"),
            shifted=[one[2] for one in found],
        )
        answers = asked.merge(unique, how="left", on=["name", "admin1", "day"])
        return answers["district"], answers["province"], answers["shifted"].astype(bool)

    def _meaning(self, name: Any, admin1: Any, at: Any) -> tuple[str | None, str | None, bool]:
        day = None if pd.isna(at) else at.date()
        if pd.isna(admin1):
            return (None if pd.isna(name) else self._names.find(name, day=day)), None, False
        province = self._admin1_names.find(admin1, day=day)
        if pd.isna(name):
            district = None if province else self._names.find(admin1, day=day)
            return district, province, district is not None
        # In a province we do not know, no district of ours can be meant.
        among = self._within.get(province, frozenset()) if province else frozenset()
        return self._names.find(name, day=day, among=among), province, False

    def _by_point(
        self, given: _Given, named: pd.Series, admin1: pd.Series, *, any_province: pd.Series
    ) -> pd.Series:
        """Return the district that each row's coordinates lie in, or nearest to, missing if none."""
        import shapely

        at = np.flatnonzero(given.point.to_numpy(dtype=bool))
        points = shapely.points(given.longitude.to_numpy()[at], given.latitude.to_numpy()[at])
        inside = self._candidates(at, *self._tree.query(points, predicate="intersects"), distance=0.0)
        outside = np.setdiff1d(at, inside["row"].to_numpy())
        near = self._nearby(given, outside)
        rows = near["row"].to_numpy(dtype=int)
        theirs = near["code"].map(self.districts.set_index("district")["admin1"]).to_numpy(dtype=object)
        near = near[any_province.to_numpy()[rows] | (admin1.to_numpy(dtype=object)[rows] == theirs)]
        return self._choose(pd.concat([inside, near], ignore_index=True), named)

    def _candidates(self, at: Any, point: Any, outline: Any, *, distance: Any) -> pd.DataFrame:
        codes = self.districts["district"].iloc[outline].array
        return pd.DataFrame({"row": at[point], "code": codes, "distance": distance})

    def _nearby(self, given: _Given, at: Any) -> pd.DataFrame:
        import shapely

        degrees = np.column_stack([given.longitude.to_numpy()[at], given.latitude.to_numpy()[at]])
        points = shapely.points(_kilometres(degrees, self._scale))
        point, outline = self._flat.query(points, predicate="dwithin", distance=NEAR_KM)
        distance = shapely.distance(points[point], self._flat.geometries[outline])
        return self._candidates(at, point, outline, distance=distance)

    def _choose(self, candidates: pd.DataFrame, named: pd.Series) -> pd.Series:
        asked = named.to_numpy(dtype=object)[candidates["row"].to_numpy(dtype=int)]
        ordered = candidates.assign(other=candidates["code"].to_numpy(dtype=object) != asked)
        ordered = ordered.sort_values(["row", "distance", "other", "code"]).drop_duplicates("row")
        chosen = pd.Series(np.nan, index=range(len(named)), dtype="str")
        chosen.iloc[ordered["row"].to_numpy(dtype=int)] = ordered["code"].array
        return chosen


@dataclass(frozen=True)
class _Given:
    """What a source says about the place of each row, read and trimmed; index 0..n-1."""

    latitude: pd.Series
    longitude: pd.Series
    point: pd.Series
    precision: pd.Series
    name: pd.Series
    admin1: pd.Series
    code: pd.Series
    day: pd.Series
    flags: pd.Series
    anything: pd.Series

    @classmethod
    def of(cls, rows: pd.DataFrame, dated_by: str) -> _Given:
        def text(column: str) -> pd.Series:
            if column not in rows:
                return pd.Series(np.nan, index=range(len(rows)), dtype="str")
            stripped = rows[column].reset_index(drop=True).astype("str").str.strip()
            return stripped.mask(stripped == "")

        texts = {name: text(name) for name in ("latitude", "longitude", "district", "admin1_given")}
        latitude = pd.to_numeric(texts["latitude"], errors="coerce").astype("float64")
        longitude = pd.to_numeric(texts["longitude"], errors="coerce").astype("float64")
        precision = text("place_precision").str.lower()
        district_given, place_name = text("district_given"), text("place_name")
        name = district_given.where(district_given.notna(), place_name.where(precision == "district"))
        given = (*texts.values(), district_given, place_name)
        day = pd.to_datetime(text(dated_by).str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
        return cls(
            latitude=latitude,
            longitude=longitude,
            point=latitude.between(-90, 90) & longitude.between(-180, 180),
            precision=precision,
            name=name,
            admin1=texts["admin1_given"],
            code=texts["district"],
            day=day,
            flags=text("flags"),
            anything=pd.concat([one.notna() for one in given], axis=1).any(axis=1),
        )


def _kilometres(degrees: Any, scale: float) -> Any:
    """Return longitude and latitude as kilometres on a plane that is true at the office's middle latitude."""
    return degrees * np.array([_KM_PER_DEGREE * scale, _KM_PER_DEGREE])


def _with_flag(flags: pd.Series, where: pd.Series, flag: str) -> pd.Series:
    added = (flags + ";" + flag).where(flags.notna(), flag)
    return added.where(where.to_numpy(dtype=bool), flags)
