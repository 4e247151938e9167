"""The door out of a notebook."""

from __future__ import annotations

import json
from dataclasses import replace

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.document.example import bars, example_blocks, example_document, masthead
from tests.document.notebooks import markdown, notebook, of_blocks, shown
from workbench.blocks import (
    MIME,
    Columns,
    Figure,
    Heading,
    PageBreak,
    Paragraph,
    Run,
    Text,
    to_json,
)
from workbench.document import collect, render
from workbench.document.markdown import blocks as markdown_blocks
from workbench.document.normal import normal
from workbench.errors import ExportError, UnknownName


def collected(*cells):
    """Return the blocks a notebook's cells leave after its masthead."""
    return collect(notebook(shown(masthead()), *cells)).blocks


def test_blocks_pass_in_order():
    """Every block a notebook shows is in the document, in order, its figures drawn."""
    assert collect(of_blocks(example_blocks())) == example_document()


def test_results_and_displays_pass_alike():
    """A block shown by a cell's last expression passes as one shown by `display`."""
    cell = shown(Heading("A"), kind="execute_result")
    assert collected(cell) == (Heading("A"),)


def test_figures_lose_their_specification():
    """A document's figure holds a drawing and no specification, in columns too."""
    figure = Figure("", "It rose.", "", spec=bars())
    (columns,) = collected(shown(Columns((figure,), ())))
    assert columns.left[0].spec is None
    assert columns.left[0].svg.startswith("<svg ")


def test_drawings_are_kept_in_the_folder(tmp_path):
    """Drawings are kept in the folder the caller names."""
    collect(
        notebook(shown(masthead(), Figure("", "It fell.", "", spec={**bars(), "height": 61}))),
        drawings=tmp_path,
    )
    assert [kept.suffix for kept in tmp_path.iterdir()] == [".svg"]


