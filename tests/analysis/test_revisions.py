from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from tests.analysis.rows import MONDAY, incidents
from workbench import analysis
from workbench.analysis.revisions import Change, then_and_now

LAST = MONDAY - timedelta(days=3)
EARLIER = MONDAY - timedelta(days=10)


def compared(before: list[dict[str, object]], now: list[dict[str, object]]) -> analysis.Revisions:
    """Compare two states of the table."""
    return analysis.revisions(incidents(*now), incidents(*before), first_day=MONDAY, districts=("A", "B"))


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        # what was known then           what is known now                            kind and aspects
        ([], [{"occurred_on": LAST}], [("added", "")]),
        ([{"occurred_on": LAST}], [], [("withdrawn", "")]),
        ([{"occurred_on": LAST}], [{"occurred_on": LAST}], []),
        ([{"occurred_on": LAST}], [{"occurred_on": EARLIER}], [("changed", "date")]),
        ([{"occurred_on": LAST}], [{"occurred_on": MONDAY}], [("changed", "date")]),
        ([{"occurred_on": MONDAY}], [{"occurred_on": LAST}], [("changed", "date")]),
        ([{"occurred_on": LAST}], [{"occurred_on": LAST, "district": "B"}], [("changed", "district")]),
        ([{"occurred_on": LAST}], [{"occurred_on": LAST, "district": None}], [("changed", "district")]),
        ([{"occurred_on": LAST}], [{"occurred_on": LAST, "killed_high": 9}], [("changed", "deaths")]),
        (
            [{"occurred_on": LAST}],
            [{"occurred_on": EARLIER, "killed_best": 2, "event_type": "abduction"}],
            [("changed", "date;deaths;type")],
        ),
        ([{"occurred_on": LAST}], [{"occurred_on": LAST, "headline": "Other"}], []),
        ([{"occurred_on": LAST}], [{"occurred_on": LAST, "verification": "discarded"}], [("withdrawn", "")]),
        ([{"occurred_on": LAST, "verification": "discarded"}], [{"occurred_on": LAST}], [("added", "")]),
        ([], [{"occurred_on": MONDAY}], []),
        ([{"occurred_on": MONDAY}], [], []),
        ([{"occurred_on": MONDAY}], [{"occurred_on": MONDAY, "killed_best": 4}], []),
        ([], [{"occurred_on": LAST, "district": "C"}], []),
        ([], [{"occurred_on": LAST, "event_type": "non_violent_development"}], []),
    ],
)
def test_what_is_a_revision(
    before: list[dict[str, object]], now: list[dict[str, object]], expected: list[tuple[str, str]]
) -> None:
    """Late, changed and withdrawn incidents of past weeks are revisions; news of the current week is not."""
    found = compared(before, now)
    assert list(zip(found.rows["kind"], found.rows["aspects"], strict=True)) == expected


def test_totals_then_and_now() -> None:
    """Each past week whose totals differ is listed with both; the current week never."""
    found = compared(
        [{"occurred_on": LAST, "killed_best": 5}, {"occurred_on": EARLIER}],
        [{"occurred_on": EARLIER, "killed_best": 6}, {"occurred_on": EARLIER}, {"occurred_on": MONDAY}],
    )
    weeks = found.weeks.set_index("week")
    assert [day.date() for day in weeks.index] == [MONDAY - timedelta(days=14), MONDAY - timedelta(days=7)]
    assert weeks.to_numpy().tolist() == [[1, 2, 0, 6], [1, 0, 5, 0]]
    assert (found.count("changed"), found.count("added"), found.count("withdrawn")) == (1, 0, 0)


def test_without_ids_the_totals_still_tell() -> None:
    """A reader without record ids sees the totals then and now, and no rows."""
    now = incidents({"occurred_on": LAST}).drop(columns="record_id")
    found = analysis.revisions(now, now.iloc[:0], first_day=MONDAY, districts=("A",))
    assert len(found.rows) == 0
    assert found.weeks["incidents_now"].tolist() == [1]


