"""HTML: one file that needs nothing else: no script, no outside address, fonts and figures inside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.blocks import (
    Actions,
    Block,
    Cell,
    Columns,
    Figure,
    Heading,
    Masthead,
    Table,
    TableColumn,
)
from workbench.config import shipped
from workbench.document.document import Document, Issue, draft_notice
from workbench.document.fonts import faces
from workbench.document.svg import clean, size
from workbench.errors import ExportError

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_LABELS = ("contents", "issue_version", "alternative")
_CONTENTS_FROM = 5
"""A document with fewer sections than this needs no list of them."""
_WIDE = 460.0
"""A drawing wider than this (CSS pixels) scrolls on a phone: shrunk to fit, its words could not be read."""
_HALF = 9
"""A column of a stacked table whose texts have no more letters takes half of a phone's width."""
_LARGEST = 1.2
"""How much larger than drawn a figure may be shown: its smallest words are legible at 1."""


def render(document: Document, issue: Issue | None, *, templates: Path | None = None) -> bytes:
    """
    Return a document as one HTML file in UTF-8; unless `issue` is released it says that it is a draft.

    `templates` is an office's folder; what it does not hold comes from the shipped one. The same
    document, issue and templates give the same bytes. Raises ExportError if the masthead lacks a
    label, a figure is not drawn yet or a template cannot be used.
    """
    from jinja2 import TemplateError
    from markupsafe import Markup

    page = Page(document, issue)
    environment = _environment(templates)
    try:
        parts: Any = environment.get_template("blocks.html.j2").module
        body = parts.blocks(document.blocks, page)
        values = {"masthead": document.masthead, "page": page, "body": body}
        template = environment.get_template("briefing.html.j2")
        words = template.render(**values, style="", policy="")
        sheet, _, _ = environment.loader.get_source(environment, "briefing.css")  # type: ignore[union-attr] # jinja types it loosely
        style = "\n".join((sheet, *page.rules(), *_paper(document.masthead, page), *faces(words)))
        safe = Markup(style)  # noqa: S704 (every text that a style sheet takes is escaped by quoted)
        html = template.render(**values, style=safe, policy=_policy(style))
    except TemplateError as error:
        raise ExportError(
            f"The HTML template could not be used ({error}). "
            "Correct the copy in the office's templates folder, or delete it to use the shipped one."
        ) from None
    return html.encode("utf-8")


def fragment(block: Block) -> str:
    """Return the HTML of one block alone; a figure that is not drawn shows its words."""
    blocks: Any = _environment(None).get_template("blocks.html.j2").module
    page = Page(None, None)
    if isinstance(block, Masthead):
        page.facts = block.facts
    return str(blocks.one(block, page))


def rehearsed() -> tuple[Path, ...]:
    """Load the shipped templates, so that processes forked from this one need not; returns their files."""
    names = ("blocks.html.j2", "briefing.html.j2")
    for name in names:
        _environment(None).get_template(name)
    return tuple(shipped("templates") / name for name in names)


