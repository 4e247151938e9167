"""Packs appear whole, stay as they are, and are found again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.publish.packs import AS_OF, KEYS, files, manifest
from workbench.errors import UserError, WorkbenchError
from workbench.publish import pack
from workbench.publish.manifest import NAME, SIGNATURE
from workbench.publish.signature import signature

ISSUE = {"audience": "internal", "briefing": "weekly_conflict", "area": "kestara", "period": "2026-W46"}


def _write(outputs: Path, text: str = "calm", *, first: str = "en", **said) -> Path:
    content = files(text)
    return pack.write(outputs, manifest(content, **said), content, first_language=first, keys=KEYS)


def test_a_pack_is_written_where_it_belongs(tmp_path):
    """Audience, briefing, area, period and version name the folder; it holds the files and the manifest."""
    folder = _write(tmp_path)
    assert folder == tmp_path / "internal/weekly_conflict/kestara/2026-W46/v1"
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {
        **files(),
        NAME: manifest().to_bytes(),
        SIGNATURE: signature(manifest().to_bytes(), KEYS),
    }
    assert pack.verify(folder, public=KEYS.public) == ()
    assert [one.name for one in (tmp_path / "internal").iterdir()] == ["weekly_conflict"]


def test_another_language_has_a_folder_of_its_own(tmp_path):
    """The office's first language is not in the folder's name; every other one is."""
    assert _write(tmp_path, language="fr", version=2, corrects=1).name == "v2-fr"
    assert _write(tmp_path, language="fr", first="fr").name == "v1"


def test_the_same_pack_again_is_left_alone(tmp_path):
    """Publishing the same bytes again gives the same folder, untouched."""
    first = _write(tmp_path)
    before = (first / NAME).stat().st_mtime_ns
    assert _write(tmp_path) == first
    assert (first / NAME).stat().st_mtime_ns == before
    assert [one.name for one in (tmp_path / "internal").iterdir()] == ["weekly_conflict"]


@pytest.mark.parametrize("said", [{"text": "not calm"}, {"reviewer": "Somebody else"}])
def test_another_pack_in_its_place_is_refused(said, tmp_path):
    """A published pack is never overwritten, and nothing is left of the attempt."""
    folder = _write(tmp_path)
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    with pytest.raises(UserError, match="already published"):
        _write(tmp_path, **said)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before
    assert [one.name for one in (tmp_path / "internal").iterdir()] == ["weekly_conflict"]


def test_files_that_are_not_the_manifests_are_refused(tmp_path):
    """A manifest with other digests than the files' never gets into a pack."""
    with pytest.raises(WorkbenchError, match="not those its manifest names"):
        pack.write(tmp_path, manifest(), files("other"), first_language="en", keys=KEYS)
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_killed_runs_go_after_an_hour(tmp_path):
    """An unfinished folder of a killed run is removed, one that may still be at work is not."""
    old, new = tmp_path / "internal" / ".making-old", tmp_path / "internal" / ".making-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "briefing.html").write_bytes(b"half")
    past = (tmp_path / "internal").stat().st_mtime - 3700
    os.utime(old, (past, past))
    _write(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_writers_at_the_same_time_make_one_pack(tmp_path):
    """Eight writers of the same pack all succeed, and there is one."""
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: _write(tmp_path), range(8)))
    assert set(folders) == {tmp_path / "internal/weekly_conflict/kestara/2026-W46/v1"}
    assert pack.verify(folders[0]) == ()
    assert [one.name for one in (tmp_path / "internal").iterdir()] == ["weekly_conflict"]


def test_versions_are_told_in_order(tmp_path):
    """All versions of an issue in a language, oldest first; the tenth comes after the second."""
    for number in (10, 1, 2):
        _write(tmp_path, f"text {number}", version=number, corrects=number - 1 or None)
    _write(tmp_path, "texte", language="fr", version=3)
    found = pack.versions(tmp_path, **ISSUE, language="en")
    assert [number for number, _ in found] == [1, 2, 10]
    assert [one.corrects for _, one in found] == [None, 1, 9]
    assert [number for number, _ in pack.versions(tmp_path, **ISSUE, language="fr")] == [3]
    assert len(pack.versions(tmp_path, **ISSUE | {"area": "nowhere"}, language="en")) == 0


