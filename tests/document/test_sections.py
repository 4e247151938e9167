"""Sections: small frames in, blocks out; missing columns and empty frames are usual."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd
import pytest
import shapely

from workbench import analysis, language
from workbench.blocks import Actions, Block, Callout, Judgement, KeyFigures, Table, Text
from workbench.config import Week
from workbench.document import sections
from workbench.records import DTYPES, record_names, record_type
from workbench.view import AreaSeen, AudienceSeen, Edition, OfficeSeen, View

WEEK = Week.parse("2026-W46", starts="monday")
MONDAY, SUNDAY = WEEK.first_day, WEEK.last_day
CODES, NAMES = ("A", "B", "C"), ("Ada", "Bor", "Cil")
NOTHING: tuple[dict[str, Any], ...] = ()


def frame(record: str, *rows: dict[str, Any], without: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return rows of a record type with its columns and types; what a row does not give is missing."""
    columns = [column for column in record_type(record).columns if column.name not in without]
    return pd.DataFrame(
        {c.name: pd.Series([row.get(c.name) for row in rows], dtype=DTYPES[c.kind]) for c in columns}
    )


def incident(**given: Any) -> dict[str, Any]:
    """Return an incident of the week's Tuesday in district A."""
    return {
        "source": "log", "record_id": str(given), "occurred_on": "2026-11-10", "date_precision": "day",
        "event_type": "armed_clash", "district": "A", "listable": True, **given,
    }  # fmt: skip


def edition(
    *,
    incidents: pd.DataFrame | None = None,
    assessment: pd.DataFrame | None = None,
    records: tuple[str, ...] = ("incident", "liaison_entry", "commitment", "programme_site", "alert"),
    place: Literal["exact", "district", "area"] = "district",
    last_dated: str | None = "2026-11-15",
    **view_given: Any,
) -> Edition:
    """Return an edition of an invented area of three districts, whose only publisher is `log`."""
    slugs = ["log", *(name for name in records if name != "incident")]
    sources = pd.DataFrame(
        {
            "source": slugs,
            "title": ["The log", *slugs[1:]],
            "record": ["incident", *slugs[1:]],
            "licence": "Free.",
            "attribution": "The office",
            "max_age_days": 8,
            "delivered_at": pd.Series([datetime(2026, 11, 1, tzinfo=UTC)] * len(slugs)),
            "last_dated": pd.Series([last_dated] * len(slugs), dtype="datetime64[s]"),
            "read": 1,
            "rejected": 0,
            "unmatched": 0,
        }
    )
    rows = frame("incident") if incidents is None else incidents
    tables = {
        "incident": rows,
        "incident.before": rows.iloc[:0],
        "assessment": frame("assessment") if assessment is None else assessment,
        **{
            name: frame(name) for name in record_names() if name not in {"incident", "assessment", "delivery"}
        },
    }
    seen = View(
        office=OfficeSeen(
            name="Office",
            prepared_by="Desk",
            standing_note="",
            fictional=True,
            likelihood_scale="icd203",
            time_zone="UTC",
            boundaries="Drawn by hand.",
        ),
        area=AreaSeen("area", "The {area}", CODES, 14, ("log",)),
        audience=AudienceSeen("readers", "Readers", "INTERNAL", view_given.get("free_text", "full"), place),
        week=WEEK,
        as_of=datetime(2026, 11, 16, 6, tzinfo=UTC),
        compared_with=view_given.get("compared_with", datetime(2026, 11, 9, 6, tzinfo=UTC)),
        on=SUNDAY,
        week_is_over=True,
        tables=MappingProxyType(tables),
        sources=sources,
        districts=pd.DataFrame(
            {
                "district": CODES,
                "district_name": NAMES,
                "geometry": [shapely.box(n, 0, n + 1, 1) for n in range(3)],
            }
        ),
    )
    return Edition(seen, language.words("en"))


def contact(**days_ago: int) -> pd.DataFrame:
    """Return the contact of the three districts; none given, these readers have no log."""
    entries = frame(
        "liaison_entry",
        *(
            {"district": code, "occurred_on": pd.Timestamp(SUNDAY) - pd.Timedelta(days=n)}
            for code, n in days_ago.items()
        ),
    )
    return analysis.last_contact(entries if days_ago else None, districts=CODES, on=SUNDAY)


