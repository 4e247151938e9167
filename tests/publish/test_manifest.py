"""A manifest is written in one form only and read back strictly."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.publish.packs import AS_OF, manifest
from workbench.errors import StoreError
from workbench.publish.manifest import Manifest

TEXT = st.text(st.characters(blacklist_categories=["Cs"]))


@settings(derandomize=True)
@given(
    title=TEXT,
    bottom_line=TEXT,
    parameters=st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | TEXT),
    as_of=st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(AS_OF.tzinfo)),  # noqa: DTZ001
    version=st.integers(1, 10**6),
)
def test_reading_undoes_writing(title, bottom_line, parameters, as_of, version):
    """What is written is read back as it was, and written again as the same bytes."""
    one = manifest(title=title, bottom_line=bottom_line, parameters=parameters, as_of=as_of, version=version)
    assert Manifest.from_bytes(one.to_bytes()) == one
    assert Manifest.from_bytes(one.to_bytes()).to_bytes() == one.to_bytes()


def test_it_is_written_in_one_form():
    """Sorted keys, plain UTF-8, one newline at the end, and the order given changes nothing."""
    one = manifest(title="São João", digests={"a": "1" * 64, "b": "2" * 64})
    other = manifest(title="São João", digests={"b": "2" * 64, "a": "1" * 64})
    assert one.to_bytes() == other.to_bytes()
    assert "São João".encode() in one.to_bytes()
    assert one.to_bytes().endswith(b"}\n")
    keys = list(json.loads(one.to_bytes()))
    assert keys == sorted(keys)


def test_instants_are_utc():
    """An instant of another zone is the same instant in UTC."""
    elsewhere = AS_OF.astimezone(timezone(timedelta(hours=2)))
    assert manifest(as_of=elsewhere).to_bytes() == manifest().to_bytes()
    assert b'"2026-11-16T06:00:00Z"' in manifest().to_bytes()


@pytest.mark.parametrize(
    "said",
    [
        {"audience": "../internal"},
        {"audience": "Internal"},
        {"area": "kestara\n"},
        {"period": "2026-46"},
        {"language": "en/fr"},
        {"version": 0},
        {"corrects": 1},
        {"marking": ""},
        {"status": "final"},
        {"status": "published"},
        {"status": "draft", "released_by": ["Head of security"]},
        {"changes": ["One figure."]},
        {"document": "none"},
        {"files": {"manifest.sig": "0" * 64}},
        {"as_of": datetime(2026, 11, 16)},  # noqa: DTZ001  # no zone is the point
        {"files": {}},
        {"files": {"../briefing.html": "0" * 64}},
        {"files": {"manifest.json": "0" * 64}},
        {"files": {"briefing.html": "0"}},
        {"colour": "red"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(said):
    """A manifest that could name a wrong place, or says nothing, cannot be made."""
    with pytest.raises(ValidationError):
        manifest(**said)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content.replace(b"Kestara", b"Kestar\\u0061"),
        lambda content: content.replace(b'"version": 1,', b'"version": 1, "version": 2,'),
        lambda content: content.replace(b'"version": 1', b'"version": 1.0'),
        lambda content: content.replace(b'"reviewer"', b'"Reviewer"'),
        lambda content: content.replace(b'  "area"', b'"area"'),
        lambda content: content[:0],
        lambda content: content + b"\xff",
    ],
)
def test_what_was_changed_is_refused(change):
    """Any byte that the workbench would not have written is noticed, and no value is quoted."""
    content = change(manifest().to_bytes())
    assert content != manifest().to_bytes()
    with pytest.raises(StoreError) as refused:
        Manifest.from_bytes(content)
    assert "Kuro" not in str(refused.value)
