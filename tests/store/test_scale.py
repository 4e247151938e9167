"""What large stores do differently: choose what a delivery is compared with, count, and keep readings."""

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.incidents import INCIDENT, Told, at, day, incidents
from workbench.errors import StoreError
from workbench.store import Store, _held
from workbench.store._frames import difference, to_arrow
from workbench.store._standing import standing

IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3) | st.sampled_from(
    ["", "i", "-", "\ue000"]
)
ROWS = st.dictionaries(IDS, st.integers(0, 2), max_size=4)


def rows_of(held: dict[str, int]) -> list[Told]:
    """Return incidents that say a number each."""
    return [(record_id, day(3), "D1", number) for record_id, number in held.items()]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give one store for all examples: each adds to it."""
    folder = tmp_path_factory.mktemp("scale")
    return Store(folder / "store", lock_folder=folder)


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(held=ROWS, gone=st.booleans())
def test_a_delivery_compared_with_few_changes_the_same(
    held: dict[str, int],
    gone: bool,  # noqa: FBT001 - hypothesis gives it by name
    shared: Store,
) -> None:
    """Compared only with its own records, a delivery of any ids changes what it would compared with all."""
    given_rows = to_arrow(INCIDENT, incidents(rows_of(held)))
    table = shared._open(INCIDENT)
    if table is not None:
        few, every = (
            standing(table, given_rows, source="a", complete=False, small=small) for small in (-1, 10**9)
        )
        assert few.num_rows <= every.num_rows
        ours, theirs = (difference(given_rows, one, record=INCIDENT, complete=False) for one in (few, every))
        assert ours[1] == theirs[1]
        assert ours[0] == theirs[0]
    with shared.delivery(source="a", at=at(9)) as delivery:
        delivery.append(INCIDENT, incidents(rows_of(held)), complete=gone)
    with shared.delivery(source="b", at=at(9)) as delivery:
        delivery.append(INCIDENT, incidents(rows_of(held), source="b"), complete=False)


@settings(max_examples=6, deadline=None, derandomize=True, database=None)
@given(
    told=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["D1", "D2", None])), min_size=1, max_size=6),
    moved=st.integers(1, 4),
)
def test_counts_are_those_of_the_rows(
    told: list[tuple[int, str | None]], moved: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At every instant and in every window, counts by day and district are those of the rows read."""
    folder = tmp_path_factory.mktemp("counts")
    store = Store(folder / "store", lock_folder=folder)
    rows: list[Told] = [(f"i{number}", day(on), where, 1) for number, (on, where) in enumerate(told)]
    with store.delivery(source="a", at=at(1)) as delivery:
        delivery.append(INCIDENT, incidents(rows), complete=True)
    with store.delivery(source="a", at=at(2)) as delivery:
        delivery.append(INCIDENT, incidents([(rows[0][0], day(moved), "D1", 2), *rows[2:]]), complete=True)
    by = ["occurred_on", "district"]
    for as_of in (at(1) - timedelta(days=1), at(1), at(3)):
        for window in (None, (day(1), day(2))):
            read = store.read(INCIDENT, as_of=as_of, window=window)
            counted = store.counts(INCIDENT, as_of=as_of, window=window, by=by)
            expected = read.groupby(by, dropna=False).size().rename("records").reset_index()
            assert sorted(map(str, counted.to_numpy().tolist())) == sorted(
                map(str, expected.astype(counted.dtypes).to_numpy().tolist())
            )


def test_counts_of_nothing_and_of_no_such_column(store: Store) -> None:
    """Before the first delivery counts are an empty frame of the same columns; an unknown column is named."""
    with_window = {"as_of": at(9), "window": (date(2026, 11, 1), day(2))}
    empty = store.counts(INCIDENT, by=["district"], **with_window)
    assert (list(empty.columns), len(empty)) == (["district", "records"], 0)
    with store.delivery(source="a", at=at(1)) as delivery:
        delivery.append(INCIDENT, incidents(rows_of({"i": 1})), complete=True)
    assert store.counts(INCIDENT, by=["district"], as_of=at(9), window=None)["records"].tolist() == [1]
    assert (store.counts(INCIDENT, by=["district"], **with_window).dtypes == empty.dtypes).all()
    with pytest.raises(StoreError, match="no_such"):
        store.counts(INCIDENT, by=["no_such"], as_of=at(9), window=None)


def filled(folder: Path, *numbers: int) -> Store:
    """Return a store of one incident, revised once for each number."""
    store = Store(folder / "store", lock_folder=folder)
    for number in numbers:
        with store.delivery(source="a", at=at(number)) as delivery:
            delivery.append(INCIDENT, incidents(rows_of({"i": number})), complete=True)
    return store


