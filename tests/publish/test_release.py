"""Drafts become issues: people release them, each counts once, and only what they have read goes out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from tests import small_notebook
from tests.conftest import copy_of, put_rows, release_rules
from tests.publish.test_main_path import NEWS, SECOND, W46, content, made
from workbench import audit, briefing
from workbench.config import Office, load
from workbench.errors import DisclosureRefused, ParameterError, StoreError, UserError
from workbench.keys import keys_of
from workbench.publish import Draft, Published, drafts, index, notice, pack, recall, release, states
from workbench.publish.release import Released, same_person
from workbench.view import store_of

AN_HOUR = timedelta(hours=1)
ISSUE = "internal/weekly_conflict/kestara/2026-W46"
NAMES = ["briefing.html", "briefing.pdf", "manifest.json", "manifest.sig"]


@pytest.fixture(scope="module")
def begun(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Make one draft of a small briefing, for many tests; two people release it to `internal`."""
    office = copy_of(sample_office, tmp_path_factory.mktemp("begun") / "office")
    put(office, small_notebook.COUNTS)
    office = release_rules(office.root, internal="two_people", leadership="one_person")
    draft = made(office, W46)
    assert (draft.manifest.status, draft.people_needed) == ("draft", 2)
    return office


@pytest.fixture
def office(begun: Office, tmp_path: Path) -> Office:
    """Return a copy of that office, with its draft."""
    return copy_of(begun, tmp_path / "office")


@pytest.fixture
def draft(office: Office) -> Draft:
    """Return the draft that lies in it."""
    return drafts.read(office, drafts.root(office) / ISSUE / "v1")


@pytest.fixture
def issue(office: Office, draft: Draft) -> Released:
    """Return what two people made of it."""
    return both(office, draft)


def released(office: Office, one: Draft | Published, by: str) -> Released:
    """Release a draft in somebody's name."""
    return release(office, store_of(office), one.folder, by=by, progress=str)


def both(office: Office, one: Draft | Published) -> Released:
    """Release a draft in the names of two people."""
    released(office, one, "Ana Reis")
    return released(office, one, "Head of security")


def out(office: Office) -> dict[str, bytes]:
    """Return all that readers have."""
    folder = office.path(office.outputs)
    return content(folder) if folder.exists() else {}


def acts(office: Office) -> list[tuple[str, str]]:
    """Return what was done and by whom."""
    return [(one.act, one.by) for one in audit.acts(office) if one.act != "approved_notebook"]


def put(office: Office, *cells: str) -> None:
    """Put a small notebook in the place of the weekly briefing, and approve it."""
    briefing.approve(office, small_notebook.put(office, *cells), by="Desk", at=office.now())


def states_of(office: Office, audience: str = "internal") -> list[str]:
    """Return the state of each version of the last week."""
    said = states.last_issue(office, audience=audience, briefing="weekly_conflict", area="kestara")
    return [one.state for one in said]


def pages(file: Path) -> list[str]:
    """Return the text of each page of a PDF."""
    document = PdfDocument(file)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


# --- From draft to issue -------------------------------------------------------------------------


def test_two_people_release_a_draft(office: Office, draft: Draft) -> None:
    """A draft is nothing readers see; one person reviews, another releases, and the log tells both."""
    assert sorted(content(draft.folder)) == NAMES
    assert out(office) == {}
    assert states_of(office) == ["draft"]

    first = released(office, draft, "Ana Reis")
    assert (first.out, first.people, first.needed) == (False, ("Ana Reis",), 2)
    assert out(office) == {}
    assert states_of(office) == ["reviewed, 1 of 2"]

    second = released(office, draft, "Head of security")
    assert second.folder == office.path("outputs") / ISSUE / "v1"
    assert sorted(content(second.folder)) == NAMES
    assert pack.verify(second.folder, public=keys_of(office).public) == ()
    assert second.manifest.status == "released"
    assert second.manifest.released_by == ("Ana Reis", "Head of security")
    assert states_of(office) == ["released"]
    assert acts(office) == [
        ("drafted", "workbench run"), ("reviewed", "Ana Reis"), ("released", "Head of security"),
    ]  # fmt: skip
    assert "briefing.html" in (office.path("outputs/internal/index.html")).read_text(encoding="utf-8")


