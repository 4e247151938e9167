"""The door out of a notebook: known blocks and markdown pass, everything else is left behind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from workbench.blocks import (
    MIME,
    Block,
    Columns,
    Figure,
    Heading,
    Masthead,
    PageBreak,
    from_json,
)
from workbench.document.document import Document
from workbench.document.markdown import blocks as markdown_blocks
from workbench.document.normal import cut, normal
from workbench.document.svg import clean, draw
from workbench.errors import ExportError
from workbench.language import words

_OUTPUTS = frozenset({"display_data", "execute_result"})
_LONG = 120_000
"""Characters of a text that takes room; see `_Texts`."""
_ROOM = 2_400_000
"""Characters that all such texts of a document take together: two of a megabyte, and 12 MB at most."""


def collect(notebook: Mapping[str, Any], *, drawings: Path | None = None) -> Document:
    """
    Return the document of an executed notebook (nbformat 4): its blocks and its markdown, in order.

    Kept: the block a cell's own output carries under blocks.MIME, and markdown cells after the
    masthead, translated into its language. What stands above the masthead speaks to the analyst and
    stays behind, as do code, printed text, tracebacks, metadata, attachments, raw cells and every
    other MIME type. Figures become static SVG, kept in the folder `drawings` if there is one, and lose
    their specification; invisible characters go from every text. A text of a megabyte stays whole; a
    document has room for two such, and what comes then is cut at 120,000 characters and says so there.
    A heading is at most one level below the one before it.

    Raises ExportError, naming the cell's number and never its content, if a cell failed, a block is
    damaged, a figure has no alternative text, or there is not exactly one masthead before every other block.
    """
    cells = notebook.get("cells")
    if notebook.get("nbformat") != 4 or not isinstance(cells, list):
        raise ExportError(
            "The notebook is not in format 4. Open it in JupyterLab, save it and export it again."
        )
    texts = _Texts()
    found = list(
        chain.from_iterable(_cell(number, cell, texts) for number, cell in enumerate(cells, start=1))
    )
    masthead = _masthead([block for block in found if isinstance(block, Block)], cells)
    start = next(place for place, part in enumerate(found) if part is masthead)
    return Document(masthead, tuple(_levelled(_body(found[start + 1 :], masthead, drawings))))


def _cell(number: int, cell: Mapping[str, Any], texts: _Texts) -> Iterator[Block | tuple[int, str]]:
    """Yield the blocks of a code cell, or number and source of a markdown cell."""
    if cell.get("cell_type") == "markdown":
        source = cell.get("source", "")
        yield number, source if isinstance(source, str) else "".join(source)
    if cell.get("cell_type") != "code":
        return
    for output in cell.get("outputs", ()):
        if output.get("output_type") == "error":
            raise ExportError(
                f"Cell {number} of the notebook ended with an error. "
                "Correct it, run the notebook from top to bottom and export it again."
            )
        if output.get("output_type") in _OUTPUTS and MIME in output.get("data", {}):
            try:
                yield from_json(texts.normal(output["data"][MIME]))
            except ExportError as error:
                raise ExportError(f"Cell {number} of the notebook: {error}") from None


def _masthead(blocks: list[Block], cells: Iterable[Mapping[str, Any]]) -> Masthead:
    mastheads = [block for block in blocks if isinstance(block, Masthead)]
    if not blocks and not any(cell.get("outputs") for cell in cells):
        raise ExportError(
            "The notebook has not been run, so there is nothing to export. "
            "Run all its cells, save it and export it again."
        )
    if not mastheads:
        raise ExportError(
            "The notebook shows no masthead, so nothing says how it must be handled. "
            "Let its first block be the masthead."
        )
    if len(mastheads) > 1:
        raise ExportError(
            f"The notebook shows {len(mastheads)} mastheads. Keep one, before every other block."
        )
    if blocks[0] is not mastheads[0]:
        raise ExportError("The notebook shows a block before its masthead. Move the masthead's cell up.")
    return mastheads[0]


def _body(
    parts: Iterable[Block | tuple[int, str]], masthead: Masthead, drawings: Path | None
) -> Iterator[Block]:
    translate = words(masthead.language).translate
    for part in parts:
        if isinstance(part, Block):
            yield _drawn(part, drawings)
            continue
        number, source = part
        try:
            yield from markdown_blocks(source, translate=translate)
        except ExportError as error:
            raise ExportError(f"Cell {number} of the notebook: {error}") from None


def _drawn(block: Block, drawings: Path | None) -> Block:
    if isinstance(block, Columns):
        parts = (*block.left, *block.right)
        if any(isinstance(part, (Columns, Masthead, PageBreak)) for part in parts):
            raise ExportError(
                "Two columns hold columns, a masthead or a page break. Put those before or after the columns."
            )
        return Columns(
            tuple(_drawn(part, drawings) for part in block.left),
            tuple(_drawn(part, drawings) for part in block.right),
        )
    if not isinstance(block, Figure):
        return block
    if not block.alt.strip():
        raise ExportError(
            "A figure has no alternative text. Give it `alt`: one sentence that states its finding."
        )
    if block.spec is not None:
        return replace(block, spec=None, svg=draw(block.spec, folder=drawings))
    digest = hashlib.sha256(block.svg.encode("utf-8")).hexdigest()
    return replace(block, svg=clean(block.svg, prefix=f"f{digest[:10]}"))


def _levelled(blocks: Iterable[Block], above: list[int] | None = None) -> Iterator[Block]:
    """Yield the blocks with no heading more than one level below the heading before it."""
    deepest = [0] if above is None else above
    for block in blocks:
        if isinstance(block, Heading):
            levels: tuple[Literal[1, 2, 3], ...] = (1, 2, 3)
            level = levels[min(block.level, deepest[0] + 1) - 1]
            deepest[0] = level
            yield replace(block, level=level)
        elif isinstance(block, Columns):
            yield Columns(tuple(_levelled(block.left, deepest)), tuple(_levelled(block.right, deepest)))
        else:
            yield block


class _Texts:
    """The texts of one document: how much room the long ones have left, so that no page grows without end."""

    def __init__(self) -> None:
        self._room = _ROOM

    def normal(self, value: Any, *, lines: bool = False) -> Any:
        """Return JSON with every text normalised; in a figure's specification line breaks have meaning."""
        if isinstance(value, str):
            clean = normal(value, lines=lines)
            return clean if lines or len(clean) <= _LONG else self._fitting(clean)
        if isinstance(value, Mapping):
            return {
                self.normal(name, lines=lines): self.normal(part, lines=lines or name in {"spec", "svg"})
                for name, part in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.normal(part, lines=lines) for part in value]
        return value

    def _fitting(self, text: str) -> str:
        fits = len(text) <= self._room
        self._room -= len(text) if fits else 0
        return text if fits else cut(text)
