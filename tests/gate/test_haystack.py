"""What is searched for and what is found of it, piece by piece and on both sides of every boundary."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.gate import _sieve
from workbench.gate._format_words import FORMAT_WORDS
from workbench.gate._parts import Passage, words_in
from workbench.gate._search import (
    FEW,
    Haystack,
    Needle,
    _is_number,
    _to,
    _words,
    all_needles,
    coordinates,
    needles_in,
    needles_in_run,
    needles_sought,
    parts_of,
    sealed_needles,
    worth_searching,
)
from workbench.gate._sieve import Sieve, _slices, _with_decimals, packed, unpacked
from workbench.gate._text import squeeze


def _stack(*texts: str, **how: bool) -> Haystack:
    stack = Haystack()
    for text in texts:
        stack.add(Passage("here", text, **how), encodings=False)
    return stack


def _in(needle: Needle, text: str, **how: bool) -> bool:
    return needle in _stack(text, **how).find([needle])


@pytest.mark.parametrize(
    ("value", "worth"),
    [
        ("", False), ("ab", False), ("abc", True), ("a b c", True), ("\u0628", False), ("\u0628\u0628", True),
        ("nan", False), ("NaT", False), ("n/a", False), ("None", False), ("null", False), ("TRUE", False),
        ("false", False), ("Unknown", False), ("nano", True),
        ("2026-11-16", False), ("2026-11", False), ("2026-W46", False), ("2026-11-16 06:00", False),
        ("2026-11-16T06:00:00Z", False), ("2026-11-16 06:00:00.5+02:00", False), (" 2026-11-16 ", False),
        ("2026-11-16 UTC x", True), ("16 Nov 2026", False), ("5 Nov 2026", False), ("16/11/26", False),
        ("1.2.2026", False),
        ("16 N 2026", True), ("A2026-11-16", True), ("2026-W46x", True),
        ("12345678", False), ("123456789", True), ("12 345 678", False), ("123 456 789", True),
        ("+123456789", True), ("+12345678", False), ("-123456789", False), ("123456.789", False),
        ("1e123456", False), ("1e5x", True), ("3.5", False), ("12a", True), ("-55e", True), ("0x12", True),
        ("1.5e+10", False), ("١٢٣٤٥٦٧٨٩", True), ("١٢٣", False),
    ],
)  # fmt: skip
def test_which_values_identify(value, worth):
    """Dates, counts, missing values and single letters say nothing; names and long numbers do."""
    assert worth_searching(value, squeeze(value)) is worth


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("1", True), ("-1", True), ("1.", True), ("1.5", True), ("1e5", True), ("1E-5", True), ("+1", False),
     ("12345678", True), ("123456789", False), ("1 2", False), (".5", False), ("x", False), ("1x", False)],
)  # fmt: skip
def test_what_is_a_number(text, is_one):
    """A whole number of nine digits names somebody; below that a number is a count."""
    assert _is_number(text) is is_one


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("-11.352781", ["11.352781"]), ("11.352", ["11.352"]), ("11.35", []), ("180.125", ["180.125"]),
        ("181.125", []), ("11,352", []), ("11,3527", ["11.3527"]), ("011.352", ["11.352"]),
        ("x 1.234, 5.678 y", ["1.234", "5.678"]),
        ("1.234.567", []), ("1234.567", []), ("2026-11-16 06:00:00.123456", []), ("١١٫٣٥٢", ["11.352"]),
        ("", []),
        ("1.2345.", ["1.2345"]), ("06:00:00.123456 x", ["0.123456"]),
    ],
)  # fmt: skip
def test_the_coordinates_of_a_value(value, texts):
    """A number to 180 with three decimals or more is a coordinate; after a comma it takes four."""
    assert [(one.kind, one.text) for one in coordinates(value)] == [("decimal", text) for text in texts]


@pytest.mark.parametrize(
    ("number", "decimals", "forms"),
    [("11.35278", 3, {"11.352", "11.353"}), ("11.35278", 5, {"11.35278"}), ("11.352", 3, {"11.352"}),
     ("0.9996", 3, {"0.999", "1.000"}), ("11.3525", 3, {"11.352", "11.353"}),
     ("11.3535", 3, {"11.353", "11.354"}), ("11." + "3" * 50, 40, {"11." + "3" * 20})],
)  # fmt: skip
def test_a_number_cut_and_rounded(number, decimals, forms):
    """Cut and rounded to so many decimals."""
    assert _to(number, decimals) == forms


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("11.35278", "11.352", True), ("11.35278", "11.353", True), ("11.35278", "11.351", False),
        ("11.35278", "11.3527", True), ("11.35278", "11.3528", True), ("11.35278", "11.3526", False),
        ("11.35278", "11.352781", True), ("11.352781", "11.35278", True), ("11.352", "11.35278", True),
        ("11.352", "11.3519999", True), ("11.352", "11.3515", True), ("11.352", "11.35149", False),
        ("11.9996", "12.000", True), ("11.9996", "11.999", True), ("12.0004", "11.9999", False),
        ("11.3525", "11.353", True), ("11.3535", "11.354", True), ("11.3525", "11.354", False),
        ("11." + "35" * 99, "11." + "35" * 99, True),
        ("12.000", "11.9999", True), ("1.35278", "11.35278", False), ("11.35278", "011.35278", True),
    ],
)  # fmt: skip
def test_a_coordinate_is_found_cut_or_rounded(value, text, found):
    """As many decimals as both give agree, cut or rounded; one more digit apart and they do not."""
    assert _in(Needle("decimal", value), f"at {text} N") is found
    assert not _in(Needle("decimal", value), f"at {text} N", numbers=False)


@pytest.mark.parametrize(
    ("kind", "needle", "text", "how", "found"),
    [
        ("letters", "kuro", "x kuro x", {}, True), ("letters", "kuro", "xkurox", {}, False),
        ("letters", "kuro", "xkuro", {}, False), ("letters", "kuro", "kurox", {}, False),
        ("letters", "kuro", "ku ro", {}, True), ("letters", "kur", "ku r", {}, False),
        ("letters", "kur", "kur", {}, True), ("letters", "kur", "kur", {"encoded": True}, False),
        ("letters", "kuro", "xkurox", {"encoded": True}, True),
        ("letters", "kurovel", "xkurovelx", {}, False),
        ("letters", "kuroveld", "xkuroveldx", {}, True),
        ("letters", "border", "border", {"code": True}, False),
        ("letters", "border", "border", {}, True), ("letters", "border", "xborder y", {}, False),
        ("letters", "kuro", "kuroVelda", {}, True), ("letters", "kuro", "kuroVelda", {"code": True}, False),
        ("letters", "\u0628\u0628", "x \u0628\u0628 x", {}, True),
        ("letters", "\u0628\u0628", "\u062a\u0628\u0628\u062a", {}, True),
        ("letters", "ив", "x ив x", {}, True), ("letters", "ив", "xив", {}, False),
        ("digits", "123456789", "123456789", {}, True), ("digits", "123456789", "1234567890", {}, False),
        ("digits", "123456789", "0123456789", {}, False), ("digits", "123456789", "12345 6789", {}, True),
        ("digits", "123456789", "1234567890", {"encoded": True}, False),
        ("digits", "123456789", "a123456789b", {}, True),
        ("digits", "123456789", "1234 56789", {"numbers": False}, True),
        ("digits", "12345678", "1234 5678", {"numbers": False}, False),
    ],
)  # fmt: skip
def test_what_counts_as_found(kind, needle, text, how, found):
    """Short values as whole words, up to seven letters at edges, from eight anywhere, digits at ends."""
    assert _in(Needle(kind, needle), text, **how) is found


def test_all_that_is_found_is_told_where():
    """Every needle is told with all passages it is in, and overlapping ones are all found."""
    stack = _stack("kuroveldapemra 11.352", "nothing", "kuroveldapemra", "11.352")
    long, inner, number = (
        Needle("letters", "kuroveldapemra"),
        Needle("letters", "roveldap"),
        Needle("decimal", "11.352"),
    )
    assert stack.find([long, inner, number, Needle("letters", "nowhere at all")]) == {
        long: {0, 2}, inner: {0, 2}, number: {0, 3},
    }  # fmt: skip
    assert stack.find([]) == {}
    assert stack.find([number]) == {number: {0, 3}}


def test_what_a_haystack_holds():
    """Passages without a letter are left out; runs of twelve letters are grams, of eleven none."""
    stack = _stack("-- !", "abcdefghijk", "abcdefghijklm")
    assert [passage.text for passage, _ in stack.passages] == ["abcdefghijk", "abcdefghijklm"]
    assert stack.grams() == {"abcdefghijkl", "bcdefghijklm"}
    stack = _stack("12,345 and 12.345 and 12,3456 and 40.354119999999998")
    assert dict(stack.decimals) == {
        "12.345": [(0, "12.345"), (0, "12.3456")], "12.346": [(0, "12.3456")],
        "40.354": [(0, "40.354119999999998")],
    }  # fmt: skip


def test_what_is_written_otherwise_is_read_too():
    """Escapes are undone under the same rules; what was encoded is a passage of its own, drawings aside."""

    def held(text: str, **how: bool) -> list[Passage]:
        stack = Haystack()
        stack.add(Passage("here", text, **how), encodings=True)
        return [passage for passage, _ in stack.passages]

    assert held("calm") == [Passage("here", "calm")]
    assert held("%41bc", code=True, numbers=False) == [
        Passage("here", "%41bc", code=True, numbers=False), Passage("here", "Abc", code=True, numbers=False),
    ]  # fmt: skip
    raw = b"Kuro Velda".hex()
    assert held(raw)[0] == Passage("here", raw)
    assert held(raw)[1].place == "encoded text in here"
    assert held(raw)[1].encoded
    assert "Kuro Velda" in held(raw)[1].text.split("\n")
    assert held(raw, numbers=False) == [Passage("here", raw, numbers=False)]
    hidden = "".join(f"&#{ord(one)};" for one in raw)
    assert "Kuro Velda" in held(hidden)[-1].text.split("\n")
    # what stands beside the undone text does not become part of it
    assert "Kuro Velda" in held(f"%41 {raw}")[-1].text.split("\n")


LONG = (
    "The commander told us that two men came. He asked for his name to be kept out; nobody else knew of it."
)


def _grams(text: str) -> set[str]:
    return _stack(text).grams()


def test_the_parts_of_a_long_value():
    """Sentences of 25 characters and six words of sixteen letters, of which both ends occur."""
    found = list(parts_of(LONG, _grams(LONG)))
    assert squeeze("The commander told us that two men came") in found
    assert squeeze("He asked for his name to be kept out") in found
    assert "thecommandertoldusthattwo" in found
    assert "elseknewofit" not in found
    words = LONG.split()
    assert len(found) == 2 + len(words) - 5
    assert list(parts_of(LONG, _grams("came. He asked for his name to"))) == [
        "cameheaskedforhisname", "heaskedforhisnameto",
    ]  # fmt: skip
    assert list(parts_of(LONG, set())) == []
    assert list(parts_of(LONG, {"thecommander"})) == []
    assert list(parts_of("", set())) == []


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("a b c d e fghijklmno", []), ("a b c d e fghijklmnop", ["abcdefghijklmnop"]),
        ("a b c d e f ghijklmnop", ["abcdefghijklmnop"]), ("a b c d e fghijklmn op", ["abcdefghijklmnop"]),
        ("abcdefghijklmno p q r s", []), ("ab. cd! ef? gh; ijklm nop", ["abcdefghijklmnop"]),
        ("abcdefghijklmnopqrstuvwxy", ["abcdefghijklmnopqrstuvwxy"]), ("abcdefghijklmnopqrstuvwx", []),
        ("x. abcdefghijklmnopqrstuvwxy\n\nz", ["abcdefghijklmnopqrstuvwxy"]),
        ("a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p", ["abcdefghijklmnop"]),
        ("a-b-c-d-e-f-g-h-i-j-k-l-m-n-o--", []),
        ("a b c d e fghijklmnop q", ["abcdefghijklmnop", "bcdefghijklmnopq"]),
        ("zzzzzzzz a b c d e f ghijklmnopq rstuvwx",
         ["zzzzzzzzabcdefghijklmnopqrstuvwx", "zzzzzzzzabcdefghijklmnopq", "abcdefghijklmnopq",
         "bcdefghijklmnopq", "cdefghijklmnopqrstuvwx"]),
    ],
)  # fmt: skip
def test_how_long_a_part_must_be(value, parts):
    """Sixteen letters make a part, fifteen do not; six words, or a sentence of 25 characters."""
    assert list(dict.fromkeys(parts_of(value, _grams(value)))) == parts


def test_the_words_of_a_value():
    """Words without signs in small letters, in any script; a word of signs only is none."""
    assert _words("It's A -- b1_C\td\ne") == ["its", "a", "b1c", "d", "e"]
    assert _words("Zéldrim — «x» ß") == ["zeldrim", "x", "ss"]


def _needles(value: str, text: str) -> set[tuple[str, str]]:
    return {(one.kind, one.text) for one in needles_in([value], _stack(text))}


@pytest.mark.parametrize(
    ("value", "text", "needles"),
    [
        ("Kuro", "x kuro", {("letters", "kuro")}), ("Kuro", "velda", set()), ("Ku", "ku", set()),
        ("12", "12", set()), ("123456789", "123456789", {("digits", "123456789")}),
        ("11.35278", "x", {("decimal", "11.35278")}), ("Kuro 11.3527", "x", {("decimal", "11.3527"),
        ("letters", "kuro113527")}),
        ("11,35278", "x", {("decimal", "11.35278")}), ("11\u066b35278", "x", {("decimal", "11.35278")}),
        ("\u0661\u0661.\u0663\u0665\u0662", "x", {("decimal", "11.352")}),
        ("11\uff0e35278", "x", {("decimal", "11.35278")}),
        ("MZM-11.352", "mzm11352", {("decimal", "11.352"), ("letters", "mzm11352")}),
        ("abcdefghijklmno", "abcdefghijklmno", {("letters", "abcdefghijklmno")}),
        ("abcdefghijklmnop", "abcdefghijklmnop", {("letters", "abcdefghijklmnop")}),
        ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopxyz", set()),
        ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop opqrstuvwxyz", {("letters",
         "abcdefghijklmnopqrstuvwxyz")}),
    ],
)  # fmt: skip
def test_which_needles_are_sought(value, text, needles):
    """Of the values only such stay as can occur: short ones whole, long ones by their two ends."""
    assert _needles(value, text) == needles
    assert needles_in_run(packed([value]), _stack(text)) == needles_in([value], _stack(text))


def test_a_sealed_date_is_sought_as_letters_and_a_sealed_number_as_digits():
    """A date with a month's name is a text that is sought, a number of seven digits a row of digits."""
    assert sealed_needles(packed(["16 November 2026", "5506929", "Jo"]), _stack("x")) == {
        Needle("letters", "16november2026"),
        Needle("digits", "5506929"),
        Needle("digits", "05506929"),
    }


