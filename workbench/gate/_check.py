"""The check of a pack: every file opened by its name and content, searched, and reported on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.gate._counts import COUNTS, audit_counts
from workbench.gate._csv import open_csv
from workbench.gate._document import DOCUMENT, open_document
from workbench.gate._html import open_html, visible
from workbench.gate._manifest import MANIFEST, SIGNATURE, named_document, open_manifest, open_signature
from workbench.gate._paper import audit_paper
from workbench.gate._parts import PART, Expected, Finding, Opened, Passage
from workbench.gate._pdf import open_pdf
from workbench.gate._png import open_png
from workbench.gate._search import (
    Haystack,
    Needle,
    coordinates,
    needles_sought,
    sealed_needles,
    worth_searching,
)
from workbench.gate._sieve import packed
from workbench.gate._svg import open_svg
from workbench.gate._text import squeeze
from workbench.gate._xlsx import open_xlsx

DOCUMENTS = ("briefing.html", "briefing.pdf")
LARGEST = 20_000_000
"""Bytes. A pack's file is far smaller; a larger one is refused unread."""

_KNOWN = re.compile(rf"{PART}|{re.escape(MANIFEST)}|{re.escape(SIGNATURE)}")


@dataclass(frozen=True)
class GateReport:
    """What the gate found in a pack; nothing found means that it may leave. `files` are those it read."""

    findings: tuple[Finding, ...]
    files: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def check(
    folder: Path,
    *,
    forbidden: Iterable[str],
    permitted: Iterable[str],
    expected: Expected,
    sealed: Iterable[str] = (),
) -> GateReport:
    """
    Read every file of a pack and report whatever must not leave.

    `forbidden` are the values the audience may not read, as the store holds them: whole cells, which
    are taken apart here. `permitted` is what its edition may say (the cells of its view, the
    sentences of the catalogue and the notebook): a forbidden value found in one of these, by the same
    rules as in the files, is not forbidden. `expected` is what the pack has to be. `sealed` are forbidden
    values that name somebody whatever their form: also dates and numbers, from seven digits on.
    Never raises for what a file holds: a file that cannot be read is a finding (`unreadable`).
    """
    return check_packed(
        folder, forbidden=packed(forbidden), permitted=permitted, expected=expected, sealed=packed(sealed)
    )


def check_packed(
    folder: Path, *, forbidden: bytes, permitted: Iterable[str], expected: Expected, sealed: bytes
) -> GateReport:
    """Do the same with forbidden values that are packed already."""
    findings: list[Finding] = []
    contents = _contents(folder, findings, counted=expected.count_threshold > 1)
    passages: list[tuple[str, Passage]] = []
    kept = {} if expected.document is None else {DOCUMENT: expected.document}
    for name, content in (contents | kept).items():
        try:
            opened = _open(name, content, contents, expected)
        except Exception as problem:  # noqa: BLE001, RUF100  # whatever stops the reading stops the pack
            findings.append(Finding("unreadable", name, type(problem).__name__))
            continue
        findings += [Finding(rule, name, detail) for rule, detail in opened.broken]
        passages += [(name, passage) for passage in opened.passages]
    findings += _search(passages, forbidden, sealed, [*permitted, expected.marking, expected.audience])
    return GateReport(tuple(sorted(set(findings))), tuple(sorted(contents | kept)))


def forbidden_values(hidden: Iterable[str], shown: Iterable[str]) -> frozenset[str]:
    """
    Return the values of `hidden` that identify something and that nothing in `shown` says.

    Dates, counts, missing values and single letters are left out. A value is said by `shown` if it is
    found in one of its texts by the gate's own rules.
    """
    values: dict[Needle, set[str]] = {}
    kept: set[str] = set()
    for value in set(hidden):
        letters = squeeze(value)
        if worth_searching(value, letters):
            kind = "digits" if letters.isdigit() else "letters"
            values.setdefault(Needle(kind, letters), set()).add(value)
        elif any(character.isdigit() for character in letters):
            for needle in coordinates(value):
                values.setdefault(needle, set()).add(value)
    said = _said(shown, values)
    for needle, texts in values.items():
        if needle not in said:
            kept |= texts
    return frozenset(kept)


def unsaid(texts: Iterable[str], values: Iterable[str]) -> list[str]:
    """Return those of `texts`, sorted, that say none of the sealed `values`, by the rules for files."""
    stack, owners = Haystack(), list[str]()
    for text in sorted(set(texts)):
        stack.add(Passage("a text", text), encodings=False)
        owners += [text] * (len(stack.passages) - len(owners))
    said = {
        owners[number]
        for found in stack.find(sealed_needles(packed(values), stack)).values()
        for number in found
    }
    return sorted(set(texts) - said)


