"""The sample office: the same bytes each time, a configuration that loads, and texts that are true."""

import csv
import json
import re
import tomllib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
import shapely

from workbench import sample
from workbench.config import Office, Week, load
from workbench.config.tradecraft import likelihood_words
from workbench.errors import ParameterError
from workbench.pull import PullReport, pull_all
from workbench.records import record_type
from workbench.sample import _geography, _liaison
from workbench.store import Store

P_CODES = Path(__file__).parents[3] / "shared" / "data" / "boundaries" / "global_pcodes_adm_1_2.csv"
FETCHED = {1: datetime(2026, 11, 9, 5, tzinfo=UTC), 2: datetime(2026, 11, 16, 5, tzinfo=UTC)}
LAST_WEEK = Week.parse("2026-W46", starts="monday")


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files under a folder by their relative path."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def made(folder: Path, *, number: int) -> Path:
    """Make the sample office with its first `number` deliveries."""
    sample.make(folder)
    for one in range(1, number + 1):
        sample.deliver(folder, one)
    return folder


def meridian(folder: Path) -> list[dict[str, str]]:
    """Return the rows of Meridian's file."""
    with (folder / "data/meridian/incidents.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def counted(folder: Path, *, district: str, week: Week) -> list[dict[str, str]]:
    """Return the sound rows of a district whose day is known and lies in `week`."""
    rows = [row for row in meridian(folder) if row["event_id"] and row["kind"] != "Sighting"]
    return [
        row
        for row in rows
        if row["district"] == district
        and row["day_certainty"] != "month"
        and row["check"] != "dropped"
        and int(row["dead_best"]) >= 0
        and week.first_day.isoformat() <= row["day"] <= week.last_day.isoformat()
    ]


def front_matter(folder: Path, week: str) -> dict:
    """Return the front matter of a week's assessment."""
    text = (folder / f"assessments/kestara-{week}.md").read_text(encoding="utf-8")
    return tomllib.loads(text.split("+++")[1])


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample office as of delivery 1."""
    return made(tmp_path_factory.mktemp("first"), number=1)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample office as of delivery 2."""
    return made(tmp_path_factory.mktemp("second"), number=2)


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Store, list[list[PullReport]]]:
    """The sample office pulled after each delivery: office, store, and the reports of each pull."""
    folder = tmp_path_factory.mktemp("pulled")
    sample.make(folder)
    office = load(folder)
    store = Store(str(folder / "store"), lock_folder=folder / "locks")
    reports = []
    for number, at in enumerate(sample.DELIVERIES, start=1):
        sample.deliver(folder, number)
        done, failed = pull_all(office, store, None, at=at)
        assert not failed
        reports.append(done)
    return office, store, reports


class TestFiles:
    """What lies in the folder."""

    def test_two_makes_are_the_same_bytes(self, second: Path, tmp_path: Path):
        """The sample office is the same bytes each time, workbooks included."""
        assert files_of(made(tmp_path, number=2)) == files_of(second)

    def test_delivery_2_does_not_depend_on_delivery_1(self, second: Path, tmp_path: Path):
        """Delivering 2 alone leaves the same files as delivering 1 and then 2."""
        sample.make(tmp_path)
        sample.deliver(tmp_path, 2)
        assert files_of(tmp_path) == files_of(second)

    def test_it_is_small(self, second: Path):
        """The sample office's files are less than 2 MB together."""
        assert sum(len(content) for content in files_of(second).values()) < 2_000_000

    def test_nothing_was_published_after_the_files_were_fetched(self, first: Path, second: Path):
        """No row of a delivery says that it was published after that delivery was fetched."""
        for number, folder in ((1, first), (2, second)):
            latest = max(row["first_published"] for row in meridian(folder))
            assert latest <= f"{FETCHED[number]:%Y-%m-%dT%H:%M:%SZ}"

    def test_unknown_delivery(self, tmp_path: Path):
        """There is no delivery 3, and the message says which there are."""
        with pytest.raises(ParameterError, match="deliveries 1 and 2"):
            sample.deliver(tmp_path, 3)

    def test_there_are_two_years_of_incidents(self, second: Path):
        """Meridian's days run from 2024-11-11 to 2026-11-15, with 4 to 9 in most weeks."""
        days = sorted(row["day"] for row in meridian(second))
        assert days[0] >= "2024-11-11"
        assert days[-1] == "2026-11-15"
        weeks = Counter(
            Week.holding(date.fromisoformat(day), starts="monday") for day in days if day != "2026-02-30"
        )
        assert 104 <= len(weeks) <= 105
        assert sum(4 <= count <= 9 for count in weeks.values()) > 0.6 * len(weeks)


