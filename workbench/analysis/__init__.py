"""Findings: frames in, frames out; codes instead of words. One module for each question.

counts       how many, per district and week
numbers      the week's numbers against last week, the usual and last year
change       whether that is unusual
coverage     whom the office has heard from, and what silence means
currency     what is due: commitments, sites, alerts
revisions    what changed about past weeks
significant  which incidents a reader must hear of
publishers   what each publisher counts
"""

from workbench.analysis.change import (
    BASELINE_WEEKS,
    FALSE_DISCOVERY_RATE,
    RANGE_LEVEL,
    adjust,
    against_baseline,
    assess,
    expected_range,
    history,
    week_on_week,
)
from workbench.analysis.counts import (
    MEASURES,
    TOTAL,
    UNMATCHED,
    contradictory,
    countable,
    covered,
    delivered,
    harm,
    of_weeks,
    total,
    undated_to_a_week,
    unmatched,
    unmatched_of_week,
    unrecorded,
    weekly,
    weekly_total,
    within,
)
from workbench.analysis.coverage import (
    confidence,
    contact_gaps,
    last_contact,
    reached,
    state_of_all,
    states,
    unsettled,
)
from workbench.analysis.currency import (
    AlertCounts,
    alert_counts,
    commitments,
    sites,
    standing_counts,
)
from workbench.analysis.numbers import KeyNumber, KeyNumbers, key_numbers, reach
from workbench.analysis.publishers import compare
from workbench.analysis.revisions import Revisions, revisions
from workbench.analysis.significant import significant

__all__ = [
    "BASELINE_WEEKS",
    "FALSE_DISCOVERY_RATE",
    "MEASURES",
    "RANGE_LEVEL",
    "TOTAL",
    "UNMATCHED",
    "AlertCounts",
    "KeyNumber",
    "KeyNumbers",
    "Revisions",
    "adjust",
    "against_baseline",
    "alert_counts",
    "assess",
    "commitments",
    "compare",
    "confidence",
    "contact_gaps",
    "contradictory",
    "countable",
    "covered",
    "delivered",
    "expected_range",
    "harm",
    "history",
    "key_numbers",
    "last_contact",
    "of_weeks",
    "reach",
    "reached",
    "revisions",
    "significant",
    "sites",
    "standing_counts",
    "state_of_all",
    "states",
    "total",
    "undated_to_a_week",
    "unmatched",
    "unmatched_of_week",
    "unrecorded",
    "unsettled",
    "week_on_week",
    "weekly",
    "weekly_total",
    "within",
]