_WORDS = st.sampled_from(
    ["Kuro", "Velda", "the", "road", "was", "closed.", "at", "11.35278", "Zéldrim", "12", "\u0625"]
)


@given(
    st.lists(st.lists(_WORDS, min_size=1, max_size=12).map(" ".join), max_size=6),
    st.lists(_WORDS, max_size=40).map(" ".join),
)
def test_few_values_and_many_are_found_alike(values, text):
    """Looking for every part of the values finds what looking for those finds that passed the sieve."""
    run, stack = packed(values), _stack(text)
    assert stack.find(all_needles(run)) == stack.find(needles_in_run(run, stack))


@pytest.mark.parametrize("more", [0, 1])
def test_many_values_go_through_the_sieve(more):
    """Up to FEW bytes every part of a value is sought, above that only what may occur; both find it."""
    name = "Kuro Velda Pemra Zelda Orvan Halma Tordis"
    values = [name, "x" * (FEW - len(name) - 1 + more)]
    sought = needles_sought(packed(values), _stack(f"He met {name} there."))
    assert (Needle("letters", "x" * len(values[1])) in sought) is (more == 0)
    assert Needle("letters", "kuroveldapemrazeldaorvanhalmatordis") in sought


def test_every_value_is_looked_at():
    """One value that is passed over does not end the search for those behind it."""
    values = ["12", "123456789", "Kuro", "ab", "abcdefghijklmnop", "Velda", "11.352", "Pemra"]
    text = "12 123456789 Kuro ab abcdefghijklmnop Velda Pemra"
    assert {one.text for one in needles_in(values, _stack(text))} == {
        "123456789", "kuro", "abcdefghijklmnop", "velda", "11.352", "pemra",
    }  # fmt: skip


