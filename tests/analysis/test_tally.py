from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY, incidents
from workbench.analysis import TOTAL, weekly, weekly_total
from workbench.analysis.tally import Bound, Part, Scope, Tally, Total, tallies, tally
from workbench.errors import ParameterError

LAST = MONDAY - timedelta(days=7)


def scope(*weeks: date, places: tuple[str, ...] = (TOTAL,)) -> Scope:
    """Return the scope of these weeks and places."""
    return Scope(frozenset(weeks), frozenset(places))


def killed(value: int | None, *weeks: date, places: tuple[str, ...] = (TOTAL,)) -> Total:
    """Return deaths of these weeks and places."""
    return Total("killed_best", value, scope(*weeks, places=places))


def test_the_double_count_of_a_newspaper_is_refused() -> None:
    """R17: CAJ News 2022 added 4,398 killed and the 1,947 civilians among them to "6,345 killed"."""
    deaths = killed(4398, MONDAY)
    civilians = Part("civilians_killed", 1947, of=deaths)
    said = 'Write "4398 killed_best, of which 1947 civilians_killed".'
    for first, second in ((deaths, civilians), (civilians, deaths)):
        with pytest.raises(ParameterError, match=said):
            first + second  # type: ignore[operator]  # mypy refuses it too
    with pytest.raises(ParameterError, match=said):
        sum([deaths, civilians])  # type: ignore[list-item]  # likewise


def test_totals_of_weeks_apart_add() -> None:
    """Weeks apart of the same places add, places apart of the same weeks too; unknown makes unknown."""
    assert (killed(3, MONDAY) + killed(4, LAST)) == killed(7, MONDAY, LAST)
    both = killed(3, MONDAY, places=("A",)) + killed(4, MONDAY, places=("B",))
    assert both == killed(7, MONDAY, places=("A", "B"))
    assert (killed(None, MONDAY) + killed(4, LAST)).value is None
    assert sum([killed(1, MONDAY), killed(2, LAST), killed(3, LAST - timedelta(days=7))]).value == 6


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (killed(3, MONDAY), killed(3, MONDAY)),
        (killed(3, MONDAY, LAST), killed(4, LAST)),
        (killed(3), killed(4)),
        (killed(3, MONDAY), killed(4, MONDAY, places=("A",))),
        (killed(3, MONDAY), killed(4, LAST, places=("A",))),
        (killed(3, MONDAY, places=("A", "B")), killed(4, MONDAY, places=("B",))),
        (killed(3, MONDAY, places=("A",)), killed(4, LAST, places=("B",))),
        (killed(3, MONDAY), Total("incidents", 4, scope(LAST))),
        (killed(3, MONDAY), 4),
        (killed(3, MONDAY), "4"),
        (
            Part("aid_affected", 1, Total("incidents", 4, scope(MONDAY))),
            Part("attacks_on_civilians", 1, Total("incidents", 4, scope(MONDAY))),
        ),
        (
            Part("civilians_killed", 1, killed(3, MONDAY)),
            Part("aid_affected", 1, Total("incidents", 4, scope(LAST))),
        ),
        (killed(3, MONDAY), Bound("killed_high", 4, killed(3, MONDAY), "high")),
        (
            Bound("killed_low", 1, killed(3, MONDAY), "low"),
            Bound("killed_high", 4, killed(3, LAST), "high"),
        ),
        (
            Part("civilians_killed", 1, killed(3, MONDAY)),
            Part("civilians_killed", 1, killed(3, MONDAY)),
        ),
        (killed(3, MONDAY), Part("civilians_killed", 1, killed(3, LAST))),
    ],
)
def test_what_would_count_twice_is_refused(first: Tally, second: object) -> None:
    """Weeks or places in common, a part and its whole, two parts, a bound, a bare number: an error."""
    with pytest.raises(ParameterError, match="cannot be added"):
        first + second  # type: ignore[operator]  # the point


def test_a_part_is_added_with_its_whole() -> None:
    """Civilians of two weeks add to civilians of both, of the deaths of both; bounds likewise."""
    both = Part("civilians_killed", 1, killed(3, MONDAY)) + Part("civilians_killed", 2, killed(4, LAST))
    assert both == Part("civilians_killed", 3, killed(7, MONDAY, LAST))
    low = Bound("killed_low", 1, killed(3, MONDAY), "low") + Bound("killed_low", 2, killed(4, LAST), "low")
    assert low == Bound("killed_low", 3, killed(7, MONDAY, LAST), "low")


