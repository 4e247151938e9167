"""What the browser is sent after each choice: numbers for all, rows only as many as are shown."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench import analysis
from workbench.charts import _house as house
from workbench.desk.explore import Counting, Rows, Selection, Tally
from workbench.view import Edition
from workbench.widgets._explore._fixed import (
    LABELS,
    cell_of,
    columns_of,
    label_of,
    labels_of,
    points_of,
)

ROWS = 200
"""The rows of the table that are sent."""

_DOTS = 150
"""With more places than that the map is of numbers alone: dots upon dots tell nothing."""

_OPTIONS = 60
_SAID = {
    "no_coverage": "no source reports from here",
    "no_report": "no report: the office has not heard from here",
    "none_known": "none known: nobody can tell silence from calm",
}


class Page:
    """A view made ready: for each selection, what is shown of it."""

    def __init__(self, edition: Edition) -> None:
        self.edition, self.view = edition, edition.view
        self.rows = Rows(self.view.table("incident"), week=self.view.week)
        self.counting = Counting(self.view, self.rows)
        self._columns = columns_of(self.rows)
        self._names = {facet: labels_of(facet, self.view) for facet in LABELS}
        self._points = points_of(self.view, self.rows)
        self._listable = pd.Series(data=False, index=self.rows.frame.index)
        self._listable[analysis.listable(self.rows.frame).index] = True

    def shown(self, selection: Selection, sort: tuple[str, bool]) -> dict[str, Any]:
        """Return what is shown of a selection, as the browser takes it; raises ParameterError."""
        inside = pd.Series(self.rows.mask(selection))
        tally = self.counting.tally(selection)
        listed = self._sorted(pd.Series(self.rows.mask(selection, but=("rows",))) & self._listable, sort)
        facets = {one: self.rows.options(selection, one) for one in self.rows.facets}
        return {
            "selection": _plain(selection),
            "sort": list(sort),
            "rows": int(inside.sum()),
            "of": len(self.rows),
            "incidents": tally.incidents,
            "how": self._how(tally),
            "chips": self._chips(selection),
            "facets": {
                name: [[value, self._label(name, value), n] for value, n in some[:_OPTIONS]]
                for name, some in facets.items()
            },
            "cut": {name: max(0, len(some) - _OPTIONS) for name, some in facets.items()},
            "districts": self._districts(tally),
            "map_note": self._map_note(tally, inside),
            "points": self._dots(inside),
            "weeks": [
                [one.incidents, one.state, _week_says(one.incidents, one.state)] for one in tally.weeks
            ],
            "table": self._table(listed[:ROWS]),
            "table_note": self._table_note(listed, inside),
            "empty": self._empty(inside),
        }

    def _label(self, facet: str, value: str) -> str:
        return label_of(facet, value, self._names.get(facet, {}))

    def _how(self, tally: Tally) -> str:
        titles = [self._label("source", one) for one in tally.sources]
        said = [f"Counted as the briefing counts: {', '.join(titles)}, each incident once."]
        if tally.without_week:
            said.append(f"{tally.without_week} known to no single week.")
        if tally.without_district:
            said.append(f"{tally.without_district} in no district.")
        return " ".join(said)

    def _chips(self, selection: Selection) -> list[list[str]]:
        chips = [
            [facet, value, f"{LABELS[facet]}: {self._label(facet, value)}"]
            for facet, values in selection.values.items()
            for value in values
        ]
        first, last = selection.days
        if first or last:
            chips.append(["days", "", f"Days: {first or '…'} – {last or '…'}"])
        if selection.weeks:
            n = len(selection.weeks)
            chips.append(["weeks", "", "1 week chosen" if n == 1 else f"{n} weeks chosen"])
        if selection.text.strip():
            chips.append(["text", "", f"Says: {selection.text.strip()}"])
        if selection.rows:
            chips.append(["rows", "", f"{len(selection.rows)} of the rows checked"])
        return chips

    def _districts(self, tally: Tally) -> dict[str, dict[str, Any]]:
        counts = tally.districts
        fills = house.shades(counts.values(), max(counts.values(), default=0))
        found = {}
        for (code, n), shade in zip(counts.items(), fills, strict=True):
            state = tally.silent.get(code, "") if n == 0 else ""
            fill = house.WHITE if state else shade
            found[code] = {
                "n": {"": f"{n:,}", "no_coverage": "?"}.get(state, "–"),
                "state": state,
                "fill": fill,
                "ink": house.text_on(fill),
                "says": _SAID.get(state, "1 incident" if n == 1 else f"{n:,} incidents"),
            }
        return found

    def _map_note(self, tally: Tally, inside: pd.Series) -> str:
        said = ["Incidents of the selection. 0: none in it, which does not say that nothing happened."]
        if "no_coverage" in tally.silent.values():
            said.append("?: no source reports from there.")
        if {"no_report", "none_known"} & set(tally.silent.values()):
            said.append("–: no report, or nobody can say.")
        dots = len(self._placed(inside))
        if dots > _DOTS:
            said.append(f"Places are shown once {_DOTS} rows or fewer that know theirs are left.")
        elif dots:
            said.append("Dots: rows known to a place.")
        return " ".join(said)

    def _dots(self, inside: pd.Series) -> list[list[Any]]:
        chosen = self._placed(inside)
        if not 0 < len(chosen) <= _DOTS:
            return []
        rows = self.rows.frame.loc[chosen.index].to_dict("index")
        return [
            [float(x), float(y), int(at), ", ".join(cell_of(one, rows[at]) for one in self._columns[:3])]
            for at, x, y in zip(chosen.index, chosen["x"], chosen["y"], strict=True)
        ]

    def _placed(self, inside: pd.Series) -> pd.DataFrame:
        """Return the places of the selected rows that may be listed."""
        return self._points[(inside & self._listable).reindex(self._points.index).to_numpy(dtype=bool)]

    def _sorted(self, chosen: pd.Series, sort: tuple[str, bool]) -> list[int]:
        """Return the positions of the chosen rows in the order asked for; rows without a value come last."""
        column = next((one for one in self._columns if one.name == sort[0]), self._columns[0])
        by = [name for name in column.of if name in self.rows.frame]
        rows = self.rows.frame.loc[chosen.to_numpy(), by]
        return list(rows.sort_values(by, ascending=sort[1], kind="stable", na_position="last").index)

    def _table(self, positions: list[int]) -> list[list[Any]]:
        rows = self.rows.frame.loc[positions].to_dict("records")
        return [
            [at, *(cell_of(one, row) for one in self._columns)]
            for at, row in zip(positions, rows, strict=True)
        ]

    def _table_note(self, listed: list[int], inside: pd.Series) -> str:
        said = []
        if len(listed) > ROWS:
            said.append(
                f"The first {ROWS} rows, and {len(listed) - ROWS:,} more: filter, or sort by a heading."
            )
        closed = int((inside & ~self._listable).sum())
        if closed:
            said.append(
                f"{closed:,} selected {'row' if closed == 1 else 'rows'} may be counted, but not listed: the "
                "licence of the source."
            )
        said.append("A click on a row shows its record and how it came to be known.")
        return " ".join(said)

    def _empty(self, inside: pd.Series) -> str:
        n = int(inside.sum())
        if n:
            return (
                f"{n:,} selected rows may be counted, but not listed one by one: the licence of their source."
            )
        return "No row is selected. Take out a filter."


def _week_says(n: int | None, state: str) -> str:
    if state == "no_data":
        return "no data"
    if state == "none_known":
        return "none known, and nobody can tell silence from calm"
    told = "1 incident" if n == 1 else f"{n:,} incidents"
    return f"{told}, still being reported" if state == "unsettled" else told


def _plain(selection: Selection) -> dict[str, Any]:
    return {
        "values": {name: list(some) for name, some in selection.values.items()},
        "days": [one.isoformat() if one else None for one in selection.days],
        "weeks": [one.isoformat() for one in selection.weeks],
        "text": selection.text,
        "rows": list(selection.rows),
    }
