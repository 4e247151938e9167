from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY, incidents
from workbench.analysis import counts
from workbench.analysis.duplicates import (
    REASONS,
    MergeCounts,
    candidates,
    merge_counts,
    merged,
    represented,
    to_list,
    undecided,
)
from workbench.analysis.duplicates._extent import extent
from workbench.analysis.duplicates._pairs import gap, kilometres, near
from workbench.errors import ParameterError
from workbench.records.incident import EVENT_TYPES

KM_PER_DEGREE = 6371 * np.pi / 180


def _point(record_id: str, source: str = "log", *, north_km: float = 0, **more: object) -> dict[str, object]:
    place = {"latitude": -11 + north_km / KM_PER_DEGREE, "longitude": 39.5, "place_precision": "place"}
    return {"record_id": record_id, "source": source, **place, **more}


def _reasons(*rows: dict[str, object], **more: Any) -> list[str]:
    found = candidates(incidents(*rows), **{"least": 0.0, **more})
    return [] if found.empty else found.iloc[0]["reasons"].split(";")


def test_two_reports_of_one_attack_are_a_pair() -> None:
    """Same day, 2 km apart, same actor in other words, deaths in range: one pair, with its reasons."""
    rows = incidents(
        _point("a1", "acled", actor1="Military Forces of Sandonia (2020-)", killed_best=3),
        _point("u9", "ucdp", north_km=2, actor1="Government of Sandonia", killed_best=4, killed_low=2),
    )
    found = candidates(rows)
    assert found[["left_source", "left_id", "right_source", "right_id"]].to_numpy().tolist() == [
        ["acled", "a1", "ucdp", "u9"]
    ]
    pair = found.iloc[0]
    assert pair["reasons"] == "same_day;within_5_km;same_type;same_actor;deaths_overlap"
    assert (pair["km"], pair["days"], pair["across"]) == (pytest.approx(2.0, abs=1e-3), 0, True)
    # agreement .4 + .3 + .3 x .8, times the root of closeness 1 x (1 - 2 / 10 / 2)
    assert pair["score"] == pytest.approx(0.94 * np.sqrt(0.9), abs=5e-4)


def test_the_same_row_twice_scores_1() -> None:
    """Two sources with the same day, point, type, actor and deaths agree fully."""
    same = {"actor1": "Red Valley Front", "killed_best": 2}
    found = candidates(incidents(_point("a", "x", **same), _point("b", "y", **same)))
    assert found["score"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("km", "days", "paired"),
    [(9.99, 0, True), (10.01, 0, False), (0, 2, True), (0, 3, False), (9.99, 2, True)],
)
def test_the_windows_are_10_km_and_2_days(km: float, days: int, paired: bool) -> None:  # noqa: FBT001 - a table
    """Beyond either window two exact rows are no pair (domain.md 4.1: at most 10 km and 2 days)."""
    one, other = _point("1"), _point("2", north_km=km, occurred_on=MONDAY + timedelta(days=days))
    assert bool(_reasons(one, other)) is paired


@pytest.mark.parametrize(
    ("when", "paired"),
    [
        ({"occurred_on": MONDAY + timedelta(days=3), "date_precision": "week"}, True),
        ({"occurred_on": MONDAY + timedelta(days=4), "date_precision": "week"}, False),
        ({"occurred_on": MONDAY - timedelta(days=8), "occurred_to": MONDAY}, True),
        ({"occurred_on": MONDAY - timedelta(days=8), "occurred_to": MONDAY - timedelta(days=1)}, False),
        ({"occurred_on": date(2026, 11, 28), "date_precision": "month"}, True),
        ({"occurred_on": date(2026, 12, 1), "date_precision": "month"}, False),
        ({"occurred_on": date(2026, 1, 1), "date_precision": "longer"}, True),
        ({"occurred_on": date(2025, 1, 1), "date_precision": "longer"}, False),
    ],
)
def test_a_vague_day_widens_the_window(when: dict[str, object], paired: bool) -> None:  # noqa: FBT001 - a table
    """A week is 3 days either way, a span is as given, a month the calendar month, longer the year."""
    assert bool(_reasons(_point("1", "x"), _point("2", "y", **when), days=0)) is paired


