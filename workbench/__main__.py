"""`python -m workbench`: the command line for timers, which have no shell and watch no output."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_LOG = "--log"
_LARGEST = 2_000_000
"""Bytes of a log from which on it is put aside, in the place of the one put aside before."""


def _to_log(arguments: list[str]) -> list[str]:
    """Return the arguments without a leading `--log FILE`, after which all output goes to that file."""
    if arguments[:1] != [_LOG] or len(arguments) < 2:
        return arguments
    file = Path(arguments[1])
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if file.is_file() and file.stat().st_size > _LARGEST:
        file.replace(file.with_name(f"{file.name}.1"))
    opened = file.open("a", encoding="utf-8", errors="backslashreplace", buffering=1)
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        if stream is not None:  # Windows gives a program without a window none
            stream.flush()
            os.dup2(opened.fileno(), number)
    sys.stdout = sys.stderr = opened
    return arguments[2:]


if __name__ == "__main__":
    sys.argv = ["workbench", *_to_log(sys.argv[1:])]
    from workbench.cli import main

    main()