class TestOffice:
    """The configuration, and what it says of itself."""

    def test_configuration_loads(self, second: Path):
        """The sample's configuration is valid, fictional, and its last complete week is 2026-W46."""
        office = load(second)
        assert office.fictional
        assert office.last_complete_week() == LAST_WEEK
        assert [audience.slug for audience in office.audience] == ["leadership", "internal", "partners"]
        assert set(office.area_called("kestara").districts) == {d.code for d in _geography.DISTRICTS}

    def test_everything_is_said_to_be_fictional(self, second: Path):
        """Each source's attribution and licence say that they are invented, and so does every page."""
        office = load(second)
        assert office.fictional
        for source in office.source:
            assert "fictional" in source.attribution.lower()
            assert "fictional" in source.licence.lower()

    def test_sealed_names_are_in_no_sheet_that_is_read(self, second: Path):
        """The names behind the keys stand in the sealed sheet only."""
        from python_calamine import CalamineWorkbook

        workbook = CalamineWorkbook.from_path(str(second / "data/office/liaison_log.xlsx"))
        read = str(workbook.get_sheet_by_name(_liaison.SHEET).to_python())
        sealed = str(workbook.get_sheet_by_name(_liaison.SEALED_SHEET).to_python())
        others = b"".join(content for name, content in files_of(second).items() if not name.endswith(".xlsx"))
        names = [_liaison.name(number) for number in range(1, 49)]
        assert len(set(names)) == 48
        for name in names:
            assert name in sealed
            assert name not in read
            assert name.encode() not in others
        assert load(second).source_called("liaison").sheet == _liaison.SHEET


class TestGeography:
    """The invented province."""

    @pytest.fixture
    def outlines(self) -> dict[str, shapely.Polygon]:
        """District name -> outline."""
        features = json.loads(_geography.outlines())["features"]
        return {
            one["properties"]["name"]: shapely.from_geojson(json.dumps(one["geometry"])) for one in features
        }

    def test_outlines_are_valid(self, outlines: dict[str, shapely.Polygon]):
        """Eight valid polygons of 40 to 80 vertices, counter-clockwise as RFC 7946 asks."""
        assert len(outlines) == 8
        for outline in outlines.values():
            assert shapely.is_valid(outline)
            assert shapely.is_ccw(outline.exterior)
            assert 40 <= len(outline.exterior.coords) - 1 <= 80

    def test_outlines_tile(self, outlines: dict[str, shapely.Polygon]):
        """No two districts overlap, and together they have no gap."""
        for one, other in combinations(outlines.values(), 2):
            assert shapely.area(shapely.intersection(one, other)) == 0
        whole = shapely.union_all(list(outlines.values()))
        assert whole.geom_type == "Polygon"
        assert not whole.interiors
        assert whole.area == pytest.approx(sum(one.area for one in outlines.values()), rel=1e-12)

    def test_neighbours_share_their_vertices(self, outlines: dict[str, shapely.Polygon]):
        """Every vertex on a border is a vertex of both neighbours."""
        for one, other in combinations(outlines.values(), 2):
            border = {tuple(point) for point in shapely.get_coordinates(shapely.intersection(one, other))}
            assert border <= set(one.exterior.coords) & set(other.exterior.coords)

    def test_places_lie_in_their_district(self, outlines: dict[str, shapely.Polygon]):
        """Every place lies inside its district, 2 km or more from its border."""
        for district, places in _geography.PLACES.items():
            for place in places.values():
                assert shapely.contains(shapely.buffer(outlines[district], -0.02), shapely.Point(place))

    @pytest.mark.skipif(not P_CODES.exists(), reason="../shared/data is absent")
    def test_names_and_codes_are_nobodys(self):
        """No district or place name, and no p-code, of the sample is a real unit's."""
        with P_CODES.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        real = {row["Name"].casefold() for row in rows} | {row["P-Code"] for row in rows}
        ours = {place for places in _geography.PLACES.values() for place in places}
        ours |= {d.name for d in _geography.DISTRICTS} | {d.code for d in _geography.DISTRICTS}
        assert not {one for one in ours | {"Kestara", "KS01"} if one.casefold() in real or one in real}


