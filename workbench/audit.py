"""The audit log: who did what to which edition, append-only and hash-chained; ids and counts, never content.

`<private>/audit.jsonl` holds one JSON object a line. Each carries the digest of the line before it and
its own, so a line that is altered, taken out or moved breaks the chain. What the chain alone cannot
show, a tail that was cut off, shows in `<private>/audit.head`: the last line once more, signed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.config import Office
from workbench.errors import ParameterError, StoreError, WorkbenchError
from workbench.keys import is_signed, keys_of

ACTS = (
    "drafted",
    "reviewed",
    "released",
    "corrected",
    "recalled",
    "approved_notebook",
    "gate_refused",
    "looked_up",
    "lowered_label",
    "sent",
    "exported",
)
"""
`corrected` is the release of a version that corrects an earlier one. `sent` is one message to one reader,
by a pseudonym, or one pack put into a folder. `exported` is a selection of rows saved as a file in the
office's private folder.
"""

_LOG, _HEAD, _LOCK = "audit.jsonl", "audit.head", ".audit.lock"
_FIRST = "0" * 64
"""What the first line carries as the digest of the line before it."""

_ID = re.compile(r"[A-Za-z0-9_.:/@+-]{0,200}")
_LOOK_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
_WAIT_SECONDS = 60


@dataclass(frozen=True)
class Act:
    """One line of the log. `ids` are slugs, digests and numbers that say what it was done to."""

    number: int
    at: datetime
    act: str
    by: str
    ids: dict[str, str | int]


def person(name: str) -> str:
    """
    Return the name or function of a person as it is written down: one line, spaces folded.

    Raises ParameterError if it is empty, longer than 100 characters, holds a character that cannot be
    seen, or letters of two scripts that look alike (a Cyrillic letter in a Latin name).
    """
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    named = {unicodedata.name(letter, "").partition(" ")[0] for letter in clean if letter.isalpha()}
    mixed = len(named & _LOOK_ALIKE) > 1
    if len(clean) > 100 or not clean.isprintable() or not any(map(str.isalnum, clean)) or mixed:
        raise ParameterError(
            "--by needs the name or function of a person, as others will read it: up to 100 visible "
            'characters of one script, such as --by "Head of security".'
        )
    return clean


def append(office: Office, act: str, *, by: str, at: datetime, **ids: str | int) -> int:
    """
    Write one act down and return its number; when this returns, it outlasts a power cut.

    The signed head is written first and holds the whole line: a process that is killed in between
    has its line put back by the next one.
    Raises WorkbenchError if `act` is none of ACTS or an id is no id, StoreError if the log is broken.
    """
    from filelock import FileLock

    if act not in ACTS:
        raise WorkbenchError(f'"{act}" is no act of the audit log. Acts: {", ".join(ACTS)}.')
    wrong = [name for name, value in ids.items() if not _is_id(value)]
    if wrong:
        raise WorkbenchError(
            f"The audit log takes ids and counts only; none of these is: {', '.join(wrong)}."
        )
    folder = _folder(office)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / _LOCK, timeout=_WAIT_SECONDS):
        last = _settled(office)
        line = _line(
            {
                "number": last["number"] + 1 if last else 1,
                "at": at.astimezone(UTC).isoformat(),
                "act": act,
                "by": person(by),
                "ids": ids,
                "previous": last["digest"] if last else _FIRST,
            }
        )
        _write_head(office, line)
        _write_line(folder / _LOG, line)
    return int(json.loads(line)["number"])


def holds(office: Office, act: str, **ids: str | int) -> bool:
    """Whether the log holds an act with these ids among its own."""
    return any(one.act == act and ids.items() <= one.ids.items() for one in acts(office))


def acts(office: Office) -> tuple[Act, ...]:
    """Return every act, oldest first; raises StoreError if the log is broken."""
    problems = verify(office, settled=True)
    if problems:
        raise _broken(problems[0])
    return tuple(
        Act(
            number=said["number"],
            at=datetime.fromisoformat(said["at"]),
            act=said["act"],
            by=said["by"],
            ids=said["ids"],
        )
        for said in map(json.loads, _lines(_folder(office) / _LOG))
    )


def verify(office: Office, *, settled: bool = False) -> tuple[str, ...]:
    """
    Return what is wrong with the log, each problem with the number of its line; nothing if it is whole.

    Whole means: every line is as it was written, none is missing, none was moved, and the last one is
    the one that the signed head holds. Nothing is repaired, unless it is `settled` first.
    """
    folder = _folder(office)
    if not any((folder / name).exists() for name in (_LOG, _HEAD)):
        return ()  # nothing was ever written: whoever only looks leaves no lock behind
    from filelock import FileLock

    with FileLock(folder / _LOCK, timeout=_WAIT_SECONDS):
        if settled:
            _settled(office)
        return tuple(_problems(office))


def _problems(office: Office) -> Iterator[str]:
    folder = _folder(office)
    lines = _lines(folder / _LOG)
    previous = _FIRST
    for number, line in enumerate(lines, start=1):
        said = _read(line)
        if said is None:
            yield f"line {number} was altered or cut off"
            return
        if said["number"] != number:
            yield f"line {number} is missing, or lines were moved: line {said['number']} stands in its place"
            return
        if said["previous"] != previous:
            yield f"line {number} does not follow the line before it: one of both was put in place of another"
            return
        previous = said["digest"]
    head = _head(office)
    if head is None:
        if lines or (folder / _HEAD).exists():
            yield f"{_HEAD} is missing, was altered or signed with another key: the end is not vouched for"
        return
    if head["number"] > len(lines):
        yield (
            f"line {len(lines) + 1} is missing"
            + (f", and all up to line {head['number']}" if head["number"] > len(lines) + 1 else "")
            + ": the end was cut off"
        )
    elif head["number"] < len(lines):
        yield f"line {head['number'] + 1} is not vouched for by {_HEAD}: it was added by something else"
    elif head["digest"] != previous:
        yield f"line {len(lines)} is not the one that {_HEAD} holds: the log was written anew"


def _settled(office: Office) -> dict[str, Any] | None:
    """Return the last line, after putting back the one that a killed process had only in the head."""
    file = _folder(office) / _LOG
    head = _head(office)
    last, half = _end(file)
    if head is None:
        if last or half or (_folder(office) / _HEAD).exists():
            raise _broken(f"{_HEAD} is missing, was altered, or is signed with another key")
        return None
    said = _read(last) if last else None
    digest = said["digest"] if said else _FIRST
    if (last and not said) or digest not in {head["digest"], head["previous"]}:
        raise _broken(f"its last line is not the one that {_HEAD} holds")
    if digest == head["digest"]:
        if half:
            raise _broken("something else was written after its last line")
        return head
    if half:
        with file.open("r+b") as opened:
            opened.truncate(opened.seek(0, os.SEEK_END) - half)
    _write_line(file, _line({name: head[name] for name in head if name != "digest"}))
    return head


def _broken(what: str) -> StoreError:
    return StoreError(
        f"The audit log is broken: {what}. Look at it with: workbench audit - and restore {_LOG} and {_HEAD} "
        "from a copy. If there is none, put both away for whoever oversees the office; a new log begins then."
    )


def _folder(office: Office) -> Path:
    return office.path(office.private)


def _is_id(value: object) -> bool:
    if isinstance(value, str):
        return _ID.fullmatch(value) is not None
    return type(value) is int


def _canonical(said: dict[str, Any]) -> str:
    return json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _line(said: dict[str, Any]) -> str:
    """Return a line with its digest: SHA-256 of the canonical JSON of all else that is in it."""
    digest = hashlib.sha256(_canonical(said).encode("ascii")).hexdigest()
    return _canonical({**said, "digest": digest})


def _read(line: str) -> dict[str, Any] | None:
    """Return what a line says, or None if it is not exactly as it was written."""
    try:
        said = json.loads(line)
        rest = {name: said[name] for name in said if name != "digest"}
        fine = set(rest) == {"number", "at", "act", "by", "ids", "previous"} and _line(rest) == line
    except (ValueError, TypeError, KeyError):
        return None
    return said if fine else None


def _lines(file: Path) -> list[str]:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return []
    lines = content.decode("ascii", errors="replace").split("\n")
    # each line ends with its newline: what stands after the last one was cut off
    return lines[:-1] if lines[-1] == "" else lines


def _end(file: Path) -> tuple[str, int]:
    """Return the last line that ends with a newline, "" if none does, and the bytes that stand after it."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - 65536))
            end = opened.read()
    except FileNotFoundError:
        return "", 0
    *lines, half = end.split(b"\n")
    return lines[-1].decode("ascii", errors="replace") if lines else "", len(half)


def _write_line(file: Path, line: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "ab") as opened:
        opened.write(line.encode("ascii") + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def _write_head(office: Office, line: str) -> None:
    file = _folder(office) / _HEAD
    signature = keys_of(office).sign(_signed(line)).hex()
    making = file.with_name(f".{_HEAD}-{secrets.token_hex(8)}")
    try:
        with making.open("xb") as opened:
            opened.write(f"{line}\n{signature}\n".encode("ascii"))
            opened.flush()
            os.fsync(opened.fileno())
        making.replace(file)
    finally:
        making.unlink(missing_ok=True)


def _head(office: Office) -> dict[str, Any] | None:
    """Return the line that the head holds, or None if there is no head that this office signed."""
    try:
        content = (_folder(office) / _HEAD).read_bytes().decode("ascii", errors="replace")
        line, signature, end = content.split("\n")
        signed = end == "" and is_signed(_signed(line), bytes.fromhex(signature), keys_of(office).public)
    except (OSError, ValueError):
        return None
    return _read(line) if signed else None


def _signed(line: str) -> bytes:
    """Return what is signed for a line: nothing else that an office signs begins like this."""
    return b"workbench audit head\n" + line.encode("ascii", errors="replace")
