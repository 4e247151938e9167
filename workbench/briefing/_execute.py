"""One execution by papermill: a kernel that sees what it was given, and errors that say what they may."""

from __future__ import annotations

import asyncio
import builtins
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from workbench import kernels
from workbench.errors import BriefingFailed, ConfigurationError
from workbench.view import VARIABLE

OWN_CLASS = "an exception of the notebook's own"
EXECUTED = "executed.ipynb"

_LONGEST = 90
"""Bytes of a path in which sockets are made: the whole address of one has at most 104 on every system."""

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
    kernels.prepare(_environment(view, folder))  # it loads its libraries while this process loads papermill

    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    executed = folder / EXECUTED
    for name in ("work", "home"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    engine = _engine(view, folder, time_limit)
    try:
        with _silent(), _own_event_loop():
            return _executed(notebook, parameters, executed, engine)
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
    finally:
        if engine.why_cold is not None:
            kernels.tell_once(engine.why_cold)


def _executed(notebook: Path, parameters: dict[str, str], executed: Path, engine: Any) -> Any:
    """Do as papermill's own `execute_notebook` does, which would write the file twice, slowly."""
    from papermill import execute as papermill
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    page = parameterize_notebook(load_notebook_node(str(notebook)), parameters)
    page = papermill.prepare_notebook_metadata(page, str(notebook), str(executed))
    page = papermill.remove_error_markers(page)
    page = engine.execute_notebook(page, page.metadata.kernelspec.name, None, progress_bar=False)
    papermill.raise_for_execution_errors(page, str(executed))  # which writes the file, with the error marked
    executed.write_bytes(json.dumps(page, ensure_ascii=False, sort_keys=True).encode())
    return page


def _where(executed: Path) -> str:
    if executed.is_file():
        return f"The full error is in {executed.name} of the run folder"
    return "Nothing of it was written"


def _engine(view: Path, folder: Path, time_limit: float) -> Any:
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine

    from workbench.kernels.provisioner import WarmProvisioner

    class Kernels(KernelSpecManager):
        """Knows one kernel: this very Python, confined, whatever kernels the user has installed."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            """Return how the confined kernel is started."""
            del kernel_name
            started = [sys.executable, "-m", "workbench.briefing._kernel", "-f", "{connection_file}"]
            return KernelSpec(
                argv=started,
                display_name="Workbench",
                language="python",
                metadata={"supported_encryption": ["curve"]},
            )

    class Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill ships no types
        """A client that forks that kernel where it can, and speaks with it encrypted, in a private folder."""

        def create_kernel_manager(self) -> Any:
            """Return a kernel manager that knows no other kernel."""
            manager = super().create_kernel_manager()
            manager.transport_encryption = "auto"
            manager.kernel_spec_manager = Kernels(kernel_dirs=[])
            manager.client_factory = _client_class()
            manager.kernel_id = str(uuid.uuid4())
            self.provisioner = manager.provisioner = WarmProvisioner(
                parent=manager, kernel_spec=manager.kernel_spec, kernel_id=manager.kernel_id
            )
            _meet_in(self.meeting, manager)
            return manager

    class Engine(NBClientEngine):  # type: ignore[misc]  # papermill ships no types
        """papermill's own engine, with the environment of the kernel given."""

        why_cold: str | None = None

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, *_: Any, **__: Any) -> None:
            """Execute in a kernel that sees that environment and no more."""
            client = Client(
                nb_man,
                kernel_name="python3",
                timeout=time_limit,
                startup_timeout=60,
                ipython_hist_file="",
                # A kernel asked to end is interrupted first, and may write that to the terminal as an error.
                shutdown_kernel="immediate",
                # what a kernel says to its terminal may quote a cell: it is not for a scheduler's log
            )
            with tempfile.TemporaryDirectory(prefix="wb-", ignore_cleanup_errors=True) as meeting:
                client.meeting = Path(meeting)
                client.execute(
                    env=_environment(view, folder),
                    cwd=str(folder / "work"),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                cls.why_cold = client.provisioner.why_cold

    return Engine


def _meet_in(meeting: Path, manager: Any) -> None:
    """
    Let a kernel and its client meet in a folder of theirs, by sockets that are files.

    A port can be taken by another process between its choice and its use; a file in a private folder cannot.
    Where there are no such sockets, or the path is too long for one, they meet at ports as ever.
    """
    import zmq

    manager.connection_file = str(meeting / "kernel.json")
    sockets = meeting / "sockets"
    if os.name == "posix" and zmq.has("ipc") and len(os.fsencode(sockets)) < _LONGEST:
        sockets.mkdir(mode=0o700)
        manager.transport = "ipc"
        manager.ip = str(sockets / "k")
    # the kernel opens its sockets some hundredths of a second after its client first asks for them
    manager.context.setsockopt(zmq.RECONNECT_IVL, 5)


@cache
def _client_class() -> Any:
    from jupyter_client.asynchronous.client import AsyncKernelClient

    class Client(AsyncKernelClient):
        """A client that goes on as soon as the kernel has answered on both of its channels."""

        def start_channels(self, *_: Any, **__: Any) -> None:
            """Start the channels that a run needs: nobody answers questions, and no heart is listened to."""
            super().start_channels(stdin=False, hb=False)

        async def wait_for_ready(self, timeout: float | None = None) -> None:
            """Wait until the kernel has answered and its first status has come; raises RuntimeError."""
            end = time.monotonic() + (timeout or 60)
            answered = False
            while time.monotonic() < end:
                if not answered:
                    self.kernel_info()
                    answered = await _next(self.shell_channel, "kernel_info_reply")
                if answered and await _next(self.iopub_channel, "status"):
                    return
                if not await self._async_is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info")
                answered = False
            raise RuntimeError("Kernel did not answer in time")

    return Client


async def _next(channel: Any, wanted: str) -> bool:
    """Whether a message of this type comes within a second; others are passed over."""
    from queue import Empty

    try:
        while (await channel.get_msg(timeout=1))["msg_type"] != wanted:
            pass
    except Empty:
        return False
    return True


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
        left = asyncio.all_tasks(loop)  # nbclient leaves some behind where a page does not end as it should
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
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
