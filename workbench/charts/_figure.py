"""From an Altair chart to a figure of the document."""

from __future__ import annotations

from typing import Any

from workbench.blocks import Cell, Figure, Map, Table, TableColumn, Width
from workbench.charts._house import WIDTHS
from workbench.charts._prune import pruned
from workbench.errors import ParameterError

__all__ = ["Cell", "Figure", "Map", "Table", "TableColumn", "Width", "figure", "specification"]


def figure(
    chart: Any,
    *,
    title: str,
    alt: str,
    note: str = "",
    data: Table | None = None,
    width: Width = "full",
) -> Figure:
    """
    Return a figure of an Altair chart, in house style, that carries no column it does not draw.

    `alt` states the finding, for readers who cannot see the chart; `note` is set under it (source,
    what unusual marks mean); `data` is the table that could be read off it. A chart without a width
    of its own takes the column's. Raises ParameterError if `alt` is empty, or the chart's data are
    not rows of its own.
    """
    spec = chart.to_dict() if hasattr(chart, "to_dict") else dict(chart)
    return Figure(title, _stated(alt), note, data, width, specification(spec, width=width))


def specification(spec: dict[str, Any], *, width: Width) -> dict[str, Any]:
    """Return a Vega-Lite specification as it may leave a notebook cell: pruned, as wide as the column."""
    made = pruned(spec)
    if "width" not in made and ("mark" in made or "layer" in made):
        made |= {"width": WIDTHS[width], "autosize": {"type": "fit", "contains": "padding"}}
    return made


def _stated(alt: str) -> str:
    if not alt.strip():
        raise ParameterError(
            "A figure has no alternative text. State its finding in `alt`: some readers have nothing else."
        )
    return alt
