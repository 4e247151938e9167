from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from tests.store.incidents import DELIVERY, INCIDENT, at, day, delivery_row, incidents, told
from workbench.config import Level
from workbench.errors import StoreError
from workbench.records import DTYPES, Column, RecordType, empty
from workbench.store import Counts, Store

NOTE = Column(name="note", kind="integer", meaning="A later idea.", level=Level.PUBLIC, compartments=())
GROWN = replace(INCIDENT, columns=(*INCIDENT.columns, NOTE))

HALVES = pd.StringDtype("python", na_value=float("nan"))  # a str that can hold half a character


def deliver(store: Store, rows: pd.DataFrame, *, number: int = 9, record: RecordType = INCIDENT) -> Counts:
    """Make one complete delivery of source "a" on a day of November at six, and return its counts."""
    with store.delivery(source="a", at=at(number)) as delivery:
        return delivery.append(record, rows, complete=True)


# -- writing ---------------------------------------------------------------------------------------------


def test_counts_say_what_a_delivery_changed(store: Store) -> None:
    """New, changed, withdrawn and unchanged records are counted; a re-instated record counts as new."""
    first = [("i1", day(3), "D1", 1), ("i2", day(3), "D1", None), ("i3", day(3), "D1", 3)]
    second = [("i1", day(3), "D1", 2), ("i2", day(3), "D1", None), ("i4", day(3), "D1", 4)]
    third = [*second, ("i3", day(3), "D1", 3)]
    assert deliver(store, incidents(first)) == Counts(new=3)
    assert deliver(store, incidents(second)) == Counts(new=1, changed=1, withdrawn=1, unchanged=1)
    assert deliver(store, incidents(third)) == Counts(new=1, unchanged=3)


def test_a_delivery_that_changes_nothing_commits_nothing(store: Store) -> None:
    """A repeated delivery leaves the table at its version: nothing to read, keep or back up."""
    rows = incidents([("i1", day(3), "D1", 1)])
    deliver(store, rows)
    version = DeltaTable(f"{store.url}/incident").version()
    assert deliver(store, rows, number=10) == Counts(unchanged=1)
    assert DeltaTable(f"{store.url}/incident").version() == version


def test_empty_delivery_to_an_empty_store(store: Store) -> None:
    """Nothing delivered to nothing stored is no error and makes no table."""
    assert deliver(store, empty(INCIDENT)) == Counts()
    assert not DeltaTable.is_deltatable(f"{store.url}/incident")


def test_every_column_is_compared(store: Store) -> None:
    """A difference in any one column of the record, and missing against present, is a revision."""
    rows = incidents([("i1", day(3), "D1", 1)])
    deliver(store, rows)
    other = {
        "text": "x", "free_text": "x", "code": "x", "codes": "x", "integer": 7, "number": 0.5,
        "date": pd.Timestamp(day(20)), "instant": pd.Timestamp(at(20)), "boolean": False,
    }  # fmt: skip
    for column in INCIDENT.columns[2:]:
        rows = rows.assign(**{column.name: pd.Series([other[column.kind]], dtype=DTYPES[column.kind])})
        assert deliver(store, rows) == Counts(changed=1), column.name


def test_recorded_at_follows_every_source_and_table(store: Store) -> None:
    """recorded_at is later than that of any earlier delivery, to the microsecond, whatever it held."""
    clock = at(9, microsecond=123_456)
    seen = []
    for source, record in (("a", INCIDENT), ("b", DELIVERY), ("a", DELIVERY), ("c", INCIDENT)):
        rows = incidents([("i1", day(3), "D1", 1)], source=source)
        with store.delivery(source=source, at=clock) as delivery:
            delivery.append(
                record, rows if record is INCIDENT else delivery_row(source, delivery.batch), complete=False
            )
        seen.append(delivery.recorded_at)
    assert seen == [clock + timedelta(microseconds=step) for step in range(4)]


def test_recorded_at_is_later_even_than_a_table_without_commit_metadata(store: Store, tmp_path: Path) -> None:
    """A table that another program rewrote keeps its place in time: the clock is found in its rows."""
    clock = at(9, microsecond=999_999)
    with store.delivery(source="a", at=clock) as delivery:
        delivery.append(INCIDENT, incidents([("i1", day(3), "D1", 1)]), complete=True)
    written = [pq.read_table(file) for file in Path(store.url, "incident").glob("*.parquet")]
    moved = Store(tmp_path / "moved", lock_folder=tmp_path / "locks")
    write_deltalake(f"{moved.url}/incident", written[0])
    with moved.delivery(source="a", at=at(8)) as delivery:
        assert delivery.recorded_at == clock + timedelta(microseconds=1)


