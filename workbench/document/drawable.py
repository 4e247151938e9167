"""Texts as a PDF sets them: characters without a glyph told by their code, and long texts in pieces."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from workbench.document import fonts
from workbench.document.normal import cut

MARK = "\u2029"
"""Stands between the pieces of a long text; the template sets each as a paragraph of its own."""

_LONG = 20_000  # characters of a text that is set as many paragraphs: Typst needs a minute for a single one
_PIECE = 3_000  # characters of each of them
_ROOM = 3_000_000  # characters that all long texts of a document take: some 600 pages, seconds, and 12 MB
_OF_A_MARK = 10  # characters that a mark set upon a letter counts as: it takes as much of the file

_UNSEEN = (
    (0x00AD, 0x061C, 0x180E),
    range(0x200B, 0x2010),
    range(0x202A, 0x202F),
    range(0x2060, 0x2065),
    range(0x2066, 0x206A),
    range(0xFE00, 0xFE10),
)
# Marks of joining, breaking, direction and variation: no font needs a glyph for them.


def drawable(value: Any) -> Any:
    """
    Return JSON with every character that FiraGO cannot draw replaced by its code point.

    A text of more than 20,000 characters has MARK every few thousand, after a space where there is one.
    All such texts together have room for three million characters; where one does not fit, it is cut at
    120,000 and says so there: a megabyte of words fits, one of characters without a glyph does not, since
    each is set as eight. Drawings and what is said for those who cannot see them stay as they are.
    """
    return _Setting().set(value)


class _Setting:
    """One document on its way: how much room its long texts have left."""

    def __init__(self) -> None:
        self._room = _ROOM

    def set(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.set(part) for part in value]
        if isinstance(value, dict):
            return {
                name: _drawn(part) if name in {"svg", "alt"} else self.set(part)
                for name, part in value.items()
            }
        return value

    def _text(self, text: str) -> str:
        drawn = _drawn(text)
        if len(drawn) <= _LONG:
            return drawn
        needed = _size(drawn)
        if needed > self._room:
            drawn = _drawn(cut(text))
            needed = _size(drawn)
        self._room -= needed
        return _in_pieces(drawn)


def _size(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text) + (_OF_A_MARK - 1) * sum(map(bool, map(unicodedata.combining, text)))


def _in_pieces(text: str) -> str:
    """Return the text with MARK at every few thousand characters, after a space if it can."""
    text, pieces, start = text.replace(MARK, "\n"), [], 0
    while start < len(text):
        end = start + _PIECE
        if end < len(text):
            space = text.rfind(" ", start + _PIECE // 2, end)
            code = text.rfind("[U+", end - 8, end)  # a character told by its code is one
            end = space + 1 if space > 0 else code if "]" not in text[code:end] and code > 0 else end
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1  # a mark stays with its letter
        pieces.append(text[start:end])
        start = end
    return MARK.join(pieces)


def _drawn(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\ufeff", "\u2060")  # the same width of nothing, and allowed
    known = _characters()
    missing = [letter for letter in set(text) if not _is_drawn(letter, known)]
    return text.translate({ord(letter): f"[U+{ord(letter):04X}]" for letter in missing}) if missing else text


def _is_drawn(letter: str, known: frozenset[int]) -> bool:
    if ord(letter) in known or letter in "\n\t" or unicodedata.category(letter) in {"Zs", "Zl", "Zp"}:
        return letter != "\u1680"  # Ogham's space is a line, and FiraGO has none
    decomposed = unicodedata.normalize("NFD", letter)
    return decomposed != letter and all(ord(part) in known for part in decomposed)


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    import io

    from fontTools.ttLib import TTFont

    drawn = [set(TTFont(io.BytesIO(fonts.font(name)), lazy=True).getBestCmap()) for name in fonts.FILES]
    return frozenset(set.intersection(*drawn).union(*_UNSEEN))
