"""Support, reviews, measures, allegations joined by unit, and days to report: small registers by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import analysis
from workbench.analysis import Joined
from workbench.errors import ParameterError
from workbench.records import DTYPES, empty, record_type

ON = date(2026, 11, 15)
ZONE = ZoneInfo("Etc/GMT+2")
DETAILS = ("account", "response_text", "notes", "place_name", "latitude", "longitude")
BANDS = ("victims_women", "victims_men", "victims_girls", "victims_boys", "victims_unknown")


def day(ago: int) -> date:
    """Return the day so many days before the one reported on; below 0 it lies ahead."""
    return ON - timedelta(days=ago)


def frame(name: str, *rows: dict[str, object]) -> pd.DataFrame:
    """Return rows of a record type with all its columns; what a row does not give is missing."""
    return pd.DataFrame(
        {
            column.name: pd.Series([row.get(column.name) for row in rows], dtype=DTYPES[column.kind])
            for column in record_type(name).columns
        }
    )


def support(number: int = 1, **given_: object) -> dict[str, object]:
    """Return approved support to the Guard that began 100 days ago and was reviewed 50 days ago."""
    return {
        "record_id": f"S{number}", "activity": "Training", "recipient_unit": "Guard", "decision": "approved",
        "support_type": "training", "started_on": day(100), "reviewed_on": day(50),
        "next_review_on": day(-50), "risk_rating": "low", "recorded_on": day(100), **given_,
    }  # fmt: skip


def violation(number: int = 1, **given_: object) -> dict[str, object]:
    """Return an alleged killing by the Guard 20 days ago, graded B2; the office learnt of it a day later."""
    return {
        "record_id": f"V{number}", "occurred_on": day(20), "act": "killing", "perpetrator_unit": "Guard",
        "source_grade": "B2", "reported_at": datetime(*day(19).timetuple()[:3], 12, tzinfo=UTC), **given_,
    }  # fmt: skip


def alleged(*rows: dict[str, object]) -> pd.DataFrame:
    """Return allegations as the page has them."""
    return analysis.allegations(frame("violation", *rows), on=ON, zone=ZONE)


def joined(supports: list[dict[str, object]], *violations: dict[str, object]) -> Joined:
    """Return both registers joined."""
    register = frame("support", *supports)
    return analysis.joined_by_unit(analysis.supports(register, on=ON), alleged(*violations))


# --- Support -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "running"),
        ({"decision": "approved_with_conditions"}, "running"),
        ({"started_on": None}, "running"),
        ({"started_on": day(0)}, "running"),
        ({"started_on": day(-1)}, "approved"),
        ({"ended_on": day(0)}, "running"),
        ({"ended_on": day(1)}, "past_end"),
        ({"decision": "proposed"}, "undecided"),
        ({"decision": "proposed", "started_on": day(-1)}, "proposed"),
        ({"decision": "proposed", "started_on": None}, "proposed"),
        ({"decision": None}, "undecided"),
        ({"decision": "suspended", "ended_on": day(1)}, "suspended"),
        ({"decision": "ended"}, "ended"),
        ({"decision": "refused"}, "refused"),
    ],
)
def test_how_support_stands(changes: dict[str, object], state: str) -> None:
    """Its decision and its days tell; where they do not, support counts as given."""
    found = analysis.supports(frame("support", support(**changes)), on=ON)
    assert found["state"].tolist() == [state]


@pytest.mark.parametrize(
    ("changes", "review", "days"),
    [
        ({"next_review_on": day(1)}, "overdue", 1),
        ({"next_review_on": day(0)}, "due_soon", pd.NA),
        ({"next_review_on": day(-14)}, "due_soon", pd.NA),
        ({"next_review_on": day(-15)}, "in_time", pd.NA),
        ({"next_review_on": None}, "no_date", pd.NA),
        ({"next_review_on": day(60)}, "no_date", pd.NA),  # the review of 50 days ago came after it
        ({"next_review_on": day(1), "decision": "suspended"}, "overdue", 1),
        ({"next_review_on": day(1), "decision": "ended"}, "not_needed", pd.NA),
        ({"next_review_on": day(1), "started_on": day(-5)}, "not_needed", pd.NA),
    ],
)
def test_when_a_review_is_due(changes: dict[str, object], review: str, days: object) -> None:
    """Overdue from the day after; one that was made leaves none due until somebody writes the next one."""
    row = analysis.supports(frame("support", support(**changes)), on=ON).iloc[0]
    assert (row["review"], row["days_overdue"] is pd.NA or row["days_overdue"]) == (
        review,
        days is pd.NA or days,
    )


def test_measures_are_read_one_by_one() -> None:
    """Each measure has its own state and day; what cannot be read keeps its words and its place."""
    text = f"done: A; open {day(3)}: B: b; Open: C\nDropped 2026-01-02: D; E; open 2026-13-01: F"
    found = analysis.mitigation(
        analysis.supports(frame("support", support(mitigation=text), support(2)), on=ON), on=ON
    )
    assert list(zip(found["standing"], found["text"], strict=True)) == [
        ("overdue", "B: b"), ("open", "C"), ("not_stated", "E"), ("not_stated", "open 2026-13-01: F"),
        ("done", "A"), ("dropped", "D"),
    ]  # fmt: skip
    assert found["days_overdue"].dropna().tolist() == [3]
    assert analysis.mitigation_counts(found) == {
        "overdue": 1, "open": 1, "not_stated": 2, "done": 1, "dropped": 1,
    }  # fmt: skip


def test_measures_of_support_that_is_over_are_not_counted() -> None:
    """A measure left open when support was refused or ended waits for nobody."""
    rows = analysis.supports(frame("support", support(decision="ended", mitigation="open: A")), on=ON)
    assert not sum(analysis.mitigation_counts(analysis.mitigation(rows, on=ON)).values())


# --- Allegations -------------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", [False, None])
def test_without_consent_nothing_but_a_number_is_left(*, consent: bool | None) -> None:
    """No account, answer in words, remark, place, sex or age is on the row, nor elsewhere in the frame."""
    texts = {name: f"secret {name}" for name in DETAILS[:4]}
    row = violation(victim_consent=consent, latitude=-12.5, longitude=40.5, victims_girls=2,
                    victims_men=3, **texts)  # fmt: skip
    found = alleged(row)
    assert found[[*DETAILS, *BANDS]].isna().all(axis=None)
    assert found["victims"].tolist() == [5]
    assert "secret" not in found.to_csv()


def test_with_consent_the_row_tells() -> None:
    """Accounts and numbers by sex and age stand where the victims agreed, and only on their row."""
    found = alleged(
        violation(1, victim_consent=True, account="told", victims_girls=2),
        violation(2, victim_consent=False, account="not told", occurred_on=day(30)),
    )
    assert found["account"].dropna().tolist() == ["told"]
    assert found["victims_girls"].dropna().tolist() == [2]


def test_victims_nobody_counted_are_not_none() -> None:
    """Without any number the total is missing, not 0; what is given is added."""
    found = alleged(
        violation(1), violation(2, victims_men=0), violation(3, victims_women=1, victims_unknown=2)
    )
    assert found.set_index("record_id")["victims"].dropna().to_dict() == {"V2": 0, "V3": 3}


@pytest.mark.parametrize(
    ("grades", "code"),
    [
        (("A1", "B2", "C3"), "credible"),
        (("D1", "E3", "A4", "C5", "F5", "D6", "E6"), "weak"),
        (("F1", "F6", "A6", "C6", None), "not_judged"),
    ],
)
def test_grades(grades: tuple[str | None, ...], code: str) -> None:
    """A to C with 1 to 3 is credible; F, 6 and no grade say that nobody can judge, not that it is weak."""
    assert set(analysis.credible(pd.Series(list(grades), dtype="str"))) == {code}


@pytest.mark.parametrize(
    ("changes", "report", "took", "waits"),
    [
        ({"reported_to_rr_at": f"{day(17)}T10:00Z"}, "reported", 3, None),
        ({"reported_to_rr_at": f"{day(20)}T10:00Z"}, "reported", 0, None),
        ({"reported_to_rr_at": f"{day(21)}T10:00Z"}, "days_contradict", None, None),
        # 01:00 UTC is still the evening before in the office's zone
        ({"reported_to_rr_at": f"{day(17)}T01:00Z"}, "reported", 2, None),
        ({}, "overdue", None, 19),
        ({"reported_at": f"{day(7)}T12:00Z"}, "waiting", None, 7),
        ({"reported_at": f"{day(8)}T12:00Z"}, "overdue", None, 8),
        ({"reported_at": None}, "overdue", None, 20),
        ({"reported_at": f"{day(25)}T12:00Z"}, "overdue", None, 20),
        ({"reported_at": f"{day(-1)}T12:00Z"}, "waiting", None, 0),
    ],
)
def test_days_to_the_report(
    changes: dict[str, object], report: str, took: int | None, waits: int | None
) -> None:
    """Days run from the event in the office's zone; who waits is counted since the office knew."""
    found = alleged(violation(**changes))
    assert found["report"].tolist() == [report]
    days = [found[name].iloc[0] for name in ("days_to_report", "days_waiting")]
    assert [None if one is pd.NA else one for one in days] == [took, waits]


