"""Attributes and style sheets, of pages and of drawings: what they say, and what they could load or run."""

from __future__ import annotations

import re

from workbench.gate._parts import PART, Opened

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
_LINK = re.compile(rf"#[^\s]*|(?:{PART})(?:#[^\s]*)?")
_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STYLE_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n]?|(.))", re.DOTALL)
_STYLE_ADDRESS = re.compile(
    r"(?:url|src|image|image-set)\(\s*([\"']?)(.*?)\1\s*(?:\)|\Z)", re.IGNORECASE | re.DOTALL
)
DATA = re.compile(r"data:([^,\"'\s()<>]*),([A-Za-z0-9+/=%_.~!*-]*)", re.IGNORECASE)
FONT = re.compile(r"(?:font/woff2?|application/(?:x-)?font-woff2?);base64", re.IGNORECASE)


class Attributes:
    """Collects the attributes of all elements of a file, by how they are to be searched."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.said: list[str] = []
        self.code: list[str] = []

    def add(self, name: str, value: str) -> None:
        """Judge one attribute, and keep what it says."""
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
            check_style(value, self.opened, fonts=False)
        if name in _DRAWN and _DRAWING.fullmatch(value):
            pass  # numbers of a drawing
        elif name in _CODE:
            self.code.append(without_escapes(value))
        else:
            self.said.append(value)
        self.code.append(name)

    def hold(self) -> None:
        """Hand over what was collected."""
        self.opened.holds("an attribute", "\n".join(self.said))
        self.opened.holds("a name", "\n".join(self.code), code=True)


def hold_style(style: str, opened: Opened, *, fonts: bool) -> None:
    """Judge a style sheet, and hand over what it says; with `fonts` it may hold typefaces."""
    check_style(style, opened, fonts=fonts)
    for one in dict.fromkeys((style, without_escapes(style))):  # most hold no escape, and a font is long
        opened.holds("the style sheet", one, code=True)


def check_style(style: str, opened: Opened, *, fonts: bool) -> None:
    """
    Note what a style sheet, or a value with a function in it, would load.

    It is judged with its comments and without: in a string or an address, what looks like one is none.
    """
    for one in dict.fromkeys((style, _STYLE_COMMENT.sub(" ", style))):
        _check_plain(without_escapes(one), opened, fonts=fonts)


def _check_plain(active: str, opened: Opened, *, fonts: bool) -> None:
    bare = DATA.sub("data:", active)
    if re.search(r"@import|expression\(|-moz-binding|behavior\s*:", bare, re.IGNORECASE):
        opened.breaks("outside_address", "the style sheet")
    if re.search(r"//\s*\S", bare):
        opened.breaks("outside_address", "the style sheet")
    for _, address in _STYLE_ADDRESS.findall(active):
        target = address.strip()
        if target.lower().startswith("data:"):
            data = DATA.fullmatch(target)
            if not fonts or not data or not FONT.fullmatch(data[1]):
                opened.breaks("data_address", "the style sheet")
        elif not target.startswith("#"):
            opened.breaks("outside_address", "the style sheet")


def without_escapes(style: str) -> str:
    """Return a style sheet with its backslash escapes undone."""

    def plain(found: re.Match[str]) -> str:
        if found[2] is not None:
            return found[2]
        code = int(found[1], 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "

    return _STYLE_ESCAPE.sub(plain, style)
