from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.charts.drawn import check, table_of, words_of
from workbench import language
from workbench.blocks import Figure, Width
from workbench.charts._house import contrast, shades, text_on
from workbench.charts.heat import district_weeks
from workbench.errors import ParameterError

WORDS = language.words("en")
DAYS = pd.date_range(end="2026-11-09", periods=12, freq="7D").astype("datetime64[s]")


def frame(**counts: list[int | None]) -> pd.DataFrame:
    """Return the last weeks of each district, one count a week."""
    parts = [
        pd.DataFrame(
            {"district": name, "week": DAYS[-len(found) :], "incidents": pd.array(found, dtype="Int64")}
        )
        for name, found in counts.items()
    ]
    return pd.concat(parts, ignore_index=True)


def table(weekly: pd.DataFrame, *, weeks: int = 12, width: Width = "full", **more: object) -> Figure:
    """Return the heat table of all districts of a frame."""
    names = {name: f"{name} town" for name in weekly["district"].unique()}
    return district_weeks(weekly, names=names, words=WORDS, weeks=weeks, width=width, **more)  # type: ignore[arg-type]


def test_every_count_is_printed_and_unknown_is_not_zero() -> None:
    """Each cell holds its number; a missing count is a dash, in the chart and in its table."""
    figure = table(frame(A=[1, None, 0], B=[12, 3, 4]))
    assert table_of(figure) == [["A town", "1", "–", "0"], ["B town", "12", "3", "4"]]
    shown = [word.text for word in words_of(figure)]
    assert [shown.count(one) for one in ("1", "–", "0", "12", "3", "4")] == [1] * 6
    assert "–: not known, which is not zero." in figure.note


def test_the_finding_is_stated() -> None:
    """Who has most over the weeks, and the highest single week."""
    figure = table(frame(A=[1, 1, 1], B=[0, 9, 2], C=[0, 0, 0]))
    assert "Table of 3 districts, from 26 Oct 2026 to 9 Nov 2026." in figure.alt
    assert "Most incidents over these weeks: B town (11) and A town (3)." in figure.alt
    assert "The highest count in a week is 9, in B town in the week of 2 Nov 2026." in figure.alt


def test_silence_is_told_from_calm() -> None:
    """No report is a hatched dash, no coverage a cross-hatched question mark, and neither is a zero."""
    weekly = frame(A=[1, 0], B=[1, 0], C=[1, 0], D=[1, None], E=[2, 3])
    states = pd.DataFrame(
        {
            "district": list("ABCDE"),
            "state": ["no_report", "no_coverage", "no_incident", "incidents", "no_report"],
        }
    )
    figure = table(weekly, states=states)
    assert [row[-1] for row in table_of(figure)] == ["–", "?", "0", "*", "3"]
    assert "No report of the last week from A town." in figure.alt
    assert "No source covers B town." in figure.alt
    assert "Hatched, –" in figure.note
    assert "Cross-hatched, ?" in figure.note
    assert "*: a count too small" in figure.note


def test_states_may_be_given_week_by_week() -> None:
    """With a column `week` the state is that of its own cell."""
    states = pd.DataFrame({"district": ["A"], "week": [DAYS[-2]], "state": ["no_report"]})
    assert table_of(table(frame(A=[4, 0, 0]), states=states)) == [["A town", "4", "–", "0"]]


def test_weeks_still_being_reported_are_marked_in_words() -> None:
    """The mark is a frame and words, and it can be left out."""
    weekly = frame(A=[1, 2, 3])
    assert "still being reported" in [word.text for word in words_of(table(weekly))]
    settled = table(weekly, provisional=0)
    assert "still being reported" not in [word.text for word in words_of(settled)]
    assert "Framed" not in settled.note


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize(
    "weekly",
    [
        frame(**{f"D{n}": [n % 4] * 12 for n in range(17)}),
        frame(**{"A place with a name longer than any column": [10_000] * 12, "B": [0] * 12}),
        frame(A=[0]),
        frame(A=[None, None]),
    ],
    ids=["many", "long", "one", "unknown"],
)
def test_words_stand_apart(weekly: pd.DataFrame, width: Width) -> None:
    """Names, weeks and numbers lie on the canvas and not on each other."""
    check(table(weekly, width=width), width=width)


def test_more_rows_than_a_page_are_in_the_table() -> None:
    """Of 60 districts the 40 with most incidents are drawn, in their order; the table has all."""
    figure = table(frame(**{f"D{n:02}": [n] for n in range(60)}))
    drawn = [word.text for word in words_of(figure) if word.text.endswith("town")]
    assert drawn == [f"D{n:02} town" for n in range(20, 60)]
    assert "20 districts with fewer incidents are in the table." in figure.note
    assert len(table_of(figure)) == 60


def test_numbers_are_read_on_their_shade() -> None:
    """Whatever the shade, its text has a contrast of at least 4.5 to 1."""
    for most in range(12):
        assert all(contrast(text_on(fill), fill) >= 4.5 for fill in shades(range(most + 1), most))


def test_only_what_is_drawn_leaves() -> None:
    """Neither district codes nor other columns are in the specification."""
    weekly = frame(**{"code-7391": [1, 2]}).assign(narrative="canary")
    figure = district_weeks(weekly, names={"code-7391": "Kuro"}, words=WORDS)
    assert "canary" not in json.dumps(figure.spec)
    assert "7391" not in json.dumps(figure.spec)


def test_a_table_of_nothing_is_refused() -> None:
    """No row of a named district is an error that says what to pass."""
    with pytest.raises(ParameterError, match="weekly"):
        district_weeks(frame(A=[1]), names={"B": "B"}, words=WORDS)
    with pytest.raises(ParameterError, match="weekly"):
        table(frame(A=[1]).iloc[:0].assign())
