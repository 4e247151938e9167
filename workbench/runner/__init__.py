"""
Many editions at once: orders go to worker processes, of this machine or of a cluster, and come back.

The office's own process prepares each edition, and lets the gate read and publishes what comes back;
what is between (the notebook, the pages) is done by workers, which see a saved view and no more.
"""

from workbench.runner._batch import Outcome, Watcher, run_all
from workbench.runner._worker import TRIES, Worker, cores

__all__ = ["TRIES", "Outcome", "Watcher", "Worker", "cores", "run_all"]
