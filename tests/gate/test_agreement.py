"""Marks, status, folder, recipients and thresholds agree, or the pack stops."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.gate import leaks
from tests.gate.leaks import CSV_PAGE, SVG_PAGE, book, png
from tests.gate.packs import EXPECTED, MARKING, PAGE, TYPST, pack, pdf
from workbench import gate

NOTICE = "DRAFT, NOT RELEASED"
DRAFT_PAGE = PAGE.replace(f"{MARKING} ·", f"{MARKING} · {NOTICE} ·").replace(
    f"{MARKING}</p></body>", f"{MARKING} {NOTICE}</p></body>"
)
DRAFT_PAPER = TYPST.replace("[CONFIDENTIAL]", f"[CONFIDENTIAL {NOTICE}]")


def _found(folder, **expected) -> set[tuple[str, str]]:
    report = gate.check(folder, forbidden=[], permitted=[], expected=replace(EXPECTED, **expected))
    return {(one.rule, one.file) for one in report.findings}


def test_a_draft_says_so_on_every_page(tmp_path):
    """A draft marked on all pages passes as a draft, and not as released."""
    folder = pack(tmp_path, page=DRAFT_PAGE, paper=pdf(source=DRAFT_PAPER), manifest={"status": "draft"})
    assert _found(folder, status="draft") == set()
    said = {("status", "briefing.html"), ("status", "briefing.pdf"), ("manifest_status", "manifest.json")}
    assert _found(folder) == said


def test_a_draft_that_does_not_say_so_is_refused(tmp_path):
    """A draft without its notice is refused, in each of its files."""
    files = {"table_01.csv": CSV_PAGE.encode(), "tables.xlsx": book()}
    folder = pack(tmp_path, manifest={"status": "draft"}, files=files)
    named = {"briefing.html", "briefing.pdf", *files}
    assert _found(folder, status="draft") == {("status", name) for name in named}


@pytest.mark.parametrize(
    "page",
    [DRAFT_PAGE.replace(f" · {NOTICE} ·", " ·"), DRAFT_PAGE.replace(f"{MARKING} {NOTICE}", MARKING)],
    ids=["not at the top", "not at the bottom"],
)
def test_a_draft_says_so_at_both_ends(page, tmp_path):
    """A notice at one end of a page is not enough."""
    folder = pack(tmp_path, page=page, paper=b"", manifest={"status": "draft"})
    assert _found(folder, status="draft") == {("status", "briefing.html")}


def test_another_audiences_mark_is_not_ones_own(tmp_path):
    """Where STRICTLY CONFIDENTIAL stands, CONFIDENTIAL does not."""
    page = PAGE.replace(MARKING, f"STRICTLY {MARKING}")
    folder = pack(tmp_path, page=page, paper=b"")
    assert _found(folder) == set()
    assert _found(folder, other_markings=(f"STRICTLY {MARKING}",)) == {("marking", "briefing.html")}


def test_a_mark_counts_in_its_own_letters_only(tmp_path):
    """The word "confidential" in a sentence marks nothing."""
    page = PAGE.replace(MARKING, MARKING.lower())
    assert _found(pack(tmp_path, page=page, paper=b"")) == {("marking", "briefing.html")}


@pytest.mark.parametrize("name", ["table_01.csv", "tables.xlsx"])
def test_tables_are_marked(name, tmp_path):
    """A table without the mark of its audience is refused."""
    content = CSV_PAGE.encode() if name.endswith("csv") else book()
    assert _found(pack(tmp_path / "a", paper=b"", files={name: content})) == set()
    other = {"marking": "RESTRICTED"}
    page = PAGE.replace(MARKING, "RESTRICTED")
    folder = pack(tmp_path / "b", page=page, paper=b"", files={name: content}, manifest=other)
    assert _found(folder, marking="RESTRICTED") == {("marking", name)}


def test_recipients_are_those_of_the_audience(tmp_path):
    """A manifest that names other recipients than the audience's is refused; its own are no leak."""
    folder = pack(tmp_path, paper=b"", manifest={"recipients": ["zeldrim.okvante@example.org"]})
    report = gate.check(
        folder, forbidden=["Zeldrim Okvante"], permitted=[],
        expected=replace(EXPECTED, recipients=("zeldrim.okvante@example.org",)),
    )  # fmt: skip
    assert report.passed
    assert ("manifest_recipients", "manifest.json") in _found(folder)
    assert ("manifest_recipients", "manifest.json") in _found(folder, recipients=("x@example.org",))


