"""UCDP, ACLED and the Aid Worker Security Database, in every layout they come in."""

import pytest

from workbench.errors import SourceError
from workbench.records import record_type
from workbench.sources._acled import SUB_TYPES
from workbench.sources._awsd import MEANS

from .readers_office import deliver, sample

INCIDENT = record_type("incident")


def read(folder, reader, name, more=""):
    """Read a sample of tests/data as the source under test."""
    return deliver(
        folder, f'record = "incident"\nreader = "{reader}"\npath = "{sample(folder, name)}"\n{more}'
    )


def column(delivery, name):
    """Return a column of the delivered rows, "" where missing."""
    return ["" if value != value else value for value in delivery.rows[name]]  # noqa: PLR0124


class TestUcdp:
    """Three layouts of the same ten invented events."""

    @pytest.fixture(params=["ucdp_49_columns.csv", "ucdp_42_columns.csv", "ucdp_hxl.csv"])
    def delivery(self, request, tmp_path):
        """The sample, in each of its layouts."""
        return read(tmp_path, "ucdp", request.param)

    def test_ids_and_dates(self, delivery):
        """Every layout gives the publisher's id and plain days."""
        assert column(delivery, "record_id") == [str(900001 + n) for n in range(10)]
        assert column(delivery, "occurred_on")[:3] == ["2026-03-02", "2026-03-05", "2026-03-08"]
        assert column(delivery, "occurred_to")[2] == "2026-03-10"

    def test_date_precision(self, delivery):
        """The vaguer of date_prec and span counts: more than seven days never belong to one week."""
        expected = ["day", "day", "days", "week", "month", "longer", "day", "month", "week", "day"]
        assert column(delivery, "date_precision") == expected

    def test_places(self, delivery):
        """where_prec 5 is vaguer than a province's point, 6 and 7 than any district's."""
        expected = ["place", "near_place", "district", "province", "province", "country", "country"]
        assert column(delivery, "place_precision")[:7] == expected
        assert column(delivery, "district_given")[:4] == [
            "Velasse district",
            "Mirro district",
            "Mirro district",
            "",
        ]
        assert set(column(delivery, "admin1_given")) == {"North province"}

    def test_types(self, delivery):
        """Types are translated, the publisher's stay beside them, and an unknown one passes through."""
        assert column(delivery, "event_type")[:3] == ["armed_clash", "attack_on_civilians", "armed_clash"]
        assert column(delivery, "sub_type")[:3] == ["state-based", "one-sided", "non-state"]
        assert column(delivery, "civilian_targeting")[:3] == ["false", "true", "false"]
        assert column(delivery, "event_type")[9] == "4"

    def test_deaths_as_given(self, delivery):
        """Deaths are the publisher's, also where the high estimate lies below the best."""
        sixth = delivery.rows.iloc[5]
        assert sixth[["killed_low", "killed_best", "killed_high"]].tolist() == ["27", "27", "22"]
        assert column(delivery, "civilians_killed")[1] == "2"

    def test_headline_is_one_line(self, delivery):
        """A line break inside a headline becomes a blank."""
        assert column(delivery, "headline")[1] == "Two farmers killed in Mirro;Raid on Mirro"

    def test_reported_at(self, delivery):
        """The earliest readable source date counts; none is none."""
        assert column(delivery, "reported_at")[1:5] == [
            "2026-03-07T00:00:00Z",
            "2026-03-12T00:00:00Z",
            "2026-03-16T00:00:00Z",
            "",
        ]

    def test_definition(self, tmp_path):
        """Code status, where the layout has it, tells candidate events from the yearly release."""
        assert set(column(read(tmp_path, "ucdp", "ucdp_49_columns.csv"), "source_definition")) == {
            "UCDP Candidate"
        }
        assert set(column(read(tmp_path, "ucdp", "ucdp_42_columns.csv"), "source_definition")) == {"UCDP GED"}

    def test_row_numbers(self, tmp_path):
        """The tag row counts as row 2, the line break in the second headline does not count."""
        assert read(tmp_path, "ucdp", "ucdp_49_columns.csv").rows["row"].tolist() == list(range(2, 12))
        assert read(tmp_path, "ucdp", "ucdp_hxl.csv").rows["row"].tolist() == list(range(3, 13))

    def test_country(self, tmp_path):
        """A country is chosen exactly; a near miss is an error that names the right spelling."""
        got = read(tmp_path, "ucdp", "ucdp_49_columns.csv", 'country = "Inventia (North)"')
        assert (got.read, len(got.rows)) == (9, 9)
        with pytest.raises(SourceError, match=r'is "Inventia". It has "Inventia \(North\)"'):
            read(tmp_path, "ucdp", "ucdp_49_columns.csv", 'country = "Inventia"')
        assert len(read(tmp_path, "ucdp", "ucdp_49_columns.csv", 'country = "Atlantis"').rows) == 0

    def test_external_ids(self, tmp_path):
        """Ids of the conflict and its parties go along, those the layout has."""
        new = column(read(tmp_path, "ucdp", "ucdp_49_columns.csv"), "external_ids")[0]
        old = column(read(tmp_path, "ucdp", "ucdp_42_columns.csv"), "external_ids")[0]
        assert new == "ucdp_relid=INV-2026-1-1-0;ucdp_conflict=501;ucdp_dyad=601"
        assert old == "ucdp_conflict=501;ucdp_dyad=601"

    def test_cut_off(self, tmp_path):
        """The last row of a download that broke off is rejected, not read as if its end were empty."""
        name = sample(tmp_path, "ucdp_42_columns.csv")
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[:-30])
        got = deliver(tmp_path, f'record = "incident"\nreader = "ucdp"\npath = "{name}"')
        assert (len(got.rows), got.rejected["row"].tolist()) == (9, [11])
        assert "cut off" in got.rejected["reason"].tolist()[0]

    def test_another_publishers_file(self, tmp_path):
        """A file of another publisher is refused whole."""
        with pytest.raises(SourceError, match='lacks "id", "type_of_violence"'):
            read(tmp_path, "ucdp", "acled_31_columns.csv")


