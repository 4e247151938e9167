"""Notebook jobs of JupyterLab: jupyter-scheduler itself starts them, and our pipeline makes the edition."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import small_notebook
from tests.conftest import copy_of, release_rules
from workbench.config import Office
from workbench.publish import drafts

with warnings.catch_warnings():
    # jupyter_server 2.x and jupyter-scheduler 2.12 warn of their own libraries when they are loaded
    warnings.simplefilter("ignore")
    scheduling = pytest.importorskip("jupyter_scheduler.scheduler", reason="the extra [scheduler]")
    from jupyter_scheduler import models, orm
    from jupyter_scheduler.job_files_manager import Downloader

    from workbench import jobs
    from workbench.jobs import BriefingEnvironments, BriefingExecutionManager

WEEK = "2026-W46"


@dataclass
class Jobs:
    """jupyter-scheduler as a server of JupyterLab has it, in the folder of an office."""

    office: Office
    scheduler: Any

    def create(self, notebook: str = "notebooks/weekly_conflict.ipynb", **said: Any) -> str:
        """Create a job as the form of JupyterLab does."""
        given = {"output_formats": ["html", "pdf"], "parameters": {}, "name": "a job"} | said
        return self.scheduler.create_job(
            models.CreateJob(input_uri=notebook, runtime_environment_name="workbench", **given)
        )

    def ended(self, job_id: str, *, seconds: float = 90) -> Any:
        """Wait until a job has ended and return what jupyter-scheduler says of it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            job = self.scheduler.get_job(job_id, job_files=False)
            if job.status in (models.Status.COMPLETED, models.Status.FAILED):
                return job
            time.sleep(0.1)
        raise AssertionError("the job did not end")


@pytest.fixture(scope="module")
def begun(sample_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    """Return a scheduler on a database of its own, in an office of small briefings."""
    folder = tmp_path_factory.mktemp("jobs")
    office = copy_of(sample_office, folder / "office")
    small_notebook.put(office, small_notebook.COUNTS)
    small_notebook.write(office.root / "notebooks" / "data_quality.ipynb", "1 / 0")
    office = release_rules(office.root, internal="two_people")
    url = f"sqlite:///{folder / 'scheduler.sqlite'}"
    orm.create_tables(url)
    scheduler = scheduling.Scheduler(
        root_dir=str(office.root), environments_manager=BriefingEnvironments(), db_url=url,
        execution_manager_class=BriefingExecutionManager, staging_path=str(folder / "staging"),
        task_runner_class=None,
    )  # fmt: skip
    return Jobs(office, scheduler)


def in_this_process(begun: Jobs, page: bytes | None = None, **said: Any) -> Any:
    """Do what the process of a job does, without starting one; return what jupyter-scheduler says of it."""
    given = {
        "input_filename": "weekly_conflict.ipynb", "name": "a job", "output_formats": ["html"],
        "runtime_environment_name": "workbench", "status": models.Status.CREATED,
    } | said  # fmt: skip
    with begun.scheduler.db_session() as session:
        row = orm.Job(**given)
        session.add(row)
        session.commit()
        job = models.DescribeJob.from_orm(row)
    staging = begun.scheduler.get_staging_paths(job)
    Path(staging["input"]).parent.mkdir(parents=True)
    notebook = begun.office.root / "notebooks" / given["input_filename"]
    Path(staging["input"]).write_bytes(notebook.read_bytes() if page is None else page)
    BriefingExecutionManager(job.job_id, begun.scheduler.root_dir, begun.scheduler.db_url, staging).process()
    return begun.scheduler.get_job(job.job_id, job_files=False)


@pytest.fixture(scope="module")
def done(begun: Jobs) -> Iterator[Any]:
    """Return a job that jupyter-scheduler started in a process of its own, and that has ended."""
    page = begun.office.root / "notebooks" / "weekly_conflict.ipynb"
    before = page.read_bytes()
    shown = json.loads(before)
    shown["cells"][1]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["a row of the view"]}
    ]
    page.write_text(json.dumps(shown), encoding="utf-8")  # as JupyterLab saves a notebook that was run
    try:
        parameters = {"audience": '"internal"', "week": WEEK}
        yield begun.ended(begun.create(parameters=parameters, output_formats=["html", "pdf", "ipynb"]))
    finally:
        page.write_bytes(before)


