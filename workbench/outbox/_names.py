"""The names that stand for readers and issues outside the office: pseudonyms, made with the office's key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from workbench.keys import Keys
from workbench.outbox._ledger import Key

FOLDER = ""
"""The recipient of an entry about a folder."""


def reader(keys: Keys, audience: str, address: str) -> str:
    """
    Return the pseudonym of a reader of an audience: 12 letters and digits, 60 bits.

    Twice as long as a record's: two readers with one name would be one reader, and one of them would get
    nothing.
    """
    folded = address.casefold()
    return keys.pseudonym(audience, "reader", folded) + keys.pseudonym(
        audience, "reader, second half", folded
    )


def reference(keys: Keys, edition: str) -> str:
    """Return what messages call an issue, all its versions alike; it tells nothing of briefing or area."""
    return _of_issue(keys, edition, "issue")


def file_name(keys: Keys, edition: str) -> str:
    """Return what encrypted files call an issue: its reference, twice as long, so that no two share one."""
    return reference(keys, edition) + _of_issue(keys, edition, "issue, second half")


def _of_issue(keys: Keys, edition: str, kind: str) -> str:
    place = PurePosixPath(edition)
    issue = f"{place.parent}/{place.name.partition('-')[2]}"
    return keys.pseudonym(place.parts[0], kind, issue)


def message(key: Key, sender: str) -> str:
    """Return the Message-ID, without its brackets, of what an entry is about: the same each time."""
    said = "\0".join((key.pack, key.delivery, key.recipient, key.what))
    return f"{hashlib.sha256(said.encode('utf-8')).hexdigest()[:40]}@{sender.rpartition('@')[2]}"


def both(configured: Sequence[str], signed: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of the configuration that the signed manifest names too."""
    named = {address.casefold() for address in signed}
    return tuple(address for address in configured if address.casefold() in named)


def parts(edition: str) -> tuple[str, int, str]:
    """Return the period, the version and the language that an edition's name holds."""
    place = PurePosixPath(edition)
    version, _, language = place.name.removeprefix("v").partition("-")
    return place.parent.name, int(version), language
