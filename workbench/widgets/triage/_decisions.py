"""The list of what was decided at this desk, and undo of each."""

from __future__ import annotations

from typing import Any

from workbench import desk
from workbench.desk import Decision, Seat
from workbench.errors import ParameterError
from workbench.widgets._form import form
from workbench.widgets.triage._parts import PAUSE, Chooser, Deciding, facts, quiet

REASONS = ("A slip", "We know more by now")
_KINDS = {"duplicate_decision": "duplicate", "correction": "correction", "label_change": "label lowered"}


class Decisions:
    """The standing decisions, newest first."""

    def __init__(self, seat: Seat, *, pause: float) -> None:
        import ipywidgets

        self.seat, self.found = seat, list[Decision]()
        self.detail = ipywidgets.HTML()
        self.deciding = Deciding(seat, "duplicate_decision", after=self._look, reasons=REASONS, pause=pause)
        self.store = self.deciding.button("Undo this decision", self._decide, icon="undo")
        again = ipywidgets.Button(description="Look again", icon="refresh", layout={"width": "auto"})
        again.on_click(lambda _: self._look())
        self.chooser = Chooser("Decision", chosen=self._chosen)
        self._look()
        self.box = form(
            *self.chooser.parts, self.detail, *self.deciding.rows(self.store, again), name="decisions"
        )

    def _look(self) -> None:
        self.found = desk.decisions(self.seat)
        self.chooser.show(map(self._line, self.found), at=0)

    def _line(self, one: Decision) -> str:
        when = desk.day_of(self.seat.office, one.at)
        return f"{when} · {_KINDS.get(one.record, one.record)} · {one.what} · {one.by} · {one.record_id}"

    def _chosen(self, at: int | None) -> None:
        for part in (self.chooser.list, self.chooser.filter):
            part.layout.display = "" if self.found else "none"
        self.store.disabled = at is None or bool(self.deciding.problem)
        if at is None:
            self.detail.value = "<p>Nothing was decided at this desk yet.</p>" if not self.found else ""
        else:
            one = self.found[at]
            self.detail.value = facts(
                (
                    ("Number", one.record_id),
                    ("Decided", f"{desk.day_of(self.seat.office, one.at)}, {one.by}"),
                    ("What", one.what),
                    ("Reason", one.reason or "not for these readers"),
                )
            )
        if not self.seat.reads_everything:
            self.detail.value += quiet(
                "Corrections and acts on labels are listed for those who read everything."
            )

    def _decide(self) -> str:
        if self.chooser.value is None:
            raise ParameterError("Choose the decision to undo.")
        by, reason = self.deciding.signed()
        one = self.found[self.chooser.value]
        at = self.seat.office.now()
        entered = desk.undo(self.seat, one.record, [one.record_id], by=by, reason=reason, at=at)
        return self.deciding.stored(entered)


def decisions(seat: Seat, *, pause: float = PAUSE) -> Any:
    """Return the list of what was decided at this desk, in which each decision can be undone."""
    return Decisions(seat, pause=pause).box
