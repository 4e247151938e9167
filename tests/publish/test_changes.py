"""What a version changes of the one before: found, told shortly, and no lost word repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.document.example import masthead
from workbench.blocks import (
    Action,
    Actions,
    Block,
    Callout,
    Cell,
    Columns,
    Figure,
    Heading,
    Judgement,
    KeyFigure,
    KeyFigures,
    Run,
    Table,
    TableColumn,
    Text,
)
from workbench.document import Document
from workbench.language import words
from workbench.publish.changes import LINES, between, told

EN = words("en")
GONE = "Zqkadomri Venstoglu"
TABLE = Table(
    "Districts",
    (TableColumn("District"), TableColumn("Incidents", "right"), TableColumn("Note")),
    ((Cell("Kuro"), Cell("7"), Cell(f"met {GONE}")), (Cell("Orsa"), Cell("3"), Cell("calm"))),
)
RIGHT = (Figure("By week", "Up.", ""),)
BLOCKS: tuple[Block, ...] = (
    Callout("bottom_line", "Seven attacks.", "Move by day."),
    Heading("Judgements"),
    Judgement("1", (Run("Attacks are likely"),), "High confidence."),
    Judgement("2", (Run(f"{GONE} will come"),), "Low confidence."),
    Heading("Numbers"),
    KeyFigures((KeyFigure("12", "Incidents", "10 before"), KeyFigure("3 (2–5)", "Dead"))),
    Columns((TABLE,), RIGHT),
    Heading("What was heard"),
    Text.plain(f"{GONE} said so."),
    Actions((Action("Close the road", "Head", "Monday"),), {}),
)


def document(*blocks: Block) -> Document:
    """Return a document of these blocks."""
    return Document(masthead(), blocks)


def changed(place: int, block: Block | None) -> tuple[str, ...]:
    """Return what is told if one block of BLOCKS becomes another, or goes."""
    later = [*BLOCKS[:place], *([block] if block else []), *BLOCKS[place + 1 :]]
    return between(document(*BLOCKS), document(*later), EN)


def table(row: int, column: int, text: str) -> Table:
    """Return TABLE with one cell changed."""
    cells = list(TABLE.rows[row])
    cells[column] = Cell(text)
    rows = list(TABLE.rows)
    rows[row] = tuple(cells)
    return replace(TABLE, rows=tuple(rows))


def test_nothing_changed_is_said() -> None:
    """The same document in another dress is told so."""
    assert changed(0, BLOCKS[0]) == ("Nothing it says was changed, only how it is set.",)


CASES: dict[str, tuple[int, Block | None, tuple[str, ...]]] = {
    "bottom line": (0, Callout("bottom_line", "Six attacks."), ("The bottom line was reworded.",)),
    "judgement": (
        2, Judgement("1", (Run("Attacks are unlikely"),), "High confidence."),
        ("Key judgement 1 was changed.",),
    ),
    "judgement removed": (3, None, ("1 key judgement was removed.",)),
    "key figure": (
        5,
        KeyFigures((KeyFigure("11", "Incidents", "10 before"), KeyFigure("3 (2–6)", "Dead"))),
        ("Incidents: was 12, is 11.", "Dead: was 3 (2–5), is 3 (2–6)."),
    ),
    "its comparison": (
        5,
        KeyFigures((KeyFigure("12", "Incidents", "9 before"), KeyFigure("3 (2–5)", "Dead"))),
        ("Incidents: what is said of it was changed.",),
    ),
    "key figure renamed": (
        5,
        KeyFigures((KeyFigure("12", "Incidents", "10 before"), KeyFigure("3 (2–5)", "Killed"))),
        ("Killed was added.", "1 key figure is no longer given."),
    ),
    "cell": (
        6, Columns((table(0, 1, "6"),), RIGHT), ("Districts, Kuro, Incidents: was 7, is 6.",),
    ),
    "cell of text": (
        6, Columns((table(0, 2, "met nobody"),), RIGHT), ("Districts, Kuro, Note was changed.",),
    ),
    "row removed": (
        6, Columns((replace(TABLE, rows=TABLE.rows[1:]),), RIGHT), ("Districts: 1 row was removed.",),
    ),
    "row added": (
        6,
        Columns((replace(TABLE, rows=(*TABLE.rows, TABLE.rows[0])),), RIGHT),
        ("Districts: Kuro (2) was added.",),
    ),
    "order": (
        6, Columns((replace(TABLE, rows=TABLE.rows[::-1]),), RIGHT), ("Districts was changed.",),
    ),
    "figure": (
        6, Columns((TABLE,), (Figure("By week", "Down.", ""),)), ("Figure “By week” was drawn anew.",),
    ),
    "text": (8, Text.plain("Nobody said so."), ("What was heard: the text was changed.",)),
    "text removed": (8, None, ("What was heard: the text was changed.",)),
    "recommendation": (9, Actions((), {}), ("The recommendations were changed.",)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_change_is_named_by_its_place(case: str) -> None:
    """What is told is that change, whole, and no other; a name that went is in none of it."""
    place, block, said = CASES[case]
    assert changed(place, block) == said
    assert GONE not in " ".join(said)


def test_a_section_that_went_is_counted_not_named() -> None:
    """A heading may be what had to go."""
    earlier = document(Heading(GONE), Text.plain("So."), Heading("Numbers"))
    assert between(earlier, document(Heading("Numbers")), EN) == ("1 section was removed.",)
    assert between(document(Heading("Numbers")), document(Heading("Numbers"), Heading("New")), EN) == (
        "New was added.",
    )


@pytest.mark.parametrize(
    ("was", "told_as"),
    [
        ("7", "was 7, is 8"), ("1,234", "was 1,234, is 8"), ("−3 %", "was −3 %, is 8"),
        ("12.25", "was 12.25"),
        ("0712345678", "was changed"), ("-11.345", "was changed"), ("39.1 -11.345", "was changed"),
        ("16/11/2026", "was changed"), ("AB12", "was changed"), ("", "was changed"),
    ],
)  # fmt: skip
def test_only_plain_numbers_are_repeated(was: str, told_as: str) -> None:
    """A telephone number, a date or a place on the map that went is not said again."""
    earlier, later = (document(KeyFigures((KeyFigure(value, "Count"),))) for value in (was, "8"))
    [said] = between(earlier, later, EN)
    assert told_as in said


def test_many_changes_end_in_how_many_more() -> None:
    """A reader gets a dozen lines, and the number of the rest."""
    earlier, later = (
        document(KeyFigures(tuple(KeyFigure(str(n + more), f"Count {n}") for n in range(20))))
        for more in (0, 1)
    )
    said = between(earlier, later, EN)
    assert len(said) == LINES + 1
    assert said[-1] == "And 8 more changes."


def test_the_section_stands_below_the_bottom_line() -> None:
    """It is the first thing after the bottom line; what corrects nothing has none."""
    one = document(*BLOCKS)
    assert told(one, (), version=1, corrects=None, spoken=EN) == one
    corrected = told(one, ("A was changed.",), version=2, corrects=1, spoken=EN)
    assert corrected.blocks[0] == BLOCKS[0]
    assert corrected.blocks[1] == Heading("What this version corrects")
    assert corrected.blocks[2] == Text.plain("Version 2 replaces version 1.")
    assert corrected.blocks[4:] == BLOCKS[1:]
