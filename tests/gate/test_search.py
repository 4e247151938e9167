"""Which values are searched for, which are permitted, and that none slips through."""

from __future__ import annotations

import base64
import random
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate.packs import CANARY, EXPECTED, PAGE, pack, pdf
from workbench import gate
from workbench.gate._parts import Passage
from workbench.gate._search import Haystack, needles_in


def _found(value: str, text: str, **how: bool) -> bool:
    stack = Haystack()
    stack.add(Passage("a text", text, **how), encodings=True)
    return bool(stack.find(needles_in([value], stack)))


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        # short names are whole words
        ("Issa", "Talks with Issa went on", True),
        ("Issa", "Issa's men", True),
        ("Issa", "Issa2 and KuroIssaVelda", True),
        ("Issa", "many were dissatisfied", False),
        ("Ali", "met ALI today", True),
        ("Ali", "the alignment of a li", False),
        ("Jo", "Jo said", False),
        # longer ones are found inside words
        ("Okvante", "Okvantean", False),
        ("Okvanteri", "preOkvanteristic", True),
        # scripts that set no space
        ("أمينة", "قالت وأمينة ذلك", True),
        ("李明", "会见李明主任", True),
        ("Иванов", "от ИВАНОВ.", True),
        ("ﻣﺤﻤﺪ", "محمد", True),
        # dates, counts and missing values are no values
        ("2026-11-16", "on 2026-11-16", False),
        ("2026-11-16 06:00:00.123456+00:00", "2026-11-16 06:00:00.123456+00:00", False),
        ("2026-W46", "week 2026-W46", False),
        ("16 November 2026", "16 November 2026", False),
        ("12345", "12345 people", False),
        ("3.5", "3.5", False),
        ("1e-05", "1e-05", False),
        ("Infinity", "the Infinity group", True),
        ("nan", "Nan", False),
        ("True", "true", False),
        ("—", "—", False),
        # numbers that name somebody are
        ("+258 84 123 4567", "call 258841234567", True),
        ("110203040506", "passport 1102 0304 0506", True),
        ("841234567", "18412345678", False),
        # coordinates
        ("-11.352781", "at 11.352781 S", True),
        ("-11.352781", "at 11.3528", True),
        ("-11.352781", "at 11.353", True),
        ("-11.352781", "at 11.352", True),
        ("-11.352781", "at 11,35278", True),
        ("-11.352781", "at ١١٫٣٥٢٧٨", True),
        ("-11.352781", "at 11.35", False),
        ("-11.352781", "at 11.354", False),
        ("-11.352781", "at 111.352781", False),
        ("12.345", "12,345 people", False),
        ("seen near -11.35278, 40.35412 at dusk", "the place is 40.3541", True),
        ("281.125", "281.125", False),
        # identifiers
        ("MZM-2026/0031", "ref. mzm 2026 0031", True),
    ],
)  # fmt: skip
def test_what_is_found(value, text, found):
    """A value is found, or passed over, as the gate's docstring says."""
    assert _found(value, text) is found


def test_a_short_value_needs_no_word_of_its_own_in_an_encoding():
    """What base64 puts around a name is chance, so a name of four letters is found inside it too."""
    assert _found("Kuro", "x " + base64.b64encode(b"abKurocd").decode())
    assert not _found("Kuro", "x abKurocd".lower())


LONG = (
    "The district commander told our focal point in private that two of his men took part in the raid. "
    "He asked that his name be kept out of any report."
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (LONG, True),
        ("He asked that his name be kept out of any report", True),
        ("two of his men took part", True),
        ("told our focal point in private", True),
        ("focal point in private that two", True),
        ("our focal point in private", False),
        ("in private that two of his", True),
        ("in private two of his men", False),
        ("the raid. He asked that his name", True),
    ],
)
def test_parts_of_a_long_text_are_found(text, found):
    """Of a long text, each sentence and any six words of sixteen letters are found; fewer are not."""
    assert _found(LONG, f"It is said: {text}, no more.") is found


