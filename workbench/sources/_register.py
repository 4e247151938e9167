"""
Registers: files of the office's own that lines are only ever added to, one JSON object a line.

A line is `{"record_id", "at", "by", "reason", "row"}`: `row` is the record's columns as text, or null, which
takes the record back. Of the lines of one record_id the latest stands. A line that cannot be read is set
aside with its reason, and what stood before it stands.
"""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.config import Office, Source
from workbench.errors import ConfigurationError, StorageFull, UserError
from workbench.records import RecordType, record_type
from workbench.records.correction import GIVEN
from workbench.sources._files import decode, file_name, read_bytes

READER = "register"

_KEYS = ("record_id", "at", "by", "reason", "row")
_SET_BY_LINE = ("record_id", "source", "flags")
"""Columns that no row of a line has: its own key, the register's, and what validation notices."""
_ID = re.compile(r'"record_id"\s*:\s*("(?:[^"\\]|\\.)*")')
_WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Line:
    """
    One line of a register, as it stands in its file.

    `number`: as a text editor counts. `row`: columns as text, None where it takes the record back.
    `problem`: why it is set aside, "column: reason", "" if it is not; the rest is then what could be read.
    """

    number: int
    record_id: str
    at: datetime
    by: str
    reason: str
    row: Mapping[str, str] | None
    problem: str = ""


def is_register(source: Source) -> bool:
    """Whether a source is a register: its silence says that nothing was decided, so it is never old."""
    return source.reader == READER


def check_register(source: Source) -> None:
    """Raise ConfigurationError for a [[source]] that could not be a register."""
    faults = {
        "its path names several files; a register is one": bool(set("*?[") & set(source.path)),
        'covers is not "everything"; a line taken back would stay': source.covers != "everything",
        "marks are set; a register is written in the workbench's own words": source.marks is not None,
    }
    wrong = "; ".join(what for what, found in faults.items() if found)
    if wrong:
        raise ConfigurationError(
            f"[[source]] {source.slug} cannot be a register: {wrong}. Correct it in workbench.toml."
        )


def read_register(path: Path, source: Source, office: Office) -> pd.DataFrame:
    """
    Read a register: one row for each record that stands, and one for each line set aside.

    Columns of the record type as text, `file`, `row` (the line), `reader_problem`. A row without
    `created_by` has the line's `by`, one without `level` the level of its source. A line set aside keeps its
    record_id only where no other line says how that record stands: the pull then keeps what is known of it.
    Raises SourceError as `register_lines`, ConfigurationError as `check_register`.
    """
    check_register(source)
    record, file = record_type(source.record), file_name(path, office)
    lines = register_lines(path, record, file=file)
    sound = {line.record_id: line for line in lines if not line.problem}
    rows: list[dict[str, object]] = []
    for line in lines:
        own: dict[str, object] = {"row": line.number, "reader_problem": line.problem or None}
        if line.problem:
            rows.append({"record_id": None if line.record_id in sound else line.record_id or None, **own})
        elif line is sound[line.record_id] and line.row is not None:
            given = {"created_by": line.by, **_level_of(source), **line.row}
            rows.append({**given, "record_id": line.record_id, **own})
    names = ["record_id", "row", "reader_problem", *(name for row in rows for name in row)]
    frame = pd.DataFrame(rows, columns=list(dict.fromkeys(names)))
    texts = [str(name) for name in frame if name != "row"]
    frame = frame.astype({**dict.fromkeys(texts, "str"), "row": "int64"})
    frame[texts] = frame[texts].mask(frame[texts] == "")
    return frame.assign(file=pd.Series(file, index=frame.index, dtype="str"))


def register_lines(path: Path, record: RecordType, *, file: str) -> list[Line]:
    """
    Return the lines of a register in their order, blank ones left out; none if there is no such file.

    A line that is not UTF-8 is set aside like any other: a killed writer may have cut a letter in two.
    Raises SourceError if it cannot be opened or is UTF-16.
    """
    if not path.is_file():
        return []
    content = read_bytes(path, file=file, may_be_empty=True)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decode(content, file=file)  # says what it is, and how to save it
    whole = content.removeprefix(codecs.BOM_UTF8)
    return [
        _line(number, text, record)
        for number, text in enumerate(map(bytes.strip, whole.split(b"\n")), start=1)
        if text
    ]


