"""Text as a document may hold it: composed, on one line, and without characters nobody sees."""

from __future__ import annotations

import re
import unicodedata

_ARABIC = "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08b4"
_INVISIBLE = re.compile(
    # C0 and C1 controls, soft hyphen, zero-width, bidirectional and deprecated controls, surrogates,
    # interlinear marks, noncharacters, tag characters and the variation selectors beyond the basic ones
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
    # the joiners are spelling between Arabic letters, and nowhere else in the languages we write
    f"|(?<![{_ARABIC}])[\u200c\u200d]|[\u200c\u200d](?![{_ARABIC}])"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_PILED = re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")
_BREAKS = re.compile("[\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CUT = 120_000
"""Characters that stay of a text that is cut, some forty pages."""


def normal(text: str, *, lines: bool = False) -> str:
    """
    Return the text in composed form (NFC) without invisible characters, its line breaks made spaces.

    Dropped are control, zero-width, bidirectional, tag and noncharacters and lone surrogates; the
    zero-width joiners stay between Arabic letters. A letter keeps 30 marks, as no language needs more
    (Unicode Standard Annex 15, stream-safe text). `lines` keeps line breaks, as line feeds.
    """
    if text.isascii() and text.isprintable():
        return text  # most texts: nothing to drop, to break or to compose
    visible = _PILED.sub(r"\1", _INVISIBLE.sub("", text))
    visible = _ENDS.sub("\n", visible) if lines else _BREAKS.sub(" ", visible)
    return unicodedata.normalize("NFC", visible)


def cut(text: str) -> str:
    """Return the start of a text that cannot be shown whole, and how much of it this is, in no language."""
    return text if len(text) <= _CUT else f"{text[:_CUT].rstrip()}… [{_CUT:,} / {len(text):,}]"
