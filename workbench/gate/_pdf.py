"""A PDF taken apart: pages, every string of every object, streams; and whatever could act or hide."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from workbench.gate._marks import one_page
from workbench.gate._pages import pages_of
from workbench.gate._parts import LATIN, WIDE_BIG, Expected, Opened, lenient, words_in

_ATTACHMENT = frozenset({"/EmbeddedFiles", "/EmbeddedFile", "/EF", "/AF", "/Collection", "/FileAttachment"})
_ACTIVE = frozenset(
    str.split(
        """
    /JS /JavaScript /Launch /AA /AcroForm /XFA /RichMedia /RichMediaContent /RichMediaExecute /Rendition
    /Movie /Sound /Screen /ImportData /ResetForm /SetOCGState /Trans /3D /Widget /Named
        """
    )
)
_OUTSIDE = frozenset({"/URI", "/GoToR", "/GoToE", "/SubmitForm", "/Thread", "/Ref", "/OPI"})
_HIDING = frozenset({"/OCProperties", "/OC", "/OCG", "/PieceInfo", "/Thumb", "/Alternates", "/Perms"})
_FONT_PROGRAM = frozenset({"/FontFile", "/FontFile2", "/FontFile3", "/CIDSet", "/CIDToGIDMap"})
_PLACES = {
    "/Alt": "alternative text",
    "/ActualText": "alternative text",
    "/E": "alternative text",
    "/Title": "a title",
    "/Author": "the metadata",
    "/Subject": "the metadata",
    "/Keywords": "the metadata",
    "/Creator": "the metadata",
    "/Producer": "the metadata",
    "/Contents": "an annotation",
    "/T": "an annotation",
    "/TU": "an annotation",
    "/NM": "an annotation",
}
_PRINTABLE = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]{4,}")
_WIDE = re.compile(rb"(?:[\x00-\x07\x20-\x2f][\x20-\x7e\x80-\xff]){4,}")
_INLINE_IMAGE = re.compile(rb"(?:^|\s)BI\s+/.*?\sID\s", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff]")
_OBJECT = re.compile(rb"\d+ \d+ obj\b.*?\bendobj\b", re.DOTALL)
_TABLE = re.compile(rb"\bxref\s+(?:\d+ \d+\s+(?:\d{10} \d{5} [nf]\s+)+)+")
_COMMENT = re.compile(rb"%[^\r\n]*")
_LARGEST = 200_000_000
"""Bytes of all streams of a file when unpacked."""


class _TooLarge(ValueError):
    """A file unpacks to more than any briefing holds."""


def open_pdf(content: bytes, *, expected: Expected) -> Opened:
    """
    Take a PDF apart: its passages, and the rules it breaks.

    Rules: `marking` (on every page), `untagged`, `attachment`, `active_content`, `outside_address`,
    `annotation`, `hidden_layer`, `opaque_image` (a picture's text cannot be read), `unmapped_font`
    (nor text whose font does not say what its glyphs mean), `encrypted`, `earlier_revision`,
    `opaque_stream`, `status`, `page_count` (readers that trust a wrong count see fewer pages than others).
    Raises whatever pikepdf or pypdfium2 raise if they cannot read it.
    """
    opened = Opened()
    _refuse_bombs(content)
    streams, many = _objects(content, opened)
    _pages(content, many, opened, expected)
    _bytes_between(content, streams, opened)
    return opened


def _pages(content: bytes, many: int, opened: Opened, expected: Expected) -> None:
    for one in pages_of(content):
        number, text = one.number, one.text
        opened.holds(f"page {number}", text)
        if _RIGHT_TO_LEFT.search(text):
            for turned in _in_reading_order(text):
                opened.holds(f"page {number}", turned)
        one_page(text, number, expected, opened)
        if one.of != many:
            opened.breaks("page_count", "pages that are not counted")


def _in_reading_order(text: str) -> Iterator[str]:
    """Yield a page's text with words written from the right in the order they are read, not drawn."""
    lines = [line.split() for line in text.splitlines()]
    yield "\n".join(" ".join(reversed(words)) for words in lines)
    turned: list[str] = []
    for words in lines:
        run: list[str] = []
        for word in words:
            if _RIGHT_TO_LEFT.search(word):
                run.insert(0, word)
            else:
                turned += [*run, word]
                run = []
        turned += [*run, "\n"]
    yield " ".join(turned)


def _objects(content: bytes, opened: Opened) -> tuple[list[bytes], int]:
    import pikepdf

    with pikepdf.open(BytesIO(content), attempt_recovery=False) as pdf:
        if pdf.is_encrypted:
            opened.breaks("encrypted", "the file")
        root = pdf.Root
        marked = "/MarkInfo" in root and root.MarkInfo.get("/Marked")
        if "/StructTreeRoot" not in root or not marked:
            opened.breaks("untagged", "the file")
        objects = [*pdf.objects, pdf.trailer]
        if any(node.get("/Count") != _leaves(node) for node in _nodes(root.Pages)):
            opened.breaks("page_count", "a number of pages that is not so")
        programs = _strings_and_names(objects, opened)
        drawings = _drawings(objects, pdf)
        streams: list[bytes] = []
        for one in objects:
            if isinstance(one, pikepdf.Stream):
                streams.append(one.read_raw_bytes())
                if one.get("/Filter", "/FlateDecode") != "/FlateDecode":
                    opened.breaks("opaque_stream", "a stream packed in another way than by deflation")
                if one.objgen in programs:
                    opened.holds("a font", "\n".join(words_in(one.read_bytes())))
                else:
                    _stream(one, drawings, opened)
        return streams, len(pdf.pages)


def _drawings(objects: list[Any], pdf: Any) -> set[tuple[int, int]]:
    """Return the streams whose numbers are those of a drawing or of glyphs, not values."""
    import pikepdf

    found: set[tuple[int, int]] = set()
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        for one in contents if isinstance(contents, pikepdf.Array) else [contents]:
            if one is not None:
                found.add(one.objgen)
    for one in objects:
        if isinstance(one, pikepdf.Stream) and (
            one.get("/Subtype") == "/Form"
            or one.get("/Type") in ("/CMap", "/Pattern")
            or "/FunctionType" in one
        ):
            found.add(one.objgen)
    return found


def _strings_and_names(objects: list[Any], opened: Opened) -> set[tuple[int, int]]:
    """Hand over every string and name of every object; return the streams that are font programs."""
    import pikepdf

    strings: dict[str, list[str]] = defaultdict(list)
    names: set[str] = set()
    programs: set[tuple[int, int]] = set()
    for one in objects:
        left = [("", one)]
        while left:
            key, value = left.pop()
            if isinstance(value, pikepdf.Name):
                names.add(str(value))
            elif isinstance(value, pikepdf.String):
                strings[_PLACES.get(key, "a string of an object")] += _spellings(value)
            elif isinstance(value, pikepdf.Stream) and key in _FONT_PROGRAM:
                programs.add(value.objgen)
            elif key and isinstance(value, pikepdf.Object) and value.is_indirect:
                continue  # its own turn comes; here only its key is news
            elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                inner = list(value.items())
                names.update(name for name, _ in inner)
                _judge(dict(inner), opened)
                left += reversed(inner)
            elif isinstance(value, pikepdf.Array):
                left += [(key or "/", held) for held in reversed(list(value))]
    _name_rules(names, opened)
    for place, texts in strings.items():
        opened.holds(place, "\n".join(texts))
    opened.holds("a name of an object", "\n".join(sorted(names)), code=True)
    return programs


def _nodes(node: Any) -> Iterator[Any]:
    """Yield a node of the tree of pages and all below it that are no pages."""
    yield node
    for kid in node.Kids:
        if "/Kids" in kid:
            yield from _nodes(kid)


def _leaves(node: Any) -> int:
    """Return how many pages stand below a node; what does not end raises RecursionError."""
    return sum(_leaves(kid) if "/Kids" in kid else 1 for kid in node.Kids)


def _walk(value: Any) -> Iterator[Any]:
    """Yield an operand of a page's content and all it holds; no reference can stand there."""
    import pikepdf

    yield value
    if isinstance(value, pikepdf.Dictionary):
        value = value.values()
    elif not isinstance(value, pikepdf.Array):
        return
    for inner in value:
        yield from _walk(inner)


def _judge(value: dict[str, Any], opened: Opened) -> None:
    """Note what a dictionary is, where that alone is against a rule."""
    if value.get("/Subtype") == "/Image":
        opened.breaks("opaque_image", "an image that cannot be read")
    if value.get("/Type") == "/Font" and value.get("/Subtype") == "/Type0" and "/ToUnicode" not in value:
        opened.breaks("unmapped_font", "a font")
    if value.get("/Type") == "/Annot" and value.get("/Subtype") != "/Link":
        opened.breaks("annotation", "an annotation that is not a link within the document")


def _name_rules(names: set[str], opened: Opened) -> None:
    for rule, forbidden, detail in (
        ("attachment", _ATTACHMENT, "the file holds or can hold another file"),
        ("active_content", _ACTIVE, "something that can run"),
        ("outside_address", _OUTSIDE, "a link out of the document"),
        ("hidden_layer", _HIDING, "content that can be out of sight"),
    ):
        if names & forbidden:
            opened.breaks(rule, detail)


def _spellings(value: Any) -> list[str]:
    """Return a string as PDF means it, and byte by byte should a reader take it otherwise."""
    meant, raw = str(value), bytes(value).decode(LATIN)
    return [meant] if meant == raw else [meant, raw]


def _stream(stream: Any, drawings: set[tuple[int, int]], opened: Opened) -> None:
    import pikepdf

    body = stream.read_bytes()
    metadata = stream.get("/Type") == "/Metadata" or stream.get("/Subtype") == "/XML"
    place = "the metadata" if metadata else "a stream"
    if metadata:
        text = lenient(body)
        opened.holds(place, re.sub(r"<[^>]*>", "\n", text))
        opened.holds(place, text, code=True)
        return
    pieces = _PRINTABLE.findall(body)
    texts = [piece.decode(LATIN) for piece in pieces]
    if not all(map(bytes.isascii, pieces)):  # what is says the same in both
        texts += [lenient(piece) for piece in pieces]
    texts += [lenient(piece, WIDE_BIG) for piece in _WIDE.findall(body)]
    drawn = stream.objgen in drawings
    opened.holds(place, "\n".join(texts), code=True, numbers=not drawn)
    if not drawn:
        opened.holds_bytes(place, body)
        return
    opened.holds("a comment", "\n".join(lenient(one) for one in _COMMENT.findall(body)))
    if _INLINE_IMAGE.search(body):
        opened.breaks("opaque_image", "an image that cannot be read")
    if b"BDC" in body or b"DP" in body:
        strings: list[str] = []
        for instruction in pikepdf.parse_content_stream(stream, operators="BDC DP"):
            for operand in instruction.operands:
                for value in _walk(operand):
                    if isinstance(value, pikepdf.String):
                        strings += _spellings(value)
        opened.holds("alternative text", "\n".join(strings))


def _bytes_between(content: bytes, streams: list[bytes], opened: Opened) -> None:
    """Look at what lies outside the streams: comments, what follows the end, what was replaced."""
    if content.count(b"startxref") != 1 or not content.rstrip().endswith(b"%%EOF"):
        opened.breaks("earlier_revision", "the file holds more than its last state")
    opened.holds("after the end", lenient(content.rpartition(b"%%EOF")[2]))
    rest = content
    for body in sorted(streams, key=len, reverse=True):
        rest = rest.replace(body, b"", 1)
    for body in _STREAM.findall(rest):
        if body.strip():
            opened.breaks("earlier_revision", "a stream that belongs to no object")
            for one in (body, _unpacked(body)):
                opened.holds_bytes("a stream of no object", one)
    rest = _STREAM.sub(b"\n", rest)
    opened.holds("between the objects", rest.decode(LATIN), code=True, numbers=False)
    # without the objects, whose numbers are of the page's geometry, a number is a value
    bare = _TABLE.sub(b"\n", _OBJECT.sub(b"\n", rest))
    opened.holds_bytes("between the objects", bare)
    opened.holds("between the objects", lenient(b"\n".join(_COMMENT.findall(rest))))
    wide = [lenient(piece, WIDE_BIG) for piece in _WIDE.findall(rest)]
    opened.holds("between the objects", "\n".join(wide), code=True, numbers=False)


def _refuse_bombs(content: bytes) -> None:
    """Raise before anything unpacks more than any pack's file holds; an unpacked size cannot be trusted."""
    room = _LARGEST
    for body in _STREAM.findall(content):
        room -= len(_unpacked(body, most=room + 1))
        if room < 0:
            raise _TooLarge


def _unpacked(body: bytes, *, most: int = _LARGEST) -> bytes:
    try:
        return zlib.decompressobj().decompress(body, most)
    except zlib.error:
        return b""
