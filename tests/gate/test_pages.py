"""A page taken apart: what is read of it and where, what it breaks, and its nearest neighbours."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import pytest
from fontTools.ttLib import TTFont

from tests.gate.packs import EXPECTED, MARKING, PAGE, font
from workbench.gate import page_passes
from workbench.gate._html import _font_text, _forbids_the_rest, open_html
from workbench.gate._parts import Opened, Passage

POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"
HEAD = f'<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" content="{POLICY}">'


def _page(body: str = "", head: str = "") -> str:
    return f"{HEAD}{head}</head><body>{MARKING} {body} {MARKING}</body></html>"


def _opened(page: str, expected=EXPECTED) -> Opened:
    return open_html(page.encode(), expected=expected)


def _held(page: str, place: str) -> list[Passage]:
    return [one for one in _opened(page).passages if one.place == place]


def test_what_is_read_of_a_page():
    """Text, styles, attributes, names, comments, the type and the source are each read in their place."""
    page = _page('<p id="i" title="t">a<b>b</b> &amp; c</p><!-- no -->', "<style>p { x: y }</style>")
    assert _opened(page).broken == []
    assert _opened(page).passages == [
        Passage("the document type", " html", code=True),
        Passage("a comment", " no "),
        Passage("the style sheet", "p { x: y }", code=True),
        Passage("the text", f"{MARKING} ab & c {MARKING}"),
        Passage("an attribute", f"{POLICY}\nt"),
        Passage("a name", "Content-Security-Policy\nhttp-equiv\ncontent\ni\nid\ntitle", code=True),
        Passage("the source of the page", page, code=True, numbers=False),
    ]


ACTING = ("script", "an element that can run or load something")
UNLISTED = ("element", "an element that is not on the list")
LATE = ("policy", "the content security policy comes too late")
NONE = ("policy", "no content security policy that forbids scripts and outside addresses")


@pytest.mark.parametrize(
    ("body", "head", "broken"),
    [
        ("<p>x</p>", "", []), ("<script></script>", "", [ACTING]), ("<noscript></noscript>", "", [ACTING]),
        ("<iframe/>", "", [ACTING]), ("<dialog></dialog>", "", [UNLISTED]), ("<br/>", "", []),
        ("<x-y/>", "", [UNLISTED]),
        ("<?x?>", "", [("element", "a processing instruction")]),
        ("<![CDATA[x]]>", "", [("element", "a marked section")]),
        ("", '<meta charset="utf-8">', []), ("", '<meta name="a" content="b">', []),
        ("", '<meta http-equiv="Content-Type">', []), ("", '<meta http-equiv="content-language">', []),
        ("", '<meta http-equiv=" Refresh ">', [("element", "a meta element that acts")]),
        ("", "<meta http-equiv>", []),
        ("", f'<meta http-equiv=" content-security-policy " content="{POLICY}">', []),
        ("", "<meta http-equiv='Content-Security-Policy'>", []),
        (f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">', "", [LATE]),
        ("", f'<style>p {{}}</style><meta http-equiv="Content-Security-Policy" content="{POLICY}">', [LATE]),
        ("<a href>x</a>", "", [("outside_address", "an attribute")]),
        ("<p title>x</p>", "", []),
        ("", "<style>@import 'x'</style>", [("outside_address", "the style sheet")]),
        ("<style>@import 'x'</style>", "", [("outside_address", "the style sheet")]),
        ("", f"<style>p {{ src: url({font('Plain')}) }}</style>", []),
        ("", "<style>p { src: url(data:font/woff;base64,AAAA) }</style>",
         [("data_address", "a data address that is not a font")]),
        ("<p title='data:,x'>y</p>", "", [("data_address", "a data address that is not a font")]),
        ("so data:,x <style>p {}</style>", "", []),
        ("so data:,x", "<style>p {}</style><style>q {}</style>", []),
        ("", "<style>p {}</style><style>p { x: data:,x }</style>",
         [("data_address", "a data address that is not a font")]),
        ("<p>data:,x</p>", "", []), ("say data:text/html;base64,AAAA so", "", []),
    ],
)  # fmt: skip
def test_what_a_page_breaks(body, head, broken):
    """What acts, loads or is not on the list is noted under its rule; its nearest neighbour is not."""
    assert _opened(_page(body, head)).broken == broken


@pytest.mark.parametrize(
    "page",
    [f"<!DOCTYPE html><body>{MARKING} {MARKING}", f"{HEAD.replace(POLICY, '')}</head>{MARKING} {MARKING}"],
)
def test_a_page_without_a_policy_is_refused(page):
    """No policy, or an empty one, forbids nothing."""
    assert _opened(page).broken == [NONE]


@pytest.mark.parametrize(
    ("policy", "holds"),
    [
        (POLICY, True), ("default-src 'none'", True), ("DEFAULT-SRC 'NONE'", True), (f";{POLICY}; ", True),
        ("", False), ("default-src", False), ("default-src 'self'", False), ("default-src 'none' x", False),
        ("style-src 'unsafe-inline'", False), ("default-src *; default-src 'none'", False),
        ("default-src 'none'; default-src *", True),
        ("default-src 'none'; script-src 'none'", True), ("default-src 'none'; script-src 'self'", False),
        ("default-src 'none'; script-src 'unsafe-inline'", False),
        ("default-src 'none'; script-src 'sha256-x'", False),
        ("default-src 'none'; style-src 'sha256-x' 'sha256-y'", True),
        ("default-src 'none'; style-src 'sha256-x' x", False), ("default-src 'none'; style-src x", False),
        ("default-src 'none'; style-src-elem 'sha256-x'", True),
        ("default-src 'none'; style-src-elem x", False),
        ("default-src 'none'; style-src-attr x", False), ("default-src 'none'; script-src-attr x", False),
        ("default-src 'none'; font-src data: x", False), ("default-src 'none'; img-src data:", True),
        ("default-src 'none'; img-src *", False), ("default-src 'none'; form-action x", False),
        ("default-src 'none'; form-action 'none'", True), ("default-src 'none'; base-uri x", False),
        ("default-src 'none'; base-uri 'none'", True), ("default-src 'none'; sandbox", True),
    ],
)  # fmt: skip
def test_a_policy_forbids_everything_else(policy, holds):
    """Only inline style and fonts within the page may be allowed; the first word counts."""
    assert _forbids_the_rest(policy) is holds


def test_one_policy_of_several_is_enough():
    """Browsers obey all policies of a page, so one that forbids suffices."""
    page = _page(head='<meta http-equiv="Content-Security-Policy" content="img-src *">')
    assert _opened(page).broken == []
    assert _opened(page.replace(POLICY, "img-src *")).broken == [NONE]


def test_text_is_read_where_it_stands():
    """Text in one piece across elements; the head's is read, and marks nothing."""
    assert _held(_page("Zel<b>drim</b>"), "the text") == [Passage("the text", f"{MARKING} Zeldrim {MARKING}")]
    split = f"{HEAD}</head><body>{MARKING[:3]}<b>{MARKING[3:]}</b> x {MARKING}</body></html>"
    assert _opened(split).broken == []
    assert _held(_page("<p title>x</p>"), "an attribute")[0].text == f"{POLICY}\n"
    styles = _page(head="<style>p { x: y }</style><style>q { }</style>")
    assert _held(styles, "the style sheet")[0].text == "p { x: y }q { }"
    page = f"{HEAD}<title>{MARKING}</title></head><body>{MARKING}</body></html>"
    assert _opened(page).broken == [("marking", "at the bottom of the page")]
    assert _held(page, "the text")[0].text == MARKING * 2
    page = f"{HEAD}</head><body>{MARKING}<style>{MARKING}</style></body></html>"
    assert _opened(page).broken == [("marking", "at the bottom of the page")]


