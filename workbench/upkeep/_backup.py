"""Backup: an office as it stands, in one archive, while others go on working in it."""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from workbench import __version__
from workbench.config import Office
from workbench.errors import StoreError, UserError
from workbench.publish import pack
from workbench.upkeep import _age
from workbench.upkeep._archive import APART, Contents, Writing, fits, private_file
from workbench.upkeep._parts import Found, Part, find, is_archive, parts_of, secrets_of, store_part
from workbench.upkeep._tables import LOG, tables_at
from workbench.upkeep._waiting import no_release, told_of_the_disk

_SQLITE = b"SQLite format 3\0"
_LOG, _HEAD = "audit.jsonl", "audit.head"
_TRIES = 20

_WHAT = """\
This is a backup of an office of the briefing workbench {version}, made on {at:%Y-%m-%d %H:%M} UTC.

It holds all that the office knows, and drafts that nobody released: keep it as you keep the office.
Check it:    workbench backup --verify FILE
Restore it:  workbench restore FILE NEW-FOLDER

{keys}
"""


@dataclass(frozen=True)
class Backup:
    """
    An archive that was written: its file, what it says of itself, and how large it is in bytes.

    `links` were not followed, `vanished` files went while it was made; `encrypted` to keys of age.
    """

    file: Path
    contents: Contents
    size: int
    links: int
    vanished: int
    encrypted: bool


