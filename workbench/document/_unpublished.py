"""What a cell shows or prints that is no part of the document: the notebook says so, and why."""

from __future__ import annotations

import html
import re
from contextlib import suppress
from typing import Any

from workbench.blocks import MIME, Block

_OWN = re.compile(r"<[a-z][a-z_ -]*>")
"""The text of a block, or of a form of ours: `<table>`, `<controls>`."""

_PRINTED = (
    "Printed text is not part of the document: only blocks, data frames, charts and markdown cells are. "
    "To have it there: write it in a markdown cell."
)
_SHOWN = (
    "What was shown here is not part of the document: it is no block, data frame or chart. "
    "To have it there: show the data frame it was made from, or a chart of it made with Altair."
)


def watch(shell: Any) -> None:
    """
    Let a kernel's shell say below each cell what of its output no document will hold.

    A last value, something displayed, or printed text; not blocks, frames, charts with alternative text,
    nor forms of ours. A shell that has no kernel is left alone.
    """
    _Watch(shell)


class _Watch:
    """One shell, and what the cell that runs has shown so far."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._shown = self._printed = False
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)
        shell.display_pub.register_hook(self._published)

    def _begin(self, *_: Any) -> None:
        import sys

        self._shown = self._printed = False
        stream: Any = sys.stdout
        write = stream.write
        if getattr(write, "watched_by", None) is self:
            return

        def noted(text: str) -> int:
            self._printed = self._printed or bool(text.strip())
            return int(write(text) or 0)

        noted.watched_by = self  # type: ignore[attr-defined]  # IPython puts its own in place for each cell
        with suppress(AttributeError):  # a stream that cannot be watched is not
            stream.write = noted

    def _published(self, message: Any) -> Any:
        if message.get("msg_type") == "display_data" or "data" in message.get("content", {}):
            data = message["content"].get("data", {})
            own = MIME in data or _OWN.fullmatch(str(data.get("text/plain", "")))
            note = str(data.get("text/plain", "")).startswith("Not in the document")
            self._shown = self._shown or not (own or note)
        return message

    def _end(self, result: Any) -> None:
        notes = []
        if result.success:
            notes = [why_not(result.result, self._shell)] if result.result is not None else []
            notes += [_SHOWN] * self._shown + [_PRINTED] * self._printed
        self._shown = self._printed = False
        said = [one for one in dict.fromkeys(notes) if one]
        if said:
            self._shell.display_pub.publish({"text/plain": "\n".join(said), "text/html": _html(said)})


def _html(notes: list[str]) -> str:
    lines = "".join(f"<div>{html.escape(one)}</div>" for one in notes)
    return f'<div style="font: 13px sans-serif; color: #5f6b78; margin: .3em 0">{lines}</div>'


def why_not(value: Any, shell: Any) -> str:
    """
    Return why a cell's last value is no part of the document and what would be; "" if it is one.

    What `shell` knows to show as a block is part of it, and what is made by the workbench speaks for itself.
    """
    if isinstance(value, Block) or type(value).__module__.partition(".")[0] == "workbench":
        return ""
    try:
        shell.display_formatter.mimebundle_formatter.lookup(value)
    except KeyError:
        pass
    else:
        return ""
    what, instead = _told(value)
    return f"Not part of the document: {what}. To have it there: {instead}."


def _told(value: Any) -> tuple[str, str]:
    module = type(value).__module__.partition(".")[0]
    if isinstance(value, (list, tuple)) and value and all(isinstance(one, Block) for one in value):
        return "blocks in a list", "display(*…) shows them one after the other"
    if isinstance(value, (bool, int, float, complex, str)) or module == "numpy":
        kind = "a text" if isinstance(value, str) else "a number, or several"
        return kind, "write it in a markdown cell, or put it into a data frame"
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return "a list of values", "make a data frame of it (pandas.DataFrame)"
    if module in {"matplotlib", "plotly", "seaborn", "bokeh", "folium"}:
        return "a picture that is not made with Altair", "draw it with Altair, with a description"
    if module in {"ipywidgets", "anywidget"}:
        return "a control", "show what it lets you find as a data frame or chart"
    return f"a {type(value).__name__}", "show a data frame or an Altair chart with a description"