def test_batches_are_numbered_for_each_source(store: Store) -> None:
    """A source's deliveries are numbered from 1, also after one that was cut off before its end."""
    for expected, source in ((1, "a"), (1, "b"), (2, "a"), (3, "a")):
        with store.delivery(source=source, at=at(9)) as delivery:
            assert delivery.batch == expected
            rows = incidents([("i1", day(3), "D1", expected)], source=source)
            delivery.append(INCIDENT, rows, complete=True)


def test_batches_and_clock_survive_a_checkpoint(store: Store) -> None:
    """When Delta folds its log into a checkpoint, numbers and instants go on from where they were."""
    deliver(store, incidents([("i1", day(3), "D1", 1)]))
    DeltaTable(f"{store.url}/incident").create_checkpoint()
    for file in Path(store.url, "incident", "_delta_log").glob("*.json"):
        file.unlink()
    with store.delivery(source="a", at=at(1)) as delivery:
        assert (delivery.batch, delivery.recorded_at) == (2, at(9, microsecond=1))


def test_instants_of_any_zone(store: Store) -> None:
    """A clock of another time zone is stored and asked for as the instant it is."""
    maputo = timezone(timedelta(hours=2))
    with store.delivery(source="a", at=datetime(2026, 11, 9, 8, tzinfo=maputo)) as delivery:
        delivery.append(INCIDENT, incidents([("i1", day(3), "D1", 1)]), complete=True)
    assert delivery.recorded_at == at(9, 6)
    assert delivery.recorded_at.tzinfo is UTC
    assert store.read(INCIDENT, as_of=at(9, 6)).equals(
        store.read(INCIDENT, as_of=datetime(2026, 11, 9, 8, tzinfo=maputo))
    )


def test_instants_without_a_zone_are_refused(store: Store) -> None:
    """A clock without a time zone could be any of 24 hours."""
    with pytest.raises(StoreError, match="without a time zone"):
        store.read(INCIDENT, as_of=datetime(2026, 11, 9))  # noqa: DTZ001 - that is the case
    with (
        pytest.raises(StoreError, match="without a time zone"),
        store.delivery(source="a", at=datetime(2026, 11, 9)),  # noqa: DTZ001 - that is the case
    ):
        pass


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda rows: rows.drop(columns="district"), "district"),
        (lambda rows: rows.assign(file="log.csv"), "file"),
        (lambda rows: rows.assign(killed_best=1.0), "killed_best is float64; expected Int64"),
        (lambda rows: rows.assign(district=7), "district is int64; expected str"),
        (lambda rows: pd.concat([rows, rows], ignore_index=True), "same record_id"),
        (lambda rows: rows.assign(record_id=pd.Series([None], dtype="str")), "no record_id"),
        (lambda rows: rows.assign(source=pd.Series(["secret"], dtype="str")), "another source"),
        (lambda rows: rows.assign(notes=pd.Series(["secret \ud800"], dtype=HALVES)), "notes"),
    ],
)
def test_rows_that_are_not_the_records_are_refused(
    spoil: Callable[[pd.DataFrame], pd.DataFrame], named: str, store: Store
) -> None:
    """Other columns or types, doubled or missing keys and broken text are refused by name, without values."""
    rows = spoil(incidents([("i1", day(3), "D1", 1)]))
    with pytest.raises(StoreError, match=named) as refusal:
        deliver(store, rows)
    assert "secret" not in str(refusal.value)
    assert store.read(INCIDENT, as_of=at(20)).empty


def test_one_record_type_once_a_delivery(store: Store) -> None:
    """Two revisions of one record with the same recorded_at cannot be: the second append is refused."""
    with store.delivery(source="a", at=at(9)) as delivery:
        delivery.append(INCIDENT, incidents([("i1", day(3), "D1", 1)]), complete=False)
        with pytest.raises(StoreError, match="already holds incident"):
            delivery.append(INCIDENT, incidents([("i1", day(3), "D1", 2)]), complete=False)


def test_a_closed_delivery_takes_nothing(store: Store) -> None:
    """Outside its with block a delivery holds no lock, so it writes nothing."""
    with store.delivery(source="a", at=at(9)) as delivery:
        pass
    with pytest.raises(StoreError, match="closed"):
        delivery.append(INCIDENT, incidents([]), complete=True)


# -- reading ---------------------------------------------------------------------------------------------


