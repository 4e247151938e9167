"""The form of verification and grades: what the desk thinks of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import desk
from workbench.desk import GRADED, Seat
from workbench.widgets._form import form
from workbench.widgets.triage._parts import PAUSE, Deciding
from workbench.widgets.triage._row import RowChooser, word

if TYPE_CHECKING:
    import pandas as pd

REASONS = (
    "Two sources that do not know of each other agree",
    "Seen by our own staff",
    "The source took it back",
    "The source has been right before",
    "Hearsay; the source was not there",
)
_NAMES = {
    "verification": "Verification",
    "source_grade": "Grade of it",
    "info_grade": "Grade of what was said",
}


_RELIABLE = {
    "A": "reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "cannot be judged",
}
_CREDIBLE = {
    "1": "confirmed",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "cannot be judged",
}
"""The Admiralty code in words: of the source, and of what it says."""


class Gradings:
    """A row, and the words for it."""

    def __init__(self, seat: Seat, *, pause: float) -> None:
        import ipywidgets

        self.words = {
            name: ipywidgets.Dropdown(
                description=label,
                style={"description_width": "8rem"},
                layout={"width": "34rem", "max_width": "96%"},
            )
            for name, label in _NAMES.items()
        }
        self.deciding = Deciding(seat, "correction", after=self._renew, reasons=REASONS, pause=pause)
        self.store = self.deciding.button("Store", self._decide)
        self.chooser = RowChooser(seat, tuple(GRADED), chosen=self._chosen)
        self.chooser.look()
        self.box = form(
            *self.chooser.parts, *self.words.values(), *self.deciding.rows(self.store), name="gradings"
        )

    def _chosen(self, row: pd.Series | None) -> None:
        known = {} if row is None else desk.grades_of(self.chooser.seat, self.chooser.record)
        for name, field in self.words.items():
            field.layout.display = "" if name in known else "none"
            if name in known and row is not None:
                now = word(row, name)
                empty = [] if now else [("not said", "")]
                field.options = [*empty, *((_meant(one), one) for one in known[name])]
                field.value = now
        self.store.disabled = row is None or bool(self.deciding.problem)

    def _decide(self) -> str:
        by, reason = self.deciding.signed()
        seat, record, row = self.chooser.seat, self.chooser.record, self.chooser.row
        known = desk.grades_of(seat, record)
        words = {name: self.words[name].value for name in known if self.words[name].value}
        entered = desk.grade(seat, record, row, words, by=by, reason=reason, at=seat.office.now())
        return self.deciding.stored(entered)

    def _renew(self) -> None:
        self.chooser.renewed(self.chooser.seat.renewed())


def gradings(seat: Seat, *, pause: float = PAUSE) -> Any:
    """Return the form in which verification and grades of the week's rows are set."""
    return Gradings(seat, pause=pause).box


def _meant(word: str) -> str:
    """Return a word of a vocabulary as a person reads it; of a grade what its two signs stand for."""
    if word[:1] in _RELIABLE and word[1:] in _CREDIBLE:
        return f"{word}: source {_RELIABLE[word[0]]}; what it says {_CREDIBLE[word[1]]}"
    return word.replace("_", " ")