def test_the_draft_says_so_on_every_page_and_the_issue_nowhere(office: Office) -> None:
    """The two differ in that notice and in nothing else that a reader reads."""
    put(office, small_notebook.COUNTS, "\n".join(["Text.plain(*['A line.'] * 90)"] * 1))
    draft = made(office, W46)
    issue = both(office, draft)
    drafted, final = pages(draft.folder / "briefing.pdf"), pages(issue.folder / "briefing.pdf")
    assert len(drafted) > 1
    assert all("DRAFT, NOT RELEASED" in page and "Internal edition" in page for page in drafted)
    assert not any("DRAFT" in page for page in final)
    page = (draft.folder / "briefing.html").read_text(encoding="utf-8")
    body = page[page.index("<body>") :]
    assert [one.count("DRAFT, NOT RELEASED") for one in body.split("<main>")] == [1, 1]
    assert re.search(r"@top-right\{[^}]*DRAFT, NOT RELEASED", page)
    assert b"DRAFT" not in (issue.folder / "briefing.html").read_bytes()
    bare = [re.sub(r"\s+", " ", "".join(one).replace("DRAFT, NOT RELEASED", "")) for one in (drafted, final)]
    assert bare[0] == bare[1]


def test_one_person_or_the_rule_alone(office: Office) -> None:
    """Where one person releases, one call does; where a rule does, none is needed, and the log says so."""
    draft = made(office, replace(W46, audience="leadership"))
    assert draft.people_needed == 1
    assert released(office, draft, "Head of office").out
    assert acts(office)[-1] == ("released", "Head of office")
    one = made(office, replace(W46, audience="unct"))
    assert (one.manifest.status, one.people_needed) == ("released", 0)
    assert one.manifest.released_by == ()
    assert acts(office)[-1] == ("released", "the office's rule")


SPELLINGS = [
    "Ana Reis",
    "ANA REIS",
    "  Ana\u00a0Reis ",
    "Aña Réis",
    "ＡＮＡ ＲＥＩＳ",
    "AnaReis",
    "Reis, Ana",
    "A\u0301na Reis",
]


def test_the_same_person_twice_is_refused(office: Office, draft: Draft) -> None:
    """Case, accents, width, blanks, signs and order make no second person."""
    released(office, draft, "Ana Reis")
    for spelling in SPELLINGS:
        with pytest.raises(DisclosureRefused, match="two different people"):
            released(office, draft, spelling)
        assert not same_person(spelling, "Ana Reisz")
    assert out(office) == {}
    assert len(acts(office)) == 2


def test_releasing_again_does_nothing(office: Office, draft: Draft, issue: Released) -> None:
    """The second release of an issue says that it is out; no byte and no line of the log changes."""
    before, log = out(office), acts(office)
    again = released(office, draft, "Somebody else")
    assert (again.already, again.folder, again.manifest) == (True, issue.folder, issue.manifest)
    assert (out(office), acts(office)) == (before, log)


def test_the_same_inputs_are_the_same_draft_and_the_same_issue(office: Office, draft: Draft) -> None:
    """Made again, a draft comes out byte for byte; once released, the issue does, and no draft beside it."""
    before = content(draft.folder)
    assert made(office, W46).unchanged
    again = made(office, W46, force=True)
    assert (again.reproduced, again.folder) == (True, draft.folder)
    assert content(draft.folder) == before
    issue = both(office, draft)
    kept = content(issue.folder)
    once_more = made(office, W46, force=True)
    assert (once_more.reproduced, once_more.folder, once_more.manifest) == (
        True,
        issue.folder,
        issue.manifest,
    )
    assert content(issue.folder) == kept
    assert [number for number, _ in drafts.of_issue(office, draft.manifest)] == [1]


def test_two_offices_release_the_same_bytes(sample_office: Office, tmp_path: Path) -> None:
    """The same inputs and the same names make the same pack, at another time and in another place."""
    one = copy_of(sample_office, tmp_path / "one")
    put(one, small_notebook.COUNTS)
    offices = [release_rules(one.root, internal="two_people"), copy_of(one, tmp_path / "other")]
    packs = [content(both(office, made(office, W46)).folder) for office in offices]
    assert packs[0] == packs[1]


# --- Only what was read --------------------------------------------------------------------------


def _flip(file: Path) -> None:
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(bytes(body))


