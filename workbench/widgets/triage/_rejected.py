"""The form of rows that could not be accepted: what is wrong with each, and what it should say."""

from __future__ import annotations

from typing import Any

from workbench import desk
from workbench.desk import Fault, Seat
from workbench.errors import ParameterError
from workbench.widgets._form import form, said
from workbench.widgets.triage._parts import PAUSE, Chooser, Deciding, facts, held, quiet

REASONS = (
    "A slip of the pen; the report says so",
    "Asked the one who wrote it",
    "As the publisher's own page has it",
)
_LABELS = {"description_width": "8rem"}


class RejectedRows:
    """The faults, and a field for what the value should be."""

    def __init__(self, seat: Seat, *, pause: float) -> None:
        import ipywidgets

        self.seat, self.faults = seat, tuple[Fault, ...]()
        self.detail, self.left = ipywidgets.HTML(), ipywidgets.HTML()
        self.column = ipywidgets.Dropdown(description="Column", style=_LABELS, layout={"width": "26rem"})
        self.value = ipywidgets.Combobox(
            description="Should be", ensure_option=False, style=_LABELS,
            placeholder="the right value", layout={"width": "44rem", "max_width": "96%"},
        )  # fmt: skip
        self.nothing = ipywidgets.Checkbox(
            description="It should say nothing", style=_LABELS, layout={"width": "30rem"}
        )
        self.deciding = Deciding(seat, "correction", after=self._look, reasons=REASONS, pause=pause)
        self.store = self.deciding.button("Store the correction", self._decide)
        self.chooser = Chooser("Row set aside", chosen=self._chosen)
        self.column.observe(lambda _: self._offer(), names="value")
        self._look()
        self.box = form(
            *self.chooser.parts, self.detail, self.column, self.value, self.nothing,
            *self.deciding.rows(self.store), self.left, name="rejected",
        )  # fmt: skip

    def _look(self) -> None:
        rows, unread = held(self.seat)
        found = desk.rejected_now(self.seat, rows)
        self.faults = found.faults
        closed = f"{found.closed} more: not for the readers of this page." if found.closed else ""
        self.left.value = unread + quiet(closed)
        self.chooser.show(map(self._line, self.faults))

    def _line(self, fault: Fault) -> str:
        where = f" {fault.file.rpartition('/')[2]}, row {fault.row}" if fault.file else ""
        note = " · mend it there" if fault.cannot else ""
        return f"{fault.source.title}{where} · {fault.column}: {_short(fault.reason)}{note}"

    def _chosen(self, at: int | None) -> None:
        fault = None if at is None else self.faults[at]
        can = fault is not None and not fault.cannot
        for part in (self.column, self.value, self.nothing):
            part.layout.display = "" if can else "none"
        for part in (self.chooser.list, self.chooser.filter):
            part.layout.display = "" if self.faults else "none"
        self.store.disabled = not can or bool(self.deciding.problem)
        if fault is None:
            self.detail.value = (
                "<p>No row that may be shown here is set aside.</p>"
                if not self.faults
                else "<p>None fits.</p>"
            )
            return
        shown = "not for these readers" if fault.value is None else fault.value or "nothing"
        self.detail.value = facts(
            (
                ("Source", fault.source.title),
                *((("File", f"{fault.file}, row {fault.row}"),) if fault.file else ()),
                *((("Record", fault.record_id),) if fault.record_id and self.seat.reads_everything else ()),
                ("Column", fault.column),
                ("It says", shown),
                ("Why not", fault.reason),
            )
        ) + (said(fault.cannot) if fault.cannot else "")
        if can:
            names = [fault.column, *sorted(one for one in fault.values if one != fault.column)]
            self.column.options = names
            self.column.value = fault.column
            self._offer()

    def _offer(self) -> None:
        """Put what the column says into the field, or nothing where it is at fault, and offer its words."""
        at = self.chooser.value
        if at is None or self.column.value is None:
            return
        fault, column = self.faults[at], self.column.value
        self.nothing.value = False
        self.value.options = fault.words(column)
        self.value.value = "" if column == fault.column else (fault.said(self.seat, column) or "")

    def _decide(self) -> str:
        if self.chooser.value is None:
            raise ParameterError("No row waits for a correction.")
        by, reason = self.deciding.signed()
        fault = self.faults[self.chooser.value]
        written, nothing = self.value.value.strip(), self.nothing.value
        if bool(written) == nothing:
            raise ParameterError(
                'Write what the column should say, or tick "It should say nothing"; not both. '
                "Nothing was stored."
            )
        values = {self.column.value: written}
        entered = desk.mend(self.seat, fault, values, by=by, reason=reason, at=self.seat.office.now())
        return self.deciding.stored(entered)


def rejected(seat: Seat, *, pause: float = PAUSE) -> Any:
    """Return the form in which rows that were set aside are corrected."""
    return RejectedRows(seat, pause=pause).box


def _short(reason: str) -> str:
    return reason if len(reason) <= 70 else reason[:69].rstrip() + "…"
