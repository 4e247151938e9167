"""From draft to issue and back on the command line: release, verify, recall, list, audit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from pypdfium2 import PdfDocument

from tests import small_notebook
from tests.cli.commands import Command, refused
from tests.conftest import copy_of, put_rows, release_rules
from tests.publish.test_main_path import AN_HOUR, NEWS, SECOND
from workbench import briefing
from workbench.config import Office
from workbench.keys import write_public
from workbench.view import Request, make, save, store_of

PLACE = "internal/weekly_conflict/kestara/2026-W46/v1"
DRAFT = f"private/drafts/{PLACE}"
PACK = f"outputs/{PLACE}"
NEW = ("release", "recall", "verify", "audit")


@pytest.fixture
def office(sample_office: Office, tmp_path: Path) -> Office:
    """Return an office with a small weekly briefing, which two people release to `internal`."""
    office = copy_of(sample_office, tmp_path / "office")
    notebook = small_notebook.put(office, small_notebook.COUNTS)
    briefing.approve(office, notebook, by="Desk", at=office.now())
    return release_rules(office.root, internal="two_people")


@pytest.mark.parametrize("name", NEW)
def test_help_shows_an_example(name: str, command: Command) -> None:
    """The help of each command ends its text with a line to copy."""
    said = command(name, "--help")
    assert said.code == 0
    assert f"Example: workbench {name}" in said.out


def test_an_issue_from_draft_to_recall(office: Office, command: Command, tmp_path: Path) -> None:
    """Run makes a draft, two people release it, anybody can verify it, and a recall takes it back."""
    here = ("--office", str(office.root))

    said = command("run", "weekly_conflict", "--audience", "internal", *here)
    assert said.out == (
        "weekly_conflict 2026-W46 kestara for internal: draft, version 1, waits until 2 people release it: "
        f"{DRAFT}\n"
    )
    assert "ok       signed and whole" in command("verify", DRAFT, *here).out

    # by the draft's folder, and by the name of the issue
    said = command("release", DRAFT, "--by", "Ana Reis", *here)
    assert (said.code, "reviewed, 1 of 2" in said.out) == (0, True)
    assert not (office.root / PACK).exists()
    issue = ("weekly_conflict/kestara/2026-W46", "--audience", "internal")
    message = refused(command("release", *issue, "--by", "REIS, Ána", *here), 13, "DisclosureRefused")
    assert "two different people" in message
    assert "reviewed, 1 of 2" in command("list", *here).out
    said = command("release", *issue, "--by", "Head of security", *here)
    assert said.out == f"weekly_conflict 2026-W46 kestara for internal, version 1: released: {PACK}\n"
    assert "was released already" in command("release", *issue, "--by", "Head of security", *here).out

    said = command("verify", PACK, *here)
    assert said.code == 0
    assert "the policy of its audience is the same today" in said.out
    key = shutil.copy(write_public(office), tmp_path / "office.pem")
    copied = shutil.copytree(office.root / PACK, tmp_path / "copy")
    assert command("verify", str(copied), "--key", str(key), within=tmp_path).code == 0

    said = command("recall", PACK, "--by", "Head of office", "--because", "A wrong name", *here)
    assert f"version 1 recalled: {PACK}" in said.out
    assert sorted(one.name for one in (office.root / PACK).iterdir()) == [
        "briefing.html", "notice.json", "notice.sig",
    ]  # fmt: skip
    assert "was recalled" in refused(command("verify", PACK, *here), 13, "DisclosureRefused")
    assert "recalled on 2026-11-16" in command("list", *here).out

    log = command("audit", *here)
    assert log.code == 0
    acts = [line.split()[3] for line in log.out.splitlines()[1:-1]]
    assert acts == ["approved_notebook", "drafted", "reviewed", "released", "recalled"]
    assert "Whole: 5 acts" in log.out
    assert "A wrong name" not in log.out
    assert len(command("audit", "--last", "1", *here).out.splitlines()) == 3
    file = office.path("private/audit.jsonl")
    file.write_bytes(file.read_bytes().replace(b"Ana Reis", b"Bea Reis"))
    said = command("audit", *here)
    assert said.code == 20
    assert "PROBLEM  line 3" in said.out


def test_verify_tells_what_is_wrong(office: Office, command: Command, tmp_path: Path) -> None:
    """A changed file is 18, a wrong key is 18, a changed policy is 13, and no pack is 2."""
    here = ("--office", str(office.root))
    release_rules(office.root)
    assert command("run", "weekly_conflict", "--audience", "internal", *here).code == 0
    other = tmp_path / "other.pem"
    other.write_bytes(write_public(office.model_copy(update={"name": "Another"})).read_bytes())
    refused(
        command("verify", str(office.root / PACK), "--key", str(other), within=tmp_path), 18, "CheckFailed"
    )
    toml = office.root / "workbench.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('free_text = "full"', 'free_text = "releasable"'), encoding="utf-8")
    assert "has changed since" in refused(command("verify", PACK, *here), 13, "DisclosureRefused")
    toml.write_text(text, encoding="utf-8")
    page = office.root / PACK / "briefing.html"
    page.write_bytes(page.read_bytes() + b" ")
    said = command("verify", PACK, *here)
    refused(said, 18, "CheckFailed")
    assert "PROBLEM  briefing.html: it is not the file that was published" in said.out
    refused(command("verify", "nothing", *here), 2, "UserError")


# --- By hand -------------------------------------------------------------------------------------

BY_HAND = """\
rows = view.table("incident")
texts = [str(one) for one in rows["narrative"].dropna()] if "narrative" in rows else []
Text.plain(*[f"{n}" for n in range(120)], *texts[-40:])
"""


@pytest.mark.parametrize("audience", ["internal", "partners"])
def test_an_export_by_hand_is_a_draft(audience: str, sample_office: Office, tmp_path: Path) -> None:
    """`jupyter nbconvert` marks each page as its audience's draft, with what its view held and no more."""
    office = sample_office
    notebook = small_notebook.write(tmp_path / "by_hand.ipynb", BY_HAND)
    request = Request("kestara", "2026-W46", audience, office.now())
    seen = make(office, store_of(office), request)
    save(seen, tmp_path / "view")
    executed = briefing.run(
        notebook,
        {
            "area": "kestara", "week": "2026-W46", "audience": audience, "as_of": seen.as_of.isoformat(),
            "language": "en",
        },
        view=tmp_path / "view", folder=tmp_path,
    )  # fmt: skip
    # whatever the notebook's author writes about its state
    executed.metadata["status"] = "released"
    file = tmp_path / "exported.ipynb"
    file.write_text(nbformat.writes(executed), encoding="utf-8")
    for kind in ("briefing-html", "briefing-pdf"):
        subprocess.run(
            [sys.executable, "-m", "nbconvert", "--to", kind, str(file)],
            cwd=tmp_path, check=True, capture_output=True, env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )  # fmt: skip

    name = office.audience_called(audience).name
    document = PdfDocument(tmp_path / "exported.pdf")
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    assert len(pages) > 2
    for page in pages:
        assert "DRAFT, NOT RELEASED" in page
        assert f"{name} edition" in page
        assert office.audience_called(audience).marking in page
    html = (tmp_path / "exported.html").read_text(encoding="utf-8")
    body = html[html.index("<body>") :]
    for part in body.split("<main>"):
        assert "DRAFT, NOT RELEASED" in part
        assert f"{name} edition" in part

    # what others read of the same week is in neither file
    mine = set(seen.table("incident").get("narrative", []))
    everything = make(office, store_of(office), Request("kestara", "2026-W46", "leadership", office.now()))
    withheld = {text for text in everything.table("incident")["narrative"].dropna() if text not in mine}
    assert withheld
    exported = html + "".join(pages)
    assert not [text for text in withheld if text in exported]


