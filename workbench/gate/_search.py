"""What is searched for, and the search: many values in a few pages, by one automaton."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from workbench.gate._encoded import decoded, unwrapped
from workbench.gate._format_words import FORMAT_WORDS
from workbench.gate._parts import Passage
from workbench.gate._text import STRONG, Squeezed, fold, squeeze, squeezed

LEAST = 4
"""Values of fewer letters are found as whole words only, and below SHORTEST not at all."""
SHORTEST = 3
SHINGLE_WORDS = 6
SHINGLE_LETTERS = 16
PIECE_CHARACTERS = 25
_GRAM = 12
# A find of SHINGLE_LETTERS letters holds a whole gram that starts at a multiple of the stride.
_STRIDE = SHINGLE_LETTERS - _GRAM + 1

_NO_VALUE = frozenset({"", "nan", "nat", "na", "none", "null", "true", "false", "unknown"})
_DATE = re.compile(
    r"\d{4}-\d{2}(-\d{2})?([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?"
    r"|\d{4}-W\d{2}|\d{1,2}[ ./-](\d{1,2}|[^\W\d_]{3,})[ ./-]\d{2,4}"
)
_DECIMAL = re.compile(r"(?<![\d.,])(\d{1,3})([.,])(\d{3,})(?![\d]|[.,]\d)")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_DIGITS_THAT_NAME = 9
# A whole number of nine digits is a telephone number or a document's number, no count.
_SENTENCE = re.compile(r"[.!?;:•؟。]\s+|\n+")


@dataclass(frozen=True)
class Needle:
    """A squeezed text to be found (`kind` "letters" or "digits"), or a coordinate ("decimal": 11.35278)."""

    kind: str
    text: str


@dataclass
class Haystack:
    """Passages ready to be searched."""

    passages: list[tuple[Passage, Squeezed]] = field(default_factory=list)
    decimals: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, passage: Passage, *, encodings: bool) -> None:
        """Fold and squeeze a passage; with `encodings` also what it holds in other encodings."""
        for one in _written_out(passage) if encodings else (passage,):
            self._add(one)

    def _add(self, passage: Passage) -> None:
        folded = fold(passage.text)
        text = squeezed(folded, humps=not passage.code)
        if not text.letters:
            return
        number = len(self.passages)
        self.passages.append((passage, text))
        if passage.numbers:
            for whole, mark, decimals in _DECIMAL.findall(folded):
                if mark == "." or len(decimals) > 3:  # "12,345" is a count
                    self.decimals[f"{int(whole)}.{decimals[:3]}"].append((number, decimals))

    def grams(self) -> set[str]:
        """Return every run of twelve letters in the haystack."""
        return {
            text.letters[at : at + _GRAM]
            for _, text in self.passages
            for at in range(len(text.letters) - _GRAM + 1)
        }

    def find(self, needles: Iterable[Needle]) -> dict[Needle, set[int]]:
        """Return the needles that occur, each with the numbers of the passages it occurs in."""
        found: dict[Needle, set[int]] = defaultdict(set)
        sought = sorted(set(needles), key=lambda needle: (needle.kind, needle.text))
        for needle in sought:
            if needle.kind == "decimal":
                for number in self._decimals_like(needle.text):
                    found[needle].add(number)
        lettered = [needle for needle in sought if needle.kind != "decimal"]
        if lettered:
            self._find_letters(lettered, found)
        return dict(found)

    def _find_letters(self, needles: list[Needle], found: dict[Needle, set[int]]) -> None:
        from ahocorasick_rs import AhoCorasick

        automaton = AhoCorasick([needle.text for needle in needles])
        for number, (passage, text) in enumerate(self.passages):
            for which, start, end in automaton.find_matches_as_indexes(text.letters, overlapping=True):
                if _counts(needles[which], passage, text, start, end):
                    found[needles[which]].add(number)

    def _decimals_like(self, value: str) -> Iterator[int]:
        """Yield passages that give a coordinate, cut or rounded to three decimals or more."""
        whole, decimals = value.split(".")
        for key in {f"{whole}.{decimals[:3]}", f"{float(value):.3f}"}:
            for number, shown in self.decimals.get(key, ()):
                shared = min(len(shown), len(decimals))
                rounded = f"{float(value):.{shared}f}".partition(".")[2]
                if shown[:shared] in (decimals[:shared], rounded):
                    yield number


def _counts(needle: Needle, passage: Passage, text: Squeezed, start: int, end: int) -> bool:
    length = end - start
    if passage.code and needle.text in FORMAT_WORDS:
        return False
    if needle.kind == "digits":
        return bool(text.edges[start] and text.edges[end])
    if length < LEAST and needle.text.isascii():
        return not passage.encoded and text.one_word(start, end)
    return length >= STRONG or passage.encoded or text.at_edges(start, end)


def _written_out(passage: Passage) -> Iterator[Passage]:
    yield passage
    text = passage.text
    undone = unwrapped(text)
    if undone is not None:
        yield Passage(passage.place, undone, code=passage.code, numbers=passage.numbers)
        text = f"{text}\n\n{undone}"
    if passage.numbers:  # drawings hold no words, and their numbers would decode to noise
        inside = "\n".join(decoded(text))
        if inside:
            yield Passage(f"encoded text in {passage.place}", inside, encoded=True)


def needles_in(values: Iterable[str], stack: Haystack) -> set[Needle]:
    """
    Return the needles of `values` that may occur in a haystack: a superset of those that do.

    Each value is squeezed once; a long one is taken apart into its sentences and runs of words only
    if one of its grams occurs. So a hundred megabytes of values leave a small automaton.
    """
    grams, needles = stack.grams(), set[Needle]()
    for value in values:
        letters = squeeze(value)
        if "." in value or "," in value or "\u066b" in value:
            needles.update(_coordinates(value))
        length = len(letters)
        if length >= SHINGLE_LETTERS:
            samples = range(0, length - _GRAM + 1, _STRIDE)
            if not any(letters[at : at + _GRAM] in grams for at in samples):
                continue
        elif length >= _GRAM and letters[:_GRAM] not in grams:
            continue
        if not worth_searching(value, letters):
            continue
        if letters.isdigit():
            needles.add(Needle("digits", letters))
            continue
        needles.add(Needle("letters", letters))
        if length >= SHINGLE_LETTERS:
            needles.update(Needle("letters", part) for part in parts_of(value))
    return needles


def worth_searching(value: str, letters: str) -> bool:
    """Whether a value as a whole identifies anything: not a date, count, missing value or single letter."""
    if letters in _NO_VALUE or len(letters) < (SHORTEST if letters.isascii() else 2):
        return False
    stripped = fold(value).strip()
    if letters[0].isdigit() and _DATE.fullmatch(stripped):
        return False
    if letters.isdigit():
        return len(letters) >= _DIGITS_THAT_NAME and not _is_number(stripped)
    return not _is_number(stripped)


def _is_number(text: str) -> bool:
    # a plus sign or inner spaces make a long number a telephone number
    if text.startswith("+") or (text.isdigit() and len(text) >= _DIGITS_THAT_NAME):
        return False
    return _NUMBER.fullmatch(text) is not None


def _coordinates(value: str) -> Iterator[Needle]:
    folded = fold(value)
    if _DATE.fullmatch(folded.strip()):
        return
    for whole, mark, decimals in _DECIMAL.findall(folded):
        if int(whole) <= 180 and (mark == "." or len(decimals) > 3):
            yield Needle("decimal", f"{int(whole)}.{decimals}")


def parts_of(value: str) -> Iterator[str]:
    """Yield the squeezed sentences (25 characters or more) and runs of six words (16 letters or more)."""
    for piece in _SENTENCE.split(value):
        if len(piece.strip()) >= PIECE_CHARACTERS:
            letters = squeeze(piece)
            if len(letters) >= SHINGLE_LETTERS:
                yield letters
    words = [letters for word in value.split() if (letters := squeeze(word))]
    for first in range(len(words) - SHINGLE_WORDS + 1):
        last = first + SHINGLE_WORDS
        shingle = "".join(words[first:last])
        while len(shingle) < SHINGLE_LETTERS and last < len(words):
            shingle += words[last]
            last += 1
        if len(shingle) >= SHINGLE_LETTERS:
            yield shingle
