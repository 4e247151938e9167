"""The pages of a PDF, one after another, as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PaperPage:
    """A page that is open now: its number from 1, of how many, its text, and pdfium's own objects."""

    number: int
    of: int
    text: str
    document: Any
    page: Any
    text_page: Any


def pages_of(content: bytes) -> Iterator[PaperPage]:
    """Yield every page of a PDF while it is open; raises whatever pypdfium2 raises if it cannot be read."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        for number in range(len(document)):
            page = document[number]
            text_page = page.get_textpage()
            text = text_page.get_text_range()
            yield PaperPage(number + 1, len(document), text, document, page, text_page)
            text_page.close()
            page.close()
    finally:
        document.close()
