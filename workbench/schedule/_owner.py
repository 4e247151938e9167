"""Who holds a lease: a process of a machine, told from every other one, and whether it is gone."""

from __future__ import annotations

import os
import platform
from pathlib import Path

_APART = "|"
_SAME_START = 2.0
"""Seconds by which two readings of when a process began may differ."""


def this_process() -> str:
    """Return the name of this process: machine, number and when it began (seconds since 1970)."""
    import psutil

    return _APART.join((_machine(), str(os.getpid()), f"{psutil.Process().create_time():.2f}"))


def is_gone(owner: str) -> bool:
    """
    Whether an owner was a process of this machine that has ended.

    False for one of another machine or container: whether that is alive cannot be seen from here. False,
    too, for a name that `this_process` did not make.
    """
    import psutil

    try:
        machine, number, began = owner.rsplit(_APART, 2)
        if machine != _machine():
            return False
        process = psutil.Process(int(number))
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        apart: float = abs(process.create_time() - float(began))
        return apart > _SAME_START
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, ValueError):
        return False


def _machine() -> str:
    """Return the machine's name, and on Linux the space of its processes: containers share names."""
    try:
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        space = ""
    return f"{platform.node()}{space.removeprefix('pid:')}"
