"""The main path: from an order to a published pack, made again byte for byte, or refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import small_notebook
from tests.conftest import copy_of, deliver_and_pull, put_rows, release_rules
from workbench import sample
from workbench.blocks import MIME
from workbench.config import Office, load, shipped
from workbench.errors import (
    BriefingFailed,
    ConfigurationError,
    DisclosureRefused,
    ParameterError,
    UnknownName,
    UserError,
    WorkbenchError,
)
from workbench.publish import Order, Published, pack, publish
from workbench.pull import pull, pull_all
from workbench.view import store_of

FIRST, SECOND = sample.DELIVERIES
AN_HOUR = timedelta(hours=1)
NAMES = ["briefing.html", "briefing.pdf", "manifest.json", "manifest.sig"]

EDITIONS = 9
"""Of the sample office: what its five audiences get of one week."""

W45 = Order("weekly_conflict", "kestara", "2026-W45", "internal", "en", FIRST + AN_HOUR)
NEWS = {
    "record_id": "news",
    "level": "public",
    "occurred_on": "2026-11-11",
    "occurred_to": "2026-11-11",
    "date_precision": "day",
    "event_type": "armed_clash",
    "threat_category": "armed_conflict",
    "admin1": "KS01",
    "district": "KS0101",
}
W46 = Order("weekly_conflict", "kestara", "2026-W46", "internal", "en", SECOND + AN_HOUR)


@dataclass(frozen=True)
class Issued:
    """An office that has published, and what it published: by name, and the bytes of every file then."""

    office: Office
    packs: dict[str, Published]
    bytes: dict[str, dict[str, bytes]]


def made(office: Office, order: Order, *, force: bool = False) -> Published:
    """Publish an order."""
    return publish(office, store_of(office), order, progress=str, force=force)


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its name relative to it."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def packs_in(office: Office) -> dict[str, bytes]:
    """Return everything an office has published; its private run folders are left out."""
    outputs = office.path(office.outputs)
    return content(outputs) if outputs.exists() else {}


def run_folders(office: Office) -> list[Path]:
    """Return the private folders of what is left of failed runs."""
    runs = office.path(office.private) / "runs"
    return sorted(runs.iterdir()) if runs.exists() else []


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """Pull as the demo does; publish W45 when it was over, W46 for every audience, and then W45 again."""
    folder = tmp_path_factory.mktemp("issued") / "office"
    sample.make(folder)
    office = release_rules(folder)
    for number, at in enumerate(sample.EARLIER, start=1):
        sample.deliver_earlier(folder, number)
        pull_all(office, store_of(office), sample.EARLIER_SOURCES, at=at)
    deliver_and_pull(folder, 1)
    office = load(folder)
    packs = {"W45": made(office, W45)}
    deliver_and_pull(folder, 2)
    for audience in (one for one in office.audience if W46.briefing in one.briefings):
        packs[audience.slug] = made(office, replace(W46, audience=audience.slug))
    packs["W45 corrected"] = made(office, replace(W45, as_of=SECOND + AN_HOUR))
    return Issued(office, packs, {name: content(one.folder) for name, one in packs.items()})


@pytest.fixture
def quick(sample_office: Office, tmp_path: Path) -> Office:
    """Return an office of the test's own whose weekly briefing is a small notebook."""
    office = copy_of(sample_office, tmp_path / "office")
    small_notebook.put(office, small_notebook.COUNTS)
    return office


def test_a_pack_is_two_documents_and_a_manifest(issued: Issued) -> None:
    """For each audience a pack appears that holds exactly HTML, PDF and manifest, and verifies."""
    for audience in ("leadership", "internal", "partners"):
        one = issued.packs[audience]
        place = f"{audience}/weekly_conflict/kestara/2026-W46/v1"
        assert one.folder == issued.office.path(issued.office.outputs) / place
        assert sorted(issued.bytes[audience]) == NAMES
        assert pack.verify(one.folder) == ()
        assert not one.reproduced
    assert run_folders(issued.office) == []


def test_the_manifest_tells_what_went_in_and_what_came_out(issued: Issued) -> None:
    """Its digests are those of the files and of the notebook; parameters and sources are named."""
    for audience in ("leadership", "internal", "partners"):
        said = json.loads(issued.bytes[audience]["manifest.json"])
        assert said["files"] == {
            name: hashlib.sha256(issued.bytes[audience][name]).hexdigest() for name in NAMES[:2]
        }
        notebook = issued.office.path("notebooks/weekly_conflict.ipynb").read_bytes()
        assert said["digests"]["notebook"] == hashlib.sha256(notebook).hexdigest()
        assert said["parameters"]["audience"] == said["audience"] == audience
        assert said["fictional"] is True
        assert said["status"] == "released"
    sources = {
        audience: [line.source for line in issued.packs[audience].manifest.sources]
        for audience in ("internal", "partners")
    }
    assert "liaison" in sources["internal"]
    assert sources["partners"] == ["meridian", "concord", "district_assessments", "assessments"]


