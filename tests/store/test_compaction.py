"""Fewer files, the same answers: compaction, beside readers and writers, and killed."""

import json
import multiprocessing
import random
import sys
import tempfile
import time
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.incidents import INCIDENT, Told, at, day, incidents
from tests.store.killed import killed
from workbench.errors import StoreError
from workbench.store import Store
from workbench.store._care import compact

CONTENTS = st.tuples(
    st.none() | st.integers(1, 4).map(day), st.sampled_from(["D1", "D2"]), st.none() | st.integers(0, 1)
)
DELIVERIES = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.dictionaries(st.sampled_from("ijk"), CONTENTS), st.booleans()),
    min_size=2,
    max_size=4,
)
WINDOWS = (None, (day(1), day(2)), (day(2), day(3)))


def told(
    store: Store, rows: list[Told], *, moment: datetime, source: str = "a", complete: bool = True
) -> None:
    """Make one delivery."""
    with store.delivery(source=source, at=moment) as delivery:
        delivery.append(INCIDENT, incidents(rows, source=source), complete=complete)


def files(store: Store) -> list[str]:
    """Return the files of the incidents as the table stands now."""
    return DeltaTable(f"{store.url}/incident").file_uris()


@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(deliveries=DELIVERIES, after=st.integers(1, 5))
def test_every_answer_is_the_same(
    deliveries: list[tuple[str, dict[str, tuple[object, str, int]], bool]], after: int
) -> None:
    """Compacted at any moment of its life a store answers every question as one that never was."""
    with tempfile.TemporaryDirectory() as folder:
        kept, compacted = (
            Store(Path(folder, name), lock_folder=Path(folder, f"{name}-lock"))
            for name in ("kept", "compacted")
        )
        for number, (source, rows, complete) in enumerate(deliveries, start=1):
            for store in (kept, compacted):
                held = [(key, *rest) for key, rest in rows.items()]
                told(store, held, moment=at(number), source=source, complete=complete)
            if number == after or number == len(deliveries):
                compacted.compact(INCIDENT)
        for number in range(len(deliveries) + 1):
            moment = at(1) + timedelta(days=number) - timedelta(microseconds=1)
            for window in WINDOWS:
                pd.testing.assert_frame_equal(
                    *(one.read(INCIDENT, as_of=moment, window=window) for one in (kept, compacted))
                )
        opened = [one._open(INCIDENT) for one in (kept, compacted)]
        revisions = "SELECT * FROM revisions ORDER BY source, record_id, recorded_at"
        before, after_it = (None if one is None else one.query(revisions) for one in opened)
        assert before == after_it


def test_one_file_and_nothing_more_to_do(store: Store) -> None:
    """Many files become one, sizes say so, and to compact again, or nothing at all, commits nothing."""
    assert not store.compact(INCIDENT)
    assert store.sizes() == []
    for number in range(1, 6):
        told(store, [("i", day(number), "D1", number)], moment=at(number))
    assert store.compact(INCIDENT)
    version = DeltaTable(f"{store.url}/incident").version()
    assert not store.compact(INCIDENT)
    assert DeltaTable(f"{store.url}/incident").version() == version
    (size,) = store.sizes()
    assert (size.record, size.revisions, size.files, size.replaced) == ("incident", 5, 1, 5)
    assert size.size > 0


def test_clock_and_batches_go_on(store: Store) -> None:
    """A delivery after a compaction is numbered and dated after those before it, and compared with them."""
    for number in (1, 2):
        told(store, [("i", day(3), "D1", number)], moment=at(9))
    store.compact(INCIDENT)
    with store.delivery(source="a", at=at(1)) as delivery:
        counts = delivery.append(INCIDENT, incidents([("i", day(3), "D1", 2)]), complete=True)
    assert (delivery.batch, delivery.recorded_at) == (3, at(9, microsecond=2))
    assert counts.unchanged == 1


def test_a_table_that_gained_a_column_is_compacted(store: Store) -> None:
    """Files of before and after a record type grew become one, with missing values where there were none."""
    from dataclasses import replace

    small = replace(INCIDENT, columns=tuple(one for one in INCIDENT.columns if one.name != "killed_best"))
    with store.delivery(source="a", at=at(1)) as delivery:
        rows = incidents([("i", day(3), "D1", None)]).drop(columns="killed_best")
        delivery.append(small, rows, complete=True)
    told(store, [("i", day(3), "D1", None), ("j", day(4), "D1", 4)], moment=at(2))
    before = store.everything(INCIDENT, as_of=at(9))
    assert store.compact(INCIDENT)
    pd.testing.assert_frame_equal(store.everything(INCIDENT, as_of=at(9)), before)


def test_what_a_reader_holds_stays(store: Store) -> None:
    """A table opened before a compaction is read after it and after the removal of what may be removed."""
    for number in (1, 2):
        told(store, [("i", day(3), "D1", number)], moment=at(number))
    held = store._open(INCIDENT)
    before = held.latest()
    store.compact(INCIDENT)
    assert store.remove_replaced(INCIDENT, days=7) == 0
    assert held.latest().equals(before)


