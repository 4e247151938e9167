"""The auditor: what readers can work out of published counts, by textbook cases and by enumeration."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.audience import AUDIT_COLUMNS, audit
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


def test_a_small_count_that_stands_there_is_found() -> None:
    """A count of 4 was not withheld at all."""
    assert bounds(published(line(4, 9)))[0, (SECOND, "a", "")] == (4, 4, "shown")


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
