"""Blocks: the typed parts a document is made of, and all that ever leaves a notebook.

A block is frozen, holds plain text (never markup), and carries itself as JSON under MIME in a
cell's output; `from_json(to_json(block)) == block`. Renderers turn text into HTML or PDF and are
the only place where markup is made.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from workbench.errors import ExportError

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


@dataclass(frozen=True)
class Masthead(Block):
    """
    The head of a document; exactly one, first.

    `facts` is one line of facts set under the title (days, data cut-off, issue, author, reviewer).
    `as_of` is ISO 8601 UTC and also the PDF's time stamp. `fiction` is the sentence set on every
    page where the data are invented, otherwise "". `labels` are the words of the running head and
    foot and of the renderer itself, in the document's language: `contents`, `page` (a sentence with
    {page} and {pages}), `issue_version` and `corrects` (each with {version}), `alternative`
    (caption of a figure's data table).
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
    annex: bool = False


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

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ExportError(
                f"A table has {len(self.columns)} columns and a row with another number of cells. "
                "Correct the cell that makes it."
            )


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


def to_json(block: Block) -> dict[str, Any]:
    """
    Return a block as plain JSON: `kind` and every field, nested blocks alike.

    Raises ExportError if a field holds what JSON cannot carry.
    """
    return {"kind": block.kind, **_fields_to_json(block, block.kind)}


def from_json(value: object) -> Block:
    """
    Return the block that `to_json` wrote, so that `from_json(to_json(block)) == block`.

    Fields with a default may be missing. Raises ExportError for an unknown kind, an unknown or a
    missing field and a value of the wrong type; the message names kind and field, never the value.
    """
    if not isinstance(value, Mapping):
        raise ExportError("A block's JSON is not an object. Run the notebook again and export it afresh.")
    kind = value.get("kind")
    block = BLOCKS.get(kind) if isinstance(kind, str) else None
    if block is None:
        raise ExportError(
            "A notebook holds a block of a kind this version does not know. Known: "
            f"{', '.join(sorted(BLOCKS))}. Install the version of the workbench that ran the notebook."
        )
    fields = {name: part for name, part in value.items() if name != "kind"}
    made = _fields_from_json(block, fields, block.kind)
    if not isinstance(made, Block):  # every class in BLOCKS is one
        raise _ill_typed(block.kind)
    return made


_PLAIN = frozenset({str, int, bool, type(None)})
"""Types whose values are JSON as they are."""


def _fields_to_json(value: Any, place: str) -> dict[str, Any]:
    kind: Any = type(value)
    written = {}
    for name, hint in _hints(kind).items():
        part = getattr(value, name)
        if hint is float and type(part) is int:
            part = float(part)  # 2 and 2.0 are the same share, and must give the same digest
        written[name] = _to_json(part, f"{place}.{name}")
    return written


def _to_json(value: object, place: str) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Block):
        return to_json(value)
    if dataclasses.is_dataclass(value):
        return _fields_to_json(value, place)
    if isinstance(value, (tuple, list)):
        return [_to_json(part, place) for part in value]
    if isinstance(value, Mapping):
        return {_key(name, place): _to_json(part, place) for name, part in value.items()}
    return _scalar(value, place)


def _key(name: object, place: str) -> str:
    if not isinstance(name, str):
        raise _ill_typed(place)
    return name


def _scalar(value: object, place: str) -> object:
    # exact types: a NumPy float or a str subclass would not be equal to what JSON gives back
    if type(value) in _PLAIN or (type(value) is float and math.isfinite(value)):
        return value
    raise _ill_typed(place)


def _fields_from_json(kind: Any, value: object, place: str) -> object:
    if not isinstance(value, Mapping):
        raise _ill_typed(place)
    known = _hints(kind)
    if not known.keys() >= value.keys():
        raise ExportError(
            f"A {place} block has a field this version does not know. Known: {', '.join(known)}. "
            "Install the version of the workbench that ran the notebook."
        )
    required = {f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}
    if missing := sorted(required - value.keys()):
        raise ExportError(f"A {place} block has no {', '.join(missing)}. Run the notebook again.")
    made: object = kind(
        **{name: _from_json(known[name], part, f"{place}.{name}") for name, part in value.items()}
    )
    return made


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """Return the fields of a dataclass, in their order, each with its type."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _from_json(hint: Any, value: Any, place: str) -> object:
    origin, arguments = (None, ()) if hint is str else (get_origin(hint), get_args(hint))
    if origin in {Union, UnionType}:  # only `X | None` occurs
        return None if value is None else _from_json(arguments[0], value, place)
    if hint is Any:
        return _to_json(value, place)  # copies plain JSON, refuses everything else
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(_from_json(arguments[0], part, place) for part in value)
    if origin is Mapping and isinstance(value, Mapping):
        return {_key(name, place): _from_json(arguments[1], part, place) for name, part in value.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        made = from_json(value) if issubclass(hint, Block) else _fields_from_json(hint, value, place)
        if isinstance(made, hint):
            return made
        raise _ill_typed(place)
    return _scalar_from_json(hint, value, place)


def _scalar_from_json(hint: Any, value: Any, place: str) -> object:
    if get_origin(hint) is Literal:
        known = any(value == allowed and type(value) is type(allowed) for allowed in get_args(hint))
    elif hint is float:
        known = type(value) in {int, float} and math.isfinite(value)
        value = float(value) if known else value
    else:
        known = type(value) is hint
    if not known:
        raise _ill_typed(place)
    return value


def _ill_typed(place: str) -> ExportError:
    return ExportError(f"{place} of a block holds a value of the wrong type. Correct the cell that makes it.")
