"""A grammar that JupyterLab brings along and nothing here needs: built when it is asked for, not before."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

GRAMMAR = "rfc3987_syntax"


def defer_grammar() -> None:
    """
    Let `rfc3987_syntax` build its parser when an address is first judged by it, and not as it is imported.

    jsonschema imports it wherever it is installed (it comes with JupyterLab), and so does everything that
    imports jsonschema: Altair, nbformat, papermill. The parser takes most of a second. Until then a stand-in
    has its place; whoever calls that gets the answers of the real one.
    """
    found = None if GRAMMAR in sys.modules else find_spec(GRAMMAR)
    if found is None:
        return
    standing_in = ModuleType(GRAMMAR, "Stands in for the grammar until it is asked.")
    standing_in.__spec__ = found  # who asks whether it is installed must hear so

    def is_valid_syntax(*given: Any, **named: Any) -> Any:
        if sys.modules.get(GRAMMAR) is standing_in:
            del sys.modules[GRAMMAR]
        return import_module(GRAMMAR).is_valid_syntax(*given, **named)

    standing_in.is_valid_syntax = is_valid_syntax  # type: ignore[attr-defined]  # a module takes any name
    sys.modules[GRAMMAR] = standing_in
