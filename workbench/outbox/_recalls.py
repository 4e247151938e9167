"""Recalls: each reader who was sent what nobody must use any more is told so, once, without a word of it."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from workbench.keys import keys_of
from workbench.language import languages, words
from workbench.outbox import _message, _names
from workbench.outbox._content import Prepared
from workbench.outbox._ledger import Entry, Key
from workbench.outbox._mailing import Run, send
from workbench.outbox._standing import Standing
from workbench.publish.manifest import NAME, Manifest

_HAD: tuple[str, ...] = ("sent", "unknown")


def tell(run: Run, found: dict[str, Standing]) -> None:
    """
    Tell readers of recalls: those who were sent the issue, also who is configured no more.

    They have it, and a note holds nothing of it. Whoever had an earlier version and not the recalled one
    that corrected it is told that theirs is void too.
    """
    gone = {edition: lost for one in found.values() for edition, lost in one.gone.items()}
    had = [
        one
        for one in run.entries.values()
        if one.key.what == "issue" and one.key.recipient and one.state in _HAD and one.edition in gone
    ]
    readers = {(one.key.delivery, one.key.recipient, one.edition) for one in had}
    for one in had:
        lost = gone[one.edition]
        if lost != one.edition and (one.key.delivery, one.key.recipient, lost) in readers:
            continue
        key = Key(one.key.pack, one.key.delivery, one.key.recipient, "recall")
        known = run.entries.get(key)
        if known is not None and known.state in {"sent", "refused", "unknown", "given_up"}:
            continue
        if not run.open_for(key):
            run.skipped += 1
            continue
        _tell(run, key, one)


def _tell(run: Run, key: Key, had: Entry) -> None:
    address = _address(run, had)
    if address is None:
        run.withheld(key, had.edition, "no_address")
        return
    week, version, language = _names.parts(had.edition)
    spoken = words(language if language in languages() else run.office.languages[0])
    body = _message.recalled_note(
        spoken, week=week, version=version, reference=_names.reference(keys_of(run.office), had.edition),
        fictional=run.office.fictional,
    )  # fmt: skip
    subject = _message.recalled_subject(spoken, week=week, version=version)
    message = Prepared(subject, body, (), "note", "")
    run.progress(f"{key.delivery}: {had.edition}: recalled, telling a reader")
    if send(run, key, address, edition=had.edition, message=message, follows=had.message):
        run.recalls += 1


def _address(run: Run, had: Entry) -> str | None:
    """Return the address of a reader, from the configuration or from the recalled pack's own manifest."""
    audience = had.edition.partition("/")[0]
    known = [one for reader in run.office.audience if reader.slug == audience for one in reader.recipients]
    for address in (*known, *_signed(run, had)):
        if _names.reader(run.keys, audience, address) == had.key.recipient:
            return address
    return None


def _signed(run: Run, had: Entry) -> tuple[str, ...]:
    place = PurePosixPath(had.edition)
    first = place.name.removesuffix(f"-{run.office.languages[0]}")
    for root in (run.office.path(run.office.private) / "recalled", run.office.path(run.office.outputs)):
        for name in {first, place.name}:
            try:
                content = (root / place.parent / name / NAME).read_bytes()
            except OSError:
                continue
            # the digest was that of a manifest that was signed when its pack was sent
            if hashlib.sha256(content).hexdigest() == had.key.pack:
                return Manifest.from_bytes(content).recipients
    return ()
