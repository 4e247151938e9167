"""What stands in a district of a map: its name and number, inside if there is room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from workbench.charts._house import LARGE, LEAST, SMALL, text_width

_STEP = 3.0
_CLEAR = 1.2
_GAP = 4.0

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""


@dataclass(frozen=True)
class Line:
    """One line of a label: its left end and baseline, in pixels."""

    text: str
    x: float
    y: float
    size: float
    bold: bool

    @property
    def box(self) -> Box:
        """What it covers."""
        wide = text_width(self.text, self.size, bold=self.bold)
        return (self.x, self.y - 0.76 * self.size, self.x + wide, self.y + 0.2 * self.size)


@dataclass(frozen=True)
class Label:
    """
    A district's label; `place` is the district's position.

    `how` is where it went: inside the district, outside of all with a `leader` from the district to
    it, the number alone inside, or nowhere (`lines` is empty).
    """

    place: int
    how: Literal["inside", "outside", "number", "nowhere"]
    lines: tuple[Line, ...]
    leader: tuple[tuple[float, float], tuple[float, float]] | None = None

    @property
    def box(self) -> Box | None:
        """The rectangle around its lines; None without lines."""
        return _around(self.lines) if self.lines else None


def inside(outlines: Sequence[BaseGeometry], names: Sequence[str], numbers: Sequence[str]) -> list[Label]:
    """Return each district's label inside it, or `nowhere` where none of its forms fits."""
    labels = []
    for at, (outline, name, number) in enumerate(zip(outlines, names, numbers, strict=True)):
        spots = ((form, _spot(outline, form)) for form in _forms(name, number))
        found = next(((form, spot) for form, spot in spots if spot is not None), None)
        labels.append(Label(at, "inside", moved(found[0], *found[1])) if found else Label(at, "nowhere", ()))
    return labels


def number_alone(at: int, outline: BaseGeometry, number: str) -> Label:
    """Return the label of a district whose name has no place at all."""
    for size in (LARGE, LEAST):
        form = _centred([Line(number, 0.0, 0.0, size, bold=True)])
        spot = _spot(outline, form)
        if spot is not None:
            return Label(at, "number", moved(form, *spot))
    return Label(at, "nowhere", ())


def forms_outside(name: str, number: str) -> Iterable[tuple[Line, ...]]:
    """Yield the ways to set a label outside, the best first, each with its middle at 0, 0."""
    yield _one_line(name, number, SMALL)
    if (split := _split(name)) is not None:
        first = Line(split[0], 0.0, -SMALL, SMALL, bold=False)
        last = Line(split[1], 0.0, 0.0, SMALL, bold=False)
        wide = text_width(split[1], SMALL) + _GAP
        yield _centred([first, last, Line(number, wide, 0.0, SMALL + 1, bold=True)])


def half_size(form: tuple[Line, ...]) -> tuple[float, float]:
    """Return half the width and half the height of a form, with its clearance."""
    left, top, right, bottom = _around(form)
    return (right - left) / 2 + _CLEAR, (bottom - top) / 2 + _CLEAR


def moved(lines: tuple[Line, ...], x: float, y: float) -> tuple[Line, ...]:
    """Return lines moved by x and y, to a tenth of a pixel."""
    return tuple(replace(line, x=round(line.x + x, 1), y=round(line.y + y, 1)) for line in lines)


def _forms(name: str, number: str) -> Iterable[tuple[Line, ...]]:
    for size in (SMALL, LEAST):
        yield _stacked((name,), number, size)
        if (split := _split(name)) is not None:
            yield _stacked(split, number, size)
        yield _one_line(name, number, size)


def _stacked(names: tuple[str, ...], number: str, size: float) -> tuple[Line, ...]:
    lines, y = [], 0.0
    for name in names:
        y += size
        lines.append(Line(name, -text_width(name, size) / 2, y, size, bold=False))
    y += 0.24 * size + 0.74 * LARGE
    lines.append(Line(number, -text_width(number, LARGE, bold=True) / 2, y, LARGE, bold=True))
    return _centred(lines)


def _one_line(name: str, number: str, size: float) -> tuple[Line, ...]:
    wide = text_width(name, size) + _GAP
    return _centred([Line(name, 0.0, 0.0, size, bold=False), Line(number, wide, 0.0, size + 1, bold=True)])


def _centred(lines: list[Line]) -> tuple[Line, ...]:
    left, top, right, bottom = _around(tuple(lines))
    return moved(tuple(lines), -(left + right) / 2, -(top + bottom) / 2)


def _around(lines: tuple[Line, ...]) -> Box:
    edges = [line.box for line in lines]
    return (
        min(box[0] for box in edges),
        min(box[1] for box in edges),
        max(box[2] for box in edges),
        max(box[3] for box in edges),
    )


def _split(name: str) -> tuple[str, str] | None:
    words = name.split(" ")
    if len(words) < 2:
        return None
    halves = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return min(halves, key=lambda two: max(text_width(part, SMALL) for part in two))


def _spot(outline: BaseGeometry, form: tuple[Line, ...]) -> tuple[float, float] | None:
    """Return the middle at which a label has most room inside an outline, or None if it has none."""
    if outline.is_empty:
        return None
    wide, high = half_size(form)
    west, north, east, south = outline.bounds
    if east - west < 2 * wide or south - north < 2 * high:
        return None
    xs = np.arange(west + wide, east - wide + _STEP, _STEP)
    ys = np.arange(north + high, south - high + _STEP, _STEP)
    x, y = (grid.ravel() for grid in np.meshgrid(xs, ys))
    shapely.prepare(outline)
    middle = shapely.contains_xy(outline, x, y)
    x, y = x[middle], y[middle]
    boxes = shapely.box(x - wide, y - high, x + wide, y + high)
    fits = shapely.contains(outline, boxes)
    if not fits.any():
        return None
    x, y, boxes = x[fits], y[fits], boxes[fits]
    room = np.minimum(shapely.distance(shapely.boundary(outline), boxes), 12.0)
    centre = shapely.centroid(outline)
    # room first, up to a comfortable margin; then nearness to the middle
    away = np.hypot(x - centre.x, y - centre.y)
    best = int(np.lexsort((x, y, np.round(away - 3 * room, 1)))[0])
    return float(x[best]), float(y[best])