# the sieve


def test_values_are_packed():
    """Values lie one after another with a NUL between; a NUL in one goes, half a pair stays."""
    assert packed([]) == b""
    assert packed(["a", "b\u00e9"]) == b"a\0b\xc3\xa9"
    assert packed(["a\0b", "c"]) == b"ab\0c"
    assert packed(["a\0b\0c", "d"]) == b"abc\0d"
    assert packed(["", ""]) == b"\0"
    assert packed(["\ud800"]) == b"\xed\xa0\x80"
    assert unpacked(packed(["a\ud800", "", "b\u00e9"])) == ["a\ud800", "", "b\u00e9"]
    assert list(Sieve(["ab"]).kept(packed(iter(["ab", "x"])))) == ["ab"]


def test_a_run_is_taken_in_slices(monkeypatch):
    """Slices end between values, nothing is lost and nothing comes twice."""
    monkeypatch.setattr(_sieve, "_SLICE", 4)
    for run in (b"", b"a", b"abcd", b"abcd\0", b"abcd\0e", b"ab\0cdef\0g\0hijklmnop\0q", b"\0\0\0\0\0\0"):
        assert b"\0".join(_slices(run)) == run
        assert all(len(one) >= 4 for one in list(_slices(run))[:-1])
    assert list(_slices(b"ab\0cdef\0g\0hijklmnop\0q")) == [b"ab\0cdef", b"g\0hijklmnop", b"q"]


