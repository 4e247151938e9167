"""Choosing a row of the page, to decide something about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from workbench import desk
from workbench.desk import Seat
from workbench.errors import ParameterError
from workbench.widgets.triage._parts import Chooser, story

if TYPE_CHECKING:
    import pandas as pd


class RowChooser:
    """The rows of one record type at a time, and what the chosen one says; `chosen` is called with it."""

    def __init__(
        self, seat: Seat, records: Sequence[str], *, chosen: Callable[[pd.Series | None], None]
    ) -> None:
        import ipywidgets

        self.seat, self._told = seat, chosen
        self.kind = ipywidgets.Dropdown(
            options=[(one.replace("_", " "), one) for one in records],
            description="Kind", style={"description_width": "8rem"}, layout={"width": "26rem"},
        )  # fmt: skip
        self.detail = ipywidgets.HTML()
        self.list = Chooser("Row", chosen=self._chosen)
        self.parts = [*([self.kind] if len(records) > 1 else []), *self.list.parts, self.detail]
        self.kind.observe(lambda _: self.look(), names="value")

    @property
    def record(self) -> str:
        """The record type chosen."""
        return str(self.kind.value)

    @property
    def row(self) -> pd.Series:
        """The chosen row; raises ParameterError without one."""
        at = self.list.value
        if at is None:
            raise ParameterError("Choose a row first.")
        return self.rows.iloc[at]

    def look(self) -> None:
        """Show the rows that the seat has."""
        self.rows = desk.of_the_week(self.seat, self.record)
        lines = [desk.in_one_line(self.seat, row) for _, row in self.rows.iterrows()]
        self.list.show(lines, at=0)

    def renewed(self, seat: Seat) -> None:
        """Show the rows of a seat that has what the store holds by now; the same one stays chosen."""
        at, self.seat = self.list.value, seat
        self.rows = desk.of_the_week(seat, self.record)
        self.list.show([desk.in_one_line(seat, row) for _, row in self.rows.iterrows()], at=at)

    def _chosen(self, at: int | None) -> None:
        for part in (self.list.list, self.list.filter):
            part.layout.display = "" if len(self.rows) else "none"
        if at is None:
            empty = (
                "None fits." if len(self.rows) else "No row of this kind and week can be decided about here."
            )
            self.detail.value = f"<p>{empty}</p>"
            self._told(None)
            return
        row = self.rows.iloc[at]
        self.detail.value = story(desk.in_full(self.seat, row))
        self._told(row)


def word(row: pd.Series, column: str) -> Any:
    """Return what a row says in a column, "" for nothing."""
    value = row.get(column)
    return value if isinstance(value, str) else ""
