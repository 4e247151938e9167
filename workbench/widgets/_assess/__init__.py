"""`widgets.assess`: the week's assessment as a form in a notebook."""

from __future__ import annotations

from pathlib import Path

from workbench import desk
from workbench.config import find, load
from workbench.desk import Choice
from workbench.errors import UserError
from workbench.view import Request, View, instant, make, present, store_of
from workbench.widgets._assess._form import AssessmentForm, Seen
from workbench.widgets._form import form, said, shell_to_show_in


def assess(
    *, area: str = "", week: str = "", audience: str = "", as_of: str = "", language: str = ""
) -> None:
    """
    Show the assessment of an area and week as a form over its Markdown file.

    "" stands for what the office chooses: its first area, last complete week, the desk's audience, now, its
    first language. Records to pick a basis from are those of that audience's view. In a run it does nothing.
    """
    if shell_to_show_in() is None:
        return
    from IPython.display import display

    display(_box(Choice(area, week, audience, as_of, language)))  # type: ignore[no-untyped-call]  # IPython types only in part


def _box(asked: Choice) -> object:
    import ipywidgets

    try:
        return opened(asked).box
    except UserError as problem:
        return form(ipywidgets.HTML(said(str(problem), wrong=True)), name="assessment")


def opened(asked: Choice) -> AssessmentForm:
    """Return the form of what is asked for; raises UserError where there can be none."""
    office = load(find(Path.cwd()))
    store = store_of(office)
    choice = desk.opened(office, asked, desk=True)
    assessment = desk.assess.open_week(office, area=choice.area, week=choice.week)
    view: View | None = None
    why = ""
    try:
        as_of = instant(choice.as_of) if choice.as_of else present(office, store)
        view = make(office, store, Request(choice.area, choice.week, choice.audience, as_of))
    except UserError as problem:
        why = str(problem)
    names = tuple(view.districts["district_name"]) if view is not None else ()
    return AssessmentForm(assessment, store, Seen(view, why, names, choice.language))
