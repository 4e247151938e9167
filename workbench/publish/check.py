"""What an office needs before it can publish: every problem found, each with its remedy."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench import briefing, document
from workbench.audience import policy
from workbench.config import Audience, Briefing, Office, Source, load, shipped
from workbench.errors import StoreError, UserError
from workbench.keys import keys_of
from workbench.language import words
from workbench.publish import drafts, logged, pack
from workbench.pull import unknown_acts, unrecorded
from workbench.records import record_type
from workbench.sources import read
from workbench.sources.places import Gazetteer
from workbench.view import present, store_of

_TEMPLATES = ("briefing.html.j2", "blocks.html.j2", "briefing.css", "briefing.typ")


@dataclass(frozen=True)
class Finding:
    """One thing examined: the part of the office, what was found, and what to do if it is a problem."""

    part: str
    what: str
    remedy: str | None = None


def examine(folder: Path) -> list[Finding]:
    """
    Examine the office in `folder`: configuration, boundaries, sources, notebooks, templates, disk and packs.

    Nothing is changed, but that missing store and outputs folders are made. A configuration that
    cannot be read ends the examination, for nothing else can be known then.
    """
    try:
        office = load(folder)
    except UserError as problem:
        return [Finding("configuration", str(problem), "correct workbench.toml as the message says")]
    findings = [Finding("configuration", f"{office.name}: read")]
    for part in (_policy, _geography, _languages, _sources, _briefings, _templates, _writable, _packs):
        findings += part(office)
    return findings


def _policy(office: Office) -> Iterator[Finding]:
    remedy = "correct the [[column]] entry in workbench.toml as the message says"
    for reader in office.audience:
        yield from _tried(f"audience {reader.slug}", partial(_seen, office, reader), remedy)


def _seen(office: Office, reader: Audience) -> str:
    rules = policy(office, reader).rules
    return f"sees {sum(rule.read for rule in rules)} of {len(rules)} columns (workbench policy show)"


def _geography(office: Office) -> Iterator[Finding]:
    try:
        gazetteer = Gazetteer.load(office)
    except UserError as problem:
        yield Finding(
            "boundaries", str(problem), "correct [geography] in workbench.toml or the file it names"
        )
        return
    known = set(gazetteer.districts["district"])
    yield Finding("boundaries", f"districts: {len(known)}")
    for area in office.area:
        missing = [code for code in area.districts if code not in known]
        if missing:
            yield Finding(
                f"area {area.slug}",
                f"districts not in the boundaries: {', '.join(missing)}",
                "use the codes of the boundary file, and check names too: code lists reuse the same digits",
            )
        else:
            yield Finding(f"area {area.slug}", f"target districts: {len(area.districts)}")


def _languages(office: Office) -> Iterator[Finding]:
    for language in office.languages:
        remedy = "remove it from `languages`, or add its catalogue"
        yield from _tried(f"language {language}", partial(_catalogue, language), remedy)


def _sources(office: Office) -> Iterator[Finding]:
    if not office.source:
        remedy = "add a [[source]] entry; README.md shows one of each kind"
        yield Finding("sources", "none is configured", remedy)
    for source in office.source:
        remedy = "correct the entry or the file as the message says"
        yield from _tried(f"source {source.slug}", partial(_delivery, source, office), remedy)
        yield from _lowered(office, source)
        if source.level is None:
            what = "has no level: rows without a label of their own count as strictly confidential"
            yield Finding(f"source {source.slug}", what)
    yield from _acts(office)


def _lowered(office: Office, source: Source) -> Iterator[Finding]:
    try:
        store = store_of(office)
        said = unrecorded(office, store, source, as_of=present(office, store))
    except StoreError as problem:
        yield Finding(f"source {source.slug}", str(problem), "mend the store as the message says")
        return
    if said is not None:
        yield Finding(
            f"source {source.slug}", said, "write the act, or put the label back: until then no pull"
        )


def _acts(office: Office) -> Iterator[Finding]:
    if not any(source.record == "label_change" for source in office.source):
        return
    store = store_of(office)
    try:
        found = unknown_acts(office, store, as_of=present(office, store))
    except StoreError:  # each source has told of it
        return
    if found:
        what = f"{len(found)} acts name a record that nobody delivered: workbench pull --details lists them"
        yield Finding("label changes", what, "correct what they name; an act must come after its record")
    else:
        yield Finding("label changes", "each act names a record that is known")


def _briefings(office: Office) -> Iterator[Finding]:
    for product in office.briefing:
        part = f"briefing {product.slug}"
        yield from _tried(part, partial(_notebook, office, product), "mend the notebook as the message says")
        if not any(product.slug in audience.briefings for audience in office.audience):
            yield Finding(part, "no audience receives it", "name it in `briefings` of an [[audience]]")


def _catalogue(language: str) -> str:
    return f"{len(words(language).sentences())} sentences"


def _delivery(source: Source, office: Office) -> str:
    record = record_type(source.record)
    delivered = read(source, office)
    return f"{delivered.read} rows of type {record.name} in {len(delivered.files)} files"


def _notebook(office: Office, product: Briefing) -> str:
    notebook = briefing.notebook_of(office, product)
    return f"{notebook.name} takes {', '.join(briefing.parameters_of(notebook))}"


def _templates(office: Office) -> Iterator[Finding]:
    own = document.templates(office.root)
    missing = [
        name for name in _TEMPLATES if not any((one / name).is_file() for one in (own, shipped("templates")))
    ]
    if missing:
        yield Finding("templates", f"missing: {', '.join(missing)}", "install the workbench again")
    else:
        replaced = [name for name in _TEMPLATES if own != shipped("templates") and (own / name).is_file()]
        yield Finding("templates", f"the office's own: {', '.join(replaced)}" if replaced else "as shipped")


def _writable(office: Office) -> Iterator[Finding]:
    yield from _tried("store", partial(_write_store, office), "ask for write access")
    for name in ("outputs", "private"):
        where = getattr(office, name)
        yield from _tried(f"{name} folder", partial(_write, office.path(where)), "ask for write access")


def _write_store(office: Office) -> str:
    store_of(office).try_writing()
    return "can be written"


def _write(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".check-") as file:
        file.write(b"can be written")
    return "can be written"


def _packs(office: Office) -> Iterator[Finding]:
    outputs, public, first = office.path(office.outputs), keys_of(office).public, office.languages[0]
    log = logged.log_of(office)
    # also of audiences that are configured no more: their readers have what they have
    for audience in dict.fromkeys([*(one.slug for one in office.audience), *pack.audiences(outputs)]):
        found = pack.published(outputs, audience=audience)
        standing = [one for _, one in found]
        folders = [pack.folder_of(outputs, one, first_language=first) for one in standing]
        folders += [pack.folder_of(outputs, one, first_language=first) for one in found.recalled]
        wrong = [folder for folder in folders if pack.verify(folder, public=public)]
        wrong += [one.folder for one in found.unreadable]
        if wrong:
            named = ", ".join(folder.relative_to(outputs).as_posix() for folder in wrong)
            remedy = "restore them from a copy: a pack is never edited"
            yield Finding(f"packs for {audience}", f"not as they were published: {named}", remedy)
        back = [drafts.edition(one) for one in standing if drafts.edition(one) in log.recalled]
        if back:
            what = f"recalled, and put back without their notice: {', '.join(back)}"
            yield Finding(f"packs for {audience}", what, "recall them again: workbench recall")
        if folders and not wrong and not back:
            yield Finding(f"packs for {audience}", f"as they were published: {len(folders)}")
    gone = logged.gone(office)
    if gone:
        what = f"given to readers, and neither pack nor notice is there: {', '.join(gone)}"
        yield Finding("packs", what, "restore their folders from a copy")


def _tried(part: str, attempt: Callable[[], str], remedy: str) -> Iterator[Finding]:
    try:
        yield Finding(part, attempt())
    except (UserError, StoreError, OSError) as problem:
        yield Finding(part, str(problem), remedy)