def test_nothing_known_then_or_now() -> None:
    """Empty states compare without error, and with nothing then all is late."""
    nothing = pd.DataFrame()
    assert len(analysis.revisions(nothing, nothing, first_day=MONDAY, districts=("A",)).rows) == 0
    late = analysis.revisions(incidents({"occurred_on": LAST}), nothing, first_day=MONDAY, districts=("A",))
    assert late.count("added") == 1
    gone = analysis.revisions(nothing, incidents({"occurred_on": LAST}), first_day=MONDAY, districts=("A",))
    assert gone.count("withdrawn") == 1


def test_last_week_and_the_running_total_then_and_now() -> None:
    """Both are told: last week, and the first week of the year up to and with last week."""
    found = compared(
        [
            {"occurred_on": LAST, "killed_best": 5},
            {"occurred_on": EARLIER},
            {"occurred_on": date(2025, 12, 28)},
        ],
        [
            {"occurred_on": LAST, "killed_best": 4, "civilians_killed": 3},
            {"occurred_on": EARLIER},
            {"occurred_on": EARLIER, "killed_best": 1},
            {"occurred_on": date(2025, 12, 28)},
            {"occurred_on": MONDAY, "killed_best": 9},
        ],
    )
    assert found.last_week == Change(MONDAY - timedelta(days=7), 1, 1, 1, 5, 4, None, 3)
    assert found.running == Change(date(2025, 12, 29), 45, 2, 3, 5, 5, None, 3)
    assert found.running.differs


def test_a_running_total_of_nothing_changed_does_not_differ() -> None:
    """The same state twice gives the same totals, and says so."""
    state = [{"occurred_on": LAST, "killed_best": 5}]
    found = compared(state, state)
    assert found.last_week is not None
    assert not found.last_week.differs
    assert (found.last_week.killed_then, found.last_week.killed_now) == (5, 5)


@pytest.mark.parametrize(
    ("options", "since", "weeks"),
    [
        ({}, date(2025, 12, 29), 45),
        ({"running_from": date(2026, 10, 1)}, date(2026, 10, 5), 5),
        ({"covered_from": date(2026, 10, 26)}, date(2026, 10, 26), 2),
        ({"running_from": date(2026, 11, 3)}, None, None),
        ({"first_day": date(2025, 12, 29)}, None, None),
        ({"first_day": date(2027, 1, 4)}, None, None),
    ],
)
def test_the_running_total_counts_whole_weeks(
    options: dict[str, date], since: date | None, weeks: int | None
) -> None:
    """It starts with the first whole week of the year, the data or the day given; none before is None."""
    state = incidents({"occurred_on": LAST})
    given = {"first_day": MONDAY, "districts": ("A",), **options}
    running = analysis.revisions(state, state, **given).running  # type: ignore[arg-type]  # options vary
    assert (running and (running.since, running.weeks)) == ((since, weeks) if since else None)


def test_then_and_now_lists_every_week() -> None:
    """Weeks that did not change stand beside those that did; without deaths their counts are <NA>."""
    now = incidents({"occurred_on": LAST, "killed_best": 2}, {"occurred_on": EARLIER})
    before = incidents({"occurred_on": EARLIER})
    found = then_and_now(now, before, first_day=MONDAY, districts=("A",), weeks=4)
    assert [day.date() for day in found["week"]] == [MONDAY - timedelta(weeks=n) for n in (4, 3, 2, 1)]
    assert found.drop(columns="week").to_numpy().tolist() == [
        [0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0], [0, 1, 0, 2],
    ]  # fmt: skip
    blind = now.drop(columns="killed_best")
    untold = then_and_now(blind, before, first_day=MONDAY, districts=("A",), weeks=4)
    assert untold["killed_now"].isna().all()
    assert untold["incidents_now"].tolist() == [0, 0, 1, 1]


def test_the_running_total_of_a_famous_revision() -> None:
    """R17: as Cabo Ligado in 2020, events can fall from 495 to 493 while deaths rise from 1,442 to 1,495."""
    before = incidents(*({"occurred_on": EARLIER, "killed_best": 1442 if n == 0 else 0} for n in range(495)))
    now = incidents(*({"occurred_on": EARLIER, "killed_best": 1495 if n == 0 else 0} for n in range(493)))
    running = analysis.revisions(now, before, first_day=MONDAY, districts=("A",)).running
    assert running is not None
    assert (running.incidents_then, running.incidents_now) == (495, 493)
    assert (running.killed_then, running.killed_now) == (1442, 1495)
