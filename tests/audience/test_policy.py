"""The policy: one rule for each column, what an office may change of them, and what it may not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

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
        ("incident.event_type", {"count_threshold": 2}, "count_threshold"),
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
    assert list(table.records) == list(record_names())
    with pytest.raises(UnknownName) as told:
        table.rule("incident", "batch")
    known = ", ".join(sorted(INCIDENT.names))
    assert str(told.value) == f'There is no column of incident "batch". Known: {known}.'


def test_a_rule_tells_what_its_column_needs_and_how_it_is_read() -> None:
    """Level and compartments are the stricter of type and column, and each says how it is read."""
    for reader in ({}, EVERYTHING):
        table = rules(**reader)
        for rule in table.rules:
            record = record_type(rule.record)
            column = record.column(rule.column)
            assert rule.level == max(record.level, column.level)
            assert set(rule.compartments) == {*record.compartments, *column.compartments}
            assert list(rule.compartments) == sorted(rule.compartments, key=ALL.index)
            names_a_person = column.refers_to == "interlocutor"
            names_a_row = column.name == "record_id" or bool(column.refers_to)
            coded = names_a_person or (names_a_row and not table.reads_everything)
            assert rule.change == ("pseudonym" if coded else "full")
            days = {"occurred_on", "occurred_to", "date_precision"}
            kept = "week" if rule.column in days else "full"
            assert rule.unlisted == (kept if rule.column in COUNTED else "absent")


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


def test_an_entry_that_lowers_nothing_needs_no_act() -> None:
    """A compartment more with no word of the level, or the level as it is: nobody has to answer for that."""
    for said in ({"compartments": ("protection",)}, {"level": "internal", "compartments": ("protection",)}):
        table = rules(entry("incident.actor1", **said), level="internal", compartments=["protection"])
        assert table.rule("incident", "actor1").read
        assert table.rule("incident", "actor1").compartments == ("protection",)


def test_days_are_coarsened_also_by_columns_that_are_not_read() -> None:
    """A reader without the last day of an event still gets the week, not the day, of a row to be counted."""
    raised = entry("incident.occurred_to", level="confidential")
    seen = readable(INCIDENT, incidents({"listable": False}), rules(raised), week=WEEK)
    assert "occurred_to" not in seen
    assert seen["occurred_on"].tolist() == [pd.Timestamp(WEEK.first_day)]


def test_an_office_may_lower_a_column_on_record_only() -> None:
    """Lowering without who, when and why stops everything; with them it holds."""
    with pytest.raises(ConfigurationError, match=r"lowers what the column needs.*lowered_by"):
        rules(entry("incident.actor1", level="public"))
    lowered = entry("incident.actor1", level="public", **ACT)
    assert rules(lowered).rule("incident", "actor1").read
    assert rules(lowered).digest != rules().digest


ON_RECORD = (
    "That is an act on record: add lowered_by (a function), lowered_on (the day) and because (the reason), "
    "or raise it."
)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            entry("incidents.actor1", level="internal"),
            f'there is no record type "incidents". Known: {", ".join(record_names())}.',
        ),
        (
            entry("incident.actor", level="internal"),
            f'incident has no column "actor". It has: {", ".join(INCIDENT.names)}.',
        ),
        (
            entry("incident.level", level="internal"),
            "every row is handled by this column, so what it needs cannot be changed. Label the rows or "
            "their source instead, and take the entry out.",
        ),
        (
            entry("interlocutor.role", level="strictly_confidential"),
            "interlocutor is in no edition, whatever its columns need. Take the entry out.",
        ),
        (
            entry("delivery.digest", level="confidential"),
            "delivery is in no edition, whatever its columns need. Take the entry out.",
        ),
        (
            entry("support.activity", level="internal", **ACT),
            "every row of support is held at strictly_confidential at least, so a lower level has no effect. "
            "Take it out.",
        ),
        (
            entry("support.activity", compartments=(), **ACT),
            "every row of support needs human_rights, so leaving that out has no effect. Name it too.",
        ),
        (
            entry("incident.actor1", level="public", **ACT | {"lowered_on": date(2031, 1, 1)}),
            "lowered_on lies in the future. Give the day of the decision.",
        ),
        (
            entry("incident.actor1", level="public"),
            f"lowers what the column needs (level from internal to public). {ON_RECORD}",
        ),
        (
            entry("incident.place_name", compartments=()),
            f"lowers what the column needs (without the compartment exact_location). {ON_RECORD}",
        ),
        (
            entry("incident.place_name", level="public", compartments=("protection",)),
            "lowers what the column needs (level from internal to public, without the compartment "
            f"exact_location). {ON_RECORD}",
        ),
    ],
)
def test_an_entry_that_cannot_hold_is_refused_and_says_where_and_what_to_do(said, message):
    """A misspelt name, a label without effect or one lowered by nobody never passes as if done."""
    with pytest.raises(ConfigurationError) as told:
        rules(said)
    where, _, what = str(told.value).partition(" lowers" if " lowers" in str(told.value) else ": ")
    assert where == f"[[column]] {said['record']}.{said['column']}"
    assert what == message.removeprefix("lowers")


def test_one_stricter_and_one_laxer_word_is_a_lowering() -> None:
    """A column that is raised in level but loses a compartment is lowered, and so the other way round."""
    for said in (
        {"level": "strictly_confidential", "compartments": ()},
        {"level": "public", "compartments": ("exact_location", "protection")},
    ):
        with pytest.raises(ConfigurationError, match="lowers what the column needs"):
            rules(entry("incident.place_name", **said))


def test_an_act_holds_from_its_day_on_by_the_offices_clock() -> None:
    """A decision of today holds today; one of tomorrow does not, though it is tomorrow elsewhere already."""
    said = entry("incident.actor1", level="public", **ACT | {"lowered_on": date(2026, 11, 16)})
    one_hour_past_midnight_utc = datetime(2026, 11, 16, 1, tzinfo=UTC)
    today, yesterday = one_hour_past_midnight_utc + timedelta(hours=6), one_hour_past_midnight_utc
    assert policy(office(said, fixed_clock=today), audience()).rule("incident", "actor1").read
    with pytest.raises(ConfigurationError, match="lies in the future"):
        policy(office(said, fixed_clock=yesterday), audience())


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


def test_rows_of_a_source_whose_type_nobody_knows_are_read_by_nobody() -> None:
    """A source of a record type that is not there is taken as sealed: to be named to one who reads all."""
    odd = source(slug="s", record="nothing_known", level="public")
    held = labelled(incidents({"source": "s"}), [odd], INCIDENT)
    assert held["level"].tolist() == ["strictly_confidential"]
    assert held["compartments"].tolist() == [";".join([*ALL, "sealed"])]
    assert not may_read(held, audience(**EVERYTHING)).any()
    assert may_name(odd, audience(**EVERYTHING))
    assert not may_name(odd, audience(level="strictly_confidential", compartments=ALL[1:]))


def test_sealed_rows_are_sealed_whatever_their_source_says_it_delivers() -> None:
    """Rows of a sealed type whose source is now configured for another type are still read by nobody."""
    rows = incidents({"source": "s", "level": "public"})
    held = labelled(rows, [source(slug="s", level="public")], record_type("interlocutor"))
    assert held["compartments"].tolist() == ["source_identity;sealed"]
    assert not may_read(held, audience(**EVERYTHING)).any()
