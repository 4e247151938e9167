"""Which of very many values can occur in a pack at all: a sieve over all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from workbench.gate._text import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Letters = NDArray[np.uint8] | NDArray[np.uint32]
    Hashes = NDArray[np.uint64]

WHOLE = 16
"""A value of fewer letters is found only as a whole; of a longer one, parts of this many letters or more."""
_GRAM = 12
# Every run of WHOLE letters holds a whole gram that begins at a multiple of the stride.
_STRIDE = WHOLE - _GRAM + 1

_SLICE = 4_000_000
"""Bytes of values that are looked at together: about what a processor keeps close."""

_BETWEEN = "\0"
_HELD_APART = "\x1f"
_MOST_BITS = 23
_FACTOR = 0x9E3779B97F4A7C15

_NOT_KEPT = bytes(code for code in range(1, 256) if code > 127 or not chr(code).isalnum())
_REMOVED = bytes(code for code in range(1, 128) if not chr(code).isprintable() and not chr(code).isspace())
_SMALL = bytes.maketrans(bytes(range(65, 91)), bytes(range(97, 123)))


def packed(values: Iterable[str]) -> bytes:
    """Return values as one run of bytes, to be handed on and sieved; a NUL in a value goes (as in `fold`)."""
    given = list(values)
    run = _BETWEEN.join(given)
    if run.count(_BETWEEN) != len(given) - 1:
        run = _BETWEEN.join(value.replace(_BETWEEN, "") for value in given)
    return run.encode("utf-8", "surrogatepass")


def unpacked(run: bytes) -> list[str]:
    """Return the values of a run."""
    return run.decode("utf-8", "surrogatepass").split(_BETWEEN)


class Sieve:
    """The runs of letters of a pack, as hashes: what a value must share with it to occur in it."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Take the squeezed texts of a pack, each for itself."""
        # a text's end is a letter that no text and no value has
        self._letters = _codes("\x01".join(texts))
        self._grams = _Hashes(_hashes(self._letters, _GRAM))
        self._longs = _Hashes(_hashes(self._letters, WHOLE))
        self._wholes: dict[int, _Hashes] = {}

    def kept(self, run: bytes) -> Iterator[str]:
        """
        Yield those of the packed values that may occur: a superset of those that do.

        A value of fewer than WHOLE letters is kept if all its letters occur in a row, a longer one if any
        WHOLE of them do, and any with the decimals of a coordinate.
        """
        for part in _slices(run):
            values = part.split(b"\0")
            if part.isascii():
                yield from self._of_plain(values)
                continue
            yield from self._of_plain([value for value in values if value.isascii()])
            yield from self._of_others([value for value in values if not value.isascii()])

    def _of_plain(self, values: list[bytes]) -> Iterator[str]:
        import numpy as np

        run = b"\0".join(values)
        letters = np.frombuffer(run.translate(_SMALL, _NOT_KEPT) + b"\0", dtype=np.uint8)
        shown = np.frombuffer(run.translate(None, _REMOVED) + b"\0", dtype=np.uint8)
        found = self._where(letters) | _with_decimals(shown)
        for at in np.flatnonzero(found[: len(values)]):
            yield values[at].decode()

    def _of_others(self, values: list[bytes]) -> Iterator[str]:
        import numpy as np

        run = b"\0".join(values).decode("utf-8", "surrogatepass")
        # the mark between values must outlast the folding, which removes NUL
        folded = fold(run.replace(_HELD_APART, " ").replace(_BETWEEN, _HELD_APART)) + _HELD_APART
        shown = _codes(folded)
        cased = shown if all(one == one.casefold() for one in set(folded)) else _codes(folded.casefold())
        letters = cased[_kept_codes()[cased]]
        found = self._where(np.where(letters == ord(_HELD_APART), np.uint32(0), letters))
        found |= _with_decimals(np.where(shown == ord(_HELD_APART), np.uint32(0), shown))
        for at in np.flatnonzero(found[: len(values)]):
            yield values[at].decode("utf-8", "surrogatepass")

    def _where(self, letters: Letters) -> NDArray[np.bool_]:
        """Tell of every value, of which the letters end with a NUL, whether it may occur."""
        import numpy as np

        ends = np.flatnonzero(letters == 0)
        starts = np.concatenate(([0], ends[:-1] + 1))
        lengths = ends - starts
        found = np.zeros(len(ends), dtype=bool)
        for length in range(1, WHOLE):
            these = np.flatnonzero(lengths == length)
            if len(these):
                if length not in self._wholes:
                    self._wholes[length] = _Hashes(_hashes(self._letters, length))
                found[these] = self._wholes[length].among(_hashes_at(letters, starts[these], length))
        sampled = self._grams.where(_hashes(letters, _GRAM, every=_STRIDE)) * _STRIDE
        if len(sampled):
            owner = np.searchsorted(ends, sampled)
            for before in range(_STRIDE):
                first = sampled - before
                inside = (first >= starts[owner]) & (first + WHOLE <= ends[owner])
                whole = self._longs.among(_hashes_at(letters, first[inside], WHOLE))
                found[owner[inside][whole]] = True
        return found


