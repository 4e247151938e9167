"""One execution by papermill: a kernel that sees what it was given, and errors that say what they may."""

from __future__ import annotations

import asyncio
import builtins
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from workbench.errors import BriefingFailed, ConfigurationError
from workbench.view import VARIABLE

OWN_CLASS = "an exception of the notebook's own"
EXECUTED = "executed.ipynb"

_INHERITED = (
    "PATH", "LANG", "LC_ALL", "TZ", "NUMBER_OF_PROCESSORS",
    # without these, Windows opens no socket and finds no library
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROCESSOR_ARCHITECTURE", "OS",
)  # fmt: skip
_LIBRARIES = ("pandas.errors", "numpy.exceptions", "numpy.linalg", "pyarrow", "workbench.errors")
_NAMED = frozenset({"SchemaValidationError", "JSONDecodeError", "ZoneInfoNotFoundError"})
"""Classes of Altair and of the standard library that a page's cell often ends with."""


def declared_by(notebook: Path) -> Mapping[str, str]:
    """Return the names that a notebook's parameters cell declares, with their defaults as written."""
    from papermill.inspection import inspect_notebook

    try:
        with _silent():
            nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]  # nbformat types only in part
            return {name: one["default"] for name, one in inspect_notebook(_literal(notebook)).items()}
    except Exception as problem:
        raise ConfigurationError(
            f"{notebook.name} is not a notebook that can be read ({type(problem).__name__}). "
            "Open it in JupyterLab and save it again, or take a fresh copy."
        ) from None


def execute(
    notebook: Path, parameters: dict[str, str], *, view: Path, folder: Path, time_limit: float
) -> Any:
    """
    Execute a notebook in `folder` and return it; raises BriefingFailed.

    `folder` gets `executed.ipynb`, `work` (where the kernel starts) and `home` (what it calls home and
    its temporary folder). Nothing that a page prints, warns of or raises is written anywhere else: while
    it runs, this process logs nothing.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    executed = folder / EXECUTED
    for name in ("work", "home"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    papermill_engines.register("workbench", _engine(view, folder, time_limit))
    try:
        with _silent(), _own_event_loop():
            return execute_notebook(
                _literal(notebook), _literal(executed), parameters, engine_name="workbench",
                progress_bar=False, log_output=False, request_save_on_cell_execute=False,
            )  # fmt: skip
    except PapermillExecutionError as problem:
        cell = _number(executed, problem.cell_index)
        raise BriefingFailed(
            f"{notebook.name} stopped at cell {cell} with {_shown(problem.ename)}. "
            f"{_where(executed)}: open it in JupyterLab, mend the cell, and run again."
        ) from None
    except (CellTimeoutError, DeadKernelError, RuntimeError) as problem:  # RuntimeError: never became ready
        raise BriefingFailed(
            f"{notebook.name} did not finish ({_shown(type(problem).__name__)}; "
            f"the limit is {time_limit:g} s a cell). "
            f"{_where(executed)}. Run it by hand in JupyterLab to see which cell is slow."
        ) from None
    except Exception as problem:  # whatever a page can make these libraries do: it may quote the page
        raise BriefingFailed(
            f"{notebook.name} could not be executed to its end ({_shown(type(problem).__name__)}). "
            f"{_where(executed)}. "
            "Run it by hand in JupyterLab: one of its outputs is not as a notebook can hold it."
        ) from None


def _where(executed: Path) -> str:
    if executed.is_file():
        return f"The full error is in {executed.name} of the run folder"
    return "Nothing of it was written"


def _engine(view: Path, folder: Path, time_limit: float) -> Any:
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine

    class Kernels(KernelSpecManager):
        """Knows one kernel: this very Python, confined, whatever kernels the user has installed."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            """Return how the confined kernel is started."""
            del kernel_name
            started = [sys.executable, "-m", "workbench.briefing._kernel", "-f", "{connection_file}"]
            return KernelSpec(argv=started, display_name="Workbench", language="python")

    class Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill ships no types
        """A client that starts that kernel, and speaks with it encrypted."""

        def create_kernel_manager(self) -> Any:
            """Return a kernel manager that knows no other kernel."""
            manager = super().create_kernel_manager()
            manager.transport_encryption = "auto"
            manager.kernel_spec_manager = Kernels(kernel_dirs=[])
            return manager

    class Engine(NBClientEngine):  # type: ignore[misc]  # papermill ships no types
        """papermill's own engine, with the environment of the kernel given."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, *_: Any, **__: Any) -> None:
            """Execute in a kernel that sees that environment and no more."""
            Client(
                nb_man,
                kernel_name="python3",
                timeout=time_limit,
                startup_timeout=60,
                ipython_hist_file="",
                # A kernel asked to end is interrupted first, and may write that to the terminal as an error.
                shutdown_kernel="immediate",
                # what a kernel says to its terminal may quote a cell: it is not for a scheduler's log
            ).execute(
                env=_environment(view, folder),
                cwd=str(folder / "work"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    return Engine


@contextmanager
def _silent() -> Iterator[None]:
    """Log nothing and warn of nothing: these libraries quote outputs in what they log."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _shown(name: str) -> str:
    """Return an exception's class as it may be shown: one of Python's or of a library, or no name."""
    return name if name in _known_classes() else OWN_CLASS


@cache
def _known_classes() -> frozenset[str]:
    from importlib import import_module

    from nbclient import exceptions

    rooms = [builtins, exceptions, *map(import_module, _LIBRARIES)]
    classes = (one for room in rooms for one in vars(room).values())
    found = {one.__name__ for one in classes if isinstance(one, type) and issubclass(one, BaseException)}
    return frozenset(found) | _NAMED


def _number(executed: Path, index: int) -> int:
    """Return which cell of the notebook as its author has it failed: papermill puts cells of its own in."""
    with _silent():
        cells = nbformat.read(executed, as_version=4).cells  # type: ignore[no-untyped-call]  # as above
    own = ("injected-parameters", "papermill-error-cell-tag")
    mine = [not set(cell.metadata.get("tags", ())) & set(own) for cell in cells]
    failed = next((n for n, cell in enumerate(cells) if _has_failed(cell)), index)
    return sum(mine[: failed + 1])


def _has_failed(cell: Any) -> bool:
    # a group of exceptions leaves no error among the outputs, but papermill's mark
    marked = cell.metadata.get("papermill", {}).get("exception") is True
    return marked or any(output.output_type == "error" for output in cell.get("outputs", ()))


def _literal(path: Path) -> str:
    """Return a path as papermill takes it: in braces it would expect the name of a parameter."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextmanager
def _own_event_loop() -> Iterator[None]:
    """Close the event loop that nbclient would leave open; where one is running already, it uses that."""
    from jupyter_core.utils import ensure_event_loop

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        loop = ensure_event_loop()
    else:
        yield
        return
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _environment(view: Path, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    home = str(folder.resolve() / "home")
    return kept | {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home,
        "LOCALAPPDATA": home,
        "TMPDIR": home,
        "TEMP": home,
        "TMP": home,
        "IPYTHONDIR": str(folder.resolve() / "home" / "ipython"),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
        VARIABLE: str(view.resolve()),
    }
