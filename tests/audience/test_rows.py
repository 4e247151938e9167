"""The first lock: what an audience may read of rows, columns and places."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audience.readers import INCIDENT, audience, incidents, rules, source
from workbench.audience import COUNTED, column_rule, labelled, may_name, may_read, readable
from workbench.config import COMPARTMENTS, LEVELS, Level, Source, Week
from workbench.records import record_names, record_type

WEEK = Week.parse("2026-W46", starts="monday")


@pytest.mark.parametrize(("held", "asked"), list(itertools.product(LEVELS, LEVELS)))
def test_a_row_is_read_only_up_to_the_readers_level(held: str, asked: str) -> None:
    """A row's level above the audience's hides the row, whatever the two levels are."""
    rows = incidents({"level": asked})
    assert may_read(rows, audience(level=held)).tolist() == [LEVELS.index(asked) <= LEVELS.index(held)]


@pytest.mark.parametrize("label", [None, "", "secret", "PUBLIC", "public "])
def test_a_missing_or_unknown_level_counts_as_the_highest(label: object) -> None:
    """Only those cleared for the highest level read a row whose label nobody can read."""
    rows = incidents({"level": label})
    assert not may_read(rows, audience(level="confidential", compartments=list(COMPARTMENTS))).any()
    assert may_read(rows, audience(level="strictly_confidential")).all()


def test_every_compartment_of_a_row_is_needed() -> None:
    """A reader with one of two compartments does not read the row; with both, they do."""
    rows = incidents({"compartments": "human_rights;protection"})
    assert not may_read(rows, audience(compartments=["human_rights"])).any()
    assert may_read(rows, audience(compartments=["human_rights", "protection"])).all()


def test_an_unknown_compartment_is_one_nobody_has() -> None:
    """A misspelt compartment hides the row from everyone, also from those with all compartments."""
    rows = incidents({"compartments": "human_right"})
    everything = audience(level="strictly_confidential", compartments=list(COMPARTMENTS))
    assert not may_read(rows, everything).any()
    # nor from one who was given a compartment that is none, past the check of the configuration
    careless = everything.model_copy(update={"compartments": (*COMPARTMENTS, "human_right")})
    assert not may_read(rows, careless).any()


def test_a_column_nobody_named_is_absent_not_blank() -> None:
    """Columns above the reader, in a compartment, too exact, or free text are not in the frame at all."""
    seen = readable(INCIDENT, incidents({}), rules(), week=WEEK)
    assert {"record_id", "headline", "narrative", "latitude", "longitude", "place_name"}.isdisjoint(
        seen.columns
    )
    assert seen["releasable_text"].tolist() == ["An attack was reported."]


def test_an_exact_place_needs_both_the_compartment_and_the_precision() -> None:
    """Coordinates appear only for a reader with exact_location whose places are exact."""
    rules = {
        (tuple(compartments), precision): column_rule(
            INCIDENT,
            INCIDENT.column("latitude"),
            audience(level="internal", compartments=compartments, place_precision=precision),
        ).read
        for compartments in ([], ["exact_location"])
        for precision in ("exact", "district", "area")
    }
    assert [key for key, read in rules.items() if read] == [(("exact_location",), "exact")]


def test_area_precision_hides_the_district_too() -> None:
    """A reader whose places are as coarse as the area sees no district."""
    seen = readable(INCIDENT, incidents({}), rules(place_precision="area"), week=WEEK)
    assert {"district", "district_name"}.isdisjoint(seen.columns)


def test_columns_the_store_adds_are_dropped() -> None:
    """What the record type does not declare never enters a view."""
    rows = incidents({}).assign(recorded_at="2026-11-16", extra_column="x")
    seen = readable(INCIDENT, rows, rules(level="strictly_confidential"), week=WEEK)
    assert set(seen.columns) <= set(INCIDENT.names)


def test_a_row_that_may_not_be_listed_keeps_only_what_counts_it() -> None:
    """A row whose licence allows counts only loses its day, texts, actors and place within the week."""
    everything = rules(
        level="strictly_confidential",
        compartments=list(COMPARTMENTS),
        place_precision="exact",
        free_text="full",
    )
    seen = readable(INCIDENT, incidents({"listable": False, "actor1": "Group"}), everything, week=WEEK)
    row = seen.iloc[0]
    assert row[[c for c in seen.columns if c not in COUNTED]].isna().all()
    assert row["occurred_on"] == pd.Timestamp(WEEK.first_day)
    assert row["occurred_to"] == pd.Timestamp(WEEK.first_day)
    assert row["date_precision"] == "week"
    assert row["district"] == "KS0101"


def test_an_unlistable_row_of_an_unknown_day_keeps_its_precision() -> None:
    """Coarsening a month-precise row to a week would invent a week it never had."""
    row = {
        "listable": False,
        "date_precision": "month",
        "occurred_on": "2026-11-01",
        "occurred_to": "2026-11-30",
    }
    seen = readable(INCIDENT, incidents(row), rules(), week=WEEK)
    assert seen["date_precision"].tolist() == ["month"]
    assert seen["occurred_on"].dt.day.tolist() == [1]


def test_a_source_without_a_level_is_not_named_to_others() -> None:
    """That a source exists is itself held back from readers below its label."""
    source = Source(
        slug="s",
        title="S",
        record="incident",
        reader="table",
        path="x",
        licence="l",
        attribution="a",
        level=None,
    )
    assert not may_name(source, audience(level="confidential"))
    assert may_name(source, audience(level="strictly_confidential"))


@pytest.mark.parametrize("name", record_names())
def test_reading_more_never_shows_less(name: str) -> None:
    """For every record type, a higher level, more compartments or full text only ever add columns."""
    record = record_type(name)
    ladder = [
        audience(),
        audience(level="internal"),
        audience(level="confidential", free_text="full"),
        audience(level="confidential", free_text="full", compartments=["exact_location"],
                 place_precision="exact"),
        audience(level="strictly_confidential", free_text="full", compartments=list(COMPARTMENTS),
                 place_precision="exact"),
    ]  # fmt: skip
    columns = [{c.name for c in record.columns if column_rule(record, c, one).read} for one in ladder]
    assert all(less <= more for less, more in itertools.pairwise(columns))
    in_no_edition = record.sealed or name in {"correction", "delivery", "label_change"}
    assert columns[-1] == (set() if in_no_edition else set(record.names))


@given(
    level=st.sampled_from([*LEVELS, "", "odd"]),
    compartments=st.lists(st.sampled_from([*COMPARTMENTS, "odd"]), unique=True),
    clearance=st.sampled_from(LEVELS),
    held=st.lists(st.sampled_from(COMPARTMENTS), unique=True),
)
def test_the_rule_of_reading(level: str, compartments: list[str], clearance: str, held: list[str]) -> None:
    """A row is read exactly when its level is not above the reader's and every compartment is held."""
    rows = incidents({"level": level, "compartments": ";".join(compartments) or None})
    height = Level[level.upper()] if level in LEVELS else Level.STRICTLY_CONFIDENTIAL
    expected = height <= Level[clearance.upper()] and set(compartments) <= set(held)
    assert may_read(rows, audience(level=clearance, compartments=held)).tolist() == [expected]


