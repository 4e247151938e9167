"""A service and a timer of systemd; quoting by systemd.service(5) and systemd.syntax(7)."""

from __future__ import annotations

from workbench.errors import ParameterError
from workbench.schedule._install._call import Call

_HOUR = 60
_DAY = 1440


def files(call: Call, *, user: str = "") -> dict[str, str]:
    """
    Return the unit files by name: a service that ticks once, and a timer that starts it.

    With `user` they are for the machine's own systemd, and the service runs as that user; else they are
    for the systemd of whoever installs them. Raises ParameterError for a Python
    whose path has a quote or a backslash: systemd starts no such program.
    """
    if set(str(call.python)) & set("\"'\\"):
        raise ParameterError(
            f"systemd starts no program whose path has a quote or a backslash: {call.python}. Install the "
            "workbench elsewhere, or use --kind cron."
        )
    service = f"""\
# Written by: workbench schedule install. It calls `workbench tick` for the office in
# {_specified(str(call.office))}
# Its log: {"journalctl" if user else "journalctl --user"} -u {call.name}.service
# Is it alive? workbench health --office OFFICE
[Unit]
Description=Briefing workbench: what is due in {_specified(call.title)}

[Service]
Type=oneshot
{f"User={_specified(user)}{chr(10)}" if user else ""}\
WorkingDirectory={_specified(str(call.office))}
ExecStart={_command(call.command(logged=False))}
TimeoutStartSec=1d
"""
    timer = f"""\
# Written by: workbench schedule install.
[Unit]
Description=Briefing workbench: calls {call.name}.service every {call.minutes} minutes

[Timer]
OnCalendar={_calendar(call.minutes)}
Persistent=true
RandomizedDelaySec=20s
AccuracySec=10s

[Install]
WantedBy=timers.target
"""
    return {f"{call.name}.service": service, f"{call.name}.timer": timer}


def _calendar(minutes: int) -> str:
    """Return a pace as systemd.time(7) writes it: `*-*-* *:00/15:00`."""
    if minutes < _HOUR:
        return f"*-*-* *:00/{minutes}:00"
    return "*-*-* 00:00:00" if minutes >= _DAY else f"*-*-* 00/{minutes // _HOUR}:00:00"


def _command(words: tuple[str, ...]) -> str:
    """Return a command line; the colon keeps systemd from putting variables where a `$` stands."""
    program, *arguments = words
    return " ".join(_quoted(word) for word in (f":{program}", *arguments))


def _quoted(word: str) -> str:
    plain = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_specified(plain)}"'


def _specified(text: str) -> str:
    """Return a text in which no `%` is a specifier of systemd."""
    return text.replace("%", "%%")
