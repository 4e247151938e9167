"""A table of comma-separated values: what is read of it, what it breaks, and what is no table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.gate.packs import EXPECTED, MARKING
from workbench.gate._counts import small_counts
from workbench.gate._csv import open_csv
from workbench.gate._parts import Opened, Passage

FIVE = replace(EXPECTED, count_threshold=5)


def _opened(text: str, *, expected=EXPECTED, is_table: bool = False) -> Opened:
    return open_csv(text.encode(), expected=expected, is_table=is_table)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\r\nb", ["a", "b"]),
        ("a,b\nc,d\n", ["a", "b", "c", "d"]),
        ("a,", ["a", ""]),
        ("a,\n", ["a", ""]),
        (",b", ["", "b"]),
        ("a,,b", ["a", "", "b"]),
        ('"a"', ["a"]),
        ('"a""b"', ['a"b']),
        ('"a,b","c\nd"\r\n', ["a,b", "c\nd"]),
        ('"",x', ["", "x"]),
        ("title\n\nx,y\n1,2\n\nnote", ["title", "", "x", "y", "1", "2", "", "note"]),
        ("\ufeffa,b", ["a", "b"]),
    ],
)
def test_the_cells_of_a_table(text, cells):
    """Cells are read as RFC 4180 has them, quoted or plain, with a byte-order mark or without."""
    opened = _opened(text)
    assert opened.broken == []
    assert opened.passages == [
        Passage("a cell", "\n".join(cells)),
        Passage("the source of the table", text.removeprefix("\ufeff")),
    ]


@pytest.mark.parametrize(
    "text", ['"a" b', '"a"b,c', '"a', 'a"b', "a\rb", "a,b\nc,d,e", "a,b\n\nc,d,e\n", '"a"\rb']
)
def test_what_is_no_table(text):
    """Quotes within a cell, bare carriage returns and rows of several lengths are no table."""
    with pytest.raises(ValueError, match=r"^$"):
        _opened(text)
    with pytest.raises(UnicodeDecodeError):
        open_csv(b"\xff", expected=EXPECTED, is_table=False)


@pytest.mark.parametrize(
    ("cell", "rules"),
    [
        ("calm", set()), ("=1", {"formula"}), ("+x", {"formula"}), ("-x", {"formula"}), ("@x", {"formula"}),
        ("|x", {"formula"}), ("%x", {"formula"}), ("x=1", set()), ("'=1", set()), ("-", {"formula"}),
        (" =1", {"formula"}), ("\u00a0=1", {"formula"}), ("\u200b=1", {"formula"}), ("\ufeff=1", {"formula"}),
        ("\uff1d1", {"formula"}), ("\uff0b1", {"formula"}), ('"=1', {"formula"}), ('" "=1', {"formula"}),
        (" \u200bX=1", set()), ("\t5", {"formula"}), ("\t", {"formula"}), ("\rx", {"formula"}),
        ("\nx", {"formula"}), ("x\t", set()),
        ("-1", set()), ("+1", set()), ("-1.5", set()), ("-1 234,5", set()), ("+5 %", set()), ("-1e-5", set()),
        ("-1E+5", set()), ("-1\u00a0000", set()), ("-1\u202f000", set()), ("-1+1", {"formula"}),
        ("-\u0661", {"formula"}), ("--1", {"formula"}), ("-1e", {"formula"}),
        ("+1%%", {"formula"}), ("", set()),
        ("https://x", {"link"}), ("  https://x ", {"link"}), ("x://y", set()), ("ab://", {"link"}),
        ("WWW.x", {"link"}), ("mailto:a@b", {"link"}), ("tel:1", {"link"}), ("javascript:x", {"link"}),
        ("file:x", {"link"}), ("data:x", {"link"}), ("\\\\host", {"link"}), ("see https://x", set()),
        ("https://x y", set()), ("mail:a", set()), ('"https://x', {"link"}),
        ("\0", {"control"}), ("x\0y", {"control"}), ("=\0", {"formula", "control"}),
    ],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_take_for_more_than_text(cell, rules):
    """Formulas, addresses and NUL are noted, however they are led in; numbers and texts are not."""
    quoted = cell.replace('"', '""')
    assert _opened(f'"a","{quoted}"').broken == [(rule, "a cell") for rule in ("formula", "link", "control")
                                                 if rule in rules]  # fmt: skip


def test_tables_of_a_document_are_marked():
    """What is a document's table bears the mark and the status; the table of counts does not."""
    assert _opened("a").broken == []
    assert _opened("a", is_table=True).broken == [("marking", "the table")]
    assert _opened(f"{MARKING}", is_table=True).broken == []
    assert _opened("CONFI,DENTIAL", is_table=True).broken == []
    assert _opened(MARKING, is_table=True, expected=replace(EXPECTED, status="draft")).broken == [
        ("status", "the table")
    ]


@pytest.mark.parametrize(
    ("cells", "broken"),
    [
        (["0", "5", "6", "", "x", "1-4", "<5", "2.5", "2,5", "1 2", "1e0"], None),
        (["1"], 1), (["4"], 1), (["-1"], 1), (["+4"], 1), ([" 3\n"], 1), (["4.0"], 1), (["4,00"], 1),
        (["\u0663"], 1), (["\uff13"], 1), (["3\u200b"], 1), (["1", "2", "9", "3"], 3), (["-5"], None),
        (["5.0"], None), (["0.0"], None),
    ],
)  # fmt: skip
def test_small_counts_are_noted(cells, broken):
    """A bare whole number from 1 to below the threshold is small, in any writing; how many, is said."""
    opened = Opened()
    small_counts(cells, FIVE, opened)
    assert opened.broken == ([("small_count", f"{broken} in tables")] if broken else [])
    opened = Opened()
    small_counts(cells, EXPECTED, opened)
    assert opened.broken == []


def test_the_least_threshold_is_two():
    """With a threshold of two a one is small and a two is not."""
    opened = Opened()
    small_counts(["1", "2"], replace(EXPECTED, count_threshold=2), opened)
    assert opened.broken == [("small_count", "1 in tables")]
    assert _opened("x\n4", expected=FIVE).broken == [("small_count", "1 in tables")]