def draft_of(begun: Jobs) -> Path:
    """Return the folder of the draft that the job made."""
    return drafts.root(begun.office) / "internal" / "weekly_conflict" / "kestara" / WEEK / "v1"


def test_a_job_makes_the_draft_that_the_form_asked_for(begun: Jobs, done: Any) -> None:
    """A job types its parameters and makes a draft as `workbench run` does: signed, logged, not released."""
    assert (done.status, done.end_time is None) == (models.Status.COMPLETED, False), done.status_message
    assert done.status_message == (
        "weekly_conflict 2026-W46 kestara for internal, version 1: a draft, which waits for 2 people "
        "to release it"
    )
    draft = drafts.read(begun.office, draft_of(begun))
    assert (draft.manifest.status, draft.manifest.period) == ("draft", WEEK)
    assert drafts.people_asked(begun.office, draft) == 2
    assert not [one for one in begun.office.path(begun.office.outputs).rglob("*") if one.is_file()]


def test_a_job_gives_back_the_files_of_its_draft(begun: Jobs, done: Any, tmp_path: Path) -> None:
    """What JupyterLab downloads is the draft's HTML and PDF, and the notebook without what it had shown."""
    names = begun.scheduler.get_job_filenames(done)
    staging = begun.scheduler.get_staging_paths(done)
    Downloader(done.output_formats, names, staging, str(tmp_path), redownload=True).download()
    for kind in ("html", "pdf"):
        assert (tmp_path / names[kind]).read_bytes() == (draft_of(begun) / f"briefing.{kind}").read_bytes()
    assert b"DRAFT, NOT RELEASED" in (tmp_path / names["html"]).read_bytes()
    if os.name != "nt":
        assert stat.S_IMODE(Path(staging["html"]).parent.stat().st_mode) == 0o700
    notebook = json.loads((tmp_path / names["ipynb"]).read_bytes())
    assert "a row of the view" not in json.dumps(notebook)
    assert [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_a_failed_job_names_cell_and_class_only(begun: Jobs, capfd: pytest.CaptureFixture[str]) -> None:
    """The message of a failed notebook says which cell and which class; no path, no text of the cell."""
    job = in_this_process(begun, input_filename="data_quality.ipynb", parameters={"audience": "internal"})
    assert job.status == models.Status.FAILED
    assert "ZeroDivisionError" in job.status_message
    assert "cell 3" in job.status_message
    assert "division" not in job.status_message + capfd.readouterr().err
    assert str(begun.office.root) not in job.status_message
    assert len(list((begun.office.path(begun.office.private) / "runs").iterdir())) == 1


def test_a_copy_that_differs_from_the_office_s_notebook_is_refused(begun: Jobs) -> None:
    """A job runs only the notebook that lies in the office now; the message says what to do."""
    page = (begun.office.root / "notebooks" / "weekly_conflict.ipynb").read_bytes()
    job = in_this_process(begun, page.replace(b"Incidents", b"Other"))
    assert job.status == models.Status.FAILED
    assert job.status_message.startswith(
        "DisclosureRefused: The job's copy of notebooks/weekly_conflict.ipynb"
    )
    assert "create it again" in job.status_message


def test_a_job_that_recurs_needs_an_approved_notebook(begun: Jobs) -> None:
    """What a job definition starts is a scheduled run: a notebook that nobody has approved is refused."""
    job = in_this_process(begun, job_definition_id="of a definition", parameters={"audience": "internal"})
    assert job.status_message.startswith("DisclosureRefused: The notebook notebooks/weekly_conflict.ipynb")
    assert "workbench approve" in job.status_message


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"parameters": {"audience": "nobody"}}, "UnknownName"),
        ({"parameters": {"colour": "red"}}, "ParameterError"),
        ({"parameters": {"week": "[46]"}}, "ParameterError"),
        ({"parameters": {"area": "'ke' 1"}}, "ParameterError"),
        ({"output_formats": ["docx"]}, "ExportError"),
    ],
)
def test_what_no_briefing_takes_is_refused_in_words(begun: Jobs, said: dict[str, Any], kind: str) -> None:
    """A parameter or a format that there is not ends a job before anything is run, with the remedy."""
    job = in_this_process(begun, **said)
    assert (job.status, job.status_message.partition(":")[0]) == (models.Status.FAILED, kind)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("internal", "internal"),
        ('"internal"', "internal"),
        ("' 2026-W46 '", "2026-W46"),
        ('""', ""),
        ("", ""),
    ],
)
def test_parameters_are_texts_however_they_are_typed(written: str, text: str) -> None:
    """The form's value may stand in quotes, as jupyter-scheduler's own jobs need it, or not."""
    assert jobs._text("audience", written) == text


