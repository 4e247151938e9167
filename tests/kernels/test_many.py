"""Many forks, each with what could go wrong in a copy of a process: threads, locks, Arrow, linear algebra."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.kernels.conftest import told
from workbench import kernels
from workbench.kernels import Process
from workbench.kernels._preload import PRELOADED

LIBRARIES = ("numpy", "pandas", "pyarrow.dataset", "pyarrow.parquet", "scipy.linalg")
WORK = """\
import json, os, sys, threading
import numpy, pandas, pyarrow, pyarrow.compute, pyarrow.dataset, pyarrow.parquet, scipy.linalg
forked = len(sys.modules)
number = int(os.environ["NUMBER"])
table = pyarrow.table({"k": [n % 7 for n in range(20_000)], "v": range(20_000)})
folder = f"parts-{number}"
pyarrow.dataset.write_dataset(table, folder, format="parquet", partitioning=["k"], max_rows_per_file=2000,
                              max_rows_per_group=2000)
read = pyarrow.dataset.dataset(folder, partitioning=["k"]).to_table(use_threads=True)
sums = read.group_by("k").aggregate([("v", "sum")])
matrix = numpy.arange(200.0 * 200).reshape(200, 200) % 17 + numpy.eye(200) * 99
inverse = scipy.linalg.inv(matrix) @ matrix
frame = pandas.DataFrame({"k": table["k"].to_pandas(), "v": table["v"].to_pandas()}).groupby("k")["v"].sum()
threads = [threading.Thread(target=lambda: numpy.linalg.svd(matrix[:50, :50])) for _ in range(3)]
[one.start() for one in threads]
[one.join() for one in threads]
print(json.dumps([
    pyarrow.compute.sum(sums["v_sum"]).as_py(), int(frame.sum()),
    bool(numpy.allclose(inverse, numpy.eye(200))),
    float(numpy.random.rand()),
]))
"""


def forks(count: int, folder: Path, together: int) -> list[Any]:
    """Fork so many processes that do that work, some at a time, and return what they found."""
    (folder / "program.py").write_text(WORK, encoding="utf-8")

    def one(number: int) -> Any:
        forked = kernels.start(
            "program", env={**os.environ, "NUMBER": str(number)}, cwd=folder, stdout=subprocess.PIPE,
            preload=LIBRARIES,
        )  # fmt: skip
        return told(forked)

    with ThreadPoolExecutor(together) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.parametrize(
    "count",
    [
        20,
        pytest.param(
            400,
            marks=pytest.mark.skipif(
                not os.environ.get("WORKBENCH_LONG"),
                reason="several hundred forks take most of a minute: set WORKBENCH_LONG=1",
            ),
        ),
    ],
)
def test_every_fork_can_do_all_work(count: int, tmp_path: Path) -> None:
    """Arrow's compute, data sets, Parquet, BLAS, pandas and threads, in forks of one server: none hangs."""
    found = forks(count, tmp_path, together=3)
    assert [one[:3] for one in found] == [[199990000, 199990000, True]] * count
    assert len({str(one) for one in found}) == count
    assert len(list(tmp_path.glob("parts-*"))) == count


def test_a_server_of_all_a_page_needs_has_one_thread(program: Callable[..., Process]) -> None:
    """With every library of a kernel loaded it has one thread, no open file and nothing forbidden."""
    shown = told(
        program(
            "import json, os, sys",
            "server = os.getppid()",
            "links = [os.readlink(f'/proc/{server}/fd/{n}') for n in os.listdir(f'/proc/{server}/fd')]",
            "threads = len(os.listdir(f'/proc/{server}/task'))",
            "loaded = [one in sys.modules for one in ('workbench.document.sections', 'altair', 'pandas')]",
            "foreign = [one in sys.modules for one in ('deltalake', 'vl_convert', 'ipykernel.kernelapp')]",
            "print(json.dumps([threads, sorted(link.split(':')[0] for link in links), loaded, foreign]))",
            preload=PRELOADED,
        )
    )
    threads, held, loaded, foreign = shown
    assert threads == 1
    assert set(held) <= {"/dev/null", "socket", "pipe", "anon_inode"}  # its streams, its owner, this child
    assert loaded == [True] * 3
    assert foreign == [False] * 3
