"""A workbook taken apart, part by part: what its sheets say and where it hides, and nothing that acts."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from workbench.gate._counts import small_counts
from workbench.gate._marks import somewhere
from workbench.gate._parts import Expected, Opened
from workbench.gate._xml import Element, parsed

_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core)\.xml|xl/workbook\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/styles\.xml|xl/theme/theme1\.xml|xl/sharedStrings\.xml"
    r"|xl/worksheets/sheet[0-9]{1,3}\.xml"
)
_SHEET = re.compile(r"xl/worksheets/sheet[0-9]{1,3}\.xml")
_LARGEST = 60_000_000
"""Bytes of all parts when unpacked."""

_IN_SHEET = frozenset(
    str.split(
        """
    worksheet sheetPr pageSetUpPr tabColor outlinePr dimension sheetViews sheetView pane selection
    sheetFormatPr cols col sheetData row c v is t r rPr rFont charset family b i strike outline shadow
    condense extend color sz u vertAlign scheme mergeCells mergeCell printOptions pageMargins pageSetup
    headerFooter oddHeader oddFooter evenHeader evenFooter firstHeader firstFooter autoFilter
    ignoredErrors ignoredError rowBreaks colBreaks brk
        """
    )
)
_IN_WORKBOOK = frozenset(
    str.split(
        """
    workbook fileVersion workbookPr bookViews workbookView sheets sheet definedNames definedName calcPr
        """
    )
)
_IN_STRINGS = frozenset(
    str.split(
        """
    sst si t r rPr rFont charset family b i strike outline shadow condense extend color sz u vertAlign
    scheme
        """
    )
)
_NAMED = {
    "f": ("formula", "a cell"),
    "hyperlinks": ("link", "a cell"),
    "hyperlink": ("link", "a cell"),
    "externalReferences": ("outside_address", "the workbook"),
    "externalReference": ("outside_address", "the workbook"),
    "legacyDrawing": ("hidden_content", "a comment or a drawing"),
    "drawing": ("hidden_content", "a comment or a drawing"),
}
_TYPES = re.compile(
    r"application/(?:xml|vnd\.openxmlformats-package\.(?:relationships|core-properties)\+xml"
    r"|vnd\.openxmlformats-officedocument\.(?:extended-properties|theme"
    r"|spreadsheetml\.(?:sheet\.main|worksheet|styles|sharedStrings))\+xml)"
)
_BUILT_IN = re.compile(r"_xlnm\.(?:Print_Titles|Print_Area|_FilterDatabase)")
_CELLS = re.compile(r"(?:(?:'[^']*'|[^\W\d]\w*)!)?\$?[A-Z]{0,3}\$?\d*(?::\$?[A-Z]{0,3}\$?\d*)?")
_OF_A_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
_HEAD_CODE = re.compile(r"&(?:\"[^\"]*\"|K[0-9A-Fa-f]{6}|\d{1,3}|[A-Za-z&])")
_OUTSIDE = re.compile(r":|^//|\\|\.\.")
_ON = ("1", "true", "on")


class _BadWorkbook(ValueError):
    """The file is not the plain workbook a pack may hold."""


def open_xlsx(content: bytes, *, expected: Expected) -> Opened:
    """
    Take a workbook apart: every text, number, name and property in it, and the rules it breaks.

    Rules: `unknown_part` (macros, comments, links, pictures, settings and whatever else is not one of the
    few parts that hold tables), `element`, `formula`, `link`, `outside_address`, `hidden_content` (sheets,
    rows, columns, number formats), `defined_name`, `archive` (bytes that belong to no part),
    `marking` and `status` (each sheet says them, in a cell or in the head or foot of its printed pages),
    `small_count`. Raises ValueError or BadZipFile if it cannot be read.
    """
    opened = Opened()
    for name, body in _parts(content, opened):
        if not _PARTS.fullmatch(name):
            opened.breaks("unknown_part", "a part that no table needs")
            opened.holds("the name of a part", name)
            opened.holds_bytes("an unknown part", body)
            continue
        part = parsed(body)
        for aside in part.asides:
            opened.breaks("element", "a comment or an instruction")
            opened.holds("a comment", aside)
        elements = part.root.all()
        _everywhere(elements, opened)
        if name == "xl/workbook.xml":
            _workbook(elements, opened)
        elif _SHEET.fullmatch(name):
            _sheet(elements, opened)
        elif name == "xl/sharedStrings.xml":
            _closed(elements, _IN_STRINGS, opened)
    _read_as_tables(content, expected, opened)
    return opened


def _parts(content: bytes, opened: Opened) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every part; nothing may lie between them, before or after."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        names = [info.filename.lower() for info in infos]
        if len(set(names)) != len(names):
            raise _BadWorkbook
        if sum(info.file_size for info in infos) > _LARGEST:
            raise _BadWorkbook
        if archive.comment or any(info.comment or info.extra for info in infos):
            opened.breaks("archive", "it holds more than its parts")
            for said in (archive.comment, *(one for info in infos for one in (info.comment, info.extra))):
                opened.holds_bytes("between the parts", said)
        at = 0
        for info in infos:
            begins = content[info.header_offset : info.header_offset + 30]
            name = content[info.header_offset + 30 :][: len(info.orig_filename.encode())]
            if info.flag_bits & ~0x0806 or info.compress_type not in (0, 8) or begins[:4] != b"PK\3\4":
                raise _BadWorkbook
            named, extra = (int.from_bytes(begins[place : place + 2], "little") for place in (26, 28))
            if info.header_offset != at or extra or named != len(name) or name.decode() != info.filename:
                opened.breaks("archive", "it holds more than its parts")
                opened.holds_bytes("between the parts", content[at : info.header_offset + 30 + named + extra])
            at = info.header_offset + 30 + named + extra + info.compress_size
            yield info.filename, _unpacked(content[at - info.compress_size : at], info)
        directory = sum(46 + len(i.orig_filename.encode()) + len(i.comment) + len(i.extra) for i in infos)
        if archive.start_dir != at or len(content) != at + directory + 22 + len(archive.comment):
            opened.breaks("archive", "it holds more than its parts")
            opened.holds_bytes("between the parts", content[at:])


def _unpacked(packed: bytes, info: zipfile.ZipInfo) -> bytes:
    """Return the content of a part, which must be all that its bytes hold: zipfile reads no further."""
    body = packed
    if info.compress_type:
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        body = unpacking.decompress(packed, info.file_size + 1)
        if not unpacking.eof or unpacking.unused_data:
            raise _BadWorkbook
    if len(body) != info.file_size or zlib.crc32(body) != info.CRC:
        raise _BadWorkbook
    return body


def _everywhere(elements: list[Element], opened: Opened) -> None:
    """Take every text and attribute of a part; note links out of it and other kinds of content."""
    said, code = [], []
    for element in elements:
        code.append(element.name)
        text = element.text
        said.append(text)
        if element.name in (
            "oddHeader",
            "oddFooter",
            "evenHeader",
            "evenFooter",
            "firstHeader",
            "firstFooter",
        ):
            said.append(_HEAD_CODE.sub("\n", text))
        for name, value in element.attributes.items():
            # where a cell stands says nothing; after its attribute's name it looks like an id: r, M10
            if (element.name, name) == ("c", "r") and _OF_A_CELL.fullmatch(value):
                continue
            code += [name, value]
            if name == "TargetMode" and value != "Internal":
                opened.breaks("outside_address", "a relationship")
            if name == "ContentType" and not _TYPES.fullmatch(value):
                opened.breaks("unknown_part", "a kind of part that no table needs")
            if name == "formatCode":
                said.append(value)
                if _hides(value):
                    opened.breaks("hidden_content", "a number format")
        if element.name == "Relationship" and re.search(
            r":|^//|\\|\.\.", element.attributes.get("Target", "")
        ):
            opened.breaks("outside_address", "a relationship")
        if element.name == "extLst":
            opened.breaks("element", "an extension")
    opened.holds("the text", "\n".join(said))
    opened.holds("a name", "\n".join(code), code=True)
    # a text may be set in runs of different type
    for element in elements:
        if element.name in ("si", "is"):
            opened.holds("the text", element.said())


def _hides(code: str) -> bool:
    """Whether a number format shows nothing of some numbers or of texts."""
    shown = re.sub(r"\"[^\"]*\"|\[[^\]]*\]|\\.|_.|\*.", "", code)
    return any(not section.strip() for section in shown.split(";"))


def _workbook(elements: list[Element], opened: Opened) -> None:
    _closed(elements, _IN_WORKBOOK, opened)
    for element in elements:
        if element.name == "sheet":
            opened.holds("the name of a sheet", element.attributes.get("name", ""))
        if element.name in ("sheet", "workbookView"):
            for name in ("state", "visibility"):
                if element.attributes.get(name, "visible") != "visible":
                    opened.breaks("hidden_content", "a sheet")
        if element.name == "definedName":
            ranges = element.text.split(",")
            named = element.attributes.get("name", "")
            opened.holds("a defined name", "\n".join([named, *ranges, element.attributes.get("comment", "")]))
            if not _BUILT_IN.fullmatch(named) or not all(_CELLS.fullmatch(one) for one in ranges):
                opened.breaks("defined_name", "the workbook")


def _sheet(elements: list[Element], opened: Opened) -> None:
    _closed(elements, _IN_SHEET, opened)
    for element in elements:
        given = element.attributes
        if element.name in ("row", "col") and (
            given.get("hidden") in _ON or given.get("collapsed") in _ON or _is_nothing(given)
        ):
            opened.breaks("hidden_content", "rows or columns")
        if element.name == "sheetFormatPr" and given.get("zeroHeight") in _ON:
            opened.breaks("hidden_content", "rows or columns")


def _is_nothing(given: dict[str, str]) -> bool:
    return any(float(given.get(name, "10")) < 1 for name in ("ht", "width"))


def _closed(elements: list[Element], allowed: frozenset[str], opened: Opened) -> None:
    for element in elements:
        if element.name in _NAMED:
            opened.breaks(*_NAMED[element.name])
        elif element.name not in allowed:
            opened.breaks("element", "an element that is not on the list")


def _read_as_tables(content: bytes, expected: Expected, opened: Opened) -> None:
    """Read cell by cell, as a spreadsheet does: rows of neighbouring cells, marks, small counts."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        strings: list[str] = []
        if "xl/sharedStrings.xml" in names:
            items = parsed(archive.read("xl/sharedStrings.xml")).root.children
            strings = [item.said() for item in items if item.name == "si"]
        sheets = [name for name in names if _SHEET.fullmatch(name)]
        if not sheets:
            raise _BadWorkbook
        for name in sheets:
            elements = parsed(archive.read(name)).root.all()
            rows = [
                [_value(cell, strings) for cell in row.children if cell.name == "c"]
                for row in elements
                if row.name == "row"
            ]
            heads = [_HEAD_CODE.sub("\n", one.said()) for one in elements if one.name == "headerFooter"]
            opened.holds("the cells of a sheet", "\n".join("\t".join(row) for row in rows))
            somewhere(
                "\n".join([*heads, *("\t".join(row) for row in rows)]), expected, opened, where="a sheet"
            )
            small_counts((cell for row in rows for cell in row), expected, opened)


def _value(cell: Element, strings: list[str]) -> str:
    said = "".join(child.said() for child in cell.children if child.name in ("v", "is"))
    if cell.attributes.get("t") == "s":
        return strings[int(said)]
    return said
