"""Other publishers' whole files, each pulled through an office of its own."""

import shutil
from datetime import UTC, datetime

import pandas as pd
import pytest

from tests.pull_office import OFFICE, SHARED, office_in
from workbench.config import load
from workbench.pull import pull
from workbench.records import record_type
from workbench.store import Store

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data (../shared/data) is not here")

AT = datetime(2026, 11, 16, 6, tzinfo=UTC)

SOURCE = """
[[source]]
slug = "log"
title = "A publisher's file"
record = "incident"
reader = "{reader}"
path = "{path}"
licence = "CC BY 4.0"
attribution = "The publisher"
level = "public"
{more}
"""


def _pulled(folder, office):
    store = Store(folder / "store", lock_folder=folder / "locks")
    report = pull(office, store, office.source[0], at=AT)
    return report, {name: store.read(record_type(name), as_of=AT) for name in ("incident", "rejected_row")}


def _elsewhere(folder, file, reader, more=""):
    """Pull a file into the invented office, whose districts are nowhere."""
    shutil.copy(file, folder)
    return _pulled(folder, office_in(folder, SOURCE.format(reader=reader, path=file.name, more=more)))


def test_libya(tmp_path):
    """9 rows, 25 dead; rows on the country's centroid or wider than a district are in none."""
    boundaries = SHARED / "boundaries" / "ne_10m_adm1_lby.geojson"
    file = SHARED / "ucdp" / "ged_candidate_v26_01_26_06_libya.csv"
    for one in (boundaries, file):
        shutil.copy(one, tmp_path)
    (tmp_path / "aliases.csv").write_text("name,code\n", encoding="utf-8")
    properties = {"code": "iso_3166_2", "name": "name", "parent_code": "iso_a2", "parent_name": "admin"}
    text = OFFICE.format(boundaries=boundaries.name, **properties)
    source = SOURCE.format(reader="ucdp", path=file.name, more="")
    (tmp_path / "workbench.toml").write_text(text + source, encoding="utf-8")
    report, tables = _pulled(tmp_path, load(tmp_path))
    rows, plain = tables["incident"].set_index("record_id"), pd.read_csv(file, dtype={"id": str})
    assert (report.read, report.new, report.rejected) == (9, 9, 0)
    assert rows["killed_best"].sum() == plain["best"].sum() == 25
    coarse = plain.loc[plain["where_prec"] >= 4, "id"]
    assert rows.loc[coarse, "district"].isna().all()
    assert report.unmatched == rows["district"].isna().sum()
    zawiyah = plain.loc[(plain["where_prec"] <= 2) & (plain["adm_1"] == "Zawiyah district"), "id"]
    assert len(zawiyah)
    assert set(rows.loc[zawiyah, "district"]) == {"LY-ZA"}


def test_the_copy_that_hdx_serves(tmp_path):
    """The line of HXL tags is no row: 601 rows of Bangladesh with the deaths pandas finds below it."""
    file = SHARED / "ucdp" / "hdx_conflict_data_BGD.csv"
    report, tables = _elsewhere(tmp_path, file, "ucdp")
    rows, plain = tables["incident"], pd.read_csv(file, skiprows=[1])
    assert (report.read, report.new, report.rejected) == (601, 601, 0)
    for ours, theirs in (("killed_best", "best"), ("killed_low", "low"), ("killed_high", "high")):
        found = rows.groupby(rows["occurred_on"].dt.year)[ours].sum()
        assert found.astype("int64").to_dict() == plain.groupby("year")[theirs].sum().to_dict()


def test_the_aid_worker_security_database(tmp_path):
    """4,954 rows: the id that stands twice is told as a rejected row, all others are kept."""
    file = SHARED / "incidents" / "awsd_incidents_2026.csv"
    report, tables = _elsewhere(tmp_path, file, "awsd")
    rows, rejected = tables["incident"], tables["rejected_row"]
    plain = pd.read_csv(file, skiprows=[1], dtype={"Incident ID": str}).drop_duplicates("Incident ID")
    assert (report.read, report.new, report.rejected) == (4954, 4953, 1)
    assert rejected[["column", "value", "reason"]].to_numpy().tolist() == [
        ["record_id", "4664", "record_id already on row 3917"]
    ]
    for ours, theirs in (("killed_best", "Total killed"), ("injured_best", "Total wounded")):
        found = rows.groupby(rows["occurred_on"].dt.year)[ours].sum()
        assert found.astype("int64").to_dict() == plain.groupby("Year")[theirs].sum().to_dict()
    assert rows["aid_affected"].all()


def test_one_country_of_the_aid_worker_security_database(tmp_path):
    """With a country set, the source holds that country's rows only; the others are not even read."""
    file = SHARED / "incidents" / "awsd_incidents_2026.csv"
    report, tables = _elsewhere(tmp_path, file, "awsd", 'country = "Mozambique"')
    plain = pd.read_csv(file, skiprows=[1], dtype={"Incident ID": str})
    assert (report.read, report.new, report.rejected) == (20, 20, 0)
    assert set(tables["incident"]["record_id"]) == set(
        plain.loc[plain["Country"] == "Mozambique", "Incident ID"]
    )
