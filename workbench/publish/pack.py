"""Packs: one folder for each published issue, which appears whole, by one rename, and never changes.

outputs/<audience>/<briefing>/<area>/<period>/<version>/ holds the documents, manifest.json and its
signature. The version folder is `v1`, `v2`; in another language than the office's first, `v1-fr`. In
the place of a recalled pack stands a notice. Drafts lie alike, under the office's private folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench.errors import StoreError, UserError, WorkbenchError
from workbench.keys import Keys
from workbench.publish import notice
from workbench.publish.manifest import NAME, SIGNATURE, Manifest
from workbench.publish.notice import Notice
from workbench.publish.signature import signature, wrong_with

_VERSION = re.compile(r"v([1-9]\d{0,4})(?:-([a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}))?")
_PERIOD = re.compile(r"\d{4}-W\d{2}")
DRAFTS = "drafts"
"""The folder of the office's private folder in which drafts lie; anywhere else a draft is no issue."""

_MAKING = ".making-"
_LEFT_BEHIND = 3600.0
"""Seconds after which an unfinished folder counts as left behind by a killed run."""


@dataclass(frozen=True)
class Unreadable:
    """A pack whose manifest cannot be read, or says that it belongs elsewhere."""

    folder: Path
    version: int
    language: str | None
    reason: str


