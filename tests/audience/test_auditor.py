"""The auditor: what readers can work out of published counts, by textbook cases and by enumeration."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping

import pandas as pd
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.audience import AUDIT_COLUMNS, _audit, audit
from workbench.errors import ParameterError

Place = tuple[str, str, str]
FIRST, SECOND = "2026-11-02", "2026-11-09"


def published(counts: Mapping[Place, int], withheld: Collection[Place] = ()) -> pd.DataFrame:
    """Return a table of counts by (week, event type, district) of which some cells are withheld."""
    frame = pd.DataFrame(list(counts), columns=["week", "event_type", "district"])
    states = ["withheld" if place in withheld else "shown" for place in counts]
    shown = [None if place in withheld else count for place, count in counts.items()]
    return frame.assign(
        table="t",
        week=pd.to_datetime(frame["week"].replace("", None)).astype("datetime64[s]"),
        incidents=pd.array(shown, dtype="Int64"),
        killed=pd.array([None] * len(frame), dtype="Int64"),
        state=states,
    )


def crossed(cells: Mapping[tuple[str, str], int], week: str = SECOND) -> dict[Place, int]:
    """Return a table of event types by districts with its sums in both directions and the whole."""
    counts: dict[Place, int] = {}
    for (kind, district), count in cells.items():
        for place in itertools.product((kind, ""), (district, "")):
            counts[week, *place] = counts.get((week, *place), 0) + count
    return counts


def line(*parts: int, week: str = SECOND) -> dict[Place, int]:
    """Return a week's total and its counts by the types a, b, c ..."""
    return {
        (week, "", ""): sum(parts),
        **{(week, name, ""): n for name, n in zip("abcdef", parts, strict=False)},
    }


def bounds(*tables: pd.DataFrame, threshold: int = 5) -> dict[tuple[int, Place], tuple[int, int | None, str]]:
    """Return lo, hi and finding of each cell of the audit, by table and place."""
    found = audit(tables, threshold)
    assert list(found.columns) == list(AUDIT_COLUMNS)
    return {
        (row.issue, ("" if pd.isna(row.week) else str(row.week.date()), row.event_type, row.district)): (
            row.lo,
            None if pd.isna(row.hi) else row.hi,
            row.finding,
        )
        for row in found.itertuples()
    }


def test_one_withheld_cell_is_recovered_from_its_total() -> None:
    """The textbook's first mistake: 20 less 9 and 8 is 3."""
    counts = line(3, 9, 8)
    assert bounds(published(counts, {(SECOND, "a", "")})) == {(0, (SECOND, "a", "")): (3, 3, "recovered")}


@pytest.mark.parametrize(("count", "found"), [(0, None), (1, "shown"), (4, "shown"), (5, None)])
def test_a_small_count_that_stands_there_is_found(count: int, found: str | None) -> None:
    """Counts of 1 and 4 were not withheld at all; 0 and the threshold may stand there."""
    objected = bounds(published(line(count, 9)))
    assert objected == ({} if found is None else {(0, (SECOND, "a", "")): (count, count, found)})


def test_tables_that_no_sum_connects_are_each_audited() -> None:
    """A count given back in one week is found beside another week's, wherever it stands."""
    counts = line(3, 9, week=FIRST) | line(2, 8, week=SECOND)
    hidden = {(FIRST, "a", ""), (SECOND, "a", "")}
    assert bounds(published(counts, hidden)) == {
        (0, (FIRST, "a", "")): (3, 3, "recovered"), (0, (SECOND, "a", "")): (2, 2, "recovered"),
    }  # fmt: skip


def test_two_withheld_cells_of_a_row_are_safe_and_of_a_table_are_not() -> None:
    """Two in a row leave each other free; the sums of the columns give both back."""
    cells = {("a", "x"): 3, ("a", "y"): 7, ("b", "x"): 20, ("b", "y"): 30}
    hidden = {(SECOND, "a", "x"), (SECOND, "a", "y")}
    found = bounds(published(crossed(cells), hidden))
    assert found[0, (SECOND, "a", "x")] == (3, 3, "recovered")
    row = line(3, 7, 20)
    hidden = {(SECOND, "a", ""), (SECOND, "b", "")}
    assert bounds(published(row, hidden))[0, (SECOND, "a", "")][:2] == (0, 10)


