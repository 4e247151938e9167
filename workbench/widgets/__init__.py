"""Controls, forms and previews for notebooks; what they show is no part of a document."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.widgets._assess import assess
    from workbench.widgets._controls import controls
    from workbench.widgets._editions import editions
    from workbench.widgets._explore import explore
    from workbench.widgets._log import log
    from workbench.widgets._today import today

__all__ = ["assess", "controls", "editions", "explore", "log", "today"]

_HOMES = {
    "assess": "_assess",
    "controls": "_controls",
    "editions": "_editions",
    "explore": "_explore",
    "log": "_log",
    "today": "_today",
}
"""Where each name is from. It is imported when it is asked for: a page made in a run loads no form's room."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
