"""
Saved views: a folder of `view.json` and Parquet files.

The same rows give the same bytes, and the digest of `view.json` names them all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from workbench.config import Week
from workbench.errors import StoreError
from workbench.records import DTYPES, record_type
from workbench.view._counts import COUNT_TYPES
from workbench.view._seen import (
    SOURCE_TIMES,
    AreaSeen,
    AudienceSeen,
    OfficeSeen,
    RequiredContactSeen,
    RiskSeen,
    View,
)

_FORMAT = 2
_WHEN = frozenset({"as_of", "compared_with", "snapshots"})
"""What a pull that brings nothing new changes all the same."""

_REVISION = dict.fromkeys(("recorded_at", "known_until"), "datetime64[us, UTC]")


def save(view: View, folder: Path) -> str:
    """Write the view into the empty `folder` and return its digest (SHA-256, hex)."""
    folder.mkdir(parents=True, exist_ok=True)
    digests = {}
    for name, frame in _frames(view).items():
        content = _parquet(frame)
        (folder / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    head = _head(view) | {"files": digests}
    content = (json.dumps(head, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    (folder / "view.json").write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def content_digest(view: View) -> str:
    """
    Return a digest of what a view tells, whenever it was pulled: without as-of, times of delivery, snapshots.

    Two views with the same digest differ in nothing a reader could act on. It does not depend on the
    versions of the libraries that write the files.
    """
    head = {name: value for name, value in _head(view).items() if name not in _WHEN}
    told = hashlib.sha256(json.dumps(head, ensure_ascii=False, sort_keys=True).encode())
    for name, frame in _frames(view).items():
        kept = frame.drop(columns=["delivered_at", "read"], errors="ignore")
        told.update(name.encode())
        # `before` is what an issue is compared with, which stays that of its first version
        if not name.endswith(".before.parquet"):
            for part in _as_told(pa.Table.from_pandas(kept, preserve_index=False)):
                told.update(part)
    return told.hexdigest()


def read(folder: Path) -> View:
    """Return the view saved in `folder`; raises StoreError if a file is missing or was altered."""
    try:
        head = json.loads((folder / "view.json").read_text(encoding="utf-8"))
        frames = {}
        for name, digest in head["files"].items():
            content = (folder / name).read_bytes()
            if hashlib.sha256(content).hexdigest() != digest:
                raise StoreError(f"{name} of the view was altered after it was saved. Make the view again.")
            frame = pq.read_table(BytesIO(content)).to_pandas()
            # without any, their names have no type
            frames[name] = frame.set_axis(frame.columns.astype("str"), axis=1)
    except (OSError, ValueError, KeyError) as problem:
        raise StoreError(f"The folder given is not a saved view ({type(problem).__name__}).") from None
    if head["format"] != _FORMAT:
        raise StoreError("The view was saved by another version of the workbench. Make it again.")
    districts = frames.pop("districts.parquet")
    districts["geometry"] = shapely.from_wkb(districts["geometry"])
    sources = frames.pop("sources.parquet").astype(SOURCE_TIMES)
    tables = {}
    for name, frame in frames.items():
        stem = name.removesuffix(".parquet")
        if stem == "count":
            tables[stem] = frame.astype(COUNT_TYPES)
            continue
        record = record_type(stem.partition(".")[0])
        kinds = {c: _REVISION.get(c) or DTYPES[record.column(c).kind] for c in frame.columns}
        # most are what they were when they were saved
        tables[stem] = frame.astype({c: kind for c, kind in kinds.items() if frame[c].dtype != kind})
    return View(
        office=OfficeSeen(**head["office"] | {"risk": _risk(head["office"]["risk"])}),
        area=_area(head["area"]),
        audience=AudienceSeen(**head["audience"]),
        week=Week(date.fromisoformat(head["first_day"]), head["week_starts"]),
        as_of=datetime.fromisoformat(head["as_of"]),
        compared_with=datetime.fromisoformat(head["compared_with"]) if head["compared_with"] else None,
        on=date.fromisoformat(head["on"]),
        week_is_over=head["week_is_over"],
        tables=MappingProxyType(tables),
        sources=sources,
        districts=districts,
        snapshots=tuple(datetime.fromisoformat(one) for one in head["snapshots"]),
    )


def _area(said: dict[str, Any]) -> AreaSeen:
    lists = {name: tuple(said[name]) for name in ("districts", "counts_from", "not_covered")}
    contacts = tuple(
        RequiredContactSeen(**one | {"districts": tuple(one["districts"])})
        for one in said["required_contacts"]
    )
    return AreaSeen(**said | lists | {"required_contacts": contacts})


def _risk(said: dict[str, Any] | None) -> RiskSeen | None:
    if said is None:
        return None
    scales = {name: tuple(said[name]) for name in ("likelihoods", "impacts", "levels")}
    table = MappingProxyType({name: tuple(row) for name, row in said["table"].items()})
    return RiskSeen(**said | scales | {"table": table, "criticality": MappingProxyType(said["criticality"])})


def _frames(view: View) -> dict[str, pd.DataFrame]:
    districts = view.districts.assign(geometry=shapely.to_wkb(view.districts["geometry"].to_numpy()))
    return {
        **{f"{name}.parquet": frame for name, frame in view.tables.items()},
        "districts.parquet": districts,
        "sources.parquet": view.sources,
    }


def _as_told(table: pa.Table) -> Iterator[bytes]:
    """
    Give the columns of a table as bytes: for each its name and type, which rows have a value, and the values.

    Arrow keeps bytes under a missing value, and what was masked may lie there: they must not be told.
    """
    for field, column in zip(table.schema, table.columns, strict=True):
        yield f"{field.name} {field.type} {table.num_rows}".encode()
        yield column.is_valid().to_numpy().tobytes()
        values = column.drop_null().combine_chunks()
        values = values.cast(pa.uint8()) if pa.types.is_boolean(values.type) else values
        sink = BytesIO()
        with pa.ipc.new_stream(sink, pa.schema([("value", values.type)])) as stream:
            stream.write_batch(pa.record_batch([values], names=["value"]))
        yield sink.getvalue()


def _parquet(frame: pd.DataFrame) -> bytes:
    written = BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), written, compression="zstd")
    return written.getvalue()


def _head(view: View) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "office": vars(view.office) | {"risk": _told(view.office.risk)},
        "area": vars(view.area) | {"required_contacts": [vars(one) for one in view.area.required_contacts]},
        "audience": vars(view.audience),
        "week": view.week.slug,
        "first_day": view.week.first_day.isoformat(),
        "week_starts": view.week.starts,
        "as_of": view.as_of.isoformat(),
        "compared_with": view.compared_with.isoformat() if view.compared_with else None,
        "on": view.on.isoformat(),
        "week_is_over": view.week_is_over,
        "snapshots": [one.isoformat() for one in view.snapshots],
    }


def _told(risk: RiskSeen | None) -> dict[str, Any] | None:
    if risk is None:
        return None
    return vars(risk) | {"table": dict(risk.table), "criticality": dict(risk.criticality)}
