from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY, incidents
from workbench import records
from workbench.analysis.early_warning import (
    ALERT_STATES,
    alert_quality,
    alert_states,
    by_indicator,
    foreseen,
    serious,
)
from workbench.analysis.shares import Middle, Share
from workbench.errors import ParameterError

ON = MONDAY + timedelta(days=6)


def alerts(*rows: dict[str, object]) -> pd.DataFrame:
    """Return a register of alerts; `ago` counts days back from the day reported on."""
    record = records.record_type("alert")
    filled = [{"district": "A", "indicator": "Guard post unmanned", "ago": 0, **row} for row in rows]
    for row in filled:
        row["occurred_on"] = ON - timedelta(days=int(str(row["ago"])))
    return pd.DataFrame(
        {c.name: pd.Series([row.get(c.name) for row in filled], dtype=records.DTYPES[c.kind])
         for c in record.columns}
    )  # fmt: skip


def settled(**outcomes: int) -> list[dict[str, object]]:
    """Return so many alerts of each outcome, all of them over."""
    return [{"ago": 20, "horizon_days": 7, "outcome": o} for o, n in outcomes.items() for _ in range(n)]


@pytest.mark.parametrize(
    ("given_", "state", "result"),
    [
        ({}, "open", "pending"),
        ({"verified_at": "2026-11-14T08:00Z"}, "verified", "pending"),
        ({"responded_at": "2026-11-14T08:00Z"}, "responded", "pending"),
        ({"verified_at": "2026-11-14T08:00Z", "responded_at": "2026-11-14T09:00Z"}, "responded", "pending"),
        ({"outcome": "false"}, "closed", "false"),
        ({"outcome": "averted", "responded_at": "2026-11-14T08:00Z"}, "closed", "averted"),
        ({"outcome": "unknown", "horizon_days": 7, "ago": 7}, "open", "pending"),
        ({"outcome": "unknown", "horizon_days": 7, "ago": 8}, "closed", "unknown"),
        ({"horizon_days": 7, "ago": 8}, "open", "unknown"),
        ({"outcome": "unknown"}, "closed", "unknown"),
        ({"outcome": "occurred", "horizon_days": 30}, "closed", "occurred"),
    ],
)
def test_how_far_an_alert_has_come(given_: dict[str, object], state: str, result: str) -> None:
    """The furthest step; "unknown" settles nothing while the days last in which it was expected."""
    found = alert_states(alerts(given_), on=ON).iloc[0]
    assert (found["state"], found["result"]) == (state, result)


def test_an_alert_of_tomorrow_is_not_there_yet() -> None:
    """What was raised after the day reported on is left out."""
    assert len(alert_states(alerts({"ago": -1}, {"ago": 0}), on=ON)) == 1


def test_what_is_serious() -> None:
    """Deaths, an abduction by type or number, or aid affected; injuries alone, and discarded, are not."""
    rows = incidents(
        {"killed_best": 1},
        {"event_type": "abduction"},
        {"abducted_best": 2},
        {"aid_affected": True},
        {"injured_best": 9},
        {"killed_best": 3, "verification": "discarded"},
        {"killed_best": 10_000},
    )
    assert serious(rows)["record_id"].tolist() == ["1", "2", "3", "4", "7"]


@pytest.mark.parametrize(
    ("ago", "horizon", "district", "lead"),
    [
        (7, 1, "A", 1),
        (7, 0, "A", None),
        (6, 30, "A", None),
        (13, 7, "A", 7),
        (13, 6, "A", None),
        (7, 7, "B", None),
        (7, None, "A", None),
        (5, 30, "A", None),
    ],
)
def test_whether_an_incident_was_foreseen(
    ago: int, horizon: int | None, district: str, lead: int | None
) -> None:
    """An alert of its district, raised on an earlier day, whose days reach the incident's first day."""
    warning = alerts({"ago": ago, "horizon_days": horizon, "district": district})
    found = foreseen(warning, incidents({"killed_best": 1}), first_day=MONDAY, last_day=ON).iloc[0]
    assert found["warned"] == (lead is not None)
    assert found["lead_days"] is pd.NA if lead is None else found["lead_days"] == lead


def test_the_earliest_alert_that_reaches_counts() -> None:
    """Of several warnings the lead is that of the earliest that still reached the day, counted once."""
    warnings = alerts(
        {"ago": 8, "horizon_days": 7}, {"ago": 10, "horizon_days": 14}, {"ago": 40, "horizon_days": 14}
    )
    found = foreseen(warnings, incidents({"killed_best": 1}), first_day=MONDAY, last_day=ON)
    assert found["lead_days"].tolist() == [4]


def test_incidents_without_a_place_or_day_are_not_judged() -> None:
    """Without district, or with a month for a day, nobody can say whether it was foreseen."""
    rows = incidents(
        {"killed_best": 1, "district": None},
        {"killed_best": 1, "date_precision": "month"},
        {"killed_best": 1, "date_precision": "days"},
    )
    register = alerts({"ago": 9, "horizon_days": 9})
    assert foreseen(register, rows, first_day=MONDAY, last_day=ON)["warned"].tolist() == [pd.NA, pd.NA, True]
    found = alert_quality(register, rows, on=ON)
    assert found.foreseen == Share(1, 1)
    assert found.left_out == 2


