"""Assessments: Markdown with TOML front matter, written by an analyst, one row per statement."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from workbench.config import LEVELS, Office, Source, Week
from workbench.config.tradecraft import LIKELIHOOD_TERMS, likelihood_words
from workbench.errors import ParameterError, SourceError
from workbench.records.assessment import PARTS
from workbench.sources._files import decode, file_name, quoted, read_bytes

_FILE_KEYS = ("area", "week", "author", "reviewer", "level", "status")
_REQUIRED = ("area", "week", "level")
_COMMON = ("text", "level", "compartments", "basis")
_LIKELY = ("likelihood", "confidence", "because")
_PART_KEYS: dict[str, tuple[str, ...]] = {
    "bottom_line": _COMMON,
    "judgement": (*_COMMON, *_LIKELY, "change"),
    "focus": _COMMON,
    "outlook": (*_COMMON, *_LIKELY, "change", "scenario", "horizon_days"),
    "indicator": (*_COMMON, "indicator_state"),
    "implication": _COMMON,
    "recommendation": (*_COMMON, "owner", "due_on", "state"),
    "assumption": _COMMON,
    "alternative": _COMMON,
}
_JUDGING = frozenset({"bottom_line", "judgement", "outlook", "alternative"})
"""Parts in which the analyst judges; situation and focus may repeat what others said."""

_HEADINGS: dict[str, tuple[str, Literal["never", "may", "must"]]] = {
    "bottom line": ("bottom_line", "never"),
    "situation": ("situation", "must"),
    "incident focus": ("focus", "may"),
    "programme and movement": ("implication", "may"),
    "assumptions": ("assumption", "never"),
    "alternatives": ("alternative", "never"),
}
"""Headings of the body: the part under each, and whether a district is named after a colon."""

_KNOWN_HEADINGS = (
    '"## Bottom line", "## Situation: <district>", "## Incident focus", "## Programme and movement", '
    '"## Assumptions" and "## Alternatives"'
)
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*")
_BULLET = re.compile(r"(?:[-*+]|\d{1,2}[.)])\s+(.*)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TABLE = re.compile(r'\s*\[\[\s*"?(\w+)"?\s*\]\]')
_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)")
_GRADE = r"(?:very\s+)?(?:low|moderate|medium|high)"
_CONFIDENCE = re.compile(
    rf"\b{_GRADE}\s+(?:analytic(?:al)?\s+)?confidence\b|\bconfidence\s*(?:is|:|-|–)?\s*{_GRADE}\b"
    r"|\bwe\s+are\s+confident\b",
    re.IGNORECASE,
)


@dataclass
class _Statement:
    part: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


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
    lines = decode(read_bytes(path, file=file), file=file).splitlines()
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == "+++"), 0)
    if not lines or lines[0].rstrip() != "+++" or not end:
        raise SourceError(
            f"{file}, an assessment of [[source]] {source.slug}, has no front matter. Begin it with a "
            "line +++, then area, week and level, then another line +++."
        )
    front = _front_matter(lines[1:end], file=file)
    week = _check_front(front, lines[1:end], file=file, office=office)
    statements = [
        *_from_front(front, lines[1:end], file=file, scale=office.likelihood_scale),
        *_from_body(lines[end + 1 :], first_line=end + 2, file=file, scale=office.likelihood_scale),
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
    _known_keys(front, (*_FILE_KEYS, *_PART_KEYS), lines, file=file)
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


def _from_front(front: Mapping[str, Any], lines: list[str], *, file: str, scale: str) -> list[_Statement]:
    begins: dict[str, list[int]] = {part: [] for part in _PART_KEYS}
    for number, line in enumerate(lines, start=2):
        if (found := _TABLE.match(line)) and found[1] in begins:
            begins[found[1]].append(number)
    statements = []
    for part, known in _PART_KEYS.items():
        entries = front.get(part, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise SourceError(
                f"{file} line {_line_of(part, lines)}: write {part} as [[{part}]], once per statement."
            )
        for place, entry in enumerate(entries):
            told = place < len(begins[part])
            begin = begins[part][place] if told else _line_of(part, lines)
            _known_keys(entry, known, [""] * (begin - 2) + lines[begin - 2 :], file=file)
            statements.append(_statement(part, entry, line=begin, scale=scale))
    return statements


def _statement(part: str, entry: Mapping[str, Any], *, line: int, scale: str) -> _Statement:
    statement = _Statement(part, line)
    for key, value in entry.items():
        listed = key in ("basis", "compartments")
        if isinstance(value, list) and listed and all(isinstance(one, str) for one in value):
            statement.values[key] = ";".join(one.strip() for one in value if one.strip())
        elif isinstance(value, str) and not listed:
            statement.values[key] = " ".join(value.split())
        elif (isinstance(value, int) and not isinstance(value, bool) and key == "horizon_days") or (
            isinstance(value, date) and key == "due_on"
        ):
            statement.values[key] = str(value)[:10]
        else:
            wanted = "a list of texts" if listed else "a whole number" if key == "horizon_days" else "text"
            statement.values[key] = str(value)
            statement.problems.append(f"{key}: must be {wanted}")
    _check_tradecraft(statement, scale=scale)
    return statement


def _check_tradecraft(statement: _Statement, *, scale: str) -> None:
    values, terms = statement.values, likelihood_words(scale)
    if not values.get("text"):
        statement.problems.append("text: is missing")
    likelihood = " ".join(values.get("likelihood", "").casefold().split())
    if likelihood:
        values["likelihood"] = likelihood
        if likelihood not in terms:
            statement.problems.append(f"likelihood: is not a term of the {scale} scale: {', '.join(terms)}")
    if statement.part == "judgement" and not values.get("basis"):
        statement.problems.append("basis: is missing; name the records the judgement rests on")
    statement.problems += _wording(statement.part, values.get("text", ""), likelihood=likelihood, scale=scale)
    if _TERM.search(values.get("because", "")):
        statement.problems.append(
            "because: joins likelihood to confidence; say there only what the confidence rests on"
        )
    if _joins(values.get("change", ""), likelihood=""):
        statement.problems.append("change: joins confidence to likelihood; give each its own sentence")


def _wording(part: str, text: str, *, likelihood: str, scale: str) -> list[str]:
    """Return what is wrong with the words of a statement's text."""
    problems = []
    if _joins(text, likelihood=likelihood):
        remedy = (
            "put confidence and its reason in confidence and because"
            if part in ("judgement", "outlook")
            else "give each its own sentence"
        )
        problems.append(f"text: joins confidence to likelihood; {remedy}")
    if part not in _JUDGING:
        return problems
    known = likelihood_words(scale)
    said = list(dict.fromkeys(_term(found) for found in _TERM.finditer(text)))
    foreign = [word for word in said if word not in known]
    if foreign:
        problems.append(f"text: {quoted(foreign)} is not a term of the {scale} scale: {', '.join(known)}")
    used = list(dict.fromkeys([*([likelihood] if likelihood in known else []), *said]))
    if part == "judgement" and not foreign and len(used) > 1:
        problems.append(
            f"text: uses the likelihood terms {quoted(used)}; a judgement has one, so split it or choose"
        )
    return problems