def _contents(folder: Path, findings: list[Finding], *, counted: bool) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    strangers = 0
    for entry in sorted(folder.iterdir()):
        if not _KNOWN.fullmatch(entry.name) or entry.is_symlink() or not entry.is_file():
            strangers += 1  # its name may be a value
            continue
        if entry.stat().st_size > LARGEST:
            findings.append(Finding("unreadable", entry.name, "it is larger than any pack's file"))
            continue
        contents[entry.name] = entry.read_bytes()
    if strangers:
        findings.append(Finding("unknown_part", "the folder", f"{strangers} entries that no pack has"))
    if MANIFEST not in contents:
        findings.append(Finding("missing_part", MANIFEST, "there is none"))
    if not set(contents) & set(DOCUMENTS):
        findings.append(Finding("missing_part", "the folder", "there is no document"))
    if counted and COUNTS not in contents:
        findings.append(Finding("missing_part", COUNTS, "there is none, so what it says cannot be audited"))
    return contents


def _open(name: str, content: bytes, contents: Mapping[str, bytes], expected: Expected) -> Opened:
    if name == MANIFEST:
        others = {one: body for one, body in contents.items() if one != MANIFEST}
        return open_manifest(content, expected=expected, files=others)
    if name == SIGNATURE:
        return open_signature(content)
    if name == DOCUMENT:
        return _open_document(content, contents, expected)
    if name.endswith(".csv"):
        return _open_csv(name, content, expected)
    begins, opener = _OPENERS[name.split(".")[1]]
    if not begins(content):
        opened = Opened()
        opened.breaks("unknown_part", "it is not what its name says")
        return opened
    opened = opener(content, expected)
    if name.endswith(".pdf") and expected.count_threshold > 1:
        html = contents.get(DOCUMENTS[0])
        audit_paper(content, None if html is None else visible(html), expected, opened)
    if name.endswith(".png") and f"{name[:-4]}.svg" not in contents:
        opened.breaks("opaque_image", "a picture without the drawing it was made from")
    return opened


def _open_document(content: bytes, contents: Mapping[str, bytes], expected: Expected) -> Opened:
    manifest, html = contents.get(MANIFEST), contents.get(DOCUMENTS[0])
    return open_document(
        content,
        named=None if manifest is None else named_document(manifest),
        page_text=None if html is None else visible(html),
        expected=expected,
    )


def _open_csv(name: str, content: bytes, expected: Expected) -> Opened:
    opened = open_csv(content, expected=expected, is_table=name != COUNTS)
    if name == COUNTS:
        audit_counts(content, expected, opened)
    return opened


_OPENERS: dict[str, tuple[Callable[[bytes], bool], Callable[[bytes, Expected], Opened]]] = {
    "html": (
        lambda content: content.lstrip()[:14].lower() == b"<!doctype html",
        lambda content, expected: open_html(content, expected=expected),
    ),
    "pdf": (
        lambda content: content.startswith(b"%PDF-"),
        lambda content, expected: open_pdf(content, expected=expected),
    ),
    "svg": (
        lambda content: content.lstrip()[:5] in (b"<?xml", b"<svg ", b"<svg\n"),
        lambda content, _: open_svg(content),
    ),
    "png": (lambda content: content.startswith(b"\x89PNG"), lambda content, _: open_png(content)),
    "xlsx": (
        lambda content: content.startswith(b"PK\3\4"),
        lambda content, expected: open_xlsx(content, expected=expected),
    ),
}


def _search(
    passages: list[tuple[str, Passage]], forbidden: bytes, sealed: bytes, permitted: Iterable[str]
) -> list[Finding]:
    files: list[str] = []
    stack = Haystack()
    for name, passage in passages:
        before = len(stack.passages)
        stack.add(passage, encodings=True)
        files += [name] * (len(stack.passages) - before)
    found = stack.find(needles_sought(forbidden, stack) | sealed_needles(sealed, stack))
    if not found:
        return []
    allowed = _said(permitted, found)
    places: Counter[tuple[str, str]] = Counter()
    for needle, numbers in found.items():
        if needle not in allowed:
            # a set: the same value in two passages of one place is one find there
            places.update({(files[number], stack.passages[number][0].place) for number in numbers})
    return [
        Finding("forbidden_value", name, f"{count} in {place}") for (name, place), count in places.items()
    ]


def _said(texts: Iterable[str], needles: Iterable[Needle]) -> set[Needle]:
    """Return the needles that one of the texts says, by the rules that hold for files."""
    from ahocorasick_rs import AhoCorasick

    needles = list(needles)
    lettered = [needle.text for needle in needles if needle.kind != "decimal"]
    numbers = len(lettered) < len(needles)
    quick = AhoCorasick(lettered)
    stack = Haystack()
    for text in set(texts):
        # most texts say none of them, which is quickly seen
        if quick.find_matches_as_indexes(squeeze(text)) or (
            numbers and any(character.isdigit() for character in text)
        ):
            stack.add(Passage("what is permitted", text), encodings=False)
    return set(stack.find(needles))
