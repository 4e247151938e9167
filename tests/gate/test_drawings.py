"""XML, drawings, attributes and style sheets taken apart: what is read, what breaks a rule, what does not."""

from __future__ import annotations

import pytest

from tests.gate.leaks import SVG_PAGE
from tests.gate.packs import font
from workbench.gate._parts import Opened, Passage
from workbench.gate._style import Attributes, check_style, hold_style, without_escapes
from workbench.gate._svg import open_svg
from workbench.gate._xml import BadXml, Element, parsed

SVG = "http://www.w3.org/2000/svg"


def test_xml_is_read_in_order():
    """Names, attributes, texts and asides are read as they stand, elements in document order."""
    read = parsed(b'<?xml version="1.0" encoding="utf-8"?><a x="1">b<c>d<e/>&lt;</c>f<!--g--><?h i?><c/></a>')
    root = read.root
    assert (root.name, root.attributes, root.text) == ("a", {"x": "1"}, "bf")
    assert [one.name for one in root.children] == ["c", "c"]
    assert [one.name for one in root.all()] == ["a", "c", "e", "c"]
    assert root.said() == "bd<f"
    assert root.children[0].content == ["d", Element("e", {}), "<"]
    assert read.asides == ["g", "h i"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<a>", b"<a/><b/>", b"<!DOCTYPE a><a/>", b'<?xml version="1.1"?><a/>', b"<a>&x;</a>",
        b'<?xml version="1.0" encoding="latin-1"?><a/>', b"<a b='1' b='2'/>", b"x",
        b'<?xml version="1.0" encoding="utf-16"?><a/>', b"<\0a\0/\0>\0", b"\0<\0a\0/\0>", b"<a>\0</a>",
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
    ],
)  # fmt: skip
def test_what_is_no_xml(content):
    """Another encoding or version, a document type, an entity, or what is not well-formed is refused."""
    with pytest.raises(BadXml):
        parsed(content)


@pytest.mark.parametrize("content", [b"<a>\xff</a>", "<a/>".encode("utf-16"), b"\xe9"])
def test_xml_is_utf_8(content):
    """Bytes that are not UTF-8 are refused before anything reads them."""
    with pytest.raises(UnicodeDecodeError):
        parsed(content)


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-8", "Utf-8"])
def test_xml_may_say_that_it_is_utf_8(encoding):
    """The one encoding may be named, in any case, or left out."""
    assert parsed(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode()).root.name == "a"
    assert parsed(b'<?xml version="1.0"?><a/>').root.name == "a"


@pytest.mark.parametrize(
    ("style", "fonts", "broken"),
    [
        ("p { color: red }", True, []),
        ("p { fill: url(#a) }", False, []),
        ("p { fill: url( '#a' ) }", False, []),
        ("@import 'x'", True, ["outside"]),
        ("@IMPORT 'x'", True, ["outside"]),
        ("p { width: expression(1) }", True, ["outside"]),
        ("p { -moz-binding: x }", True, ["outside"]),
        ("p { behavior : x }", True, ["outside"]),
        ("p { behavior/* */: x }", True, ["outside"]),
        ("p { behavior\\2f **/: x }", True, []),
        ("p::before { content: '/*' } q { x: url(y) } r::before { content: '*/' }", True, ["outside"]),
        ("p { x: url(#/*) } q { x: url(y) } r { x: url(#*/) }", True, ["outside"]),
        ("\\2f * {} p { x: url(y) } *\\2f {}", True, ["outside"]),
        ("p { x: url(y", True, ["outside"]),
        ("p { x: url('y", True, ["outside"]),
        ("p { x: behaviour }", True, []),
        ("/* import */ p { }", True, []),
        ("/* @import */ p { }", True, ["outside"]),
        ("@im/**/port 'x'", True, []),
        ("@im\\70ort 'x'", True, ["outside"]),
        ("p { x: //y }", True, ["outside"]),
        ("p { x: // y }", True, ["outside"]),
        ("p { x: // }", True, ["outside"]),
        ("p { x: //", True, []),
        ("/* //y */", True, ["outside"]),
        ("p { x: url(y) }", True, ["outside"]),
        ("p { x: URL(y) }", True, ["outside"]),
        ("p { x: src(y) }", True, ["outside"]),
        ("p { x: image('y') }", True, ["outside"]),
        ("p { x: image-set(y) }", True, ["outside"]),
        ("p { x: url(\n'y'\n) }", True, ["outside"]),
        ("p { x: u\\72l(y) }", True, ["outside"]),
        ("p { x: url(#a) url(y) }", True, ["outside"]),
        ("p { x: url(data:font/woff;base64,AAAA) }", True, []),
        ("p { x: url(DATA:font/woff;base64,AAAA) }", True, []),
        ("p { x: url(data:font/woff;base64,AA//A) }", True, []),
        ("p { x: url(data:application/x-font-woff2;base64,AAAA) }", True, []),
        ("p { x: url(data:font/woff;base64,AAAA) }", False, ["data"]),
        ("p { x: url(data:font/woff,AAAA) }", True, ["data"]),
        ("p { x: url(data:font/ttf;base64,AAAA) }", True, ["data"]),
        ("p { x: url(data:image/png;base64,AAAA) }", True, ["data"]),
        ("p { x: url(data:font/woff;base64,AA AA) }", True, ["data"]),
        ("p { x: url(data:x) }", True, ["data"]),
        ("p { x: url(data:font/woff;base64,AAAA) url(y) }", True, ["outside"]),
    ],
)
def test_what_a_style_sheet_would_load(style, fonts, broken):
    """Nothing but a place of the page, and a typeface where one may be, is loaded by a style sheet."""
    opened = Opened()
    check_style(style, opened, fonts=fonts)
    assert opened.broken == [(f"{one}_address", "the style sheet") for one in broken]
    held = Opened()
    hold_style(style, held, fonts=fonts)
    assert held.broken == opened.broken