def test_a_source_labelled_higher_today_raises_rows_stored_yesterday() -> None:
    """What the configuration says now holds for every row, and never lowers one; odd words stay unknown."""
    rows = incidents({"level": "public"}, {"level": "confidential"}, {"level": "odd"}, {"level": None})
    raised = labelled(rows, [source(level="internal", compartments=["protection"])], INCIDENT)
    assert raised["level"].fillna("-").tolist() == ["internal", "confidential", "odd", "-"]
    assert raised["compartments"].tolist() == ["protection"] * 4
    assert labelled(rows, [source(level=None)], INCIDENT)["level"].equals(rows["level"])
    unknown = labelled(incidents({"compartments": "XX"}), [source(compartments=["protection"])], INCIDENT)
    assert unknown["compartments"].tolist() == ["XX;protection"]
    told = incidents({"listable": True}, {"listable": False}, {"source": "gone", "listable": True})
    assert labelled(told, [source()], INCIDENT)["listable"].tolist() == [True, False, True]
    assert labelled(told, [source(listable=False)], INCIDENT)["listable"].tolist() == [False, False, True]


def test_rows_of_a_source_nobody_configures_are_held_highest() -> None:
    """A source taken out of workbench.toml does not leave its rows to whoever could read them before."""
    rows = incidents({"source": "gone"}, {"source": "meridian"}, {"source": None})
    held = labelled(rows, [source()], INCIDENT)
    assert held["level"].tolist() == ["strictly_confidential", "public", "strictly_confidential"]
    assert labelled(rows.iloc[:0], [source()], INCIDENT).empty


