"""A run that fails: nothing is published, and what is said outside the run folder holds no cell's text."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import small_notebook
from workbench import briefing
from workbench.briefing._execute import OWN_CLASS
from workbench.briefing._folder import PREFIX
from workbench.config import Office
from workbench.errors import BriefingFailed, ConfigurationError

CANARY = "Zqkadomri"
FAILING = {
    "its message": f"raise RuntimeError('{CANARY}')",
    "the name of its class": f"raise type('{CANARY}', (Exception,), {{}})('x')",
    "a note": f"problem = ValueError('x')\nproblem.add_note('{CANARY}')\nraise problem",
    "a chain of causes": f"raise ValueError('a') from type('{CANARY}', (Exception,), {{}})('{CANARY}')",
    "a group": f"raise ExceptionGroup('{CANARY}', [ValueError('{CANARY}')])",
    "a warning, prints and outputs": f"""\
import logging, os, sys, warnings
from IPython.display import HTML, display
warnings.warn('{CANARY}')
logging.getLogger().critical('{CANARY}')
print('{CANARY}'); print('{CANARY}', file=sys.stderr)
os.write(1, b'{CANARY}'); os.write(2, b'{CANARY}')
display(HTML('{CANARY}'))
1 / 0""",
    "an output that no notebook can hold": f"""\
from IPython.display import display
wrong = {{'text/plain': {{'{CANARY}': ['{CANARY}']}}, '{CANARY}': 7}}
display(wrong, raw=True, metadata={{'{CANARY}': '{CANARY}'}})
raise KeyError('{CANARY}')""",
    "a block that is none": f"""\
from IPython.display import display
display({{'application/vnd.workbench.block+json': {{'kind': '{CANARY}'}}}}, raw=True)""",
    "a block with a field that is none": f"""\
