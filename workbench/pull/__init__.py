"""Pulling: what a source holds now -> accepted and rejected rows in the store, and a row that says so."""

from workbench.pull._acts import UnknownAct, unknown_acts
from workbench.pull._corrected import place_said, same, standing_corrections
from workbench.pull._examined import Examined, examine
from workbench.pull._labels import label
from workbench.pull._lowered import unrecorded
from workbench.pull._pulling import SHRUNK, pull, pull_all
from workbench.pull._report import (
    LISTED,
    KeptLabel,
    LapsedCorrection,
    PullReport,
    UnlabelledRow,
    UnmatchedPlace,
)

__all__ = [
    "LISTED",
    "SHRUNK",
    "Examined",
    "KeptLabel",
    "LapsedCorrection",
    "PullReport",
    "UnknownAct",
    "UnlabelledRow",
    "UnmatchedPlace",
    "examine",
    "label",
    "place_said",
    "pull",
    "pull_all",
    "same",
    "standing_corrections",
    "unknown_acts",
    "unrecorded",
]
