"""Tables of counts that readers may hold already: what is published beside them must not undo them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from workbench.config import Audience, Office
from workbench.errors import StoreError
from workbench.publish import pack
from workbench.publish.inputs import digest
from workbench.publish.manifest import Manifest

NAME = "counts.csv"


def known_counts(
    office: Office, audience: Audience, *, area: str, as_of: datetime | None, beside: bool = False
) -> tuple[bytes, ...]:
    """
    Return the contents of counts.csv of all released packs of an area that knew less than `as_of`.

    Those of every audience that is given counts: their readers may be the same people. None for an
    audience that is given rows, or without `as_of`. What was recalled was read, and counts. A pack of the
    very same `as_of` tells of the same rows: one of the same audience is left out, so that an issue can be
    made again; of other audiences those named before it in the configuration are taken, so that each
    gives way to those before it, and `beside` the others too, to see whether they agree.
    Raises StoreError if a table is not as it was published: then nothing safe can be said.
    """
    if audience.count_threshold <= 1 or as_of is None:
        return ()
    roots = (office.path(office.outputs), office.path(office.private) / "recalled")
    found: set[bytes] = set()
    for root in roots:
        before = True
        for other in office.audience:
            before = before and other.slug != audience.slug
            if other.count_threshold <= 1:
                continue
            as_well = other.slug != audience.slug and (before or beside)
            for _, manifest in pack.published(root, audience=other.slug):
                known = manifest.as_of < as_of or (as_well and manifest.as_of == as_of)
                if manifest.area == area and known and NAME in manifest.files:
                    found.add(_content(root, manifest, first_language=office.languages[0]))
    return tuple(sorted(found))


def _content(root: Path, manifest: Manifest, *, first_language: str) -> bytes:
    file = pack.folder_of(root, manifest, first_language=first_language) / NAME
    content = file.read_bytes() if file.is_file() else b""
    if digest(content) != manifest.files[NAME]:
        raise StoreError(
            f"{file} is not the table that was published, and what it said bears on what may be said now. "
            "Restore the pack from a copy."
        )
    return content