def test_a_part_is_found_wherever_it_lies():
    """Every run of six words of a long text is found: the sampling that makes it fast misses none."""
    generator = random.Random(7)  # noqa: S311  # the same words each time
    words = ["".join(generator.choices("abcdefghij", k=generator.randint(3, 8))) for _ in range(200)]
    value = " ".join(words)
    for first in range(195):
        assert _found(value, "so " + " ".join(words[first : first + 6]) + " it is"), first


def test_words_of_the_format_are_no_find_in_code_but_are_in_text():
    """A hidden value "Border" is not in every style sheet, yet it is found in a sentence."""
    assert not _found("Border", "p { border: 1px }", code=True)
    assert _found("Border", "near the border")
    assert _found("Border Guards", ".border-guards { }", code=True)


def test_numbers_of_a_drawing_are_no_coordinates(tmp_path):
    """A path through 11.3528 is no leak of a latitude; the same number in its title is."""

    def findings(page):
        report = gate.check(
            pack(tmp_path, page=page),
            forbidden=["-11.3528"],
            permitted=[],
            expected=EXPECTED,
        )
        return report.findings

    assert not findings(PAGE)
    assert findings(PAGE.replace("<path", "<title>11.3528</title><path"))
    assert findings(PAGE.replace("<path", '<path data-place="11.3528"'))


@pytest.mark.parametrize(
    ("value", "shown", "refused"),
    [
        (CANARY, "", True),
        (CANARY, CANARY, False),
        (CANARY, f"A longer sentence with {CANARY.upper()} in it", False),
        (CANARY, "Zeldrim and Okvante", True),
        ("Issa", "they were dissatisfied", True),
        ("Zeldrim", "Zeldrim Okvante", False),
        ("-11.352781", "11.3528", False),
        ("-11.352781", "11.353", False),
    ],
)
def test_what_may_be_shown_is_not_forbidden(value, shown, refused, tmp_path):
    """A forbidden value that the edition says anyway, by the gate's own rules, is no finding."""
    page = PAGE.replace("calm", f"{CANARY}, Issa, 11.353,")
    report = gate.check(pack(tmp_path, page=page), forbidden=[value], permitted=[shown], expected=EXPECTED)
    assert bool(report.findings) is refused


def test_two_permitted_texts_do_not_permit_what_they_spell_together(tmp_path):
    """Two words in two cells of a view do not permit the name they make together."""
    report = gate.check(
        pack(tmp_path, page=PAGE.replace("calm", CANARY)), forbidden=[CANARY],
        permitted=["Zeldrim", "Okvante"], expected=EXPECTED,
    )  # fmt: skip
    assert report.findings


def test_the_shown_part_of_a_hidden_text_is_permitted_and_the_rest_is_not(tmp_path):
    """A released sentence of a hidden narrative may be printed; its next sentence may not."""
    released, held = LONG.split(". ", maxsplit=1)[0], LONG.split(". ")[1]
    for text, refused in ((released, False), (held, True)):
        report = gate.check(
            pack(tmp_path, page=PAGE.replace("calm", text)), forbidden=[LONG],
            permitted=[released], expected=EXPECTED,
        )  # fmt: skip
        assert bool(report.findings) is refused


def test_marking_and_audience_are_permitted(tmp_path):
    """A hidden row's label, equal to the page's marking, does not stop it."""
    report = gate.check(
        pack(tmp_path),
        forbidden=["confidential", "internal"],
        permitted=[],
        expected=EXPECTED,
    )
    assert report.passed


def test_a_value_in_several_places_is_reported_once_for_each(tmp_path):
    """The report counts values for each file and place."""
    page = PAGE.replace("calm", f"{CANARY} {CANARY} Velmora").replace("A map", CANARY)
    report = gate.check(
        pack(tmp_path, page=page, paper=pdf(CANARY)), forbidden=[CANARY, "Velmora", "Velmora "],
        permitted=[], expected=EXPECTED,
    )  # fmt: skip
    assert {(one.file, one.detail) for one in report.findings} == {
        ("briefing.html", "1 in an attribute"),
        ("briefing.html", "2 in the text"),
        ("briefing.html", "2 in the source of the page"),
        ("briefing.pdf", "1 in page 2"),
    }