def test_an_empty_store_reads_as_empty_frames(store: Store) -> None:
    """Before the first delivery every question has an answer of the right shape, and nothing is created."""
    rows = store.read(INCIDENT, as_of=at(9), window=(day(2), day(8)), sources=("a",))
    assert list(rows.columns) == [*INCIDENT.names, "recorded_at"]
    assert rows.empty
    assert store.history(INCIDENT, source="a", record_id="i1").empty
    assert store.cut_off(at(9)) is None
    assert not Path(store.url).exists()


def test_rows_read_have_the_types_of_records(store: Store) -> None:
    """Frames have exactly the columns and types of records.DTYPES, with rows, without, and before any."""
    frames = [store.read(INCIDENT, as_of=at(9))]
    deliver(store, incidents([("i2", day(3), "D1", None), ("i1", None, "D1", 1)]))
    frames += [store.read(INCIDENT, as_of=at(9)), store.read(INCIDENT, as_of=at(8))]
    expected = {column.name: DTYPES[column.kind] for column in INCIDENT.columns}
    for rows in frames:
        assert {name: str(kind) for name, kind in rows.dtypes.items()} == {
            **expected,
            "recorded_at": "datetime64[us, UTC]",
        }
        assert list(rows.index) == list(range(len(rows)))


def test_rows_are_sorted_by_source_and_record_id(store: Store) -> None:
    """The order does not depend on the order of delivery: the same state is the same frame."""
    for source, ids in (("b", "i2 i10 i1"), ("a", "z é A a")):
        with store.delivery(source=source, at=at(9)) as delivery:
            rows = incidents([(one, day(3), "D1", 1) for one in ids.split()], source=source)
            delivery.append(INCIDENT, rows, complete=True)
    known = [(source, record_id) for source, record_id, *_ in told(store.read(INCIDENT, as_of=at(10)))]
    assert known == [("a", "A"), ("a", "a"), ("a", "z"), ("a", "é"), ("b", "i1"), ("b", "i10"), ("b", "i2")]


def test_only_the_sources_asked_for(store: Store) -> None:
    """`sources` narrows to those named; an unknown one has no rows, and none named means none."""
    for source in "ab":
        with store.delivery(source=source, at=at(9)) as delivery:
            rows = incidents([("i1", day(3), "D1", 1)], source=source)
            delivery.append(INCIDENT, rows, complete=True)
    assert [row[0] for row in told(store.read(INCIDENT, as_of=at(10), sources=("b",)))] == ["b"]
    assert [row[0] for row in told(store.read(INCIDENT, as_of=at(10), sources=("b", "a")))] == ["a", "b"]
    assert store.read(INCIDENT, as_of=at(10), sources=("c",)).empty
    assert store.read(INCIDENT, as_of=at(10), sources=()).empty


def test_history_holds_every_revision(store: Store) -> None:
    """History is oldest first, each revision naming the one before; a withdrawal keeps the last words."""
    for number, killed in ((9, 1), (10, 1), (11, 5)):
        deliver(store, incidents([("i1", day(3), "D1", killed)]), number=number)
    deliver(store, incidents([]), number=12)
    deliver(store, incidents([("i1", day(3), "D1", 5)]), number=13)
    history = store.history(INCIDENT, source="a", record_id="i1")
    assert list(history.columns) == [
        *INCIDENT.names,
        "recorded_at",
        "prev_recorded_at",
        "retracted",
        "batch",
    ]
    assert history["recorded_at"].tolist() == [at(9), at(11), at(12), at(13)]
    assert history["prev_recorded_at"].isna().tolist() == [True, False, False, False]
    assert history["prev_recorded_at"][1:].tolist() == [at(9), at(11), at(12)]
    assert history["retracted"].tolist() == [False, False, True, False]
    assert history["killed_best"].tolist() == [1, 5, 5, 5]
    assert history["batch"].tolist() == [1, 2, 3, 4]


def test_text_is_never_read_as_sql(store: Store) -> None:
    """Quotes in a record_id are letters like any other."""
    for record_id in ("it's", "' OR true --", '"', "\\'", "'; DROP TABLE revisions"):
        assert store.history(INCIDENT, source="a", record_id=record_id).empty
        with store.delivery(source="a' OR 'b", at=at(9)) as delivery:
            rows = incidents([(record_id, day(3), "D1", 1)], source="a' OR 'b")
            delivery.append(INCIDENT, rows, complete=True)
        assert len(store.history(INCIDENT, source="a' OR 'b", record_id=record_id)) == 1
        assert len(store.read(INCIDENT, as_of=at(9, 23), sources=("a' OR 'b",))) == 1


