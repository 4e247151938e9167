from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from workbench import analysis
from workbench.errors import ParameterError

ON = date(2026, 11, 15)
FIRST = date(2026, 11, 9)


def days(*values: int | None) -> pd.Series:
    """Return days so long after the one reported on."""
    return pd.Series([None if n is None else ON + timedelta(days=n) for n in values], dtype="datetime64[s]")


def one_commitment(state: str, due: int | None, checked: int | None = None, made: int = -60) -> pd.DataFrame:
    """Return a register of one commitment; days as in `days`."""
    return pd.DataFrame(
        {
            "record_id": ["1"],
            "state": [state],
            "due_on": days(due),
            "checked_on": days(checked),
            "made_on": days(made),
        }
    )


@pytest.mark.parametrize(
    ("state", "due", "checked", "standing", "overdue"),
    [
        ("open", -1, None, "overdue", 1),
        ("open", 0, None, "due_soon", None),
        ("open", 14, None, "due_soon", None),
        ("open", 15, None, "open", None),
        ("open", None, None, "open", None),
        ("kept", -20, -6, "closed", None),
        ("broken", -20, 1, "closed", None),
        ("kept", -20, -7, None, None),
        ("withdrawn", 20, None, None, None),
    ],
)
def test_how_a_commitment_stands(
    state: str, due: int | None, checked: int | None, standing: str | None, overdue: int | None
) -> None:
    """Overdue the day after it is due, due soon within 14 days, closed if found out this week or since."""
    found = analysis.commitments(one_commitment(state, due, checked), on=ON, first_day=FIRST)
    assert found["standing"].tolist() == ([standing] if standing else [])
    if standing:
        assert found["days_overdue"].tolist() == [pd.NA if overdue is None else overdue]


def test_a_commitment_made_later_is_not_there_yet() -> None:
    """What was undertaken after the day reported on is left out."""
    assert len(analysis.commitments(one_commitment("open", 3, made=1), on=ON, first_day=FIRST)) == 0


def test_the_longest_overdue_comes_first() -> None:
    """Order: overdue, the oldest first, due soon, open, closed; and the counts name every standing."""
    register = pd.concat(
        [
            one_commitment("open", None),
            one_commitment("kept", -9, -1),
            one_commitment("open", -3),
            one_commitment("open", 5),
            one_commitment("open", -30),
        ],
        ignore_index=True,
    )
    found = analysis.commitments(register, on=ON, first_day=FIRST)
    assert found["days_overdue"].tolist()[:2] == [30, 3]
    assert found["standing"].tolist() == ["overdue", "overdue", "due_soon", "open", "closed"]
    assert analysis.standing_counts(found) == {"overdue": 2, "due_soon": 1, "open": 1, "closed": 1}


def test_a_register_without_dates_is_open() -> None:
    """A reader without due dates sees what is open and calls nothing overdue; an empty register is fine."""
    register = one_commitment("open", -5).drop(columns=["due_on", "checked_on"])
    assert analysis.commitments(register, on=ON, first_day=FIRST)["standing"].tolist() == ["open"]
    assert len(analysis.commitments(pd.DataFrame(), on=ON, first_day=FIRST)) == 0
    with pytest.raises(ParameterError, match="made_on"):
        analysis.commitments(register.drop(columns="made_on"), on=ON, first_day=FIRST)


def test_the_worst_state_of_a_districts_sites() -> None:
    """The worst state counts, since the earliest day it began; later news and other districts do not."""
    sites = pd.DataFrame(
        {
            "district": ["A", "A", "A", "A", "B", "C"],
            "state": ["running", "suspended", "suspended", "stopped", "running", "reduced"],
            "state_since": days(-90, -5, -12, 1, -3, -4),
        }
    )
    found = analysis.sites(sites, districts=("B", "A", "D"), on=ON)
    assert found["state"].tolist() == ["running", "suspended", "no_site"]
    assert found["since"].tolist() == [
        pd.Timestamp(ON) - pd.Timedelta(days=3),
        pd.Timestamp(ON) - pd.Timedelta(days=12),
        pd.NaT,
    ]
    assert found["sites"].tolist() == [1, 3, 0]
    assert found["affected"].tolist() == [0, 2, 0]


def test_the_alerts_of_a_week() -> None:
    """Raised in the week, and of those verified, responded to, and still open."""
    alerts = pd.DataFrame(
        {
            "occurred_on": days(-7, -6, 0, 0),
            "verified_at": pd.Series([None, None, "2026-11-15", "2026-11-15"], dtype="datetime64[us, UTC]"),
            "responded_at": pd.Series([None, None, None, "2026-11-15"], dtype="datetime64[us, UTC]"),
            "outcome": pd.Series([None, None, None, "averted"], dtype="str"),
        }
    )
    found = analysis.alert_counts(alerts, first_day=FIRST, last_day=ON)
    assert found == analysis.AlertCounts(raised=3, verified=2, responded=1, open=2)
    narrow = analysis.alert_counts(alerts[["occurred_on"]], first_day=FIRST, last_day=ON)
    assert narrow == analysis.AlertCounts(raised=3, verified=None, responded=None, open=None)
    assert analysis.alert_counts(pd.DataFrame(), first_day=FIRST, last_day=ON).raised == 0