def test_replaced_files_go_after_their_days(store: Store) -> None:
    """Files replaced eight days ago are removed after seven days and not after nine; the answer stays."""
    for number in (1, 2):
        told(store, [("i", day(3), "D1", number)], moment=at(number))
    store.compact(INCIDENT)
    before = store.everything(INCIDENT, as_of=at(9))
    log = Path(store.url, "incident", "_delta_log")
    last = log / f"{DeltaTable(log.parent).version():020}.json"
    actions = [json.loads(line) for line in last.read_text(encoding="utf-8").splitlines()]
    for action in actions:
        if "remove" in action:
            action["remove"]["deletionTimestamp"] -= 8 * 24 * 3600 * 1000
    last.write_text("\n".join(map(json.dumps, actions)) + "\n", encoding="utf-8")
    assert store.remove_replaced(INCIDENT, days=9) == 0
    assert store.remove_replaced(INCIDENT, days=7) == 2
    assert [Path(one).name for one in files(store)] == [one.name for one in log.parent.glob("*.parquet")]
    pd.testing.assert_frame_equal(store.everything(INCIDENT, as_of=at(9)), before)


def test_files_are_not_removed_early(store: Store) -> None:
    """Fewer than seven days are refused."""
    told(store, [("i", day(3), "D1", 1)], moment=at(1))
    with pytest.raises(StoreError, match="7 days"):
        store.remove_replaced(INCIDENT, days=6)


def test_a_writer_that_was_before_the_compaction(store: Store, tmp_path: Path) -> None:
    """A delivery of another machine, open while files are replaced, is stored whole; the rest stays."""
    for number in (1, 2):
        told(store, [("i", day(3), "D1", number)], moment=at(number))
    other = Store(store.url, lock_folder=tmp_path / "other machine")
    with other.delivery(source="b", at=at(3)) as delivery:
        assert store.compact(INCIDENT)
        delivery.append(INCIDENT, incidents([("j", day(4), "D2", 7)], source="b"), complete=True)
    assert store.read(INCIDENT, as_of=at(9))["killed_best"].tolist() == [2, 7]
    assert len(store.everything(INCIDENT, as_of=at(9))) == 3


def test_a_writer_during_the_compaction(store: Store) -> None:
    """What another machine stores after the old files were chosen and before they are replaced stays."""
    for number in (1, 2):
        told(store, [("i", day(3), "D1", number)], moment=at(number))
    chosen = store._open(INCIDENT)
    told(store, [("j", day(4), "D2", 7)], moment=at(3), source="b")
    assert compact(chosen)
    assert len(files(store)) == 2
    assert store.read(INCIDENT, as_of=at(9))["killed_best"].tolist() == [2, 7]


KILLS = 10
STATES = 4


def compact_for_ever(folder: Path, started: Connection) -> None:
    """Deliver and compact for ever; tell each state once it is stored."""
    store = Store(folder / "store", lock_folder=folder / "locks")
    number = len(store.everything(INCIDENT, as_of=at(20)))
    started.send(number)
    while True:
        number += 1
        told(store, [("i", day(3), "D1", number)], moment=at(9))
        started.send(number)
        store.compact(INCIDENT)


@pytest.mark.skipif(sys.platform == "win32", reason="the fork server needs fork")
def test_killed_compactions(tmp_path: Path) -> None:
    """Killed at ten random instants, a store that is always being compacted holds all it told of."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [
            "deltalake",
            "filelock",
            "pytest",
            "tests.store.incidents",
            "tests.store.test_compaction",
            "workbench.store",
        ]
    )
    chance = random.Random(20261122)  # noqa: S311 - a test that can be repeated
    store = Store(tmp_path / "store", lock_folder=tmp_path / "locks", lock_seconds=10)
    seen = 0
    for _ in range(KILLS):
        ours, theirs = context.Pipe(duplex=False)
        writer = context.Process(target=compact_for_ever, args=(tmp_path, theirs))
        writer.start()
        theirs.close()
        acknowledged = ours.recv()
        for _ in range(chance.randint(1, 3)):  # each is followed by a compaction
            acknowledged = ours.recv()
            assert_counted(store)
        time.sleep(chance.uniform(0, 0.08))
        acknowledged = killed(writer, ours, acknowledged)
        stored = assert_counted(store)
        assert acknowledged <= stored <= acknowledged + 1
        assert acknowledged >= seen
        seen = stored
    compactions = [
        one for one in DeltaTable(f"{store.url}/incident").history() if one["operation"] == "OPTIMIZE"
    ]
    assert len(compactions) >= KILLS / 2, "the writers were killed too early to prove anything"


def assert_counted(store: Store) -> int:
    """Return how many revisions the one incident has; fail unless they are all those told of, in order."""
    known = store.everything(INCIDENT, as_of=at(20))["killed_best"].tolist()
    assert known == list(range(1, len(known) + 1))
    return len(known)
