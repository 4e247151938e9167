from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY, incidents
from workbench import records
from workbench.analysis.coverage import cap, confidence, last_contact, lower_of
from workbench.analysis.liaison import (
    corroboration,
    coverage_of,
    coverage_of_all,
    liaison_quality,
    required_contacts,
    silent_kinds,
)
from workbench.analysis.shares import Middle, Share, shares, wilson
from workbench.errors import ParameterError

ON = MONDAY + timedelta(days=6)


@dataclass(frozen=True)
class Rule:
    """A required contact as the configuration gives it."""

    organisation_kind: str
    every_days: int
    districts: tuple[str, ...] = ()


def entries(*rows: dict[str, object]) -> pd.DataFrame:
    """Return a liaison log; `ago` counts days back from the day reported on."""
    record = records.record_type("liaison_entry")
    plain = {"district": "A", "organisation_kind": "police", "organisation": "Police post", "ago": 0}
    filled = [{**plain, **row} for row in rows]
    for row in filled:
        row["occurred_on"] = ON - timedelta(days=int(str(row["ago"])))
    return pd.DataFrame(
        {c.name: pd.Series([row.get(c.name) for row in filled], dtype=records.DTYPES[c.kind])
         for c in record.columns}
    )  # fmt: skip


def quality(log: pd.DataFrame | None, found: pd.DataFrame | None = None, **options: object):
    """Return the quality of the week's contact in districts A and B."""
    return liaison_quality(log, found, districts=("A", "B"), first_day=MONDAY, on=ON, **options)


def test_wilson_intervals() -> None:
    """R15: Newcombe 1998 (Stat Med 17:857) prints these for 81/263, 15/148, 0/20 and 1/29."""
    found = wilson([81, 15, 0, 1], [263, 148, 20, 29])
    assert found["low"].tolist() == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=5e-5)
    assert found["high"].tolist() == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(0, 50))
def test_an_interval_holds_its_share_and_mirrors(count: int, rest: int) -> None:
    """Bounds lie in 0 to 1 around the share; counting the others turns the interval round."""
    found, mirrored = wilson([count], [count + rest]).iloc[0], wilson([rest], [count + rest]).iloc[0]
    if count + rest == 0:
        assert found.isna().all()
        return
    assert 0 <= found["low"] <= found["share"] <= found["high"] <= 1
    assert found["low"] == pytest.approx(1 - mirrored["high"])


def test_below_five_there_is_only_k_of_n() -> None:
    """A share of 3 of 4 has no number; 4 of 5 has one; more than all is refused."""
    assert (Share(3, 4).share, Share(3, 4).low, Share(3, 4).high) == (None, None, None)
    assert Share(4, 5).share == 0.8
    assert Share(0, 20).high == pytest.approx(0.1611, abs=5e-5)
    table = shares(pd.Series([3, 4, None], dtype="Int64"), pd.Series([4, 5, 9], dtype="Int64"))
    assert table["share"].tolist() == [pd.NA, 0.8, pd.NA]
    with pytest.raises(ParameterError):
        Share(2, 1)
    with pytest.raises(ParameterError):
        wilson([-1], [4])


def test_the_matrix_of_required_contacts() -> None:
    """Met on the last day of the interval, late a day after, never without entry; one row for each pair."""
    log = entries(
        {"ago": 14}, {"ago": 40},
        {"district": "B", "ago": 15},
        {"organisation_kind": "un", "ago": 3}, {"organisation_kind": "un", "ago": -1},
        {"district": "Z"},
    )  # fmt: skip
    rules = [Rule("police", 14), Rule("un", 30, ("A",)), Rule("armed_forces", 7, ("B", "elsewhere"))]
    found = required_contacts(log, rules, districts=("B", "A"), on=ON)
    assert found["district"].tolist() == ["B"] * 3 + ["A"] * 3
    assert found["organisation_kind"].tolist() == ["police", "un", "armed_forces"] * 2
    assert found["state"].tolist() == ["late", "not_required", "never", "met", "met", "not_required"]
    assert found["days"].tolist() == [15, pd.NA, pd.NA, 14, 3, pd.NA]
    assert found["contacts"].tolist() == [0, 0, 0, 1, 1, 0]
    assert found["every_days"].tolist() == [14, pd.NA, 7, 14, 30, pd.NA]


def test_the_shorter_of_two_intervals_holds() -> None:
    """A rule for all and a stricter one for a district: the stricter holds there."""
    rules = [Rule("police", 30), Rule("police", 7, ("A",))]
    found = required_contacts(entries({"ago": 8}), rules, districts=("A", "B"), on=ON)
    assert found["every_days"].tolist() == [7, 30]
    assert found["state"].tolist() == ["late", "never"]
    with pytest.raises(ParameterError, match="every_days"):
        required_contacts(None, [Rule("police", 0)], districts=("A",), on=ON)


