"""What is found in an office that was restored: as `workbench check`, and what its archive does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from workbench import audit
from workbench.config import Office, load
from workbench.errors import StoreError, UserError
from workbench.keys import PUBLIC_FILE, SECRET_FILE, read_public
from workbench.publish import pack
from workbench.publish.check import Finding, examine
from workbench.publish.manifest import Manifest
from workbench.publish.notice import Notice
from workbench.upkeep._archive import Contents

_RESUMING = (
    "what was published or sent after {at:%Y-%m-%d %H:%M} UTC is not known here, and a tick would make it "
    "and send it again: before the first one, write into each [[schedule]] a `starts_on`, the day after the "
    "last issue that readers have"
)
_SAME_READERS = (
    "workbench.toml names the readers and shares of the office that was backed up: if this is only a trial, "
    "take the [[delivery]] entries out before anything is run here"
)


def examined(folder: Path, contents: Contents, *, progress: Callable[[str], None]) -> Iterator[Finding]:
    """
    Yield what there is to say of the office restored in `folder` from an archive of these contents.

    Nothing is made that would hide a loss: without its key, packs are held against the public one, and no
    new key is made.
    """
    for key in contents.apart:
        told = f"lay outside the office, and lies in it now: workbench.toml says {key} = "
        yield Finding(key, f'{told}"{key}"')
    for what in contents.elsewhere:
        yield Finding("not in the archive", what)
    try:
        office = load(folder)
    except UserError as problem:
        yield Finding("configuration", str(problem), "correct workbench.toml as the message says")
        return
    for name in contents.missing:
        if not office.path(name).exists():
            yield Finding("secrets", f"not in the archive: {name}", _how_to_go_on(name))
    progress("examining the office")
    if _lacks_its_key(office):
        yield from _by_public_key(office)
    else:
        try:
            yield from examine(folder)
            yield _audit_log(office)
        except (UserError, StoreError) as problem:
            yield Finding("office", str(problem), "do as the message says, and run: workbench check")
    progress("reading the store")
    yield _store(office)
    if office.schedule:
        yield Finding("schedule", _RESUMING.format(at=contents.made_at))
    if office.delivery:
        yield Finding("delivery", _SAME_READERS)


def _lacks_its_key(office: Office) -> bool:
    if office.fictional or office.keys != "file":
        return False
    return not (office.path(office.private) / "keys" / SECRET_FILE).exists()


def _how_to_go_on(name: str) -> str:
    if Path(name).name == SECRET_FILE:
        return (
            f"put your copy of it there before anything else is done here: {name}. Without it a new key is "
            "made at the next run, packs signed before no longer verify, and the audit log is begun anew"
        )
    return f"put your copy of it there: {name}"


def _by_public_key(office: Office) -> Iterator[Finding]:
    """Hold every pack against the public key that was in the archive: the office's own is not there."""
    outputs, first = office.path(office.outputs), office.languages[0]
    file = office.path(office.private) / "keys" / PUBLIC_FILE
    public = read_public(file) if file.is_file() else None
    wrong: list[Path] = []
    count = 0
    for audience in pack.audiences(outputs):
        found = pack.published(outputs, audience=audience)
        said: list[Manifest | Notice] = [*(one for _, one in found), *found.recalled]
        places = [pack.folder_of(outputs, one, first_language=first) for one in said]
        count += len(places)
        wrong += [one for one in places if pack.verify(one, public=public)]
        wrong += [one.folder for one in found.unreadable]
    if wrong:
        named = ", ".join(one.relative_to(outputs).as_posix() for one in wrong)
        yield Finding("packs", f"not as they were published: {named}", "restore them from another archive")
    else:
        how = "as they were published" if public else "as their manifests say (there is no public key)"
        yield Finding("packs", f"{how}: {count}")
    remedy = "then run: workbench check - and: workbench audit"
    yield Finding("audit log", "its end can be vouched for once the key is back", remedy)


def _audit_log(office: Office) -> Finding:
    problems = audit.verify(office, settled=True)
    if problems:
        return Finding("audit log", problems[0], "restore another archive, or see: workbench audit")
    return Finding("audit log", f"whole: {len(audit.acts(office))} acts")


def _store(office: Office) -> Finding:
    from workbench.view import present, store_of

    if office.store_is_remote:
        return Finding("store", f"not in the archive: this office works on {office.store}, as the other did")
    try:
        store = store_of(office)
        sizes, end = store.sizes(), store.cut_off(present(office, store))
    except StoreError as problem:
        return Finding("store", str(problem), "restore another archive")
    held = f"can be read: {len(sizes)} tables, {sum(one.revisions for one in sizes):,} revisions"
    return Finding("store", f"{held}, last delivery {end:%Y-%m-%d %H:%M} UTC" if end else held)
