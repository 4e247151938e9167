"""What calls the tick: the files that are written, read as the system's own tools read them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cli.commands import Command, command, refused
from tests.schedule.watched import office_of
from workbench.errors import ParameterError, UserError
from workbench.schedule import Call, call_of
from workbench.schedule._install import PACES, _cron, _systemd, _windows, pace

__all__ = ["command"]

_NAMES = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="/"), min_size=1, max_size=20
)
ODD = "of fice 50%a $HOME 'q' \"d\" ;&"


def _call(folder: Path, minutes: int = 15, python: Path = Path("/srv/py 50%a $HOME/python")) -> Call:
    return Call("workbench-odd-1", 'Off 50%n "x"', folder, python, folder / "tick.log", minutes)


def _named(folder: str) -> Call:
    return _call(Path("/srv") / folder)


@given(folder=_NAMES)
@example(folder=ODD)
@example(folder="a%b%%c")
def test_a_crontab_line_is_the_command_again_once_cron_and_the_shell_have_read_it(folder: str) -> None:
    """Cron ends a command at a bare % and gives the rest to sh, which gets back just the words we meant."""
    call = _named(folder)
    if "\\" in folder:
        with pytest.raises(ParameterError, match="backslash"):
            _cron.block(call)
        return
    lines = [one for one in _cron.block(call).splitlines() if not one.startswith("#")]
    assert len(lines) == 1
    given_to_shell = lines[0].split(" ", 5)[5].replace("\\%", "\0")
    assert "%" not in given_to_shell
    words = shlex.split(given_to_shell.replace("\0", "%"))
    assert words == ["cd", str(call.office), "&&", *call.command(logged=True)]


@given(folder=_NAMES)
@example(folder=ODD)
@example(folder="back\\slash and \\x41")
def test_a_systemd_command_is_quoted_word_by_word(folder: str) -> None:
    r"""Without quotes, `\\`, `\"` and `%%` the line is the command; the colon keeps every `$` as it is."""
    call = _named(folder)
    service = _systemd.files(call)["workbench-odd-1.service"]
    line = next(one for one in service.splitlines() if one.startswith("ExecStart="))
    assert "%" not in line.replace("%%", "")
    words = shlex.split(line.removeprefix("ExecStart=").replace("%%", "%"))
    assert words == [f":{call.python}", *call.command(logged=False)[1:]]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """`systemd-analyze verify` finds the program among odd characters, and nothing to complain of."""
    folder, program = tmp_path / ODD, tmp_path / "py 50%a $HOME ;&" / "python"
    folder.mkdir()
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(ParameterError, match="--kind cron"):
        _systemd.files(_call(folder, python=folder / "python"))
    units = []
    for name, text in _systemd.files(_call(folder, python=program)).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        units.append(str(tmp_path / name))
    (tmp_path / "run").mkdir(mode=0o700)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *units],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_every_pace_is_a_calendar_of_systemd() -> None:
    """Each pace is understood, and two occasions of it are as far apart as it says."""
    said = [
        line.removeprefix("OnCalendar=")
        for minutes in PACES
        for line in _systemd.files(_call(Path("/srv/o"), minutes))["workbench-odd-1.timer"].splitlines()
        if line.startswith("OnCalendar=")
    ]
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=2", *said],
        env={**os.environ, "TZ": "UTC"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    moments = [
        line.partition(": ")[2].split()[1:3]
        for line in done.stdout.splitlines()
        if "Next elapse" in line or "Iter. #2" in line
    ]
    apart = [
        (_minutes(second) - _minutes(first)) % 1440 or 1440
        for first, second in zip(moments[::2], moments[1::2], strict=True)
    ]
    assert apart == list(PACES)


def _minutes(moment: list[str]) -> int:
    hours, minutes, _ = moment[1].split(":")
    return int(hours) * 60 + int(minutes)


@given(st.integers(1, 10080))
def test_a_pace_is_never_slower_than_asked(minutes: int) -> None:
    """What is installed calls at least as often as was asked for, or daily where that is more often."""
    assert pace(minutes) <= minutes
    assert pace(minutes) in PACES


@given(before=st.lists(st.binary(max_size=30).filter(lambda one: b">>> workbench" not in one)))
@example(before=[b"MAILTO=x", b"", b"5 4 * * * /bin/true \xff"])
@example(before=[])
def test_other_lines_of_a_crontab_stay_byte_for_byte(before: list[bytes]) -> None:
    """A block that is put in, put in again and taken out leaves what was there; two offices keep apart."""
    text = b"".join(line.replace(b"\n", b"") + b"\n" for line in before)
    one, other = _call(Path("/srv/one")), _named("two")
    other = Call(
        "workbench-two-2", *(getattr(other, name) for name in ("title", "office", "python", "log", "minutes"))
    )
    both = _cron.with_block(_cron.with_block(text, one), other)
    assert _cron.with_block(both, other) == both
    assert _cron.holds(both, one.name)
    alone = _cron.without_block(both, one.name)
    assert _cron.holds(alone, other.name)
    assert _cron.without_block(alone, other.name) == text


def test_a_block_that_somebody_has_edited_is_not_guessed_at() -> None:
    """With one mark missing nothing is taken out: what follows could be somebody's own line."""
    begun = _cron.block(_call(Path("/srv/o"))).rpartition("# <<<")[0].encode()
    with pytest.raises(UserError, match="by hand"):
        _cron.without_block(begun + b"0 0 * * * mine\n", "workbench-odd-1")


