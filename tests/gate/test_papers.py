"""A PDF taken apart: every string, name and stream, what it breaks, and bytes of no part."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pikepdf
import pytest

from tests.gate.packs import EXPECTED, MARKING
from workbench.gate import _pdf
from workbench.gate._parts import Opened, Passage
from workbench.gate._pdf import _bytes_between, _in_reading_order, _refuse_bombs, _unpacked, open_pdf

Name, Dictionary, String, Array = pikepdf.Name, pikepdf.Dictionary, pikepdf.String, pikepdf.Array
CONTENT = b"BT /F1 12 Tf 10 100 Td (" + MARKING.encode() + b") Tj ET"


@cache
def _blank() -> bytes:
    return _drawn(lambda _: None)


def _drawn(change: Callable[[pikepdf.Pdf], object], *, content: bytes = CONTENT, pages: int = 1) -> bytes:
    """Return a small tagged PDF whose pages say the marking, after `change`."""
    with pikepdf.new() as document:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        for _ in range(pages):
            document.add_blank_page(page_size=(200, 200))
            page = document.pages[-1]
            page.Resources = Dictionary(Font=Dictionary(F1=font))
            page.Contents = document.make_stream(content)
        document.Root.MarkInfo = Dictionary(Marked=True)
        document.Root.StructTreeRoot = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        change(document)
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _opened(content: bytes, expected=EXPECTED) -> Opened:
    return open_pdf(content, expected=expected)


def _broken(change: Callable[[pikepdf.Pdf], object], **how) -> list[tuple[str, str]]:
    return _opened(_drawn(change, **how)).broken


def _held(content: bytes, place: str) -> list[str]:
    return [one.text for one in _opened(content).passages if one.place == place]


def test_a_small_tagged_pdf_passes():
    """A marked page and nothing else breaks no rule; its text is read in its page."""
    assert _opened(_blank()).broken == []
    assert _held(_blank(), "page 1") == [MARKING]
    two = _drawn(lambda _: None, pages=2)
    assert _opened(two).broken == []
    assert _held(two, "page 2") == [MARKING]


def test_each_page_is_marked():
    """A page without the mark is told by its number; so is one of a draft without its notice."""
    bare = CONTENT.replace(MARKING.encode(), b"x")
    assert _broken(lambda _: None, content=bare, pages=2) == [
        ("marking", "on page 1"),
        ("marking", "on page 2"),
    ]

    def second(document: pikepdf.Pdf) -> None:
        document.pages[1].Contents = document.make_stream(bare)

    assert _broken(second, pages=2) == [("marking", "on page 2")]
    assert _opened(_blank(), replace(EXPECTED, status="draft")).broken == [("status", "on page 1")]


FILES = ("attachment", "the file holds or can hold another file")
RUNS = ("active_content", "something that can run")
OUT = ("outside_address", "a link out of the document")
HIDES = ("hidden_layer", "content that can be out of sight")
UNTAGGED = ("untagged", "the file")
UNMAPPED = ("unmapped_font", "a font")
NOTE = ("annotation", "an annotation that is not a link within the document")
OPAQUE = ("opaque_image", "an image that cannot be read")


def _named(name: str) -> Callable[[pikepdf.Pdf], None]:
    return lambda document: document.Root.__setitem__(name, 1)


def _valued(name: str) -> Callable[[pikepdf.Pdf], None]:
    return lambda document: document.Root.__setitem__("/X", Array([Dictionary(Y=Name(name))]))


@pytest.mark.parametrize(
    ("broken", "names"),
    [
        (FILES, ("/EmbeddedFiles", "/EmbeddedFile", "/EF", "/AF", "/Collection", "/FileAttachment")),
        (RUNS, ("/JS", "/JavaScript", "/Launch", "/AA", "/AcroForm", "/XFA", "/RichMedia", "/Rendition",
         "/Movie",
                "/Sound", "/Screen", "/ImportData", "/ResetForm", "/SetOCGState", "/Trans", "/3D",
                "/Widget")),
        (OUT, ("/URI", "/GoToR", "/GoToE", "/SubmitForm", "/Thread", "/Ref", "/OPI")),
        (HIDES, ("/OCProperties", "/OC", "/OCG", "/PieceInfo", "/Thumb", "/Alternates", "/Perms")),
        (None, ("/GoTo", "/Lang", "/Dests", "/XYZ")),
    ],
)  # fmt: skip
def test_names_that_no_briefing_has(broken, names):
    """A name that acts, leads out, attaches or hides is noted as key and as value; others are not."""
    for name in names:
        for make in (_valued,) if name == "/AcroForm" else (_named, _valued):
            assert _broken(make(name)) == ([broken] if broken else []), name


def _annotation(**entries) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        note = Dictionary(Rect=Array([0, 0, 9, 9]), **entries)
        document.pages[0].Annots = document.make_indirect(Array([note]))

    return change


def _root(**entries) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        for name, value in entries.items():
            document.Root[f"/{name}"] = value

    return change


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda d: d.Root.__delitem__("/StructTreeRoot"), [UNTAGGED]),
        (lambda d: d.Root.__delitem__("/MarkInfo"), [UNTAGGED]),
        (_root(MarkInfo=Dictionary(Marked=False)), [UNTAGGED]),
        (_root(MarkInfo=Dictionary()), [UNTAGGED]),
        (_annotation(Type=Name.Annot, Subtype=Name.Link), []),
        (_annotation(Type=Name.Annot, Subtype=Name.Square), [NOTE]),
        (_annotation(Type=Name.Annot), [NOTE]),
        (_root(X=Dictionary(Type=Name.Font, Subtype=Name.Type0)), [UNMAPPED]),
        (_root(X=Dictionary(Type=Name.Font, Subtype=Name.Type0, ToUnicode=Name.X)), []),
        (_root(X=Dictionary(Type=Name.Font, Subtype=Name.Type1)), []),
        (_root(X=Dictionary(Subtype=Name.Type0)), []),
        (_root(X=Dictionary(Subtype=Name.Image)), [OPAQUE]),
        (_root(X=Dictionary(Type=Name.Image)), []),
    ],
)
def test_what_a_dictionary_is(change, broken):
    """Untagged files, notes, unmapped fonts and images are noted; their nearest neighbours are not."""
    assert _broken(change) == broken


def _nested() -> bytes:
    """Return three pages, two below a node of their own and one below another."""
    with pikepdf.open(io.BytesIO(_drawn(lambda _: None, pages=3))) as document:
        root = document.Root.Pages
        kids = list(root.Kids)
        root.Kids = pikepdf.Array()
        for some in (kids[:2], kids[2:]):
            node = document.make_indirect(Dictionary(Kids=pikepdf.Array(some), Count=len(some), Parent=root))
            for kid in some:
                kid.Parent = node
            root.Kids.append(node)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def test_a_wrong_count_hides_no_page():
    """Readers that trust the count show fewer pages, or others, than those that count: refused."""
    three = _drawn(lambda _: None, pages=3)
    assert three.count(b"/Count 3") == 1
    not_so, unseen = "a number of pages that is not so", "pages that are not counted"
    for content, details in (
        (three, set()),
        (three.replace(b"/Count 3", b"/Count 2"), {not_so, unseen}),
        (_nested(), set()),
        (re.sub(rb"/Count ([12])", lambda found: b"/Count %d" % (3 - int(found[1])), _nested()), {not_so}),
    ):
        assert {detail for rule, detail in _opened(content).broken if rule == "page_count"} == details


def test_an_encrypted_file_is_refused():
    """A file that needs no password to be read is refused as well."""
    with pikepdf.open(io.BytesIO(_blank())) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    assert ("encrypted", "the file") in _opened(out.getvalue()).broken


def test_an_image_drawn_in_a_page_is_refused():
    """Points within a page's content cannot be read; the letters BI in a text are no image."""
    image = b"\nBI /W 1 /H 1 /BPC 8 /CS /G ID \0 EI\n"
    assert _broken(lambda _: None, content=CONTENT + image) == [OPAQUE]
    assert _broken(lambda _: None, content=image[1:] + CONTENT) == [OPAQUE]
    assert _broken(lambda _: None, content=CONTENT.replace(b") Tj", b" xBI ID) Tj")) == []


