"""Sections of the data quality page, of the district profiles, and those that close a briefing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from tests.document.test_sections import (
    CODES,
    MONDAY,
    SUNDAY,
    WEEK,
    contact,
    edition,
    frame,
    incident,
    labels,
    one_table,
    words_of,
)
from tests.document.test_sections_findings import (
    SPAN,
    USUAL,
    clean,
    delay_known,
    figures,
    tables,
    texts,
    weekly_of,
)
from tests.document.test_sections_heard import POLICE, day, entry
from workbench import analysis
from workbench.blocks import Block, Callout, Heading, KeyFigures, PageBreak, to_json
from workbench.document import sections
from workbench.document.sections.annex import checklist
from workbench.view import Edition

NO_PAIRS = pd.DataFrame(
    columns=["left_source", "left_id", "right_source", "right_id", "score", "reasons"]
).astype({"score": "float64"})
NONE_MERGED = analysis.MergeCounts(groups=0, folded=0)


def holding(made: Edition, **held: pd.DataFrame) -> Edition:
    """Return an edition whose view holds these tables."""
    view = replace(made.view, tables=MappingProxyType({**made.view.tables, **held}))
    return replace(made, view=view)


def with_sources(made: Edition, **given: Any) -> Edition:
    """Return an edition whose sources have these values."""
    return replace(made, view=replace(made.view, sources=made.view.sources.assign(**given)))


# --- Summary --------------------------------------------------------------------------------------------


def summary(made: Edition, waiting: int = 0, log: pd.DataFrame | None = None, lost: int = 0) -> KeyFigures:
    """Return the summary of a page on quality."""
    pair = dict.fromkeys(NO_PAIRS.columns, "x") | {"score": 0.5}
    matrix = analysis.required_contacts(log, (POLICE,), districts=CODES, on=SUNDAY)
    found = sections.quality_summary(
        made,
        waiting=pd.DataFrame([pair] * waiting, columns=NO_PAIRS.columns),
        unmatched=frame("incident", *[incident(district=None)] * lost),
        coverage=analysis.coverage_of(matrix),
    )
    clean([found])
    return found


def test_the_summary_counts_what_waits() -> None:
    """Rows set aside, incidents without a district, pairs, late sources of all, contacts kept."""
    aside = frame("rejected_row", *[{"source": "log", "occurred_on": SUNDAY}] * 2)
    made = with_sources(holding(edition(), rejected_row=aside), rejected=[2, 0, 0, 0, 0])
    found = summary(made, waiting=3, log=frame("liaison_entry", entry(1)), lost=1)
    assert [(one.value, one.label) for one in found.figures] == [
        ("2", "rows set aside"), ("1", "incident without a district"), ("3", "pairs to decide"),
        ("5", "sources late"), ("1/3", "required contacts kept"),
    ]  # fmt: skip
    assert [one.tone for one in found.figures[:4]] == ["accent"] * 4
    assert found.figures[3].comparison == "of 5"


def test_the_summary_of_a_clean_week_is_zeros_in_plain() -> None:
    """Nothing waits: zeros; contacts are left out where these readers may not know of them."""
    fresh = with_sources(edition(), delivered_at=pd.Series([datetime(2026, 11, 15, tzinfo=UTC)] * 5))
    found = summary(fresh)
    assert [one.value for one in found.figures] == ["0", "0", "0", "0"]
    assert {one.tone for one in found.figures} == {"plain"}


# --- Deliveries, rejected rows, flags, places ---------------------------------------------------------------


def test_deliveries_say_when_how_many_and_how_old() -> None:
    """Old ones in accent with their limit, faults in accent; a source that never delivered says so."""
    table = one_table(clean(sections.deliveries(with_sources(edition(), read=9, rejected=2))))
    assert table.rows[0][2].text == "14 days old; limit 8 days"
    assert table.rows[0][2].tone == "accent"
    assert [table.rows[0][n].text for n in (4, 5, 6)] == ["2", "9", "0"]
    assert table.rows[0][4].tone == "accent"
    nobody = {name: pd.Series([pd.NA] * 5, dtype="Int64") for name in ("read", "unmatched")}
    told = one_table(clean(sections.deliveries(with_sources(edition(), rejected=2, **nobody))))
    assert [cell.text for cell in told.rows[0]][4:] == ["2"], (
        "how many rows there are is not for these readers"
    )
    never = with_sources(edition(), delivered_at=pd.Series([pd.NaT] * 5, dtype="datetime64[us, UTC]"))
    row = one_table(clean(sections.deliveries(never))).rows[0]
    assert [cell.text for cell in row] == ["The log", "never delivered", "", "", "", "", ""]


def test_no_source_to_name_is_a_sentence() -> None:
    """Readers to whom no source may be named get the sentence that says so, not an empty table."""
    made = edition()
    bare = replace(made, view=replace(made.view, sources=made.view.sources.iloc[:0]))
    assert "No source may be named" in one_table(clean(sections.deliveries(bare))).empty


def fault(row: int, **given: Any) -> dict[str, Any]:
    """Return a row set aside, with the value that was at fault."""
    return {
        "source": "log", "occurred_on": day(3), "record": "incident", "file": "log.csv", "row": row,
        "column": "killed_best", "value": "SECRET -7", "reason": "is below 0", **given,
    }  # fmt: skip


def test_rejected_rows_never_show_the_value() -> None:
    """File, rows, column and reason of each fault, since when; never what stood there."""
    rows = frame(
        "rejected_row", *(fault(n) for n in range(2, 13)), fault(4, column="district", reason="is unknown")
    )
    blocks = clean(sections.rejected(holding(edition(), rejected_row=rows)))
    table = one_table(blocks)
    assert [cell.text for cell in table.rows[1]] == [
        "The log", "log.csv, row 2, 3, 4, 5, 6, 7, 8, 9 and 3 more", "killed_best", "is below 0", "12 Nov",
    ]  # fmt: skip
    assert table.rows[0][2].text == "district"
    assert not any("SECRET" in one for block in blocks for one in texts(to_json(block)))


def test_rejected_rows_of_closed_columns_and_long_reasons() -> None:
    """Where no file may be told its licence is named, or how many rows; a reason with a vocabulary is cut."""
    closed = frame("rejected_row", fault(2, file=None)).drop(columns=["value"])
    row = one_table(clean(sections.rejected(holding(edition(), rejected_row=closed)))).rows[0]
    assert row[1].text == "not to be listed: its licence"
    counted = frame("rejected_row", fault(2), fault(3)).drop(columns=["file", "row", "value"])
    row = one_table(clean(sections.rejected(holding(edition(), rejected_row=counted)))).rows[0]
    assert row[1].text == "2 rows"
    long = "is not one of: " + ", ".join(["armed_clash"] * 30)
    cut = frame("rejected_row", fault(2, reason=long))
    told = one_table(sections.rejected(holding(edition(), rejected_row=cut))).rows[0][3].text
    assert told.endswith("armed_clash …")
    assert len(told) <= 82
    assert words_of(*sections.rejected(edition())) == "No row is set aside."


def test_flags_are_counted_in_words() -> None:
    """What validation noticed is told by kind with its number; no flag, or no such column, says nothing."""
    rows = frame(
        "incident", incident(flags="deaths_range;label_missing"), incident(flags="deaths_range"), incident()
    )
    told = words_of(*clean(sections.flagged(edition(), incidents=rows)))
    assert "Best estimate of deaths outside its own range: 2" in told
    assert "No handling label: held at the highest level: 1" in told
    assert sections.flagged(edition(), incidents=rows.drop(columns="flags")) == []
    assert sections.flagged(edition(), incidents=rows.iloc[:0]) == []


def test_unmatched_places_wait_for_an_alias() -> None:
    """Each with the place as given, or that it is not for these readers; more than 60 are counted."""
    made = edition(incidents=frame("incident", incident()))
    rows = frame("incident", incident(district=None, place_name="Old Mill", record_id="x1"))
    table = one_table(clean(sections.unmatched(made, incidents=rows)))
    assert [cell.text for cell in table.rows[0]] == ["10 Nov", "The log", "x1", "Old Mill"]
    closed = one_table(sections.unmatched(made, incidents=rows.drop(columns=["place_name", "record_id"])))
    assert [cell.text for cell in closed.rows[0]][2:] == ["", "not for these readers"]
    many = frame("incident", *[incident(district=None)] * 62)
    full = one_table(sections.unmatched(made, incidents=many))
    assert len(full.rows) == 60
    assert "2 more are not listed." in full.note
    assert "lies in a known district" in words_of(*sections.unmatched(made, incidents=rows.iloc[:0]))
    assert "No incident of this area is known." in words_of(
        *sections.unmatched(edition(), incidents=rows.iloc[:0])
    )


# --- Duplicates and delay -------------------------------------------------------------------------------


def test_pairs_show_both_rows_and_the_reasons() -> None:
    """Day, district, type, deaths and record of each row, the score and why; nothing is merged before."""
    rows = frame(
        "incident",
        incident(record_id="a", killed_best=3),
        incident(record_id="b", district=None, occurred_on="2026-11-11"),
    )
    pair = {"left_source": "log", "left_id": "a", "right_source": "log", "right_id": "b", "score": 0.875,
            "reasons": "same_day;same_type"}  # fmt: skip
    blocks = clean(
        sections.duplicates(edition(), waiting=pd.DataFrame([pair]), incidents=rows, merged=NONE_MERGED)
    )
    (table,) = tables(blocks)
    row = [cell.text for cell in table.rows[0]]
    assert row[1] == "10 Nov, Ada, armed clash, 3 killed (The log a)"
    assert row[2] == "11 Nov, not placed, armed clash (The log b)"
    assert row[3] in {"0.88", "0.87"}
    assert "ame day" in row[4]
    assert "," in row[4]
    assert "nothing is merged before a person decides" in table.note


def test_a_row_that_readers_may_not_see_is_named_so() -> None:
    """A pair whose row is withheld stands there all the same; merged groups are counted."""
    pair = {"left_source": "log", "left_id": "a", "right_source": "log", "right_id": "gone", "score": 0.5,
            "reasons": None}  # fmt: skip
    rows = frame("incident", incident(record_id="a"))
    blocks = sections.duplicates(
        edition(),
        waiting=pd.DataFrame([pair]),
        incidents=rows,
        merged=analysis.MergeCounts(groups=2, folded=3),
    )
    assert tables(clean(blocks))[0].rows[0][2].text == "not for these readers"
    assert "2 incidents are told by several rows, by decision on record; the 3 rows" in words_of(*blocks)
    none = sections.duplicates(edition(), waiting=NO_PAIRS, incidents=rows, merged=NONE_MERGED)
    assert "No pair waits for a decision." in words_of(*none)
    assert "No two rows are on record as the same incident." in words_of(*none)


def ladder(**given: Any) -> analysis.ChainLadder:
    """Return a chain ladder whose total is this."""
    total = pd.Series({"known": 40.0, "ultimate": 45.5, "se": 3.25, **given}, dtype="Float64")
    made = analysis.chain_ladder(pd.DataFrame([[3, 4], [4, None]], dtype="Int64"))
    return replace(made, total=total)


def test_the_share_known_by_delay() -> None:
    """One row for each week up to the window, in per cent; unknown is n/a; too little known: nothing."""
    blocks = clean(sections.delay(edition(), known=delay_known(), ladder=ladder()))
    assert [(row[0].text, row[1].text) for row in tables(blocks)[0].rows] == [
        ("0", "50 %"), ("1", "90 %"), ("2", "100 %"),
    ]  # fmt: skip
    assert "40 incidents known over these weeks become 45.5 in the end" in words_of(*blocks)
    known = delay_known()
    holed = replace(known, delays=known.delays.assign(share=pd.array([None, 0.5, 1], dtype="Float64")))
    assert tables(clean(sections.delay(edition(), known=holed, ladder=ladder())))[0].rows[0][1].text == "n/a"
    assert sections.delay(edition(), known=delay_known("too_few_snapshots"), ladder=ladder()) == []
    untold = clean(sections.delay(edition(), known=known, ladder=ladder(se=pd.NA)))
    assert "chain ladder" not in words_of(*untold)


def test_contact_age_never_takes_silence_for_zero_days() -> None:
    """Days since each was heard from, silent ones in accent, never is never; without a log nothing."""
    table = one_table(clean(sections.contact_age(edition(), contact=contact(A=0, B=40))))
    assert [(row[2].text, row[2].tone) for row in table.rows] == [
        ("0 days ago", "plain"), ("40 days ago", "accent"), ("never", "accent"),
    ]  # fmt: skip
    assert sections.contact_age(edition(), contact=contact()) == []


# --- District profiles ------------------------------------------------------------------------------------

HEARD = contact(A=1, B=2, C=40)


def assessed_of(heard: pd.DataFrame = HEARD) -> pd.DataFrame:
    """Return the assessment of the week's counts."""
    weekly, states = weekly_of(USUAL, heard)
    return analysis.assess(weekly, week=MONDAY, states=states)


