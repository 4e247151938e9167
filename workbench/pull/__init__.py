"""Pulling: what a source holds now -> accepted and rejected rows in the store, and a row that says so."""

from workbench.pull._acts import UnknownAct, unknown_acts
from workbench.pull._labels import label
from workbench.pull._lowered import unrecorded
from workbench.pull._pulling import SHRUNK, pull, pull_all
from workbench.pull._report import LISTED, KeptLabel, PullReport, UnlabelledRow, UnmatchedPlace

__all__ = [
    "LISTED",
    "SHRUNK",
    "KeptLabel",
    "PullReport",
    "UnknownAct",
    "UnlabelledRow",
    "UnmatchedPlace",
    "label",
    "pull",
    "pull_all",
    "unknown_acts",
    "unrecorded",
]
