from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.rows import MONDAY
from workbench import records
from workbench.analysis.risk import (
    LINE_STATES,
    MEASURE_STANDINGS,
    criticality,
    headcount,
    measure_counts,
    measures,
    risk_lines,
)
from workbench.errors import ParameterError
from workbench.view import RiskSeen

ON = MONDAY + timedelta(days=6)

LIKELIHOODS = ("unlikely", "moderately_likely", "likely", "very_likely", "imminent")
IMPACTS = ("negligible", "minor", "moderate", "severe", "critical")
LEVELS = ("low", "medium", "high", "very_high", "unacceptable")
SHORT = dict(zip("LMHVU", LEVELS, strict=True))
ROWS = {"imminent": "LMHVU", "very_likely": "LMHHV", "likely": "LLMHH", "moderately_likely": "LLMMM",
        "unlikely": "LLLLL"}  # fmt: skip
TABLE = RiskSeen(
    likelihoods=LIKELIHOODS,
    impacts=IMPACTS,
    levels=LEVELS,
    basis="Suggested table, to be checked",
    table={likelihood: tuple(SHORT[letter] for letter in row) for likelihood, row in ROWS.items()},
    criticality={"PC1": "very_high", "PC2": "high", "PC3": "medium", "PC4": "low"},
)


def frame(name: str, *rows: dict[str, object]) -> pd.DataFrame:
    """Return a table of a record type with all its columns."""
    record = records.record_type(name)
    return pd.DataFrame(
        {c.name: pd.Series([row.get(c.name) for row in rows], dtype=records.DTYPES[c.kind])
         for c in record.columns}
    )  # fmt: skip


def line(present: str = "very_likely critical", residual: str = "likely moderate", **more: object):
    """Return a risk line of district A that holds today, its words as "likelihood impact"."""
    pairs = {"present": present.split(), "residual": residual.split()}
    words = {f"{part}_{when}": pair[n] for when, pair in pairs.items()
             for n, part in enumerate(("likelihood", "impact")) if n < len(pair)}  # fmt: skip
    dates = {"valid_from": ON - timedelta(days=30), "valid_to": ON + timedelta(days=30)}
    return {"record_id": "RL-1", "area_name": "North", "threat_event": "Ambush", "district": "A",
            **dates, **words, **more}  # fmt: skip


def lines(*rows: dict[str, object], table: RiskSeen | None = TABLE) -> pd.DataFrame:
    """Return these risk lines with their levels, as of the day reported on."""
    return risk_lines(frame("risk_line", *rows), table=table, on=ON)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("imminent critical", "unacceptable"),
        ("imminent negligible", "low"),
        ("very_likely severe", "high"),
        ("very_likely critical", "very_high"),
        ("likely minor", "low"),
        ("likely moderate", "medium"),
        ("moderately_likely critical", "medium"),
        ("unlikely critical", "low"),
    ],
)
def test_the_level_is_looked_up(words: str, level: str) -> None:
    """Likelihood by impact as the suggested table of domain.md 2.4 has it, present and residual alike."""
    found = lines(line(words, words)).iloc[0]
    assert (found["present"], found["residual"], found["moved"]) == (level, level, 0)
    assert found["residual_reason"] == "looked_up"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "likelihood_missing"),
        ("probable critical", "likelihood_unknown"),
        ("Likely critical", "likelihood_unknown"),
        ("likely", "impact_missing"),
        ("likely grave", "impact_unknown"),
    ],
)
def test_a_word_outside_the_table_is_not_guessed_at(words: str, reason: str) -> None:
    """No level, with the reason; the other level stands, and nothing is said to have moved."""
    found = lines(line("likely moderate", words)).iloc[0]
    assert pd.isna(found["residual"])
    assert found["residual_reason"] == reason
    assert (found["present"], found["present_reason"]) == ("medium", "looked_up")
    assert pd.isna(found["moved"])


def test_without_a_table_there_is_no_level() -> None:
    """An office that configured no table gets its lines with dates and without levels."""
    found = lines(line(), table=None).iloc[0]
    assert found[["present", "residual", "moved"]].isna().all()
    assert (found["present_reason"], found["state"]) == ("no_table", "current")


