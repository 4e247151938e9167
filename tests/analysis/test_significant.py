from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from tests.analysis.rows import MONDAY, incidents
from workbench import analysis
from workbench.errors import ParameterError


def test_the_order_is_stated_and_always_the_same() -> None:
    """Civilians killed, then killed, aid, abductions, then the day; the reason names the first that holds."""
    table = incidents(
        {"record_id": "plain"},
        {"record_id": "early"},
        {"record_id": "taken", "event_type": "abduction"},
        {"record_id": "two taken", "abducted_best": 2},
        {"record_id": "aid", "aid_affected": True},
        {"record_id": "killed", "killed_best": 9},
        {"record_id": "civilians", "killed_best": 3, "civilians_killed": 1},
    )
    expected = ["civilians", "killed", "aid", "two taken", "taken", "early", "plain"]
    for shuffled in (table, table.iloc[::-1]):
        found = analysis.significant(shuffled, first_day=MONDAY, top=9)
        assert found["record_id"].tolist() == expected
    assert found["reason"].tolist() == [
        "civilians_killed", "killed", "aid_affected", "abduction", "abduction", "other", "other"
    ]  # fmt: skip
    assert analysis.significant(table, first_day=MONDAY, top=2)["record_id"].tolist() == expected[:2]


@pytest.mark.parametrize(
    "change",
    [
        {"listable": False},
        {"listable": None},
        {"occurred_on": MONDAY - timedelta(days=1)},
        {"verification": "discarded"},
        {"date_precision": "month"},
        {"district": "C"},
    ],
)
def test_what_may_not_be_listed_is_left_out(change: dict[str, object]) -> None:
    """Rows whose licence forbids listing, of other weeks or places, or not counted, are not listed."""
    assert len(analysis.significant(incidents(change), first_day=MONDAY, districts=("A",))) == 0


def test_a_narrow_reader_gets_what_there_is() -> None:
    """Absent columns weigh nothing; without `listable` nothing may be listed."""
    narrow = incidents({}, {})[["occurred_on", "date_precision", "event_type", "listable"]]
    assert len(analysis.significant(narrow, first_day=MONDAY)) == 2
    assert len(analysis.significant(narrow.drop(columns="listable"), first_day=MONDAY)) == 0
    assert len(analysis.significant(pd.DataFrame(), first_day=MONDAY)) == 0


def test_several_weeks_are_ordered_together() -> None:
    """From the first day on, as many weeks as asked for; each row says which week it belongs to."""
    table = incidents(
        {"record_id": "before", "occurred_on": MONDAY - timedelta(days=22), "killed_best": 9},
        {"record_id": "first", "occurred_on": MONDAY - timedelta(days=21), "killed_best": 5},
        {"record_id": "last", "occurred_on": MONDAY + timedelta(days=6), "killed_best": 7},
        {"record_id": "after", "occurred_on": MONDAY + timedelta(days=7), "killed_best": 9},
        {"record_id": "late", "killed_best": 5},
    )
    found = analysis.significant(table, first_day=MONDAY - timedelta(weeks=3), weeks=4)
    assert found["record_id"].tolist() == ["last", "first", "late"]
    assert [day.date() for day in found["week"]] == [MONDAY, MONDAY - timedelta(weeks=3), MONDAY]
    assert analysis.significant(table, first_day=MONDAY)["record_id"].tolist() == ["last", "late"]
    with pytest.raises(ParameterError, match="0 weeks"):
        analysis.significant(table, first_day=MONDAY, weeks=0)


def test_weeks_one_by_one_hold_what_they_hold_together() -> None:
    """Every row of four weeks is in exactly one of them; `top` cuts the whole list, not each week's."""
    table = incidents(*({"occurred_on": MONDAY - timedelta(days=n), "killed_best": n % 5} for n in range(28)))
    first = MONDAY - timedelta(weeks=3)
    together = analysis.significant(table, first_day=first, weeks=4, top=99)
    alone = [
        analysis.significant(table, first_day=first + timedelta(weeks=n), top=99)["record_id"].tolist()
        for n in range(4)
    ]
    assert sorted(one for week in alone for one in week) == sorted(together["record_id"])
    cut = analysis.significant(table, first_day=first, weeks=4, top=3)
    assert cut["record_id"].tolist() == together["record_id"].tolist()[:3]