def test_four_corners_are_free_within_their_sums() -> None:
    """Rows 3+7 and 4+20 with columns 3+4 and 7+20: the first corner can be 0 to 7."""
    cells = {("a", "x"): 3, ("a", "y"): 7, ("b", "x"): 4, ("b", "y"): 20, ("c", "x"): 9, ("c", "y"): 9}
    corners = {(SECOND, kind, district) for kind in "ab" for district in "xy"}
    found = bounds(published(crossed(cells), corners))
    assert {place[1:]: one[:2] for (_, place), one in found.items()} == {
        ("a", "x"): (0, 7), ("a", "y"): (3, 10), ("b", "x"): (0, 7), ("b", "y"): (17, 24),
    }  # fmt: skip


def test_the_total_over_weeks_gives_away_what_each_week_keeps() -> None:
    """In two weeks' tables a cell of 2 is free down to 0; with the sums over both weeks it is at least 2."""
    first = {("a", "x"): 2, ("a", "y"): 9, ("b", "x"): 9, ("b", "y"): 9}
    second = {("a", "x"): 9, ("a", "y"): 0, ("b", "x"): 9, ("b", "y"): 9}
    inner = {(week, kind, place) for week in (FIRST, SECOND) for kind in "ab" for place in "xy"}
    of_weeks = [crossed(first, FIRST), crossed(second, SECOND)]
    alone = bounds(published(of_weeks[0], inner))
    assert alone[0, (FIRST, "a", "x")][:2] == (0, 11)
    sums = {
        ("", kind, place): of_weeks[0][FIRST, kind, place] + of_weeks[1][SECOND, kind, place]
        for _, kind, place in of_weeks[0]
    }
    together = bounds(published({**of_weeks[0], **of_weeks[1], **sums}, inner))
    assert together[0, (FIRST, "a", "x")] == (2, 11, "narrow")


def test_a_cell_that_nothing_limits_has_no_upper_bound() -> None:
    """A total that stands alone can be anything: hi is missing, and nothing is objected."""
    assert bounds(published({(SECOND, "", ""): 3}, {(SECOND, "", "")})) == {
        (0, (SECOND, "", "")): (0, None, "")
    }


def test_the_rule_itself_tells() -> None:
    """If only one type is withheld beside zeros and its total, it is the small one: any value, yet narrow."""
    counts = line(2, 0, 0)
    hidden = {(SECOND, "", ""), (SECOND, "a", "")}
    assert bounds(published(counts, hidden))[0, (SECOND, "a", "")] == (0, None, "narrow")


@pytest.mark.parametrize(
    ("parts", "hidden", "found"),
    [
        # of two parts the other is 0, so the withheld one is its total, and the reason
        ((2, 0), ("", "a"), (0, None, "narrow")),
        # of six in two parts the other is small: this one is 2 to 5
        ((3, 3), ("a", "b"), (0, 6, "narrow")),
        # of eight in two parts: 4 to 7, and of nine: 5 to 8, which no rule withholds
        ((4, 4), ("a", "b"), (0, 8, "narrow")),
        ((5, 4), ("a", "b"), (0, 9, "")),
        # of five in three parts another is small: this one is 0 to 4
        ((1, 3, 1), ("a", "b", "c"), (0, 5, "narrow")),
        # of six in three parts: 0 to 5
        ((2, 3, 1), ("a", "b", "c"), (0, 6, "")),
        # its total is the same number, and nothing stands beside it
        ((3,), ("", "a"), (0, None, "")),
    ],
)
def test_what_must_be_small_beside_a_cell_bounds_it(parts, hidden, found):
    """Readers know that another withheld cell of its line is small; what that leaves open decides."""
    table = published(line(*parts), {(SECOND, name, "") for name in hidden})
    assert bounds(table)[0, (SECOND, "a", "")] == found


