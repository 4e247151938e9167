"""Single values of an entry as TOML, set without touching the lines around them."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from typing import Any

import tomlkit

from workbench.sources.statements import LISTED

_CELLS = re.compile(r"""((?:[^"'#]|"(?:\\.|[^"\\])*"|'[^']*')*)(#.*)?""")
"""A line of a list of several lines: what it lists, and its comment."""


def set_value(table: Any, key: str, value: str | None) -> None:
    if value is None:
        # a level that is there and blank is not the file's, but the highest; a comment keeps its line
        if key in table and (key == "level" or not table[key].trivia.comment):
            table.remove(key)
        elif key in table:
            table[key] = tomlkit.value(as_toml(key, ""))
        return
    table[key] = tomlkit.value(
        _list(table.get(key), value or "") if key in LISTED else as_toml(key, value or "")
    )


def _list(before: Any, value: str) -> str:
    """Return a list as TOML; one of several lines stays so, with its comments."""
    lines = before.as_string().splitlines() if before is not None and hasattr(before, "as_string") else []
    comments: dict[str, str] = {}
    alone: list[str] = []
    for line in lines:
        cells = _CELLS.fullmatch(line.strip().removeprefix("[").removesuffix("]"))
        if not cells or not cells[2]:
            continue
        try:
            named = tomllib.loads(f"a = [{cells[1]}]")["a"]
        except tomllib.TOMLDecodeError:
            named = []
        if named:
            comments[str(named[-1]).strip()] = cells[2]
        else:
            alone.append(cells[2])
    if not (comments or alone):
        return as_toml("basis", value)
    wanted = [one for one in value.split(";") if one]
    alone += [comment for name, comment in comments.items() if name not in wanted]
    rows = [f"  {quoted(one)},{' ' + comments[one] if one in comments else ''}" for one in wanted]
    return "\n".join(["[", *(f"  {comment}" for comment in alone), *rows, "]"])


def as_toml(key: str, value: str) -> str:
    """Return a value as TOML: lists, whole numbers and days as such where they are."""
    if key in LISTED:
        return "[" + ", ".join(quoted(one) for one in value.split(";") if one) + "]"
    if key == "horizon_days" and re.fullmatch(r"0|[1-9]\d{0,8}", value):
        return value
    if key == "due_on" and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            return quoted(value)
    return quoted(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
