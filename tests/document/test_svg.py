"""Figures as static SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.document.example import bars, outlines
from workbench.document.svg import clean, draw, size
from workbench.errors import ExportError

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">'
)
SHAPE = '<path d="M0,0h1v1Z" fill="#000"/>'


def cleaned(body: str) -> str:
    """Return what is left of the inside of an SVG."""
    return re.sub(r"^<svg[^>]*>|</svg>$", "", clean(f"{HEAD}{body}</svg>", prefix="p"))


def test_drawing_is_shapes_and_words_only():
    """A drawn chart holds allowed elements and attributes only, and no value in any of them."""
    root = ElementTree.fromstring(draw(bars()))  # noqa: S314 (our own)
    tags = {element.tag.split("}")[1] for element in root.iter()}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert tags <= {"svg", "g", "path", "text", "line", "rect"}
    assert not {
        name for name in attributes if name.startswith(("aria", "on")) or name in {"class", "role", "style"}
    }
    assert [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")] == [
        "W21", "W33", "W46", "0", "5", "10", "15", "20", "19 so far; 24 expected (21–29)",
    ]  # fmt: skip


def test_same_specification_gives_same_text():
    """The order of a specification's keys and earlier drawings of the process do not matter."""
    backwards = dict(reversed(list(bars().items())))
    first = draw(bars())
    draw(outlines())
    assert draw(backwards) == first


def test_drawing_is_kept_in_a_folder(tmp_path):
    """A folder keeps what was drawn under the specification's digest; a second run reads it."""
    spec = {**bars(), "height": 77}
    first = draw(spec, folder=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text(encoding="utf-8").replace("W33", "W00"), encoding="utf-8")
    from workbench.document import svg

    svg._drawn.cache_clear()
    assert draw(spec, folder=tmp_path) == first.replace("W33", "W00")


def test_text_keeps_its_letters():
    """Letters of any script stay text, set in FiraGO."""
    spec = {**bars(), "layer": [{"mark": {"type": "text", "text": "Tête ولاية < &"}}]}
    spec["data"] = {"values": [{}]}
    drawn = draw(spec)
    assert "Tête ولاية &lt; &amp;" in drawn
    assert 'font-family="FiraGO, sans-serif"' in drawn


def test_size_is_the_view_box():
    """A drawing says how large it was drawn."""
    assert size(clean(f"{HEAD}{SHAPE}</svg>", prefix="p")) == (10.0, 10.0)


DROPPED = {
    "script": "<script>alert(1)</script>",
    "style element": "<style>*{}</style>",
    "foreign object": "<foreignObject><p>x</p></foreignObject>",
    "image": '<image href="data:image/png;base64,AA"/>',
    "use": '<use xlink:href="#a"/>',
    "title": "<title>secret</title>",
    "description": "<desc>secret</desc>",
    "metadata": "<metadata>secret</metadata>",
    "comment": "<!-- secret -->",
    "animation": '<animate attributeName="x"/>',
    "unpainted": '<path d="M0,0h1"/><path d="M0,0h1" fill="none"/>',
    "not displayed": '<text display="none">secret</text>',
    "not visible": '<text visibility="hidden">secret</text>',
    "transparent": '<g opacity="0"><text>secret</text></g>',
    "empty group": "<g><g/></g>",
    "text outside of text": "<g>secret</g>",
    "element of another language": '<p xmlns="http://www.w3.org/1999/xhtml">secret</p>',
    "processing instruction": "<?secret secret?>",
}


@pytest.mark.parametrize("body", DROPPED.values(), ids=DROPPED.keys())
def test_what_is_not_a_shape_or_word_goes(body):
    """Nothing that is not seen, and nothing that acts, stays."""
    assert cleaned(body) == ""


ATTRIBUTES = {
    "style": 'style="fill:url(http://a.example)"',
    "class": 'class="mark"',
    "event": 'onclick="alert(1)"',
    "label": 'aria-label="secret"',
    "role": 'role="graphics-symbol"',
    "data": 'data-x="secret"',
    "outside paint": 'stroke="url(http://a.example/#a)"',
    "paint of an unknown id": 'stroke="url(#nowhere)"',
    "script as paint": 'stroke="javascript:alert(1)"',
    "link": 'xlink:href="http://a.example"',
    "mark up in a number": 'stroke-width="&lt;b&gt;"',
}


@pytest.mark.parametrize("attribute", ATTRIBUTES.values(), ids=ATTRIBUTES.keys())
def test_attributes_are_allowed_by_name_and_form(attribute):
    """An attribute that is not allowed goes, its element stays."""
    assert cleaned(SHAPE.replace("/>", f" {attribute}/>")) == SHAPE


def test_link_goes_and_its_mark_stays():
    """A mark inside a link is kept without the link."""
    assert cleaned(f'<a xlink:href="http://a.example">{SHAPE}</a>') == SHAPE


def test_ids_are_renumbered_with_their_references():
    """Ids become the prefix and a number, wherever they are referred to."""
    body = (
        '<path d="M0,0h1" fill="url(#gradient_7)"/>'
        '<linearGradient id="gradient_7"><stop offset="0.123456"/></linearGradient>'
    )
    assert cleaned(body) == (
        '<path d="M0,0h1" fill="url(#p-1)"/><linearGradient id="p-1"><stop offset="0.12"/></linearGradient>'
    )


def test_cleaning_twice_changes_nothing():
    """A cleaned drawing passes unchanged."""
    drawn = draw(outlines())
    assert clean(drawn, prefix="x") == drawn


BAD = {
    "entities": '<!DOCTYPE svg [<!ENTITY a "secret">]>' + HEAD + "<text>&a;</text></svg>",
    "not closed": HEAD,
    "another root": "<html/>",
    "no view box": '<svg xmlns="http://www.w3.org/2000/svg"/>',
}


@pytest.mark.parametrize("svg", BAD.values(), ids=BAD.keys())
def test_what_is_no_drawing_is_refused(svg):
    """Entities, damaged files and other languages are an ExportError."""
    with pytest.raises(ExportError):
        clean(svg, prefix="p")


@pytest.mark.parametrize("url", ["https://a.example/secret.csv", "file:///etc/secret", "secret.csv"])
def test_figure_never_loads_anything(url):
    """A specification that names an address is refused before anything is asked for it."""
    with pytest.raises(ExportError) as refused:
        draw({"data": {"url": url}, "mark": "bar", "encoding": {}})
    assert "secret" not in str(refused.value)


def test_broken_specification_is_refused_without_its_words():
    """A chart that cannot be drawn is an ExportError that quotes nothing of it."""
    with pytest.raises(ExportError) as refused:
        draw({"mark": "secret-mark", "encoding": {"x": {"field": "secret"}}})
    assert "secret" not in str(refused.value)
