"""A workbook taken apart: its archive byte by byte, its parts, its cells, and what hides or acts in it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import replace

import pytest

from tests.gate.leaks import book, repacked
from tests.gate.packs import EXPECTED, MARKING
from workbench.gate import _xlsx
from workbench.gate._parts import Opened, Passage, wide
from workbench.gate._xlsx import open_xlsx

SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"
ARCHIVE = ("archive", "it holds more than its parts")


def _opened(content: bytes, expected=EXPECTED) -> Opened:
    return open_xlsx(content, expected=expected)


def _with(part: str, old: str, new: str) -> bytes:
    def change(body: bytes) -> bytes:
        assert old.encode() in body
        return body.replace(old.encode(), new.encode(), 1)

    return repacked(book(), {part: change})


def _small(parts: dict[str, bytes], *, packing: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return made.getvalue()


PLAIN = {
    SHEET: f'<worksheet><sheetData><row><c t="s"><v>0</v></c><c><v>7</v></c></row><row><c t="inlineStr"><is>'
    f"<t>{MARKING}</t></is></c></row></sheetData></worksheet>".encode(),
    "xl/sharedStrings.xml": b"<sst><si><r><t>Ku</t></r><r><t>ro</t></r></si></sst>",
}


def test_a_plain_workbook_passes():
    """The writer's own workbook and the smallest one break no rule."""
    assert _opened(book()).broken == []
    assert _opened(_small(PLAIN)).broken == []
    assert _opened(_small(PLAIN, packing=zipfile.ZIP_DEFLATED)).broken == []


def test_what_is_read_of_a_workbook():
    """Every text and number, names of elements and attributes, strings in one piece, and rows of cells."""
    assert _opened(_small(PLAIN)).passages == [
        Passage("the text", f"\n\n\n\n0\n\n7\n\n\n\n{MARKING}"),
        Passage(
            "a name", "worksheet\nsheetData\nrow\nc\nt\ns\nv\nc\nv\nrow\nc\nt\ninlineStr\nis\nt", code=True
        ),
        Passage("the text", MARKING),
        Passage("the text", "\n\n\nKu\n\nro"),
        Passage("a name", "sst\nsi\nr\nt\nr\nt", code=True),
        Passage("the text", "Kuro"),
        Passage("the cells of a sheet", f"Kuro\t7\n{MARKING}"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ("<sheetData", "<f/><sheetData", ("formula", "a cell")),
        ("<sheetData", "<hyperlinks/><sheetData", ("link", "a cell")),
        ("<sheetData", "<hyperlink/><sheetData", ("link", "a cell")),
        ("<sheetData", "<externalReferences/><sheetData", ("outside_address", "the workbook")),
        ("<sheetData", "<externalReference/><sheetData", ("outside_address", "the workbook")),
        ("<sheetData", "<legacyDrawing/><sheetData", ("hidden_content", "a comment or a drawing")),
        ("<sheetData", "<drawing/><sheetData", ("hidden_content", "a comment or a drawing")),
        ("<sheetData", "<rPh/><sheetData", ("element", "an element that is not on the list")),
        ("<sheetData", "<!--x--><sheetData", ("element", "a comment or an instruction")),
        ("<sheetData", "<?x y?><sheetData", ("element", "a comment or an instruction")),
        ("<sheetData", '<cols><col hidden="1"/></cols><sheetData', ("hidden_content", "rows or columns")),
        ("<sheetData", '<cols><col hidden="0"/></cols><sheetData', None),
        ("<sheetData", '<cols><col hidden="true"/></cols><sheetData', ("hidden_content", "rows or columns")),
        ("<sheetData", '<cols><col collapsed="on"/></cols><sheetData', ("hidden_content", "rows or columns")),
        ("<sheetData", '<cols><col width="0.99"/></cols><sheetData', ("hidden_content", "rows or columns")),
        ("<sheetData", '<cols><col width="1"/></cols><sheetData', None),
        ("<row", '<row ht="0.5"', ("hidden_content", "rows or columns")),
        ("<row", '<row ht="1"', None),
        ("<row", '<row hidden="1"', ("hidden_content", "rows or columns")),
        ("<sheetFormatPr", '<sheetFormatPr zeroHeight="1"', ("hidden_content", "rows or columns")),
        ("<sheetFormatPr", '<sheetFormatPr zeroHeight="0"', None),
        ("<sheetFormatPr", '<sheetFormatPr hidden="1"', None),
        ("<sheetData", "<extLst/><sheetData", ("element", "an extension")),
    ],
)
def test_what_a_sheet_breaks(old, new, broken):
    """A formula, a link, what is hidden or not on the list is noted; its nearest neighbour is not."""
    found = _opened(_with(SHEET, old, new)).broken
    if broken == ("element", "an extension"):
        assert found == [broken, ("element", "an element that is not on the list")]
    else:
        assert found == ([broken] if broken else [])


