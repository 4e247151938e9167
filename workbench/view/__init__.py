"""The view: everything one notebook run may see, frozen, and saved as a folder of files."""

from workbench.view._edition import VARIABLE, Edition, instant, narrowest, open_view, present
from workbench.view._making import (
    WEEKS_OF_HISTORY,
    Request,
    hidden_values,
    make,
    shown_values,
    store_of,
)
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

__all__ = [
    "VARIABLE",
    "WEEKS_OF_HISTORY",
    "WEEKS_OF_REVISIONS",
    "AreaSeen",
    "AudienceSeen",
    "Edition",
    "OfficeSeen",
    "Request",
    "RequiredContactSeen",
    "RiskSeen",
    "View",
    "content_digest",
    "hidden_values",
    "instant",
    "make",
    "narrowest",
    "open_view",
    "present",
    "read",
    "save",
    "shown_values",
    "store_of",
]
