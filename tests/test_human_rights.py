"""
Nothing of the registers of human rights due diligence is in any edition but those of their own readers.

Every field of both registers is a canary, also of rows labelled public, of rows that cannot be read, and of
sources that somebody configured as public. What other audiences get is compared byte by byte with what
they get in an office without the registers.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.commands import Command, command, refused
from tests.conftest import copy_of
from tests.test_notebooks import ISSUE, NOT_A_WORD, said
from workbench import briefing, document, sample, view
from workbench.config import COMPARTMENTS, LEVELS, Office, load
from workbench.errors import BriefingFailed
from workbench.pull import pull_all
from workbench.records import record_type
from workbench.view import View, store_of

__all__ = ["command"]  # a fixture, used by its name

WEEK = "2026-W46"
NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "human_rights.ipynb"
FILES = {"support": "support.csv", "violation": "violations.csv"}
SLUGS = {"support": "support", "violation": "violations"}
SET_BY_THE_PULL = {"source", "level", "compartments", "listable", "flags", "admin1", "district",
                   "district_name", "matched_by"}  # fmt: skip
CANARY = re.compile("zqx[a-z]{5}vj")
SOURCES = """
[[source]]
slug = "{slug}"
title = "{title}"
record = "{record}"
reader = "table"
path = "data/office/{file}"
licence = "{licence}"
attribution = "{attribution}"
level = "{level}"
compartments = []
columns = {{ {columns} }}
"""


@dataclass(frozen=True)
class Two:
    """Two offices that differ by the registers alone, and every canary that only one of them holds."""

    without: Office
    with_them: Office
    canaries: frozenset[str]
    rejected: frozenset[str]


def word(number: int) -> str:
    """Return a word of letters by which a value is known again."""
    letters = "".join(chr(ord("a") + number // 26**place % 26) for place in range(5))
    return f"zqx{letters}vj"


def rows_of(name: str, numbers: Iterator[int]) -> tuple[list[str], list[dict[str, str]]]:
    """Return the columns of a register, and one row at each level and compartment, then one faulty row."""
    record = record_type(name)
    columns = [c for c in record.columns if c.name not in SET_BY_THE_PULL]
    rows = []
    for level in ("", *LEVELS):
        for compartment in ("", *COMPARTMENTS):
            row = {"level": level, "compartments": compartment, "district_given": "Kuro"}
            for column in columns:
                number = next(numbers)
                row[column.name] = {
                    "date": f"2026-{1 + number % 9:02d}-{1 + number % 28:02d}",
                    "instant": f"2026-10-{1 + number % 28:02d}T03:17:{number % 60:02d}Z",
                    "integer": str(10_007 + number),
                    "number": f"-{23 + number / 7919:.5f}",
                    "boolean": "yes",
                }.get(
                    column.kind,
                    column.vocabulary[number % len(column.vocabulary)] if column.vocabulary else "",
                )
                row[column.name] = row[column.name] or word(number)
            rows.append(row)
            row |= {"started_on": "2026-01-05", "ended_on": "2026-12-24"} if name == "support" else {}
    faulty = rows[0] | {"record_id": word(next(numbers)), record.dated_by: word(next(numbers))}
    names = [*(c.name for c in columns), "level", "compartments", "district_given"]
    return names, [*rows, faulty]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    """Make both offices; in the one the registers, with sources configured as public, came an hour later."""
    folder = tmp_path_factory.mktemp("rights") / "without"
    sample.make(folder)
    file = folder / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=\[\[source\]\]$)", text)
    kept = [one for one in entries if not re.search(r'^record = "(support|violation)"$', one, re.MULTILINE)]
    assert len(kept) == len(entries) - 2
    file.write_text("".join(kept), encoding="utf-8")
    sample.deliver(folder, 1)
    for name in FILES.values():
        (folder / "data" / "office" / name).unlink()
    pull(folder, None, at=0)
    own = folder.parent / "with"
    shutil.copytree(folder, own)
    words: dict[str, set[str]] = {"all": set(), "rejected": set()}
    numbers = iter(range(10**6))
    added = []
    for record, name in FILES.items():
        columns, rows = rows_of(record, numbers)
        table = io.StringIO()
        writer = csv.DictWriter(table, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (own / "data" / "office" / name).write_text(table.getvalue(), encoding="utf-8")
        source = {one: word(next(numbers)) for one in ("title", "licence", "attribution")}
        words["all"] |= {*CANARY.findall(table.getvalue()), *source.values()}
        words["rejected"] |= {rows[-1][record_type(record).dated_by]}
        added.append(
            SOURCES.format(
                slug=SLUGS[record], record=record, file=name, level="public", **source,
                columns=", ".join(f'{one} = "{one}"' for one in columns),
            )
        )  # fmt: skip
    file = own / "workbench.toml"
    file.write_text(file.read_text(encoding="utf-8") + "".join(added), encoding="utf-8")
    pull(own, list(SLUGS.values()), at=1)
    return Two(load(folder), load(own), frozenset(words["all"]), frozenset(words["rejected"]))


def pull(folder: Path, sources: list[str] | None, *, at: int) -> None:
    """Pull sources so many hours after the first delivery of the sample office."""
    office = load(folder)
    moment = sample.DELIVERIES[0] + timedelta(hours=at)
    _, failures = pull_all(office, store_of(office), sources, at=moment)
    assert not failures


def view_of(office: Office, audience: str) -> View:
    """Return an audience's view of the sample week."""
    return view.make(office, store_of(office), view.Request("kestara", WEEK, audience, office.now()))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their relative path."""
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


def texts(seen: View) -> str:
    """Return every cell of a view's tables and sources as one text."""
    frames: list[pd.DataFrame] = [*seen.tables.values(), seen.sources]
    return "\n".join(str(value) for rows in frames for name in rows for value in rows[name].dropna())


