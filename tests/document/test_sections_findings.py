"""Sections of findings and of the outlook in numbers: what they say, and what they may not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.document.test_sections import (
    CODES,
    MONDAY,
    WEEK,
    contact,
    edition,
    frame,
    incident,
    labels,
    one_table,
    words_of,
)
from workbench import analysis
from workbench.blocks import Block, Figure, Table, Text, to_json
from workbench.document import sections
from workbench.document.sections.foretold import scorecard

NOT_A_WORD = re.compile(r"\b(NaN|nan|None(?! of the )|NaT|inf)\b|<NA>|\{\w+\}")
WEEKS = 60
SPAN: dict[str, Any] = {"first_day": WEEK.back(WEEKS - 1).first_day, "weeks": WEEKS}
HEARD = contact(A=1, B=2, C=40)
"""A and B were heard from, C was not for 40 days."""


def texts(told: Any) -> Iterator[str]:
    """Yield the texts of a block's JSON, but not what its figures are drawn from."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for key, value in told.items():
            if key not in {"spec", "svg", "labels"}:
                yield from texts(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from texts(value)


def clean(blocks: list[Block]) -> list[Block]:
    """Return blocks after a look that none says a missing value as NaN, None, <NA> or inf."""
    assert [one for block in blocks for one in texts(to_json(block)) if NOT_A_WORD.search(one)] == []
    return blocks


def tables(blocks: list[Block]) -> list[Table]:
    """Return the tables among blocks."""
    return [block for block in blocks if isinstance(block, Table)]


def figures(blocks: list[Block]) -> list[Figure]:
    """Return the figures among blocks."""
    return [block for block in blocks if isinstance(block, Figure)]


def happened(kind: str = "armed_clash", **weeks: list[int]) -> pd.DataFrame:
    """Return incidents of each district, so many a week, of which the last is the edition's own."""
    rows = [
        incident(
            district=district,
            event_type=kind,
            occurred_on=str(WEEK.back(len(counts) - 1 - n).first_day + timedelta(days=1)),
            record_id=f"{district}{n}.{number}",
        )
        for district, counts in weeks.items()
        for n, counts_of in enumerate(counts)
        for number in range(counts_of)
    ]
    return frame("incident", *rows)


USUAL = happened(A=[*([1, 0, 2] * 19), 1, 0, 9], B=[*([0, 1, 0] * 20)], C=[*([3, 4, 5] * 19), 4, 4, 0])
"""A has nine where one is usual, B none, C none where four are usual but was not heard from."""


def weekly_of(rows: pd.DataFrame, heard: pd.DataFrame = HEARD) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return weekly counts, told, and the states of the week."""
    weekly = analysis.weekly(rows, districts=CODES, **SPAN)
    states = analysis.states(weekly[weekly["week"] == str(MONDAY)], heard)
    return analysis.told(weekly, {MONDAY: states}), states


def change_of(rows: pd.DataFrame, heard: pd.DataFrame = HEARD, **given: Any) -> pd.DataFrame:
    """Return the change of the week, as the notebook makes it."""
    weekly, states = weekly_of(rows, heard)
    return analysis.change_of_week(analysis.series(weekly), week=MONDAY, states=states, **given)


def by_type_of(rows: pd.DataFrame, *kinds: str) -> pd.DataFrame:
    """Return the change of the week by type, as the notebook makes it: states are not told."""
    weekly = analysis.weekly_by_type(rows, districts=CODES, types=kinds or ("armed_clash",), **SPAN)
    return analysis.change_of_week(analysis.series(weekly, by=("district", "event_type")), week=MONDAY)


# --- Changes ----------------------------------------------------------------------------------------


def test_changes_show_both_p_values_and_the_adjusted_one() -> None:
    """Each district's counts, ratio with interval, the p of the week before, that of the usual, adjusted."""
    blocks = clean(sections.changes(edition(), change=change_of(USUAL)))
    (table,) = tables(blocks)
    assert labels(table)[3:8] == [
        "Ratio (95 % interval)", "p", "Same week last year", "p, against usual", "p, adjusted",
    ]  # fmt: skip
    ada = [cell.text for cell in table.rows[0]]
    assert ada[:3] == ["Ada", "0", "9"]
    assert ada[6] == "< 0.001"
    assert ada[7] == "< 0.001"
    assert (ada[8], table.rows[0][8].tone) == ("higher than usual", "accent")
    # nothing last week: no ratio, but a p of 9 against 0, which is 2 / 2^9
    assert (ada[3], ada[4]) == ("n/a", "0.004")


def test_the_number_of_tests_is_stated() -> None:
    """The note says for how many districts p was adjusted, the text of types how many pairs were tested."""
    blocks = clean(
        sections.changes(edition(), change=change_of(USUAL), by_type=by_type_of(USUAL, "armed_clash", "riot"))
    )
    assert "for 3 districts tested together" in tables(blocks)[0].note
    told = words_of(*blocks)
    assert "By type of incident, of 6 pairs of district and type tested together, unusual:" in told
    assert "Ada, armed clash: 9, higher than usual (0–" in told
    assert re.search(r"\(0–\d+; p < 0\.001, adjusted < 0\.001\)", told)


def test_a_silent_district_shows_no_zero_and_no_fall() -> None:
    """A district of state no_report has a dash for its week, no ratio, no p; by type it is not 'lower'."""
    change = change_of(USUAL)
    assert change["assessment"].tolist()[2] == "no_report"
    by_type = by_type_of(USUAL)
    assert by_type["assessment"].tolist()[2] == "lower_than_usual"
    blocks = sections.changes(edition(), change=change, by_type=by_type)
    silent = [cell.text for cell in tables(blocks)[0].rows[2]]
    assert silent[:5] == ["Cil", "4", "–", "n/a", "n/a"]
    assert silent[6:] == ["n/a", "n/a", "no report"]
    assert "Cil" not in words_of(*(block for block in blocks if isinstance(block, Text)))
    zeros = change.assign(now=change["now"].fillna(0))
    assert tables(sections.changes(edition(), change=zeros))[0].rows[2][2].text == "–"


def test_a_district_that_nobody_can_tell_of_shows_no_zero() -> None:
    """Without the log a count of none is 'no incident known' and a dash, never 0."""
    change = change_of(USUAL, contact())
    (table,) = tables(clean(sections.changes(edition(), change=change)))
    assert [row[2].text for row in table.rows] == ["9", "–", "–"]
    assert table.rows[1][8].text == "no incident known"


def test_an_unusual_type_in_a_silent_district_is_told_if_there_were_some() -> None:
    """Incidents of a district not heard from are told all the same: only its zeros are not."""
    rows = happened(A=[*([1, 0, 2] * 20)], C=[*([0, 1, 0] * 19), 0, 0, 9])
    told = words_of(*sections.changes(edition(), change=change_of(rows), by_type=by_type_of(rows)))
    assert "Cil, armed clash: 9, higher than usual" in told


def test_ratios_without_a_bound_say_what_is_known() -> None:
    """A ratio has its interval; without last week's count, or none then, there is none to give."""
    change = change_of(happened(A=[*([1] * 58), 2, 4], B=[*([1] * 58), 0, 3]))
    (table,) = tables(clean(sections.changes(edition(), change=change)))
    assert re.fullmatch(r"2\.0 \(0\.\d–\d+\.\d\)", table.rows[0][3].text)
    assert table.rows[1][3].text == "n/a"


@pytest.mark.parametrize("rows", [happened(), happened(A=[1])], ids=["no incident", "one incident"])
def test_changes_of_hardly_anything(rows: pd.DataFrame) -> None:
    """No incident, or the first one ever, makes a table without a ratio and says how many were tested."""
    blocks = clean(sections.changes(edition(), change=change_of(rows), by_type=by_type_of(rows)))
    assert {row[3].text for row in tables(blocks)[0].rows} == {"n/a"}
    told = words_of(*blocks)
    assert "3 pairs of district and type tested together" in told
    assert ("none is unusual" in told) == rows.empty


def test_unknown_counts_draw_no_figure() -> None:
    """Where no count of the week is known there is a table without a number and no figure."""
    change = change_of(USUAL)
    blank = change.assign(**dict.fromkeys(("now", "before", "ratio", "ratio_low", "ratio_high", "p"), pd.NA))
    blocks = clean(sections.changes(edition(), change=blank.assign(assessment="history_too_short")))
    assert figures(blocks) == []
    assert {row[2].text for row in tables(blocks)[0].rows} <= {"n/a", "–"}
    assert figures(sections.changes(edition(), change=change))


# --- Weeks by district ----------------------------------------------------------------------------------


def heat(rows: pd.DataFrame, heard: pd.DataFrame = HEARD, **given: Any) -> list[Block]:
    """Return the heat table of an edition, as the notebook makes it."""
    weekly, states = weekly_of(rows, heard)
    asked = {"since": SPAN["first_day"], "still_reported": 2, "states": {MONDAY: states}} | given
    return clean(sections.weeks_by_district(edition(), weekly=weekly, **asked))


def test_the_heat_table_shows_no_zero_where_nobody_was_heard_from() -> None:
    """Counts stand in the cells; the silent district's last week is no 0 though its count was."""
    (figure,) = figures(heat(USUAL))
    assert figure.data is not None
    last = [row[-1].text for row in figure.data.rows]
    assert last[0].startswith("9")
    assert last[1].startswith("0")
    assert not last[2].startswith("0")


def test_no_heat_table_without_a_count() -> None:
    """Before the data nothing is known: no figure of dashes is drawn, nor one of no district at all."""
    assert heat(USUAL, since=None) == []
    assert heat(USUAL, since=MONDAY + timedelta(days=1)) == []
    weekly, states = weekly_of(USUAL)
    nothing = {"since": SPAN["first_day"], "still_reported": 0, "states": {MONDAY: states}}
    assert sections.weeks_by_district(edition(), weekly=weekly.iloc[:0], **nothing) == []


# --- What readers of the whole area get -----------------------------------------------------------------


def test_readers_of_the_whole_area_get_nothing_by_district() -> None:
    """Heat table, changes, surveillance and clusters name districts, so such readers get none of them."""
    area = edition(place="area")
    weekly, states = weekly_of(USUAL)
    counts = analysis.series(weekly)
    made: list[list[Block]] = [
        sections.weeks_by_district(
            area, weekly=weekly, states={MONDAY: states}, since=MONDAY, still_reported=0
        ),
        sections.changes(area, change=change_of(USUAL), by_type=by_type_of(USUAL)),
        sections.watched(area, watch=analysis.watch(counts)),
        sections.gathered(area, clusters=clusters_of(counts), neighbours=near()),
        sections.last_outlook(area, last=last_of(counts)),
    ]
    assert made == [[], [], [], [], []]


# --- Surveillance and clusters --------------------------------------------------------------------------


def test_an_alarm_is_told_with_count_threshold_and_method() -> None:
    """The district that stands out is named, and the one whose count nobody knows is said to be untold."""
    told = words_of(
        *clean(sections.watched(edition(), watch=analysis.watch(analysis.series(weekly_of(USUAL)[0]))))
    )
    assert re.search(r"\(EARS C2\) raises an alarm for: Ada \(9, threshold \d\.\d\)\.", told)
    assert "It cannot tell for: Cil." in told


def test_no_alarm_is_said_and_no_history_too() -> None:
    """A quiet series raises none; too short a one cannot, which is no finding; an empty frame is silent."""
    quiet = analysis.series(weekly_of(happened(A=[1] * WEEKS, B=[1] * WEEKS, C=[1] * WEEKS))[0])
    assert "raises no alarm." in words_of(*sections.watched(edition(), watch=analysis.watch(quiet)))
    short = analysis.watch(quiet.iloc[:, -4:])
    assert "too short, or too unknown" in words_of(*clean(sections.watched(edition(), watch=short)))
    assert sections.watched(edition(), watch=short.iloc[:0]) == []


def clusters_of(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the clusters of the edition's three districts."""
    places = analysis.centroids(edition().view.districts)
    return analysis.scan_space_time(counts, places, rng=np.random.default_rng(1))


def near(**findings: str) -> pd.DataFrame:
    """Return what Gi* says of the three districts; not_unusual unless given."""
    return pd.DataFrame(
        {
            "district": list(CODES),
            "q": pd.array([0.031 if code in findings else None for code in CODES], dtype="Float64"),
            "finding": [findings.get(code, "not_unusual") for code in CODES],
        }
    )


def gathered(rows: pd.DataFrame, **given: Any) -> str:
    """Return the words on where incidents gather."""
    counts = given.get("counts", analysis.series(weekly_of(rows)[0]))
    blocks = sections.gathered(
        edition(), clusters=given.get("clusters", clusters_of(counts)), neighbours=given.get("near", near())
    )
    return words_of(*clean(blocks))


EVEN = happened(A=[1] * WEEKS, B=[1] * WEEKS, C=[1] * WEEKS)


def test_a_cluster_is_told_with_its_numbers() -> None:
    """Where, since when, how many for how many, how much more, and how likely by chance."""
    told = gathered(happened(A=[*([1] * 57), 6, 7, 9], B=[1] * WEEKS, C=[1] * WEEKS))
    assert re.search(r"Ada since \d+ (Oct|Nov): \d+ where \d+\.\d would be usual \(\d\.\d times; p ", told)


def test_no_cluster_and_no_history_are_told_apart() -> None:
    """Nothing beyond chance is a finding; data that reach back nine weeks give none."""
    assert "No group of neighbouring districts" in gathered(EVEN)
    counts = analysis.series(weekly_of(EVEN)[0]).iloc[:, -9:]
    assert "cannot be told yet" in gathered(EVEN, counts=counts)
    weak = clusters_of(analysis.series(weekly_of(EVEN)[0])).iloc[:0]
    weak.attrs["state"] = "found"
    assert "No group" in gathered(EVEN, clusters=weak)


def test_hot_neighbours_are_named_with_their_adjusted_p() -> None:
    """Only hot districts are told, by name and q; cold ones and those nobody can tell are no hotspot."""
    assert "lie in and around: Bor (q 0.031)" in gathered(EVEN, near=near(B="hot"))
    assert "Gi*" not in gathered(EVEN, near=near(B="cold", C="unknown", A="too_few_places"))
    assert "Gi*" not in gathered(EVEN, near=near().iloc[:0])


# --- Reporting delay ------------------------------------------------------------------------------------


def nowcast(*codes: str) -> pd.DataFrame:
    """Return estimates of the last weeks, the youngest last."""
    n = len(codes)
    told = [code == "estimated" for code in codes]
    numbers = {"known": 4, "expected": 6.25, "low": 4, "high": 9}
    return pd.DataFrame(
        {
            "week": pd.date_range(end=str(MONDAY), periods=n, freq="7D").astype("datetime64[s]"),
            "delay": pd.array(range(n - 1, -1, -1), dtype="Int64"),
            **{
                name: pd.array([value if one else None for one in told], dtype="Float64")
                for name, value in numbers.items()
            },
            "code": pd.array(codes, dtype="str"),
        }
    )


def delay_known(code: str = "enough", window: int | None = 2) -> analysis.DelayKnown:
    """Return what is known about delay."""
    shares = pd.DataFrame({"delay": [0, 1, 2], "share": pd.array([0.5, 0.9, 1.0], dtype="Float64")})
    return analysis.DelayKnown(code, window if code == "enough" else None, 9, 40, shares)


def test_expected_final_counts_of_young_weeks_only() -> None:
    """Weeks younger than the window are told with their range and how many weeks taught it; older are not."""
    told = words_of(
        *clean(sections.reporting(edition(), nowcast=nowcast(*["estimated"] * 3), known=delay_known()))
    )
    assert "By the delay seen in 9 weeks" in told
    assert told.count("4 known, 6.3 expected in the end (4–9)") + told.count("6.2 expected") == 2
    assert "Week of 26 Oct 2026" not in told


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("too_few_snapshots", "the store holds too few weekly states"),
        ("too_few_incidents", "too few incidents were seen"),
        ("anything_else", "too little is known"),
    ],
)
def test_unknown_delay_is_said_with_its_reason(code: str, reason: str) -> None:
    """Without enough to learn from nothing is estimated: the weeks are provisional."""
    told = words_of(*sections.reporting(edition(), nowcast=nowcast(code, code), known=delay_known(code)))
    assert reason in told
    assert "provisional" in told
    assert "expected" not in told


