"""Real files beside the repository, read and compared with what plain pandas finds in them."""

import time

import pandas as pd
import pytest

from .readers_office import SHARED, deliver

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data (../shared/data) is not here")

UCDP = {
    "ged_candidate_v26_01_26_06_mozambique.csv": (43, 146, "UCDP Candidate"),
    "ged_candidate_v26_0_7_mozambique.csv": (7, 60, "UCDP Candidate"),
    "ged_candidate_v26_01_26_06_libya.csv": (9, 25, "UCDP Candidate"),
    "ged_v24_1_myanmar.csv": (7374, 28721, "UCDP GED"),
    "hdx_conflict_data_BGD.csv": (601, 1362, "UCDP GED"),
}


def read(folder, reader, path, more=""):
    """Read a copy of one real file."""
    (folder / path.name).write_bytes(path.read_bytes())
    return deliver(folder, f'record = "incident"\nreader = "{reader}"\npath = "{path.name}"\n{more}')


@pytest.mark.parametrize("name", UCDP)
def test_ucdp(tmp_path, name):
    """Every UCDP file gives its rows, its deaths per year and its ids as pandas reads them."""
    count, deaths, definition = UCDP[name]
    plain = pd.read_csv(SHARED / "ucdp" / name, dtype="str", keep_default_na=False)
    plain = plain[plain["id"] != ""]
    got = read(tmp_path, "ucdp", SHARED / "ucdp" / name)
    rows = got.rows
    assert (got.read, len(rows), len(got.rejected)) == (count, count, 0)
    assert rows["killed_best"].astype(int).sum() == deaths
    assert rows["record_id"].tolist() == plain["id"].tolist()
    assert set(rows["source_definition"]) == {definition}
    for ours, theirs in (("killed_best", "best"), ("killed_low", "low"), ("killed_high", "high")):
        expected = plain[theirs].astype(int).groupby(plain["date_start"].str[:4]).sum()
        found = rows[ours].astype(int).groupby(rows["occurred_on"].str[:4]).sum()
        assert found.to_dict() == expected.to_dict()
    assert not rows["headline"].str.contains("\n").any()


def test_ucdp_quirks(tmp_path):
    """The July release: high below best is kept, and the event of 33 days belongs to no week."""
    rows = read(tmp_path, "ucdp", SHARED / "ucdp" / "ged_candidate_v26_0_7_mozambique.csv").rows
    event = rows.set_index("record_id").loc["637028"]
    assert event[["killed_best", "killed_high", "date_precision", "occurred_on", "occurred_to"]].tolist() == [
        "27",
        "22",
        "longer",
        "2026-06-22",
        "2026-07-24",
    ]


def test_myanmar_is_quick(tmp_path):
    """7,374 rows are read in well under the two seconds a person notices."""
    start = time.perf_counter()
    read(tmp_path, "ucdp", SHARED / "ucdp" / "ged_v24_1_myanmar.csv")
    assert time.perf_counter() - start < 3


def test_awsd(tmp_path):
    """The whole database is read; its one repeated id is rejected, totals are the publisher's."""
    path = SHARED / "incidents" / "awsd_incidents_2026.csv"
    plain = pd.read_csv(path, dtype="str", keep_default_na=False).iloc[1:]
    unique = plain.drop_duplicates("Incident ID")
    got = read(tmp_path, "awsd", path)
    assert (got.read, len(got.rows), len(got.rejected)) == (4954, 4953, 1)
    for ours, theirs in (("killed_best", "Total killed"), ("injured_best", "Total wounded")):
        assert got.rows[ours].astype(int).sum() == unique[theirs].astype(int).sum()
    precision = got.rows["date_precision"].value_counts().to_dict()
    assert precision["longer"] == (unique["Month"] == "").sum()
    assert (
        len(read(tmp_path, "awsd", path, 'country = "Mozambique"').rows)
        == (plain["Country"] == "Mozambique").sum()
    )
