"""What stands against a long piece of work: a release that is under way, and the disk."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.config import Office
from workbench.errors import StorageFull, UserError
from workbench.publish import drafts


@contextmanager
def no_release(office: Office, *, command: str) -> Iterator[None]:
    """Hold the lock under which issues reach their readers; UserError if a release holds it for minutes."""
    from filelock import Timeout

    lock = drafts.releasing(office)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(
            "A release in this office has not ended for minutes, and nothing was done meanwhile. Wait for "
            f"it, or end it, and run this again: {command}"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def told_of_the_disk(place: Path, *, doing: str) -> Iterator[None]:
    """Turn what a disk refuses into StorageFull or UserError; `place` is where it was written."""
    try:
        yield
    except OSError as problem:
        full = StorageFull.of(problem, place)
        if full is not None:
            raise full from None
        if problem.errno == errno.EFBIG:
            what = f"the disk of {place} takes no file as large (FAT32: 4 GB)"
        else:
            what = f"{problem.filename or place}: {problem.strerror or type(problem).__name__}"
        raise UserError(
            f"{doing} ended: {what}. Nothing half was left. Mend that, and run it again."
        ) from None