def test_a_vague_place_widens_the_window() -> None:
    """A point near a place may be 25 km off, so 34 km are within reach of 10; an exact one's are not."""
    far = _point("2", north_km=34)
    assert not _reasons(_point("1"), far)
    assert "within_more_km" in _reasons({**_point("1"), "place_precision": "near_place"}, far)


def test_without_points_the_district_decides() -> None:
    """A centroid is no point: such rows are compared on the district, or province, or nothing."""
    centroid = {"place_precision": "district", "latitude": -11.0, "longitude": 39.5}
    here, there = {"record_id": "1", **centroid}, _point("2", north_km=60)
    assert "same_district" in _reasons(here, there)
    assert not _reasons(here, {**there, "district": "B"})
    wide = {
        "record_id": "3",
        "source": "ucdp",
        "place_precision": "province",
        "admin1": "P",
        "district": None,
    }
    assert "same_province" in _reasons(wide, {**there, "admin1": "P"})
    assert not _reasons(wide, {**there, "admin1": "Q"})
    nowhere = {"record_id": "4", "source": "ucdp", "place_precision": "country", "district": None}
    assert "place_unknown" in _reasons(nowhere, there)
    assert not _reasons({**nowhere, "source": "log"}, there)


def test_types_decide_who_can_be_a_pair() -> None:
    """A clash can be another's attack on civilians, never a demonstration; `other` goes with everything."""
    one = _point("1", event_type="armed_clash")
    assert "related_type" in _reasons(one, _point("2", event_type="attack_on_civilians"))
    assert "related_type" in _reasons(one, _point("2", event_type="other"))
    assert not _reasons(one, _point("2", event_type="demonstration"))
    assert not _reasons(
        _point("1", event_type="non_violent_development"), _point("2", event_type="non_violent_development")
    )


def test_civilians_and_the_unidentified_are_no_actors() -> None:
    """Nameless actors say nothing for or against a pair; named ones are the same, similar or different."""
    one = _point("1", actor1="Red Valley Front", actor2="Civilians (Sandonia)")
    assert not {"same_actor", "different_actor"} & set(
        _reasons(one, _point("2", actor1="Unidentified armed group", actor2="Civilians (Sandonia)"))
    )
    assert "same_actor" in _reasons(one, _point("2", actor2="RED-VALLEY Frônt"))
    assert "similar_actor" in _reasons(one, _point("2", actor1="Red Valley Front - North"))
    assert "different_actor" in _reasons(one, _point("2", actor1="Blue Hill Army"))


def test_a_discarded_row_is_flagged_and_two_are_no_pair() -> None:
    """A pair with one discarded row says so; two discarded rows need nobody's time."""
    out = _point("2", verification="discarded")
    assert "verification_differs" in _reasons(_point("1", verification="confirmed"), out)
    assert not _reasons(_point("1", verification="discarded"), out)


def test_decided_groups_are_not_asked_again() -> None:
    """Rows of one group are no pair; rows of two groups, or of one and none, are."""
    assert not _reasons(_point("1", dup_group="1"), _point("2", dup_group="1"))
    assert _reasons(_point("1", dup_group="1"), _point("2", dup_group="2"))
    assert _reasons(_point("1", dup_group="1"), _point("2"))


def test_a_row_given_twice_is_not_its_own_duplicate() -> None:
    """Two rows with the same source and id are one record, so no pair."""
    assert not _reasons(_point("1"), _point("1"))


@pytest.mark.parametrize("rows", [[], [_point("1")], [_point("1", occurred_on=None), _point("2")]])
def test_nothing_to_compare_gives_an_empty_list(rows: list[dict[str, object]]) -> None:
    """No row, one row, or no day known: an empty frame with all its columns and types."""
    found = candidates(incidents(*rows))
    assert found.empty
    assert list(found.columns)[-3:] == ["days", "score", "reasons"]
    assert str(found["score"].dtype) == "Float64"


