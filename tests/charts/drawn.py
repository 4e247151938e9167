"""What a figure's specification puts on the sheet: its words with their boxes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from workbench.blocks import Figure
from workbench.charts._house import ACCENT, LEAST, WIDTHS, text_width
from workbench.document.svg import draw, size


@dataclass(frozen=True)
class Word:
    """One line of text and the rectangle it covers: left, top, right, bottom."""

    text: str
    box: tuple[float, float, float, float]
    colour: str
    bold: bool
    size: float


def words_of(figure: Figure) -> list[Word]:
    """Return every text of a figure drawn on a sheet."""
    spec: Any = figure.spec
    found = []
    for layer in spec["layer"]:
        mark = layer["mark"]
        if mark["type"] != "text":
            continue
        for row in spec["datasets"][layer["data"]["name"]]:
            bold, high = mark["fontWeight"] == "bold", mark["fontSize"]
            wide = text_width(row["text"], high, bold=bold)
            left = row["x"] - {"left": 0.0, "center": wide / 2, "right": wide}[mark["align"]]
            box = (left, row["y"] - 0.72 * high, left + wide, row["y"] + 0.02 * high)
            colour = row.get("fill", mark.get("fill"))
            found.append(Word(row["text"], box, colour, bold, high))
    return found


def check(figure: Figure, *, width: str) -> list[Word]:
    """Assert that all words lie on the canvas, none below the least size, and none on another."""
    wide, high = size(draw(figure.spec))
    assert wide == WIDTHS[width]
    words = words_of(figure)
    assert words
    for word in words:
        assert word.size >= LEAST
        left, top, right, bottom = word.box
        assert left >= -1, word
        assert top >= -1, word
        assert right <= wide + 1, word
        assert bottom <= high + 1, word
    for one, other in itertools.combinations(words, 2):
        apart = (
            one.box[2] <= other.box[0]
            or other.box[2] <= one.box[0]
            or one.box[3] <= other.box[1]
            or other.box[3] <= one.box[1]
        )
        assert apart, (one, other)
    assert figure.alt
    assert figure.data is not None
    assert figure.data.rows
    assert not any(bad in str(figure.spec) + figure.alt + figure.note for bad in ("nan", "inf,", "<NA>"))
    return words


def table_of(figure: Figure) -> list[list[str]]:
    """Return the texts of a figure's table."""
    assert figure.data is not None
    return [[cell.text for cell in row] for row in figure.data.rows]


def in_accent(figure: Figure) -> set[str]:
    """Return the words set in accent."""
    return {word.text for word in words_of(figure) if word.colour == ACCENT}
