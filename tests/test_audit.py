"""The audit log: append-only, chained, and nothing but ids."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.pull_office import office_in
from workbench import audit
from workbench.config import Office
from workbench.errors import ParameterError, StoreError, WorkbenchError

AT = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)

_APPENDING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from workbench import audit
from workbench.config import load
office = load(Path(sys.argv[1]))
for _ in range(10):
    audit.append(office, "released", by=sys.argv[2], at=datetime(2026, 11, 16, tzinfo=UTC), edition="a/b")
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office whose log holds five acts."""
    office = office_in(tmp_path)
    for number in range(5):
        audit.append(
            office,
            "released",
            by="Ana Reis",
            at=AT + timedelta(minutes=number),
            edition=f"partners/w/v{number}",
        )
    return office


def log(office: Office) -> Path:
    """Return the file of the log."""
    return office.path(office.private) / "audit.jsonl"


def head(office: Office) -> Path:
    """Return the signed head."""
    return office.path(office.private) / "audit.head"


def test_an_act_is_read_back_as_it_was_written(office: Office) -> None:
    """Number, instant, act, person and ids; and the log is whole."""
    assert audit.append(office, "recalled", by=" Ana  Reis ", at=AT, edition="public/w/v1", findings=3) == 6
    last = audit.acts(office)[-1]
    assert (last.number, last.at, last.act, last.by) == (6, AT, "recalled", "Ana Reis")
    assert last.ids == {"edition": "public/w/v1", "findings": 3}
    assert audit.verify(office) == ()
    assert audit.holds(office, "recalled", edition="public/w/v1")
    assert not audit.holds(office, "recalled", edition="public/w/v2")
    assert not audit.holds(office, "released", edition="public/w/v1")


def test_an_empty_log_is_whole(tmp_path: Path) -> None:
    """An office that has done nothing has nothing to break, and looking at it makes no file."""
    office = office_in(tmp_path)
    assert audit.verify(office) == ()
    assert audit.acts(office) == ()
    assert not office.path(office.private).exists()


def _swap(lines: list[str]) -> list[str]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def _forged(lines: list[str]) -> list[str]:
    """Alter line 2 and give it the digest that belongs to its new words."""
    said = json.loads(lines[1])
    said["by"] = "Bea Reis"
    return [lines[0], audit._line({name: said[name] for name in said if name != "digest"}), *lines[2:]]


def _rewritten(lines: list[str]) -> list[str]:
    """Write all anew from line 2 on, each digest right: only the signed head can tell."""
    new, previous = [lines[0]], json.loads(lines[0])["digest"]
    for line in lines[1:]:
        said = json.loads(line) | {"by": "Bea Reis", "previous": previous}
        new.append(audit._line({name: said[name] for name in said if name != "digest"}))
        previous = json.loads(new[-1])["digest"]
    return new


