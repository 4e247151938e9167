"""A store under s3://, on a server of its own on this machine: what a folder does, and several machines."""

import multiprocessing
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable

from tests.pull_office import office_in, write_log
from tests.store.incidents import DELIVERY, INCIDENT, at, day, delivery_row, incidents
from tests.store.killed import killed
from tests.store.test_store_killed import assert_sound, assert_whole, state
from workbench.errors import StoreError
from workbench.pull import pull
from workbench.store import Store

KILLS = 3
BUCKET = "office-bucket"

# answers in several small packets, which would otherwise wait for each other
SERVER = """
import localbucket
localbucket.S3Handler.disable_nagle_algorithm = True
localbucket.main()
"""

FORGETFUL = """
import localbucket
class Forgetful(localbucket.S3Handler):
    def _write_object(self, *given):
        del self.headers["If-None-Match"]
        return super()._write_object(*given)
localbucket.S3Handler = Forgetful
localbucket.main()
"""


@contextmanager
def served(folder: Path, program: str) -> Iterator[dict[str, str]]:
    """Run an S3 server of `folder` on a free port of this machine; give the options that reach it."""
    (folder / BUCKET).mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", program, str(folder), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(server, port)
        yield {
            "aws_endpoint_url": f"http://127.0.0.1:{port}",
            "aws_allow_http": "true",
            "aws_region": "us-east-1",
            "aws_access_key_id": "any",
            "aws_secret_access_key": "any",
        }
    finally:
        server.terminate()
        server.wait(10)


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    """Return once the server answers."""
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the S3 server did not start")


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Give the options of a server for all tests of this module; each has a place of its own on it."""
    with served(tmp_path_factory.mktemp("s3"), SERVER) as given:
        yield given


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give a place in the bucket that no other test uses."""
    return f"s3://{BUCKET}/{tmp_path.name}"


def machine(name: str, url: str, options: Mapping[str, str], folder: Path) -> Store:
    """Return the store as a machine of that name opens it: no lock file reaches two of them."""
    return Store(url, lock_folder=folder / name, storage_options=options, lock_seconds=10)


def told(store: Store, number: int, *, source: str = "a") -> Store:
    """Make one delivery that says its number, with the row that closes it."""
    with store.delivery(source=source, at=at(9)) as delivery:
        delivery.append(INCIDENT, incidents([("i", day(3), "D1", number)], source=source), complete=True)
        delivery.append(DELIVERY, delivery_row(source, delivery.batch, read=number), complete=False)
    return store


def test_a_pull_and_its_repeat(options: dict[str, str], url: str, tmp_path: Path) -> None:
    """A pull into a bucket gives what it gives in a folder, as of then and now; again, it changes nothing."""
    office = office_in(tmp_path / "office")
    stores = [
        machine("here", url, options, tmp_path),
        Store(tmp_path / "store", lock_folder=tmp_path / "store"),
    ]
    moment = datetime(2026, 11, 16, 6, tzinfo=UTC)
    reports = []
    for deaths in (1, 2):
        write_log(office.root, ("i1", "2026-11-09", deaths, "Kuro"), ("i2", "2026-11-10", 5, "Kuro"))
        reports += [pull(office, store, office.source[0], at=moment) for store in stores]
    assert reports[0] == reports[1]
    assert (reports[2].changed, reports[2].unchanged) == (1, 1)
    for as_of in {report.recorded_at for report in reports}:
        there, here = (store.read(INCIDENT, as_of=as_of) for store in stores)
        pd.testing.assert_frame_equal(there, here)
    before = DeltaTable(f"{url}/incident", storage_options=options).version()
    again = pull(office, stores[0], office.source[0], at=moment)
    assert (again.new, again.changed, again.withdrawn, again.unchanged) == (0, 0, 0, 2)
    assert DeltaTable(f"{url}/incident", storage_options=options).version() == before


def test_a_reader_sees_what_another_machine_stored(options: dict[str, str], url: str, tmp_path: Path) -> None:
    """What a process keeps of its readings hides no newer delivery; a compaction changes no answer."""
    reader, writer = (machine(name, url, options, tmp_path) for name in ("reader", "writer"))
    for number in (1, 2):
        told(writer, number)
        assert reader.read(INCIDENT, as_of=at(20))["killed_best"].tolist() == [number]
    before = reader.everything(INCIDENT, as_of=at(20))
    assert writer.compact(INCIDENT)
    pd.testing.assert_frame_equal(reader.everything(INCIDENT, as_of=at(20)), before)
    assert {one.record: one.files for one in reader.sizes()} == {"incident": 1, "delivery": 2}


