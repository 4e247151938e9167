"""A page taken apart: every text in it, and every part of it that could act or call out."""

from __future__ import annotations

import base64
import binascii
import re
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import unquote_to_bytes

from workbench.gate._counts import small_counts
from workbench.gate._marks import both_ends
from workbench.gate._parts import Expected, Opened, lenient, words_in
from workbench.gate._style import DATA, FONT, Attributes, hold_style

_ELEMENTS = frozenset(
    str.split(
        """
    html head meta title style body header footer main section article nav aside div span p br hr wbr
    h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td
    figure figcaption details summary a abbr b strong i em u s small sub sup code pre kbd q blockquote
    cite dfn mark time bdi bdo
    svg g path rect circle ellipse line polyline polygon text tspan defs desc use symbol clippath mask
    marker pattern lineargradient radialgradient stop
        """
    )
)
_ACTING = frozenset(str.split("script noscript object embed iframe frame applet portal"))
_VOID = frozenset(str.split("meta br hr wbr col"))
_WOFF = (b"wOFF", b"wOF2")


def open_html(content: bytes, *, expected: Expected) -> Opened:
    """
    Take a page apart: its passages, and the rules it breaks.

    Elements are a closed list. Rules: `script`, `element`, `event_handler`, `script_address`,
    `outside_address`, `data_address`, `policy`, `marking`, `status`, `small_count`.
    Raises UnicodeDecodeError if it is not UTF-8.
    """
    source = content.decode()
    opened = Opened()
    page = _Page(opened)
    page.feed(source)
    page.close()
    page.finish()
    bare = _without_data(source, opened)
    # once more as it stands, should a browser read the page otherwise than this parser does
    opened.holds("the source of the page", bare, code=True, numbers=False)
    if not _policy_holds(page.policies):
        opened.breaks("policy", "no content security policy that forbids scripts and outside addresses")
    both_ends("".join(page.body), expected, opened)
    small_counts(page.cells, expected, opened)
    return opened


def visible(content: bytes) -> str:
    """Return what a page shows, each piece of text on its own; raises UnicodeDecodeError."""
    page = _Page(Opened())
    page.feed(content.decode())
    page.close()
    return "\n".join(page.body)


class _Page(HTMLParser):
    """Collects text by where it stood."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(convert_charrefs=True)
        self.opened = opened
        self.body: list[str] = []
        self.policies: list[str] = []
        self._within: list[str] = []
        self._attributes = Attributes(opened)
        self._style: list[str] = []
        self._text: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ACTING:
            self.opened.breaks("script", "an element that can run or load something")
        elif tag not in _ELEMENTS:
            self.opened.breaks("element", "an element that is not on the list")
        if tag not in _ELEMENTS:
            self._attributes.code.append(tag)
        values = dict(attrs)
        if tag == "meta":
            self._meta(values)
        for name, value in attrs:
            self._attributes.add(name, value or "")
        if tag == "td":
            self.cells.append("")
        if tag not in _VOID:
            self._within.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._within.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            while self._within.pop() != tag:
                pass
        elif tag not in _ELEMENTS:
            self._attributes.code.append(tag)

    def _meta(self, values: dict[str, str | None]) -> None:
        equivalent = (values.get("http-equiv") or "").strip().lower()
        if equivalent == "content-security-policy":
            # it binds only what follows it
            if "body" in self._within or self._style:
                self.opened.breaks("policy", "the content security policy comes too late")
            if content := values.get("content"):
                self.policies.append(content)
        elif equivalent not in ("", "content-type", "content-language"):
            self.opened.breaks("element", "a meta element that acts")

    def handle_data(self, data: str) -> None:
        if "style" in self._within:
            self._style.append(data)
            return
        self._text.append(data)
        if "td" in self._within:
            self.cells[-1] += data
        if "head" not in self._within:
            self.body.append(data)

    def handle_comment(self, data: str) -> None:
        self.opened.holds("a comment", data)

    def handle_decl(self, decl: str) -> None:
        self.opened.holds("the document type", decl[len("DOCTYPE") :], code=True)

    def handle_pi(self, data: str) -> None:
        self.opened.breaks("element", "a processing instruction")
        self.opened.holds("a processing instruction", data)

    def unknown_decl(self, data: str) -> None:
        self.opened.breaks("element", "a marked section")
        self.opened.holds("a marked section", data)

    def finish(self) -> None:
        """Hand over what was collected."""
        hold_style("".join(self._style), self.opened, fonts=True)
        self.opened.holds("the text", "".join(self._text))
        self._attributes.hold()


def _without_data(source: str, opened: Opened) -> str:
    """Open every data: address and return the source without them."""

    def look(found: re.Match[str]) -> str:
        kind, body = found[1], found[2]
        content = _decoded(kind, body)
        if FONT.fullmatch(kind) and content is not None and content[:4] in _WOFF:
            opened.holds("a font", _font_text(content))
        else:
            if _is_live(source, found.start()):
                opened.breaks("data_address", "a data address that is not a font")
            opened.holds("a data address", body)
            if content is not None:
                opened.holds("a data address", lenient(content))
        return " data: " if _is_live(source, found.start()) else found[0]

    return DATA.sub(look, source)


def _is_live(source: str, place: int) -> bool:
    """Whether a place lies in a tag or a style sheet: elsewhere an address is a text that somebody wrote."""
    before = source[:place]
    return before.rfind("<") > before.rfind(">") or before.rfind("<style") > before.rfind("</style")


def _decoded(kind: str, body: str) -> bytes | None:
    raw = unquote_to_bytes(body)
    if not kind.lower().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw + b"===")
    except binascii.Error:
        return None


def _font_text(content: bytes) -> str:
    """Return the names and metadata of a WOFF font; raises if fontTools cannot read it."""
    from fontTools.ttLib import TTFont

    with TTFont(BytesIO(content)) as font:
        names = font["name"].names if "name" in font else ()
        lines = [name.toUnicode(errors="replace") for name in names]
        for extra in (font.flavorData.metaData, font.flavorData.privData):
            if extra:
                lines.append(lenient(extra))
        for tag in font.reader.tables:
            lines += words_in(font.reader[tag])
    return "\n".join(lines)


def _policy_holds(policies: list[str]) -> bool:
    """Whether one of the policies forbids everything but inline style and the fonts within the page."""
    return any(_forbids_the_rest(policy) for policy in policies)


def _forbids_the_rest(policy: str) -> bool:
    rules: dict[str, set[str]] = {}
    for part in filter(str.strip, policy.lower().split(";")):
        directive, *values = part.split()
        rules.setdefault(directive, set(values))
    if rules.get("default-src") != {"'none'"}:
        return False
    allowed = {"font-src": {"data:"}, "img-src": {"data:"}, "style-src": {"'unsafe-inline'"}}
    return all(
        values - {"'none'"} <= allowed.get(directive, set())
        or (directive.startswith("style-src") and all(value.startswith("'sha256-") for value in values))
        for directive, values in rules.items()
        if directive.endswith(("-src", "-src-elem", "-src-attr", "-action", "-uri"))
    )
