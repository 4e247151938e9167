"""
The gate: the second lock, which reads the finished files of a pack and refuses what must not leave.

It knows nothing of how the files were made. It opens each by name and content, takes all text out of
it, and looks for forbidden values: everything the store holds that the audience may not read, minus
what its edition may say. What cannot be opened, or is not expected, is refused.

It opens HTML, PDF, SVG, PNG, CSV, XLSX, the manifest and its signature, each by a closed list of what it may
hold; sees that marks, status, recipients and folder agree; and audits counts against the threshold: of a
PDF the cells of its tables, and every number in its pages, which the HTML page must show as well. With
them it reads the document that the pack was set from, where the office has it: mail sets its text from that.

Found: a value in text, attributes, comments, style sheets, names, fonts' names, PDF strings, metadata,
outlines, alternative text, annotations, page labels, destinations, attachments, content streams and between
objects; in cells, hidden or not, sheet names, heads and feet, properties, comments and any other part of a
workbook; in the chunks of a picture; in any case, accents, full-width or presentation form, with zero-width,
bidi or soft-hyphen characters, other spaces, dashes, quotes, hyphenation or line breaks in it; as entity,
percent or backslash escape, base64, hexadecimal or UTF-16, up to three such layers; of a long text also any
sentence of 25 characters and any six words in a row (of 16 letters together); a coordinate of three
decimals or more also cut or rounded, down to three decimals, of either sign, alone or in a pair with no
blank. Of `sealed` values also dates, and numbers from seven digits on: a telephone in any grouping, with the
digits of its country and without them.

Not found: paraphrase, translation, abbreviation, look-alike letters of another script, a name alone out of
a long hidden text; a short value (fewer than 8 letters) glued to other letters, in the program of a typeface
or in a signature; values of one or two letters; dates, counts and numbers below nine digits that are no
coordinates (sealed ones below seven, or below nine where a drawing holds them in pieces); coordinates in
degrees and minutes or in drawings; text drawn as curves; the points of a picture (it passes only beside its
drawing, whose words are read); anything compressed or encrypted before it was written; small counts in
sentences and in drawings (in a PDF, where the HTML page shows that number too).
Values that the edition itself holds, or that are part of what it says anyway, are not forbidden.
"""

from __future__ import annotations

from workbench.errors import DisclosureRefused
from workbench.gate._apart import check_apart
from workbench.gate._check import LARGEST, GateReport, check, forbidden_values, unsaid
from workbench.gate._parts import UNRELEASED, Expected, Finding

__all__ = [
    "LARGEST",
    "UNRELEASED",
    "Expected",
    "Finding",
    "GateReport",
    "check",
    "check_apart",
    "forbidden_values",
    "page_passes",
    "require",
    "unsaid",
]


def require(report: GateReport) -> None:
    """Raise DisclosureRefused, naming rules and files but no value, unless the report is empty."""
    if report.passed:
        return
    named = "; ".join(f"{one.rule} in {one.file} ({one.detail})" for one in report.findings[:5])
    more = f"; and {len(report.findings) - 5} more" if len(report.findings) > 5 else ""
    raise DisclosureRefused(
        f"The gate refused this pack, and nothing was published: {named}{more}. "
        "Find out how it got there; if this audience may read it, correct the label of its row. A person's "
        "name or number from a sealed table stands in no edition: take it out of the text it was typed into."
    )


def page_passes(page: bytes, *, expected: Expected) -> bool:
    """
    Return whether an HTML page without a pack around it has only what pages may have, and is marked.

    No values are looked for: the page must be made of what is out already. Not UTF-8 does not pass.
    """
    from workbench.gate._html import open_html

    try:
        return not open_html(page, expected=expected).broken
    except UnicodeDecodeError:
        return False
