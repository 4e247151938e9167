"""`widgets.log`: contacts, commitments and alerts as forms in a notebook."""

from __future__ import annotations

from pathlib import Path

from workbench import desk
from workbench.config import find, load
from workbench.desk import LOGS, Choice
from workbench.errors import ParameterError, UserError
from workbench.sources.places import districts
from workbench.view import Request, View, instant, make, present, store_of
from workbench.widgets._form import form, said, shell_to_show_in
from workbench.widgets._log._form import Around, LogForm


def log(
    record: str = "liaison_entry", *, area: str = "", week: str = "", audience: str = "", as_of: str = "",
    language: str = "",
) -> None:  # fmt: skip
    """
    Show the form that enters a contact (`liaison_entry`), a `commitment` or an `alert`.

    "" stands for what the office chooses. The entries beside it are those of the desk's audience. In a run it
    does nothing.
    """
    if shell_to_show_in() is None:
        return
    from IPython.display import display

    display(_box(record, Choice(area, week, audience, as_of, language)))  # type: ignore[no-untyped-call]  # IPython types only in part


def _box(record: str, asked: Choice) -> object:
    import ipywidgets

    try:
        return opened(record, asked).box
    except UserError as problem:
        return form(ipywidgets.HTML(said(str(problem), wrong=True)), name="log")


def opened(record: str, asked: Choice) -> LogForm:
    """Return the form of what is asked for; raises UserError where there can be none."""
    if record not in LOGS:
        raise ParameterError(f'The log takes no "{record}". It takes: {", ".join(LOGS)}.')
    office = load(find(Path.cwd()))
    store = store_of(office)
    choice = desk.opened(office, asked, desk=True)
    area = office.area_called(choice.area)

    def look() -> tuple[View | None, str]:
        try:
            as_of = instant(choice.as_of) if choice.as_of else present(office, store)
            # entries are dated today: the page's week may have ended before
            today = office.week_of(as_of.astimezone(office.zone).date())
            return make(office, store, Request(area.slug, today.slug, choice.audience, as_of)), ""
        except UserError as problem:
            return None, str(problem)

    outlines = districts(office)
    names = outlines[outlines["district"].isin(area.districts)].sort_values("district")["district_name"]
    return LogForm(office, store, record, Around(choice.audience, look, tuple(names)))