def test_a_damaged_pack_is_reported_not_hidden(tmp_path):
    """A pack that cannot be read is told apart from one that is not there."""
    _write(tmp_path)
    second = _write(tmp_path, "two", version=2, corrects=1)
    (second / NAME).write_bytes((second / NAME).read_bytes()[:100])
    third = second.with_name("v3")
    third.mkdir()
    found = pack.versions(tmp_path, **ISSUE, language="en")
    assert [number for number, _ in found] == [1]
    assert [(one.folder, one.version) for one in found.unreadable] == [(second, 2), (third, 3)]
    assert "missing" in found.unreadable[1].reason


def test_a_pack_that_lies_elsewhere_is_reported(tmp_path):
    """A copy of one audience's pack in another audience's folder is no issue of theirs."""
    folder = _write(tmp_path)
    wrong = tmp_path / "partners/weekly_conflict/kestara/2026-W46/v1"
    wrong.parent.mkdir(parents=True)
    wrong.mkdir()
    for one in folder.iterdir():
        (wrong / one.name).write_bytes(one.read_bytes())
    found = pack.published(tmp_path, audience="partners")
    assert len(found) == 0
    assert [one.folder for one in found.unreadable] == [wrong]


def test_the_last_issue_before_is_the_one_readers_had(tmp_path):
    """The issue compared with is the latest of an earlier week that is older than the data now."""
    day = timedelta(days=1)
    _write(tmp_path, "44", period="2026-W44", as_of=AS_OF - 14 * day)
    _write(tmp_path, "45", period="2026-W45", as_of=AS_OF - 7 * day)
    _write(tmp_path, "45b", period="2026-W45", version=2, corrects=1, as_of=AS_OF - 2 * day)
    _write(tmp_path, "45fr", period="2026-W45", language="fr", as_of=AS_OF - 1 * day)
    _write(tmp_path, "46", as_of=AS_OF)
    _write(tmp_path, "47", period="2026-W47", as_of=AS_OF + 7 * day)

    def before(as_of, period="2026-W46"):
        last = pack.last_before(tmp_path, **ISSUE | {"period": period}, language="en", as_of=as_of)
        return last and (last.period, last.version)

    assert before(AS_OF) == ("2026-W45", 2)
    assert before(AS_OF + day) == ("2026-W45", 2)
    assert before(AS_OF - 3 * day) == ("2026-W45", 1)
    assert before(AS_OF + 9 * day, "2026-W45") == ("2026-W44", 1)
    assert before(AS_OF - 20 * day) is None


def test_the_last_issue_is_the_latest_version_of_the_latest_week(tmp_path):
    """`workbench list` tells what readers have now."""
    where = {name: ISSUE[name] for name in ("audience", "briefing", "area")}
    assert pack.last_issue(tmp_path, **where) is None
    _write(tmp_path)
    _write(tmp_path, "two", version=2, corrects=1)
    _write(tmp_path, "earlier", period="2025-W52")
    last = pack.last_issue(tmp_path, **where)
    assert last is not None
    assert (last.period, last.version) == ("2026-W46", 2)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "briefing.pdf").write_bytes(b"x"), "briefing.pdf: it is not the file"),
        (lambda folder: (folder / "briefing.pdf").unlink(), "briefing.pdf: it is missing"),
        (lambda folder: (folder / "more.txt").write_bytes(b"x"), "more.txt: it does not belong"),
        (lambda folder: (folder / NAME).unlink(), "manifest.json: it is missing"),
        (lambda folder: (folder / NAME).write_bytes(b"{}"), "manifest.json: A manifest is not as"),
    ],
)
def test_verify_tells_what_was_changed(spoil, told, tmp_path):
    """Every change to a pack after its publication is noticed, by file."""
    folder = _write(tmp_path)
    spoil(folder)
    (problem,) = pack.verify(folder)
    assert problem.startswith(told)


