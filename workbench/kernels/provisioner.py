"""The Jupyter kernel provisioner `workbench-warm`: jupyter_client's local one, with forked kernels."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from workbench.kernels._likeness import Cold
from workbench.kernels._owner import ready, start, tell_once
from workbench.kernels._process import Process

_KNOWN = frozenset({"env", "cwd", "stdin", "stdout", "stderr", "independent", "extra_arguments", "kernel_id"})
_QUICK_SECONDS = 1.0


class WarmProvisioner(LocalProvisioner):
    """
    Starts a kernel by forking, and where that is not possible as the local provisioner does.

    What Jupyter asks of the process (is it alive, interrupt, end it) goes on as there: the forked process
    stands in its place.
    """

    why_cold: str | None = None
    """Why the kernel was started as an ordinary process, if it was."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch the kernel that `cmd` describes; the command of another Python is started as it is."""
        forked = await _forked(cmd, kwargs)
        if isinstance(forked, Cold):
            self.why_cold = forked.why
            tell_once(forked.why)
            return await super().launch_kernel(cmd, **kwargs)
        self.process: Any = forked
        self.pid = self.pgid = forked.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel's end; looks again at once first, and then ever less often."""
        pause = 0.002
        while self.process and await self.poll() is None:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.1)
        return await super().wait()

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 (as jupyter_client calls it)
        """Kill the kernel, and give it the moment it takes to be gone."""
        await super().kill(restart=restart)
        end = time.monotonic() + _QUICK_SECONDS
        while self.process and await self.poll() is None and time.monotonic() < end:
            await asyncio.sleep(0.002)


async def _forked(cmd: Sequence[str], asked: Mapping[str, Any]) -> Process | Cold:
    """Return the kernel as a forked process, or why it has to be an ordinary one."""
    if set(asked) - _KNOWN:
        return Cold("a kernel was asked for with options that only an ordinary process has")
    if len(cmd) < 3 or cmd[1] != "-m" or not _is_this_python(cmd[0]):
        return Cold("a kernel of another Python, or of other options, was asked for")
    env = dict(os.environ if asked.get("env") is None else asked["env"])
    independent = bool(asked.get("independent"))
    if not independent:
        env["JPY_PARENT_PID"] = str(os.getpid())
    given: dict[str, Any] = {name: asked.get(name) for name in ("cwd", "stdin", "stdout", "stderr")}
    arguments = [os.path.expanduser(one) for one in cmd[3:]]  # noqa: PTH111 (as jupyter_client does)

    def begin() -> Process | Cold:
        return start(cmd[2], arguments, env=env, independent=independent, **given)

    # the first start waits for a server, which must not stop a Jupyter server's other work
    return begin() if ready(env) else await asyncio.to_thread(begin)


def _is_this_python(command: str) -> bool:
    found = shutil.which(command)
    if found is None:
        return False
    asked, ours = Path(found).absolute(), Path(sys.executable).absolute()
    return asked.parent == ours.parent and asked.samefile(ours)
