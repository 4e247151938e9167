"""The three parts of a publication, done apart: what travels, and what is looked at when it comes back."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import Timeout

from tests import small_notebook
from tests.conftest import copy_of, put_rows
from tests.publish.packs import manifest
from tests.publish.test_main_path import AN_HOUR, NEWS, SECOND, W46, content
from workbench.config import Office
from workbench.errors import BriefingFailed, ConfigurationError, DisclosureRefused, UserError
from workbench.keys import keys_of
from workbench.publish import (
    Job,
    Made,
    Prepared,
    Published,
    Stopped,
    Views,
    carry_out,
    documents,
    drafts,
    finish,
    pack,
    prepare,
    publish,
    recall,
)
from workbench.publish.release import expect_none_gone
from workbench.view import store_of


@pytest.fixture
def office(sample_office: Office, tmp_path: Path) -> Office:
    """Return an office of the test's own whose weekly briefing is a small notebook."""
    office = copy_of(sample_office, tmp_path / "office")
    small_notebook.put(office, small_notebook.COUNTS)
    return office


def prepared(office: Office, folder: Path) -> tuple[Prepared, Views]:
    """Return an edition that is to be made, and the views of its batch."""
    views = Views(office, store_of(office), folder)
    ready = prepare(office, store_of(office), W46, views=views)
    assert isinstance(ready, Prepared)
    return ready, views


def carried(job: Job) -> Made:
    """Return what a job makes elsewhere."""
    made = carry_out(job)
    assert isinstance(made, Made), made
    return made


def test_what_stands_in_the_document_alone_is_refused_too(office: Office, tmp_path: Path) -> None:
    """A worker's files are clean, and what mail would set the text edition from is not: nothing comes out."""
    ready, views = prepared(office, tmp_path / "views")
    made = carried(ready.job)
    secret = max(views.values(ready.shared).forbidden, key=len)
    said = json.loads(made.document)
    said["blocks"].append({"kind": "callout", "purpose": "note", "lead": "", "text": secret})
    spoilt = replace(made, document=documents.to_bytes(documents.from_bytes(json.dumps(said).encode())))
    with pytest.raises(DisclosureRefused, match="forbidden_value in the document"):
        finish(office, ready, spoilt, views=views, folder=tmp_path / "spoilt")
    assert not list(office.path(office.outputs).rglob("manifest.json"))
    assert finish(office, ready, made, views=views, folder=tmp_path / "clean").manifest.version == 1