@pytest.mark.parametrize(
    ("low", "high", "finding"),
    [
        (0, 0, ""), (1, 1, "recovered"), (4, 4, "recovered"), (5, 5, ""), (9, 9, ""),
        (1, 9, "narrow"), (4, 9, "narrow"), (5, 9, ""), (0, 1, "narrow"), (0, 4, "narrow"), (0, 5, ""),
        (1, 4, "narrow"), (0, None, ""), (1, None, "narrow"), (4, None, "narrow"), (5, None, ""),
    ],
)  # fmt: skip
def test_what_is_objected_to_is_said_by_the_bounds(low: int, high: int | None, finding: str) -> None:
    """Below a threshold of 5: one small number is recovered; narrow is what excludes 0, or excludes 5."""
    assert _audit._judged((low, high), 5) == (low, high, finding)
    assert _audit._judged(None, 5) == (0, None, "")


def test_one_table_is_not_audited_twice(monkeypatch) -> None:
    """With one table there is nothing to compare: two programmes bound its cell, and no third is solved."""
    solved = []
    solve = scipy.optimize.linprog
    monkeypatch.setattr(
        scipy.optimize, "linprog", lambda *given, **more: solved.append(1) or solve(*given, **more)
    )
    audit([published(line(3, 9, 8), {(SECOND, "a", "")})], 5)
    assert len(solved) == 2


def test_an_audit_has_the_same_types_whatever_it_finds() -> None:
    """Bounds are whole numbers that may be missing, also where none is, and where there is no row at all."""
    types = ["Int64", "datetime64[s]", "str", "str", "Int64", "Int64", "str"]
    for table in (published(line(9, 9)), published(line(3, 9, 8), {(SECOND, "a", "")})):
        assert audit([table], 5).dtypes.astype("str").tolist() == types


def test_with_a_threshold_of_two_one_is_the_small_count() -> None:
    """The lowest threshold leaves one small number, which the rule tells like any other."""
    table = published(line(1, 0), {(SECOND, "", ""), (SECOND, "a", "")})
    assert bounds(table, threshold=2)[0, (SECOND, "a", "")] == (0, None, "narrow")
    three = published(line(1, 1, 1), {(SECOND, name, "") for name in "abc"})
    assert bounds(three, threshold=2)[0, (SECOND, "a", "")] == (0, 3, "")


def test_a_withheld_count_that_can_only_be_none_is_no_finding() -> None:
    """What the sums leave at 0 has 0 as its most."""
    assert bounds(published(line(0, 9), {(SECOND, "a", "")})) == {(0, (SECOND, "a", "")): (0, 0, "")}


def test_no_count_is_a_half() -> None:
    """Where only fractions agree with the sums, no counts do."""
    intruder = _audit._Intruder([{(SECOND, "", ""): None}], 5)
    assert intruder._least({0: 1.0}) == 0
    intruder._programme.at_most({0: 2.0}, 1)
    intruder._programme.at_most({0: -2.0}, -1)
    assert intruder._least({0: 1.0}) is None


def test_the_difference_of_two_issues_is_caught() -> None:
    """Each issue is safe alone; the second shows what hid the first one's 3: it was 3, or 6 as it is now."""
    first = published(line(3, 9, 20, 0), {(SECOND, "a", ""), (SECOND, "b", ""), (SECOND, "d", "")})
    second = published(line(6, 9, 20, 0))
    assert not {finding for *_, finding in bounds(first).values()} - {""}
    assert not bounds(second)
    found = bounds(first, second)
    assert found[0, (SECOND, "a", "")] == (3, 6, "narrow")
    assert found[0, (SECOND, "b", "")][:2] == (6, 9)


