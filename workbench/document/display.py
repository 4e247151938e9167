"""What a cell shows: blocks as themselves, a data frame as a table, an Altair chart as a figure."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from typing import Any

from workbench.blocks import (
    MIME,
    Block,
    Cell,
    Columns,
    Figure,
    Masthead,
    Table,
    TableColumn,
    from_json,
    to_json,
)

VEGA_LITE = "application/vnd.vegalite.v5+json"
"""What JupyterLab 4.6 draws by itself, offline: it knows versions 3 to 5, and draws version 6 as 5."""

_SESSION = "JPY_SESSION_NAME"
"""The environment variable by which a Jupyter server tells a kernel which notebook a person has open."""

_TYPEFACE = "FiraGO, 'Fira Sans', 'Segoe UI', sans-serif"

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
.wb-block table :is(th, td) { padding: .15em .7em; text-align: start; border-bottom: 1px solid #d5dbe1 }
.wb-block .right { text-align: end }
.wb-block .center { text-align: center }
"""


def teach(shell: Any, *, watched: bool = True) -> None:
    """
    Teach an IPython shell to show what a document can hold as the document would show it.

    Blocks show themselves, a data frame becomes a Table (a series too), an Altair chart a Figure. A chart
    without alternative text is shown, but is no part of the document, and says so; so does any other value
    and what is printed. An error is told in an analyst's words, its traceback one click away. Where nobody
    watches, as in a run, a block carries itself only, without what a person would see, and nothing is said.
    """
    formatter = shell.display_formatter
    bundles = formatter.mimebundle_formatter
    if watched:
        formatter.ipython_display_formatter.for_type(Columns, _show)
        _speak(shell)
    bundles.for_type(Block, mimebundle if watched else carried)
    for module in ("pandas", "pandas.core.frame"):
        bundles.for_type_by_name(module, "DataFrame", lambda frame: mimebundle(table(frame)))
    for module in ("pandas", "pandas.core.series"):
        bundles.for_type_by_name(module, "Series", lambda one: mimebundle(table(_framed(one))))
    bundles.for_type_by_name("altair.vegalite.v6.api", "TopLevelMixin", _chart)


def _speak(shell: Any) -> None:
    """Let a kernel's shell say what went wrong, and what is no part of the document, in plain words; once."""
    plain = getattr(shell, "_showtraceback", None)
    if getattr(shell, "kernel", None) is None or plain is None or hasattr(shell, "workbench_speaks"):
        return
    from workbench.document import _slips, _unpublished

    def show(kind: type[BaseException], problem: BaseException, lines: list[str]) -> None:
        # the message stays an error, by which whoever runs the notebook knows that the cell failed
        try:
            told = _slips.explained(problem, names=shell.user_ns)
        except Exception:  # an error that cannot even be put into words is still shown
            plain(kind, problem, lines)
            return
        plain(kind, problem, [told])
        shell._last_traceback = lines  # what goes back to who ran the cell: a program, not a page
        if not isinstance(problem, KeyboardInterrupt):
            shell.display_pub.publish({"text/html": _slips.trace(lines), "text/plain": "<traceback>"})

    shell._showtraceback = show
    shell.workbench_speaks = True
    if os.environ.get(_SESSION):  # a program that compares what cells show is not told
        _unpublished.watch(shell)


def _framed(series: Any) -> Any:
    """Return a series as a frame: its index is a column too, unless it only numbers the rows."""
    frame = series.to_frame(name="value" if series.name is None else series.name)
    numbered = type(series.index).__name__ == "RangeIndex" and series.index.name is None
    return frame if numbered else frame.reset_index()


def table(frame: Any) -> Table:
    """
    Return a data frame as a Table: its columns under their own names, numbers on the right.

    Missing values are empty cells. The index is left out unless it has a name.
    """
    rows = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
    numeric = set(rows.select_dtypes("number").columns)
    columns = tuple(TableColumn(str(name), "right" if name in numeric else "left") for name in rows.columns)
    cells = (tuple(Cell(_text(value)) for value in row) for row in rows.itertuples(index=False, name=None))
    return Table("", columns, tuple(cells), empty="0")