@pytest.mark.parametrize("log", [None, pd.DataFrame(), entries({}).drop(columns="organisation_kind")])
def test_contacts_withheld_are_not_contacts_missed(log: pd.DataFrame | None) -> None:
    """A reader without the log, or its kinds, is told neither met nor never, and no coverage."""
    matrix = required_contacts(log, [Rule("police", 14)], districts=("A", "B"), on=ON)
    assert matrix["state"].tolist() == ["unknown", "unknown"]
    assert matrix["contacts"].isna().all()
    coverage = coverage_of(matrix)
    assert coverage["required"].tolist() == [1, 1]
    assert coverage[["met", "share"]].isna().all().all()
    assert coverage_of_all(coverage).met is None
    assert coverage_of_all(coverage).share is None
    assert len(silent_kinds(matrix)) == 0


def test_an_empty_log_is_never_and_no_rule_is_nothing() -> None:
    """A readable log without rows was never in contact; without rules nothing is required or counted."""
    matrix = required_contacts(entries(), [Rule("police", 14)], districts=("A",), on=ON)
    assert matrix["state"].tolist() == ["never"]
    assert matrix["contacts"].tolist() == [0]
    nothing = required_contacts(entries({}), [], districts=("A",), on=ON)
    assert len(nothing) == 0
    assert coverage_of_all(coverage_of(nothing)).share is None


def test_coverage_of_a_district_and_of_all() -> None:
    """Met of required per district and over all; where nothing is required there is no share."""
    rules = [Rule("police", 14, ("A", "B")), Rule("un", 14, ("A",)), Rule("ingo", 14, ("A",))]
    log = entries({"ago": 2}, {"organisation_kind": "un", "ago": 20})
    coverage = coverage_of(required_contacts(log, rules, districts=("C", "A", "B"), on=ON))
    assert coverage["district"].tolist() == ["C", "A", "B"]
    assert coverage["met"].tolist() == [0, 1, 0]
    assert coverage["required"].tolist() == [0, 3, 1]
    assert coverage["share"].tolist() == [pd.NA, pytest.approx(1 / 3), 0.0]
    whole = coverage_of_all(coverage)
    assert (whole.met, whole.required, whole.share) == (1, 4, 0.25)


def test_the_silence_alarm_of_each_kind() -> None:
    """Never made comes first, then the longest late; what is met is not there."""
    rules = [Rule("police", 14), Rule("un", 7), Rule("ingo", 7), Rule("other", 7)]
    log = entries(
        {"ago": 16},
        {"organisation_kind": "un", "ago": 12},
        {"organisation_kind": "other", "ago": 7},
    )
    found = silent_kinds(required_contacts(log, rules, districts=("A",), on=ON))
    assert found["organisation_kind"].tolist() == ["ingo", "un", "police"]
    assert found["days_late"].tolist() == [pd.NA, 5, 2]


def test_low_coverage_caps_confidence() -> None:
    """Contact this week allows high, but with less than half of the required contacts it is low."""
    log = entries({"ago": 1}, {"district": "B", "ago": 1}, {"district": "C", "ago": 40}, {"district": "D"})
    rules = [Rule("police", 14, ("A", "B", "C")), Rule("un", 14, ("A",)), Rule("ingo", 14, ("A",))]
    districts = ("A", "B", "C", "D")
    allowed = confidence(last_contact(log, districts=districts, on=ON))
    assert allowed["confidence"].tolist() == ["high", "high", "low", "high"]
    found = cap(allowed, coverage_of(required_contacts(log, rules, districts=districts, on=ON)))
    assert found["confidence"].tolist() == ["low", "high", "low", "high"]
    assert found["limited_by"].tolist() == ["coverage", "nothing", "nothing", "nothing"]


def test_half_of_the_contacts_is_enough() -> None:
    """The threshold itself is not low; a share nobody knows limits nothing; unknown stays unknown."""
    given = pd.DataFrame({"district": ["A", "B", "C"], "confidence": ["high", "moderate", "unknown"]})
    coverage = pd.DataFrame(
        {"district": ["C", "B", "A"], "share": pd.array([None, None, 0.5], dtype="Float64")}
    )
    assert cap(given, coverage)["confidence"].tolist() == ["high", "moderate", "unknown"]
    assert cap(given, coverage, low=0.51)["confidence"].tolist() == ["low", "moderate", "unknown"]


CONFIDENCES = st.sampled_from(["low", "moderate", "high", "unknown"])


