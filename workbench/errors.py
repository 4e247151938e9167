"""Every error of the workbench, each with the exit code a scheduler can act on.

WorkbenchError                    1   programming fault, traceback
  UserError                       2   one message, no traceback
    SourceError                  10   a source file cannot be read: file, row, column, what was expected
    UnknownName                  11   a name nobody configured, with the known ones
    ParameterError               12   a parameter that is missing, unknown or ill-typed
    DisclosureRefused            13   which rule stopped it, never the value
    BriefingFailed               14   cell number and exception class; where the restricted log is
    ExportError                  15   which format, what to install
    ConfigurationError           16   workbench.toml: which key, what is allowed
    ShrinkRefused                17   a delivery much smaller than the last one
    CheckFailed                  18   `workbench check` found problems
    DeliveryFailed               19   an issue did not reach a reader: which way, what to do
    IssueOverdue                 21   `workbench health`: an issue is late, or the scheduler is silent
    StorageFull                  22   a disk is full: which folder; what was there is untouched
  StoreError                     20   the store is damaged or was written by something else

A message says what happened, where, and what to do next, in that order.
"""

from __future__ import annotations

from collections.abc import Iterable


class WorkbenchError(Exception):
    """Anything the workbench raises on purpose."""

    exit_code = 1


class UserError(WorkbenchError):
    """A problem its reader can mend; shown as one message without a traceback."""

    exit_code = 2


class SourceError(UserError):
    """A source cannot be read as its configuration says."""

    exit_code = 10


class UnknownName(UserError):
    """A name that is not configured; the message lists those that are."""

    exit_code = 11

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        listed = ", ".join(sorted(known)) or "none is configured"
        super().__init__(f'There is no {kind} "{name}". Known: {listed}.')


class ParameterError(UserError):
    """A parameter of a briefing is missing, unknown or ill-typed."""

    exit_code = 12


class DisclosureRefused(UserError):
    """A disclosure rule stopped a publication; names rule and place, never the value."""

    exit_code = 13


class BriefingFailed(UserError):
    """A notebook did not run to its end; names the cell number and exception class only."""

    exit_code = 14


class ExportError(UserError):
    """A document could not be written in a format."""

    exit_code = 15


class ConfigurationError(UserError):
    """workbench.toml, or a file it names, is not as it must be."""

    exit_code = 16


class ShrinkRefused(UserError):
    """A delivery holds far fewer rows than the last one of its source."""

    exit_code = 17


class CheckFailed(UserError):
    """`workbench check` found at least one problem."""

    exit_code = 18


class DeliveryFailed(UserError):
    """A released issue did not reach a reader."""

    exit_code = 19


class IssueOverdue(UserError):
    """An issue is not with its readers by its time, or nobody looks after the schedule any more."""

    exit_code = 21


class StorageFull(UserError):
    """A disk has no room left; what was there before is untouched."""

    exit_code = 22


class StoreError(WorkbenchError):
    """The store is damaged, or was written by something other than the workbench."""

    exit_code = 20
