"""A forked process: as one that `python -m` started, with nothing of its server, its owner or a sister."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kernels.conftest import SMALL, said, told
from workbench import kernels
from workbench.kernels import LOST, Process

ABOUT = """\
import json, os, signal, sys, threading
handlers = {int(one): repr(signal.getsignal(one)).split(" at ")[0] for one in (1, 2, 13, 15, 17, 25)}
open_now = [n for n in range(3, 64) if os.path.exists(f"/proc/self/fd/{n}")]
umask = os.umask(0)
print(json.dumps({
    "argv": sys.argv, "orig_argv": sys.orig_argv[1:], "path": sys.path, "flags": str(sys.flags),
    "warnings": sys.warnoptions, "folder": os.getcwd(), "environment": dict(os.environ), "umask": umask,
    "handlers": handlers, "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "name": __name__, "spec": __spec__.name, "main": sys.modules["__main__"].__dict__ is globals(),
    "threads": threading.active_count(), "input": sys.stdin.read(), "hash": hash("a page"),
    "buffered": [sys.stdout.line_buffering, sys.stderr.line_buffering], "encoding": sys.stdout.encoding,
    "home": os.path.expanduser("~"),
    "alone": [os.getpid() == os.getpgrp() == os.getsid(0), open_now],
}))
"""
DRAWN = """\
import json, multiprocessing, os, random, tempfile, uuid, numpy
print(json.dumps([
    random.random(), numpy.random.random(), float(numpy.random.default_rng().random()), uuid.uuid4().hex,
    multiprocessing.current_process().authkey.hex(), next(tempfile._get_candidate_names()),
    os.urandom(8).hex(),
]))
"""


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be taken note of does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def gone_within(pid: int, seconds: float = 30) -> bool:
    """Whether a process has ended within so many seconds: fewer than the minute for which some sleep here."""
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def server_of(process: Process) -> int:
    """Return the process that forked one."""
    stat = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8")
    return int(stat.rpartition(")")[2].split()[1])


def test_a_forked_process_is_as_if_python_had_started_it(
    program: Callable[..., Process], tmp_path: Path
) -> None:
    """Arguments, path, flags, folder, environment, umask, signals, streams and `__main__` are the same."""
    kept = ("PATH", "LANG", "LC_ALL", "JAVA_HOME")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env |= {"HOME": str(tmp_path), "ONLY": "this one's", "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"}
    before = os.umask(0o027)
    # started by nohup, or behind a shell's &, these tests would hand on to Python that it ignores them
    usual = {signal.SIGHUP: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler}
    handled = {one: signal.signal(one, handler) for one, handler in usual.items()}
    try:
        forked = told(program(ABOUT, env=env))
        command = [sys.executable, "-m", "program", "first", "second"]
        spawned = subprocess.Popen(
            command, env=env, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        ordinary = told(spawned)
    finally:
        os.umask(before)
        for one, handler in handled.items():
            signal.signal(one, handler)
    assert [len(forked["alone"][1]), forked["alone"][0]] == [1, True]  # one end of the owner's pipe
    del forked["alone"], ordinary["alone"]
    assert forked == ordinary
    assert forked["umask"] == 0o027


def test_a_forked_process_has_no_descriptor_of_another(
    program: Callable[..., Process], tmp_path: Path
) -> None:
    """Beside its streams it holds the reading end of a pipe that nothing is written to, and no socket."""
    with (tmp_path / "held").open("w", encoding="utf-8") as held:
        os.set_inheritable(held.fileno(), True)  # noqa: FBT003 (by position only)
        shown = program(
            "import os, stat",
            "for n in range(3, 256):",
            "    try: mode = os.fstat(n).st_mode",
            "    except OSError: continue",
            "    print(stat.S_ISFIFO(mode), open(f'/proc/self/fdinfo/{n}').read().split()[3][-1])",
        )
        assert said(shown).split() == ["True", "0"]


def test_two_processes_draw_different_numbers(program: Callable[..., Process]) -> None:
    """Python's, numpy's, uuid's, the temporary files' and multiprocessing's numbers are a process's own."""
    first, second, third = (told(program(DRAWN)) for _ in range(3))
    for drawn in zip(first, second, third, strict=True):
        assert len(set(drawn)) == 3


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("raise SystemExit(3)", 3),
        ("raise SystemExit", 0),
        ("raise SystemExit('a word')", 1),
        ("1 / 0", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import threading; threading.Thread(target=print, args=['late']).start()", 0),
        ("import atexit; atexit.register(print, 'late')", 0),
    ],
)
def test_the_exit_status_is_told(program: Callable[..., Process], ending: str, status: int) -> None:
    """As Popen tells it; threads are waited for and what was registered for the end is done."""
    process = program(ending)
    with process.stdout as out:  # type: ignore[union-attr]  # it was asked for
        text = out.read().decode()
    assert process.wait(30) == process.poll() == process.returncode == status
    assert ("late" in text) == ("late" in ending)
    assert ("a word" in text) == ("a word" in ending)


def test_streams_are_as_asked_for(program: Callable[..., Process], tmp_path: Path) -> None:
    """A pipe to its input, a file for its output, one pipe for its errors."""
    lines = ("import sys", "sys.stdout.write(sys.stdin.read().upper())", "sys.stderr.write('apart')")
    with (tmp_path / "out").open("wb") as out:
        process = program(*lines, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stderr is not None
    with process.stdin as pipe:
        pipe.write(b"given")
    with process.stderr as errors:
        assert errors.read() == b"apart"
    assert process.wait(30) == 0
    assert (tmp_path / "out").read_bytes() == b"GIVEN"


def test_waiting_has_a_limit_and_signals_arrive(program: Callable[..., Process]) -> None:
    """`wait` gives up in time, an interrupt is Python's own, and `terminate` ends."""
    process = program(
        "import time", "try: print('up', flush=True); time.sleep(60)",
        "except KeyboardInterrupt: print('interrupted', flush=True)", "time.sleep(60)",
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as out:
        assert out.readline() == b"up\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert out.readline() == b"interrupted\n"
        process.terminate()
        assert process.wait(30) == -signal.SIGTERM
    process.kill()  # of one that has ended: nothing


def test_the_server_holds_nothing_of_what_its_children_are_given(program: Callable[..., Process]) -> None:
    """Neither a secret of its owner nor one in a child's environment or arguments is in its memory."""
    marks = [b"planted-" + os.urandom(8).hex().encode() for _ in range(2)]
    owned, given = marks[0].decode(), marks[1].decode()
    os.environ["OWNED"] = owned
    try:
        env = {**os.environ, "GIVEN": given}
        del env["OWNED"]
        process = program("import time", "print('up', flush=True); time.sleep(60)", env=env)
        assert process.stdout is not None
        with process.stdout as out:
            out.readline()
            held = memory_of(server_of(process))
            assert [mark in held for mark in marks] == [False, False]
            held = memory_of(process.pid)
            assert [mark in held for mark in marks] == [False, True]
            process.kill()
            process.wait(30)
    finally:
        del os.environ["OWNED"]


def memory_of(pid: int) -> bytes:
    """Return all that a process can read of its own memory."""
    found = []
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "w" not in rights:
                continue
            start, end = (int(one, 16) for one in span.split("-"))
            try:
                memory.seek(start)
                found.append(memory.read(end - start))
            except (OSError, OverflowError):
                continue
    return b"".join(found)


def test_a_killed_server_costs_no_running_process(program: Callable[..., Process]) -> None:
    """Its children go on, their end is noticed though not how, and the next start has a new one."""
    running = program("import sys", "print('up', flush=True)", "sys.exit(len(sys.stdin.read()))",
                      stdin=subprocess.PIPE)  # fmt: skip
    assert running.stdout is not None
    assert running.stdin is not None
    with running.stdout as out:
        assert out.readline() == b"up\n"
        server = server_of(running)
        os.kill(server, signal.SIGKILL)
        following = program("import sys", "sys.stdin.read()", "print('next')", stdin=subprocess.PIPE)
        assert following.stdin is not None
        assert server_of(following) != server  # it waits: of one that has ended nobody can ask
        following.stdin.close()
        assert said(following) == "next\n"
        assert running.poll() is None
        running.stdin.close()
        assert running.wait(30) == LOST


OWNER = """\
import os, signal, subprocess, sys
from workbench import kernels
null = subprocess.DEVNULL
wait = ("-n1", "-r1", "import time; time.sleep(60)")
started = [
    kernels.start("timeit", wait, preload=("timeit",), independent=alone, stdout=null, stderr=null)
    for alone in (False, True)
]
server = int(open(f"/proc/{started[0].pid}/stat").read().rpartition(")")[2].split()[1])
print(server, *(one.pid for one in started), flush=True)
"""


@pytest.mark.parametrize("end", ["sys.exit()", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_what_an_owner_started_ends_with_it(end: str) -> None:
    """Whether it exits or is killed: its server and its processes end, but one that is independent."""
    done = subprocess.run([sys.executable, "-c", OWNER + end], capture_output=True, text=True,
                          check=False, timeout=60)  # fmt: skip
    server, bound, independent = map(int, done.stdout.split())
    assert gone_within(server)
    assert gone_within(bound)
    try:
        assert alive(independent)
    finally:
        os.kill(independent, signal.SIGKILL)


def test_a_changed_source_file_replaces_the_server(program: Callable[..., Process], tmp_path: Path) -> None:
    """A process forked after a change has the new text; one that runs keeps the old and goes on."""
    library = tmp_path / "library"
    library.mkdir()
    source = library / "a_module_of_an_analyst.py"
    source.write_text("told = 'before'", encoding="utf-8")
    hours_ago = time.time() - 7200
    os.utime(source, (hours_ago, hours_ago))
    options: dict[str, Any] = {
        "env": {**os.environ, "PYTHONPATH": str(library)}, "preload": ("a_module_of_an_analyst",),
        "stdin": subprocess.PIPE,
    }  # fmt: skip
    lines = ("import sys, a_module_of_an_analyst as one", "print(one.told, flush=True)", "sys.stdin.read()")
    first = program(*lines, **options)
    second = program(*lines, **options)
    assert server_of(first) == server_of(second)
    source.write_text("told = 'then'  ", encoding="utf-8")  # as long as before
    third = program(*lines, **options)
    assert server_of(third) != server_of(first)
    for process, expected in ((first, "before\n"), (second, "before\n"), (third, "then\n")):
        assert process.stdin is not None
        process.stdin.close()
        assert said(process) == expected


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "import threading\nthreading.Thread(target=__import__('time').sleep, args=[9]).start()",
            "2 threads",
        ),
        ("raise ValueError('planted-7711')", "could not be loaded (ValueError)"),
        ("import os\nos._exit(1)", "the fork server ended"),
        ("import multiprocessing.popen_fork", "multiprocessing.popen_fork is loaded"),
    ],
)
def test_a_server_in_doubt_forks_nothing(
    tmp_path: Path, source: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With threads, without a module or with a forbidden one; said once in the log, without values."""
    (tmp_path / "doubtful.py").write_text(source, encoding="utf-8")
    for _ in range(2):
        env = {**os.environ, "PYTHONPATH": str(tmp_path)}
        answer = kernels.start("timeit", env=env, preload=("doubtful",))
        assert isinstance(answer, kernels.Cold)
        assert why in answer.why
        kernels.tell_once(answer.why)
    [record] = [one for one in caplog.records if why in one.message]
    assert "planted" not in record.message


def test_what_a_server_cannot_give_is_not_forked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another hash seed, more threads, no folder, and where the office has switched it off."""
    for name, value in (("PYTHONHASHSEED", "7"), ("OMP_NUM_THREADS", "4")):
        answer = kernels.start("timeit", env={**os.environ, name: value}, preload=SMALL)
        assert isinstance(answer, kernels.Cold)
        assert name in answer.why
    assert isinstance(kernels.start("timeit", cwd=tmp_path / "none", preload=SMALL), kernels.Cold)
    monkeypatch.setenv("WORKBENCH_KERNELS", "cold")
    assert isinstance(kernels.start("timeit", preload=SMALL), kernels.Cold)


def test_a_copy_of_an_owner_owns_nothing(program: Callable[..., Process]) -> None:
    """A process forked from an owner has a server of its own, and ends none of its original's."""
    running = program("import sys", "sys.stdin.read()", "print('done')", stdin=subprocess.PIPE)
    code = """if True:
        import os, subprocess, sys
        from workbench import kernels
        asked = {"preload": ("timeit",), "stdout": subprocess.DEVNULL}
        a_while = ["-n1", "-r1", "__import__('time').sleep(0.5)"]  # it still runs when it is looked at
        one = kernels.start("timeit", a_while, **asked)
        first = int(open(f"/proc/{one.pid}/stat").read().rpartition(")")[2].split()[1])
        if os.fork() == 0:
            kernels.close()
            two = kernels.start("timeit", a_while, **asked)
            second = int(open(f"/proc/{two.pid}/stat").read().rpartition(")")[2].split()[1])
            two.wait(), kernels.close()
            os._exit(0 if first != second else 9)
        status = os.wait()[1]
        three = kernels.start("timeit", a_while, **asked)
        same = int(open(f"/proc/{three.pid}/stat").read().rpartition(")")[2].split()[1]) == first
        print(status, same, one.wait(), three.wait())
    """
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["0", "True", "0", "0"], done.stderr
    assert running.poll() is None
    assert running.stdin is not None
    running.stdin.close()
    assert said(running) == "done\n"
