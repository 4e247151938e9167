"""
How long an analyst waits for another week: `python -m tests.benchmarks.desk`.

The sample office with a third publisher of `--incidents` incidents over `--years` years, told in weekly
deliveries as the others are. In one process, as in a kernel that has made the page once before:

    choose        what the control does until the cells below are asked for
    view          `open_view` for the week before, for the readers of the desk and for the narrowest
    cells         all cells of notebooks/weekly_conflict.ipynb after it, one after another
    today         what the start page shows (`workbench.desk.sit` and `today`)

and `view` and `cells` also for the first time in the process. Prints wall and CPU seconds, medians of
`--times` weeks, and what the same costs in the sample office as it is, with the ratio of the CPU seconds.
`--keep FOLDER` keeps the offices there, and takes them from there the next time. `--profile` shows where
the time of `view` goes.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd

from tests.benchmarks.incident_history import incidents
from tests.conftest import edit, put_rows
from workbench import sample
from workbench.config import Office, load
from workbench.desk import NAMES, sit, today
from workbench.pull import pull_all
from workbench.records import record_type
from workbench.view import open_view, store_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "notebooks" / "weekly_conflict.ipynb"
SOURCE = """
[[source]]
slug = "archive"
title = "Archive (benchmark)"
record = "incident"
reader = "table"
path = "data/archive/*.csv"
licence = "None"
attribution = "Invented"
level = "public"
"""

Spent = tuple[float, float]
"""Wall and CPU seconds."""


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--incidents", type=int, default=50_000)
    parser.add_argument("--years", type=float, default=6)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wb-bench-") as temporary:
        folder = given.keep or Path(temporary)
        small = office_in(folder / "sample", 0, 1)
        large = office_in(
            folder / f"incidents-{given.incidents}-{given.years:g}", given.incidents, given.years
        )
        times = [measured(office, given.times) for office in (small, large)]
        heads = ("sample", "CPU", f"+{given.incidents}", "CPU", "ratio")
        sys.stdout.write(f"{'seconds':34}" + "".join(f" {one:>8}" for one in heads) + "\n")
        for name, short in times[0].items():
            long = times[1][name]
            row = (*short, *long, long[1] / max(short[1], 0.001))
            sys.stdout.write(f"{name:34}" + "".join(f" {one:8.2f}" for one in row) + "\n")
        if given.profile:
            profiled(large)


def office_in(folder: Path, count: int, years: float) -> Office:
    """Return the sample office in `folder`, made if it is not there, with `count` more incidents."""
    if not (folder / "workbench.toml").is_file():
        sample.make(folder)
        edit(folder, {'counts_from = ["meridian"': 'counts_from = ["archive", "meridian"'})
        with (folder / "workbench.toml").open("a", encoding="utf-8") as file:
            file.write(SOURCE)
        rows = archive(count, years, load(folder).area[0].districts)
        since = pd.Timestamp.min.tz_localize("UTC")
        for number, at in enumerate((*sample.EARLIER, *sample.DELIVERIES), start=1):
            pull(folder, number, at)
            told = rows[rows["reported_at"].between(since, pd.Timestamp(at), inclusive="right")]
            since = pd.Timestamp(at)
            deliver(load(folder), told, at)
    return load(folder)


def pull(folder: Path, number: int, at: datetime) -> None:
    """Pull what the sample office is told at one of its moments."""
    earlier = len(sample.EARLIER)
    if number <= earlier:
        sample.deliver_earlier(folder, number)
    else:
        sample.deliver(folder, number - earlier)
    office = load(folder)
    slugs = sample.EARLIER_SOURCES if number <= earlier else [one.slug for one in office.source]
    _, failures = pull_all(office, store_of(office), [one for one in slugs if one != "archive"], at=at)
    if failures:
        raise failures[0]


def archive(count: int, years: float, districts: tuple[str, ...]) -> pd.DataFrame:
    """Return invented incidents of the years up to the last delivery, told some days after they happened."""
    chance = np.random.default_rng(20261122)
    rows = incidents(np.arange(count), source="archive")
    if not count:
        return rows
    last = pd.Timestamp(sample.DELIVERIES[-1]).tz_localize(None).normalize() - pd.Timedelta(days=1)
    days = last - pd.to_timedelta(chance.integers(0, int(365 * years), len(rows)), unit="D")
    days = days.astype(rows["occurred_on"].dtype)
    told = pd.Series(days).dt.tz_localize("UTC") + pd.to_timedelta(chance.geometric(0.2, len(rows)), unit="D")
    return rows.assign(
        level="public",
        event_type=rows["event_type"].replace("threat", "threat_or_harassment"),
        occurred_on=days,
        occurred_to=days,
        district=np.array(districts, dtype=object)[chance.integers(0, len(districts), len(rows))],
        reported_at=told.astype(rows["reported_at"].dtype).array,
    ).astype({"level": "str", "district": "str"})


def deliver(office: Office, rows: pd.DataFrame, at: datetime) -> None:
    """Deliver rows of the archive, in chunks, as one delivery of it."""
    record = record_type("incident")
    with store_of(office).delivery(source="archive", at=at + timedelta(minutes=1)) as delivery:
        if len(rows):
            delivery.append(record, rows[list(record.names)].reset_index(drop=True), complete=False)
    put_rows(office, "incident", source="archive", at=at + timedelta(minutes=2))


def measured(office: Office, times: int) -> dict[str, Spent]:
    """Return the seconds that each part takes in a process that has made the page before."""
    weeks = [office.last_complete_week().back(back).slug for back in range(times + 1)]
    taken: dict[str, Spent] = {}
    with working_in(office.root):
        desk = office.desk.audience or office.audience[0].slug
        narrow = min(office.audience, key=lambda one: (one.count_threshold > 1, one.clearance)).slug
        taken["view, first of the process"] = seconds(lambda: view(weeks[0], desk))
        cells = Cells()
        taken["view and cells, first page"] = seconds(lambda: cells.run(weeks[0], desk))
        control = Control()
        taken["choose another week"] = median(weeks[1:], control.choose)
        for who in (desk, narrow):
            taken[f"view, another week ({who})"] = median(weeks[1:], lambda week, who=who: view(week, who))
            taken[f"view and cells ({who})"] = median(weeks[1:], lambda week, who=who: cells.run(week, who))
        blank = dict.fromkeys(NAMES, "")
        taken["the start page's data"] = median([0, 1, 2], lambda _: today(sit(**blank), at=office.now()))
    return taken


class Cells:
    """The cells of the weekly page in a shell of their own."""

    def __init__(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        from workbench.document.display import teach

        self.shell = InteractiveShell.instance()
        teach(self.shell)
        page = nbformat.read(PAGE, as_version=4)  # type: ignore[no-untyped-call]  # typed only in part
        cells = [one for one in page.cells if one.cell_type == "code"]
        self.below = [one.source for one in cells if one.id not in {"c00-controls"}][1:]

    def run(self, week: str, audience: str) -> None:
        """Run all cells below the control for a week."""
        from IPython.utils.capture import capture_output

        names = {"area": "", "week": week, "audience": audience, "as_of": "", "language": ""}
        self.shell.user_ns.update(names)
        for source in self.below:
            with capture_output():
                done = self.shell.run_cell(source)
            done.raise_error()


class Control:
    """The control, over a namespace of its own."""

    def __init__(self) -> None:
        from workbench.widgets import _controls

        self.made = _controls._Controls({}, desk=False, cell=None)

    def choose(self, week: str) -> None:
        """Choose a week."""
        self.made.week.value = week


def view(week: str, audience: str) -> Any:
    """Open the page's view, as its first cell does."""
    return open_view(area="", week=week, audience=audience, as_of="", language="")


def seconds(work: Callable[[], Any]) -> Spent:
    """Return the wall and the CPU seconds of `work`."""
    begun, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - used


def median(over: list[Any], work: Callable[[Any], Any]) -> Spent:
    """Return the medians of the seconds of `work` on each of `over`."""
    spent = [seconds(partial(work, one)) for one in over]
    return statistics.median(wall for wall, _ in spent), statistics.median(cpu for _, cpu in spent)


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Work in the notebooks folder of an office, as a kernel does."""
    before = Path.cwd()
    os.chdir(folder / "notebooks")
    try:
        yield
    finally:
        os.chdir(before)


def profiled(office: Office) -> None:
    """Print where the time of `open_view` for another week goes."""
    profile = cProfile.Profile()
    with working_in(office.root), redirect_stdout(StringIO()):
        week = office.last_complete_week().back(20).slug
        profile.runcall(view, week, office.desk.audience or office.audience[0].slug)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
