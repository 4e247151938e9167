"""What of an office goes into a backup, and what does not: locks, what is half made, links, secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.config import Office
from workbench.keys import SECRET_FILE
from workbench.upkeep._archive import APART, HEAD, OFFICE
from workbench.upkeep._links import entries, is_link

_BESIDE_A_LEDGER = ("-journal", "-wal", "-shm")
_MARK = 30 + len(HEAD)
"""Bytes at the start of an archive of ours: the header of its first entry, then that entry's name."""


@dataclass(frozen=True)
class Part:
    """A folder of the office: where it lies, and under which name in an archive."""

    folder: Path
    name: str

    def named(self, path: Path) -> str:
        """Return the name of a file of it in an archive."""
        return "/".join((self.name, *path.relative_to(self.folder).parts))


@dataclass(frozen=True)
class Found:
    """The files of an office but its store, and its empty folders, each with its part; links not followed."""

    files: tuple[tuple[Part, Path], ...]
    folders: tuple[tuple[Part, Path], ...]
    links: int


def parts_of(office: Office) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Return the parts of an office but its store, and the keys of those that lie outside its folder."""
    root = office.root.resolve()
    parts, apart = [Part(root, OFFICE)], []
    for key in ("outputs", "private"):
        folder = office.path(getattr(office, key)).resolve()
        if not folder.is_relative_to(root):
            parts.append(Part(folder, f"{APART}/{key}"))
            apart.append(key)
    return tuple(parts), tuple(apart)


def store_part(office: Office) -> Part | None:
    """Return the folder of a local store and its name in an archive; None if it lies under a URL."""
    if office.store_is_remote:
        return None
    root, folder = office.root.resolve(), office.path(office.store).resolve()
    inside = folder.is_relative_to(root)
    return Part(folder, f"{OFFICE}/{folder.relative_to(root).as_posix()}" if inside else f"{APART}/store")


def secrets_of(office: Office) -> dict[Path, str]:
    """Return the files of an office that hold secrets, with what each is."""
    found: dict[Path, str] = {}
    if office.keys == "file" and not office.fictional:
        found[office.path(office.private).resolve() / "keys" / SECRET_FILE] = "the office's key"
    if office.mail is not None and office.mail.password.startswith("file:"):
        place = office.path(office.mail.password.removeprefix("file:"))
        found[place.resolve()] = "the password of the mail server"
    return found


def find(parts: tuple[Part, ...], *, apart: frozenset[Path]) -> Found:
    """Return all files of parts; those in the folders or files `apart` are somebody else's concern."""
    files: list[tuple[Part, Path]] = []
    folders: list[tuple[Part, Path]] = []
    links = 0
    for part in parts:
        for path in _walk(part.folder, apart):
            if is_link(path):
                links += 1
            elif path.is_dir():
                folders.append((part, path))
            elif not _is_passing(path):
                files.append((part, path))
    return Found(tuple(files), tuple(folders), links)


def _walk(folder: Path, apart: frozenset[Path]) -> Iterator[Path]:
    """Yield files, links and empty folders below a folder; none with a dot, as all has that is half made."""
    for one in entries(folder):
        path = Path(one.path)
        if one.name.startswith(".") or one.name == "__pycache__" or path in apart:
            continue
        if is_link(path) or one.is_file(follow_symlinks=False):
            yield path
        elif one.is_dir(follow_symlinks=False) and not (path / "pyvenv.cfg").is_file():
            if not entries(path):
                yield path
            yield from _walk(path, apart)


def _is_passing(path: Path) -> bool:
    """Whether a file is a lock, stands beside a ledger, or is another archive of an office."""
    if path.suffix in {".lock", ".part"}:
        return True
    for ending in _BESIDE_A_LEDGER:
        if path.name.endswith(ending) and path.with_name(path.name.removesuffix(ending)).is_file():
            return True
    return is_archive(path)


def is_archive(path: Path) -> bool:
    """Whether a file is an archive of an office, encrypted or not."""
    if path.name.endswith(".workbench.zip.age"):
        return True
    if path.suffix != ".zip":
        return False
    try:
        with path.open("rb") as opened:
            return opened.read(_MARK)[30:] == HEAD.encode("ascii")
    except OSError:
        return False