SPOILT: dict[str, Callable[[Path], object]] = {
    "the page": lambda draft: _flip(draft / "briefing.html"),
    "the PDF": lambda draft: _flip(draft / "briefing.pdf"),
    "the manifest": lambda draft: (draft / "manifest.json").write_bytes(
        (draft / "manifest.json").read_bytes().replace(b'"2026-W46"', b'"2026-W45"')
    ),
    "the signature": lambda draft: _flip(draft / "manifest.sig"),
    "no signature": lambda draft: (draft / "manifest.sig").unlink(),
    "one more file": lambda draft: (draft / "more.csv").write_bytes(b"x"),
    "the document": lambda draft: [_flip(one) for one in (draft.parents[5] / "documents").glob("*.json")],
    "another folder": lambda draft: draft.rename(draft.with_name("v7")),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_draft_that_was_touched_is_not_released(what: str, office: Office, draft: Draft) -> None:
    """One changed bit of a draft, or of what it was set from, and nobody can release it."""
    SPOILT[what](draft.folder)
    moved = replace(draft, folder=draft.folder.with_name("v7")) if what == "another folder" else draft
    with pytest.raises(DisclosureRefused, match=r"Make it again|make the draft again"):
        released(office, moved, "Ana Reis")
    assert acts(office) == [("drafted", "workbench run")]
    assert out(office) == {}


def test_a_draft_signed_with_another_key_is_not_released(office: Office, draft: Draft) -> None:
    """A pack that another office signed is none of this one's, though each of its digests is right."""
    other = office.model_copy(update={"name": "Another office"})
    (draft.folder / "manifest.sig").write_bytes(
        pack.signed(draft.manifest, {}, keys_of(other))["manifest.sig"]
    )
    with pytest.raises(DisclosureRefused, match="another key"):
        released(office, draft, "Ana Reis")


def test_a_label_raised_since_the_draft_stops_its_release(office: Office) -> None:
    """Raised after the first review, a record the draft counts is closed: the second cannot let it out."""
    open_row = NEWS | {"level": "internal"}
    put_rows(office, "incident", open_row, source="meridian", at=SECOND + AN_HOUR)
    draft = made(office, replace(W46, as_of=SECOND + 2 * AN_HOUR))
    released(office, draft, "Ana Reis")
    raised = open_row | {"level": "strictly_confidential"}
    put_rows(office, "incident", raised, source="meridian", at=SECOND + 3 * AN_HOUR)
    with pytest.raises(DisclosureRefused, match="a record was closed to its readers"):
        released(office, draft, "Head of security")
    assert out(office) == {}
    newer = made(office, replace(W46, as_of=SECOND + 4 * AN_HOUR))
    assert newer.manifest.version == draft.manifest.version + 1
    assert both(office, newer).out


def test_a_text_taken_back_since_the_draft_stops_its_release(office: Office) -> None:
    """What was corrected in its source does not go out in the old words, be they two and short."""
    row = NEWS | {"level": "public", "headline": "By Zqkado"}
    put_rows(office, "incident", row, source="meridian", at=SECOND + AN_HOUR)
    put(office, "Text.plain(*view.table('incident')['headline'].dropna().astype(str).tolist()[-400:])")
    draft = made(office, replace(W46, as_of=SECOND + 2 * AN_HOUR))
    assert b"By Zqkado" in (draft.folder / "briefing.html").read_bytes()
    put_rows(
        office, "incident", row | {"headline": "Convoy stopped"}, source="meridian", at=SECOND + 3 * AN_HOUR
    )
    released(office, draft, "Ana Reis")
    with pytest.raises(DisclosureRefused, match=r"forbidden_value.*not as known today: make it again") as why:
        released(office, draft, "Head of security")
    assert "Zqkado" not in str(why.value)
    assert acts(office)[-1] == ("gate_refused", "gate")
    assert out(office) == {}


def test_no_rule_releases_what_was_taken_back_since(office: Office) -> None:
    """Made for automatic readers from an earlier day's data, an edition is held against today's as well."""
    row = NEWS | {"level": "public", "headline": "By Zqkado"}
    put_rows(office, "incident", row, source="meridian", at=SECOND + AN_HOUR)
    put(office, "Text.plain(*view.table('incident')['headline'].dropna().astype(str).tolist()[-400:])")
    put_rows(
        office, "incident", row | {"headline": "Convoy stopped"}, source="meridian", at=SECOND + 3 * AN_HOUR
    )
    with pytest.raises(DisclosureRefused, match=r"forbidden_value.*not as known today: make it again"):
        made(release_rules(office.root), replace(W46, as_of=SECOND + 2 * AN_HOUR))
    assert out(office) == {}


def test_a_policy_or_a_template_changed_since_the_draft_stops_its_release(
    office: Office, draft: Draft
) -> None:
    """What readers may see, or how pages are set, is as it was when people read the draft, or it stays in."""
    file = office.root / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('free_text = "full"', 'free_text = "releasable"'), encoding="utf-8")
    with pytest.raises(DisclosureRefused, match="policy"):
        released(load(office.root), draft, "Ana Reis")
    file.write_text(text, encoding="utf-8")
    own = office.path("templates")
    own.mkdir(exist_ok=True)
    (own / "briefing.css").write_text("p { color: red }", encoding="utf-8")
    with pytest.raises(DisclosureRefused, match="templates"):
        released(office, draft, "Ana Reis")