def test_the_same_order_again_makes_the_same_bytes(issued: Issued) -> None:
    """Any as-of between two deliveries asks for the same issue, even after it was corrected."""
    for as_of in (FIRST + AN_HOUR, SECOND - timedelta(microseconds=1)):
        again = made(issued.office, replace(W45, as_of=as_of), force=True)
        assert again.reproduced
        assert again.folder == issued.packs["W45"].folder
        assert content(again.folder) == issued.bytes["W45"]


def test_a_correction_leaves_what_it_corrects(issued: Issued) -> None:
    """What a later delivery changed makes version 2, which names version 1; version 1 keeps its bytes."""
    first, second = issued.packs["W45"], issued.packs["W45 corrected"]
    assert (first.manifest.version, first.manifest.corrects) == (1, None)
    assert (second.manifest.version, second.manifest.corrects) == (2, 1)
    assert second.folder == first.folder.parent / "v2"
    assert content(first.folder) == issued.bytes["W45"]
    assert second.manifest.files != first.manifest.files
    assert b"corrects version 1" in issued.bytes["W45 corrected"]["briefing.html"]


def test_an_issue_is_compared_with_the_last_one(issued: Issued) -> None:
    """W46 and the corrected W45 tell what was revised since the first W45; that one, since a week before."""
    cut_off = issued.packs["W45"].manifest.as_of
    known = store_of(issued.office).cut_off(SECOND - AN_HOUR)
    assert known is not None
    assert cut_off == known.replace(microsecond=0)
    before = issued.packs["W45"].manifest.compared_with
    assert before is not None
    assert before.date() == sample.EARLIER[-1].date()
    assert issued.packs["internal"].manifest.compared_with == cut_off
    assert issued.packs["W45 corrected"].manifest.compared_with == cut_off


