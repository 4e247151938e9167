"""What is searched for, and the search: many values in a few pages, by one automaton."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import accumulate

from workbench.gate._decimals import decimals_in
from workbench.gate._encoded import decoded, unwrapped
from workbench.gate._format_words import FORMAT_WORDS
from workbench.gate._months import is_month
from workbench.gate._parts import Passage
from workbench.gate._sieve import WHOLE, Sieve, packed, unpacked
from workbench.gate._text import STRONG, Squeezed, fold, squeeze, squeezed

LEAST = 4
"""Values of fewer letters are found as whole words only, and below SHORTEST not at all."""
SHORTEST = 3
SHINGLE_WORDS = 6
SHINGLE_LETTERS = WHOLE
PIECE_CHARACTERS = 25
_GRAM = 12
FEW = 300_000
"""Bytes of values up to which all their parts are looked for: quicker than to find out which can occur."""

_NO_VALUE = frozenset({"", "nan", "nat", "na", "none", "null", "true", "false", "unknown"})
_DATE = re.compile(
    r"\d{4}-\d{2}(-\d{2})?([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?"
    r"|\d{4}-W\d{2}|\d{1,2}[ ./-](\d{1,2}|(?P<month>[^\W\d_]{3,}))[ ./-]\d{2,4}"
)
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_MOST_DECIMALS = 20
_DIGITS_THAT_NAME = 9
# A whole number of nine digits is a telephone number or a document's number, no count.
_SEALED_DIGITS = 7
_COUNTRY_DIGITS = 3
_TELEPHONE = re.compile(r"\+?\d(?:[ ().\u2010-\u2015-]*\d){6,}")
_MARKS = bytes(c for c in range(256) if not (chr(c).isalnum() or chr(c).isspace()))
_SMALL = bytes.maketrans(bytes(range(65, 91)), bytes(range(97, 123)))
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
            for shown in decimals_in(folded):
                for key in _to(shown, 3):
                    self.decimals[key].append((number, shown))

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
        decimals = value.partition(".")[2]
        for key in _to(value, 3):
            for number, shown in self.decimals.get(key, ()):
                shared = min(len(shown.partition(".")[2]), len(decimals))
                if _to(shown, shared) & _to(value, shared):
                    yield number


def _to(number: str, decimals: int) -> set[str]:
    """Return a decimal number cut and rounded (half up, as a spreadsheet does) to so many decimals."""
    whole, _, after = number.partition(".")
    decimals = min(decimals, _MOST_DECIMALS)
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return {f"{whole}.{after[:decimals]}", f"{rounded:f}"}


def _counts(needle: Needle, passage: Passage, text: Squeezed, start: int, end: int) -> bool:
    length = end - start
    if passage.code and needle.text in FORMAT_WORDS:
        return False
    if needle.kind == "digits":
        # so few digits stand beside each other in any drawing: there they must be one number
        if length < _DIGITS_THAT_NAME and not passage.numbers:
            return text.one_word(start, end)
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
    """Return the needles of `values` that may occur in a haystack: a superset of those that do."""
    return needles_in_run(packed(values), stack)


def needles_sought(run: bytes, stack: Haystack) -> set[Needle]:
    """Return the needles of packed values, if they are many only those that may occur in a haystack."""
    return all_needles(run) if len(run) <= FEW else needles_in_run(run, stack)


def all_needles(run: bytes) -> set[Needle]:
    """Return the needles of packed values, whether they occur or not: of a long value, each of its parts."""
    return _needles(unpacked(run), lambda: None)


def sealed_needles(run: bytes, stack: Haystack) -> set[Needle]:
    """
    Return the needles of packed values that name somebody: all of `needles_sought`, and those of other forms.

    These are dates, and numbers from seven digits on: whole values and what in them may be a telephone, which
    is sought as it is, without the country's digits, and with a zero in their stead. Missing values and texts
    of one or two letters stay out.
    """
    needles = needles_sought(run, stack)
    for value in unpacked(run):
        letters = squeeze(value)
        numbers = [one for one in _TELEPHONE.findall(fold(value)) if not _is_date(one)]
        if letters.isdigit():
            numbers.append(value)
        elif _says_something(letters) and not worth_searching(value, letters):
            needles.add(Needle("letters", letters))
        for one in numbers:
            needles.update(Needle("digits", digits) for digits in _dialled(one))
    return needles


def _dialled(number: str) -> Iterator[str]:
    """Yield the digits of a telephone number as it is written, and as it is from within its country."""
    digits = squeeze(number)
    if not digits.isdigit() or len(digits) < _SEALED_DIGITS:
        return
    yield digits
    own = [digits]
    if fold(number).strip().startswith("+") or digits.startswith("00"):
        abroad = digits.removeprefix("00")
        own = [abroad[many:] for many in range(1, _COUNTRY_DIGITS + 1)]
    for one in own:
        bare = one.removeprefix("0")
        if len(bare) >= _SEALED_DIGITS:
            yield from (bare, f"0{bare}")


def needles_in_run(run: bytes, stack: Haystack) -> set[Needle]:
    """
    Return the needles of packed values that may occur in a haystack: a superset of those that do.

    All values go through a sieve at once; what is left is squeezed, and a long value taken apart into its
    sentences and runs of words, of which only those stay whose ends occur. So a hundred megabytes of
    values leave a small automaton.
    """
    return _needles(Sieve(text.letters for _, text in stack.passages).kept(run), cache(stack.grams))


def _needles(values: Iterable[str], grams_of: Callable[[], Set[str] | None]) -> set[Needle]:
    needles: set[Needle] = set()
    for value in values:
        letters = squeeze(value)
        if "." in value or "," in value or "\u066b" in value or not value.isascii():
            needles.update(coordinates(value))
        if not worth_searching(value, letters):
            continue
        if letters.isdigit():
            needles.add(Needle("digits", letters))
            continue
        if len(letters) < SHINGLE_LETTERS:
            needles.add(Needle("letters", letters))
            continue
        grams = grams_of()
        if _has_ends(letters, grams):
            needles.add(Needle("letters", letters))
        needles.update(Needle("letters", part) for part in parts_of(value, grams))
    return needles


def _has_ends(letters: str, grams: Set[str] | None) -> bool:
    return grams is None or (letters[:_GRAM] in grams and letters[-_GRAM:] in grams)


def worth_searching(value: str, letters: str) -> bool:
    """Whether a value as a whole identifies anything: not a date, count, missing value or single letter."""
    if not _says_something(letters):
        return False
    stripped = fold(value).strip()
    if letters[0].isdigit() and _is_date(stripped):
        return False
    if letters.isdigit():
        return len(letters) >= _DIGITS_THAT_NAME and not _is_number(stripped)
    return not _is_number(stripped)


def _says_something(letters: str) -> bool:
    return letters not in _NO_VALUE and len(letters) >= (SHORTEST if letters.isascii() else 2)


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    return found is not None and (found["month"] is None or is_month(found["month"]))


def _is_number(text: str) -> bool:
    # a plus sign or inner spaces make a long number a telephone number
    if text.startswith("+") or (text.isdigit() and len(text) >= _DIGITS_THAT_NAME):
        return False
    return _NUMBER.fullmatch(text) is not None


def coordinates(value: str) -> Iterator[Needle]:
    """Yield the coordinates that a value holds."""
    folded = fold(value)
    if _is_date(folded.strip()):
        return
    for shown in decimals_in(folded):
        if int(shown.partition(".")[0]) <= 180:
            yield Needle("decimal", shown)


def parts_of(value: str, grams: Set[str] | None) -> Iterator[str]:
    """
    Yield the squeezed sentences (25 characters or more) and runs of six words (16 letters or more).

    Of these only such as begin and end with a gram of `grams`, if any are given.
    """
    for piece in _SENTENCE.split(value):
        if len(piece.strip()) >= PIECE_CHARACTERS:
            letters = squeeze(piece)
            if len(letters) >= SHINGLE_LETTERS and _has_ends(letters, grams):
                yield letters
    words = _words(value)
    letters = "".join(words)
    ends = list(accumulate(map(len, words), initial=0))
    for first in range(len(words) - SHINGLE_WORDS + 1):
        start = ends[first]
        if grams is not None and letters[start : start + _GRAM] not in grams:
            continue
        last = first + SHINGLE_WORDS
        while ends[last] - start < SHINGLE_LETTERS and last < len(words):
            last += 1
        end = ends[last]
        if end - start >= SHINGLE_LETTERS and (grams is None or letters[end - _GRAM : end] in grams):
            yield letters[start:end]


def _words(value: str) -> list[str]:
    """Return the words of a text, squeezed; one that holds no letter or digit is left out."""
    if value.isascii():
        return value.encode().translate(_SMALL, _MARKS).decode().split()
    return [letters for word in value.split() if (letters := squeeze(word))]