def test_the_later_of_two_deliveries_goes_on(options: dict[str, str], url: str, tmp_path: Path) -> None:
    """Two machines' deliveries open at once: the earlier one is refused whole, and succeeds when repeated."""
    one, other = (machine(name, url, options, tmp_path) for name in ("one", "other"))
    told(one, 1)
    with one.delivery(source="a", at=at(9)) as early:
        told(other, 7, source="b")
        with pytest.raises(StoreError, match="Another machine"):
            early.append(INCIDENT, incidents([("i", day(3), "D1", 2)]), complete=True)
    assert one.read(INCIDENT, as_of=at(20))["killed_best"].tolist() == [1, 7]
    assert told(one, 2).read(INCIDENT, as_of=at(20))["killed_best"].tolist() == [2, 7]
    assert other.everything(DELIVERY, as_of=at(20))["recorded_at"].is_unique


def write_for_ever(url: str, options: dict[str, str], folder: Path, acknowledge: Connection) -> None:
    """Tell the last state stored, then deliver the next ones for ever and tell each once it is closed."""
    store = machine("writer", url, options, folder)
    number = assert_whole(store.read(INCIDENT, as_of=at(20)))
    acknowledge.send(number)
    while True:
        number += 1
        with store.delivery(source="a", at=at(9)) as delivery:
            delivery.append(INCIDENT, incidents(state(number)), complete=True)
            delivery.append(DELIVERY, delivery_row("a", delivery.batch, read=number), complete=False)
        acknowledge.send(number)


def write_some(name: str, url: str, options: dict[str, str], folder: Path) -> None:
    """Make two deliveries of a source of that name; each is repeated until no machine is in the way."""
    store = machine(name, url, options, folder)
    for number in (1, 2):
        while True:
            try:
                told(store, number, source=name)
            except StoreError:
                continue
            break


needs_fork = pytest.mark.skipif(sys.platform == "win32", reason="the fork server needs fork")


@pytest.fixture(scope="module")
def server() -> multiprocessing.context.ForkServerContext:
    """Give a fork server that has imported the store and never used it."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["deltalake", "filelock", "pytest", __name__, "workbench.store"])
    return found


@needs_fork
def test_killed_writers(
    options: dict[str, str], url: str, tmp_path: Path, server: multiprocessing.context.ForkServerContext
) -> None:
    """After each kill the bucket holds whole states up to the last acknowledged, or one more."""
    store = machine("reader", url, options, tmp_path)
    for kill in range(KILLS):
        ours, theirs = server.Pipe(duplex=False)
        writer = server.Process(target=write_for_ever, args=(url, options, tmp_path, theirs))
        writer.start()
        theirs.close()
        first = acknowledged = ours.recv()
        if kill:  # the first is killed while it makes its tables
            acknowledged = ours.recv()
        time.sleep(0.07 * (kill + 1))
        assert_whole(store.read(INCIDENT, as_of=at(20)))
        acknowledged = killed(writer, ours, acknowledged)
        assert_sound(store, acknowledged=acknowledged, closed=acknowledged if acknowledged > first else 0)
    assert acknowledged >= KILLS - 1


@needs_fork
def test_two_writers_at_once(
    options: dict[str, str], url: str, tmp_path: Path, server: multiprocessing.context.ForkServerContext
) -> None:
    """Two machines that deliver at once and repeat what is refused lose nothing and double nothing."""
    told(machine("first", url, options, tmp_path), 9, source="first")
    writers = [
        server.Process(target=write_some, args=(name, url, options, tmp_path)) for name in ("left", "right")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
        assert writer.exitcode == 0
    store = machine("reader", url, options, tmp_path)
    for source in ("left", "right"):
        assert store.history(INCIDENT, source=source, record_id="i")["killed_best"].tolist() == [1, 2]
    rows = store.everything(DELIVERY, as_of=at(20))
    assert sorted(zip(rows["source"], rows["read"], strict=True)) == [
        ("first", 9), *(("left", n) for n in (1, 2)), *(("right", n) for n in (1, 2)),
    ]  # fmt: skip
    assert rows["recorded_at"].is_unique


def test_a_place_is_tried(options: dict[str, str], url: str, tmp_path: Path) -> None:
    """A place that can be written passes as often as it is tried; a bucket that is not there is an error."""
    store = machine("here", url, options, tmp_path)
    store.try_writing()
    told(store, 1).try_writing()
    assert [one.record for one in store.sizes()] == ["delivery", "incident"]
    with pytest.raises(StoreError):
        machine("here", "s3://no-such-bucket/store", options, tmp_path).try_writing()


def test_storage_without_conditional_put_is_found_out(tmp_path: Path) -> None:
    """A server that ignores If-None-Match, where one machine's rows could replace another's, is refused."""
    with served(tmp_path / "s3", FORGETFUL) as given:
        store = machine("here", f"s3://{BUCKET}/store", given, tmp_path)
        with pytest.raises(StoreError, match="conditional put"):  # noqa: PT012 - by chance, so several times
            for _ in range(5):
                store.try_writing()