def test_a_parameter_left_empty_is_the_office_s_own_choice(begun: Jobs) -> None:
    """Without parameters: the first area, the last week, the first language, the narrowest who receive it."""
    office = begun.office
    order = jobs._order(office, office.briefing_called("public_summary"), {})
    assert (order.area, order.week, order.language) == ("kestara", WEEK, "en")
    assert order.audience == "public"
    order = jobs._order(office, office.briefing_called("weekly_conflict"), {"as_of": "2026-11-16T06:30:00Z"})
    assert (order.audience, order.as_of.isoformat()) == ("partners", "2026-11-16T06:30:00.999999+00:00")


def test_a_notebook_that_is_no_briefing_is_told_in_the_form(begun: Jobs) -> None:
    """The form is answered with what the notebook lacks, not with a failed job."""
    small_notebook.write(begun.office.root / "plain.ipynb", "1 + 1", parameters="x = 1", opening="")
    from jupyter_scheduler.exceptions import SchedulerError

    with pytest.raises(SchedulerError, match=r"The parameters cell of plain\.ipynb lacks area"):
        begun.create("plain.ipynb")


def test_the_formats_of_the_form_are_those_a_job_can_give() -> None:
    """What the environment offers is in the mapping that lists of jobs are drawn with."""
    environments = BriefingEnvironments()
    (only,) = environments.list_environments()
    assert set(only.output_formats) <= set(environments.output_formats_mapping())
    features = BriefingExecutionManager.supported_features(BriefingExecutionManager)
    assert features[models.JobFeature.parameters]
    assert not features[models.JobFeature.email_notifications]


def told(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script with this Python."""
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_the_extra_it_says_what_to_install() -> None:
    """Without jupyter-scheduler the import ends with one error of ours that names the extra."""
    said = told("import sys; sys.modules['jupyter_scheduler'] = None; import workbench.jobs")
    assert said.returncode == 1
    last = said.stderr.strip().splitlines()[-1]
    assert last.startswith("workbench.errors.ExportError: Notebook jobs of JupyterLab need jupyter-scheduler")
    assert 'pip install "briefing-workbench[lab,scheduler]"' in last
    assert "During handling" not in said.stderr


def test_a_run_without_a_server_loads_none_of_it() -> None:
    """With jupyter-scheduler installed, a run loads neither it nor the Jupyter server, before its kernel."""
    said = told(
        "import sys; from pathlib import Path;"
        "import workbench.runner, workbench.publish.carrying, workbench.kernels, workbench.briefing._execute;"
        "from workbench.briefing import parameters_of;"
        "parameters_of(Path('notebooks/weekly_conflict.ipynb'));"
        "bad = {'jupyter_server', 'jupyter_scheduler', 'jupyterlab', 'sqlalchemy', 'fsspec'};"
        "print(sorted(bad & {one.partition('.')[0] for one in sys.modules}))"
    )
    assert said.stdout.strip() == "[]", said
