from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.charts.drawn import check, table_of, words_of
from workbench import language
from workbench.blocks import Width
from workbench.charts.then_now import then_and_now
from workbench.errors import ParameterError

WORDS = language.words("en")


def weeks(*pairs: tuple[int | None, int | None]) -> pd.DataFrame:
    """Return weeks with what was known of them then and now."""
    then, now = zip(*pairs, strict=True)
    return pd.DataFrame(
        {
            "week": pd.date_range(end="2026-11-09", periods=len(pairs), freq="7D").astype("datetime64[s]"),
            "incidents_then": pd.array(then, dtype="Int64"),
            "incidents_now": pd.array(now, dtype="Int64"),
            "narrative": "canary",
        }
    )


def test_what_was_added_and_taken_away_is_said() -> None:
    """Additions and removals are not netted: three more and one fewer is not two more."""
    figure = then_and_now(weeks((5, 5), (4, 7), (6, 5), (None, 9)), words=WORDS)
    assert "3 incidents were added. 1 incident was taken away." in figure.alt
    assert "The largest change is in the week of 26 Oct 2026: from 4 to 7." in figure.alt
    assert "3 more, 1 fewer than at the last issue" in {word.text for word in words_of(figure)}


def test_no_change_is_said_too() -> None:
    """Where nothing moved the text says so; a week new today is no change."""
    figure = then_and_now(weeks((5, 5), (None, 9)), words=WORDS)
    assert "No week changed." in figure.alt
    assert "no change since the last issue" in {word.text for word in words_of(figure)}


def test_an_unknown_week_has_no_mark() -> None:
    """A missing count is no dot at 0: two marks are drawn for three weeks, and the table says why."""
    figure = then_and_now(weeks((None, None), (None, 3), (2, None)), words=WORDS)
    spec = figure.spec
    assert spec is not None
    dots = [
        row for layer in spec["layer"] if layer["mark"]["type"] == "point"
        for row in spec["datasets"][layer["data"]["name"]]
    ]  # fmt: skip
    assert len(dots) == 2
    assert table_of(figure)[0][2:] == ["no data", "no data"]


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize(
    "pairs",
    [[(n, n + 2) for n in range(26)], [(0, 0)] * 26, [(10_000, 9)], [(None, None)]],
    ids=["many", "zeros", "one", "unknown"],
)
def test_words_stand_apart(pairs: list[tuple[int | None, int | None]], width: Width) -> None:
    """Week names, ticks and the finding lie on the canvas and not on each other."""
    check(then_and_now(weeks(*pairs), words=WORDS, width=width), width=width)


def test_only_what_is_drawn_leaves() -> None:
    """No other column is in the specification."""
    assert "canary" not in json.dumps(then_and_now(weeks((1, 2)), words=WORDS).spec)


def test_a_chart_of_nothing_is_refused() -> None:
    """No week is an error that says what to pass."""
    with pytest.raises(ParameterError, match="incidents_then"):
        then_and_now(weeks((1, 2)).iloc[:0], words=WORDS)
