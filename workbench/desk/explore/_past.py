"""The selection as it was known on an earlier day, and what became of it since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.desk.explore._rows import Rows
from workbench.desk.explore._selection import Selection
from workbench.view import View

_TIMES = ("recorded_at", "known_until")


@dataclass(frozen=True, kw_only=True)
class Then:
    """
    Rows of a selection as known `at` an instant, and now; both as counts of rows, not of incidents.

    `added` were not known then, `withdrawn` are known no more (withdrawn, or moved out of the area or the
    days of the view), `moved_in` and `moved_out` were and are known but fell under the conditions only now
    or only then, `changed` did both times and differ: now = then + added + moved_in - withdrawn - moved_out.
    None for readers who are given no codes of records: they cannot tell which row is which.
    """

    at: datetime
    then: int
    now: int
    added: int | None
    changed: int | None
    withdrawn: int | None
    moved_in: int | None
    moved_out: int | None


class Past:
    """
    What was known of the incidents of a view at each of its deliveries; `load` gives its `histories`.

    They are read when they are first asked for, and once.
    """

    def __init__(self, view: View, load: Callable[[], pd.DataFrame]) -> None:
        self._view, self._load = view, load

    @cached_property
    def _rows(self) -> Rows:
        return Rows(self._load(), week=self._view.week)

    @cached_property
    def _records(self) -> np.ndarray | None:
        """Which record each state is of, by number; None if the readers cannot know."""
        frame = self._rows.frame
        if "record_id" not in frame or "source" not in frame:
            return None
        return pd.MultiIndex.from_frame(frame[["source", "record_id"]]).factorize()[0]

    def then(self, selection: Selection, *, at: datetime) -> Then:
        """Return the selection as known `at`; raises ParameterError as `Rows.mask` does."""
        was, now = self._standing(at), self._standing(self._view.as_of)
        inside = self._mask(selection)
        counts = {"at": at, "then": int((was & inside).sum()), "now": int((now & inside).sum())}
        records = self._records
        if records is None:
            nobody = dict.fromkeys(("added", "changed", "withdrawn", "moved_in", "moved_out"))
            return Then(**counts, **nobody)  # type: ignore[arg-type]  # a dict of mixed values
        state_then, state_now = _states(records, was), _states(records, now)
        in_then, in_now = _inside(state_then, inside), _inside(state_now, inside)
        known_then, known_now = state_then >= 0, state_now >= 0
        both = in_then & in_now
        differs = both & (state_then != state_now)
        return Then(
            **counts,  # type: ignore[arg-type]  # as above
            added=int((in_now & ~known_then).sum()),
            changed=self._differing(state_then[differs], state_now[differs]),
            withdrawn=int((in_then & ~known_now).sum()),
            moved_in=int((in_now & known_then & ~in_then).sum()),
            moved_out=int((in_then & known_now & ~in_now).sum()),
        )

    def _mask(self, selection: Selection) -> np.ndarray:
        found = self._rows.mask(selection, but=("rows",))
        if selection.rows:
            mine = self._view.table("incident").iloc[list(selection.rows)]
            keys = ["source", "record_id"]
            if self._records is None:
                return found & False
            wanted = pd.MultiIndex.from_frame(mine[keys])
            found &= pd.MultiIndex.from_frame(self._rows.frame[keys]).isin(wanted)
        return found

    def _standing(self, at: datetime) -> np.ndarray:
        frame, moment = self._rows.frame, pd.Timestamp(at)
        standing = frame["recorded_at"].le(moment)
        standing &= frame["known_until"].isna() | frame["known_until"].gt(moment)
        return standing.to_numpy(dtype=bool)

    def _differing(self, one: np.ndarray, other: np.ndarray) -> int:
        frame = self._rows.frame.drop(columns=list(_TIMES))
        left, right = frame.iloc[one].reset_index(drop=True), frame.iloc[other].reset_index(drop=True)
        same = (left.eq(right).fillna(value=False)) | (left.isna() & right.isna())
        return int((~same.astype(bool).all(axis=1)).sum())


def _states(records: np.ndarray, standing: np.ndarray) -> np.ndarray:
    """Return for each record the position of its state that stands, -1 if none does."""
    found = np.full(int(records.max(initial=-1)) + 1, -1)
    found[records[standing]] = np.flatnonzero(standing)
    return found


def _inside(states: np.ndarray, inside: np.ndarray) -> np.ndarray:
    return (states >= 0) & inside[states] if len(inside) else states >= 0