def others(office: Office) -> list[str]:
    """Return the audiences that lack the compartment or the level."""
    return [
        one.slug
        for one in office.audience
        if "human_rights" not in one.compartments or one.level != "strictly_confidential"
    ]


def test_views_of_others_are_the_same_bytes(two: Two, tmp_path: Path) -> None:
    """Of every other audience the saved view is byte for byte that of an office without the registers."""
    assert others(two.with_them)
    for audience in others(two.with_them):
        saved = []
        for name, office in (("without", two.without), ("with", two.with_them)):
            folder = tmp_path / audience / name
            view.save(view_of(office, audience), folder)
            saved.append(contents(folder))
        assert saved[0] == saved[1], audience


def test_no_canary_is_in_the_view_of_others(two: Two) -> None:
    """Rows labelled public, rejected rows, titles and licences: none is in any table of another audience."""
    for audience in others(two.with_them):
        seen = view_of(two.with_them, audience)
        assert not set(CANARY.findall(texts(seen))), audience
        assert not set(seen.sources["record"]) & set(FILES)
        assert not seen.table("support").size
        assert not seen.table("violation").size
        assert not set(seen.table("rejected_row").get("source", pd.Series(dtype="str"))) & set(SLUGS.values())
        assert seen.known("support") is None
        assert seen.known("violation") is None


def test_their_own_readers_have_every_canary(two: Two) -> None:
    """The leadership reads every field of every row, and the value of the row that could not be read."""
    seen = view_of(two.with_them, "leadership")
    found = set(CANARY.findall(texts(seen)))
    faulty = {"".join(CANARY.findall(str(one))) for one in seen.table("rejected_row")["value"].dropna()}
    assert two.rejected <= faulty
    rows = 5 * (1 + len(COMPARTMENTS))
    assert len(seen.table("support")) == len(seen.table("violation")) == rows
    written = {c.name for name in FILES for c in record_type(name).columns if c.kind in {"text", "free_text"}}
    assert {"activity", "account", "mitigation", "referred_to", "response_text", "place_name"} <= written
    # all but the other cells of the two rows that were set aside
    missing = two.canaries - found
    assert len(missing) <= 2
    assert not [one for one in missing if one in two.rejected]


def test_all_of_it_is_forbidden_to_others(two: Two) -> None:
    """The gate of another edition looks for every text of the registers that its store holds."""
    store = store_of(two.with_them)
    held = set(CANARY.findall(texts(view_of(two.with_them, "leadership"))))
    held -= set(CANARY.findall(texts_of_sources(two.with_them)))
    for audience in others(two.with_them):
        hidden = "\n".join(view.hidden_values(store, view_of(two.with_them, audience)))
        assert not held - set(CANARY.findall(hidden)), audience


def texts_of_sources(office: Office) -> str:
    """Return titles, licences and attributions."""
    return "\n".join(f"{one.title} {one.licence} {one.attribution}" for one in office.source)


