"""The scheduler: what is due by its state, each issue once, and an alarm where one is missing."""

from workbench.schedule._alarms import Alarm, alarms, due_said, headline, health_page
from workbench.schedule._due import (
    Coming,
    Standing,
    coming,
    due,
    folder_of,
    occasions,
    slots,
    standing,
    wanted,
    zone_of,
)
from workbench.schedule._facts import Entry, Failure, Key, Slot, State, Step
from workbench.schedule._failures import standing_failures, write_failures
from workbench.schedule._health import Health, health, health_json
from workbench.schedule._history import Chosen, Past, history, history_json, retry
from workbench.schedule._install import (
    KINDS,
    Call,
    Installation,
    Kind,
    call_of,
    install,
    is_installed,
    kind_here,
    remove,
    timer_files,
    written_files,
)
from workbench.schedule._ledger import Lease, Ledger
from workbench.schedule._overdue import Late, late
from workbench.schedule._owner import is_gone, this_process
from workbench.schedule._pages import put as write_page
from workbench.schedule._status import Line, Status, coming_said, owner_said, status, status_json
from workbench.schedule._tick import tick
from workbench.schedule._ticked import Ticked

__all__ = [
    "KINDS",
    "Alarm",
    "Call",
    "Chosen",
    "Coming",
    "Entry",
    "Failure",
    "Health",
    "Installation",
    "Key",
    "Kind",
    "Late",
    "Lease",
    "Ledger",
    "Line",
    "Past",
    "Slot",
    "Standing",
    "State",
    "Status",
    "Step",
    "Ticked",
    "alarms",
    "call_of",
    "coming",
    "coming_said",
    "due",
    "due_said",
    "folder_of",
    "headline",
    "health",
    "health_json",
    "health_page",
    "history",
    "history_json",
    "install",
    "is_gone",
    "is_installed",
    "kind_here",
    "late",
    "occasions",
    "owner_said",
    "remove",
    "retry",
    "slots",
    "standing",
    "standing_failures",
    "status",
    "status_json",
    "this_process",
    "tick",
    "timer_files",
    "wanted",
    "write_failures",
    "write_page",
    "written_files",
    "zone_of",
]
