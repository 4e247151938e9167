"""
Mutation testing of a room, quickly: mutmut's changes, each tried in a fork of a process whose tests are warm.

`pip install mutmut`, then `python -m tests.mutation gate` (or `audience`), on Linux. It makes the changes in
`mutants/`, runs the room's tests once to see which functions each of them enters, and tries every change with
the quickest tests that enter its function, up to `--seconds` of them. What no test noticed is printed: some
is noticed by tests that were left out for time, so try a survivor with more seconds before you believe it.
Results lie in `mutants/<room>.jsonl`; a second run goes on where the first ended.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SLOW = (
    "tests/gate/test_command.py",
    "tests/gate/test_apart.py",
    "tests/audience/test_acts_in_views.py",
)
"""Tests that start processes or whole offices for each case: too slow to be asked thousands of times."""

CHILD_FAILED, CHILD_PASSED = "killed", "survived"

_failed: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember that a test failed, whichever part of it."""
    if report.failed:
        _failed.append(report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run all tests once and count what they enter, then try every change that has no result yet."""
    room, jobs, seconds, results = os.environ["MUTATION"].split("|")
    trial = _Trial(session, Path(results), float(seconds))
    sys.__stderr__.write(f"\n{len(session.items)} tests, {trial.warm():.0f} s\n")
    trial.leave_out_unfit()
    done = {json.loads(line)["mutant"] for line in trial.told()}
    for name in changes(room):
        if name not in done:
            trial.begin(name, most=int(jobs))
    trial.wait(0)
    os._exit(0)  # what pytest would tear down, forks share


def changes(room: str) -> Iterator[str]:
    """Yield the names of the changes that mutmut made in a room."""
    for meta in sorted(Path("workbench", room).rglob("*.meta")):
        for name in json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]:
            yield name.replace("__init__.", "")


class _Trial:
    """The warm process: its tests, what each enters and takes, and the forks that try a change."""

    def __init__(self, session: pytest.Session, results: Path, seconds: float) -> None:
        self._items, self._hook = session.items, session.config.hook
        self._results, self._seconds = results, seconds
        self._enters: dict[str, dict[int, float]] = defaultdict(dict)
        self._takes: list[float] = []
        self._unfit: set[int] = set()
        self._noticed: dict[str, Counter[int]] = defaultdict(Counter)
        self._running: dict[int, tuple[str, int, float, float]] = {}

    def told(self) -> list[str]:
        """Return the lines of results so far."""
        return self._results.read_text(encoding="utf-8").splitlines() if self._results.exists() else []

    def warm(self) -> float:
        """Run every test with mutmut's counting of functions; return the seconds it took."""
        from mutmut.mutation.trampoline import set_mutant_under_test
        from mutmut.state import state

        begun = time.monotonic()
        set_mutant_under_test("stats")
        for number in range(len(self._items)):
            state()._stats.clear()  # mutmut has no other name for it
            before = time.process_time()
            if self._fails(number, number + 1):
                self._unfit.add(number)
            self._takes.append(time.process_time() - before)
            for function in state()._stats:
                self._enters[function][number] = self._takes[-1]
        set_mutant_under_test("")
        gc.collect()
        gc.freeze()
        return time.monotonic() - begun

    def leave_out_unfit(self) -> None:
        """Find the tests that fail or hang in a fork though nothing is changed: threads do not outlive it."""
        at = 0
        while at < len(self._items):
            read, write = os.pipe()
            if (child := os.fork()) == 0:
                _quiet()
                for number in range(at, len(self._items)):
                    os.write(write, bytes([self._fails(number, number + 1)]))
                os._exit(0)
            os.close(write)
            while verdict := _within(read, 20 + 4 * self._takes[min(at, len(self._items) - 1)]):
                if verdict == b"\1":
                    self._unfit.add(at)
                at += 1
            if at < len(self._items):
                self._unfit.add(at)
                at += 1
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(read)

    def begin(self, name: str, *, most: int) -> None:
        """Try a change in a fork, as soon as fewer than `most` run."""
        from mutmut.mutation.trampoline import set_mutant_under_test
        from mutmut.utils.format_utils import mangled_name_from_mutant_name

        noticed = self._noticed[mangled_name_from_mutant_name(name)]
        enters = self._enters.get(mangled_name_from_mutant_name(name), {})
        tests, total = list[int](), 0.0
        for number in sorted(enters.keys() - self._unfit, key=lambda one: (-noticed[one], enters[one])):
            if not tests or total + enters[number] <= self._seconds:
                tests.append(number)
                total += enters[number]
        if not tests:
            self._tell(name, "no tests")
            return
        self.wait(most - 1)
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            _quiet()
            limit = int(2 * total + 8)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 2))
            set_mutant_under_test(name)
            for number, following in zip(tests, [*tests[1:], tests[0]], strict=True):
                if self._fails(number, following):
                    os.write(write, f"{CHILD_FAILED} {number}".encode())
                    os._exit(0)
            os.write(write, CHILD_PASSED.encode())
            os._exit(0)
        os.close(write)
        self._running[child] = (name, read, total, time.monotonic())

    def wait(self, most: int) -> None:
        """Wait until no more than `most` forks run, and note what those that ended say."""
        from mutmut.utils.format_utils import mangled_name_from_mutant_name

        while len(self._running) > most:
            for child, (name, read, total, begun) in list(self._running.items()):
                ended, status = os.waitpid(child, os.WNOHANG)
                if not ended:
                    if time.monotonic() - begun > 4 * total + 60:
                        os.kill(child, signal.SIGKILL)
                    continue
                said = os.read(read, 100).decode().split()
                os.close(read)
                del self._running[child]
                if os.WIFSIGNALED(status):
                    self._tell(name, "killed by a signal")  # a crash, or no end: noticed
                elif said[:1] == [CHILD_FAILED]:
                    number = int(said[1])
                    self._noticed[mangled_name_from_mutant_name(name)][number] += 1
                    self._tell(name, CHILD_FAILED, by=self._items[number].nodeid)
                else:
                    self._tell(name, said[0] if said else "no answer")
            time.sleep(0.005)

    def _fails(self, number: int, following: int) -> bool:
        _failed.clear()
        # the session goes on, so that what all tests share is kept
        nextitem = self._items[following % len(self._items)]
        self._hook.pytest_runtest_protocol(item=self._items[number], nextitem=nextitem)
        return bool(_failed)

    def _tell(self, name: str, result: str, **more: str) -> None:
        with self._results.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"mutant": name, "result": result, **more}) + "\n")


