"""Archives of an office: a zip whose last file names every other one with its SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from workbench import __version__
from workbench.errors import CheckFailed, UserError

FORMAT = 1
HEAD, MANIFEST = "workbench-backup.txt", "manifest.json"
"""The first and the last file of an archive."""

OFFICE, APART = "office", "apart"
"""Where the office's folder lies in an archive, and what the office keeps outside of it."""

_CHUNK = 1 << 20
_LARGEST_MANIFEST = 1 << 28
_PACKED = frozenset({".parquet", ".pdf", ".png", ".jpg", ".zip", ".xlsx", ".ods", ".gz", ".age"})
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
_UNFIT_HERE = re.compile(r'[<>:"|?*]|[. ]$')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|(com|lpt)\d)(\..*)?")


@dataclass(frozen=True)
class Contents:
    """
    What an archive says of itself.

    `missing`: files that were left out since they are secrets, by their paths in the office; `elsewhere`:
    what the office uses and the archive does not hold; `apart`: keys of workbench.toml whose folders lay
    outside the office; `private`: where the private folder lies in the archive; `folders`: empty ones.
    `files`: path in the archive -> size, SHA-256 and time of the last change (seconds).
    """

    office: str
    workbench: str
    made_at: datetime
    with_keys: bool = False
    missing: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    private: str = f"{OFFICE}/private"
    folders: tuple[str, ...] = ()
    files: dict[str, tuple[int, str, float]] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(size for size, _, _ in self.files.values())


