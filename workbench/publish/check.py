"""What an office needs before it can publish: every problem found, each with its remedy."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench import briefing, document
from workbench.config import Office, load
from workbench.errors import UserError
from workbench.language import words
from workbench.records import record_type
from workbench.sources import READERS, matching_files
from workbench.sources.places import Gazetteer

_TEMPLATES = ("briefing.html.j2", "briefing.css", "briefing.typ")


@dataclass(frozen=True)
class Finding:
    """One thing examined: the part of the office, what was found, and what to do if it is a problem."""

    part: str
    what: str
    remedy: str | None = None


def examine(folder: Path) -> list[Finding]:
    """
    Examine the office in `folder`: configuration, boundaries, sources, notebooks, templates, disk.

    Nothing is changed. A configuration that cannot be read ends the examination, for nothing else
    can be known then.
    """
    try:
        office = load(folder)
    except UserError as problem:
        return [Finding("configuration", str(problem), "correct workbench.toml as the message says")]
    findings = [Finding("configuration", f"{office.name}: read")]
    for part in (_geography, _languages, _sources, _briefings, _templates, _writable):
        findings += part(office)
    return findings


def _geography(office: Office) -> Iterator[Finding]:
    try:
        gazetteer = Gazetteer.load(office)
    except UserError as problem:
        yield Finding(
            "boundaries", str(problem), "correct [geography] in workbench.toml or the file it names"
        )
        return
    known = set(gazetteer.districts["district"])
    yield Finding("boundaries", f"{len(known)} districts")
    for area in office.area:
        missing = [code for code in area.districts if code not in known]
        if missing:
            yield Finding(
                f"area {area.slug}",
                f"districts not in the boundaries: {', '.join(missing)}",
                "use the codes of the boundary file, and check names too: code lists reuse the same digits",
            )
        else:
            yield Finding(f"area {area.slug}", f"{len(area.districts)} target districts")


def _languages(office: Office) -> Iterator[Finding]:
    for language in office.languages:
        yield from _tried(f"language {language}", lambda language=language: f"{words(language).direction}, catalogue read",
                          "remove it from `languages`, or add its catalogue")  # fmt: skip


def _sources(office: Office) -> Iterator[Finding]:
    if not office.source:
        yield Finding(
            "sources", "none is configured", "add a [[source]] entry; README.md shows one of each kind"
        )
    for source in office.source:
        part = f"source {source.slug}"
        if source.reader not in READERS:
            yield Finding(
                part, f'there is no reader "{source.reader}"', f"use one of: {', '.join(sorted(READERS))}"
            )
            continue
        yield from _tried(part, lambda source=source: f"records of type {record_type(source.record).name}",
                          "correct `record`")  # fmt: skip
        yield from _tried(part, lambda source=source: f"{len(matching_files(source, office))} files at {source.path}",
                          "put the file there, or correct `path`")  # fmt: skip
        if source.level is None:
            yield Finding(
                part,
                "has no level: rows without a label count as strictly confidential",
                "set `level` if that is not meant",
            )


def _briefings(office: Office) -> Iterator[Finding]:
    for product in office.briefing:
        part = f"briefing {product.slug}"
        yield from _tried(
            part,
            lambda product=product: (
                f"{len(briefing.parameters_of(briefing.notebook_of(office, product)))} parameters"
            ),
            "mend the notebook as the message says",
        )
        if not any(product.slug in audience.briefings for audience in office.audience):
            yield Finding(part, "no audience receives it", "name it in `briefings` of an [[audience]]")


def _templates(office: Office) -> Iterator[Finding]:
    folder = document.templates(office.root)
    missing = [name for name in _TEMPLATES if not (folder / name).is_file()]
    if missing:
        yield Finding(
            "templates",
            f"missing: {', '.join(missing)}",
            "take fresh copies, or remove the office's templates folder",
        )
    else:
        yield Finding("templates", f"{len(_TEMPLATES)} files")


def _writable(office: Office) -> Iterator[Finding]:
    for name in ("store", "outputs"):
        where = getattr(office, name)
        if "://" in where:
            continue
        yield from _tried(
            f"{name} folder", lambda where=where: _write(office.path(where)), "ask for write access"
        )


def _write(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".check-") as file:
        file.write(b"can be written")
    return "can be written"


def _tried(part: str, attempt: Callable[[], str], remedy: str) -> Iterator[Finding]:
    try:
        yield Finding(part, attempt())
    except (UserError, OSError) as problem:
        yield Finding(part, str(problem), remedy)
