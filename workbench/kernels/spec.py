"""The kernelspec by which Jupyter, papermill, nbclient and nbval find the warm kernel."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.kernels._likeness import FIXED

PROVISIONER = "workbench-warm"
"""The name of the provisioner (entry point `jupyter_client.kernel_provisioners`) and of its kernelspec."""

DISPLAY_NAME = "Workbench (warm)"


@dataclass(frozen=True, slots=True)
class Installed:
    """A kernelspec of the warm kernel: its name, its folder, and the Python that it starts."""

    name: str
    folder: Path
    python: str


def described() -> dict[str, Any]:
    """Return the kernelspec of this Python: an ordinary kernel, but for who starts it and its hash seed."""
    return {
        # the package is loaded before its shell is there, so that importing it teaches nothing
        "argv": [
            sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--ext", "workbench",
        ],
        "display_name": DISPLAY_NAME,
        "language": "python",
        "env": FIXED,
        "metadata": {
            "debugger": True,
            "supported_encryption": ["curve"],
            "kernel_provisioner": {"provisioner_name": PROVISIONER},
        },
    }  # fmt: skip


def registered() -> bool:
    """Whether Jupyter finds the provisioner in this Python: it is registered as the package is installed."""
    from importlib.metadata import entry_points

    return bool(entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER))


def install(*, sys_prefix: bool) -> Path:
    """
    Install the kernelspec for this user, or into the environment of this Python; returns its folder.

    One that is there already is replaced. Raises OSError where the folder cannot be written.
    """
    from ipykernel.kernelspec import RESOURCES
    from jupyter_client.kernelspec import KernelSpecManager

    with tempfile.TemporaryDirectory() as made:
        source = Path(made) / PROVISIONER
        shutil.copytree(RESOURCES, source)
        said = json.dumps(described(), indent=1) + "\n"
        (source / "kernel.json").write_text(said, encoding="utf-8")
        manager = KernelSpecManager()
        prefix = sys.prefix if sys_prefix else None
        return Path(manager.install_kernel_spec(str(source), PROVISIONER, user=not sys_prefix, prefix=prefix))


def installed() -> list[Installed]:
    """Return the kernelspecs that name the provisioner, wherever Jupyter finds them."""
    from jupyter_client.kernelspec import KernelSpecManager

    found = []
    for name, one in sorted(KernelSpecManager().get_all_specs().items()):
        spec = one["spec"]
        named = spec.get("metadata", {}).get("kernel_provisioner", {}).get("provisioner_name")
        if named == PROVISIONER:
            found.append(Installed(name, Path(one["resource_dir"]), spec["argv"][0]))
    return found


def remove() -> list[Path]:
    """
    Remove the kernelspec of the warm kernel wherever Jupyter finds it, and return the folders.

    Raises OSError where a folder cannot be removed.
    """
    gone = []
    while found := [one for one in installed() if one.name == PROVISIONER]:
        for one in found:
            shutil.rmtree(one.folder)
            gone.append(one.folder)
    return gone
