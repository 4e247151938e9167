"""Coordinates and names as sources give them are matched to districts, and never guessed."""

import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pull_office import OFFICE, SHARED, features, office_in
from workbench import sources
from workbench.config import load
from workbench.errors import ConfigurationError
from workbench.sources.places import Gazetteer, districts

CLOSE, FAR = 0.015, 0.03  # degrees outside an outline: about 1.7 and 3.3 km


_READ = ("latitude", "longitude", "place_precision", "admin1_given", "district_given", "place_name",
         "district", "flags", "occurred_on")  # fmt: skip


@cache
def _gazetteer():
    with TemporaryDirectory() as folder:
        return Gazetteer.load(office_in(Path(folder)))


@pytest.fixture
def gazetteer():
    """Read the places of the invented office once."""
    return _gazetteer()


def _located(gazetteer, **row):
    frame = pd.DataFrame([{name: str(value) for name, value in row.items()}]).astype("str")
    found = gazetteer.locate(frame).iloc[0]
    return tuple(None if pd.isna(found[c]) else found[c] for c in ("district", "matched_by", "flags"))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # coordinates
        ({"longitude": 30.5, "latitude": -9.5}, ("XA0101", "coordinates", None)),
        ({"longitude": " 30.5 ", "latitude": "-9.5"}, ("XA0101", "coordinates", None)),
        ({"longitude": 30 - CLOSE, "latitude": -9.5}, ("XA0101", "coordinates", None)),
        ({"longitude": 30 - FAR, "latitude": -9.5}, (None, "unmatched", None)),
        ({"longitude": 31, "latitude": -9.5}, ("XA0101", "coordinates", None)),
        ({"longitude": 31, "latitude": -9.5, "district_given": "Kuro"}, ("XA0102", "coordinates", None)),
        ({"longitude": "x", "latitude": -9.5}, (None, "unmatched", None)),
        ({"longitude": 30.5, "latitude": 95}, (None, "unmatched", None)),
        ({"longitude": 30.5}, (None, "unmatched", None)),
        # near an outline, but the source names a province that is not its
        (
            {"longitude": 30 - CLOSE, "latitude": -9.5, "admin1_given": "Kestara province"},
            ("XA0101", "coordinates", None),
        ),
        ({"longitude": 30 - CLOSE, "latitude": -9.5, "admin1_given": "Velda"}, (None, "unmatched", None)),
        ({"longitude": 30 - CLOSE, "latitude": -9.5, "admin1_given": "Elsewhere"}, (None, "unmatched", None)),
        # names
        ({"district_given": "Órvane"}, ("XA0101", "name", None)),
        ({"district_given": "ORVANE District"}, ("XA0101", "name", None)),
        ({"district_given": "Distrito de Orvane"}, ("XA0101", "name", None)),
        ({"district_given": "El-Kuro"}, ("XA0102", "name", None)),
        ({"district_given": "Kuro"}, ("XA0102", "name", None)),
        ({"district_given": "Orvan"}, (None, "unmatched", None)),
        ({"district_given": "Orvane city"}, (None, "unmatched", None)),
        ({"district_given": "Kestara province"}, (None, "unmatched", None)),
        # one name, two districts: the province decides, or nobody
        ({"district_given": "Nareth"}, (None, "unmatched", None)),
        ({"district_given": "Nareth", "admin1_given": "Velda"}, ("XB0201", "name", None)),
        ({"district_given": "Nareth", "admin1_given": "Provincia de Kestara"}, ("XA0103", "name", None)),
        ({"district_given": "Nareth", "admin1_given": "Kestara North"}, ("XA0103", "name", None)),
        ({"district_given": "Orvane", "admin1_given": "Velda"}, (None, "unmatched", None)),
        ({"district_given": "Orvane", "admin1_given": "Elsewhere"}, (None, "unmatched", None)),
        # the office's districts are what the publisher calls its provinces
        ({"admin1_given": "Orvane district"}, ("XA0101", "name", None)),
        # aliases, within their dates
        ({"district_given": "Orvane town"}, ("XA0101", "name", None)),
        ({"district_given": "Old Kuro", "occurred_on": "2013-05-31"}, ("XA0102", "name", None)),
        ({"district_given": "Old Kuro", "occurred_on": "2013-06-01"}, (None, "unmatched", None)),
        ({"district_given": "Old Kuro"}, (None, "unmatched", None)),
        # codes
        ({"district": "XA0101", "district_given": "Orvane"}, ("XA0101", "code_and_name", None)),
        ({"district": "XA0101", "district_given": "Kuro"}, (None, "unmatched", "code_name_disagree")),
        ({"district": "XA0101", "district_given": "Lichinga"}, (None, "unmatched", "code_name_disagree")),
        ({"district": "XA0101"}, (None, "unmatched", "code_without_name")),
        (
            {"district": "XA0101", "longitude": 30.5, "latitude": -9.5},
            ("XA0101", "coordinates", None),
        ),
        (
            {"district": "XA0102", "longitude": 30.5, "latitude": -9.5},
            ("XA0101", "coordinates", "code_without_name"),
        ),
        # coordinates and name differ
        (
            {"longitude": 30.5, "latitude": -9.5, "district_given": "Kuro", "place_precision": "place"},
            ("XA0101", "coordinates", "place_disagrees"),
        ),
        (
            {"longitude": 30.5, "latitude": -9.5, "district_given": "Kuro", "place_precision": "near_place"},
            ("XA0101", "coordinates", "place_disagrees"),
        ),
        (
            {"longitude": 30.5, "latitude": -9.5, "district_given": "Kuro", "place_precision": "district"},
            ("XA0102", "name", "place_disagrees"),
        ),
        (
            {"longitude": 30.5, "latitude": -9.5, "place_precision": "district"},
            ("XA0101", "coordinates", None),
        ),
        (
            {"longitude": 30.5, "latitude": -9.5, "admin1_given": "Velda", "flags": "seen"},
            ("XA0101", "coordinates", "seen;place_disagrees"),
        ),
        # centroids of provinces and countries
        ({"longitude": 30.5, "latitude": -9.5, "place_precision": "province"}, (None, "unmatched", None)),
        ({"longitude": 30.5, "latitude": -9.5, "place_precision": "Country"}, (None, "unmatched", None)),
        # place_name is a district's name only where it says so
        ({"place_name": "Orvane", "place_precision": "district"}, ("XA0101", "name", None)),
        ({"place_name": "Orvane", "place_precision": "place"}, (None, "unmatched", None)),
        # no place given at all
        ({"occurred_on": "2026-11-09"}, (None, None, None)),
    ],
)
def test_located(gazetteer, row, expected):
    """Each rule of matching: district, how it was found, and what was noticed."""
    assert _located(gazetteer, **row) == expected