@settings(deadline=None)
@given(st.lists(st.tuples(CONFIDENCES, CONFIDENCES), max_size=6))
def test_the_lower_confidence_is_printed(pairs: list[tuple[str, str]]) -> None:
    """Never higher than either that is known; unknown only where both are."""
    places = [f"KS{n:04}" for n in range(len(pairs))]
    frame = {"district": pd.Series(places, dtype="str")}
    given_ = pd.DataFrame({**frame, "confidence": pd.Series([a for a, _ in pairs], dtype="str")})
    allowed = pd.DataFrame({**frame, "confidence": pd.Series([b for _, b in pairs], dtype="str")})
    height = {"low": 0, "moderate": 1, "high": 2, "unknown": 3}
    expected = [min(pair, key=height.__getitem__) for pair in pairs]
    assert lower_of(given_, allowed.iloc[::-1])["confidence"].tolist() == expected


def test_no_contact_is_not_no_incident() -> None:
    """An incident without any entry is uncorroborated, not undone; without incidents there is no share."""
    found = corroboration(
        entries(), incidents({"district": "A"}), districts=("A", "B"), first_day=MONDAY, on=ON
    )
    assert found["incidents"].tolist() == [1, 0]
    assert found["corroborated"].tolist() == [0, 0]
    assert found["share"].isna().all()


def test_incidents_with_an_entry_beside_them() -> None:
    """An entry of the district within 3 days of the incident's days; other places and days do not count."""
    rows = incidents(
        {"occurred_on": MONDAY},
        {"occurred_on": MONDAY, "occurred_to": MONDAY + timedelta(days=2), "date_precision": "days"},
        {"occurred_on": MONDAY, "district": "B"},
        {"occurred_on": MONDAY, "verification": "discarded"},
        {"occurred_on": MONDAY - timedelta(days=1)},
    )
    log = entries({"ago": 1}, {"ago": 30}, {"district": "B", "ago": 2}, {"district": "C", "ago": 6})
    found = corroboration(log, rows, districts=("A", "B"), first_day=MONDAY, on=ON)
    assert found["incidents"].tolist() == [2, 1]
    assert found["corroborated"].tolist() == [1, 0]
    near = corroboration(entries({"ago": 9}), rows, districts=("A",), first_day=MONDAY, on=ON)
    assert near["corroborated"].tolist() == [2]
    late = corroboration(entries({"ago": 10}), rows, districts=("A",), first_day=MONDAY, on=ON)
    assert late["corroborated"].tolist() == [0]


def test_the_share_corroborated_has_its_interval() -> None:
    """5 incidents of which all have an entry: share 1 with a lower bound; one kind of voice for all five."""
    rows = incidents(*[{"occurred_on": MONDAY}] * 5)
    one = corroboration(entries({"ago": 5}, {"ago": 6}), rows, districts=("A",), first_day=MONDAY, on=ON)
    assert one["share"].tolist() == [1.0]
    assert one["low"].tolist() == pytest.approx([0.56552], abs=5e-5)
    assert one["single_source"].tolist() == [5]
    log = entries({"ago": 5}, {"ago": 6, "organisation_kind": "un"})
    two = corroboration(log, rows, districts=("A",), first_day=MONDAY, on=ON)
    assert two["single_source"].tolist() == [0]


@pytest.mark.parametrize("gone", ["district", "occurred_on"])
def test_corroboration_nobody_may_know(gone: str) -> None:
    """Without the log, its places or days, or the incidents' places, it is missing and not zero."""
    rows = incidents({})
    options = {"districts": ("A",), "first_day": MONDAY, "on": ON}
    assert corroboration(None, rows, **options)["corroborated"].isna().all()
    assert corroboration(entries({}).drop(columns=gone), rows, **options)["corroborated"].isna().all()
    blind = corroboration(entries({}), rows.drop(columns="district"), **options)
    assert blind[["incidents", "corroborated", "share"]].isna().all().all()


def test_f_and_6_are_no_bad_grades() -> None:
    """F1 and A6 cannot be judged, and count neither way; D6 and F5 are poor by their other half."""
    log = entries(
        *({"info_grade": g} for g in ("A1", "C3", "B2", "F1", "A6", "F6", "D6", "F5", "C4", "E1", None))
    )
    found = quality(log).grades
    assert (found.good, found.not_judged, found.poor, found.ungraded) == (3, 3, 4, 1)
    assert found.good_of_judged == Share(3, 7)
    assert found.graded == Share(10, 11)


