"""A document: its masthead and the blocks after it, and the formats it can be rendered in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.blocks import Block, Callout, Masthead, from_json, to_json
from workbench.config import shipped
from workbench.errors import ExportError, UnknownName
from workbench.language import languages, words


@dataclass(frozen=True)
class Issue:
    """
    Which issue of a briefing a rendering is: its version, and the version it corrects, if any.

    Only one that is `released` goes without the notice of a draft.
    """

    version: int
    corrects: int | None = None
    released: bool = True


@dataclass(frozen=True)
class Document:
    """A masthead and the blocks after it: everything a reader gets, and nothing else."""

    masthead: Masthead
    blocks: tuple[Block, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document as plain JSON: `masthead` and `blocks`."""
        return {"masthead": to_json(self.masthead), "blocks": [to_json(block) for block in self.blocks]}

    @classmethod
    def from_json(cls, value: object) -> Document:
        """Return the document that `to_json` wrote; ExportError if it is anything else."""
        if not isinstance(value, Mapping) or value.keys() != {"masthead", "blocks"}:
            raise ExportError(
                "A document's JSON must hold `masthead` and `blocks`. Export the notebook afresh."
            )
        masthead, blocks = from_json(value["masthead"]), value["blocks"]
        if not isinstance(masthead, Masthead) or not isinstance(blocks, (list, tuple)):
            raise ExportError("A document's JSON starts with no masthead. Export the notebook afresh.")
        return cls(masthead, tuple(from_json(block) for block in blocks))

    @property
    def bottom_line(self) -> str:
        """The text of the document's bottom line, or "" if it has none."""
        for block in self.blocks:
            if isinstance(block, Callout) and block.purpose == "bottom_line":
                return " ".join(part for part in (block.lead, block.text) if part)
        return ""

    @property
    def digest(self) -> str:
        """SHA-256 of the document's canonical JSON, in hexadecimal."""
        canonical = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def templates(office: Path | None = None) -> Path:
    """Return the folder of page templates: the office's own if it has one, else the shipped one."""
    own = office / "templates" if office else None
    return own if own and own.is_dir() else shipped("templates")


def template_texts(office: Path | None = None) -> list[str]:
    """Return the text of every template a page is made with: words of theirs tell nothing about anybody."""
    folders = {shipped("templates"), templates(office)}
    files = (file for folder in sorted(folders) for file in sorted(folder.iterdir()) if file.is_file())
    return [file.read_text(encoding="utf-8") for file in files if file.suffix in {".j2", ".css", ".typ"}]


def draft_notice(masthead: Masthead, issue: Issue | None) -> str:
    """
    Return the words that every page of a draft carries, or "" for a released issue.

    They are the workbench's own in the document's language: no notebook words them differently.
    """
    if issue is not None and issue.released:
        return ""
    spoken = words(masthead.language if masthead.language in languages() else "en")
    return spoken.say("DRAFT, NOT RELEASED")


def _html(document: Document, issue: Issue | None, folder: Path) -> bytes:
    from workbench.document import html

    return html.render(document, issue, templates=folder)


def _pdf(document: Document, issue: Issue | None, folder: Path) -> bytes:
    from workbench.document import pdf

    return pdf.render(document, issue, templates=folder)


def _text(document: Document, issue: Issue | None, _: Path) -> bytes:
    from workbench.document import text

    return text.render(document, issue)


FORMATS: dict[str, Callable[[Document, Issue | None, Path], bytes]] = {
    "html": _html,
    "pdf": _pdf,
    "text": _text,
}
"""Every format a document can be rendered in; each loads its libraries when it is first used."""


def render(document: Document, to: str, *, issue: Issue | None = None, office: Path | None = None) -> bytes:
    """
    Return the finished file of a document in one of FORMATS.

    The same document, issue and templates give the same bytes. Without `issue`, or with one that is
    not released, every page says that it is a draft. `office` is the folder of an office that may have
    HTML templates of its own.
    Raises UnknownName for another format, ExportError if the document cannot be set in this one.
    """
    if to not in FORMATS:
        raise UnknownName("format", to, FORMATS)
    return FORMATS[to](document, issue, templates(office))