_ORDER = {
    "Task": ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"],
    # [MS-TSCH] 2.5.3.1, an xs:sequence
    "TimeTrigger": [
        "Enabled",
        "StartBoundary",
        "EndBoundary",
        "Repetition",
        "ExecutionTimeLimit",
        "RandomDelay",
    ],
    "Repetition": ["Interval", "Duration", "StopAtDurationEnd"],
    "Exec": ["Command", "Arguments", "WorkingDirectory"],
}


def test_a_windows_task_follows_the_schema_of_the_task_scheduler() -> None:
    """The elements are those of the schema in its order, the words those meant, for any user."""
    call = _call(Path("/srv") / "K & S <50%> 'q'", minutes=120)
    content = _windows.task(call).encode("utf-16")
    assert content[:2] in (b"\xff\xfe", b"\xfe\xff")
    root = ET.fromstring(content)  # noqa: S314  # written by us
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    for parent, order in _ORDER.items():
        found = root if parent == "Task" else next(root.iter(f"{space}{parent}"))
        tags = [child.tag.removeprefix(space) for child in found]
        assert tags == [one for one in order if one in tags]
        assert len(set(tags)) == len(tags)
    said = {child.tag.removeprefix(space): child.text for child in root.iter()}
    assert said["Interval"] == "PT120M"
    assert (said["StartWhenAvailable"], said["MultipleInstancesPolicy"]) == ("true", "IgnoreNew")
    assert (said["RunLevel"], said["LogonType"]) == ("LeastPrivilege", "InteractiveToken")
    assert said["Command"] == str(call.python)
    assert said["Arguments"] == subprocess.list2cmdline(call.command(logged=True)[1:])
    assert said["WorkingDirectory"] == str(call.office)


@pytest.fixture
def no_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Leave a folder as the only place of programs, so that no test touches this machine's own timers."""
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tools


def _crontab_tool(tools: Path, table: Path) -> None:
    """Put a crontab program into a folder: `-l` and `-` as every cron has them, on a file."""
    tool = tools / "crontab"
    tool.write_text(
        f"""#!/bin/sh
case "$1" in
  -l) [ -f "{table}" ] || {{ echo "no crontab for us" >&2; exit 1; }}; /bin/cat "{table}";;
  -) /bin/cat > "{table}";;
esac
""",
        encoding="utf-8",
    )
    tool.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no crontab")
