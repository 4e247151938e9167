"""The outlook by district: next week as a dot with its ranges, and how last week's outlook did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.charts import _house as house
from workbench.charts._fan import Fan, fans_of, last_week
from workbench.charts._figure import Cell, Figure, Table, TableColumn, Width, figure
from workbench.charts._sheet import MOST_ROWS, ROW, Sheet, name_column, widest
from workbench.charts._weeks import ticks
from workbench.errors import ParameterError
from workbench.language import Words


def outlook_dots(
    forecast: pd.DataFrame,
    *,
    names: Mapping[str, str],
    words: Words,
    last: pd.DataFrame | None = None,
    note: str = "",
    width: Width = "full",
) -> Figure:
    """
    Return next week's outlook by district: the median, one chance in two and nine in ten.

    `forecast` (rows of one model of `outlook.outlook`) has `district`, `horizon` and `q05`, `q25`, `q50`,
    `q75`, `q95`; those of horizon 1 of districts in `names` (their names and order) are drawn. `last`
    (`outlook.last_outlook(...).rows`) has `district`, `low`, `high`, `actual`, `inside`: last week's
    outlook and what came, printed at the right in full width, in accent where it missed. Rows with a
    missing value are left out. Of more than 40 districts those with the highest median are drawn. Raises
    ParameterError if no district is left, or for rows of several models.
    """
    found = forecast[forecast["horizon"].eq(1) & forecast["district"].isin(list(names))]
    fans = {str(district): fans_of(rows) for district, rows in found.groupby("district", sort=False)}
    drawn = {district: fans[district][1] for district in names if fans.get(district)}
    if not drawn:
        raise ParameterError(
            "The chart of outlooks needs a forecast of horizon 1 of at least one district in `names`. Pass "
            "the outlook of the districts, and say in words where the history is too short for one."
        )
    came = {str(row["district"]): row for row in last_week(last) if row["district"] in drawn}
    most = sorted(drawn, key=lambda one: -drawn[one].q50)[:MOST_ROWS]
    shown = {one: fan for one, fan in drawn.items() if one in set(most)}
    return figure(
        _dots_sheet(shown, names, came, words, width).spec(),
        title=words.say("Outlook for next week, by district"),
        alt=_dots_alt(drawn, names, came, words),
        note=_dots_note(len(drawn) - len(shown), words, note),
        data=_dots_table(drawn, names, came, words),
        width=width,
    )


def _dots_sheet(
    fans: Mapping[str, Fan], names: Mapping[str, str], came: Mapping[str, Any], words: Words, width: Width
) -> Sheet:
    full, head = float(house.WIDTHS[width]), 24.0
    names_wide, shown = name_column([names[one] for one in fans], most=0.3 * full)
    said = [fan.said(words) for fan in fans.values()]
    said_end = names_wide + 12 + widest(said, bold=True)
    past = {one: _came(row, words) for one, row in came.items() if one in fans} if width == "full" else {}
    heading = words.say("last week’s outlook") if past else ""
    top = max([*(fan.q95 for fan in fans.values()), 4.0]) * 1.02
    beyond = max(widest([words.number(tick) for tick in ticks(top)]) / 2, 8.0)
    column = max(widest([heading]), widest(list(past.values()), bold=True)) + 10 if past else 0.0
    right = full - column - beyond
    left = said_end + 16
    sheet = Sheet(full, head + ROW * len(fans) + 2)

    def at(value: float) -> float:
        return left + (right - left) * value / top

    free = -1.0
    for tick in ticks(top):
        sheet.line(at(tick), head - 5, at(tick), sheet.height, colour=house.HAIRLINE, thick=0.7)
        half = house.text_width(words.number(tick), house.SMALL) / 2
        if at(tick) - half > free:
            sheet.text(words.number(tick), at(tick), 9, anchor="center", colour=house.GREY)
            free = at(tick) + half + 4
    sheet.text(heading, full, 9, anchor="right", colour=house.GREY)
    for row, (district, fan) in enumerate(fans.items()):
        y = head + (row + 0.5) * ROW
        sheet.text(shown[row], 0, y)
        sheet.text(said[row], said_end, y, anchor="right")
        sheet.line(at(fan.q05), y, at(fan.q95), y, thick=1.1)
        sheet.line(at(fan.q25), y, at(fan.q75), y, colour=house.GREY, thick=5.0)
        sheet.dot(at(fan.q50), y, 3.6, stroke=house.WHITE)
        if district in past:
            missed = not came[district]["inside"]
            colour = house.ACCENT if missed else house.INK
            sheet.text(past[district], full, y, anchor="right", bold=missed, colour=colour)
    return sheet


def _came(row: Mapping[Any, Any], words: Words) -> str:
    range_, n = words.span(round(row["low"]), round(row["high"])), int(row["actual"])
    if row["inside"]:
        return words.say("{range}; {n} came", range=range_, n=n)
    return words.say("{range}; {n} came, missed", range=range_, n=n)


def _dots_alt(
    fans: Mapping[str, Fan], names: Mapping[str, str], came: Mapping[str, Any], words: Words
) -> str:
    most = [
        one for one in sorted(fans, key=lambda one: (-fans[one].q50, -fans[one].q95)) if fans[one].q95 > 0
    ][:3]
    sentences = [words.count("Outlook for {n} district.", "Outlook for {n} districts.", len(fans))]
    if most:
        listed = [
            words.say("{district}, {outlook}", district=names[one], outlook=fans[one].said(words))
            for one in most
        ]
        sentences.append(
            words.say(
                "Most incidents next week are to be expected in: {districts}.", districts="; ".join(listed)
            )
        )
    if came:
        missed = [names[one] for one in came if not came[one]["inside"]]
        sentences.append(
            words.count("Last week {held} of {n} outlook held.", "Last week {held} of {n} outlooks held.",
                        len(came), held=len(came) - len(missed))
        )  # fmt: skip
        if missed:
            sentences.append(words.say("Missed: {districts}.", districts=words.listed(missed)))
    return " ".join(sentences)


def _dots_note(left_out: int, words: Words, closing: str) -> str:
    sentences = [words.say("Dot: the middle; thick: one chance in two; thin: nine in ten, also in brackets.")]
    if left_out > 0:
        sentences.append(
            words.count("{n} district with fewer incidents is in the table.",
                        "{n} districts with fewer incidents are in the table.", left_out)
        )  # fmt: skip
    return " ".join([*sentences, *([closing] if closing else [])])


def _dots_table(
    fans: Mapping[str, Fan], names: Mapping[str, str], came: Mapping[str, Any], words: Words
) -> Table:
    rows = []
    for one, fan in fans.items():
        half = words.span(round(fan.q25), round(fan.q75))
        rows.append([Cell(names[one]), Cell(fan.said(words)), Cell(half)])
        if came:
            rows[-1].append(Cell(_came(came[one], words) if one in came else "–"))
    past = (TableColumn(words.say("last week’s outlook"), share=1.6),) if came else ()
    return Table(
        title=words.say("Outlook for next week, by district"),
        columns=(
            TableColumn(words.say("District"), share=1.6),
            TableColumn(words.say("Outlook"), align="right"),
            TableColumn(words.say("One chance in two"), align="right"),
            *past,
        ),
        rows=tuple(tuple(row) for row in rows),
    )
