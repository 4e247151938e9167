from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from tests.analysis.rows import MONDAY, incidents
from workbench import analysis


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
