"""What was changed in the form -> the same file with that changed, and not a letter more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import tomlkit

from workbench.desk.assess._document import Block, Document, Section, Written, document_of, marker_of, said
from workbench.desk.assess._toml import as_toml, quoted, set_value
from workbench.errors import ParameterError
from workbench.sources.statements import BULLET, COMMENT, HEADING, HEADINGS, PART_KEYS

_WORDS = {
    "bottom_line": "Bottom line", "situation": "Situation", "focus": "Incident focus",
    "implication": "Programme and movement", "assumption": "Assumptions", "alternative": "Alternatives",
}  # fmt: skip
"""How a heading of the body is written; in lower case they are the keys of HEADINGS."""

_OWN_COMMENTS = re.compile(r"(?:[^\S\r\n]*<!--.*?-->)*[^\S\r\n]*", re.DOTALL)
"""Comments that stand behind a statement on its last line."""

_CANNOT = (
    "What was changed cannot be written into this file without changing something else in it. Nothing was "
    "saved. Change it in a text editor: "
)


def arranged(document: Document, statements: Sequence[Written]) -> list[Written]:
    """
    Return statements in the order in which the file can hold them: part by part, front matter before body.

    What says nothing in the body (a blank paragraph) is left out. A new statement about a district stands in
    the body under its heading, another where the one before it stands.
    """
    return [replace(statements[n], values=said(statements[n].values)) for n in order_of(document, statements)]


def order_of(document: Document, statements: Sequence[Written]) -> list[int]:
    """Return the places of `statements` in the order of `arranged`, without those it leaves out."""
    first = _homes(document, statements)
    kept = [n for n, home in enumerate(first) if home[0] == "front" or statements[n].text.strip()]
    homes = dict(zip(kept, _homes(document, [statements[n] for n in kept]), strict=True))
    order = {part: number for number, part in enumerate(PART_KEYS)}
    front = sorted((n for n in kept if homes[n][0] == "front"), key=lambda n: order[statements[n].part])
    body = sorted((n for n in kept if homes[n][0] == "body"), key=lambda n: _rank(document, homes[n]))
    return [*front, *body]


def written(
    document: Document, statements: Sequence[Written], *, keys: Mapping[str, str] | None = None
) -> str:
    """
    Return the file's text with these statements in it, and these file keys (author, reviewer, level, status).

    Each statement with an `origin` is that of the file, changed or moved; those of the file that are missing
    are taken out, their comments stay. Where nothing was changed, the same letters come out. Raises
    ParameterError where the file cannot hold what was asked, with nothing else changed in it.
    """
    wanted = arranged(document, statements)
    homes = _homes(document, wanted)
    told = dict(document.keys) | {key: " ".join(value.split()) for key, value in (keys or {}).items()}
    head = _front_keys(document, told)
    made = replace(
        document,
        head=head,
        blocks=tuple(_blocks(document, [one for n, one in enumerate(wanted) if homes[n][0] == "front"])),
        sections=tuple(_sections(document, wanted, homes)),
    )
    made = _with_space(document, made)
    text = made.text
    if text == document.text:
        return text
    try:
        again = document_of(text, file="it")
    except Exception:
        raise ParameterError(_CANNOT + "its form would not be read again.") from None
    if [(one.part, said(one.values)) for one in again.statements] != [
        (one.part, dict(one.values)) for one in wanted
    ]:
        raise ParameterError(
            _CANNOT + "a text would be read as something else (one with <!-- in it begins a comment)."
        )
    if {key: value for key, value in again.keys.items() if value} != {k: v for k, v in told.items() if v}:
        raise ParameterError(_CANNOT + "its first keys would be read as something else.")
    return text


def _homes(document: Document, statements: Sequence[Written]) -> list[tuple[str, int, str, str]]:
    """
    Return where each statement stands: ("front", 0, "", "") or ("body", section, part, district).

    A section that is not there yet has the number -1.
    """
    homes: list[tuple[str, int, str, str]] = []
    last: dict[str, tuple[str, int, str, str]] = {}
    for one in statements:
        place = document.places[one.origin] if one.origin is not None else None
        before = last.get(one.part)
        if place and place[0] == "front":
            home = ("front", 0, "", "")
        elif place and document.sections[place[1]].district == one.district:
            home = ("body", place[1], one.part, one.district)
        elif one.district or one.part == "situation":
            if before and before[2:] == (one.part, one.district):
                home = before
            else:
                alike = [n for n, section in enumerate(document.sections)
                         if (section.part, section.district) == (one.part, one.district)]  # fmt: skip
                home = ("body", alike[-1] if alike else -1, one.part, one.district)
        else:
            home = before if before and not before[3] else ("front", 0, "", "")
        homes.append(home)
        last[one.part] = home
    return homes


def _rank(document: Document, home: tuple[str, int, str, str]) -> tuple[int, int, str]:
    """Return where a section stands; a new one follows the last of its part."""
    if home[1] >= 0:
        return (home[1], 0, "")
    order = [one[0] for one in HEADINGS.values()]
    return (_last_of(document, home[2]), 1, f"{order.index(home[2])} {home[3]}")


def _last_of(document: Document, part: str) -> int:
    """Return the number of the section that a new one of this part follows."""
    order = [one[0] for one in HEADINGS.values()]
    same = [n for n, section in enumerate(document.sections) if section.part == part]
    before = [
        n for n, section in enumerate(document.sections) if order.index(section.part) < order.index(part)
    ]
    return max(same or before, default=-1)


# ---- front matter ------------------------------------------------------------------------------


def _blocks(document: Document, wanted: Sequence[Written]) -> list[Block]:
    """Return the entries of the front matter as they are to stand."""
    number_of = {origin: place[1] for origin, place in enumerate(document.places) if place[0] == "front"}
    kept = {number_of[one.origin] for one in wanted if one.origin is not None}
    slots: dict[int, Block] = {}
    added: dict[int, list[Block]] = {}
    for part in PART_KEYS:
        own = [one for one in wanted if one.part == part]
        stay = [one for one in own if one.origin is not None]
        places = sorted(number_of[one.origin] for one in stay if one.origin is not None)
        for place, one in zip(places, stay, strict=True):
            slots[place] = replace(_edited(document, one), tail=document.blocks[place].tail)
        following = _place_of_part(document, part)
        reached = iter(places)
        for one in own:
            if one.origin is not None:
                following = next(reached)
            else:
                added.setdefault(following, []).append(_new(document, one))
    found = list(added.get(-1, []))
    for number, block in enumerate(document.blocks):
        if number in kept:
            found.append(slots[number])
        elif remains := _comments(block.lead + block.core) + (block.tail if block.tail.strip() else ""):
            found.append(Block(block.part, remains, "", ""))
        found += added.get(number, [])
    return found


def _place_of_part(document: Document, part: str) -> int:
    """Return the entry after which the first of a part is to stand, -1 for before all."""
    order = {name: number for number, name in enumerate(PART_KEYS)}
    own = [n for n, block in enumerate(document.blocks) if block.part == part]
    if own:
        return own[0] - 1
    return max((n for n, block in enumerate(document.blocks) if order[block.part] < order[part]), default=-1)


def _edited(document: Document, one: Written) -> Block:
    origin = one.origin if one.origin is not None else 0
    before, block = document.statements[origin].values, document.blocks[document.places[origin][1]]
    changed = {
        key: one.values.get(key) for key in {*before, *one.values} if before.get(key) != one.values.get(key)
    }
    if not changed:
        return block
    parsed = tomlkit.parse(_lines(block.core))
    table = next(iter(parsed.values()))[0]
    for key in PART_KEYS[one.part]:
        if key in changed:
            set_value(table, key, changed[key])
    return replace(block, core=_ended(tomlkit.dumps(parsed), document.newline))


def _new(document: Document, one: Written) -> Block:
    keys = [
        "level",
        "compartments",
        *(key for key in PART_KEYS[one.part] if key not in ("level", "compartments")),
    ]
    lines = [f"[[{one.part}]]"]
    for key in keys:
        if key == "text" or one.values.get(key) or (key == "level" and key in one.values):
            lines.append(f"{key} = {as_toml(key, one.values.get(key, ''))}")
    core = "".join(line + document.newline for line in lines)
    return Block(one.part, "", core, document.newline, new=True)


def _front_keys(document: Document, told: Mapping[str, str]) -> str:
    changed = {key: value for key, value in told.items() if document.keys.get(key, "") != value}
    if not changed:
        return document.head
    lines = document.head.splitlines(keepends=True)
    cut = max((n + 1 for n, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#"), default=0)
    parsed = tomlkit.parse(_lines("".join(lines[:cut])))
    for key, value in changed.items():
        parsed[key] = tomlkit.value(quoted(value))
    return _ended(tomlkit.dumps(parsed), document.newline) + "".join(lines[cut:])


def _comments(text: str) -> str:
    """Return the comments of an entry that have lines of their own."""
    kept, begin = [], 0
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not line.lstrip().startswith("#"):
            continue
        before = "".join(lines[begin:number])
        try:
            tomlkit.parse(_lines(before))
        except tomlkit.exceptions.TOMLKitError:
            continue  # within a text or list of several lines
        kept.append(line)
    return "".join(kept)


def _lines(text: str) -> str:
    return "".join(line + "\n" for line in text.splitlines())


def _ended(text: str, newline: str) -> str:
    return newline.join(text.splitlines()) + newline


# ---- body --------------------------------------------------------------------------------------


def _sections(
    document: Document, wanted: Sequence[Written], homes: Sequence[tuple[str, int, str, str]]
) -> list[Section]:
    """Return the sections of the body as they are to stand, new ones after the last of their part."""
    own: dict[tuple[str, int, str, str], list[Written]] = {}
    for one, home in zip(wanted, homes, strict=True):
        if home[0] == "body":
            own.setdefault(home, []).append(one)
    added: dict[int, list[Section]] = {}
    for home in sorted((home for home in own if home[1] < 0), key=lambda home: _rank(document, home)):
        nl = document.newline
        heading = f"## {_WORDS[home[2]]}{': ' if home[3] else ''}{home[3]}{nl}"
        slots = tuple(_slot("", one.text) for one in own[home])
        gaps = (nl, *([nl + nl] * (len(slots) - 1)), nl + nl)
        added.setdefault(_last_of(document, home[2]), []).append(Section(*home[2:], heading, gaps, slots))
    found = list(added.get(-1, []))
    for number, section in enumerate(document.sections):
        key = ("body", number, section.part, section.district)
        found.append(_filled(document, number, section, own.get(key, [])))
        found += added.get(number, [])
    return found


def _filled(document: Document, number: int, section: Section, wanted: Sequence[Written]) -> Section:
    slot_of = {
        origin: place[2] for origin, place in enumerate(document.places) if place[:2] == ("body", number)
    }
    nl = document.newline
    stay = [one for one in wanted if one.origin in slot_of]
    places = sorted(slot_of[one.origin] for one in stay if one.origin is not None)
    # pieces: the gap before each slot, with what stands in that slot now; None where one was taken out
    contents: list[list[str]] = [[] for _ in section.slots]
    texts = iter(places)
    added: dict[int, list[Written]] = {}
    following = -1
    for one in wanted:
        if one.origin in slot_of:
            following = next(texts)
            contents[following] = [_content(document, section.slots[slot_of[one.origin or 0]], one)]
        else:
            added.setdefault(following, []).append(one)
    bullets = bool(section.slots) and all(marker_of(one) for one in section.slots)
    marker = marker_of(section.slots[0]) if bullets and section.slots else ""
    gaps: list[str] = [section.gaps[0]]
    slots: list[str] = []

    def put(text: str) -> None:
        """Put a new statement, parted from what is before and after it by a blank line or as a list item."""
        rest = gaps.pop()
        if not slots:
            gaps.extend([nl if section.heading.endswith(("\n", "\r")) else nl + nl, nl + rest])
        else:
            own = _OWN_COMMENTS.match(rest)
            same_line = own[0] if own else ""
            gaps.extend([same_line + (nl if marker else nl + nl), rest[len(same_line) :]])
        slots.append(text)

    for one in added.get(-1, []):
        put(_slot(marker, one.text))
    for place, content in enumerate(contents):
        after = section.gaps[place + 1]
        if content:
            slots += content
            gaps.append(after)
        else:
            gaps[-1] = gaps[-1] + after.lstrip("\r\n") if gaps[-1].strip() == "" else gaps[-1] + after
        for one in added.get(place, []):
            put(_slot(marker, one.text))
    for between in range(1, len(slots)):
        plain = COMMENT.sub("", gaps[between])
        if not marker_of(slots[between]) and len(plain.splitlines()) < 2 and plain.count("\n") < 2:
            gaps[between] += nl
    return replace(section, gaps=tuple(gaps), slots=tuple(slots))


def _content(document: Document, slot: str, one: Written) -> str:
    origin = one.origin if one.origin is not None else 0
    if document.statements[origin].text == one.text:
        return slot
    comments = "".join(" " + found[0] for found in COMMENT.finditer(slot))
    return _slot(marker_of(slot), one.text) + comments


def _slot(marker: str, text: str) -> str:
    """Return a text as a paragraph or item; one that would be read as a heading or an item becomes one."""
    if not marker and (HEADING.fullmatch(text) or BULLET.fullmatch(text)):
        marker = "- "
    return marker + text


def _with_space(document: Document, made: Document) -> Document:
    """Return the document with a blank line before each entry and heading that is new."""
    nl, blocks, sections = document.newline, list(made.blocks), list(made.sections)
    old_sections = {one.heading for one in document.sections}
    head, closing, preface = made.head, made.closing, made.preface
    for number, block in enumerate(blocks):
        if not block.new:
            continue
        if number == 0:
            head = head if head.endswith(nl + nl) or not head else head + nl
        elif not blocks[number - 1].tail:
            blocks[number - 1] = replace(blocks[number - 1], tail=nl)
    for number, section in enumerate(sections):
        if section.heading in old_sections:
            continue
        if number == 0:
            preface = preface if preface.endswith(nl) else preface + nl
            closing = closing if closing.endswith(("\n", "\r")) else closing + nl
        else:
            last = sections[number - 1]
            ends = "".join((last.gaps[-1],))
            if not last.heading.endswith(("\n", "\r")):
                sections[number - 1] = last = replace(last, heading=last.heading + nl)
            lacking = 2 - ends.count("\n") if last.slots else 1 - ends.count("\n")
            if lacking > 0:
                sections[number - 1] = replace(last, gaps=(*last.gaps[:-1], ends + nl * lacking))
    return replace(
        made, head=head, closing=closing, preface=preface, blocks=tuple(blocks), sections=tuple(sections)
    )
