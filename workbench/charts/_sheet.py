"""A sheet to draw on in pixels: rectangles, lines, points and words, told to Vega-Lite as they are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.charts import _house as house

Anchor = Literal["left", "center", "right"]

MOST_ROWS = 40
"""A figure with more rows would be longer than a page; its table holds the others."""

ROW = 19.0
"""Height of a row of a chart that reads like a table, in pixels."""

_CAPITAL = 0.345
"""Half the height of FiraGO's capitals and digits, as a share of the size: what centres a line."""

_HEAD = 4.5


@dataclass
class Sheet:
    """
    Marks in the order they are drawn, in pixels from the top left; what comes later lies above.

    Colours and places go with each mark, sizes are shared: marks of one kind and size that follow each
    other become one layer of the specification.
    """

    width: float
    height: float = 0.0
    _marks: list[tuple[tuple[tuple[str, Any], ...], dict[str, Any]]] = field(default_factory=list)

    def rect(
        self, box: tuple[float, float, float, float], *, fill: str, stroke: str = "", thick: float = 1.0
    ) -> None:
        """Draw a box (left, top, right, bottom)."""
        edge = {"stroke": stroke, "strokeWidth": thick} if stroke else {"strokeWidth": 0}
        left, top, right, bottom = box
        self._add({"type": "rect", **edge}, x=left, y=top, x2=right, y2=bottom, fill=fill)

    def line(  # noqa: PLR0913 (two points and a stroke)
        self, x: float, y: float, x2: float, y2: float, *,
        colour: str = house.INK, thick: float = 1.0, dash: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        """Draw a straight line."""
        dashed = {"strokeDash": dash} if dash else {}
        self._add({"type": "rule", "strokeWidth": thick, **dashed}, x=x, y=y, x2=x2, y2=y2, stroke=colour)

    def arrow(
        self, x: float, y: float, x2: float, y2: float, *, colour: str = house.INK, thick: float = 1.0
    ) -> None:
        """Draw a line with an open head at its end."""
        self.line(x, y, x2, y2, colour=colour, thick=thick)
        way = math.atan2(y2 - y, x2 - x)
        for turn in (2.6, -2.6):
            tip = (x2 + _HEAD * math.cos(way + turn), y2 + _HEAD * math.sin(way + turn))
            self.line(x2, y2, *tip, colour=colour, thick=thick)

    def dot(
        self, x: float, y: float, radius: float, *,
        fill: str = house.INK, stroke: str = house.INK, dash: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        """Draw a circle."""
        dashed = {"strokeDash": dash} if dash else {}
        mark = {"type": "point", "shape": "circle", "size": round(math.pi * radius**2, 1), "opacity": 1}
        self._add({**mark, "strokeWidth": 1.2, **dashed}, x=x, y=y, fill=fill, stroke=stroke)

    def text(  # noqa: PLR0913 (a place and a style)
        self, text: str, x: float, y: float, *,
        anchor: Anchor = "left", colour: str = house.INK, size: float = house.SMALL, bold: bool = False,
    ) -> None:  # fmt: skip
        """Set one line with its middle at the height `y`."""
        if not text:
            return
        mark = {"type": "text", "align": anchor, "baseline": "alphabetic", "fontSize": size}
        self._add(
            {**mark, "fontWeight": "bold" if bold else "normal"},
            x=x, y=y + _CAPITAL * size, text=text, fill=colour,
        )  # fmt: skip

    def hatch(self, box: tuple[float, float, float, float], *, crossed: bool, free: float = 0.0) -> None:
        """Hatch a box, or cross-hatch it, but for the middle `free` pixels of its width."""
        left, top, right, bottom = box
        middle, high = (left + right) / 2, bottom - top
        for start, end in ((left, middle - free / 2), (middle + free / 2, right)):
            for step in range(math.ceil(-high / 5), math.floor((end - start) / 5) + 1):
                # the line x = start + 5 * step + t, y = bottom - t, cut to the box
                first, last = max(0.0, -5.0 * step), min(high, end - start - 5 * step)
                if last <= first:
                    continue
                x, x2 = start + 5 * step + first, start + 5 * step + last
                self.line(x, bottom - first, x2, bottom - last, colour=house.HATCH, thick=0.6)
                if crossed:
                    self.line(x, top + first, x2, top + last, colour=house.HATCH, thick=0.6)

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite specification."""
        layers = [
            _layer(dict(key), [row for _, row in group])
            for key, group in itertools.groupby(self._marks, key=lambda mark: mark[0])
        ]
        size = {"width": round(self.width), "height": math.ceil(self.height)}
        return {**size, "padding": 0, "autosize": "none", "layer": layers}

    def _add(self, mark: dict[str, Any], **row: Any) -> None:
        rounded = {
            name: round(value, 1) if isinstance(value, float) else value for name, value in row.items()
        }
        self._marks.append((tuple(mark.items()), rounded))


def shortened(text: str, room: float, *, size: float = house.SMALL, bold: bool = False) -> str:
    """Return a text cut to the room there is, with an ellipsis; the whole of it is in the table."""
    if house.text_width(text, size, bold=bold) <= room:
        return text
    cut = len(text)
    while cut > 1 and house.text_width(text[:cut].rstrip() + "…", size, bold=bold) > room:
        cut -= 1
    return text[:cut].rstrip() + "…"


def wrapped(text: str, room: float, *, size: float = house.SMALL, bold: bool = False) -> list[str]:
    """Return a text as lines no wider than the room, broken between words; a long word stays whole."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and house.text_width(longer, size, bold=bold) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def widest(texts: Sequence[str], *, size: float = house.SMALL, bold: bool = False) -> float:
    """Return the width of the widest of some texts; 0 without any."""
    return max((house.text_width(text, size, bold=bold) for text in texts), default=0.0)


def name_column(names: Sequence[str], *, most: float) -> tuple[float, list[str]]:
    """Return the width of a column of names, at most `most`, and the names cut to it."""
    room = min(widest(names), most)
    return room, [shortened(name, room) for name in names]


def _layer(mark: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    shared = {
        name: rows[0][name] for name in ("fill", "stroke")
        if name in rows[0] and all(row[name] == rows[0][name] for row in rows)
    }  # fmt: skip
    encoding: dict[str, Any] = {}
    for name in rows[0]:
        if name in ("x2", "y2"):
            encoding[name] = {"field": name}
        elif name in ("x", "y"):
            encoding[name] = {"field": name, "type": "quantitative", "scale": None, "axis": None}
        elif name == "text":
            encoding[name] = {"field": name, "type": "nominal"}
        elif name not in shared:
            encoding[name] = {"field": name, "type": "nominal", "scale": None}
    values = [{name: value for name, value in row.items() if name not in shared} for row in rows]
    return {"data": {"values": values}, "mark": {**mark, **shared}, "encoding": encoding}
