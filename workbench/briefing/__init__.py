"""Briefings: find notebooks, check parameters, execute one with papermill on a saved view."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.briefing._approved import (
    APPROVED,
    Approval,
    approval,
    approve,
    approve_shipped,
    require_approval,
    states,
)
from workbench.briefing._folder import EXECUTED, PREFIX, keep_failed, run_folder
from workbench.config import Briefing, Office, Week, shipped
from workbench.errors import ConfigurationError, ParameterError
from workbench.kernels import defer_grammar

__all__ = [
    "APPROVED",
    "EXECUTED",
    "PARAMETERS",
    "PREFIX",
    "TIME_LIMIT_SECONDS",
    "Approval",
    "approval",
    "approve",
    "approve_shipped",
    "checked",
    "keep_failed",
    "notebook_of",
    "parameters_of",
    "require_approval",
    "run",
    "run_folder",
    "states",
]

PARAMETERS = ("area", "week", "audience", "as_of", "language")
"""What every briefing takes, all text; "" in a notebook stands for the office's own choice."""

TIME_LIMIT_SECONDS = 600

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def notebook_of(office: Office, briefing: Briefing) -> Path:
    """Return the path of a briefing's notebook; raises ConfigurationError if it is not there."""
    path = office.path(briefing.notebook)
    if path.is_file():
        return path
    came_along = shipped("notebooks") / Path(briefing.notebook).name
    remedy = f"A copy came with the workbench: {came_along.name}." if came_along.is_file() else ""
    raise ConfigurationError(
        f'Briefing "{briefing.slug}": there is no notebook {briefing.notebook} in the office. {remedy} '
        "Correct `notebook` in workbench.toml, or run: workbench init --notebooks"
    )


def parameters_of(notebook: Path) -> Mapping[str, str]:
    """
    Return the parameters a notebook declares, with their defaults as written.

    Raises ParameterError if the notebook has no cell tagged `parameters`, lacks one of PARAMETERS,
    or declares another; raises ConfigurationError if the file is not a notebook.
    """
    defer_grammar()
    from workbench.briefing._execute import declared_by

    declared = declared_by(notebook)
    missing = [name for name in PARAMETERS if name not in declared]
    unknown = [name for name in declared if name not in PARAMETERS]
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"declares {', '.join(unknown)}, which the workbench does not know"] if unknown else []
        raise ParameterError(
            f"The parameters cell of {notebook.name} {' and '.join(parts)}. A briefing takes exactly: "
            f"{', '.join(PARAMETERS)}, one to a line, in a cell tagged `parameters`."
        )
    return {name: declared[name] for name in PARAMETERS}


def checked(parameters: Mapping[str, str]) -> dict[str, str]:
    """
    Return the parameters of a run as plain texts, each of its own form; none can be anything else.

    `area` and `audience` are slugs, `week` a week such as 2026-W46, `as_of` an instant in ISO 8601 with
    seconds and zone, `language` a code such as pt or pt-MZ. Raises ParameterError, which names the
    parameter and not its value.
    """
    forms: dict[str, tuple[Callable[[str], object], str]] = {
        "area": (_SLUG.fullmatch, "a slug of the office, such as kestara"),
        "audience": (_SLUG.fullmatch, "a slug of the office, such as partners"),
        "week": (_a_week, "a week, such as 2026-W46"),
        "as_of": (_an_instant, "an instant with a zone, such as 2026-11-16T06:00:00+00:00"),
        "language": (_LANGUAGE.fullmatch, "a language code, such as en"),
    }
    for name, (is_one, form) in forms.items():
        if type(parameters[name]) is not str or not is_one(parameters[name]):
            raise ParameterError(f"The parameter {name} is not {form}. Give it in that form.")
    return {name: parameters[name] for name in PARAMETERS}


def _a_week(text: str) -> bool:
    try:
        Week.parse(text, starts="monday")
    except ParameterError:
        return False
    return True


def _an_instant(text: str) -> bool:
    if not _INSTANT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def run(
    notebook: Path,
    parameters: Mapping[str, str],
    *,
    view: Path,
    folder: Path,
    time_limit: float | None = None,
) -> Any:
    """
    Execute `notebook` on the view saved in the folder `view` and return the executed notebook.

    The kernel is one of this Python, confined before its first cell (`_confine`). It gets an
    environment of its own (an allow-list, the view's path, nothing of the caller's), and the empty
    working folder `folder/work`. The executed notebook stays in `folder`, which only analysts may
    read. `time_limit` is in seconds for each cell; without it, TIME_LIMIT_SECONDS.
    Raises ParameterError before a kernel starts, and BriefingFailed with cell number and exception
    class; the cell's text and traceback stay in the executed notebook. A class of the notebook's own
    is not named, since its name may say anything.
    """
    parameters_of(notebook)
    from workbench.briefing._execute import execute

    if set(parameters) != set(PARAMETERS):
        raise ParameterError(
            f"{notebook.name} takes {', '.join(PARAMETERS)}. "
            f"Given: {', '.join(sorted(parameters)) or 'none'}. Give exactly these."
        )
    given = checked(parameters)
    limit = TIME_LIMIT_SECONDS if time_limit is None else time_limit
    return execute(notebook, given, view=view, folder=folder, time_limit=limit)
