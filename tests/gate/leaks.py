"""Places in which a value can be hidden in a pack's files, each as a function from a text to the file."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote

import pikepdf
import xlsxwriter

from tests.gate.packs import MARKING, PAGE, edited, pdf

LONG = (
    "The district commander told our focal point in private that two of his men took part in the raid. "
    "He asked that his name be kept out of any report."
)
VALUES = {
    "name": ("Zeldrim Okvante", "Zeldrim Okvante"),
    "telephone": ("+258 84 917 3302", "+258 84 917 3302"),
    "coordinate": ("-11.352781", "-11.352781"),
    "place": ("40.354119", "11.352781,40.354119"),
    "record": ("MZM-2026/00317", "MZM-2026/00317"),
    "sentence": (LONG, "He asked that his name be kept out of any report"),
    "words": (LONG, "two of his men took part"),
    "short name": ("Vexo", "Vexo"),
    "Arabic name": ("أمينة الزهراوي", "أمينة الزهراوي"),
    "accents": ("Thérèse Ngangué", "Thérèse Ngangué"),
}
"""What is forbidden, and what is leaked of it."""

SHAPES: dict[str, Callable[[str], str]] = {
    "plain": lambda v: v,
    "capitals": str.upper,
    "zero-width": "\u200b".join,
    "bidi": lambda v: f"\u202b{v[:3]}\u2066{v[3:]}\u2069\u202c",
    "soft hyphens": "\u00ad".join,
    "full-width": lambda v: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in v),
    "entities": lambda v: "".join(f"&#x{ord(c):x};" for c in v),
    "percent": lambda v: quote(v, safe=""),
    "escapes": lambda v: "".join(f"\\u{ord(c):04x}" for c in v),
    "base64": lambda v: base64.b64encode(v.encode()).decode(),
    "base64 of UTF-16": lambda v: base64.b64encode(v.encode("utf-16-le")).decode(),
    "hexadecimal": lambda v: v.encode().hex(),
    "hexadecimal of UTF-16": lambda v: v.encode("utf-16-be").hex(),
}


def _page(old: str, new: str) -> Callable[[str], bytes]:
    return lambda v: PAGE.replace(old, new.replace("@", escape(v))).encode()


HTML: dict[str, Callable[[str], bytes]] = {
    "text": _page("calm", "at @ calm"),
    "title": _page("<title>", "<title>@ "),
    "data attribute": _page('role="img"', 'role="img" data-note="@"'),
    "attribute": _page("A map", "@"),
    "id": _page("<h1", '<h1 id="@"'),
    "class": _page('class="marking"', 'class="marking @"'),
    "comment": _page("<h1", "<!-- @ --><h1"),
    "display none": _page("<h1", '<p style="display:none">@</p><h1'),
    "white": _page("<h1", '<p style="color:#fff;font-size:1px">@</p><h1'),
    "off the page": _page("<h1", '<p style="position:absolute;left:-999px">@</p><h1'),
    "style comment": _page("one accent", "@"),
    "style content": _page("/* one", 'p::after { content: "@" } /* one'),
    "custom property": _page("/* one", ":root { --note: '@' } /* one"),
    "drawing's title": _page("<path", "<title>@</title><path"),
    "drawing's text": _page("Kuro", "@"),
    "template": _page("<h1", "<template>@</template><h1"),
    "meta": _page("<title>", '<meta name="author" content="@"><title>'),
    "data address": lambda v: PAGE.replace("<h1", f'<a href="data:,{quote(v, safe="")}">x</a><h1').encode(),
    "after the end": lambda v: (PAGE + escape(v)).encode(),
    "pieces": lambda v: PAGE.replace("calm", f"{escape(v[:3])}<b>{escape(v[3:])}</b>").encode(),
}

SVG_PAGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" role="img" aria-label="A map">'
    '<title>Where it is calm</title><style>text { fill: #123456 }</style><path d="M1,2L3,4"/>'
    '<text x="1" y="2">Kuro</text></svg>'
)


def _drawing(old: str, new: str) -> Callable[[str], bytes]:
    return lambda v: SVG_PAGE.replace(old, new.replace("@", escape(v))).encode()


SVG: dict[str, Callable[[str], bytes]] = {
    "text": _drawing("Kuro", "@"),
    "title": _drawing("Where it", "@"),
    "description": _drawing("<path", "<desc>@</desc><path"),
    "metadata": _drawing("<path", "<metadata>@</metadata><path"),
    "comment": _drawing("<path", "<!-- @ --><path"),
    "label": _drawing("A map", "@"),
    "data attribute": _drawing("<path", '<path data-x="@"'),
    "id": _drawing("<path", '<path id="@"'),
    "path": _drawing("M1,2", "M1,2 @"),
    "style": _drawing("text {", "/* @ */ text {"),
    "pieces": lambda v: SVG_PAGE.replace(
        "Kuro", f"{escape(v[:2])}<tspan>{escape(v[2:4])}</tspan>{escape(v[4:])}"
    ).encode(),
    "marked section": lambda v: SVG_PAGE.replace("Kuro", f"<![CDATA[{v}]]>").encode(),
    "numbered": lambda v: SVG_PAGE.replace("Kuro", "".join(f"&#{ord(c)};" for c in v)).encode(),
    "foreign": _drawing("<path", "<foreignObject>@</foreignObject><path"),
    "instruction": lambda v: SVG_PAGE.replace("<path", f"<?note {v}?><path").encode(),
}


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes, after: bytes = b"", pixels: bytes = b"", behind: bytes = b"") -> bytes:
    """Return a picture of 2 by 2 grey points with chunks before its pixels, and more where asked."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    data = zlib.compress(b"\0\x10\x20\0\x30\x40" + pixels) + behind
    return (
        b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"") + after
    )


