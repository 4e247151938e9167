"""The audit log against the folders: packs that were put back, are gone or damaged; tables readers hold."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import edit
from tests.publish.packs import AS_OF, files, manifest
from workbench import audit
from workbench.config import Office, load, shipped
from workbench.errors import StoreError, UserError
from workbench.keys import keys_of
from workbench.publish import check, drafts, index, logged, notice, pack, recall, states
from workbench.publish.known_counts import NAME, counts_out, known_counts
from workbench.publish.manifest import Manifest
from workbench.publish.release import let_out

A_WEEK = timedelta(days=7)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office that has a configuration and nothing else."""
    (tmp_path / "workbench.toml").write_bytes(shipped("workbench.toml").read_bytes())
    return load(tmp_path)


def given(office: Office, *, counts: str = "", **said: object) -> tuple[Path, Manifest]:
    """Let a pack out that is invented, and return its folder and manifest; `counts`: its table, if any."""
    content = files() | ({NAME: counts.encode()} if counts else {})
    one = manifest(content, **said)
    return let_out(office, one, content, by="Head of office"), one


def counted(office: Office, counts: str = "table", **said: object) -> tuple[Path, Manifest]:
    """Let a pack of counts out to the public."""
    place = {"audience": "public", "briefing": "public_summary", "marking": "PUBLIC"}
    return given(office, counts=counts, **(place | said))


def problems(office: Office) -> list[str]:
    """Return what `workbench check` finds wrong with packs."""
    found = [one for one in check.examine(office.root) if one.part.startswith("packs") and one.remedy]
    return [f"{one.part}: {one.what}" for one in found]


def with_crlf(file: Path) -> None:
    """Rewrite a file as some shares do."""
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


# --- Packs that were put back, or are gone --------------------------------------------------------


def test_a_recalled_pack_that_is_put_back_counts_as_recalled(office: Office, tmp_path: Path) -> None:
    """Restored from a copy it is in no list of issues, check names it, and recalling again mends it."""
    folder, one = given(office)
    shutil.copytree(folder, tmp_path / "copy")
    recall(office, folder, by="Head of office", because="Wrong.")
    was = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert problems(office) == []
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "copy", folder)

    assert logged.was_put_back(office, one, folder)
    [found] = problems(office)
    assert found.startswith("packs for internal: recalled, and put back without their notice: internal/")
    page = index.write(office.path("outputs"), audience=office.audience_called("internal"), office=office)
    assert "/briefing.html" not in page.read_text(encoding="utf-8")
    [state] = states.last_issue(office, audience="internal", briefing="weekly_conflict", area="kestara")
    assert state.state.startswith("recalled on")
    with pytest.raises(UserError, match="another internal/weekly_conflict"):
        given(office)

    recall(office, folder, by="Head of office", because="Wrong.")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == was
    assert problems(office) == []
    assert [one.act for one in audit.acts(office)] == ["released", "recalled"]


def test_a_pack_that_is_gone_is_missed(office: Office) -> None:
    """A folder that was deleted is named by check, and nothing else goes out under its number."""
    folder, one = given(office)
    given(office, version=2, corrects=1)
    shutil.rmtree(folder)
    [found] = problems(office)
    assert found == f"packs: given to readers, and neither pack nor notice is there: {drafts.edition(one)}"
    with pytest.raises(UserError, match="Restore its folder"):
        given(office, document="4" * 64)
    given(office)  # a release that was killed once it was written down is completed
    assert problems(office) == []


# --- Recall of what is damaged --------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["rewritten", "empty", "deleted", "of an audience that is no more"])
def test_a_damaged_pack_can_be_recalled(damage: str, office: Office) -> None:
    """Without a manifest that can be read it is named by its folder; the page is a notice all the same."""
    folder, one = given(office)
    said = folder / "manifest.json"
    if damage == "rewritten":
        with_crlf(said)
    elif damage == "empty":
        said.write_bytes(b"")
    elif damage == "deleted":
        said.unlink()
    else:
        edit(office.root, {'slug = "internal"': 'slug = "country_team"'})
        office = load(office.root)
        assert problems(office) == []
    kept = {file.name: file.read_bytes() for file in folder.iterdir()}
    told = recall(office, folder, by="Head of office", because="Wrong.")
    assert (told.audience, told.version, told.language) == ("internal", 1, "en")
    assert told.as_of >= one.as_of
    assert sorted(file.name for file in folder.iterdir()) == [notice.PAGE, notice.NAME, notice.SIGNATURE]
    assert pack.verify(folder, public=keys_of(office).public) == ()
    assert problems(office) == []
    page = office.path("outputs/internal/index.html").read_text(encoding="utf-8")
    assert "/briefing.html" not in page
    place = office.path("private/recalled/internal/weekly_conflict/kestara/2026-W46/v1")
    assert {name: (place / name).read_bytes() for name in kept} == kept
    assert audit.acts(office)[-1].ids == {"edition": drafts.edition(one), "document": one.document}
    assert recall(office, folder, by="Head of office", because="Wrong.") == told


