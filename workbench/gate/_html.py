"""A page taken apart: every text in it, and every part of it that could act or call out."""

from __future__ import annotations

import base64
import binascii
import re
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import unquote_to_bytes

from workbench.gate._parts import Opened
from workbench.gate._text import squeeze

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
_ADDRESSES = frozenset(
    str.split(
        """
    href src srcset action formaction data poster background cite longdesc ping manifest usemap profile
    classid codebase archive icon lowsrc dynsrc srcdoc imagesrcset xlink:href attributionsrc
        """
    )
)
_CODE = frozenset(
    str.split(
        """
    class id style role scope type for name http-equiv charset lang dir href xlink:href xmlns
    xmlns:xlink version fill stroke font font-family font-size font-style font-weight text-anchor
    dominant-baseline clip-path mask stroke-linecap stroke-linejoin preserveaspectratio rel target
    aria-labelledby aria-describedby headers span colspan rowspan tabindex gradientunits
        """
    )
)
_DRAWN = frozenset(
    str.split(
        """
    d points transform gradienttransform viewbox x y x1 y1 x2 y2 cx cy r rx ry dx dy width height
    stroke-width stroke-dasharray stroke-dashoffset stroke-miterlimit stroke-opacity fill-opacity
    opacity offset font-size fx fy refx refy
        """
    )
)
_DRAWING = re.compile(
    r"(?:(?:translate|rotate|scale|matrix|skewX|skewY)\(|\)|[\d\s,.+%-]|(?<=\d)[eE](?=[-+]?\d)"
    r"|(?<=\d)(?:px|deg|em|rem)\b|[Zz]?[MmLlHhVvCcSsQqTtAaZz](?![A-Za-z]))*"
)
_LINK = re.compile(r"#[^\s]*|(?:briefing\.(?:html|pdf))(?:#[^\s]*)?")
_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STYLE_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n]?|(.))", re.DOTALL)
_STYLE_ADDRESS = re.compile(
    r"(?:url|src|image|image-set)\(\s*([\"']?)(.*?)\1\s*\)", re.IGNORECASE | re.DOTALL
)
_DATA = re.compile(r"data:([^,\"'\s()<>]*),([A-Za-z0-9+/=%_.~!*-]*)", re.IGNORECASE)
_FONT = re.compile(r"(?:font/woff2?|application/(?:x-)?font-woff2?);base64", re.IGNORECASE)
_WOFF = (b"wOFF", b"wOF2")
_NEAR = 600
"""Letters from the top and from the bottom of the page within which the marking must stand."""


def open_html(content: bytes, *, marking: str) -> Opened:
    """
    Take a page apart: its passages, and the rules it breaks.

    Elements are a closed list. Rules: `script`, `element`, `event_handler`, `script_address`,
    `outside_address`, `data_address`, `policy`, `marking`. Raises UnicodeDecodeError if it is not UTF-8.
    """
    source = content.decode("utf-8")
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
    text, mark = squeeze("".join(page.body)), squeeze(marking)
    first, last = (text.find(mark), text.rfind(mark)) if mark else (-1, -1)
    if not 0 <= first <= _NEAR:
        opened.breaks("marking", "at the top of the page")
    if last == first or len(text) - last - len(mark) > _NEAR:
        opened.breaks("marking", "at the bottom of the page")
    return opened


