"""Coverage: district by kind of interlocutor, with the days since the last contact in each cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import MOST_ROWS, ROW, Sheet, name_column, shortened, widest, wrapped
from workbench.charts._weeks import whole
from workbench.errors import ParameterError
from workbench.language import Words
from workbench.language.terms import TERMS

_GAP = 10.0
_LINE = 13.5
_CUT = 62.0
"""In columns narrower than this the kinds are numbered, and named in the note; in wider ones long words
are cut."""


@dataclass(frozen=True)
class _Matrix:
    """The rows in the order drawn, by district and kind, and the names of both."""

    rows: pd.DataFrame
    districts: list[str]
    kinds: list[str]
    names: Mapping[str, str]


def coverage_matrix(
    matrix: pd.DataFrame,
    *,
    names: Mapping[str, str],
    words: Words,
    note: str = "",
    width: Width = "full",
) -> Figure:
    """
    Return the grid of required contacts: each district's days since the last contact, by kind.

    `matrix` is the frame of `liaison.required_contacts`: `district`, `organisation_kind`, `every_days`,
    `days`, `state`. Met is grey; late and never are framed, in accent and bold; a contact nobody may
    know of has a question mark; where none is required the cell is empty. The last column counts the
    contacts met. `names` gives the districts' names and order; of more than 40, those with most
    contacts late or never made are drawn. Raises ParameterError if no cell is left.
    """
    found = _found(matrix, names)
    sheet, numbered = _sheet(_worst(found), words, width)
    return figure(
        sheet.spec(),
        title=words.say("Required contacts, days since the last"),
        alt=_alt(found, words),
        note=_note(found, words, note, numbered=numbered),
        data=_table(found, words),
        width=width,
    )


def _found(matrix: pd.DataFrame, names: Mapping[str, str]) -> _Matrix:
    rows = matrix[matrix["district"].isin(list(names))]
    if rows.empty:
        raise ParameterError(
            "The chart of contacts needs at least one district in `names` and one kind of contact that is "
            "required. Pass liaison.required_contacts(...), and say in words where nothing is required."
        )
    kinds = list(dict.fromkeys(rows["organisation_kind"]))
    districts = [one for one in names if one in set(rows["district"])]
    return _Matrix(rows.set_index(["district", "organisation_kind"]), districts, kinds, names)


def _worst(found: _Matrix) -> _Matrix:
    if len(found.districts) <= MOST_ROWS:
        return found
    missed = found.rows["state"].isin(["late", "never"]).groupby(level="district").sum()
    most = set(missed.reindex(found.districts).sort_values(ascending=False, kind="stable").index[:MOST_ROWS])
    return _Matrix(found.rows, [one for one in found.districts if one in most], found.kinds, found.names)


def _kind(code: str, words: Words) -> str:
    known = code in TERMS["organisation_kind"]
    return words.term("organisation_kind", code) if known else code.replace("_", " ")


def _shown(found: _Matrix, district: str, kind: str, words: Words) -> tuple[str, str]:
    """Return the state of a cell and what stands in it."""
    if (district, kind) not in found.rows.index:
        return "not_required", ""
    row: Any = found.rows.loc[(district, kind)]
    state, days = str(row["state"]), whole(row["days"])
    if state == "not_required":
        return state, ""
    if state == "never":
        return state, words.say("never")
    if state == "unknown" or days is None:
        return "unknown", "?"
    return state, words.say("{n} d", n=days)


def _sheet(found: _Matrix, words: Words, width: Width) -> tuple[Sheet, bool]:
    """Return the drawing, and whether its kinds are numbered for want of room."""
    full = float(house.WIDTHS[width])
    names_wide, names = name_column([found.names[one] for one in found.districts], most=0.3 * full)
    left = names_wide + _GAP
    met = [_met(found, one) for one in found.districts]
    sums = [_sum(*one, words) for one in met]
    heads = [words.say("met"), *sums]
    right = full - widest(heads, bold=True) - _GAP
    step = (right - left) / len(found.kinds)
    labels = _labels(found, step, words)
    head = max(len(lines) for lines in labels) * _LINE + 8
    sheet = Sheet(full, head + ROW * len(names) + 2)
    for column, lines in enumerate(labels):
        for at, line in enumerate(reversed(lines)):
            y = head - 10 - at * _LINE
            sheet.text(line, left + (column + 0.5) * step, y, anchor="center", colour=house.GREY)
    sheet.text(heads[0], full, head - 10, anchor="right", colour=house.GREY)
    _cells(sheet, found, words, (left, head, step))
    for row, name in enumerate(names):
        sheet.text(name, 0, head + (row + 0.5) * ROW)
        sheet.text(sums[row], full, head + (row + 0.5) * ROW, anchor="right")
    return sheet, labels[0] == [words.number(1)]


def _cells(sheet: Sheet, found: _Matrix, words: Words, grid: tuple[float, float, float]) -> None:
    """Draw the cells of a grid: its left and upper edge, and the width of its columns."""
    left, head, step = grid
    cells = []
    for row, district in enumerate(found.districts):
        for column, kind in enumerate(found.kinds):
            top, start = head + row * ROW, left + column * step
            box = (start + 1, top + 1, start + step - 1, top + ROW - 1)
            cells.append((box, *_shown(found, district, kind, words)))
    for box, state, _ in cells:
        if state == "met":
            sheet.rect(box, fill=house.SHADES[1])
        elif state == "unknown":
            sheet.rect(box, fill=house.SHADES[0])
    for box, state, _ in cells:
        if state in {"late", "never"}:
            inner = (box[0] + 0.6, box[1] + 0.6, box[2] - 0.6, box[3] - 0.6)
            sheet.rect(inner, fill=house.WHITE, stroke=house.ACCENT, thick=1.3)
    for missed in (False, True):
        for box, state, said in cells:
            if (state in {"late", "never"}) is missed:
                colour = house.ACCENT if missed else house.INK
                sheet.text(_fits(said, box, words), (box[0] + box[2]) / 2, (box[1] + box[3]) / 2,
                           anchor="center", bold=missed, colour=colour)  # fmt: skip


def _fits(said: str, box: tuple[float, float, float, float], words: Words) -> str:
    """Return a cell's words, or the number alone where the cell is narrow."""
    if house.text_width(said, house.SMALL, bold=True) <= box[2] - box[0] - 4:
        return said
    return "–" if said == words.say("never") else said.split(" ", maxsplit=1)[0]


