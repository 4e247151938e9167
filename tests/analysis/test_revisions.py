from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from tests.analysis.rows import MONDAY, incidents
from workbench import analysis

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
