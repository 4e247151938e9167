from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.charts.drawn import check, in_accent, table_of
from workbench import language
from workbench.analysis.outlook import last_outlook, outlook
from workbench.blocks import Figure, Width
from workbench.charts.outlook import outlook_fan
from workbench.charts.outlook_dots import outlook_dots
from workbench.errors import ParameterError

WORDS = language.words("en")
QUANTILES = ["q05", "q25", "q50", "q75", "q95"]


def weekly(*counts: int | None) -> pd.DataFrame:
    """Return the weekly counts of a total."""
    days = pd.date_range(end="2026-11-09", periods=len(counts), freq="7D").astype("datetime64[s]")
    return pd.DataFrame({"week": days, "incidents": pd.array(counts, dtype="Int64"), "narrative": "canary"})


def forecast(**horizons: list[float]) -> pd.DataFrame:
    """Return one row a horizon, given as h1 and h4."""
    frame = pd.DataFrame(list(horizons.values()), columns=QUANTILES)
    return frame.assign(horizon=[int(name[1:]) for name in horizons], model="blend")


BOTH = forecast(h1=[4, 8, 10, 14, 20], h4=[25, 36, 43, 52, 70])
LAST = pd.DataFrame({"low": [4], "high": [16], "actual": [19], "inside": [False]})


def test_the_finding_is_stated() -> None:
    """The middle and nine chances in ten of both horizons, and how the last outlook did."""
    figure = outlook_fan(weekly(*range(1, 27)), BOTH, words=WORDS, scorecard=LAST)
    assert "Next week: 10 is the middle of the outlook; nine chances in ten lie in 4–20." in figure.alt
    assert "Over the next four weeks together: 43, or 25–70." in figure.alt
    assert "In the past 12 weeks there were 15–26 a week." in figure.alt
    assert "Last week’s outlook was 4–16 and missed: 19 came." in figure.alt
    held = outlook_fan(weekly(1), BOTH, words=WORDS, scorecard=LAST.assign(actual=9, inside=True))
    assert "Last week’s outlook was 4–16 and held: 9 came." in held.alt


def test_fours_are_sums_of_whole_fours() -> None:
    """Past fours end with the last week; one with an unknown week has no sum, and less than four is none."""
    counts = [1, 1, 1, 2, 2, None, 2, 3, 3, 3, 3]
    rows = table_of(outlook_fan(weekly(*counts), BOTH, words=WORDS))
    fours = [row[1:] for row in rows if row[0] == "Four weeks together"]
    assert fours == [["W42", "no data"], ["W46", "12"], ["next 4", "43 (25–70)"]]


def test_one_horizon_is_enough() -> None:
    """Without four weeks ahead there is one panel, and no word of the other."""
    figure = outlook_fan(weekly(3, 4), BOTH.head(1), words=WORDS)
    assert "four" not in figure.alt
    assert {row[0] for row in table_of(figure)} == {"Incidents a week"}


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize(
    ("counts", "factor"),
    [
        ([7, 10, 8, 6, 1, 13, 9, 17, 15, 5, 8, 7, 5], 1),
        ([0] * 26, 0),
        ([10_000] * 12, 1000),
        ([3], 1),
        ([None], 1),
    ],
    ids=["many", "zeros", "great", "one", "unknown"],
)
def test_words_stand_apart(counts: list[int | None], factor: int, width: Width) -> None:
    """Weeks, ticks and outlooks lie on the canvas and not on each other, up to 70,000."""
    grown = BOTH.assign(**{name: BOTH[name] * factor for name in QUANTILES})
    check(outlook_fan(weekly(*counts), grown, words=WORDS, width=width, scorecard=LAST), width=width)


def test_a_chart_of_nothing_is_refused() -> None:
    """No week, or no whole forecast of one week, is an error that says what to pass."""
    with pytest.raises(ParameterError, match="horizon 1"):
        outlook_fan(weekly(1).iloc[:0], BOTH, words=WORDS)
    with pytest.raises(ParameterError, match="horizon 1"):
        outlook_fan(weekly(1), BOTH.assign(q95=pd.NA), words=WORDS)


