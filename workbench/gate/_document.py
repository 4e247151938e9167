"""The document that an edition was set from: its text edition and its comparisons are set from it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from workbench.gate._counts import small_counts
from workbench.gate._paper import numbers
from workbench.gate._parts import Expected, Opened

DOCUMENT = "the document"
"""What a report calls it: it lies in the office and is no file of the pack."""

_DRAWING = "svg"
"""The key of drawings: they leave in the page and the PDF alone, which are read."""

_UNCOUNTED = frozenset({"as_of", "share", "alt"})
"""Keys whose numbers are no counts: when data were known, how wide a column is; and descriptions."""


def open_document(content: bytes, *, named: object, page_text: str | None, expected: Expected) -> Opened:
    """
    Take a document apart: its texts, the names of its parts, and the rules it breaks.

    `named` is the SHA-256 that the manifest gives for it, and `page_text` what the HTML page shows (None if
    there is none). Rules: `document` (the manifest names another), and from a threshold of 2 on
    `small_count` (a text is a bare whole number from 1 to below it) and `unaudited_number` (a run of digits
    that the page does not show; descriptions of drawings are excepted). Raises ValueError if it is not JSON.
    """
    opened = Opened()
    if hashlib.sha256(content).hexdigest() != named:
        opened.breaks("document", "it is not the one that the manifest names")
    said = [(key, text) for key, text in _said(json.loads(content.decode())) if key != _DRAWING]
    for text in sorted({text for _, text in said}):  # apart: side by side they say what nobody wrote
        opened.holds("a text", text)
    opened.holds("the names of its parts", "\n".join(sorted({key for key, _ in said})), code=True)
    if expected.count_threshold > 1:
        known = numbers(page_text or "")
        found = {number for key, text in said if key not in _UNCOUNTED for number in numbers(text)}
        if found - known:
            opened.breaks("unaudited_number", f"{len(found - known)} numbers that the page does not show")
        small_counts([text for key, text in said if key == "text"], expected, opened)
    return opened


def _said(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text and number with the key it stands under, and every key without one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, ""
            yield from _said(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner, key)
    elif value is not None and not isinstance(value, bool):
        yield key, str(value)