def test_what_lies_where_it_does_not_belong_is_refused(office: Office, command: Command) -> None:
    """A draft among what readers have, or a pack in another audience's folder, is 18; the gate says 13."""
    here = ("--office", str(office.root))
    assert command("run", "weekly_conflict", "--audience", "internal", *here).code == 0
    shutil.copytree(office.root / DRAFT, office.root / PACK)
    assert "its status is draft" in command("verify", PACK, *here).out
    assert command("verify", PACK, *here).code == 18
    said = command("gate", PACK, *here)
    assert (said.code, "a draft among what readers have" in said.out) == (13, True)
    elsewhere = PACK.replace("internal", "partners")
    shutil.copytree(office.root / PACK, office.root / elsewhere)
    shutil.rmtree(office.root / PACK)
    said = command("verify", elsewhere, *here)
    assert (said.code, "belongs in another folder" in said.out) == (18, True)


def test_a_log_that_is_gone_is_noticed(office: Office, command: Command) -> None:
    """Without the log and its head nothing tells who released what readers have: that is code 20."""
    here = ("--office", str(office.root))
    release_rules(office.root)
    assert command("run", "weekly_conflict", "--audience", "internal", *here).code == 0
    assert command("audit", *here).code == 0
    for name in ("audit.jsonl", "audit.head"):
        (office.root / "private" / name).unlink()
    said = command("audit", *here)
    assert said.code == 20
    assert "no line tells who released it" in said.out


def test_a_pack_that_is_out_is_judged_by_what_is_so_today(
    office: Office, command: Command, tmp_path: Path
) -> None:
    """A text or a row that was taken back since is found by the gate; a pack put back, by verify."""
    here = ("--office", str(office.root))
    release_rules(office.root)
    cell = "Text.plain(*view.table('incident')['headline'].dropna().astype(str).tolist()[-400:])"
    notebook = small_notebook.put(office, cell)
    briefing.approve(office, notebook, by="Desk", at=office.now())
    row = NEWS | {"level": "internal", "headline": "By Zqkado"}
    put_rows(office, "incident", row, source="meridian", at=SECOND)
    assert command("run", "weekly_conflict", "--audience", "internal", *here).code == 0
    assert "By Zqkado" in (office.root / PACK / "briefing.html").read_text(encoding="utf-8")

    elsewhere = row | {"headline": "A patrol", "district": "KS9999"}
    put_rows(office, "incident", elsewhere, source="meridian", at=SECOND + AN_HOUR)
    said = command("gate", PACK, *here)
    message = refused(said, 13, "DisclosureRefused")
    assert "As known then it passes, as known today not: make it again: workbench run" in message
    assert "1 of its records were withdrawn, moved or closed" in said.out
    assert "forbidden_value" in said.out

    copied = shutil.copytree(office.root / PACK, tmp_path / "copy")
    assert command("recall", PACK, "--by", "Ana Reis", "--because", "Wrong.", *here).code == 0
    shutil.rmtree(office.root / PACK)
    assert "readers were given it, and neither it nor a notice" in command("audit", *here).out
    shutil.copytree(copied, office.root / PACK)
    said = command("verify", PACK, *here)
    refused(said, 18, "CheckFailed")
    assert "it was recalled, and was put back without its notice: recall it again" in said.out
