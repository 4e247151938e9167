"""The controls of a page: what it is about, chosen in JupyterLab, and the cells below run anew."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workbench.widgets._form import escaped, form, said, shell_to_show_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.config import Office
    from workbench.desk import Choice, WeekOffered

TARGET = "workbench"
"""The name under which JupyterLab's side of the workbench takes requests."""

BY_HAND = "Click this cell, then choose in the menu: Run → Run Selected Cell and All Below."

_PAUSE = 0.25
"""Seconds without a further change until one is carried out."""

_NO_ANSWER = 2.0
"""Seconds after which nobody in the browser is going to run the cells."""

_shown: dict[str, _Controls] = {}
"""The controls on display, by their cell."""


def controls(briefing: str = "", *, desk: bool = False) -> None:
    """
    Show what this page is about (area, week, as of when, for whom, language) and let it be chosen anew.

    Stands in a cell of its own below the parameters; a choice sets these five names and runs the cells
    below. It holds when all cells are run again, until the first cell is written anew. Readers left open are
    the narrowest that receive `briefing`; with `desk`, those of `[desk] audience`. In a run it does and shows
    nothing.
    """
    shell = shell_to_show_in()
    if shell is None:
        return
    from IPython.display import display

    cell = _cell(shell)
    earlier = _shown.pop(cell or "", None)
    if earlier is not None:
        earlier.retire()
    made = _Controls(
        shell.user_ns, briefing=briefing, desk=desk, cell=cell, kernel=getattr(shell, "kernel", None),
        earlier=earlier,
    )  # fmt: skip
    _shown[cell or ""] = made
    display(made.box)  # type: ignore[no-untyped-call]  # IPython types only in part


