"""Sections on contact, warnings, promises, actions and risk: what they say, and what they may not."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from tests.document.test_sections import (
    CODES,
    SUNDAY,
    WEEK,
    edition,
    frame,
    incident,
    labels,
    one_table,
    words_of,
)
from tests.document.test_sections_findings import clean, figures, tables, texts
from workbench import analysis
from workbench.blocks import Block, Table, to_json
from workbench.document import sections
from workbench.document.sections.heard import alert_quality, commitment_record
from workbench.view import Edition, RequiredContactSeen, RiskSeen

POLICE = RequiredContactSeen("police", 14, CODES)
FIRST = WEEK.back(25).first_day


def day(ago: int) -> pd.Timestamp:
    """Return the day so many days before the end of the week."""
    return pd.Timestamp(SUNDAY) - pd.Timedelta(days=ago)


def entry(ago: int, district: str | None = "A", **given: Any) -> dict[str, Any]:
    """Return a liaison entry of so many days ago."""
    return {"occurred_on": day(ago), "district": district, "organisation_kind": "police", **given}


def facts(table: Table) -> dict[str, str]:
    """Return a table of measures as a mapping."""
    return {row[0].text: row[1].text for row in table.rows}


# --- Required contacts --------------------------------------------------------------------------------


def required(
    log: pd.DataFrame | None, made: Edition | None = None, rules: tuple[Any, ...] = (POLICE,)
) -> list[Block]:
    """Return what an edition says of required contacts, as the notebook makes it."""
    matrix = analysis.required_contacts(log, rules, districts=CODES, on=SUNDAY)
    coverage = analysis.coverage_of(matrix)
    return clean(sections.required_contacts(made or edition(), matrix=matrix, coverage=coverage))


def test_required_contacts_are_counted_and_silence_is_no_calm() -> None:
    """Of three required one is kept; the page says what low coverage does and what no contact is not."""
    blocks = required(frame("liaison_entry", entry(3), entry(20, "B")))
    told = words_of(*blocks)
    assert "Of 3 required contacts" in told
    assert "1 are kept" in told
    assert "No contact is not “no incident”." in told
    (figure,) = figures(blocks)
    assert figure.data is not None
    cells = {row[0].text: row[1].text for row in figure.data.rows}
    assert cells["Ada"].startswith("3 d")
    assert "late" in cells["Bor"]
    assert "never" in cells["Cil"].lower()


@pytest.mark.parametrize(
    ("log", "made", "rules"),
    [
        (None, edition(), (POLICE,)),
        (frame("liaison_entry", entry(3)), edition(), ()),
        (frame("liaison_entry", entry(3)), edition(place="area"), (POLICE,)),
        (frame("liaison_entry", entry(3)).drop(columns="organisation_kind"), edition(), (POLICE,)),
    ],
    ids=["no log", "nothing required", "whole area", "no kinds"],
)
def test_nothing_is_said_of_required_contacts(
    log: pd.DataFrame, made: Edition, rules: tuple[Any, ...]
) -> None:
    """Readers without the log or the districts are told nothing, nor where nothing is required."""
    assert required(log, made, rules) == []


def test_an_empty_log_keeps_no_contact() -> None:
    """Nobody spoken to at all: none kept, every one never."""
    blocks = required(frame("liaison_entry"))
    assert ", 0 are kept" in words_of(*blocks)
    (figure,) = figures(blocks)
    assert figure.data is not None
    assert all("never" in row[1].text.lower() for row in figure.data.rows)


# --- Quality of liaison ---------------------------------------------------------------------------------


def liaison_of(log: pd.DataFrame | None, rows: pd.DataFrame | None = None) -> list[Block]:
    """Return what an edition says of how contact is kept."""
    quality = analysis.liaison_quality(log, rows, districts=CODES, first_day=FIRST, on=SUNDAY)
    return clean(sections.liaison_quality(edition(), quality=quality))


def test_shares_have_their_n_and_an_interval_only_from_5_on() -> None:
    """2 of 3 stays 2 of 3; 4 of 6 has a share and its Wilson interval."""
    few = [entry(n, info_grade=grade) for n, grade in enumerate(["B2", "C3", "E5"])]
    many = [entry(n, info_grade=grade) for n, grade in enumerate(["B2", "C3", "A1", "B1", "D4", "E5"])]
    label = "Graded C3 or better, of those that can be judged"
    assert facts(one_table(liaison_of(frame("liaison_entry", *few))))[label] == "2 of 3"
    told = facts(one_table(liaison_of(frame("liaison_entry", *many))))[label]
    assert told == "4 of 6: 67 % (30–90 %)"
    assert "Shares with fewer than 5 behind them" in one_table(liaison_of(frame("liaison_entry", *few))).note


def test_liaison_without_columns_says_not_known_and_without_entries_none() -> None:
    """What these readers may not know is n/a; a log without an entry has none to share; no log, nothing."""
    bare = frame("liaison_entry", entry(1))[["occurred_on"]]
    told = facts(one_table(liaison_of(bare)))
    assert told["Entries, organisations, kinds"] == "1, n/a, n/a"
    assert told["Follow-ups done in time"] == "n/a"
    empty = facts(one_table(liaison_of(frame("liaison_entry"), frame("incident"))))
    assert empty["Entries, organisations, kinds"] == "0, 0, 0"
    assert empty["Entries with a grade"] == "none"
    assert empty["Hours from the end of the day to the log"] == "none"
    assert liaison_of(None) == []


def test_hours_and_corroboration_have_their_n() -> None:
    """The median of hours with its n, and incidents with an entry beside them."""
    log = frame("liaison_entry", entry(5, reported_at=day(4) + pd.Timedelta(hours=6), organisation="Post"))
    log["reported_at"] = (
        log["reported_at"].dt.tz_localize("UTC") if log["reported_at"].dt.tz is None else log["reported_at"]
    )
    rows = frame("incident", incident(), incident(district="B", record_id="2"))
    told = facts(one_table(liaison_of(log, rows)))
    assert told["Hours from the end of the day to the log"] == "median 6 (n = 1)"
    assert told["Incidents with an entry from their district within 3 days"] == "1 of 2"


# --- Warnings, promises, actions ------------------------------------------------------------------------


def alert(ago: int, **given: Any) -> dict[str, Any]:
    """Return an alert of so many days ago."""
    raised = (day(ago) + pd.Timedelta(hours=8)).tz_localize("UTC")
    return {"occurred_on": day(ago), "reported_at": raised, "district": "A", "horizon_days": 3, **given}


def test_early_warning_always_has_its_n() -> None:
    """Raised, states, outcomes: every share with its n, none where nothing came to an end."""
    rows = frame(
        "alert",
        alert(40, outcome="occurred"), alert(30, outcome="false"), alert(20, outcome="averted"), alert(1),
    )  # fmt: skip
    quality = analysis.alert_quality(rows, frame("incident"), on=SUNDAY)
    told = facts(one_table(clean(alert_quality(edition(), quality=quality))))
    assert told["Warnings raised"] == "4"
    assert told["Came true, of those that came true or were false"] == "1 of 2"
    assert told["The same with averted ones as true"] == "2 of 3"
    assert told["Hours to verification"] == "none"


def test_without_a_warning_there_is_no_quality_of_it() -> None:
    """No alert, or readers who may not know of any: nothing."""
    assert alert_quality(edition(), quality=analysis.alert_quality(None, frame("incident"), on=SUNDAY)) == []
    none = analysis.alert_quality(frame("alert"), frame("incident"), on=SUNDAY)
    assert alert_quality(edition(), quality=none) == []


PROMISED = frame(
    "commitment",
    {"made_on": day(50), "due_on": day(30), "state": "kept", "made_by": "Police"},
    {"made_on": day(50), "due_on": day(30), "state": "broken", "made_by": "Guard"},
    {"made_on": day(50), "due_on": day(3), "state": "open", "made_by": "Guard"},
    {"made_on": day(50), "state": "open", "made_by": "Police"},
)


def test_what_became_of_commitments_adds_up() -> None:
    """Kept, partly, broken, overdue and not yet due, in a sentence and by authority; overdue stands out."""
    blocks = clean(commitment_record(edition(), record=analysis.commitment_record(PROMISED, on=SUNDAY)))
    told = words_of(*blocks)
    assert (
        "Of 4 commitments on record: kept 1, partly 0, broken 1, withdrawn 0, overdue 1, not yet due 1."
        in told
    )
    assert "Kept of those due: 1 of 3." in told
    (table,) = tables(blocks)
    assert [cell.text for cell in table.rows[0]] == ["Guard", "2", "0", "0", "1", "0", "1", "0"]
    assert [row[6].tone for row in table.rows] == ["accent", "plain"]


def test_commitments_of_unnamed_authorities_and_none() -> None:
    """Without the column of who undertook them there is no table; without any, or the register, nothing."""
    closed = analysis.commitment_record(PROMISED.drop(columns="made_by"), on=SUNDAY)
    assert tables(clean(commitment_record(edition(), record=closed))) == []
    none = analysis.commitment_record(PROMISED.iloc[:0], on=SUNDAY)
    assert commitment_record(edition(), record=none) == []
    assert commitment_record(edition(), record=None) == []


def recommended(**given: Any) -> dict[str, Any]:
    """Return a recommendation of last week's assessment."""
    last = WEEK.back(1)
    return {"week": last.slug, "part": "recommendation", "occurred_on": last.first_day, "text": "Do it.",
            "owner": "Desk", **given}  # fmt: skip