def test_a_reader_with_few_columns_still_gets_pairs() -> None:
    """Keys and a day are enough; without keys nobody could be told which rows a pair is, so there is none."""
    rows = incidents({"source": "x"}, {"source": "y"})[["source", "record_id", "occurred_on"]]
    found = candidates(rows, least=0.0)
    assert found["reasons"].tolist() == ["same_day;place_unknown"]
    assert found["score"].notna().all()
    assert candidates(rows.drop(columns="record_id")).empty
    with pytest.raises(ParameterError, match="occurred_on"):
        candidates(rows.drop(columns="occurred_on"))
    with pytest.raises(ParameterError, match="0 or more"):
        candidates(rows, km=-1)


_ROW = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["log", "acled", "ucdp"]),
        "occurred_on": st.integers(0, 40).map(lambda day: MONDAY - timedelta(days=day)),
        "date_precision": st.sampled_from(["day", "day", "day", "days", "week", "month", "longer"]),
        "latitude": st.one_of(st.none(), st.integers(0, 60).map(lambda n: -11 + n / 100)),
        "longitude": st.sampled_from([39.5, 39.6, 179.99, -179.99]),
        "place_precision": st.sampled_from(
            ["place", "place", "near_place", "district", "province", "country"]
        ),
        "district": st.sampled_from(["A", "B", None]),
        "admin1": st.sampled_from(["P", "Q", None]),
        "event_type": st.sampled_from(EVENT_TYPES),
        "killed_best": st.one_of(st.none(), st.integers(0, 4)),
        "killed_low": st.one_of(st.none(), st.integers(0, 4)),
        "killed_high": st.one_of(st.none(), st.integers(0, 4)),
        "civilians_killed": st.one_of(st.none(), st.integers(0, 4)),
        "verification": st.sampled_from([None, "reported", "corroborated", "confirmed", "discarded"]),
        "dup_group": st.sampled_from([None, None, "1", "2", "3"]),
        "level": st.sampled_from(["public", "internal", "confidential"]),
        "listable": st.booleans(),
        "compartments": st.sampled_from([None, "personnel", "exact_location;personnel"]),
        "aid_affected": st.sampled_from([None, True, False]),
        "actor1": st.sampled_from([None, "Red Valley Front", "Blue Hill Army (2020-)", "Civilians"]),
    }
)
_TABLE = st.lists(_ROW, max_size=14)


@settings(deadline=None, max_examples=40)
@given(_TABLE, st.sampled_from([1.0, 10.0, 40.0]), st.integers(0, 5))
def test_blocking_finds_what_comparing_all_with_all_finds(
    table: list[dict[str, object]], km: float, days: int
) -> None:
    """Cells and sorted days lose no pair and give none twice, also across the date line."""
    rows = incidents(*table)
    where = extent(rows)
    parts = [np.stack(pair, axis=1) for pair in near(where, km=km, days=days)]
    found = [(int(a), int(b)) for part in parts for a, b in part]
    expected = set()
    for a in range(len(rows)):
        for b in range(a + 1, len(rows)):
            pair = np.array([a]), np.array([b])
            level = max(where.level[a], where.level[b])
            here = (
                kilometres(where, *pair)[0] <= km + where.slack[a] + where.slack[b] if level == 0
                else where.district[a] == where.district[b] >= 0 if level == 1
                else where.admin1[a] == where.admin1[b] >= 0 if level == 2
                else True
            )  # fmt: skip
            if here and gap(where, *pair)[0] <= days:
                expected.add((a, b))
    assert len(found) == len(set(found))
    assert set(found) == expected


@settings(deadline=None, max_examples=40)
@given(_TABLE, st.randoms(use_true_random=False))
def test_pairs_do_not_depend_on_the_order_of_rows(table: list[dict[str, object]], chance: Any) -> None:
    """Shuffled rows give the same list, with scores from 0 to 1 and known reason codes in their order."""
    rows = incidents(*table)
    shuffled = list(range(len(rows)))
    chance.shuffle(shuffled)
    found = candidates(rows, least=0.0)
    pd.testing.assert_frame_equal(found, candidates(rows.iloc[shuffled], least=0.0))
    assert found["score"].between(0, 1).all()
    for reasons in found["reasons"]:
        places = [REASONS.index(code) for code in reasons.split(";")]
        assert places == sorted(places)


