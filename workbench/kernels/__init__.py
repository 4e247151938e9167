"""
Warm kernels: a fork server that has the libraries loaded, and a Jupyter kernel provisioner on it.

A process that starts kernels owns one server, which it starts at first need and which ends with it. They
are connected by an inherited pair of sockets: no port, no name and no file, so nothing else reaches it. The
server has one thread, a small environment and one hash seed; it is given no key, no store and no data. For
each order it forks a child with its own session, folder, environment and randomness, which is used once. A
changed source file replaces the server. Where this is not possible (Windows, macOS, any doubt), callers
start an ordinary process.
"""

from __future__ import annotations

from workbench.kernels._answer import answer
from workbench.kernels._grammar import defer_grammar
from workbench.kernels._here import begin_workers, serve_from_here
from workbench.kernels._likeness import Cold, environment, why_not
from workbench.kernels._owner import close, prepare, ready, start, tell_once
from workbench.kernels._preload import PRELOADED
from workbench.kernels._process import LOST, Process

__all__ = [
    "LOST",
    "PRELOADED",
    "Cold",
    "Process",
    "answer",
    "begin_workers",
    "close",
    "defer_grammar",
    "environment",
    "prepare",
    "ready",
    "serve_from_here",
    "start",
    "tell_once",
    "why_not",
]