@dataclass(frozen=True)
class Versions:
    """
    The packs of some issues, oldest first, as (version, manifest); those that cannot be read; and the
    notices of those that were recalled, which count as issues no more.
    """

    issues: tuple[tuple[int, Manifest], ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    recalled: tuple[Notice, ...] = ()

    def __iter__(self) -> Iterator[tuple[int, Manifest]]:
        return iter(self.issues)

    def __len__(self) -> int:
        return len(self.issues)


def folder_of(outputs: Path, manifest: Manifest | Notice, *, first_language: str) -> Path:
    """Return the folder of the pack that a manifest or a notice describes."""
    suffix = "" if manifest.language == first_language else f"-{manifest.language}"
    issue = outputs / manifest.audience / manifest.briefing / manifest.area / manifest.period
    return issue / f"v{manifest.version}{suffix}"


def write(
    outputs: Path, manifest: Manifest, files: Mapping[str, bytes], *, first_language: str, keys: Keys
) -> Path:
    """
    Publish a pack and return its folder; when this returns, the pack is there whole and stays.

    It is made in a folder beside the others and appears by one rename, so nobody sees half of it. A
    pack with the same bytes that is already there is left alone and returned. Leftovers of runs that
    were killed over an hour ago are removed.
    Raises UserError if another pack is already there under this version, and WorkbenchError if
    `files` are not those whose digests the manifest gives.
    """
    if {name: _digest(content) for name, content in files.items()} != manifest.files:
        raise WorkbenchError(
            "The files of this pack are not those its manifest names. Make the manifest from the files."
        )
    content = signed(manifest, files, keys)
    target = folder_of(outputs, manifest, first_language=first_language)
    _make_folders(target.parent)
    making = outputs / manifest.audience / f"{_MAKING}{secrets.token_hex(8)}"
    making.mkdir()
    try:
        _remove_left_behind(making)
        for name, body in content.items():
            write_through(making / name, body)
        sync_folder(making)
        if target.exists():
            _expect_same(target, content)
        else:
            _move(making, target, content)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return target


def restore(folder: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """
    Put files that are missing from a pack or were changed back as they were made; return their names.

    Its manifest and signature are never written: `files` must be those that the manifest names.
    """
    lost = []
    for name, content in sorted(files.items()):
        file = folder / name
        if not file.is_file() or file.read_bytes() != content:
            replace(file, content)
            lost.append(name)
    return tuple(lost)


def signed(manifest: Manifest, files: Mapping[str, bytes], keys: Keys) -> dict[str, bytes]:
    """Return every file of a pack: the documents, the manifest and its signature."""
    said = manifest.to_bytes()
    return {**files, NAME: said, SIGNATURE: signature(said, keys)}


def versions(
    outputs: Path, *, audience: str, briefing: str, area: str, period: str, language: str
) -> Versions:
    """
    Return all versions of one issue in one language, oldest first, and the packs that cannot be read.

    An unreadable pack in the office's first language does not say its language in its folder's name,
    so it is reported for every language.
    """
    found = _read(outputs / audience / briefing / area / period)
    return Versions(
        tuple(one for one in found.issues if one[1].language == language),
        tuple(one for one in found.unreadable if one.language in (None, language)),
        tuple(one for one in found.recalled if one.language == language),
    )


def audiences(outputs: Path) -> tuple[str, ...]:
    """Return the names of the folders that packs of audiences lie in, also of those configured no more."""
    return tuple(one.name for one in folders(outputs))


def versions_of(outputs: Path, manifest: Manifest) -> Versions:
    """Return all versions of the issue that a manifest is a version of, as `versions` does."""
    return versions(
        outputs, audience=manifest.audience, briefing=manifest.briefing, area=manifest.area,
        period=manifest.period, language=manifest.language,
    )  # fmt: skip


def last_before(  # noqa: PLR0913  # an issue is named by this many words
    outputs: Path, *, audience: str, briefing: str, area: str, period: str, language: str, as_of: datetime
) -> Manifest | None:
    """
    Return the issue of an earlier period that a reader had last, from data before `as_of`, or None.

    Versions of `period` itself do not count: a correction tells what was revised since the week before,
    as the version did that it corrects.
    """
    earlier = [
        manifest
        for _, manifest in of_area(outputs / audience / briefing / area)
        if manifest.language == language and manifest.period < period and manifest.as_of < as_of
    ]
    return max(earlier, key=_order, default=None)


def last_issue(outputs: Path, *, audience: str, briefing: str, area: str) -> Manifest | None:
    """Return the version of the latest period that knows most, in whichever language, or None."""
    issues = [manifest for _, manifest in of_area(outputs / audience / briefing / area)]
    return max(issues, key=_order, default=None)


def published(outputs: Path, *, audience: str) -> Versions:
    """Return every pack of one audience, in order of briefing, area, period, version and language."""
    areas = (area for briefing in folders(outputs / audience) for area in folders(briefing))
    return _joined(of_area(area) for area in areas)


def verify(folder: Path, *, public: bytes | None = None) -> tuple[str, ...]:
    """
    Return what is wrong with a pack, by file: nothing if it holds just what its manifest says.

    With the `public` key of the office the manifest must be signed with it too; of a recalled pack, the
    notice in its place.
    """
    if (folder / notice.NAME).is_file():
        return notice.verify(folder, public=public)
    try:
        content = (folder / NAME).read_bytes()
        manifest = Manifest.from_bytes(content)
    except OSError:
        return (f"{NAME}: it is missing or cannot be read",)
    except StoreError as problem:
        return (f"{NAME}: {problem}",)
    wrong = []
    if not (folder / SIGNATURE).is_file():
        wrong.append(f"{SIGNATURE}: it is missing or cannot be read")
    elif public is not None and (said := wrong_with(content, folder / SIGNATURE, public)):
        wrong.append(f"{SIGNATURE}: {said}")
    for name, digest in sorted(manifest.files.items()):
        try:
            content = (folder / name).read_bytes()
        except OSError:
            wrong.append(f"{name}: it is missing or cannot be read")
            continue
        if _digest(content) != digest:
            wrong.append(f"{name}: it is not the file that was published")
    strangers = {entry.name for entry in folder.iterdir()} - {NAME, SIGNATURE, *manifest.files}
    return (*wrong, *(f"{name}: it does not belong to the pack" for name in sorted(strangers)))


def _order(manifest: Manifest) -> tuple[str, datetime, int, str]:
    # a version made later from an earlier as_of knows less, and is not what a reader should find first
    return manifest.period, manifest.as_of, manifest.version, manifest.language


def of_area(area: Path) -> Versions:
    """Return every pack below the folder of one audience, briefing and area."""
    return _joined(_read(period) for period in folders(area) if _PERIOD.fullmatch(period.name))


def _joined(parts: Iterable[Versions]) -> Versions:
    found = list(parts)
    return Versions(
        tuple(issue for one in found for issue in one.issues),
        tuple(unreadable for one in found for unreadable in one.unreadable),
        tuple(recalled for one in found for recalled in one.recalled),
    )


def version_of(folder: Path) -> tuple[int, str | None] | None:
    """Return the version that a folder's name says, and the language if it says one; None if neither."""
    named = _VERSION.fullmatch(folder.name)
    return (int(named[1]), named[2]) if named else None


def _read(period: Path) -> Versions:
    issues: list[tuple[int, str, Manifest]] = []
    unreadable: list[Unreadable] = []
    recalled: list[Notice] = []
    for folder in folders(period):
        named = version_of(folder)
        if not named:
            continue
        version, language = named
        try:
            if (folder / notice.NAME).is_file():
                said: Manifest | Notice = Notice.from_bytes((folder / notice.NAME).read_bytes())
            else:
                said = Manifest.from_bytes((folder / NAME).read_bytes())
        except OSError:
            unreadable.append(Unreadable(folder, version, language, f"{NAME} is missing or cannot be read"))
        except StoreError as problem:
            unreadable.append(Unreadable(folder, version, language, str(problem)))
        else:
            if not _belongs(folder, said, version, language):
                reason = "its manifest describes another issue than its folder's name"
                unreadable.append(Unreadable(folder, version, language, reason))
            elif isinstance(said, Manifest) and said.status == "draft" and period.parents[3].name != DRAFTS:
                reason = "it is a draft that nobody has released"
                unreadable.append(Unreadable(folder, version, language, reason))
            elif isinstance(said, Notice):
                recalled.append(said)
            else:
                issues.append((version, said.language, said))
    issues.sort(key=lambda one: one[:2])
    return Versions(
        tuple((version, manifest) for version, _, manifest in issues),
        tuple(unreadable),
        tuple(sorted(recalled, key=lambda one: (one.version, one.language))),
    )


def _belongs(folder: Path, manifest: Manifest | Notice, version: int, language: str | None) -> bool:
    """Whether a pack lies where it was published; a copy elsewhere could show an audience another's."""
    period, area, briefing, audience = list(folder.parents)[:4]
    named = (audience.name, briefing.name, area.name, period.name, version)
    said = (manifest.audience, manifest.briefing, manifest.area, manifest.period, manifest.version)
    return named == said and language in (None, manifest.language)


def folders(parent: Path) -> list[Path]:
    """Return the folders in a folder, by name; none where there is none, and none that begins with a dot."""
    try:
        return sorted(one for one in parent.iterdir() if one.is_dir() and not one.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _expect_same(target: Path, content: Mapping[str, bytes]) -> None:
    present = {one.name: one.read_bytes() for one in target.iterdir() if one.is_file()}
    if present != content:
        differing = sorted(name for name in {*present, *content} if present.get(name) != content.get(name))
        raise UserError(
            f"{target} is already published and holds something else ({', '.join(differing)}). "
            "A pack is never changed: publish the next version, or look at what wrote this one."
        )


def _move(making: Path, target: Path, content: Mapping[str, bytes]) -> None:
    try:
        making.rename(target)
    except OSError:
        if not target.exists():
            raise
        _expect_same(target, content)  # another run was faster
    sync_folder(target.parent)


def replace(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, in the place of what was there; when this returns, it stays."""
    making = file.with_name(f".{secrets.token_hex(8)}")
    try:
        write_through(making, content)
        making.replace(file)
    finally:
        making.unlink(missing_ok=True)


def write_through(file: Path, content: bytes) -> None:
    """Write a new file; when this returns, it outlasts a power cut."""
    with file.open("xb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, so that they outlast a power cut."""
    if not folder.is_dir():
        _make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make what was put into a folder, or renamed in it, outlast a power cut."""
    if os.name == "nt":  # Windows opens no folders, and commits a rename by itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # some network file systems refuse; the rename is whole all the same
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_left_behind(making: Path) -> None:
    # the age is measured on the file system's own clock: on a share, ours may differ
    now = making.stat().st_mtime
    for other in making.parent.glob(f"{_MAKING}*"):
        with suppress(FileNotFoundError):
            if other != making and now - other.stat().st_mtime > _LEFT_BEHIND:
                shutil.rmtree(other, ignore_errors=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
