"""The risk matrix: each line where it is after measures, with an arrow from where it is now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.analysis.risk import RiskTable
from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import Sheet, widest, wrapped
from workbench.errors import ParameterError
from workbench.language import Words
from workbench.language.terms import TERMS

_CELL_HEIGHT: dict[Width, float] = {"half": 46.0, "full": 60.0}
_NAME = 15.0
_PITCH, _RADIUS, _SMALL = 20.5, 8.5, 3.0
_LINE = 13.0

_Place = tuple[int, int]
"""Column (likelihood) and row (impact, gravest first) of a cell."""


@dataclass(frozen=True)
class _Line:
    """One risk line: its cells (None where its words are not in the table) and how it is drawn."""

    number: str
    present: _Place | None
    residual: _Place | None
    level: str
    current: bool
    gravest: bool


def risk_matrix(
    lines: pd.DataFrame, *, table: RiskTable, words: Words, note: str = "", width: Width = "full"
) -> Figure:
    """
    Return the office's table of likelihood and impact with the risk lines in it.

    `lines` has `number` (what is printed in the dot: at most three letters) and the codes
    `likelihood_present`, `impact_present`, `likelihood_residual`, `impact_residual`, `residual` (level)
    and `state` (`risk.LINE_STATES`). A numbered dot is the residual risk, a small ring with an arrow the
    present one; without an arrow both are the same. Lines that are not current are open, those at
    the table's gravest level in accent. Cells are shaded by level, with its name in them or below; the
    number of likelihoods, impacts and levels is free. A line whose words are not in the table is named
    in the note. Raises ParameterError if no line can be drawn.
    """
    found = [_line(row, table) for row in lines.to_dict("records")]
    if not any(line.residual for line in found):
        raise ParameterError(
            "The risk matrix needs at least one line whose residual likelihood and impact are in the "
            "office's table. Pass risk.risk_lines(...) with a column number, and say in words "
            "where there is none."
        )
    return figure(
        _Drawing(found, table, words, width).sheet().spec(),
        title=words.say("Risks, present and residual"),
        alt=_alt(found, table, words),
        note=_note(found, words, note),
        data=_table(lines, words),
        width=width,
    )


def _line(row: Mapping[Any, Any], table: RiskTable) -> _Line:
    def place(when: str) -> _Place | None:
        likelihood, impact = (row.get(f"{part}_{when}") for part in ("likelihood", "impact"))
        if likelihood not in table.likelihoods or impact not in table.impacts:
            return None
        return table.likelihoods.index(likelihood), len(table.impacts) - 1 - table.impacts.index(impact)

    level = row.get("residual")
    level = "" if pd.isna(level) else str(level)
    gravest = level == table.levels[-1] and len(table.levels) > 1
    return _Line(
        str(row["number"]),
        place("present"),
        place("residual"),
        level,
        str(row["state"]) == "current",
        gravest,
    )


def _word(vocabulary: str, code: str, words: Words) -> str:
    """Return a label of the office's own code; one we do not know is printed as it is."""
    return words.term(vocabulary, code) if code in TERMS[vocabulary] else code.replace("_", " ")