def test_a_stream_packed_in_another_way_is_refused():
    """Streams are deflated or plain; a stream in hexadecimal is refused though it is read."""

    def packed(document: pikepdf.Pdf) -> None:
        document.Root.X = pikepdf.Stream(document, b"5a656c6472696d>", Filter=Name.ASCIIHexDecode)

    content = _saved_as_it_is(packed)
    assert ("opaque_stream", "a stream packed in another way than by deflation") in _opened(content).broken


def _saved_as_it_is(change: Callable[[pikepdf.Pdf], object]) -> bytes:
    with pikepdf.open(io.BytesIO(_blank())) as document:
        change(document)
        out = io.BytesIO()
        document.save(
            out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
        )  # fmt: skip
    return out.getvalue()


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("Alt", "alternative text"), ("ActualText", "alternative text"), ("E", "alternative text"),
        ("Title", "a title"),
        ("Author", "the metadata"), ("Subject", "the metadata"), ("Keywords", "the metadata"),
        ("Creator", "the metadata"),
        ("Producer", "the metadata"), ("Contents", "an annotation"), ("T", "an annotation"),
        ("TU", "an annotation"),
        ("NM", "an annotation"), ("Other", "a string of an object"),
    ],
)  # fmt: skip
def test_a_string_is_read_in_its_place(key, place):
    """Every string of every object is read, directly or deep in it, and told by the key it stands under."""
    for value in (
        String("Zeldrim"),
        Array([1, Array([String("Zeldrim")])]),
        Array([0, Dictionary(Q=1), String("Zeldrim")]),
    ):
        content = _drawn(_root(X=Dictionary({f"/{key}": value})))
        assert any("Zeldrim" in text.split("\n") for text in _held(content, place))
    lost = _drawn(
        lambda d: d.Root.__setitem__("/X", d.make_indirect(Dictionary({f"/{key}": String("Zeldrim")})))
    )
    assert any("Zeldrim" in text.split("\n") for text in _held(lost, place))