def test_paths_stay_short(tmp_path):
    """The longest names a configuration allows leave 100 of Windows' 260 characters to the office."""
    long = "a" * 40
    folder = _write(tmp_path, audience=long, briefing=long, area=long, language="pt", version=99999)
    deepest = max(len(str(one.relative_to(tmp_path))) for one in folder.iterdir())
    assert deepest <= 160


PUBLISHER = r"""
import os, sys
from pathlib import Path
from tests.publish.packs import KEYS, files, manifest
from workbench.publish import pack

outputs = Path(sys.argv[1])
for line in sys.stdin:
    publisher = os.fork()
    if publisher:
        os.waitpid(publisher, 0)
        os.write(1, b"gone\n")
        continue
    number = int(line)
    os.write(1, f"{os.getpid()}\n".encode())  # one call: a killed print may leave half a line
    while True:
        content = {name: body * 20_000 for name, body in files(str(number)).items()}
        said = manifest(content, version=number, corrects=number - 1 or None)
        pack.write(outputs, said, content, first_language="en", keys=KEYS)
        os.write(1, f"{number}\n".encode())
        number += 1
"""


@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="the publishers are forked from one that has imported all"
)
def test_killed_at_any_instant_nothing_is_half_lost_or_doubled(tmp_path):
    """Of sixty publishers killed at random instants, every visible pack is whole and none told of is lost."""
    generator = random.Random(46)  # noqa: S311  # the same parts of a life each time
    acknowledged: list[int] = []
    number, outputs, seconds = 1, tmp_path / "outputs", 0.0
    parent = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(outputs)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2], text=True,
    )  # fmt: skip
    assert parent.stdin is not None
    assert parent.stdout is not None
    with parent:
        for packs in [5, *(generator.randrange(3) for _ in range(60))]:
            print(number, file=parent.stdin, flush=True)  # this is how it is told
            publisher = int(parent.stdout.readline())
            begun = time.monotonic()
            acknowledged += [int(parent.stdout.readline()) for _ in range(packs)]
            seconds = (time.monotonic() - begun) / packs if packs else seconds  # on this machine as it is now
            time.sleep(generator.uniform(0, seconds))
            os.kill(publisher, signal.SIGKILL)
            while (line := parent.stdout.readline()) != "gone\n":
                acknowledged.append(int(line))
            number = max((one for one, _ in pack.versions(outputs, **ISSUE, language="en")), default=0) + 1
        parent.stdin.close()

    found = pack.versions(outputs, **ISSUE, language="en")
    visible = [version for version, _ in found]
    assert found.unreadable == ()
    assert visible == list(range(1, number))
    assert set(acknowledged) <= set(visible)
    assert len(acknowledged) >= 60
    issue = outputs / "internal/weekly_conflict/kestara/2026-W46"
    assert {one.name for one in issue.iterdir()} == {f"v{version}" for version in visible}
    assert [pack.verify(one) for one in issue.iterdir()] == [()] * len(visible)
    left = {one.name[:8] for one in (outputs / "internal").iterdir()} - {"weekly_c"}
    assert left == {".making-"}, "no publisher was killed in the middle: the test proves nothing"
    assert pack.verify(_write(outputs, "next", version=number)) == ()


def test_a_draft_among_what_readers_have_is_no_issue(tmp_path):
    """A draft copied into the readers' folder is reported and never listed."""
    _write(tmp_path / "outputs", status="draft")
    _write(tmp_path / pack.DRAFTS, status="draft")
    found = pack.published(tmp_path / "outputs", audience="internal")
    assert (len(found), [one.version for one in found.unreadable]) == (0, [1])
    assert len(pack.published(tmp_path / pack.DRAFTS, audience="internal")) == 1