class TestWords:
    """What the assessments say, counted again from the files they speak about."""

    def test_kuro_this_week(self, second: Path):
        """Kuro has seven incidents in 2026-W46, five of them on the road to Orvane."""
        rows = counted(second, district="Kuro", week=LAST_WEEK)
        assert len(rows) == 7
        assert sum(row["place"] in _geography.ROAD_KURO_ORVANE for row in rows) == 5
        assert sum(row["check"] in ("two reports", "verified") for row in rows) == 5

    def test_every_reader_sees_the_seven(self, second: Path):
        """Kuro's seven are public, so that the sentence is true in every edition."""
        assert all(row["handling"] == "" for row in counted(second, district="Kuro", week=LAST_WEEK))

    def test_kuro_before(self, second: Path):
        """Kuro has one to four incidents in each of the eight weeks before, rising over the last three."""
        before = [len(counted(second, district="Kuro", week=LAST_WEEK.back(n))) for n in range(8, 0, -1)]
        assert all(1 <= count <= 4 for count in before)
        assert before[-2] < before[-1] < 7

    def test_week_before_as_it_was_known(self, first: Path):
        """The 2026-W45 assessment was written on three incidents in Kuro; delivery 2 brings a fourth."""
        assert len(counted(first, district="Kuro", week=LAST_WEEK.back(1))) == 3

    def test_silent_districts(self, second: Path):
        """Ibrane and Mécor have no incident in W43 to W46, and no contact for over three weeks."""
        for district in ("Ibrane", "Mécor"):
            assert not any(counted(second, district=district, week=LAST_WEEK.back(n)) for n in range(4))

    def test_devices_on_the_road(self, second: Path):
        """The device of 12 November is the third roadside device on the Orvane road since June 2026."""
        devices = [
            row
            for row in meridian(second)
            if row["kind_detail"] == "roadside device"
            and row["place"] in _geography.ROAD_KURO_ORVANE
            and row["day"] >= "2026-06-01"
        ]
        assert len(devices) == 3
        assert devices[-1]["day"] == "2026-11-12"

    @pytest.mark.parametrize("week", ["2026-W45", "2026-W46"])
    def test_assessments_keep_the_standard(self, second: Path, week: str):
        """Bottom lines have at most 60 words; a judgement's text holds its likelihood, not its confidence."""
        front = front_matter(second, week)
        for one in front["bottom_line"]:
            assert len(one["text"].split()) <= 60
        for one in front["judgement"] + front["outlook"]:
            assert one["likelihood"] in likelihood_words("icd203")
            assert "confidence" not in one["text"]
        for one in front["judgement"]:
            assert re.search(rf"\b{one['likelihood']}\b", one["text"])

    @pytest.mark.parametrize(("week", "number"), [("2026-W45", 1), ("2026-W46", 2)])
    def test_basis_is_there(self, first: Path, second: Path, week: str, number: int):
        """Every record a judgement rests on stands in the files of the delivery it was written on."""
        folder = (first, second)[number - 1]
        known = b"".join(content for name, content in files_of(folder).items() if name.endswith(".csv"))
        entries = {entry["number"] for entry in _liaison._entries(delivery=number, cut_off=FETCHED[number])}
        for judgement in front_matter(folder, week)["judgement"]:
            for record in judgement["basis"]:
                assert record in entries or record.encode() in known


