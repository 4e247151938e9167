"""
JupyterLab's own scheduler runs our pipeline: an execution manager for jupyter-scheduler (extra `scheduler`).

    jupyter lab --Scheduler.execution_manager_class=workbench.jobs.BriefingExecutionManager \
        --SchedulerApp.environment_manager_class=workbench.jobs.BriefingEnvironments

"Create notebook job" then makes an edition as `workbench run` does: its audience's view, the gate, a draft
or an issue. A run that was due while the server was down is dropped by jupyter-scheduler; `workbench tick`
is the scheduler that catches up.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BriefingFailed, DisclosureRefused, ExportError, ParameterError, UserError

try:
    from jupyter_scheduler.environments import EnvironmentManager
    from jupyter_scheduler.exceptions import SchedulerError
    from jupyter_scheduler.executors import ExecutionManager
    from jupyter_scheduler.models import JobFeature, RuntimeEnvironment, Status
    from jupyter_scheduler.orm import Job
    from jupyter_scheduler.utils import get_utc_timestamp
except ImportError:  # a base class must be there when its class is made
    raise ExportError(
        "Notebook jobs of JupyterLab need jupyter-scheduler, which is not installed here. Install it: "
        'pip install "briefing-workbench[lab,scheduler]"'
    ) from None

if TYPE_CHECKING:
    from workbench.config import Briefing, Office
    from workbench.publish import Order, Published

__all__ = ["FORMATS", "BriefingEnvironments", "BriefingExecutionManager"]

FORMATS = {"html": "HTML", "pdf": "PDF", "ipynb": "Notebook (as it was run, without outputs)"}
"""What a job may give back, by jupyter-scheduler's names, and how its forms call them."""

_LONGEST = 1000
"""Signs of a job's message: jupyter-scheduler's column holds 1024."""


class BriefingEnvironments(EnvironmentManager):  # type: ignore[misc]  # the package ships no types
    """Offers the Python that JupyterLab runs in, and the formats of our pages: HTML and PDF."""

    def list_environments(self) -> list[RuntimeEnvironment]:
        """Return the one environment there is."""
        return [
            RuntimeEnvironment(
                name="workbench",
                label="Briefing workbench",
                description="An edition of a briefing, made as `workbench run` makes it",
                file_extensions=["ipynb"],
                output_formats=["html", "pdf"],
                metadata={"path": sys.executable},
            )
        ]

    def manage_environments_command(self) -> str:
        """Return no command: there is nothing to manage."""
        return ""

    def output_formats_mapping(self) -> dict[str, str]:
        """Return how the formats are called in forms and lists."""
        return dict(FORMATS)


class BriefingExecutionManager(ExecutionManager):  # type: ignore[misc]  # as above
    """
    Makes the edition that a job asks for, in the process that jupyter-scheduler started for it.

    The office is the one around JupyterLab's root folder. The job's notebook must be that of a briefing,
    byte for byte as it lies in the office now, and as it was approved if the job recurs. Parameters are the
    briefing's own; one that is empty or left out is what the notebook's parameters cell says, and "" there
    stands for the office's own choice: the first area, the last complete week, the present, the first
    language, and of the audiences that receive the briefing the one that reads least. The job's files are
    those of the draft or the issue.
    """

    def execute(self) -> None:
        """Make the edition, and put its files where jupyter-scheduler looks for them."""
        from workbench.config import find, load
        from workbench.runner import run_all
        from workbench.view import store_of

        job = self.model
        office = load(find(Path(self.root_dir)))
        formats = list(job.output_formats or [])
        unknown = [one for one in formats if one not in FORMATS]
        if unknown:
            raise ExportError(
                f"A job gives back {', '.join(FORMATS)}; {len(unknown)} others were asked for. Leave"
                " them out."
            )
        page = Path(self.staging_paths["input"]).read_bytes()
        product = _briefing(office, job.input_filename, page, named=job.name)
        order = _order(office, product, job.parameters or {})
        recurs = job.job_definition_id is not None
        (outcome,) = run_all(office, store_of(office), [order], approved_only=recurs)
        if outcome.failure is not None:
            raise outcome.failure
        if outcome.published is None:
            raise UserError("The job was stopped before its edition was made. Run it again.")
        self._hand_back(formats, outcome.published, page)
        self._done = _told(outcome.published)

    def _hand_back(self, formats: list[str], published: Published, page: bytes) -> None:
        from workbench.publish import pack

        Path(self.staging_paths["input"]).parent.chmod(0o700)  # a draft is the office's own
        for one in formats:
            content = _clean(page) if one == "ipynb" else (published.folder / f"briefing.{one}").read_bytes()
            pack.replace(Path(self.staging_paths[one]), content)

    def on_complete(self) -> None:
        """Write down that the job is done, and what its edition is."""
        self._note(status=Status.COMPLETED, status_message=self._done, end_time=get_utc_timestamp())

    def on_failure(self, e: BaseException) -> None:
        """Write down that the job failed: what the reader can mend in our words, of all else the class."""
        frames = "".join(traceback.format_tb(e.__traceback__))  # no values, as the text of an error may hold
        sys.stderr.write(f"{frames}{type(e).__name__}\n")
        self._note(status=Status.FAILED, status_message=_message(e), end_time=get_utc_timestamp())

    def _note(self, **said: Any) -> None:
        with self.db_session() as session:
            session.query(Job).filter(Job.job_id == self.job_id).update(said)
            session.commit()

    # jupyter-scheduler calls both of these on the class, and gives them the class itself

    def supported_features(cls) -> dict[JobFeature, bool]:  # noqa: N805  # as said above
        """Return which fields of a job mean something here."""
        meant = {
            JobFeature.job_name, JobFeature.parameters, JobFeature.output_formats, JobFeature.job_definition,
            JobFeature.stop_job, JobFeature.delete_job,
        }  # fmt: skip
        return {one: one in meant for one in JobFeature}

    def validate(cls, input_path: str) -> bool:  # noqa: N805  # as said above
        """Whether a notebook can be a briefing; SchedulerError, which the form shows, says why it cannot."""
        from workbench import briefing

        try:
            briefing.parameters_of(Path(input_path))
        except UserError as problem:
            raise SchedulerError(str(problem)) from None
        return True


