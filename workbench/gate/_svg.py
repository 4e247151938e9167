"""A drawing of its own taken apart, as the drawings of a page are: it may draw, and neither act nor load."""

from __future__ import annotations

from workbench.gate._parts import Opened
from workbench.gate._style import Attributes, hold_style
from workbench.gate._xml import parsed

_ELEMENTS = frozenset(
    str.split(
        """
    svg g path rect circle ellipse line polyline polygon text tspan title desc defs use symbol clipPath
    mask marker pattern linearGradient radialGradient stop style
        """
    )
)
_ACTING = frozenset(str.split("script foreignObject iframe object embed handler listener"))
_NAMESPACES = {"xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink"}


class _BadDrawing(ValueError):
    """The file is not SVG."""


def open_svg(content: bytes) -> Opened:
    """
    Take a drawing apart: its texts, titles, descriptions, attributes and comments, and the rules it breaks.

    Rules: `script`, `element` (not on the closed list, or a comment or instruction), `event_handler`,
    `script_address`, `outside_address`, `data_address`. Raises ValueError if it is not SVG in UTF-8,
    or has a document type.
    """
    drawing = parsed(content)
    if drawing.root.name != "svg" or drawing.root.attributes.get("xmlns") != _NAMESPACES["xmlns"]:
        raise _BadDrawing
    opened = Opened()
    attributes, texts = Attributes(opened), []
    for element in drawing.root.all():
        if element.name in _ACTING:
            opened.breaks("script", "an element that can run or load something")
        elif element.name not in _ELEMENTS:
            opened.breaks("element", "an element that is not on the list")
            attributes.code.append(element.name)
        for name, value in element.attributes.items():
            if _NAMESPACES.get(name) == value:
                continue
            if name.startswith("xmlns"):
                opened.breaks("element", "a namespace that no drawing needs")
            # names of attributes are compared in small letters, as HTML has them
            attributes.add(name.lower(), value)
            attributes.code.append(name)
        if element.name == "style":
            hold_style(element.text, opened, fonts=False)
        else:
            texts.append(element.text)
    attributes.hold()
    opened.holds("the text", "\n".join(texts))
    # a word may be drawn in pieces, each in an element of its own
    opened.holds("the text", drawing.root.said())
    for aside in drawing.asides:
        opened.breaks("element", "a comment or an instruction")
        opened.holds("a comment", aside)
    # once more as it stands, should a browser read it otherwise than this parser does
    opened.holds("the source of the drawing", content.decode(), code=True, numbers=False)
    return opened
