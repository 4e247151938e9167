"""The generic reader and what a delivery makes of several files."""

import hashlib

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import sources
from workbench.errors import ConfigurationError, SourceError, UnknownName
from workbench.sources._files import read_grid

from .readers_office import deliver, office_with, sample

LOG = """
record = "liaison_entry"
reader = "table"
path = "{path}"
day_first = true
sheet = "Log"
[source.columns]
record_id = "Entry"
occurred_on = "Day of contact"
reported_at = "Written"
channel = "How"
organisation = "Organisation"
organisation_kind = "Kind"
officer = "Officer"
topics = "Topics"
summary = "Summary"
district_given = "District"
[source.constants]
listable = "true"
[source.values.channel]
"in person" = "in_person"
[source.values.organisation_kind]
"District administration" = "district_administration"
POLICE = "police"
community = "community_structure"
army = "armed_forces"
ngo = "ingo"
[source.values.topics]
access = "access"
Roads = "roads"
"""

ALERTS = """
record = "alert"
reader = "table"
path = "{path}"
{more}
[source.columns]
record_id = "No"
occurred_on = "Raised"
indicator = "Indicator"
threat = "Threat"
latitude = "Lat"
[source.constants]
raised_by_kind = "community"
"""
HEADER = "No,Raised,Indicator,Threat,Lat\n"


def alerts(folder, text, *, path="alerts.csv", more="", encoding="utf-8"):
    """Read a CSV of alerts with the given text."""
    (folder / "alerts.csv").write_bytes(text.encode(encoding))
    return deliver(folder, ALERTS.format(path=path, more=more))


