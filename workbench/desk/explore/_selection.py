"""What of a view is selected: one condition for each filter, all of which hold together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workbench.errors import ParameterError

_LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Selection:
    """
    Conditions on the incidents of a view; an empty one selects everything.

    `values`: for a facet the values of which a row has one; "" stands for those that are not given. `days`:
    the first and the last day, of which a row's own days must have one; None leaves an end open. `weeks`:
    first days of weeks. `text`: words that a row must all say somewhere, in any case and without accents.
    `rows`: positions in the table of incidents, as they are checked one by one.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: tuple[date | None, date | None] = (None, None)
    weeks: tuple[date, ...] = ()
    text: str = ""
    rows: tuple[int, ...] = ()

    @classmethod
    def from_plain(cls, said: object) -> Selection:
        """
        Return the selection that a browser sent as JSON: `values`, `days`, `weeks`, `text`, `rows`.

        Raises ParameterError, quoting nothing, for anything else.
        """
        try:
            if not isinstance(said, Mapping):
                raise TypeError
            given: Any = said
            if set(given) - {"values", "days", "weeks", "text", "rows"}:
                raise ValueError
            first, last = given.get("days") or (None, None)
            text = given.get("text", "")
            rows = tuple(given.get("rows", ()))
            if not isinstance(text, str) or any(type(one) is not int or one < 0 for one in rows):
                raise ValueError
            return cls(
                values={
                    str(name): tuple(map(_word, some))
                    for name, some in given.get("values", {}).items()
                    if some
                },
                days=(_day(first), _day(last)),
                weeks=tuple(sorted({date.fromisoformat(one) for one in given.get("weeks", ())})),
                text=text[:_LONGEST_SEARCH],
                rows=rows,
            )
        except (TypeError, ValueError, AttributeError):
            raise ParameterError(
                "A filter is not as this page makes it. Give days as 2026-11-09, or clear the filters."
            ) from None

    @property
    def is_everything(self) -> bool:
        """Whether there is no condition at all."""
        return self == Selection()


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _day(value: object) -> date | None:
    return None if value in (None, "") else date.fromisoformat(_word(value))