def _decision(verdict: str, day: int = 1, *, swapped: bool = False, **more: str) -> dict[str, object]:
    one, other = ("a", "1"), ("b", "2")
    left, right = (other, one) if swapped else (one, other)
    return {
        "left_source": left[0], "left_id": left[1], "right_source": right[0], "right_id": right[1],
        "verdict": verdict, "decided_on": pd.Timestamp(2026, 11, day), **more,
    }  # fmt: skip


_COLUMNS = ["left_source", "left_id", "right_source", "right_id", "verdict", "decided_on"]


@pytest.mark.parametrize(
    ("decisions", "waiting"),
    [
        ([], [None]),
        ([_decision("same")], []),
        ([_decision("different", swapped=True)], []),
        ([_decision("unsure")], ["unsure"]),
        ([_decision("same", 3), _decision("unsure", 5, swapped=True)], ["unsure"]),
        ([_decision("unsure", 5), _decision("same", 3)], ["unsure"]),
        ([_decision("unsure", record_id="d2"), _decision("same", record_id="d1")], ["unsure"]),
        ([{**_decision("same"), "right_id": "3"}], [None]),
    ],
)
def test_the_latest_decision_on_a_pair_counts(
    decisions: list[dict[str, object]], waiting: list[str | None]
) -> None:
    """In either order of the pair; unsure waits on and says so; another pair's decision is not this one's."""
    pairs = candidates(incidents(_point("1", "a"), _point("2", "b")))
    found = undecided(pairs, pd.DataFrame(decisions, columns=None if decisions else _COLUMNS))
    assert [None if pd.isna(one) else one for one in found["verdict"]] == waiting


def test_no_pairs_need_no_decision() -> None:
    """An empty list of pairs stays empty, with its new column."""
    found = undecided(candidates(incidents()), pd.DataFrame([_decision("same")]))
    assert found.empty
    assert "verdict" in found.columns


def test_a_group_becomes_one_row() -> None:
    """The most trusted source gives type and day; best is its, bounds are widest, furthest verified."""
    rows = incidents(
        {"source": "acled", "record_id": "a", "dup_group": "1", "event_type": "attack_on_civilians",
         "occurred_on": MONDAY + timedelta(days=1), "killed_best": 5, "killed_high": 9,
         "verification": "confirmed", "level": "confidential", "aid_affected": True, "listable": False},
        {"source": "log", "record_id": "l", "dup_group": "1", "killed_best": None, "killed_low": 2,
         "verification": "reported", "district": None, "headline": "Ours"},
        {"source": "ucdp", "record_id": "u", "dup_group": "1", "killed_best": 3, "killed_low": 1,
         "district": "B", "headline": "Theirs"},
        {"source": "log", "record_id": "x", "killed_best": 1},
    )  # fmt: skip
    found = merged(rows, order=("log", "ucdp", "acled"))
    assert found["record_id"].tolist() == ["l", "x"]
    one = found.iloc[0]
    assert (one["event_type"], one["occurred_on"]) == ("armed_clash", pd.Timestamp(MONDAY))
    assert (one["killed_best"], one["killed_low"], one["killed_high"]) == (3, 1, 9)
    assert (one["district"], one["verification"], one["level"]) == ("B", "confirmed", "confidential")
    assert (one["aid_affected"], one["listable"], one["headline"]) == (True, False, "Ours")
    assert one["members"] == (("log", "l"), ("ucdp", "u"), ("acled", "a"))
    assert (one["merged_from"], one["sources_merged"]) == (3, "log;ucdp;acled")
    assert (found.iloc[1]["merged_from"], found.iloc[1]["members"]) == (1, (("log", "x"),))
    assert merge_counts(found) == MergeCounts(groups=1, folded=2)