def test_only_the_newest_draft_is_released(office: Office, draft: Draft) -> None:
    """A draft that a newer one replaced stays in; what lies elsewhere is no draft."""
    put_rows(office, "incident", NEWS, source="meridian", at=SECOND + AN_HOUR)
    second = made(office, replace(W46, as_of=SECOND + 2 * AN_HOUR))
    assert (second.manifest.version, second.manifest.corrects) == (2, None)
    assert states_of(office) == ["draft, replaced by version 2", "draft"]
    with pytest.raises(DisclosureRefused, match="Version 2 of this issue is newer"):
        released(office, draft, "Ana Reis")
    issue = both(office, second)
    with pytest.raises(UserError, match="no draft of this office"):
        release(office, store_of(office), issue.folder, by="Ana Reis", progress=str)


def test_a_broken_log_stops_every_release(office: Office, draft: Draft) -> None:
    """Who has reviewed is known from the log alone: broken, it lets nothing out."""
    released(office, draft, "Ana Reis")
    log = office.path("private/audit.jsonl")
    log.write_bytes(log.read_bytes().replace(b"Ana Reis", b"Bea Reis"))
    with pytest.raises(StoreError, match="audit log is broken"):
        released(office, draft, "Ana Reis")
    assert out(office) == {}


def test_a_review_is_of_one_draft(office: Office, draft: Draft) -> None:
    """Who has reviewed the first draft has not reviewed the second."""
    released(office, draft, "Ana Reis")
    put_rows(office, "incident", NEWS, source="meridian", at=SECOND + AN_HOUR)
    second = made(office, replace(W46, as_of=SECOND + 2 * AN_HOUR))
    assert released(office, second, "Head of security").people == ("Head of security",)
    assert out(office) == {}


# --- Corrections ---------------------------------------------------------------------------------


def test_a_correction_says_what_it_changed(office: Office, draft: Draft) -> None:
    """Page, manifest and index name the row whose number changed, with both numbers."""
    both(office, draft)
    put_rows(office, "incident", NEWS, source="meridian", at=SECOND + AN_HOUR)
    issue = both(office, made(office, replace(W46, as_of=SECOND + 2 * AN_HOUR)))
    assert (issue.manifest.version, issue.manifest.corrects) == (2, 1)
    [change] = issue.manifest.changes
    assert re.fullmatch(r"Incidents, KS0101, Incidents: was \d+, is \d+\.", change)
    page = (issue.folder / "briefing.html").read_text(encoding="utf-8")
    assert "What this version corrects" in page
    assert change in page
    assert change.split(":")[1].strip() in " ".join("".join(pages(issue.folder / "briefing.pdf")).split())
    assert change in office.path("outputs/internal/index.html").read_text(encoding="utf-8")
    assert states_of(office) == ["corrected by version 2", "released"]
    assert acts(office)[-1] == ("corrected", "Head of security")
    said = recall(office, issue.folder, by="Head of office", because="Wrong.")
    assert states_of(office) == ["corrected by version 2, recalled", f"recalled on {said.recalled_on}"]


def test_a_correction_of_a_document_that_is_gone_says_so(office: Office, draft: Draft) -> None:
    """Without the earlier document the new version still goes out, and does not claim to know."""
    both(office, draft)
    for one in office.path("private/documents").iterdir():
        one.unlink()
    put_rows(office, "incident", NEWS, source="meridian", at=SECOND + AN_HOUR)
    second = made(office, replace(W46, as_of=SECOND + 2 * AN_HOUR))
    assert second.manifest.changes == ("What it said is not kept any more, so the changes cannot be listed.",)


# --- Recall --------------------------------------------------------------------------------------


