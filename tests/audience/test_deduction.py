"""What a reader can work out, by the suppressor's own model: against all tables that there are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import scipy.optimize

from workbench.audience._deduction import (
    ABSENT,
    UNTOLD,
    WITHHELD,
    Issue,
    _placed,
    narrow_alone,
    narrow_together,
)

THRESHOLD, MOST = 3, 9
W, U, A = WITHHELD, UNTOLD, ABSENT
LINE = ((0, (1, 2)),)
"""A total (cell 0) and its two parts."""
THREE = ((0, (1, 2, 3)),)
"""A total and its three parts: of two of them one may be small and the other none."""
CROSS = ((0, (1, 2)), (0, (3, 4)))
"""A total with its parts by type and its parts by district."""
NESTED = ((0, (1, 2)), (1, (3, 4)))
"""A total, two parts, and two parts of the first."""
ONLY = ((0, (1,)),)
"""A total with one part: they are the same number."""


def tables(issue: Issue, most: int = MOST) -> Iterator[tuple[int, ...]]:
    """Return all counts up to `most` that agree with an issue, ABSENT where it has no cell."""
    ranges = [range(most + 1) if said in (WITHHELD, UNTOLD) else [said] for said in issue.said]
    for counts in itertools.product(*ranges):
        if all(counts[total] == sum(counts[part] for part in parts) for total, parts in issue.lines):
            yield counts


def is_small(count: int) -> bool:
    """Whether a count may not be told."""
    return 0 < count < THRESHOLD


def knows_too_much(every: Sequence[int], explained: Sequence[int]) -> bool:
    """Whether a cell may be small, and readers can exclude 0, or that it reaches the threshold."""
    wide = 0 in explained and any(count >= THRESHOLD for count in explained)
    return any(is_small(count) for count in every) and not wide


def narrow_by_hand(issue: Issue) -> set[int]:
    """The cells of one issue of which readers who know the rule know too much, by enumeration."""
    found, every = set(), list(tables(issue))
    for cell in issue.withheld:
        beside = [
            {total, *parts} - {cell} for total, parts in issue.lines if cell in parts and len(parts) > 1
        ]
        innermost = all(total != cell for total, _ in issue.lines)
        explained = every
        if beside and innermost and issue.said[cell] == WITHHELD:
            mates = [one for one in set().union(*beside) if issue.said[one] == WITHHELD]
            explained = [one for one in every if any(is_small(one[mate]) for mate in mates)]
        if knows_too_much([one[cell] for one in every], [one[cell] for one in explained]):
            found.add(cell)
    return found


ALONE = [
    *(
        Issue(said, LINE)
        for said in itertools.product((WITHHELD, 9, 6, 2), (WITHHELD, UNTOLD, 0, 6), (WITHHELD, 3))
        if next(tables(Issue(said, LINE)), None)
    ),
    Issue((3, WITHHELD, WITHHELD, WITHHELD), THREE), Issue((4, WITHHELD, WITHHELD, WITHHELD), THREE),
    Issue((WITHHELD, WITHHELD), ONLY), Issue((6, WITHHELD), ONLY), Issue((WITHHELD,), ()),
    Issue((6, WITHHELD, WITHHELD, WITHHELD, WITHHELD), CROSS),
    Issue((WITHHELD, WITHHELD, 0, WITHHELD, 6), CROSS),
    Issue((WITHHELD, WITHHELD, WITHHELD, WITHHELD, 0), CROSS),
    Issue((6, WITHHELD, WITHHELD, WITHHELD, 1), NESTED),
    Issue((6, WITHHELD, WITHHELD, WITHHELD, WITHHELD), NESTED),
    Issue((WITHHELD, WITHHELD, 0, WITHHELD, UNTOLD), NESTED),
    Issue((WITHHELD, WITHHELD, WITHHELD, 2, WITHHELD), ((0, (1, 2)), (2, (3, 4)))),
]  # fmt: skip


@pytest.mark.parametrize("issue", ALONE, ids=lambda one: "".join(f"{count:+d}" for count in one.said))
def test_what_one_issue_tells_is_what_all_tables_that_agree_with_it_tell(issue: Issue) -> None:
    """Exactly those cells are narrow of which the tables there are, and the rule, leave too little open."""
    assert set(narrow_alone(issue, THRESHOLD, [])) == narrow_by_hand(issue)


def test_counts_found_before_change_no_answer_and_are_added_to() -> None:
    """What was found for one choice answers only for another that it agrees with."""
    found: list[np.ndarray] = []
    for issue in (one for one in ALONE if one.lines == LINE):
        assert set(narrow_alone(issue, THRESHOLD, found)) == narrow_by_hand(issue)
    assert found


def test_counts_found_before_explain_a_cell_only_by_a_small_one_beside_it() -> None:
    """Three in one cell and none in the others agree with the sums, and tell of no reason to withhold."""
    issue = Issue((3, W, W, W), THREE)
    found = [np.array([3, *counts, 0, 0, 0, 0], dtype=float) for counts in itertools.permutations((3, 0, 0))]
    assert set(narrow_alone(issue, THRESHOLD, found)) == {1, 2, 3}
    assert narrow_by_hand(issue) == {1, 2, 3}


def together_by_hand(*issues: Issue) -> set[tuple[int, int]]:
    """The cells that are narrow for readers of several issues, by the fewest changes from one to the next."""
    every = list(itertools.product(*(list(tables(one, most=MOST)) for one in issues)))

    def changes(counts: Sequence[Sequence[int]]) -> int:
        number = 0
        for cell in range(len(counts[0])):
            having = [one[cell] for one in counts if one[cell] != ABSENT]
            number += sum(one != other for one, other in itertools.pairwise(having))
        return number

    fewest = min(changes(one) for one in every)
    nearest = [one for one in every if changes(one) == fewest]
    return {
        (number, cell)
        for number, issue in enumerate(issues)
        for cell in issue.withheld
        if knows_too_much(*[[one[number][cell] for one in nearest]] * 2)
    }


@pytest.mark.parametrize(
    "issues",
    [
        ((9, W, W), (9, W, W)),
        ((9, W, W), (9, 2, 7)),
        ((9, W, W), (9, 1, 8)),
        ((9, W, W), (9, 0, 9)),
        ((9, W, W), (8, W, 7)),
        ((9, W, W), (8, W, W)),
        ((W, W, W), (W, W, 4)),
        ((W, W, 0), (W, 6, W)),
        ((9, W, W), (W, 2, W)),
        ((9, W, W), (9, U, 7)),
        ((9, 0, 9), (W, W, 9)),
        ((0, 0, 0), (W, W, 0)),
        ((1, 1, 0), (W, W, 0)),
        ((5, 0, 5), (5, W, W)),
        ((5, 1, 4), (5, W, W)),
        ((4, 1, 3), (5, W, W)),
        ((W, W, W), (1, 1, 0)),
        ((W, 2, W), (W, 0, W)),
        ((W, 0, W), (W, 2, W)),
        ((6, W, W), (7, W, W), (6, W, W)),
        ((6, W, W), (6, 2, 4), (7, W, W)),
        ((6, W, W), (7, 3, 4), (7, W, W)),
    ],
)
def test_what_several_issues_tell_is_what_the_nearest_tables_tell(
    issues: tuple[tuple[int, ...], ...],
) -> None:
    """Of all tables that agree with every issue, those with the fewest changes decide what is known."""
    made = tuple(Issue(said, LINE) for said in issues)
    assert narrow_together(made, THRESHOLD) == together_by_hand(*made)


def test_publications_that_do_not_contradict_each_other_are_taken_as_one(monkeypatch) -> None:
    """Two tables that could be the same are one programme of their cells, not one of all cells of both."""
    sizes = []
    solve = scipy.optimize.milp
    monkeypatch.setattr(
        scipy.optimize, "milp", lambda cost, **more: sizes.append(len(cost)) or solve(cost, **more)
    )
    assert narrow_together((Issue((9, W, W), LINE), Issue((9, W, W), LINE)), THRESHOLD) == frozenset()
    assert set(sizes) == {6}
    sizes.clear()
    assert narrow_together((Issue((9, W, W), LINE), Issue((8, W, W), LINE)), THRESHOLD) == frozenset()
    assert set(sizes) == {15}


def test_factors_of_one_cell_add_up() -> None:
    """A row of a programme holds the sum of what is said of a cell."""
    assert _placed(3, [(1, 1), (2, -1), (1, 2)]).tolist() == [0, 3, -1]


def test_a_count_may_change_by_as_much_as_it_likes() -> None:
    """A total that was revised from 100 to 0, or from 0 to 100, does not hide what another line tells."""
    lines = ((0, (1, 2)), (3, (4, 5)))
    many, none = Issue((100, W, W, 5, W, 4), lines), Issue((0, W, W, 5, W, 4), lines)
    assert narrow_together((many, none), THRESHOLD) == {(0, 4), (1, 4)}
    assert narrow_together((none, many), THRESHOLD) == {(0, 4), (1, 4)}


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (((9, W, W, A, A), (9, A, A, 9, 0)), (LINE, ((0, (3, 4)),))),
        (((W, W, W, A, A), (W, W, W, W, 0)), (LINE, CROSS)),
        (((6, W, W, A, A), (6, 3, 3, W, W)), (LINE, NESTED)),
        (((6, W, W, 1, W), (6, 5, 1, A, A)), (NESTED, LINE)),
    ],
)
def test_editions_with_other_cells_are_one_puzzle(said, lines):
    """Cells that one publication does not have are not in it; the sums of each hold for all."""
    issues = tuple(
        Issue(one, tuple(line for line in own if all(one[cell] != A for cell in (line[0], *line[1]))))
        for one, own in zip(said, lines, strict=True)
    )
    assert narrow_together(issues, THRESHOLD) == together_by_hand(*issues)
