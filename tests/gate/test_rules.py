"""Each rule of the gate stops what it is there for, and a clean pack passes."""

from __future__ import annotations

import hashlib
import io
import json
import os
from dataclasses import replace

import pikepdf
import pytest

from tests.gate.packs import CANARY, EXPECTED, MARKING, PAGE, TYPST, edited, font, pack, pdf
from workbench import gate
from workbench.errors import DisclosureRefused


def _rules(folder, **said) -> set[tuple[str, str]]:
    expected = replace(EXPECTED, **said)
    report = gate.check(folder, forbidden=[CANARY], permitted=[], expected=expected)
    return {(one.rule, one.file) for one in report.findings}


def test_a_clean_pack_passes(tmp_path):
    """A pack with nothing wrong gives an empty report that names its files."""
    report = gate.check(pack(tmp_path), forbidden=[CANARY], permitted=[], expected=EXPECTED)
    assert report == gate.GateReport((), ("briefing.html", "briefing.pdf", "manifest.json"))
    gate.require(report)


def test_what_the_document_room_makes_passes(tmp_path):
    """The renderer's own page and PDF, with every kind of block, break no rule."""
    from tests.document.example import example_document
    from workbench import document

    example, issue = example_document(), document.Issue(version=1, corrects=None)
    mark = example.masthead.marking
    folder = pack(
        tmp_path,
        page=document.render(example, "html", issue=issue),
        paper=document.render(example, "pdf", issue=issue),
        manifest={"marking": mark},
    )
    assert _rules(folder, marking=mark) == set()


HTML = {
    "script": [
        PAGE.replace("<h1", "<script></script><h1"),
        PAGE.replace("<h1", "<iframe></iframe><h1"),
        PAGE.replace("<path", "<SCRIPT/><path"),
        PAGE.replace("<h1", "<object></object><h1"),
    ],
    "element": [
        PAGE.replace("<h1", "<form></form><h1"),
        PAGE.replace("<h1", '<img alt="x"><h1'),
        PAGE.replace("<path", "<foreignObject></foreignObject><path"),
        PAGE.replace("<path", "<animate/><path"),
        PAGE.replace("<title>", "<base><title>"),
        PAGE.replace("<title>", '<link rel="x"><title>'),
        PAGE.replace("<title>", '<meta http-equiv="refresh" content="1"><title>'),
        PAGE.replace("<h1", "<?x y?><h1"),
        PAGE.replace("<path", "<![CDATA[x]]><path"),
    ],
    "event_handler": [
        PAGE.replace("<h1", "<h1 onclick='x'"),
        PAGE.replace("<path", "<path ONLOAD=x"),
    ],
    "script_address": [
        PAGE.replace("#map", "javascript:x"),
        PAGE.replace("#map", " jAva&#9;script&colon;x"),
        PAGE.replace("A map", "javascript:x"),
    ],
    "outside_address": [
        PAGE.replace("#map", "https://example.org"),
        PAGE.replace("#map", "//example.org"),
        PAGE.replace("#map", "mailto:a@b.c"),
        PAGE.replace("#map", "../leadership/index.html"),
        PAGE.replace("<h1", "<h1 background=x.png"),
        PAGE.replace("<path", "<use xlink:href='x.svg#a'/><path"),
        PAGE.replace("/* one", "@import 'x.css'; /* one"),
        PAGE.replace("/* one", "p { background: url(x.png) } /* one"),
        PAGE.replace("/* one", "p { background: u\\72l('//example.org/x') } /* one"),
        PAGE.replace("/* one", "p { background: image-set('https://example.org/x' 1x) } /* one"),
        PAGE.replace("/* one", "p { background: cross-fade('//example.org/x', red) } /* one"),
        PAGE.replace("<h1", "<h1 style='background: url(x.png)'"),
        PAGE.replace("<path", "<path fill='url(https://example.org/x)'"),
    ],
    "data_address": [
        PAGE.replace("#map", "data:text/html,x"),
        PAGE.replace("/* one", "p { background: url(data:image/png;base64,AAAA) } /* one"),
        PAGE.replace("/* one", "@font-face { src: url(data:font/woff;base64,AAAA) } /* one"),
        PAGE.replace("<h1", f"<h1 style='background: url({font('Plain')})'"),
    ],
    "policy": [
        PAGE.replace("Content-Security-Policy", "X"),
        PAGE.replace("default-src 'none'", "default-src 'self'"),
        PAGE.replace("default-src 'none'; ", ""),
        PAGE.replace("font-src data:", "font-src https:"),
        PAGE.replace("font-src data:", "script-src 'unsafe-inline'"),
        PAGE.replace("font-src data:", "connect-src *"),
    ],
    "marking": [
        PAGE.replace(f"{MARKING} · internal edition", "internal edition"),
        PAGE.replace(f"{MARKING}</p></body>", "</p></body>"),
        PAGE.replace(MARKING, f"<!-- {MARKING} -->"),
        PAGE.replace("<h1", f"<p>{'word ' * 400}</p><h1").replace(
            f"{MARKING} · internal edition", "internal edition"
        ),
    ],
    "unreadable": [PAGE.encode() + b"\xff"],
    "unknown_part": ["<p>no document</p>", PAGE.encode("utf-16"), b"%PDF-1.7"],
}