def test_a_discarded_row_is_never_merged() -> None:
    """A discarded row of a group stays by itself, whatever its source, and is not counted."""
    rows = incidents(
        {"source": "log", "dup_group": "1", "verification": "discarded", "killed_best": 9},
        {"source": "acled", "dup_group": "1", "verification": "confirmed", "killed_best": 2},
        {"source": "ucdp", "dup_group": "1", "killed_best": 3},
    )
    found = merged(rows, order=("log", "acled"))
    assert sorted(found["merged_from"]) == [1, 2]
    assert counts.harm(counts.countable(found))["killed_best"].tolist() == [2]


def test_a_merged_group_counts_once() -> None:
    """Three rows of one attack are three incidents and 9 dead unmerged, one incident and 3 dead merged."""
    rows = incidents(
        *({"source": name, "dup_group": "7", "killed_best": 3} for name in ("log", "acled", "ucdp"))
    )
    ask = {"districts": ["A"], "first_day": MONDAY, "weeks": 1}
    before, after = counts.weekly(rows, **ask), counts.weekly(merged(rows, order=["log"]), **ask)
    assert before.loc[0, ["incidents", "killed_best"]].tolist() == [3, 9]
    assert after.loc[0, ["incidents", "killed_best"]].tolist() == [1, 3]


def test_merging_copes_with_a_reader_of_few_columns() -> None:
    """Without source, id, places or deaths the groups are still made one; without dup_group nothing is."""
    rows = incidents({"dup_group": "1"}, {"dup_group": "1"}, {})
    few = rows[["occurred_on", "date_precision", "event_type", "dup_group"]]
    assert merge_counts(merged(few, order=[])) == MergeCounts(1, 1)
    assert merge_counts(merged(few.drop(columns="dup_group"), order=[])) == MergeCounts(0, 0)
    empty = merged(rows.iloc[:0], order=[])
    assert empty.empty
    assert merge_counts(empty) == MergeCounts(0, 0)
    assert counts.weekly(empty, districts=["A"], first_day=MONDAY, weeks=1)["incidents"].tolist() == [0]


@settings(deadline=None, max_examples=40)
@given(_TABLE, st.permutations(["log", "acled", "ucdp"]), st.randoms(use_true_random=False))
def test_merging_again_or_in_another_order_of_rows_changes_nothing(
    table: list[dict[str, object]], order: list[str], chance: Any
) -> None:
    """Idempotent and free of the order of rows; types stay; every row is in exactly one merged row."""
    rows = incidents(*table)
    found = merged(rows, order=order)
    pd.testing.assert_frame_equal(found, merged(found, order=order))
    shuffled = list(range(len(rows)))
    chance.shuffle(shuffled)
    pd.testing.assert_frame_equal(found, merged(rows.iloc[shuffled], order=order))
    assert found.dtypes[rows.columns].equals(rows.dtypes)
    kept = sorted(pair for members in found["members"] for pair in members)
    assert kept == sorted(zip(rows["source"], rows["record_id"], strict=True))
    assert found["merged_from"].sum() == len(rows)
    measured = counts.harm(found)
    assert (measured["killed_low"] <= measured["killed_best"]).all()
    assert (measured["killed_best"] <= measured["killed_high"]).all()
    told = counts.countable(found)
    groups = told["dup_group"].dropna()
    assert not groups.duplicated().any()
    alone = counts.countable(rows)["dup_group"].isna().sum()
    assert len(told) == alone + counts.countable(rows)["dup_group"].nunique()


@settings(deadline=None, max_examples=30)
@given(_TABLE)
def test_rows_without_a_group_pass_through(table: list[dict[str, object]]) -> None:
    """Every column of a row in no group is as it was."""
    rows = incidents(*({**row, "dup_group": None} for row in table))
    found = merged(rows, order=["log"])
    by = ["occurred_on", "source", "record_id"]
    same = rows.sort_values(by, kind="stable").reset_index(drop=True)
    pd.testing.assert_frame_equal(found[rows.columns], same)
    assert found["merged_from"].tolist() == [1] * len(rows)


# what may be listed


