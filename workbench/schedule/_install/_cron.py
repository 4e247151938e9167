"""A marked block of a crontab, which can be replaced and taken out; other lines stay byte for byte."""

from __future__ import annotations

import shlex

from workbench.errors import ParameterError, UserError
from workbench.schedule._install._call import Call

_HOUR = 60
_DAY = 1440


def block(call: Call) -> str:
    """
    Return the block of a crontab that calls the tick: comments and one line, between two marks.

    In a crontab a `%` ends the command, so it is escaped; raises ParameterError for a path with a
    backslash, which the crons of this world read in two ways.
    """
    words = call.command(logged=True)
    if any("\\" in word for word in words):
        raise ParameterError("A path with a backslash cannot stand in a crontab. Rename the folder.")
    command = f"cd {shlex.quote(str(call.office))} && {shlex.join(words)}".replace("%", "\\%")
    return "\n".join(
        (
            _begin(call.name),
            "# Written by `workbench schedule install`: it calls `workbench tick` for one office.",
            f"# Its log: {call.log}",
            "# Is it alive? workbench health --office OFFICE",
            f"{_times(call.minutes)} {command}",
            _end(call.name),
            "",
        )
    )


def with_block(crontab: bytes, call: Call) -> bytes:
    """Return a crontab with the block at its end, in place of one that it had."""
    before = without_block(crontab, call.name)
    gap = b"" if not before or before.endswith(b"\n") else b"\n"
    return before + gap + block(call).encode("utf-8", "surrogateescape")


def without_block(crontab: bytes, name: str) -> bytes:
    """
    Return a crontab without the block of this name, all other bytes as they were.

    Raises UserError where only one of its two marks is there: somebody has edited it.
    """
    lines = crontab.splitlines(keepends=True)
    marks = [_begin(name).encode(), _end(name).encode()]
    places = [[n for n, line in enumerate(lines) if line.rstrip() == mark] for mark in marks]
    if places == [[], []]:
        return crontab
    if [len(one) for one in places] != [1, 1] or places[0] > places[1]:
        raise UserError(
            f"The marks of the block {name} in your crontab are no pair any more. Take that block out by "
            "hand (crontab -e) and install again."
        )
    (first,), (last,) = places
    return b"".join(lines[:first] + lines[last + 1 :])


def holds(crontab: bytes, name: str) -> bool:
    """Whether a crontab has the block of this name."""
    return without_block(crontab, name) != crontab


def _begin(name: str) -> str:
    return f"# >>> {name} >>>"


def _end(name: str) -> str:
    return f"# <<< {name} <<<"


def _times(minutes: int) -> str:
    """Return a pace as the five fields of a crontab."""
    if minutes < _HOUR:
        return "* * * * *" if minutes == 1 else f"*/{minutes} * * * *"
    if minutes >= _DAY:
        return "0 0 * * *"
    return "0 * * * *" if minutes == _HOUR else f"0 */{minutes // _HOUR} * * *"
