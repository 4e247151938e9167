"""Blocks: the typed parts a document is made of, and all that ever leaves a notebook.

A block is frozen, holds plain text (never markup), and carries itself as JSON under MIME in a
cell's output; `from_json(to_json(block)) == block`. Renderers turn text into HTML or PDF and are
the only place where markup is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

MIME = "application/vnd.workbench.block+json"

Align = Literal["left", "right", "center"]
Tone = Literal["plain", "strong", "accent", "quiet"]
Width = Literal["full", "half"]


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style."""

    text: str
    style: Literal["plain", "strong", "emphasis", "code"] = "plain"


@dataclass(frozen=True)
class Paragraph:
    """Runs set as one paragraph, or as one item of a list."""

    runs: tuple[Run, ...]
    kind: Literal["paragraph", "bullet", "number"] = "paragraph"


@dataclass(frozen=True)
class Block:
    """Any block; `kind` names it in JSON."""

    kind: ClassVar[str] = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Show itself in JupyterLab and carry itself as JSON in the cell's output."""
        from workbench.document.html import preview  # a kernel that shows nothing loads no template

        return {MIME: to_json(self), "text/html": preview(self), "text/plain": f"<{self.kind}>"}


@dataclass(frozen=True)
class Masthead(Block):
    """
    The head of a document; exactly one, first.

    `facts` is one line of facts set under the title (days, data cut-off, issue, author, reviewer).
    `as_of` is ISO 8601 UTC and also the PDF's time stamp. `fiction` is the sentence set on every
    page where the data are invented, otherwise "". `labels` are the words of the running head and
    foot and of the renderer itself, in the document's language: `contents`, `page` (a sentence with
    {page} and {pages}), `draft`, `issue_version` (with {version}), `alternative` (caption of a figure's data table).
    """

    kind: ClassVar[str] = "masthead"
    title: str
    area: str
    period: str
    facts: tuple[str, ...]
    marking: str
    edition: str
    audience: str
    briefing: str
    as_of: str
    language: str
    direction: Literal["ltr", "rtl"]
    fiction: str
    note: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Heading(Block):
    """A heading; level 1 is a section, 2 a part of one, 3 the deepest. `annex` starts the annexes."""

    kind: ClassVar[str] = "heading"
    text: str
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True)
class Text(Block):
    """Paragraphs and lists."""

    kind: ClassVar[str] = "text"
    paragraphs: tuple[Paragraph, ...]
    tone: Literal["plain", "quiet"] = "plain"

    @classmethod
    def plain(cls, *texts: str, tone: Literal["plain", "quiet"] = "plain") -> Text:
        """Return one paragraph for each text, as it stands."""
        return cls(tuple(Paragraph((Run(text),)) for text in texts), tone)

    @classmethod
    def bullets(cls, *texts: str) -> Text:
        """Return a bulleted list with one item for each text, as it stands."""
        return cls(tuple(Paragraph((Run(text),), "bullet") for text in texts))


@dataclass(frozen=True)
class KeyFigure:
    """
    One big number. `comparison` sets it against something; `meaning` says it in words and is set
    in accent where `tone` is. `parts` are "of which" lines: subsets, never added to the number.
    """

    value: str
    label: str
    comparison: str = ""
    meaning: str = ""
    parts: tuple[str, ...] = ()
    tone: Literal["plain", "accent"] = "plain"


@dataclass(frozen=True)
class KeyFigures(Block):
    """The few numbers a reader must leave with: at most six."""

    kind: ClassVar[str] = "key_figures"
    figures: tuple[KeyFigure, ...]
    note: str = ""


@dataclass(frozen=True)
class Judgement(Block):
    """A key judgement: likelihood in the sentence (`strong` run), confidence in a sentence of its own."""

    kind: ClassVar[str] = "judgement"
    number: str
    runs: tuple[Run, ...]
    confidence: str


@dataclass(frozen=True)
class TableColumn:
    """A column of a table: its heading, and how its cells are set. `share` is its relative width."""

    label: str
    align: Align = "left"
    share: float = 1.0


@dataclass(frozen=True)
class Cell:
    """A cell. `tone` never carries meaning alone: the text says it too. `symbol` is drawn before the text."""

    text: str
    tone: Tone = "plain"
    symbol: Literal["", "up", "down", "flat"] = ""


@dataclass(frozen=True)
class Table(Block):
    """
    A table. Every row has one cell for each column. `title` may be "" under a heading that says it.
    `empty` is the sentence shown instead of a table without rows.
    `stack`: on a phone each row becomes a small card instead of a table that scrolls.
    """

    kind: ClassVar[str] = "table"
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    empty: str = ""
    stack: bool = False


@dataclass(frozen=True)
class Figure(Block):
    """
    A chart. In a notebook `spec` is a Vega-Lite specification pruned to the columns it encodes and
    `svg` is ""; in a document it is the other way round. `alt` states the finding. `data` is the
    table a reader of the chart could have read off it.
    """

    kind: ClassVar[str] = "figure"
    title: str
    alt: str
    note: str
    data: Table | None = None
    width: Width = "full"
    spec: Mapping[str, Any] | None = None
    svg: str = ""


@dataclass(frozen=True)
class Map(Figure):
    """A map; as a figure, without basemap."""

    kind: ClassVar[str] = "map"


@dataclass(frozen=True)
class Callout(Block):
    """A passage set apart. `bottom_line` opens a document: bold `lead`, then `text`."""

    kind: ClassVar[str] = "callout"
    purpose: Literal["bottom_line", "warning", "note"]
    lead: str
    text: str = ""


@dataclass(frozen=True)
class Action:
    """One recommendation: who does what by when, and how it stands."""

    what: str
    who: str
    by_when: str
    state: str = ""
    tone: Literal["plain", "accent"] = "plain"


@dataclass(frozen=True)
class Actions(Block):
    """Recommendations, in order of weight. `labels` head the columns: what, who, by_when, state."""

    kind: ClassVar[str] = "actions"
    actions: tuple[Action, ...]
    labels: Mapping[str, str]
    empty: str = ""


@dataclass(frozen=True)
class Sources(Block):
    """What the document rests on: one line per source (title, licence and attribution, data, age)."""

    kind: ClassVar[str] = "sources"
    table: Table


@dataclass(frozen=True)
class PageBreak(Block):
    """On paper, what follows starts a page."""

    kind: ClassVar[str] = "page_break"


@dataclass(frozen=True)
class Columns(Block):
    """Two columns side by side on a wide page, one after the other on a phone; read left first."""

    kind: ClassVar[str] = "columns"
    left: tuple[Block, ...]
    right: tuple[Block, ...]


BLOCKS: dict[str, type[Block]] = {
    block.kind: block
    for block in (
        Masthead, Heading, Text, KeyFigures, Judgement, Table, Figure, Map,
        Callout, Actions, Sources, PageBreak, Columns,
    )
}  # fmt: skip
"""Every kind of block a document may hold; anything else in a notebook's output is left behind."""
