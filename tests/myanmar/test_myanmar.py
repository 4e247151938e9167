"""All of Myanmar, 1989 to 2023, pulled through an office: what the store gives back is what pandas reads."""

import shutil
from datetime import UTC, datetime

import pandas as pd
import pytest

from tests.pull_office import SHARED, office_in
from workbench.pull import pull
from workbench.records import record_type
from workbench.store import Store

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data (../shared/data) is not here")

FILE = SHARED / "ucdp" / "ged_v24_1_myanmar.csv"
TOTALS = SHARED / "ucdp" / "organizedviolencecy_v25_1.csv"
AT = datetime(2026, 11, 16, 6, tzinfo=UTC)
LATER = datetime(2026, 11, 17, 6, tzinfo=UTC)
DEATHS = {"killed_best": "best", "killed_low": "low", "killed_high": "high"}

# The files are of GED 24.1, the totals of release 25.1, which revised its last years. These are all the
# country-years in which they differ, as release 25.1 minus 24.1; nothing here makes them agree.
REVISED_SINCE = {
    ("killed_high", 2019): 4,
    ("killed_best", 2020): 2, ("killed_low", 2020): 2, ("killed_high", 2020): 2,
    ("killed_best", 2021): 1, ("killed_low", 2021): 1, ("killed_high", 2021): 3,
    ("killed_high", 2022): 1,
    ("killed_best", 2023): -60,
}  # fmt: skip

SOURCE = """
[[source]]
slug = "log"
title = "UCDP GED 24.1"
record = "incident"
reader = "ucdp"
path = "ged_v24_1_myanmar.csv"
licence = "CC BY 4.0"
attribution = "Uppsala Conflict Data Program; Davies, Pettersson and Öberg 2024; Sundberg and Melander 2013"
level = "public"
"""


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    """Pull the file twice into an office whose district outlines lie elsewhere; return reports and store."""
    folder = tmp_path_factory.mktemp("myanmar")
    shutil.copy(FILE, folder)
    office = office_in(folder, SOURCE)
    store = Store(folder / "store", lock_folder=folder / "locks")
    reports = [pull(office, store, office.source[0], at=at) for at in (AT, LATER)]
    return reports, store


@pytest.fixture(scope="module")
def stored(pulled):
    """Read every incident back from the store."""
    return pulled[1].read(record_type("incident"), as_of=LATER)


@pytest.fixture(scope="module")
def plain():
    """Read the publisher's file with pandas alone."""
    return pd.read_csv(FILE)


def test_every_row_is_accepted_once(pulled):
    """7,374 rows are new the first time and unchanged the second; none is rejected or withdrawn."""
    counts = ("read", "new", "changed", "withdrawn", "unchanged", "rejected")
    first, second = pulled[0]
    assert [getattr(first, name) for name in counts] == [7374, 7374, 0, 0, 0, 0]
    assert [getattr(second, name) for name in counts] == [7374, 0, 0, 0, 7374, 0]
    assert first.unmatched == 7374  # no district of the invented office lies in Myanmar


def test_rows_and_deaths_of_each_year(stored, plain):
    """Row counts and best, low and high deaths of all 35 years equal what pandas gives on the CSV."""
    year = stored["occurred_on"].dt.year
    expected = plain.groupby("year")[list(DEATHS.values())].sum()
    found = stored.groupby(year)[list(DEATHS)].sum()
    assert found.rename(columns=DEATHS).astype("int64").to_dict() == expected.to_dict()
    assert stored.groupby(year).size().to_dict() == plain.groupby("year").size().to_dict()
    assert len(expected) == 35


def test_the_whole_country_and_time(stored, plain):
    """28,721 deaths (best) in 7,374 rows, each under the publisher's own id and day."""
    assert stored["killed_best"].sum() == plain["best"].sum() == 28_721
    days = dict(zip(plain["id"].astype(str), plain["date_start"].str[:10], strict=True))
    assert dict(zip(stored["record_id"], stored["occurred_on"].dt.strftime("%Y-%m-%d"), strict=True)) == days


def test_contradictory_ranges_are_flagged(stored, plain):
    """The rows whose best lies outside low and high are kept as they are and carry a flag."""
    wrong = plain[(plain["high"] < plain["best"]) | (plain["low"] > plain["best"])]
    flagged = stored[stored["flags"].fillna("").str.contains("deaths_range")]
    assert len(wrong) == 10
    assert set(flagged["record_id"]) == set(wrong["id"].astype(str))


@pytest.mark.parametrize("name", DEATHS)
def test_official_totals_where_the_releases_agree(stored, name):
    """Country-years equal the official totals of release 25.1, but for those that it revised since 24.1."""
    totals = pd.read_csv(TOTALS)
    totals = totals[totals["country_cy"] == "Myanmar (Burma)"].set_index("year_cy")
    official = totals[f"cumulative_total_deaths_in_orgvio_{DEATHS[name]}_cy"]
    ours = stored.groupby(stored["occurred_on"].dt.year)[name].sum()
    differ = {(name, year): int(official[year] - ours[year]) for year in ours.index}
    assert len(differ) == 35
    assert {key: by for key, by in differ.items() if by} == {
        key: by for key, by in REVISED_SINCE.items() if key[0] == name
    }
