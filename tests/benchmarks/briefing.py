"""One edition our way against the ordinary way, side by side: `python tests/benchmarks/briefing.py`.

Ours: view, notebook, HTML, PDF, gate, pack and index (`workbench run`). The ordinary way: the
papermill command on the same saved view, then `jupyter nbconvert --to html`; it makes no PDF, checks
nothing and publishes nothing. Prints wall and CPU seconds of the whole process tree, and ratios.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from workbench import sample
from workbench.config import load
from workbench.pull import pull_all
from workbench.view import VARIABLE, Request, make, save, store_of


def office_in(folder: Path) -> Path:
    """Make the sample office and pull its sources."""
    sample.make(folder)
    office = load(folder)
    for number, at in enumerate(sample.DELIVERIES, start=1):
        sample.deliver(folder, number)
        pull_all(office, store_of(office), None, at=at)
    return folder


def spent(commands: list[list[str]], *, cwd: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Run commands one after the other; return wall and CPU seconds of all their processes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure `--times` runs of each, alternating, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as temporary:
        root = office_in(Path(temporary) / "office")
        office = load(root)
        week = office.last_complete_week().slug
        view = make(office, store_of(office), Request("kestara", week, "internal", office.now()))
        save(view, root / "view")
        given = {
            "area": "kestara",
            "week": week,
            "audience": "internal",
            "as_of": view.as_of.isoformat(),
            "language": "en",
        }
        scripts = Path(sys.executable).parent
        notebook = office.briefing[0].notebook
        parameters = [part for name, value in given.items() for part in ("-r", name, value)]
        ways = {
            "workbench run": [
                [
                    str(scripts / "workbench"),
                    "run",
                    "weekly_conflict",
                    "--week",
                    week,
                    "--audience",
                    "internal",
                ]
            ],
            "papermill, nbconvert": [
                [str(scripts / "papermill"), notebook, "executed.ipynb", *parameters],
                [str(scripts / "jupyter"), "nbconvert", "--to", "html", "executed.ipynb"],
            ],
        }
        environment = {**os.environ, VARIABLE: str(root / "view")}
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(times):
            for name, commands in ways.items():
                measured[name].append(spent(commands, cwd=root, environment=environment))
        medians = {
            name: tuple(statistics.median(run[part] for run in runs) for part in (0, 1))
            for name, runs in measured.items()
        }
        for name, (wall, cpu) in medians.items():
            sys.stdout.write(f"{name:22} {wall:6.2f} s wall {cpu:6.2f} s CPU\n")
        ours, ordinary = medians.values()
        sys.stdout.write(
            f"ordinary / ours        {ordinary[0] / ours[0]:6.2f}        {ordinary[1] / ours[1]:6.2f}\n"
        )


if __name__ == "__main__":
    main()