class TestPulled:
    """The sample, really pulled twice."""

    def test_first_delivery(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Every source is accepted but for the bad rows that are meant to be rejected."""
        rejected = {report.source: report.rejected for report in pulled[2][0]}
        assert rejected == {"meridian": 4, "concord": 1} | dict.fromkeys(
            rejected.keys() - {"meridian", "concord"}, 0
        )
        assert {report.source: report.unmatched for report in pulled[2][0]}["meridian"] == 2

    def test_second_delivery_revises(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Delivery 2 brings late incidents, corrections, one withdrawal; rejected rows stay as they were."""
        report = next(one for one in pulled[2][1] if one.source == "meridian")
        assert (report.new, report.changed, report.withdrawn) == (18, 4, 1)
        concord = next(one for one in pulled[2][1] if one.source == "concord")
        assert concord.new > 0
        assert concord.changed > 0
        assert all(one.rejected == two.rejected for one, two in zip(*pulled[2], strict=True))

    def test_late_moved_and_withdrawn(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """As of the first pull, W44 and W45 lack what came late, and one incident lay in Kuro still."""
        _, store, _ = pulled
        incident, window = record_type("incident"), (date(2026, 10, 26), date(2026, 11, 8))
        before, after = (
            store.read(
                incident, as_of=at + timedelta(minutes=5), window=window, sources=["meridian"]
            ).set_index("record_id")
            for at in sample.DELIVERIES
        )
        assert set(after.index) - set(before.index) == {"MIM-2610-086", "MIM-2611-014", "MIM-2611-022"}
        assert set(before.index) - set(after.index) == {"MIM-2610-085"}
        assert before.loc["MIM-2610-084", "district_name"] == "Kuro"
        assert after.loc["MIM-2610-084", "district_name"] == "Orvane"
        both = before.index.intersection(after.index)
        changed = before.loc[both, "killed_best"] != after.loc[both, "killed_best"]
        assert set(both[changed]) == {"MIM-2610-082", "MIM-2611-012", "MIM-2611-025"}

    def test_labels(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Rows of every level and of four compartments are there, so that editions differ."""
        office, store, _ = pulled
        rows = store.read(record_type("incident"), as_of=office.now(), sources=["meridian"])
        assert set(rows["level"]) == {"public", "internal", "confidential", "strictly_confidential"}
        assert {"human_rights", "source_identity", "protection"} <= set(rows["compartments"].dropna())
        assert (rows["flags"] == "deaths_range").sum() == 1
        assert (rows["date_precision"] == "month").sum() == 1

    def test_contact_ages(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """At the end of W46 two districts have had no contact for over three weeks, the others within two."""
        office, store, _ = pulled
        rows = store.read(record_type("liaison_entry"), as_of=office.now())
        ages = {
            name: (LAST_WEEK.last_day - last.date()).days
            for name, last in rows.groupby("district_name")["occurred_on"].max().items()
        }
        assert {name for name, age in ages.items() if age > 21} == {"Ibrane", "Mécor"}
        assert all(age <= 14 for name, age in ages.items() if name not in ("Ibrane", "Mécor"))
        assert len(ages) == 8

    def test_publishers_disagree(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Concord has fewer incidents of the last week than Meridian, and other totals before."""
        office, store, _ = pulled
        rows = store.read(record_type("incident"), as_of=office.now())
        last = rows[rows["occurred_on"] >= LAST_WEEK.first_day.isoformat()]["source"].value_counts()
        assert last["meridian"] == 15
        assert last.get("concord", 0) < 5
        deaths = rows.groupby("source")["killed_best"].sum()
        assert deaths["concord"] != deaths["meridian"]


class TestBlank:
    """The start of an office of one's own."""

    def test_it_is_an_office(self, tmp_path: Path):
        """A new office loads, carries its name, and can be pulled as it is."""
        paths = sample.blank(tmp_path, name='Büro "Nord"')
        assert tmp_path / "workbench.toml" in paths
        office = load(tmp_path)
        assert office.name == 'Büro "Nord"'
        assert not office.fictional
        store = Store(str(tmp_path / "store"), lock_folder=tmp_path / "locks")
        reports, failures = pull_all(office, store, None, at=sample.DELIVERIES[0])
        assert not failures
        assert [report.read for report in reports] == [0, 0]

    def test_nothing_is_overwritten(self, tmp_path: Path):
        """What is already there stays, and a second time nothing is made."""
        (tmp_path / "workbench.toml").write_text("mine", encoding="utf-8")
        paths = sample.blank(tmp_path, name="Kestara")
        assert tmp_path / "workbench.toml" not in paths
        assert (tmp_path / "workbench.toml").read_text(encoding="utf-8") == "mine"
        assert sample.blank(tmp_path, name="Kestara") == []

    @pytest.mark.parametrize("name", ["", "  ", "two\nlines", "bell\x07"])
    def test_unusable_name(self, tmp_path: Path, name: str):
        """A name that TOML does not take is refused before anything is written."""
        with pytest.raises(ParameterError, match="--name"):
            sample.blank(tmp_path / "office", name=name)
        assert not (tmp_path / "office").exists()

    def test_commented_sources_are_valid(self, tmp_path: Path):
        """The sources that the template has commented out load once their marks are taken off."""
        sample.blank(tmp_path, name="Kestara")
        text = (tmp_path / "workbench.toml").read_text(encoding="utf-8")
        head, mark, tail = text.partition("# A public publisher")
        assert mark
        tail = "\n".join(
            line.removeprefix("# ")
            for line in tail.splitlines()
            if re.match(r"# (\[|\w+ = |\"[\w ]+\" = )", line)
        )
        (tmp_path / "workbench.toml").write_text(head + tail, encoding="utf-8")
        assert {source.slug for source in load(tmp_path).source} == {
            "incidents",
            "assessments",
            "ucdp",
            "liaison",
        }

    def test_fresh_notebooks(self, tmp_path: Path):
        """Only notebooks that are missing are copied."""
        made = sample.fresh_notebooks(tmp_path)
        assert [path.name for path in made] == ["weekly_conflict.ipynb"]
        made[0].write_text("mine", encoding="utf-8")
        assert sample.fresh_notebooks(tmp_path) == []
        assert made[0].read_text(encoding="utf-8") == "mine"
