"""A server that is forked from a fresh worker itself: the same, for milliseconds; and when it is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench import kernels

PROGRAM = """
import os, sys
held = [n for n in range(3, 64) if os.path.exists(f"/proc/self/fd/{n}")]
print(sorted(os.environ), sys.path, sys.argv[1:], os.getpgrp() == os.getpid(), len(held))
import time
time.sleep(0.5)  # it still runs when it is looked at
"""
WORKER = """
import json, multiprocessing, os, subprocess, sys, threading, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from workbench import kernels

def forked():
    one = kernels.start(
        "program", ["given"], preload=("numpy",), cwd=Path(__file__).parent, env=kernels.environment(),
        stdout=subprocess.PIPE,
    )
    if isinstance(one, kernels.Cold):
        return one.why, ""
    stat = open(f"/proc/{one.pid}/stat").read().rpartition(")")[2].split()
    server = open(f"/proc/{stat[1]}/cmdline").read()
    with one.stdout as out:
        said = out.read().decode()
    one.wait(30)
    return said, "from here" if "forkserver" in server else "of its own"

def job():
    started = time.perf_counter()
    refused = kernels.serve_from_here(("numpy",))
    spent = time.perf_counter() - started
    os.environ["GIVEN_LATER"] = "planted-7711"
    waiting = threading.Event()
    threading.Thread(target=waiting.wait, daemon=True).start()  # what the worker does later is its own affair
    said = forked()
    waiting.set()
    kernels.close()
    return refused and refused.why, *said, spent
"""
IN_A_POOL = """
if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    os.environ["TOKEN"] = "planted-7711"  # which its workers must not have had
    kernels.begin_workers(["numpy", "workbench.kernels"])
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        print(json.dumps(pool.submit(job).result(60)))
"""


def ran(folder: Path, ending: str, *options: str, **env: str) -> Any:
    """Return what such a worker says of itself and of what it forked."""
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "worker.py").write_text(WORKER + ending, encoding="utf-8")
    os.utime(folder / "worker.py", (0, 0))  # it did not change while the worker started
    done = subprocess.run(
        [sys.executable, *options, str(folder / "worker.py")], env={**kernels.environment(), **env},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_fresh_worker_of_a_pool_forks_its_server_from_itself(tmp_path: Path) -> None:
    """In a fraction of a second; its processes are as from a server of its own, and see nothing later."""
    refused, said, server, spent = ran(tmp_path, IN_A_POOL)
    assert refused is None
    assert server == "from here"
    assert spent < 2
    (tmp_path / "alone").mkdir()
    why, ordinary, its_own, _ = ran(tmp_path / "alone", "print(json.dumps(job()))", "-W", "once")
    assert why == "this Python was started with options of its own"
    assert its_own == "of its own"
    assert ordinary.replace(str(tmp_path / "alone"), str(tmp_path)) == said
    assert "GIVEN_LATER" not in said
    assert said.endswith("['given'] True 1\n")


@pytest.mark.parametrize(
    ("before", "env", "why"),
    [
        ("threading.Thread(target=time.sleep, args=[0.5]).start()", {}, "threads"),
        ("", {"PYTHONHASHSEED": "random"}, "hash seed"),
        ("", {"TOKEN": "planted-7711"}, "environment"),
        ("os.environ['TOKEN'] = 'planted-7711'", {}, "environment"),
        ("import vl_convert", {}, "vl_convert is loaded"),
    ],
)
def test_a_worker_in_doubt_is_refused(tmp_path: Path, before: str, env: dict[str, str], why: str) -> None:
    """With threads, another hash seed, more in its environment, or what a page may not have."""
    ending = f"\n{before}\nrefused = kernels.serve_from_here(('json',))\nprint(json.dumps(refused.why))"
    assert why in ran(tmp_path, ending, **env)
