"""Assessments: Markdown with TOML front matter, written by an analyst, one row per statement."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.config import LEVELS, Office, Source, Week
from workbench.errors import ParameterError, SourceError
from workbench.records.assessment import PARTS
from workbench.sources._files import decode, file_name, quoted, read_bytes
from workbench.sources.statements import PART_KEYS, Statement, from_body, from_entry

_FILE_KEYS = ("area", "week", "author", "reviewer", "level", "status")
_REQUIRED = ("area", "week", "level")
_TABLE = re.compile(r'\s*\[\[\s*"?(\w+)"?\s*\]\]')
_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)")


def read_assessment(path: Path, source: Source, office: Office) -> pd.DataFrame:
    """
    Read one assessment as one row per statement; `row` is the line it begins on.

    Front matter between two lines `+++`: area, week and level (needed), author, reviewer, status, and
    [[bottom_line]], [[judgement]], [[focus]], [[outlook]], [[indicator]], [[implication]],
    [[recommendation]], [[assumption]], [[alternative]] with the keys of their part. Body: "## Bottom line",
    "## Situation: <district>", "## Incident focus" and "## Programme and movement" (each with or without
    a district), "## Assumptions", "## Alternatives"; each paragraph or list item is a statement; an HTML
    comment is a note to oneself and is left out. A statement without level takes the file's. record_id is
    area/week/part/position, counted also over rejected statements.

    A row is at fault (`reader_problem`) if it has no text, its likelihood is not a term of the office's
    scale, a judgement has no basis, or (ICD 203 D.6.e(2)) it joins confidence to likelihood: in one sentence
    of its text, or by a term of likelihood in `because`. So is a bottom line, judgement, outlook or
    alternative whose text has a term of another scale or a term of degree that no scale has ("fairly
    likely"), and a judgement of two terms. What a text says is recognised in English only. Raises
    SourceError, with the line where one can be told, if the front matter is missing, is not TOML, has an
    unknown or a missing key, or the body has an unknown heading.
    """
    file = file_name(path, office)
    return read_text(decode(read_bytes(path, file=file), file=file), file=file, source=source, office=office)


def read_text(text: str, *, file: str, source: Source, office: Office) -> pd.DataFrame:
    """Read the text of an assessment, called `file` in messages, as `read_assessment` reads a file."""
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == "+++"), 0)
    if not lines or lines[0].rstrip() != "+++" or not end:
        raise SourceError(
            f"{file}, an assessment of [[source]] {source.slug}, has no front matter. Begin it with a "
            "line +++, then area, week and level, then another line +++."
        )
    front = _front_matter(lines[1:end], file=file)
    week = _check_front(front, lines[1:end], file=file, office=office)
    body = from_body(lines[end + 1 :], first_line=end + 2, file=file, scale=office.likelihood_scale)
    statements = [
        *_from_front(front, lines[1:end], file=file, scale=office.likelihood_scale),
        *(statement for section in body for statement in section.statements),
    ]
    return _rows(statements, front, week=week, file=file)


def _front_matter(lines: list[str], *, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as problem:
        # tomllib words its message for programmers, and it may repeat what the analyst wrote.
        found = _TOML_PLACE.search(str(problem))
        where = f" line {int(found[1]) + 1}" if found else ""
        raise SourceError(
            f"{file}{where}: the front matter is not valid TOML. Look for a missing quotation mark, comma or "
            "bracket on that line or the one above."
        ) from None


def _check_front(front: Mapping[str, Any], lines: list[str], *, file: str, office: Office) -> Week:
    _known_keys(front, (*_FILE_KEYS, *PART_KEYS), lines, file=file)
    missing = [key for key in _REQUIRED if key not in front]
    if missing:
        raise SourceError(
            f"{file}: the front matter lacks {quoted(missing)}. Add these keys above the first [[."
        )
    for key in _FILE_KEYS:
        if key in front and not isinstance(front[key], str):
            raise SourceError(f'{file} line {_line_of(key, lines)}: "{key}" must be text in quotation marks.')
    areas = [area.slug for area in office.area]
    if front["area"] not in areas:
        raise SourceError(
            f'{file} line {_line_of("area", lines)}: area is "{front["area"]}", which is not configured. '
            f"Known: {quoted(areas)}."
        )
    if front["level"] not in LEVELS:
        raise SourceError(
            f'{file} line {_line_of("level", lines)}: level is "{front["level"]}". Known: {quoted(LEVELS)}.'
        )
    try:
        return office.week(front["week"])
    except ParameterError as problem:
        raise SourceError(f"{file} line {_line_of('week', lines)}: {problem}") from None


def _known_keys(keys: Iterable[str], known: Iterable[str], lines: list[str], *, file: str) -> None:
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise SourceError(
            f"{file} line {_line_of(unknown[0], lines)}: the front matter has {quoted(unknown)}, which the "
            f"workbench does not know. Known: {quoted(known)}."
        )


def _line_of(key: str, lines: list[str]) -> int:
    """Return the line of the file on which a key of the front matter first stands."""
    pattern = re.compile(
        rf'\s*(?:"{re.escape(key)}"|{re.escape(key)})\s*=|\s*\[+\s*"?{re.escape(key)}"?\s*\]+'
    )
    return next((number for number, line in enumerate(lines, start=2) if pattern.match(line)), 1)


def _from_front(front: Mapping[str, Any], lines: list[str], *, file: str, scale: str) -> list[Statement]:
    begins: dict[str, list[int]] = {part: [] for part in PART_KEYS}
    for number, line in enumerate(lines, start=2):
        if (found := _TABLE.match(line)) and found[1] in begins:
            begins[found[1]].append(number)
    statements = []
    for part, known in PART_KEYS.items():
        entries = front.get(part, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise SourceError(
                f"{file} line {_line_of(part, lines)}: write {part} as [[{part}]], once per statement."
            )
        for place, entry in enumerate(entries):
            told = place < len(begins[part])
            begin = begins[part][place] if told else _line_of(part, lines)
            _known_keys(entry, known, [""] * (begin - 2) + lines[begin - 2 :], file=file)
            statements.append(from_entry(part, entry, line=begin, scale=scale))
    return statements


def _rows(statements: list[Statement], front: Mapping[str, Any], *, week: Week, file: str) -> pd.DataFrame:
    counted = dict.fromkeys(PARTS, 0)
    rows = []
    for statement in statements:
        counted[statement.part] += 1
        position = counted[statement.part]
        rows.append(
            {
                "record_id": f"{front['area']}/{week.slug}/{statement.part}/{position}",
                "area": front["area"],
                "week": week.slug,
                "occurred_on": week.first_day.isoformat(),
                "author": front.get("author", ""),
                "reviewer": front.get("reviewer", ""),
                "status": front.get("status", ""),
                "part": statement.part,
                "position": str(position),
                "level": front["level"],
                **statement.values,
                "reader_problem": "\n".join(statement.problems),
            }
        )
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["record_id"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    frame = frame.mask(frame == "")
    frame["file"] = pd.Series(file, index=frame.index, dtype="str")
    frame["row"] = pd.Series([statement.line for statement in statements], dtype="int64")
    return frame