def backup(
    office: Office,
    target: Path,
    *,
    now: datetime,
    with_keys: bool = False,
    age: Iterable[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Backup:
    """
    Write one archive of an office to `target`, a file or a folder; only its owner may read it.

    It holds the office's folder, its outputs, its private folder and a local store. Nothing is locked but,
    for a moment, releases. Packs are listed before the store is looked at, so what they were made from is in
    the archive; each table is copied as its log tells it at one version; ledgers through SQLite's own backup;
    the audit log up to the line that its signed head holds. Locks, what is half made, other archives and
    names that begin with a dot are left out, and so are secrets, but `with_keys`. `age`: public keys to
    encrypt it to. The file appears by one rename, and nothing is left of one that failed.
    Raises UserError for a place where readers could find it, a pack that went meanwhile or what the disk
    refuses, StorageFull, StoreError, ParameterError, ExportError.
    """
    recipients = _age.recipients_of(age)
    file = _file(office, target, now=now, encrypted=bool(recipients))
    found_secrets = {path: what for path, what in secrets_of(office).items() if path.is_file()}
    _expect_own_key(office, with_keys=with_keys)
    progress("listing the office")
    parts, apart = parts_of(office)
    held = store_part(office)
    left_out = set() if with_keys else set(found_secrets)
    if held is not None:
        left_out.add(held.folder)
    making = file.with_name(f".{file.name}-{secrets.token_hex(8)}.part")
    try:
        with told_of_the_disk(file.parent, doing="The backup"):
            with no_release(office, command="workbench backup"):
                found = find(parts, apart=frozenset(left_out | {part.folder for part in parts[1:]}))
                log = _audit_log(office.path(office.private))
            contents = Contents(
                office=office.name,
                workbench=__version__,
                made_at=now.astimezone(UTC),
                with_keys=with_keys,
                missing=() if with_keys else tuple(sorted(_shown(office, one) for one in found_secrets)),
                elsewhere=tuple(_elsewhere(office)),
                private=_private(office, parts),
                folders=tuple(name for part, one in found.folders if fits(name := part.named(one))),
                apart=(*apart, *(["store"] if held is not None and held.name.startswith(APART) else [])),
            )
            with private_file(making) as opened:
                with _encrypted(opened, recipients) as stream, Writing(stream, made_at=now) as archive:
                    said = _WHAT.format(version=__version__, at=now.astimezone(UTC), keys=_keys(contents))
                    archive.head(said)
                    vanished = _add(archive, office, found, log, progress=progress)
                    if held is not None:
                        _add_store(archive, held, progress=progress)
                    archive.end(contents)
                opened.flush()
                os.fsync(opened.fileno())
            size = making.stat().st_size
            making.replace(file)
            pack.sync_folder(file.parent)
    finally:
        making.unlink(missing_ok=True)
    return Backup(
        file, replace(contents, files=dict(archive.files)), size, found.links, vanished, bool(recipients)
    )


def _file(office: Office, target: Path, *, now: datetime, encrypted: bool) -> Path:
    ending = ".workbench.zip" + (".age" if encrypted else "")
    file = target
    if target.is_dir():
        name = re.sub(r"[^a-z0-9]+", "-", office.name.casefold()).strip("-") or "office"
        file = target / f"{name}-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}{ending}"
    if not file.parent.is_dir():
        raise UserError(f"There is no folder {file.parent}. Make it, or name another place for the backup.")
    if file.resolve().is_relative_to(office.path(office.outputs).resolve()):
        raise UserError(
            f"{file} would lie where readers look, and it holds all that the office knows. Name a place "
            "outside of the outputs folder."
        )
    if file.exists() and not is_archive(file):
        raise UserError(
            f"{file} is there already and is no backup. Name another file, or a folder: its name is made "
            "then."
        )
    return file


def _private(office: Office, parts: tuple[Part, ...]) -> str:
    """Return where the private folder lies in an archive."""
    folder = office.path(office.private).resolve()
    return next(one for one in reversed(parts) if folder.is_relative_to(one.folder)).named(folder)


def _expect_own_key(office: Office, *, with_keys: bool) -> None:
    if with_keys and office.keys == "keyring" and not office.fictional:
        raise UserError(
            "The office's key lies in the keyring of this machine's user, and no archive can hold it. Back "
            "the keyring up by its own means, and run this without --with-keys."
        )


def _keys(contents: Contents) -> str:
    if contents.with_keys:
        return "IT HOLDS THE OFFICE'S SECRET KEY: whoever reads it can sign in the office's name."
    if contents.missing:
        return f"Secrets are not in it: {', '.join(contents.missing)}. Keep copies of them apart."
    return "No secret is in it."


@contextmanager
def _encrypted(opened: IO[bytes], recipients: list[object]) -> Iterator[IO[bytes]]:
    if not recipients:
        yield opened
        return
    with _age.encrypted(opened, recipients) as stream:
        yield stream


def _shown(office: Office, path: Path) -> str:
    root = office.root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _elsewhere(office: Office) -> Iterator[str]:
    """Yield what an office uses and its archive does not hold."""
    root = office.root.resolve()
    if office.store_is_remote:
        yield (
            f"the store under {office.store}: copy it with its provider's own means, such as versioning or "
            "replication of the bucket"
        )
    for source in office.source:
        if not office.path(source.path).parent.resolve().is_relative_to(root):
            yield f"the files of the source {source.slug}, which lie outside the office"
    if not office.path(office.scheduler.ledger).resolve().is_relative_to(root):
        yield "the scheduler's ledger, which lies outside the office: it holds only what was done when"


def _audit_log(private: Path) -> dict[Path, bytes]:
    """Return the audit log and its signed head as of one act, whatever is written meanwhile."""
    file = private / _LOG
    for _ in range(_TRIES):
        try:
            head = (private / _HEAD).read_bytes()
        except FileNotFoundError:
            return {file: file.read_bytes()} if file.is_file() else {}
        try:
            number = int(json.loads(head.split(b"\n")[0])["number"])
        except (ValueError, KeyError, TypeError):
            return {private / _HEAD: head, file: file.read_bytes() if file.is_file() else b""}
        lines = (file.read_bytes() if file.is_file() else b"").split(b"\n")[:-1]
        # the head is written first: the line it holds may be missing, and is put back by the next act
        if len(lines) >= number - 1:
            return {private / _HEAD: head, file: b"".join(line + b"\n" for line in lines[:number])}
    raise StoreError(f"The audit log lacks lines: {file}. Look at it with: workbench audit")


def _add(
    archive: Writing, office: Office, found: Found, log: dict[Path, bytes], *, progress: Callable[[str], None]
) -> int:
    """Add the files of an office but its store; return how many of them were gone by then."""
    outputs = office.path(office.outputs).resolve()
    own = {path.resolve(): content for path, content in log.items()}
    progress(f"copying {len(found.files)} files")
    vanished = 0
    for part, path in found.files:
        name = part.named(path)
        if not fits(name):
            raise UserError(
                f"A file in {path.parent} has a name that no other system takes (signs that cannot be seen, "
                "or a backslash). Rename it, and run this again."
            )
        try:
            if path in own:
                archive.add(name, io.BytesIO(own[path]), modified=path.stat().st_mtime)
            else:
                _add_file(archive, name, path)
        except FileNotFoundError:
            if path.is_relative_to(outputs):
                raise UserError(
                    "A pack was recalled while the backup was made. No backup was written: run it again."
                ) from None
            vanished += 1
    return vanished


def _add_file(archive: Writing, name: str, path: Path) -> None:
    with path.open("rb") as source:
        told = os.fstat(source.fileno())
        if source.read(len(_SQLITE)) == _SQLITE:
            copied = _ledger(path)
            if copied is not None:
                archive.add(name, io.BytesIO(copied), modified=told.st_mtime)
                return
        source.seek(0)
        archive.add(name, source, modified=told.st_mtime, size=told.st_size)


def _ledger(path: Path) -> bytes | None:
    """Return a whole copy of a SQLite file, made while others write to it; None if it is damaged."""
    try:
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=60)) as opened,
            closing(sqlite3.connect(":memory:")) as copy,
        ):
            opened.backup(copy)
            return copy.serialize()
    except sqlite3.Error:
        return None


def _add_store(archive: Writing, store: Part, *, progress: Callable[[str], None]) -> None:
    for table in tables_at(store.folder):
        progress(f"copying the table {table.name}: {len(table.files)} files, version {table.version}")
        folder = store.folder / table.name
        for name, content in table.log.items():
            file = folder / LOG / name
            archive.add(store.named(file), io.BytesIO(content), modified=_modified(file))
        for one in table.files:
            try:
                _add_file(archive, store.named(folder / one), folder / one)
            except FileNotFoundError:
                raise StoreError(
                    f"A file that the log of the table names is not there: {folder}. Restore it from a copy; "
                    "no backup was written."
                ) from None


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