from IPython.display import display
wrong = {{'kind': 'heading', 'text': 'x', '{CANARY}': 1}}
display({{'application/vnd.workbench.block+json': wrong}}, raw=True)""",
    "its syntax": f"{CANARY} = = 1",
    "an exit": f"import sys\nsys.exit('{CANARY}')",
    "a dying kernel": f"import os\nos.write(2, b'{CANARY}')\nos._exit(3)",
}
NAMED = {
    "its message": "cell 3 with RuntimeError",
    "the name of its class": f"cell 3 with {OWN_CLASS}",
    "a note": "cell 3 with ValueError",
    "a chain of causes": "cell 3 with ValueError",
    "a group": "cell 3 with CellExecutionError",
    "a warning, prints and outputs": "cell 3 with ZeroDivisionError",
    "an output that no notebook can hold": "weekly_conflict.ipynb",
    "a block that is none": "a block of a kind this version does not know",
    "a block with a field that is none": "a field this version does not know",
    "its syntax": "cell 3 with SyntaxError",
    "an exit": "weekly_conflict.ipynb",
    "a dying kernel": "DeadKernelError",
}
ENDLESS = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
COMMAND = "import sys; from workbench.cli import main; sys.argv = ['workbench', *sys.argv[1:]]; main()"


def outputs_of(office: Office) -> dict[str, bytes]:
    """Return every file below the folder that readers are given."""
    folder = office.path(office.outputs)
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def left_behind() -> set[Path]:
    """Return the run folders in the system's temporary folder."""
    import tempfile

    return set(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


@pytest.mark.parametrize("how", FAILING)
def test_nothing_of_a_failure_is_said_outside(how: str, own_office: Office, tmp_path: Path) -> None:
    """`workbench run` names cell and class; no output, no log, no error stream and no file says more."""
    readers = own_office.path(own_office.outputs) / "partners"
    readers.mkdir(parents=True, exist_ok=True)
    (readers / "standing.txt").write_text("as it was", encoding="utf-8")
    before = outputs_of(own_office)
    small_notebook.put(own_office, FAILING[how])
    done = subprocess.run(
        [
            sys.executable, "-c", COMMAND, "run", "weekly_conflict",
            "--audience", "partners", "--office", str(own_office.root),
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode in {14, 15, 13}, done.stderr
    assert CANARY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert NAMED[how] in done.stderr
    assert outputs_of(own_office) == before
    assert list(tmp_path.glob(f"{PREFIX}*")) == []
    if done.returncode == 14:
        found = re.search(r"Run folder: (.*)", done.stderr)
        assert found is not None
        kept = Path(found[1].strip())
        assert kept.parent == own_office.path(own_office.private) / "runs"
        written = {one.name for one in kept.iterdir()} - {"view"}
        assert written == ({"executed.ipynb"} if "executed.ipynb" in done.stderr else set())
        if written and how != "a dying kernel":
            assert CANARY in (kept / "executed.ipynb").read_text(encoding="utf-8")
        assert CANARY not in str(kept)
        if os.name == "posix":
            assert kept.stat().st_mode & 0o077 == 0


def test_a_cell_that_never_ends_is_stopped(execute: Callable[..., Any]) -> None:
    """Beyond the time limit the kernel is ended, and the error says so; code that ignores it too."""
    started = time.monotonic()
    with pytest.raises(BriefingFailed, match=r"CellTimeoutError.*limit is 2 s"):
        execute(
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass", time_limit=2
        )
    assert time.monotonic() - started < 30


def test_the_time_limit_is_the_briefings_own(
    execute: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one given, TIME_LIMIT_SECONDS holds."""
    monkeypatch.setattr(briefing, "TIME_LIMIT_SECONDS", 1)
    with pytest.raises(BriefingFailed, match="limit is 1 s"):
        execute("import time\ntime.sleep(60)")


def test_a_failing_cell_is_named_by_number_and_class(execute: Callable[..., Any], tmp_path: Path) -> None:
    """Its message and what led to it stay in the executed notebook, and no cause hangs on the error."""
    with pytest.raises(BriefingFailed) as failed:
        execute(f"value = '{CANARY}'", "import pandas\nraise pandas.errors.MergeError(value)")
    assert "made.ipynb stopped at cell 3 with MergeError" in str(failed.value)
    assert CANARY not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    assert CANARY in (tmp_path / "run" / "executed.ipynb").read_text(encoding="utf-8")


# --- The run folder ------------------------------------------------------------------------------


def test_a_run_folder_lies_in_no_office_and_goes(own_office: Office) -> None:
    """It is nobody else's, nothing above it holds a workbench.toml, and nothing of it stays."""
    with briefing.run_folder() as folder:
        assert not [one for one in (folder, *folder.parents) if (one / "workbench.toml").exists()]
        assert list(folder.iterdir()) == []
        if os.name == "posix":
            assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "view").mkdir()
    assert not folder.exists()
    assert not own_office.path(own_office.private).joinpath("runs").exists()


def fail_with(problem: type[BaseException], made: list[Path]) -> None:
    """Fail in a run folder, and tell which it was."""
    with briefing.run_folder() as folder:
        made.append(folder)
        (folder / "view").mkdir()
        raise problem


def test_any_error_leaves_nothing() -> None:
    """A failure, a refusal of the gate, or a key pressed takes the folder with it: it holds the view."""
    for problem in (KeyboardInterrupt, ValueError, BriefingFailed):
        made = []
        with pytest.raises(problem):
            fail_with(problem, made)
        assert not made[0].exists()


def test_a_temporary_folder_inside_an_office_is_refused(
    own_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page could look around from there: the message names the variable to set."""
    inside = own_office.root / "tmp"
    inside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(inside))
    with pytest.raises(ConfigurationError, match="TMPDIR"), briefing.run_folder():
        pass
    assert list(inside.iterdir()) == []


def test_old_leftovers_go_and_others_stay(
    own_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders of killed runs go after a day, failed runs after 30; younger ones, files and links stay."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    runs = own_office.path(own_office.private) / "runs"
    days = {
        tmp_path / "temp" / f"{PREFIX}killed": 2, tmp_path / "temp" / f"{PREFIX}running": 0.5,
        tmp_path / "temp" / "someone-elses": 99, runs / "old": 31, runs / "young": 29,
    }  # fmt: skip
    for folder, age in days.items():
        (folder / "view").mkdir(parents=True)
        os.utime(folder, (time.time() - age * 86400,) * 2)
    with briefing.run_folder() as run:
        kept = briefing.keep_failed(own_office, "weekly", executed=b"{}", view=run)
    assert kept.parent == runs
    assert (kept / briefing.EXECUTED).read_bytes() == b"{}"
    gone = {folder.name for folder in days if not folder.exists()}
    assert gone == {f"{PREFIX}killed", "old"}