@pytest.mark.parametrize(
    ("start", "end", "state", "left"),
    [
        (-30, 0, "current", 0),
        (0, 10, "current", 10),
        (-30, -1, "expired", pd.NA),
        (1, 30, "not_yet_valid", pd.NA),
    ],
)
def test_a_risk_line_expires(start: int, end: int, state: str, left: object) -> None:
    """It holds on its first and its last day, and a day later no more."""
    dates = {"valid_from": ON + timedelta(days=start), "valid_to": ON + timedelta(days=end)}
    found = lines(line(**dates)).iloc[0]
    assert found["state"] == state
    assert found["days_left"] is left if left is pd.NA else found["days_left"] == left


def test_the_worst_residual_comes_first() -> None:
    """By residual, then present; lines without a level last, and expired after current."""
    expired = {"valid_to": ON - timedelta(days=2)}
    found = lines(
        line("likely minor", "likely minor", record_id="low"),
        line("likely moderate", "likely grave", record_id="unknown"),
        line("very_likely critical", "likely moderate", record_id="old", **expired),
        line("very_likely critical", "likely moderate", record_id="worse before"),
        line("likely moderate", "likely moderate", record_id="same"),
        line("imminent critical", "imminent severe", record_id="worst"),
    )
    assert found["record_id"].tolist() == ["worst", "worse before", "old", "same", "low", "unknown"]
    assert found["moved"].tolist() == [-1, -2, -2, 0, 0, pd.NA]


def test_a_reader_without_the_words_or_lines() -> None:
    """Columns withheld give no level; no lines give no rows with all the columns; dates are needed."""
    hidden = frame("risk_line", line()).drop(columns=["likelihood_present", "impact_residual"])
    found = risk_lines(hidden, table=TABLE, on=ON).iloc[0]
    assert (found["present_reason"], found["residual_reason"]) == ("likelihood_missing", "impact_missing")
    for nothing in (pd.DataFrame(), frame("risk_line")):
        empty = risk_lines(nothing, table=TABLE, on=ON)
        assert len(empty) == 0
        assert {"present", "residual", "moved", "state", "days_left"} <= set(empty)
    with pytest.raises(ParameterError, match="valid_to"):
        risk_lines(frame("risk_line", line()).drop(columns="valid_to"), table=TABLE, on=ON)


def measure(state: str, due: int | None = None, **more: object) -> dict[str, object]:
    """Return a measure of RL-1; `due` in days from the day reported on."""
    return {"record_id": f"{state} {due}", "risk": "RL-1", "state": state, "text": "Escort",
            "due_on": None if due is None else ON + timedelta(days=due), **more}  # fmt: skip


def test_what_a_measure_waits_for() -> None:
    """Proposed needs a decision, however late; agreed is overdue from the day after; done needs a look."""
    rows = frame(
        "risk_measure",
        measure("done", -5, verified_on=ON - timedelta(days=1)),
        measure("agreed", 0),
        measure("agreed", -1),
        measure("proposed", 5, risk="RL-9"),
        measure("proposed", -2),
        measure("agreed", -9),
        measure("done", -5),
        measure("dropped", -5),
        measure("agreed"),
    )
    found = measures(rows, lines(line()), on=ON)
    assert found["standing"].tolist() == [
        "needs_decision", "needs_decision", "overdue", "overdue", "agreed", "agreed", "done", "done",
        "dropped",
    ]  # fmt: skip
    assert found["days_overdue"].tolist() == [2, pd.NA, 9, 1, pd.NA, pd.NA, pd.NA, pd.NA, pd.NA]
    assert found["overdue"].tolist() == [True, False, True, True, *[False] * 5]
    assert found["verified"].tolist() == [*[pd.NA] * 6, True, False, pd.NA]
    assert found["line_state"].tolist() == ["current", "no_line", *["current"] * 7]
    assert found["residual"].iloc[0] == "medium"
    assert measure_counts(found) == dict(zip(MEASURE_STANDINGS, (2, 2, 2, 2, 1), strict=True))


