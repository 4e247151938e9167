"""Recall: a released pack leaves the readers' folder, and a signed notice stands in its place."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from pathlib import Path

from filelock import FileLock

from workbench import audit
from workbench.config import Office
from workbench.errors import ParameterError, UserError
from workbench.keys import keys_of
from workbench.publish import drafts, index, notice, pack
from workbench.publish.manifest import NAME, SIGNATURE, Manifest
from workbench.publish.notice import Notice

_WAIT_SECONDS = 300
_BECAUSE = "because.json"


def recall(office: Office, folder: Path, *, by: str, because: str) -> Notice:
    """
    Take the pack in `folder` back from its readers, and return the notice that they find instead.

    Its files move to `<private>/recalled/`, with the reason, which no reader is told. The notice stands
    first: a recall that was killed in between is completed by recalling again. Raises UserError if it is
    no released pack of this office, ParameterError if there is no name or no reason.
    """
    name = audit.person(by)
    if not because.strip():
        raise ParameterError("--because needs the reason in a few words; it stays in the office.")
    outputs = office.path(office.outputs)
    if not folder.resolve().is_relative_to(outputs.resolve()):
        raise UserError(f"{folder} is no released pack of this office: they lie in {outputs}.")
    with FileLock(office.path(office.private) / ".release.lock", timeout=_WAIT_SECONDS):
        place = _kept_place(office, folder)
        standing = _notice_in(folder)
        if standing is None:
            manifest = _manifest_in(folder)
            _keep(folder, place, manifest, because=because, by=name)
            standing, page = notice.of(manifest, office, on=office.now().astimezone(office.zone).date())
            ids = {"edition": drafts.edition(manifest), "document": manifest.document}
            if not audit.holds(office, "recalled", **ids):
                audit.append(office, "recalled", by=name, at=office.now(), **ids)
        else:
            page = notice.page_of(_manifest_in(place), office, on=standing.recalled_on)
        for part, content in notice.files(standing, page, keys_of(office)).items():
            pack.replace(folder / part, content)
        for entry in folder.iterdir():
            if entry.name not in {notice.NAME, notice.SIGNATURE, notice.PAGE}:
                entry.unlink()
        index.write(outputs, audience=office.audience_called(standing.audience), office=office)
    return standing


def _manifest_in(folder: Path) -> Manifest:
    try:
        return Manifest.from_bytes((folder / NAME).read_bytes())
    except OSError:
        raise UserError(
            f"{folder} holds no pack. Name the folder of one, such as "
            "outputs/partners/weekly_conflict/kestara/2026-W46/v1: workbench list shows them."
        ) from None


def _notice_in(folder: Path) -> Notice | None:
    try:
        return Notice.from_bytes((folder / notice.NAME).read_bytes())
    except OSError:
        return None


def _kept_place(office: Office, folder: Path) -> Path:
    below = folder.resolve().relative_to(office.path(office.outputs).resolve())
    return office.path(office.private) / "recalled" / below


def _keep(folder: Path, place: Path, manifest: Manifest, *, because: str, by: str) -> None:
    """Copy a pack, and why it was recalled, to where no reader looks; whole, or not at all."""
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = place.with_name(f".{secrets.token_hex(8)}")
    try:
        making.mkdir(mode=0o700)
        for part in (NAME, SIGNATURE, *manifest.files):
            if (folder / part).is_file():  # a damaged pack can be recalled too
                shutil.copyfile(folder / part, making / part)
        said = {"because": because.strip(), "by": by, "manifest": _digest(manifest)}
        (making / _BECAUSE).write_text(json.dumps(said, ensure_ascii=False, indent=2), encoding="utf-8")
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _digest(manifest: Manifest) -> str:
    return hashlib.sha256(manifest.to_bytes()).hexdigest()
