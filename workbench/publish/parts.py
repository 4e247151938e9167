"""The files of a pack, set from one document and, for tables of counts, from its view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workbench import document, view
from workbench.config import Office
from workbench.document import Document, Issue
from workbench.document.document import draft_notice
from workbench.document.sheets import sheets
from workbench.language import words
from workbench.publish import changes, known_counts
from workbench.view import View

DOCUMENTS = {"html": "briefing.html", "pdf": "briefing.pdf"}


def files_of(
    office: Office, briefing: str, collected: Document, seen: View, *, issue: Issue, changed: Sequence[str]
) -> dict[str, bytes]:
    """
    Return every file of a pack but its manifest, by name; the same arguments give the same bytes.

    `changed`: what this version changes of the one it corrects. Raises ExportError.
    """
    spoken = words(collected.masthead.language)
    whole = changes.told(collected, changed, version=issue.version, corrects=issue.corrects, spoken=spoken)
    files = {
        name: document.render(whole, kind, issue=issue, office=office.root)
        for kind, name in DOCUMENTS.items()
    }
    if office.audience_called(seen.audience.slug).count_threshold > 1:
        files[known_counts.NAME] = view.counts_csv(seen.table("count"))
    # a table says what it is as the pages do: a draft's is marked as one
    notice = draft_notice(whole.masthead, issue)
    marking = " · ".join(filter(None, (whole.masthead.marking, notice)))
    marked = Document(replace(whole.masthead, marking=marking), whole.blocks)
    return files | sheets(marked, office.briefing_called(briefing).tables)
