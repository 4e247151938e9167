"""Duplicates: rows that may be one incident, for a person to decide, and rows decided to be one.

candidates  pairs close in place and time that agree, with a score and the reasons
decisions   the pairs nobody has decided yet
merge       decided groups as one row each, for counting
represented the same for revisions
"""

from workbench.analysis.duplicates.candidates import REASONS, candidates
from workbench.analysis.duplicates.decisions import undecided
from workbench.analysis.duplicates.merge import MergeCounts, listable, merge_counts, merged, to_list
from workbench.analysis.duplicates.represented import represented

__all__ = [
    "REASONS",
    "MergeCounts",
    "candidates",
    "listable",
    "merge_counts",
    "merged",
    "represented",
    "to_list",
    "undecided",
]