def test_cut_off_is_the_last_completed_delivery(store: Store) -> None:
    """A delivery counts once its `delivery` row is there, and from its recorded_at on."""
    for number, completed in ((9, True), (10, True), (11, False)):
        with store.delivery(source="a", at=at(number)) as delivery:
            delivery.append(INCIDENT, incidents([("i1", day(3), "D1", number)]), complete=True)
            if completed:
                delivery.append(DELIVERY, delivery_row("a", delivery.batch), complete=False)
    assert store.cut_off(at(8)) is None
    assert store.cut_off(at(9)) == at(9)
    assert store.cut_off(at(10, 5)) == at(9)
    assert store.cut_off(at(12)) == at(10)


def test_readers_need_no_lock(store: Store) -> None:
    """While a delivery is open, readers read, and see each of its commits whole as soon as it is made."""
    deliver(store, incidents([("i1", day(3), "D1", 1)]))
    with store.delivery(source="a", at=at(10)) as delivery:
        assert told(store.read(INCIDENT, as_of=at(20))) == [("a", "i1", "D1", 1)]
        delivery.append(INCIDENT, incidents([("i1", day(3), "D1", 2)]), complete=True)
        assert told(store.read(INCIDENT, as_of=at(20))) == [("a", "i1", "D1", 2)]


# -- record types that change ----------------------------------------------------------------------------


def test_a_record_type_may_gain_a_column(store: Store) -> None:
    """Old revisions read as missing there; only rows that have a value become revisions."""
    deliver(store, incidents([("i1", day(3), "D1", 1), ("i2", day(3), "D1", 2)]))
    assert store.read(GROWN, as_of=at(9))["note"].isna().all()
    rows = incidents([("i1", day(3), "D1", 1), ("i2", day(3), "D1", 2)])
    rows = rows.assign(note=pd.Series([7, None], dtype="Int64"))
    assert deliver(store, rows, record=GROWN, number=10) == Counts(changed=1, unchanged=1)
    assert store.read(GROWN, as_of=at(9))["note"].isna().all()
    assert store.read(GROWN, as_of=at(10))["note"].tolist() == [7, pd.NA]
    assert deliver(store, rows, record=GROWN, number=11) == Counts(unchanged=2)


def test_a_record_type_may_lose_a_column(store: Store) -> None:
    """An older workbench, which does not know the column, reads and writes the table all the same."""
    rows = incidents([("i1", day(3), "D1", 1)])
    deliver(store, rows.assign(note=pd.Series([7], dtype="Int64")), record=GROWN)
    assert list(store.read(INCIDENT, as_of=at(9)).columns) == [*INCIDENT.names, "recorded_at"]
    assert deliver(store, incidents([("i1", day(3), "D1", 2)]), number=10) == Counts(changed=1)
    assert store.read(GROWN, as_of=at(9))["note"].tolist() == [7]


def test_a_column_keeps_its_type(store: Store) -> None:
    """A column that changed its kind is refused by name, for readers as for writers."""
    deliver(store, incidents([("i1", day(3), "D1", 1)]))
    district = replace(INCIDENT.column("district"), kind="integer")
    other = replace(
        INCIDENT, columns=tuple(district if c.name == "district" else c for c in INCIDENT.columns)
    )
    with pytest.raises(StoreError, match="Column district"):
        store.read(other, as_of=at(9))


def test_names_of_the_store_are_its_own(store: Store) -> None:
    """A record type cannot have a column that the store writes itself."""
    batch = replace(NOTE, name="batch")
    with pytest.raises(StoreError, match="batch"):
        store.history(replace(INCIDENT, columns=(*INCIDENT.columns, batch)), source="a", record_id="i1")


# -- two writers, damage, places -------------------------------------------------------------------------


def test_a_second_writer_waits_and_says_for_what(store: Store) -> None:
    """While a delivery is open another one, of any source, waits; out of time it names the lock file."""
    with (
        store.delivery(source="a", at=at(9)),
        pytest.raises(StoreError, match=r"store\.lock"),
        store.delivery(source="b", at=at(9)),
    ):
        pass
    with store.delivery(source="b", at=at(9)) as delivery:
        assert delivery.batch == 1


def test_an_error_in_a_delivery_frees_the_lock(store: Store) -> None:
    """What was appended before an error stays, the error passes, and the next delivery opens at once."""

    def fail_halfway() -> None:
        with store.delivery(source="a", at=at(9)) as delivery:
            delivery.append(INCIDENT, incidents([("i1", day(3), "D1", 1)]), complete=True)
            raise KeyError

    with pytest.raises(KeyError):
        fail_halfway()
    assert deliver(store, incidents([("i1", day(3), "D1", 1)])) == Counts(unchanged=1)


