"""A value is found wherever it is put, and however it is written."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from urllib.parse import quote

import pikepdf
import pytest

from tests.gate.packs import CANARY, EXPECTED, PAGE, edited, font, pack, pdf
from workbench import gate

IN_TEXT = {
    "plain": CANARY,
    "capitals": CANARY.upper(),
    "accents": "Zéldrím Okvànte",
    "full-width": "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in CANARY),
    "mathematical letters": "".join(chr(0x1D41A + ord(c) - 97) if c.islower() else c for c in CANARY),
    "zero-width": "\u200b".join(CANARY),
    "soft hyphens": "Zel\u00addrim Ok\u00advante",
    "bidi controls": "\u202a" + CANARY[:5] + "\u2066" + CANARY[5:] + "\u202c",
    "no-break space": CANARY.replace(" ", "\u00a0"),
    "line breaks": "Zeldrim\n   Okvante",
    "hyphenated": "Zel-\ndrim Okvante",
    "underscores": "zeldrim_okvante",
    "letter-spaced": " ".join(CANARY),
    "elements between": "<b>Zel</b>drim <i>Okv</i>ante",
    "decimal entities": "".join(f"&#{ord(c)};" for c in CANARY),
    "hexadecimal entities": "".join(f"&#x{ord(c):x};" for c in CANARY),
    "entities twice": "".join(f"&amp;#{ord(c)};" for c in CANARY),
    "percent": quote(CANARY),
    "percent throughout": "".join(f"%{ord(c):02x}" for c in CANARY),
    "percent twice": quote(quote(CANARY)),
    "script escapes": "".join(f"\\u{ord(c):04x}" for c in CANARY),
    "quoted-printable": "".join(f"={ord(c):02X}" for c in CANARY),
    "base64": base64.b64encode(CANARY.encode()).decode(),
    "base64 one into a word": "x" + base64.b64encode(CANARY.encode()).decode(),
    "base64 three into a word": "xQz" + base64.b64encode(CANARY.encode()).decode(),
    "base64 in a word": "xQ" + base64.b64encode(CANARY.encode()).decode(),
    "base64 at offset one": base64.b64encode(b"?" + CANARY.encode()).decode(),
    "base64 at offset two": base64.b64encode(b"??" + CANARY.encode()).decode(),
    "base64 over lines": "\n".join(
        base64.b64encode(CANARY.encode() * 3).decode()[i : i + 9] for i in range(0, 60, 9)
    ),
    "base64 twice": base64.b64encode(base64.b64encode(CANARY.encode())).decode(),
    "base64 of UTF-16": base64.b64encode(CANARY.encode("utf-16-le")).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("="),
    "hexadecimal": CANARY.encode().hex(),
    "hexadecimal, capitals": CANARY.encode().hex().upper(),
    "hexadecimal after a digit": "7" + CANARY.encode().hex(),
    "hexadecimal with spaces": CANARY.encode().hex(" "),
    "hexadecimal of UTF-16": CANARY.encode("utf-16-be").hex(),
}

IN_HTML = {
    "a paragraph": PAGE.replace("calm", CANARY),
    "the title": PAGE.replace("<title>", f"<title>{CANARY} "),
    "an attribute": PAGE.replace('role="img"', f'role="img" aria-describedby="x" data-note="{CANARY}"'),
    "an attribute without quotes": PAGE.replace('role="img"', "role=img data-note=zeldrim-okvante"),
    "an attribute's name": PAGE.replace('role="img"', "data-zeldrim-okvante"),
    "an id": PAGE.replace("<h1", '<h1 id="zeldrim-okvante"'),
    "a class": PAGE.replace('class="marking"', 'class="marking zeldrim_okvante"'),
    "an element's name": PAGE.replace("<h1>", "<zeldrim-okvante></zeldrim-okvante><h1>"),
    "alternative text": PAGE.replace("A map", CANARY),
    "a comment": PAGE.replace("<h1", f"<!-- {CANARY} --><h1"),
    "a conditional comment": PAGE.replace("<h1", f"<!--[if IE]>{CANARY}<![endif]--><h1"),
    "the document type": PAGE.replace("<!DOCTYPE html>", f'<!DOCTYPE html SYSTEM "{CANARY}">'),
    "a marked section": PAGE.replace("Kuro</text>", f"Kuro</text><![CDATA[{CANARY}]]>"),
    "a processing instruction": PAGE.replace("<h1", f"<?note {CANARY}?><h1"),
    "hidden text": PAGE.replace("<h1", f'<p hidden style="display:none">{CANARY}</p><h1'),
    "a template": PAGE.replace("<h1", f"<template>{CANARY}</template><h1"),
    "a style comment": PAGE.replace("one accent", CANARY),
    "a style's content": PAGE.replace("/* one", f'p::after {{ content: "{CANARY}" }} /* one'),
    "a style's escapes": PAGE.replace(
        "/* one", "p::after { content: '" + "".join(f"\\{ord(c):x} " for c in CANARY) + "' } /* one"
    ),
    "a custom property": PAGE.replace("/* one", f":root {{ --note: {CANARY} }} /* one"),
    "a selector": PAGE.replace("/* one", ".zeldrim-okvante { color: red } /* one"),
    "a style attribute": PAGE.replace("<h1", f"<h1 style=\"--x: '{CANARY}'\""),
    "text of a drawing": PAGE.replace("Kuro", CANARY),
    "a drawing's title": PAGE.replace("<path", f"<title>{CANARY}</title><path"),
    "a path": PAGE.replace("M11.3528", "M" + CANARY),
    "a meta element": PAGE.replace("<title>", f'<meta name="author" content="{CANARY}"><title>'),
    "a data address": PAGE.replace("<h1", f'<a href="data:text/plain,{quote(CANARY)}">x</a><h1'),
    "a data address in base64": PAGE.replace(
        "/* one",
        f"p {{ background: url(data:image/png;base64,{base64.b64encode(CANARY.encode()).decode()}) }} /* one",
    ),
    "a font's name": PAGE.replace("/* one", f"@font-face {{ src: url({font(CANARY)}) }} /* one"),
    "after the end": PAGE + CANARY,
}


def _search(folder: Path, value: str = CANARY) -> list[gate.Finding]:
    report = gate.check(folder, forbidden=[value], permitted=[], expected=EXPECTED)
    told = repr(report).casefold()
    assert "zeldrim" not in told
    assert "okvante" not in told
    return [one for one in report.findings if one.rule == "forbidden_value"]


@pytest.mark.parametrize("how", IN_TEXT)
def test_a_value_is_found_however_it_is_written_in_text(how, tmp_path):
    """A forbidden value in a page's text is found in every spelling and encoding."""
    page = PAGE.replace("calm", f"at {IN_TEXT[how]} calm")
    assert [one.file for one in _search(pack(tmp_path, page=page))]


