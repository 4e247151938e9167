"""The kernel of a run: an ordinary IPython kernel that is confined before its first cell.

Started as `python -m workbench.briefing._kernel -f CONNECTION_FILE`, with the environment that
`briefing.run` makes: the view, the working folder (where it starts) and the folder it calls home.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from workbench.briefing._confine import confine
from workbench.view import VARIABLE

_FIRST = ("workbench.document.sections", "workbench.document.display", "workbench.charts", "altair")
"""Imported before the wall is up, so that Python may keep what it compiles of them."""


def main() -> None:
    """Make the kernel ready (ports bound, connection file read), confine this process, and serve."""
    from ipykernel.kernelapp import IPKernelApp

    here = Path.cwd()
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry) != here]
    kernel: Any = IPKernelApp.instance()  # ipykernel is typed in part
    kernel.initialize(sys.argv[1:])
    with suppress(Exception):  # a cell that needs what cannot be imported says so, by its number
        for name in _FIRST:
            import_module(name)
        import_module("workbench.document.display").teach(kernel.shell)
    confine(view=Path(os.environ[VARIABLE]), folders=(here, Path(os.environ["HOME"])))
    kernel.start()


if __name__ == "__main__":
    main()
