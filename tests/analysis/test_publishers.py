from __future__ import annotations

import pandas as pd

from tests.analysis.rows import MONDAY, incidents
from workbench import analysis


def test_publishers_stand_side_by_side() -> None:
    """Each source has its own row, also with 0; there is no sum to be read off."""
    table = incidents(
        {"source": "two", "killed_best": 2},
        {"source": "two"},
        {"source": "one", "killed_best": 2},
        {"source": "two", "district": "C"},
    )
    found = analysis.compare(table, week=MONDAY, districts=("A",), sources=("two", "three"))
    assert found["source"].tolist() == ["two", "three", "one"]
    assert found["incidents"].tolist() == [2, 0, 1]
    assert found["killed_best"].tolist() == [2, 0, 2]


def test_no_source_is_no_row() -> None:
    """Without incidents and sources there is nothing to compare, and no error."""
    assert len(analysis.compare(pd.DataFrame(), week=MONDAY, districts=("A",))) == 0
