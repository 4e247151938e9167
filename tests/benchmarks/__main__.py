"""
A week's editions our way and the ordinary way, side by side: `python -m tests.benchmarks`.

The sample office with six areas and the four audiences of its weekly briefing: 24 editions, HTML and PDF.

    papermill + nbconvert    `papermill`, `jupyter nbconvert --to html` and `--to webpdf` (Chromium) on the
                             same notebook and the same saved views: the same analysis, charts and tables.
                             It keeps nobody from anything, checks, signs and publishes nothing.
    ours, one by one         `workbench run` for one edition, from nothing
    ours, --jobs 1 and 2     `workbench run` for all 24 at once
    floor                    the notebook's cells, then HTML and PDF, in one process without a kernel

Prints medians of `--times` rounds: CPU seconds of the whole process tree, wall seconds, peak memory of
the tree (shared pages counted once), for one edition and for each of a batch of 24. The ordinary way and
ours one by one begin anew for every edition, so a batch costs them as many times one edition: those rows are
multiplied, all others are run whole. `--lab PYTHON` names an environment with JupyterLab and this package,
`--plain PYTHON` one without; each is made with pip in a temporary folder if it is not given.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.conftest import deliver_and_pull
from workbench import sample
from workbench.briefing import approve_shipped
from workbench.config import Office, load
from workbench.view import VARIABLE, Request, make, save, store_of

ROOT = Path(__file__).parents[2]
AREAS = 6
BRIEFING = "weekly_conflict"


@dataclass
class Spent:
    """What one round took: CPU and wall seconds, and the most memory at a time (MB)."""

    cpu: float = 0.0
    wall: float = 0.0
    memory: float = 0.0


@dataclass
class Way:
    """One way to make editions: `one` makes one of them, `batch` all 24, where that is not 24 times one."""

    name: str
    one: Callable[[Path], None] | None
    batch: Callable[[Path], None] | None
    ones: list[Spent] = field(default_factory=list)
    batches: list[Spent] = field(default_factory=list)


def main() -> None:
    """Measure every way `--times` times, in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--lab", type=Path, help="Python of an environment with JupyterLab")
    parser.add_argument("--plain", type=Path, help="Python of an environment without JupyterLab")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wb-bench-") as temporary:
        folder = Path(temporary)
        lab = given.lab or environment(folder / "lab", "lab,test")
        plain = given.plain or environment(folder / "plain", "test")
        browsers = chromium_for(plain, folder / "browsers")
        office = office_of_areas(folder / "office")
        views = list(saved_views(office, folder / "views"))
        ways = [
            Way("papermill + nbconvert, JupyterLab installed", ordinary(lab, views[0], browsers), None),
            Way("papermill + nbconvert, without", ordinary(plain, views[0], browsers), None),
            Way("ours, one by one", ours(plain, "--area", "kestara", "--audience", "internal"), None),
            Way("ours, --jobs 1", None, ours(plain, "--jobs", "1")),
            Way("ours, --jobs 2", None, ours(plain, "--jobs", "2")),
            Way("floor: no kernel, no check, no publication", floor(plain, views[:1]), floor(plain, views)),
        ]
        for number in range(given.times):
            for way in ways:
                for what, kept in ((way.one, way.ones), (way.batch, way.batches)):
                    if what is not None:
                        # a copy for each: what is published already would not be made again
                        place = folder / f"round{number}"
                        shutil.copytree(office.root, place)
                        with measured() as spent:
                            what(place)
                        kept.append(spent)
                        shutil.rmtree(place)
                sys.stderr.write(f"round {number + 1} of {given.times}: {way.name}\n")
        show(ways, editions=len(views))


def show(ways: Sequence[Way], *, editions: int) -> None:
    """Print the table, and how the batch compares."""
    sys.stdout.write(
        f"{'':44}  one edition               each of {editions}\n"
        f"{'':44}  CPU s   wall s   MB       CPU s   wall s   MB\n"
    )
    each: dict[str, float] = {}
    for way in ways:
        cells = ""
        for runs, number in ((way.ones, 1), (way.batches or way.ones, editions if way.batches else 1)):
            if runs:
                parts = ("cpu", "wall", "memory")
                cpu, wall, memory = (statistics.median(getattr(run, part) for run in runs) for part in parts)
                cells += f"{cpu / number:7.2f}  {wall / number:7.2f}  {memory:5.0f}    "
                each[way.name] = cpu / number
            else:
                cells += f"{'':28}"
        sys.stdout.write(f"{way.name:44}{cells.rstrip()}\n")
    jobs = each["ours, --jobs 1"]
    sys.stdout.write("\nCPU of the batch, ours with --jobs 1, against\n")
    for name, cpu in each.items():
        if name != "ours, --jobs 1":
            sys.stdout.write(f"  {name:44} {cpu / jobs:5.2f} times as much\n")