class Page:
    """What one rendering numbers and names: anchors, table names, drawings, and the rules they need."""

    def __init__(self, document: Document | None, issue: Issue | None) -> None:
        self.issue = issue if issue is not None and issue.released else None
        self.labels = dict(document.masthead.labels) if document else {"alternative": ""}
        if document:
            self.labels["draft"] = draft_notice(document.masthead, issue)
        self.direction = document.masthead.direction if document else "ltr"
        self.facts = (*document.masthead.facts, *issue_facts(document.masthead, issue)) if document else ()
        self.last_heading = document.masthead.title if document else ""
        self._anchors: dict[int, str] = {}
        sections = [
            heading for heading in _headings(document.blocks if document else ()) if heading.level == 1
        ]
        listed = [(self.anchor(heading), heading.text) for heading in sections]
        self.contents = listed if len(listed) >= _CONTENTS_FROM else []
        self._names: dict[str, int] = {}
        self._name = ""
        self._tables = 0
        self.roomy: list[TableColumn] = []
        self._figures = 0
        self._rules: list[str] = []

    def anchor(self, heading: Heading) -> str:
        """Return the id of a heading; tables after it that have no title are named after it."""
        self.last_heading = heading.text
        return self._anchors.setdefault(id(heading), f"s{len(self._anchors) + 1}")

    def name(self, table: Table) -> str:
        """Return what a table is called: its title or the heading above it, numbered if it occurs again."""
        called = table.title or self.last_heading
        self._names[called] = self._names.get(called, 0) + 1
        self._name = called if self._names[called] == 1 else f"{called} ({self._names[called]})"
        return self._name

    def name_again(self) -> str:
        """Return the name given last."""
        return self._name

    def table(self, table: Table) -> str:
        """Return the id of a table, and note its columns' widths and which need a phone's whole width."""
        self._tables += 1
        self.roomy = [
            column
            for column, *cells in zip(table.columns, *table.rows, strict=True)
            if max((len(column.label) - 3, *(len(cell.text) for cell in cells))) > _HALF
        ]
        shares = [column.share for column in table.columns]
        if len(set(shares)) > 1:
            for number, share in enumerate(shares, start=1):
                width = f"{100 * share / sum(shares):.1f}"
                self._rules.append(f"#t{self._tables} col:nth-child({number}){{width:{width}%}}")
        return f"t{self._tables}"

    def figure(self, figure: Figure) -> str:
        """Return the id of a figure, and note how large it may become."""
        self._figures += 1
        if figure.svg:
            width = size(figure.svg)[0]
            least = f"min-width:{0.75 * width / 16:.1f}rem;" if width > _WIDE else ""
            self._rules.append(f"#f{self._figures} svg{{{least}max-width:{_LARGEST * width / 16:.1f}rem}}")
        return f"f{self._figures}"

    def wide(self, figure: Figure) -> bool:
        """Tell whether a figure scrolls in its own box on a phone."""
        return size(figure.svg)[0] > _WIDE

    def svg(self, figure: Figure) -> Markup:
        """Return a figure's drawing, cleaned once more, its ids unlike those of any other on the page."""
        from markupsafe import Markup

        cleaned = clean(figure.svg, prefix=f"f{self._figures}")
        drawing = cleaned.replace("<svg ", '<svg aria-hidden="true" ', 1)
        return Markup(drawing)  # noqa: S704 (through the allow-list of svg.clean)

    def symbol(self, name: str) -> str:
        """Return the character of a cell's symbol; `flat` points the way the text runs."""
        return {"up": "▲", "down": "▼", "flat": "◀" if self.direction == "rtl" else "▶"}[name]

    def actions(self, block: Actions) -> Table:
        """Return recommendations as the table they are set in."""
        return actions_table(block)

    def rules(self) -> tuple[str, ...]:
        """Return the style rules of this page's own tables and figures."""
        wide = "\n".join(rule for rule in self._rules if "min-width" in rule)
        always = [
            rule.replace(rule[rule.find("min-width") : rule.find("max-width")], "") for rule in self._rules
        ]
        return (*always, f"@media screen{{{wide}}}") if wide else tuple(always)


def issue_facts(masthead: Masthead, issue: Issue | None) -> tuple[str, ...]:
    """Return what the head says of an issue: its version and what it corrects; nothing without one."""
    if missing := [label for label in _LABELS if label not in masthead.labels]:
        raise ExportError(
            f"The masthead has no label {', '.join(missing)}. Let the notebook's masthead give it."
        )
    if issue is None:
        return ()
    said = [masthead.labels["issue_version"].replace("{version}", str(issue.version))]
    if issue.corrects is not None:
        if "corrects" not in masthead.labels:
            raise ExportError("The masthead has no label corrects. Let the notebook's masthead give it.")
        said.append(masthead.labels["corrects"].replace("{version}", str(issue.corrects)))
    return tuple(said)


