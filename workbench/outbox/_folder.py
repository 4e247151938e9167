"""
By folder: a target that looks like the audience's own folder of the outputs, or one `.age` file a pack.

All that the index page lists lies there, so that no link leads nowhere; what was recalled is replaced by its
notice first. Nothing is removed but files of recalled packs, known by name or by digest, and folders that a
killed copy left half made.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workbench.config.mail import Delivery
from workbench.errors import ConfigurationError
from workbench.outbox import _mailing, _names, _shelf
from workbench.outbox._facts import What
from workbench.outbox._ledger import Key
from workbench.outbox._mailing import Run
from workbench.outbox._place import Unfit, inside, target_of, unfit
from workbench.outbox._sealed import SUFFIX, bundled, sealed
from workbench.outbox._shelf import Parcel
from workbench.outbox._standing import Standing
from workbench.publish import notice, pack
from workbench.publish.manifest import NAME

_PAGE = "page"
"""What the ledger says that a place holds which is a page beside the packs."""

_ALL = "*"
"""What the ledger calls all pages together."""

_SEALED_PAGES = f"index.zip{SUFFIX}"
_MAKING = re.compile(r"\.making-[0-9a-f]{16}")
_NO_NOTICE_OF_A_SYSTEM = frozenset({"desktop.ini", "thumbs.db", ".ds_store"})
"""What the programs of a desktop put into any folder: nothing of an issue."""


def put(run: Run, entry: Delivery, found: Standing) -> None:
    """Bring the folder of a [[delivery]] up to what its audience has, and write down what was put there."""
    whole = Key("", entry.slug, _names.FOLDER, "folder")
    known = run.entries.get(whole)
    if known is not None and known.state == "again":
        run.ledger.forget_copies(entry.slug)
    given = run.ledger.copies(entry.slug)
    reasons: list[str] = []
    try:
        target = target_of(run.office, entry, held=frozenset(given))
        for one in target.iterdir():
            if _MAKING.fullmatch(one.name) and not one.is_symlink():
                shutil.rmtree(one, ignore_errors=True)
    except (Unfit, OSError) as problem:
        reasons.append(_reason(problem))
    else:
        # one pack that cannot be put keeps back neither a recall nor the index page that tells of it
        for parcel in _shelf.parcels(run.office, found):
            with _told(reasons):
                _put_one(run, entry, target, parcel, given, reasons)
        with _told(reasons):
            _put_pages(run, entry, target, given)
    if reasons:
        # without a pause: to look is cheap, and what was recalled must not wait
        number = run.ledger.begin(whole, edition="", message="")
        run.ledger.put(number, "failed", reasons[0])
    else:
        run.settled(whole)


@contextmanager
def _told(reasons: list[str]) -> Iterator[None]:
    try:
        yield
    except (Unfit, ConfigurationError, OSError) as problem:
        reasons.append(_reason(problem))


def _reason(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return unfit(problem).reason
    return problem.reason if isinstance(problem, Unfit) else "age"


def _put_one(  # what is put, where, and what is known of it
    run: Run, entry: Delivery, target: Path, parcel: Parcel, given: dict[str, tuple[str, str]],
    reasons: list[str],
) -> None:  # fmt: skip
    """Put a pack, or the notice in its place, and write it down."""
    if given.get(parcel.place) == (parcel.digest, _seen(run, entry, target, parcel)) and not run.at_once:
        return
    files = parcel.load()
    if not files:
        key = Key(parcel.digest, entry.slug, _names.FOLDER, "issue")
        if run.open_for(key) or run.entries[key].state == "sent":
            run.withheld(key, parcel.edition, "not_whole")
        return
    strangers = False
    if entry.age_recipients:
        placed = {f"{parcel.place}/{name}": content for name, content in files.items()}
        changed = _put_sealed(run, entry, target / _sealed_place(run, parcel), bundled(placed), given)
    elif parcel.recalled:
        changed, strangers = _replace_recalled(run, target, parcel, files)
    else:
        changed = _put_pack(target, parcel, files)
    _write_down(run, entry, parcel, changed=changed)
    if strangers:
        reasons.append("strangers")
    else:
        seen = _seen(run, entry, target, parcel)
        run.ledger.copied(entry.slug, parcel.place, holds=parcel.digest, digest=seen)


def _seen(run: Run, entry: Delivery, target: Path, parcel: Parcel) -> str:
    """
    Return what is the same as long as nobody wrote to a pack, here or there.

    Then it is read and held against its digests once a day, and whenever a person dispatches: a share may be
    slow, and a program that synchronises may have to fetch what is read.
    """
    there = _sealed_place(run, parcel) if entry.age_recipients else parcel.place
    looked = _looked(run, parcel.source, target / there)
    return f"{looked} {parcel.recalled} {' '.join(entry.age_recipients)}"


def _looked(run: Run, *places: Path) -> str:
    return f"{run.now:%Y-%m-%d} {_shelf.stamp(*places)}"


def _write_down(run: Run, entry: Delivery, parcel: Parcel, *, changed: bool) -> None:
    if changed:
        run.copied += 1
        run.progress(f"{entry.slug}: {parcel.edition}: {'recalled, replaced' if parcel.recalled else 'put'}")
    what: What = "recall" if parcel.recalled else "issue"
    key = Key(parcel.digest, entry.slug, _names.FOLDER, what)
    known = run.entries.get(key)
    if known is None or known.state != "sent":
        number = run.ledger.begin(key, edition=parcel.edition, message="")
        run.ledger.put(number, "sent")
        if known is None or not known.logged:
            _mailing.log(run, number, key, edition=parcel.edition, message="")


def _put_pack(target: Path, parcel: Parcel, files: dict[str, bytes]) -> bool:
    """Put a pack in its place, whole by one rename, or mend one; return whether anything changed."""
    folder = inside(target, parcel.place)
    if folder.is_dir():
        if (folder / notice.NAME).exists():
            return False
        return bool(pack.restore(folder, files))
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = target / f".making-{secrets.token_hex(8)}"
    making.mkdir()
    try:
        for name, content in files.items():
            pack.write_through(making / name, content)
        pack.sync_folder(making)
        making.rename(folder)
        pack.sync_folder(folder.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return True


def _replace_recalled(run: Run, target: Path, parcel: Parcel, files: dict[str, bytes]) -> tuple[bool, bool]:
    """
    Put a notice in a recalled pack's place; whether anything changed, and whether strangers' files are left.

    A file of the pack is known by its name, and by its digest where a program that synchronises has given
    a copy of it another name.
    """
    folder = inside(target, parcel.place)
    # before the notice is put over anything: what lies here may be the only manifest that is left
    names, digests = _shelf.names_of(run.office, parcel, folder)
    folder.mkdir(parents=True, exist_ok=True)
    changed = False
    for name, content in files.items():
        file = inside(target, f"{parcel.place}/{name}")
        if not file.is_file() or file.read_bytes() != content:
            pack.replace(file, content)
            changed = True
    strangers = False
    # the manifest last: killed before, the next run knows by it what else was the pack's
    for one in sorted(folder.iterdir(), key=lambda one: (one.name == NAME, one.name)):
        if one.name in files:
            continue
        plain = one.is_file() and not one.is_symlink()
        if plain and (one.name in names or hashlib.sha256(one.read_bytes()).hexdigest() in digests):
            one.unlink()
            changed = True
        elif one.name.casefold() not in _NO_NOTICE_OF_A_SYSTEM:
            strangers = True
    return changed, strangers


def _sealed_place(run: Run, parcel: Parcel) -> str:
    week, version, language = _names.parts(parcel.edition)
    return f"{week}-{_names.file_name(run.keys, parcel.edition)}-v{version}-{language}.zip{SUFFIX}"


def _put_pages(run: Run, entry: Delivery, target: Path, given: dict[str, tuple[str, str]]) -> None:
    """
    Put the pages that lie beside the packs; take away one that was put and is no more in the outputs.

    Encrypted they are one file: their names would tell briefing and area.
    """
    pages = _shelf.pages(run.office, entry.audience)
    if entry.age_recipients:
        bundle = bundled({page.name: page.read_bytes() for page in pages})
        _put_sealed(run, entry, target / _SEALED_PAGES, bundle, given)
        return
    for name in [name for name, (holds, _) in given.items() if holds == _PAGE]:
        if name not in {page.name for page in pages}:
            inside(target, name).unlink(missing_ok=True)
            run.ledger.forget_copies(entry.slug, name)
    there = [target / page.name for page in pages]
    if given.get(_ALL) == (_ALL, _looked(run, *pages, *there)) and not run.at_once:
        return
    for page in pages:
        if page.name not in given:
            run.ledger.copied(entry.slug, page.name, holds=_PAGE, digest="")
        file, content = inside(target, page.name), page.read_bytes()
        if not file.is_file() or file.read_bytes() != content:
            pack.replace(file, content)
    run.ledger.copied(entry.slug, _ALL, holds=_ALL, digest=_looked(run, *pages, *there))


def _put_sealed(
    run: Run, entry: Delivery, place: Path, content: bytes, given: dict[str, tuple[str, str]]
) -> bool:
    """
    Put one encrypted file, unless it is there already, as it was put, for the same keys.

    Encryption gives other bytes each time, so what was put is known by the ledger.
    """
    holds = _digest(content + "\0".join(sorted(entry.age_recipients)).encode("ascii"))
    file = inside(place.parent, place.name)
    if file.is_file() and given.get(place.name) == (holds, _digest(file.read_bytes())):
        return False
    closed = sealed(content, entry.age_recipients)
    pack.replace(file, closed)
    run.ledger.copied(entry.slug, place.name, holds=holds, digest=_digest(closed))
    return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def left_behind(run: Run, found: Sequence[Standing]) -> None:
    """Write down that a recalled issue lies in a folder whose [[delivery]] is configured no more."""
    folders = {one.slug for one in run.office.delivery if one.kind == "folder"}
    gone = {edition for one in found for edition, lost in one.gone.items() if edition == lost}
    for key, one in run.entries.items():
        if key.recipient or key.what != "issue" or one.state != "sent" or key.delivery in folders:
            continue
        told = Key(key.pack, key.delivery, _names.FOLDER, "recall")
        if one.edition in gone and told not in run.entries:
            number = run.ledger.begin(told, edition=one.edition, message="")
            run.ledger.put(number, "given_up", "no_entry")