def test_an_unlistable_row_of_no_single_week_keeps_only_its_months() -> None:
    """A row that may only be counted tells no day, also where it spans weeks or its day is not known."""
    spans = {
        "listable": False,
        "date_precision": "days",
        "occurred_on": "2026-10-28",
        "occurred_to": "2026-11-12",
    }
    month = {
        "listable": False,
        "date_precision": "month",
        "occurred_on": "2026-11-07",
        "occurred_to": "2026-11-07",
    }
    seen = readable(INCIDENT, incidents(spans, month), rules(), week=WEEK)
    assert seen["date_precision"].tolist() == ["longer", "month"]
    assert seen["occurred_on"].dt.strftime("%m-%d").tolist() == ["10-01", "11-01"]
    assert seen["occurred_to"].dt.strftime("%m-%d").tolist() == ["11-30", "11-30"]


def test_a_headline_is_read_as_free_text_is() -> None:
    """A publisher's line that nobody wrote for release is absent for those who get released text only."""
    for free_text, read in (("full", True), ("releasable", False)):
        reader = audience(level="confidential", free_text=free_text)
        assert column_rule(INCIDENT, INCIDENT.column("headline"), reader).read is read


def test_a_row_that_may_only_be_counted_is_counted_once_with_its_group() -> None:
    """The neutral code of a merged incident stays on a row that may not be listed, for every reader."""
    seen = readable(INCIDENT, incidents({"listable": False, "dup_group": "g1"}), rules(), week=WEEK)
    assert seen["dup_group"].tolist() == ["g1"]
    assert "dup_group" in COUNTED


def test_columns_that_are_not_given_stay_absent() -> None:
    """Of a past state only some columns are given; the others are not made up."""
    few = incidents({})[["source", "level", "compartments", "listable", "killed_best", "narrative"]]
    seen = readable(INCIDENT, few, rules(), week=WEEK)
    assert seen.columns.tolist() == ["source", "level", "compartments", "listable", "killed_best"]
    closed = readable(INCIDENT, few.assign(listable=False), rules(), week=WEEK)
    assert closed.columns.tolist() == seen.columns.tolist()


@pytest.mark.parametrize("starts", ["monday", "saturday", "sunday"])
def test_a_row_that_may_only_be_counted_tells_its_week_by_the_offices_rule(starts: str) -> None:
    """Whatever its day, first and last day become the first day of the week that it fell in."""
    week = Week.parse("2026-W46", starts=starts)
    days = [week.first_day + timedelta(days=n) for n in range(-8, 9)]
    rows = [{"listable": False, "occurred_on": str(day), "occurred_to": str(day)} for day in days]
    seen = readable(INCIDENT, incidents(*rows), rules(), week=week)
    first = [pd.Timestamp(Week.holding(day, starts=starts).first_day) for day in days]
    assert seen["occurred_on"].tolist() == first
    assert seen["occurred_to"].tolist() == first


