"""The office's configuration: what is wrong is named where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.config import load, shipped
from workbench.errors import ConfigurationError


@pytest.fixture
def office_with(tmp_path: Path) -> Callable[[str, str], Path]:
    """Give a way to make a folder with the sample's configuration, one text in it replaced."""

    def make(before: str, after: str) -> Path:
        text = shipped("workbench.toml").read_text(encoding="utf-8")
        assert before in text
        (tmp_path / "workbench.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
        return tmp_path

    return make


def test_an_entry_is_named_by_its_slug(office_with: Callable[[str, str], Path]) -> None:
    """A misspelt or ill-typed key is found by the slug of its entry, not by counting entries."""
    folder = office_with('slug = "concord"', 'slug = "concord"\nlevle = "public"\nsheet = 3')
    with pytest.raises(ConfigurationError) as refused:
        load(folder)
    assert '[[source]] "concord" levle: is not a key the workbench knows' in str(refused.value)
    assert '[[source]] "concord" sheet: ' in str(refused.value)


@pytest.mark.parametrize("name", ["con", "nul", "com1", "lpt9"])
def test_a_slug_can_name_a_folder_everywhere(name: str, office_with: Callable[[str, str], Path]) -> None:
    """Names that no folder on Windows can have are refused when they are written, not when a pack is."""
    with pytest.raises(ConfigurationError, match="cannot name a folder on Windows"):
        load(office_with('slug = "partners"', f'slug = "{name}"'))


SECOND_AREA = """
[[area]]
slug = "coast"
name = "The coast"
districts = [{districts}]
counts_from = ["meridian"]

# ---- Risk ---"""


def test_areas_share_no_district_where_counts_are_withheld(office_with: Callable[[str, str], Path]) -> None:
    """The difference of two areas' totals is a count: areas that overlap are refused beside a threshold."""
    areas = SECOND_AREA.format(districts='"KS0102", "KS0105", "KS9999"')
    with pytest.raises(ConfigurationError) as refused:
        load(office_with("# ---- Risk ---", areas))
    assert 'the areas "kestara" and "coast" share districts (KS0102, KS0105)' in str(refused.value)
    apart = SECOND_AREA.format(districts='"KS9998", "KS9999"')
    assert len(load(office_with("# ---- Risk ---", apart)).area) == 2


def test_areas_may_share_districts_where_no_count_is_withheld(
    office_with: Callable[[str, str], Path],
) -> None:
    """Without an audience that is given counts only, an area may lie in another."""
    areas = SECOND_AREA.format(districts='"KS0102"')
    file = office_with("# ---- Risk ---", areas) / "workbench.toml"
    file.write_text(re.sub(r"(?m)^count_threshold = .*$", "", file.read_text("utf-8")), "utf-8")
    assert len(load(file.parent).area) == 2