def test_weeks_without_an_estimate_are_left_out() -> None:
    """A week that no snapshot tells has no numbers; if all are so, or old, the weeks are complete."""
    told = words_of(
        *clean(sections.reporting(edition(), nowcast=nowcast("estimated", "not_known"), known=delay_known()))
    )
    assert told.count("expected in the end") == 1
    complete = sections.reporting(edition(), nowcast=nowcast("estimated"), known=delay_known(window=0))
    assert "these weeks are complete" in words_of(*complete)


# --- Outlook --------------------------------------------------------------------------------------------

STEADY = happened(A=[1, 2, 3] * 20, B=[0, 1, 0] * 20, C=[4, 3, 5] * 20)


def last_of(counts: pd.DataFrame) -> analysis.LastOutlook:
    """Return how the last outlook of the blend did."""
    return analysis.last_outlook(counts, counts, week=MONDAY, model="eight_weeks")


def test_last_weeks_outlook_is_judged_and_misses_are_named() -> None:
    """How many ranges held, and each miss with count and range."""
    counts = analysis.series(weekly_of(happened(A=[*[1, 2, 3] * 19, 1, 2, 30], B=[1] * WEEKS))[0])
    told = words_of(*clean(sections.last_outlook(edition(), last=last_of(counts))))
    assert "How last week's outlook did: 1 of 2 districts fell within their 90 % ranges." in told
    assert re.search(r"Missed: Ada \(30, expected \d+–\d+\)\.", told)


