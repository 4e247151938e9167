"""What every form of decisions has: who decides and why, what came of it, undo, and a list to choose from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.desk import (
    Entered,
    Held,
    Seat,
    author,
    held_now,
    register_of,
    remember_author,
    required,
    undo,
)
from workbench.errors import ParameterError, UserError
from workbench.widgets._form import escaped, guarded, said

if TYPE_CHECKING:
    import pandas as pd

PAUSE = 0.8
"""Seconds after a decision in which no other is taken: the second half of a double click is none."""

_LABELS = {"description_width": "8rem"}

_signing: dict[Path, Any] = {}
"""The one field of who decides, for all forms of an office's pages in this kernel."""


_kept: dict[tuple[Path, str], dict[str, Any]] = {}
"""What the sources were found to hold, for each office and audience: two forms ask for it."""


def held(seat: Seat) -> tuple[list[Held], str]:
    """Return what the sources hold that have rows set aside or unplaced, and what could not be read."""
    kept = _kept.setdefault((seat.office.root, seat.audience.slug), {})
    found, failures = held_now(seat, at=seat.office.now(), kept=kept)
    return found, "".join(quiet(str(problem)) for problem in failures)


def by_field(seat: Seat) -> Any:
    """Return the field of who decides: one for all forms of a page, filled with who did last."""
    import ipywidgets

    if seat.office.root not in _signing:
        _signing[seat.office.root] = ipywidgets.Text(
            value=author(seat.office),
            description="By, your function",
            placeholder="such as Information analyst; never a name",
            style=_LABELS,
            layout={"width": "34rem", "max_width": "96%"},
        )
    return _signing[seat.office.root]


class Deciding:
    """
    The lower half of a form: by whom and why, the buttons, what came of it, and undo of the last decision.

    `record` is the register it writes into. `after` is called when something was stored, `undone` (else
    `after`) when it was taken back, to show what is so now. Without leave to decide (`problem`) the buttons
    do nothing.
    """

    def __init__(
        self, seat: Seat, record: str, *, after: Callable[[], None],
        undone: Callable[[], None] | None = None, reasons: Sequence[str] = (), pause: float = PAUSE,
    ) -> None:  # fmt: skip
        import ipywidgets

        self.seat, self._after, self._undone = seat, after, undone or after
        self._pause, self._ended = pause, float("-inf")
        self._last: tuple[str, tuple[str, ...]] = (record, ())
        self.by = by_field(seat)
        self.reason = ipywidgets.Combobox(
            options=tuple(reasons),
            ensure_option=False,
            description="Reason",
            placeholder="what the decision rests on; it is kept with it",
            style=_LABELS,
            layout={"width": "44rem", "max_width": "96%"},
        )
        self.undo = self.button("Undo the last decision", self._undo, icon="undo")
        self.undo.disabled = True
        self.tell = ipywidgets.HTML()
        self.problem = unable(seat, record)
        if self.problem:
            self.tell.value = said(self.problem, wrong=True)

    def button(self, label: str, work: Callable[[], str | None], **given: Any) -> Any:
        """Return a button that decides: `work` is not done while another is, or right after it."""
        import ipywidgets

        made = ipywidgets.Button(description=label, layout={"width": "auto"}, **given)
        made.on_click(lambda _: self._pressed(work))
        return made

    def rows(self, *buttons: Any) -> list[Any]:
        """Return the fields, the buttons and what came of them, for a form."""
        import ipywidgets

        wrap = {"flex_flow": "row wrap"}
        return [
            self.by,
            self.reason,
            ipywidgets.HBox([*buttons, self.undo], layout=wrap),
            self.tell,
        ]

    def signed(self) -> tuple[str, str]:
        """Return who decides and why; raises UserError where the form may not decide or one is not said."""
        if self.problem:
            raise ParameterError(self.problem)
        by, reason = required(self.by.value, self.reason.value)
        remember_author(self.seat.office, by)
        return by, reason

    def stored(self, entered: Entered) -> str:
        """Take note of what was stored, show what is so now, and return what to tell of it."""
        self._last = (entered.record, entered.record_ids)
        self.undo.disabled = False
        self.reason.value = ""
        self._after()
        return f"Stored. {entered.told}"

    def _undo(self) -> str:
        record, ids = self._last
        if self.problem:
            raise ParameterError(self.problem)
        reason = self.reason.value.strip() or "Taken back right after it was entered"
        by, reason = required(self.by.value, reason)
        entered = undo(self.seat, record, ids, by=by, reason=reason, at=self.seat.office.now())
        self._last = (record, ())
        self.reason.value = ""
        self._undone()
        return f"Undone. {entered.told}"

    def _pressed(self, work: Callable[[], str | None]) -> None:
        if time.monotonic() - self._ended < self._pause:
            return
        # a click while the kernel is at work comes right after, and so is not taken either
        guarded(work, self.tell)()
        self.undo.disabled = not self._last[1]
        self._ended = time.monotonic()


