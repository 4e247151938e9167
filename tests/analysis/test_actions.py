from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY
from workbench.analysis.actions import (
    ACTION_STANDINGS,
    RECORDED,
    action_counts,
    actions,
    commitment_record,
)
from workbench.analysis.shares import Share
from workbench.config import Week
from workbench.errors import ParameterError

WEEK = Week(MONDAY, "monday")
ON = MONDAY + timedelta(days=6)


def statements(*rows: tuple[int, str, str | None, int | None]) -> pd.DataFrame:
    """Return statements: weeks back, part, state, days from the day reported on until it is due."""
    weeks = [WEEK.back(back) for back, *_ in rows]
    due = [None if days is None else ON + timedelta(days=days) for *_, days in rows]
    return pd.DataFrame(
        {
            "week": pd.Series([week.slug for week in weeks], dtype="str"),
            "occurred_on": pd.Series([week.first_day for week in weeks], dtype="datetime64[s]"),
            "part": pd.Series([part for _, part, *_ in rows], dtype="str"),
            "position": pd.Series(range(len(rows), 0, -1), dtype="Int64"),
            "state": pd.Series([state for *_, state, _ in rows], dtype="str"),
            "due_on": pd.Series(due, dtype="datetime64[s]"),
        }
    )


@pytest.mark.parametrize(
    ("state", "due", "standing", "days"),
    [
        ("open", -1, "overdue", 1),
        ("open", 0, "open", pd.NA),
        ("accepted", -3, "overdue", 3),
        ("accepted", None, "accepted", pd.NA),
        ("done", -3, "done", pd.NA),
        ("declined", -3, "declined", pd.NA),
        ("overdue", None, "overdue", pd.NA),
        ("overdue", 4, "overdue", pd.NA),
        (None, -2, "overdue", 2),
        (None, 2, "not_stated", pd.NA),
    ],
)
def test_how_a_recommendation_stands(state: str | None, due: int | None, standing: str, days: object) -> None:
    """Overdue the day after it is due unless done or declined; done stays done."""
    found = actions(statements((1, "recommendation", state, due)), week=WEEK, on=ON).iloc[0]
    assert found["standing"] == standing
    assert found["days_overdue"] is days if days is pd.NA else found["days_overdue"] == days


def test_only_the_last_issues_recommendations() -> None:
    """The week's own and older ones are left out, and so are other parts; in the order of the issue."""
    rows = statements(
        (1, "recommendation", "open", 1),
        (1, "recommendation", "done", 1),
        (1, "judgement", None, None),
        (0, "recommendation", "open", 1),
        (2, "recommendation", "declined", 1),
    )
    found = actions(rows, week=WEEK, on=ON)
    assert found["standing"].tolist() == ["done", "open"]
    assert set(found["week"]) == {WEEK.back(1).slug}
    assert action_counts(found) == dict(zip(ACTION_STANDINGS, (0, 1, 0, 0, 1, 0), strict=True))


def test_after_a_week_without_issue_the_one_before_counts() -> None:
    """The last issue is the latest that has any statement, also if it asked for nothing."""
    rows = statements((3, "recommendation", "open", -20))
    assert actions(rows, week=WEEK, on=ON)["days_overdue"].tolist() == [20]
    silent = pd.concat([rows, statements((1, "bottom_line", None, None))], ignore_index=True)
    assert len(actions(silent, week=WEEK, on=ON)) == 0


def test_without_an_issue_there_is_nothing() -> None:
    """No statement, or none before this week, gives no row and explicit zeros."""
    for rows in (pd.DataFrame(), statements(), statements((0, "recommendation", "open", 1))):
        found = actions(rows, week=WEEK, on=ON)
        assert len(found) == 0
        assert action_counts(found) == dict.fromkeys(ACTION_STANDINGS, 0)
    with pytest.raises(ParameterError, match="part"):
        actions(statements((1, "recommendation", "open", 1)).drop(columns="part"), week=WEEK, on=ON)


def register(*rows: tuple[str, str, int | None]) -> pd.DataFrame:
    """Return commitments: who, state, days from the day reported on until it is due."""
    return pd.DataFrame(
        {
            "made_by": pd.Series([who for who, *_ in rows], dtype="str"),
            "state": pd.Series([state for _, state, _ in rows], dtype="str"),
            "due_on": pd.Series(
                [None if due is None else ON + timedelta(days=due) for *_, due in rows],
                dtype="datetime64[s]",
            ),
            "made_on": pd.Series([date(2026, 8, 1)] * len(rows), dtype="datetime64[s]"),
        }
    )


def test_what_became_of_commitments() -> None:
    """Overdue is not open; kept of due leaves out what is not due, and what was withdrawn."""
    guard = [("Guard", state, -9) for state in ("kept", "kept", "partly", "broken", "withdrawn", "open")]
    rows = register(*guard, ("Guard ", "open", 0), ("Council", "open", -1), ("Council", "open", None))
    found = commitment_record(rows, on=ON)
    assert (found.made, found.kept, found.partly, found.broken) == (9, 2, 1, 1)
    assert (found.withdrawn, found.overdue, found.open) == (1, 2, 2)
    assert found.kept_of_due == Share(2, 6)
    table = found.by_authority.set_index("made_by")
    assert table.index.tolist() == ["Guard", "Council"]
    assert table["due"].tolist() == [5, 1]
    assert table["kept_share"].tolist() == [0.4, pd.NA]
    assert table.loc["Guard", "kept_low"] == pytest.approx(0.1176, abs=5e-5)


def test_a_commitment_of_tomorrow_and_a_reader_who_may_not_know_who() -> None:
    """One made later is not there; without `made_by` the counts stand and the table is empty."""
    rows = register(("Guard", "kept", -1), ("Guard", "open", -1))
    rows.loc[1, "made_on"] = pd.Timestamp(ON + timedelta(days=1))
    found = commitment_record(rows.drop(columns="made_by"), on=ON)
    assert (found.made, found.kept, found.overdue) == (1, 1, 0)
    assert len(found.by_authority) == 0
    with pytest.raises(ParameterError, match="state"):
        commitment_record(rows.drop(columns="state"), on=ON)


def test_an_empty_register() -> None:
    """Nothing undertaken is zero of everything and 0 of 0."""
    for rows in (pd.DataFrame(), register()):
        found = commitment_record(rows, on=ON)
        assert (found.made, found.open, found.kept_of_due) == (0, 0, Share(0, 0))
        assert len(found.by_authority) == 0


STATES = st.sampled_from(["open", "kept", "partly", "broken", "withdrawn"])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("XYZ"), STATES, st.integers(-20, 20) | st.none()), max_size=12))
def test_the_numbers_add_up(rows: list[tuple[str, str, int | None]]) -> None:
    """Every commitment is counted once, over all and by authority; due is never more than made."""
    found = commitment_record(register(*rows), on=ON)
    assert sum(getattr(found, code) for code in RECORDED) == found.made == len(rows)
    assert found.by_authority[list(RECORDED)].sum().sum() == len(rows)
    assert found.by_authority["due"].sum() == found.kept_of_due.of <= len(rows)
