"""
A pull killed at any instant: what it acknowledged is there, nothing is doubled, the next pull completes it.

The puller is a process of its own that is stopped with SIGKILL (terminated on Windows) and started again
on the same store with the next delivery.
"""

import multiprocessing
import random
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
import pytest

from tests.pull_office import office_in, write_log
from workbench.config import load
from workbench.pull import pull
from workbench.records import record_type
from workbench.store import Store

KILLS = 60
KILLS_A_STORE = 10  # creating a store's tables is an instant of its own
LONGEST_LIFE = 0.3  # seconds after a puller has begun: a delivery or two
IDS, HELD = 8, 6

AT = datetime(2026, 11, 16, 6, tzinfo=UTC)
END = AT + timedelta(days=365)
TABLES = ("incident", "rejected_row", "delivery")


def deliver(folder: Path, number: int) -> None:
    """Write delivery `number`: every row says the number, records come and go, one row is at fault."""
    held = [(f"i{(number + one) % IDS}", "2026-11-09", number, "Kuro") for one in range(HELD)]
    write_log(folder, *held, ("faulty", "2026-11-09", f"x{number}", "Kuro"))


def state(number: int) -> dict[str, int]:
    """Return what delivery `number` makes known: deaths by record."""
    return {f"i{(number + one) % IDS}": number for one in range(HELD)}


def open_store(folder: Path) -> Store:
    """Return the store of the office in `folder`."""
    return Store(folder / "store", lock_folder=folder / "locks", lock_seconds=10)


def pull_for_ever(folder: Path, number: int, acknowledge: Connection) -> None:
    """Pull one delivery after another from `number` on; tell each when it begins and when it is done."""
    office, store = load(folder), open_store(folder)
    while True:
        deliver(folder, number)
        acknowledge.send(("begun", number, None))
        report = pull(office, store, office.source[0], at=AT)
        acknowledge.send(("done", number, report.recorded_at))
        number += 1


def known(store: Store) -> dict[str, int]:
    """Return the deaths by record that the store knows in the end."""
    rows = store.read(record_type("incident"), as_of=END)
    return dict(zip(rows["record_id"], rows["killed_best"].astype(int), strict=True))


def heard(messages: Connection) -> list[tuple[str, int, datetime | None]]:
    """Return everything a puller said before it was killed."""
    said = []
    try:
        while True:
            said.append(messages.recv())
    except EOFError:
        messages.close()
    return said


@pytest.fixture(scope="module")
def server() -> multiprocessing.context.BaseContext:
    """Give a way to start pullers quickly: a fork server that has imported all and used nothing."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["deltalake", "filelock", "pytest", "shapely", "tests.pull_office", "workbench.pull"]
    )
    return context


def test_killed_pulls(tmp_path: Path, server: multiprocessing.context.BaseContext) -> None:
    """After each of 60 kills the store is readable and holds all that was acknowledged, and no half pull."""
    chance = random.Random(20261121)  # noqa: S311 - a test that can be repeated
    inside = 0
    for kill in range(KILLS):
        folder = tmp_path / str(kill // KILLS_A_STORE)
        if kill % KILLS_A_STORE == 0:
            office_in(folder)
            store, number, acknowledged = open_store(folder), 0, {}
        ours, theirs = server.Pipe(duplex=False)
        puller = server.Process(target=pull_for_ever, args=(folder, number, theirs))
        puller.start()
        theirs.close()
        first = ours.recv()
        time.sleep(chance.uniform(0, LONGEST_LIFE))
        puller.kill()
        puller.join()

        said = [first, *heard(ours)]
        acknowledged |= {told: recorded_at for what, told, recorded_at in said if what == "done"}
        begun = max(told for what, told, _ in said if what == "begun")
        inside += begun not in acknowledged
        assert_sound(store, acknowledged, begun)
        number = begun + 1
        if kill % KILLS_A_STORE == KILLS_A_STORE - 1:
            assert_completed(folder, number)
    assert inside > KILLS // 2, "most kills must hit a pull, or this test proves nothing"


def assert_sound(store: Store, acknowledged: dict[int, datetime | None], begun: int) -> None:
    """Check what holds at every instant."""
    last = max(acknowledged, default=None)
    possible = [{} if last is None else state(last), *(state(n) for n in range((last or 0), begun + 1))]
    assert known(store) in possible
    deliveries = store.read(record_type("delivery"), as_of=END)
    assert set(acknowledged.values()) <= set(deliveries["recorded_at"])
    assert not deliveries["record_id"].duplicated().any()
    faulty = store.read(record_type("rejected_row"), as_of=END)
    assert len(faulty) <= 1


def assert_completed(folder: Path, number: int) -> None:
    """Check that one clean pull gives what a store without any kill holds, each revision once."""
    office = load(folder)
    deliver(folder, number)
    clean = Store(folder / "clean", lock_folder=folder / "clean-locks")
    for store in (open_store(folder), clean):
        pull(office, store, office.source[0], at=AT)
    killed = open_store(folder)
    for name in ("incident", "rejected_row"):
        one, two = (s.read(record_type(name), as_of=END).drop(columns="recorded_at") for s in (killed, clean))
        pd.testing.assert_frame_equal(one, two)
    for record_id in (f"i{one}" for one in range(IDS)):
        revisions = killed.history(record_type("incident"), source="log", record_id=record_id)
        assert not revisions["recorded_at"].duplicated().any()
        assert revisions["prev_recorded_at"].iloc[1:].tolist() == revisions["recorded_at"].iloc[:-1].tolist()
        said = list(zip(revisions["killed_best"], revisions["retracted"], strict=True))
        assert all(before != after for before, after in pairwise(said))