def test_measures_without_lines_or_rows() -> None:
    """Lines withheld: each measure stands without its risk; no measure gives zeros."""
    alone = measures(frame("risk_measure", measure("agreed")), lines(), on=ON)
    assert alone["line_state"].tolist() == ["no_line"]
    assert alone["residual"].isna().all()
    for nothing in (pd.DataFrame(), frame("risk_measure")):
        assert measure_counts(measures(nothing, lines(line()), on=ON)) == dict.fromkeys(MEASURE_STANDINGS, 0)


def site(criticality_: str | None = "PC3", state: str = "running", **more: object) -> dict[str, object]:
    """Return a programme site of district A."""
    return {"record_id": criticality_, "district": "A", "criticality": criticality_, "state": state,
            "state_since": ON - timedelta(days=9), **more}  # fmt: skip


def held(site_: dict[str, object], *rows: dict[str, object], rule: RiskSeen | None = TABLE) -> pd.Series:
    """Return one site against these risk lines."""
    return criticality(frame("programme_site", site_), lines(*rows), rule=rule, on=ON).iloc[0]


@pytest.mark.parametrize(
    ("criticality_", "residual", "within"),
    [
        ("PC1", "very_likely critical", True),
        ("PC1", "imminent critical", False),
        ("PC2", "likely critical", True),
        ("PC2", "very_likely critical", False),
        ("PC3", "likely moderate", True),
        ("PC3", "likely severe", False),
        ("PC4", "unlikely critical", True),
        ("PC4", "likely moderate", False),
    ],
)
def test_a_programme_against_the_offices_rule(criticality_: str, residual: str, within: bool) -> None:  # noqa: FBT001 - parametrize passes by position
    """Within while the residual risk is at most what the rule allows for that criticality."""
    found = held(site(criticality_), line(residual=residual))
    assert found["within"] == within
    assert (found["allowed"], found["reason"]) == (TABLE.criticality[criticality_], "compared")


def test_the_gravest_current_line_counts() -> None:
    """Of the district's lines the gravest that holds today; expired ones and other places do not count."""
    rows = (
        line(residual="likely minor"),
        line(residual="likely moderate"),
        line(residual="imminent critical", valid_to=ON - timedelta(days=1)),
        line(residual="imminent critical", valid_from=ON + timedelta(days=1)),
        line(residual="imminent critical", district="B"),
    )
    assert held(site(), *rows)["risk"] == "medium"


def test_a_line_of_the_whole_province_holds_in_its_districts() -> None:
    """A line that names a province and no district counts in each of its districts, and in no other's."""
    wide = line(residual="imminent critical", district=None, admin1="KS01")
    assert held(site(admin1="KS01"), line(), wide)["risk"] == "unacceptable"
    assert held(site(admin1="KS02"), line(), wide)["risk"] == "medium"
    alone = held(site(admin1="KS01"), line(residual="imminent critical", district=None))
    assert alone["reason"] == "no_valid_line"


@pytest.mark.parametrize(
    ("residual", "within", "reason"),
    [
        ("likely moderate", True, "compared"),
        ("likely severe", pd.NA, "line_not_placed"),
        ("likely grave", pd.NA, "line_not_placed"),
    ],
)
def test_a_line_that_names_no_place_may_hold_here(residual: str, within: object, reason: str) -> None:
    """One graver than allowed, or without a level, leaves open whether the site is within."""
    found = held(site(), line(), line(residual=residual, district=None))
    assert found["within"] is within if within is pd.NA else found["within"] == within
    assert (found["reason"], found["risk"]) == (reason, "medium")
    assert held(site("PC4"), line(), line(residual=residual, district=None))["within"] == False  # noqa: E712 - <NA> is not False