class TestWorkbook:
    """A log kept in Excel."""

    @pytest.fixture
    def rows(self, tmp_path):
        """The sample log."""
        return deliver(tmp_path, LOG.format(path=sample(tmp_path, "liaison_log.xlsx"))).rows

    def test_row_numbers(self, rows):
        """Rows are numbered as the spreadsheet shows them, past the tag row and over the blank one."""
        assert rows["row"].tolist() == [3, 4, 6, 7, 8, 9, 10, 11, 12]

    def test_codes_stay_text(self, rows):
        """A code with leading zeros keeps them, and a whole number has no decimals."""
        assert rows["record_id"].tolist()[:4] == ["00123", "00124", "125", "00126"]

    def test_dates(self, rows):
        """Date cells, cells with a time, and dates written as text all become ISO days."""
        assert rows["occurred_on"].tolist()[:4] == ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"]

    def test_instants(self, rows):
        """A time without an offset is the office's own (Maputo is two hours ahead of UTC)."""
        assert rows["reported_at"].tolist()[:4] == [
            "2026-03-03T12:30:00Z",
            "2026-03-04T14:00:00Z",
            "2026-03-05T06:05:00Z",
            "2026-03-06T10:00:00Z",
        ]
        assert rows["reported_at"].isna().tolist() == [False] * 4 + [True] * 5

    def test_values(self, rows):
        """Words are translated without regard to case and spacing; an unknown word passes through."""
        assert rows["channel"].tolist()[:4] == ["in_person", "phone", "PHONE", "pigeon"]
        assert rows["organisation_kind"].tolist()[:3] == [
            "district_administration",
            "police",
            "community_structure",
        ]
        assert rows["topics"].tolist()[0] == "access;roads"

    def test_free_text_keeps_its_lines(self, rows):
        """A line break in a narrative stays; only one-line columns are folded."""
        assert rows["summary"].tolist()[0] == "Road open.\nEscort asked."

    def test_constants_and_given_places(self, rows):
        """Constants stand on every row, and district names go along for matching."""
        assert set(rows["listable"]) == {"true"}
        assert rows["district_given"].tolist()[:2] == ["Velasse", "Mirro"]

    def test_unknown_sheet(self, tmp_path):
        """A sheet that is not there is named together with those that are."""
        path = sample(tmp_path, "liaison_log.xlsx")
        with pytest.raises(SourceError, match=r'no sheet "Journal". It has: "Notes", "Log"'):
            deliver(tmp_path, LOG.format(path=path).replace('"Log"', '"Journal"'))

    @pytest.mark.parametrize("content", [b"PK\x03\x04 half a file", b"<html>not found</html>", b"\x00" * 600])
    def test_damaged(self, tmp_path, content):
        """A workbook that cannot be opened is refused by name, without a traceback of the library."""
        (tmp_path / "log.xlsx").write_bytes(content)
        with pytest.raises(SourceError, match=r"log\.xlsx is damaged"):
            deliver(tmp_path, LOG.format(path="log.xlsx"))

    def test_password(self, tmp_path):
        """A workbook locked with a password (a compound file round an encrypted package) is named so."""
        package = "EncryptedPackage".encode("utf-16-le")
        (tmp_path / "log.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1024) + package)
        with pytest.raises(SourceError, match=r"log\.xlsx is locked with a password"):
            deliver(tmp_path, LOG.format(path="log.xlsx"))

    def test_lock_files(self, tmp_path):
        """The lock file that Excel lays beside an open workbook is not a file of the source."""
        sample(tmp_path, "liaison_log.xlsx")
        (tmp_path / "~$liaison_log.xlsx").write_bytes(b"someone")
        assert deliver(tmp_path, LOG.format(path="*.xlsx")).files == ("liaison_log.xlsx",)


class TestText:
    """CSV in the ways people save it."""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_utf8(self, tmp_path, encoding):
        """UTF-8 is read with and without a byte order mark."""
        got = alerts(tmp_path, HEADER + "1,2026-03-01,Velímbe,Fear,\n", encoding=encoding)
        assert got.rows[["record_id", "indicator"]].to_numpy().tolist() == [["1", "Velímbe"]]

    @pytest.mark.parametrize(
        ("encoding", "told"), [("cp1252", "line 3 holds the byte 0xED"), ("utf-16", "UTF-16")]
    )
    def test_other_encodings(self, tmp_path, encoding, told):
        """Another encoding is refused, saying where it shows and how to save the file."""
        with pytest.raises(SourceError, match=told):
            alerts(tmp_path, HEADER + "1,2026-03-01,x,Fear,\n2,2026-03-01,Velímbe,y,\n", encoding=encoding)

    def test_row_numbers(self, tmp_path):
        """A line break inside a quoted cell does not shift row numbers; blank rows count and are skipped."""
        got = alerts(tmp_path, HEADER + '1,2026-03-01,a,"two\nlines",\n\n,,,,\n2,2026-03-02,b,c,\n')
        assert got.rows["row"].tolist() == [2, 5]
        assert got.rows["threat"].tolist() == ["two\nlines", "c"]

    @pytest.mark.parametrize("line", [1, 2])
    def test_hxl(self, tmp_path, line):
        """An HXL tag row on line 2, or on line 1, is dropped and still counts as a row."""
        tags, data = "#meta+id,#date,#indicator,,#geo+lat\n", "1,2026-03-01,#hunger,Fear,\n"
        got = alerts(tmp_path, (tags + HEADER if line == 1 else HEADER + tags) + data)
        assert got.rows[["record_id", "row"]].to_numpy().tolist() == [["1", 3]]

    def test_decimal_comma(self, tmp_path):
        """A file divided by semicolons writes decimals with a comma."""
        text = HEADER.replace(",", ";") + "1;2026-03-01;a;b;-11,5\n"
        assert alerts(tmp_path, text, more='delimiter = ";"').rows["latitude"].tolist() == ["-11.5"]

    def test_too_many_cells(self, tmp_path):
        """A row with more cells than the header is rejected alone; trailing empty cells do no harm."""
        got = alerts(tmp_path, HEADER + "1,2026-03-01,a,b,1,extra\n2,2026-03-01,a,b,1,,\n3,2026-03-01,a\n")
        assert got.rows["record_id"].tolist() == ["2", "3"]
        assert got.rejected[["row", "column", "reason"]].to_numpy().tolist() == [
            [2, "row", "has 6 cells, the header has 5; is a delimiter unquoted?"]
        ]

    def test_unclosed_quote(self, tmp_path):
        """A quotation mark that never closes refuses the file instead of swallowing its rows."""
        with pytest.raises(SourceError, match=r"row 3 .*quotation mark"):
            alerts(tmp_path, HEADER + '1,2026-03-01,a,b,\n2,2026-03-01,"a,b,\n3,2026-03-01,a,b,\n')

    def test_missing_columns(self, tmp_path):
        """A header that lacks mapped columns refuses the file, naming all of them and those found."""
        with pytest.raises(SourceError) as told:
            alerts(tmp_path, "No,Raised on,Threat\n1,2026-03-01,a\n")
        assert 'lacks "Raised", "Indicator", "Lat". Found: "No", "Raised on", "Threat"' in str(told.value)
        assert told.value.exit_code == 10

    def test_headerless_file(self, tmp_path):
        """A file without a header is refused without repeating its first row, which may be confidential."""
        with pytest.raises(SourceError, match="does not look like a header") as told:
            alerts(tmp_path, "1,2026-03-01,a,The governor said,\n")
        assert "governor" not in str(told.value)

    def test_wrong_delimiter(self, tmp_path):
        """A file with another delimiter is refused with a hint at it."""
        with pytest.raises(SourceError, match='divided by ";"'):
            alerts(tmp_path, HEADER.replace(",", ";") + "1;2026-03-01;a;b;1\n")

    def test_column_twice(self, tmp_path):
        """A mapped column that occurs twice is refused: which one is meant cannot be known."""
        with pytest.raises(SourceError, match='has "Lat" more than once'):
            alerts(tmp_path, "No,Raised,Indicator,Threat,Lat,Lat\n1,2026-03-01,a,b,1,2\n")

    def test_empty_file(self, tmp_path):
        """An empty file is a failed download, not a delivery without rows."""
        with pytest.raises(SourceError, match="is empty"):
            alerts(tmp_path, "")

    def test_header_alone(self, tmp_path):
        """A header without rows is a delivery of no rows."""
        got = alerts(tmp_path, HEADER)
        assert (got.read, len(got.rows), len(got.rejected)) == (0, 0, 0)

    @given(
        st.lists(
            st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8),
                     min_size=3, max_size=3),
            max_size=6,
        )
    )  # fmt: skip
    def test_round_trip(self, tmp_path_factory, rows):
        """Whatever a CSV writer writes comes back cell by cell, white space around it apart."""
        import csv

        path = tmp_path_factory.mktemp("csv") / "cells.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([["a", "b", "c"], *rows])
        kept = [[cell.strip() for cell in row] for row in rows]
        grid = read_grid(path, file="cells.csv")
        assert [list(cells) for cells in grid.cells.itertuples(index=False)] == [
            cells for number, cells in enumerate(kept) if any(cells) and not (number == 0 and _hxl(cells))
        ]


