from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.charts.drawn import check, in_accent, table_of, words_of
from workbench import language
from workbench.blocks import Figure, Width
from workbench.charts.coverage import coverage_matrix
from workbench.errors import ParameterError

WORDS = language.words("en")
KINDS = (
    "police", "armed_forces", "provincial_government", "district_administration", "community_structure",
    "local_force", "un", "ingo",
)  # fmt: skip
STATES = {"met": 3, "late": 21, "never": None, "not_required": None, "unknown": None}


def contacts(**rows: list[str]) -> pd.DataFrame:
    """Return a matrix: each district's states, in the order of KINDS."""
    found = [
        (district, kind, 14 if state != "not_required" else None, STATES[state], state)
        for district, states in rows.items()
        for kind, state in zip(KINDS, states, strict=False)
    ]
    frame = pd.DataFrame(found, columns=["district", "organisation_kind", "every_days", "days", "state"])
    return frame.astype({"every_days": "Int64", "days": "Int64"}).assign(last_contact="canary")


def matrix(rows: pd.DataFrame, *, width: Width = "full") -> Figure:
    """Return the chart of all districts of a frame."""
    names = {one: f"{one} town" for one in rows["district"].unique()}
    return coverage_matrix(rows, names=names, words=WORDS, width=width)


def test_gaps_are_in_accent_and_in_words() -> None:
    """Late and never are framed, bold and in accent; what is met or not required is not."""
    figure = matrix(contacts(A=["met", "late", "never"], B=["met", "not_required", "met"]))
    assert in_accent(figure) == {"21 d", "never"}
    assert {word.text for word in words_of(figure) if word.bold} == {"21 d", "never"}
    assert table_of(figure) == [
        ["A town", "3 d, in time", "21 d, late", "never", "1 of 3"],
        ["B town", "3 d, in time", "not required", "3 d, in time", "2 of 2"],
    ]


def test_the_finding_is_stated() -> None:
    """How many are met, what was never made, and the longest gap with its limit."""
    figure = matrix(contacts(A=["met", "late", "never"]))
    assert "1 of 3 required contacts are in time." in figure.alt
    assert "1 was never made: provincial government in A town." in figure.alt
    assert "The longest gap is 21 days, with armed forces in A town, where 14 are allowed." in figure.alt


def test_what_a_reader_may_not_know_is_not_a_gap() -> None:
    """Without a liaison log nothing is called met, late or never, and no sum is made up."""
    figure = matrix(contacts(A=["unknown", "unknown"]))
    assert figure.alt == "2 contacts are required; whether they were made is not known."
    assert table_of(figure) == [["A town", "not known", "not known", "? of 2"]]
    assert "?: not known to this reader." in figure.note


def test_nothing_required_is_said() -> None:
    """A grid of empty cells says that none is required."""
    figure = matrix(contacts(A=["not_required"]))
    assert figure.alt == "No contact is required in any of these districts."
    assert "Empty: none required." in figure.note


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize("kinds", [1, 3, 8])
@pytest.mark.parametrize("name", ["A", "A district with a name longer than any column"])
def test_words_stand_apart(kinds: int, name: str, width: Width) -> None:
    """Heads, names and cells do not touch, however many kinds there are; numbered ones are in the note."""
    states = ["late", "met", "never", "unknown", "met", "late", "never", "met"]
    rows = contacts(**{f"{name}{n}": states[:kinds] for n in range(17)})
    figure = matrix(rows, width=width)
    words = {word.text for word in check(figure, width=width)}
    if kinds == 8 and width == "half":
        assert {"1", "8"} <= words
        assert "1 police, 2 armed forces" in figure.note


def test_only_what_is_drawn_leaves() -> None:
    """No other column is in the specification."""
    assert "canary" not in json.dumps(matrix(contacts(A=["met"])).spec)


def test_a_chart_of_nothing_is_refused() -> None:
    """No cell is an error that says what to pass."""
    with pytest.raises(ParameterError, match="required_contacts"):
        coverage_matrix(contacts(A=["met"]), names={}, words=WORDS)
