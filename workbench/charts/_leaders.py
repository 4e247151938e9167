"""Labels that do not fit into their district: outside of all districts, tied to theirs by a line.

Free ground is found on a raster; what remains is arithmetic on arrays of candidates, because a map
of 17 districts asks a hundred times for a place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from workbench.charts._labels import Label, forms_outside, half_size, inside, moved, number_alone
from workbench.charts._labels import Line as TextLine
from workbench.charts._outlines import Canvas

_CELL = 2.0
_APART = 2.5
_FROM_LAND = 3.0
_FROM_ANCHORS = 5.0
_ROUNDS = 2
_NEAREST = 600
_SAMPLES = np.linspace(0.05, 0.95, 19)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Ground:
    """The canvas as a raster: which district each cell is in (-1: none), and how much land is above it."""

    owner: NDArray[np.int64]
    land: NDArray[np.int64]

    def is_free(self, x: Floats, y: Floats, half: tuple[float, float]) -> NDArray[np.bool_]:
        """Return where a box around x, y of these half sizes holds no land."""
        wide, high = half[0] + _FROM_LAND, half[1] + _FROM_LAND
        rows, columns = self.land.shape
        left = np.clip(np.floor((x - wide) / _CELL), 0, columns - 1).astype(int)
        right = np.clip(np.ceil((x + wide) / _CELL), 0, columns - 1).astype(int)
        top = np.clip(np.floor((y - high) / _CELL), 0, rows - 1).astype(int)
        bottom = np.clip(np.ceil((y + high) / _CELL), 0, rows - 1).astype(int)
        inside_box = self.land[bottom, right] - self.land[top, right]
        free: NDArray[np.bool_] = (inside_box - self.land[bottom, left] + self.land[top, left]) == 0
        return free

    def foreign(self, at: int, start: tuple[float, float], x: Floats, y: Floats) -> Floats:
        """Return how much of each line from `start` lies in districts other than `at`, in pixels."""
        along_x = start[0] + _SAMPLES[:, None] * (x - start[0])
        along_y = start[1] + _SAMPLES[:, None] * (y - start[1])
        row = np.clip(along_y / _CELL, 0, self.owner.shape[0] - 1).astype(int)
        column = np.clip(along_x / _CELL, 0, self.owner.shape[1] - 1).astype(int)
        others = (self.owner[row, column] >= 0) & (self.owner[row, column] != at)
        share: Floats = others.mean(axis=0) * np.hypot(x - start[0], y - start[1])
        return share


def place(
    outlines: Sequence[BaseGeometry], names: Sequence[str], numbers: Sequence[str], canvas: Canvas
) -> list[Label]:
    """
    Return a label for each outline (pixels of `canvas`), in order.

    Inside where it fits; else outside with the best leader: short, crossing no label and no other
    leader, little foreign land; else the number alone; nowhere for a district without outline.
    """
    labels = inside(outlines, names, numbers)
    homeless = [one.place for one in labels if one.how == "nowhere" and not outlines[one.place].is_empty]
    if not homeless:
        return labels
    ground = _ground(outlines, canvas)
    anchors = {at: _anchor(outlines[at]) for at in homeless}
    # the one farthest from the middle first: it has the shortest way out and blocks nobody
    middle = (canvas.width / 2, canvas.height / 2)
    order = sorted(homeless, key=lambda at: (-math.dist(anchors[at], middle), at))
    for _ in range(_ROUNDS):
        for at in order:
            taken = [one for one in labels if one.lines and one.place != at]
            others = [anchors[other] for other in homeless if other != at]
            found = [
                label
                for form in forms_outside(names[at], numbers[at])
                if (label := _outside(at, form, anchors[at], _Room(canvas, ground, taken, others)))
            ]
            labels[at] = min(
                found, key=lambda one: cost([one]), default=number_alone(at, outlines[at], numbers[at])
            )
    return labels


def cost(labels: Sequence[Label]) -> tuple[int, float]:
    """Return how many labels lost their name, and how far the others are from home: less is better."""
    missing = sum(label.how in {"number", "nowhere"} for label in labels)
    return missing, sum(math.dist(*one.leader) + 30 for one in labels if one.leader is not None)


@dataclass(frozen=True)
class _Room:
    """Where an outside label may stand: on the canvas, off the ground, clear of what is placed."""

    canvas: Canvas
    ground: _Ground
    taken: list[Label]
    anchors: list[tuple[float, float]]


def _outside(at: int, form: tuple[TextLine, ...], anchor: tuple[float, float], room: _Room) -> Label | None:
    wide, high = half_size(form)
    xs = np.arange(wide, room.canvas.width - wide + 0.01, 3.0)
    ys = np.arange(high, room.canvas.height - high + 0.01, 3.0)
    if not (len(xs) and len(ys)):
        return None
    x, y = (grid.ravel() for grid in np.meshgrid(xs, ys))
    free = room.ground.is_free(x, y, (wide, high))
    for label in room.taken:
        if (box := label.box) is not None:
            free &= (x + wide + _APART < box[0]) | (x - wide - _APART > box[2]) | (
                y + high + _APART < box[1]
            ) | (y - high - _APART > box[3])  # fmt: skip
    x, y = x[free], y[free]
    # the leader meets the near short side, or the near long one where the label is above or below
    level = np.abs(x - anchor[0]) < wide
    end_x = np.where(level, anchor[0], np.where(x >= anchor[0], x - wide, x + wide))
    end_y = np.where(level, np.where(y >= anchor[1], y - high, y + high), y)
    away = np.hypot(end_x - anchor[0], end_y - anchor[1])
    order = np.lexsort((x, y, np.round(away, 1)))
    for start in range(0, len(order), _NEAREST):
        some = order[start : start + _NEAREST]
        clear = _is_clear(anchor, end_x[some], end_y[some], room)
        clear &= ~_covers_leader(x[some], y[some], (wide, high), room)
        some = some[clear]
        if len(some):
            foreign = room.ground.foreign(at, anchor, end_x[some], end_y[some])
            price = away[some] + foreign + 0.4 * np.abs(end_y[some] - anchor[1])
            best = some[int(np.argmin(np.round(price, 1)))]
            end = (round(float(end_x[best]), 1), round(float(end_y[best]), 1))
            return Label(at, "outside", moved(form, float(x[best]), float(y[best])), (anchor, end))
    return None


def _is_clear(anchor: tuple[float, float], x: Floats, y: Floats, room: _Room) -> NDArray[np.bool_]:
    """Return which lines from the anchor to x, y cross no label, no leader, and no other anchor."""
    clear = np.ones(len(x), dtype=bool)
    for label in room.taken:
        if (box := label.box) is not None:
            clear &= ~_hits_box(anchor, x, y, box)
        if label.leader is not None:
            clear &= ~_crosses(anchor, x, y, label.leader)
    for other in room.anchors:
        clear &= _distance(anchor, x, y, other) > _FROM_ANCHORS
    return clear


def _covers_leader(x: Floats, y: Floats, half: tuple[float, float], room: _Room) -> NDArray[np.bool_]:
    """Return which boxes around x, y lie on a leader that is already there."""
    covered = np.zeros(len(x), dtype=bool)
    for label in room.taken:
        if label.leader is None:
            continue
        a, b = label.leader
        steps = np.linspace(0, 1, max(2, int(math.dist(a, b) / 4) + 2))[:, None]
        along_x, along_y = a[0] + steps * (b[0] - a[0]), a[1] + steps * (b[1] - a[1])
        near = (np.abs(along_x - x) < half[0] + _APART) & (np.abs(along_y - y) < half[1] + _APART)
        covered |= near.any(axis=0)
    return covered


def _hits_box(a: tuple[float, float], x: Floats, y: Floats, box: Any) -> NDArray[np.bool_]:
    """Return which segments from a to x, y meet a box (Liang and Barsky's slabs)."""
    enter, leave = np.zeros(len(x)), np.ones(len(x))
    for start, end, low, high in ((a[0], x, box[0] - 1, box[2] + 1), (a[1], y, box[1] - 1, box[3] + 1)):
        run = np.where(np.abs(end - start) < 1e-9, 1e-9, end - start)
        first, second = (low - start) / run, (high - start) / run
        enter = np.maximum(enter, np.minimum(first, second))
        leave = np.minimum(leave, np.maximum(first, second))
    hit: NDArray[np.bool_] = enter <= leave
    return hit


def _crosses(a: tuple[float, float], x: Floats, y: Floats, leader: Any) -> NDArray[np.bool_]:
    """Return which segments from a to x, y cross a leader."""
    (cx, cy), (dx, dy) = leader

    def side(px: Any, py: Any, qx: Any, qy: Any, rx: Any, ry: Any) -> Any:
        return (qx - px) * (ry - py) - (qy - py) * (rx - px)

    apart = side(a[0], a[1], x, y, cx, cy) * side(a[0], a[1], x, y, dx, dy) > 0
    beyond = side(cx, cy, dx, dy, a[0], a[1]) * side(cx, cy, dx, dy, x, y) > 0
    crossing: NDArray[np.bool_] = ~(apart | beyond)
    return crossing


def _distance(a: tuple[float, float], x: Floats, y: Floats, point: tuple[float, float]) -> Floats:
    """Return how far each segment from a to x, y passes from a point."""
    run_x, run_y = x - a[0], y - a[1]
    length = np.maximum(run_x**2 + run_y**2, 1e-9)
    along = np.clip(((point[0] - a[0]) * run_x + (point[1] - a[1]) * run_y) / length, 0, 1)
    away: Floats = np.hypot(a[0] + along * run_x - point[0], a[1] + along * run_y - point[1])
    return away


def _ground(outlines: Sequence[BaseGeometry], canvas: Canvas) -> _Ground:
    columns, rows = math.ceil(canvas.width / _CELL) + 1, math.ceil(canvas.height / _CELL) + 1
    owner = np.full((rows, columns), -1, dtype=np.int64)
    for at, outline in enumerate(outlines):
        if outline.is_empty:
            continue
        west, north, east, south = (value / _CELL for value in outline.bounds)
        some_x = np.arange(max(0, math.floor(west)), min(columns, math.ceil(east) + 1))
        some_y = np.arange(max(0, math.floor(north)), min(rows, math.ceil(south) + 1))
        x, y = np.meshgrid(some_x, some_y)
        shapely.prepare(outline)
        within = shapely.contains_xy(outline, x * _CELL, y * _CELL)
        owner[y[within], x[within]] = at
    land = (owner >= 0).astype(np.int64).cumsum(axis=0).cumsum(axis=1)
    return _Ground(owner, land)


def _anchor(outline: BaseGeometry) -> tuple[float, float]:
    """Return the pole of inaccessibility of an outline's largest part."""
    parts = shapely.get_parts(outline)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    pole = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=0.5), 0)
    return round(float(pole.x), 1), round(float(pole.y), 1)