@pytest.mark.parametrize(
    ("row", "admin1"),
    [
        ({"district_given": "Orvane"}, "XA01"),
        ({"admin1_given": "Velda"}, "XB02"),
        ({"admin1_given": "Velda", "place_precision": "province"}, "XB02"),
        ({"longitude": 31.5, "latitude": -10.5, "place_precision": "province"}, "XB02"),
        ({"longitude": 31.5, "latitude": -10.5, "place_precision": "country"}, None),
        ({"admin1_given": "XA01"}, None),
    ],
)
def test_the_province_is_kept_where_the_district_is_not_known(gazetteer, row, admin1):
    """A row without a district still belongs to a province if the source says which; codes do not count."""
    found = gazetteer.locate(pd.DataFrame([row]).astype("str")).iloc[0]["admin1"]
    assert (None if pd.isna(found) else found) == admin1


def test_rows_keep_their_order_and_columns(gazetteer):
    """Locating adds to rows and takes nothing away, whatever their index; no rows are fine too."""
    rows = pd.DataFrame(
        {"district_given": ["Kuro", None, "Orvane"], "extra": ["a", "b", "c"]}, index=[7, 7, 2]
    )
    found = gazetteer.locate(rows.astype("str"))
    assert found.index.tolist() == [7, 7, 2]
    assert found["extra"].tolist() == ["a", "b", "c"]
    assert found["district"].fillna("-").tolist() == ["XA0102", "-", "XA0101"]
    assert gazetteer.locate(rows.head(0)).columns.tolist() == found.columns.tolist()


