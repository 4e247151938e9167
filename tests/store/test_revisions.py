"""Every revision of a source in one read: in order, withdrawals marked, with the columns asked for."""

from __future__ import annotations

from tests.store.incidents import INCIDENT, at, day, incidents
from workbench.store import Store

COLUMNS = ("killed_best", "occurred_on")


def deliver(store: Store, number: int, *told: tuple[str, int], source: str = "a") -> None:
    """Deliver incidents of day 1 (record_id, killed) as all that the source holds, on a day of November."""
    with store.delivery(source=source, at=at(number)) as delivery:
        rows = incidents([(name, day(1), "KS0101", killed) for name, killed in told], source=source)
        delivery.append(INCIDENT, rows, complete=True)


def test_every_revision_is_told_oldest_first(store: Store) -> None:
    """New, changed, withdrawn and delivered again are four revisions; unchanged ones make none."""
    deliver(store, 2, ("r", 1), ("other", 5))
    deliver(store, 3, ("r", 2), ("other", 5))
    deliver(store, 4, ("other", 5))
    deliver(store, 5, ("r", 2), ("other", 5))
    deliver(store, 6, ("r", 9), source="b")
    found = store.revisions(INCIDENT, as_of=at(30), sources=("a",), columns=COLUMNS)
    assert found.columns.tolist() == [
        "record_id", "source", "occurred_on", "killed_best", "recorded_at", "retracted",
    ]  # fmt: skip
    told = list(zip(found["record_id"], found["killed_best"], found["recorded_at"], found["retracted"],
                    strict=True))  # fmt: skip
    assert told == [
        ("other", 5, at(2), False),
        ("r", 1, at(2), False), ("r", 2, at(3), False), ("r", 2, at(4), True), ("r", 2, at(5), False),
    ]  # fmt: skip


def test_what_was_recorded_later_is_not_known(store: Store) -> None:
    """Revisions end with the instant asked for."""
    deliver(store, 2, ("r", 1))
    deliver(store, 3, ("r", 2))
    found = store.revisions(INCIDENT, as_of=at(2), sources=("a", "b"), columns=COLUMNS)
    assert found["killed_best"].tolist() == [1]


def test_without_a_table_or_a_source_there_are_no_rows(store: Store) -> None:
    """An empty store and no sources both give the columns and no row, of the same types."""
    before = store.revisions(INCIDENT, as_of=at(2), sources=("a",), columns=COLUMNS)
    deliver(store, 2, ("r", 1))
    none = store.revisions(INCIDENT, as_of=at(3), sources=(), columns=COLUMNS)
    assert before.empty
    assert none.empty
    assert before.dtypes.to_dict() == none.dtypes.to_dict()
