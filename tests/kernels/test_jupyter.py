"""The warm kernel as Jupyter's own clients use it: papermill, nbclient, nbval, and what JupyterLab calls."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.kernels.test_processes import alive, gone_within
from workbench.kernels import Process, _owner

PARENT = """\
import os, sys
stat = open(f"/proc/{os.getppid()}/cmdline").read()
print("forked" if "workbench.kernels" in stat else "spawned", "pandas" in sys.modules)
"""


def page(*cells: str) -> nbformat.NotebookNode:
    """Return a notebook of these cells."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def printed(executed: nbformat.NotebookNode, index: int = -1) -> str:
    """Return what a cell printed."""
    return "".join(one.text for one in executed.cells[index].outputs if one.output_type == "stream").strip()


@asynccontextmanager
async def running(name: str, **options: Any) -> AsyncIterator[tuple[Any, Any]]:
    """Start a kernel as JupyterLab's server does, and give its manager and a client."""
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(kernel_name=name)
    await manager.start_kernel(**options)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        if await manager.is_alive():
            await manager.shutdown_kernel(now=True)
        await manager.cleanup_resources()


async def answer(client: Any, code: str) -> str:
    """Return what a cell prints, or the class of its error."""
    said: list[str] = []

    def take(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])

    reply = await client.execute_interactive(code, timeout=60, output_hook=take, allow_stdin=False)
    return "".join(said).strip() or reply["content"].get("ename", "")


def test_papermill_runs_a_notebook_in_it(jupyter: str, tmp_path: Path) -> None:
    """By the name of its kernelspec, parameters included, and it was forked."""
    import papermill

    given = page("alpha = 1", "print(alpha + 1)", PARENT)
    given.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(given, tmp_path / "in.ipynb")
    executed = papermill.execute_notebook(
        str(tmp_path / "in.ipynb"), str(tmp_path / "out.ipynb"), {"alpha": 41}, kernel_name=jupyter,
        progress_bar=False,
    )  # fmt: skip
    assert printed(executed, -2) == "42"
    assert printed(executed) == "forked True"


