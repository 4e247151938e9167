"""What went wrong in a cell, in an analyst's words; the traceback stays one click away."""

from __future__ import annotations

import html
import linecache
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from workbench.errors import UserError

_LONGEST = 400
"""Characters of a message that are shown at once; the rest stands in the traceback."""

_MANY = 24
"""Names that are listed at most."""

_OF_THE_PAGE = frozenset({"edition", "view", "words", "sections", "analysis", "charts"})
"""Names that the first cells of every briefing make."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def explained(problem: BaseException, *, names: Mapping[str, Any]) -> str:
    """
    Return what went wrong in a cell and what to do about it, in a few plain lines.

    An error of ours is told as it was written. Of the others, those that are slips of everyday (a column
    or name that is not there, a sentence that is no Python, a stop by hand) have words of their own; of
    any other stands its class, the analyst's own line and what it says. `names` is the namespace of the
    notebook, which is how its lines are known. What is told may quote a row: it is for the notebook.
    """
    if isinstance(problem, UserError):
        return str(problem)
    if isinstance(problem, SyntaxError):
        return _syntax(problem)
    if isinstance(problem, KeyboardInterrupt):
        return "Stopped: this cell was interrupted before its end. Run it again when you like."
    told = _column(problem)
    if told is None and isinstance(problem, NameError) and problem.name:
        told = _name(problem.name, names)
    if told is None and isinstance(problem, ModuleNotFoundError) and problem.name:
        told = (
            f"The package {problem.name} is not installed here. Notebooks need no more than `workbench` "
            "brings; whoever maintains this Python can add it."
        )
    return (told or _other(problem)) + _where(problem, names)


def trace(lines: Iterable[str]) -> str:
    """Return a traceback as HTML that is folded away: escaped, without a terminal's colours."""
    text = html.escape(_COLOURS.sub("", "\n".join(lines)))
    return (
        '<details style="font: 13px sans-serif; color: #5f6b78"><summary>Where it happened, in full'
        " (it may quote rows: do not send it on)</summary>"
        f'<pre style="font-size: 12px; white-space: pre-wrap">{text}</pre></details>'
    )


def _column(problem: BaseException) -> str | None:
    """Say that a frame has no such column, if that is what a KeyError or AttributeError of pandas means."""
    frame, asked = _asked_of(problem)
    if frame is None:
        return None
    there = [str(one) for one in frame.columns]
    missing = [str(one) for one in asked if str(one) not in there]
    if not missing:
        return None
    said = ", ".join(f'"{_cut(one, 60)}"' for one in missing[:3])
    near = list(dict.fromkeys(n for one in missing for n in get_close_matches(one, there, n=2)))
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    some = ", ".join(there[:_MANY]) + (f" and {len(there) - _MANY} more" if len(there) > _MANY else "")
    plural = "s" if len(missing) > 1 else ""
    return f"There is no column{plural} {said} here.{hint}\nIts columns: {some or 'none'}."


_ASKED = {"__getitem__": "key", "groupby": "by", "sort_values": "by", "drop": "columns", "set_index": "keys"}
"""Methods of a frame that are given names of columns, and the argument that holds them."""


def _asked_of(problem: BaseException) -> tuple[Any, tuple[Any, ...]]:
    """Return the frame that had no such column, and what it was asked for; None, () if that is not it."""
    if "pandas" not in sys.modules or not isinstance(problem, (KeyError, AttributeError)):
        return None, ()
    import pandas as pd

    if isinstance(problem, AttributeError) and isinstance(problem.obj, pd.DataFrame):
        return problem.obj, (problem.name,)
    if not isinstance(problem, KeyError):
        return None, ()
    for frame, _ in traceback.walk_tb(problem.__traceback__):
        held = frame.f_locals.get("self")
        key = frame.f_locals.get(_ASKED.get(frame.f_code.co_name, ""))
        if type(held).__name__ == "_LocIndexer":
            key = key[1] if isinstance(key, tuple) and len(key) > 1 else None
        held = getattr(held, "obj", held)  # a grouped frame and `loc` know what they were made from
        if isinstance(held, pd.DataFrame) and key is not None:
            return held, tuple(key) if isinstance(key, (list, tuple, pd.Index)) else (key,)
    return None, ()


def _name(name: str, names: Mapping[str, Any]) -> str:
    if name in _OF_THE_PAGE:
        return (
            f"`{name}` is not there yet: the page's view is not open. Run the cells above this one first "
            "(menu Run, Run All Above Selected Cell)."
        )
    near = get_close_matches(name, [one for one in names if not one.startswith("_")], n=2)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"There is no `{name}` yet.{hint} If a cell above makes it, run the cells above this one first "
        "(menu Run, Run All Above Selected Cell)."
    )


def _syntax(problem: SyntaxError) -> str:
    line = (problem.text or "").rstrip()
    place = f" in line {problem.lineno}" if problem.lineno else ""
    shown = f"\n  {line}" if line else ""
    if line and problem.offset and problem.offset > 0:
        shown += f"\n  {' ' * (min(problem.offset, len(line) + 1) - 1)}^"
    return f"This cell cannot be read as Python{place}: {problem.msg}.{shown}\nNothing of it has run."


def _other(problem: BaseException) -> str:
    said = _cut(" ".join(str(problem).split()), _LONGEST)
    return f"{type(problem).__name__}: {said}" if said else type(problem).__name__


def _where(problem: BaseException, names: Mapping[str, Any]) -> str:
    """Return the last line of the notebook's own code that was being run; nothing where there is none."""
    own = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(problem.__traceback__)
        if frame.f_globals is names
    ]
    if not own:
        return ""
    line = linecache.getline(*own[-1]).strip()
    return f"\nLine {own[-1][1]} of the cell: {_cut(line, 200)}" if line else ""


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