@pytest.mark.parametrize("other", ["a", "b"])
def test_a_writer_past_the_lock_is_refused(other: str, store: Store, tmp_path: Path) -> None:
    """Two machines with separate lock folders cannot both write a table: the later one is refused whole."""
    deliver(store, incidents([("i1", day(3), "D1", 1)]))
    elsewhere = Store(store.url, lock_folder=tmp_path / "elsewhere")
    with store.delivery(source="a", at=at(10)) as ours:
        with elsewhere.delivery(source=other, at=at(10)) as theirs:
            theirs.append(INCIDENT, incidents([("i1", day(3), "D1", 2)], source=other), complete=True)
        with pytest.raises(StoreError, match="lock folder"):
            ours.append(INCIDENT, incidents([("i1", day(3), "D1", 3)]), complete=True)
    known = {source: killed for source, *_, killed in told(store.read(INCIDENT, as_of=at(20)))}
    assert known == {"a": 1} | {other: 2}


def test_an_unusable_lock_folder(tmp_path: Path) -> None:
    """A lock folder that cannot be made is named."""
    tmp_path.joinpath("file").write_text("", encoding="utf-8")
    store = Store(tmp_path / "store", lock_folder=tmp_path / "file" / "locks")
    with pytest.raises(StoreError, match=r"store\.lock"), store.delivery(source="a", at=at(9)):
        pass


def _first(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a data file is gone": lambda table: _first(table, "*.parquet").unlink(),
    "a data file is cut": lambda table: _first(table, "*.parquet").write_bytes(b"PAR1secret"),
    "a data file is empty": lambda table: _first(table, "*.parquet").write_bytes(b""),
    "the first commit is gone": lambda table: _first(table, "_delta_log/*0.json").unlink(),
    "a commit between is gone": lambda table: _first(table, "_delta_log/*1.json").unlink(),
    "a commit is cut": lambda table: _first(table, "_delta_log/*2.json").write_bytes(b'{"add": "secret'),
    "the last commit is empty": lambda table: _first(table, "_delta_log/*2.json").write_bytes(b""),
    "the log is gone": lambda table: [file.unlink() for file in table.glob("_delta_log/*")],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_table_is_an_error(damage: str, store: Store) -> None:
    """Damage never reads as fewer rows: readers and writers get a StoreError that names the table."""
    for number in (9, 10):
        deliver(store, incidents([("i1", day(3), "D1", number)]), number=number)
    DAMAGE[damage](Path(store.url, "incident"))
    with pytest.raises(StoreError, match="incident") as error:
        store.read(INCIDENT, as_of=at(20))
    assert "secret" not in str(error.value)
    with pytest.raises(StoreError, match="incident"):
        deliver(store, incidents([("i1", day(3), "D1", 11)]), number=11)


def test_nothing_else_can_edit_the_tables(store: Store) -> None:
    """The tables are append-only for every program that keeps to the Delta protocol."""
    deliver(store, incidents([("i1", day(3), "D1", 1)]))
    with pytest.raises(Exception, match="append-only"):
        DeltaTable(f"{store.url}/incident").delete()


@pytest.mark.parametrize("name", ["with space", "Büro", "مكتب", "50% done", "a#b", "a'b"])
def test_store_folders_of_any_name(name: str, tmp_path: Path) -> None:
    """Folder names that offices use work, whatever their letters."""
    store = Store(tmp_path / name / "store", lock_folder=tmp_path / name)
    deliver(store, incidents([("i1", day(3), "D1", 1)]))
    assert len(store.read(INCIDENT, as_of=at(9))) == 1
    assert (tmp_path / name / "store" / "incident" / "_delta_log").is_dir()


@pytest.mark.parametrize("name", ["a%20b", "[new]", "a|b", "a^b"])
def test_store_folders_that_cannot_be_reached(name: str, tmp_path: Path) -> None:
    """Names the storage library would take for another folder, or break on, are refused at once."""
    with pytest.raises(StoreError, match="Move the office"):
        Store(tmp_path / name, lock_folder=tmp_path)


def test_a_store_by_its_url(tmp_path: Path) -> None:
    """A URL and a local path of the same place are the same store."""
    by_path = Store(tmp_path / "store", lock_folder=tmp_path)
    by_url = Store((tmp_path / "store").as_uri(), lock_folder=tmp_path)
    deliver(by_url, incidents([("i1", day(3), "D1", 1)]))
    assert told(by_path.read(INCIDENT, as_of=at(9))) == told(by_url.read(INCIDENT, as_of=at(9)))
    assert len(by_path.read(INCIDENT, as_of=at(9))) == 1