def test_last_recommendations_stand_with_their_state() -> None:
    """Overdue in days and in accent; without a state 'not said' or overdue; done is plain."""
    rows = frame(
        "assessment",
        recommended(position=1, state="open", due_on=day(3)),
        recommended(position=2, state="done", due_on=day(3)),
        recommended(position=3),
        recommended(position=4, due_on=day(1)),
    )
    table = one_table(
        clean(sections.last_actions(edition(), actions=analysis.actions(rows, week=WEEK, on=SUNDAY)))
    )
    assert [row[-1].text for row in table.rows] == ["3 days overdue", "done", "not said", "1 day overdue"]
    assert [row[-1].tone for row in table.rows] == ["accent", "plain", "plain", "accent"]
    assert table.rows[2][2].text == ""


def test_the_first_issue_has_no_last_recommendations() -> None:
    """Nothing was recommended before: nothing is said; a reader without owners sees none."""
    first = analysis.actions(frame("assessment"), week=WEEK, on=SUNDAY)
    assert sections.last_actions(edition(), actions=first) == []
    rows = frame("assessment", recommended(position=1, state="open")).drop(columns="owner")
    table = one_table(
        clean(sections.last_actions(edition(), actions=analysis.actions(rows, week=WEEK, on=SUNDAY)))
    )
    assert table.rows[0][1].text == ""


