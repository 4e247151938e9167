"""Analysts are told of each failure once: by number, entry and reason, without an address or an area."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from workbench.outbox import _message, _names
from workbench.outbox._facts import Undelivered
from workbench.outbox._mailing import Run
from workbench.outbox._message import Envelope
from workbench.outbox._server import NoAnswer, NotSent

SUBJECT = "Briefings: something did not reach its readers"


def tell(run: Run, failures: Sequence[Undelivered]) -> None:
    """
    Send analysts one message about what they were not told of yet.

    What may pass by itself is told from its second time. It counts as told once one of them has it;
    otherwise it is told next time.
    """
    told = {one.number: one.told for one in run.ledger.entries()}
    news = [one for one in failures if told[one.number] != one.state and not one.passing]
    mail = run.office.mail
    if not news or mail is None or run.server is None or not mail.analysts:
        return
    said = hashlib.sha256(repr([(one.number, one.state, one.reason) for one in news]).encode()).hexdigest()
    reached = False
    for place, address in enumerate(mail.analysts):
        name = f"{said[:36]}-{place}@{mail.sender.rpartition('@')[2]}"
        envelope = Envelope(mail.sender, address, name, run.now)
        try:
            run.server.send(
                _message.composed(envelope, SUBJECT, text(news)), address, before_end=lambda: None
            )
        except NoAnswer:
            reached = True
        except NotSent as problem:
            run.progress(f"the message to analyst {place + 1} of {len(mail.analysts)}: {problem.reason}")
        else:
            reached = True
    if reached:
        run.ledger.told(news)


def text(failures: Sequence[Undelivered]) -> str:
    """Return what analysts are told of failures, in English, as in logs."""
    lines = [line for one in failures for line in (*lined(one), "")]
    return "\n".join(("These did not reach their readers, or may not have:", "", *lines)) + (
        "Which edition it is, and for whom: workbench deliver --list\n"
    )


def lined(one: Undelivered) -> tuple[str, str]:
    """Return a failure in two lines: what, and what to do."""
    week = f" {_names.parts(one.edition)[0]}" if one.edition else ""
    reader = f", reader {one.recipient}" if one.recipient else ""
    what = {"issue": "issue", "recall": "note of a recall", "folder": "folder"}[one.what]
    return (
        f"{one.number}  {one.delivery}: {what}{week}{reader}: {one.state}: {one.reason}",
        f"    do: {one.remedy}",
    )
