"""The store against a model that keeps a full copy of every state it was ever in."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.incidents import INCIDENT, at, day, frame, incidents, told
from workbench.records import DTYPES, Kind
from workbench.store import Counts, Store

Content = tuple[date | None, str, int | None]
State = dict[tuple[str, str], Content]

CONTENTS = st.tuples(
    st.none() | st.integers(1, 4).map(day), st.sampled_from(["D1", "D2"]), st.none() | st.integers(0, 1)
)
DELIVERIES = st.lists(
    st.tuples(
        st.integers(-2, 2_000),  # microseconds by which the clock moves: back, not at all, over a millisecond
        st.sampled_from(["a", "b"]),
        st.dictionaries(st.sampled_from(["i1", "i2", "i3"]), CONTENTS),
        st.booleans(),
    ),
    min_size=1,
    max_size=7,
)
WINDOWS = (None, (day(1), day(2)), (day(2), day(3)))


@contextmanager
def new_store() -> Iterator[Store]:
    """Give a store in a folder of its own: a fixture would be shared by all examples."""
    with tempfile.TemporaryDirectory() as folder:
        yield Store(Path(folder, "store"), lock_folder=Path(folder))


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(deliveries=DELIVERIES)
def test_any_sequence_of_deliveries(
    deliveries: list[tuple[int, str, dict[str, Content], bool]],
) -> None:
    """At every instant and in every window the store knows what a full copy of that moment knows."""
    clock, last, now = at(9), datetime.min.replace(tzinfo=at(9).tzinfo), State()
    states: list[tuple[datetime, State]] = [(at(1), {})]
    withdrawn: set[tuple[str, str]] = set()
    with new_store() as store:
        for moved, source, rows, complete in deliveries:
            clock += timedelta(microseconds=moved)
            held = {(source, record_id): content for record_id, content in rows.items()}
            gone = {key for key in now if key[0] == source and key not in held} if complete else set()
            expected = Counts(
                new=sum(key not in now for key in held),
                changed=sum(key in now and now[key] != content for key, content in held.items()),
                withdrawn=len(gone),
                unchanged=sum(now.get(key) == content for key, content in held.items()),
            )
            with store.delivery(source=source, at=clock) as delivery:
                given_rows = incidents([(key, *rest) for key, rest in rows.items()], source=source)
                assert delivery.append(INCIDENT, given_rows, complete=complete) == expected
            now = {key: content for key, content in (now | held).items() if key not in gone}
            withdrawn |= gone
            if expected != Counts(unchanged=expected.unchanged):
                assert delivery.recorded_at == max(clock, last + timedelta(microseconds=1))
                last = delivery.recorded_at
                states.append((last, now))
        ends = [recorded_at - timedelta(microseconds=1) for recorded_at, _ in states[1:]] + [at(30)]
        for (recorded_at, state), end in zip(states, ends, strict=True):
            for window in WINDOWS:
                known = [
                    (*key, district, killed)
                    for key, (happened, district, killed) in sorted(state.items())
                    if window is None or (happened and window[0] <= happened <= window[1])
                ]
                for as_of in {recorded_at, end}:
                    assert told(store.read(INCIDENT, as_of=as_of, window=window)) == known
        for source, record_id in {*now, *withdrawn}:
            assert_chained(store.history(INCIDENT, source=source, record_id=record_id))


def assert_chained(history: pd.DataFrame) -> None:
    """Fail unless each revision supersedes the one before it and none is stored twice."""
    assert history["recorded_at"].is_unique
    assert history["prev_recorded_at"].tolist()[1:] == history["recorded_at"].tolist()[:-1]
    assert history["prev_recorded_at"].isna()[0]


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES: dict[Kind, st.SearchStrategy[object]] = {
    "text": TEXT,
    "free_text": TEXT,
    "code": TEXT,
    "codes": TEXT,
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False),
    "date": st.dates(),
    "instant": st.datetimes(timezones=st.just(at(1).tzinfo)),
    "boolean": st.booleans(),
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Store]:
    """One store for all examples: each stores the same record anew."""
    with new_store() as store:
        yield store


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(
    row=st.fixed_dictionaries(
        {column.name: st.none() | VALUES[column.kind] for column in INCIDENT.columns}
        | {"record_id": TEXT, "source": TEXT.filter(bool)}
    )
)
def test_any_row_comes_back_as_it_was(row: dict[str, object], shared: Store) -> None:
    """What a record type can hold is read back equal, found by its key, and unchanged if repeated."""
    rows, source, record_id = frame(INCIDENT, [row]), str(row["source"]), str(row["record_id"])
    with shared.delivery(source=source, at=at(9)) as delivery:
        delivery.append(INCIDENT, rows, complete=True)
    known = shared.read(INCIDENT, as_of=delivery.recorded_at, sources=(source,))
    pd.testing.assert_frame_equal(known[list(INCIDENT.names)], rows, check_exact=True)
    assert {name: str(kind) for name, kind in known.dtypes.items() if name in INCIDENT.names} == {
        column.name: DTYPES[column.kind] for column in INCIDENT.columns
    }
    last = shared.history(INCIDENT, source=source, record_id=record_id).tail(1).reset_index(drop=True)
    pd.testing.assert_frame_equal(last[list(INCIDENT.names)], rows, check_exact=True)
    with shared.delivery(source=source, at=at(9)) as delivery:
        assert delivery.append(INCIDENT, rows, complete=True) == Counts(unchanged=1)