def _hxl(cells):
    from workbench.sources._files import _is_hxl

    return _is_hxl(cells)


class TestDates:
    """Days as people write them."""

    @pytest.mark.parametrize(
        ("written", "day_first", "iso"),
        [
            ("2026-03-04", False, "2026-03-04"),
            ("2026/3/4", False, "2026-03-04"),
            ("04/03/2026", True, "2026-03-04"),
            ("04/03/2026", False, "2026-04-03"),
            ("4.3.2026", True, "2026-03-04"),
            ("4 March 2026", False, "2026-03-04"),
            ("4-Mar-2026", False, "2026-03-04"),
            ("2026-03-04 00:00:00.000", False, "2026-03-04"),
            ("2026-03-04T23:59:59Z", False, "2026-03-04"),
            ("13/02/2026", False, "13/02/2026"),
            ("31/02/2026", True, "31/02/2026"),
            ("04/03/26", True, "04/03/26"),
            ("mid-March", True, "mid-March"),
        ],
    )
    def test_days(self, tmp_path, written, day_first, iso):
        """A day is read as the source says, never guessed; what is not a day stays for validation."""
        more = f"day_first = {str(day_first).lower()}"
        assert alerts(tmp_path, HEADER + f"1,{written},a,b,\n", more=more).rows["occurred_on"].tolist() == [
            iso
        ]


