"""One spelling for every way a text can be written, so that a value is found however it was set."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

_LATIN = "latin-1"
_NOT_ALPHANUMERIC = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)
_RUN = re.compile(r"[^\W_]+")
_PARTS = {True: re.compile("[0-9]+|[A-Z]+[a-z]*|[a-z]+"), False: re.compile("[0-9]+|[A-Za-z]+")}
"""What `_parted` makes of a text whose letters are all Latin, with and without humps."""
_NOT_LATIN = bytes(code for code in range(256) if not _RUN.match(chr(code)))
_GLUING = ("\u0600", "\u06ff"), ("\u2e80", "\U0010ffff")
# Arabic sets short words in front of a name without a space; Chinese, Japanese, Korean set no space at all.

STRONG = 8
"""From this many letters on, a value is found inside a word too; `Issa` is not a find in "dissatisfied"."""


class _Effects(dict[str, str | None]):
    """What folding makes of a character: nothing (""), a digit, a point, or None where it stays."""

    def __missing__(self, character: str) -> str | None:
        self[character] = effect = _effect(character)
        return effect


def _effect(character: str) -> str | None:
    # accents, controls, tatweel, and zero-width, bidi and soft-hyphen characters
    unseen = unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc") and not character.isspace()
    if unseen or character in "\u0640\ufffe\uffff":
        return ""
    if character == "\u066b":
        return "."
    if not character.isascii() and (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    return None


_EFFECTS = _Effects()


def fold(text: str) -> str:
    """
    Return a text without what a reader does not see, in compatibility form, its case kept.

    NFKD without accents: full-width, ligatures, superscripts and Arabic presentation forms become plain
    letters, `São` becomes `Sao`; zero-width, bidi, soft-hyphen and control characters go; digits of every
    script become 0-9.
    """
    if text.isascii():
        if text.isprintable():
            return text
    elif not unicodedata.is_normalized("NFKD", text):
        text = unicodedata.normalize("NFKD", text)
    # a text of any length has few different characters, and hardly one of them goes
    for character in set(text):
        effect = _EFFECTS[character]
        if effect is not None:
            text = text.replace(character, effect)
    return text


def squeeze(text: str) -> str:
    r"""
    Return the letters and digits of a text and nothing between them, casefolded.

    "Kuro-\nPemra", "K u r o pemra" and "kuro_pemra" are the same: line breaks, hyphens, other quotes
    or dashes hide nothing.
    """
    return _letters(text if text.isascii() else fold(text))


def _letters(folded: str) -> str:
    if folded.isascii():
        return folded.encode().translate(None, _NOT_ALPHANUMERIC).decode().lower()
    if all(one < "\u0100" or not one.isalnum() for one in set(folded)):
        plain = folded.encode(_LATIN, "ignore")  # dashes and quotes go, as they would below
        return plain.translate(None, _NOT_LATIN).decode(_LATIN).casefold()
    return "".join(_RUN.findall(folded)).casefold()


@dataclass(frozen=True)
class Squeezed:
    """A squeezed text that still knows where its words began, if it is asked: most texts hold nothing."""

    letters: str
    folded: str = field(repr=False)
    humps: bool = True

    @cached_property
    def edges(self) -> bytearray:
        """`edges[i]` is 1 where a word begins or ends before letter `i`."""
        edges = bytearray(len(self.letters) + 1)
        edges[0] = edges[-1] = 1
        if all(one.isascii() or not one.isalnum() for one in set(self.folded)):
            for at in accumulate(map(len, _PARTS[self.humps].findall(self.folded))):
                edges[at] = 1
            return edges
        at = 0
        for run in _RUN.findall(self.folded):
            for part in _parted(run, humps=self.humps):
                at += len(part.casefold())
                edges[at] = 1
        return edges

    def at_edges(self, start: int, end: int) -> bool:
        """Whether letters `start` to `end` begin and end where words do."""
        return (bool(self.edges[start]) or _glues(self.letters[start])) and (
            bool(self.edges[end]) or _glues(self.letters[end - 1])
        )

    def one_word(self, start: int, end: int) -> bool:
        """Whether letters `start` to `end` are exactly one word."""
        return bool(self.edges[start] and self.edges[end]) and not any(self.edges[start + 1 : end])


def squeezed(folded: str, *, humps: bool = True) -> Squeezed:
    """
    Return a folded text squeezed, with its words' edges.

    A word also ends where letters meet digits, and, with `humps`, where a capital follows a small
    letter: text taken from a PDF may have lost the space between two cells of a table.
    """
    return Squeezed(_letters(folded), folded, humps)


def _parted(run: str, *, humps: bool) -> list[str]:
    if run.isdigit() or (run.isalpha() and (not humps or run.isupper() or run[1:].islower())):
        return [run]
    parts, start = [], 0
    for at in range(1, len(run)):
        before, here = run[at - 1], run[at]
        if before.isdigit() != here.isdigit() or (humps and before.islower() and here.isupper()):
            parts.append(run[start:at])
            start = at
    return [*parts, run[start:]]


def _glues(character: str) -> bool:
    return any(low <= character <= high for low, high in _GLUING)