def _briefing(office: Office, filename: str, page: bytes, *, named: str) -> Briefing:
    """Return the briefing whose notebook a job holds a copy of; the job's name chooses between several."""
    called = [one for one in office.briefing if Path(one.notebook).name == filename]
    same = [one for one in called if _is_same(office, one, page)]
    if len(same) > 1:
        same = [one for one in same if one.slug == named]
    if same:
        return same[0]
    if not called:
        raise ParameterError(
            "This notebook is that of no briefing of the office. Add a [[briefing]] entry to workbench.toml, "
            "or create the job from one in notebooks/."
        )
    raise DisclosureRefused(
        f"The job's copy of {called[0].notebook} is not the notebook that lies in the office now. Look at "
        "what changed, delete the job and create it again; of several briefings with one notebook, give the "
        "job the name of one."
    )


def _is_same(office: Office, product: Briefing, page: bytes) -> bool:
    file = office.path(product.notebook)
    return file.is_file() and hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(page).digest()


def _order(office: Office, product: Briefing, parameters: Mapping[str, str]) -> Order:
    """
    Return the order that a job's parameters come to: texts, as people type them, with quotes or without.

    Raises ParameterError, UnknownName.
    """
    from workbench import briefing
    from workbench.publish import Order
    from workbench.view import instant, narrowest, present, store_of

    unknown = [name for name in parameters if name not in briefing.PARAMETERS]
    if unknown:
        raise ParameterError(
            f"{len(unknown)} of the job's parameters are none of a briefing. Give some of: "
            f"{', '.join(briefing.PARAMETERS)}."
        )
    declared = briefing.parameters_of(briefing.notebook_of(office, product))
    given = {name: _text(name, text) for name, text in {**declared, **parameters}.items()}
    said = {name: text or _text(name, declared[name]) for name, text in given.items()}
    moment = instant(said["as_of"]) if said["as_of"] else present(office, store_of(office))
    return Order(
        briefing=product.slug,
        area=office.area_called(said["area"]).slug if said["area"] else office.area[0].slug,
        week=office.week(said["week"]).slug if said["week"] else office.last_complete_week().slug,
        audience=(
            office.audience_called(said["audience"]).slug
            if said["audience"]
            else narrowest(office, briefing=product.slug).slug
        ),
        language=said["language"] or office.languages[0],
        as_of=moment,
    )


def _text(name: str, written: str) -> str:
    """Return the text that a parameter stands for; raises ParameterError for what is no text."""
    plain = str(written).strip()
    if plain[:1] not in {'"', "'"}:
        return plain
    try:
        value = ast.literal_eval(plain)
    except (ValueError, SyntaxError):
        value = None
    if not isinstance(value, str):
        raise ParameterError(f"The job's parameter {name} is not a text. Write it plainly, or in quotes.")
    return value.strip()


def _clean(page: bytes) -> bytes:
    """Return a notebook without outputs: those hold what a view held."""
    notebook = json.loads(page)
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _told(published: Published) -> str:
    issue = published.manifest
    edition = f"{issue.briefing} {issue.period} {issue.area} for {issue.audience}, version {issue.version}"
    if not published.people_needed:
        return f"{edition}: released"
    people = "one person" if published.people_needed == 1 else f"{published.people_needed} people"
    return f"{edition}: a draft, which waits for {people} to release it"


def _message(problem: BaseException) -> str:
    """Return what a job's message may say: our own errors hold ids and counts, others may quote anything."""
    if isinstance(problem, BriefingFailed):
        said = str(problem).partition(" Run folder:")[0]
        where = "What analysts need is in the office's private folder, in runs."
        return f"BriefingFailed: {said} {where}"[:_LONGEST]
    if isinstance(problem, UserError):
        return f"{type(problem).__name__}: {problem}"[:_LONGEST]
    return f"{type(problem).__name__}: a fault of the workbench. Its frames are in the log of JupyterLab."
