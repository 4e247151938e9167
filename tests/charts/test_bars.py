from __future__ import annotations

import json
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.charts.places import weeks
from workbench import language
from workbench.blocks import Figure
from workbench.charts import weekly_bars
from workbench.charts._house import ACCENT, LEAST, SMALL, WIDTHS, text_width
from workbench.charts.bars import ticks
from workbench.document.svg import draw, size
from workbench.errors import ParameterError

WORDS = language.words("en")
USUAL = (7, 10, 8, 6, 1, 13, 9, 17, 15, 5, 8, 7, 5, 11, 8, 8, 13, 6, 13, 7, 2, 15, 4, 5, 12)


def bars(*counts: int | None, still_reported: int = 2, width: str = "half", note: str = "") -> Figure:
    """Return the chart of these weeks."""
    weekly, assessed = weeks(*counts)
    return weekly_bars(
        weekly, assessed=assessed, words=WORDS, still_reported=still_reported, width=width, note=note
    )


def test_the_finding_is_written_and_stated() -> None:
    """A week higher than usual is said so in the chart, in accent, and in the alternative text."""
    figure = bars(*USUAL, 19)
    drawn = draw(figure.spec)
    assert ">19 so far, higher than usual (3–16)</text>" in drawn
    assert ACCENT in drawn
    assert "19 so far, higher than usual (3–16)" in figure.alt
    assert "from 18 May 2026 to 9 Nov 2026" in figure.alt
    assert "The highest count is 19, in the week of 9 Nov 2026; the lowest is 1." in figure.alt


@pytest.mark.parametrize(
    ("counts", "still_reported", "said"),
    [
        ((*USUAL, 9), 2, "9 so far; usual: 3–16"),
        ((*USUAL, 9), 0, "9; usual: 3–16"),
        ((*USUAL, 2), 0, "2; usual: 3–16"),
        ((*USUAL, 0), 0, "0, lower than usual (3–16)"),
        ((3, 4, 5), 1, "5 so far; too little history to compare"),
    ],
)
def test_accent_only_where_the_reader_must_look(
    counts: tuple[int, ...], still_reported: int, said: str
) -> None:
    """Whatever is not higher than usual is said in ink."""
    figure = bars(*counts, still_reported=still_reported)
    assert said in figure.alt
    assert ACCENT not in json.dumps({k: v for k, v in figure.spec.items() if k != "config"})


def test_weeks_still_being_reported_are_hollow() -> None:
    """Hollow bars are those of the last weeks, and the note says what hollow means."""
    figure = bars(*USUAL, 19, still_reported=3, note="Source: log.")
    assert (
        draw(figure.spec).count('stroke="#1d2733" fill="#ffffff"')
        + draw(figure.spec).count('fill="#ffffff" stroke="#1d2733"')
        == 3
    )
    assert figure.note == ("Hollow: still being reported. Grey: 90 % of weeks like the past 25. Source: log.")
    assert "Hollow" not in bars(*USUAL, 19, still_reported=0).note


def test_the_table_holds_what_can_be_read_off() -> None:
    """One row a week with its count; gaps before the data are said, not drawn."""
    figure = bars(None, None, *USUAL[2:], 19)
    assert figure.data is not None
    assert [cell.text for cell in figure.data.rows[0]] == ["W21", "18 May 2026", "no data", "settled"]
    assert [cell.text for cell in figure.data.rows[-1]] == ["W46", "9 Nov 2026", "19", "still being reported"]
    assert "Gaps: no data." in figure.note


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize(
    "counts", [(*USUAL, 19), (0,) * 26, (1200, 3), (5,), (*(0,) * 25, 1), tuple(range(60))]
)
def test_labels_stand_on_the_canvas_and_not_on_each_other(counts: tuple[int, ...], width: str) -> None:
    """Every text lies on the canvas, week labels do not touch, and nothing is set below 8 pt on paper."""
    spec = bars(*counts, width=width).spec
    drawn = draw(spec)
    assert size(drawn)[0] == pytest.approx(WIDTHS[width])
    assert LEAST * 0.75 >= 8
    left = spec["padding"]["left"]
    step = spec["width"] / min(len(counts), 26)
    named = next(rows for rows in spec["datasets"].values() if rows and "middle" in rows[0])
    edges = [
        (
            row["middle"] * step - text_width(row["name"], SMALL) / 2,
            row["middle"] * step + text_width(row["name"], SMALL) / 2,
        )
        for row in named
    ]
    assert all(one[1] + 4 <= other[0] for one, other in pairwise(edges))
    assert edges[-1][1] + left <= WIDTHS[width] + 1
    finding = next(rows for rows in spec["datasets"].values() if rows and "finding" in rows[0])[0]["finding"]
    assert all(text_width(line, SMALL, bold=True) <= spec["width"] for line in finding)
    assert spec["padding"]["top"] >= 14 * len(finding)


