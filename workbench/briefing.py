"""Briefings: find notebooks, check parameters, execute one with papermill on a saved view."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from workbench.config import Briefing, Office, shipped
from workbench.errors import BriefingFailed, ConfigurationError, ParameterError
from workbench.view import VARIABLE

PARAMETERS = ("area", "week", "audience", "as_of", "language")
"""What every briefing takes, all text; "" in a notebook stands for the office's own choice."""

TIME_LIMIT_SECONDS = 600

_INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "WINDIR", "COMSPEC", "NUMBER_OF_PROCESSORS", "TZ")


def notebook_of(office: Office, briefing: Briefing) -> Path:
    """Return the path of a briefing's notebook; raises ConfigurationError if it is not there."""
    path = office.path(briefing.notebook)
    if path.is_file():
        return path
    came_along = shipped("notebooks") / Path(briefing.notebook).name
    remedy = f"A copy came with the workbench: {came_along.name}." if came_along.is_file() else ""
    raise ConfigurationError(
        f'Briefing "{briefing.slug}": there is no notebook {briefing.notebook} in the office. {remedy} '
        "Correct `notebook` in workbench.toml, or run: workbench init --notebooks"
    )


def parameters_of(notebook: Path) -> Mapping[str, str]:
    """
    Return the parameters a notebook declares, with their defaults as written.

    Raises ParameterError if the notebook has no cell tagged `parameters`, lacks one of PARAMETERS,
    or declares another; raises ConfigurationError if the file is not a notebook.
    """
    from papermill.inspection import inspect_notebook

    try:
        nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]  # nbformat types only in part
        declared = inspect_notebook(_literal(notebook))
    except Exception as problem:
        raise ConfigurationError(
            f"{notebook.name} is not a notebook that can be read ({type(problem).__name__}). "
            "Open it in JupyterLab and save it again, or take a fresh copy."
        ) from None
    missing = [name for name in PARAMETERS if name not in declared]
    unknown = [name for name in declared if name not in PARAMETERS]
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"declares {', '.join(unknown)}, which the workbench does not know"] if unknown else []
        raise ParameterError(
            f"The parameters cell of {notebook.name} {' and '.join(parts)}. A briefing takes exactly: "
            f"{', '.join(PARAMETERS)}, one to a line, in a cell tagged `parameters`."
        )
    return {name: declared[name]["default"] for name in PARAMETERS}


def run(notebook: Path, parameters: Mapping[str, str], *, view: Path, folder: Path) -> Any:
    """
    Execute `notebook` on the view saved in the folder `view` and return the executed notebook.

    The kernel is an ordinary one of this Python. It gets an environment of its own (an allow-list,
    the view's path, nothing of the caller's), and the empty working folder `folder/work`. The
    executed notebook stays in `folder`, which only analysts may read.
    Raises ParameterError before a kernel starts, and BriefingFailed with cell number and exception
    class; the cell's text and traceback stay in the executed notebook.
    """
    parameters_of(notebook)
    if set(parameters) != set(PARAMETERS):
        raise ParameterError(
            f"{notebook.name} takes {', '.join(PARAMETERS)}. "
            f"Given: {', '.join(sorted(parameters)) or 'none'}. Give exactly these."
        )
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    executed = folder / "executed.ipynb"
    return _execute(
        notebook, dict(parameters), executed=executed, work=work, environment=_environment(view, folder)
    )


def _execute(
    notebook: Path, parameters: dict[str, str], *, executed: Path, work: Path, environment: dict[str, str]
) -> Any:
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    class Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill ships no types
        """A client whose kernel is this very Python, whatever kernels the user has installed."""

        def create_kernel_manager(self) -> Any:
            """Return a kernel manager that knows no kernelspec but the native one, and encrypts."""
            manager = super().create_kernel_manager()
            manager.transport_encryption = "auto"
            manager.kernel_spec_manager = KernelSpecManager(kernel_dirs=[])
            return manager

    class Engine(NBClientEngine):  # type: ignore[misc]  # papermill ships no types
        """papermill's own engine, with the environment of the kernel given."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, *_: Any, **__: Any) -> None:
            """Execute in a kernel that sees `environment` and no more."""
            Client(
                nb_man,
                kernel_name="python3",
                timeout=TIME_LIMIT_SECONDS,
                startup_timeout=60,
                ipython_hist_file="",
                # A kernel asked to end is interrupted first, and may write that to the terminal as an error.
                shutdown_kernel="immediate",
                # what a kernel says to its terminal may quote a cell: it is not for a scheduler's log
            ).execute(env=environment, cwd=str(work), stderr=subprocess.DEVNULL)

    papermill_engines.register("workbench", Engine)
    where = f"The full error is in {executed.name} of the run folder"
    try:
        with _own_event_loop():
            return execute_notebook(
                _literal(notebook), _literal(executed), parameters, engine_name="workbench",
                progress_bar=False, log_output=False, request_save_on_cell_execute=False,
            )  # fmt: skip
    except PapermillExecutionError as problem:
        cell = _number(executed, problem.cell_index)
        raise BriefingFailed(
            f"{notebook.name} stopped at cell {cell} with {problem.ename}. {where}: "
            "open it in JupyterLab, mend the cell, and run again."
        ) from None
    except (
        CellTimeoutError,
        DeadKernelError,
        RuntimeError,
    ) as problem:  # RuntimeError: it never became ready
        raise BriefingFailed(
            f"{notebook.name} did not finish ({type(problem).__name__}; "
            f"the limit is {TIME_LIMIT_SECONDS} s a cell). "
            f"{where}. Run it by hand in JupyterLab to see which cell is slow."
        ) from None


def _number(executed: Path, index: int) -> int:
    """Return which cell of the notebook as its author has it failed: papermill puts cells of its own in."""
    cells = nbformat.read(executed, as_version=4).cells  # type: ignore[no-untyped-call]  # as above
    own = ("injected-parameters", "papermill-error-cell-tag")
    mine = [not set(cell.metadata.get("tags", ())) & set(own) for cell in cells]
    failed = next(
        (n for n, cell in enumerate(cells) if any(o.output_type == "error" for o in cell.get("outputs", ()))),
        index,
    )
    return sum(mine[: failed + 1])


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
    home = str(folder.resolve())
    return kept | {
        "HOME": home,
        "USERPROFILE": home,
        "TMPDIR": home,
        "TEMP": home,
        "TMP": home,
        "IPYTHONDIR": str(folder.resolve() / "ipython"),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
        VARIABLE: str(view.resolve()),
    }