def words_of(*blocks: Block) -> str:
    """Return the words of texts, callouts and tables, cell by cell."""
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Text):
            found += [run.text for paragraph in block.paragraphs for run in paragraph.runs]
        elif isinstance(block, Callout):
            found += [block.lead, block.text]
        elif isinstance(block, Table):
            found += [cell.text for row in block.rows for cell in row] + [block.note]
    return " | ".join(found)


def one_table(blocks: list[Block]) -> Table:
    """Return the only block, a table."""
    (block,) = blocks
    assert isinstance(block, Table)
    return block


def labels(table: Table) -> list[str]:
    """Return the headings of a table's columns."""
    return [column.label for column in table.columns]


# --- The numbers ------------------------------------------------------------------------------------


def figures(
    made: Edition, heard: pd.DataFrame, *, reached: bool = True
) -> tuple[KeyFigures, analysis.KeyNumbers]:
    """Return the key figures of an edition, as the notebook makes them."""
    counted = made.view.counted
    span: dict[str, Any] = {"districts": CODES, "first_day": WEEK.back(52).first_day, "weeks": 53}
    weekly, total = analysis.weekly(counted, **span), analysis.weekly_total(counted, **span)
    states = analysis.states(weekly[weekly["week"] == str(MONDAY)], heard, reached=reached)
    overall = analysis.assess(total, week=MONDAY, states=analysis.state_of_all(states))
    numbers = analysis.key_numbers(counted, districts=CODES, week=MONDAY)
    return sections.key_figures(made, numbers=numbers, total=overall, contact=heard), numbers


def test_key_figures_of_a_week() -> None:
    """Incidents, deaths with their range and civilians as a part, aid, and districts in contact."""
    rows = frame(
        "incident",
        incident(killed_best=3, killed_low=2, killed_high=5, civilians_killed=1, aid_affected=True),
        incident(district="B", aid_affected=False),
    )
    found, _ = figures(edition(incidents=rows), contact(A=1, B=2, C=20))
    assert [(one.value, one.label) for one in found.figures] == [
        ("2", "incidents"), ("3", "deaths (2–5)"), ("1", "affecting aid"), ("2/3", "districts in contact"),
    ]  # fmt: skip
    assert found.figures[1].parts == ("of which 1 civilian",)
    assert found.figures[3].comparison == "1 silent over 14 days"


def test_none_is_zero_only_if_everybody_was_heard_from() -> None:
    """With contact everywhere none is 0; with one district silent, or no log, it is a dash."""
    empty = edition(incidents=frame("incident", incident(occurred_on="2026-10-01", aid_affected=False)))
    assert figures(empty, contact(A=1, B=1, C=1))[0].figures[0].value == "0"
    for heard in (contact(A=1, B=1, C=30), contact()):
        found, _ = figures(empty, heard)
        assert {one.value for one in found.figures[:3]} == {"–"}
        assert found.figures[0].meaning == "no incident known"


def test_what_nobody_records_is_left_out() -> None:
    """A publisher that never says whether aid was affected gives no number of it, and the method says so."""
    made = edition(incidents=frame("incident", incident()))
    found, numbers = figures(made, contact(A=1))
    assert "affecting aid" not in [one.label for one in found.figures]
    table = sections.numbers_table(made, numbers=numbers)
    assert [row[1].text for row in table.rows if "aid" in row[0].text] == ["n/a"]
    method = sections.method(made, unmatched=frame("incident"), flagged=0)
    assert "Whether aid was affected is not recorded" in words_of(*method)


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (date(2026, 1, 1), date(2026, 11, 9), ""),
        (date(2026, 1, 1), date(2026, 11, 8), "ends on 8 Nov 2026"),
        (None, None, "holds no incident of this area"),
    ],
)
def test_data_that_end_before_the_week_are_a_warning(
    first: date | None, last: date | None, told: str
) -> None:
    """Nothing where data reach the week; otherwise the day they end, or that there are none."""
    found = words_of(*sections.data_end(edition(), since=first, until=last))
    assert told in found
    assert bool(found) == bool(told)