def test_undrawn_svg_is_cleaned():
    """A drawing made by hand in a notebook goes through the same allow-list."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>x</script><text>a</text></svg>'
    (figure,) = collected(shown(Figure("", "A.", "", svg=svg)))
    assert "script" not in figure.svg
    assert "<text>a</text>" in figure.svg


MARKDOWN = {
    "# A": (Heading("A", 1),),
    "# A\n## B\n### C\n#### D": (Heading("A", 1), Heading("B", 2), Heading("C", 3), Heading("D", 3)),
    "A\nb": (Text.plain("A b"),),
    "A\n\nb": (Text.plain("A", "b"),),
    "- A\n- b": (Text.bullets("A", "b"),),
    "1. A\n2. b": (Text((Paragraph((Run("A"),), "number"), Paragraph((Run("b"),), "number"))),),
    "- A\n  - b": (Text.bullets("A", "b"),),
    "- A\n\n  b": (Text((Paragraph((Run("A"),), "bullet"), Paragraph((Run("b"),)))),),
    "> A": (Text.plain("A"),),
    "A **b** *c* `d`": (
        Text((Paragraph((
            Run("A "), Run("b", "strong"), Run(" "), Run("c", "emphasis"), Run(" "), Run("d", "code"),
        )),)),
    ),
    "A\n\n---\n\nb": (Text.plain("A"), PageBreak(), Text.plain("b")),
    "[A](http://a.example/secret 'secret') b": (Text.plain("A b"),),
    "[A][1]\n\n[1]: http://a.example/secret 'secret'": (Text.plain("A"),),
    "A ![secret](secret.png 'secret') b": (Text.plain("A  b"),),
    "![secret](attachment:secret.png)": (),
    "A <!-- secret --> b": (Text.plain("A  b"),),
    "<!-- secret\n\nsecret -->\n\nA": (Text.plain("A"),),
    "A <span hidden>secret</span> b": (Text.plain("A  b"),),
    "<div hidden>\n\nsecret\n\n</div>\n\nA": (Text.plain("A"),),
    "<script>secret</script>\n\nA": (Text.plain("A"),),
    "A<br>b": (Text.plain("Ab"),),
    "```\nsecret\n```\nA": (Text.plain("A"),),
    "    secret\n\nA": (Text.plain("A"),),
    "A &lt;b&gt; \\*c\\*": (Text.plain("A <b> *c*"),),
}  # fmt: skip


@pytest.mark.parametrize(("source", "blocks"), MARKDOWN.items())
def test_markdown_becomes_blocks(source, blocks):
    """Markdown gives headings, paragraphs and lists; links, images, code blocks and HTML go."""
    assert markdown_blocks(source, translate=str) == blocks


@given(st.text(max_size=80))
def test_any_markdown_is_plain_text_or_refused(source):
    """No cell text, however odd, gives anything but blocks of visible text or an ExportError."""
    try:
        made = markdown_blocks(source, translate=str)
    except ExportError:
        return
    texts = [
        run.text for block in made if isinstance(block, Text) for p in block.paragraphs for run in p.runs
    ]
    texts += [block.text for block in made if isinstance(block, Heading)]
    assert all(normal(text) == text and "\n" not in text for text in texts)


def test_markdown_is_translated_by_passage():
    """Each heading, paragraph and item is looked up as it stands, marks included."""
    catalogue = {"Where": "Onde", "It is **likely**": "É **provável**", "one": "um"}
    made = markdown_blocks(
        "# Where\n\nIt is **likely**\n\n- one", translate=lambda text: catalogue.get(text, text)
    )
    assert made == (
        Heading("Onde"),
        Text((Paragraph((Run("É "), Run("provável", "strong"))), Paragraph((Run("um"),), "bullet"))),
    )


def test_unknown_language_is_refused():
    """A masthead in a language without a catalogue is an error, not a page in another language."""
    with pytest.raises(UnknownName):
        collect(notebook(shown(replace(masthead(), language="xx"))))


def test_headings_go_down_one_level_at_a_time():
    """A heading is at most one level below the one before it, through columns too."""
    blocks = collected(
        shown(Heading("A", 3), Columns((Heading("B", 3),), (Heading("C", 1),)), Heading("D", 3))
    )
    levels = [blocks[0].level, blocks[1].left[0].level, blocks[1].right[0].level, blocks[2].level]
    assert levels == [1, 2, 1, 2]


INVISIBLE = [
    "\x00", "\x1b", "\x7f", "\x9f", "\u00ad", "\u200b", "\u200e", "\u200f", "\u202a", "\u202e",
    "\u2060",
             "\u2066", "\u2069", "\ufeff", "\U000e0041", "\ud800", "\u061c",
]  # fmt: skip


@pytest.mark.parametrize("character", INVISIBLE, ids=ascii)
def test_invisible_characters_go(character):
    """Characters nobody sees leave every text, so that none can hide or reorder a word."""
    assert normal(f"a{character}b") == "ab"


def test_joiners_stay_between_arabic_letters_only():
    """A zero-width joiner is spelling in Persian and nowhere in Latin words."""
    assert normal("می\u200cخواهم x\u200cy \u200d") == "می\u200cخواهم xy "


def test_line_breaks_become_spaces():
    """A headline with a line break is set on one line; decomposed letters are composed."""
    assert normal("a\r\nb\tc\u2028d e\u0301") == "a b c d é"
    # a vertical tab, a form feed and a record separator part words too
    assert normal("a\x0bb\x0cc\x1ed") == "a b c d"
    assert normal("a\x0bb\x0cc\x1ed", lines=True) == "a\nb\nc\nd"


def test_texts_of_blocks_are_normalised():
    """Texts are normalised wherever they stand in a block."""
    cell = shown(Heading("x"), Text.plain("y"))
    for output in cell.outputs:
        output.data[MIME] = json.loads(json.dumps(output.data[MIME]).replace('"x"', '"a\\u202eb\\nc"'))
    assert collected(cell)[0] == Heading("ab c")


def test_a_megabyte_stays_whole_and_a_third_is_cut():
    """Two texts of a megabyte are whole, a third is cut where it says so; a short one after them is not."""
    long = "word " * 200_000
    given = (masthead(), *(Text.plain(text) for text in (long, long, long, "calm")))
    *found, last = [block.paragraphs[0].runs[0].text for block in collect(of_blocks(given)).blocks]
    assert found[:2] == [long, long]
    assert found[2] == f"{long[:120_000].rstrip()}… [120,000 / 1,000,000]"
    assert last == "calm"


def test_what_stands_above_the_masthead_stays_behind():
    """Markdown above the masthead speaks to the analyst."""
    document = collect(notebook(markdown("# How to use this notebook"), shown(masthead()), markdown("# A")))
    assert document.blocks == (Heading("A"),)


def _failed():
    output = nbformat.v4.new_output("error", ename="SecretError", evalue="secret", traceback=["secret"])
    return nbformat.v4.new_code_cell("secret", outputs=[output], execution_count=1)


def _damaged(value):
    return nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", {MIME: value})])


REFUSED = {
    "failed": ([shown(masthead()), _failed()], "Cell 2 .* ended with an error"),
    "not run": ([nbformat.v4.new_code_cell("masthead()"), markdown("# A")], "has not been run"),
    "no masthead": ([shown(Heading("A"))], "no masthead"),
    "no masthead, only text": (
        [nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="1")])], "no masthead",
    ),
    "two mastheads": ([shown(masthead(), masthead())], "2 mastheads"),
    "block before masthead": ([shown(Heading("A"), masthead())], "before its masthead"),
    "damaged block": (
        [shown(masthead()), _damaged({"kind": "heading", "text": ["secret"]})], r"Cell 2 .*heading\.text",
    ),
    "unknown block": ([shown(masthead()), _damaged({"kind": "secret"})], "Cell 2 .*does not know"),
    "block as text": (
        [shown(masthead()), _damaged(json.dumps(to_json(Heading("secret"))))], "Cell 2 .*not an object",
    ),
    "figure without words": ([shown(masthead(), Figure("", " ", "", spec=bars()))], "no alternative text"),
    "figure without drawing": ([shown(masthead(), Figure("", "A.", ""))], "SVG"),
    "columns in columns": ([shown(masthead(), Columns((Columns((), ()),), ()))], "Two columns hold"),
    "HTML left open": ([shown(masthead()), markdown("<div hidden>\n\nsecret")], "Cell 2 .*does not close"),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_exported_is_refused(cells, message):
    """The error says what is wrong and which cell, and quotes nothing of it."""
    with pytest.raises(ExportError, match=message) as refused:
        collect(notebook(*cells))
    assert "secret" not in str(refused.value).lower()


def test_old_formats_are_refused():
    """A notebook of format 3 has its cells elsewhere, and must not count as empty."""
    with pytest.raises(ExportError, match="format 4"):
        collect({"nbformat": 3, "worksheets": []})


def _hiding_places():
    """Yield every place of a notebook that is not a block nor markdown text, with a canary in each."""
    rows = [{"x": 1, "y": 2, "who": "canary-specification-column"}]
    spec = {
        "usermeta": {"note": "canary-usermeta"}, "description": "canary-description", "name": "canary-name",
        "data": {"values": rows}, "mark": {"type": "bar", "tooltip": True, "href": "canary-href"},
        "params": [{"name": "canary_parameter", "value": "canary-parameter"}],
        "encoding": {
            "x": {"field": "x", "type": "ordinal"}, "y": {"field": "y", "type": "quantitative"},
            "description": {"field": "who"}, "href": {"field": "who"},
            "tooltip": {"field": "who"},
        },
    }  # fmt: skip
    cell = shown(Figure("", "It rose.", "", spec=spec), Heading("Seen"))
    cell.source = "print('canary-source')  # canary-comment"
    cell.metadata.update({"tags": ["canary-tag"], "papermill": {"exception": "canary-papermill"}})
    cell.id = "canary-id"
    for output in cell.outputs:
        output.metadata["canary"] = "canary-output-metadata"
        output.data |= {
            "text/html": "<b>canary-html</b>", "text/plain": "canary-plain", "image/png": "Y2FuYXJ5LXBuZw==",
            "image/svg+xml": "<svg>canary-svg</svg>", "text/latex": "canary-latex",
            "text/markdown": "canary-md",
            "text/vnd.mermaid": "graph TD; canary-->mermaid", "application/javascript": "canary-script",
            "application/vnd.jupyter.widget-view+json": {"model_id": "canary-widget"},
            "application/vnd.vegalite.v5+json": {"data": "canary-vegalite"},
            "application/vnd.dataresource+json": {"data": "canary-resource"},
            "application/pdf": "canary-pdf", "application/json": {"a": "canary-json"},
        }  # fmt: skip
    cell.outputs += [
        nbformat.v4.new_output("stream", name="stdout", text="canary-stdout"),
        nbformat.v4.new_output("stream", name="stderr", text="canary-stderr"),
        nbformat.v4.new_output("display_data", {"text/html": "canary-other-output"}),
        nbformat.v4.new_output(
            "display_data", {"application/vnd.x+json": to_json(Heading("canary-other-mime"))}
        ),
    ]
    yield cell
    hidden = nbformat.v4.new_raw_cell("canary-raw")
    hidden.metadata["raw_mimetype"] = "text/html"
    yield hidden
    text = markdown(
        "Seen <!-- canary-inline-comment --> [here](http://canary-link 'canary-link-title') "
        "![canary-alt](attachment:canary.png 'canary-image-title')\n\n<!-- canary-block-comment -->\n\n"
        "<span hidden title='canary-attribute'>canary-hidden</span>\n\n[1]: http://canary-reference 'x'\n\n"
        "<details>\n\ncanary-details\n\n</details>\n\n```\ncanary-fence\n```\n\n    canary-indented\n"
    )
    text.attachments = {"canary.png": {"image/png": "Y2FuYXJ5"}}
    text.metadata["canary"] = "canary-markdown-metadata"
    yield text


def test_nothing_else_leaves():
    """A canary in each of over 40 other places of a notebook is in no rendered byte of it."""
    executed = notebook(markdown("canary-above"), shown(masthead()), *_hiding_places())
    executed.metadata.update({
        "canary": "canary-notebook-metadata", "title": "canary-title", "authors": [{"name": "canary-author"}],
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": "canary-widget-state"}}},
        "papermill": {"parameters": {"a": "canary-parameters"}, "input_path": "/canary/path"},
    })  # fmt: skip
    assert json.dumps(executed).count("canary") > 40
    document = collect(executed)
    carried = json.dumps(document.to_json())
    assert "Seen" in carried
    for rendered in (carried.encode(), render(document, "html"), render(document, "text")):
        assert b"canary" not in rendered.lower()
