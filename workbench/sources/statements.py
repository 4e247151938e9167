"""What a statement of an assessment is and what is wrong with one: for its reader and for its form alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from workbench.config.tradecraft import LIKELIHOOD_TERMS, likelihood_words
from workbench.errors import SourceError
from workbench.sources._files import quoted

_COMMON = ("text", "level", "compartments", "basis")
_LIKELY = ("likelihood", "confidence", "because")
LISTED = ("basis", "compartments")
PART_KEYS: dict[str, tuple[str, ...]] = {
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

HEADINGS: dict[str, tuple[str, Literal["never", "may", "must"]]] = {
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
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*")
BULLET = re.compile(r"(?:[-*+]|\d{1,2}[.)])\s+(.*)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_GRADE = r"(?:very\s+)?(?:low|moderate|medium|high)"
_CONFIDENCE = re.compile(
    rf"\b{_GRADE}\s+(?:analytic(?:al)?\s+)?confidence\b|\bconfidence\s*(?:is|:|-|–)?\s*{_GRADE}\b"
    r"|\bwe\s+are\s+confident\b",
    re.IGNORECASE,
)


@dataclass
class Statement:
    """
    One statement as it stands in a file: `values` by column, as text, lists joined by ";".

    `line` and `last`: its first and last line in the file, from 1 (`last` of the body's only).
    """

    part: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    last: int = 0


@dataclass
class Section:
    """What stands under one heading of the body; `district` as its heading names it, "" if it does not."""

    part: str
    district: str
    line: int
    statements: list[Statement] = field(default_factory=list)


def from_entry(part: str, entry: Mapping[str, Any], *, line: int, scale: str) -> Statement:
    """Return an entry of the front matter as a statement, with what is wrong with it."""
    statement = Statement(part, line)
    for key, value in entry.items():
        listed = key in LISTED
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
    if likelihood := " ".join(statement.values.get("likelihood", "").casefold().split()):
        statement.values["likelihood"] = likelihood
    statement.problems += problems_of(part, statement.values, scale=scale)
    return statement


def problems_of(part: str, values: Mapping[str, str], *, scale: str) -> list[str]:
    """
    Return why the pull would set a statement aside by the rules of tradecraft, each as "column: reason".

    `values` by column as they were read: one line of text each, likelihood in lower case, lists joined by
    ";". `scale` is the office's scale of likelihood. What a text says is recognised in English only.
    """
    problems, terms = [], likelihood_words(scale)
    if not values.get("text"):
        problems.append("text: is missing")
    likelihood = values.get("likelihood", "")
    if likelihood and likelihood not in terms:
        problems.append(f"likelihood: is not a term of the {scale} scale: {', '.join(terms)}")
    if part == "judgement" and not values.get("basis"):
        problems.append("basis: is missing; name the records the judgement rests on")
    problems += _wording(part, values.get("text", ""), likelihood=likelihood, scale=scale)
    if _TERM.search(values.get("because", "")):
        problems.append(
            "because: joins likelihood to confidence; say there only what the confidence rests on"
        )
    if _joins(values.get("change", ""), likelihood=""):
        problems.append("change: joins confidence to likelihood; give each its own sentence")
    return problems


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


def without_comments(text: str, *, first_line: int, file: str) -> str:
    """Return the body without HTML comments, line breaks kept; raises SourceError if one is not closed."""
    text = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    if "<!--" in text:
        opened = first_line + text[: text.index("<!--")].count("\n")
        raise SourceError(f"{file} line {opened}: a comment <!-- is not closed. Close it with -->.")
    return text


def from_body(lines: Sequence[str], *, first_line: int, file: str, scale: str) -> list[Section]:
    """
    Return the sections of the body, each with its statements and what is wrong with them.

    Raises SourceError for an unknown heading, text before the first one, or a comment that is not closed.
    """
    text = without_comments("\n".join(lines), first_line=first_line, file=file)
    sections: list[Section] = []
    open_paragraph = False
    for number, line in enumerate(text.split("\n"), start=first_line):
        words = line.strip()
        if heading := HEADING.fullmatch(words):
            part, district = _section(heading, file=file, line=number)
            sections.append(Section(part, district, number))
            open_paragraph = False
        elif not words:
            open_paragraph = False
        elif not sections:
            raise SourceError(
                f"{file} line {number}: text stands before the first heading. Put it under one of: "
                f"{_KNOWN_HEADINGS}."
            )
        elif open_paragraph and not BULLET.fullmatch(words):
            statement = sections[-1].statements[-1]
            statement.values["text"] += " " + " ".join(words.split())
            statement.last = number
        else:
            item = BULLET.fullmatch(words)
            sentence = str(item[1]) if item else words
            values = {"text": " ".join(sentence.split()), "district_given": sections[-1].district}
            sections[-1].statements.append(Statement(sections[-1].part, number, values, last=number))
            open_paragraph = True
    for section in sections:
        for one in section.statements:
            one.problems += problems_of(one.part, one.values, scale=scale)
    return sections


def _section(heading: re.Match[str], *, file: str, line: int) -> tuple[str, str]:
    kind, _, name = heading[2].partition(":")
    kind, name = " ".join(kind.split()).casefold(), " ".join(name.split())
    part, district = HEADINGS.get(kind, ("", "never"))
    fits = {"never": not name, "may": True, "must": bool(name)}[district]
    if heading[1] != "##" or not part or not fits:
        raise SourceError(f"{file} line {line}: this heading is not known. Known: {_KNOWN_HEADINGS}.")
    return part, name
