"""Briefing workbench: liaison logs and incident data to weekly conflict briefings that do not leak."""

import sys
from typing import Any

__version__ = "0.6.1"


def load_ipython_extension(shell: Any) -> None:
    """
    Let cells show blocks, frames and charts as parts of the document: what `%load_ext workbench` does.

    Importing the package in a notebook does the same; a warm kernel imports it before its shell is there.
    """
    from workbench.document.display import teach

    teach(shell)


def _teach_notebook() -> None:
    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive is not None else None
    if shell is not None:
        load_ipython_extension(shell)


_teach_notebook()