@pytest.mark.parametrize("slice_of", [1, 7, 4_000_000])
def test_the_sieve_keeps_what_occurs(slice_of, monkeypatch):
    """Kept are values that occur whole, longer ones of which sixteen letters do, and coordinates."""
    monkeypatch.setattr(_sieve, "_SLICE", slice_of)
    chance = random.Random(5)  # noqa: S311  # the same words each time
    alphabet = "abcdefghij0123456789éأب"
    text = "".join(chance.choices(alphabet, k=400))
    sieve = Sieve([squeeze(text), "", "zzzzz"])
    letters = squeeze(text)
    values: dict[str, bool] = {"": False, "zzzzz": True, "zzzz": True, "zzzzzz": False, "1.234": True,
    "1.23": False,
                               "x,123": False, "9,123": True, "11.3\x1b52": True, "é 1.234": True,
                               "é 1.23": False, ".123": False}  # fmt: skip
    for length in (*range(1, 33), 60):
        start = chance.randint(0, len(letters) - length)
        inside = letters[start : start + length]
        values[inside] = True
        values["Q" + inside + "Q"] = length >= 16
        values["-" + inside.upper() + "!"] = True
    kept = list(sieve.kept(packed(values)))
    assert sorted(kept) == sorted(value for value, stays in values.items() if stays)


