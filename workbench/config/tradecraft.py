"""Tradecraft: the closed lists of words by which an assessment says how likely and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from workbench.errors import UnknownName


@dataclass(frozen=True)
class LikelihoodTerm:
    """One term of a likelihood scale; `low` and `high` are percent, as the scale's author gives them."""

    word: str
    low: int
    high: int


def _scale(*rows: tuple[tuple[str, ...], int, int]) -> tuple[LikelihoodTerm, ...]:
    return tuple(LikelihoodTerm(word, low, high) for words, low, high in rows for word in words)


LIKELIHOOD_TERMS: MappingProxyType[str, tuple[LikelihoodTerm, ...]] = MappingProxyType(
    {
        # Intelligence Community Directive 203, section D.6.e(2): two words for each range.
        "icd203": _scale(
            (("almost no chance", "remote"), 1, 5),
            (("very unlikely", "highly improbable"), 5, 20),
            (("unlikely", "improbable"), 20, 45),
            (("roughly even chance", "roughly even odds"), 45, 55),
            (("likely", "probable"), 55, 80),
            (("very likely", "highly probable"), 80, 95),
            (("almost certain", "nearly certain"), 95, 99),
        ),
        # UK Professional Head of Intelligence Assessment, "Explaining uncertainty in UK intelligence
        # assessment", 24 March 2025. The gaps between ranges are meant.
        "phia": _scale(
            (("remote chance",), 0, 5),
            (("highly unlikely",), 10, 20),
            (("unlikely",), 25, 35),
            (("realistic possibility",), 40, 50),
            (("likely", "probable"), 55, 75),
            (("highly likely",), 80, 90),
            (("almost certain",), 95, 100),
        ),
    }
)
"""Terms of each likelihood scale, from the least likely to the most."""

CONFIDENCE_TERMS: tuple[str, ...] = ("low", "moderate", "high")
"""Confidence in a judgement; says nothing about how likely it is."""


def likelihood_words(scale: str) -> tuple[str, ...]:
    """Return the words of a likelihood scale, least likely first; raises UnknownName."""
    if scale not in LIKELIHOOD_TERMS:
        raise UnknownName("likelihood scale", scale, LIKELIHOOD_TERMS)
    return tuple(term.word for term in LIKELIHOOD_TERMS[scale])