@pytest.mark.parametrize(
    ("body", "cells"),
    [
        ("<table><tr><td>3</td><td>x</td><td>9</td></tr></table>", 1),
        ("<table><tr><td>3</td><td>4</td></tr></table>", 2),
        ("<table><tr><td>1</td>2</tr></table>", 1),
        ("<table><tr><td>1<b>2</b></td></tr></table>", 0),
        ("<table><tr><td>1<td>2</tr></table>", 2),
        ("<table><tr><td>1<br>2</td></tr></table>", 0),
        ("<table><tr><td>1</td></tr></table>2", 1),
        ("<table><tr><th>3</th></tr></table>", 0),
        ("<table><tr><td/></tr></table>3", 0),
        ("<table><tr><td>1<br/>2</td></tr></table>", 0),
        ("<table><tr><td/>3</tr></table>", 0),
    ],
)
def test_small_counts_of_a_page_are_noted(body, cells):
    """Each cell of a table is one count, in whatever elements its text stands; text beside is none."""
    expected = replace(EXPECTED, count_threshold=5)
    assert _opened(_page(body), expected).broken == ([("small_count", f"{cells} in tables")] if cells else [])


def test_elements_end_where_they_end():
    """An element that ends takes those within it along; one that never began ends nothing."""
    late = '<meta http-equiv="Content-Security-Policy" content="x">'
    assert _opened(_page(f"</head></p>{late}")).broken == [LATE]
    after = f"{HEAD}</head><body>{MARKING}<div><p>{MARKING}</body>{late}</html>"
    assert _opened(after).broken == []
    assert _opened(_page("</zel-drim>")).broken == []
    assert "zel-drim" in _held(_page("</zel-drim>"), "a name")[0].text.split("\n")
    assert "p" not in _held(_page("</p>"), "a name")[0].text.split("\n")
    assert "zel-drim" in _held(_page("<zel-drim/>"), "a name")[0].text.split("\n")
    assert "script" in _held(_page("<script></script>"), "a name")[0].text.split("\n")
    # a void element holds nothing, so what follows is not in it
    assert _opened(_page(f"<br/>{MARKING}")).broken == []
    assert _opened(f"{HEAD}<br/></head><body>{MARKING} {MARKING}</body></html>").broken == []


