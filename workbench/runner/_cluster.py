"""A cluster: jobs go to the workers of a Dask scheduler, with all they need, and come back as files."""

from __future__ import annotations

import atexit
import pickle
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.briefing import PREFIX
from workbench.errors import ConfigurationError
from workbench.publish import Job, Made, Stopped
from workbench.publish.inputs import versions
from workbench.runner._worker import TRIES, Worker

_CONNECT_SECONDS = 30.0
_NOBODY_SECONDS = 300.0
_LOOK_SECONDS = 5.0
_HOW = 'Install the same there as here: pip install "briefing-workbench[cluster]==VERSION".'


@contextmanager
def cluster(address: str, *, jobs: int = 0) -> Iterator[Cluster]:
    """
    Give the workers of the scheduler at `address` as carriers of jobs, as many at once as they have threads.

    With `jobs`, so many: a cluster that grows with its work needs more than it has workers yet. How they
    are spoken to (TLS, time-outs) is Dask's own configuration.
    Raises ConfigurationError if Dask is not installed, nobody answers, there is no worker, or one of them
    lacks the workbench or has another version of it or of a library that decides what comes out.
    """
    try:
        import dask
        import distributed
    except ImportError:
        raise ConfigurationError(
            '--scheduler needs Dask. Install it here: pip install "briefing-workbench[cluster]"'
        ) from None
    # a job holds its view: that is meant, and no reason to warn
    connect: Any = distributed.Client  # typed in part
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "4 GiB"}):
        try:
            client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError, TimeoutError) as problem:
            raise ConfigurationError(
                f"No Dask scheduler that can be used answers at {address} ({type(problem).__name__}). Start "
                "one (dask scheduler), or correct the address: tcp://HOST:8786, or tls://HOST:8786 with "
                "Dask's own configuration of certificates."
            ) from None
        try:
            lanes = _expect_workers(client, address)
            carriers = Cluster(client, jobs if jobs > 0 else lanes)
            try:
                yield carriers
            finally:
                carriers.end()
        finally:
            client.close(timeout=_LOOK_SECONDS)


class Cluster:
    """The workers of a Dask cluster."""

    def __init__(self, client: Any, lanes: int) -> None:
        self._client, self._lanes = client, lanes
        self._executor: Executor = client.get_executor(retries=TRIES - 1, pure=False)
        self._waiting: set[Future[bytes]] = set()
        self._lock = threading.Lock()
        self._ended = False

    @property
    def lanes(self) -> int:
        """How many jobs at once."""
        return self._lanes

    def carry(self, lane: int, job: Job) -> tuple[Made | Stopped, int]:
        """
        Let a worker carry a job out; another one does, where that one dies.

        The job goes as bytes and comes back as bytes: neither the scheduler nor a shared disk has to know
        what they are. The workers themselves end a job that takes too long. After five minutes without
        any worker the job has failed.
        """
        del lane
        with self._lock:
            if self._ended:
                raise CancelledError
            future: Future[bytes] = self._executor.submit(_errand(), pickle.dumps(job.shipped()))
            self._waiting.add(future)
        try:
            self._wait(future)
            answer = pickle.loads(future.result())  # noqa: S301 (of the office's own workers)
        except CancelledError:
            raise
        except Exception as problem:
            return _lost(problem), TRIES
        finally:
            with self._lock:
                self._waiting.discard(future)
        return answer if isinstance(answer, (Made, Stopped)) else Stopped(
            "ConfigurationError", str(answer)
        ), 1

    def end(self) -> None:
        """Take back what was not carried out yet; a worker ends what it is at, and nobody gets it."""
        with self._lock:
            self._ended = True
            waiting = list(self._waiting)
        for one in waiting:
            one.cancel()

    def _wait(self, future: Future[bytes]) -> None:
        seen = time.monotonic()
        while not wait([future], timeout=_LOOK_SECONDS).done:
            if self._ended:
                raise CancelledError
            if self._client.scheduler_info()["workers"]:
                seen = time.monotonic()
            elif time.monotonic() - seen > _NOBODY_SECONDS:
                raise TimeoutError


def on_worker(packed: bytes) -> bytes:
    """
    Carry out a pickled job in a process of its own on this machine, and return what came of it, pickled.

    A Dask worker of several threads does several at once, each in such a process, which can be ended when
    it takes too long, and ends with the Dask worker.
    """
    job: Job = pickle.loads(packed)  # noqa: S301 (of the office's own scheduler)
    with _LOCK:
        worker = _IDLE.pop() if _IDLE else _new_worker()
    try:
        made, _ = worker.carry(job)
    finally:
        with _LOCK:
            _IDLE.append(worker)
    return pickle.dumps(made)


_IDLE: list[Worker] = []
_LOCK = threading.Lock()


def _new_worker() -> Worker:
    worker = Worker(Path(tempfile.mkdtemp(prefix=PREFIX)))
    atexit.register(worker.end)
    return worker


def _errand() -> Callable[[bytes], bytes]:
    """Return what a worker is asked to do; it travels as code: one without the workbench can answer, too."""

    def errand(packed: bytes) -> bytes:
        import pickle

        try:
            from workbench.runner._cluster import on_worker
        except ImportError:
            return pickle.dumps("A worker of the cluster has no workbench, or one without batches.")
        return on_worker(packed)

    return errand


def _survey() -> Callable[[], dict[str, str] | None]:
    """Return what every worker is asked first: the versions of what decides the bytes of an edition."""

    def survey() -> dict[str, str] | None:
        try:
            from workbench.publish.inputs import versions
            from workbench.runner._cluster import on_worker
        except ImportError:
            return None
        del on_worker
        return versions()

    return survey


def _expect_workers(client: Any, address: str) -> int:
    """Return how many threads the workers have; raises ConfigurationError if one cannot do the work."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TimeoutError:
        raise ConfigurationError(
            f"The Dask scheduler at {address} has no worker. Start one: dask worker {address} --nthreads 1"
        ) from None
    here = versions()
    for name, there in sorted(client.run(_survey(), on_error="return").items()):
        if not isinstance(there, dict):
            raise ConfigurationError(f"The worker {name} has no workbench, or one without batches. {_HOW}")
        other = [f"{one} is {there.get(one)}, not {said}" for one, said in here.items()
                 if there.get(one) != said]  # fmt: skip
        if other:
            raise ConfigurationError(f"The worker {name} is not as this machine: {', '.join(other)}. {_HOW}")
    return sum(one["nthreads"] for one in client.scheduler_info()["workers"].values()) or 1


def _lost(problem: BaseException) -> Stopped:
    return Stopped(
        "BriefingFailed",
        f"The cluster could not carry this edition out ({type(problem).__name__}): its workers died or left. "
        "Look into their logs; memory is the usual reason. Then run it again: what is done stays done.",
    )
