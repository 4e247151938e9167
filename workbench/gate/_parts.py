"""What the gate's rooms hand each other: findings, and the passages of text a file holds."""

from __future__ import annotations

from dataclasses import dataclass, field


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
