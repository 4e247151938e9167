"""A copy of the store while others write to it: each table as its log tells it at one version."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from workbench.errors import StoreError

LOG = "_delta_log"
_HINT = "_last_checkpoint"
_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet")
_TRIES = 5


@dataclass(frozen=True)
class TableAt:
    """A table at one version: the files of its log up to it, with their bytes, and its data files."""

    name: str
    version: int
    log: Mapping[str, bytes] = field(repr=False)
    files: tuple[str, ...]


def tables_at(store: Path) -> tuple[TableAt, ...]:
    """
    Return every Delta table in a local store as it stands now; nothing is locked.

    The table of deliveries comes first: what a delivery wrote was written before its row, so each one that
    is in the copy is there whole. Later ones may be there in part, as after a pull that was killed. A data
    file that a log names is kept for seven days after it was replaced, so that it can be copied meanwhile.
    Source of the format: the Delta transaction log protocol, reader version 1. Raises StoreError.
    """
    if not store.is_dir():
        return ()
    folders = [one for one in sorted(store.iterdir()) if (one / LOG).is_dir()]
    return tuple(_at(one) for one in sorted(folders, key=lambda one: (one.name != "delivery", one.name)))


def _at(folder: Path) -> TableAt:
    for _ in range(_TRIES):
        try:
            return _read(folder)
        except FileNotFoundError:
            continue  # an old part of the log went while it was read: what takes its place is there
    raise StoreError(
        f"The log of the table changed {_TRIES} times while it was read: {folder}. Run the backup again."
    )


def _read(folder: Path) -> TableAt:
    names = [one.name for one in (folder / LOG).iterdir()]
    commits = {int(found[1]): name for name in names if (found := _COMMIT.fullmatch(name))}
    checkpoints: dict[int, list[str]] = {}
    for name in sorted(names):
        if found := _CHECKPOINT.fullmatch(name):
            checkpoints.setdefault(int(found[1]), []).append(name)
    version = max(commits, default=-1)
    whole = [number for number, parts in checkpoints.items() if number <= version and _is_whole(parts)]
    start = max(whole, default=-1)
    if version < 0 or any(number not in commits for number in range(start + 1, version + 1)):
        raise StoreError(f"The log of the table lacks a commit: {folder}. Restore it from a copy.")
    kept = [name for number, name in sorted(commits.items())]
    kept += [name for number in whole for name in checkpoints[number]]
    log = {name: (folder / LOG / name).read_bytes() for name in kept}
    hint = _hint(folder / LOG / _HINT, version)
    if hint is not None:
        log[_HINT] = hint
    files: set[str] = set()
    for name in checkpoints.get(start, []):
        files |= _named(log[name], folder=folder)
    for number in range(start + 1, version + 1):
        files = _after(files, log[commits[number]], folder=folder)
    return TableAt(folder.name, version, log, tuple(sorted(_plain(one, folder) for one in files)))


def _is_whole(parts: list[str]) -> bool:
    found = [_CHECKPOINT.fullmatch(one) for one in parts]
    return any(one and (one[3] is None or int(one[3]) == len(parts)) for one in found)


def _hint(file: Path, version: int) -> bytes | None:
    try:
        content = file.read_bytes()
        return content if int(json.loads(content)["version"]) <= version else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # readers find a checkpoint without it


def _named(checkpoint: bytes, *, folder: Path) -> set[str]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(checkpoint))
    known = {file.schema.column(number).path for number in range(len(file.schema))}
    asked = {"add.path", "add.deletionVector.storageType", "sidecar.path"}
    rows = file.read(columns=sorted(asked & known)).to_pylist()
    added = [row["add"] for row in rows if row.get("add")]
    if any(one.get("deletionVector") for one in added) or any(row.get("sidecar") for row in rows):
        raise _of_another(folder)
    return {one["path"] for one in added}


def _after(files: set[str], commit: bytes, *, folder: Path) -> set[str]:
    """Return the files of a table after one commit."""
    try:
        actions = [json.loads(line) for line in commit.decode("utf-8").splitlines() if line.strip()]
    except ValueError:
        actions = []
    if not actions:
        raise StoreError(
            f"A commit of the table is empty or damaged: {folder}. See: workbench store status - and restore "
            "the table from a copy."
        )
    removed = {one["remove"]["path"] for one in actions if "remove" in one}
    added = {one["add"]["path"] for one in actions if "add" in one}
    if any(one["add"].get("deletionVector") for one in actions if "add" in one):
        raise _of_another(folder)
    return (files - removed) | added


def _of_another(folder: Path) -> StoreError:
    return StoreError(
        f"Another program changed the table in its own way: {folder}. Copy it with that program."
    )


def _plain(path: str, folder: Path) -> str:
    """Return a data file's path below its table, as the log names it in percent escapes."""
    plain = unquote(path)
    parts = PurePosixPath(plain)
    if "://" in plain or parts.is_absolute() or ".." in parts.parts or "\\" in plain:
        raise StoreError(f"The log of the table names files outside of it: {folder}. Restore it from a copy.")
    return plain