def append_lines(
    path: Path, lines: Iterable[Mapping[str, object]], *, allowed: Callable[[], None] = lambda: None
) -> None:
    """
    Add lines to the register at `path`, in their order; when this returns they outlast a power cut.

    Writers wait for each other. A line that a killed writer left torn stays by itself: the next begins
    anew. What could not be written whole is taken away again. `allowed` is called when no other writer can
    come between, and may raise. Raises UserError if the file cannot be written or is not free in time,
    StorageFull.
    """
    from filelock import FileLock, Timeout

    content = b"".join(_encoded(line) + b"\n" for line in lines)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=_WAIT_SECONDS):
            allowed()
            with path.open("a+b", buffering=0) as opened:
                _append(opened, content)
    except Timeout:
        raise UserError(
            f"Somebody else has been writing into {path.name} for {_WAIT_SECONDS:g} seconds. Nothing was "
            "written. Try again."
        ) from None
    except OSError as problem:
        full = StorageFull.of(problem, path.parent)
        raise full or UserError(
            f"{path} cannot be written ({problem.strerror or type(problem).__name__}). Nothing was written. "
            "Close it in other programs and check its permissions."
        ) from None


def _append(opened: Any, content: bytes) -> None:
    end = opened.seek(0, os.SEEK_END)
    if end:
        opened.seek(end - 1)
        content = content if opened.read(1) == b"\n" else b"\n" + content
    try:
        left = memoryview(content)
        while left:
            left = left[opened.write(left) :]
        os.fsync(opened.fileno())
    except OSError:
        opened.truncate(end)
        raise


def _encoded(line: Mapping[str, object]) -> bytes:
    # a line must be one line for every program: what some take for the end of one is written as \u....
    text = json.dumps(line, ensure_ascii=False, allow_nan=False)
    return re.sub(
        "[\x7f-\x9f\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text
    ).encode("utf-8")


def _level_of(source: Source) -> dict[str, object]:
    return {} if source.level is None else {"level": source.level}


def _line(number: int, content: bytes, record: RecordType) -> Line:
    text = content.decode("utf-8", "replace")
    try:
        said = json.loads(content.decode("utf-8"), object_pairs_hook=_once)
        if not isinstance(said, dict):
            raise ValueError("row: is no JSON object in braces")
    except (ValueError, RecursionError) as problem:
        # the words of the JSON module are for programmers, and may repeat what stands there
        known = str(problem) if str(problem).startswith("row: ") else "row: cannot be read as JSON"
        return Line(number, _salvaged(text), _nothing(), "", "", None, known)
    problems = _faults(said, record)
    name = said.get("record_id")
    row = said.get("row")
    return Line(
        number=number,
        record_id=name if isinstance(name, str) else "",
        at=_instant(said.get("at")) or _nothing(),
        by=_text(said.get("by")),
        reason=_text(said.get("reason")),
        row={key: _text(one) for key, one in row.items()} if isinstance(row, dict) and not problems else None,
        problem="\n".join(problems),
    )


def _faults(said: Mapping[str, Any], record: RecordType) -> list[str]:
    lacking = [key for key in _KEYS if key not in said]
    if lacking:
        return [f"row: lacks {', '.join(lacking)}"]
    if set(said) != set(_KEYS):
        return [f"row: has a key that is none of {', '.join(_KEYS)}"]
    faults = []
    name, row = said["record_id"], said["row"]
    if not isinstance(name, str) or not is_id(name):
        faults.append("record_id: is no text of one line without outer blanks")
    if _instant(said["at"]) is None:
        faults.append("row: at is no moment with its zone, such as 2026-11-16T06:00:00+00:00")
    faults += [f"row: {key} is no text" for key in ("by", "reason") if not isinstance(said[key], str)]
    if row is None:
        return faults
    if not isinstance(row, dict):
        return [*faults, "row: row is neither an object in braces nor null"]
    known = {*record.names, *GIVEN} - set(_SET_BY_LINE)
    if not row.keys() <= known:
        faults.append(f"row: has a column that no line of {record.name} has")
    faults += [
        f"{key}: is no text in quotation marks"
        for key, one in row.items()
        if key in known and one is not None and not isinstance(one, str)
    ]
    return faults


def is_id(name: str) -> bool:
    """Whether a text can be a record_id of a register: seen whole, and the same however it is cleaned."""
    return bool(name) and name.isprintable() and " ".join(name.split()) == name


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("row: has the same key twice")
    return said


def _salvaged(text: str) -> str:
    """Return the record_id of a line that is no JSON, where it can still be made out."""
    found = _ID.search(text)
    try:
        name = json.loads(found[1]) if found else ""
    except ValueError:
        return ""
    return name if is_id(name) else ""


def _text(value: object) -> str:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _instant(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)


def _nothing() -> datetime:
    return datetime.min.replace(tzinfo=UTC)
