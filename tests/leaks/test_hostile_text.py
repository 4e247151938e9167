"""Text from the field that wants to be more than text: script, markup, formulas, controls, and much of it."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from tests.conftest import copy_of, put_rows
from workbench import briefing, document, sample, view
from workbench.config import Office
from workbench.view import store_of

WEEK = "2026-W46"
AT = sample.DELIVERIES[-1]
KNOWN = AT + timedelta(hours=2)


def edition(office: Office, audience: str, folder: Path) -> document.Document:
    """Make the weekly briefing as the main path does, up to its document."""
    request = view.Request("kestara", WEEK, audience, KNOWN)
    seen = view.make(office, store_of(office), request)
    view.save(seen, folder / "view")
    parameters = {
        "area": "kestara", "week": WEEK, "audience": audience, "as_of": seen.as_of.isoformat(),
        "language": "en",
    }  # fmt: skip
    notebook = briefing.notebook_of(office, office.briefing[0])
    executed = briefing.run(notebook, parameters, view=folder / "view", folder=folder)
    return document.collect(executed)


HOSTILE = {
    "script": "<script>document.title='run'</script><img src=x onerror=alert(1)>",
    "attribute": "\" onmouseover=\"alert(2)\" ' x='",
    "end of style": "</style></title></textarea>--><svg onload=alert(3)>",
    "typst": "#eval(\"1+1\") #include \"/etc/passwd\" $x^2$ *bold* _it_ = Head <label> @ref [a](b) \\ #{3+4}",
    "jinja": "{{ 7*6 }} {% include 'x' %} {# gone #} ${7*6}",
    "format": "{area} {0} {} %s %(x)s",
    "markdown": "**bold** [link](https://example.org) ![image](x.png) `code` # heading",
    "entity": "&lt;b&gt; &amp;amp; &#x41;",
    "formula": "=HYPERLINK(\"https://example.org\";\"x\") +1 -1 @SUM(A1) |cmd",
    "template": "{{constructor.constructor('alert(4)')()}} <%= 1 %>",
}  # fmt: skip
UNSEEN = {
    "bidi": ("\u202egnol\u202c \u2066left\u2069", "gnol left"),
    "zero width": ("in\u200bvis\u200dib\ufeffle", "invisible"),
    "controls": ("be\x07ll\x1b[31m", "bell[31m"),
}
LONG = "Gravelroad " * 9_000 + "arrived"


class Page(HTMLParser):
    """Gathers what a browser would see of a page: its text, its elements and its attributes."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and its attributes."""
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text.append(data)


@pytest.fixture(scope="module")
def hostile(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> document.Document:
    """Make the internal edition of a week whose texts want to be more than text."""
    folder = tmp_path_factory.mktemp("hostile")
    office = copy_of(sample_office, folder / "office")
    passages = [*HOSTILE.values(), *(given for given, _ in UNSEEN.values())]
    label = {"level": "public", "district": "KS0101", "district_name": "Kuro", "admin1": "KS01"}
    incidents = [
        {
            **label, "record_id": f"H{n}", "occurred_on": "2026-11-11", "occurred_to": "2026-11-11",
            "date_precision": "day", "event_type": "attack_on_civilians", "killed_best": 20,
            "threat_category": "armed_conflict", "releasable_text": text, "verification": "confirmed",
        }
        for n, text in enumerate([*passages, LONG])
    ]  # fmt: skip
    statements = [
        {
            **label, "record_id": f"S{part}{n}", "area": "kestara", "week": WEEK, "part": part, "text": text,
            "occurred_on": "2026-11-09", "position": 20 + n, "owner": text, "because": text,
            "confidence": "low", "reviewer": text, "scenario": "best_case",
        }
        for part in ("judgement", "situation", "outlook", "recommendation")
        for n, text in enumerate(passages)
    ]  # fmt: skip
    entries = [
        {
            **label, "record_id": f"L{n}", "level": "internal", "occurred_on": "2026-11-11", "officer": "x",
            "organisation": text, "organisation_kind": "police", "interlocutor_role": text, "summary": text,
        }
        for n, text in enumerate(passages)
    ]  # fmt: skip
    rows = {"incident": incidents, "assessment": statements, "liaison_entry": entries}
    sources = {"incident": "meridian", "assessment": "assessments", "liaison_entry": "liaison"}
    for record, given in rows.items():
        put_rows(office, record, *given, source=sources[record], at=AT + timedelta(minutes=1))
    return edition(office, "internal", folder / "run")


def bare(text: str) -> str:
    """Return text without blanks, so that where its lines break does not matter."""
    return re.sub(r"\s+", "", text)


def test_hostile_text_is_shown_as_it_stands(hostile: document.Document) -> None:
    """Script, Typst, Jinja, markdown, entities and formulas are letters to HTML and to the text edition."""
    page = Page(document.render(hostile, "html").decode("utf-8"))
    shown, plain = bare("".join(page.text)), bare(document.render(hostile, "text").decode("utf-8"))
    for name, text in HOSTILE.items():
        assert bare(text) in shown, name
        assert bare(text) in plain, name
    for name, (given, seen) in UNSEEN.items():
        assert bare(seen) in shown, name
        assert given not in shown
        assert given not in plain
    assert bare(LONG) in shown


def test_hostile_text_makes_nothing_run_on_a_page(hostile: document.Document) -> None:
    """The page has no script, frame, form or image from elsewhere, no handler, and no address but its own."""
    page = Page(document.render(hostile, "html").decode("utf-8"))
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "img", "base", "textarea"}
    names = {name for name, _ in page.attributes}
    assert not [name for name in names if name.startswith("on")]
    addresses = {
        value or "" for name, value in page.attributes if name in {"href", "src", "action", "xlink:href"}
    }
    assert all(one.startswith(("#", "data:")) for one in addresses)


def test_hostile_text_is_only_text_in_a_pdf(hostile: document.Document) -> None:
    """The PDF shows it letter by letter, has no link, script or attached file, and 100 kB fit into it."""
    content = document.render(hostile, "pdf")
    with pypdfium2.PdfDocument(content) as read:
        shown = bare("".join(page.get_textpage().get_text_range() for page in read))
    assert shown.count("Gravelroad") >= 9_000
    for name, text in HOSTILE.items():
        # letters in the order they are set; lines of neighbouring cells may stand in between
        words = [bare(word) for word in re.findall(r"[A-Za-z]{3,}|[{}#$%<>]{2}", text)]
        assert all(word in shown for word in words), name
    with pikepdf.open(BytesIO(content)) as opened:
        assert "/OpenAction" not in opened.Root
        assert "/AA" not in opened.Root
        kinds = {str(one.get("/S", "")) for one in opened.objects if isinstance(one, pikepdf.Dictionary)}
        assert not kinds & {"/JavaScript", "/Launch", "/URI", "/SubmitForm", "/GoToR"}
        assert len(opened.attachments) == 0
