"""A worker process: it does one thing at a time, is replaced when it dies, and leaves nothing behind."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.runner.work import dies, dies_at_first, gone, process_id, runs, sleeps
from workbench import errors
from workbench.document import Issue
from workbench.errors import BriefingFailed, UnknownName, UserError
from workbench.publish import Job, Order, Stopped
from workbench.runner import TRIES, Worker


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    """Give a worker, and end it."""
    one = Worker(tmp_path / "worker")
    yield one
    one.end()


def job_with(view: Path, *, seconds: float) -> Job:
    """Return a job for which nothing is there but a folder."""
    order = Order(
        "weekly_conflict", "kestara", "2026-W46", "internal", "en", datetime(2026, 11, 16, tzinfo=UTC)
    )
    return Job(order, "weekly_conflict.ipynb", b"", {}, view, None, (), Issue(1), (), None, {}, {}, seconds)


def test_it_is_one_process_until_it_dies(worker: Worker, tmp_path: Path) -> None:
    """The same process does one thing after another; when it dies, the next call has a new one."""
    first = worker.do(process_id, None)
    assert worker.do(process_id, None) == first
    (tmp_path / "tries").mkdir()
    with pytest.raises(BrokenProcessPool):
        worker.do(dies_at_first, tmp_path / "tries")
    assert worker.do(dies_at_first, tmp_path / "tries") == 1
    assert worker.do(process_id, None) != first
    assert not runs(first)


@pytest.mark.skipif(find_spec("rfc3987_syntax") is None, reason="it comes with JupyterLab")
def test_it_builds_no_grammar_that_nobody_asks(tmp_path: Path) -> None:
    """The parser that jsonschema builds as it is imported, in most of a second, is not built."""
    # in a process of its own: other tests have told multiprocessing's one fork server what to load
    asked = (
        "import sys; from pathlib import Path; from workbench.runner import Worker\n"
        "from tests.runner.work import has_built_the_grammar\n"
        "one = Worker(Path(sys.argv[1])); print(one.do(has_built_the_grammar, None)); one.end()"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked, str(tmp_path / "worker")],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout == "False\n"


def test_a_job_is_tried_three_times(worker: Worker, tmp_path: Path) -> None:
    """A job whose process dies each time has failed after three tries, and says what to do."""
    made, tries = worker.carry(job_with(tmp_path, seconds=60), dies)
    tried = [one for one in tmp_path.iterdir() if one.name.isdigit()]
    assert (tries, len(tried)) == (TRIES, TRIES)
    assert isinstance(made, Stopped)
    assert isinstance(made.error(), BriefingFailed)
    assert "died 3 times" in str(made.error())
    assert "--jobs 1" in str(made.error())


def test_a_job_that_takes_too_long_is_ended(worker: Worker, tmp_path: Path) -> None:
    """Its process and what that has started are gone, its files too; it is not tried again."""
    worker.do(process_id, None)
    began = time.monotonic()
    made, tries = worker.carry(job_with(tmp_path, seconds=1), lambda_free_sleep)
    assert tries == 1
    assert isinstance(made, Stopped)
    assert "was not done in 1 s" in str(made.error())
    assert "time_limit" in str(made.error())
    assert time.monotonic() - began < 30
    pids = [int(one) for one in (tmp_path / "child").read_text(encoding="utf-8").split()]
    assert gone(pids)
    assert not (tmp_path / "worker").exists()


def lambda_free_sleep(job: Job) -> Stopped:
    """Sleep in a job, after starting a process."""
    assert isinstance(job.view, Path)
    sleeps(job.view)
    return Stopped("UserError", "it slept")


def test_an_ended_worker_gives_up_what_it_does(worker: Worker, tmp_path: Path) -> None:
    """Whoever waits for it is told so at once, and it starts no other process."""
    pid = worker.do(process_id, None)
    threading.Timer(0.5, worker.end).start()
    with pytest.raises(CancelledError):
        worker.do(sleeps, tmp_path)
    with pytest.raises(CancelledError):
        worker.do(process_id, None)
    assert gone([pid])


def test_it_ends_with_its_owner(tmp_path: Path) -> None:
    """However its owner is killed, the worker goes by itself, and what it had started goes with it."""
    script = (
        "import sys; from pathlib import Path; from tests.runner.work import sleeps;"
        "from workbench.runner import Worker\n"
        "Worker(Path(sys.argv[1]) / 'w').do(sleeps, Path(sys.argv[1]))"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[2])
    until = time.monotonic() + 60
    while not (tmp_path / "child").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.1)
    owner.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    owner.wait()
    assert gone([int(one) for one in (tmp_path / "child").read_text(encoding="utf-8").split()])


def test_every_error_comes_back_as_it_was() -> None:
    """Whatever class of error stopped a job, its message and exit code survive the way back."""
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, UserError)]
    assert len(kinds) > 8
    for kind in kinds:
        problem = UnknownName("area", "x", ["y"]) if kind is UnknownName else kind("what happened. Do this")
        back = pickle.loads(pickle.dumps(Stopped(kind.__name__, str(problem)))).error(" there")  # noqa: S301 - ours
        assert (type(back), str(back), back.exit_code) == (kind, f"{problem} there", kind.exit_code)