def test_two_editions_of_a_week_are_one_puzzle() -> None:
    """One edition withholds a and b, the other a and c: together only a is unknown."""
    counts = line(3, 9, 20)
    one = published(counts, {(SECOND, "a", ""), (SECOND, "b", "")})
    other = published(counts, {(SECOND, "a", ""), (SECOND, "c", "")})
    assert bounds(one, other)[0, (SECOND, "a", "")] == (3, 3, "recovered")


def test_unknown_cells_are_not_shown_and_unknown_weeks_not_there() -> None:
    """A district that nobody reports on can be anything its total allows; an unknown week limits nothing."""
    frame = published(line(3, 9, 20), {(SECOND, "a", "")})
    frame.loc[frame["event_type"].eq("b"), ["state", "incidents"]] = ["unknown", pd.NA]
    assert bounds(frame)[0, (SECOND, "b", "")][:2] == (0, 12)
    nothing = frame.assign(state="unknown", incidents=pd.array([None] * len(frame), dtype="Int64"))
    assert bounds(nothing) == {}


def test_a_table_that_contradicts_itself_is_refused() -> None:
    """A total below one of its parts was not counted from the same rows."""
    counts = line(3, 9) | {(SECOND, "", ""): 5}
    why = "a total is not its parts' sum\\.$"
    with pytest.raises(ParameterError, match=rf"^A published table contradicts itself: {why}"):
        audit([published(counts, {(SECOND, "a", "")})], 5)
    shown = published(counts)
    with pytest.raises(ParameterError, match=rf"^The published tables contradict themselves: {why}"):
        audit([shown, shown], 5)


def possible(table: pd.DataFrame, most: int) -> list[dict[Place, int]]:
    """Return all whole numbers up to `most` that agree with one published line, its total first."""
    weeks = table["week"].dt.strftime("%Y-%m-%d")
    places = list(zip(weeks, table["event_type"], table["district"], strict=True))
    ranges = [
        range(most + 1) if state == "withheld" else [int(count)]
        for count, state in zip(table["incidents"], table["state"], strict=True)
    ]
    return [
        dict(zip(places, values, strict=True))
        for values in itertools.product(*ranges)
        if values[0] == sum(values[1:])
    ]


counts_and_pattern = st.tuples(
    st.lists(st.integers(0, 4), min_size=3, max_size=3), st.sets(st.sampled_from(["a", "b", "c"]))
)


@settings(max_examples=60, deadline=None)
@given(counts_and_pattern, st.sampled_from([frozenset(), frozenset({(SECOND, "", "")})]))
def test_bounds_of_one_table_are_those_of_all_tables_there_are(
    drawn: tuple[list[int], set[str]], total: frozenset[Place]
) -> None:
    """Whatever is withheld, lo and hi are the least and the most among all tables that agree with it."""
    parts, names = drawn
    hidden = {(SECOND, name, "") for name in names} | total
    table = published(line(*parts), hidden)
    every = possible(table, most=16)
    for (_, place), (low, high, finding) in bounds(table, threshold=3).items():
        values = {one[place] for one in every}
        if finding == "shown":
            continue
        assert low == min(values)
        assert (max(values) >= 8) if high is None else (high == max(values))


@settings(max_examples=40, deadline=None)
@given(counts_and_pattern, counts_and_pattern)
def test_bounds_over_two_issues_are_those_of_the_fewest_changes(
    drawn: tuple[list[int], set[str]], again: tuple[list[int], set[str]]
) -> None:
    """Of all pairs of tables that agree with both issues, those with the fewest changes give the bounds."""
    tables = [
        published(line(*parts), {(SECOND, one, "") for one in names}) for parts, names in (drawn, again)
    ]
    pairs = list(itertools.product(*(possible(table, most=12) for table in tables)))
    changes = [sum(one[place] != other[place] for place in one) for one, other in pairs]
    nearest = [pair for pair, n in zip(pairs, changes, strict=True) if n == min(changes)]
    for (issue, place), (low, high, finding) in bounds(*tables, threshold=3).items():
        if finding != "shown":
            values = {pair[issue][place] for pair in nearest}
            assert (low, high) == (min(values), max(values))