def test_a_recalled_issue_leaves_a_notice(office: Office) -> None:
    """Its files go from the readers' folder, a signed notice takes their place, and the index says so."""
    put(office, small_notebook.COUNTS, "Text.plain('Ozymandias was here')")
    issue = both(office, made(office, W46))
    was = content(issue.folder)
    said = recall(office, issue.folder, by="Head of office", because="It names Ozymandias.")
    assert sorted(content(issue.folder)) == ["briefing.html", "notice.json", "notice.sig"]
    assert pack.verify(issue.folder, public=keys_of(office).public) == ()
    assert not any(b"Ozymandias" in body for body in out(office).values())
    page = (issue.folder / "briefing.html").read_text(encoding="utf-8")
    assert page.count("CONFIDENTIAL") >= 2
    assert "do not use this issue" in page
    shown = office.path("outputs/internal/index.html").read_text(encoding="utf-8")
    assert "recalled on" in shown
    assert "/briefing.html" not in shown
    kept = content(office.path("private/recalled") / ISSUE / "v2")
    assert json.loads(kept.pop("because.json"))["because"] == "It names Ozymandias."
    assert kept == was
    assert acts(office)[-1] == ("recalled", "Head of office")
    assert "Ozymandias" not in office.path("private/audit.jsonl").read_text(encoding="utf-8")
    assert states_of(office)[-1] == f"recalled on {said.recalled_on}"
    assert (
        pack.last_issue(
            office.path("outputs"), audience="internal", briefing="weekly_conflict", area="kestara"
        )
        is None
    )


def test_what_was_recalled_is_neither_released_nor_made_again(office: Office, draft: Draft) -> None:
    """The recalled draft stays in; the next version corrects it, and repeats nothing of it."""
    recall(office, both(office, draft).folder, by="Head of office", because="Wrong.")
    with pytest.raises(DisclosureRefused, match="recalled"):
        released(office, draft, "Somebody")
    following = made(office, W46)
    assert (following.manifest.version, following.manifest.corrects) == (2, 1)
    assert following.manifest.changes == ("Version 1 was recalled: do not use it.",)
    assert both(office, following).out
    assert states_of(office)[1] == "released"


def test_after_a_recall_no_rule_releases_that_issue(office: Office) -> None:
    """An automatic audience gets the next version from a person: the machine would bring the fault back."""
    automatic = release_rules(office.root)
    put(automatic, small_notebook.COUNTS, "Text.plain('Another page.')")
    issue = made(automatic, W46)
    recall(automatic, issue.folder, by="Head of office", because="Wrong.")
    following = made(automatic, W46)
    assert (following.manifest.status, following.people_needed) == ("draft", 1)
    assert released(automatic, following, "Head of office").out


@pytest.mark.parametrize("written", [0, 1, 2, 3])
def test_a_recall_killed_in_between_is_completed_by_another(
    written: int, office: Office, issue: Released
) -> None:
    """Whatever of the notice was written, recalling again ends in the same files, and one line in the log."""
    was = content(issue.folder)
    said = recall(office, issue.folder, by="Head of office", because="Wrong.")
    finished, log = content(issue.folder), acts(office)
    order = ["notice.sig", "notice.json", "briefing.html"][:written]
    for name in finished:
        (issue.folder / name).unlink()
    for name, body in (was | {one: finished[one] for one in order}).items():
        (issue.folder / name).write_bytes(body)
    again = recall(office, issue.folder, by="Head of office", because="Wrong.")
    assert again == said
    assert content(issue.folder) == finished
    assert acts(office) == log


@pytest.mark.parametrize("name", ["notice.json", "notice.sig", "briefing.html", "extra"])
def test_a_notice_that_was_touched_is_noticed(name: str, office: Office, issue: Released) -> None:
    """A planted or changed notice does not verify."""
    recall(office, issue.folder, by="Head of office", because="Wrong.")
    file = issue.folder / name
    file.write_bytes(b"x") if name == "extra" else _flip(file)
    assert pack.verify(issue.folder, public=keys_of(office).public) != ()


def test_only_what_was_released_is_recalled(office: Office, draft: Draft) -> None:
    """A draft, or a folder that holds no pack, cannot be recalled, nor anything without a reason."""
    with pytest.raises(UserError, match="no released pack"):
        recall(office, draft.folder, by="Head of office", because="Wrong.")
    with pytest.raises(UserError, match="holds no pack"):
        recall(office, office.path("outputs") / "internal", by="Head of office", because="Wrong.")
    with pytest.raises(ParameterError, match="--because"):
        recall(office, draft.folder, by="Head of office", because=" ")
    assert notice.NAME not in content(draft.folder)
    assert index.NAME not in out(office)


def test_a_lower_rule_does_not_help_a_draft(office: Office, draft: Draft) -> None:
    """Two people had to release it when it was made: that the rule asks for one since changes nothing."""
    office = release_rules(office.root, internal="one_person")
    first = released(office, draft, "Ana Reis")
    assert (first.out, first.needed) == (False, 2)
