"""What a person does with the outbox: look, try the server, and say what became of a message."""

from __future__ import annotations

import secrets
from datetime import datetime

from workbench.config import Office
from workbench.errors import ConfigurationError, DeliveryFailed, ParameterError
from workbench.outbox import _content, _mailing, _message
from workbench.outbox._facts import OPEN, REMEDIES, Planned, Undelivered
from workbench.outbox._ledger import Entry, Ledger, file_of
from workbench.outbox._mailing import Run
from workbench.outbox._message import Envelope
from workbench.outbox._server import NotSent, Server
from workbench.outbox._standing import standing


def failures(office: Office) -> tuple[Undelivered, ...]:
    """Return what did not reach a reader, or may not have; nothing is changed, and nothing made."""
    return Ledger(file_of(office)).open()


def planned(office: Office, *, now: datetime) -> tuple[Planned, ...]:
    """
    Return what a dispatch would send now, tries that wait for their time included; nothing is changed.

    For a folder, each pack or notice that was not put there before: what was damaged there since is found
    when it is put.
    """
    ledger = Ledger(file_of(office))
    run = Run(office, ledger, None, now, at_once=True, progress=lambda _: None)
    run.read()
    told: list[Planned] = []
    for entry in office.delivery:
        found = standing(office, entry.audience)
        if entry.kind == "folder":
            put = {
                key.pack
                for key, one in run.entries.items()
                if key.delivery == entry.slug and one.state == "sent"
            }
            told += [
                Planned(entry.slug, issue.edition, "folder", 0)
                for issue in found.issues
                if issue.digest not in put
            ]
            continue
        for issue in found.issues:
            waiting = _mailing.waiting(run, entry, issue)
            if waiting:
                content, lowered = _content.allowed(office, entry, issue)
                told.append(Planned(entry.slug, issue.edition, content, len(waiting), lowered))
    return tuple(told)


def again(office: Office, number: int) -> Undelivered:
    """
    Have something sent once more by the next dispatch, however old it is; return what it is about.

    For a folder: that it was emptied on purpose, and is to be filled. Raises ParameterError if nothing open
    has this number.
    """
    one = _open_one(office, number)
    Ledger(file_of(office)).put(one.number, "again", one.reason)
    return one.undelivered


def arrived(office: Office, number: int) -> Undelivered:
    """Take something for delivered or settled, because a person says so; return what it is."""
    one = _open_one(office, number)
    Ledger(file_of(office)).put(one.number, "sent" if one.key.recipient else "dropped")
    return one.undelivered


def try_server(office: Office, *, now: datetime) -> int:
    """
    Log in to the mail server and send each analyst a message without content; return how many took it.

    Raises ConfigurationError if there is no server or nobody to send to, DeliveryFailed with what to do.
    """
    if office.mail is None or not office.mail.analysts:
        raise ConfigurationError(
            "To try the mail server, workbench.toml needs a [mail] table whose `analysts` name at least one "
            "address."
        )
    server = Server(office, office.mail)
    sender = office.mail.sender
    try:
        for number, address in enumerate(office.mail.analysts, start=1):
            name = f"{secrets.token_hex(20)}@{sender.rpartition('@')[2]}"
            content = _message.composed(
                Envelope(sender, address, name, now),
                "Briefings: a test",
                "This message was sent to try the server.\n",
            )
            try:
                server.send(content, address, before_end=lambda: None)
            except NotSent as problem:
                raise DeliveryFailed(
                    f"The message to analyst {number} of {len(office.mail.analysts)} did not leave "
                    f"({problem.reason}): {REMEDIES[problem.reason.partition(' ')[0]]}."
                ) from None
    finally:
        server.close()
    return len(office.mail.analysts)


def _open_one(office: Office, number: int) -> Entry:
    entries = {one.number: one for one in Ledger(file_of(office)).entries() if one.state in OPEN}
    if number not in entries:
        listed = ", ".join(map(str, entries)) or "none"
        raise ParameterError(
            f"Nothing that did not reach a reader has the number {number}. Open: {listed}. See: workbench "
            "deliver --list"
        )
    return entries[number]


__all__ = ["again", "arrived", "failures", "planned", "try_server"]
