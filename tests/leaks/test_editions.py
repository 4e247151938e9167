"""
What each audience gets, and nothing else: canaries in every column, looked for in all that leaves.

A canary is a word, number, place or day of its own in every cell that people write, of every record type,
level and compartment, and in titles, licences and file names of sources. All briefings are made for all
audiences, drafts are released by the people who must, and every file is searched in every encoding.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import nbformat
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests import canaries
from tests.canaries import Aviary, allowed
from tests.leaks.conftest import PLACE, TEMPORARY, WEEK, Made
from tests.leaks.readers import AUDIENCES, RELEASE, as_shipped, reads_everything
from tests.leaks.readings import contents
from tests.leaks.shown import missing
from workbench import briefing, document, view
from workbench.config import Office, shipped
from workbench.view import store_of


def test_the_default_office_is_the_one_that_is_proven() -> None:
    """What the five default audiences may read is what this test says, and few briefings go to few."""
    default = as_shipped(shipped("workbench.toml").read_text(encoding="utf-8"))
    assert set(default) == set(AUDIENCES) - {"abroad"}
    for slug, reader in default.items():
        said = AUDIENCES[slug]
        assert (reader.level, reader.compartments, reader.place, reader.words, reader.counts_from) == (
            said.level, said.compartments, said.place, said.words, said.counts_from,
        )  # fmt: skip
        assert set(reader.briefings) <= set(said.briefings)
    assert [one for one, reader in default.items() if "human_rights" in reader.briefings] == ["leadership"]
    assert default["public"].briefings == ("public_summary",)


@pytest.fixture(scope="module")
def views(made: Made, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make and save the view of each audience."""
    folders = {}
    for audience in AUDIENCES:
        folders[audience] = tmp_path_factory.mktemp("view") / audience
        view.save(view_of(made.office, audience), folders[audience])
    return folders


def view_of(office: Office, audience: str) -> view.View:
    """Return the view of the week for an audience, as known when everything was pulled."""
    request = view.Request("kestara", WEEK, audience, office.now() + timedelta(hours=1))
    return view.make(office, store_of(office), request)


def heard_in_view(aviary: Aviary, folder: Path) -> set[str]:
    """Return the canaries in a saved view: in cells, statistics, columns, and names of files."""
    heard = set()
    for file in folder.iterdir():
        heard |= aviary.heard(file.name)
        if file.suffix == ".parquet":
            table, kept = pq.read_table(file), pq.read_metadata(file).to_dict()
            statistics = [
                (column["path_in_schema"], column["statistics"])
                for group in kept["row_groups"]
                for column in group["columns"]
            ]
            heard |= aviary.heard(
                canaries.texts(table.to_pandas()), str(table.schema.metadata), str(statistics)
            )
        else:
            heard |= aviary.heard(file.read_bytes())
    return heard


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_view_holds_what_its_audience_may_read(made: Made, views: dict[str, Path], audience: str) -> None:
    """The saved view holds each canary that the labels allow, and no other, in cells, statistics or names."""
    heard, readable = heard_in_view(made.aviary, views[audience]), allowed(made.aviary, audience)
    assert {made.aviary.known[word] for word in heard - readable} == set()
    assert {made.aviary.known[word] for word in readable - heard} == set()