def test_positive_predictive_value_with_its_interval() -> None:
    """R15: 15 right of 148 judged is .0624 to .1605 (Newcombe 1998); averted and unknown are not in it."""
    found = alert_quality(alerts(*settled(occurred=15, false=133, averted=4, unknown=6)), None, on=ON)
    assert found.right == Share(15, 148)
    assert (found.right.low, found.right.high) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert found.right_or_averted == Share(19, 152)
    assert (found.occurred, found.false, found.averted, found.unknown, found.pending) == (15, 133, 4, 6, 0)


def test_few_alerts_have_no_share() -> None:
    """3 right of 4 is told as 3 of 4 only."""
    found = alert_quality(alerts(*settled(occurred=3, false=1)), incidents(), on=ON)
    assert (found.right.count, found.right.of, found.right.share, found.right.low) == (3, 4, None, None)
    assert found.by_indicator["right"].isna().all()
    assert found.foreseen == Share(0, 0)
    assert found.lead_days == Middle(None, 0)


def test_sensitivity_and_lead_time() -> None:
    """Of 5 serious incidents 2 were foreseen, 3 and 5 days before; the median is 4 of 2."""
    register = alerts({"ago": 9, "horizon_days": 3}, {"ago": 11, "horizon_days": 7, "district": "B"})
    rows = incidents(
        *({"killed_best": 1, "district": d} for d in ("A", "B", "C", "D", "E")), {"district": "A"}
    )
    found = alert_quality(register, rows, on=ON)
    assert found.foreseen == Share(2, 5)
    assert found.lead_days == Middle(4.0, 2)


def test_an_early_alert_still_warns_of_what_it_reached() -> None:
    """Raised before the weeks looked back on, it counts as a warning but not among those raised."""
    register = alerts({"ago": 10, "horizon_days": 14})
    found = alert_quality(register, incidents({"killed_best": 1}), on=ON, weeks=1)
    assert found.raised == 0
    assert found.foreseen == Share(1, 1)
    assert found.first_day == MONDAY


def test_hours_to_verification_and_response() -> None:
    """From the moment it was raised, never negative; an alert whose moment is unknown has no hours."""
    raised = {"reported_at": "2026-11-15T08:00Z"}
    register = alerts(
        {**raised, "verified_at": "2026-11-15T10:00Z", "responded_at": "2026-11-15T20:00Z"},
        {**raised, "verified_at": "2026-11-15T07:00Z"},
        {"verified_at": "2026-11-15T10:00Z"},
        raised,
    )
    found = alert_quality(register, None, on=ON)
    assert found.hours_to_verification == Middle(1.0, 2)
    assert found.hours_to_response == Middle(12.0, 1)
    assert found.foreseen is None


def test_the_table_of_indicators() -> None:
    """One row an indicator, most raised first; shares only where 5 or more were judged."""
    rows = [{**row, "indicator": "Digging "} for row in settled(occurred=4, false=1, averted=1)]
    register = alerts(*rows, *settled(false=2), {"indicator": "Digging", "ago": 1})
    found = by_indicator(alert_states(register, on=ON))
    assert found["indicator"].tolist() == ["Digging", "Guard post unmanned"]
    assert found["raised"].tolist() == [7, 2]
    assert found["judged"].tolist() == [5, 2]
    assert found["right"].tolist() == [0.8, pd.NA]
    assert found["pending"].tolist() == [1, 0]


def test_a_reader_without_the_register_or_columns() -> None:
    """None without the register; None for each number that a column withheld would tell."""
    assert alert_quality(None, incidents(), on=ON) is None
    narrow = alert_quality(alerts(*settled(occurred=9))[["occurred_on"]], incidents({}), on=ON)
    assert narrow.raised == 9
    hidden = ("open", "closed", "occurred", "pending", "right", "foreseen", "lead_days", "left_out",
              "hours_to_response")  # fmt: skip
    assert [name for name in hidden if getattr(narrow, name) is not None] == []
    assert len(narrow.by_indicator) == 0
    with pytest.raises(ParameterError):
        alert_quality(alerts(), None, on=ON, weeks=0)


@pytest.mark.parametrize("register", [pd.DataFrame(), alerts()])
def test_a_register_without_alerts(register: pd.DataFrame) -> None:
    """No alert is zero of everything, and each serious incident was unforeseen."""
    found = alert_quality(register, incidents({"killed_best": 1}), on=ON)
    assert (found.raised, found.open, found.right) == (0, 0, Share(0, 0))
    assert found.hours_to_verification == Middle(None, 0)
    assert found.foreseen == Share(0, 1)


OUTCOMES = st.sampled_from(["occurred", "averted", "false", "unknown", None])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(OUTCOMES, st.integers(0, 200), st.integers(0, 30) | st.none()), max_size=10))
def test_states_and_results_each_add_up(rows: list[tuple[str | None, int, int | None]]) -> None:
    """Every alert raised is in one state and has one result, over all and over the indicators."""
    register = alerts(*({"outcome": o, "ago": a, "horizon_days": h} for o, a, h in rows))
    found = alert_quality(register, None, on=ON, weeks=20)
    assert sum(getattr(found, state) for state in ALERT_STATES) == found.raised
    results = ("occurred", "averted", "false", "unknown", "pending")
    assert sum(getattr(found, result) for result in results) == found.raised
    assert found.by_indicator["raised"].sum() == found.raised
    assert found.raised == sum(a < 140 for _, a, _ in rows)
