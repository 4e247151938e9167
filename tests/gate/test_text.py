"""One spelling for every way a text can be written: character by character, edge by edge."""

from __future__ import annotations

import pytest

from workbench.gate._text import _effect, _Effects, _glues, _parted, fold, squeeze, squeezed


@pytest.mark.parametrize(
    ("character", "effect"),
    [
        ("\u0301", ""), ("\u20dd", ""), ("\u200b", ""), ("\u00ad", ""), ("\u2066", ""), ("\0", ""),
        ("\x1f", None), ("\x1b", ""), ("\n", None), ("\t", None), ("\x85", None), ("\u00a0", None),
        ("\u0640", ""), ("\ufffe", ""), ("\uffff", ""), ("\u066b", "."), ("\u066c", None),
        ("\u0663", "3"), ("\u0966", "0"), ("3", None), ("\u00b2", None), ("a", None), ("-", None),
        ("\u4e00", None), ("\u0903", None), ("X", None),
    ],
)  # fmt: skip
def test_what_folding_makes_of_a_character(character, effect):
    """Unseen characters go, digits of every script and the Arabic point become plain, the rest stays."""
    assert _effect(character) == effect
    effects = _Effects()
    assert effects[character] == effect
    assert dict(effects) == {character: effect}


@pytest.mark.parametrize(
    ("text", "folded", "letters"),
    [
        ("Kuro-\nPemra", "Kuro-\nPemra", "kuropemra"),
        ("K u r o_pemra", "K u r o_pemra", "kuropemra"),
        ("S\u00e3o", "Sao", "sao"),
        ("\ufb01n", "fin", "fin"),
        ("Stra\u00dfe", "Stra\u00dfe", "strasse"),
        ("a\0b\x1bc", "abc", "abc"),
        ("a\tb\r\n", "a\tb\r\n", "ab"),
        ("\u0661\u066b\u0665", "1.5", "15"),
        ("\u200bA\u00adb", "Ab", "ab"),
        ("\uff21\uff42", "Ab", "ab"),
        ("A\u00b2", "A2", "a2"),
        ("\u00c9_x", "E_x", "ex"),
        ("", "", ""),
    ],
)
def test_a_text_is_folded_and_squeezed(text, folded, letters):
    """Folding keeps case and what stands between words; squeezing keeps letters and digits only."""
    assert fold(text) == folded
    assert squeeze(text) == letters
    assert squeezed(folded).letters == letters


@pytest.mark.parametrize(
    ("text", "humps", "letters", "edges"),
    [
        ("", True, "", [1]),
        ("ab cd", True, "abcd", [1, 0, 1, 0, 1]),
        ("-ab--c.", True, "abc", [1, 0, 1, 1]),
        ("abCd", True, "abcd", [1, 0, 1, 0, 1]),
        ("abCd", False, "abcd", [1, 0, 0, 0, 1]),
        ("ab12", False, "ab12", [1, 0, 1, 0, 1]),
        ("a_b", False, "ab", [1, 1, 1]),
        ("\u00df A", True, "ssa", [1, 0, 1, 1]),
    ],
)
def test_a_squeezed_text_knows_its_edges(text, humps, letters, edges):
    """An edge is where a word begins or ends; a sharp s that becomes two letters moves none."""
    text = squeezed(text, humps=humps)
    assert (text.letters, list(text.edges)) == (letters, edges)


def test_words_end_at_humps_unless_told_otherwise():
    """By default a capital after a small letter begins a word."""
    assert list(squeezed("aB").edges) == [1, 1, 1]


@pytest.mark.parametrize(
    ("run", "with_humps", "without"),
    [
        ("abc", ["abc"], ["abc"]), ("ABC", ["ABC"], ["ABC"]), ("Abc", ["Abc"], ["Abc"]),
        ("aBc", ["a", "Bc"], ["aBc"]), ("ABc", ["ABc"], ["ABc"]), ("ab1", ["ab", "1"], ["ab", "1"]),
        ("12", ["12"], ["12"]), ("1a2", ["1", "a", "2"], ["1", "a", "2"]),
        ("7KuroVelda12x", ["7", "Kuro", "Velda", "12", "x"], ["7", "KuroVelda", "12", "x"]),
        ("abCdE", ["ab", "Cd", "E"], ["abCdE"]),
    ],
)  # fmt: skip
def test_a_run_is_parted_where_words_meet(run, with_humps, without):
    """Letters and digits part; with humps also a small letter and a capital."""
    assert _parted(run, humps=True) == with_humps
    assert _parted(run, humps=False) == without


@pytest.mark.parametrize(
    ("letters", "edges", "start", "end", "at_edges", "one_word"),
    [
        ("abcd", [1, 0, 1, 0, 1], 0, 2, True, True),
        ("abcd", [1, 0, 1, 0, 1], 0, 4, True, False),
        ("abcd", [1, 0, 1, 0, 1], 1, 2, False, False),
        ("abcd", [1, 0, 1, 0, 1], 2, 3, False, False),
        ("abcd", [1, 0, 0, 1, 1], 0, 3, True, True),
        ("abcd", [1, 1, 0, 0, 1], 0, 3, False, False),
        ("abcd", [1, 1, 0, 0, 1], 0, 4, True, False),
        ("abcd", [1, 0, 0, 1, 1], 0, 4, True, False),
        ("\u0628\u0628b", [1, 0, 0, 1], 1, 3, True, False),
        ("b\u0628\u0628", [1, 0, 0, 1], 0, 2, True, False),
        ("b\u0628c", [1, 0, 0, 1], 0, 1, False, False),
        ("b\u0628c", [1, 0, 0, 1], 1, 2, True, False),
        ("\u0628bc\u0628", [1, 0, 0, 0, 1], 1, 3, False, False),
    ],
)
def test_a_place_is_a_word(letters, edges, start, end, at_edges, one_word):
    """A value stands at edges, or is one word, or neither; scripts that glue need no edges."""
    text = squeezed("".join(f" {one}" if edges[at] else one for at, one in enumerate(letters)))
    assert list(text.edges) == edges
    assert text.at_edges(start, end) is at_edges
    assert text.one_word(start, end) is one_word


def test_scripts_that_glue():
    """Arabic letters and those from the East Asian blocks on glue to their neighbours; others do not."""
    assert [_glues(one) for one in "\u05ff\u0600\u06ff\u0700\u2e7f\u2e80\U0010ffffa"] == [
        False, True, True, False, False, True, True, False,
    ]  # fmt: skip
