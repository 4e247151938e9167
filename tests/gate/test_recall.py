"""Gate recall: what is hidden in any file, in any place and writing, is found; clean packs pass."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.document.example import example_document
from tests.gate.leaks import CSV, HTML, JSON, PDF, PNG, SHAPES, SVG, SVG_PAGE, VALUES, XLSX
from tests.gate.packs import EXPECTED, pack
from workbench import gate
from workbench.blocks import Cell, Paragraph, Run, Table, TableColumn, Text
from workbench.document import Document, Issue, render
from workbench.document.sheets import sheets

PLACES: dict[str, dict[str, Callable[[str], bytes]]] = {
    "briefing.html": HTML,
    "briefing.pdf": PDF,
    "figure_01.svg": SVG,
    "figure_01.png": PNG,
    "table_01.csv": CSV,
    "tables.xlsx": XLSX,
}
CASES = [(file, place) for file, places in PLACES.items() for place in places]
DRAWN = {("figure_01.svg", "path", "coordinate"), ("figure_01.svg", "path", "place")}
"""Numbers among those of a drawing are not found, as the gate says."""


def _leaked(folder, file: str, content: bytes, forbidden: str) -> gate.GateReport:
    files = {file: content}
    if file == "figure_01.png":
        files["figure_01.svg"] = SVG_PAGE.encode()
    return gate.check(
        pack(folder, paper=files.pop("briefing.pdf", b""), files=files),
        forbidden=[forbidden],
        permitted=[],
        expected=EXPECTED,
    )


def _told(report: gate.GateReport) -> str:
    return repr(report).casefold()


@pytest.mark.parametrize(("file", "place"), CASES)
def test_every_kind_of_value_is_found_in_every_place(file, place, tmp_path):
    """Each kind of value, in each place of each type of file, is found, and the report does not say it."""
    for number, (kind, (forbidden, leaked)) in enumerate(VALUES.items()):
        if (file, place, kind) in DRAWN:
            continue
        report = _leaked(tmp_path / str(number), file, PLACES[file][place](leaked), forbidden)
        assert any((one.rule, one.file) == ("forbidden_value", file) for one in report.findings), kind
        assert leaked.casefold() not in _told(report)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("file", ["briefing.html", "figure_01.svg", "table_01.csv", "tables.xlsx"])
def test_every_kind_of_value_is_found_in_every_writing(file, shape, tmp_path):
    """Each kind of value, written in each way, is found in the text of each type of file."""
    place = "cell" if file in ("table_01.csv", "tables.xlsx") else "text"
    for number, (kind, (forbidden, leaked)) in enumerate(VALUES.items()):
        content = PLACES[file][place](f"so {SHAPES[shape](leaked)} it is")
        report = _leaked(tmp_path / str(number), file, content, forbidden)
        assert any((one.rule, one.file) == ("forbidden_value", file) for one in report.findings), kind


@pytest.mark.parametrize("place", JSON)
def test_every_kind_of_value_is_found_in_a_manifest(place, tmp_path):
    """Each kind of value, in each place of a manifest, is found."""
    for number, (kind, (forbidden, leaked)) in enumerate(VALUES.items()):
        folder = pack(tmp_path / str(number), paper=b"", manifest=JSON[place](leaked))
        report = gate.check(folder, forbidden=[forbidden], permitted=[], expected=EXPECTED)
        assert any((one.rule, one.file) == ("forbidden_value", "manifest.json") for one in report.findings), (
            kind
        )


def test_there_are_five_hundred_leaks():
    """The tests above try at least five hundred leaks."""
    assert len(VALUES) * (len(CASES) + 4 * len(SHAPES) + len(JSON)) >= 500


NEAR = (
    "Zeldrin", "Okvanta", "+258 84 917 3303", "-11.354", "MZM-2026/00318", "Avexo", "أمين", "الزهرا", "Ngan",
    "told two of his men took", "the police", "reported", "two clashes", "near a market", "on Monday", "calm",
    "40,354", "1,140.3541", "1.140.354,11", "40.35.4119", "11.354,40.356", "16.11.2026", "12,345,678",
)  # fmt: skip


def _varied(number: int) -> Document:
    """Return the example document with other words in it, among them some like the forbidden ones."""
    chance = random.Random(number)  # noqa: S311  # the same packs each time
    text = " ".join(chance.choices(NEAR, k=chance.randint(5, 60)))
    table = Table(
        columns=(TableColumn("Place"), TableColumn("Said")),
        rows=tuple(
            (Cell(chance.choice(NEAR)), Cell(" ".join(chance.choices(NEAR, k=4))))
            for _ in range(chance.randint(1, 9))
        ),
        title=" ".join(chance.choices(NEAR, k=3)),
    )
    document = example_document()
    blocks = list(document.blocks)
    chance.shuffle(blocks)
    return replace(
        document,
        blocks=(Text((Paragraph((Run(text),)),)), table, *blocks[: chance.randint(0, 1)]),
    )


@pytest.mark.parametrize("tens", range(20))
def test_clean_packs_are_never_stopped(tens, tmp_path):
    """Ten of two hundred packs of the real renderers pass, with words that are nearly forbidden."""
    for number in range(tens * 10, tens * 10 + 10):
        document = _varied(number)
        issue = Issue(version=1, corrects=None)
        files = dict(sheets(document, ("csv", "xlsx")))
        if number % 10 == 0:
            files["briefing.pdf"] = render(document, "pdf", issue=issue)
        mark = document.masthead.marking
        folder = pack(
            tmp_path / str(number), page=render(document, "html", issue=issue),
            paper=files.pop("briefing.pdf", b""), files=files,
            manifest={"marking": mark},
        )  # fmt: skip
        report = gate.check(
            folder,
            forbidden=[forbidden for forbidden, _ in VALUES.values()],
            permitted=[],
            expected=replace(EXPECTED, marking=mark),
        )
        assert report.findings == ()
        assert len(report.files) >= 4
