"""The house style of figures: one ink, greys, one accent, horizontal hairlines, FiraGO."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from functools import cache
from typing import Any

FONT = "FiraGO"
INK = "#1d2733"
GREY = "#5f6b78"
ACCENT = "#b4451f"
BAND = "#e3e8ed"
HAIRLINE = "#d5dbe1"
BORDER = "#8792a0"
HATCH = "#a3adb8"
WHITE = "#ffffff"

SHADES: tuple[str, ...] = ("#eef1f4", "#d3dae2", "#b0bbc8", "#8e9cac", "#4d5f73", "#1d2733")
"""Fills from nothing to most. Each carries INK or WHITE text with a contrast of at least 4.5 to 1."""

WIDTHS: dict[str, int] = {"half": 312, "full": 656}
"""Canvas in CSS pixels: at 0.75 pt a pixel these are the column and the text width of an A4 page."""

SMALL = 11.4
"""Text of labels and axes, in pixels: 8.5 pt on paper."""

LEAST = 10.8
"""The smallest text there may be, in pixels: 8.1 pt on paper."""

LARGE = 14.0
"""Numbers on a map, in pixels."""

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
    "text": {"font": FONT, "fontSize": SMALL, "color": INK},
    "bar": {"color": INK},
    "line": {"color": INK, "strokeWidth": 1.5},
    "point": {"color": INK, "filled": True},
    "range": {
        "category": [INK, ACCENT, "#7f8fa0", "#4d5f73", "#b0bbc8"],
        "ramp": list(SHADES),
        "heatmap": list(SHADES),
    },
    "axis": {
        "labelFont": FONT,
        "labelFontSize": SMALL,
        "labelColor": GREY,
        "titleFont": FONT,
        "titleFontSize": SMALL,
        "titleFontWeight": "normal",
        "titleColor": GREY,
        "domain": False,
        "ticks": False,
        "grid": False,
        "labelPadding": 6,
    },
    "axisY": {"grid": True, "gridColor": HAIRLINE, "gridWidth": 0.7},
    "legend": {
        "labelFont": FONT,
        "labelFontSize": SMALL,
        "labelColor": INK,
        "titleFont": FONT,
        "titleFontSize": SMALL,
        "titleFontWeight": "normal",
        "titleColor": GREY,
        "orient": "top",
    },
    "header": {"labelFont": FONT, "labelFontSize": SMALL, "titleFont": FONT, "titleFontSize": SMALL},
    "title": {"font": FONT, "fontSize": SMALL, "anchor": "start", "color": INK},
}
"""Vega-Lite configuration that every figure is embedded with; what a chart sets itself goes first."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide FiraGO sets a line of text, in the unit of `size`; joined letters as if apart."""
    widths = _advances("FiraGO_Bold" if bold else "FiraGO_Regular")
    return sum(widths.get(ord(character), 600) for character in text) * size / 1000


@cache
def _advances(face: str) -> dict[int, float]:
    import importlib

    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(importlib.import_module(f"pymupdf_fonts.{face}").fontbuffer), lazy=True)
    metrics, per_em = font["hmtx"], font["head"].unitsPerEm
    return {code: metrics[name][0] * 1000 / per_em for code, name in font.getBestCmap().items()}


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, 1.4.3), from 1 to 21."""
    light = sorted((_luminance(one), _luminance(other)))
    return (light[1] + 0.05) / (light[0] + 0.05)


def text_on(fill: str) -> str:
    """Return INK or WHITE, whichever is read better on `fill`."""
    return INK if contrast(INK, fill) >= contrast(WHITE, fill) else WHITE


def shades(counts: Iterable[int], most: int) -> list[str]:
    """Return a fill for each count, 0 lightest and `most` darkest; few different counts are set far apart."""
    steps = len(SHADES) - 1
    few = {0: [0], 1: [0, 2], 2: [0, 2, 4], 3: [0, 1, 3, 5], 4: [0, 1, 2, 4, 5]}
    chosen = few.get(most, list(range(steps + 1)))
    return [
        SHADES[chosen[min(int(n), most)] if most <= steps else math.ceil(min(int(n), most) / most * steps)]
        for n in counts
    ]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
