from pathlib import Path

import pytest

from workbench.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return an empty store that waits half a second for its lock."""
    return Store(tmp_path / "store", lock_folder=tmp_path / "locks", lock_seconds=0.5)
