"""The files of a pack, set from one document and, for tables of counts, from its view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workbench import document, view
from workbench.document import Document, Issue
from workbench.document.document import draft_notice
from workbench.document.sheets import sheets
from workbench.language import words
from workbench.publish import changes, known_counts
from workbench.view import View

DOCUMENTS = {"html": "briefing.html", "pdf": "briefing.pdf"}


def files_of(
    collected: Document,
    seen: View,
    *,
    issue: Issue,
    changed: Sequence[str],
    tables: Sequence[str],
    folder: Path,
) -> dict[str, bytes]:
    """
    Return every file of a pack but its manifest, by name; the same arguments give the same bytes.

    `changed`: what this version changes of the one it corrects. `tables`: as what kinds of files its tables
    come along. `folder`: where the office's own templates lie, in `templates`, if it has any. Raises
    ExportError.
    """
    spoken = words(collected.masthead.language)
    whole = changes.told(collected, changed, version=issue.version, corrects=issue.corrects, spoken=spoken)
    files = {
        name: document.render(whole, kind, issue=issue, office=folder) for kind, name in DOCUMENTS.items()
    }
    if seen.audience.count_threshold > 1:
        files[known_counts.NAME] = view.counts_csv(seen.table("count"))
    # a table says what it is as the pages do: a draft's is marked as one
    notice = draft_notice(whole.masthead, issue)
    marking = " · ".join(filter(None, (whole.masthead.marking, notice)))
    marked = Document(replace(whole.masthead, marking=marking), whole.blocks)
    return files | sheets(marked, tables)
