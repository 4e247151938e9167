"""The search of these tests finds a canary in a real file, however it is written and wherever it is put."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pikepdf
import pytest
import xlsxwriter

from tests.canaries import Aviary
from tests.leaks.conftest import Made
from tests.leaks.readers import may_read
from tests.leaks.readings import contents

READERS = "public"
Written = Callable[[str], str]

IN_TEXT: dict[str, Written] = {
    "plain": str,
    "capitals": str.upper,
    "full-width": lambda one: "".join(chr(ord(letter) + 0xFEE0) for letter in one),
    "zero-width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "bidi controls": lambda one: f"\u202a{one[:3]}\u2066{one[3:]}\u202c",
    "decimal entities": lambda one: "".join(f"&#{ord(letter)};" for letter in one),
    "hexadecimal entities": lambda one: "".join(f"&#x{ord(letter):x};" for letter in one),
    "entities twice": lambda one: "".join(f"&amp;#{ord(letter)};" for letter in one),
    "percent": lambda one: "".join(f"%{ord(letter):02X}" for letter in one),
    "percent twice": lambda one: quote("".join(f"%{ord(letter):02x}" for letter in one)),
    "entities of percent": lambda one: "".join(f"&#37;{ord(letter):02x}" for letter in one),
    "script escapes": lambda one: "".join(f"\\u{ord(letter):04x}" for letter in one),
    "base64": lambda one: base64.b64encode(f" {one} ".encode() * 2).decode(),
    "base64 from its second letter": lambda one: base64.b64encode(f"?{one} {one}".encode()).decode(),
    "base64 from its third letter": lambda one: base64.b64encode(f"??{one} {one}".encode()).decode(),
    "base64 within a word": lambda one: "xQ" + base64.b64encode(f"{one} {one}".encode()).decode(),
    "base64 for addresses": lambda one: base64.urlsafe_b64encode(f"\xff{one} {one}".encode()).decode(),
    "base64 over lines": lambda one: "\n".join(base64.b64encode(f"{one} {one}".encode()).decode()),
    "base64 twice": lambda one: base64.b64encode(base64.b64encode(f"{one} {one}".encode())).decode(),
    "base64 of UTF-16": lambda one: base64.b64encode(f"{one} ".encode("utf-16-le")).decode(),
    "hexadecimal": lambda one: f"{one} {one}".encode().hex(),
    "hexadecimal, capitals": lambda one: f"{one} {one}".encode().hex().upper(),
    "hexadecimal after a digit": lambda one: "7" + f"{one} {one}".encode().hex(),
    "hexadecimal of UTF-16": lambda one: f"{one} ".encode("utf-16-be").hex(),
}
LETTERS: dict[str, Written] = {
    "accents": "\u0301".join,
    "precomposed accents": lambda one: one.replace("z", "\u017e").replace("a", "\u00e4"),
    "mathematical letters": lambda one: "".join(chr(0x1D41A + ord(letter) - 97) for letter in one),
    "letter-spaced": " ".join,
    "over lines": "\n".join,
    "underscores": "_".join,
    "elements between": "<b></b>".join,
    "quoted": '", "'.join,
}
NUMBERS: dict[str, Written] = {
    "a separator": lambda one: f"{one[:2]},{one[2:]}",
    "a narrow space": lambda one: f"{one[:2]}\u202f{one[2:]}",
    "decimals": lambda one: f"{one}.0",
    "a range": lambda one: f"0\u2013{one}",
    "in brackets": lambda one: f"({one})",
}
DAYS: dict[str, Written] = {
    "as a page writes it": lambda one: datetime.fromisoformat(one).strftime("%-d %b %Y"),
    "in full": lambda one: datetime.fromisoformat(one).strftime("%d %B %Y"),
    "an instant": lambda one: f"{one}T10:00:00+00:00",
    "digits": lambda one: one.replace("-", ""),
    "milliseconds": lambda one: str(int(datetime.fromisoformat(one).replace(tzinfo=UTC).timestamp() * 1000)),
}
BYTES = {
    "UTF-16, low byte first": "utf-16-le",
    "UTF-16, high byte first": "utf-16-be",
    "UTF-16 with its mark": "utf-16",
}


@pytest.fixture(scope="module")
def planted(made: Made) -> list[tuple[str, str, str]]:
    """Return for each way of writing a canary of its own: what it is, the way, and what is written."""
    kinds = {
        "word": (str.isalpha, IN_TEXT | LETTERS),
        "number": (str.isdigit, IN_TEXT | NUMBERS),
        "day": (lambda one: one.count("-") == 2, IN_TEXT | DAYS),
        "place": (lambda one: "." in one, IN_TEXT),
    }
    found = []
    hidden = [one for one, canary in made.aviary.known.items() if not may_read(canary, READERS)]
    for is_one, ways in kinds.values():
        known = (one for one in hidden if is_one(one))
        for name, written in ways.items():
            word = next(known)
            found.append((word, name, written(word)))
    return found


@pytest.fixture
def pack(made: Made, tmp_path: Path) -> Path:
    """Copy a small real pack, in which none of the planted canaries is."""
    folder = made.office.path(made.office.outputs) / READERS / "public_summary"
    return Path(shutil.copytree(next(folder.rglob("v1")), tmp_path / "pack"))


def unheard(aviary: Aviary, file: Path, planted: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Return which of the planted canaries the search does not find in a file, and how they are written."""
    heard = aviary.heard(*contents(file))
    return [(word, name) for word, name, _ in planted if word not in heard]


