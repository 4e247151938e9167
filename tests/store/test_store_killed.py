"""
A writer killed at any instant: what it acknowledged is there, nothing is half there, nothing is doubled.

The writer is a process of its own that is stopped with SIGKILL and started again on the same store. While
it writes, this process reads, so readers beside a writer are tested here too.
"""

import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
import pytest

from tests.store.incidents import DELIVERY, INCIDENT, Told, at, day, delivery_row, incidents
from tests.store.killed import killed
from workbench.store import Store

KILLS = 60
KILLS_A_STORE = 6
DELIVERIES_A_LIFE = 2  # at most, before the one in which it is killed
INCIDENTS = 12

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fork server needs fork")


def state(number: int) -> list[Told]:
    """Return what delivery `number` holds: every incident says the number, one comes and one goes."""
    return [(f"i{number + one}", day(3), "D1", number) for one in range(INCIDENTS)]


def write_for_ever(folder: Path, acknowledge: Connection) -> None:
    """Tell the last state stored, then deliver the next ones for ever and tell each once it is closed."""
    store = Store(folder / "store", lock_folder=folder / "locks")
    number = assert_whole(store.read(INCIDENT, as_of=at(20)))
    acknowledge.send(number)
    while True:
        number += 1
        with store.delivery(source="a", at=at(9)) as delivery:
            delivery.append(INCIDENT, incidents(state(number)), complete=True)
            delivery.append(DELIVERY, delivery_row("a", delivery.batch, read=number), complete=False)
        acknowledge.send(number)


@pytest.fixture(scope="module")
def server() -> Iterator[multiprocessing.context.ForkServerContext]:
    """Give a fork server that has imported the store and never used it, so that writers start at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["deltalake", "filelock", "pytest", "tests.store.incidents", "workbench.store"]
    )
    return context


def test_killed_writers(tmp_path: Path, server: multiprocessing.context.ForkServerContext) -> None:
    """After each of 60 kills the store holds whole states up to the last acknowledged, or one more."""
    chance = random.Random(20261121)  # noqa: S311 - a test that can be repeated
    seconds, written = 0.0, 0
    for kill in range(KILLS):
        # A new store now and then, because creating its tables is an instant of its own.
        folder = tmp_path / str(kill // KILLS_A_STORE)
        store = Store(folder / "store", lock_folder=folder / "locks", lock_seconds=10)
        ours, theirs = server.Pipe(duplex=False)
        writer = server.Process(target=write_for_ever, args=(folder, theirs))
        writer.start()
        theirs.close()
        first = acknowledged = ours.recv()
        # what a delivery takes is measured in each life: a busy machine must not shorten what is proven
        begun, last = time.monotonic(), first + (chance.randint(0, DELIVERIES_A_LIFE) if kill else 5)
        while acknowledged < last:
            assert_whole(store.read(INCIDENT, as_of=at(20)))
            while acknowledged < last and ours.poll():
                acknowledged = ours.recv()
        if last > first:
            seconds = (time.monotonic() - begun) / (last - first)
        until = time.monotonic() + chance.uniform(0, seconds)
        while time.monotonic() < until:
            assert_whole(store.read(INCIDENT, as_of=at(20)))
        acknowledged = killed(writer, ours, acknowledged)
        assert_sound(store, acknowledged=acknowledged, closed=acknowledged if acknowledged > first else 0)
        written += acknowledged - first
    assert written > KILLS / 2, "the writers were killed too early to prove anything: raise DELIVERIES_A_LIFE"


def assert_whole(known: pd.DataFrame) -> int:
    """Return the number of the one state that `known` is; fail if it is none or a mixture."""
    number = max([0, *known["killed_best"]])
    expected = state(number) if number else []
    assert known["record_id"].tolist() == sorted(record_id for record_id, *_ in expected)
    assert known["killed_best"].tolist() == [number] * len(expected)
    return number


def assert_sound(store: Store, *, acknowledged: int, closed: int) -> None:
    """Fail unless the store is as if its last writer had ended by itself."""
    stored = assert_whole(store.read(INCIDENT, as_of=at(20)))
    assert stored in (acknowledged, acknowledged + 1)
    cut_off = store.cut_off(at(20))
    completed = 0 if cut_off is None else assert_whole(store.read(INCIDENT, as_of=cut_off))
    rows = store.read(DELIVERY, as_of=at(20))
    # A writer killed between its two commits leaves incidents without their delivery row: they are whole,
    # and the next writer goes on from them, but no cut-off ever shows that state as the last completed one.
    assert completed == max([0, *rows["read"]])
    assert closed <= completed <= stored
    assert rows["read"].is_unique
    assert rows["recorded_at"].is_unique
    for record_id in {f"i{number}" for number in (1, stored, stored + 1, stored + INCIDENTS - 1)}:
        history = store.history(INCIDENT, source="a", record_id=record_id)
        assert history["recorded_at"].is_unique
        assert history["prev_recorded_at"].tolist()[1:] == history["recorded_at"].tolist()[:-1]
        assert history["prev_recorded_at"].isna().sum() == min(len(history), 1)
