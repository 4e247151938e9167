"""A manifest and its signature: every rule and its nearest neighbour that passes."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.gate.packs import EXPECTED
from workbench.gate._manifest import _KEYS, open_manifest, open_signature
from workbench.gate._parts import Opened, Passage

FILES = {"briefing.html": b"page", "manifest.sig": b"signature"}
HERE = replace(
    EXPECTED,
    recipients=("a@example.org", "b@example.org"),
    released_by=("Ada",),
    lies_in=("internal", "weekly", "kestara", "2026-W46", "v2"),
)
SAID: dict[str, Any] = {
    "audience": "internal",
    "marking": "CONFIDENTIAL",
    "status": "released",
    "recipients": ["a@example.org", "b@example.org"],
    "released_by": ["Ada"],
    "files": {"briefing.html": hashlib.sha256(b"page").hexdigest()},
    "briefing": "weekly",
    "area": "kestara",
    "period": "2026-W46",
    "version": 2,
    "language": "fr",
}
REST = ["weekly", "kestara", "2026-W46", "2", "fr"]


def _opened(said: object, expected=HERE, files=FILES) -> Opened:
    return open_manifest(json.dumps(said).encode(), expected=expected, files=files)


def _read(said: object) -> list[str]:
    return [one.text for one in _opened(said).passages]


def test_a_manifest_that_says_what_the_pack_is():
    """It breaks nothing, and what was compared is not searched; what was not, is."""
    opened = _opened(SAID)
    assert opened.broken == []
    assert opened.passages == [Passage("the manifest", one) for one in REST]


def test_two_texts_of_a_manifest_are_no_sentence():
    """Each is searched by itself: where one ends and the next begins, nobody has written anything."""
    assert _read({**SAID, "title": "They went north", "bottom_line": "east of the river"})[-2:] == [
        "They went north", "east of the river",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "rule", "detail", "read"),
    [
        ({"audience": "partners"}, "manifest_audience", "it names another than the pack is for", "partners"),
        ({"audience": None}, "manifest_audience", "it names another than the pack is for", ""),
        ({"marking": "PUBLIC"}, "manifest_marking", "it says another marking than the audience's", "PUBLIC"),
        ({"status": "draft"}, "manifest_status", "it says another status than the pack has", "draft"),
        ({"recipients": ["a@example.org"]}, "manifest_recipients", "they are not the audience's",
         "a@example.org"),
        ({"recipients": ["b@example.org", "a@example.org"]}, "manifest_recipients",
         "they are not the audience's", "b@example.org\na@example.org"),
        ({"files": {}}, "manifest_files", "the files and digests it names are not the pack's", ""),
        ({"files": {"briefing.html": "0"}}, "manifest_files",
         "the files and digests it names are not the pack's", "briefing.html\n0"),
    ],
)  # fmt: skip
def test_a_manifest_that_says_something_else(changed, rule, detail, read):
    """What a manifest says wrongly is refused under its rule, and searched."""
    said = SAID | changed
    expected = replace(HERE, lies_in=None) if rule == "manifest_audience" else HERE
    opened = _opened(said, expected)
    assert opened.broken == [(rule, detail)]
    assert {one.place for one in opened.passages} == {"the manifest"}
    assert set(read.split()) <= {one.text for one in opened.passages}


@pytest.mark.parametrize("key", ["audience", "marking", "status", "recipients", "files"])
def test_a_manifest_that_leaves_something_out(key):
    """What is not said is not as it must be."""
    said = {name: value for name, value in SAID.items() if name != key}
    assert (f"manifest_{key}", ) in {(rule,) for rule, _ in _opened(said).broken}  # fmt: skip


def test_no_recipients_may_be_left_out():
    """A manifest that names no recipients is that of an audience without any."""
    said = {name: value for name, value in SAID.items() if name not in ("recipients", "released_by")}
    assert _opened(said, replace(HERE, recipients=(), released_by=())).broken == []
    assert _opened({**said, "recipients": []}, replace(HERE, recipients=())).broken == []


def test_who_released_it_may_be_named_and_nobody_else():
    """The names of those who released it are not searched; other names are."""
    assert "Ada" not in _read(SAID)
    for names in (["Ada", "Bo"], ["Bo"], "Ada"):
        assert ("Ada" if names == "Ada" else names[-1]) in _read({**SAID, "released_by": names})


def test_every_file_but_the_signature_is_named():
    """A file that the manifest does not name is refused, its signature is not one."""
    assert _opened(SAID, files={"briefing.html": b"page"}).broken == []
    more = {**FILES, "table_01.csv": b""}
    assert _opened(SAID, files=more).broken == [
        ("manifest_files", "the files and digests it names are not the pack's")
    ]


@pytest.mark.parametrize("place", range(5))
def test_a_manifest_of_another_folder(place):
    """Each folder above the pack is compared; the language may follow the version."""
    lies_in = list(HERE.lies_in or ())
    assert _opened(SAID, replace(HERE, lies_in=(*lies_in[:4], "v2-fr"))).broken == []
    lies_in[place] += "x"
    assert _opened(SAID, replace(HERE, lies_in=tuple(lies_in))).broken == [
        ("manifest_folder", "the pack lies in another folder than it belongs in")
    ]


def test_a_manifest_may_hold_every_key_there_is():
    """With all the keys that a manifest has, it breaks nothing."""
    assert _opened(dict.fromkeys(_KEYS) | SAID).broken == []


def test_keys_that_no_manifest_has():
    """A key on the list is not searched; another is refused at the top, and searched wherever it is."""
    opened = _opened({**SAID, "title": {"week": None, "other": [True, 1.5, {"deep": "x"}]}})
    assert opened.broken == []
    assert [one.text for one in opened.passages] == [*REST, "other", "True", "1.5", "deep", "x"]
    opened = _opened({**SAID, "other": "x"})
    assert opened.broken == [("manifest_key", "it holds what no manifest has")]
    assert [one.text for one in opened.passages] == [*REST, "other", "x"]


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"[]", TypeError), (b'"x"', TypeError), (b'{"a":1,"a":1}', ValueError), (b'{"a":NaN}', ValueError),
     (b'{"a":[{"b":1,"b":2}]}', ValueError), (b"{", ValueError), (b'{"a":-Infinity}', ValueError),
     ('{"a":1}'.encode("utf-16"), ValueError), (b"\xff{}", ValueError)],
)  # fmt: skip
def test_what_is_no_manifest(content, error):
    """One object of plain JSON, no key twice at any depth, or it cannot be read."""
    with pytest.raises(error):
        open_manifest(content, expected=EXPECTED, files={})


GOOD = b"ed25519 0123456789abcdef " + base64.b64encode(bytes(range(64))) + b"\n"


@pytest.mark.parametrize(
    ("content", "is_one"),
    [(GOOD, True), (GOOD[:-1], False), (GOOD + b"\n", False), (b" " + GOOD, False), (GOOD.upper(), False),
     (GOOD.replace(b"ef ", b" "), False), (GOOD.replace(b"==", b"="), False), (b"", False)],
)  # fmt: skip
def test_a_signature_has_one_form(content, is_one):
    """One line with the key's name and 64 bytes is a signature, and nothing else is."""
    opened = open_signature(content)
    assert opened.broken == ([] if is_one else [("signature", "it is no signature of the workbench")])


def test_what_is_read_of_a_signature():
    """Of a signature, words in its bytes; of what is none, all of it, as UTF-8 and UTF-16."""
    said = b"Zeldrim Okvante was there".ljust(64, b"\0")
    opened = open_signature(b"ed25519 0123456789abcdef " + base64.b64encode(said) + b"\n")
    assert opened.passages[0].place == "the signature"
    assert "Zeldrim Okvante was there" in opened.passages[0].text.split("\n")
    assert len(opened.passages) == 1
    assert open_signature("Zél".encode()).passages[0] == Passage("the signature", "Zél")
    assert Passage("the signature", "Zél") in open_signature("Zél".encode("utf-16-le")).passages
    assert open_signature(b"Ze\xff").passages[0] == Passage("the signature", "Ze\ufffd")
    assert Passage("the signature", "Z\ufffd") in open_signature(b"Z\0\xff").passages