_WORDS = st.sampled_from(["Orvane", "district", "Al", "Kuro", "XA0101", "Velda", "30.5", "-9.5", "place"])
_CELL = st.none() | _WORDS | st.lists(_WORDS, max_size=3).map(" ".join) | st.text(max_size=6)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(*[_CELL] * len(_READ)), min_size=1, max_size=5))
def test_any_text_is_located_or_unmatched(rows):
    """Whatever stands in the cells: nothing raises, and a district is one of ours or missing."""
    frame = pd.DataFrame(rows, columns=_READ).astype("str")
    found = _gazetteer().locate(frame)
    assert len(found) == len(frame)
    assert set(found["district"].dropna()) <= {"XA0101", "XA0102", "XA0103", "XB0201"}
    assert (found["district"].notna() == ~found["matched_by"].fillna("unmatched").eq("unmatched")).all()


def test_suggestions_are_for_people(gazetteer):
    """A name much like a known one is suggested, though never matched."""
    assert gazetteer.suggestions("Orvan")[0] == "Órvane"
    assert "Órvane" in gazetteer.suggestions("Orvane city")
    assert gazetteer.suggestions("Quite another") == ()


def test_districts_are_a_frame_of_outlines(tmp_path):
    """The boundary file becomes one row per district, sorted by code, with shapely outlines."""
    frame = districts(office_in(tmp_path))
    assert frame.columns.tolist() == ["district", "district_name", "admin1", "admin1_name", "geometry"]
    assert frame["district"].tolist() == ["XA0101", "XA0102", "XA0103", "XB0201"]
    assert frame["geometry"][0].bounds == (30, -10, 31, -9)


BOWTIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
METRES = {"type": "Polygon", "coordinates": [[[500000, 0], [500001, 0], [500001, 1], [500000, 0]]]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: f[1]["properties"].pop("parent_name"), 'feature 2 has no property "parent_name"'),
        (lambda f: f[1]["properties"].update(name=" "), 'feature 2 has no property "name"'),
        (lambda f: f[1]["properties"].update(code="XA0101"), 'two districts have the code "XA0101"'),
        (lambda f: f[1]["properties"].update(parent_name="Q"), 'province "XA01"'),
        (lambda f: f[0].update(geometry=BOWTIE), r"\(Órvane\): its polygon is invalid: Self-intersection"),
        (lambda f: f[0].update(geometry=METRES), "not degrees"),
        (lambda f: f[0].update(geometry={"type": "Point", "coordinates": [0, 0]}), "Point, not a polygon"),
        (lambda f: f[0].update(geometry={"type": "Polygon", "coordinates": [[[0]]]}), "cannot be read"),
        (lambda f: f[0].update(properties=None), "feature 1 has no properties"),
        (lambda f: f.clear(), "holds no district"),
    ],
)
def test_a_faulty_boundary_file_is_refused_naming_what(tmp_path, change, told):
    """Wrong outlines would put incidents into wrong districts: each fault stops with file and property."""
    office = office_in(tmp_path)
    changed = features()
    change(changed)
    text = json.dumps({"type": "FeatureCollection", "features": changed})
    (tmp_path / "boundaries.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told) as caught:
        districts(office)
    assert "boundaries.geojson" in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "Topology"}', "\u0000"])
