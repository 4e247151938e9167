"""What a pull writes down of a row does not tell of other rows that stand before it, nor when they came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.pull_office import log, office_in, write_log
from workbench.pull import pull, pull_all
from workbench.records import record_type
from workbench.store import Store

AT = datetime(2026, 11, 16, 6, tzinfo=UTC)
LATER = AT + timedelta(days=1)
FAULTY = ("2", "soon", "public", "Kuro")
HIDDEN = ("1", "never", "strictly_confidential", "Kuro")


def test_a_hidden_row_before_a_rejected_one_changes_neither_its_id_nor_its_day(tmp_path: Path) -> None:
    """A closed row put in above it moves the faulty row in its file: its number and first day stay."""
    # the column of deaths passes for the label, so that each row can have its own
    office = office_in(tmp_path, log().replace('killed_best = "Dead"', 'level = "Dead"'))
    store = Store(tmp_path / "store", lock_folder=tmp_path)
    found = []
    for at, rows in ((AT, [FAULTY]), (LATER, [HIDDEN, FAULTY])):
        write_log(tmp_path, *rows)
        pull(office, store, office.source_called("log"), at=at, accept_shrink=True)
        faults = store.read(record_type("rejected_row"), as_of=at)
        mine = faults[faults["level"] == "internal"]
        found.append(mine[["record_id", "occurred_on", "column", "reason"]].to_numpy().tolist())
    assert len(faults) > len(mine) > 0
    assert found[0] == found[1]


def test_each_fault_of_rows_without_an_id_is_written_down(tmp_path: Path) -> None:
    """Rows that say no id, and are wrong in the same way, are as many faults as they are."""
    office = office_in(tmp_path, log())
    store = Store(tmp_path / "store", lock_folder=tmp_path)
    write_log(tmp_path, *[("", "soon", "1", "Kuro")] * 3)
    pull(office, store, office.source_called("log"), at=AT, accept_shrink=True)
    faults = store.read(record_type("rejected_row"), as_of=AT)
    assert sorted(faults.loc[faults["column"] == "occurred_on", "row"]) == [2, 3, 4]


def test_decisions_are_pulled_first_and_acts_last(tmp_path: Path) -> None:
    """Decisions on duplicates come before the rows that they are about, acts on labels after them."""
    decisions, acts = (
        log(slug=slug).replace('record = "incident"', f'record = "{record}"')
        for slug, record in (("pairs", "duplicate_decision"), ("acts", "label_change"))
    )
    office = office_in(tmp_path, acts, log(), decisions)
    asked: list[str] = []
    pull_all(office, Store(tmp_path / "store", lock_folder=tmp_path), None, at=AT, progress=asked.append)
    assert asked == ["pairs", "log", "acts"]
