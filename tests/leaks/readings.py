"""All the ways in which a file can be read: what stands in it, decoded, and the parts it is made of."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){9,}[0-9A-Fa-f]?")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_IN_DIGITS = re.compile("b:(?:[0-9a-f]{2})+")
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_ALONE = re.compile(rb"(?<!\w)\d+(?!\w)")
_ROUNDS = 3
"""How often an escape may stand within another: a format's own, and two of whoever hides something."""
_DEPTH = 2
"""How many layers of base64 or hexadecimal are taken off."""


def readings(content: bytes | str, *, depth: int = _DEPTH) -> Iterator[str]:
    """
    Yield a content as text in every encoding that may hide a word in it, without what nobody sees.

    Taken off: UTF-16, entities, percent and script escapes (also one within the other), compatibility forms,
    accents, zero-width characters, elements between letters, base64 and hexadecimal. Letters keep their case.
    """
    if isinstance(content, bytes):
        # without its NULs, UTF-16 of Latin letters is those letters, wherever its pairs begin
        text = content.replace(b"\0", b"").decode("utf-8", "replace")
    else:
        text = content.replace("\0", "")
    plain = text
    for _ in range(_ROUNDS):
        plain = html.unescape(_PERCENT.sub(_unquoted, plain))
        plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), plain)
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKD", plain))
    yield plain
    if "<" in plain:
        yield re.sub(r"<[^<>]*>", "", plain)
    if depth:
        unbroken = re.sub(r"\s+", "", text)
        for one in dict.fromkeys((text, plain, unbroken)):
            for inner in (_of_base64(one), _of_hex(one)):
                if inner:
                    yield from readings(inner, depth=depth - 1)


def _unquoted(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")


def _of_base64(text: str) -> bytes:
    parts = []
    for run in _BASE64.findall(text):
        for start in range(4):
            whole = run[start:].replace("-", "+").replace("_", "/")
            whole = whole[: len(whole) // 4 * 4] if len(whole) % 4 == 1 else whole + "=" * (-len(whole) % 4)
            parts.append(base64.b64decode(whole))
    return b"\n".join(parts)


def _of_hex(text: str) -> bytes:
    parts = []
    for run in _HEX.findall(text):
        for start in range(2):
            parts.append(bytes.fromhex(run[start : start + (len(run) - start) // 2 * 2]))
    return b"\n".join(parts)


def contents(file: Path) -> Iterator[bytes | str]:
    """Yield all there is to read in a file: its name, its bytes, and what its format keeps packed inside."""
    yield file.name
    content = file.read_bytes()
    if file.suffix != ".pdf":
        yield content
    if file.suffix == ".json":
        yield "\n".join(_said(content))
    elif file.suffix == ".pdf":
        yield from pdf_contents(content)
    elif zipfile.is_zipfile(BytesIO(content)):
        with zipfile.ZipFile(BytesIO(content)) as packed:
            yield packed.comment
            for part in packed.infolist():
                yield part.filename
                yield part.comment + part.extra
                yield packed.read(part)


def pdf_contents(content: bytes) -> Iterator[bytes | str]:
    """
    Yield all there is to read in a PDF: the text of its pages, every string, name and stream, metadata.

    Where objects lie and where a page's letters stand are numbers that nobody reads: they are left out.
    """
    with pypdfium2.PdfDocument(content) as read:
        yield "\f".join(page.get_textpage().get_text_range() for page in read)
    yield _ALONE.sub(b"", content)
    with pikepdf.open(BytesIO(content)) as opened:
        said = [opened.trailer, *opened.objects]
        for one in said:
            if isinstance(one, pikepdf.Stream):
                stream = one.read_bytes()
                carried = one.get("/Type") in {pikepdf.Name.Metadata, pikepdf.Name.EmbeddedFile}
                yield stream if carried else _ALONE.sub(b"", stream)
        yield "\n".join(_said(b"\n".join(one.to_json(dereference=True, schema_version=2) for one in said)))


def _said(told: bytes) -> Iterator[str]:
    """Yield the strings of JSON as text; those of a PDF that are bytes (b: and digits) decoded."""
    for quoted in _QUOTED.findall(told):
        text = json.loads(quoted)
        if _IN_DIGITS.fullmatch(text):
            raw = bytes.fromhex(text[2:])
            yield raw.decode("utf-16-be" if raw.startswith(b"\xfe\xff") else "utf-8", "replace")
        yield text
