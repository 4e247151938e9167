"""What expires goes by rule, and nothing else does: packs, drafts that wait, and what lies outside stay."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import edit
from tests.publish.packs import KEYS, files, manifest
from workbench import audit
from workbench.config import Office, load, shipped
from workbench.publish import Draft, drafts, pack
from workbench.upkeep import _expire as expiring
from workbench.upkeep import expire

NOW = datetime.now(UTC)
DAYS = timedelta(days=1)
ISSUE = Path("internal/weekly_conflict/kestara/2026-W46")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an empty office whose clock is the machine's, with the rules of a fresh one."""
    folder = tmp_path / "office"
    folder.mkdir()
    text = shipped("workbench.toml").read_text(encoding="utf-8")
    (folder / "workbench.toml").write_text(text, encoding="utf-8")
    edit(folder, {"fixed_clock = 2026-11-16T07:00:00Z\n": ""})
    return load(folder)


def aged(path: Path, days: float) -> Path:
    """Let a file, or a folder and all in it, be so many days old."""
    at = (NOW - days * DAYS).timestamp()
    for one in [*(path.rglob("*") if path.is_dir() else []), path]:
        os.utime(one, (at, at))
    return path


def put(
    office: Office, version: int, *, status: str = "draft", days: float = 200, text: str = "calm"
) -> Path:
    """Put a draft or a pack of that age into an office."""
    root = drafts.root(office) if status == "draft" else office.path(office.outputs)
    content = files(f"{text} {version}")
    said = manifest(content, version=version, status=status, document=f"{version}" * 64)
    made = pack.write(root, said, content, first_language="en", keys=KEYS)
    kept = office.path(office.private) / "documents" / f"{str(version) * 64}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"{}")
    aged(kept, days)
    return aged(made, days)


def private(office: Office, *names: str, days: float = 200) -> Path:
    """Put a file into the office's private folder and let it be so old; return its folder."""
    file = office.path(office.private).joinpath(*names)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x", encoding="utf-8")
    aged(file.parent, days)
    return file.parent


def everything(office: Office) -> set[str]:
    """Return every file below an office, but locks."""
    found = {one.relative_to(office.root).as_posix() for one in office.root.rglob("*") if one.is_file()}
    return {one for one in found if not one.endswith(".lock")}


def test_each_kind_goes_after_its_own_days(office: Office) -> None:
    """Run folders after 30 days, failure pages after 90, what a killed run was making after one."""
    private(office, "runs", "old", "executed.ipynb", days=31)
    private(office, "runs", "young", "executed.ipynb", days=29)
    pages = private(office, "scheduler", "failures", "old.html", days=91)
    aged(private(office, "scheduler", "failures", "young.html", days=91) / "young.html", 89)
    private(office, "recalled", ".0123456789abcdef", "briefing.html", days=2)
    private(office, "drafts", "internal", ".making-0123456789abcdef", "briefing.html", days=0.5)
    gone = expire(office, now=NOW)
    assert [one.name for one in gone.runs] == ["old"]
    assert [one.name for one in gone.failure_pages] == ["old.html"]
    assert [one.name for one in gone.leftovers] == [".0123456789abcdef"]
    assert sum(gone.counts.values()) == 3
    assert {one.name for one in pages.iterdir()} == {"young.html"}
    assert everything(office) == {
        "workbench.toml", "private/runs/young/executed.ipynb", "private/scheduler/failures/young.html",
        "private/drafts/internal/.making-0123456789abcdef/briefing.html",
    }  # fmt: skip


def test_a_draft_goes_once_a_later_one_waits_or_it_is_out(office: Office) -> None:
    """Of drafts 1 to 3 with 1 released, 1 and 2 go and 3 waits; the pack stays, and its document."""
    put(office, 1, status="released")
    for version in (1, 2, 3):
        put(office, version)
    gone = expire(office, now=NOW)
    assert [one.name for one in gone.drafts] == ["v1", "v2"]
    assert [one.name[0] for one in gone.documents] == ["2"]  # the first is that of the pack, too
    assert {one.name for one in (drafts.root(office) / ISSUE).iterdir()} == {"v3"}
    assert not pack.verify(office.path(office.outputs) / ISSUE / "v1", public=KEYS.public)
    assert not sum(expire(office, now=NOW).counts.values())


@pytest.mark.parametrize(("days", "stays"), [(10, True), (91, False)])
def test_a_draft_that_people_looked_at_lately_stays(office: Office, days: int, stays: bool) -> None:  # noqa: FBT001 - a case of the test
    """A review within the days of the rule keeps a draft; an older one does not."""
    first = put(office, 1)
    put(office, 2)
    draft = Draft(first, pack.of_area(first.parents[1]).issues[0][1])
    audit.append(office, "reviewed", by="Ana Reis", at=NOW - days * DAYS, draft=draft.digest)
    assert expire(office, now=NOW).drafts == (() if stays else (first,))