@pytest.mark.parametrize("audience", ["internal", "partners"])
def test_the_command_refuses_others(sample_office: Office, command: Command, audience: str) -> None:
    """`workbench run human_rights` for another audience ends with 13 and names no register."""
    done = command("run", "human_rights", "--audience", audience, "--office", str(sample_office.root))
    message = refused(done, 13, "DisclosureRefused")
    assert "egister" not in message
    assert not (sample_office.path(sample_office.outputs) / audience / "human_rights").exists()


def run_notebook(seen: View, folder: Path) -> document.Document:
    """Run the notebook on a view and return its document."""
    view.save(seen, folder / "view")
    parameters = {
        "area": seen.area.slug, "week": seen.week.slug, "audience": seen.audience.slug,
        "as_of": seen.as_of.isoformat(), "language": "en",
    }  # fmt: skip
    return document.collect(briefing.run(NOTEBOOK, parameters, view=folder / "view", folder=folder))


def test_listed_by_mistake_it_still_makes_no_page(sample_office: Office, tmp_path: Path) -> None:
    """An audience that lists the briefing without the compartment gets no page: it stops after its head."""
    with pytest.raises(BriefingFailed, match=r"cell 4 with DisclosureRefused"):
        run_notebook(view_of(sample_office, "internal"), tmp_path)


@pytest.fixture(scope="module")
def leadership_page(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> document.Document:
    """Return the document of the sample office's leadership."""
    return run_notebook(view_of(sample_office, "leadership"), tmp_path_factory.mktemp("page"))


def test_the_page_of_the_sample(leadership_page: document.Document) -> None:
    """The sample's page states what the registers hold, in words that accuse nobody."""
    text = said(leadership_page).replace(" | ", " ")
    assert not NOT_A_WORD.search(text)
    assert "1 of 6 supports that run has credible allegations against its recipient" in text
    assert "Alleged against: Provincial Guard, Orvane post." in text
    assert "1 review is overdue, by 46 days." in text
    assert "Since the last issue (9 Nov) the office learnt of 2 allegations" in text
    assert (
        "2 allegations are not reported to the Resident Representative; the longest has waited 16 days."
        in text
    )
    assert "n = 11, 2–16" in text
    assert "Hill Watch of Ibrane" in text
    assert "reviewed by" not in text
    # of those who did not agree, nothing but a number
    assert "a doctor saw marks" in text
    for untold in ("clinic", "teacher", "herder", "burnt", "porters", "came home with burns"):
        assert untold not in text.lower()


def test_the_core_is_two_pages(leadership_page: document.Document) -> None:
    """The annexes begin on the third page; the decisions stand on the first."""
    import pypdfium2

    with pypdfium2.PdfDocument(document.render(leadership_page, "pdf", issue=ISSUE)) as opened:
        pages = [" ".join(one.get_textpage().get_text_range().split()) for one in opened]
    assert "What has to be decided" in pages[0]
    assert "What is not known" in pages[1]
    assert "Annex A" not in pages[0] + pages[1]
    assert len(pages) <= 4


def test_registers_without_a_row(sample_office: Office, tmp_path: Path) -> None:
    """Before anything is entered the page says that nothing is on record, without a number made up."""
    seen = view_of(sample_office, "leadership")
    tables = {**seen.tables, **{name: seen.tables[name].iloc[:0] for name in FILES}}
    text = said(run_notebook(replace(seen, tables=tables), tmp_path))
    assert not NOT_A_WORD.search(text)
    assert "No support and no alleged violation is on record for this area." in text


def test_history_is_kept(sample_office: Office) -> None:
    """As of the first delivery the support to the Orvane garrison ran, and two allegations were not known."""
    store = store_of(sample_office)
    then, now = (
        store.read(record_type("support"), as_of=at + timedelta(minutes=5)).set_index("record_id")["decision"]
        for at in sample.DELIVERIES
    )
    assert (then["SUP-2026-03"], now["SUP-2026-03"]) == ("approved_with_conditions", "suspended")
    counts = [
        len(store.read(record_type("violation"), as_of=at + timedelta(minutes=5))) for at in sample.DELIVERIES
    ]
    assert counts == [12, 14]


def test_it_is_published_for_its_readers(sample_office: Office, command: Command, tmp_path: Path) -> None:
    """The whole path, gate included, makes the leadership's issue."""
    own = copy_of(sample_office, tmp_path / "office")
    done = command("run", "human_rights", "--audience", "leadership", "--office", str(own.root))
    assert done.code == 0, done
    made = own.path(own.outputs) / "leadership" / "human_rights" / "kestara" / WEEK
    assert {"briefing.html", "briefing.pdf"} <= {one.name for one in made.rglob("*")}
