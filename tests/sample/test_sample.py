"""The sample office: the same bytes each time, a configuration that loads, and texts that are true."""

import csv
import json
import re
from collections import Counter
from datetime import date, timedelta
from itertools import combinations, product
from pathlib import Path

import pytest
import shapely

from tests.sample.files import FETCHED, LAST_WEEK, counted, files_of, front_matter, known_ids, made, meridian
from workbench import sample
from workbench.config import Office, Week, load, shipped
from workbench.config.tradecraft import likelihood_words
from workbench.errors import ParameterError
from workbench.pull import PullReport, pull_all
from workbench.records import record_type
from workbench.records.assessment import PARTS
from workbench.sample import _geography, _liaison
from workbench.sources._assessment import read_assessment
from workbench.store import Store

P_CODES = Path(__file__).parents[3] / "shared" / "data" / "boundaries" / "global_pcodes_adm_1_2.csv"
REJECTED = {
    "meridian": 4,
    "concord": 1,
    "desk_log": 2,
    "duplicates": 1,
    "district_assessments": 1,
    "risk_lines": 1,
    "risk_measures": 1,
}
"""Rows of delivery 1 that cannot be accepted, by source."""


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

    def test_unknown_earlier_delivery(self, tmp_path: Path):
        """There is no earlier delivery 0 or 17, and the message says which there are."""
        for number in (0, len(sample.EARLIER) + 1):
            with pytest.raises(ParameterError, match="earlier deliveries 1 to 16"):
                sample.deliver_earlier(tmp_path, number)

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
        readers = [audience.slug for audience in office.audience]
        assert readers == ["leadership", "internal", "unct", "partners", "public"]
        assert set(office.area_called("kestara").districts) == {d.code for d in _geography.DISTRICTS}

    def test_everything_is_said_to_be_fictional(self, second: Path):
        """Each source's attribution and licence say that they are invented, and so does every page."""
        office = load(second)
        assert office.fictional
        for source in office.source:
            assert "fictional" in source.attribution.lower()
            assert "fictional" in source.licence.lower()

    def test_sealed_names_are_in_no_other_file(self, second: Path):
        """The names behind the keys stand in the sealed table only."""
        from python_calamine import CalamineWorkbook

        workbook = CalamineWorkbook.from_path(str(second / "data/office/liaison_log.xlsx"))
        assert workbook.sheet_names == [_liaison.SHEET]
        read = str(workbook.get_sheet_by_name(_liaison.SHEET).to_python())
        files = {name: content for name, content in files_of(second).items() if not name.endswith(".xlsx")}
        [sealed_file] = [name for name in files if name.endswith("interlocutors.csv")]
        sealed = files.pop(sealed_file).decode("utf-8")
        others = b"".join(files.values())
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
        assert all(row["handling"] == "Public" for row in counted(second, district="Kuro", week=LAST_WEEK))

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

    def test_the_template_is_filled(self, second: Path):
        """The last assessment has every part, six outlooks and five indicators, some for each reader."""
        front = front_matter(second, "2026-W46")
        parts = {part: entries for part, entries in front.items() if isinstance(entries, list)}
        assert set(parts) == set(PARTS) - {"situation"}
        for part, entries in parts.items():
            assert any(one["level"] == "public" for one in entries), part
        looks = {(one["scenario"], one["horizon_days"]) for one in front["outlook"]}
        assert looks == set(product(("most_likely", "most_dangerous", "best_case"), (7, 30)))
        assert len(front["indicator"]) == 5

    def test_changed_judgements_say_why(self, first: Path, second: Path):
        """A judgement or outlook that differs from last week's at its place gives the reason."""
        last, now = front_matter(first, "2026-W45"), front_matter(second, "2026-W46")
        pairs = [*zip(last["judgement"], now["judgement"], strict=False)]
        pairs += [
            (one, other)
            for one, other in product(last["outlook"], now["outlook"])
            if (one["scenario"], one["horizon_days"]) == (other["scenario"], other["horizon_days"])
        ]
        changed = [other for one, other in pairs if one["likelihood"] != other["likelihood"]]
        assert changed
        assert all(one.get("change") for one in changed)

    @pytest.mark.parametrize("week", ["2026-W45", "2026-W46"])
    def test_facts_are_no_judgements(self, second: Path, week: str):
        """No focus or situation text has a word of the likelihood scale."""
        texts = [one["text"] for one in front_matter(second, week)["focus"]]
        texts.append((second / f"assessments/kestara-{week}.md").read_text(encoding="utf-8").split("+++")[2])
        scale = "|".join(re.escape(word) for word in likelihood_words("icd203"))
        assert not any(re.search(rf"\b(?:{scale})\b", one) for one in texts)

    @pytest.mark.parametrize(("week", "number"), [("2026-W45", 1), ("2026-W46", 2)])
    def test_basis_is_there(self, first: Path, second: Path, week: str, number: int):
        """Every record a statement rests on stands in the files of the delivery it was written on."""
        folder = (first, second)[number - 1]
        known = known_ids(folder, number=number)
        front = front_matter(folder, week)
        statements = [one for part in front.values() if isinstance(part, list) for one in part]
        assert all(one["basis"] for one in front["judgement"])
        for one in statements:
            assert set(one.get("basis", ())) <= known