def test_medians_carry_their_n_and_silence_is_no_zero() -> None:
    """Each period says how many are alleged and reported; without a report there is no median."""
    rows = alleged(
        violation(1, occurred_on=day(10), reported_to_rr_at=f"{day(8)}T12:00Z"),
        violation(2, occurred_on=day(30), reported_to_rr_at=f"{day(20)}T12:00Z"),
        violation(3, occurred_on=day(40), reported_to_rr_at=f"{day(45)}T12:00Z"),
        violation(4, occurred_on=day(2), reported_at=None),
        violation(5, occurred_on=day(400), reported_to_rr_at=f"{day(390)}T12:00Z", act="torture"),
        violation(6, occurred_on=day(100), act="torture"),
    )
    quarters = analysis.report_days(rows, on=ON, by="quarter").set_index("group")
    assert quarters.index.tolist() == ["earlier", "1", "2", "3", "4"]
    assert quarters["alleged"].tolist() == [1, 0, 0, 1, 4]
    assert quarters["reported"].tolist() == [1, 0, 0, 0, 2]
    last = quarters.loc["4"]
    assert (last["median"], last["shortest"], last["longest"]) == (6.0, 2, 10)
    assert (last["waiting"], last["overdue"], last["contradict"]) == (1, 0, 1)
    assert quarters.loc[["1", "3"], ["median", "shortest", "longest"]].isna().all(axis=None)
    assert quarters["last_day"].iloc[-1].date() == ON
    acts = analysis.report_days(rows, on=ON, by="act").set_index("group")
    assert acts["alleged"].to_dict() == {"killing": 4, "torture": 1}
    assert acts.loc["torture", "median"] is pd.NA


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 900), max_size=30))
def test_periods_hold_every_allegation_once(ages: list[int]) -> None:
    """Whatever the days, each allegation is in exactly one period, and acts cover the last four of them."""
    rows = alleged(*(violation(n, occurred_on=day(age)) for n, age in enumerate(ages)))
    quarters = analysis.report_days(rows, on=ON, by="quarter")
    assert quarters["alleged"].sum() == len(ages)
    within = quarters.loc[quarters["group"].ne("earlier"), "alleged"].sum()
    assert analysis.report_days(rows, on=ON, by="act")["alleged"].sum() == within