class _Hashes:
    """A set of hashes that can be asked for many at once."""

    def __init__(self, hashes: Hashes) -> None:
        import numpy as np

        # numpy's own `unique` builds a table of hashes of these hashes, which takes ten times as long
        ordered = np.sort(hashes)
        self._sorted = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
        bits = min(_MOST_BITS, len(self._sorted).bit_length() + 6)
        self._shift = np.uint64(64 - bits)
        self._table = np.zeros(1 << bits, dtype=bool)
        self._table[self._slots(self._sorted)] = True

    def _slots(self, hashes: Hashes) -> NDArray[np.intp]:
        import numpy as np

        slots: NDArray[np.intp] = (hashes >> self._shift).astype(np.intp)
        return slots

    def where(self, hashes: Hashes) -> NDArray[np.intp]:
        """Return the places of those that are in the set."""
        import numpy as np

        maybe = np.flatnonzero(self._table[self._slots(hashes)])
        if not len(self._sorted):
            return maybe
        sought = hashes[maybe]
        at = np.minimum(np.searchsorted(self._sorted, sought), len(self._sorted) - 1)
        places: NDArray[np.intp] = maybe[self._sorted[at] == sought]
        return places

    def among(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Tell of each whether it is in the set."""
        import numpy as np

        found = np.zeros(len(hashes), dtype=bool)
        found[self.where(hashes)] = True
        return found


def _hashes(letters: Letters, length: int, *, every: int = 1) -> Hashes:
    """Return the hash of every run of `length` letters that begins at a multiple of `every`."""
    import numpy as np

    count = max(0, (len(letters) - length) // every + 1) if len(letters) >= length else 0
    hashes = np.zeros(count, dtype=np.uint64)
    for step in range(length):
        _stir(hashes, letters[step : step + (count - 1) * every + 1 : every] if count else letters[:0])
    return _spread(hashes)


def _hashes_at(letters: Letters, starts: NDArray[np.intp], length: int) -> Hashes:
    """Return the hash of the run of `length` letters at each start."""
    import numpy as np

    hashes = np.zeros(len(starts), dtype=np.uint64)
    for step in range(length):
        _stir(hashes, letters[starts + step])
    return _spread(hashes)


def _stir(hashes: Hashes, letters: Letters) -> None:
    import numpy as np

    # a polynomial modulo 2**64: two runs that share a hash are looked at one by one later
    np.multiply(hashes, np.uint64(_FACTOR), out=hashes)
    np.add(hashes, letters, out=hashes, casting="unsafe")


def _spread(hashes: Hashes) -> Hashes:
    import numpy as np

    hashes ^= hashes >> np.uint64(31)
    hashes *= np.uint64(_FACTOR)
    return hashes


def _codes(text: str) -> NDArray[np.uint32]:
    import numpy as np

    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _slices(run: bytes) -> Iterator[bytes]:
    at = 0
    while at <= len(run):
        end = len(run) if at + _SLICE >= len(run) else run.find(b"\0", at + _SLICE)
        end = len(run) if end < 0 else end
        yield run[at:end]
        at = end + 1


def _with_decimals(run: Letters) -> NDArray[np.bool_]:
    """Tell of every value whether a digit, a mark and three digits follow each other in it."""
    import numpy as np

    ends = np.flatnonzero(run == 0)
    found = np.zeros(len(ends), dtype=bool)
    marks = np.flatnonzero((run == ord(".")) | (run == ord(",")))
    marks = marks[(marks > 0) & (marks + 3 < len(run))]
    for step in (-1, 1, 2, 3):
        beside = run[marks + step]
        marks = marks[(beside >= ord("0")) & (beside <= ord("9"))]
    found[np.searchsorted(ends, marks)] = True
    return found


@cache
def _kept_codes() -> NDArray[np.bool_]:
    """Return for every code point whether it is a letter or digit, or what stands between values."""
    import numpy as np

    kept = np.fromiter(map(str.isalnum, map(chr, range(0x110000))), dtype=bool, count=0x110000)
    kept[ord(_HELD_APART)] = True
    return kept
