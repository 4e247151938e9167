"""An assessment's file cut into pieces that, put together again, are the same file to the letter."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import SourceError
from workbench.sources.statements import (
    BULLET,
    COMMENT,
    PART_KEYS,
    Statement,
    from_body,
    from_entry,
)

_HEADER = re.compile(r"\s*\[\[")
_SCALE = "icd203"
"""Any scale will do where nothing is checked."""


@dataclass(frozen=True)
class Written:
    """
    One statement: its part, and what it says by column, as text; lists joined by ";", what is blank left out.

    `origin` is its place among the statements of the file it was read from, None if it is new. A statement of
    the body has the district of its heading in `district_given`. A `level` of "" is one that was left blank:
    it counts as the highest, where a statement without any takes its file's.
    """

    part: str
    values: Mapping[str, str]
    origin: int | None = None

    @property
    def text(self) -> str:
        """What it says."""
        return self.values.get("text", "")

    @property
    def district(self) -> str:
        """The district it is about, as its heading names it; "" where it names none."""
        return self.values.get("district_given", "")


@dataclass(frozen=True)
class Block:
    """
    One entry of the front matter, as it stands.

    `lead`: comments right above it; `core`: its header and keys; `tail`: blank lines and comments after it.
    """

    part: str
    lead: str
    core: str
    tail: str
    new: bool = False


@dataclass(frozen=True)
class Section:
    """
    One heading of the body and what follows it: `gaps` and `slots` in turn, one gap more than slots.

    `slots` are the statements, `gaps` all else: blank lines and comments.
    """

    part: str
    district: str
    heading: str
    gaps: tuple[str, ...]
    slots: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """
    An assessment: its pieces, its file keys (`head` is their text), and its statements in the reader's order.

    `places` says of each statement which piece it stands in: ("front", block, 0) or ("body", section, slot).
    """

    opening: str
    head: str
    blocks: tuple[Block, ...]
    closing: str
    preface: str
    sections: tuple[Section, ...]
    keys: Mapping[str, str]
    statements: tuple[Written, ...]
    places: tuple[tuple[str, int, int], ...]

    @property
    def text(self) -> str:
        """The whole file."""
        return "".join(self._pieces())

    @property
    def newline(self) -> str:
        """How most of its lines end."""
        return "\r\n" if "\r\n" in self.opening else "\n"

    def _pieces(self) -> Iterator[str]:
        yield from (self.opening, self.head)
        for block in self.blocks:
            yield from (block.lead, block.core, block.tail)
        yield from (self.closing, self.preface)
        for section in self.sections:
            yield section.heading
            for gap, slot in zip(section.gaps, (*section.slots, ""), strict=True):
                yield from (gap, slot)


def document_of(text: str, *, file: str) -> Document:
    """
    Return the text of an assessment in pieces.

    Raises SourceError, in the words of its reader, where it cannot be read at all, and where it is written in
    a way that only a text editor can change: entries in one line, such as judgement = [{...}].
    """
    lines = text.splitlines(keepends=True)
    end = next((n for n, line in enumerate(lines[1:], start=1) if line.rstrip() == "+++"), 0)
    if not lines or lines[0].rstrip() != "+++" or not end:
        raise SourceError(f"{file} has no front matter between two lines +++. Mend it in a text editor.")
    front = _loaded(lines[1:end])
    if front is None:
        raise SourceError(f"{file}: its front matter is not valid TOML. Mend it in a text editor first.")
    head, blocks = _blocks(lines[1:end])
    preface, sections, below = _sections(lines[end + 1 :], first_line=end + 2, file=file)
    found: list[tuple[Written, tuple[str, int, int]]] = []
    for part in PART_KEYS:
        entries = front.get(part, [])
        own = [n for n, block in enumerate(blocks) if block.part == part]
        if not isinstance(entries, list) or len(entries) != len(own):
            raise SourceError(
                f"{file} writes {part} in a way that the form cannot change. Write each as [[{part}]] with "
                "its keys below it, in a text editor."
            )
        found += [
            (_written(from_entry(part, entry, line=0, scale=_SCALE)), ("front", n, 0))
            for n, entry in zip(own, entries, strict=True)
        ]
    for place, section in enumerate(below):
        found += [(_written(one), ("body", place, slot)) for slot, one in enumerate(section)]
    return Document(
        opening=lines[0],
        head=head,
        blocks=tuple(blocks),
        closing=lines[end],
        preface=preface,
        sections=tuple(sections),
        keys={key: " ".join(value.split()) for key, value in front.items() if isinstance(value, str)},
        statements=tuple(Written(one.part, one.values, origin=place) for place, (one, _) in enumerate(found)),
        places=tuple(place for _, place in found),
    )


def said(values: Mapping[str, str]) -> dict[str, str]:
    """Return what a statement says in the words of its reader: one line each, and nothing that is blank."""
    told = {}
    for key, value in values.items():
        line = " ".join(value.encode("utf-8", "ignore").decode("utf-8").split())
        if key in ("basis", "compartments"):
            line = ";".join(dict.fromkeys(one.strip() for one in line.split(";") if one.strip()))
        elif key == "likelihood":
            line = line.casefold()
        if line or (key == "level" and value == ""):
            told[key] = line
    return told


def _written(statement: Statement) -> Written:
    return Written(statement.part, said(statement.values))


def _loaded(lines: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads("\n".join("".join(lines).splitlines()))
    except tomllib.TOMLDecodeError:
        return None


def _blocks(lines: list[str]) -> tuple[str, list[Block]]:
    """Cut the front matter before each header of an entry; a line within a text of several lines is none."""
    begins, begin = [], 0
    for number, line in enumerate(lines):
        if _HEADER.match(line) and _loaded(lines[begin:number]) is not None and _loaded([line]) is not None:
            begins.append(number)
            begin = number
    pieces = [lines[one:two] for one, two in zip([0, *begins], [*begins, len(lines)], strict=True)]
    head, lead = _cut_lead(pieces[0], more=len(pieces) > 1)
    blocks = []
    for number, piece in enumerate(pieces[1:], start=2):
        part = next(iter(_loaded([piece[0]]) or {"": None}))
        own, following = _cut_lead(piece, more=number < len(pieces))
        last = max(n for n, line in enumerate(own) if line.strip() and not line.lstrip().startswith("#"))
        while last + 1 < len(own) and _loaded(own[: last + 1]) is None:
            last += 1
        blocks.append(Block(part, "".join(lead), "".join(own[: last + 1]), "".join(own[last + 1 :])))
        lead = following
    return "".join(head), blocks


def _cut_lead(lines: list[str], *, more: bool) -> tuple[list[str], list[str]]:
    """Part the comments that stand right above the next header from what is before them."""
    cut = len(lines)
    while more and cut and lines[cut - 1].lstrip().startswith("#"):
        cut -= 1
    return lines[:cut], lines[cut:]


def _sections(
    lines: list[str], *, first_line: int, file: str
) -> tuple[str, list[Section], list[list[Statement]]]:
    text = "".join(lines)
    read = from_body(text.splitlines(), first_line=first_line, file=file, scale=_SCALE)
    begin, offsets = 0, [0]
    for line in lines:
        begin += len(line)
        offsets.append(begin)
    masked = COMMENT.sub(lambda found: re.sub(r"[^\r\n]", " ", found[0]), text)
    heads = [section.line - first_line for section in read]
    sections, statements = [], []
    for number, section in enumerate(read):
        head = heads[number]
        stop = offsets[heads[number + 1]] if number + 1 < len(heads) else len(text)
        at, gaps, slots = offsets[head + 1], [], []
        for one in section.statements:
            first, last = one.line - first_line, one.last - first_line
            left, right = (
                masked[offsets[first] : offsets[first + 1]],
                masked[offsets[last] : offsets[last + 1]],
            )
            start = offsets[first] + len(left) - len(left.lstrip())
            end = offsets[last] + len(right.rstrip())
            gaps.append(text[at:start])
            slots.append(text[start:end])
            at = end
        gaps.append(text[at:stop])
        heading = text[offsets[head] : offsets[head + 1]]
        sections.append(Section(section.part, section.district, heading, tuple(gaps), tuple(slots)))
        statements.append(section.statements)
    return text[: offsets[heads[0]] if heads else len(text)], sections, statements


def marker_of(slot: str) -> str:
    """Return what makes a statement of the body a list item, such as "- "; "" where it is a paragraph."""
    line = slot.splitlines()[0] if slot else ""
    item = BULLET.fullmatch(line.rstrip())
    return line[: item.start(1)] if item else ""