# --- Joined ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("3rd  Guard,  Órsa ", True), ("3RD GUARD, ORSA", True), ("3rd Guard, O\u0301rsa", True),
        ("3rd\u00a0Guard, Orsa\u200b", True), ("3rd Guards, Orsa", False), ("4th Guard, Orsa", False),
        ("Guard, Orsa", False), ("3rd Guard Orsa", False),
    ],
)  # fmt: skip
def test_units_are_the_same_only_if_written_alike(*, name: str, same: bool) -> None:
    """Case, accents and blanks do not part a unit; anything else does: a like name is another unit."""
    found = joined([support(recipient_unit="3rd Guard, Orsa")], violation(perpetrator_unit=name))
    assert found.supports["alleged_since"].tolist() == [int(same)]
    assert found.allegations["unmatched"].tolist() == ["" if same else "no_support"]


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=20))
def test_a_units_key_is_settled(name: str) -> None:
    """The key of a key is the key itself, and blanks or capitals around a name change nothing."""
    key = analysis.unit_key(name)
    assert analysis.unit_key(key) == key
    assert analysis.unit_key(f"  {name} ") == key


def test_a_link_wins_over_the_name() -> None:
    """A named support means its recipient, with all support to it; one that is not known changes nothing."""
    supports = [support(1), support(2, recipient_unit="Police"), support(3, recipient_unit="police")]
    found = joined(
        supports,
        violation(1, support="S2"),
        violation(2, support="S2", perpetrator_unit=None),
        violation(3, support="S9"),
        violation(4, perpetrator_unit=None),
        violation(5, perpetrator_unit="Police"),
    )
    pairs = set(found.pairs[["support", "allegation", "matched_by"]].itertuples(index=False, name=None))
    assert pairs == {
        ("S2", "V1", "link"), ("S3", "V1", "name"), ("S2", "V2", "link"), ("S3", "V2", "name"),
        ("S1", "V3", "name"), ("S2", "V5", "name"), ("S3", "V5", "name"),
    }  # fmt: skip
    told = found.allegations.set_index("record_id")
    assert told["link"].to_dict() == {
        "V1": "name_differs", "V2": "followed", "V3": "unknown", "V4": "none", "V5": "none",
    }  # fmt: skip
    assert told["unmatched"].to_dict() == {"V1": "", "V2": "", "V3": "", "V4": "no_unit", "V5": ""}


