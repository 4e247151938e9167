"""Sections of human rights due diligence: what they say, what they never say, and who gets none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from tests.document.test_sections import SUNDAY, edition, frame, words_of
from tests.document.test_sections_findings import clean, tables, texts
from workbench import analysis
from workbench.analysis import Joined
from workbench.blocks import Actions, Block, to_json
from workbench.document import sections
from workbench.errors import DisclosureRefused
from workbench.view import Edition

BOTH = ("support", "violation")


def day(ago: int) -> pd.Timestamp:
    """Return the day so many days before the end of the week."""
    return pd.Timestamp(SUNDAY) - pd.Timedelta(days=ago)


def support(number: int = 1, **given: Any) -> dict[str, Any]:
    """Return approved support to the Guard, reviewed 50 days ago."""
    return {
        "record_id": f"S{number}", "activity": "Training", "recipient_unit": "Guard", "decision": "approved",
        "support_type": "training", "started_on": day(100), "reviewed_on": day(50),
        "next_review_on": day(-50), "risk_rating": "low", "recorded_on": day(100),
        "decided_by": "Head of office", **given,
    }  # fmt: skip


def violation(number: int = 1, **given: Any) -> dict[str, Any]:
    """Return an alleged killing of two men by the Guard 20 days ago, not reported yet."""
    return {
        "record_id": f"V{number}", "occurred_on": day(20), "act": "killing", "perpetrator_unit": "Guard",
        "source_grade": "B2", "reported_at": f"{day(19).date()}T12:00Z", "victims_men": 2, "grave": True,
        "district": "A", "district_name": "Ada", **given,
    }  # fmt: skip


def page(
    supports: list[dict[str, Any]],
    *violations: dict[str, Any],
    records: tuple[str, ...] = BOTH,
    without: tuple[str, ...] = (),
    **view: Any,
) -> list[Block]:
    """Return every block of the page as the notebook makes it; `without` columns these readers lack."""
    made = edition(records=records, place="exact", **view)
    rows = {"support": supports, "violation": list(violations)}
    given = {name: frame(name, *one, without=without) for name, one in rows.items()}
    held = MappingProxyType({**made.view.tables, **given})
    return blocks_of(replace(made, view=replace(made.view, tables=held)))


def blocks_of(made: Edition) -> list[Block]:
    """Return the blocks of the notebook's cells in their order."""
    view = replace(made.view, area=replace(made.view.area, name="Ada and Bor"))
    made = replace(made, view=view)
    register, records = sections.rights_registers(made)
    supports = analysis.supports(register, on=view.on)
    alleged = analysis.allegations(records, on=view.on, zone=view.zone)
    joined: Joined = analysis.joined_by_unit(supports, alleged)
    measures = analysis.mitigation(supports, on=view.on)
    numbers = analysis.rights_numbers(joined, measures, on=view.on, since=view.compared_with)
    return clean(
        [
            sections.rights_masthead(made),
            sections.rights_bottom_line(made, numbers=numbers, joined=joined),
            sections.rights_figures(made, numbers=numbers),
            *sections.support_to_decide(made, findings=analysis.support_findings(joined, on=view.on)),
            *sections.reviews_due(made, supports=supports),
            *sections.measures_due(made, measures=measures),
            *sections.support_register(made, joined=joined),
            *sections.alleged_units(made, units=analysis.alleged_by_unit(joined)),
            *sections.report_times(
                made,
                quarters=analysis.report_days(alleged, on=view.on, by="quarter"),
                acts=analysis.report_days(alleged, on=view.on, by="act"),
            ),
            *sections.rights_recommendations(made),
            *sections.rights_not_known(made, joined=joined, measures=measures),
            *sections.allegation_list(made, allegations=joined.allegations),
            *sections.rights_method(made),
            sections.rights_sources(made),
        ]
    )


def said(blocks: list[Block]) -> str:
    """Return every text of the blocks, also those of figures, in one line."""
    return " | ".join(one for block in blocks for one in texts(to_json(block)))