@pytest.mark.parametrize("how", [how for how in IN_TEXT if how != "elements between"])
def test_a_value_is_found_however_it_is_written_in_an_attribute(how, tmp_path):
    """A forbidden value in an attribute is found in every spelling and encoding."""
    page = PAGE.replace("A map", f"A map {IN_TEXT[how]} end")
    assert "an attribute" in " ".join(one.detail for one in _search(pack(tmp_path, page=page)))


@pytest.mark.parametrize("where", IN_HTML)
def test_a_value_is_found_wherever_it_is_in_a_page(where, tmp_path):
    """A forbidden value is found in every part of an HTML file."""
    assert IN_HTML[where] != PAGE
    assert {one.file for one in _search(pack(tmp_path, page=IN_HTML[where]))} == {"briefing.html"}


def _outline(document: pikepdf.Pdf) -> None:
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(CANARY, 0))


def _metadata(document: pikepdf.Pdf) -> None:
    with document.open_metadata() as metadata:
        metadata["dc:description"] = CANARY


def _note(document: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents=CANARY
    )
    document.pages[0].Annots = document.make_indirect(pikepdf.Array([note]))


def _actual_text(document: pikepdf.Pdf) -> None:
    content = document.pages[0].Contents.read_bytes()
    extra = b"/Span << /ActualText <FEFF" + CANARY.encode("utf-16-be").hex().encode() + b"> >> BDC EMC\n"
    document.pages[0].Contents = document.make_stream(content + extra)


def _stray(document: pikepdf.Pdf) -> None:
    document.Root.Lost = document.make_indirect(pikepdf.Array([pikepdf.String(CANARY)]))


def _stream_comment(document: pikepdf.Pdf) -> None:
    content = document.pages[0].Contents.read_bytes()
    document.pages[0].Contents = document.make_stream(content + b"\n% " + CANARY.encode() + b"\n")


