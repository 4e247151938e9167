"""Dates as people and publishers write them -> ISO 8601 text; what is not understood stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pandas as pd

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_CLOCK = r"(?:[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _CLOCK, re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _CLOCK, re.ASCII)
_MONTH_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3,9})\.?[- ,]+(\d{4})" + _CLOCK, re.ASCII)


def iso_dates(texts: pd.Series[str], *, day_first: bool = False) -> pd.Series[str]:
    """
    Return dates as `2026-11-09`; a time of day is left off.

    Understands year-month-day, day-month-year or month-day-year with figures (as `day_first` says; it is
    never guessed from the values), and `9 Nov 2026` with English month names. Anything else, also an
    impossible date, is returned unchanged, so that validation rejects it with what stood there.
    """
    return _each(texts, lambda text: _date_text(text, day_first=day_first))


def iso_instants(texts: pd.Series[str], *, zone: ZoneInfo, day_first: bool = False) -> pd.Series[str]:
    """
    Return moments as `2026-11-09T06:30:00Z`.

    Understands the dates of `iso_dates` with a time of day and an offset. Without an offset the time is
    that of `zone`; without a time it is the start of that day there. Anything else is returned unchanged.
    """
    return _each(texts, lambda text: _instant_text(text, zone=zone, day_first=day_first))


def _each(texts: pd.Series[str], change: Callable[[str], str]) -> pd.Series[str]:
    """Apply `change` once per distinct text; missing stays missing."""
    changed = {text: change(text) for text in texts.dropna().unique()}
    return texts.map(changed).astype("str")


def _parse(text: str, *, day_first: bool) -> tuple[date, str | None, str | None] | None:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _YEAR_LAST.fullmatch(text):
        one, two = int(found[1]), int(found[2])
        year, month, day = int(found[3]), *((two, one) if day_first else (one, two))
    elif found := _MONTH_NAMED.fullmatch(text):
        year, month, day = int(found[3]), _MONTHS.get(found[2][:3].lower(), 0), int(found[1])
    else:
        return None
    try:
        return date(year, month, day), found[4], found[5]
    except ValueError:
        return None


def _date_text(text: str, *, day_first: bool) -> str:
    parsed = _parse(text, day_first=day_first)
    return parsed[0].isoformat() if parsed else text


def _instant_text(text: str, *, zone: ZoneInfo, day_first: bool) -> str:
    parsed = _parse(text, day_first=day_first)
    if not parsed:
        return text
    day, clock, offset = parsed
    try:
        at = (
            time.fromisoformat(clock.zfill(5) if clock.count(":") == 1 else clock.zfill(8))
            if clock
            else time()
        )
        moment = datetime.combine(day, at)
        if offset:
            moment = datetime.fromisoformat(moment.isoformat() + offset)
        else:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return text
