"""Names of places, compared: one key for all the ways the same name is written, and nothing looser."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Literal

Rank = Literal["district", "admin1"]

_APOSTROPHES = frozenset("'`´’‘ʼʻʿʾ")

# What a publisher adds to a name to say what it is. "Town", "city" and "cidade de" are absent on
# purpose: a town is not its district, so only the alias table may say that it stands for it.
_BEFORE: dict[Rank, tuple[str, ...]] = {
    "district": ("distrito de", "distrito da", "distrito do", "distrito", "district of", "district de",
                 "district", "county of", "مديرية"),
    "admin1": ("provincia de", "provincia da", "provincia do", "provincia", "province of", "province de",
               "province du", "province", "region of", "region de", "state of", "governorate of",
               "shabiyat", "محافظة", "شعبية"),
}  # fmt: skip
_AFTER: dict[Rank, tuple[str, ...]] = {
    "district": ("district", "distrito", "county", "township"),
    "admin1": ("province", "provincia", "region", "state", "governorate"),
}

# Before n, r, s, sh, t, z, d and their like the l of the Arabic article is written as that letter.
_ARTICLES = ("al", "el")
_ASSIMILATED = ("an", "ar", "as", "ash", "at", "ath", "az", "ad", "adh")


@dataclass(frozen=True)
class Meaning:
    """The p-code a name stands for, and the first and last day it does (None: no limit)."""

    code: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, day: date | None) -> bool:
        """Whether the name had this meaning on `day`; a name with limits has none on an unknown day."""
        if self.valid_from is None and self.valid_to is None:
            return True
        if day is None:
            return False
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


def key(name: str) -> str:
    """
    Return what two spellings of one name have in common.

    Without case, accents, apostrophes and the Arabic article (al-, el-, ash-, an-, ...); hyphens and
    other marks count as blanks. "" for a name without letters and figures.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    kept = "".join(
        letter if letter.isalnum() else " "
        for letter in plain
        if letter not in _APOSTROPHES and not unicodedata.category(letter).startswith("M")
    )
    words = kept.split()
    followed = zip_longest(words, words[1:], fillvalue="")
    return " ".join(word for word, after in followed if not _is_article(word, after))


def bare(spelled: str, rank: Rank) -> str:
    """Return a key without the words that say which kind of place it is, such as "district"."""
    for before in _BEFORE[rank]:
        if spelled.startswith(before + " "):
            return spelled.removeprefix(before + " ")
    for after in _AFTER[rank]:
        if spelled.endswith(" " + after):
            return spelled.removesuffix(" " + after)
    return spelled


def _is_article(word: str, after: str) -> bool:
    if not after:
        return False
    return word in _ARTICLES or (word in _ASSIMILATED and after.startswith(word[1:]))


class Names:
    """The known names of one rank of place: boundary names and their aliases."""

    def __init__(self, rank: Rank) -> None:
        self._rank: Rank = rank
        self._known: dict[str, set[Meaning]] = {}
        self._shown: dict[str, str] = {}
        self.dated = False

    def add(self, name: str, meaning: Meaning) -> None:
        """Make `name`, and `name` without its kind of place, stand for a code."""
        for spelled in {key(name), bare(key(name), self._rank)} - {""}:
            self._known.setdefault(spelled, set()).add(meaning)
            self._shown.setdefault(spelled, name)
        self.dated |= meaning.valid_from is not None or meaning.valid_to is not None

    def find(self, name: str, *, day: date | None, among: frozenset[str] | None = None) -> str | None:
        """
        Return the code that `name` stands for on `day`, within the codes `among`.

        None if nobody gave it a meaning, or if it has more than one: then it is not for us to choose.
        """
        spelled = key(name)
        for tried in dict.fromkeys((spelled, bare(spelled, self._rank))):
            codes = {one.code for one in self._known.get(tried, ()) if one.holds(day)}
            codes = codes if among is None else codes & among
            if codes:
                return codes.pop() if len(codes) == 1 else None
        return None

    def close_to(self, name: str) -> tuple[str, ...]:
        """Return up to three known names that are written much like `name`, or share all their words."""
        asked = bare(key(name), self._rank)
        words = set(asked.split())
        sharing = [
            one for one in self._known if words and (words <= set(one.split()) or set(one.split()) <= words)
        ]
        alike = difflib.get_close_matches(asked, self._known, n=3, cutoff=0.7)
        return tuple(dict.fromkeys(self._shown[one] for one in [*alike, *sorted(sharing)]))[:3]