class _Controls:
    """
    One control, over the `namespace` of a notebook.

    A change is carried out on the kernel's own thread, between two cells, once no other has followed for a
    moment; JupyterLab ends what still runs, and all cells below run anew: so no page is made of two choices,
    and of many changes the last counts. Without a `kernel` the names are set at once.
    """

    def __init__(
        self,
        namespace: MutableMapping[str, Any],
        *,
        desk: bool,
        cell: str | None,
        briefing: str = "",
        kernel: Any = None,
        earlier: _Controls | None = None,
    ) -> None:
        import ipywidgets

        self._namespace, self._desk, self._cell, self._kernel = namespace, desk, cell, kernel
        self._briefing = briefing
        self._written, self._chosen = self._named(), cast("Choice | None", None)
        if earlier is not None and self._written in {earlier._written, earlier._chosen}:
            self._written, self._chosen = earlier._written, earlier._chosen
        self._quiet, self._timer, self._retired = False, None, False
        self._run, self._taken = 0, False
        self._comm: Any = None
        style = {"description_width": "initial"}
        self.area, self.audience, self.as_of, self.language = (
            ipywidgets.Dropdown(description=name, style=style, layout={"width": width})
            for name, width in (
                ("Area", "15rem"), ("Readers", "21rem"), ("As known", "17rem"), ("Language", "9rem")
            )
        )  # fmt: skip
        self.week = ipywidgets.Dropdown(description="Week", style=style, layout={"width": "20rem"})
        self.earlier = ipywidgets.Button(icon="chevron-left", tooltip="The week before")
        self.later = ipywidgets.Button(icon="chevron-right", tooltip="The week after")
        self.compare = ipywidgets.Button(
            description="Compare editions",
            tooltip="What each audience would read of this, and what it would not",
            layout={"width": "auto"},
        )
        for button in (self.earlier, self.later):
            button.layout.width = "2.4rem"
        self.page, self.tell = ipywidgets.HTML(), ipywidgets.HTML()
        self.below = ipywidgets.VBox()
        weeks = ipywidgets.HBox([self.earlier, self.week, self.later])
        rows = [
            [self.area, weeks],
            [self.audience, self.as_of, self.language, self.compare],
        ]
        boxes = [ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        self.box = form(*boxes, self.page, self.tell, self.below, name="controls")
        self._begin()
        for one in self._dropdowns().values():
            one.observe(self._changed, names="value")
        self.earlier.on_click(lambda _: self._step(1))
        self.later.on_click(lambda _: self._step(-1))
        self.compare.on_click(lambda _: self._compare())

    def _named(self) -> Choice:
        from workbench.desk import NAMES, Choice

        return Choice(**{name: str(self._namespace.get(name, "") or "") for name in NAMES})

    def retire(self) -> None:
        """Let go of the widgets: the cell was run again, and has new ones."""
        self._retired = True
        self._stop_timer()
        _close(self.box)

    def _dropdowns(self) -> dict[str, Any]:
        return {
            "area": self.area, "week": self.week, "audience": self.audience, "as_of": self.as_of,
            "language": self.language,
        }  # fmt: skip

    def _begin(self) -> None:
        self._guarded(self._fill)

    def _fill(self) -> None:
        """Show what the notebook's names say, or what was chosen since, and what is left open."""
        from workbench.desk import NAMES, opened, require_possible

        office = office_here()
        if self._chosen is not None:
            self._namespace.update(asdict(self._chosen))
        asked = self._named()
        choice = opened(office, asked, desk=self._desk, briefing=self._briefing)
        self._offer(office, choice)
        self._page_is(office, choice, open_ones=[name for name in NAMES if not getattr(asked, name)])
        from workbench.view import store_of

        require_possible(office, store_of(office), choice)

    def _offer(self, office: Office, choice: Choice) -> None:
        """Put into the lists what can be chosen, given the area and the readers chosen."""
        from workbench.desk import day_of, known_on, weeks
        from workbench.view import store_of

        store = store_of(office)
        offered = weeks(office, store, choice.area)
        known = known_on(office, store, choice.audience)
        lists = {
            "area": [(one.name, one.slug) for one in office.area],
            "week": [(_told_week(one), one.week.slug) for one in offered],
            "audience": [(f"{one.name} ({one.marking})", one.slug) for one in office.audience],
            "as_of": [("now", ""), *((f"on {day_of(office, one)}", one.isoformat()) for one in known)],
            "language": [(one, one) for one in office.languages],
        }
        with self._silently():
            for name, one in self._dropdowns().items():
                value = getattr(choice, name)
                found = lists[name]
                if value not in [slug for _, slug in found]:
                    found = [(f"{value} (not in the list)", value), *found]
                if tuple(found) != tuple(one.options):
                    one.options = found
                if one.value != value:
                    one.value = value
            self._set_steps()

    def _set_steps(self) -> None:
        slugs = [slug for _, slug in self.week.options]
        place = slugs.index(self.week.value) if self.week.value in slugs else 0
        self.earlier.disabled, self.later.disabled = place + 1 >= len(slugs), place == 0

    def _step(self, by: int) -> None:
        slugs = [slug for _, slug in self.week.options]
        place = slugs.index(self.week.value) + by
        if 0 <= place < len(slugs):
            self.week.value = slugs[place]

    def _changed(self, _: Any) -> None:
        if self._quiet or self._retired:
            return
        self._set_steps()
        self.tell.value = said("Working ...")
        if self._kernel is None:
            self._carry_out()
        else:  # widgets may speak on a thread of their own
            self._kernel.io_loop.add_callback(self._arm)

    def _arm(self, pause: float = _PAUSE) -> None:
        self._stop_timer()
        if not self._retired:
            self._timer = self._kernel.io_loop.call_later(pause, self._carry_out)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._kernel.io_loop.remove_timeout(self._timer)
            self._timer = None

    def _carry_out(self) -> None:
        self._timer = None
        self._guarded(self._set_names)

    def _set_names(self) -> None:
        from workbench.desk import Choice, require_possible
        from workbench.view import store_of

        office = office_here()
        choice = Choice(**{name: one.value or "" for name, one in self._dropdowns().items()})
        self._offer(office, choice)
        require_possible(office, store_of(office), choice)
        _require_rows(office, choice, briefing=self._briefing)
        self._chosen = choice
        self._namespace.update(asdict(choice))
        self._close_comparison()
        self._page_is(office, choice, open_ones=[])
        if self._kernel is None:
            self.tell.value = said(BY_HAND)
        else:
            self._ask()

    def _ask(self) -> None:
        """Ask JupyterLab to run the cells below."""
        from comm import create_comm

        self._run, self._taken = self._run + 1, False
        request = {"do": "run-below", "cell": self._cell, "run": self._run}
        # a comm of its own each time: a page that was loaded anew knows none of the earlier ones
        self._comm = create_comm(target_name=TARGET, data=request)
        self._comm.on_msg(self._answered)
        self._kernel.io_loop.call_later(_NO_ANSWER, self._given_up, self._run)

    def _answered(self, message: Any) -> None:
        answer = message["content"]["data"]
        if answer.get("run") != self._run:
            return
        self._taken = True
        if answer.get("did"):
            stopped = "A cell below stopped with an error, so the page is not complete. Its message says why."
            self.tell.value = "" if answer.get("ok") else said(stopped, wrong=True)

    def _given_up(self, run: int) -> None:
        if run == self._run and not self._taken:
            self.tell.value = said(BY_HAND)

    def _guarded(self, work: Callable[[], None]) -> None:
        from workbench.errors import UserError

        try:
            work()
        except UserError as problem:
            self.tell.value = said(f"{problem}\n{self._still()}", wrong=True)
        except Exception as fault:  # a control must not end in a traceback that quotes a record
            self.tell.value = said(
                f"The workbench met a fault of its own ({type(fault).__name__}). {self._still()}", wrong=True
            )

    def _still(self) -> str:
        return "The cells below are as they were."

    def _page_is(self, office: Office, choice: Choice, *, open_ones: list[str]) -> None:
        """Say in one line what the page is about, and what of it the first cell leaves to the office."""
        from workbench.desk import day_of
        from workbench.view import instant

        reader, week = office.audience_called(choice.audience), office.week(choice.week)
        known = day_of(office, instant(choice.as_of)) if choice.as_of else ""
        parts = [
            office.area_called(choice.area).name,
            f"week {week}, {_days(week.first_day, week.last_day)}",
            f"as known on {known}" if known else "as known now",
            f"for {reader.name}, marked {reader.marking}",
        ]
        named = self._desk and office.desk.audience
        receive = any(self._briefing in one.briefings for one in office.audience)
        stood_for = {
            "area": "the first area",
            "week": "the last complete week",
            "audience": (
                "the desk's readers"
                if named
                else f"the narrowest readers{' who receive it' if receive else ''}"
            ),
            "as_of": "now",
            "language": "the first language",
        }
        left = [stood_for[name] for name in open_ones]
        told = (
            "(chosen here: it holds until the first cell is written anew or the kernel ends)"
            if self._chosen is not None
            else f'("" in the first cell stands for {", ".join(left)})'
            if left
            else ""
        )
        note = f' <span class="quiet">{told}</span>' if told else ""
        self.page.value = f"<div>{escaped('; '.join(parts))}{note}</div>"

    @contextmanager
    def _silently(self) -> Iterator[None]:
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _compare(self) -> None:
        from workbench.desk import Choice
        from workbench.widgets._editions import Editions

        if self.below.children:
            self._close_comparison()
            return
        choice = Choice(**{name: one.value or "" for name, one in self._dropdowns().items()})
        watched = self._kernel is not None
        self.below.children = (Editions(choice, briefing=self._briefing, watched=watched).box,)
        self.compare.description = "Close the comparison"

    def _close_comparison(self) -> None:
        """Take the editions out of the page and of the kernel's widgets: they are of another choice now."""
        gone, self.below.children = self.below.children, ()
        for box in gone:
            _close(box)
        self.compare.description = "Compare editions"


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()


def _require_rows(office: Office, choice: Choice, *, briefing: str) -> None:
    """Raise UserError where this page lists rows, and the readers chosen are given counts only."""
    from workbench.errors import UserError
    from workbench.widgets._editions import own_briefing

    own, reader = own_briefing(office, briefing), office.audience_called(choice.audience)
    if not own or reader.count_threshold == 1 or office.briefing_called(own).counts_only:
        return
    fitting = ", ".join(one.notebook for one in office.briefing if one.counts_only) or "none yet"
    raise UserError(
        f"{reader.name} are given counts and no rows, and this page lists rows. Choose other readers, or "
        f"open a notebook that is made of counts: {fitting}."
    )


def office_here() -> Office:
    """Return the office in whose folder the notebook lies; raises ConfigurationError."""
    from workbench.config import find, load

    return load(find(Path.cwd()))


def _cell(shell: Any) -> str | None:
    """Return the id of the cell that is being run, as JupyterLab gives it; None elsewhere."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    found = kernel.get_parent("shell").get("metadata", {}).get("cellId")
    return str(found) if found else None


def _told_week(one: WeekOffered) -> str:
    told = f"{one.week} · {_days(one.week.first_day, one.week.last_day)}"
    if not one.over:
        return f"{told} · not over yet"
    return told if one.incidents else f"{told} · no incidents"


def _days(first: Any, last: Any) -> str:
    begins = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    return f"{begins}–{last.day} {last:%b %Y}"
