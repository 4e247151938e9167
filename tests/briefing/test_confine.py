"""The wall around a page: what its kernel opens, lists, changes, reaches and starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.briefing.conftest import shown
from workbench.briefing._confine import SAID, python_folders
from workbench.briefing._native import has_landlock
from workbench.config import Office

TRY = """\
import os
from pathlib import Path
from workbench.blocks import Cell, Table, TableColumn

office, view = Path({office!r}), Path(os.environ["WORKBENCH_VIEW"])
outcomes = []
for source in {attempts!r}:
    try:
        exec(source, dict(globals()))
        outcomes.append((source, "done", ""))
    except BaseException as problem:
        outcomes.append((source, type(problem).__name__, str(problem)))
Table("Outcomes", (TableColumn("Attempt"), TableColumn("Outcome"), TableColumn("Said")),
      tuple(tuple(map(Cell, row)) for row in outcomes))
"""

REFUSED = (
    # reading
    "open(office / 'workbench.toml').read()",
    "(office / 'workbench.toml').read_text(encoding='utf-8')",
    "os.open(office / 'workbench.toml', os.O_RDONLY)",
    "import io; io.open_code(str(office / 'workbench.toml'))",
    "os.open(str(office), os.O_RDONLY)",
    "open(str(view) + '/../../' + os.path.relpath(office / 'workbench.toml', view.parents[1]))",
    "open(os.path.join(os.path.dirname(os.__file__), '..', '..', '..', '..', '..', '..', 'etc', 'hosts'))",
    "open('/etc/passwd')",
    "open('/proc/self/environ')",
    "open(f'/proc/{os.getppid()}/environ')",
    "os.listdir(office)",
    "os.listdir(office / 'store')",
    "os.scandir('/')",
    "os.listdir('..')",
    "list(Path('/').iterdir())",
    "list(os.walk('/', onerror=lambda problem: (_ for _ in ()).throw(problem)))",
    "import shutil; shutil.copytree(office, 'copy')",
    "import shutil; shutil.copy(office / 'workbench.toml', 'copy')",
    "import sqlite3; sqlite3.connect(office / 'x.sqlite')",
    "os.symlink(office, 'link')",
    "os.link(office / 'workbench.toml', 'link')",
    "os.chdir(office)",
    "import pandas; pandas.read_csv(office / 'geography' / 'aliases.csv')",
    "from workbench.config import load; load(office)",
    # writing
    "open(view / 'view.json', 'a')",
    "open(view / 'view.json', 'r+')",
    "(view / 'more.txt').write_text('x')",
    "open('../executed.ipynb', 'a')",
    "open(office / 'more.txt', 'w')",
    "os.open(office / 'more.txt', os.O_WRONLY | os.O_CREAT)",
    "open(os.path.join(os.path.dirname(os.__file__), 'more.py'), 'w')",
    "os.remove(view / 'view.json')",
    "os.rename(view / 'view.json', 'taken.json')",
    "os.mkdir(office / 'more')",
    "os.rmdir(office / 'outputs')",
    "os.truncate(view / 'view.json', 0)",
    "os.chmod(office / 'workbench.toml', 0)",
    "os.utime(office / 'workbench.toml')",
    "import shutil; shutil.rmtree(office)",
    # processes
    "import subprocess; subprocess.run(['true'])",
    "os.system('true')",
    "os.popen('true')",
    "get_ipython().system('true')",
    "os.execv('/bin/true', ['true'])",
    "os.fork()",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.kill(os.getppid(), 0)",
    "import multiprocessing; multiprocessing.get_context('spawn').Process(target=print).start()",
    "import multiprocessing; multiprocessing.get_context('fork').Process(target=print).start()",
    "from concurrent.futures import ProcessPoolExecutor as Pool; Pool(1).submit(print).result()",
    # the network
    "import socket; socket.create_connection(('127.0.0.1', 9))",
    "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
    "import socket; socket.socket().connect(('127.0.0.1', 9))",
    "import socket; socket.socket().bind(('127.0.0.1', 0))",
    "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    "import socket; socket.getaddrinfo('example.org', 80)",
    "import socket; socket.gethostbyname('example.org')",
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
    # libraries
    "import ctypes; ctypes.CDLL('libc.so.6')",
    "import deltalake",
    "from deltalake import DeltaTable",
    "import importlib; importlib.import_module('deltalake.table')",
    "from workbench.store import Store; Store(str(office / 'store'), lock_folder=Path.cwd())"
    ".cut_off(__import__('datetime').datetime.now(__import__('datetime').UTC))",
)
NATIVE = (
    "import pandas; pandas.read_parquet(next((office / 'store' / 'interlocutor').glob('*.parquet')))",
    "import pandas; pandas.read_csv(office / 'data' / 'office' / 'interlocutors.csv', engine='pyarrow')",
    "import pyarrow.parquet as p; p.read_table(f'{office}/store/incident')",
    "import pyarrow.dataset as d; d.dataset(str(office / 'store' / 'incident')).to_table()",
    "import pyarrow.fs as f; f.LocalFileSystem().get_file_info(f.FileSelector(str(office)))",
    "import pyarrow; pyarrow.memory_map(str(office / 'workbench.toml')).read()",
    "import sqlite3; sqlite3.connect(':memory:').execute(f\"attach database '{office}/x.sqlite' as x\")",
    "import lxml.etree as e; e.parse(str(office / 'workbench.toml'))",
    "import typst; typst.compile(f'#read(\"{office}/workbench.toml\")'.encode(), root='/', format='svg')",
    "import ctypes; c = ctypes.CDLL(None, use_errno=True)\n"
    "if c.open(str(office / 'workbench.toml').encode(), 0) < 0: raise PermissionError(ctypes.get_errno())",
    "import _posixsubprocess as p\n"
    "p.fork_exec([b'/bin/touch'], [b'/bin/touch', os.fsencode(office / 'x')], True, (), None, None, -1, -1, "
    "-1, -1, -1, -1, *os.pipe(), False, False, -1, None, None, None, -1, None, False)\n"
    "import time; time.sleep(1)\n"
    "if not (office / 'x').exists(): raise PermissionError('no program was started')",
)
FREE = (
    "open('mine.txt', 'w').write('x')",
    "open('mine.txt').read()",
    "os.mkdir('folder'); os.rename('mine.txt', 'folder/his.txt'); os.listdir('folder')",
    "import tempfile; tempfile.NamedTemporaryFile().write(b'x')",
    "(view / 'view.json').read_bytes()",
    "os.listdir(view)",
    "import pandas, os; [pandas.read_parquet(file) for file in view.rglob('*.parquet')]",
    "import zoneinfo; zoneinfo.ZoneInfo('Africa/Maputo')",
    "import mimetypes; mimetypes.init(); mimetypes.guess_type('a.html')",
    "import scipy.stats, shapely, jinja2, email.message, decimal, sqlite3; sqlite3.connect(':memory:')",
    "import importlib.metadata; importlib.metadata.version('pandas')",
    "import threading; thread = threading.Thread(target=list); thread.start(); thread.join()",
    "import asyncio; asyncio.new_event_loop().close()",
    "open(os.devnull, 'w').write('x')",
    "import inspect, pandas; inspect.getsource(pandas.concat)",
)


@pytest.fixture(scope="module")
def untouched(sample_office: Office) -> Callable[[], dict[str, bytes]]:
    """Give a way to read every file of the office."""
    return lambda: {
        str(one.relative_to(sample_office.root)): one.read_bytes()
        for one in sorted(sample_office.root.rglob("*"))
        if one.is_file()
    }


def test_a_page_reaches_its_view_its_folder_and_python_only(
    execute: Callable[..., Any], sample_office: Office, untouched: Callable[[], dict[str, bytes]]
) -> None:
    """Every attempt on office, system, network, processes and store is refused, and says what is free."""
    before = untouched()
    table = shown(execute(TRY.format(office=str(sample_office.root), attempts=REFUSED)))
    outcomes = {row[0].text: (row[1].text, row[2].text) for row in table.rows}
    assert set(outcomes) == set(REFUSED)
    # the wall below Python refuses a shell its terminal and a pool its semaphores, which are asked for first
    below = ("out of pty devices", "[Errno 13] Permission denied") if has_landlock() else ()
    outcomes = {
        one: ("PermissionError", SAID) if said[1].startswith(below) else said
        for one, said in outcomes.items()
    }
    classes = {"PermissionError", "ImportError", "ModuleNotFoundError", "Error", "BrokenProcessPool"}
    assert {one: said for one, said in outcomes.items() if said[0] not in classes} == {}
    unsaid = [one for one, said in outcomes.items() if SAID not in said[1]]
    assert [one for one in unsaid if "_posix" not in one] == []
    assert untouched() == before


@pytest.mark.skipif(
    not has_landlock(), reason="the wall below Python is Linux's Landlock, and it is not here"
)
def test_native_readers_reach_no_more_than_python_does(
    execute: Callable[..., Any], sample_office: Office, untouched: Callable[[], dict[str, bytes]]
) -> None:
    """Arrow, SQLite, libxml, Typst and the C library open no file of the office, and start no program."""
    before = untouched()
    table = shown(execute(TRY.format(office=str(sample_office.root), attempts=NATIVE)))
    outcomes = {row[0].text: (row[1].text, row[2].text) for row in table.rows}
    assert set(outcomes) == set(NATIVE)
    assert [one for one, said in outcomes.items() if said[0] == "done"] == []
    assert untouched() == before


def test_what_pages_do_is_free(execute: Callable[..., Any], sample_office: Office) -> None:
    """Reading the view, using the working folder and any installed library goes on as ever."""
    table = shown(execute(TRY.format(office=str(sample_office.root), attempts=FREE)))
    outcomes = {row[0].text: (row[1].text, row[2].text) for row in table.rows}
    assert {one: said for one, said in outcomes.items() if said[0] != "done"} == {}


def test_pythons_folders_hold_no_office(sample_office: Office) -> None:
    """Of a checkout, which is an office too, a page may read the package, its templates and notebooks."""
    root = Path(__file__).resolve().parents[2]
    folders = [Path(one) for one in python_folders()]
    assert root not in folders
    assert not [one for one in folders if one in sample_office.root.parents or one in root.parents]
    assert root / "workbench" in folders


def test_the_wall_costs_little(execute: Callable[..., Any]) -> None:
    """Two thousand opened files cost less than half a millisecond each: a page opens a few hundred."""
    source = "for _ in range(2000):\n    open(os.__file__, 'rb').close()"
    cell = f"import os, time\nstart = time.perf_counter()\n{source}\nspent = time.perf_counter() - start\n"
    started = time.perf_counter()
    executed = execute(cell + "assert spent < 1, spent")
    assert executed.cells[-1].outputs == []
    assert time.perf_counter() - started < 60