def _text(value: Any) -> str:
    missing = value is None or value != value or str(value) in {"<NA>", "NaT"}  # noqa: PLR0124 (NaN only)
    if missing:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).removesuffix(" 00:00:00")


def _chart(chart: Any) -> dict[str, Any]:
    from workbench.charts import figure

    said = chart.to_dict()
    title = said.get("title", "")
    alt = said.get("description", "")
    if not alt:
        left_out = "Not in the document: give this chart alternative text with .properties(description=...)."
        return {VEGA_LITE: said, "text/plain": left_out}
    return mimebundle(figure(chart, title=title if isinstance(title, str) else "", alt=alt))


def carried(block: Block) -> dict[str, Any]:
    """Return what `document.collect` reads in a cell's output: a block as JSON under blocks.MIME."""
    return {MIME: to_json(block), "text/plain": f"<{block.kind}>"}


def mimebundle(block: Block) -> dict[str, Any]:
    """
    Return what a cell's output holds of a block: itself as JSON under blocks.MIME, and how to show it.

    A figure is shown by JupyterLab's own Vega-Lite renderer with its title and note around it, any
    other block as HTML. `document.collect` reads blocks.MIME only.
    """
    bundle = carried(block)
    if isinstance(block, Figure) and block.spec is not None:
        return {**bundle, VEGA_LITE: _titled(block)}
    return {**bundle, "text/html": preview(block)}


def shown_again(executed: bytes) -> bytes:
    """
    Return an executed notebook, as the bytes of its file, with the blocks of its cells as a person sees them.

    In a run that nobody watched they carried themselves only. What is no notebook, or no block that this
    version knows, comes back as it is.
    """
    from workbench.errors import ExportError

    try:
        page = json.loads(executed)
        every = [one for cell in page["cells"] for one in cell.get("outputs", ())]
        outputs = [one for one in every if MIME in one.get("data", ())]
    except (ValueError, KeyError, TypeError, AttributeError):
        return executed
    for output in outputs:
        with suppress(ExportError):
            output["data"] = mimebundle(from_json(output["data"][MIME]))
    return json.dumps(page, ensure_ascii=False, sort_keys=True).encode()


def _show(columns: Columns) -> None:
    """Show two columns in a notebook: themselves, and then each of their figures, which HTML cannot draw."""
    from IPython import display as shown

    show: Any = shown.display  # typed only in part
    show(mimebundle(columns), raw=True)
    for part in (*columns.left, *columns.right):
        if isinstance(part, Figure) and part.spec is not None:
            show({VEGA_LITE: _legible(part.spec), "text/plain": f"<{part.kind}>"}, raw=True)


def preview(block: Block) -> str:
    """Return a block as HTML that needs nothing around it; a figure that is not drawn shows its words."""
    from workbench.document.html import fragment

    # on a page the mark runs along every edge; in a notebook it is nowhere else
    mark = f"{block.marking} · {block.edition}" if isinstance(block, Masthead) else ""
    marked = f'<p class="strong accent">{escape(mark)}</p>' if mark else ""
    return f'<style>{_STYLE}</style><div class="wb-block">{marked}{fragment(block)}</div>'


def _titled(figure: Figure) -> dict[str, Any]:
    spec = dict(_legible(figure.spec or {}))
    if (figure.title or figure.note) and "title" not in spec:
        spec["title"] = {"text": figure.title, "anchor": "start", "subtitle": figure.note}
    return spec


def _legible(part: Any) -> Any:
    # an analyst's machine seldom has the typeface, and Vega's own substitute has serifs
    if isinstance(part, Mapping):
        return {name: _legible(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_legible(value) for value in part]
    return _TYPEFACE if part == "FiraGO" else part