def test_a_crontab_line_is_installed_shown_and_removed(
    tmp_path: Path, no_tools: Path, command: Command
) -> None:
    """Only our block comes and goes, the file in the office is the block, and nothing is ticked by it."""
    office = office_of(tmp_path / "office")
    table = tmp_path / "table"
    table.write_bytes(b"5 4 * * * /bin/true\n")
    _crontab_tool(no_tools, table)
    where = ("--office", str(office.root))
    said = command("schedule", "install", "--every", "10", *where)
    call = call_of(office, minutes=10)
    block = _cron.block(call)
    assert said.code == 0
    assert "is at work" in said.out
    assert "workbench health" in said.out
    assert table.read_bytes() == b"5 4 * * * /bin/true\n" + block.encode()
    written = office.root / "private" / "scheduler" / "install" / f"{call.name}.crontab"
    assert written.read_text(encoding="utf-8") == block
    assert not (office.root / "private" / "scheduler" / "heartbeat.json").exists()
    again = command("schedule", "show", *where).out
    assert "is at work" in again
    assert "*/10 * * * *" in again
    assert "is removed" in command("schedule", "remove", *where).out
    assert table.read_bytes() == b"5 4 * * * /bin/true\n"
    assert "There is no" in command("schedule", "remove", *where).out


def _recording_tool(tools: Path, name: str, calls: Path, known: Path) -> None:
    """Put a program into a folder that notes how it is called, and knows a timer while its file is there."""
    tool = tools / name
    tool.write_text(
        f"""#!/bin/sh
echo "$*" >> "{calls}"
case "$*" in
  *is-enabled*|*/Query*) [ -e "{known}" ];;
  *" enable "*|*/Create*) : > "{known}";;
  *disable*|*/Delete*) /bin/rm "{known}";;
esac
""",
        encoding="utf-8",
    )
    tool.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_a_systemd_timer_is_enabled_and_its_service_never_started(
    tmp_path: Path, no_tools: Path, command: Command
) -> None:
    """The units lie with the user's own; what a timer of long ago missed is not caught up by an install."""
    office = office_of(tmp_path / "office")
    calls, units = tmp_path / "calls", tmp_path / "config" / "systemd" / "user"
    _recording_tool(no_tools, "systemctl", calls, tmp_path / "known")
    where = ("--kind", "systemd", "--office", str(office.root))
    said = command("schedule", "install", *where)
    call = call_of(office)
    assert "is at work" in said.out
    assert "loginctl enable-linger" in said.out
    for name, text in _systemd.files(call).items():
        assert (units / name).read_text(encoding="utf-8") == text
    asked = calls.read_text(encoding="utf-8").splitlines()
    changing = [one for one in asked if "show-environment" not in one and "is-enabled" not in one]
    assert changing == [
        f"--user stop {call.name}.timer",
        f"--user clean --what=state {call.name}.timer",
        "--user daemon-reload",
        f"--user enable --now {call.name}.timer",
    ]
    assert "is removed" in command("schedule", "remove", *where).out
    assert list(units.iterdir()) == []
    system = command("schedule", "install", "--system", *where)
    assert "not at work yet" in system.out
    assert "sudo systemctl" in system.out
    assert "User=" in system.out


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_a_windows_task_is_created_and_never_run(tmp_path: Path, no_tools: Path, command: Command) -> None:
    """`schtasks` gets the file that was written, in place of a task of that name, and no order to run it."""
    office = office_of(tmp_path / "office")
    calls = tmp_path / "calls"
    _recording_tool(no_tools, "schtasks", calls, tmp_path / "known")
    where = ("--kind", "windows", "--office", str(office.root))
    assert "is at work" in command("schedule", "install", *where).out
    name = call_of(office).name
    (file,) = (office.root / "private" / "scheduler" / "install").iterdir()
    asked = calls.read_text(encoding="utf-8").splitlines()
    assert asked == [f"/Create /TN {name} /XML {file} /F", f"/Query /TN {name}"]
    assert "is removed" in command("schedule", "remove", *where).out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no crontab")