@pytest.mark.parametrize(
    ("site_", "rows", "reason"),
    [
        (site(None), [line()], "no_criticality"),
        (site("PC9"), [line()], "no_rule"),
        (site(), [], "no_valid_line"),
        (site(district=None), [line()], "no_valid_line"),
        (site(), [line(valid_to=ON - timedelta(days=1))], "no_valid_line"),
        (site(), [line(residual="likely grave")], "residual_unknown"),
        (site(), [line(), line(residual="likely grave")], "residual_unknown"),
    ],
)
def test_what_cannot_be_told_is_not_within(
    site_: dict[str, object], rows: list[dict[str, object]], reason: str
) -> None:
    """No criticality, rule, valid line or level: <NA> and why, never "within"."""
    found = held(site_, *rows)
    assert found["within"] is pd.NA
    assert found["reason"] == reason


def test_a_level_above_is_above_whatever_else_is_unknown() -> None:
    """One line above what is allowed decides, though another has no level; without a table nothing does."""
    found = held(site(), line(residual="likely severe"), line(residual="likely grave"))
    assert (found["within"], found["risk"]) == (False, "high")
    assert held(site(), line(), rule=None)["reason"] == "no_rule"


def test_only_what_runs_is_held_against_the_rule() -> None:
    """Running and reduced sites, as of the day; those above their level first, then the untold."""
    rows = frame(
        "programme_site",
        site("PC1"),
        site(None),
        site("PC4", "reduced"),
        site("PC4", "suspended"),
        site("PC4", "stopped"),
        site("PC4", state_since=ON + timedelta(days=1)),
    )
    found = criticality(rows, lines(line()), rule=TABLE, on=ON)
    assert found["criticality"].isna().tolist() == [False, True, False]
    assert found["within"].tolist() == [False, pd.NA, True]
    for nothing in (pd.DataFrame(), frame("programme_site")):
        assert len(criticality(nothing, lines(line()), rule=TABLE, on=ON)) == 0


WORDS = st.tuples(st.sampled_from([*LIKELIHOODS, "perhaps"]), st.sampled_from([*IMPACTS, "odd"]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(WORDS, st.integers(-40, 40)), max_size=6), st.sampled_from(["PC1", "PC3", "PC4"]))
def test_one_more_risk_never_brings_a_site_within(
    rows: list[tuple[tuple[str, str], int]], class_: str
) -> None:
    """A site above its level stays above when a line is added; line states stay in their list."""
    made = [line(residual=" ".join(w), valid_to=ON + timedelta(days=n)) for w, n in rows]
    assert set(lines(*made)["state"]) <= set(LINE_STATES)
    after = held(site(class_), *made)["within"]
    for one in range(len(made)):
        fewer = held(site(class_), *made[:one], *made[one + 1 :])["within"]
        assert not (after is not pd.NA and after and fewer is not pd.NA and not fewer)


def count(present: int | None, ceiling: int | None, ago: int = 0, **more: object) -> dict[str, object]:
    """Return a headcount; `ago` counts days back."""
    return {"organisation": "Office", "category": "national", "present": present, "ceiling": ceiling,
            "counted_on": ON - timedelta(days=ago), **more}  # fmt: skip


def test_the_latest_count_against_its_ceiling() -> None:
    """One row an organisation and category; over only above the ceiling, unknown without one."""
    found = headcount(
        frame(
            "headcount",
            count(7, 6, ago=0),
            count(5, 6, ago=7),
            count(9, 6, ago=-1),
            count(4, 4, category="consultant", ago=20),
            count(2, None, category="international"),
            count(1, 0, organisation="Agency"),
        ),
        on=ON,
    )
    assert found["organisation"].tolist() == ["Agency", "Office", "Office", "Office"]
    assert found["category"].tolist() == ["national", "consultant", "international", "national"]
    assert found["over"].tolist() == [True, False, pd.NA, True]
    assert found["over_by"].tolist() == [1, 0, pd.NA, 1]
    assert found["age_days"].tolist() == [0, 20, 0, 0]


def test_headcounts_on_one_day_and_none() -> None:
    """Of two counts on one day the later row stands; no count gives no row."""
    assert headcount(frame("headcount", count(1, 9), count(3, 9)), on=ON)["present"].tolist() == [3]
    for nothing in (pd.DataFrame(), frame("headcount"), frame("headcount", count(1, 1, ago=-2))):
        assert len(headcount(nothing, on=ON)) == 0