@pytest.mark.parametrize(
    ("precision", "lasts", "told"),
    [
        ("day", None, ("11-09", "11-09", "week")),
        ("week", 6, ("11-09", "11-09", "week")),
        ("days", 6, ("11-09", "11-09", "week")),
        ("days", 7, ("11-01", "11-30", "longer")),
        ("month", 0, ("11-01", "11-30", "month")),
        (None, 0, ("11-01", "11-30", None)),
    ],
)
def test_what_is_told_of_the_days_of_a_row_that_may_only_be_counted(precision, lasts, told):
    """Up to seven days become their week, more days and days not known closely become their months."""
    first = pd.Timestamp("2026-11-11")
    last = None if lasts is None else f"{first + pd.Timedelta(days=lasts):%Y-%m-%d}"
    row = {"listable": False, "date_precision": precision, "occurred_on": "2026-11-11", "occurred_to": last}
    one = readable(INCIDENT, incidents(row), rules(), week=WEEK).iloc[0]
    said = one["date_precision"]
    kept = None if pd.isna(said) else said
    assert (f"{one['occurred_on']:%m-%d}", f"{one['occurred_to']:%m-%d}", kept) == told


def test_of_rows_side_by_side_each_keeps_what_it_may() -> None:
    """A row that may be listed keeps all, beside one that may not and one that does not say."""
    rows = incidents({}, {"listable": False}, {"listable": None}, {"level": "internal"}, {})
    rows.index = pd.Index([7, 7, 3, 2, 1])
    seen = readable(INCIDENT, rows, rules(), week=WEEK)
    assert seen.index.tolist() == [0, 1, 2, 3]
    text = "An attack was reported."
    assert seen["releasable_text"].fillna("-").tolist() == [text, "-", "-", text]
    assert seen["occurred_on"].dt.day.tolist() == [11, 9, 9, 11]
    assert seen["occurred_to"].dt.day.tolist() == [11, 9, 9, 11]
    assert seen["date_precision"].tolist() == ["day", "week", "week", "day"]


def test_rows_that_cannot_say_whether_they_may_be_listed_may_not() -> None:
    """Without the column every row is closed; without what coarsens its days no row comes back at all."""
    rows = incidents({}, {}).drop(columns="listable")
    seen = readable(INCIDENT, rows, rules(), week=WEEK)
    assert seen["releasable_text"].isna().all()
    assert seen["occurred_on"].tolist() == [pd.Timestamp(WEEK.first_day)] * 2
    with pytest.raises(KeyError):
        readable(INCIDENT, rows.drop(columns="date_precision"), rules(), week=WEEK)


def test_rows_of_other_types_that_may_only_be_counted_keep_what_counts_them() -> None:
    """An alert of a closed licence keeps what is counted by, and no text; of its day the week remains."""
    alert, table = record_type("alert"), rules(level="internal")
    row = incidents({"listable": False}).reindex(columns=list(alert.names))
    seen = readable(alert, row, table, week=WEEK)
    assert seen["occurred_on"].tolist() == [pd.Timestamp("2026-11-09")]
    absent = [name for name in seen if table.rule("alert", name).unlisted == "absent"]
    assert absent
    assert seen[absent].isna().all(axis=None)


def test_nothing_comes_back_of_what_has_no_readable_column() -> None:
    """Of a sealed type not even the number of rows comes back."""
    everything = rules(level="strictly_confidential", compartments=list(COMPARTMENTS), free_text="full",
                       place_precision="exact")  # fmt: skip
    sealed = record_type("interlocutor")
    rows = incidents({}, {}).reindex(columns=list(sealed.names))
    seen = readable(sealed, rows, everything, week=WEEK)
    assert seen.shape == (0, 0)
    assert (seen.index.tolist(), seen.columns.dtype) == ([], "object")
