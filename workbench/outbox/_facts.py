"""What the outbox tells others: ids, counts, states and reasons; no address, and no word of an issue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["sending", "handing", "sent", "refused", "failed", "unknown", "again", "given_up", "dropped"]
"""
`sending`: begun. `handing`: all but the end of the message is with the server. `sent`: the server has taken
it, or the folder holds it. `refused`: for good. `failed`: tried again later. `unknown`: the end was handed
over, and no answer came. `again`: a person said so. `given_up`: too old to be tried again. `dropped`: no
longer wanted, such as a version that was corrected before it left.
"""

What = Literal["issue", "recall", "folder"]
"""A released pack; the note that it was recalled; or a folder as a whole."""

OPEN: tuple[State, ...] = ("refused", "failed", "unknown", "given_up")
"""The states in which something did not reach a reader, as far as the outbox knows."""

_PASSING = frozenset({"connect", "disconnected", "time_out"})


@dataclass(frozen=True)
class Undelivered:
    """
    What did not reach a reader, or did so for all that is known.

    `number` names it in commands. `edition` is the audit log's name of it, `recipient` a pseudonym, both ""
    where a folder as a whole is meant. `reason` is a word of `REMEDIES`, for a server's answer with its code.
    """

    number: int
    delivery: str
    what: What
    edition: str
    recipient: str
    state: State
    reason: str
    attempts: int
    next_try_at: datetime | None

    @property
    def remedy(self) -> str:
        """What a person can do about it."""
        return REMEDIES.get(self.reason.partition(" ")[0], "look at it with: workbench deliver --dry-run")

    @property
    def passing(self) -> bool:
        """Whether it is of the kind that ends by itself, and has not been seen twice."""
        word, _, code = self.reason.partition(" ")
        return self.state == "failed" and self.attempts < 2 and (word in _PASSING or code.startswith("4"))


@dataclass(frozen=True)
class Dispatched:
    """
    What one dispatch did, in counts: messages, notes of recalls, packs put or mended in folders.

    `skipped`: readers that an entry names and a pack's manifest does not, or the other way round, and what
    waits for its next try. `lowered`: messages that said less than configured. `failures`: all that is open
    now. `busy`: another dispatch was at work, and this one did nothing.
    """

    sent: int = 0
    recalls: int = 0
    copied: int = 0
    skipped: int = 0
    lowered: int = 0
    failures: tuple[Undelivered, ...] = ()
    busy: bool = False


@dataclass(frozen=True)
class Planned:
    """
    One pack that a dispatch would send: to how many readers, and as what.

    `content`: `note`, `pdf`, `text`, `recall` or `folder`; `lowered`: why it is less than configured, or "".
    """

    delivery: str
    edition: str
    content: str
    recipients: int
    lowered: str = ""


_ASK = "ask the reader; then workbench deliver --arrived NUMBER, or --again NUMBER to send it once more"

REMEDIES = {
    "connect": "see that the server of [mail] host and port can be reached; it is tried again by itself",
    "tls": "the server's certificate or TLS is not accepted: see [mail] host, security and ca_file",
    "login": "the server does not take user and password: see [mail] user and password",
    "password": "the password cannot be read: see [mail] password; a file must be its owner's alone",
    "sender": "the server does not take mail from this sender: see [mail] sender and user",
    "recipient": "ask the reader, correct the recipients, then: workbench deliver --again NUMBER",
    "message": "the server does not take it: ask who runs the server, then: workbench deliver --again NUMBER",
    "disconnected": "the server hung up; it is tried again by itself",
    "time_out": "the server did not answer in time: see [mail] time_limit; it is tried again by itself",
    "no_answer": _ASK,
    "interrupted": _ASK,
    "not_whole": "the pack is not as it was signed, so nobody gets it: workbench verify",
    "no_release": "the audit log tells of no release of this pack, so nobody gets it: workbench audit",
    "no_mail": "there is no [mail] in workbench.toml any more: tell these readers yourself",
    "no_address": "no address is known of this reader any more: tell those who had the issue yourself",
    "age": 'age_recipients cannot be used: pip install "briefing-workbench[age]", and look at the keys',
    "no_share": "the folder above the path is not there: connect the share",
    "emptied": "the folder is gone or empty, and held issues before: connect the share, or if it was emptied "
    "on purpose: workbench deliver --again NUMBER",
    "own_folder": "the path leads into, or around, a folder of the office: name another",
    "shared": "the path leads to the folder of another entry: give each a folder of its own",
    "link": "the path of a pack in this folder is a link or a file: look at who put it there",
    "strangers": "beside a recalled issue lie files that the workbench did not put there: look at them and "
    "remove what is a copy",
    "no_entry": "this issue was recalled, and its [[delivery]] is no more: empty the folder yourself",
    "write": "the folder cannot be written: see the rights on it",
    "disk_full": "the folder's disk is full: make room; what was there is untouched",
}