def test_a_frame_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    """What a caller does to an answer, its columns or its index changes no later answer."""
    store = filled(tmp_path, 1)
    first = store.read(INCIDENT, as_of=at(9))
    kept = first.copy(deep=True)
    first.loc[0, "killed_best"] = 99
    first["district"] = "elsewhere"
    first.columns.name = "changed"
    first.index.name = "changed"
    first["added"] = 1
    pd.testing.assert_frame_equal(store.read(INCIDENT, as_of=at(9)), kept, check_names=True)
    assert store.read(INCIDENT, as_of=at(9)).columns.name is None


def test_answers_of_every_instant_are_their_own(tmp_path: Path) -> None:
    """Asked in any order, and again, each instant has its own answer, to the microsecond."""
    store = filled(tmp_path, 1, 3, 5)
    moments = {
        at(5): [5],
        at(3): [3],
        at(4): [3],
        at(1) - timedelta(microseconds=1): [],
        at(1): [1],
        at(30): [5],
    }
    moments |= {at(3) - timedelta(microseconds=1): [1], at(5) - timedelta(microseconds=1): [3]}
    for _ in range(2):
        for moment, known in moments.items():
            assert store.read(INCIDENT, as_of=moment)["killed_best"].tolist() == known
            assert store.read(INCIDENT, as_of=moment, sources=["b"]).empty
            assert len(store.everything(INCIDENT, as_of=moment)) == (max([0, *known]) + 1) // 2
            revisions = store.revisions(INCIDENT, as_of=moment, sources=None, columns=["killed_best"])
            assert revisions["killed_best"].tolist()[-1:] == known


def test_another_store_in_the_same_place_is_not_mistaken(tmp_path: Path) -> None:
    """A folder restored from a copy, at the same version, is read as it is now and not as it was."""
    one, other = filled(tmp_path / "one", 1, 2), filled(tmp_path / "other", 1, 4)
    assert one.read(INCIDENT, as_of=at(9))["killed_best"].tolist() == [2]
    shutil.rmtree(tmp_path / "one" / "store")
    assert one.read(INCIDENT, as_of=at(9)).empty
    shutil.copytree(tmp_path / "other" / "store", tmp_path / "one" / "store")
    assert one.read(INCIDENT, as_of=at(9))["killed_best"].tolist() == [4]
    assert other.read(INCIDENT, as_of=at(9))["killed_best"].tolist() == [4]


def test_a_table_lost_while_it_was_held_is_noticed(tmp_path: Path) -> None:
    """A log that loses its last commit, or gets an empty one, is never answered from memory."""
    store = filled(tmp_path, 1, 2)
    assert store.read(INCIDENT, as_of=at(9))["killed_best"].tolist() == [2]
    log = tmp_path / "store" / "incident" / "_delta_log"
    last = max(log.glob("*.json"))
    following = log / f"{int(last.stem) + 1:020}.json"
    following.touch()
    with pytest.raises(StoreError):
        store.read(INCIDENT, as_of=at(9))
    following.unlink()
    assert store.read(INCIDENT, as_of=at(9))["killed_best"].tolist() == [2]
    os.truncate(last, 0)
    with pytest.raises(StoreError):
        store.read(INCIDENT, as_of=at(9))


def test_what_is_held_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more bytes of answers are kept than said, the oldest go first, and large ones are not kept."""
    store = filled(tmp_path, 1, 2, 3)
    answers = _held.held(store.url, None)._answers
    one = store.read(INCIDENT, as_of=at(1)).shape
    size = answers._size
    assert size > 0
    monkeypatch.setattr(_held, "MOST", 2 * size + size // 2)
    for number in (2, 3, 1, 2):
        assert store.read(INCIDENT, as_of=at(number)).shape == one
        assert answers._size <= _held.MOST
    monkeypatch.setattr(_held, "LARGEST", 0)
    before = answers._size
    store.everything(INCIDENT, as_of=at(9))
    assert answers._size == before


def test_the_store_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`workbench store compact` makes many files one and says of which tables; `status` counts them."""
    from tests.pull_office import office_in
    from workbench.cli import app

    office = office_in(tmp_path)
    store = Store(office.path(office.store), lock_folder=office.path(office.store))
    for number in (1, 2, 3):
        with store.delivery(source="log", at=at(number)) as delivery:
            delivery.append(INCIDENT, incidents(rows_of({"i": number}), source="log"), complete=True)
    said = []
    for command in (["status"], ["compact"], ["compact", "--remove-after", "7"], ["status"]):
        app(["store", *command, "--office", str(tmp_path)], standalone_mode=False)
        said.append(capsys.readouterr().out.split())
    assert said[0][-10:] == ["incident", "3", "3", "0.0", "0", "all", "3", "3", "0.0", "0"]
    assert said[1] == ["Compacted:", "incident."]
    assert " ".join(said[2]).startswith("Compacted: no table has more files than it needs. Removed 0 files")
    assert said[3][-10:] == ["incident", "3", "1", "0.0", "3", "all", "3", "1", "0.0", "3"]
    assert len(store.everything(INCIDENT, as_of=at(9))) == 3
