"""Backups: all of an office, while others work in it, and nothing half, hostile or secret in them."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import sqlite3
import stat
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import small_notebook
from tests.cli.commands import Command, refused
from tests.conftest import copy_of, put_rows
from tests.publish.test_main_path import NEWS, W46, content, made
from workbench import audit
from workbench.config import Office, load
from workbench.errors import CheckFailed, ExportError, ParameterError, StorageFull, UserError
from workbench.keys import keys_of
from workbench.publish import pack, states
from workbench.records import record_type
from workbench.upkeep import _backup, backup, restore, verify
from workbench.upkeep._archive import HEAD, MANIFEST
from workbench.view import store_of

pyrage: Any = pytest.importorskip("pyrage", reason="the extra [age]")
TO, OTHER = (pyrage.x25519.Identity.generate() for _ in range(2))
PACK = "internal/weekly_conflict/area/2026-W46/v1"


@pytest.fixture(scope="module")
def issued(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Path, Office]:
    """Return an office with a store and an issue, its archive, and what was restored of it."""
    folder = tmp_path_factory.mktemp("issued")
    office = copy_of(sample_office, folder / "office")
    small_notebook.put(office, small_notebook.COUNTS)
    made(office, W46)
    archive = backup(office, folder, now=office.now()).file
    restored = restore(archive, folder / "restored")
    assert not [one for one in restored.findings if one.remedy is not None]
    return office, archive, load(restored.folder)


def all_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, but locks."""
    return {name: body for name, body in content(folder).items() if not name.endswith(".lock")}


def identity(folder: Path, key: Any) -> Path:
    """Write a secret key as age-keygen does."""
    file = folder / "key.txt"
    file.write_text(f"# public key: {key.to_public()}\n{key}\n", encoding="utf-8")
    return file


def unpacked(archive: Path) -> dict[str, bytes]:
    """Return every file of an archive."""
    with zipfile.ZipFile(archive) as opened:
        return {one: opened.read(one) for one in opened.namelist()}


def test_a_restored_office_is_the_office(issued: tuple[Office, Path, Office]) -> None:
    """Every file is there byte for byte with its time, and empty folders; nothing but locks is missing."""
    office, archive, again = issued
    assert all_of(again.root) == all_of(office.root)
    assert states.last_issue(again, audience="internal", briefing="weekly_conflict", area="kestara") == (
        states.last_issue(office, audience="internal", briefing="weekly_conflict", area="kestara")
    )
    page = Path("notebooks", "weekly_conflict.ipynb")
    assert abs((office.root / page).stat().st_mtime - (again.root / page).stat().st_mtime) < 1
    folders = {one.relative_to(office.root) for one in office.root.rglob("*") if one.is_dir()}
    assert folders == {one.relative_to(again.root) for one in again.root.rglob("*") if one.is_dir()}
    assert verify(archive).office == office.name


def test_an_issue_is_made_again_byte_for_byte_in_a_restored_office(
    issued: tuple[Office, Path, Office],
) -> None:
    """With another instant of the same knowledge and `force`, the restored store gives the same pack."""
    office, _, again = issued
    before = content(office.path(office.outputs))
    done = made(again, W46, force=True)
    assert (done.reproduced, done.manifest.version) == (True, 1)
    assert content(again.path(again.outputs)) == before


def test_a_copy_of_the_store_is_of_one_moment(issued: tuple[Office, Path, Office], tmp_path: Path) -> None:
    """A delivery and a compaction that come while the store is copied are in the copy not at all."""
    office = copy_of(issued[0], tmp_path / "office")
    store, incident = store_of(office), record_type("incident")
    end = store.cut_off(office.now())
    assert end is not None
    before = store.read(incident, as_of=end)
    come = []

    def meanwhile(step: str) -> None:
        if step.startswith("copying the table") and not come:
            come.append(put_rows(office, "incident", NEWS, source="desk_log", at=office.now()))
            assert store.compact(incident)

    archive = backup(office, tmp_path, now=office.now(), progress=meanwhile).file
    assert come
    again = store_of(load(restore(archive, tmp_path / "again").folder))
    assert again.cut_off(come[0]) == end
    assert again.read(incident, as_of=come[0]).equals(before)
    assert len(store.read(incident, as_of=come[0])) == len(before) + 1


