"""A document as PDF: its content goes as data to a Typst template, never as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.blocks import to_json
from workbench.config.shipped import shipped
from workbench.document import fonts
from workbench.document.document import Document, Issue, draft_notice
from workbench.document.drawable import drawable
from workbench.errors import ExportError

if TYPE_CHECKING:
    import typst

TEMPLATE = "briefing.typ"

_KEPT_WHOLE = 12  # rows of a table that is moved to the next page rather than broken
_SHORT = 1200  # characters of a passage that is moved to the next page rather than broken
_POINTS_PER_PIXEL = 0.75  # CSS: 96 pixels and 72 points an inch

Json = dict[str, Any]


def render(document: Document, issue: Issue | None, *, templates: Path | None = None) -> bytes:
    """
    Return a document as a tagged A4 PDF (PDF/UA-1, embedded FiraGO, title and language set).

    The same document and issue give the same bytes: the time stamp is the masthead's `as_of`.
    `templates` is a folder that may hold an office's own template; otherwise it is the shipped one.
    Unless `issue` is released every page says that it is a draft. Text is set literally; a character FiraGO
    cannot draw is set as its code point, such as `[U+1F525]`, since PDF/UA forbids empty boxes. A text of
    a megabyte is set whole, unless most of it are such characters: see `drawable`.
    A figure's data table is left to the HTML page; the PDF carries its alternative text.
    Raises ExportError, without any text of the document, if a drawing or its alternative text is
    missing, if `as_of` is no instant, or if Typst refuses a block.
    """
    stamp = _instant(document.masthead.as_of)
    page = _page(document, issue)
    template = _template(templates)
    pdf = _compile(page, stamp, template)
    if pdf is None:
        raise ExportError(_refusal(page, stamp, template))
    return pdf


def _compile(page: Json, stamp: datetime, template: bytes) -> bytes | None:
    """Return the PDF, or None if Typst refuses: its errors quote the document, so they end here."""
    import typst

    files: Any = {"main.typ": template, "document.json": json.dumps(page).encode("ascii")}
    try:
        pdf = typst.compile(
            files,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=stamp,
        )
    except typst.TypstError:
        return None
    return bytes(pdf)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    import typst

    # neither the machine's fonts nor Typst's own: the same bytes must come out everywhere
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts.font_folder())]
    )


def _template(folder: Path | None) -> bytes:
    own = folder / TEMPLATE if folder else None
    return (own if own and own.is_file() else shipped("templates") / TEMPLATE).read_bytes()


def _refusal(page: Json, stamp: datetime, template: bytes) -> str:
    """Say which block Typst refuses, found by setting each alone; never what is in it."""
    for number, block in enumerate(page["blocks"], start=1):
        for part in (*block["left"], *block["right"]) if block["kind"] == "columns" else (block,):
            alone = {**part, "depth": 1} if part["kind"] == "heading" else part
            if _compile({**page, "blocks": [alone]}, stamp, template) is None:
                return (
                    f"The PDF could not be set: Typst refuses a {part['kind']}, in place {number} of "
                    f"{len(page['blocks'])} on the page. Look at that block in the preview, and correct "
                    "the cell that makes it."
                )
    return (
        "The PDF could not be set: Typst refuses the masthead or the template "
        f"templates/{TEMPLATE}. Check the briefing's title and labels, and whether the template was changed."
    )


def _instant(as_of: str) -> datetime:
    try:
        instant = datetime.fromisoformat(as_of)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ExportError(
            "The PDF could not be set: the masthead's as_of is not an instant with a time zone. "
            "Write it as ISO 8601 in UTC, such as 2026-11-16T06:00:00+00:00."
        )
    return instant.astimezone(UTC).replace(microsecond=0)  # a PDF's date has whole seconds


# --- What the template gets ---------------------------------------------------------------------


def _page(document: Document, issue: Issue | None) -> Json:
    head = to_json(document.masthead)
    if not re.fullmatch("[A-Za-z]{2,3}([-_].*)?", head["language"]):
        raise ExportError(
            "The PDF could not be set: the masthead's language is no language code. "
            "Use a code such as en, fr or ar."
        )
    head["language"] = re.split("[-_]", head["language"])[0].lower()  # Typst takes no region here
    if not head["title"].strip():
        raise ExportError("The PDF could not be set: the masthead has no title. Give the briefing a title.")
    labels = head["labels"]
    facts = list(head["facts"])
    if issue is not None:
        for label, version in (("issue_version", issue.version), ("corrects", issue.corrects)):
            if version is not None and label in labels:
                facts.append(labels[label].replace("{version}", str(version)))
    page = {
        "masthead": head,
        "facts": facts,
        "draft": draft_notice(document.masthead, issue),
        "author": labels.get("author", ""),
        "blocks": _arranged([to_json(block) for block in document.blocks], _Depth()),
    }
    drawn: Json = drawable(page)
    return drawn


class _Depth:
    """Heading levels as PDF/UA wants them: the first is 1, and none is skipped on the way down."""

    def __init__(self) -> None:
        self._last = 0

    def of(self, level: int) -> int:
        self._last = min(level, self._last + 1)
        return self._last


def _arranged(blocks: Sequence[Json], depth: _Depth, *, column: bool = False) -> list[Json]:
    """Return the blocks as they are set: judgements in one list, half figures side by side, sizes told."""
    arranged = []
    for given in _judgements_together(blocks if column else _half_figures_paired(blocks)):
        block, kind = given, given["kind"]
        if kind == "heading":
            if not block["text"].strip():
                continue  # PDF/UA has no empty bookmark
            block["depth"] = depth.of(block["level"])
        elif kind == "columns":
            for side in ("left", "right"):
                block[side] = _arranged(block[side], depth, column=True)
        elif kind in {"figure", "map"}:
            _check_drawing(block)
            block["drawn"] = _size(block["svg"])
            del block["spec"], block["data"]
        elif kind == "text":
            block["groups"] = [
                {"kind": item, "items": list(items)}
                for item, items in groupby(block["paragraphs"], key=lambda paragraph: paragraph["kind"])
            ]
        elif kind == "actions":
            block = _actions_table(block)
        elif kind == "sources":
            block = block["table"]
        arranged.append(_sized(block))
    return arranged


def _sized(block: Json) -> Json:
    """Say whether a block is `short`: moved to the next page as a whole rather than broken."""
    if block["kind"] == "table":
        short = len(block["rows"]) <= _KEPT_WHOLE and _letters(block) <= 3 * _SHORT
    else:
        short = _letters(block) <= _SHORT
    return {**block, "short": short}


def _judgements_together(blocks: Iterable[Json]) -> Iterator[Json]:
    for kind, group in groupby(blocks, key=lambda block: block["kind"]):
        if kind == "judgement":
            yield {"kind": "judgements", "items": list(group)}
        else:
            yield from group


def _half_figures_paired(blocks: Iterable[Json]) -> Iterator[Json]:
    """Set neighbouring figures of half width in two columns; one alone has the left."""
    for half, group in groupby(blocks, key=lambda block: block.get("width") == "half"):
        if not half:
            yield from group
            continue
        figures = list(group)
        for left in range(0, len(figures), 2):
            yield {"kind": "columns", "left": figures[left : left + 1], "right": figures[left + 1 : left + 2]}


def _actions_table(block: Json) -> Json:
    """Return recommendations as a table; the state has a column only if one of them has a state."""
    labels, actions = block["labels"], block["actions"]
    shares = {"what": 5.6, "who": 2.0, "by_when": 1.1}
    if any(action["state"] for action in actions):
        shares["state"] = 1.1
    return {
        "kind": "table",
        "title": "",
        "columns": [
            {"label": labels.get(part, ""), "align": "left", "share": share} for part, share in shares.items()
        ],
        "rows": [
            [
                {"text": action[part], "tone": action["tone"] if part == "state" else "plain", "symbol": ""}
                for part in shares
            ]
            for action in actions
        ],
        "note": "",
        "empty": block["empty"],
    }


def _check_drawing(block: Json) -> None:
    if not block["svg"]:
        raise ExportError(
            f"The PDF could not be set: a {block['kind']} holds no drawing. "
            "Render a document that `document.collect` made, which draws every chart."
        )
    if not block["alt"].strip():
        raise ExportError(
            f"The PDF could not be set: a {block['kind']} has no alternative text. "
            "State its finding in `alt`; readers who cannot see it have nothing else."
        )


def _size(svg: str) -> Json:
    """Return the width and height of a drawing in points, from its root element; 4:3 if it tells neither."""
    root = match.group(0) if (match := re.search(r"<svg\b[^>]*>", svg)) else ""
    sides = [
        float(found.group(1)) if (found := re.search(rf'\s{side}="([0-9.]+)(?:px)?"', root)) else 0.0
        for side in ("width", "height")
    ]
    if min(sides) <= 0 and (
        box := re.search(r'\sviewBox="[-0-9.]+[ ,]+[-0-9.]+[ ,]+([0-9.]+)[ ,]+([0-9.]+)"', root)
    ):
        sides = [float(side) for side in box.groups()]
    if min(sides) <= 0:
        sides = [640.0, 480.0]
    return {"width": sides[0] * _POINTS_PER_PIXEL, "height": sides[1] * _POINTS_PER_PIXEL}


def _letters(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_letters(part) for name, part in value.items() if name != "svg")
    return sum(_letters(part) for part in value) if isinstance(value, list) else 0