def test_a_closed_source_gives_nothing_to_the_list() -> None:
    """An incident that an open source tells too is listed from that alone; a closed one alone is not."""
    rows = incidents(
        {"source": "closed", "record_id": "c", "dup_group": "1", "killed_best": 9, "listable": False},
        {"source": "open", "record_id": "o", "dup_group": "1", "killed_best": None, "killed_low": 2},
        {"source": "closed", "record_id": "x", "dup_group": "2", "listable": False},
        {"source": "open", "record_id": "n", "listable": None},
    )
    found = to_list(rows, order=("closed", "open"))
    assert found["record_id"].tolist() == ["o"]
    assert found["sources_merged"].tolist() == ["open"]
    assert found["killed_best"].isna().all()
    assert merged(rows, order=("closed", "open"))["listable"].sum() == 0


def test_without_the_column_nothing_may_be_listed() -> None:
    """Missing is not yes: a frame without `listable`, or without a row, lists none."""
    assert to_list(incidents({}).drop(columns="listable"), order=[]).empty
    assert to_list(incidents(), order=[]).empty


@settings(deadline=None, max_examples=40)
@given(_TABLE, st.permutations(["log", "acled", "ucdp"]))
def test_the_list_holds_open_rows_only_and_every_open_group(
    table: list[dict[str, object]], order: list[str]
) -> None:
    """No member is of a row that may not be listed, and no open row or group of them is lost or twice."""
    rows = incidents(*table)
    found = to_list(rows, order=order)
    listable = rows[rows["listable"].fillna(value=False).astype(bool)]
    members = sorted(pair for one in found["members"] for pair in one)
    assert members == sorted(zip(listable["source"], listable["record_id"], strict=True))
    assert found["listable"].all()
    told = counts.countable(found)["dup_group"].dropna()
    assert not told.duplicated().any()
    assert set(told) == set(counts.countable(listable)["dup_group"].dropna())


# revisions of rows that others stand for

START = pd.Timestamp("2026-06-01T06:00:00Z")


def _revision(record_id: str, at: int, until: int | None = None, **more: object) -> dict[str, object]:
    return {"record_id": record_id, "at": at, "until": until, **more}


def _revisions(*rows: dict[str, object]) -> pd.DataFrame:
    """Return revisions, `at` and `until` in days."""
    table = incidents(*({k: v for k, v in row.items() if k not in {"at", "until"}} for row in rows))
    for name, given_as in (("recorded_at", "at"), ("known_until", "until")):
        days = pd.Series([row[given_as] for row in rows], dtype="Int64").astype("float64")
        table[name] = (START + pd.to_timedelta(days, unit="D")).astype("datetime64[us, UTC]")
    return table


def _days(instants: pd.Series) -> list[int | None]:
    return [None if pd.isna(one) else (one - START).days for one in instants]


def test_an_incident_is_known_from_the_first_voice_on() -> None:
    """The trusted row stands for the group from the day the other was known; the other is left out."""
    rows = _revisions(
        _revision("late", 9, source="log", dup_group="1"),
        _revision("early", 2, source="acled", dup_group="1"),
        _revision("own", 5, source="acled"),
    )
    found = represented(rows, order=("log", "acled")).sort_values("record_id")
    assert found["record_id"].tolist() == ["late", "own"]
    assert _days(found["recorded_at"]) == [2, 5]


def test_only_the_first_revision_of_a_record_begins_earlier() -> None:
    """A correction of the standing row keeps its own day, and the end of each revision stays."""
    rows = _revisions(
        _revision("a", 4, 8, source="log", dup_group="1"),
        _revision("a", 8, source="log", dup_group="1", district="B"),
        _revision("b", 1, source="acled", dup_group="1"),
    )
    found = represented(rows, order=("log",))
    assert _days(found["recorded_at"]) == [1, 8]
    assert _days(found["known_until"]) == [8, None]


@pytest.mark.parametrize(
    "away", [{"until": 6}, {"verification": "discarded"}, {"event_type": "non_violent_development"}]
)
def test_a_row_that_no_longer_stands_does_not_stand_for_others(away: dict[str, Any]) -> None:
    """Withdrawn, discarded or without violence: the next of the group stands for it."""
    trusted = _revision("a", 1, source="log", dup_group="1") | away
    rows = _revisions(trusted, _revision("b", 3, source="acled", dup_group="1"))
    found = represented(rows, order=("log", "acled"))
    assert found["record_id"].tolist() == ["b"]
    assert _days(found["recorded_at"]) == [1]