def test_the_bottom_line_says_what_waits() -> None:
    """How many supports run under allegations, reviews overdue, what is new, and what is not reported."""
    text = words_of(
        *page([support(next_review_on=day(5)), support(2, recipient_unit="Police")], violation())[1:2]
    )
    assert "1 of 2 supports that run has credible allegations against its recipient" in text
    assert "Alleged against: Guard." in text
    assert "1 review is overdue, by 5 days." in text
    assert "Since the last issue (9 Nov) the office learnt of 0 allegations" in text
    assert "1 allegation is not reported to the Resident Representative; it has waited 19 days." in text


def test_calm_is_never_certified() -> None:
    """Without a credible allegation the page says that none is on record, not that nothing happened."""
    text = said(page([support()]))
    assert "No support that runs has a credible allegation on record" in text
    assert "what nobody told the office is not on record" in text
    assert "No alleged violation is on record." in text
    assert "not that nothing happened" in text


def test_ungraded_allegations_are_not_passed_over() -> None:
    """Where nobody could judge the source the lead says so, and the table says what to do."""
    text = said(page([support()], violation(source_grade=None)))
    assert "1 of 1 supports that run has allegations against its recipient that nobody has graded" in text
    assert "Have the allegations graded, then review the support." in text


def test_the_most_urgent_support_comes_first() -> None:
    """Support under allegations leads the register; closed support is counted, not listed."""
    blocks = page(
        [
            support(1, recipient_unit="P"),
            support(2),
            support(3, decision="ended"),
            support(4, decision="refused"),
        ],
        violation(),
    )
    register = next(one for one in tables(blocks) if one.columns[-1].label == "Alleged since it began")
    assert [row[0].text for row in register.rows] == ["Training (S2)", "Training (S1)"]
    assert register.rows[0][-1].text == "1 (1 grave), latest 26 Oct"
    assert register.rows[1][-1].text == "none known"
    assert "Not listed: 1 ended, 1 refused." in register.note


def test_reviews_and_measures_that_wait() -> None:
    """Overdue and undated reviews are named with who decided; open measures with their day."""
    text = said(
        page(
            [
                support(1, next_review_on=day(3), mitigation=f"open {day(2).date()}: Names checked; done: x"),
                support(2, next_review_on=None, reviewed_on=None, mitigation="Visit"),
            ]
        )
    )
    assert "3 days overdue" in text
    assert "2 days overdue" in text
    assert "no next date" in text
    assert "never" in text
    assert "state not stated" in text
    assert "1 overdue, 1 state not stated and 1 done" in text


@pytest.mark.parametrize("consent", [True, False, None])
def test_details_of_victims_need_their_consent(*, consent: bool | None) -> None:
    """Without consent not one word of the account is anywhere in any block: the number is all."""
    texts_ = {"account": "Zqxaccount told", "response_text": "Zqxanswer", "notes": "Zqxnote",
              "place_name": "Zqxplace"}  # fmt: skip
    text = said(page([support()], violation(victim_consent=consent, victims_girls=1, **texts_)))
    assert ("Zqxaccount told" in text) == (consent is True)
    assert ("Zqxanswer" in text) == (consent is True)
    assert ("girls 1" in text) == (consent is True)
    assert "Zqxnote" not in text
    assert "Zqxplace" not in text
    listed = next(one for one in tables(page([support()], violation(victim_consent=consent))) if
                  one.columns[0].label == "No.")  # fmt: skip
    assert listed.rows[0][4].text == ("2: men 2" if consent else "2")


def test_everything_is_alleged_and_grades_are_shown() -> None:
    """Headings, list and method say alleged; nothing claims guilt; the grade stands on every row."""
    blocks = page([support()], violation())
    text = said(blocks)
    for claim in ("perpetrator", "guilty", "committed", "responsible for"):
        assert claim not in text.lower()
    assert "Alleged: what somebody told the office." in text
    assert "no rule of any organisation" in text
    listed = next(one for one in tables(blocks) if one.columns[0].label == "No.")
    assert [cell.text for cell in listed.rows[0]][:6] == [
        "V1", "26 Oct", "Killing (grave), Ada", "Guard", "2", "B2",
    ]  # fmt: skip
    assert listed.rows[0][6].text == "not yet, 19 days"