def test_a_part_above_its_whole_is_refused() -> None:
    """More civilians killed than killed, a low above the best, a high below it, less than none: an error."""
    for wrong in (
        lambda: Part("civilians_killed", 5, killed(4)),
        lambda: Bound("killed_low", 5, killed(4), "low"),
        lambda: Bound("killed_high", 3, killed(4), "high"),
        lambda: killed(-1),
        lambda: Part("civilians_killed", -1, killed(4)),
    ):
        with pytest.raises(ParameterError):
            wrong()
    assert Part("civilians_killed", 5, killed(None)).value == 5


def table() -> pd.DataFrame:
    """Return incidents of two weeks and two districts."""
    return incidents(
        {"killed_best": 4, "killed_high": 6, "civilians_killed": 2, "aid_affected": True},
        {"killed_best": 1, "district": "B", "event_type": "attack_on_civilians"},
        {"killed_best": 3, "occurred_on": LAST, "civilians_killed": 3},
    )


def test_a_weekly_frame_becomes_tallies() -> None:
    """Each measure of counted weeks is a total, a part of one or a bound, summed over districts and weeks."""
    counted = weekly(table(), districts=("A", "B"), first_day=LAST, weeks=2)
    found = tally(counted)
    assert {name: made.value for name, made in found.items()} == {
        "incidents": 3, "killed_best": 8, "killed_low": 8, "killed_high": 10, "civilians_killed": 5,
        "aid_affected": 1, "attacks_on_civilians": 1,
    }  # fmt: skip
    civilians = found["civilians_killed"]
    assert isinstance(civilians, Part)
    assert civilians.of == found["killed_best"]
    assert found["incidents"].scope == scope(LAST, MONDAY, places=("A", "B"))
    last = tally(counted[counted["week"] == pd.Timestamp(LAST)])
    now = tally(counted[counted["week"] == pd.Timestamp(MONDAY)])
    assert last["killed_best"] + now["killed_best"] == found["killed_best"]  # type: ignore[operator]  # totals
    assert last["civilians_killed"] + now["civilians_killed"] == civilians  # type: ignore[operator]  # parts


def test_what_nobody_knows_stays_unknown() -> None:
    """A measure with an unknown week has no sum; the others keep theirs."""
    counted = weekly_total(
        table().drop(columns="civilians_killed"), districts=("A", "B"), first_day=LAST, weeks=2
    )
    found = tally(counted)
    assert (found["civilians_killed"].value, found["killed_best"].value) == (None, 8)


def test_a_frame_that_counts_twice_is_refused() -> None:
    """Doubled rows, a total beside its districts, holes, or civilians above the dead: an error."""
    counted = weekly(table(), districts=("A", "B"), first_day=LAST, weeks=2)
    whole = weekly_total(table(), districts=("A", "B"), first_day=LAST, weeks=2)
    for frame in (
        pd.concat([counted, counted]),
        pd.concat([counted, whole]),
        counted.iloc[1:],
        counted.assign(civilians_killed=99),
        counted.assign(killed_low=99),
        counted.assign(killed_high=-99),
    ):
        with pytest.raises(ParameterError):
            tally(frame)
    with pytest.raises(ParameterError):
        tallies({"wounded": 3})


def test_no_week_at_all_is_nothing() -> None:
    """An empty frame adds up to zero of everything."""
    empty = weekly(table(), districts=("A",), first_day=LAST, weeks=1).iloc[:0]
    assert {made.value for made in tally(empty).values()} == {0}


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_a_sum_of_parts_never_exceeds_the_sum_of_wholes(weeks: list[tuple[int, int]]) -> None:
    """Adding weeks in any number keeps the part within its whole, and both are the plain sums."""
    parts = [
        Part("civilians_killed", min(pair), killed(max(pair), MONDAY + timedelta(weeks=n)))
        for n, pair in enumerate(weeks)
    ]
    found = sum(parts[1:], start=parts[0])
    assert (found.value, found.of.value) == (sum(map(min, weeks)), sum(map(max, weeks)))
