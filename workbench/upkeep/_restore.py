"""Restore: an archive becomes an office again, in a folder of its own, and is examined."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.config import FILE_NAME, load
from workbench.errors import UserError
from workbench.publish import pack
from workbench.publish.check import Finding
from workbench.upkeep._archive import OFFICE, Contents, Reading, private_file, reading
from workbench.upkeep._examined import examined
from workbench.upkeep._waiting import told_of_the_disk


@dataclass(frozen=True)
class Restored:
    """
    An office that was restored: its folder, what its archive says of itself, and what was found there.

    A finding with a remedy is a problem, or something that a person must do before the office works.
    """

    folder: Path
    contents: Contents
    findings: tuple[Finding, ...]


def restore(
    file: Path,
    folder: Path,
    *,
    identity: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Restored:
    """
    Rebuild the office in an archive as `folder`, which is not there yet or is empty, and examine it.

    It is built beside `folder` and appears there by one rename, with every digest checked. What lay outside
    the office lies in it then, and workbench.toml says so: a restored office never works on the folders of
    the one it was made from. `identity`: a file with the secret key of age. Raises UserError (the folder
    holds something, or it is no archive), CheckFailed (something in it is not as it was), StorageFull.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(
            f"{folder} holds something already. Restore into a new folder, look at it, and then put it in "
            "the place of the other."
        )
    folder = folder.absolute()
    if not folder.parent.is_dir():
        raise UserError(f"There is no folder {folder.parent} to restore into. Make it first.")
    making = folder.with_name(f".{folder.name}-restoring-{secrets.token_hex(8)}")
    try:
        with told_of_the_disk(folder.parent, doing="The restore"):
            making.mkdir(mode=0o700)
            with reading(file, identity=identity, progress=progress, within=making) as archive:
                contents = archive.contents
                office = making / "office"
                progress(f"writing {len(contents.files)} files")
                _unpack(archive, office)
            _bring_home(office, contents)
            if folder.exists():
                folder.rmdir()
            office.rename(folder)
            pack.sync_folder(folder.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return Restored(folder, contents, tuple(examined(folder, contents, progress=progress)))


def _unpack(archive: Reading, office: Path) -> None:
    contents = archive.contents
    if f"{OFFICE}/{FILE_NAME}" not in contents.files:
        raise UserError(f"The archive holds no {FILE_NAME}: it is no office. Take another archive.")
    office.mkdir()
    for name, (_, _, modified) in contents.files.items():
        place = office.joinpath(*name.split("/")[1:])
        hidden = name.startswith(f"{contents.private}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        with private_file(place) if hidden else place.open("xb") as target:
            archive.copy(name, target)
        os.utime(place, (modified, modified))
    for name in contents.folders:
        office.joinpath(*name.split("/")[1:]).mkdir(parents=True, exist_ok=True)
    private = office.joinpath(*contents.private.split("/")[1:])
    for one in [private, *private.rglob("*")] if private.is_dir() else []:
        if one.is_dir():
            one.chmod(0o700)


def _bring_home(office: Path, contents: Contents) -> None:
    """Let workbench.toml name what lay outside the office where it lies now."""
    file = office / FILE_NAME
    if not contents.apart:
        return
    text = file.read_text(encoding="utf-8")
    table = re.search(r"(?m)^[ \t]*\[", text)
    head, rest = (text[: table.start()], text[table.start() :]) if table else (text, "")
    for key in contents.apart:
        (office / key).mkdir(exist_ok=True)
        head = re.sub(rf"(?m)^[ \t]*{key}[ \t]*=.*$", f'{key} = "{key}"', head, count=1)
    file.write_text(head + rest, encoding="utf-8")
    made = load(office)
    if any(getattr(made, key) != key for key in contents.apart):
        raise UserError(
            f"{FILE_NAME} names folders outside the office in a way that cannot be changed here. Unpack the "
            "archive by hand, and name them anew."
        )