def test_a_crontab_that_cannot_be_read_is_not_overwritten(
    tmp_path: Path, no_tools: Path, command: Command
) -> None:
    """An account that may not use cron, or a broken one, keeps its table; the file in the office is there."""
    office = office_of(tmp_path / "office")
    tool = no_tools / "crontab"
    tool.write_text(
        f'#!/bin/sh\n[ "$1" = "-" ] && echo > "{tmp_path}/overwritten"\nexit 1\n', encoding="utf-8"
    )
    tool.chmod(0o755)
    said = command("schedule", "install", "--kind", "cron", "--office", str(office.root))
    assert "crontab -l" in refused(said, 2, "UserError")
    assert not (tmp_path / "overwritten").exists()
    assert list((office.root / "private" / "scheduler" / "install").glob("*.crontab"))


@pytest.mark.usefixtures("no_tools")
def test_without_the_tool_the_files_are_written_and_what_to_do_is_said(
    tmp_path: Path, command: Command
) -> None:
    """Each kind can be prepared on any machine; the Windows file is UTF-16 with its byte order mark."""
    office = office_of(tmp_path / "office")
    place = office.root / "private" / "scheduler" / "install"
    for kind, tool, ending in (
        ("systemd", "systemctl", "timer"),
        ("windows", "schtasks", "xml"),
        ("cron", "crontab", "crontab"),
    ):
        said = command("schedule", "install", "--kind", kind, "--office", str(office.root))
        assert said.code == 0, said
        assert "not at work yet" in said.out
        assert tool in said.out.partition("not at work yet")[2]
        (file,) = place.glob(f"*.{ending}")
        assert file.read_bytes().startswith((b"\xff\xfe", b"\xfe\xff")) == (kind == "windows")
    assert not (tmp_path / "config").exists()


@pytest.mark.usefixtures("no_tools")
def test_showing_writes_nothing(tmp_path: Path, command: Command) -> None:
    """`--show` tells the files and leaves office and machine as they were; an unknown kind is refused."""
    office = office_of(tmp_path / "office")
    where = ("--office", str(office.root))
    said = command("schedule", "install", "--show", "--kind", "windows", *where)
    assert "<StartWhenAvailable>true</StartWhenAvailable>" in said.out
    assert not (office.root / "private").exists()
    message = refused(command("schedule", "install", "--kind", "anacron", *where), 11, "UnknownName")
    assert "systemd" in message
    slow = command("schedule", "install", "--every", "40", *where)
    assert "heartbeat_minutes" in refused(slow, 12, "ParameterError")


def test_two_offices_of_one_machine_have_two_timers(tmp_path: Path) -> None:
    """Offices of the same name in different folders never replace each other's timer."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    names = {call_of(office_of(tmp_path / one / "Kestara Öffice")).name for one in ("a", "b")}
    assert len(names) == 2
    assert all(name.startswith("workbench-kestara-ffice-") and name.isascii() for name in names)


def test_what_is_installed_really_starts(tmp_path: Path) -> None:
    """A timer's command finds the command line, keeps its output, and loads nothing of the office's."""
    office = office_of(tmp_path / "of fice")
    (office.root / "typer.py").write_text("raise SystemExit(99)\n", encoding="utf-8")
    (office.root / "workbench").mkdir()
    (office.root / "workbench" / "__init__.py").write_text("raise SystemExit(98)\n", encoding="utf-8")
    call = call_of(office)
    call.log.parent.mkdir(parents=True)
    call.log.write_bytes(b"x" * 2_000_001)
    words = [word if word != "tick" else "check" for word in call.command(logged=True)]
    done = subprocess.run(words, cwd=office.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (18, "", "")
    said = call.log.read_text(encoding="utf-8")
    assert "CheckFailed" in said
    assert "configuration" in said
    assert "x" * 100 not in said
    assert call.log.with_name("tick.log.1").stat().st_size == 2_000_001  # put aside, not lost