def test_a_string_is_read_in_both_writings():
    """A string in UTF-16 is read as it is meant and byte by byte; one that is the same in both, once."""
    [text] = _held(_drawn(_root(X=Dictionary(Alt=String("Zeжdrim")))), "alternative text")
    assert text == "Zeжdrim\nþÿ\0Z\0e\x046\0d\0r\0i\0m"
    assert _held(_drawn(_root(X=Dictionary(Alt=String("Zel")))), "alternative text") == ["Zel"]


def test_names_are_read_as_code():
    """Keys and values that are names are read, as words of the format."""
    content = _drawn(_root(Zeldrim=Name.Okvante))
    [passage] = [one for one in _opened(content).passages if one.place == "a name of an object"]
    assert {"/Zeldrim", "/Okvante", "/Helvetica"} <= set(passage.text.split("\n"))
    assert passage.code


def _streamed(body: bytes, **entries) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(body)
        for name, value in entries.items():
            stream[f"/{name}"] = value
        document.Root.X = stream

    return _drawn(change)


@pytest.mark.parametrize("code", ["utf-8", "utf-16-be", "utf-16-le"])
def test_a_stream_is_read_in_every_writing(code):
    """The words and numbers of a stream that draws nothing are read, as UTF-8 and UTF-16."""
    body = "Zéldrim 11.35278".encode(code)
    assert any("Zéldrim 11.35278" in text for text in _held(_streamed(body), "a stream"))


@pytest.mark.parametrize(
    ("entries", "is_drawing"),
    [({}, False), ({"Subtype": Name.Form}, True), ({"Type": Name.CMap}, True), ({"Type": Name.Pattern}, True),
     ({"FunctionType": 0}, True), ({"Type": Name.Form}, False), ({"Subtype": Name.Pattern}, False)],
)  # fmt: skip
def test_numbers_of_a_drawing_are_no_values(entries, is_drawing):
    """In forms, patterns, functions and glyph tables the words are read, and the numbers not as values."""
    passages = [
        one
        for one in _opened(_streamed(b"Zeldrim 11.35278 m", **entries)).passages
        if one.place == "a stream"
    ]
    assert any("Zeldrim" in one.text and one.numbers is (not is_drawing) and one.code for one in passages)
    assert any(one.numbers and "11.35278" in one.text for one in passages) is not is_drawing


def test_what_is_read_of_a_drawing():
    """Printable runs of four bytes, wide runs of four letters, comments, and strings of marked content."""
    extra = (
        b"\n% Zel\xc3\xa9\n% Kuro\n"
        b"/Span <</ActualText (Zeldrim) /Alt [(Okvante)]>> BDC EMC\n/Span <</E (Kuro)>> DP\n"
    )
    content = _drawn(lambda _: None, content=CONTENT + extra + "Pemra".encode("utf-16-be") + b"\n")
    assert _opened(content).broken == []
    assert _held(content, "a comment") == ["% Zelé\n% Kuro"]
    assert _held(content, "alternative text") == ["Zeldrim\nOkvante\nKuro"]
    [text] = _held(content, "a stream")
    assert MARKING in text
    assert "Pemra" in text.split("\n")
    assert "Zelé" in text
    assert "Zel\u00c3\u00a9" in text
    assert _held(_blank(), "a comment") == []
    assert _held(_blank(), "alternative text") == []
    point = _drawn(lambda _: None, content=CONTENT + b" /Span <</E (Kuro)>> DP")
    assert _held(point, "alternative text") == ["Kuro"]


