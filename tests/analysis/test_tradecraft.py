from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import incidents
from workbench import records
from workbench.analysis.tradecraft import (
    RESULTS,
    STANDARDS,
    Evidence,
    checklist,
    result_counts,
)
from workbench.config.tradecraft import likelihood_words
from workbench.errors import ParameterError

SCALE = likelihood_words("icd203")
SOURCES = pd.DataFrame(
    {
        "licence": ["The office's own", "CC BY 4.0"],
        "attribution": ["Log of the office", "A publisher"],
        "delivered_at": pd.to_datetime(["2026-11-15", "2026-11-14"], utc=True),
    }
)
JUDGED = {"likelihood": "likely", "confidence": "low", "because": "One report.", "basis": "INC-1"}


def statements(*rows: tuple[str, dict[str, object]]) -> pd.DataFrame:
    """Return assessment statements; positions count within a part unless given."""
    record = records.record_type("assessment")
    seen: dict[str, int] = {}
    filled = []
    for part, row in rows:
        seen[part] = seen.get(part, 0) + 1
        filled.append({"part": part, "position": seen[part], "text": "Words.", **row})
    return pd.DataFrame(
        {c.name: pd.Series([row.get(c.name) for row in filled], dtype=records.DTYPES[c.kind])
         for c in record.columns}
    )  # fmt: skip


def judgement(**more: object) -> tuple[str, dict[str, object]]:
    """Return a judgement that meets every standard, but for what is given."""
    return ("judgement", {**JUDGED, **more})


def found(standard: str, *rows: tuple[str, dict[str, object]], last: pd.DataFrame | None = None, **evidence):
    """Return (result, told) of one standard."""
    given_ = Evidence(likelihoods=SCALE, **evidence)
    table = checklist(statements(*rows), statements() if last is None else last, given_)
    row = table.set_index("standard").loc[standard]
    told = dict(pair.split("=") for pair in row["told"].split(";"))
    return row["result"], {name: int(n) for name, n in told.items()}


def test_a_complete_week_meets_all_that_was_checked() -> None:
    """Every standard is listed in the directive's order, and a week that has it all meets them."""
    week = statements(
        judgement(),
        ("bottom_line", {}),
        ("assumption", {}),
        ("alternative", {}),
        ("situation", {"text": "Two attacks on the road."}),
        ("indicator", {"indicator_state": "seen"}),
        ("recommendation", {"owner": "Head of office", "due_on": date(2026, 11, 18)}),
    )
    evidence = Evidence(
        likelihoods=SCALE,
        sources=SOURCES,
        incidents=incidents({"source_grade": "B2"}),
        known_ids={"INC-1"},
        scorecard=(9, 10),
        figures=["Five incidents in one district."],
    )
    table = checklist(week, statements(judgement()), evidence)
    assert tuple(table["standard"]) == STANDARDS
    assert table["result"].tolist() == ["met"] * 9
    assert result_counts(table) == {"met": 9, "partly": 0, "not_met": 0, "not_checked": 0}


def test_a_week_without_assessment_is_not_praised() -> None:
    """Nothing written meets nothing: only relevance can be told, and is not met."""
    for week in (statements(), pd.DataFrame()):
        table = checklist(week, pd.DataFrame(), Evidence(likelihoods=SCALE))
        expected = ["not_met" if one == "relevance" else "not_checked" for one in STANDARDS]
        assert table["result"].tolist() == expected


def test_sources_are_described_and_graded() -> None:
    """A source without licence, or fewer than half of the rows graded, is partly; both is not met."""
    graded, plain = incidents({"source_grade": "C3"}), incidents({}, {})
    bare = SOURCES.assign(licence=["", "CC BY 4.0"])
    assert found("sources", sources=SOURCES, incidents=graded)[0] == "met"
    assert found("sources", sources=SOURCES, incidents=plain)[0] == "partly"
    assert found("sources", sources=bare, incidents=graded)[0] == "partly"
    result, told = found("sources", sources=bare, incidents=plain)
    assert (result, told) == ("not_met", {"sources": 2, "not_described": 1, "gradable": 2, "graded": 0})
    never = SOURCES.assign(delivered_at=pd.Series([pd.NaT, pd.NaT], dtype="datetime64[us, UTC]"))
    assert found("sources", sources=never)[1]["not_described"] == 2


def test_each_judgement_has_likelihood_confidence_and_reason() -> None:
    """A word outside the scale is no likelihood; one judgement of two is partly, none is not met."""
    assert found("uncertainty", judgement(likelihood="Very Likely"))[0] == "met"
    result, told = found("uncertainty", judgement(), judgement(likelihood="maybe", because=" "))
    assert result == "partly"
    assert told == {
        "judgements": 2, "without_likelihood": 1, "without_confidence": 0, "without_because": 1,
    }  # fmt: skip
    assert found("uncertainty", judgement(confidence=None))[0] == "not_met"


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("It is likely that the road stays shut.", 1),
        ("Very likely: the road stays shut.", 1),
        ("Probably, likelihoods and unlikeliness.", 0),
        ("The road is shut.", 0),
        ("A roughly even chance, they said.", 1),
    ],
)
def test_facts_carry_no_likelihood_words(text: str, mixed: int) -> None:
    """Whole words of the scale in a situation or focus text are a judgement in the wrong place."""
    for part in ("situation", "focus"):
        result, told = found("separation", (part, {"text": text}), ("assumption", {}))
        assert told["situation_with_likelihood"] == mixed
        assert result == ("partly" if mixed else "met")