def in_bytes(aviary: Aviary) -> Iterator[tuple[str, str, bytes]]:
    """Yield canaries that no other test plants, in encodings of two bytes a letter."""
    for word, (name, encoding) in zip(reversed(aviary.known), BYTES.items(), strict=False):
        yield word, name, f" {word} ".encode(encoding)


def test_a_real_page_with_canaries(made: Made, pack: Path, planted: list[tuple[str, str, str]]) -> None:
    """Each is found in text, in an attribute, in a comment and in bytes of another encoding."""
    file = pack / "briefing.html"
    page = file.read_text(encoding="utf-8")
    assert len(unheard(made.aviary, file, planted)) == len(planted)
    for shape in ("<p>{}</p>", "<i title='{}'></i>", "<!-- {} -->"):
        more = "\n".join(shape.format(written) for _, _, written in planted)
        file.write_text(page.replace("</body>", more + "</body>"), encoding="utf-8")
        assert unheard(made.aviary, file, planted) == []
    binary = list(in_bytes(made.aviary))
    file.write_bytes(page.encode() + b"".join(said for _, _, said in binary))
    heard = made.aviary.heard(*contents(file))
    assert {name for word, name, _ in binary if word not in heard} == set()


def test_a_real_manifest_with_canaries(made: Made, pack: Path, planted: list[tuple[str, str, str]]) -> None:
    """Each is found as a value and as a name, whether letters outside ASCII are escaped or not."""
    file = pack / "manifest.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    assert len(unheard(made.aviary, file, planted)) == len(planted)
    for ascii_only in (True, False):
        more = {"more": [written for _, _, written in planted]}
        file.write_text(json.dumps(said | more, ensure_ascii=ascii_only), encoding="utf-8")
        assert unheard(made.aviary, file, planted) == []
        named = {written: n for n, (_, _, written) in enumerate(planted)}
        file.write_text(json.dumps(said | named, ensure_ascii=ascii_only), encoding="utf-8")
        assert unheard(made.aviary, file, planted) == []


@pytest.mark.parametrize("place", ["title", "metadata", "attachment", "note", "outline"])
def test_a_real_pdf_with_canaries(
    made: Made, pack: Path, planted: list[tuple[str, str, str]], place: str
) -> None:
    """Each is found in a title, in XMP metadata, in an attached file, in an annotation and in an outline."""
    file = pack / "briefing.pdf"
    told = " | ".join(written for _, _, written in planted)
    assert len(unheard(made.aviary, file, planted)) == len(planted)
    with pikepdf.open(file, allow_overwriting_input=True) as opened:
        if place == "title":
            opened.docinfo["/Title"] = told
        elif place == "metadata":
            with opened.open_metadata(set_pikepdf_as_editor=False) as metadata:
                metadata["dc:description"] = told
        elif place == "attachment":
            opened.attachments["more.txt"] = told.encode()
        elif place == "note":
            note = {"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Text, "/Contents": told}
            note |= {"/Rect": [0, 0, 1, 1]}
            opened.pages[0].Annots = opened.make_indirect([pikepdf.Dictionary(note)])
        else:
            with opened.open_outline() as outline:
                outline.root.append(pikepdf.OutlineItem(told, 0))
        opened.save(file)
    assert unheard(made.aviary, file, planted) == []


def test_a_workbook_with_canaries(made: Made, tmp_path: Path, planted: list[tuple[str, str, str]]) -> None:
    """Each is found in the cells of a workbook, in its comments and in the name of a hidden sheet."""
    book = xlsxwriter.Workbook(tmp_path / "tables.xlsx")
    sheet = book.add_worksheet()
    for row, (_, _, written) in enumerate(planted):
        sheet.write_string(row, 0, written)
    book.add_worksheet(next(word for word in reversed(made.aviary.known) if word.isalpha())).hide()
    book.close()
    assert unheard(made.aviary, tmp_path / "tables.xlsx", planted) == []
    hidden = next(word for word in reversed(made.aviary.known) if word.isalpha())
    assert hidden in made.aviary.heard(*contents(tmp_path / "tables.xlsx"))