class TestPulled:
    """The sample, really pulled twice."""

    def test_first_delivery(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Every source is accepted but for the bad rows that are meant to be rejected."""
        rejected = {report.source: report.rejected for report in pulled[2][0] if report.rejected}
        assert rejected == REJECTED
        assert {report.source: report.unmatched for report in pulled[2][0]}["meridian"] == 2

    def test_second_delivery_revises(self, pulled: tuple[Office, Store, list[list[PullReport]]]):
        """Delivery 2 brings late incidents, corrections, one withdrawal, and two more rejected rows."""
        report = next(one for one in pulled[2][1] if one.source == "meridian")
        assert (report.new, report.changed, report.withdrawn) == (18, 4, 1)
        concord = next(one for one in pulled[2][1] if one.source == "concord")
        assert concord.new > 0
        assert concord.changed > 0
        rejected = {report.source: report.rejected for report in pulled[2][1] if report.rejected}
        assert rejected == REJECTED | {"duplicates": 2, "headcount": 1}

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
        assert [report.read for report in reports] == [0] * len(office.source)

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
        """The sources and store options that the template has commented out load without their marks."""
        sample.blank(tmp_path, name="Kestara")
        text = (tmp_path / "workbench.toml").read_text(encoding="utf-8")
        head, mark, tail = text.partition("# A public publisher")
        assert mark
        tail = "\n".join(
            line.removeprefix("# ")
            for line in tail.splitlines()
            if re.match(r"# (\[|\w+ = |\"[\w ]+\" = )", line)
        )
        head = head.replace('store = "store"', 'store = "s3://bucket/office"')  # what the options are for
        (tmp_path / "workbench.toml").write_text(head + tail, encoding="utf-8")
        assert {source.slug for source in load(tmp_path).source} == {
            "incidents",
            "assessments",
            "ucdp",
            "liaison",
            "duplicates",
            "support",
            "violations",
            "label_changes",
            "desk_interlocutors",
            "desk_corrections",
            "desk_duplicates",
            "desk_labels",
            "desk_contacts",
            "desk_commitments",
            "desk_alerts",
        }

    def test_example_assessment_can_be_read(self, tmp_path: Path):
        """The example says nothing as it lies there; with its marks off each of its statements is sound."""
        sample.blank(tmp_path, name="Kestara")
        office, file = load(tmp_path), tmp_path / "assessments/example.md"
        assert read_assessment(file, office.source_called("assessments"), office).empty
        text = re.sub(r"(?m)^# (?=\[\[|\w+ = )", "", file.read_text(encoding="utf-8"))
        file.write_text(text.replace('text = ""', 'text = "Words."'), encoding="utf-8")
        rows = read_assessment(file, office.source_called("assessments"), office)
        assert set(rows["part"]) == set(PARTS) - {"situation"}
        assert rows["reader_problem"].isna().all()

    def test_fresh_notebooks(self, tmp_path: Path):
        """Only notebooks that are missing are copied."""
        made = sample.fresh_notebooks(tmp_path)
        briefings = {
            "data_quality.ipynb", "district_profile.ipynb", "human_rights.ipynb", "public_summary.ipynb",
            "weekly_conflict.ipynb",
        }  # fmt: skip
        names = sorted(file.name for file in shipped("notebooks").glob("*.ipynb"))
        assert briefings <= set(names)
        assert [path.name for path in made] == names
        made[0].write_text("mine", encoding="utf-8")
        assert sample.fresh_notebooks(tmp_path) == []
        assert made[0].read_text(encoding="utf-8") == "mine"