DAMAGE: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "a word altered": (lambda lines: [lines[0], lines[1].replace("Ana", "Bea"), *lines[2:]], "line 2"),
    "altered, with a new digest": (_forged, "line 3"),
    "written anew from there": (_rewritten, "line 5"),
    "a line taken out": (lambda lines: lines[:2] + lines[3:], "line 3"),
    "the first taken out": (lambda lines: lines[1:], "line 1"),
    "two lines swapped": (_swap, "line 2"),
    "a line twice": (lambda lines: [*lines[:2], lines[1], *lines[2:]], "line 3"),
    "the last taken out": (lambda lines: lines[:-1], "line 5"),
    "the last three taken out": (lambda lines: lines[:-3], "line 3"),
    "all taken out": (lambda _: [], "line 1"),
    "the last cut off": (lambda lines: [*lines[:-1], lines[-1][:40]], "line 5"),
    "one added": (lambda lines: [*lines, audit._line(json.loads(lines[-1]) | {"number": 6})], "line 6"),
    "no JSON": (lambda lines: [*lines[:3], "{}", lines[4]], "line 4"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_every_damage_is_named_by_its_line(damage: str, office: Office) -> None:
    """Altered, missing, moved, cut off, added or written anew: the first wrong line is named."""
    spoil, named = DAMAGE[damage]
    lines = log(office).read_text(encoding="ascii").splitlines()
    log(office).write_text("".join(f"{line}\n" for line in spoil(lines)), encoding="ascii", newline="")
    [problem] = audit.verify(office)
    assert named in problem
    assert "Bea" not in problem


@pytest.mark.parametrize("damage", sorted(set(DAMAGE) - {"the last taken out"}))
def test_nothing_is_added_to_a_broken_end(damage: str, office: Office) -> None:
    """An act is refused where the log no longer ends as signed; deeper damage stops who reads it."""
    spoil, _ = DAMAGE[damage]
    lines = log(office).read_text(encoding="ascii").splitlines()
    spoilt = "".join(f"{line}\n" for line in spoil(lines))
    log(office).write_text(spoilt, encoding="ascii", newline="")
    with pytest.raises(StoreError, match="audit log is broken"):
        audit.acts(office)
    if spoil(lines)[-1:] != lines[-1:]:
        with pytest.raises(StoreError, match="audit log is broken"):
            audit.append(office, "released", by="Ana Reis", at=AT)
        assert log(office).read_text(encoding="ascii") == spoilt


@pytest.mark.parametrize("left", [0, 1, 40, -1])
def test_a_line_that_a_killed_process_did_not_finish_is_put_back(left: int, office: Office) -> None:
    """The head, which is written first, holds the last line: the next act completes the log."""
    whole = log(office).read_bytes()
    start = whole[:-1].rfind(b"\n") + 1
    log(office).write_bytes(whole[:start] + whole[start:][:left])
    assert audit.verify(office) != () or left == -1  # only the line's end is missing
    audit.append(office, "released", by="Ana Reis", at=AT, edition="next")
    assert audit.verify(office) == ()
    assert log(office).read_bytes().startswith(whole)
    assert len(audit.acts(office)) == 6


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes().replace(b"Ana", b"Bea")),
        lambda file: file.write_bytes(file.read_bytes()[:-3] + b"0a\n"),
    ],
)
def test_a_head_that_nobody_signed_vouches_for_nothing(
    spoil: Callable[[Path], object], office: Office
) -> None:
    """Without its head, or with another, the end of the log cannot be trusted, and nothing is added."""
    spoil(head(office))
    assert "audit.head" in audit.verify(office)[0]
    with pytest.raises(StoreError, match=r"audit\.head"):
        audit.append(office, "released", by="Ana Reis", at=AT)


def test_an_old_head_does_not_hide_what_came_after(office: Office) -> None:
    """Log and head put back together are an old state; the log alone put back, or the head alone, shows."""
    old = head(office).read_bytes()
    audit.append(office, "recalled", by="Ana Reis", at=AT)
    head(office).write_bytes(old)
    assert "line 6" in audit.verify(office)[0]


def test_processes_at_the_same_time_lose_no_line(tmp_path: Path) -> None:
    """Four processes write ten lines each: forty, numbered and chained."""
    office = office_in(tmp_path)
    writers = [
        subprocess.Popen([sys.executable, "-c", _APPENDING, str(office.root), f"Person {number}"])
        for number in range(4)
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 4
    acts = audit.acts(office)
    assert [one.number for one in acts] == list(range(1, 41))
    assert {one.by for one in acts} == {f"Person {number}" for number in range(4)}


@pytest.mark.parametrize("value", ["He said that", "a\nb", "x" * 201, "ä", 1.5, None, True])
def test_content_does_not_get_into_the_log(value: object, tmp_path: Path) -> None:
    """An id is a slug, a path, a digest or a number: no sentence fits."""
    with pytest.raises(WorkbenchError, match="ids and counts only"):
        audit.append(office_in(tmp_path), "released", by="Ana Reis", at=AT, edition=value)  # type: ignore[arg-type]  # the point


def test_only_known_acts_are_written(tmp_path: Path) -> None:
    """A misspelt act is a fault of the program."""
    with pytest.raises(WorkbenchError, match="no act"):
        audit.append(office_in(tmp_path), "release", by="Ana Reis", at=AT)


@pytest.mark.parametrize(
    "name", ["", "  ", "..", "a" * 101, "Ana\u202eReis", "Ana\u200bReis", "Ana\x00", "\u0410na Reis"]
)
def test_a_name_nobody_can_read_is_refused(name: str) -> None:
    """A person is a visible name in one script, which cannot be another's with a hidden letter."""
    with pytest.raises(ParameterError, match="--by"):
        audit.person(name)


@pytest.mark.parametrize("name", ["Ana Reis", "Head of security", "أنا ريس", "Анна", "José Ñandú 2", "王芳"])
def test_a_name_in_any_one_script_is_taken(name: str) -> None:
    """People write their names as they are."""
    assert audit.person(name) == name