def test_a_file_that_is_not_geojson_is_refused(tmp_path, text):
    """A shapefile, TopoJSON or half a download is told apart from GeoJSON."""
    office = office_in(tmp_path)
    (tmp_path / "boundaries.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"boundaries\.geojson is not GeoJSON"):
        districts(office)


@pytest.mark.parametrize(
    ("aliases", "told"),
    [
        ("Name,code\nx,XA0101\n", r"aliases\.csv has no column name"),
        ("name,code\nx,XA9\n", r"aliases\.csv line 2"),
        ("name,code\n,XA0101\n", r"aliases\.csv line 2"),
        ("name,code,valid_from\nx,XA0101,2013\n", "valid_from is not a day"),
    ],
)
def test_a_faulty_alias_table_is_refused_naming_the_line(tmp_path, aliases, told):
    """An alias that points nowhere would silently leave places unmatched."""
    with pytest.raises(ConfigurationError, match=told):
        Gazetteer.load(office_in(tmp_path, aliases=aliases))


# --- real files -----------------------------------------------------------------------------------

real = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")

UCDP = """
[[source]]
slug = "log"
title = "UCDP"
record = "incident"
reader = "ucdp"
path = "{files}"
licence = "CC BY 4.0"
attribution = "UCDP"
level = "public"
"""


def _real(folder, boundaries, files, **properties):
    for file in (SHARED / "boundaries" / boundaries, *(SHARED / "ucdp").glob(files)):
        shutil.copy(file, folder)
    (folder / "aliases.csv").write_text("name,code\n", encoding="utf-8")
    text = OFFICE.format(boundaries=boundaries, **properties) + UCDP.format(files=files)
    (folder / "workbench.toml").write_text(text, encoding="utf-8")
    office = load(folder)
    rows = sources.read(office.source[0], office).rows
    return districts(office), Gazetteer.load(office).locate(rows)


def _mozambique(folder):
    return _real(
        folder, "moz_adm2_cabo_delgado.geojson", "ged_candidate*mozambique.csv",
        code="ADM2_PCODE", name="ADM2_PT", parent_code="ADM1_PCODE", parent_name="ADM1_PT",
    )  # fmt: skip


@real
def test_mozambique_rows_lie_where_shapely_says(tmp_path):
    """Every UCDP row matched by coordinates lies in that outline; names agree with where points are."""
    outlines, rows = _mozambique(tmp_path)
    shapes = outlines.set_index("district")["geometry"]
    by_point = rows[rows["matched_by"] == "coordinates"]
    assert len(by_point) == 42
    for row in by_point.itertuples():
        point = shapely.Point(float(row.longitude), float(row.latitude))
        assert [code for code, shape in shapes.items() if shape.intersects(point)] == [row.district]
    assert rows["flags"].isna().all()
    macomia = rows[rows["district_given"] == "Macomia district"]
    assert set(macomia["district"]) == {"MZ0106"}


@real
def test_mozambique_rows_of_other_provinces_stay_unmatched(tmp_path):
    """Rows outside the office's one province are in none of its districts, however exact."""
    _, rows = _mozambique(tmp_path)
    elsewhere = rows["admin1_given"] != "Cabo Delgado province"
    assert elsewhere.sum() == 5
    assert rows.loc[elsewhere, "district"].isna().all()
    assert rows.loc[~elsewhere, "district"].notna().all()
    assert set(rows.loc[~elsewhere, "admin1"]) == {"MZ01"}


@real
def test_libya_country_centroids_stay_unmatched(tmp_path):
    """Rows with where_prec 5 and 6 are in no district; exact ones are in their shabiya by coordinates."""
    _, rows = _real(
        tmp_path, "ne_10m_adm1_lby.geojson", "*libya.csv",
        code="iso_3166_2", name="name", parent_code="iso_a2", parent_name="admin",
    )  # fmt: skip
    by_precision = rows.groupby("place_precision")["district"].agg(lambda codes: sorted(codes.fillna("")))
    assert by_precision["country"] == ["", ""]
    assert by_precision["province"] == [""]
    exact = rows[rows["place_precision"].isin(["place", "near_place"])]
    zawiyah = exact[exact["admin1_given"] == "Zawiyah district"]
    assert set(zawiyah["district"]) == {"LY-ZA"}
    assert set(zawiyah["matched_by"]) == {"coordinates"}
