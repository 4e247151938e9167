"""What two documents tell otherwise, number by number: only what both show, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.blocks import Block, Columns, Heading, KeyFigures, Table, Text
from workbench.document import Document
from workbench.language import Words

_UNKNOWN = frozenset({"", "–", "—", "-", "?", "n/a"})
_WITHHELD = "*"
_REVISED_TEXTS = 3


@dataclass(frozen=True)
class Row:
    """A number of two issues: whose, what it counts, as told then, as told now, and the difference."""

    district: str
    metric: str
    then: str
    now: str
    difference: str
    changed: bool


@dataclass(frozen=True)
class Differences:
    """
    What is told of two issues: key figures, districts, what became known since of the earlier week.

    `known_since` are sentences made here of numbers that both show, `revised` those of the later issue.
    """

    figures: tuple[Row, ...]
    districts: tuple[Row, ...]
    known_since: tuple[str, ...]
    revised: tuple[str, ...]


def differences(
    was: Document, now: Document, *, spoken: Words, threshold: int, adjacent: bool, versions: bool
) -> Differences:
    """
    Return what can be told of two documents side by side.

    `threshold` is the audience's for counts: smaller differences have no number. `adjacent`: the
    earlier is of the week right before and knew less, so that the later tells of it again. `versions`:
    what a version corrects is not repeated unless it is a plain number (see `publish.changes`).
    """
    maker = _Maker(spoken, threshold, versions)
    earlier, later = _tables(was, spoken), _tables(now, spoken)
    return Differences(
        figures=tuple(maker.figures(was, now)),
        districts=tuple(maker.districts(earlier, later)),
        known_since=tuple(maker.known_since(earlier, later)) if adjacent else (),
        revised=() if versions else _revised(now, spoken),
    )


@dataclass(frozen=True)
class _Maker:
    spoken: Words
    threshold: int
    versions: bool

    def figures(self, was: Document, now: Document) -> Iterator[Row]:
        before = _figures(was)
        for label, value in _figures(now).items():
            if label in before:
                yield self.row("", label, before[label], value, counted=True)

    def districts(self, earlier: Sequence[Table], later: Sequence[Table]) -> Iterator[Row]:
        say = self.spoken.say
        shared = _pair_of_counts(earlier, later, say("Now"))
        if shared is None:
            return
        was, now, was_label, now_label = shared
        others = (say("Level"), say("Assessment"), say("Confidence"), say("Programme"))
        before, after = _by_district(was), _by_district(now)
        for district, cells in after.items():
            old = before.get(district)
            if old is None:
                continue
            yield self.row(district, say("Incidents"), old[was_label], cells[now_label], counted=True)
            for label in others:
                if label in cells and label in old and cells[label] != old[label]:
                    yield self.row(district, label, old[label], cells[label], counted=False)

    def known_since(self, earlier: Sequence[Table], later: Sequence[Table]) -> Iterator[str]:
        """Yield how the numbers of the earlier week stand now, where both issues show them."""
        now_label, last_label = self.spoken.say("Now"), self.spoken.say("Last week")
        was = next((one for one in earlier if now_label in _labels(one)), None)
        now = next((one for one in later if {now_label, last_label} <= set(_labels(one))), None)
        if was is None or now is None:
            return
        before, after = _by_district(was), _by_district(now)
        for district, cells in after.items():
            old = self.number(before[district][now_label]) if district in before else None
            new = self.number(cells[last_label])
            if old is None or new is None or old == new:
                continue
            difference = self.difference(before[district][now_label], cells[last_label], counted=True)
            yield self.spoken.say(
                "{district}: {then} told then, {now} known now ({difference}).",
                district=district, then=before[district][now_label], now=cells[last_label],
                difference=difference,
            )  # fmt: skip

    def row(self, district: str, metric: str, was: str, now: str, *, counted: bool) -> Row:
        difference = self.difference(was, now, counted=counted)
        changed = was != now and {self.state(was), self.state(now)} == {"told"}
        return Row(district, metric, self.shown_then(was, now), self.shown(now), difference, changed)

    def difference(self, was: str, now: str, *, counted: bool) -> str:
        """Return a difference in words; withheld or unknown as soon as one side is."""
        say, states = self.spoken.say, {self.state(was), self.state(now)}
        if "withheld" in states:
            return _withheld(self.spoken)
        if "unknown" in states:
            return say("cannot be told")
        if was == now:
            return say("the same")
        return self.change(self.number(was), self.number(now), counted=counted)

    def change(self, was: int | None, now: int | None, *, counted: bool) -> str:
        """Return how two told values differ; without a number where it is below the threshold."""
        say = self.spoken.say
        if was is None or now is None:
            return say("changed")
        change = now - was
        if not counted:
            return say("higher") if change > 0 else say("lower")
        if abs(change) < self.threshold:
            return say("more") if change > 0 else say("fewer")
        if change > 0:
            return self.spoken.count("{n} more", "{n} more", change)
        return self.spoken.count("{n} fewer", "{n} fewer", -change)

    def shown(self, text: str) -> str:
        state = self.state(text)
        if state == "withheld":
            return _withheld(self.spoken)
        return self.spoken.say("not known") if state == "unknown" else text

    def shown_then(self, was: str, now: str) -> str:
        if self.versions and was != now and self.state(was) == "told" and self.number(was) is None:
            return self.spoken.say("told otherwise")
        return self.shown(was)

    def state(self, text: str) -> Literal["withheld", "unknown", "told"]:
        words = {
            self.spoken.say("not for these readers"),
            self.spoken.say("not shown"),
            _withheld(self.spoken),
        }
        if _WITHHELD in text or text in words:
            return "withheld"
        unknown = {*_UNKNOWN, self.spoken.say("n/a"), self.spoken.say("no report")}
        return "unknown" if text in unknown else "told"

    def number(self, text: str) -> int | None:
        """Return the whole number that a text is, written as this language writes it; else None."""
        digits = "".join(letter for letter in text if letter.isdecimal())
        if not digits or len(digits) > 9:  # no count has more digits
            return None
        value = int(digits)
        return value if text in {str(value), self.spoken.number(value)} else None


def _withheld(spoken: Words) -> str:
    return spoken.say("withheld")


def _figures(document: Document) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for block in _flat(document.blocks):
        if isinstance(block, KeyFigures):
            for one in block.figures:
                found.setdefault(re.sub(r"\s*\([^)]*\)$", "", one.label), one.value)
    return found


def _tables(document: Document, spoken: Words) -> tuple[Table, ...]:
    """Return the tables of a document whose rows are districts."""
    head = spoken.say("District")
    return tuple(
        one
        for one in _flat(document.blocks)
        if isinstance(one, Table) and one.rows and len(one.columns) > 1 and one.columns[0].label == head
    )


def _pair_of_counts(
    earlier: Sequence[Table], later: Sequence[Table], now: str
) -> tuple[Table, Table, str, str] | None:
    """
    Return a table of each document with this week's counts, and the columns they stand in.

    Either both have a column `now`, or the columns are weeks of which the last is the issue's own.
    """
    was, is_ = (next((one for one in some if now in _labels(one)), None) for some in (earlier, later))
    if was is not None and is_ is not None:
        return was, is_, now, now
    for first in earlier:
        for second in later:
            old, new = _labels(first), _labels(second)
            moved_on = len(new) > 2 and new[-2] == old[-1]  # district and two weeks
            if len(old) == len(new) and (moved_on or old == new) and _is_day(old[-1]):
                return first, second, old[-1], new[-1]
    return None


def _is_day(label: str) -> bool:
    return any(letter.isdecimal() for letter in label)


def _labels(table: Table) -> list[str]:
    return [one.label for one in table.columns]


def _by_district(table: Table) -> dict[str, dict[str, str]]:
    labels = _labels(table)
    rows: dict[str, dict[str, str]] = {}
    for cells in table.rows:
        texts = (one.text.strip() for one in cells)
        rows.setdefault(cells[0].text, dict(zip(labels, texts, strict=True)))
    return rows


def _revised(document: Document, spoken: Words) -> tuple[str, ...]:
    """Return the first sentences of a document's section on what was revised."""
    title, inside = spoken.say("Revised since the last issue"), False
    texts: list[str] = []
    for block in _flat(document.blocks):
        if isinstance(block, Heading):
            inside = block.text == title
        elif inside and isinstance(block, Text):
            texts += ["".join(run.text for run in one.runs) for one in block.paragraphs]
        elif inside:
            break  # its sums come before its chart and its table
    return tuple(texts[:_REVISED_TEXTS])


def _flat(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Columns):
            yield from _flat((*block.left, *block.right))
        else:
            yield block
