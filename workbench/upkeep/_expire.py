"""Expiry: what no reader gets goes by rule, after the days that `[keep]` says."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench import audit
from workbench.config import Office
from workbench.publish import Draft, drafts, pack
from workbench.publish.manifest import Manifest
from workbench.publish.notice import Notice
from workbench.upkeep._links import below, entries, is_link, within
from workbench.upkeep._waiting import no_release

_REMOVING = ".removing-"
_A_DAY = timedelta(days=1)
"""How long what a killed run was making may lie: by far longer than anything is made."""

_UNFINISHED = re.compile(r"\.(?:[\w.-]+-)?[0-9a-f]{16}(?:\.part)?|\.check-\w+", re.ASCII)
"""Names under which the workbench writes what gets its own name by a rename."""


@dataclass(frozen=True)
class Left:
    """What should have gone and could not: its path, and the class of what stood against it."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Expired:
    """
    What went, or would go if it was a `dry_run`, each by its path as it was.

    `runs` are folders of failed runs; `drafts` those replaced or released, `documents` what they were set
    from; `failure_pages`; `leftovers` of killed runs. `left` could not be removed: it is tried next time.
    """

    dry_run: bool = False
    runs: tuple[Path, ...] = ()
    drafts: tuple[Path, ...] = ()
    documents: tuple[Path, ...] = ()
    failure_pages: tuple[Path, ...] = ()
    leftovers: tuple[Path, ...] = ()
    left: tuple[Left, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {
            "run folders of failed notebooks": len(self.runs),
            "drafts replaced or released": len(self.drafts),
            "documents of these drafts": len(self.documents),
            "failure pages": len(self.failure_pages),
            "leftovers of killed runs": len(self.leftovers),
        }


def expire(office: Office, *, now: datetime, dry_run: bool = False) -> Expired:
    """
    Remove what is older than `[keep]` says below the office's private folder; return what went.

    Packs never expire, and nothing outside the private folder is looked at but manifests. Of an issue the
    newest draft stays as long as neither it nor a later version is out; so does one that a person has
    reviewed or released within the days of `drafts_days`. Ages are those of the files: held against `now`
    or the disk's own clock, whichever is earlier, and in an office with a fixed clock against the disk's
    alone. Links are not followed. Done again, it does nothing more. Raises StoreError (a broken audit log),
    UserError if a release holds its lock for too long.
    """
    private = office.path(office.private)
    if not private.is_dir() or is_link(private):
        return Expired(dry_run)
    clock = _clock(private)
    present = clock if office.fixed_clock is not None else min(now.astimezone(UTC), clock)
    keep, removal = office.keep, _Removal(private, dry_run=dry_run)
    runs = _old(private / "runs", present, timedelta(days=keep.failed_runs_days))
    pages = _old(private / "scheduler" / "failures", present, timedelta(days=keep.failure_pages_days))
    gone, documents = _drafts(office, removal, present, since=now - timedelta(days=keep.drafts_days))
    return Expired(
        dry_run,
        runs=removal.of(runs),
        drafts=gone,
        documents=documents,
        failure_pages=removal.of(pages),
        leftovers=removal.of(_unfinished(private, present)),
        left=tuple(removal.left),
    )


class _Removal:
    """Removes files and folders below one folder, each as a whole; notes what it could not remove."""

    def __init__(self, folder: Path, *, dry_run: bool) -> None:
        self._folder, self._dry_run = folder, dry_run
        self.left: list[Left] = []

    def of(self, paths: Iterable[Path]) -> tuple[Path, ...]:
        """Remove paths and return those that went."""
        return tuple(one for one in list(paths) if within(one, self._folder) and self._went(one))

    def _went(self, path: Path) -> bool:
        if self._dry_run:
            return True
        going = path.with_name(f"{_REMOVING}{secrets.token_hex(8)}")
        try:
            # by a rename first: a removal that is killed leaves no draft with half its files
            path.rename(going)
            if going.is_dir():
                shutil.rmtree(going)
            else:
                going.unlink()
        except FileNotFoundError:
            return not path.exists()  # another removal was faster
        except OSError as problem:
            self.left.append(Left(path, type(problem).__name__))
            return False
        return True


def _clock(folder: Path) -> datetime:
    """Return the time on the clock of a folder's file system: on a share, ours may differ."""
    making = folder / f".{secrets.token_hex(8)}"
    try:
        making.touch(mode=0o600)
        return datetime.fromtimestamp(making.stat().st_mtime, UTC)
    finally:
        making.unlink(missing_ok=True)


def _touched(path: Path) -> datetime:
    """Return when a file, or a folder or what lies in it, was last written."""
    times = [path.lstat().st_mtime]
    if path.is_dir() and not is_link(path):
        times += [one.stat(follow_symlinks=False).st_mtime for one in entries(path)]
    return datetime.fromtimestamp(max(times), UTC)


def _is_old(path: Path, present: datetime, age: timedelta) -> bool:
    try:
        return present - _touched(path) > age
    except OSError:  # it is going, or is not ours to read
        return False


def _old(folder: Path, present: datetime, age: timedelta) -> Iterator[Path]:
    for one in entries(folder):
        path = Path(one.path)
        if not one.name.startswith(".") and not is_link(path) and _is_old(path, present, age):
            yield path


def _unfinished(private: Path, present: datetime) -> Iterator[Path]:
    found: list[Path] = []
    for path in below(private):
        if found and path.is_relative_to(found[-1]):
            continue  # it goes with its folder
        removing = path.name.startswith(_REMOVING)
        if is_link(path) or not (removing or _UNFINISHED.fullmatch(path.name)):
            continue
        if removing or _is_old(path, present, _A_DAY):
            found.append(path)
    yield from found


def _drafts(
    office: Office, removal: _Removal, present: datetime, *, since: datetime
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Remove the drafts that are done with, and the documents that only they were set from."""
    age = timedelta(days=office.keep.drafts_days)
    if not any(_is_old(folder, present, age) for folder, _ in _done_with(office)):
        return (), ()
    # what is done with must not change until it is gone
    with no_release(office, command="workbench tidy"):
        asked = {str(one.ids["draft"]) for one in audit.acts(office) if _counts(one, since)}
        due = [
            (folder, one)
            for folder, one in _done_with(office)
            if _is_old(folder, present, age) and Draft(folder, one).digest not in asked
        ]
        gone = removal.of(folder for folder, _ in due)
        named = {one.document for folder, one in due if folder in gone}
        files = _unnamed(office, named, apart=frozenset(gone))
        return gone, removal.of(one for one in files if _is_old(one, present, age))


def _counts(act: audit.Act, since: datetime) -> bool:
    """Whether a person did something to a draft since then."""
    return act.act in {"reviewed", "released", "corrected"} and "draft" in act.ids and act.at >= since


def _done_with(office: Office) -> Iterator[tuple[Path, Manifest]]:
    """Yield each draft of which this or a later version is out, or a later draft waits, with its manifest."""
    root, outputs, first = drafts.root(office), office.path(office.outputs), office.languages[0]
    if is_link(root):
        return
    for audience in pack.folders(root):
        for briefing in pack.folders(audience):
            for area in pack.folders(briefing):
                found, given = pack.of_area(area), pack.of_area(outputs / area.relative_to(root))
                last: dict[tuple[str, str], int] = {}
                out, waiting = [one for _, one in given], [one for _, one in found]
                done: list[Manifest | Notice] = [*out, *given.recalled]
                for said in (*done, *waiting):
                    issue = said.period, said.language
                    last[issue] = max(last.get(issue, 0), said.version)
                released = {(one.period, one.language, one.version) for one in done}
                for number, one in found:
                    newest = last[one.period, one.language] == number
                    if not newest or (one.period, one.language, number) in released:
                        yield pack.folder_of(root, one, first_language=first), one


def _unnamed(office: Office, documents: set[str], *, apart: frozenset[Path]) -> list[Path]:
    """Return the files of those documents that no pack and no other draft was set from."""
    private, first = office.path(office.private), office.languages[0]
    if not documents:
        return []
    for root in (office.path(office.outputs), drafts.root(office), private / "recalled"):
        for audience in pack.audiences(root):
            found = pack.published(root, audience=audience)
            if any(one.folder not in apart for one in found.unreadable):
                return []  # what it was set from is not known
            documents = documents - {
                one.document
                for _, one in found
                if pack.folder_of(root, one, first_language=first) not in apart
            }
    files = (private / "documents" / f"{one}.json" for one in sorted(documents))
    return [one for one in files if one.is_file()]
