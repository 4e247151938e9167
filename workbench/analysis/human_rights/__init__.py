"""Human rights due diligence: support given, reviews and measures, and what is alleged against recipients.

Everything about a violation is alleged: nothing here says that it happened, or who did it.
"""

from workbench.analysis.human_rights._alleged import (
    REPORT_WITHIN_DAYS,
    allegations,
    credible,
    report_days,
)
from workbench.analysis.human_rights._findings import (
    SUPPORT_FINDINGS,
    RightsNumbers,
    rights_numbers,
    support_findings,
)
from workbench.analysis.human_rights._joined import (
    LINKS,
    Joined,
    alleged_by_unit,
    joined_by_unit,
    unit_key,
)
from workbench.analysis.human_rights._supports import (
    MITIGATION_STANDINGS,
    REVIEW_STATES,
    SUPPORT_STATES,
    WATCHED,
    mitigation,
    mitigation_counts,
    supports,
)

__all__ = [
    "LINKS",
    "MITIGATION_STANDINGS",
    "REPORT_WITHIN_DAYS",
    "REVIEW_STATES",
    "SUPPORT_FINDINGS",
    "SUPPORT_STATES",
    "WATCHED",
    "Joined",
    "RightsNumbers",
    "allegations",
    "alleged_by_unit",
    "credible",
    "joined_by_unit",
    "mitigation",
    "mitigation_counts",
    "report_days",
    "rights_numbers",
    "support_findings",
    "supports",
    "unit_key",
]