def test_ids_are_those_of_their_source() -> None:
    """Two sources that give the same id give two supports, and two allegations, which never mix."""
    supports = [support(1, source="a"), support(1, source="b", recipient_unit="Police", started_on=day(10))]
    found = joined(
        supports,
        violation(1, source="a", perpetrator_unit="Police", support="S1"),
        violation(1, source="b", perpetrator_unit="Guard"),
        violation(2, source="a", perpetrator_unit=None, support="S1"),
    )
    columns = ["support_source", "support", "allegation_source", "allegation", "matched_by", "since"]
    assert set(found.pairs[columns].itertuples(index=False, name=None)) == {
        ("b", "S1", "a", "V1", "link", "before_start"),
        ("a", "S1", "b", "V1", "name", "since_start"),
    }
    told = found.allegations[["source", "record_id", "link"]].itertuples(index=False, name=None)
    assert set(told) == {("a", "V1", "followed"), ("b", "V1", "none"), ("a", "V2", "unknown")}
    units = analysis.alleged_by_unit(found).set_index("unit")
    assert units.loc[["Guard", "Police"], ["since", "before"]].to_numpy().tolist() == [[1, 0], [0, 1]]


def test_since_and_before_the_support_began() -> None:
    """The first day belongs to the support; without one every allegation counts as since."""
    rows = [violation(n, occurred_on=day(ago), grave=n != 3) for n, ago in enumerate((99, 100, 101))]
    [known] = joined([support()], *rows).supports.itertuples()
    assert (known.alleged_since, known.alleged_before, known.grave_since) == (2, 1, 2)
    assert known.latest_since.date() == day(99)
    [unknown] = joined([support(started_on=None)], *rows).supports.itertuples()
    assert (unknown.alleged_since, unknown.alleged_before) == (3, 0)


def test_each_unit_once() -> None:
    """An allegation counts once for its unit however many supports it has; units without support follow."""
    units = analysis.alleged_by_unit(
        joined(
            [support(1), support(2, recipient_unit="GUARD", decision="ended"),
             support(3, recipient_unit="P")],
            violation(1, grave=True), violation(2, occurred_on=day(300)), violation(3, source_grade="D4"),
            violation(4, perpetrator_unit="Hill Watch", grave=True), violation(5, perpetrator_unit=None),
        )
    ).set_index("unit")  # fmt: skip
    assert units.index.fillna("nobody").tolist() == ["Guard", "P", "Hill Watch", "nobody"]
    assert units["supports"].tolist()[:3] == [2, 1, 0]
    assert units["given"].tolist()[0] == 1
    assert units.loc["Guard", ["since", "grave", "credible", "weak", "before"]].tolist() == [2, 1, 1, 1, 1]
    assert units.loc["P", ["since", "before"]].tolist() == [0, 0]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from(["Guard", "GUARD ", "Police", "Hill Watch", None]), max_size=12),
    st.lists(st.sampled_from(["Guard", "police", "Fire"]), max_size=4),
)
def test_no_allegation_is_lost_or_doubled(named: list[str | None], recipients: list[str]) -> None:
    """Every allegation is in exactly one unit's count, and is matched or listed as unmatched."""
    found = joined(
        [support(n, recipient_unit=unit) for n, unit in enumerate(recipients)],
        *(violation(n, perpetrator_unit=unit) for n, unit in enumerate(named)),
    )
    units = analysis.alleged_by_unit(found)
    assert int((units["since"] + units["before"]).sum()) == len(named)
    told = found.allegations
    assert (told["supports"].gt(0) == told["unmatched"].eq("")).all()
    assert len(found.pairs) == int(told["supports"].sum())


# --- Findings ----------------------------------------------------------------------------------------


def findings(supports: list[dict[str, object]], *violations: dict[str, object]) -> list[tuple[str, str]]:
    """Return support and finding."""
    rows = analysis.support_findings(joined(supports, *violations), on=ON)
    return list(rows[["support", "finding"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, True),
        ({"source_grade": "C3"}, True),
        ({"source_grade": "D2"}, False),
        ({"occurred_on": day(101)}, False),  # before the support
        ({"reported_at": f"{day(51)}T12:00Z", "occurred_on": day(60)}, False),  # reviewed since
        ({"reported_at": f"{day(50)}T12:00Z", "occurred_on": day(60)}, True),  # on the day of the review
        ({"reported_at": f"{day(49)}T12:00Z", "occurred_on": day(60)}, True),  # learnt of after the review
        ({"reported_at": None, "occurred_on": day(60)}, False),
    ],
)
def test_a_credible_allegation_that_no_review_has_seen(*, changes: dict[str, object], found: bool) -> None:
    """Credible, since the support began, and learnt of on the day of the last review or later."""
    assert findings([support()], violation(**changes)) == ([("S1", "credible_unreviewed")] if found else [])