def test_letters_of_two_texts_or_two_values_are_not_one():
    """A value does not lie over the end of a text, and two values are not one."""
    sieve = Sieve(["abcdefgh", "ijklmnop"])
    assert list(sieve.kept(packed(["abcdefghijklmnop", "ghij", "abcdefgh", "x\x01ab", "gh\x01ij"]))) == [
        "abcdefgh", "x\x01ab",
    ][:1]  # fmt: skip
    assert list(Sieve([]).kept(packed(["abc", "1.234", ""]))) == ["1.234"]
    sieve = Sieve(["abcdefghijklmnop"])
    assert list(sieve.kept(packed(["abcdefgh", "zijklmnop", "abcdefghijklmno", "pabc"]))) == [
        "abcdefgh", "abcdefghijklmno",
    ]  # fmt: skip


def test_a_value_with_half_a_pair_or_a_separator_is_sieved():
    """Values of any code points go through: half pairs, separators, letters that fold to several."""
    sieve = Sieve(["kurovelda", "strasse"])
    values = ["Kuro\ud800Velda", "Stra\u00dfe", "kuro\x1fvelda", "Kuro\x1fVeldá", "Pemrá"]
    assert list(sieve.kept(packed(values))) == [
        "kuro\x1fvelda",
        "Kuro\ud800Velda",
        "Stra\u00dfe",
        "Kuro\x1fVeldá",
    ]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["1.234"], [True]), (["1,234"], [True]), (["1.23"], [False]), ([".234"], [False]),
        (["1.2", "34"], [False, False]),
        (["x", "1.234", "y"], [False, True, False]), (["1", ".234"], [False, False]),
        (["1.234x", "1x.234"], [True, False]),
        (["/.234", ":.234"], [False, False]), (["9.999", "0.000"], [True, True]),
        (["1.2/4", "1.23:"], [False, False]),
        (["1.x23", "1.2x3"], [False, False]), ([""], [False]),
    ],
)  # fmt: skip
def test_which_values_hold_the_decimals_of_a_coordinate(values, found):
    """A digit, a mark and three digits within one value; over the end of a value there is none."""
    import numpy as np

    run = np.frombuffer(("\0".join(values) + "\0").encode(), dtype=np.uint8)
    assert list(_with_decimals(run)) == found


def test_words_in_bytes():
    """Eight letters, digits, spaces or plain marks in a row are words, as UTF-8 or UTF-16; seven are none."""
    assert words_in(b"\0\0Zeldrim1\0") == ["Zeldrim1"]
    assert words_in(b"\0\0Zeldrim\0") == []
    assert words_in(b"\xff Zel.,;:'()+-drim\xff") == [" Zel.,;:'()+-drim"]
    assert "Zeldrim1" in words_in("Zeldrim1".encode("utf-16-le"))
    assert "Zeldrim1" in words_in("Zeldrim1".encode("utf-16-be"))
    assert words_in("Zéldrim1".encode()) == ["Zéldrim1"]


def test_words_of_the_format_are_single_small_words():
    """The list holds single words as they are compared: small letters and digits only."""
    assert {"border", "obj", "svg"} <= FORMAT_WORDS
    assert all(squeeze(word) == word for word in FORMAT_WORDS)
