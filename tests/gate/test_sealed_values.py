"""Sealed values: names and numbers of persons, found whatever their form."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate.leaks import CSV, XLSX
from tests.gate.packs import CANARY, EXPECTED, PAGE, pack, pdf
from workbench import gate
from workbench.gate._months import is_month
from workbench.gate._parts import Passage
from workbench.gate._search import FEW, Haystack, needles_sought, sealed_needles, worth_searching
from workbench.gate._sieve import packed
from workbench.gate._text import squeeze


def _found(value: str, text: str, **how: bool) -> bool:
    stack = Haystack()
    stack.add(Passage("a text", text, **how), encodings=True)
    return bool(stack.find(sealed_needles(packed(["x", value]), stack)))


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("20 72 34 56", "call 20723456 now", True), ("20723456", "(20) 72.34-56", True),
        ("20 72 34 56", "120723456", False), ("20 72 34 56", "207234567", False),
        ("55 06 929", "5506929", True), ("55 06 929", "+999 55 06 929", True),
        ("55 06 929", "055 06 929", True), ("055 06 929", "+999 55 06 929", True),
        ("+999 55 06 929", "55-06-929", True), ("+9995506929", "055 06 929", True),
        ("00999 55 06 929", "55 06 929", True), ("+258 (0)84 917 3302", "84 917 3302", True),
        ("84 917 3302 / 82 111 2222", "821112222", True), ("84 917 3302 (wife)", "849173302", True),
        ("٢٠٧٢٣٤٥٦", "20 72 34 56", True), ("20723456", "٢٠٧٢٣٤٥٦", True),
        ("20261116", "on 2026-11-16", True), ("12.06.1972", "born 12/06/1972", True),
        ("12-MOZ-3456", "12 moz 3456", True), ("44 ABC 99", "44abc99", True),
        ("12 Rue 1234", "at 12, rue 1234", True), ("16 November 2026", "16 november 2026", True),
        ("1e123456", "1E123456", True), ("5506929.0", "55069290", True),
        ("550692", "550692", False), ("1234", "1234", False), ("unknown", "unknown", False),
        ("", "x", False), ("Jo", "Jo", False), ("Ali", "met Ali", True),
        ("known since 2026-11-16", "2026-11-16", False),
    ],
)  # fmt: skip
def test_a_sealed_value_is_found_whatever_its_form(value, text, found):
    """Numbers from seven digits on in any grouping, with and without the country's digits; dates; names."""
    assert _found(value, text) is found


def test_digits_beside_each_other_in_a_drawing_are_no_telephone():
    """Of a drawing's numbers only a single one can be a telephone; in a text any grouping is."""
    assert not _found("20723456", "20 72 34 56", numbers=False)
    assert _found("20723456", "M1 20723456 3", numbers=False)
    assert not _found("20723456", "M20.7 23456", code=True, numbers=False)


@pytest.mark.parametrize(
    ("value", "worth"),
    [("12-MOZ-3456", True), ("44 ABC 99", True), ("12 Rue 1234", True), ("12 Marx 1234", True),
     ("12 Mar 1234", False), ("16 août 2026", False), ("16 марта 2026", False), ("16 نوفمبر 2026", False),
     ("1-Sept-26", False)],
)  # fmt: skip
def test_only_a_month_makes_a_word_part_of_a_date(value, worth):
    """A hidden value with a word between two numbers is a date only if the word is a month."""
    assert worth_searching(value, squeeze(value)) is worth
    assert not is_month("ma")


GROUPINGS = st.lists(st.sampled_from(["", " ", "-", ".", " / ", "\u00a0", ") "]), min_size=15, max_size=15)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.integers(10**6, 10**15 - 1).map(str), GROUPINGS, GROUPINGS)
def test_a_number_is_found_in_any_grouping(digits, stored, shown):
    """A sealed number of seven digits or more is found however it was stored and is written."""

    def set_out(marks: list[str]) -> str:
        return "".join(digit + mark for digit, mark in zip(digits, marks, strict=False))

    assert _found(set_out(stored), f"call {set_out(shown)} today")


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.text("ab1 2.-é", max_size=20), max_size=5), st.text("ab1 2.-é", max_size=60))
def test_sealed_values_are_at_least_forbidden(values, text):
    """What is found as a forbidden value is found as a sealed one."""
    stack = Haystack()
    stack.add(Passage("a text", text), encodings=False)
    assert needles_sought(packed(values), stack) <= sealed_needles(packed(values), stack)