def test_the_span_of_data_is_that_of_the_publisher() -> None:
    """From the first incident to the publisher's last dated row; nothing where no incident is known."""
    rows = frame("incident", incident(occurred_on="2026-10-01"))
    assert sections.data_span(edition(incidents=rows)) == (date(2026, 10, 1), date(2026, 11, 15))
    assert sections.data_span(edition(incidents=rows, last_dated=None)) == (
        date(2026, 10, 1),
        date(2026, 10, 1),
    )
    assert sections.data_span(edition()) == (None, None)


# --- Districts --------------------------------------------------------------------------------------


def districts(made: Edition, heard: pd.DataFrame) -> Block:
    """Return the district table of an edition, as the notebook makes it."""
    counted = made.view.counted
    weekly = analysis.weekly(counted, districts=CODES, first_day=WEEK.back(52).first_day, weeks=53)
    last = weekly[weekly["week"] == str(WEEK.back(1).first_day)]
    states = analysis.states(weekly[weekly["week"] == str(MONDAY)], heard)
    return sections.district_table(
        made,
        assessed=analysis.assess(weekly, week=MONDAY, states=states),
        before=analysis.states(last, heard),
        contact=heard,
        confidence=analysis.confidence(heard),
        sites=None,
    )


def test_every_district_has_a_row() -> None:
    """Also without incident, and silent ones last with a dash for this week and the last."""
    rows = frame("incident", incident(), incident(occurred_on="2026-11-03", district="C"))
    table = districts(edition(incidents=rows), contact(A=1, B=2, C=40))
    assert isinstance(table, Table)
    assert [[cell.text for cell in row[:3]] for row in table.rows] == [
        ["Ada", "1", "0"],
        ["Bor", "0", "0"],
        ["Cil", "–", "1"],
    ]
    assert table.rows[2][4].text == "no report"
    assert "nobody was heard from for more than 14 days" in table.note


def test_without_a_log_no_district_is_calm() -> None:
    """A reader who cannot know of silence gets a dash, 'no incident known', and is told why."""
    table = districts(edition(incidents=frame("incident", incident())), contact())
    assert isinstance(table, Table)
    assert [row[1].text for row in table.rows] == ["1", "–", "–"]
    assert [row[4].text for row in table.rows[1:]] == ["no incident known"] * 2
    assert "does not tell whether anyone was heard from" in table.note
    assert "Last contact" not in labels(table)


def test_a_reader_of_the_whole_area_gets_sentences() -> None:
    """Without districts there is no table of them, and one sentence names what the area is."""
    hidden = ("district", "district_name")
    made = edition(incidents=frame("incident", incident(), without=hidden), place="area")
    assert words_of(districts(made, contact())) == "Counts by district are not part of this edition."
    assert "Ada, Bor and Cil" in words_of(sections.whole_area_only(made))
    table = one_table(sections.significant(made, incidents=made.view.counted))
    assert "District" not in labels(table)
    assert "not placed" not in words_of(table)


# --- Incidents --------------------------------------------------------------------------------------


def test_an_incident_is_told_with_harm_and_certainty() -> None:
    """Day without its year, district, type, harm by kind, text, and how sure with its grade."""
    rows = frame(
        "incident",
        incident(
            killed_best=2, injured_best=1, headline="Shots", verification="confirmed", source_grade="B2"
        ),
    )
    table = one_table(sections.significant(edition(incidents=rows), incidents=rows))
    assert [cell.text for cell in table.rows[0]] == [
        "10 Nov", "Ada", "Armed clash", "2 killed and 1 injured", "Shots", "Confirmed, B2",
    ]  # fmt: skip


def test_only_the_needed_columns_are_needed() -> None:
    """A reader with four columns gets rows: no harm and no calm invented, and no column that is empty."""
    rows = frame("incident", incident(killed_best=2))
    rows = rows[["occurred_on", "date_precision", "event_type", "listable"]]
    table = one_table(sections.incident_list(edition(), incidents=rows))
    assert [cell.text for cell in table.rows[0]] == [
        "10 Nov", "not placed", "Armed clash", "not stated", "Reported",
    ]  # fmt: skip