def test_assumptions_are_stated() -> None:
    """Judgements without a stated assumption are partly separated; with likely facts, not at all."""
    assert found("separation", judgement())[0] == "partly"
    assert found("separation", judgement(), ("situation", {"text": "Likely so."}))[0] == "not_met"
    table = checklist(statements(judgement()), statements(), Evidence(likelihoods=()))
    assert table["told"].iloc[2] == "assumptions=0;situation_texts=0;situation_with_likelihood=0"


def test_alternatives_or_both_other_scenarios() -> None:
    """An alternative, or a most dangerous and a best case; one of the two is partly."""
    danger, best = ("outlook", {"scenario": "most_dangerous"}), ("outlook", {"scenario": "best_case"})
    assert found("alternatives", judgement(), ("alternative", {}))[0] == "met"
    assert found("alternatives", danger, best)[0] == "met"
    assert found("alternatives", danger)[0] == "partly"
    assert found("alternatives", judgement(), ("outlook", {"scenario": "most_likely"}))[0] == "not_met"


def test_relevance_is_short_and_asks_somebody_by_a_day() -> None:
    """A bottom line of 60 words is short enough, 61 are not; each recommendation has owner and day."""
    asked = ("recommendation", {"owner": "Head of office", "due_on": date(2026, 11, 18)})
    assert found("relevance", ("bottom_line", {"text": "word " * 60}), asked)[0] == "met"
    result, told = found("relevance", ("bottom_line", {"text": "word " * 61}), asked)
    assert (result, told["over_60_words"]) == ("partly", 1)
    result, told = found("relevance", ("recommendation", {"owner": "Head of office"}), asked)
    assert (result, told["without_owner_or_day"]) == ("not_met", 1)


def test_every_basis_exists() -> None:
    """A judgement without basis, or with one id that nobody knows, is not argued."""
    known = {"known_ids": {"INC-1", "INC-2"}}
    assert found("logic", judgement(basis="INC-1;INC-2"), **known)[0] == "met"
    result, told = found("logic", judgement(), judgement(basis="INC-1;INC-9"), judgement(basis=None), **known)
    assert result == "partly"
    assert told == {"judgements": 3, "without_basis": 1, "unknown_basis": 1}
    assert found("logic", judgement(basis="INC-9"), **known)[0] == "not_met"
    assert found("logic", judgement())[0] == "not_checked"
    assert found("logic", judgement(basis=None))[0] == "not_met"
    withheld = statements(judgement()).drop(columns="basis")
    table = checklist(withheld, statements(), Evidence(likelihoods=SCALE, **known))
    assert table.set_index("standard").loc["logic", "result"] == "not_checked"


def test_a_change_says_why() -> None:
    """Another likelihood or confidence than last issue's needs a reason; the same, or a new one, does not."""
    last = statements(judgement(), judgement(likelihood="unlikely"), ("outlook", {"scenario": "best_case"}))
    result, told = found("change", judgement(), judgement(likelihood="Unlikely "), judgement(), last=last)
    assert (result, told) == ("met", {"compared": 2, "changed": 0, "unexplained": 0})
    assert found("change", judgement(confidence="high"), last=last)[0] == "not_met"
    assert found("change", judgement(confidence="high", change="A second report."), last=last)[0] == "met"
    result, told = found("change", judgement(confidence="high", change="Why."), judgement(), last=last)
    assert (result, told["unexplained"]) == ("partly", 1)
    assert found("change", ("outlook", {"scenario": "best_case", "likelihood": "likely"}), last=last)[0] == (
        "not_met"
    )
    assert found("change", judgement())[0] == "not_checked"


def test_accuracy_is_the_scorecard() -> None:
    """7 of 10 can be chance where 8 should be; 2 of 10 cannot; without a scorecard nothing is said."""
    seen, open_ = ("indicator", {"indicator_state": "seen"}), ("indicator", {})
    assert found("accuracy", seen, scorecard=(7, 10))[0] == "met"
    assert found("accuracy", seen, scorecard=(2, 10))[0] == "partly"
    assert found("accuracy", open_, scorecard=(2, 10))[0] == "not_met"
    result, told = found("accuracy", seen, open_, scorecard=(10, 10))
    assert (result, told["without_state"]) == ("partly", 1)
    assert found("accuracy", seen)[0] == found("accuracy", seen, scorecard=(0, 0))[0] == "not_checked"
    with pytest.raises(ParameterError):
        found("accuracy", scorecard=(3, 2))


def test_visuals_say_their_finding() -> None:
    """A figure without words is seen; what figures look like is not checked."""
    assert found("visuals", figures=["Five incidents."])[0] == "met"
    assert found("visuals", figures=["Five incidents.", " "])[1] == {"figures": 2, "without_words": 1}
    assert found("visuals")[0] == "not_checked"


PARTS = st.sampled_from(records.record_type("assessment").column("part").vocabulary)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=30),
        "likelihood": st.sampled_from(["likely", "perhaps"]),
        "confidence": st.sampled_from(["low", "high"]),
        "because": st.text(max_size=5),
        "basis": st.sampled_from(["INC-1", "INC-1;X", ";"]),
        "scenario": st.sampled_from(["most_dangerous", "best_case"]),
        "owner": st.just("Head"),
    },
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(PARTS, VALUES), max_size=8), st.booleans())
def test_whatever_is_written_each_standard_has_one_result(
    rows: list[tuple[str, dict[str, object]]],
    known: bool,  # noqa: FBT001 - given passes by position
) -> None:
    """Nine rows with a known result and numbers; judged against itself, nothing has changed."""
    week = statements(*rows)
    evidence = Evidence(likelihoods=SCALE, sources=SOURCES, known_ids={"INC-1"} if known else None)
    table = checklist(week, week, evidence).set_index("standard")
    assert set(table["result"]) <= set(RESULTS)
    assert "changed=0" in table.loc["change", "told"]
    assert sum(result_counts(table).values()) == 9