@pytest.mark.parametrize("decision", ["suspended", "ended", "refused"])
def test_support_that_is_not_given_is_not_found(decision: str) -> None:
    """What was stopped needs no such decision; support that was never reviewed does."""
    assert findings([support(decision=decision)], violation()) == []
    assert findings([support(reviewed_on=None)], violation()) == [("S1", "credible_unreviewed")]


def test_other_findings_and_their_order() -> None:
    """Unjudged allegations, no decision, past its end and high risk without measures; the gravest first."""
    supports = [
        support(1, risk_rating="very_high"),
        support(2, recipient_unit="P", ended_on=day(1)),
        support(3, recipient_unit="Q", decision="proposed", risk_rating="high", mitigation="done: x"),
        support(4, recipient_unit="R", risk_rating=None, mitigation=" ; "),
        support(5, recipient_unit="T"),
        support(6, recipient_unit="U"),
    ]
    rows = [violation(1, perpetrator_unit="T", source_grade="F6"), violation(2, perpetrator_unit="U")]
    assert findings(supports, *rows) == [
        ("S6", "credible_unreviewed"), ("S5", "unjudged_unreviewed"), ("S3", "undecided"), ("S2", "past_end"),
        ("S1", "no_mitigation"), ("S4", "no_mitigation"),
    ]  # fmt: skip


def test_the_numbers_of_the_page() -> None:
    """Each number counts what it says: watched support, the last 12 months, and what was learnt since."""
    both = joined(
        [support(1, next_review_on=day(5)), support(2, recipient_unit="P", decision="suspended"),
         support(3, recipient_unit="Q", decision="refused")],
        violation(1, grave=True), violation(2, occurred_on=day(366), reported_to_rr_at=f"{day(360)}T12:00Z"),
        violation(3, perpetrator_unit="Q"), violation(4, perpetrator_unit="X", grave=True),
        violation(5, perpetrator_unit="P", reported_at=None),
    )  # fmt: skip
    measures = analysis.mitigation(both.supports, on=ON)
    since = datetime(*day(19).timetuple()[:3], 6, tzinfo=UTC)
    found = analysis.rights_numbers(both, measures, on=ON, since=since)
    assert (found.ongoing, found.suspended, found.reviews_overdue, found.longest_review) == (1, 1, 1, 5)
    assert (found.alleged_year, found.grave_year) == (2, 1)
    assert (found.new, found.new_grave, found.learnt_unknown) == (2, 1, 1)
    assert (found.waiting, found.unmatched) == (4, 1)
    assert (found.days.n, found.days.value) == (0, None)
    assert analysis.rights_numbers(both, measures, on=ON, since=None).new == 3


def test_empty_registers() -> None:
    """Without any record every frame has its columns and every number is 0 or unknown."""
    both = analysis.joined_by_unit(
        analysis.supports(empty(record_type("support")), on=ON),
        analysis.allegations(empty(record_type("violation")), on=ON, zone=ZONE),
    )
    measures = analysis.mitigation(both.supports, on=ON)
    assert analysis.support_findings(both, on=ON).empty
    assert analysis.alleged_by_unit(both).empty
    numbers = analysis.rights_numbers(both, measures, on=ON, since=None)
    assert (numbers.ongoing, numbers.waiting, numbers.longest_waiting, numbers.days.value) == (
        0,
        0,
        None,
        None,
    )


def test_registers_without_what_they_need_are_refused() -> None:
    """Rows without a decision or an act are an error that names the column; optional ones are not needed."""
    with pytest.raises(ParameterError, match="decision"):
        analysis.supports(frame("support", support()).drop(columns="decision"), on=ON)
    with pytest.raises(ParameterError, match="act"):
        analysis.allegations(frame("violation", violation()).drop(columns="act"), on=ON, zone=ZONE)
    bare = frame("support", support())[["record_id", "recipient_unit", "decision"]]
    rows = frame("violation", violation())[["record_id", "occurred_on", "act"]]
    both = analysis.joined_by_unit(
        analysis.supports(bare, on=ON), analysis.allegations(rows, on=ON, zone=ZONE)
    )
    assert both.allegations["unmatched"].tolist() == ["no_unit"]
    assert analysis.support_findings(both, on=ON)["finding"].tolist() == ["no_mitigation"]
