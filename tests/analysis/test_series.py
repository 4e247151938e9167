from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY, incidents
from tests.analysis.rows import series as one_series
from workbench.analysis import weekly, weekly_total
from workbench.analysis.series import series, weekly_by_type
from workbench.errors import ParameterError
from workbench.records.incident import EVENT_TYPES

FIRST = MONDAY - timedelta(weeks=3)
SPAN: dict[str, Any] = {"first_day": FIRST, "weeks": 4}


def both(*rows: pd.DataFrame) -> pd.DataFrame:
    """Return weekly counts of several districts below each other."""
    return pd.concat(rows, ignore_index=True)


def cells(counts: pd.DataFrame) -> list[list[float | None]]:
    """Return counts as lists, None where nobody knows."""
    return [[None if pd.isna(cell) else float(cell) for cell in row] for row in counts.to_numpy()]


def test_weeks_stand_side_by_side_in_the_order_of_districts() -> None:
    """One row a district in the order given, not by name; one column a week, oldest first, Float64."""
    found = series(both(one_series(1, 2, district="B"), one_series(3, 4, district="A")))
    assert found.index.tolist() == ["B", "A"]
    assert found.index.name == "district"
    assert cells(found) == [[1, 2], [3, 4]]
    assert [day.date() for day in found.columns] == [MONDAY - timedelta(weeks=1), MONDAY]
    assert set(found.dtypes.astype(str)) == {"Float64"}
    assert str(found.columns.dtype) == "datetime64[s]"


def test_a_week_that_is_not_there_is_unknown_and_leaves_no_gap() -> None:
    """A week without a row has a column of its own, and nobody's count is taken for 0."""
    rows = both(one_series(1, 2, 3, 4), one_series(5, district="B"))
    found = series(rows.drop(index=1))
    assert cells(found) == [[1, None, 3, 4], [None, None, None, 5]]
    assert ((found.columns[1:] - found.columns[:-1]).days == 7).all()


def test_an_unknown_count_stays_unknown() -> None:
    """<NA> is no 0, in the middle or everywhere."""
    assert cells(series(one_series(1, None, 0))) == [[1, None, 0]]
    assert cells(series(one_series(None, None))) == [[None, None]]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, [1, 2, 3]),
        (MONDAY - timedelta(weeks=2), [1, 2, 3]),
        (MONDAY - timedelta(days=13), [None, 2, 3]),
        (MONDAY - timedelta(days=6), [None, None, 3]),
        (MONDAY, [None, None, 3]),
        (MONDAY + timedelta(days=1), [None, None, None]),
        (date(2020, 1, 1), [1, 2, 3]),
    ],
)
def test_a_week_that_begins_before_the_data_is_unknown(
    since: date | None, expected: list[float | None]
) -> None:
    """A time before the data is no peace; a week of which they cover a part only is not known either."""
    assert cells(series(one_series(1, 2, 3), covered_from=since)) == [expected]


def test_other_measures_and_keys() -> None:
    """Deaths instead of incidents, and a row for each district and type."""
    rows = incidents({"killed_best": 4}, {"event_type": "riot", "district": "B"})
    made = weekly_by_type(rows, districts=("B", "A"), types=("riot", "armed_clash"), **SPAN)
    found = series(made, by=("district", "event_type"), measure="killed_best")
    assert found.index.tolist() == [("B", "riot"), ("B", "armed_clash"), ("A", "riot"), ("A", "armed_clash")]
    assert found.index.names == ["district", "event_type"]
    assert cells(found)[3] == [0, 0, 0, 4]


def test_a_series_that_is_none_is_refused() -> None:
    """No row at all, or two for one district and week, is an error that says so."""
    with pytest.raises(ParameterError, match="There is no week"):
        series(one_series())
    with pytest.raises(ParameterError, match="Two rows count the same district and week"):
        series(both(one_series(1), one_series(2)))