class _Page(HTMLParser):
    """Collects text by where it stood."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(convert_charrefs=True)
        self.opened = opened
        self.body: list[str] = []
        self.policies: list[str] = []
        self._within: list[str] = []
        self._attributes: list[str] = []
        self._code: list[str] = []
        self._drawn: list[str] = []
        self._style: list[str] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ACTING:
            self.opened.breaks("script", "an element that can run or load something")
        elif tag not in _ELEMENTS:
            self.opened.breaks("element", "an element that is not on the list")
        if tag not in _ELEMENTS:
            self._code.append(tag)
        values = dict(attrs)
        if tag == "meta":
            self._meta(values)
        for name, value in attrs:
            self._attribute(name, value or "")
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
            self._code.append(tag)

    def _meta(self, values: dict[str, str | None]) -> None:
        equivalent = (values.get("http-equiv") or "").strip().lower()
        if equivalent == "content-security-policy":
            # it binds only what follows it
            if "body" in self._within or self._style:
                self.opened.breaks("policy", "the content security policy comes too late")
            self.policies.append(values.get("content") or "")
        elif equivalent not in ("", "content-type", "content-language"):
            self.opened.breaks("element", "a meta element that acts")

    def _attribute(self, name: str, value: str) -> None:
        compact = re.sub(r"[\s\x00-\x1f]", "", value).lower()
        if name.startswith("on") or ":on" in name:
            self.opened.breaks("event_handler", "an attribute that runs something")
        if compact.startswith(("javascript:", "vbscript:", "livescript:")):
            self.opened.breaks("script_address", "an attribute")
        if name in _ADDRESSES and not _LINK.fullmatch(value.strip()):
            if compact.startswith("data:"):
                self.opened.breaks("data_address", "an attribute")
            else:
                self.opened.breaks("outside_address", "an attribute")
        if name == "style" or "(" in value:
            _check_style(value, self.opened, fonts=False)
        if name in _DRAWN and _DRAWING.fullmatch(value):
            self._drawn.append(value)
        elif name in _CODE:
            self._code.append(_without_escapes(value))
        else:
            self._attributes.append(value)
        self._code.append(name)

    def handle_data(self, data: str) -> None:
        if "style" in self._within:
            self._style.append(data)
            return
        self._text.append(data)
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
        style = "".join(self._style)
        _check_style(style, self.opened, fonts=True)
        bare = _DATA.sub(" ", style)
        self.opened.holds("the text", "".join(self._text))
        self.opened.holds("an attribute", _DATA.sub(" ", "\n".join(self._attributes)))
        self.opened.holds("a name", _DATA.sub(" ", "\n".join(self._code)), code=True)
        self.opened.holds("the style sheet", bare, code=True)
        self.opened.holds("the style sheet", _without_escapes(bare), code=True)


def _check_style(style: str, opened: Opened, *, fonts: bool) -> None:
    active = _STYLE_COMMENT.sub(" ", _without_escapes(_STYLE_COMMENT.sub(" ", style)))
    bare = _DATA.sub("data:", active)
    if re.search(r"@import|expression\(|-moz-binding|behavior\s*:", bare, re.IGNORECASE):
        opened.breaks("outside_address", "the style sheet")
    if re.search(r"//\s*\S", bare):
        opened.breaks("outside_address", "the style sheet")
    for _, address in _STYLE_ADDRESS.findall(active):
        target = address.strip()
        if target.lower().startswith("data:"):
            data = _DATA.fullmatch(target)
            if not fonts or not data or not _FONT.fullmatch(data[1]):
                opened.breaks("data_address", "the style sheet")
        elif not target.startswith("#"):
            opened.breaks("outside_address", "the style sheet")


def _without_escapes(style: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if found[2] is not None:
            return found[2]
        code = int(found[1], 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "

    return _STYLE_ESCAPE.sub(plain, style)


def _without_data(source: str, opened: Opened) -> str:
    """Open every data: address and return the source without them."""

    def look(found: re.Match[str]) -> str:
        kind, body = found[1], found[2]
        content = _decoded(kind, body)
        if _FONT.fullmatch(kind) and content is not None and content[:4] in _WOFF:
            opened.holds("a font", _font_text(content))
        else:
            opened.breaks("data_address", "a data address that is not a font")
            opened.holds("a data address", body)
            if content is not None:
                opened.holds("a data address", content.decode("utf-8", errors="replace"))
        return " data: "

    return _DATA.sub(look, source)


def _decoded(kind: str, body: str) -> bytes | None:
    raw = unquote_to_bytes(body)
    if not kind.lower().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return None


def _font_text(content: bytes) -> str:
    """Return the names and metadata of a WOFF font; raises if fontTools cannot read it."""
    from fontTools.ttLib import TTFont

    with TTFont(BytesIO(content), lazy=True) as font:
        names = font["name"].names if "name" in font else ()
        lines = [name.toUnicode(errors="replace") for name in names]
        for extra in (font.flavorData.metaData, font.flavorData.privData) if font.flavorData else ():
            if extra:
                lines.append(extra.decode("utf-8", errors="replace"))
    return "\n".join(lines)


def _policy_holds(policies: list[str]) -> bool:
    """Whether one of the policies forbids everything but inline style and the fonts within the page."""
    return any(_forbids_the_rest(policy) for policy in policies)


def _forbids_the_rest(policy: str) -> bool:
    rules: dict[str, set[str]] = {}
    for part in policy.lower().split(";"):
        directive, *values = part.split() or [""]
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
