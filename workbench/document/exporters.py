"""The two exporters of `jupyter nbconvert` and of JupyterLab's "Save and Export Notebook As"."""

from __future__ import annotations

from typing import Any, ClassVar

from nbconvert.exporters import Exporter

from workbench.document.collect import collect
from workbench.document.document import render


class _BriefingExporter(Exporter):
    """Renders a notebook's document; nothing else of the notebook gets near the result."""

    format: ClassVar[str]

    def from_notebook_node(  # type: ignore[override] # the base says a notebook, and means what is written
        self,
        nb: Any,
        resources: Any | None = None,
        **_: Any,
    ) -> tuple[str | bytes, dict[str, Any]]:
        """
        Return the draft of the notebook's document, and nbconvert's `resources` with the extension.

        Preprocessors do not run: what may leave is decided in `collect` alone. Raises ExportError if
        the notebook has not been run, failed, or shows no masthead.
        """
        rendered = render(collect(nb), self.format)
        given = {**(resources or {}), "output_extension": self.file_extension}
        return (rendered if self.format == "pdf" else rendered.decode("utf-8")), given


class BriefingHTMLExporter(_BriefingExporter):
    """`--to briefing-html`: one file without script or outside address, marked as a draft."""

    format = "html"
    export_from_notebook = "Briefing (HTML)"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"


class BriefingPDFExporter(_BriefingExporter):
    """`--to briefing-pdf`: tagged A4 pages, marked as a draft; needs no browser and no TeX."""

    format = "pdf"
    export_from_notebook = "Briefing (PDF)"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        return ".pdf"