def test_contents_in_pieces_are_a_drawing():
    """A page's content in several streams is a drawing in each."""

    def pieces(document: pikepdf.Pdf) -> None:
        parts = [document.make_stream(CONTENT), document.make_stream(b"11.35278 3 m Zeldrim")]
        document.pages[0].Contents = Array(parts)

    assert not [one for one in _opened(_drawn(pieces)).passages if one.place == "a stream" and one.numbers]
    assert _broken(lambda d: d.pages[0].obj.__delitem__("/Contents")) == [("marking", "on page 1")]


@pytest.mark.parametrize("entries", [{"Type": Name.Metadata}, {"Subtype": Name.XML}])
def test_metadata_is_read_with_and_without_its_elements(entries):
    """Metadata is read between its elements as text and whole as code."""
    body = "<dc:x>Zéldrim</dc:x><y z='Okvante'/>".encode() + b"\xff"
    passages = [one for one in _opened(_streamed(body, **entries)).passages if one.place == "the metadata"]
    assert Passage("the metadata", "\nZéldrim\n\n\ufffd") in passages
    assert Passage("the metadata", "<dc:x>Zéldrim</dc:x><y z='Okvante'/>\ufffd", code=True) in passages


def test_font_programs_are_read_as_words():
    """Of a typeface's program words are read, whatever key it is under; it is no stream of text."""
    for key in ("FontFile", "FontFile2", "FontFile3", "CIDSet", "CIDToGIDMap"):
        content = _drawn(
            lambda d, key=key: d.Root.__setitem__(
                "/X", d.make_indirect(Dictionary({f"/{key}": d.make_stream(b"\0\1Zeldrim Okvante\0\2")}))
            )
        )
        assert any("Zeldrim Okvante" in text.split("\n") for text in _held(content, "a font")), key
        assert not any("Zeldrim" in text for text in _held(content, "a stream")), key


# what lies outside the objects


def _between(rest: bytes, streams: list[bytes] | None = None) -> Opened:
    opened = Opened()
    _bytes_between(rest, streams or [], opened)
    return opened


END = b"startxref\n0\n%%EOF\n"
REVISED = ("earlier_revision", "the file holds more than its last state")
LOST = ("earlier_revision", "a stream that belongs to no object")


@pytest.mark.parametrize(
    ("content", "broken"),
    [
        (END, []), (END.strip(), []), (END * 2, [REVISED]), (b"%%EOF", [REVISED]), (END + b"x", [REVISED]),
        (b"startxref\n0\n", [REVISED]),
        (b"stream\nabc\nendstream " + END, [LOST]), (b"stream\r\nabc\nendstream " + END, [LOST]),
        (b"stream\n \nendstream " + END, []), (b"streamabc\nendstream " + END, []),
    ],
)  # fmt: skip
def test_what_lies_between_the_objects(content, broken):
    """One end and one table of objects; a stream that no object owns is refused."""
    assert _between(content).broken == broken


def test_streams_of_objects_are_left_out_once_each():
    """The stream of an object is not read again; a second one like it belongs to no object."""
    once = b"stream\nabcabc\nendstream stream\nabc\nendstream " + END
    assert _between(once, [b"abc\n", b"abcabc\n", b""]).broken == []
    assert _between(once + b"", [b"abcabc\n"]).broken == [LOST]
    assert _between(once, [b"abc\n"]).broken == [LOST]
    assert _between(once.replace(b"abcabc", b"abc"), [b"abc\n"]).broken == [LOST]
    assert _between(once.replace(b"\nabc\n", b"\nc\n"), [b"c\n", b"abcabc\n"]).broken == []


def _texts(opened: Opened, place: str) -> str:
    return "\n".join(one.text for one in opened.passages if one.place == place)


@pytest.mark.parametrize("code", ["utf-8", "utf-16-be"])
def test_a_stream_of_no_object_is_read(code):
    """It is read plain and packed, as UTF-8 and UTF-16."""
    body = "Zéldrim".encode(code)
    for one in (body, zlib.compress(body)):
        opened = _between(b"stream\n" + one + b"endstream " + END)
        assert "Zéldrim" in _texts(opened, "a stream of no object")