def _within(pipe: int, seconds: float) -> bytes:
    """Return the next byte of a pipe, or nothing at its end or when none comes in time."""
    import select

    ready, _, _ = select.select([pipe], [], [], seconds)
    return os.read(pipe, 1) if ready else b""


def _quiet() -> None:
    """Write nothing, and let what would wait for Typst's threads for ever fail at once: forks have none."""
    import typst

    typst.compile = None  # type: ignore[assignment]  # whoever calls it fails
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)


def make(folder: Path) -> None:
    """Write every change of the rooms that pyproject.toml names, as mutmut does, below `folder`/mutants."""
    import mutmut.__main__ as mutmut

    os.chdir(folder)
    mutmut.set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.setup_source_paths()
    mutmut.create_mutants(os.cpu_count() or 1)


def main() -> None:
    """Make the changes, try them, and print how many were noticed and which were not."""
    asked: Any = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("room", choices=("audience", "gate"))
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--seconds", type=float, default=6.0, help="of tests for each change")
    given = asked.parse_args()
    make(Path(__file__).parents[1])
    tree = Path("mutants").resolve()
    results = tree / f"{given.room}.jsonl"
    subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "tests.mutation", "-o", "addopts=", "-q", "--rootdir=.",
            "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutants", f"tests/{given.room}",
            *(f"--ignore={one}" for one in SLOW),
        ],
        cwd=tree, check=True,
        env={
            **os.environ, "PYTHONPATH": str(tree), "MUTMUT_RUNNING": "1", "PYTHONDONTWRITEBYTECODE": "1",
            "MUTATION": f"{given.room}|{given.jobs}|{given.seconds}|{results}",
        },
    )  # fmt: skip
    found = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    unnoticed = [one["mutant"] for one in found if one["result"] in (CHILD_PASSED, "no tests", "no answer")]
    print(*unnoticed, sep="\n")  # noqa: T201 - what it is for
    print(f"{len(found) - len(unnoticed)} of {len(found)} noticed")  # noqa: T201


if __name__ == "__main__":
    main()