def test_a_sealed_number_stops_every_file(tmp_path):
    """A telephone of eight digits stops the pack where it is sealed, in all files, here and apart."""
    number, shown = "20 72 34 56", "2072-3456"
    files = {"table_01.csv": CSV["cell"](shown), "tables.xlsx": XLSX["cell"](shown)}
    folder = pack(tmp_path, page=PAGE.replace("calm", shown), paper=pdf(f'#text("{shown}")'), files=files)
    assert gate.check(folder, forbidden=[number], permitted=[], expected=EXPECTED).passed
    report = gate.check(folder, forbidden=[], permitted=[], expected=EXPECTED, sealed=[number])
    assert {one.file for one in report.findings} == {"briefing.html", "briefing.pdf", *files}
    assert {one.rule for one in report.findings} == {"forbidden_value"}
    apart = gate.check_apart(folder, forbidden=[], permitted=[], expected=EXPECTED, sealed=[number])
    assert apart == report


@pytest.mark.parametrize(
    "note",
    ["Ask Adwen Aldrun, +999 55 06 929.", "Ask at 055 06 929", "ADWEN-ALDRUN", "tel. 5506929", "12 MOZ 3456"],
)
def test_what_says_a_sealed_value_is_not_permitted(note, tmp_path):
    """`unsaid` takes a text away that says a sealed value, and the gate then finds it in the page."""
    sealed = ["Adwen Aldrun", "+999 55 06 929", "12-MOZ-3456"]
    others = ["Nobody is named here.", "On 2026-11-16 there were 5,506 and 929 people."]
    permitted = gate.unsaid([note, *others], sealed)
    assert permitted == sorted(others)
    folder = pack(tmp_path, paper=b"", page=PAGE.replace("calm", note))
    for texts, passed in (([note], True), (permitted, False)):
        report = gate.check(folder, forbidden=sealed, permitted=texts, expected=EXPECTED, sealed=sealed)
        assert report.passed is passed


def test_many_sealed_values_take_the_same_texts_away() -> None:
    """More values than are sought one by one go through the sieve, and no text that says one stays."""
    many = [f"person number{n:06d} of the list" for n in range(FEW // 25)] + ["Adwen Aldrun"]
    assert sum(map(len, many)) > FEW
    assert gate.unsaid(["Ask Adwen Aldrun.", "Nobody is named."], many) == ["Nobody is named."]


def test_of_an_international_number_at_most_three_digits_are_the_countrys() -> None:
    """What is left without one, two or three of them is sought, with a zero before it too, and no less."""
    needles = sealed_needles(packed(["+123 4567 890123"]), Haystack())
    texts = {one.text for one in needles if one.kind == "digits"}
    bare = ["234567890123", "34567890123", "4567890123"]
    assert texts == {"1234567890123", *bare, *(f"0{one}" for one in bare)}


def test_what_is_permitted_is_permitted_as_it_is_written_only(tmp_path):
    """A permitted text that holds another value in an encoding does not permit that one."""
    hidden = base64.b64encode(CANARY.encode()).decode()
    folder = pack(tmp_path, paper=b"", page=PAGE.replace("calm", f"{CANARY}, Mirel Ostavan"))
    for text, found in ((f"Mirel Ostavan {hidden}", 1), (f"Mirel Ostavan {CANARY}", 0)):
        report = gate.check(folder, forbidden=[CANARY, "Mirel Ostavan"], permitted=[text], expected=EXPECTED)
        assert [one.detail[:2] for one in report.findings] == ["1 "] * 2 * found
    assert gate.unsaid([f"See {hidden}"], [CANARY]) == [f"See {hidden}"]
