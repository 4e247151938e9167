"""What a page may do while it runs: an audit hook of Python that refuses files, sockets and processes.

It is a second wall, not a sandbox. What a page is given (a view, an empty folder, an environment of a few
names) is the first: it does not know where anything else lies. The hook stops code that looks around in
Python, on every system alike. It does not stop native code that opens files by itself (pyarrow's and
SQLite's own readers raise no event), nor Python code that sets out to break Python (`ctypes` on memory,
the hook's own objects). On Linux the wall below (`_native.enclose`) stops those as well; elsewhere the answer
is who may change an approved notebook: `workbench approve`.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

SAID = (
    "A page may read its view and Python's own files and write in its working folder; it opens no other "
    "file, no network and no process. Take what it needs from the view, or from a source of the office."
)

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PROCESSES = (
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
    "os.startfile", "os.startfile/2", "os.kill", "os.killpg", "signal.pthread_kill", "pty.spawn",
    "webbrowser.open", "_winapi.CreateProcess", "_winapi.OpenProcess", "_winapi.TerminateProcess",
)  # fmt: skip
_NAMES = (
    "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo",
    "urllib.Request", "ftplib.connect", "http.client.connect", "imaplib.open", "poplib.connect",
    "smtplib.connect", "telnetlib.Telnet.open", "nntplib.connect",
)  # fmt: skip
_CHANGES = (
    "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.utime", "os.chflags",
    "os.setxattr", "os.removexattr", "os.mkfifo", "os.mknod",
)  # fmt: skip
# the store's own library; and processes that Python starts without an event
_MODULES = frozenset({"deltalake"})
_SPAWNING = "multiprocessing.popen_"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SYSTEM_LIBRARIES = frozenset({"kernel32", "kernel32.dll", "msvcrt", "ntdll"})
"""What Python's own modules ask Windows for by name."""


Rule = Callable[[tuple[Any, ...]], None]


def confine(*, view: Path, folders: Iterable[Path]) -> None:
    """
    Confine this process for good: reading `view`, reading and writing `folders`, and Python's own files.

    Whatever else is opened, listed, changed, connected to or started raises PermissionError with SAID; the
    store's library cannot be imported (ImportError). A path is judged by where its links lead, except
    below Python's own folders, whose files some installers link to a cache.
    """
    rule_of = _rules(_Bounds(view, folders)).get

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        rule = rule_of(event)
        if rule is not None:
            rule(arguments)

    sys.addaudithook(hook)


class _Bounds:
    """Which paths may be read and which written."""

    def __init__(self, view: Path, folders: Iterable[Path]) -> None:
        import mimetypes
        import zoneinfo

        self._free = tuple(_rooted(os.path.realpath(folder)) for folder in folders)
        self._seen = (*self._free, _rooted(os.path.realpath(view)))
        self._python = tuple(_rooted(path) for path in (*python_folders(), *zoneinfo.TZPATH))
        single = (os.devnull, "/dev/urandom", "/dev/random", *mimetypes.knownfiles)
        self._single = frozenset(map(os.path.normcase, single))
        self._upwards = os.sep + os.pardir

    def may_read(self, path: str) -> bool:
        absolute = os.path.normcase(os.path.join(os.getcwd(), path))  # noqa: PTH109, PTH118 (a hook must be quick)
        if self._upwards not in absolute and _rooted(absolute).startswith(self._python):
            return True
        if absolute in self._single:
            return True
        real = _rooted(os.path.realpath(path))
        return real.startswith(self._seen + self._python)

    def may_write(self, path: str) -> bool:
        return path == os.devnull or _rooted(os.path.realpath(path)).startswith(self._free)

    def may_load(self, path: str) -> bool:
        return _rooted(os.path.realpath(path)).startswith(self._python)


def _rules(bounds: _Bounds) -> dict[str, Rule]:
    """Return what is checked at each event that Python raises; an event that is not here is free."""

    def on_open(arguments: tuple[Any, ...]) -> None:
        path, mode, flags = _text(arguments[0]), arguments[1], arguments[2]
        if path is None:
            return
        writes = isinstance(flags, int) and bool(flags & _WRITING)
        writes = writes or (isinstance(mode, str) and bool(set(mode) & set("wax+")))
        _require(bounds.may_write(path) if writes else bounds.may_read(path))

    def on_list(arguments: tuple[Any, ...]) -> None:
        path = _text(arguments[0] if arguments and arguments[0] is not None else ".")
        _require(path is None or bounds.may_read(path))

    def on_change(arguments: tuple[Any, ...]) -> None:
        path = _text(arguments[0])
        _require(path is None or bounds.may_write(path))

    def on_change_of_two(arguments: tuple[Any, ...]) -> None:
        _require(all(bounds.may_write(path) for path in map(_text, arguments[:2]) if path is not None))

    def on_library(arguments: tuple[Any, ...]) -> None:
        path = _text(arguments[0])
        named = os.name == "nt" and path is not None and path.lower() in _SYSTEM_LIBRARIES
        _require(path is None or named or bounds.may_load(path))

    def on_database(arguments: tuple[Any, ...]) -> None:
        path = _text(arguments[0])
        _require(path is None or path in {"", ":memory:"} or bounds.may_write(path))

    return {
        **dict.fromkeys((*_PROCESSES, *_NAMES), _refuse),
        **dict.fromkeys(("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"), _on_socket),
        **dict.fromkeys(("os.listdir", "os.scandir", "os.chdir"), on_list),
        **dict.fromkeys(_CHANGES, on_change),
        **dict.fromkeys(("os.rename", "os.link", "os.symlink"), on_change_of_two),
        "open": on_open,
        "import": _on_import,
        "ctypes.dlopen": on_library,
        "sqlite3.connect": on_database,
    }


def _on_socket(arguments: tuple[Any, ...]) -> None:
    # Windows builds its socket pairs, which event loops need, from two ends on the loopback address
    address = arguments[1] if len(arguments) > 1 else None
    _require(os.name == "nt" and isinstance(address, tuple) and address[0] in _LOOPBACK)


def _on_import(arguments: tuple[Any, ...]) -> None:
    name = str(arguments[0])
    if name.partition(".")[0] in _MODULES or name.startswith(_SPAWNING):
        raise ImportError(SAID)


def _refuse(_: tuple[Any, ...]) -> None:
    _require(False)  # noqa: FBT003 (it says what is required)


def _require(allowed: bool) -> None:  # noqa: FBT001 (a hook is called by position)
    if not allowed:
        raise PermissionError(SAID)


def python_folders() -> tuple[str, ...]:
    """
    Return the folders of Python's own files: its library, the installed packages, and this package.

    A folder on `sys.path` that is an office, or lies in one, is none of them (a checkout of the workbench
    is an office too): of that, only the package itself with its templates and notebooks.
    """
    from workbench.config import FILE_NAME, shipped

    package = Path(__file__).resolve().parents[1]
    found = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    found |= {sysconfig.get_path(name, vars=base) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {str(package), str(shipped("templates")), str(shipped("notebooks"))}
    for entry in map(Path, filter(None, sys.path)):
        if entry.exists() and not any((one / FILE_NAME).exists() for one in (entry, *entry.parents)):
            found.add(str(entry))
    found.discard(os.getcwd())  # noqa: PTH109 (compared as text)
    return tuple(sorted({*found, *(os.path.realpath(one) for one in found)}))


def _rooted(path: str) -> str:
    return os.path.normcase(path).rstrip(os.sep) + os.sep


def _text(path: Any) -> str | None:
    """Return a path as text; None for a file that is open already."""
    if isinstance(path, int):
        return None
    return os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else None
