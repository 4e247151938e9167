from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.charts.drawn import check, table_of, words_of
from workbench import language
from workbench.blocks import Width
from workbench.charts.strip import strip
from workbench.document.svg import draw, size
from workbench.errors import ParameterError

WORDS = language.words("en")


def weekly(*counts: int | None) -> pd.DataFrame:
    """Return the weekly counts of one district."""
    days = pd.date_range(end="2026-11-09", periods=len(counts), freq="7D").astype("datetime64[s]")
    return pd.DataFrame({"district": "canary", "week": days, "incidents": pd.array(counts, dtype="Int64")})


def test_the_last_week_is_printed_and_stated() -> None:
    """The last count stands above its bar, with the usual range in words; the strip is low."""
    figure = strip(weekly(*[1, 4, 0] * 8, 2, 7), words=WORDS, usual=(0, 3))
    assert "The last week: 7; usual: 0–3." in figure.alt
    assert "49 incidents over 26 weeks." in figure.alt
    assert "7" in [word.text for word in words_of(figure) if word.bold]
    assert size(draw(figure.spec))[1] <= 80  # type: ignore[arg-type]
    assert "canary" not in json.dumps(figure.spec)


def test_an_unknown_week_is_a_gap() -> None:
    """A missing count is neither a bar nor a zero."""
    figure = strip(weekly(3, None, 2, None), words=WORDS)
    assert "The last week: no data." in figure.alt
    assert "Gaps: no data." in figure.note
    assert [row[2] for row in table_of(figure)] == ["3", "no data", "2", "no data"]
    assert [word.text for word in words_of(figure) if word.bold] == ["–"]


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize("counts", [[0] * 26, [5], [10_000] * 26, [None], [1, 2], list(range(40))])
def test_words_stand_apart(counts: list[int | None], width: Width) -> None:
    """Numbers and week names lie on the canvas and not on each other, and so do the bars."""
    figure = strip(weekly(*counts), words=WORDS, width=width, usual=(1, 3))
    check(figure, width=width)
    assert figure.spec is not None
    for rows in figure.spec["datasets"].values():
        assert all(-1 <= row["x"] <= figure.spec["width"] + 1 for row in rows)


def test_a_strip_of_nothing_is_refused() -> None:
    """No week, or two districts in one, is an error that says what to pass."""
    with pytest.raises(ParameterError, match="one district"):
        strip(weekly(1).iloc[:0], words=WORDS)
    with pytest.raises(ParameterError, match="one district"):
        strip(pd.concat([weekly(1), weekly(2)]), words=WORDS)
