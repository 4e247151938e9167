"""What is overdue stands on the page of those who wait for it, and nowhere else, until it is there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.publish.packs import KEYS, files, manifest
from workbench.config import Office, load, shipped
from workbench.publish import index, overdue, pack
from workbench.publish.overdue import Overdue

DUE = datetime(2026, 11, 16, 8, tzinfo=UTC)
LATE = Overdue("weekly_conflict", "kestara", "internal", "2026-W46", DUE)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The sample office, in a folder of its own."""
    return load(shipped("workbench.toml").parent).model_copy(update={"private": str(tmp_path / "private")})


def test_a_list_is_kept_and_tells_whose_changed(office: Office) -> None:
    """Order and doubles do not matter; only audiences whose list is another now are named."""
    other = Overdue("weekly_conflict", "kestara", "partners", "2026-W46", DUE)
    assert overdue.note(office, [LATE, other, LATE]) == {"internal", "partners"}
    assert overdue.note(office, [other, LATE]) == frozenset()
    assert overdue.known(office, "internal") == (LATE,)
    assert overdue.note(office, [other]) == {"internal"}
    assert overdue.known(office, "internal") == ()
    assert overdue.known(office, "public") == ()


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"briefing": "x"}]', b"\xff"])
def test_a_damaged_list_is_empty_and_is_written_anew(office: Office, content: bytes) -> None:
    """Nothing is told from it, and the next note mends it."""
    overdue.note(office, [LATE])
    file = office.path(office.private) / overdue.NAME
    file.write_bytes(content)
    assert overdue.known(office, "internal") == ()
    assert overdue.note(office, [LATE]) == {"internal"}
    assert len(json.loads(file.read_bytes())) == 1


def test_the_page_tells_until_the_issue_is_there(office: Office, tmp_path: Path) -> None:
    """The sentence names week and time; an issue that came since is not told of, nor another audience's."""
    internal = office.audience_called("internal")
    overdue.note(office, [LATE, Overdue("human_rights", "kestara", "leadership", "2026-W46", DUE)])
    page = index.write(tmp_path, audience=internal, office=office).read_text(encoding="utf-8")
    assert "Week 2026-W46 was due on 16 Nov 2026 06:00 GMT-02:00 and is not published yet." in page
    assert "uman rights" not in page
    pack.write(tmp_path, manifest(), files(), first_language="en", keys=KEYS)
    page = index.write(tmp_path, audience=internal, office=office).read_text(encoding="utf-8")
    assert "not published yet" not in page