class Writing:
    """An archive that is being written, file by file, to a stream that need not be sought in."""

    def __init__(self, stream: IO[bytes], *, made_at: datetime) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self._at = made_at.astimezone(UTC)
        self.files: dict[str, tuple[int, str, float]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # closed now, or the interpreter would try it again later
            with suppress(Exception):
                self._zip.close()

    def head(self, text: str) -> None:
        """Write the first file: what this is, for whoever opens it."""
        with self._zip.open(self._info(HEAD), "w") as entry:
            entry.write(text.encode("utf-8"))

    def add(self, name: str, source: IO[bytes], *, modified: float, size: int = 0) -> None:
        """Copy a stream of about `size` bytes into the archive."""
        digest, written = hashlib.sha256(), 0
        with self._zip.open(self._info(name), "w", force_zip64=size > 1 << 30) as entry:
            while part := source.read(_CHUNK):
                digest.update(part)
                written += len(part)
                entry.write(part)
        self.files[name] = written, digest.hexdigest(), modified

    def end(self, contents: Contents) -> None:
        """Write the manifest, with all that was added, and end the archive."""
        said = asdict(contents) | {
            "format": FORMAT,
            "workbench": __version__,
            "made_at": self._at.isoformat(),
            "files": [[name, *told] for name, told in sorted(self.files.items())],
        }
        with self._zip.open(self._info(MANIFEST), "w") as entry:
            entry.write(json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8"))
        self._zip.close()

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        info.compress_type = (
            zipfile.ZIP_STORED if Path(name).suffix.lower() in _PACKED else zipfile.ZIP_DEFLATED
        )
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        return info


class Reading:
    """An archive of an office, whose manifest was read and whose names are safe to write."""

    def __init__(self, archive: zipfile.ZipFile, contents: Contents) -> None:
        self._zip, self.contents = archive, contents

    def copy(self, name: str, target: IO[bytes] | None = None) -> None:
        """Read a file, to `target` if there is one; raises CheckFailed unless it is that of the manifest."""
        size, expected, _ = self.contents.files[name]
        digest, read = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as entry:
                while read <= size and (part := entry.read(_CHUNK)):
                    read += len(part)
                    digest.update(part)
                    if target is not None:
                        target.write(part)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
            read, digest = -1, hashlib.sha256()
        if (read, digest.hexdigest()) != (size, expected):
            raise CheckFailed(f"{name} in the archive is not as it was backed up. Take another copy of it.")


def verify(
    file: Path, *, identity: Path | None = None, progress: Callable[[str], None] = lambda _: None
) -> Contents:
    """
    Read a whole archive and hold every file against its SHA-256; return what it says of itself.

    `identity`: a file with the secret key of age, if it is encrypted. Raises UserError if it is no archive
    of an office, CheckFailed if anything in it is damaged, missing or not named by it.
    """
    with reading(file, identity=identity, progress=progress) as archive:
        progress(f"checking {len(archive.contents.files)} files")
        for name in archive.contents.files:
            archive.copy(name)
        return archive.contents


@contextmanager
def reading(
    file: Path,
    *,
    identity: Path | None,
    progress: Callable[[str], None] = lambda _: None,
    within: Path | None = None,
) -> Iterator[Reading]:
    """
    Open an archive; raises UserError, CheckFailed. One that is encrypted is decrypted `within` a folder.

    Nothing is left of that when the block ends.
    """
    from workbench.upkeep import _age

    try:
        with file.open("rb") as opened:
            encrypted = opened.read(len(_age.HEAD)) == _age.HEAD
    except OSError as problem:
        raise UserError(
            f"{file} cannot be read ({type(problem).__name__}). Name the archive that was written by: "
            "workbench backup"
        ) from None
    with tempfile.TemporaryDirectory(prefix=".workbench-archive-", dir=within) as temporary:
        plain = file
        if encrypted:
            if identity is None:
                raise UserError(f"{file} is encrypted with age. Name the secret key's file: --identity FILE")
            progress("decrypting")
            plain = Path(temporary) / "plain.zip"
            with file.open("rb") as source, plain.open("xb") as target:
                _age.decrypt(source, target, _age.identities_in(identity))
        try:
            archive = zipfile.ZipFile(plain)
        except (zipfile.BadZipFile, ValueError):
            raise UserError(
                f"{file} is no archive of the workbench, or was cut off. Take another copy of it."
            ) from None
        with archive:
            yield Reading(archive, _checked(archive, file))


def _checked(archive: zipfile.ZipFile, file: Path) -> Contents:
    contents = _contents(archive, file)
    names = [one.filename for one in archive.infolist()]
    told = [HEAD, *contents.files, MANIFEST]
    if sorted(names) != sorted(told):
        raise CheckFailed(
            f"{file} holds other files than its manifest names: {len(names)}, and named are {len(told)}. "
            "Take another copy of it."
        )
    if not all(fits(one) for one in (*contents.folders, contents.private)):
        raise _leads_out(file)
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or not (info.filename in (HEAD, MANIFEST) or fits(info.filename)):
            raise _leads_out(file)
    return contents


def _leads_out(file: Path) -> CheckFailed:
    return CheckFailed(
        f"{file} holds a link, or a name that leads out of its folder. It was not written by "
        "`workbench backup`: do not unpack it."
    )


def _contents(archive: zipfile.ZipFile, file: Path) -> Contents:
    try:
        with archive.open(MANIFEST) as entry:
            said: dict[str, Any] = json.loads(entry.read(_LARGEST_MANIFEST))
        number = int(said.pop("format"))
        if number > FORMAT:
            raise UserError(
                f"{file} was written by workbench {said.get('workbench')}, in a form that {__version__} does "
                "not know. Install that version or a newer one, and restore with it."
            )
        files = {
            str(name): (int(size), str(digest), float(modified))
            for name, size, digest, modified in said.pop("files")
        }
        return Contents(
            office=str(said["office"]),
            workbench=str(said["workbench"]),
            made_at=datetime.fromisoformat(said["made_at"]),
            with_keys=bool(said["with_keys"]),
            missing=tuple(map(str, said["missing"])),
            elsewhere=tuple(map(str, said["elsewhere"])),
            apart=tuple(str(one) for one in said["apart"] if one in ("store", "outputs", "private")),
            private=str(said["private"]),
            folders=tuple(map(str, said["folders"])),
            files=files,
        )
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, zlib.error):
        raise UserError(
            f"{file} is no archive of the workbench, or its manifest is damaged. Take another copy of it."
        ) from None


def fits(name: str) -> bool:
    """Whether a file of this name stays in its folder when it is written here: relative, and of an office."""
    parts = name.split("/")
    plain = all(part not in ("", ".", "..") and not _UNFIT.search(part) for part in parts)
    if os.name == "nt":  # a colon would write into another file, and a device is none
        plain = plain and not any(_UNFIT_HERE.search(one) or _RESERVED.fullmatch(one) for one in parts)
    return plain and len(parts) > 1 and parts[0] in (OFFICE, APART)


def private_file(file: Path) -> IO[bytes]:
    """Open a new file for writing that only its owner may read."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(file, flags, 0o600), "wb")
