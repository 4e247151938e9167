"""What a fork server has ready: the modules a page imports, and whether their files are as they were."""

from __future__ import annotations

import gc
import os
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.kernels._grammar import defer_grammar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PRELOADED = (
    # the analysts' libraries
    "numpy", "pandas", "pyarrow.dataset", "pyarrow.pandas_compat", "pyarrow.parquet", "scipy.linalg",
    "scipy.optimize", "scipy.sparse", "scipy.stats", "shapely", "altair", "jinja2",
    # the kernel, but for the module that reads the environment as it is loaded
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "ipykernel.control", "ipykernel.debugger", "ipykernel.heartbeat",
    "ipykernel.iostream", "ipykernel.ipkernel", "ipykernel.parentpoller", "ipykernel.shellchannel",
    "ipykernel.zmqshell", "tornado.platform.asyncio", "zmq.eventloop.zmqstream",
    # what both ask for when they are first used
    "encodings.ascii", "encodings.idna", "encodings.latin_1", "mimetypes", "pandas.core.methods.to_dict",
    "pandas.core.reshape.reshape", "narwhals._interchange", "psutil", "runpy", "sqlite3", "timeit",
    # a page's drawings are measured by their typefaces
    "fontTools.ttLib", "fontTools.ttLib.tables._c_m_a_p", "fontTools.ttLib.tables._h_e_a_d",
    "fontTools.ttLib.tables._h_h_e_a", "fontTools.ttLib.tables._h_m_t_x", "fontTools.ttLib.tables._m_a_x_p",
    "fontTools.ttLib.tables._p_o_s_t", "pymupdf_fonts.FiraGO_Bold", "pymupdf_fonts.FiraGO_Regular",
    # a page's own rooms
    "workbench.document.sections", "workbench.document.display", "workbench.document.html",
    "workbench.charts", "workbench.analysis", "workbench.view", "workbench.records",
    "workbench.briefing._confine", "workbench.briefing._native",
)  # fmt: skip

NEVER = ("deltalake", "vl_convert", "multiprocessing.popen_")
"""What no child may find loaded: a page may not import them, or they start threads of their own."""

FRESH = ("ipykernel.kernelapp",)
"""What a child loads again by itself: it reads the environment while it is loaded."""

REHEARSED = ("workbench.language:rehearsed", "workbench.document.html:rehearsed")
"""What fills a room's caches from the package's own files, and returns those files: they are watched too."""

CHANGED = "a source file changed while it was loaded"

Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Files:
    """The files of the loaded modules: path -> (time of change in nanoseconds, size in bytes)."""

    stamps: Mapping[str, Stamp]

    def changed(self) -> bool:
        """Whether a file has changed or gone since it was loaded."""
        return any(_stamp(path) != stamp for path, stamp in self.stamps.items())


def load(modules: Sequence[str]) -> str | None:
    """Import the modules; returns None, or what stood in the way: a module's name, an exception's class."""
    defer_grammar()
    for name in modules:
        try:
            import_module(name)
        except Exception as problem:  # whatever a module raises as it is loaded
            return f"{name} could not be loaded ({type(problem).__name__})"
        if name == "workbench.records":
            _load_record_types()
    try:
        list(_rehearsed())
    except Exception as problem:  # a page will say what is wrong with its own files
        return f"what pages share could not be loaded ({type(problem).__name__})"
    return unfit()


def freeze() -> None:
    """Set what is loaded apart from what is collected, so that children share its memory."""
    gc.collect()
    gc.freeze()


def unfit() -> str | None:
    """Return why this process must not fork kernels, or None: it has one thread and nothing of NEVER."""
    running = len(os.listdir("/proc/self/task"))  # noqa: PTH208 (before every kernel)
    if running != 1:
        return f"the fork server has {running} threads"
    found = next((name for name in sys.modules if name.startswith(NEVER)), None)
    return None if found is None else f"{found} is loaded"


def files_since(started: float) -> Files | str:
    """
    Return the files of all loaded modules as they are now, to be compared later.

    `started` is when their loading began, in seconds of the system clock. Returns why not, if a file changed
    after that: what was loaded may be the file as it was before.
    """
    now = time.time_ns()
    stamps: dict[str, Stamp] = {}
    paths: list[Any] = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    for path in (*paths, *map(str, _rehearsed())):
        if not isinstance(path, str) or path in stamps:
            continue
        stamp = _stamp(path)
        if stamp is None:
            continue
        if started * 1e9 <= stamp[0] <= now:
            return CHANGED
        stamps[path] = stamp
    return Files(stamps)


def unload(name: str) -> None:
    """Forget a loaded module, so that whoever asks for it next loads it again."""
    if sys.modules.pop(name, None) is not None:
        package, _, last = name.rpartition(".")
        vars(sys.modules[package]).pop(last, None)


def _rehearsed() -> Iterator[Path]:
    for named in REHEARSED:
        module, _, function = named.partition(":")
        if module in sys.modules:
            yield from getattr(sys.modules[module], function)()


def _load_record_types() -> None:
    from pkgutil import iter_modules

    records = import_module("workbench.records")
    for found in iter_modules([str(Path(one)) for one in records.__path__]):
        import_module(f"workbench.records.{found.name}")


def _stamp(path: str) -> Stamp | None:
    try:
        known = os.stat(path)  # noqa: PTH116 (some three thousand, before every kernel)
    except OSError:
        return None
    return known.st_mtime_ns, known.st_size
