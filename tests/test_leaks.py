"""
What each audience gets, and nothing else: canaries in every column, and text that wants to be more than text.

A canary is a word of its own in every cell that people write, of every record type, level and compartment,
and in titles, licences and file names of sources. The real weekly briefing is made for four audiences, and
every byte that leaves is searched for the canaries its readers may not read.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
import pikepdf
import pyarrow.parquet as pq
import pypdfium2
import pytest

from tests import canaries
from tests.canaries import AUDIENCES, Aviary, allowed
from tests.conftest import put_rows
from workbench import briefing, document, sample, view
from workbench.config import Office, load
from workbench.view import store_of

WEEK = "2026-W46"
AT = sample.DELIVERIES[-1]
KNOWN = AT + timedelta(hours=2)


def workbench(*arguments: str) -> subprocess.Popen[str]:
    """Start the command line in a process of its own."""
    script = "from workbench.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", script, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env=os.environ | {"COLUMNS": "400"},
    )  # fmt: skip


@dataclass(frozen=True)
class Edition:
    """One edition of the weekly briefing, made by hand: its view's folder, its notebook, its document."""

    view: Path
    notebook: dict[str, Any]
    document: document.Document


def edition(office: Office, audience: str, folder: Path) -> Edition:
    """Make an edition as the main path does, and keep what that throws away."""
    request = view.Request("kestara", WEEK, audience, KNOWN)
    seen = view.make(office, store_of(office), request)
    view.save(seen, folder / "view")
    parameters = {
        "area": "kestara", "week": WEEK, "audience": audience, "as_of": seen.as_of.isoformat(),
        "language": "en",
    }  # fmt: skip
    notebook = briefing.notebook_of(office, office.briefing[0])
    executed = briefing.run(notebook, parameters, view=folder / "view", folder=folder)
    return Edition(folder / "view", executed, document.collect(executed))


@dataclass(frozen=True)
class Made:
    """The office of canaries, what the commands said, and each audience's edition."""

    office: Office
    aviary: Aviary
    said: str
    editions: dict[str, Edition]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Pull the canaries and publish them for four audiences; make each edition by hand beside it."""
    folder = tmp_path_factory.mktemp("leaks")
    aviary = canaries.make(folder / "office")
    with workbench("pull", "--office", str(folder / "office")) as pull:
        said = "".join(pull.communicate(timeout=120))
    assert pull.returncode == 0, said
    office = load(folder / "office")
    with workbench(
        "run", "weekly_conflict", "--week", WEEK, "--office", str(folder / "office"),
        *(word for one in AUDIENCES for word in ("--audience", one)),
    ) as run:  # fmt: skip
        editions = {one: edition(office, one, folder / one) for one in AUDIENCES}
        told = "".join(run.communicate(timeout=240))
    assert run.returncode == 0, told
    return Made(office, aviary, said + told, editions)


def pack_of(made: Made, audience: str) -> Path:
    """Return the folder of an audience's pack."""
    return made.office.path(made.office.outputs) / audience / "weekly_conflict" / "kestara" / WEEK / "v1"


def pdf_contents(content: bytes) -> Iterator[bytes | str]:
    """Yield all there is to read in a PDF: text of its pages, every string, name and stream, metadata."""
    with pypdfium2.PdfDocument(content) as read:
        for page in read:
            yield page.get_textpage().get_text_range()
    with pikepdf.open(BytesIO(content)) as opened:
        yield str(opened.trailer)
        for one in opened.objects:
            if isinstance(one, pikepdf.Stream):
                yield one.read_bytes()
            yield from strings(one)


def strings(value: object) -> Iterator[str]:
    """Yield the strings and names inside a PDF object, but not inside those that it only refers to."""
    if isinstance(value, pikepdf.Array):
        parts = list(value)
    elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        yield from value.keys()
        parts = list(value.values())
    else:
        parts = []
        yield str(value) if isinstance(value, (str, pikepdf.String, pikepdf.Name)) else ""
    for part in parts:
        if not (isinstance(part, pikepdf.Object) and part.is_indirect):
            yield from strings(part)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_view_holds_what_its_audience_may_read(made: Made, audience: str) -> None:
    """The saved view holds each canary that the labels allow, and no other, in cells, statistics or names."""
    folder = made.editions[audience].view
    heard = set()
    for file in folder.iterdir():
        heard |= made.aviary.heard(file.name)
        if file.suffix == ".parquet":
            table = pq.read_table(file)
            parts = (canaries.texts(table.to_pandas()), str(table.schema.metadata))
            heard |= made.aviary.heard(*parts, str(pq.read_metadata(file).to_dict()))
        else:
            heard |= made.aviary.heard(file.read_bytes())
    assert {made.aviary.known[word] for word in heard - allowed(made.aviary, audience)} == set()
    assert {made.aviary.known[word] for word in allowed(made.aviary, audience) - heard} == set()