NAME = "<definedNames><definedName name={0}>{1}</definedName></definedNames><calcPr"


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ('<sheet name="1 Districts"', '<sheet name="1 Districts" state="visible"', None),
        ('<sheet name="1 Districts"', '<sheet name="1 Districts" state="hidden"', ("hidden_content",
         "a sheet")),
        ('<sheet name="1 Districts"', '<sheet name="x" state="veryHidden"', ("hidden_content", "a sheet")),
        ("<workbookView", '<workbookView visibility="visible"', None),
        ("<workbookView", '<workbookView visibility="hidden"', ("hidden_content", "a sheet")),
        ("<calcPr", '<calcPr state="hidden"', None),
        ("<calcPr", "<f/><calcPr", ("formula", "a cell")),
        ("<calcPr", "<oleSize/><calcPr", ("element", "an element that is not on the list")),
        ("<calcPr", NAME.format('"_xlnm.Print_Titles"', "'1 Districts'!$1:$2"), None),
        ("<calcPr", NAME.format('"_xlnm.Print_Area"', "Kuro!$A$1:$C$9,Kuro!$D$1"), None),
        ("<calcPr", NAME.format('"_xlnm._FilterDatabase"', "$A1"), None),
        ("<calcPr", NAME.format('"Note"', "$A1"), ("defined_name", "the workbook")),
        ("<calcPr", NAME.format('"x_xlnm.Print_Area"', "$A1"), ("defined_name", "the workbook")),
        ("<calcPr", NAME.format('"_xlnm.Print_Area"', "$A1,SUM(1)"), ("defined_name", "the workbook")),
        ("<calcPr", NAME.format('"_xlnm.Print_Area"', "SUM(1),$A1"), ("defined_name", "the workbook")),
        ("<calcPr", "<definedNames><definedName>$A1</definedName></definedNames><calcPr",
         ("defined_name", "the workbook")),
    ],
)  # fmt: skip
def test_what_the_list_of_sheets_breaks(old, new, broken):
    """Hidden sheets, names of more than cells and elements off the list are noted; neighbours are not."""
    assert _opened(_with(BOOK, old, new)).broken == ([broken] if broken else [])


def test_what_is_read_of_the_list_of_sheets():
    """Names of sheets and of ranges are read, each range apart, and what is said of them."""
    new = '<definedNames><definedName name="Zel" comment="drim">A1,B2</definedName></definedNames><calcPr'
    passages = _opened(_with(BOOK, "<calcPr", new)).passages
    assert Passage("the name of a sheet", "1 Districts") in passages
    assert Passage("a defined name", "Zel\nA1\nB2\ndrim") in passages
    new = "<definedNames><definedName>A1</definedName></definedNames><calcPr"
    assert Passage("a defined name", "\nA1\n") in _opened(_with(BOOK, "<calcPr", new)).passages


RELATIONS = "xl/_rels/workbook.xml.rels"