def rated(**given: Any) -> dict[str, Any]:
    """Return a district assessment of a week ago."""
    return {
        "district": "A", "assessed_on": day(7), "rating": 4, "direction": "deteriorated", "reason": "Inside",
        "releasable_text": "Released", "access": "limited", "confidence": "high", **given,
    }  # fmt: skip


def levels_of(*rows: dict[str, Any], without: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the level of each district."""
    table = frame("district_assessment", *rows, without=without)
    return analysis.levels(table, districts=CODES, on=SUNDAY)


def profile(district: str, made: Edition | None = None, **given: Any) -> list[Block]:
    """Return the head of a district's page."""
    heard = given.get("heard", HEARD)
    counts = analysis.series(weekly_of(USUAL, heard)[0])
    outlook = analysis.outlook(counts, horizons=(1,))
    return clean(
        sections.profile(
            made or edition(),
            district=district,
            levels=given.get("levels", levels_of(rated())),
            assessed=assessed_of(heard),
            contact=heard,
            confidence=analysis.confidence(heard),
            outlook=given.get("outlook", outlook[outlook["model"] == "eight_weeks"]),
        )
    )


def key_figures(blocks: list[Block]) -> KeyFigures:
    """Return the only key figures among blocks."""
    (found,) = (block for block in blocks if isinstance(block, KeyFigures))
    return found


def callout(blocks: list[Block]) -> Callout:
    """Return the only callout among blocks."""
    (found,) = (block for block in blocks if isinstance(block, Callout))
    return found


def test_the_contents_show_no_zero_for_a_silent_district() -> None:
    """Level, direction, age and count of each; a dash where nobody was heard from."""
    (table,) = tables(
        clean(sections.profile_contents(edition(), levels=levels_of(rated()), assessed=assessed_of()))
    )
    assert [cell.text for cell in table.rows[0]] == [
        "Ada", "4", "deteriorated", "7 days old", "9", "higher than usual",
    ]  # fmt: skip
    assert [cell.text for cell in table.rows[1]][:5] == ["Bor", "none", "", "", "0"]
    assert [cell.text for cell in table.rows[2]][4:] == ["–", "no report"]
    untold = tables(
        sections.profile_contents(edition(), levels=levels_of(), assessed=assessed_of(contact()))
    )[0]
    assert [row[4].text for row in untold.rows] == ["9", "–", "–"]
    area = sections.profile_contents(edition(place="area"), levels=levels_of(), assessed=assessed_of())
    assert words_of(*area) == "Counts by district are not part of this edition."


def test_a_profile_opens_on_a_page_of_its_own() -> None:
    """Page break, name, level with reason and age, then incidents, contact, confidence and outlook."""
    blocks = profile("A")
    assert isinstance(blocks[0], PageBreak)
    assert isinstance(blocks[1], Heading)
    assert blocks[1].text == "Ada"
    assert callout(blocks).lead == "Level 4 of 5, deteriorated."
    assert callout(blocks).text.startswith("Inside. Access: limited.")
    assert "7 days before the end of the week" in callout(blocks).text
    incidents, since, confidence, expected = key_figures(blocks).figures
    assert (incidents.value, incidents.tone) == ("9", "accent")
    assert since.value == "1"
    assert confidence.value == "High"
    assert expected.label == "incidents expected next week"


def test_a_silent_districts_profile_has_a_dash_and_no_outlook() -> None:
    """No report is no 0; the days of silence stand out and say what silence is not; no range is made up."""
    figures_of = key_figures(profile("C")).figures
    assert [one.value for one in figures_of[:2]] == ["–", "40"]
    assert figures_of[1].meaning == "silence is not calm"
    assert figures_of[2].value == "Low"
    assert "no report" in figures_of[0].meaning
    none = profile("C", outlook=analysis.outlook(analysis.series(weekly_of(USUAL)[0])).iloc[:0])
    assert len(key_figures(none).figures) == 3


def test_without_a_log_a_profile_says_nothing_of_contact() -> None:
    """Readers without the log get no days, no confidence, and a dash for a count of none."""
    figures_of = key_figures(profile("B", heard=contact())).figures
    assert figures_of[0].value == "–"
    assert not any("contact" in one.label or "confidence" in one.label for one in figures_of)


@pytest.mark.parametrize(
    ("rows", "free_text", "kind", "told", "untold"),
    [
        ((), "full", "warning", "has not been assessed", "Level"),
        ((rated(assessed_on=day(90)),), "full", "warning", "That is old", "has not been"),
        ((rated(),), "releasable", "note", "Released.", "Inside"),
        ((rated(releasable_text=None),), "releasable", "note", "Access: limited.", "Inside"),
        ((rated(reason=None, access=None, direction=None),), "full", "note", "Level 4 of 5.", "Access"),
    ],
    ids=["never", "old", "released", "not released", "bare"],
)
def test_the_level_says_how_old_and_whose_words(
    rows: tuple[dict[str, Any], ...], free_text: str, kind: str, told: str, untold: str
) -> None:
    """Never assessed and old ones are warnings; the inner reason is for readers of full text only."""
    found = callout(profile("A", edition(free_text=free_text), levels=levels_of(*rows)))
    said = f"{found.lead} {found.text}"
    assert found.purpose == kind
    assert told in said
    assert untold not in said


def test_the_strip_needs_counts() -> None:
    """A district's 26 weeks are drawn where they are known, and nothing where none of them is."""
    weekly, _ = weekly_of(USUAL)
    given: dict[str, Any] = {"weekly": weekly, "assessed": assessed_of(), "still_reported": 2}
    found = clean(sections.district_strip(edition(), district="A", since=SPAN["first_day"], **given))
    assert len(figures(found)) == 1
    assert sections.district_strip(edition(), district="A", since=None, **given) == []
    assert sections.district_strip(edition(), district="Z", since=SPAN["first_day"], **given) == []


def test_a_districts_commitments_and_sites() -> None:
    """Its own only, overdue and stopped in accent; none is a sentence; closed registers say nothing."""
    register = analysis.commitments(
        frame(
            "commitment",
            {"made_on": day(30), "due_on": day(2), "state": "open", "text": "Guard.", "district": "A"},
            {"made_on": day(30), "state": "open", "text": "Secret.", "district": "B"},
        ),
        on=SUNDAY,
        first_day=MONDAY,
    )
    table = one_table(clean(sections.district_commitments(edition(), register=register, district="A")))
    assert [cell.text for cell in table.rows[0]] == ["Guard.", "13 Nov", "2 days overdue"]
    closed = sections.district_commitments(edition(free_text="releasable"), register=register, district="B")
    assert [cell.text for cell in one_table(clean(closed)).rows[0]][:2] == [
        "not for these readers",
        "no date",
    ]
    none = sections.district_commitments(edition(), register=register, district="C")
    assert "No commitment concerns this district." in words_of(*none)
    assert sections.district_commitments(edition(), register=None, district="A") == []
    sites = frame(
        "programme_site",
        {"programme": "Food", "district": "A", "state": "stopped", "state_since": day(20)},
    )
    row = one_table(clean(sections.district_sites(edition(), sites=sites, district="A"))).rows[0]
    assert (row[1].text, row[2].text, row[2].tone) == ("", "Stopped", "accent")
    assert "No programme site" in words_of(*sections.district_sites(edition(), sites=sites, district="B"))
    assert sections.district_sites(edition(), sites=None, district="A") == []


def test_a_districts_required_contacts() -> None:
    """Who was heard from when, and how often that is required; nothing where none is, or nobody can tell."""
    matrix = analysis.required_contacts(
        frame("liaison_entry", entry(3)), (POLICE,), districts=CODES, on=SUNDAY
    )
    row = one_table(clean(sections.district_contacts(edition(), matrix=matrix, district="A"))).rows[0]
    assert [cell.text for cell in row] == ["Police", "3 days ago", "every 14 days"]
    never = one_table(sections.district_contacts(edition(), matrix=matrix, district="B")).rows[0][1]
    assert (never.text, never.tone) == ("never", "accent")
    untold = analysis.required_contacts(None, (POLICE,), districts=CODES, on=SUNDAY)
    assert sections.district_contacts(edition(), matrix=untold, district="A") == []


def test_a_districts_incidents_and_situation() -> None:
    """The six most significant of four weeks and how many more; what was written on it this week only."""
    rows = frame(
        "incident",
        *(incident(record_id=str(n), occurred_on=str(WEEK.back(n % 4).first_day)) for n in range(9)),
        incident(record_id="b", district="B"),
        incident(record_id="old", occurred_on=str(WEEK.back(4).first_day)),
    )
    blocks = clean(sections.district_incidents(edition(), listed=rows, district="A"))
    (table,) = tables(blocks)
    assert len(table.rows) == 6
    assert "3 more" in words_of(*blocks)
    assert clean(sections.district_incidents(edition(), listed=rows.iloc[:0], district="A"))
    written = frame(
        "assessment",
        {"week": WEEK.slug, "part": "situation", "text": "Tense.", "district": "A"},
        {"week": WEEK.back(1).slug, "part": "situation", "text": "Calm.", "district": "A"},
        {"week": WEEK.slug, "part": "situation", "text": "Other.", "district": "B"},
    )
    told = sections.district_situation(edition(assessment=written), district="A")
    assert words_of(*told) == "Tense."
    bare = edition(assessment=written.drop(columns="district"))
    assert sections.district_situation(bare, district="A") == []


# --- What closes a briefing -------------------------------------------------------------------------------

JUDGED = frame(
    "assessment",
    {"week": WEEK.slug, "occurred_on": MONDAY, "part": "judgement", "position": 1, "text": "It is likely.",
     "likelihood": "likely", "confidence": "moderate", "because": "Two reports.", "basis": "r1"},
    {"week": WEEK.slug, "occurred_on": MONDAY, "part": "bottom_line", "text": "Stay."},
)  # fmt: skip


def quality(made: Edition) -> list[Block]:
    """Return the quality check of an edition."""
    counts = analysis.series(weekly_of(USUAL)[0])
    last = analysis.last_outlook(counts, counts, week=MONDAY, model="eight_weeks")
    return clean(sections.quality_of_assessment(made, last=last, incidents=frame("incident", incident())))


def test_the_checklist_is_printed_for_readers_of_full_text_only() -> None:
    """Nine standards with result and finding; readers of released text get nothing, not even faults."""
    table = one_table(quality(edition(assessment=JUDGED)))
    assert len(table.rows) == 9
    assert labels(table) == ["Standard", "Result", "What was found"]
    assert "Nine standards of analytic tradecraft (ICD 203)" in table.note
    assert all("=" not in row[2].text and ";=" not in row[2].text for row in table.rows)
    closed = edition(assessment=JUDGED, free_text="releasable")
    assert quality(closed) == []
    results = analysis.checklist(JUDGED, JUDGED.iloc[:0], analysis.Evidence(likelihoods=("likely",)))
    assert checklist(closed, results=results) == []
    assert len(one_table(checklist(edition(), results=results)).rows) == 9


def test_without_an_assessment_there_is_nothing_to_check() -> None:
    """A week without statements is a sentence, not nine faults; one of another week does not count."""
    assert words_of(*quality(edition())) == "Without an assessment there is nothing to check."
    other = edition(assessment=JUDGED.assign(week=WEEK.back(1).slug))
    assert words_of(*quality(other)) == "Without an assessment there is nothing to check."


@pytest.mark.parametrize(
    ("scale", "told", "untold"),
    [
        ("icd203", "almost no chance / remote", "realistic possibility"),
        ("phia", "realistic possibility", "almost no chance / remote"),
    ],
)
def test_the_glossary_prints_the_offices_own_scale(scale: str, told: str, untold: str) -> None:
    """The words the office judges by with their per cent, and none of the other list."""
    made = edition()
    office = replace(made.view.office, likelihood_scale=scale)
    words, scale_table = tables(
        clean(sections.glossary(replace(made, view=replace(made.view, office=office))))
    )
    said = words_of(scale_table)
    assert told in said
    assert untold not in said
    assert all(row[1].text.endswith(" %") for row in scale_table.rows)
    assert "it is never a zero" in words_of(words)
