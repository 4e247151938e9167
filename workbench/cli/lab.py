"""`workbench lab`: JupyterLab in the office, on its start page, with nothing to configure."""

from __future__ import annotations

import json
import os
import secrets
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli._office import OfficeOption, office_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.config import Office

START = "notebooks/start.ipynb"
"""The notebook that is opened first, and that runs by itself while it is the shipped one."""

DESK = {
    "start": "Start: what is new, what needs a decision",
    "explore": "Explore incidents",
    "triage": "Decide on duplicates, places and rows",
    "assess": "Write the week's assessment",
    "log": "Log a contact",
}
"""The notebooks of the desk by their file names, and what their cards say."""

_EXTENSIONS = Path(__file__).resolve().parent.parent / "widgets" / "labextension"

_QUIET = ("@jupyterlab/apputils-extension:announcements", "@jupyterlab/extensionmanager-extension")
"""Plugins of JupyterLab that ask other machines for news, updates and extensions: an office works offline."""

_ORDINARY_PORT = 8888


def lab(
    *,
    office: OfficeOption = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only say the address; open no browser.")
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port; otherwise the first free from 8888.")
    ] = None,
) -> None:
    """
    Open JupyterLab in the office, on its start page.

    It is reached from this machine only, with a token. What it keeps for itself (settings, open tabs,
    history) stays in the office's private folder. Ctrl-C ends it, and the kernels with it.

    Example: workbench lab
    """
    opened = office_in(office)
    _expect_installed()
    _put_missing(opened)
    kept = opened.path(opened.private) / "lab"
    _settle(kept, opened)
    for name, value in _places(kept, os.environ).items():
        os.environ[name] = value
    _serve(_options(opened, kept, browser=not no_browser, port=port))


def _expect_installed() -> None:
    """Raise ExportError with the command to give where JupyterLab is not there, or is too old."""
    from workbench.errors import ExportError

    try:
        found = version("jupyterlab") if find_spec("jupyterlab") else "0"
    except PackageNotFoundError:
        found = "0"
    said = "JupyterLab is not installed here" if found == "0" else f"JupyterLab {found} is too old"
    if int(found.split(".")[0]) < 4 or find_spec("ipywidgets") is None:
        if int(found.split(".")[0]) >= 4:
            said = "The forms of the notebooks need ipywidgets, which is not installed here"
        raise ExportError(f'{said}. Install what the desk needs: pip install "briefing-workbench[lab]"')


def _put_missing(office: Office) -> None:
    """Put fresh copies of the desk's notebooks where an older office has none, and say so."""
    from workbench.briefing import approve_shipped
    from workbench.config import shipped

    made = []
    for name in DESK:
        page = office.path(f"notebooks/{name}.ipynb")
        if not page.exists():
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_bytes((shipped("notebooks") / page.name).read_bytes())
            made.append(f"notebooks/{page.name}")
    if made:
        approve_shipped(office.root, at=office.now())
        typer.echo(f"New with this version, put into the office: {', '.join(made)}")


def told(office: Office) -> dict[str, Any]:
    """
    Return what JupyterLab's page is told of an office: briefings and desk notebooks for cards, what runs.

    `briefings`: title and path, in the order of workbench.toml; `desk`: likewise, those that are there;
    `runs`: paths that run as they are opened, only while their cells are those that came with the workbench.
    """
    briefings = [
        {"title": one.title, "path": one.notebook}
        for one in office.briefing
        if office.path(one.notebook).is_file()
    ]
    desk = [
        {"title": title, "path": f"notebooks/{name}.ipynb"}
        for name, title in DESK.items()
        if office.path(f"notebooks/{name}.ipynb").is_file()
    ]
    return {"briefings": briefings, "desk": desk, "runs": [START] if _as_shipped(office) else []}


def _as_shipped(office: Office) -> bool:
    """Whether the start page's cells are those of this version: what somebody changed waits for a hand."""
    from workbench.config import shipped

    ours, theirs = shipped("notebooks") / Path(START).name, office.path(START)
    try:
        return _sources(ours) == _sources(theirs)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sources(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def _settle(kept: Path, office: Office) -> None:
    """Write what JupyterLab reads at its start: cards, and no news from elsewhere."""
    settings = kept / "app" / "settings"
    page = {"workbench": json.dumps(told(office)), "disabledExtensions": dict.fromkeys(_QUIET, True)}
    quiet = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.mkdir(parents=True, exist_ok=True)
    for name, said in (("page_config.json", page), ("overrides.json", quiet)):
        made = settings / f"{name}.{os.getpid()}"
        made.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        made.replace(settings / name)


def _places(kept: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """
    Return the environment by which Jupyter and IPython keep all they write in `kept`.

    Kernels and extensions that the user installed for themselves are still found.
    """
    from jupyter_core import paths

    seen = os.pathsep.join(filter(None, (environ.get("JUPYTER_PATH"), paths.jupyter_data_dir())))
    return {
        "JUPYTER_PATH": seen,
        "JUPYTER_CONFIG_DIR": str(kept / "config"),
        "JUPYTER_DATA_DIR": str(kept / "data"),
        "JUPYTER_RUNTIME_DIR": str(kept / "runtime"),
        "IPYTHONDIR": str(kept / "ipython"),
    }


def _options(office: Office, kept: Path, *, browser: bool, port: int | None) -> list[str]:
    said = {
        "ServerApp.root_dir": office.root,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port or _ORDINARY_PORT,
        "ServerApp.port_retries": 0 if port else 50,
        "ServerApp.open_browser": browser,
        "ServerApp.answer_yes": True,
        "ServerApp.allow_root": True,
        "LabApp.default_url": f"/lab/tree/{START}",
        "LabApp.app_settings_dir": kept / "app" / "settings",
        "LabApp.user_settings_dir": kept / "settings",
        "LabApp.workspaces_dir": kept / "workspaces",
        "LabApp.extra_labextensions_path": _EXTENSIONS,
        "LabApp.extension_manager": "readonly",
        "LabApp.news_url": "",
        # the formats of nbconvert itself show code and tracebacks and carry no mark: none is offered
        "TemplateExporter.enabled": False,
        "NotebookExporter.enabled": False,
        "ServerApp.log_level": "ERROR",
        "LabApp.log_level": "ERROR",
    }
    import zmq

    if zmq.has("curve"):  # what a kernel says is nobody else's on this machine
        said["MappingKernelManager.transport_encryption"] = "auto"
    if find_spec("jupyter_scheduler") is not None:
        said["Scheduler.execution_manager_class"] = "workbench.jobs.BriefingExecutionManager"
        said["SchedulerApp.environment_manager_class"] = "workbench.jobs.BriefingEnvironments"
    return [f"--{name}={value}" for name, value in said.items()]


def _serve(options: list[str]) -> None:
    """Run JupyterLab in this process until it is ended; a key ends it without a question."""
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]  # it ships no types

    sys.argv = ["jupyter-lab"]  # a server extension may look at it
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24)
    server = LabApp.initialize_server([*options, f"--IdentityProvider.token={token}"])
    address = server.local_url.partition("?")[0]
    typer.echo(f"JupyterLab: {address}?token={token}\nCtrl-C here ends it, and the kernels with it.")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.start()
    typer.echo("JupyterLab has ended.")