@pytest.mark.parametrize(
    ("part", "old", "new", "broken"),
    [
        (RELATIONS, "<Relationship ", '<Relationship TargetMode="Internal" ', None),
        (RELATIONS, "<Relationship ", '<Relationship TargetMode="External" ', ("outside_address",
         "a relationship")),
        (RELATIONS, 'Target="styles', 'Target="x:styles', ("outside_address", "a relationship")),
        (RELATIONS, 'Target="styles', 'Target="//styles', ("outside_address", "a relationship")),
        (RELATIONS, 'Target="styles', 'Target="/styles', None),
        (RELATIONS, 'Target="styles', 'Target="..\\styles', ("outside_address", "a relationship")),
        (RELATIONS, 'Target="styles', 'Target="a\\styles', ("outside_address", "a relationship")),
        (RELATIONS, 'Target="styles', 'Target="../styles', ("outside_address", "a relationship")),
        (RELATIONS, "<Relationship ", '<Relationship/><Relationship ', None),
        ("[Content_Types].xml", "spreadsheetml.styles", "spreadsheetml.macros",
         ("unknown_part", "a kind of part that no table needs")),
        ("xl/styles.xml", "<fonts", '<numFmts><numFmt formatCode=";;;"/></numFmts><fonts',
         ("hidden_content", "a number format")),
        ("xl/styles.xml", "<fonts", '<numFmts><numFmt formatCode="0.0"/></numFmts><fonts', None),
        ("docProps/core.xml", "<dc:title>", "<!--x--><dc:title>", ("element", "a comment or an instruction")),
        ("xl/sharedStrings.xml", "</sst>", "<f/></sst>", ("formula", "a cell")),
        ("xl/sharedStrings.xml", "</sst>", "<rPh/></sst>", ("element", "an element that is not on the list")),
        ("docProps/app.xml", "</Properties>", "<f/></Properties>", None),
        ("xl/theme/theme1.xml", "<a:themeElements>", "<extLst/><a:themeElements>", ("element",
         "an extension")),
    ],
)  # fmt: skip
def test_what_other_parts_break(part, old, new, broken):
    """Ways out of the workbook, kinds of parts and formats that hide are noted; neighbours are not."""
    assert _opened(_with(part, old, new)).broken == ([broken] if broken else [])


@pytest.mark.parametrize(
    ("code", "hides"),
    [
        ("0", False), ("General", False), ("0;0", False), (";", True), ("0;", True), ("0;;0", True),
        ('""', True), ('"x"0', False), ("[Red]", True), ("[Red]0", False), ("\\x", True), ("_x", True),
        ("* ", True), ("0;;;@", True), ("0;-0;0;@", False), (" ", True), ('"a;b"0', False), ("\\;0", False),
        ("[;]0", False), ("_;0", False), ("*;0", False),
    ],
)  # fmt: skip
def test_a_format_that_shows_nothing(code, hides):
    """A number format hides if one of its sections shows neither a number nor a text."""
    assert _xlsx._hides(code) is hides  # the rule itself; its use is proved above


def test_where_a_cell_stands_is_not_read_and_all_else_is():
    """The place of a cell looks like an identifier and is none; anything else in an attribute is read."""
    cells = b'<c r="M10" s="MZM2026"/><c r="Zeldrim"/></row><row>'
    sheet = PLAIN[SHEET].replace(b"</row><row>", cells)
    names = _opened(_small({**PLAIN, SHEET: sheet})).passages[1]
    assert names.place == "a name"
    assert {"MZM2026", "Zeldrim"} <= set(names.text.split("\n"))
    assert "M10" not in names.text


def test_formats_heads_and_feet_are_read():
    """A number format is read as text, and a head without the codes between its words."""
    passages = _opened(
        _with("xl/styles.xml", "<fonts", '<numFmts><numFmt formatCode="Zel"/></numFmts><fonts')
    ).passages
    assert any(one.place == "the text" and "Zel" in one.text.split("\n") for one in passages)
    for name in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"):
        head = f"<{name}>&amp;CZel&amp;KFF0000&amp;12dr&amp;&quot;Arial&quot;im</{name}>"
        head = f"<headerFooter>{head}</headerFooter>"
        opened = _opened(_with(SHEET, "</worksheet>", head + "</worksheet>"))
        assert opened.broken == []
        read = [one.text for one in opened.passages if one.place == "the text"]
        assert any("Zel\n\ndr\nim" in text for text in read), name