@pytest.mark.parametrize(
    ("rule", "source"), [(rule, source) for rule, sources in HTML.items() for source in sources]
)
def test_a_rule_for_pages(rule, source, tmp_path):
    """A page that breaks a rule is refused under that rule."""
    assert (rule, "briefing.html") in _rules(pack(tmp_path, page=source))


def test_a_font_within_the_style_sheet_passes(tmp_path):
    """The one thing a page may carry as data is its typeface, and the gate can open it."""
    page = PAGE.replace("/* one", f"@font-face {{ font-family: x; src: url({font('Plain')}) }} /* one")
    assert _rules(pack(tmp_path, page=page)) == set()


def test_a_font_that_cannot_be_opened_is_refused(tmp_path):
    """Data that only begin like a font stop the pack."""
    page = PAGE.replace("/* one", "@font-face { src: url(data:font/woff;base64,d09GRgAA) } /* one")
    assert _rules(pack(tmp_path, page=page)) == {("unreadable", "briefing.html")}


def test_a_policy_that_comes_after_the_style_is_refused(tmp_path):
    """A content security policy binds only what follows it, so one further down is none."""
    start, end = PAGE.index("<meta http-equiv"), PAGE.index("<title>")
    late = PAGE[:start] + PAGE[end:].replace("</head>", PAGE[start:end] + "</head>")
    assert ("policy", "briefing.html") in _rules(pack(tmp_path, page=late))


def _unmapped(document: pikepdf.Pdf) -> None:
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Subtype") == "/Type0":
            del one.ToUnicode


def _uri(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org")
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    document.pages[0].Annots = document.make_indirect(pikepdf.Array([link]))


def _action(kind: str):
    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name(kind))

    return change


def _note(document: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Square, Rect=[0, 0, 9, 9])
    document.pages[0].Annots = document.make_indirect(pikepdf.Array([note]))


def _image(document: pikepdf.Pdf) -> None:
    image = document.make_stream(b"\0" * 3)
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width, image.Height, image.BitsPerComponent = 1, 1, 8
    image.ColorSpace = pikepdf.Name.DeviceRGB
    document.pages[0].Resources.XObject = pikepdf.Dictionary(I=image)


def _inline_image(document: pikepdf.Pdf) -> None:
    content = document.pages[0].Contents.read_bytes()
    image = b"\nBI /W 1 /H 1 /BPC 8 /CS /G ID \0 EI\n"
    document.pages[0].Contents = document.make_stream(content + image)


def _form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]))


def _layers(document: pikepdf.Pdf) -> None:
    document.Root.OCProperties = pikepdf.Dictionary()


def _untagged(document: pikepdf.Pdf) -> None:
    del document.Root.StructTreeRoot


def _encrypted() -> bytes:
    with pikepdf.open(io.BytesIO(pdf())) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    return out.getvalue()


