"""What the audit log says of packs, held against what lies in the folders: recalled, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from workbench import audit
from workbench.config import Office
from workbench.publish import drafts, notice
from workbench.publish.manifest import NAME, Manifest
from workbench.publish.pack import Versions

GIVEN = frozenset({"released", "corrected"})
"""The acts by which readers get a pack."""

PUT_BACK = "it was recalled, and was put back without its notice: recall it again"
"""What is wrong with a pack that was taken from its readers and lies there all the same."""


@dataclass(frozen=True)
class Log:
    """
    What the log tells of packs, by the name of their edition.

    `given`: the documents that were released under it, with the moment of the last; `recalled`: when.
    """

    given: dict[str, dict[str, datetime]]
    recalled: dict[str, datetime]


_FILES = ("audit.jsonl", "audit.head")
_kept: dict[Path, tuple[tuple[int, ...], Log]] = {}


def log_of(office: Office) -> Log:
    """
    Return what the log tells; raises StoreError if it is broken.

    It is read and checked once, and again only when it was written to: a long log takes its time.
    """
    folder = office.path(office.private)
    written = _written(folder)
    kept = _kept.get(folder)
    if kept is None or kept[0] != written:
        kept = written, _read(office)
        _kept[folder] = kept
    return kept[1]


def _written(folder: Path) -> tuple[int, ...]:
    files = [folder / name for name in _FILES]
    told = [file.stat() for file in files if file.is_file()]
    return tuple(number for one in told for number in (one.st_mtime_ns, one.st_size, one.st_ino))


def _read(office: Office) -> Log:
    given: dict[str, dict[str, datetime]] = {}
    recalled: dict[str, datetime] = {}
    for one in audit.acts(office):
        edition = str(one.ids.get("edition", ""))
        if one.act in GIVEN:
            given.setdefault(edition, {})[str(one.ids.get("document", ""))] = one.at
        elif one.act == "recalled":
            recalled.setdefault(edition, one.at)
    return Log(given, recalled)


def day_of(office: Office, moment: datetime) -> date:
    """Return the office's day of a moment."""
    return moment.astimezone(office.zone).date()


def as_recalled(office: Office, found: Versions) -> Versions:
    """
    Return packs with those among the recalled that the log says were, though no notice stands there.

    Somebody put them back, from a copy of an earlier day.
    """
    if not found.issues:
        return found
    recalled = log_of(office).recalled
    back = [one for _, one in found.issues if drafts.edition(one) in recalled]
    notices = [
        notice.of(notice.Subject.of(one), office, on=day_of(office, recalled[drafts.edition(one)]))[0]
        for one in back
    ]
    standing = tuple(one for one in found.issues if drafts.edition(one[1]) not in recalled)
    return Versions(standing, found.unreadable, (*found.recalled, *notices))


def was_put_back(office: Office, manifest: Manifest, folder: Path) -> bool:
    """Whether the log says that the pack in `folder` was recalled, and no notice stands in its place."""
    if (folder / notice.NAME).is_file() or manifest.status != "released":
        return False
    return drafts.edition(manifest) in log_of(office).recalled


def gone(office: Office) -> tuple[str, ...]:
    """
    Return the editions that readers were given, by the log, and of which neither pack nor notice is there.

    In order; also those whose audience is configured no more.
    """
    log, outputs = log_of(office), office.path(office.outputs)
    return tuple(
        sorted(one for one in {*log.given, *log.recalled} if not _lies_in(outputs, one, office, notices=True))
    )


def counts_gone(office: Office, area: str, *, making: Manifest | None) -> tuple[str, ...]:
    """
    Return the editions of an area that readers were given and that lie nowhere, not even recalled.

    Those of audiences that are given rows today are left out, and what is being made: a release that was
    killed after it was written down is done again.
    """
    rows = {one.slug for one in office.audience if one.count_threshold <= 1}
    roots = (office.path(office.outputs), office.path(office.private) / "recalled")
    return tuple(
        edition
        for edition, documents in sorted(log_of(office).given.items())
        if edition.split("/")[2:3] == [area]
        and edition.partition("/")[0] not in rows
        and not (making and edition == drafts.edition(making) and making.document in documents)
        and not any(_lies_in(root, edition, office, notices=False) for root in roots)
    )


def _lies_in(root: Path, edition: str, office: Office, *, notices: bool) -> bool:
    names = (NAME, notice.NAME) if notices else (NAME,)
    place = PurePosixPath(edition)
    folders = [place]
    if place.name.endswith(f"-{office.languages[0]}"):
        folders.append(place.with_name(place.name.removesuffix(f"-{office.languages[0]}")))
    return any((root / folder / name).is_file() for folder in folders for name in names)