@contextmanager
def measured() -> Iterator[Spent]:
    """Measure what all child processes take while this context is open."""
    spent, done = Spent(), threading.Event()

    def watch() -> None:
        own = psutil.Process()
        while not done.wait(0.2):
            spent.memory = max(spent.memory, sum(map(_pss, own.children(recursive=True))) / 1e6)

    adopt_orphans()
    watcher = threading.Thread(target=watch)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    watcher.start()
    yield spent
    spent.wall = time.perf_counter() - started
    while psutil.Process().children():  # what was left to itself is waited for, so that it counts
        os.waitpid(-1, 0)
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def adopt_orphans() -> None:
    """Let processes whose parent ends become this one's children, as far as the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _pss(process: psutil.Process) -> float:
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return 0.0
    return float(getattr(full, "pss", full.uss))


def office_of_areas(folder: Path) -> Office:
    """Make the sample office, with its area under six names, each with its own assessments."""
    sample.make(folder)
    setting = folder / "workbench.toml"
    text = setting.read_text(encoding="utf-8")
    start = text.index("[[area]]")
    block = text[start : text.index("# ---- Risk")]
    slugs = [f"kestara_{number}" for number in range(2, AREAS + 1)]
    # where somebody is given counts only, no two areas may share a district
    text = text.replace("count_threshold = 5\n", "")
    text = text.replace('briefings = ["public_summary"]', "briefings = []")
    more = "".join(block.replace('slug = "kestara"', f'slug = "{slug}"') for slug in slugs)
    text = text.replace(block, block + more)
    setting.write_text(text.replace('release = "two_people"', 'release = "automatic"'), encoding="utf-8")
    load(folder)
    for number in (1, 2):
        sample.deliver(folder, number)
        for written in list((folder / "assessments").glob("kestara-*.md")):
            for slug in slugs:
                copied = written.read_text(encoding="utf-8").replace('area = "kestara"', f'area = "{slug}"')
                (folder / "assessments" / f"{slug}{written.name[7:]}").write_text(copied, encoding="utf-8")
        deliver_and_pull(folder, number)
    office = load(folder)
    approve_shipped(folder, at=office.now())
    return office


def saved_views(office: Office, folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Save the view of every edition of the weekly briefing, and yield it with the notebook's parameters."""
    week = office.last_complete_week().slug
    readers = [one.slug for one in office.audience if BRIEFING in one.briefings]
    for audience in sorted(readers, key=lambda slug: slug != "internal"):
        for area in office.area:
            seen = make(office, store_of(office), Request(area.slug, week, audience, office.now()))
            place = folder / audience / area.slug
            save(seen, place)
            yield place, {
                "area": area.slug, "week": week, "audience": audience,
                "as_of": seen.as_of.isoformat(), "language": "en",
            }  # fmt: skip


def ordinary(python: Path, made: tuple[Path, dict[str, str]], browsers: Path) -> Callable[[Path], None]:
    """Return what makes one edition with the commands of papermill and nbconvert."""
    view, parameters = made
    scripts = python.parent
    given = [part for name, value in parameters.items() for part in ("-r", name, value)]

    def one(office: Path) -> None:
        notebook = str(office / "notebooks" / f"{BRIEFING}.ipynb")
        around = {**os.environ, VARIABLE: str(view), "PLAYWRIGHT_BROWSERS_PATH": str(browsers)}
        convert = [str(scripts / "jupyter"), "nbconvert", "--to"]
        for command in (
            [str(scripts / "papermill"), notebook, "executed.ipynb", "-k", "python3", *given],
            [*convert, "html", "executed.ipynb"],
            [*convert, "webpdf", "--disable-chromium-sandbox", "executed.ipynb"],
        ):
            run(command, office, around)

    return one


def ours(python: Path, *options: str) -> Callable[[Path], None]:
    """Return what makes editions with `workbench run`."""
    command = [str(python.parent / "workbench"), "run", BRIEFING, *options]
    return lambda office: run(command, office, dict(os.environ))


def floor(python: Path, made: Sequence[tuple[Path, dict[str, str]]]) -> Callable[[Path], None]:
    """Return what makes editions in one process, from their saved views."""
    given = [f"{view}|{'|'.join(parameters.values())}" for view, parameters in made]

    def all_of_them(office: Path) -> None:
        notebook = str(office / "notebooks" / f"{BRIEFING}.ipynb")
        around = {**os.environ, "PYTHONPATH": str(ROOT)}
        run([str(python), "-m", "tests.benchmarks.floor", notebook, *given], office, around)

    return all_of_them


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run a command to its end; what it said is shown if it fails."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-2000:] + done.stderr[-4000:])
        raise SystemExit(f"{command[0]} ended with {done.returncode}")


def environment(folder: Path, extras: str) -> Path:
    """Make a virtual environment with this package and return its Python."""
    sys.stderr.write(f"making an environment with [{extras}]\n")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    run([*pip, "-e", f"{ROOT}[{extras}]", "nbconvert[webpdf]"], ROOT, dict(os.environ))
    return python


def chromium_for(python: Path, folder: Path) -> Path:
    """Put the machine's own Chromium where Playwright looks for its download, and return that folder."""
    found = shutil.which("chromium")
    if found is None:
        raise SystemExit("There is no chromium here: install it (apt-get install chromium).")
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p:\n"
        "    try: p.chromium.launch()\n"
        "    except Exception as problem: print(problem)\n"
    )
    around = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(folder)}
    said = subprocess.run([str(python), "-c", ask], env=around, capture_output=True, text=True, check=True)
    place = Path(said.stdout.partition("doesn't exist at ")[2].splitlines()[0])
    place.parent.mkdir(parents=True)
    place.write_text(f'#!/bin/sh\nexec {found} "$@"\n', encoding="utf-8")
    place.chmod(0o755)
    return folder


if __name__ == "__main__":
    main()
