"""What a reader of published counts can work out: the suppressor's own model, as an integer programme.

The auditor (`_audit.py`) does not use this module: it asks the same questions with code of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

WITHHELD, UNTOLD, ABSENT = -1, -2, -3

Line = tuple[int, tuple[int, ...]]
"""A total and its parts, by the numbers of their cells."""

Variable = tuple[int, int]
"""A cell of one publication: the publication's number, the cell's number."""


@dataclass(frozen=True)
class Issue:
    """
    What one publication says of a set of cells, which have the same number in all of them.

    `said`: for each cell its count, WITHHELD, UNTOLD where it is not told whatever it is, or ABSENT where
    the publication has no such cell. `lines`: the totals that hold in it.
    """

    said: tuple[int, ...]
    lines: tuple[Line, ...]

    @property
    def withheld(self) -> tuple[int, ...]:
        """The cells that stand there without their count."""
        return tuple(cell for cell, count in enumerate(self.said) if count in (WITHHELD, UNTOLD))


def narrow_alone(issue: Issue, threshold: int, found_before: list[np.ndarray]) -> Iterator[int]:
    """
    Return the withheld cells of which a reader of this one publication knows too much.

    That is: the cell may be small (1 to below the threshold), and the reader can exclude that it is 0, or
    can exclude that it has reached the threshold. Of a cell that is a part of others and has parts of its
    own, or stands in no sum, the sums alone decide. For an innermost cell with others beside it the reader
    also knows the rule: without another small cell withheld in one of its lines it is the small one itself.
    `found_before` are counts found to agree with other choices of what to withhold of the same cells; those
    that agree with this one answer for it, and what is found here is added.
    """
    totals = {total for total, _ in issue.lines}
    asked: dict[Variable, frozenset[Variable] | None] = {(0, cell): None for cell in issue.withheld}
    mates: dict[int, set[int]] = {}
    for total, parts in issue.lines:
        for cell in parts if len(parts) > 1 else ():
            mates.setdefault(cell, set()).update({total, *parts} - {cell})
    for cell, others in mates.items():
        if cell not in totals and issue.said[cell] == WITHHELD:
            asked[0, cell] = frozenset((0, one) for one in others if issue.said[one] == WITHHELD)
    model = _Model([issue], threshold, found_before)
    yield from (cell for _, cell in model.narrow(asked))


@lru_cache(maxsize=8192)
def narrow_together(issues: tuple[Issue, ...], threshold: int) -> frozenset[tuple[int, int]]:
    """
    Return the withheld cells, as (issue, cell), of which a reader of all publications knows too much.

    The reader takes as equal what could be equal: of all counts that agree with everything published,
    those in which the fewest cells differ from one publication to the next. What is withheld in one
    and shown as a small count in another (an edition with a lower threshold) is known.
    """
    return _narrow_together(issues, threshold)


def _narrow_together(issues: tuple[Issue, ...], threshold: int) -> frozenset[tuple[int, int]]:
    withheld = [(number, cell) for number, one in enumerate(issues) for cell in one.withheld]
    merged = _merged(issues)
    if merged is not None:
        model = _Model([merged], threshold)
        if model.possible:
            found = {cell for _, cell in model.narrow({(0, cell): None for cell in merged.withheld})}
            found |= {cell for cell, count in enumerate(merged.said) if 0 < count < threshold}
            return frozenset((number, cell) for number, cell in withheld if cell in found)
    model = _Model(issues, threshold)
    model.fewest_changes()
    return frozenset(model.narrow(dict.fromkeys(withheld)))


def _merged(issues: Sequence[Issue]) -> Issue | None:
    """Return all publications as one, None if two of them show different counts of a cell."""
    said = list(issues[0].said)
    for one in issues[1:]:
        for cell, count in enumerate(one.said):
            if count >= 0 and said[cell] >= 0 and count != said[cell]:
                return None
            said[cell] = max(said[cell], count)
    return Issue(tuple(said), tuple(dict.fromkeys(line for one in issues for line in one.lines)))


class _Model:
    """All whole numbers that agree with some publications; columns: cells, then "small", then "changed"."""

    def __init__(
        self, issues: Sequence[Issue], threshold: int, found_before: list[np.ndarray] | None = None
    ) -> None:
        self._threshold = threshold
        present = [
            (number, cell)
            for number, one in enumerate(issues)
            for cell, count in enumerate(one.said)
            if count != ABSENT
        ]
        self._at = {variable: place for place, variable in enumerate(present)}
        said = [issues[number].said[cell] for number, cell in present]
        # no bound of the reader's lies above what is published in all, unless there is none
        self._most = sum(count for count in said if count > 0) + threshold * (len(said) + 1)
        self._changes = _changes(issues)
        self._size = 2 * len(present) + len(self._changes)
        self._low = np.zeros(self._size)
        self._high = np.ones(self._size)
        self._low[: len(present)] = [max(count, 0) for count in said]
        self._high[: len(present)] = [count if count >= 0 else self._most for count in said]
        self._rows: list[np.ndarray] = []
        self._from: list[float] = []
        self._to: list[float] = []
        for number, one in enumerate(issues):
            for total, parts in one.lines:
                self._row(
                    [(self._at[number, total], 1), *((self._at[number, part], -1) for part in parts)], 0, 0
                )
        for place in range(len(present)):
            small, most = len(present) + place, self._most
            self._row([(place, 1), (small, -1)], 0, np.inf)
            self._row([(place, 1), (small, most - threshold + 1)], -np.inf, most)
        for place, (one_side, other) in enumerate(self._changes, start=2 * len(present)):
            for sign in (1, -1):
                pair = [(self._at[one_side], sign), (self._at[other], -sign), (place, -self._most)]
                self._row(pair, -np.inf, 0)
        self._before = found_before if found_before is not None else []
        low, high = self._low[: len(present)], self._high[: len(present)]
        self._known = [
            one for one in self._before if (low <= one[: len(low)]).all() and (one[: len(low)] <= high).all()
        ]
        self._first = self._known[0] if self._known else self._solve({})

    @property
    def possible(self) -> bool:
        """Whether any counts agree with what is published."""
        return self._first is not None

    def fewest_changes(self) -> None:
        """Keep only the counts with the fewest changes from one publication to the next."""
        changed = np.zeros(self._size)
        changed[self._size - len(self._changes) :] = 1
        best = self._solve({}, cost=changed)
        if best is not None:
            fewest = round(float(changed @ best))
            self._rows.append(changed)
            self._from.append(-np.inf)
            self._to.append(fewest)
        self._known = []

    def narrow(self, asked: Mapping[Variable, frozenset[Variable] | None]) -> Iterator[Variable]:
        """
        Return those of the cells that may be small, but not 0, or not as much as the threshold.

        With a cell may come others, one of which must then be small when it is 0 or as much.
        """
        for variable, beside in asked.items():
            ends = all(self._can(variable, beside, least, most) for least, most in self._ends)
            if not ends and self._can(variable, None, 1, self._threshold - 1):
                yield variable

    @property
    def _ends(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return (0, 0), (self._threshold, self._most)

    def _can(self, variable: Variable, beside: frozenset[Variable] | None, least: int, most: int) -> bool:
        place = self._at[variable]
        others = None if beside is None else [self._at[one] for one in beside]
        for known in self._known:  # one solution answers for many cells
            explained = others is None or any(0 < known[one] < self._threshold for one in others)
            if explained and least <= known[place] <= most:
                return True
        return self._solve({place: (least, most)}, others) is not None

    def _solve(
        self,
        within: dict[int, tuple[int, int]],
        others: Sequence[int] | None = None,
        cost: np.ndarray | None = None,
    ) -> np.ndarray | None:
        from scipy.optimize import Bounds, LinearConstraint, milp

        low, high = self._low.copy(), self._high.copy()
        for place, (least, most) in within.items():
            low[place], high[place] = max(low[place], least), min(high[place], most)
        if (low > high).any() or (others is not None and not others):
            return None
        rows, start, stop = list(self._rows), list(self._from), list(self._to)
        if others:
            half = len(self._at)
            rows.append(_placed(self._size, [(half + one, 1) for one in others]))
            start.append(1)
            stop.append(np.inf)
        made = milp(
            np.zeros(self._size) if cost is None else cost,
            integrality=np.ones(self._size),
            bounds=Bounds(low, high),
            constraints=LinearConstraint(np.array(rows), start, stop) if rows else None,
        )
        if made.x is None:
            return None
        solution: np.ndarray = np.round(made.x)
        self._known.append(solution)
        self._before.append(solution)
        return solution

    def _row(self, parts: list[tuple[int, int]], start: float, stop: float) -> None:
        self._rows.append(_placed(self._size, parts))
        self._from.append(start)
        self._to.append(stop)


def _placed(size: int, parts: list[tuple[int, int]]) -> np.ndarray:
    row = np.zeros(size)
    for place, factor in parts:
        row[place] += factor
    return row


def _changes(issues: Sequence[Issue]) -> list[tuple[Variable, Variable]]:
    """Return each cell of a publication with the same cell of the next one that has it."""
    pairs: list[tuple[Variable, Variable]] = []
    for cell in range(len(issues[0].said)):
        having = [(number, cell) for number, one in enumerate(issues) if one.said[cell] != ABSENT]
        pairs += pairwise(having)
    return pairs