def test_parquet(tmp_path):
    """A Parquet file is read as the same text a CSV would give."""
    frame = pd.DataFrame(
        {
            "No": ["07", "08"],
            "Raised": pd.to_datetime(["2026-03-01", None]),
            "Indicator": ["a", None],
            "Threat": ["b", "c"],
            "Lat": [-11.0, None],
        }
    )
    frame.to_parquet(tmp_path / "alerts.parquet")
    rows = deliver(tmp_path, ALERTS.format(path="alerts.parquet", more="")).rows
    assert rows.iloc[0][["record_id", "occurred_on", "latitude"]].tolist() == ["07", "2026-03-01", "-11"]
    assert rows.iloc[1][["occurred_on", "indicator", "latitude"]].isna().all()
    (tmp_path / "alerts.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceError, match="damaged"):
        deliver(tmp_path, ALERTS.format(path="alerts.parquet", more=""))


class TestDelivery:
    """Several files of one source."""

    def test_later_file_replaces(self, tmp_path):
        """A record in a later file (by name) takes the place of an earlier file's; both were read."""
        (tmp_path / "a1.csv").write_text(HEADER + "1,2026-03-01,old,x,\n2,2026-03-01,kept,x,\n", "utf-8")
        (tmp_path / "a2.csv").write_text(HEADER + "1,2026-03-01,new,x,\n", "utf-8")
        got = deliver(tmp_path, ALERTS.format(path="a*.csv", more=""))
        assert got.rows[["record_id", "indicator", "file", "row"]].to_numpy().tolist() == [
            ["2", "kept", "a1.csv", 3],
            ["1", "new", "a2.csv", 2],
        ]
        assert (got.read, got.files) == (3, ("a1.csv", "a2.csv"))

    def test_same_record_twice_in_a_file(self, tmp_path):
        """Within one file the first row of a record stays and each later one is rejected."""
        got = alerts(
            tmp_path, HEADER + "1,2026-03-01,a,x,\n1,2026-03-02,b,x,\n1,2026-03-03,c,x,\n,2026-03-03,d,x,\n"
        )
        assert got.rows["indicator"].tolist() == ["a", "d"]
        assert got.rejected.to_numpy().tolist() == [
            ["alerts.csv", row, "record_id", "1", "record_id already on row 2"] for row in (3, 4)
        ]

    def test_digest(self, tmp_path):
        """The digest follows names and bytes: the same files give the same, any change another."""
        text = HEADER + "1,2026-03-01,a,x,\n"
        first = alerts(tmp_path, text).digest
        assert alerts(tmp_path, text).digest == first
        assert alerts(tmp_path, text.replace(",a,", ",b,")).digest != first
        (tmp_path / "other.csv").write_text(text, "utf-8")
        assert deliver(tmp_path, ALERTS.format(path="other.csv", more="")).digest != first
        name, content = b"alerts.csv", text.encode()
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in (name, content))
        assert first == hashlib.sha256(framed).hexdigest()

    def test_no_file(self, tmp_path):
        """A pattern that matches nothing is an error that names pattern and folder."""
        with pytest.raises(SourceError, match=r'No file matches "in/\*\.csv" in .*' + tmp_path.name):
            deliver(tmp_path, ALERTS.format(path="in/*.csv", more=""))

    def test_unknown_suffix(self, tmp_path):
        """A file of an unknown kind is refused with the kinds that are known."""
        (tmp_path / "alerts.docx").write_bytes(b"PK")
        with pytest.raises(SourceError, match=r"suffix \"\.docx\".*\.parquet"):
            deliver(tmp_path, ALERTS.format(path="alerts.docx", more=""))

    def test_a_file_changes_meanwhile(self, tmp_path, monkeypatch):
        """A file that changes while it is read is not delivered under the digest of what it was."""
        office = office_with(tmp_path, ALERTS.format(path="alerts.csv", more=""))
        path = tmp_path / "alerts.csv"
        path.write_text(HEADER, "utf-8")
        table = sources.READERS["table"]

        def slow(path, source, office):
            rows = table(path, source, office)
            path.write_text(HEADER + "1,2026-03-01,a,x,\n", "utf-8")
            return rows

        monkeypatch.setitem(sources.READERS, "table", slow)
        with pytest.raises(SourceError, match="changed while it was read"):
            sources.read(office.source_called("tried"), office)

    def test_everything_is_text(self, tmp_path):
        """Rows hold text or missing, whatever the file held; only the row number is a number."""
        rows = alerts(tmp_path, HEADER + "1,2026-03-01,a,,3.5\n").rows
        assert {str(kind) for name, kind in rows.dtypes.items() if name != "row"} == {"str"}
        assert rows["threat"].isna().tolist() == [True]


class TestMapping:
    """A mapping that cannot work is a mistake in workbench.toml, told before any file is opened."""

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (("indicator =", "indikator ="), '"indikator" is no column of alert'),
            (("indicator =", "notes ="), '"indicator" is required and not filled'),
            (
                ("[source.constants]", '[source.constants]\nthreat = "x"'),
                '"threat" has a column and a constant',
            ),
            (
                ("[source.constants]", '[source.values.outcome]\na = "b"\n[source.constants]'),
                "columns do not fill",
            ),
            (
                ("[source.constants]", '[source.values.indicator]\nA = "x"\n"a " = "y"\n[source.constants]'),
                "in two ways",
            ),
        ],
    )
    def test_faults(self, tmp_path, change, told):
        """Each kind of impossible mapping is named, with the columns there are."""
        (tmp_path / "alerts.csv").write_text(HEADER, "utf-8")
        with pytest.raises(ConfigurationError, match=told):
            deliver(tmp_path, ALERTS.format(path="alerts.csv", more="").replace(*change))

    def test_settings_nobody_reads(self, tmp_path):
        """A setting that the reader would not heed is refused rather than ignored."""
        with pytest.raises(ConfigurationError, match=r'"country".*does not use'):
            alerts(tmp_path, HEADER, more='country = "Inventia"')

    def test_unknown_reader(self, tmp_path):
        """An unknown reader is answered with the known ones."""
        with pytest.raises(UnknownName, match="Known: acled, assessment, awsd, register, table, ucdp"):
            deliver(tmp_path, 'record = "alert"\nreader = "kobo"\npath = "x.csv"')

    def test_reader_of_another_record(self, tmp_path):
        """A publisher's reader fills incidents and nothing else."""
        with pytest.raises(ConfigurationError, match='gives rows of "incident"'):
            deliver(tmp_path, 'record = "alert"\nreader = "ucdp"\npath = "x.csv"')