# --- Risk -----------------------------------------------------------------------------------------------

RULE = RiskSeen(
    likelihoods=("rare", "likely"),
    impacts=("minor", "severe"),
    levels=("low", "medium", "high"),
    basis="The office's own table, agreed in May.",
    table=MappingProxyType({"rare": ("low", "medium"), "likely": ("medium", "high")}),
    criticality=MappingProxyType({"PC3": "low", "PC1": "high"}),
)


def with_rule(made: Edition, rule: RiskSeen | None = RULE) -> Edition:
    """Return an edition of an office with this risk table."""
    return replace(made, view=replace(made.view, office=replace(made.view.office, risk=rule)))


def line(**given: Any) -> dict[str, Any]:
    """Return a valid line of likely and severe risk, of which measures leave the medium."""
    return {
        "record_id": "L1", "area_name": "Ada", "district": "A", "threat_event": "Ambush",
        "valid_from": day(60), "valid_to": day(-60), "likelihood_present": "likely",
        "impact_present": "severe", "likelihood_residual": "rare", "impact_residual": "severe", **given,
    }  # fmt: skip


def risk_of(*lines: dict[str, Any], made: Edition | None = None, **given: Any) -> list[Block]:
    """Return what an edition says of risk, as the notebook makes it."""
    made = made or with_rule(edition())
    rows = analysis.risk_lines(frame("risk_line", *lines), table=made.view.office.risk, on=SUNDAY)
    return clean(sections.risk(made, lines=rows, measures=given.get("measures"), sites=given.get("sites")))


def test_the_risk_table_names_the_offices_own_basis() -> None:
    """Present and residual level of each line, and whose table it is; never a rule of the United Nations."""
    blocks = risk_of(line())
    (table,) = tables(blocks)
    assert [cell.text for cell in table.rows[0]][1:5] == ["Ada", "Ambush", "high", "medium"]
    assert "The office's own table, agreed in May." in table.note
    said = " ".join(one for block in blocks for one in texts(to_json(block)))
    assert "UN rule" not in said
    assert not re.search(r"\bUN\b|United Nations", said)
    assert len(figures(blocks)) == 1


def test_lines_that_expire_or_cannot_be_looked_up_say_so() -> None:
    """Expired in accent, not yet valid from a day, two weeks left in days; an unknown word has no level."""
    blocks = risk_of(
        line(record_id="1", valid_to=day(5)),
        line(record_id="2", valid_from=day(-5)),
        line(record_id="3", valid_to=day(-14)),
        line(record_id="4", likelihood_residual="perhaps", area_name=None),
    )
    (table,) = tables(blocks)
    told = {row[5].text: row[5].tone for row in table.rows}
    assert told["expired on 10 Nov"] == "accent"
    assert told["from 20 Nov"] == "quiet"
    assert told["29 Nov, 14 days left"] == "plain"
    untold = [row for row in table.rows if row[1].text == "whole area"]
    assert [row[4].text for row in untold] == ["not in the table"]


