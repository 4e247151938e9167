"""Blocks: the JSON they travel in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.document.example import example_blocks, example_document, masthead
from workbench.blocks import (
    BLOCKS,
    Action,
    Actions,
    Block,
    Callout,
    Cell,
    Columns,
    Figure,
    Heading,
    Judgement,
    KeyFigure,
    KeyFigures,
    Map,
    Masthead,
    PageBreak,
    Paragraph,
    Run,
    Sources,
    Table,
    TableColumn,
    Text,
    from_json,
    to_json,
)
from workbench.document import Document
from workbench.errors import ExportError

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
runs = st.lists(st.builds(Run), max_size=3).map(tuple)
labels = st.dictionaries(words, words, max_size=3)
plain_json = st.dictionaries(
    words,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
        lambda part: st.lists(part, max_size=3) | st.dictionaries(words, part, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a table in which every row has a cell for each column."""
    columns = draw(st.lists(st.builds(TableColumn, share=st.floats(0.1, 9)), max_size=3))
    row = st.lists(st.builds(Cell), min_size=len(columns), max_size=len(columns)).map(tuple)
    return Table(
        draw(words), tuple(columns), tuple(draw(st.lists(row, max_size=3))), draw(words), draw(words)
    )


def many(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw tuples."""
    return st.lists(part, max_size=3).map(tuple)


STRATEGIES: dict[str, st.SearchStrategy[Block]] = {
    "masthead": st.builds(Masthead, facts=many(words), labels=labels),
    "heading": st.builds(Heading),
    "text": st.builds(Text, paragraphs=many(st.builds(Paragraph, runs=runs))),
    "key_figures": st.builds(KeyFigures, figures=many(st.builds(KeyFigure, parts=many(words)))),
    "judgement": st.builds(Judgement, runs=runs),
    "table": tables(),
    "figure": st.builds(Figure, data=st.none() | tables(), spec=st.none() | plain_json),
    "map": st.builds(Map, data=st.none() | tables(), spec=st.none() | plain_json),
    "callout": st.builds(Callout),
    "actions": st.builds(Actions, actions=many(st.builds(Action)), labels=labels),
    "sources": st.builds(Sources, table=tables()),
    "page_break": st.builds(PageBreak),
}
STRATEGIES["columns"] = st.builds(
    Columns, left=many(st.one_of(*STRATEGIES.values())), right=many(st.one_of(*STRATEGIES.values()))
)


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_every_block_survives_json(kind):
    """What `to_json` writes is plain JSON, and `from_json` reads the same block back."""

    @given(STRATEGIES[kind])
    def survives(block: Block) -> None:
        written = json.loads(json.dumps(to_json(block), allow_nan=False))
        assert from_json(written) == block
        assert written["kind"] == kind

    survives()


def test_document_survives_json():
    """A document read back from its JSON is the same, and so is its digest."""
    document = example_document()
    again = Document.from_json(json.loads(json.dumps(document.to_json())))
    assert again == document
    assert again.digest == document.digest


def test_digest_changes_with_any_word():
    """Two documents that differ in one word have different digests."""
    document = example_document()
    assert Document(document.masthead, (*document.blocks, Heading("One more"))).digest != document.digest


def test_example_holds_every_kind():
    """The sample document holds every kind of block, so that renderers are tested on all."""
    found = set()
    for block in example_blocks():
        parts = (*block.left, *block.right) if isinstance(block, Columns) else ()
        found |= {block.kind, *(part.kind for part in parts)}
    assert found == set(BLOCKS)


CONFIDED = "said in confidence"
BAD = {
    "not an object": [CONFIDED],
    "no kind": {"text": CONFIDED},
    "unknown kind": {"kind": CONFIDED},
    "kind of another type": {"kind": [CONFIDED]},
    "unknown field": {"kind": "heading", "text": "a", "secret": CONFIDED},
    "missing field": {"kind": "heading", "level": 1},
    "text is a number": {"kind": "heading", "text": 7},
    "level out of range": {"kind": "heading", "text": CONFIDED, "level": 4},
    "level is a boolean": {"kind": "heading", "text": CONFIDED, "level": True},
    "annex is a number": {"kind": "heading", "text": CONFIDED, "annex": 1},
    "list where a text stands": {"kind": "callout", "purpose": "note", "lead": [CONFIDED]},
    "run is a text": {"kind": "judgement", "number": "1", "runs": [CONFIDED], "confidence": ""},
    "unknown field inside": {
        "kind": "judgement", "number": "1", "runs": [{"text": "a", "secret": CONFIDED}], "confidence": "",
    },
    "table holds another block": {"kind": "sources", "table": {"kind": "heading", "text": CONFIDED}},
    "block where columns hold text": {"kind": "columns", "left": [CONFIDED], "right": []},
    "labels are a list": {**to_json(masthead()), "labels": [CONFIDED]},
    "share is not a number": {
        "kind": "table", "title": "", "columns": [{"label": "", "share": CONFIDED}], "rows": [],
    },
    "share is infinite": {
        "kind": "table", "title": "", "columns": [{"label": CONFIDED, "share": float("inf")}], "rows": [],
    },
    "row is short": {"kind": "table", "title": "", "columns": [{"label": CONFIDED}], "rows": [[]]},
    "specification is no JSON": {
        "kind": "figure", "title": "", "alt": "", "note": "", "spec": {"a": object()},
    },
}  # fmt: skip


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
def test_anything_else_is_refused(value):
    """What `to_json` never writes is an ExportError that does not quote it."""
    with pytest.raises(ExportError) as refused:
        from_json(value)
    assert CONFIDED not in str(refused.value)


def test_error_names_kind_and_field():
    """The message says which field of which kind is wrong."""
    with pytest.raises(ExportError, match=r"judgement\.runs\.text of a block"):
        from_json({"kind": "judgement", "number": "1", "runs": [{"text": 1}], "confidence": ""})


def test_values_json_cannot_carry_are_refused():
    """A field that holds no plain JSON is refused when written, not when somebody reads it."""
    with pytest.raises(ExportError, match=r"figure\.spec"):
        to_json(Figure("", "", "", spec={"values": {1, 2}}))


@pytest.mark.parametrize(
    "document", [[], {"masthead": {}}, {"masthead": to_json(Heading("a")), "blocks": []}]
)
def test_document_needs_masthead_and_blocks(document):
    """A document's JSON without a masthead in its place is refused."""
    with pytest.raises(ExportError):
        Document.from_json(document)
