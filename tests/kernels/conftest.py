"""Small servers for the tests of forking, and a kernelspec for those of Jupyter."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench import kernels
from workbench.kernels import spec

SMALL = ("numpy", "multiprocessing.util")
"""What the server of most tests has loaded: enough to have something to seed."""


@pytest.fixture(autouse=True)
def _forks() -> None:
    why = kernels.why_not()
    if why is not None:
        pytest.skip(why)


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    """End the servers of a module's tests, as a process ends its own."""
    yield
    kernels.close()


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., kernels.Process]:
    """Give a way to fork a program of these lines from a small server, in a folder of its own."""

    def forked(*lines: str, preload: tuple[str, ...] = SMALL, **options: Any) -> kernels.Process:
        file, text = tmp_path / "program.py", "\n".join(lines)
        if not file.exists() or file.read_text(encoding="utf-8") != text:  # an earlier one may be reading it
            file.write_text(text, encoding="utf-8")
        options = {"cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options}
        started = kernels.start("program", ("first", "second"), preload=preload, **options)
        assert isinstance(started, kernels.Process), started
        return started

    return forked


def said(process: Any, *, timeout: float = 60) -> str:
    """Return what a process wrote, once it has ended; it must have ended well."""
    with process.stdout:
        text = process.stdout.read().decode()
    assert process.wait(timeout) == 0, text
    return str(text)


def told(process: Any) -> Any:
    """Return what a process wrote as JSON."""
    return json.loads(said(process))


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Install the kernel as the command does, for a Jupyter of its own, and give its name."""
    folder = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(folder / name.lower()))
        patch.setenv("PYTHONNOUSERSITE", "1")
        spec.install(sys_prefix=False)
        yield spec.PROVISIONER
