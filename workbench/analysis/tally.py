"""Tallies: numbers that know what they count, so that a part is never added to its whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar

import pandas as pd

from workbench.analysis.counts import MEASURES, TOTAL
from workbench.errors import ParameterError

PART_OF: Mapping[str, str] = {
    "civilians_killed": "killed_best",
    "aid_affected": "incidents",
    "attacks_on_civilians": "incidents",
}
"""Measures that count some of what another measure counts. Parts of one whole overlap."""

BOUND_OF: Mapping[str, tuple[str, Literal["low", "high"]]] = {
    "killed_low": ("killed_best", "low"),
    "killed_high": ("killed_best", "high"),
}
"""Measures that say how low or high another may be."""


@dataclass(frozen=True)
class Scope:
    """The weeks (their first days) and places that a number counts; TOTAL is all places."""

    weeks: frozenset[date] = frozenset()
    places: frozenset[str] = frozenset({TOTAL})

    def beside(self, other: Scope) -> Scope | None:
        """Return what both cover together; None if something might be counted twice or a gap remains."""
        if self.places == other.places and self.weeks and other.weeks and not self.weeks & other.weeks:
            return Scope(self.weeks | other.weeks, self.places)
        apart = not self.places & other.places and TOTAL not in self.places | other.places
        return Scope(self.weeks, self.places | other.places) if self.weeks == other.weeks and apart else None


@dataclass(frozen=True)
class Total:
    """
    A number that stands for itself: `name` is the measure; `value` None if nobody knows it.

    Totals of one name add if their weeks are apart and their places the same, or the other way round;
    anything else, and any addition with a part or a bound, raises ParameterError.
    """

    name: str
    value: int | None
    scope: Scope = Scope()

    def __post_init__(self) -> None:
        _not_negative(self.name, self.value)

    def __add__(self, other: Total) -> Total:
        if not isinstance(other, Total):
            raise _refused(self, other)
        return Total(self.name, _sum(self.value, other.value), _together(self, other))

    def __radd__(self, other: object) -> Total:
        return _from_nothing(self, other)


@dataclass(frozen=True)
class Part:
    """
    A number of which all is counted in `of` already: "4 killed, of which 2 civilians".

    Never above its whole, which raises ParameterError. Adds only to the same part of a total that can
    be added to its own, and the totals are added with it: never to a total, nor to another part, which
    may count the same.
    """

    name: str
    value: int | None
    of: Total

    def __post_init__(self) -> None:
        _not_negative(self.name, self.value)
        if self.value is not None and self.of.value is not None and self.value > self.of.value:
            raise ParameterError(
                f"{self.value} {self.name} cannot be part of {self.of.value} {self.of.name}. "
                "Count both from the same rows."
            )

    @property
    def scope(self) -> Scope:
        """The weeks and places, which are those of the whole."""
        return self.of.scope

    def __add__(self, other: Part) -> Part:
        if not isinstance(other, Part):
            raise _refused(self, other)
        _together(self, other)
        return Part(self.name, _sum(self.value, other.value), self.of + other.of)

    def __radd__(self, other: object) -> Part:
        return _from_nothing(self, other)


@dataclass(frozen=True)
class Bound:
    """
    How low or high `of` may be: not a number beside it. On the wrong side of it raises ParameterError.

    Adds as a part does: to the same bound of a total that can be added to its own.
    """

    name: str
    value: int | None
    of: Total
    side: Literal["low", "high"]

    def __post_init__(self) -> None:
        _not_negative(self.name, self.value)
        if self.value is None or self.of.value is None:
            return
        if (self.value > self.of.value) if self.side == "low" else (self.value < self.of.value):
            raise ParameterError(
                f"{self.value} {self.name} cannot be the {self.side} of {self.of.value} {self.of.name}. "
                "Count both from the same rows."
            )

    @property
    def scope(self) -> Scope:
        """The weeks and places, which are those of the best estimate."""
        return self.of.scope

    def __add__(self, other: Bound) -> Bound:
        if not isinstance(other, Bound):
            raise _refused(self, other)
        _together(self, other)
        return Bound(self.name, _sum(self.value, other.value), self.of + other.of, self.side)

    def __radd__(self, other: object) -> Bound:
        return _from_nothing(self, other)


Tally = Total | Part | Bound

_T = TypeVar("_T", Total, Part, Bound)


def tallies(values: Mapping[str, int | None], scope: Scope | None = None) -> dict[str, Tally]:
    """
    Return measures as totals, parts and bounds, in the order given; `values` holds some of MEASURES.

    A part or bound whose whole is not among `values` belongs to a whole nobody knows. Raises
    ParameterError for an unknown measure, a negative number, a part above its whole or a bound on
    the wrong side.
    """
    if unknown := sorted({*values} - {*MEASURES}):
        raise ParameterError(f"There is no measure {', '.join(unknown)}. Known: {', '.join(MEASURES)}.")
    covered = scope or Scope()
    made: dict[str, Tally] = {}
    for name, value in values.items():
        if name in PART_OF:
            made[name] = Part(name, value, Total(PART_OF[name], values.get(PART_OF[name]), covered))
        elif name in BOUND_OF:
            whole, side = BOUND_OF[name]
            made[name] = Bound(name, value, Total(whole, values.get(whole), covered), side)
        else:
            made[name] = Total(name, value, covered)
    return made


def tally(weekly: pd.DataFrame) -> dict[str, Tally]:
    """
    Add up a frame of `counts.weekly` or `weekly_total` into one tally for each measure it has.

    Takes `district`, `week` and some of MEASURES. A measure with an <NA> in it is None: nobody knows
    the sum. Raises ParameterError if a district and week come twice, if the row of all districts
    stands beside theirs, if not every district has every week, or if a part exceeds its whole in any
    row, or a bound lies on the wrong side.
    """
    measures = [name for name in MEASURES if name in weekly.columns]
    places, weeks = weekly["district"].astype("str"), pd.DatetimeIndex(weekly["week"])
    if weekly.duplicated(["district", "week"]).any():
        raise ParameterError("A district and week come twice: their sum would count double. Pass each once.")
    if places.eq(TOTAL).any() and not places.eq(TOTAL).all():
        raise ParameterError(
            "The total of all districts stands beside the districts: their sum would count double. "
            "Pass the one or the others."
        )
    if len(weekly) != places.nunique() * weeks.nunique():
        raise ParameterError("Not every district has every week. Pass a frame of `counts.weekly`.")
    wrong = [
        name for name, (whole, sign) in _SIDES.items()
        if {name, whole} <= {*measures} and ((weekly[name] - weekly[whole]) * sign > 0).any()
    ]  # fmt: skip
    if wrong:
        raise ParameterError(
            f"{', '.join(wrong)} exceed what they belong to in some row. Count them from the same rows."
        )
    summed: dict[str, Any] = {
        name: None if weekly[name].isna().any() else int(weekly[name].sum()) for name in measures
    }
    scope = Scope(frozenset(day.date() for day in weeks.unique()), frozenset(places))
    return tallies(summed, scope)


_SIDES = {name: (whole, 1) for name, whole in PART_OF.items()} | {
    name: (whole, 1 if side == "low" else -1) for name, (whole, side) in BOUND_OF.items()
}


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


def _together(first: Tally, second: Tally) -> Scope:
    both = first.scope.beside(second.scope) if first.name == second.name else None
    if both is None:
        raise _refused(first, second)
    return both


def _refused(first: Tally, second: object) -> ParameterError:
    """Say why two numbers cannot be added, and what to do instead."""
    if not isinstance(second, Total | Part | Bound):
        return ParameterError(
            f"{first.name} and a bare number cannot be added: nobody knows what it counts. Add tallies."
        )
    pair = f"{first.value} {first.name} and {second.value} {second.name} cannot be added: "
    for one, whole in ((first, second), (second, first)):
        if isinstance(one, Part) and one.of.name == whole.name:
            return ParameterError(
                f"{pair}{one.name} is part of {whole.name} and counted there already. "
                f'Write "{whole.value} {whole.name}, of which {one.value} {one.name}".'
            )
        if isinstance(one, Bound) and one.of.name == whole.name:
            return ParameterError(
                f"{pair}{one.name} says how {one.side} {whole.name} may be. Write it as a range."
            )
    if first.name == second.name:
        return ParameterError(
            f"{pair}they cover some of the same weeks and places, or it is not said which. "
            "Add numbers of weeks apart, or of places apart in the same weeks."
        )
    if isinstance(first, Part) and isinstance(second, Part) and first.of.name == second.of.name:
        return ParameterError(
            f"{pair}both are part of {first.of.name} and may count the same. Show them side by side."
        )
    return ParameterError(f"{pair}they count different things. Show them side by side.")


def _from_nothing(one: _T, nothing: object) -> _T:
    """Let `sum()` begin: it adds the first number to 0."""
    if nothing == 0 and isinstance(nothing, int):
        return one
    raise _refused(one, nothing)


def _not_negative(name: str, value: int | None) -> None:
    if value is not None and value < 0:
        raise ParameterError(f"There cannot be {value} {name}. Count 0 or more, or None if nobody knows.")