@pytest.mark.parametrize("audience", AUDIENCES)
def test_nothing_leaves_that_its_readers_may_not_have(made: Made, audience: str) -> None:
    """No byte of HTML, PDF, manifest, index or text edition holds a canary that is not its readers'."""
    pack, aviary = pack_of(made, audience), made.aviary
    page = (pack / "briefing.html").read_bytes()
    leaving = {
        "html": aviary.heard(page),
        "pdf": aviary.heard(*pdf_contents((pack / "briefing.pdf").read_bytes())),
        "text": aviary.heard(document.render(made.editions[audience].document, "text")),
        "manifest": aviary.heard((pack / "manifest.json").read_bytes()),
        "index": aviary.heard((pack.parents[3] / "index.html").read_bytes()),
        "names": aviary.heard(*(one.as_posix() for one in pack.parents[3].rglob("*"))),
        "notebook": aviary.heard(nbformat.writes(made.editions[audience].notebook)),
    }
    readable = allowed(aviary, audience)
    stray = {part: {aviary.known[word] for word in heard - readable} for part, heard in leaving.items()}
    assert stray == {part: set() for part in leaving}
    # what is allowed does arrive, in each format: the search would have found what is not
    said = {word for word in readable if aviary.known[word].column in {"releasable_text", "text"}}
    for part in ("html", "pdf", "text"):
        assert leaving[part] & said, part
    assert leaving["manifest"]
    assert leaving["index"]
    rendered = document.render(made.editions[audience].document, "html", issue=document.Issue(1))
    assert rendered == page, "the edition made by hand is the one that was published"


OTHERS = ("district_profile", "data_quality")


@pytest.fixture(scope="module")
def others(made: Made) -> Made:
    """Publish the other briefings for all four audiences too, though an office would not give all to all."""
    root = made.office.root
    for name in OTHERS:
        with workbench(
            "run", name, "--week", WEEK, "--office", str(root),
            *(word for one in AUDIENCES for word in ("--audience", one)),
        ) as run:  # fmt: skip
            told = "".join(run.communicate(timeout=240))
        assert run.returncode == 0, told
        assert made.aviary.heard(told) == set()
    return made


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", OTHERS)
def test_no_other_briefing_says_more(others: Made, name: str, audience: str) -> None:
    """District profiles and data quality hold no canary that is not their readers', in any byte."""
    pack = others.office.path(others.office.outputs) / audience / name / "kestara" / WEEK / "v1"
    heard = others.aviary.heard(
        (pack / "briefing.html").read_bytes(),
        *pdf_contents((pack / "briefing.pdf").read_bytes()),
        (pack / "manifest.json").read_bytes(),
    )
    assert {others.aviary.known[word] for word in heard - allowed(others.aviary, audience)} == set()
    assert heard, "what is allowed does arrive: the search would have found what is not"


def test_higher_audiences_read_more(made: Made) -> None:
    """Editions differ by what their readers may read: the search is no comparison of equal pages."""
    heard = [
        len(made.aviary.heard((pack_of(made, audience) / "briefing.html").read_bytes()))
        for audience in ("leadership", "internal", "partners")
    ]
    assert heard == sorted(heard, reverse=True)
    assert len(set(heard)) == 3
    assert heard[-1] > 0


def test_commands_say_nothing_of_what_they_handle(made: Made) -> None:
    """Neither pull nor run prints or logs a single canary, not even those every reader may have."""
    assert made.aviary.heard(made.said) == set()
    assert "incident_open" in made.said


# --- Text that wants to be more ------------------------------------------------------------------

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
def hostile(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """Make the internal edition of a week whose texts want to be more than text."""
    from tests.conftest import copy_of

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


def test_hostile_text_is_shown_as_it_stands(hostile: Edition) -> None:
    """Script, Typst, Jinja, markdown, entities and formulas are letters to HTML and to the text edition."""
    page = Page(document.render(hostile.document, "html").decode("utf-8"))
    shown, plain = bare("".join(page.text)), bare(document.render(hostile.document, "text").decode("utf-8"))
    for name, text in HOSTILE.items():
        assert bare(text) in shown, name
        assert bare(text) in plain, name
    for name, (given, seen) in UNSEEN.items():
        assert bare(seen) in shown, name
        assert given not in shown
        assert given not in plain
    assert bare(LONG) in shown


def test_hostile_text_makes_nothing_run_on_a_page(hostile: Edition) -> None:
    """The page has no script, frame, form or image from elsewhere, no handler, and no address but its own."""
    page = Page(document.render(hostile.document, "html").decode("utf-8"))
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "img", "base", "textarea"}
    names = {name for name, _ in page.attributes}
    assert not [name for name in names if name.startswith("on")]
    addresses = {
        value or "" for name, value in page.attributes if name in {"href", "src", "action", "xlink:href"}
    }
    assert all(one.startswith(("#", "data:")) for one in addresses)


def test_hostile_text_is_only_text_in_a_pdf(hostile: Edition) -> None:
    """The PDF shows it letter by letter, has no link, script or attached file, and 100 kB fit into it."""
    content = document.render(hostile.document, "pdf")
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
