"""`[keep]` of workbench.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import edit
from workbench import sample
from workbench.config import load
from workbench.config.keeping import Keep
from workbench.errors import ConfigurationError


def test_a_fresh_office_says_what_holds_unless_it_is_said(tmp_path: Path) -> None:
    """The block of a fresh office names every key, with the days that hold without it."""
    sample.blank(tmp_path / "office", name="Office")
    text = (tmp_path / "office" / "workbench.toml").read_text(encoding="utf-8")
    block = text.partition("\n[keep]\n")[2].partition("\n\n")[0]
    assert {line.partition(" = ")[0] for line in block.splitlines()} == set(Keep.model_fields)
    assert load(tmp_path / "office").keep == Keep()


@pytest.mark.parametrize("key", ["failed_runs_days", "drafts_days", "failure_pages_days"])
def test_nothing_can_be_kept_for_no_time_at_all(key: str, tmp_path: Path) -> None:
    """A number of days below one is refused, and the message names the key."""
    sample.blank(tmp_path / "office", name="Office")
    default = getattr(Keep(), key)
    edit(tmp_path / "office", {f"\n{key} = {default}": f"\n{key} = 0"})
    with pytest.raises(ConfigurationError, match=f"keep.{key}"):
        load(tmp_path / "office")
