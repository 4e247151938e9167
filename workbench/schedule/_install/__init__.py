"""What calls the tick: a systemd timer, a line of a crontab, or a task of the Windows Task Scheduler."""

from workbench.schedule._install._call import KINDS, PACES, Call, Kind, call_of, pace
from workbench.schedule._install._placing import (
    Installation,
    install,
    is_installed,
    kind_here,
    remove,
    timer_files,
    written_files,
)

__all__ = [
    "KINDS",
    "PACES",
    "Call",
    "Installation",
    "Kind",
    "call_of",
    "install",
    "is_installed",
    "kind_here",
    "pace",
    "remove",
    "timer_files",
    "written_files",
]