def test_the_index_lists_every_issue(issued: Issued) -> None:
    """The index of an audience links to all its packs, the corrected one too, and to no other's."""
    outputs = issued.office.path(issued.office.outputs)
    page = (outputs / "internal" / "index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="([^"]+/briefing\.(?:html|pdf))"', page))
    packs = {f"weekly_conflict/kestara/{name}" for name in ("2026-W45/v1", "2026-W45/v2", "2026-W46/v1")}
    assert linked == {f"{one}/{name}" for one in packs for name in NAMES[:2]}
    assert "corrected by version 2" in page
    assert "outputs" not in page
    assert "partners/" not in page


ELSEWHERE = {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu"}, {"PYTHONHASHSEED": "77", "TZ": "UTC"}


def started(*arguments: str, place: int) -> subprocess.Popen[str]:
    """Start the command line with another hash seed and time zone."""
    return subprocess.Popen(
        [sys.executable, "-c", "from workbench.cli import main; main()", *arguments],
        env=os.environ | ELSEWHERE[place], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_other_machines_make_the_same_bytes(issued: Issued, tmp_path: Path) -> None:
    """
    Each briefing comes out the same with another hash seed, time zone and folder.

    The demo's weekly briefings and profiles are those of this process, and its other drafts those of a third.
    """
    with started("demo", str(tmp_path / "a demo"), place=0) as demo:
        out, err = demo.communicate(timeout=600)
    assert demo.returncode == 0, err
    assert out.count("published, version 1: outputs/") == EDITIONS
    assert "released in the names of" in out
    assert "Open in a browser: " in out
    office = load(tmp_path / "a demo")
    packs = packs_in(office)
    counts = sum(name.endswith("/counts.csv") for name in packs)
    indexes = sum(name.count("/") == 1 for name in packs)
    assert (len(packs), counts, indexes) == (EDITIONS * len(NAMES) + counts + indexes, 1, 10)
    for audience in ("leadership", "partners"):
        place = issued.packs[audience].folder.relative_to(issued.office.path(issued.office.outputs))
        # the manifest of the demo names who released it
        for name in NAMES[:2]:
            assert packs[f"{place.as_posix()}/{name}"] == issued.bytes[audience][name]

    other = copy_of(office, tmp_path / "other")
    for made_before in (other.outputs, other.private):
        shutil.rmtree(other.path(made_before))
    rest = ("human_rights", "public_summary", "data_quality", "district_profile")
    with started("run", *rest, "--office", str(other.root), place=1) as run:
        _, err = run.communicate(timeout=600)
    assert run.returncode == 0, err
    drafts = [content(one.path("private/drafts")) for one in (office, other)]
    theirs = {name: body for name, body in drafts[0].items() if name.split("/")[1] in rest}
    assert {name.split("/")[1] for name in theirs} == set(rest)
    assert drafts[1] == theirs


def test_what_changes_a_page_changes_its_inputs(quick: Office) -> None:
    """A template of the office's own makes a new version, which corrects the one in the shipped dress."""
    first = made(quick, W46)
    style = shipped("templates") / "briefing.css"
    quick.path("templates").mkdir(exist_ok=True)
    quick.path("templates/briefing.css").write_text(
        style.read_text(encoding="utf-8") + "/* the office's own */\n", encoding="utf-8"
    )
    second = made(quick, W46)
    assert (second.manifest.version, second.manifest.corrects) == (2, 1)
    changed = {
        name for name, digest in second.manifest.digests.items() if digest != first.manifest.digests[name]
    }
    assert changed == {"templates", "content"}
    assert pack.verify(first.folder) == ()


def test_a_pull_without_news_leaves_the_last_version_standing(quick: Office) -> None:
    """The same sources pulled again make no version and no run; the next news does, and corrects it."""
    first = made(quick, W46)
    before = packs_in(quick)
    pull(quick, store_of(quick), quick.source_called("alerts"), at=SECOND + 2 * AN_HOUR)
    again = made(quick, replace(W46, as_of=SECOND + 3 * AN_HOUR))
    assert (again.unchanged, again.folder, again.manifest) == (True, first.folder, first.manifest)
    assert packs_in(quick) == before
    put_rows(quick, "incident", NEWS, source="meridian", at=SECOND + 4 * AN_HOUR)
    news = made(quick, replace(W46, as_of=SECOND + 5 * AN_HOUR))
    assert (news.unchanged, news.manifest.version, news.manifest.corrects) == (False, 2, 1)
    assert news.manifest.compared_with == first.manifest.compared_with


def test_a_hidden_cell_that_is_a_word_of_the_template_stops_nothing(quick: Office) -> None:
    """`letter` stands in every style sheet: that somebody was called so tells nobody anything."""
    closed = NEWS | {"record_id": "closed", "level": "strictly_confidential", "sub_type": "letter"}
    put_rows(quick, "incident", closed, source="meridian", at=SECOND + AN_HOUR / 2)
    assert made(quick, replace(W46, audience="partners")).manifest.version == 1


def test_an_audience_that_does_not_receive_a_briefing(quick: Office) -> None:
    """Such an order is refused before anything is read or run."""
    audience = quick.audience_called("partners").model_copy(update={"briefings": ()})
    kept = tuple(one for one in quick.audience if one.slug != "partners")
    office = quick.model_copy(update={"audience": (*kept, audience)})
    with pytest.raises(DisclosureRefused) as refused:
        made(office, replace(W46, audience="partners"))
    assert refused.value.exit_code == 13
    assert packs_in(quick) == {}
    assert run_folders(quick) == []


WRONG: dict[str, tuple[dict[str, object], type[WorkbenchError]]] = {
    "briefing": ({"briefing": "daily"}, UnknownName),
    "area": ({"area": "atlantis"}, UnknownName),
    "audience": ({"audience": "everyone"}, UnknownName),
    "language": ({"language": "tlh"}, UnknownName),
    "future week": ({"week": "2027-W10"}, ParameterError),
    "no such week": ({"week": "2026-W54"}, ParameterError),
    "malformed week": ({"week": "46"}, ParameterError),
    "before the first delivery": ({"as_of": FIRST - AN_HOUR}, UserError),
    "before the week": ({"as_of": FIRST + AN_HOUR, "week": "2026-W47"}, ParameterError),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_order_starts_no_kernel(wrong: str, quick: Office) -> None:
    """An order that names what is not there is refused by its own error before a run begins."""
    changes, error = WRONG[wrong]
    with pytest.raises(error) as refused:
        made(quick, replace(W46, **changes))
    assert type(refused.value) is error
    assert packs_in(quick) == {}
    assert run_folders(quick) == []


def test_an_unknown_parameter_starts_no_kernel(quick: Office) -> None:
    """A notebook with a parameter nobody knows, or none, is refused before a run begins."""
    notebook = quick.path(quick.briefing[0].notebook)
    small_notebook.write(notebook, parameters='area = ""\ncolour = "red"')
    with pytest.raises(ParameterError, match=r"lacks week.*colour"):
        made(quick, W46)
    notebook.unlink()
    with pytest.raises(ConfigurationError, match="there is no notebook"):
        made(quick, W46)
    assert run_folders(quick) == []


NAME_HIDDEN = "Zqkadomri Venstoglu"
ENTRY = {
    "record_id": "L-9001", "level": "internal", "occurred_on": "2026-11-12", "organisation": "Police",
    "organisation_kind": "police", "officer": NAME_HIDDEN, "summary": "He asked.", "district": "KS0101",
}  # fmt: skip


def test_a_failing_cell_publishes_nothing(quick: Office) -> None:
    """The error names cell and class but no value; the executed notebook stays for analysts alone."""
    first = made(quick, W46)
    before = packs_in(quick)
    small_notebook.put(quick, f"said = {NAME_HIDDEN!r}", "raise KeyError(said)")
    with pytest.raises(BriefingFailed) as failed:
        made(quick, W46)
    message = str(failed.value)
    # papermill puts the cell of the injected parameters after that of the defaults
    assert re.search(r"stopped at cell 4 with KeyError", message)
    assert NAME_HIDDEN not in message
    assert failed.value.__cause__ is None
    assert packs_in(quick) == before
    assert pack.verify(first.folder) == ()
    [folder] = run_folders(quick)
    assert str(folder) in message
    kept = json.loads((folder / "executed.ipynb").read_text(encoding="utf-8"))
    assert NAME_HIDDEN in json.dumps(kept)
    shown = [one.get("data", {}) for cell in kept["cells"] for one in cell.get("outputs", ())]
    blocks = [one for one in shown if MIME in one]
    assert blocks
    assert all("text/html" in one for one in blocks)  # a run makes none; who seeks the fault sees the page
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IRWXU


LEAKS = {
    "a Text block": "Text.plain({name!r})",
    "a markdown cell": "#md The officer was {name}.",
}


def test_a_name_these_readers_may_not_have_is_refused(quick: Office) -> None:
    """Typed into a block or a markdown cell, the gate stops it; the last good issue stays as it was."""
    put_rows(quick, "liaison_entry", ENTRY, source="liaison", at=SECOND + AN_HOUR / 2)
    first = made(quick, W46)
    before = packs_in(quick)
    for cell in LEAKS.values():
        small_notebook.put(quick, small_notebook.COUNTS, cell.format(name=NAME_HIDDEN))
        with pytest.raises(DisclosureRefused) as refused:
            made(quick, W46)
        message = str(refused.value)
        assert refused.value.exit_code == 13
        assert "forbidden_value in briefing.html" in message
        assert "forbidden_value in briefing.pdf" in message
        assert not any(part in message for part in NAME_HIDDEN.split())
        assert packs_in(quick) == before
        assert pack.verify(first.folder) == ()
    leadership = made(quick, replace(W46, audience="leadership"))  # they may read who an officer is
    assert NAME_HIDDEN in (leadership.folder / "briefing.html").read_text(encoding="utf-8")


def test_a_page_that_calls_itself_anothers_is_refused(quick: Office) -> None:
    """A masthead of another edition, week or of real data publishes nothing, though its mark is right."""
    opening = small_notebook.OPENING.replace("sections.masthead(", "head = sections.masthead(")
    forged = "import dataclasses; dataclasses.replace(head, edition='Leadership edition', fiction='')"
    small_notebook.write(quick.root / "notebooks" / "weekly_conflict.ipynb", forged, opening=opening)
    with pytest.raises(DisclosureRefused, match=r"masthead.*: edition, fiction"):
        made(quick, W46)
    assert packs_in(quick) == {}


def test_an_office_lies_in_any_folder(sample_office: Office, tmp_path: Path) -> None:
    """Blanks, accents and braces in its path are only letters, and the caller stays where it is."""
    office = copy_of(sample_office, tmp_path / "Büro {week} 100 % 'x'")
    small_notebook.put(office, small_notebook.COUNTS)
    here = Path.cwd()
    published = made(office, W46)
    assert pack.verify(published.folder) == ()
    assert Path.cwd() == here


def test_an_instant_is_utc_whatever_its_zone(issued: Issued) -> None:
    """The manifest's instants are UTC, so that readers in two zones read the same."""
    said = issued.packs["internal"].manifest
    assert said.as_of.tzinfo is UTC or said.as_of.utcoffset() == timedelta(0)
    assert datetime.fromisoformat(str(said.parameters["as_of"])) == said.as_of
