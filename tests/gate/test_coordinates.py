"""Coordinates of all quadrants, alone and in pairs, in every notation; and numbers that are none."""

from __future__ import annotations

import csv
import io
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate.leaks import CSV, XLSX
from tests.gate.packs import EXPECTED, PAGE, pack, pdf
from workbench import gate
from workbench.gate._decimals import decimals_in
from workbench.gate._parts import Passage
from workbench.gate._search import Haystack, needles_in

PAIRS = (
    "@,#", "@, #", "@;#", "@/#", "@ #", "(@ #)", "@\t#", "@ # 12", "@,#;0", "geo:@,#", "geo:@,#;u=35",
    "POINT(@ #)", "POINT Z (@ # 0)", "LINESTRING(@ #,@ #)", '{"type":"Point","coordinates":[@,#]}',
    "[[@,#],[@,#]]", "lat=@&lon=#", "https://example.org/@#map=@/#", "N@E#", "@°N,#°E", "«@,#».", "@|#",
)  # fmt: skip
"""Ways to write a place down: @ is one coordinate and # the other."""

SIGNS = tuple(product("- ", repeat=2))


def _found(values: list[str], text: str) -> set[str]:
    stack = Haystack()
    stack.add(Passage("a text", text), encodings=True)
    return {needle.text for needle in stack.find(needles_in(values, stack))}


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("mark", [".", ","])
def test_a_pair_is_found_in_every_notation(pair, mark):
    """Both numbers of a place are found, in all quadrants and both orders, with a point and with a comma."""
    for (north, east), swapped in product(SIGNS, (False, True)):
        values = [f"{north}11.35278".strip(), f"{east}40.35411".strip()]
        shown = [one.replace(".", mark) for one in (reversed(values) if swapped else values)]
        text = f"seen at {pair.replace('@', shown[0]).replace('#', shown[1])} today"
        assert _found(values, text) == {"11.35278", "40.35411"}, text


def test_a_pair_with_a_height_is_found():
    """A height behind a pair, with a point, hides nothing."""
    for height in ("0", "12.5", "12.345"):
        assert _found(["11.35278", "40.35411"], f"-11.35278,40.35411,{height}") == {"11.35278", "40.35411"}


def test_a_pair_cut_to_three_decimals_is_found():
    """Three decimals with a point are enough, also with no blank between; with a comma it takes four."""
    values = ["11.35278", "140.35411"]
    for text in ("11.352,140.354", "140.354,11.353", "11,3527,140,3541", "11,3528;140,3541"):
        assert _found(values, text) == set(values), text
    assert _found(values, "11,352;140,354") == set()
    assert _found(values, "5,140.35411") == _found(values, "140.35411,5") == {"140.35411"}


@pytest.mark.parametrize(
    "text",
    [
        "12,345", "1,234,567", "1.234.567", "1.234.567,89", "1,234.5678", "12.345,67", "1,234,567.891",
        "16.11.2026", "2026.11.16", "16,11,2026", "10.1234.5", "1.2345.6", "1234.5678", "1,2,345,6",
        "1.140.354,4119", "12,140.354", "3,11352,7", "1.5", "1.55,2.55", "٣٬٤٥٦٬٧٨٩",
    ],
)  # fmt: skip
def test_what_is_no_coordinate(text):
    """Thousands, dates, versions and lists of whole numbers are no coordinates."""
    assert list(decimals_in(text)) == []


NUMBERS = st.tuples(st.integers(0, 180), st.integers(0, 99_999)).map(lambda one: f"{one[0]}.{one[1]:05}")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=6), st.sampled_from(["", "-"]))
def test_any_run_of_coordinates_is_read_whole(numbers, sign):
    """However many numbers follow each other with only commas or signs between, each is read."""
    expected = [f"{int(one.partition('.')[0])}.{one.partition('.')[2]}" for one in numbers]
    assert list(decimals_in(("," + sign).join(numbers))) == expected
    assert list(decimals_in(f",{sign}".join(one.replace(".", ",") for one in numbers))) == expected


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.integers(0, 10**12), st.integers(0, 9999), st.sampled_from([",.", ".,"]))
def test_thousands_are_never_coordinates(whole, cents, marks):
    """A number of four digits or more, written with thousands and up to four decimals, is none."""
    grouped = f"{whole + 1000:,}".replace(",", marks[0])
    assert not list(decimals_in(f"{grouped}{marks[1]}{cents}"))
    if whole + 1000 >= 1_000_000 or marks[0] == ",":
        assert not list(decimals_in(grouped))


def test_very_long_runs_are_read_in_no_time():
    """Digits and marks without end are read once."""
    for run in ("1" * 200_000, "1." * 100_000, "1,2345," * 30_000, "1.234," * 30_000):
        list(decimals_in(run))


PLACES = ("11.35278,40.35411", "geo:40.35411,-11.35278", "11,35278;40,35411", "[40.35411,11.35278]")


@pytest.mark.parametrize("place", PLACES)
def test_a_pair_is_found_in_every_file(place, tmp_path):
    """In a page, a PDF, a table and a workbook the pair stops the pack; without it the pack passes."""
    cell = io.StringIO()
    csv.writer(cell).writerow([place])
    shown = cell.getvalue().strip().strip('"')
    files = {"table_01.csv": CSV["cell"](shown), "tables.xlsx": XLSX["cell"](place)}
    leaking = pack(
        tmp_path, page=PAGE.replace("calm", f"at {place} calm"), paper=pdf(f'#text("{place}")'), files=files
    )
    for value in ("-11.352781", "40.354114"):
        report = gate.check(leaking, forbidden=[value], permitted=[], expected=EXPECTED)
        assert {one.file for one in report.findings} == {"briefing.html", "briefing.pdf", *files}
    assert gate.check(leaking, forbidden=["11.354", "40.356"], permitted=[], expected=EXPECTED).passed
