"""Blocks in JupyterLab: how a cell shows the block it makes."""

from __future__ import annotations

from typing import Any

from workbench.document.blocks import MIME, Block, Figure, to_json

VEGA_LITE = "application/vnd.vegalite.v5+json"
"""What JupyterLab 4.6 draws by itself, offline: it knows versions 3 to 5, and draws version 6 as 5."""

_STYLE = """
.wb-block { font: 14px/1.4 FiraGO, 'Fira Sans', 'Segoe UI', sans-serif; max-width: 60rem }
.wb-block p { margin: .15em 0 }
.wb-block .value b { font-size: 1.9em }
.wb-block .key-figures ul { display: flex; flex-wrap: wrap; gap: 1em 2.5em; list-style: none; padding: 0 }
.wb-block .columns { display: flex; gap: 2em }
.wb-block .columns > div { flex: 1; min-width: 0 }
.wb-block .judgements { list-style: none; padding: 0 }
.wb-block .judgements li { display: flex; gap: .6em }
.wb-block .callout { border-inline-start: 4px solid #b4451f; padding-inline-start: .8em }
.wb-block .accent { color: #b4451f }
.wb-block :is(.quiet, .note, .confidence, .facts) { color: #5f6b78 }
.wb-block table { border-collapse: collapse; margin: .3em 0 }
.wb-block :is(caption, .title, .strong) { font-weight: 700; text-align: start }
.wb-block .unseen { display: none }
.wb-block :is(th, td) { padding: .15em .7em; text-align: start; border-bottom: 1px solid #d5dbe1 }
.wb-block .right { text-align: end }
.wb-block .center { text-align: center }
"""


def mimebundle(block: Block) -> dict[str, Any]:
    """
    Return what a cell's output holds of a block: itself as JSON under blocks.MIME, and how to show it.

    A figure is shown by JupyterLab's own Vega-Lite renderer with its title and note around it, any
    other block as HTML. `document.collect` reads blocks.MIME only.
    """
    bundle: dict[str, Any] = {MIME: to_json(block), "text/plain": f"<{block.kind}>"}
    if isinstance(block, Figure) and block.spec is not None:
        return {**bundle, VEGA_LITE: _titled(block)}
    return {**bundle, "text/html": preview(block)}


def preview(block: Block) -> str:
    """Return a block as HTML that needs nothing around it; a figure that is not drawn shows its words."""
    from workbench.document.html import fragment

    return f'<style>{_STYLE}</style><div class="wb-block">{fragment(block)}</div>'


def _titled(figure: Figure) -> dict[str, Any]:
    lines = [line for line in (figure.title, figure.note) if line]
    spec = dict(figure.spec or {})
    if lines and "title" not in spec:
        spec["title"] = {"text": lines[0], "anchor": "start", "subtitle": lines[1:]}
    return spec