def test_a_sheet_is_marked_in_a_cell_or_a_head():
    """Each sheet says the mark, in a cell or at the head of its pages, whole and in one row or several."""
    bare = {**PLAIN, SHEET: PLAIN[SHEET].replace(MARKING.encode(), b"x")}
    assert _opened(_small(bare)).broken == [("marking", "a sheet")]
    head = f"<headerFooter><oddHeader>&amp;C{MARKING}</oddHeader></headerFooter></worksheet>".encode()
    headed = {**PLAIN, SHEET: bare[SHEET].replace(b"</worksheet>", head)}
    assert _opened(_small(headed)).broken == []
    beside = {**PLAIN, SHEET: bare[SHEET].replace(b"<row>", MARKING.encode() + b"<row>", 1)}
    assert _opened(_small(beside)).broken == [("marking", "a sheet")]
    both = {**PLAIN, "xl/worksheets/sheet2.xml": bare[SHEET]}
    assert _opened(_small(both)).broken == [("marking", "a sheet")]
    assert _opened(_small(PLAIN), replace(EXPECTED, status="draft")).broken == [("status", "a sheet")]


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("", "<c><v>{0}</v></c><c><v>{1}</v></c>"),
        ("", "<c><v>{0}</v></c></row><row><c><v>{1}</v></c>"),
        ("&amp;C{0}&amp;R{1}", ""),
        ("{0}", "<c><v>{1}</v></c>"),
    ],
)
def test_a_mark_may_be_set_in_pieces(head, cells):
    """A mark is one also where it goes on in the next cell, row or part of the head."""
    head, cells = (one.format(MARKING[:3], MARKING[3:]) for one in (head, cells))
    sheet = (
        f"<worksheet><sheetData><row>{cells}</row></sheetData>"
        f"<headerFooter><oddHeader>{head}</oddHeader></headerFooter></worksheet>"
    )
    assert _opened(_small({SHEET: sheet.encode()})).broken == []


@pytest.mark.parametrize("aside", ["<!--Zel drim-->", "<?Zel drim?>"])
def test_an_aside_is_read(aside):
    """What a comment or an instruction says is read as one."""
    passages = _opened(_with(SHEET, "<sheetData", f"{aside}<sheetData")).passages
    assert Passage("a comment", "Zel drim") in passages


def test_small_counts_of_a_sheet_are_noted():
    """A cell below the threshold is noted, be it a number, a string or an inline text."""
    assert _opened(_small(PLAIN), replace(EXPECTED, count_threshold=7)).broken == []
    assert _opened(_small(PLAIN), replace(EXPECTED, count_threshold=8)).broken == [
        ("small_count", "1 in tables")
    ]
    inline = {
        **PLAIN,
        SHEET: PLAIN[SHEET].replace(b"</row><row>", b"<c><v/><is><t>3</t></is></c></row><row>"),
    }
    inline["xl/sharedStrings.xml"] = b"<sst><si><t>4</t></si></sst>"
    assert _opened(_small(inline), replace(EXPECTED, count_threshold=5)).broken == [
        ("small_count", "2 in tables")
    ]


