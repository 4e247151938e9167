"""Briefing workbench: liaison logs and incident data to weekly conflict briefings that do not leak."""

import sys

__version__ = "0.4.0"


def _teach_notebook() -> None:
    """In a notebook's kernel, let cells show frames and charts as parts of the document."""
    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive is not None else None
    if shell is not None:
        from workbench.document.display import teach

        teach(shell)


_teach_notebook()