def test_what_is_missing_is_counted_not_zero() -> None:
    """Allegations without unit, victims or grade are named; a median without a report is n/a."""
    row = {"perpetrator_unit": None, "victims_men": None, "grave": None, "source_grade": None}
    text = said(page([support(risk_rating=None, started_on=None)], violation(**row, support="S9")))
    for told in (
        "name no unit and no support: 1", "without a number of victims: 1", "without a first day: 1",
        "not marked as grave or not grave: 1", "whose source nobody could judge: 1",
        "link names no support on record: 1", "without a risk rating: 1",
    ):  # fmt: skip
        assert told in text
    assert "unit not known" in text
    figures = said(page([support()], violation())[2:3])
    assert "n/a" in figures
    assert "none reported in 12 months" in figures


def test_rows_set_aside_are_told() -> None:
    """A row of either register that could not be read is said to be in no count."""
    made = edition(records=BOTH, place="exact")
    rows = made.view.sources.assign(rejected=2)
    text = said(blocks_of(replace(made, view=replace(made.view, sources=rows))))
    assert "Rows of the two registers that could not be read, and are in no count: 4." in text


def test_only_the_two_registers_are_sources() -> None:
    """The list of sources holds no other: what the page does not use it does not name."""
    source = page([support()], records=("incident", "alert", *BOTH))[-1]
    assert "The log" not in said([source])
    assert said([source]).count("The office") == 2


@pytest.mark.parametrize("kept", BOTH)
def test_one_register_alone_makes_a_page_that_says_so(kept: str) -> None:
    """Where only one register is kept the page says which is not, and shows no number for it."""
    text = said(page([support()], violation(), records=(kept,)))
    missing = {
        "support": "No register of alleged violations is kept",
        "violation": "No register of support is kept",
    }
    assert missing[kept] in text
    assert "n/a" in text


def test_empty_registers_make_an_honest_page() -> None:
    """Registers without a row: the page says that nothing is on record for this area."""
    text = said(page([]))
    assert "No support and no alleged violation is on record for this area." in text
    assert "The registers show nothing that waits" in text


def test_readers_of_neither_register_get_no_page() -> None:
    """Without both the page is refused before anything is made, and the message tells of no record."""
    with pytest.raises(DisclosureRefused, match="Take human_rights out of its `briefings`"):
        page([support()], violation(), records=("incident", "alert"))


def test_columns_these_readers_lack_are_no_fault() -> None:
    """A reader with few columns still gets a page without a missing value on it."""
    few = ("record_id", "activity", "started_on", "ended_on", "mitigation", "reviewed_on", "next_review_on",
           "decided_by", "reported_at", "grave", "source_grade", "account", "response_text", "support",
           "victims_men", "district", "district_name", "government_response", "referred_to", "risk_rating",
           "reported_to_rr_at", "victim_consent", "notes")  # fmt: skip
    assert "Guard" in said(page([support()], violation(), without=few))


def test_recommendations_of_the_compartment_alone() -> None:
    """Those written for human_rights stand on the page, others do not; without any there is no such part."""
    both = [
        {"week": "2026-W46", "part": "recommendation", "position": n, "text": text, "compartments": label}
        for n, (text, label) in enumerate((("Zqxours", "personnel;human_rights"), ("Zqxothers", None)), 1)
    ]
    blocks = page([support()], assessment=frame("assessment", *both))
    assert [len(one.actions) for one in blocks if isinstance(one, Actions)] == [1]
    assert "Zqxours" in said(blocks)
    assert "Zqxothers" not in said(blocks)
    assert not [one for one in page([support()]) if isinstance(one, Actions)]


def test_the_head_names_no_reviewer_of_something_else() -> None:
    """Who reviewed the week's assessment has not reviewed this page."""
    rows = frame(
        "assessment", {"week": "2026-W46", "part": "bottom_line", "reviewer": "Zqxreviewer", "text": "x"}
    )
    assert "Zqxreviewer" not in said(page([support()], assessment=rows))


def test_news_since_the_last_issue() -> None:
    """What the office learnt after the last cut-off is news; without an earlier issue nothing is."""
    since = datetime.fromisoformat(f"{day(6).date()}T06:00+00:00")
    new = violation(reported_at=since + timedelta(hours=1), occurred_on=day(30))
    assert "learnt of 1 allegation against supported units, 1 held to be grave." in said(
        page([support()], new)
    )
    text = said(page([support()], new, compared_with=None))
    assert "There is no earlier issue; 1 allegation against supported units is on record." in text
