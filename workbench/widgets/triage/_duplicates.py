"""The form of duplicates: two rows side by side, and what a person decides about them."""

from __future__ import annotations

from typing import Any

from workbench import desk
from workbench.desk import Pair, Seat
from workbench.errors import ParameterError
from workbench.widgets._form import escaped, form
from workbench.widgets.triage._parts import PAUSE, Deciding, paired, quiet

REASONS = (
    "Day, place and parties agree: two reports of one event",
    "One report is taken from the other",
    "Another place",
    "Another day",
    "Other parties or another target",
    "Too little is known of one of them",
)
_WINDOWS = (1, 4, 8, 13, 26)


class Duplicates:
    """The pairs that wait, one at a time."""

    def __init__(self, seat: Seat, *, weeks: int, pause: float) -> None:
        import ipywidgets

        self.seat, self.at = seat, 0
        self.head, self.rows = ipywidgets.HTML(), ipywidgets.HTML()
        offered = sorted({*_WINDOWS, weeks})
        self.weeks = ipywidgets.Dropdown(
            options=[(f"{n} weeks" if n > 1 else "this week only", n) for n in offered],
            value=weeks, description="Look back", layout={"width": "15rem"},
        )  # fmt: skip
        self.deciding = Deciding(
            seat, "duplicate_decision", after=self._show, undone=self._renew, reasons=REASONS, pause=pause
        )
        verdicts = (
            ("Same incident", "same", "Both rows tell of one incident: it counts once"),
            ("Different", "different", "Two incidents: both count, and the pair is not shown again"),
            ("Unsure", "unsure", "It cannot be told yet: the pair waits at the end of the list"),
        )
        self.verdicts = [
            self.deciding.button(label, self._decider(verdict), tooltip=why)
            for label, verdict, why in verdicts
        ]
        wide = {"width": "auto"}
        self.back = ipywidgets.Button(description="Previous pair", icon="chevron-left", layout=wide)
        self.next = ipywidgets.Button(description="Next pair", icon="chevron-right", layout=wide)
        self.back.on_click(lambda _: self._step(-1))
        self.next.on_click(lambda _: self._step(1))
        self.weeks.observe(lambda _: self._look(), names="value")
        self._look()
        top = ipywidgets.HBox(
            [self.weeks, self.back, self.next], layout={"flex_flow": "row wrap", "align_items": "center"}
        )
        self.box = form(top, self.head, self.rows, *self.deciding.rows(*self.verdicts), name="duplicates")

    def _look(self) -> None:
        self.pairs: list[Pair] = desk.pairs(self.seat, weeks=self.weeks.value)
        self.at = 0
        self._show()

    def _step(self, by: int) -> None:
        self.at = (self.at + by) % max(len(self.pairs), 1)
        self.deciding.tell.value = ""
        self._show()

    def _show(self) -> None:
        some = bool(self.pairs)
        for button in (*self.verdicts, self.back, self.next):
            button.disabled = not some or (button in self.verdicts and bool(self.deciding.problem))
        if not some:
            self.head.value = "<p>No pair waits for a decision.</p>"
            self.rows.value = ""
            return
        pair = self.pairs[self.at]
        why = ", ".join(desk.reasons_in_words(self.seat, pair))
        before = " · looked at before, and left unsure" if pair.unsure else ""
        self.head.value = (
            f"<h4>Pair {self.at + 1} of {len(self.pairs)}</h4>"
            f"<div>Likeness {pair.score:.2f} of 1, worked out from: {escaped(why)}{before}</div>"
        )
        self.rows.value = paired(desk.side_by_side(self.seat, pair)) + quiet(
            "≠: the rows do not say the same. Nothing is merged before a person decides."
        )

    def _decider(self, verdict: str) -> Any:
        def decide() -> str:
            if not self.pairs:
                raise ParameterError("No pair waits for a decision.")
            by, reason = self.deciding.signed()
            pair, at = self.pairs[self.at], self.seat.office.now()
            entered = desk.decide_pair(self.seat, pair, verdict, by=by, reason=reason, at=at)
            del self.pairs[self.at]
            if verdict == "unsure":
                self.pairs.append(pair.left_unsure())
            self.at = self.at % max(len(self.pairs), 1)
            return self.deciding.stored(entered)

        return decide

    def _renew(self) -> None:
        self.seat = self.seat.renewed()
        self._look()


def duplicates(seat: Seat, *, weeks: int = desk.WEEKS, pause: float = PAUSE) -> Any:
    """
    Return the form in which pairs that may be one incident are decided.

    `weeks`: how many, the page's own included, pairs are looked for in. `pause`: seconds after a decision in
    which a click is not taken.
    """
    return Duplicates(seat, weeks=weeks, pause=pause).box
