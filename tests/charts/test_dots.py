from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.charts.drawn import check, in_accent, table_of, words_of
from workbench import language
from workbench.analysis.change import week_on_week
from workbench.blocks import Figure, Width
from workbench.charts.dots import change_dots
from workbench.errors import ParameterError

WORDS = language.words("en")


def changes(pairs: dict[str, tuple[int | None, int | None]], **assessed: str) -> pd.DataFrame:
    """Return the change of each district from its second to its first number."""
    now, before = zip(*pairs.values(), strict=True)
    compared = week_on_week(pd.array(now, dtype="Int64"), pd.array(before, dtype="Int64"))
    said = [assessed.get(name, "within_usual_variation") for name in pairs]
    return compared.assign(district=list(pairs), q=0.5, assessment=said, narrative="canary")


def dots(change: pd.DataFrame, *, width: Width = "full") -> Figure:
    """Return the chart of all districts of a frame."""
    return change_dots(
        change, names={one: f"{one} town" for one in change["district"]}, words=WORDS, width=width
    )


def test_only_the_unusual_is_in_accent() -> None:
    """What is higher than usual is in accent and named; what is lower is bold, in ink."""
    figure = dots(
        changes({"A": (3, 2), "B": (9, 1), "C": (0, 8)}, B="higher_than_usual", C="lower_than_usual")
    )
    assert in_accent(figure) == {"B town", "1 → 9"}
    assert {word.text for word in words_of(figure) if word.bold} == {"B town", "1 → 9", "C town", "8 → 0"}
    assert "1 is higher than chance would bring: B town (1 → 9)." in figure.alt
    assert "1 is lower than chance would bring: C town (8 → 0)." in figure.alt


def test_chance_is_called_chance() -> None:
    """Without an unusual district nothing is in accent, and the text says so."""
    figure = dots(changes({"A": (3, 2), "B": (1, 5)}))
    assert in_accent(figure) == set()
    assert "No change is more than chance would bring." in figure.alt
    assert "The largest is in B town (5 → 1)." in figure.alt


def test_a_ratio_that_does_not_exist_is_not_drawn() -> None:
    """From nothing, to nothing and unknown: no dot, no number that is not one."""
    figure = dots(changes({"A": (3, 0), "B": (0, 3), "C": (0, 0), "D": (None, 2)}))
    spec = json.dumps(figure.spec)
    assert "circle" not in spec
    assert "No dot: none in one of the weeks." in figure.note
    rows = {row[0]: row[1:5] for row in table_of(figure)}
    assert rows["A town"] == ["0", "3", "–", "0.4 or more"]
    assert rows["B town"][2] == "0.0"
    assert rows["C town"] == ["0", "0", "–", "–"]
    assert rows["D town"] == ["2", "no data", "–", "–"]


def test_the_highest_comes_first() -> None:
    """Rows are sorted by this week's count, unknown last."""
    figure = dots(changes({"A": (3, 2), "B": (None, 1), "C": (8, 8)}))
    assert [row[0] for row in table_of(figure)] == ["C town", "A town", "B town"]


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize(
    "pairs",
    [
        {f"D{n}": (n, 3) for n in range(17)},
        {"A name that is longer than any column can be": (10_000, 1), "B": (1, 10_000)},
        {"A": (0, 0)},
    ],
    ids=["many", "long", "one"],
)
def test_marks_stay_on_the_canvas(pairs: dict[str, tuple[int, int]], width: Width) -> None:
    """Words stand apart, and intervals without an end are cut to the sheet."""
    figure = dots(changes(pairs), width=width)
    check(figure, width=width)
    assert figure.spec is not None
    for rows in figure.spec["datasets"].values():
        for row in rows:
            assert -1 <= row["x"] <= figure.spec["width"] + 1
            assert -1 <= row.get("x2", 0) <= figure.spec["width"] + 1


def test_only_what_is_drawn_leaves() -> None:
    """No other column is in the specification."""
    assert "canary" not in json.dumps(dots(changes({"A": (1, 1)})).spec)


def test_a_chart_of_nothing_is_refused() -> None:
    """No district is an error that says what to pass."""
    with pytest.raises(ParameterError, match="week_on_week"):
        change_dots(changes({"A": (1, 1)}), names={}, words=WORDS)