PNG: dict[str, Callable[[str], bytes]] = {
    "tEXt": lambda v: png(chunk(b"tEXt", b"Comment\0" + v.encode())),
    "zTXt": lambda v: png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(v.encode()))),
    "iTXt": lambda v: png(chunk(b"iTXt", b"Comment\0\0\0en\0\0" + v.encode())),
    "iTXt packed": lambda v: png(chunk(b"iTXt", b"Comment\0\1\0en\0\0" + zlib.compress(v.encode()))),
    "eXIf": lambda v: png(chunk(b"eXIf", b"MM\0*" + v.encode("utf-16-be"))),
    "an unknown chunk": lambda v: png(chunk(b"prVt", v.encode())),
    "after the end": lambda v: png(after=v.encode()),
    "behind the pixels": lambda v: png(pixels=v.encode()),
    "behind the packed pixels": lambda v: png(behind=v.encode()),
}


def _note(v: str) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents=v
        )
        document.pages[0].Annots = document.make_indirect(pikepdf.Array([note]))

    return change


def _content(make: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Return a way to add to the content of the first page."""

    def leak(v: str) -> bytes:
        def change(document: pikepdf.Pdf) -> None:
            body = document.pages[0].Contents.read_bytes()
            document.pages[0].Contents = document.make_stream(body + make(v))

        return edited(change)

    return leak


def _metadata(document: pikepdf.Pdf, v: str) -> None:
    with document.open_metadata() as metadata:
        metadata["dc:description"] = v


def _outline(document: pikepdf.Pdf, v: str) -> None:
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(v, 0))


def _labels(document: pikepdf.Pdf, v: str) -> None:
    document.Root.PageLabels = pikepdf.Dictionary(Nums=[0, pikepdf.Dictionary(P=pikepdf.String(v))])


def _destination(document: pikepdf.Pdf, v: str) -> None:
    names = pikepdf.Dictionary(Names=[pikepdf.String(v), pikepdf.Array([document.pages[0].obj])])
    document.Root.Names = pikepdf.Dictionary(Dests=names)


def _layer(document: pikepdf.Pdf, v: str) -> None:
    group = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String(v)))
    document.Root.OCProperties = pikepdf.Dictionary(OCGs=[group])


def _structure(key: str) -> Callable[[pikepdf.Pdf, str], None]:
    def change(document: pikepdf.Pdf, v: str) -> None:
        document.Root.StructTreeRoot[key] = pikepdf.String(v)

    return change


def _script(document: pikepdf.Pdf, v: str) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(v))


def _field(document: pikepdf.Pdf, v: str) -> None:
    field = document.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx, T=pikepdf.String("x"), V=v))
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[field])


def _in(change: Callable[[pikepdf.Pdf, str], object], *, compressed: bool = False) -> Callable[[str], bytes]:
    return lambda v: edited(lambda document: change(document, v), packed=compressed)


def _typst(markup: str) -> Callable[[str], bytes]:
    return lambda v: pdf(
        '#set text(font: "FiraGO")\n' + markup.replace("@", json.dumps(v, ensure_ascii=False))
    )


def _orphan(v: str) -> bytes:
    """Return a PDF with a packed stream that no table of objects names."""
    body = zlib.compress(v.encode())
    lost = b"\n99 0 obj\n<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream\nendobj\n" % (len(body), body)
    return pdf().replace(b"\nstartxref", lost + b"startxref", 1)


PDF: dict[str, Callable[[str], bytes]] = {
    "text": _typst("#text(@)"),
    "white text": _typst("#text(fill: white, @)"),
    "text off the page": _typst("#place(dx: -90cm, text(@))"),
    "tiny text": _typst("#text(size: 0.01pt, @)"),
    "clipped text": _typst("#box(width: 0pt, height: 0pt, clip: true, text(@))"),
    "heading": _typst("#heading(level: 3, text(@))"),
    "alternative text": _typst("#figure(rect(), alt: @)"),
    "information": _in(lambda d, v: d.docinfo.__setitem__("/Subject", v)),
    "another entry": _in(lambda d, v: d.docinfo.__setitem__("/Case", v)),
    "metadata": _in(_metadata),
    "outline": _in(_outline),
    "outline, compressed": _in(_outline, compressed=True),
    "page label": _in(_labels),
    "named destination": _in(_destination),
    "layer": _in(_layer),
    "replacement text": _in(_structure("/ActualText")),
    "expansion": _in(_structure("/E")),
    "script": _in(_script),
    "form field": _in(_field),
    "annotation": lambda v: edited(_note(v)),
    "attachment": _in(lambda d, v: d.attachments.__setitem__("x.txt", v.encode())),
    "attachment's name": _in(lambda d, v: d.attachments.__setitem__(v, b"x")),
    "marked content": _content(
        lambda v: b"/Span <</ActualText <FEFF%b>>> BDC EMC\n" % v.encode("utf-16-be").hex().encode()
    ),
    "comment in a page": _content(lambda v: b"\n% " + v.encode() + b"\n"),
    "lost object": _in(
        lambda d, v: d.Root.__setitem__("/Lost", d.make_indirect(pikepdf.Array([pikepdf.String(v)])))
    ),
    "lost stream": _in(lambda d, v: d.Root.__setitem__("/Lost", d.make_stream(v.encode()))),
    "stream of no object": _orphan,
    "between the objects": lambda v: pdf().replace(
        b"\nstartxref", b"\n% " + v.encode("utf-16-be") + b"\nstartxref"
    ),
    "after the end": lambda v: pdf() + v.encode(),
}

CSV_PAGE = f'"{MARKING} · internal edition"\r\n"District","Said"\r\n"Kuro","calm"\r\n'
CSV: dict[str, Callable[[str], bytes]] = {
    "cell": lambda v: CSV_PAGE.replace("calm", v).encode(),
    "head": lambda v: CSV_PAGE.replace("Said", v).encode(),
    "formula": lambda v: CSV_PAGE.replace("calm", f'=""{v}""').encode(),
    "marked cell": lambda v: ("\ufeff" + CSV_PAGE.replace("calm", f"'{v}")).encode(),
    "last line": lambda v: (CSV_PAGE + f'"{v}"\r\n').encode(),
    "lines of a cell": lambda v: CSV_PAGE.replace("calm", f"one\n{v}\nthree").encode(),
}


def book(
    fill: Callable[[Any, Any], object] | None = None, *, properties: dict[str, Any] | None = None
) -> bytes:
    """Return a workbook with one marked sheet, after `fill`."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as workbook:
        workbook.set_properties({"created": datetime(2000, 1, 1), "title": "Tables", **(properties or {})})  # noqa: DTZ001  # a workbook knows no zone
        sheet = workbook.add_worksheet("1 Districts")
        sheet.write_string(0, 0, f"{MARKING} · internal edition")
        sheet.write_string(1, 0, "Kuro")
        if fill:
            fill(workbook, sheet)
    return made.getvalue()


def repacked(content: bytes, changes: dict[str, Callable[[bytes], bytes]], **added: bytes) -> bytes:
    """Return a workbook with parts changed and added."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, lambda body: body)(old.read(name)))
        for name, body in added.items():
            new.writestr(name.replace("__", "/"), body)
    return made.getvalue()


def _sheet(fill: Callable[[Any, Any, str], object]) -> Callable[[str], bytes]:
    return lambda v: book(lambda workbook, sheet: fill(workbook, sheet, v))


def _part(name: str, old: str, new: str) -> Callable[[str], bytes]:
    def leak(v: str) -> bytes:
        return repacked(
            book(), {name: lambda body: body.replace(old.encode(), new.replace("@", escape(v)).encode(), 1)}
        )

    return leak


def _other_sheet(hide: str) -> Callable[[Any, Any, str], None]:
    def fill(workbook: Any, _: Any, v: str) -> None:
        sheet = workbook.add_worksheet("2 More")
        sheet.write_string(0, 0, f"{MARKING} {v}")
        getattr(sheet, hide)()

    return fill


def _between(v: str) -> bytes:
    """Return a workbook with bytes in front of its directory, which no part owns."""
    content = book()
    at = content.rindex(b"PK\5\6")
    start = struct.unpack("<I", content[at + 16 : at + 20])[0]
    more = v.encode()
    end = content[at : at + 16] + struct.pack("<I", start + len(more)) + content[at + 20 :]
    return content[:start] + more + content[start:at] + end


def _commented(v: str) -> bytes:
    content = io.BytesIO(book())
    with zipfile.ZipFile(content, "a") as archive:
        archive.comment = v.encode()
    return content.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"
XLSX: dict[str, Callable[[str], bytes]] = {
    "cell": _sheet(lambda _b, s, v: s.write_string(3, 1, v)),
    "inline cell": _part(_SHEET, "</row>", '<c r="C9" t="inlineStr"><is><t>@</t></is></c></row>'),
    "pieces": _sheet(
        lambda b, s, v: s.write_rich_string(3, 1, v[:2], b.add_format({"bold": True}), v[2:4], v[4:] or "x")
    ),
    "hidden sheet": _sheet(_other_sheet("hide")),
    "very hidden sheet": _sheet(_other_sheet("very_hidden")),
    "hidden row": _sheet(lambda _b, s, v: (s.write_string(4, 0, v), s.set_row(4, None, None, {"hidden": 1}))),
    "hidden column": _sheet(
        lambda _b, s, v: (s.write_string(4, 5, v), s.set_column(5, 5, None, None, {"hidden": 1}))
    ),
    "no height": _sheet(lambda _b, s, v: (s.write_string(4, 0, v), s.set_row(4, 0.1))),
    "comment": _sheet(lambda _b, s, v: s.write_comment("B2", v)),
    "comment's author": _sheet(lambda _b, s, v: s.write_comment("B2", "x", {"author": v})),
    "defined name": _sheet(lambda b, _s, v: b.define_name("Note", f'="{v}"')),
    "head": _sheet(lambda _b, s, v: s.set_header(f"&C{v}")),
    "foot": _sheet(lambda _b, s, v: s.set_footer(f'&L&"Arial,Bold"&12{v}')),
    "formula": _sheet(lambda _b, s, v: s.write_formula("B2", f'="{v}"', None, v)),
    "link": _sheet(lambda _b, s, v: s.write_url("B2", f"https://example.org/{quote(v)}", None, "x")),
    "tip": _sheet(lambda _b, s, v: s.write_url("B2", "internal:A1", None, "x", v)),
    "number format": _sheet(lambda b, s, v: s.write_number("B2", 1, b.add_format({"num_format": f'"{v}"'}))),
    "validation": _sheet(lambda _b, s, v: s.data_validation("B2", {"validate": "any", "input_message": v})),
    "condition": _sheet(
        lambda b, s, v: s.conditional_format(
            "B2", {"type": "text", "criteria": "containing", "value": v, "format": b.add_format({"bold": 1})}
        )
    ),
    "text box": _sheet(lambda _b, s, v: s.insert_textbox("B2", v)),
    "chart's title": _sheet(
        lambda b, s, v: (
            c := b.add_chart({"type": "bar"}),
            c.add_series({"values": "='1 Districts'!$A$1:$A$2"}),
            c.set_title({"name": v}),
            s.insert_chart("B2", c),
        )
    ),
    "column of a table": _sheet(lambda _b, s, v: s.add_table("D1:E3", {"columns": [{"header": v}, {}]})),
    "title": lambda v: book(properties={"title": v}),
    "keywords": lambda v: book(properties={"keywords": v}),
    "manager": lambda v: book(properties={"manager": v}),
    "own property": _sheet(lambda b, _s, v: b.set_custom_property("Note", v)),
    "name of a sheet": _part("xl/workbook.xml", "1 Districts", "@"),
    "unused string": _part("xl/sharedStrings.xml", "</sst>", "<si><t>@</t></si></sst>"),
    "sound of a string": _part("xl/sharedStrings.xml", "</si>", '<rPh sb="0" eb="1"><t>@</t></rPh></si>'),
    "comment in a part": _part(_SHEET, "<sheetData>", "<!-- @ --><sheetData>"),
    "attribute": _part(_SHEET, "<sheetData", '<sheetData note="@"'),
    "extension": _part(_SHEET, "</worksheet>", "<extLst><ext>@</ext></extLst></worksheet>"),
    "style's name": _part("xl/styles.xml", 'name="Normal"', 'name="@"'),
    "theme": _part("xl/theme/theme1.xml", 'name="Office Theme"', 'name="@"'),
    "own part": lambda v: repacked(book(), {}, customXml__item1xml=v.encode()),
    "printer": lambda v: repacked(book(), {}, xl__printerSettings1bin=v.encode("utf-16-le")),
    "name of a part": lambda v: repacked(book(), {}, **{f"xl__{v}": b"x"}),
    "comment of the archive": _commented,
    "between the parts": _between,
    "after the end": lambda v: book() + v.encode(),
}

JSON: dict[str, Callable[[str], dict[str, Any]]] = {
    "text": lambda v: {"bottom_line": v},
    "key": lambda v: {v: 1},
    "deep": lambda v: {"parameters": {"a": [{"b": v}]}},
    "version": lambda v: {"versions": {"pandas": v}},
    "JSON in a text": lambda v: {"title": json.dumps([v])},
    "base64": lambda v: {"title": base64.b64encode(v.encode()).decode()},
    "changes": lambda v: {"changes": [v]},
}
