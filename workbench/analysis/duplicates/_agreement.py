"""How far two rows agree on what happened, who did it and how many died; each from 0 to 1."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.analysis._columns import read
from workbench.records.incident import EVENT_TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME, RELATED, UNRELATED = 1.0, 0.6, 0.0
UNKNOWN = 0.5
"""What a question counts that one of the rows does not answer: neither for nor against."""

SAME_DEATHS, NO_DEATHS, RANGES_OVERLAP = 1.0, 0.7, 0.8

RELATED_TYPES: tuple[frozenset[str], ...] = (
    frozenset({"armed_clash", "attack_on_civilians", "explosive_or_remote", "mine_or_unexploded"}),
    frozenset({"attack_on_civilians", "abduction", "sexual_violence", "threat_or_harassment"}),
    frozenset({"attack_on_civilians", "robbery_or_theft", "property_damage", "intrusion"}),
    frozenset({"arrest_or_detention", "abduction", "threat_or_harassment", "access_denial"}),
    frozenset({"access_denial", "intrusion", "threat_or_harassment"}),
    frozenset({"demonstration", "riot_or_mob", "property_damage", "arrest_or_detention"}),
    frozenset({"mine_or_unexploded", "accident"}),
    frozenset({"accident", "hazard", "medical_emergency"}),
)
"""Types that publishers give to one event, as their definitions differ. `other` goes with all."""

_NAMELESS = ("civilian", "unidentified", "unknown", "not applicable", "unnamed")
_GENERIC = frozenset({
    "a", "and", "armed", "da", "de", "do", "dos", "e", "el", "force", "forces", "gang", "government", "group",
    "groups", "in", "its", "la", "les", "military", "militia", "militias", "movement", "of", "organisation",
    "organization", "other", "state", "the",
})  # fmt: skip
_YEARS = re.compile(r"\(?\b\d{4}\b\s*-?\s*(\d{4}\b)?\)?")
_WORDS = re.compile(r"\w+")
_Actors = tuple[frozenset[str], ...]


def type_agreement() -> NDArray[np.float64]:
    """Return how far two types agree, in the order of EVENT_TYPES; the last row, NaN, is a missing type."""
    n = len(EVENT_TYPES)
    found = np.full((n + 1, n + 1), UNRELATED)
    for i, one in enumerate(EVENT_TYPES):
        for j, other in enumerate(EVENT_TYPES):
            together = any({one, other} <= family for family in RELATED_TYPES)
            if together or (i != j and "other" in {one, other}):
                found[i, j] = RELATED
    np.fill_diagonal(found, SAME)
    found[n, :] = found[:, n] = np.nan
    return found


def type_codes(incidents: pd.DataFrame) -> NDArray[np.int64]:
    """Return each row's position in EVENT_TYPES; the last one more where it is missing."""
    codes = pd.Index(EVENT_TYPES).get_indexer(pd.Index(read(incidents, "event_type", "str")))
    return np.where(codes < 0, len(EVENT_TYPES), codes).astype(np.int64)


class ActorAgreement:
    """
    How far the actors of two rows are the same, whichever is named first.

    Names are compared as sets of words without accents, years and words that say only what kind of actor it
    is; civilians and unidentified ones are nobody. 1 where an actor of each has the same words, else the
    largest share of words in common, 0 where none is; NaN where a row names nobody.
    """

    def __init__(self, incidents: pd.DataFrame) -> None:
        names = (
            read(incidents, "actor1", "str").fillna("") + "\n" + read(incidents, "actor2", "str").fillna("")
        )
        codes, kept = pd.factorize(names)
        self._codes = np.asarray(codes, dtype=np.int64)
        self._actors = [_actors(text) for text in kept]

    def of(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the agreement of pairs of rows."""
        width = len(self._actors)
        one, other = self._codes[left], self._codes[right]
        both, inverse = np.unique(
            np.minimum(one, other) * width + np.maximum(one, other), return_inverse=True
        )
        found = [_overlap(self._actors[pair // width], self._actors[pair % width]) for pair in both.tolist()]
        return np.array(found, dtype=float)[inverse.ravel()]


def deaths(incidents: pd.DataFrame) -> NDArray[np.float64]:
    """Return best, low and high deaths as three columns, in order; NaN where the row says nothing."""
    best, low, high = (
        read(incidents, f"killed_{bound}", "Int64").to_numpy(dtype=float, na_value=np.nan)
        for bound in ("best", "low", "high")
    )
    best = np.where(np.isnan(best), low, best)
    return np.column_stack([best, np.fmin(low, best), np.fmax(high, best)])


def death_agreement(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return how far two rows' deaths agree; rows as from `deaths`.

    1 where the best estimates are the same and somebody died, 0.7 where nobody did in either, 0.8 where the
    ranges overlap, else up to 0.5 as the smaller is to the larger; NaN where a row says nothing.
    """
    best = np.column_stack([left[:, 0], right[:, 0]])
    most, fewest = best.max(axis=1), best.min(axis=1)
    overlap = (left[:, 1] <= right[:, 2]) & (right[:, 1] <= left[:, 2])
    return np.select(
        [np.isnan(most), (most == fewest) & (most > 0), most == 0, overlap],
        [np.nan, SAME_DEATHS, NO_DEATHS, RANGES_OVERLAP],
        0.5 * fewest / np.maximum(most, 1),
    )


def _actors(names: str) -> _Actors:
    return tuple(words for name in names.split("\n") for actor in name.split(";") if (words := _words(actor)))


def _words(actor: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", actor).encode("ascii", "ignore").decode() or actor
    plain = plain.casefold()
    if any(word in plain for word in _NAMELESS):
        return frozenset()
    words = frozenset(_WORDS.findall(_YEARS.sub(" ", plain)))
    return words - _GENERIC or words


def _overlap(left: _Actors, right: _Actors) -> float:
    if not (left and right):
        return math.nan
    return max(len(a & b) / len(a | b) for a in left for b in right)