def test_a_job_travels_and_nothing_of_the_office_with_it(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pickled with its view it makes the same pack as in one go; it names no folder of ours."""
    store = store_of(office)
    ready, views = prepared(office, tmp_path / "views")
    packed = pickle.dumps(ready.job.shipped())
    assert str(tmp_path).encode() not in packed
    assert str(office.root).encode() not in packed
    made = carried(pickle.loads(packed))  # noqa: S301 - ours

    # a file that a worker names otherwise than a pack's is written nowhere
    for name in ("../outside.html", str(tmp_path / "outside.html"), "a\\b.html", "", ".."):
        with pytest.raises(DisclosureRefused, match="1 files under names"):
            finish(office, ready, replace(made, files={**made.files, name: b""}), views=views,
                   folder=tmp_path / "elsewhere")  # fmt: skip
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "outside.html").exists()

    # while another release is under way, the gate is not asked: it would not know what is out
    with monkeypatch.context() as hurried, drafts.releasing(office):
        hurried.setattr(drafts, "_WAIT_SECONDS", 0.05)
        with pytest.raises(Timeout):
            finish(office, ready, made, views=views, folder=tmp_path / "none")
    assert not (tmp_path / "none").exists()

    done = finish(office, ready, made, views=views, folder=tmp_path / "one")
    assert pack.verify(done.folder, public=keys_of(office).public) == ()

    # another run was faster with the same; then it was taken back, and nobody lets it out again
    twice = finish(office, ready, made, views=views, folder=tmp_path / "two")
    assert twice.folder == done.folder
    whole = content(done.folder)
    [again] = [publish(office, store, W46, progress=str)]
    assert (again.unchanged, again.manifest) == (True, done.manifest)
    recall(office, done.folder, by="Head of office", because="A test")
    with pytest.raises(UserError, match="Nothing was published"):
        finish(office, ready, made, views=views, folder=tmp_path / "three")
    assert content(done.folder).keys() != whole.keys()


def test_a_job_is_not_carried_out_where_its_bytes_would_be_others(office: Office, tmp_path: Path) -> None:
    """Other libraries, templates or words, or another view than was prepared stop it before a kernel."""
    ready, _ = prepared(office, tmp_path / "views")
    job = ready.job
    elsewhere = {
        "pandas is": replace(job, versions={**job.versions, "pandas": "1.0"}),
        "its templates are others": replace(job, templates={"briefing.css": b"* {}"}),
        "its catalogue are others": replace(job, digests={**job.digests, "catalogue": "0" * 64}),
    }
    for said, other in elsewhere.items():
        stopped = carry_out(other)
        assert isinstance(stopped, Stopped)
        assert isinstance(stopped.error(), ConfigurationError)
        assert said in stopped.message
    files = dict(job.shipped().view)  # type: ignore[arg-type]  # shipped, it is files
    touched = files | {"view.json": files["view.json"].replace(b"internal", b"INTERNAL")}
    stopped = carry_out(replace(job, view=touched))
    assert isinstance(stopped, Stopped)
    assert isinstance(stopped.error(), DisclosureRefused)


def test_what_stopped_a_job_is_told_where_the_office_is(office: Office, tmp_path: Path) -> None:
    """The notebook of a failed job comes back, for the analysts; the view stays for other editions."""
    small_notebook.put(office, "raise KeyError('Zqkadomri')")
    ready, views = prepared(office, tmp_path / "views")
    stopped = carry_out(ready.job)
    assert isinstance(stopped, Stopped)
    assert "Zqkadomri" not in stopped.message
    with pytest.raises(BriefingFailed, match=r"stopped at cell 3 with KeyError.*Run folder: ") as failed:
        finish(office, ready, stopped, views=views, folder=tmp_path / "one")
    kept = Path(str(failed.value).rpartition("Run folder: ")[2])
    assert "Zqkadomri" in (kept / "executed.ipynb").read_text(encoding="utf-8")
    assert content(kept / "view") == content(ready.shared.folder)


def test_a_view_is_made_once_for_those_who_ask_for_the_same(office: Office, tmp_path: Path) -> None:
    """Another briefing and a later order share it; another audience or week does not; unused ones go."""
    views = Views(office, store_of(office), tmp_path / "views")
    asked = [W46, replace(W46, as_of=W46.as_of + AN_HOUR), replace(W46, briefing="data_quality")]
    seen = [prepare(office, store_of(office), one, views=views) for one in asked]
    others = [replace(W46, audience="partners"), replace(W46, week="2026-W45")]
    seen += [prepare(office, store_of(office), one, views=views) for one in others]
    assert not any(isinstance(one, Published) for one in seen)
    folders = [one.shared.folder for one in seen if isinstance(one, Prepared)]
    assert len(set(folders[:3])) == 1
    assert len(set(folders)) == 3
    assert sorted(one.name for one in (tmp_path / "views").iterdir()) == ["view-1", "view-2", "view-3"]
    assert views.today(seen[0].shared, W46) is None  # type: ignore[union-attr]  # prepared
    assert views.values(seen[0].shared) is views.values(seen[2].shared)  # type: ignore[union-attr]  # prepared
    del views, seen
    assert list((tmp_path / "views").iterdir()) == []


def test_a_row_that_is_closed_while_a_job_runs_is_closed_to_it(office: Office, tmp_path: Path) -> None:
    """A batch makes its view again once a source has delivered; no rule lets out what was made before."""
    row = NEWS | {"level": "internal"}
    put_rows(office, "incident", row, source="meridian", at=SECOND + AN_HOUR)
    order = replace(W46, as_of=SECOND + 2 * AN_HOUR)
    views = Views(office, store_of(office), tmp_path / "views")
    ready = prepare(office, store_of(office), order, views=views)
    assert isinstance(ready, Prepared)
    assert views.today(ready.shared, order) is None
    closed = row | {"level": "strictly_confidential"}
    put_rows(office, "incident", closed, source="meridian", at=SECOND + 3 * AN_HOUR)
    known, before = ready.shared.seen.as_of, ready.shared.seen.compared_with
    again = views.of(order, known=known, compared_with=before)
    assert len(ready.shared.seen.own_ids - again.seen.own_ids) == 1
    today = views.today(ready.shared, order)
    assert today is not None
    with pytest.raises(DisclosureRefused, match=r"^1 of the records.*make it again: workbench run"):
        expect_none_gone(ready.shared.seen, today.seen, manifest())
