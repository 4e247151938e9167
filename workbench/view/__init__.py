"""The view: everything one notebook run may see, frozen, and saved as a folder of files."""

from workbench.view._counts import WEEKS_SPLIT, WEEKS_TOLD, counts_csv, read_counts_csv
from workbench.view._edition import VARIABLE, Edition, instant, narrowest, open_view, present
from workbench.view._forbidden import framing_values, hidden_values, sealed_values, shown_values
from workbench.view._histories import histories
from workbench.view._known import cut_off, nameable
from workbench.view._lookup import Named, records_of
from workbench.view._making import Request, make, store_of
from workbench.view._outlived import HeldAgain, held_again
from workbench.view._revisions import WEEKS_OF_REVISIONS
from workbench.view._saved import content_digest, read, save
from workbench.view._seen import (
    AreaSeen,
    AudienceSeen,
    OfficeSeen,
    RequiredContactSeen,
    RiskSeen,
    View,
)
from workbench.view._selection import WEEKS_OF_HISTORY
from workbench.view._standing import Kept

__all__ = [
    "VARIABLE",
    "WEEKS_OF_HISTORY",
    "WEEKS_OF_REVISIONS",
    "WEEKS_SPLIT",
    "WEEKS_TOLD",
    "AreaSeen",
    "AudienceSeen",
    "Edition",
    "HeldAgain",
    "Kept",
    "Named",
    "OfficeSeen",
    "Request",
    "RequiredContactSeen",
    "RiskSeen",
    "View",
    "content_digest",
    "counts_csv",
    "cut_off",
    "framing_values",
    "held_again",
    "hidden_values",
    "histories",
    "instant",
    "make",
    "nameable",
    "narrowest",
    "open_view",
    "present",
    "read",
    "read_counts_csv",
    "records_of",
    "save",
    "sealed_values",
    "shown_values",
    "store_of",
]
