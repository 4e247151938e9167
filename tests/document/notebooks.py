"""Executed notebooks for tests, made by hand: what a kernel would have left in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import nbformat

from workbench.blocks import MIME, Block, to_json


def shown(*blocks: Block, kind: str = "display_data", **more: Any) -> nbformat.NotebookNode:
    """Return a code cell that showed blocks; `more` is further MIME data of each output."""
    outputs = [
        nbformat.v4.new_output(
            kind, {MIME: to_json(block), "text/plain": f"<{block.kind}>", **more}, **(_count(kind))
        )
        for block in blocks
    ]
    return nbformat.v4.new_code_cell("show()", execution_count=1, outputs=outputs)


def markdown(source: str) -> nbformat.NotebookNode:
    """Return a markdown cell."""
    return nbformat.v4.new_markdown_cell(source)


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook."""
    made = nbformat.v4.new_notebook(cells=list(cells))
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def of_blocks(blocks: Iterable[Block]) -> nbformat.NotebookNode:
    """Return a notebook with one cell for each block."""
    return notebook(*(shown(block) for block in blocks))


def _count(kind: str) -> dict[str, int]:
    return {"execution_count": 1} if kind == "execute_result" else {}