def test_declarations_and_instructions_are_read():
    """The document type, instructions and marked sections are read, each under its place."""
    page = _page("<?zel drim?><![CDATA[okvante]]>").replace(
        "<!DOCTYPE html>", '<!DOCTYPE html SYSTEM "kuro">'
    )
    assert _held(page, "the document type") == [
        Passage("the document type", ' html SYSTEM "kuro"', code=True)
    ]
    assert _held(page, "a processing instruction") == [Passage("a processing instruction", "zel drim?")]
    assert _held(page, "a marked section") == [Passage("a marked section", "CDATA[okvante")]


@pytest.mark.parametrize(
    ("data", "held"),
    [
        ("data:,Zeldrim", ["Zeldrim", "Zeldrim"]),
        ("data:text/plain,Zel%64rim", ["Zel%64rim", "Zeldrim"]),
        ("data:text/plain;base64,WmVs", ["WmVs", "Zel"]),
        ("data:text/plain;BASE64,WmVsZA", ["WmVsZA", "Zeld"]),
        ("data:x;base64,WmVsZHI=", ["WmVsZHI=", "Zeldr"]),
        ("data:x;base64,WmVsZ", ["WmVsZ"]),
        ("data:x;base64,WmVsZHJpbQ", ["WmVsZHJpbQ", "Zeldrim"]),
        ("data:text/plain,%ff", ["%ff", "\ufffd"]),
        ("data:font/woff;base64,WmVs", ["WmVs", "Zel"]),
    ],
)
def test_a_data_address_is_opened(data, held):
    """What an address carries is read as it stands and decoded, and left out of the source where live."""
    page = _page(f"<p title='{data}'>x</p>")
    assert [one.text for one in _held(page, "a data address")] == held
    source = _held(page, "the source of the page")[0].text
    assert "title=' data: '" in source
    said = _page(f"<p>so {data}</p>")
    assert [one.text for one in _held(said, "a data address")] == held
    assert _held(said, "the source of the page")[0].text == said
    styled = _page(head=f"<style>p {{ x: {data} }}</style>")
    assert "x:  data:  }" in _held(styled, "the source of the page")[0].text
    assert _held(_page(f"<style></style>so {data}"), "the source of the page")[0].text.count(data) == 1


def test_a_typeface_is_opened():
    """Of a typeface the names are read, and the data is left out of the source."""
    page = _page(head=f"<style>p {{ src: url({font('Zeldrim Okvante')}) }}</style>")
    assert "Zeldrim Okvante" in _held(page, "a font")[0].text
    assert _held(page, "a data address") == []
    assert "url( data: )" in _held(page, "the source of the page")[0].text


def _made(change) -> bytes:
    raw = base64.b64decode(font("Plain").partition(",")[2])
    with TTFont(io.BytesIO(raw)) as made:
        change(made)
        out = io.BytesIO()
        made.save(out)
    return out.getvalue()


def test_everything_in_a_typeface_is_read():
    """Names in any writing, metadata, private data and tables that no typeface needs are read."""
    from fontTools.ttLib.tables.DefaultTable import DefaultTable
    from fontTools.ttLib.woff2 import WOFFFlavorData

    def named(made: TTFont) -> None:
        made["name"].setName("Zéldrim", 1, 3, 1, 0x409)
        made["name"].setName("Okvante", 9, 1, 0, 0)
        made["name"].setName(b"\0K\xd8\0\0u", 10, 3, 1, 0x409)

    assert {"Zéldrim", "Okvante", "K\ufffdu"} <= set(_font_text(_made(named)).split("\n"))

    def flavoured(made: TTFont) -> None:
        made.flavorData = WOFFFlavorData()
        made.flavorData.metaData = b"<m>Zeldrim</m>"
        made.flavorData.privData = b"Okv\xffante"

    assert {"<m>Zeldrim</m>", "Okv\ufffdante"} <= set(_font_text(_made(flavoured)).split("\n"))

    def tabled(made: TTFont) -> None:
        table = DefaultTable("note")
        table.data = b"\0\0Zeldrim Okvante\0"
        made["note"] = table
        del made["name"]

    assert "Zeldrim Okvante" in _font_text(_made(tabled)).split("\n")


def test_a_page_is_utf_8_and_well_begun():
    """Bytes that are not UTF-8 stop the reading."""
    with pytest.raises(UnicodeDecodeError):
        open_html(PAGE.encode("latin-1"), expected=EXPECTED)


@pytest.mark.parametrize(
    ("page", "passes"),
    [(PAGE.encode(), True), (PAGE.replace("calm", "<script>").encode(), False), (b"", False),
     (PAGE.encode("latin-1"), False)],
)  # fmt: skip
def test_a_page_without_a_pack_passes_or_not(page, passes):
    """A page that breaks nothing passes; one that breaks a rule, or is not UTF-8, does not."""
    assert page_passes(page, expected=EXPECTED) is passes
