"""
The first lock: rows of the store -> what one audience may read of them.

Closed by default. A row is read only if its level is not above the audience's and its compartments
are all the audience's; a column likewise; and what neither names is absent, not blanked. A label
that is missing or unknown counts as the highest. Nothing here knows about pages: what this room
leaves out never enters the process that makes an edition.
"""

from workbench.audience._acts import standing_acts, stricter
from workbench.audience._audit import AUDIT_COLUMNS, audit
from workbench.audience._counted import COUNTED
from workbench.audience._floors import labelled, may_name, reads_everything
from workbench.audience._policy import ColumnRule, Policy, column_rule, office_records, policy
from workbench.audience._rows import may_read, readable
from workbench.audience._small_counts import COUNT_COLUMNS, suppress

__all__ = [
    "AUDIT_COLUMNS",
    "COUNTED",
    "COUNT_COLUMNS",
    "ColumnRule",
    "Policy",
    "audit",
    "column_rule",
    "labelled",
    "may_name",
    "may_read",
    "office_records",
    "policy",
    "readable",
    "reads_everything",
    "standing_acts",
    "stricter",
    "suppress",
]
