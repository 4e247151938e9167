"""Handling labels: levels in order, and compartments."""

from __future__ import annotations

from enum import IntEnum

from workbench.errors import UnknownName


class Level(IntEnum):
    """How closely a row or column is held; a higher level is read by fewer people."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    STRICTLY_CONFIDENTIAL = 3

    @property
    def slug(self) -> str:
        """The word used in files and configuration, such as `strictly_confidential`."""
        return self.name.lower()


HIGHEST = Level.STRICTLY_CONFIDENTIAL
"""What a missing or unknown label counts as."""

LEVELS: tuple[str, ...] = tuple(level.slug for level in Level)

COMPARTMENTS: tuple[str, ...] = (
    "human_rights",
    "source_identity",
    "personnel",
    "protection",
    "exact_location",
)


def level(word: str) -> Level:
    """Return the level called `word`; raises UnknownName for any other word."""
    try:
        return Level[word.upper()] if word == word.lower() else _unknown(word)
    except KeyError:
        return _unknown(word)


def _unknown(word: str) -> Level:
    raise UnknownName("level", word, LEVELS)