class TestAcled:
    """Three layouts of the same ten invented events."""

    @pytest.fixture(params=["acled_31_columns.csv", "acled_hxl.csv", "acled_before_2023.csv"])
    def delivery(self, request, tmp_path):
        """The sample, in each of its layouts."""
        return read(tmp_path, "acled", request.param)

    def test_every_layout(self, delivery):
        """Ids, days, deaths and places are read from every layout."""
        assert column(delivery, "record_id")[0] == "INV1"
        assert column(delivery, "occurred_on")[0] in ("2026-03-02", "2022-03-02")
        assert column(delivery, "killed_best") == [str(n) for n in range(10)]
        assert "killed_low" not in delivery.rows
        assert column(delivery, "date_precision")[:3] == ["day", "day", "week"]
        assert column(delivery, "place_precision")[:2] == ["place", "near_place"]
        assert column(delivery, "place_precision")[8] == "province"
        assert column(delivery, "date_precision")[8] == "month"

    def test_types(self, delivery):
        """Sub-types are translated; one that ACLED does not have passes through to be rejected."""
        assert column(delivery, "event_type") == [
            "armed_clash",
            "attack_on_civilians",
            "explosive_or_remote",
            "explosive_or_remote",
            "demonstration",
            "demonstration",
            "riot_or_mob",
            "non_violent_development",
            "non_violent_development",
            "Duel at dawn",
        ]

    def test_civilian_targeting(self, delivery):
        """Numeric, worded and absent codes agree on whether civilians were the target."""
        expected = [False, True, True, False, False, True, True, False, False, False]
        assert column(delivery, "civilian_targeting") == [str(one).lower() for one in expected]

    def test_narrative_and_change(self, delivery):
        """Notes keep their lines, and the time stamp becomes a moment."""
        assert column(delivery, "narrative")[1] == "Invented event number 2, \nin two lines."
        assert column(delivery, "reported_at")[0] == "2026-03-04T04:53:20Z"

    def test_older_id(self, tmp_path):
        """The id that ACLED gave up in 2023 is kept as an external one."""
        assert (
            column(read(tmp_path, "acled", "acled_before_2023.csv"), "external_ids")[0]
            == "acled_data_id=8000"
        )

    def test_all_sub_types(self):
        """All 25 sub-types of the codebook are translated, into words of the vocabulary."""
        assert len(SUB_TYPES) == 25
        assert {ours for ours, _ in SUB_TYPES.values()} <= set(INCIDENT.column("event_type").vocabulary)
        assert {threat for _, threat in SUB_TYPES.values()} <= set(
            INCIDENT.column("threat_category").vocabulary
        )


