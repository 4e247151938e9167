"""Recall: a released pack leaves the readers' folder, and a signed notice stands in its place."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from workbench import audit
from workbench.config import Audience, Office
from workbench.errors import ParameterError, StoreError, UserError
from workbench.keys import keys_of
from workbench.publish import drafts, index, inputs, logged, notice, pack
from workbench.publish.manifest import NAME, Manifest
from workbench.publish.notice import Notice, Subject

_BECAUSE = "because.json"
_PLACE = re.compile(r"([a-z][a-z0-9_]{0,39}/){3}\d{4}-W\d{2}")
_OF_THE_NOTICE = frozenset({notice.NAME, notice.SIGNATURE, notice.PAGE})


def recall(office: Office, folder: Path, *, by: str, because: str) -> Notice:
    """
    Take the pack in `folder` back from its readers, and return the notice that they find instead.

    Its files move to `<private>/recalled/`, with the reason, which no reader is told. The notice stands
    first: a recall that was killed in between is completed by recalling again. A pack whose manifest cannot
    be read is named by its folder; a notice that was damaged is written anew. Raises UserError if it is
    no released pack of this office, ParameterError if there is no name or no reason.
    """
    name = audit.person(by)
    if not because.strip():
        raise ParameterError("--because needs the reason in a few words; it stays in the office.")
    outputs = office.path(office.outputs)
    if not folder.resolve().is_relative_to(outputs.resolve()):
        raise UserError(f"{folder} is no released pack of this office: they lie in {outputs}.")
    with drafts.releasing(office):
        place = _kept_place(office, folder)
        standing = _notice_in(folder, kept=place.is_dir())
        log = logged.log_of(office)
        subject = _subject(office, folder, place if place.is_dir() else folder, log)
        edition = drafts.edition(subject)
        if standing is None:
            _keep(folder, place, subject, because=because, by=name)
            at = log.recalled.get(edition, office.now())
            standing, page = notice.of(subject, office, on=logged.day_of(office, at))
            if edition not in log.recalled:
                documents = list(log.given.get(edition, {}))[-1:]
                audit.append(
                    office, "recalled", by=name, at=at, edition=edition,
                    **({"document": documents[0]} if documents else {}),
                )  # fmt: skip
        else:
            page = notice.page_of(subject, office, on=standing.recalled_on)
            if inputs.digest(page) != standing.page:  # a title of the office's is another since
                standing, page = notice.of(subject, office, on=standing.recalled_on)
        for part, content in notice.files(standing, page, keys_of(office)).items():
            pack.replace(folder / part, content)
        for entry in folder.iterdir():
            if entry.name not in _OF_THE_NOTICE:
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        index.write(outputs, audience=_readers(office, standing), office=office)
    return standing


def _subject(office: Office, folder: Path, source: Path, log: logged.Log) -> Subject:
    """Return what the pack of `folder` is, by its manifest in `source` or, failing that, by its place."""
    try:
        content = (source / NAME).read_bytes()
    except OSError:
        content = b""
    named = pack.version_of(folder)
    below = folder.resolve().relative_to(office.path(office.outputs).resolve()).parts
    if named is None or not _PLACE.fullmatch("/".join(below[:-1])):
        raise _no_pack(folder)
    said = _read(content)
    if said is not None and (*_names(said), said.version) == (*below[:-1], named[0]):
        return Subject.of(said)
    audience, briefing, area, period = below[:-1]
    known = {one.slug: one for one in office.audience}
    widest = max(office.audience, key=lambda one: one.clearance)
    subject = Subject(
        audience, briefing, area, period, named[0], named[1] or office.languages[0],
        known.get(audience, widest).marking, office.now(), office.fictional,
        hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    given = log.given.get(drafts.edition(subject))
    if not content and given is None:
        raise _no_pack(folder)
    # it knew what it knew before it was released
    return replace(subject, as_of=max(given.values()).replace(microsecond=0)) if given else subject


def _read(content: bytes) -> Manifest | None:
    """Return what a manifest says, also one that something else has written anew; None if it is none."""
    try:
        return Manifest.model_validate_json(content)
    except ValidationError:
        return None


def _names(said: Manifest) -> tuple[str, ...]:
    return said.audience, said.briefing, said.area, said.period


def _no_pack(folder: Path) -> UserError:
    return UserError(
        f"{folder} holds no pack. Name the folder of one, such as "
        "outputs/partners/weekly_conflict/kestara/2026-W46/v1: workbench list shows them."
    )


def _notice_in(folder: Path, *, kept: bool) -> Notice | None:
    """Return the notice in a folder; None if there is none, or only a damaged one of a pack that is kept."""
    try:
        return Notice.from_bytes((folder / notice.NAME).read_bytes())
    except OSError:
        return None
    except StoreError:
        if kept or (folder / NAME).is_file():
            return None
        raise


def _readers(office: Office, said: Notice) -> Audience:
    """Return the audience of a notice; of one that is called so no more, what its index page needs."""
    known = {one.slug: one for one in office.audience}
    if said.audience in known:
        return known[said.audience]
    bare = {"slug": said.audience, "name": said.audience, "marking": said.marking}
    return office.audience[0].model_copy(update=bare)


def _kept_place(office: Office, folder: Path) -> Path:
    below = folder.resolve().relative_to(office.path(office.outputs).resolve())
    return office.path(office.private) / "recalled" / below


def _keep(folder: Path, place: Path, subject: Subject, *, because: str, by: str) -> None:
    """Copy a pack, and why it was recalled, to where no reader looks; whole, or not at all."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = place.with_name(f".{secrets.token_hex(8)}")
    try:
        making.mkdir(mode=0o700)
        for part in sorted(folder.iterdir()):
            if part.is_file() and part.name not in {notice.NAME, notice.SIGNATURE}:
                pack.write_through(making / part.name, part.read_bytes())
        said = {"because": because.strip(), "by": by, "manifest": subject.manifest}
        pack.write_through(making / _BECAUSE, json.dumps(said, ensure_ascii=False, indent=2).encode("utf-8"))
        pack.sync_folder(making)
        making.rename(place)
        pack.sync_folder(place.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)