@pytest.mark.parametrize(
    ("name", "is_known"),
    [("xl/worksheets/sheet999.xml", True), ("docProps/app.xml", True), ("xl/worksheets/sheet1000.xml", False),
     ("docProps/custom.xml", False), ("xl/theme/theme2.xml", False), ("xl/vbaProject.bin", False)],
)  # fmt: skip
def test_an_unknown_part_is_refused_and_read(name, is_known):
    """A part that no table needs is refused; its name and its bytes are read as UTF-8 and UTF-16."""
    body = PLAIN[SHEET]
    opened = _opened(_small({**PLAIN, name: body}))
    assert opened.broken == ([] if is_known else [("unknown_part", "a part that no table needs")])
    said = [
        Passage("the name of a part", name),
        Passage("an unknown part", body.decode()),
        *(Passage("an unknown part", text) for text in wide(body)),
    ]
    assert (opened.passages[-7:-1] == said) is not is_known
    assert _opened(_small({**PLAIN, "x": b"\xffa\0b"})).passages[-6].text == "\ufffda\0b"
    assert Passage("the text", MARKING) in _opened(_small({name: body, **PLAIN})).passages  # and what follows


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK\3\4", _small({}), _small({"xl/sharedStrings.xml": b"<sst/>"}),
        _small({**PLAIN, SHEET.upper(): b"<x/>"}), _small({**PLAIN, BOOK: b"<x>"}),
        _small({**PLAIN, BOOK: b"<!DOCTYPE x><x/>"}), _small(PLAIN, packing=zipfile.ZIP_BZIP2),
        _small({**PLAIN, "xl/sharedStrings.xml": b"<sst/>"}), _small({SHEET: PLAIN[SHEET]}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_a_workbook(content):
    """No sheet, the same part twice in other letters, bad XML, other packings, lost strings: not read."""
    with pytest.raises((ValueError, zipfile.BadZipFile, IndexError)):
        _opened(content)


def test_a_workbook_too_large_is_refused(monkeypatch):
    """Parts of more bytes together than any pack's workbook are not unpacked."""
    monkeypatch.setattr(_xlsx, "_LARGEST", sum(map(len, PLAIN.values())))
    assert _opened(_small(PLAIN)).broken == []
    monkeypatch.setattr(_xlsx, "_LARGEST", sum(map(len, PLAIN.values())) - 1)
    with pytest.raises(ValueError, match=r"^$"):
        _opened(_small(PLAIN))


def _directory(content: bytes, change) -> bytes:
    """Return a workbook with bytes put in at a place, its end pointing behind them where asked."""
    end = content.rindex(b"PK\5\6")
    start = struct.unpack("<I", content[end + 16 : end + 20])[0]
    return change(content, start, end)


def _moved(content: bytes, end: int, by: int) -> bytes:
    start = struct.unpack("<I", content[end + 16 : end + 20])[0]
    return content[: end + 16] + struct.pack("<I", start + by) + content[end + 20 :]


def _held(opened: Opened) -> str:
    return "\n".join(one.text for one in opened.passages if one.place == "between the parts")


def test_bytes_of_no_part_are_refused_and_read():
    """Before the directory, after it and after the end, in comments and in extra fields: all is refused."""
    plain = _small(PLAIN)

    def before(content: bytes, start: int, end: int) -> bytes:
        return content[:start] + b"Zeldrim" + _moved(content, end, 7)[start:]

    def commented(content: bytes, _start: int, end: int) -> bytes:
        return content[: end + 20] + struct.pack("<H", 7) + b"Zeldrim"

    for change in (before, commented):
        opened = _opened(_directory(plain, change))
        assert opened.broken == [ARCHIVE]
        assert "Zeldrim" in _held(opened)

    for field, code in (("comment", "utf-8"), ("comment", "utf-16-le"), ("comment", "utf-16-be")):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for name, body in PLAIN.items():
                info = zipfile.ZipInfo(name)
                setattr(info, field, "Zeldrim".encode(code))
                archive.writestr(info, body)
        opened = _opened(made.getvalue())
        assert opened.broken == [ARCHIVE]
        assert "Zeldrim" in _held(opened)

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, body in PLAIN.items():
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HH", 0x9999, 7) + b"Zeldrim"
            archive.writestr(info, body)
    opened = _opened(made.getvalue())
    assert opened.broken == [ARCHIVE]
    assert "Zeldrim" in _held(opened)


def _gapped(more: bytes) -> bytes:
    """Return a workbook with bytes between its first part and its second."""
    plain = _small(PLAIN)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        second = max(info.header_offset for info in archive.infolist())
    end = plain.rindex(b"PK\5\6")
    moved = _moved(plain, end, len(more))
    at = moved.rindex(b"PK\1\2")
    entry = bytearray(moved)
    entry[at + 42 : at + 46] = struct.pack("<I", second + len(more))
    return bytes(entry[:second]) + more + bytes(entry[second:])


def test_bytes_between_two_parts_are_refused_and_read():
    """What lies between two parts of the archive belongs to none, and is read."""
    opened = _opened(_gapped(b"Zeldrim"))
    assert opened.broken == [ARCHIVE]
    assert "Zeldrim" in _held(opened)


def test_the_two_names_of_a_part_are_one():
    """A part named otherwise where it lies than in the directory is refused, and that name is read."""
    plain = bytearray(_small(PLAIN))
    at = plain.index(SHEET.encode())
    plain[at : at + 7] = b"Zeldrim"
    with pytest.raises((zipfile.BadZipFile, ValueError)):
        _opened(bytes(plain))


def _packed(packed: bytes, body: bytes, method: int) -> bytes:
    """Return a workbook whose sheet lies in it as `packed`, while its head tells of `body`."""
    name, out, directory = SHEET.encode(), b"", b""
    strings = PLAIN["xl/sharedStrings.xml"]
    for one, held, meant, how in (
        (name, packed, body, method),
        (b"xl/sharedStrings.xml", strings, strings, 0),
    ):
        crc, lengths = zlib.crc32(meant), (len(held), len(meant), len(one))
        head = struct.pack("<4s6H3L", b"PK\1\2", 20, 20, 0, how, 0, 33, crc, *lengths[:2])
        directory += head + struct.pack("<5H2L", len(one), 0, 0, 0, 0, 0, len(out)) + one
        out += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, how, 0, 33, crc, *lengths, 0) + one + held
    return out + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(out), 0)


