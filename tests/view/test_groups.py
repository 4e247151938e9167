"""Which rows are one incident: people's decisions and publishers' groups, as an audience may know them."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import code_of, put_rows
from workbench import sample, view
from workbench.config import Office
from workbench.view import Request, View, store_of
from workbench.view._groups import grouped

SECOND = sample.DELIVERIES[-1]
SOON = SECOND + timedelta(minutes=10)
# any source of the office whose rows internal readers may read: decisions need no source of their own here
DESK = "liaison"
# so many deaths are in no other row: known by them also where an audience reads no ids
INCIDENT: dict[str, object] = {
    "killed_best": 977, "level": "public", "occurred_on": "2026-11-11", "occurred_to": "2026-11-11",
    "date_precision": "day",
    "event_type": "armed_clash", "threat_category": "armed_conflict", "district": "KS0101",
    "admin1": "KS01",
}  # fmt: skip


def rows(*keys: str, **own: str) -> pd.DataFrame:
    """Incident rows named "source/id", with the publisher's own group of some."""
    parts = [key.split("/") for key in keys]
    return pd.DataFrame(
        {
            "source": pd.Series([source for source, _ in parts], dtype="str"),
            "record_id": pd.Series([name for _, name in parts], dtype="str"),
            "dup_group": pd.Series([own.get(key.replace("/", "_")) for key in keys], dtype="str"),
        }
    )


def decided(*told: str) -> pd.DataFrame:
    """Decisions written "a/1 same b/2", each taken a day after the one before."""
    parts = [one.split() for one in told]
    days = pd.date_range("2026-11-01", periods=len(told), unit="s")
    sides = {
        f"{side}_{what}": pd.Series([part[place].split("/")[n] for part in parts], dtype="str")
        for side, place in (("left", 0), ("right", 2))
        for n, what in enumerate(("source", "id"))
    }
    return pd.DataFrame(
        {
            "source": pd.Series(["desk"] * len(told), dtype="str"),
            "record_id": pd.Series([str(number) for number in range(len(told))], dtype="str"),
            **sides,
            "verdict": pd.Series([part[1] for part in parts], dtype="str"),
            "decided_on": days,
            "recorded_at": days.tz_localize("UTC"),
        }
    )


def codes(table: pd.DataFrame) -> dict[str, str]:
    """Return the code of each row that has one."""
    with_code = table.dropna(subset="dup_group")
    names = with_code["source"] + "/" + with_code["record_id"]
    return dict(zip(names, with_code["dup_group"], strict=True))


def group(present: pd.DataFrame, *told: str) -> dict[str, str]:
    """Return the codes in one table under the decisions told."""
    return codes(grouped([present], decided(*told))[0])


FOUR = rows("a/1", "a/2", "b/1", "b/2")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((), {}),
        (("a/1 same b/1",), {"a/1": "g1", "b/1": "g1"}),
        (("b/1 same a/1",), {"a/1": "g1", "b/1": "g1"}),
        (("a/1 unsure b/1",), {}),
        (("a/1 different b/1",), {}),
        (("a/1 same b/1", "b/1 different a/1"), {}),
        (("a/1 same b/1", "b/1 unsure a/1"), {}),
        (("a/1 different b/1", "a/1 same b/1"), {"a/1": "g1", "b/1": "g1"}),
        (("a/1 same b/1", "b/1 same b/2"), {"a/1": "g1", "b/1": "g1", "b/2": "g1"}),
        (("a/2 same b/2", "a/1 same b/1"), {"a/1": "g1", "b/1": "g1", "a/2": "g2", "b/2": "g2"}),
        (("a/1 same b/1", "b/1 same b/2", "a/1 different b/2"), {"a/1": "g1", "b/1": "g1", "b/2": "g1"}),
        (("a/1 same c/1", "c/1 same b/1"), {}),
    ],
)
def test_the_latest_verdict_on_a_pair_counts(told: tuple[str, ...], expected: dict[str, str]) -> None:
    """Sides may change places; "same" links, over several links too, but never through a row not there."""
    assert group(FOUR, *told) == expected


def test_of_two_verdicts_of_a_day_the_one_recorded_later_counts() -> None:
    """A correction on the day itself holds, in whatever order the register has its rows."""
    told = decided("a/1 same b/1", "a/1 different b/1")
    told["decided_on"] = told["decided_on"].iloc[0]
    for order in ([0, 1], [1, 0]):
        assert codes(grouped([FOUR], told.iloc[order])[0]) == {}