@pytest.mark.parametrize(
    ("style", "plain"),
    [
        ("a", "a"), ("\\41", "A"), ("\\41 b", "Ab"), ("\\41\tb", "Ab"), ("\\41\nb", "Ab"),
        ("\\000041b", "Ab"),
        ("\\g", "g"), ("\\\n", "\n"), ("\\0", " "), ("\\d800", " "), ("\\dfff", " "), ("\\d7ff", "\ud7ff"),
        ("\\e000", "\ue000"), ("\\10ffff", "\U0010ffff"), ("\\110000", " "), ("\\1", "\x01"), ("\\\\", "\\"),
    ],
)  # fmt: skip
def test_escapes_of_a_style_sheet(style, plain):
    """A backslash stands for a character by number or for itself; what is none becomes a space."""
    assert without_escapes(style) == plain


def test_what_is_read_of_a_style_sheet():
    """A style sheet is read as it stands and without its escapes, with the data it carries."""
    opened = Opened()
    hold_style("/* \\41 */ data:font/woff;base64,AAAA", opened, fonts=True)
    assert opened.passages == [
        Passage("the style sheet", "/* \\41 */ data:font/woff;base64,AAAA", code=True),
        Passage("the style sheet", "/* A*/ data:font/woff;base64,AAAA", code=True),
    ]


def _attribute(name: str, value: str) -> Opened:
    opened = Opened()
    attributes = Attributes(opened)
    attributes.add(name, value)
    attributes.hold()
    return opened


@pytest.mark.parametrize(
    ("name", "value", "rules"),
    [
        ("title", "calm", []), ("onload", "x", ["event_handler"]), ("on", "", ["event_handler"]),
        ("xlink:onload", "", ["event_handler"]), ("option", "x", []), ("data-on", "x", []),
        ("title", "javascript:x", ["script_address"]), ("title", " java\nscript :x", ["script_address"]),
        ("title", "\x01VBScript:x", ["script_address"]), ("title", "livescript:", ["script_address"]),
        ("title", "see javascript:x", []),
        ("href", "#a", []), ("href", " #a ", []), ("href", "#", []), ("href", "", ["outside_address"]),
        ("href", "#a b", ["outside_address"]), ("href", "briefing.pdf", []), ("href", "briefing.pdf#a", []),
        ("href", "table_01.csv", []), ("href", "xbriefing.pdf", ["outside_address"]),
        ("href", "briefingxpdf", ["outside_address"]), ("href", "../x", ["outside_address"]),
        ("src", "x", ["outside_address"]), ("xlink:href", "x#a", ["outside_address"]),
        ("href", "data:,x", ["data_address"]), ("href", " DA\tTA:,x", ["data_address"]),
        ("title", "data:,x", []), ("href", "javascript:x", ["script_address", "outside_address"]),
        ("style", "color: red", []), ("style", "x: //y", ["outside_address"]),
        ("title", "x: //y", []), ("fill", "url(#a)", []), ("fill", "url(y)", ["outside_address"]),
        ("fill", "x(", []), ("style", "x: url(data:font/woff;base64,AAAA)", ["data_address"]),
    ],
)  # fmt: skip
def test_what_an_attribute_does(name, value, rules):
    """Handlers, scripts and addresses out of the pack are noted, other values are not."""
    details = {"event_handler": "an attribute that runs something"}
    outside = "an attribute" if name in ("href", "src", "xlink:href") else "the style sheet"
    assert _attribute(name, value).broken == [
        (rule, details.get(rule, outside if rule.endswith("de_address") or rule.startswith("data")
                           else "an attribute"))
        for rule in rules
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "said", "code"),
    [
        ("title", "calm", "calm", "title"),
        ("id", "calm", "", "calm\nid"),
        ("class", "\\41 b", "", "Ab\nclass"),
        ("d", "M1,2.5 l-3e-5Z", "", "d"),
        ("d", "M1 Zeldrim", "M1 Zeldrim", "d"),
        ("d", "MA", "MA", "d"),
        ("transform", "translate(1,2) rotate(3)", "", "transform"),
        ("width", "12px", "", "width"),
        ("width", "calm", "calm", "width"),
        ("font-size", "12em", "", "font-size"),
        ("font-size", "calm", "", "calm\nfont-size"),
        ("data-x", "12", "12", "data-x"),
        ("title", "a data:font/woff;base64,AAAA b", "a data:font/woff;base64,AAAA b", "title"),
        ("id", "a data:,AAAA b", "", "a data:,AAAA b\nid"),
    ],
)
def test_what_is_read_of_an_attribute(name, value, said, code):
    """Numbers of a drawing are left out, words of the format go with the code, the rest is read."""
    expected = [Passage("an attribute", said)] if said else []
    assert _attribute(name, value).passages == [*expected, Passage("a name", code, code=True)]