def _deflated(body: bytes) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packing.compress(body) + packing.flush()


def test_nothing_hides_behind_the_content_of_a_part():
    """The bytes of a part hold what its head says and no more, packed or not: programs stop reading there."""
    body, more = PLAIN[SHEET], b"Zeldrim Okvante" * 9
    for packed, method in ((body, 0), (_deflated(body), 8)):
        assert _opened(_packed(packed, body, method)).broken == []
    for packed, method in (
        (body + more, 0), (_deflated(body) + more, 8), (_deflated(body + more), 8), (_deflated(body)[:-1], 8),
        (body[:-1], 0), (body[:-1] + b" ", 0), (_deflated(body[:-1]), 8), (_deflated(body[:-1] + b" "), 8),
    ):  # fmt: skip
        with pytest.raises(ValueError):  # noqa: PT011 - what stops the reading says nothing of what was read
            _opened(_packed(packed, body, method))


def test_a_field_where_only_the_part_lies_is_refused_and_read():
    """What lies between the head of a part and its content, and not in the directory, is read by itself."""
    plain = _small(PLAIN)
    second = plain.index(b"PK\3\4", 1)
    field = struct.pack("<HH", 0x9999, 7) + b"Zeldrim"
    named = second + 30 + len("xl/sharedStrings.xml")
    end = plain.rindex(b"PK\5\6")
    whole = _moved(plain, end, len(field))
    whole = whole[: second + 28] + struct.pack("<H", len(field)) + whole[second + 30 :]
    opened = _opened(whole[:named] + field + whole[named:])
    assert opened.broken == [ARCHIVE]
    read = [one.text for one in opened.passages if one.place == "between the parts"]
    said = whole[second:named] + field
    assert read == [said.decode("utf-8", "replace"), *wide(said)]


def test_what_a_name_hides_behind_its_end_is_refused_and_read():
    """A name is read to its end, also where a NUL makes programs stop before."""
    strings = "xl/sharedStrings.xml"
    sheet = _small({f"{SHEET}~Zeldrim": PLAIN[SHEET], strings: PLAIN[strings]})
    opened = _opened(sheet.replace(b"~Zeldrim", b"\0Zeldrim"))
    assert opened.broken == [ARCHIVE]
    assert "Zeldrim" in _held(opened)


@pytest.mark.parametrize("bit", [0, 3, 4, 5, 6, 13])
def test_parts_packed_in_another_way_are_refused(bit):
    """Encrypted and patched parts are not opened; a name in UTF-8 and the speed of packing are no matter."""
    plain = bytearray(_small(PLAIN))
    at = plain.index(b"PK\1\2")
    plain[at + 8 : at + 10] = struct.pack("<H", 1 << bit)
    with pytest.raises(ValueError, match=r"^$"):
        _opened(bytes(plain))


@pytest.mark.parametrize("bits", [0x0002, 0x0004, 0x0006])
def test_how_hard_a_part_was_packed_is_no_matter(bits):
    """The bits that tell how hard the packer tried are no sign of anything hidden."""
    plain = bytearray(_small(PLAIN))
    at = plain.index(b"PK\1\2")
    plain[at + 8 : at + 10] = struct.pack("<H", bits)
    assert _opened(bytes(plain)).broken == []
