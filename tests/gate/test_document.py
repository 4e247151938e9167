"""The document behind a pack is read with it: mail sets the text edition from it again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.gate.packs import CANARY, EXPECTED, PAGE, pack
from workbench import gate
from workbench.gate._document import open_document
from workbench.gate._parts import Passage

SAID: dict[str, Any] = {
    "masthead": {"title": "Weekly", "as_of": "2026-11-16T06:00:00+00:00", "note": None, "contents": False},
    "blocks": [
        {"kind": "table", "share": 0.85, "rows": [[{"text": "Kuro"}, {"text": "12"}]]},
        {"kind": "figure", "alt": "The last week: 7.", "svg": f"<svg><text>{CANARY} 9</text></svg>"},
    ],
}
COUNTED = replace(EXPECTED, count_threshold=5)


def written(said: object) -> bytes:
    """Return a document as the office keeps it."""
    return json.dumps(said).encode()


def opened(said: object, *, page: str | None = "Kuro 12", expected: gate.Expected = EXPECTED):
    """Take a document apart that the manifest names."""
    content = written(said)
    return open_document(
        content, named=hashlib.sha256(content).hexdigest(), page_text=page, expected=expected
    )


def test_texts_are_read_one_by_one_and_drawings_are_not() -> None:
    """Each different text and number is a passage; names of parts are code; a drawing leaves elsewhere."""
    found = opened(SAID)
    assert found.broken == []
    assert [one.text for one in found.passages[:-1]] == [
        "0.85", "12", "2026-11-16T06:00:00+00:00", "Kuro", "The last week: 7.", "Weekly", "figure", "table",
    ]  # fmt: skip
    assert {one.place for one in found.passages[:-1]} == {"a text"}
    names = "alt\nas_of\nblocks\ncontents\nkind\nmasthead\nnote\nrows\nshare\ntext\ntitle"
    assert found.passages[-1] == Passage("the names of its parts", names, code=True)
    assert opened("Kuro").passages == [Passage("a text", "Kuro")]


def test_it_is_the_one_that_the_manifest_names() -> None:
    """Another document, or a manifest that names none, is refused."""
    for named in ("0" * 64, None):
        found = open_document(written(SAID), named=named, page_text=None, expected=EXPECTED)
        assert found.broken == [("document", "it is not the one that the manifest names")]


@pytest.mark.parametrize(
    ("cell", "page", "broken"),
    [
        ("12", "Kuro 12", []),
        ("5", "Kuro 5", []),
        ("4", "Kuro 4", [("small_count", "1 in tables")]),
        ("12", "Kuro", [("unaudited_number", "1 numbers that the page does not show")]),
        ("12 of 30", None, [("unaudited_number", "2 numbers that the page does not show")]),
        ("1", "", [("unaudited_number", "1 numbers that the page does not show"),
                   ("small_count", "1 in tables")]),
    ],
)  # fmt: skip
def test_counts_are_audited_where_they_are_few(
    cell: str, page: str | None, broken: list[tuple[str, str]]
) -> None:
    """A small cell, and a number that the page does not show; widths, days and descriptions are none."""
    said = SAID | {"blocks": [{"text": cell, "share": 0.85, "alt": ["7"]}]}
    assert opened(said, page=page, expected=COUNTED).broken == broken
    assert opened(said, page=page).broken == []
    at_two = replace(EXPECTED, count_threshold=2)
    assert bool(opened(said, page=page, expected=at_two).broken) == (
        page != "Kuro 12" and cell not in ("5", "4")
    )


def test_its_numbers_are_those_of_the_page_beside_it(tmp_path: Path) -> None:
    """In a pack the page vouches for a number of the document, and nothing does where there is no page."""
    content = written({"text": "12"})
    folder = pack(
        tmp_path / "pack", page=PAGE.replace("calm", "12"), paper=b"",
        manifest={"document": hashlib.sha256(content).hexdigest()},
    )  # fmt: skip
    for broken in (set(), {"unaudited_number"}):
        report = gate.check(folder, forbidden=[], permitted=[], expected=replace(COUNTED, document=content))
        assert {one.rule for one in report.findings if one.file == "the document"} == broken
        (folder / "briefing.html").unlink(missing_ok=True)


@pytest.mark.parametrize("spoilt", [b"no JSON", b"\xff", b""])
def test_what_is_no_document_stops_the_pack(spoilt: bytes, tmp_path: Path) -> None:
    """It cannot be read, so the pack does not pass."""
    folder = pack(tmp_path / "pack", manifest={"document": hashlib.sha256(spoilt).hexdigest()})
    report = gate.check(folder, forbidden=[CANARY], permitted=[], expected=replace(EXPECTED, document=spoilt))
    assert {(one.rule, one.file) for one in report.findings} == {("unreadable", "the document")}


def hidden(where: str) -> dict[str, Any]:
    """Return the document with the canary in it."""
    block: dict[str, Any] = {
        "text": {"kind": "text", "text": f"By {CANARY}."},
        "note": {"kind": "table", "note": CANARY.upper()},
        "deep": {"left": [{"rows": [[{"text": CANARY.replace(" ", "\u00a0")}]]}]},
        "name": {CANARY: 1},
    }[where]
    return {**SAID, "blocks": [*SAID["blocks"], block]}


@pytest.mark.parametrize("where", ["text", "note", "deep", "name"])
@pytest.mark.parametrize("check", [gate.check, gate.check_apart])
def test_a_value_in_it_alone_stops_the_pack(where: str, check: Any, tmp_path: Path) -> None:
    """The files hold nothing; the document does, in a text or in the name of a part: the pack is stopped."""
    for said, found in ((SAID, set()), (hidden(where), {("forbidden_value", "the document")})):
        content = written(said)
        folder = pack(
            tmp_path / str(len(content)), manifest={"document": hashlib.sha256(content).hexdigest()}
        )
        given = {"forbidden": [CANARY], "permitted": ["Kuro"]}
        report = check(folder, expected=replace(EXPECTED, document=content), **given)
        assert {(one.rule, one.file) for one in report.findings} == found
        assert "the document" in report.files
        assert check(folder, expected=EXPECTED, **given).passed


def test_a_pack_without_a_manifest_names_no_document(tmp_path: Path) -> None:
    """Nothing says what the pack was set from: refused, as a manifest is that is none."""
    for manifest in (None, b"[]", b"{"):
        folder = pack(tmp_path / "pack")
        (folder / "manifest.json").unlink()
        if manifest is not None:
            (folder / "manifest.json").write_bytes(manifest)
        report = gate.check(
            folder, forbidden=[], permitted=[], expected=replace(EXPECTED, document=written(SAID))
        )
        assert ("document", "the document") in {(one.rule, one.file) for one in report.findings}