def _joins(text: str, *, likelihood: str) -> bool:
    """Whether a sentence states confidence where likelihood is stated too (with it, or beside it)."""
    for sentence in re.split(r"(?<=[.!?;])\s+", text):
        if _CONFIDENCE.search(sentence) and (likelihood or _TERM.search(sentence)):
            return True
    return False


_ADVERBS = {
    "probably": "probable",
    "improbably": "improbable",
    "highly probably": "highly probable",
    "almost certainly": "almost certain",
    "nearly certainly": "nearly certain",
}
_WORDS = {term.word for scale in LIKELIHOOD_TERMS.values() for term in scale} - {"remote"}  # said of places
_DEGREE = (
    r"(?:very|highly|extremely|overwhelmingly|quite|fairly|rather|somewhat|moderately|reasonably"
    r"|increasingly|more|less)"
)
_TERM = re.compile(
    r"\b(?:"
    + "|".join(
        re.escape(word) for word in sorted(_WORDS | _ADVERBS.keys(), key=lambda word: (-len(word), word))
    )
    + rf"|{_DEGREE}\s+(?:un)?likely|{_DEGREE}\s+(?:im)?probabl[ey])\b",
    re.IGNORECASE,
)
"""A term of any scale, the longest at each place, or a degree of likelihood that may be of none."""


def _term(found: re.Match[str]) -> str:
    word = " ".join(found[0].casefold().split())
    return _ADVERBS.get(word, word)


def _from_body(lines: list[str], *, first_line: int, file: str, scale: str) -> list[_Statement]:
    text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), "\n".join(lines))
    if "<!--" in text:
        opened = first_line + text[: text.index("<!--")].count("\n")
        raise SourceError(f"{file} line {opened}: a comment <!-- is not closed. Close it with -->.")
    statements: list[_Statement] = []
    section: tuple[str, str] | None = None
    open_paragraph = False
    for number, line in enumerate(text.split("\n"), start=first_line):
        words = line.strip()
        if heading := _HEADING.fullmatch(words):
            section, open_paragraph = _section(heading, file=file, line=number), False
        elif not words:
            open_paragraph = False
        elif section is None:
            raise SourceError(
                f"{file} line {number}: text stands before the first heading. Put it under one of: "
                f"{_KNOWN_HEADINGS}."
            )
        elif open_paragraph and not _BULLET.fullmatch(words):
            statements[-1].values["text"] += " " + " ".join(words.split())
        else:
            item = _BULLET.fullmatch(words)
            sentence = str(item[1]) if item else words
            values = {"text": " ".join(sentence.split()), "district_given": section[1]}
            statements.append(_Statement(section[0], number, values))
            open_paragraph = True
    for statement in statements:
        statement.problems += _wording(statement.part, statement.values["text"], likelihood="", scale=scale)
    return statements


def _section(heading: re.Match[str], *, file: str, line: int) -> tuple[str, str]:
    kind, _, name = heading[2].partition(":")
    kind, name = " ".join(kind.split()).casefold(), " ".join(name.split())
    part, district = _HEADINGS.get(kind, ("", "never"))
    fits = {"never": not name, "may": True, "must": bool(name)}[district]
    if heading[1] != "##" or not part or not fits:
        raise SourceError(f"{file} line {line}: this heading is not known. Known: {_KNOWN_HEADINGS}.")
    return part, name


def _rows(statements: list[_Statement], front: Mapping[str, Any], *, week: Week, file: str) -> pd.DataFrame:
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
