"""Small packs for the gate's tests: a page, a PDF and a manifest that pass, and ways to spoil them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import typst
from fontTools.fontBuilder import FontBuilder

from workbench import gate
from workbench.document.fonts import font_folder

MARKING = "CONFIDENTIAL"
AUDIENCE = "internal"
EXPECTED = gate.Expected(audience=AUDIENCE, marking=MARKING)
CANARY = "Zeldrim Okvante"

PAGE = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<title>Weekly conflict briefing</title>
<style>body {{ color: #1d2733; }} /* one accent */</style></head>
<body><p class="marking">{MARKING} · internal edition</p>
<h1>Weekly conflict briefing</h1>
<p>The police reported two clashes near the market on Monday; calm elsewhere.</p>
<a href="#map">Where</a>
<svg viewBox="0 0 100 50" role="img" aria-label="A map">
<path d="M11.3528,40.354L12.5,13"/><text x="3">Kuro</text></svg>
<p class="marking">{MARKING}</p></body></html>
"""

TYPST = """#set document(title: "Weekly conflict briefing", date: datetime(year: 2026, month: 11, day: 16))
#set page(header: [CONFIDENTIAL], width: 12cm, height: 9cm)
#set text(lang: "en")
= Weekly conflict briefing
The police reported two clashes near the market on Monday.
#pagebreak()
== Liaison
Calm elsewhere. %s
"""


@cache
def pdf(extra: str = "", *, source: str = TYPST, standard: str | None = "ua-1") -> bytes:
    """Return a tagged PDF of two pages with `extra` Typst markup on the second."""
    return bytes(
        typst.compile(
            (source % extra if "%s" in source else source).encode(),
            format="pdf",
            pdf_standards=standard or [],
            font_paths=[str(font_folder())],
        )
    )


def pack(
    folder: Path,
    *,
    page: str | bytes = PAGE,
    paper: bytes | None = None,
    manifest: dict[str, Any] | None = None,
    files: dict[str, bytes] | None = None,
) -> Path:
    """Write a pack into `folder`: a clean one, but for the parts given; no PDF if `paper` is empty."""
    files = {
        "briefing.html": page.encode() if isinstance(page, str) else page,
        "briefing.pdf": pdf() if paper is None else paper,
        **(files or {}),
    }
    if paper == b"":
        del files["briefing.pdf"]
    said: dict[str, Any] = {
        "audience": AUDIENCE,
        "marking": MARKING,
        "status": "released",
        "title": "Weekly conflict briefing",
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    } | (manifest or {})
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


def edited(change: Callable[[pikepdf.Pdf], object], *, packed: bool = False) -> bytes:
    """Return the clean PDF after `change`; `packed` compresses its objects, strings and all."""
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pikepdf.open(io.BytesIO(pdf())) as document:
        change(document)
        out = io.BytesIO()
        document.save(out, object_stream_mode=mode)
    return out.getvalue()


def font(name: str) -> str:
    """Return a data address of an empty WOFF font called `name`."""
    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupNameTable({"familyName": name, "styleName": "Regular"})
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.setupPost()
    builder.font.flavor = "woff"
    out = io.BytesIO()
    builder.save(out)
    return "data:font/woff;base64," + base64.b64encode(out.getvalue()).decode()