def test_nothing_goes_in_a_dry_run(office: Office) -> None:
    """A dry run names what would go, and every file is still there."""
    put(office, 1)
    put(office, 2)
    private(office, "runs", "old", "executed.ipynb")
    before = everything(office)
    would = expire(office, now=NOW, dry_run=True)
    assert (len(would.drafts), len(would.runs), len(would.documents)) == (1, 1, 1)
    assert everything(office) == before
    gone = expire(office, now=NOW)
    assert replace(gone, dry_run=True) == would


def test_links_are_not_followed(office: Office, tmp_path: Path) -> None:
    """A link in the private folder, or one in its place, leads to nothing that goes."""
    elsewhere = tmp_path / "elsewhere"
    for part in ("runs/old/executed.ipynb", "old/executed.ipynb"):
        (elsewhere / part).parent.mkdir(parents=True)
        (elsewhere / part).write_text("x", encoding="utf-8")
    aged(elsewhere, 400)
    folder = office.path(office.private)
    folder.mkdir()
    try:
        (folder / "runs").symlink_to(elsewhere / "runs", target_is_directory=True)
        (folder / "scheduler").mkdir()
        (folder / "scheduler" / "failures").mkdir()
        (folder / "scheduler" / "failures" / "old").symlink_to(elsewhere / "old", target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    aged(folder, 400)
    assert not sum(expire(office, now=NOW).counts.values())
    assert (elsewhere / "runs" / "old" / "executed.ipynb").is_file()
    assert (elsewhere / "old" / "executed.ipynb").is_file()


def test_drafts_behind_a_link_stay(office: Office, tmp_path: Path) -> None:
    """Where the drafts of an audience are a link to another place, none of them goes."""
    put(office, 1)
    put(office, 2)
    folder = drafts.root(office) / "internal"
    folder.rename(tmp_path / "elsewhere")
    try:
        folder.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    assert expire(office, now=NOW).drafts == ()
    assert len(list((tmp_path / "elsewhere").rglob("manifest.json"))) == 2


def test_a_clock_that_went_ahead_removes_nothing(office: Office) -> None:
    """Where `now` lies years ahead of the disk's clock, or behind it, young files stay."""
    private(office, "runs", "young", "executed.ipynb", days=1)
    for years in (10, -10):
        assert expire(office, now=NOW + years * 365 * DAYS).runs == ()


def test_an_office_with_a_fixed_clock_goes_by_the_disk_s(office: Office) -> None:
    """A sample office's clock stands still: what is old on the disk goes all the same, the rest stays."""
    private(office, "runs", "old", "executed.ipynb", days=31)
    private(office, "runs", "young", "executed.ipynb", days=1)
    fixed = office.model_copy(update={"fixed_clock": NOW - 3000 * DAYS})
    assert [one.name for one in expire(fixed, now=fixed.now()).runs] == ["old"]


def test_what_is_open_elsewhere_is_told_and_left_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system refuses, the folder stays whole, is named, and goes the next time."""
    held = private(office, "runs", "held", "executed.ipynb")
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path == held:
            raise PermissionError(13, "in use")
        return rename(path, target)

    with monkeypatch.context() as patched:  # what Windows does with an open file
        patched.setattr(Path, "rename", refused)
        gone = expire(office, now=NOW)
    assert (gone.runs, [(one.path, one.reason) for one in gone.left]) == ((), [(held, "PermissionError")])
    assert (held / "executed.ipynb").is_file()
    assert expire(office, now=NOW).runs == (held,)


def test_a_removal_that_was_killed_is_finished(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle, no half draft lies under its name, and the next removal takes what is left."""
    put(office, 1)
    put(office, 2)

    def killed(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(expiring.shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            expire(office, now=NOW)
    assert len(pack.of_area(drafts.root(office) / ISSUE.parent).unreadable) == 0
    assert len(expire(office, now=NOW).leftovers) == 1
    assert {one.name for one in (drafts.root(office) / ISSUE).iterdir()} == {"v2"}


@settings(max_examples=12)
@given(
    made=st.lists(
        st.tuples(st.integers(1, 4), st.booleans(), st.booleans()), min_size=1, max_size=8, unique=True
    )
)
def test_the_draft_that_waits_and_every_pack_stay(
    made: list[tuple[int, bool, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever there is: packs stay, the newest draft that is not out stays, young drafts stay."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "workbench.toml").write_text(
        shipped("workbench.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    office = load(folder)
    newest = {version: old for version, is_pack, old in made if not is_pack}
    packs = {version for version, is_pack, _ in made if is_pack}
    for version in packs:
        put(office, version, status="released")
    for version, old in newest.items():
        put(office, version, days=200 if old else 1)
    expire(office, now=NOW)
    left = {number for number, _ in pack.of_area(drafts.root(office) / ISSUE.parent)}
    assert {number for number, _ in pack.of_area(office.path(office.outputs) / ISSUE.parent)} == packs
    last = max([*newest, *packs])
    done = {one for one, old in newest.items() if old and (one < last or one in packs)}
    assert left == set(newest) - done