def test_the_releasable_text_goes_first_and_is_never_cut() -> None:
    """A publisher's text is cut between words, which the note explains; a released one is not."""
    long = "word " * 200
    rows = frame(
        "incident", incident(narrative=long, releasable_text="done " * 200), incident(narrative=long)
    )
    made = edition(incidents=rows)
    told = [row[4].text for row in one_table(sections.significant(made, incidents=rows)).rows]
    assert told[0] == "done " * 200
    assert told[1].endswith("word…")
    assert 280 < len(told[1]) <= 300
    annex = one_table(sections.incident_list(made, incidents=rows))
    assert 580 < len(annex.rows[1][4].text) <= 600
    assert annex.note == "“…”: shortened here."
    short = one_table(sections.incident_list(made, incidents=frame("incident", incident(headline="Short"))))
    assert short.note == ""


def test_the_annex_lists_what_may_be_listed_by_day() -> None:
    """Rows that may only be counted are left out; two hundred are enough, and the rest are counted."""
    rows = frame("incident", incident(listable=False), incident(occurred_on="2026-11-12"), incident())
    table = one_table(sections.incident_list(edition(), incidents=rows))
    assert [row[0].text for row in table.rows] == ["10 Nov", "12 Nov"]
    many = one_table(sections.incident_list(edition(), incidents=frame("incident", *[incident()] * 202)))
    assert len(many.rows) == 200
    assert many.note == "2 more are not listed."


def test_no_incident_is_a_sentence() -> None:
    """None known and none that may be listed are two things, and nothing is said of undated ones."""
    empty, closed = frame("incident"), frame("incident", incident(listable=False))
    for made, said in (
        (edition(incidents=empty), "No incident of this week is known."),
        (edition(incidents=closed), "1 incident is counted; it may not be listed here."),
    ):
        assert words_of(*sections.significant(made, incidents=empty)) == said
        assert words_of(*sections.incident_list(made, incidents=empty)) == said
    assert sections.undated(edition(), incidents=empty) == []


def test_what_may_only_be_counted_is_not_listed_as_undated() -> None:
    """An incident of a month whose licence allows counts only is told as a number, not as a row."""
    rows = frame("incident", incident(date_precision="month", listable=False, killed_best=17))
    found = sections.undated(edition(incidents=rows), incidents=rows)
    assert [block.kind for block in found] == ["text"]
    assert words_of(*found).startswith("1 incident is known only over a longer time")
    assert "17" not in words_of(*found)


def test_joined_headlines_are_set_apart() -> None:
    """Headlines that a publisher joined without a space are told from one another."""
    rows = frame("incident", incident(headline="Two killed;Two killed, officials say; more feared"))
    told = one_table(sections.incident_list(edition(incidents=rows), incidents=rows)).rows[0][4].text
    assert told == "Two killed / Two killed, officials say; more feared"


def test_an_incident_of_a_month_is_shown_apart() -> None:
    """It stands with both its days, and the note says that no week counts it."""
    rows = frame(
        "incident", incident(occurred_on="2026-11-01", occurred_to="2026-11-30", date_precision="month")
    )
    table = one_table(sections.undated(edition(), incidents=rows))
    assert table.rows[0][0].text == "1 Nov – 30 Nov"
    assert "in no weekly count" in table.note


def test_publishers_stand_side_by_side_only_if_there_are_two() -> None:
    """Their counts are never added; one whose data end before the week has none."""
    rows = frame("incident", incident(killed_best=1), incident(source="other"))
    compared = analysis.compare(rows, week=MONDAY, districts=CODES)
    assert sections.publishers(edition(), compared=compared.head(1)) == []
    table = one_table(sections.publishers(edition(), compared=compared))
    assert [[cell.text for cell in row[:3]] for row in table.rows] == [
        ["The log", "1", "1"],
        ["other", "n/a", "n/a"],
    ]
    late = one_table(sections.publishers(edition(last_dated="2026-11-08"), compared=compared))
    assert late.rows[0][1].text == "n/a"


# --- The assessment ---------------------------------------------------------------------------------


def statement(part: str, **given: Any) -> dict[str, Any]:
    """Return a statement of the week's assessment."""
    return {"week": "2026-W46", "part": part, "position": 1, "level": "internal", **given}


def test_of_several_bottom_lines_the_closest_circles_is_shown() -> None:
    """The highest label wins, and its first sentence leads."""
    rows = frame(
        "assessment",
        statement("bottom_line", level="public", text="For all."),
        statement("bottom_line", level="confidential", text="For us. Do this."),
    )
    line = sections.bottom_line(edition(assessment=rows))
    assert (line.purpose, line.lead, line.text) == ("bottom_line", "For us.", "Do this.")


