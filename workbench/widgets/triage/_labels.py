"""The form of labels: raised at once; lowered in two steps, after saying who could read the row then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import desk
from workbench.config import COMPARTMENTS, LEVELS
from workbench.desk import Label, Reach, Seat
from workbench.errors import ParameterError
from workbench.widgets._form import form, options, said
from workbench.widgets.triage._parts import PAUSE, Deciding
from workbench.widgets.triage._row import RowChooser

if TYPE_CHECKING:
    import pandas as pd

RECORDS = ("incident", "liaison_entry", "alert", "commitment", "programme_site", "district_assessment")
REASONS = (
    "It names somebody who could be found by it",
    "It tells where staff or displaced people are",
    "It is published by now",
    "Those it is about agree",
)


class Labels:
    """A row, the label it should have, and who reads it then."""

    def __init__(self, seat: Seat, *, pause: float) -> None:
        import ipywidgets

        style = {"description_width": "8rem"}
        self.level = ipywidgets.Dropdown(
            options=options(LEVELS), description="Level", style=style, layout={"width": "26rem"}
        )
        self.compartments = {
            one: ipywidgets.Checkbox(
                description=one.replace("_", " "), indent=False, layout={"width": "auto"}
            )
            for one in COMPARTMENTS
        }
        groups = ipywidgets.HBox(
            [
                ipywidgets.Label(
                    "Compartments",
                    layout={"width": "8rem", "display": "flex", "justify_content": "flex-end"},
                ),
                *self.compartments.values(),
            ],
            layout={"flex_flow": "row wrap"},
        )
        self.seen: Reach | None = None
        self.told = ipywidgets.HTML()
        self.show = ipywidgets.Button(description="Who would read it?", layout={"width": "auto"})
        self.show.on_click(lambda _: self._look())
        self.sure = ipywidgets.Checkbox(
            description="I have read who will be able to read it", indent=False, layout={"width": "auto"}
        )
        self.raising = Deciding(seat, "correction", after=self._renew, reasons=REASONS, pause=pause)
        self.raise_it = self.raising.button("Raise the label", self._raise)
        self.lower_it = self.raising.button("Lower the label", self._lower)
        self.chooser = RowChooser(seat, RECORDS, chosen=self._chosen)
        for field in (self.level, *self.compartments.values()):
            field.observe(lambda _: self._forget(), names="value")
        self.sure.observe(lambda _: self._enable(), names="value")
        self.chooser.look()
        self.box = form(
            *self.chooser.parts, self.level, groups, ipywidgets.HBox([self.show]), self.told, self.sure,
            *self.raising.rows(self.raise_it, self.lower_it), name="labels",
        )  # fmt: skip

    def _chosen(self, row: pd.Series | None) -> None:
        self.show.disabled = row is None
        if row is not None:
            label = desk.label_of(row)
            self.level.value = label.level
            for one, field in self.compartments.items():
                field.value = one in label.compartments
        self._forget()

    def _forget(self) -> None:
        """What was shown is about another label: nothing may be stored until it is shown again."""
        self.seen, self.told.value, self.sure.value = None, "", False
        self._enable()

    def _enable(self) -> None:
        lowers = self.seen is not None and self.seen.lowers
        self.sure.layout.display = "" if lowers else "none"
        changes = self.seen is not None and self.seen.asked != self.seen.now and not self.raising.problem
        self.raise_it.disabled = not (changes and not lowers)
        self.lower_it.disabled = not (changes and lowers and self.sure.value)

    def _look(self) -> None:
        named = [one for one, field in self.compartments.items() if field.value]
        try:
            asked = Label.of(self.level.value, named)
            self.seen = desk.reach(self.chooser.seat, self.chooser.record, self.chooser.row, asked)
        except ParameterError as problem:
            self._forget()
            self.told.value = said(str(problem), wrong=True)
            return
        self.told.value = _in_words(self.seen)
        self.sure.value = False
        self._enable()

    def _raise(self) -> str:
        return self._store(lowering=False)

    def _lower(self) -> str:
        return self._store(lowering=True)

    def _store(self, *, lowering: bool) -> str:
        if self.seen is None or self.seen.lowers != lowering or (lowering and not self.sure.value):
            raise ParameterError("First see who would read it, and tick that you have. Nothing was stored.")
        by, reason = self.raising.signed()
        seat = self.chooser.seat
        entered = desk.relabel(
            seat, self.chooser.record, self.chooser.row, self.seen, by=by, reason=reason, at=seat.office.now()
        )
        return self.raising.stored(entered)

    def _renew(self) -> None:
        self.chooser.renewed(self.chooser.seat.renewed())


def labels(seat: Seat, *, pause: float = PAUSE) -> Any:
    """Return the form in which labels of single rows are raised, or lowered by an act on record."""
    return Labels(seat, pause=pause).box


def _in_words(seen: Reach) -> str:
    if seen.asked == seen.now:
        return said(f"That is its label: {seen.now}. It is read by: {_names(seen.before)}.")
    lines = [f"From {seen.now} to {seen.asked}."]
    if seen.opened:
        lines.append(f"Will be able to read it, and cannot now: {_names(seen.opened)}.")
    if seen.closed:
        lines.append(f"Will no longer be able to read it: {_names(seen.closed)}.")
    if not seen.opened and not seen.closed:
        lines.append("The same readers as now will read it.")
    lines.append(f"All who will read it: {_names(seen.after)}.")
    if seen.lowers:
        lines.append(
            "Lowering is an act on record, with your function and reason. It can be taken back, but not out "
            "of issues that were released meanwhile. Columns that an audience may not read stay out."
        )
    elif seen.closed:
        lines.append("Issues released before keep what they said.")
    return said("\n".join(lines), wrong=seen.lowers)


def _names(readers: tuple[str, ...]) -> str:
    return ", ".join(readers) or "nobody"