def test_forbidden_values_are_those_that_identify_and_are_not_shown():
    """What is hidden, less what says nothing and what is shown elsewhere."""
    hidden = [CANARY, "2026-11-16", "12", "police", "nan", "-11.35278", "40.1", "Kuro", "", LONG]
    shown = ["The police of Kuro District", "7"]
    assert gate.forbidden_values(hidden, shown) == {CANARY, "-11.35278", LONG}


def _planted(value: str, how: str) -> str:
    raw = value.encode()
    return {
        "plain": value,
        "capitals": value.upper(),
        "zero-width": "\u200d".join(value),
        "broken": "-\n".join(value),
        "spaced": "  ".join(value),
        "full-width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value),
        "entities": "".join(f"&#{ord(c)};" for c in value),
        "percent": "".join(f"%{byte:02X}" for byte in raw),
        "quoted": quote(value),
        "base64": base64.b64encode(raw).decode(),
        "hexadecimal": raw.hex(),
    }[how]


HOW = ("plain", "capitals", "zero-width", "broken", "spaced", "full-width", "entities", "percent",
       "quoted", "base64", "hexadecimal")  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéèçãñöüŁşабвгдежзиклмнАБВГДابتثجحخدذرزسش"
NAMES = st.text(LETTERS, min_size=4, max_size=24).filter(
    lambda name: name.casefold() not in {"none", "null", "true", "false", "unknown"}
)
AROUND = st.text(st.characters(blacklist_categories=["Cs"]), max_size=200)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(value=NAMES, how=st.sampled_from(HOW), before=AROUND, after=AROUND)
def test_any_value_planted_in_any_text_in_any_way_is_found(value, how, before, after):
    """A word of four letters or more, in any script and encoding, in whatever text, is found."""
    assert _found(value, f"{before} {_planted(value, how)} {after}")


@settings(derandomize=True, max_examples=300, deadline=None)
@given(value=st.text(LETTERS, min_size=8, max_size=24), before=AROUND, after=AROUND)
def test_a_long_word_is_found_inside_others(value, before, after):
    """From eight letters on, what stands around a value does not matter."""
    assert _found(value, f"{before}{value}{after}")


@settings(derandomize=True, max_examples=300, deadline=None)
@given(value=st.lists(NAMES, min_size=2, max_size=30).map(" ".join), before=AROUND, after=AROUND)
def test_any_text_is_found_whole(value, before, after):
    """A value of several words is found however long it is."""
    assert _found(value, f"{before} {value} {after}")


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_file_makes_the_gate_raise(tmp_path_factory, content):
    """Whatever a file holds, the gate gives a report, and refuses what is no page."""
    folder = pack(tmp_path_factory.mktemp("pack"), page=content, paper=b"%PDF-" + content)
    report = gate.check(folder, forbidden=[CANARY], permitted=[], expected=EXPECTED)
    assert {one.file for one in report.findings} >= {"briefing.html", "briefing.pdf"}


def test_ten_megabytes_of_values_are_searched_in_seconds(tmp_path):
    """The search does not grow with the number of values times the size of the pack."""
    generator = random.Random(3)  # noqa: S311  # the same words each time
    words = ["".join(generator.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(20_000)]
    values = [" ".join(generator.choices(words, k=14)) for _ in range(100_000)]
    folder = pack(tmp_path, page=PAGE.replace("calm", values[77_777]))
    started = time.perf_counter()
    report = gate.check(folder, forbidden=values, permitted=[], expected=EXPECTED)
    assert time.perf_counter() - started < 5
    assert {one.rule for one in report.findings} == {"forbidden_value"}