def test_single_source_districts_and_depth() -> None:
    """One kind of organisation only is single source, however often; depth counts organisations once."""
    log = entries(
        {"organisation": "Police post"}, {"organisation": "police post ", "ago": 2},
        {"district": "B"}, {"district": "B", "organisation_kind": "un", "organisation": "Agency"},
        {"district": None, "organisation": "Mission"},
        {"organisation": "Too early", "organisation_kind": "ingo", "ago": 7},
    )  # fmt: skip
    found = quality(log)
    assert found.single_source == Share(1, 2)
    assert (found.entries, found.organisations, found.kinds, found.unplaced) == (5, 3, 2, 1)


def test_follow_ups_on_time() -> None:
    """Due before the last day: done by that day is on time, a day later is late, never is open."""

    def follow(due: int, done: int | None) -> dict[str, object]:
        return {
            "ago": 20,
            "follow_up_due": ON - timedelta(days=due),
            "follow_up_done": None if done is None else ON - timedelta(days=done),
        }

    log = entries(follow(3, 3), follow(3, 2), follow(1, None), follow(0, None), follow(7, None), {})
    found = quality(log)
    assert found.follow_ups == Share(1, 3)
    assert found.follow_ups_open == 1


def test_hours_from_the_day_of_contact_to_the_log() -> None:
    """From the end of that day where the office is; the same evening is 0 hours and never negative."""
    log = entries(
        {"ago": 3, "reported_at": "2026-11-12T20:00Z"},
        {"ago": 3, "reported_at": "2026-11-13T06:00Z"},
        {"ago": 3, "reported_at": "2026-11-13T10:00Z", "shared_with_undss_at": "2026-11-13T13:30Z"},
        {"ago": 3, "shared_with_undss_at": "2026-11-13T13:30Z"},
    )
    found = quality(log)
    assert found.hours_to_log == Middle(6.0, 3)
    assert quality(log, zone=ZoneInfo("Africa/Maputo")).hours_to_log == Middle(8.0, 3)
    assert found.hours_to_undss == Middle(3.5, 1)
    assert found.shared == Share(2, 4)


def test_a_week_without_entries() -> None:
    """Nothing is divided by nothing: counts are 0, medians None, shares 0 of 0."""
    found = quality(entries({"ago": 30}), incidents({}))
    assert (found.entries, found.organisations, found.kinds) == (0, 0, 0)
    assert found.single_source == Share(0, 0)
    assert found.hours_to_log == Middle(None, 0)
    assert found.corroborated == Share(0, 1)
    assert found.grades.graded == Share(0, 0)


def test_a_reader_without_the_log_or_columns() -> None:
    """None for a reader without the log; without a column, None for what it would tell."""
    assert quality(None) is None
    assert quality(entries({}).drop(columns="occurred_on")) is None
    closed = [
        "organisation",
        "info_grade",
        "reported_at",
        "shared_with_undss_at",
        "district",
        "follow_up_due",
    ]
    found = quality(entries({}).drop(columns=closed), incidents({}))
    assert found.entries == 1
    named = ("organisations", "grades", "hours_to_log", "hours_to_undss", "shared", "unplaced",
             "single_source", "single_source_incidents", "corroborated", "follow_ups")  # fmt: skip
    assert [name for name in named if getattr(found, name) is not None] == []
    assert quality(pd.DataFrame()).entries == 0


def test_the_quality_counts_what_corroboration_does() -> None:
    """The sum over districts of incidents, corroborated and single source."""
    rows = incidents({}, {"district": "B"}, {"district": "C"})
    found = quality(entries({"ago": 6}), rows)
    assert found.corroborated == Share(1, 2)
    assert found.single_source_incidents == Share(1, 1)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["police", "un"]), st.integers(-3, 60)), max_size=12
    ),
    st.integers(1, 40),
)
def test_one_more_contact_never_lowers_coverage(rows: list[tuple[str, str, int]], every: int) -> None:
    """Coverage can only grow with an entry, and every required contact is met, late or never."""
    rules = [Rule("police", every), Rule("un", every, ("A",))]
    made = [{"district": d, "organisation_kind": k, "ago": n} for d, k, n in rows]

    def met(some: list[dict[str, object]]) -> int:
        matrix = required_contacts(entries(*some), rules, districts=("A", "B"), on=ON)
        assert set(matrix["state"]) <= {"met", "late", "never", "not_required"}
        return coverage_of_all(coverage_of(matrix)).met or 0

    assert met(made[1:]) <= met(made) <= 3


def test_dates_are_days() -> None:
    """A log of two years stays one row for each pair, and ages are whole days."""
    log = entries(*({"ago": n} for n in range(0, 700, 7)))
    found = required_contacts(log, [Rule("police", 28)], districts=("A",), on=date(2026, 11, 15))
    assert found[["days", "contacts"]].to_numpy().tolist() == [[0, 5]]
