"""Looking around in one audience's view: filters, counts, a record's history, the past, files."""

from workbench.desk.explore._counted import Counting, Tally, WeekTold
from workbench.desk.explore._exporting import KINDS, Exported, export
from workbench.desk.explore._history import Change, Revision, history, in_full
from workbench.desk.explore._past import Past, Then
from workbench.desk.explore._rows import FACETS, Rows
from workbench.desk.explore._selection import Selection
from workbench.desk.explore._text import text_of

__all__ = [
    "FACETS",
    "KINDS",
    "Change",
    "Counting",
    "Exported",
    "Past",
    "Revision",
    "Rows",
    "Selection",
    "Tally",
    "Then",
    "WeekTold",
    "export",
    "history",
    "in_full",
    "text_of",
]