def test_a_pack_lies_where_it_says(tmp_path):
    """The folders of a pack are its audience, briefing, area, period and version."""
    said = {"briefing": "weekly", "area": "kestara", "period": "2026-W46", "version": 2, "language": "fr"}
    folder = pack(tmp_path, paper=b"", manifest=said)
    for version in ("v2", "v2-fr"):
        assert _found(folder, lies_in=("internal", "weekly", "kestara", "2026-W46", version)) == set()
    for other in (("partners", "weekly", "kestara", "2026-W46", "v2"), ("internal",), ()):
        assert _found(folder, lies_in=other) == {("manifest_folder", "manifest.json")}


def test_a_key_that_no_manifest_has_is_refused(tmp_path):
    """A manifest holds what manifests hold."""
    assert _found(pack(tmp_path, manifest={"note": ""})) == {("manifest_key", "manifest.json")}


def test_every_key_of_a_manifest_is_known():
    """What the publisher writes into a manifest is what the gate takes for one."""
    from workbench.gate._manifest import _KEYS
    from workbench.publish.manifest import Manifest

    assert set(Manifest.model_fields) == _KEYS


def test_a_signature_says_nothing(tmp_path):
    """A signature of the right form passes; another is refused, and its words are read."""
    import base64

    good = b"ed25519 0123456789abcdef " + base64.b64encode(bytes(range(64))) + b"\n"
    folder = pack(tmp_path, paper=b"")
    (folder / "manifest.sig").write_bytes(good)
    assert _found(folder) == set()
    for bad in (b"", good * 2, good.replace(b"ed25519", b"rsa"), b"\xff"):
        (folder / "manifest.sig").write_bytes(bad)
        assert _found(folder) == {("signature", "manifest.sig")}
    (folder / "manifest.sig").write_bytes(
        b"ed25519 0123456789abcdef " + base64.b64encode(b"Zeldrim Okvante was there".ljust(64)) + b"\n"
    )
    report = gate.check(folder, forbidden=["Zeldrim Okvante"], permitted=[], expected=EXPECTED)
    assert {(one.rule, one.file) for one in report.findings} == {("forbidden_value", "manifest.sig")}


@pytest.mark.parametrize(
    ("cell", "small"), [("3", True), ("5", False), ("0", False), ("1-4", False), (" 4 ", True)]
)
def test_a_small_count_in_a_table_is_refused(cell, small, tmp_path):
    """A bare number from 1 to below the threshold is refused in each table; others are not."""
    table = f"<table><tr><td>{cell}</td></tr></table><h1"
    files = {
        "table_01.csv": CSV_PAGE.replace("calm", cell).encode(),
        "tables.xlsx": book(lambda _, sheet: sheet.write_string(3, 1, cell)),
        "counts.csv": b"table,week,event_type,district,incidents,killed,state\n",
    }
    folder = pack(tmp_path, page=PAGE.replace("<h1", table), paper=b"", files=files)
    found = {one for one in _found(folder, count_threshold=5) if one[0] == "small_count"}
    named = {"briefing.html", "table_01.csv", "tables.xlsx"} if small else set()
    assert found == {("small_count", name) for name in named}
    assert not {one for one in _found(folder) if one[0] == "small_count"}


def test_counts_that_cannot_be_audited_are_refused(tmp_path):
    """An audience with a threshold gets no pack without a table of counts that the auditor can read."""
    folder = pack(tmp_path, paper=b"")
    assert _found(folder, count_threshold=5) == {("missing_part", "counts.csv")}
    folder = pack(tmp_path, paper=b"", files={"counts.csv": b"a,b\n1,2\n"})
    assert ("unreadable", "counts.csv") in _found(folder, count_threshold=5)


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        ("formula", CSV_PAGE.replace("calm", "=1+1")),
        ("formula", CSV_PAGE.replace("calm", "@SUM(1)")),
        ("formula", CSV_PAGE.replace("calm", " \u200b+cmd|x")),
        ("formula", CSV_PAGE.replace("calm", "\uff1d1")),
        ("formula", CSV_PAGE.replace("calm", "\t1")),
        ("link", CSV_PAGE.replace("calm", "https://example.org/x")),
        ("unreadable", CSV_PAGE.replace('"calm"', '"calm" x')),
        ("unreadable", CSV_PAGE + '"a","b","c"\r\n'),
        ("control", CSV_PAGE.replace("calm", "a\0b")),
    ],
)
def test_a_rule_for_tables(rule, content, tmp_path):
    """A table that breaks a rule is refused under that rule."""
    assert (rule, "table_01.csv") in _found(
        pack(tmp_path, paper=b"", files={"table_01.csv": content.encode()})
    )


