"""Marks: the names that others give to our levels, as the office maps them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from workbench.config._parts import Slug, known
from workbench.config.labels import LEVELS, Level


def _as_names(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or not all(name.strip() for name in value):
        raise ValueError("give a name, or a list of names; the first is the one that is printed")
    return value


LevelWord = Annotated[str, known(LEVELS, "level")]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_names), AfterValidator(_some)]
Marks = dict[Slug, dict[LevelWord, Names]]
"""The [marks.SCHEME] tables: for each scheme, level -> its names there, the one to print first."""


def plain(scheme: str, word: str) -> str:
    """
    Return a mark as it is compared: without case, blanks and the prefix of its scheme.

    "TLP: Amber + Strict" and "amber+strict" are one mark of the scheme tlp. Compatibility forms (NFKC) are
    the letters they stand for.
    """
    bare = "".join(unicodedata.normalize("NFKC", word).casefold().split())
    return bare.removeprefix(f"{scheme}:")


def levels_of(scheme: str, table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return mark as `plain` gives it -> level; raises ValueError if one mark would be two levels."""
    found: dict[str, str] = {}
    for word, names in table.items():
        for name in names:
            before = found.setdefault(plain(scheme, name), word)
            if before != word:
                raise ValueError(
                    f'[marks.{scheme}]: "{name}" stands for both {before} and {word}; nobody could tell '
                    "which is meant. Give each level names of its own"
                )
    return found


def printed(marks: Mapping[str, Mapping[str, tuple[str, ...]]], level: Level) -> tuple[tuple[str, str], ...]:
    """Return (scheme, name) of a level in each scheme that has one, in the order of the file."""
    return tuple((scheme, table[level.slug][0]) for scheme, table in marks.items() if level.slug in table)