def tables_of(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a saved view."""
    return {file.stem: pq.read_table(file).to_pandas() for file in folder.glob("*.parquet")}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_is_too_exact_is_told_less_exactly(views: dict[str, Path], audience: str) -> None:
    """Places become districts or nothing, days that may not be listed their week, counts of few nothing."""
    reader, tables = AUDIENCES[audience], tables_of(views[audience])
    if reader.counts_from > 1:
        assert tables["incident"].empty
        told = tables["count"]["incidents"].dropna()
        assert len(tables["count"])
        assert (told.eq(0) | told.ge(reader.counts_from)).all()
        return
    incidents = tables["incident"]
    assert {"place_name", "latitude"} & set(incidents) == (
        {"place_name", "latitude"} if reads_everything(audience) else set()
    )
    if reader.place == "area":
        assert not {"district", "district_name"} & set(incidents)
    else:
        assert incidents["district_name"].eq("Kuro").all()
    closed = incidents[incidents["source"] == "incident_closed"]
    assert closed["occurred_on"].dt.strftime("%Y-%m-%d").tolist() == ["2026-11-09"]
    assert closed["date_precision"].tolist() == ["week"]
    # lowered by an act on record, and by a source that only said so
    assert "incident_lowered" in set(incidents["source"])
    assert ("incident_relabelled" in set(incidents["source"])) == (reader.level == "strictly_confidential")


CODE = re.compile("[0-9A-HJKMNP-TV-Z]{6}")


def test_pseudonyms_stand_for_ids_and_names(views: dict[str, Path]) -> None:
    """Whoever does not read everything has codes for ids, all have codes for names, none another's codes."""
    codes: dict[str, set[str]] = {}
    for audience in AUDIENCES:
        found = set()
        for name, rows in tables_of(views[audience]).items():
            columns = {"name_ref"} if reads_everything(audience) else {"name_ref", "record_id"}
            for column in columns & set(rows):
                values = set(rows[column].dropna())
                assert all(CODE.fullmatch(one) for one in values), (audience, name, column)
                assert len(rows) == 0 or values, (audience, name, column)
                found |= values
        codes[audience] = found
    assert all(codes[one] for one in ("leadership", "internal", "unct"))
    every = [one for found in codes.values() for one in found]
    assert len(every) == len(set(every))


def test_one_code_stands_for_one_row_in_every_table(views: dict[str, Path]) -> None:
    """A code in a reference is the code of the row it names, and never of a row that is held back."""
    tables = tables_of(views["internal"])
    ids = set(tables["incident"]["record_id"])
    assert len(ids) == len(tables["incident"])
    named = set(tables["assessment"]["basis"].dropna().str.split(";").explode())
    named |= set(tables["duplicate_decision"]["left_id"]) | set(tables["duplicate_decision"]["right_id"])
    assert named
    assert named <= ids
    assert tables["programme_site"]["reason_incident"].isna().all()


PROSE = {"assessment", "district_assessment", "violation"}
"""What pages tell in sentences, and not in tables."""


@pytest.mark.parametrize("audience", AUDIENCES)
def test_nothing_leaves_that_its_readers_may_not_have(made: Made, audience: str) -> None:
    """
    No file for an audience holds a canary that is not its readers', and each page shows what it should.

    Packs, drafts, tables, counts, manifests, signatures, index pages, and the names of files and folders.
    """
    aviary, readable = made.aviary, allowed(made.aviary, audience)
    heard: dict[Path, set[str]] = {}
    for folder in made.of(audience):
        for file in (one for one in folder.rglob("*") if one.is_file()):
            heard[file] = aviary.heard(file.relative_to(folder).as_posix(), *contents(file))
    stray = {str(file): {aviary.known[word] for word in found - readable} for file, found in heard.items()}
    assert {file: found for file, found in stray.items() if found} == {}

    pages = [file for file in heard if file.name in {"briefing.html", "briefing.pdf"}]
    assert {file.suffix for file in pages} == {".html", ".pdf"}
    lacking = {str(file): missing(aviary, file.parents[3].name, audience, heard[file]) for file in pages}
    assert {file: found for file, found in lacking.items() if found} == {}
    for page in (file for file in pages if file.suffix == ".html"):
        tables = {file: found for file, found in heard.items() if file.parent == page.parent}
        written = {word for file in tables if file.name.startswith("table_") for word in tables[file]}
        assert written == tables[page.with_name("tables.xlsx")]
        assert written <= heard[page]
        told = {aviary.known[word].record for word in heard[page] - written}
        assert told <= PROSE, "all else stands in the tables that come along as files"
    titles = {word for word in readable if aviary.known[word].record == "source"}
    manifests = [file for file in heard if file.name == "manifest.json"]
    assert {len(titles - heard[file]) for file in manifests} == {0}


def test_pages_name_the_district_to_those_who_may_know(made: Made) -> None:
    """Rows stand beside their district, or beside none where readers may only know the area."""
    outputs = made.office.path(made.office.outputs)
    for audience, reader in AUDIENCES.items():
        if "weekly_conflict" in reader.briefings:
            named = (outputs / audience / PLACE / "briefing.html").read_text(encoding="utf-8").count("Kuro")
            # one sentence says which districts are the area
            assert named == 1 if reader.place == "area" else named > 1, audience


def test_drafts_and_releases_are_both_searched(made: Made) -> None:
    """Who needs a person's release has a draft and a released pack; the others have no drafts."""
    outputs, private = made.office.path(made.office.outputs), made.office.path(made.office.private)
    for audience in AUDIENCES:
        drafted = (private / "drafts" / audience / PLACE / "briefing.html").is_file()
        assert drafted == (audience in RELEASE)
        assert (outputs / audience / PLACE / "briefing.html").is_file() == (
            "weekly_conflict" in AUDIENCES[audience].briefings
        )


def test_higher_audiences_read_more(made: Made) -> None:
    """Editions differ by what their readers may read: the search is no comparison of equal pages."""
    outputs = made.office.path(made.office.outputs)
    heard = [
        len(made.aviary.heard((outputs / audience / PLACE / "briefing.html").read_bytes()))
        for audience in ("leadership", "internal", "unct", "partners")
    ]
    assert heard == sorted(heard, reverse=True)
    assert len(set(heard)) == 4
    assert heard[-1] > 0


def test_an_edition_made_by_hand_holds_no_more_than_its_view(
    made: Made, views: dict[str, Path], tmp_path: Path
) -> None:
    """The executed notebook of an edition and its text edition hold no canary that is not its readers'."""
    seen = view.read(views["internal"])
    parameters = {
        "area": "kestara", "week": WEEK, "audience": "internal", "as_of": seen.as_of.isoformat(),
        "language": "en",
    }  # fmt: skip
    notebook = briefing.notebook_of(made.office, made.office.briefing_called("weekly_conflict"))
    executed = briefing.run(notebook, parameters, view=views["internal"], folder=tmp_path)
    readable = allowed(made.aviary, "internal")
    for content in (nbformat.writes(executed), document.render(document.collect(executed), "text")):
        heard = made.aviary.heard(content)
        assert {made.aviary.known[word] for word in heard - readable} == set()
        assert heard


def test_commands_say_nothing_of_what_they_handle(made: Made) -> None:
    """Neither pull, run nor release prints or logs a single canary, not even those every reader may have."""
    heard = {made.aviary.known[word] for word in made.aviary.heard(made.said)}
    # the register into which an act would be written is named by its path in workbench.toml
    assert {(one.column, one.about) for one in heard} <= {("file", "label_change")}
    assert "incident_open" in made.said


def test_the_office_keeps_nothing_beside_its_rooms(made: Made) -> None:
    """Beside sources, store, drafts, documents and editions no file holds a canary; no run folder stays."""
    office = made.office
    rooms = [office.path(one) for one in ("data", office.store, office.outputs)]
    rooms += [office.path(office.private) / one for one in ("drafts", "documents")]
    left = office.root.with_name(TEMPORARY)
    others = [
        file
        for folder in (office.root, left)
        for file in folder.rglob("*")
        if file.is_file() and file.name != "workbench.toml" and not any(map(file.is_relative_to, rooms))
    ]
    assert {"audit.jsonl"} <= {file.name for file in others}
    for file in others:
        assert made.aviary.heard(file.relative_to(left.parent).as_posix(), *contents(file)) == set(), file
    assert not [file for file in office.path(office.outputs).rglob("*") if file.name.startswith(".")]


def test_no_file_names_another_edition(made: Made) -> None:
    """No page, table, manifest or index of an audience says that others get an edition too."""
    for audience in AUDIENCES:
        others = [one.encode() for one in ("leadership", "unct", "abroad") if one != audience]
        for folder in made.of(audience):
            for file in (one for one in folder.rglob("*.*") if one.suffix in {".html", ".json", ".csv"}):
                said = file.read_bytes().lower()
                assert not [one for one in others if one in said], file


def test_deliveries_leave_no_trace(made: Made) -> None:
    """What the workbench notes of its pulls, digests of the files among it, is in no file for readers."""
    from workbench.records import record_type

    store = store_of(made.office)
    notes = store.read(record_type("delivery"), as_of=made.office.now() + timedelta(hours=1))
    digests = set(notes["digest"].dropna())
    assert digests
    for audience in AUDIENCES:
        for folder in made.of(audience):
            for file in folder.rglob("*.*"):
                said = b"" if file.is_dir() else file.read_bytes()
                assert not [one for one in digests if one.encode() in said], file
