"""The two exporters of `jupyter nbconvert` and of JupyterLab's "Save and Export Notebook As"."""

from __future__ import annotations

import sys
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


class BriefingHTMLMenuExporter(_BriefingExporter):
    """`briefing_html`, for JupyterLab's menu: one file without script or address, marked as a draft."""

    format = "html"
    export_from_notebook = "Briefing (HTML)"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"


class BriefingPDFMenuExporter(_BriefingExporter):
    """`briefing_pdf`, for JupyterLab's menu: tagged A4 pages, marked as a draft; no browser, no TeX."""

    format = "pdf"
    export_from_notebook = "Briefing (PDF)"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        return ".pdf"


def _outside_of_a_server() -> bool:
    # jupyter-server's export address takes no hyphen (404): there the menu offers the other two
    return "jupyter_server" not in sys.modules


class BriefingHTMLExporter(BriefingHTMLMenuExporter):
    """`jupyter nbconvert --to briefing-html`."""

    def _enabled_default(self) -> bool:
        return _outside_of_a_server()


class BriefingPDFExporter(BriefingPDFMenuExporter):
    """`jupyter nbconvert --to briefing-pdf`."""

    def _enabled_default(self) -> bool:
        return _outside_of_a_server()
