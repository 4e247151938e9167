"""The week's assessment: its file opened, changed statement by statement, checked, saved without a loss."""

from workbench.desk.assess._basis import Candidate, candidates, known_ids, true_id
from workbench.desk.assess._checks import Checked, Checker, Review, statement_rows, words_of
from workbench.desk.assess._document import Document, Written, document_of
from workbench.desk.assess._merge import Choice, Clash, Merged, merged
from workbench.desk.assess._pulled import pulled
from workbench.desk.assess._unsaved import Unsaved, drop_unsaved, has_unsaved, keep_unsaved, kept_unsaved
from workbench.desk.assess._week import Assessment, Saved, open_week, save
from workbench.desk.assess._writing import arranged, written

__all__ = [
    "Assessment",
    "Candidate",
    "Checked",
    "Checker",
    "Choice",
    "Clash",
    "Document",
    "Merged",
    "Review",
    "Saved",
    "Unsaved",
    "Written",
    "arranged",
    "candidates",
    "document_of",
    "drop_unsaved",
    "has_unsaved",
    "keep_unsaved",
    "kept_unsaved",
    "known_ids",
    "merged",
    "open_week",
    "pulled",
    "save",
    "statement_rows",
    "true_id",
    "words_of",
    "written",
]