def test_a_publishers_own_group_links_within_its_source() -> None:
    """One source's group is one incident; the same words of another source mean nothing; none remain."""
    present = rows("a/1", "a/2", "b/1", "c/1", a_1="Raid of 3 May", a_2="Raid of 3 May", b_1="Raid of 3 May")
    assert group(present) == {"a/1": "g1", "a/2": "g1"}
    assert group(present, "a/2 same b/1") == {"a/1": "g1", "a/2": "g1", "b/1": "g1"}
    assert group(present, "a/1 different a/2") == {}


def test_different_breaks_one_link_only() -> None:
    """Of a publisher's three rows two were parted, and yet both are the third one's incident."""
    present = rows("a/1", "a/2", "a/3", a_1="x", a_2="x", a_3="x")
    assert set(group(present, "a/1 different a/2").values()) == {"g1"}
    assert len(group(present, "a/1 different a/2")) == 3
    assert group(present, "a/1 different a/2", "a/1 different a/3") == {"a/2": "g1", "a/3": "g1"}
    apart = ("a/1 different a/2", "a/1 different a/3", "a/2 different a/3")
    assert group(present, *apart) == {}


def test_a_withdrawn_row_keeps_its_group_in_the_past() -> None:
    """Codes are those of the state as it stands; each table has only groups of two records of its own."""
    now = rows("a/2", "b/2", "b/1")
    before = rows("a/1", "b/1", "b/2")
    told = decided("a/1 same b/1", "a/2 same b/2")
    tables = grouped([now, before, rows("a/1", "a/1")], told)
    assert codes(tables[0]) == {"a/2": "g1", "b/2": "g1"}
    assert codes(tables[1]) == {"a/1": "g2", "b/1": "g2"}
    assert codes(tables[2]) == {}


def test_the_standing_table_depends_on_itself_alone() -> None:
    """A row of the past that joins two groups changes the past, which has the lower code, and not now."""
    now = rows("a/1", "a/2", "b/1", "b/2")
    told = decided("a/1 same a/2", "b/1 same b/2", "a/1 same z/1", "z/1 same b/1")
    tables = grouped([now, rows("a/1", "b/1", "z/1")], told)
    assert codes(tables[0]) == codes(grouped([now], told)[0])
    assert set(codes(tables[0]).values()) == {"g1", "g2"}
    assert codes(tables[1]) == {"a/1": "g1", "b/1": "g1", "z/1": "g1"}


NAMES = [f"{source}/{number}" for source in "ab" for number in range(4)]
PAIRS = list(itertools.combinations(NAMES, 2))


@given(
    held=st.lists(st.sampled_from(NAMES), unique=True),
    hidden=st.lists(st.sampled_from(NAMES), unique=True),
    told=st.lists(
        st.tuples(st.sampled_from(PAIRS), st.sampled_from(["same", "different", "unsure"])), max_size=12
    ),
    own=st.lists(st.sampled_from(["", "x", "y"]), min_size=8, max_size=8),
)
def test_rows_held_back_leave_no_trace(
    held: list[str],
    hidden: list[str],
    told: list[tuple[tuple[str, str], str]],
    own: list[str],
) -> None:
    """The codes are those of an office in which the hidden rows, and all said of them, never were."""
    given_groups = {name.replace("/", "_"): code for name, code in zip(NAMES, own, strict=True) if code}
    present = rows(*sorted(set(held) - set(hidden)), **given_groups)
    told_of = [f"{one} {verdict} {other}" for (one, other), verdict in told]
    without = [text for text in told_of if not set(text.split()) & set(hidden)]
    every = codes(grouped([present], decided(*told_of))[0])
    assert every == codes(grouped([present], decided(*without))[0])
    numbers = sorted({int(code.removeprefix("g")) for code in every.values()})
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(list(every.values()).count(code) > 1 for code in every.values())


# --- In a view -----------------------------------------------------------------------------------


def view_of(office: Office, audience: str = "internal", **changes: Any) -> View:
    """Return the view of W46 as known an hour after the second delivery, changed as named."""
    asked: dict[str, Any] = {
        "area": "kestara",
        "week": "2026-W46",
        "as_of": SECOND + timedelta(hours=1),
    } | changes
    return view.make(office, store_of(office), Request(audience=audience, **asked))


def put_pair(office: Office, *, second: dict[str, object]) -> None:
    """Add two incidents of two publishers, and a decision that they are one, taken after the week."""
    put_rows(office, "incident", INCIDENT | {"record_id": "A"}, source="meridian", at=SOON)
    put_rows(office, "incident", INCIDENT | {"record_id": "B"} | second, source="concord", at=SOON)
    told: dict[str, object] = {
        "record_id": "D1", "level": "internal", "left_source": "concord", "left_id": "B",
        "right_source": "meridian", "right_id": "A", "verdict": "same", "decided_on": "2026-11-16",
        "decided_by": "Analyst", "reason": "Zwanglos says so.",
    }  # fmt: skip
    put_rows(office, "duplicate_decision", told, source=DESK, at=SOON)