def test_without_a_last_outlook_nothing_is_said() -> None:
    """Too short a history, or a week nobody knows, leaves nothing to judge."""
    counts = analysis.series(weekly_of(STEADY)[0])
    assert sections.last_outlook(edition(), last=last_of(counts.iloc[:, -3:])) == []
    blank = counts.copy()
    blank.iloc[:, -1] = pd.NA
    assert sections.last_outlook(edition(), last=last_of(blank)) == []
    empty = last_of(counts)
    assert sections.last_outlook(edition(), last=replace(empty, rows=empty.rows.iloc[:0])) == []


def outlook_of(counts: pd.DataFrame, total: pd.DataFrame, **given: Any) -> list[Block]:
    """Return the outlook in numbers, as the notebook makes it."""
    return clean(
        sections.outlook_in_numbers(
            given.get("made", edition()),
            total=total,
            overall=analysis.foretell(analysis.series(total)),
            outlook=analysis.foretell(counts),
            last=last_of(counts),
            left_out=given.get("left_out", 0),
        )
    )


def test_the_outlook_tells_each_district_and_its_scorecard() -> None:
    """Chance of none and ranges of one and four weeks; the model in use is bold; n is stated."""
    counts = analysis.series(weekly_of(STEADY, contact(A=1, B=1, C=1))[0])
    blocks = outlook_of(counts, analysis.weekly_total(STEADY, districts=CODES, **SPAN))
    by_district, card = tables(blocks)
    assert [row[0].text for row in by_district.rows] == ["Ada", "Bor", "Cil"]
    assert all(re.fullmatch(r"\d+ %", row[1].text) for row in by_district.rows)
    assert all(re.fullmatch(r"\d+(–\d+)?", row[n].text) for row in by_district.rows for n in (2, 3))
    assert labels(card)[-1] == "Outlooks scored"
    assert {row[-1].text for row in card.rows} == {"78"}
    assert [row[0].tone for row in card.rows].count("strong") == 1


