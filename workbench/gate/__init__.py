"""
The gate: the second lock, which reads the finished files of a pack and refuses what must not leave.

It knows nothing of how the files were made. It opens each by name and content, takes all text out of
it, and looks for forbidden values: everything the store holds that the audience may not read, minus
what its edition may say. What cannot be opened, or is not expected, is refused.

Found: a value in text, attributes, comments, style sheets, names, fonts' names, PDF strings, metadata,
outlines, alternative text, annotations, content streams and between objects; in any case, accents,
full-width or presentation form, with zero-width, bidi or soft-hyphen characters, other spaces, dashes,
quotes, hyphenation or line breaks in it; as entity, percent or backslash escape, base64, hexadecimal
or UTF-16, up to three such layers; of a long text also any sentence of 25 characters and any six words
in a row (of 16 letters together); a coordinate of three decimals or more also cut or rounded, down to
three decimals.

Not found: paraphrase, translation, abbreviation, look-alike letters of another script, a name alone out of
a long hidden text; a short value (fewer than 8 letters) glued to other letters; values of one or two
letters; dates, counts and numbers below nine digits that are no coordinates; coordinates in degrees and
minutes or in drawings; text drawn as curves; anything compressed or encrypted before it was written.
Values that the edition itself holds, or that are part of what it says anyway, are not forbidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import DisclosureRefused
from workbench.gate._html import open_html
from workbench.gate._manifest import open_manifest
from workbench.gate._parts import Finding, Opened, Passage
from workbench.gate._pdf import open_pdf
from workbench.gate._search import Haystack, Needle, needles_in, worth_searching
from workbench.gate._text import squeeze

__all__ = ["Finding", "GateReport", "check", "forbidden_values", "require"]

MANIFEST = "manifest.json"
DOCUMENTS = ("briefing.html", "briefing.pdf")
LARGEST = 20_000_000
"""Bytes. A pack's file is far smaller; a larger one is refused unread."""


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
    folder: Path, *, forbidden: Iterable[str], permitted: Iterable[str], marking: str, audience: str
) -> GateReport:
    """
    Read every file of a pack and report whatever must not leave.

    `forbidden` are the values the audience may not read, as the store holds them: whole cells, which
    are taken apart here. `permitted` is what its edition may say (the cells of its view, the
    sentences of the catalogue and the notebook): a forbidden value found in one of these, by the same
    rules as in the files, is not forbidden. `marking` must stand in every file.
    Never raises for what a file holds: a file that cannot be read is a finding (`unreadable`).
    """
    findings: list[Finding] = []
    contents = _contents(folder, findings)
    passages: list[tuple[str, Passage]] = []
    for name, content in contents.items():
        try:
            opened = _open(name, content, contents, marking=marking, audience=audience)
        except Exception as problem:  # noqa: BLE001, RUF100  # whatever stops the reading stops the pack
            findings.append(Finding("unreadable", name, type(problem).__name__))
            continue
        findings += [Finding(rule, name, detail) for rule, detail in opened.broken]
        passages += [(name, passage) for passage in opened.passages]
    findings += _search(passages, forbidden, [*permitted, marking, audience])
    return GateReport(tuple(sorted(set(findings))), tuple(sorted(contents)))


def require(report: GateReport) -> None:
    """Raise DisclosureRefused, naming rules and files but no value, unless the report is empty."""
    if report.passed:
        return
    named = "; ".join(f"{one.rule} in {one.file} ({one.detail})" for one in report.findings[:5])
    more = f"; and {len(report.findings) - 5} more" if len(report.findings) > 5 else ""
    raise DisclosureRefused(
        f"The gate refused this pack, and nothing was published: {named}{more}. "
        "Find out how it got there; if this audience may read it, correct the label of its row."
    )


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
            for needle in needles_in([value], Haystack()):
                values.setdefault(needle, set()).add(value)
    said = _stack(shown).find(values)
    for needle, texts in values.items():
        if needle not in said:
            kept |= texts
    return frozenset(kept)


def _contents(folder: Path, findings: list[Finding]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    strangers = 0
    for entry in sorted(folder.iterdir()):
        if entry.name not in (*DOCUMENTS, MANIFEST) or entry.is_symlink() or not entry.is_file():
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
    return contents


def _open(name: str, content: bytes, contents: Mapping[str, bytes], *, marking: str, audience: str) -> Opened:
    if name == MANIFEST:
        others = {one: body for one, body in contents.items() if one != MANIFEST}
        return open_manifest(content, marking=marking, audience=audience, files=others)
    is_pdf = content.startswith(b"%PDF-")
    is_html = content.lstrip()[:14].lower() == b"<!doctype html"
    if name.endswith(".pdf") and is_pdf:
        return open_pdf(content, marking=marking)
    if name.endswith(".html") and is_html:
        return open_html(content, marking=marking)
    opened = Opened()
    opened.breaks("unknown_part", "it is not what its name says")
    return opened


def _search(
    passages: list[tuple[str, Passage]], forbidden: Iterable[str], permitted: Iterable[str]
) -> list[Finding]:
    files: list[str] = []
    stack = Haystack()
    for name, passage in passages:
        before = len(stack.passages)
        stack.add(passage, encodings=True)
        files += [name] * (len(stack.passages) - before)
    found = stack.find(needles_in(forbidden, stack))
    if not found:
        return []
    allowed = _stack(permitted).find(found)
    places: Counter[tuple[str, str]] = Counter()
    for needle, numbers in found.items():
        if needle not in allowed:
            # a set: the same value in two passages of one place is one find there
            places.update({(files[number], stack.passages[number][0].place) for number in numbers})
    return [
        Finding("forbidden_value", name, f"{count} in {place}") for (name, place), count in places.items()
    ]


def _stack(texts: Iterable[str]) -> Haystack:
    stack = Haystack()
    for text in texts:
        stack.add(Passage("what is permitted", text), encodings=False)
    return stack