@pytest.mark.parametrize("rows", [frame("assessment"), pd.DataFrame({"week": ["2026-W46"]}), pd.DataFrame()])
def test_without_an_assessment_the_page_says_so(rows: pd.DataFrame) -> None:
    """No machine writes one: a warning and sentences, also where no column may be read."""
    made = edition(assessment=rows)
    assert sections.bottom_line(made).purpose == "warning"
    for said in (sections.judgements(made), sections.outlook(made), sections.situation(made)):
        assert "written for these readers" in words_of(*said)
    actions = sections.recommendations(made)
    assert actions.actions == ()
    assert actions.empty


def test_likelihood_stands_in_the_sentence_and_confidence_apart() -> None:
    """The scale's longest term that fits is strong; confidence has its reason in a sentence of its own."""
    rows = frame(
        "assessment",
        statement("judgement", text="It is very likely that it rains.", likelihood="very likely",
                  confidence="low", because="one cloud"),
        statement("judgement", position=2, text="It rains.", likelihood="likely"),
    )  # fmt: skip
    first, second = sections.judgements(edition(assessment=rows))
    assert isinstance(first, Judgement)
    assert isinstance(second, Judgement)
    assert [run.text for run in first.runs if run.style == "strong"] == ["very likely"]
    assert first.confidence == "Confidence: low. One cloud"
    assert second.confidence == "Confidence not stated."


def test_a_recommendation_past_its_day_is_overdue() -> None:
    """Open and due before the edition's day: overdue, in accent; done ones are not."""
    rows = frame(
        "assessment",
        statement("recommendation", text="Go.", owner="Head", due_on="2026-11-14", state="open"),
        statement(
            "recommendation", position=2, text="Stay.", owner="Head", due_on="2026-11-14", state="done"
        ),
    )
    actions = sections.recommendations(edition(assessment=rows))
    assert isinstance(actions, Actions)
    assert [(one.state, one.tone, one.by_when) for one in actions.actions] == [
        ("overdue", "accent", "14 Nov"),
        ("done", "plain", "14 Nov"),
    ]


def test_the_situation_follows_the_areas_districts() -> None:
    """District by district in the area's order; a reader without districts gets the text alone."""
    rows = frame(
        "assessment",
        statement("situation", district="C", district_name="Cil", text="Later."),
        statement("situation", district="A", district_name="Ada", text="First."),
    )
    assert words_of(*sections.situation(edition(assessment=rows))) == "Ada.  | First. | Cil.  | Later."
    bare = rows.drop(columns=["district", "district_name"])
    assert words_of(*sections.situation(edition(assessment=bare, place="area"))) == "Later. | First."


def test_the_masthead_names_the_reviewer_or_that_there_is_none() -> None:
    """Readers who may not know the reviewer are not told that there is none; braces in names stay."""
    rows = frame("assessment", statement("bottom_line", text="So.", reviewer="Head of desk"))
    given: dict[str, Any] = {"title": "About {area}", "briefing": "b"}
    told = sections.masthead(edition(assessment=rows), **given)
    assert "reviewed by Head of desk" in told.facts
    assert told.title == "About The {area}"
    assert "not reviewed" in sections.masthead(edition(), **given).facts
    hidden = sections.masthead(edition(assessment=rows.drop(columns="reviewer")), **given)
    assert not any("review" in fact for fact in hidden.facts)
    assert "issue 46" in hidden.facts
    assert "data known on 16 Nov 2026 06:00 UTC" in hidden.facts


# --- Liaison, commitments, programme ----------------------------------------------------------------


def test_closed_registers_are_one_sentence() -> None:
    """Each section is empty where its register is closed, and one sentence names all of them."""
    made = edition(records=("incident",))
    assert sections.liaison(made, entries=None) == []
    assert sections.commitments(made, register=None) == []
    assert sections.programme(made, sites=None) == []
    assert sections.alerts(made, counts=None) == []
    assert words_of(*sections.not_part(made)) == (
        "Not part of this edition: the liaison log, the register of commitments, programme sites, early "
        "warnings, district assessments, risk lines and headcount."
    )
    registers = ("liaison_entry", "commitment", "programme_site", "alert")
    everything = ("incident", *registers, "district_assessment", "risk_line", "headcount")
    assert sections.not_part(edition(records=everything)) == []
    assert sections.part("Alone", []) == []
    assert len(sections.part("With", [Text.plain("text")])) == 2


