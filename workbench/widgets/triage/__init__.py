"""Forms in which analysts decide: duplicates, places, rejected rows, gradings, labels; and undo each."""

from workbench.desk import Seat, sit
from workbench.widgets.triage._decisions import decisions
from workbench.widgets.triage._duplicates import duplicates
from workbench.widgets.triage._gradings import gradings
from workbench.widgets.triage._labels import labels
from workbench.widgets.triage._places import places
from workbench.widgets.triage._rejected import rejected

__all__ = ["Seat", "decisions", "duplicates", "gradings", "labels", "places", "rejected", "sit"]
