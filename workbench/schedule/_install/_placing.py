"""The files of a timer written into the office, and put to work where the machine lets us."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from workbench.config import Office
from workbench.errors import UserError
from workbench.schedule._install import _cron, _systemd, _windows
from workbench.schedule._install._call import Call, Kind
from workbench.schedule._pages import put

_SECONDS = 60
"""What a tool of the system may take."""


@dataclass(frozen=True)
class Installation:
    """
    A timer: its files as they were written, whether it is at work, and what is left to do.

    `files` are text by path; `todo` are commands for a shell or sentences, in their order.
    """

    kind: Kind
    name: str
    files: dict[Path, str]
    at_work: bool
    todo: tuple[str, ...] = ()


def kind_here() -> Kind:
    """Return the kind of timer that suits this machine."""
    if sys.platform == "win32":
        return "windows"
    return "systemd" if _user_systemd() or not shutil.which("crontab") else "cron"


def timer_files(office: Office, kind: Kind, call: Call, *, user: bool = True) -> dict[Path, str]:
    """Return the files of a timer by their path in the office's private folder; nothing is written."""
    folder = office.path(office.private) / "scheduler" / "install"
    if kind == "systemd":
        named = _systemd.files(call, user="" if user else getpass.getuser())
    elif kind == "cron":
        named = {f"{call.name}.crontab": _cron.block(call)}
    else:
        named = {f"{call.name}.xml": _windows.task(call)}
    return {folder / name: text for name, text in named.items()}


def written_files(office: Office, kind: Kind, call: Call) -> dict[Path, str]:
    """Return the files of a timer as they lie in the office, or as they would be where none were written."""
    encoding = "utf-16" if kind == "windows" else "utf-8"
    return {
        path: path.read_text(encoding=encoding, errors="surrogateescape") if path.is_file() else text
        for path, text in timer_files(office, kind, call).items()
    }


def install(office: Office, kind: Kind, call: Call, *, user: bool = True) -> Installation:
    """
    Write a timer's files into the office and put it to work where that needs no administrator.

    A timer of the same office that is there already is replaced. Nothing is ticked by it. Raises
    UserError where a tool of the system refuses; the files are there all the same.
    """
    files = timer_files(office, kind, call, user=user)
    for path, text in files.items():
        put(path, text.encode("utf-16" if kind == "windows" else "utf-8", "surrogateescape"))
    place = {"systemd": _place_systemd, "cron": _place_cron, "windows": _place_windows}[kind]
    if kind == "systemd" and not user:
        return Installation(kind, call.name, files, at_work=False, todo=_by_administrator(call, files))
    todo = place(call, files)
    return Installation(kind, call.name, files, at_work=is_installed(kind, call), todo=todo)


def remove(kind: Kind, call: Call) -> bool:
    """Take a timer from the system; return whether there was one. The office's files stay."""
    if not is_installed(kind, call):
        return False
    if kind == "systemd":
        folder = _units()
        _expect(["systemctl", "--user", "disable", "--now", f"{call.name}.timer"])
        _run(["systemctl", "--user", "clean", "--what=state", f"{call.name}.timer"])
        for name in _systemd.files(call):
            (folder / name).unlink(missing_ok=True)
        _expect(["systemctl", "--user", "daemon-reload"])
    elif kind == "cron":
        _expect(["crontab", "-"], _cron.without_block(_crontab(), call.name))
    else:
        _expect(["schtasks", "/Delete", "/TN", call.name, "/F"])
    return True


def is_installed(kind: Kind, call: Call) -> bool:
    """Whether this timer is known to the system now."""
    if kind == "systemd":
        return _user_systemd() and _run(["systemctl", "--user", "is-enabled", f"{call.name}.timer"]) == 0
    if kind == "cron":
        return shutil.which("crontab") is not None and _cron.holds(_crontab(), call.name)
    return shutil.which("schtasks") is not None and _run(["schtasks", "/Query", "/TN", call.name]) == 0


def _place_systemd(call: Call, files: dict[Path, str]) -> tuple[str, ...]:
    timer = f"{call.name}.timer"
    linger = "To run while nobody is logged in, once: loginctl enable-linger"
    if not _user_systemd():
        folder = _units()
        return (
            f"mkdir -p {shlex.quote(str(folder))}",
            *(f"cp {shlex.quote(str(path))} {shlex.quote(str(folder))}" for path in files),
            f"systemctl --user daemon-reload && systemctl --user enable --now {timer}",
            linger,
        )
    folder = _units()
    # a timer of long ago would catch up on what it missed at once: to install is not to tick
    _run(["systemctl", "--user", "stop", timer])
    _run(["systemctl", "--user", "clean", "--what=state", timer])
    for path, text in files.items():
        put(folder / path.name, text.encode("utf-8", "surrogateescape"))
    _expect(["systemctl", "--user", "daemon-reload"])
    _expect(["systemctl", "--user", "enable", "--now", timer])
    return (linger,)


def _by_administrator(call: Call, files: dict[Path, str]) -> tuple[str, ...]:
    return (
        *(f"sudo cp {shlex.quote(str(path))} /etc/systemd/system/" for path in files),
        f"sudo systemctl daemon-reload && sudo systemctl enable --now {call.name}.timer",
    )


def _place_cron(call: Call, files: dict[Path, str]) -> tuple[str, ...]:
    if shutil.which("crontab") is None:
        return tuple(f"Add the lines of '{path}' to the crontab of the office's account." for path in files)
    _expect(["crontab", "-"], _cron.with_block(_crontab(), call))
    return ()


def _place_windows(call: Call, files: dict[Path, str]) -> tuple[str, ...]:
    (file,) = files
    create = ["schtasks", "/Create", "/TN", call.name, "/XML", str(file), "/F"]
    if shutil.which("schtasks") is None:
        return (subprocess.list2cmdline(create),)
    _expect(create)
    return (
        "It runs while you are logged in. For a machine where nobody is, an administrator sets "
        '"Run whether user is logged on or not" in the Task Scheduler.',
    )


def _units() -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME")
    return (Path(configured) if configured else Path.home() / ".config") / "systemd" / "user"


def _user_systemd() -> bool:
    return shutil.which("systemctl") is not None and _run(["systemctl", "--user", "show-environment"]) == 0


def _crontab() -> bytes:
    """Return the crontab of this account, empty where it has none; raises UserError if it is not shown."""
    untranslated = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        ["crontab", "-l"],  # noqa: S607  # found as a shell finds it
        capture_output=True,
        check=False,
        timeout=_SECONDS,
        env=untranslated,
    )
    if done.returncode and b"no crontab" not in done.stderr:
        raise UserError(
            f"Your crontab cannot be read (crontab -l: exit code {done.returncode}), so it is left as it is. "
            "Look what `crontab -l` says."
        )
    return b"" if done.returncode else done.stdout


def _run(command: list[str], given: bytes | None = None) -> int:
    try:
        return subprocess.run(  # noqa: S603  # a tool of the system, with arguments of ours
            command, input=given, capture_output=True, check=False, timeout=_SECONDS
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return 1


def _expect(command: list[str], given: bytes | None = None) -> None:
    code = _run(command, given)
    if code:
        raise UserError(
            f"`{' '.join(command[:4])}` ended with code {code}, and the timer may not be at work. "
            "Run it by hand to see why; the files lie in private/scheduler/install."
        )
