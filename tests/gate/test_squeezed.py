"""The quick ways through a text give what the slow ones do."""

from __future__ import annotations

import html
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.gate import _encoded, _text
from workbench.gate._encoded import decoded
from workbench.gate._text import fold, squeezed

MIXED = st.text(st.sampled_from("abAB01 _-.:;&%=\\\n\ufffdéßæµ²ªº·«»Жж٣أ李"), max_size=60)
FOLDED = MIXED.map(fold)


def _slowly(folded: str, *, humps: bool) -> tuple[str, bytearray]:
    """Return letters and edges, run by run."""
    runs = _text._RUN.findall(folded)  # the definition that the quick ways must keep to
    parts = [part.casefold() for run in runs for part in _text._parted(run, humps=humps)]  # as above
    edges = bytearray(len("".join(parts)) + 1)
    edges[0] = edges[-1] = 1
    at = 0
    for part in parts:
        at += len(part)
        edges[at] = 1
    return "".join(runs).casefold(), edges


@settings(derandomize=True, max_examples=500, deadline=None)
@given(FOLDED | st.text("abAB01 _-.·", max_size=60) | MIXED, st.booleans())
def test_letters_and_edges_do_not_depend_on_the_way(folded, humps):
    """Letters and words' edges of Latin text, of bytes read as Latin-1 and of other scripts are the same."""
    found = squeezed(folded, humps=humps)
    assert (found.letters, found.edges) == _slowly(folded, humps=humps)


def test_every_latin_character_is_kept_or_left_out_alike():
    """Each of the first 256 code points, and what cannot be decoded, is a letter in both ways or in none."""
    text = "".join(f"x{chr(code)}Y" for code in range(256)) + "\ufffd"
    assert squeezed(text).letters == "".join(_text._RUN.findall(text)).casefold()  # as above


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["S3Vyb1ZlbGRh", "Kuro", "4b75726f", "the market", "&amp;"]), max_size=8))
def test_what_was_decoded_before_is_decoded_again(words):
    """A run of base64 that was seen before holds the same."""
    text = " ".join(words)
    _encoded._readable_in_run.cache_clear()  # once without what was kept
    first = list(decoded(text))
    assert list(decoded(text)) == first
    assert ("KuroVelda" in first) is ("S3Vyb1ZlbGRh" in words)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text().map(lambda text: text.translate(dict.fromkeys(map(ord, _encoded._MARKS)))))
def test_a_text_without_a_mark_has_no_escape_to_undo(text):
    """No way of undoing changes a text without one of the four marks, so it is passed over at once."""
    assert html.unescape(text) == unquote(text, errors="replace") == text
    assert _encoded._escapes_undone(text) == _encoded._unquoted_printable(text) == text  # what is passed over
    assert _encoded.unwrapped(text) is None