PDF = {
    "marking": [
        lambda: pdf(source=TYPST.replace("header: [CONFIDENTIAL]", "header: []")),
        lambda: pdf(
            source="#set page(header: context if here().page() == 1 [CONFIDENTIAL])\n"
            + TYPST.split("\n", 2)[0]
            + "\na\n#pagebreak()\nb"
        ),
    ],
    "untagged": [lambda: edited(_untagged)],
    "attachment": [lambda: edited(lambda d: d.attachments.__setitem__("x.txt", b"x"))],
    "active_content": [
        lambda: edited(_action("/JavaScript")),
        lambda: edited(_action("/Launch")),
        lambda: edited(_form),
    ],
    "outside_address": [
        lambda: edited(_uri),
        lambda: pdf('#link("https://example.org")[out]'),
        lambda: edited(_action("/GoToR")),
        lambda: edited(_action("/SubmitForm")),
    ],
    "annotation": [lambda: edited(_note)],
    "hidden_layer": [lambda: edited(_layers)],
    "opaque_image": [lambda: edited(_image), lambda: edited(_inline_image)],
    "unmapped_font": [lambda: edited(_unmapped)],
    "encrypted": [_encrypted],
    "earlier_revision": [
        lambda: pdf() + b"\n9 0 obj\nnull\nendobj\nstartxref\n0\n%%EOF\n",
        lambda: pdf() + b"\nmore",
    ],
    "unreadable": [lambda: b"%PDF-1.7 and nothing else", lambda: pdf()[:9000]],
    "unknown_part": [lambda: b"no PDF", PAGE.encode],
}


@pytest.mark.parametrize(("rule", "make"), [(rule, make) for rule, makers in PDF.items() for make in makers])
def test_a_rule_for_pdfs(rule, make, tmp_path):
    """A PDF that breaks a rule is refused under that rule."""
    found = _rules(pack(tmp_path, paper=make()))
    if rule == "earlier_revision" and ("unreadable", "briefing.pdf") in found:
        return
    assert (rule, "briefing.pdf") in found


def test_a_pdf_without_a_page_is_refused(tmp_path):
    """Where there is no page, there is none that is marked."""

    def emptied(document: pikepdf.Pdf) -> None:
        del document.pages[:]

    found = _rules(pack(tmp_path, paper=edited(emptied)))
    assert found & {("marking", "briefing.pdf"), ("unreadable", "briefing.pdf")}


@pytest.mark.parametrize(
    ("above", "below", "where"),
    [
        ("", f"{MARKING} and {MARKING}", "at the top of the page"),
        (f"{MARKING} and {MARKING}", "", "at the bottom of the page"),
        (MARKING, "", "at the bottom of the page"),
    ],
)
def test_a_page_is_marked_at_both_ends(above, below, where, tmp_path):
    """Two markings at one end do not mark the other."""
    head = PAGE[: PAGE.index("<body>")]
    body = f"<body><p>{above}</p><p>{'calm ' * 400}</p><p>{below}</p></body></html>"
    report = gate.check(pack(tmp_path, page=head + body), forbidden=[], permitted=[], expected=EXPECTED)
    assert report.findings == (gate.Finding("marking", "briefing.html", where),)


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="Windows gives no right to link")
def test_a_linked_file_is_refused(tmp_path):
    """A link may lead to another file tomorrow, so it is no part of a pack."""
    folder = pack(tmp_path / "pack")
    (folder / "briefing.pdf").rename(tmp_path / "elsewhere.pdf")
    (folder / "briefing.pdf").symlink_to(tmp_path / "elsewhere.pdf")
    assert ("unknown_part", "the folder") in _rules(folder)


def test_a_link_within_a_pdf_passes(tmp_path):
    """Links to other places of the same document are no links out of it."""
    assert _rules(pack(tmp_path, paper=pdf("#link((page: 1, x: 0pt, y: 0pt))[up]"))) == set()


