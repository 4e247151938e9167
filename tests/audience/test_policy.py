"""The policy: one rule for each column, what an office may change of them, and what it may not."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audience.readers import INCIDENT, audience, incidents, office, rules, sample_office, source
from workbench.audience import COUNTED, labelled, may_name, may_read, policy, readable, reads_everything
from workbench.config import COMPARTMENTS, LEVELS, Level, Week, level
from workbench.errors import ConfigurationError, UnknownName
from workbench.records import empty, record_names, record_type

WEEK = Week.parse("2026-W46", starts="monday")
ALL = list(COMPARTMENTS)
EVERYTHING = {
    "level": "strictly_confidential", "compartments": ALL, "free_text": "full", "place_precision": "exact",
}  # fmt: skip
ACT = {"lowered_by": "Head of office", "lowered_on": date(2026, 11, 1), "because": "It is public anyway"}


@pytest.mark.parametrize(
    ("column", "changes", "reason"),
    [
        ("incident.event_type", {}, "read"),
        ("incident.actor1", {}, "level"),
        ("incident.actor1", {"level": "internal"}, "read"),
        ("incident.place_name", {"level": "internal"}, "compartment"),
        ("incident.place_name", {"level": "internal", "compartments": ["exact_location"]}, "place_precision"),
        ("incident.district", {"place_precision": "area"}, "place_precision"),
        ("incident.narrative", {"level": "confidential"}, "free_text"),
        ("incident.headline", {"level": "internal"}, "free_text"),
        ("incident.narrative", {"level": "confidential", "free_text": "full"}, "read"),
        ("incident.event_type", {"count_threshold": 5}, "count_threshold"),
        ("assessment.text", {"count_threshold": 5}, "read"),
        ("support.source", {"level": "strictly_confidential", "free_text": "full"}, "compartment"),
        ("support.source", {**EVERYTHING, "level": "confidential"}, "level"),
        ("support.source", EVERYTHING, "read"),
        ("interlocutor.source", EVERYTHING, "sealed"),
        ("delivery.digest", EVERYTHING, "book"),
        ("label_change.reason", EVERYTHING, "book"),
    ],
)
def test_the_first_rule_that_closes_a_column_is_its_reason(column, changes, reason):
    """Seal, book, level, compartment, counts, place and text are asked in this order, and the first holds."""
    assert rules(**changes).rule(*column.split(".")).reason == reason


def test_every_column_of_every_record_type_has_one_rule() -> None:
    """Nothing is decided by default: what is in no rule is in no edition."""
    table = rules()
    columns = [(name, column) for name in record_names() for column in record_type(name).names]
    assert [(rule.record, rule.column) for rule in table.rules] == columns
    with pytest.raises(UnknownName):
        table.rule("incident", "batch")


@pytest.mark.parametrize("name", record_names())
def test_a_table_is_as_its_rules_say(name: str) -> None:
    """What `readable` leaves of a row is exactly the columns whose rule says so, and no row without any."""
    record, week = record_type(name), WEEK
    row = {"level": "public", "compartments": None, "listable": True}
    rows = pd.concat([empty(record), pd.DataFrame([row]).astype({"level": "str", "listable": "boolean"})])
    rows = rows[list(record.names)].astype({n: empty(record)[n].dtype for n in record.names})
    for changes in ({}, {"level": "internal"}, EVERYTHING, {"count_threshold": 5}):
        table = rules(**changes)
        seen = readable(record, rows, table, week=week)
        assert tuple(seen.columns) == table.columns(name)
        assert len(seen) == (1 if table.columns(name) else 0)


def test_ids_are_codes_for_all_who_do_not_read_everything() -> None:
    """Ids and references to them are as stored only for those to whom nothing is closed; names never are."""
    internal, everything = rules(level="confidential", free_text="full"), rules(**EVERYTHING)
    assert {"record_id", "left_id", "right_id"} <= set(internal.pseudonyms("duplicate_decision"))
    assert everything.pseudonyms("duplicate_decision") == ()
    assert everything.pseudonyms("liaison_entry") == ("name_ref",)
    assert everything.reads_everything
    assert reads_everything(everything.audience)
    assert not rules(**{**EVERYTHING, "compartments": ALL[1:]}).reads_everything


def test_what_remains_of_a_row_that_may_only_be_counted_is_said_as_it_is() -> None:
    """The rule of each column says what `readable` does to it in a row whose licence allows counts only."""
    table = rules(**EVERYTHING)
    seen = readable(
        INCIDENT, incidents({"listable": False, "actor1": "Group", "notes": "x"}), table, week=WEEK
    )
    for rule in (table.rule("incident", name) for name in seen.columns):
        if rule.unlisted == "absent":
            assert seen[rule.column].isna().all()
        assert (rule.unlisted == "absent") == (rule.column not in COUNTED)
    weekly = [rule.column for rule in table.rules if rule.record == "incident" and rule.unlisted == "week"]
    assert weekly == ["occurred_on", "occurred_to", "date_precision"]
    assert seen["occurred_on"].tolist() == [pd.Timestamp(WEEK.first_day)]


# ---- what an office may change -------------------------------------------------------------------


def entry(column: str = "incident.event_type", **said: object) -> dict[str, object]:
    """One [[column]] entry."""
    record, _, name = column.partition(".")
    return {"record": record, "column": name, **said}


def test_an_office_may_raise_a_column_without_a_word() -> None:
    """A raised level or an added compartment holds at once, for exactly those it is meant for."""
    raised = entry(level="internal", compartments=("protection",))
    assert rules(raised).rule("incident", "event_type").reason == "level"
    assert rules(raised, level="internal").rule("incident", "event_type").reason == "compartment"
    assert rules(raised, level="internal", compartments=["protection"]).rule("incident", "event_type").read
    seen = readable(INCIDENT, incidents({}), rules(raised), week=WEEK)
    assert "event_type" not in seen


def test_days_are_coarsened_also_by_columns_that_are_not_read() -> None:
    """A reader without the last day of an event still gets the week, not the day, of a row to be counted."""
    raised = entry("incident.occurred_to", level="confidential")
    seen = readable(INCIDENT, incidents({"listable": False}), rules(raised), week=WEEK)
    assert "occurred_to" not in seen
    assert seen["occurred_on"].tolist() == [pd.Timestamp(WEEK.first_day)]


def test_an_office_may_lower_a_column_on_record_only() -> None:
    """Lowering without who, when and why stops everything; with them it holds."""
    for lowered in (entry("incident.actor1", level="public"), entry("incident.place_name", compartments=())):
        with pytest.raises(ConfigurationError, match=r"lowers what the column needs.*lowered_by"):
            rules(lowered)
    lowered = entry("incident.actor1", level="public", **ACT)
    assert rules(lowered).rule("incident", "actor1").read
    assert rules(lowered).digest != rules().digest


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (entry("incidents.actor1", level="internal"), "no record type.*incidents.*Known: .*incident"),
        (entry("incident.actor", level="internal"), 'has no column "actor".*actor1'),
        (entry("incident.level", level="internal"), "every row is handled by this column"),
        (entry("interlocutor.role", level="strictly_confidential"), "is in no edition"),
        (entry("delivery.digest", level="confidential"), "is in no edition"),
        (entry("support.activity", level="internal", **ACT), "at least, so a lower level has no effect"),
        (entry("support.activity", compartments=(), **ACT), "leaving that out has no effect"),
        (entry("incident.actor1", level="public", **ACT | {"lowered_on": date(2031, 1, 1)}), "in the future"),
    ],
)
def test_an_entry_that_cannot_hold_is_refused(said, message):
    """A misspelt name, a label without effect, or an act of tomorrow never passes as if it had been done."""
    with pytest.raises(ConfigurationError, match=message):
        rules(said)


@settings(deadline=None, max_examples=40)  # an office is read anew for each case
@given(
    asked=st.sampled_from(LEVELS),
    named=st.lists(st.sampled_from(COMPARTMENTS), unique=True),
    column=st.sampled_from(["event_type", "actor1", "place_name", "narrative", "external_ids"]),
)
def test_without_an_act_no_entry_opens_anything(asked: str, named: list[str], column: str) -> None:
    """Whatever an entry says, the columns any reader sees do not grow unless the lowering is on record."""
    said = entry(f"incident.{column}", level=asked, compartments=tuple(named))
    readers = [audience(level=one, compartments=held) for one in LEVELS for held in ([], ALL)]
    try:
        made = [policy(office(said), reader) for reader in readers]
    except ConfigurationError:
        own = INCIDENT.column(column)
        assert level(asked) < own.level or not set(own.compartments) <= set(named)
        return
    for table in made:
        before = policy(sample_office(), table.audience).columns("incident")
        assert set(table.columns("incident")) <= set(before)


def test_a_policy_is_told_apart_by_all_that_it_decides() -> None:
    """Its digest differs when the audience's entry or any column's rule does, and is the same otherwise."""
    made = [
        rules(), rules(level="internal"), rules(count_threshold=5), rules(place_precision="area"),
        rules(entry(level="internal")), rules(entry("incident.occurred_to", level="internal")),
    ]  # fmt: skip
    assert len({table.digest for table in made}) == len(made)
    same = rules(recipients=["desk@example.org"], release="one_person", briefings=["weekly_conflict"])
    assert same.digest == rules().digest


# ---- floors --------------------------------------------------------------------------------------


def test_a_source_of_a_closed_type_is_named_to_its_readers_only() -> None:
    """Whatever its own label, a source is not named to who may not read its record type."""
    support = source(record="support", level="public")
    assert not may_name(support, audience(level="strictly_confidential"))
    assert not may_name(support, audience(**{**EVERYTHING, "level": "confidential"}))
    assert may_name(support, audience(level="strictly_confidential", compartments=["human_rights"]))
    sealed = source(record="interlocutor", level="public")
    assert not may_name(sealed, audience(level="strictly_confidential", compartments=["source_identity"]))
    assert may_name(sealed, audience(**EVERYTHING))
    assert not may_name(source(record="nothing_known", level="public"), audience(level="confidential"))


@pytest.mark.parametrize("name", ["support", "violation", "interlocutor", "label_change"])
def test_rows_have_at_least_the_label_of_their_type(name: str) -> None:
    """A row of a closed type that says it is public, from a source that says so too, stays closed."""
    record = record_type(name)
    rows = incidents({"source": "s"})[["source", "record_id", "level", "compartments", "listable"]]
    held = labelled(rows, [source(slug="s", record=name, level="public")], record)
    assert not may_read(held, audience(level="strictly_confidential")).any()
    assert not may_read(held, audience(**{**EVERYTHING, "level": "confidential"})).any()
    assert may_read(held, audience(**EVERYTHING)).all() == (not record.sealed)


@pytest.mark.parametrize("name", ["support", "interlocutor"])
def test_what_is_told_about_closed_rows_is_closed_with_them(name: str) -> None:
    """A rejected row of a closed source is closed like its rows, and one of a sealed source to all."""
    rows = incidents({"source": "s", "level": "internal"})
    told = labelled(rows, [source(slug="s", record=name, level="internal")], record_type("rejected_row"))
    assert not may_read(told, audience(level="strictly_confidential")).any()
    assert may_read(told, audience(**EVERYTHING)).tolist() == [name != "interlocutor"]


@given(
    row=st.sampled_from([*LEVELS, "odd"]),
    own=st.sampled_from([None, *LEVELS]),
    named=st.lists(st.sampled_from(COMPARTMENTS), unique=True),
    record=st.sampled_from(["incident", "support", "label_change"]),
)
def test_no_label_is_below_its_floors(row: str, own: str | None, named: list[str], record: str) -> None:
    """After labelling, level and compartments hold all of the row's, its source's and its type's."""
    kind = record_type(record)
    rows = incidents({"source": "s", "level": row, "compartments": "personnel"})
    held = labelled(rows, [source(slug="s", record=record, level=own, compartments=named)], kind).iloc[0]
    if row in LEVELS:
        assert level(held["level"]) == max(level(row), kind.level, level(own) if own else Level.PUBLIC)
    else:
        assert held["level"] == row  # unknown: counts as the highest
    assert set(held["compartments"].split(";")) == {"personnel", *named, *kind.compartments}
