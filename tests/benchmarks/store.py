"""
The store at scale: how long its questions, deliveries and its care take, beside the naive way of asking.

    python tests/benchmarks/store.py                      200,000 incidents, 10 % of them revised
    python tests/benchmarks/store.py --incidents 3000000

The history (incident_history.py) is delivered in chunks, then ten times 1 % of it is revised, one in five of
those to another date. Each part runs in a process of its own, whose peak memory is printed. Times are
medians of five, wall / CPU seconds. "cold": the first question of a new process, libraries imported;
"warm": the fifth of ten, each as of another instant, so that no answer was asked for before. "Naive"
numbers all revisions of each record with row_number() and keeps the first; it reads the same columns, side
by side with ours, and both must give the same records. Trust the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from incident_history import CLOCK, DAYS, FIRST_DAY, INCIDENT, chunks, revised, weekly, whole

from workbench.store import Store

CHUNK = 50_000
REVISIONS = 10
WEEKLY = 12_000
LAST = FIRST_DAY + timedelta(days=DAYS - 1)
WINDOWS = {"week": (LAST - timedelta(days=6), LAST), "53 weeks": (LAST - timedelta(days=7 * 53 - 1), LAST)}
COUNTED = ("occurred_on", "district", "event_type")

Times = dict[str, list[float]]


def store_in(folder: Path) -> Store:
    """Return the store of a folder."""
    return Store(folder / "store", lock_folder=folder)


def instants() -> list[datetime]:
    """Return ten instants, one after each revision of the history."""
    return [CLOCK + timedelta(days=day, hours=1) for day in range(1, REVISIONS + 1)]


def ask(store: Store, question: str, as_of: datetime) -> pd.DataFrame:
    """Return the answer: the rows of a week, or the counts of 53 weeks by day, district and type."""
    if question == "week":
        return store.read(INCIDENT, as_of=as_of, window=WINDOWS[question])
    return store.counts(INCIDENT, as_of=as_of, window=WINDOWS[question], by=COUNTED)


def naive(store: Store, question: str, as_of: datetime) -> pd.DataFrame:
    """Return the same by numbering all revisions of each record."""
    first, last = WINDOWS[question]
    columns = INCIDENT.names if question == "week" else ("source", "record_id", *COUNTED)
    latest = f"""
        SELECT {", ".join(f'"{name}"' for name in columns)} FROM (
            SELECT *, row_number() OVER (PARTITION BY source, record_id ORDER BY recorded_at DESC) AS age
            FROM t WHERE recorded_at <= arrow_cast('{as_of:%Y-%m-%dT%H:%M:%SZ}',
                                                   'Timestamp(Microsecond, Some("UTC"))')
        ) WHERE age = 1 AND NOT retracted AND occurred_on BETWEEN DATE '{first}' AND DATE '{last}'
    """  # noqa: S608 - no text from outside
    sql = f"{latest} ORDER BY source, record_id"
    if question != "week":
        by = ", ".join(COUNTED)
        sql = f"SELECT {by}, count(*) AS records FROM ({latest}) GROUP BY {by} ORDER BY {by}"  # noqa: S608 - as above
    rows = QueryBuilder().register("t", DeltaTable(f"{store.url}/{INCIDENT.name}")).execute(sql)
    frame: pd.DataFrame = pa.table(rows).to_pandas()
    return frame


def timed(times: Times, what: str, do: Callable[[], object]) -> object:
    """Do it, and note how long it took: wall and CPU seconds."""
    wall, spent = time.perf_counter(), time.process_time()
    answer = do()
    times.setdefault(f"{what} wall", []).append(time.perf_counter() - wall)
    times.setdefault(f"{what} cpu", []).append(time.process_time() - spent)
    return answer


def backfill(folder: Path, count: int) -> Times:
    """Deliver the whole history in chunks, then its revisions."""
    store, times = store_in(folder), Times()

    def deliver() -> None:
        for number, rows in enumerate(chunks(count, size=CHUNK)):
            append(store, rows, at=CLOCK + timedelta(seconds=number))

    timed(times, "backfill", deliver)
    for day in range(1, REVISIONS + 1):
        rows = revised(count, day)
        timed(times, "revise", lambda r=rows, d=day: append(store, r, at=CLOCK + timedelta(days=d)))
    for day in range(2):  # the source that always tells all it holds
        append(store, whole(day, rows=WEEKLY), at=CLOCK + timedelta(days=20 + day), source="everything")
    return times


def append(
    store: Store, rows: pd.DataFrame, *, at: datetime, source: str = "benchmark"
) -> tuple[int, int, int]:
    """Make one delivery; return how many records were new, changed and withdrawn."""
    with store.delivery(source=source, at=at) as delivery:
        counts = delivery.append(INCIDENT, rows, complete=source == "everything")
    return counts.new, counts.changed, counts.withdrawn


def cold(folder: Path, _count: int, question: str) -> Times:
    """Ask one question in this new process."""
    store, times = store_in(folder), Times()
    timed(times, f"{question} cold", lambda: ask(store, question, instants()[4]))
    return times


def warm(folder: Path, _count: int, question: str) -> Times:
    """Ask ten times, each as of another instant; and five times the naive way, side by side."""
    store, times = store_in(folder), Times()
    for number, as_of in enumerate(instants()):
        kept = times if number >= REVISIONS - 5 else Times()
        ours = timed(kept, f"{question} warm", lambda t=as_of: ask(store, question, t))
        if number >= REVISIONS - 5:
            theirs = timed(kept, f"{question} naive", lambda t=as_of: naive(store, question, t))
            key = "record_id" if question == "week" else "records"
            if list(ours[key]) != list(theirs[key]):
                raise SystemExit(f"{question}: the two ways disagree")
    times[f"{question} rows"] = [float(len(ours))]
    return times


def deliveries(folder: Path, count: int) -> Times:
    """Make five weekly deliveries of each kind."""
    store, times = store_in(folder), Times()
    for number in range(1, 6):
        at = CLOCK + timedelta(days=30 + number)
        rows = weekly(count, number, rows=WEEKLY)
        timed(times, "12 k added and corrected", lambda r=rows, t=at: append(store, r, at=t))
        rows = whole(number + 1, rows=WEEKLY)
        changed = timed(
            times, "12 k complete", lambda r=rows, t=at: append(store, r, at=t, source="everything")
        )
        if not all(changed):
            raise SystemExit(f"a complete delivery had nothing new, changed or withdrawn: {changed}")
    return times


def compact(folder: Path, _count: int) -> Times:
    """Rewrite the files as few."""
    times = Times()
    timed(times, "compact", lambda: store_in(folder).compact(INCIDENT))
    return times


PARTS = {"backfill": backfill, "cold": cold, "warm": warm, "deliveries": deliveries, "compact": compact}


def in_a_process(part: str, folder: Path, count: int, *more: str) -> Times:
    """Run a part in a process of its own; its times, and its peak memory in MB as `memory`."""
    command = [
        sys.executable,
        __file__,
        "--incidents",
        str(count),
        "--part",
        part,
        "--folder",
        str(folder),
        *more,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Times = json.loads(done.stdout)
    return found


def tell(line: str) -> None:
    """Write one line of the result."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def middle(times: Times, what: str) -> str:
    """Return the medians of a part: wall / CPU seconds."""
    wall, spent = (statistics.median(times[f"{what} {kind}"]) for kind in ("wall", "cpu"))
    return f"{wall:7.3f} / {spent:6.3f} s"


