"""What a table's log says, read by hand, held against delta-rs itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import StoreError
from workbench.upkeep._tables import LOG, tables_at


def append(folder: Path, number: int) -> None:
    """Commit one row."""
    write_deltalake(str(folder), pa.table({"n": [number]}), mode="append")


def named(folder: Path) -> set[str]:
    """Return the names of the data files that delta-rs finds in a table."""
    return {Path(unquote(one)).name for one in DeltaTable(str(folder)).file_uris()}


@settings(max_examples=12)
@given(steps=st.lists(st.sampled_from(["append", "compact", "checkpoint", "clean"]), max_size=8))
def test_a_log_read_by_hand_names_the_files_that_delta_rs_reads(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After appends, compactions, checkpoints and removal of what those cover; and in a copy."""
    store = tmp_path_factory.mktemp("store")
    folder = store / "incident"
    append(folder, 0)
    for number, step in enumerate(steps, start=1):
        table = DeltaTable(str(folder))
        if step == "append":
            append(folder, number)
        elif step == "compact":
            table.optimize.compact()
        elif step == "checkpoint":
            table.create_checkpoint()
        else:  # as delta-rs does after the days of its retention
            covered = [int(one.name[:20]) for one in (folder / LOG).glob("*.checkpoint.parquet")]
            for one in (folder / LOG).glob("*.json"):
                if covered and int(one.stem) <= max(covered) and int(one.stem) < table.version():
                    one.unlink()
    (found,) = tables_at(store)
    assert {Path(one).name for one in found.files} == named(folder)
    assert found.version == DeltaTable(str(folder)).version()
    copy = store / "copy" / "incident"
    (copy / LOG).mkdir(parents=True)
    for name, body in found.log.items():
        (copy / LOG / name).write_bytes(body)
    for one in found.files:
        shutil.copy(folder / one, copy / one)
    assert named(copy) == named(folder)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("00000000000000000001.json", b"", "empty or damaged"),
        ("00000000000000000002.json", b"{}", "lacks a commit"),
        ("00000000000000000001.json", b'{"add": {"path": "..%2F..%2Fsecret"}}', "outside of it"),
        (
            "00000000000000000001.json",
            b'{"add": {"path": "a", "deletionVector": {"x": 1}}}',
            "Another program",
        ),
    ],
)
def test_a_log_that_cannot_be_followed_is_refused(tmp_path: Path, name: str, body: bytes, said: str) -> None:
    """An empty, missing or strange commit ends the backup: it would hold less than the store, or more."""
    append(tmp_path / "incident", 0)
    (tmp_path / "incident" / LOG / name).write_bytes(body)
    with pytest.raises(StoreError, match=said):
        tables_at(tmp_path)