def test_bytes_between_the_objects_are_read():
    """Words anywhere, numbers outside objects and tables, comments, and UTF-16 at even and odd places."""
    table = b"xref\n0 1\n0000000000 65535 f \n0000000123 00000 n \n"
    lost = b"stream\nabc\nendstream"
    opened = _between(lost + b"1 0 obj 11.35278 Zeldrim endobj\n" + table + "é 12.5678 ".encode() + END)
    code = [one for one in opened.passages if one.code]
    assert any("11.35278 Zeldrim" in one.text and not one.numbers for one in code)
    plain = [one for one in opened.passages if not one.code and one.place == "between the objects"]
    shown = [one.text.split() for one in plain if "12.5678" in one.text]
    assert shown == [["é", "12.5678", "startxref", "0", "%%EOF"]]
    for loose in (b"xref 11 35278 ", b"xref 40 35411\n1 2\n"):  # numbers, and no table
        held = _between(loose + END).passages
        assert any("35" in one.text and one.numbers and not one.code for one in held), loose
    assert not any("11.35278" in one.text or "0000000123" in one.text for one in plain)
    for encoding in ("utf-16-be", "utf-16-le"):
        for before in (b"", b"."):
            wide = _between(before + "Zéldrim".encode(encoding) + END)
            assert any("Zéldrim" in one.text and not one.code for one in wide.passages), (encoding, before)
    pieces = ["Zeldrim".encode("utf-16-be"), "Okvante".encode("utf-16-be")]
    wide = _between(b"1 0 obj <" + b"><".join(pieces) + b"> endobj " + END)
    assert any("Zeldrim\nOkvante" in one.text and one.code and not one.numbers for one in wide.passages)
    noted = _between(b"1 0 obj % \xc3\xa9 Zeldrim\n endobj " + END)
    assert any("% é Zeldrim" in one.text.split("\n") and not one.code for one in noted.passages)
    assert {one.place for one in (*wide.passages, *noted.passages)} == {"between the objects"}


def test_what_follows_the_end_is_read():
    """Bytes behind the last end of the file are read in a place of their own."""
    assert _texts(_between(END + "Zéldrim".encode()), "after the end") == "\nZéldrim"
    assert _texts(_between(END + b"\xff"), "after the end") == "\n\ufffd"
    assert _texts(_between(END), "after the end") == ""
    assert _texts(_between(b"%%EOF Zeldrim " + END), "after the end") == ""


def test_streams_may_unpack_to_so_much_and_no_more(monkeypatch):
    """All streams of a file together are unpacked up to the limit; one byte more and it is not opened."""
    body = b"stream\n" + zlib.compress(bytes(50)) + b"endstream "
    monkeypatch.setattr(_pdf, "_LARGEST", 100)
    _refuse_bombs(body * 2)
    for more in (body * 3, body * 2 + b"stream\n" + zlib.compress(b"x") + b"endstream"):
        with pytest.raises(ValueError, match=r"^$"):
            _refuse_bombs(more)
    _refuse_bombs(b"stream\nnot packed at all endstream" * 99)


def test_what_is_unpacked():
    """A deflated stream up to a length; what is none gives nothing."""
    assert _unpacked(zlib.compress(b"Zeldrim")) == b"Zeldrim"
    assert _unpacked(zlib.compress(b"Zeldrim"), most=3) == b"Zel"
    assert _unpacked(b"Zeldrim") == b""


def test_words_from_the_right_are_read_in_order():
    """Each line is given backwards, and then with only its runs of words from the right turned."""
    text = "a \u062a \u0628 b \u062c\nc d"
    assert list(_in_reading_order(text)) == [
        "\u062c b \u0628 \u062a a\nd c",
        "a \u0628 \u062a b \u062c \n c d \n",
    ]


def test_a_page_is_read_in_both_directions_only_where_it_must():
    """A page without letters from the right is read once; with them three times."""
    assert len(_held(_blank(), "page 1")) == 1

    def turned(document: pikepdf.Pdf) -> None:
        meant = b"1 beginbfchar <7A> <062A> endbfchar"
        document.pages[0].Resources.Font.F1.ToUnicode = document.make_stream(meant)

    text, *more = _held(_drawn(turned, content=CONTENT.replace(b") Tj", b" z b) Tj")), "page 1")
    assert "\u062a" in text
    assert more == list(_in_reading_order(text))


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", _blank()[:-30], _blank()[:-20], _blank().replace(b"startxref\n", b"startxref\n9")],
)
def test_what_is_no_pdf(content):
    """A file that has to be repaired to be read is not read."""
    with pytest.raises((pikepdf.PdfError, ValueError, RuntimeError)):
        _opened(content)
