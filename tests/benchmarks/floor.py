"""
Editions in one process: a notebook's cells one after another, then HTML and PDF; no kernel, no check.

    python -m tests.benchmarks.floor NOTEBOOK VIEW|AREA|WEEK|AUDIENCE|AS_OF|LANGUAGE ...

What a batch cannot take less than, with the same analysis, charts and pages.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from workbench import document
from workbench.briefing import PARAMETERS
from workbench.document.display import teach
from workbench.view import VARIABLE


def main() -> None:
    """Make the editions named on the command line, and write them into the working folder."""
    page = nbformat.read(sys.argv[1], as_version=4)  # type: ignore[no-untyped-call]  # typed only in part
    shell = InteractiveShell.instance()
    teach(shell)
    for number, given in enumerate(sys.argv[2:]):
        view, *values = given.split("|")
        os.environ[VARIABLE] = view
        shell.reset()
        made = document.collect(executed(page, dict(zip(PARAMETERS, values, strict=True)), shell))
        for kind in ("html", "pdf"):
            Path(f"{number}.{kind}").write_bytes(document.render(made, kind, office=Path.cwd()))


def executed(page: Any, parameters: dict[str, str], shell: Any) -> Any:
    """Return the notebook with the outputs of its cells."""
    cells = []
    for cell in page.cells:
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        with capture_output() as captured:
            done = shell.run_cell(cell.source)
            done.raise_error()
            if "parameters" in cell.metadata.get("tags", ()):
                shell.push(parameters)
        shown = [dict(one.data) for one in captured.outputs]
        if done.result is not None:
            shown.append(shell.display_formatter.format(done.result)[0])
        outputs = [nbformat.v4.new_output("display_data", data=one) for one in shown]  # type: ignore[no-untyped-call]  # as above
        cells.append(nbformat.from_dict({**cell, "outputs": outputs}))
    return nbformat.from_dict({**page, "cells": cells})


if __name__ == "__main__":
    main()
