"""Markdown cells as blocks: headings, paragraphs and lists; no link, image, code block or HTML survives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any, Literal

from workbench.blocks import Block, Heading, PageBreak, Paragraph, Run, Text
from workbench.document.normal import normal
from workbench.errors import ExportError

Style = Literal["plain", "strong", "emphasis", "code"]

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905 (read as a list of words)
_LEVELS: dict[str, Literal[1, 2, 3]] = {"h1": 1, "h2": 2}
_MARKS = {"strong_open": 1, "strong_close": -1, "em_open": 1, "em_close": -1}


def blocks(source: str, *, translate: Callable[[str], str]) -> tuple[Block, ...]:
    """
    Return the blocks of a markdown cell: headings, texts, and a page break for a rule (`---`).

    Each heading, paragraph and list item is passed through `translate` as it stands, marks included.
    Levels below the third become the third. Links become their text; images, code blocks and HTML
    elements are dropped with what they hold. Raises ExportError for an HTML element left open.
    """
    made: list[Block] = []
    paragraphs: list[Paragraph] = []
    for part in _parts(source, translate):
        if isinstance(part, Paragraph):
            paragraphs.append(part)
            continue
        if paragraphs:
            made.append(Text(tuple(paragraphs)))
            paragraphs = []
        made.append(part)
    if paragraphs:
        made.append(Text(tuple(paragraphs)))
    return tuple(made)


def _parts(source: str, translate: Callable[[str], str]) -> Iterator[Paragraph | Block]:
    lists: list[Literal["bullet", "number"]] = []
    opened, first = "", False
    html = _Html()
    for token in _parser().parse(source):
        if token.type == "html_block":
            html.feed(token.content)
        elif html.depth:
            continue
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append("bullet" if token.type.startswith("bullet") else "number")
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            first = True
        elif token.type == "heading_open":
            opened = token.tag
        elif token.type == "heading_close":
            opened = ""
        elif token.type == "hr":
            yield PageBreak()
        elif token.type == "inline":
            runs = _runs(token, translate)
            text = "".join(run.text for run in runs).strip()
            if text and opened:
                yield Heading(text, _LEVELS.get(opened, 3))
            elif text:
                yield Paragraph(runs, lists[-1] if lists and first else "paragraph")
                first = False
    html.finish()


def _runs(token: Any, translate: Callable[[str], str]) -> tuple[Run, ...]:
    translated = translate(token.content)
    children = (
        token.children if translated == token.content else _parser().parseInline(translated)[0].children
    )
    html, depth = _Html(), {"strong": 0, "em": 0}
    runs: list[tuple[str, Style]] = []
    for child in children or []:
        if child.type == "html_inline":
            html.feed(child.content)
        elif child.type in _MARKS:
            depth[child.type.split("_")[0]] += _MARKS[child.type]
        elif html.depth == 0 and (text := _text(child)):
            style: Style = "strong" if depth["strong"] else "emphasis" if depth["em"] else "plain"
            style = "code" if child.type == "code_inline" else style
            if runs and runs[-1][1] == style:
                runs[-1] = (runs[-1][0] + text, style)
            else:
                runs.append((text, style))
    html.finish()
    cleaned = [(normal(text), style) for text, style in runs]
    return tuple(Run(text, style) for text, style in cleaned if text)


def _text(token: Any) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    return token.content if token.type in {"text", "text_special", "code_inline"} else ""


class _Html(HTMLParser):
    """Counts how deep in HTML elements a text is, so that what they hold can be dropped with them."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (the parser's signature)
        self.depth += tag not in _VOID

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave `<br/>` uncounted; in HTML, `<div/>` still opens."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.depth = max(0, self.depth - (tag not in _VOID))

    def finish(self) -> None:
        if self.depth:
            raise ExportError(
                "A markdown cell opens an HTML element and does not close it. "
                "Remove the HTML: a document takes headings, paragraphs and lists only."
            )


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    # HTML is recognised in order to be dropped; switched off, it would become text of the page
    return MarkdownIt("commonmark", {"html": True})
