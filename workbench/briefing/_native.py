"""The wall below Python, where the system has one: Linux's Landlock, which also stops native readers.

An audit hook sees what Python opens. Arrow, SQLite, Typst and other native libraries open files by themselves
and are not seen; Landlock (Linux 5.13 and later) is the kernel's own rule for the whole process, those
libraries and every thread included. Elsewhere `enclose` does nothing, and the hook is all there is.

System calls and constants: linux/landlock.h; their numbers are the same on every architecture since 5.13.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_BENEATH, _PORT = 1, 2
_NO_NEW_PRIVILEGES = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _DEVICE = 1 << 14, 1 << 15
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE
_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights over files a version of Landlock knows; 16 from version 5 on."""

_BIND, _CONNECT = 1, 2
_ABSTRACT_SOCKETS = 1

SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/nix/store",
    "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group",
    "/etc/hosts", "/etc/mime.types", "/etc/fonts", "/etc/ssl/openssl.cnf", "/dev/urandom", "/dev/random",
    "/dev/zero", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys",
    "/sys/devices/system", "/sys/fs/cgroup",
)  # fmt: skip
"""What native libraries read of a Linux system: each other, time zones, typefaces, the machine's size."""


def enclose(*, reads: Iterable[Path], writes: Iterable[Path], ports: Iterable[int]) -> bool:
    """
    Enclose this thread and all it will start for good; call it before there are others.

    Files can then be read only below `reads`, and read and written below `writes`; no program can be
    started, no TCP port bound but `ports`, and none connected to (from Landlock 4, Linux 6.7, on). Paths that
    do not exist are passed over. Returns whether it was done: False where the system has no Landlock.
    """
    if not has_landlock():
        return False
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    version = int(library.syscall(_CREATE, None, 0, _ASK_VERSION))
    files = (1 << _BITS.get(version, 16)) - 1
    network = _BIND | _CONNECT if version >= 4 else 0
    scoped = _ABSTRACT_SOCKETS if version >= 6 else 0
    rules = struct.pack("=QQQ", files, network, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = int(library.syscall(_CREATE, rules, size, 0))
    if ruleset < 0:
        return False
    try:
        read, write = (_READ_FILE | _READ_DIR) & files, files & ~_EXECUTE
        given = [(path, read) for path in reads] + [(path, write) for path in (*writes, Path(os.devnull))]
        for path, rights in given:
            _let(library, ruleset, path, rights)
        for port in ports if network else ():
            library.syscall(_ADD, ruleset, _PORT, struct.pack("=QQ", _BIND, port), 0)
        library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return int(library.syscall(_RESTRICT, ruleset, 0)) == 0
    finally:
        os.close(ruleset)


def has_landlock() -> bool:
    """Whether this system has a wall below Python."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    return int(ctypes.CDLL(None).syscall(_CREATE, None, 0, _ASK_VERSION)) >= 1


def links_of(folder: Path) -> Iterator[Path]:
    """Yield where the packages in a folder really lie, if an installer has put links to a cache there."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:  # some ten thousand names, before every page
        for entry in entries:
            if entry.is_symlink():
                yield Path(entry.path).resolve()
            elif entry.is_dir():
                with os.scandir(entry) as inside:
                    linked = next((one.path for one in inside if one.is_symlink()), None)
                if linked is not None:
                    yield Path(linked).resolve().parent


def _let(library: Any, ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        held = rights if path.is_dir() else rights & _OF_A_FILE
        library.syscall(_ADD, ruleset, _BENEATH, struct.pack("=Qi", held, descriptor), 0)
    finally:
        os.close(descriptor)
