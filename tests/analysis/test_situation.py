from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY
from workbench import records
from workbench.analysis.situation import LEVEL_STATES, levels
from workbench.errors import ParameterError

ON = MONDAY + timedelta(days=6)


def assessments(*rows: dict[str, object]) -> pd.DataFrame:
    """Return district assessments; `ago` counts days back from the day reported on."""
    record = records.record_type("district_assessment")
    filled = [{"district": "A", "rating": 2, "ago": 0, **row} for row in rows]
    for row in filled:
        row["assessed_on"] = ON - timedelta(days=int(str(row["ago"])))
    return pd.DataFrame(
        {c.name: pd.Series([row.get(c.name) for row in filled], dtype=records.DTYPES[c.kind])
         for c in record.columns}
    )  # fmt: skip


def test_the_latest_assessment_of_each_district() -> None:
    """One row a district in the order asked for; later ones and other districts do not count."""
    rows = assessments(
        {"rating": 4, "ago": 5, "reason": "now", "access": "limited", "confidence": "low"},
        {"rating": 3, "ago": 90, "reason": "then"},
        {"rating": 5, "ago": -1, "reason": "tomorrow"},
        {"rating": 1, "district": "Z"},
    )
    found = levels(rows, districts=("B", "A"), on=ON).set_index("district")
    assert found.index.tolist() == ["B", "A"]
    assert found["state"].tolist() == ["none", "assessed"]
    assert found.loc["A", ["rating", "rating_before", "age_days", "reason"]].tolist() == [4, 3, 5, "now"]
    assert found.loc["A", ["access", "confidence"]].tolist() == ["limited", "low"]
    assert found.loc["B", ["rating", "direction", "age_days", "stale", "reason"]].isna().all()


@pytest.mark.parametrize(
    ("before", "now", "given_", "direction", "source", "contradicts"),
    [
        (2, 3, None, "deteriorated", "derived", pd.NA),
        (3, 2, None, "improved", "derived", pd.NA),
        (5, 1, None, "improved", "derived", pd.NA),
        (3, 3, None, "unchanged", "derived", pd.NA),
        (None, 3, None, None, "none", pd.NA),
        (None, 3, "improved", "improved", "given", pd.NA),
        (2, 3, "deteriorated", "deteriorated", "given", False),
        (2, 3, "improved", "improved", "given", True),
    ],
)
def test_which_way_it_moved(
    before: int | None, now: int, given_: str | None, direction: str | None, source: str, contradicts: object
) -> None:
    """As the assessor says, else from the two ratings; a given one that the ratings contradict is told."""
    earlier = [] if before is None else [{"rating": before, "ago": 30}]
    found = levels(assessments(*earlier, {"rating": now, "direction": given_}), districts=("A",), on=ON)
    row = found.iloc[0]
    assert row["direction"] == direction if direction else pd.isna(row["direction"])
    assert row["direction_from"] == source
    assert row["contradicts"] is contradicts if contradicts is pd.NA else row["contradicts"] == contradicts


@pytest.mark.parametrize(("ago", "state"), [(0, "assessed"), (28, "assessed"), (29, "stale")])
def test_a_rating_grows_stale(ago: int, state: str) -> None:
    """Four weeks old is not yet stale, a day more is, and its rating is kept."""
    found = levels(assessments({"ago": ago}), districts=("A",), on=ON).iloc[0]
    assert (found["state"], found["stale"], found["rating"]) == (state, state == "stale", 2)


def test_of_two_on_one_day_the_later_row_stands() -> None:
    """A second look on the same day supersedes the first, which becomes the one before."""
    found = levels(assessments({"rating": 2}, {"rating": 4}), districts=("A",), on=ON).iloc[0]
    assert (found["rating"], found["rating_before"]) == (4, 2)


def test_a_reader_without_the_register() -> None:
    """Assessments withheld are not assessments missed; an empty register was never filled."""
    assert levels(None, districts=("A",), on=ON)["state"].tolist() == ["unknown"]
    for nothing in (pd.DataFrame(), assessments()):
        found = levels(nothing, districts=("A", "B"), on=ON)
        assert found["state"].tolist() == ["none", "none"]
        assert found[["rating", "contradicts", "stale"]].isna().all().all()
    narrow = assessments({"rating": 3}, {"rating": 4})[["district", "assessed_on", "rating"]]
    assert levels(narrow, districts=("A",), on=ON)["direction"].tolist() == ["deteriorated"]


def test_wrong_arguments_are_refused() -> None:
    """Ratings without their column or day, and a staleness below a day, are errors."""
    for gone in ("rating", "assessed_on", "district"):
        with pytest.raises(ParameterError, match=gone):
            levels(assessments({}).drop(columns=gone), districts=("A",), on=ON)
    with pytest.raises(ParameterError):
        levels(assessments({}), districts=("A",), on=ON, stale_days=0)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 5), st.integers(-5, 90)), max_size=10),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_register_does_not_matter(rows: list[tuple[str, int, int]], random) -> None:
    """One row a district whatever the order of the rows, if no two are of one day."""
    rows = list({(district, ago): (district, rating, ago) for district, rating, ago in rows}.values())
    made = [{"district": d, "rating": r, "ago": a} for d, r, a in rows]
    found = levels(assessments(*made), districts=("A", "B"), on=ON)
    assert found["district"].tolist() == ["A", "B"]
    assert set(found["state"]) <= set(LEVEL_STATES)
    random.shuffle(made)
    pd.testing.assert_frame_equal(found, levels(assessments(*made), districts=("A", "B"), on=ON))