def test_secrets_stay_out_and_a_restored_office_says_which(small: Office, tmp_path: Path) -> None:
    """Without --with-keys no byte of the key is in the archive; what was restored says how to go on."""
    key = small.path(small.private) / "keys" / "secret.key"
    told = backup(small, tmp_path / "b.zip", now=small.now())
    assert told.contents.missing == ("private/keys/secret.key",)
    secret = key.read_bytes().strip()
    assert not [name for name, body in unpacked(told.file).items() if secret in body]
    done = restore(told.file, tmp_path / "again")
    todo = {one.part: one.remedy or "" for one in done.findings if one.remedy is not None}
    assert "put your copy of it there before anything else" in todo["secrets"]
    packs = [one.what for one in done.findings if one.part == "packs"]
    assert packs == ["as they were published: 1"]
    there = done.folder / "private" / "keys" / "secret.key"
    assert not there.exists()  # looking made no new key
    shutil.copy2(key, there)
    assert keys_of(load(done.folder)) == keys_of(small)
    assert not audit.verify(load(done.folder))


def test_keys_are_in_it_only_when_asked_for(small: Office, tmp_path: Path) -> None:
    """With --with-keys the restored office signs as the other did; what is secret is its owner's alone."""
    told = backup(small, tmp_path, now=small.now(), with_keys=True)
    again = load(restore(told.file, tmp_path / "again").folder)
    assert keys_of(again) == keys_of(small)
    assert not audit.verify(again)
    if os.name != "nt":
        for file in (told.file, again.path(again.private) / "keys" / "secret.key"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(again.path(again.private).stat().st_mode) == 0o700


def test_only_who_encrypts_needs_the_package_for_it(
    small: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra [age] a plain archive is made and restored; --age says what to install."""
    monkeypatch.setitem(sys.modules, "pyrage", None)
    told = backup(small, tmp_path, now=small.now())
    verify(told.file)
    assert restore(told.file, tmp_path / "again").folder == tmp_path / "again"
    with pytest.raises(ExportError, match=r"briefing-workbench\[age\]"):
        backup(small, tmp_path, now=small.now(), age=(str(TO.to_public()),))


def test_an_encrypted_archive_opens_with_its_key_only(small: Office, tmp_path: Path) -> None:
    """With --age nothing can be read without the key, no other key opens it, and a cut one is found out."""
    told = backup(small, tmp_path, now=small.now(), age=(str(TO.to_public()),))
    assert told.file.name.endswith(".workbench.zip.age")
    body = told.file.read_bytes()
    assert b"workbench.toml" not in body
    with pytest.raises(UserError, match="--identity"):
        verify(told.file)
    with pytest.raises(ParameterError, match="None of the keys"):
        verify(told.file, identity=identity(tmp_path, OTHER))
    mine = identity(tmp_path, TO)
    assert verify(told.file, identity=mine).files == told.contents.files
    assert all_of(restore(told.file, tmp_path / "again", identity=mine).folder).keys() >= {"workbench.toml"}
    told.file.write_bytes(body[: len(body) // 2])
    with pytest.raises(CheckFailed, match="cut off or altered"):
        restore(told.file, tmp_path / "other", identity=mine)
    assert not (tmp_path / "other").exists()
    with pytest.raises(ParameterError, match="age1"):
        backup(small, tmp_path, now=small.now(), age=("age1nothing",))


def test_a_ledger_is_copied_as_it_was_committed(small: Office, tmp_path: Path) -> None:
    """What a process has written to a ledger and not committed is not in it, nor is its journal."""
    ledger = small.path(small.private) / "scheduler" / "ledger.sqlite"
    with closing(sqlite3.connect(ledger, isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("INSERT INTO done VALUES ('half')")
        file = backup(small, tmp_path / "b.zip", now=small.now()).file
        writing.execute("ROLLBACK")
    again = restore(file, tmp_path / "again").folder / "private" / "scheduler"
    assert [one.name for one in again.iterdir()] == ["ledger.sqlite"]
    with closing(sqlite3.connect(again / "ledger.sqlite")) as opened:
        assert opened.execute("SELECT slot FROM done").fetchall() == [("2026-W46",)]


def test_the_audit_log_is_cut_to_its_signed_head(small: Office, tmp_path: Path) -> None:
    """A line that is written between the head and the log being read does not break the copied chain."""
    head = small.path(small.private) / "audit.head"
    before = head.read_bytes()
    audit.append(small, "approved_notebook", by="Head of desk", at=small.now(), notebook="later")
    head.write_bytes(before)
    file = backup(small, tmp_path / "b.zip", now=small.now(), with_keys=True).file
    assert not audit.verify(load(restore(file, tmp_path / "again").folder))


def test_what_lay_outside_lies_inside_then(small: Office, tmp_path: Path) -> None:
    """Folders named by full paths come along, and the restored workbench.toml names those of its own."""
    for key in ("outputs", "private"):
        shutil.move(small.root / key, tmp_path / f"their {key}")
        text = (small.root / "workbench.toml").read_text(encoding="utf-8")
        text = text.replace(f'{key} = "{key}"', f"{key} = '{tmp_path / f'their {key}'}'")
        (small.root / "workbench.toml").write_text(text, encoding="utf-8")
    office = load(small.root)
    file = backup(office, tmp_path / "b.zip", now=office.now(), with_keys=True).file
    before = {key: all_of(tmp_path / f"their {key}") for key in ("outputs", "private")}
    again = load(restore(file, tmp_path / "again").folder)
    assert (again.outputs, again.private) == ("outputs", "private")
    assert not pack.verify(again.path(again.outputs) / PACK, public=keys_of(office).public)
    assert keys_of(again) == keys_of(office)
    assert {key: all_of(tmp_path / f"their {key}") for key in ("outputs", "private")} == before


def test_what_is_passing_is_left_out(small: Office, tmp_path: Path) -> None:
    """Locks, half-made files, environments and earlier archives are not in it."""
    (small.root / "backups").mkdir()
    first = backup(small, small.root / "backups", now=small.now())
    for name in (
        ".git/config",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "outputs/internal/.making-1/x",
        "store/store.lock",
    ):
        (small.root / name).parent.mkdir(parents=True, exist_ok=True)
        (small.root / name).write_text("x", encoding="utf-8")
    second = backup(small, tmp_path / "second.zip", now=small.now())
    assert second.contents.files == first.contents.files


def fails_after(number: int) -> Callable[[Path], IO[bytes]]:
    """Return what opens a file on a disk that is full after so many bytes."""

    class Full(io.BytesIO):
        def write(self, content: Any) -> int:
            if self.tell() + len(content) > number:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(content)

        def fileno(self) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(file: Path) -> IO[bytes]:
        file.touch()
        return Full()

    return opened


@pytest.mark.parametrize("keys", [(), (str(TO.to_public()),)], ids=["plain", "age"])
@pytest.mark.parametrize("number", [0, 100, 20_000, 60_000, 10**9])
def test_a_full_disk_leaves_the_last_archive_and_nothing_half(
    small: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, keys: tuple[str, ...]
) -> None:
    """Wherever the disk is full, the error says so; the archive of before is whole, nothing else is there."""
    folder = tmp_path / "usb"
    folder.mkdir()
    file = backup(small, folder / "b.workbench.zip", now=small.now()).file
    before = file.read_bytes()
    monkeypatch.setattr(_backup, "private_file", fails_after(number))
    with pytest.raises(StorageFull, match="usb"):
        backup(small, file, now=small.now(), age=keys)
    assert [(one.name, one.read_bytes()) for one in folder.iterdir()] == [(file.name, before)]


def test_what_may_not_be_read_is_named(
    small: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that this account may not read ends the backup with one message that names it."""
    closed, opens = small.root.resolve() / "workbench.toml", Path.open

    def refused_here(path: Path, *how: Any, **more: Any) -> Any:
        if path == closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opens(path, *how, **more)

    monkeypatch.setattr(Path, "open", refused_here)  # an administrator may read all
    with pytest.raises(UserError, match=r"workbench\.toml: Permission denied"):
        backup(small, tmp_path, now=small.now())


def test_a_disk_that_takes_no_large_files_is_told(
    small: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk takes no file as large, that is what the message says, and nothing is left."""

    def opened(file: Path) -> IO[bytes]:
        file.touch()
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr(_backup, "private_file", opened)
    with pytest.raises(UserError, match="FAT32"):
        backup(small, tmp_path / "b.zip", now=small.now())
    assert not [one for one in tmp_path.iterdir() if one.name != "office"]


def test_an_archive_goes_neither_to_readers_nor_over_something_else(small: Office, tmp_path: Path) -> None:
    """It is refused below outputs, over a file that is no archive, and where there is no folder."""
    other = tmp_path / "letter.zip"
    other.write_text("x", encoding="utf-8")
    for target, said in (
        (small.path(small.outputs) / "b.zip", "where readers look"),
        (small.path(small.outputs), "where readers look"),
        (other, "is no backup"),
        (tmp_path / "nowhere" / "b.zip", "no folder"),
    ):
        with pytest.raises(UserError, match=said):
            backup(small, target, now=small.now())
    assert other.read_text(encoding="utf-8") == "x"


def test_a_restore_takes_nobody_s_place(small: Office, tmp_path: Path) -> None:
    """Into a folder that holds something nothing is restored; an empty one is taken."""
    file = backup(small, tmp_path / "b.zip", now=small.now()).file
    with pytest.raises(UserError, match="holds something already"):
        restore(file, small.root)
    (tmp_path / "empty").mkdir()
    assert (restore(file, tmp_path / "empty").folder / "workbench.toml").is_file()


def rewritten(archive: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Path:
    """Write an archive again with other files, or another manifest."""
    held = unpacked(archive)
    said = json.loads(held.pop(MANIFEST))
    change(held, said)
    out = archive.with_name("hostile.zip")
    with zipfile.ZipFile(out, "w") as opened:
        for name, body in held.items():
            info = zipfile.ZipInfo(name)
            if name.endswith("/link"):
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            opened.writestr(info, body)
        opened.writestr(MANIFEST, json.dumps(said))
    return out


def adds(name: str, body: bytes = b"x") -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    """Return the change that adds a file, and names it."""

    def change(held: dict[str, bytes], said: dict[str, Any]) -> None:
        import hashlib

        held[name] = body
        said["files"].append([name, len(body), hashlib.sha256(body).hexdigest(), 0.0])

    return change


def changes(held: dict[str, bytes], _: dict[str, Any]) -> None:
    """Change a file of an archive."""
    held["office/workbench.toml"] = held["office/workbench.toml"].replace(b"Pemba", b"Bemba")


def drops(held: dict[str, bytes], _: dict[str, Any]) -> None:
    """Take a file out of an archive."""
    del held["office/workbench.toml"]


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (adds("office/../../escaped"), CheckFailed, "leads out"),
        (adds("/escaped"), CheckFailed, "leads out"),
        (adds("office/a\\..\\b"), CheckFailed, "leads out"),
        (adds("elsewhere/escaped"), CheckFailed, "leads out"),
        (adds("office/link", b"/etc/passwd"), CheckFailed, "leads out"),
        (lambda held, _: held.update({"office/unnamed": b"x"}), CheckFailed, "other files"),
        (drops, CheckFailed, "other files"),
        (changes, CheckFailed, "not as it was backed up"),
        (lambda _, said: said.update(folders=["office/../x"]), CheckFailed, "leads out"),
        (lambda _, said: said.update(private="../x"), CheckFailed, "leads out"),
        (lambda _, said: said.update(format=99, workbench="9.9"), UserError, "workbench 9.9"),
        (lambda _, said: said.pop("files"), UserError, "manifest is damaged"),
    ],
)
def test_a_hostile_archive_is_refused_whole(
    small: Office,
    tmp_path: Path,
    change: Callable[[dict[str, bytes], dict[str, Any]], None],
    kind: type[UserError],
    said: str,
) -> None:
    """A name that leads out, a link, a file too many, too few or altered, a newer form: nothing stays."""
    file = rewritten(backup(small, tmp_path / "b.zip", now=small.now()).file, change)
    there = {one.name for one in tmp_path.iterdir()}
    with pytest.raises(kind, match=said):
        restore(file, tmp_path / "again")
    assert {one.name for one in tmp_path.iterdir()} == there


@settings(max_examples=40)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_flipped_bit_of_a_file_goes_unnoticed(
    place: float, bit: int, issued: tuple[Office, Path, Office], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A bit that fell over either makes the archive no good, or lies where no file of the office is."""
    folder = tmp_path_factory.getbasetemp() / "flipped"
    file, source = folder / "b.zip", folder / "source.zip"
    if not source.exists():
        office = folder / "office"
        shutil.copytree(issued[2].root, office, ignore=shutil.ignore_patterns("store", "data", "notebooks"))
        backup(load(office), source, now=load(office).now())
    body = bytearray(source.read_bytes())
    body[int(place * len(body))] ^= 1 << bit
    file.write_bytes(body)
    whole = verify(source)
    try:
        read = verify(file)
    except (CheckFailed, UserError):
        return
    assert read.files == whole.files


def test_the_commands_say_what_they_did(small: Office, tmp_path: Path, command: Command) -> None:
    """Backup, verify and restore print what is in the archive, what is not, and what to do next."""
    place = ("--office", str(small.root))
    said = command("backup", str(tmp_path / "b.zip"), *place)
    assert said.code == 0
    assert "Secrets are not in it: private/keys/secret.key" in said.out
    said = command("backup", str(tmp_path / "k.zip"), "--with-keys", *place)
    assert "THE OFFICE'S SECRETS ARE IN IT" in said.out
    said = command("backup", "--verify", str(tmp_path / "k.zip"))
    assert said.out.startswith("Whole: Pemba office as of ")
    said = command("restore", str(tmp_path / "b.zip"), str(tmp_path / "again"))
    assert "PROBLEM  secrets: not in the archive: private/keys/secret.key" in said.out
    assert "need somebody" in refused(said, 18, "CheckFailed")
    said = command("tidy", "--dry-run", *place)
    assert (said.code, "Nothing was removed" in said.out) == (0, True)
    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        assert opened.namelist()[0] == HEAD
        assert b"workbench restore" in opened.read(HEAD)
