"""Non-interference of packs: stores that differ in what readers may not read make the same files."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from random import Random

import pandas as pd
import pyarrow as pa
import pytest

from tests.conftest import copy_of
from workbench.audience import labelled, may_read
from workbench.config import Office
from workbench.publish import Order, publish
from workbench.records import RecordType, record_names, record_type
from workbench.view import store_of

CASES = 50 if os.environ.get("WORKBENCH_LONG") == "1" else 3
EDITIONS = (
    ("public_summary", "public"),
    ("weekly_conflict", "partners"),
    ("district_profile", "internal"),
    ("weekly_conflict", "unct"),
)
KEPT = frozenset({"record_id", "source", "level", "compartments", "listable", "record", "file"})
STANDING = frozenset({"duplicate_decision", "label_change"})
"""What they decide holds for all who read the rows, so only what is said of it is changed."""

BASES: dict[str, dict[str, bytes]] = {}


@pytest.mark.parametrize("case", range(CASES))
def test_a_pack_is_as_it_was_whatever_changes_unseen(
    case: int, sample_office: Office, tmp_path: Path
) -> None:
    """
    Records that an audience may not read are changed, removed and added all over the sample's store: its
    pack, manifest and signature, and all else in its folder have the same bytes. 50 with WORKBENCH_LONG=1.
    """
    briefing, audience = EDITIONS[case % len(EDITIONS)]
    if audience not in BASES:
        BASES[audience] = files_of(copy_of(sample_office, tmp_path / "as_it_was"), briefing, audience)
    office = copy_of(sample_office, tmp_path / "changed")
    done = Counter[str]()
    draw = Random(case)  # noqa: S311 - a drawing, not a secret
    for name in record_names():
        done += disturb(office, record_type(name), audience, draw)
    assert min(done[what] for what in ("changed", "removed", "added", "books")) > 3, done
    found = files_of(office, briefing, audience)
    assert {name.rpartition("/")[2] for name in found} >= {"manifest.json", "manifest.sig"}
    assert sorted(found) == sorted(BASES[audience])
    assert [name for name in found if found[name] != BASES[audience][name]] == []


def files_of(office: Office, briefing: str, audience: str) -> dict[str, bytes]:
    """Publish an edition of the sample week and return every file in the folder of its readers."""
    order = Order(briefing, "kestara", "2026-W46", audience, "en", office.now())
    publish(office, store_of(office), order, progress=lambda _: None)
    folder = office.path(office.outputs) / audience
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def disturb(office: Office, record: RecordType, audience: str, draw: Random) -> Counter[str]:
    """Rewrite a table with other values in hidden records, some of them gone and some more; say how many."""
    from deltalake import DeltaTable, QueryBuilder, write_deltalake

    folder = office.path(office.store) / record.name
    if not folder.exists():
        return Counter()
    delta = DeltaTable(str(folder))
    found = pa.table(QueryBuilder().register("revisions", delta).execute("SELECT * FROM revisions"))
    rows, done = found.to_pylist(), Counter[str]()
    if record.name == "delivery":
        for row in rows:
            row |= {name: draw.randint(0, 99) for name in ("new", "changed", "withdrawn", "unchanged")}
            row |= {name: draw.randint(0, 99) for name in ("read", "unmatched")}
            row |= {"digest": f"{draw.getrandbits(200):050x}"}
            done["books"] += 1
    else:
        hidden = unread(office, record, audience, found)
        rows, done = disturbed(record, rows, hidden, draw)
    shutil.rmtree(folder)
    write_deltalake(str(folder), pa.Table.from_pylist(rows, schema=found.schema))
    return done


def unread(office: Office, record: RecordType, audience: str, found: pa.Table) -> set[tuple[str, str]]:
    """Return the records of which the audience may read no revision and whose label was never lowered."""
    columns = ["source", "record_id", "level", "compartments", "listable"]
    rows = found.select(columns).to_pandas().astype(dict.fromkeys(columns[:4], "str"))
    rows["listable"] = rows["listable"].astype("boolean")
    opened = may_read(labelled(rows, office.source, record), office.audience_called(audience))
    if record.sealed:
        opened[:] = False
    keys = pd.MultiIndex.from_frame(rows[["source", "record_id"]])
    return {key for key in set(keys) - set(keys[opened]) if key not in lowered(office)}


def lowered(office: Office) -> set[tuple[str, str]]:
    """Return the records that an act on record is about."""
    acts = store_of(office).read(record_type("label_change"), as_of=office.now())
    return set(zip(acts["changed_source"], acts["changed_id"], strict=True))


def disturbed(
    record: RecordType, rows: list[dict[str, object]], hidden: set[tuple[str, str]], draw: Random
) -> tuple[list[dict[str, object]], Counter[str]]:
    """Return the rows with the hidden ones changed, a fifth of them gone, and a fifth twice."""
    done = Counter[str]()
    fates = {
        key: draw.choice(["removed", "added", "changed", "changed", "changed"]) for key in sorted(hidden)
    }
    if record.name in STANDING | {"risk_line"}:  # a measure names its line
        fates = dict.fromkeys(fates, "changed")
    free = [
        column.name
        for column in record.columns
        if column.kind in {"text", "free_text", "integer", "number"}
        and column.name not in KEPT
        and not (column.refers_to or column.vocabulary)
        and (record.name not in STANDING or column.name in {"decided_by", "changed_by", "reason"})
    ]
    kept = []
    for row in rows:
        fate = fates.get((str(row["source"]), str(row["record_id"])))
        done[fate or "left"] += 1
        if fate == "removed":
            continue
        kept.append(row)
        if fate is None:
            continue
        for name in draw.sample(free, min(3, len(free))):
            row[name] = another(row[name], draw)
        if fate == "added":
            kept.append(row | {"record_id": f"{row['record_id']}-{draw.getrandbits(30)}"})
    return kept, done


def another(value: object, draw: Random) -> object:
    """Return another value of the same kind; of none, none."""
    if isinstance(value, str):
        return f"Zq{draw.getrandbits(60):015x} was told"
    if isinstance(value, int):
        return value + draw.randint(1, 3)
    return value + draw.random() if isinstance(value, float) else value