@pytest.mark.parametrize("cell", ["-11.5", "+5 %", "-1,234", "'=1+1", "a = b", "see https://example.org"])
def test_a_cell_that_is_no_formula_passes(cell, tmp_path):
    """Numbers with a sign, marked cells and texts pass."""
    content = CSV_PAGE.replace("calm", cell).encode()
    assert _found(pack(tmp_path, paper=b"", files={"table_01.csv": content})) == set()


@pytest.mark.parametrize(
    ("place", "rule"),
    [("hidden sheet", "hidden_content"), ("very hidden sheet", "hidden_content"),
     ("hidden row", "hidden_content"),
     ("hidden column", "hidden_content"), ("no height", "hidden_content"), ("comment", "unknown_part"),
     ("defined name", "defined_name"), ("formula", "formula"), ("link", "link"), ("tip", "link"),
     ("own property", "unknown_part"), ("text box", "unknown_part"), ("extension", "element"),
     ("validation", "element"), ("own part", "unknown_part"), ("between the parts", "archive"),
     ("comment of the archive", "archive"), ("after the end", "archive")],
)  # fmt: skip
def test_a_rule_for_workbooks(place, rule, tmp_path):
    """A workbook that hides or does something is refused under a rule, whatever it says."""
    files = {"tables.xlsx": leaks.XLSX[place]("harmless")}
    found = {one for one, name in _found(pack(tmp_path, paper=b"", files=files)) if name == "tables.xlsx"}
    assert rule in found or (place == "after the end" and "unreadable" in found)


def test_a_picture_needs_its_drawing(tmp_path):
    """A picture passes beside the drawing it was made from, with nothing but its points; alone not."""
    files = {"figure_01.png": png(), "figure_01.svg": SVG_PAGE.encode()}
    assert _found(pack(tmp_path / "a", paper=b"", files=files)) == set()
    assert _found(pack(tmp_path / "b", paper=b"", files={"figure_01.png": png()})) == {
        ("opaque_image", "figure_01.png")
    }
    for place, make in leaks.PNG.items():
        folder = pack(tmp_path / place, paper=b"", files=files | {"figure_01.png": make("harmless")})
        assert ("chunk", "figure_01.png") in _found(folder), place
    damaged = files | {"figure_01.png": png()[:-20]}
    assert _found(pack(tmp_path / "c", paper=b"", files=damaged)) == {("unreadable", "figure_01.png")}


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [("script", "<path", "<script/><path"), ("element", "<path", "<animate/><path"),
     ("event_handler", "<path", "<path onload='x'"),
     ("outside_address", "<path", "<use href='//x.y/z#a'/><path"),
     ("outside_address", "text {", "@import 'x'; text {"), ("element", "<path", "<!-- x --><path"),
     ("unreadable", "<svg", "<!DOCTYPE svg><svg"),
     ("script_address", "<path", "<path data-x='javascript:1'")],
)  # fmt: skip
def test_a_rule_for_drawings(rule, old, new, tmp_path):
    """A drawing that acts, loads or hides is refused under a rule."""
    content = SVG_PAGE.replace(old, new, 1).encode()
    if rule == "unreadable":
        content = b"<?xml version='1.0'?>" + content
    files = {"figure_01.svg": content}
    assert (rule, "figure_01.svg") in _found(pack(tmp_path, paper=b"", files=files))


def test_a_large_pdf_is_refused_before_it_is_unpacked(tmp_path):
    """A small file that unpacks to more than any briefing holds is refused."""
    import zlib

    bomb = zlib.compress(bytes(210_000_000), 9)
    paper = pdf().replace(
        b"\nstartxref", b"\n9 0 obj\n<<>>stream\n" + bomb + b"\nendstream\nendobj\nstartxref"
    )
    assert ("unreadable", "briefing.pdf") in _found(pack(tmp_path, paper=paper))


def test_a_file_is_what_its_name_says(tmp_path):
    """The content of a file is that of its type, or it is refused."""
    for name in ("table_01.csv", "tables.xlsx", "figure_01.svg", "figure_01.png"):
        folder = pack(tmp_path / name, paper=b"", files={name: b"\xff\xfe\x00\xd8 neither this nor that"})
        found = {one for one in _found(folder) if one[1] == name}
        assert found & {("unknown_part", name), ("unreadable", name)}
    assert json.loads((tmp_path / "tables.xlsx" / "manifest.json").read_text(encoding="utf-8"))