def test_a_group_of_which_none_stands_keeps_its_first() -> None:
    """Withdrawn altogether it was still known once: by its most trusted row, until that one's end."""
    rows = _revisions(
        _revision("a", 4, 8, source="log", dup_group="1"), _revision("b", 1, 6, source="acled", dup_group="1")
    )
    found = represented(rows, order=("log", "acled"))
    assert (_days(found["recorded_at"]), _days(found["known_until"])) == ([1], [8])


def test_without_groups_nothing_changes() -> None:
    """No code, no column or no row: the revisions come back as they are."""
    rows = _revisions(_revision("b", 1), _revision("a", 2, 3))
    pd.testing.assert_frame_equal(represented(rows, order=()), rows)
    few = rows.drop(columns="dup_group")
    pd.testing.assert_frame_equal(represented(few, order=()), few)
    assert represented(rows.iloc[:0], order=()).empty
    with pytest.raises(ParameterError, match="known_until"):
        represented(rows.drop(columns="known_until"), order=())


def test_a_reader_without_ids_counts_two_rows_of_one_source_once() -> None:
    """They pass for one record: where both stand at once, the later one waits for the earlier to end."""
    rows = _revisions(
        _revision("a", 1, 5, dup_group="1"),
        _revision("b", 3, 9, dup_group="1"),
        _revision("c", 4, 5, dup_group="1"),
        _revision("d", 0),
    )
    found = represented(rows.drop(columns="record_id"), order=())
    assert "record_id" not in found
    of_group = found[found["dup_group"].notna()]
    assert (_days(of_group["recorded_at"]), _days(of_group["known_until"])) == ([1, 5], [5, 9])
    assert _days(found.loc[found["dup_group"].isna(), "recorded_at"]) == [0]


def test_a_row_by_itself_is_not_taken_for_one_of_a_group() -> None:
    """Groups are coded 0, 1 and so on: a row alone at that place of the frame is still another incident."""
    rows = _revisions(
        _revision("x", 5, source="acled", dup_group="1"), _revision("y", 0, source="log"),
        _revision("z", 7, source="log", dup_group="1"),
    ).drop(columns="record_id")  # fmt: skip
    found = represented(rows, order=("log", "acled"))
    assert sorted(_days(found["recorded_at"])) == [0, 5]


_HISTORY = st.lists(
    st.tuples(
        st.sampled_from(["log", "acled", "ucdp"]),
        st.sampled_from([None, "1", "2"]),
        st.lists(st.integers(0, 30), min_size=1, max_size=4, unique=True).map(sorted),
        st.booleans(),
        st.sampled_from([None, "confirmed", "discarded"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=80)
@given(_HISTORY, st.permutations(["log", "acled", "ucdp"]), st.booleans())
def test_a_group_is_never_counted_twice_at_any_instant(
    history: list[tuple[str, str | None, list[int], bool, str | None]], order: list[str], named: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:  # fmt: skip
    """On every day at most one row of a group is known, and from its first day on; rows alone stay."""
    rows = _revisions(
        *(
            _revision(f"r{n}", at, days[m + 1] if m + 1 < len(days) else (31 if ends else None),
                      source=source, dup_group=group, verification=verified)
            for n, (source, group, days, ends, verified) in enumerate(history)
            for m, at in enumerate(days)
        )
    )  # fmt: skip
    given_rows = rows if named else rows.drop(columns="record_id")
    found = represented(given_rows, order=order)
    for today in range(33):
        now = START + pd.Timedelta(days=today)
        known = found[found["recorded_at"].le(now) & ~found["known_until"].le(now)]
        assert not known["dup_group"].dropna().duplicated().any()
    first = found.groupby("dup_group")["recorded_at"].min()
    pd.testing.assert_series_equal(first, rows.groupby("dup_group")["recorded_at"].min())
    alone, as_given = found[found["dup_group"].isna()], given_rows[given_rows["dup_group"].isna()]
    pd.testing.assert_frame_equal(alone.sort_index(), as_given)