@pytest.mark.parametrize(
    ("content", "broken"),
    [
        (SVG_PAGE, []),
        (SVG_PAGE.replace("<path", "<script/><path"), [("script",
         "an element that can run or load something")]),
        (SVG_PAGE.replace("<path", "<foreignObject/><path"),
         [("script", "an element that can run or load something")]),
        (SVG_PAGE.replace("<path", "<set/><path"), [("element", "an element that is not on the list")]),
        (SVG_PAGE.replace("<path", "<!-- x --><path"), [("element", "a comment or an instruction")]),
        (SVG_PAGE.replace("<path", "<?x y?><path"), [("element", "a comment or an instruction")]),
        (SVG_PAGE.replace("<path", "<path xmlns:x='y'"), [("element", "a namespace that no drawing needs")]),
        (SVG_PAGE.replace("<path", "<path xmlns='http://www.w3.org/1999/xlink'"),
         [("element", "a namespace that no drawing needs")]),
        (SVG_PAGE.replace("<path", "<path xmlns:xlink='http://www.w3.org/1999/xlink'"), []),
        (SVG_PAGE.replace("<path", "<path ONLOAD='x'"), [("event_handler",
         "an attribute that runs something")]),
        (SVG_PAGE.replace("text {", "@font-face { src: " + f"url({font('Plain')})" + " } text {"),
         [("data_address", "the style sheet")]),
        (SVG_PAGE.replace("Kuro", "<style>@import 'x'</style>"), [("outside_address", "the style sheet")]),
    ],
)  # fmt: skip
def test_what_a_drawing_breaks(content, broken):
    """Elements off the list, asides, foreign namespaces and what loads are each noted; nothing else is."""
    assert open_svg(content.encode()).broken == broken


@pytest.mark.parametrize(
    "content", ["<svg/>", f"<x xmlns='{SVG}'/>", "<svg xmlns='http://www.w3.org/1999/xlink'/>"]
)
def test_what_is_no_drawing(content):
    """A drawing is an svg element of the one namespace."""
    with pytest.raises(ValueError, match=r"^$"):
        open_svg(content.encode())


def test_what_is_read_of_a_drawing():
    """Texts apart and together, styles, attributes, names, asides and the source are all read."""
    source = (
        f'<svg xmlns="{SVG}" aria-label="Map"><title>On</title><style>p {{ }}</style><own dataX="y"/>'
        '<text Id="t">Ku<tspan>ro</tspan></text><!-- c --></svg>'
    )
    assert open_svg(source.encode()).passages == [
        Passage("the style sheet", "p { }", code=True),
        Passage("an attribute", "Map\ny"),
        Passage("a name", "aria-label\naria-label\nown\ndatax\ndataX\nt\nid\nId", code=True),
        Passage("the text", "\nOn\n\nKu\nro"),
        Passage("the text", "Onp { }Kuro"),
        Passage("a comment", " c "),
        Passage("the source of the drawing", source, code=True, numbers=False),
    ]
