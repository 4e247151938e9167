"""The outbox: released packs reach the readers that their signed manifests name, each once."""

from __future__ import annotations

from workbench.outbox._dispatch import dispatch
from workbench.outbox._facts import Dispatched, Planned, Undelivered
from workbench.outbox._person import again, arrived, failures, planned, try_server

__all__ = [
    "Dispatched",
    "Planned",
    "Undelivered",
    "again",
    "arrived",
    "dispatch",
    "failures",
    "planned",
    "try_server",
]