def _labels(found: _Matrix, step: float, words: Words) -> list[list[str]]:
    """Return the kinds' names broken into lines, or their numbers (see the note) in narrow columns."""
    lines = [wrapped(_kind(kind, words), step - 5) for kind in found.kinds]
    if all(widest(one) <= step - 2 for one in lines):
        return lines
    if step >= _CUT:
        return [[shortened(line, step - 4) for line in one] for one in lines]
    return [[words.number(place)] for place in range(1, len(found.kinds) + 1)]


def _met(found: _Matrix, district: str) -> tuple[int | None, int]:
    """Return how many contacts are in time, None if one of them is not known, and how many are required."""
    states = found.rows.loc[[district], "state"]
    met = None if states.eq("unknown").any() else int(states.eq("met").sum())
    return met, int(states.ne("not_required").sum())


def _sum(met: int | None, required: int, words: Words) -> str:
    if not required:
        return "–"
    return words.say("{met} of {required}", met="?" if met is None else met, required=required)


def _alt(found: _Matrix, words: Words) -> str:
    rows = found.rows.reset_index()
    required = rows[rows["state"].ne("not_required")]
    if required.empty:
        return words.say("No contact is required in any of these districts.")
    unknown = int(required["state"].eq("unknown").sum())
    if unknown == len(required):
        return words.count(
            "{n} contact is required; whether it was made is not known.",
            "{n} contacts are required; whether they were made is not known.",
            unknown,
        )
    sentences = [
        words.count("{met} of {n} required contact is in time.",
                    "{met} of {n} required contacts are in time.",
                    len(required), met=int(required["state"].eq("met").sum()))
    ]  # fmt: skip
    never = required[required["state"].eq("never")]
    if len(never):
        first = never.iloc[0]
        said = words.say(
            "{kind} in {district}", kind=_kind(str(first["organisation_kind"]), words),
            district=found.names[str(first["district"])],
        )  # fmt: skip
        sentences.append(
            words.count("{n} was never made: {which}.", "{n} were never made, among them {which}.",
                        len(never), which=said)
        )  # fmt: skip
    late = required[required["state"].eq("late")].dropna(subset=["days"])
    if len(late):
        worst = late.sort_values("days", ascending=False, kind="stable").iloc[0]
        sentences.append(
            words.say(
                "The longest gap is {days} days, with {kind} in {district}, where {every} are allowed.",
                days=int(worst["days"]), kind=_kind(str(worst["organisation_kind"]), words),
                district=found.names[str(worst["district"])], every=int(worst["every_days"]),
            )
        )  # fmt: skip
    if unknown:
        sentences.append(words.count("{n} is not known.", "{n} are not known.", unknown))
    return " ".join(sentences)


def _note(found: _Matrix, words: Words, closing: str, *, numbered: bool) -> str:
    states = set(found.rows["state"])
    sentences = []
    if numbered:
        kinds = [f"{words.number(at)} {_kind(kind, words)}" for at, kind in enumerate(found.kinds, start=1)]
        sentences.append(", ".join(kinds) + ".")
    sentences.append(words.say("d: days since the last contact."))
    if states & {"late", "never"}:
        sentences.append(words.say("Framed, bold: later than required, or never."))
    if "unknown" in states:
        sentences.append(words.say("?: not known to this reader."))
    if "not_required" in states:
        sentences.append(words.say("Empty: none required."))
    return " ".join([*sentences, *([closing] if closing else [])])


def _table(found: _Matrix, words: Words) -> Table:
    rows = []
    for district in found.districts:
        cells = []
        for kind in found.kinds:
            state, said = _shown(found, district, kind, words)
            label = words.term("contact_state", state)
            spoken = f"{said}, {label}" if state in {"met", "late"} else label
            cells.append(Cell(spoken, "strong" if state in {"late", "never"} else "plain"))
        met, required = _met(found, district)
        rows.append((Cell(found.names[district]), *cells, Cell(_sum(met, required, words))))
    return Table(
        title=words.say("Required contacts, days since the last"),
        columns=(
            TableColumn(words.say("District"), share=1.6),
            *(TableColumn(_kind(kind, words), share=1.2) for kind in found.kinds),
            TableColumn(words.say("met"), align="right"),
        ),
        rows=tuple(rows),
    )