class TestAwsd:
    """The file of today and the one before detention was counted."""

    @pytest.fixture(params=["awsd.csv", "awsd_before_2025.csv"])
    def delivery(self, request, tmp_path):
        """The sample, in each of its layouts."""
        return read(tmp_path, "awsd", request.param)

    def test_partial_dates(self, delivery):
        """A blank day is a month, a blank month a year; both span what they stand for."""
        kept = delivery.rows.set_index("record_id")[["occurred_on", "occurred_to", "date_precision"]]
        assert kept.loc["1"].tolist() == ["2026-03-04", "2026-03-04", "day"]
        assert kept.loc["2"].tolist() == ["2026-03-01", "2026-03-31", "month"]
        assert kept.loc["3"].tolist() == ["2026-01-01", "2026-12-31", "longer"]

    def test_rejected(self, delivery):
        """An impossible day and a repeated id are rejected with their rows and reasons."""
        first = 3 if delivery.files == ("awsd.csv",) else 2
        assert delivery.rejected[["row", "column", "reason"]].to_numpy().tolist() == [
            [first + 3, "occurred_on", "Day is not a day of that month, which has 28"],
            [first + 8, "record_id", f"record_id already on row {first + 7}"],
        ]

    def test_types(self, delivery):
        """Means of attack are translated, blanks around them apart; an unknown one passes through."""
        kept = delivery.rows.set_index("record_id")
        assert kept.loc[["1", "2", "3", "6", "8", "9"], "event_type"].tolist() == [
            "attack_on_civilians",
            "abduction",
            "mine_or_unexploded",
            "sexual_violence",
            "arrest_or_detention",
            "Poisoning",
        ]
        assert kept.loc["3", "sub_type"] == "Landmine"

    def test_threat_category(self, delivery):
        """Weapons of war and armed actors are conflict, criminals crime, a mob civil unrest."""
        kept = delivery.rows.set_index("record_id")["threat_category"]
        expected = ["armed_conflict", "crime", "armed_conflict", "civil_unrest", "crime", "armed_conflict"]
        assert kept.loc[["1", "2", "3", "5", "6", "7"]].tolist() == expected

    def test_verification(self, delivery):
        """Only a verified incident is confirmed; a word the publisher never used passes through."""
        kept = delivery.rows.set_index("record_id")["verification"]
        assert kept.loc[["1", "2", "3", "5", "8"]].tolist() == [
            "confirmed",
            "reported",
            "reported",
            "reported",
            "Maybe",
        ]

    def test_people_and_places(self, delivery):
        """Counts are of aid workers, and the finest place named says how exact the place is."""
        kept = delivery.rows.set_index("record_id")
        assert set(kept["aid_affected"]) == {"true"}
        assert kept.loc["2", ["killed_best", "injured_best", "abducted_best"]].tolist() == ["1", "1", "2"]
        assert kept.loc[["1", "2", "3", "7"], "place_precision"].tolist() == [
            "place",
            "district",
            "province",
            "country",
        ]
        assert kept["latitude"].isna().sum() == 1
        assert kept.loc["2", "actor1"] == "Criminal"

    def test_all_means(self):
        """Every means of attack is translated into a word of the vocabulary."""
        assert set(MEANS.values()) <= set(INCIDENT.column("event_type").vocabulary)
