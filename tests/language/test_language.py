"""The catalogue: whole sentences, plurals, numbers and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from workbench.analysis.duplicates import REASONS
from workbench.analysis.early_warning import ALERT_STATES
from workbench.analysis.outlook import MODELS
from workbench.analysis.tradecraft import RESULTS, STANDARDS
from workbench.errors import UnknownName
from workbench.language import CATALOGUES, languages, words
from workbench.language.extract import messages, update
from workbench.language.terms import TERMS
from workbench.records import record_names, record_type

EN = words("en")

VOCABULARIES = {
    # record column -> vocabulary of labels; every other closed list never reaches a page in words
    ("incident", "event_type"): "event_type",
    ("incident", "threat_category"): "threat_category",
    ("incident", "verification"): "verification",
    ("incident", "date_precision"): "date_precision",
    ("incident", "place_precision"): "place_precision",
    ("liaison_entry", "channel"): "channel",
    ("liaison_entry", "organisation_kind"): "organisation_kind",
    ("commitment", "state"): "commitment_state",
    ("programme_site", "state"): "site_state",
    ("alert", "raised_by_kind"): "raised_by_kind",
    ("alert", "outcome"): "outcome",
    ("assessment", "confidence"): "confidence",
    ("assessment", "scenario"): "scenario",
    ("assessment", "indicator_state"): "indicator_state",
    ("assessment", "state"): "recommendation_state",
    ("district_assessment", "direction"): "direction",
    ("district_assessment", "access"): "access",
    ("district_assessment", "confidence"): "confidence",
    ("duplicate_decision", "verdict"): "verdict",
    ("headcount", "category"): "headcount_category",
    ("risk_line", "threat_category"): "threat_category",
    ("risk_measure", "kind"): "measure_kind",
    ("risk_measure", "state"): "measure_state",
    ("support", "support_type"): "support_type",
    ("support", "risk_rating"): "support_risk",
    ("support", "decision"): "support_decision",
    ("violation", "act"): "alleged_act",
    ("violation", "government_response"): "government_response",
}


@pytest.mark.parametrize("language", languages())
def test_the_catalogue_is_up_to_date(language: str) -> None:
    """Every sentence of code and notebooks is in the catalogue, and no other."""
    file = CATALOGUES / f"{language}.po"
    assert file.read_bytes() == update(file, messages()), "run: python -m workbench.language.extract"


def test_plurals_follow_the_locale() -> None:
    """One is singular, zero and many are plural, and numbers carry the locale's separators."""
    say = lambda n: EN.count("{n} day ago", "{n} days ago", n)  # noqa: E731 (three uses on one line each)
    assert [say(0), say(1), say(1200)] == ["0 days ago", "1 day ago", "1,200 days ago"]


def test_what_fills_a_place_is_data() -> None:
    """A value with braces or percent signs stands as it is and is never looked up or filled."""
    assert EN.say("prepared by {author}", author="{instant} %s {0}") == "prepared by {instant} %s {0}"


def test_a_place_takes_text_or_a_number_only() -> None:
    """A missing value or a frame cannot slip into a sentence."""
    with pytest.raises(TypeError):
        EN.say("prepared by {author}", author=None)


def test_dates_are_written_by_locale() -> None:
    """Spans of days name what differs and no more."""
    assert EN.days(date(2026, 11, 9), date(2026, 11, 15)) == "Monday 9 – Sunday 15 November 2026"
    assert EN.days(date(2026, 11, 30), date(2026, 12, 6)) == "Monday 30 November – Sunday 6 December 2026"
    assert EN.days(date(2020, 12, 28), date(2021, 1, 3)) == "Monday 28 December 2020 – Sunday 3 January 2021"
    assert EN.instant(datetime(2026, 11, 16, 6, tzinfo=UTC)) == "16 Nov 2026 06:00 UTC"


def test_an_unknown_language_lists_the_known_ones() -> None:
    """A language without a catalogue is an error before anything is made."""
    with pytest.raises(UnknownName, match="en"):
        words("tlh")


@pytest.mark.parametrize(("column", "vocabulary"), list(VOCABULARIES.items()))
def test_every_word_of_a_vocabulary_has_a_label(column: tuple[str, str], vocabulary: str) -> None:
    """No code such as `attack_on_civilians` can reach a page for want of a label."""
    record, name = column
    assert set(record_type(record).column(name).vocabulary) <= set(TERMS[vocabulary])


def test_closed_lists_are_accounted_for() -> None:
    """A record type's new closed list must be given labels, or be named here as one no page shows."""
    not_shown = {"level", "compartments", "matched_by", "source_grade", "info_grade", "criticality", "part"}
    in_no_view = {"correction", "label_change", "interlocutor"}
    closed = {
        (name, column.name)
        for name in record_names()
        if name not in in_no_view
        for column in record_type(name).columns
        if column.vocabulary and column.name not in not_shown
    }
    assert {key for key in closed if key not in VOCABULARIES} <= {
        (name, "date_precision") for name in record_names()
    } | {(name, "place_precision") for name in record_names()}


@pytest.mark.parametrize(
    ("vocabulary", "codes"),
    [
        ("tradecraft_standard", STANDARDS),
        ("check_result", RESULTS),
        ("alert_state", ALERT_STATES),
        ("duplicate_reason", REASONS),
        ("outlook_model", MODELS),
    ],
)
def test_every_code_of_the_analysis_has_a_label(vocabulary: str, codes: tuple[str, ...]) -> None:
    """A method's codes and the labels of a page are the same list: none missing, none left over."""
    assert set(TERMS[vocabulary]) == set(codes)