def test_incidents_are_counted_by_district_type_and_week() -> None:
    """Every combination is there, 0 where none is known; other types, places and vague days are left out."""
    rows = incidents(
        {}, {"killed_best": 2}, {"event_type": "riot"}, {"occurred_on": MONDAY - timedelta(days=1)},
        {"event_type": "abduction"}, {"district": "C"}, {"district": None}, {"date_precision": "month"},
        {"verification": "discarded"}, {"occurred_on": MONDAY + timedelta(days=7)},
    )  # fmt: skip
    found = weekly_by_type(rows, districts=("A", "B", "A"), types=("armed_clash", "riot"), **SPAN)
    assert len(found) == 2 * 2 * 4
    assert found["district"].unique().tolist() == ["A", "B"]
    assert found["event_type"].head(5).tolist() == ["armed_clash"] * 4 + ["riot"]
    assert found["incidents"].tolist() == [0, 0, 1, 2, 0, 0, 0, 1] + [0] * 8
    assert found["killed_best"].sum() == 2
    assert found["incidents"].dtype == "Int64"


def test_what_a_reader_may_not_know_by_type_is_missing() -> None:
    """Without districts nobody can say where, without deaths not how many; without any row it is 0."""
    rows = incidents({}, {})
    asked: dict[str, Any] = {"districts": ("A",), "types": ("armed_clash",), **SPAN}
    nowhere = weekly_by_type(rows.drop(columns="district"), **asked)
    assert nowhere[["incidents", "killed_best"]].isna().all(axis=None)
    alive = weekly_by_type(rows.drop(columns="killed_best"), **asked)
    assert alive["incidents"].tolist() == [0, 0, 0, 2]
    assert alive["killed_best"].isna().all()
    assert weekly_by_type(pd.DataFrame(), **asked)["incidents"].tolist() == [0, 0, 0, 0]
    assert weekly_by_type(rows, **asked | {"types": ()}).empty
    with pytest.raises(ParameterError, match="cannot be counted"):
        weekly_by_type(rows, **asked | {"weeks": 0})


_ROW = st.fixed_dictionaries(
    {
        "district": st.sampled_from(["A", "B", "C", None]),
        "event_type": st.sampled_from(sorted(EVENT_TYPES)),
        "occurred_on": st.integers(-30, 10).map(lambda n: MONDAY + timedelta(days=n)),
        "date_precision": st.sampled_from(["day", "week", "month"]),
        "killed_best": st.sampled_from([None, 0, 1, 10_000]),
        "verification": st.sampled_from([None, "confirmed", "discarded"]),
    }
)


@settings(deadline=None, max_examples=60)
@given(st.lists(_ROW, max_size=25))
def test_types_and_districts_add_up(rows: list[dict[str, object]]) -> None:
    """Over all types the counts by type are those of `weekly`, over districts too those of `weekly_total`."""
    table, places = incidents(*rows), ("A", "B")
    by_type = weekly_by_type(table, districts=places, types=sorted(EVENT_TYPES), **SPAN)
    measures = ["incidents", "killed_best"]
    summed = by_type.groupby(["district", "week"])[measures].sum().astype("Int64")
    by_district = weekly(table, districts=places, **SPAN).set_index(["district", "week"])[measures]
    pd.testing.assert_frame_equal(summed, by_district)
    total = weekly_total(table, districts=places, **SPAN).set_index("week")[measures]
    pd.testing.assert_frame_equal(by_type.groupby("week")[measures].sum().astype("Int64"), total)


@settings(deadline=None, max_examples=60)
@given(st.lists(_ROW, max_size=25), st.randoms(use_true_random=False))
def test_series_lose_and_invent_nothing(rows: list[dict[str, object]], chance: Any) -> None:
    """Side by side in any order of rows, each cell is its row's count and there is no other."""
    long = weekly(incidents(*rows), districts=("A", "B"), **SPAN)
    order = list(range(len(long)))
    chance.shuffle(order)
    found = series(long.iloc[order])
    assert found.shape == (2, 4)
    for row in long.itertuples():
        assert found.loc[row.district, row.week] == row.incidents
