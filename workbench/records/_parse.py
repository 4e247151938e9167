"""One column of text as a source gives it -> typed values, and a reason for each word that is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.records._schema import DTYPES, Column

Reasons = dict[int, str]
"""Position among the words -> why that word is not a value."""

_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_CONTROLS = "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"
_IRREGULAR = f"[{_CONTROLS}{_BREAKS}]"

_INTEGER = r"[+-]?[0-9]{1,18}(\.0*)?"
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = _DAY + r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?)?"
_YEARS = (1900, 2199)
"""A year outside these is a slip of the pen in every record type, such as 0206 for 2026."""

_YES = frozenset({"true", "1", "yes", "y"})
_NO = frozenset({"false", "0", "no", "n"})


@dataclass(frozen=True)
class Parsed:
    """Typed values of a column, missing where there was none, and the reason at each faulty position."""

    values: pd.Series
    faults: dict[str, np.ndarray[Any, Any]]


def as_text(values: pd.Series) -> pd.Series:
    """Return `values` as pandas text, missing kept; what UTF-8 cannot hold becomes "?"."""
    try:
        return values.astype("str")
    except UnicodeEncodeError:  # half a surrogate pair, as a broken export holds
        sound = [
            one if pd.isna(one) else str(one).encode("utf-8", "replace").decode("utf-8") for one in values
        ]
        return pd.Series(sound, index=values.index, dtype="str")


def cleaned(values: pd.Series, *, one_line: bool) -> pd.Series:
    """
    Return text without what does not belong in it: outer blanks, control characters, "" as a value.

    Newline and tab stay. In one-line text a line break, with the blanks around it, becomes one
    space; elsewhere every kind of line break becomes a newline and nothing is collapsed.
    Cleaning cleaned text changes nothing.
    """
    irregular = values.str.contains(_IRREGULAR, regex=True, na=False)
    if irregular.any():
        odd = values[irregular]
        odd = odd.str.replace(f"[{_CONTROLS}]", "", regex=True)
        if one_line:
            odd = odd.str.replace(f"[ \t]*[{_BREAKS}][ \t{_BREAKS}]*", " ", regex=True)
        else:
            odd = odd.str.replace(f"\r\n|[{_BREAKS}]", "\n", regex=True)
        values = values.where(~irregular, odd.reindex(values.index))
    values = values.str.strip()
    return values.mask(values == "")


def parse(column: Column, values: pd.Series) -> Parsed:
    """
    Return the values of `column` with its dtype, ranges and vocabulary checked.

    Takes text. Words are judged once each, however often they occur.
    """
    if column.kind in ("text", "free_text"):
        return Parsed(cleaned(values, one_line=column.kind == "text"), {})
    places, unique = pd.factorize(values)
    words = cleaned(pd.Series(unique, dtype="str"), one_line=True)
    typed, reasons = _PARSERS[column.kind](column, words)
    dtype: Any = DTYPES[column.kind]
    taken = pd.array(typed, dtype=dtype).take(places, allow_fill=True)
    faults: dict[str, np.ndarray[Any, Any]] = {}
    for reason in dict.fromkeys(reasons.values()):
        at_fault = [place for place, why in reasons.items() if why == reason]
        faults[reason] = np.flatnonzero(np.isin(places, at_fault))
    return Parsed(pd.Series(taken, index=values.index), faults)


def parse_text(column: Column, text: str) -> object:
    """Return the value of `column` that one text says; None if it says none that the column can have."""
    parsed = parse(column, pd.Series([text], dtype="str"))
    value = parsed.values.iloc[0]
    return None if parsed.faults or pd.isna(value) else value


def _reasons(words: pd.Series, wrong: pd.Series, reason: str) -> Reasons:
    at_fault = np.flatnonzero((words.notna() & wrong).to_numpy(dtype=bool))
    return dict.fromkeys(at_fault.tolist(), reason)


def _integer(column: Column, words: pd.Series) -> tuple[pd.Series, Reasons]:
    whole = words.where(words.str.fullmatch(_INTEGER, na=False))
    # Not through floats: a number of 17 digits must not change on the way.
    values = [None if pd.isna(one) else int(str(one).partition(".")[0]) for one in whole]
    numbers = pd.Series(pd.array(values, dtype="Int64"), index=words.index)
    reasons = _reasons(words, numbers.isna(), "is not a whole number")
    return _in_range(column, words, numbers, reasons)


def _number(column: Column, words: pd.Series) -> tuple[pd.Series, Reasons]:
    looks = words.str.fullmatch(_NUMBER, na=False)
    floats = pd.to_numeric(words.where(looks), errors="coerce").astype("float64")
    numbers = floats.where(np.isfinite(floats)).astype("Float64")
    reasons = _reasons(words, numbers.isna(), "is not a number")
    return _in_range(column, words, numbers, reasons)


def _in_range(
    column: Column, words: pd.Series, numbers: pd.Series, reasons: Reasons
) -> tuple[pd.Series, Reasons]:
    if column.minimum is not None:
        below = (numbers < column.minimum).fillna(value=False)
        reasons |= _reasons(words, below, f"is less than {column.minimum:g}")
    if column.maximum is not None:
        above = (numbers > column.maximum).fillna(value=False)
        reasons |= _reasons(words, above, f"is more than {column.maximum:.0f}")
    return numbers, reasons


def _moments(column: Column, words: pd.Series) -> tuple[pd.Series, Reasons]:
    looks = words.str.fullmatch(_MOMENT, na=False)
    moments = pd.to_datetime(words.where(looks), format="ISO8601", utc=True, errors="coerce")
    if column.kind == "date":
        # The day as it is written: turning 01:00+02:00 into UTC would move it to the day before.
        days = pd.to_datetime(words.where(looks).str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
        times = days.where(moments.notna())
        wanted = "is not a day; write it as 2026-11-09"
    else:
        times = moments
        wanted = "is not a moment; write it as 2026-11-09T14:30Z"
    reasons = _reasons(words, times.isna(), wanted)
    outside = times.notna() & ~times.dt.year.between(*_YEARS)
    reasons |= _reasons(words, outside, f"lies outside the years {_YEARS[0]} to {_YEARS[1]}")
    return times.mask(outside), reasons


def _boolean(column: Column, words: pd.Series) -> tuple[pd.Series, Reasons]:
    del column
    low = words.str.lower()
    values = pd.Series(pd.NA, index=words.index, dtype="boolean")
    values = values.mask(low.isin(_YES), other=True).mask(low.isin(_NO), other=False)
    return values, _reasons(words, values.isna(), "is neither yes nor no")


def _code(column: Column, words: pd.Series) -> tuple[pd.Series, Reasons]:
    if not column.vocabulary:
        return words, {}
    known = {word.lower(): word for word in column.vocabulary}
    values = words.str.lower().map(known).astype("str")
    return values, _reasons(words, values.isna(), _not_in(column))


def _codes(column: Column, words: pd.Series) -> tuple[pd.Series, Reasons]:
    lists = [[] if pd.isna(word) else split(str(word)) for word in words]
    reasons: Reasons = {}
    if column.vocabulary:
        known = {word.lower(): word for word in column.vocabulary}
        for place, parts in enumerate(lists):
            if any(part.lower() not in known for part in parts):
                reasons[place] = _not_in(column)
        lists = [[known.get(part.lower(), "") for part in parts] for parts in lists]
    joined = [join(parts) if parts and place not in reasons else None for place, parts in enumerate(lists)]
    return pd.Series(joined, index=words.index, dtype="str"), reasons


def _not_in(column: Column) -> str:
    return f"is not one of: {', '.join(column.vocabulary)}"


def split(words: str) -> list[str]:
    """Return the words of a list written with ; or , between them, without blanks and empty ones."""
    return [part for part in (one.strip() for one in re.split("[;,]", words)) if part]


def join(words: list[str]) -> str:
    """Return a list of words as it is stored: each once, in the order given, ";" between them."""
    return ";".join(dict.fromkeys(words))


_PARSERS: dict[str, Callable[[Column, pd.Series], tuple[pd.Series, Reasons]]] = {
    "integer": _integer,
    "number": _number,
    "date": _moments,
    "instant": _moments,
    "boolean": _boolean,
    "code": _code,
    "codes": _codes,
}