def test_text_without_a_space_between_cells_is_found():
    """A word glued to a number or to a capitalised word, as PDF tables give it, is still a word."""
    from workbench.gate._text import fold, squeezed

    text = squeezed(fold("7Kuro12PemraVelda"))
    assert [text.at_edges(1, 5), text.at_edges(7, 12), text.at_edges(12, 17)] == [True, True, True]
    assert not text.at_edges(8, 12)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("manifest_audience", {"audience": "partners"}),
        ("manifest_marking", {"marking": "PUBLIC"}),
        ("manifest_files", {"files": {}}),
        ("manifest_files", {"files": {"briefing.html": "0" * 64}}),
    ],
)
def test_a_rule_for_manifests(rule, said, tmp_path):
    """A manifest that says something else than the pack is refused."""
    assert _rules(pack(tmp_path, manifest=said)) == {(rule, "manifest.json")}


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"\xff", b"[" * 100_000]
)
def test_a_manifest_that_cannot_be_read_is_refused(content, tmp_path):
    """A manifest that is not one plain JSON object is refused, not skipped."""
    folder = pack(tmp_path)
    (folder / "manifest.json").write_bytes(content)
    assert _rules(folder) == {("unreadable", "manifest.json")}


@pytest.mark.parametrize(
    "name", ["notes.txt", "briefing.html.bak", ".hidden", "Briefing.html", "briefing.xlsx", f"{CANARY}.html"]
)
def test_a_file_that_no_pack_has_is_refused_unnamed(name, tmp_path):
    """An unexpected file is refused, and not named: its name may be a value."""
    folder = pack(tmp_path)
    (folder / name).write_text("x", encoding="utf-8")
    report = gate.check(folder, forbidden=[CANARY], permitted=[], expected=EXPECTED)
    assert [(one.rule, one.file) for one in report.findings] == [("unknown_part", "the folder")]
    assert name not in repr(report)


def test_a_folder_in_a_pack_is_refused(tmp_path):
    """A pack has no folders, even under the name of a document."""
    folder = pack(tmp_path)
    (folder / "briefing.pdf").unlink()
    (folder / "briefing.pdf").mkdir()
    assert ("unknown_part", "the folder") in _rules(folder)


def test_a_pack_without_a_manifest_or_a_document_is_refused(tmp_path):
    """What makes a pack must be in it."""
    folder = pack(tmp_path)
    (folder / "manifest.json").unlink()
    assert _rules(folder) == {("missing_part", "manifest.json")}
    for name in ("briefing.html", "briefing.pdf"):
        (folder / name).unlink()
    assert ("missing_part", "the folder") in _rules(folder)


def test_a_page_alone_passes(tmp_path):
    """A pack need not hold a PDF, if its manifest names none."""
    folder = pack(tmp_path)
    (folder / "briefing.pdf").unlink()
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    said["files"] = {"briefing.html": hashlib.sha256(PAGE.encode()).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    assert _rules(folder) == set()


def test_a_file_too_large_is_refused_unread(tmp_path):
    """A file no briefing can be is refused."""
    folder = pack(tmp_path)
    with (folder / "briefing.pdf").open("r+b") as file:
        file.truncate(gate.LARGEST + 1)
    assert ("unreadable", "briefing.pdf") in _rules(folder)


def test_an_empty_marking_marks_nothing(tmp_path):
    """Without a marking there is nothing that could stand on every page, so nothing passes."""
    assert ("marking", "briefing.html") in _rules(pack(tmp_path, manifest={"marking": ""}), marking="")


def test_require_refuses_with_rule_and_file_but_no_value(tmp_path):
    """The error a publisher sees names what rule was broken where, and nothing of what was found."""
    folder = pack(tmp_path, page=PAGE.replace("calm", CANARY))
    report = gate.check(folder, forbidden=[CANARY], permitted=[], expected=EXPECTED)
    with pytest.raises(DisclosureRefused) as refused:
        gate.require(report)
    assert "forbidden_value in briefing.html (1 in the text)" in str(refused.value)
    assert "Zeldrim" not in str(refused.value)
    assert "nothing was published" in str(refused.value)


def test_require_names_the_first_findings_and_counts_the_others():
    """A long report makes a short message."""
    findings = tuple(gate.Finding("marking", "briefing.pdf", f"on page {page}") for page in range(1, 9))
    with pytest.raises(DisclosureRefused, match=r"on page 5.*and 3 more"):
        gate.require(gate.GateReport(findings, ("briefing.pdf",)))
