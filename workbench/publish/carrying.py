"""Carrying out: the part of a publication that any process or machine can do, given a job and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench import briefing, document, errors, view
from workbench.errors import ConfigurationError, DisclosureRefused, UserError
from workbench.language import words
from workbench.publish import changes, documents, inputs
from workbench.publish.order import Order
from workbench.publish.parts import files_of


@dataclass(frozen=True)
class Job:
    """
    All that making the files of one edition takes; it can be pickled.

    There is no office in it, no store, no key and no folder of outputs. `page` is the notebook called
    `notebook`; `view` the folder of the saved view, or its files by name; `templates` the office's own,
    None if it has none; `changes` what the version changes of the one it corrects, None where that is to
    be found by comparing with the document `was`. `digests` and `versions` are those of where the job was
    prepared, and must be those of where it is carried out. `seconds` is the time limit for all of it.
    """

    order: Order
    notebook: str
    page: bytes = field(repr=False)
    parameters: Mapping[str, str]
    view: Path | Mapping[str, bytes] = field(repr=False)
    templates: Mapping[str, bytes] | None = field(repr=False)
    tables: tuple[str, ...]
    issue: document.Issue
    changes: tuple[str, ...] | None = field(repr=False)
    was: bytes | None = field(repr=False)
    digests: Mapping[str, str]
    versions: Mapping[str, str]
    seconds: float

    def shipped(self) -> Job:
        """Return the job with its view inside, for a machine that does not share our disk."""
        if isinstance(self.view, Mapping):
            return self
        return replace(self, view={one.name: one.read_bytes() for one in sorted(self.view.iterdir())})


@dataclass(frozen=True)
class Made:
    """What a job made: the files of the pack, the document they were set from, and what it changes."""

    files: Mapping[str, bytes] = field(repr=False)
    document: bytes = field(repr=False)
    changes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Stopped:
    """
    What stopped a job: the class of the error and its message, and the notebook as far as it was run.

    `frames`: of a fault of the workbench, where in its code, without a value.
    """

    kind: str
    message: str
    executed: bytes | None = field(default=None, repr=False)
    frames: str = field(default="", repr=False)

    def error(self, more: str = "") -> UserError:
        """Return the error, with `more` at the end of its message."""
        kind: type[UserError] = getattr(errors, self.kind)
        problem = kind.__new__(kind, f"{self.message}{more}")
        if self.frames:
            problem.add_note(self.frames)
        return problem


def carry_out(
    job: Job, *, within: Path | None = None, progress: Callable[[str], None] = lambda _: None
) -> Made | Stopped:
    """
    Run a job's notebook, collect its document and set its pages; the same job gives the same bytes.

    It works in a temporary folder of its own (`within` another), which is gone afterwards. What its reader
    can mend comes back as Stopped (BriefingFailed, ExportError, ConfigurationError ...); a fault of the
    workbench is raised.
    """
    with briefing.run_folder(within) as folder:
        try:
            return _made(job, folder, progress)
        except UserError as problem:
            executed = folder / briefing.EXECUTED
            kept = executed.read_bytes() if executed.is_file() else None
            failed = isinstance(problem, errors.BriefingFailed)
            return Stopped(type(problem).__name__, str(problem), kept if failed else None)


def _made(job: Job, folder: Path, progress: Callable[[str], None]) -> Made:
    dress = _laid_out(folder / "dress", None if job.templates is None else {"templates": job.templates})
    _expect_same(job, dress)
    saved = job.view if isinstance(job.view, Path) else _laid_out(folder, {"view": job.view}) / "view"
    if inputs.digest((saved / "view.json").read_bytes()) != job.digests["view"]:
        raise DisclosureRefused("The saved view of this edition is not as it was made. Run it again.")
    seen = view.read(saved)
    page = _laid_out(folder, {"notebook": {job.notebook: job.page}}) / "notebook" / job.notebook

    progress("running the notebook")
    executed: Any = briefing.run(
        page, job.parameters, view=saved, folder=folder, time_limit=_cell_seconds(job.seconds)
    )

    progress("writing HTML and PDF")
    collected = document.collect(executed)
    changed = job.changes
    if changed is None and job.was is not None:
        changed = changes.between(documents.from_bytes(job.was), collected, words(job.order.language))
    files = files_of(
        collected, seen, issue=job.issue, changed=changed or (), tables=job.tables, folder=dress
    )  # fmt: skip
    return Made(files, documents.to_bytes(collected), changed or ())


def _cell_seconds(seconds: float) -> float:
    """Return how long one cell may take: a little less than all, so that its error is still told."""
    return seconds - min(10.0, seconds / 4)


def _expect_same(job: Job, dress: Path) -> None:
    """Raise ConfigurationError where other libraries, templates or words would make other bytes."""
    here = inputs.versions()
    other = [f"{name} is {here.get(name)}, not {one}" for name, one in job.versions.items()
             if here.get(name) != one]  # fmt: skip
    if not other:
        now = inputs.dressing(dress, job.order.language)
        other = [f"its {name} are others" for name, one in now.items() if job.digests[name] != one]
    if other:
        raise ConfigurationError(
            f"The worker is not as the machine that gives the orders: {', '.join(other)}. They decide every "
            'byte of an edition. Install the same there: pip install "briefing-workbench[cluster]==VERSION".'
        )


def _laid_out(folder: Path, folders: Mapping[str, Mapping[str, bytes]] | None) -> Path:
    """Write files into folders below `folder`, which need not be there, and return it."""
    for name, files in (folders or {}).items():
        (folder / name).mkdir(parents=True)
        for file, content in files.items():
            (folder / name / file).write_bytes(content)
    return folder
