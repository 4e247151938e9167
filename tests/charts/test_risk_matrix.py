from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd
import pytest

from tests.charts.drawn import check, table_of, words_of
from workbench import language
from workbench.blocks import Figure, Width
from workbench.charts._house import ACCENT
from workbench.charts.risk import risk_matrix
from workbench.errors import ParameterError

WORDS = language.words("en")
LIKELIHOODS = ("unlikely", "moderately_likely", "likely", "very_likely", "imminent")
IMPACTS = ("negligible", "minor", "moderate", "severe", "critical")
LEVELS = ("low", "medium", "high", "very_high", "unacceptable")


@dataclass(frozen=True)
class Office:
    """An office's table: the level rises with the sum of both."""

    likelihoods: tuple[str, ...] = LIKELIHOODS
    impacts: tuple[str, ...] = IMPACTS
    levels: tuple[str, ...] = LEVELS

    @property
    def table(self) -> dict[str, tuple[str, ...]]:
        """The level of each impact, by likelihood."""
        return {one: tuple(self._level(a, b) for b in range(len(self.impacts)))
                for a, one in enumerate(self.likelihoods)}  # fmt: skip

    def _level(self, a: int, b: int) -> str:
        most = len(self.likelihoods) + len(self.impacts) - 2
        return self.levels[(a + b) * (len(self.levels) - 1) // most]


OFFICE = Office()


def lines(
    *places: tuple[int, int, int, int], state: str = "current", office: Office = OFFICE
) -> pd.DataFrame:
    """Return lines from places: likelihood and impact, present and residual."""
    rows = []
    for number, (a, b, c, d) in enumerate(places, start=1):
        likelihoods, impacts, table = office.likelihoods, office.impacts, office.table
        rows.append(
            {
                "number": number, "likelihood_present": likelihoods[a], "impact_present": impacts[b],
                "likelihood_residual": likelihoods[c], "impact_residual": impacts[d],
                "present": table[likelihoods[a]][b], "residual": table[likelihoods[c]][d],
                "state": state, "threat_event": "canary",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def matrix(rows: pd.DataFrame, *, width: Width = "full", office: Office = OFFICE) -> Figure:
    """Return the matrix in the office's table."""
    return risk_matrix(rows, table=office, words=WORDS, width=width)


def marks(figure: Figure, kind: str) -> list[dict[str, object]]:
    """Return the marks of a kind, each with what its layer shares."""
    spec = figure.spec
    assert spec is not None
    return [
        {**layer["mark"], **row} for layer in spec["layer"] if layer["mark"]["type"] == kind
        for row in spec["datasets"][layer["data"]["name"]]
    ]  # fmt: skip


def test_the_finding_is_stated() -> None:
    """How many lines are at which residual level, which at the gravest, and how many measures move."""
    figure = matrix(lines((4, 4, 4, 4), (3, 3, 1, 1), (0, 0, 0, 0)))
    assert "Residual risk: 1 unacceptable, 1 medium and 1 low." in figure.alt
    assert "At the gravest level is line 1." in figure.alt
    assert "Measures move 1 line." in figure.alt
    assert table_of(figure)[1] == ["2", "very likely", "severe", "moderately likely", "minor", "medium"]


def test_accent_is_for_the_gravest_level_only() -> None:
    """A line at the top level is in accent; nothing is without one."""
    assert ACCENT in json.dumps(matrix(lines((4, 4, 4, 4))).spec["layer"])  # type: ignore[index]
    assert ACCENT not in json.dumps(matrix(lines((4, 4, 0, 0))).spec["layer"])  # type: ignore[index]


def test_an_arrow_only_where_measures_move_the_line() -> None:
    """Present and residual in one cell have no ring; else a ring stands where the risk is now."""
    assert len(marks(matrix(lines((2, 2, 2, 2))), "point")) == 1
    moved = matrix(lines((3, 3, 1, 1)))
    assert len(marks(moved, "point")) == 2
    ring, dot = sorted(marks(moved, "point"), key=lambda mark: float(str(mark["size"])))
    assert float(str(ring["x"])) > float(str(dot["x"]))
    assert float(str(ring["y"])) < float(str(dot["y"]))


def test_expired_lines_are_open() -> None:
    """A line that is not current is white with a broken edge, and named."""
    figure = matrix(lines((2, 2, 2, 2), state="expired"))
    (dot,) = marks(figure, "point")
    assert dot["fill"] == "#ffffff"
    assert dot["strokeDash"]
    assert "Line 1 is not valid now." in figure.alt
    assert "Open: expired, or not valid yet." in figure.note


def test_lines_in_one_cell_do_not_hide_each_other() -> None:
    """Dots of one cell stand apart; where they find no room the rest is counted."""
    few = matrix(lines(*[(2, 2, 2, 2)] * 8))
    spots = [(float(str(m["x"])), float(str(m["y"]))) for m in marks(few, "point")]
    assert len(set(spots)) == 8
    many = matrix(lines(*[(2, 2, 2, 2)] * 30))
    shown = len(marks(many, "point"))
    assert f"+{30 - shown}" in {word.text for word in words_of(many)}
    assert len(table_of(many)) == 30


def test_a_line_outside_of_the_table_is_named() -> None:
    """A word the office's table does not have is not guessed at."""
    rows = lines((2, 2, 2, 2), (1, 1, 1, 1))
    rows.loc[1, ["likelihood_residual", "residual"]] = None
    figure = matrix(rows)
    assert "Not in the office’s table: 2." in figure.note
    assert table_of(figure)[1][3] == "not in the table"


@pytest.mark.parametrize("width", ["half", "full"])
@pytest.mark.parametrize(
    "office",
    [OFFICE, Office(("rare", "sure"), ("small", "great"), ("fine", "not_fine")), Office(impacts=IMPACTS[:3])],
    ids=["five", "two", "five_by_three"],
)
def test_words_stand_apart(office: Office, width: Width) -> None:
    """Whatever the office's table, its words and numbers lie on the canvas and not on each other."""
    top = len(office.impacts) - 1
    rows = lines((1, top, 0, 0), (1, 1, 1, 1), (0, 0, 0, 0), office=office)
    check(matrix(rows, width=width, office=office), width=width)


def test_only_what_is_drawn_leaves() -> None:
    """No other column is in the specification."""
    assert "canary" not in json.dumps(matrix(lines((1, 1, 1, 1))).spec)


def test_a_matrix_of_nothing_is_refused() -> None:
    """No line, or none in the table, is an error that says what to pass."""
    with pytest.raises(ParameterError, match="risk_lines"):
        matrix(lines((1, 1, 1, 1)).iloc[:0])
    with pytest.raises(ParameterError, match="risk_lines"):
        matrix(lines((1, 1, 1, 1)).assign(impact_residual=None))