def test_nbclient_draws_other_numbers_each_time(jupyter: str, tmp_path: Path) -> None:
    """In the folder it is given, with the environment of now; two kernels draw different numbers."""
    from nbclient import NotebookClient

    draw = (
        "import os, random, numpy\n"
        "print(os.getcwd(), os.environ.get('NOW'), random.random(), numpy.random.rand())"
    )
    seen = []
    for now in ("first", "second"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NOW", now)
            made = page(draw, PARENT)
            folder = {"metadata": {"path": str(tmp_path)}}
            NotebookClient(made, kernel_name=jupyter, resources=folder).execute()
            seen.append(printed(made, 0).split())
        assert printed(made) == "forked True"
    assert [one[:2] for one in seen] == [[str(tmp_path), "first"], [str(tmp_path), "second"]]
    assert seen[0][2] != seen[1][2]
    assert seen[0][3] != seen[1][3]


@pytest.mark.parametrize("way", ["", "cold"])
def test_what_a_cell_shows_is_part_of_the_document(
    jupyter: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frame and a block carry themselves, though a warm kernel loads the package before its shell."""
    from nbclient import NotebookClient

    from workbench.blocks import MIME

    monkeypatch.setenv("WORKBENCH_KERNELS", way)
    made = page(
        "import pandas, workbench\npandas.DataFrame({'alpha': [1]})",
        "from workbench.blocks import Text\nText.plain('beta')",
    )
    NotebookClient(made, kernel_name=jupyter).execute()
    shown = [cell.outputs[0].data for cell in made.cells]
    assert [MIME in one and "text/html" in one for one in shown] == [True, True]


def test_a_cell_over_its_time_limit_is_stopped(jupyter: str) -> None:
    """The error of nbclient comes in time, and the kernel has ended with it."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError

    made = page("import os\nprint(os.getpid())", "import time\ntime.sleep(60)")
    started = time.monotonic()
    with pytest.raises(CellTimeoutError):
        NotebookClient(made, kernel_name=jupyter, timeout=1).execute()
    assert time.monotonic() - started < 30
    assert gone_within(int(printed(made, 0)))


def test_a_kernel_out_of_memory_is_noticed(jupyter: str) -> None:
    """What the system kills is a dead kernel to nbclient, soon after."""
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    started = time.monotonic()
    made = page("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(DeadKernelError):
        NotebookClient(made, kernel_name=jupyter).execute()
    assert time.monotonic() - started < 30


def test_nbval_checks_a_notebook_in_it(jupyter: str, tmp_path: Path) -> None:
    """Its plugin runs the cells of a notebook in the named kernel and compares what they show."""
    made = page(PARENT)
    made.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text="forked True\n")]
    made.cells[0].execution_count = 1
    nbformat.write(made, tmp_path / "checked.ipynb")
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval",
        f"--nbval-kernel-name={jupyter}", "checked.ipynb",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert "1 passed" in done.stdout, done.stdout


def test_a_kernel_of_jupyterlab_is_interrupted_restarted_and_shut_down(jupyter: str) -> None:
    """As any kernel: the cell stops, the state is gone with the old process, the end is orderly."""

    async def used() -> None:
        async with running(jupyter) as (manager, client):
            first = manager.provisioner.process
            assert isinstance(first, Process)
            said = await answer(client, "import os; x = 1; print(os.getpid(), os.getpgrp())")
            assert said == f"{first.pid} {first.pid}"
            assert os.getpgid(first.pid) == os.getsid(first.pid) == first.pid
            cell = asyncio.ensure_future(answer(client, "import time; time.sleep(60)"))
            await asyncio.sleep(0.5)
            await manager.interrupt_kernel()
            assert await asyncio.wait_for(cell, 20) == "KeyboardInterrupt"
            assert await answer(client, "print(x)") == "1"
            await manager.restart_kernel(now=True)
            await client.wait_for_ready(timeout=60)
            second = manager.provisioner.process
            assert isinstance(second, Process)
            assert second.pid != first.pid
            assert gone_within(first.pid)
            assert await answer(client, "print(x)") == "NameError"
            await manager.shutdown_kernel()
            assert not await manager.is_alive()
            assert gone_within(second.pid)
            assert second.returncode == 0

    asyncio.run(used())


def test_a_killed_kernel_is_noticed_and_its_group_ends(jupyter: str) -> None:
    """A `kill -9` from outside is seen at once; what the kernel started ends with the next signal."""

    async def used() -> None:
        async with running(jupyter) as (manager, client):
            process = manager.provisioner.process
            code = "import subprocess; one = subprocess.Popen(['sleep', '60']); print(one.pid)"
            started = await answer(client, code)
            assert alive(int(started))
            os.kill(process.pid, signal.SIGKILL)
            end = time.monotonic() + 30
            while await manager.is_alive() and time.monotonic() < end:
                await asyncio.sleep(0.02)
            assert not await manager.is_alive()
            assert process.returncode == -signal.SIGKILL
            await manager.shutdown_kernel(now=True)
            assert gone_within(int(started))

    asyncio.run(used())


def test_a_kernel_outlives_its_server_but_not_its_owner(jupyter: str) -> None:
    """The server's death costs nothing; the kernel's lifeline is its owner's."""
    code = f"""if True:
        import os, signal, sys
        from jupyter_client.manager import start_new_kernel
        manager, client = start_new_kernel(kernel_name={jupyter!r})
        pid = manager.provisioner.process.pid
        server = int(open(f"/proc/{{pid}}/stat").read().rpartition(")")[2].split()[1])
        os.kill(server, signal.SIGKILL)
        reply = client.execute("1 + 1", reply=True, timeout=30)["content"]["status"]
        print(pid, reply, manager.is_alive(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    pid, *said = done.stdout.split()
    assert said == ["ok", "True"]
    assert gone_within(int(pid))


def test_a_kernel_that_cannot_be_forked_is_spawned(jupyter: str, caplog: pytest.LogCaptureFixture) -> None:
    """Switched off or of another hash seed: an ordinary kernel does the work, and why is said once."""
    _owner._told.clear()

    async def used() -> str:
        async with running(jupyter) as (manager, client):
            assert isinstance(manager.provisioner.process, subprocess.Popen)
            return await answer(client, PARENT)

    spec = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels" / jupyter / "kernel.json"
    said = json.loads(spec.read_text(encoding="utf-8"))
    text = json.dumps(said | {"env": {"PYTHONHASHSEED": "7"}})
    before = spec.read_text(encoding="utf-8")
    try:
        spec.write_text(text, encoding="utf-8")
        assert asyncio.run(used()) == "spawned False"
    finally:
        spec.write_text(before, encoding="utf-8")
    assert len([one for one in caplog.records if "PYTHONHASHSEED" in one.message]) == 1