@settings(deadline=None)
@given(st.floats(0.5, 1e6))
def test_ticks_are_few_and_round(top: float) -> None:
    """At most six whole ticks from 0, in equal steps, none above the top."""
    found = ticks(top)
    assert found[0] == 0
    assert 1 <= len(found) <= 6
    assert found[-1] <= top
    assert len({b - a for a, b in pairwise(found)}) <= 1


def test_the_chart_carries_its_numbers_only() -> None:
    """No column of the frame but the counts is in the specification, and it is the same each time."""
    weekly, assessed = weeks(*USUAL, 19)
    weekly = weekly.assign(narrative="canary-7391")
    assessed = assessed.assign(narrative="canary-7391")
    made = [json.dumps(weekly_bars(weekly, assessed=assessed, words=WORDS).spec) for _ in range(2)]
    assert "canary" not in made[0]
    assert made[0] == made[1]
    assert len(made[0]) < 8000


def test_a_chart_of_nothing_is_refused() -> None:
    """No week, or an assessment of several rows, is an error that says what to pass."""
    weekly, assessed = weeks(1, 2)
    with pytest.raises(ParameterError, match="weekly_total"):
        weekly_bars(weekly.iloc[:0], assessed=assessed, words=WORDS)
    with pytest.raises(ParameterError, match="weekly_total"):
        weekly_bars(weekly, assessed=pd.concat([assessed, assessed]), words=WORDS)


@pytest.mark.parametrize(
    ("code", "said"),
    [("no_report", "no report"), ("no_incident_known", "no incident known")],
)
def test_a_week_nobody_can_speak_of_has_no_number(code: str, said: str) -> None:
    """Where silence cannot be told from calm, the finding says so and no zero is written."""
    weekly, assessed = weeks(*USUAL, 0)
    figure = weekly_bars(weekly, assessed=assessed.assign(assessment=code), words=WORDS)
    assert f"The last week: {said}." in figure.alt


def nowcast(weekly: pd.DataFrame, *rows: tuple[float | None, float | None, float | None]) -> pd.DataFrame:
    """Return estimates of the last weeks: expected, low and high."""
    last = weekly.tail(len(rows))
    columns = dict(zip(("expected", "low", "high"), zip(*rows, strict=True), strict=True))
    made = {name: pd.array(values, dtype="Float64") for name, values in columns.items()}
    return pd.DataFrame({"week": last["week"].to_numpy(), "known": last["incidents"].to_numpy(), **made})


def test_the_count_to_be_expected_is_drawn_and_said() -> None:
    """Young weeks are hollow with a line to the count expected when complete; words and table have it."""
    weekly, assessed = weeks(*USUAL, 19)
    estimates = nowcast(weekly, (5.4, 5, 6), (13.6, 12, 16), (24.3, 20, 29))
    figure = weekly_bars(weekly, assessed=assessed, words=WORDS, nowcast=estimates)
    assert "19 so far, higher than usual (3–16); 24 (20–29) expected" in figure.alt
    assert "expected when complete (90 %)" in figure.note
    assert figure.data is not None
    assert figure.data.columns[3].label == "Expected when complete"
    assert [row[3].text for row in figure.data.rows[-4:]] == ["–", "5 (5–6)", "14 (12–16)", "24 (20–29)"]
    drawn = [rows for rows in figure.spec["datasets"].values() if rows and "expected" in rows[0]]
    assert [row["high"] for rows in drawn[:1] for row in rows] == [6.0, 16.0, 29.0]
    hollow = [rows for rows in figure.spec["datasets"].values() if rows and "floor" in rows[0]]
    assert [len(rows) for rows in hollow] == [23, 3]


def test_without_an_estimate_a_young_week_is_hollow_only() -> None:
    """A nowcast that cannot tell leaves no line, and no number that is not one."""
    weekly, assessed = weeks(*USUAL, 9)
    figure = weekly_bars(
        weekly, assessed=assessed, words=WORDS, still_reported=0, nowcast=nowcast(weekly, (None, None, None))
    )
    assert "9 so far; usual: 3–16" in figure.alt
    assert "expected" not in figure.alt + figure.note
    assert "nan" not in json.dumps(figure.spec).lower()


def test_without_a_nowcast_nothing_is_added() -> None:
    """The table has its four columns."""
    figure = bars(*USUAL, 9)
    assert figure.data is not None
    assert len(figure.data.columns) == 4
