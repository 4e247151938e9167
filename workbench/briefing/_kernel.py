"""The kernel of a run: an ordinary IPython kernel that is confined before its first cell.

Started as `python -m workbench.briefing._kernel -f CONNECTION_FILE`, with the environment that
`briefing.run` makes: the view, the working folder (where it starts) and the folder it calls home.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from workbench.briefing._confine import confine, python_folders
from workbench.briefing._native import SYSTEM, enclose, links_of
from workbench.kernels import defer_grammar
from workbench.view import VARIABLE

_FIRST = ("workbench.document.sections", "workbench.document.display", "workbench.charts", "altair")
"""Imported before the walls are up, so that Python may keep what it compiles of them."""


def main() -> None:
    """Raise the wall below Python, make the kernel ready (ports, connection file), confine it, and serve."""
    defer_grammar()
    from ipykernel.kernelapp import IPKernelApp

    here = Path.cwd()
    view, home = Path(os.environ[VARIABLE]), Path(os.environ["HOME"])
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry) != here]
    with suppress(Exception):  # a cell that needs what cannot be imported says so, by its number
        for name in _FIRST:
            import_module(name)
    connection = Path(sys.argv[sys.argv.index("-f") + 1])
    python = [Path(one) for one in python_folders()]
    linked = [real for one in python for real in links_of(one)]
    said = json.loads(connection.read_text(encoding="utf-8"))
    at_ports = said["transport"] == "tcp"
    enclose(
        reads=(view, connection, *python, *linked, Path(sys.base_prefix) / "lib", *map(Path, SYSTEM)),
        # sockets that are files lie in a folder of their own
        writes=(here, home) if at_ports else (here, home, Path(said["ip"]).parent),
        ports=[number for name, number in said.items() if at_ports and name.endswith("_port")],
    )  # before the first thread of the kernel: it holds for those that are started after it

    class ConfinedKernelApp(IPKernelApp):
        """An IPython kernel whose connection file says all from the start: no kernel may write it."""

        def write_connection_file(self, **_: Any) -> None:
            """Leave the file as it is."""

    kernel: Any = ConfinedKernelApp.instance()
    # nobody asks a page's kernel what was typed: it needs no file and no thread for that
    kernel.initialize([*sys.argv[1:], "--HistoryManager.enabled=False"])
    with suppress(Exception):
        import_module("workbench.document.display").teach(kernel.shell, watched=False)
    confine(view=view, folders=(here, home))
    kernel.start()


if __name__ == "__main__":
    main()
