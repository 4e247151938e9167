"""Two people changed one assessment: what touches different statements goes together, the rest is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from workbench.desk.assess._document import Document, Written, said

Choice = Literal["mine", "theirs"]
_ALIKE = 0.5
"""From this likeness of two texts on, one is the other rewritten."""


@dataclass(frozen=True)
class Clash:
    """
    A statement that was changed here and in the file; None stands for one that was taken out.

    `part` is "file" where a key of the file itself is meant (author, reviewer, level, status).
    """

    part: str
    before: Written
    mine: Written | None
    theirs: Written | None


@dataclass(frozen=True)
class Merged:
    """
    Statements with origins in the file as it is now, its keys, and what both sides changed.

    With `clashes` the statements hold what `choice` said.
    """

    statements: tuple[Written, ...]
    keys: Mapping[str, str]
    clashes: tuple[Clash, ...]


def merged(
    before: Document, now: Document, mine: Sequence[Written], *, keys: Mapping[str, str], choice: Choice
) -> Merged:
    """
    Return `mine`, made from the file as it was (`before`), put into the file as it is `now`.

    What only one side changed, added, moved or took out is kept; of what both changed, `choice` decides.
    """
    their_of = _matched(before, now)
    clashes: list[Clash] = []
    found: list[Written] = []
    for one in mine:
        told = replace(one, values=said(one.values))
        if one.origin is None:
            found.append(told)
            continue
        base = before.statements[one.origin]
        theirs = now.statements[their_of[one.origin]] if one.origin in their_of else None
        if dict(told.values) == dict(base.values):
            found += [theirs] if theirs is not None else []
            continue
        if _clash(base, told, theirs):
            clashes.append(Clash(one.part, base, told, theirs))
            if choice == "theirs":
                found += [theirs] if theirs is not None else []
                continue
        found.append(replace(told, origin=None if theirs is None else theirs.origin))
    own, gone = {one.origin for one in mine}, set()
    for base in before.statements:
        place = None if base.origin is None or base.origin in own else their_of.get(base.origin)
        if place is None:
            continue
        theirs = now.statements[place]
        same = dict(theirs.values) == dict(base.values)
        if not same:
            clashes.append(Clash(base.part, base, None, theirs))
        if same or choice == "mine":
            gone.add(place)
    if _moved([their_of[n] for n in sorted(their_of)]) and not _moved(
        [one.origin for one in mine if one.origin is not None]
    ):
        found = _in_their_order(found)
    told_keys, wrong = _keys(before, now, keys, choice=choice)
    return Merged(tuple(_with_theirs(now, found, gone=gone)), told_keys, (*clashes, *wrong))


def _clash(base: Written, mine: Written, theirs: Written | None) -> bool:
    if theirs is None:
        return True
    return dict(theirs.values) not in (dict(base.values), dict(mine.values))


def _moved(places: Sequence[int]) -> bool:
    return list(places) != sorted(places)


def _in_their_order(found: Sequence[Written]) -> list[Written]:
    """Return the statements as the file has them now; each new one stays behind the one it stands behind."""
    ranked, last = [], -1
    for number, one in enumerate(found):
        last = one.origin if one.origin is not None else last
        ranked.append(((last, number), one))
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0])]


def _with_theirs(now: Document, mine: Sequence[Written], *, gone: set[int]) -> list[Written]:
    """Return mine with what they added, each behind the statement that it stands behind in their file."""
    found, held = list(mine), {one.origin for one in mine}
    previous: dict[str, int | None] = {}
    for theirs in now.statements:
        if theirs.origin not in held and theirs.origin not in gone:
            after = previous.get(theirs.part)
            behind = next(
                (n + 1 for n, one in enumerate(found) if after is not None and one.origin == after), None
            )
            first = next((n for n, one in enumerate(found) if one.part == theirs.part), len(found))
            found.insert(first if behind is None else behind, theirs)
        if theirs.origin not in gone:
            previous[theirs.part] = theirs.origin
    return found


def _matched(before: Document, now: Document) -> dict[int, int]:
    """Return which statement of the file is which of before: the same, else the same text, else like it."""
    found: dict[int, int] = {}
    groups = {(one.part, one.district) for one in before.statements}
    for group in groups:
        old = [one for one in before.statements if (one.part, one.district) == group]
        new = [one for one in now.statements if (one.part, one.district) == group]
        as_many = len(old) == len(new)
        for alike in (_same, _same_text, _rewritten):
            for one in list(old):
                match = next((other for other in new if alike(one, other)), None)
                if match is not None:
                    found[_place(one)] = _place(match)
                    old.remove(one)
                    new.remove(match)
        if as_many:
            found |= {_place(one): _place(other) for one, other in zip(old, new, strict=True)}
    return found


def _place(one: Written) -> int:
    return -1 if one.origin is None else one.origin


def _same(one: Written, other: Written) -> bool:
    return dict(one.values) == dict(other.values)


def _same_text(one: Written, other: Written) -> bool:
    return bool(one.text) and one.text == other.text


def _rewritten(one: Written, other: Written) -> bool:
    match = SequenceMatcher(None, one.text, other.text, autojunk=False)
    return match.quick_ratio() >= _ALIKE and match.ratio() >= _ALIKE


def _keys(
    before: Document, now: Document, mine: Mapping[str, str], *, choice: Choice
) -> tuple[dict[str, str], list[Clash]]:
    told, wrong = dict(now.keys), []
    for key, value in mine.items():
        was, there = before.keys.get(key, ""), now.keys.get(key, "")
        if value == was:
            continue
        if there not in (was, value):
            sides = (Written("file", {"text": f"{key}: {one}"}) for one in (was, value, there))
            wrong.append(Clash("file", *sides))
            if choice == "theirs":
                continue
        told[key] = value
    return told, wrong
