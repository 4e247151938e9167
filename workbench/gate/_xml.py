"""XML read without trust: no document type, no entity, no comment, no instruction, nothing outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat


@dataclass
class Element:
    """An element: its name as written (with its prefix), its attributes, what it holds in order."""

    name: str
    attributes: dict[str, str]
    content: list[str | Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly in it."""
        return "".join(one for one in self.content if isinstance(one, str))

    @property
    def children(self) -> list[Element]:
        """The elements directly in it."""
        return [one for one in self.content if isinstance(one, Element)]

    def all(self) -> list[Element]:
        """Return it and all elements within it, in document order."""
        found, waiting = [], [self]
        while waiting:
            one = waiting.pop()
            found.append(one)
            waiting += reversed(one.children)
        return found

    def said(self) -> str:
        """Return the text of it and of all within it, as it stands."""
        pieces: list[str] = []
        waiting: list[str | Element] = [self]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                pieces.append(one)
            else:
                waiting += reversed(one.content)
        return "".join(pieces)


@dataclass
class Parsed:
    """A file of XML: its outermost element, and its comments and other asides, which no pack's file has."""

    root: Element
    asides: list[str]


class BadXml(ValueError):
    """The file is not XML, or a kind of XML that no pack's file is."""


def parsed(content: bytes) -> Parsed:
    """
    Read XML in UTF-8; raises BadXml if it is none, names another encoding, or has a document type.

    Without a document type there are no entities to expand but XML's own five.
    """
    content.decode()
    if b"\0" in content:  # expat takes UTF-16 for what it is, whatever encoding it is told
        raise BadXml
    top = Element("", {})
    within = [top]
    asides: list[str] = []
    parser = expat.ParserCreate(encoding="UTF-8")
    parser.ordered_attributes = False
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        element = Element(name, attributes)
        within[-1].content.append(element)
        within.append(element)

    def end(_: str) -> None:
        within.pop()

    def said(data: str) -> None:
        within[-1].content.append(data)

    def refused(*_: object) -> None:
        raise BadXml

    def declared(version: str, encoding: str | None, _: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() != "utf-8":
            raise BadXml

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = said
    parser.StartDoctypeDeclHandler = refused
    parser.XmlDeclHandler = declared
    parser.CommentHandler = asides.append
    parser.ProcessingInstructionHandler = lambda target, data: asides.append(f"{target} {data}")
    try:
        parser.Parse(content, True)  # noqa: FBT003  # the C function takes no keyword
    except expat.ExpatError:
        raise BadXml from None
    return Parsed(top.children[0], asides)