class _Drawing:
    """The matrix laid out: where the cells are, and where in them the marks go."""

    def __init__(self, lines: list[_Line], table: RiskTable, words: Words, width: Width) -> None:
        self.lines, self.table, self.words = lines, table, words
        self.full, self.high = float(house.WIDTHS[width]), _CELL_HEIGHT[width]
        impacts = [_word("risk_impact", code, words) for code in reversed(table.impacts)]
        self.impacts = [wrapped(name, 90.0 if width == "full" else 60.0) for name in impacts]
        self.left = max(widest(one) for one in self.impacts) + 9
        self.wide = (self.full - self.left - 1) / len(table.likelihoods)
        likelihoods = [_word("risk_likelihood", code, words) for code in table.likelihoods]
        self.likelihoods = [wrapped(name, self.wide - 3) for name in likelihoods]
        self.levels = {code: _word("risk_level", code, words) for code in table.levels}
        self.named = widest(list(self.levels.values()), size=house.LEAST) <= self.wide - 8
        self.top = 20.0
        ramp = house.SHADES[:5]
        last = max(len(table.levels) - 1, 1)
        self.fills = {code: ramp[round(at * (len(ramp) - 1) / last)] for at, code in enumerate(table.levels)}

    def sheet(self) -> Sheet:
        """Return the drawing."""
        bottom = self.top + self.high * len(self.table.impacts)
        sheet = Sheet(self.full)
        self._cells(sheet)
        end = self._words(sheet, bottom)
        sheet.height = end if self.named else self._legend(sheet, end + 6)
        present, residual, over = self._spots()
        for line in self.lines:
            if line.number in present and line.number in residual:
                self._arrow(sheet, present[line.number], residual[line.number], line)
        self._names(sheet)
        for line in self.lines:
            if line.number in residual:
                self._dot(sheet, residual[line.number], line)
        for line in self.lines:
            if line.number in residual:
                colour = self._colour(line) if not line.current else house.WHITE
                sheet.text(line.number, *residual[line.number], anchor="center", colour=colour,
                           size=house.LEAST, bold=True)  # fmt: skip
        for (x, y, fill), _ in over:
            sheet.rect((x - 10, y - 8, x + 10, y + 8), fill=fill)
        for (x, y, fill), more in over:
            sheet.text(
                f"+{more}", x, y, anchor="center", colour=house.text_on(fill), size=house.LEAST, bold=True
            )
        return sheet

    def _box(self, place: _Place) -> tuple[float, float, float, float]:
        x, y = self.left + place[0] * self.wide, self.top + place[1] * self.high
        return x + 0.75, y + 0.75, x + self.wide - 0.75, y + self.high - 0.75

    def _fill(self, place: _Place) -> str:
        row = self.table.table[self.table.likelihoods[place[0]]]
        return self.fills[row[len(row) - 1 - place[1]]]

    def _places(self) -> list[_Place]:
        rows, columns = range(len(self.table.impacts)), range(len(self.table.likelihoods))
        return [(column, row) for row in rows for column in columns]

    def _cells(self, sheet: Sheet) -> None:
        for place in self._places():
            sheet.rect(self._box(place), fill=self._fill(place))

    def _names(self, sheet: Sheet) -> None:
        """Set each cell's level at its foot, on its own shade so that no arrow strikes it through."""
        spots = []
        for place in self._places() if self.named else ():
            row = self.table.table[self.table.likelihoods[place[0]]]
            name = self.levels[row[len(row) - 1 - place[1]]]
            left, _, _, bottom = self._box(place)
            spots.append((name, left + 4, bottom - 8, self._fill(place)))
        for name, x, y, fill in spots:
            end = x + house.text_width(name, house.LEAST) + 1.5
            sheet.rect((x - 1.5, y - 6, end, y + 7), fill=fill)
        for name, x, y, fill in spots:
            sheet.text(name, x, y, size=house.LEAST, colour=house.text_on(fill))

    def _words(self, sheet: Sheet, bottom: float) -> float:
        """Set the words along both sides; return where they end."""
        sheet.text(self.words.say("Impact, upwards; likelihood, to the right"), 0, 8, colour=house.GREY)
        for row, lines in enumerate(self.impacts):
            middle = self.top + (row + 0.5) * self.high - (len(lines) - 1) * _LINE / 2
            for at, line in enumerate(lines):
                sheet.text(line, self.left - 8, middle + at * _LINE, anchor="right")
        lower = max(len(lines) for lines in self.likelihoods[::2])
        # words wider than their column take turns on two heights
        turns = any(widest(lines) > self.wide - 3 for lines in self.likelihoods)
        deepest = 0
        for column, lines in enumerate(self.likelihoods):
            x, first = self.left + (column + 0.5) * self.wide, lower if turns and column % 2 else 0
            deepest = max(deepest, first + len(lines))
            for at, line in enumerate(lines, start=first):
                half = house.text_width(line, house.SMALL) / 2
                x_in = min(max(x, half), self.full - half)
                sheet.text(line, x_in, bottom + 11 + at * _LINE, anchor="center")
        return bottom + 10 + deepest * _LINE

    def _legend(self, sheet: Sheet, top: float) -> float:
        """Set the levels with their shades below; return where they end."""
        x, y = 0.0, top + 7
        spots = []
        for code, name in self.levels.items():
            wide = 18 + house.text_width(name, house.SMALL) + 12
            if x and x + wide - 12 > self.full:
                x, y = 0.0, y + 17
            spots.append((x, y, code, name))
            x += wide
        for x, y, code, _ in spots:
            sheet.rect((x, y - 6, x + 13, y + 6), fill=self.fills[code], stroke=house.BORDER, thick=0.5)
        for x, y, _, name in spots:
            sheet.text(name, x + 18, y)
        return y + 10

    def _slots(self, place: _Place) -> list[tuple[float, float]]:
        left, top, right, bottom = self._box(place)
        bottom -= _NAME if self.named else 0
        columns = max(int((right - left - 2) // _PITCH), 1)
        rows = max(int((bottom - top - 1) // _PITCH), 1)
        x, y = (left + right - columns * _PITCH) / 2, (top + bottom - rows * _PITCH) / 2
        return [
            (x + (column + 0.5) * _PITCH, y + (row + 0.5) * _PITCH)
            for row in range(rows) for column in range(columns)
        ]  # fmt: skip

    def _spots(self) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
        """Return where present and residual marks go, and how many found no slot in a cell."""
        present: dict[str, Any] = {}
        residual: dict[str, Any] = {}
        over = []
        for place in self._places():
            slots = self._slots(place)
            here = [line.number for line in self.lines if line.residual == place]
            if len(here) > len(slots):
                over.append(((*slots[-1], self._fill(place)), len(here) - len(slots) + 1))
                here = here[: len(slots) - 1]
                free: list[tuple[float, float]] = []
            else:
                free = slots[len(here) :][::-1]
            residual |= dict(zip(here, slots, strict=False))
            from_here = [
                line.number for line in self.lines
                if line.present == place and line.residual not in (place, None)
            ]  # fmt: skip
            left, _, right, bottom = self._box(place)
            for at, number in enumerate(from_here):
                # without a slot a ring goes to the foot of the cell: small, it hides nothing
                foot = (right - 6 - 8.0 * (at % max(int((right - left) // 8) - 1, 1)), bottom - 6)
                present[number] = free[at] if at < len(free) else foot
        return present, residual, over

    def _arrow(self, sheet: Sheet, start: tuple[float, float], end: tuple[float, float], line: _Line) -> None:
        way = math.atan2(end[1] - start[1], end[0] - start[0])
        reach = _RADIUS + 2
        tip = (end[0] - reach * math.cos(way), end[1] - reach * math.sin(way))
        sheet.line(*start, *tip, colour=house.WHITE, thick=3.0)
        sheet.arrow(*start, *tip, colour=self._colour(line), thick=1.2)
        sheet.dot(*start, _SMALL, fill=house.WHITE, stroke=self._colour(line))

    def _dot(self, sheet: Sheet, at: tuple[float, float], line: _Line) -> None:
        colour = self._colour(line)
        if line.current:
            sheet.dot(*at, _RADIUS, fill=colour, stroke=house.WHITE)
        else:
            sheet.dot(*at, _RADIUS, fill=house.WHITE, stroke=colour, dash=(3, 2))

    @staticmethod
    def _colour(line: _Line) -> str:
        return house.ACCENT if line.gravest else house.INK


def _alt(lines: list[_Line], table: RiskTable, words: Words) -> str:
    sentences = [words.count("Risk matrix with {n} line.", "Risk matrix with {n} lines.", len(lines))]
    counted = [
        words.say("{n} {level}", n=n, level=_word("risk_level", level, words))
        for level in reversed(table.levels) if (n := sum(line.level == level for line in lines))
    ]  # fmt: skip
    if counted:
        sentences.append(words.say("Residual risk: {levels}.", levels=words.listed(counted)))
    gravest = [line.number for line in lines if line.gravest]
    if gravest:
        sentences.append(
            words.count("At the gravest level is line {lines}.", "At the gravest level are lines {lines}.",
                        len(gravest), lines=words.listed(gravest))
        )  # fmt: skip
    lowered = sum(
        line.present != line.residual for line in lines
        if line.present is not None and line.residual is not None
    )  # fmt: skip
    sentences.append(words.count("Measures move {n} line.", "Measures move {n} lines.", lowered))
    ended = [line.number for line in lines if not line.current]
    if ended:
        sentences.append(
            words.count("Line {lines} is not valid now.", "Lines {lines} are not valid now.",
                        len(ended), lines=words.listed(ended))
        )  # fmt: skip
    return " ".join(sentences)


def _note(lines: list[_Line], words: Words, closing: str) -> str:
    sentences = [words.say("Numbered dot: residual risk. Ring and arrow: present risk.")]
    if not all(line.current for line in lines):
        sentences.append(words.say("Open: expired, or not valid yet."))
    missing = [line.number for line in lines if line.residual is None]
    if missing:
        sentences.append(words.say("Not in the office’s table: {lines}.", lines=words.listed(missing)))
    return " ".join([*sentences, *([closing] if closing else [])])


def _table(lines: pd.DataFrame, words: Words) -> Table:
    def said(row: Mapping[Any, Any], name: str, vocabulary: str) -> str:
        code = row.get(name)
        return words.say("not in the table") if pd.isna(code) else _word(vocabulary, str(code), words)

    return Table(
        title=words.say("Risks, present and residual"),
        columns=(
            TableColumn(words.say("Line")),
            TableColumn(words.say("Likelihood, present"), share=1.6),
            TableColumn(words.say("Impact, present"), share=1.4),
            TableColumn(words.say("Likelihood, residual"), share=1.6),
            TableColumn(words.say("Impact, residual"), share=1.4),
            TableColumn(words.say("Residual risk"), share=1.4),
        ),
        rows=tuple(
            (
                Cell(str(row["number"])),
                Cell(said(row, "likelihood_present", "risk_likelihood")),
                Cell(said(row, "impact_present", "risk_impact")),
                Cell(said(row, "likelihood_residual", "risk_likelihood")),
                Cell(said(row, "impact_residual", "risk_impact")),
                Cell(said(row, "residual", "risk_level")),
            )
            for row in lines.to_dict("records")
        ),
    )
