"""Language: every word that can reach a page, from one message catalogue per language."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale, dates, numbers
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from workbench.errors import UnknownName
from workbench.language.terms import TERMS

__all__ = ["CATALOGUES", "Words", "languages", "words"]

CATALOGUES = Path(__file__).parent / "catalogue"
"""One file `<language>.po` each; `python -m workbench.language.extract` brings them up to date."""

_LOCALES: Mapping[str, str] = {"en": "en_GB", "pt": "pt_MZ"}


@dataclass(frozen=True)
class Words:
    """
    The words of one language: whole sentences with places for numbers, plurals, dates and numbers.

    A sentence is looked up as it stands in the code, so it must be a literal there; what fills its
    places is data and is never looked up. Numbers given as `int` or `float` are written by the
    locale; a year or a code is therefore given as `str`.
    """

    language: str
    direction: Literal["ltr", "rtl"]
    _catalogue: gettext.NullTranslations = field(repr=False, compare=False)
    _locale: Locale = field(repr=False, compare=False)

    def say(self, sentence: str, **places: object) -> str:
        """Return the sentence in this language, its places filled."""
        return self._fill(self._catalogue.gettext(sentence), places)

    def count(self, one: str, many: str, n: int, **places: object) -> str:
        """Return the form of the sentence that `n` takes in this language; `n` also fills {n}."""
        return self._fill(self._catalogue.ngettext(one, many, n), {"n": n, **places})

    def translate(self, text: str) -> str:
        """Return the translation of a text an analyst wrote in a notebook, or the text itself."""
        return self._catalogue.gettext(text) if text else text

    def term(self, vocabulary: str, word: str) -> str:
        """Return the label of a vocabulary's word; raises UnknownName for one without a label."""
        labels = TERMS.get(vocabulary)
        if labels is None:
            raise UnknownName("vocabulary", vocabulary, TERMS)
        if word not in labels:
            raise UnknownName(vocabulary, word, labels)
        return self._catalogue.gettext(labels[word])

    def sentences(self) -> list[str]:
        """Return every sentence of the catalogue as a page may show it, places unfilled."""
        known = getattr(self._catalogue, "_catalog", {})
        return sorted({text for text in known.values() if isinstance(text, str) and text})

    def number(self, value: float, *, places: int = 0) -> str:
        """Return a number with the locale's separators; `places` decimals, trailing zeros kept."""
        pattern = "#,##0" + ("." + "0" * places if places else "")
        return numbers.format_decimal(value, format=pattern, locale=self._locale)

    def span(self, low: float, high: float) -> str:
        """Return a range of whole numbers: `1–4`, or `3` where both ends are the same."""
        first, last = self.number(low), self.number(high)
        return first if first == last else f"{first}–{last}"

    def day(self, day: date) -> str:
        """Return a day: `9 Nov 2026`."""
        return dates.format_date(day, "d MMM y", locale=self._locale)

    def short_day(self, day: date) -> str:
        """Return a day without its year, for places where the year is plain: `9 Nov`."""
        return dates.format_skeleton("MMMd", day, locale=self._locale)

    def month(self, day: date) -> str:
        """Return the month of a day: `Nov 2026`."""
        return dates.format_date(day, "MMM y", locale=self._locale)

    def days(self, first: date, last: date) -> str:
        """Return a span of days in full: `Monday 9 – Sunday 15 November 2026`."""
        opening = "EEEE d"
        if first.year != last.year:
            opening = "EEEE d MMMM y"
        elif first.month != last.month:
            opening = "EEEE d MMMM"
        return self.say(
            "{first} – {last}",
            first=dates.format_date(first, opening, locale=self._locale),
            last=dates.format_date(last, "EEEE d MMMM y", locale=self._locale),
        )

    def instant(self, moment: datetime, *, zone: tzinfo | None = None) -> str:
        """Return a moment: `16 Nov 2026 06:00 UTC`, or in `zone` with its offset."""
        if zone is None:
            return dates.format_datetime(moment, "d MMM y HH:mm", tzinfo=UTC, locale=self._locale) + " UTC"
        return dates.format_datetime(moment, "d MMM y HH:mm ZZZZ", tzinfo=zone, locale=self._locale)

    def listed(self, items: list[str]) -> str:
        """Return items as a list in a sentence: `Kuro, Orsa and Sule`."""
        return format_list(items, style="standard", locale=self._locale) if items else ""

    def _fill(self, sentence: str, places: Mapping[str, object]) -> str:
        return sentence.format(**{name: self._written(value) for name, value in places.items()})

    def _written(self, value: object) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("a place in a sentence takes a text or a number")
        return self.number(value) if float(value).is_integer() else self.number(value, places=1)


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue."""
    return tuple(sorted(file.stem for file in CATALOGUES.glob("*.po")))


def rehearsed() -> tuple[Path, ...]:
    """Read every catalogue, so that processes forked from this one need not; returns their files."""
    return tuple(CATALOGUES / f"{words(one).language}.po" for one in languages())


@cache
def words(language: str) -> Words:
    """Return the words of a language; raises UnknownName if it has no catalogue."""
    if language not in languages():
        raise UnknownName("language", language, languages())
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    locale = Locale.parse(_LOCALES.get(language, language))
    direction: Literal["ltr", "rtl"] = "rtl" if locale.text_direction == "rtl" else "ltr"
    return Words(language, direction, gettext.GNUTranslations(compiled), locale)
