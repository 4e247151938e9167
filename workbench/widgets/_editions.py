"""Editions side by side: what each audience would read of a page, and what it would not, and why."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.widgets._form import escaped, form, said, shell_to_show_in

if TYPE_CHECKING:
    from workbench.desk import Choice, Compared, LeftOut

_STYLE = """
<style>
.wb-form .wb-edition { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start }
.wb-form .wb-edition > iframe { flex: 3 1 26rem; min-width: 0; height: 42rem; border: 1px solid #d5dbe1 }
.wb-form .wb-edition > section { flex: 2 1 20rem; min-width: 0; max-height: 42rem; overflow: auto }
.wb-form .wb-edition > section { line-height: 1.4 }
.wb-form .wb-edition :is(th, td).right { text-align: end }
.wb-form .wb-edition li { margin: .15em 0 }
</style>
"""

_SEEN_WITHOUT = {
    "level": "columns above their level",
    "compartment": "columns of a compartment they lack",
    "place": "the exact place",
    "text": "texts not written for release",
}


def editions(briefing: str = "", *, desk: bool = False) -> None:
    """
    Show the editions of a briefing, each on its audience's own view, beside what is left out of it and why.

    Of the area, week, instant and language that the notebook's five names say; `briefing` is a slug, "" the
    notebook's own or the office's first. `desk` as for `controls`. In a run it does and shows nothing.
    """
    shell = shell_to_show_in()
    if shell is None:
        return
    from IPython.display import display

    from workbench.desk import NAMES, Choice, opened
    from workbench.widgets._controls import office_here

    asked = Choice(**{name: str(shell.user_ns.get(name, "") or "") for name in NAMES})
    made = Editions(
        opened(office_here(), asked, desk=desk), briefing=briefing, watched=hasattr(shell, "kernel")
    )
    display(made.box)  # type: ignore[no-untyped-call]  # IPython types only in part


class Editions:
    """The editions of one choice, each made when it is asked for; where `watched`, on a thread of its own."""

    def __init__(self, choice: Choice, *, briefing: str = "", watched: bool) -> None:
        import ipywidgets

        from workbench.widgets._controls import office_here

        self._choice, self._watched = choice, watched
        self._lock, self._busy, self._quiet = threading.Lock(), False, False
        office = office_here()
        own = own_briefing(office, briefing) or office.briefing[0].slug
        self.briefing = ipywidgets.Dropdown(
            description="Briefing",
            options=[(one.title, one.slug) for one in office.briefing],
            value=own,
            style={"description_width": "initial"},
        )
        self.readers = ipywidgets.ToggleButtons(style={"button_width": "auto"})
        self.note, self.tell, self.shown = (ipywidgets.HTML() for _ in range(3))
        self.box = form(
            ipywidgets.HTML(
                "<h3>Editions</h3><div class='quiet'>Each is made as a run makes it, on nothing but its own "
                "readers' view, and published nowhere. What stands beside it is for the desk alone.</div>"
            ),
            self.briefing, self.readers, self.note, self.tell, self.shown, name="editions",
        )  # fmt: skip
        self._offer()
        self.briefing.observe(lambda _: self._offer(), names="value")
        self.readers.observe(lambda _: self._asked(), names="value")

    def _offer(self) -> None:
        """Offer the readers who receive the briefing, and say who does not."""
        from workbench.widgets._controls import office_here

        office = office_here()
        gets = [one for one in office.audience if self.briefing.value in one.briefings]
        others = [one.name for one in office.audience if one not in gets]
        self._quiet = True
        try:
            self.readers.options = [(one.name, one.slug) for one in gets]
            self.readers.value = None
        finally:
            self._quiet = False
        self.shown.value = ""
        self.tell.value = said("Choose readers to see their edition." if gets else "Nobody receives it.")
        told = f"Not received by: {', '.join(others)}." if others else ""
        self.note.value = f'<div class="quiet">{escaped(told)}</div>'

    def _asked(self) -> None:
        if self._quiet or not self.readers.value:
            return
        with self._lock:
            if self._busy:  # who is at work goes on to what is asked for now
                return
            self._busy = True
        if self._watched:
            threading.Thread(target=self._work, daemon=True).start()
        else:
            self._work()

    def _work(self) -> None:
        done: tuple[str, str] | None = None
        while True:
            wanted = (str(self.briefing.value), str(self.readers.value or ""))
            with self._lock:
                if wanted == done or not wanted[1]:
                    self._busy = False
                    return
            self._make(*wanted)
            done = wanted

    def _make(self, briefing: str, audience: str) -> None:
        from workbench.desk import previewed
        from workbench.errors import UserError
        from workbench.view import store_of
        from workbench.widgets._controls import office_here

        try:
            office = office_here()
            name = office.audience_called(audience).name

            def progress(what: str) -> None:
                self.tell.value = said(f"{name}: {what} ...")

            self.shown.value = ""
            progress("beginning")
            choice = replace(self._choice, audience=audience)
            made = previewed(office, store_of(office), briefing, choice, progress=progress)
        except UserError as problem:
            self.tell.value = said(str(problem), wrong=True)
        except Exception as fault:  # its text may quote a record
            self.tell.value = said(
                f"The workbench met a fault of its own ({type(fault).__name__}), and made no edition. "
                "Tell whoever maintains it what you did last.",
                wrong=True,
            )
        else:
            self.shown.value = side_by_side(made.html, made.compared)
            self.tell.value = ""


def own_briefing(office: Any, named: str = "") -> str:
    """Return the briefing whose notebook this is, as `named` or as JupyterLab says; "" if it is none's."""
    if named in {one.slug for one in office.briefing}:
        return named
    session = Path(os.environ.get("JPY_SESSION_NAME", "")).name
    return next((one.slug for one in office.briefing if Path(one.notebook).name == session), "")


def side_by_side(html: str, compared: Compared) -> str:
    """Return an edition in a frame that runs nothing, and beside it what it leaves out, as HTML."""
    title = escaped(f"Edition for {compared.audience}")
    frame = f'<iframe sandbox title="{title}" srcdoc="{escaped(html)}"></iframe>'
    return f'{_STYLE}<div class="wb-edition">{frame}<section>{"".join(_left_out(compared))}</section></div>'


def _left_out(compared: Compared) -> Iterable[str]:
    yield f"<h4>Not shown to {escaped(compared.audience)}</h4>"
    yield f'<div class="quiet">Of what {escaped(compared.desk)} reads of the week, as known then.</div>'
    if compared.cells is not None:
        total, withheld = compared.cells
        yield f"<p>They are given counts: {withheld} of the week's {total} are withheld, "
        yield "the small ones and those that would give them away.</p>"
    less = [one for one in compared.records if not one.nothing]
    if not less:
        yield f"<p>Nothing: they read all of it.{_counts_only(compared.records)}</p>"
        return
    yield '<table><tr><th>Record<th class="right">Desk<th class="right">Here<th>Why not the rest</tr>'
    for one in less:
        why = "".join(f"<div>{part.rows}: {escaped(part.why)}</div>" for part in one.absent)
        counts = "".join(f'<td class="right">{count}' for count in (one.held, one.read))
        yield f"<tr><td>{_words(one.record)}{counts}<td>{why}</tr>"
    yield "</table>"
    reduced = [line for one in less for line in _reduced(one)]
    if reduced:
        yield f"<h4>Of the rows they read</h4><ul>{''.join(f'<li>{line}' for line in reduced)}</ul>"
    whole = [_words(one.record) for one in compared.records if one.nothing]
    if whole:
        yield f'<div class="quiet">In full: {", ".join(whole)}.{_counts_only(compared.records)}</div>'


def _reduced(one: LeftOut) -> Iterable[str]:
    name = f"<b>{_words(one.record)}</b>"
    if one.less.texts:
        nothing = (
            f"; {one.less.nothing_released} of them with nothing written for release"
            if one.less.nothing_released
            else ""
        )
        yield f"{name}: texts withheld in {one.less.texts}{nothing} ({_columns(one.less.columns['text'])})"
    if one.less.places:
        yield f"{name}: exact place not told of {one.less.places} ({_columns(one.less.columns['place'])})"
    for kind, names in one.less.columns.items():
        if kind not in {"text", "place"}:
            said_so = _SEEN_WITHOUT.get(kind, "columns not theirs")
            yield f"{name}: without {said_so}: {_columns(names)}"


def _counts_only(records: Iterable[LeftOut]) -> str:
    unlisted = sum(one.less.unlisted for one in records)
    return (
        f" {unlisted} rows are counted and listed to nobody: their licence allows no more."
        if unlisted
        else ""
    )


def _columns(names: Iterable[str]) -> str:
    return ", ".join(_words(name) for name in names)


def _words(name: str) -> str:
    return escaped(name.replace("_", " "))