def _wide_stream(document: pikepdf.Pdf) -> None:
    document.Root.Lost = document.make_stream(CANARY.encode("utf-16-be"))


IN_PDF = {
    "text": lambda: pdf(CANARY),
    "text over lines": lambda: pdf(f"#block(width: 1.4cm)[#set text(hyphenate: true)\n{CANARY}]"),
    "white text": lambda: pdf(f"#text(fill: white)[{CANARY}]"),
    "text off the page": lambda: pdf(f"#place(dx: -90cm)[{CANARY}]"),
    "tiny text": lambda: pdf(f"#text(size: 0.01pt)[{CANARY}]"),
    "text in pieces": lambda: pdf("Zel#h(4pt)drim Ok#text(fill: red)[vante]"),
    "a cell beside another": lambda: pdf(f"#table(columns: (2cm, 1cm))[{CANARY}][7]"),
    "a heading": lambda: pdf(f"\n=== {CANARY}"),
    "alternative text": lambda: pdf(f'#figure(rect(), alt: "{CANARY}")'),
    "the title": lambda: edited(lambda d: d.docinfo.__setitem__("/Title", CANARY)),
    "the keywords, as UTF-16": lambda: edited(lambda d: d.docinfo.__setitem__("/Keywords", CANARY + "ł")),
    "another entry of the metadata": lambda: edited(lambda d: d.docinfo.__setitem__("/Case", CANARY)),
    "the metadata as XML": lambda: edited(_metadata),
    "the outline": lambda: edited(_outline),
    "the outline, compressed": lambda: edited(_outline, packed=True),
    "a name, compressed": lambda: edited(lambda d: d.Root.__setitem__("/zeldrim_okvante", 1), packed=True),
    "after the end, as UTF-16": lambda: pdf() + CANARY.encode("utf-16-be"),
    "a note": lambda: edited(_note),
    "replacement text": lambda: edited(_actual_text),
    "an object of no page": lambda: edited(_stray),
    "a name": lambda: edited(lambda d: d.Root.__setitem__("/zeldrim_okvante", 1)),
    "a comment in a page's content": lambda: edited(_stream_comment),
    "a stream of no page": lambda: edited(_wide_stream),
    "an attachment": lambda: edited(lambda d: d.attachments.__setitem__("x.txt", CANARY.encode())),
    "an attachment's name": lambda: edited(lambda d: d.attachments.__setitem__(CANARY, b"x")),
    "a comment between objects": lambda: pdf().replace(
        b"\nstartxref", b"\n%" + CANARY.encode() + b"\nstartxref"
    ),
    "after the end": lambda: pdf() + b"\n" + CANARY.encode(),
}


@pytest.mark.parametrize("where", IN_PDF)
def test_a_value_is_found_wherever_it_is_in_a_pdf(where, tmp_path):
    """A forbidden value is found in every part of a PDF."""
    assert {one.file for one in _search(pack(tmp_path, paper=IN_PDF[where]()))} == {"briefing.pdf"}


@pytest.mark.parametrize(
    "said",
    [{"reviewer": CANARY}, {CANARY: 1}, {"parameters": {"a": [{"b": CANARY}]}}, {"x": json.dumps([CANARY])}],
    ids=["a text", "a key", "deep inside", "JSON in a text"],
)
def test_a_value_is_found_wherever_it_is_in_a_manifest(said, tmp_path):
    """A forbidden value is found in every key and text of a manifest."""
    assert {one.file for one in _search(pack(tmp_path, manifest=said))} == {"manifest.json"}


def test_escapes_of_a_manifest_hide_nothing(tmp_path):
    """A value that JSON writes with escapes is found."""
    folder = pack(tmp_path, manifest={"reviewer": "Zéldrim Okvanté"})
    assert b"\\u00e9" in (folder / "manifest.json").read_bytes()
    assert _search(folder)


def test_a_compressed_value_is_not_found_as_documented(tmp_path):
    """What was compressed before it was written is beyond the gate, as its docstring says."""
    hidden = base64.b64encode(zlib.compress(CANARY.encode() * 9)).decode()
    assert not _search(pack(tmp_path, page=PAGE.replace("calm", hidden)))
    assert "compressed" in (gate.__doc__ or "")