def districts(**quantiles: list[float]) -> pd.DataFrame:
    """Return next week's forecast by district."""
    frame = pd.DataFrame(list(quantiles.values()), columns=QUANTILES)
    return frame.assign(district=list(quantiles), horizon=1, model="canary")


def dots(rows: pd.DataFrame, *, last: pd.DataFrame | None = None, width: Width = "full") -> Figure:
    """Return the chart of all districts of a forecast."""
    names = {one: f"{one} town" for one in rows["district"]}
    return outlook_dots(rows, names=names, words=WORDS, last=last, width=width)


def test_districts_say_how_last_week_did() -> None:
    """What missed is in accent and in words; a district without a last outlook has a dash in the table."""
    last = pd.DataFrame(
        {"district": ["A", "B"], "low": [0, 1], "high": [2, 4], "actual": [7, 3], "inside": [False, True]}
    )
    rows = districts(A=[0, 1, 2, 3, 5], B=[0, 0, 1, 2, 4], C=[0, 0, 0, 0, 1])
    figure = dots(rows, last=last)
    assert in_accent(figure) == {"0–2; 7 came, missed"}
    assert "Last week 1 of 2 outlooks held. Missed: A town." in figure.alt
    assert [row[-1] for row in table_of(figure)] == ["0–2; 7 came, missed", "1–4; 3 came", "–"]


def test_districts_without_a_forecast_are_left_out() -> None:
    """A missing quantile is not drawn as zero."""
    rows = districts(A=[0, 1, 2, 3, 5], B=[0, 0, 1, 2, 4])
    rows.loc[1, "q50"] = None
    assert [row[0] for row in table_of(dots(rows))] == ["A town"]


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize(
    "rows",
    [
        districts(**{f"D{n}": [0, n, n + 1, n + 2, n + 5] for n in range(17)}),
        districts(**{"A name that is longer than any column": [0, 1, 10_000, 20_000, 30_000]}),
        districts(A=[0, 0, 0, 0, 0]),
    ],
    ids=["many", "long", "zero"],
)
def test_words_of_districts_stand_apart(rows: pd.DataFrame, width: Width) -> None:
    """Names, outlooks and ticks lie on the canvas and not on each other."""
    check(dots(rows, width=width), width=width)


def test_only_what_is_drawn_leaves() -> None:
    """No other column is in the specifications."""
    assert "canary" not in json.dumps(dots(districts(A=[0, 1, 2, 3, 5])).spec)
    assert "canary" not in json.dumps(outlook_fan(weekly(1, 2), BOTH, words=WORDS).spec)


def test_dots_of_nothing_are_refused() -> None:
    """No district is an error that says what to pass."""
    with pytest.raises(ParameterError, match="horizon 1"):
        outlook_dots(districts(A=[0, 1, 2, 3, 5]), names={"B": "B"}, words=WORDS)


def test_the_frames_of_the_analysis_fit() -> None:
    """One model's rows of `outlook` and `last_outlook` are drawn as they are; several models are refused."""
    weeks = pd.date_range(end="2026-11-09", periods=30, freq="7D").astype("datetime64[s]")
    values = [[(week * 7 + district * 3) % 6 for week in range(30)] for district in range(4)]
    counts = pd.DataFrame(
        values, index=pd.Index(list("ABCD"), name="district"), columns=pd.Index(weeks, name="week")
    ).astype("Float64")
    made, last = outlook(counts), last_outlook(counts, counts, week=weeks[-1].date(), model="blend")
    blend = made[made["model"].eq("blend")]
    figure = dots(blend, last=last.rows)
    assert "Outlook for 4 districts." in figure.alt
    assert "of 4 outlooks held" in figure.alt
    one = outlook_fan(
        weekly(*values[0]), blend[blend["district"].eq("A")], words=WORDS, scorecard=last.rows.head(1)
    )
    assert "Last week’s outlook was" in one.alt
    with pytest.raises(ParameterError, match="one model"):
        dots(made)
    with pytest.raises(ParameterError, match="one model"):
        outlook_fan(weekly(1), blend, words=WORDS)
