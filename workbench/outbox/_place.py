"""Where a folder delivery leads: a folder of its own, that is there, and was not taken away."""

from __future__ import annotations

import errno
from pathlib import Path

from workbench.config import Office
from workbench.config.mail import Delivery, overlap
from workbench.errors import UserError


class Unfit(UserError):
    """A folder cannot be delivered to; `reason` is a word of `REMEDIES`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def target_of(office: Office, entry: Delivery, *, held: frozenset[str]) -> Path:
    """
    Return the folder of a [[delivery]], made if there is none yet.

    `held`: what it was given before, as paths in it. Raises Unfit where the folder above it is missing (a
    share that is not connected leaves nothing, and a folder made in its place would hide that), where none of
    what it held is there, or where links lead it into another's folder.
    """
    target = office.path(entry.path or "").resolve()
    own = [office.path(office.outputs), office.path(office.private)]
    if not office.store_is_remote:
        own.append(office.path(office.store))
    if any(overlap(target, one.resolve()) for one in own) or office.root.resolve().is_relative_to(target):
        raise Unfit("own_folder")
    others = [one for one in office.delivery if one.path is not None and one.slug != entry.slug]
    if any(overlap(target, office.path(one.path or "").resolve()) for one in others):
        raise Unfit("shared")
    if not target.parent.is_dir():
        raise Unfit("no_share")
    if held and not any((target / place).exists() for place in held):
        raise Unfit("emptied")
    try:
        target.mkdir(exist_ok=True)
    except OSError as problem:
        raise unfit(problem) from None
    return target


def inside(target: Path, place: str) -> Path:
    """Return a path in a target; raises Unfit if links lead out of it, or a file lies where a folder must."""
    path = target / place
    if path.resolve() != path:
        raise Unfit("link")
    if any(one.exists() and not one.is_dir() for one in path.parents if one.is_relative_to(target)):
        raise Unfit("link")
    return path


def unfit(problem: OSError) -> Unfit:
    """Return what an error of the disk means for a delivery."""
    full = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
    return Unfit("disk_full" if problem.errno in full else "write")