class Chooser:
    """A list to choose one from, with a box that filters it by words; `chosen` is called with its place."""

    def __init__(
        self, label: str, *, chosen: Callable[[int | None], None], rows: int = 8, filtered: bool = True
    ) -> None:
        import ipywidgets

        self._chosen, self._lines, self._filling = chosen, list[str](), False
        self.filter = ipywidgets.Text(
            description="Only with", placeholder="words of the row, such as Kuro", style=_LABELS,
            continuous_update=True, layout={"width": "26rem"},
        )  # fmt: skip
        self.list = ipywidgets.Select(
            description=label, rows=rows, style=_LABELS, layout={"width": "96%", "max_width": "62rem"}
        )
        self.count = ipywidgets.HTML()
        self.parts = [*([self.filter] if filtered else []), self.list, self.count]
        self.filter.observe(lambda _: self._fill(None), names="value")
        self.list.observe(self._picked, names="value")

    @property
    def value(self) -> int | None:
        """The place of the chosen line among those given; None if there is none."""
        found: int | None = self.list.value
        return found

    def show(self, lines: Iterable[str], *, at: int | None = None) -> None:
        """Show these lines, the one `at` chosen, or the next that is there."""
        self._lines = list(lines)
        self._fill(at)

    def _picked(self, change: Any) -> None:
        if not self._filling:
            self._chosen(change["new"])

    def _fill(self, at: int | None) -> None:
        words = self.filter.value.casefold().split()
        shown = [
            (line, place)
            for place, line in enumerate(self._lines)
            if all(word in line.casefold() for word in words)
        ]
        keep = self.list.value if at is None else at
        places = [place for _, place in shown]
        later = [place for place in places if keep is not None and place >= keep]
        self._filling = True
        self.list.options = shown
        self.list.value = next(iter((*later, *places)), None)
        self._filling = False
        count = len(shown)
        self.count.value = (
            f'<span class="quiet">{count} of {len(self._lines)}</span>' if count < len(self._lines) else ""
        )
        self._chosen(self.list.value)


def unable(seat: Seat, record: str) -> str:
    """Return why nothing can be decided here, in plain words, "" if it can."""
    try:
        seat.require_deciding()
        register = register_of(seat.office, record)
        seat.require_register(register)
    except UserError as problem:
        return str(problem)
    return ""


_COMPACT = "line-height:1.35;margin:.2em 0"
_STORY = ("Headline", "Narrative", "What was said", "Text for release")
"""What a person reads first of a row."""


def facts(lines: Iterable[tuple[str, str]]) -> str:
    """Return what is known of something as a table: label, text; both shown literally."""
    rows = "".join(
        f'<tr><th scope="row">{escaped(label)}</th><td dir="auto">{escaped(text)}</td></tr>'
        for label, text in lines
    )
    return f'<table style="{_COMPACT}">{rows}</table>'


def story(told: Mapping[str, str]) -> str:
    """Return a row as a person reads it: its texts as a table, and all else it says as one paragraph."""
    rest = [(label, text) for label, text in told.items() if label not in _STORY]
    return facts((label, told[label]) for label in _STORY if label in told) + _listed(rest)


def paired(rows: pd.DataFrame) -> str:
    """
    Return two rows side by side; what differs has a sign, a word and bold type, not a colour alone.

    First what differs and the texts, then in one paragraph what both say alike, then the rest, folded away.
    """
    told = list(rows.itertuples(index=False, name=None))
    first = [one for one in told if one[0] in ("Source", "Verification", "Grade", *_STORY) or one[3]]
    first.sort(key=lambda one: (one[0] != "Source", not one[3]))
    left = [one for one in told if one not in first]
    alike = [(what, one) for what, one, other, _ in left if one == other]
    rest = [one for one in left if one[1] != one[2]]
    same = f"<div><strong>The same in both:</strong></div>{_listed(alike)}" if alike else ""
    more = f"<details><summary>More of both rows</summary>{_columns(rest)}</details>" if rest else ""
    return _columns(first) + same + more


def _columns(told: Sequence[tuple[str, str, str, str]]) -> str:
    body = ""
    for what, left, right, mark in told:
        sign = f"<strong>≠ {escaped(mark)}</strong>" if mark else ""
        cells = (
            f"<strong>{escaped(text)}</strong>" if mark and text else escaped(text) or "–"
            for text in (left, right)
        )
        one, other = (f'<td dir="auto">{cell}</td>' for cell in cells)
        body += f'<tr><th scope="row">{escaped(what)}</th>{one}{other}<td>{sign}</td></tr>'
    widths = "".join(f'<col style="width:{share}%">' for share in (14, 36, 36, 14))
    heads = "".join(f'<th scope="col">{title}</th>' for title in ("What", "One row", "The other", "Compared"))
    return (
        f'<table style="width:100%;table-layout:fixed;overflow-wrap:anywhere;{_COMPACT}">'
        f"<colgroup>{widths}</colgroup><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _listed(told: Iterable[tuple[str, str]]) -> str:
    parts = (f'<span class="quiet">{escaped(what)}:</span> <bdi>{escaped(text)}</bdi>' for what, text in told)
    return f'<p style="{_COMPACT}">{" · ".join(parts)}</p>'


def quiet(text: str) -> str:
    """Return a remark below something, shown literally."""
    return f'<div class="quiet" style="{_COMPACT}">{escaped(text)}</div>' if text else ""
