"""What all forms are built on: a box that tells nothing of itself in a saved notebook, and text as text."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Sequence
from typing import Any

from workbench.errors import UserError
from workbench.view import VARIABLE

NOT_THERE = (
    "This needs ipywidgets and anywidget, which are not installed here: "
    'pip install "briefing-workbench[lab]". The rest of the page runs without them; what it is about '
    "stands in its first cell."
)

_STYLE = """
.wb-form { font: 14px/1.45 FiraGO, 'Fira Sans', 'Segoe UI', sans-serif; max-width: 64rem }
.wb-form :is(h3, h4) { margin: .6em 0 .2em }
.wb-form .said { border-inline-start: 4px solid #2f5d50; padding: .2em .8em; margin: .4em 0 }
.wb-form .wrong { border-inline-start-color: #b4451f }
.wb-form .quiet { color: #5f6b78 }
.wb-form table { border-collapse: collapse }
.wb-form :is(td, th) { text-align: start; vertical-align: top; padding: .15em .8em .15em 0; border-bottom: 1px solid #d5dbe1 }
"""  # noqa: E501 - a rule of a style sheet stays on one line


def escaped(text: object) -> str:
    """Return text from a record as it may stand in an HTML widget: shown literally, never markup."""
    return html.escape("" if text is None or text != text else str(text), quote=True)  # noqa: PLR0124 (only NaN)


def shell_to_show_in() -> Any:
    """
    Return the notebook's shell if a form can be shown in it, else None.

    None in the run of a briefing, which has no use for one, and outside IPython; and where ipywidgets or
    anywidget is not installed, after saying how to get it.
    """
    if os.environ.get(VARIABLE):
        return None
    from IPython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    if shell is None:
        return None
    try:
        import anywidget  # noqa: F401 (whether it is there)
        import ipywidgets  # noqa: F401 (as above)
    except ImportError:
        display({"text/plain": NOT_THERE}, raw=True)  # type: ignore[no-untyped-call]  # IPython types only in part
        return None
    return shell


def form(*children: Any, name: str) -> Any:
    """
    Return widgets as one box, called `name` in the notebook's file.

    A widget's own text names its values, and JupyterLab saves that text into the notebook: this box says
    only `<name>`. Every control, form and preview is shown in such a box, never by itself.
    """
    import ipywidgets

    class Form(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
        def __repr__(self) -> str:
            return f"<{name}>"

    box = Form([ipywidgets.HTML(f"<style>{_STYLE}</style>"), *children])
    box.add_class("wb-form")
    return box


def said(text: str, *, wrong: bool = False) -> str:
    """Return a message to the analyst as HTML; each line of `text` is a paragraph, shown literally."""
    lines = "".join(f"<div>{escaped(line)}</div>" for line in text.splitlines() if line.strip())
    return (
        f'<div class="said{" wrong" if wrong else ""}" role="{"alert" if wrong else "status"}">{lines}</div>'
    )


def guarded(work: Callable[[], str | None], tell: Any) -> Callable[..., None]:
    """
    Return a button's handler that does `work` and tells in the HTML widget `tell` what came of it.

    What a user can mend is told in its own words; of a fault of the workbench only its class: its text
    may quote a record.
    """

    def handle(*_: Any) -> None:
        tell.value = said("Working ...")
        try:
            done = work()
        except UserError as problem:
            tell.value = said(str(problem), wrong=True)
        except Exception as fault:  # a form must not end in a traceback that quotes a record
            tell.value = said(
                f"The workbench met a fault of its own ({type(fault).__name__}), and nothing more was done. "
                "Tell whoever maintains it what you did last.",
                wrong=True,
            )
        else:
            tell.value = said(done) if done else ""

    return handle


def options(values: Sequence[str], *, empty: str | None = None) -> list[tuple[str, str]]:
    """Return choices of a dropdown: each word as itself, without underscores; `empty` stands for none."""
    first = [] if empty is None else [(empty, "")]
    return first + [(one.replace("_", " "), one) for one in values]