def actions_table(block: Actions) -> Table:
    """Return recommendations as a table of four columns, or of three where none has a state."""
    stated = any(action.state for action in block.actions)
    keys = ("what", "who", "by_when", "state") if stated else ("what", "who", "by_when")
    shares = {"what": 5.6, "who": 2.0, "by_when": 1.1, "state": 1.1}
    return Table(
        "",
        tuple(TableColumn(block.labels.get(key, ""), "left", shares[key]) for key in keys),
        tuple(
            tuple(
                Cell(getattr(action, key), action.tone if key in {"by_when", "state"} else "plain")
                for key in keys
            )
            for action in block.actions
        ),
        empty=block.empty,
        stack=True,
    )


def paired(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks, neighbouring figures of half width two by two in columns."""
    for half, same in groupby(blocks, key=lambda block: isinstance(block, Figure) and block.width == "half"):
        figures = list(same)
        if not half or len(figures) == 1:
            yield from figures
        else:
            yield from (
                Columns(tuple(figures[n : n + 1]), tuple(figures[n + 1 : n + 2]))
                for n in range(0, len(figures), 2)
            )


def together(blocks: Iterable[Any], name: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield runs of neighbours that have the same value of attribute `name`, with that value."""
    for value, same in groupby(blocks, key=lambda block: getattr(block, name)):
        yield value, list(same)


def _headings(blocks: Iterable[Block]) -> Iterator[Heading]:
    for block in blocks:
        if isinstance(block, Heading):
            yield block
        elif isinstance(block, Columns):
            yield from _headings((*block.left, *block.right))


def _paper(masthead: Masthead, page: Page) -> tuple[str, ...]:
    """Return the rules that mark every printed page, top and bottom."""
    mark, fiction = quoted(f"{masthead.marking} · {masthead.edition}"), quoted(masthead.fiction)
    if page.issue is None:
        fiction = quoted(" · ".join(filter(None, (page.labels["draft"], masthead.fiction))))
    foot = f"{masthead.title} · {masthead.period} · "
    numbers = page.labels.get("page", "{page} / {pages}")
    number = " ".join(
        {"{page}": "counter(page)", "{pages}": "counter(pages)"}.get(part, quoted(part))
        for part in _split(foot + numbers)
    )
    style = "font-family:FiraGO,sans-serif;font-size:8pt;"
    marked, grey = f"{style}font-weight:700;color:#b4451f;content:{mark}", f"{style}color:#5f6b78;content:"
    return (
        "@page{size:A4;margin:20mm 18mm;"
        f"@top-left{{{marked}}}@top-right{{{grey}{fiction}}}"
        f"@bottom-left{{{marked}}}@bottom-right{{{grey}{number}}}}}",
        # the first page begins with the document's own head, which says the same
        "@page:first{margin-top:13mm;@top-left{content:none}@top-right{content:none}}",
    )


def _split(text: str) -> Iterator[str]:
    for part in text.replace("{page}", "\0{page}\0").replace("{pages}", "\0{pages}\0").split("\0"):
        if part:
            yield part


def quoted(text: str) -> str:
    """Return a text as a string of a style sheet, in which nothing can end the string or the sheet."""
    return '"' + "".join(c if c.isalnum() or c in " .,:·–-" else f"\\{ord(c):x} " for c in text) + '"'


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _environment(templates: Path | None) -> Environment:
    own = templates or shipped("templates")
    # named with what it holds, so that a template an office adds while JupyterLab runs is found
    return _loaded(own, tuple(sorted(file.name for file in own.iterdir())))


@lru_cache(maxsize=8)
def _loaded(folder: Path, _: tuple[str, ...]) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([folder, shipped("templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=True,  # and so is one it changes
    )
    environment.filters |= {"paired": paired, "together": together}
    return environment