def test_liaison_tells_no_more_than_readers_may_read() -> None:
    """Who reads releasable texts only gets those; without a text it says so; no district, no column."""
    entry = {"occurred_on": "2026-11-10", "district": "B", "organisation_kind": "police", "summary": "Full."}
    rows = frame("liaison_entry", entry, entry | {"releasable_text": "Short."})
    full = one_table(sections.liaison(edition(), entries=rows))
    assert [row[3].text for row in full.rows] == ["Full.", "Full."]
    assert full.rows[0][2].text == "Police"
    closed = one_table(
        sections.liaison(edition(free_text="releasable"), entries=rows.drop(columns="summary"))
    )
    assert [row[3].text for row in closed.rows] == ["not for these readers", "Short."]
    bare = rows[["occurred_on"]]
    assert "District" not in labels(one_table(sections.liaison(edition(place="area"), entries=bare)))
    assert "No liaison entry" in words_of(*sections.liaison(edition(), entries=rows.iloc[:0]))


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        (contact(), ""),
        (contact(A=0, B=0, C=14), "within 14 days"),
        (contact(A=0, B=0, C=15), "Cil: last contact 15 days ago, on 31 Oct."),
        (contact(A=0, B=0), "No contact on record: Cil."),
    ],
)
def test_gaps_are_named(heard: pd.DataFrame, told: str) -> None:
    """Silent districts are listed with their last day; nothing is said where the log is closed."""
    found = words_of(*sections.contact_gaps(edition(), gaps=analysis.contact_gaps(heard), contact=heard))
    assert told in found
    assert bool(found) == bool(told)


def test_a_contact_without_a_place_is_told_before_silence_is() -> None:
    """An entry whose place matched no district may be the contact that a silent district seems to lack."""
    made = edition()
    lost = frame("liaison_entry", {"occurred_on": "2026-11-10"}, {"occurred_on": "2026-10-01"})
    seen = replace(made.view, tables=MappingProxyType({**made.view.tables, "liaison_entry": lost}))
    heard = contact(A=0, B=0)
    gaps = analysis.contact_gaps(heard)
    found = words_of(*sections.contact_gaps(replace(made, view=seen), gaps=gaps, contact=heard))
    assert found.startswith("1 entry of the last 14 days names a place that matched no district")
    assert "No contact on record: Cil." in found


def test_a_role_is_named_only_with_consent() -> None:
    """Without the interlocutor's consent to be quoted by role, the kind of organisation stands alone."""
    entry = {"occurred_on": "2026-11-10", "district": "B", "organisation_kind": "police",
             "interlocutor_role": "Commander", "summary": "Full."}  # fmt: skip
    asked = [entry | {"consent_to_quote": answer} for answer in (True, False, None)]
    rows = frame("liaison_entry", *asked)
    told = [row[2].text for row in one_table(sections.liaison(edition(), entries=rows)).rows]
    assert sorted(told) == ["Police", "Police", "Police, Commander"]


def test_commitments_say_how_late_they_are() -> None:
    """Overdue in days and in accent, one without a day says so; none is a sentence."""
    rows = frame(
        "commitment",
        {"made_on": "2026-11-01", "due_on": "2026-11-14", "state": "open", "text": "Guard.", "district": "A"},
        {"made_on": "2026-11-01", "state": "open", "text": "Pay."},
    )
    register = analysis.commitments(rows, on=SUNDAY, first_day=MONDAY)
    table = one_table(sections.commitments(edition(), register=register))
    assert [row[-1].text for row in table.rows] == ["1 day overdue", "open"]
    assert [row[-1].tone for row in table.rows] == ["accent", "plain"]
    assert table.rows[1][-2].text == "no date"
    assert "No commitment is open" in words_of(*sections.commitments(edition(), register=register.iloc[:0]))


def test_sites_that_run_are_not_listed() -> None:
    """Only sites that do not run as planned, with what it takes; if all run, a sentence."""
    running = {"district": "A", "programme": "Food", "state": "running", "state_since": "2026-10-01"}
    rows = frame("programme_site", running, running | {"state": "stopped", "resume_condition": "Peace"})
    table = one_table(sections.programme(edition(), sites=rows))
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Ada", "Food", "stopped", "1 Oct", "Peace"]
    ]
    assert "run as planned" in words_of(*sections.programme(edition(), sites=rows.head(1)))
    bare = rows.drop(columns="district")
    assert "District" not in labels(one_table(sections.programme(edition(place="area"), sites=bare)))