def of_pair(seen: View) -> pd.DataFrame:
    """Return the rows of a view that are ours and have a code."""
    return ours(seen.table("incident")).dropna(subset="dup_group")[["source", "dup_group"]]


def ours(rows_: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that this file put in."""
    return rows_[rows_["killed_best"] == 977]


def test_a_merged_incident_is_one_for_every_reader_of_both_rows(own_office: Office) -> None:
    """Also who may not read the decision counts once, and is not told who decided or why."""
    put_pair(own_office, second={})
    for audience in ("leadership", "internal", "partners"):
        found = of_pair(view_of(own_office, audience))
        assert sorted(found["source"]) == ["concord", "meridian"]
        assert found["dup_group"].nunique() == 1
    partners = view_of(own_office, "partners")
    assert partners.table("duplicate_decision").empty
    assert partners.table("duplicate_decision").columns.isin(["reason", "decided_by", "left_id"]).sum() == 0
    assert "Zwanglos says so." in view.hidden_values(store_of(own_office), partners)
    seen = view_of(own_office)
    told = seen.table("duplicate_decision").set_index("record_id").loc[code_of(seen)("D1")]
    assert {told["left_id"], told["right_id"]} == {code_of(seen)("A"), code_of(seen)("B")}
    assert (told["verdict"], told["reason"]) == ("same", "Zwanglos says so.")
    # a licence that allows counts only leaves the row its code
    concord = ours(view_of(own_office).table("incident").query("source == 'concord'"))
    assert concord["listable"].tolist() == [False]


@pytest.mark.parametrize(
    ("second", "reads_decision"),
    [
        ({"level": "strictly_confidential"}, {"leadership"}),
        ({"compartments": "protection"}, {"leadership"}),
        ({"district": "XX0101", "admin1": "XX01"}, set()),
        ({"occurred_on": "2026-11-16"}, set()),
    ],
)
def test_a_row_that_is_not_in_the_view_leaves_no_trace(
    second: dict[str, object], reads_decision: set[str], own_office: Office
) -> None:
    """With one row closed, elsewhere or after the week, the other is alone, and the decision is not shown."""
    put_pair(own_office, second=second)
    for audience in ("leadership", "internal", "partners"):
        seen = view_of(own_office, audience)
        shown = seen.table("duplicate_decision")
        assert (not shown.empty and "D1" in seen.own_ids) == (audience in reads_decision)
        assert len(of_pair(seen)) == (2 if audience in reads_decision else 0)


def test_a_merge_of_this_week_is_no_incident_taken_back(own_office: Office) -> None:
    """What was known before, and each revision, has the groups of today: then and now count alike."""
    put_pair(own_office, second={})
    later = SECOND + timedelta(days=8)
    put_rows(own_office, "incident", INCIDENT | {"record_id": "C"}, source="meridian", at=later)
    told: dict[str, object] = {
        "record_id": "D2", "level": "internal", "left_source": "meridian", "left_id": "A",
        "right_source": "meridian", "right_id": "C", "verdict": "same", "decided_on": "2026-11-16",
    }  # fmt: skip
    put_rows(own_office, "duplicate_decision", told, source=DESK, at=later)
    seen = view_of(own_office, as_of=later + timedelta(hours=1), compared_with=SECOND + timedelta(hours=1))
    [code] = of_pair(seen)["dup_group"].unique()
    assert len(of_pair(seen)) == 3
    before = seen.before("incident")
    assert before["dup_group"].eq(code).sum() == 2
    assert seen.revisions("incident")["dup_group"].eq(code).sum() == 2  # of the counted source: A and C


def test_the_publishers_own_words_never_stand_in_a_view(own_office: Office) -> None:
    """A raw group is replaced for every reader, in the past too, and stays a text that must not leave."""
    raw = INCIDENT | {"dup_group": "Ambush near the Vorrin mill"}
    put_rows(
        own_office, "incident", raw | {"record_id": "A"}, raw | {"record_id": "B"}, source="meridian", at=SOON
    )
    for audience in ("leadership", "partners"):
        seen = view_of(own_office, audience, compared_with=SECOND + timedelta(hours=1))
        for table in (seen.table("incident"), seen.before("incident"), seen.revisions("incident")):
            assert len(ours(table)["dup_group"].dropna()) == 2
            assert table["dup_group"].dropna().str.fullmatch(r"g\d+").all()
        assert "Ambush near the Vorrin mill" in view.hidden_values(store_of(own_office), seen)