def test_no_table_no_line_and_closed_registers() -> None:
    """Each is a sentence of its own, and nothing for readers who may not know of risk lines."""
    bare = risk_of(line(), made=edition())
    assert "This office has configured no risk table." in words_of(*bare)
    assert figures(bare) == []
    assert "No line of a risk assessment is on record." in words_of(*risk_of())
    assert sections.risk(with_rule(edition()), lines=None, measures=None, sites=None) == []


def test_lines_without_any_level_draw_no_matrix() -> None:
    """A line whose words are all missing stands in the table, but there is no dot to draw."""
    words = dict.fromkeys(
        ["likelihood_present", "impact_present", "likelihood_residual", "impact_residual"], None
    )
    blocks = risk_of(line(**words))
    assert figures(blocks) == []
    assert [cell.text for cell in tables(blocks)[0].rows[0]][3:5] == ["not in the table"] * 2


def test_measures_that_wait_are_listed_others_not() -> None:
    """Proposed ones need a decision, agreed ones past their day are overdue; done ones are not listed."""
    measures = frame(
        "risk_measure",
        {"recorded_on": day(30), "risk": "L1", "text": "Escort", "kind": "control", "state": "proposed"},
        {"recorded_on": day(30), "risk": "L1", "kind": "avoid", "state": "agreed", "due_on": day(2)},
        {"recorded_on": day(30), "risk": "L1", "text": "Walls", "kind": "control", "state": "done"},
    )
    table = tables(risk_of(line(), measures=measures))[1]
    assert [(row[0].text, row[4].text) for row in table.rows] == [
        ("Escort", "needs a decision"), ("not for these readers", "2 days overdue"),
    ]  # fmt: skip
    assert table.rows[0][3].text == "no date"
    assert [row[4].tone for row in table.rows] == ["accent", "accent"]
    assert len(tables(risk_of(line(), measures=measures.iloc[:0]))) == 1


def site(**given: Any) -> dict[str, Any]:
    """Return a site that runs."""
    return {"programme": "Food", "district": "A", "state": "running", "state_since": day(90), **given}


def test_sites_above_their_level_are_named_by_the_offices_own_rule() -> None:
    """A PC3 site at medium risk may run at low only; one without a valid line cannot be told."""
    rows = frame("programme_site", site(criticality="PC3"), site(criticality="PC3", district="B"))
    blocks = risk_of(line(), sites=rows)
    table = tables(blocks)[1]
    assert [cell.text for cell in table.rows[0]] == ["Ada", "Food", "PC3", "medium", "low"]
    assert table.note == "The rule is the office's own configuration."
    assert "For 1 site that runs, the risk lines do not tell" in words_of(*blocks)
    fine = risk_of(line(), sites=frame("programme_site", site(criticality="PC1")))
    assert "No programme site runs at a higher risk" in words_of(*fine)


def test_readers_of_the_whole_area_are_told_no_sites_risk() -> None:
    """Without districts nobody can say which line holds at a site: nothing is said, and nothing fails."""
    area = with_rule(edition(place="area"))
    rows = frame("programme_site", site(criticality="PC3")).drop(columns=["district", "district_name"])
    blocks = risk_of(line(), made=area, sites=rows)
    assert len(tables(blocks)) == 1
    assert "Sites above" not in words_of(*blocks)


# --- Headcount ------------------------------------------------------------------------------------------


def test_headcount_against_the_ceiling() -> None:
    """The last count of each organisation; above its ceiling in accent and said; without one n/a."""
    rows = frame(
        "headcount",
        {"counted_on": day(9), "organisation": "Relief", "category": "national", "present": 1, "ceiling": 9},
        {"counted_on": day(1), "organisation": "Relief", "category": "national", "present": 7, "ceiling": 6},
        {"counted_on": day(1), "organisation": "School", "category": "international", "present": 2},
    )
    table = one_table(clean(sections.headcount(edition(), counts=rows)))
    assert labels(table)[2:4] == ["Present", "Ceiling"]
    assert [(row[0].text, row[2].text, row[3].text) for row in table.rows] == [
        ("Relief", "7", "6 (exceeded)"), ("School", "2", "n/a"),
    ]  # fmt: skip
    assert [row[2].tone for row in table.rows] == ["accent", "strong"]


def test_without_a_headcount_nothing_is_said() -> None:
    """No count, one of a later day only, or readers who may not know: nothing."""
    later = frame(
        "headcount", {"counted_on": day(-3), "organisation": "R", "category": "national", "present": 1}
    )
    for counts in (None, frame("headcount"), later):
        assert sections.headcount(edition(), counts=counts) == []
