"""Documents: typed blocks, an executed notebook collected into a Document, and its renderings."""

from workbench.document.collect import collect
from workbench.document.document import FORMATS, Document, Issue, render, template_texts, templates

__all__ = ["FORMATS", "Document", "Issue", "collect", "render", "template_texts", "templates"]
