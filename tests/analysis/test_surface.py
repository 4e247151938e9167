from __future__ import annotations

import subprocess
import sys

from workbench import analysis


def test_the_public_names_are_sorted_and_there() -> None:
    """`__all__` is what can be imported, constants and classes first, as ruff sorts it."""
    assert len(set(analysis.__all__)) == len(analysis.__all__)
    assert all(hasattr(analysis, name) for name in analysis.__all__)


def test_counting_loads_no_statistics() -> None:
    """Importing the room loads scipy only when a distribution is asked for."""
    script = "import sys, workbench.analysis; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
