"""What every test of the first lock starts with."""

from __future__ import annotations

import pytest

from workbench.audience import _deduction, _small_counts


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Forget what was worked out before: a test proves what the code does now, for itself."""
    _small_counts._chosen.cache_clear()
    _deduction.narrow_together.cache_clear()