def questions(folder: Path, count: int) -> None:
    """Ask both questions cold and warm, and tell."""
    for question in WINDOWS:
        runs = [in_a_process("cold", folder, count, question) for _ in range(5)]
        first = {name: [run[name][0] for run in runs] for name in runs[0]}
        later = in_a_process("warm", folder, count, question)
        ratio = statistics.median(later[f"{question} naive cpu"]) / statistics.median(
            later[f"{question} warm cpu"]
        )
        told = [
            f"{kind} {middle(times, f'{question} {kind}')}"
            for kind, times in (("cold", first), ("warm", later), ("naive", later))
        ]
        tell(
            f"{question:9}{later[f'{question} rows'][0]:8,.0f} rows  {'  '.join(told)}  "
            f"ratio {ratio:6.1f}  {later['memory'][0]:,.0f} MB"
        )


def main() -> None:
    """Fill a store, ask, deliver and compact, a line for each; or do the one part that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--incidents", type=int, default=200_000)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("question", nargs="*", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        times = PARTS[asked.part](asked.folder, asked.incidents, *asked.question)
        times["memory"] = [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]
        sys.stdout.write(json.dumps(times))
        return
    with tempfile.TemporaryDirectory() as place:
        folder, count = Path(place), asked.incidents
        done = in_a_process("backfill", folder, count)
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 1e6
        tell(
            f"{count:,} incidents in chunks of {CHUNK:,}: {middle(done, 'backfill')}, "
            f"then ten times 1 % revised: {middle(done, 'revise')} each; "
            f"{done['memory'][0]:,.0f} MB at most, {size:.0f} MB on disk"
        )
        tell("as delivered, wall / CPU seconds:")
        questions(folder, count)
        made = in_a_process("deliveries", folder, count)
        for kind in ("12 k added and corrected", "12 k complete"):
            tell(f"{kind:26} {middle(made, kind)}  {made['memory'][0]:,.0f} MB")
        packed = in_a_process("compact", folder, count)
        tell(f"{'compact':26} {middle(packed, 'compact')}  {packed['memory'][0]:,.0f} MB")
        tell("compacted:")
        questions(folder, count)
        made = in_a_process("deliveries", folder, count)
        for kind in ("12 k added and corrected", "12 k complete"):
            tell(f"{kind:26} {middle(made, kind)}  {made['memory'][0]:,.0f} MB")


if __name__ == "__main__":
    main()
