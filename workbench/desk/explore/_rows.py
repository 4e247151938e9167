"""Incidents made ready to be filtered many times: each filter a mask, each facet with its counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench import analysis
from workbench.config import Week
from workbench.desk.explore._selection import Selection
from workbench.errors import ParameterError
from workbench.records import record_type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

FACETS: dict[str, tuple[str, ...]] = {
    "event_type": ("event_type",),
    "actor": ("actor1", "actor2"),
    "district": ("district",),
    "source": ("source",),
    "source_grade": ("source_grade",),
    "verification": ("verification",),
}
"""The facets, and the columns that hold the values of each: a row has a value if one of them does."""

_WEEKS_BACK = 6000
_NOT_SEARCHED = frozenset({"dup_group", "source", "level", "admin1", "district"})


class Rows:
    """
    The incidents of a view, ready to be filtered: positions stand for rows.

    A facet, the days, the weeks and the search are there as far as the frame has columns for them:
    what readers are not given offers no filter. The frame is not changed.
    """

    def __init__(self, frame: pd.DataFrame, *, week: Week) -> None:
        self.frame = frame.reset_index(drop=True)
        self._week = week
        self._last: tuple[list[str], Mask] = ([], np.zeros(0, dtype=bool))
        self._facets = {
            name: _facet([self.frame[one] for one in columns if one in self.frame])
            for name, columns in FACETS.items()
            if any(one in self.frame for one in columns)
        }

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def facets(self) -> tuple[str, ...]:
        """The names of the facets that there are."""
        return tuple(self._facets)

    @property
    def has_days(self) -> bool:
        """Whether rows can be told apart by their day."""
        return "occurred_on" in self.frame

    @property
    def has_weeks(self) -> bool:
        """Whether rows can be put into weeks."""
        return {"occurred_on", "date_precision", "event_type"} <= set(self.frame.columns)

    @property
    def searched(self) -> tuple[str, ...]:
        """The columns of text that a search looks through."""
        record = record_type("incident")
        return tuple(
            one.name
            for one in record.columns
            if one.kind in {"text", "free_text"} and one.name in self.frame and one.name not in _NOT_SEARCHED
        )

    @cached_property
    def weeks(self) -> NDArray[np.datetime64]:
        """The first day of the week each row belongs to, by the rule that counts follow; NaT for none."""
        found = np.full(len(self.frame), np.datetime64("NaT", "s"))
        if self.has_weeks and len(self.frame):
            # whether a row counts is another question than where it lies
            dated = self.frame[[one for one in _DATES if one in self.frame]].assign(event_type="other")
            first = self._week.back(_WEEKS_BACK).first_day
            placed = analysis.of_weeks(dated, first_day=first, weeks=2 * _WEEKS_BACK)
            found[placed.index.to_numpy()] = placed["week"].to_numpy().astype("datetime64[s]")
        return found

    @cached_property
    def _texts(self) -> list[str]:
        columns = [self.frame[name].fillna("").astype("str").tolist() for name in self.searched]
        return [_folded("\n".join(cells)) for cells in zip(*columns, strict=True)]

    def mask(self, selection: Selection, *, but: Collection[str] = ()) -> Mask:
        """
        Return which rows are selected, conditions named in `but` left out.

        Conditions: names of facets, `days`, `weeks`, `text`, `rows`. Raises ParameterError for one on what
        these readers are not given.
        """
        every: Mask = np.ones(len(self), dtype=bool)
        for name, one in self._masks(selection):
            if name not in but:
                every &= one()
        return every

    def options(self, selection: Selection, facet: str) -> list[tuple[str, int]]:
        """
        Return the values of a facet with the number of rows each would select, most first, "" last.

        The other conditions hold. A value that no row has now is there with 0 if it is chosen.
        """
        values, codes = self._facets[facet]
        inside = self.mask(selection, but=(facet,))
        counts = np.zeros(len(values), dtype="int64")
        for number, column in enumerate(codes):
            here = inside & (column >= 0)
            for before in codes[:number]:  # the same actor on both sides is one row
                here &= column != before
            counts += np.bincount(column[here], minlength=len(values))
        chosen = set(selection.values.get(facet, ()))
        found = [(value, int(n)) for value, n in zip(values, counts, strict=True) if n or value in chosen]
        found += [(value, 0) for value in sorted(chosen - set(values))]
        return sorted(found, key=lambda one: (one[0] == "", -one[1], one[0]))

    def _masks(self, selection: Selection) -> Iterable[tuple[str, Any]]:
        for facet, chosen in selection.values.items():
            if facet not in self._facets:
                raise _not_given(facet)
            yield facet, lambda facet=facet, chosen=chosen: self._of_facet(facet, chosen)
        if selection.days != (None, None):
            if not self.has_days:
                raise _not_given("days")
            yield "days", lambda: self._of_days(selection)
        if selection.weeks:
            if not self.has_weeks:
                raise _not_given("weeks")
            wanted = np.array(selection.weeks, dtype="datetime64[s]")
            yield "weeks", lambda: np.isin(self.weeks, wanted)
        words = _folded(selection.text).split()
        if words:
            yield "text", lambda: self._saying(words)
        if selection.rows:
            yield "rows", lambda: np.isin(np.arange(len(self)), selection.rows)

    def _of_facet(self, facet: str, chosen: Collection[str]) -> Mask:
        values, codes = self._facets[facet]
        wanted = np.array([value in set(chosen) for value in values] + [False])
        found: Mask = np.zeros(len(self), dtype=bool)
        for column in codes:
            found |= wanted[column]
        return found

    def _of_days(self, selection: Selection) -> Mask:
        begins = self.frame["occurred_on"]
        ends = self.frame["occurred_to"].fillna(begins) if "occurred_to" in self.frame else begins
        inside = begins.notna()
        first, last = selection.days
        if first is not None:
            inside &= ends.ge(pd.Timestamp(first))
        if last is not None:
            inside &= begins.le(pd.Timestamp(last))
        found: Mask = inside.to_numpy(dtype=bool)
        return found

    def _saying(self, words: list[str]) -> Mask:
        # one search is asked for many times over: by each facet, by the map, by the weeks
        if self._last[0] != words:
            said = (all(word in text for word in words) for text in self._texts)
            self._last = (words, np.fromiter(said, bool, len(self)))
        return self._last[1]


_DATES = ("occurred_on", "occurred_to", "date_precision")


def _facet(columns: list[pd.Series]) -> tuple[list[str], list[NDArray[np.int64]]]:
    """Return the values there are, "" for rows with none, and for each column each row's place or -1."""
    given = [column.astype("object").where(column.notna(), None) for column in columns]
    values = sorted({str(one) for column in given for one in column.unique() if one is not None})
    place = {value: n for n, value in enumerate(values)}
    codes = [
        column.map(lambda one: -1 if one is None else place[str(one)]).to_numpy(dtype="int64")
        for column in given
    ]
    none = np.logical_and.reduce([column < 0 for column in codes])
    if none.any():
        codes[0] = np.where(none, len(values), codes[0])
        values = [*values, ""]
    return values, codes


def _folded(text: str) -> str:
    """Return a text without case and accents."""
    low = text.casefold()
    if low.isascii():
        return low
    apart = unicodedata.normalize("NFKD", low)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _not_given(name: str) -> ParameterError:
    return ParameterError(
        f"These readers are not given {name.replace('_', ' ')}, so no filter can ask for it. Clear the "
        "filters."
    )