@pytest.mark.parametrize(
    ("raised", "verified", "settled", "told"),
    [
        (0, 0, 0, "No early warning was raised this week."),
        (1, 1, 1, "1 early warning was raised this week. | Verified: 1; still open: 0."),
        (2, None, None, "2 early warnings were raised this week."),
    ],
)
def test_alerts_are_counted_in_words(
    raised: int, verified: int | None, settled: int | None, told: str
) -> None:
    """None, one and many; what these readers may not know is not said."""
    still = None if settled is None else raised - settled
    counts = analysis.AlertCounts(raised=raised, verified=verified, responded=None, open=still)
    assert words_of(*sections.alerts(edition(), counts=counts)) == told


# --- Method -----------------------------------------------------------------------------------------


def revised(now: pd.DataFrame, before: pd.DataFrame, **more: Any) -> str:
    """Return the words on what was revised between two states."""
    found = analysis.revisions(now, before, first_day=MONDAY, districts=CODES)
    return words_of(*sections.revised(edition(**more), revisions=found))


def test_revisions_are_counted_where_records_may_be_seen() -> None:
    """Added, changed, withdrawn; without record ids only that totals differ, never that none changed."""
    row = incident(occurred_on="2026-11-03", record_id="1", killed_best=1)
    before, now = frame("incident", row), frame("incident", row | {"killed_best": 2})
    assert "added 0, changed 1, withdrawn 0" in revised(now, before)
    hidden = ["record_id"]
    anonymous = revised(now.drop(columns=hidden), before.drop(columns=hidden))
    assert anonymous.startswith("Totals of earlier weeks differ from those known on 9 Nov 2026 06:00 UTC.")
    assert "added" not in anonymous
    assert "2 Nov 2026 | 1 | 1 | 1 | 2" in anonymous
    assert "Nothing about earlier weeks was revised" in revised(now, now)
    assert "no earlier cut-off" in revised(now, before, compared_with=None)


def test_the_method_states_the_week_rule_and_its_limits() -> None:
    """Week rule, what is counted, the meaning of usual; one and many of what was set aside."""
    made = edition()
    said = words_of(*sections.method(made, unmatched=frame("incident", incident()), flagged=2))
    assert "Every week runs as this one does, Monday 9 – Sunday 15 November 2026, in the zone UTC." in said
    assert "Incidents are counted from: The log." in said
    assert "can still be within usual variation" in said
    assert "1 incident of this week lies in the province" in said
    assert "2 incidents counted have" in said
    assert "Confidence in the district table is what contact allows" in said
    closed = words_of(
        *sections.method(edition(records=("incident",)), unmatched=frame("incident"), flagged=0)
    )
    assert "Confidence in the district table" not in closed


def test_old_sources_stand_out() -> None:
    """Age is counted to the edition's day, in accent above the source's own limit; no delivery is 'never'."""
    made = edition()
    table = sections.sources(made).table
    assert (table.rows[0][-1].text, table.rows[0][-1].tone) == ("14 days", "accent")
    undelivered = made.view.sources.assign(delivered_at=pd.NaT).head(1)
    view = dataclasses.replace(made.view, sources=undelivered)
    bare = sections.sources(Edition(view, made.words)).table
    assert [cell.text for cell in bare.rows[0]][2:] == ["nothing yet", "", "never"]
    assert sections.counted_from(made) == "Source: The log, up to 15 Nov."
    assert table.rows[0][2].tone == "plain"
    limit = int(made.view.sources["max_age_days"].iloc[0])
    for days, tone in ((limit, "plain"), (limit + 1, "accent")):  # an old file pulled again brings nothing
        last = pd.Timestamp(made.view.on) - pd.Timedelta(days=days)
        old = made.view.sources.assign(last_dated=last, delivered_at=made.view.as_of).head(1)
        again = sections.sources(Edition(dataclasses.replace(made.view, sources=old), made.words)).table
        assert [cell.tone for cell in again.rows[0]][2::2] == [tone, "plain"]
    assert sections.counted_from(edition(last_dated=None)) == ""
