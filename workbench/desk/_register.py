"""Registers of the desk: what a form enters is one line more, and a revision in the store."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from workbench import audit
from workbench.config import COMPARTMENTS, LEVELS, Office, Source
from workbench.errors import ConfigurationError, ParameterError, StoreError, UserError
from workbench.pull import PullReport, examine, pull_all
from workbench.records import record_type
from workbench.sources import (
    READER,
    Line,
    append_lines,
    check_register,
    file_name,
    is_id,
    is_register,
    register_lines,
)
from workbench.store import Store

_LETTERS = {
    "alert": "A",
    "commitment": "P",
    "correction": "C",
    "duplicate_decision": "D",
    "label_change": "L",
    "liaison_entry": "E",
}
"""First letter of the ids of each register; a commitment is a promise."""

_SLUGS = {
    "alert": "desk_alerts",
    "commitment": "desk_commitments",
    "correction": "desk_corrections",
    "duplicate_decision": "desk_duplicates",
    "label_change": "desk_labels",
    "liaison_entry": "desk_contacts",
}
_BLOCK = """[[source]]
slug = "{slug}"
title = "{title}"
record = "{record}"
reader = "{reader}"
path = "desk/{record}.jsonl"
licence = "The office's own"
attribution = "{attribution}"
level = "internal"
"""
_FIELDS = ("record_id", "at", "by", "reason", "standing", "row")


@dataclass(frozen=True, kw_only=True)
class Entered:
    """
    What came of an entry.

    `reports` are of the pulls that followed it, `failures` of those that could not be made: the lines are
    written, and take effect at the next pull. `told` says in plain words what was stored, as what, and how
    it is taken back.
    """

    record: str
    record_ids: tuple[str, ...]
    reports: tuple[PullReport, ...]
    failures: tuple[UserError, ...]
    told: str


def enter(  # noqa: PLR0913  (every entry says who, why and when)
    office: Office, store: Store, record: str, rows: Mapping[str, Mapping[str, str]], *, by: str, reason: str,
    at: datetime, also: Sequence[str] = (),
) -> Entered:  # fmt: skip
    """
    Write `rows` (record_id -> columns as text) into the office's register of `record`, and pull it.

    Then the sources called in `also` are pulled. A record_id that has a line already is entered anew: the
    new row takes the place of the old. A row without `level` gets the register's. `by` is a function that
    signs, never a name; `at` is the moment, aware.

    Raises ParameterError, with nothing written, naming column and reason, if a pull would not accept a row
    (or would hold it at the highest level for a slip in its label), ConfigurationError if the office keeps
    no such register, UnknownName for a source of `also`, UserError if its file cannot be written. Raises
    StoreError after writing: the lines
    are kept and take effect at the next pull.
    """
    source = register_of(office, record)
    if not rows:
        raise ParameterError("There is nothing to enter.")
    for slug in also:
        office.source_called(slug)
    signed, because, known = signature(by), whole(reason).strip(), _lines(office, source)
    complete = {name: _completed(source, row) for name, row in rows.items()}
    _check(office, source, complete, by=signed, at=at)
    written = [_said(name, at, signed, because, row) for name, row in complete.items()]
    _append(office, source, written, known=known)
    return _pulled(office, store, source, tuple(rows), at=at, also=also, done="entered")


def take_back(  # noqa: PLR0913  (every entry says who, why and when)
    office: Office, store: Store, record: str, record_id: str, *, by: str, reason: str, at: datetime,
    also: Sequence[str] = (),
) -> Entered:  # fmt: skip
    """
    Undo the last line of a record by a further one: back to the row of the line before, or withdrawn.

    What was taken back so comes again if that is taken back in turn. Of a correction the source it is of is
    pulled too. Raises ParameterError if the register
    has no line of that record_id, else as `enter`.
    """
    source = register_of(office, record)
    for slug in also:
        office.source_called(slug)
    own = [line for line in _lines(office, source) if line.record_id == record_id and not line.problem]
    if not own:
        shown = "".join(filter(str.isprintable, record_id))[:60]
        raise ParameterError(
            f"{source.path} has no line of {shown}: it was not entered at this desk, so it "
            "cannot be taken back here."
        )
    before = own[-2].row if len(own) > 1 else None
    signed = signature(by)
    if before is not None:
        before = {"level": source.held_at.slug, **before}
        _check(office, source, {record_id: before}, by=signed, at=at)
    line = _said(record_id, at, signed, whole(reason).strip(), before)
    _append(office, source, [line], known=own)
    if record == "correction":
        told = {str(line.row.get("corrected_source")) for line in own[-2:] if line.row}
        also = (*also, *(one.slug for one in office.source if one.slug in told))
    return _pulled(
        office, store, source, (record_id,), at=at, also=tuple(dict.fromkeys(also)), done="taken back"
    )


def lines(office: Office, record: str) -> pd.DataFrame:
    """
    Return the lines of the office's register of `record`, newest first; those set aside are left out.

    Columns: record_id, at (UTC), by, reason, standing (the latest line of its record), row (columns as text,
    None where the line takes the record back). Raises ConfigurationError, SourceError.
    """
    found = [line for line in _lines(office, register_of(office, record)) if not line.problem]
    last = {line.record_id: line for line in found}
    rows = [
        (one.record_id, one.at, one.by, one.reason, one is last[one.record_id], one.row and dict(one.row))
        for one in reversed(found)
    ]
    frame = pd.DataFrame(rows, columns=list(_FIELDS))
    frame["row"] = pd.Series([row[-1] for row in rows], index=frame.index, dtype="object")
    types = {"record_id": "str", "by": "str", "reason": "str", "standing": "bool"}
    return frame.astype({"at": "datetime64[us, UTC]", **types})


def register_of(office: Office, record: str) -> Source:
    """
    Return the source that is the office's register of `record`, the first if it keeps several.

    Raises ConfigurationError with the [[source]] block to paste if it keeps none.
    """
    title = record_type(record).name.replace("_", " ").capitalize() + " register of the desk"
    found = next((one for one in office.source if is_register(one) and one.record == record), None)
    if found is not None:
        check_register(found)
        return found
    block = _BLOCK.format(
        slug=_SLUGS.get(record, f"desk_{record}"), title=title, record=record, reader=READER,
        attribution=office.prepared_by.replace("\\", "/").replace('"', "'"),
    )  # fmt: skip
    raise ConfigurationError(
        f"This office keeps no register of {record}, so there is nowhere to enter one. Add to "
        f"workbench.toml, and say how closely it is held:\n\n{block}"
    )


def next_id(office: Office, record: str, *, at: datetime) -> str:
    """
    Return the next free id of the register of `record` on the office's day of `at`: `D-2026-11-22-003`.

    To be asked for right before `enter`, not when a form is shown: until a line is written it stays free.
    """
    letter = _LETTERS.get(record, record[:1].upper())
    begin = f"{letter}-{at.astimezone(office.zone).date().isoformat()}-"
    taken = [one.record_id.removeprefix(begin) for one in _lines(office, register_of(office, record))
             if one.record_id.startswith(begin)]  # fmt: skip
    return f"{begin}{1 + max((int(one) for one in taken if one.isascii() and one.isdigit()), default=0):03}"


def author(office: Office) -> str:
    """Return the function that signs this office's forms, "" until one has."""
    try:
        said = json.loads(_author_file(office).read_text(encoding="utf-8"))
        return signature(said["by"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ParameterError):
        return ""


def remember_author(office: Office, by: str) -> None:
    """Keep `by` for `author`; raises ParameterError if it cannot sign, UserError if it cannot be kept."""
    file = _author_file(office)
    made = file.with_name(f".{file.name}.{os.getpid()}")
    content = json.dumps({"by": signature(by)}, ensure_ascii=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(content + "\n", encoding="utf-8")
        made.replace(file)
    except OSError as problem:
        raise UserError(
            f"Who signs cannot be kept in {file.parent} ({problem.strerror or type(problem).__name__})."
        ) from None


def signature(by: str) -> str:
    """Return the function that signs, spaces folded; raises ParameterError if it cannot be one."""
    try:
        return audit.person(by)
    except ParameterError:
        raise ParameterError(
            'by: say who signs, as a function and never a name, such as "Information analyst" (up to 100 '
            "visible letters of one script)."
        ) from None


def _author_file(office: Office) -> Path:
    return office.path(office.private) / "desk" / "author.json"


def _lines(office: Office, source: Source) -> list[Line]:
    path = office.path(source.path)
    return register_lines(path, record_type(source.record), file=file_name(path, office))


def _completed(source: Source, row: Mapping[str, str]) -> dict[str, str]:
    level = {} if row.get("level") else {"level": source.held_at.slug}
    return {**{str(name): whole(text) for name, text in row.items()}, **level}


def whole(text: str) -> str:
    """Return text without half letters, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else text


def _said(
    record_id: str, at: datetime, by: str, reason: str, row: Mapping[str, str] | None
) -> dict[str, object]:
    moment = at.astimezone(UTC).isoformat()
    return {"record_id": record_id, "at": moment, "by": by, "reason": reason, "row": row and dict(row)}


def _check(
    office: Office, source: Source, rows: Mapping[str, Mapping[str, str]], *, by: str, at: datetime
) -> None:
    """Raise ParameterError for the first fault that a pull would find in `rows`, by column and reason."""
    record = record_type(source.record)
    wrong = next((name for name in rows if not is_id(name)), None)
    if wrong is not None:
        raise ParameterError("record_id: must be one line of visible text without outer blanks.")
    for row in rows.values():
        columns = {*record.names, "admin1_given", "district_given"} - {"record_id", "source", "flags"}
        unknown = [name for name in row if name not in columns]
        if unknown:
            raise ParameterError(f"{unknown[0][:60]}: is no column that a line of {record.name} has.")
        untold = next((name for name, text in row.items() if not isinstance(text, str)), None)
        if untold is not None:
            raise ParameterError(f"{untold}: must be text.")
        if row["level"].strip().lower() not in LEVELS:
            raise ParameterError(f"level: is not one of: {', '.join(LEVELS)}.")
        named = {one.strip().lower() for one in row.get("compartments", "").replace(",", ";").split(";")}
        if not named <= {"", *COMPARTMENTS}:
            raise ParameterError(f"compartments: is not one of: {', '.join(COMPARTMENTS)}.")
    said = [{"created_by": by, **row, **source.constants, "record_id": name} for name, row in rows.items()]
    frame = pd.DataFrame(said, dtype="str")
    frame = frame.mask(frame == "").assign(file=source.path, row=range(1, len(said) + 1))
    faults = examine(office, source, frame, at=at).result.rejected
    if not faults.empty:
        first = faults.iloc[0]
        raise ParameterError(f"{first['column']}: {first['reason']}. Nothing was stored.")


def _append(
    office: Office, source: Source, written: Sequence[Mapping[str, object]], *, known: Sequence[Line]
) -> None:
    """Append lines, unless another writer took one of their new ids since the `known` lines were read."""
    taken = {str(one["record_id"]) for one in written} - {line.record_id for line in known}

    def allowed() -> None:
        if taken & {line.record_id for line in _lines(office, source)}:
            raise ParameterError("record_id: somebody else has just entered this one. Enter it again.")

    append_lines(office.path(source.path), written, allowed=allowed)


def _pulled(  # noqa: PLR0913  (it says what was written and where)
    office: Office, store: Store, source: Source, ids: tuple[str, ...], *, at: datetime, also: Sequence[str],
    done: str,
) -> Entered:  # fmt: skip
    named = ids[0] if len(ids) == 1 else f"{len(ids)} lines ({ids[0]} to {ids[-1]})"
    what = source.record.replace("_", " ").capitalize()
    try:
        reports, failures = pull_all(office, store, [source.slug], at=at)
        more, failed = pull_all(office, store, also, at=at) if also and reports else ([], [])
    except StoreError as problem:
        raise StoreError(
            f"{what} {named} is written into {source.path}, and takes effect at the next pull. {problem}"
        ) from problem
    failures = [*failures, *failed]
    told = f"{what} {named} is {done} (a line in {source.path})"
    if failures:
        told += f", and takes full effect at the next pull. Until then: {failures[0]}"
    else:
        told += "; taking it back in the list of last entries undoes this."
    kept = sum(one.labels_kept for one in reports)
    if kept:
        told += " A label lower than the stored one was not taken: the stricter one stands."
    return Entered(
        record=source.record, record_ids=ids, reports=(*reports, *more), failures=tuple(failures), told=told
    )