def test_a_damaged_notice_is_written_anew(office: Office) -> None:
    """Recalling again puts the same notice back, and no other line into the log."""
    folder, _ = given(office)
    recall(office, folder, by="Head of office", because="Wrong.")
    was = {file.name: file.read_bytes() for file in folder.iterdir()}
    for content in (b"{}", b""):
        (folder / notice.NAME).write_bytes(content)
        (folder / notice.PAGE).write_bytes(b"<p>Something else.</p>")
        recall(office, folder, by="Head of office", because="Wrong.")
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == was
    edit(office.root, {'name = "Kestara Province"': 'name = "The Province of Kestara"'})
    office = load(office.root)
    recall(office, folder, by="Head of office", because="Wrong.")
    assert problems(office) == []
    assert [one.act for one in audit.acts(office)] == ["released", "recalled"]


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be synchronised there")
def test_what_is_recalled_is_on_disk_before_it_is_taken_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file that is kept, and the folder that holds them, outlast a power cut."""
    folder, _ = given(office)
    written: set[int] = set()
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        written.add(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", noted)
    recall(office, folder, by="Head of office", because="Wrong.")
    place = office.path("private/recalled/internal/weekly_conflict/kestara/2026-W46/v1")
    assert {one.stat().st_ino for one in (*place.iterdir(), place, place.parent)} <= written


# --- Counts that readers hold ---------------------------------------------------------------------


def seen(office: Office, **later: float) -> tuple[bytes, ...]:
    """Return the tables that a view of the public, some time later, takes into account."""
    as_of = AS_OF + timedelta(**later)
    return known_counts(office, office.audience_called("public"), area="kestara", as_of=as_of)


def test_the_gate_knows_of_what_was_released_from_later_data(office: Office) -> None:
    """A view knows the tables of less than it knows, the gate all that are out, also of itself."""
    _, first = counted(office, "first")
    _, second = counted(office, "second", period="2026-W47", as_of=AS_OF + A_WEEK)
    assert seen(office) == ()
    assert seen(office, days=8) == (b"first", b"second")
    assert counts_out(office, first) == counts_out(office, second) == (b"first", b"second")
    elsewhere = second.model_copy(update={"area": "north"})
    assert counts_out(office, elsewhere) == ()
    assert counts_out(office, manifest()) == ()


def test_counts_of_an_audience_that_is_no_more_are_known(office: Office) -> None:
    """Renamed, given rows or taken out of the configuration: its readers hold what they hold."""
    _, one = counted(office)
    for edited in (
        {'slug = "public"\nname': 'slug = "everybody"\nname'},
        {'slug = "everybody"\nname': 'slug = "journalists"\nname'},
    ):
        edit(office.root, edited)
        other = load(office.root)
        [now] = [one for one in other.audience if one.count_threshold > 1]
        assert known_counts(other, now, area="kestara", as_of=AS_OF) == (b"table",)
        assert counts_out(other, one.model_copy(update={"audience": now.slug})) == (b"table",)


def test_counts_that_cannot_be_read_stop_every_edition_of_counts(office: Office) -> None:
    """A manifest that a share rewrote is no reason to forget its table; packs of rows do not matter."""
    folder, one = counted(office)
    rows, _ = given(office)
    with_crlf(rows / "manifest.json")
    assert seen(office, days=1) == (b"table",)
    with_crlf(folder / "manifest.json")
    for ask in (lambda: seen(office, days=1), lambda: counts_out(office, one)):
        with pytest.raises(StoreError, match=r"v1 cannot be read.*Restore its files"):
            ask()


def test_counts_that_are_gone_stop_every_edition_of_counts(office: Office) -> None:
    """What the log says went out must lie there or among what was recalled; what is made now, need not."""
    folder, first = counted(office, "first")
    _, second = counted(office, "second", period="2026-W47", as_of=AS_OF + A_WEEK)
    rows, _ = given(office)
    shutil.rmtree(rows)
    recall(office, folder, by="Head of office", because="Wrong.")
    assert counts_out(office, second) == (b"first", b"second")
    shutil.rmtree(office.path("private/recalled"))
    assert counts_out(office, first) == (b"second",)
    for other in (second, first.model_copy(update={"document": "4" * 64})):
        with pytest.raises(StoreError, match=r"public/public_summary/kestara/2026-W46/v1-en.*lies nowhere"):
            counts_out(office, other)


def test_the_log_is_read_once_until_it_is_written_to(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of packs ask it; what is appended, or changed by somebody else, is noticed."""
    _, one = counted(office)
    reads = []
    acts = audit.acts
    monkeypatch.setattr(audit, "acts", lambda office: [reads.append(office), acts(office)][1])
    asked = [counts_out(office, one) for _ in range(5)]
    assert (reads, set(asked)) == ([], {(b"table",)})  # since it was renewed for the index page
    counted(office, "second", period="2026-W47", as_of=AS_OF + A_WEEK)
    assert len(logged.log_of(office).given) == 2
    assert len(reads) == 1
    log = office.path("private/audit.jsonl")
    log.write_bytes(log.read_bytes().replace(b"Head of office", b"Head of 0ffice"))
    with pytest.raises(StoreError, match="audit log is broken"):
        counts_out(office, one)
