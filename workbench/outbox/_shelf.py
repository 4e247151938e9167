"""What a folder is to hold: packs, notices of recalls and the index page, as they lie in the outputs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench.config import Office
from workbench.keys import Keys, keys_of
from workbench.outbox._standing import Standing, edition_of
from workbench.publish import index, logged, notice, pack
from workbench.publish.manifest import NAME, SIGNATURE, Manifest
from workbench.publish.notice import Notice, Subject

_PAGE = re.compile(r"[a-z][A-Za-z0-9_-]{0,200}\.html")


@dataclass(frozen=True)
class Parcel:
    """
    One pack, or the notice in its place, that a folder is to hold.

    `place` is its path below the audience's folder, `source` where it lies in the outputs, `digest` that of
    its manifest. `load` reads its files, in the order in which they are put over others; none where the pack
    is not as it was signed.
    """

    place: str
    source: Path
    edition: str
    digest: str
    recalled: bool
    load: Callable[[], dict[str, bytes]]


def parcels(office: Office, found: Standing) -> Iterator[Parcel]:
    """Give every pack and every notice of an audience: what was recalled first."""
    keys = keys_of(office)
    outputs, first = office.path(office.outputs), office.languages[0]
    for said in found.packs.recalled:
        folder = pack.folder_of(outputs, said, first_language=first)
        load = partial(_notice, office, folder, said, keys)
        yield Parcel(
            _place(folder, outputs), folder, edition_of(said), said.manifest, recalled=True, load=load
        )
    for _, manifest in found.packs:
        folder = pack.folder_of(outputs, manifest, first_language=first)
        digest = hashlib.sha256(manifest.to_bytes()).hexdigest()
        load = partial(_whole, folder, manifest, keys)
        yield Parcel(_place(folder, outputs), folder, edition_of(manifest), digest, recalled=False, load=load)


def stamp(*folders: Path) -> str:
    """
    Return a digest of the names, sizes and times of files: the same, and none was written to.

    Of each folder those in it, of a file itself; what is not there counts as such.
    """
    told: list[object] = []
    for folder in folders:
        try:
            files = sorted(folder.iterdir()) if folder.is_dir() else [folder]
            stats = [(file.name, file.lstat()) for file in files]
        except OSError:
            stats = []
        told.append([(name, one.st_size, one.st_mtime_ns) for name, one in stats])
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()


def pages(office: Office, audience: str) -> tuple[Path, ...]:
    """Return the pages that lie beside the packs of an audience: last the index page, which leads to them."""
    folder = office.path(office.outputs) / audience
    found = [one for one in folder.glob("*.html") if one.is_file() and _PAGE.fullmatch(one.name)]
    return tuple(sorted(found, key=lambda one: (one.name == index.NAME, one.name)))


def names_of(office: Office, parcel: Parcel, folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """
    Return the names and the digests of the files of a recalled pack, as far as a manifest of it is found.

    It is kept in the office; of one that is not any more, the copy that lies in `folder` tells.
    """
    audience = parcel.edition.partition("/")[0]
    kept = office.path(office.private) / "recalled" / audience / parcel.place
    names, digests = {NAME, SIGNATURE}, set()
    for file in (kept / NAME, folder / NAME, office.path(office.outputs) / audience / parcel.place / NAME):
        try:
            content = file.read_bytes()
            files = Manifest.model_validate_json(content).files
        except (OSError, ValueError):
            continue
        names |= set(files)
        digests |= {*files.values(), hashlib.sha256(content).hexdigest()}
    return frozenset(names), frozenset(digests)


def _place(folder: Path, outputs: Path) -> str:
    return folder.relative_to(outputs).as_posix().partition("/")[2]


def _whole(folder: Path, manifest: Manifest, keys: Keys) -> dict[str, bytes]:
    """Return the files of a pack, read once and held against its signed manifest; none if one is another."""
    if pack.verify(folder, public=keys.public):
        return {}
    try:
        files = {name: (folder / name).read_bytes() for name in (*manifest.files, NAME, SIGNATURE)}
    except OSError:
        return {}
    whole = all(hashlib.sha256(files[name]).hexdigest() == said for name, said in manifest.files.items())
    return files if whole and files[NAME] == manifest.to_bytes() else {}


def _notice(office: Office, folder: Path, said: Notice, keys: Keys) -> dict[str, bytes]:
    """Return what stands in a recalled pack's place; made where the pack was put back without its notice."""
    if (folder / notice.NAME).is_file() and not pack.verify(folder, public=keys.public):
        page = (folder / notice.PAGE).read_bytes()
        if hashlib.sha256(page).hexdigest() == said.page:
            return notice.files(said, page, keys)
    subject = Subject(
        said.audience, said.briefing, said.area, said.period, said.version, said.language, said.marking,
        said.as_of, office.fictional, said.manifest,
    )  # fmt: skip
    day = logged.log_of(office).recalled.get(edition_of(said))
    on = logged.day_of(office, day) if day else said.recalled_on
    return notice.files(*notice.of(subject, office, on=on), keys)
