"""Links: none is followed, for what one leads to may lie anywhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_REPARSE_POINT = 0x400
"""Attribute of junctions and links on Windows (FILE_ATTRIBUTE_REPARSE_POINT)."""


def is_link(path: Path) -> bool:
    """Whether a path is a symbolic link or a junction itself; what is not there is none."""
    try:
        told = path.lstat()
    except OSError:
        return False
    return stat.S_ISLNK(told.st_mode) or bool(getattr(told, "st_file_attributes", 0) & _REPARSE_POINT)


def within(path: Path, folder: Path) -> bool:
    """Whether a path lies below a folder and no part of the way down from it is a link."""
    if path == folder or not path.is_relative_to(folder):
        return False
    way = [path, *path.parents]
    return not any(is_link(one) for one in way[: way.index(folder)])


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what a folder holds, by name; nothing where it is none, or is a link."""
    if is_link(folder):
        return []
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda one: one.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def below(folder: Path) -> Iterator[Path]:
    """Yield every file and folder below a folder, and every link as itself, in order of their names."""
    for one in entries(folder):
        path = Path(one.path)
        yield path
        if one.is_dir(follow_symlinks=False) and not is_link(path):
            yield from below(path)
