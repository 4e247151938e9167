"""What a forked process must have in common with its server, and whether this system can have one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FIXED = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Arrow's second allocator would start a thread as it is loaded
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    # a debugger's warning that modules are frozen: kernels are given the same
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""What the server is started with, whatever the owner has: one hash seed and one thread."""

_READ_AT_START = (
    "PYTHON", "LANG", "LC_", "OMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "NUMEXPR_", "NPY_", "ARROW_",
    "JE_", "MIMALLOC_", "MALLOC_", "GLIBC_", "LD_", "PYDEVD_", "PYARROW_", "PANDAS_", "SCIPY_", "OPENSSL_",
)  # fmt: skip
"""Names of the environment begin so that are read as Python or a library starts: no later change counts."""
_HOME = ("HOME", "PYTHONUSERBASE")
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")
SWITCHED_OFF = "WORKBENCH_KERNELS says so"


@dataclass(frozen=True, slots=True)
class Cold:
    """No process was forked; `why` says in words without values what stood in the way."""

    why: str


@dataclass(frozen=True, slots=True)
class Key:
    """What a server must have in common with a process that is forked from it."""

    preload: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    standing: tuple[object, ...]


@cache
def why_never() -> str | None:
    """Return why this system forks nothing, or None."""
    if not sys.platform.startswith("linux"):
        return "only Linux forks safely"
    needed = all(hasattr(os, name) for name in ("fork", "memfd_create", "pidfd_open"))
    if not needed or not Path("/proc/self/task").is_dir():
        return "this Linux has no pidfd, no memfd or no /proc"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return "this Linux has no pidfd"
    return None


def why_not() -> str | None:
    """Return why this process forks nothing, or None; WORKBENCH_KERNELS=cold is one reason."""
    return why_never() or (SWITCHED_OFF if os.environ.get("WORKBENCH_KERNELS") == "cold" else None)


def environment() -> dict[str, str]:
    """Return the environment to start a process with that will call `serve_from_here`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | FIXED | {"PYTHONNOUSERSITE": "1"}


def unlike(env: Mapping[str, str]) -> str | None:
    """Return which name of the environment asks for what a server cannot give, or None."""
    differing = next((name for name, value in FIXED.items() if env.get(name, value) != value), None)
    return None if differing is None else f"{differing} is not as the fork server has it"


def coerced(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment as Python changes it at its start: the locale C becomes C.UTF-8 (PEP 538)."""
    plain = (env.get("LC_CTYPE") or env.get("LANG") or "C") in {"C", "POSIX"}
    if env.get("LC_ALL") or env.get("PYTHONCOERCECLOCALE") == "0" or not plain:
        return dict(env)
    return {**env, "LC_CTYPE": "C.UTF-8"}


def key_of(env: Mapping[str, str], preload: Sequence[str]) -> Key:
    """Return what a server must have that is to fork a process with this environment from this process."""
    import resource

    env = coerced(env)
    names = {name for name in env if name.startswith(_READ_AT_START) and name not in FIXED}
    if not env.get("PYTHONNOUSERSITE"):
        names |= {name for name in _HOME if name in env}
    limits = tuple(
        resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")
    )
    standing = (os.getresuid(), os.getresgid(), tuple(os.getgroups()), os.getpriority(os.PRIO_PROCESS, 0))
    return Key(
        tuple(preload),
        tuple(sorted((name, env[name]) for name in names)),
        (*standing, tuple(sorted(os.sched_getaffinity(0))), limits),
    )
