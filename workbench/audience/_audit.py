"""The auditor: what readers can work out from published tables of counts, however they were made.

It shares no code with what withholds counts (`_small_counts.py`), so that a mistake there is found here.
The bounds of each cell are those of a linear programme over the sums, made exact by an integer one:
Fischetti and Salazar, Management Science 47(8), 2001, call this the intruder's problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from workbench.errors import ParameterError

AUDIT_COLUMNS = ("issue", "week", "event_type", "district", "lo", "hi", "finding")

Cell = tuple[str, str, str]


def audit(published_tables: Sequence[pd.DataFrame], threshold: int) -> pd.DataFrame:
    """
    Return what readers can work out of the cells that are withheld, or shown though they are small.

    Takes tables of counts as published (`week`, `event_type`, `district`, `incidents`, `state`, with "" for
    all event types or districts): one, or several issues or editions that one reader may hold. A cell that
    leaves a dimension open is the sum of those that fill it. Returns one row a cell: `issue` (0 for the first
    table), its place, `lo` and `hi` (Int64: the least and the most it can be; hi is missing where nothing
    limits it) and `finding`:

    * shown: the count stands there and is 1 to below the threshold
    * recovered: it can be only one number, and that is small
    * narrow: it may be small, and readers can exclude that it is 0, or that it reaches the threshold; by
      the sums, or, for an innermost cell with others beside it, because some other withheld cell of its
      lines must be small for anything to be withheld there
    * "": nothing to object to

    Of several tables readers take as equal what could be equal: of all counts that agree with what is
    published, those in which the fewest cells differ from one table to the next that has them; and each
    table is judged alone as well. An unknown cell is one that is not shown; a week of which a table tells
    nothing is not in it. Raises ParameterError if a table contradicts itself.
    """
    tables = [_said(frame) for frame in published_tables]
    marked = {
        (number, cell) for number, frame in enumerate(published_tables) for cell in _marked_withheld(frame)
    }
    rows: dict[tuple[int, Cell], tuple[int, int | None, str]] = {}
    for number, table in enumerate(tables):
        for cell, count in table.items():
            if count is not None and 0 < count < threshold:
                rows[number, cell] = (count, count, "shown")
    for number, table in enumerate(tables):
        for cells in _apart([table]):
            alone = _Intruder([{cell: table[cell] for cell in cells}], threshold)
            for cell in cells:
                if table[cell] is None:
                    rows[number, cell] = _judged(alone.bounds((0, cell)), threshold)
                    low, high, finding = rows[number, cell]
                    withheld = frozenset(one for one in cells if (number, one) in marked)
                    mates = alone.mates(cell, withheld)
                    if mates is not None and not finding and alone.may_be_small(cell):
                        by_rule = alone.bounds((0, cell), beside=mates)
                        wide = by_rule is not None and not _judged(by_rule, threshold)[2]
                        rows[number, cell] = (low, high, "" if wide else "narrow")
    if len(tables) > 1:
        for cells in _apart(tables):
            all_of_them = [{cell: table[cell] for cell in cells if cell in table} for table in tables]
            together = _Intruder(all_of_them, threshold)
            together.take_as_equal()
            for number, table in enumerate(all_of_them):
                for cell in (one for one, count in table.items() if count is None):
                    found = _judged(together.bounds((number, cell)), threshold)
                    rows[number, cell] = (*found[:2], found[2] or rows[number, cell][2])
    return _frame(rows)


def _said(frame: pd.DataFrame) -> dict[Cell, int | None]:
    """Return the count of each cell, None where it is not shown."""
    silent = set(frame["week"].dropna()) - set(frame.loc[frame["state"].ne("unknown"), "week"].dropna())
    return {
        _cell(row): int(str(row.incidents)) if row.state == "shown" else None
        for row in frame.itertuples()
        if row.week not in silent
    }


def _marked_withheld(frame: pd.DataFrame) -> set[Cell]:
    return {_cell(row) for row in frame.itertuples() if row.state == "withheld"}


def _cell(row: Any) -> Cell:
    return "" if pd.isna(row.week) else str(row.week)[:10], str(row.event_type), str(row.district)


def _sums(table: dict[Cell, int | None]) -> list[tuple[Cell, list[Cell]]]:
    """Return every total with its parts, dimension by dimension."""
    sums = []
    for total in table:
        for dimension in (0, 1, 2):
            if total[dimension]:
                continue
            others = [at for at in (0, 1, 2) if at != dimension]
            parts = [
                cell for cell in table if cell[dimension] and all(cell[at] == total[at] for at in others)
            ]
            if parts:
                sums.append((total, parts))
    return sums


def _apart(tables: Sequence[dict[Cell, int | None]]) -> list[list[Cell]]:
    """Return the cells in heaps that no sum connects."""
    heap = {cell: {cell} for table in tables for cell in table}
    for table in tables:
        for total, parts in _sums(table):
            joined = heap[total].union(*(heap[part] for part in parts))
            for cell in joined:
                heap[cell] = joined
    return [sorted(one) for one in {id(one): one for one in heap.values()}.values()]


@dataclass
class _Programme:
    """A programme in the making: bounds of each variable, and rows as {variable: factor} <= limit."""

    low: list[float]
    high: list[float]
    rows: list[tuple[dict[int, float], float]]

    def variable(self, low: float, high: float) -> int:
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def at_most(self, row: dict[int, float], limit: float) -> None:
        self.rows.append((row, limit))


class _Intruder:
    """Someone who holds the tables of one heap of cells and does the sums."""

    def __init__(self, tables: Sequence[dict[Cell, int | None]], threshold: int) -> None:
        self._tables, self._threshold = tables, threshold
        counts = [count for table in tables for count in table.values()]
        self._published = sum(count for count in counts if count)
        self._limit = float(self._published + threshold * (len(counts) + 1))
        self._programme = _Programme([], [], [])
        self._place: dict[tuple[int, Cell], int] = {}
        for number, table in enumerate(tables):
            for cell, count in table.items():
                low, high = (0.0, self._limit) if count is None else (float(count), float(count))
                self._place[number, cell] = self._programme.variable(low, high)
            for total, parts in _sums(table):
                row = {self._place[number, part]: 1.0 for part in parts} | {self._place[number, total]: -1.0}
                self._programme.at_most(row, 0)
                self._programme.at_most({place: -factor for place, factor in row.items()}, 0)

    def mates(self, cell: Cell, withheld: frozenset[Cell]) -> list[Cell] | None:
        """Return the withheld ones in a sum with an innermost cell; None if nothing stands beside it."""
        sums = [(total, parts) for total, parts in _sums(self._tables[0]) if cell in (total, *parts)]
        if cell not in withheld or any(total == cell for total, _ in sums):
            return None
        wide = [{total, *parts} for total, parts in sums if len(parts) > 1]
        return sorted(set().union(*wide) & withheld - {cell}) if wide else None

    def may_be_small(self, cell: Cell) -> bool:
        """Return whether the sums allow that a cell is small."""
        return self._least({}, self._place[0, cell]) is not None

    def take_as_equal(self) -> None:
        """Let as few cells as possible differ from one table to the next."""
        changed = []
        for cell in {cell for table in self._tables for cell in table}:
            having = [number for number, table in enumerate(self._tables) if cell in table]
            for earlier, later in pairwise(having):
                flag = self._programme.variable(0, 1)
                one, other = self._place[earlier, cell], self._place[later, cell]
                self._programme.at_most({one: 1, other: -1, flag: -self._limit}, 0)
                self._programme.at_most({one: -1, other: 1, flag: -self._limit}, 0)
                changed.append(flag)
        fewest = self._least(dict.fromkeys(changed, 1.0))
        if fewest is None:
            raise ParameterError("The published tables contradict themselves: a total is not its parts' sum.")
        self._programme.at_most(dict.fromkeys(changed, 1.0), fewest)

    def bounds(
        self, variable: tuple[int, Cell], *, beside: Sequence[Cell] | None = None
    ) -> tuple[int, int | None] | None:
        """
        Return the least and the most a cell can be, None if it can be nothing.

        With `beside`, one of those cells must be small: the widest over all of them.
        """
        if beside is None:
            return self._between(variable, None)
        every = [self._between(variable, self._place[0, one]) for one in beside]
        possible = [one for one in every if one is not None]
        if not possible:
            return None
        highs = [high for _, high in possible if high is not None]
        return min(low for low, _ in possible), (max(highs) if len(highs) == len(possible) else None)

    def _between(self, variable: tuple[int, Cell], small: int | None) -> tuple[int, int | None] | None:
        place = self._place[variable]
        low = self._least({place: 1.0}, small)
        if low is None:
            if small is None:
                raise ParameterError("A published table contradicts itself: a total is not its parts' sum.")
            return None
        high = -(self._least({place: -1.0}, small) or 0)
        return low, (None if high > self._published + self._threshold else high)

    def _least(self, cost: dict[int, float], small: int | None = None) -> int | None:
        """Return the least whole number that the cost can be, None if nothing agrees with the tables."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, linprog, milp
        from scipy.sparse import coo_array

        programme, size = self._programme, len(self._programme.low)
        low, high = np.array(programme.low), np.array(programme.high)
        if small is not None:
            low[small], high[small] = max(low[small], 1), min(high[small], self._threshold - 1)
            if low[small] > high[small]:
                return None
        weights = np.zeros(size)
        for place, factor in cost.items():
            weights[place] = factor
        entries = [(n, at, factor) for n, (row, _) in enumerate(programme.rows) for at, factor in row.items()]
        rows: Any = None
        limits = np.array([limit for _, limit in programme.rows], dtype=float)
        if entries:
            line, column, factors = zip(*entries, strict=True)
            rows = coo_array((factors, (line, column)), shape=(len(limits), size)).tocsr()
        relaxed = linprog(
            weights, A_ub=rows, b_ub=limits if entries else None, bounds=np.column_stack([low, high])
        )
        if relaxed.x is None:
            return None
        if np.abs(relaxed.x - np.round(relaxed.x)).max() < 1e-7:
            return round(float(relaxed.fun))
        exact = milp(
            weights,
            integrality=np.ones(size),
            bounds=Bounds(low, high),
            constraints=LinearConstraint(rows, ub=limits),
        )
        return None if exact.x is None else round(float(exact.fun))


def _judged(bounds: tuple[int, int | None] | None, threshold: int) -> tuple[int, int | None, str]:
    if bounds is None:
        return 0, None, ""
    low, high = bounds
    if low == high and 0 < low < threshold:
        return low, high, "recovered"
    narrow = 0 < low < threshold or (high is not None and 0 < high < threshold)
    return low, high, "narrow" if narrow else ""


def _frame(rows: dict[tuple[int, Cell], tuple[int, int | None, str]]) -> pd.DataFrame:
    made = [
        (number, pd.Timestamp(week) if week else pd.NaT, event_type, district, *rows[number, cell])
        for number, cell in sorted(rows)
        for week, event_type, district in [cell]
    ]
    return pd.DataFrame(made, columns=list(AUDIT_COLUMNS)).astype(
        {
            "issue": "Int64", "week": "datetime64[s]", "event_type": "str", "district": "str",
            "lo": "Int64", "hi": "Int64", "finding": "str",
        }
    )  # fmt: skip
