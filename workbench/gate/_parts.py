"""What the gate's rooms hand each other: findings, and the passages of text a file holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

PART = r"briefing\.(?:html|pdf)|counts\.csv|table_[0-9]{2,3}\.csv|tables\.xlsx|figure_[0-9]{2,3}\.(?:svg|png)"
"""The names a pack's files have, but for the manifest and its signature."""


@dataclass(frozen=True, order=True)
class Finding:
    """
    One reason to refuse a pack: the rule, the file it is broken in, and where, never a value.

    `detail` says where in the file and how often. Nothing in a finding is taken from the file:
    not a word of its text, nor the name of a file or element that is not expected there.
    """

    rule: str
    file: str
    detail: str


@dataclass(frozen=True)
class Expected:
    """
    What a pack has to be: the audience it is for, the mark it bears, its status and its recipients.

    A pack whose `status` is one of UNRELEASED says one of `draft_notices` on every page; another says none
    of them. The names in `released_by` may stand in its manifest, as those who released it. A mark that is
    part of one of `other_markings` (those of other audiences) is not this pack's where the other stands.
    From a `count_threshold` of 2 on, no count from 1 to below it may stand in a table, and `published`
    are earlier tables of counts (contents of counts.csv) that a reader may hold beside this one.
    `lies_in` are the folders the pack lies in, where that is known: audience, briefing, area, period,
    version. `document` is what it was set from, where the office keeps it: its text edition is set from it
    again, so it is read with the pack.
    """

    audience: str
    marking: str
    status: str = "released"
    recipients: tuple[str, ...] = ()
    released_by: tuple[str, ...] = ()
    count_threshold: int = 1
    other_markings: tuple[str, ...] = ()
    draft_notices: tuple[str, ...] = ("DRAFT, NOT RELEASED",)
    published: tuple[bytes, ...] = ()
    lies_in: tuple[str, ...] | None = None
    document: bytes | None = None

    @property
    def is_draft(self) -> bool:
        """Whether its status is one of before the release."""
        return self.status in UNRELEASED


UNRELEASED = frozenset({"draft", "reviewed"})


@dataclass(frozen=True)
class Passage:
    """
    Text found in a file, and how it is to be searched.

    `place` is the gate's own word for where it was. `code` marks style sheets, class names and the
    like, where words of the file format are no find. `numbers` is False where numbers are those of
    a drawing. `encoded` marks what came out of base64 or hex: there, a find needs no word boundary.
    """

    place: str
    text: str
    code: bool = False
    numbers: bool = True
    encoded: bool = False


LATIN = "latin-1"
"""Every byte is a letter."""

WIDE_LITTLE, WIDE_BIG = "utf-16-le", "utf-16-be"


def lenient(content: bytes, encoding: str = "utf-8") -> str:
    """Return bytes as text, U+FFFD for what is none in this encoding."""
    return content.decode(encoding, errors="replace")


def wide(content: bytes) -> list[str]:
    """Return bytes as UTF-16 of either order, from the first byte and from the second on."""
    return [lenient(content[at:], encoding) for at in (0, 1) for encoding in (WIDE_LITTLE, WIDE_BIG)]


@dataclass
class Opened:
    """A file taken apart: its passages, and the rules it breaks (rule, detail)."""

    passages: list[Passage] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)

    def breaks(self, rule: str, detail: str) -> None:
        """Note a broken rule once for each detail."""
        if (rule, detail) not in self.broken:
            self.broken.append((rule, detail))

    def holds(self, place: str, text: str, *, code: bool = False, numbers: bool = True) -> None:
        """Note a passage; empty ones are left out."""
        if text.strip():
            self.passages.append(Passage(place, text, code=code, numbers=numbers))

    def holds_bytes(self, place: str, content: bytes) -> None:
        """Note bytes as text, once in each way of writing it."""
        for text in (lenient(content), *wide(content)):
            self.holds(place, text)


def words_in(content: bytes) -> list[str]:
    """Return what in bytes that are no text could be words: eight letters, digits or spaces in a row."""
    # fewer would be there by chance, and so would short names
    return [words for text in (lenient(content), *wide(content)) for words in _WORDS.findall(text)]


_WORDS = re.compile(r"[\w .,;:'()+-]{8,}")