def test_readers_of_the_whole_area_get_the_whole_areas_outlook() -> None:
    """The fan and the scorecard name no district; the table of districts is left out."""
    counts = analysis.series(weekly_of(STEADY)[0])
    total = analysis.weekly_total(STEADY, districts=CODES, **SPAN)
    blocks = outlook_of(counts, total, made=edition(place="area"))
    assert [table.title for table in tables(blocks)] == ["Which outlook has been best, one week ahead"]
    assert len(figures(blocks)) == 1
    assert not any(
        name in one for block in blocks for one in texts(to_json(block)) for name in ("Ada", "Cil")
    )


def test_too_short_a_history_has_no_outlook_in_numbers() -> None:
    """Four weeks give a sentence, no figure and no scorecard."""
    total = analysis.weekly_total(STEADY, districts=CODES, **SPAN)
    counts = analysis.series(weekly_of(STEADY)[0]).iloc[:, -4:]
    blocks = outlook_of(counts, total.tail(4))
    assert [type(block).__name__ for block in blocks] == ["Text"]
    assert "too short for an outlook in numbers" in words_of(*blocks)


def card_of(**crps: float) -> pd.DataFrame:
    """Return a scorecard in which the models have these errors, the others 2."""
    models = analysis.scorecard(analysis.series(weekly_of(STEADY)[0]), horizon=1)
    errors = [crps.get(model, 2.0) for model in models["model"]]
    return models.assign(crps=pd.array(errors, dtype="Float64"))


def test_the_scorecard_says_when_no_model_beats_the_baselines() -> None:
    """Then the best baseline is in bold and the page says so; otherwise that the bold one did best."""
    for card, told in (
        (card_of(last_value=1.0), "No method did better than the plain baselines"),
        (card_of(blend=1.0), "The one in bold is used: it did best."),
    ):
        best = analysis.best(card)
        table = one_table(scorecard(edition(), card=card, best=best))
        assert told in table.note
        bold = [row[1].text for row in table.rows if row[0].tone == "strong"]
        assert bold == ["1.00"]


def test_a_scorecard_without_scores_is_a_sentence() -> None:
    """Nothing scored: a sentence; a score that does not exist is n/a, never inf."""
    card = analysis.scorecard(analysis.series(weekly_of(STEADY)[0]).iloc[:, -5:], horizon=1)
    assert "too few past weeks" in words_of(*scorecard(edition(), card=card, best=analysis.best(card)))
    full = card_of()
    holed = full.assign(log_score=pd.NA, skill=pd.NA)
    (table,) = tables(clean(scorecard(edition(), card=holed, best=analysis.best(full))))
    assert {(row[2].text, row[3].text) for row in table.rows} == {("n/a", "n/a")}
