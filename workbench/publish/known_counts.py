"""Tables of counts that readers may hold already: what is published beside them must not undo them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from workbench.config import Audience, Office
from workbench.errors import StoreError
from workbench.publish import logged, pack
from workbench.publish.inputs import digest
from workbench.publish.manifest import Manifest

NAME = "counts.csv"


def known_counts(
    office: Office, audience: Audience, *, area: str, as_of: datetime | None
) -> tuple[bytes, ...]:
    """
    Return the contents of counts.csv of all released packs of an area that knew less than `as_of`.

    Those of every audience that was given counts: their readers may be the same people. None for an
    audience that is given rows, or without `as_of`. What was recalled was read, and counts; so does what
    went to an audience that is called otherwise now, or is no more. A pack of the very same `as_of` tells of
    the same rows: one of the same audience is left out, so that an issue can be made again; of other
    audiences those named before it in the configuration are taken, so that each gives way to those before it.
    Raises StoreError if a table is not as it was published, or a pack of counts cannot be read: then nothing
    safe can be said.
    """
    if audience.count_threshold <= 1 or as_of is None:
        return ()
    slugs = [one.slug for one in office.audience]
    later = set(slugs[slugs.index(audience.slug) :])
    return _contents(
        office, area,
        lambda one: one.as_of < as_of or (one.as_of == as_of and one.audience not in later),
    )  # fmt: skip


def counts_out(office: Office, manifest: Manifest) -> tuple[bytes, ...]:
    """
    Return the contents of counts.csv of all packs of an area that readers hold, whatever they knew.

    For the gate on the pack of `manifest`, which lies among them or not; none if its audience is given rows.
    What was released last was made without knowing of an issue that is made after it from earlier data.
    Raises StoreError as `known_counts` does, and if a pack lies nowhere that the audit log says went out.
    """
    if office.audience_called(manifest.audience).count_threshold <= 1:
        return ()
    gone = logged.counts_gone(office, manifest.area, making=manifest)
    if gone:
        raise StoreError(
            f"Readers were given {', '.join(gone)}, and it lies nowhere: what its table of counts said bears "
            "on what may be said now. Restore its folder from a copy to where packs lie."
        )
    return _contents(office, manifest.area, lambda _: True)


def _contents(office: Office, area: str, wanted: Callable[[Manifest], bool]) -> tuple[bytes, ...]:
    found: set[bytes] = set()
    for root in (office.path(office.outputs), office.path(office.private) / "recalled"):
        for manifest in _given(office, root, area):
            if NAME in manifest.files and wanted(manifest):
                found.add(_content(root, manifest, first_language=office.languages[0]))
    return tuple(sorted(found))


def _given(office: Office, root: Path, area: str) -> Iterator[Manifest]:
    """Yield what may hold counts; of audiences that are given rows, what does: reading takes its time."""
    rows = {one.slug for one in office.audience if one.count_threshold <= 1}
    for audience in pack.audiences(root):
        for briefing in pack.folders(root / audience):
            folder = briefing / area
            if audience in rows and not any(folder.glob(f"*/*/{NAME}")):
                continue
            found = pack.of_area(folder)
            for one in found.unreadable:
                if audience not in rows or (one.folder / NAME).exists():
                    raise StoreError(
                        f"{one.folder} cannot be read, and the counts that it gave readers bear on what may "
                        f"be said now: {one.reason} Restore its files from a copy."
                    )
            yield from (manifest for _, manifest in found)


def _content(root: Path, manifest: Manifest, *, first_language: str) -> bytes:
    file = pack.folder_of(root, manifest, first_language=first_language) / NAME
    content = file.read_bytes() if file.is_file() else b""
    if digest(content) != manifest.files[NAME]:
        raise StoreError(
            f"{file} is not the table that was published, and what it said bears on what may be said now. "
            "Restore the pack from a copy."
        )
    return content
