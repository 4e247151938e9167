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

import errno
import os
from collections.abc import Iterable
from pathlib import Path, PurePath

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC})
_FULL_ON_WINDOWS = frozenset({39, 112, 1295})
"""ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED."""
_PROBE_BYTES = 8192
_FULL_IN_WORDS = ("No space left on device", "Disk quota exceeded", "database or disk is full")


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

    @classmethod
    def of(cls, problem: BaseException, folder: object = "the office") -> StorageFull | None:
        """
        Return this error if a full disk, or a quota that is used up, lies behind `problem`, else None.

        What led to it is looked through too. It names the folder of the file that could not be written
        where that is told, else `folder`. Libraries that have no errno of their own are known by their words.
        """
        looked: set[int] = set()
        behind: list[BaseException | None] = [problem]
        while behind:
            one = behind.pop()
            if one is None or id(one) in looked:
                continue
            looked.add(id(one))
            if isinstance(one, cls):
                return one
            if _is_full(one):
                named = getattr(one, "filename", None)
                where = PurePath(os.fsdecode(named)).parent if isinstance(named, str | bytes) else folder
                return cls(
                    f"There is no room left on the disk, or in the quota, of {where}. What was there before "
                    "is untouched. Make room, then run this again."
                )
            behind += [one.__cause__, one.__context__]
        return None

    @classmethod
    def seen(cls, folder: Path) -> StorageFull | None:
        """
        Return this error if there is no room for a few bytes in `folder` now, else None.

        It asks the disk itself, after an error that does not say why a file could not be written: SQLite's
        "disk I/O error" and "unable to open database file".
        """
        from tempfile import TemporaryFile

        try:
            with TemporaryFile(dir=folder) as probe:
                probe.write(bytes(_PROBE_BYTES))
                probe.flush()
                os.fsync(probe.fileno())
        except OSError as problem:
            return cls.of(problem, folder)
        return None


def _is_full(problem: BaseException) -> bool:
    if isinstance(problem, OSError) and problem.errno is not None:
        return problem.errno in _FULL or getattr(problem, "winerror", None) in _FULL_ON_WINDOWS
    return not isinstance(problem, UserError) and any(words in str(problem) for words in _FULL_IN_WORDS)


class StoreError(WorkbenchError):
    """The store is damaged, or was written by something other than the workbench."""

    exit_code = 20
